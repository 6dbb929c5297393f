# SPDX-License-Identifier: GPL-3.0-or-later
"""connect --reconnect: another connection where one is lost, and no byte twice or unsaid."""

import json
import os
import re
import signal
import socket
from subprocess import DEVNULL

import pytest

import peers as peer_scripts
from facts import SCALE, bytes_readable, free_port, wait_for, wait_idle


def listen_at(peers, port):
    """A listening socket on that port, which may have had one before."""
    sock = peers.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen()
    return sock


class Server:
    """A listening socket of ours, and a sockt that connects to it."""

    def __init__(self, sockt, peers, *options, pause="10ms", **popen):
        self.peers = peers
        self.port = free_port()
        self.listening = listen_at(peers, self.port)
        self.process = sockt.start("connect", f"--reconnect={pause}", *options, "127.0.0.1", self.port, **popen)

    def accept(self):
        return self.peers.accept(self.listening)


@pytest.fixture
def server(sockt, peers):
    return lambda *options, **popen: Server(sockt, peers, *options, **popen)


def lost(result):
    """How many bytes are said to be lost, in all."""
    return sum(int(count) for count in re.findall(rb"(\d+) bytes? that (?:was|were) sent", result.err))


@pytest.mark.smoke
def test_input_goes_on_where_it_was(server):
    it = server()
    first = it.accept()
    it.process.write(b"first\n")
    assert peer_scripts.read_exactly(first, 6) == b"first\n"
    first.sendall(b"one\n")
    peer_scripts.reset(first)
    second = it.accept()
    it.process.write(b"second\n")
    assert peer_scripts.read_exactly(second, 7) == b"second\n"
    second.sendall(b"two\n")
    it.process.close_stdin()
    assert peer_scripts.read_all(second) == b""
    second.close()
    result = it.process.finish()
    # All of it was read, here; but who closes with something unread resets as well.
    result.expect(5, b"one\ntwo\n", err=["has reset the connection; connecting again in 1", "(--reconnect, loss 1)",
                                         "all that was sent was acknowledged, but the peer may not have read it all",
                                         "connected again to 127.0.0.1 port"])
    assert lost(result) == 0


def test_an_end_while_there_is_input_is_a_loss(server):
    it = server()
    first = it.accept()
    it.process.write(b"early\n")
    assert peer_scripts.read_exactly(first, 6) == b"early\n"
    first.sendall(b"one\n")
    first.close()
    second = it.accept()
    it.process.write(b"late\n")
    it.process.close_stdin()
    assert peer_scripts.read_all(second) == b"late\n"
    second.close()
    it.process.finish().expect(0, b"one\n", err="has ended the connection, and there may be more to send")


def test_an_end_behind_the_end_of_input_is_one(server):
    it = server()
    first = it.accept()
    it.process.close_stdin()
    assert peer_scripts.read_all(first) == b""
    first.sendall(b"all there is")
    first.close()
    it.process.finish().expect(0, b"all there is", err=None)
    assert b"again" not in it.process.err.data


@pytest.mark.parametrize("options", [("--recv-only",), ("--until", "remote")])
def test_an_end_that_was_waited_for_is_one(server, options):
    it = server(*options)
    first = it.accept()
    first.sendall(b"all there is")
    first.close()
    it.process.finish().expect(0, b"all there is")


def test_a_reset_is_a_loss_behind_the_end_of_input_too(server):
    it = server(stdin=DEVNULL)
    first = it.accept()
    assert peer_scripts.read_all(first) == b""
    first.sendall(b"one\n")
    it.process.out.until(b"one\n")
    peer_scripts.reset(first)
    second = it.accept()
    assert peer_scripts.read_all(second) == b""
    second.sendall(b"two\n")
    second.close()
    it.process.finish().expect(0, b"one\ntwo\n")


@pytest.mark.parametrize("source", ["pipe", "file"])
def test_no_byte_is_sent_twice_and_what_may_be_lost_is_counted(server, tmp_path, source):
    """
    What the first peer's kernel got, what is said to be lost, and what the second one gets, is all. Of what it got the
    last acknowledgement may not have been sent when it reset: then that counts as lost, too.
    """
    data = b"".join(b"%07d\n" % number for number in range(1 << 20))
    path = tmp_path / "data"
    path.write_bytes(data)
    if source == "file":
        with open(path, "rb") as file:
            it = server(stdin=file)
    else:
        it = server()
        it.process.feed(data)
    first = it.accept()
    wait_idle(it.process.pid)
    arrived = bytes_readable(first)
    assert 0 < arrived < len(data)
    peer_scripts.reset(first)
    second = it.accept()
    rest = peer_scripts.read_all(second)
    second.close()
    result = it.process.finish()
    assert data.endswith(rest)
    assert len(data) - len(rest) - arrived <= lost(result) <= len(data) - len(rest)
    result.expect(5 if lost(result) else 0, b"")


