# SPDX-License-Identifier: GPL-3.0-or-later
"""The ladder: a sequence diagram of what was done, in 80 columns or as many as there are."""

import fcntl
import json
import re
import signal
import socket
import struct
import termios

import pytest

import peers as peer_scripts
from facts import process_state, wait_for

UTF8 = {"LC_ALL": "C.UTF-8"}
FOLD = re.compile(r"(\d+) × ([a-z/]+)(?:, (\d+) × ([a-z/]+))? = ")


def lines_of(path):
    data = path.read_bytes()
    assert data.endswith(b"\n"), "the last line is cut"
    return data.decode("utf-8").splitlines()


def line_of(lines, want):
    found = [line for line in lines if want in line]
    assert len(found) == 1, (want, lines)
    return found[0]


def gap(line, at=0):
    """The arrow of a line: what stands between its lanes."""
    return re.findall(r"[│├┤|].*?[│├┤|]", line)[at]


def test_a_conversation_in_80_columns(sockt, meet, tmp_path):
    ladder = tmp_path / "ladder"
    process, sock = meet("connect", "--trace", f"ladder:{ladder}", env=UTF8)
    process.write(b"question\n")
    assert peer_scripts.read_exactly(sock, 9) == b"question\n"
    sock.sendall(b"the answer\n")
    process.out.until(b"the answer\n")
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()
    process.finish().expect(0)
    lines = lines_of(ladder)
    assert max(map(len, lines)) <= 80
    arrows = [gap(line).strip("│├┤") for line in lines if re.search("[▶◀]", line)]
    labels = [re.sub("[─ ]+", " ", arrow).strip() for arrow in arrows]
    assert labels[:5] == ["SYN ▶", "◀ SYN, ACK", "9 B ▶", "◀ 11 B", "FIN ▶"]
    assert labels[-1] == "◀ FIN"
    assert "SYN_SENT" in line_of(lines, "connect(") and "answers" in line_of(lines, "connected")
    assert lines[-1].strip() == "ended: both directions finished"


def test_level_1_has_the_life_of_the_sockets_only(sockt, meet, tmp_path):
    ladder = tmp_path / "ladder"
    process, sock = meet("listen", "--trace", f"ladder:{ladder},level=1", env=UTF8)
    sock.sendall(b"hello")
    sock.shutdown(socket.SHUT_WR)
    process.close_stdin()
    process.finish().expect(0, out=b"hello")
    lines = lines_of(ladder)
    assert "connects" in line_of(lines, "accept(")
    assert not [line for line in lines if "recv(" in line]


def test_without_utf8_it_is_ascii(sockt, tmp_path):
    ladder = tmp_path / "ladder"
    sockt.run("connect", "--trace", f"ladder:{ladder}", f"unix:{tmp_path}/nobody", env={"LC_ALL": "C"}).expect(1)
    data = ladder.read_bytes()
    assert data.isascii()
    assert b"|             |" in data


