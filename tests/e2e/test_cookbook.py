# SPDX-License-Identifier: GPL-3.0-or-later
"""
sockt-cookbook(7): every line of sockt in it does what its task says. With SOCKT_LONG=true those of nc, ncat and socat
are played too, where a play knows how they end.
"""

import os
import re
import socket
import subprocess

import pytest

import peers as peer_scripts
from cookbook import PAGE, TOOLS, Kitchen, is_bound, read_tasks
from facts import free_port, require, require_tool, wait_for
from proxies import Http, Socks5
from runner import BINARY
from terminal import Terminal

TEXT = PAGE.read_text(encoding="utf-8")
TASKS = read_tasks(TEXT)
PLAYS = {}
DATA = bytes(range(256)) * 300


def play(name, *tools):
    """A function that plays a task, and which other tools it can play."""
    def register(function):
        PLAYS[name] = (function, tools)
        return function
    return register


class Stage:
    """What a play has at hand."""

    def __init__(self, kitchen, peers, tool, net):
        self.kitchen, self.peers, self.tool, self.net = kitchen, peers, tool, net

    def server(self, script, shown="9000"):
        """A server of the test's own at a port that is shown."""
        server = self.peers.server(script)
        self.kitchen.ports[shown] = server.port
        return server

    def connect(self, shown="9000"):
        return self.peers.connect(self.kitchen.port(shown))

    def ask(self, data, shown="9000"):
        """What a server answers to data and an end."""
        sock = self.connect(shown)
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return peer_scripts.read_all(sock)


# ---- Talking ---------------------------------------------------------------------------------------------------------


@play("talk", *TOOLS)
def play_talk(stage):
    stage.server(peer_scripts.echo)
    process = stage.kitchen.start()
    process.write(b"hello\n")
    process.out.until(b"hello\n")


@play("wait", *TOOLS)
def play_wait(stage):
    process = stage.kitchen.serve()
    sock = stage.connect()
    sock.sendall(b"who\n")
    process.out.until(b"who\n")
    process.write(b"me\n")
    assert peer_scripts.read_exactly(sock, 3) == b"me\n"


@play("ask", *TOOLS)
def play_ask(stage):
    stage.kitchen.write("question", DATA)
    stage.server(peer_scripts.reply(b"the answer"))
    stage.kitchen.run().expect(0, b"")
    assert stage.kitchen.read("answer") == b"the answer"


@play("no-shutdown", *TOOLS)
def play_no_shutdown(stage):
    def script(sock):
        assert peer_scripts.read_exactly(sock, 9) == b"question\n"
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):  # no end has come with it
            sock.recv(1)
        sock.setblocking(True)
        sock.sendall(b"answer\n")
    stage.kitchen.write("question", b"question\n")
    server = stage.server(script)
    stage.kitchen.run().expect(0, b"")
    server.join()
    assert stage.kitchen.read("answer") == b"answer\n"


@play("times", "nc", "socat")
def play_times(stage):
    stage.server(peer_scripts.greet(b"hello\n"))
    assert stage.kitchen.run().out == b"hello\n"


@play("crlf", *TOOLS)
def play_crlf(stage):
    stage.kitchen.write("lines", b"one\ntwo\n")
    got = []
    stage.server(lambda sock: got.append(peer_scripts.read_until(sock, b"two\r\n")))
    stage.kitchen.run()
    wait_for(lambda: got, "the server to have read all")
    assert got == [b"one\r\ntwo\r\n"]


@play("telnet", "nc", "ncat")
def play_telnet(stage):
    def script(sock):
        sock.sendall(b"\xff\xfd\x18login: ")
        assert peer_scripts.read_exactly(sock, 3) == b"\xff\xfc\x18"
    server = stage.server(script)
    process = stage.kitchen.start()
    process.out.until(b"login: ")
    server.join()


@play("recv-only", *TOOLS)
def play_recv_only(stage):
    stage.server(peer_scripts.greet(b"hello\n"))
    process = stage.kitchen.start()  # its standard input stays open
    assert process.finish().out == b"hello\n"


@play("source", *TOOLS)
def play_source(stage):
    seen = []
    server = stage.server(lambda sock: seen.append(sock.getpeername()))
    stage.kitchen.run()
    wait_for(lambda: server.threads, "a client")
    server.join()
    assert seen == [("127.0.0.1", stage.kitchen.port("9001"))]


