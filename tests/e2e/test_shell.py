# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt shell: statements, what is shown of them, and what ends a script."""

import os
import re
import signal
import subprocess
import time

import pytest

from facts import wait_for
from runner import DEVNULL
from terminal import Terminal, editing

PAIR = """\
server = socket tcp
bind server 127.0.0.1:0
listen server
client = socket tcp
connect client server
peer = accept server
"""


@pytest.fixture
def script(sockt, tmp_path):
    """script(text, *options): runs it from a file to its end."""
    def run(text, *options):
        (tmp_path / "script.sockt").write_text(text)
        return sockt.run("shell", *options, tmp_path / "script.sockt", stdin=DEVNULL)
    return run


def said(result):
    """The lines of a run: runs of blanks made one, P for ports, descriptors counted from 5 on in their order."""
    text = re.sub(r"127\.0\.0\.1:\d{4,}", "127.0.0.1:P", result.out.decode())
    for number, fd in enumerate(dict.fromkeys(re.findall(r"(?:socket|accept)\(.*\) = (\d+)", text))):
        text = re.sub(rf"(\w\(|(?:socket|accept)\(.*\) = |or |ed ){fd}(?=[,) \n]|$)", rf"\1<{number + 5}>", text)
    text = re.sub(r"<(\d+)>", r"\1", text)
    text = re.sub(r"\s+\d+(\.\d+)? m?s$", "", text, flags=re.M)
    return [re.sub(r" +", " ", line).strip() for line in text.splitlines()]


@pytest.mark.smoke
def test_both_ends_of_a_connection(script):
    result = script(PAIR + 'send client "hello\\n"\nexpect = 6\nrecv peer\nexpect data "hello\\n"\n')
    result.expect(0)
    lines = said(result)
    assert lines[:2] == ["sockt> server = socket tcp", "socket(AF_INET, SOCK_STREAM, 0) = 5"]
    assert lines[3] == "bind(5, 127.0.0.1:0) = 0 the kernel chose 127.0.0.1:P"
    assert lines[5].startswith("listen(5, 128) = 0 accept queue 0/128 CLOSE ")
    assert lines[9].startswith("connect(6, 127.0.0.1:P) = 0 CLOSE ") and lines[9].endswith("ESTABLISHED")
    assert lines[11].startswith("accept(5) = 7 from 127.0.0.1:P ")
    assert lines[12:] == ['sockt> send client "hello\\n"', 'send(6, "hello\\n") = 6',
                          "sockt> recv peer", 'recv(7, "hello\\n") = 6']


def test_what_others_become_is_shown(script):
    result = script(PAIR + "shutdown client wr\nexpect state peer CLOSE_WAIT\nrecv peer\nexpect = 0\n"
                    "close peer\nclose client\nexpect state client TIME_WAIT\n").expect(0)
    text = result.out.decode()
    assert re.search(r"shutdown\(\d+, SHUT_WR\) = 0 +ESTABLISHED \S+ FIN_WAIT", text)
    assert re.search(r"^       peer: ESTABLISHED \S+ CLOSE_WAIT$", text, re.M)
    assert "the peer will send no more" in text


def test_an_error_is_named_and_has_to_be_expected(script):
    connect = "bad = socket tcp\nbind bad 127.0.0.1:0\nclient = socket tcp\nconnect client bad\n"
    result = script(connect + "expect ECONNREFUSED\n").expect(0)
    assert "ECONNREFUSED: connection refused: the host is up, nobody listens there" in said(result)
    for after in ("", "close client\n", "expect within 1h\nclose client\n"):
        result = script(connect + "# told\n" + after).expect(1)
        assert "line 4: connect failed with ECONNREFUSED" in said(result)[-1]


