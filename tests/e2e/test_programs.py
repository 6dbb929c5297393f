# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are run for connections: --exec, --sh, --pty."""

import json
import os
import select
import signal
import socket
import sys
import threading

import pytest

import peers as peer_scripts
from facts import SCALE, VARIANT, children_of, has_ipv6, process_state, require_ipv6, wait_for
from stepper import Stepper

MIB = 1 << 20
RANDOM = bytes(range(256)) * 12000  # 3 MB


def talk(sock, data):
    """Send data and the end from a thread, and read all that comes."""
    def send():
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    got = peer_scripts.read_all(sock)
    thread.join()
    return got


def events(path, step):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if line.get("step") == step]


@pytest.mark.smoke
def test_late_output_comes_back_whole(sockt, peers):
    process = sockt.listen("--exec", "sort -n")
    assert talk(peers.connect(process.port), b"10\n9\n100\n") == b"9\n10\n100\n"
    process.finish().expect(0, b"", b"")


@pytest.mark.parametrize("kind", ["tcp4", "tcp6", "unix"])
def test_3_mb_through_cat(sockt, peers, kind, tmp_path):
    at = {"tcp4": ("127.0.0.1", "0"), "tcp6": ("::1", "0"), "unix": (f"unix:{tmp_path}/socket",)}[kind]
    if kind == "tcp6":
        require_ipv6()
    process = sockt.listen("--exec", "cat", at=at)
    address = {"tcp4": process.port, "tcp6": ("::1", process.port), "unix": f"{tmp_path}/socket"}[kind]
    assert talk(peers.connect(address), RANDOM) == RANDOM
    process.finish().expect(0, b"", b"")


def test_program_of_a_client(sockt, peers):
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", "--sh", "echo hello; exec 1>&-; read x; test \"$x\" = hello", "127.0.0.1",
              server.port).expect(0, b"", b"")
    server.join()


def test_100_mb_through_sort(sockt, peers):
    """In the slower checks: all must be held before anything can come back."""
    if not os.environ.get("SOCKT_LONG"):
        pytest.skip("SOCKT_LONG is not set")
    lines = b"".join(b"%015d\n" % ((number * 7919) % 6553600) for number in range(6553600))
    process = sockt.listen("--exec", "env LC_ALL=C sort")
    got = talk(peers.connect(process.port), lines)
    assert len(got) == len(lines) and got[:32] == b"000000000000000\n000000000000001\n"
    process.finish(300).expect(0)


