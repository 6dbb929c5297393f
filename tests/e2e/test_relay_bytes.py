# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt relay --hex, --output and their like: what passes between clients and target, dumped and copied."""

import os
import random
import re
import signal
import socket
import threading
import time

import pytest

import peers as peer_scripts
import trace
from facts import DEADLINE, SCALE, wait_for

MIB = 1 << 20
BLOCK = random.Random(11).randbytes(3 * MIB // min(SCALE, 3))
ROW = re.compile(r"^(?:\[(\d+)\] )?([<>]) +\d+\.\d{3}  ([0-9a-f]{8})  ((?:[0-9a-f]{2} {1,2})+) *\|.*\|$")


def undump(text):
    """{(session, "<" or ">"): bytes} of a dump, whose offsets have to run on."""
    found = {}
    for line in text.splitlines():
        row = ROW.match(line)
        assert row, line
        data = found.setdefault((row.group(1) and int(row.group(1)), row.group(2)), bytearray())
        assert int(row.group(3), 16) == len(data), line
        data += bytes.fromhex(row.group(4))
    return {key: bytes(data) for key, data in found.items()}


def swap(question, answer):
    """A server that takes the question, and answers it."""
    def script(sock):
        assert peer_scripts.read_exactly(sock, len(question)) == question
        sock.sendall(answer)
    return script


def has(path, data):
    """Wait until the file has just that."""
    wait_for(lambda: path.stat().st_size >= len(data), f"{len(data)} bytes in {path.name}")
    assert path.read_bytes() == data


def ask(client, kind, port):
    """A proxy server is asked for 127.0.0.1:port, and says yes."""
    if kind == "http":
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: h\r\n\r\n" % port)
        answer = peer_scripts.read_until(client, b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
    else:
        client.sendall(b"\x05\x01\x00\x05\x01\x00\x01\x7f\0\0\1" + port.to_bytes(2, "big"))
        assert peer_scripts.read_exactly(client, 12)[:4] == b"\x05\x00\x05\x00"


def end(process, err=None):
    """SIGTERM, with --drain: it ends by itself."""
    process.signal(signal.SIGTERM)
    return process.finish().expect(0, b"", err)


@pytest.mark.smoke
@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_dump_and_copies_have_every_byte(sockt, peers, kind):
    """More than goes by splice(2), both ways."""
    question, answer = BLOCK[:300_007], BLOCK[-250_003:]
    path = str(sockt.workdir / "socket")
    server = peers.server(swap(question, answer))
    process = sockt.relay(server.port, "--hex-file", "hex", "-o", "both", "--output-in", "in", "--output-out", "out",
                          "--drain", "20s", at="tcp:127.0.0.1:0" if kind == "tcp" else f"unix:{path}")
    sock = peers.connect(process.port if kind == "tcp" else path)
    sock.sendall(question)
    assert peer_scripts.read_exactly(sock, len(answer)) == answer
    sock.close()
    end(process)
    assert undump((sockt.workdir / "hex").read_text()) == {(1, "<"): question, (1, ">"): answer}
    has(sockt.workdir / "both", question + answer)
    has(sockt.workdir / "in", question)
    has(sockt.workdir / "out", answer)


def test_rows_tell_sessions_apart(sockt, peers):
    process = sockt.relay(peers.server(peer_scripts.echo).port, "--hex", "--drain", "20s")
    for number in range(1, 4):
        sock = peers.connect(process.port)
        sock.sendall(b"client %d" % number)
        process.err.until(b"[%d] > " % number)
        sock.close()
    assert undump(end(process).err.decode()) == {
        (number, way): b"client %d" % number for number in (1, 2, 3) for way in "<>"}


@pytest.mark.parametrize("option, name", [("--output-in", b"question"), ("--output-out", b"answer")])
def test_one_direction_alone(sockt, peers, option, name):
    words = {b"question": BLOCK, b"answer": BLOCK[::-1]}
    process = sockt.relay(peers.server(swap(words[b"question"], words[b"answer"])).port, option, "copy")
    sock = peers.connect(process.port)
    sock.sendall(words[b"question"])
    assert peer_scripts.read_exactly(sock, len(BLOCK)) == words[b"answer"]
    has(sockt.workdir / "copy", words[name])


@pytest.mark.parametrize("kind", ["udp", "unix-dgram"])
def test_datagrams(sockt, peers, kind):
    """Of several clients, and empty ones; they stay as they are."""
    if kind == "udp":
        target = peers.udp()
        to, at = f"udp:127.0.0.1:{target.getsockname()[1]}", "udp:127.0.0.1:0"
    else:
        target = peers.udp(str(sockt.workdir / "to"), socket.AF_UNIX)
        to, at = f"unix-dgram:{sockt.workdir}/to", f"unix-dgram:{sockt.workdir}/from"
    process = sockt.relay(to, "--hex-file", "hex", "-o", "both", "--output-in", "in", at=at)
    want, asked, both = {}, b"", b""
    for number in (1, 2):
        if kind == "udp":
            sock = peers.udp()
            sock.connect(("127.0.0.1", process.port))
        else:
            sock = peers.udp(str(sockt.workdir / f"client{number}"), socket.AF_UNIX)
            sock.connect(str(sockt.workdir / "from"))
        for data in (b"one of %d" % number, b"", BLOCK[:60_000], b"three"):
            sock.send(data)
            got, asker = target.recvfrom(1 << 17)
            assert got == data
            target.sendto(data[::-1], asker)
            assert sock.recv(1 << 17) == data[::-1]
            want[number, "<"] = want.get((number, "<"), b"") + data
            want[number, ">"] = want.get((number, ">"), b"") + data[::-1]
            asked, both = asked + data, both + data + data[::-1]
    has(sockt.workdir / "both", both)
    has(sockt.workdir / "in", asked)
    process.signal(signal.SIGTERM)
    process.finish().expect(143)
    assert undump((sockt.workdir / "hex").read_text()) == want


def test_many_datagrams_at_once(sockt, peers):
    target = peers.udp()
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "-o", "both", at="udp:127.0.0.1:0")
    sock = peers.udp()
    sock.connect(("127.0.0.1", process.port))
    sent = [b"%03d " % number for number in range(100)]
    for data in sent:
        sock.send(data)
    assert [target.recv(100) for _ in sent] == sent
    has(sockt.workdir / "both", b"".join(sent))


def test_what_a_client_has_said_and_not_what_faults_made_of_it(sockt, peers):
    target = peers.udp()
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "-o", "both", "--fault", "up:loss=1",
                          at="udp:127.0.0.1:0")
    sock = peers.udp()
    sock.connect(("127.0.0.1", process.port))
    sock.send(b"lost")
    has(sockt.workdir / "both", b"lost")
    target.setblocking(False)
    with pytest.raises(BlockingIOError):
        target.recv(10)


