# SPDX-License-Identifier: GPL-3.0-or-later
"""--packets: the packets of our connections, and of nobody else, between the calls, once each."""

import fcntl
import os
import re
import signal
import socket
import struct
import subprocess
import termios

import pytest

from facts import DEADLINE, free_port, require, require_ipv6, require_tool, wait_for
from namespaces import Namespace
from peers import echo
from runner import DEVNULL

NEEDS = "--packets needs CAP_NET_RAW"


@pytest.fixture(autouse=True)
def privilege(request):
    if "nobody" in request.fixturenames or "unix" in request.node.name:
        return
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
    except PermissionError:
        require(False, "packets are seen with CAP_NET_RAW only (root)")


def brief(event):
    """A packet as `> [S]`, `< [PA] 5`, `> 3` of UDP, `< ICMP port unreachable 10.0.0.1`."""
    way = ">" if event["direction"] == "out" else "<"
    if "icmp" in event:
        return f"{way} ICMP {event['icmp']['text']} {event['icmp']['sender']}"
    words = [way, event["flags"]] if "flags" in event else [way]
    return " ".join(words + ([str(event["length"])] if event["length"] else []))


def told(events, *also):
    """Packets in brief, and other steps by their names, in order."""
    return [brief(event) if event["step"] == "packet" else event["step"] for event in events
            if event["step"] in ("packet", *also)]


def carried(events, direction):
    """How many bytes of data the packets of one TCP connection had, those that were sent again counted once."""
    numbers = {}
    for event in events:
        if event["step"] == "packet" and event["direction"] == direction and event.get("length"):
            numbers[event["tcp_seq"]] = max(event["length"], numbers.get(event["tcp_seq"], 0))
    total = end = 0
    for start, length in sorted(numbers.items()):
        total += max(0, start + length - max(start, end))
        end = max(end, start + length)
    return total


def ends(packets):
    """The directions in which FIN was seen."""
    return {packet["direction"] for packet in packets if "F" in packet.get("flags", "")}


def receive(sock, count):
    """So many bytes, or fewer where the peer ends before."""
    data = b""
    while len(data) < count and (piece := sock.recv(count - len(data))):
        data += piece
    return data


def in_order(events):
    """Every packet behind the events that began before it passed, and before those that began later."""
    for before, after in zip(events, events[1:]):
        assert "packet" not in (before["step"], after["step"]) or before["t_ms"] <= after["t_ms"], (before, after)


