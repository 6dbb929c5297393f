# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt relay --fault: every kind, alone and together with ends, resets and time limits, and what the trace says."""

import hashlib
import json
import os
import signal
import socket
import statistics
import threading
import time
from pathlib import Path

import pytest

import peers as peer_scripts
import trace as traces
from facts import SCALE, VARIANT, cpu_used_while_idle, open_descriptors, status_field, wait_for, wait_idle

sides = pytest.mark.parametrize("side", ["client", "target"])
KIB, MIB = 1 << 10, 1 << 20
# How much longer than asked for something may take on a machine that does other things too.
LATE = 2.0 * SCALE
# Where nothing is to be waited for.
SOON = 2.0 * SCALE


def both(side, client, target):
    """(the one that sends, the one that receives, the direction)"""
    return (client, target, "up") if side == "client" else (target, client, "down")


def digest(data):
    return hashlib.sha256(data).hexdigest()


def faults(seen, kind=None):
    """The fault events so far, or those of one kind."""
    return [event for event in seen.events("fault") if kind in (None, event["fault"])]


def all_faults(seen, kind):
    """Those of one kind, when the session is over and everything is told."""
    wait_for(lambda: seen.events("end"), "the summary")
    return faults(seen, kind)


def is_silent(sock, seconds):
    """Does nothing come from sock, no data, no end, no reset, for so long?"""
    before, sock_timeout = time.monotonic(), sock.gettimeout()
    sock.settimeout(seconds)
    try:
        sock.recv(1)
    except TimeoutError:
        return time.monotonic() - before >= seconds * 0.9
    finally:
        sock.settimeout(sock_timeout)
    return False


# Nothing is lost, nothing changes places

@pytest.mark.parametrize("fault", [
    "latency=30ms", "latency=10ms,jitter=10ms", "jitter=5ms", "rate=10M", "slice=1000", "slow-close=100ms",
    "rate=20M,latency=20ms,jitter=10ms,slice=4099", "limit=1G", "reset=1G", "stall=1G", "reset=1h,stall=1h",
    "share=0.5,latency=50ms",
])
def test_checksums(pair, fault):
    """Both directions at once, a megabyte and a bit, ended one after the other."""
    _, client, target = pair("--fault", fault)
    up, down = os.urandom(MIB + 7), os.urandom(MIB + 1)
    senders = [peer_scripts.Sender(client, up), peer_scripts.Sender(target, down)]
    got = {}
    reader = threading.Thread(target=lambda: got.update(up=peer_scripts.read_all(target)), daemon=True)
    reader.start()
    assert digest(peer_scripts.read_all(client)) == digest(down)
    for thread in (*senders, reader):
        thread.join(20 * SCALE)
    assert digest(got["up"]) == digest(up)


@pytest.mark.prompt
@sides
def test_only_one_direction(pair, side):
    client_fault = "up" if side == "client" else "down"
    _, client, target = pair("--fault", f"{client_fault}:latency=400ms")
    one, other, _ = both(side, client, target)
    begin = time.monotonic()
    other.sendall(b"back")
    assert peer_scripts.read_exactly(one, 4) == b"back"
    assert time.monotonic() - begin < 0.3 * SCALE
    begin = time.monotonic()
    one.sendall(b"forth")
    assert peer_scripts.read_exactly(other, 5) == b"forth"
    assert time.monotonic() - begin >= 0.4


def test_later_entries_count(pair):
    _, client, target = pair("--fault", "latency=1h", "--fault", "latency=50ms")
    client.sendall(b"x")
    assert target.recv(1) == b"x"


# Latency

def ping(client, target):
    """Seconds that a byte takes there and back."""
    begin = time.monotonic()
    client.sendall(b"p")
    assert target.recv(1) == b"p"
    target.sendall(b"q")
    assert client.recv(1) == b"q"
    return time.monotonic() - begin


@pytest.mark.timing
def test_latency_is_precise(pair):
    """Both ways: twice 20 ms."""
    _, client, target = pair("--fault", "latency=20ms")
    for sock in (client, target):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times = sorted(ping(client, target) for _ in range(40))
    assert times[0] >= 0.0399
    # What the machine adds it does not add to all.
    assert times[0] < 0.042 and times[10] < 0.06


@pytest.mark.timing
def test_jitter_spreads(pair):
    _, client, target = pair("--fault", "up:latency=20ms,jitter=15ms")
    times = [ping(client, target) for _ in range(60)]
    assert min(times) >= 0.0049
    assert min(times) < 0.015 and max(times) > 0.025
    assert statistics.mean(times) > 0.015 and statistics.median(times) < 0.03


