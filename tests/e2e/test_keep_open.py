# SPDX-License-Identifier: GPL-3.0-or-later
"""listen -k: many clients at once."""

import hashlib
import os
import resource
import signal
import socket
import subprocess
import time

import pytest

import peers as peer_scripts
from facts import (bytes_readable, cpu_used_while_idle, open_descriptors, status_field, tcp_state, wait_for,
                   wait_idle)

ESTABLISHED = 1
MIB = 1 << 20


def join(process, peers, count):
    """count clients that are known to have been accepted."""
    socks = []
    for _ in range(count):
        sock = peers.connect(process.port)
        before = len(process.out.data)
        sock.sendall(b".")
        process.out.until(before + 1)
        socks.append(sock)
    return socks


@pytest.mark.smoke
def test_input_goes_to_every_client(sockt, peers):
    process = sockt.listen("-k")
    socks = join(process, peers, 5)
    process.write(b"to all of you\n")
    for sock in socks:
        assert peer_scripts.read_exactly(sock, 14) == b"to all of you\n"


@pytest.mark.parametrize("kind", ["unix", "unix-seqpacket"])
def test_who_has_closed_a_unix_socket_is_let_go(sockt, tmp_path, kind):
    """Nobody is left to take what standard input may still say; who has only half-closed is."""
    process = sockt.listen("-k", at=(f"{kind}:{tmp_path}/s",))
    socks = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if kind == "unix" else socket.SOCK_SEQPACKET)
             for _ in range(2)]
    for number, sock in enumerate(socks):
        sock.connect(str(tmp_path / "s"))
        sock.sendall(b"%d\n" % number)
        process.out.until(b"%d\n" % number)
    both = len(open_descriptors(process.pid))
    socks[0].shutdown(socket.SHUT_WR)
    socks[1].close()
    wait_for(lambda: len(open_descriptors(process.pid)) == both - 1, "the client that has closed to be let go")
    process.write(b"still there?\n")
    assert socks[0].recv(100) == b"still there?\n"
    socks[0].close()
    process.signal(signal.SIGTERM)
    assert process.wait() == 143


