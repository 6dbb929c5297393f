# SPDX-License-Identifier: GPL-3.0-or-later
"""The lessons of the shell: each one holds, and the shell finds and lists them."""

import os
import re
import subprocess

import pytest

from facts import require, require_ipv6, require_tool
from runner import SRCDIR
from straced import STEPS, calls_of_strace, strace_prefix

LESSONS = sorted((SRCDIR / "lessons").glob("*.sockt"))
LINES_MAX = 48
COLUMNS_MAX = 78
HIDDEN = "--answers"


def title_of(path):
    return next(line[2:] for line in path.read_text().splitlines() if re.match(r"# \w", line))


def marked(path, mark):
    """The lines of a lesson that begin with a mark, without it."""
    return [line[len(mark):].strip() for line in path.read_text().splitlines() if line.startswith(mark)]


def may_unshare():
    return subprocess.run(["unshare", "-Urn", "true"], check=False, capture_output=True).returncode == 0


def need(path):
    """What a lesson says that it needs."""
    if "14" in path.name:
        require_ipv6()
    if path.read_text().startswith("sandbox"):
        require_tool("unshare")
        require(may_unshare(), "no network namespace can be made here")


# Lessons whose programs are compiled and run each time, and what these cannot do without; in CI those of all are.
PROGRAMS = {
    "03": [b"if (start_connect(sock3, ", b"if (finish_connect(sock3) == -1)"],
    "06": [b"shutdown(sock, SHUT_WR)"],
    "10": [b"O_NONBLOCK", b"struct pollfd polled1[] = {",
           b"errno != EINPROGRESS", b"send_some(sock2, "],
    "13": [b"connect(sock, (struct sockaddr *)&listener_address, listener_length)", b"MSG_DONTWAIT"],
    "16": [b'repeat("x", 1, 1048576)', b"pass(sock, data1, 1048576, client, ", b"send_some(sock, "],
}
ALL_PROGRAMS = os.environ.get("CI") == "true" and not os.environ.get("SOCKT_VARIANT")


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_lesson_holds(sockt, build, path, tmp_path):
    """
    It runs to its end, shows all it has to say, asks its questions, and keeps the answers back; and the C program that
    it is compiles without a warning, wants no input, and does to its end what the lesson did.
    """
    need(path)
    run = sockt.run("shell", "--trace", "c:lesson.c", path, stdin=subprocess.DEVNULL).expect(0, err=b"")
    number = path.name[:2]
    # A program makes no sandbox.
    if number in PROGRAMS or (ALL_PROGRAMS and not path.read_text().startswith("sandbox")):
        source = (tmp_path / "lesson.c").read_bytes()
        assert not [text for text in PROGRAMS.get(number, ()) if text not in source]
        program = build("lesson", "-Wall", "-Wextra", "-Werror")
        sockt.start_command([program], stdin=subprocess.DEVNULL).finish().expect(0)
    out = run.out.decode()
    for line in marked(path, "# ") + marked(path, "#?"):
        assert line in out, f"is not shown: {line}"
    for line in marked(path, "#="):
        assert line not in out, f"an answer is shown: {line}"
    assert HIDDEN in out


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_form(path):
    """A title, two questions with an answer each, expectations all over, and not too much of anything."""
    text = path.read_text()
    lines = text.splitlines()
    statements = [line for line in lines if line and not line.startswith("#")]
    assert re.match(r"(sandbox\n)?# [A-Zaf]", text)
    assert len(lines) <= LINES_MAX
    assert max(map(len, lines)) <= COLUMNS_MAX
    assert [line[3] for line in lines if re.match(r"#\? \d\. ", line)] == ["1", "2"]
    assert len(re.findall(r"(?m)^#\?.*\n#=", text)) == 2
    assert len([line for line in statements if line.startswith("expect ")]) * 7 >= len(statements)
    assert not re.search(r"(?m)^sleep|[ \t]$", text)


def test_keepalive_is_begun_last():
    """
    tcp(7): where TCP_KEEPIDLE is set of a connection that keepalive looks after already, and that has been silent as
    long, it asks at once, and then waits for the interval of that moment: 75 s, if TCP_KEEPINTVL is set behind it. A
    lesson that is held for a second, by a person or by a busy host, must not hang there.
    """
    text = LESSONS[16].read_text()
    assert re.findall(r"setsockopt client (\w+)", text)[-1] == "SO_KEEPALIVE"


def test_names(srcdir):
    """They are numbered without a gap, and all are installed."""
    assert [path.name[:3] for path in LESSONS] == [f"{i:02}-" for i in range(1, 18)]
    listed = re.findall(r"lessons/(\S+\.sockt)", (srcdir / "lessons" / "files.mk").read_text())
    assert listed == [path.name for path in LESSONS]


def test_list(sockt):
    out = sockt.run("shell", "--lessons").expect(0, err=b"").out.decode().splitlines()
    assert out[:len(LESSONS)] == [f"  {path.name[:2]}  {title_of(path)}" for path in LESSONS]


