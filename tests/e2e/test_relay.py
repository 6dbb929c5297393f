# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt relay: every kind to every kind, its options, how it ends, and what it does without descriptors."""

import os
import signal
import socket
import subprocess
import threading
from resource import RLIMIT_NOFILE, prlimit, setrlimit

import pytest

import peers as peer_scripts
from facts import (SCALE, bytes_readable, cpu_used_while_idle, open_descriptors, require_ipv6, require_localhost,
                   wait_for, wait_idle)

STREAMS = ("tcp4", "tcp6", "unix", "abstract")
TYPES = {"unix": socket.SOCK_STREAM, "abstract": socket.SOCK_STREAM, "unix-seqpacket": socket.SOCK_SEQPACKET}


def talk(sock, data=b"hello"):
    """Does an echo answer? Then end, and see the end."""
    sock.sendall(data)
    got = peer_scripts.read_exactly(sock, len(data))
    sock.shutdown(socket.SHUT_WR)
    return got == data and sock.recv(1) == b""


# Kinds

class Kind:
    """A kind of endpoint, with what it needs at both ends."""

    def __init__(self, name, tmp_path, peers):
        self.name, self.tmp_path, self.peers = name, tmp_path, peers
        if name == "tcp6":
            require_ipv6()

    def _path(self, role):
        if self.name == "abstract":
            # Of this test alone: a thread of the one before may hold its sockets for a moment yet.
            return f"@sockt-test-{os.getpid()}-{self.tmp_path.name}-{role}"
        return str(self.tmp_path / role)

    def _address(self, role):
        if self.name in ("tcp4", "tcp6"):
            return ("127.0.0.1" if self.name == "tcp4" else "::1", 0)
        return self._path(role).replace("@", "\0", 1)

    def serve(self, script=peer_scripts.echo):
        """An echo of that kind. Returns it as an endpoint."""
        family = {"tcp4": socket.AF_INET, "tcp6": socket.AF_INET6}.get(self.name, socket.AF_UNIX)
        server = self.peers.server(script, self._address("to"), family, TYPES.get(self.name, socket.SOCK_STREAM))
        return self.endpoint("to", server.port)

    def endpoint(self, role, port=0):
        if self.name == "tcp4":
            return f"tcp4:127.0.0.1:{port}"
        if self.name == "tcp6":
            return f"tcp6:[::1]:{port}"
        return f"{'unix' if self.name == 'abstract' else self.name}:{self._path(role)}"

    def connect(self, process):
        """A client of the relay."""
        address = self._address("from")
        if isinstance(address, tuple):
            address = (address[0], process.port)
        return self.peers.connect(address, kind=TYPES.get(self.name, socket.SOCK_STREAM))


@pytest.mark.parametrize("to", STREAMS)
@pytest.mark.parametrize("start", STREAMS)
def test_stream_to_stream(sockt, peers, tmp_path, start, to):
    first, second = Kind(start, tmp_path, peers), Kind(to, tmp_path, peers)
    process = sockt.relay(second.serve(), at=first.endpoint("from"))
    for _ in range(2):
        assert talk(first.connect(process))
    assert talk(first.connect(process), os.urandom(100_000))


def test_messages_keep_their_boundaries(sockt, peers, tmp_path):
    kind = Kind("unix-seqpacket", tmp_path, peers)
    process = sockt.relay(kind.serve(), at=kind.endpoint("from"))
    sock = kind.connect(process)
    for size in (1, 2, 1000, 60_000, 3):
        sock.send(b"m" * size)
        assert len(sock.recv(100_000)) == size


def test_messages_to_a_stream_are_refused(sockt, tmp_path):
    result = sockt.run("relay", f"unix-seqpacket:{tmp_path}/s", "tcp:127.0.0.1:9")
    result.expect(2, b"", err=["unix-seqpacket", "tcp"])


