# SPDX-License-Identifier: GPL-3.0-or-later
"""
--packets without the privilege: one line says what is needed, the run goes on, and what needs none is seen: segments
that TCP counts, the SYN of a client, ICMP errors, and when what was sent is acknowledged.
"""

import os
import socket

import pytest

import peers as peer_scripts
import trace as traces
from facts import SCALE, cpu_used_while_idle, free_port, require_ipv6, wait_for, wait_idle
from runner import DEVNULL
from straced import STEPS, Witness

LINE = "--packets needs CAP_NET_RAW: as root, or once `setcap cap_net_raw+ep "
KINDS = ("packet", "segments", "acknowledged", "icmp")


def acknowledged(trace, count, **of):
    """The bytes told as acknowledged are all that were sent, each once and in order. Returns the events."""
    events = [event for event in trace.steps("acknowledged")
              if all(event[key] == value for key, value in of.items())]
    end = 0
    for event in events:
        assert event["first_byte"] == end and event["last_byte"] >= end, events
        end = event["last_byte"] + 1
    assert end == count, f"{end} of {count}"
    return events


def segments(trace, **of):
    return [event for event in trace.steps("segments") if all(event.get(key) == value for key, value in of.items())]


# ---- The four kinds ----


@pytest.mark.smoke
def test_client(sockt, peers, nobody, trace):
    """The line appears once; connect() is seen to send a SYN, and what was sent to be acknowledged."""
    server, seen = peers.server(peer_scripts.echo), trace(level=2)
    run = sockt.run("connect", "--packets", "-vv", *seen.options, "127.0.0.1", server.port, prefix=nobody,
                    input=b"hello\n").expect(0, b"hello\n")
    assert run.err.decode().count(LINE) == 1 and f"setcap cap_net_raw+ep {sockt.binary}`" in run.err.decode(), run
    loaded = traces.load(seen.path)
    opening = segments(loaded, during="connect")
    assert len(opening) == 1 and opening[0]["segs_out"] >= 1 and opening[0]["level"] == 1, opening
    assert sum(event["acked"] for event in segments(loaded)) >= 7
    [told] = acknowledged(loaded, 6)
    # Without its stamp, which may come later than we look where all is slow, it is not known when.
    assert 0 < told["dur_us"] < 5e6 if "dur_us" in told else SCALE > 1
    assert "acknowledged" in run.err.decode() and "   during connect()\n" in run.err.decode()
    # Counted from one step to the next: nothing twice, nothing left out.
    order = [event.get("during") or event.get("before") for event in segments(loaded)]
    assert order[0] == "connect"


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_listener_has_the_syn(sockt, peers, nobody, trace, family):
    if family == socket.AF_INET6:
        require_ipv6()
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    seen = trace(level=1)
    server = sockt.listen("--packets", "-v", *seen.options, at=(host, "0"), prefix=nobody, stdin=DEVNULL)
    client = peers.keep(socket.socket(family))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1234)
    client.connect((host, server.port))
    port = client.getsockname()[1]
    client.sendall(b"x")
    client.close()
    run = server.finish().expect(0, b"x")
    assert run.err.decode().count(LINE) == 1, run
    loaded = traces.load(seen.path)
    [syn] = loaded.steps("packet")
    assert syn["saved"] and syn["direction"] == "in" and syn["flags"] == "[S]" and syn["tcp_seq"] == 0, syn
    assert syn["options"]["mss"] <= 1234 and syn["window"] > 0 and syn["session"] == 1, syn
    assert syn["remote"].endswith(f":{port}") and syn["local"].endswith(f":{server.port}"), syn
    steps = [(event["step"], event.get("args", {}).get("optname")) for event in loaded.events]
    assert steps.index(("setsockopt", "TCP_SAVE_SYN")) < steps.index(("listen", None))
    # At level 1 nothing is asked of the data.
    assert ("setsockopt", "SO_TIMESTAMPING") not in steps
    assert not loaded.steps("acknowledged")


def test_udp_refused_by_icmp(sockt, peers, nobody, trace):
    port = free_port()
    seen = trace(level=1)
    run = sockt.run("connect", "-u", "--packets", "-v", *seen.options, "127.0.0.1", port, prefix=nobody,
                    input=b"x").expect(1)
    assert run.err.decode().count(LINE) == 1, run
    [event] = traces.load(seen.path).steps("icmp")
    assert event["icmp"] == {"type": 3, "code": 3, "text": "port unreachable", "sender": "127.0.0.1"}
    assert event["errno"] == "ECONNREFUSED" and event["remote"] == f"127.0.0.1:{port}"


def test_unix_socket_has_none(sockt, nobody, tmp_path):
    """Nothing goes over a network: that is said, and not a privilege."""
    run = sockt.run("connect", "--packets", "-v", f"unix:{tmp_path}/none", prefix=nobody).expect(1)
    assert LINE not in run.err.decode() and "Unix sockets send no packets" in run.err.decode(), run


