# SPDX-License-Identifier: GPL-3.0-or-later
"""--explain: behind the first step of each kind what it does and why, right for this run."""

import json
import re

import peers as peer_scripts

UTF8 = {"LC_ALL": "C.UTF-8"}
BAR = "│ "


def paragraphs(text):
    """(the line of the step, its explanation as one line), of each step that has one."""
    found, step, lines = [], None, []
    for line in [*text.splitlines(), ""]:
        mark = line.find(BAR)
        if mark > 0 and not line[:mark].strip():
            lines.append(line[mark + len(BAR):])
            continue
        if lines:
            found.append((step, " ".join(lines)))
            lines = []
        if re.match(r" *\d+\.\d+ ", line):
            step = line
    return found


def topics(text):
    return [re.search(r"\(sockt help (\S+)\)$", paragraph).group(1) for _, paragraph in paragraphs(text)]


def explanation(text, step):
    found = [paragraph for line, paragraph in paragraphs(text) if step in line]
    assert len(found) == 1, (step, paragraphs(text))
    return found[0]


def test_a_client_is_explained(sockt, meet):
    process, sock = meet("connect", "--explain", env=UTF8)
    server, client = sock.getsockname(), sock.getpeername()
    sock.close()
    process.close_stdin()
    text = process.finish().expect(0).err.decode("utf-8")
    assert max(map(len, text.splitlines())) <= 80
    assert "a client socket" in explanation(text, "socket(")
    assert f"SYN to 127.0.0.1:{server[1]}" in explanation(text, "connect(")
    assert f"127.0.0.1:{client[1]}" in explanation(text, "connected ")
    assert topics(text).count("socket") == 1