def test_from_a_listening_descriptor(sockt, peers):
    """As systemd and other supervisors hand it over."""
    server, listening = peers.server(peer_scripts.echo), peers.listen()
    fd = listening.fileno()
    sockt.start("relay", f"fd:{fd}", f"tcp:127.0.0.1:{server.port}", pass_fds=(fd,))
    assert talk(peers.connect(listening.getsockname()))


def test_from_a_connected_descriptor(sockt, peers):
    """One session, which is the run; its statuses are those of connect."""
    server = peers.server(peer_scripts.echo)
    ours, theirs = socket.socketpair()
    fd = theirs.fileno()
    with ours:
        process = sockt.start("relay", f"fd:{fd}", f"tcp:127.0.0.1:{server.port}", pass_fds=(fd,))
        theirs.close()
        assert talk(ours)
        assert process.wait() == 0


def test_a_word_for_an_endpoint(sockt, peers):
    """A port alone: every address of this host, and localhost."""
    require_localhost()
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(str(server.port), at="0")
    assert talk(peers.connect(process.port))


def test_ipv4_client_of_a_dual_stack_listener(sockt, peers, trace):
    require_ipv6()
    seen, server = trace(), peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, *seen.options, at="0")
    assert process.ready_lines == [f"tcp [::]:{process.port}"]
    sock = peers.connect(process.port)
    mapped = f"[::ffff:127.0.0.1]:{sock.getsockname()[1]}"
    assert talk(sock)
    ends = wait_for(lambda: seen.events("end"), "the summary")
    assert ends[0]["remote"] == mapped


# relay -

def test_standard_input_as_the_client(sockt, peers):
    server = peers.server(peer_scripts.echo)
    sockt.run("relay", "-", f"tcp:127.0.0.1:{server.port}", input=b"hello\n").expect(0, b"hello\n", b"")


def test_large_input_and_output(sockt, peers):
    data, server = os.urandom(5_000_000), peers.server(peer_scripts.echo)
    sockt.run("relay", "stdio", f"tcp:127.0.0.1:{server.port}", input=data).expect(0, data)


def test_statuses_are_those_of_connect(sockt, peers, tmp_path):
    def script(sock):
        peer_scripts.read_exactly(sock, 1)
        peer_scripts.reset(sock)
    refused, server = peers.refused_port(), peers.server(script)
    sockt.run("relay", "-", f"tcp:127.0.0.1:{refused}").expect(1, b"", err="ECONNREFUSED")
    sockt.run("relay", "-", f"unix:{tmp_path}/none").expect(1, b"", err="ENOENT")
    sockt.run("relay", "-", f"tcp:127.0.0.1:{server.port}", input=b"x").expect(5, b"", err="ECONNRESET")
    silent = peers.listen(backlog=0)
    peers.connect(silent.getsockname())
    target = f"tcp:127.0.0.1:{silent.getsockname()[1]}"
    sockt.run("relay", "-w", "200ms", "-", target).expect(4, b"", err="--connect-timeout")
    process = sockt.start("relay", "-i", "200ms", "-", f"tcp:127.0.0.1:{peers.listen().getsockname()[1]}")
    process.finish().expect(4, b"", err="--idle-timeout")


@pytest.mark.parametrize("options", [
    ("--max-conns", "1"), ("--backlog", "1"), ("--drain", "1s"), ("--no-reuseaddr",)])
def test_options_of_clients_do_not_go_with_standard_input(sockt, options):
    sockt.run("relay", *options, "-", "tcp:127.0.0.1:9").expect(2, b"", err=options[0])


@pytest.mark.parametrize("arguments", [(), ("9000",)])
def test_two_endpoints_are_needed(sockt, arguments):
    sockt.run("relay", *arguments).expect(2, b"", err="relay")


def test_address_in_use(sockt, peers):
    sockt.run("relay", f"tcp:127.0.0.1:{peers.listen().getsockname()[1]}", "tcp:127.0.0.1:9").expect(
        1, b"", err="EADDRINUSE")


