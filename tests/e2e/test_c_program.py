# SPDX-License-Identifier: GPL-3.0-or-later
"""--trace c: the C program compiles without a warning and, with the same peer, does what the run did."""

import os
import signal
import socket
import stat
import subprocess
import threading

import pytest

import peers as peer_scripts
from facts import free_port, require_ipv6, require_tool, wait_for

EVERY_BYTE = bytes(range(256))
# What ends a comment or a literal early, joins an escape, or is a trigraph.
NASTY = b'"a"\\\n*/ /* ??/ ??= ??\' \x01f\x1bF \x009\r\n%s\t' + "grüße".encode()


def port_of(process):
    """The port that a program says it has."""
    line = process.err.until(b"\n").decode()
    return int(line.rsplit(" ", 1)[1])


class Seen:
    """A script for a server that keeps what each of its clients sent."""

    def __init__(self, talk):
        self.talk = talk
        self.data = []

    def __call__(self, sock):
        self.data.append(self.talk(sock))


def serve_turns(sock):
    """A line, an answer; then all to the end, and a late reply behind it."""
    first = peer_scripts.read_until(sock, b"\n")
    sock.sendall(EVERY_BYTE)
    rest = peer_scripts.read_all(sock)
    sock.sendall(b"late reply" + NASTY)
    return first, rest


