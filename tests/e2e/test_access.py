# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may connect: --allow, --deny and their files, --max-per-host."""

import errno
import fcntl
import os
import signal
import socket
import sys
import termios
import threading

import pytest

import peers as peer_scripts
import trace as traces
from facts import children_of, require_ipv6, require_localhost, wait_for

LOCALHOST = "127.0.0.1"


def told(process, path, count):
    """End the run; the events of who was refused, so many."""
    process.signal(signal.SIGTERM)
    process.wait()
    events = traces.load(path).steps("refused")
    assert len(events) == count, events
    return events


def is_reset(sock):
    """The connection is reset before it has given anything."""
    return peer_scripts.read_to_reset(sock) == b""


def write_to(fifo):
    """The writing end of a FIFO that somebody is about to read."""
    def opened():
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.ENXIO
            return None
    return wait_for(opened, "the reader of a FIFO")


def write_slowly(fifo, pieces):
    """Each piece once what came before it has been read."""
    writer = write_to(fifo)
    for piece in pieces:
        os.write(writer, piece)
        wait_for(lambda: int.from_bytes(fcntl.ioctl(writer, termios.FIONREAD, bytes(4)), sys.byteorder) == 0,
                 "the reader of a FIFO")
    os.close(writer)


def comes_from(peers, process, source):
    """A connection from that address."""
    if ":" in source:
        require_ipv6()
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    sock = peers.socket(family)
    sock.bind((source, 0))
    sock.connect(("::1" if ":" in source else LOCALHOST, process.port))
    return sock


@pytest.mark.smoke
def test_who_is_denied_is_reset_and_the_next_is_served(sockt, peers, tmp_path):
    process = sockt.listen("--deny", "127.0.0.2-4", "--trace", f"json:{tmp_path}/t")
    assert is_reset(comes_from(peers, process, "127.0.0.3"))
    comes_from(peers, process, "127.0.0.5").sendall(b"let in\n")
    process.out.until(b"let in\n")
    [event] = told(process, tmp_path / "t", 1)
    assert (event["by"], event["rule"], event["session"]) == ("deny", "127.0.0.2-4", 1)
    assert event["remote"].startswith("127.0.0.3:")


def test_allow_admits_nobody_else(sockt, peers, tmp_path):
    process = sockt.listen("-k", "--allow", "127.0.0.2", "--allow", "127.0.0.8/29,10.0.0.1", "-v")
    for source in ("127.0.0.2", "127.0.0.15"):
        comes_from(peers, process, source).sendall(b"%s\n" % source.encode())
        process.out.until(source.encode())
    assert is_reset(comes_from(peers, process, "127.0.0.16"))
    process.err.until(b"refused 127.0.0.16:")
    process.err.until(b": no rule of --allow has it")


def test_deny_wins(sockt, peers):
    process = sockt.listen("-k", "-v", "--allow", "127.0.0.0/8", "--deny", "127.0.0.9")
    assert is_reset(comes_from(peers, process, "127.0.0.9"))
    process.err.until(b" by --deny 127.0.0.9\n")
    comes_from(peers, process, "127.0.0.1").sendall(b"in")
    process.out.until(b"in")


def test_a_client_of_both_families_is_of_its_own(sockt, peers):
    process = sockt.listen("-k", "-v", "--deny", "127.0.0.0/8", at=("0",))
    assert is_reset(comes_from(peers, process, LOCALHOST))
    comes_from(peers, process, "::1").sendall(b"six")
    process.out.until(b"six")


def test_ipv6_rules(sockt, peers):
    process = sockt.listen("-k", "-v", "--deny", "::1", at=("0",))
    assert is_reset(comes_from(peers, process, "::1"))
    process.err.until(b"refused [::1]:")
    comes_from(peers, process, LOCALHOST).sendall(b"four")
    process.out.until(b"four")


def test_rules_of_files(sockt, peers, tmp_path):
    (tmp_path / "good").write_text("# who may\n127.0.0.0/8  10.0.0.1 # and others\n")
    (tmp_path / "bad").write_text("127.0.0.7\n")
    process = sockt.listen("-k", "-v", "--allowfile", tmp_path / "good", "--denyfile", tmp_path / "bad")
    assert is_reset(comes_from(peers, process, "127.0.0.7"))
    process.err.until(b" by --denyfile 127.0.0.7\n")
    comes_from(peers, process, "127.0.0.8").sendall(b"in")
    process.out.until(b"in")


