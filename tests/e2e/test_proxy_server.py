# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt as a proxy server: what it connects, forwards, strips, refuses, and that curl and others understand it."""

import base64
import os
import re
import signal
import socket
import threading
import time

import pytest

import peers as peer_scripts
from facts import require_ipv6, require_localhost, require_tool

SECRET = "XyzzySecret"


@pytest.fixture
def serve(sockt, tmp_path):
    """serve(kind, *options, users=""): a proxy server, with its .port."""
    def make(kind, *options, users="", **popen):
        if users:
            (tmp_path / "users").write_text(users)
            options = (*options, "--proxy-auth-file", tmp_path / "users")
        return sockt.listen("--proxy-server", kind, *options, **popen)
    return make


class Origin:
    """A script for peers.server(): a web server that keeps the requests it got, and answers each."""

    def __init__(self, body=b"hello"):
        self.body, self.requests = body, []

    def __call__(self, sock):
        head = peer_scripts.read_until(sock, b"\r\n\r\n")
        length = re.search(rb"(?i)^content-length: (\d+)", head, re.M)
        body = peer_scripts.read_exactly(sock, int(length[1])) if length else b""
        if b"chunked" in head:
            body = peer_scripts.read_until(sock, b"0\r\n\r\n")
        self.requests.append(head + body)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(self.body)
                     + (b"" if head.startswith(b"HEAD") else self.body))


def ask(peers, proxy, request, shut=False):
    """What a client of the proxy gets."""
    sock = peers.connect(proxy.port)
    sock.sendall(request)
    if shut:
        sock.shutdown(socket.SHUT_WR)
    return peer_scripts.read_all(sock)


def curl(sockt, need, *options):
    process = sockt.start_command([need("curl"), "-sS", "--noproxy", "", "-m", "20", *map(str, options)],
                                  stdin=None)
    return process.finish()


# SOCKS 5

@pytest.mark.parametrize("host", ("127.0.0.1", "::1", "localhost"))
def test_socks5_connects(sockt, peers, serve, host):
    if host == "::1":
        require_ipv6()
    if host == "localhost":
        require_localhost()
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    echo = peers.server(peer_scripts.echo, ("::1" if host == "::1" else "127.0.0.1", 0), family)
    proxy = serve("socks5")
    data = os.urandom(200_000)
    sockt.run("connect", "--proxy", f"socks5h://127.0.0.1:{proxy.port}", host, echo.port, input=data).expect(0, data)


def test_socks5_replies(sockt, peers, serve):
    proxy = serve("socks5")

    def reply(request):
        return ask(peers, proxy, b"\5\1\0" + request)[2:4]
    port = peers.refused_port().to_bytes(2, "big")
    assert reply(b"\5\1\0\1\x7f\0\0\1" + port) == b"\5\5"
    assert reply(b"\5\1\0\1\x7f\0\0\1" + proxy.port.to_bytes(2, "big")) == b"\5\2"
    assert reply(b"\5\2\0\1\x7f\0\0\1" + port) == b"\5\7"
    assert reply(b"\5\1\0\x09\x7f\0\0\1" + port) == b"\5\x08"
    assert reply(b"\5\1\0\3\x0enot-a-host.bad" + port) == b"\5\4"
    assert reply(b"\5\1\0\3\x03a b" + port) == b"\5\1"
    assert ask(peers, proxy, b"\4\1\0\x50\x7f\0\0\1\0") == b""


def test_socks5_users(sockt, peers, serve):
    echo = peers.server(peer_scripts.echo)
    proxy = serve("socks5", users=f"# who\nbob:x\nalice:{SECRET}\n")

    def run(user):
        return sockt.run("connect", "--proxy", f"socks5h://{user}127.0.0.1:{proxy.port}", "127.0.0.1", echo.port,
                         input=b"hello")
    run(f"alice:{SECRET}@").expect(0, b"hello")
    run("alice:wrong@").expect(3, b"")
    run("").expect(3, b"")


# HTTP

def test_http_connects(sockt, peers, serve):
    echo = peers.server(peer_scripts.echo)
    proxy = serve("http")
    data = os.urandom(200_000)
    sockt.run("connect", "--proxy", f"http://127.0.0.1:{proxy.port}", "127.0.0.1", echo.port,
              input=data).expect(0, data)


