# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay that is asked while it runs: --control, SIGUSR1, --stats; alone and with workers."""

import fcntl
import json
import os
import re
import signal
import socket
import stat
import struct
import termios
import time

import pytest

import peers as peer_scripts
from facts import SCALE, VARIANT, bytes_unacknowledged, open_descriptors, status_field, wait_for, wait_idle
from runner import Drain

alone_and_with_workers = pytest.mark.parametrize("crew", [(), ("--workers", "2")], ids=["alone", "workers"])
LINE_MAX = 4096


class Control:
    """A client of the control socket."""

    def __init__(self, peers, path):
        self.sock = peers.connect(path)
        self.file = self.sock.makefile("rb")

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def answer(self):
        """The next answer, or None at the end."""
        line = self.file.readline()
        assert not line or line.endswith(b"\n")
        return json.loads(line) if line else None

    def ask(self, line):
        self.send(line + "\n")
        return self.answer()

    def do(self, line):
        """What has to go well."""
        answer = self.ask(line)
        assert answer.pop("ok", None) is True, answer
        return answer

    def error(self, line):
        """What has to be refused; returns why."""
        answer = self.ask(line)
        assert list(answer) == ["error"], answer
        return answer["error"]

    def close(self):
        self.file.close()
        self.sock.close()

    def sessions(self):
        return {peer["session"]: peer for peer in self.do("peers")["peers"]}


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "control")


@pytest.fixture
def controlled(sockt, peers, path):
    """controlled(*options, script=echo): a relay to a server of that script, and a client of its control socket."""
    def make(*options, script=peer_scripts.echo, **popen):
        server = peers.server(script)
        process = sockt.relay(server.port, "--control", f"unix:{path}", *options, **popen)
        return process, Control(peers, path)
    return make


def talk(sock, data=b"hello"):
    """Does an echo answer?"""
    sock.sendall(data)
    assert peer_scripts.read_exactly(sock, len(data)) == data


def milliseconds(sock):
    """How long a word takes to come back."""
    start = time.monotonic()
    talk(sock)
    return (time.monotonic() - start) * 1000


# Commands

@alone_and_with_workers
def test_peers_and_stats(controlled, peers, crew):
    process, control = controlled(*crew)
    assert control.sessions() == {}
    assert control.do("stats")["opened"] == 0
    clients = [peers.connect(process.port) for _ in range(5)]
    for count, client in enumerate(clients):
        talk(client, b"x" * (count + 1))
    found = {peer["client"]: peer for peer in control.do("peers")["peers"]}
    assert len(found) == 5
    for count, client in enumerate(clients):
        peer = found["{}:{}".format(*client.getsockname())]
        assert set(peer) == {"session", "client", "target", "state", "up_bytes", "down_bytes", "age_ms"}
        assert peer["up_bytes"] == peer["down_bytes"] == count + 1
        assert peer["state"] == "open" and peer["target"].startswith("127.0.0.1:")
        assert 0 <= peer["age_ms"] < 60_000
    # A worker may hold a number for a client that another one has taken.
    numbers = sorted(peer["session"] for peer in found.values())
    assert len(set(numbers)) == 5 and (crew or numbers == [1, 2, 3, 4, 5])
    clients[0].close()
    peer_scripts.reset(clients[1])
    wait_for(lambda: control.do("stats")["open"] == 3, "two sessions to end")
    stats = control.do("stats")
    assert stats["opened"] == 5 and stats["reset"] == 1 and stats["failed"] == stats["refused"] == 0
    assert stats["up_bytes"] == stats["down_bytes"] == 15
    assert stats["uptime_ms"] >= 0


def test_states_of_a_session(sockt, peers, path):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--control", f"unix:{path}", at="tcp:127.0.0.1:0,accept-proxy")
    control = Control(peers, path)
    client = peers.connect(process.port)
    peer = wait_for(lambda: control.sessions().get(1), "the session")
    assert peer["state"] == "hello" and peer["target"] is None
    client.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")
    wait_for(lambda: control.sessions()[1]["state"] == "open", "the target to be reached")


def test_counts_of_failures(sockt, peers, path):
    port = peers.refused_port()
    process = sockt.relay(port, "--control", f"unix:{path}")
    control = Control(peers, path)
    assert peers.is_reset(process.port)
    control.do("fault refuse=1")
    assert peers.is_reset(process.port)
    stats = wait_for(lambda: (seen := control.do("stats"))["open"] == 0 and seen["opened"] == 2 and seen, "both to end")
    assert stats["failed"] == 1 and stats["refused"] == 1


