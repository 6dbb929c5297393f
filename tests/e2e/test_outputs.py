# SPDX-License-Identifier: GPL-3.0-or-later
"""
Output closed or full, descriptors missing, stops, terminals in the background: right status, no
spin, no hang.
"""

import json
import os
import resource
import signal
import subprocess
import termios

import pytest

import peers as peer_scripts
from facts import (cpu_used_while_idle, free_port, open_descriptors, process_state, wait_for, wait_idle)

roles = pytest.mark.parametrize("role", ["connect", "listen"])
CLOSED = {
    "stdin": "<&-", "stdout": ">&-", "stderr": "2>&-", "all": "<&- >&- 2>&-",
}


def without(which):
    """A prefix that starts a command with standard descriptors closed."""
    return ["sh", "-c", f'exec "$@" {CLOSED[which]}', "sh"]


@roles
@pytest.mark.smoke
def test_output_closed_early_is_6(meet, role):
    reader, writer = os.pipe()
    process, sock = meet(role, stdout=writer)
    os.close(writer)
    sock.sendall(b"0123456789")
    assert os.read(reader, 10) == b"0123456789"
    os.close(reader)
    sock.settimeout(0.2)

    def sent_until_it_ends():
        try:
            sock.sendall(b"more and more")
        except OSError:
            pass
        return not process.is_running
    wait_for(sent_until_it_ends, "the closed output to end it")
    process.finish().expect(6, err="EPIPE")


def test_head_takes_ten_bytes(sockt, peers, tmp_path):
    """As in a shell: the reader goes, sockt ends with 6, nothing hangs."""
    server = peers.server(lambda sock: _send_until_closed(sock))
    done = subprocess.run(
        ["bash", "-c", '"$@" </dev/null 2>err | head -c 10; echo " ${PIPESTATUS[0]}"', "bash",
         *sockt.command("connect", "127.0.0.1", server.port)],
        cwd=tmp_path, env=sockt.environment, capture_output=True, timeout=100, check=False)
    assert done.stdout == b"xxxxxxxxxx 6\n", (done, (tmp_path / "err").read_bytes())


def _send_until_closed(sock):
    try:
        while True:
            sock.sendall(b"x" * 65536)
    except ConnectionError:
        pass


@roles
def test_output_full_is_6(meet, role):
    with open("/dev/full", "wb") as full:
        process, sock = meet(role, stdout=full)
        sock.sendall(b"no room for this")
        process.finish().expect(6, err="ENOSPC")


