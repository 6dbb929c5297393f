# SPDX-License-Identifier: GPL-3.0-or-later
"""The trace of a relay: both sides of each session, numbered, one summary each, and every call that was made."""

import os
import re
import signal
import socket

import pytest

import peers as peer_scripts
import trace as traces
from facts import children_of, require_localhost, wait_for, wait_idle
from straced import Witness


def ends(seen, count):
    """The summaries, once there are so many."""
    return wait_for(lambda: len(seen.events("end")) >= count and seen.events("end"), f"{count} summaries")


def of_side(events, side):
    found = [event for event in events if event.get("side") == side]
    assert len(found) == 1, found
    return found[0]


def refusals(seen):
    return [event for event in seen.events("note") if "the client is reset" in event["text"]]


def finish(sock):
    sock.shutdown(socket.SHUT_WR)
    assert sock.recv(1) == b""
    sock.close()


# Summaries

def test_two_summaries_that_agree(pair, trace):
    seen = trace()
    _, client, target = pair(*seen.options)
    names = ["127.0.0.1:%d" % sock[1] for sock in (client.getsockname(), client.getpeername(), target.getpeername(),
                                                   target.getsockname())]
    client.sendall(b"question")
    assert peer_scripts.read_exactly(target, 8) == b"question"
    target.sendall(b"answer")
    assert peer_scripts.read_exactly(client, 6) == b"answer"
    client.shutdown(socket.SHUT_WR)
    assert target.recv(1) == b""
    target.shutdown(socket.SHUT_WR)
    server, outward = (of_side(ends(seen, 2), side) for side in ("server", "client"))
    assert (server["received_bytes"], server["sent_bytes"]) == (8, 6)
    assert (outward["sent_bytes"], outward["received_bytes"]) == (8, 6)
    assert server["ended_by"] == outward["ended_by"] == "both-ended"
    assert (server["spoke_first"], outward["spoke_first"]) == ("remote", "local")
    assert (server["closed_first"], outward["closed_first"]) == ("remote", "local")
    assert [server["remote"], server["local"], outward["local"], outward["remote"]] == names
    assert server["session"] == outward["session"] == 1


def test_an_end_of_the_relay_itself(pair, trace):
    """Nobody closed first but we, on both sides; and the signal has its name."""
    seen = trace()
    process, client, target = pair("-v", *seen.options)
    client.sendall(b"x")
    assert target.recv(1) == b"x"
    process.signal(signal.SIGTERM)
    result = process.finish()
    assert result.status == 143
    for side in ("server", "client"):
        end = of_side(ends(seen, 2), side)
        assert (end["ended_by"], end["closed_first"], end["limit"]) == ("signal", "local", "SIGTERM")
    assert b": signal SIGTERM" in result.err


def test_a_target_that_is_not_there_is_told_of_each_session(sockt, peers, trace):
    seen = trace()
    process = sockt.relay(peers.refused_port(), *seen.options)
    for _ in range(2):
        assert peer_scripts.read_to_reset(peers.connect(process.port)) == b""
    notes = wait_for(lambda: len(refusals(seen)) == 2 and refusals(seen), "two notes")
    assert [note["session"] for note in notes] == [1, 2]


@pytest.mark.parametrize("options", [(), ("--preview", "0")])
def test_large_transfers_are_counted_exactly(sockt, peers, trace, options):
    """By copying and by splicing."""
    seen, server = trace(2 if options else 1), peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, *options, *seen.options)
    data = os.urandom(3_000_001)
    sockt.run("connect", "127.0.0.1", process.port, input=data).expect(0, data)
    counts = {(event["sent_bytes"], event["received_bytes"]) for event in ends(seen, 2)}
    assert counts == {(len(data), len(data))}


@pytest.mark.parametrize("side", ["client", "target"])
def test_reset_is_the_end_of_both_sides(pair, trace, side):
    seen = trace()
    _, client, target = pair(*seen.options)
    client.sendall(b"x")
    assert target.recv(1) == b"x"
    peer_scripts.reset(client if side == "client" else target)
    found = ends(seen, 2)
    assert {event["ended_by"] for event in found} == {"reset"}
    assert of_side(found, "server")["closed_first"] == ("remote" if side == "client" else "local")
    assert of_side(found, "client")["closed_first"] == ("local" if side == "client" else "remote")


def test_target_that_refuses(sockt, peers, trace):
    """There is one connection, and one summary."""
    seen = trace()
    process = sockt.relay(peers.refused_port(), *seen.options)
    assert peers.is_reset(process.port)
    found = ends(seen, 1)
    assert [(event["ended_by"], event["side"]) for event in found] == [("error", "server")]
    assert seen.events("connected")[0]["errno"] == "ECONNREFUSED"


def test_idle_timeout_of_both_sides(pair, trace):
    seen = trace()
    pair("-i", "200ms", *seen.options)
    assert {event["ended_by"] for event in ends(seen, 2)} == {"idle-timeout"}


def test_signal_of_both_sides(pair, trace):
    seen = trace()
    process, _, _ = pair(*seen.options)
    wait_idle(process.pid)
    process.signal(15)
    assert process.wait() == 143
    assert {event["ended_by"] for event in ends(seen, 2)} == {"signal"}


# Sessions

def test_sessions_are_numbered_on_both_sides(sockt, peers, trace):
    seen, server = trace(2), peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, *seen.options)
    for number in range(1, 4):
        sock = peers.connect(process.port)
        sock.sendall(b"n" * number)
        assert len(peer_scripts.read_exactly(sock, number)) == number
        finish(sock)
    ends(seen, 6)
    process.signal(15)
    process.wait()
    loaded = traces.load(seen.path)
    for number in range(1, 4):
        events = loaded.of_session(number)
        assert {event["side"] for event in events if "side" in event} == {"server", "client"}
        steps = {event["step"] for event in events}
        assert steps >= {"accept", "socket", "connect", "connected", "recv", "send", "shutdown", "close", "end"}
        assert {event["fd"] for event in events if event["step"] == "close"} == {
            event["fd"] for event in events if event["step"] in ("recv", "send")}
        assert [event["sent_bytes"] for event in events if event["step"] == "end"] == [number, number]