@play("family", *TOOLS)
def play_family(stage):
    stage.server(peer_scripts.greet(b"hello\n"))
    assert stage.kitchen.run().out == b"hello\n"


@play("delay")
def play_delay(stage):
    stage.kitchen.lines = [stage.kitchen.lines[0].replace("--delay-lines 1 ", "--delay-lines 10ms ")]
    stage.kitchen.write("lines", b"one\ntwo\n")
    got = []
    stage.server(lambda sock: got.append(peer_scripts.read_all(sock)))
    assert stage.kitchen.run().expect(0).seconds > 0.01
    wait_for(lambda: got, "the server to have read all")
    assert got == [b"one\ntwo\n"]


# ---- Files and data --------------------------------------------------------------------------------------------------


def play_transfer(stage, server, client):
    receiver = stage.kitchen.serve(server)
    receiver.close_stdin()
    stage.kitchen.run(client).expect(0)
    assert receiver.finish().status == 0


@play("file", *TOOLS)
def play_file(stage):
    stage.kitchen.write("file", DATA)
    play_transfer(stage, 0, 1)
    assert stage.kitchen.read("copy") == DATA


@play("give", *TOOLS)
def play_give(stage):
    stage.kitchen.write("file", DATA)
    play_transfer(stage, 0, 1)
    assert stage.kitchen.read("copy") == DATA


@play("directory", *TOOLS)
def play_directory(stage):
    there = stage.kitchen.dir / "there"
    there.mkdir()
    (stage.kitchen.dir / "directory").mkdir()
    stage.kitchen.write("directory/a", DATA)
    receiver = stage.kitchen.serve(cwd=there)
    receiver.close_stdin()
    stage.kitchen.run(1).expect(0)
    receiver.finish().expect(0)
    assert (there / "directory" / "a").read_bytes() == DATA


@play("progress")
def play_progress(stage):
    stage.kitchen.write("file", DATA)
    got = []
    stage.server(lambda sock: got.append(peer_scripts.read_all(sock)))
    stage.kitchen.run().expect(0, b"", err="75 KiB")
    wait_for(lambda: got, "the server to have read all")
    assert got == [DATA]


@play("limit", "socat")
def play_limit(stage):
    def script(sock):
        try:
            sock.sendall(DATA)
            peer_scripts.read_all(sock)
        except OSError:
            pass
    stage.server(script)
    stage.kitchen.run().expect(0, DATA[:1024])


@play("measure", *TOOLS)
def play_measure(stage):
    stage.kitchen.lines = [line.replace("100M", "10M") for line in stage.kitchen.lines]
    receiver = stage.kitchen.serve()
    receiver.close_stdin()
    sent = stage.kitchen.run(1).expect(0)
    got = receiver.finish().expect(0)
    if stage.tool == "sockt":
        assert b"10 MiB" in sent.err and b"10 MiB" in got.err, (sent, got)


# ---- Servers ---------------------------------------------------------------------------------------------------------


@play("many", "ncat", "socat")
def play_many(stage):
    process = stage.kitchen.serve()
    first, second = stage.connect(), stage.connect()
    first.sendall(b"one\n")
    process.out.until(b"one\n")
    second.sendall(b"two\n")
    seen = process.out.until(b"two\n")
    if stage.tool == "sockt":
        assert sorted(seen.splitlines()) == [b"[1] one", b"[2] two"]


@play("echo", "ncat", "socat")
def play_echo(stage):
    stage.kitchen.serve()
    for _ in range(2):
        sock = stage.connect()
        sock.sendall(b"hello\n")
        assert peer_scripts.read_exactly(sock, 6) == b"hello\n"


@play("program", "socat")
def play_program(stage):
    stage.kitchen.serve()
    assert [stage.ask(b"10\n9\n"), stage.ask(b"2\n1\n")] == [b"9\n10\n", b"1\n2\n"]


@play("shell", "socat")
def play_shell(stage):
    require_tool("rev")
    stage.kitchen.serve()
    assert stage.ask(b"abc\n") == b"CBA\n"


@play("pty", "socat")
def play_pty(stage):
    stage.kitchen.serve()
    assert stage.ask(b"").startswith(b"/dev/pts/")


