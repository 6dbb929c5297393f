# SPDX-License-Identifier: GPL-3.0-or-later
"""
The examples of the manual and of README: reads them out of the text, and plays them.

An example is marked with its name on the line before its block: `.\\" test: NAME` in mdoc, `<!-- test: NAME -->` in
README. NAME/1, NAME/2 ... are terminals of one example, played side by side, the next one started when the one before
listens. In a block, `$ ` begins a command; a line in bold is typed by a person (`^D`: the end of the input); `...`
stands for any lines; every other line is what is printed, in order.
"""

import re
import socket
import threading
from pathlib import Path

from facts import wait_for

MDOC_ESCAPES = (("\\e", "\\"), ("\\(->", "->"), ("\\(<-", "<-"), ("\\(<>", "<->"), ("\\&", ""), ("\\-", "-"),
                ("\\(aq", "'"))
PORTS = ("9000", "9001", "8080")


class Block:
    """One terminal of an example: actions, each ("run" | "type" | "see", text)."""

    def __init__(self, name, actions):
        self.name, self.actions = name, actions

    @property
    def script(self):
        return "\n".join(text for kind, text in self.actions if kind == "run")


def _mdoc_action(line):
    bold = re.fullmatch(r"\\fB(.*)\\fR", line)
    text = bold.group(1) if bold else line
    for escape, plain in MDOC_ESCAPES:
        text = text.replace(escape, plain)
    return ("type", text) if bold else _action(text)


def _action(line):
    return ("run", line[2:]) if line.startswith("$ ") else ("see", line)


def _read_mdoc(lines):
    for number, line in enumerate(lines):
        marked = re.match(r'\.\\" test: (\S+)', line)
        if not marked:
            continue
        assert lines[number + 1].startswith(".Bd -literal"), f"test {marked.group(1)} has no block"
        end = lines.index(".Ed", number)
        yield Block(marked.group(1), [_mdoc_action(text) for text in lines[number + 2:end]])


def _read_markdown(lines):
    for number, line in enumerate(lines):
        marked = re.match(r"<!-- test: (\S+) -->", line)
        if not marked:
            continue
        block = []
        for text in lines[number + 1:]:
            if text.startswith("    "):
                block.append(_action(text[4:]))
            elif block:
                break
        yield Block(marked.group(1), block)


def read_examples(path):
    """{name: [Block, ...]} of a file, in order."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    found = {}
    for block in _read_mdoc(lines) if re.search(r"\.\d$", str(path)) else _read_markdown(lines):
        found.setdefault(block.name.split("/")[0], []).append(block)
    return found


def _free_ports(count):
    """Ports that nobody has, of TCP."""
    sockets = [socket.socket() for _ in range(count)]
    for sock in sockets:
        sock.bind(("127.0.0.1", 0))
    ports = [str(sock.getsockname()[1]) for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def _is_listening(port):
    """Does a TCP socket listen on the port, or is a UDP socket bound to it?"""
    for name, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        with open(f"/proc/net/{name}", encoding="ascii") as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == state and int(fields[1].rsplit(":", 1)[1], 16) == int(port):
                    return True
    return False


def normalise(line, real_ports):
    """A line as it is compared: no times, no chosen ports, single blanks, arrows in ASCII."""
    for shown, real in real_ports.items():
        line = re.sub(rf"\b{real}\b", shown, line)
    for arrow, plain in (("\u2192", "->"), ("\u2190", "<-"), ("\u21c4", "<->"), ("\u2194", "<->")):
        line = line.replace(arrow, plain)
    line = re.sub(r"^\s*\d+(\.\d+)?\s{2,}", "T ", line)
    line = re.sub(r"\s+\d+(\.\d+)? (ns|us|\u00b5s|ms|s)$", "", line)
    line = re.sub(r"\b\d+(\.\d+)? (ns|us|\u00b5s|ms|s)\b", "TIME", line)
    line = re.sub(r":(\d{4,5})\b", lambda found: found.group(0) if found.group(1) in PORTS else ":PORT", line)
    return " ".join(line.split())


class Player:
    """Plays the terminals of one example."""

    def __init__(self, runner):
        self.runner = runner
        bin_dir = runner.workdir / "bin"
        bin_dir.mkdir()
        program = bin_dir / "sockt"
        program.write_text("#!/bin/sh\nexec " + " ".join(runner.command()) + ' "$@"\n')
        program.chmod(0o755)
        self.path = f"{bin_dir}:{runner.environment['PATH']}"
        self.real_ports = dict(zip(PORTS, _free_ports(len(PORTS))))
        self.errors = []

    def real(self, text):
        """A text with the ports that are free here in the place of those that are shown."""
        for shown, real in self.real_ports.items():
            text = re.sub(rf"\b{shown}\b", real, text)
        return text

    def play(self, blocks):
        """Play all terminals to their ends; raises AssertionError where one shows something else."""
        threads = []
        for block in blocks:
            process = self._start(block)
            thread = threading.Thread(target=self._follow, args=(block, process), daemon=True)
            thread.start()
            threads.append(thread)
            if block is not blocks[-1]:
                self._wait_listening(block, process)
        for thread in threads:
            thread.join()
        assert not self.errors, "\n\n".join(self.errors)

    def _start(self, block):
        return self.runner.start_command(["sh", "-c", f"exec 2>&1\n{self.real(block.script)}"],
                                         env={"PATH": self.path})

    def _wait_listening(self, block, process):
        ports = [real for shown, real in self.real_ports.items() if shown in block.script]
        files = re.findall(r"unix\S*?:(/?[\w/.-]+)", block.script)
        wait_for(lambda: not process.is_running or any(map(_is_listening, ports)) or
                 any((self.runner.workdir / file).exists() for file in files), f"{block.name} to listen")

    def _follow(self, block, process):
        try:
            self._walk(block, process)
        except AssertionError as error:
            self.errors.append(f"{block.name}: {error}")
            process.kill()

    def _walk(self, block, process):
        place, may_skip = 0, False
        for kind, text in block.actions:
            if kind == "type" and text == "^D":
                process.close_stdin()
            elif kind == "type":
                process.write(text + "\n")
            elif kind == "see" and text.strip() == "...":
                may_skip = True
            elif kind == "see":
                place = self._find(process, normalise(text, {}), place, may_skip) + 1
                may_skip = False
        if not any(action == ("type", "^D") for action in block.actions):
            process.close_stdin()
        process.wait()
        rest = self._lines(process.out.until_end())[place:]
        assert may_skip or not rest, f"more than is shown: {rest}\n{process.describe()}"

    def _lines(self, data):
        """The whole lines of an output, as they are compared, without empty ones at the end."""
        lines = [normalise(line, self.real_ports) for line in data.decode().split("\n")]
        return lines[:-1]

    def _find(self, process, want, place, may_skip):
        """The number of the line that is want: the one at place, or with may_skip the first from there on."""
        def is_there(data):
            lines = self._lines(data)[place:]
            return want in lines if may_skip else bool(lines)
        process.out.until(is_there)
        lines = self._lines(bytes(process.out.data))
        number = lines.index(want, place) if may_skip else place
        assert lines[number] == want, f"expected {want!r}\ngot      {lines[number]!r}\n{process.describe()}"
        return number