@pytest.mark.parametrize("command, status", [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -PIPE $$", 141)])
def test_its_status_is_ours(sockt, peers, command, status, tmp_path):
    trace = tmp_path / "trace"
    process = sockt.listen("--trace", f"json:{trace}", "--sh", command)
    assert talk(peers.connect(process.port), b"") == b""
    process.finish().expect(status, b"", b"")
    ended = events(trace, "waitpid")[0]["args"]
    assert ended.get("signal") == {137: "SIGKILL", 141: "SIGPIPE"}.get(status)
    assert ended.get("exit_status") == (None if status > 128 else status)
    assert events(trace, "end")[0]["ended_by"] == "program"


def test_a_reset_is_ours_whatever_the_program_gives(sockt, peers):
    process = sockt.listen("--sh", "echo ready; cat; exit 0")
    sock = peers.connect(process.port)
    assert peer_scripts.read_exactly(sock, 6) == b"ready\n"
    peer_scripts.reset(sock)
    process.finish().expect(5, b"", b"reset")


@pytest.mark.parametrize("options", [(), ("--pty",), ("-k",)], ids=["pipes", "terminal", "many"])
def test_reset_by_one_who_did_not_read(sockt, peers, options):
    """The program waits for us to take what it says, and reads nothing meanwhile."""
    process = sockt.listen("--exec", "cat", *options)
    sock = peers.connect(process.port)
    lines = b"0123456789\n" * 6000
    sock.setblocking(False)
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    while poll.poll(300):
        try:
            sock.send(lines)
        except BlockingIOError:
            pass
    peer_scripts.reset(sock)
    wait_for(lambda: not children_of(process.pid), "the program to end")
    if options == ("-k",):
        process.signal(signal.SIGTERM)
    process.finish().expect(143 if options == ("-k",) else 5)


@pytest.mark.parametrize("options", [(), ("--pty",)], ids=["pipes", "terminal"])
def test_limit_of_a_program_that_never_ends(sockt, peers, options):
    process = sockt.listen("--exec", "yes", "--limit", "100", *options)
    sock = peers.connect(process.port)
    assert len(peer_scripts.read_all(sock)) == 100
    sock.close()
    process.finish().expect(0, b"", b"")


def test_limit_of_datagrams_of_a_program(sockt):
    process = sockt.listen("-u", "--exec", "cat", "--limit", "6")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", process.port))
        client.settimeout(20)
        client.send(b"one")
        assert client.recv(100) == b"one"
        client.send(b"two")
        process.finish().expect(0, b"", b"")


def test_standard_error_is_ours(sockt, peers):
    process = sockt.listen("--sh", "echo to the peer; echo to us >&2")
    assert talk(peers.connect(process.port), b"") == b"to the peer\n"
    process.finish().expect(0, b"", b"to us\n")


def test_what_it_does_not_read_is_thrown_away(sockt, peers):
    """The answer is not overtaken by a reset, however much comes behind it."""
    process = sockt.listen("--exec", "head -n 1")
    assert talk(peers.connect(process.port), b"first\n" + RANDOM) == b"first\n"
    process.finish().expect(0, b"", b"")


def test_a_web_server_that_never_reads(sockt, peers):
    process = sockt.listen("--sh", "printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello\\n'")
    sock = peers.connect(process.port)
    sock.sendall(b"GET / HTTP/1.0\r\n\r\n" + bytes(MIB))
    assert peer_scripts.read_all(sock).endswith(b"hello\n")
    sock.close()
    process.finish().expect(0)


def test_the_end_of_its_output_passes_before_it_exits(sockt, peers):
    process = sockt.listen("--sh", "echo said; exec >&-; cat >&2")
    sock = peers.connect(process.port)
    assert peer_scripts.read_all(sock) == b"said\n"
    sock.sendall(b"and heard")
    sock.shutdown(socket.SHUT_WR)
    process.finish().expect(0, b"", b"and heard")


@pytest.mark.waits
def test_who_goes_on_sending_is_not_waited_for_longer(sockt, peers):
    process = sockt.listen("--exec", "true")
    sock = peers.connect(process.port)
    assert peer_scripts.read_all(sock) == b""
    process.finish().expect(0)


ENVIRONMENT = 'for name in SOCKT_PROTOCOL SOCKT_LOCAL_ADDR SOCKT_LOCAL_PORT SOCKT_REMOTE_ADDR SOCKT_REMOTE_PORT; do ' \
              'eval echo "$name=\\${$name-none}"; done; ' \
              'echo $NCAT_PROTO $NCAT_LOCAL_ADDR $NCAT_LOCAL_PORT $NCAT_REMOTE_ADDR $NCAT_REMOTE_PORT'


def told(sock):
    lines = talk(sock, b"").decode().splitlines()
    return [line.partition("=")[2] for line in lines[:5]], lines[5]


def test_environment_of_a_listener_for_both(sockt, peers):
    require_ipv6()
    process = sockt.listen("-k", "--sh", ENVIRONMENT, at=("::", "0"))
    sock = peers.connect(process.port)
    port = str(sock.getsockname()[1])
    wanted = ["tcp", "127.0.0.1", str(process.port), "127.0.0.1", port]
    assert told(sock) == (wanted, " ".join(["TCP", *wanted[1:]]))
    sock = peers.connect(("::1", process.port))
    assert told(sock)[0] == ["tcp", "::1", str(process.port), "::1", str(sock.getsockname()[1])]


def test_environment_of_others(sockt, peers, tmp_path):
    """What is not known is not there, whatever our own environment says."""
    process = sockt.listen("--sh", ENVIRONMENT, at=(f"unix:{tmp_path}/socket",),
                           env={"SOCKT_REMOTE_ADDR": "10.0.0.1", "NCAT_REMOTE_PORT": "1"})
    assert told(peers.connect(f"{tmp_path}/socket")) == (
        ["unix", f"{tmp_path}/socket", "none", "none", "none"], f"UNIX {tmp_path}/socket")
    server = peers.server(lambda sock: heard.append(peer_scripts.read_all(sock)))
    heard = []
    sockt.run("connect", "--sh", "echo $SOCKT_REMOTE_ADDR $SOCKT_REMOTE_PORT $NCAT_PROTO", "127.0.0.1",
              server.port).expect(0)
    server.join()
    assert heard == [b"127.0.0.1 %d TCP\n" % server.port]


LOOK = """import os
def is_there(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
print([fd for fd in range(1024) if is_there(fd)])
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(*(hex(int(status[name], 16) & 0x7fffffff) for name in ("SigBlk", "SigIgn")))
"""


def test_it_has_three_descriptors_and_our_signals(sockt, peers, tmp_path):
    """Not ours, nor what was handed to us; SIGPIPE as by default, nothing blocked."""
    reader, writer = os.pipe()
    script = tmp_path / "look"
    script.write_text(LOOK)
    process = sockt.listen("--exec", f"{sys.executable} -I -S {script}", pass_fds=(writer,))
    os.close(writer)
    got = talk(peers.connect(process.port), b"").decode().splitlines()
    # Python itself ignores SIGPIPE (13) and SIGXFSZ (25).
    assert got == ["[0, 1, 2]", f"0x0 {hex(1 << 12 | 1 << 24)}"]
    process.finish().expect(0)
    os.close(reader)


@pytest.mark.parametrize("option, text, part", [
    ("--exec", "cat 'a", b'--exec: a single quote'), ("--exec", "", b"--exec: no program is named"),
    ("--exec", "''", b"no program"), ("--exec", "x \\", b"backslash"), ("--sh", " ", b"--sh: no command"),
])
def test_command_lines_that_are_wrong(sockt, option, text, part):
    sockt.run("listen", option, text, "0").expect(2, b"", part)


@pytest.mark.parametrize("args, part", [
    (("--exec", "cat", "--sh", "cat"), b"--exec and --sh contradict each other"),
    (("--exec", "cat", "--tag"), b"--exec and --tag contradict each other"),
    (("--sh", "cat", "--recv-only"), b"--sh and --recv-only contradict each other"),
    (("--pty",), b"--pty is the terminal of a program"),
    (("-e", "cat"), b"--exec 'PROGRAM ARG...'"), (("-c", "cat"), b"--sh COMMAND"),
    (("--sh-exec", "cat"), b"--sh COMMAND"),
])
def test_options_that_do_not_fit(sockt, args, part):
    sockt.run("listen", *args, "0").expect(2, b"", part)


def test_arguments_arrive_as_they_are_written(sockt, peers):
    process = sockt.listen("--exec", r"""printf '[%s]\n' a 'b c' "d\"e" '' f\ g '$HOME'""")
    assert talk(peers.connect(process.port), b"") == b"[a]\n[b c]\n[d\"e]\n[]\n[f g]\n[$HOME]\n"
    process.finish().expect(0)


def test_a_program_that_is_not_there_is_said_at_once(sockt):
    sockt.run("listen", "--exec", "no-such-program", "0").expect(
        1, b"", b"start the program no-such-program: No such file or directory (ENOENT)")
    sockt.run("connect", "-v", "--exec", "/etc/passwd", "127.0.0.1", "1").expect(
        1, b"", [b"start the program /etc/passwd: Permission denied (EACCES)", b"chmod +x"])


@pytest.mark.skipif(VARIANT == "valgrind", reason="a failed exec is not told there: vfork() is fork()")
def test_a_program_that_goes_meanwhile(sockt, peers, tmp_path):
    """Each client sees a reset, it is said once, and those who come when it is back are served."""
    program = tmp_path / "program"
    script = "#!/bin/sh\necho served\n"
    program.write_text(script)
    program.chmod(0o755)
    process = sockt.listen("-k", "--exec", program)
    assert talk(peers.connect(process.port), b"") == b"served\n"
    program.unlink()
    for _ in range(2):
        assert peers.is_reset(process.port)
    program.write_text(script)
    program.chmod(0o755)
    assert talk(peers.connect(process.port), b"") == b"served\n"
    process.signal(signal.SIGTERM)
    result = process.finish().expect(143)
    assert result.err.count(b"cannot start the program") == 1 and b"(ENOENT)" in result.err


def test_many_clients_and_no_zombies(sockt, peers):
    process = sockt.listen("-k", "--exec", "cat")
    socks = [peers.connect(process.port) for _ in range(200 if os.environ.get("SOCKT_LONG") else 40)]
    for number, sock in enumerate(socks):
        sock.sendall(b"client %d\n" % number)
    for number, sock in enumerate(socks):
        sock.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(sock) == b"client %d\n" % number
    wait_for(lambda: not children_of(process.pid), "all programs to be waited for")
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"", b"")


def test_a_signal_ends_the_program_too(sockt, peers, tmp_path):
    process = sockt.listen("--exec", "sleep 1000")
    sock = peers.connect(process.port)
    wait_for(lambda: children_of(process.pid), "the program to run")
    child = children_of(process.pid)[0]
    process.signal(signal.SIGTERM)
    process.finish().expect(143)
    assert process_state(child) in ("", "Z")
    sock.close()


@pytest.mark.waits
def test_one_that_does_not_go_is_made_to(sockt, peers, tmp_path):
    """First it is left alone, then asked, then killed."""
    trace = tmp_path / "trace"
    command = "trap '' PIPE; trap 'echo asked >&2' TERM; exec >&-; while :; do read x || sleep 1; done"
    process = sockt.listen("-k", "--trace", f"json:{trace}", "--sh", command)
    sock = peers.connect(process.port)
    wait_for(lambda: children_of(process.pid), "the program to run")
    peer_scripts.reset(sock)
    process.err.until(b"asked\n")
    wait_for(lambda: trace.exists() and '"signal":"SIGKILL"' in trace.read_text(), "it to be killed")
    process.signal(signal.SIGTERM)
    process.finish().expect(143)


def test_idle_limit(sockt, peers):
    process = sockt.listen("-i", "100ms", "--exec", "cat")
    sock = peers.connect(process.port)
    assert peer_scripts.read_all(sock) == b""
    process.finish().expect(4)


@pytest.mark.parametrize("options", [(), ("-k",)])
def test_datagrams(sockt, peers, options):
    process = sockt.listen("-u", *options, "--exec", "head -n 2", "--datagram", "line", at=("127.0.0.1", "0"))
    sock = peers.udp()
    for line in (b"one\n", b"two\n"):
        sock.sendto(line, ("127.0.0.1", process.port))
    assert [sock.recv(100), sock.recv(100)] == [b"one\n", b"two\n"]
    if options:
        process.signal(signal.SIGTERM)
    process.finish().expect(143 if options else 0, b"", b"")


def test_without_an_address_only_this_machine(sockt, peers):
    process = sockt.listen("-k", "--exec", "cat", at=("0",))
    assert process.ready_lines[0] == f"tcp 127.0.0.1:{process.port}"
    assert process.ready_lines[1:] == ([f"tcp [::1]:{process.port}"] if has_ipv6() else [])
    process.err.until(b"only this machine can connect")
    assert talk(peers.connect(process.port), b"x") == b"x"
    if has_ipv6():
        assert talk(peers.connect(("::1", process.port)), b"x") == b"x"
    assert sockt.listen("-u", "--exec", "cat", at=("0",)).ready_lines[0].startswith("udp 127.0.0.1:")
    named = sockt.listen("--exec", "cat", at=("0.0.0.0", "0"))
    assert named.ready_lines == [f"tcp 0.0.0.0:{named.port}"] and not named.err.data


def test_standard_input_is_not_read(sockt, peers):
    process = sockt.listen("--exec", "cat")
    process.write(b"not for you")
    assert talk(peers.connect(process.port), b"hello") == b"hello"
    process.finish().expect(0, b"", b"")


def test_steps_in_the_trace(sockt, peers, tmp_path):
    trace = tmp_path / "trace"
    process = sockt.listen("-v", "--trace", f"json:{trace}", "--exec", "sort -n")
    assert talk(peers.connect(process.port), b"2\n1\n") == b"1\n2\n"
    result = process.finish().expect(0, b"", [b'posix_spawnp("sort", {"sort", "-n"}) = ', b", WEXITSTATUS 0) = ",
                                              b"ended: the program has ended"])
    started, ended = events(trace, "spawn")[0], events(trace, "waitpid")[0]
    assert started["args"]["argv"] == ["sort", "-n"] and started["result"] == ended["args"]["pid"]
    assert b"%d writes to its standard input" % started["args"]["stdin"] in result.err


def test_terminal_of_its_own(sockt, peers):
    process = sockt.listen("--pty", "--sh", "tty; stty size; read x; echo \"got $x\"; test -t 2; echo $?")
    got = talk(peers.connect(process.port), b"abc\n")
    assert got.replace(b"abc\r\n", b"", 1).splitlines()[1:] == [b"24 80", b"got abc", b"0"]
    assert b"/dev/pts/" in got
    process.finish().expect(0, b"", b"")


@pytest.mark.parametrize("data, wanted", [(b"abc\n", b"abc\r\nabc\r\n"), (b"abc", b"abcabc"), (b"", b"")])
def test_end_of_input_on_a_terminal(sockt, peers, data, wanted):
    process = sockt.listen("--pty", "--exec", "cat")
    assert talk(peers.connect(process.port), data) == wanted
    process.finish().expect(0)


def test_end_of_input_in_another_mode(sockt, peers):
    """A shell that reads keys one by one is told the end too, behind the command before it."""
    process = sockt.listen("--pty", "--exec", "bash --norc --noprofile -i")
    got = talk(peers.connect(process.port), b"echo $((40 + 2))\n")
    assert b"42\r\n" in got and b"exit" in got
    process.finish().expect(0)


# ---- As an end of a relay ------------------------------------------------------------------------


def test_a_program_for_each_client_of_a_relay(sockt, peers):
    relay = sockt.relay("exec:sort -n")
    first, second = peers.connect(relay.port), peers.connect(relay.port)
    assert talk(second, b"3\n1\n") == b"1\n3\n"
    assert talk(first, b"20\n10\n") == b"10\n20\n"
    wait_for(lambda: not children_of(relay.pid), "all programs to be waited for")
    relay.signal(signal.SIGTERM)
    relay.finish().expect(143, b"", b"")


def test_3_mb_through_a_program_of_a_relay(sockt, peers):
    relay = sockt.relay("exec:cat")
    assert talk(peers.connect(relay.port), RANDOM) == RANDOM


def test_who_reads_no_more_behind_a_relay(sockt, peers):
    """The client sees the answer and an end, whatever it goes on sending; with faults too."""
    for options in ((), ("--fault", "up:latency=1ms")):
        relay = sockt.relay("exec:head -n 1", *options)
        assert talk(peers.connect(relay.port), b"first\n" + RANDOM) == b"first\n"


def test_reset_of_a_client_ends_its_program(sockt, peers):
    relay = sockt.relay("exec:cat")
    sock = peers.connect(relay.port)
    sock.sendall(b"x")
    assert sock.recv(1) == b"x"
    peer_scripts.reset(sock)
    wait_for(lambda: not children_of(relay.pid), "the program to end")


@pytest.mark.skipif(VARIANT == "valgrind", reason="a failed exec is not told there: vfork() is fork()")
def test_a_program_of_a_relay_that_is_not_there(sockt, peers, tmp_path):
    program = tmp_path / "program"
    sockt.run("relay", "127.0.0.1:0", f"exec:{program}").expect(1, b"", b"start the program")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    relay = sockt.relay(f"exec:{program}")
    program.unlink()
    assert peers.is_reset(relay.port)
    relay.err.until(b"(ENOENT); the client is reset")


def test_program_of_a_relay_is_told_its_client(sockt, peers):
    relay = sockt.relay(f"sh:{ENVIRONMENT}".replace(",", "\\,"))
    sock = peers.connect(relay.port)
    port = str(sock.getsockname()[1])
    assert told(sock)[0] == ["tcp", "127.0.0.1", str(relay.port), "127.0.0.1", port]
    relay = sockt.relay(f"sh:{ENVIRONMENT}", at="tcp:127.0.0.1:0,accept-proxy")
    sock = peers.connect(relay.port)
    sock.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n")
    assert told(sock)[0] == ["tcp", "192.0.2.2", "80", "192.0.2.1", "1234"]


def test_program_as_the_client_of_a_relay(sockt, peers):
    server = peers.server(peer_scripts.echo)
    sockt.run("relay", "sh:echo hello; exec >&-; read x; test \"$x\" = hello || exit 1; exit 4",
              f"127.0.0.1:{server.port}").expect(4, b"", b"")
    server.join()


def test_datagrams_to_programs(sockt, peers):
    relay = sockt.relay("exec:cat", at="udp:127.0.0.1:0")
    for number in range(2):
        sock = peers.udp()
        sock.sendto(b"%d" % number, ("127.0.0.1", relay.port))
        assert sock.recv(100) == b"%d" % number


def test_terminals_of_a_relay(sockt, peers):
    relay = sockt.relay("sh:tty,pty")
    assert talk(peers.connect(relay.port), b"").startswith(b"/dev/pts/")


def test_programs_of_workers(sockt, peers, tmp_path):
    trace = tmp_path / "trace"
    relay = sockt.relay("exec:cat -", "--workers", "2", "--trace", f"json:{trace}")
    for number in range(4):
        assert talk(peers.connect(relay.port), b"%d" % number) == b"%d" % number
    wait_for(lambda: trace.exists() and len(events_so_far(trace, "waitpid")) == 4, "the end of four programs")
    assert {tuple(event["args"]["argv"]) for event in events_so_far(trace, "spawn")} == {("cat", "-")}
    relay.signal(signal.SIGTERM)
    relay.finish().expect(143)


def events_so_far(path, step):
    """Of a file that is being written: the last line may not be whole."""
    lines = path.read_text().rpartition("\n")[0].splitlines()
    return [event for event in map(json.loads, lines) if event.get("step") == step]


@pytest.mark.parametrize("args, part", [
    (("--max-conns", "3", "exec:cat", "x:1"), b"the program is the only one here"),
    (("exec:cat", "x:1,proxy-protocol=v1"), b"proxy-protocol= tells the address of a client"),
])
def test_relays_that_do_not_fit(sockt, args, part):
    sockt.run("relay", *args).expect(2, b"", part)


# ---- Two programs --------------------------------------------------------------------------------


def test_two_programs_are_joined_both_ways(sockt):
    """What one asks the other answers; and both ends pass through."""
    asks = "for n in 1 2 3; do echo $n; read reply; echo got $reply >&2; done; exec >&-; cat >&2"
    answers = "while read n; do echo $((n * 10)); done; echo the end"
    result = sockt.run("relay", f"sh:{asks}", f"sh:{answers}").expect(0, b"")
    assert result.err == b"got 10\ngot 20\ngot 30\nthe end\n"


@pytest.mark.parametrize("first, second, status", [
    ("exit 0", "exit 0", 0),
    ("exit 3", "exit 0", 3),
    ("exit 0", "exit 4", 4),
    ("exit 3", "exit 4", 3),
    ("kill -9 $$", "cat", 137),
    ("echo hello", "kill -15 $$", 143),
    # Who writes to one that takes no more is ended by that, and it is no failure.
    ("exec yes", "exec head -1", 0),
    ("exec head -1", "exec yes", 0),
    ("exec yes", "head -1; exit 5", 5),
])
def test_status_of_two_programs(sockt, first, second, status):
    sockt.run("relay", f"sh:{first}", f"sh:{second}").expect(status, b"", b"")


@pytest.mark.parametrize("side", [0, 1], ids=["from", "to"])
def test_much_between_two_programs(sockt, side):
    """100 MB through a filter whose answer comes only behind the end of its input."""
    size = 100_000_000 // min(SCALE, 10)
    gives = f"head -c {size} /dev/zero; exec >&-; wc -c >&2"
    words = [f"sh:{gives}", "exec:tac"]
    assert sockt.run("relay", *(words if side == 0 else words[::-1])).expect(0, b"").err.strip() == b"%d" % size


@pytest.mark.waits
def test_a_program_works_on_behind_the_end_of_both(sockt):
    """It has nothing to read and nothing to say any more, and is not hurried."""
    process = sockt.start("relay", "--trace", "json:trace", "sh:echo hello",
                          "sh:cat >/dev/null; exec >&- 2>&-; sleep 2.5; echo done >late")
    process.finish().expect(0, b"", b"")
    assert (sockt.workdir / "late").read_text() == "done\n"


def test_the_other_program_is_not_there(sockt):
    sockt.run("relay", "exec:cat", "exec:no-such-program").expect(1, b"", "no-such-program")
    sockt.run("relay", "exec:no-such-program", "exec:cat").expect(1, b"", "no-such-program")


def test_two_programs_and_a_signal(sockt):
    """Both are ended, and leave nothing behind."""
    process = sockt.start("relay", "sh:echo $$ >&2; exec cat", "sh:echo $$ >&2; exec cat")
    process.err.until(lambda err: err.count(b"\n") == 2)
    pids = [int(word) for word in bytes(process.err.data).split()]
    process.signal(signal.SIGTERM)
    process.finish().expect(143)
    assert [process_state(pid) for pid in pids] == ["", ""]


@pytest.mark.parametrize("command, options", [
    ("exec cat >/dev/null", ()),
    ("while echo word; do :; done", ()),
    ("exec sleep 1000", ("--pty",)),
], ids=["reads", "writes", "terminal"])
def test_a_program_learns_that_we_were_killed(sockt, peers, command, options):
    """By the end of its input, SIGPIPE, or SIGHUP: no signal of ours is needed for that."""
    process = sockt.listen("--sh", f"echo $$ >&2; {command}", *options)
    client = peers.connect(process.port)
    source = client.makefile("rb").readline if options else process.err.until
    pid = int(source() if options else source(b"\n").split()[0])
    process.kill()
    wait_for(lambda: process_state(pid) in ("", "Z"), "the program to end")


def test_two_programs_on_terminals(sockt):
    result = sockt.run("relay", "exec:tty,pty", "sh:cat >&2").expect(0, b"")
    assert result.err.startswith(b"/dev/pts/")


def test_a_relay_to_a_program_without_an_address(sockt, peers):
    relay = sockt.relay("exec:cat", at="0")
    assert relay.ready_lines[0] == f"tcp 127.0.0.1:{relay.port}"
    relay.err.until(b"only this machine can connect")


# ---- Step mode -----------------------------------------------------------------------------------


def test_step_mode_asks_before_the_program_is_started(sockt, peers, terminal):
    stepper = Stepper(terminal)
    server = peers.server(peer_scripts.discard)
    process = sockt.start("connect", "--step", "--color=never", "--exec", "echo hello", "127.0.0.1", server.port,
                          stderr=terminal.slave, **terminal.popen())
    stepper.answer(r"socket\(")
    stepper.answer(r"connect\(")
    assert "starts the program that talks with the peer" in stepper.question(r'posix_spawnp\("echo"')
    assert not children_of(process.pid)
    stepper.type("c\r")
    process.finish().expect(0)
