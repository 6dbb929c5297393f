# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening sockets that were opened by somebody else and handed in: fd:N, as systemd does it."""

import signal
import socket
import sys

import pytest

import peers as peer_scripts
from facts import require_ipv6

# Puts the descriptors named by its first argument at 3, 4 ..., says whose they are, and becomes the rest.
HAND_IN = """
import os, sys
fds = [int(word) for word in sys.argv[1].split(",")]
for place, fd in enumerate(fds):
    os.dup2(fd, 100 + place)
for place in range(len(fds)):
    os.dup2(100 + place, 3 + place)
    os.close(100 + place)
os.environ["LISTEN_FDS"] = str(len(fds))
os.environ["LISTEN_PID"] = sys.argv[2].replace("own", str(os.getpid()))
os.execvp(sys.argv[3], sys.argv[3:])
"""


@pytest.fixture
def hand_in(sockt):
    """hand_in(sockets, *args, pid="own"): sockt with these sockets as its descriptors 3, 4 ..."""
    def make(sockets, *args, pid="own", **popen):
        fds = [sock.fileno() for sock in sockets]
        assert min(fds) > 3 + len(fds), "the places are taken"
        prefix = (sys.executable, "-c", HAND_IN, ",".join(map(str, fds)), pid)
        return sockt.start(*args, prefix=prefix, pass_fds=fds, **popen)
    return make


def relays(peers, address, listening):
    client = peers.connect(address)
    client.sendall(b"question")
    target = peers.accept(listening)
    assert target.recv(100) == b"question"
    target.sendall(b"answer")
    assert client.recv(100) == b"answer"


