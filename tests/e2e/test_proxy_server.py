# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt as a proxy server: what it connects, forwards, strips, refuses, and that curl and others understand it."""

import base64
import os
import re
import socket
import threading

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
    assert got == (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
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
    (("--proxy-server", "http", "--http", 1), "--http and --proxy-server contradict"),
    (("--proxy-server", "http", "--exec", "cat", 1), "--exec and --proxy-server contradict"),
    (("--proxy-server", "http", "--sh", "cat", 1), "--sh and --proxy-server contradict"),
    (("--proxy-server", "http", "-u", 1), "--proxy-server and --udp contradict"),
    (("--proxy-server", "http", "--proxy-auth-file", "none", 1), "ENOENT"),
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
