# SPDX-License-Identifier: GPL-3.0-or-later
"""The four time limits, which are never mixed, and --retry."""

import os
import socket
import threading
import time

import pytest

import peers as peer_scripts
from facts import SCALE, bytes_readable, cpu_used_while_idle, wait_for

roles = pytest.mark.parametrize("role", ["connect", "listen"])


@pytest.fixture
def silent_port(peers):
    """A port whose accept queue is full: SYNs get no answer."""
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname())
    return listening.getsockname()[1]


@pytest.mark.prompt
@pytest.mark.parametrize("option", ["-w", "--connect-timeout"])
def test_connect_timeout(sockt, silent_port, option):
    result = sockt.run("connect", option, "300ms", "127.0.0.1", silent_port)
    result.expect(4, b"", err=["300 ms", "--connect-timeout"])
    assert 0.25 < result.seconds < 5 * SCALE


def test_connect_timeout_does_not_limit_the_session(meet):
    process, sock = meet("connect", "-w", "200ms")
    end = time.monotonic() + 0.4
    wait_for(lambda: time.monotonic() > end, "twice the limit")
    sock.sendall(b"late")
    process.out.until(b"late")
    process.close_stdin()
    sock.close()
    process.finish().expect(0, b"late")


def test_accept_timeout(sockt):
    process = sockt.listen("--accept-timeout", "200ms")
    process.finish().expect(4, b"", err="--accept-timeout")


@pytest.mark.prompt
def test_accept_timeout_does_not_limit_the_session(meet):
    process, sock = meet("listen", "--accept-timeout", f"{300 * SCALE}ms")
    end = time.monotonic() + 0.5 * SCALE
    wait_for(lambda: time.monotonic() > end, "more than the limit")
    sock.sendall(b"late")
    process.out.until(b"late")


@roles
@pytest.mark.parametrize("option", ["-i", "--idle-timeout"])
def test_idle_timeout(meet, role, option):
    process, sock = meet(role, option, "200ms")
    process.finish().expect(4, b"", err="--idle-timeout")
    sock.close()