@pytest.mark.parametrize("text, error, meaning", [
    ("a = socket tcp\nb = accept a\n", "EINVAL", "invalid argument: the socket does not listen; listen comes first"),
    ("a = socket tcp\nbind a 127.0.0.1:0\nbind a 127.0.0.1:0\n", "EINVAL",
     "invalid argument: the socket has an address already"),
    ("a = socket tcp\nlisten a\nconnect a a\n", "EISCONN", "it listens: a client needs a socket of its own"),
    ("a = socket tcp\nlisten a\nrecv a\n", "ENOTCONN", "not connected: it listens; what accept returns has a peer"),
    ("a = socket tcp\nlisten a\nsend a \"x\"\n", "EPIPE", "broken pipe: it listens; what accept returns has a peer"),
    ("a = socket tcp\nsend a \"x\"\n", "EPIPE", "broken pipe: the socket has no peer; connect comes first"),
    (PAIR + "shutdown peer wr\nsend peer \"x\"\n", "EPIPE", "broken pipe: the direction written to is closed"),
])
def test_what_an_error_means_for_the_socket(script, text, error, meaning):
    """EINVAL alone tells a learner nothing: the state of the socket says which of its causes it is."""
    result = script(text + f"expect {error}\n").expect(0)
    assert f"{error}: {meaning}" in said(result)
    assert all(len(line) <= 80 for line in result.out.decode().splitlines())


@pytest.mark.parametrize("text, says", [
    ("\n# one\nbnd a b\n", 'line 3: there is no statement "bnd"; did you mean bind?'),
    ("bind a 127.0.0.1:0\n", "line 1: there is no socket a; a = socket tcp makes one"),
    ("a = socket tcpp\n", 'line 1: there is no kind "tcpp"'),
    ("socket tcp\n", "line 1: socket makes a socket, which needs a name: NAME = socket KIND"),
    ("a = bind x y\n", "line 1: bind makes no socket"),
    ("bind = socket tcp\n", "line 1: bind is a word of the shell"),
    ("a = socket tcp\na = socket tcp\n", "line 2: a is open (descriptor 5)"),
    ("a = socket(AF_INET, SOCK_STREAM, 0)\n",
     'line 1: "socket(AF_INET,": a call is written without ( , ) here: NAME = socket KIND'),
    ("a = socket tcp\nlisten(a, 5)\n", "written without ( , ) here: listen NAME [BACKLOG]"),
    ("a = socket tcp\nread a\n", 'there is no statement "read"; did you mean recv?'),
    ("a = socket tcp\nbind a 127.0.0.1 99\n",
     "too much: bind NAME ADDRESS; an address and its port are one word: 127.0.0.1:99"),
    ("a = socket tcp6\nconnect a ::1 9000\n", "an address and its port are one word: [::1]:9000"),
    ("a = socket tcp\nclose a 9\n", "line 2: that is too much: close NAME"),
    ("server=socket tcp\n", "blanks belong around the ="),
    ("a = socket tcp\nlisten\n", "line 2: something is missing: listen NAME [BACKLOG]"),
    ("a = socket tcp\nbind a nowhere\n", 'line 2: "nowhere" is no address'),
    ("a = socket tcp\nbind a 127.0.0.1:70000\n", "line 2: port 70000 is out of range"),
    ("a = socket tcp\nsend a \"$b.port\"\n", "line 2: $b.port: there is no socket b"),
    ("a = socket tcp\nsend a \"$a.port\"\n", "line 2: $a.port: a has no address yet"),
    ("a = socket tcp\nsend a x\n", 'line 2: data stand in quotes: "x"'),
    ("a = socket tcp\nclose a\nclose a\n", "line 3: a is closed"),
    ("a = socket tcp\nsleep &\n", "line 2: something is missing"),
    ("a = socket tcp\nexpect = 9999\n", "line 2: socket was to return 9999, and returned 5"),
    ("expect = 0\n", "line 1: there is no result yet"),
    ("a \x1b[31m\n", r"line 1: there is no statement"),
    ('a = socket tcp\nsend a "x\n', "line 2: the string has no closing quote"),
])
def test_a_mistake_ends_a_script(script, text, says):
    result = script(text + "\n# never seen\n").expect(1)
    assert says in said(result)[-1]
    assert b"never seen" not in result.out and b"\x1b" not in result.out


def test_a_state_that_does_not_come(script):
    result = script(PAIR + "expect state client TIME_WAIT within 20ms\n").expect(1)
    assert said(result)[-1] == "line 7: client was to be TIME_WAIT within 20 ms, and is ESTABLISHED"


