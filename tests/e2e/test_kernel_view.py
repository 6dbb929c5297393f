# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's view of a connection: at its turning points, in every second in which data move, at its end."""

import json
import socket
import threading
import time

import pytest

import peers as peer_scripts
from facts import require_tool, wait_for
from namespaces import Namespace


def told(seen):
    """The `info` events of connections so far: a listener has its own."""
    return [event for event in seen.events("info") if "session" in event]


def talk_until(process, sock, seen, count):
    """A word every now and then, until there are so many `info` events."""
    begin = time.monotonic()
    while len(told(seen)) < count:
        process.write(b"x")
        assert sock.recv(1) == b"x"
        wait_for(lambda end=time.monotonic() + 0.05: time.monotonic() > end, "a moment")
    return time.monotonic() - begin


@pytest.mark.waits
def test_every_second_in_which_data_move(meet, trace):
    """And in no other: what is quiet has no event, and is not woken."""
    seen = trace(3)
    process, sock = meet("connect", *seen.options)
    assert talk_until(process, sock, seen, 2) > 1.5
    events = told(seen)
    assert events[1]["t_ms"] - events[0]["t_ms"] >= 1000
    assert {(event["session"], event["side"], event["protocol"]) for event in events} == {(1, "client", "tcp")}
    assert all(event["tcp_info"]["limited_by"] == "application" for event in events)
    # The last word may have begun a second of its own.
    begin = time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 1.2, "a second without data")
    lines = len(seen.lines())
    wait_for(lambda: time.monotonic() - begin > 4, "quiet seconds")
    # At 2 s it is looked whether anybody waits for something.
    assert not [event for event in seen.events()[lines - 1:] if event["step"] in ("info", "epoll_wait")]
    process.write(b"x")
    before = len(told(seen))
    wait_for(lambda: len(told(seen)) > before, "the second that has begun")


def test_not_at_level_1(meet, trace):
    seen = trace(1)
    process, sock = meet("connect", *seen.options)
    begin = time.monotonic()
    while time.monotonic() - begin < 1.3:
        process.write(b"x")
        assert sock.recv(1) == b"x"
        wait_for(lambda end=time.monotonic() + 0.05: time.monotonic() > end, "a moment")
    process.close_stdin()
    sock.close()
    process.wait()
    assert not told(seen)
    assert "tcp_info" not in seen.end()


@pytest.mark.waits
def test_both_sides_of_a_relay(pair, trace):
    seen = trace(2)
    _, client, target = pair(*seen.options)
    while len(told(seen)) < 4:
        client.sendall(b"word")
        assert peer_scripts.read_exactly(target, 4) == b"word"
        wait_for(lambda end=time.monotonic() + 0.05: time.monotonic() > end, "a moment")
    events = told(seen)[:4]
    assert [event["side"] for event in events] == ["server", "client"] * 2
    assert events[1]["tcp_info"]["limited_by"] == "application" and events[1]["tcp_info"]["bytes_sent"] >= 4
    assert events[0]["tcp_info"]["bytes_sent"] == 0 and "limited_by" not in events[0]["tcp_info"]


def test_where_data_stay_inside_the_kernel(sockt, peers, trace, tmp_path):
    seen = trace(2)
    listening = peers.listen(str(tmp_path / "t"), socket.AF_UNIX)
    process = sockt.relay(f"unix:{tmp_path}/t", *seen.options, "--preview", "0")
    client, target = peers.connect(process.port), peers.accept(listening)
    block = bytes(1 << 20)
    begin = time.monotonic()
    while len(told(seen)) < 4:
        client.sendall(block)
        assert peer_scripts.read_exactly(target, len(block)) == block
    assert time.monotonic() - begin >= 1
    assert seen.events("splice")
    assert ["queues" in event for event in told(seen)] == [False, True] * 2


def limited_by(event):
    return event["tcp_info"].get("limited_by"), event["tcp_info"].get("limited_percent")


def test_limited_by_the_application(meet, trace):
    seen = trace(2)
    process, sock = meet("connect", *seen.options)
    talk_until(process, sock, seen, 1)
    process.close_stdin()
    sock.close()
    process.wait()
    for event in (told(seen)[0], seen.end()):
        limit, percent = limited_by(event)
        assert limit == "application" and percent > 80, event
        assert event["tcp_info"]["unread"] == 0


def test_a_word_is_not_limited_by_the_congestion_window(meet, trace):
    """Not even where its acknowledgement comes late, with ours of the end behind it: the window had room for more."""
    seen = trace(2)
    process, sock = meet("connect", *seen.options)
    process.feed(b"hello\n")
    assert peer_scripts.read_all(sock) == b"hello\n"
    wait_for(lambda: told(seen), "the kernel's view a second later")
    sock.close()
    process.wait()
    assert limited_by(seen.end()) == ("application", 100), seen.end()


@pytest.mark.waits
def test_limited_by_the_receivers_window(sockt, peers, trace):
    """The peer reads nothing. The end says so too, with what was not taken."""
    seen = trace(2)
    listening = peers.listen()
    process = sockt.start("connect", "-vv", *seen.options, f"tcp:127.0.0.1:{listening.getsockname()[1]}")
    sock = peers.accept(listening)
    process.feed(bytes(50_000_000))
    first = wait_for(lambda: told(seen), "a second in which data moved")[0]
    assert limited_by(first)[0] == "receiver-window", first
    assert first["tcp_info"]["unsent"] > 0 and first["tcp_info"]["notsent"] > 0
    begin = time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 1, "a second without data")
    process.signal(15)
    process.wait()
    limit, percent = limited_by(seen.end())
    assert limit == "receiver-window" and percent > 60
    assert process.err.until(b"limited by the receiver's window ")
    sock.close()


