# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt nc: what OpenBSD's nc does and says, beside it where it is installed; and where ours is meant to differ."""

import shlex
import socket
import struct

import pytest

import peers as peer_scripts
from facts import require_ipv6, require_localhost
from ncs import SAME, said
from proxies import Http


def read_only(count):
    """A server's script: reads so many bytes, no end, and closes."""
    def script(sock):
        assert peer_scripts.read_exactly(sock, count)
    return script


# ---- What is said ----

def test_the_same_is_said_of_ports(both, peers):
    require_localhost()
    is_open = peers.server(peer_scripts.echo).port
    refused = peers.refused_port()
    for words in (["127.0.0.1", is_open], ["127.0.0.1", refused], ["localhost", is_open],
                  ["127.0.0.1", refused, is_open], ["127.0.0.1", f"{is_open}-{is_open}"]):
        runs = [one.run("-4zv", *words) for one in both]
        assert said(runs[0]) == said(runs[1]) != []
        assert runs[0].status == runs[1].status
        assert runs[0].out == b""
        assert [one.run("-4z", *words).err for one in both] == [b"", b""]


def test_of_a_name_the_address_is_said(ours, peers):
    require_localhost()
    port = peers.server(peer_scripts.echo).port
    run = ours.run("-4zv", "localhost", port).expect(0, b"")
    assert said(run) == [f"Connection to localhost (127.0.0.1) {port} port [tcp/*] succeeded!"]
    refused = peers.refused_port()
    run = ours.run("-4v", "localhost", refused).expect(1, b"")
    assert said(run) == [f"nc: connect to localhost (127.0.0.1) port {refused} (tcp) failed: Connection refused"]


def test_a_proxy_that_has_no_address_is_named(nc):
    """It, and not the target, which the proxy is to look up."""
    nc.run("-x", "nosuch.invalid", "127.0.0.1", "80").expect(1, b"", err='host "nosuch.invalid" port 1080: ')


def test_a_target_that_has_no_address_is_named(ours):
    """SOCKS 4 wants an address: the name is looked up here, once the proxy is there."""
    proxy = ours.sockt.listen("--proxy-server", "socks5").port
    run = ours.run("-x", f"127.0.0.1:{proxy}", "-X", "4", "nosuch.invalid", "80")
    run.expect(1, b"", err='host "nosuch.invalid" port 80: ')


def test_numbers_only_but_for_the_source(both, peers):
    """-n says nothing of -s NAME."""
    require_localhost()
    port = peers.server(peer_scripts.echo).port
    for one in both:
        one.run("-nNs", "localhost", "127.0.0.1", port, input=b"x").expect(0, b"x")
        run = one.run("-nvz", "-s", "localhost", "127.0.0.1", port).expect(0, b"")
        assert said(run) == [f"Connection to 127.0.0.1 {port} port [tcp/*] succeeded!"]
        for words in (["-nNs", "localhost", "localhost", port], ["-nl", "-s", "localhost", "-p", "0"]):
            run = one.run(*words, input=b"x")
            assert run.status != 0 and run.err


def test_of_both_families_the_last_counts(nc, peers):
    port = peers.server(peer_scripts.echo).port
    nc.run("-64N", "127.0.0.1", port, input=b"x").expect(0, b"x")
    assert nc.run("-4", "-N6", "127.0.0.1", port, input=b"x").status != 0


def test_a_failure_is_said_without_v(ours, peers):
    """nc says nothing then."""
    port = peers.refused_port()
    assert ours.run("127.0.0.1", port).expect(1, b"").err.decode() == \
        f"nc: connect to 127.0.0.1 port {port} (tcp) failed: Connection refused\n"


def test_the_same_is_said_of_connections(both, peers):
    port = peers.server(peer_scripts.echo).port
    lines = [said(one.run("-Nv", "127.0.0.1", port, input=b"x").expect(0, b"x")) for one in both]
    assert lines[0] == lines[1] == [f"Connection to 127.0.0.1 {port} port [tcp/*] succeeded!"]


def test_a_path_without_a_server(both):
    lines = [said(one.run("-NvU", "nothing").expect(1, b"")) for one in both]
    assert lines[0] == lines[1] == ["nc: nothing: No such file or directory"]


def test_listener_says_who_came(nc, peers):
    process = nc.listen("-nl", "127.0.0.1", "0")
    assert f"Listening on 127.0.0.1 {process.port}\n".encode() in process.err.data
    client = peers.connect(process.port)
    process.err.until(f"Connection received on 127.0.0.1 {client.getsockname()[1]}\n".encode())
    process.close_stdin()
    client.close()
    process.finish().expect(0, b"")


def test_port_in_use(both, peers):
    port = peers.listen().getsockname()[1]
    for one in both:
        one.run("-l", "127.0.0.1", port).expect(1, b"", err="Address already in use")


