# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs in memory and in system calls."""

import os
import re
import subprocess
import threading
from collections import Counter

import pytest

import peers as peer_scripts
from facts import status_field, wait_for
from runner import DEVNULL

MIB = 1 << 20
LIMIT_KIB = 4096
WAITS = ("epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll")


def drain(fd, counts):
    """Count what comes out of fd, in a thread."""
    def run():
        while piece := os.read(fd, MIB):
            counts.append(len(piece))
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.memory
@pytest.mark.parametrize("options", [(), ("-v",)])
def test_memory_of_a_bulk_transfer(sockt, options):
    """Pipe to pipe, 256 MiB: no end of the connection has needed 4 MiB."""
    size, block = 256 * MIB, b"\0" * MIB
    reader, writer = os.pipe()
    server = sockt.listen(*options, stdin=DEVNULL, stdout=writer)
    os.close(writer)
    client = sockt.start("connect", *options, "127.0.0.1", server.port)
    counts = []
    thread = drain(reader, counts)
    for _ in range(size // MIB):
        client.write(block)
    wait_for(lambda: sum(counts) == size, "all of it", 60)
    peaks = [status_field(process.pid, "VmHWM") for process in (server, client)]
    client.close_stdin()
    client.finish().expect(0)
    thread.join(20)
    os.close(reader)
    assert max(peaks) < LIMIT_KIB, peaks


@pytest.mark.memory
def test_memory_of_a_file_transfer(sockt, tmp_path):
    size = 256 * MIB
    source = tmp_path / "in"
    with open(source, "wb") as file:
        file.truncate(size)
    with open(tmp_path / "out", "wb") as out:
        server = sockt.listen(stdout=out)
    with open(source, "rb") as file:
        client = sockt.start("connect", "127.0.0.1", server.port, stdin=file)
    wait_for(lambda: (tmp_path / "out").stat().st_size == size, "all of it", 60)
    peaks = [status_field(process.pid, "VmHWM") for process in (server, client)]
    server.close_stdin()
    client.finish().expect(0)
    server.finish().expect(0)
    assert max(peaks) < LIMIT_KIB, peaks
    (tmp_path / "out").unlink()


@pytest.mark.memory
def test_memory_of_a_slow_client(sockt, peers):
    """A client that does not read costs its 1 MiB and no more."""
    process = sockt.listen("-k")
    slow = peers.connect(process.port)
    slow.sendall(b"x")
    process.out.until(1)
    process.feed(b"z" * (64 * MIB))
    last = [-1]

    def settled():
        now = status_field(process.pid, "VmHWM")
        settled_now, last[0] = now == last[0], now
        return settled_now
    wait_for(settled, "a settled size")
    assert status_field(process.pid, "VmHWM") < LIMIT_KIB + 1024


def calls_after_loading(path):
    """The lines of an strace log after the dynamic loader is done."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line for line in file if "(" in line and " = " in line]
    last = max((index for index, line in enumerate(lines) if ".so" in line and "openat" in line),
               default=0)
    unmapped = next((index for index in range(last, len(lines)) if " munmap(" in " " + lines[index]),
                    last)
    return lines[unmapped + 1:]


@pytest.mark.strace
@pytest.mark.parametrize("role", ["connect", "listen"])
def test_calls_of_a_one_shot(sockt, peers, tmp_path, role):
    """Start to end, once the libraries are loaded: at most 60."""
    log = tmp_path / "calls"
    prefix = ["strace", "-f", "-qq", "-o", log, "-e", "signal=none"]
    if role == "connect":
        server = peers.server(peer_scripts.echo)
        sockt.run("connect", "127.0.0.1", server.port, input=b"hi\n", prefix=prefix).expect(0, b"hi\n")
    else:
        process = sockt.listen(prefix=prefix)
        process.close_stdin()
        sock = peers.connect(process.port)
        sock.sendall(b"hi\n")
        sock.close()
        process.finish().expect(0, b"hi\n")
    lines = calls_after_loading(log)
    assert len(lines) <= 60, f"{len(lines)} calls:\n{''.join(lines)}"


@pytest.mark.waits
@pytest.mark.memory
def test_memory_of_traces(sockt, peers, tmp_path):
    """Of 100,000 events and 2,000 sessions nothing is kept by any sink once it is written and the session over."""
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, *each_kind(tmp_path, 3))

    def talk(count):
        for _ in range(count):
            with peers.connect(process.port) as sock:
                sock.sendall(b"x")
                assert sock.recv(1) == b"x"
    talk(500)
    before = status_field(process.pid, "VmRSS")
    talk(1500)
    after = status_field(process.pid, "VmRSS")
    with open(tmp_path / "trace.json", "rb") as file:
        assert sum(1 for _ in file) > 100_000
    assert after - before < 512, f"{before} KiB, then {after} KiB"


def each_kind(tmp_path, level):
    """The options for a trace of every kind that is written as it happens."""
    return [word for kind in ("text", "json", "ladder")
            for word in ("--trace", f"{kind}:{tmp_path}/trace.{kind},level={level}")]


@pytest.mark.strace
@pytest.mark.parametrize("is_traced", [False, True])
@pytest.mark.parametrize("source", ["pipe", "file"])
@pytest.mark.parametrize("role", ["send", "receive"])
def test_calls_of_a_bulk_transfer(sockt, peers, tmp_path, role, source, is_traced):
    """
    Two splices and one wait for each time the pipe is filled; all else does not grow with the size. Traces of level 1
    are told nothing of transfers, and cost no call for one.
    """
    log, size = tmp_path / "calls", 64 * MIB
    options = each_kind(tmp_path, 1) if is_traced else []
    prefix = ["strace", "-f", "-qq", "-o", log, "-e", "signal=none"]
    if role == "send":
        server = peers.server(peer_scripts.discard)
        command = ["connect", *options, "127.0.0.1", server.port]
        if source == "pipe":
            process = sockt.start(*command, prefix=prefix)
            process.feed(b"\0" * size)
        else:
            with open(tmp_path / "in", "wb") as file:
                file.truncate(size)
            with open(tmp_path / "in", "rb") as file:
                process = sockt.start(*command, prefix=prefix, stdin=file)
    else:
        server = peers.server(peer_scripts.greet(b"\0" * size))
        with open(tmp_path / "out", "wb") as out:
            process = sockt.start("connect", *options, "127.0.0.1", server.port, prefix=prefix, stdin=DEVNULL,
                                  **({"stdout": out} if source == "file" else {}))
    process.finish().expect(0)
    counts = Counter(re.match(r"(?:\d+ +)?(\w+)", line)[1] for line in calls_after_loading(log))
    waits = sum(counts[name] for name in WAITS)
    if (role, source) == ("receive", "file"):
        # Into a file: copied through a large buffer, which is faster there.
        moving, moved = counts["recvfrom"] + counts["write"], counts["write"]
        assert moved <= size // (256 * 1024), counts
    else:
        moving = counts["splice"]
        moved = sum(bool(re.search(r"splice\(.*\) = [1-9]", line)) for line in calls_after_loading(log))
        assert moved > 30, f"the kernel-only path was not taken: {counts}"
    others = counts.total() - moving - waits
    assert others <= (140 if is_traced else 80), f"{others} calls that grow with the size or are not needed: {counts}"
    assert moving <= 2 * moved + waits + 10, f"{moved} calls moved data: {counts}"
    # While the output is full, what arrives on an edge-triggered socket wakes once an arrival; nothing is called then.
    arrivals = moved if (role, source) == ("receive", "pipe") else 0
    # Files are written by the clock: what each trace holds at the beginning and at the end is a wait more.
    by_clock = 20 if is_traced else 0
    assert waits <= moved + arrivals + by_clock + 20, f"{moved} calls moved data: {counts}"


def test_help_of_strace_is_understood(tmp_path, need):
    """The counter counts: a program with a known number of calls."""
    log = tmp_path / "calls"
    subprocess.run([need("strace"), "-f", "-qq", "-o", log, "true"], check=True, timeout=20)
    assert 0 < len(calls_after_loading(log)) < 15
