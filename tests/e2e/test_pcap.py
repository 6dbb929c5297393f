# SPDX-License-Identifier: GPL-3.0-or-later
"""The pcap sink: packets of what was done, as Wireshark's own program sees them."""

import datetime
import os
import re
import signal
import socket
import struct
import subprocess
import types

import pytest

import peers as peer_scripts
import trace as traces
from facts import DEADLINE, require_ipv6, require_tool, wait_for

WARNING = 0x600000  # _ws.expert.severity: warnings and errors are at least that
FIELDS = {
    "time": "frame.time_epoch", "source": "_ws.col.Source", "target": "_ws.col.Destination",
    "stream": "tcp.stream", "flags": "tcp.flags.str", "len": "tcp.len",
    "sport": "tcp.srcport", "udp": "udp.srcport", "udp_to": "udp.dstport", "udp_len": "udp.length",
    "checks": "tcp.checksum.status", "udp_checks": "udp.checksum.status", "ip_checks": "ip.checksum.status",
    "severity": "_ws.expert.severity", "expert": "_ws.expert.message", "malformed": "_ws.malformed",
    "comment": "frame.comment", "http": "http.request.uri", "http_body": "http.file_data",
    "interface": "frame.interface_name", "direction": "frame.packet_flags_direction",
}
CHECKED = [part for name in ("tcp", "udp", "ip") for part in ("-o", f"{name}.check_checksum:TRUE")]
PLAIN = ("-d", "tcp.port==1-65535,data", "-d", "udp.port==1-65535,data")


def environment(tmp_path):
    """Without the settings of whoever runs the tests; no name is asked for."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def tshark(path, *follow, known=PLAIN):
    """
    The packets of a file, as objects of FIELDS, and the bytes of the TCP streams that are to be followed: for each a
    pair, from the client and from the server.
    """
    fields = [part for field in FIELDS.values() for part in ("-e", field)]
    taps = [part for stream in follow for part in ("-z", f"follow,tcp,raw,{stream}")]
    command = [require_tool("tshark"), "-n", "-r", str(path), *CHECKED, *known, "-T", "fields", *fields, *taps]
    result = subprocess.run(command, env=environment(path.parent), capture_output=True, timeout=DEADLINE * 3,
                            check=False)
    assert result.returncode == 0, (command, result.stderr)
    assert b"cut short" not in result.stderr and b"error" not in result.stderr.lower(), result.stderr
    text = result.stdout.decode("utf-8")
    packets = [types.SimpleNamespace(**dict(zip(FIELDS, line.split("\t"))))
               for line in text.split("\n=====", 1)[0].splitlines() if "\t" in line]
    for packet in packets:
        packet.is_out = {1: False, 2: True}[int(packet.direction, 0)]
    return packets, [followed(part) for part in text.split("Follow: tcp,raw")[1:]]


def followed(text):
    """The two directions of what -z follow,tcp,raw prints: the server's lines begin with a tab."""
    sides = {False: [], True: []}
    for line in text.split("Node 1:")[1].splitlines()[1:]:
        if re.fullmatch(r"\t?[0-9a-f]+", line):
            sides[line.startswith("\t")].append(line.strip())
    return tuple(bytes.fromhex("".join(sides[side])) for side in (False, True))


def expect_sound(packets):
    """Nothing is malformed, no checksum is wrong, and Wireshark finds nothing to warn of."""
    assert packets
    for packet in packets:
        severities = [int(part) for part in packet.severity.split(",") if part]
        # What a reset or an end is told as is no fault of the file.
        found = [text for text in packet.expert.split(",") if "reset" in text]
        assert not packet.malformed, packet
        assert max(severities, default=0) < WARNING or found, packet
        for status in (packet.checks, packet.udp_checks, packet.ip_checks):
            assert status in ("", "1"), packet
        assert packet.comment, packet


def flags(packets, stream="0"):
    """"S", "SA", "A" ... of the packets of a stream."""
    return [re.sub("[^A-Z]", "", packet.flags)[::-1] for packet in packets if packet.stream == stream]


def call_events(comments):
    """The numbers of the events that comments name."""
    return [int(re.search(r"event (\d+)", comment)[1]) for comment in comments]


