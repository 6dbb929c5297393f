# SPDX-License-Identifier: GPL-3.0-or-later
"""The console of connect and listen: a person at a terminal, and what the screen shows."""

import os
import re
import signal
import socket
import subprocess
import termios
import threading
import time

import pytest

import peers as peer_scripts
from facts import (VARIANT, children_of, free_port, process_state, require_tool, status_field, wait_for,
                   wait_idle)
from terminal import READLINE, Terminal, editing

PASTE_OFF = b"\x1b[?2004l"


class Person:
    """Somebody at a terminal of their own, with sockt running on it."""

    def __init__(self, sockt, command, columns=100, rows=0, env=None, **popen):
        self.terminal = Terminal(columns, rows)
        self.before = self.terminal.settings()
        slave = self.terminal.slave
        self.process = sockt.start(*command, env=env, **{
            "stdin": slave, "stdout": slave, "stderr": slave, **self.terminal.popen(), **popen})
        self.type = self.terminal.type
        self.shows = self.terminal.until_shows

    def line(self, text):
        self.type(text + "\r")

    def lines(self):
        return self.terminal.grid().lines

    def ends(self, status=0):
        """It ends with that status, and the terminal is as it was."""
        got = self.process.wait()
        assert self.terminal.settings() == self.before, "the terminal was not put back"
        os.close(self.terminal.slave)
        self.terminal.slave = -1
        data = self.terminal.screen.until_end()
        if not READLINE:
            return "\n".join(self.lines())
        shown = "\n".join(self.lines())
        assert got == status, f"expected status {status}, got {got}\n{shown}"
        assert data.rfind(PASTE_OFF) > data.rfind(b"\x1b[?2004h") - 1, "bracketed paste is still on"
        return shown


@pytest.fixture
def person(sockt):
    made = []

    def make(*command, **options):
        made.append(Person(sockt, command, **options))
        return made[-1]
    yield make
    for each in made:
        each.process.kill()
        each.terminal.close()


@pytest.fixture
def talk(person, peers):
    """talk(*options, ...): a person who has connected. Returns the person and the peer's socket."""
    def make(*options, **how):
        listening = peers.listen()
        port = listening.getsockname()[1]
        who = person("connect", *options, "127.0.0.1", port, **how)
        sock = peers.accept(listening)
        if how.get("columns", 100) >= 80:
            who.shows(f"connected to tcp 127.0.0.1:{port}", f"127.0.0.1:{port}> ")
        return who, sock
    return make


def port_of(who):
    """What it says that it listens on."""
    return int(re.search(r"listening on tcp 127.0.0.1:(\d+)", "\n".join(who.lines())).group(1))


def serve(person, *options, **how):
    """A person who listens, and the port."""
    who = person("listen", *options, "127.0.0.1", "0", **how)
    who.shows("; /help for commands", "nobody> ")
    return who, port_of(who)


# ---- Who is told what ------------------------------------------------------------------------------------------------

def test_quiet_leaves_the_talk_and_the_answers(talk):
    who, sock = talk("--quiet", columns=70)
    sock.sendall(b"a word\n")
    who.shows("a word", "> ")
    who.line("/hex")
    who.shows("hex")
    sock.close()
    shown = who.ends()
    assert "connected to" not in shown and "ended" not in shown, shown


@pytest.mark.smoke
def test_connect_tells_where_and_talks(talk):
    who, sock = talk()
    who.line("hello")
    assert peer_scripts.read_exactly(sock, 6) == b"hello\n"
    sock.sendall("grüß dich\n".encode())
    who.shows("grüß dich", "> ")
    who.line("한글")
    assert peer_scripts.read_exactly(sock, 7) == "한글\n".encode()
    sock.close()
    shown = who.ends()
    assert "has ended the connection; received 12 B, sent 13 B" in shown


def test_listen_tells_where_who_came_and_who_left(person, peers):
    who, port = serve(person)
    sock = peers.connect(port)
    name = "%s:%d" % sock.getsockname()
    who.shows(f"sockt: {name} has connected", f"{name}> ")
    who.line("welcome")
    assert peer_scripts.read_exactly(sock, 8) == b"welcome\n"
    sock.close()
    assert f"sockt: {name} has ended the connection; received 0 B, sent 8 B" in who.ends()


def test_every_address_is_said(person):
    who = person("listen", "0")
    who.shows(", every address of this host; /help for commands", "nobody> ")
    who.line("/quit")
    who.ends()


def test_what_is_typed_before_the_peer_comes_is_sent_then(person, peers):
    who, port = serve(person)
    who.line("early")
    who.shows("nobody> early", "nobody>")
    sock = peers.connect(port)
    assert peer_scripts.read_exactly(sock, 6) == b"early\n"
    sock.close()
    who.ends()


def test_what_was_typed_and_met_nobody_is_lost(person):
    who, _ = serve(person)
    who.line("early")
    who.shows("nobody> early", "nobody>")
    who.line("/quit")
    assert "sockt: 6 bytes that were typed are not sent: nobody was there" in who.ends(5)


# ---- Above the line --------------------------------------------------------------------------------------------------

@editing
def test_what_arrives_stands_above_the_line_with_its_cursor(talk):
    who, sock = talk()
    who.type("half a line")
    end = who.shows("> half a line").cursor[1]
    who.type("\x1b[D" * 4)  # to the left
    wait_for(lambda: who.terminal.grid().cursor[1] == end - 4, "the cursor to move")
    sock.sendall(b"one\ntwo\n")
    grid = who.shows("one", "two", "> half a line")
    assert grid.cursor[1] == end - 4
    who.line("XX")
    assert peer_scripts.read_exactly(sock, 14) == b"half a XXline\n"


@editing
def test_a_line_over_several_rows(talk):
    who, sock = talk(columns=40)
    text = "a line that goes on over three rows of a narrow terminal, and is whole"
    who.type(text)
    who.type("\x1b[D" * 30)
    wait_for(lambda: text[-20:] in "".join(who.lines()), "the line")
    sock.sendall(b"arrived\n")
    wait_for(lambda: "arrived" in who.lines() and "".join(who.lines()).endswith(text), "both")
    assert "".join(who.lines()).count(text) == 1
    who.line("")
    assert peer_scripts.read_exactly(sock, len(text) + 1) == text.encode() + b"\n"


