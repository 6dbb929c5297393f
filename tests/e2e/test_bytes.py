# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a connection: line ends, dumps, copies, limits."""

import json
import os
import random
import re
import signal
import socket
import time

import pytest

import peers as peer_scripts
from facts import SCALE, require_ipv6, wait_for, wait_idle

MIB = 1 << 20
BLOCK = random.Random(7).randbytes(3 * MIB // min(SCALE, 3))
ROLES = ("connect", "listen")
ROW = re.compile(r"^(\[\d+\] )?([<>]) +(\d+\.\d{3})  ([0-9a-f]{8})  ((?:[0-9a-f]{2} {1,2})+) *\|.*\|$")


def undump(text):
    """{"<": bytes, ">": bytes} of a dump, whose offsets have to run on."""
    found = {"<": bytearray(), ">": bytearray()}
    for line in text.splitlines():
        row = ROW.match(line)
        assert row, line
        data = found[row.group(2)]
        assert int(row.group(4), 16) == len(data), line
        data += bytes.fromhex(row.group(5))
    return {way: bytes(data) for way, data in found.items()}


def receive_all(sock, data=b""):
    """Send data, end our side, and read to the end."""
    sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
    return peer_scripts.read_all(sock)


@pytest.mark.smoke
@pytest.mark.parametrize("role", ROLES)
def test_lines_end_with_crlf_and_what_arrives_is_not_changed(meet, role):
    process, sock = meet(role, "-C")
    process.write(b"one\ntwo\r\nthree\r")
    assert peer_scripts.read_exactly(sock, 16) == b"one\r\ntwo\r\nthree\r"
    process.write(b"\nfour")
    process.close_stdin()
    assert receive_all(sock, b"a\nb\n") == b"\nfour"
    process.finish().expect(0, b"a\nb\n", b"")


def test_crlf_over_ipv6_and_unix(sockt, peers):
    require_ipv6()
    listening = peers.listen(("::1", 0), socket.AF_INET6)
    process = sockt.start("connect", "--crlf", "::1", listening.getsockname()[1])
    process.feed(b"a\nb\n")
    assert receive_all(peers.accept(listening)) == b"a\r\nb\r\n"
    process.finish().expect(0)
    path = sockt.workdir / "socket"
    server = sockt.listen("-U", "-C", at=(str(path),))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        server.feed(b"a\n")
        assert receive_all(client) == b"a\r\n"
    server.finish().expect(0)


def test_crlf_in_datagrams(sockt, peers):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        process = sockt.start("connect", "-u", "-C", "--datagram", "line", "--send-only", "127.0.0.1",
                              server.getsockname()[1])
        process.feed(b"one\ntwo\r\n\n")
        assert [server.recv(100) for _ in range(3)] == [b"one\r\n", b"two\r\n", b"\r\n"]
        process.finish().expect(0)


def test_crlf_of_much_to_a_slow_reader(meet):
    lines = b"x" * 1_000_000 + b"\n" + b"\n".join(b"%d" % number for number in range(100_000)) + b"\r\n"
    process, sock = meet("connect", "-C", "-v")
    process.feed(lines)
    # The reader begins late, so that what is sent has to wait.
    wait_for(lambda: b"ESTABLISHED" in process.err.data, "the connection")
    want = re.sub(rb"(?<!\r)\n", b"\r\n", lines)
    assert peer_scripts.read_all(sock) == want
    sock.close()
    process.finish().expect(0, b"", f"sent {len(want) / MIB:.1f} MiB")


@pytest.mark.parametrize("role", ROLES)
def test_dump_and_copies_have_every_byte(sockt, meet, role):
    process, sock = meet(role, "--hex", "--hex-file", "hex", "-o", "both", "--output-in", "in", "--output-out", "out")
    request, reply = BLOCK[:100_003], BLOCK[-70_001:]
    process.feed(request)
    assert peer_scripts.read_exactly(sock, len(request)) == request
    assert receive_all(sock, reply) == b""
    result = process.finish().expect(0, reply)
    for dump in (result.err.decode(), (sockt.workdir / "hex").read_text()):
        assert undump(dump) == {">": request, "<": reply}
    assert (sockt.workdir / "both").read_bytes() == request + reply
    assert (sockt.workdir / "in").read_bytes() == reply
    assert (sockt.workdir / "out").read_bytes() == request


def test_dump_shows_what_is_on_the_connection(meet):
    process, sock = meet("connect", "--hex", "-C")
    process.feed(b"hello\n")
    assert receive_all(sock, b"\x1b[2J\n") == b"hello\r\n"
    dump = process.finish().expect(0).err
    assert undump(dump.decode()) == {">": b"hello\r\n", "<": b"\x1b[2J\n"}
    assert b"|hello..|" in dump and b"|.[2J.|" in dump


def test_dump_of_many_clients_tells_them_apart(sockt, peers):
    process = sockt.listen("-k", "--hex", "--recv-only")
    for number in range(3):
        peers.connect(process.port).sendall(b"client %d" % number)
        process.err.until(b"|client %d|" % number)
    process.signal(signal.SIGTERM)
    rows = process.finish().expect(143).err.decode().splitlines()
    assert [row[:5] for row in rows] == ["[1] <", "[2] <", "[3] <"]


def test_dump_beside_a_json_trace_is_json(meet):
    process, sock = meet("connect", "--hex", "--trace", "json")
    process.feed(b"hello\n")
    receive_all(sock)
    lines = [json.loads(line) for line in process.finish().expect(0).err.splitlines()]
    assert any("|hello.|" in str(line) for line in lines)


def test_copy_is_begun_anew_or_continued(sockt, peers):
    (sockt.workdir / "out").write_bytes(b"old")
    for options, want in (([], b"one"), (["--append"], b"oneone"), ([], b"one")):
        listening = peers.listen()
        process = sockt.start("connect", *options, "--output-out", "out", "127.0.0.1", listening.getsockname()[1])
        process.feed(b"one")
        receive_all(peers.accept(listening))
        process.finish().expect(0)
        assert (sockt.workdir / "out").read_bytes() == want


def test_full_disk_stops_the_copy_and_not_the_connection(meet):
    process, sock = meet("connect", "-o", "/dev/full")
    process.write(b"one")
    assert peer_scripts.read_exactly(sock, 3) == b"one"
    process.err.until(b"sockt: --output /dev/full: No space left on device (ENOSPC); the copy stops here\n")
    process.feed(b"two")
    assert receive_all(sock, b"three") == b"two"
    result = process.finish().expect(6, b"three")
    assert result.err.count(b"ENOSPC") == 1


def test_copy_that_cannot_be_opened_or_is_in_use(sockt):
    sockt.run("connect", "-o", "none/file", "localhost", "1").expect(
        6, b"", "--output none/file: No such file or directory (ENOENT)\n")
    sockt.run("connect", "-o", "f", "--hex-file", "f", "localhost", "1").expect(6, b"", "--output f: this run")
    sockt.run("connect", "--trace", "json:f", "-o", "f", "localhost", "1").expect(6, b"", "--output f: this run")
    sockt.run("connect", "--append", "localhost", "1").expect(2, b"", "--append keeps")


def test_slow_reader_of_a_copy_gets_every_byte(sockt, peers):
    """A pipe that nobody reads holds the connection; read, it gives all."""
    read_fd, write_fd = os.pipe()
    listening = peers.listen()
    process = sockt.start("connect", "--recv-only", "-o", f"fd:{write_fd}", "127.0.0.1", listening.getsockname()[1],
                          pass_fds=[write_fd])
    os.close(write_fd)
    sock = peers.accept(listening)
    count = peer_scripts.fill(sock)
    sock.shutdown(socket.SHUT_WR)
    with os.fdopen(read_fd, "rb") as pipe:
        copied = pipe.read()
    result = process.finish().expect(0)
    assert copied == result.out
    assert count is None or len(copied) == count


@pytest.mark.parametrize("role", ROLES)
def test_limit_of_what_is_sent_ends_the_input(sockt, meet, role):
    with open(sockt.workdir / "input", "w+b") as file:
        file.write(BLOCK[:100_000])
        file.seek(0)
        process, sock = meet(role, "--limit", "64k", stdin=file)
        assert receive_all(sock, b"reply") == BLOCK[:65536]
        process.finish().expect(0, b"reply", b"")
        # What is behind the limit is left to whoever reads next.
        assert file.tell() == 65536


@pytest.mark.parametrize("role", ROLES)
def test_limit_of_what_arrives_ends_the_run(meet, role):
    process, sock = meet(role, "--limit", "5", "-v")
    sock.sendall(b"0123456789")
    process.finish().expect(0, b"01234", "ended: a limit of bytes or messages that was asked for is reached")


def test_limit_of_datagrams_keeps_them_whole(sockt):
    process = sockt.listen("-u", "--limit", "7")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", process.port))
        for _ in range(2):
            client.send(b"hello")
        process.finish().expect(0, b"hellohello")


@pytest.mark.parametrize("role", ROLES)
def test_limit_of_messages(sockt, peers, role):
    """Empty ones count, and the next is not taken."""
    sock = peers.udp()
    if role == "listen":
        process = sockt.listen("-u", "--limit-messages", "3", "-v")
        sock.connect(("127.0.0.1", process.port))
    else:
        process = sockt.start("connect", "-u", "--limit-messages", "3", "-v", "127.0.0.1", sock.getsockname()[1])
        process.write(b"?")
        sock.connect(sock.recvfrom(10)[1])
    for data in (b"one", b"", b"three", b"four"):
        sock.send(data)
    process.finish().expect(0, b"onethree", "ended: a limit of bytes or messages that was asked for is reached")


def test_a_stream_has_no_messages(sockt):
    sockt.run("connect", "--limit-messages", "3", "localhost", "1").expect(2, b"", "--limit SIZE counts bytes")
    sockt.run("connect", "-u", "--limit-reads", "3", "localhost", "1").expect(2, b"", "--limit-messages N counts them")


def test_limit_of_reads(sockt, peers):
    """What has come is written, and the next is left where it is."""
    listening = peers.listen()
    process = sockt.start("connect", "--limit-reads", "2", "-v", "127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    sock.sendall(b"one")
    process.out.until(b"one")
    sock.sendall(b"two")
    process.finish().expect(0, b"onetwo", "ended: a limit of bytes or messages that was asked for is reached")


def test_limit_of_each_client(sockt, peers):
    process = sockt.listen("-k", "--limit", "3", "--recv-only")
    for number in range(2):
        sock = peers.connect(process.port)
        sock.sendall(b"%d23456" % number)
        process.out.until(3 * number + 3)
        peer_scripts.sees_reset(sock)
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"023123")


@pytest.mark.parametrize("size,said", [("0", "--limit"), ("5 k", "--limit"), ("-1", "--limit"), ("x", "--limit")])
def test_sizes_that_are_none(sockt, size, said):
    sockt.run("connect", "--limit", size, "localhost", "1").expect(2, b"", said)


# ---- Speed ----


def test_rate_of_what_is_sent(meet):
    process, sock = meet("connect", "--rate", "40k", "-v")
    process.feed(BLOCK[:20_000])
    assert peer_scripts.read_all(sock) == BLOCK[:20_000]
    sock.close()
    result = process.finish().expect(0)
    assert result.seconds >= 20_000 / 40960 - 0.05


def test_rate_of_what_arrives(meet):
    process, sock = meet("listen", "--rate", "40k")
    process.close_stdin()
    sock.sendall(BLOCK[:20_000])
    sock.shutdown(socket.SHUT_WR)
    result = process.finish().expect(0, BLOCK[:20_000])
    assert result.seconds >= 20_000 / 40960 - 0.05


def test_pause_behind_each_line(meet):
    process, sock = meet("connect", "--delay-lines", "100ms")
    process.feed(b"one\ntwo\nthree")
    began = time.monotonic()
    assert peer_scripts.read_exactly(sock, 4) == b"one\n"
    assert receive_all(sock) == b"two\nthree"
    assert time.monotonic() - began >= 0.15
    process.finish().expect(0, b"", b"")


def test_pause_behind_each_datagram(sockt):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        process = sockt.start("connect", "-u", "--datagram", "line", "--delay-lines", "100ms", "--send-only",
                              "127.0.0.1", server.getsockname()[1])
        process.feed(b"one\ntwo\nthree\n")
        assert [server.recv(100) for _ in range(3)] == [b"one\n", b"two\n", b"three\n"]
        assert process.finish().expect(0).seconds >= 0.2


# ---- Testing networks ----


@pytest.mark.smoke
def test_zeros_to_where_they_are_thrown_away(sockt):
    server = sockt.listen("--discard")
    server.close_stdin()
    client = sockt.start("connect", "--null", "--limit", "3M", "127.0.0.1", server.port, "--progress")
    result = client.finish().expect(0, b"", ["sockt: goodput with 127.0.0.1 port ", ": sent 3 MiB (",
                                             "; 100 % of 3 MiB\n"])
    assert re.search(rb"\(\d+(\.\d)? [kMG]bit/s\), received 0 B \(0 bit/s\) in ", result.err), result
    server.finish().expect(0, b"", ": sent 0 B (0 bit/s), received 3 MiB (")


def test_zeros_are_zeros(meet):
    process, sock = meet("listen", "--null", "--limit", "100000", "--quiet")
    assert receive_all(sock) == bytes(100_000)
    process.finish().expect(0, b"", b"")


@pytest.mark.parametrize("options", [[], ["-k"]])
def test_echo_gives_every_byte_back(sockt, peers, options):
    server = sockt.listen("--echo", *options)
    for _ in range(len(options) + 1):
        client = sockt.start("connect", "127.0.0.1", server.port)
        client.feed(BLOCK)
        client.finish().expect(0, BLOCK)
        server.err.until(b"goodput with 127.0.0.1")
    if options:
        server.signal(signal.SIGTERM)
    server.finish().expect(143 if options else 0, b"")


def test_echo_to_one_who_does_not_read_waits(sockt, peers):
    server = sockt.listen("--echo", "-k")
    sock = peers.connect(server.port)
    sent = peer_scripts.fill(sock)
    sock.setblocking(True)
    sock.shutdown(socket.SHUT_WR)
    assert len(peer_scripts.read_all(sock)) == sent


def test_echo_to_one_who_does_not_read_and_resets(sockt, peers):
    server = sockt.listen("--echo")
    sock = peers.connect(server.port)
    peer_scripts.fill(sock)
    peer_scripts.reset(sock)
    server.finish().expect(5, b"")


def test_echo_of_datagrams(sockt):
    server = sockt.listen("-u", "--echo")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", server.port))
        client.settimeout(20)
        for data in (b"one", b"", b"x" * 5000):
            client.send(data)
            assert client.recv(65536) == data


def test_echo_reads_no_input(sockt, peers):
    with open(sockt.workdir / "input", "w+b") as file:
        file.write(b"not sent")
        file.seek(0)
        server = sockt.listen("--echo", "-k", stdin=file)
        assert receive_all(peers.connect(server.port), b"hello") == b"hello"
        assert file.tell() == 0


def test_progress_of_a_file(sockt, peers):
    with open(sockt.workdir / "input", "w+b") as file:
        file.write(BLOCK)
        file.seek(0)
        listening = peers.listen()
        process = sockt.start("connect", "--progress", "127.0.0.1", listening.getsockname()[1], stdin=file)
        assert receive_all(peers.accept(listening)) == BLOCK
        result = process.finish().expect(0, b"")
    assert re.fullmatch(rb"sockt: sent \S+ MiB, received 0 B in [^,]+, \S+ [KMG]?i?B/s; 100 % of \S+ MiB\n", result.err)


@pytest.mark.waits
def test_progress_on_a_terminal_is_one_line(sockt, peers, terminal):
    listening = peers.listen()
    process = sockt.start("connect", "--progress", "--null", "--rate", "10k", "127.0.0.1",
                          listening.getsockname()[1], stderr=terminal.slave)
    sock = peers.accept(listening)
    terminal.screen.until(lambda data: re.search(rb"sockt: sent [^\n]+ in [^\n]+\r\x1b\[Ksockt: sent ", data))
    sock.close()
    process.wait()


def test_what_tests_a_network_is_no_crowd(sockt):
    for crowd in ("--broker", "--chat"):
        sockt.run("listen", crowd, "--echo", "127.0.0.1", "0").expect(2, b"", f"{crowd} and --echo contradict")


@pytest.mark.parametrize("options", [["--echo", "--null"], ["--echo", "--discard"], ["--null", "--recv-only"]])
def test_what_contradicts(sockt, options):
    sockt.run("connect", *options, "localhost", "1").expect(2, b"", "contradict")


# ---- TELNET and lines ----


@pytest.mark.parametrize("role", ROLES)
def test_telnet_is_refused_and_taken_out(meet, role):
    process, sock = meet(role, "-t", "-C", "-v")
    sock.sendall(b"log\xff\xfd\x18in: \xff\xfb\x01\xff\xfa\x18\x01\xff\xf0\xff\xff\xff\xf1\r\0!")
    assert peer_scripts.read_exactly(sock, 6) == b"\xff\xfc\x18\xff\xfe\x01"
    process.out.until(b"login: \xff\r!")
    process.feed(b"a\xffb\nc\rd\r")
    assert receive_all(sock) == b"a\xff\xffb\r\nc\r\0d\r\0"
    result = process.finish().expect(0, b"login: \xff\r!", [
        "telnet: the peer says DO TERMINAL-TYPE: refused with WONT",
        "telnet: the peer says WILL ECHO: refused with DONT",
        "telnet: the peer says SB TERMINAL-TYPE: passed over",
        "telnet: the peer says NOP: passed over",
        "sent 18 B, received 26 B"])
    assert b"\xff" not in result.err


@pytest.mark.parametrize("role", ROLES)
def test_telnet_that_interrupts_loses_no_data(meet, role):
    """Synch: DM is urgent, and would be taken out from behind its IAC by the kernel."""
    process, sock = meet(role, "-t", "-v")
    sock.sendall(b"a\xff")
    sock.send(b"\xf2", socket.MSG_OOB)
    sock.sendall(b"bc\xff\xfa\xff\xf0d\n")
    process.out.until(b"abcd\n")
    sock.close()
    process.close_stdin()
    process.finish().expect(0, b"abcd\n", ["telnet: the peer says DM: passed over",
                                              "telnet: the peer says SB without an option: passed over"])


def test_telnet_that_asks_and_does_not_read_is_not_read(sockt, peers):
    server = sockt.listen("-t", "--recv-only")
    sock = peers.connect(server.port)
    sock.setblocking(False)
    piece, count = b"\xff\xfd\x18" * 20_000, 0
    # The answers fill what the kernel holds, and ours is bounded: it stops.
    while True:
        try:
            count += sock.send(piece[count % 3:])
        except BlockingIOError:
            wait_idle(server.pid)
            try:
                count += sock.send(piece[count % 3:])
            except BlockingIOError:
                break
    assert count < 64 * MIB
    peer_scripts.reset(sock)
    server.finish().expect(5)


@pytest.mark.parametrize("option", ["--telnet", "--line"])
def test_what_is_for_streams_only(sockt, option):
    sockt.run("connect", "-u", option, "localhost", "1").expect(2, b"", f"{option}: udp keeps messages")


def test_whole_lines_are_sent(meet):
    process, sock = meet("connect", "--line", "-vv")
    process.write(b"one\ntwo")
    assert peer_scripts.read_exactly(sock, 4) == b"one\n"
    process.write(b" and more\nth")
    assert peer_scripts.read_exactly(sock, 13) == b"two and more\n"
    process.close_stdin()
    assert receive_all(sock) == b"th"
    process.finish().expect(0, b"", "sent 19 B")


def test_long_lines_and_a_slow_reader(meet):
    lines = b"x" * MIB + b"\n" + b"y" * (MIB + 1)
    process, sock = meet("connect", "--line")
    process.feed(lines)
    assert receive_all(sock) == lines
    process.finish().expect(0)


def test_lines_of_clients_are_never_mixed(sockt, peers):
    """Long lines in pieces, by turns; one client goes in the middle of a line."""
    server = sockt.listen("-k", "--line", "--recv-only")
    socks = [peers.connect(server.port) for _ in range(3)]
    want = []
    for turn in range(4):
        for sock, char in zip(socks, b"abc"):
            sock.sendall(bytes([char]) * 70_000 + (b"\n" if turn % 2 else b""))
    want = sorted(bytes([char]) * 140_000 for char in b"abc" for _ in range(2))
    server.out.until(3 * 2 * 140_001)
    last = peers.connect(server.port)
    last.sendall(b"not ended")
    last.close()
    server.out.until(b"not ended")
    socks[0].sendall(b"next\n")
    server.out.until(b"not ended\nnext\n")
    server.signal(signal.SIGTERM)
    lines = server.finish().expect(143).out.splitlines()
    assert sorted(lines[:6]) == want
    assert lines[6:] == [b"not ended", b"next"]
