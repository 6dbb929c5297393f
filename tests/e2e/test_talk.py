# SPDX-License-Identifier: GPL-3.0-or-later
"""Two ends talk, files move exactly, and every kind of endpoint is served."""

import hashlib
import os
import socket

import pytest

import peers as peer_scripts
from facts import bytes_readable, require_ipv6, require_localhost, tcp_state, wait_for
from runner import DEVNULL

SIZES = [0, 1, 65535, 65536, 65537, 10_000_000]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.smoke
def test_two_ends_talk_both_ways(sockt):
    server = sockt.listen()
    client = sockt.start("connect", "127.0.0.1", server.port)
    client.write("hello\n")
    server.out.until(b"hello\n")
    server.write("and to you\n")
    client.out.until(b"and to you\n")
    client.write("bye\n")
    client.close_stdin()
    server.out.until(b"hello\nbye\n")
    server.close_stdin()
    client.finish().expect(0, b"and to you\n", err=b"")
    server.finish().expect(0, b"hello\nbye\n", err=b"")


@pytest.mark.smoke
@pytest.mark.parametrize("sender", ["connect", "listen"])
@pytest.mark.parametrize("size", SIZES)
def test_file_moves_exactly(sockt, tmp_path, size, sender):
    sent, got = tmp_path / "sent", tmp_path / "got"
    sent.write_bytes(os.urandom(size))
    with open(sent, "rb") as source, open(got, "wb") as target, open(os.devnull, "rb") as null:
        sends, takes = {"stdin": source}, {"stdin": null, "stdout": target}
        server = sockt.listen(**(sends if sender == "listen" else takes))
        client = sockt.start("connect", "127.0.0.1", server.port,
                             **(sends if sender == "connect" else takes))
        client.finish().expect(0, err=b"")
        server.finish().expect(0, err=b"")
    assert digest(got) == digest(sent)


@pytest.mark.parametrize("kind", ["tcp4", "tcp6", "unix", "abstract", "unix-seqpacket"])
@pytest.mark.parametrize("size", [0, 1, 65537, 3_000_000])
def test_both_directions_at_once(sockt, tmp_path, kind, size):
    if kind == "tcp6":
        require_ipv6()
    at = {"tcp4": "tcp4:127.0.0.1:0", "tcp6": "tcp6:[::1]:0", "unix": f"unix:{tmp_path}/s",
          "abstract": f"unix:@sockt-{os.getpid()}-{size}",
          "unix-seqpacket": f"unix-seqpacket:{tmp_path}/s"}[kind]
    server = sockt.listen(at=(at,))
    to = at[:-1] + str(server.port) if kind.startswith("tcp") else at
    client = sockt.start("connect", to)
    there, back = os.urandom(size), os.urandom(size)
    client.feed(there)
    server.feed(back)
    client.finish().expect(0, back)
    server.finish().expect(0, there)


@pytest.mark.parametrize("pipes", [True, False])
def test_large_transfer_through_pipes(sockt, tmp_path, pipes):
    """The same bytes by pipe and by file, end to end."""
    data = os.urandom(5_000_001)
    source = tmp_path / "source"
    source.write_bytes(data)
    server = sockt.listen(stdin=DEVNULL)
    if pipes:
        client = sockt.start("connect", "127.0.0.1", server.port)
        client.feed(data)
    else:
        with open(source, "rb") as file:
            client = sockt.start("connect", "127.0.0.1", server.port, stdin=file)
    client.finish().expect(0, b"")
    server.finish().expect(0, data)


def test_nginx_replies_whole(sockt, tmp_path, need, peers):
    """A request by pipe, the whole reply, status 0."""
    nginx = need("nginx")
    page = os.urandom(300_000)
    (tmp_path / "page").write_bytes(page)
    listening = peers.listen()
    port = listening.getsockname()[1]
    config = tmp_path / "nginx.conf"
    config.write_text(f"""
        daemon off; worker_processes 1; pid {tmp_path}/pid; error_log stderr;
        {'user root;' if os.geteuid() == 0 else ''}
        events {{ }}
        http {{
            access_log off;
            client_body_temp_path {tmp_path}/t1; proxy_temp_path {tmp_path}/t2;
            fastcgi_temp_path {tmp_path}/t3; uwsgi_temp_path {tmp_path}/t4;
            scgi_temp_path {tmp_path}/t5;
            server {{ listen 127.0.0.1:{port}; root {tmp_path}; }}
        }}""")
    # The listening socket is handed down, so that no other program can take the port in between.
    server = sockt.start_command([nginx, "-c", str(config), "-e", "stderr"],
                                 env={"NGINX": f"{listening.fileno()};"},
                                 pass_fds=(listening.fileno(),))
    result = sockt.run("connect", "127.0.0.1", port, input=b"GET /page HTTP/1.0\r\n\r\n")
    assert server.is_running, server.describe()
    result.expect(0, err=b"")
    head, _, body = result.out.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n"), head
    assert body == page