@editing
def test_unfinished_lines_are_shown_and_continued(talk):
    who, sock = talk()
    sock.sendall(b"login: ")
    who.shows("login:", "> ")
    who.type("bob")
    sock.sendall(b"(soon) ")
    who.shows("login: (soon)", "> bob")
    sock.sendall(b"now\nnext")
    who.shows("login: (soon) now", "next", "> bob")
    sock.sendall(b"!\n")
    assert who.shows("next!", "> bob").lines.count("next!") == 1


class Tmux:
    """A real terminal, which breaks lines anew when its width changes."""

    def __init__(self, sockt, tmp_path):
        self._sockt = sockt
        self._tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]

    def __call__(self, *command):
        done = subprocess.run([*self._tmux, *map(str, command)], capture_output=True, text=True, check=True,
                              env=self._sockt.environment, cwd=self._sockt.workdir)
        return done.stdout

    def start(self, columns, *command):
        self("new-session", "-d", "-x", columns, "-y", 12, " ".join(map(str, self._sockt.command(*command))))

    def type(self, *keys):
        self("send-keys", *keys)

    def resize(self, columns):
        """Another width. Returns when the program has heard of it (tmux tells it late) and is done with that."""
        self("resize-window", "-x", columns, "-y", 12)
        pid, tty = self("display-message", "-p", "#{pane_pid} #{pane_tty}").split()
        with open(tty, "rb", buffering=0) as file:
            wait_for(lambda: os.get_terminal_size(file.fileno()).columns == columns, "the size to be told")
        wait_idle(int(pid))

    def until_shows(self, *lines):
        """Wait until the screen shows exactly that, but for lines before it and empty ones behind."""
        def shown():
            return self("capture-pane", "-p").rstrip("\n").split("\n")
        try:
            wait_for(lambda: shown()[-len(lines):] == list(lines), "the screen")
        except AssertionError:
            raise AssertionError("expected {}\ngot {}".format("\n".join(lines), "\n".join(shown()))) from None


@pytest.fixture
def tmux(sockt, tmp_path):
    require_tool("tmux")
    made = Tmux(sockt, tmp_path)
    yield made
    subprocess.run([*made._tmux, "kill-server"], capture_output=True, check=False)


