# SPDX-License-Identifier: GPL-3.0-or-later
"""How a session ends: one test a rule, in both roles where the rule has both."""

import os
import socket
import time

import pytest

import peers as peer_scripts
from facts import SCALE, bytes_readable, bytes_unacknowledged, tcp_state, wait_for, wait_idle

ESTABLISHED, CLOSE_WAIT = 1, 8
roles = pytest.mark.parametrize("role", ["connect", "listen"])


@roles
@pytest.mark.smoke
def test_end_of_input_closes_the_sending_half_only(meet, role):
    process, sock = meet(role)
    process.write(b"question")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"question"
    wait_idle(process.pid)
    sock.sendall(b"late answer")
    process.out.until(b"late answer")
    sock.close()
    process.finish().expect(0, b"late answer", err=b"")


@roles
def test_end_of_the_peer_closes_the_output_and_sending_goes_on(meet, role):
    process, sock = meet(role)
    sock.sendall(b"all I say")
    sock.shutdown(socket.SHUT_WR)
    assert process.out.until_end() == b"all I say"
    assert process.is_running
    for word in (b"one", b"two"):
        process.write(word)
        assert peer_scripts.read_exactly(sock, 3) == word
    process.close_stdin()
    assert sock.recv(1) == b""
    process.finish().expect(0, b"all I say")


@roles
def test_until_both_is_the_default_spelled_out(meet, role):
    process, sock = meet(role, "--until", "both")
    sock.shutdown(socket.SHUT_WR)
    process.out.until_end()
    process.write(b"still here")
    assert peer_scripts.read_exactly(sock, 10) == b"still here"
    process.close_stdin()
    process.finish().expect(0, b"")


@roles
def test_until_remote_ends_with_the_peer(meet, role):
    process, sock = meet(role, "--until", "remote")
    sock.sendall(b"last words")
    sock.shutdown(socket.SHUT_WR)
    process.finish().expect(0, b"last words", err=b"")


@roles
def test_until_remote_goes_on_after_the_end_of_input(meet, role):
    process, sock = meet(role, "--until=remote")
    process.close_stdin()
    assert sock.recv(1) == b""
    wait_idle(process.pid)
    assert process.is_running
    sock.sendall(b"more")
    process.out.until(b"more")
    sock.close()
    process.finish().expect(0, b"more")


@roles
def test_until_local_ends_with_the_input(meet, role):
    process, sock = meet(role, "--until", "local")
    process.write(b"that is all")
    process.close_stdin()
    process.finish().expect(0, b"", err=b"")
    assert peer_scripts.read_all(sock) == b"that is all"