@alone_and_with_workers
def test_kick_gives_both_sides_an_end(sockt, peers, path, crew):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--control", f"unix:{path}", *crew)
    control = Control(peers, path)
    client, target = peers.connect(process.port), peers.accept(listening)
    other, _ = peers.connect(process.port), peers.accept(listening)
    client.sendall(b"on its way")
    wait_for(lambda: any(peer["up_bytes"] == 10 for peer in control.do("peers")["peers"]), "the bytes")
    port = client.getsockname()[1]
    number = next(peer["session"] for peer in control.do("peers")["peers"] if peer["client"].endswith(f":{port}"))
    control.do(f"kick {number}")
    assert peer_scripts.read_all(target) == b"on its way"
    assert client.recv(1) == b""
    # Both have not ended yet; a second time is said to be one, and not done.
    assert "ending already" in control.error(f"kick {number}")
    client.close()
    target.close()
    wait_for(lambda: number not in control.sessions(), "the session to be gone")
    assert control.error(f"kick {number}") == f"there is no session {number}"
    assert len(control.sessions()) == 1
    assert other.getsockname()


def test_kick_delivers_what_has_arrived(sockt, peers, path):
    """Also what is still in the socket of the relay, because the target reads late."""
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--control", f"unix:{path}",
                          at="tcp:127.0.0.1:0,rcvbuf=256k")
    control = Control(peers, path)
    client, target = peers.connect(process.port), peers.accept(listening)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 << 10)
    acknowledged = peer_scripts.fill(client) - bytes_unacknowledged(client)
    control.do("kick 1")
    assert len(peer_scripts.read_all(target)) >= acknowledged > 300_000


def test_kick_delivers_what_a_fault_held_back(sockt, peers, path):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--control", f"unix:{path}", "--fault", "up:stall=10")
    control = Control(peers, path)
    client, target = peers.connect(process.port), peers.accept(listening)
    client.sendall(b"x" * 20_000)
    assert peer_scripts.read_exactly(target, 10) == b"x" * 10
    wait_idle(process.pid)
    control.do("fault clear")
    control.do("kick 1")
    assert len(peer_scripts.read_all(target)) == 19_990
    assert client.recv(1) == b""


@pytest.mark.waits
def test_kick_of_one_who_takes_nothing_is_a_reset(sockt, peers, path):
    """What could not be delivered is lost, and a clean end would hide that."""
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--control", f"unix:{path}")
    control = Control(peers, path)
    client, target = peers.connect(process.port), peers.accept(listening)
    peer_scripts.fill(client)
    control.do("kick 1")
    assert peer_scripts.sees_reset(target)


@alone_and_with_workers
def test_reset_resets_both_sides(sockt, peers, path, crew, tmp_path):
    listening = peers.listen()
    trace = tmp_path / "trace"
    process = sockt.relay(listening.getsockname()[1], "--control", f"unix:{path}", "--trace", f"json:{trace}", *crew)
    control = Control(peers, path)
    client, target = peers.connect(process.port), peers.accept(listening)
    number = wait_for(lambda: list(control.sessions()), "the session")[0]
    control.do(f"reset {number}")
    for sock in (client, target):
        assert peer_scripts.read_to_reset(sock) == b""
    assert control.sessions() == {}
    control.do("drain")
    assert process.wait() == 0
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    assert {event["ended_by"] for event in events if event.get("step") == "end"} == {"user"}
    notes = [event["text"] for event in events if event.get("step") == "note"]
    assert f"control: reset {number}" in [note.strip() for note in notes]
    # The socket's own calls are no part of it.
    assert not any(path in json.dumps(event) for event in events if "step" in event)


@alone_and_with_workers
def test_drain(controlled, peers, path, crew):
    process, control = controlled(*crew)
    client = peers.connect(process.port)
    talk(client)
    control.do("drain")
    with pytest.raises(ConnectionRefusedError):
        wait_for(lambda: peers.connect(process.port) is None, "it to take no more clients")
    talk(client)
    assert process.is_running
    # Who asks is no client of the relay, and is answered until the end.
    assert control.do("stats")["open"] == 1
    control.do("drain")
    client.close()
    assert process.wait() == 0
    assert control.answer() is None
    assert not os.path.exists(path)


def test_drain_without_sessions_is_answered(controlled):
    process, control = controlled()
    control.do("drain")
    assert process.wait() == 0


