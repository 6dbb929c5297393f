# SPDX-License-Identifier: GPL-3.0-or-later
"""--step: each step waits for a person at /dev/tty, whatever standard input and output are."""

import os
import re
import signal
import socket
import time

import pytest

from facts import bytes_readable, children_of, process_state, wait_for, wait_idle
from peers import read_all, read_exactly, read_to_reset, reset
from stepper import ENTER, PROMPT, Stepper
from terminal import editing


@pytest.fixture
def stepper(terminal):
    return Stepper(terminal)


def connect(sockt, terminal, port, *options, **popen):
    """sockt connect --step with pipes, but for standard error, on a terminal of its own."""
    popen.setdefault("stderr", terminal.slave)
    return sockt.start("connect", "--step", "--color=never", *options, "127.0.0.1", port, **terminal.popen(), **popen)


def sockets_of(process):
    """The sockets that a process has open."""
    links = []
    for name in os.listdir(f"/proc/{process.pid}/fd"):
        try:
            links.append(os.readlink(f"/proc/{process.pid}/fd/{name}"))
        except OSError:
            pass
    return [link for link in links if link.startswith("socket:")]


def test_nothing_is_done_before_it_is_answered(sockt, peers, terminal, stepper):
    listening = peers.listen()
    process = connect(sockt, terminal, listening.getsockname()[1])
    process.write("hello\n")
    process.close_stdin()
    stepper.question(r"socket\(AF_INET, SOCK_STREAM, IPPROTO_TCP\)\r")
    assert sockets_of(process) == []
    text = stepper.answer(r"socket\(")
    assert "the socket that will ask for the connection" in text
    text = stepper.question(r"connect\(\d+, 127.0.0.1:\d+\)\r")
    assert "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = " in text, "the result stands before the next question"
    assert len(sockets_of(process)) == 1
    stepper.type(ENTER)
    peer = peers.accept(listening)
    assert r"6 B go to the kernel" in stepper.question(r'send\(\d+, "hello\\n", 6\)\r')
    assert bytes_readable(peer) == 0
    stepper.type(ENTER)
    assert peer.recv(10) == b"hello\n"
    stepper.answer(r"shutdown\(\d+, SHUT_WR\)")
    peer.sendall(b"bye\n")
    assert "4 B have come" in stepper.answer(r"recv\(\d+\)\r")
    peer.close()
    assert "0 bytes will say so" in stepper.answer(r"recv\(\d+\)")
    process.finish().expect(0, b"bye\n")
    stepper.until("ended: both directions finished")


def test_keys(sockt, peers, terminal, stepper):
    process = connect(sockt, terminal, peers.listen().getsockname()[1], stdin=terminal.slave)
    stepper.answer(r"socket\(", "?")
    assert "c STEP   go on up to" in stepper.until("q        leave")
    stepper.type("x")
    stepper.until("x is no answer; ? lists the keys")
    stepper.type("\033[A")
    stepper.until("Esc [ A is no answer")
    stepper.type("i")
    stepper.until("there is no socket yet")
    stepper.answer(r"socket\(", "e")
    assert "See socket(2), socket(7)." in stepper.question(r"socket\(")
    stepper.type(ENTER)
    stepper.answer(r"connect\(", "i")
    assert "CLOSE, nothing unread" in stepper.question(r"connect\(")
    stepper.type("c nonsense\r")
    stepper.until('no step "nonsense" is asked about')
    stepper.type("c xy\177\177\177\177")
    stepper.type("q")
    assert process.wait() == 0
    stepper.until("ended: you ended it")


