# SPDX-License-Identifier: GPL-3.0-or-later
"""listen --broker and --chat: clients that hear each other."""

import hashlib
import signal
import socket
import threading

import pytest

import peers as peer_scripts
from facts import open_descriptors, tcp_state, wait_for, wait_idle

LOCALHOST = "127.0.0.1"
MIB = 1 << 20
ESTABLISHED = 1


def join(process, peers, count):
    """count clients that are known to have a place: each has said a dot, and heard those of the later ones."""
    socks = []
    for _ in range(count):
        sock = peers.connect(process.port)
        before = len(process.out.data)
        sock.sendall(b".")
        process.out.until(before + 1)
        for other in socks:
            assert peer_scripts.read_exactly(other, 1) == b"."
        socks.append(sock)
    return socks


def says(sock, line):
    """The next line that a client of a chat gets."""
    assert peer_scripts.read_until(sock, b"\n") == line


def enter(process, peers, count):
    """count clients of a chat, who have read all that they were told of it."""
    socks, names = [], []
    for number in range(1, count + 1):
        sock = peers.connect(process.port)
        here = f"here are: {', '.join(names)}" if names else "nobody else is here"
        says(sock, f"* you are user{number}; {here}\n".encode())
        for other in socks:
            says(other, f"* user{number} has come\n".encode())
        socks.append(sock)
        names.append(f"user{number}")
    return socks


@pytest.mark.smoke
def test_all_others_get_what_one_sends(sockt, peers):
    process = sockt.listen("--broker")
    socks = join(process, peers, 3)
    socks[1].sendall(b"from the second\n")
    for number in (0, 2):
        assert peer_scripts.read_exactly(socks[number], 16) == b"from the second\n"
    process.out.until(b"from the second\n")
    process.write(b"to all\n")
    for sock in socks:
        assert peer_scripts.read_exactly(sock, 7) == b"to all\n"


@pytest.mark.parametrize("at, family", [(("::1", "0"), socket.AF_INET6), (("unix:crowd",), socket.AF_UNIX)])
def test_other_streams(sockt, peers, tmp_path, at, family):
    process = sockt.listen("--broker", at=at)
    address = str(tmp_path / "crowd") if family == socket.AF_UNIX else ("::1", process.port)
    first = peers.connect(address, family)
    first.sendall(b"1")
    process.out.until(b"1")
    second = peers.connect(address, family)
    second.sendall(b"\0\xff\n")
    assert peer_scripts.read_exactly(first, 3) == b"\0\xff\n"


def test_datagrams(sockt, peers):
    process = sockt.listen("-u", "--broker")
    socks = [peers.udp() for _ in range(2)]
    for number, sock in enumerate(socks):
        sock.sendto(b"hello %d" % number, (LOCALHOST, process.port))
        process.out.until(b"hello %d" % number)
    assert socks[0].recv(99) == b"hello 1"
    socks[0].sendto(b"one\ntwo", (LOCALHOST, process.port))
    assert socks[1].recv(99) == b"one\ntwo"


def test_end_of_input_ends_nobody(sockt, peers):
    process = sockt.listen("--broker")
    socks = join(process, peers, 2)
    process.close_stdin()
    wait_idle(process.pid)
    assert [tcp_state(sock) for sock in socks] == [ESTABLISHED] * 2
    socks[0].sendall(b"still here")
    assert peer_scripts.read_exactly(socks[1], 10) == b"still here"
    # A client that has ended gets what was sent before, and is let go.
    socks[1].shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(socks[1]) == b""
    socks[0].sendall(b"alone")
    process.out.until(b"alone")