@editing
def test_resizing_keeps_the_line_and_what_stands_above_it(tmux, peers):
    listening = peers.listen()
    tmux.start(60, "connect", "--history", "none", "127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    prompt = "127.0.0.1:%d> " % sock.getsockname()[1]
    line = prompt + "a line that is longer than a row of this terminal has columns"
    sock.sendall(b"one\n")
    tmux.until_shows("one", prompt.rstrip())
    tmux.type(line[len(prompt):])
    tmux.until_shows("one", line[:60], line[60:])
    for columns in (30, 100, 45):
        tmux.resize(columns)
        rows = [line[at:at + columns].rstrip() for at in range(0, len(line), columns)]
        tmux.until_shows("one", *rows)
    sock.sendall(b"two\n")
    tmux.until_shows("one", "two", *rows)
    tmux.type("Enter")
    assert peer_scripts.read_until(sock, b"\n") == line[len(prompt):].encode() + b"\n"


@editing
def test_traces_stand_above_the_line(talk):
    who, sock = talk("-vv")
    who.type("typing")
    sock.sendall(b"data\n")
    grid = who.shows('"data\\n") = 5', "> typing")
    assert sum("typing" in line for line in grid.lines) == 1


@pytest.mark.parametrize("stdin", ["terminal", "pipe"])
def test_a_trace_does_not_hear_that_it_was_shown(person, peers, stdin):
    """A terminal that has shown a line has room again: were that a step, each line would be followed by another."""
    listening = peers.listen()
    where = ("connect", "-vvv", "127.0.0.1", listening.getsockname()[1])
    who = person(*where) if stdin == "terminal" else person(*where, stdin=subprocess.PIPE)
    sock = peers.accept(listening)
    sock.sendall(b"hello\n")
    who.shows(' = 6', "")
    wait_idle(who.process.pid)
    assert 0 < bytes(who.terminal.screen.data).count(b"epoll_wait") < 60


# ---- Ends ------------------------------------------------------------------------------------------------------------

def test_ctrl_d_half_closes_and_says_so(talk):
    who, sock = talk()
    who.line("last")
    who.type("\x04")
    who.shows("you send no more", "> ")
    assert peer_scripts.read_all(sock) == b"last\n"
    sock.sendall(b"reply\n")
    who.shows("reply", "> ")
    who.line("more")
    who.shows("not sent to 127.0.0.1:", "> ")
    sock.close()
    who.ends()


@editing
def test_ctrl_d_in_a_line_is_no_end(talk):
    who, sock = talk()
    who.type("abc\x01\x04")  # to the start, delete
    who.line("")
    assert peer_scripts.read_exactly(sock, 3) == b"bc\n"


def leave_by_peer(who, sock):
    sock.close()


def leave_by_reset(who, sock):
    peer_scripts.reset(sock)


def by_line(text):
    def leave(who, sock):
        who.line(text)
    return leave


def by_keys(keys):
    def leave(who, sock):
        who.type(keys)
    return leave


def by_signal(number):
    def leave(who, sock):
        who.process.signal(number)
    return leave


@pytest.mark.parametrize("leave, status", [
    pytest.param(leave_by_peer, 0, id="peer-ends"),
    pytest.param(leave_by_reset, 5, id="peer-resets"),
    pytest.param(by_line("/quit"), 0, id="quit"),
    pytest.param(by_line("/close"), 0, id="close"),
    pytest.param(by_line("/reset"), 0, id="reset"),
    pytest.param(by_keys("typed\x03"), 130, id="ctrl-c"),
    pytest.param(by_signal(signal.SIGTERM), 143, id="SIGTERM"),
    pytest.param(by_signal(signal.SIGHUP), 129, id="SIGHUP"),
])
def test_the_terminal_is_always_put_back(talk, leave, status):
    who, sock = talk()
    assert who.terminal.settings() != who.before or not READLINE
    leave(who, sock)
    who.ends(status)


def test_the_terminal_is_put_back_after_an_error(person, peers):
    who = person("connect", "127.0.0.1", peers.refused_port())
    assert "ECONNREFUSED" in who.ends(1)


@editing
def test_stop_and_go_on(talk):
    who, sock = talk(prefix=("bash", "-mc", '"$0" "$@"; echo stopped; read -r; fg >/dev/null'))
    who.type("typed")
    who.shows("> typed")
    who.type("\x1a")  # Ctrl-Z
    who.shows("stopped")
    assert process_state(children_of(who.process.pid)[0]) == "T"
    assert who.terminal.settings() == who.before
    sock.sendall(b"meanwhile\n")
    who.line("")
    who.shows("meanwhile", "> typed")
    assert who.terminal.settings() != who.before
    who.line("")
    assert peer_scripts.read_exactly(sock, 6) == b"typed\n"


@editing
@pytest.mark.parametrize("leave, status", [
    pytest.param(leave_by_peer, 0, id="peer-ends"),
    pytest.param(by_signal(signal.SIGTERM), 143, id="SIGTERM"),
])
def test_in_the_background_it_ends_and_leaves_the_terminal_alone(talk, leave, status):
    who, sock = talk(prefix=("bash", "-mc", '"$0" "$@"; bg; stty -echo; wait %1; echo status $?; stty echo'))
    who.type("\x1a")  # Ctrl-Z
    job = children_of(who.process.pid)[0]
    # In the foreground there is no echo either.
    who.shows('"$0" "$@" &')
    wait_for(lambda: who.terminal.settings()[3] & termios.ECHO == 0 and process_state(job) == "S", "the background")
    sock.sendall(b"seen there\n")
    who.shows("seen there")
    if leave is leave_by_peer:
        sock.close()
    else:
        os.kill(job, signal.SIGTERM)
    who.shows(f"status {status}")
    who.process.wait()
    assert bytes(who.terminal.screen.data).count(PASTE_OFF) == 1


def test_quit_leaves_a_peer_that_does_not_read_with_5(talk):
    who, sock = talk()
    with open(f"/proc/{who.process.pid}/cwd/big", "wb") as file:
        file.truncate(64 << 20)
    who.line("/file big")
    who.shows("(big ", " %%) 127.0.0.1:%d>" % sock.getsockname()[1])
    who.line("/quit")
    who.ends(5)
    sock.close()


def test_close_and_reset_say_what_the_peer_sees(talk):
    who, sock = talk()
    who.line("/reset")
    assert peer_scripts.read_to_reset(sock) == b""
    assert "sees ECONNRESET" in who.ends()
    who, sock = talk()
    who.line("bye")
    who.line("/close")
    assert peer_scripts.read_all(sock) == b"bye\n"
    assert "sees an end (FIN)" in who.ends()


def test_the_end_of_a_unix_socket_is_no_fin(person, peers):
    name = f"sockt-fin-{os.getpid()}"
    server = peers.keep(socket.socket(socket.AF_UNIX))
    server.bind(f"\0{name}")
    server.listen()
    who = person("connect", f"unix:@{name}")
    sock = peers.accept(server)
    who.shows("connected to", f"@{name}>")
    who.line("/shutdown")
    assert peer_scripts.read_all(sock) == b""
    who.shows("sees an end, and may still send", f"@{name}>")


# ---- Safe to look at -------------------------------------------------------------------------------------------------

HOSTILE = b"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[201~ \xff\xfe \x00 \xe2\x80\xae\rover\n"


def test_what_arrives_is_escaped(talk):
    who, sock = talk()
    sock.sendall(HOSTILE)
    who.shows(r"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[201~ \xff\xfe \x00 \xe2\x80\xae\x0dover", "> ")
    sock.sendall(b"tab\there\r\n")
    who.shows("tab     here", "> ")


def test_raw_passes_it(talk):
    who, sock = talk("--raw")
    sock.sendall(b"\x1b[31mred\x1b[0m\n")
    who.terminal.screen.until(b"\x1b[31mred\x1b[0m")


@editing
def test_a_line_of_a_megabyte(talk):
    who, sock = talk()
    who.type("typed")
    sock.sendall(b"m" * (1 << 20))
    sock.sendall(b"\nend\n")
    who.terminal.screen.until(b"\r\nend\r\n")
    who.line("")
    assert peer_scripts.read_exactly(sock, 6) == b"typed\n"


@editing
def test_colours_tell_sent_received_and_said_apart(talk):
    who, sock = talk("--color", "always")
    who.line("sent")
    sock.sendall(b"received\n")
    who.shows("received", "> ")
    data = who.terminal.screen.data
    assert b"\x1b[32m127.0.0.1:" in data       # the line that is typed
    assert b"\x1b[33msockt: connected" in data
    assert re.search(rb"\x1b\[0m(\r|\n|\x1b\[[AC0-9]+)*received", data)


# ---- Pasting, history, completion ------------------------------------------------------------------------------------

def paste(who, text):
    who.type("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~")


@editing
@pytest.mark.parametrize("text", ["/help", "//x", "a\nb\n\nc", "/file x\n/quit\n", "tab\there", "한글 é", " blank "])
def test_what_is_pasted_is_sent_exactly(talk, text):
    who, sock = talk()
    paste(who, text)
    who.line("")
    want = text.encode() + b"\n"
    assert peer_scripts.read_exactly(sock, len(want)) == want


UP, DOWN, HOME, DELETE = "\x1b[A", "\x1b[B", "\x01", "\x1b[3~"


@editing
@pytest.mark.parametrize("keys, sent", [
    # The line of the history takes the place of what was pasted: it was typed, and is a command.
    (("paste", UP), b"command"),
    (("paste", UP, DOWN), b"/send pasted\n"),
    (("paste", "\x15", "/send typed"), b"typed"),
    (("paste", HOME, "/send "), b"/send /send pasted\n"),
    (("x", "paste", HOME, DELETE), b"/send pasted\n"),
    (("paste", "\x12", "comm"), b"command"),
    # What is pasted behind a command is its argument.
    ((UP, "paste"), b"command/send pasted"),
    ((UP, "paste", DOWN, "x"), b"x\n"),
    ((UP, HOME, "paste"), b"/send pasted/send command\n"),
], ids=lambda value: None if isinstance(value, bytes) else "-".join(map(ascii, value)))
def test_a_line_with_what_was_pasted_is_text_and_one_of_the_history_is_not(talk, keys, sent):
    who, sock = talk("--history", "none")
    who.line("/send command")
    assert peer_scripts.read_exactly(sock, 7) == b"command"
    for key in keys:
        if key == "paste":
            paste(who, "/send pasted")
        else:
            who.type(key)
    who.line("")
    assert peer_scripts.read_exactly(sock, len(sent)) == sent
    # What comes next is as ever.
    who.line("/send next")
    assert peer_scripts.read_exactly(sock, 4) == b"next"


@editing
def test_what_was_pasted_is_sent_again_from_the_history(talk, tmp_path):
    """It stands there as it would be typed, also for the next run."""
    env = {"XDG_STATE_HOME": str(tmp_path)}
    who, sock = talk(env=env)
    paste(who, "/quit")
    who.line("")
    who.type(UP)
    who.shows("> //quit")
    who.line("")
    assert peer_scripts.read_exactly(sock, 12) == b"/quit\n/quit\n"
    who.line("/quit")
    who.ends()
    assert (tmp_path / "sockt" / "history").read_text() == "//quit\n/quit\n"


@editing
def test_what_is_pasted_behind_a_command_is_shown_escaped(talk):
    who, sock = talk()
    for command in ("/file ", "/help ", "/explain ", "/opt ", "/nothing"):
        who.type(command)
        paste(who, "no\x1b]0;title\x07")
        who.line("")
    who.line("/reset")
    who.ends()  # what it shows is read by a Grid, which takes no title


@editing
def test_a_nul_byte_cannot_be_pasted(talk):
    who, sock = talk()
    paste(who, "half\0of it")
    who.shows("what was pasted holds a NUL byte", "> ")
    who.line("whole")
    assert peer_scripts.read_exactly(sock, 6) == b"whole\n"


@editing
@pytest.mark.parametrize("locale", ["", "C"], ids=["none", "C"])
def test_utf8_needs_no_locale(talk, locale):
    """A container or a bare ssh sets none; what is typed is sent as it is, and columns are counted as they are."""
    who, sock = talk(env={"LC_ALL": locale, "LC_CTYPE": "", "LANG": ""})
    who.type("grüß 한글")
    sock.sendall("für: ".encode())
    who.shows("für:", "> grüß 한글")
    sock.sendall(b"more\n")
    who.shows("für: more", "> grüß 한글")
    who.type("\x7f\x7f")
    who.line("x")
    assert peer_scripts.read_exactly(sock, 9) == "grüß x\n".encode()


@editing
def test_a_dumb_terminal_is_sent_no_sequences(talk):
    who, sock = talk(env={"TERM": "dumb"})
    who.type("typed")
    sock.sendall(b"unfinished ")
    who.shows("unfinished", "> typed")
    sock.sendall(b"line\n")
    who.shows("line", "> typed")
    who.line("")
    assert peer_scripts.read_exactly(sock, 6) == b"typed\n"
    who.line("/quit")
    sock.close()
    who.ends()
    assert b"\x1b" not in who.terminal.screen.data


@editing
@pytest.mark.parametrize("columns, rows, term", [(1, 1, "xterm"), (2, 1, "xterm"), (2, 24, "dumb")])
def test_a_terminal_may_be_tiny(talk, columns, rows, term):
    """readline scrolls sideways there, and goes back by a third of the width: it divided by 0."""
    who, sock = talk(columns=columns, rows=rows, env={"TERM": term})
    who.type("a line that is longer")
    who.line("\x01\x05")
    assert peer_scripts.read_exactly(sock, 22) == b"a line that is longer\n"
    sock.close()
    assert who.process.wait() == 0
    assert who.terminal.settings() == who.before, "the terminal was not put back"


@editing
def test_a_command_can_be_typed_before_what_is_pasted(talk):
    who, sock = talk()
    who.type("/send ")
    paste(who, "pasted")
    who.line("")
    assert peer_scripts.read_exactly(sock, 6) == b"pasted"


@editing
def test_history_is_kept_across_runs(talk, tmp_path):
    file = tmp_path / "state" / "sockt" / "history"
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    who, sock = talk(env=env)
    who.line("remember me")
    assert peer_scripts.read_exactly(sock, 12) == b"remember me\n"
    who.line("the last")
    who.type(UP)
    who.shows("> the last", "> the last")
    who.type(UP)
    who.shows("> the last", "> remember me")
    who.type("\x15")
    who.line("/quit")
    who.ends()
    assert file.read_text() == "remember me\nthe last\n/quit\n"
    assert file.stat().st_mode & 0o777 == 0o600
    who, sock = talk(env=env)
    who.type(UP * 3)
    who.line("")
    assert peer_scripts.read_exactly(sock, 12) == b"remember me\n"


def test_history_none_keeps_nothing(talk, tmp_path):
    who, sock = talk("--history", "none", env={"XDG_STATE_HOME": str(tmp_path / "state")})
    who.line("x")
    assert peer_scripts.read_exactly(sock, 2) == b"x\n"
    who.line("/quit")
    who.ends()
    assert not (tmp_path / "state").exists()


@editing
def test_tab_completes_commands_options_and_topics(talk):
    who, _ = talk()
    for typed, whole in (("/shutd", "/shutdown"), ("/opt SO_SNDBUFF", "/opt SO_SNDBUFFORCE"),
                         ("/explain half-cl", "/explain half-close"), ("/hex of", "/hex off")):
        who.type(typed + "\t")
        who.shows("> " + whole)
        who.type("\x15")  # take the line back


# ---- Commands --------------------------------------------------------------------------------------------------------

def test_help_lists_the_commands_there_are(talk):
    who, _ = talk()
    who.line("/help")
    grid = who.shows("/send TEXT", "/ladder", "> ")
    assert not any("/kick" in line or "/fault" in line for line in grid.lines)
    who.line("/help send")
    who.shows("C escapes stand for bytes", "> ")
    assert any("/trace N" in line and "on this terminal" in line for line in grid.lines)
    who.line("/hlep")
    who.shows("did you mean /help?", "> ")


def test_send_takes_escapes(talk):
    who, sock = talk()
    who.line(r'/send "\x00\xff\n\101\\"')
    assert peer_scripts.read_exactly(sock, 5) == b"\x00\xff\nA\\"
    who.line(r"/send a b\t")
    assert peer_scripts.read_exactly(sock, 4) == b"a b\t"
    who.line(r'/send "\q"')
    who.shows(r"\q stands for nothing", "> ")


@pytest.mark.parametrize("options, typed, sent", [
    ((), "//slash", b"/slash\n"),
    (("--escape", "!"), "/plain", b"/plain\n"),
    (("--escape", "!"), "!!two", b"!two\n"),
    (("--escape", "none"), "/help", b"/help\n"),
])
def test_what_begins_like_a_command_can_be_sent(talk, options, typed, sent):
    who, sock = talk(*options)
    who.line(typed)
    assert peer_scripts.read_exactly(sock, len(sent)) == sent


@editing
@pytest.mark.parametrize("escape, hint, told", [
    ("!", "; !help for commands", ("there is no command !nope; !help lists them, !!nope sends it",
                                   "you have ended your side already; !quit leaves")),
    ("none", "", ("you have ended your side already",)),
])
def test_sentences_name_commands_as_they_are_typed(talk, person, peers, escape, hint, told):
    listening = peers.listen()
    who = person("connect", "--escape", escape, "127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    wait_for(lambda: any(line.startswith("sockt: connected to tcp") and line.endswith("%s:%d%s" % (
        *sock.getpeername(), hint)) for line in who.lines()), "the hint")
    if escape == "!":
        who.line("!nope")
    who.type("\x04")
    who.shows("you send no more", "> ")
    who.type("\x04")
    wait_for(lambda: all(f"sockt: {text}" in who.lines() for text in told), "the sentences")


