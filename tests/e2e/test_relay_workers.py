# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers: processes that share the port of a relay, their parent, and what becomes of them all."""

import errno
import hashlib
import json
import os
import re
import signal
import socket
import threading
import time

import pytest

import peers as peer_scripts
from facts import (SCALE, children_of, cpu_used_while_idle, open_descriptors, process_state, wait_for, wait_idle)

WORKERS = 4
CLIENTS = 48


def workers_of(process, count=WORKERS):
    """The pids of the workers, when there are so many."""
    return wait_for(lambda: (pids := children_of(process.pid)) and len(pids) == count and pids, f"{count} workers")


def is_gone(pid):
    return process_state(pid) == ""


def sockets_of(pid):
    return sorted(fd for fd, what in open_descriptors(pid).items() if what.startswith("socket:"))


def talk(sock, word):
    """Say a word to an echo, and hear it."""
    sock.sendall(word)
    assert peer_scripts.read_exactly(sock, len(word)) == word


def crowd(peers, port, count=CLIENTS):
    """Clients that have all talked."""
    clients = [peers.connect(port) for _ in range(count)]
    for number, client in enumerate(clients):
        talk(client, b"client %d" % number)
    return clients


def lives(sock):
    """Does the session go on? A reset is the only other answer that is right."""
    try:
        talk(sock, b"still there?")
        return True
    except (ConnectionResetError, BrokenPipeError):
        return False


@pytest.fixture
def crew(sockt, peers):
    """crew(*options, workers=WORKERS): a relay with workers to an echo."""
    def make(*options, workers=WORKERS, script=peer_scripts.echo, to="tcp", **popen):
        target = peers.server(script) if to == "tcp" else peers.udp()
        port = target.port if to == "tcp" else target.getsockname()[1]
        process = sockt.relay(f"{to}:127.0.0.1:{port}", "--workers", workers, *options, **popen)
        process.target = target
        return process
    return make


@pytest.mark.smoke
def test_one_port_for_all(crew, peers, trace):
    seen = trace()
    process = crew(*seen.options)
    assert len(process.ready_lines) == 1
    pids = workers_of(process)
    before = {pid: len(sockets_of(pid)) for pid in pids}
    clients = crowd(peers, process.port)
    busy = [pid for pid in pids if len(sockets_of(pid)) > before[pid]]
    assert len(busy) >= 2
    for client in clients:
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)
    accepted = [event["session"] for event in seen.events("accept") if event["result"] >= 0]
    assert len(accepted) == CLIENTS and len(set(accepted)) == CLIENTS
    ends = [(event["session"], event["side"]) for event in seen.events("end")]
    assert sorted(ends) == sorted((number, side) for number in accepted for side in ("client", "server"))
    numbers = [event["seq"] for event in seen.events()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_all_bytes_pass(crew, peers):
    process = crew()
    data = os.urandom(1 << 20) * 4
    heard = {}

    def work(number):
        client = peers.connect(process.port)
        sender = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
        sender.start()
        heard[number] = hashlib.sha256(peer_scripts.read_all(client)).digest()
        sender.join()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(heard.values()) == {hashlib.sha256(data).digest()} and len(heard) == 6


def test_the_payload_reaches_the_trace(crew, peers, trace):
    seen = trace(level=3)
    process = crew(*seen.options, workers=2)
    client = peers.connect(process.port)
    talk(client, b"every \x00 byte \xff of it")
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)
    moved = [event for event in seen.events("recv", "send") if event["result"] > 0]
    assert [event["step"] for event in moved] == ["recv", "send", "recv", "send"]
    assert {event["data"] for event in moved} == {"ZXZlcnkgACBieXRlIP8gb2YgaXQ="}


