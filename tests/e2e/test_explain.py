# SPDX-License-Identifier: GPL-3.0-or-later
"""--explain: behind the first step of each kind what it does and why, right for this run."""

import json
import re
import signal

import pytest
from facts import wait_for, wait_idle
from runner import Drain

UTF8 = {"LC_ALL": "C.UTF-8"}
POINTER = re.compile(r"\(sockt help (\S+)\)$")


def paragraphs(text, bar="│ "):
    """(the line of the step, its explanation as one line), of each step that has one."""
    found, step, lines = [], None, []
    for line in [*text.splitlines(), ""]:
        below = re.match(rf" *(?:\[\d+\] *)?{re.escape(bar)}(.*)", line)
        if below:
            lines.append(below.group(1))
            continue
        if lines:
            found.append((step, " ".join(lines)))
            lines = []
        if re.match(r" *\d+\.\d+ ", line):
            step = line
    return found


def explanation(text, step):
    """The only explanation of steps with that text in their line."""
    found = [paragraph for line, paragraph in paragraphs(text) if step in line]
    assert len(found) == 1, (step, paragraphs(text))
    return found[0]


def explained(text):
    """The topics that explanations point to, in their order."""
    return [POINTER.search(paragraph).group(1) for _, paragraph in paragraphs(text)]


def width(text):
    """Of the longest line of an explanation."""
    return max(len(line) for line in text.splitlines() if "│ " in line)


def talk(process, sock):
    """Both say a word and end; returns the trace."""
    process.write(b"question\n")
    assert sock.recv(100) == b"question\n"
    sock.sendall(b"answer\n")
    process.out.until(b"answer\n")
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()
    return process.finish().expect(0).err.decode("utf-8")


def test_the_ladder_explains_what_it_folds(sockt, peers, tmp_path):
    """Among many sends there is one that is taken in part, and one that is not: below the row that counts them."""
    listening = peers.listen()
    process = sockt.start("connect", "--explain", "--preview", "8", "--trace", f"ladder:{tmp_path}/ladder", "127.0.0.1",
                          listening.getsockname()[1], env=UTF8)
    sock = peers.accept(listening)
    process.feed(b"x" * 20_000_000)
    wait_idle(process.pid)
    sock.setblocking(True)
    Drain(sock).until(20_000_000)
    sock.close()
    process.wait()
    lines = (tmp_path / "ladder").read_text(encoding="utf-8").splitlines()
    folded = [number for number, line in enumerate(lines) if " × send" in line]
    said = [number for number, line in enumerate(lines) if "(sockt help EAGAIN)" in line]
    assert len(said) == 1 and folded and folded[0] < said[0], lines
    between = lines[folded[0] + 1:said[0] + 1]
    assert all("│" in line[:14] and not re.match(r" *\d+\.\d", line) for line in between), between


def test_a_client(sockt, meet):
    process, sock = meet("connect", "--explain", "-vv", env=UTF8)
    server, client = sock.getsockname(), sock.getpeername()
    text = talk(process, sock)
    assert width(text) <= 80
    assert "a client socket" in explanation(text, "socket(")
    assert f"SYN to 127.0.0.1:{server[1]}." in explanation(text, "connect(")
    assert f"Our end is 127.0.0.1:{client[1]}:" in explanation(text, "connected ")
    assert "These 9 bytes" in explanation(text, "send(")
    assert "Ours had ended before" in next(said for line, said in paragraphs(text) if ") = 0   the peer" in line)
    assert explained(text)[:3] == ["socket", "connect", "connected"]
    assert explained(text)[-1] == "close"


def test_a_server_and_its_two_sockets(sockt, meet):
    process, sock = meet("listen", "--explain", env=UTF8)
    client = sock.getsockname()
    text = talk(process, sock)
    listening, accepted = re.search(r"accept\((\d+)\) = (\d+)", text).groups()
    assert f"Descriptor {listening} is to be the server socket" in explanation(text, "socket(")
    assert f"has taken {process.port}." in explanation(text, "bind(")
    assert "The backlog, 128," in explanation(text, "listen(")
    said = explanation(text, "accept(")
    assert f"Descriptor {accepted} is for" in said and f"127.0.0.1:{client[1]}; {listening} stays" in said
    assert "refused now" in explanation(text, f"close({listening})")
    assert explanation(text, f"close({accepted})")
    assert "recv" not in explained(text), "that is of level 2"