@pytest.mark.parametrize("words", [["-N"], ["-N", "-T", "ef", "-I", "8192"], ["-d"]])
def test_our_words_do_the_same(sockt, ours, peers, words):
    """What -v tells is a command that can be run."""
    port = peers.server(peer_scripts.echo if "-d" not in words else peer_scripts.greet(b"one")).port
    run = ours.run("-v", *words, "127.0.0.1", port, input=b"one")
    run.expect(0, b"one")
    (told,) = [line[len(SAME):] for line in run.err.decode().splitlines() if line.startswith(SAME)]
    told = shlex.split(told)
    assert told[:2] == ["sockt", "connect"] and "-v" not in told
    sockt.run(*told[1:], input=b"one").expect(0, b"one", err=b"")


def test_each_step_is_shown_with_vv(ours, peers):
    port = peers.server(peer_scripts.echo).port
    run = ours.run("-vv", "-N", "127.0.0.1", port, input=b"x").expect(0, b"x")
    assert "sockt connect -v 127.0.0.1" in run.err.decode()
    assert b"connect(" in run.err and b"succeeded!" in run.err


# ---- What is done with data ----

@pytest.mark.parametrize("size", [0, 6, 3_000_000])
def test_client_that_tells_its_end(nc, peers, size):
    port = peers.server(peer_scripts.echo).port
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    nc.run("-N", "127.0.0.1", port, input=data).expect(0, data)


