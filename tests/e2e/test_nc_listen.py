# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt nc: listeners, Unix sockets and datagrams, beside nc where it is installed."""

import socket
import threading

import pytest

import peers as peer_scripts
from facts import require_ipv6
from ncs import said


@pytest.mark.parametrize("form", [["-l", "127.0.0.1", "0"], ["-l", "-p", "0", "-s", "127.0.0.1"], ["-lp0"],
                                  ["-l", "0"]])
def test_listener(nc, peers, form):
    process = nc.listen(*form)
    client = peers.connect(process.port)
    client.sendall(b"from the client")
    process.out.until(b"from the client")
    process.write(b"from the server")
    assert peer_scripts.read_exactly(client, 15) == b"from the server"
    process.close_stdin()
    client.close()
    process.finish().expect(0, b"from the client")


def test_listener_that_tells_its_end(nc, peers):
    process = nc.listen("-lN", "127.0.0.1", "0")
    client = peers.connect(process.port)
    process.feed(b"page")
    assert peer_scripts.read_all(client) == b"page"
    client.close()
    process.finish().expect(0, b"")


def test_listener_leaves_with_its_client(nc, peers):
    """However long its input stays open: ssh and CI leave pipes open."""
    process = nc.listen("-l", "127.0.0.1", "0")
    client = peers.connect(process.port)
    client.sendall(b"all of it")
    client.close()
    process.finish().expect(0, b"all of it")


def test_listener_gives_a_file_whole(ours, peers, tmp_path):
    """A file ends by itself; nc cuts it where the client ended its own half before."""
    data = bytes(range(256)) * 8192
    (tmp_path / "file").write_bytes(data)
    for words in ("-lN", "-lkN"):
        with open(tmp_path / "file", "rb") as file:
            process = ours.listen(words, "127.0.0.1", "0", stdin=file)
            client = peers.connect(process.port)
            client.shutdown(socket.SHUT_WR)
            assert peer_scripts.read_all(client) == data
    assert process.is_running


def test_no_further_client_once_the_input_has_ended(ours, peers, tmp_path):
    """With -q, whatever -k says; nc leaves as well."""
    (tmp_path / "page").write_bytes(b"page")
    with open(tmp_path / "page", "rb") as file:
        process = ours.listen("-lk", "-q", "20", "127.0.0.1", "0", stdin=file)
    client = peers.connect(process.port)
    assert peer_scripts.read_all(client) == b"page"
    client.close()
    process.finish().expect(0, b"")


@pytest.mark.parametrize("time", ["0", "1"])
def test_no_further_client_of_an_input_that_ended_meanwhile(nc, peers, time):
    """-k goes on while the input does, and -q ends that."""
    process = nc.listen("-lk", "-q", time, "127.0.0.1", "0")
    client = peers.connect(process.port)
    client.sendall(b"1")
    process.out.until(b"1")
    process.write(b"a")
    assert peer_scripts.read_exactly(client, 1) == b"a"
    process.close_stdin()
    process.finish().expect(0, b"1")


@pytest.mark.parametrize("words", [["-l"], ["-l", "-d"]])
def test_listener_limits_silence(ours, peers, words):
    """-w waits for a client for ever, and then bounds the silence, as with nc."""
    process = ours.listen(*words, "-w", "150ms", "127.0.0.1", "0")
    if "-d" not in words:
        process.close_stdin()
    assert peer_scripts.read_all(peers.connect(process.port)) == b""
    process.finish().expect(0, b"")


def test_silence_makes_room_for_the_next_client(ours, peers):
    process = ours.listen("-lk", "-w", "150ms", "127.0.0.1", "0")
    first, second = peers.connect(process.port), peers.connect(process.port)
    second.sendall(b"second")
    assert peer_scripts.read_all(first) == b""
    process.out.until(b"second")


def test_listener_of_ipv6_takes_ipv4(nc, peers):
    require_ipv6()
    process = nc.listen("-6l", "0")
    client = peers.connect(process.port)
    client.sendall(b"hello")
    client.close()
    process.finish().expect(0, b"hello")


@pytest.mark.parametrize("words", [["-lk"], ["-lkN"]])
def test_one_client_after_another(nc, peers, words):
    process = nc.listen(*words, "127.0.0.1", "0")
    first, second = peers.connect(process.port), peers.connect(process.port)
    second.sendall(b"2")
    first.sendall(b"1")
    process.out.until(b"1")
    assert process.out.data == b"1"
    first.close()
    process.out.until(b"12")
    process.write(b"to the second")
    assert peer_scripts.read_exactly(second, 13) == b"to the second"
    process.close_stdin()
    if "-lkN" in words:
        assert peer_scripts.read_all(second) == b""
    second.close()
    third = peers.connect(process.port)
    third.sendall(b"3")
    process.out.until(b"123")
    assert process.is_running


def test_listener_and_client_of_both_kinds(sockt, both):
    for server, client in ((both[0], both[1]), (both[1], both[0]), (both[0], both[0])):
        data = b"all of it\n" * 10_000
        listening = server.listen("-l", "127.0.0.1", "0", stdin=None)
        client.run("-N", "127.0.0.1", listening.port, input=data).expect(0, b"")
        listening.finish().expect(0, data)


def test_unix_sockets(nc, peers):
    process = nc.listen("-lU", "socket")
    client = peers.connect(str(nc.sockt.workdir / "socket"))
    client.sendall(b"hello")
    process.out.until(b"hello")
    process.close_stdin()
    client.close()
    process.finish().expect(0, b"hello")


