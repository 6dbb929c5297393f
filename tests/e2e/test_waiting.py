# SPDX-License-Identifier: GPL-3.0-or-later
"""
Where nothing moves, -v says after 2 s who must act next; where nothing is wrong it says nothing. All cases of a test
wait at the same time.
"""

import contextlib
import os
import re
import socket
import time

import pytest

import peers as peer_scripts
from facts import require_tool, wait_for
from namespaces import Namespace
from runner import Drain

pytestmark = [pytest.mark.timing, pytest.mark.waits]

SAYS = b"nothing moves for 2 s: "


def connected(sockt, peers, *options, **popen):
    """A `sockt connect -v` and its peer."""
    listening = peers.listen()
    process = sockt.start("connect", "-v", *options, "127.0.0.1", listening.getsockname()[1], **popen)
    return process, peers.accept(listening)


def unread_pipe(peers):
    """The end to write to of a pipe that nobody reads."""
    reader, writer = os.pipe()
    peers.keep(os.fdopen(reader, "rb"))
    return peers.keep(os.fdopen(writer, "wb"))


def blocked_output(sockt, peers):
    process, sock = connected(sockt, peers, stdout=unread_pipe(peers))
    peer_scripts.fill(sock)
    return process, b"our output takes no more of what the peer has sent"


def closed_window(sockt, peers):
    process, _ = connected(sockt, peers)
    process.feed(b"x" * 20_000_000)
    return process, b"the window of the peer is closed (all that was sent is acknowledged, "


def full_unix_socket(sockt, peers, tmp_path):
    listening = peers.listen(str(tmp_path / "s"), socket.AF_UNIX)
    process = sockt.start("connect", "-v", f"unix:{tmp_path}/s")
    peers.accept(listening)
    process.feed(b"x" * 20_000_000)
    return process, b"the peer takes no more, its receive buffer is full"


def peer_does_not_end(sockt, peers):
    process, _ = connected(sockt, peers)
    process.feed(b"request")
    return process, b"the peer has been told that no more comes and has not ended itself"


def nobody_speaks(sockt, peers):
    process, _ = connected(sockt, peers)
    return process, b"neither side has said anything; the peer may wait for us to speak first"


def nothing_to_receive(sockt, peers):
    process, _ = connected(sockt, peers, "--recv-only")
    return process, b"the peer has sent nothing yet, and we only receive"


def peer_is_not_told(sockt, peers):
    process, _ = connected(sockt, peers, "--no-shutdown")
    process.feed(b"request")
    return process, b"standard input has ended, and the peer has not been told (--no-shutdown); it must end"


def client_does_not_speak(sockt, peers):
    """The same from the side of the server."""
    process = sockt.listen("-v")
    peers.connect(process.port)
    return process, b"the client may wait for us to speak first, as we wait for standard input"


def client_does_not_read(sockt, peers):
    process = sockt.listen("-v")
    peers.connect(process.port)
    process.feed(b"x" * 20_000_000)
    return process, b"the window of the client is closed (all that was sent is acknowledged, "


def client_of_many_has_ended(sockt, peers):
    process = sockt.listen("-k")
    peers.connect(process.port).shutdown(socket.SHUT_WR)
    return process, b"the client has ended, and goes on receiving while standard input is open; with --until remote"


def full_queue(sockt, peers):
    """Its kernel drops the SYN, and the queue can be looked at."""
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname()[1])
    process = sockt.start("connect", "-v", "127.0.0.1", listening.getsockname()[1])
    return process, re.compile(
        rb"does not answer [2-4] SYNs; the cause is not a firewall: its accept queue is full \(1 waiting, "
        rb"limit 0\); \S+ \(pid %d\) must accept" % os.getpid())


def full_queue_of_a_target(sockt, peers):
    """The same behind a relay, where nobody has time to look for the process."""
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname()[1])
    process = sockt.relay(listening.getsockname()[1], "-v")
    peers.connect(process.port)
    return process, b"its accept queue is full (1 waiting, limit 0); the server must accept"


def no_proxy_header(sockt, peers):
    process = sockt.relay(peers.listen().getsockname()[1], "-v", at="tcp:127.0.0.1:0,accept-proxy")
    peers.connect(process.port)
    return process, b"the client has not sent its PROXY header (accept-proxy); it must send one"