def test_client_that_does_not(nc, peers):
    """No FIN: the server reads what is there, and it is its end that ends the run."""
    listening = peers.listen()
    process = nc.start("127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    process.write(b"hello")
    process.close_stdin()
    assert peer_scripts.read_exactly(sock, 5) == b"hello"
    sock.sendall(b"reply")
    process.out.until(b"reply")
    sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        sock.recv(1)
    assert process.is_running
    sock.close()
    process.finish().expect(0, b"reply")


def test_so_many_reads(nc, peers):
    """A banner, and no more is waited for."""
    listening = peers.listen()
    process = nc.start("-W", "1", "127.0.0.1", listening.getsockname()[1])
    peers.accept(listening).sendall(b"banner")
    process.finish().expect(0, b"banner")


def test_input_is_left_alone(nc, peers):
    port = peers.server(peer_scripts.greet(b"banner")).port
    process = nc.start("-d", "127.0.0.1", port)
    process.finish().expect(0, b"banner")


@pytest.mark.parametrize("words", [["-N", "-q", "0"], ["-q0"], ["-w0"]])
def test_quit_after_the_end_of_input(ours, peers, words):
    port = peers.server(read_only(5)).port
    ours.run(*words, "127.0.0.1", port, input=b"hello").expect(0, b"")


@pytest.mark.prompt
def test_quit_waits_for_the_answer(nc, peers):
    """-q 0 is no reason to lose what comes behind the end of the question."""
    def script(sock):
        assert peer_scripts.read_all(sock) == b"stats"
        sock.sendall(b"1 item")
    nc.run("-q", "0", "127.0.0.1", peers.server(script).port, input=b"stats").expect(0, b"1 item")


def test_no_input_has_ended_from_the_start(ours, peers):
    """-d with -N: the FIN is sent at once. nc sends it once something has come."""
    def script(sock):
        assert peer_scripts.read_all(sock) == b""
        sock.sendall(b"answer")
    ours.start("-dN", "127.0.0.1", peers.server(script).port).finish().expect(0, b"answer")


def test_silence_where_nothing_is_read_is_no_failure(ours, peers):
    listening = peers.listen()
    ours.run("-d", "-w", "150ms", "127.0.0.1", listening.getsockname()[1]).expect(0, b"")


@pytest.mark.waits
@pytest.mark.prompt
def test_silence_ends_it(both, peers):
    """-w with an input that has ended: the common way to have an answer of a server that keeps the connection."""
    def script(sock):
        sock.sendall(b"answer")
        peer_scripts.read_all(sock)
    port = peers.server(script).port
    runs = [one.start("-w", "2", "127.0.0.1", port) for one in both]
    for process in runs:
        process.feed(b"question")
    for process in runs:
        process.finish().expect(0, b"answer")


def test_silence_with_an_open_input_is_a_limit(ours, peers):
    """nc ends with 0: nobody can tell whether the server was through."""
    listening = peers.listen()
    process = ours.start("-w", "250ms", "127.0.0.1", listening.getsockname()[1])
    peers.accept(listening)
    process.finish().expect(4, b"", err="idle for 250 ms")


def test_a_reset_is_no_success(ours, peers):
    """nc ends with 0, and says nothing."""
    listening = peers.listen()
    process = ours.start("127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    process.finish().expect(5, b"", err="reset by the peer (ECONNRESET)")


def test_line_ends(nc, peers):
    port = peers.server(peer_scripts.echo).port
    nc.run("-CN", "127.0.0.1", port, input=b"a\nb\r\nc\n").expect(0, b"a\r\nb\r\nc\r\n")


def test_ipv6(nc, peers):
    require_ipv6()
    port = peers.server(peer_scripts.echo, ("::1", 0), socket.AF_INET6).port
    nc.run("-6N", "::1", port, input=b"hello").expect(0, b"hello")


@pytest.mark.parametrize("source, address", [("127.0.0.2", "127.0.0.2"), ("localhost", "127.0.0.1")])
def test_source(nc, peers, source, address):
    require_localhost()
    listening = peers.listen()
    process = nc.start("-N", "-s", source, "127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    assert sock.getpeername()[0] == address
    sock.close()
    process.close_stdin()
    process.finish().expect(0, b"")


@pytest.mark.parametrize("words", [["-x"], ["-X", "5", "-x"], ["-X", "connect", "-x"]])
def test_proxies(nc, peers, words):
    echo = peers.server(peer_scripts.echo).port
    kind = "http" if "connect" in words else "socks5"
    proxy = nc.sockt.listen("--proxy-server", kind).port
    nc.run("-N", *words, f"127.0.0.1:{proxy}", "127.0.0.1", echo, input=b"hello").expect(0, b"hello")


@pytest.mark.parametrize("user", ["alice", "somebody"])
def test_user_of_a_proxy(ours, peers, user):
    """The password is in the environment, for that user only."""
    echo = peers.server(peer_scripts.echo).port
    proxy = peers.server(Http(user="alice:XyzzySecret")).port
    run = ours.run("-vN", "-x", f"127.0.0.1:{proxy}", "-X", "connect", "-P", user, "127.0.0.1", echo, input=b"hello",
                   env={"SOCKT_PROXY_AUTH": "alice:XyzzySecret"})
    if user == "alice":
        run.expect(0, b"hello", err=f"Connection to 127.0.0.1 {echo} port [tcp/*] succeeded!")
    else:
        run.expect(3, b"", err="407")
    assert b"XyzzySecret" not in run.err


def test_services_have_ports_without_names_of_hosts(both):
    """-n is for hosts."""
    runs = [one.run("-zvn", "-w", "5", "127.0.0.1", "echo") for one in both]
    assert said(runs[0]) == said(runs[1]) != []
    assert runs[0].status == runs[1].status < 2


def test_in_a_random_order(nc, peers):
    ports = [peers.refused_port() for _ in range(3)]
    run = nc.run("-zvr", "127.0.0.1", *ports).expect(1, b"")
    assert sorted(said(run)) == sorted(f"nc: connect to 127.0.0.1 port {port} (tcp) failed: Connection refused"
                                       for port in ports)


def test_several_ports_one_after_another(both, peers):
    """The input is for the first that takes it."""
    ports = [peers.refused_port(), peers.server(peer_scripts.echo).port, peers.server(peer_scripts.greet(b"2")).port]
    for one in both:
        run = one.run("-Nv", "127.0.0.1", *ports, input=b"1").expect(0, b"12")
        assert len(said(run)) == 3 and "Connection refused" in said(run)[0]
    both[0].run("-N", "127.0.0.1", ports[0], ports[0], input=b"1").expect(1, b"")


# ---- How it is called ----

@pytest.mark.parametrize("name", ["nc", "netcat", "nc.openbsd"])
def test_under_its_name(sockt, peers, tmp_path, name):
    (tmp_path / name).symlink_to(sockt.binary)
    port = peers.server(peer_scripts.echo).port
    command = [*sockt.command()[:-1], str(tmp_path / name)]
    process = sockt.start_command([*command, "-N", "127.0.0.1", str(port)])
    process.feed(b"hello")
    process.finish().expect(0, b"hello", err=b"")
    shown = sockt.start_command([*command, "-h"]).finish().expect(0, err=b"")
    assert shown.out == sockt.run("nc", "--help").expect(0, err=b"").out


def test_mistakes(ours):
    for words, what in ((["-z", "-l", "1"], "-z and -l"), (["localhost"], "missing port number"),
                        (["-E"], "nc has no option -E"), (["-V", "1", "localhost", "1"], "-V: Linux has no"),
                        (["-l", "-e", "sh", "1"], "--exec"), (["-w", "x", "localhost", "1"], '-w "x" is not a time')):
        assert what in ours.run(*words).expect(2, b"").err.decode()
    # Whoever finds the mistake, it is nc that says so.
    for words, what in ((["-z", "localhost", "1-x"], 'ports "1-x"'), (["localhost", "x-1"], 'port "x-1"'),
                        (["localhost", "1-70000"], 'ports "1-70000"')):
        assert ours.run(*words).expect(2, b"").err.decode().startswith("nc: " + what)


def test_a_terminal_gets_no_prompt(ours, terminal, peers):
    """What begins with a slash is sent, and nothing is added to what arrives."""
    listening = peers.listen()
    process = ours.start("127.0.0.1", listening.getsockname()[1], stdin=terminal.slave,
                         stdout=terminal.slave, stderr=terminal.slave, **terminal.popen())
    sock = peers.accept(listening)
    terminal.type("/quit\n")
    assert peer_scripts.read_exactly(sock, 6) == b"/quit\n"
    sock.sendall(b"answer\n")
    terminal.until_shows("answer")
    assert terminal.screen.data == b"/quit\r\nanswer\r\n"
    sock.close()
    assert process.wait() == 0
