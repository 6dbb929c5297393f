# SPDX-License-Identifier: GPL-3.0-or-later
"""listen --http: requests written out as they came, answers, and how connections end."""

import http.client
import json
import signal
import socket
import subprocess

import pytest

import peers as peer_scripts
from facts import bytes_readable, require_ipv6, require_tool, wait_for

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
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    return [line for line in lines if line.get("step") == "http"]


def test_trace_marks_request_and_reply(sockt, peers, tmp_path):
    trace = tmp_path / "trace"
    process = sockt.listen("--http", "--body", "hello", "-v", "--trace", f"json:{trace},level=2")
    ask(peers, process, GET)
    err = process.finish().expect(0).err.decode()
    assert "http <- request 1: GET /a?b HTTP/1.1 (head 30 B)" in err.replace("←", "<-")
    assert "http -> reply 1: HTTP/1.1 200 OK (head " in err.replace("→", "->")
    assert "one request, one reply, then closed (as HTTP does)" in err
    steps = [line["step"] for line in map(json.loads, trace.read_text().splitlines()[1:])]
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