def test_narration_and_answers(script):
    text = "# What a socket is\n#\n#   1. it\n#? Why?\n#= So.\n"
    result = script(text).expect(0)
    assert result.out.decode().splitlines()[:4] == ["What a socket is", "", "  1. it", "Why?"]
    assert b"So." not in result.out and b"--answers" in result.out
    assert script(text, "--answers").expect(0).out.endswith(b"Why?\n    So.\n")


def test_standard_input(sockt):
    result = sockt.run("shell", input=PAIR.encode() + b'send client "x"\r\nrecv peer').expect(0)
    assert said(result)[-1] == 'recv(7, "x") = 1'
    process = sockt.start("shell")
    process.write(b"a = socket tcp\n")
    process.out.until(b"SOCK_STREAM, 0) = ")
    process.write(b"quit\nnever\n")
    process.finish().expect(0)


def test_datagrams_and_their_sender(script):
    result = script("a = socket udp\nbind a 127.0.0.1:0\nb = socket udp\nbind b 127.0.0.1:0\n"
                    'sendto b a "one"\nsendto b $a.addr:$a.port ""\nrecvfrom a\nexpect data "one"\nexpect from b\n'
                    "recvfrom a\nexpect = 0\nexpect from b\n").expect(0)
    assert 'recvfrom(5, "one") = 3 from 127.0.0.1:P' in said(result)


def test_unix_sockets(script):
    script('s = socket unix\nbind s "@sockt-$0"\nlisten s 1\nc = socket unix\nconnect c s\np = accept s\n'
           'send p "hi"\nrecv c\nexpect data "hi"\nexpect queue s 0\nclose p\nrecv c\nexpect = 0\n').expect(0)


def test_much_data_waits_for_room(script):
    script(PAIR + 'send client 256k*"0123456789abcdef" &\nrecv peer 4M waitall\nexpect = 4M\n'.replace(
        "= 4M", "= 4194304") + 'expect data 256k*"0123456789abcdef"\n').expect(0)


def test_a_signal_ends_a_script(sockt):
    process = sockt.start("shell")
    process.write(b"a = socket udp\nbind a 127.0.0.1:0\nrecv a\n")
    process.out.until(b"waiting for data to arrive")
    process.signal(signal.SIGTERM)
    process.finish().expect(143)


@pytest.mark.waits
def test_what_ends_a_run_ends_a_sleep(sockt):
    """And while time passes nothing is done: a long sleep once kept the loop busy, deaf to signals and limits."""
    result = sockt.run("shell", "--total-timeout", "500ms", "--trace", "json:trace,level=3", input=b"sleep 60\n")
    result.expect(4, err="--total-timeout")
    assert (sockt.workdir / "trace").read_text().count('"epoll_wait"') < 20
    process = sockt.start("shell")
    process.write(b"a = socket udp\nsleep 60\n")
    process.out.until(b"sleep 60")
    # Longer than it takes until other calls are said to wait.
    end = time.monotonic() + 0.4
    wait_for(lambda: time.monotonic() > end, "some time")
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)