def test_manual_lists_them(srcdir):
    page = re.sub(r"\\&", "", (srcdir / "man" / "sockt-shell.1").read_text())
    section = page.split(".Sh LESSONS", 1)[1].split("\n.Sh ", 1)[0]
    for path in LESSONS:
        assert f".It {path.name[:2]}\n{title_of(path)}\n" in section


@pytest.mark.parametrize("word", ["06", "6", "half-close", "06-half-close.sockt"])
def test_opened_by_a_word(sockt, word):
    out = sockt.run("shell", word).expect(0, err=b"").out.decode()
    assert "Half-close: to end one direction only" in out


def test_answers(sockt):
    path = LESSONS[5]
    out = sockt.run("shell", "--answers", path).expect(0, err=b"").out.decode()
    for line in marked(path, "#?") + marked(path, "#="):
        assert line in out
    assert HIDDEN not in out


def test_file_goes_before_lesson(sockt, tmp_path):
    (tmp_path / "06").write_text("# my own script\n")
    out = sockt.run("shell", "06").expect(0, err=b"").out
    assert b"my own script" in out and b"direction" not in out


def test_other_directory(sockt, tmp_path):
    other = tmp_path / "course"
    other.mkdir()
    (other / "05-mine.sockt").write_text("# \x1b[31mMine\n")
    env = {"SOCKT_LESSONS": str(other)}
    out = sockt.run("shell", "--lessons", env=env).expect(0, err=b"").out
    assert out.startswith(b"  05  \\x1b[31mMine\n")
    assert b"Mine" in sockt.run("shell", "mine", env=env).expect(0, err=b"").out


def test_none_of_that_name(sockt):
    sockt.run("shell", "99").expect(6, b"", err=["99", "--lessons"])


def test_no_directory(sockt, tmp_path):
    env = {"SOCKT_LESSONS": str(tmp_path / "nothing")}
    sockt.run("shell", "--lessons", env=env).expect(1, b"", err="nothing")


def test_wrong_claim_ends_it(sockt, tmp_path):
    """A lesson is a test: what does not hold ends it, with the line that says so."""
    text = LESSONS[5].read_text()
    claim = 'expect data "c\\na\\nb\\n"'
    number = text[:text.index(claim)].count("\n") + 1
    script = tmp_path / "wrong.sockt"
    script.write_text(text.replace(claim, claim.replace("c", "d"), 1))
    run = sockt.run("shell", script).expect(1)
    assert f"line {number}:".encode() in run.out + run.err
    assert b"the end itself" in run.out and b"The answer goes" not in run.out


def test_picture_has_both_ends(sockt, tmp_path):
    """A lesson as a picture: what the client sends is seen, and the two ends are told apart."""
    sockt.run("shell", "--trace", "svg:lesson.svg", "--trace", "ladder:lesson.txt", "06").expect(0, err=b"")
    ladder = (tmp_path / "lesson.txt").read_text()
    assert "SYN" in ladder and "FIN" in ladder
    svg = (tmp_path / "lesson.svg").read_text()
    assert svg.startswith("<?xml") or svg.startswith("<svg")
    assert "FIN_WAIT2" in svg


def calls_that_count(path):
    """
    What a run has done with its sockets: (call, which socket, what for, result), with sockets numbered in their order.
    Without what waits, and without the ends of sockets, which the shell leaves to exit().
    """
    main_thread = min(int(name.suffix[1:]) for name in path.parent.glob(path.name + ".*"))
    calls, _ = calls_of_strace(path, main_thread)
    numbers, seen = {}, []
    for name, fd, *args, result in calls:
        if result == "EAGAIN" or name not in STEPS or name in ("setsockopt", "close"):
            continue
        if name in ("socket", "accept"):
            numbers[result] = len(numbers)
            seen.append((name, numbers.get(fd), args[0] if name == "socket" else None, numbers[result]))
            continue
        # The connect() of the shell goes on by itself, that of the program waits.
        result = 0 if result == "EINPROGRESS" else result
        seen.append((name, numbers[fd], args[0] if name in ("listen", "shutdown") else None, result))
    return seen


@pytest.mark.strace
def test_program_makes_the_calls_of_the_lesson(sockt, build, tmp_path):
    """Seen by strace, both do the same, call by call."""
    require_tool("strace")
    sockt.run("shell", "--trace", "c:lesson.c", "06", stdin=subprocess.DEVNULL,
              prefix=strace_prefix(tmp_path / "calls_of_shell")).expect(0)
    sockt.start_command([*strace_prefix(tmp_path / "calls_of_program"), build("lesson", "-Wall")],
                        stdin=subprocess.DEVNULL).finish().expect(0)
    wanted = calls_that_count(tmp_path / "calls_of_shell")
    assert calls_that_count(tmp_path / "calls_of_program") == wanted
    assert len(wanted) > 10
