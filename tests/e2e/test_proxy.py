# SPDX-License-Identifier: GPL-3.0-or-later
"""Through SOCKS and HTTP proxies: what is asked of them, what their answers mean, and that no secret is seen."""

import base64
import os
import socket
from ctypes.util import find_library

import pytest

import peers as peer_scripts
from facts import require_ipv6, require_localhost, wait_for
from proxies import Http, Socks5, dante, microsocks, ncat, tinyproxy

SECRET = "XyzzySecret"


def through(sockt, kind, proxy, *args, user="", **popen):
    """Connect through a proxy at that port of 127.0.0.1."""
    user = user and user + "@"
    return sockt.run("connect", "--proxy", f"{kind}://{user}127.0.0.1:{proxy}", *args, **popen)


def stages(trace):
    """The answers of proxies, as one line each."""
    return [f"{event['proxy']} {event['request']} {event['about']} = {event['answer']}"
            for event in trace.events() if event["step"] == "proxy"]


@pytest.fixture
def echo(peers):
    return peers.server(peer_scripts.echo)


def test_a_name_goes_to_the_proxy(sockt, peers, echo, trace):
    require_localhost()
    proxy = peers.server(Socks5())
    told = trace(1)
    through(sockt, "socks5h", proxy.port, *told.options, "localhost", echo.port, input=b"hello").expect(0, b"hello")
    assert proxy.script.asked == [("localhost", echo.port)]
    assert stages(told) == ["socks5h methods no authentication = no authentication",
                             f"socks5h CONNECT localhost:{echo.port} = granted"]


def test_a_name_is_resolved_here(sockt, peers, echo, trace):
    require_localhost()
    proxy = peers.server(Socks5())
    told = trace(1)
    through(sockt, "socks5", proxy.port, "-4", *told.options, "localhost", echo.port,
            input=b"hello").expect(0, b"hello")
    assert proxy.script.asked == [("127.0.0.1", echo.port)]
    assert [event["args"]["node"] for event in told.events() if event["step"] == "resolve"] == ["localhost"]


@pytest.mark.parametrize("last", (0, 5), ids=("granted", "refused"))
def test_each_address_of_a_name_is_asked_for(sockt, peers, trace, netns, last):
    """The proxy cannot connect to the first; it is asked for the second on a new connection."""
    hosts = sockt.workdir / "hosts"
    hosts.write_text("10.1.1.1 many\n127.0.0.1 many\n")
    netns.replace_file("/etc/hosts", hosts)
    listener = peers.keep(netns.listen())
    asked, told = [], trace(1)
    process = sockt.start("connect", *told.options, "--proxy", f"socks5://127.0.0.1:{listener.getsockname()[1]}",
                          "many", 9, prefix=netns.prefix)
    process.close_stdin()
    for code in (5, last):
        sock = peers.accept(listener)
        assert peer_scripts.read_exactly(sock, 3) == b"\5\1\0"
        sock.sendall(b"\5\0")
        asked.append(socket.inet_ntoa(peer_scripts.read_exactly(sock, 10)[4:8]))
        sock.sendall(bytes([5, code, 0, 1]) + bytes(6) + (b"here" if code == 0 else b""))
        if code == 0:
            sock.shutdown(socket.SHUT_WR)
    assert sorted(asked) == ["10.1.1.1", "127.0.0.1"]
    done = process.finish()
    if last == 0:
        done.expect(0, b"here", b"")
    else:
        done.expect(1, b"", err=["connect to many port 9 through the socks5 proxy 127.0.0.1 port ",
                                 "connection refused"])
    notes = [event["text"] for event in told.events() if event["step"] == "note"]
    assert any(f"{asked[0]}:9 cannot be reached: " in text and f"for {asked[1]}:9" in text for text in notes), notes