def test_a_killed_worker_takes_only_its_sessions_with_it(crew, peers):
    process = crew()
    pids = workers_of(process)
    mine = open_descriptors(process.pid)
    base = len(sockets_of(pids[0]))
    clients = crowd(peers, process.port)
    victim = max(pids, key=lambda pid: len(sockets_of(pid)))
    lost = (len(sockets_of(victim)) - base) // 2
    os.kill(victim, signal.SIGKILL)
    process.err.until(b"another takes its place\n")
    assert [lives(client) for client in clients].count(False) == lost > 0
    wait_for(lambda: len(children_of(process.pid)) == WORKERS and is_gone(victim), "another worker")
    for client in crowd(peers, process.port):
        talk(client, b"again")
    said = process.err.data.decode()
    assert re.fullmatch(rf"sockt: worker [1-4] \(process {victim}\) ended by SIGKILL: its sessions are reset, "
                        r"another takes its place\n", said), said
    assert len(open_descriptors(process.pid)) == len(mine)
    assert process.is_running


def test_the_target_sees_the_reset_too(sockt, peers):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--workers", 1)
    client = peers.connect(process.port)
    target = peers.accept(listening)
    talk_to = b"a word"
    client.sendall(talk_to)
    assert peer_scripts.read_exactly(target, len(talk_to)) == talk_to
    os.kill(workers_of(process, 1)[0], signal.SIGKILL)
    assert peer_scripts.read_to_reset(client) == b"" and peer_scripts.read_to_reset(target) == b""


def test_an_end_is_no_reset(crew, peers):
    """What makes a reset of a death is undone before a connection is closed that has ended well."""
    process = crew(workers=1, script=peer_scripts.greet(b"x" * 3_000_000))
    client = peers.connect(process.port)
    client.shutdown(socket.SHUT_WR)
    wait_idle(workers_of(process, 1)[0])
    assert len(peer_scripts.read_all(client)) == 3_000_000


def test_who_waits_in_the_queue_of_a_dead_worker_is_served_by_the_next(crew, peers):
    process = crew(workers=1)
    pid = workers_of(process, 1)[0]
    talk(peers.connect(process.port), b"first")
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: process_state(pid) == "T", "the stop")
    waiting = [peers.connect(process.port) for _ in range(5)]
    os.kill(pid, signal.SIGKILL)
    for client in waiting:
        talk(client, b"served")


@pytest.mark.waits
@pytest.mark.timing
def test_a_worker_that_dies_at_once_is_not_started_in_a_spin(crew, peers):
    process = crew(workers=1)
    first = workers_of(process, 1)[0]
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: [pid for pid in children_of(process.pid) if pid != first], "the second worker")[0]
    began = time.monotonic()
    os.kill(second, signal.SIGKILL)
    wait_for(lambda: is_gone(second), "its end")
    assert cpu_used_while_idle(process.pid, 0.3) < 0.1
    third = wait_for(lambda: children_of(process.pid), "the third worker")[0]
    assert third != second and time.monotonic() - began > 0.8
    talk(peers.connect(process.port), b"well again")


def test_nothing_outlives_the_parent(crew, peers):
    process = crew()
    pids = workers_of(process)
    clients = crowd(peers, process.port, 8)
    process.signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: all(is_gone(pid) for pid in pids), "the end of the workers")
    assert not any(lives(client) for client in clients)
    with pytest.raises(ConnectionRefusedError):
        peers.connect(process.port)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all(crew, peers, number):
    process = crew()
    pids = workers_of(process)
    clients = crowd(peers, process.port, 8)
    process.signal(number)
    process.finish().expect(128 + number, err=b"")
    assert all(is_gone(pid) for pid in pids)
    assert not any(lives(client) for client in clients)


def test_signals_to_a_worker_are_the_parents_business(crew, peers):
    """A terminal's ^C and a service manager's SIGTERM come to every process of the group."""
    process = crew("--drain", "20s")
    client = crowd(peers, process.port, 1)[0]
    os.killpg(process.pid, signal.SIGTERM)
    talk(client, b"it drains")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    process.finish().expect(0, err=b"")


def test_drain_lets_finish(crew, peers):
    process = crew("--drain", "20s")
    clients = crowd(peers, process.port, 12)
    process.signal(signal.SIGTERM)
    wait_for(lambda: refuses(peers, process.port), "the port to be closed")
    for client in clients:
        talk(client, b"let me finish")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    process.finish().expect(0, err=b"")


