# SPDX-License-Identifier: GPL-3.0-or-later
"""
Names with several addresses, and the resolver that never blocks, in namespaces of the tests' own.
"""

import os
import signal
import socket

import pytest

import peers as peer_scripts
import trace as traces
from facts import SCALE, wait_for

pytestmark = pytest.mark.netns

SILENT, REFUSING, GOOD = "10.9.0.9", "10.8.0.1", "10.7.0.1"


@pytest.fixture
def network(netns, tmp_path, need_fact):
    """
    Three addresses: one that refuses, one whose SYNs get no answer (nobody has it on that link),
    one that is good. The resolver's order is fixed by a gai.conf of our own.
    """
    need_fact(os.path.exists("/etc/gai.conf"), "there is no /etc/gai.conf to replace")
    netns.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
    netns.run("ip", "address", "add", "10.9.0.1/24", "dev", "v0")
    for address in (REFUSING, GOOD):
        netns.run("ip", "address", "add", f"{address}/24", "dev", "lo")
    for name in ("v0", "v1"):
        netns.run("ip", "link", "set", name, "up")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n" + "".join(
        f"{address} many\n" for address in (REFUSING, SILENT, GOOD)))
    (tmp_path / "gai.conf").write_text("".join(
        f"precedence ::ffff:{address}/128 {weight}\n"
        for address, weight in ((REFUSING, 90), (SILENT, 80), (GOOD, 70))))
    netns.replace_file("/etc/hosts", tmp_path / "hosts")
    netns.replace_file("/etc/gai.conf", tmp_path / "gai.conf")
    return netns


@pytest.mark.prompt
def test_race_shows_each_candidate_and_its_verdict(sockt, peers, network, trace):
    seen = trace()
    listening = peers.keep(network.listen((GOOD, 0)))
    process = sockt.start("connect", *seen.options, "many", listening.getsockname()[1],
                          prefix=network.prefix)
    sock = peers.accept(listening)
    process.write(b"won")
    assert peer_scripts.read_exactly(sock, 3) == b"won"
    sock.close()
    process.close_stdin()
    process.finish().expect(0)
    asked = seen.events("connect")
    assert [event["args"]["addr"].rsplit(":", 1)[0] for event in asked] == [REFUSING, SILENT, GOOD]
    fds = dict(zip((REFUSING, SILENT, GOOD), (event["fd"] for event in asked)))
    verdicts = [(event["fd"], event.get("errno", 0)) for event in seen.events("connected")]
    assert (fds[REFUSING], "ECONNREFUSED") in verdicts
    assert (fds[GOOD], 0) in verdicts
    gap = asked[2]["t_ms"] - asked[1]["t_ms"]
    assert 230 < gap < 1000 * SCALE, f"the next candidate of a race starts after 250 ms, not {gap}"
    assert asked[1]["t_ms"] - asked[0]["t_ms"] < 200 * SCALE, "a refusal starts the next at once"
    opened = [event["result"] for event in seen.events("socket")]
    closed = [event["fd"] for event in seen.events("close")]
    assert sorted(opened) == sorted(closed), "every candidate is closed"
    resolved = seen.events("resolve")[0]
    assert [text.rsplit(":", 1)[0] for text in resolved["addresses"]] == [REFUSING, SILENT, GOOD]


def test_race_as_a_c_program(sockt, peers, network, build, tmp_path):
    """Of its candidates one is refused again, one is left out, and the last is who answers."""
    listening = peers.keep(network.listen((GOOD, 0)))
    port = listening.getsockname()[1]
    process = sockt.start("connect", "--trace", f"c:{tmp_path}/race.c", "many", port, prefix=network.prefix)
    peers.accept(listening).close()
    process.close_stdin()
    process.finish().expect(0)
    source = (tmp_path / "race.c").read_text(encoding="utf-8")
    assert f"began to connect to {SILENT}:{port}" in " ".join(source.replace("*", " ").split()), source
    program = sockt.start_command([*network.prefix, build("race")])
    peers.accept(listening).close()
    program.finish().expect(0, err=f"connect to {REFUSING}:{port}: Connection refused")