def test_help_and_errors(controlled):
    _, control = controlled()
    commands = control.do("help")["commands"]
    assert [command["name"] for command in commands] == [
        "peers", "stats", "fault clear", "fault", "kick", "reset", "drain", "help"]
    assert all(command["help"] for command in commands)
    assert control.error("peer") == 'there is no command "peer"; did you mean peers?'
    assert control.error("") == "the line is empty; help lists the commands"
    assert "is not a number" in control.error("kick all")
    assert control.error("kick 7") == "there is no session 7"
    assert control.error("fault rate=0").startswith("rate")
    assert "datagrams" in control.error("fault loss=0.1")
    assert "1m" in control.error("fault stall=1m")


# Faults, as a test suite uses them

@pytest.mark.prompt
def test_a_script_changes_faults(sockt, peers, path):
    """What is done with toxiproxy elsewhere: each test sets what it needs by a program, and clears it."""
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "--control", f"unix:{path}")
    client = peers.connect(process.port)

    def command(line):
        result = sockt.run("connect", f"unix:{path}", input=line + "\n").expect(0)
        assert json.loads(result.out) == {"ok": True}
    talk(client)
    command("fault down:latency=200ms")
    assert milliseconds(client) >= 199
    assert milliseconds(peers.connect(process.port)) >= 199
    # The same fault again: the later one counts.
    command("fault down:latency=20ms")
    assert 19 <= min(milliseconds(client) for _ in range(3)) < 150 * SCALE
    command("fault up:latency=100ms")
    assert milliseconds(client) >= 119
    command("fault clear")
    assert min(milliseconds(client) for _ in range(5)) < 19 * SCALE


def test_clear_delivers_what_is_held(controlled, peers):
    process, control = controlled()
    client = peers.connect(process.port)
    talk(client)
    control.do("fault latency=1h")
    client.sendall(b"held")
    wait_for(lambda: control.sessions()[1]["up_bytes"] == 9, "the bytes to be held")
    control.do("fault clear")
    assert peer_scripts.read_exactly(client, 4) == b"held"


@pytest.mark.prompt
def test_faults_reach_every_worker_and_the_next_ones(controlled, peers):
    process, control = controlled("--workers", "2")
    control.do("fault down:latency=200ms")
    for _ in range(8):
        assert milliseconds(peers.connect(process.port)) >= 199
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        workers = file.read().split()
    os.kill(int(workers[0]), signal.SIGKILL)
    os.kill(int(workers[1]), signal.SIGKILL)
    process.err.until(lambda err: err.count(b"takes its place") == 2)
    assert milliseconds(peers.connect(process.port)) >= 199
    control.do("fault clear")
    assert min(milliseconds(peers.connect(process.port)) for _ in range(8)) < 150


# Those who ask

@alone_and_with_workers
def test_many_clients_at_once(controlled, peers, path, crew):
    process, control = controlled(*crew)
    talk(peers.connect(process.port))
    controls = [Control(peers, path) for _ in range(100)]
    for number, other in enumerate(controls):
        other.send("peers\nstats\n" if number % 2 else "stats\npeers\n")
    for number, other in enumerate(controls):
        first, second = other.answer(), other.answer()
        assert ("peers" in first, "peers" in second) == ((True, False) if number % 2 else (False, True))
    assert control.do("stats")["open"] == 1


@alone_and_with_workers
def test_a_client_that_ends_gets_its_answers(sockt, controlled, path, crew):
    controlled(*crew)
    result = sockt.run("connect", f"unix:{path}", input="peers\n" * 500 + "stats\n").expect(0)
    lines = result.out.splitlines()
    assert len(lines) == 501 and "opened" in json.loads(lines[-1])


def test_pieces_and_half_lines(controlled, peers, path):
    _, control = controlled()
    for piece in "st", "at", "s\r", "\npeers\nsta", "ts\n":
        control.send(piece)
    assert "opened" in control.answer() and "peers" in control.answer() and "opened" in control.answer()
    # What has no newline may be half of something else: kick 1 of kick 12.
    control.send("stats\ndrain")
    control.sock.shutdown(socket.SHUT_WR)
    assert "opened" in control.answer()
    assert "newline" in control.answer()["error"]
    assert control.answer() is None
    assert Control(peers, path).do("stats")["open"] == 0


def test_long_lines_and_garbage(controlled, peers, path):
    process, control = controlled()
    control.send(b"x" * (1 << 20) + b"\nstats\n")
    assert str(LINE_MAX) in control.answer()["error"]
    assert "opened" in control.answer()
    control.send(b"x" * (LINE_MAX + 1) + b"\n" + b"stats" + b" " * LINE_MAX + b"\n")
    assert str(LINE_MAX) in control.answer()["error"]
    assert "opened" in control.answer()
    control.send(b"\0\n\xff\xfe\x16\x03\x01\n{}\n")
    for _ in range(3):
        assert list(control.answer()) == ["error"]
    for _ in range(50):
        noise = Control(peers, path)
        noise.send(os.urandom(3000))
        noise.close()
    control.do("stats")
    wait_for(lambda: sum("socket" in what for what in open_descriptors(process.pid).values()) == 3, "them to be closed")


