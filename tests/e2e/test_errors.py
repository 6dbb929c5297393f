# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors, provoked for real: what is said on the first line, and why, and what to try."""

import os
import re
import socket
from socket import AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM

import pytest

import peers as peer_scripts
from facts import VARIANT, free_port, require, require_ipv6, require_tool
from namespaces import ROUTER_NEAR, ROUTER_NEAR6, SERVER, SERVER6



def comm(pid):
    """The name of a process, as the kernel has it."""
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        return file.read().rstrip("\n")


def say(run, first, why, cure, status=1):
    """Check a run with -v: its first line, whole, and parts of why and try, however they are broken."""
    run.expect(status=status)
    text = run.err.decode()
    flat = re.sub(r"\n {7}(?=\S)", " ", text)
    lines = flat.splitlines()
    wrong = []
    if first not in lines:
        wrong.append(f"expected the line {first!r}")
    for label, want in (("why", why), ("try", cure)):
        said = [line for line in lines if line.startswith(f"  {label}  ")]
        if len(said) != 1 or not re.search(want, said[0]):
            wrong.append(f"expected {label} to match {want!r}, got {said}")
    wrong += [f"longer than 100 columns: {line!r}" for line in text.splitlines()
              if line.startswith("       ") and len(line) > 100]
    assert not wrong, "\n".join(wrong) + f"\n{run}"


# ---- who is told what ----

@pytest.mark.smoke
def test_first_line_only_without_v(sockt, peers):
    """A script gets one line; why and try are for a person."""
    port = peers.refused_port()
    run = sockt.run("connect", "127.0.0.1", port).expect(status=1)
    assert run.err.decode() == (
        f"sockt: connect to 127.0.0.1 port {port}: Connection refused (ECONNREFUSED)\n"), run


def test_why_on_a_terminal(sockt, peers, terminal):
    """Where standard error is a terminal, why and try are said without being asked for."""
    port = peers.refused_port()
    process = sockt.start("connect", "127.0.0.1", port, stderr=terminal.slave)
    assert process.wait() == 1
    terminal.screen.until(b"  why  no socket of this host listens")
    terminal.screen.until(b"  try  ")


# ---- bind ----

def test_port_held_by_a_known_process(sockt, listener):
    holder = listener()
    run = sockt.run("listen", "-v", "127.0.0.1", holder.port)
    say(run, f"sockt: bind to 127.0.0.1 port {holder.port}: Address already in use (EADDRINUSE)",
        rf"\(pid {holder.pid}\) listens on 127\.0\.0\.1:{holder.port} already",
        f"ss -ltnp 'sport = :{holder.port}'")
    assert f"{comm(holder.pid)} (pid {holder.pid})" in run.err.decode(), run


def test_port_held_by_a_dual_stack_listener(sockt, listener):
    holder = listener(at=("0",))
    say(sockt.run("listen", "-v", "127.0.0.1", holder.port),
        f"sockt: bind to 127.0.0.1 port {holder.port}: Address already in use (EADDRINUSE)",
        rf"\(pid {holder.pid}\) listens on (\[::\]|0\.0\.0\.0):{holder.port} already", "another port")


def test_port_held_by_another_user(sockt, listener, nobody):
    """An unprivileged user sees whose it is, not which process."""
    holder = listener()
    say(sockt.run("listen", "-v", "127.0.0.1", holder.port, prefix=nobody),
        f"sockt: bind to 127.0.0.1 port {holder.port}: Address already in use (EADDRINUSE)",
        rf"a process of uid 0 listens on 127\.0\.0\.1:{holder.port} already; which one, only that user",
        f"as root: ss -ltnp 'sport = :{holder.port}'")


def test_udp_port_held(sockt, peers):
    sock = peers.udp()
    port = sock.getsockname()[1]
    say(sockt.run("listen", "-v", "-u", "127.0.0.1", port),
        f"sockt: bind to 127.0.0.1 port {port}: Address already in use (EADDRINUSE)",
        rf"\(pid {os.getpid()}\) has bound 127\.0\.0\.1:{port} already", f"ss -lunp 'sport = :{port}'")


