# SPDX-License-Identifier: GPL-3.0-or-later
"""
Where nothing moves, -v says after 2 s who must act next; where nothing is wrong it says nothing. All cases of a test
wait at the same time.
"""

import os
import socket
import time

import pytest

import peers as peer_scripts
from facts import require_tool, wait_for

pytestmark = pytest.mark.timing

SAYS = b"nothing moves for 2 s: "


def connected(sockt, peers, *options, **popen):
    """A `sockt connect -v` and its peer."""
    listening = peers.listen()
    process = sockt.start("connect", "-v", *options, "127.0.0.1", listening.getsockname()[1], **popen)
    return process, peers.accept(listening)


def blocked_output(sockt, peers):
    """The output is a pipe that nobody reads."""
    reader, writer = os.pipe()
    process, sock = connected(sockt, peers, stdout=writer)
    os.close(writer)
    peers.keep(os.fdopen(reader, "rb"))
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


def full_queue(sockt, peers):
    """Its kernel drops the SYN."""
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname()[1])
    process = sockt.start("connect", "-v", "127.0.0.1", listening.getsockname()[1])
    return process, b"does not answer 2 SYNs; a firewall drops them, that host is gone, or its accept queue is full"


def full_unix_queue(sockt, peers, tmp_path):
    listening = peers.listen(str(tmp_path / "q"), socket.AF_UNIX, backlog=0)
    peers.connect(str(tmp_path / "q"))
    process = sockt.start("connect", "-v", f"unix:{tmp_path}/q")
    return process, b"the accept queue of %s/q is full; the server must accept" % bytes(tmp_path)


def test_who_must_act(sockt, peers, tmp_path):
    begin = time.monotonic()
    cases = [
        blocked_output(sockt, peers), closed_window(sockt, peers), full_unix_socket(sockt, peers, tmp_path),
        peer_does_not_end(sockt, peers), nobody_speaks(sockt, peers), nothing_to_receive(sockt, peers),
        full_queue(sockt, peers), full_unix_queue(sockt, peers, tmp_path),
    ]
    for process, sentence in cases:
        said = process.err.until(SAYS)
        wait_for(lambda: sentence in bytes(process.err.data), f"{sentence}, not {said!r}")
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