@pytest.mark.timing
def test_latency_does_not_limit_throughput(pair):
    """A delay line: 20 MB are there as soon as their last byte has waited."""
    _, client, target = pair("--fault", "up:latency=200ms")
    data = os.urandom(20_000_000)
    begin = time.monotonic()
    peer_scripts.Sender(client, data)
    assert digest(peer_scripts.read_all(target)) == digest(data)
    assert 0.2 <= time.monotonic() - begin < 1.5


@pytest.mark.memory
def test_a_delay_line_is_bounded(pair):
    """64 MiB and what the kernel holds, then the sender waits; whoever reads nothing changes nothing of that."""
    kernel = sum(int(Path(f"/proc/sys/net/ipv4/tcp_{way}mem").read_text(encoding="ascii").split()[2]) for way in "rw")
    process, client, _ = pair("--fault", "up:latency=1h")
    before = status_field(process.pid, "VmRSS")
    sent = peer_scripts.fill(client, quiet=0.5)
    assert 60 * MIB < sent < 65 * MIB + kernel
    assert status_field(process.pid, "VmRSS") - before < 70 * KIB


@sides
def test_end_waits_its_turn(pair, side):
    _, client, target = pair("--fault", "latency=300ms")
    one, other, _ = both(side, client, target)
    begin = time.monotonic()
    one.sendall(b"last words")
    one.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(other) == b"last words"
    assert 0.3 <= time.monotonic() - begin < 0.3 + LATE
    other.sendall(b"the other way is open")
    assert peer_scripts.read_exactly(one, 21) == b"the other way is open"
    other.shutdown(socket.SHUT_WR)
    assert one.recv(1) == b""


def test_reset_waits_its_turn_before_there_is_a_target(sockt, peers):
    """A client that has reset before the target is reached: its bytes and its reset are late all the same."""
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--fault", "latency=300ms")
    begin = time.monotonic()
    process.signal(signal.SIGSTOP)
    client = peers.connect(process.port)
    client.sendall(b"x" * 1000)
    peer_scripts.reset(client)
    process.signal(signal.SIGCONT)
    assert peer_scripts.read_to_reset(peers.accept(listening)) == b"x" * 1000
    assert time.monotonic() - begin >= 0.3


@sides
def test_reset_waits_its_turn(pair, side):
    """Longer than a reset is let wait for who does not read: what a fault holds back is on its way."""
    process, client, target = pair("--fault", "latency=700ms")
    one, other, _ = both(side, client, target)
    begin = time.monotonic()
    one.sendall(b"last words")
    wait_idle(process.pid)
    peer_scripts.reset(one)
    assert peer_scripts.read_to_reset(other) == b"last words"
    assert 0.7 <= time.monotonic() - begin < 0.7 + 0.7 + LATE


@sides
def test_reset_of_an_idle_connection_waits(pair, side):
    process, client, target = pair("--fault", "latency=300ms")
    one, other, _ = both(side, client, target)
    wait_idle(process.pid)
    begin = time.monotonic()
    peer_scripts.reset(one)
    assert peer_scripts.read_to_reset(other) == b""
    assert 0.3 <= time.monotonic() - begin < 0.3 + LATE


@pytest.mark.prompt
def test_held_data_are_not_idle(pair):
    """The idle limit does not run out while something is on its way."""
    _, client, target = pair("--fault", "latency=900ms", "--idle-timeout", "400ms")
    client.sendall(b"slow")
    assert peer_scripts.read_exactly(target, 4) == b"slow"
    assert peer_scripts.sees_reset(client, 5 * SCALE)


# Rate and slices

def count_for(sock, seconds):
    """How many bytes come from sock in so long."""
    end, count = time.monotonic() + seconds, 0
    sock.settimeout(0.02)
    while time.monotonic() < end:
        try:
            count += len(sock.recv(1 << 20))
        except TimeoutError:
            pass
    return count


@pytest.mark.waits
@pytest.mark.timing
@pytest.mark.parametrize("rate, text", [(4 * KIB, "4k"), (MIB, "1M"), (50 * MIB, "50M")])
def test_rate(pair, rate, text):
    _, client, target = pair("--fault", f"up:rate={text}")
    client.setblocking(True)
    threading.Thread(target=flood, args=(client,), daemon=True).start()
    target.recv(1)
    count = count_for(target, 2.0)
    assert abs(count / (2.0 * rate) - 1) < 0.06


def flood(sock):
    """Send until the connection is gone."""
    try:
        while True:
            sock.sendall(b"r" * 65536)
    except OSError:
        pass