# Options

@pytest.mark.parametrize("option", ["-m", "--max-conns"])
def test_further_clients_wait_and_are_served_later(sockt, peers, option):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, option, "2")
    socks = [peers.connect(process.port) for _ in range(5)]
    for number, sock in enumerate(socks):
        sock.sendall(b"%d" % number)
    for number in (0, 1):
        assert socks[number].recv(1) == b"%d" % number
    wait_idle(process.pid)
    assert len(server.connections) == 2
    peer_scripts.reset(socks[0])
    assert socks[2].recv(1) == b"2"
    for number in (1, 2):
        socks[number].close()
    for number in (3, 4):
        assert socks[number].recv(1) == b"%d" % number


@pytest.mark.prompt
def test_idle_timeout_ends_silent_sessions_only(sockt, peers, trace):
    seen, server = trace(), peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "-i", "400ms", *seen.options)
    silent, busy = peers.connect(process.port), peers.connect(process.port)
    busy.settimeout(0.1)
    while not seen.events("end"):
        busy.sendall(b"x")
        assert busy.recv(1) == b"x"
        try:
            busy.recv(1)
        except TimeoutError:
            pass
    assert {event["session"] for event in seen.events("end")} == {1}
    assert seen.events("end")[0]["ended_by"] == "idle-timeout"
    assert peer_scripts.sees_reset(silent) or silent.recv(1) == b""
    busy.settimeout(10)
    assert talk(busy)
    assert process.is_running


@pytest.mark.prompt
def test_idle_timeout_of_one_way_only(sockt, peers):
    """Data one way keep the session: the answer may be long in coming."""
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "-i", "300ms")
    client = peers.connect(process.port)
    target = peers.accept(listening)
    target.settimeout(0.1)
    for _ in range(8):
        client.sendall(b"x")
        assert target.recv(1) == b"x"
        with pytest.raises(TimeoutError):
            target.recv(1)
    target.settimeout(10)
    target.sendall(b"at last")
    assert peer_scripts.read_exactly(client, 7) == b"at last"


@pytest.mark.parametrize("backlog", [0, 7])
def test_backlog_reaches_the_kernel(sockt, need, backlog):
    process = sockt.relay(9, "--backlog", str(backlog))
    shown = subprocess.run([need("ss"), "-Hltn", f"sport = :{process.port}"], capture_output=True,
                           text=True, timeout=20, check=True).stdout.split()
    assert shown[2] == str(backlog), shown


def test_ready_lines(sockt, tmp_path):
    assert sockt.relay(9, at=f"unix:{tmp_path}/r").ready_lines == [f"unix {tmp_path}/r"]
    process = sockt.relay(9)
    assert process.ready_lines == [f"tcp 127.0.0.1:{process.port}"]


def test_unix_file_is_removed_at_the_end(sockt, tmp_path):
    process = sockt.relay(9, at=f"unix:{tmp_path}/r")
    assert (tmp_path / "r").stat().st_mode & 0o777 == 0o600
    process.signal(signal.SIGTERM)
    assert process.wait() == 143
    assert not (tmp_path / "r").exists()


def test_options_of_endpoints(sockt, peers, trace):
    seen, server = trace(), peers.server(peer_scripts.echo)
    process = sockt.relay(f"tcp:127.0.0.1:{server.port},sndbuf=32k,bind=127.0.0.2", *seen.options,
                          at="tcp:127.0.0.1:0,rcvbuf=64k")
    assert talk(peers.connect(process.port))
    assert server.connections
    wait_for(lambda: seen.events("connected"), "the target in the trace")
    names = [event["args"]["optname"] for event in seen.events("setsockopt")]
    assert "SO_SNDBUF" in names and "SO_RCVBUF" in names
    assert [event["args"]["addr"].split(":")[0] for event in seen.events("bind")] == ["127.0.0.1", "127.0.0.2"]