def test_info(talk):
    who, sock = talk()
    sock.sendall(b"12345\n")
    who.shows("12345", "> ")
    who.line("/info")
    name = "%s:%d" % sock.getpeername()
    grid = who.shows(f"tcp {name}", "ESTABLISHED", "received 6 B, sent 0 B", "rtt ", "queues: 0 B", "> ")
    del grid


def test_info_names_ipv4_addresses_as_such(person, peers):
    """Both ends of a client of a dual-stack listener."""
    who = person("listen", "0")
    who.shows(", every address of this host; /help for commands", "nobody> ")
    port = int(re.search(r"listening on tcp \[::\]:(\d+)", "\n".join(who.lines())).group(1))
    sock = peers.connect(port)
    name = "%s:%d" % sock.getsockname()
    who.shows(f"{name}> ")
    who.line("/info")
    who.shows(f"tcp 127.0.0.1:{port} \u21c4 {name}  ESTABLISHED")
    who.line("/quit")
    who.ends()


def test_what_is_told_is_broken_at_words(talk):
    who, sock = talk(columns=50)
    sock.sendall(b"12345\n")
    who.shows("12345", "> ")
    who.line("/info")
    who.shows("  received 6 B, sent 0 B; turns: 1; ", "  queues: 0 B arrived and not read, 0 B sent and",
              "    not acknowledged", "> ")