@play("terminal", "socat")
def play_terminal(stage):
    stage.kitchen.serve()
    terminal = Terminal()
    process = stage.kitchen.start(1, stdin=terminal.slave, stdout=terminal.slave, stderr=terminal.slave,
                                  **terminal.popen())
    terminal.screen.until(lambda data: data.rstrip().endswith((b"$", b"#")))
    # What says 42 is in the foreground by then; a shell that is about to start the sleep is not.
    terminal.type("sh -c 'echo $((6*7)); exec sleep 100'\r")
    terminal.screen.until(b"\n42")
    terminal.type("\x03")  # goes to the sleep there, not to what runs here
    terminal.screen.until(lambda data: data.split(b"^C")[-1].rstrip().endswith((b"$", b"#")))
    terminal.type("exit\r")
    assert process.finish().status == 0
    terminal.close()


@play("page", "nc", "socat")
def play_page(stage):
    stage.kitchen.write("page", b"<p>hello</p>\n")
    stage.kitchen.serve(shown="8080")
    answer = stage.ask(b"GET / HTTP/1.0\r\n\r\n", shown="8080")
    assert answer.endswith(b"<p>hello</p>\n")
    assert stage.tool != "sockt" or answer.startswith(b"HTTP/1.1 200 OK\r\n")


@play("allow", "ncat", "socat")
def play_allow(stage):
    process = stage.kitchen.serve()
    stage.connect().sendall(b"hello\n")
    process.out.until(b"hello\n")


@play("max", "ncat", "socat")
def play_max(stage):
    process = stage.kitchen.serve()
    kept = [stage.connect() for _ in range(3)]
    for sock in kept:
        sock.sendall(b"hello\n")
    process.out.until(lambda data: data.count(b"hello\n") == 3)
    if stage.tool == "sockt":
        assert peer_scripts.sees_reset(stage.connect())


@play("broker", "ncat")
def play_broker(stage):
    stage.kitchen.serve()
    first, second = stage.connect(), stage.connect()
    second.sendall(b"I am here\n")
    assert peer_scripts.read_exactly(first, 10) == b"I am here\n"
    first.sendall(b"so am I\n")
    assert peer_scripts.read_exactly(second, 8) == b"so am I\n"


@play("chat", "ncat")
def play_chat(stage):
    stage.kitchen.serve()
    first = stage.connect()
    if stage.tool == "sockt":
        peer_scripts.read_until(first, b"\n")
    second = stage.connect()
    second.sendall(b"I am here\n")
    assert b"I am here\n" in peer_scripts.read_until(first, b"here\n")


@play("several")
def play_several(stage):
    process = stage.kitchen.serve(path="app.sock")
    stage.connect("9000").sendall(b"one\n")
    stage.connect("9001").sendall(b"two\n")
    stage.peers.connect(str(stage.kitchen.dir / stage.kitchen.socket("app.sock"))).sendall(b"three\n")
    process.out.until(lambda data: sorted(line[4:] for line in data.splitlines()) == [b"one", b"three", b"two"])


@play("user")
def play_user(stage):
    require(os.geteuid() == 0, "only root may become another user")
    # The checker for leaks stops its own process by ptrace(2), which one that has changed its user forbids.
    options = stage.kitchen.sockt.environment.get("ASAN_OPTIONS", "")
    stage.kitchen.environment["ASAN_OPTIONS"] = options.replace("detect_leaks=1", "detect_leaks=0")
    process = stage.kitchen.serve()
    stage.connect().sendall(b"hello\n")
    process.out.until(b"hello\n")


@play("ready")
def play_ready(stage):
    process = stage.kitchen.start()
    name = stage.kitchen.dir / "ready"
    wait_for(lambda: name.exists() and name.read_text().endswith("\n"), "a port to be told")
    match = re.fullmatch(r"tcp 127\.0\.0\.1:(\d+)\n", name.read_text())
    stage.peers.connect(int(match.group(1))).sendall(b"hello\n")
    process.out.until(b"hello\n")


@play("inherited", "socat")
def play_inherited(stage):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stage.kitchen.lines = [f"{stage.kitchen.lines[0]} 3<&0 < /dev/null"]
        process = stage.kitchen.start(stdin=theirs.fileno())
        ours.sendall(b"hello\n")
        process.out.until(b"hello\n")


