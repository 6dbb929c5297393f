# SPDX-License-Identifier: GPL-3.0-or-later
"""
The examples of the manual and of README: reads them out of the text, and plays them on terminals.

An example is marked with its name on the line before its block: `.\\" test: NAME` in mdoc, `<!-- test: NAME -->` in
README. NAME/TERMINAL are the terminals of one example, played side by side; each starts when the one before listens.
In a block, `$ ` begins a command; a line in bold is typed by a person (`^D`, `^C`, `enter`: those keys); `...` stands
for any lines, and within a line for any text; every other line is what is printed, in order. A comment
`.\\" wait: TERMINAL: TEXT` in a block waits until TEXT stands on that terminal of the example; without `: TEXT` until
its commands have ended.
A file that a block shows with `$ cat FILE` is made of the lines below.

Not compared: times, ports and descriptors that the kernel chose (a descriptor is known by the order in which it came
up), and TCP states, which depend on when packets arrive.
"""

import os
import re
import threading
from pathlib import Path

from facts import free_port, wait_for
from terminal import Grid, Terminal

MDOC_ESCAPES = (("\\e", "\\"), ("\\(->", "->"), ("\\(<-", "<-"), ("\\[u21C4]", "<->"), ("\\[u2502]", "\u2502"),
                ("\\&", ""), ("\\-", "-"), ("\\(aq", "'"))
PORTS = ("9000", "9001", "8080")
KEYS = {"^D": b"\x04", "^C": b"\x03", "enter": b"\r"}


class Block:
    """One terminal of an example: actions, each ("run" | "type" | "see" | "wait", text)."""

    def __init__(self, name, actions):
        self.name, self.actions = name, actions
        self.script = "\n".join(text for kind, text in actions if kind == "run")


def _mdoc_action(line):
    waiting = re.fullmatch(r'\.\\" wait: (.*)', line)
    bold = re.fullmatch(r"\\fB(.*)\\fR", line)
    text = waiting.group(1) if waiting else bold.group(1) if bold else line
    for escape, plain in MDOC_ESCAPES:
        text = text.replace(escape, plain)
    return ("wait", text) if waiting else ("type", text) if bold else _action(text)


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


def _is_listening(port):
    """Does a TCP socket listen on the port, or is a UDP socket bound to it?"""
    for name, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        with open(f"/proc/net/{name}", encoding="ascii") as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == state and int(fields[1].rsplit(":", 1)[1], 16) == int(port):
                    return True
    return False


ARROWS = (("\u2192", "->"), ("\u2190", "<-"), ("\u21c4", "<->"), ("\u2194", "<->"))
DESCRIPTOR = re.compile(r"^((?:T |next )?(?:\[\d+\] )?(?:\w+\(|connected |state |info ))(\d+)|"
                        r"(?:(?<=^T )|^)((?:\[\d+\] )?(?:socket|accept)\(.*\) = )(\d+)")
STATE = re.compile(r"T (?:\[\d+\] )?state ")


def _normalise_line(line):
    """A line without times, chosen ports, states, runs of blanks; arrows in ASCII."""
    for arrow, plain in ARROWS:
        line = line.replace(arrow, plain)
    line = re.sub(r"^\s*\d+(\.\d+)?\s{2,}", "T ", line)
    line = re.sub(r"\s+\d+(\.\d+)? (ns|us|\u00b5s|ms|s)$", "", line)
    line = re.sub(r"\s+([A-Z][A-Z_0-9]+ )?-> [A-Z][A-Z_0-9]+$", "", line)
    line = re.sub(r"([<>]) +\d+\.\d{3}  (?=[0-9a-f]{8}  )", r"\1 TIME ", line)  # of a dump
    line = re.sub(r"\s[A-Z][A-Z_0-9]{3,}\s+(?=[\u2502\u251c])", " ", line)  # of a ladder
    line = re.sub(r"\b\d+(\.\d+)? (ns|us|\u00b5s|ms|s)\b", "TIME", line)
    line = re.sub(r":(\d{4,5})\b", lambda found: found.group(0) if found.group(1) in PORTS else ":PORT", line)
    return " ".join(line.split())


def normalise(lines):
    """Lines as they are compared: a summary joined to one line, changes of state left out, descriptors as #1, #2."""
    seen = {}

    def rename(found):
        before, number = (found.group(1) or found.group(3)), (found.group(2) or found.group(4))
        return before + "#" + str(seen.setdefault(number, len(seen) + 1))

    result, is_open = [], False
    for line in map(_normalise_line, lines):
        line = DESCRIPTOR.sub(rename, DESCRIPTOR.sub(rename, line, count=1))
        if is_open:
            result[-1] += " " + line
        elif not STATE.match(line):
            result.append(line)
        is_open = line.endswith(";") and bool(result)
    while result and is_open and result[-1].endswith(";"):
        result.pop()
    return result


# What the console says where standard input and output are a terminal, and its prompts.
CONSOLE = re.compile(r"sockt: (listening on|connected to|each line is a datagram|you send no more|closing: |"
                     r"the connection with|(\[\d+\] )?\S+ has (connected|sent its first|ended|reset|gone))|"
                     r"^(nobody|connecting|relay)>$|"
                     r"^(\d+\.\d+\.\d+\.\d+|\[::1\]):\d+>$")
PROMPT = re.compile(r"^(nobody|connecting|relay|the peer|\d+\.\d+\.\d+\.\d+:\d+|\[::1\]:\d+)> ")


def _without_console(lines):
    """Lines as they would be without the console, which the manual shows in a section of its own."""
    kept, is_console = [], False
    for line in lines:
        # What is too long for the terminal goes on in rows that are two columns in.
        is_console = bool(CONSOLE.search(line)) or is_console and re.match(r"  [a-z(]", line) is not None
        if not is_console:
            kept.append(PROMPT.sub("", line))
    return kept


