# SPDX-License-Identifier: GPL-3.0-or-later
"""
The trace is the truth: every socket call that strace sees is in it, in order, with its result, and
no other.
"""

import os
import socket

import pytest

import peers as peer_scripts
from facts import children_of, require_localhost, wait_for
from straced import STEPS, Witness
from runner import DEVNULL

pytestmark = pytest.mark.strace


@pytest.fixture
def witness(tmp_path, trace):
    return lambda **more: Witness(tmp_path, trace, **more)


def names(calls):
    return {call[0] for call in calls}


def test_client_and_echo(sockt, peers, witness):
    seen, server = witness(), peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, prefix=seen.prefix,
              input=b"hello\n").expect(0, b"hello\n")
    calls = seen.compare()
    assert {"socket", "connect", "send", "recv", "shutdown", "close"} <= names(calls)
    assert any(call[0] == "connect" and call[-1] == "EINPROGRESS" for call in calls)


@pytest.mark.parametrize("preview", ["32", "0"])
def test_bulk_by_copying_and_by_splicing(sockt, peers, witness, preview):
    seen, data = witness(options=("--preview", preview)), os.urandom(2_000_000)
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, prefix=seen.prefix,
              input=data).expect(0, data)
    calls = seen.compare()
    assert ("splice" in names(calls)) == (preview == "0")


@pytest.mark.parametrize("preview", ["32", "0"])
def test_peer_that_does_not_read(sockt, peers, witness, preview):
    """The send buffer runs full: EAGAIN is in the trace as well."""
    seen, listening = witness(options=("--preview", preview)), peers.listen()
    process = sockt.start("connect", *seen.options, "127.0.0.1", listening.getsockname()[1],
                          prefix=seen.prefix)
    sock = peers.accept(listening)
    process.feed(b"z" * 20_000_000)
    wait_for(lambda: any(event.get("errno") == "EAGAIN" for event in seen.seen.events("send", "splice")),
             "a send that finds no room")
    assert len(peer_scripts.read_all(sock)) == 20_000_000
    sock.close()
    process.finish().expect(0)
    assert any(call[-1] == "EAGAIN" for call in seen.compare())


def test_file_to_file(sockt, witness, tmp_path):
    seen, data = witness(options=("--preview", "0")), os.urandom(3_000_000)
    (tmp_path / "in").write_bytes(data)
    server = sockt.listen(stdin=DEVNULL)
    with open(tmp_path / "in", "rb") as file:
        sockt.start("connect", *seen.options, "127.0.0.1", server.port, prefix=seen.prefix,
                    stdin=file).finish().expect(0)
    server.finish().expect(0, data)
    seen.compare()


def test_listener(sockt, peers, witness):
    seen = witness()
    process = sockt.listen(*seen.options, prefix=seen.prefix)
    sock = peers.connect(process.port)
    sock.sendall(b"request")
    process.out.until(b"request")
    process.write(b"answer")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"answer"
    sock.close()
    process.finish().expect(0)
    calls = seen.compare()
    assert {"socket", "setsockopt", "bind", "listen", "accept", "recv", "send"} <= names(calls)


def test_dual_stack_listener(sockt, peers, witness):
    seen = witness()
    process = sockt.listen(*seen.options, prefix=seen.prefix, at=("0",))
    process.close_stdin()
    peers.connect(("127.0.0.1", process.port)).close()
    process.finish().expect(0)
    calls = seen.compare()
    assert any("IPV6_V6ONLY" in call for call in calls)


def test_many_clients(sockt, peers, witness):
    seen = witness()
    process = sockt.listen("-k", *seen.options, prefix=seen.prefix)
    for number in range(5):
        sock = peers.connect(process.port)
        sock.sendall(b"%d" % number)
        process.out.until(number + 1)
        process.write(b"%d" % number)
        assert sock.recv(1) == b"%d" % number
    for pid in children_of(process.pid):
        os.kill(pid, 15)
    process.finish()
    calls = seen.compare()
    assert sum(call[0] == "accept" and isinstance(call[-1], int) for call in calls) == 5


def test_refused(sockt, peers, witness):
    seen = witness()
    sockt.run("connect", *seen.options, "127.0.0.1", peers.refused_port(), prefix=seen.prefix).expect(1)
    assert {"socket", "connect", "close"} <= names(seen.compare())
    verdicts = seen.seen.events("connected")
    assert [event["errno"] for event in verdicts] == ["ECONNREFUSED"]


def test_two_addresses_of_localhost(sockt, peers, witness):
    """::1 refuses, 127.0.0.1 answers (or only one is there)."""
    require_localhost()
    seen, server = witness(), peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "localhost", server.port, prefix=seen.prefix,
              input=b"x").expect(0, b"x")
    seen.compare()


