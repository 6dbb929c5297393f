# SPDX-License-Identifier: GPL-3.0-or-later
"""The PROXY protocol in a relay: read from clients (accept-proxy), sent to targets (proxy-protocol=)."""

import os
import re
import socket
import struct
import threading
import time
import zlib

import pytest

import peers as peer_scripts
from facts import SCALE, require_ipv6, wait_for, wait_idle

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL = SIGNATURE + b"\x20\x00\x00\x00"
UNSPEC = SIGNATURE + b"\x21\x00\x00\x00"

versions = pytest.mark.parametrize("version", ["v1", "v2"])
hosts = pytest.mark.parametrize("host", ["127.0.0.1", "::1"])


def v1(source, destination):
    """The line that tells of two addresses, as getpeername() and getsockname() give them."""
    family = "TCP6" if ":" in source[0] else "TCP4"
    return f"PROXY {family} {source[0]} {destination[0]} {source[1]} {destination[1]}\r\n".encode()


def v2(source, destination, tlvs=b""):
    """The same in binary."""
    family = socket.AF_INET6 if ":" in source[0] else socket.AF_INET
    rest = (socket.inet_pton(family, source[0]) + socket.inet_pton(family, destination[0])
            + struct.pack("!HH", source[1], destination[1]) + tlvs)
    number = b"\x21" if family == socket.AF_INET6 else b"\x11"
    return SIGNATURE + b"\x21" + number + struct.pack("!H", len(rest)) + rest


def v2_unix(source, destination):
    return SIGNATURE + b"\x21\x31" + struct.pack("!H", 216) + source.ljust(108, b"\0") + destination.ljust(108, b"\0")


HEADERS = {"v1": v1, "v2": v2}
ORIGINAL = ("192.0.2.1", 1234), ("198.51.100.2", 443)
ORIGINAL6 = ("2001:db8::1", 1234), ("2001:db8::2", 443)


def at(host):
    return f"tcp:[{host}]:0" if ":" in host else f"tcp:{host}:0"


@pytest.fixture
def accepting(sockt, peers):
    """
    accepting(*options, target=""): a relay that wants a header from its clients, and a listening socket of ours as its
    target. Returns (process, listening).
    """
    def make(*options, target="", host="127.0.0.1", **popen):
        if ":" in host:
            require_ipv6()
        listening = peers.listen()
        to = f"tcp:127.0.0.1:{listening.getsockname()[1]}{target}"
        return sockt.relay(to, *options, at=at(host) + ",accept-proxy", **popen), listening
    return make


def nobody_came(listening):
    """Has no connection reached this target?"""
    listening.setblocking(False)
    try:
        sock, _ = listening.accept()
    except BlockingIOError:
        return True
    finally:
        listening.setblocking(True)
    sock.close()
    return False


# What is sent to the target

@versions
@hosts
@pytest.mark.smoke
def test_the_target_is_told_the_client(sockt, peers, version, host):
    if ":" in host:
        require_ipv6()
    listening = peers.listen()
    relay = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},proxy-protocol={version}", at=at(host))
    client = peers.connect((host, relay.port))
    target = peers.accept(listening)
    header = HEADERS[version](client.getsockname(), client.getpeername())
    # It comes before the client has sent a byte: a server that speaks first needs it, too.
    assert peer_scripts.read_exactly(target, len(header)) == header
    client.sendall(b"question")
    client.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(target) == b"question"
    target.sendall(b"answer")
    target.close()
    assert peer_scripts.read_all(client) == b"answer"


@versions
def test_a_client_of_a_dual_stack_socket_is_told_as_ipv4(sockt, peers, version):
    require_ipv6()
    listening = peers.listen()
    relay = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},proxy-protocol={version}", at="0")
    assert relay.ready_lines[0].startswith("tcp [::]:")
    client = peers.connect(relay.port)
    client.shutdown(socket.SHUT_WR)
    target = peers.accept(listening)
    assert peer_scripts.read_all(target) == HEADERS[version](client.getsockname(), client.getpeername())