@pytest.mark.timing
def test_rate_has_no_burst(pair):
    """After silence as at the start: 500 bytes take half a second at 1000 a second."""
    _, client, target = pair("--fault", "up:rate=1000")
    for _ in range(2):
        begin = time.monotonic()
        client.sendall(b"b" * 500)
        assert peer_scripts.read_exactly(target, 500) == b"b" * 500
        assert 0.45 < time.monotonic() - begin < 0.6


@sides
def test_slice(pair, trace, side):
    """One send each."""
    seen = trace(2)
    process, client, target = pair("--fault", "slice=100", *seen.options)
    one, other, way = both(side, client, target)
    one.sendall(os.urandom(2050))
    one.shutdown(socket.SHUT_WR)
    assert len(peer_scripts.read_all(other)) == 2050
    other.close()
    told = all_faults(seen, "slice")
    wait_for(lambda: len(seen.events("send")) > len(told), "the last send in the trace")
    assert [event["result"] for event in seen.events("send")] == [100] * 20 + [50]
    assert len(told) == 20 and {event["direction"] for event in told} == {way}
    assert process.is_running


# Limit

@sides
@pytest.mark.parametrize("limit", [0, 1, 1000, 300_000])
def test_limit(pair, trace, side, limit):
    """Exactly so many bytes, then an end on both sides, though the sender goes on for a while."""
    seen = trace(2)
    way = "up" if side == "client" else "down"
    _, client, target = pair("--fault", f"{way}:limit={limit}", *seen.options)
    one, other, _ = both(side, client, target)
    data = os.urandom(limit + 200_000)
    peer_scripts.Sender(one, data, shut=False)
    assert digest(peer_scripts.read_all(other)) == digest(data[:limit])
    assert peer_scripts.read_all(one) == b""
    one.close()
    other.close()
    end = wait_for(lambda: seen.events("end"), "the summary")[0]
    assert end["ended_by"] == "limit"
    told = faults(seen, "limit")
    assert [(event["direction"], event.get("bytes", 0)) for event in told] == [(way, limit)]


def test_limit_is_no_reset_for_who_sends_on(pair, trace):
    """Both get their end at once; what is still sent is thrown away, and it is over when both have ended."""
    seen = trace(1)
    begin = time.monotonic()
    _, client, target = pair("--fault", "up:limit=5", *seen.options)
    client.sendall(b"0123456789")
    assert peer_scripts.read_all(target) == b"01234"
    assert peer_scripts.read_all(client) == b""
    assert time.monotonic() - begin < SOON
    for _ in range(3):
        client.sendall(b"nobody " * 10_000)
        target.sendall(b"reads " * 10_000)
        assert not peer_scripts.sees_reset(client, 0.1) and not peer_scripts.sees_reset(target, 0.1)
    begin = time.monotonic()
    client.close()
    target.close()
    wait_for(lambda: seen.events("end"), "the summary")
    assert time.monotonic() - begin < SOON


@pytest.mark.waits
def test_limit_does_not_wait_for_ever(pair):
    """One who never ends is not waited for."""
    process, client, target = pair("--fault", "up:limit=5")
    client.sendall(b"0123456789")
    assert peer_scripts.read_all(target) == b"01234"
    before = len(open_descriptors(process.pid))
    wait_for(lambda: len(open_descriptors(process.pid)) == before - 2, "both connections to be closed")


@pytest.mark.waits
@pytest.mark.timing
def test_limit_waits_for_who_reads_late(pair):
    """Exactly so many bytes: also for one who has read none of them for longer than an end is waited for."""
    count = 12_000_000
    process, client, target = pair("--fault", f"up:limit={count}")
    data = os.urandom(count + 10)
    peer_scripts.Sender(client, data, shut=False)
    assert not peer_scripts.sees_reset(target, 2.5)
    assert cpu_used_while_idle(process.pid, 0.3) < 0.03 * SCALE
    assert digest(peer_scripts.read_all(target)) == digest(data[:count])


def test_limit_delivers_the_other_way(pair):
    """What was on its way back arrives before the end."""
    process, client, target = pair("--fault", "up:limit=10", "--fault", "down:latency=300ms")
    target.sendall(b"on its way")
    wait_idle(process.pid)
    client.sendall(b"0123456789")
    assert peer_scripts.read_exactly(target, 11) == b"0123456789"
    assert peer_scripts.read_all(client) == b"on its way"


def test_limit_is_not_reached(pair):
    _, client, target = pair("--fault", "limit=11")
    client.sendall(b"0123456789")
    client.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(target) == b"0123456789"
    target.sendall(b"reply")
    assert peer_scripts.read_exactly(client, 5) == b"reply"


# Reset