def test_data_behind_connect_is_not_lost(peers, serve):
    """A client need not wait for the answer; nor does it have to send the head at once."""
    echo = peers.server(peer_scripts.echo)
    proxy = serve("http")
    request = f"CONNECT 127.0.0.1:{echo.port} HTTP/1.1\r\nHost: x\r\n\r\nearly".encode()
    assert ask(peers, proxy, request, shut=True) == b"HTTP/1.1 200 Connection established\r\n\r\nearly"
    sock = peers.connect(proxy.port)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in request:
        sock.sendall(bytes([byte]))
    sock.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(sock).endswith(b"\r\n\r\nearly")


@pytest.mark.parametrize("method, body, sent", (
    ("GET", "", b""), ("HEAD", "", b""),
    ("POST", "Content-Length: 5\r\n", b"hello"),
    ("POST", "Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
), ids=("get", "head", "post", "chunked"))
def test_http_forwards(peers, serve, method, body, sent):
    """In origin form, without what is of this connection only; what stands behind the request goes nowhere."""
    origin = peers.server(Origin())
    proxy = serve("http")
    coded = base64.b64encode(b"alice:" + SECRET.encode()).decode()
    head = (f"{method} http://u:p@127.0.0.1:{origin.port}/a?b HTTP/1.1\r\nHost: other\r\nX-Own: 1\r\n"
            f"Connection: X-Own\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic {coded}\r\n"
            f"X-Kept: 2\r\n{body}\r\n")
    behind = b"GET http://127.0.0.1:1/ HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n"
    got = ask(peers, proxy, head.encode() + sent + behind)
    got = re.sub(rb"sockt-[0-9a-f]{8}", b"NAME", got)
    assert got == (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nVia: 1.1 NAME\r\nConnection: close\r\n\r\n"
                   + (b"" if method == "HEAD" else b"hello"))
    (request,) = origin.script.requests
    assert request.startswith(f"{method} /a?b HTTP/1.1\r\nHost: 127.0.0.1:{origin.port}\r\nX-Kept: 2\r\n".encode())
    assert re.search(rb"\r\nVia: 1\.1 sockt-[0-9a-f]{8}\r\nConnection: close\r\n\r\n$",
                     request[:len(request) - len(sent)])
    assert request.endswith(sent) and b"Proxy-" not in request and b"X-Own" not in request


@pytest.mark.parametrize("request_line, status", (
    ("GET / HTTP/1.1", 400), ("GET ftp://x/ HTTP/1.1", 400), ("CONNECT x HTTP/1.1", 400),
    ("GET http://x:0/ HTTP/1.1", 400),
    ("CONNECT a_b..c:1 HTTP/1.1", 400), ("nonsense", 400), ("GET http://x/ HTTP/2.0", 505),
    ("GET http://not-a-host.bad/ HTTP/1.1", 502), ("GET http://127.0.0.1:REFUSED/ HTTP/1.1", 502),
    ("CONNECT 127.0.0.1:REFUSED HTTP/1.1", 502), ("GET http://127.0.0.1:SELF/ HTTP/1.1", 403),
    ("CONNECT 127.0.0.1:SELF HTTP/1.1", 403), ("CONNECT 127.0.0.2:SELF HTTP/1.1", 403),
))
def test_http_refusals(peers, serve, request_line, status):
    proxy = serve("http", at=("0.0.0.0", "0"))
    line = request_line.replace("REFUSED", str(peers.refused_port())).replace("SELF", str(proxy.port))
    got = ask(peers, proxy, f"{line}\r\nHost: x\r\n\r\n".encode())
    assert got.startswith(f"HTTP/1.1 {status} ".encode()), got
    head, body = got.split(b"\r\n\r\n", 1)
    assert f"Content-Length: {len(body)}\r\n".encode() in head and b"Connection: close" in head


def test_a_pipelining_client_is_told_to_ask_again(sockt, peers, serve):
    """One request for each connection: the reply to the first says so, and the rest is asked for on others."""
    origin = peers.server(Origin())
    proxy = serve("http", "-v")
    requests = [b"GET http://127.0.0.1:%d/%d HTTP/1.1\r\nHost: x\r\n\r\n" % (origin.port, i) for i in range(3)]
    replies = []
    while requests:
        got = ask(peers, proxy, b"".join(requests))
        assert got.endswith(b"Connection: close\r\n\r\nhello"), got
        replies.append(got)
        del requests[0]
    assert [request.split()[1] for request in origin.script.requests] == [b"/0", b"/1", b"/2"]
    proxy.err.until(b"bytes behind the request were thrown away: one is forwarded for each connection")


@pytest.mark.waits
def test_a_client_that_does_not_close_behind_its_reply_is_left(peers, serve):
    """It was told so; and it has time to read what it has got."""
    origin = peers.server(Origin())
    proxy = serve("http", "-v")
    client = peers.connect(proxy.port)
    client.sendall(b"GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % origin.port)
    assert peer_scripts.read_all(client).endswith(b"hello")
    proxy.err.until(b"all was said, and the peer did not close within 2 s")


def test_a_target_has_its_time_to_be_connected(sockt, peers, serve):
    """-w is for it, and the client is told."""
    listening = peers.listen(backlog=0)
    peers.connect(listening.getsockname())
    proxy = serve("http", "-w", "100ms")
    got = ask(peers, proxy, b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\n\r\n" % listening.getsockname()[1])
    assert got.startswith(b"HTTP/1.1 504 ") and b"100 ms" in got, got


def test_what_passes_is_dumped_and_copied(sockt, peers, serve, tmp_path):
    """But not what is said to the proxy, for a password may be in it."""
    origin = peers.server(Origin())
    echo = peers.server(peer_scripts.echo)
    coded = base64.b64encode(b"alice:" + SECRET.encode())
    proxy = serve("http", "--hex-file", tmp_path / "hex", "-o", tmp_path / "both", "--output-in", tmp_path / "in",
                  users=f"alice:{SECRET}\n")
    tunnel = peers.connect(proxy.port)
    tunnel.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nProxy-Authorization: Basic %b\r\n\r\n" % (echo.port, coded))
    peer_scripts.read_until(tunnel, b"\r\n\r\n")
    tunnel.sendall(b"through the tunnel")
    assert peer_scripts.read_exactly(tunnel, 18) == b"through the tunnel"
    tunnel.close()
    got = ask(peers, proxy, b"POST http://127.0.0.1:%d/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
              b"Proxy-Authorization: Basic %b\r\n\r\nbody" % (origin.port, coded), shut=True)
    proxy.signal(signal.SIGTERM)
    proxy.finish().expect(143, b"", b"")
    assert (tmp_path / "in").read_bytes() == b"through the tunnel" b"body"
    assert (tmp_path / "both").read_bytes() == b"through the tunnel" * 2 + b"body" + got
    assert b"[2] < " in (tmp_path / "hex").read_bytes()


@pytest.mark.waits
@pytest.mark.parametrize("method", ["CONNECT", "GET"])
def test_a_proxy_may_be_slow(peers, serve, method):
    """--rate: a tunnel, and a request that is forwarded."""
    origin = peers.server(Origin(bytes(40_000)))
    proxy = serve("http", "--rate", "50k")
    client = peers.connect(proxy.port)
    start = time.monotonic()
    if method == "CONNECT":
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % origin.port)
        peer_scripts.read_until(client, b"\r\n\r\n")
    client.sendall(b"GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: x\r\n\r\n" % origin.port)
    assert peer_scripts.read_all(client).endswith(b"\r\n\r\n" + bytes(40_000))
    assert time.monotonic() - start >= 0.6


@pytest.mark.parametrize("kind", ["CONNECT", "GET", "socks5"])
def test_no_more_than_the_limit_arrives(sockt, peers, serve, kind):
    """--limit: through a tunnel, and of a reply with its head as the client gets it; then both are closed."""
    def script(sock):
        try:
            if kind == "GET":
                peer_scripts.read_until(sock, b"\r\n\r\n")
                sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            sock.sendall(bytes(200_000))
            peer_scripts.read_all(sock)
        except OSError:
            pass
    target = peers.server(script)
    proxy = serve("socks5" if kind == "socks5" else "http", "-v", "--limit", "100k")
    if kind == "socks5":
        run = sockt.run("connect", "--proxy", f"socks5://127.0.0.1:{proxy.port}", "127.0.0.1", target.port)
        assert run.expect(0).out == bytes(102_400)
    else:
        place = b"127.0.0.1:%d" % target.port
        words = place if kind == "CONNECT" else b"http://" + place + b"/"
        reply = ask(peers, proxy, kind.encode() + b" " + words + b" HTTP/1.1\r\n\r\n")
        head, body = reply.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200")
        assert body == bytes(len(body)) and len(reply if kind == "GET" else body) == 102_400
    proxy.err.until(b"a limit of bytes or messages that was asked for is reached")


def test_no_more_than_the_limit_is_sent(peers, serve):
    """The target sees an end behind it, and its answer arrives."""
    def script(sock):
        sock.sendall(b"got %d" % len(peer_scripts.read_all(sock)))
    target = peers.server(script)
    proxy = serve("http", "-v", "--limit", "100k")
    client = peers.connect(proxy.port)
    client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % target.port)
    peer_scripts.read_until(client, b"\r\n\r\n")
    client.sendall(bytes(150_000))
    assert peer_scripts.read_all(client) == b"got 102400"
    client.close()
    proxy.err.until(b"a limit of bytes or messages that was asked for is reached")


def test_progress_of_a_proxy(peers, serve):
    echo = peers.server(peer_scripts.echo)
    proxy = serve("http", "--progress")
    tunnel = peers.connect(proxy.port)
    tunnel.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\nhello" % echo.port)
    peer_scripts.read_until(tunnel, b"hello")
    proxy.signal(signal.SIGTERM)
    assert re.search(rb"sockt: up 5 B, down 5 B in [^\n]+; sessions: 1\n", proxy.finish().expect(143).err)


KEEPS = (b"HTTP/1.1 100 Continue\r\nKeep-Alive: 5\r\n\r\n"
         b"HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nConnection: keep-alive, X-Own\r\nX-Own: 1\r\n"
         b"Proxy-Authenticate: Basic realm=x\r\nX-Other: 2\r\n\r\nhello")


@pytest.mark.parametrize("pieces", (1, len(KEEPS)), ids=("bytes", "whole"))
def test_the_client_is_told_that_the_connection_ends(peers, serve, pieces):
    """Whatever the target says of its own connection: a client that believed that would ask again, and wait."""
    def target(sock):
        peer_scripts.read_until(sock, b"\r\n\r\n")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(KEEPS), pieces):
            sock.sendall(KEEPS[at:at + pieces])
        peer_scripts.read_all(sock)
    client = peers.connect(serve("http").port)
    client.sendall(f"GET http://127.0.0.1:{peers.server(target).port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    reply = re.sub(rb"sockt-[0-9a-f]{8}", b"NAME", peer_scripts.read_until(client, b"hello"))
    assert reply == (b"HTTP/1.1 100 Continue\r\nVia: 1.1 NAME\r\n\r\n"
                     b"HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nX-Other: 2\r\nVia: 1.1 NAME\r\n"
                     b"Connection: close\r\n\r\nhello")


@pytest.mark.parametrize("reply, words", (
    (b"", "the target ended without a reply"), (b"HTTP/1.1 200 OK\r\nA: b", "in the middle of the head"),
    (b"<html>", "the first line is not HTTP/1.1 STATUS REASON"), (b"HTTP/1.1 101 Other\r\n\r\n", "the protocol"),
    (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 66000, "longer than 64 KiB")), ids=("none", "half", "other", "101", "long"))
def test_what_is_no_reply_is_502(peers, serve, reply, words):
    def target(sock):
        peer_scripts.read_until(sock, b"\r\n\r\n")
        sock.sendall(reply)
        sock.shutdown(socket.SHUT_WR)
        peer_scripts.read_all(sock)
    answer = ask(peers, serve("http"), f"GET http://127.0.0.1:{peers.server(target).port}/ HTTP/1.0\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n") and words.encode() in answer


def test_a_broken_body_is_400(peers, serve):
    """The request has gone to the target by then; its client is told all the same."""
    target = peers.server(lambda sock: peer_scripts.read_all(sock))
    answer = ask(peers, serve("http"), f"POST http://127.0.0.1:{target.port}/ HTTP/1.1\r\nHost: x\r\n"
                 "Transfer-Encoding: chunked\r\n\r\nxyz\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n") and b"its size in hexadecimal" in answer


def test_another_service_at_its_port_is_no_loop(peers, serve):
    """Where it listens at one address only, the port of another one is not its own."""
    origin = peers.server(Origin(), ("127.0.0.9", 0))
    proxy = serve("http", at=("127.0.0.1", origin.port))
    reply = ask(peers, proxy, f"GET http://127.0.0.9:{origin.port}/ HTTP/1.0\r\n\r\n".encode())
    assert reply.endswith(b"hello")


def test_an_answer_survives_what_is_still_sent(peers, serve):
    """A refused client that goes on sending gets its answer, and no reset."""
    proxy = serve("http", users="alice:x\n")
    sock = peers.connect(proxy.port)
    sock.sendall(b"POST http://x/ HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n")
    sock.sendall(os.urandom(300_000))
    assert peer_scripts.read_until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n")
    sock.shutdown(socket.SHUT_WR)
    assert b"serves only users" in peer_scripts.read_all(sock)


def test_http_users(sockt, peers, serve, trace):
    origin = peers.server(Origin())
    told = trace(3)
    proxy = serve("http", *told.options, users=f"alice:{SECRET}\n")

    def run(user):
        return sockt.run("connect", "--proxy", f"http://{user}127.0.0.1:{proxy.port}", "--no-shutdown", "127.0.0.1",
                         origin.port, input=b"GET / HTTP/1.0\r\n\r\n")
    assert run(f"alice:{SECRET}@").expect(0).out.endswith(b"hello")
    run("alice:wrong@").expect(3, b"")
    run("").expect(3, b"")
    proxy.signal(15)
    proxy.wait()
    data = told.path.read_bytes()
    secret = base64.b64encode(f"alice:{SECRET}".encode())
    for hidden in (SECRET.encode(), secret, *(base64.b64encode(b"x" * n + secret)[4:-4] for n in range(3))):
        assert hidden not in data
    answers = [(event["request"], event["answer"], event["side"]) for event in told.events()
               if event["step"] == "proxy"]
    assert ("CONNECT", "granted", "server") in answers
    assert ("CONNECT", "Proxy Authentication Required", "server") in answers


def test_the_summary_of_a_forwarded_request(peers, serve, trace):
    """Its head belongs to the conversation, although the proxy passes it on by itself: a request, and a reply."""
    origin, told = peers.server(Origin()), trace(1)
    proxy = serve("http", *told.options)
    request = f"GET http://127.0.0.1:{origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    assert ask(peers, proxy, request).endswith(b"hello")
    proxy.signal(signal.SIGTERM)
    proxy.finish().expect(143)
    client, target = [event for event in told.events() if event["step"] == "end" and "session" in event]
    assert (client["received_bytes"], client["spoke_first"]) == (len(request), "remote")
    assert (target["sent_bytes"], target["spoke_first"]) == (len(origin.script.requests[0]), "local")
    assert client["turns"] == target["turns"] == 2
    assert client["sent_bytes"] == target["received_bytes"] > 0


def test_what_nobody_has_asked_for_is_hidden_too(peers, serve, trace):
    """Clients offer a password unasked; a head without one is shown."""
    origin = peers.server(Origin())
    told = trace(3)
    proxy = serve("http", *told.options)
    coded = base64.b64encode(f"alice:{SECRET}".encode()).decode()
    for first, rest in ((f"GET http://127.0.0.1:{origin.port}/plain HTTP/1.1", ""),
                        (f"GET http://127.0.0.1:{origin.port}/ HTTP/1.1", f"Proxy-Authorization: Basic {coded}\r\n"),
                        (f"GET http://alice:{SECRET}@127.0.0.1:{origin.port}/ HTTP/1.1", ""),
                        ("GET / HTTP/1.1", f"Proxy-Authorization: Basic {coded}\r\nbroken\r\n")):
        ask(peers, proxy, f"{first}\r\nHost: x\r\n{rest}\r\n".encode())
    proxy.signal(15)
    proxy.wait()
    data = b"".join(base64.b64decode(event["data"]) for event in told.events() if "data" in event)
    assert b"/plain HTTP/1.1\r\nHost: x\r\n" in data
    assert SECRET.encode() not in data and coded.encode() not in data
    assert SECRET not in told.path.read_text() and coded not in told.path.read_text()


@pytest.mark.parametrize("kind", ("http", "socks5"))
def test_no_packet_has_the_password(sockt, peers, serve, need_fact, tmp_path, kind):
    """Nor has a file of packets on either side."""
    need_fact(os.geteuid() == 0, "packets are for root")
    echo = peers.server(peer_scripts.echo)
    proxy = serve(kind, "--packets", "--trace", f"pcap:{tmp_path}/server.pcap", users=f"alice:{SECRET}\n")
    sockt.run("connect", "--packets", "--trace", f"pcap:{tmp_path}/client.pcap", "--proxy",
              f"{'http' if kind == 'http' else 'socks5h'}://alice:{SECRET}@127.0.0.1:{proxy.port}", "127.0.0.1",
              echo.port, input=b"and hello").expect(0, b"and hello")
    proxy.signal(15)
    proxy.wait()
    for name in ("server", "client"):
        data = (tmp_path / f"{name}.pcap").read_bytes()
        assert SECRET.encode() not in data and base64.b64encode(f"alice:{SECRET}".encode()) not in data
        assert b"and hello" in data


def test_access_rules_guard_it(sockt, peers, serve):
    proxy = serve("http", "--deny", "127.0.0.1")
    assert peers.is_reset(proxy.port, b"GET http://x/ HTTP/1.0\r\n\r\n")


def test_a_client_that_goes_away(peers, serve):
    """Before, in the middle of and after its request: others are served on."""
    origin = peers.server(Origin())
    proxy = serve("http")
    for part in (b"", b"GET http:", b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n"):
        sock = peers.connect(proxy.port)
        sock.sendall(part)
        peer_scripts.reset(sock)
    assert ask(peers, proxy, f"GET http://127.0.0.1:{origin.port}/ HTTP/1.0\r\n\r\n".encode()).endswith(b"hello")


def test_many_at_once(peers, serve):
    origin = peers.server(Origin(os.urandom(50_000)))
    proxy = serve("http")
    got = []
    request = f"GET http://127.0.0.1:{origin.port}/ HTTP/1.0\r\n\r\n".encode()
    threads = [threading.Thread(target=lambda: got.append(ask(peers, proxy, request))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20 and all(data.endswith(origin.script.body) for data in got)


def test_both_ends_are_sockt_in_a_chain(sockt, peers, serve):
    echo = peers.server(peer_scripts.echo)
    first, second = serve("http"), serve("socks5")
    sockt.run("connect", "--proxy", f"http://127.0.0.1:{first.port}", "--proxy", f"socks5h://127.0.0.1:{second.port}",
              "127.0.0.1", echo.port, input=b"hello").expect(0, b"hello")


@pytest.mark.parametrize("args, words", (
    (("--proxy-server", "socks4", 1), "one of http|socks5"),
    (("--proxy-server", "http", "--recv-only", 1), "--proxy-server and --recv-only contradict"),
    (("--proxy-server", "http", "--broker", 1), "--proxy-server and --broker contradict"),
    (("--proxy-server", "http", "--hold", 1), "--hold and --proxy-server contradict"),
    (("--proxy-server", "http", "-C", 1), "--proxy-server and --crlf contradict each other: what clients and"),
    (("--proxy-server", "socks5", "-t", 1), "passes as it is; it is an option of who says it (sockt connect)"),
    (("--proxy-server", "http", "--delay-lines", "1s", 1), "--proxy-server and --delay-lines contradict"),
    (("--proxy-server", "http", "--http", 1), "--http and --proxy-server contradict"),
    (("--proxy-server", "http", "--exec", "cat", 1), "--exec and --proxy-server contradict"),
    (("--proxy-server", "http", "--sh", "cat", 1), "--sh and --proxy-server contradict"),
    (("--proxy-server", "http", "-u", 1), "--proxy-server and --udp contradict"),
    (("--proxy-server", "http", "--proxy-auth-file", "none", 1), "ENOENT"),
    (("-w", "1", 1), "--accept-timeout is how long a client is waited for"),
    (("--proxy-auth-file", "none", 1), "is for --proxy or --proxy-server"),
))
def test_command_lines(sockt, args, words):
    sockt.run("listen", *args).expect(2, b"", words)


# Real clients

@pytest.mark.parametrize("scheme", ("http", "socks5", "socks5h"))
def test_curl(sockt, peers, serve, need, scheme):
    body = os.urandom(300_000)
    origin = peers.server(Origin(body))
    proxy = serve("http" if scheme == "http" else "socks5", users=f"alice:{SECRET}\n")
    url = f"http://127.0.0.1:{origin.port}/x"
    options = ("-x", f"{scheme}://alice:{SECRET}@127.0.0.1:{proxy.port}")
    curl(sockt, need, *options, url).expect(0, body)
    if scheme == "http":
        curl(sockt, need, "-p", *options, url).expect(0, body)
        curl(sockt, need, *options, "-d", "x=1", url).expect(0, body)
        assert origin.script.requests[-1].endswith(b"\r\n\r\nx=1")
        assert b"407" in curl(sockt, need, "-i", "-x", f"http://127.0.0.1:{proxy.port}", url).out


def test_ncat_as_a_client(sockt, peers, serve):
    data = os.urandom(100_000)
    server = peers.server(lambda sock: sock.sendall(data))
    proxy = serve("http")
    process = sockt.start_command([require_tool("ncat"), "--proxy", f"127.0.0.1:{proxy.port}", "--proxy-type", "http",
                                   "127.0.0.1", str(server.port)])
    process.out.until(len(data))
    assert bytes(process.out.data) == data