def test_race_that_nobody_wins_names_them_all(sockt, peers, network):
    port = 9
    result = sockt.run("connect", "-w", "1s", "many", port, prefix=network.prefix)
    result.expect(4, b"", err=[REFUSING, SILENT, GOOD, "ECONNREFUSED"])


def test_all_refuse(sockt, network, tmp_path):
    (tmp_path / "hosts").write_text(f"{REFUSING} all\n{GOOD} all\n")
    result = sockt.run("connect", "all", "9", prefix=network.prefix)
    result.expect(1, b"", err=[REFUSING, GOOD, "ECONNREFUSED"])


def test_both_families_of_localhost(sockt, peers, netns, trace, tmp_path):
    """::1 refuses, 127.0.0.1 answers."""
    seen = trace()
    (tmp_path / "hosts").write_text("127.0.0.1 two\n::1 two\n")
    netns.replace_file("/etc/hosts", tmp_path / "hosts")
    listening = peers.keep(netns.listen())
    process = sockt.start("connect", *seen.options, "two", listening.getsockname()[1],
                          prefix=netns.prefix)
    peers.accept(listening).close()
    process.close_stdin()
    process.finish().expect(0)
    assert [event["args"]["addr"].rsplit(":", 1)[0] for event in seen.events("connect")] == [
        "[::1]", "127.0.0.1"]


@pytest.mark.parametrize("option, family", [("-4", "127.0.0.1"), ("-6", "[::1]")])
def test_family_where_asked(sockt, netns, trace, tmp_path, option, family):
    seen = trace()
    (tmp_path / "hosts").write_text("127.0.0.1 two\n::1 two\n")
    netns.replace_file("/etc/hosts", tmp_path / "hosts")
    sockt.run("connect", option, *seen.options, "two", "9", prefix=netns.prefix).expect(1)
    assert [event["args"]["addr"] for event in seen.events("connect")] == [f"{family}:9"]


def test_unreachable_network_is_1(sockt, netns):
    """No route at all."""
    sockt.run("connect", "192.0.2.1", "9", prefix=netns.prefix).expect(1, b"", err="ENETUNREACH")


def test_numeric_asks_no_resolver(sockt, netns, trace, tmp_path):
    (tmp_path / "hosts").write_text("127.0.0.1 two\n")
    netns.replace_file("/etc/hosts", tmp_path / "hosts")
    result = sockt.run("connect", "-n", "two", "9", prefix=netns.prefix)
    assert result.status in (1, 2) and b"two" in result.err, result


