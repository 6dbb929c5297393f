# SPDX-License-Identifier: GPL-3.0-or-later
"""Several endpoints in one command: listen and relay."""

import json
import os
import signal
import socket

import pytest

import peers as peer_scripts
from facts import free_port, require_ipv6, wait_for


def port_of(line):
    return int(line.rsplit(":", 1)[1])


def places(process):
    """What the listener says it is bound to: ["tcp 127.0.0.1", ...], and the ports."""
    return [line.rsplit(":", 1)[0] for line in process.ready_lines]


def dial(peers, line):
    """A socket of ours, connected to what a line of --ready-fd says."""
    protocol, address = line.split(" ", 1)
    if protocol == "unix":
        return peers.connect(address, socket.AF_UNIX)
    host, port = address.rsplit(":", 1)
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    return peers.connect((host.strip("[]"), int(port)), family, kind)


@pytest.mark.smoke
def test_ready_lines_stand_in_the_order_of_the_endpoints(sockt, peers):
    require_ipv6()
    process = sockt.listen("-k", at=("127.0.0.1:0", "unix:a.sock", "[::1]:0", "udp:127.0.0.1:0"))
    assert [line.split(" ")[0] for line in process.ready_lines] == ["tcp", "unix", "tcp", "udp"]
    assert process.ready_lines[1].endswith("a.sock")
    assert "[::1]:" in process.ready_lines[2]


def test_clients_of_all_share_input_and_output(sockt, peers, tmp_path):
    process = sockt.listen("-k", at=("127.0.0.1:0", "127.0.0.1:0", f"unix:{tmp_path}/a.sock"))
    socks = []
    for line in process.ready_lines:
        sock = dial(peers, line)
        before = len(process.out.data)
        sock.sendall(b".")
        process.out.until(before + 1)
        socks.append(sock)
    process.write(b"to all\n")
    for sock in socks:
        assert peer_scripts.read_exactly(sock, 7) == b"to all\n"
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"...")
    assert not os.path.exists(f"{tmp_path}/a.sock")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_first_client_of_any_closes_all(sockt, peers, tmp_path, number):
    process = sockt.listen(at=("127.0.0.1:0", f"unix:{tmp_path}/a.sock", "127.0.0.1:0"))
    sock = dial(peers, process.ready_lines[number])
    sock.sendall(b"x")
    process.out.until(b"x")
    for other in (0, 2):
        with pytest.raises(ConnectionRefusedError):
            dial(peers, process.ready_lines[other])
    assert not os.path.exists(f"{tmp_path}/a.sock")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b""
    sock.close()
    process.finish().expect(0, b"x")


def is_refused(sock):
    """Does a datagram of this connected socket come back as an ICMP error?"""
    try:
        sock.send(b"?")
        sock.send(b"?")
        return False
    except ConnectionRefusedError:
        return True


def test_a_datagram_is_the_first_client_too(sockt, peers):
    process = sockt.listen(at=("tcp:127.0.0.1:0", "udp:127.0.0.1:0", "udp:127.0.0.1:0"))
    tcp, first, second = process.ready_lines
    peer = dial(peers, first)
    peer.send(b"one\n")
    process.out.until(b"one\n")
    with pytest.raises(ConnectionRefusedError):
        dial(peers, tcp)
    other = dial(peers, second)
    wait_for(lambda: is_refused(other), "the other port to be closed")
    process.write(b"answer\n")
    assert peer.recv(100) == b"answer\n"
    process.signal(signal.SIGTERM)
    process.finish().expect(143, b"one\n")


def test_a_stream_is_the_first_client_beside_datagrams(sockt, peers):
    process = sockt.listen(at=("udp:127.0.0.1:0", "tcp:127.0.0.1:0"))
    udp, tcp = process.ready_lines
    sock = dial(peers, tcp)
    data = bytes(range(256)) * 4096
    sock.sendall(b"begin")
    process.out.until(b"begin")
    other = dial(peers, udp)
    wait_for(lambda: is_refused(other), "the port of UDP to be closed")
    process.feed(data)
    assert peer_scripts.read_all(sock) == data
    sock.close()
    process.finish().expect(0, b"begin")