@pytest.mark.waits
def test_one_who_never_reads(controlled, peers, path):
    """It is not waited for, fills no memory, and is dropped."""
    process, control = controlled()
    clients = [peers.connect(process.port) for _ in range(50)]
    for client in clients:
        talk(client)
    stuck = Control(peers, path)
    before = status_field(process.pid, "VmRSS")
    stuck.sock.setblocking(False)
    sent = 0
    try:
        while sent < 64 << 20:
            sent += stuck.sock.send(b"peers\n" * 1000)
    except BlockingIOError:
        pass
    wait_idle(process.pid)
    for client in clients:
        talk(client)
    control.do("stats")
    if not VARIANT:
        assert status_field(process.pid, "VmRSS") - before < 2048
    assert sent < 16 << 20
    assert peer_scripts.sees_reset(stuck.sock, 20 * SCALE)
    control.do("stats")


@alone_and_with_workers
def test_one_who_leaves_in_the_middle(controlled, peers, path, crew):
    process, control = controlled(*crew)
    for _ in range(200):
        other = Control(peers, path)
        other.send("peers\nstats\nfault latency=1ms\n")
        other.close()
    control.do("fault clear")
    talk(peers.connect(process.port))


# The socket

def test_mode_and_file(controlled, path):
    process, _ = controlled()
    mode = os.stat(path).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
    process.signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    assert not os.path.exists(path)