@sides
@pytest.mark.parametrize("count", [0, 1, 1000, 300_000])
def test_reset_after_bytes(pair, trace, side, count):
    seen = trace(2)
    way = "up" if side == "client" else "down"
    _, client, target = pair("--fault", f"{way}:reset={count}", *seen.options)
    one, other, _ = both(side, client, target)
    data = os.urandom(count + 200_000)
    sender = peer_scripts.Sender(one, data, shut=False)
    assert digest(peer_scripts.read_to_reset(other)) == digest(data[:count])
    assert sender.met_reset()
    end = wait_for(lambda: seen.events("end"), "the summary")[0]
    assert end["ended_by"] == "fault"
    told = faults(seen, "reset")
    assert [(event["direction"], event.get("bytes", 0)) for event in told] == [(way, count)]


def test_reset_waits_for_who_reads_late(pair):
    """Delivered means acknowledged: what the receiver has no room for yet is not cut off."""
    count = 12_000_000
    process, client, target = pair("--fault", f"up:reset={count}")
    data = os.urandom(count)
    sender = peer_scripts.Sender(client, data, shut=False)
    assert not peer_scripts.sees_reset(target, 1.0)
    assert digest(peer_scripts.read_to_reset(target)) == digest(data)
    assert sender.met_reset()
    assert process.is_running


def test_reset_after_a_time(pair, trace):
    """An idle connection."""
    seen = trace(2)
    begin = time.monotonic()
    _, client, target = pair("--fault", "reset=400ms", *seen.options)
    assert peer_scripts.sees_reset(client) and peer_scripts.sees_reset(target)
    assert 0.4 <= time.monotonic() - begin < 0.4 + LATE
    told = all_faults(seen, "reset")
    assert len(told) == 1 and 400 <= told[0]["ms"] < 400 + LATE * 1000


@pytest.mark.parametrize("way", ["", "up:", "down:"])
@sides
def test_reset_cuts_a_half_closed_connection(pair, side, way):
    """Also where it is the way that has ended whose time has come."""
    _, client, target = pair("--fault", f"{way}reset=500ms")
    one, other, _ = both(side, client, target)
    one.shutdown(socket.SHUT_WR)
    assert other.recv(1) == b""
    assert peer_scripts.sees_reset(client) and peer_scripts.sees_reset(target)


def test_reset_with_a_reader_that_sleeps(pair):
    """A time does not wait for anybody."""
    begin = time.monotonic()
    _, client, target = pair("--fault", "reset=500ms")
    peer_scripts.Sender(client, b"x" * 30_000_000, shut=False)
    assert peer_scripts.sees_reset(target)
    assert time.monotonic() - begin < 0.5 + LATE


# Stall

@sides
@pytest.mark.parametrize("count", [0, 1000])
def test_stall_after_bytes(pair, trace, side, count):
    """Nothing more goes that way, the end neither; the other way does."""
    seen = trace(2)
    way = "up" if side == "client" else "down"
    process, client, target = pair("--fault", f"{way}:stall={count}", *seen.options)
    one, other, _ = both(side, client, target)
    one.sendall(b"s" * (count + 500))
    one.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_exactly(other, count) == b"s" * count
    assert is_silent(other, 0.4)
    other.sendall(b"this way is open")
    assert peer_scripts.read_exactly(one, 16) == b"this way is open"
    told = wait_for(lambda: faults(seen, "stall"), "the event")
    assert [event["direction"] for event in told] == [way]
    assert process.is_running


@pytest.mark.prompt
def test_stall_after_a_time(pair, trace):
    seen = trace(2)
    _, client, target = pair("--fault", "stall=300ms", *seen.options)
    client.sendall(b"early")
    assert peer_scripts.read_exactly(target, 5) == b"early"
    wait_for(lambda: len(faults(seen, "stall")) == 2, "both directions to stall")
    client.sendall(b"late")
    assert is_silent(target, 0.4)


@sides
def test_stall_passes_a_reset(pair, side):
    _, client, target = pair("--fault", "stall=0")
    one, other, _ = both(side, client, target)
    peer_scripts.reset(one)
    assert peer_scripts.read_to_reset(other) == b""


def test_stall_of_what_is_reset_at_once(sockt, peers):
    """The target resets before anybody has looked at the connection."""
    server = peers.server(peer_scripts.reset)
    process = sockt.relay(server.port, "--fault", "stall=0")
    assert all(peers.is_reset(process.port) for _ in range(30))


def test_stall_and_the_idle_limit(pair):
    _, client, target = pair("--fault", "stall=5", "--idle-timeout", "500ms")
    client.sendall(b"hello, world")
    assert peer_scripts.read_to_reset(target) == b"hello"