@pytest.fixture
def far():
    """
    A namespace whose acknowledgements come late: 10.9.0.2 answers from another one, over a link that carries 30 of
    them a second. Its receive buffer has room for more than the congestion window allows.
    """
    near, other = Namespace(), Namespace()
    try:
        near.run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", other.pid)
        for end, name, number in ((near, "near", 1), (other, "far", 2)):
            end.run("ip", "address", "add", f"10.9.0.{number}/24", "dev", name)
            end.run("ip", "link", "set", name, "up")
            end.sysctl("net.ipv4.tcp_congestion_control", "reno")
        other.sysctl("net.ipv4.tcp_rmem", "'4096 33554432 33554432'")
        other.run("tc", "qdisc", "add", "dev", "far", "root", "tbf", "rate", "16kbit", "burst", "200",
                  "limit", "100000")
        yield near, other
    finally:
        near.close()
        other.close()


@pytest.mark.parametrize("option, limit", [
    (",sndbuf=6000", "send-buffer"), (",sndbuf=12000", "send-buffer"), ("", "congestion-window"),
])
def test_limited_by_what_is_in_flight(sockt, peers, trace, far, option, limit):
    """By the send buffer, where that is smaller than what may be in flight; else by the congestion window."""
    require_tool("tc")
    near, other = far
    seen = trace(2)
    listening = other.call(lambda: peers.listen(("10.9.0.2", 0)))
    process = sockt.start("connect", *seen.options, f"tcp:10.9.0.2:{listening.getsockname()[1]}{option}",
                          prefix=near.prefix)
    sock = peers.accept(listening)
    process.feed(bytes(50_000_000))
    reader = threading.Thread(target=peer_scripts.read_all, args=(sock,), daemon=True)
    reader.start()
    event = wait_for(lambda: told(seen), "a second in which data moved")[0]
    process.kill()
    reader.join()
    assert limited_by(event)[0] == limit and limited_by(event)[1] > 50, json.dumps(event)


@pytest.mark.parametrize("option, name", [("sndbuf", "SO_SNDBUF"), ("rcvbuf", "SO_RCVBUF")])
def test_buffers_are_doubled(sockt, peers, trace, option, name):
    seen = trace(2)
    listening = peers.listen()
    process = sockt.start("connect", "-vv", *seen.options,
                          f"tcp:127.0.0.1:{listening.getsockname()[1]},{option}=20000")
    peers.accept(listening).close()
    process.close_stdin()
    process.wait()
    asked = [event for event in seen.events("setsockopt") if event["args"]["optname"] == name]
    assert [(event["args"]["optval"], event["effective"]) for event in asked] == [(20000, 40000)]
    assert f"{name}, [20000]) = 0   the kernel made it 40000".encode() in process.err.until_end()
    assert seen.events("connected")[0]["tcp_info"][option] == 40000


@pytest.mark.waits
def test_queues_of_other_sockets(sockt, peers, trace, tmp_path):
    """A datagram socket and a Unix stream: what waits in them, and their buffers."""
    seen = trace(2)
    path = str(tmp_path / "s")
    listening = peers.listen(path, socket.AF_UNIX)
    process = sockt.start("connect", *seen.options, f"unix:{path}")
    sock = peers.accept(listening)
    process.write(b"hello")
    event = wait_for(lambda: told(seen), "a second in which data moved")[0]
    assert event["queues"]["unread"] == 0 and event["queues"]["unsent"] >= 5
    assert seen.events("connect")[0]["queues"]["sndbuf"] > 0
    assert sock.recv(5) == b"hello"
    datagrams = trace(2, "udp.json")
    process = sockt.listen("-u", *datagrams.options)
    client = peers.udp()
    client.sendto(b"knock", ("127.0.0.1", process.port))
    event = wait_for(lambda: told(datagrams), "a second in which data moved")[0]
    assert event["queues"]["unread"] == 0 and event["protocol"] == "udp"


def test_a_short_send(sockt, peers, trace):
    """What was asked and what was taken; then EAGAIN, with what was asked."""
    seen = trace(2)
    listening = peers.listen()
    process = sockt.start("connect", "-vv", *seen.options, "--trace", f"ladder:{seen.path}.ladder",
                          f"tcp:127.0.0.1:{listening.getsockname()[1]},sndbuf=30000")
    sock = peers.accept(listening)
    process.feed(bytes(3_000_000))
    short = wait_for(lambda: [event for event in seen.events("send") if 0 < event["result"] < event["args"]["len"]],
                     "a short send")[0]
    refused = wait_for(lambda: [event for event in seen.events("send") if event.get("errno") == "EAGAIN"],
                       "a send that is refused")[0]
    assert refused["args"]["len"] > 0 and short["level"] == refused["level"] == 2
    taken, asked = short["result"], short["args"]["len"]
    process.err.until(f", {asked}) = {taken}   short: {taken} of {asked} taken".encode())
    process.err.until(f", {refused['args']['len']}) = EAGAIN".encode())
    wait_for(lambda: f"send(10, ..., {asked}) = {taken} " in
             (seen.path.parent / f"{seen.path.name}.ladder").read_text(encoding="utf-8"), "it in the ladder")
    sock.close()