def test_text_shows_both_sides(sockt, peers):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "-v")
    for _ in range(2):
        sock = peers.connect(process.port)
        sock.sendall(b"hello")
        assert peer_scripts.read_exactly(sock, 5) == b"hello"
        finish(sock)
    lines = process.err.until(lambda said: said.count(b"[2] close(") == 2).decode().splitlines()
    of_second = [line for line in lines if "[2]" in line]
    assert sum("both directions finished" in line for line in of_second) == 2
    assert sum("sent 5 B, received 5 B" in line for line in of_second) == 2
    assert any("accept(" in line for line in of_second) and any("connect(" in line for line in of_second)
    assert not any(re.search(r"\b(recv|send|splice)\(", line) for line in lines)


def test_text_of_level_2_shows_the_data(sockt, peers):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "-vv")
    sock = peers.connect(process.port)
    sock.sendall(b"hel\x1blo")
    assert peer_scripts.read_exactly(sock, 6) == b"hel\x1blo"
    said = process.err.until(lambda said: said.count(rb'"hel\x1blo"') == 4).decode()
    assert "recv(" in said and "send(" in said
    assert "\x1b" not in said


def test_silence_without_v(sockt, peers):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port)
    sock = peers.connect(process.port)
    sock.sendall(b"x")
    assert sock.recv(1) == b"x"
    peer_scripts.reset(sock)
    process.signal(15)
    process.finish().expect(143, b"", b"")


@pytest.mark.parametrize("level", [1, 2, 3])
def test_trace_is_as_the_schema_has_it(sockt, peers, trace, level):
    seen, server = trace(level), peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, *seen.options)
    first, second = peers.connect(process.port), peers.connect(process.port)
    first.sendall(b"hello")
    assert peer_scripts.read_exactly(first, 5) == b"hello"
    finish(first)
    peer_scripts.reset(second)
    ends(seen, 4)
    process.signal(15)
    process.wait()
    assert len(traces.load(seen.path).ends()) == 4


def test_a_name_is_resolved_for_the_connections(sockt, peers, trace):
    """Not at the start: each event belongs to a session."""
    require_localhost()
    seen, server = trace(), peers.server(peer_scripts.echo)
    process = sockt.relay(f"tcp4:localhost:{server.port}", *seen.options)
    assert not seen.events("resolve")
    for _ in range(3):
        sock = peers.connect(process.port)
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
        finish(sock)
    ends(seen, 6)
    assert 1 <= len(seen.events("resolve")) <= 3
    assert all(event["session"] for event in seen.events("resolve"))


@pytest.mark.waits
@pytest.mark.netns
def test_a_name_that_moves(sockt, netns, tmp_path):
    """The target is looked up again within seconds, without a restart."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.2 target.test\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files\n")
    netns.replace_file("/etc/hosts", hosts)
    netns.replace_file("/etc/nsswitch.conf", tmp_path / "nsswitch.conf")
    first = netns.listen(("127.0.0.2", 0))
    port = first.getsockname()[1]
    second = netns.listen(("127.0.0.3", port))
    process = sockt.relay(f"tcp:target.test:{port}", prefix=netns.prefix)

    def reach(listening):
        """Does a client get there?"""
        with netns.socket() as client:
            client.connect(("127.0.0.1", process.port))
            listening.settimeout(0.3)
            try:
                listening.accept()[0].close()
                return True
            except TimeoutError:
                return False
    with first, second:
        assert reach(first)
        hosts.write_text("127.0.0.3 target.test\n")
        wait_for(lambda: reach(second), "the new address to be used")


# strace

@pytest.mark.strace
@pytest.mark.parametrize("preview", ["32", "0"])
def test_every_call_is_in_the_trace(sockt, peers, tmp_path, trace, preview):
    seen = Witness(tmp_path, trace, options=("--preview", preview))
    peers.server(peer_scripts.echo, str(tmp_path / "s"), socket.AF_UNIX)
    process = sockt.relay(f"unix:{tmp_path}/s", *seen.options, prefix=seen.prefix)
    small, lost, large = (peers.connect(process.port) for _ in range(3))
    small.sendall(b"hello")
    assert peer_scripts.read_exactly(small, 5) == b"hello"
    finish(small)
    lost.sendall(b"x")
    assert lost.recv(1) == b"x"
    peer_scripts.reset(lost)
    for _ in range(20):
        large.sendall(b"y" * 100_000)
        assert len(peer_scripts.read_exactly(large, 100_000)) == 100_000
    finish(large)
    ends(seen.seen, 6)
    for pid in children_of(process.pid):
        os.kill(pid, 15)
    process.wait()
    calls = seen.compare()
    names = {call[0] for call in calls}
    assert names >= {"socket", "bind", "listen", "accept", "connect", "send", "recv", "shutdown", "close"}
    assert preview != "0" or "splice" in names


@pytest.mark.strace
def test_every_call_is_in_the_trace_when_the_target_is_not_there(sockt, peers, tmp_path, trace):
    seen = Witness(tmp_path, trace)
    process = sockt.relay(peers.refused_port(), *seen.options, prefix=seen.prefix)
    for _ in range(3):
        assert peers.is_reset(process.port, b"x")
    ends(seen.seen, 3)
    for pid in children_of(process.pid):
        os.kill(pid, 15)
    process.wait()
    seen.compare()