def test_what_is_sent_again_is_marked(sockt, netns, trace, tmp_path):
    """What is lost behind the sender is sent again, in every view, until it is acknowledged."""
    require_tool("nft")
    seen = trace(1)
    listening = netns.listen()
    port = listening.getsockname()[1]
    process = sockt.start("connect", "-v", "--packets", *seen.options, "--trace", f"ladder:{tmp_path}/ladder",
                          "--trace", f"svg:{tmp_path}/svg", "127.0.0.1", port, prefix=netns.prefix)
    sock, _ = listening.accept()
    netns.run("nft", "add", "table", "ip", "sockt")
    netns.run("nft", "add", "chain", "ip", "sockt", "rules", "{ type filter hook input priority 0; }")
    netns.run("nft", "add", "rule", "ip", "sockt", "rules", "tcp", "dport", port, "drop")
    process.write(b"hello")
    wait_for(lambda: any(event.get("again") for event in seen.events("packet")), "the segment to be sent again")
    netns.run("nft", "delete", "table", "ip", "sockt")
    sock.settimeout(DEADLINE)
    assert sock.recv(100) == b"hello"
    process.close_stdin()
    sock.close()
    process.wait()
    data = [event for event in seen.events("packet") if event.get("length") == 5]
    assert "again" not in data[0] and len(data) > 1 and all(event["again"] and event["tcp_seq"] == 1
                                                            for event in data[1:])
    assert not any(event.get("again") for event in seen.events("packet") if event["length"] == 0)
    sock.close()
    listening.close()
    assert process.err.data.count(b"len 5   again\n") == len(data) - 1
    assert (tmp_path / "ladder").read_text(encoding="utf-8").count("[PA] 5") == len(data)
    for name in ("ladder", "svg"):
        assert "again, seq 1 ack 1" in (tmp_path / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("family, host", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_client(sockt, peers, trace, family, host):
    """The handshake stands inside connect(), each segment behind the call that sent it, and none twice."""
    if family == socket.AF_INET6:
        require_ipv6()
    server = peers.server(echo, (host, 0), family)
    seen = trace(level=1)
    sockt.run("connect", "--packets", *seen.options, host, server.port, input=b"hello\n").expect(0, b"hello\n")
    events = seen.events()
    in_order(events)
    packets = seen.events("packet")
    steps = told(events, "connect", "connected", "shutdown")
    assert steps[:5] == ["connect", "> [S]", "< [SA]", "> [A]", "connected"]
    syn, answer = packets[:2]
    assert syn["tcp_seq"] == 0 and "tcp_ack" not in syn and syn["options"]["mss"] > 1000
    assert (answer["tcp_seq"], answer["tcp_ack"]) == (0, 1)
    assert steps.count("> [S]") == steps.count("< [SA]") == 1
    assert carried(packets, "out") == carried(packets, "in") == 6
    # The end of each side once, and both acknowledged by the last segment.
    assert ends(packets) == {"in", "out"}
    assert packets[-1]["flags"] == "[A]"
    assert {packet["tcp_seq"] for packet in packets if packet["length"]} == {1}
    connected = seen.events("connected")[0]
    assert {(packet["local"], packet["remote"], packet["session"], packet["protocol"]) for packet in packets} == \
        {(connected["local"], connected["remote"], 1, "tcp")}
    # Windows are scaled by what the SYN said.
    if "wscale" in syn["options"] and "wscale" in answer["options"]:
        assert all(packet["window"] % (1 << syn["options"]["wscale"]) == 0 for packet in packets[2:]
                   if packet["direction"] == "out")


def test_refusal(sockt, peers, trace):
    seen = trace(level=1)
    sockt.run("connect", "--packets", *seen.options, "127.0.0.1", peers.refused_port()).expect(1)
    assert told(seen.events(), "connect", "connected") == ["connect", "> [S]", "< [RA]", "connected"]


def test_reset(sockt, peers, trace):
    """A reset is the last packet, and nobody waits for an answer to it."""
    listening = peers.listen()
    seen = trace(level=1)
    process = sockt.start("connect", "--packets", *seen.options, "127.0.0.1",
                          listening.getsockname()[1])
    sock = peers.accept(listening)
    sock.sendall(b"x")
    wait_for(lambda: "< [PA] 1" in told(seen.events()), "the byte")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()
    process.finish()
    assert told(seen.events())[-1] in ("< [RA]", "< [R]")


@pytest.mark.parametrize("host, words", [("127.0.0.1", "port unreachable"), ("::1", "port unreachable")])
def test_datagram_that_is_refused(sockt, peers, trace, host, words):
    if host == "::1":
        require_ipv6()
    seen = trace(level=2)
    sockt.run("connect", "-u", "--packets", *seen.options, host, free_port(), input=b"abc").expect(1)
    steps = told(seen.events(), "send", "recv")
    assert steps[:4] == ["send", "> 3", f"< ICMP {words} {host}", "recv"]


def test_text_and_colours(sockt, peers):
    """--packets alone is -v with packets, whose ports stand in columns."""
    port = peers.refused_port()
    run = sockt.run("connect", "--packets", "127.0.0.1", port, env={"LC_ALL": "C.UTF-8"}).expect(1)
    lines = [line for line in run.err.decode().splitlines() if "[S]" in line or "[RA]" in line]
    assert len(lines) == 2
    assert f" → {port:<5}  [S]    seq 0 win " in lines[0] and lines[0].endswith(" len 0")
    assert f" ← {port:<5}  [RA]   seq 0 ack 1 win 0 len 0" in lines[1]
    # Times are exact throughout.
    assert all(line[4] == "." and line[5:8].isdigit() for line in run.err.decode().splitlines()
               if line[:4].strip().isdigit())


def test_ladder(sockt, peers):
    """Segments have the arrows; calls have none."""
    run = sockt.run("connect", "--packets", "--trace", "ladder", "127.0.0.1", peers.refused_port(),
                    env={"LC_ALL": "C"}).expect(1)
    lines = run.err.decode().splitlines()
    assert [line for line in lines if "|--- [S] ---->|" in line]
    assert [line for line in lines if "|<--- [RA] ---|" in line]
    assert [line for line in lines if "connect(" in line and line.rstrip().endswith("|             |")]


def test_folding(sockt, peers):
    """2,000 sends, with their segments, are less than 200 lines."""
    listening = peers.listen()
    process = sockt.start("connect", "--packets", "--trace", "ladder", "127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    for _ in range(2000):
        process.write(b"0123456789")
        assert len(receive(sock, 10)) == 10
    process.close_stdin()
    sock.close()
    run = process.finish()
    assert len(run.err.splitlines()) < 200
    assert b" x packet = " in run.err or " × packet = ".encode() in run.err


def sessions_of(seen):
    """The accepts, and the packets by the port of the client."""
    accepts = {event["remote"].rsplit(":", 1)[1]: event for event in seen.events("accept") if event["result"] >= 0}
    packets = {}
    for event in seen.events("packet"):
        packets.setdefault(event["remote"].rsplit(":", 1)[1], []).append(event)
    return accepts, packets


def test_crowd(sockt, peers, trace):
    """Each client's packets are its session's from its accept() on; a SYN may come before."""
    seen = trace(level=1)
    process = sockt.listen("-k", "--packets", *seen.options)
    clients = [peers.connect(process.port) for _ in range(3)]
    ports = [str(client.getsockname()[1]) for client in clients]
    for client in clients:
        client.sendall(b"four")
    process.out.until(lambda data: data.count(b"four") == 3)
    process.close_stdin()
    for client in clients:
        client.close()
    wait_for(lambda: len(seen.events("end")) == 3, "all have ended")
    process.signal(signal.SIGTERM)
    process.finish()
    accepts, packets = sessions_of(seen)
    assert set(packets) == set(ports)
    events = seen.events()
    for port in ports:
        session = accepts[port]["session"]
        assert told(packets[port])[:3] == ["< [S]", "> [SA]", "< [A]"]
        assert carried(packets[port], "in") == 4
        for event in packets[port]:
            if events.index(event) > events.index(accepts[port]):
                assert event["session"] == session and event["side"] == "server"
            else:
                assert event.get("session") in (None, session)


def test_dual_stack_listener(sockt, peers, trace):
    """Its IPv4 clients are IPv6 to the calls, and IPv4 on the wire; both are the same connection."""
    require_ipv6()
    seen = trace(level=1)
    process = sockt.listen("--packets", *seen.options, at=("0",), stdin=DEVNULL)
    client = peers.connect(process.port)
    client.shutdown(socket.SHUT_WR)
    process.finish()
    accept, = seen.events("accept")
    packets = seen.events("packet")
    assert accept["remote"].startswith("[::ffff:127.0.0.1]:")
    assert {packet["remote"] for packet in packets} == {accept["remote"]}
    assert told(packets)[:3] == ["< [S]", "> [SA]", "< [A]"]


def test_client_that_is_not_accepted(sockt, peers, trace):
    """It has no session, and is seen all the same."""
    seen = trace(level=1)
    process = sockt.listen("--hold", "--packets", *seen.options)
    peers.connect(process.port)
    wait_for(lambda: len(seen.events("packet")) == 3, "the handshake")
    packets = seen.events("packet")
    assert told(packets) == ["< [S]", "> [SA]", "< [A]"]
    assert not any("session" in packet or "side" in packet or "fd" in packet for packet in packets)


def test_nobody_elses(sockt, peers, trace):
    """Another client of the same server, at the same time."""
    listening = peers.listen()
    port = listening.getsockname()[1]
    other = peers.connect(port)
    server_of_other = peers.accept(listening)
    seen = trace(level=1)
    process = sockt.start("connect", "--packets", *seen.options, "127.0.0.1", port)
    sock = peers.accept(listening)
    for _ in range(5):
        other.sendall(b"secret")
        assert server_of_other.recv(6) == b"secret"
    sock.sendall(b"x")
    sock.close()
    process.close_stdin()
    process.finish()
    packets = seen.events("packet")
    assert carried(packets, "in") == 1 and carried(packets, "out") == 0
    assert len({(packet["local"], packet["remote"]) for packet in packets}) == 1


def test_nobody_elses_between_the_same_ends(sockt, peers, trace):
    """The target has reset our connection; its port is another program's at once."""
    listening = peers.listen()
    seen = trace(level=1)
    # From an address of its own, at which no other test has left a port in TIME_WAIT.
    process = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},bind=127.{os.getpid() % 250 + 1}.7.7",
                          "--packets", *seen.options)
    client = peers.connect(process.port)
    target, address = listening.accept()
    target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    target.close()
    wait_for(lambda: seen.events("end"), "the session has ended")
    other = peers.socket(socket.AF_INET, socket.SOCK_STREAM)
    other.bind(address)
    other.connect(listening.getsockname())
    target = peers.accept(listening)
    other.sendall(b"secret")
    assert target.recv(6) == b"secret"
    target.sendall(b"answer")
    assert other.recv(6) == b"answer"
    other.close()
    client.close()
    # What comes next is seen behind it.
    again = peers.connect(process.port)
    peers.accept(listening).sendall(b"x")
    assert again.recv(1) == b"x"
    process.signal(signal.SIGTERM)
    process.finish()
    packets = seen.events("packet")
    assert "< [PA] 1" in told(packets)
    assert {packet["length"] for packet in packets} == {0, 1}


def test_no_datagrams_of_another_socket(sockt, peers, trace):
    """Nothing is under way for a UDP socket that is closed: what passes between its ends is another's."""
    target = peers.udp()
    seen = trace(level=1)
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "--packets", "--idle-timeout", "100ms",
                          *seen.options, at="udp:127.0.0.1:0")
    client = peers.udp()
    client.connect(("127.0.0.1", process.port))
    client.send(b"four")
    data, address = target.recvfrom(10)
    assert data == b"four"
    wait_for(lambda: seen.events("close"), "the session has ended")
    other = peers.udp(address)
    other.sendto(b"secret", target.getsockname())
    assert target.recvfrom(10) == (b"secret", address)
    target.sendto(b"answer", address)
    assert other.recv(10) == b"answer"
    client.send(b"x")
    assert target.recv(10) == b"x"
    process.signal(signal.SIGTERM)
    process.finish()
    assert {packet["length"] for packet in seen.events("packet")} == {1, 4}


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_relay(sockt, peers, trace, workers):
    """Both connections of each session, each with its side; all that passed is in both."""
    server = peers.server(echo)
    seen = trace(level=1)
    process = sockt.relay(server.port, "--packets", *workers, *seen.options)
    data, done = os.urandom(100_000), 0
    # A worker sees nothing before it has begun, which may be after the first client has come.
    while len({event["session"] for event in seen.events("packet") if brief(event) == "< [S]" and
               "session" in event}) < 2:
        client = peers.connect(process.port)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        assert receive(client, len(data) + 1) == data
        client.close()
        done += 1
        wait_for(lambda: len(seen.events("end")) == 2 * done, "both sides of the session have ended")
    process.signal(signal.SIGTERM)
    process.finish()
    sessions = {event["session"] for event in seen.events("packet") if brief(event) == "< [S]" and "session" in event}
    for session in sessions:
        for side, first in (("server", "< [S]"), ("client", "> [S]")):
            packets = [event for event in seen.events("packet")
                       if event.get("session") == session and event.get("side") == side]
            steps = told(packets)
            assert ends(packets) == {"in", "out"}
            assert carried(packets, "in") == carried(packets, "out") == len(data)
            # A client's may have waited for its accept() for longer than they are held back.
            assert side == "server" or steps[0] == first