def nobody_speaks_at_a_worker(sockt, peers):
    """What a worker says reaches the trace of its parent."""
    process = sockt.relay(peers.listen().getsockname()[1], "-v", "--workers", "2")
    peers.connect(process.port)
    return process, b"neither side has said anything; each may wait for the other to speak first"


def no_datagram_sent(sockt, peers):
    process = sockt.start("connect", "-v", "-u", "127.0.0.1", peers.udp().getsockname()[1])
    return process, b"no datagram has been sent, and before the first one the peer does not know of us"


def no_answer(sockt, peers):
    process = sockt.start("connect", "-v", "-u", "127.0.0.1", peers.udp().getsockname()[1])
    process.write(b"question")
    return process, b"the peer has not answered (datagrams sent: 1, ICMP errors: none); a firewall drops them"


def no_answer_of_a_unix_socket(sockt, peers, tmp_path):
    peers.udp(str(tmp_path / "d"), socket.AF_UNIX)
    process = sockt.start("connect", "-v", f"unix-dgram:{tmp_path}/d")
    process.write(b"question")
    return process, b"the peer has not answered (datagrams sent: 1); it must read them, and answer"


def no_answer_of_a_target(sockt, peers):
    process = sockt.relay(f"udp:127.0.0.1:{peers.udp().getsockname()[1]}", "-v", at="udp:127.0.0.1:0")
    peers.udp().sendto(b"question", ("127.0.0.1", process.port))
    return process, b"the target has not answered (datagrams sent: 1, ICMP errors: none)"


def full_unix_queue(sockt, peers, tmp_path):
    listening = peers.listen(str(tmp_path / "q"), socket.AF_UNIX, backlog=0)
    peers.connect(str(tmp_path / "q"))
    process = sockt.start("connect", "-v", f"unix:{tmp_path}/q")
    return process, b"the accept queue of %s/q is full; the server must accept" % bytes(tmp_path)


def test_a_full_unix_queue_is_asked_without_noise(sockt, peers, tmp_path):
    """It is asked again and again; at level 1 only the first answer is news."""
    process, sentence = full_unix_queue(sockt, peers, tmp_path)
    wait_for(lambda: sentence in bytes(process.err.data), "the line about the queue")
    assert bytes(process.err.data).count(b"connect(") == 1, process.describe()


def test_who_must_act(sockt, peers, tmp_path):
    begin = time.monotonic()
    cases = [
        blocked_output(sockt, peers), closed_window(sockt, peers), full_unix_socket(sockt, peers, tmp_path),
        peer_does_not_end(sockt, peers), nobody_speaks(sockt, peers), nothing_to_receive(sockt, peers),
        full_queue(sockt, peers), full_unix_queue(sockt, peers, tmp_path), peer_is_not_told(sockt, peers),
        client_does_not_speak(sockt, peers), client_does_not_read(sockt, peers),
        full_queue_of_a_target(sockt, peers), no_datagram_sent(sockt, peers), no_answer(sockt, peers),
        no_answer_of_a_unix_socket(sockt, peers, tmp_path), no_answer_of_a_target(sockt, peers),
        no_proxy_header(sockt, peers), nobody_speaks_at_a_worker(sockt, peers),
    ]
    # Said without -v.
    process, sentence = client_of_many_has_ended(sockt, peers)
    process.err.until(sentence)
    for process, sentence in cases:
        sentence = sentence if isinstance(sentence, re.Pattern) else re.compile(re.escape(sentence))
        said = process.err.until(SAYS)
        wait_for(lambda: sentence.search(bytes(process.err.data)), f"{sentence}, not {said!r}")
    assert time.monotonic() - begin >= 2


def relayed(sockt, peers):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "-v")
    return process, peers.connect(process.port), peers.accept(listening)


def test_who_must_act_at_a_relay(sockt, peers):
    silent, *_ = relayed(sockt, peers)
    full, client, _ = relayed(sockt, peers)
    peer_scripts.fill(client)
    full_back, _, target = relayed(sockt, peers)
    peer_scripts.fill(target)
    ended, client, target = relayed(sockt, peers)
    client.sendall(b"x")
    client.shutdown(socket.SHUT_WR)
    assert target.recv(2) == b"x"
    for process, sentence in [
            (silent, b"neither side has said anything; each may wait for the other to speak first"),
            (full, b"the window of the target is closed"), (full_back, b"the window of the client is closed"),
            (ended, b"the target has been told that no more comes and has not ended itself")]:
        process.err.until(SAYS + sentence)
        assert bytes(process.err.data).count(SAYS) == 1