def test_headers_of_the_proxy_protocol_are_not_in_it(sockt, peers):
    listening = peers.listen()
    process = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},proxy-protocol=v1", "-o", "both",
                          at="tcp:127.0.0.1:0,accept-proxy")
    header = b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n"
    peers.connect(process.port).sendall(header + b"hello")
    assert peer_scripts.read_exactly(peers.accept(listening), len(header) + 5) == header + b"hello"
    has(sockt.workdir / "both", b"hello")


def test_copy_is_continued(sockt, peers):
    port = peers.server(peer_scripts.echo).port
    for options, want in ((["--append"], b"oldone"), ([], b"one")):
        (sockt.workdir / "in").write_bytes(b"old")
        process = sockt.relay(port, *options, "--output-in", "in")
        peers.connect(process.port).sendall(b"one")
        has(sockt.workdir / "in", want)


def test_full_disk_stops_the_copy_and_no_session(sockt, peers):
    process = sockt.relay(peers.server(peer_scripts.echo).port, "-o", "/dev/full", "--drain", "20s")
    sock = peers.connect(process.port)
    for data in (b"one", b"two"):
        sock.sendall(data)
        assert peer_scripts.read_exactly(sock, 3) == data
        process.err.until(b"sockt: --output /dev/full: No space left on device (ENOSPC); the copy stops here\n")
    sock.close()
    process.signal(signal.SIGTERM)
    assert process.finish().expect(6, b"").err.count(b"ENOSPC") == 1