def test_ipv6_target(sockt, peers):
    require_ipv6()
    echo = peers.server(peer_scripts.echo, ("::1", 0), socket.AF_INET6)
    proxy = peers.server(Socks5())
    through(sockt, "socks5h", proxy.port, "::1", echo.port, input=b"hello").expect(0, b"hello")
    assert proxy.script.asked == [("::1", echo.port)]


def test_ipv6_proxy(sockt, peers, echo):
    require_ipv6()
    proxy = peers.server(Socks5(), ("::1", 0), socket.AF_INET6)
    sockt.run("connect", "--proxy", f"socks5h://[::1]:{proxy.port}", "127.0.0.1", echo.port,
              input=b"hello").expect(0, b"hello")


@pytest.mark.parametrize("pieces", (False, True), ids=("whole", "bytes"))
def test_what_stands_behind_the_answer_is_data(sockt, peers, pieces):
    server = peers.server(peer_scripts.discard)
    proxy = peers.server(Socks5(user=f"alice:{SECRET}", pieces=pieces, behind=b"early"))
    through(sockt, "socks5h", proxy.port, "127.0.0.1", server.port, user=f"alice:{SECRET}").expect(0, b"early", b"")


def test_a_chain(sockt, peers, echo, trace):
    first, second = peers.server(Socks5(user="al:ice")), peers.server(Socks5(pieces=True))
    told = trace(1)
    sockt.run("connect", *told.options, "--proxy", f"socks5h://al:ice@127.0.0.1:{first.port}",
              "--proxy", f"socks5://127.0.0.1:{second.port}", "127.0.0.1", echo.port,
              input=b"hello").expect(0, b"hello")
    assert first.script.asked == [("127.0.0.1", second.port)]
    assert second.script.asked == [("127.0.0.1", echo.port)]
    assert stages(told) == ["socks5h methods no authentication, user and password = user and password",
                             "socks5h user al = accepted",
                             f"socks5h CONNECT 127.0.0.1:{second.port} = granted",
                             "socks5 methods no authentication = no authentication",
                             f"socks5 CONNECT 127.0.0.1:{echo.port} = granted"]


def test_a_relay_goes_through_it(sockt, peers, echo):
    proxy = peers.server(Socks5())
    process = sockt.relay(echo.port, "--proxy", f"socks5h://127.0.0.1:{proxy.port}")
    for _ in range(2):
        sock = peers.connect(process.port)
        sock.sendall(b"hello")
        sock.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(sock) == b"hello"
    assert proxy.script.asked == [("127.0.0.1", echo.port)] * 2


def test_options_are_of_the_one_socket(sockt, peers, echo, trace):
    proxy = peers.server(Socks5())
    told = trace(1)
    sockt.run("connect", *told.options, "-s", "127.0.0.1", "--proxy", f"socks5h://127.0.0.1:{proxy.port}",
              f"127.0.0.1:{echo.port},nodelay", input=b"x").expect(0, b"x")
    events = told.events()
    assert any(event["step"] == "setsockopt" and event["args"]["optname"] == "TCP_NODELAY" for event in events)
    assert any(event["step"] == "bind" for event in events)


# HTTP