@pytest.mark.parametrize("line, told", [
    ("/fault latency=1ms", "/fault is a command in the console of relay only"),
    ("/to 1", "/to is a command in the console of listen -k only"),
    ("/inof", "there is no command /inof here; did you mean /info?"),
    ("/exit", "there is no command /exit here; did you mean /quit?"),
    ("/who", "there is no command /who here; did you mean /peers?"),
    ("/frobnicate", "there is no command /frobnicate; /help lists them, //frobnicate sends it"),
    ('/send ""', "nothing is sent: the text is empty"),
    ("/quit now", "nothing may follow /quit"),
    ("/opt", "TCP_NODELAY = 1"),
])
def test_commands_that_are_none(talk, line, told):
    who, sock = talk()
    who.line(line)
    who.shows(told, "> ")
    who.line("sent")
    assert peer_scripts.read_exactly(sock, 5) == b"sent\n"


def test_options_are_read_back(talk):
    who, sock = talk()
    who.line("/opt TCP_NODELAY")
    who.shows("TCP_NODELAY = 1", "> ")
    who.line("/opt SO_SNDBUF=6000")
    who.shows("SO_SNDBUF = 12000: the kernel made that of 6000", "> ")
    for typed, shown in (("TCP_CONGESTION", "TCP_CONGESTION = "), ("SO_LINGER=2s", "SO_LINGER = 2 s"),
                         ("SO_RCVTIMEO=250ms", "SO_RCVTIMEO = 2"), ("IP_TTL=9", "IP_TTL = 9"),
                         ("so_keepalive=on", "SO_KEEPALIVE = 1"), ("SO_MARK=x", 'SO_MARK "x" is not')):
        who.line("/opt " + typed)
        who.shows(shown, "> ")
    who.line("/opt")
    who.shows("SO_REUSEADDR = ", "> ")
    who.line("/opt SO_NONSENSE")
    who.shows("there is no socket option SO_NONSENSE", "> ")