def test_a_stale_file_is_replaced(controlled, path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    _, control = controlled()
    control.do("stats")


@pytest.mark.parametrize("what", ["listener", "file"])
def test_a_file_that_is_in_use(sockt, peers, path, what):
    if what == "listener":
        peers.listen(path, socket.AF_UNIX)
    else:
        with open(path, "w", encoding="ascii") as file:
            file.write("mine")
    result = sockt.run("relay", "--control", f"unix:{path}", "tcp:127.0.0.1:0", "tcp:127.0.0.1:1")
    result.expect(1, err=["EADDRINUSE", path])
    assert os.path.exists(path)


@pytest.mark.parametrize("endpoint", ["tcp:127.0.0.1:0", "9000", "unix:@name", "unix-dgram:x", "unix:"])
def test_only_unix_sockets_with_a_file(sockt, endpoint):
    result = sockt.run("relay", "--control", endpoint, "tcp:127.0.0.1:0", "tcp:127.0.0.1:1")
    result.expect(2, err="--control: ")


# SIGUSR1

LINE = re.compile(r"^sockt: (worker \d: )?\[(\d+)\] open, 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+, "
                  r"up 5, down 5, for \d+ s$")


@alone_and_with_workers
def test_a_signal_shows_the_sessions(controlled, peers, crew):
    process, _ = controlled(*crew)
    clients = [peers.connect(process.port) for _ in range(3)]
    for client in clients:
        talk(client)
    process.signal(signal.SIGUSR1)
    lines = process.err.until(lambda err: err.count(b"\n") == 3).decode().splitlines()
    matches = [LINE.match(line) for line in lines]
    assert all(matches), lines
    assert len({match[2] for match in matches}) == 3
    for client in clients:
        talk(client)


def test_a_signal_without_sessions(controlled):
    process, _ = controlled()
    process.signal(signal.SIGUSR1)
    process.err.until(b"sockt: there is no session now\n")


def test_a_signal_where_the_trace_goes_there_too(controlled, peers):
    process, _ = controlled("--trace", "json")
    talk(peers.connect(process.port))
    process.signal(signal.SIGUSR1)
    process.err.until(b"[1] open, ")
    for line in bytes(process.err.data).splitlines():
        json.loads(line)


def test_a_signal_is_not_waited_for(controlled, peers):
    """Nobody reads standard error: the sessions go on."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process, _ = controlled(stderr=writer)
    os.close(writer)
    clients = [peers.connect(process.port) for _ in range(100)]
    for client in clients:
        talk(client)
    for _ in range(5):
        process.signal(signal.SIGUSR1)
        talk(clients[0])
    # It is held until somebody reads.
    with os.fdopen(reader, "rb") as file:
        drain = Drain(file)
        drain.until(lambda err: err.count(b"\n") >= 100 and err.endswith(b"\n"))
        process.kill()


# --stats

STATS = r"sockt: (\d+) open of (\d+) sessions, up ([\d.]+)([kMGT]?) \([\d.]+[kMGT]?/s\), down "


@alone_and_with_workers
def test_stats_at_intervals(controlled, peers, crew):
    process, _ = controlled("--stats", "50ms", *crew)
    process.err.until(b"sockt: 0 open of 0 sessions, up 0 (0/s), down 0 (0/s)\n")
    client = peers.connect(process.port)
    talk(client, b"x" * 2048)
    process.err.until(b"1 open of 1 sessions, up 2.0k (")
    process.err.until(b"up 2.0k (0/s), down 2.0k (0/s)\n")
    client.close()
    process.err.until(b"0 open of 1 sessions")
    assert all(re.match(STATS, line) for line in bytes(process.err.data).decode().splitlines()[:-1])


@pytest.mark.waits
def test_rates_are_those_of_the_interval(controlled, peers):
    process, _ = controlled("--stats", "500ms", "--fault", "down:rate=256k",
                            script=peer_scripts.greet(b"x" * (4 << 20)))
    Drain(peers.connect(process.port).makefile("rb"))

    def right(said):
        rates = [int(rate) for rate in re.findall(rb"down [\d.]+[kM]? \((\d+)k/s\)", said)]
        return [rate for rate in rates if 230 <= rate <= 282]
    # An interval in which the machine did something else is followed by others.
    process.err.until(lambda said: len(right(said)) >= 2)


def test_stats_in_the_trace(controlled):
    process, _ = controlled("--stats", "50ms", "--trace", "json")
    process.err.until(b"0 open of 0 sessions")
    for line in bytes(process.err.data).splitlines()[:-1]:
        json.loads(line)


def columns(terminal, count):
    fcntl.ioctl(terminal.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, count, 0, 0))


def shown(data):
    """The lines of a terminal after these bytes: CR goes to the left edge, CSI K clears from there on."""
    lines = [""]
    at = 0
    for piece in re.findall(rb"\r\n|\r|\n|\033\[K|\033\[[\d;]*m|[^\r\n\033]+", data):
        if piece in (b"\r\n", b"\n"):
            lines.append("")
            at = 0
        elif piece == b"\r":
            at = 0
        elif piece == b"\033[K":
            lines[-1] = lines[-1][:at]
        elif not piece.startswith(b"\033"):
            text = piece.decode()
            lines[-1] = lines[-1][:at] + text + lines[-1][at + len(text):]
            at += len(text)
    return lines


def test_one_line_on_a_terminal(controlled, peers, terminal):
    columns(terminal, 100)
    process, control = controlled("--stats", "30ms", stderr=terminal.slave, **terminal.popen())
    client = peers.connect(process.port)
    talk(client)
    screen = terminal.screen.until(b"1 open of 1 sessions, up 5 (0/s)")
    assert [line for line in shown(screen) if line] == [shown(screen)[-1]]
    columns(terminal, 30)
    # The next one is cut, the last column free.
    terminal.screen.until(lambda data: data.endswith(b"\rsockt: 1 open of 1 sessions,"[:30]) or
                          re.search(rb"K(sockt: .{22})\r", data))
    control.do("drain")
    client.close()
    assert process.wait() == 0
    screen = terminal.screen.until(lambda data: data.endswith(b"\n"))
    assert [line for line in shown(screen) if line] == ["sockt: 0 open of 1 sessions, u"[:29]] or \
        [line for line in shown(screen) if line] == ["sockt: 1 open of 1 sessions, u"[:29]]


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "traced"])
def test_what_is_said_stands_above_the_line(sockt, peers, path, terminal, verbose):
    columns(terminal, 160)
    port = peers.refused_port()
    process = sockt.relay(port, "--stats", "30ms", "--control", f"unix:{path}", *verbose, stderr=terminal.slave,
                          **terminal.popen())
    terminal.screen.until(b"0 open of 0 sessions")
    assert peers.is_reset(process.port)
    terminal.screen.until(b"1 failed")
    process.signal(signal.SIGUSR1)
    terminal.screen.until(b"there is no session now")
    Control(peers, path).do("drain")
    assert process.wait() == 0
    screen = terminal.screen.until(lambda data: data.endswith(b"\n"))
    lines = [line.strip() for line in shown(screen) if line.strip()]
    # Each is a line of its own: nothing of one is left in another.
    assert sum("sessions, up" in line for line in lines) == 1
    assert all(line.count("sockt: ") <= 1 for line in lines)
    assert any(re.search(r"there is no session now$", line) for line in lines)
    assert any(re.search(r"ECONNREFUSED\).*the client is reset$", line) for line in lines), lines
