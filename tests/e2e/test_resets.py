# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer that resets: status 5, said, and nothing that arrived is lost."""

import os
import signal
import socket

import pytest

import peers as peer_scripts
from facts import bytes_unacknowledged, process_state, require_tool, wait_for, wait_idle

roles = pytest.mark.parametrize("role", ["connect", "listen"])
RESET = "ECONNRESET"


@roles
@pytest.mark.smoke
def test_right_after_the_connection_stands(meet, role, trace):
    seen = trace()
    process, sock = meet(role, *seen.options)
    peer_scripts.reset(sock)
    process.finish().expect(5, b"", err=RESET)
    assert seen.end()["ended_by"] == "reset"
    assert seen.end()["closed_first"] == "remote"


@roles
def test_before_the_listener_accepts(sockt, peers, role):
    """The reset is there before sockt has looked at the connection at all."""
    if role == "listen":
        process = sockt.listen()
        process.signal(signal.SIGSTOP)
        wait_for(lambda: process_state(process.pid) == "T", "the stop")
        peer_scripts.reset(peers.connect(process.port))
        process.signal(signal.SIGCONT)
    else:
        server = peers.server(peer_scripts.reset)
        process = sockt.start("connect", "127.0.0.1", server.port)
    process.finish().expect(5, b"", err=RESET)


@roles
@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_in_the_middle_all_that_arrived_is_on_the_output(meet, role, size):
    """The data and the reset are both waiting when sockt looks."""
    data = os.urandom(size)
    process, sock = meet(role)
    sock.sendall(b"!")
    process.out.until(1)
    process.signal(signal.SIGSTOP)
    wait_for(lambda: process_state(process.pid) == "T", "the stop")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sock.sendall(data)
    wait_for(lambda: bytes_unacknowledged(sock) == 0, "the data to be in sockt's queue")
    peer_scripts.reset(sock)
    process.signal(signal.SIGCONT)
    process.finish().expect(5, b"!" + data, err=RESET)


@roles
def test_in_the_middle_of_a_transfer_to_the_peer(meet, role):
    process, sock = meet(role)
    process.feed(b"x" * 20_000_000)
    peer_scripts.read_exactly(sock, 1_000_000)
    peer_scripts.reset(sock)
    process.finish().expect(5, b"")


@roles
def test_closed_with_unread_data(meet, role):
    """close() of a socket with unread data resets."""
    process, sock = meet(role)
    process.write(b"never read")
    wait_idle(process.pid)
    sock.close()
    process.finish().expect(5, b"")


@roles
def test_after_our_last_byte(meet, role):
    process, sock = meet(role)
    process.write(b"all I have")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"all I have"
    peer_scripts.reset(sock)
    process.finish().expect(5, b"", err=RESET)


@roles
def test_while_idle(meet, role):
    process, sock = meet(role)
    sock.sendall(b"hi")
    process.out.until(b"hi")
    wait_idle(process.pid)
    peer_scripts.reset(sock)
    process.finish().expect(5, b"hi", err=RESET)


@roles
def test_after_the_peers_half_close(meet, role):
    """The input is still open: the reset ends it all the same."""
    process, sock = meet(role)
    sock.sendall(b"bye")
    sock.shutdown(socket.SHUT_WR)
    assert process.out.until_end() == b"bye"
    peer_scripts.reset(sock)
    process.finish().expect(5, b"bye", err=RESET)


@roles
def test_while_our_output_is_stuck(meet, role):
    """Nobody drains the output when the reset comes; what had arrived is still delivered."""
    data = os.urandom(300_000)
    reader, writer = os.pipe()
    process, sock = meet(role, stdout=writer)
    os.close(writer)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sock.sendall(data)
    wait_for(lambda: bytes_unacknowledged(sock) == 0, "the data to be taken")
    peer_scripts.reset(sock)
    got = b""
    while piece := os.read(reader, 1 << 16):
        got += piece
    os.close(reader)
    assert process.finish().status == 5
    assert got == data


@roles
@pytest.mark.parametrize("option", ["--send-only", "--recv-only", "--no-shutdown"])
def test_with_options(meet, role, option):
    process, sock = meet(role, option)
    wait_idle(process.pid)
    peer_scripts.reset(sock)
    process.finish().expect(5, b"", err=RESET)


def test_one_client_of_many(sockt, peers):
    """With -k a reset is one client's affair."""
    process = sockt.listen("-k")
    first, second = peers.connect(process.port), peers.connect(process.port)
    first.sendall(b"1")
    process.out.until(b"1")
    second.sendall(b"2")
    process.out.until(b"12")
    peer_scripts.reset(first)
    second.sendall(b"still here")
    process.out.until(b"12still here")
    process.write(b"and you")
    assert peer_scripts.read_exactly(second, 7) == b"and you"


@pytest.mark.strace
def test_before_our_shutdown(sockt, peers, trace):
    """The reset comes between the last look and the call: who closed first is the peer."""
    def reset_after_silence(sock):
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        peer_scripts.reset(sock)
    seen = trace()
    server = peers.server(reset_after_silence)
    prefix = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=shutdown", "-e",
              "inject=shutdown:delay_enter=500000"]
    result = sockt.run("connect", *seen.options, "127.0.0.1", server.port, prefix=prefix)
    result.expect(5, b"", err=RESET)
    assert [event["errno"] for event in seen.events("shutdown")] == ["ENOTCONN"]
    assert seen.end()["ended_by"] == "reset"
    assert seen.end()["closed_first"] == "remote"


@pytest.mark.strace
def test_shutdown_that_fails_is_told(sockt, peers):
    """Nobody waits for a FIN that was never sent."""
    server = peers.server(peer_scripts.echo)
    prefix = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=shutdown", "-e",
              "inject=shutdown:error=ENOBUFS"]
    result = sockt.run("connect", "127.0.0.1", server.port, input=b"hi", prefix=prefix)
    result.expect(5, err="ENOBUFS")


@pytest.mark.netns
def test_peer_that_vanishes_while_data_wait_is_no_reset(sockt, netns, peers, trace):
    """The kernel gives up: what was sent was never acknowledged, and nobody closed."""
    require_tool("nft")
    seen = trace()
    netns.sysctl("net.ipv4.tcp_retries2", 1)
    listener = peers.keep(netns.listen())
    process = sockt.start("connect", *seen.options, "127.0.0.1", listener.getsockname()[1],
                          prefix=netns.prefix)
    sock = peers.accept(listener)
    process.write(b"!")
    assert sock.recv(1) == b"!"
    netns.run("nft", "add", "table", "ip", "sockt")
    netns.run("nft", "add", "chain", "ip", "sockt", "rules",
              "{ type filter hook input priority 0; policy drop; }")
    process.feed(b"x" * 20_000_000)
    process.finish().expect(5, b"", err="ETIMEDOUT")
    assert seen.end()["ended_by"] == "unacknowledged"
    assert seen.end()["closed_first"] == "local"
