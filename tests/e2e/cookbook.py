# SPDX-License-Identifier: GPL-3.0-or-later
"""
The lines of sockt-cookbook(7): reads them out of the page, and runs them for the tests.

A task is a block that is marked `.\\" play: NAME` on the line before it. In the block, a word in the first column is
the tool that the lines from there on are of; every line is a command of the shell, or goes on from one that ends with a
backslash. `host` and `proxy` become 127.0.0.1,
the ports that are shown ports that are free here.
"""

import itertools
import os
import re
import shlex

from facts import free_port, wait_for
from runner import SRCDIR

PAGE = SRCDIR / "man" / "sockt-cookbook.7"
PORTS = ("9000", "9001", "8080", "3128", "1080")
TOOLS = ("nc", "ncat", "socat")
NUMBERS = itertools.count()  # of the kitchens of this process


def read_tasks(text):
    """{name: {tool: [line, ...]}} of the page."""
    tasks, lines = {}, text.splitlines()
    for number, line in enumerate(lines):
        marked = re.fullmatch(r'\.\\" play: (\S+)', line)
        if not marked:
            continue
        assert lines[number + 1] == ".Bd -literal", f"play {marked.group(1)} has no block"
        assert marked.group(1) not in tasks, f"play {marked.group(1)} is there twice"
        tools = tasks[marked.group(1)] = {}
        tool = None
        for text_line in lines[number + 2:lines.index(".Ed", number)]:
            tool = text_line[:8].strip() or tool
            text_line = text_line[8:].replace("\\e", "\\")
            own = tools.setdefault(tool, [])
            if own and own[-1].endswith("\\"):
                own[-1] = own[-1][:-1] + text_line.lstrip()
            else:
                own.append(text_line)
    return tasks


def is_bound(port, pid="self"):
    """Does a TCP socket listen on the port, or is a UDP socket bound to it, in the network of that process?"""
    for name, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        with open(f"/proc/{pid}/net/{name}", encoding="ascii") as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == state and int(fields[1].rsplit(":", 1)[1], 16) == int(port):
                    return True
    return False


def is_ready(name):
    """Does a Unix socket of that name wait for connections (__SO_ACCEPTCON), or take datagrams?"""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
        for line in file:
            fields = line.split()
            if fields[-1] == name and (fields[3] == "00010000" or fields[4] == "0002"):
                return True
    return False


class Kitchen:
    """Runs the lines of a task as one tool has them, in a directory of its own."""

    def __init__(self, sockt, lines, prefix=()):
        self.sockt, self.lines, self.prefix = sockt, lines, list(prefix)
        self.dir = sockt.workdir
        self.ports = {}
        self.number = next(NUMBERS)
        self.environment = {}
        bin_dir = self.dir / "bin"
        bin_dir.mkdir()
        program = bin_dir / "sockt"
        program.write_text("#!/bin/sh\nexec " + shlex.join(sockt.command()) + ' "$@"\n')
        program.chmod(0o755)
        self.environment["PATH"] = f"{bin_dir}:{sockt.environment['PATH']}"

    def port(self, shown):
        """The real port for one that is shown."""
        if shown not in self.ports:
            self.ports[shown] = free_port()
        return self.ports[shown]

    def socket(self, shown):
        """The real name of a Unix socket: no other test has it, not even one whose processes are about to end."""
        return shown.replace(".sock", f"{os.getpid()}_{self.number}.sock")

    def line(self, number):
        """A line with real hosts and ports."""
        text = re.sub(r"(?<![-\w/.])(?:host|proxy)(?=[ :])", "127.0.0.1", self.lines[number])
        text = re.sub(r"(?<=//)proxy(?=:)", "127.0.0.1", text)
        text = re.sub(r"\b\w+\.sock\b", lambda found: self.socket(found.group()), text)
        return re.sub(r"\b(" + "|".join(PORTS) + r")\b", lambda found: str(self.port(found.group(1))), text)

    def start(self, number=0, **popen):
        """Start a line beside the test."""
        return self.sockt.start_command([*self.prefix, "sh", "-c", self.line(number)], env=self.environment, **popen)

    def serve(self, number=0, shown="9000", path=None, **popen):
        """Start a line, and wait until it listens there."""
        process = self.start(number, **popen)
        there = (lambda: is_ready(self.socket(path))) if path else lambda: is_bound(self.port(shown))
        wait_for(lambda: there() or not process.is_running, f"{self.line(number)} to listen")
        assert process.is_running, process.describe()
        return process

    def run(self, number=0, input=b"", **popen):
        """Run a line to its end with input."""
        process = self.start(number, **popen)
        process.feed(input)
        return process.finish()

    def write(self, name, data):
        (self.dir / name).write_bytes(data)

    def read(self, name):
        return (self.dir / name).read_bytes()