def read_slowly(fd, copied):
    """Read a pipe to its end, beside the test."""
    def read():
        with os.fdopen(fd, "rb") as pipe:
            copied.append(pipe.read())
    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def test_slow_reader_of_a_copy_gets_every_byte(sockt, peers):
    """A pipe that nobody reads holds the sessions; sides that are reset meanwhile leave nothing behind."""
    read_fd, write_fd = os.pipe()
    copied, listening = [], peers.listen()
    process = sockt.relay(listening.getsockname()[1], "-o", f"fd:{write_fd}", "--drain", "20s", pass_fds=[write_fd])
    os.close(write_fd)
    first, second, third = [(peers.connect(process.port), peers.accept(listening)) for _ in range(3)]
    count = peer_scripts.fill(first[0])
    for sock, _ in (second, third):
        sock.sendall(b"waits")
    peer_scripts.reset(second[0])
    assert peer_scripts.sees_reset(second[1])
    peer_scripts.reset(third[1])
    assert peer_scripts.sees_reset(third[0])
    thread = read_slowly(read_fd, copied)
    first[0].close()
    assert len(peer_scripts.read_all(first[1])) == count
    first[1].close()
    end(process)
    thread.join(DEADLINE)
    assert copied[0].startswith(b"ffff") and len(copied[0]) >= count


def test_reset_passes_through(sockt, peers):
    listening = peers.listen()
    process = sockt.relay(listening.getsockname()[1], "--hex", "-o", "both")
    client = peers.connect(process.port)
    target = peers.accept(listening)
    client.sendall(b"hello")
    assert peer_scripts.read_exactly(target, 5) == b"hello"
    peer_scripts.reset(client)
    assert peer_scripts.sees_reset(target)
    client = peers.connect(process.port)
    target = peers.accept(listening)
    target.sendall(b"answer")
    peer_scripts.reset(target)
    assert peer_scripts.read_to_reset(client) == b"answer"
    has(sockt.workdir / "both", b"helloanswer")


def test_own_ends_are_as_in_connect(sockt, peers):
    """What comes in is what TO says, and there is one session."""
    listening = peers.listen()
    process = sockt.start("relay", "--hex", "-", f"tcp:127.0.0.1:{listening.getsockname()[1]}")
    process.feed(b"question")
    sock = peers.accept(listening)
    assert peer_scripts.read_all(sock) == b"question"
    sock.sendall(b"answer")
    sock.close()
    result = process.finish().expect(0, b"answer")
    assert undump(result.err.decode()) == {(None, ">"): b"question", (None, "<"): b"answer"}


def test_two_ends_that_are_no_sockets(sockt):
    """The same, whichever of them is a program."""
    result = sockt.run("relay", "--hex", "--output-in", "in", "-", "exec:tr a-z A-Z", input=b"question")
    assert undump(result.expect(0, b"QUESTION").err.decode()) == {(None, ">"): b"question", (None, "<"): b"QUESTION"}
    has(sockt.workdir / "in", b"QUESTION")
    result = sockt.run("relay", "--hex", "--output-out", "out", "exec:echo hello", "file:log").expect(0, b"")
    assert undump(result.err.decode()) == {(None, ">"): b"hello\n"}
    has(sockt.workdir / "log", b"hello\n")
    has(sockt.workdir / "out", b"hello\n")


def test_programs_and_files_as_targets(sockt, peers):
    process = sockt.relay("exec:tr a-z A-Z", "--hex", "--drain", "20s")
    sock = peers.connect(process.port)
    sock.sendall(b"question")
    sock.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(sock) == b"QUESTION"
    assert undump(end(process).err.decode()) == {(1, "<"): b"question", (1, ">"): b"QUESTION"}
    process = sockt.relay("file:log", "--hex", "--drain", "20s")
    sock = peers.connect(process.port)
    sock.sendall(b"question")
    sock.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(sock) == b""
    assert undump(end(process).err.decode()) == {(1, "<"): b"question"}