def refuses(peers, port):
    try:
        peers.connect(port).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def test_drain_with_nobody_there(crew):
    process = crew("--drain", "20s")
    workers_of(process)
    process.signal(signal.SIGTERM)
    process.finish().expect(0, err=b"")


def test_the_time_for_draining_runs_out(crew, peers):
    process = crew("--drain", "200ms")
    clients = crowd(peers, process.port, 12)
    process.signal(signal.SIGTERM)
    process.finish().expect(4)
    assert not any(lives(client) for client in clients)


def test_a_second_signal_ends_draining(crew, peers):
    process = crew("--drain", "20s")
    client = crowd(peers, process.port, 1)[0]
    process.signal(signal.SIGTERM)
    wait_for(lambda: refuses(peers, process.port), "the port to be closed")
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)
    assert not lives(client)


@pytest.mark.waits
def test_a_worker_that_does_not_answer_is_killed(crew, peers):
    process = crew(workers=2)
    pids = workers_of(process, 2)
    os.kill(pids[0], signal.SIGSTOP)
    wait_for(lambda: process_state(pids[0]) == "T", "the stop")
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)
    assert all(is_gone(pid) for pid in pids)


@pytest.mark.waits
def test_max_conns_is_that_of_all(sockt, peers):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--workers", WORKERS, "-m", 2)
    workers = workers_of(process)
    clients = {}
    for number in range(12):
        client = peers.connect(process.port)
        client.sendall(b"%02d" % number)
        clients[b"%02d" % number] = client
    inside = [peers.accept(listening) for _ in range(2)]
    seen = []
    while len(seen) < 12:
        for pid in workers:
            wait_idle(pid)
        listening.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listening.accept()
        listening.settimeout(20 * SCALE)
        served = inside.pop(0)
        name = peer_scripts.read_exactly(served, 2)
        seen.append(name)
        served.close()
        clients[name].close()
        if len(seen) + len(inside) < 12:
            inside.append(peers.accept(listening))
    assert sorted(seen) == sorted(clients)


def test_the_room_of_a_killed_worker_is_free_again(sockt, peers):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--workers", 2, "-m", 1)
    workers = workers_of(process, 2)
    base = {pid: len(sockets_of(pid)) for pid in workers}
    peers.connect(process.port)
    first = peers.accept(listening)
    victim = next(pid for pid in workers if len(sockets_of(pid)) > base[pid])
    waiting = [peers.connect(process.port) for _ in range(6)]
    os.kill(victim, signal.SIGKILL)
    assert peer_scripts.read_to_reset(first) == b""
    for _ in waiting:
        served = peers.accept(listening)
        served.sendall(b"hello")
        peer_scripts.reset(served)
    for client in waiting:
        assert peer_scripts.read_to_reset(client) == b"hello"


def test_descriptors_are_given_back(crew, peers):
    process = crew()
    pids = workers_of(process)
    for pid in pids:
        wait_idle(pid)
    before = {pid: open_descriptors(pid) for pid in [process.pid, *pids]}
    for _ in range(3):
        for client in crowd(peers, process.port):
            client.close()
    wait_for(lambda: all(len(sockets_of(pid)) == len([what for what in before[pid].values() if "socket:" in what])
                         for pid in pids), "the sockets to be closed")
    assert open_descriptors(process.pid) == before[process.pid]
    # Of the parent's, a worker has its own listening socket, its channel and its pipe.
    for pid in pids:
        assert len(sockets_of(pid)) == 2


def test_a_unix_socket_is_shared(sockt, peers, tmp_path):
    target = peers.server(peer_scripts.echo)
    path = tmp_path / "front"
    process = sockt.relay(target.port, "--workers", 3, at=f"unix:{path}")
    pids = workers_of(process, 3)
    clients = [peers.connect(str(path)) for _ in range(12)]
    for client in clients:
        talk(client, b"hello")
    os.kill(pids[0], signal.SIGKILL)
    process.err.until(b"another takes its place\n")
    talk(peers.connect(str(path)), b"hello")
    assert path.exists()
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)
    assert not path.exists()