# ---- Datagrams -------------------------------------------------------------------------------------------------------


def udp_server(stage, shown="9000"):
    server = stage.peers.udp()
    stage.kitchen.ports[shown] = server.getsockname()[1]
    return server


@play("udp", *TOOLS)
def play_udp(stage):
    server = udp_server(stage)
    process = stage.kitchen.start()
    data, client = server.recvfrom(100)
    assert data == b"ping\n"
    server.sendto(b"pong\n", client)
    assert process.finish().out == b"pong\n"


@play("udp-listen", *TOOLS)
def play_udp_listen(stage):
    process = stage.kitchen.serve()
    stage.peers.udp().sendto(b"hello\n", ("127.0.0.1", stage.kitchen.port("9000")))
    process.out.until(b"hello\n")


@play("udp-lines")
def play_udp_lines(stage):
    stage.kitchen.write("lines", b"one\ntwo\n")
    server = udp_server(stage)
    process = stage.kitchen.start()
    assert [server.recv(100), server.recv(100)] == [b"one\n", b"two\n"]
    process.finish().expect(0)


@play("broadcast", "nc", "socat")
def play_broadcast(stage):
    net = stage.net("dev lo broadcast 255.255.255.255".split())
    server = stage.peers.keep(net.socket(socket.AF_INET, socket.SOCK_DGRAM))
    server.settimeout(20)
    server.bind(("", 9000))
    stage.kitchen.ports["9000"] = 9000
    stage.kitchen.start()
    assert server.recv(100) == b"hello\n"


@play("multicast", "socat")
def play_multicast(stage):
    stage.net(["239.0.0.0/8"])
    stage.kitchen.ports["9000"] = 9000
    process = stage.kitchen.start()
    wait_for(lambda: is_bound(9000, stage.net().pid), "the receiver")
    stage.kitchen.start(1)
    process.out.until(b"hello\n")


# ---- Unix sockets ----------------------------------------------------------------------------------------------------


@play("unix", *TOOLS)
def play_unix(stage):
    server = stage.kitchen.serve(path="app.sock")
    client = stage.kitchen.start(1)
    client.write(b"hello\n")
    server.out.until(b"hello\n")
    server.write(b"you\n")
    client.out.until(b"you\n")


@play("unix-group", "socat")
def play_unix_group(stage):
    require(os.geteuid() == 0, "only root may name any group")
    stage.kitchen.serve(path="app.sock")
    path = stage.kitchen.dir / stage.kitchen.socket("app.sock")
    wait_for(lambda: (path.stat().st_mode & 0o777, path.group()) == (0o660, "adm"), "mode and group")


@play("abstract", "nc", "socat")
def play_abstract(stage):
    name = f"app{os.getpid()}"
    stage.kitchen.lines = [re.sub(r"\bapp\b", name, line) for line in stage.kitchen.lines]
    server = stage.kitchen.start()
    wait_for(lambda: f"@{name}" in open("/proc/net/unix", encoding="ascii", errors="replace").read(), "a listener")
    client = stage.kitchen.start(1)
    client.write(b"hello\n")
    server.out.until(b"hello\n")


@play("unix-messages", "nc", "socat")
def play_unix_messages(stage):
    process = stage.kitchen.serve(path="app.sock")
    sock = stage.peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.sendto(b"hello\n", str(stage.kitchen.dir / stage.kitchen.socket("app.sock")))
    process.out.until(b"hello\n")
    if stage.tool == "sockt":
        process = stage.kitchen.serve(1, path="other.sock")
        other = str(stage.kitchen.dir / stage.kitchen.socket("other.sock"))
        stage.peers.connect(other, kind=socket.SOCK_SEQPACKET).send(b"you\n")
        process.out.until(b"you\n")


class Line:
    """A terminal, read as a socket is."""

    def __init__(self, file):
        self.recv = file.read


# ---- Relays ----------------------------------------------------------------------------------------------------------


@play("forward", *TOOLS)
def play_forward(stage):
    stage.server(peer_scripts.echo, "8080")
    stage.kitchen.serve()
    sock = stage.connect()
    sock.sendall(b"hello")
    assert peer_scripts.read_exactly(sock, 5) == b"hello"
    if stage.tool == "sockt":
        sock.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(sock) == b""