@pytest.mark.parametrize("option", [("--hex",), ("--hex-file", "f"), ("-o", "f"), ("--output-in", "f"),
                                    ("--output-out", "f")])
def test_workers_see_what_passes_through_them_only(sockt, option):
    name = {"-o": "--output"}.get(option[0], option[0])
    sockt.run("relay", "--workers", "2", *option, "0", "1").expect(2, b"", f"--workers and {name} contradict")


def test_files_that_cannot_be(sockt):
    sockt.run("relay", "-o", "none/file", "0", "1").expect(6, b"", "--output none/file: No such file")
    sockt.run("relay", "-o", "f", "--hex-file", "f", "0", "1").expect(6, b"", "--output f: this run")
    sockt.run("relay", "--append", "0", "1").expect(2, b"", "--append keeps")


# ---- --progress ----


@pytest.mark.parametrize("crew", [(), ("--workers", "2")], ids=["alone", "workers"])
def test_progress_tells_of_all_sessions_at_the_end(sockt, peers, crew):
    server = peers.server(swap(b"question", BLOCK[:3072]))
    process = sockt.relay(server.port, "--progress", "--drain", "20s", *crew)
    for _ in range(3):
        with peers.connect(process.port) as client:
            client.sendall(b"question")
            assert peer_scripts.read_exactly(client, 3072) == BLOCK[:3072]
    result = end(process)
    assert re.fullmatch(rb"sockt: up 24 B, down 9216 B in [^,]+, \S+ \S*B/s; sessions: 3\n", result.err), result.err


def test_progress_without_a_client_says_nothing(sockt, peers):
    process = sockt.relay(peers.refused_port(), "--progress", "--drain", "20s")
    assert end(process).err == b""


@pytest.mark.parametrize("crew", [(), ("--workers", "2")], ids=["alone", "workers"])
def test_progress_on_a_terminal_is_kept_up_to_date(sockt, peers, terminal, crew):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "--progress", *crew, stderr=terminal.slave)
    client = peers.connect(process.port)
    client.sendall(b"hello")
    assert peer_scripts.read_exactly(client, 5) == b"hello"
    terminal.screen.until(lambda data: re.search(rb"sockt: up 5 B, down 5 B in [^\n]+; sessions: 1, open: 1", data))
    client.close()
    terminal.screen.until(lambda data: re.search(rb"\r\x1b\[Ksockt: up 5 B[^\n]+; sessions: 1, open: 0", data))
    process.kill()


def test_progress_of_a_file_that_is_relayed(sockt, peers):
    (sockt.workdir / "file").write_bytes(BLOCK[:4096])
    listening = peers.listen()
    process = sockt.start("relay", "--progress", "file:file", f"127.0.0.1:{listening.getsockname()[1]}")
    sock = peers.accept(listening)
    assert peer_scripts.read_all(sock) == BLOCK[:4096]
    sock.close()
    assert b"; 100 % of 4096 B\n" in process.finish().expect(0, b"").err


def test_progress_and_statistics_share_a_line(sockt):
    sockt.run("relay", "--progress", "--stats", "1s", "0", "1").expect(2, b"", "--progress and --stats contradict")


# ---- What is done to the bytes, as connect does it ----


@pytest.mark.parametrize("crew", [(), ("--workers", "2")], ids=["alone", "workers"])
@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_lines_to_the_target_end_with_crlf(sockt, peers, kind, crew):
    """Those from it are not changed; and what is counted, dumped and copied is what the client has said."""
    path = str(sockt.workdir / "socket")
    server = peers.server(swap(b"one\r\ntwo\r\nthree", b"four\nfive\r\n"),
                          **({} if kind == "tcp" else {"address": path, "family": socket.AF_UNIX}))
    to = server.port if kind == "tcp" else f"unix:{path}"
    process = sockt.relay(to, "-C", *crew, *(() if crew else ("-o", "both")))
    client = peers.connect(process.port)
    client.sendall(b"one\ntwo\r")
    client.sendall(b"\nthree")
    assert peer_scripts.read_exactly(client, 11) == b"four\nfive\r\n"
    client.close()
    if not crew:
        has(sockt.workdir / "both", b"one\ntwo\r\nthree" b"four\nfive\r\n")