@pytest.mark.strace
def test_an_answer_may_come_at_once(sockt, peers, terminal, stepper):
    """Before the next look at the terminal, which is late here: each step is asked about once, and made."""
    server = peers.server(lambda sock: sock.sendall(read_all(sock)))
    late = ["-e", "trace=/epoll_p?wait", "-e", "inject=/epoll_p?wait:delay_enter=20000"]
    process = connect(sockt, terminal, server.port,
                      prefix=["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, *late])
    process.write("hello")
    process.close_stdin()
    for call in ("socket", "connect", "send", "shutdown", "recv"):
        stepper.answer(rf"{call}\(")
    stepper.question(r"recv\(")
    stepper.type(ENTER)
    assert process.wait() == 0
    asked = re.findall(rb"next  (\w+)\(", terminal.screen.data)
    assert asked == [b"socket", b"connect", b"send", b"shutdown", b"recv", b"recv"], asked


@pytest.mark.parametrize("keys", ["c", "c\r", "c \r"])
def test_running_on(sockt, peers, terminal, stepper, keys):
    server = peers.server(lambda sock: sock.sendall(read_all(sock)))
    process = connect(sockt, terminal, server.port)
    process.write("hello")
    process.close_stdin()
    stepper.answer(r"socket\(", keys)
    process.finish().expect(0, b"hello")
    assert b"next" not in terminal.screen.data[stepper.seen:]


def test_running_to_a_step(sockt, peers, terminal, stepper):
    server = peers.server(lambda sock: sock.sendall(read_all(sock)))
    process = connect(sockt, terminal, server.port)
    process.write("hello")
    process.close_stdin()
    stepper.answer(r"socket\(", "c recv\r")
    text = stepper.answer(r"recv\(", "c recv\r")
    assert "shutdown(" in text and text.count("next") == 1
    stepper.answer(r"recv\(")
    process.finish().expect(0, b"hello")


def test_options_are_explained_by_name(sockt, terminal, stepper):
    process = sockt.start("listen", "--step", "127.0.0.1", 0, stderr=terminal.slave, **terminal.popen())
    stepper.answer(r"socket\(")
    assert "SO_REUSEADDR: " in stepper.answer(r"setsockopt\(\d+, SOL_SOCKET, SO_REUSEADDR", "e")
    text = stepper.question(r"setsockopt\(")
    assert "SO_REUSEADDR (option)" in text and "setsockopt (step)" in text
    stepper.type("c listen\r")
    assert "128 may wait" in stepper.answer(r"listen\(", "q")
    assert process.wait() == 0


def test_second_session_waits_in_a_queue(sockt, peers, terminal, stepper):
    terminal.type("c accept\r")
    server = sockt.listen("-k", "--step", "--color=never", stderr=terminal.slave, **terminal.popen())
    one, two = peers.connect(server.port), peers.connect(server.port)
    stepper.answer(r"accept\(")
    stepper.answer(r"accept\(", "c recv\r")
    one.sendall(b"1\n")
    stepper.question(r"\[1\] recv\(")
    two.sendall(b"2\n")
    stepper.type(ENTER)
    stepper.answer(r"\[2\] recv\(")
    server.out.until(b"1\n2\n")
    one.close()
    stepper.answer(r"\[1\] recv\(", "q")
    assert server.wait() == 0


def test_time_limits_rest(sockt, peers, terminal, stepper):
    listening = peers.listen()
    process = connect(sockt, terminal, listening.getsockname()[1], "--total-timeout", "100ms", "-w", "50ms",
                      "-i", "70ms")
    stepper.question(r"socket\(")
    asked = time.monotonic()
    wait_for(lambda: time.monotonic() > asked + 0.3, "three limits")
    assert process.is_running
    stepper.type("c\r")
    # The first that runs out, whichever that is: they run again.
    assert process.wait() == 4


def test_who_is_held_while_the_peer_goes_sees_it_then(sockt, peers, terminal, stepper):
    listening = peers.listen()
    process = connect(sockt, terminal, listening.getsockname()[1])
    process.write("hello\n")
    stepper.answer(r"socket\(")
    stepper.answer(r"connect\(")
    peer = peers.accept(listening)
    peer.sendall(b"last words")
    stepper.question(r"(send|recv)\(")
    reset(peer)
    stepper.type(ENTER * 9)
    assert process.finish().status == 5


def test_leaving_is_clean(sockt, peers, terminal, stepper):
    """What has come is written, what was taken is sent, and the peer sees an end."""
    listening = peers.listen()
    process = connect(sockt, terminal, listening.getsockname()[1])
    process.write("hello")
    stepper.answer(r"socket\(")
    stepper.answer(r"connect\(")
    peer = peers.accept(listening)
    stepper.question(r"send\(")
    peer.sendall(b"unread")
    stepper.type("q")
    assert read_all(peer) == b"hello"
    process.finish().expect(0, b"unread")


def test_leaving_with_what_is_not_acknowledged(sockt, peers, terminal, stepper):
    listening = peers.listen()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    process = connect(sockt, terminal, listening.getsockname()[1])
    process.feed(b"x" * 8_000_000)
    stepper.answer(r"socket\(", "c connect\r")
    stepper.answer(r"connect\(")
    peers.accept(listening)
    # More than the peer, which does not read, has room for.
    stepper.answer(r"send\(\d+, .*, 65536\)")
    stepper.answer(r"send\(\d+, .*, 65536\)", "q")
    assert process.wait() == 5


def test_no_terminal(sockt):
    sockt.run("connect", "--step", "127.0.0.1", 9, timeout=20).expect(
        2, b"", "--step: there is no terminal to ask at: /dev/tty: No such device or address (ENXIO)")


def test_workers_are_refused(sockt):
    sockt.run("relay", "--step", "--workers", "2", "9", "10").expect(2, b"", "--step and --workers contradict")


@pytest.mark.parametrize("way", ["q", "\x03", "\x04", signal.SIGTERM, signal.SIGHUP, "peer"])
def test_terminal_is_put_back(sockt, peers, terminal, stepper, way):
    listening = peers.listen()
    before = stepper.modes()
    process = connect(sockt, terminal, listening.getsockname()[1])
    stepper.answer(r"socket\(")
    stepper.question(r"connect\(")
    assert stepper.modes() != before
    if way == "peer":
        stepper.type("c\r")
        peers.accept(listening).close()
        process.close_stdin()
    elif isinstance(way, str):
        stepper.type(way)
    else:
        process.signal(way)
    wanted = {"\x03": 130, signal.SIGTERM: 143, signal.SIGHUP: 129}.get(way, 0)
    assert process.wait() == wanted
    assert stepper.modes() == before


def test_stopping_and_going_on(sockt, peers, terminal, stepper):
    before = stepper.modes()
    process = connect(sockt, terminal, peers.listen().getsockname()[1])
    stepper.question(r"socket\(")
    stepper.type("\x1a")
    wait_for(lambda: process_state(process.pid) == "T", "it to stop")
    assert stepper.modes() == before
    process.signal(signal.SIGCONT)
    stepper.answer(r"socket\(", "q")
    assert process.wait() == 0


def test_standard_input_at_the_same_terminal(sockt, peers, terminal, stepper):
    """What is typed while a question stands is its answer, else it is input."""
    listening = peers.listen()
    process = connect(sockt, terminal, listening.getsockname()[1], stdin=terminal.slave)
    stepper.answer(r"socket\(")
    stepper.answer(r"connect\(")
    peer = peers.accept(listening)
    stepper.until("ESTABLISHED")
    stepper.type("eins\n")
    stepper.answer(r'send\(\d+, "eins\\n", 5\)', "?")
    stepper.type(ENTER)
    assert peer.recv(100) == b"eins\n"
    stepper.type("zwei\n")
    stepper.answer(r'send\(\d+, "zwei\\n", 5\)')
    assert peer.recv(100) == b"zwei\n"
    peer.close()
    stepper.answer(r"recv\(", "c\r")
    assert process.wait() == 0


@pytest.mark.parametrize("kind", ["tcp4:127.0.0.1:{}", "udp4:127.0.0.1:{}", "unix:there", "unix-seqpacket:there",
                                  "unix-dgram:there"])
def test_same_output_as_without(sockt, terminal, stepper, kind):
    """Both ends are stepped through by a person who only ever presses enter."""
    is_datagram = "udp" in kind or "dgram" in kind
    terminal.type(ENTER * 250)
    server = sockt.listen("--step", at=(kind.format(0),), **terminal.popen())
    server.write("from the server\n")
    port = server.port or 0
    client = sockt.start("connect", "-v", *(["-q", "300ms"] if is_datagram else []), kind.format(port))
    client.write("from the client\n")
    if is_datagram:
        client.out.until(b"from the server\n")
    else:
        server.close_stdin()
    client.close_stdin()
    client.finish().expect(0, b"from the server\n")
    if is_datagram:
        server.out.until(b"from the client\n")
        server.signal(signal.SIGTERM)
        assert server.wait() == 143
    else:
        server.finish().expect(0, b"from the client\n")


def test_relay_shows_its_sessions(sockt, peers, terminal, stepper):
    target = peers.server(lambda sock: sock.sendall(read_all(sock)))
    terminal.type("c accept\r")
    relay = sockt.relay(target.port, "--step", "--color=never", stderr=terminal.slave, **terminal.popen())
    client = peers.connect(relay.port)
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    for call in (r"accept\(", r"\[1\] socket\(", r"\[1\] connect\(", r"\[1\] recv\(", r'\[1\] send\(\d+, "hello"'):
        stepper.answer(call)
    stepper.answer(r"\[1\] recv\(", "c\r")
    assert read_all(client) == b"hello"
    relay.signal(signal.SIGTERM)
    assert relay.wait() == 143


def at_console(sockt, terminal, *arguments, **popen):
    """A run whose standard input, output and error are the terminal: the console is on."""
    return sockt.start(*arguments, "--step", "--color=never", "--history=none", stdin=terminal.slave,
                       stdout=terminal.slave, stderr=terminal.slave, **terminal.popen(), **popen)


@editing
def test_console_gives_its_line_aside(sockt, peers, terminal, stepper):
    """What is typed of a line outlives the questions that come between."""
    listening, before = peers.listen(), stepper.modes()
    process = at_console(sockt, terminal, "connect", "127.0.0.1", listening.getsockname()[1])
    stepper.answer(r"socket\(")
    stepper.answer(r"connect\(")
    peer = peers.accept(listening)
    stepper.until("/help for commands")
    stepper.until("> ")
    stepper.type("hel")
    stepper.until("hel")
    peer.sendall(b"news\n")
    stepper.answer(r"recv\(", "i")
    assert "5 B unread" in stepper.answer(r"recv\(", "e")
    assert "recv (step)" in stepper.answer(r"recv\(")
    stepper.until("> hel")
    stepper.type("lo\r")
    stepper.answer(r'send\(\d+, "hello\\n", 6\)')
    assert peer.recv(100) == b"hello\n"
    stepper.until("> ")
    stepper.type("/quit\r")
    stepper.answer(r"shutdown\(")
    assert read_all(peer) == b""
    assert process.wait() == 0
    assert stepper.modes() == before


@pytest.mark.parametrize("key, status", [("q", 0), ("\x03", 130), ("\x04", 0)])
def test_console_left_at_a_question(sockt, peers, terminal, stepper, key, status):
    listening, before = peers.listen(), stepper.modes()
    process = at_console(sockt, terminal, "connect", "127.0.0.1", listening.getsockname()[1])
    stepper.answer(r"socket\(", "c connect\r")
    stepper.answer(r"connect\(", key)
    assert process.wait() == status
    assert stepper.modes() == before


def test_console_left_when_the_peer_has_ended(sockt, peers, terminal, stepper):
    """q is as /quit, also where the step that is asked about would tell of the peer's end."""
    listening, before = peers.listen(), stepper.modes()
    process = at_console(sockt, terminal, "connect", "127.0.0.1", listening.getsockname()[1])
    stepper.answer(r"socket\(", "c recv\r")
    peer = peers.accept(listening)
    stepper.until("> ")
    peer.close()
    stepper.answer(r"recv\(", "q")
    assert process.wait() == 0
    text = stepper.until("ended: you ended it")
    assert "sees an end (FIN)" in text and "is closed; received 0 B, sent 0 B" in text
    assert stepper.modes() == before


def test_console_takes_answers_ahead_for_no_line(sockt, peers, terminal, stepper):
    """Enter twice at once answers two questions that follow each other; no empty line is sent in between."""
    process = at_console(sockt, terminal, "listen", "-k", "127.0.0.1", "0")
    stepper.answer(r"socket\(", "c listen\r")
    text = stepper.answer(r"listen\(") + stepper.until("nobody> ")
    port = int(re.search(r"the kernel chose 127.0.0.1:(\d+)", text).group(1))
    first, second = peers.connect(port), peers.connect(port)
    stepper.answer(r"accept\(", ENTER + ENTER)
    stepper.until("all (2)> ")
    stepper.type("hello\r")
    stepper.answer(r"\[1\] send\(", ENTER + ENTER)
    assert first.recv(100) == second.recv(100) == b"hello\n"
    stepper.until("all (2)> ")
    stepper.type("next\r")
    stepper.answer(r'\[1\] send\(\d+, "next', "c\r")
    assert read_exactly(first, 5) == read_exactly(second, 5) == b"next\n"
    process.signal(signal.SIGTERM)
    assert process.wait() == 143


def test_console_stopped_at_a_question(sockt, peers, terminal, stepper):
    listening, before = peers.listen(), stepper.modes()
    shell = at_console(sockt, terminal, "connect", "127.0.0.1", listening.getsockname()[1],
                       prefix=("bash", "-mc", '"$0" "$@"; echo stopped; read -r; fg >/dev/null'))
    stepper.answer(r"socket\(")
    stepper.question(r"connect\(")
    stepper.type("\x1a")
    stepper.until("stopped")
    assert process_state(children_of(shell.pid)[0]) == "T"
    assert stepper.modes() == before
    stepper.type("\n")
    stepper.until(PROMPT.decode())
    stepper.type(ENTER)
    peers.accept(listening)
    stepper.until("/help for commands")
    stepper.type("/quit\r")
    stepper.answer(r"shutdown\(")
    assert shell.wait() == 0
    assert stepper.modes() == before


def test_console_of_a_relay(sockt, peers, terminal, stepper):
    target = peers.server(lambda sock: sock.sendall(read_all(sock)))
    at_console(sockt, terminal, "relay", "tcp:127.0.0.1:0", f"tcp:127.0.0.1:{target.port}")
    stepper.answer(r"socket\(", "c listen\r")
    text = stepper.answer(r"listen\(")
    text += stepper.until("relay> ")
    client = peers.connect(int(re.search(r"the kernel chose 127.0.0.1:(\d+)", text).group(1)))
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    stepper.answer(r"accept\(", "c shutdown\r")
    stepper.answer(r"\[1\] shutdown\(", "c\r")
    assert read_all(client) == b"hello"
    stepper.until("relay> ")
    stepper.type("/quit\r")
    assert sockt.processes[-1].wait() == 0


SCRIPT = """\
# both ends
server = socket tcp
bind server 127.0.0.1:0
listen server 1
client = socket tcp
connect client server
peer = accept server
send client "hello"
recv peer
expect data "hello"
expect after 1h
send client "more"
expect unread peer 4
close peer
recv client
expect ECONNRESET
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.sockt"
    path.write_text(SCRIPT)
    return path


def test_shell_walks_through_a_script(sockt, terminal, stepper, script):
    shell = sockt.start("shell", "--step", "--color=never", script, **terminal.popen())
    assert "it can become a server" in stepper.answer(r"socket\(")
    stepper.answer(r"bind\(\d+, 127.0.0.1:0\)\r", "i")
    assert re.search(r"server: tcp 0.0.0.0:0\s+CLOSE", stepper.question(r"bind\("))
    assert b"bind(" not in shell.out.until(b"sockt> bind server 127.0.0.1:0\n")
    for call in (r"bind\(", r"listen\(\d+, 1\)\r", r"socket\(", r"connect\(", r"accept\(", r"send\("):
        stepper.answer(call)
    stepper.answer(r"recv\(", "c close\r")
    assert "4 B that nobody has read make that a reset" in stepper.answer(r"close\(")
    stepper.answer(r"recv\(")
    assert shell.wait() == 0, shell.describe()
    assert b"recv(" in shell.out.until_end()


def test_times_of_a_script_are_the_persons(sockt, terminal, stepper, script):
    """What a call takes depends on who is asked: an expectation of it does not count."""
    script.write_text("a = socket tcp\nexpect after 1h\nexpect within 0ms\n")
    shell = sockt.start("shell", "--step", "--color=never", script, **terminal.popen())
    stepper.answer(r"socket\(")
    assert shell.wait() == 0, shell.describe()


def test_shell_left_in_a_script(sockt, terminal, stepper, script):
    shell = sockt.start("shell", "--step", "--color=never", script, **terminal.popen())
    stepper.answer(r"socket\(", "c listen\r")
    stepper.answer(r"listen\(", "q")
    assert shell.wait() == 0
    assert b"listen server 1\n" in shell.out.until_end() and b"listen(" not in shell.out.data


def at_shell(sockt, terminal, *arguments):
    """A shell whose standard input, output and error are the terminal."""
    terminal.resize(80, 24)
    return sockt.start("shell", "--step", "--color=never", "--history=none", *arguments, stdin=terminal.slave,
                       stdout=terminal.slave, stderr=terminal.slave, **terminal.popen())


def test_shell_shows_names(sockt, terminal, stepper, script):
    """The sockets have the names that the script gave them."""
    shell = at_shell(sockt, terminal, script)
    stepper.answer(r"socket\(", "c accept\r")
    stepper.answer(r"accept\(\d+\)\r", "i")
    text = stepper.answer(r"accept\(\d+\)\r", "c\r")
    assert re.search(r"\d+ +server: tcp 127.0.0.1:\d+  LISTEN, accept queue 1 of 1\r", text), text
    assert re.search(r"\d+ +client: tcp 127.0.0.1:\d+ \S+ 127.0.0.1:\d+\r", text), text
    assert shell.wait() == 0


def test_answers_stand_above_the_question(sockt, terminal, stepper, script):
    """What a call in the background answers while a question stands is on a line of its own."""
    script.write_text("server = socket tcp\nlisten server\npeer = accept server &\nclient = socket tcp\n"
                      "connect client server &\nwait peer\nwait client\n")
    shell = at_shell(sockt, terminal, script)
    stepper.answer(r"socket\(", "c accept\r")
    stepper.question(r"accept\(")
    stepper.until("[client] connect(")
    shown = terminal.until_shows("[client] connect(", "[enter, e, i, c, q, ?]").lines
    assert [line for line in shown if "[client] connect(" in line and line.startswith("[client]")], shown
    assert shown[-1] == "          [enter, e, i, c, q, ?]"
    stepper.type("\r")
    assert shell.wait() == 0
    assert not [line for line in terminal.grid().lines if "?] [" in line]


def test_a_background_call_is_asked_about_first(sockt, terminal, stepper, script):
    """What stands behind a call in the background waits while a person is asked about that; so do expectations."""
    script.write_text("server = socket tcp\nlisten server\nclient = socket tcp\nconnect client server &\n"
                      "expect state client ESTABLISHED within 50ms\n# behind\npeer = accept server\nwait client\n")
    shell = at_shell(sockt, terminal, script)
    stepper.answer(r"socket\(", "c connect\r")
    stepper.answer(r"connect\(", "i")
    text = stepper.question(r"connect\(")
    assert re.search(r"client: tcp 0.0.0.0:0\s+CLOSE", text) and "behind" not in text
    stepper.type("\r")
    stepper.answer(r"accept\(")
    assert shell.wait() == 0
    assert "client: ESTABLISHED" in "\n".join(terminal.grid().lines)


@editing
def test_shell_gives_its_line_aside(sockt, terminal, stepper):
    """At a prompt: what is typed of a line outlives the questions that come between."""
    before = stepper.modes()
    shell = at_shell(sockt, terminal)
    stepper.until("sockt> ")
    for line, call in (("server = socket tcp", r"socket\("), ("listen server", r"listen\("),
                       ("client = socket tcp", r"socket\(")):
        stepper.type(line + "\r")
        stepper.answer(call)
        stepper.until("sockt> ")
    stepper.type("peer = accept server &\r")
    stepper.until("in the background")
    stepper.until("sockt> ")
    stepper.type("connect client server &\r")
    stepper.answer(r"connect\(")
    stepper.question(r"accept\(")
    stepper.type("\r")
    stepper.until("sockt> ")
    stepper.type("sen")
    stepper.until("sen")
    # Tab completes as without --step.
    stepper.type("d\x08d cli\t\"x\"\r")
    stepper.question(r"send\(")
    terminal.until_shows('sockt> send client "x"', "[enter, e, i, c, q, ?]")
    # Ctrl-C gives the prompt back, and the call is not made.
    stepper.type("\x03")
    stepper.until("not made: what it belonged to is over")
    stepper.until("send is given up")
    terminal.until_shows("send is given up", "sockt>")
    stepper.type("recv peer dontwait\r")
    stepper.until("EAGAIN")
    stepper.until("sockt> ")
    stepper.type("close peer\r")
    stepper.answer(r"close\(", "q")
    assert shell.wait() == 0
    assert stepper.modes() == before


@pytest.mark.parametrize("options", [[], ["--fault", "slice=3"], ["--fault", "latency=5ms"], ["--idle-timeout", "20s"]],
                         ids=lambda options: options[1] if options else "plain")
def test_relay_loses_nothing(sockt, peers, terminal, stepper, options):
    """Three clients at a time, each step of all of them answered by enter."""
    target = peers.server(lambda sock: sock.sendall(read_all(sock)))
    terminal.type(ENTER * 600)
    relay = sockt.relay(target.port, "--step", *options, **terminal.popen())
    clients = [peers.connect(relay.port) for _ in range(3)]
    for number, client in enumerate(clients):
        client.sendall(b"%d hello\n" % number)
        client.shutdown(socket.SHUT_WR)
    for number, client in enumerate(clients):
        assert read_all(client) == b"%d hello\n" % number
    relay.signal(signal.SIGTERM)
    assert relay.wait() == 143


@pytest.mark.parametrize("options", [
    ["-vv"], ["-vvv"], ["--explain"], ["--trace", "json"], ["--trace", "ladder:ladder"], ["--trace", "c:program.c"],
    ["--until", "local"], ["--send-only"], ["-q", "5s"], ["--retry", "1"]], ids=" ".join)
def test_same_as_without(sockt, peers, terminal, stepper, options):
    """A client whose questions are all answered by enter: the same output and status, whatever else is asked for."""
    def script(sock):
        request = sock.recv(100)
        if "--send-only" not in options and "local" not in options:
            sock.sendall(request.upper())
        read_all(sock)

    server = peers.server(script)
    without = sockt.run("connect", *options, "127.0.0.1", server.port, input=b"hello\n")
    terminal.type(ENTER * 200)
    process = sockt.start("connect", "--step", *options, "127.0.0.1", server.port, **terminal.popen())
    process.feed(b"hello\n")
    process.finish().expect(without.status, without.out)
    assert without.status == 0


def test_relay_tells_the_client_to_the_target(sockt, peers, terminal, stepper):
    """PROXY headers are a step of their own, which can be held as well."""
    target = peers.server(lambda sock: sock.sendall(read_all(sock)))
    terminal.type(ENTER * 200)
    inner = sockt.relay(f"tcp:127.0.0.1:{target.port},proxy-protocol=v2", "--step", **terminal.popen(),
                        at="tcp:127.0.0.1:0,accept-proxy")
    client = peers.connect(inner.port)
    header = b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n"
    client.sendall(header + b"hello")
    client.shutdown(socket.SHUT_WR)
    assert read_all(client).endswith(b"hello")
    inner.signal(signal.SIGTERM)
    assert inner.wait() == 143


def test_relay_of_standard_input(sockt, peers, terminal, stepper):
    server = peers.server(lambda sock: sock.sendall(read_all(sock)))
    terminal.type(ENTER * 100)
    relay = sockt.start("relay", "--step", "-", f"tcp:127.0.0.1:{server.port}", **terminal.popen())
    relay.feed(b"hello")
    relay.finish().expect(0, b"hello")


def test_relay_passes_a_reset_on(sockt, peers, terminal, stepper):
    listening = peers.listen()
    terminal.type(ENTER * 100)
    relay = sockt.relay(listening.getsockname()[1], "--step", **terminal.popen())
    client = peers.connect(relay.port)
    client.sendall(b"x")
    peer = peers.accept(listening)
    assert peer.recv(1) == b"x"
    reset(client)
    assert read_to_reset(peer) == b""
    relay.signal(signal.SIGTERM)
    assert relay.wait() == 143


def test_relay_of_datagrams(sockt, peers, terminal, stepper):
    target = peers.udp()
    terminal.type(ENTER * 100)
    relay = sockt.relay(f"udp4:127.0.0.1:{target.getsockname()[1]}", "--step", at="udp4:127.0.0.1:0",
                        **terminal.popen())
    client = peers.udp()
    for word in (b"one", b"two"):
        client.sendto(word, ("127.0.0.1", relay.port))
        data, address = target.recvfrom(100)
        assert data == word
        target.sendto(word.upper(), address)
        assert client.recv(100) == word.upper()
    relay.signal(signal.SIGTERM)
    assert relay.wait() == 143


def test_crowd_loses_nothing(sockt, peers, terminal, stepper):
    terminal.type(ENTER * 300)
    server = sockt.listen("-k", "--tag", "--step", **terminal.popen())
    clients = [peers.connect(server.port) for _ in range(3)]
    for number, client in enumerate(clients):
        client.sendall(b"from %d\n" % number)
    for number in range(3):
        server.out.until(b"from %d\n" % number)
    server.write("to all\n")
    for client in clients:
        assert read_exactly(client, 7) == b"to all\n"
    for client in clients:
        client.close()
    server.close_stdin()
    server.signal(signal.SIGTERM)
    assert server.wait() == 143


@pytest.mark.timing
def test_question_costs_nothing_in_a_crowd(sockt, peers, terminal, stepper):
    """What standard input has for all waits in the session that is asked about."""
    terminal.type("c send\r")
    server = sockt.listen("-k", "--step", "--color=never", stderr=terminal.slave, **terminal.popen())
    clients = [peers.connect(server.port) for _ in range(2)]
    for client in clients:
        client.sendall(b"here\n")
    server.out.until(b"here\nhere\n")
    server.write("to all\n")
    stepper.question(r"\[\d\] send\(")
    wait_idle(server.pid)
    stepper.type(ENTER)
    stepper.answer(r"\[\d\] send\(")
    for client in clients:
        assert read_exactly(client, 7) == b"to all\n"
    server.signal(signal.SIGTERM)
    assert server.wait() == 143


@pytest.mark.timing
@pytest.mark.parametrize("step", ["accept", "connect", "recv", "send", "shutdown"])
def test_question_costs_nothing_in_a_relay(sockt, peers, terminal, stepper, step):
    listening = peers.listen()
    terminal.type(f"c {step}\r")
    relay = sockt.relay(listening.getsockname()[1], "--step", "--color=never", stderr=terminal.slave,
                        **terminal.popen())
    client = peers.connect(relay.port)
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    stepper.question(rf"(\[1\] )?{step}\(")
    wait_idle(relay.pid)
    stepper.type("c\r")
    target = peers.accept(listening)
    target.sendall(read_all(target))
    target.close()
    assert read_all(client) == b"hello"
    relay.signal(signal.SIGTERM)
    assert relay.wait() == 143


@pytest.mark.timing
def test_question_costs_nothing_while_it_stands(sockt, peers, terminal, stepper):
    """Whatever the peer does meanwhile; and then all of it is seen."""
    listening = peers.listen()
    process = connect(sockt, terminal, listening.getsockname()[1], "-i", "10s", "-w", "10s", "--total-timeout", "30s")
    process.write("hello")
    process.close_stdin()
    stepper.answer(r"socket\(")
    stepper.answer(r"connect\(")
    peer = peers.accept(listening)
    stepper.question(r"send\(")
    peer.sendall(b"x" * 50000)
    peer.close()
    wait_idle(process.pid)
    stepper.type("c\r")
    process.finish()
    assert process.out.data == b"x" * 50000
