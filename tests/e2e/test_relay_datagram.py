# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt relay between datagram sockets: sizes and boundaries, sessions, targets that come and go, batches."""

import hashlib
import os
import random
import signal
import socket
import threading

import pytest

from facts import (DEADLINE, children_of, cpu_used_while_idle, free_port, open_descriptors, process_state,
                   require_ipv6, wait_for, wait_idle)
from straced import Witness

LARGEST = 65_507


class Echo:
    """A datagram socket that answers every datagram with itself, and counts who asked."""

    def __init__(self, peers, address=("127.0.0.1", 0), family=socket.AF_INET):
        self.sock = peers.keep(socket.socket(family, socket.SOCK_DGRAM))
        if family != socket.AF_UNIX:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind(address)
        self.sock.settimeout(0.2)
        self.seen, self.askers, self.is_over = [], set(), False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.sock.getsockname()[1]

    def _serve(self):
        while not self.is_over:
            try:
                data, asker = self.sock.recvfrom(1 << 18)
                self.seen.append(data)
                self.askers.add(asker)
                self.sock.sendto(data, asker)
            except TimeoutError:
                pass
            except OSError:
                return

    def close(self):
        self.is_over = True
        self.thread.join(DEADLINE)
        self.sock.close()


@pytest.fixture
def echo(peers):
    made = []

    def make(*args):
        made.append(Echo(peers, *args))
        return made[-1]
    yield make
    for server in made:
        server.close()


