# SPDX-License-Identifier: GPL-3.0-or-later
"""Truth at the ends of a relayed connection: an end stays an end, a reset a reset, and what was in flight arrives."""

import hashlib
import os
import signal
import socket
import threading

import pytest

import peers as peer_scripts
from facts import SCALE, bytes_unacknowledged, process_state, status_field, wait_for, wait_idle

# Within a second, on a machine that does nothing else. (Not with more tries: a reset has to be one each time.)
SOON = 2.0 * SCALE

sides = pytest.mark.parametrize("side", ["client", "target"])
MIB = 1 << 20
# As much as the kernel takes while nobody reads.
SOME = 1 << 16


def both(side, client, target):
    """(the one that acts, the one that is told of it)"""
    return (client, target) if side == "client" else (target, client)


def stop(process):
    """Stop it when it has nothing left to do: the target is connected."""
    wait_idle(process.pid)
    process.signal(signal.SIGSTOP)
    wait_for(lambda: process_state(process.pid) == "T", "the stop")


def digest(data):
    return hashlib.sha256(data).hexdigest()


# Ends

@sides
@pytest.mark.smoke
def test_half_close_passes_through(pair, side):
    """One way has ended, the other goes on for as long as it likes."""
    process, client, target = pair()
    one, other = both(side, client, target)
    one.sendall(b"all I have")
    one.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(other) == b"all I have"
    for piece in (b"a", b"b" * 100_000, b"c"):
        other.sendall(piece)
        assert peer_scripts.read_exactly(one, len(piece)) == piece
    other.shutdown(socket.SHUT_WR)
    assert one.recv(1) == b""
    assert process.is_running and not process.err.data


def test_both_end_without_a_word(pair):
    _, client, target = pair()
    client.shutdown(socket.SHUT_WR)
    assert target.recv(1) == b""
    target.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""


@sides
def test_close_is_an_end(pair, side):
    """close() with nothing unread is a FIN."""
    _, client, target = pair()
    one, other = both(side, client, target)
    one.sendall(b"bye")
    one.close()
    assert peer_scripts.read_all(other) == b"bye"


@sides
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_data_and_end_seen_together(pair, side, size):
    process, client, target = pair()
    one, other = both(side, client, target)
    data = os.urandom(size)
    stop(process)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MIB)
    one.sendall(data)
    one.shutdown(socket.SHUT_WR)
    wait_for(lambda: bytes_unacknowledged(one) == 0, "both to be in the relay's queue")
    process.signal(signal.SIGCONT)
    assert peer_scripts.read_all(other) == data
    other.sendall(b"the other way is open")
    assert peer_scripts.read_exactly(one, 21) == b"the other way is open"


def test_client_is_done_before_it_is_accepted(sockt, peers):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port)
    stop(process)
    client = peers.connect(process.port)
    client.sendall(b"early")
    client.shutdown(socket.SHUT_WR)
    process.signal(signal.SIGCONT)
    assert peer_scripts.read_all(client) == b"early"


def test_target_speaks_and_leaves_at_once(sockt, peers):
    server = peers.server(peer_scripts.greet(b"220 hello\r\n"))
    process = sockt.relay(server.port)
    for _ in range(20):
        client = peers.connect(process.port)
        assert peer_scripts.read_all(client) == b"220 hello\r\n"
        client.close()


@pytest.mark.parametrize("size", [65_536, 1_048_577, 24_000_000])
def test_both_ways_at_once(pair, size):
    """Checksums of everything, both directions at the same time."""
    _, client, target = pair()
    up, down = os.urandom(size), os.urandom(size + 7)
    threads = [peer_scripts.Sender(client, up), peer_scripts.Sender(target, down)]
    got = {}
    reader = threading.Thread(target=lambda: got.update(up=peer_scripts.read_all(target)), daemon=True)
    reader.start()
    assert digest(peer_scripts.read_all(client)) == digest(down)
    for thread in (*threads, reader):
        thread.join(SOON * 20)
    assert digest(got["up"]) == digest(up)


@sides
def test_one_byte_at_a_time(pair, side):
    _, client, target = pair()
    one, other = both(side, client, target)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    want = bytes(range(256)) * 8
    for number in range(len(want)):
        one.send(want[number:number + 1])
    one.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(other) == want


def test_ping_pong_of_single_bytes(pair):
    _, client, target = pair()
    for number in range(1000):
        byte = bytes([number % 256])
        client.send(byte)
        assert target.recv(2) == byte
        target.send(byte)
        assert client.recv(2) == byte


@sides
@pytest.mark.memory
def test_slow_reader_gets_everything_and_costs_little(pair, side):
    """Backpressure: what the reader does not take stays with the writer, not in the relay."""
    process, client, target = pair()
    one, other = both(side, client, target)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    before = status_field(process.pid, "VmHWM")
    data = os.urandom(16 * MIB) * 4  # more than what four buffers of the kernel take
    thread = peer_scripts.Sender(one, data)
    wait_idle(process.pid)
    assert thread.is_alive(), "everything was taken although nobody reads"
    seen = hashlib.sha256()
    while piece := other.recv(4096):
        seen.update(piece)
    assert seen.hexdigest() == digest(data)
    assert status_field(process.pid, "VmHWM") - before < 2048