def test_an_http_client(sockt, meet, tmp_path):
    """A handshake, a request, a reply, both ends: as they were, and known by Wireshark for what they are."""
    path, trace = tmp_path / "pcap", tmp_path / "json"
    request = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"0123456789" * 7000
    process, sock = meet("connect", "--trace", f"pcap:{path}", "--trace", f"json:{trace},level=2")
    port, ours = sock.getsockname()[1], sock.getpeername()[1]
    process.write(request)
    assert peer_scripts.read_exactly(sock, len(request)) == request
    sock.sendall(reply)
    sock.close()
    process.out.until(len(reply))
    process.close_stdin()
    process.finish().expect(0, out=reply)
    packets, streams = tshark(path, 0, known=("-d", f"tcp.port=={port},http"))
    expect_sound(packets)
    assert streams == [(request, reply)]
    assert flags(packets)[:3] == ["S", "SA", "A"]
    assert sorted(flag for flag in flags(packets) if "F" in flag) == ["FA", "FA"]
    assert [packet.http for packet in packets if packet.http] == ["/a"]
    assert packets[0].sport == str(ours)
    # The comments name calls, by the numbers of the events that every sink has.
    events = {event["seq"]: event["step"] for event in traces.load(trace).events}
    data = [packet for packet in packets if packet.len not in ("", "0")]
    steps = [events[number] for number in call_events([packet.comment for packet in data])]
    assert steps[0] == "send" and set(steps[1:]) == {"recv"}
    assert data[0].comment.startswith(f"session 1: send({re.search('send.(.+?),', data[0].comment)[1]}, {len(request)}")
    assert [packet.is_out for packet in data[:2]] == [True, False]
    # Stamps are the time of the call, to the nanosecond.
    header = traces.load(trace).header
    start = datetime.datetime.fromisoformat(header["start"][:19] + "+00:00").timestamp()
    start += float("0" + re.search(r"\.\d+", header["start"])[0])
    connect = traces.load(trace).one("connect")
    assert abs(float(packets[0].time) - start - connect["t_ms"] / 1000) < 0.05
    assert re.fullmatch(r"\d+\.\d{9}", packets[0].time)


def test_both_connections_of_many_sessions(sockt, peers, tmp_path):
    path = tmp_path / "pcap"
    target = peers.server(lambda sock: [sock.sendall(data[::-1]) for data in iter(lambda: sock.recv(100), b"")])
    relay = sockt.relay(target.port, "--workers", "2", "--trace", f"pcap:{path}")
    for number in range(3):
        sock = peers.connect(relay.port)
        sock.sendall(b"session %d" % number)
        assert peer_scripts.read_exactly(sock, 9) == (b"session %d" % number)[::-1]
        sock.close()
    wait_for(lambda: ends(path) >= 12, "the ends of all connections")
    relay.signal(signal.SIGTERM)
    relay.wait()
    packets, streams = tshark(path, *range(6))
    expect_sound(packets)
    want = [(b"session %d" % number, (b"session %d" % number)[::-1]) for number in range(3)]
    assert sorted(streams) == sorted(want * 2)
    sessions = {re.match(r"session (\d+): ", packet.comment)[1] for packet in packets}
    assert len(sessions) == 3


def test_datagrams_of_workers(sockt, peers, tmp_path):
    """A wildcard address is received on with recvmmsg(), and its bytes are in the message alone."""
    path = tmp_path / "pcap"
    target = peers.udp()
    relay = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", "--workers", "2", "--trace", f"pcap:{path}",
                        "--trace", f"json:{tmp_path / 'json'}", at="udp:0")
    client = peers.udp()
    client.connect(("127.0.0.1", relay.port))
    client.send(b"a question")
    asked, asker = target.recvfrom(100)
    target.sendto(b"its answer", asker)
    assert (asked, client.recv(100)) == (b"a question", b"its answer")
    wait_for(lambda: path.read_bytes().count(b"its answer") == 2, "the answer on both connections")
    relay.signal(signal.SIGTERM)
    relay.wait()
    packets, _ = tshark(path)
    expect_sound(packets)
    assert len(packets) == 4 and path.read_bytes().count(b"a question") == 2
    assert traces.load(tmp_path / "json").steps("recvmmsg")


@pytest.mark.parametrize("lesson, stream, comment", [
    ("02-server-and-client", (b"hello\n", b"welcome\n"),
     r"session 1: send\(\d+, 6 bytes\) = 6, event \d+; taken by recv\(\d+, 65536 bytes\) = 6, event \d+"),
    ("05-a-stream-has-no-messages", (b"one two fourabcdef12345678\5hello\3you", b""),
     r"send\(\d+, 4 bytes\) = 4, event \d+; taken by recv\(\d+, 65536 bytes\) = 12, event \d+"),
    ("13-unix-sockets", (b"hello", b""), r"send.*; taken by recv\(\d+, 65536 bytes\) = 5, event \d+"),
])
def test_both_ends_of_a_shell_make_one_packet(sockt, srcdir, tmp_path, lesson, stream, comment):
    """What one end sends and the other receives passed once."""
    path = tmp_path / "trace.pcapng"
    sockt.run("shell", "--trace", f"pcap:{path}", srcdir / "lessons" / f"{lesson}.sockt").expect(0)
    packets, streams = tshark(path, "0")
    expect_sound(packets)
    assert not any(word in packet.expert.lower() for packet in packets
                   for word in ("retransmission", "duplicate", "out-of-order", "unseen")), packets
    assert streams[0] == stream
    assert any(re.search(comment, packet.comment) for packet in packets), [packet.comment for packet in packets]