@pytest.mark.parametrize("version, header", [("v1", b"PROXY UNKNOWN\r\n"), ("v2", None)])
def test_a_client_of_a_unix_socket(sockt, peers, tmp_path, version, header):
    """Version 1 has no words for it."""
    path, name = str(tmp_path / "from"), str(tmp_path / "to")
    listening = peers.listen(name, socket.AF_UNIX)
    sockt.relay(f"unix:{name},proxy-protocol={version}", at=f"unix:{path}")
    client = peers.socket(socket.AF_UNIX)
    client.bind(str(tmp_path / "client"))
    client.connect(path)
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    wanted = header or v2_unix(client.getsockname().encode(), path.encode())
    assert peer_scripts.read_all(peers.accept(listening)) == wanted + b"hello"


def test_the_header_is_a_send_of_the_trace(sockt, peers, trace):
    listening, record = peers.listen(), trace(3)
    relay = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},proxy-protocol=v1", *record.options)
    client = peers.connect(relay.port)
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    target = peers.accept(listening)
    header = v1(client.getsockname(), client.getpeername())
    assert peer_scripts.read_all(target) == header + b"hello"
    target.close()
    assert peer_scripts.read_all(client) == b""
    ends = wait_for(lambda: record.events("end"), "the summaries")
    sends = [event for event in record.events("send") if event["side"] == "client"]
    assert [event["result"] for event in sends] == [len(header), 5]
    # The connection's own bytes are those behind the header.
    assert {(end["side"], end["sent_bytes"], end["received_bytes"]) for end in ends} == {
        ("server", 0, 5), ("client", 5, 0)}


def test_a_target_that_resets_at_once(sockt, peers):
    """With the header on its way or not: the client is reset, not ended."""
    listening = peers.listen()
    relay = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},proxy-protocol=v2")
    for _ in range(20):
        client = peers.connect(relay.port)
        peer_scripts.reset(peers.accept(listening))
        peer_scripts.read_to_reset(client)


# What is read from the client

@versions
@pytest.mark.parametrize("original", [ORIGINAL, ORIGINAL6])
@pytest.mark.parametrize("data", [b"", b"data", b"\r\n" + os.urandom(300_000)], ids=["alone", "some", "much"])
def test_the_header_is_taken_and_not_a_byte_more(accepting, peers, version, original, data):
    """However it is followed, in the same segment: what is behind it is the target's."""
    relay, listening = accepting()
    client = peers.connect(relay.port)
    client.sendall(HEADERS[version](*original) + data)
    target = peers.accept(listening)
    client.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(target) == data
    target.sendall(b"answer")
    target.close()
    assert peer_scripts.read_all(client) == b"answer"


@versions
def test_byte_by_byte(accepting, peers, version):
    relay, listening = accepting()
    client = peers.connect(relay.port)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    header = HEADERS[version](*ORIGINAL)
    for index in range(len(header) - 1):
        client.sendall(header[index:index + 1])
        if index % 8 == 0:
            wait_idle(relay.pid, 0.01)
    wait_idle(relay.pid)
    assert nobody_came(listening)
    client.sendall(header[-1:])
    target = peers.accept(listening)
    client.sendall(b"h")
    assert target.recv(10) == b"h"


def test_a_long_header_through_a_small_buffer(sockt, peers):
    """It need not fit the receive buffer."""
    listening = peers.listen()
    relay = sockt.relay(listening.getsockname()[1], at="tcp:127.0.0.1:0,accept-proxy,rcvbuf=1")
    client = peers.connect(relay.port)
    client.sendall(v2(*ORIGINAL, b"\xee" + struct.pack("!H", 4000) + b"x" * 4000) + b"data")
    client.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(peers.accept(listening)) == b"data"


