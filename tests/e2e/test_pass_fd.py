# SPDX-License-Identifier: GPL-3.0-or-later
"""connect --pass-fd: the connection is handed over by standard output, and lives on with who has got it."""

import fcntl
import os
import re
import socket
import subprocess

import pytest

import peers as peer_scripts
from facts import require_ipv6, wait_for
from runner import DEVNULL


@pytest.fixture
def ends(peers):
    """Both ends of what standard output is to be."""
    ours, its = socket.socketpair()
    return peers.keep(ours), peers.keep(its)


def take(end):
    """The descriptor that comes over a socket, as a socket; with one byte beside it."""
    data, fds, _, _ = socket.recv_fds(end, 16, 4)
    assert data == b"\0" and len(fds) == 1
    return socket.socket(fileno=fds[0])


@pytest.mark.smoke
@pytest.mark.parametrize("kind", ["tcp4", "tcp6", "udp", "unix", "unix-dgram"])
def test_another_has_the_connection(sockt, peers, trace, ends, tmp_path, kind):
    if kind == "tcp6":
        require_ipv6()
    families = {"tcp4": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
                "tcp6": (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
                "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
                "unix": (socket.AF_UNIX, socket.SOCK_STREAM, f"{tmp_path}/socket"),
                "unix-dgram": (socket.AF_UNIX, socket.SOCK_DGRAM, f"{tmp_path}/socket")}
    family, socktype, address = families[kind]
    server = peers.keep(socket.socket(family, socktype))
    server.settimeout(20)
    server.bind(address)
    if socktype == socket.SOCK_STREAM:
        server.listen()
    words = {"tcp4": lambda: ("127.0.0.1", server.getsockname()[1]), "tcp6": lambda: ("::1", server.getsockname()[1]),
             "udp": lambda: ("-u", "127.0.0.1", server.getsockname()[1])}
    seen = trace()
    run = sockt.run("connect", "--pass-fd", *seen.options,
                    *words.get(kind, lambda: (f"{kind}:{tmp_path}/socket",))(), stdout=ends[1])
    run.expect(0, b"", b"")
    got = peers.keep(take(ends[0]))
    assert fcntl.fcntl(got, fcntl.F_GETFL) & os.O_NONBLOCK == 0
    got.send(b"to the server")
    if socktype == socket.SOCK_STREAM:
        peer = peers.accept(server)
        assert peer.recv(100) == b"to the server"
        peer.sendall(b"to the client")
        peer.close()
        assert got.recv(100) == b"to the client" and got.recv(100) == b""
    else:
        data, client = server.recvfrom(100)
        assert data == b"to the server"
        server.sendto(b"to the client", client)
        assert got.recv(100) == b"to the client"
    (passed,) = seen.events("pass")
    assert passed["fd"] == 1 and passed["args"]["sockfd"] == 1 and passed["result"] == 1
    assert not seen.events("send", "recv", "shutdown")


def test_closing_it_is_no_end(sockt, peers, ends):
    """No view says that the peer was told of one."""
    listening = peers.listen()
    words = ("connect", "--pass-fd", "--explain", "127.0.0.1", listening.getsockname()[1])
    said = sockt.run(*words, stdout=ends[1]).expect(0).err.decode()
    assert "sendmsg(1, SCM_RIGHTS {" in said and "ended: the connection was passed on over standard output" in said
    assert "Another process has the same connection" in said and "then FIN" not in said
    drawn = sockt.run(*words, "--trace", "ladder", stdout=ends[1]).expect(0).err.decode()
    (closed,) = [line for line in drawn.splitlines() if re.search(r" close\(\d+\)", line)]
    assert "▶" not in closed


def test_what_a_server_says_at_once_is_not_lost(sockt, peers, ends):
    server = peers.server(lambda sock: (sock.sendall(b"SSH-2.0-banner\r\n"), sock.recv(1)))
    sockt.run("connect", "--pass-fd", "127.0.0.1", server.port, stdout=ends[1]).expect(0, b"", b"")
    got = peers.keep(take(ends[0]))
    assert got.recv(100) == b"SSH-2.0-banner\r\n"


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_through_a_proxy(sockt, peers, ends, kind):
    """The proxy's answer is taken, and nothing behind it."""
    server = peers.server(lambda sock: (sock.sendall(b"banner"), peer_scripts.echo(sock)))
    proxy = sockt.listen("-k", "--proxy-server", kind)
    sockt.run("connect", "--pass-fd", "--proxy", f"{kind}://127.0.0.1:{proxy.port}", "127.0.0.1", server.port,
              stdout=ends[1]).expect(0, b"", b"")
    got = peers.keep(take(ends[0]))
    assert got.recv(6) == b"banner"
    got.sendall(b"back")
    assert got.recv(100) == b"back"


def test_receiver_that_has_no_room_is_waited_for(sockt, peers, trace, ends):
    listening = peers.listen()
    ends[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            ends[1].send(b"x" * 4096)
    ends[1].setblocking(True)
    seen = trace()
    process = sockt.start("connect", "--pass-fd", *seen.options, "127.0.0.1", listening.getsockname()[1],
                          stdout=ends[1], stdin=DEVNULL)
    wait_for(lambda: [event for event in seen.events("pass") if event.get("errno") == "EAGAIN"], "no room")
    ends[1].close()
    fds = []
    while not fds:
        _, fds, _, _ = socket.recv_fds(ends[0], 1 << 20, 4)
    process.finish().expect(0)
    socket.socket(fileno=fds[0]).close()


def test_receiver_that_is_gone(sockt, peers, ends):
    listening = peers.listen()
    ends[0].close()
    run = sockt.run("connect", "-v", "--pass-fd", "127.0.0.1", listening.getsockname()[1], stdout=ends[1])
    run.expect(6, b"", "pass the connection over standard output: Broken pipe (EPIPE)")
    assert peer_scripts.read_all(peers.accept(listening)) == b""


@pytest.mark.parametrize("what", ["a pipe", "a file", "a device", "a socket of a network"])
def test_where_no_descriptor_can_be_passed(sockt, peers, tmp_path, what):
    """Nobody is connected to."""
    listening = peers.listen()
    port = listening.getsockname()[1]
    output = {"a pipe": lambda: subprocess.PIPE, "a file": lambda: open(tmp_path / "file", "wb"),
              "a device": lambda: DEVNULL,
              "a socket of a network": lambda: peers.keep(socket.create_connection(("127.0.0.1", port)))}[what]()
    run = sockt.run("connect", "--pass-fd", "127.0.0.1", port, stdout=output)
    run.expect(2, err=f"--pass-fd: standard output is {what}, and a descriptor can be passed over a Unix socket only")
    if what != "a socket of a network":
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_as_nc_has_it(sockt, peers, ends):
    """Letters that speak of data say nothing then."""
    listening = peers.listen()
    sockt.run("nc", "-F", "-N", "-d", "-C", "-q", "1", "-w", "5", "127.0.0.1", listening.getsockname()[1],
              stdout=ends[1]).expect(0, b"", b"")
    take(ends[0]).close()


def test_what_contradicts_it(sockt):
    for option in ("--until=both", "--hex", "--reconnect", "--exec=cat", "--http-get=/", "--echo",
                   "--limit-messages=3"):
        run = sockt.run("connect", "--pass-fd", option, "-u", "localhost", "9")
        run.expect(2, b"", f"--pass-fd and {option.split('=', maxsplit=1)[0]} contradict each other")


def test_ssh_talks_over_it(sockt, peers, need, tmp_path):
    """What it says is said by ssh itself, with no program in between."""
    listening = peers.listen()
    command = f"{sockt.binary} connect --pass-fd 127.0.0.1 {listening.getsockname()[1]}"
    process = sockt.start_command([need("ssh"), "-F", "none", "-o", "BatchMode=yes", "-o", "ProxyUseFdpass=yes",
                                   "-o", f"ProxyCommand={command}", "host"], stdin=DEVNULL)
    peer = peers.accept(listening)
    peer.sendall(b"SSH-2.0-test\r\n")
    assert peer.recv(100).startswith(b"SSH-2.0-")
    peer.close()
    process.finish()