def client(peers, port, host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = peers.keep(socket.socket(family, socket.SOCK_DGRAM))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.settimeout(DEADLINE)
    sock.connect((host, port))
    return sock


def ask(sock, data):
    sock.send(data)
    return sock.recv(1 << 18)


def relay_udp(sockt, port, *options, at="udp:127.0.0.1:0", **more):
    return sockt.relay(f"udp:127.0.0.1:{port}", *options, at=at, **more)


# What passes

@pytest.mark.parametrize("options", [(), ("-vv",)])
def test_sizes(sockt, peers, echo, options):
    """From none to the longest there is, each as one."""
    process = relay_udp(sockt, echo().port, *options)
    sock = client(peers, process.port)
    for size in (1, 0, 0, 2, 512, 1472, 1473, 9000, 65_000, LARGEST, 0, 3):
        data = os.urandom(size)
        assert ask(sock, data) == data


@pytest.mark.parametrize("options", [(), ("-vv",), ("-vv", "--preview", "0")])
def test_bursts_keep_their_boundaries(sockt, peers, echo, options):
    """Equal ones, growing ones, empty ones: whatever goes as one call arrives singly and in order."""
    server = echo()
    process = relay_udp(sockt, server.port, *options)
    sock = client(peers, process.port)
    sizes = [100] * 150 + list(range(70)) + [0] * 5 + [1, 7] * 30 + [1200] * 65 + [3]
    sent = [bytes([index % 251]) * size for index, size in enumerate(sizes)]
    for first in range(0, len(sent), 50):
        for data in sent[first:first + 50]:
            sock.send(data)
        assert [sock.recv(1 << 17) for _ in sent[first:first + 50]] == sent[first:first + 50]
    assert server.seen == sent


def test_runs_of_the_sender(sockt, peers, echo):
    """What was sent by UDP_SEGMENT comes in as a run (UDP_GRO), and goes on as the datagrams that it is."""
    server = echo()
    process = relay_udp(sockt, server.port)
    sock = client(peers, process.port)
    sock.setsockopt(socket.IPPROTO_UDP, 103, 500)
    data = os.urandom(500 * 60 + 77)
    assert sock.send(data) == len(data)
    wait_for(lambda: len(server.seen) == 61, "all datagrams of the run")
    assert server.seen == [data[at:at + 500] for at in range(0, len(data), 500)]
    assert b"".join(sock.recv(1 << 17) for _ in range(61)) == data


def test_checksums_of_many(sockt, peers, echo):
    """Several clients at once, thousands of datagrams of any size: each gets its own, all of them, in order."""
    process = relay_udp(sockt, echo().port)
    failures = []

    def talk(seed):
        sizes, sock = random.Random(seed), client(peers, process.port)
        sent, got = hashlib.sha256(), hashlib.sha256()
        for _ in range(60):
            batch = [sizes.randbytes(sizes.choice((0, 1, 64, 64, 64, 1200, 1200, 1200, 5000))) for _ in range(20)]
            for data in batch:
                sock.send(data)
                sent.update(b"%d:" % len(data) + data)
            for _ in batch:
                data = sock.recv(1 << 17)
                got.update(b"%d:" % len(data) + data)
        if sent.digest() != got.digest():
            failures.append(seed)
    threads = [threading.Thread(target=talk, args=(seed,), daemon=True) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * DEADLINE)
    assert not any(thread.is_alive() for thread in threads) and not failures


def test_ipv6(sockt, peers, echo):
    require_ipv6()
    server = echo(("::1", 0), socket.AF_INET6)
    process = sockt.relay(f"udp:[::1]:{server.port}", at="udp:[::1]:0")
    sock = client(peers, process.port, "::1")
    for size in (5, 0, LARGEST):
        assert ask(sock, b"6" * size) == b"6" * size


@pytest.mark.parametrize("options", [(), ("-vv",)])
@pytest.mark.parametrize("at", ["udp:0", "udp4:0", "udp:0.0.0.0:0"])
def test_answers_come_from_the_address_that_was_asked(sockt, peers, echo, at, options):
    """A connected client takes no others."""
    process = relay_udp(sockt, echo().port, *options, at=at)
    for host in ("127.0.0.1", "127.0.0.2", "127.1.2.3"):
        sock = client(peers, process.port, host)
        for data in (b"", b"one", b"x" * 60_000):
            assert ask(sock, data) == data
        for number in range(80):
            sock.send(b"%04d" % number)
        assert [sock.recv(10) for _ in range(80)] == [b"%04d" % number for number in range(80)]


def test_answers_of_a_dual_stack_socket(sockt, peers, echo):
    require_ipv6()
    process = relay_udp(sockt, echo().port, at="udp:0")
    for host in ("::1", "127.0.0.7"):
        assert ask(client(peers, process.port, host), b"hello") == b"hello"


@pytest.mark.netns
def test_datagrams_longer_than_the_network_takes(sockt, peers, netns, trace):
    """IP cuts them, which a run cannot have: said by the kernel once, and each goes by itself from then on."""
    seen = trace(2)
    netns.run("ip", "link", "set", "lo", "mtu", "1500")
    target = peers.keep(netns.socket(socket.AF_INET, socket.SOCK_DGRAM))
    target.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    target.bind(("127.0.0.1", 0))
    target.settimeout(DEADLINE)
    process = relay_udp(sockt, target.getsockname()[1], "--preview", "0", *seen.options, prefix=netns.prefix)
    sock = peers.keep(netns.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sock.connect(("127.0.0.1", process.port))
    for size in (3000, 3000, 1000):
        sent = [b"%03d" % number + bytes(size) for number in range(40)]
        os.kill(process.pid, signal.SIGSTOP)
        wait_for(lambda: process_state(process.pid) == "T", "the relay to stand still")
        for data in sent:
            sock.send(data)
        os.kill(process.pid, signal.SIGCONT)
        assert [target.recv(5000) for _ in sent] == sent
    wait_for(lambda: any(event["args"]["segment"] < 1500 for event in seen.events("sendmsg")), "a run of short ones")
    runs = seen.events("sendmsg")
    assert [event.get("errno") for event in runs if event["args"]["segment"] > 3000] in (["EINVAL"], ["EMSGSIZE"])
    assert all(event["result"] > 0 for event in runs if event["args"]["segment"] < 1500)
    assert seen.events("sendmmsg")


# Unix sockets

def unix_client(peers, path, name=None):
    sock = peers.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    sock.settimeout(DEADLINE)
    if name:
        sock.bind(name)
    sock.connect(path)
    return sock


def test_unix_datagrams(sockt, peers, echo, tmp_path):
    echo(str(tmp_path / "to"), socket.AF_UNIX)
    sockt.relay(f"unix-dgram:{tmp_path}/to", at=f"unix-dgram:{tmp_path}/from")
    sock = unix_client(peers, f"{tmp_path}/from", f"{tmp_path}/client")
    for size in (1, 0, 70_000, 150_000, 3):
        assert ask(sock, b"u" * size) == b"u" * size


@pytest.mark.prompt
def test_unix_datagrams_are_not_lost_to_a_slow_target(sockt, peers, tmp_path):
    """Who sends waits, as it would without the relay."""
    target = peers.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    target.bind(f"{tmp_path}/to")
    target.settimeout(DEADLINE)
    process = sockt.relay(f"unix-dgram:{tmp_path}/to", at=f"unix-dgram:{tmp_path}/from")
    sock = unix_client(peers, f"{tmp_path}/from", f"{tmp_path}/client")
    sender = threading.Thread(target=lambda: [sock.send(b"%05d" % number) for number in range(2000)], daemon=True)
    sender.start()
    assert cpu_used_while_idle(process.pid) < 0.2
    assert [target.recv(100) for _ in range(2000)] == [b"%05d" % number for number in range(2000)]


def test_client_without_a_name_cannot_be_answered(sockt, peers, echo, tmp_path):
    server = echo(str(tmp_path / "to"), socket.AF_UNIX)
    process = sockt.relay(f"unix-dgram:{tmp_path}/to", at=f"unix-dgram:{tmp_path}/from")
    nameless, named = unix_client(peers, f"{tmp_path}/from"), unix_client(peers, f"{tmp_path}/from", f"{tmp_path}/me")
    nameless.send(b"hello")
    wait_for(lambda: server.seen == [b"hello"], "the datagram")
    assert ask(named, b"again") == b"again" and process.is_running


@pytest.mark.parametrize("options", [(), ("-vv",)])
def test_across_kinds(sockt, peers, echo, tmp_path, options):
    """udp to unix-dgram, unix-dgram to udp, one behind the other."""
    first = relay_udp(sockt, echo().port, *options, at=f"unix-dgram:{tmp_path}/middle")
    second = sockt.relay(f"unix-dgram:{tmp_path}/middle", *options, at="udp:127.0.0.1:0")
    sock = client(peers, second.port)
    for size in (4, 0, 60_000):
        assert ask(sock, b"k" * size) == b"k" * size
    assert first.is_running


@pytest.mark.parametrize("options", [(), ("-vv",)])
def test_seqpacket(sockt, peers, echo, tmp_path, options):
    """Messages over a connection are messages, too: there and back."""
    relay_udp(sockt, echo().port, *options, at=f"unix-seqpacket:{tmp_path}/middle")
    process = sockt.relay(f"unix-seqpacket:{tmp_path}/middle", *options, at="udp:127.0.0.1:0")
    sock = client(peers, process.port)
    for data in (b"one", b"two" * 1000):
        assert ask(sock, data) == data


@pytest.mark.parametrize("start, to", [("udp:0", "tcp:h:1"), ("tcp:0", "udp:h:1"), ("unix-dgram:x", "unix:y"),
                                       ("unix-seqpacket:x", "tcp:h:1")])
def test_messages_do_not_become_a_stream(sockt, start, to):
    sockt.run("relay", start, to).expect(2, b"", "messages")


# Sessions

def test_each_client_has_its_own_session(sockt, peers, echo):
    server = echo()
    process = relay_udp(sockt, server.port)
    socks = [client(peers, process.port) for _ in range(300)]
    for number, sock in enumerate(socks):
        sock.send(b"%d" % number)
    assert [sock.recv(100) for sock in socks] == [b"%d" % number for number in range(300)]
    assert len(server.askers) == 300
    assert [ask(sock, b"again") for sock in reversed(socks)] == [b"again"] * 300
    assert len(server.askers) == 300


def test_idle_sessions_end(sockt, peers, echo, trace):
    seen, server = trace(1), echo()
    process = relay_udp(sockt, server.port, "-i", "300ms", *seen.options)
    before, sock = len(open_descriptors(process.pid)), client(peers, process.port)
    assert ask(sock, b"x") == b"x"
    assert len(open_descriptors(process.pid)) == before + 1
    wait_for(lambda: len(open_descriptors(process.pid)) == before, "the end of the idle session")
    ends = wait_for(lambda: seen.events("end"), "its end in the trace")
    assert {event["ended_by"] for event in ends} == {"idle-timeout"}
    assert ask(sock, b"y") == b"y"
    assert len(server.askers) == 2


@pytest.mark.prompt
def test_empty_datagrams_keep_a_session(sockt, peers, echo):
    server = echo()
    process = relay_udp(sockt, server.port, "-i", "1s")
    sock = client(peers, process.port)
    # Longer than the limit in all, and never idle for so long.
    for _ in range(25):
        assert ask(sock, b"") == b""
        with pytest.raises(TimeoutError):
            sock.settimeout(0.06)
            sock.recv(1)
        sock.settimeout(DEADLINE)
    assert len(server.askers) == 1


@pytest.mark.prompt
def test_max_conns(sockt, peers, echo):
    """One more is dropped, said once, and served when there is room."""
    server = echo()
    process = relay_udp(sockt, server.port, "-m", "2", "-i", "1s")
    first, second, third = (client(peers, process.port) for _ in range(3))
    assert ask(first, b"1") == b"1" and ask(second, b"2") == b"2"
    for _ in range(5):
        third.send(b"3")
    process.err.until(b"is dropped")
    assert ask(first, b"4") == b"4"
    assert b"3" not in server.seen

    def answered():
        third.send(b"5")
        third.settimeout(0.1)
        try:
            return third.recv(10) == b"5"
        except TimeoutError:
            return False
    wait_for(answered, "room for the third")
    assert process.err.data.count(b"is dropped") == 1


def test_drain(sockt, peers, echo):
    """A session that is open goes on; nobody else is taken."""
    server = echo()
    process = relay_udp(sockt, server.port, "--drain", "30s", "-i", "1s")
    old, new = client(peers, process.port), client(peers, process.port)
    assert ask(old, b"1") == b"1"
    process.signal(signal.SIGTERM)
    wait_idle(process.pid)
    new.send(b"2")
    assert ask(old, b"3") == b"3"
    process.finish().expect(0)
    assert b"2" not in server.seen


# Targets

@pytest.mark.parametrize("options", [(), ("-vv",)])
def test_target_down_and_back(sockt, peers, echo, options):
    """What is refused is no end: the session is there when the target is."""
    server = echo()
    port = server.port
    process = relay_udp(sockt, port, *options)
    sock = client(peers, process.port)
    assert ask(sock, b"before") == b"before"
    server.close()
    for _ in range(100):
        sock.send(b"nobody")
    wait_idle(process.pid)
    again = echo(("127.0.0.1", port))

    def answered():
        sock.send(b"somebody")
        sock.settimeout(0.1)
        try:
            return sock.recv(100) == b"somebody"
        except TimeoutError:
            return False
    wait_for(answered, "the target")
    assert again.askers == server.askers and b"nobody" not in again.seen
    if options:
        assert process.err.data.count(b"the session goes on") == 1


@pytest.mark.prompt
def test_refusals_use_no_time(sockt, peers):
    process = relay_udp(sockt, free_port())
    client(peers, process.port).send(b"nobody")
    assert cpu_used_while_idle(process.pid) < 0.1


def test_unix_target_down_and_back(sockt, peers, echo, tmp_path):
    """A socket that is gone is gone: the next datagram finds the new one."""
    process = sockt.relay(f"unix-dgram:{tmp_path}/to", at="udp:127.0.0.1:0")
    sock = client(peers, process.port)

    def answered():
        sock.send(b"x")
        sock.settimeout(0.1)
        try:
            return sock.recv(100) == b"x"
        except TimeoutError:
            return False
    sock.send(b"nobody")
    process.err.until(b"to")
    for _ in range(2):
        server = echo(f"{tmp_path}/to", socket.AF_UNIX)
        wait_for(answered, "the target")
        server.close()
        os.unlink(f"{tmp_path}/to")


def test_one_target_that_does_not_read_holds_up_nobody_else(sockt, peers, tmp_path):
    """Each session has a connection of its own; what one does not take is bounded."""
    listening = peers.listen(f"{tmp_path}/to", socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = sockt.relay(f"unix-seqpacket:{tmp_path}/to", at="udp:127.0.0.1:0")
    stuck, lively = client(peers, process.port), client(peers, process.port)
    stuck.send(b"first")
    first = peers.accept(listening)
    lively.send(b"second")
    second = peers.accept(listening)
    assert second.recv(100) == b"second"
    for number in range(3000):
        stuck.send(b"%06d" % number + bytes(2000))
        if number % 100 == 0:
            lively.send(b"ping")
            assert second.recv(100) == b"ping"
    second.send(b"pong")
    assert lively.recv(100) == b"pong"
    first.settimeout(DEADLINE)
    got = [first.recv(4000)[:6] for _ in range(400)]
    assert got == [b"first"] + [b"%06d" % number for number in range(399)]


# Faults

def all_answers(sock, count, least):
    """What comes back of count numbered datagrams: at least so many, and then until nothing has come for a while."""
    for number in range(count):
        sock.send(b"%d" % number)
    got = [sock.recv(100) for _ in range(least)]
    sock.settimeout(0.3)
    try:
        while True:
            got.append(sock.recv(100))
    except TimeoutError:
        return got


@pytest.mark.waits
@pytest.mark.parametrize("way", ["up", "down"])
def test_faults_are_done_to_datagrams_each_way(sockt, peers, echo, way):
    """Loss takes whole ones, duplicates are whole ones, and a delay merges none."""
    server, sent = echo(), [b"%d" % number for number in range(200)]
    for fault, least, check in (
            ("loss=0.5", 51, lambda got: len(got) < 150 and got == [x for x in sent if x in got]),
            ("duplicate=1", 400, lambda got: got == [data for data in sent for _ in range(2)]),
            ("reorder=0.5", 200, lambda got: got != sent and sorted(got) == sorted(sent)),
            ("corrupt=1", 200, lambda got: len(got) == 200 and not set(enumerate(got)) & set(enumerate(sent))),
            ("latency=20ms", 200, lambda got: got == sent)):
        process = relay_udp(sockt, server.port, "--fault", f"{way}:{fault}", "--seed", "7")
        got = all_answers(client(peers, process.port), 200, least)
        assert check(got), (fault, len(got), got)


# The trace

@pytest.mark.strace
@pytest.mark.parametrize("at", ["udp:127.0.0.1:0", "udp4:0"])
@pytest.mark.parametrize("preview", ["32", "0"])
def test_every_call_is_in_the_trace(sockt, peers, echo, tmp_path, trace, preview, at):
    seen, server = Witness(tmp_path, trace, options=("--preview", preview)), echo()
    process = relay_udp(sockt, server.port, *seen.options, at=at, prefix=seen.prefix)
    sock = client(peers, process.port)
    for size in (5, 0, 60_000):
        assert ask(sock, b"x" * size) == b"x" * size
    for size in [100] * 130 + list(range(60)):
        sock.send(b"y" * size)
    for _ in range(190):
        sock.recv(1000)
    for pid in children_of(process.pid):
        os.kill(pid, 15)
    process.wait()
    names = {call[0] for call in seen.compare()}
    assert names >= {"socket", "bind", "setsockopt", "connect", "close"}
    if preview == "0":
        assert names >= {"recvmmsg", "sendmsg"}
    elif at != "udp4:0":
        assert names >= {"recv", "send"} and not names & {"recvmmsg", "sendmsg", "sendmmsg"}


def test_summaries(sockt, peers, echo, trace):
    """A session has a summary for each of its sides."""
    seen = trace(1)
    process = relay_udp(sockt, echo().port, "-i", "300ms", *seen.options)
    sock = client(peers, process.port)
    for data in (b"12345", b"", b"123"):
        assert ask(sock, data) == data
    wait_for(lambda: len(seen.events("end")) == 2, "both summaries")
    first, second = seen.events("end")
    for event in (first, second):
        assert (event["sent_bytes"], event["received_bytes"]) == (8, 8)
        assert (event["sends"], event["receives"]) == (3, 3)
        assert event["session"] == 1
    assert {first["side"], second["side"]} == {"server", "client"}


def test_buffers_are_asked_for_unless_given(sockt, peers, echo, trace):
    seen = trace(1)
    process = sockt.relay(f"udp:127.0.0.1:{echo().port},sndbuf=100k", *seen.options, at="udp:127.0.0.1:0,rcvbuf=200k")
    assert ask(client(peers, process.port), b"x") == b"x"
    process.signal(signal.SIGTERM)
    process.wait()
    asked = [(event.get("session", 0), event["args"]["optname"], event["args"]["optval"])
             for event in seen.events("setsockopt") if "BUF" in event["args"]["optname"]]
    assert sorted(asked) == [(0, "SO_RCVBUF", 200 << 10), (0, "SO_SNDBUF", 4 << 20),
                             (1, "SO_RCVBUF", 4 << 20), (1, "SO_SNDBUF", 100 << 10)]