@pytest.mark.parametrize("arguments, said", [
    (["--deny", "10.0.0.0/33"], '--deny: "10.0.0.0/33": behind the slash stands a number of bits from 0 to 32'),
    (["--allowfile", "nowhere"], "--allowfile: nowhere cannot be read: No such file or directory (ENOENT)"),
    (["--denyfile", "rules"], 'rules line 2: "1.2.3": an IPv4 address is four numbers from 0 to 255'),
    (["-n", "--allow", "localhost"], '--allow: "localhost" is a name, and -n (--numeric) wants an address in numbers'),
    (["--max-per-host", "1"], "--max-per-host counts the clients of --keep-open"),
    (["--hold", "--allow", "::1"], "--hold and --allow contradict each other"),
])
def test_mistakes(sockt, tmp_path, arguments, said):
    (tmp_path / "rules").write_text("::1\n1.2.3\n")
    sockt.run("listen", *arguments, "0", cwd=tmp_path).expect(2, b"", said)


def test_unix_sockets_have_no_rules(sockt, tmp_path):
    sockt.run("listen", "--deny", "::1", f"unix:{tmp_path}/s").expect(
        2, b"", "--deny goes by IP address, and clients of unix have none")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sockt.run("relay", "--allow", "::1", f"fd:{theirs.fileno()}", "9", pass_fds=[theirs.fileno()]).expect(
            2, b"", "clients of this socket have none")


def test_a_name_stands_for_its_addresses(sockt, peers):
    require_localhost()
    process = sockt.listen("-k", "-v", "--deny", "localhost")
    assert is_reset(comes_from(peers, process, LOCALHOST))
    process.err.until(b" by --deny localhost\n")
    comes_from(peers, process, "127.0.0.2").sendall(b"in")
    process.out.until(b"in")


def test_a_name_without_address_is_an_error(sockt):
    result = sockt.run("listen", "--allow", "nobody.invalid", LOCALHOST, "0")
    result.expect(1, b"", 'resolve "nobody.invalid": ')


def test_datagrams_of_who_is_refused_are_dropped(sockt, peers, tmp_path):
    process = sockt.listen("-u", "-k", "--deny", "127.0.0.2", "--trace", f"json:{tmp_path}/t")
    bad, good = [peers.socket(kind=socket.SOCK_DGRAM) for _ in range(2)]
    bad.bind(("127.0.0.2", 0))
    for _ in range(3):
        bad.sendto(b"bad", (LOCALHOST, process.port))
    good.sendto(b"good", (LOCALHOST, process.port))
    process.out.until(b"good")
    [event] = told(process, tmp_path / "t", 1)
    assert (event["protocol"], event["remote"].split(":")[0]) == ("udp", "127.0.0.2")
    assert bytes(process.out.data) == b"good"


@pytest.mark.parametrize("workers", [0, 2])
def test_a_relay_refuses_too(sockt, peers, tmp_path, workers):
    target = peers.listen()
    process = sockt.relay(target.getsockname()[1], "--deny", "127.0.0.2", "--trace", f"json:{tmp_path}/t",
                          *(["--workers", workers] if workers else []))
    assert is_reset(comes_from(peers, process, "127.0.0.2"))
    client = comes_from(peers, process, "127.0.0.3")
    client.sendall(b"through")
    assert peer_scripts.read_exactly(peers.accept(target), 7) == b"through"
    [event] = told(process, tmp_path / "t", 1)
    [opened] = traces.load(tmp_path / "t").steps("connect")
    assert event["session"] != opened["session"]


def test_a_relay_drops_datagrams_too(sockt, peers):
    target = peers.udp()
    process = sockt.relay(f"udp:{LOCALHOST}:{target.getsockname()[1]}", "--allow", "127.0.0.3", at=f"udp:{LOCALHOST}:0")
    for source in ("127.0.0.2", "127.0.0.3"):
        sock = peers.socket(kind=socket.SOCK_DGRAM)
        sock.bind((source, 0))
        sock.sendto(source.encode(), (LOCALHOST, process.port))
    assert target.recv(99) == b"127.0.0.3"


def test_the_one_client_of_a_relay(sockt, peers):
    listening = peers.listen()
    client = peers.connect(listening.getsockname()[1])
    server = peers.accept(listening)
    sockt.run("relay", "--deny", LOCALHOST, f"fd:{server.fileno()}", "9", pass_fds=[server.fileno()]).expect(
        3, b"", f"fd:{server.fileno()}: 127.0.0.1 port {client.getsockname()[1]} is not admitted (--allow, --deny)")
    server.close()
    assert is_reset(client)


def test_max_per_host(sockt, peers):
    process = sockt.listen("-k", "-v", "--max-per-host", "2")
    first, second = [comes_from(peers, process, LOCALHOST) for _ in range(2)]
    assert is_reset(comes_from(peers, process, LOCALHOST))
    process.err.until(b" by --max-per-host 2\n")
    comes_from(peers, process, "127.0.0.2").sendall(b"another host")
    process.out.until(b"another host")
    # Who leaves makes room for one.
    peer_scripts.reset(first)
    process.err.until(b"the peer reset the connection")
    comes_from(peers, process, LOCALHOST).sendall(b"again")
    process.out.until(b"again")
    assert is_reset(comes_from(peers, process, LOCALHOST))
    second.sendall(b"still here")
    process.out.until(b"still here")


