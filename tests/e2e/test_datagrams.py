# SPDX-License-Identifier: GPL-3.0-or-later
"""Datagrams: boundaries, ends, peers, over UDP and over Unix sockets."""

import os
import signal
import socket
import time

import pytest

from facts import SCALE, free_port, require_ipv6, wait_for, wait_idle


def start_client(sockt, peers, *options):
    """A sockt that is connected to a UDP socket of ours."""
    server = peers.udp()
    return sockt.start("connect", "-u", *options, "127.0.0.1", server.getsockname()[1]), server


def start_listener(sockt, peers, *options):
    """A sockt that listens on UDP, and a socket of ours that is connected to it."""
    process = sockt.listen("-u", *options)
    client = peers.udp()
    client.connect(("127.0.0.1", process.port))
    return process, client


@pytest.mark.smoke
def test_one_read_is_one_datagram(sockt, peers):
    process, server = start_client(sockt, peers)
    for message in (b"a", b"two\nlines\n", b"c" * 3000):
        process.write(message)
        assert server.recv(70000) == message


def test_one_line_is_one_datagram(sockt, peers):
    process, server = start_client(sockt, peers, "--datagram=line", "-q", "100ms")
    process.write(b"one\ntwo and more\nthr")
    got = [server.recv(100), server.recv(100)]
    process.write(b"ee\nrest")
    got.append(server.recv(100))
    process.close_stdin()
    got.append(server.recv(100))
    assert b"".join(got) == b"one\ntwo and more\nthree\nrest"
    assert [message.rstrip(b"\n") for message in got] == [b"one", b"two and more", b"three", b"rest"]
    process.finish().expect(0)


def test_datagrams_of_one_size(sockt, peers):
    process, server = start_client(sockt, peers, "--datagram=5", "-q", "100ms")
    process.write(b"0123")
    process.write(b"456789ab")
    process.close_stdin()
    assert [server.recv(100) for _ in range(3)] == [b"01234", b"56789", b"ab"]
    process.finish().expect(0)


@pytest.mark.parametrize("word", ["lines", "0", "-5", "", "5x"])
def test_wrong_datagram_words_are_2(sockt, word):
    sockt.run("connect", "-u", f"--datagram={word}", "127.0.0.1", "9").expect(2, b"", err="datagram")


@pytest.mark.prompt
def test_replies_are_waited_for_a_second(sockt, peers, trace):
    seen = trace()
    process, server = start_client(sockt, peers, *seen.options)
    process.write(b"ask")
    process.close_stdin()
    _, name = server.recvfrom(10)
    end = time.monotonic() + 0.3
    wait_for(lambda: time.monotonic() > end, "a part of the second")
    server.sendto(b"answer", name)
    process.out.until(b"answer")
    start = time.monotonic()
    process.finish().expect(0, b"answer", err=b"")
    assert 0.7 < time.monotonic() - start < 1.6 * SCALE
    assert seen.end()["ended_by"] == "quit-after"


@pytest.mark.prompt
def test_quit_after_for_datagrams(sockt, peers):
    process, server = start_client(sockt, peers, "-q", "100ms")
    process.close_stdin()
    result = process.finish().expect(0, b"")
    assert result.seconds < 0.9 * SCALE
    assert server.fileno() != -1


def test_port_that_refuses_is_1(sockt, peers):
    port = free_port()
    sockt.run("connect", "-u", "127.0.0.1", port, input=b"x").expect(
        1, b"", err=["ECONNREFUSED", str(port)])


def test_listener_answers_its_first_peer(sockt, peers):
    process, client = start_listener(sockt, peers)
    client.send(b"question")
    process.out.until(b"question")
    process.write(b"answer")
    assert client.recv(100) == b"answer"