def test_a_datagram_of_a_shell_is_one_packet(sockt, tmp_path):
    path = tmp_path / "trace.pcapng"
    script = """a = socket udp
b = socket udp
bind b 127.0.0.1:0
sendto a b "first"
recvfrom b
sendto a b "second"
sendto b a "answer"
recvfrom a
"""
    sockt.run("shell", "--trace", f"pcap:{path}", input=script).expect(0)
    packets, _ = tshark(path)
    expect_sound(packets)
    assert [int(packet.udp_len) - 8 for packet in packets] == [5, 6, 6]
    ports = {(packet.udp, packet.udp_to) for packet in packets}
    # The port that the kernel chose is known from the first receive on, which is in time for its packet.
    assert len(ports) == 2 and "0" not in sum(ports, ()), ports
    assert ["taken by" in packet.comment for packet in packets] == [True, False, True]


def blocks(path):
    """The blocks of a file that are whole: (type, body)."""
    data, at, found = path.read_bytes(), 0, []
    while at + 12 <= len(data):
        kind, length = struct.unpack_from("=II", data, at)
        if at + length > len(data):
            break
        assert struct.unpack_from("=I", data, at + length - 4)[0] == length
        found.append((kind, data[at + 8:at + length - 4]))
        at += length
    assert at == len(data), "the last block is cut"
    return found


def packets_of(path):
    """The packets of IPv4 with TCP in a file, by a reader of our own: (flags, source port, number, payload)."""
    for kind, body in blocks(path):
        if kind != 6:
            continue
        captured = struct.unpack_from("=I", body, 12)[0]
        packet = body[20:20 + captured]
        assert packet[0] == 0x45 and packet[9] == 6
        assert struct.unpack_from(">H", packet, 2)[0] == captured
        port, _, number = struct.unpack_from(">HHI", packet, 20)
        yield packet[33], port, number, packet[20 + (packet[32] >> 4) * 4:]


def ends(path):
    """How many FINs a file of TCP has."""
    return sum(flag & 1 for flag, *_ in packets_of(path))


