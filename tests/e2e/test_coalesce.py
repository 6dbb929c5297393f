# SPDX-License-Identifier: GPL-3.0-or-later
"""A byte stream has no boundaries: where pieces are seen to be joined or cut on their way, the trace says so."""

import os
import signal
import socket

import pytest

import peers as peer_scripts
from facts import process_state, wait_for


def coalesced(seen):
    """(step, side, what it was of, pieces, into), of each event that tells of it."""
    return [(event["step"], event["side"], *(event["coalesced"][name] for name in ("of", "pieces", "into")))
            for event in seen.events() if "coalesced" in event]


def test_a_relay_cuts(pair, trace):
    """What came at once leaves in slices; what comes back is passed on as it came."""
    seen = trace(2)
    process, client, target = pair("-vv", *seen.options, "--trace", f"ladder:{seen.path}.ladder",
                                   "--fault", "up:slice=3")
    client.sendall(b"seventy")
    assert peer_scripts.read_exactly(target, 7) == b"seventy"
    target.sendall(b"one piece")
    assert peer_scripts.read_exactly(client, 9) == b"one piece"
    client.shutdown(socket.SHUT_WR)
    target.close()
    process.err.until(b"1 receive of the client left as 3 sends")
    wait_for(lambda: len(seen.events("end")) == 2, "the end of the session")
    assert coalesced(seen) == [("send", "client", "receives", 1, 3)]
    wait_for(lambda: "1 receive of the client left as 3 sends" in
             (seen.path.parent / f"{seen.path.name}.ladder").read_text(encoding="utf-8"), "it in the ladder")


def test_a_target_that_takes_less(sockt, peers, trace):
    """The buffer towards it is small: a send is short, and the rest follows when there is room."""
    seen = trace(2)
    listening = peers.listen()
    process = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},sndbuf=30000", *seen.options)
    client = peers.connect(process.port)
    target = peers.accept(listening)
    peer_scripts.fill(client)
    wait_for(lambda: [event for event in seen.events("send") if event.get("errno") == "EAGAIN"], "a full buffer")
    cuts = wait_for(lambda: target.recv(1 << 16) and coalesced(seen), "a receive that was cut")
    assert all(cut[:4] == ("send", "client", "receives", 1) and cut[4] > 1 for cut in cuts)


def test_what_passes_whole(pair, trace):
    """Nothing is said of it."""
    seen = trace(2)
    process, client, target = pair("-vv", *seen.options)
    for word in (b"one", b"two", b"three"):
        client.sendall(word)
        assert peer_scripts.read_exactly(target, len(word)) == word
        target.sendall(word)
        assert peer_scripts.read_exactly(client, len(word)) == word
    client.shutdown(socket.SHUT_WR)
    target.close()
    wait_for(lambda: len(seen.events("end")) == 2, "the end of the session")
    assert len(seen.events("send")) == 6 and not coalesced(seen)
    assert b" left as " not in bytes(process.err.data)


def test_a_proxy_header_is_no_piece(sockt, peers, trace):
    """It is taken away; what follows it is passed on whole."""
    seen = trace(2)
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], *seen.options, at="tcp:127.0.0.1:0,accept-proxy")
    client = peers.connect(process.port)
    client.sendall(b"PROXY UNKNOWN\r\n")
    target = peers.accept(listening)
    for word in (b"one", b"two"):
        client.sendall(word)
        assert peer_scripts.read_exactly(target, len(word)) == word
    client.close()
    target.close()
    wait_for(lambda: len(seen.events("end")) == 2, "the end of the session")
    assert not coalesced(seen)


def test_through_workers(sockt, peers, trace):
    """The parent's trace says it too."""
    seen = trace(2)
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], *seen.options, "--workers", "2", "--fault", "down:slice=4")
    client = peers.connect(process.port)
    target = peers.accept(listening)
    target.sendall(b"eight by")
    assert peer_scripts.read_exactly(client, 8) == b"eight by"
    wait_for(lambda: coalesced(seen) == [("send", "server", "receives", 1, 2)], "what the worker cut")


@pytest.mark.parametrize("at", [("127.0.0.1", "0"), ("0",)])
def test_segments_before_accept(sockt, trace, netns, at):
    """The client has sent three times before it is accepted."""
    seen = trace(2)
    process = sockt.listen("--packets", *seen.options, at=at, prefix=netns.prefix)
    pid = wait_for(lambda: seen.lines() and seen.header()["pid"], "the trace to begin")
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: process_state(pid) == "T", "it to stand still")
    client = netns.socket()
    client.connect(("127.0.0.1", process.port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for word in (b"one", b"two", b"three"):
        client.sendall(word)
    os.kill(pid, signal.SIGCONT)
    process.out.until(b"onetwothree")
    client.close()
    process.close_stdin()
    process.wait()
    assert coalesced(seen) == [("recv", "server", "segments", 3, 1)]


def test_segments(sockt, peers, trace, netns):
    """Of a client, while the listener is stopped: they are received at once. Of ours: each send leaves as one."""
    seen = trace(2)
    process = sockt.listen("-vv", "--packets", *seen.options, prefix=netns.prefix)
    client = netns.socket()
    client.connect(("127.0.0.1", process.port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pid = wait_for(lambda: seen.events("accept") and seen.header()["pid"], "the client to be taken")
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: process_state(pid) == "T", "it to stand still")
    for word in (b"one", b"two", b"three"):
        client.sendall(word)
    os.kill(pid, signal.SIGCONT)
    process.err.until(b"3 segments arrived as 1 receive")
    process.write(b"back")
    assert peer_scripts.read_exactly(client, 4) == b"back"
    client.close()
    process.close_stdin()
    process.wait()
    assert coalesced(seen) == [("recv", "server", "segments", 3, 1)]