@play("unix-to-tcp", "socat")
def play_unix_to_tcp(stage):
    stage.server(peer_scripts.reply(b"from behind"))
    stage.kitchen.serve(path="app.sock")
    stage.kitchen.serve(1, shown="9001")
    assert stage.ask(b"hello", "9001") == b"from behind"


@play("udp-relay", "socat")
def play_udp_relay(stage):
    server = udp_server(stage, "9001")
    stage.kitchen.serve()
    client = stage.peers.udp()
    client.sendto(b"ping", ("127.0.0.1", stage.kitchen.port("9000")))
    data, relay = server.recvfrom(100)
    server.sendto(b"pong", relay)
    assert (data, client.recv(100)) == (b"ping", b"pong")


@play("drive", "socat")
def play_drive(stage):
    def script(sock):
        sock.sendall(b"hello\n")
        sock.shutdown(socket.SHUT_WR)
        got.append(peer_scripts.read_all(sock))
    got = []
    stage.server(script)
    stage.kitchen.run().expect(0)
    wait_for(lambda: got, "the server to have read all")
    assert got == [b"HELLO\n"]


@play("joined", "socat")
def play_joined(stage):
    stage.kitchen.run().expect(0)
    wait_for(lambda: stage.kitchen.read("file") == b"3\n2\n1\n", "the second program")


@play("copy", "socat")
def play_copy(stage):
    stage.kitchen.write("file", DATA)
    got = []
    stage.server(lambda sock: got.append(peer_scripts.read_all(sock)))
    stage.kitchen.run().expect(0)
    wait_for(lambda: got, "the server to have read all")
    assert got == [DATA]


@play("serial", "socat")
def play_serial(stage):
    stage.server(peer_scripts.echo)
    process = stage.kitchen.start()
    line = stage.kitchen.dir / "line"
    wait_for(lambda: line.exists() or not process.is_running, "the terminal")
    with open(line, "r+b", buffering=0) as file:
        file.write(b"hello\n")
        assert peer_scripts.read_exactly(Line(file), 6) == b"hello\n"


@play("watch", "socat")
def play_watch(stage):
    stage.server(peer_scripts.echo, "8080")
    process = stage.kitchen.serve()
    assert stage.ask(b"hello") == b"hello"
    process.err.until(b"hello")


@play("join", "socat")
def play_join(stage):
    stage.server(peer_scripts.greet(b"from one"), "9000")
    got = []
    stage.server(lambda sock: got.append(peer_scripts.read_all(sock)), "9001")
    stage.kitchen.run().expect(0)
    wait_for(lambda: got, "the other server to have read all")
    assert got == [b"from one"]


@play("meet", "socat")
def play_meet(stage):
    """socat waits for the second client once the first has come, and so does this."""
    stage.kitchen.serve()
    first = stage.connect()
    wait_for(lambda: is_bound(stage.kitchen.port("9001")), "the second listener")
    second = stage.connect("9001")
    first.sendall(b"hello")
    assert peer_scripts.read_exactly(second, 5) == b"hello"
    second.sendall(b"hi")
    assert peer_scripts.read_exactly(first, 2) == b"hi"


@play("fault")
def play_fault(stage):
    stage.server(peer_scripts.echo, "8080")
    stage.kitchen.lines = [stage.kitchen.lines[0].replace("latency=200ms", "latency=20ms")]
    stage.kitchen.serve()
    assert stage.ask(b"hello") == b"hello"


# ---- Proxies ---------------------------------------------------------------------------------------------------------


def play_through(stage, script, shown):
    stage.server(peer_scripts.reply(b"from behind"))
    proxy = stage.server(script, shown)
    assert stage.kitchen.run(input=b"hello").out == b"from behind"
    return proxy.script


@play("proxy", "ncat")
def play_proxy(stage):
    script = play_through(stage, Http(), "3128")
    assert script.heads[0].startswith(f"CONNECT 127.0.0.1:{stage.kitchen.port('9000')} HTTP/1.")


@play("socks", "ncat")
def play_socks(stage):
    script = play_through(stage, Socks5(), "1080")
    assert script.asked == [("127.0.0.1", stage.kitchen.port("9000"))]