def test_port_in_time_wait(sockt, peers):
    """The listening side closed first: its port is in TIME_WAIT, which SO_REUSEADDR passes over."""
    listening = peers.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    port = listening.getsockname()[1]
    client = peers.connect(port)
    peers.accept(listening).close()
    listening.close()
    assert client.recv(1) == b""
    client.close()
    say(sockt.run("listen", "-v", "--no-reuseaddr", "127.0.0.1", port),
        f"sockt: bind to 127.0.0.1 port {port}: Address already in use (EADDRINUSE)",
        rf"between 127\.0\.0\.1:{port} and 127\.0\.0\.1:\d+ stays in TIME_WAIT for ([1-9]|[1-5]\d|60) s more",
        r"set SO_REUSEADDR .*or wait \d+ s")
    assert sockt.listen(at=("127.0.0.1", port)).port == port


def test_privileged_port(sockt, nobody):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
        first = int(file.read())
    require(first > 81, "no port is privileged here")
    say(sockt.run("listen", "-v", "127.0.0.1", 81, prefix=nobody),
        "sockt: bind to 127.0.0.1 port 81: Permission denied (EACCES)",
        f"port 81 is privileged: below {first} only root",
        r"sysctl net\.ipv4\.ip_unprivileged_port_start=81")


def test_address_not_local(sockt, netns):
    run = sockt.run("listen", "-v", "192.0.2.7", 9000, prefix=netns.prefix)
    say(run, "sockt: bind to 192.0.2.7 port 9000: Cannot assign requested address (EADDRNOTAVAIL)",
        r"192\.0\.2\.7 is not an address of this host; it has 127\.0\.0\.1$", "sockt listen 9000")


def test_source_address_not_local(sockt, netns):
    run = sockt.run("connect", "-v", "-s", "192.0.2.7", "127.0.0.1", 9000, prefix=netns.prefix)
    say(run, "sockt: bind to 192.0.2.7: Cannot assign requested address (EADDRNOTAVAIL)",
        r"nothing can be sent from it; it has 127\.0\.0\.1$", "--source")


# ---- connect ----

@pytest.mark.smoke
def test_refused_on_this_host(sockt, peers):
    port = peers.refused_port()
    say(sockt.run("connect", "-v", "127.0.0.1", port),
        f"sockt: connect to 127.0.0.1 port {port}: Connection refused (ECONNREFUSED)",
        rf"no socket of this host listens on 127\.0\.0\.1:{port}: the kernel answered with RST",
        f"sockt listen 127.0.0.1 {port}")


def test_refused_but_waiting_on_the_other_family(sockt, peers):
    """The classic: the server listens on ::1 only."""
    require_ipv6()
    listening = peers.listen(("::1", 0), AF_INET6)
    port = listening.getsockname()[1]
    say(sockt.run("connect", "-v", "127.0.0.1", port),
        f"sockt: connect to 127.0.0.1 port {port}: Connection refused (ECONNREFUSED)",
        rf"on the same port \S+ \(pid {os.getpid()}\) waits on \[::1\]:{port}", f"sockt connect ::1 {port}")