def test_who_may_sees_packets_instead(sockt, peers, trace, need_fact):
    need_fact(os.geteuid() == 0, "only root may see packets")
    server, seen = peers.server(peer_scripts.echo), trace(level=3)
    run = sockt.run("connect", "--packets", "-v", *seen.options, "127.0.0.1", server.port, input=b"x").expect(0, b"x")
    loaded = traces.load(seen.path)
    assert LINE not in run.err.decode() and loaded.steps("packet")
    assert not loaded.steps("segments", "acknowledged")
    assert not [event for event in loaded.steps("setsockopt") if event["args"]["optname"] == "SO_TIMESTAMPING"]


def test_not_without_being_asked(sockt, peers, nobody, trace):
    """-vvv makes no other calls than without."""
    server, seen = peers.server(peer_scripts.echo), trace(level=3)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, prefix=nobody, input=b"x").expect(0, b"x")
    loaded = traces.load(seen.path)
    assert not loaded.steps(*KINDS) and not loaded.steps("setsockopt")


# ---- Time stamps in the error queue are no errors ----


@pytest.mark.parametrize("preview", ["32", "0"])
def test_bulk_both_ways(sockt, peers, nobody, trace, preview):
    """Copied and spliced: all arrives, all is told as acknowledged, and nothing took a stamp for an error."""
    data, seen = os.urandom(6_000_000), trace(level=2)
    server = peers.server(peer_scripts.echo)
    sockt.run("connect", "--packets", "--preview", preview, *seen.options, "127.0.0.1", server.port, prefix=nobody,
              input=data).expect(0, data)
    loaded = traces.load(seen.path)
    told = acknowledged(loaded, len(data))
    assert any("dur_us" in event for event in told)
    assert loaded.end()["ended_by"] == "both-ended"
    assert bool(loaded.steps("splice")) == (preview == "0")


def test_peer_that_reads_late(sockt, peers, nobody, trace):
    """Much more is outstanding than is remembered; what is acknowledged at last is told all the same."""
    seen, listening = trace(level=2), peers.listen()
    process = sockt.start("connect", "--packets", *seen.options, "127.0.0.1", listening.getsockname()[1],
                          prefix=nobody)
    sock = peers.accept(listening)
    process.feed(b"z" * 12_000_000)
    wait_for(lambda: any(event.get("errno") == "EAGAIN" for event in seen.events("send")), "a full buffer")
    assert len(peer_scripts.read_all(sock)) == 12_000_000
    sock.close()
    process.finish().expect(0)
    acknowledged(traces.load(seen.path), 12_000_000)


def test_reset_is_still_one(sockt, peers, nobody, trace):
    """Stamps wait in the error queue, and then the peer resets: status 5, as ever."""
    seen, listening = trace(level=2), peers.listen()
    process = sockt.start("connect", "--packets", *seen.options, "127.0.0.1", listening.getsockname()[1],
                          prefix=nobody)
    sock = peers.accept(listening)
    for _turn in range(20):
        process.write(b"ping")
        assert peer_scripts.read_exactly(sock, 4) == b"ping"
    peer_scripts.reset(sock)
    process.finish().expect(5, err="ECONNRESET")
    assert traces.load(seen.path).end()["ended_by"] == "reset"


def test_reset_in_one_wake_with_a_stamp(sockt, peers, nobody, trace):
    """Stopped meanwhile, it finds both at once: the stamp is taken, the error stays."""
    seen, listening = trace(level=2), peers.listen()
    process = sockt.start("connect", "--packets", *seen.options, "127.0.0.1", listening.getsockname()[1],
                          prefix=nobody)
    sock = peers.accept(listening)
    # The acknowledgement waits for the peer's window: it is filled, and opened when we are stopped.
    process.write(b"first")
    assert peer_scripts.read_exactly(sock, 5) == b"first"
    wait_for(lambda: seen.events("acknowledged"), "the first acknowledgement")
    process.signal(19)
    process.write(b"second")
    peer_scripts.reset(sock)
    process.signal(18)
    process.finish().expect(5)
    assert traces.load(seen.path).end()["ended_by"] == "reset"


@pytest.mark.timing
def test_it_does_not_spin(sockt, peers, nobody, trace):
    """When all is acknowledged nothing is left to do, however many stamps there were."""
    seen, listening = trace(level=2), peers.listen()
    process = sockt.start("connect", "--packets", *seen.options, "127.0.0.1", listening.getsockname()[1],
                          prefix=nobody)
    sock = peers.accept(listening)
    for _turn in range(100):
        process.write(b"x")
        assert sock.recv(1) == b"x"
    wait_for(lambda: seen.events("acknowledged") and seen.events("acknowledged")[-1]["last_byte"] == 99,
             "the last acknowledgement")
    pid = process.pid
    wait_idle(pid)
    assert cpu_used_while_idle(pid) < 0.05
    # A stamp that was taken for an error would have it try to read each time.
    assert not [event for event in seen.events("recv") if event.get("errno") == "EAGAIN"]
    process.close_stdin()
    sock.close()
    process.finish().expect(0)