def test_lines_for_crlf_that_wait_are_not_lost(server):
    data = b"".join(b"%07d\n" % number for number in range(1 << 19))
    it = server("-C")
    it.process.feed(data)
    first = it.accept()
    wait_idle(it.process.pid)
    arrived = bytes_readable(first)
    peer_scripts.reset(first)
    second = it.accept()
    rest = peer_scripts.read_all(second)
    second.close()
    result = it.process.finish()
    sent = data.replace(b"\n", b"\r\n")
    # A line that was torn between its CR and its LF may get another CR.
    rest = rest.removeprefix(b"\r") if rest.startswith(b"\r\n") else rest
    assert sent.endswith(rest)
    assert len(sent) - len(rest) - arrived <= lost(result) <= len(sent) - len(rest)


def test_a_log_is_shipped_with_send_only(server):
    it = server("--send-only")
    first = it.accept()
    it.process.write(b"one\n")
    assert peer_scripts.read_exactly(first, 4) == b"one\n"
    first.close()
    second = it.accept()
    it.process.write(b"two\n")
    it.process.close_stdin()
    assert peer_scripts.read_all(second) == b"two\n"
    it.process.finish().expect(0, b"")


def test_attempts_that_fail_are_made_again(server, peers):
    it = server("-v")
    first = it.accept()
    it.listening.close()
    peer_scripts.reset(first)
    it.process.err.until(b"trying again in ")
    second = peers.accept(listen_at(peers, it.port))
    it.process.close_stdin()
    assert peer_scripts.read_all(second) == b""
    second.close()
    it.process.finish().expect(0, b"", err="after the loss, at attempt ")


@pytest.mark.netns
@pytest.mark.waits
def test_a_network_that_is_gone_for_a_while(sockt, netns):
    """The kernel gives the connection up: what was sent meanwhile is said to be lost, and what was not is sent."""
    listener = sockt.listen("-k", "--recv-only", prefix=netns.prefix)
    process = sockt.start("connect", "-v", "--reconnect=100ms", "--user-timeout", "1s", "--send-only", "127.0.0.1",
                          listener.port, prefix=netns.prefix)
    process.write(b"one\n")
    listener.out.until(b"one\n")
    netns.run("ip", "link", "set", "lo", "down")
    process.write(b"never\n")
    process.err.until(b"is lost: Connection timed out (ETIMEDOUT); connecting again in")
    process.err.until(b"bytes that were sent were not acknowledged: they may be lost")
    netns.run("ip", "link", "set", "lo", "up")
    process.err.until(b"connected again to 127.0.0.1 port")
    process.write(b"three\n")
    process.close_stdin()
    listener.out.until(b"one\nthree\n")
    result = process.finish()
    result.expect(5, b"")
    # The acknowledgement of the first line may have been on its way.
    assert lost(result) in (6, 10)


def test_retry_bounds_the_attempts(server):
    it = server("--retry", "2", "-v")
    first = it.accept()
    it.listening.close()
    peer_scripts.reset(first)
    result = it.process.finish()
    result.expect(1, b"", err="ECONNREFUSED")
    assert result.err.count(b"trying again in ") == 2
    assert result.err.count(b"cannot be reached: Connection refused (ECONNREFUSED); trying again") == 1


def test_pauses_grow_while_nothing_lasts(server):
    it = server(pause="20ms")
    for _ in range(4):
        peer_scripts.reset(it.accept())
    wait_for(lambda: it.process.err.data.count(b"connecting again in ") == 4, "four losses to be said")
    pauses = [int(ms) for ms in re.findall(rb"connecting again in (\d+) ms", bytes(it.process.err.data))]
    # Each is the one before twice, with up to a quarter more; one that stood for longer than its pause begins anew.
    assert len(pauses) == 4 and all(pause >= 20 for pause in pauses)
    assert all(pause <= 20 * 2 ** number * 1.25 for number, pause in enumerate(pauses))


def test_nothing_is_read_while_nobody_is_there(server):
    it = server(pause="1h")
    first = it.accept()
    it.process.write(b"one\n")
    assert peer_scripts.read_exactly(first, 4) == b"one\n"
    peer_scripts.reset(first)
    it.process.err.until(b"connecting again in")
    it.process.write(b"stays\n")
    wait_idle(it.process.pid)
    it.process.signal(signal.SIGINT)
    result = it.process.finish()
    result.expect(130, b"")
    assert b"not sent" not in result.err


def test_what_was_read_and_never_sent_is_said(server):
    it = server(pause="1h")
    it.process.feed(b"x" * (8 << 20))
    first = it.accept()
    wait_idle(it.process.pid)
    peer_scripts.reset(first)
    it.process.err.until(b"connecting again in")
    it.process.signal(signal.SIGTERM)
    it.process.finish().expect(143, b"", err="that were read from the input are not sent")


@pytest.mark.waits
def test_total_timeout_ends_the_waiting(server):
    it = server("--total-timeout", f"{2 * SCALE}s", pause="1h")
    peer_scripts.reset(it.accept())
    it.process.finish().expect(4, b"", err="--total-timeout")


