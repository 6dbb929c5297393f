# SPDX-License-Identifier: GPL-3.0-or-later
"""Kin of TCP and UDP: multipath TCP, UDP-Lite, SCTP, DCCP; what is said where the kernel has them not."""

import errno
import socket
import struct

import pytest

from facts import require, require_ipv6, wait_for
from namespaces import Namespace

DCCP_TYPE, DCCP = 6, 33
KINDS = {"mptcp": (socket.SOCK_STREAM, 262), "udplite": (socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE),
         "sctp": (socket.SOCK_STREAM, socket.IPPROTO_SCTP), "dccp": (DCCP_TYPE, DCCP)}
ADDRESSES = [("127.0.0.1", socket.AF_INET), ("[::1]", socket.AF_INET6)]


def why_not(kind, family=socket.AF_INET):
    """Why this kernel makes no such socket; 0: it does."""
    try:
        socket.socket(family, *KINDS[kind]).close()
    except OSError as error:
        return error.errno
    return 0


def need(kind, family=socket.AF_INET):
    if family == socket.AF_INET6:
        require_ipv6()
    reason = why_not(kind, family)
    if reason:
        pytest.skip(f"this kernel has no {kind} ({errno.errorcode[reason]})")


@pytest.mark.parametrize("address, family", ADDRESSES)
def test_mptcp_moves_all_bytes_both_ways(sockt, trace, address, family):
    need("mptcp", family)
    seen = trace(2)
    there, back = b"\0to you\n" * 125000, b"to me\xff\n" * 100000
    listener = sockt.listen("--until", "both", at=(f"mptcp:{address}:0",))
    client = sockt.start("connect", *seen.options, f"mptcp:{address}:{listener.port}")
    listener.feed(back)
    client.feed(there)
    client.finish().expect(0, back)
    listener.finish().expect(0, there)
    assert seen.events("socket")[0]["args"]["protocol"] == "IPPROTO_MPTCP"
    assert "both sides speak multipath TCP" in [event["text"] for event in seen.events("note")]


@pytest.mark.parametrize("role", ["connect", "listen"])
def test_mptcp_with_a_peer_of_plain_tcp(sockt, peers, role):
    need("mptcp")
    if role == "connect":
        listening = peers.listen()
        process = sockt.start("connect", "-v", f"mptcp:127.0.0.1:{listening.getsockname()[1]}")
        sock = peers.accept(listening)
    else:
        process = sockt.listen("-v", at=("mptcp:127.0.0.1:0",))
        sock = peers.connect(process.port)
    sock.sendall(b"hello\n")
    process.out.until(b"hello\n")
    sock.close()
    process.close_stdin()
    assert process.wait() == 0
    assert b"the peer speaks no multipath TCP" in process.err.until_end()


def test_reset_of_mptcp_is_no_end(sockt, peers):
    need("mptcp")
    process = sockt.listen(at=("mptcp:127.0.0.1:0",))
    sock = peers.keep(socket.socket(socket.AF_INET, *KINDS["mptcp"]))
    sock.connect(("127.0.0.1", process.port))
    sock.sendall(b"half")
    process.out.until(b"half")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    process.finish().expect(5)


def test_mptcp_through_a_relay(sockt, peers):
    need("mptcp")
    listening = peers.listen()
    relay = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]}", at="mptcp:127.0.0.1:0")
    client = sockt.start("connect", f"mptcp:127.0.0.1:{relay.port}")
    target = peers.accept(listening)
    client.feed(b"question")
    assert target.recv(100) == b"question"
    target.sendall(b"answer")
    target.close()
    client.finish().expect(0, b"answer")


def test_mptcp_that_is_switched_off(sockt):
    net = Namespace()
    try:
        require(net.run("ls", "/proc/sys/net").find("mptcp") >= 0, "this kernel has no multipath TCP")
        net.sysctl("net.mptcp.enabled", 0)
        run = sockt.run("connect", "-v", "mptcp:127.0.0.1:9", prefix=net.prefix)
        run.expect(1, b"", err="Protocol not available (ENOPROTOOPT)")
        assert b"multipath TCP is switched off" in run.err
    finally:
        net.close()


@pytest.mark.parametrize("address, family", ADDRESSES)
def test_udplite(sockt, trace, address, family):
    need("udplite", family)
    seen = trace(1)
    listener = sockt.listen(at=(f"udplite:{address}:0",))
    client = sockt.start("connect", *seen.options, f"udplite:{address}:{listener.port}")
    client.write(b"a datagram\n")
    listener.out.until(b"a datagram\n")
    listener.write(b"an answer\n")
    client.out.until(b"an answer\n")
    wait_for(lambda: seen.events("socket"), "the socket")
    assert seen.events("socket")[0]["args"]["protocol"] == "IPPROTO_UDPLITE"
    for process in (client, listener):
        process.kill()


@pytest.mark.parametrize("kind", ["sctp", "dccp"])
def test_rare_ones_where_the_kernel_has_them(sockt, kind):
    need(kind)
    listener = sockt.listen(at=(f"{kind}:127.0.0.1:0",))
    client = sockt.start("connect", f"{kind}:127.0.0.1:{listener.port}")
    client.write(b"hello\n")
    listener.out.until(b"hello\n")
    listener.write(b"and back\n")
    client.out.until(b"and back\n")


@pytest.mark.parametrize("role", ["connect", "listen"])
@pytest.mark.parametrize("kind, cure", [("sctp", b"modprobe sctp"), ("dccp", b"this kernel has no DCCP")])
def test_rare_ones_where_it_has_them_not(sockt, kind, cure, role):
    reason = why_not(kind)
    if not reason:
        pytest.skip(f"this kernel has {kind}")
    run = sockt.run(role, "-v", f"{kind}:127.0.0.1:9")
    run.expect(1, b"", err=f"({errno.errorcode[reason]})")
    assert cure in run.err


@pytest.mark.parametrize("options, message", [
    (["-4", "mptcp6:localhost:1"], "the kind mptcp6 and the option -4 contradict each other"),
    (["-u", "sctp:localhost:1"], "the kind sctp and the option -u (--udp) contradict each other"),
    (["udplite:localhost:1,nodelay"], "nodelay (TCP_NODELAY) is an option of tcp, and this is udplite"),
])
def test_refused(sockt, options, message):
    sockt.run("connect", *options).expect(2, b"", err=message)
