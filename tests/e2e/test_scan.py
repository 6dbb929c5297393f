# SPDX-License-Identifier: GPL-3.0-or-later
"""Trying ports: connect --scan. What is found is data, a line a port."""

import json
import os
import re
import signal
import socket
import threading

import pytest

from facts import free_port, require_ipv6, require_localhost, wait_for
from namespaces import ROUTER_NEAR, SERVER

LINE = re.compile(r"(\d+)/(tcp|udp) +(open|refused|no answer|unreachable|answered|no evidence) +([\d.]+) ms"
                  r"(?:  (?!by )([^ ]+))?(?:  by (.*) \((E\w+)\))?")


def lines(run):
    """(port, protocol, result, service, by, errno) of each line."""
    found = []
    for line in run.out.decode().splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        port, protocol, result, _, service, by, errno = match.groups()
        found.append((int(port), protocol, result, service, by, errno))
    return found


def results(run):
    return [(port, result) for port, _, result, *_ in lines(run)]


def closed(count=1):
    """Ports of 127.0.0.1 where nobody listens."""
    return [free_port() for _ in range(count)]


@pytest.fixture
def echo():
    """echo(answers): a UDP socket of 127.0.0.1, read by a thread of its own until the test is over."""
    made = []

    def make(family=socket.AF_INET, host="127.0.0.1"):
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((host, 0))
        got = []

        def serve():
            while True:
                data, peer = sock.recvfrom(2000)
                if data == b"stop":
                    return
                got.append(data)
                sock.sendto(b"answer", peer)
        thread = threading.Thread(target=serve)
        thread.start()
        made.append((sock, thread, family))
        return sock.getsockname()[1], got
    yield make
    for sock, thread, family in made:
        with socket.socket(family, socket.SOCK_DGRAM) as stopper:
            stopper.sendto(b"stop", sock.getsockname())
        thread.join()
        sock.close()


# ---- TCP ------------------------------------------------------------------------------------------


@pytest.mark.smoke
def test_open_and_refused_in_the_order_of_the_list(sockt, peers):
    listening = peers.listen()
    port, (other,) = listening.getsockname()[1], closed()
    run = sockt.run("connect", "-z", "127.0.0.1", f"{other},{port}").expect(0, err=b"")
    assert results(run) == [(other, "refused"), (port, "open")]
    # It was a connection, and nothing was said.
    client = peers.accept(listening)
    assert client.recv(10) == b""
    sockt.run("connect", "--scan", "127.0.0.1", other).expect(1, err=b"")


def test_ipv6(sockt, peers):
    require_ipv6()
    listening = peers.listen(("::1", 0), socket.AF_INET6)
    run = sockt.run("connect", "-z", "::1", listening.getsockname()[1]).expect(0, err=b"")
    assert results(run) == [(listening.getsockname()[1], "open")]


def test_each_address_of_a_name_is_tried(sockt, peers):
    require_ipv6()
    require_localhost()
    listening = peers.listen()
    run = sockt.run("connect", "-z", "--json", "localhost", listening.getsockname()[1]).expect(0)
    found = json.loads(run.out)
    assert (found["result"], found["address"]) == ("open", "127.0.0.1")


def test_an_address_of_a_family_that_is_switched_off(sockt, netns, tmp_path):
    """What connects tries the next address then, and so does a scan."""
    require_ipv6()
    hosts = tmp_path / "hosts"
    hosts.write_text("::1 both.test\n127.0.0.1 both.test\n")
    netns.replace_file("/etc/hosts", hosts)
    netns.sysctl("net.ipv6.conf.lo.disable_ipv6", 1)
    listening = netns.listen()
    port = listening.getsockname()[1]
    run = sockt.start("connect", "-z", "both.test", f"{port},1", prefix=netns.prefix).finish().expect(0, err=b"")
    assert results(run) == [(port, "open"), (1, "refused")]
    sockt.start("connect", "-z", "::1", port, prefix=netns.prefix).finish().expect(1, b"", err="EADDRNOTAVAIL")