def test_fifo_whose_writer_has_gone_is_an_ended_input(sockt, peers, tmp_path):
    """No edge of readiness tells that: it has to be read to be seen."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    os.close(os.open(fifo, os.O_WRONLY))
    os.set_blocking(reader, True)
    server = peers.server(peer_scripts.reply(b"answer"))
    process = sockt.start("connect", "127.0.0.1", server.port, stdin=reader)
    os.close(reader)
    process.finish().expect(0, b"answer", err=b"")


def test_until_with_another_word_is_a_wrong_command_line(sockt):
    sockt.run("connect", "--until", "never", "127.0.0.1", "9").expect(2, b"", err="never")


@roles
def test_recv_only_never_reads_the_input(meet, role):
    process, sock = meet(role, "--recv-only")
    process.write(b"left alone")
    sock.sendall(b"data")
    process.out.until(b"data")
    wait_idle(process.pid)
    assert tcp_state(sock) == ESTABLISHED, "it half-closed while data arrive"
    assert bytes_readable(process.popen.stdin) == len(b"left alone")
    sock.sendall(b", more")
    sock.shutdown(socket.SHUT_WR)
    process.finish().expect(0, b"data, more", err=b"")
    assert sock.recv(10) == b""


@roles
def test_send_only_ends_after_the_last_byte(meet, role):
    process, sock = meet(role, "--send-only")
    process.write(b"going out")
    process.close_stdin()
    process.finish().expect(0, b"", err=b"")
    assert peer_scripts.read_all(sock) == b"going out"


@roles
def test_send_only_discards_what_arrives_and_does_not_reset(meet, role):
    process, sock = meet(role, "--send-only")
    sock.sendall(b"r" * 8_000_000)
    wait_for(lambda: bytes_unacknowledged(sock) == 0, "the reply to be taken")
    process.write(b"payload")
    process.close_stdin()
    process.finish().expect(0, b"", err=b"")
    assert peer_scripts.read_all(sock) == b"payload"


def test_send_only_and_recv_only_exclude_each_other(sockt):
    sockt.run("connect", "--send-only", "--recv-only", "127.0.0.1", "9").expect(2, b"", err="only")


@roles
def test_send_only_does_not_end_with_the_peer(meet, role):
    process, sock = meet(role, "--send-only")
    sock.shutdown(socket.SHUT_WR)
    wait_idle(process.pid)
    process.write(b"payload")
    assert peer_scripts.read_exactly(sock, 7) == b"payload"
    process.close_stdin()
    process.finish().expect(0, b"")


@roles
def test_no_shutdown_sends_no_fin(meet, role):
    process, sock = meet(role, "--no-shutdown")
    process.write(b"request")
    process.close_stdin()
    assert peer_scripts.read_exactly(sock, 7) == b"request"
    wait_idle(process.pid)
    assert tcp_state(sock) == ESTABLISHED
    sock.sendall(b"answer")
    sock.shutdown(socket.SHUT_WR)
    process.finish().expect(0, b"answer", err=b"")


@roles
def test_no_shutdown_ends_by_quit_after(meet, role, trace):
    seen = trace()
    process, sock = meet(role, "--no-shutdown", "-q", "200ms", *seen.options)
    process.write(b"request")
    process.close_stdin()
    assert peer_scripts.read_exactly(sock, 7) == b"request"
    process.finish().expect(0, b"")
    assert seen.end()["ended_by"] == "quit-after"


@roles
def test_quit_after_silence(meet, role, trace):
    seen = trace()
    process, sock = meet(role, "-q", "300ms", *seen.options)
    process.write(b"request")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"request"
    start = time.monotonic()
    process.finish().expect(0, b"")
    assert time.monotonic() - start > 0.2
    assert seen.end()["ended_by"] == "quit-after"


def test_quit_after_starts_only_when_the_input_has_ended(meet):
    process, sock = meet("connect", "-q", "100ms")
    wait_idle(process.pid, quiet=0.3)
    assert process.is_running
    process.close_stdin()
    process.finish().expect(0, b"")
    sock.close()


@pytest.mark.prompt
def test_quit_after_counts_from_the_last_data(meet):
    """Data keep it alive: eight pieces in less than the limit each, together far more."""
    process, sock = meet("connect", "-q", f"{int(400 * SCALE)}ms")
    process.close_stdin()
    assert sock.recv(1) == b""
    start = time.monotonic()
    for count in range(1, 9):
        wait_for(lambda: time.monotonic() - start > count * 0.1 * SCALE, "the clock")
        sock.sendall(b"x")
        process.out.until(count)
    process.finish().expect(0, b"x" * 8)


def test_quit_after_with_an_unacknowledged_tail_is_5(sockt, peers):
    listening = peers.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    process = sockt.start("connect", "-q", "300ms", "127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    process.feed(b"z" * 200_000)
    process.finish().expect(5)
    sock.close()


@roles
def test_peer_that_never_reads_is_waited_for(sockt, peers, role):
    """An unacknowledged tail is never status 0: without a limit it is waited for."""
    process = peer = None
    listening = peers.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    if role == "connect":
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        process = sockt.start("connect", "--until", "local", "127.0.0.1", listening.getsockname()[1])
        peer = peers.accept(listening)
    else:
        process = sockt.listen("--until", "local")
        listening.connect(("127.0.0.1", process.port))
        peer = listening
    process.feed(b"z" * 200_000)
    end = time.monotonic() + 0.4
    wait_for(lambda: time.monotonic() > end, "several looks at the queue")
    assert process.is_running
    assert peer_scripts.read_all(peer) == b"z" * 200_000
    process.finish().expect(0)


@pytest.mark.waits
def test_quiet_says_nothing_of_waiting_but_what_failed(sockt, meet):
    process, sock = meet("connect", "--quiet", "--trace", "json:trace")
    sock.shutdown(socket.SHUT_WR)
    # The moment at which it would be said.
    wait_for(lambda: b"--until" in (sockt.workdir / "trace").read_bytes(), "the note in the trace")
    process.close_stdin()
    process.finish().expect(0, b"", err=b"")
    said = sockt.run("connect", "--quiet", "127.0.0.1", "1").expect(1, b"").err
    assert b"ECONNREFUSED" in said
    sockt.run("connect", "--quiet", "-v", "127.0.0.1", "1").expect(2, b"", err="--quiet and -v contradict")


@pytest.mark.waits
def test_waiting_for_the_input_is_said_once(meet):
    process, sock = meet("connect")
    sock.shutdown(socket.SHUT_WR)
    said = process.err.until(b"\n")
    assert b"--until" in said
    process.write(b"x")
    assert sock.recv(1) == b"x"
    end = time.monotonic() + 2.3
    wait_for(lambda: time.monotonic() > end, "two more silent seconds")
    process.close_stdin()
    result = process.finish().expect(0, b"")
    assert result.err.count(b"\n") == 1, result
    assert b"--until" in result.err


@pytest.mark.waits
def test_nothing_is_said_where_the_input_keeps_coming(meet):
    process, sock = meet("connect")
    sock.shutdown(socket.SHUT_WR)
    start = time.monotonic()
    while time.monotonic() - start < 2.4:
        process.write(b"x")
        assert sock.recv(1) == b"x"
        next_at = time.monotonic() + 0.2
        wait_for(lambda: time.monotonic() > next_at, "the clock")
    process.close_stdin()
    process.finish().expect(0, b"", err=b"")


@roles
def test_input_from_a_terminal_ends_with_the_peer(meet, role, terminal, tmp_path):
    with open(tmp_path / "out", "wb") as out:
        process, sock = meet(role, stdin=terminal.slave, stdout=out)
        terminal.type("typed\n")
        assert peer_scripts.read_exactly(sock, 6) == b"typed\n"
        sock.sendall(b"shown")
        sock.close()
        process.finish().expect(0, err=b"")
    assert (tmp_path / "out").read_bytes() == b"shown"


def test_ctrl_d_on_a_terminal_half_closes(meet, terminal, tmp_path):
    with open(tmp_path / "out", "wb") as out:
        process, sock = meet("connect", stdin=terminal.slave, stdout=out, **terminal.popen())
        terminal.type("typed\n")
        assert peer_scripts.read_exactly(sock, 6) == b"typed\n"
        terminal.end_of_input()
        assert sock.recv(1) == b""
        assert process.is_running
        sock.sendall(b"and on")
        sock.close()
        process.finish().expect(0, err=b"")
    assert (tmp_path / "out").read_bytes() == b"and on"


def test_large_tail_is_delivered_before_the_end(meet):
    """The peer reads slowly, long after our input has ended."""
    data = b"t" * 3_000_000
    process, sock = meet("connect", "--until", "local")
    process.feed(data)
    got = 0
    while True:
        piece = sock.recv(100_000)
        if not piece:
            break
        got += len(piece)
    assert got == len(data)
    process.finish().expect(0)
