# SPDX-License-Identifier: GPL-3.0-or-later
"""The accept queue: shown whenever it changes, and, with --hold, seen filling since nobody is accepted."""

import socket

import pytest

from facts import wait_for


def queues(seen):
    """The lengths and limits that were told, in their order."""
    told = [event.get("tcp_info", event.get("queues")) for event in seen.events("info")]
    return [(facts["queue_len"], facts["queue_limit"]) for facts in told if "queue_len" in facts]


def until_queue(seen, *want):
    return wait_for(lambda: queues(seen)[-1:] == [want], f"the queue to be {want}, not {queues(seen)}")


@pytest.mark.waits
def test_the_queue_fills(sockt, peers, trace):
    """It holds one more than its limit; the SYN of the next client is dropped, which is counted."""
    seen, client_seen = trace(2), trace(2, "client.json")
    process = sockt.listen("-vv", "--hold", "--backlog", "1", *seen.options)
    process.err.until(b"clients are not accepted (--hold): they wait in the accept queue")
    assert process.ready_lines == [f"tcp 127.0.0.1:{process.port}"]
    waiting = []
    for count in (1, 2):
        waiting.append(peers.connect(process.port))
        until_queue(seen, count, 1)
    assert queues(seen) == [(1, 1), (2, 1)]
    process.err.until(b"full: the SYN of the next client is dropped, which waits in SYN_SENT")
    third = sockt.start("connect", "-v", *client_seen.options, "127.0.0.1", process.port)
    third.err.until(b"its accept queue is full (2 waiting, limit 1)")
    assert client_seen.events("connect")[0]["state_to"] == "SYN_SENT" and not client_seen.events("connected")
    wait_for(lambda: seen.events("info")[-1]["tcp_info"].get("drops"), "the SYN that was dropped")
    process.err.until(b"full: segments of clients have been dropped, ")
    # Who waits may send: its kernel has an acknowledgement for it.
    assert waiting[0].send(b"hello") == 5
    third.kill()
    process.signal(15)
    assert process.wait() == 128 + 15
    assert seen.end()["ended_by"] == "signal"
    with pytest.raises(ConnectionResetError):
        waiting[0].recv(1)


@pytest.mark.parametrize("kind, type", [("unix", socket.SOCK_STREAM), ("unix-seqpacket", socket.SOCK_SEQPACKET)])
def test_unix_sockets(sockt, peers, trace, tmp_path, kind, type):
    seen = trace(2)
    process = sockt.listen("-vv", "--hold", "--backlog", "1", *seen.options, at=(f"{kind}:{tmp_path}/q",))
    for count in (1, 2):
        peers.connect(f"{tmp_path}/q", socket.AF_UNIX, type)
        until_queue(seen, count, 1)
    process.err.until(b"full: connect() of the next client waits (or fails with EAGAIN)")
    late = peers.socket(socket.AF_UNIX, type)
    late.setblocking(False)
    with pytest.raises(BlockingIOError):
        late.connect(f"{tmp_path}/q")
    process.signal(2)
    assert process.wait() == 128 + 2
    assert not (tmp_path / "q").exists()


def test_it_waits_for_time_only(sockt, peers):
    """Neither the end of standard input nor a client that has come and gone ends it."""
    process = sockt.listen("--hold", "--total-timeout", "1500ms")
    process.close_stdin()
    peers.connect(process.port).close()
    result = process.finish()
    result.expect(status=4, out=b"", err="not done within 1.5 s (--total-timeout)")
    assert result.seconds >= 1.4


def test_a_quiet_listener_is_not_woken(sockt, peers, trace):
    """A queue with room is looked at when somebody comes."""
    seen = trace(3)
    process = sockt.listen("--hold", *seen.options)
    peers.connect(process.port)
    until_queue(seen, 1, 128)
    before = len(seen.events("getsockopt"))
    peers.connect(process.port)
    until_queue(seen, 2, 128)
    # TCP_INFO and SO_MEMINFO, once a client.
    assert len(seen.events("getsockopt")) - before == 2
    assert len(seen.events("epoll_wait")) <= 2


@pytest.mark.parametrize("options, reason", [
    (("-k",), "--hold and --keep-open contradict each other: nobody is accepted"),
    (("--accept-timeout", "1"), "nobody is ever accepted; --total-timeout ends it"),
    (("-i", "1"), "--hold and --idle-timeout contradict each other"),
    (("-q", "1"), "--hold and --quit-after contradict each other"),
    (("--until", "remote"), "--hold and --until contradict each other"),
    (("--recv-only",), "--hold and --recv-only contradict each other"),
    (("--send-only",), "--hold and --send-only contradict each other"),
    (("--no-shutdown",), "--hold and --no-shutdown contradict each other"),
    (("--tag",), "--hold and --tag contradict each other"),
    (("-u",), "--hold: udp has no accept queue to wait in, datagrams just come"),
])
def test_what_contradicts_it(sockt, options, reason):
    sockt.run("listen", "--hold", *options, "127.0.0.1", "0").expect(status=2, err=reason)


def test_a_datagram_descriptor(sockt, peers):
    sock = peers.udp()
    sockt.run("listen", "--hold", f"fd:{sock.fileno()}", pass_fds=(sock.fileno(),)).expect(
        status=2, err=f"fd:{sock.fileno()}: a datagram socket has no accept queue to wait in (--hold)")


def test_a_listener_that_accepts(sockt, peers, trace):
    """One client is served, the others wait; each accept empties the queue by one, and says so itself."""
    seen = trace(2)
    process = sockt.listen("-k", "-m", "1", "--backlog", "2", *seen.options)
    first = peers.connect(process.port)
    wait_for(lambda: seen.events("accept"), "the first client to be taken")
    told = [(1, 2)]
    for count in (1, 2):
        peers.connect(process.port)
        told.append((count, 2))
        wait_for(lambda: len(queues(seen)) == len(told), "the queue to change")
    first.close()
    process.close_stdin()
    wait_for(lambda: [event for event in seen.events("accept") if event["result"] >= 0][1:],
             "the second client to be taken")
    taken = [event for event in seen.events("accept") if event["result"] >= 0]
    assert [event["tcp_info"]["queue_len"] for event in taken] == [0, 1]
    assert queues(seen) == told


def test_not_at_level_1(sockt, peers, trace):
    seen = trace(1)
    process = sockt.listen("--hold", *seen.options)
    peers.connect(process.port)
    process.signal(15)
    process.wait()
    assert not seen.events("info") and "--hold" in seen.events("note")[0]["text"]