def test_hex(talk):
    who, sock = talk()
    who.line("/hex on")
    who.shows("/hex off ends that", "> ")
    sock.sendall(bytes(range(18)))
    who.shows("00000000  00 01 02", "00000010  10 11", "> ")
    who.line("/hex off")
    who.shows("as text again", "> ")
    sock.sendall(b"text\n")
    who.shows("text", "> ")


def test_trace_on_and_off(talk):
    who, sock = talk()
    who.line("/trace 2")
    who.shows("steps are shown at level 2", "> ")
    who.line("traced")
    who.shows('"traced\\n") = 7', "> ")
    who.line("/trace 0")
    who.shows("steps are shown no more", "> ")
    who.line("quiet")
    assert peer_scripts.read_exactly(sock, 13) == b"traced\nquiet\n"
    sock.sendall(b"answer\n")
    shown = "\n".join(who.shows("answer", "> ").lines)
    assert '"quiet' not in shown


def test_ladder_draws_what_has_happened(talk):
    who, sock = talk()
    who.line("hello")
    sock.sendall(b"reply\n")
    who.shows("reply", "> ")
    who.line("/ladder")
    who.shows("connect(", "send(", "6 B", "> ")


def test_explain(talk):
    who, _ = talk()
    who.line("/explain ECONNREFUSED")
    who.shows("ECONNREFUSED (error)", "> ")


def test_a_file_is_sent(talk):
    who, sock = talk()
    data = os.urandom(300000)
    with open(f"/proc/{who.process.pid}/cwd/some file", "wb") as file:
        file.write(data)
    who.line("/file some file")
    assert peer_scripts.read_exactly(sock, len(data)) == data
    who.shows("some file: 293.0 KiB handed over in", "> ")
    who.line("/file nothing")
    who.shows("nothing: No such file or directory (ENOENT)", "> ")
    who.line("after")
    assert peer_scripts.read_exactly(sock, 6) == b"after\n"


@editing
def test_a_file_waits_for_what_was_typed_before(talk):
    """The peer reads nothing, and what waits for it fills the queue: no piece of the file is left out."""
    who, sock = talk()
    data = os.urandom(200000)
    with open(f"/proc/{who.process.pid}/cwd/file", "wb") as file:
        file.write(data)
    with open(f"/proc/{who.process.pid}/cwd/full", "wb") as file:
        file.truncate(64 << 20)
    who.line("/file full")
    who.shows("(full ", "> ")
    wait_idle(who.process.pid)
    who.line("/file stop")
    for _ in range(40):
        paste(who, "x" * 60000)
        who.line("")
    who.terminal.screen.until(b"it does not read what waits for it already")
    who.line("/file file")
    who.line("/hex on")
    who.terminal.screen.until(b"what arrives is shown as a hex dump")
    got = bytearray()
    while not got.endswith(data[-1000:]):
        got += sock.recv(1 << 20)
    assert got.endswith(data), "a piece of the file is missing"


# ---- Clients that hear each other -----------------------------------------------------------------------------------

def test_the_person_takes_part_in_a_chat(person, peers):
    who, port = serve(person, "--chat")
    first = peers.connect(port)
    assert peer_scripts.read_until(first, b"\n") == b"* you are user1; nobody else is here\n"
    second = peers.connect(port)
    assert peer_scripts.read_until(second, b"\n") == b"* you are user2; here are: user1\n"
    assert peer_scripts.read_until(first, b"\n") == b"* user2 has come\n"
    who.shows("[2] 127.0.0.1", "all (2)> ")
    first.sendall(b"from \x1b[2Jone\r\n")
    assert peer_scripts.read_until(second, b"\n") == b"<user1> from \\x1b[2Jone\n"
    who.shows("<user1> from \\x1b[2Jone", "all (2)> ")
    who.line("to both")
    for sock in (first, second):
        assert peer_scripts.read_until(sock, b"\n") == b"<server> to both\n"
    who.line("/to 2 hello")
    who.shows("/to takes the number alone", "> ")
    who.line("/to 2")
    who.shows("lines go to [2]", "> ")
    who.line("to one")
    assert peer_scripts.read_until(second, b"\n") == b"<server> to one\n"
    # The end of the person's input ends nobody.
    who.type("\x04")
    who.shows("they hear each other, and go on", "> ")
    first.sendall(b"still\n")
    assert peer_scripts.read_until(second, b"\n") == b"<user1> still\n"
    who.line("/kick 2")
    assert peer_scripts.read_all(second) == b""
    assert peer_scripts.read_until(first, b"\n") == b"* user2 has left\n"


def test_a_broker_in_the_console(person, peers):
    who, port = serve(person, "--broker")
    first, second = peers.connect(port), peers.connect(port)
    who.shows("[2] 127.0.0.1", "all (2)> ")
    first.sendall(b"raw \x1b[2J\n")
    assert peer_scripts.read_until(second, b"\n") == b"raw \x1b[2J\n"
    who.shows("[1] raw \\x1b[2J", "all (2)> ")
    who.line("/shutdown")
    who.shows("you send no more", "> ")
    for sock in (first, second):
        assert peer_scripts.read_all(sock) == b""


# ---- Datagrams -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options, tag, prompt", [((), "", "127.0.0.1:{}> "), (("-k",), "[1] ", "all (1)> ")],
                         ids=["one", "crowd"])
def test_empty_datagrams_are_told_of(person, peers, options, tag, prompt):
    who = person("listen", *options, "udp:127.0.0.1:0")
    who.shows("; /help for commands", "nobody> ")
    sock = peers.udp()
    sock.connect(("127.0.0.1", int(re.search(r"udp 127.0.0.1:(\d+)", "\n".join(who.lines())).group(1))))
    port = sock.getsockname()[1]
    for data in (b"", b"full\n", b""):
        sock.send(data)
    who.shows(f"{tag}full", prompt.format(port))
    told = f"sockt: {tag}127.0.0.1:{port} has sent an empty datagram"
    wait_for(lambda: who.lines().count(told) == 2, "both of them to be told of")
    who.line('/send ""')
    assert sock.recv(10) == b""
    who.line("after")
    assert sock.recv(10) == b"after\n"