def test_json(sockt, peers):
    listening = peers.listen()
    port, (other,) = listening.getsockname()[1], closed()
    run = sockt.run("connect", "-z", "--json", "127.0.0.1", f"{port},{other}").expect(0, err=b"")
    found = [json.loads(line) for line in run.out.splitlines()]
    assert all(0 <= each.pop("ms") < 60_000 for each in found)
    for each in found:
        each.pop("service", None)
    assert found == [
        {"port": port, "protocol": "tcp", "result": "open", "address": "127.0.0.1"},
        {"port": other, "protocol": "tcp", "result": "refused", "address": "127.0.0.1", "errno": "ECONNREFUSED"},
    ]


def test_services(sockt):
    run = sockt.run("connect", "-z", "127.0.0.1", "https,20-22,ssh")
    assert [(port, service) for port, _, _, service, *_ in lines(run)] == [
        (443, "https"), (20, "ftp-data"), (21, "ftp"), (22, "ssh")]


def test_in_a_random_order(sockt):
    ports = closed(6)
    orders = [[port for port, _ in results(sockt.run("connect", "-z", "--shuffle", "127.0.0.1",
                                                     ",".join(map(str, ports))).expect(1, err=b""))]
              for _ in range(3)]
    assert all(sorted(order) == sorted(ports) for order in orders)
    # That all three are as they were written happens once in 373 million times.
    assert any(order != ports for order in orders)


def test_a_pause_between_ports(sockt):
    ports = closed(3)
    run = sockt.run("connect", "-z", "--pause", "60ms", "127.0.0.1", ",".join(map(str, ports))).expect(1, err=b"")
    assert results(run) == [(port, "refused") for port in ports]
    assert run.seconds >= 0.12


@pytest.mark.parametrize("words, want", [
    (["localhost"], "the ports to try are missing"),
    ([], "there is nothing to connect to"),
    (["localhost", "20-30-40"], "20-30-40 is neither"),
    (["localhost", "30-20"], "write 20-30"),
    (["localhost", "1,,2"], "an item is empty"),
    (["localhost", "70000"], "70000 is no port"),
    (["-n", "127.0.0.1", "ssh"], "-n looks up none"),
    (["-n", "localhost", "22"], '"localhost" is a name'),
    (["-U", "/tmp/x", "22"], "there is one word, a path"),
    (["--until", "local", "localhost", "22"], "--scan and --until contradict each other"),
    (["-m", "2", "--pause", "1", "localhost", "22"], "--pause and --max-conns contradict each other"),
    (["-m", "0", "localhost", "22"], "--max-conns 0 is out of range"),
])
def test_mistakes(sockt, words, want):
    sockt.run("connect", "--scan", *words).expect(2, b"", err=want)


@pytest.mark.parametrize("words, want", [
    (["--json", "localhost", "22"], "--json is how --scan tells"),
    (["--shuffle", "localhost", "22"], "--shuffle is for the ports of --scan"),
    (["--pause", "1", "localhost", "22"], "--pause stands between the ports of --scan"),
    (["-m", "3", "localhost", "22"], "--max-conns limits how many ports"),
    (["--zero", "localhost", "22"], "sockt connect --scan HOST PORTS"),
])
def test_what_is_for_a_scan_only(sockt, words, want):
    sockt.run("connect", *words).expect(2, b"", err=want)


def test_a_name_that_is_none(sockt):
    sockt.run("connect", "-z", "nosuch.invalid", "22").expect(1, b"", err='resolve "nosuch.invalid"')


def test_a_source_that_is_none(sockt):
    """It is said that it is the source, and not the host, that has no such name."""
    run = sockt.run("connect", "-z", "-s", "nosuch.invalid", "127.0.0.1", "22")
    run.expect(1, b"", err='resolve "nosuch.invalid" (the source address)')


def test_what_is_wrong_here_is_no_result(sockt):
    """The source address is not of this host."""
    sockt.run("connect", "-z", "-s", "192.0.2.1", "127.0.0.1", "22").expect(1, b"", err="EADDRNOTAVAIL")