GARBAGE = {
    "other protocol": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "one wrong byte": b"PROXZ",
    "no such family": b"PROXY TCP5 1.2.3.4 5.6.7.8 9 10\r\n",
    "bare newline": b"PROXY TCP4 1.2.3.4 5.6.7.8 9 10\n",
    "leading zero": b"PROXY TCP4 1.2.3.4 5.6.7.08 9 10\r\n",
    "too long a line": b"PROXY UNKNOWN " + b"x" * 93,
    "too long a block": SIGNATURE + b"\x21\x11\xff\xff",
    "version 3": SIGNATURE + b"\x31\x11\x00\x0c" + bytes(12),
    "no such command": SIGNATURE + b"\x22\x11\x00\x0c" + bytes(12),
    "too short": SIGNATURE + b"\x21\x21\x00\x0c" + bytes(12),
    "wrong checksum": v2(*ORIGINAL, b"\x03\x00\x04abcd"),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_a_client_without_a_valid_header_is_reset(accepting, peers, what):
    relay, listening = accepting("-v")
    client = peers.connect(relay.port)
    client.sendall(GARBAGE[what])
    assert peer_scripts.read_to_reset(client) == b""
    relay.err.until(b"no valid PROXY header from the client 127.0.0.1 port ")
    assert nobody_came(listening)
    # And the relay goes on.
    client = peers.connect(relay.port)
    client.sendall(v1(*ORIGINAL) + b"x")
    assert peers.accept(listening).recv(1) == b"x"


@pytest.mark.parametrize("part", [b"", b"PROXY TCP4 1.2", SIGNATURE + b"\x21\x11\x00\x0c\x01"],
                         ids=["nothing", "a line", "a block"])
@pytest.mark.parametrize("how", ["end", "reset", "more and an end"])
def test_a_client_that_ends_in_the_middle(accepting, peers, part, how):
    relay, listening = accepting("-v")
    client = peers.connect(relay.port)
    client.sendall(part)
    if how == "more and an end":
        wait_idle(relay.pid)
        client.sendall(part[-4:])
    if how == "reset":
        peer_scripts.reset(client)
        relay.err.until(b"the peer reset the connection")
    else:
        client.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_to_reset(client) == b""
        relay.err.until(b"no valid PROXY header from the client")
    assert nobody_came(listening)
    assert relay.is_running


def test_clients_without_a_header_are_told_once_and_counted(accepting, peers):
    """Once until one has a header; without -v, too."""
    relay, listening = accepting("--stats", "100ms")
    for _ in range(3):
        client = peers.connect(relay.port)
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert peer_scripts.read_to_reset(client) == b""
    relay.err.until(b"3 without PROXY header")
    client = peers.connect(relay.port)
    client.sendall(v1(*ORIGINAL) + b"x")
    assert peers.accept(listening).recv(1) == b"x"
    other = peers.connect(relay.port)
    other.sendall(b"x")
    assert peer_scripts.read_to_reset(other) == b""
    relay.err.until(b"4 without PROXY header")
    told = re.findall(rb"no valid PROXY header from the client 127.0.0.1 port \d+: it begins", bytes(relay.err.data))
    assert len(told) == 2


@pytest.mark.prompt
def test_a_client_that_is_never_done(accepting, peers):
    """-w limits it; a byte now and then is no way out."""
    relay, listening = accepting("-v", "-w", "600ms")
    silent, slow = peers.connect(relay.port), peers.connect(relay.port)
    began = time.monotonic()
    slow.settimeout(0.1)
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        for byte in v1(*ORIGINAL6):
            slow.sendall(bytes([byte]))
            try:
                assert slow.recv(1) is None, "a clean end"
            except TimeoutError:
                pass
    assert 0.5 <= time.monotonic() - began < 2 * SCALE
    assert peer_scripts.read_to_reset(silent) == b""
    relay.err.until(b"none was whole within 600 ms")
    assert nobody_came(listening)


@pytest.mark.waits
@pytest.mark.timing
def test_without_a_limit_it_is_ten_seconds(accepting, peers):
    relay, _ = accepting()
    client = peers.connect(relay.port)
    began = time.monotonic()
    assert peer_scripts.read_to_reset(client) == b""
    assert 9 < time.monotonic() - began < 13


def test_the_trace_says_who_the_client_is(accepting, peers):
    relay, listening = accepting("-v")
    for header, said in ((v1(*ORIGINAL), b"the client is 192.0.2.1:1234, and connected to 198.51.100.2:443"),
                         (v2(*ORIGINAL6), b"the client is [2001:db8::1]:1234, and connected to [2001:db8::2]:443"),
                         (LOCAL, b"a proxy that speaks for itself (LOCAL)"),
                         (b"PROXY UNKNOWN\r\n", b"it does not tell who the client is")):
        client = peers.connect(relay.port)
        client.sendall(header)
        peers.accept(listening)
        relay.err.until(said)


# From one to the next

PASSED_ON = [
    (v1(*ORIGINAL), "v1", v1(*ORIGINAL)),
    (v1(*ORIGINAL), "v2", v2(*ORIGINAL)),
    (v2(*ORIGINAL), "v1", v1(*ORIGINAL)),
    (v2(*ORIGINAL, b"\x04\x00\x01x"), "v2", v2(*ORIGINAL)),
    (v1(*ORIGINAL6), "v2", v2(*ORIGINAL6)),
    (v2(*ORIGINAL6), "v1", v1(*ORIGINAL6)),
    (v1(("::ffff:192.0.2.1", 1234), ("::ffff:198.51.100.2", 443)), "v2", v2(*ORIGINAL)),
    (LOCAL, "v2", LOCAL),
    (SIGNATURE + b"\x20\x11\x00\x0c" + bytes(12), "v2", LOCAL),
    (LOCAL, "v1", b"PROXY UNKNOWN\r\n"),
    (b"PROXY UNKNOWN\r\n", "v1", b"PROXY UNKNOWN\r\n"),
    (b"PROXY UNKNOWN\r\n", "v2", UNSPEC),
    (v2_unix(b"/a", b"\0b"), "v2", v2_unix(b"/a", b"\0b")),
    (v2_unix(b"/a", b"\0b"), "v1", b"PROXY UNKNOWN\r\n"),
]


@pytest.mark.parametrize("row", range(len(PASSED_ON)))
def test_what_was_accepted_is_passed_on(accepting, peers, row):
    """The client's own address, not that of the proxy which connected to us."""
    header, version, wanted = PASSED_ON[row]
    relay, listening = accepting(target=f",proxy-protocol={version}")
    client = peers.connect(relay.port)
    client.sendall(header + b"data")
    client.shutdown(socket.SHUT_WR)
    assert peer_scripts.read_all(peers.accept(listening)) == wanted + b"data"


@versions
@pytest.mark.parametrize("second", ["v1", "v2"])
def test_a_relay_behind_a_relay(sockt, accepting, peers, version, second):
    inner, listening = accepting(target=f",proxy-protocol={second}")
    outer = sockt.relay(f"tcp:127.0.0.1:{inner.port},proxy-protocol={version}")
    data = os.urandom(1_000_000)
    client = peers.connect(outer.port)
    threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)), daemon=True).start()
    header = HEADERS[second](client.getsockname(), client.getpeername())
    assert peer_scripts.read_all(peers.accept(listening)) == header + data