@pytest.mark.parametrize("options, want", [("", {"TCP_NODELAY": "1", "SO_KEEPALIVE": "1"}),
                                           (",nodelay=0,keepalive=off", {"TCP_NODELAY": "0", "SO_KEEPALIVE": "0"})])
def test_defaults_of_sockets(sockt, peers, trace, options, want):
    """On both sides the last word is that of the endpoint's options."""
    seen, server = trace(), peers.server(peer_scripts.echo)
    process = sockt.relay(f"tcp:127.0.0.1:{server.port}{options}", *seen.options, at=f"tcp:127.0.0.1:0{options}")
    client = peers.connect(process.port)
    for piece in (b"one", b"two"):
        client.sendall(piece)
        assert peer_scripts.read_exactly(client, 3) == piece
    client.close()
    wait_for(lambda: seen.events("end"), "the session's end in the trace")
    last = {"client": {}, "server": {}}
    for event in seen.events("setsockopt"):
        last[event["side"]][event["args"]["optname"]] = event["args"]["optval"]
    for side, values in last.items():
        assert {name: str(values[name]) for name in want} == want, side


# How the run ends

def test_sigterm_without_drain(pair):
    process, client, target = pair()
    process.signal(signal.SIGTERM)
    assert process.wait() == 143
    for sock in (client, target):
        assert peer_scripts.read_to_reset(sock) == b""


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_with_nobody_there(sockt, number, status):
    process = sockt.relay(9)
    process.signal(number)
    process.finish().expect(status, b"")


def is_open(peers, port):
    """Does somebody listen there?"""
    try:
        peers.connect(port).close()
        return True
    except OSError:
        return False


def test_drain_in_time(pair, peers):
    """Those who are there finish, nobody else comes, and the status is 0."""
    process, client, target = pair("--drain", "20s")
    client.sendall(b"be")
    assert target.recv(2) == b"be"
    process.signal(signal.SIGTERM)
    wait_for(lambda: not is_open(peers, process.port), "the port to be closed")
    client.sendall(b"fore")
    assert target.recv(4) == b"fore"
    target.sendall(b"answer")
    target.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(client) == b"answer"
    assert process.is_running
    client.shutdown(socket.SHUT_WR)
    assert target.recv(1) == b""
    process.finish().expect(0)


def test_drain_with_nobody_there(sockt):
    process = sockt.relay(9, "--drain", "20s")
    process.signal(signal.SIGTERM)
    process.finish().expect(0)


def test_drain_out_of_time(pair, trace):
    seen = trace()
    process, client, target = pair("--drain", "300ms", *seen.options)
    process.signal(signal.SIGTERM)
    result = process.finish().expect(4, err="not everybody had finished within 300 ms (--drain)")
    assert result.seconds >= 0.3
    for sock in (client, target):
        assert peer_scripts.read_to_reset(sock) == b""
    assert {event["ended_by"] for event in seen.events("end")} == {"drain"}


def test_second_sigterm_leaves_at_once(pair, peers):
    process, client, target = pair("--drain", "1h")
    process.signal(signal.SIGTERM)
    wait_for(lambda: not is_open(peers, process.port), "the drain to begin")
    process.signal(signal.SIGTERM)
    assert process.wait() == 143
    for sock in (client, target):
        assert peer_scripts.read_to_reset(sock) == b""


def test_drain_lets_a_large_transfer_finish(pair):
    process, client, target = pair("--drain", "30s")
    data = os.urandom(30_000_000)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sender = threading.Thread(target=lambda: (client.sendall(data), client.close()), daemon=True)
    sender.start()
    first = peer_scripts.read_exactly(target, 100_000)
    process.signal(signal.SIGTERM)
    assert first + peer_scripts.read_all(target) == data
    target.close()
    process.finish().expect(0)


def test_total_timeout(pair):
    process, client, _ = pair("--total-timeout", "300ms")
    process.finish().expect(4, err="--total-timeout")
    assert peer_scripts.read_to_reset(client) == b""