def test_who_must_act_in_a_crowd(sockt, peers):
    """One does not read, and standard input waits for it; an output that is full is said once for all."""
    held = sockt.listen("-v", "-k")
    for _ in range(2):
        peers.connect(held.port)
    reading = peers.connect(held.port)
    held.err.until(b"[3] accept(")
    held.feed(b"x" * 20_000_000, close=False)
    reading.setblocking(True)
    Drain(reading)
    full = sockt.listen("-v", "-k", stdout=unread_pipe(peers))
    for _ in range(3):
        peer_scripts.fill(peers.connect(full.port))
    held.err.until(lambda said: said.count(b"and standard input waits for it; it must read (--slow drop") == 2)
    assert held.err.data.count(SAYS) == 2
    full.err.until(SAYS + b"our output takes no more of what the client has sent")
    begin = time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 1, "more to be said")
    assert full.err.data.count(SAYS) == 1


def test_silence_of_datagrams_and_crowds(sockt, peers):
    """Clients that say nothing, one way, a conversation that pauses, a listener that is heard."""
    crowd = sockt.listen("-v", "-k")
    for _ in range(3):
        peers.connect(crowd.port)
    crowd.err.until(b"[3] accept(")
    server = peers.udp()
    one_way = sockt.start("connect", "-v", "-u", "--send-only", "127.0.0.1", server.getsockname()[1])
    one_way.write(b"x")
    assert server.recv(10) == b"x"
    talk = sockt.start("connect", "-v", "-u", "127.0.0.1", server.getsockname()[1])
    talk.write(b"question")
    data, peer = server.recvfrom(10)
    server.sendto(data, peer)
    talk.out.until(b"question")
    heard = sockt.listen("-v", "-u")
    peers.udp().sendto(b"hello", ("127.0.0.1", heard.port))
    heard.out.until(b"hello")
    begin = time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 2.3, "more than 2 s")
    for process in (crowd, one_way, talk, heard):
        assert SAYS not in bytes(process.err.data), process.describe()


def test_no_answer_is_said_once(sockt, peers):
    """Not again at each pause: nothing is known that was not said."""
    process, sentence = no_answer(sockt, peers)
    process.err.until(sentence)
    process.write(b"again")
    begin = time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 2.3, "another 2 s")
    assert bytes(process.err.data).count(SAYS) == 1


@pytest.mark.netns
def test_a_firewall_on_this_host(sockt, netns):
    """SYNs are dropped, and the accept queue has room, or there is none."""
    require_tool("nft")
    netns.run("nft", "add", "table", "ip", "sockt")
    netns.run("nft", "add", "chain", "ip", "sockt", "rules", "{ type filter hook input priority 0; policy drop; }")
    with netns.listen() as listening:
        port = listening.getsockname()[1]
        there = sockt.start("connect", "-v", "127.0.0.1", port, prefix=netns.prefix)
        nobody = sockt.start("connect", "-v", "127.0.0.1", 1 if port != 1 else 2, prefix=netns.prefix)
        there.err.until(b"though its accept queue has room (0 waiting, limit 128); a firewall of this host drops them")
        nobody.err.until(b"and no socket listens there; a firewall of this host drops them, or the answers")


@pytest.mark.netns
def test_another_host_does_not_answer(sockt, netns):
    """Of another host nothing can be looked at: all that it may be is named."""
    netns.run("ip", "link", "add", "nowhere", "type", "veth", "peer", "name", "nobody")
    netns.run("ip", "address", "add", "10.82.0.1/24", "dev", "nowhere")
    for name in ("nowhere", "nobody"):
        netns.run("ip", "link", "set", name, "up")
    netns.run("ip", "neighbour", "add", "10.82.0.2", "lladdr", "02:00:00:00:00:02", "dev", "nowhere")
    process = sockt.start("connect", "-v", "10.82.0.2", 9, prefix=netns.prefix)
    said = process.err.until(b"the server must accept")
    assert re.search(SAYS + rb"10\.82\.0\.2 port 9 does not answer [2-4] SYNs; a firewall drops them, that host is "
                     rb"gone, or its accept queue is full and the server must accept", said), process.describe()