def test_a_listening_descriptor_is_shared(sockt, peers):
    target = peers.server(peer_scripts.echo)
    listening = peers.listen()
    process = sockt.relay(target.port, "--workers", 2, at=f"fd:{listening.fileno()}",
                          pass_fds=(listening.fileno(),))
    workers_of(process, 2)
    for client in crowd(peers, listening.getsockname()[1], 8):
        client.close()


def test_two_relays_do_not_share_a_port_unawares(crew, sockt):
    process = crew()
    sockt.run("relay", "--workers", 2, f"tcp:127.0.0.1:{process.port}", "tcp:127.0.0.1:9").expect(
        1, err="Address already in use (EADDRINUSE)")


def test_what_cannot_be_shared_is_refused(sockt, tmp_path):
    sockt.run("relay", "--workers", 2, f"unix-dgram:{tmp_path / 'box'}", "udp:127.0.0.1:9").expect(
        2, err=["--workers", "unix-dgram"])


def test_datagrams_of_a_client_stay_with_a_worker(sockt, peers, trace):
    seen = trace()
    target = peers.udp()
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "--workers", WORKERS, *seen.options,
                          at="udp:127.0.0.1:0")
    pids = workers_of(process)
    assert len(process.ready_lines) == 1
    clients = [peers.udp() for _ in range(24)]

    def ask(client, word):
        client.sendto(word, ("127.0.0.1", process.port))
        data, back = target.recvfrom(100)
        target.sendto(data + b"!", back)
        assert client.recv(100) == word + b"!"
        return back

    ways = [[ask(client, b"%d" % number) for number in range(3)] for client in clients]
    assert all(len(set(way)) == 1 for way in ways) and len({way[0] for way in ways}) == len(clients)
    assert len([pid for pid in pids if len(sockets_of(pid)) > 3]) >= 2
    os.kill(pids[0], signal.SIGKILL)
    process.err.until(b"another takes its place\n")
    for client in clients:
        ask(client, b"again")
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)
    ends = [event["session"] for event in seen.events("end") if event["side"] == "server"]
    assert len(ends) == len(set(ends)) >= len(clients)


def test_the_seed_of_the_first_worker_is_that_of_the_run(crew, sockt, peers):
    """Which clients are refused is drawn from the seed and the number of the session."""
    def refused(process):
        return [peers.is_reset(process.port, b"x") for _ in range(24)]

    faults = ("--fault", "refuse=0.5", "--seed", 7)
    alone = sockt.relay(peers.server(peer_scripts.echo).port, *faults)
    pattern = refused(alone)
    assert {True, False} == set(pattern)
    assert refused(crew(*faults, workers=1)) == pattern


def test_an_unreachable_target_is_said(sockt, peers):
    process = sockt.relay(peers.refused_port(), "--workers", 2)
    with pytest.raises(OSError) as raised:
        client = peers.connect(process.port)
        client.sendall(b"x")
        client.recv(1)
    assert raised.value.errno in (errno.ECONNRESET, errno.EPIPE)
    said = process.err.until(b"the client is reset\n").decode()
    assert re.match(r"sockt: worker [12]: connect to 127\.0\.0\.1 port \d+: Connection refused", said)


class Control:
    """A client of --control."""

    def __init__(self, peers, path):
        self.sock = peers.connect(str(path))

    def say(self, command):
        self.sock.sendall(command.encode() + b"\n")
        return json.loads(peer_scripts.read_until(self.sock, b"\n"))


@pytest.fixture
def commanded(crew, peers, tmp_path):
    """commanded(*options): (a relay with workers, a client of its control socket)"""
    def make(*options, **more):
        process = crew("--control", f"unix:{tmp_path / 'control'}", *options, **more)
        return process, Control(peers, tmp_path / "control")
    return make