# Slow close

@pytest.mark.prompt
@sides
def test_slow_close(pair, trace, side):
    seen = trace(1)
    _, client, target = pair("--fault", "slow-close=400ms", *seen.options)
    one, other, way = both(side, client, target)
    begin = time.monotonic()
    one.sendall(b"data")
    one.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_exactly(other, 4) == b"data"
    assert time.monotonic() - begin < 0.3 * SCALE
    assert other.recv(1) == b""
    assert 0.4 <= time.monotonic() - begin < 0.4 + LATE
    told = wait_for(lambda: faults(seen, "slow-close"), "the event")
    assert [(event["direction"], event["ms"]) for event in told] == [(way, 400)]


# Refuse, shares, seeds

def test_refuse(sockt, peers, trace):
    """The client is reset; nobody asks the target."""
    seen, listening = trace(2), peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--fault", "refuse=1", *seen.options)
    for _ in range(5):
        assert peers.is_reset(process.port)
    listening.settimeout(0.2)
    with pytest.raises(TimeoutError):
        listening.accept()
    wait_for(lambda: len(seen.events("end")) == 5, "the summaries")
    assert not seen.events("connect")
    assert [event["session"] for event in faults(seen, "refuse")] == [1, 2, 3, 4, 5]
    assert {event["ended_by"] for event in seen.events("end")} == {"fault"}


def refused(sockt, peers, server, count, *options):
    """Which of so many clients, one after the other, are reset."""
    process = sockt.relay(server.port, *options)
    found = [not served(peers, process.port) for _ in range(count)]
    process.kill()
    return found


def served(peers, port):
    try:
        sock = peers.connect(port)
        sock.sendall(b"?")
        return sock.recv(1) == b"?"
    except (ConnectionResetError, BrokenPipeError):
        return False


@pytest.mark.parametrize("fault", ["refuse=0.5", "share=0.5,reset=0"])
def test_the_same_seed_does_the_same_again(sockt, peers, fault):
    server = peers.server(peer_scripts.echo)
    one = refused(sockt, peers, server, 40, "--fault", fault, "--seed", "11")
    assert 5 < sum(one) < 35
    assert refused(sockt, peers, server, 40, "--fault", fault, "--seed", "11") == one
    assert refused(sockt, peers, server, 40, "--fault", fault, "--seed", "12") != one


@pytest.mark.smoke
def test_the_seed_is_told(sockt, peers, trace):
    """As a line of -v and as a note, and what it was if nobody has given one."""
    seen, server = trace(1), peers.server(peer_scripts.echo)
    first = sockt.relay(server.port, "--fault", "refuse=0.5", "--seed", "42", "-v", *seen.options)
    first.err.until(b"seed 42\n")
    wait_for(lambda: "seed 42" in [event["text"] for event in seen.events("note")], "the note")
    second = sockt.relay(server.port, "--fault", "refuse=0.5", "-v")
    assert b"seed " in second.err.until(b"listen(")
    third = sockt.relay(server.port, "-v")
    assert b"seed" not in third.err.until(b"listen(")


# Command line

@pytest.mark.parametrize("fault, said", [
    ("latency=5", ['latency "5" has no unit', "5ms"]),
    ("reset=1m", ["1M", "1min"]),
    ("stall=2m", ["2M", "2min"]),
    ("rate=0", ["rate 0 is out of range"]),
    ("loss=1.5", ["loss 1.5 is out of range (0-1)"]),
    ("latnecy=1s", ['"latnecy"', "latency"]),
    ("loss=0.5", ["loss is for datagrams"]),
    ("up:refuse=1", ["refuse has no direction"]),
    ("", ["KIND=VALUE"]),
])
def test_mistakes(sockt, fault, said):
    sockt.run("relay", "--fault", fault, "9000", "localhost:80").expect(2, b"", err=["--fault", *said])


def test_stream_faults_on_datagrams_are_refused(sockt):
    sockt.run("relay", "--fault", "slice=5", "udp:9000", "udp:localhost:80").expect(
        2, b"", err=["slice is for streams"])


# Changes while it runs

class Control:
    """The control socket of a relay: ask(line) gives the answer."""

    def __init__(self, peers, path):
        self.path = str(path)
        self.options = ("--control", f"unix:{path}")
        self.peers, self.file = peers, None

    def ask(self, line):
        if self.file is None:
            self.file = self.peers.keep(self.peers.connect(self.path).makefile("rwb", buffering=0))
        self.file.write(line.encode() + b"\n")
        return json.loads(self.file.readline())


@pytest.fixture
def control(peers, tmp_path):
    return Control(peers, tmp_path / "control")