@pytest.mark.netns
def test_a_router_has_said_why(sockt, netns):
    """Of a silence that a router has explained nothing is guessed. It answers the first SYN only."""
    require_tool("nft")
    with contextlib.closing(Namespace()) as router:
        netns.run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", router.pid)
        for end, name, number in ((netns, "near", 1), (router, "far", 2)):
            end.run("ip", "address", "add", f"10.83.1.{number}/24", "dev", name)
            end.run("ip", "link", "set", name, "up")
        netns.run("ip", "route", "add", "default", "via", "10.83.1.2")
        router.sysctl("net.ipv4.ip_forward", 1)
        router.run("ip", "route", "add", "unreachable", "10.83.2.0/24")
        router.run("nft", "add", "table", "ip", "sockt")
        router.run("nft", "add", "chain", "ip", "sockt", "rules", "{ type filter hook prerouting priority 0; }")
        router.run("nft", "add", "rule", "ip", "sockt", "rules", "ip", "daddr", "10.83.2.0/24", "limit", "rate", "over",
                   "1/hour", "burst", "1", "packets", "drop")
        process = sockt.start("connect", "-v", "10.83.2.7", 9, prefix=netns.prefix)
        said = process.err.until(SAYS)
        said += process.err.until(b"\n")
        assert re.search(rb"10\.83\.2\.7 port 9 does not answer [2-4] SYNs; 10\.83\.1\.2 has answered with an ICMP "
                         rb"error: host unreachable\n", said), process.describe()


def test_silence_where_nothing_is_wrong(sockt, peers):
    """A conversation that pauses, a listener without a client, a client that is being served."""
    paused, sock = connected(sockt, peers)
    paused.write(b"hello")
    assert sock.recv(5) == b"hello"
    sock.sendall(b"and you")
    paused.out.until(b"and you")
    lonely = sockt.listen("-v")
    through, client, target = relayed(sockt, peers)
    client.sendall(b"x")
    assert target.recv(1) == b"x"
    begin = time.monotonic()
    # What is wrong is said meanwhile; a word now and then is no silence.
    busy, sock = connected(sockt, peers)
    while time.monotonic() - begin < 3:
        busy.write(b"x")
        assert sock.recv(1) == b"x"
        wait_for(lambda end=time.monotonic() + 0.2: time.monotonic() > end, "a part of a second")
    for process in (paused, lonely, through, busy):
        assert SAYS not in bytes(process.err.data), process.describe()


def test_silence_while_a_slow_peer_takes(sockt, peers):
    """The kernel sends what it holds for a long time before it takes more of us; what stands still is said then."""
    cases = []
    for is_relay in (False, True):
        listening = peers.listen()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        port = listening.getsockname()[1]
        if is_relay:
            process = sockt.relay(port, "-v")
            peer_scripts.fill(peers.connect(process.port))
        else:
            process = sockt.start("connect", "-v", "127.0.0.1", port)
            process.feed(b"x" * 20_000_000)
        cases.append((process, peers.accept(listening)))
    begin = time.monotonic()
    while time.monotonic() - begin < 4:
        for _, sock in cases:
            assert sock.recv(3000)
        wait_for(lambda end=time.monotonic() + 0.2: time.monotonic() > end, "a part of a second")
    for process, _ in cases:
        assert SAYS not in bytes(process.err.data), process.describe()
    for process, _ in cases:
        process.err.until(b"it must read")


def test_said_once_a_pause(sockt, peers):
    process, _ = nobody_speaks(sockt, peers)
    process.err.until(SAYS)
    begin = time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 2.3, "another 2 s")
    assert bytes(process.err.data).count(SAYS) == 1


def test_nothing_is_acknowledged(sockt, peers, netns):
    """The network loses what is sent."""
    require_tool("nft")
    listening = netns.call(lambda: peers.listen())
    process = sockt.start("connect", "-v", "127.0.0.1", listening.getsockname()[1], prefix=netns.prefix)
    sock = peers.accept(listening)
    process.write(b"x")
    assert sock.recv(1) == b"x"
    netns.run("nft", "add", "table", "ip", "sockt")
    netns.run("nft", "add", "chain", "ip", "sockt", "rules", "{ type filter hook input priority 0; policy drop; }")
    process.write(b"lost")
    process.err.until(SAYS + b"the peer does not acknowledge what was sent, after ")


def test_not_said_without_v(sockt, peers):
    listening = peers.listen()
    process = sockt.start("connect", "127.0.0.1", listening.getsockname()[1])
    peers.accept(listening)
    begin = time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 2.3, "more than 2 s")
    assert bytes(process.err.data) == b""