def test_max_per_host_of_a_relay(sockt, peers):
    target = peers.listen()
    process = sockt.relay(target.getsockname()[1], "--max-per-host", "1")
    first = comes_from(peers, process, LOCALHOST)
    server = peers.accept(target)
    assert is_reset(comes_from(peers, process, LOCALHOST))
    other = comes_from(peers, process, "127.0.0.2")
    other.sendall(b"other")
    assert peer_scripts.read_exactly(peers.accept(target), 5) == b"other"
    peer_scripts.reset(first)
    peer_scripts.read_to_reset(server)
    comes_from(peers, process, LOCALHOST).sendall(b"again")
    assert peer_scripts.read_exactly(peers.accept(target), 5) == b"again"


@pytest.mark.waits
def test_max_per_host_of_all_workers(sockt, peers):
    """Whoever of the workers has them; and those of one that dies are given back."""
    target = peers.server(peer_scripts.echo)
    process = sockt.relay(target.port, "--max-per-host", "3", "--workers", "4")

    def enter(host):
        """A client that is served, or None."""
        client = comes_from(peers, process, host)
        try:
            client.sendall(b"x")
            return client if client.recv(1) == b"x" else None
        except (ConnectionResetError, BrokenPipeError):
            return None
    clients = [enter(LOCALHOST) for _ in range(24)]
    assert len([client for client in clients if client]) == 3
    assert len([client for client in (enter("127.0.0.2") for _ in range(8)) if client]) == 3
    for client in clients:
        if client:
            peer_scripts.reset(client)
    # Each of the workers hears of it when it can.
    again = [wait_for(lambda: enter(LOCALHOST), "room for a client") for _ in range(3)]
    for pid in children_of(process.pid):
        os.kill(pid, signal.SIGKILL)
    for client in again:
        peer_scripts.read_to_reset(client)
    again = [wait_for(lambda: enter(LOCALHOST), "the next worker") for _ in range(3)]
    assert not any(enter(LOCALHOST) for _ in range(8))


def test_rules_from_a_pipe(sockt, peers, tmp_path):
    """They are read to their end before anybody is listened for."""
    os.mkfifo(tmp_path / "rules")
    rules = [b"127.0.0.2 # these ", b"only\n127.0.0.3"]
    threading.Thread(target=write_slowly, args=(tmp_path / "rules", rules), daemon=True).start()
    process = sockt.listen("--sh", "echo welcome", "--allowfile", tmp_path / "rules")
    assert peer_scripts.read_all(comes_from(peers, process, "127.0.0.3")) == b"welcome\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_rules_that_do_not_come_hold_nobody(sockt, tmp_path, number):
    os.mkfifo(tmp_path / "rules")
    process = sockt.start("listen", "--denyfile", tmp_path / "rules", "127.0.0.1", "0")
    writer = write_to(tmp_path / "rules")
    process.signal(number)
    process.finish().expect(128 + number, b"", b"")
    os.close(writer)


def test_max_per_host_of_datagrams_and_workers(sockt, peers):
    target = peers.udp()
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "--max-per-host", "2", "--workers", "3", "-v",
                          at="udp:127.0.0.1:0")
    clients = [peers.udp() for _ in range(12)]
    for number, client in enumerate(clients):
        client.sendto(b"%d" % number, (LOCALHOST, process.port))
    process.err.until(lambda err: err.count(b" by --max-per-host 2") == 10)
    target.settimeout(20)
    assert len({target.recvfrom(10)[1] for _ in range(2)}) == 2


def test_max_per_host_of_datagrams(sockt, peers):
    process = sockt.listen("-u", "-k", "-v", "--max-per-host", "1")
    first, second = peers.udp(), peers.udp()
    first.sendto(b"first", (LOCALHOST, process.port))
    process.out.until(b"first")
    second.sendto(b"second", (LOCALHOST, process.port))
    process.err.until(b" by --max-per-host 1\n")
    first.sendto(b"first again", (LOCALHOST, process.port))
    process.out.until(b"first again")
    assert b"second" not in process.out.data


def test_a_program_for_those_who_are_allowed(sockt, peers):
    """Who may connect is said: then it listens on every address, and not on loopback only."""
    process = sockt.listen("-k", "--allow", "127.0.0.3", "--sh", "echo from the program", at=("0",))
    assert "127.0.0.1" not in process.ready_lines[0]
    assert peer_scripts.read_all(comes_from(peers, process, "127.0.0.3")) == b"from the program\n"
    assert is_reset(comes_from(peers, process, "127.0.0.1"))