@pytest.mark.parametrize("pieces", (False, True), ids=("whole", "bytes"))
def test_http_connect(sockt, peers, echo, trace, pieces):
    proxy = peers.server(Http(pieces=pieces, behind=b"early "))
    told = trace(1)
    through(sockt, "http", proxy.port, *told.options, "127.0.0.1", echo.port,
            input=b"hello").expect(0, b"early hello", b"")
    target = f"127.0.0.1:{echo.port}"
    assert proxy.script.heads == [f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"]
    assert stages(told) == [f"http CONNECT {target} = OK"]


def test_http_ipv6_target(sockt, peers):
    require_ipv6()
    echo = peers.server(peer_scripts.echo, ("::1", 0), socket.AF_INET6)
    proxy = peers.server(Http())
    through(sockt, "http", proxy.port, "::1", echo.port, input=b"hello").expect(0, b"hello")
    assert proxy.script.heads[0].startswith(f"CONNECT [::1]:{echo.port} HTTP/1.1\r\n")


@pytest.mark.parametrize("scheme, algorithm", (("Basic", ""), ("Digest", "MD5"), ("Digest", "SHA-256"),
                                               ("Digest", "SHA-512-256")))
def test_http_who_asks(sockt, peers, echo, need_fact, scheme, algorithm):
    """Nobody is named before the proxy asks; then by the strongest way it knows; in a chain too."""
    if scheme == "Digest":
        need_fact(find_library("crypto") == "libcrypto.so.3", "libcrypto.so.3 is not installed")
    proxy = peers.server(Http(f"alice:{SECRET}", scheme, algorithm))
    through(sockt, "http", proxy.port, "127.0.0.1", echo.port, user=f"alice:{SECRET}",
            input=b"hello").expect(0, b"hello")
    first, second = proxy.script.heads
    assert "Authorization" not in first and f"Proxy-Authorization: {scheme} " in second
    front = peers.server(Socks5())
    sockt.run("connect", "--proxy", f"socks5h://127.0.0.1:{front.port}",
              "--proxy", f"http://alice:{SECRET}@127.0.0.1:{proxy.port}", "127.0.0.1", echo.port,
              input=b"hello").expect(0, b"hello")
    through(sockt, "http", proxy.port, "127.0.0.1", echo.port, user="alice:wrong").expect(
        3, b"", 'it does not accept the user "alice" with this password (407)')
    through(sockt, "http", proxy.port, "-v", "127.0.0.1", echo.port).expect(
        3, b"", ("it wants to know who asks (407)", "--proxy-auth-file"))


def test_http_digests_that_are_not_known_are_named(sockt, peers):
    """What the proxy wants, and what there is."""
    proxy = peers.server(Http(f"alice:{SECRET}", "Digest", "SHA3-256", only=True))
    through(sockt, "http", proxy.port, "example.org", 80, user=f"alice:{SECRET}").expect(
        3, b"", ["it wants to know who asks by Digest (algorithm SHA3-256), and here are only Basic and Digest",
                 "SHA-512-256 and of the qop auth, auth-int (407)"])


@pytest.mark.parametrize("status, code, words", (("502 Bad Gateway", 1, "Bad Gateway (502)"),
                                                 ("403 N\x1b[2Jo", 1, "what it answers is not http"),
                                                 ("403 Nope", 1, "Nope (403)"), ("302 Found", 1, "Found (302)")))
def test_http_refusals(sockt, peers, status, code, words):
    proxy = peers.server(Http(status=status))
    through(sockt, "http", proxy.port, "example.org", 80).expect(
        code, b"", f"connect to example.org port 80 through the http proxy 127.0.0.1 port {proxy.port}: {words}")


@pytest.mark.parametrize("answer, words", (
    (b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"a" * 20_000 + b"\r\n\r\n",
     "what it answers is not http: the head is longer than 16 KiB"),
    (b"SSH-2.0-x\r\n\r\n", "what it answers is not http: the first line is not HTTP/1.1 STATUS REASON"),
    (b"\x05\x00", "what it answers is not http: the first line is not HTTP/1.1 STATUS REASON"),
    (b"HTTP/1.1 200 OK\r\nX:", "it closed the connection in the middle of its answer"),
    (b"HTTP/1.1 200 OK\r\nbroken\r\n\r\n", "what it answers is not http: a line of the head is not NAME: VALUE"),
    (b"HTTP/1.1 100 Continue\r\n\r\n", "it closed the connection without an answer"),
), ids=("overlong", "ssh", "socks", "half", "broken", "interim"))
def test_http_heads_that_are_none(sockt, peers, answer, words):
    def script(sock):
        peer_scripts.read_until(sock, b"\r\n\r\n")
        sock.sendall(answer)
    proxy = peers.server(script)
    through(sockt, "http", proxy.port, "example.org", 80).expect(1, b"", words)


def test_a_nonce_that_is_always_too_old_ends(sockt, peers, need_fact):
    """Who is told again and again that it was too late asks twice, not without end."""
    need_fact(find_library("crypto") == "libcrypto.so.3", "libcrypto.so.3 is not installed")
    heads = []

    def script(sock):
        heads.append(peer_scripts.read_until(sock, b"\r\n\r\n"))
        sock.sendall(b'HTTP/1.1 407 Who\r\nProxy-Authenticate: Digest realm="test", nonce="n%d", qop="auth", '
                     b'stale=true\r\n\r\n' % len(heads))
    proxy = peers.server(script)
    through(sockt, "http", proxy.port, "example.org", 80, user=f"alice:{SECRET}").expect(3, b"")
    assert [b"Proxy-Authorization" in head for head in heads] == [False, True]


# What it refuses

@pytest.mark.parametrize("code, words", ((1, "general failure (1)"), (2, "not allowed by the ruleset (2)"),
                                         (4, "host unreachable (4)"), (5, "connection refused (5)"),
                                         (77, "answer 77, which has no meaning (77)")))
def test_a_refusal_names_the_proxy_and_the_reason(sockt, peers, code, words):
    proxy = peers.server(Socks5(code=code))
    through(sockt, "socks5h", proxy.port, "-v", "example.org", 80).expect(
        1, b"", (f"sockt: connect to example.org port 80 through the socks5h proxy 127.0.0.1 port {proxy.port}: "
                 f"{words}", "  why  the proxy is up"))


def test_a_hop_that_refuses_is_named(sockt, peers):
    first, second = peers.server(Socks5()), peers.server(Socks5(code=3))
    sockt.run("connect", "--proxy", f"socks5h://127.0.0.1:{first.port}",
              "--proxy", f"socks5h://127.0.0.1:{second.port}", "example.org", 80).expect(
        1, b"", f"example.org port 80 through the socks5h proxy 127.0.0.1 port {second.port}: network unreachable (3)")


@pytest.mark.parametrize("user, words", (("", "it wants to know who asks"),
                                         ("alice:no", 'does not accept the user "alice"')))
def test_who_is_not_accepted_is_status_3(sockt, peers, user, words):
    proxy = peers.server(Socks5(user=f"alice:{SECRET}"))
    through(sockt, "socks5h", proxy.port, "-v", "example.org", 80, user=user).expect(
        3, b"", (words, "--proxy-auth-file"))


def test_socks4_has_no_ipv6(sockt, peers):
    proxy = peers.server(peer_scripts.discard)
    through(sockt, "socks4", proxy.port, "::1", 80).expect(1, b"", "socks4 carries IPv4 addresses only")


@pytest.mark.parametrize("answer, words", (
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what it answers is not socks5h"),
    (b"\x05", "it closed the connection in the middle of its answer"),
    (b"", "it closed the connection without an answer"),
), ids=("garbage", "half", "nothing"))
def test_what_is_no_answer(sockt, peers, answer, words):
    def script(sock):
        sock.recv(3)
        sock.sendall(answer)
    proxy = peers.server(script)
    through(sockt, "socks5h", proxy.port, "-v", "example.org", 80).expect(1, b"", (words, "  why  ", "  try  "))


def test_a_reset_is_a_refusal(sockt, peers):
    proxy = peers.server(peer_scripts.reset)
    through(sockt, "socks5h", proxy.port, "example.org", 80).expect(
        1, b"", "it closed the connection without an answer")


def test_a_proxy_that_hangs_is_within_the_limit(sockt, peers):
    proxy = peers.server(peer_scripts.discard)
    through(sockt, "socks5h", proxy.port, "-w", "100ms", "example.org", 80).expect(
        4, b"", f"sockt: socks5h proxy 127.0.0.1 port {proxy.port}: no answer within 100 ms (--connect-timeout)")


def test_a_proxy_that_is_not_there(sockt, peers):
    port = peers.refused_port()
    through(sockt, "socks5h", port, "example.org", 80).expect(
        1, b"", f"sockt: connect to socks5h proxy 127.0.0.1 port {port}: Connection refused (ECONNREFUSED)")


def test_it_is_tried_again(sockt, peers, echo):
    """What a proxy could not reach may be there the next time; who is not accepted stays so."""
    proxy = Socks5(code=5)
    server = peers.server(proxy)
    process = sockt.start("connect", "-v", "--retry", "forever,20ms", "--proxy", f"socks5h://127.0.0.1:{server.port}",
                          "127.0.0.1", echo.port)
    process.err.until(b"trying again")
    proxy.code = 0
    process.write("hello")
    process.close_stdin()
    process.finish().expect(0, b"hello")
    server = peers.server(Socks5(user="x:y"))
    through(sockt, "socks5h", server.port, "--retry", "forever,20ms", "127.0.0.1", 1).expect(3)


# Secrets

def test_the_list_of_processes_has_no_password(sockt, peers):
    server = peers.listen()
    process = sockt.start("connect", "--proxy", f"socks5h://alice:{SECRET}@127.0.0.1:{server.getsockname()[1]}",
                          "example.org", 80)
    peers.accept(server)
    with open(f"/proc/{process.pid}/cmdline", "rb") as file:
        words = file.read()
    assert SECRET.encode() not in words and b"alice:*" in words


@pytest.mark.parametrize("kind", ("socks5h", "http"))
@pytest.mark.parametrize("where", ("url", "file", "environment"))
def test_no_view_has_the_password(sockt, peers, echo, tmp_path, where, kind):
    """Wherever the password comes from, and whatever is shown of the run."""
    proxy = peers.server(Socks5(user=f"alice:{SECRET}") if kind == "socks5h" else Http(user=f"alice:{SECRET}"))
    (tmp_path / "auth").write_text(f"alice:{SECRET}\nbob:other\n")
    views = [part for kind in ("text", "json", "ladder", "svg", "html", "pcap", "c")
             for part in ("--trace", f"{kind}:{tmp_path}/view.{kind},level=3")]
    options = {"url": (), "file": ("--proxy-auth-file", tmp_path / "auth"), "environment": ()}[where]
    env = {"SOCKT_PROXY_AUTH": f"alice:{SECRET}"} if where == "environment" else {}
    result = through(sockt, kind, proxy.port, "-vvv", "--preview", 4096, *options, *views, "127.0.0.1", echo.port,
                     user=f"alice:{SECRET}" if where == "url" else "", input=b"hello", env=env).expect(0, b"hello")
    seen = {path.name: path.read_bytes() for path in tmp_path.glob("view.*")}
    assert len(seen) == 7
    seen["standard error"] = result.err
    # In JSON data are base64, and so is what Basic sends, at any offset.
    secrets = [SECRET.encode(), base64.b64encode(f"alice:{SECRET}".encode())]
    for name, data in seen.items():
        for secret in secrets:
            assert secret not in data, name
            parts = [base64.b64encode(b"x" * shift + secret)[4:-4] for shift in range(3)]
            assert not any(part in data for part in parts), name


def test_a_file_that_cannot_be_used(sockt, tmp_path):
    (tmp_path / "auth").write_text("alice\n")
    args = ("--proxy", "socks5h://127.0.0.1:1", "example.org", 80)
    sockt.run("connect", "--proxy-auth-file", tmp_path / "auth", *args).expect(
        2, b"", "line 1: there is no colon: it has to be USER:PASSWORD")
    sockt.run("connect", "--proxy-auth-file", tmp_path / "none", *args).expect(2, b"", "ENOENT")
    sockt.run("connect", "--proxy-auth-file", tmp_path / "auth", "example.org", 80).expect(2, b"", "there is none")


@pytest.mark.parametrize("args, words", (
    (("connect", "--proxy", "socks5h://h", "h", 80), "the port of the proxy is missing: write h:PORT"),
    (("connect", "--proxy", "h:1", "h", 80), "a proxy is a URL"),
    (("connect", "--proxy", f"socks9://a:{SECRET}@h:1", "h", 80), 'no kind of proxy "socks9"'),
    (("connect", "--proxy", "socks5h://h:1", "-u", "h", 80), "udp is not that"),
    (("connect", "--proxy", "socks5h://h:1", "-U", "/x"), "unix is not that"),
    (("connect", "-n", "--proxy", "socks5h://h:1", "127.0.0.1", 80), '"h" is a name'),
    (("listen", "--proxy", "socks5h://h:1", 80), "these have it: sockt connect, sockt relay"),
    (("connect", "--scan", "--proxy", "socks5h://h:1", "h", "80"), "--scan and --proxy contradict"),
    (("connect", *["--proxy", "socks5h://h:1"] * 9, "h", 80), "at most 8 proxies"),
))
def test_what_is_no_proxy(sockt, args, words):
    result = sockt.run(*args).expect(2, b"", words)
    assert SECRET.encode() not in result.err


# Real ones

@pytest.mark.parametrize("kind", ("socks5", "socks5h"))
def test_microsocks(sockt, peers, echo, need, kind):
    data = os.urandom(300_000)
    port = microsocks(sockt, need, "-u", "alice", "-P", SECRET)
    server = peers.server(lambda sock: sock.sendall(data))
    # It takes the first end for the end of both ways.
    through(sockt, kind, port, "--no-shutdown", "localhost", server.port, user=f"alice:{SECRET}").expect(0, data)
    through(sockt, kind, port, "localhost", server.port, user="alice:wrong").expect(3)
    through(sockt, kind, port, "localhost", peers.refused_port(), user=f"alice:{SECRET}").expect(
        1, b"", "connection refused (5)")


def test_dante(sockt, peers, tmp_path):
    """It passes half-closes on."""
    data = os.urandom(300_000)
    port = dante(sockt, tmp_path)
    server = peers.server(peer_scripts.reply(data))
    require_localhost()
    for kind in ("socks4", "socks5", "socks5h"):
        through(sockt, kind, port, "localhost", server.port, input=b"hello").expect(0, data)
    through(sockt, "socks4", port, "127.0.0.1", peers.refused_port()).expect(1, b"", "rejected or failed (91)")
    through(sockt, "socks5", port, "127.0.0.1", peers.refused_port()).expect(1, b"", "connection refused (5)")
    through(sockt, "socks5", port, "192.0.2.1", 80).expect(1, b"", "not allowed by the ruleset (2)")


def test_tinyproxy(sockt, peers, echo, need, tmp_path):
    data = os.urandom(300_000)
    server = peers.server(lambda sock: sock.sendall(data))
    port = tinyproxy(sockt, need, tmp_path, f"BasicAuth alice {SECRET}", f"ConnectPort {server.port}")
    through(sockt, "http", port, "127.0.0.1", server.port, "--no-shutdown", user=f"alice:{SECRET}").expect(0, data)
    through(sockt, "http", port, "127.0.0.1", server.port, user="alice:wrong").expect(3, b"", "does not accept")
    through(sockt, "http", port, "127.0.0.1", echo.port, user=f"alice:{SECRET}").expect(1, b"", "(403)")


def test_ncat(sockt, peers, need):
    data = os.urandom(300_000)
    server = peers.server(lambda sock: sock.sendall(data))
    port = ncat(sockt, need, "--proxy-type", "http", "--proxy-auth", f"alice:{SECRET}")
    through(sockt, "http", port, "127.0.0.1", server.port, "--no-shutdown", user=f"alice:{SECRET}").expect(0, data)
    through(sockt, "http", port, "127.0.0.1", server.port, user="alice:wrong").expect(3)
    through(sockt, "http", port, "127.0.0.1", peers.refused_port(), user=f"alice:{SECRET}").expect(1, b"", "(504)")