def test_crowd(sockt, peers, nobody, trace):
    """Each client of -k has its own SYN, and its own count of bytes."""
    seen = trace(level=2)
    server = sockt.listen("-k", "--packets", *seen.options, prefix=nobody)
    clients = [peers.connect(server.port) for _turn in range(3)]
    wait_for(lambda: len([event for event in seen.events("accept") if event["result"] > 0]) == 3, "three clients")
    server.write(b"to all\n")
    for client in clients:
        assert peer_scripts.read_exactly(client, 7) == b"to all\n"
        client.close()
    server.close_stdin()
    wait_for(lambda: len({event["session"] for event in seen.events("end")}) == 3, "three ends")
    server.signal(15)
    assert server.wait() == 128 + 15
    loaded = traces.load(seen.path)
    assert sorted(event["session"] for event in loaded.steps("packet")) == [1, 2, 3]
    for session in (1, 2, 3):
        acknowledged(loaded, 7, session=session)


@pytest.mark.parametrize("workers", [(), ("--workers", 2)])
def test_relay(sockt, peers, nobody, trace, workers):
    """Both sides of each session, also in workers; the line is said once."""
    data, seen = os.urandom(300_000), trace(level=2)
    target = peers.server(peer_scripts.echo)
    relay = sockt.relay(target.port, "--packets", *workers, *seen.options, prefix=nobody)
    for _turn in range(3):
        client = peers.connect(relay.port)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(client) == data
        client.close()
    wait_for(lambda: len(seen.events("end")) == 6, "three ends of two sides")
    relay.signal(15)
    run = relay.finish()
    assert run.err.decode().count(LINE) == 1, run
    loaded = traces.load(seen.path)
    sessions = {event["session"] for event in loaded.steps("end")}
    assert len(sessions) == 3 and sorted(event["session"] for event in loaded.steps("packet")) == sorted(sessions)
    for session in sessions:
        acknowledged(loaded, len(data), session=session, side="client")
        # A relay closes the client's connection when all is sent: the last of it is acknowledged afterwards.
        told = [event for event in loaded.of_session(session)
                if event["step"] == "acknowledged" and event["side"] == "server"]
        assert told[0]["first_byte"] == 0 and told[-1]["last_byte"] < len(data)
        assert {event["side"] for event in segments(loaded, session=session)} == {"client", "server"}


def test_descriptor_of_others_is_left_alone(sockt, peers, nobody, trace):
    """SO_TIMESTAMPING is an option of the open file, which who has handed it in shares."""
    seen, (ours, theirs) = trace(level=2), peers_pair(peers)
    process = sockt.start("connect", "--packets", *seen.options, f"fd:{theirs.fileno()}", prefix=nobody,
                          pass_fds=(theirs.fileno(),))
    process.write(b"x")
    assert ours.recv(1) == b"x"
    assert theirs.getsockopt(socket.SOL_SOCKET, 37) == 0
    ours.close()
    process.close_stdin()
    process.finish().expect(0)
    assert not traces.load(seen.path).steps("acknowledged")


def peers_pair(peers):
    """Two ends of a TCP connection of ours."""
    listening = peers.listen()
    client = peers.connect(listening.getsockname()[1])
    return client, peers.accept(listening)


@pytest.mark.strace
def test_every_call_is_in_the_trace(sockt, peers, nobody, trace, tmp_path):
    """Those that only look, too."""
    seen, server = Witness(tmp_path, trace, options=("--packets",)), peers.server(peer_scripts.echo)
    sockt.run("connect", *seen.options, "127.0.0.1", server.port, prefix=[*nobody, *seen.prefix],
              input=b"hello\n").expect(0, b"hello\n")
    # The socket that --packets is refused is of the machinery, as an epoll descriptor is.
    calls = seen.compare(tuple(step for step in STEPS if step != "socket"))
    assert any(call[0] == "setsockopt" for call in calls), calls


# ---- In a sandbox the privilege is free ----


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_refused_in_a_sandbox(sockt, nobody, trace, address):
    """A lone connect to loopback there is seen being refused: SYN and RST."""
    if ":" in address:
        require_ipv6()
    seen = trace(level=1)
    run = sockt.run("connect", "--sandbox", "--packets", *seen.options, address, 9000, prefix=nobody).expect(1)
    assert LINE not in run.err.decode(), run
    loaded = traces.load(seen.path)
    assert [(event["direction"], event["flags"]) for event in loaded.steps("packet")] == [
        ("out", "[S]"), ("in", "[RA]")]
    assert not loaded.steps("segments")