def test_telnet_of_the_target_is_refused(sockt, peers):
    """The client hears nothing of it."""
    def script(sock):
        sock.sendall(b"log\xff\xfd\x18\xff")
        sock.send(b"\xf2", socket.MSG_OOB)
        sock.sendall(b"in: ")
        assert peer_scripts.read_exactly(sock, 8) == b"\xff\xfc\x18a\xff\xffb\r"
        sock.sendall(b"done")
        peer_scripts.read_all(sock)
    process = sockt.relay(peers.server(script).port, "-t", "-v")
    client = peers.connect(process.port)
    assert peer_scripts.read_exactly(client, 7) == b"login: "
    client.sendall(b"a\xffb\r\n")
    assert peer_scripts.read_exactly(client, 4) == b"done"
    client.close()
    process.err.until(b"telnet: the peer says DO TERMINAL-TYPE: refused with WONT")
    process.err.until(b"sent 9 B, received 16 B")


@pytest.mark.waits
@pytest.mark.parametrize("options, at_least", [(("--rate", "200k"), 0.9), (("--delay-lines", "300ms"), 0.8)],
                         ids=["rate", "lines"])
def test_it_takes_its_time(sockt, peers, options, at_least):
    question, answer = (BLOCK[:200_000], BLOCK[:200_000]) if "--rate" in options else (b"1\n2\n3\n4\n", b"5\n6\n")
    process = sockt.relay(peers.server(swap(question, answer)).port, *options)
    client = peers.connect(process.port)
    start = time.monotonic()
    client.sendall(question)
    assert peer_scripts.read_exactly(client, len(answer)) == answer
    assert time.monotonic() - start >= at_least


def test_no_more_than_the_limit_is_sent(sockt, peers):
    """The target sees an end behind it, and what it says to that arrives: not a reset, though the client said more."""
    def script(sock):
        data = peer_scripts.read_all(sock)
        sock.sendall(b"got %d" % len(data))
    process = sockt.relay(peers.server(script).port, "--limit", "100k", "-v")
    client = peers.connect(process.port)
    client.sendall(BLOCK[:150_000])
    assert peer_scripts.read_all(client) == b"got 102400"
    client.sendall(b"and more")
    client.close()
    process.err.until(b"a limit of bytes or messages that was asked for is reached")


@pytest.mark.parametrize("kind", ["relay", "workers", "http", "socks5"])
def test_the_limit_is_no_end_of_the_client(sockt, peers, tmp_path, kind):
    """Both connections are ended here, each by one call; trace, explanation and summary say so."""
    target = peers.server(peer_scripts.read_all).port
    options = "--limit", "10", "-vv", "--explain", "--trace", f"json:{tmp_path}/trace"
    if kind in ("relay", "workers"):
        process = sockt.relay(target, *options, *(("--workers", "1") if kind == "workers" else ()))
        client = peers.connect(process.port)
    else:
        process = sockt.listen("--proxy-server", kind, *options)
        client = peers.connect(process.port)
        ask(client, kind, target)
    client.sendall(b"hello hello hello\n")
    assert peer_scripts.read_all(client) == b""
    client.close()
    process.err.until(b"a limit of bytes or messages that was asked for is reached")
    process.signal(signal.SIGTERM)
    err = process.finish().err
    told = trace.load(tmp_path / "trace")
    assert [(step["side"], step["error"] if "error" in step else None) for step in told.steps("shutdown")] == [
        ("client", None), ("server", None)]
    assert {end["side"]: end["closed_first"] for end in told.ends()} == {"client": "local", "server": "local"}
    assert b"The limit is reached" in err and b"The relay ends this connection" in err
    assert b"has ended its direction, and the relay passes" not in err and b"the peer closed first" not in err