def test_every_tried_address_is_named(sockt, netns, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("::1 two.test\n127.0.0.1 two.test\n")
    netns.replace_file("/etc/hosts", hosts)
    run = sockt.run("connect", "two.test", 9, prefix=netns.prefix).expect(status=1)
    line = run.err.decode()
    assert line.startswith("sockt: connect to two.test port 9: Connection refused (ECONNREFUSED)"), run
    assert "[::1]:9 ECONNREFUSED" in line and "127.0.0.1:9 ECONNREFUSED" in line, run


def test_udp_refused(sockt, peers):
    port = free_port()
    say(sockt.run("connect", "-v", "-u", "127.0.0.1", port, input=b"x"),
        f"sockt: receive from 127.0.0.1 port {port}: Connection refused (ECONNREFUSED)",
        rf"no socket of this host is bound to UDP 127\.0\.0\.1:{port}", f"ss -lunp 'sport = :{port}'")


def test_on_no_network(sockt, netns):
    say(sockt.run("connect", "-v", "192.0.2.7", 80, prefix=netns.prefix),
        "sockt: connect to 192.0.2.7 port 80: Network is unreachable (ENETUNREACH)",
        "this host is on no network: there is no interface up besides loopback", "ip link")


def test_interface_is_down(sockt, netns):
    netns.run("ip", "link", "add", "left", "type", "veth", "peer", "name", "right")
    say(sockt.run("connect", "-v", "192.0.2.7", 80, prefix=netns.prefix),
        "sockt: connect to 192.0.2.7 port 80: Network is unreachable (ENETUNREACH)",
        r"no interface besides loopback is up \((left|right) is down\)", r"ip link set (left|right) up")


def test_accept_queue_is_full(sockt, peers):
    """A server that listens and does not accept: the queue is told, and whose it is."""
    listening = peers.listen(backlog=0)
    port = listening.getsockname()[1]
    peers.connect(port)
    say(sockt.run("connect", "-v", "-w", "300ms", "127.0.0.1", port),
        f"sockt: connect to 127.0.0.1 port {port}: no answer within 300 ms (--connect-timeout)",
        rf"\(pid {os.getpid()}\) listens on 127\.0\.0\.1:{port}, but does not accept: its queue is full \(1/0\)",
        f"ss -ltn 'sport = :{port}'", status=4)


@pytest.mark.netns
@pytest.mark.parametrize("is_listening", [True, False])
def test_a_firewall_of_this_host_drops(sockt, netns, is_listening):
    """The accept queue was looked at, so it is not among the causes that may be."""
    require_tool("nft")
    listening = netns.listen()
    port = listening.getsockname()[1]
    if not is_listening:
        listening.close()
    netns.run("nft", "add", "table", "ip", "sockt")
    netns.run("nft", "add", "chain", "ip", "sockt", "rules", "{ type filter hook input priority 0; }")
    netns.run("nft", "add", "rule", "ip", "sockt", "rules", "tcp", "dport", port, "drop")
    pid = os.getpid()
    say(sockt.run("connect", "-v", "-w", "300ms", "127.0.0.1", port, prefix=netns.prefix),
        f"sockt: connect to 127.0.0.1 port {port}: no answer within 300 ms (--connect-timeout)",
        rf"\(pid {pid}\) listens on 127\.0\.0\.1:{port}, and its accept queue has room \(0/128\): a rule of this "
        "host's own firewall drops the SYNs or the answers, unless the queue was full until a moment ago"
        if is_listening else
        rf"no socket listens on 127\.0\.0\.1:{port}, and no RST said so, as it does without a firewall: a rule of this "
        "host's own firewall drops", "nft list ruleset", status=4)
    listening.close()


# ---- a client, a router, a server ----

def connect_far(sockt, routed, *options, host=SERVER, port=80, **popen):
    return sockt.run("connect", "-v", *options, host, port, prefix=routed.client.prefix, **popen)


# What nft calls an ICMP error, what the kernel makes of it, and how it is called here.
REFUSED, NO_NET, NO_HOST, NO_PROTOCOL = (
    "Connection refused (ECONNREFUSED)", "Network is unreachable (ENETUNREACH)", "No route to host (EHOSTUNREACH)",
    "Protocol not available (ENOPROTOOPT)")
ICMP = [
    ("net-unreachable", NO_NET, "network unreachable"), ("host-unreachable", NO_HOST, "host unreachable"),
    ("prot-unreachable", NO_PROTOCOL, "protocol unreachable"), ("port-unreachable", REFUSED, "port unreachable"),
    ("net-prohibited", NO_NET, "network administratively prohibited"),
    ("host-prohibited", NO_HOST, "host administratively prohibited"),
    ("admin-prohibited", NO_HOST, "communication administratively prohibited"),
]
ICMP6 = [
    ("no-route", NO_NET, "no route to the destination"),
    ("admin-prohibited", "Permission denied (EACCES)", "administratively prohibited"),
    ("addr-unreachable", NO_HOST, "address unreachable"), ("port-unreachable", REFUSED, "port unreachable"),
    ("policy-fail", "Permission denied (EACCES)", "source address failed a policy"),
    ("reject-route", "Permission denied (EACCES)", "route rejected"),
]
SAYS_WHO = {
    "router": r"ROUTER (on the way, not SERVER itself, refused it|has no route to SERVER|cannot reach SERVER|forbids "
              r"it) \(ICMP {words}\)",
    "server": r"SERVER( is up and refuses it| is up, but a firewall on it forbids this| refused by ICMP| is up and "
              r"answered|, or a firewall in its place, does not speak this protocol) ?\(?.*{words}",
    "client": r"(this host|host's own firewall).*",
}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("who", ["router", "server", "client"])
def test_each_icmp_error_says_who_sent_it(sockt, routed, who, version):
    """
    Over TCP and UDP; all at the same time. It is never called the host's RST. A firewall of this host that rejects a
    datagram is told by send() itself.
    """
    if version == 6:
        require_ipv6()
    kinds, family, host, near = ((ICMP, "ip", SERVER, ROUTER_NEAR), (ICMP6, "ip6", SERVER6, ROUTER_NEAR6))[version == 6]
    namespace = getattr(routed, who)
    hook = {"router": "forward", "server": "input", "client": "output"}[who]
    namespace.run("nft", "add", "table", family, "sockt")
    namespace.run("nft", "add", "chain", family, "sockt", "rules", f"{{ type filter hook {hook} priority 0; }}")
    runs = []
    for port, (kind, name, words) in enumerate(kinds, 100):
        for protocol in ("tcp", "udp"):
            namespace.run("nft", "add", "rule", family, "sockt", "rules", protocol, "dport", port, "reject", "with",
                          "icmp" if version == 4 else "icmpv6", kind)
            process = sockt.start("connect", "-v", *(["-u"] if protocol == "udp" else []), host, port,
                                  prefix=routed.client.prefix)
            process.feed(b"x")
            runs.append((protocol, port, name, words, process))
    for protocol, port, name, words, process in runs:
        run = process.finish()
        step = "connect to" if protocol == "tcp" else "receive from"
        if protocol == "udp" and who == "client" and "send to" in run.err.decode():
            step, name = "send to", "Operation not permitted (EPERM)"
        pattern = SAYS_WHO[who].format(words=re.escape(words)).replace("ROUTER", re.escape(near))
        say(run, f"sockt: {step} {host} port {port}: {name}", pattern.replace("SERVER", re.escape(host)), ".")
        assert b"RST" not in run.err or words == "port unreachable" and who == "server", run


@pytest.mark.waits
def test_no_such_host_on_a_far_link(sockt, routed):
    """The router looks for it in vain, and says so."""
    say(connect_far(sockt, routed, host="10.81.2.77"),
        "sockt: connect to 10.81.2.77 port 80: No route to host (EHOSTUNREACH)",
        rf"the router {re.escape(ROUTER_NEAR)} cannot reach 10\.81\.2\.77 \(ICMP host unreachable\)", "is that host up")


def test_a_datagram_too_long_for_a_router(sockt, routed):
    for namespace, name in ((routed.router, "to-s"), (routed.server, "eth0")):
        namespace.run("ip", "link", "set", name, "mtu", 1400)
    say(connect_far(sockt, routed, "-u", input=b"x" * 1450),
        f"sockt: receive from {SERVER} port 80: Message too long (EMSGSIZE)",
        rf"the router {re.escape(ROUTER_NEAR)} cannot pass it on \(ICMP packet too big\)", "--datagram=1200", status=5)


def test_a_datagram_that_our_firewall_drops(sockt, routed):
    """Nothing was refused by anybody else, and no data flowed: status 1."""
    routed.rule(routed.client, "output", "udp", "dport", "80", "drop")
    say(connect_far(sockt, routed, "-u", input=b"x"),
        f"sockt: send to {SERVER} port 80: Operation not permitted (EPERM)",
        f"this host's own firewall drops or rejects what leaves for {re.escape(SERVER)}", "nft list ruleset")


@pytest.mark.parametrize("host", ["10.81.1.255", "224.0.0.1"])
def test_tcp_to_many(sockt, routed, host):
    say(connect_far(sockt, routed, host=host),
        f"sockt: connect to {host} port 80: Network is unreachable (ENETUNREACH)",
        rf"{re.escape(host)} is a broadcast or multicast address", f"sockt connect -u {host} 80")


def test_a_reset_may_be_a_firewall_s(sockt, routed):
    """It comes in the host's name, so nobody can know: both are named."""
    routed.rule(routed.router, "forward", "tcp", "dport", "80", "reject", "with", "tcp", "reset")
    say(connect_far(sockt, routed),
        f"sockt: connect to {SERVER} port 80: Connection refused (ECONNREFUSED)",
        "no socket is listening on port 80, or a firewall answers in its place", "ss -ltn")


def test_refused_by_the_far_host(sockt, routed):
    say(connect_far(sockt, routed),
        f"sockt: connect to {SERVER} port 80: Connection refused (ECONNREFUSED)",
        "the host answered with RST: it is up, but no socket is listening on port 80",
        "ss -ltn 'sport = :80' on that host")


def test_refused_by_the_router(sockt, routed):
    """An ICMP error during connect() is no verdict yet: the next SYN brings it, and the router is named."""
    routed.rule(routed.router, "forward", "tcp", "dport", "80", "reject", "with", "icmp", "port-unreachable")
    say(connect_far(sockt, routed),
        f"sockt: connect to {SERVER} port 80: Connection refused (ECONNREFUSED)",
        rf"{re.escape(ROUTER_NEAR)} on the way, not {re.escape(SERVER)} itself, refused it \(ICMP port unreachable\)",
        f"ask who runs {re.escape(ROUTER_NEAR)}")


def test_forbidden_by_the_router(sockt, routed):
    routed.rule(routed.router, "forward", "tcp", "dport", "80", "reject", "with", "icmp", "admin-prohibited")
    say(connect_far(sockt, routed),
        f"sockt: connect to {SERVER} port 80: No route to host (EHOSTUNREACH)",
        rf"the router {re.escape(ROUTER_NEAR)} forbids it \(ICMP communication administratively prohibited\)",
        "traceroute")


def test_refused_by_the_target_s_firewall(sockt, routed):
    routed.rule(routed.server, "input", "tcp", "dport", "80", "reject", "with", "icmp", "port-unreachable")
    say(connect_far(sockt, routed),
        f"sockt: connect to {SERVER} port 80: Connection refused (ECONNREFUSED)",
        rf"{re.escape(SERVER)} refused by ICMP \(port unreachable\), as a firewall on it does", "nft list ruleset")


def test_unreachable_says_the_router(sockt, routed):
    """A route that the router lacks."""
    say(connect_far(sockt, routed, host="10.81.9.9"),
        "sockt: connect to 10.81.9.9 port 80: Network is unreachable (ENETUNREACH)",
        rf"the router {re.escape(ROUTER_NEAR)} has no route to 10\.81\.9\.9 \(ICMP network unreachable\)",
        "traceroute -n 10.81.9.9")


def test_udp_refused_by_the_far_host(sockt, routed):
    say(connect_far(sockt, routed, "-u", input=b"x"),
        f"sockt: receive from {SERVER} port 80: Connection refused (ECONNREFUSED)",
        rf"{re.escape(SERVER)} is up and answered \(ICMP port unreachable\): no socket is bound to UDP port 80 there",
        "ss -lun 'sport = :80' on that host")


def test_udp_refused_by_the_router(sockt, routed):
    routed.rule(routed.router, "forward", "udp", "dport", "80", "reject", "with", "icmp", "port-unreachable")
    say(connect_far(sockt, routed, "-u", input=b"x"),
        f"sockt: receive from {SERVER} port 80: Connection refused (ECONNREFUSED)",
        rf"{re.escape(ROUTER_NEAR)} on the way, not {re.escape(SERVER)} itself, refused it \(ICMP port unreachable\)",
        f"ask who runs {re.escape(ROUTER_NEAR)}")


def test_udp_unreachable_says_the_router(sockt, routed):
    """The kernel keeps such an error to itself, but for those who ask for it."""
    say(connect_far(sockt, routed, "-u", host="10.81.9.9", input=b"x"),
        "sockt: receive from 10.81.9.9 port 80: Network is unreachable (ENETUNREACH)",
        rf"the router {re.escape(ROUTER_NEAR)} has no route to 10\.81\.9\.9 \(ICMP network unreachable\)",
        "traceroute -n 10.81.9.9")


@pytest.mark.parametrize("options, protocol", [(("-w", "300ms"), "tcp"), (("-u",), "udp")])
def test_icmp_error_is_an_event(sockt, routed, trace, options, protocol):
    """Who sent it is in the trace at level 1: of a connection that is still being made, and of a datagram."""
    routed.rule(routed.router, "forward", protocol, "dport", "80", "reject", "with", "icmp", "port-unreachable")
    seen = trace(level=1)
    run = connect_far(sockt, routed, *options, *seen.options, input=b"x")
    assert f": port unreachable from {ROUTER_NEAR}: ECONNREFUSED\n" in run.err.decode(), run
    events = seen.events("icmp")
    assert events and all(event["icmp"] == {"type": 3, "code": 3, "text": "port unreachable", "sender": ROUTER_NEAR}
                          for event in events), events
    assert {(event["protocol"], event["remote"], event["errno"]) for event in events} == {
        (protocol, f"{SERVER}:80", "ECONNREFUSED")}
    opened = seen.events("socket")[0]["result"]
    assert {event["fd"] for event in events} == {opened}


@pytest.mark.waits
def test_nobody_answers_on_the_link(sockt, routed):
    """ARP without an answer: this host itself made the error."""
    say(connect_far(sockt, routed, host="10.81.1.77"),
        "sockt: connect to 10.81.1.77 port 80: No route to host (EHOSTUNREACH)",
        r"no host with the address 10\.81\.1\.77 answers on the link of eth0", "ip neigh show 10.81.1.77")


def test_dropped(sockt, routed):
    """No answer at all: what it may be is said, not guessed."""
    routed.rule(routed.router, "forward", "tcp", "dport", "80", "drop")
    say(connect_far(sockt, routed, "-w", "300ms"),
        f"sockt: connect to {SERVER} port 80: no answer within 300 ms (--connect-timeout)",
        rf"a firewall drops it, or {re.escape(SERVER)} is down, or the server's accept queue is full",
        f"ping {re.escape(SERVER)}", status=4)


def test_icmp_before_the_limit_is_told(sockt, routed):
    """The limit comes before the second SYN: the router that spoke meanwhile is named."""
    routed.rule(routed.router, "forward", "tcp", "dport", "80", "reject", "with", "icmp", "host-unreachable")
    say(connect_far(sockt, routed, "-w", "300ms"),
        f"sockt: connect to {SERVER} port 80: no answer within 300 ms (--connect-timeout)",
        rf"meanwhile {re.escape(ROUTER_NEAR)} on the way said: ICMP host unreachable", "traceroute", status=4)


@pytest.mark.parametrize("kind, name, words", [
    ("unreachable", "No route to host (EHOSTUNREACH)", 'a route of type "unreachable"'),
    ("prohibit", "Permission denied (EACCES)", 'a route of type "prohibit"'),
    ("blackhole", "Invalid argument (EINVAL)", 'a route of type "blackhole"'),
])
def test_routes_that_forbid(sockt, netns, kind, name, words):
    netns.run("ip", "route", "add", kind, "192.0.2.0/24")
    say(sockt.run("connect", "-v", "192.0.2.7", 80, prefix=netns.prefix),
        f"sockt: connect to 192.0.2.7 port 80: {name}", words, f"ip route show type {kind}")


def test_no_route_and_no_default(sockt, routed):
    routed.client.run("ip", "route", "delete", "default")
    say(connect_far(sockt, routed),
        f"sockt: connect to {SERVER} port 80: Network is unreachable (ENETUNREACH)",
        rf"no route of this host leads to {re.escape(SERVER)}, and there is no default route",
        f"ip route get {re.escape(SERVER)}")


# ---- names ----

def test_name_not_found(sockt, routed, tmp_path):
    """A name server answers: there is no such name."""
    server = routed.client.socket(AF_INET, SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    routed.client.replace_file("/etc/resolv.conf", resolv)
    process = sockt.start("connect", "-v", "no.such.host", 80, prefix=routed.client.prefix)
    server.settimeout(0.2)
    while process.is_running:
        try:
            question, peer = server.recvfrom(512)
        except TimeoutError:
            continue
        server.sendto(question[:2] + b"\x81\x83" + question[4:], peer)  # NXDOMAIN
    say(process.finish(), 'sockt: resolve "no.such.host": Name or service not known (EAI_NONAME)',
        r"neither /etc/hosts nor the name server 127\.0\.0\.1 knows the name", "getent ahosts no.such.host")
    server.close()


def test_name_without_a_network(sockt, netns, tmp_path):
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 192.0.2.53\noptions timeout:1 attempts:1\n")
    netns.replace_file("/etc/resolv.conf", resolv)
    run = sockt.run("connect", "-v", "some.host.example", 80, prefix=netns.prefix)
    say(run, 'sockt: resolve "some.host.example": Temporary failure in name resolution (EAI_AGAIN)',
        "this host is on no network", "ip address")


def test_name_server_not_there(sockt, routed, tmp_path):
    """On this host, but not running (as when systemd-resolved is stopped)."""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.53\noptions timeout:1 attempts:1\n")
    routed.client.replace_file("/etc/resolv.conf", resolv)
    say(sockt.run("connect", "-v", "some.host.example", 80, prefix=routed.client.prefix),
        'sockt: resolve "some.host.example": Temporary failure in name resolution (EAI_AGAIN)',
        r"the name server 127\.0\.0\.53 of /etc/resolv\.conf would be on this host, but no program waits",
        "ss -lunp 'sport = :53'")


def test_name_server_unreachable(sockt, routed, tmp_path):
    routed.client.run("ip", "route", "delete", "default")
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 192.0.2.53\noptions timeout:1 attempts:1\n")
    routed.client.replace_file("/etc/resolv.conf", resolv)
    say(sockt.run("connect", "-v", "some.host.example", 80, prefix=routed.client.prefix),
        'sockt: resolve "some.host.example": Temporary failure in name resolution (EAI_AGAIN)',
        r"the name server 192\.0\.2\.53 of /etc/resolv\.conf cannot be reached", r"ip route get 192\.0\.2\.53")


def test_name_server_silent(sockt, routed, tmp_path):
    """It gets the question and says nothing: the time limit counts resolving, too."""
    server = routed.client.socket(AF_INET, SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")
    routed.client.replace_file("/etc/resolv.conf", resolv)
    say(sockt.run("connect", "-v", "-w", "300ms", "some.host.example", 80, prefix=routed.client.prefix),
        'sockt: resolve "some.host.example": no answer within 300 ms (--connect-timeout)',
        "no name server answered in time", "getent ahosts some.host.example", status=4)
    server.close()


# ---- Unix sockets ----

def unix_error(sockt, command, path, words, why, cure, kind="unix", **popen):
    step = "bind" if command == "listen" else "connect"
    say(sockt.run(command, "-v", f"{kind}:{path}", **popen),
        f"sockt: {step} to {path}: {words}", why, cure)


def test_unix_missing(sockt, tmp_path):
    unix_error(sockt, "connect", tmp_path / "s", "No such file or directory (ENOENT)",
               f"there is no file {tmp_path}/s", "ss -xl")


def test_unix_missing_directory(sockt, tmp_path):
    path = tmp_path / "none" / "s"
    unix_error(sockt, "connect", path, "No such file or directory (ENOENT)",
               f"the directory {tmp_path}/none does not exist", "ss -xl")
    unix_error(sockt, "listen", path, "No such file or directory (ENOENT)",
               f"the directory {tmp_path}/none does not exist", f"mkdir -p {tmp_path}/none")


def test_unix_stale(sockt, peers, tmp_path):
    peers.listen(str(tmp_path / "s"), AF_UNIX).close()
    unix_error(sockt, "connect", tmp_path / "s", "Connection refused (ECONNREFUSED)",
               "stale: nobody is bound to it any more", f"rm {tmp_path}/s")


def test_unix_bound_but_not_listening(sockt, peers, tmp_path):
    peers.socket(AF_UNIX).bind(str(tmp_path / "s"))
    unix_error(sockt, "connect", tmp_path / "s", "Connection refused (ECONNREFUSED)",
               rf"\(pid {os.getpid()}\) is bound to \S+, but does not listen there", "--retry")


def test_unix_held(sockt, peers, tmp_path):
    peers.listen(str(tmp_path / "s"), AF_UNIX)
    unix_error(sockt, "listen", tmp_path / "s", "Address already in use (EADDRINUSE)",
               rf"\(pid {os.getpid()}\) is bound to {tmp_path}/s already", "ss -xlp")


def test_unix_other_file(sockt, tmp_path):
    (tmp_path / "s").write_text("data")
    unix_error(sockt, "listen", tmp_path / "s", "Address already in use (EADDRINUSE)",
               f"a regular file stands at {tmp_path}/s", f"ls -ld {tmp_path}/s")
    assert (tmp_path / "s").read_text() == "data"


def test_unix_other_kind(sockt, peers, tmp_path):
    peers.listen(str(tmp_path / "s"), AF_UNIX)
    unix_error(sockt, "connect", tmp_path / "s", "Protocol wrong type for socket (EPROTOTYPE)",
               "is of the kind unix, and unix-dgram was asked for", f"sockt connect unix:{tmp_path}/s",
               kind="unix-dgram")


def test_unix_not_a_directory(sockt, tmp_path):
    (tmp_path / "file").write_text("")
    unix_error(sockt, "connect", tmp_path / "file" / "s", "Not a directory (ENOTDIR)",
               f"{tmp_path}/file on the way to it is a regular file, not a directory", "ls -ld")


def test_unix_no_permission(sockt, peers, nobody, tmp_path):
    """To connect needs permission to write to the file; the file is what is named."""
    peers.listen(str(tmp_path / "s"), AF_UNIX)
    os.chmod(tmp_path / "s", 0o600)
    unix_error(sockt, "connect", tmp_path / "s", "Permission denied (EACCES)",
               r"uid 65534 may not \(mode 0600, owner uid 0\)", f"ls -l {tmp_path}/s", prefix=nobody)


def test_unix_no_permission_on_the_way(sockt, peers, nobody, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    peers.listen(str(closed / "s"), AF_UNIX)
    unix_error(sockt, "connect", closed / "s", "Permission denied (EACCES)",
               rf"{closed} \(mode 0700, owner uid 0\) may not be entered by uid 65534",
               rf"chmod o\+x {closed}", prefix=nobody)


def test_unix_no_permission_to_make(sockt, nobody, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o755)
    unix_error(sockt, "listen", closed / "s", "Permission denied (EACCES)",
               rf"uid 65534 may not make one in {closed} \(mode 0755, owner uid 0\)",
               f"ls -ld {closed}", prefix=nobody)


def test_unix_path_too_long(sockt, tmp_path):
    """Wrong before anything is tried: the command line's fault."""
    path = "/tmp/" + "x" * 120
    for command in ("connect", "listen"):
        run = sockt.run(command, f"unix:{path}").expect(status=2)
        assert "107" in run.err.decode(), run


# ---- after the connection stood ----

def test_reset(meet):
    """The peer closes with data unread."""
    process, sock = meet("connect", "-v")
    process.write(b"never read")
    port = sock.getsockname()[1]
    # Wait until it is there, then close without reading it.
    assert sock.recv(1, socket.MSG_PEEK)
    sock.close()
    say(process.finish(), f"sockt: connection with 127.0.0.1 port {port}: reset by the peer (ECONNRESET)",
        "closed with data unread, aborted or was killed", "-vv", status=5)


def test_output_full(sockt, peers):
    require(os.path.exists("/dev/full"), "there is no /dev/full")
    listening = peers.listen()
    with open("/dev/full", "wb") as full:
        process = sockt.start("connect", "-v", "127.0.0.1", listening.getsockname()[1], stdout=full)
    peers.accept(listening).sendall(b"data")
    say(process.finish(), "sockt: write to standard output: No space left on device (ENOSPC)",
        "the file system of standard output is full", "df -h", status=6)


@pytest.mark.parametrize("status", [0, 1])
def test_trace_that_cannot_be_written(sockt, peers, status):
    """Said whatever the run came to; the status is that of the first failure."""
    require(os.path.exists("/dev/full"), "there is no /dev/full")
    port = peers.server(peer_scripts.discard).port if status == 0 else peers.refused_port()
    run = sockt.run("connect", "--trace", "json:/dev/full", "127.0.0.1", port)
    run.expect(status or 6, err="sockt: trace to /dev/full: No space left on device (ENOSPC)")


def test_too_many_files(sockt, peers):
    """The limit is named where a descriptor cannot be had."""
    if VARIANT:
        pytest.skip("the checkers open files of their own")
    port = peers.refused_port()
    require_tool("prlimit")
    run = sockt.run("connect", "-v", "127.0.0.1", port, prefix=("prlimit", "--nofile=5:64"))
    assert b"EMFILE" in run.err and run.status == 1, run
    assert b"this program may have 5 files open at once" in run.err, run


# ---- looking is only looking ----

def test_looking_disturbs_nobody(sockt, peers):
    """Who holds a port is found without connecting to it."""
    listening = peers.listen()
    sockt.run("listen", "-v", "127.0.0.1", listening.getsockname()[1]).expect(status=1)
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_looks_are_in_the_trace(sockt, listener, trace):
    """Every call that was made to explain is an event, marked as made only to look."""
    holder = listener()
    made = trace(level=3)
    sockt.run("listen", "-v", *made.options, "127.0.0.1", holder.port).expect(status=1)
    looks = made.events("probe")
    assert looks and all(event["observe"] for event in looks), looks
    assert any("sock_diag tcp port" in str(event["args"]) for event in looks), looks
