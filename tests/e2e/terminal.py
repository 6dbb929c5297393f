# SPDX-License-Identifier: GPL-3.0-or-later
"""A pseudo-terminal, with programs on it in the foreground or in the background."""

import fcntl
import os
import re
import struct
import termios
import unicodedata

import pytest

from runner import BINARY, Drain

READLINE = re.search(rb"libreadline\.so\.[\d.]+", BINARY.read_bytes()) if BINARY.exists() else None
# What only an editor of lines can do; the terminal's own driver cannot.
editing = pytest.mark.skipif(not READLINE, reason="this sockt was built without readline")


SEQUENCE = re.compile(r"\x1b\[([?\d;]*)([@-~])")


class Grid:
    """
    What a terminal of so many columns shows of what was written to it: .lines. It scrolls without end. Only what line
    editing uses is understood; anything else that begins with ESC is an error, so that a test sees it.
    """

    def __init__(self, columns=80):
        self.columns = columns
        self.rows, self.row, self.column = [[]], 0, 0

    def feed(self, data):
        text = bytes(data).decode("utf-8", "replace")
        at = 0
        while at < len(text):
            found = SEQUENCE.match(text, at)
            if found:
                self._sequence(found.group(1), found.group(2))
                at = found.end()
            elif text[at] == "\x1b" and at + 4 > len(text):
                break  # cut off here
            else:
                self._put(text[at])
                at += 1
        return self

    def _put(self, char):
        if char == "\n":
            self._go(self.row + 1, self.column)
        elif char == "\r":
            self.column = 0
        elif char == "\b":
            self.column = max(0, min(self.column, self.columns - 1) - 1)
        elif char == "\t":
            self.column = min(self.column // 8 * 8 + 8, self.columns - 1)
        elif char == "\a":
            pass
        elif unicodedata.combining(char):
            self.rows[self.row][self.column - 1] += char
        else:
            assert char.isprintable(), f"a terminal is sent {char!r}"
            self._print(char)

    def _print(self, char):
        width = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if self.column + width > self.columns:
            self._go(self.row + 1, 0)
        row = self.rows[self.row]
        row.extend([" "] * (self.column + width - len(row)))
        row[self.column:self.column + width] = [char] + [""] * (width - 1)
        self.column += width

    def _go(self, row, column):
        self.row, self.column = max(0, row), column
        while self.row >= len(self.rows):
            self.rows.append([])

    def _sequence(self, arguments, final):
        number = int(arguments.split(";")[0] or 0) if not arguments.startswith("?") else 0
        row = self.rows[self.row]
        if final in "mhl":
            return
        if final == "A":
            self._go(self.row - max(1, number), self.column)
        elif final == "B":
            self._go(self.row + max(1, number), self.column)
        elif final == "C":
            self.column = min(self.column + max(1, number), self.columns - 1)
        elif final == "D":
            self.column = max(0, self.column - max(1, number))
        elif final == "G":
            self.column = max(1, number) - 1
        elif final == "K":
            del row[self.column:]
        elif final == "J":
            del row[self.column:], self.rows[self.row + 1:]
        elif final == "P":
            del row[self.column:self.column + max(1, number)]
        elif final == "@":
            row[self.column:self.column] = [" "] * max(1, number)
        else:
            raise AssertionError(f"a terminal is sent CSI {arguments}{final}")

    @property
    def lines(self):
        return ["".join(row).rstrip() for row in self.rows]

    @property
    def cursor(self):
        return self.row, self.column


class Terminal:
    """
    The test holds the master: .screen is a Drain of what the programs write, type() is the
    keyboard. A program started with .popen as keywords has the terminal as its controlling one, on
    the descriptors that are given as .slave.
    """

    def __init__(self, columns=0, rows=0):
        self.master, self.slave = os.openpty()
        self.columns = columns or 80
        if columns:
            self.resize(columns, rows)
        self._file = os.fdopen(os.dup(self.master), "rb", buffering=0)
        self.screen = Drain(self._file)

    def popen(self):
        """Keywords for Sockt.start(): a session of its own whose terminal this is."""
        slave = self.slave

        def take_terminal():
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        return {"start_new_session": True, "preexec_fn": take_terminal, "pass_fds": ()}

    def resize(self, columns, rows=24):
        """Another size; who has the terminal is told (SIGWINCH)."""
        self.columns = columns
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def settings(self):
        """What stty(1) shows."""
        return termios.tcgetattr(self.master)

    def grid(self):
        """What it shows now."""
        return Grid(self.columns).feed(self.screen.data)

    def until_shows(self, *texts):
        """Wait until each of texts is on the screen (of the last, nothing behind it in its line). Returns the Grid."""
        def shows(data):
            lines = Grid(self.columns).feed(data).lines
            return all(any(text in line for line in lines) for text in texts[:-1]) and any(
                line.endswith(texts[-1].rstrip()) for line in lines)
        try:
            self.screen.until(shows)
        except AssertionError:
            shown = "\n".join(self.grid().lines)
            raise AssertionError(f"expected on the screen: {texts}\ngot:\n{shown}") from None
        return self.grid()

    def type(self, text):
        os.write(self.master, text.encode() if isinstance(text, str) else text)

    def end_of_input(self):
        """Ctrl-D."""
        self.type(b"\x04")

    def close(self):
        for fd in (self.master, self.slave):
            try:
                os.close(fd)
            except OSError:
                pass
        self._file.close()
