# SPDX-License-Identifier: GPL-3.0-or-later
"""
A relay under load: nothing leaks, nobody starves, nobody costs much.

SOCKT_LONG=true: 100,000 connections instead of a few thousand.
"""

import hashlib
import os
import resource
import socket
import statistics
import threading
import time

import pytest

import peers as peer_scripts
from facts import SCALE, VARIANT, cpu_used_while_idle, open_descriptors, status_field, wait_for, wait_idle

CONNECTIONS = 100_000 if os.environ.get("SOCKT_LONG") == "true" else 3000 // SCALE
CROWD = 600 // SCALE


@pytest.fixture(autouse=True)
def descriptors():
    """As many as may be had, for the clients and the targets of these tests."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def exchange(sock, data):
    """Send data and have them back, in pieces that cannot fill every buffer on the way."""
    got = b""
    for start in range(0, len(data), 65536):
        piece = data[start:start + 65536]
        sock.sendall(piece)
        got += peer_scripts.read_exactly(sock, len(piece))
    return hashlib.sha256(got).digest() == hashlib.sha256(data).digest()


def moody(sock):
    """A target that echoes; asked with R it resets, with F it ends at once, with S it stays silent."""
    first = sock.recv(1)
    if first == b"R":
        peer_scripts.reset(sock)
    elif first == b"S":
        peer_scripts.read_all(sock)
    elif first != b"F":
        sock.sendall(first)
        try:
            peer_scripts.echo(sock)
        except ConnectionResetError:
            pass  # what some of the clients do


def one_of_many(port, number):
    """A short life, each sixth of another kind."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=20)
    kind = number % 6
    if kind == 0:
        sock.sendall(b"R")
        assert peer_scripts.read_to_reset(sock) == b""
    elif kind == 1:
        sock.sendall(b"F")
        assert sock.recv(1) == b""
    elif kind == 2:
        sock.sendall(b"never mind")
        peer_scripts.reset(sock)
    elif kind == 3:
        sock.sendall(b"SS")
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""
    elif kind == 4:
        sock.sendall(b"hello")
        assert peer_scripts.read_exactly(sock, 5) == b"hello"
    else:
        sock.sendall(b"hello")
        sock.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(sock) == b"hello"
    sock.close()