def test_much_goes_through_whole(sockt, peers):
    process = sockt.listen("--broker", stdout=open("/dev/null", "wb"))
    sender, reader = peers.connect(process.port), peers.connect(process.port)
    wait_idle(process.pid)
    piece = bytes(range(256)) * 256
    sums = hashlib.sha256(), hashlib.sha256()

    def read():
        left = 24 * MIB
        while left > 0:
            data = reader.recv(min(left, 1 << 16))
            assert data, "it was dropped"
            sums[0].update(data)
            left -= len(data)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    for _ in range(24 * MIB // len(piece)):
        sender.sendall(piece)
        sums[1].update(piece)
    thread.join(60)
    assert sums[0].digest() == sums[1].digest()


def test_who_does_not_read_is_dropped(sockt, peers):
    process = sockt.listen("--broker", stdout=open("/dev/null", "wb"))
    sender, slow = peers.connect(process.port), peers.connect(process.port)
    reader = peers.connect(process.port)
    wait_idle(process.pid)

    def read():
        while True:
            try:
                if not reader.recv(1 << 16):
                    return
            except OSError:
                return

    threading.Thread(target=read, daemon=True).start()
    sender.settimeout(60)
    for _ in range(64):
        sender.sendall(bytes(MIB))
        if b"is dropped" in process.err.data:
            break
    process.err.until(b"client 2 is dropped: it does not keep up, and 1 MiB waits for it (--slow)\n")
    assert process.err.data.count(b"dropped") == 1
    peer_scripts.read_to_reset(slow)


def test_limits_of_clients_hold(sockt, peers):
    process = sockt.listen("--broker", "--max-per-host", "1", "-m", "2")
    first = peers.connect(process.port)
    wait_idle(process.pid)
    assert peer_scripts.read_to_reset(peers.connect(process.port)) == b""
    first.sendall(b"here")
    process.out.until(b"here")


@pytest.mark.smoke
def test_chat(sockt, peers):
    process = sockt.listen("--chat")
    socks = enter(process, peers, 3)
    socks[0].sendall(b"hello\r\nhow are ")
    for number in (1, 2):
        says(socks[number], b"<user1> hello\n")
    socks[1].sendall(b"well\n")
    says(socks[0], b"<user2> well\n")
    says(socks[2], b"<user2> well\n")
    # What had begun is a line when its client ends.
    socks[0].close()
    for number in (1, 2):
        says(socks[number], b"<user1> how are \n")
    process.out.until(b"<user1> hello\n<user2> well\n<user1> how are \n")


def test_chat_tells_who_leaves(sockt, peers):
    process = sockt.listen("--chat", stdin=-3)
    socks = enter(process, peers, 2)
    socks[0].close()
    says(socks[1], b"* user1 has left\n")
    assert process.out.data == b""


def test_chat_is_safe_for_terminals(sockt, peers):
    process = sockt.listen("--chat")
    socks = enter(process, peers, 2)
    socks[0].sendall(b"\x1b[2J\xff\xc3\xbc\n")
    says(socks[1], "<user1> \\x1b[2J\\xffü\n".encode())
    process.out.until("<user1> \\x1b[2J\\xffü\n".encode())


def test_the_server_takes_part_in_a_chat(sockt, peers):
    process = sockt.listen("--chat")
    socks = enter(process, peers, 2)
    process.write(b"half a ")
    socks[0].sendall(b"between\n")
    says(socks[1], b"<user1> between\n")
    process.write(b"line\nand the last")
    process.close_stdin()
    for sock in socks:
        says(sock, b"<server> half a line\n")
        says(sock, b"<server> and the last\n")


def test_a_long_line_of_a_chat(sockt, peers):
    process = sockt.listen("--chat")
    socks = enter(process, peers, 2)
    threading.Thread(target=socks[0].sendall, args=(b"x" * MIB + b"\n",), daemon=True).start()
    lines = [b"<user1> " + b"x" * 4096 + b"\n"] * (MIB // 4096)
    assert peer_scripts.read_exactly(socks[1], sum(map(len, lines))) == b"".join(lines)


def test_chat_of_datagrams(sockt, peers):
    process = sockt.listen("-u", "--chat")
    socks = [peers.udp() for _ in range(2)]
    socks[0].sendto(b"first\n", (LOCALHOST, process.port))
    assert socks[0].recv(99) == b"* you are user1; nobody else is here\n"
    socks[1].sendto(b"second", (LOCALHOST, process.port))
    assert socks[1].recv(99) == b"* you are user2; here are: user1\n"
    assert socks[0].recv(99) == b"* user2 has come\n"
    assert socks[0].recv(99) == b"<user2> second\n"
    process.out.until(b"<user1> first\n<user2> second\n")


def test_a_reset_is_felt_by_nobody_else(sockt, peers):
    process = sockt.listen("--broker")
    socks = join(process, peers, 3)
    socks[0].sendall(b"before")
    process.out.until(b"before")
    peer_scripts.reset(socks[0])
    socks[1].sendall(b" and after")
    assert peer_scripts.read_exactly(socks[2], 16) == b"before and after"
    process.out.until(b" and after")


def test_those_who_reset_hold_back_nobody(sockt, peers):
    """Each has sent more than the others take, and reads nothing: all wait for all."""
    process = sockt.listen("--broker", "--slow", "wait")
    socks = join(process, peers, 3)
    for sock in socks[:2]:
        peer_scripts.fill(sock)
    before = len(open_descriptors(process.pid))
    for sock in socks[:2]:
        peer_scripts.reset(sock)

    def are_gone():
        socks[2].setblocking(False)
        try:
            socks[2].recv(1 << 20)
        except BlockingIOError:
            pass
        return len(open_descriptors(process.pid)) == before - 2
    wait_for(are_gone, "both to be gone")


def test_messages_stay_whole(sockt, peers, tmp_path):
    process = sockt.listen("--broker", at=("unix-seqpacket:crowd",))
    socks = [peers.connect(str(tmp_path / "crowd"), socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
    socks[1].send(b"here")
    process.out.until(b"here")
    assert socks[0].recv(99) == b"here"
    for message in (b"one", b"x" * 100000, b"two"):
        socks[0].send(message)
        assert socks[1].recv(200000) == message


@pytest.mark.parametrize("option", ["--broker", "--chat"])
@pytest.mark.parametrize("other", ["--recv-only", "--send-only", "--hold", "--http", "--sh true"])
def test_what_contradicts(sockt, option, other):
    sockt.run("listen", option, *other.split(), "0").expect(2, b"", f"{option} ")


def test_a_signal_ends_it(sockt, peers):
    process = sockt.listen("--broker")
    join(process, peers, 2)
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"..")
