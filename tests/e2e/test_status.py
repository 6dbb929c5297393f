# SPDX-License-Identifier: GPL-3.0-or-later
"""
Exit statuses: one cause each. (5 is in test_resets.py, 4 in test_limits.py, 6 in test_outputs.py.)
"""

import signal
import socket
import subprocess

import pytest

import peers as peer_scripts
from facts import VARIANT, wait_for, wait_idle

roles = pytest.mark.parametrize("role", ["connect", "listen"])
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]


@pytest.mark.smoke
def test_nothing_lost_is_0(sockt, peers):
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", "127.0.0.1", server.port, input=b"all of it").expect(0, b"all of it", err=b"")


@pytest.mark.smoke
def test_refused_is_1(sockt, peers):
    port = peers.refused_port()
    sockt.run("connect", "127.0.0.1", port, input=b"x").expect(
        1, b"", err=f"sockt: connect to 127.0.0.1 port {port}: Connection refused (ECONNREFUSED)")


def test_port_in_use_is_1(sockt, peers):
    port = peers.listen().getsockname()[1]
    sockt.run("listen", "127.0.0.1", port).expect(1, b"", err=["EADDRINUSE", str(port)])


def test_address_that_is_not_ours_is_1(sockt):
    sockt.run("listen", "192.0.2.1", "0").expect(1, b"", err=["EADDRNOTAVAIL", "192.0.2.1"])


def test_unix_socket_that_is_not_there_is_1(sockt, tmp_path):
    sockt.run("connect", f"unix:{tmp_path}/none").expect(1, b"", err=["ENOENT", f"{tmp_path}/none"])


@pytest.mark.smoke
def test_wrong_option_is_2(sockt):
    sockt.run("connect", "--no-such-option", "127.0.0.1", "9").expect(2, b"", err="no-such-option")


@roles
@pytest.mark.parametrize("number", SIGNALS)
def test_signal_in_a_session(meet, role, number, trace):
    seen = trace()
    process, sock = meet(role, *seen.options, "-v")
    sock.sendall(b"some")
    process.out.until(b"some")
    process.signal(number)
    result = process.finish().expect(128 + number, b"some", err=f"ended: signal {number.name}")
    assert seen.end()["ended_by"] == "signal"
    assert result.err.decode().splitlines()[-1].strip() == f"ended: signal {number.name}"


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_while_waiting_for_a_client(sockt, number):
    process = sockt.listen()
    process.signal(number)
    process.finish().expect(128 + number, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_while_connecting(sockt, peers, trace, number):
    seen = trace()
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname())
    process = sockt.start("connect", *seen.options, "127.0.0.1", listening.getsockname()[1])
    wait_for(lambda: seen.events("connect"), "the call of connect")
    process.signal(number)
    process.finish().expect(128 + number, b"")


def test_signal_with_many_clients(sockt, peers):
    process = sockt.listen("-k")
    socks = [peers.connect(process.port) for _ in range(3)]
    for sock in socks:
        sock.sendall(b"x")
    process.out.until(3)
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM, b"xxx")
    for sock in socks:
        try:
            assert sock.recv(1) == b""
        except ConnectionResetError:
            pass


def test_ignored_signal_stays_ignored(sockt, peers):
    """As nohup does it: what was ignored at start is not taken."""
    listening = peers.listen()
    process = sockt.start("connect", "127.0.0.1", listening.getsockname()[1],
                          preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    sock = peers.accept(listening)
    process.signal(signal.SIGHUP)
    process.write(b"still here")
    assert peer_scripts.read_exactly(sock, 10) == b"still here"
    sock.close()
    process.close_stdin()
    process.finish().expect(0)


def test_broken_pipe_is_no_signal(sockt, peers):
    """SIGPIPE at its default in the parent: sockt says what went wrong instead of dying of it."""
    listening = peers.listen()
    process = sockt.start("connect", "127.0.0.1", listening.getsockname()[1],
                          preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
    peer_scripts.reset(peers.accept(listening))
    wait_idle_or_end(process)
    process.feed(b"x" * 100)
    process.finish().expect(5)


def wait_idle_or_end(process):
    wait_for(lambda: not process.is_running or sleeping(process.pid), "idle or ended")


def sleeping(pid):
    try:
        wait_idle(pid, timeout=0.5)
    except (AssertionError, FileNotFoundError):
        return False
    return True


def test_signal_wins_over_the_rest(sockt, peers):
    """A signal that comes while an unacknowledged tail is waited for decides the status."""
    listening = peers.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    process = sockt.start("connect", "127.0.0.1", listening.getsockname()[1])
    peers.accept(listening)
    process.feed(b"z" * 200_000)
    wait_idle(process.pid)
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)


def test_status_as_a_shell_sees_it(sockt, tmp_path):
    """128+N also where the shell looks."""
    done = subprocess.run(
        ["sh", "-c", '"$@" --ready-fd 3 127.0.0.1 0 3>"$READY" & pid=$!\n'
         'until [ -s "$READY" ]; do :; done\nkill -TERM $pid; wait $pid; echo $?', "sh",
         *sockt.command("listen")],
        env={**sockt.environment, "READY": str(tmp_path / "ready")}, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=60, check=False)
    assert done.stdout.strip() == b"143", done


@pytest.mark.parametrize("sender", ["connect", "listen"])
def test_short_transfers_always_end_with_0(sockt, tmp_path, sender):
    """
    The last acknowledgement comes at its own moment: between any two looks of ours. Hundreds of short
    transfers, none of which may say that something was not acknowledged.
    """
    rounds = 150 if not VARIANT else 20
    (tmp_path / "data").write_bytes(b"d" * 65535)
    ends = {"listen": "data", "connect": "/dev/null"}
    if sender == "connect":
        ends = {"connect": "data", "listen": "/dev/null"}
    script = (f"mkfifo ready; for i in $(seq {rounds}); do\n"
              f'"$SOCKT" listen --ready-fd 3 127.0.0.1 0 3>ready <{ends["listen"]} >out 2>err1 &\n'
              f"read -r kind address <ready\n"
              f'"$SOCKT" connect "$address" <{ends["connect"]} >out2 2>err2; first=$?\n'
              f'wait $!; second=$?; [ "$first$second" = 00 ] || echo "$i: $first $second" '
              f'"$(cat err1 err2)"\ndone')
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, timeout=100,
                          env={**sockt.environment, "SOCKT": sockt.binary}, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")
