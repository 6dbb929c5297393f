# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads sources as far as the rules need: text without comments and strings, functions, includes."""

import io
import re
import tokenize
from pathlib import Path

SKIPPED_DIRECTORIES = {".git", "autom4te.cache", "build-aux", "__pycache__", ".pytest_cache", "corpus", "golden"}
GENERATED = {"aclocal.m4", "configure", "configure~", "Makefile.in", "Makefile", "config.status", "config.log"}

C_TOKEN = re.compile(
    r'//(?:[^\n\\]|\\.)*|/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.DOTALL)
NOT_NEWLINE = re.compile(r"[^\n]")


def blank(text):
    """The same text as blanks, its lines kept."""
    return NOT_NEWLINE.sub(" ", text)


def strip_c(text):
    """C without comments, and with strings and characters emptied; every line stays where it was."""
    def replace(match):
        token = match.group(0)
        if token[0] == "/":
            return blank(token)
        return token[0] + blank(token[1:-1]) + token[-1]
    return C_TOKEN.sub(replace, text)


def strip_python(text):
    """Python without comments and strings."""
    lines = text.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return text
    for token in tokens:
        if token.type not in (tokenize.COMMENT, tokenize.STRING):
            continue
        (first, start), (last, end) = token.start, token.end
        for number in range(first, last + 1):
            line = lines[number - 1]
            left = start if number == first else 0
            right = end if number == last else len(line)
            lines[number - 1] = line[:left] + blank(line[left:right]) + line[right:]
    return "".join(lines)


def strip_shell(text):
    """Shell without comments; a # begins one only at the start of a word."""
    return re.sub(r"(?m)(^|\s)#.*$", r"\1", text)


class Source:
    """One file of the tree: path is relative to the top, with slashes."""

    def __init__(self, root, path):
        self.root = root
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.split("\n")
        self.parts = path.split("/")
        self.kind = self.find_kind()
        self.code = self.strip()

    def find_kind(self):
        suffix = Path(self.path).suffix
        if suffix in (".c", ".h"):
            return "c"
        first = self.lines[0]
        if suffix == ".py" or (first.startswith("#!") and "python" in first):
            return "python"
        if suffix == ".sh" or re.match(r"#!.*\b(ba|da)?sh\b", first):
            return "shell"
        if suffix in (".ac", ".m4", ".am", ".mk"):
            return "build"
        return "text"

    def strip(self):
        strip = {"c": strip_c, "python": strip_python, "shell": strip_shell}.get(self.kind)
        return strip(self.text) if strip else self.text

    def is_under(self, directory):
        return self.path.startswith(directory + "/")

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        """(line, path) of each #include "path"."""
        for match in re.finditer(r'(?m)^[ \t]*#[ \t]*include[ \t]*"([^"\n]*)"', self.text):
            yield self.line_of(match.start()), match.group(1)

    def functions(self):
        """(name, first line, last line) of each function, from its opening to its closing brace."""
        code = re.sub(r"(?m)^[ \t]*#(?:.*\\\n)*.*$", lambda match: blank(match.group(0)), self.code)
        depth, head_start, opened = 0, 0, None
        for match in re.finditer(r"[{};]", code):
            character, offset = match.group(0), match.start()
            if character == "{":
                if depth == 0:
                    name = function_name(code[head_start:offset])
                    opened = (name, self.line_of(offset)) if name else None
                depth += 1
            elif character == "}":
                depth = max(depth - 1, 0)
                if depth == 0:
                    if opened:
                        yield opened[0], opened[1], self.line_of(offset)
                    opened, head_start = None, offset + 1
            elif depth == 0:
                head_start = offset + 1


def function_name(head):
    """The name of the function whose definition begins with head; None where head begins something else."""
    head = re.sub(r"__attribute__\s*\(\(.*?\)\)", " ", head, flags=re.DOTALL)
    if "=" in head or not head.rstrip().endswith(")"):
        return None
    match = re.search(r"(\w+)\s*\(", head)
    return match.group(1) if match else None


class Tree:
    """All files of the source tree that a person wrote."""

    def __init__(self, root):
        self.root = Path(root)
        self.sources = [Source(self.root, path) for path in sorted(self.find_paths())]
        self.by_path = {source.path: source for source in self.sources}

    def find_paths(self):
        pending = [self.root]
        while pending:
            for entry in pending.pop().iterdir():
                path = entry.relative_to(self.root).as_posix()
                if entry.is_symlink() or entry.name in SKIPPED_DIRECTORIES:
                    continue
                if entry.is_dir():
                    is_build = (entry / "config.status").exists() or (entry / "config.log").exists()
                    if not is_build and not re.fullmatch(r"sockt-\d[\d.]*|build.*|\.deps", entry.name):
                        pending.append(entry)
                elif self.is_written(entry, path):
                    yield path

    @staticmethod
    def is_written(entry, path):
        if path in GENERATED or not entry.is_file():
            return False
        if entry.suffix in (".o", ".a", ".log", ".trs", ".xz", ".gz", ".pyc", ".svg", ".png") or entry.name == "sockt":
            return False
        with entry.open("rb") as file:
            return b"\0" not in file.read(4096)

    def c_files(self, directory="src"):
        return [source for source in self.sources if source.kind == "c" and source.is_under(directory)]
