# SPDX-License-Identifier: GPL-3.0-or-later
"""The two directions never wait for each other. Peers fail here, which shows that the test can."""

import os

import pytest

from facts import DEADLINE, wait_for
from grid import DIRECTIONS, OTHER, Cell


class Pipes:
    """Standard input and output of a program as two pipes whose other ends we hold."""

    def __init__(self):
        self.stdin, self.ours_in = os.pipe()
        self.ours_out, self.stdout = os.pipe()

    def handed_over(self):
        os.close(self.stdin)
        os.close(self.stdout)


@pytest.mark.smoke
@pytest.mark.parametrize("role", ["connect", "listen"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("other", OTHER)
def test_cell(meet, role, direction, other):
    pipes = Pipes()
    _, sock = meet(role, stdin=pipes.stdin, stdout=pipes.stdout)
    pipes.handed_over()
    cell = Cell(sock, pipes.ours_in, pipes.ours_out, DEADLINE)
    assert not cell.verdict(direction, other)


KNOWN_TO_FAIL = [
    ("nc.openbsd", ["-N"], "in", "quiet", "end"),
    ("nc.openbsd", ["-N"], "in", "filled", "end"),
    ("ncat", [], "out", "filled", "data"),
    ("socat", ["-", "TCP:{host}:{port}"], "out", "done", "data"),
]


@pytest.mark.parametrize("tool, args, direction, other, want", KNOWN_TO_FAIL)
def test_peers_fail_their_cells(sockt, peers, need, tool, args, direction, other, want):
    path = need(tool)
    pipes = Pipes()
    listening = peers.listen()
    host, port = listening.getsockname()
    if tool == "socat":
        args = [arg.format(host=host, port=port) for arg in args]
    else:
        args = [*args, host, str(port)]
    sockt.start_command([path, *args], stdin=pipes.stdin, stdout=pipes.stdout)
    pipes.handed_over()
    cell = Cell(peers.accept(listening), pipes.ours_in, pipes.ours_out, 1.0)
    assert want in cell.verdict(direction, other)


@pytest.mark.parametrize("role", ["connect", "listen"])
def test_all_at_once(meet, role):
    """Both directions full to the brim, then both drained: every byte is there."""
    pipes = Pipes()
    process, sock = meet(role, stdin=pipes.stdin, stdout=pipes.stdout)
    pipes.handed_over()
    cell = Cell(sock, pipes.ours_in, pipes.ours_out, DEADLINE)
    counts = {"in": 0, "out": 0, "got in": 0, "got out": 0}

    def write_stdin(piece):
        counts["out"] += os.write(cell.stdin_fd, piece)

    def send(piece):
        counts["in"] += sock.send(piece)

    cell.fill(sock.fileno(), send)
    cell.fill(cell.stdin_fd, write_stdin)
    cell.close_stdin()
    os.set_blocking(cell.stdout_fd, False)

    def drained():
        for name, fd in (("got out", sock.fileno()), ("got in", cell.stdout_fd)):
            try:
                counts[name] += len(os.read(fd, 1 << 20))
            except BlockingIOError:
                pass
        return counts["got in"] == counts["in"] and counts["got out"] == counts["out"]
    wait_for(drained, f"all bytes: {counts}")
    sock.close()
    assert process.wait() == 0