# HAProxy

class HAProxy:
    """HAProxy with one `listen` section, on a socket of ours, so that nobody else can take its port."""

    def __init__(self, sockt, peers, need, tmp_path, bind, body, host="127.0.0.1"):
        listening = peers.listen((host, 0), socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.address = listening.getsockname()[:2]
        config = tmp_path / f"haproxy-{self.address[1]}.cfg"
        config.write_text(f"""
global
    maxconn 100
defaults
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    unique-id-format %[uuid]
listen test
    bind fd@{listening.fileno()} {bind}
{body}
""")
        self.process = sockt.start_command([need("haproxy"), "-db", "-f", str(config)],
                                           pass_fds=(listening.fileno(),))


@pytest.fixture
def haproxy(sockt, peers, need, tmp_path):
    def make(bind, body, host="127.0.0.1"):
        if ":" in host:
            require_ipv6()
        return HAProxy(sockt, peers, need, tmp_path, bind, body, host)
    return make


@versions
@hosts
def test_haproxy_reads_what_a_relay_sends(sockt, peers, haproxy, version, host):
    """It tells the client in its reply."""
    server = haproxy("accept-proxy", """
    mode http
    http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] %[dst] %[dst_port]"
""")
    if ":" in host:
        require_ipv6()
    relay = sockt.relay(f"tcp:127.0.0.1:{server.address[1]},proxy-protocol={version}", at=at(host))
    client = peers.connect((host, relay.port))
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    reply = peer_scripts.read_all(client)
    said = "{} {} {} {}".format(*client.getsockname()[:2], *client.getpeername()[:2])
    assert reply.startswith(b"HTTP/1.1 200 "), reply
    assert reply.endswith(said.encode()), reply


SENDS = {
    "v1": "send-proxy",
    "v2": "send-proxy-v2",
    "v2 with a checksum": "send-proxy-v2 proxy-v2-options crc32c",
    "v2 with more": "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority",
}


@pytest.mark.parametrize("how", SENDS)
@hosts
def test_a_relay_reads_what_haproxy_sends(accepting, peers, haproxy, how, host):
    relay, listening = accepting(target=",proxy-protocol=v1")
    front = haproxy("", f"    mode tcp\n    server relay 127.0.0.1:{relay.port} {SENDS[how]}", host)
    client = peers.connect(front.address)
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    target = peers.accept(listening)
    header = v1(client.getsockname(), client.getpeername())
    assert peer_scripts.read_all(target) == header + b"hello"
    target.sendall(b"answer")
    target.close()
    assert peer_scripts.read_all(client) == b"answer"


def test_haproxy_asks_for_itself(accepting, peers, haproxy):
    """Its health checks say LOCAL, and that is what the target hears."""
    relay, listening = accepting(target=",proxy-protocol=v2")
    haproxy("", f"""    mode tcp
    option tcp-check
    tcp-check send PING
    tcp-check expect string PONG
    server relay 127.0.0.1:{relay.port} send-proxy-v2 check inter 100ms
""")
    target = peers.accept(listening)
    assert peer_scripts.read_exactly(target, len(LOCAL) + 4) == LOCAL + b"PING"


def test_haproxy_through_relays_to_haproxy(sockt, accepting, peers, haproxy, need):
    """Four of them in a row, and the last one knows the first one's client."""
    last = haproxy("accept-proxy", """
    mode http
    http-request return status 200 content-type text/plain lf-string "%[src] %[src_port]"
""")
    second = sockt.relay(f"tcp:127.0.0.1:{last.address[1]},proxy-protocol=v1", at="tcp:127.0.0.1:0,accept-proxy")
    first = sockt.relay(f"tcp:127.0.0.1:{second.port},proxy-protocol=v2", at="tcp:127.0.0.1:0,accept-proxy")
    front = haproxy("", f"    mode tcp\n    server relay 127.0.0.1:{first.port} send-proxy")
    client = peers.connect(front.address)
    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
    reply = peer_scripts.read_all(client)
    assert reply.endswith("{} {}".format(*client.getsockname()).encode()), reply


# Where it makes no sense

@pytest.mark.parametrize("args, said", [
    (("listen", "0,accept-proxy"), "an option of relay"),
    (("connect", "127.0.0.1:1,proxy-protocol=v2"), "an option of relay"),
    (("relay", "0,proxy-protocol=v2", "127.0.0.1:1"), "belongs to TO"),
    (("relay", "0", "127.0.0.1:1,accept-proxy"), "belongs to FROM"),
    (("relay", "udp:0,accept-proxy", "udp:127.0.0.1:1"), "begins a connection of bytes, and udp is none"),
    (("relay", "0", "127.0.0.1:1,proxy-protocol=v3"), "v1 or v2, not \"v3\""),
    (("relay", "-", "127.0.0.1:1,proxy-protocol=v2"), "FROM has none"),
])
def test_refused(sockt, args, said):
    sockt.run(*args).expect(2, b"", said)
