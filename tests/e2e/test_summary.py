# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a connection and the line that says which rule ended the run."""

import signal
import socket
import subprocess

import pytest

import peers as peer_scripts
from facts import free_port, process_state, wait_for, wait_idle


def two_turns(process, sock):
    """We ask, the peer answers and closes."""
    process.write(b"ask")
    assert peer_scripts.read_exactly(sock, 3) == b"ask"
    sock.sendall(b"answer")
    sock.close()
    process.out.until(b"answer")
    process.close_stdin()


def two_turns_half_closed(process, sock):
    process.write(b"ask")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"ask"
    sock.sendall(b"answer")
    sock.close()


def two_turns_client_closes(process, sock):
    """The client's end comes after the answer, and before the server's."""
    process.write(b"ask")
    assert peer_scripts.read_exactly(sock, 3) == b"ask"
    sock.sendall(b"answer")
    process.out.until(b"answer")
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()


def three_turns(process, sock):
    for word in (b"one", b"two"):
        process.write(word)
        assert peer_scripts.read_exactly(sock, 3) == word
        sock.sendall(word.upper())
        process.out.until(word.upper())
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()


def peer_speaks_first(process, sock):
    sock.sendall(b"welcome")
    process.out.until(b"welcome")
    process.write(b"thanks")
    assert peer_scripts.read_exactly(sock, 6) == b"thanks"
    sock.close()
    process.out.until_end()
    process.close_stdin()


def only_out(process, sock):
    process.write(b"out")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"out"
    sock.close()


def only_in(process, sock):
    sock.sendall(b"in")
    sock.close()
    process.out.until_end()
    process.close_stdin()


def nothing(process, sock):
    sock.close()
    process.out.until_end()
    process.close_stdin()


# scene, role of sockt: shape, spoke_first, closed_first, turns, sent, received
SCENES = [
    (two_turns, "connect", "request-reply", "local", "remote", 2, 3, 6),
    (two_turns_half_closed, "connect", "request-reply", "local", "local", 2, 3, 6),
    (two_turns_client_closes, "connect", "conversation", "local", "local", 2, 3, 6),
    (two_turns, "listen", "conversation", "local", "remote", 2, 3, 6),
    (three_turns, "connect", "conversation", "local", "local", 4, 6, 6),
    (three_turns, "listen", "conversation", "local", "local", 4, 6, 6),
    (peer_speaks_first, "connect", "conversation", "remote", "remote", 2, 6, 7),
    (only_out, "connect", "one-way-out", "local", "local", 1, 3, 0),
    (only_out, "listen", "one-way-out", "local", "local", 1, 3, 0),
    (only_in, "connect", "one-way-in", "remote", "remote", 1, 0, 2),
    (only_in, "listen", "one-way-in", "remote", "remote", 1, 0, 2),
    (nothing, "connect", "silent", "none", "remote", 0, 0, 0),
]


@pytest.mark.parametrize("scene, role, shape, spoke, closed, turns, sent, received", SCENES)
def test_shapes(meet, trace, scene, role, shape, spoke, closed, turns, sent, received):
    seen = trace()
    process, sock = meet(role, *seen.options)
    scene(process, sock)
    process.finish().expect(0)
    end = seen.end()
    got = {name: end.get(name) for name in ("shape", "spoke_first", "closed_first", "turns",
                                            "sent_bytes", "received_bytes", "ended_by")}
    assert got == {"shape": shape, "spoke_first": spoke, "closed_first": closed, "turns": turns,
                   "sent_bytes": sent, "received_bytes": received, "ended_by": "both-ended"}
    assert end["duration_ms"] >= 0


def test_server_of_a_request_and_a_reply(meet, trace):
    """sockt as the server: the client asked, it answered, it ended."""
    seen = trace()
    process, sock = meet("listen", *seen.options)
    sock.sendall(b"ask")
    process.out.until(b"ask")
    process.write(b"answer")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"answer"
    sock.close()
    process.finish().expect(0)
    end = seen.end()
    assert (end["shape"], end["spoke_first"], end["closed_first"]) == ("request-reply", "remote", "local")