@pytest.mark.parametrize("words", [["-NU"], ["-NUv"]])
def test_unix_client(nc, peers, words):
    peers.server(peer_scripts.echo, str(nc.sockt.workdir / "socket"), socket.AF_UNIX)
    nc.run(*words, "socket", input=b"hello").expect(0, b"hello")


def test_is_anybody_at_the_unix_socket(both, peers):
    peers.server(peer_scripts.echo, str(both[0].sockt.workdir / "socket"), socket.AF_UNIX)
    for one in both:
        one.run("-zU", "socket").expect(0, b"", err=b"")
        one.run("-zU", "nothing").expect(1, b"")


@pytest.mark.prompt
def test_a_server_that_talks_does_not_hold_z(ours, peers):
    """It is left at once, whatever it says and however long it stays."""
    left = threading.Event()

    def script(sock):
        sock.sendall(b"banner")
        left.wait(20)
    peers.server(script, str(ours.sockt.workdir / "socket"), socket.AF_UNIX)
    run = ours.run("-zU", "socket").expect(0, b"", err=b"")
    assert run.seconds < 1.5
    left.set()


def test_unix_listener_by_s(nc, peers):
    process = nc.listen("-lU", "-s", "socket")
    client = peers.connect(str(nc.sockt.workdir / "socket"))
    client.sendall(b"hello")
    client.close()
    process.finish().expect(0, b"hello")


def test_datagrams_from_a_path(nc, peers):
    """Also where a socket that is gone has left its file."""
    with peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(nc.sockt.workdir / "server"))
        with peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gone:
            gone.bind(str(nc.sockt.workdir / "own,\\name"))
        process = nc.start("-uU", "-s", "own,\\name", "server")
        process.write(b"question")
        assert server.recvfrom(100) == (b"question", "own,\\name")
        server.sendto(b"answer", str(nc.sockt.workdir / "own,\\name"))
        process.out.until(b"answer")


def test_datagrams(nc, peers):
    """Both ways, and the end of the input does not end it."""
    sock = peers.udp()
    process = nc.start("-u", "127.0.0.1", sock.getsockname()[1])
    process.write(b"question")
    data, peer = sock.recvfrom(100)
    assert data == b"question"
    process.close_stdin()
    sock.sendto(b"answer", peer)
    process.out.until(b"answer")
    sock.sendto(b"and more", peer)
    process.out.until(b"and more")
    assert process.is_running


@pytest.mark.waits
def test_datagrams_go_on_after_the_end_of_input(ours, peers):
    """Longer than sockt's own second."""
    sock = peers.udp()
    process = ours.start("-u", "-w", "1300ms", "127.0.0.1", sock.getsockname()[1])
    process.feed(b"question")
    sock.recvfrom(100)
    run = process.finish().expect(0, b"")
    assert run.seconds > 1.2


def test_datagram_listener(nc, peers):
    process = nc.listen("-nul", "127.0.0.1", "0")
    assert f"Bound on 127.0.0.1 {process.port}\n".encode() in process.err.data
    client = peers.udp()
    client.connect(("127.0.0.1", process.port))
    client.send(b"hello")
    process.out.until(b"hello")
    process.err.until(b"Connection received on ")
    process.write(b"answer")
    assert client.recv(100) == b"answer"


def test_a_line_is_a_datagram_with_i(ours, peers):
    sock = peers.udp()
    process = ours.start("-u", "-i", "10ms", "127.0.0.1", sock.getsockname()[1])
    process.feed(b"one\ntwo\n")
    assert [sock.recv(100), sock.recv(100)] == [b"one\n", b"two\n"]
    assert process.is_running


def test_push_a_datagram(ours, peers):
    """As programs that count things are told."""
    sock = peers.udp()
    ours.run("-u", "-w0", "127.0.0.1", sock.getsockname()[1], input=b"pages:1|c").expect(0, b"")
    assert sock.recv(100) == b"pages:1|c"


def test_so_many_datagrams(nc, peers):
    sock = peers.udp()
    process = nc.start("-u", "-W", "2", "127.0.0.1", sock.getsockname()[1])
    process.write(b"?")
    _, peer = sock.recvfrom(10)
    for data in (b"one", b"two", b"three"):
        sock.sendto(data, peer)
    process.finish().expect(0, b"onetwo")


def test_udp_ports(ours, peers):
    """Silence is no evidence: nc calls it success."""
    silent, answering = peers.udp(), peers.udp()
    with peers.socket(kind=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        refused = sock.getsockname()[1]
    run = ours.run("-zuv", "-w", "150ms", "127.0.0.1", silent.getsockname()[1]).expect(1, b"")
    assert "gave no evidence" in said(run)[0] and "succeeded" not in said(run)[0]
    run = ours.run("-zuv", "127.0.0.1", refused).expect(1, b"")
    assert said(run) == [f"nc: connect to 127.0.0.1 port {refused} (udp) failed: Connection refused"]
    process = ours.start("-zuv", "-w", "20", "127.0.0.1", answering.getsockname()[1])
    _, peer = answering.recvfrom(100)
    answering.sendto(b"here", peer)
    assert said(process.finish().expect(0, b"")) == \
        [f"Connection to 127.0.0.1 {answering.getsockname()[1]} port [udp/*] succeeded!"]