def test_a_wider_terminal_is_used(sockt, terminal):
    fcntl.ioctl(terminal.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    process = sockt.start("connect", "--trace", "ladder", "127.0.0.1", "1", stderr=terminal.slave, env=UTF8,
                          **terminal.popen())
    process.wait()
    screen = terminal.screen.until(b"ended:").decode("utf-8")
    line = line_of(screen.replace("\r", "").splitlines(), "connect(")
    line = re.sub(r"\x1b\[[0-9;]*m", "", line)
    assert 80 < len(line) <= 120
    assert "SYN" in gap(line)


def test_2000_sends_are_a_picture(sockt, tmp_path):
    """No more than 200 lines, which count every one of them."""
    ladder, trace = tmp_path / "ladder", tmp_path / "json"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        sockt.run("connect", "-u", "--datagram", "line", "-q", "0.1", "--trace", f"ladder:{ladder}",
                  "--trace", f"json:{trace}", "127.0.0.1", server.getsockname()[1], input=b"12345\n" * 2000,
                  env=UTF8).expect(0)
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    sends = [event for event in events if event.get("step", "").startswith("send") and event["result"] > 0]
    assert len(sends) >= 2000
    lines = lines_of(ladder)
    assert len(lines) < 200
    rows = [line for line in lines if re.search(r"  send\(\d+, ", line)]
    assert len(rows) == 3
    assert sum(int(FOLD.search(line)[1]) for line in lines if FOLD.search(line)) == len(sends) - 3


def test_a_relay_has_three_columns(sockt, pair, tmp_path):
    ladder = tmp_path / "ladder"
    process, client, target = pair("--trace", f"ladder:{ladder}", env=UTF8)
    client.sendall(b"question")
    assert peer_scripts.read_exactly(target, 8) == b"question"
    target.sendall(b"answer")
    assert peer_scripts.read_exactly(client, 6) == b"answer"
    port = target.getsockname()[1]
    client.close()
    assert target.recv(1) == b""
    target.close()
    wait_for(lambda: "[1] close(" in ladder.read_text(), "the end of the session")
    process.signal(signal.SIGTERM)
    process.wait()
    lines = lines_of(ladder)
    assert max(map(len, lines)) <= 80
    assert [name in lines[0] for name in ("client", "sockt", "target")] == [True] * 3
    up, down = [line for line in lines if "8 B" in line], [line for line in lines if "6 B ─" in line]
    assert [bool(re.search("▶", gap(line, at))) for line, at in zip(up, (0, 1))] == [True, True]
    assert re.search(r"recv\(.*8.*send\(", "\n".join(up), re.DOTALL)
    # Downwards the target's arrow comes first.
    assert [line.index("◀") > 40 for line in down] == [True, False]
    assert "[1] connect(" in line_of(lines, "SYN ─") and f":{port})" in line_of(lines, "SYN ─")


def test_both_ends_of_a_shell_have_a_lane(sockt, srcdir, tmp_path):
    """A lesson: each step is marked in the lane of its end, and what arrives is no second arrow."""
    ladder, picture = tmp_path / "ladder", tmp_path / "picture.svg"
    lesson = srcdir / "lessons" / "02-server-and-client.sockt"
    result = sockt.run("shell", "--trace", f"ladder:{ladder}", "--trace", f"svg:{picture}", lesson, env=UTF8)
    result.expect(0)
    lines = lines_of(ladder)
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[-2:] == ["client", "server"]
    ends = lines[0].index("client") + 2, lines[0].index("server") + 2
    # One connection: nothing has to tell it from another.
    assert not any(re.search(r"\[\d\]", line) for line in lines), lines
    drawn = [line[ends[0]:].ljust(ends[1] - ends[0] + 1) for line in lines if line[ends[0]:ends[0] + 1] in "│●├◀"]
    drawn = ["".join(re.split(r"[─ ]+", line)) for line in drawn if line.strip()]
    # socket(), bind(), listen(), socket(); then the connection.
    assert drawn[:12] == ["││", "│●", "│●", "││", "●SYN▶│", "●◀SYN,ACK┤", "│●", "●6B▶│", "│6B▶●", "│◀8B●", "●◀8B│",
                          "●FIN▶│"], drawn
    assert "│FIN▶●" in drawn[12:] and "│◀FIN●" in drawn[12:], drawn
    svg = picture.read_text()
    assert ">client</text>" in svg and ">server</text>" in svg
    assert svg.count('class="own"') == sum("●" in line for line in drawn)


def test_connections_of_a_shell_are_numbered(sockt, tmp_path):
    ladder = tmp_path / "ladder"
    script = "s = socket unix\nbind s @\nlisten s\n" + "".join(
        f"c{i} = socket unix\nconnect c{i} s\na{i} = accept s\n" for i in (1, 2)) + "".join(
        f"send a{i} \"answer {i}\"\nrecv c{i}\n" for i in (2, 1))
    result = sockt.run("shell", "--trace", f"ladder:{ladder}", input=script, env=UTF8)
    result.expect(0)
    lines = [line for line in lines_of(ladder) if "answer" in line]
    assert [re.search(r"\[(\d)\] (\w+)", line).groups() for line in lines] == [
        ("2", "send"), ("2", "recv"), ("1", "send"), ("1", "recv")], lines
    assert ["◀─── 8 B ────●" in line or "●◀── 8 B" in line for line in lines] == [True] * 4, lines


def test_a_listener_that_is_closed_resets_who_waits(sockt, tmp_path):
    ladder, picture = tmp_path / "ladder", tmp_path / "picture.svg"
    script = ("s = socket tcp\nbind s 127.0.0.1:0\nlisten s\na = socket tcp\nconnect a s\nb = socket tcp\n"
              "connect b s\nclose s\nexpect state a CLOSE\n"
              "u = socket unix\nbind u @\nlisten u\nc = socket unix\nconnect c u\nclose u\nrecv c\n"
              "expect ECONNRESET\n")
    sockt.run("shell", "--trace", f"ladder:{ladder}", "--trace", f"svg:{picture}", input=script, env=UTF8).expect(0)
    closes = [line for line in lines_of(ladder) if re.search(r"  (close|recv)\(\d+\)", line)]
    assert closes[0].endswith("│◀── 2 RST ───●") and closes[1].endswith("│◀── reset ───●"), closes
    assert any("●◀── RST" in line for line in lines_of(ladder))
    assert "2 RST</text>" in picture.read_text()


@pytest.mark.prompt
def test_a_killed_run_leaves_what_it_saw(sockt, meet, tmp_path):
    """A run of transfers is not held back until it ends."""
    ladder = tmp_path / "ladder"
    process, sock = meet("connect", "--trace", f"ladder:{ladder}", env=UTF8)
    for _ in range(6):
        process.write(b"x")
        assert sock.recv(1) == b"x"
    line = wait_for(lambda: next((line for line in ladder.read_text().splitlines() if FOLD.search(line)), None),
                    "a folded run in the file")
    assert FOLD.search(line)[1] == "3"
    process.signal(signal.SIGKILL)
    process.wait()
    lines_of(ladder)


def test_what_arrives_cannot_write_to_the_terminal(sockt, meet, tmp_path):
    ladder = tmp_path / "ladder"
    process, sock = meet("connect", "--trace", f"ladder:{ladder},level=3", env=UTF8)
    sock.sendall(b"\x1b[2J\x9b\xff\x00\r\n\xe2\x80\xae")
    sock.close()
    process.close_stdin()
    process.finish().expect(0)
    lines = lines_of(ladder)
    assert [line for line in lines if "recv(" in line and "\\x1b[2J" in line]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", "\n".join(lines))


def test_an_end_stands_below_the_data_before_it(sockt, peers, tmp_path):
    """Data and end of the client are there before the relay looks."""
    listening, ladder = peers.listen(), tmp_path / "ladder"
    process = sockt.relay(listening.getsockname()[1], "--trace", f"ladder:{ladder}", env=UTF8)
    process.signal(signal.SIGSTOP)
    wait_for(lambda: process_state(process.pid) == "T", "the stop")
    client = peers.connect(process.port)
    client.sendall(b"123456789")
    client.shutdown(socket.SHUT_WR)
    process.signal(signal.SIGCONT)
    target = peers.accept(listening)
    assert peer_scripts.read_all(target) == b"123456789"
    target.close()
    assert client.recv(1) == b""
    process.signal(signal.SIGTERM)
    process.finish()
    labels = [re.sub("[─ ├┤│▶◀]+", "", gap(line)) for line in lines_of(ladder) if "│" in line or "├" in line]
    assert labels.index("9B") < labels.index("FIN"), labels
