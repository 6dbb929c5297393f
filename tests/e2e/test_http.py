# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP by hand: listen --http, connect --http-get; what is written out, what is answered, how connections end."""

import http.client
import os
import signal
import socket
import subprocess

import pytest

import peers as peer_scripts
import trace as traces
from facts import SCALE, bytes_readable, require_ipv6, require_tool, wait_for, wait_idle

GET = b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"


def ask(peers, process, request):
    """Send a request, and read until the server ends; returns head and body."""
    sock = peers.connect(process.port)
    sock.sendall(request)
    return answer(sock)


def answer(sock):
    """The reply that ends with the connection, which is closed then: who does not close is waited for."""
    reply = peer_scripts.read_all(sock)
    sock.close()
    return split(reply)


def split(reply):
    """A reply: its status, its fields (names in lower case), its body."""
    head, _, body = reply.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    assert first.startswith("HTTP/1.1 ")
    return int(first.split()[1]), fields, body


@pytest.mark.smoke
def test_answers_and_ends(sockt, peers):
    process = sockt.listen("--http", "--body", "hello", "--header", "X-One: 1", stdin=subprocess.DEVNULL)
    status, fields, body = ask(peers, process, GET)
    assert (status, body) == (200, b"hello")
    assert fields["content-length"] == "5" and fields["connection"] == "close" and fields["x-one"] == "1"
    assert fields["content-type"] == "text/plain; charset=utf-8" and fields["server"].startswith("sockt/")
    assert fields["date"].endswith(" GMT")
    process.finish().expect(0, GET, b"")


def test_standard_input_is_not_read(sockt, peers):
    process = sockt.listen("--http")
    process.write(b"nobody wants this\n")
    assert ask(peers, process, GET)[2] == b""
    process.finish().expect(0, GET, b"")


@pytest.mark.parametrize("request_, content", [
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n\0\xff\r\n!", b"\0\xff\r\n!"),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n", b"abc"),
    (b"POST / HTTP/1.0\nContent-Length: 2\n\nab", b"ab"),
    (b"\r\nGET / HTTP/1.0\r\n\r\n", b""),
], ids=["length", "chunked", "bare-lf", "empty-line-before"])
def test_writes_requests_as_they_came(sockt, peers, tmp_path, request_, content):
    trace = tmp_path / "trace"
    process = sockt.listen("--http", "--trace", f"json:{trace}")
    sock = peers.connect(process.port)
    for byte in range(len(request_)):
        assert bytes_readable(sock) == 0
        sock.sendall(request_[byte:byte + 1])
    assert answer(sock)[0] == 200
    process.finish().expect(0, request_)
    told, = [event for event in events_of(trace) if event["message"] == "request"]
    assert told["whole"] and told["body_bytes"] == len(content)


def events_of(trace):
    return traces.load(trace).steps("http")


def test_trace_marks_request_and_reply(sockt, peers, tmp_path):
    trace = tmp_path / "trace"
    process = sockt.listen("--http", "--body", "hello", "-v", "--trace", f"json:{trace},level=2")
    ask(peers, process, GET)
    err = process.finish().expect(0).err.decode()
    assert "http <- request 1: GET /a?b HTTP/1.1 (head 30 B)" in err.replace("←", "<-")
    assert "http -> reply 1: HTTP/1.1 200 OK (head " in err.replace("→", "->")
    assert "one request, one reply, then closed (as HTTP does)" in err
    steps = [event["step"] for event in traces.load(trace).events]
    assert steps.index("recv") < steps.index("http") < steps.index("send")
    request, reply = events_of(trace)
    assert (request["method"], request["target"], request["direction"]) == ("GET", "/a?b", "in")
    assert (reply["status"], reply["reason"], reply["direction"], reply["body_bytes"]) == (200, "OK", "out", 5)


@pytest.mark.parametrize("kind", ["ladder", "svg", "html"])
def test_pictures_show_the_messages(sockt, peers, tmp_path, kind):
    picture = tmp_path / "picture"
    process = sockt.listen("--http", "--trace", f"{kind}:{picture}")
    ask(peers, process, GET)
    process.finish().expect(0)
    text = picture.read_text()
    assert "GET /a?b HTTP/1.1" in text and "200 OK" in text