def test_each_connection_has_a_program(server):
    it = server("--sh", "echo begin; read line; echo got $line")
    first = it.accept()
    assert peer_scripts.read_exactly(first, 6) == b"begin\n"
    peer_scripts.reset(first)
    second = it.accept()
    assert peer_scripts.read_exactly(second, 6) == b"begin\n"
    second.sendall(b"it\n")
    assert peer_scripts.read_all(second) == b"got it\n"
    second.close()
    it.process.finish().expect(5, err="may")


def test_a_program_that_ends_is_the_end(server):
    it = server("--sh", "cat; exit 7")
    first = it.accept()
    first.sendall(b"there and back")
    first.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(first) == b"there and back"
    first.close()
    it.process.finish().expect(7)


def test_a_datagram_port_that_comes_back(sockt, peers):
    address = ("127.0.0.1", free_port())
    process = sockt.start("connect", "--reconnect=10ms", "-u", *address)
    process.write(b"nobody\n")
    process.err.until(b"Connection refused (ECONNREFUSED); connecting again in")
    process.err.until(b"at least one datagram has not arrived")
    port = peers.udp(address)
    process.write(b"somebody\n")
    data, back = port.recvfrom(100)
    assert data == b"somebody\n"
    port.sendto(b"answer\n", back)
    process.out.until(b"answer\n")
    process.close_stdin()
    process.finish().expect(5, b"answer\n")


def test_a_unix_socket_that_comes_back(sockt, peers, tmp_path):
    path = f"{tmp_path}/s"
    listening = peers.listen(path, socket.AF_UNIX)
    process = sockt.start("connect", "--reconnect=10ms", f"unix:{path}")
    first = peers.accept(listening)
    first.close()
    second = peers.accept(listening)
    process.write(b"hello\n")
    process.close_stdin()
    assert peer_scripts.read_all(second) == b"hello\n"
    second.close()
    process.finish().expect(0)


def test_a_unix_socket_that_is_closed_unread(sockt, peers, tmp_path):
    """Nothing is acknowledged there; but that it is reset says that something was not read."""
    path = f"{tmp_path}/s"
    listening = peers.listen(path, socket.AF_UNIX)
    process = sockt.start("connect", "--reconnect=10ms", f"unix:{path}")
    first = peers.accept(listening)
    process.write(b"not all of this is read\n")
    assert first.recv(3) == b"not"
    first.close()
    second = peers.accept(listening)
    process.close_stdin()
    assert peer_scripts.read_all(second) == b""
    second.close()
    process.finish().expect(5, b"", "the peer has not read all that was sent: the rest of it is lost\n")


@pytest.mark.parametrize("options, says", [((), True), (("--retry", "1,10ms"), False), (("--quiet",), False)])
def test_the_first_connection_is_that_of_retry(sockt, options, says):
    result = sockt.run("connect", "--reconnect", *options, "127.0.0.1", free_port())
    result.expect(1, b"", "Connection refused")
    assert (b"--retry waits for the first one" in result.err) == says, result


def test_each_connection_is_a_session_of_the_trace(server, tmp_path):
    trace = tmp_path / "trace"
    it = server("--trace", f"json:{trace}", "--quiet")
    peer_scripts.reset(it.accept())
    second = it.accept()
    it.process.close_stdin()
    assert peer_scripts.read_all(second) == b""
    second.close()
    result = it.process.finish()
    result.expect(0, b"")
    events = [json.loads(line) for line in trace.read_text().splitlines()][1:]
    ends = [(event["session"], event["ended_by"]) for event in events if event["step"] == "end"]
    assert ends == [(1, "reset"), (2, "both-ended")]
    notes = [(event["session"], event["text"]) for event in events if event["step"] == "note" and "session" in event]
    assert any(number == 1 and "connecting again in" in text for number, text in notes)
    assert any(number == 2 and "connected again to" in text for number, text in notes)
    # A loss is said even so; that it is over is not.
    assert b"connecting again" in result.err and b"connected again" not in result.err


def test_our_output_that_ends_is_no_loss(server):
    reader, writer = os.pipe()
    os.close(reader)
    it = server(stdout=writer)
    os.close(writer)
    first = it.accept()
    first.sendall(b"nobody reads this")
    it.process.finish().expect(6)


@pytest.mark.parametrize("words, says", [
    (["--reconnect=0", "x", "1"], "at least 1ms"),
    (["--reconnect=soon", "x", "1"], "--reconnect"),
    (["--reconnect", "--http-get", "/", "x", "1"], "--reconnect and --http-get contradict"),
    (["--reconnect", "--telnet", "x", "1"], "--reconnect and --telnet contradict"),
    (["--reconnect", "--echo", "x", "1"], "--reconnect and --echo contradict"),
    (["--reconnect", "--scan", "x", "1"], "--scan and --reconnect contradict"),
    (["--reconnect", "fd:0"], "--reconnect: nobody knows here how the descriptor was connected"),
])
def test_what_does_not_go_with_it(sockt, words, says):
    sockt.run("connect", *words).expect(2, b"", err=says)