def test_the_client_ends_first_although_there_is_a_limit(sockt, peers, tmp_path):
    """The target's connection is ended here, by the limit; that of the client by the client, before the target has."""
    ended = threading.Event()

    def script(sock):
        peer_scripts.read_all(sock)
        ended.wait(DEADLINE)
    process = sockt.relay(peers.server(script).port, "--limit", "10", "-vv", "--trace", f"json:{tmp_path}/trace")
    client = peers.connect(process.port)
    client.sendall(b"hello hello hello\n")
    wait_for(lambda: b'"step":"shutdown"' in (tmp_path / "trace").read_bytes(), "the limit")
    client.shutdown(socket.SHUT_WR)
    wait_for(lambda: b"CLOSE_WAIT" in (tmp_path / "trace").read_bytes(), "the end of the client")
    ended.set()
    assert peer_scripts.read_all(client) == b""
    client.close()
    process.err.until(b"a limit of bytes or messages that was asked for is reached")
    process.signal(signal.SIGTERM)
    process.finish()
    told = trace.load(tmp_path / "trace")
    assert {end["side"]: end["closed_first"] for end in told.ends()} == {"client": "local", "server": "remote"}


def test_both_end_once_so_much_has_arrived(sockt, peers):
    def script(sock):
        try:
            sock.sendall(BLOCK[:200_000])
            peer_scripts.read_all(sock)
        except OSError:
            pass
    process = sockt.relay(peers.server(script).port, "--limit", "100k", "-v")
    client = peers.connect(process.port)
    assert peer_scripts.read_all(client) == BLOCK[:102_400]
    client.close()
    process.err.until(b"a limit of bytes or messages that was asked for is reached")


def test_a_program_as_the_target_is_limited_too(sockt, peers):
    process = sockt.relay("exec:cat /dev/zero", "--limit", "100k", "--drain", "20s")
    client = peers.connect(process.port)
    assert peer_scripts.read_all(client) == bytes(102_400)
    client.close()
    end(process)


def test_a_proxy_header_is_no_line(sockt, peers):
    """Nothing is done to it: neither is it counted, nor does it get other line ends."""
    process = sockt.relay(f"127.0.0.1:{peers.server(peer_scripts.echo).port},proxy-protocol=v1", "-C", "--limit", "4")
    client = peers.connect(process.port)
    client.sendall(b"a\nb\n")
    header = b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n" % (client.getsockname()[1], process.port)
    assert peer_scripts.read_all(client) == header[:4]


def test_a_limit_of_datagrams(sockt, peers):
    target = peers.udp()
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "--limit", "5", "-v", at="udp:127.0.0.1:0")
    client = peers.udp()
    for data in (b"1234", b"5678", b"9"):
        client.sendto(data, ("127.0.0.1", process.port))
    target.settimeout(20)
    data, address = target.recvfrom(10)
    assert [data, target.recv(10)] == [b"1234", b"5678"]
    target.sendto(b"123456", address)
    client.settimeout(20)
    assert client.recv(10) == b"123456"
    process.err.until(b"a limit of bytes or messages that was asked for is reached")


def test_datagrams_are_paced(sockt, peers):
    target = peers.udp()
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "--delay-lines", "100ms", at="udp:127.0.0.1:0")
    client = peers.udp()
    start = time.monotonic()
    for number in range(3):
        client.sendto(b"%d" % number, ("127.0.0.1", process.port))
    target.settimeout(20)
    assert [target.recv(10) for _ in range(3)] == [b"0", b"1", b"2"]
    assert time.monotonic() - start >= 0.2


def test_one_who_does_not_read_is_left_behind_a_limit(sockt, peers):
    """A reset in the middle of what is paced leaves nothing behind that comes later."""
    process = sockt.relay(peers.server(peer_scripts.echo).port, "--rate", "5k", "-C", "--drain", "20s")
    for _ in range(5):
        client = peers.connect(process.port)
        client.sendall(b"line\n" * 2000)
        peer_scripts.reset(client)
    end(process)