def test_a_big_transfer_is_all_there(sockt, meet, tmp_path):
    path, size = tmp_path / "pcap", 20_000_000
    data = bytes(range(251)) * (size // 251)
    process, sock = meet("connect", "--send-only", "--trace", f"pcap:{path}")
    process.feed(data)
    assert peer_scripts.read_exactly(sock, len(data)) == data
    sock.close()
    process.finish().expect(0)
    got, want = bytearray(), None
    ours = next(packets_of(path))[1]
    for flag, port, number, payload in packets_of(path):
        if port != ours:
            continue
        assert want is None or number == want
        want = (number + len(payload) + bool(flag & 3)) % 2**32
        got += payload
    assert got == data


@pytest.mark.parametrize("who", ["peer", "we", "we, since something is unread"])
def test_a_reset_is_of_who_made_it(sockt, meet, peers, tmp_path, who):
    path = tmp_path / "pcap"
    if who == "peer":
        process, sock = meet("connect", "--trace", f"pcap:{path}")
        sock.sendall(b"data")
        process.out.until(b"data")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
        assert process.wait() == 5
    elif who == "we":
        target = peers.listen()
        process = sockt.relay(target.getsockname()[1], "--fault", "reset=2", "--trace", f"pcap:{path}")
        sock = peers.connect(process.port)
        sock.sendall(b"data")
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
        wait_for(lambda: any(flag & 4 for flag, *_ in packets_of(path)), "the reset in the file")
        process.signal(signal.SIGTERM)
        process.wait()
    else:
        # Nobody reads what it writes, until it reads no more itself.
        reader, writer = os.pipe()
        process, sock = meet("connect", "--trace", f"pcap:{path}", stdout=writer)
        os.close(writer)
        sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            while True:
                sock.send(b"x" * 100_000)
        process.signal(signal.SIGTERM)
        process.wait()
        os.close(reader)
        with pytest.raises(ConnectionResetError):
            peer_scripts.read_all(sock)
    packets, _ = tshark(path)
    expect_sound(packets)
    resets = [packet for packet in packets if "R" in packet.flags]
    assert resets and {packet.is_out for packet in resets} == {who != "peer"}


def test_who_is_refused_and_who_hears_nothing(sockt, peers, tmp_path):
    path = tmp_path / "pcap"
    port = peers.refused_port()
    sockt.run("connect", "--trace", f"pcap:{path}", "127.0.0.1", port).expect(1)
    packets, _ = tshark(path)
    expect_sound(packets)
    assert flags(packets) == ["S", "RA"]
    assert "ECONNREFUSED" in packets[1].comment and packets[0].sport not in ("", "0")
    full = peers.listen(backlog=0)
    peers.connect(full.getsockname()[1])
    sockt.run("connect", "-w", "0.2", "--trace", f"pcap:{path}", "127.0.0.1", full.getsockname()[1]).expect(4)
    packets, _ = tshark(path)
    assert flags(packets) == ["S"]


def test_datagrams_of_many_peers(sockt, peers, tmp_path):
    require_ipv6()
    path = tmp_path / "pcap"
    server = sockt.listen("-u", "-k", "--trace", f"pcap:{path}", at=("::1", "0"), stdin=subprocess.PIPE)
    clients = [peers.udp(("::1", 0), socket.AF_INET6) for _ in range(3)]
    for number, client in enumerate(clients):
        client.sendto(b"x" * (number + 1), ("::1", server.port))
    server.out.until(6)
    server.write(b"answer")
    assert [client.recv(100) for client in clients] == [b"answer"] * 3
    server.signal(signal.SIGTERM)
    server.wait()
    packets, _ = tshark(path)
    expect_sound(packets)
    ports = [str(client.getsockname()[1]) for client in clients]
    arrived = {packet.udp: packet.udp_len for packet in packets if not packet.is_out}
    assert arrived == dict(zip(ports, ("9", "10", "11")))
    assert sorted(packet.udp_to for packet in packets if packet.is_out) == sorted(ports)
    assert {packet.source for packet in packets} == {"::1"}


def test_a_unix_server(sockt, peers, tmp_path):
    """Its packets have made-up addresses, and say so."""
    path, name = tmp_path / "pcap", str(tmp_path / "socket")
    process = sockt.listen("--trace", f"pcap:{path}", at=(f"unix:{name}",))
    sock = peers.connect(name)
    sock.sendall(b"question")
    process.out.until(b"question")
    process.write(b"answer")
    process.close_stdin()
    assert peer_scripts.read_exactly(sock, 6) == b"answer"
    sock.close()
    process.finish().expect(0)
    packets, streams = tshark(path, 0)
    expect_sound(packets)
    assert streams == [(b"question", b"answer")]
    assert (packets[0].source, packets[0].target) == ("192.0.2.1", "192.0.2.2")
    assert "unix, carried as TCP between made-up addresses" in packets[0].comment
    assert "carried" not in packets[1].comment


def test_unix_datagrams_longer_than_those_of_udp(sockt, peers, tmp_path):
    path, name = tmp_path / "pcap", str(tmp_path / "socket")
    server = peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(name)
    process = sockt.start("connect", "-q", "0.1", "--trace", f"pcap:{path}", f"unix-dgram:{name}")
    process.write(b"first")
    assert server.recv(100) == b"first"
    server.sendto(b"y" * 100_000, server_peer(server, process))
    process.out.until(100_000)
    process.close_stdin()
    process.finish().expect(0)
    packets, _ = tshark(path)
    expect_sound(packets)
    assert [int(packet.udp_len) - 8 for packet in packets if not packet.is_out] == [65507, 100_000 - 65507]
    assert "unix-dgram, carried as UDP" in packets[0].comment


def server_peer(server, process):
    """The address of who sends: told with another datagram."""
    process.write(b"second")
    return server.recvfrom(100)[1]


def test_a_socket_that_came_connected(sockt, peers, tmp_path):
    """Its handshake was not seen, and the comments of the one that is made up say so."""
    path = tmp_path / "pcap"
    listening = peers.listen()
    ours = peers.connect(listening.getsockname()[1])
    theirs = peers.accept(listening)
    process = sockt.start("connect", "--trace", f"pcap:{path}", f"fd:{ours.fileno()}", pass_fds=(ours.fileno(),))
    port = ours.getsockname()[1]
    ours.close()
    process.write(b"abc")
    assert peer_scripts.read_exactly(theirs, 3) == b"abc"
    theirs.close()
    process.close_stdin()
    process.finish().expect(0)
    packets, streams = tshark(path, 0)
    expect_sound(packets)
    assert streams == [(b"abc", b"")]
    assert [packet.sport for packet in packets[:1]] == [str(port)]
    assert all("this handshake was not seen" in packet.comment for packet in packets[:3])
    assert "not seen" not in packets[3].comment


def test_through_a_pipe_into_tshark(sockt, peers, tmp_path):
    """Live: nothing has to come back to an earlier place of the file."""
    server = peers.server(lambda sock: sock.sendall(b"hello"))
    reader, writer = os.pipe()
    viewer = subprocess.Popen([require_tool("tshark"), "-n", "-r", "-", *PLAIN, "-T", "fields", "-e", "tcp.payload"],
                              stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=environment(tmp_path))
    os.close(reader)
    sockt.run("connect", "--recv-only", "--trace", f"pcap:fd:{writer}", "127.0.0.1", server.port,
              pass_fds=(writer,)).expect(0, out=b"hello")
    os.close(writer)
    out, _ = viewer.communicate(timeout=DEADLINE * 3)
    assert out.split() == [b"hello".hex().encode()]


@pytest.mark.prompt
def test_a_killed_run_leaves_whole_blocks(sockt, meet, tmp_path):
    path = tmp_path / "pcap"
    process, sock = meet("connect", "--trace", f"pcap:{path}")
    sock.sendall(b"seen")
    wait_for(lambda: b"seen" in path.read_bytes(), "what was received in the file")
    process.signal(signal.SIGKILL)
    process.wait()
    assert [payload for *_, payload in packets_of(path) if payload] == [b"seen"]


def test_the_other_sinks_are_as_they_were(sockt, peers, tmp_path):
    server = peers.server(lambda sock: sock.sendall(b"hello"))
    calls = []
    for extra in ((), ("--trace", f"pcap:{tmp_path}/pcap")):
        text = tmp_path / "text"
        sockt.run("connect", "--recv-only", "--trace", f"text:{text},level=1", *extra, "127.0.0.1",
                  server.port).expect(0)
        # When the peer's end is seen depends on when it comes.
        calls.append([word for word in re.findall(r"^ *[\d.]+ +(\w+)", text.read_text("utf-8"), re.MULTILINE)
                      if word != "state"])
    assert calls[0] == calls[1]
    assert "connect" in calls[0] and "recv" not in calls[0]


def test_it_has_all_data_or_is_refused(sockt):
    result = sockt.run("connect", "--trace", "pcap:x,level=2", "127.0.0.1", "1")
    result.expect(2, err="--trace pcap always has all data: its level is 3")
    sockt.run("connect", "--trace", "pcap", "127.0.0.1", "1").expect(2, err="--trace pcap needs a file")


@pytest.mark.parametrize("order", ["", " &"], ids=["connect first", "accept first"])
def test_both_ends_in_one_program(sockt, tmp_path, order):
    """A shell's connection is one connection: each end tells what it sends, once."""
    accept = f"peer = accept server{order}\n"
    connect = "client = socket tcp\nconnect client server\n"
    script = ("server = socket tcp\nbind server 127.0.0.1:0\nlisten server\n" +
              (accept + connect + "wait peer\n" if order else connect + accept) +
              'send client "hello\\n"\nsend client "there\\n"\nexpect unread peer 12\nrecv peer\n'
              'send peer "yes"\nrecv client\nshutdown client wr\nrecv peer\nexpect = 0\nclose peer\n'
              "recv client\nexpect = 0\nclose client\n")
    sockt.run("shell", "--trace", f"pcap:{tmp_path}/t.pcap", input=script).expect(0)
    packets, streams = tshark(tmp_path / "t.pcap", 0)
    expect_sound(packets)
    assert streams == [(b"hello\nthere\n", b"yes")]
    assert flags(packets) == ["S", "SA", "A", "PA", "A", "PA", "A", "PA", "A", "FA", "A", "FA", "A"]


def test_unread_bytes_reset_the_other_end(sockt, tmp_path):
    script = ("server = socket tcp\nbind server 127.0.0.1:0\nlisten server\nclient = socket tcp\n"
              'connect client server\nsend client "early"\npeer = accept server\nrecv peer 4\n'
              "expect unread peer 1\nclose peer\nrecv client\nexpect ECONNRESET\nclose client\n")
    sockt.run("shell", "--trace", f"pcap:{tmp_path}/t.pcap", input=script).expect(0)
    packets, _ = tshark(tmp_path / "t.pcap")
    expect_sound(packets)
    assert flags(packets) == ["S", "SA", "A", "PA", "A", "RA"]
    assert packets[-1].sport == packets[1].sport