def test_listener_without_an_address_is_dual_stack(sockt, peers):
    require_ipv6()
    server = sockt.listen("-k", at=("0",))
    assert server.ready_lines == [f"tcp [::]:{server.port}"]
    peers.connect(("127.0.0.1", server.port)).sendall(b"four\n")
    server.out.until(b"four\n")
    peers.connect(("::1", server.port)).sendall(b"six\n")
    server.out.until(b"six\n")


@pytest.mark.parametrize("option, address", [("-4", "0.0.0.0"), ("-6", "[::]")])
def test_one_family_where_asked(sockt, option, address):
    require_ipv6()
    server = sockt.listen(option, at=("0",))
    assert server.ready_lines == [f"tcp {address}:{server.port}"]


@pytest.mark.parametrize("spell", [
    ("{port}",), ("127.0.0.1", "{port}"), ("127.0.0.1:{port}",), ("tcp:127.0.0.1:{port}",),
    ("tcp4:127.0.0.1:{port}",), ("tcp4:localhost:{port}",), ("localhost", "{port}"),
    ("-4", "localhost", "{port}"), ("-n", "127.0.0.1", "{port}"), ("127.0.0.1", "{port}", "-4"),
])
def test_spellings_of_one_endpoint(sockt, peers, spell):
    if "127.0.0.1" not in " ".join(spell):
        require_localhost()
    server = peers.server(peer_scripts.reply(b"it is me"))
    args = [part.format(port=server.port) for part in spell]
    sockt.run("connect", *args).expect(0, b"it is me", err=b"")


@pytest.mark.parametrize("spell", [("[::1]:{port}",), ("tcp6:[::1]:{port}",), ("::1", "{port}"),
                                   ("-6", "::1", "{port}"), ("tcp:[::1]:{port}",)])
def test_spellings_of_an_ipv6_endpoint(sockt, peers, spell):
    require_ipv6()
    server = peers.server(peer_scripts.reply(b"it is me"), ("::1", 0), socket.AF_INET6)
    args = [part.format(port=server.port) for part in spell]
    sockt.run("connect", *args).expect(0, b"it is me", err=b"")


def test_connect_to_a_unix_socket_by_option(sockt, peers, tmp_path):
    peers.server(peer_scripts.reply(b"unix"), str(tmp_path / "s"), socket.AF_UNIX)
    sockt.run("connect", "-U", tmp_path / "s").expect(0, b"unix")


def test_listen_on_a_unix_socket_by_option(sockt, peers, tmp_path):
    server = sockt.listen("-U", at=(tmp_path / "s",))
    assert server.ready_lines == [f"unix {tmp_path}/s"]
    sock = peers.connect(str(tmp_path / "s"))
    sock.sendall(b"unix")
    sock.shutdown(socket.SHUT_WR)
    server.close_stdin()
    server.finish().expect(0, b"unix")


def test_abstract_name_leaves_no_file(sockt, peers, tmp_path):
    name = f"sockt-{os.getpid()}"
    server = sockt.listen(at=(f"unix:@{name}",))
    peers.connect("\0" + name).sendall(b"x")
    server.out.until(b"x")
    assert not (tmp_path / f"@{name}").exists()