def test_open_sessions_become_slow_and_fast_again(pair, control):
    """What was held is delivered when the faults are gone, and nothing changes places."""
    process, client, target = pair(*control.options)
    client.sendall(b"a" * 200_000)
    assert peer_scripts.read_exactly(target, 200_000) == b"a" * 200_000
    assert control.ask("fault up:latency=1h")["ok"]
    client.sendall(b"b" * 200_000)
    client.shutdown(socket.SHUT_WR)
    wait_idle(process.pid)
    assert is_silent(target, 0.2)
    target.sendall(b"the other way is as it was")
    assert peer_scripts.read_exactly(client, 26) == b"the other way is as it was"
    assert control.ask("fault clear")["ok"]
    assert peer_scripts.read_all(target) == b"b" * 200_000
    target.sendall(b"end")
    target.close()
    assert peer_scripts.read_all(client) == b"end"


def test_a_stall_that_is_taken_back(pair, control):
    process, client, target = pair("--fault", "stall=3", *control.options)
    client.sendall(b"abcdef")
    assert peer_scripts.read_exactly(target, 3) == b"abc"
    assert is_silent(target, 0.2)
    assert control.ask("fault clear")["ok"]
    assert peer_scripts.read_exactly(target, 3) == b"def"
    assert process.is_running


def test_faults_come_in_the_middle_of_a_transfer(pair, control):
    """From splicing to the line and back, again and again, with a checksum of all."""
    _, client, target = pair(*control.options)
    data, got = os.urandom(30_000_000), {}
    reader = threading.Thread(target=lambda: got.update(up=peer_scripts.read_all(target)), daemon=True)
    reader.start()
    sender = peer_scripts.Sender(client, data)
    while sender.is_alive():
        assert control.ask("fault up:latency=5ms,jitter=5ms,slice=5000")["ok"]
        assert control.ask("fault clear")["ok"]
    reader.join(20 * SCALE)
    assert sender.error is None
    assert digest(got["up"]) == digest(data)


def test_what_was_read_before_comes_first(pair, control):
    """A target that does not read: the relay holds some, and then everything else is to go through the line."""
    process, client, target = pair(*control.options)
    data = os.urandom(12_000_000)
    sender = peer_scripts.Sender(client, data)
    wait_idle(process.pid)
    assert control.ask("fault up:latency=20ms,slice=9000")["ok"]
    assert digest(peer_scripts.read_all(target)) == digest(data)
    assert sender.error is None


def test_splicing_without_faults(sockt, peers, control, trace, tmp_path):
    """Before the first fault, and after the last one; not between them. (Unix sockets: nothing there paces.)"""
    seen, at, to = trace(2), tmp_path / "from", tmp_path / "to"
    listening = peers.listen(str(to), socket.AF_UNIX)
    process = sockt.relay(f"unix:{to}", "--preview", "0", *control.options, *seen.options, at=f"unix:{at}")
    client = peers.connect(str(at))
    target = peers.accept(listening)

    def is_spliced():
        before = len(seen.events("splice"))
        peer_scripts.Sender(client, bytes(4_000_000), shut=False)
        peer_scripts.read_exactly(target, 4_000_000)
        wait_idle(process.pid)
        return len(seen.events("splice")) > before

    assert is_spliced()
    assert control.ask("fault up:latency=1ms")["ok"]
    assert not is_spliced()
    assert control.ask("fault clear")["ok"]
    assert is_spliced()


@pytest.mark.parametrize("fault", ["reset=0", "reset=100ms", "down:reset=0"])
def test_idle_open_sessions_are_reset(pair, control, fault):
    _, client, target = pair(*control.options)
    client.sendall(b"x")
    assert target.recv(1) == b"x"
    assert control.ask(f"fault {fault}")["ok"]
    assert peer_scripts.sees_reset(client) and peer_scripts.sees_reset(target)


@pytest.mark.waits
def test_kick_does_not_wait_for_a_fault(pair, control):
    """What the fault holds back is lost, and no clean end hides that."""
    process, client, target = pair("--fault", "latency=1h", *control.options)
    client.sendall(b"late")
    wait_idle(process.pid)
    assert control.ask("kick 1")["ok"]
    assert peer_scripts.sees_reset(target) and peer_scripts.sees_reset(client)


def test_a_limit_counts_from_when_it_is_set(pair, control):
    _, client, target = pair(*control.options)
    client.sendall(b"before")
    assert peer_scripts.read_exactly(target, 6) == b"before"
    assert control.ask("fault up:limit=5")["ok"]
    client.sendall(b"0123456789")
    assert peer_scripts.read_exactly(target, 6) == b"01234"
    assert client.recv(1) == b""