def test_a_signal_ends_the_wait_for_a_script(sockt, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = sockt.start("shell", fifo, stdin=DEVNULL)
    writer = os.open(fifo, os.O_WRONLY)  # the shell has opened it when this returns
    process.signal(signal.SIGTERM)
    process.finish().expect(143)
    os.close(writer)


@pytest.mark.parametrize("to, name", [("&-", b"EBADF"), ("/dev/full", b"ENOSPC")])
def test_an_output_that_cannot_be_written(sockt, to, name):
    command = ["sh", "-c", f'exec "$@" >{to}', "sh", *sockt.command("shell")]
    result = sockt.start_command(command, stdin=subprocess.PIPE)
    result.feed(b"a = socket udp\n")
    err = result.finish().expect(6).err
    assert b"sockt: standard output: " in err and b"(" + name + b")" in err


def test_calls_in_the_background(script):
    text = ("server = socket tcp\nbind server 127.0.0.1:0\nlisten server\npeer = accept server &\n"
            "client = socket tcp\nconnect client server\nwait peer\nexpect from client\nrecv client &\n"
            'send peer "x"\nwait client\nexpect data "x"\n')
    lines = said(script(text).expect(0))
    assert "accept waits for a client, in the background" in lines
    assert any(line.startswith("[server] accept(5) = 7 from 127.0.0.1:P") for line in lines)
    assert '[client] recv(6, "x") = 1' in lines
    lines = said(script(text + "wait client\n").expect(1))
    assert lines[-1].startswith("line 13: client has no call in the background")
    lines = said(script(PAIR + "recv client &\nrecv client\n").expect(1))
    assert lines[-1].startswith("line 8: client has a recv that waits: one at a time")


def test_a_failure_in_the_background_ends_a_script(script):
    """It is known at the end that nobody waits for it, and at the latest when its place is taken."""
    text = "c = socket tcp\nbind c 127.0.0.1:0\nc2 = socket tcp\n\nconnect c2 c &\nexpect state c2 CLOSE\n"
    failed = "line 5: connect failed with ECONNREFUSED in the background, and no `wait` has asked for that"
    for more in ("", "quit\n", "close c2\n", "connect c2 c &\nsleep 1s\n",
                 "close c2\nc2 = socket udp\nsleep 1s\n"):
        assert failed in said(script(text + more).expect(1))
    script(text + "wait c2\nexpect ECONNREFUSED\n").expect(0)
    lines = said(script(text + "wait c2\n").expect(1))
    assert lines[-1].startswith("line 7: connect failed with ECONNREFUSED, which no")


def test_a_script_that_ends_before_its_call(script):
    lines = said(script(PAIR + "recv client &\nx = accept server &\nrecv peer &\n").expect(1))
    assert lines[-1] == ("line 7: recv still waits for data to arrive where the script ends: "
                         "`wait client` waits for it, `close client` gives it up")
    lines = said(script(PAIR + "x = accept server &\n").expect(1))
    assert lines[-1] == ("line 7: accept still waits for a client where the script ends: "
                         "`wait x` waits for it, `close server` gives it up")
    script(PAIR + "recv client &\nclose client\n").expect(0)
    script(PAIR + "recv client &\nquit\n").expect(0)


def test_a_statement_stands_before_its_trace(sockt, tmp_path):
    """Of standard output and error in one pipe, and in one file."""
    (tmp_path / "script.sockt").write_text("# first\na = socket udp\n# second\nbind a 127.0.0.1:0\n")
    with (tmp_path / "out").open("wb") as out:
        sockt.run("shell", "-v", tmp_path / "script.sockt", stdin=DEVNULL, stdout=out, stderr=out).expect(0)
    lines = [line.strip() for line in (tmp_path / "out").read_text().splitlines()]
    steps = [re.sub(r"^[\d.]+ +(\w+)\(.*", r"trace \1", line) for line in lines]
    assert [re.sub(r"^(socket|bind)\(.*", r"\1", step) for step in steps if not step.startswith("trace close")] == [
        "first", "sockt> a = socket udp", "trace socket", "socket", "second",
        "sockt> bind a 127.0.0.1:0", "trace bind", "bind"]


def test_listen_without_bind(script):
    """The kernel binds it: to what is told."""
    text = "a = socket tcp\nlisten a\nb = socket tcp\nconnect b 127.0.0.1:$a.port\nlisten a 3\n"
    lines = said(script(text).expect(0))
    assert re.fullmatch(r"the kernel chose 0\.0\.0\.0:\d+", lines[4]), lines
    assert len([line for line in lines if "the kernel chose" in line]) == 1


def test_calls_fit_80_columns(script):
    """Data are shown as far as there is room; what does not fit all the same stands below."""
    text = (PAIR + 'send client 200*"x"\nrecv peer\nsend client 200*"\\xff"\nrecv peer waitall &\nshutdown client wr\n'
            "wait peer\nsetsockopt client SO_RCVBUF 16k\nnonblock client on\nsend peer 16M*\"x\"\n")
    text = text.replace("send peer", "nonblock peer on\nsend peer")
    result = script(text).expect(0)
    lines = result.out.decode().splitlines()
    assert all(len(line) <= 80 for line in lines if not line.startswith("sockt>")), result.out
    assert re.search(r'^       send\(\d+, "x{45,50}"\.\.\., 200\) = 200$', result.out.decode(), re.M), result.out
    assert re.search(r"^          the kernel made it \d+$", result.out.decode(), re.M), result.out
    assert f'send(6, "{200 * "x"}") = 200' in said(script(text, "--preview", "300").expect(0))


def test_info_of_a_socket_that_connects(script):
    """Where to it asks, though the kernel names no peer yet: the accept queue is full."""
    result = script("l = socket tcp\nbind l 127.0.0.1:0\nlisten l 0\none = socket tcp\nconnect one l\n"
                    "expect queue l 1\na = socket tcp\nnonblock a on\nconnect a l\nexpect EINPROGRESS\n"
                    "expect state a SYN_SENT\ninfo a\n").expect(0)
    assert re.search(r"\n127\.0\.0\.1:\d+ \S+ 127\.0\.0\.1:\d+\nSYN_SENT", result.out.decode()), result.out


def test_closing_a_socket_ends_its_call(script):
    text = PAIR + "recv peer &\nclose peer\n"
    script(text + "wait peer\nexpect EBADF\nlinger client off\n").expect(0)
    # Its name is free at once.
    lines = said(script(text + "peer = socket udp\nbind peer 127.0.0.1:0\nrecv peer &\nclose peer\n").expect(0))
    assert lines.count("recv is given up: peer is closed") == 2


def test_a_name_is_kept_for_what_waits(script):
    text = PAIR + "close peer\nclose client\npeer = accept server &\n"
    for line in ("peer = socket udp", "peer = accept server &"):
        lines = said(script(text + line + "\n").expect(1))
        assert lines[-1] == "line 10: peer is what an accept that waits will make: wait peer waits for it"
    # A closed one whose end is waited for, and that is made again meanwhile.
    script(text + "client = socket tcp\nnonblock client on\nconnect client server\nexpect EINPROGRESS\n"
           "expect state peer ESTABLISHED\nwait peer\n").expect(0)


def test_discarded_bytes_are_not_shown(script):
    lines = said(script(PAIR + 'send client "abcdefgh"\nexpect unread peer 8\nrecv peer trunc\nexpect = 8\n'
                        "recv peer dontwait\nexpect EAGAIN\n").expect(0))
    assert "recv(7, MSG_TRUNC) = 8" in lines


def test_poll_says_which_and_what(script):
    text = (PAIR + "poll peer client 0\nexpect = 0\nexpect poll peer 0\n"
            'send client "x"\npoll client peer 5s\nexpect = 1\nexpect poll peer IN\nexpect poll client 0\n'
            "recv peer\nshutdown client wr\npoll peer 5s\nexpect poll peer IN|RDHUP\n"
            "linger peer 0\nclose peer\npoll client 5s\nexpect poll client HUP\n")
    result = script(text).expect(0)
    assert "peer IN: something can be received" in said(result)
    result = script("s = socket tcp\nbind s 127.0.0.1:0\nc = socket tcp\nnonblock c on\nconnect c s\n"
                    "expect EINPROGRESS\npoll c 5s\nexpect poll c ERR\ngetsockopt c SO_ERROR\nexpect option 111\n"
                    "getsockopt c SO_ERROR\nexpect option 0\nlisten s\nd = socket tcp\nnonblock d on\n"
                    "connect d s\nexpect EINPROGRESS\n"
                    "poll d 5s\nexpect poll d OUT\nexpect state d ESTABLISHED\n").expect(0)
    assert "getsockopt(6, SOL_SOCKET, SO_ERROR, [ECONNREFUSED]) = 0" in said(result)


def test_calls_that_do_not_wait(script):
    script(PAIR + "nonblock peer on\nrecv peer\nexpect EAGAIN\nnonblock peer off\nrecv peer dontwait\n"
           "expect EAGAIN\nsetsockopt peer SO_RCVTIMEO 5ms\nrecv peer\nexpect EAGAIN\nexpect within 10s\n"
           "setsockopt server SO_RCVTIMEO 5ms\nx = accept server\nexpect EAGAIN\n").expect(0)


def test_options_by_their_names(script):
    lines = said(script("a = socket tcp\nsetsockopt a SO_SNDBUF 64k\ngetsockopt a so_sndbuf\nexpect option 131072\n"
                        "setsockopt a TCP_CONGESTION reno\ngetsockopt a TCP_CONGESTION\nexpect option reno\n"
                        "setsockopt a SO_RCVTIMEO 1.5s\ngetsockopt a SO_RCVTIMEO\nexpect option 1500\n"
                        "linger a 3s\ngetsockopt a SO_LINGER\nexpect option 3\nsetsockopt a SO_TYPE 1\n"
                        "expect ENOPROTOOPT\n").expect(0))
    assert 'setsockopt(5, IPPROTO_TCP, TCP_CONGESTION, "reno") = 0' in lines
    assert "setsockopt(5, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=500000}) = 0" in lines
    for typed, meant in (("SO_SNDBUFF", "SO_SNDBUF"), ("nodelay", "TCP_NODELAY")):
        lines = said(script(f"a = socket tcp\nsetsockopt a {typed} 1\n").expect(1))
        assert lines[-1] == f"line 2: there is no option {typed}; did you mean {meant}?"


def test_info_fits_80_columns(script):
    result = script(PAIR + 'send client "hello"\nexpect unread peer 5\nc6 = socket tcp6\ninfo\n').expect(0)
    text = result.out.decode().split("sockt> info\n")[1]
    assert all(len(line) <= 80 for line in text.splitlines()), text
    assert re.search(r"^client \(tcp, descriptor \d+\) +peer \(tcp, descriptor \d+\)$", text, re.M), text
    assert re.search(r"^unread 0 B, unacked 0 B +unread 5 B, unacked 0 B$", text, re.M)
    rows = text[text.index("client (tcp"):].splitlines()[:4]
    at = rows[0].index("peer (tcp")
    assert all(row[at - 1] == " " != row[at] for row in rows), text
    assert "LISTEN, accept queue 0 of 128" in text


def test_the_state_of_a_closed_socket(script):
    script(PAIR + "close client\nexpect state client FIN_WAIT2\nclose peer\nexpect state client TIME_WAIT\n"
           "expect state peer gone\n").expect(0)


def test_help_and_explain(script):
    result = script("help\nhelp poll\nexplain TIME_WAIT\nhistory\n").expect(0)
    assert all(len(line) <= 80 for line in result.out.decode().splitlines())
    assert b"poll NAME... [TIME]" in result.out and b"TIME_WAIT (TCP state)" in result.out
    assert b"    3  explain TIME_WAIT" in result.out


def test_a_trace_from_here_on(script, tmp_path):
    script(f"a = socket udp\n/trace json:{tmp_path}/trace\nb = socket udp\n").expect(0)
    assert (tmp_path / "trace").read_text().count('"step":"socket"') == 1


@pytest.mark.parametrize("line, mistake", [
    ("bind c $b.addr", "line 7: $b.addr: b has no address yet: bind it first"),
    ("bind c $s.port", "line 7: $s.port: a Unix socket has no port; $s.addr is its address"),
])
def test_no_name_is_made_of_a_socket_without_one(script, tmp_path, line, mistake):
    result = script(f"s = socket unix\nbind s {tmp_path}/s\nlisten s\nb = socket unix\nconnect b s\n"
                    f"c = socket unix\n{line}\n").expect(1)
    assert said(result)[-1] == mistake
    assert not list(tmp_path.glob("(*"))


@pytest.mark.parametrize("kind", ["json", "svg"])
def test_a_file_that_is_a_trace_already_is_not_cut_off(script, tmp_path, kind):
    """The second trace is refused, and the first goes on."""
    trace = tmp_path / "trace"
    script(f"/trace {kind}:{trace}\na = socket udp\nsleep 60ms\n/trace text:{trace}\n").expect(
        1, err="the same file is another trace")
    assert trace.read_bytes()[:1] in (b"{", b"<")


def test_a_program_from_here_on(script, tmp_path):
    """It is called by its name at its end, when the statement that named it has long gone."""
    forget = "".join(f"/trace json:{tmp_path}/{'x' * length}\n" for length in range(7, 9))
    script(f"/trace c:{tmp_path}/talk.c\n{forget}a = socket udp\nbind a 127.0.0.1:0\nclose a\n").expect(0)
    assert "talk talk.c" in (tmp_path / "talk.c").read_text()


def test_a_sandbox_has_to_be_first(script):
    assert "line 2: sandbox has to be the first" in said(script("a = socket tcp\nsandbox\n").expect(1))[-1]


def test_facts_that_hold_are_shown(script):
    """What was waited for, and is so now: a line each; a call that waits is not disturbed by looking at its socket."""
    lines = said(script(PAIR + "recv client &\nexpect waits client\nexpect state client ESTABLISHED\n"
                        'expect queue server 0\nsend peer "x"\nwait client\nexpect data "x"\n'
                        'send client "hello"\nexpect unread peer 5\nrecv peer\nexpect unacked client 0\n'
                        "linger peer 0\nclose peer\nexpect state peer gone\n").expect(0))
    facts = ["client: its recv waits", "client: ESTABLISHED", "server: 0 in the accept queue", "peer: 5 B unread",
             "client: 0 B unacknowledged", "peer: the kernel knows its connection no more"]
    assert [line for line in lines if line in facts] == facts
    assert "a call of client was to wait, and none does" in said(script(PAIR + "expect waits client\n").expect(1))[-1]


def test_lost_datagrams_are_counted(script):
    text = ("b = socket udp\nbind b 127.0.0.1:0\nsetsockopt b SO_RCVBUF 1\na = socket udp\n"
            'sendto a b 8k*"1"\nexpect unread b 8k\nsendto a b 8k*"2"\nexpect drops b ')
    assert "b: 1 dropped" in said(script(text + "1\n").expect(0))
    assert "b was to drop 2 at least within 5 ms, and has dropped 1" in said(
        script(text + "2 within 5ms\n").expect(1))[-1]


def test_abstract_name_is_chosen(script):
    lines = said(script("s = socket unix\nbind s @\nlisten s\nc = socket unix\nconnect c s\np = accept s\n"
                        "getsockname s\nexpect address s\ngetpeername c\nexpect address s\n").expect(0))
    assert re.fullmatch(r"bind\(5, \(unnamed\)\) = 0 the kernel chose @[0-9a-f]{5}", lines[3])


def test_numbers_are_compared(script):
    text = PAIR + 'setsockopt client SO_SNDBUF 8k\nsend client 16M*"x" dontwait\nexpect < 16M\nexpect > 0\n'
    script(text).expect(0)
    assert "send was to return more than 16777216" in said(script(text + "expect > 16M\n").expect(1))[-1]


def test_a_session_as_a_program(script, tmp_path):
    """It has both ends, asks for its own port, and goes on where a call has failed."""
    script(PAIR + 'send client "one\\n"\nsend client "two\\n"\nrecv peer\nlinger peer 0\nclose peer\n'
           'recv client\nexpect ECONNRESET\nu = socket udp\nbind u 127.0.0.1:0\nv = socket udp\n'
           'sendto v u "three\\n"\nrecvfrom u\nnonblock server on\nnobody = accept server\n'
           'expect EAGAIN\n', "--trace", f"c:{tmp_path}/talk.c").expect(0)
    assert b"if (accept(listener, NULL, NULL) == -1)" in (tmp_path / "talk.c").read_bytes()
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", "-std=c11", "-pedantic", "-o", tmp_path / "talk",
                    tmp_path / "talk.c"], check=True)
    for _ in range(2):
        done = subprocess.run([tmp_path / "talk"], stdin=DEVNULL, capture_output=True, timeout=20, check=True)
        assert done.stdout == b"one\ntwo\nthree\n"
        assert b"Connection reset by peer" in done.stderr