def test_tcp_beside_udp_with_one_port(sockt, peers):
    port = free_port()
    process = sockt.listen("-k", at=(f"tcp:127.0.0.1:{port}", f"udp:127.0.0.1:{port}"))
    stream = peers.connect(port)
    stream.sendall(b"s")
    process.out.until(b"s")
    datagrams = peers.connect(("127.0.0.1", port), kind=socket.SOCK_DGRAM)
    datagrams.send(b"d")
    process.out.until(b"sd")
    process.write(b"for both\n")
    assert peer_scripts.read_exactly(stream, 9) == b"for both\n"
    assert datagrams.recv(100) == b"for both\n"


def test_a_slow_stream_beside_datagrams_gets_every_byte_once(sockt, peers):
    """What it did not take of a message is given back to the hub, and read again where it was."""
    process = sockt.listen("-k", "--datagram", "50000", at=("tcp:127.0.0.1:0", "udp:127.0.0.1:0"))
    stream = dial(peers, process.ready_lines[0])
    stream.sendall(b".")
    process.out.until(b".")
    data = b"".join(b"%07d\n" % number for number in range(1_000_000))
    process.feed(data)
    assert peer_scripts.read_exactly(stream, len(data)) == data
    stream.close()


def test_max_conns_counts_all(sockt, peers):
    process = sockt.listen("-k", "-m", 1, at=("127.0.0.1:0", "127.0.0.1:0"))
    first = dial(peers, process.ready_lines[0])
    first.sendall(b"1")
    process.out.until(b"1")
    second = dial(peers, process.ready_lines[1])
    second.sendall(b"2")
    process.close_stdin()
    first.close()
    process.out.until(b"12")


def test_a_queue_that_is_never_empty_keeps_nobody_out_of_another(sockt, peers, tmp_path):
    """With room for one at a time they take turns. Who connects to a Unix socket is in its queue at once."""
    process = sockt.listen("-k", "-m", 1, at=(f"unix:{tmp_path}/a", f"unix:{tmp_path}/b"))
    socks = {}
    for name, line in (("1", 0), ("2", 0), ("3", 0), ("4", 1)):
        socks[name] = dial(peers, process.ready_lines[line])
        socks[name].sendall(name.encode())
        process.out.until(b"1")
    process.close_stdin()
    for served, so_far in (("1", b"14"), ("4", b"142"), ("2", b"1423")):
        socks[served].close()
        process.out.until(so_far)


def test_a_program_for_each_client(sockt, peers, tmp_path):
    process = sockt.listen("-k", "--sh", "echo $SOCKT_PROTOCOL; cat", "--datagram", "line",
                           at=("tcp:127.0.0.1:0", "udp:127.0.0.1:0", f"unix:{tmp_path}/a.sock"))
    for line in process.ready_lines:
        sock = dial(peers, line)
        sock.sendall(b"hello\n")
        want = (line.split(" ")[0] + "\n").encode()
        if line.startswith("udp"):
            assert sock.recv(100) == want
            assert sock.recv(100) == b"hello\n"
        else:
            assert peer_scripts.read_exactly(sock, len(want) + 6) == want + b"hello\n"
        sock.close()


def test_a_program_is_for_this_machine_at_each_bare_port(sockt):
    process = sockt.listen("-k", "--exec", "cat", at=("0", "127.0.0.1:0", "udp:0"))
    assert all(line.split(" ")[1].startswith(("127.0.0.1:", "[::1]:")) for line in process.ready_lines)
    process.err.until(b"only this machine can connect")


def test_http_on_two_ports(sockt, peers):
    process = sockt.listen("-k", "--http", "--body", "=yes", at=("127.0.0.1:0", "127.0.0.1:0"))
    for line in process.ready_lines:
        sock = dial(peers, line)
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert peer_scripts.read_all(sock).endswith(b"\r\n\r\nyes")


def test_clients_of_all_hear_each_other(sockt, peers, tmp_path):
    process = sockt.listen("--broker", at=("127.0.0.1:0", f"unix:{tmp_path}/a.sock"))
    socks = [dial(peers, line) for line in process.ready_lines]
    for sock in socks:
        sock.sendall(b".")
    process.out.until(2)
    socks[0].sendall(b"hello\n")
    heard = peer_scripts.read_until(socks[1], b"hello\n")
    assert heard in (b"hello\n", b".hello\n")