def _is_like(line, want):
    """Is it the line that is wanted, where `...` is any text?"""
    return re.fullmatch(".*".join(map(re.escape, want.split("..."))), line) is not None


def _plan(actions):
    """What a person does, as {number of lines seen before: [(act, text), ...]}, and the lines that are to be seen."""
    acts, lines = {}, []
    for act, text in actions:
        if act != "see":
            acts.setdefault(len(normalise(lines)), []).append((act, text))
        if act == "see" or act == "type" and text not in KEYS:
            lines.append(text)
    return acts, normalise(lines)


class Player:
    """Plays the terminals of one example."""

    def __init__(self, runner):
        self.runner = runner
        bin_dir = runner.workdir / "bin"
        bin_dir.mkdir()
        program = bin_dir / "sockt"
        program.write_text("#!/bin/sh\nexec " + " ".join(runner.command()) + ' "$@"\n')
        program.chmod(0o755)
        self.environment = {"PATH": f"{bin_dir}:{runner.environment['PATH']}", "NO_COLOR": "1"}
        self.real_ports = {shown: str(free_port()) for shown in PORTS}
        self.terminals = {}
        self.processes = []
        self.errors = []

    def _real(self, text):
        """A text with the ports that are free here in the place of those that are shown."""
        for shown, real in self.real_ports.items():
            text = re.sub(rf"\b{shown}\b", real, text)
        return text

    def _write_files(self, block):
        """Make the files that a block shows."""
        name, lines = None, []
        for act, text in [*block.actions, ("run", "")]:
            if act == "run":
                if name is not None and not (self.runner.workdir / name).exists():
                    (self.runner.workdir / name).write_text("".join(lines), encoding="utf-8")
                shown = re.fullmatch(r"cat ([\w.-]+)", text)
                name, lines = shown and shown.group(1), []
            elif act == "see":
                lines.append(text + "\n")

    def play(self, blocks):
        """Play all terminals to their ends; raises AssertionError where one shows something else."""
        threads = []
        self.terminals = {block.name: Terminal() for block in blocks}
        for number, block in enumerate(blocks):
            before = blocks[number - 1] if number > 0 else None
            threads.append(threading.Thread(target=self._follow, args=(block, before, self.terminals[block.name]),
                                            daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for terminal in self.terminals.values():
            terminal.close()
        assert not self.errors, "\n\n".join(self.errors)

    def _follow(self, block, before, terminal):
        try:
            self._write_files(block)
            self._walk(block, before, terminal)
        except AssertionError as error:
            self.errors.append(f"{block.name}: {error}\nits terminal:\n{terminal.screen.data.decode()}")
            for process in self.processes:
                process.kill()

    def _walk(self, block, before, terminal):
        acts, wants = _plan(block.actions)
        if before and block.actions[0][0] != "wait":
            self._wait_listening(before)
        process, place, may_skip = None, 0, False
        for number, want in enumerate([*wants, None]):
            for act, text in acts.get(number, ()):
                process = self._act(act, text, block, terminal, process)
            if want == "...":
                may_skip = True
            elif want is not None:
                place = self._find(terminal, want, place, may_skip) + 1
                may_skip = False
        process.wait()
        os.close(terminal.slave)
        terminal.slave = -1
        rest = self._lines(terminal.screen.until_end())[place:]
        assert may_skip or not rest, f"more than is shown: {rest}"

    def _act(self, act, text, block, terminal, process):
        """Do what a person does. Returns the process that runs the commands of the block."""
        if act == "wait":
            name, _, wanted = text.partition(": ")
            other = self.terminals[f"{block.name.split('/')[0]}/{name}"]
            wait_for(lambda: self.errors or (wanted.encode() in other.screen.data if wanted else other.slave == -1),
                     f"{wanted!r} on {name}" if wanted else f"the end of {name}")
        elif act == "type":
            # Keys that come before the prompt are echoed by the terminal as well.
            if text not in KEYS:
                wait_for(lambda: self.errors or b"> " in terminal.screen.data, f"a prompt to type {text!r}")
            terminal.type(KEYS.get(text, text + "\n"))
        elif process is None:
            process = self.runner.start_command(
                ["sh", "-c", self._real(block.script)], stdin=terminal.slave, stdout=terminal.slave,
                stderr=terminal.slave, env=self.environment, **terminal.popen())
            self.processes.append(process)
        return process

    def _wait_listening(self, block):
        ports = [real for shown, real in self.real_ports.items() if shown in block.script]
        files = re.findall(r"unix\S*?:(/?[\w/.-]+)", block.script)
        wait_for(lambda: self.errors or ports and all(map(_is_listening, ports)) or
                 any((self.runner.workdir / file).exists() for file in files), f"{block.name} to listen")

    def _lines(self, data):
        """The whole lines of a screen, as they are compared."""
        text = "\n".join(Grid(500).feed(data).lines)
        for shown, real in self.real_ports.items():
            text = re.sub(rf"\b{real}\b", shown, text)
        return normalise(_without_console(text.split("\n")[:-1]))

    def _find(self, terminal, want, place, may_skip):
        """The number of the line that is wanted: the one at place, or with may_skip the first from there on."""
        def found():
            for number, line in enumerate(self._lines(terminal.screen.data)):
                if number >= place and (not may_skip or _is_like(line, want)):
                    return number
            return None
        wait_for(lambda: self.errors or found() is not None, f"the line {want!r}")
        number = found()
        assert number is not None, "stopped, since another terminal failed"
        line = self._lines(terminal.screen.data)[number]
        assert _is_like(line, want), f"expected {want!r}\ngot      {line!r}"
        return number