def test_commands_are_answered_for_all(commanded, peers):
    process, control = commanded()
    clients = {client.getsockname()[1]: client for client in crowd(peers, process.port, 16)}
    found = control.say("peers")["peers"]
    numbers = {peer["session"]: int(peer["client"].rsplit(":", 1)[1]) for peer in found}
    assert len(numbers) == 16 and set(numbers.values()) == set(clients)
    stats = control.say("stats")
    assert stats["opened"] == stats["open"] == 16
    assert stats["up_bytes"] == sum(len(b"client %d" % number) for number in range(16))
    kicked, broken, *others = numbers
    assert control.say(f"kick {kicked}") == {"ok": True}
    assert clients[numbers[kicked]].recv(1) == b""
    assert control.say(f"reset {broken}") == {"ok": True}
    assert peer_scripts.read_to_reset(clients[numbers[broken]]) == b""
    assert all(lives(clients[numbers[number]]) for number in others)
    assert "error" in control.say("kick 999999")
    wait_for(lambda: control.say("stats")["open"] == 14, "the two to be closed")


def test_faults_are_those_of_all_and_of_who_comes_later(commanded, peers):
    process, control = commanded(workers=2)
    assert "error" in control.say("fault nonsense=1")
    assert control.say("fault refuse=1") == {"ok": True}
    assert all(peers.is_reset(process.port, b"x") for _ in range(12))
    os.kill(workers_of(process, 2)[0], signal.SIGKILL)
    process.err.until(b"another takes its place\n")
    workers_of(process, 2)
    assert all(peers.is_reset(process.port, b"x") for _ in range(12))
    assert control.say("fault clear") == {"ok": True}
    crowd(peers, process.port, 12)


def test_totals_never_go_backwards(commanded, peers):
    """Neither with a session that has ended, nor with a worker that has died."""
    process, control = commanded(workers=2)
    for client in crowd(peers, process.port, 10):
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    wait_for(lambda: control.say("stats")["open"] == 0, "the sessions to end")
    crowd(peers, process.port, 4)
    before = control.say("stats")
    assert before["opened"] == 14
    for pid in workers_of(process, 2):
        os.kill(pid, signal.SIGKILL)
    process.err.until(lambda said: said.count(b"another takes its place\n") == 2)
    after = control.say("stats")
    assert after["opened"] == 14 and after["open"] == 0
    assert (after["up_bytes"], after["down_bytes"]) == (before["up_bytes"], before["down_bytes"])
    assert after["uptime_ms"] >= before["uptime_ms"]


def test_faults_of_datagrams_by_command(commanded, peers, trace):
    seen = trace()
    process, control = commanded(*seen.options, workers=2, at="udp:127.0.0.1:0", to="udp")
    assert control.say("fault loss=1") == {"ok": True}
    client = peers.udp()
    client.sendto(b"lost", ("127.0.0.1", process.port))
    # Not for the session only: it is open before its datagram meets the fault.
    wait_for(lambda: seen.events("fault"), "the loss")
    assert control.say("stats")["opened"] == 1
    assert control.say("fault clear") == {"ok": True}
    client.sendto(b"found", ("127.0.0.1", process.port))
    assert process.target.recv(100) == b"found"


def test_draining_by_command(commanded, peers):
    process, control = commanded()
    client = crowd(peers, process.port, 1)[0]
    assert control.say("drain") == {"ok": True}
    wait_for(lambda: refuses(peers, process.port), "the port to be closed")
    talk(client, b"let me finish")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    process.finish().expect(0)


def test_a_dead_worker_owes_no_answer(commanded, peers):
    process, control = commanded(workers=2)
    pid = workers_of(process, 2)[0]
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: process_state(pid) == "T", "the stop")
    control.sock.sendall(b"stats\n")
    wait_idle(process.pid)
    os.kill(pid, signal.SIGKILL)
    assert json.loads(peer_scripts.read_until(control.sock, b"\n"))["ok"]


def test_sigusr1_tells_the_sessions_of_all(crew, peers):
    process = crew()
    clients = crowd(peers, process.port, 8)
    process.signal(signal.SIGUSR1)
    process.err.until(lambda data: data.count(b"\n") == 8)
    said = process.err.data.decode()
    for client in clients:
        assert f"127.0.0.1:{client.getsockname()[1]} to 127.0.0.1:{process.target.port}" in said
    assert process.is_running