@pytest.mark.parametrize("stays", [True, False], ids=["goes on", "ends at once"])
def test_urgent_data_in_the_middle_of_bulk(sockt, peers, tmp_path, stays):
    """The urgent byte is left out, as for any reader; all the rest arrives. (Towards a Unix socket bulk is spliced.)"""
    data, urgent = os.urandom(MIB), b"abc!"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{tmp_path}/s")
        listening.listen()
        listening.settimeout(30)
        process = sockt.relay(f"unix:{tmp_path}/s")
        client = peers.connect(process.port)
        target, _ = listening.accept()
    with target:
        target.settimeout(30)
        peer_scripts.Sender(client, data, shut=False)
        assert digest(peer_scripts.read_exactly(target, MIB)) == digest(data)
        stop(process)
        client.send(urgent, socket.MSG_OOB)
        client.sendall(data[:SOME])
        if not stays:
            client.shutdown(socket.SHUT_WR)
        process.signal(signal.SIGCONT)
        assert digest(peer_scripts.read_exactly(target, 3 + SOME)) == digest(urgent[:-1] + data[:SOME])
        if stays:
            client.shutdown(socket.SHUT_WR)
        assert target.recv(1) == b""


@sides
def test_end_behind_data_that_waits(pair, side):
    """The end comes while the other side takes nothing: it arrives behind the data, not instead of them."""
    process, client, target = pair()
    one, other = both(side, client, target)
    count = peer_scripts.fill(one)
    one.shutdown(socket.SHUT_WR)
    wait_idle(process.pid)
    assert len(peer_scripts.read_all(other)) == count


# Resets

@sides
@pytest.mark.smoke
def test_reset_while_idle(pair, side):
    process, client, target = pair()
    one, other = both(side, client, target)
    client.sendall(b"hi")
    assert target.recv(2) == b"hi"
    wait_idle(process.pid)
    peer_scripts.reset(one)
    assert peer_scripts.sees_reset(other, SOON)
    assert process.is_running


@sides
def test_reset_before_a_byte(pair, side):
    _, client, target = pair()
    one, other = both(side, client, target)
    peer_scripts.reset(one)
    assert peer_scripts.sees_reset(other, SOON)


def test_reset_while_the_target_is_tried_is_no_end(sockt, peers):
    """The target may be connected by then: it is to see a failure, not an empty request."""
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1])
    for _ in range(5):
        stop(process)
        client = peers.connect(process.port)
        client.sendall(b"never mind")
        peer_scripts.reset(client)
        process.signal(signal.SIGCONT)
        wait_idle(process.pid)
    listening.setblocking(False)
    try:
        while True:
            peer_scripts.read_to_reset(peers.accept(listening))
    except BlockingIOError:
        pass


@sides
def test_reset_in_the_middle_of_its_own_data(pair, side):
    _, client, target = pair()
    one, other = both(side, client, target)
    peer_scripts.Sender(one, b"x" * 50_000_000, shut=False)
    assert len(peer_scripts.read_exactly(other, 3_000_000)) == 3_000_000
    peer_scripts.reset(one)
    assert len(peer_scripts.read_to_reset(other)) < 50_000_000


@sides
def test_reset_in_the_middle_of_the_others_data(pair, side):
    _, client, target = pair()
    one, other = both(side, client, target)
    sender = peer_scripts.Sender(other, b"x" * 50_000_000, shut=False)
    peer_scripts.read_exactly(one, 3_000_000)
    peer_scripts.reset(one)
    sender.join(SOON)
    assert isinstance(sender.error, (ConnectionResetError, BrokenPipeError)), sender.error


@sides
@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_what_came_before_the_reset_is_delivered(pair, side, size):
    """Data and reset are both waiting when the relay looks."""
    process, client, target = pair()
    one, other = both(side, client, target)
    data = os.urandom(size)
    stop(process)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MIB)
    one.sendall(data)
    wait_for(lambda: bytes_unacknowledged(one) == 0, "the data to be in the relay's queue")
    peer_scripts.reset(one)
    process.signal(signal.SIGCONT)
    assert peer_scripts.read_to_reset(other) == data


@sides
def test_reset_reaches_one_who_does_not_read(pair, side):
    """Window full, the relay stuck with data: the reset does not queue behind them for ever."""
    process, client, target = pair()
    one, other = both(side, client, target)
    peer_scripts.fill(one)
    wait_idle(process.pid)
    peer_scripts.reset(one)
    assert peer_scripts.sees_reset(other, SOON)