def test_every_port(sockt, netns):
    """
    As few descriptors as may be: 65,535 ports, 16 at a time, no line missing, none out of its place. In a network of
    its own: outside of it the listeners of other tests would get connections that they do not expect.
    """
    ports = [sockt.listen("-k", prefix=netns.prefix).port for _ in range(3)]
    prefix = (*netns.prefix, "prlimit", "--nofile=48")
    run = sockt.start("connect", "-z", "-m", "16", "127.0.0.1", "1-65535", prefix=prefix).finish().expect(0, err=b"")
    found = results(run)
    assert [port for port, _ in found] == list(range(1, 65536))
    assert set(ports) == {port for port, result in found if result == "open"}


@pytest.mark.parametrize("udp", ([], ["-u"]), ids=("tcp", "udp"))
def test_a_socket_that_is_its_own_peer_is_no_answer(sockt, netns, udp):
    """The kernel may take the very port that is asked, for our end; here it has no other. Nobody listens there."""
    netns.sysctl("net.ipv4.ip_local_port_range", "40000 40000")
    run = sockt.start("connect", "-z", *udp, "127.0.0.1", 40000, prefix=netns.prefix).finish().expect(1, err=b"")
    assert results(run) == [(40000, "refused")]

    def bind():
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 40000))
    netns.call(bind)  # no TIME_WAIT keeps the port from who is to listen there


def test_an_output_that_is_slow_or_gone(sockt, netns):
    """Ports wait for it; nothing is lost, nothing grows."""
    reader, writer = os.pipe()
    process = sockt.start("connect", "-z", "127.0.0.1", "1-30000", stdout=writer, prefix=netns.prefix)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        assert len(file.read().splitlines()) == 30000
    process.finish()
    with open("/dev/full", "wb") as full:
        sockt.start("connect", "-z", "127.0.0.1", "1-3", stdout=full).finish().expect(6, err="ENOSPC")
    reader, writer = os.pipe()
    os.close(reader)
    process = sockt.start("connect", "-z", "127.0.0.1", "1-3", stdout=writer)
    os.close(writer)
    process.finish().expect(6, err="EPIPE")


def test_the_steps_are_in_the_trace(sockt, peers):
    listening = peers.listen()
    port, (other,) = listening.getsockname()[1], closed()
    sockt.run("connect", "-z", "--trace", "json:trace", "127.0.0.1", f"{port},{other}").expect(0)
    events = [json.loads(line) for line in (sockt.workdir / "trace").read_text().splitlines()][1:]
    steps = {number: [each["step"] for each in events if each.get("session") == number] for number in (1, 2)}
    assert [step for step in steps[1] if step in ("socket", "connect", "connected", "close")] == [
        "socket", "connect", "connected", "close"]
    verdicts = [each for each in events if each["step"] == "connected"]
    assert sorted(each.get("errno", "") for each in verdicts) == ["", "ECONNREFUSED"]


# ---- No way there ---------------------------------------------------------------------------------


@pytest.mark.waits
def test_no_answer_and_who_says_unreachable(sockt, routed):
    rules = ((81, "drop"), (82, "reject with icmp admin-prohibited"), (83, "reject with icmp port-unreachable"))
    for port, rule in rules:
        for protocol in ("tcp", "udp"):
            routed.rule(routed.router, "forward", protocol, "dport", str(port), *rule.split())
    runs = {words: sockt.start("connect", "-z", "-w", "600ms", *words, SERVER, "80-83", prefix=routed.client.prefix)
            for words in ((), ("-u",))}
    tcp, udp = (lines(process.finish().expect(1, err=b"")) for process in runs.values())
    assert [each[2:] for each in tcp] == [
        ("refused", "http", None, None), ("no answer", None, None, None),
        ("unreachable", None, ROUTER_NEAR, "EHOSTUNREACH"), ("refused", None, ROUTER_NEAR, "ECONNREFUSED")]
    assert [each[2] for each in udp] == ["refused", "no evidence", "unreachable", "refused"]
    assert [each[4] for each in udp] == [None, None, ROUTER_NEAR, ROUTER_NEAR]