def test_udp_client(sockt, peers, witness):
    seen, server = witness(options=("-q", "200ms")), peers.udp()
    process = sockt.start("connect", "-u", *seen.options, "127.0.0.1", server.getsockname()[1],
                          prefix=seen.prefix)
    process.write(b"ask")
    _, name = server.recvfrom(10)
    server.sendto(b"reply", name)
    process.out.until(b"reply")
    process.close_stdin()
    process.finish().expect(0)
    seen.compare()


def test_udp_listener(sockt, peers, witness):
    """Unconnected: the peer's address is an argument of each call."""
    seen = witness(options=("-i", "300ms"))
    process = sockt.listen("-u", *seen.options, prefix=seen.prefix)
    client = peers.udp()
    client.connect(("127.0.0.1", process.port))
    client.send(b"ask")
    process.out.until(b"ask")
    process.write(b"reply")
    assert client.recv(10) == b"reply"
    process.finish().expect(4)
    seen.compare()


@pytest.mark.parametrize("kind", ["unix", "unix-seqpacket"])
def test_unix(sockt, peers, witness, tmp_path, kind):
    seen = witness()
    types = {"unix": socket.SOCK_STREAM, "unix-seqpacket": socket.SOCK_SEQPACKET}
    listening = peers.listen(str(tmp_path / "s"), socket.AF_UNIX, types[kind])
    process = sockt.start("connect", *seen.options, f"{kind}:{tmp_path}/s", prefix=seen.prefix)
    sock = peers.accept(listening)
    process.write(b"hello")
    assert sock.recv(10) == b"hello"
    sock.send(b"you")
    process.out.until(b"you")
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()
    process.finish().expect(0)
    seen.compare()


def test_reset(sockt, peers, witness):
    def script(sock):
        peer_scripts.read_exactly(sock, 3)
        peer_scripts.reset(sock)
    seen, server = witness(), peers.server(script)
    process = sockt.start("connect", *seen.options, "127.0.0.1", server.port, prefix=seen.prefix)
    process.write(b"bye")
    process.finish().expect(5)
    calls = seen.compare()
    assert any(call[-1] in ("ECONNRESET", "EPIPE") for call in calls) or seen.seen.events("state")


def test_send_only(sockt, peers, witness):
    def script(sock):
        sock.sendall(b"chatter")
        peer_scripts.read_all(sock)
    seen, server = witness(), peers.server(script)
    sockt.run("connect", "--send-only", *seen.options, "127.0.0.1", server.port, input=b"x" * 100_000,
              prefix=seen.prefix).expect(0, b"")
    seen.compare()


def test_looks_are_shown_at_level_3(sockt, peers, witness):
    seen, server = witness(level=3), peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, input=b"hello",
              prefix=seen.prefix).expect(0, b"hello")
    calls = seen.compare((*STEPS, "getsockopt", "getsockname", "getpeername", "ioctl"))
    assert names(calls) & {"getsockopt", "getsockname"}
    looks = seen.seen.events("getsockopt", "getsockname", "getpeername", "ioctl", "recvmsg")
    assert all(event["observe"] is True for event in looks)
    assert not any(event.get("observe") for event in seen.seen.events(*STEPS))


def test_looks_are_not_shown_at_level_2(sockt, peers, trace):
    seen, server = trace(2), peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, input=b"hello").expect(0, b"hello")
    assert not [event for event in seen.events() if event.get("observe")]


def test_text_and_json_say_the_same(sockt, peers, trace, tmp_path):
    """One bus: the calls of the text, by name, descriptor and result, are those of the JSON."""
    import re
    seen, server, text = trace(2), peers.server(peer_scripts.echo), tmp_path / "text"
    sockt.run("connect", *seen.options, "--trace", f"text:{text},level=2", "127.0.0.1", server.port,
              input=b"hello").expect(0, b"hello")
    calls = re.findall(r"^\s*\d+(?:\.\d+)?\s+(\w+)\((.*)\) = (-1 )?(\d+|E\w+)", text.read_text(), re.M)
    got = [(name, result) for name, _, _, result in calls if name in STEPS]
    want = [(event["step"], str(event.get("errno") or event["result"])) for event in seen.events(*STEPS)]
    assert got == want


def test_strace_files_are_found(sockt, peers, witness):
    """The comparison has something to compare: leaving out a call is noticed."""
    seen, server = witness(), peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, input=b"x", prefix=seen.prefix).expect(0)
    wait_for(seen.main_thread, "the file of strace")
    lines = seen.seen.path.read_bytes().splitlines(keepends=True)
    victim = next(index for index, line in enumerate(lines) if b'"send"' in line)
    seen.seen.path.write_bytes(b"".join(lines[:victim] + lines[victim + 1:]))
    with pytest.raises(AssertionError):
        seen.compare()
