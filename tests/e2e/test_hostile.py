# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes from outside never reach a terminal raw from a trace, and never break the JSON."""

import base64
import json
import os
import unicodedata

import pytest

import peers as peer_scripts
from runner import DEVNULL

HOSTILE = {
    "every byte": bytes(range(256)),
    "escapes": b"\x1b]0;title\x07\x1b[2J\x1b[31mred\x1bP+q\x1b\\ \x9b31m\x9d0;x\x9c",
    "c1 in utf-8": "\u0080\u009b31m\u009d".encode(),
    "bidi": "safe\u202egnp.exe\u2066 \u200f\u061c".encode(),
    "invalid utf-8": b"\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82",
    "json": b'","step":"end","x":"\\u0000\\"}\n{"seq":1}\n',
    "lines": b"\r\n  99.999 connect(5) = 0\r\n\n\n\x0b\x0c",
    "utf-8": "한글 ✓ é 🦀".encode(),
    "random": os.urandom(4000),
}
LEVELS = pytest.mark.parametrize("level", [2, 3])
ALLOWED = "\n"


def raw_characters(text):
    """Characters that do something to a terminal."""
    return {char for char in text if char not in ALLOWED and
            (unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp"))}


@LEVELS
@pytest.mark.parametrize("what", HOSTILE)
def test_text_is_escaped(sockt, peers, tmp_path, what, level):
    data, path = HOSTILE[what], tmp_path / "text"
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", "--preview", "200", "--trace", f"text:{path},level={level}", "127.0.0.1",
              server.port, input=data).expect(0, data)
    text = path.read_bytes().decode("utf-8")
    assert not raw_characters(text), raw_characters(text)


@LEVELS
@pytest.mark.parametrize("what", HOSTILE)
def test_json_is_valid(sockt, peers, trace, what, level):
    data, seen = HOSTILE[what], trace(level)
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, input=data).expect(0, data)
    for line in seen.lines():
        text = line.decode("utf-8")
        assert isinstance(json.loads(text), dict)
        assert not raw_characters(text)
    assert seen.end()["sent_bytes"] == seen.end()["received_bytes"] == len(data)
    if level == 3:
        for step in ("send", "recv"):
            moved = [base64.b64decode(event["data"]) for event in seen.events(step) if "data" in event]
            assert b"".join(moved) == data


@pytest.mark.parametrize("what", HOSTILE)
def test_standard_error_is_escaped(sockt, peers, what):
    data = HOSTILE[what]
    server = peers.server(peer_scripts.echo)
    result = sockt.run("connect", "-vvv", "127.0.0.1", server.port, input=data).expect(0, data)
    assert not raw_characters(result.err.decode("utf-8"))


def test_json_on_standard_error_is_all_there_is(sockt, peers):
    """What is said to a person becomes a note, so that every line is JSON."""
    result = sockt.run("connect", "--trace", "json", "127.0.0.1", peers.refused_port())
    result.expect(1)
    lines = [json.loads(line) for line in result.err.splitlines()]
    assert lines[0]["format"] == "sockt-trace" and lines[0]["version"] == 1
    assert any(line.get("step") == "note" and "ECONNREFUSED" in line["text"] for line in lines)


def test_hostile_names_in_messages(sockt):
    """
    What stands in a message comes from the command line: it may come from a script's variable.
    """
    result = sockt.run("connect", "-n", "bad\x1b[31mhost\n", "80")
    assert result.status in (1, 2)
    assert not raw_characters(result.err.decode("utf-8")), result


def test_terminal_gets_data_escaped(sockt, peers, terminal):
    """Standard output on a terminal: what arrives is escaped; --raw passes it."""
    server = peers.server(peer_scripts.greet(HOSTILE["escapes"] + b"end"))
    sockt.start("connect", "127.0.0.1", server.port, stdout=terminal.slave, stdin=DEVNULL).wait()
    shown = terminal.screen.until(b"end")
    assert b"\x1b" not in shown and b"\\x1b" in shown


def test_raw_passes_data_to_a_terminal(sockt, peers, terminal):
    server = peers.server(peer_scripts.greet(b"\x1b[31mred" + b"end"))
    sockt.start("connect", "--raw", "127.0.0.1", server.port, stdout=terminal.slave, stdin=DEVNULL).wait()
    assert b"\x1b[31mredend" in terminal.screen.until(b"end")


def test_printable_text_reaches_a_terminal_as_it_is(sockt, peers, terminal):
    server = peers.server(peer_scripts.greet("한글 é\tend\n".encode()))
    sockt.start("connect", "127.0.0.1", server.port, stdout=terminal.slave, stdin=DEVNULL).wait()
    assert "한글 é\tend\r\n".encode() in terminal.screen.until(b"end\r\n")