def test_an_empty_datagram_can_be_the_first(person, peers):
    """What is typed before the peer is there waits for it."""
    who = person("listen", "udp:127.0.0.1:0")
    who.shows("; /help for commands", "nobody> ")
    who.line('/send ""')
    sock = peers.udp()
    sock.connect(("127.0.0.1", int(re.search(r"udp 127.0.0.1:(\d+)", "\n".join(who.lines())).group(1))))
    sock.send(b"x")
    assert sock.recv(10) == b""


# ---- A connection that is lost ---------------------------------------------------------------------------------------

def test_what_is_typed_while_a_lost_connection_is_made_again_waits_for_it(person, peers):
    port = free_port()
    listening = peers.listen(("127.0.0.1", port))
    who = person("connect", "--reconnect=20ms", "127.0.0.1", port)
    first = peers.accept(listening)
    who.shows(f"connected to tcp 127.0.0.1:{port}", f"127.0.0.1:{port}> ")
    listening.close()
    peer_scripts.reset(first)
    who.shows("has reset the connection; connecting again in 2", "connecting> ")
    who.line("while nobody is there")
    listening = peers.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen()
    second = peers.accept(listening)
    assert peer_scripts.read_exactly(second, 22) == b"while nobody is there\n"
    who.shows(f"127.0.0.1:{port}> ")
    who.terminal.end_of_input()
    assert peer_scripts.read_all(second) == b""
    second.close()
    who.ends(0)


def test_a_person_may_leave_while_a_lost_connection_is_waited_for(person, peers):
    listening = peers.listen()
    who = person("connect", "--reconnect=1h", "127.0.0.1", listening.getsockname()[1])
    peer_scripts.reset(peers.accept(listening))
    who.shows("(--reconnect, loss 1)", "connecting> ")
    who.line("/quit")
    who.ends(0)


# ---- Many clients ----------------------------------------------------------------------------------------------------

def test_many_clients(person, peers):
    who, port = serve(person, "-k")
    first = peers.connect(port)
    who.shows("[1] 127.0.0.1:", "all (1)> ")
    second = peers.connect(port)
    who.shows("[2] 127.0.0.1:", "all (2)> ")
    first.sendall(b"from one\nand ")
    who.shows("[1] from one", "[1] and", "all (2)> ")
    second.sendall(b"from two\n")
    who.shows("[2] from two", "all (2)> ")
    first.sendall(b"more\n")
    who.shows("[1] more", "all (2)> ")
    who.line("to both")
    assert peer_scripts.read_exactly(first, 8) == peer_scripts.read_exactly(second, 8) == b"to both\n"
    who.line("/to 2")
    who.shows("lines go to [2]", "> ")
    who.line("only two")
    assert peer_scripts.read_exactly(second, 9) == b"only two\n"
    who.line("/to all")
    who.shows("lines go to all", "all (2)> ")
    who.line("/peers")
    who.shows("[1] 127.0.0.1:", "received 18 B, sent 8 B", "received 9 B, sent 17 B", "all (2)> ")
    who.line("/kick 1")
    assert peer_scripts.read_all(first) == b""
    who.shows("the connection with [1]", "all (1)> ")
    third = peers.connect(port)
    who.shows("[3] 127.0.0.1:", "all (2)> ")
    who.line("/reset 3")
    assert peer_scripts.read_to_reset(third) == b""
    second.close()
    who.shows("has ended the connection", "nobody> ")
    who.line("nobody hears")
    who.shows("not sent: nobody is connected", "nobody> ")
    who.line("/stats")
    who.shows("connections: 0 now, 3 in all", "nobody> ")
    who.line("/quit")
    who.ends()


# ---- A peer that floods ----------------------------------------------------------------------------------------------

def flood(socks, stop):
    """10 MB a second, from all of them together."""
    line, sent, began = b"f" * 99 + b"\n", 0, time.monotonic()
    while not stop.wait(max(0, sent / 10e6 - (time.monotonic() - began))):
        for sock in socks:
            sent += sock.send(line * 655)


