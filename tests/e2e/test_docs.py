# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual says what is true: examples print what they show, options are the program's, the syntax is clean."""

import re

import pytest
from docexamples import Player, read_examples
from runner import SRCDIR

PAGES = sorted((SRCDIR / "man").glob("*.[0-9]"))
EXAMPLES = [pytest.param(blocks, id=f"{path.name}-{name}")
            for path in [*PAGES, SRCDIR / "README"] for name, blocks in read_examples(path).items()]


@pytest.mark.parametrize("blocks", EXAMPLES)
def test_example_prints_what_it_shows(sockt, blocks):
    (sockt.workdir / "original").write_bytes(bytes(range(256)) * 4096)
    Player(sockt).play(blocks)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_page_is_clean(sockt, need, path):
    need("mandoc")
    result = sockt.start_command(["mandoc", "-Tlint", str(path)]).finish()
    # Which other pages are installed is not of this page's making.
    of_others = re.compile(r"referenced manual not found|outdated mandoc\.db lacks")
    said = [line for line in (result.out + result.err).decode().splitlines() if not of_others.search(line)]
    assert not said, result


def long_options(text):
    """The long options that a text names."""
    return set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text))


def mdoc_options(name):
    """The long options that a page describes or refers to."""
    text = (SRCDIR / "man" / name).read_text(encoding="utf-8")
    return set(re.findall(r"Fl -([a-z][a-z-]+)", text)) | set(re.findall(r", -([a-z][a-z-]+)", text))


@pytest.mark.parametrize("command", ["listen", "connect", "relay"])
def test_every_option_is_in_the_manual_and_no_other(sockt, command):
    shown = long_options(sockt.run(command, "--help").expect(0).out.decode())
    assert len(shown) > 15
    common = mdoc_options("sockt.1")
    own = mdoc_options(f"sockt-{command}.1")
    assert not shown - common - own, "options without a text in the manual"
    assert not own - shown, "options in the manual that the command does not have"


def test_every_letter_of_nc_is_in_its_manual(sockt):
    shown = re.findall(r"^  -(\w)(?: |$)", sockt.run("nc", "-h").expect(0).out.decode(), re.M)
    text = (SRCDIR / "man" / "sockt-nc.1").read_text(encoding="utf-8")
    items = re.findall(r"^\.It Fl (\w)(?: , (\w))?(?: Ar .*)?$", text, re.M)
    assert sorted(shown) == sorted(letter for item in items for letter in item if letter)


def test_readme_and_hacking_name_files_that_are_there():
    for name in ("README", "HACKING"):
        for word in (SRCDIR / name).read_text(encoding="utf-8").split():
            path = word.strip("(),.;:")
            if path.startswith(("src/", "tests/", "man/", "doc/")) and "NAME" not in path:
                assert list(SRCDIR.glob(path)), f"{name} names {path}"