BAD = [
    (b"GET / HTTP/1.1\r\n\r\n", 400, b"Host"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, b"Host"),
    (b"GET /\r\n\r\n", 400, b"first line"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400, b"first line"),
    (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, b"colon"),
    (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400, b"blank"),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400, b"more than once"),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, b"both"),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, b"not a number"),
    (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, b"hexadecimal"),
    (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, b"coding"),
    (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501, b"tunnel"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nExpect: the-moon\r\n\r\n", 417, b"Expect"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, b"version"),
    (b"GET /" + b"a" * 70000, 414, b"64 KiB"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 70000, 431, b"64 KiB"),
    (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101, 431, b"100 fields"),
]


def test_what_is_no_request_is_answered_too(sockt, peers):
    process = sockt.listen("-k", "--http", "--keep-alive", "--status", "204", stdin=subprocess.DEVNULL)
    for request, want, word in BAD:
        status, fields, body = ask(peers, process, request)
        assert status == want and fields["connection"] == "close", request[:60]
        assert word in body and len(body) == int(fields["content-length"]), (request[:60], body)
        process.out.until(request[:60000])
    process.signal(signal.SIGTERM)
    process.finish()


def test_trace_of_what_is_no_request(sockt, peers, tmp_path):
    trace = tmp_path / "trace"
    process = sockt.listen("-k", "--http", "--trace", f"json:{trace}", stdin=subprocess.DEVNULL)
    for request, _, _ in BAD[:9]:
        ask(peers, process, request)
    process.signal(signal.SIGTERM)
    process.finish().expect(143)
    told = events_of(trace)
    requests = [event for event in told if event["message"] == "request"]
    assert len(requests) == 9 and all(event["wrong"] and not event["whole"] for event in requests)
    assert {event["status"] for event in told if event["message"] == "reply"} == {400}


