# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the terminal of a run with --step: waits for its questions, and answers them."""

import re
import termios

PROMPT = b"[enter, e, i, c, q, ?] "
ENTER = "\r"


class Stepper:
    """
    Of a Terminal. What stands on the screen is looked at from where the last question was answered.
    """

    def __init__(self, terminal):
        self.terminal = terminal
        self.seen = 0

    def question(self, call):
        """
        Wait for the question about a call (a regular expression, from its beginning on); returns what stands on the
        screen since the last answer.
        """
        wanted = re.compile(rb"next  (?:\x1b\[0m)?" + call.encode())

        def is_asked(data):
            found = wanted.search(data, self.seen)
            return found is not None and data.find(PROMPT, found.end()) != -1
        data = self.terminal.screen.until(is_asked)
        return data[self.seen:].decode("utf-8", "backslashreplace")

    def type(self, keys):
        self.seen = len(self.terminal.screen.data)
        self.terminal.type(keys)

    def answer(self, call, keys=ENTER):
        """Wait for the question, and type keys. Returns what stood there."""
        text = self.question(call)
        self.type(keys)
        return text

    def until(self, text):
        """Wait until text stands there, since the last answer."""
        data = self.terminal.screen.until(lambda data: data.find(text.encode(), self.seen) != -1)
        return data[self.seen:].decode("utf-8", "backslashreplace")

    def modes(self):
        """Of the terminal, as stty would show them."""
        return termios.tcgetattr(self.terminal.slave)