def test_datagrams_of_a_crowd(sockt, peers, trace):
    seen = trace(level=2)
    process = sockt.listen("-u", "-k", "--packets", *seen.options)
    socks = [peers.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
    for sock in socks:
        sock.connect(("127.0.0.1", process.port))
        sock.sendall(b"one")
    process.out.until(lambda data: data.count(b"one") == 2)
    for sock in socks:
        sock.sendall(b"two")
    wait_for(lambda: len(seen.events("packet")) == 4, "four datagrams")
    process.write(b"all")
    for sock in socks:
        assert sock.recv(10) == b"all"
    wait_for(lambda: len(seen.events("packet")) == 6, "the answers")
    packets = seen.events("packet")
    assert sorted(told(packets)) == ["< 3"] * 4 + ["> 3"] * 2
    for sock in socks:
        own = [packet for packet in packets if packet["remote"].endswith(f":{sock.getsockname()[1]}")]
        assert told(own) == ["< 3", "< 3", "> 3"]
        assert own[1]["session"] == own[2]["session"] and own[0].get("session") in (None, own[1]["session"])


def test_descriptors_that_are_handed_in(sockt, peers, trace):
    """No call of ours has bound or connected them."""
    listening = peers.listen()
    ours = socket.create_connection(listening.getsockname())
    sock = peers.accept(listening)
    seen = trace(level=3)
    with ours:
        process = sockt.start("connect", "--packets", *seen.options, f"fd:{ours.fileno()}",
                              pass_fds=[ours.fileno()])
    wait_for(lambda: seen.events("getsockname"), "it has looked at it")
    sock.sendall(b"hello")
    process.out.until(b"hello")
    sock.close()
    process.close_stdin()
    process.finish()
    packets = seen.events("packet")
    assert carried(packets, "in") == 5 and {packet["session"] for packet in packets} == {1}

    seen = trace(level=3, name="listener.json")
    process = sockt.start("listen", "--packets", *seen.options, f"fd:{listening.fileno()}",
                          pass_fds=[listening.fileno()], stdin=DEVNULL)
    wait_for(lambda: seen.events("getsockname"), "it has looked at it")
    client = peers.connect(listening.getsockname()[1])
    client.shutdown(socket.SHUT_WR)
    process.finish()
    assert "< [FA]" in told(seen.events("packet"))


BOTH_ENDS = """s = socket tcp
bind s 127.0.0.1:0
listen s
c = socket tcp
connect c s
p = accept s
send p "answer"
recv c
send c "thanks"
recv p
shutdown c wr
recv p
close p
recv c
u = socket udp
bind u 127.0.0.1:0
v = socket udp
sendto v u "datagram"
recvfrom u
sendto u v "back"
recvfrom v
"""


def test_both_ends_of_a_shell(sockt, trace):
    """Numbers and windows of an accepted socket go on where its handshake was; datagrams are their sender's."""
    seen = trace(level=2)
    sockt.run("shell", "--packets", *seen.options, input=BOTH_ENDS).expect(0)
    packets = [event for event in seen.events() if event["step"] == "packet"]
    tcp = [event for event in packets if event["protocol"] == "tcp"]
    assert {event.get("session") for event in tcp} == {1}, tcp
    wide = tcp[2]["window"]
    assert wide >= 65535 and [event["window"] // 2 >= 16384 for event in tcp[3:]] == [True] * len(tcp[3:]), tcp
    assert [(event["flags"], event["tcp_seq"], event.get("tcp_ack")) for event in tcp if event.get("length")] == [
        ("[PA]", 1, 1), ("[PA]", 1, 7)], tcp
    ends = sorted((event["tcp_seq"], event["tcp_ack"]) for event in tcp if "F" in event["flags"])
    assert ends == [(7, 7), (7, 8)] or ends == [(7, 8), (7, 8)], ends
    assert [(event["direction"], event["length"], event.get("session")) for event in packets[len(tcp):]] == [
        ("out", 8, 2), ("out", 4, 2)], packets


def test_without_the_privilege(sockt, peers, trace, nobody):
    """One line, and the run goes on."""
    server = peers.server(echo)
    run = sockt.run("connect", "--packets", "127.0.0.1", server.port, input=b"hello\n", prefix=nobody)
    run.expect(0, b"hello\n")
    lines = [line for line in run.err.decode().splitlines() if NEEDS in line]
    assert len(lines) == 1 and f"setcap cap_net_raw+ep {sockt.binary}" in lines[0] and "root" in lines[0]
    server = peers.server(echo)
    seen = trace(level=2)
    run = sockt.run("connect", "--packets", *seen.options, "127.0.0.1", server.port, input=b"hello\n", prefix=nobody)
    run.expect(0, b"hello\n", err="sockt: " + NEEDS)
    assert len([event for event in seen.events("note") if NEEDS in event["text"]]) == 1


@pytest.mark.parametrize("options", [(), ("-v",)])
def test_the_line_about_it_fits_a_terminal(sockt, peers, nobody, terminal, options):
    """It is broken between words; what follows stands behind where the sentence began."""
    server = peers.server(echo)
    fcntl.ioctl(terminal.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
    process = sockt.start("connect", "--packets", *options, "127.0.0.1", server.port, prefix=nobody,
                          stderr=terminal.slave, **terminal.popen())
    process.close_stdin()
    process.wait()
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in
             terminal.screen.until(b"acknowledgements").decode().replace("\r", "").splitlines()]
    first = next(number for number, line in enumerate(lines) if NEEDS in line)
    said = [line for line in lines[first:]]
    last = next(number for number, line in enumerate(said) if "acknowledgements" in line)
    assert last >= 2 and all(len(line) <= 70 for line in said[:last + 1] if "setcap" not in line), said
    assert all(line.startswith(" " * (10 if options else 2)) for line in said[1:last + 1]), said


def test_privilege_of_the_sandbox(sockt, trace, nobody):
    """There it is free: a lone connect is seen being refused."""
    require_tool("unshare")
    require(subprocess.run([*nobody, "unshare", "-Urn", "true"], capture_output=True, check=False).returncode == 0,
            "no user namespace can be made here")
    seen = trace(level=1)
    sockt.run("connect", "--packets", "--sandbox", *seen.options, "127.0.0.1", 9, prefix=nobody).expect(1)
    assert told(seen.events(), "connect", "connected") == ["connect", "> [S]", "< [RA]", "connected"]


def test_unix_sockets_have_none(sockt, tmp_path):
    run = sockt.run("connect", "--packets", "unix:" + str(tmp_path / "none")).expect(1)
    assert run.err.count(b"Unix sockets send no packets") == 1


@pytest.mark.netns
def test_what_is_missed_is_said(sockt, peers, trace, netns):
    """
    A process that stands still: the ring is full of datagrams when it goes on. In a network of its own: what is missed
    may be an ICMP error of somebody else, too.
    """
    seen = trace(level=1)
    process = sockt.listen("-u", "-k", "--packets", *seen.options, stdout=DEVNULL, prefix=netns.prefix)
    sock = peers.keep(netns.socket(kind=socket.SOCK_DGRAM))
    sock.connect(("127.0.0.1", process.port))
    process.signal(signal.SIGSTOP)
    for _ in range(10_000):
        sock.send(b"x")
    process.signal(signal.SIGCONT)
    sock.send(b"y")
    wait_for(lambda: any("some are missing" in event["text"] for event in seen.events("note")), "it is said")
    process.signal(signal.SIGTERM)
    process.finish()
    shown = len(seen.events("packet"))
    missed = [int(event["text"].split()[0]) for event in seen.events("note") if "packets were missed" in event["text"]]
    assert len(missed) == 1 and shown + missed[0] == 10_001


# ---- In networks of our own ----

@pytest.fixture
def link():
    """
    near 10.82.0.1 -- 10.82.0.2 far; near's end is the port of a bridge, which has the address, so that each packet
    passes two of its interfaces.
    """
    near, far = Namespace(), Namespace()
    near.run("ip", "link", "add", "br0", "type", "bridge")
    near.run("ip", "link", "add", "port", "type", "veth", "peer", "name", "eth0", "netns", far.pid)
    near.run("ip", "link", "set", "port", "master", "br0")
    for namespace, name, address in ((near, "br0", "10.82.0.1/24"), (far, "eth0", "10.82.0.2/24")):
        namespace.run("ip", "address", "add", address, "dev", name)
        namespace.run("ip", "link", "set", name, "up")
    near.run("ip", "link", "set", "port", "up")
    yield near, far
    near.close()
    far.close()


@pytest.mark.netns
def test_bridge_shows_no_packet_twice(sockt, peers, trace, link):
    near, far = link
    listening = peers.keep(far.listen(("10.82.0.2", 0)))
    seen = trace(level=1)
    process = sockt.start("connect", "--packets", *seen.options, *map(str, listening.getsockname()), prefix=near.prefix)
    sock = peers.accept(listening)
    sock.sendall(b"hello")
    sock.close()
    process.write(b"bye")
    process.close_stdin()
    process.finish()
    packets = seen.events("packet")
    in_order(seen.events())
    assert told(packets)[:3] == ["> [S]", "< [SA]", "> [A]"]
    assert carried(packets, "in") == 5
    keys = [(brief(packet), packet["tcp_seq"], packet.get("tcp_ack")) for packet in packets if packet["length"] or
            "F" in packet["flags"]]
    assert len(keys) == len(set(keys))


@pytest.mark.netns
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_router_that_refuses_is_named(sockt, trace, link, protocol):
    require_tool("nft")
    near, far = link
    near.run("ip", "route", "add", "default", "via", "10.82.0.2")
    far.sysctl("net.ipv4.ip_forward", 1)
    # It would come back the way that it came: no advice to take a shorter one.
    for interface in ("all", "eth0"):
        far.sysctl(f"net.ipv4.conf.{interface}.send_redirects", 0)
    far.sysctl("net.ipv4.icmp_ratelimit", 0)
    far.run("ip", "route", "add", "10.83.0.0/24", "dev", "eth0")
    far.run("nft", "add", "table", "ip", "sockt")
    far.run("nft", "add", "chain", "ip", "sockt", "rules", "{ type filter hook forward priority 0; }")
    far.run("nft", "add", "rule", "ip", "sockt", "rules", "reject", "with", "icmp", "type", "host-prohibited")
    seen = trace(level=1)
    sockt.run("connect", *(["-u"] if protocol == "udp" else []), "--packets", *seen.options, "10.83.0.9", 80,
              input=b"abc", prefix=near.prefix).expect(1)
    steps = told(seen.events())
    assert steps[0] == ("> 3" if protocol == "udp" else "> [S]")
    assert steps[1] == "< ICMP host administratively prohibited 10.82.0.2"
    assert {(event["remote"], event["protocol"]) for event in seen.events("packet")} == {("10.83.0.9:80", protocol)}


@pytest.mark.netns
def test_router_shows_what_is_for_itself(sockt, peers, trace, link):
    """A listener on every address of a router: what is forwarded to the same port of another host is not its own."""
    near, far = link
    other = Namespace()
    try:
        near.run("ip", "link", "add", "to-other", "type", "veth", "peer", "name", "eth0", "netns", other.pid)
        near.run("ip", "address", "add", "10.84.0.1/24", "dev", "to-other")
        near.run("ip", "link", "set", "to-other", "up")
        other.run("ip", "address", "add", "10.84.0.2/24", "dev", "eth0")
        other.run("ip", "link", "set", "eth0", "up")
        for namespace, via in ((far, "10.82.0.1"), (other, "10.84.0.1")):
            namespace.run("ip", "route", "add", "default", "via", via)
        near.sysctl("net.ipv4.ip_forward", 1)
        seen = trace(level=1)
        process = sockt.listen("-k", "--packets", *seen.options, at=("0.0.0.0", "0"), prefix=near.prefix)
        listening = peers.keep(other.listen(("10.84.0.2", process.port)))
        for host in ("10.84.0.2", "10.82.0.1"):
            client = peers.keep(far.socket())
            client.connect((host, process.port))
        peers.accept(listening)
        wait_for(lambda: seen.events("accept"), "our own client")
        wait_for(lambda: len(told(seen.events())) >= 3, "its handshake")
        assert {event["local"] for event in seen.events("packet")} == {f"10.82.0.1:{process.port}"}
        assert told(seen.events()) == ["< [S]", "> [SA]", "< [A]"]
    finally:
        other.close()
