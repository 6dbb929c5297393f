# SPDX-License-Identifier: GPL-3.0-or-later
"""
The grid: for each role, with the other direction quiet, filled or done, do data and then the end
pass? One function for any program, so that the tests can show what peers do with the same question.
"""

import os
import select
import socket
import time

OTHER = ("quiet", "filled", "done")
DIRECTIONS = ("in", "out")
PIECE = b"f" * 65536


class Cell:
    """
    One program between two pipes and a socket, each end of which is ours; every wait is bounded by
    limit.
    """

    def __init__(self, sock, stdin_fd, stdout_fd, limit):
        self.sock, self.stdin_fd, self.stdout_fd, self.limit = sock, stdin_fd, stdout_fd, limit
        self.sock.setblocking(False)
        os.set_blocking(stdin_fd, False)

    def fill(self, fd, write):
        """Write until nothing has gone for 0.15 s."""
        end = time.monotonic() + 0.15
        while time.monotonic() < end:
            _, ready, _ = select.select([], [fd], [], 0.02)
            if ready:
                try:
                    write(PIECE)
                    end = time.monotonic() + 0.15
                except BlockingIOError:
                    pass

    def gets(self, fd, want):
        """Does `want` come next on fd? b"" asks for the end."""
        got, end = b"", time.monotonic() + self.limit
        while time.monotonic() < end:
            ready, _, _ = select.select([fd], [], [], 0.02)
            if not ready:
                continue
            try:
                piece = os.read(fd, len(want) - len(got) or 1)
            except ConnectionResetError:
                return False
            if not piece:
                return want == b""
            got += piece
            if got == want:
                return want != b""
        return False

    def prepare(self, direction, other):
        """Bring the direction that is not tested into its state. Returns whether it got there."""
        if other == "quiet":
            return True
        if direction == "in":
            if other == "filled":
                self.fill(self.stdin_fd, lambda piece: os.write(self.stdin_fd, piece))
                return True
            self.close_stdin()
            return self.gets(self.sock.fileno(), b"")
        if other == "filled":
            self.fill(self.sock.fileno(), self.sock.send)
            return True
        self.sock.shutdown(socket.SHUT_WR)
        return self.gets(self.stdout_fd, b"")

    def close_stdin(self):
        os.close(self.stdin_fd)
        self.stdin_fd = -1

    def verdict(self, direction, other):
        """The names of what failed: some of "prepare", "data", "end"."""
        failed = [] if self.prepare(direction, other) else ["prepare"]
        if direction == "in":
            self.sock.send(b"data")
            passed = self.gets(self.stdout_fd, b"data")
            self.sock.shutdown(socket.SHUT_WR)
            ended = self.gets(self.stdout_fd, b"")
        else:
            try:
                os.write(self.stdin_fd, b"data")
                passed = self.gets(self.sock.fileno(), b"data")
            except (BrokenPipeError, BlockingIOError):
                passed = False
            self.close_stdin()
            ended = self.gets(self.sock.fileno(), b"")
        return failed + [name for name, good in (("data", passed), ("end", ended)) if not good]
