# SPDX-License-Identifier: GPL-3.0-or-later
"""A pseudo-terminal, with programs on it in the foreground or in the background."""

import fcntl
import os
import termios

from runner import Drain


class Terminal:
    """
    The test holds the master: .screen is a Drain of what the programs write, type() is the
    keyboard. A program started with .popen as keywords has the terminal as its controlling one, on
    the descriptors that are given as .slave.
    """

    def __init__(self):
        self.master, self.slave = os.openpty()
        self._file = os.fdopen(os.dup(self.master), "rb", buffering=0)
        self.screen = Drain(self._file)

    def popen(self):
        """Keywords for Sockt.start(): a session of its own whose terminal this is."""
        slave = self.slave

        def take_terminal():
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        return {"start_new_session": True, "preexec_fn": take_terminal, "pass_fds": ()}

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