@pytest.mark.smoke
def test_a_relay_takes_a_socket_that_listens(peers, hand_in):
    handed, listening = peers.listen(), peers.listen()
    relay = hand_in([handed], "relay", "-v", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")
    # It need not be ready: the socket listens, and clients wait.
    relays(peers, handed.getsockname(), listening)
    relays(peers, handed.getsockname(), listening)
    relay.err.until(b"(LISTEN_FDS) are fd:3 to fd:3")


def test_a_unix_socket_is_left_behind(peers, hand_in, tmp_path):
    """Its file is not ours to remove."""
    path = tmp_path / "sock"
    handed, listening = peers.listen(str(path), socket.AF_UNIX), peers.listen()
    relay = hand_in([handed], "relay", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")
    relays(peers, str(path), listening)
    relay.signal(15)
    assert relay.wait() == 143
    assert path.exists()
    # Who opened it has it still, and the next one serves who comes meanwhile.
    client = peers.connect(str(path))
    client.sendall(b"early")
    hand_in([handed], "relay", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")
    assert peers.accept(listening).recv(100) == b"early"


def test_one_of_several(peers, hand_in):
    """fd:4 is the second; the first stays as it is."""
    require_ipv6()
    first, second = peers.listen(), peers.listen(("::1", 0), socket.AF_INET6)
    listening = peers.listen()
    relay = hand_in([first, second], "relay", "-v", "fd:4", f"127.0.0.1:{listening.getsockname()[1]}")
    relays(peers, second.getsockname()[:2], listening)
    relay.err.until(b"(LISTEN_FDS) are fd:3 to fd:4")
    waiting = peers.connect(first.getsockname())
    waiting.sendall(b"x")
    accepted = peers.accept(first)
    assert accepted.recv(1) == b"x"


def test_a_header_on_a_socket_that_was_handed_in(peers, hand_in):
    handed, listening = peers.listen(), peers.listen()
    hand_in([handed], "relay", "fd:3,accept-proxy", f"127.0.0.1:{listening.getsockname()[1]},proxy-protocol=v1")
    client = peers.connect(handed.getsockname())
    line = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
    client.sendall(line + b"data")
    client.shutdown(socket.SHUT_WR)
    target = peers.accept(listening)
    data = b""
    while piece := target.recv(100):
        data += piece
    assert data == line + b"data"


def test_workers_share_it(peers, hand_in):
    handed, listening = peers.listen(), peers.listen()
    hand_in([handed], "relay", "--workers", "2", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")
    for _ in range(5):
        relays(peers, handed.getsockname(), listening)


def test_variables_for_another_process(peers, hand_in):
    """They are ignored, which is said; the descriptor was named, and is there."""
    handed, listening = peers.listen(), peers.listen()
    relay = hand_in([handed], "relay", "-v", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}", pid="1")
    relays(peers, handed.getsockname(), listening)
    relay.err.until(b"LISTEN_FDS is meant for process 1, and this one is ")


def test_a_listener_takes_it_too(peers, hand_in):
    handed = peers.listen()
    process = hand_in([handed], "listen", "fd:3")
    client = peers.connect(handed.getsockname())
    client.sendall(b"hello")
    process.out.until(b"hello")


def test_one_client_that_is_there_already(peers, hand_in):
    """As inetd, and systemd with Accept=yes: a connected socket is one session, which is the run."""
    ours, theirs = socket.socketpair()
    peers.keep(ours), peers.keep(theirs)
    listening = peers.listen()
    relay = hand_in([theirs], "relay", "-v", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")
    theirs.close()
    ours.sendall(b"question")
    ours.shutdown(socket.SHUT_WR)
    target = peers.accept(listening)
    assert peer_scripts.read_all(target) == b"question"
    target.sendall(b"answer")
    assert ours.recv(100) == b"answer"
    assert relay.is_running
    target.close()
    assert peer_scripts.read_all(ours) == b""
    relay.finish().expect(0, b"", "ended: both directions finished")


def connected_pair(peers):
    listening = peers.listen()
    client = peers.connect(listening.getsockname())
    return client, peers.accept(listening)


def test_one_client_with_a_header(peers, hand_in):
    client, theirs = connected_pair(peers)
    listening = peers.listen()
    relay = hand_in([theirs], "relay", "fd:3,nodelay", f"127.0.0.1:{listening.getsockname()[1]},proxy-protocol=v1")
    target = peers.accept(listening)
    line = "PROXY TCP4 {2} {0} {3} {1}\r\n".format(*theirs.getsockname(), *client.getsockname()).encode()
    assert peer_scripts.read_exactly(target, len(line)) == line
    peer_scripts.reset(target)
    theirs.close()
    peer_scripts.read_to_reset(client)
    relay.finish().expect(5, b"", "ECONNRESET")


def test_one_client_and_no_target(peers, hand_in):
    client, theirs = connected_pair(peers)
    relay = hand_in([theirs], "relay", "fd:3", f"127.0.0.1:{peers.refused_port()}")
    theirs.close()
    peer_scripts.read_to_reset(client)
    result = relay.finish().expect(1, b"", "ECONNREFUSED")
    assert result.err.count(b"ECONNREFUSED") == 1, result


def test_one_client_and_the_limits(peers, hand_in):
    client, theirs = connected_pair(peers)
    listening = peers.listen()
    relay = hand_in([theirs], "relay", "-i", "100ms", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")
    theirs.close()
    peer_scripts.read_to_reset(client)
    relay.finish().expect(4, b"", "idle")


def test_one_client_and_a_signal(peers, hand_in):
    client, theirs = connected_pair(peers)
    listening = peers.listen()
    relay = hand_in([theirs], "relay", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")
    theirs.close()
    target = peers.accept(listening)
    relay.signal(15)
    assert relay.wait() == 143
    peer_scripts.read_to_reset(client)
    peer_scripts.read_to_reset(target)


def test_what_cannot_be_taken(sockt, peers, hand_in):
    """A socket that neither listens nor is connected; one of datagrams, where a header is wanted; none at all."""
    hand_in([peers.socket()], "relay", "fd:3", "127.0.0.1:1").finish().expect(2, b"", "the socket is not connected")
    datagrams = peers.udp()
    hand_in([datagrams], "relay", "fd:3,accept-proxy", "127.0.0.1:1").finish().expect(
        2, b"", "a PROXY header begins a connection of bytes")
    # Descriptor 3 would be one of ours by the time it is looked at.
    for number in ("3", "77"):
        for args in (("relay", "fd:" + number, "127.0.0.1:1"), ("connect", "fd:" + number)):
            sockt.run(*args).expect(2, b"", f"descriptor {number} is not open")


def test_systemd_socket_activate(sockt, peers, need, tmp_path):
    """The real thing: it listens, and starts the relay when the first client comes."""
    path, listening = tmp_path / "sock", peers.listen()
    activate = sockt.start_command([
        need("systemd-socket-activate"), "-l", str(path),
        *sockt.command("relay", "-v", "fd:3", f"127.0.0.1:{listening.getsockname()[1]}")])
    activate.err.until(b"Listening on")
    client = peers.connect(str(path))
    client.sendall(b"question")
    target = peers.accept(listening)
    assert target.recv(100) == b"question"
    activate.err.until(b"(LISTEN_FDS) are fd:3 to fd:3")
    relays(peers, str(path), listening)


# ---- NOTIFY_SOCKET --------------------------------------------------------------------------------


@pytest.fixture
def manager(tmp_path):
    """A service manager's socket, of a path or abstract: manager(is_abstract) gives it and its name."""
    made = []

    def make(is_abstract=False):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.settimeout(10)
        made.append(sock)
        if is_abstract:
            sock.bind("")  # the kernel chooses an abstract name (unix(7))
            return sock, "@" + sock.getsockname()[1:].decode()
        sock.bind(str(tmp_path / "notify"))
        return sock, str(tmp_path / "notify")
    yield make
    for sock in made:
        sock.close()


@pytest.mark.parametrize("is_abstract", [False, True], ids=["path", "abstract"])
@pytest.mark.parametrize("command", ["listen", "relay", "relay --workers 2"])
def test_a_manager_is_told_that_it_listens(sockt, manager, command, is_abstract):
    told, name = manager(is_abstract)
    target = ["tcp:127.0.0.1:9"] if command.startswith("relay") else []
    process = sockt.start(*command.split(), "tcp:127.0.0.1:0", *target,
                          env={"NOTIFY_SOCKET": name})
    assert told.recv(100) == b"READY=1"
    # It was true when it was said, and is said once.
    told.setblocking(False)
    with pytest.raises(BlockingIOError):
        told.recv(100)
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM, err=b"")


def test_a_manager_without_a_name_is_none(sockt, peers):
    listener = sockt.listen("--recv-only", env={"NOTIFY_SOCKET": ""})
    peers.connect(("127.0.0.1", listener.port)).close()
    listener.finish().expect(0, b"", err=b"")


@pytest.mark.parametrize("name, reason", [("@nobody-is-there", b"ECONNREFUSED"), ("/nonexistent/x", b"ENOENT"),
                                          ("vsock:2:9", b"EAFNOSUPPORT"), ("/" + 200 * "x", b"ENAMETOOLONG")],
                         ids=["abstract", "path", "vsock", "long"])
def test_a_manager_who_is_not_there_is_said_and_not_fatal(sockt, peers, name, reason):
    listener = sockt.listen(env={"NOTIFY_SOCKET": name})
    said = listener.err.until(reason)
    assert b"NOTIFY_SOCKET" in said
    client = peers.connect(("127.0.0.1", listener.port))
    client.sendall(b"all the same")
    client.close()
    listener.close_stdin()
    listener.finish().expect(0, b"all the same")