def test_no_descriptor_is_lost(sockt, peers):
    """Thousands of sessions of every kind, one after another and eight at a time."""
    server = peers.server(moody)
    process = sockt.relay(server.port)
    failures = []

    def work(first, count):
        try:
            for number in range(first, first + count):
                one_of_many(process.port, number)
        except Exception as error:  # told below
            failures.append(error)

    def run(count):
        threads = [threading.Thread(target=work, args=(start, count // 8), daemon=True) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures

    run(240)
    server.join()
    wait_idle(process.pid)
    before = open_descriptors(process.pid)
    size = status_field(process.pid, "VmRSS")
    run(CONNECTIONS)
    wait_for(lambda: len(open_descriptors(process.pid)) <= len(before), "what was opened to be closed")
    if not VARIANT:
        assert status_field(process.pid, "VmRSS") - size < 512
    server.errors[:] = [error for error in server.errors if not isinstance(error, OSError)]


def test_targets_that_refuse_cost_no_descriptor(sockt, peers):
    process = sockt.relay(peers.refused_port())
    wait_idle(process.pid)
    before = len(open_descriptors(process.pid))
    for _ in range(500 // SCALE):
        assert peers.is_reset(process.port)
    wait_for(lambda: len(open_descriptors(process.pid)) == before, "what was opened to be closed")


@pytest.mark.waits
def test_a_crowd(sockt, peers):
    """Half idle, some busy, some slow, some resetting, while new ones come: no byte is lost, memory is bounded."""
    server = peers.server(moody)
    process = sockt.relay(server.port)
    wait_idle(process.pid)
    before, size = len(open_descriptors(process.pid)), status_field(process.pid, "VmHWM")
    idle = [peers.connect(process.port) for _ in range(CROWD // 2)]
    slow = [peers.connect(process.port) for _ in range(10)]
    for sock in slow:
        sock.sendall(b"E")
        peer_scripts.fill(sock, 0.05)
        sock.settimeout(20)
    failures = []

    def work(number):
        try:
            for turn in range(3):
                sock = peers.connect(process.port)
                data = b"E" + os.urandom(1000 + 40_000 * (number % 5))
                assert exchange(sock, data), f"client {number}, turn {turn}"
                if number % 4 == 0:
                    peer_scripts.reset(sock)
                elif turn < 2:
                    sock.close()
        except Exception as error:  # told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(CROWD // 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    if not VARIANT:
        # 1 MiB for each flow that is stuck, where it is copied.
        assert status_field(process.pid, "VmHWM") - size < 4096 + 2 * len(slow) * 1024
    for sock in idle:
        sock.sendall(b"E")
    for sock in idle:
        assert sock.recv(1) == b"E"
    for sock in slow:
        assert sock.recv(1) == b"E"
    peers.close()
    wait_for(lambda: len(open_descriptors(process.pid)) <= before + 32, "the sessions to be closed")
    server.errors[:] = [error for error in server.errors if not isinstance(error, OSError)]


def pss(pid):
    """The proportional size of a process, in KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


@pytest.mark.prompt
@pytest.mark.memory
def test_what_idle_sessions_cost(sockt, peers):
    """Two descriptors and less than a KiB each, and no CPU."""
    listening = peers.listen(backlog=1000)
    process = sockt.relay(listening.getsockname()[1])
    wait_idle(process.pid)
    fds, size = len(open_descriptors(process.pid)), pss(process.pid)
    for _ in range(1000):
        peers.connect(process.port)
        peers.accept(listening)
    wait_idle(process.pid)
    assert len(open_descriptors(process.pid)) - fds == 2000
    assert pss(process.pid) - size < 1000
    assert cpu_used_while_idle(process.pid, 0.4) < 0.01


@pytest.mark.prompt
@pytest.mark.memory
def test_what_stuck_sessions_cost(sockt, peers):
    """Readers that do not read: a pipe each at most, or a buffer of 1 MiB where splicing is no gain."""
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1])
    wait_idle(process.pid)
    fds, size = len(open_descriptors(process.pid)), status_field(process.pid, "VmHWM")
    for _ in range(10):
        client = peers.connect(process.port)
        peers.accept(listening)
        peer_scripts.fill(client, 0.05)
    wait_idle(process.pid)
    assert len(open_descriptors(process.pid)) - fds <= 10 * 4
    assert status_field(process.pid, "VmHWM") - size < 2048 + 10 * 1024
    assert cpu_used_while_idle(process.pid, 0.4) < 0.01


@pytest.mark.timing
def test_quiet_session_beside_a_busy_one(sockt, peers):
    """As much as can pass goes through the same relay: who says little is not kept waiting for long."""
    over, moved = threading.Event(), [0]

    def script(sock):
        if sock.recv(1) == b"E":
            peer_scripts.echo(sock)
        block = bytearray(1 << 20)
        while count := sock.recv_into(block):
            moved[0] += count

    def send(sock):
        block = b"z" * (1 << 20)
        while not over.is_set():
            sock.sendall(block)
        sock.close()

    server = peers.server(script)
    process = sockt.relay(server.port)
    quiet = peers.connect(process.port)
    quiet.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    quiet.sendall(b"E")
    sender = threading.Thread(target=send, args=(peers.connect(process.port),), daemon=True)
    sender.start()
    wait_for(lambda: moved[0] > 50_000_000, "the bulk to flow")
    times, start_bytes = [], moved[0]
    for _ in range(300):
        start = time.monotonic()
        quiet.sendall(b"x" * 64)
        assert len(peer_scripts.read_exactly(quiet, 64)) == 64
        times.append(time.monotonic() - start)
    busy = moved[0] - start_bytes
    over.set()
    sender.join(20)
    assert busy > 10_000_000, busy
    assert statistics.median(times) < 0.02, statistics.median(times)
    assert max(times) < 1.0, max(times)