def test_seqpacket_keeps_messages(sockt, peers, tmp_path):
    listening = peers.listen(str(tmp_path / "s"), socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client = sockt.start("connect", f"unix-seqpacket:{tmp_path}/s")
    sock = peers.accept(listening)
    for message in (b"one", b"two three", b"4" * 5000):
        client.write(message)
        assert sock.recv(10000) == message
    sock.send(b"answer")
    client.out.until(b"answer")
    client.close_stdin()
    assert sock.recv(10) == b""
    sock.close()
    client.finish().expect(0, b"answer")


def test_connected_descriptor_as_endpoint(sockt):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        fd = theirs.fileno()
        client = sockt.start("connect", f"fd:{fd}", pass_fds=(fd,))
        theirs.close()
        ours.sendall(b"down the line")
        client.out.until(b"down the line")
        client.write(b"up")
        client.close_stdin()
        assert peer_scripts.read_all(ours) == b"up"
    client.finish().expect(0)


def test_listening_descriptor_as_endpoint(sockt, peers):
    listening = peers.listen()
    fd = listening.fileno()
    server = sockt.listen(at=(f"fd:{fd}",), pass_fds=(fd,))
    sock = peers.connect(listening.getsockname())
    listening.close()
    sock.sendall(b"in")
    server.out.until(b"in")
    server.write(b"out")
    server.close_stdin()
    assert peer_scripts.read_all(sock) == b"out"
    sock.close()
    server.finish().expect(0, b"in")


def test_source_address(sockt, peers):
    listening = peers.listen()
    client = sockt.start("connect", "-s", "127.0.0.2", "127.0.0.1", listening.getsockname()[1])
    assert peers.accept(listening).getpeername()[0] == "127.0.0.2"
    assert client.is_running


@pytest.fixture
def named(netns, tmp_path):
    """A namespace in which names have addresses."""
    (tmp_path / "hosts").write_text("127.0.0.3 four\n127.0.0.4 both\nfd00::1 both\n127.0.0.5 both\nfd00::1 six\n"
                                    "127.0.0.1 target\nfd00::2 target\n")
    netns.replace_file("/etc/hosts", tmp_path / "hosts")
    return netns


@pytest.mark.netns
@pytest.mark.parametrize("options, target, name, asked", [
    (("-s", "four"), "127.0.0.1", ("127.0.0.3", None), ["four"]),
    (("-s", "four:4567"), "target", ("127.0.0.3", 4567), ["four", "target"]),
    (("-s", "four", "-p", "4568"), "127.0.0.1", ("127.0.0.3", 4568), ["four"]),
    # Of both families the one that is connected to counts, and its first address.
    (("-s", "both"), "127.0.0.1", ("127.0.0.4", None), ["both"]),
    (("-s", "both", "-4"), "target", ("127.0.0.4", None), ["both", "target"]),
    ((), "target:{port},bind=four", ("127.0.0.3", None), ["four", "target"]),
])
def test_source_that_is_a_name(sockt, named, peers, trace, options, target, name, asked):
    seen = trace(1)
    listening = peers.keep(named.listen())
    port = listening.getsockname()[1]
    place = (target.format(port=port),) if "{" in target else (target, port)
    client = sockt.start("connect", *options, *seen.options, *place, prefix=named.prefix)
    sock = peers.accept(listening)
    assert sock.getpeername()[0] == name[0] and sock.getpeername()[1] == (name[1] or sock.getpeername()[1])
    wait_for(lambda: seen.events("connected"), "the connection in the trace")
    assert [event["args"]["node"] for event in seen.events("resolve")] == asked
    sock.close()
    client.close_stdin()
    client.finish().expect(0)


@pytest.mark.netns
def test_source_that_is_a_name_of_a_relay_and_a_scan(sockt, named, peers):
    listening = peers.keep(named.listen())
    port = listening.getsockname()[1]
    sockt.run("connect", "-z", "-s", "four", "target", port, prefix=named.prefix).expect(0)
    assert peers.accept(listening).getpeername()[0] == "127.0.0.3"
    relay = sockt.relay(f"tcp:target:{port},bind=four", prefix=named.prefix)
    for _ in range(2):
        client = named.socket()
        client.connect(("127.0.0.1", relay.port))
        peers.keep(client)
        assert peers.accept(listening).getpeername()[0] == "127.0.0.3"


@pytest.mark.netns
@pytest.mark.parametrize("words, status, said", [
    (("-s", "no.such.name", "127.0.0.1", "9"), 1, 'resolve "no.such.name" (the source address): '),
    # Nothing of the other family can be reached from there.
    (("-s", "six", "127.0.0.1", "9"), 1, 'resolve "six" (the source address): '),
    (("-s", "six", "four", "9"), 1, 'resolve "four": '),
    (("-n", "-s", "four", "127.0.0.1", "9"), 2, '--source: "four" is a name, and -n (--numeric) wants an address'),
    (("-s", "127.0.0.1:http", "127.0.0.1", "9"), 2, "a source port is a number from 0 to 65535: names of services"),
    (("127.0.0.1:9,bind=a/b",), 2, "this is no address (127.0.0.1, ::1, [::1]:5000) and no name of a host"),
])
def test_source_that_is_no_name_of_ours(sockt, named, words, status, said):
    sockt.run("connect", *words, prefix=named.prefix).expect(status, b"", said)


@pytest.mark.netns
@pytest.mark.parametrize("words, cause, cure", [
    (("-s", "four", "::1", "9"), "four has no IPv6 address here, and ::1 needs one: /etc/hosts has IPv4 only",
     "give an IPv6 address as the source, or none"),
    (("[::1]:9,bind=FOUR",), "FOUR has no IPv6 address here, and ::1 needs one: /etc/hosts has IPv4 only", "IPv6"),
    (("-6", "-s", "four", "both", "9"), "four has no IPv6 address here, and the target is asked for as IPv6: "
     "/etc/hosts has IPv4 only", "give an IPv6 address as the source, or none"),
    (("-s", "four", "six", "9"), "six has no IPv4 address here: /etc/hosts has IPv6 only",
     "a source address of it"),
    (("-6", "four", "9"), "four has no IPv6 address here: /etc/hosts has IPv4 only",
     "leave out what asks for IPv6 (-6"),
    (("-4", "six", "9"), "six has no IPv4 address here: /etc/hosts has IPv6 only",
     "leave out what asks for IPv4 (-4"),
])
def test_name_of_the_other_family(sockt, named, words, cause, cure):
    """It is known, whatever the name server says of it."""
    run = sockt.run("connect", "-v", *words, prefix=named.prefix)
    said = " ".join(run.err.decode().split())
    assert run.status == 1 and cause in said and cure in said


@pytest.mark.netns
@pytest.mark.parametrize("words, host", [(("-s", "no.such.name", "127.0.0.1"), "no.such.name"),
                                         (("-6", "-s", "four", "both"), "four")])
def test_nc_says_which_name_is_the_source(sockt, named, words, host):
    run = sockt.run("nc", "-v", *words, 9, prefix=named.prefix)
    assert f'nc: getaddrinfo for source address "{host}": ' in run.err.decode()

@pytest.mark.netns
@pytest.mark.parametrize("options, name", [
    (("-p", "4567"), ("127.0.0.1", 4567)), (("--source-port", "4567"), ("127.0.0.1", 4567)),
    (("-s", "127.0.0.3", "-p", "4567"), ("127.0.0.3", 4567)),
    (("--source", "127.0.0.3:4568"), ("127.0.0.3", 4568)),
])
def test_source_port(sockt, netns, peers, options, name):
    listening = peers.keep(netns.listen())
    sockt.start("connect", *options, "127.0.0.1", listening.getsockname()[1], prefix=netns.prefix)
    assert peers.accept(listening).getpeername() == name


def test_service_name_stands_for_a_port(sockt, peers, trace):
    """Nothing needs to listen there: the trace shows where the connect went."""
    seen = trace()
    sockt.run("connect", "-w", "5s", *seen.options, "127.0.0.1", "discard")
    wait_for(lambda: seen.events("connect"), "a connect event")
    assert "127.0.0.1:9" in str(seen.events("connect")[0])


def test_standard_input_as_the_endpoint(sockt):
    """fd:0 is the connection: what it gives goes to standard output, and nothing else is read."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client = sockt.start("connect", "fd:0", stdin=theirs)
        theirs.close()
        ours.sendall(b"through descriptor 0")
        client.out.until(b"through descriptor 0")
        assert ours.recv(10) == b""
    client.finish().expect(0, b"through descriptor 0")


def test_connected_descriptor_that_was_reset(sockt, peers):
    """What came before the reset is on the output, and the status tells of it."""
    listening = peers.listen()
    ours, theirs = peers.connect(listening.getsockname()), peers.accept(listening)
    theirs.sendall(b"last words")
    wait_for(lambda: bytes_readable(ours.fileno()) == 10, "the last words")
    peer_scripts.reset(theirs)
    wait_for(lambda: tcp_state(ours) == 7, "the reset")
    fd = ours.fileno()
    client = sockt.start("connect", f"fd:{fd}", pass_fds=(fd,))
    client.finish().expect(5, b"last words", err=b"ECONNRESET")
