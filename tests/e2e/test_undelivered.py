# SPDX-License-Identifier: GPL-3.0-or-later
"""Datagrams that do not arrive: who says so by ICMP, where that is told, and that nobody else loses anything by it."""

import json
import socket

import pytest

from facts import DEADLINE, cpu_used_while_idle, free_port, require_ipv6, wait_for
from namespaces import ROUTER_NEAR, SERVER

LOCALHOST = "127.0.0.1"
REFUSED = {"type": 3, "code": 3, "text": "port unreachable", "sender": LOCALHOST}


def client(peers, port, host=LOCALHOST, netns=None):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = netns.socket(family, socket.SOCK_DGRAM) if netns else socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(DEADLINE)
    peers.keep(sock).connect((host, port))
    return sock


def stats(sockt, path):
    run = sockt.run("connect", f"unix:{path}", input=b"stats\n")
    return json.loads(run.out)


# Of the targets of a relay

@pytest.mark.netns
@pytest.mark.parametrize("host, rule, text, errno", [
    ("10.81.9.9", None, "network unreachable", "ENETUNREACH"),
    (SERVER, "host-unreachable", "host unreachable", "EHOSTUNREACH"),
    (SERVER, "port-unreachable", "port unreachable", "ECONNREFUSED")])
def test_a_router_is_named(sockt, peers, routed, trace, tmp_path, host, rule, text, errno):
    """Once without a trace, whatever comes behind it; and in all that counts."""
    if rule:
        routed.rule(routed.router, "forward", "udp", "dport", "53", "reject", "with", "icmp", rule)
    seen = trace(1)
    quiet = sockt.relay(f"udp:{host}:53", at="udp:127.0.0.1:0", prefix=routed.client.prefix)
    process = sockt.relay(f"udp:{host}:53", "-v", "-i", "300ms", "--control", f"unix:{tmp_path}/control", *seen.options,
                          at="udp:127.0.0.1:0", prefix=routed.client.prefix)
    said = f"datagrams to {host} port 53 do not arrive: {ROUTER_NEAR}, a router on the way, answers with ICMP {text}"
    for relay in (quiet, process):
        for _ in range(2):
            client(peers, relay.port, netns=routed.client).send(b"x")
        relay.err.until(f"{said}; the session goes on".encode())
    wait_for(lambda: len(seen.events("end")) == 4, "the summaries of both sessions")
    assert {(event["session"], event["side"], event["errno"], event["remote"], event["icmp"]["text"],
             event["icmp"]["sender"]) for event in seen.events("icmp")} == {
        (number, "client", errno, f"{host}:53", text, ROUTER_NEAR) for number in (1, 2)}
    for end in seen.events("end"):
        assert end.get("icmp_errors") == (1 if end["side"] == "client" else None), end
        assert end["side"] == "server" or (end["icmp"]["text"], end["icmp"]["sender"]) == (text, ROUTER_NEAR)
    assert stats(sockt, tmp_path / "control")["undelivered"] == 2
    assert f"1 ICMP error: {text} from {ROUTER_NEAR}" in process.err.data.decode()
    assert quiet.err.data.decode() == f"sockt: {said}; the session goes on\n"


@pytest.mark.netns
@pytest.mark.parametrize("options", [(), ("-vv",)])
def test_the_other_datagrams_go_on(sockt, peers, routed, options):
    """A router refuses the long ones of a session: each of the short ones is answered, and none is lost."""
    routed.rule(routed.router, "forward", "udp", "length", ">", "500", "reject", "with", "icmp", "host-unreachable")
    server = peers.keep(routed.server.socket(kind=socket.SOCK_DGRAM))
    server.bind((SERVER, 53))
    process = sockt.relay(f"udp:{SERVER}:53", *options, at="udp:127.0.0.1:0", prefix=routed.client.prefix)
    sock = client(peers, process.port, netns=routed.client)
    for number in range(100):
        # In this order, since a long one and a shorter one behind it may go as one to be cut (UDP_SEGMENT).
        sock.send(b"%d" % number)
        sock.send(b"long" * 200)
        data, address = server.recvfrom(1000)
        server.sendto(b"answer to " + data, address)
        assert sock.recv(1000) == b"answer to %d" % number