# Messages

@pytest.fixture
def messages(sockt, peers, tmp_path):
    """messages(*options): a relay of messages with both ends of its session. Returns (client, target)."""
    def make(*options):
        at, to = tmp_path / "from", tmp_path / "to"
        listening = peers.listen(str(to), socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sockt.relay(f"unix-seqpacket:{to}", *options, at=f"unix-seqpacket:{at}")
        client = peers.connect(str(at), kind=socket.SOCK_SEQPACKET)
        return client, peers.accept(listening)
    return make


def exchange(client, target, count):
    """Send so many numbered messages, one at a time, then end; returns what came of them."""
    def send():
        for number in range(count):
            client.send(number.to_bytes(4, "big") * 2)
        client.shutdown(socket.SHUT_WR)

    threading.Thread(target=send, daemon=True).start()
    got = []
    while piece := target.recv(1000):
        got.append(piece)
    target.close()
    return got


def numbers(got):
    return [int.from_bytes(piece[:4], "big") for piece in got]


def test_messages_are_lost(messages, trace):
    seen = trace(2)
    got = exchange(*messages("--fault", "loss=0.2", "--seed", "1", *seen.options), 1000)
    assert 730 < len(got) < 870 and numbers(got) == sorted(numbers(got))
    assert len(all_faults(seen, "loss")) == 1000 - len(got)


def test_messages_come_twice(messages, trace):
    seen = trace(2)
    got = exchange(*messages("--fault", "duplicate=0.2", "--seed", "1", *seen.options), 1000)
    assert 1130 < len(got) < 1270 and sorted(set(numbers(got))) == list(range(1000))
    assert len(all_faults(seen, "duplicate")) == len(got) - 1000


def test_messages_change_places(messages, trace):
    seen = trace(2)
    got = exchange(*messages("--fault", "reorder=0.2", "--seed", "1", *seen.options), 1000)
    assert sorted(numbers(got)) == list(range(1000)) and numbers(got) != list(range(1000))
    moved = sum(one > other for one, other in zip(numbers(got), numbers(got)[1:]))
    assert 100 < moved == len(all_faults(seen, "reorder"))


def test_messages_are_damaged(messages, trace):
    seen = trace(2)
    got = exchange(*messages("--fault", "corrupt=0.2", "--seed", "1", *seen.options), 1000)
    assert len(got) == 1000
    bits = [bin(int.from_bytes(piece, "big") ^ int.from_bytes(number.to_bytes(4, "big") * 2, "big")).count("1")
            for number, piece in enumerate(got)]
    assert set(bits) == {0, 1} and 130 < sum(bits) < 270
    assert len(all_faults(seen, "corrupt")) == sum(bits)


def test_each_session_has_its_own_chance(sockt, peers, tmp_path):
    """Not the same messages of each are lost; with the same seed, the same again."""
    def run(name, seed):
        at, to = tmp_path / f"{name}-from", tmp_path / f"{name}-to"
        listening = peers.listen(str(to), socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sockt.relay(f"unix-seqpacket:{to}", "--fault", "loss=0.5", "--seed", seed, at=f"unix-seqpacket:{at}")
        lost = []
        for _ in range(2):
            client = peers.connect(str(at), kind=socket.SOCK_SEQPACKET)
            lost.append(numbers(exchange(client, peers.accept(listening), 100)))
        return lost

    one = run("one", "3")
    assert one[0] != one[1]
    assert run("two", "3") == one
    assert run("three", "4") != one


def test_messages_keep_their_boundaries(messages):
    client, target = messages("--fault", "latency=50ms,jitter=50ms,rate=10M")
    for size in (1, 60_000, 3, 1000):
        client.send(b"m" * size)
    assert [len(target.recv(100_000)) for _ in range(4)] == [1, 60_000, 3, 1000]


# Datagrams

@pytest.fixture
def datagrams(sockt, peers):
    """datagrams(*options): a relay of datagrams. Returns (client, target)."""
    def make(*options):
        target = peers.udp()
        process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", *options, at="udp:127.0.0.1:0")
        client = peers.udp()
        client.connect(("127.0.0.1", process.port))
        return client, target
    return make


def number_of(piece):
    return int.from_bytes(piece[:4], "big")


def arrivals(client, target, count):
    """Send so many numbered datagrams, none far ahead of those that come; returns their numbers as they came."""
    got = []
    target.settimeout(0.3 * SCALE)
    for number in range(count):
        client.send(number.to_bytes(4, "big"))
        try:
            while number % 10 == 9 or number == count - 1:
                got.append(number_of(target.recv(100)))
                if got[-1] >= number - 5 and number < count - 1:
                    break
        except TimeoutError:
            pass
    return got


def test_datagrams_are_held(datagrams):
    """Both ways, and their boundaries with them; empty ones too."""
    client, target = datagrams("--fault", "latency=150ms")
    begin = time.monotonic()
    for piece in (b"one", b"", b"x" * 60_000):
        client.send(piece)
    got = [target.recvfrom(100_000) for _ in range(3)]
    assert [piece for piece, _ in got] == [b"one", b"", b"x" * 60_000]
    assert 0.15 <= time.monotonic() - begin < 0.15 + LATE
    begin = time.monotonic()
    target.sendto(b"back", got[0][1])
    assert client.recv(100) == b"back"
    assert 0.15 <= time.monotonic() - begin < 0.15 + LATE


def test_datagrams_are_lost_and_doubled(datagrams):
    client, target = datagrams("--fault", "up:loss=1")
    client.send(b"lost")
    assert is_silent(target, 0.3)
    client, target = datagrams("--fault", "up:duplicate=1")
    client.send(b"twice")
    assert [target.recv(100) for _ in range(2)] == [b"twice"] * 2


def test_datagrams_have_their_own_chance(datagrams):
    client, target = datagrams("--fault", "up:loss=0.3", "--seed", "5")
    got = arrivals(client, target, 300)
    assert 160 < len(got) < 260 and got == sorted(set(got))


def test_datagrams_overtake(datagrams):
    client, target = datagrams("--fault", "up:reorder=1")
    for piece in (b"1", b"2", b"3", b"4"):
        client.send(piece)
    assert [target.recv(100) for _ in range(4)] == [b"2", b"1", b"4", b"3"]
    client.send(b"alone")
    assert target.recv(100) == b"alone"


def test_datagrams_are_damaged(datagrams):
    client, target = datagrams("--fault", "up:corrupt=1")
    client.send(bytes(100))
    assert bin(int.from_bytes(target.recv(200), "big")).count("1") == 1


@pytest.mark.timing
def test_datagrams_have_a_rate(datagrams):
    client, target = datagrams("--fault", "up:rate=10000")
    begin = time.monotonic()
    for _ in range(10):
        client.send(bytes(500))
    assert [len(target.recv(1000)) for _ in range(10)] == [500] * 10
    assert 0.49 < time.monotonic() - begin < 0.6


def test_datagrams_stall(datagrams):
    client, target = datagrams("--fault", "up:stall=5")
    client.send(b"hello")
    assert target.recv(100) == b"hello"
    client.send(b"nobody there")
    assert is_silent(target, 0.3)


# The trace

def test_events_are_as_the_schema_says(sockt, peers, trace):
    seen, server = trace(3), peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "--fault", "latency=20ms,jitter=5ms,rate=16k,slice=1000",
                          "--fault", "down:slow-close=50ms,stall=1G,reset=1h", *seen.options)
    client = peers.connect(process.port)
    client.sendall(b"t" * 3000)
    client.shutdown(socket.SHUT_WR)
    assert len(peer_scripts.read_all(client)) == 3000
    wait_for(lambda: len(seen.events("end")) == 2, "the summaries")
    process.kill()
    told = traces.load(seen.path).steps("fault")
    assert {event["fault"] for event in told} == {"latency", "jitter", "rate", "slice", "slow-close"}
    assert {event["direction"] for event in told} == {"up", "down"}
    assert {event["session"] for event in told} == {1}
    assert all(event["ms"] == 20 for event in told if event["fault"] == "latency")
    assert all(-5 <= event["ms"] <= 5 for event in told if event["fault"] == "jitter" and "ms" in event)


def test_faults_in_text(sockt, peers):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "-vv", "--fault", "up:latency=30ms,reset=3")
    client = peers.connect(process.port)
    client.sendall(b"abc")
    peer_scripts.read_to_reset(client)
    process.err.until(b"a fault that was asked for")
    assert b"fault latency up: 3 B, 30 ms" in process.err.data
    assert b"fault reset up: 3 B" in process.err.data


@pytest.mark.skipif(VARIANT != "", reason="many connections, slow under the checkers")
def test_many_sessions_with_faults(sockt, peers):
    """A hundred at once, each with its own delays; all of it arrives."""
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "--fault", "latency=30ms,jitter=20ms,slice=700", "--fault", "share=0.3,rate=1M")
    clients = [peers.connect(process.port) for _ in range(100)]
    data = os.urandom(20_000)
    for client in clients:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
    for client in clients:
        assert peer_scripts.read_all(client) == data