# Descriptors

def test_soft_limit_is_raised_to_the_hard_one(sockt):
    process = sockt.relay(9, preexec_fn=lambda: setrlimit(RLIMIT_NOFILE, (256, 3000)))
    assert prlimit(process.pid, RLIMIT_NOFILE) == (3000, 3000)


def has_answer(sock, want):
    """Has `want` come back? It is left in the queue."""
    return bytes_readable(sock) > 0 and sock.recv(len(want), socket.MSG_PEEK) == want


def lower_limit(process, room):
    """Let a running process have only so many more descriptors."""
    wait_idle(process.pid)
    count = len(open_descriptors(process.pid)) + room
    prlimit(process.pid, RLIMIT_NOFILE, (count, count))


@pytest.mark.timing
@pytest.mark.parametrize("way", ["from the start", "later"])
def test_out_of_descriptors(sockt, peers, way):
    """It stops accepting, says so once, does not spin; who is there goes on, who waits is served later."""
    socks = {}

    def come(first, last):
        for number in range(first, last):
            name = b"%02d" % number
            socks[name] = peers.connect(process.port)
            socks[name].sendall(name)

    server = peers.server(peer_scripts.echo)
    limit = (lambda: setrlimit(RLIMIT_NOFILE, (64, 64))) if way == "from the start" else None
    process = sockt.relay(server.port, preexec_fn=limit)
    if way == "later":
        come(0, 5)
        lower_limit(process, 3)
    come(len(socks), 40)
    wait_idle(process.pid)
    served = [name for name, sock in socks.items() if has_answer(sock, name)]
    assert (20 if way == "from the start" else 5) <= len(served) < 40
    assert cpu_used_while_idle(process.pid, 0.5) < 0.03 * SCALE
    for name in served:
        data = b"still here " * 10_000
        assert socks[name].recv(2) == name
        socks[name].sendall(data)
        assert peer_scripts.read_exactly(socks[name], len(data)) == data
    for name, sock in socks.items():
        assert name in served or sock.recv(2) == name
        sock.close()
    said = bytes(process.err.data)
    assert said.count(b"\n") == 1 and b"descriptor" in said, said


def test_bulk_without_a_descriptor_for_a_pipe(pair):
    """What cannot be spliced is copied."""
    process, client, target = pair()
    lower_limit(process, 0)
    data = os.urandom(10_000_000)
    sender = threading.Thread(target=client.sendall, args=(data,), daemon=True)
    sender.start()
    assert peer_scripts.read_exactly(target, len(data)) == data


def test_no_descriptor_for_the_target(sockt, peers):
    """One is left, which the client takes: it is not reset, but served when there is another."""
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port)
    kept = peers.connect(process.port)
    kept.sendall(b"x")
    assert kept.recv(1) == b"x"
    lower_limit(process, 1)
    client = peers.connect(process.port)
    client.sendall(b"y")
    process.err.until(b"descriptor")
    assert not has_answer(client, b"y")
    assert talk(kept)
    kept.close()
    assert client.recv(1) == b"y"


def test_no_descriptor_for_the_target_in_time(sockt, peers):
    """-w limits that, too."""
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "-w", "300ms")
    kept = peers.connect(process.port)
    kept.sendall(b"x")
    assert kept.recv(1) == b"x"
    lower_limit(process, 1)
    client = peers.connect(process.port)
    client.sendall(b"y")
    assert peer_scripts.read_to_reset(client) == b""
    process.err.until(b"EMFILE); the client is reset")
    assert talk(kept)


def test_not_even_one_session_has_descriptors(sockt, peers):
    """Nobody will give one back: the client is reset, and told why."""
    process = sockt.relay(peers.server(peer_scripts.echo).port)
    lower_limit(process, 1)
    assert peer_scripts.read_to_reset(peers.connect(process.port)) == b""
    process.err.until(b"EMFILE); the client is reset")
    assert process.is_running
