# SPDX-License-Identifier: GPL-3.0-or-later
"""Who sends without an end keeps nobody from his turn, and who takes nothing makes nothing grow."""

import json
import os
import re
import signal
import subprocess
import threading

import pytest

import peers as peer_scripts
from facts import children_of, process_state, require_tool, status_field, wait_for, wait_idle

WORKERS = 2
# Clients of --control at once.
CONTROL_MAX = 256


def flood(sock, data):
    """Send it again and again, until the connection is gone."""
    def work():
        try:
            while True:
                sock.sendall(data)
        except OSError:
            pass
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_commands_of_telnet_without_an_end(sockt, peers):
    """They are thrown away as they come; other clients are served, and signals are heard."""
    process = sockt.listen("-k", "--telnet")
    flooding = flood(peers.connect(process.port), b"\xff\xf1" * (1 << 18))
    client = peers.connect(process.port)
    for number in range(1, 4):
        client.sendall(b"x")
        process.out.until(b"x" * number)
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM, b"xxx")
    flooding.join()


# Workers of which one stands still

@pytest.fixture
def halted(sockt, peers, tmp_path):
    """halted(*options): a relay of which one worker is stopped, that worker, and the path of its control socket."""
    path, stopped = str(tmp_path / "control"), []

    def make(*options):
        server = peers.server(peer_scripts.echo)
        process = sockt.relay(server.port, "--workers", WORKERS, "--control", f"unix:{path}", *options)
        pids = wait_for(lambda: (found := children_of(process.pid)) and len(found) == WORKERS and found, "the workers")
        os.kill(pids[0], signal.SIGSTOP)
        stopped.append(pids[0])
        wait_for(lambda: process_state(pids[0]) == "T", "it to be stopped")
        return process, pids[0], path

    yield make
    for pid in stopped:
        if process_state(pid) == "T":
            os.kill(pid, signal.SIGCONT)


def unix_queues(pattern, *options):
    """How much waits to be taken from Unix sockets: bytes, or clients of one that listens."""
    shown = subprocess.run([require_tool("ss"), "-Hxn", *options], capture_output=True, text=True, check=True).stdout
    return sum(int(line.split()[2]) for line in shown.splitlines() if re.search(pattern, line))


def ask(peers, path, line):
    sock = peers.connect(path)
    sock.sendall(line)
    return json.loads(peer_scripts.read_until(sock, b"\n"))


def take_signal(process, number):
    """Send a signal, and wait until it has been taken."""
    process.signal(number)
    wait_for(lambda: status_field(process.pid, "ShdPnd", 16) >> (number - 1) & 1 == 0, "the signal to be taken")


def test_one_that_stands_still_is_not_asked_again_before_it_has_answered(halted):
    process, pid, _ = halted("--stats", "1ms")
    waits = status_field(process.pid, "voluntary_ctxt_switches")
    wait_for(lambda: status_field(process.pid, "voluntary_ctxt_switches") > waits + 100, "many times of --stats")
    for _ in range(20):
        take_signal(process, signal.SIGUSR1)
    # A message has some thirty bytes; a hundred of them would be there.
    assert unix_queues(f"pid={pid},", "-p") < 300
    before = len(process.err.data)
    os.kill(pid, signal.SIGCONT)
    process.err.until(before + 1)


def test_who_asks_control_and_leaves_counts_until_the_answer(halted, peers):
    process, pid, path = halted()
    more = 20
    for _ in range(CONTROL_MAX + more):
        sock = peers.connect(path)
        sock.sendall(b"stats\n")
        sock.close()
    # The last ones are not taken: whoever is would be held in memory.
    wait_idle(process.pid)
    assert unix_queues(f" {re.escape(path)} ", "-l") == more
    os.kill(pid, signal.SIGCONT)
    assert ask(peers, path, b"stats\n")["open"] == 0
    assert process_state(process.pid) != ""