@play("be-proxy", "ncat")
def play_be_proxy(stage):
    target = stage.server(peer_scripts.echo)
    stage.kitchen.serve(shown="3128")
    name = f"127.0.0.1:{target.port}"
    sock = stage.connect("3128")
    sock.sendall(f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
    assert b" 200 " in peer_scripts.read_until(sock, b"\r\n\r\n")
    sock.sendall(b"hello")
    assert peer_scripts.read_exactly(sock, 5) == b"hello"
    if stage.tool == "sockt":
        stage.kitchen.serve(1, shown="1080")
        sock = stage.connect("1080")
        sock.sendall(b"\5\1\0")
        assert peer_scripts.read_exactly(sock, 2) == b"\5\0"
        sock.sendall(b"\5\1\0\1\x7f\0\0\1" + target.port.to_bytes(2, "big"))
        assert peer_scripts.read_exactly(sock, 10)[:2] == b"\5\0"
        sock.sendall(b"hello")
        assert peer_scripts.read_exactly(sock, 5) == b"hello"


# ---- Looking ---------------------------------------------------------------------------------------------------------


@play("probe", "nc")
def play_probe(stage):
    """Only ports that are ours are tried."""
    port, beside = free_port(), free_port()
    while beside != port + 1:
        port, beside = beside, free_port()
    stage.peers.listen(("127.0.0.1", port))
    stage.peers.socket().bind(("127.0.0.1", beside))
    stage.kitchen.ports.update({"9000": port, "9001": port + 1})
    done = stage.kitchen.run()
    if stage.tool == "sockt":
        assert re.fullmatch(rf"{port}/tcp +open .*\n{port + 1}/tcp +refused .*\n", done.expect(0).out.decode())


@play("retry", "socat")
def play_retry(stage):
    stage.kitchen.lines = [stage.kitchen.lines[0].replace("30,1s", "300,10ms")]
    process = stage.kitchen.start()
    stage.peers.server(peer_scripts.greet(b"at last\n"), ("127.0.0.1", stage.kitchen.port("9000")))
    assert process.finish().out == b"at last\n"


@play("reconnect", *TOOLS)
def play_reconnect(stage):
    def script(sock):
        sock.sendall(b"hello\n")
        if len(server.connections) > 1:
            peer_scripts.read_all(sock)
    line = stage.kitchen.lines[0].replace("--reconnect", "--reconnect=10ms")
    stage.kitchen.lines = [line.replace("sleep 1", "sleep 0.1")]
    server = stage.server(script)
    process = stage.kitchen.start()
    process.out.until(b"hello\nhello\n")


@play("verbose", *TOOLS)
def play_verbose(stage):
    stage.kitchen.ports["9000"] = stage.peers.refused_port()
    done = stage.kitchen.run()
    assert done.status == 1 and b"refused" in done.err, done
    assert stage.tool != "sockt" or b"connect(" in done.err


@play("hex", "ncat", "socat")
def play_hex(stage):
    stage.server(peer_scripts.reply(b"you"))
    stage.kitchen.run(input=b"hello").expect(0, b"you")
    dump = stage.kitchen.read("dump").lower()
    assert b"68 65 6c 6c 6f" in dump and b"79 6f 75" in dump


@play("record", "socat")
def play_record(stage):
    stage.server(peer_scripts.reply(b"you"))
    stage.kitchen.run(input=b"hello").expect(0, b"you")
    assert stage.kitchen.read("sent") == b"hello" and stage.kitchen.read("received") == b"you"
    assert stage.tool != "sockt" or stage.kitchen.read("talk") == b"helloyou"


@play("sockopt", "nc", "socat")
def play_sockopt(stage):
    stage.server(peer_scripts.greet(b"hello\n"))
    if stage.tool == "sockt":
        stage.kitchen.lines = [stage.kitchen.lines[0].replace("sockt connect", "sockt connect -v")]
    done = stage.kitchen.run()
    assert done.out == b"hello\n"
    for name in ("SO_RCVBUF", "IP_TOS", "IP_TTL", "SO_KEEPALIVE", "TCP_NODELAY") if stage.tool == "sockt" else ():
        assert name.encode() in done.err


@play("get", *TOOLS)
def play_get(stage):
    def script(sock):
        assert peer_scripts.read_until(sock, b"\r\n\r\n").startswith(b"GET / HTTP/1.")
        sock.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    stage.server(script, "8080")
    assert stage.kitchen.run().out.endswith(b"\r\n\r\nhello")


# ---- The page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(request, sockt, peers):
    def make(name, tool):
        def in_net(route=()):
            """A network of the play's own: broadcast and multicast are heard by all, and a route leads there."""
            if not kitchen.prefix:
                net = request.getfixturevalue("netns")
                kitchen.prefix = net.prefix
                if route[0] == "dev":
                    net.run("ip", "address", "add", "10.9.9.9/24", *route)
                else:
                    net.run("ip", "route", "add", *route, "dev", "lo")
                net.run("ip", "route", "replace", "default", "dev", "lo")
            return request.getfixturevalue("netns")
        kitchen = Kitchen(sockt, list(TASKS[name][tool]))
        return Stage(kitchen, peers, tool, in_net)
    return make


@pytest.mark.parametrize("name", TASKS)
def test_a_task(stage, name):
    assert name in PLAYS, "nobody plays it"
    PLAYS[name][0](stage(name, "sockt"))


if os.environ.get("SOCKT_LONG") == "true":
    @pytest.mark.parametrize("name, tool", [(name, tool) for name, (_, tools) in PLAYS.items() for tool in tools])
    def test_the_same_with_other_tools(stage, name, tool):
        require_tool(tool)
        PLAYS[name][0](stage(name, tool))


def test_every_line_of_sockt_is_in_a_task():
    in_tasks = sum(len(re.findall(r"\bsockt (?:connect|listen|relay|shell)\b", line))
                   for tools in TASKS.values() for line in tools["sockt"])
    assert in_tasks == len(re.findall(r"\bsockt (?:connect|listen|relay|shell) ", TEXT))


def test_no_line_is_wider_than_a_terminal():
    """A block is indented by five columns, which leaves 75 of 80; a roff escape shows one for its two letters."""
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", TEXT, re.M | re.S)
    wide = [line for block in blocks for line in block.splitlines() if len(line.replace("\\e", "\\")) > 75]
    assert blocks and not wide


def sockt_help(command):
    return subprocess.run([BINARY, command, "--help"], capture_output=True, check=True).stdout.decode()


def section(title):
    """The source of a section."""
    return re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh )", TEXT, re.M | re.S).group(1)