def test_listener_says_when_others_knock(sockt, peers):
    process, client = start_listener(sockt, peers)
    client.send(b"first")
    process.out.until(b"first")
    other = peers.udp()
    other.connect(("127.0.0.1", process.port))
    other.send(b"let me in")
    said = process.err.until(f"{other.getsockname()[1]}".encode())
    assert b"127.0.0.1" in said
    client.send(b", again")
    process.out.until(b"first, again")
    process.write(b"only for one")
    assert client.recv(100) == b"only for one"
    other.setblocking(False)
    with pytest.raises(BlockingIOError):
        other.recv(100)


def test_listener_does_not_end_with_the_input(sockt, peers):
    process, client = start_listener(sockt, peers)
    client.send(b"x")
    process.out.until(b"x")
    process.close_stdin()
    wait_idle(process.pid, quiet=0.3)
    client.send(b"y")
    process.out.until(b"xy")
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"xy")


def test_listener_ends_by_its_idle_limit(sockt, peers):
    process, client = start_listener(sockt, peers, "-i", "200ms")
    client.send(b"x")
    process.finish().expect(4, b"x", err="--idle-timeout")


def test_listener_ends_by_its_accept_limit(sockt):
    sockt.listen("-u", "--accept-timeout", "100ms").finish().expect(4, b"", err="--accept-timeout")


def test_empty_datagram_is_no_end_for_a_listener(sockt, peers):
    process, client = start_listener(sockt, peers)
    for message in (b"a", b"", b"b", b"", b""):
        client.send(message)
    client.send(b"c")
    process.out.until(b"abc")
    assert process.is_running


def test_empty_datagram_is_no_end_for_a_client(sockt, peers):
    process, server = start_client(sockt, peers)
    process.write(b"ask")
    _, name = server.recvfrom(10)
    for message in (b"", b"a", b"", b"b"):
        server.sendto(message, name)
    process.out.until(b"ab")
    assert process.is_running


def test_largest_datagram_both_ways(sockt, peers, tmp_path):
    data = os.urandom(65507)
    (tmp_path / "data").write_bytes(data)
    listening = sockt.listen("-u", "--datagram=65507")
    with open(tmp_path / "data", "rb") as file:
        client = sockt.start("connect", "-u", "--datagram=65507", "127.0.0.1", listening.port, stdin=file)
        listening.out.until(65507)
        listening.feed(data, close=False)
        client.out.until(65507)
        client.finish().expect(0, data, err=b"")
    assert bytes(listening.out.data) == data


def test_largest_datagram_is_one(sockt, peers, tmp_path):
    data = os.urandom(65507)
    (tmp_path / "data").write_bytes(data)
    server = peers.udp()
    with open(tmp_path / "data", "rb") as file:
        sockt.start("connect", "-u", "--datagram=65507", "127.0.0.1", server.getsockname()[1],
                    stdin=file)
        assert server.recv(70000) == data


def test_oversized_datagram_is_said(sockt, peers):
    """A line that no datagram can carry: said, and never status 0."""
    process, _server = start_client(sockt, peers, "--datagram=line", "-q", "100ms")
    process.feed(b"x" * 70_000 + b"\n")
    result = process.finish()
    assert result.status == 6 and b"EMSGSIZE" in result.err, result


def test_datagram_size_beyond_udp_is_2(sockt):
    sockt.run("connect", "-u", "--datagram=65508", "127.0.0.1", "9").expect(2, b"", err="65507")


def test_truncated_datagram_is_said(sockt, peers, tmp_path):
    """
    A Unix datagram may be larger than any buffer: whole, or said to be cut, and then never status
    0.
    """
    process = sockt.listen(at=(f"unix-dgram:{tmp_path}/s",))
    client = peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    client.connect(str(tmp_path / "s"))
    client.send(b"m" * 150_000)
    client.send(b"end")
    process.out.until(b"end")
    if len(process.out.data) != 150_003:
        assert b"truncated" in process.err.until(b"\n")