def test_rules_are_those_of_all(sockt, peers):
    process = sockt.listen("-k", "--deny", "127.0.0.1", at=("127.0.0.1:0", "127.0.0.1:0"))
    for line in process.ready_lines:
        assert peers.is_reset(port_of(line))


def test_one_that_fails_is_named_and_nothing_listens(sockt, peers, tmp_path):
    taken = peers.listen()
    port = taken.getsockname()[1]
    result = sockt.run("listen", f"unix:{tmp_path}/a.sock", f"127.0.0.1:{port}", "127.0.0.1:0")
    result.expect(1, b"")
    assert f"bind 127.0.0.1 port {port}".encode() in result.err or f"127.0.0.1 port {port}".encode() in result.err
    assert b"EADDRINUSE" in result.err
    assert not os.path.exists(f"{tmp_path}/a.sock")


def test_the_trace_tells_which_socket_accepted(sockt, peers, tmp_path):
    trace = tmp_path / "trace"
    process = sockt.listen("--trace", f"json:{trace}", at=("127.0.0.1:0", "127.0.0.1:0"))
    sock = dial(peers, process.ready_lines[1])
    sock.close()
    process.close_stdin()
    process.finish().expect(0)
    events = [json.loads(line) for line in trace.read_text().splitlines()][1:]
    listens = [event["fd"] for event in events if event["step"] == "listen"]
    accepts = [event["fd"] for event in events if event["step"] == "accept"]
    assert len(listens) == 2 and accepts == [listens[1]]


def test_descriptors_that_were_handed_in(sockt, peers):
    listening = [peers.listen(), peers.listen()]
    process = sockt.start("listen", "-k", *(f"fd:{sock.fileno()}" for sock in listening),
                          pass_fds=[sock.fileno() for sock in listening])
    for count, sock in enumerate(listening, 1):
        client = peers.connect(sock.getsockname()[1])
        client.sendall(b"x")
        process.out.until(count)


def test_relay_of_several(sockt, peers, tmp_path):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, at="127.0.0.1:0", more=("127.0.0.1:0", f"unix:{tmp_path}/a.sock"))
    for line in process.ready_lines:
        sock = dial(peers, line)
        sock.sendall(b"there and back")
        sock.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(sock) == b"there and back"


def test_relay_of_several_with_workers(sockt, peers, tmp_path):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, "--workers", 2, at="127.0.0.1:0",
                          more=(f"unix:{tmp_path}/a.sock", "127.0.0.1:0"))
    assert [line.split(" ")[0] for line in process.ready_lines] == ["tcp", "unix", "tcp"]
    for line in process.ready_lines * 4:
        sock = dial(peers, line)
        sock.sendall(b"there and back")
        sock.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(sock) == b"there and back"
        sock.close()


def test_relay_of_datagrams_to_two_ports(sockt, peers):
    target = peers.udp()
    process = sockt.relay(f"udp:127.0.0.1:{target.getsockname()[1]}", at="udp:127.0.0.1:0", more=("udp:127.0.0.1:0",))
    for line in process.ready_lines:
        sock = dial(peers, line)
        sock.send(b"there")
        data, back = target.recvfrom(100)
        assert data == b"there"
        target.sendto(b"and back", back)
        assert sock.recv(100) == b"and back"


def test_a_proxy_header_at_one_of_two(sockt, peers):
    server = peers.server(peer_scripts.echo)
    process = sockt.relay(server.port, at="127.0.0.1:0,accept-proxy", more=("127.0.0.1:0",))
    plain = dial(peers, process.ready_lines[1])
    plain.sendall(b"no header\n")
    assert peer_scripts.read_exactly(plain, 10) == b"no header\n"
    headed = dial(peers, process.ready_lines[0])
    headed.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nbehind\n")
    assert peer_scripts.read_exactly(headed, 7) == b"behind\n"
    assert peers.is_reset(port_of(process.ready_lines[0]), b"no header\r\n")


def test_nobody_comes_to_any(sockt):
    """The time limit is about none of them: the first one was named."""
    run = sockt.run("listen", "-v", "--accept-timeout", "50ms", "unix:socket", "127.0.0.1:0", "udp:127.0.0.1:0")
    run.expect(4, b"", "no client within 50 ms (--accept-timeout)\n")
    said = " ".join(run.err.decode().split())
    assert "all of the sockets were there, but nobody came to any of them" in said and "connect unix:socket" not in said