def test_output_file_at_its_limit_is_6(sockt, peers, tmp_path):
    """A file that may not grow: EFBIG, and SIGXFSZ does not kill."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    server = peers.server(peer_scripts.reply(b"z" * 300_000))
    with open(tmp_path / "out", "wb") as out:
        process = sockt.start("connect", "127.0.0.1", server.port, stdout=out, preexec_fn=limit)
        process.close_stdin()
        process.finish().expect(6, err="EFBIG")
    assert (tmp_path / "out").stat().st_size == 100_000


def test_input_that_cannot_be_read_is_6(sockt, peers, tmp_path):
    """A directory as standard input."""
    server = peers.server(peer_scripts.discard)
    directory = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    process = sockt.start("connect", "127.0.0.1", server.port, stdin=directory)
    os.close(directory)
    process.finish().expect(6, b"", err="EISDIR")


@pytest.mark.closed_fds
@roles
def test_closed_input_is_an_ended_input(meet, role):
    process, sock = meet(role, prefix=without("stdin"))
    assert sock.recv(1) == b""
    sock.sendall(b"one way")
    sock.close()
    process.finish().expect(0, b"one way", err=b"")


@pytest.mark.closed_fds
@roles
def test_closed_output_is_6_at_the_first_byte(meet, role):
    process, sock = meet(role, prefix=without("stdout"))
    wait_idle(process.pid)
    assert process.is_running
    sock.sendall(b"x")
    process.finish().expect(6)


@pytest.mark.closed_fds
@roles
def test_closed_output_does_not_matter_without_a_byte(meet, role):
    process, sock = meet(role, prefix=without("stdout"))
    process.write(b"out only")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"out only"
    sock.close()
    process.finish().expect(0, b"")


@pytest.mark.closed_fds
@roles
@pytest.mark.parametrize("send, status", [(b"", 0), (b"x", 6)])
def test_all_three_closed(meet, role, send, status):
    process, sock = meet(role, prefix=without("all"))
    assert sock.recv(1) == b""
    held = open_descriptors(process.pid)
    for fd in (0, 1, 2):
        assert held.get(fd, "") == "/dev/null", f"descriptor {fd} is {held.get(fd)}"
    sock.sendall(send)
    sock.close()
    process.finish().expect(status)


@pytest.mark.closed_fds
def test_messages_that_cannot_be_written_do_no_harm(sockt, peers):
    sockt.run("connect", "127.0.0.1", peers.refused_port(), prefix=without("stderr")).expect(1, b"")


@roles
def test_stop_and_continue(meet, role):
    data = os.urandom(4_000_000)
    process, sock = meet(role)
    process.feed(data)
    got = peer_scripts.read_exactly(sock, 100_000)
    for _ in range(5):
        process.signal(signal.SIGSTOP)
        wait_for(lambda: process_state(process.pid) == "T", "the stop")
        process.signal(signal.SIGCONT)
        got += peer_scripts.read_exactly(sock, 300_000)
    got += peer_scripts.read_all(sock)
    assert got == data
    sock.close()
    process.finish().expect(0)


def start_in_background(sockt, terminal, tmp_path, port):
    """
    sockt as a background job of a shell that owns the terminal; returns (shell, pid of sockt).
    """
    shell = sockt.start_command(
        ["bash", "-c", 'set -m; "$@" >out 2>err & echo $! >pid.new; mv pid.new pid; wait; echo $? >status',
         "bash", *sockt.command("connect", "127.0.0.1", port)],
        stdin=terminal.slave, stdout=terminal.slave, stderr=terminal.slave,
        **terminal.popen())
    wait_for(lambda: (tmp_path / "pid").exists(), "the job")
    return shell, int((tmp_path / "pid").read_text())


def test_terminal_in_the_background_is_not_read(sockt, peers, terminal, tmp_path):
    listening = peers.listen()
    _shell, pid = start_in_background(sockt, terminal, tmp_path, listening.getsockname()[1])
    sock = peers.accept(listening)
    terminal.type("not for you\n")
    sock.sendall(b"data come through")
    wait_for(lambda: (tmp_path / "out").read_bytes() == b"data come through", "the output")
    wait_for(lambda: process_state(pid) == "S", "a sleep: the job may have been stopped")
    sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        sock.recv(1)
    sock.close()
    wait_for(lambda: (tmp_path / "status").exists(), "the end of the job")
    assert (tmp_path / "status").read_text() == "0\n"


@pytest.mark.timing
def test_terminal_in_the_background_does_not_spin(sockt, peers, terminal, tmp_path):
    listening = peers.listen()
    _shell, pid = start_in_background(sockt, terminal, tmp_path, listening.getsockname()[1])
    peers.accept(listening)
    terminal.type("not for you\n")
    wait_for(lambda: process_state(pid) == "S", "a sleep")
    assert cpu_used_while_idle(pid) < 0.02


def test_background_job_reads_when_it_comes_to_the_foreground(sockt, peers, terminal, tmp_path):
    listening = peers.listen()
    shell = sockt.start_command(
        ["bash", "-c", 'set -m; "$@" >out 2>err & read -r line; fg >/dev/null', "bash",
         *sockt.command("connect", "127.0.0.1", listening.getsockname()[1])],
        stdin=terminal.slave, stdout=terminal.slave, stderr=terminal.slave, **terminal.popen())
    sock = peers.accept(listening)
    terminal.type("for the shell\n")
    wait_for(lambda: _foreground(terminal) not in (0, shell.pid), "the job in front")
    terminal.type("for sockt\n")
    assert peer_scripts.read_exactly(sock, 10) == b"for sockt\n"


def _foreground(terminal):
    """The process group in front; 0 while there is none."""
    try:
        return os.tcgetpgrp(terminal.master)
    except OSError:
        return 0


def quiet_states():
    """
    Situations in which nothing is left to do but to wait: name -> (role, options, what we do).
    """
    def peer_ended(process, sock):
        import socket
        sock.shutdown(socket.SHUT_WR)
        process.out.until_end()

    def input_ended(process, sock):
        process.close_stdin()
        assert sock.recv(1) == b""

    def output_stuck(process, sock):
        sock.setblocking(False)
        wait_for(lambda: not _sends(sock), "a full output")

    def input_stuck(process, _sock):
        process.feed(b"x" * 30_000_000)
        wait_idle(process.pid)

    def nothing(_process, _sock):
        pass
    return {"quiet": nothing, "peer ended": peer_ended, "input ended": input_ended,
            "output stuck": output_stuck, "input stuck": input_stuck}


def _sends(sock):
    try:
        return sock.send(b"x" * 65536)
    except BlockingIOError:
        return 0


@pytest.mark.timing
@roles
@pytest.mark.parametrize("state", quiet_states())
def test_no_spin(meet, role, state):
    reader = writer = None
    popen = {}
    if state == "output stuck":
        reader, writer = os.pipe()
        popen["stdout"] = writer
    process, sock = meet(role, **popen)
    quiet_states()[state](process, sock)
    wait_idle(process.pid)
    assert cpu_used_while_idle(process.pid, 0.4) < 0.01
    for fd in (reader, writer):
        if fd is not None:
            os.close(fd)


@pytest.mark.timing
@pytest.mark.parametrize("options, at", [
    ((), ("127.0.0.1", "0")), (("-k",), ("127.0.0.1", "0")), (("-u",), ("127.0.0.1", "0")),
    (("-k", "-m", "1"), ("127.0.0.1", "0")),
])
def test_no_spin_while_nobody_is_there(sockt, options, at):
    process = sockt.listen(*options, at=at)
    process.write(b"waiting input")
    wait_idle(process.pid)
    assert cpu_used_while_idle(process.pid, 0.4) < 0.01


@pytest.mark.timing
def test_no_spin_with_a_full_house(sockt, peers):
    process = sockt.listen("-k", "-m", "1")
    first = peers.connect(process.port)
    first.sendall(b"x")
    process.out.until(1)
    peers.connect(process.port).sendall(b"y")
    wait_idle(process.pid)
    assert cpu_used_while_idle(process.pid, 0.4) < 0.01


@pytest.mark.parametrize("source", ["/dev/null", "/dev/zero"])
def test_devices_as_input(sockt, peers, source):
    """What epoll refuses is always ready."""
    server = sockt.listen()
    server.close_stdin()
    with open(source, "rb") as file:
        process = sockt.start("connect", "--total-timeout", "300ms", "127.0.0.1", server.port, stdin=file)
        result = process.finish()
    assert result.status == (0 if source == "/dev/null" else 4), result


def test_output_in_append_mode(sockt, peers, tmp_path):
    """splice() refuses O_APPEND."""
    (tmp_path / "log").write_bytes(b"before\n")
    data = os.urandom(500_000)
    server = peers.server(peer_scripts.reply(data))
    with open(tmp_path / "log", "ab") as out:
        process = sockt.start("connect", "127.0.0.1", server.port, stdout=out)
        process.close_stdin()
        process.finish().expect(0, err=b"")
    assert (tmp_path / "log").read_bytes() == b"before\n" + data


@pytest.mark.parametrize("which", ["stdin", "stdout"])
def test_inherited_descriptors_stay_blocking(meet, which):
    """O_NONBLOCK belongs to the open file, which others share."""
    import fcntl
    reader, writer = os.pipe()
    ours = reader if which == "stdin" else writer
    process, sock = meet("connect", **{which: ours})
    sock.sendall(b"x")
    wait_idle(process.pid)
    assert not fcntl.fcntl(ours, fcntl.F_GETFL) & os.O_NONBLOCK
    os.close(reader)
    os.close(writer)


def test_a_trace_on_standard_output_goes_on_when_data_have_ended(sockt, peers, tmp_path):
    """The peer's end closes standard output for data; the trace on it has more to tell."""
    server = peers.server(peer_scripts.echo)
    with open(tmp_path / "out", "ab") as out:
        sockt.start("connect", "--trace", "json:fd:1", "127.0.0.1", server.port, stdin=subprocess.DEVNULL,
                    stdout=out).finish().expect(0)
    steps = [json.loads(line)["step"] for line in (tmp_path / "out").read_bytes().splitlines()[1:]]
    assert steps[-1] == "close" and "end" in steps


@pytest.fixture
def stopped():
    """A terminal whose output somebody has stopped (Ctrl-S), and whose screen nobody looks at."""
    master, slave = os.openpty()
    termios.tcflow(slave, termios.TCOOFF)
    yield slave
    os.close(master)
    os.close(slave)


@pytest.mark.waits
def test_a_signal_ends_what_shows_its_trace_on_a_stopped_terminal(meet, stopped):
    process, _ = meet("connect", "-v", stderr=stopped)
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)


def test_a_signal_ends_who_waits_to_say_why_it_failed(sockt, stopped):
    """The message is for somebody who may come back; the loop, which hears of signals, is over by then."""
    process = sockt.start("connect", "127.0.0.1", free_port(), stderr=stopped)
    wait_idle(process.pid)
    assert process.is_running
    process.signal(signal.SIGTERM)
    assert process.wait() in (-signal.SIGTERM, 128 + signal.SIGTERM)