@pytest.fixture
def deaf_resolver(netns, tmp_path):
    """A name server that takes every question and answers none."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:30 attempts:5\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    netns.replace_file("/etc/resolv.conf", tmp_path / "resolv.conf")
    netns.replace_file("/etc/nsswitch.conf", tmp_path / "nsswitch.conf")
    server = netns.socket(kind=socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    yield netns, server
    server.close()


@pytest.mark.prompt
@pytest.mark.parametrize("option", ["--connect-timeout", "--total-timeout"])
def test_resolving_obeys_the_time_limit(sockt, deaf_resolver, option):
    netns, _server = deaf_resolver
    result = sockt.run("connect", option, "300ms", "name.example", "80", prefix=netns.prefix)
    result.expect(4, b"", err=option)
    assert result.seconds < 5 * SCALE


@pytest.mark.prompt
def test_resolving_does_not_block_a_signal(sockt, deaf_resolver):
    netns, server = deaf_resolver
    process = sockt.start("connect", "name.example", "80", prefix=netns.prefix)
    assert b"example" in server.recv(1000)
    process.signal(signal.SIGTERM)
    process.finish(timeout=5 * SCALE).expect(128 + signal.SIGTERM, b"")


def test_resolving_is_shown_before_it_ends(sockt, deaf_resolver, trace):
    """A resolver that hangs is on the screen."""
    netns, server = deaf_resolver
    process = sockt.start("connect", "-vv", "name.example", "80", prefix=netns.prefix)
    assert server.recv(1000)
    process.signal(signal.SIGTERM)
    process.finish().expect(143, err="name.example")


def test_name_that_is_not_found_is_1(sockt, netns, tmp_path):
    (tmp_path / "nsswitch.conf").write_text("hosts: files\n")
    netns.replace_file("/etc/nsswitch.conf", tmp_path / "nsswitch.conf")
    sockt.run("connect", "no-such-name.example", "80", prefix=netns.prefix).expect(
        1, b"", err="no-such-name.example")


def test_retry_of_a_temporary_failure_of_the_resolver(sockt, peers, netns, tmp_path, trace):
    """Nobody answers at first (the port refuses: a temporary failure); then the name is there."""
    seen = trace()
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    for name in ("resolv.conf", "nsswitch.conf", "hosts"):
        netns.replace_file(f"/etc/{name}", tmp_path / name)
    listening = peers.keep(netns.listen())
    process = sockt.start("connect", "--retry", "forever,50ms", *seen.options, "late.example",
                          listening.getsockname()[1], prefix=netns.prefix)
    wait_for(lambda: [event for event in seen.events("resolve") if event.get("result") == -1],
             "a failure of the resolver")
    with open(tmp_path / "hosts", "a", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 late.example\n")
    peers.accept(listening).close()
    process.close_stdin()
    process.finish().expect(0)


def test_numeric_address_starts_no_thread(sockt, deaf_resolver, peers):
    netns, server = deaf_resolver
    listening = peers.keep(netns.listen())
    process = sockt.start("connect", "127.0.0.1", listening.getsockname()[1], prefix=netns.prefix)
    peers.accept(listening)
    assert os.listdir(f"/proc/{process.pid}/task") == [str(process.pid)]
    server.setblocking(False)
    with pytest.raises(BlockingIOError):
        server.recv(100)


def notes(seen):
    """The notes of a trace with their levels."""
    return {event["text"]: event["level"] for event in seen.events("note")}


def test_every_candidate_has_a_verdict_when_one_wins(sockt, peers, network, trace, tmp_path):
    """One refuses, one gives no answer, one wins, and one is never tried."""
    seen = trace()
    network.run("ip", "address", "add", "10.7.0.2/24", "dev", "lo")
    with open(tmp_path / "hosts", "a", encoding="ascii") as hosts:
        hosts.write("10.7.0.2 many\n")
    listening = peers.keep(network.listen((GOOD, 0)))
    port = listening.getsockname()[1]
    process = sockt.start("connect", *seen.options, "many", port, prefix=network.prefix)
    peers.accept(listening).close()
    process.close_stdin()
    process.finish().expect(0)
    told = notes(seen)
    assert told.get(f"{SILENT}:{port} is given up: {GOOD}:{port} was faster") == 1, told
    assert told.get(f"10.7.0.2:{port} is not tried: {GOOD}:{port} came first") == 2, told


def test_every_candidate_has_a_verdict_when_the_limit_runs_out(sockt, network, trace, tmp_path):
    """A next one is tried every 250 ms: the limit leaves some without a try."""
    seen = trace()
    (tmp_path / "hosts").write_text("".join(f"10.9.0.{number} deaf\n" for number in range(9, 9 + 5 * SCALE)))
    limit = f"{200 * SCALE}ms"
    sockt.run("connect", "-w", limit, *seen.options, "deaf", "9", prefix=network.prefix).expect(4)
    tried = [event["args"]["addr"] for event in seen.events("connect")]
    addresses = seen.events("resolve")[0]["addresses"]
    told = {text.split()[0]: (text.split(" ", 1)[1], level) for text, level in notes(seen).items()}
    assert 0 < len(tried) < len(addresses)
    for address in addresses:
        words, level = told[address]
        if address in tried:
            assert words.startswith("is given up: no answer within ") and level == 1, words
        else:
            assert words.startswith("is not tried: ") and words.endswith(" have passed") and level == 2, words


def test_candidates_of_a_run_that_is_ended_have_verdicts(sockt, network, trace, tmp_path):
    seen = trace()
    (tmp_path / "hosts").write_text(f"{SILENT} deaf\n10.9.0.8 deaf\n")
    process = sockt.start("connect", *seen.options, "deaf", "9", prefix=network.prefix)
    wait_for(lambda: len(seen.events("connect")) == 2, "both to be tried")
    process.signal(signal.SIGTERM)
    process.finish().expect(143)
    assert [event["text"].split()[0] for event in seen.events("note") if "is given up" in event["text"]] == (
        seen.events("resolve")[0]["addresses"])


def test_addresses_are_shown_in_the_order_of_trying(sockt, netns, trace, tmp_path):
    """The resolver has both of one family first; RFC 8305 takes the families in turns."""
    seen = trace()
    netns.run("ip", "address", "add", "fd00:7::1/64", "dev", "lo", "nodad")
    (tmp_path / "hosts").write_text("127.0.0.1 mixed\n127.0.0.2 mixed\n::1 mixed\nfd00:7::1 mixed\n")
    netns.replace_file("/etc/hosts", tmp_path / "hosts")
    result = sockt.run("connect", "-vv", *seen.options, "mixed", "9", prefix=netns.prefix).expect(1)
    addresses = seen.events("resolve")[0]["addresses"]
    assert len(addresses) == 4
    assert [event["args"]["addr"] for event in seen.events("connect")] == addresses
    is_v6 = [address.startswith("[") for address in addresses]
    assert is_v6 in ([True, False, True, False], [False, True, False, True])
    for number, address in enumerate(addresses, 1):
        assert f"{number}. {address}\n".encode() in result.err, result


@pytest.mark.parametrize("how", ["-w", "signal"])
def test_resolving_that_is_given_up_invents_no_answer(sockt, deaf_resolver, trace, how):
    netns, server = deaf_resolver
    seen = trace()
    options = ("-w", "100ms") if how == "-w" else ()
    process = sockt.start("connect", "-v", *options, *seen.options, "name.example", "80", prefix=netns.prefix)
    assert b"example" in server.recv(1000)
    if how == "signal":
        process.signal(signal.SIGTERM)
    result = process.finish().expect(4 if how == "-w" else 143)
    assert b"EAI_" not in result.err, result
    (resolve,) = seen.events("resolve")
    assert "result" not in resolve and "errno" not in resolve and "addresses" not in resolve
    assert resolve["text"].startswith("given up after ")
    traces.load(seen.path)


@pytest.mark.prompt
def test_resolving_obeys_the_accept_limit(sockt, deaf_resolver):
    netns, _server = deaf_resolver
    result = sockt.run("listen", "--accept-timeout", "300ms", "name.example", "80", prefix=netns.prefix)
    result.expect(4, b"", err=['resolve "name.example"', "--accept-timeout"])
    assert result.seconds < 5 * SCALE


def test_a_connection_with_itself(sockt, netns):
    """Nobody listens, and the kernel takes that port for our end: SYN meets SYN. Who asks for the port gets that."""
    netns.sysctl("net.ipv4.ip_local_port_range", "40000 40000")
    for options in ([], ["--retry", "2,1ms"]):
        sockt.run("connect", "-v", *options, "127.0.0.1", 40000, input=b"x", prefix=netns.prefix).expect(
            1, b"", err=["connected with itself: nobody has the port", "Connection refused (ECONNREFUSED)"])
    sockt.run("connect", "-v", "-p", 40000, "127.0.0.1", 40000, input=b"hello", prefix=netns.prefix).expect(
        0, b"hello", err="connected with itself: both ends have the same address and port")