@pytest.mark.parametrize("options, want", [
    ((), [("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 30), ("SO_KEEPALIVE", 1)]),
    (("--broker",), [("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 30), ("SO_KEEPALIVE", 1)]),
    (("--keepalive=40",), [("TCP_KEEPIDLE", 40), ("SO_KEEPALIVE", 1)]),
    (("--keepalive=off",), [("SO_KEEPALIVE", 0)]),
])
def test_who_has_ended_is_asked_whether_it_is_there(sockt, peers, trace, options, want):
    """Once, unless somebody has said when; a client that goes on sending is not."""
    seen = trace(2)
    process = sockt.listen("-k", *options, *seen.options)
    sock, other = peers.connect(process.port), peers.connect(process.port)
    for one in (other, sock):
        one.sendall(b".")
    wait_for(lambda: [event["result"] for event in seen.events("recv")].count(1) == 2, "what both have sent")
    sock.shutdown(socket.SHUT_WR)
    fd = wait_for(lambda: [event["fd"] for event in seen.events("recv") if event["result"] == 0], "the end")[0]

    def asked(fd):
        return [(event["args"]["optname"], event["args"]["optval"]) for event in seen.events("setsockopt")
                if event["fd"] == fd and "KEEP" in event["args"]["optname"]]
    wait_for(lambda: asked(fd) == want, "the options")
    if options == ():
        process.write(b"you still hear me")
        assert peer_scripts.read_exactly(sock, 17) == b"you still hear me"
        assert asked(fd) == want
    process.signal(signal.SIGTERM)
    assert process.wait() == 143
    (other_fd,) = {event["fd"] for event in seen.events("recv")} - {fd}
    assert asked(fd) == want and asked(other_fd) == (want if "--keepalive" in str(options) else [])


@pytest.mark.waits
def test_who_has_closed_is_let_go_though_nothing_is_sent(sockt, netns, trace):
    """Its host has forgotten the connection after a minute, here a second, and answers with RST: nothing is lost."""
    netns.sysctl("net.ipv4.tcp_fin_timeout", 1)
    seen = trace(2)
    process = sockt.listen("-k", "-v", "--keepalive=1", "--sockopt", "TCP_KEEPINTVL=1", *seen.options,
                           prefix=netns.prefix)
    sockt.run("connect", "--send-only", "127.0.0.1", process.port, input=b"hello", prefix=netns.prefix).expect(0)
    process.out.until(b"hello")
    process.err.until(b"the peer ended (--keep-open)")
    wait_for(lambda: [event["ended_by"] for event in seen.events("end")] == ["remote-ended"], "the event")
    process.signal(signal.SIGTERM)
    assert process.wait() == 143


def test_who_resets_behind_its_end_has_reset(sockt, peers, trace):
    """What it was sent it has not read."""
    seen = trace(2)
    process = sockt.listen("-k", *seen.options)
    sock = join(process, peers, 1)[0]
    process.write(b"for you")
    wait_for(lambda: bytes_readable(sock) == 7, "what is sent")
    sock.shutdown(socket.SHUT_WR)
    wait_for(lambda: [event for event in seen.events("recv") if event["result"] == 0], "its end")
    sock.close()
    wait_for(lambda: [event["ended_by"] for event in seen.events("end")] == ["reset"], "the event")


def test_what_arrives_is_merged(sockt, peers):
    process = sockt.listen("-k")
    socks = join(process, peers, 3)
    for number, sock in enumerate(socks):
        sock.sendall(b"from %d\n" % number)
        process.out.until(b"from %d\n" % number)
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"...from 0\nfrom 1\nfrom 2\n")


def test_clients_come_and_go(sockt, peers):
    process = sockt.listen("-k")
    for number in range(20):
        sock = peers.connect(process.port)
        sock.sendall(b"%02d" % number)
        process.out.until(2 * (number + 1))
        if number % 3 == 0:
            peer_scripts.reset(sock)
        else:
            sock.close()
    wait_idle(process.pid)
    assert process.is_running
    assert bytes(process.out.data) == b"".join(b"%02d" % number for number in range(20))


def test_output_stays_open_when_clients_end(sockt, peers):
    process = sockt.listen("-k")
    join(process, peers, 1)[0].close()
    wait_idle(process.pid)
    assert not process.out.is_ended
    join(process, peers, 1)


def test_no_descriptor_is_lost(sockt, peers):
    process = sockt.listen("-k")
    process.close_stdin()
    join(process, peers, 1)[0].close()
    wait_idle(process.pid)
    before = open_descriptors(process.pid)
    for number in range(30):
        sock = join(process, peers, 1)[0]
        if number % 2:
            peer_scripts.reset(sock)
        else:
            sock.close()
    wait_idle(process.pid)
    assert len(open_descriptors(process.pid)) == len(before)


def test_input_is_not_read_while_nobody_is_there(sockt, peers):
    process = sockt.listen("-k")
    process.write(b"for the first\n")
    wait_idle(process.pid)
    assert bytes_readable(process.popen.stdin) == 14
    sock = peers.connect(process.port)
    assert peer_scripts.read_exactly(sock, 14) == b"for the first\n"
    sock.close()
    wait_idle(process.pid)
    process.write(b"for the next\n")
    wait_idle(process.pid)
    if bytes_readable(process.popen.stdin) == 13:
        assert peer_scripts.read_exactly(peers.connect(process.port), 13) == b"for the next\n"
    else:
        # The client's own end leaves it a receiver while standard input is open: it may have been
        # sent there.
        assert process.is_running


def test_end_of_input_half_closes_nobody(sockt, peers):
    process = sockt.listen("-k")
    sock = join(process, peers, 1)[0]
    process.close_stdin()
    wait_idle(process.pid)
    assert tcp_state(sock) == ESTABLISHED
    sock.sendall(b"still talking")
    process.out.until(b"still talking")


def test_client_that_ends_after_the_input_is_closed(sockt, peers):
    process = sockt.listen("-k")
    sock = join(process, peers, 1)[0]
    process.write(b"queued for you")
    process.close_stdin()
    sock.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(sock) == b"queued for you"
    assert process.is_running


def test_client_that_half_closed_before_the_input_ended_is_closed_with_it(sockt, peers):
    process = sockt.listen("-k")
    sock = join(process, peers, 1)[0]
    sock.shutdown(socket.SHUT_WR)
    wait_idle(process.pid)
    process.write(b"last")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"last"


def test_client_that_half_closed_goes_on_receiving(sockt, peers):
    process = sockt.listen("-k")
    sock = join(process, peers, 1)[0]
    sock.shutdown(socket.SHUT_WR)
    wait_idle(process.pid)
    process.write(b"you still hear me")
    assert peer_scripts.read_exactly(sock, 17) == b"you still hear me"


def test_tag_names_the_client_of_each_line(sockt, peers):
    process = sockt.listen("-k", "--tag")
    first, second = peers.connect(process.port), None
    first.sendall(b"hello\nagain\n")
    process.out.until(b"[1] hello\n[1] again\n")
    second = peers.connect(process.port)
    second.sendall(b"me too\n")
    process.out.until(b"[2] me too\n")
    first.sendall(b"bye\n")
    process.out.until(b"[1] hello\n[1] again\n[2] me too\n[1] bye\n")


def test_tag_of_a_line_that_comes_in_pieces(sockt, peers):
    process = sockt.listen("-k", "--tag")
    sock = peers.connect(process.port)
    for piece in (b"one ", b"line", b"\nnext\n"):
        sock.sendall(piece)
        wait_idle(process.pid)
    process.out.until(b"[1] one line\n[1] next\n")
    assert bytes(process.out.data).count(b"[1] ") == 2


def test_further_clients_wait_in_the_queue(sockt, peers):
    process = sockt.listen("-k", "-m", "1")
    process.close_stdin()
    first, second = join(process, peers, 1)[0], peers.connect(process.port)
    second.sendall(b"second")
    wait_idle(process.pid)
    assert b"second" not in process.out.data
    first.sendall(b"first")
    process.out.until(b"first")
    first.close()
    process.out.until(b"firstsecond")


def test_max_conns_by_its_long_name(sockt, peers):
    process = sockt.listen("--keep-open", "--max-conns", "2")
    join(process, peers, 2)
    peers.connect(process.port).sendall(b"third")
    wait_idle(process.pid)
    assert b"third" not in process.out.data


@pytest.mark.parametrize("backlog", [0, 7])
def test_backlog_reaches_the_kernel(sockt, need, backlog):
    process = sockt.listen("-k", "--backlog", str(backlog))
    shown = subprocess.run([need("ss"), "-Hltn", f"sport = :{process.port}"], capture_output=True,
                           text=True, timeout=20, check=True).stdout.split()
    assert shown[2] == str(backlog), shown


def test_default_backlog_is_128(sockt, trace):
    seen = trace()
    sockt.listen(*seen.options)
    wait_for(lambda: seen.events("listen"), "the listen event")
    assert seen.events("listen")[0]["args"]["backlog"] == 128


def test_without_k_others_are_refused(sockt, peers):
    process = sockt.listen()
    sock = join(process, peers, 1)[0]
    with pytest.raises(ConnectionRefusedError):
        peers.connect(process.port)
    sock.close()
    process.close_stdin()
    process.finish().expect(0, b".")


def take_while_it_comes(sock, quiet=0.3):
    """What comes until nothing has come for a while."""
    pieces, end = [], time.monotonic() + quiet
    sock.settimeout(quiet)
    while time.monotonic() < end:
        try:
            piece = sock.recv(1 << 20)
        except TimeoutError:
            break
        if not piece:
            break
        pieces.append(piece)
        end = time.monotonic() + quiet
    sock.settimeout(20)
    return b"".join(pieces)


def test_slow_client_holds_the_input_back(sockt, peers):
    """With at most 1 MiB queued; nothing is lost."""
    data = bytes(range(256)) * (64 * 1024)  # 16 MiB
    process = sockt.listen("-k")
    fast, slow = join(process, peers, 2)
    process.feed(data)
    got_fast = take_while_it_comes(fast)
    assert len(got_fast) < len(data), "the slow client does not hold anything back"
    wait_idle(process.pid)
    got_fast += take_while_it_comes(fast)
    process.signal(signal.SIGSTOP)
    got_slow = take_while_it_comes(slow)
    queued = len(got_fast) - len(got_slow)
    assert queued <= MIB + 65536, f"{queued} bytes are queued for the slow client"
    process.signal(signal.SIGCONT)
    got_slow += peer_scripts.read_exactly(slow, 4096)
    for sock, got in ((fast, got_fast), (slow, got_slow)):
        sock.settimeout(0.01)
    box = {fast: bytearray(got_fast), slow: bytearray(got_slow)}

    def all_there():
        for sock, got in box.items():
            try:
                got += sock.recv(1 << 20)
            except TimeoutError:
                pass
        return all(len(got) == len(data) for got in box.values())
    wait_for(all_there, "all data at both clients")
    for got in box.values():
        assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()


def test_one_who_has_got_his_limit_holds_nothing_back(sockt, peers):
    """Nor is anything read for him that a later client could have."""
    process = sockt.listen("-k", "--limit", "5")
    first = peers.connect(process.port)
    process.write(b"first")
    assert peer_scripts.read_all(first) == b"first"
    process.feed(b"next." * MIB, close=False)
    wait_idle(process.pid)
    assert peer_scripts.read_all(peers.connect(process.port)) == b"next."


def test_slow_drop_lets_the_slow_one_go(sockt, peers):
    data = b"d" * (32 * MIB)
    process = sockt.listen("-k", "--slow", "drop")
    fast, _slow = join(process, peers, 2)
    process.feed(data, close=False)
    assert len(peer_scripts.read_exactly(fast, len(data))) == len(data)
    assert process.is_running


def test_output_that_nobody_drains_stops_no_input(sockt, peers):
    """Receiving stops, sending goes on."""
    reader, writer = os.pipe()
    process = sockt.listen("-k", stdout=writer)
    os.close(writer)
    sock = peers.connect(process.port)
    sock.setblocking(False)
    wait_for(lambda: _stuck(sock), "the way to the output to be full")
    process.write(b"this way is free")
    sock.settimeout(20)
    assert peer_scripts.read_exactly(sock, 16) == b"this way is free"
    os.close(reader)


def _stuck(sock):
    """Send until there is no room for 0.1 s."""
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        try:
            sock.send(b"f" * 65536)
            return False
        except BlockingIOError:
            continue
    return True


@pytest.mark.timing
def test_out_of_descriptors_for_real(sockt, peers):
    """Stops accepting, says so once, does not spin, and goes on when one is free."""
    process = sockt.listen("-k", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (16, 16)))
    process.close_stdin()
    socks = []
    for number in range(20):
        sock = peers.connect(process.port)
        sock.sendall(b"%02d" % number)
        socks.append(sock)
    wait_idle(process.pid)
    served = len(process.out.data) // 2
    assert 0 < served < 20
    assert cpu_used_while_idle(process.pid, 0.4) < 0.02
    for sock in socks:
        sock.close()
    wait_for(lambda: len(process.out.data) == 40, "the others to be served")
    said = bytes(process.err.data)
    assert said.count(b"EMFILE") == 1, said


def test_recv_only_leaves_the_input_alone(sockt, peers):
    """Standard input is somebody else's then: not a byte of it is taken, and nobody is dropped for it."""
    reader, writer = os.pipe()
    os.write(writer, b"not for sockt\n")
    process = sockt.listen("-k", "--recv-only", "--slow", "drop", stdin=reader)
    join(process, peers, 3)
    wait_idle(process.pid)
    assert bytes_readable(reader) == 14
    os.close(writer)
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"...")
    os.close(reader)


@pytest.mark.memory
def test_what_is_queued_is_bounded_for_all_together(sockt, peers):
    """A hundred clients that do not read: one ring, and no buffer for each."""
    process = sockt.listen("-k")
    join(process, peers, 100)
    process.feed(b"q" * (64 * MIB), close=False)
    wait_idle(process.pid, quiet=0.3)
    assert status_field(process.pid, "VmHWM") < 6 * 1024


def test_send_only_ends_each_client_with_the_input(sockt, peers):
    """Nobody is half-closed then: the client's session ends when all of it is acknowledged."""
    process = sockt.listen("-k", "--send-only")
    sock = peers.connect(process.port)
    process.feed(b"abc")
    assert peer_scripts.read_all(sock) == b"abc"
    assert peer_scripts.read_all(peers.connect(process.port)) == b"", "one that comes later"
    assert process.is_running


def test_quit_after_the_last_one_was_silent(sockt, peers, trace):
    """Both are left, and with the second the listener leaves: the input has ended. Our end is no lost byte."""
    seen = trace(1)
    process = sockt.listen("-k", "-q", "200ms", *seen.options)
    socks = join(process, peers, 2)
    process.close_stdin()
    for sock in socks:
        assert peer_scripts.read_all(sock) == b""
    process.finish().expect(0, b"..")
    assert {event["ended_by"] for event in seen.events("end")} == {"quit-after"}


def test_quit_after_the_last_one_has_left(sockt, peers):
    process = sockt.listen("-k", "-q", "100ms")
    sock, = join(process, peers, 1)
    process.close_stdin()
    sock.close()
    process.finish().expect(0, b".")


def test_quit_after_lets_who_comes_in_time_in(sockt, peers, trace):
    seen = trace(1)
    process = sockt.listen("-k", "-q", "1h", *seen.options)
    sock, = join(process, peers, 1)
    process.close_stdin()
    sock.close()
    wait_for(lambda: seen.events("end"), "the end of the first")
    join(process, peers, 1)
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"..")


def test_without_quit_after_it_goes_on(sockt, peers):
    process = sockt.listen("-k", stdin=subprocess.DEVNULL)
    for _ in range(2):
        sock, = join(process, peers, 1)
        sock.close()
    assert process.is_running