@pytest.mark.prompt
@roles
def test_idle_timeout_is_put_off_by_data(meet, role):
    process, sock = meet(role, "-i", f"{int(400 * SCALE)}ms")
    start = time.monotonic()
    for count in range(1, 9):
        wait_for(lambda: time.monotonic() - start > count * 0.1 * SCALE, "the clock")
        if count % 2:
            sock.sendall(b"x")
            process.out.until((count + 1) // 2)
        else:
            process.write(b"y")
            assert sock.recv(1) == b"y"
    assert process.is_running
    process.finish().expect(4, b"xxxx")


@pytest.mark.prompt
@roles
def test_total_timeout_ends_a_busy_session(meet, role):
    process, sock = meet(role, "--total-timeout", f"{int(600 * SCALE)}ms")
    sock.settimeout(0.05)

    def busy_until_it_ends():
        try:
            sock.sendall(b"x")
            sock.recv(1)
        except OSError:
            pass
        return not process.is_running
    wait_for(busy_until_it_ends, "the limit to end the session")
    result = process.finish()
    result.expect(4, err="--total-timeout")
    assert result.out.strip(b"x") == b"" and result.out


def test_total_timeout_counts_the_connect(sockt, silent_port):
    sockt.run("connect", "--total-timeout", "300ms", "127.0.0.1", silent_port).expect(
        4, b"", err="--total-timeout")


def test_refused_without_retry_is_1(sockt, peers):
    sockt.run("connect", "127.0.0.1", peers.refused_port()).expect(
        1, b"", err=["refused", "ECONNREFUSED"])


def test_retry_until_somebody_listens(sockt, peers, trace):
    seen = trace()
    listening = peers.socket()
    listening.bind(("127.0.0.1", 0))
    process = sockt.start("connect", "--retry", "forever,20ms", *seen.options, "127.0.0.1",
                          listening.getsockname()[1])
    wait_for(lambda: len(seen.events("connect")) >= 2, "a second attempt")
    listening.listen()
    sock = peers.accept(listening)
    sock.sendall(b"at last")
    process.out.until(b"at last")
    sock.close()
    process.close_stdin()
    process.finish().expect(0, b"at last")


def test_retry_gives_up_after_its_count(sockt, peers, trace):
    seen = trace()
    sockt.run("connect", "--retry", "2,10ms", *seen.options, "127.0.0.1",
              peers.refused_port()).expect(1, b"", err="ECONNREFUSED")
    assert len(seen.events("connect")) == 3, "one attempt and two more"


def test_retry_waits_for_a_unix_socket_that_appears(sockt, peers, trace, tmp_path):
    seen = trace()
    path = tmp_path / "s"
    process = sockt.start("connect", "--retry", "forever,20ms", *seen.options, f"unix:{path}")
    wait_for(lambda: len(seen.events("connect")) >= 2, "a second attempt")
    # bind and listen elsewhere, then move it in place: it appears ready.
    listening = peers.listen(str(tmp_path / "other"), socket.AF_UNIX)
    os.rename(tmp_path / "other", path)
    sock = peers.accept(listening)
    process.write(b"there you are")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"there you are"
    sock.close()
    process.finish().expect(0)


def test_retry_never_repeats_what_cannot_get_better(sockt, trace, tmp_path):
    """A path that is not a socket: no second attempt."""
    seen = trace()
    path = tmp_path / "plain"
    path.write_text("x")
    path.chmod(0o000)
    result = sockt.run("connect", "--retry", "forever,1s", *seen.options, f"unix:{tmp_path}/plain/x")
    result.expect(1, b"", err="ENOTDIR")
    assert len(seen.events("connect")) == 1


def test_connect_timeout_bounds_each_attempt(sockt, silent_port, trace):
    seen = trace()
    result = sockt.run("connect", "-w", "150ms", "--retry", "2,10ms", *seen.options, "127.0.0.1",
                       silent_port)
    result.expect(4, b"", err="--connect-timeout")
    assert len(seen.events("connect")) == 3
    assert result.seconds > 0.4


def test_total_timeout_bounds_all_attempts(sockt, peers):
    result = sockt.run("connect", "--retry", "forever,50ms", "--total-timeout", "300ms",
                       "127.0.0.1", peers.refused_port())
    result.expect(4, b"", err="--total-timeout")


@pytest.mark.parametrize("text", ["5 s", "-1s", "1x", "", "s"])
def test_wrong_times_are_2(sockt, text):
    sockt.run("connect", f"--idle-timeout={text}", "127.0.0.1", "9").expect(2, b"", err="idle-timeout")


@pytest.mark.prompt
@pytest.mark.parametrize("role", ["connect", "listen"])
@pytest.mark.parametrize("leave", [("-q", "200ms"), ("--until", "local")])
def test_leaving_waits_for_an_output_that_is_blocked(meet, role, leave):
    """Status 0: what had arrived is on the output."""
    reader, writer = socket.socketpair()
    process, sock = meet(role, *leave, stdout=writer)
    writer.close()
    # More than the output holds: the rest waits in sockt and in the kernel.
    sender = threading.Thread(target=sock.sendall, args=(b"x" * 900_000,), daemon=True)
    sender.start()
    wait_for(lambda: bytes_readable(reader.fileno()) >= 30_000, "an output that fills")
    process.close_stdin()
    assert cpu_used_while_idle(process.pid, 0.6) < 0.05
    assert process.is_running
    data = b""
    while piece := reader.recv(1 << 20):
        data += piece
    reader.close()
    process.finish().expect(0)
    # With --until local, what came later than our own end is not waited for.
    assert len(data) == 900_000 if leave[0] == "-q" else len(data) > 100_000


@pytest.mark.prompt
@pytest.mark.parametrize("options, status", [
    (("-i", "300ms"), 4),
    (("-q", "300ms"), 5),
    (("--until", "remote", "-q", "300ms"), 5),
    (("--until", "local", "-i", "300ms"), 4),
    (("--until", "local", "-q", "300ms"), 5),
    (("--send-only", "-q", "300ms"), 5),
])
def test_limits_hold_while_the_acknowledgement_is_waited_for(sockt, peers, options, status):
    """The peer has ended and reads nothing: the limit ends it, and no CPU is spent on waiting."""
    listening = peers.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    process = sockt.start("connect", *options, "127.0.0.1", listening.getsockname()[1])
    peer = peers.accept(listening)
    process.feed(b"z" * 1_000_000)
    wait_for(lambda: bytes_readable(peer.fileno()) > 0, "the first of it")
    peer.shutdown(socket.SHUT_WR)
    before = os.times()
    process.finish().expect(status)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert SCALE > 1 or used < 0.2