LOOKS = r"""getpeername client
expect ENOTCONN
connect client server
peer = accept server
getpeername client
getsockopt client SO_ERROR
getsockopt client SO_LINGER
getsockopt client SO_RCVTIMEO
getsockopt client TCP_CONGESTION
poll peer 1ms
send client "looked at"
recv peer 3 peek
recv peer
send client "thrown away"
recv peer trunc
recv peer dontwait peek
expect EAGAIN
u = socket unix
bind u @
getsockname u
"""


def test_a_program_looks_where_a_person_did(script, tmp_path):
    """Names, options and MSG_PEEK: on standard error, and only those that were asked for."""
    script(PAIR[:PAIR.index("connect")] + LOOKS, "--trace", f"c:{tmp_path}/looks.c").expect(0)
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", "-std=c11", "-pedantic", "-o", tmp_path / "looks",
                    tmp_path / "looks.c"], check=True)
    done = subprocess.run([tmp_path / "looks"], stdin=DEVNULL, capture_output=True, timeout=20, check=True)
    assert done.stdout == b"looked at"
    assert re.fullmatch(rb"port (\d+)\ngetpeername: Transport endpoint is not connected\n"
                        rb"getpeername\(\) tells 127\.0\.0\.1 port \1\nSO_ERROR is 0\nSO_LINGER is off, 0 s\n"
                        rb"SO_RCVTIMEO is 0\.000000 s\nTCP_CONGESTION is \w+\nMSG_PEEK shows 3 bytes\n"
                        rb"recv: Resource temporarily unavailable\ngetsockname\(\) tells @[0-9a-f]{5}\n",
                        done.stderr), done.stderr
    assert b"poll(polled1, 1, 1)" in (tmp_path / "looks.c").read_bytes()