def test_each_kind_once(sockt, peers):
    process = sockt.listen("--explain", "-k", env=UTF8)
    for count in range(1, 4):
        sock = peers.connect(process.port)
        sock.sendall(b"x")
        process.out.until(count)
        sock.close()
    process.close_stdin()
    wait_for(lambda: process.err.data.count(b"] close(") == 3, "the ends of three clients")
    process.signal(signal.SIGTERM)
    text = process.finish().err.decode("utf-8")
    kinds = [re.sub(r"\d+", "N", paragraph) for _, paragraph in paragraphs(text)]
    assert len(kinds) == len(set(kinds)), kinds
    assert explained(text).count("accept") == 1


def test_a_relay_explains_both_sides_once(sockt, pair):
    process, client, target = pair("--explain", "-vv", env=UTF8)
    client.sendall(b"hello")
    assert target.recv(5) == b"hello"
    client.shutdown(1)
    assert target.recv(1) == b""
    target.close()
    assert client.recv(1) == b""
    client.close()
    wait_for(lambda: process.err.data.count(b"both directions finished") == 2, "the end of the session")
    process.signal(signal.SIGTERM)
    text = process.finish().err.decode("utf-8")
    sockets = [paragraph for line, paragraph in paragraphs(text) if "socket(" in line]
    assert len(sockets) == 2
    assert "server socket" in sockets[0] and "there the relay is a client" in sockets[1]
    accepted = [paragraph for line, paragraph in paragraphs(text) if "   from 127.0.0.1:" in line]
    assert len(accepted) == 1 and "Next the relay connects to the target" in accepted[0]
    ends = [paragraph for line, paragraph in paragraphs(text) if "shutdown(" in line]
    assert "The client has ended its direction" in ends[0]
    assert width(text) <= 80


def test_a_refusal(sockt, peers):
    port = peers.refused_port()
    text = sockt.run("connect", "--explain", "127.0.0.1", port, env=UTF8).expect(1).err.decode("utf-8")
    assert f"no socket listens at 127.0.0.1:{port}" in explanation(text, "connected ")
    assert explained(text) == ["socket", "connect", "ECONNREFUSED", "close"]


def test_nothing_without_the_option(sockt, meet, tmp_path):
    process, sock = meet("connect", "-vv", "--trace", f"json:{tmp_path / 'json'}", env=UTF8)
    assert "sockt help" not in talk(process, sock)
    lines = (tmp_path / "json").read_text().splitlines()
    assert len(lines) > 5 and not any("explain" in json.loads(line) for line in lines)


def test_json_says_the_same(sockt, meet, tmp_path):
    path = tmp_path / "json"
    process, sock = meet("connect", "--explain", "-vv", "--trace", f"json:{path}", env=UTF8)
    text = talk(process, sock)
    events = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    told = [event["explain"] for event in events if "explain" in event]
    assert told == [paragraph for _, paragraph in paragraphs(text)]
    assert len(told) > 5


def test_the_ladder_has_it_too(sockt, meet, tmp_path):
    path = tmp_path / "ladder"
    process, sock = meet("connect", "--explain", "--trace", f"ladder:{path}", env=UTF8)
    talk(process, sock)
    ladder = path.read_text()
    assert width(ladder) <= 80
    told = [line[10:] for line in ladder.splitlines() if line.startswith("          │ ")]
    assert any("socket() makes a socket" in line for line in told)
    assert sum("(sockt help socket)" in line for line in told) == 1


@pytest.mark.parametrize("color", ["always", "never"])
def test_colours(sockt, peers, color):
    done = sockt.run("connect", "--explain", "--color", color, "127.0.0.1", peers.refused_port(), env=UTF8).expect(1)
    lines = [line for line in done.err.decode("utf-8").splitlines() if "│ " in line]
    assert lines and all(("\x1b[2m│ " in line and line.endswith("\x1b[0m")) == (color == "always") for line in lines)


def test_ascii(sockt, peers):
    done = sockt.run("connect", "--explain", "127.0.0.1", peers.refused_port(), env={"LC_ALL": "C"}).expect(1)
    assert done.err.isascii()
    assert len(paragraphs(done.err.decode("ascii"), "| ")) == 4


def test_it_stands_for_v(sockt, peers):
    done = sockt.run("connect", "--explain", "127.0.0.1", peers.refused_port(), env=UTF8).expect(1)
    assert b"\n  why  " in done.err and b"connect(" in done.err
    done = sockt.run("connect", "--explain", "--trace", "json", "127.0.0.1", peers.refused_port()).expect(1)
    assert all("seq" in json.loads(line) for line in done.err.splitlines()[1:]), "every line is JSON"


def test_a_name_of_hostile_bytes(sockt, tmp_path):
    path = tmp_path / "a\x1b[31mb"
    done = sockt.run("connect", "--explain", f"unix:{path}", env=UTF8).expect(1)
    assert b"\x1b" not in done.err and b"\\x1b[31mb" in done.err