def test_a_request_that_breaks_off(sockt, peers):
    for part in (GET[:10], b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"):
        process = sockt.listen("--http")
        sock = peers.connect(process.port)
        sock.sendall(part)
        sock.shutdown(socket.SHUT_WR)
        status, _, body = answer(sock)
        assert status == 400 and b"before its request was whole" in body
        process.finish().expect(0, part)


def test_no_request_no_answer(sockt, peers):
    process = sockt.listen("--http")
    sock = peers.connect(process.port)
    sock.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(sock) == b""
    sock.close()
    process.finish().expect(0, b"", b"")


def test_an_answer_survives_what_still_comes(sockt, peers):
    """A client that sends on after its mistake gets the answer, and no reset before it."""
    process = sockt.listen("--http", "-v")
    sock = peers.connect(process.port)
    sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
    process.err.until(b"shutdown(")
    sock.sendall(b"x" * 200000)
    assert answer(sock)[0] == 400
    sock.close()
    assert b"200000 bytes came that belong to no request" in process.finish().expect(0).err


def test_100_continue(sockt, peers):
    process = sockt.listen("--http", "--body", "done", "-v")
    sock = peers.connect(process.port)
    head = b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n"
    sock.sendall(head)
    assert peer_scripts.read_exactly(sock, 25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    sock.sendall(b"abc")
    assert answer(sock)[::2] == (200, b"done")
    result = process.finish().expect(0, head + b"abc")
    assert b"one request, one reply" in result.err


@pytest.mark.parametrize("request_", [
    b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
], ids=["body-is-there", "http-1.0", "no-body"])
def test_no_100_continue(sockt, peers, request_):
    process = sockt.listen("--http")
    assert ask(peers, process, request_)[0] == 200
    process.finish().expect(0, request_)


def test_head_and_statuses_without_content(sockt, peers):
    process = sockt.listen("--http", "--body", "hello")
    status, fields, body = ask(peers, process, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (status, fields["content-length"], body) == (200, "5", b"")
    process.finish().expect(0)
    process = sockt.listen("--http", "--status", "204")
    status, fields, body = ask(peers, process, GET)
    assert (status, body) == (204, b"") and "content-length" not in fields
    process.finish().expect(0)


def test_keep_alive_and_pipelining(sockt, peers):
    process = sockt.listen("--http", "--keep-alive", "--body", "hello", "-v")
    connection = http.client.HTTPConnection("127.0.0.1", process.port)
    for number in range(3):
        connection.request("POST", f"/{number}", body=b"abc")
        assert connection.getresponse().read() == b"hello"
    sock = connection.sock
    requests = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + b"GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    sock.sendall(requests)
    replies = peer_scripts.read_all(sock)
    assert replies.count(b"HTTP/1.1 200 OK") == 3 and replies.count(b"Connection: close") == 1
    connection.close()
    result = process.finish().expect(0)
    assert result.out.endswith(requests) and b"http" in result.err
    assert b"requests and replies in turn" in result.err and b"request 6: GET /b" in result.err


def test_keep_alive_of_http_1_0(sockt, peers):
    process = sockt.listen("--http", "--keep-alive")
    sock = peers.connect(process.port)
    sock.sendall(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
    assert b"Connection: keep-alive" in peer_scripts.read_until(sock, b"\r\n\r\n")
    sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert answer(sock)[1]["connection"] == "close"
    process.finish().expect(0)


def test_without_keep_alive_one_request(sockt, peers):
    process = sockt.listen("--http", "-v")
    sock = peers.connect(process.port)
    sock.sendall(GET + GET)
    assert answer(sock)[1]["connection"] == "close"
    sock.close()
    result = process.finish().expect(0, GET)
    assert b"30 bytes came that belong to no request" in result.err


def test_body_is_a_file_or_a_text(sockt, peers, tmp_path):
    page = tmp_path / "page.html"
    page.write_bytes(b"<p>\xc3\xa4\0</p>" * 100000)
    process = sockt.listen("-k", "--http", "--body", page, stdin=subprocess.DEVNULL)
    status, fields, body = ask(peers, process, GET)
    assert body == page.read_bytes() and fields["content-type"] == "text/html; charset=utf-8"
    page.write_bytes(b"new")
    assert ask(peers, process, GET)[2] == b"new"
    page.unlink()
    assert ask(peers, process, GET)[0] == 500
    process.err.until(b"page.html: No such file or directory; the answer to request 1 is 500")
    process.signal(signal.SIGTERM)
    process.finish()
    (tmp_path / "name").write_bytes(b"of the file")
    for value, want in (("name", b"of the file"), ("@name", b"of the file"), ("=name", b"name"), ("other", b"other"),
                        ("=@name", b"@name")):
        process = sockt.listen("--http", "--body", value, cwd=tmp_path)
        assert ask(peers, process, GET)[2] == want
        process.finish().expect(0)


def test_a_slow_client_gets_all_of_it(sockt, peers, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(bytes(range(256)) * 32768)
    process = sockt.listen("--http", "--body", body)
    sock = peers.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", process.port))
    sock.sendall(GET)
    wait_for(lambda: bytes_readable(sock) > 0, "the answer")
    assert answer(sock)[2] == body.read_bytes()
    process.finish().expect(0, GET)


def test_fields_of_a_person_take_the_place_of_ours(sockt, peers):
    process = sockt.listen("--http", "--keep-alive", "--body", "{}", "--header", "content-type: application/json",
                           "--header", "Server:", "--header", "A: 1", "--header", "A:2")
    sock = peers.connect(process.port)
    sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    reply = peer_scripts.read_all(sock)
    sock.close()
    assert b"content-type: application/json\r\n" in reply and b"Content-Type" not in reply
    assert b"Server:" not in reply and b"A: 1\r\nA: 2\r\n" in reply
    process.finish().expect(0)


def test_requests_of_a_crowd_are_not_mixed(sockt, peers):
    process = sockt.listen("-k", "--http", "--body", "ok", stdin=subprocess.DEVNULL)
    first, second = (peers.connect(process.port) for _ in range(2))
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n" + b"f" * 70000
    first.sendall(post[:-1])
    second.sendall(GET)
    assert answer(second)[2] == b"ok"
    first.sendall(b"f")
    assert answer(first)[2] == b"ok"
    process.out.until(len(GET + post))
    process.signal(signal.SIGTERM)
    process.finish().expect(143, GET + post)


def test_an_output_that_is_not_read_holds_the_answer(sockt, peers):
    """What is answered is written out: nothing of it is lost."""
    reader, writer = os.pipe()
    process = sockt.listen("--http", stdout=writer)
    os.close(writer)
    sock = peers.connect(process.port)
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + b"f" * 200000
    sock.sendall(post)
    wait_idle(process.pid)
    assert bytes_readable(sock) == 0
    with open(reader, "rb") as file:
        assert file.read(len(post)) == post
        assert answer(sock)[0] == 200
        assert file.read() == b""
    process.finish().expect(0)


def test_on_a_terminal_requests_are_escaped_lines(sockt, peers, terminal):
    process = sockt.listen("-k", "--http", stdin=terminal.slave, stdout=terminal.slave)
    for number in range(2):
        assert ask(peers, process, b"POST /%d HTTP/1.0\r\nContent-Length: 3\r\n\r\na\x1bb" % number)[0] == 200
    terminal.screen.until(lambda data: data.count(b"a\\x1bb\r\n") == 2)
    lines = [line for line in terminal.grid().lines if "POST" in line]
    assert lines == ["POST /0 HTTP/1.0", "POST /1 HTTP/1.0"]


def test_3_mb(sockt, peers):
    process = sockt.listen("--http")
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + b"f" * 3000000
    status, _, _ = ask(peers, process, post)
    assert status == 200
    process.finish().expect(0, post)


@pytest.mark.parametrize("at", [("127.0.0.1", "0"), ("::1", "0")], ids=["ipv4", "ipv6"])
def test_curl(sockt, at):
    require_tool("curl")
    if at[0] == "::1":
        require_ipv6()
    process = sockt.listen("-k", "--http", "--keep-alive", "--body", "hello", at=at, stdin=subprocess.DEVNULL)
    host = "[::1]" if at[0] == "::1" else at[0]
    url = f"http://{host}:{process.port}/"
    run = subprocess.run(["curl", "-sS", "--noproxy", "*", "--data-binary", "@-", url, url + "2"],
                         input=b"x" * 2000000, capture_output=True, timeout=60, check=False)
    assert run.stdout == b"hellohello", run
    run = subprocess.run(["curl", "-sSI", "--noproxy", "*", url], capture_output=True, timeout=60, check=False)
    assert b"HTTP/1.1 200 OK" in run.stdout and b"Content-Length: 5" in run.stdout
    process.signal(signal.SIGTERM)
    process.finish()


def test_unix_socket(sockt, peers, tmp_path):
    path = str(tmp_path / "socket")
    process = sockt.start("listen", "-U", "--http", "--body", "hello", "-v", path)
    process.err.until(b"listen(")
    sock = peers.socket(socket.AF_UNIX)
    sock.connect(path)
    sock.sendall(GET)
    assert answer(sock)[2] == b"hello"
    sock.close()
    process.finish().expect(0, GET)


def test_a_reset_of_the_client_is_one(sockt, peers):
    process = sockt.listen("--http")
    sock = peers.connect(process.port)
    sock.sendall(GET[:10])
    process.out.until(10)
    peer_scripts.reset(sock)
    process.finish().expect(5, GET[:10])


@pytest.mark.parametrize("options", [(), ("--keep-alive",)])
def test_a_reset_in_the_middle_of_an_answer_is_one(sockt, peers, tmp_path, options):
    """The error is met by a send: what the client has sent waits for no answer that nobody takes any more."""
    body = tmp_path / "body"
    body.write_bytes(b"")
    os.truncate(body, 1 << 28)
    process = sockt.listen("--http", "--body", body, *options)
    sock = peers.connect(process.port)
    sock.sendall(GET + GET)
    wait_for(lambda: bytes_readable(sock) > 0, "the answer")
    peer_scripts.reset(sock)
    process.finish().expect(5, err="reset by the peer (ECONNRESET)")


def test_clients_that_break_off_are_nobody_elses_matter(sockt, peers):
    """What a client of a crowd has sent by then is written out when it goes; the others are served on."""
    process = sockt.listen("-k", "--http", "--body", "hello", "-vv")
    assert ask(peers, process, GET)[2] == b"hello"
    for session in 2, 4, 6:
        sock = peers.connect(process.port)
        sock.sendall(GET[:10])
        process.err.until(b"[%d] recv(" % session)
        peer_scripts.reset(sock)
        assert ask(peers, process, GET)[2] == b"hello"
    process.signal(signal.SIGTERM)
    assert process.finish().expect(143).out.count(GET[:10]) == 7


def test_a_body_that_becomes_shorter_is_said(sockt, peers, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(bytes(20_000_000))
    process = sockt.listen("-k", "--http", "--body", body)
    sock = peers.connect(process.port)
    sock.sendall(GET)
    peer_scripts.read_until(sock, b"\r\n\r\n")
    os.truncate(body, 10)
    assert len(peer_scripts.read_to_reset(sock)) < 20_000_000
    process.err.until(b"it cannot be read to its end; the answer to request 1 is cut off")
    assert ask(peers, process, GET)[2] == bytes(10)
    process.signal(signal.SIGTERM)
    process.finish().expect(143)


def test_a_body_that_becomes_shorter_ends_the_one_client(sockt, peers, tmp_path):
    """One sentence, the status of an input that cannot be read, and a reset: what the client has got is not all."""
    body = tmp_path / "body"
    body.write_bytes(bytes(20_000_000))
    process = sockt.listen("--http", "--body", body)
    sock = peers.connect(process.port)
    sock.sendall(GET)
    peer_scripts.read_until(sock, b"\r\n\r\n")
    os.truncate(body, 10)
    assert len(peer_scripts.read_to_reset(sock)) < 20_000_000
    result = process.finish().expect(6, GET)
    assert result.err.decode() == f"sockt: {body}: it cannot be read to its end; the answer to request 1 is cut off\n"


@pytest.mark.waits
def test_a_client_that_does_not_close_is_left(sockt, peers):
    process = sockt.listen("--http", "-v")
    sock = peers.connect(process.port)
    sock.sendall(GET)
    peer_scripts.read_all(sock)
    result = process.finish().expect(0, GET)
    assert b"all was said, and the peer did not close within 5 s" in result.err


@pytest.mark.parametrize("options, why", [
    (["--http", "--recv-only"], "--http and --recv-only contradict each other"),
    (["--http", "-q", "1"], "--http and --quit-after contradict each other"),
    (["--http", "--exec", "cat"], "--exec and --http contradict each other"),
    (["--http", "--sh", "cat"], "--sh and --http contradict each other"),
    (["--http", "-u"], "--http: udp keeps messages"),
    (["--status", "200"], "--status is that of the answers of --http"),
    (["--http", "--status", "99"], "--status"),
    (["--http", "--status", "204", "--body", "x"], "an answer of status 204 has no body"),
    (["--http", "--body", "@/nowhere"], "No such file or directory (ENOENT)"),
    (["--http", "--body", "/"], "(EISDIR)"),
    (["--http", "--header", "no colon"], "--header is NAME:VALUE"),
    (["--http", "--header", "a: b\r\nc: d"], "--header is NAME:VALUE"),
])
def test_mistakes(sockt, options, why):
    sockt.run("listen", *options, "0").expect(2, b"", why)


# ---- connect --http-get ------------------------------------------------------------------------------------------


def get(sockt, peers, reply, *options, path="/x", at=("127.0.0.1", 0), then=None):
    """Ask a scripted server that sends reply, then ends, or does what then says. Returns the result and the request."""
    asked = []

    def script(sock):
        asked.append(peer_scripts.read_until(sock, b"\r\n\r\n"))
        for part in [reply] if isinstance(reply, bytes) else reply:
            sock.sendall(part)
        if then is not None:
            then(sock)
    server = peers.server(script, at, socket.AF_INET6 if at[0] == "::1" else socket.AF_INET)
    port = server.port
    result = sockt.run("connect", "--http-get", path, *options, at[0], port)
    return result, asked[0].decode(), port


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("at", [("127.0.0.1", 0), ("::1", 0)], ids=["ipv4", "ipv6"])
def test_get_sends_the_request(sockt, peers, at):
    if at[0] == "::1":
        require_ipv6()
    reply = OK + b"Content-Length: 2\r\n\r\nhi"
    result, request, port = get(sockt, peers, reply, "--header", "X: y", path="/a?b=%20", at=at)
    result.expect(0, reply, b"")
    lines = request.split("\r\n")
    host = "[::1]" if at[0] == "::1" else at[0]
    assert lines[:2] == ["GET /a?b=%20 HTTP/1.1", f"Host: {host}:{port}"]
    assert lines[2].startswith("User-Agent: sockt/")
    assert lines[3:] == ["Accept: */*", "X: y", "Connection: close", "", ""]


@pytest.mark.parametrize("reply", [
    OK + b"Content-Length: 0\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
    OK + b"\r\nuntil the end\0\xff",
    b"HTTP/1.0 404 Not Found\n\nuntil the end",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx",
    [OK + b"Content-Length: 3000000\r\n\r\n", b"x" * 3000000],
], ids=["empty", "chunked", "to-the-end", "1.0", "204", "interim", "3mb"])
def test_get_writes_the_reply_as_it_came(sockt, peers, reply):
    result, _, _ = get(sockt, peers, reply, "-v")
    result.expect(0, reply if isinstance(reply, bytes) else b"".join(reply), b"one request, one reply, then closed")


@pytest.mark.parametrize("reply, why", [
    (b"", "the server ended without one"),
    (b"HTTP/1.1 200", "in the middle of its head"),
    (OK + b"Content-Length: 5\r\n\r\nabc", "after 3 of the 5 bytes of its body"),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "before the last chunk of its body, after 3 bytes"),
    (b"SSH-2.0-x\r\n", "the first line is not HTTP/1.1 STATUS REASON"),
    (OK + b"A : b\r\n\r\n", "colon"),
    (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "more than once"),
    (OK + b"Transfer-Encoding: chunked\r\n\r\nxyz", "hexadecimal"),
], ids=["nothing", "head", "length", "chunks", "ssh", "blank", "lengths", "bad-chunk"])
def test_get_a_reply_that_is_not_whole(sockt, peers, reply, why):
    result, _, _ = get(sockt, peers, reply)
    result.expect(5, reply, ["the reply is not whole: ", why])


def test_get_a_reset(sockt, peers):
    result, _, _ = get(sockt, peers, OK + b"Content-Length: 9\r\n\r\nabc", then=peer_scripts.reset)
    result.expect(5)


def test_get_in_the_trace(sockt, peers, tmp_path):
    trace = tmp_path / "trace"
    reply = b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi"
    get(sockt, peers, reply, "--trace", f"json:{trace}")[0].expect(0)
    run = traces.load(trace)
    request, early, last = run.steps("http")
    assert (request["method"], request["target"], request["direction"]) == ("GET", "/x", "out")
    assert (early["status"], early["reason"], early["whole"]) == (103, "Early Hints", True)
    assert (last["status"], last["head_bytes"], last["body_bytes"], last["direction"]) == (200, 38, 2, "in")
    assert run.end()["shape"] == "request-reply" and run.end()["ended_by"] == "both-ended"


def test_get_does_not_wait_for_a_server_that_stays(sockt, peers):
    """The end of the reply is the end, not that of the connection."""
    reply = OK + b"Content-Length: 2\r\n\r\nhi"
    result, _, _ = get(sockt, peers, reply + b"more", "-v", then=peer_scripts.read_all)
    result.expect(0, reply + b"more", ["all was said, and the peer did not close within 1 s",
                                       "4 bytes came behind the reply"])


def test_a_server_that_lies_about_the_length(sockt):
    process = sockt.listen("--http", "--body", "hello", "--header", "Content-Length: 9")
    result = sockt.run("connect", "--http-get", "/", "127.0.0.1", process.port)
    result.expect(5, err="the reply is not whole: the server ended after 5 of the 9 bytes of its body")
    process.finish().expect(0)


def test_get_from_our_own_server(sockt):
    process = sockt.listen("-k", "--http", "--keep-alive", "--body", "hello", stdin=subprocess.DEVNULL)
    for options, path in ([], "/"), (["--header", "Connection: keep-alive"], "http://a/b"):
        result = sockt.run("connect", "-v", "--http-get", path, *options, "127.0.0.1", process.port)
        result.expect(0, err=b"one request, one reply, then closed")
        assert result.out.endswith(b"\r\n\r\nhello")
    process.signal(signal.SIGTERM)
    process.finish()


def test_get_from_python_and_nginx(sockt, peers, tmp_path):
    require_tool("nginx")
    (tmp_path / "index.html").write_bytes(b"x" * 100000)
    config, path = tmp_path / "nginx.conf", tmp_path / "socket"
    config.write_text(f"""
        daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error; user root;
        events {{}}
        http {{ access_log off; client_body_temp_path {tmp_path}/1; proxy_temp_path {tmp_path}/2;
               fastcgi_temp_path {tmp_path}/3; uwsgi_temp_path {tmp_path}/4; scgi_temp_path {tmp_path}/5;
               server {{ listen unix:{path}; location / {{ root {tmp_path}; }} }} }}""")
    with subprocess.Popen(["nginx", "-c", config, "-e", tmp_path / "error"], stderr=subprocess.DEVNULL) as nginx:
        try:
            wait_for(path.exists, "nginx")
            result = sockt.run("connect", "-v", "--retry", "50,100ms", "--http-get", "/index.html", "-U", path)
            result.expect(0, err=b"one request, one reply, then closed")
            head, _, body = result.out.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\nServer: nginx") and body == b"x" * 100000
            result = sockt.run("connect", "--http-get", "/nowhere", "-U", path).expect(0)
            assert result.out.startswith(b"HTTP/1.1 404 Not Found")
        finally:
            nginx.terminate()


@pytest.mark.parametrize("options, why", [
    (["--http-get", "x"], "--http-get is a path as /a/b?c=d"),
    (["--http-get", "/a b"], "--http-get is a path as /a/b?c=d"),
    (["--http-get", "/", "-u"], "--http-get: udp keeps messages"),
    (["--http-get", "/", "--exec", "cat"], "--exec and --http-get contradict each other"),
    (["--http-get", "/", "--sh", "cat"], "--sh and --http-get contradict each other"),
    (["--http-get", "/", "--until", "local"], "--http-get and --until contradict each other"),
    (["--header", "a: b"], "--header adds to the request of --http-get"),
])
def test_mistakes_of_get(sockt, options, why):
    sockt.run("connect", *options, "127.0.0.1", "1").expect(2, b"", why)


@pytest.mark.waits
@pytest.mark.parametrize("begin", [b"GET /slow", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12"])
def test_a_request_that_stops_in_the_middle_is_answered_408(sockt, peers, begin):
    process = sockt.listen("--http", "-i", f"{2 * SCALE}s")
    status, fields, body = ask(peers, process, begin)
    assert status == 408 and fields["connection"] == "close" and b"fell silent" in body
    process.finish().expect(0, begin)


@pytest.mark.waits
def test_an_idle_connection_with_its_answers_ends_well(sockt, peers):
    process = sockt.listen("--http", "--keep-alive", "-i", f"{2 * SCALE}s")
    assert ask(peers, process, GET)[0] == 200
    process.finish().expect(0, GET)


@pytest.mark.waits
def test_a_client_that_asks_nothing_is_a_time_limit(sockt, peers):
    process = sockt.listen("--http", "-i", "300ms")
    sock = peers.connect(process.port)
    process.finish().expect(4, b"", err="--idle-timeout")
    sock.close()