@pytest.fixture
def typed(sockt, tmp_path):
    """A shell at a terminal: .line(text), .shows(text...), .ends()."""
    class Typed:
        def __init__(self):
            self.terminal = Terminal(80)
            self.before = self.terminal.settings()
            self.process = sockt.start("shell", "--history", tmp_path / "history", stdin=self.terminal.slave,
                                       stdout=self.terminal.slave, stderr=self.terminal.slave,
                                       **self.terminal.popen())
            self.shows = lambda text: self.terminal.until_shows(text, "sockt>")
            self.shows("sockt>")

        def line(self, text):
            self.terminal.type(text + "\r")

        def ends(self, status):
            assert self.process.wait() == status
            assert self.terminal.settings() == self.before, "the terminal was not put back"
    made = Typed()
    yield made
    made.process.kill()
    made.terminal.close()


def test_a_person_types(typed):
    typed.line("a = socket udp")
    typed.shows("SOCK_DGRAM, 0) = ")
    typed.line("bind a 127.0.0.1:0")
    typed.shows("the kernel chose")
    typed.line("bnd a")
    typed.shows("did you mean bind?")
    typed.line("sandbox")
    typed.terminal.until_shows("sockets stay in the network they were", "  made in", "sockt>")
    typed.line("recv a")
    typed.terminal.until_shows("waiting for data to arrive; Ctrl-C gives the prompt back")
    typed.terminal.type("\x03")
    typed.shows("recv is given up")
    typed.line("sendto a a \"x\"")
    typed.shows('"x", 127.0.0.1:')
    typed.terminal.type("\x04")
    typed.ends(0)


@editing
def test_words_are_completed(typed):
    typed.line("server = socket udp")
    typed.shows("SOCK_DGRAM, 0) = ")
    typed.terminal.type("getsockopt ser\tSO_RCVB\t\r")
    typed.shows("getsockopt server SO_RCVBUF")
    typed.shows("SOL_SOCKET, SO_RCVBUF, [")
    typed.line("quit")
    typed.ends(0)


def test_every_statement_has_a_topic(script):
    """What `help` lists is explained, by the word that it is written with."""
    usages = re.findall(r"^(?! |sockt>)(?:NAME = )?(\S+)", script("help\n").expect(0).out.decode(), re.M)
    verbs = [usage for usage in usages if re.fullmatch(r"/?[a-z]+", usage)]
    assert {"socket", "wait", "info", "expect", "sleep", "/trace"} <= set(verbs)
    script("".join(f"explain {verb}\n" for verb in verbs)).expect(0, err=b"")