def test_sends_and_receives_count_those_that_moved_data(meet, trace):
    seen = trace()
    process, sock = meet("connect", *seen.options)
    for word in (b"one", b"two", b"six"):
        process.write(word)
        assert peer_scripts.read_exactly(sock, 3) == word
    sock.sendall(b"answer")
    process.out.until(b"answer")
    process.close_stdin()
    sock.close()
    process.finish().expect(0)
    end = seen.end()
    assert (end["sends"], end["receives"]) == (3, 1)
    moved = [event for event in seen.events("send", "recv") if event["result"] > 0]
    assert len(moved) == 4


@pytest.mark.parametrize("size", [300_000, 3_000_000])
@pytest.mark.parametrize("options", [(), ("--preview", "0")])
def test_bytes_of_a_transfer_are_counted(sockt, peers, trace, size, options):
    """Whatever path the data take."""
    seen, server = trace(1), peers.server(peer_scripts.echo)
    sockt.run("connect", *options, *seen.options, "127.0.0.1", server.port, input=b"x" * size).expect(0)
    end = seen.end()
    assert (end["sent_bytes"], end["received_bytes"]) == (size, size)


def test_each_client_has_its_summary(sockt, peers, trace):
    seen = trace()
    process = sockt.listen("-k", *seen.options)
    for number in range(3):
        sock = peers.connect(process.port)
        sock.sendall(b"x" * (number + 1))
        sock.shutdown(socket.SHUT_WR)
        wait_for(lambda: len(process.out.data) == (number + 1) * (number + 2) // 2, "the data")
        sock.close()
    process.close_stdin()
    wait_for(lambda: len(seen.events("end")) == 3, "three summaries")
    ends = sorted(seen.events("end"), key=lambda event: event["session"])
    assert [end["received_bytes"] for end in ends] == [1, 2, 3]
    assert [end["session"] for end in ends] == [1, 2, 3]
    assert all(end["side"] == "server" for end in ends)


def run_to_an_end(rule, sockt, peers, meet):
    """A run that ends by the rule, with -v. Returns (Result, whether there was a connection)."""
    def connected(options, act=lambda process, sock: None, role="connect"):
        process, sock = meet(role, "-v", *options)
        act(process, sock)
        return process.finish(), True

    def full_queue():
        listening = peers.listen(backlog=0)
        peers.connect(listening.getsockname())
        return listening.getsockname()[1]

    def close_both(process, sock):
        sock.close()
        process.close_stdin()

    def unread(process, sock):
        process.feed(b"z" * 200_000)

    def signalled(process, sock):
        wait_idle(process.pid)
        process.signal(signal.SIGTERM)

    if rule == "both-ended":
        return connected((), close_both)
    if rule == "local-ended":
        return connected(("--until", "local"), lambda process, sock: process.close_stdin())
    if rule == "remote-ended":
        return connected(("--until", "remote"), lambda process, sock: sock.close())
    if rule == "quit-after":
        return connected(("-q", "100ms"), lambda process, sock: process.close_stdin())
    if rule == "connect-timeout":
        return sockt.run("connect", "-v", "-w", "100ms", "127.0.0.1", full_queue()), False
    if rule == "accept-timeout":
        return sockt.listen("-v", "--accept-timeout", "100ms").finish(), False
    if rule == "idle-timeout":
        return connected(("-i", "100ms"))
    if rule == "total-timeout":
        return connected(("--total-timeout", "400ms"))
    if rule == "reset":
        return connected((), lambda process, sock: peer_scripts.reset(sock))
    if rule == "error":
        return sockt.run("connect", "-v", "127.0.0.1", peers.refused_port()), False
    if rule == "signal":
        return connected((), signalled)
    if rule == "sent-all":
        return connected(("--send-only",), lambda process, sock: process.close_stdin())
    assert rule == "output-closed"
    with open("/dev/full", "wb") as full:
        process, sock = meet("connect", "-v", stdout=full)
        sock.sendall(b"x")
        return process.finish(), True


SENTENCES = {
    "both-ended": "ended: both directions finished",
    "local-ended": "ended: standard input ended (--until local)",
    "remote-ended": "ended: the peer ended (--until remote)",
    "quit-after": "ended: no data for 100 ms after the end of standard input (--quit-after)",
    "connect-timeout": "ended: no connection within 100 ms (--connect-timeout)",
    "accept-timeout": "ended: no client within 100 ms (--accept-timeout)",
    "idle-timeout": "ended: idle for 100 ms (--idle-timeout)",
    "total-timeout": "ended: 400 ms have passed (--total-timeout)",
    "reset": "ended: the peer reset the connection",
    "error": "ended: a step failed",
    "signal": "ended: signal SIGTERM",
    "sent-all": "ended: everything is sent and acknowledged (--send-only)",
    "output-closed": "ended: our own output takes no more",
}


@pytest.mark.parametrize("rule", SENTENCES)
def test_last_line_names_the_rule(sockt, peers, meet, rule):
    result, _ = run_to_an_end(rule, sockt, peers, meet)
    last = result.err.decode().rstrip("\n").splitlines()[-1].strip()
    assert last == SENTENCES[rule], result
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("option", ["--until=remote", "--recv-only", "--no-shutdown", "--keep-open"])
def test_the_peers_end_names_the_option_that_makes_it_enough(meet, trace, option):
    seen = trace()
    process, sock = meet("listen" if option == "--keep-open" else "connect", "-v", option, *seen.options)
    process.close_stdin()
    sock.close()
    words = option.replace("=", " ")
    assert process.err.until(f"the peer ended ({words})".encode())
    if option != "--keep-open":
        last = process.finish().expect(0).err.decode().rstrip("\n").splitlines()[-1].strip()
        assert last == f"ended: the peer ended ({words})"
    wait_for(lambda: seen.events("end"), "the summary")
    assert (seen.end()["ended_by"], seen.end()["limit"]) == ("remote-ended", words)


@pytest.mark.parametrize("rule", SENTENCES)
def test_summary_names_the_rule(sockt, peers, trace, meet, rule):
    seen = trace()
    original = sockt.start
    sockt.start = lambda command, *args, **more: original(command, *seen.options, *args, **more)
    _, is_connected = run_to_an_end(rule, sockt, peers, meet)
    ends = seen.events("end")
    if is_connected:
        assert [end["ended_by"] for end in ends] == [rule]
    else:
        assert all(end["ended_by"] == rule for end in ends)


def test_nothing_is_said_without_v(sockt, peers):
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", "127.0.0.1", server.port, input=b"x").expect(0, b"x", err=b"")


def test_a_run_without_a_connection_says_how_it_ended(sockt, trace):
    """The last event is an `end` of nothing: there is no other place for it in the trace."""
    seen = trace()
    sockt.run("listen", *seen.options, "--accept-timeout", "100ms", "127.0.0.1", "0").expect(4)
    end = seen.events()[-1]
    assert (end["step"], end["ended_by"], end["shape"]) == ("end", "accept-timeout", "silent")
    assert end["limit"] == "100 ms" and end["duration_ms"] >= 100


def test_the_step_that_fails_is_shown_at_level_1(sockt, peers):
    """A datagram that nobody takes: recv() is of level 2, its error is not."""
    sockt.run("connect", "-v", "-u", "127.0.0.1", free_port(), input=b"x").expect(1, err=b") = ECONNREFUSED")


def test_who_had_ended_before_us_ended_first(sockt):
    """The client has sent its end before the listener looks; the listener's input has ended, too."""
    process = sockt.listen("-v", stdin=subprocess.DEVNULL)
    process.signal(signal.SIGSTOP)
    wait_for(lambda: process_state(process.pid) == "T", "the stop")
    with socket.create_connection(("127.0.0.1", process.port)) as client:
        client.sendall(b"x")
        client.shutdown(socket.SHUT_WR)
        process.signal(signal.SIGCONT)
        assert client.recv(1) == b""
    result = process.finish().expect(0, b"x", err="the peer closed first")
    assert b"this side closed first" not in result.err