@sides
def test_reset_reaches_one_who_is_not_read(pair, side):
    """The one who resets had not read: the other's data wait in the relay, and it is told nevertheless."""
    process, client, target = pair()
    one, other = both(side, client, target)
    peer_scripts.fill(other)
    wait_idle(process.pid)
    peer_scripts.reset(one)
    assert peer_scripts.sees_reset(other, SOON)


@sides
def test_reset_while_both_ways_are_full(pair, side):
    process, client, target = pair()
    one, other = both(side, client, target)
    peer_scripts.fill(one)
    peer_scripts.fill(other)
    wait_idle(process.pid)
    peer_scripts.reset(one)
    assert peer_scripts.sees_reset(other, SOON)


@sides
def test_reset_after_the_others_end(pair, side):
    """The one that is reset had ended its own way before."""
    process, client, target = pair()
    one, other = both(side, client, target)
    other.shutdown(socket.SHUT_WR)
    assert one.recv(1) == b""
    wait_idle(process.pid)
    peer_scripts.reset(one)
    assert peer_scripts.sees_reset(other, SOON)


@sides
def test_close_after_an_end_with_data_on_the_way(pair, side):
    """close(): what comes now meets a socket that is gone, and its sender is told by a reset."""
    process, client, target = pair()
    one, other = both(side, client, target)
    one.close()
    assert other.recv(1) == b""
    wait_idle(process.pid)
    other.sendall(b"nobody is there any more")
    assert peer_scripts.sees_reset(other, SOON)


@sides
def test_closed_with_unread_data(pair, side):
    """close() of a socket with unread data resets (RFC 2525, 2.17)."""
    process, client, target = pair()
    one, other = both(side, client, target)
    other.sendall(b"never read")
    wait_for(lambda: bytes_unacknowledged(other) == 0, "the data to be taken")
    wait_idle(process.pid)
    one.close()
    assert peer_scripts.sees_reset(other, SOON)


def test_reset_of_one_session_is_no_affair_of_the_others(sockt, peers):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port)
    kept, lost = peers.connect(process.port), peers.connect(process.port)
    for sock in (kept, lost):
        sock.sendall(b"1")
        assert sock.recv(1) == b"1"
    peer_scripts.reset(lost)
    kept.sendall(b"still here")
    assert peer_scripts.read_exactly(kept, 10) == b"still here"


# A target that cannot be had: never an empty reply

def test_refused_target_resets_the_client(sockt, peers):
    process = sockt.relay(peers.refused_port())
    for _ in range(3):
        assert peers.is_reset(process.port, b"GET / HTTP/1.0\r\n\r\n")
    said = process.err.until(b"ECONNREFUSED")
    assert said.count(b"ECONNREFUSED") == 1, said
    assert process.is_running


def test_target_that_does_not_answer_resets_the_client(sockt, peers, trace):
    """Its accept queue is full: the SYN gets no answer."""
    seen = trace()
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname())
    process = sockt.relay(listening.getsockname()[1], "-w", "300ms", *seen.options)
    client = peers.connect(process.port)
    assert peer_scripts.read_to_reset(client) == b""
    process.err.until(b"--connect-timeout")
    assert wait_for(lambda: seen.events("end"), "the summary")[0]["ended_by"] == "connect-timeout"
    assert process.is_running


@pytest.mark.netns
def test_name_that_is_not_known_resets_the_client(sockt, netns, tmp_path):
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files\n")
    netns.replace_file("/etc/hosts", tmp_path / "hosts")
    netns.replace_file("/etc/nsswitch.conf", tmp_path / "nsswitch.conf")
    process = sockt.relay("tcp:no.such.host:80", prefix=netns.prefix)
    with netns.socket() as client:
        try:
            client.connect(("127.0.0.1", process.port))
            assert peer_scripts.read_to_reset(client) == b""
        except ConnectionResetError:
            pass
    process.err.until(b"no.such.host")


def test_client_that_leaves_while_the_target_is_tried(sockt, peers):
    """Nothing is left behind: the attempt is given up with its client."""
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname())
    process = sockt.relay(listening.getsockname()[1])
    wait_idle(process.pid)
    before = len(os.listdir(f"/proc/{process.pid}/fd"))
    client = peers.connect(process.port)
    wait_for(lambda: len(os.listdir(f"/proc/{process.pid}/fd")) >= before + 2, "the attempt")
    peer_scripts.reset(client)
    wait_for(lambda: len(os.listdir(f"/proc/{process.pid}/fd")) == before, "the descriptors to be closed")


def test_target_dies_and_comes_back(sockt, peers):
    listening = peers.listen()
    address = listening.getsockname()
    process = sockt.relay(address[1])
    first = peers.connect(process.port)
    target = peers.accept(listening)
    first.sendall(b"!")
    assert target.recv(1) == b"!"
    listening.close()
    peer_scripts.reset(target)
    assert peer_scripts.read_to_reset(first) == b""
    assert peers.is_reset(process.port)
    server = peers.server(peer_scripts.echo, address)
    client = peers.connect(process.port)
    client.sendall(b"again")
    client.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(client) == b"again"
    assert len(server.connections) == 1