@pytest.mark.parametrize("host", [LOCALHOST, "::1", "::ffff:127.0.0.1"])
def test_a_closed_port_is_told_with_its_host(sockt, peers, trace, host):
    """Each error is an event; what repeats is of level 2, and a session has one line."""
    if ":" in host:
        require_ipv6()
    shown = host.removeprefix("::ffff:")
    seen = trace(2)
    port = free_port()
    process = sockt.relay(f"udp:[{host}]:{port}" if ":" in host else f"udp:{host}:{port}", "-vv", *seen.options,
                          at="udp:127.0.0.1:0")
    sock = client(peers, process.port)
    for number in range(20):
        sock.send(b"%d" % number)
        wait_for(lambda count=number + 1: len(seen.events("icmp")) == count, "the error")
    events = seen.events("icmp")
    assert {(event["icmp"]["sender"], event["icmp"]["text"]) for event in events} == {(shown, "port unreachable")}
    assert [event["level"] for event in events] == [1] + [2] * 19
    said = f"datagrams to {shown} port {port} do not arrive: that host itself answers with ICMP port unreachable"
    process.err.until(said.encode())
    assert process.err.data.count(said.encode()) == 1


def test_it_is_said_again_after_an_answer(sockt, peers):
    """Of a target that is down twice, twice."""
    port = free_port()
    process = sockt.relay(f"udp:{LOCALHOST}:{port}", at="udp:127.0.0.1:0")
    sock = client(peers, process.port)
    for count in (1, 2):
        sock.send(b"nobody")
        wait_for(lambda times=count: process.err.data.count(b"do not arrive") == times, "the line")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.settimeout(DEADLINE)
            server.bind((LOCALHOST, port))
            sock.send(b"question")
            _, address = server.recvfrom(100)
            server.sendto(b"answer", address)
            assert sock.recv(100) == b"answer"


# Of clients that have gone

@pytest.mark.prompt
@pytest.mark.parametrize("options", [(), ("-vv",)])
@pytest.mark.parametrize("at, host", [("udp:127.0.0.1:0", LOCALHOST), ("udp:0", LOCALHOST), ("udp:0", "::1")])
def test_a_vanished_client_costs_nobody_a_datagram(sockt, peers, trace, at, host, options):
    """What is sent to it draws ICMP errors: they are its own, and each answer to another arrives."""
    if at == "udp:0":
        require_ipv6()
    target = peers.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    target.settimeout(DEADLINE)
    target.bind((LOCALHOST, 0))
    seen = trace(1)
    process = sockt.relay(f"udp:{LOCALHOST}:{target.getsockname()[1]}", *options, *seen.options, at=at)
    gone, other = client(peers, process.port, host), client(peers, process.port, host)
    gone.send(b"gone")
    _, to_gone = target.recvfrom(100)
    other.send(b"other")
    _, to_other = target.recvfrom(100)
    address = gone.getsockname()
    gone.close()
    for number in range(100):
        target.sendto(b"lost", to_gone)
        target.sendto(b"%d" % number, to_other)
    assert [other.recv(100) for _ in range(100)] == [b"%d" % number for number in range(100)]
    wait_for(lambda: seen.events("icmp"), "the error")
    shown = f"[::ffff:{LOCALHOST}]:{address[1]}" if at == "udp:0" and host == LOCALHOST else None
    for event in seen.events("icmp"):
        assert (event["session"], event["side"], event["errno"]) == (1, "server", "ECONNREFUSED")
        assert event["icmp"]["text"] == "port unreachable" and event["icmp"]["sender"] == host
        assert shown is None or event["remote"] == shown
    if options:
        said = f"datagrams to {host} port {address[1]} do not arrive: that host itself answers with ICMP port unreach"
        process.err.until(said.encode())
        assert process.err.data.count(said.encode()) == 1
    elif at != "udp:0":
        assert cpu_used_while_idle(process.pid) < 0.1


def test_a_vanished_peer_of_a_listener(sockt, peers, trace):
    """One that serves several: each line reaches those who are there."""
    seen = trace(1)
    process = sockt.listen("-u", "-k", *seen.options)
    gone, other = client(peers, process.port), client(peers, process.port)
    gone.send(b"gone\n")
    process.out.until(b"gone\n")
    other.send(b"other\n")
    process.out.until(b"other\n")
    gone.close()
    for number in range(20):
        process.feed(b"%d\n" % number, close=False)
        assert other.recv(100) == b"%d\n" % number
    wait_for(lambda: seen.events("icmp"), "the error")
    assert {(event["session"], event["icmp"]["sender"]) for event in seen.events("icmp")} == {(1, LOCALHOST)}
    process.signal(2)
    process.wait()
    ends = {event["session"]: event for event in seen.events("end")}
    assert ends[1]["icmp_errors"] >= 1 and ends[1]["icmp"] == REFUSED and "icmp_errors" not in ends[2]