def test_unix_datagrams_with_replies(sockt, tmp_path):
    listening = sockt.listen(at=(f"unix-dgram:{tmp_path}/s",))
    assert listening.ready_lines == [f"unix-dgram {tmp_path}/s"]
    client = sockt.start("connect", "-q", "300ms", f"unix-dgram:{tmp_path}/s")
    client.write(b"ask")
    listening.out.until(b"ask")
    listening.write(b"reply")
    client.out.until(b"reply")
    client.close_stdin()
    client.finish().expect(0, b"reply")
    assert listening.is_running


def test_unix_datagrams_by_options(sockt, tmp_path, peers):
    process = sockt.listen("-u", "-U", at=(tmp_path / "s",))
    client = peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    client.connect(str(tmp_path / "s"))
    client.send(b"through")
    process.out.until(b"through")


def test_datagrams_over_ipv6(sockt, peers):
    require_ipv6()
    process = sockt.listen("-u", at=("::1", "0"))
    assert process.ready_lines == [f"udp [::1]:{process.port}"]
    client = peers.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    client.connect(("::1", process.port))
    client.send(b"six")
    process.out.until(b"six")


def test_listener_of_datagrams_is_dual_stack(sockt, peers):
    require_ipv6()
    process = sockt.listen("-u", "-k", at=("0",))
    assert process.ready_lines == [f"udp [::]:{process.port}"]
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        client = peers.socket(family, socket.SOCK_DGRAM)
        client.connect((host, process.port))
        client.send(host.encode())
        process.out.until(host.encode())


def test_keep_open_serves_many_peers(sockt, peers):
    process, first = start_listener(sockt, peers, "-k")
    second = peers.udp()
    second.connect(("127.0.0.1", process.port))
    first.send(b"1")
    process.out.until(b"1")
    second.send(b"2")
    process.out.until(b"12")
    process.write(b"all")
    assert first.recv(10) == second.recv(10) == b"all"


@pytest.mark.parametrize("spell", [("udp:127.0.0.1:{0}",), ("udp4:127.0.0.1:{0}",),
                                   ("--udp", "127.0.0.1", "{0}")])
def test_spellings(sockt, peers, spell):
    server = peers.udp()
    process = sockt.start("connect", *(part.format(server.getsockname()[1]) for part in spell))
    process.write(b"spelt")
    assert server.recv(10) == b"spelt"


def test_many_datagrams_keep_their_order(sockt, peers):
    process, client = start_listener(sockt, peers)
    want = b""
    for number in range(300):
        message = b"%d " % number
        client.send(message)
        want += message
        process.out.until(len(want))
    assert bytes(process.out.data) == want


def test_output_that_is_a_file(sockt, peers, tmp_path):
    with open(tmp_path / "out", "wb") as out:
        process = sockt.listen("-u", stdout=out)
    client = peers.udp()
    client.connect(("127.0.0.1", process.port))
    client.send(b"kept")
    wait_for(lambda: (tmp_path / "out").read_bytes() == b"kept", "the datagram in the file")


@pytest.mark.parametrize("options", [(), ("-k",)])
def test_what_was_received_comes_before_what_is_sent(sockt, peers, trace, options):
    """The answer waits on standard input already when the first datagram comes."""
    seen = trace()
    process, client = start_listener(sockt, peers, *options, *seen.options)
    process.write(b"srv")
    client.send(b"A0")
    assert client.recv(10) == b"srv"
    client.send(b"A1")
    process.out.until(b"A0A1")
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"A0A1")
    end = seen.end()
    assert (end["spoke_first"], end["turns"]) == ("remote", 3)


def test_a_line_too_long_says_what_to_try(sockt, peers):
    server = peers.udp()
    data = b"x" * 70_000 + b"\nshort\n"
    result = sockt.run("connect", "-v", "-u", "--datagram=line", "127.0.0.1", server.getsockname()[1], input=data)
    result.expect(6, b"", err=["a line of more than 65507 bytes is longer than a datagram can be", "EMSGSIZE",
                               "--datagram=SIZE"])