@pytest.mark.parametrize("family, host", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_client(sockt, peers, again, family, host):
    if family == socket.AF_INET6:
        require_ipv6()
    seen = Seen(serve_turns)
    server = peers.server(seen, address=(host, 0), family=family)
    process = sockt.start("connect", "--trace", "c:client.c", host, server.port)
    process.write(NASTY.replace(b"\n", b"") + b"\n")
    process.out.until(EVERY_BYTE)
    process.write(EVERY_BYTE + NASTY)
    process.close_stdin()
    first = process.finish().expect(0)
    program = again("client")
    program.finish().expect(0, out=first.out)
    server.join()
    assert len(seen.data) == 2 and seen.data[0] == seen.data[1]


def talk_to_server(sock):
    """A request, the reply to it, and a half-close before the rest of it."""
    sock.sendall(b"request\n")
    reply = peer_scripts.read_exactly(sock, 6)
    sock.sendall(EVERY_BYTE)
    sock.shutdown(socket.SHUT_WR)
    return reply + peer_scripts.read_all(sock)


def test_server_on_the_port_that_was_asked_for(sockt, peers, again):
    process = sockt.listen("--trace", "c:server.c")
    answers = []
    sock = peers.connect(process.port)
    talker = threading.Thread(target=lambda: answers.append(talk_to_server(sock)))
    talker.start()
    process.out.until(b"request\n")
    process.write(b"reply\n")
    process.out.until(EVERY_BYTE)
    process.write(b"the rest")
    process.close_stdin()
    first = process.finish().expect(0)
    talker.join()
    program = again("server")
    port = port_of(program)
    assert port != process.port, "it is port 0 that was asked for"
    answers.append(talk_to_server(peers.connect(port)))
    program.finish().expect(0, out=first.out)
    assert answers[0] == answers[1] == b"reply\nthe rest"


@pytest.mark.parametrize("options", [(), ("--workers", "3")], ids=["one", "workers"])
def test_relay_makes_one_session(sockt, peers, again, tmp_path, options):
    """With workers too: of their sockets that share the port the program has one, and it is closed at the end."""
    seen = Seen(serve_turns)
    target = peers.server(seen)
    relay = sockt.relay(target.port, *options, "--trace", "c:relay.c")

    def talk(port):
        sock = peers.connect(port)
        sock.sendall(b"line\n")
        answer = peer_scripts.read_exactly(sock, 256)
        sock.sendall(EVERY_BYTE)
        sock.shutdown(socket.SHUT_WR)
        return answer + peer_scripts.read_all(sock)

    answers = [talk(relay.port), talk(relay.port)]
    relay.signal(signal.SIGTERM)
    relay.finish().expect(128 + signal.SIGTERM)
    program = again("relay")
    source = (tmp_path / "relay.c").read_text(encoding="utf-8")
    assert [source.count(f"if ({name}(") for name in ("bind", "listen", "getsockname")] == [1, 1, 1]
    assert source.count("= accept(") == 1 and "started with it" not in source
    answers.append(talk(port_of(program)))
    program.finish().expect(0, out=b"")
    assert answers[0] == answers[1] == answers[2]
    assert seen.data[0] == seen.data[2]


@pytest.mark.prompt
def test_udp(sockt, peers, again):
    """Both roles: a client that is answered, a server that answers the one who spoke."""
    server = peers.socket(kind=socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    process = sockt.start("connect", "-u", "-q", "100ms", "--trace", "c:client.c", "127.0.0.1", server.getsockname()[1])
    seen = []

    def serve():
        data, peer = server.recvfrom(2048)
        server.sendto(b"answer" + NASTY, peer)
        server.sendto(b"", peer)
        seen.append(data)

    process.write(EVERY_BYTE)
    serve()
    process.out.until(NASTY)
    process.close_stdin()
    first = process.finish().expect(0)
    program = again("client")
    serve()
    program.finish().expect(0, out=first.out)
    assert seen == [EVERY_BYTE] * 2

    process = sockt.listen("-u", "-i", "200ms", "--trace", "c:server.c")
    client = peers.socket(kind=socket.SOCK_DGRAM)

    def ask(port):
        client.sendto(b"one", ("127.0.0.1", port))
        client.sendto(b"two", ("127.0.0.1", port))

    ask(process.port)
    process.out.until(b"onetwo")
    process.write(b"answer")
    assert client.recv(2048) == b"answer"
    first = process.finish().expect(4)
    program = again("server")
    ask(port_of(program))
    assert client.recv(2048) == b"answer"
    program.finish().expect(0, out=first.out)


def is_listening(name):
    """Does a Unix socket of that name wait for connections (__SO_ACCEPTCON)?"""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as table:
        return any(line.rstrip("\n").endswith(" " + name) and line.split()[3] == "00010000" for line in table)


@pytest.mark.parametrize("kind", ["unix", "unix-seqpacket"])
@pytest.mark.parametrize("name", ['it"s??\\*na me', "@abstract"])
def test_unix_connections(sockt, again, tmp_path, kind, name):
    """Both roles at once: the program that serves and the one that asks."""
    name += f".{os.getpid()}" if name.startswith("@") else ""
    endpoint = f"{kind}:" + name.replace("\\", "\\\\").replace(",", "\\,")
    rights = () if name.startswith("@") else ("--mode", "0642", "--owner", f":{os.getegid()}")
    server = sockt.listen("--trace", "c:server.c", *rights, at=(endpoint,))
    server.close_stdin()
    client = sockt.run("connect", "--trace", "c:client.c", endpoint, input=NASTY).expect(0)
    server.finish().expect(0, out=NASTY)
    assert not (tmp_path / name).exists()
    program = again("server")
    wait_for(lambda: is_listening(name), "the program to listen")
    assert not rights or stat.S_IMODE((tmp_path / name).lstat().st_mode) == 0o642
    again("client").finish().expect(0, out=client.out)
    program.finish().expect(0, out=NASTY)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("has_stale", [False, True], ids=["new", "stale"])
def test_file_of_a_unix_socket_has_the_same_mode(sockt, again, tmp_path, has_stale):
    """Whatever umask says, only its owner can connect to the program, too."""
    path = tmp_path / "s"
    if has_stale:
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(path))
        stale.close()
    server = sockt.listen("--trace", "c:server.c", at=("unix:s",))
    server.close_stdin()
    sockt.run("connect", "unix:s", input=b"hello").expect(0)
    server.finish().expect(0, out=b"hello")
    source = (tmp_path / "server.c").read_text(encoding="utf-8")
    assert source.count("if (fchmod(listener, 0600) == -1)") == 1
    program = again("server", preexec_fn=lambda: os.umask(0))
    wait_for(lambda: is_listening("s"), "the program to listen")
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    sockt.run("connect", "unix:s", input=b"hello").expect(0)
    program.finish().expect(0, out=b"hello")


def test_unix_datagrams_and_a_stale_file(sockt, peers, again, tmp_path):
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stale.bind(str(tmp_path / "s"))
    stale.close()
    process = sockt.listen("-i", "200ms", "--trace", "c:server.c", at=("unix-dgram:s",))
    client = peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    client.bind("")
    client.sendto(NASTY, str(tmp_path / "s"))
    process.out.until(NASTY)
    process.write(b"answer")
    assert client.recv(100) == b"answer"
    process.finish().expect(4)
    source = (tmp_path / "server.c").read_text(encoding="utf-8")
    assert source.index('unlink("s")') < source.index("bind(sock"), source
    program = again("server")

    def send():
        try:
            client.sendto(NASTY, str(tmp_path / "s"))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    wait_for(send, "the program to be bound")
    assert client.recv(100) == b"answer"
    program.finish().expect(0, out=NASTY)


def test_refused(sockt, peers, again, tmp_path):
    port = peers.refused_port()
    sockt.run("connect", "--trace", "c:refused.c", "--retry", "2,10ms", "127.0.0.1", port).expect(1)
    again("refused").finish().expect(1, err=f"connect to 127.0.0.1:{port}: Connection refused")
    source = (tmp_path / "refused.c").read_text(encoding="utf-8")
    assert source.count("if (connect(") == 1 and "again and again" in " ".join(source.replace("*", " ").split()), source


def test_a_full_queue_is_waited_for(sockt, peers, again, trace, tmp_path):
    """connect() of a Unix socket that does not block is made again; one that blocks waits."""
    path = str(tmp_path / "full")
    listening = peers.listen(path, socket.AF_UNIX, backlog=0)
    peers.connect(path, socket.AF_UNIX)
    seen = trace(level=2)
    process = sockt.start("connect", "--trace", "c:client.c", *seen.options, "unix:full")
    wait_for(lambda: len(seen.events("connect")) > 2, "connect() to be made again")
    process.close_stdin()
    peers.accept(listening).close()
    peers.accept(listening).close()
    process.finish().expect(0)
    program = again("client")
    peers.accept(listening).close()
    program.finish().expect(0)


def test_datagrams_that_are_refused(sockt, peers, build, trace):
    """A relay goes on, and so does the program: it compiles, however many were."""
    seen = trace(level=2)
    process = sockt.relay(f"udp:127.0.0.1:{free_port()}", "--trace", "c:relay.c", *seen.options, at="udp:127.0.0.1:0")
    client = peers.udp()
    for count in (1, 2, 3):
        client.sendto(b"x", ("127.0.0.1", process.port))
        wait_for(lambda count=count: sum(event.get("errno") == "ECONNREFUSED"
                                         for event in seen.events("icmp")) >= count, "the refusal")
    process.signal(signal.SIGTERM)
    process.wait()
    build("relay")


def test_reset_is_met_again(sockt, peers, again):
    def script(sock):
        peer_scripts.read_until(sock, b"\n")
        peer_scripts.reset(sock)

    server = peers.server(script)
    process = sockt.start("connect", "--trace", "c:client.c", "127.0.0.1", server.port)
    process.write(b"go\n")
    process.finish().expect(5)
    again("client").finish().expect(1, err=b"Connection reset by peer")


def test_too_much_to_write_down(sockt, peers, build, tmp_path):
    """A megabyte each way, at the same time: the program takes its input, and is small."""
    data = os.urandom(1 << 20)
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", "--trace", "c:bulk.c", "127.0.0.1", server.port, input=data).expect(0, out=data)
    assert (tmp_path / "bulk.c").stat().st_size < 16384
    program = sockt.start_command([build("bulk")])
    program.feed(data)
    program.finish().expect(0, out=data)


def test_many_turns_are_folded(sockt, peers, build, tmp_path):
    server = peers.server(peer_scripts.echo)
    process = sockt.start("connect", "--trace", "c:turns.c", "127.0.0.1", server.port)
    for number in range(400):
        process.write(b"%d\n" % number)
        process.out.until(b"\n%d\n" % number if number > 0 else b"0\n")
    process.close_stdin()
    first = process.finish().expect(0)
    assert (tmp_path / "turns.c").stat().st_size < 16384
    program = sockt.start_command([build("turns")])
    program.feed(first.out)
    program.finish().expect(0, out=first.out)


def test_a_killed_run_leaves_a_whole_program(meet, again, sockt, peers, tmp_path):
    process, sock = meet("listen", "--trace", "c:killed.c")
    sock.sendall(b"before the end")
    process.out.until(b"before the end")
    wait_for(lambda: "14" in (tmp_path / "killed.c").read_text(encoding="utf-8").partition("accept(")[2],
             "the receive to be in the file")
    process.signal(signal.SIGKILL)
    process.wait()
    program = again("killed")
    peer = peers.connect(port_of(program))
    peer.sendall(b"before the end")
    program.finish().expect(0, out=b"before the end")


def head_of(path):
    """The comment at the top, as one line."""
    return " ".join(path.read_text(encoding="utf-8").partition("*/")[0].replace("*", " ").split())


def test_what_is_left_out_is_said(sockt, peers, build, netns, tmp_path):
    """Other senders of datagrams, what --fault did, and a name that leads nowhere."""
    process = sockt.listen("-k", "-u", "--trace", "c:crowd.c")
    for number in range(3):
        peer = peers.socket(kind=socket.SOCK_DGRAM)
        peer.sendto(b"%d" % number, ("127.0.0.1", process.port))
        process.out.until(b"%d" % number)
    process.signal(signal.SIGTERM)
    process.finish()
    build("crowd")
    assert "each with another sender of datagrams" in head_of(tmp_path / "crowd.c")

    target = peers.socket(kind=socket.SOCK_DGRAM)
    target.bind(("127.0.0.1", 0))
    relay = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "--trace", "c:relay.c", at="udp:127.0.0.1:0")
    for number in range(2):
        peers.socket(kind=socket.SOCK_DGRAM).sendto(b"%d" % number, ("127.0.0.1", relay.port))
        assert target.recv(9) == b"%d" % number
    relay.signal(signal.SIGTERM)
    relay.finish()
    build("relay")
    assert "each with another sender of datagrams" in head_of(tmp_path / "relay.c")

    server = peers.server(peer_scripts.echo)
    relay = sockt.relay(server.port, "--fault", "latency=1ms", "--trace", "c:fault.c")
    with peers.connect(relay.port) as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
    relay.signal(signal.SIGTERM)
    relay.finish()
    build("fault")
    head = head_of(tmp_path / "fault.c")
    assert "(--fault)" in head and "more than one session" not in head

    sockt.run("connect", "--trace", f"c:{tmp_path}/name.c", "no.such.host", "1", prefix=netns.prefix).expect(1)
    sockt.start_command([build("name")]).finish().expect(1)