def test_no_route(sockt, netns):
    run = sockt.start("connect", "-z", "203.0.113.1", "22", prefix=netns.prefix).finish().expect(1, err=b"")
    assert lines(run)[0][2:] == ("unreachable", "ssh", "this host", "ENETUNREACH")


# ---- UDP ------------------------------------------------------------------------------------------


@pytest.mark.smoke
def test_udp_tells_an_answer_from_silence(sockt, peers, echo):
    port, got = echo()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        other, (nobody,) = silent.getsockname()[1], closed()
        run = sockt.run("connect", "-zu", "-w", "300ms", "127.0.0.1", f"{port},{other},{nobody}").expect(0, err=b"")
        assert results(run) == [(port, "answered"), (other, "no evidence"), (nobody, "refused")]
        assert got == [b""]
        # A datagram may be lost: three are sent.
        silent.settimeout(1)
        assert [silent.recv(10) for _ in range(3)] == [b"", b"", b""]
    # Silence is no success.
    sockt.run("connect", "-zu", "127.0.0.1", nobody).expect(1)


@pytest.fixture
def silence(netns):
    """An address that nobody answers, in a namespace of its own: the far end of the link is down a well."""
    netns.run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
    netns.run("ip", "address", "add", "10.9.0.1/24", "dev", "near")
    for end in ("near", "far"):
        netns.run("ip", "link", "set", end, "up")
    netns.run("ip", "neighbour", "add", "10.9.0.2", "lladdr", "02:00:00:00:00:01", "dev", "near")
    return "10.9.0.2"


@pytest.mark.waits
def test_fewer_descriptors_than_wanted(sockt, netns, silence):
    """24 in all: as many at a time as there are, and each port has its answer."""
    prefix = (*netns.prefix, "prlimit", "--nofile=24:24")
    run = sockt.start("connect", "-z", "-w", "50ms", silence, "1-30", prefix=prefix).finish().expect(1, err=b"")
    assert results(run) == [(port, "no answer") for port in range(1, 31)]


@pytest.mark.waits
@pytest.mark.parametrize("words", [("-u",), ("-u", "-p", "40001"), ()], ids=["udp", "udp-port", "tcp"])
def test_fewer_local_ports_than_wanted(sockt, netns, silence, words):
    """Three in all, or one: the others wait for them, and each port has its answer."""
    netns.sysctl("net.ipv4.ip_local_port_range", "40001 40003")
    count = 4 if "-p" in words else 9
    run = sockt.start("connect", "-z", "-w", "50ms", *words, silence, f"1-{count}", prefix=netns.prefix)
    what = "no evidence" if words else "no answer"
    assert results(run.finish().expect(1, err=b"")) == [(port, what) for port in range(1, count + 1)]


def test_no_local_port_at_all(sockt, netns, silence):
    netns.sysctl("net.ipv4.ip_local_port_range", "40001 40001")
    with netns.socket(kind=socket.SOCK_DGRAM) as other:
        other.bind(("0.0.0.0", 40001))
        sockt.start("connect", "-zu", silence, "1-3", prefix=netns.prefix).finish().expect(1, b"", "(EAGAIN)")


@pytest.mark.waits
def test_a_signal_and_the_time_for_all(sockt, netns, silence):
    trace = sockt.workdir / "trace"
    process = sockt.start("connect", "-z", "-w", "60", "--trace", f"json:{trace}", silence, "1-3", prefix=netns.prefix)
    wait_for(lambda: trace.exists() and trace.read_text().count('"EINPROGRESS"') == 3, "three attempts")
    process.signal(signal.SIGINT)
    process.finish().expect(128 + signal.SIGINT, b"")
    sockt.start("connect", "-z", "-w", "60", "--total-timeout", "100ms", silence, "1", prefix=netns.prefix) \
        .finish().expect(4, b"", err="--total-timeout")