def items(title):
    """The words of the items of a section's list."""
    return " ".join(line[4:] for line in section(title).splitlines() if line.startswith(".It ")).replace(",", " ")


def test_every_option_that_is_named_as_ours_is():
    there = {"help", "version"}
    for command in ("connect", "listen", "relay"):
        there |= set(re.findall(r"--([a-z0-9-]+)", sockt_help(command)))
    ours = "\n".join(line for line in TEXT.splitlines() if not line.startswith((".It ", ".Fl l")))
    named = set(re.findall(r"(?:Fl|,) -([a-z][a-z0-9-]+)", ours[ours.index(".Sh OPTIONS OF NC"):]))
    assert len(named) > 50 and not named - there


def test_every_letter_of_nc_is_there():
    there = set(re.findall(r"Fl (\w)\b", items("OPTIONS OF NC")))
    assert there >= set("46bCDdFhIiklMmNnOPpqrSsTtUuVvWwXxZz")


def test_every_option_of_ncat_is_there():
    there = set(re.findall(r"(?:Fl|,) (-[a-z-]+|\w)\b", section("OPTIONS OF NCAT").replace("\n", " , ")))
    missing = set("""-allow -allowfile -append-output -broker -chat -crlf -delay -deny -denyfile -exec -hex-dump
        -idle-timeout -keep-open -listen -lua-exec -max-conns -no-shutdown -nodns -output -proxy -proxy-auth -proxy-dns
        -proxy-type -recv-only -sctp -send-only -sh-exec -source -source-port -ssl -ssl-alpn -ssl-cert -ssl-ciphers
        -ssl-key -ssl-servername -ssl-trustfile -ssl-verify -telnet -udp -unixsock -verbose -version -vsock -wait
        4 6 C G U c d e g i k l m n o p q s t u v w x z""".split()) - there
    assert not missing


def test_every_option_of_socat_is_there():
    there = set(re.findall(r"Fl (\w+)", items("OPTIONS OF SOCAT")))
    assert there >= set("4 6 b D d g h L lf lh lm lp ls lu ly q R r S s T t U u V v W x".split())