def test_a_socket_that_was_there_is_not_taken_for_the_call_on_it(sockt, peers, build, tmp_path):
    listening = peers.listen()
    process = sockt.start("listen", "--trace", "c:inherited.c", f"fd:{listening.fileno()}",
                          pass_fds=(listening.fileno(),))
    process.close_stdin()
    peers.connect(listening.getsockname()[1]).close()
    process.finish().expect(0)
    build("inherited")
    source = (tmp_path / "inherited.c").read_text(encoding="utf-8")
    assert source.index("int inherited =") < source.index("accept() takes") < source.index("= accept(inherited")


def test_other_compilers_and_other_files(sockt, peers, build, tmp_path):
    server = peers.server(peer_scripts.reply(b"x"))
    reader, writer = os.pipe()
    process = sockt.start("connect", "--trace", "c:one.c", "--trace", f"c:fd:{writer},level=3", "127.0.0.1",
                          server.port, pass_fds=(writer,))
    os.close(writer)
    process.write(NASTY)
    process.close_stdin()
    with os.fdopen(reader, "rb") as pipe:
        (tmp_path / "two.c").write_bytes(pipe.read())
    process.finish().expect(0, out=b"x")
    build("one", "-Wall", "-Wextra", "-Werror", compiler="clang")
    program = build("two", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined")
    sockt.start_command([program]).finish().expect(0, out=b"x")
    result = sockt.run("connect", "--trace", "c", "127.0.0.1", server.port).expect(2)
    assert b"--trace c needs a file" in result.err
    result = sockt.run("connect", "--trace", "c:three.c,level=2", "127.0.0.1", server.port).expect(2)
    assert b"--trace c always has all data" in result.err