@editing
@pytest.mark.timing
@pytest.mark.parametrize("clients", [0, 3], ids=["connect", "three-clients"])
def test_typing_stays_responsive_in_a_flood(talk, person, peers, clients):
    """10 MB a second arrive while a person types: each key is echoed soon, and no memory is eaten."""
    if clients:
        who, port = serve(person, "-k")
        socks = [peers.connect(port) for _ in range(clients)]
        who.shows(f"all ({clients})> ")
    else:
        who, sock = talk()
        socks = [sock]
    stop = threading.Event()
    thread = threading.Thread(target=flood, args=(socks, stop), daemon=True)
    thread.start()
    screen = who.terminal.screen
    delays = []
    for number in range(9):
        seen = len(screen.data)
        key = "KQWXZ"[number % 5]
        began = time.monotonic()
        who.type(key)
        screen.until(lambda data, seen=seen, key=key: key.encode() in data[seen:])
        delays.append(time.monotonic() - began)
    peak = status_field(who.process.pid, "VmHWM")
    stop.set()
    thread.join()
    assert sorted(delays)[len(delays) // 2] < 0.1 and max(delays) < 1, delays
    assert peak < 24 * 1024, f"{peak} KiB"
    who.type("\x03")
    who.ends(130)


def test_a_terminal_that_takes_nothing_holds_the_peer_up(sockt, peers):
    """Nobody reads the terminal: nothing is lost, nothing grows, and the peer cannot send more than fits."""
    master, slave = os.openpty()
    listening = peers.listen()
    process = sockt.start("connect", "127.0.0.1", listening.getsockname()[1], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    sock = peers.accept(listening)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    told = b""
    while b"> " not in told:
        told += os.read(master, 1 << 16)
    sent = peer_scripts.fill(sock)
    assert sent < 16 << 20, f"{sent} bytes were taken"
    if not VARIANT:
        assert status_field(process.pid, "VmHWM") < 24 * 1024
    # Then somebody does.
    got = 0
    while got < sent:
        got += os.read(master, 1 << 16).count(b"f")
    assert got == sent
    sock.close()
    assert process.wait() == 0
    os.close(master)


def test_clients_are_not_told_of_without_end(sockt, peers):
    """Nobody reads the terminal, and clients come and go: lines are left out, and counted."""
    master, slave = os.openpty()
    process = sockt.start("listen", "-k", "127.0.0.1", "0", stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = bytearray()

    def read_until(text):
        while text not in shown:
            shown.extend(os.read(master, 1 << 16))
    read_until(b"nobody> ")
    port = int(re.search(rb"127.0.0.1:(\d+)", shown).group(1))
    peers.connect(port).sendall(b"f" * 65536)
    wait_idle(process.pid)
    for _ in range(3):
        peers.connect(port).close()
    wait_idle(process.pid)
    read_until(b"f" * 100)
    while shown.count(b"f") < 65536:
        shown.extend(os.read(master, 1 << 16))
    peers.connect(port)
    read_until(b"lines are left out here: the terminal did not keep up")
    read_until(b"all (2)> ")
    process.signal(signal.SIGTERM)
    assert process.wait() == 143
    os.close(master)


def test_without_the_library_lines_are_still_sent(person, peers):
    """readline is not there when the program runs: said once, and the terminal's own driver edits."""
    if not READLINE:
        prefix = ()
    elif os.geteuid() != 0:
        pytest.skip("hiding the library needs root")
    else:
        library = subprocess.run(["sh", "-c", f"/sbin/ldconfig -p | sed -n 's/.*{READLINE.group().decode()}.* => //p'"],
                                 capture_output=True, text=True, check=True).stdout.split()[0]
        prefix = ("unshare", "-m", "sh", "-c", f'mount --bind /dev/null "$(readlink -f {library})" && exec "$0" "$@"')
    listening = peers.listen()
    who = person("connect", "127.0.0.1", listening.getsockname()[1], prefix=prefix)
    sock = peers.accept(listening)
    who.shows("no line editing", "connected to tcp", "> ")
    who.type("typed\n")
    assert peer_scripts.read_exactly(sock, 6) == b"typed\n"
    sock.sendall(b"answer\n")
    who.shows("answer", "> ")
    who.type("/send x\n")
    assert peer_scripts.read_exactly(sock, 1) == b"x"
    who.type("y" * 5000 + "\n")
    assert peer_scripts.read_exactly(sock, 4096) == b"y" * 4095 + b"\n"
    who.shows("takes no line that is longer than 4095 bytes", "> ")
    who.type("\x04")
    assert peer_scripts.read_all(sock) == b""
    sock.close()
    assert who.process.wait() == 0
    assert who.terminal.settings() == who.before


# ---- A relay ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one", "workers"])
def test_relay_tells_who_comes_and_takes_commands(person, peers, options):
    target = peers.listen()
    who = person("relay", *options, "127.0.0.1:0", "127.0.0.1:%d" % target.getsockname()[1])
    who.shows("; /help for commands", "relay> ")
    client = peers.connect(port_of(who))
    far = peers.accept(target)
    name = "%s:%d" % client.getsockname()
    who.shows(f"[1] {name} has connected", "relay> ")
    client.sendall(b"hello")
    assert peer_scripts.read_exactly(far, 5) == b"hello"
    who.line("peers")
    who.shows(f"[1] open, {name} to ", "up 5, down 0", "relay> ")
    who.line("/fault latency=1ms")
    who.shows("done: fault latency=1ms", "relay> ")
    who.line("/stats")
    who.shows("1 open of 1 sessions", "relay> ")
    who.line("/help")
    who.shows("/fault clear", "/drain", "relay> ")
    for line, told in (("/send x", "/send is a command in the console of listen and connect only"),
                       ("frobnicate", "there is no command /frobnicate; /help lists them"),
                       ("fault", "something is missing: /fault [up:|down:]KIND=VALUE"),
                       ("/kick", "something is missing: /kick N"),
                       ("stats now", "nothing may follow /stats")):
        who.line(line)
        who.shows(told, "relay> ")
    if READLINE:
        paste(who, "/fault latency=2ms")
        who.line("")
        who.shows("done: fault latency=2ms", "relay> ")
    who.line("reset 1")
    assert peer_scripts.read_to_reset(client) == b""
    who.shows(f"[1] {name} has gone: you ended it; up 5 B, down 0 B", "relay> ")
    who.type("\x04")
    who.shows("a relay goes on", "relay> ")
    who.line("/ladder")
    who.shows("client", "accept(", "relay> ")
    who.line("/quit")
    who.ends()


@pytest.mark.parametrize("options", [(), ("--workers", "2"), ("--workers", "2", "-vv")], ids=["one", "workers", "-vv"])
def test_trace_of_a_relay_on_and_off(person, peers, options):
    """Workers too trace as much as is asked for, to the last byte, and no more than that."""
    target = peers.listen()
    who = person("relay", *options, "127.0.0.1:0", "127.0.0.1:%d" % target.getsockname()[1])
    who.shows("; /help for commands", "relay> ")
    client = peers.connect(port_of(who))
    far = peers.accept(target)
    who.shows("has connected", "relay> ")
    data = b"0123456789abcdef" * 200
    who.line("/trace 3")
    who.shows("steps are shown at level 3", "relay> ")
    # A worker answers behind what it was told before.
    who.line("/peers")
    who.shows("[1] open, ", "relay> ")
    client.sendall(data)
    assert peer_scripts.read_exactly(far, len(data)) == data
    who.shows("[1] < 00000c70  30 31 32 33", "[1] > 00000c70  30 31 32 33", "")
    who.line("/trace 0")
    who.shows("steps are shown no more", "relay> ")
    who.line("/peers")
    who.shows("up 3.1k, ", "relay> ")
    client.sendall(b"unseen")
    assert peer_scripts.read_exactly(far, 6) == b"unseen"
    who.line("/quit")
    assert "75 6e 73 65 65 6e" not in who.ends()
