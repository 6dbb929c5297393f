# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of sockets: by option, on endpoints, by name and by number; read back; refused by us and by the kernel."""

import base64
import socket
import struct

import pytest

from facts import require, require_ipv6, require_tool, wait_for
from namespaces import Namespace


def set_ones(seen, *names):
    """The options that were set, in order: name, value, what the kernel says of it."""
    return [(event["args"]["optname"], event["args"]["optval"], event.get("effective"))
            for event in seen.events("setsockopt")
            if not names or event["args"]["optname"] in names]


OPTIONS = [
    (["--nodelay"], "TCP_NODELAY", 1, 1),
    (["--keepalive"], "SO_KEEPALIVE", 1, 1),
    (["--keepalive=30"], "TCP_KEEPIDLE", 30, 30),
    (["--ttl", "5"], "IP_TTL", 5, 5),
    (["--tos", "255"], "IP_TOS", 255, 252),
    (["--dscp", "EF"], "IP_TOS", 184, 184),
    (["--sndbuf", "20000"], "SO_SNDBUF", 20000, 40000),
    (["--rcvbuf", "20000"], "SO_RCVBUF", 20000, 40000),
    (["--linger", "3"], "SO_LINGER", {"l_onoff": 1, "l_linger": 3}, {"l_onoff": 1, "l_linger": 3}),
    (["--mss", "1000"], "TCP_MAXSEG", 1000, 1000),
    (["--interface", "lo"], "SO_BINDTODEVICE", "lo", "lo"),
    (["--reuseport"], "SO_REUSEPORT", 1, 1),
    (["--congestion", "reno"], "TCP_CONGESTION", "reno", "reno"),
    (["--user-timeout", "1500ms"], "TCP_USER_TIMEOUT", 1500, 1500),
    (["--freebind"], "IP_FREEBIND", 1, 1),
    (["--sockopt", "tcp_syncnt=3"], "TCP_SYNCNT", 3, 3),
    (["--sockopt", "SOL_SOCKET:12=2"], "SO_PRIORITY", 2, 2),
    (["--sockopt", "socket:SO_PRIORITY=0x3"], "SO_PRIORITY", 3, 3),
    (["--sockopt", "SOL_SOCKET:13=x0100000005000000"], "SO_LINGER", {"l_onoff": 1, "l_linger": 5},
     {"l_onoff": 1, "l_linger": 5}),
    (["--sockopt", "SO_MAX_PACING_RATE=1M"], "SO_MAX_PACING_RATE", "AAAQAAAAAAA=", "AAAQAAAAAAA="),
]


@pytest.mark.parametrize("options, name, value, effective", OPTIONS, ids=[" ".join(row[0]) for row in OPTIONS])
def test_of_a_client(sockt, peers, trace, options, name, value, effective):
    seen = trace(2)
    listening = peers.listen()
    process = sockt.start("connect", *options, *seen.options, "127.0.0.1", listening.getsockname()[1])
    peers.accept(listening).close()
    process.close_stdin()
    process.finish()
    assert (name, value, effective) in set_ones(seen)


def test_text_says_what_the_kernel_made_of_it(sockt, peers):
    listening = peers.listen()
    process = sockt.start("connect", "-vv", "--tos", "255", "--ttl", "9", "127.0.0.1", listening.getsockname()[1])
    peers.accept(listening).close()
    process.close_stdin()
    process.wait()
    said = process.err.until_end()
    assert b"IP_TOS, [255]) = 0   the kernel made it 252" in said
    assert b"IP_TTL, [9]) = 0\n" in said


@pytest.mark.parametrize("address, family, options, level", [
    ("127.0.0.1", socket.AF_INET, {"IP_TTL"}, (socket.IPPROTO_IP, 12, socket.IP_TTL)),
    ("::1", socket.AF_INET6, {"IPV6_UNICAST_HOPS"},
     (socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, socket.IPV6_HOPLIMIT)),
])
def test_ttl_of_both_families(sockt, peers, trace, address, family, options, level):
    """One name, the option of the family; and the packets have it."""
    if family == socket.AF_INET6:
        require_ipv6()
    seen = trace(1)
    sock = peers.keep(socket.socket(family, socket.SOCK_DGRAM))
    sock.bind((address, 0))
    sock.setsockopt(level[0], level[1], 1)
    sock.settimeout(10)
    run = sockt.start("connect", "-u", "--ttl", "7", *seen.options, address, sock.getsockname()[1])
    run.write(b"x")
    _, ancillary, _, _ = sock.recvmsg(10, 100)
    assert [struct.unpack("i", data)[0] for _, kind, data in ancillary if kind == level[2]] == [7]
    wait_for(lambda: seen.events("setsockopt"), "the option")
    assert {name for name, _, _ in set_ones(seen) if name not in ("IP_RECVERR", "IPV6_RECVERR")} == options


def test_dual_stack_listener_has_both_and_hands_them_on(sockt, peers, trace):
    require_ipv6()
    ss = require_tool("ss")
    seen = trace(2)
    process = sockt.listen("-k", "--tos", "32", "--keepalive=40", "--linger", "1", *seen.options, at=("0",))
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        client = peers.keep(socket.socket(family))
        client.connect((address, process.port))
        count = 1 if family == socket.AF_INET else 2
        wait_for(lambda count=count: len(set_ones(seen, "SO_LINGER")) == count, "the options of the connection")
        shown = sockt.start_command([ss, "-tnH", "--tos", "state", "established", f"sport = :{process.port}"]).finish()
        assert shown.out.decode().count("tos:0x20" if family == socket.AF_INET else "tclass:0x20") >= 1, shown.out
    assert set_ones(seen, "IP_TOS") == [("IP_TOS", 32, 32)]
    assert set_ones(seen, "IPV6_TCLASS") == [("IPV6_TCLASS", 32, 32)]
    accepted = {event["result"] for event in seen.events("accept") if event["result"] >= 0}
    for name in ("SO_KEEPALIVE", "TCP_KEEPIDLE", "SO_LINGER"):
        events = [event for event in seen.events("setsockopt") if event["args"]["optname"] == name]
        assert {event["fd"] for event in events} == accepted


def test_on_the_endpoints_of_a_relay(sockt, peers, trace):
    seen = trace(2)
    listening = peers.listen()
    process = sockt.relay(f"tcp:127.0.0.1:{listening.getsockname()[1]},ttl=8,user-timeout=2s", *seen.options,
                          at="tcp:127.0.0.1:0,dscp=CS1,linger=2")
    client = peers.connect(process.port)
    peers.accept(listening)
    wait_for(lambda: set_ones(seen, "SO_LINGER") and set_ones(seen, "TCP_USER_TIMEOUT"), "the options")
    by_side = {(event["args"]["optname"], event.get("side")) for event in seen.events("setsockopt")}
    assert {("IP_TTL", "client"), ("TCP_USER_TIMEOUT", "client"), ("IP_TOS", "server"),
            ("SO_LINGER", "server")} <= by_side
    client.close()


def test_datagram_listener_has_those_of_connections_too(sockt, trace):
    seen = trace(2)
    process = sockt.listen("-u", "--sockopt", "IP_RECVTTL=1", "--broadcast", *seen.options)
    wait_for(lambda: set_ones(seen, "IP_RECVTTL"), "the option")
    assert set_ones(seen, "SO_BROADCAST") == [("SO_BROADCAST", 1, 1)]
    process.kill()


@pytest.mark.parametrize("options, message", [
    (["--ttl", "300"], "--ttl 300 is out of range (1-255)"),
    (["--ttl", "x"], '--ttl "x" is not a number (1-255)'),
    (["--mss", "10"], "--mss 10 is out of range (88-32767)"),
    (["--linger", "1500ms"], "--linger counts in whole seconds"),
    (["--keepalive=10h"], "--keepalive 10h is out of range (1s-32767s)"),
    (["--dscp", "EFX"], '--dscp is a class (CS1, AF21, EF) or 0 to 63, not "EFX"'),
    (["--sockopt", "NO-DELAY"], 'there is no option "NO-DELAY"; did you mean TCP_NODELAY?'),
    (["--sockopt", "SO_MARKK=3"], 'there is no option "SO_MARKK"; did you mean SO_MARK?'),
    (["--sockopt", "SO_MARK"], "--sockopt: SO_MARK needs a value: SO_MARK=N"),
    (["--sockopt", "\x1b[31m=1"], 'there is no option "\\x1b[31m"'),
    (["--sockopt", "1:2=x0"], "1:2 is bytes, as x00ff"),
    (["--ttl", "1", "--sockopt", "IP_TTL=2"], "IP_TTL is given twice"),
    (["-u", "--mss", "1000"], "--mss (TCP_MAXSEG) is an option of tcp, and this is udp"),
    (["-u", "--join", "10.0.0.1"], '--join: "10.0.0.1" is no group'),
    (["--join", "239.1.2.3"], "--join (IP_ADD_MEMBERSHIP) is an option of udp, and this is tcp"),
    (["-6", "--sockopt", "IP_TTL=2"], "IP_TTL is an option of tcp4, udp4, and this is tcp6"),
    (["-T", "lowdelay"], "the class of service is set with --dscp CLASS or --tos N"),
])
def test_refused_at_once(sockt, options, message):
    sockt.run("connect", *options, "localhost", 9).expect(2, b"", err=message)


def test_relay_says_where_they_stand(sockt):
    run = sockt.run("relay", "--ttl", "5", "9000", "localhost:9")
    run.expect(2, err="in a relay it stands on one of the endpoints: HOST:PORT,ttl")


@pytest.mark.parametrize("options, message, why", [
    (["--congestion", "nosuch"], "setsockopt TCP_CONGESTION=nosuch: No such file or directory (ENOENT)", "it has: "),
    (["--interface", "nosuch0"], "setsockopt SO_BINDTODEVICE=nosuch0: No such device (ENODEV)", "no interface"),
    (["--sockopt", "SO_TYPE=1"], "setsockopt SO_TYPE=1: Protocol not available (ENOPROTOOPT)", "does not have"),
    (["--sockopt", "SOL_SOCKET:4711=1"], "setsockopt SOL_SOCKET:4711=1: Protocol not available", "why"),
])
def test_refused_by_the_kernel(sockt, peers, options, message, why):
    run = sockt.run("connect", "-v", *options, "127.0.0.1", peers.refused_port())
    run.expect(1, b"", err=message)
    assert why.encode() in run.err


def test_privilege_is_named(sockt, peers, nobody):
    run = sockt.run("connect", "-v", "--mark", "7", "127.0.0.1", peers.refused_port(), prefix=nobody)
    run.expect(1, b"", err="setsockopt SO_MARK=7: Operation not permitted (EPERM)")
    assert b"CAP_NET_ADMIN" in run.err


def test_refused_on_an_accepted_connection_is_said(sockt, peers):
    process = sockt.listen("-k", "--sockopt", "TCP_ULP=nosuch")
    client = peers.connect(process.port)
    assert client.recv(1) == b""
    process.err.until(b"is closed: setsockopt TCP_ULP=nosuch: ENOENT\n")
    assert process.is_running


@pytest.fixture(name="net", scope="module")
def net_fixture():
    net = Namespace()
    net.run("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb")
    net.run("ip", "addr", "add", "10.83.1.1/24", "dev", "va")
    net.run("ip", "-6", "addr", "add", "fd83::1/64", "dev", "va", "nodad")
    net.run("ip", "link", "set", "va", "up")
    net.run("ip", "link", "set", "vb", "up")
    net.run("ip", "route", "add", "224.0.0.0/4", "dev", "va")
    yield net
    net.close()


GROUPS = [
    ("239.1.2.3@va", "0", "239.1.2.3", ["--multicast-ttl", "3"]),
    ("239.1.2.3@10.83.1.1", "0", "239.1.2.3", ["--multicast-if", "10.83.1.1"]),
    ("239.1.2.3", "239.1.2.3:0", "239.1.2.3", ["--multicast-if", "va"]),
    ("ff15::1@va", "0", "ff15::1", ["--multicast-if", "va", "--multicast-ttl", "3"]),
    ("ff15::1@va", "udp6:[::]:0", "ff15::1", ["--multicast-if", "va"]),
]


@pytest.mark.parametrize("group, at, to, options", GROUPS)
def test_multicast(sockt, net, group, at, to, options):
    process = sockt.listen("-u", "--join", group, "--join", "239.9.9.9@va" if ":" not in group else "ff15::9@va",
                           at=(at,), prefix=net.prefix)
    sender = sockt.start("connect", "-u", *options, to, process.port, prefix=net.prefix)
    sender.write(b"to all of you\n")
    process.out.until(b"to all of you\n")
    process.kill()
    sender.kill()


def test_multicast_without_loop(sockt, net):
    """What is not looped does not come; what comes after it does, so that nothing is waited for in vain."""
    process = sockt.listen("-u", "-k", "--join", "239.1.2.4@va", prefix=net.prefix, at=("0",))
    for options, text in ((["--multicast-loop", "off"], b"lost\n"), ([], b"heard\n")):
        sender = sockt.start("connect", "-u", "-q", "0", *options, "239.1.2.4", process.port, prefix=net.prefix)
        sender.feed(text)
        sender.finish().expect(0)
    assert process.out.until(b"heard\n") == b"heard\n"
    process.kill()


def test_group_without_an_interface(sockt):
    """No route leads to a group in a network of loopback alone."""
    run = sockt.run("listen", "--sandbox", "-u", "-v", "--join", "239.1.2.3", "0")
    run.expect(1, b"", err="setsockopt IP_ADD_MEMBERSHIP=239.1.2.3: No such device (ENODEV)")
    assert b"name one behind the group" in run.err


# ---- TCP Fast Open ---------------------------------------------------------------------------------------------------


@pytest.fixture(name="fast")
def fast_fixture():
    """A network where both sides may, with a server whose cookie a first connection has brought."""
    net = Namespace()
    net.sysctl("net.ipv4.tcp_fastopen", 3)
    yield net
    net.close()


def served_before(sockt, net, *options, at=("127.0.0.1", "0")):
    process = sockt.listen("-k", "--fastopen", *options, prefix=net.prefix, at=at)
    sockt.run("connect", "--fastopen", "--send-only", at[0], process.port, input=b"1st\n",
              prefix=net.prefix).expect(0)
    process.out.until(b"1st\n")
    return process


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_data_go_with_the_syn(sockt, fast, trace, tmp_path, address):
    seen = trace(3)
    process = served_before(sockt, fast, at=(address, "0"))
    data = b"second\n" * 30000
    (tmp_path / "data").write_bytes(data)
    with open(tmp_path / "data", "rb") as file:
        client = sockt.start("connect", "--fastopen", "--send-only", *seen.options, address, process.port,
                             prefix=fast.prefix, stdin=file)
    assert client.wait() == 0
    assert process.out.until(data) == b"1st\n" + data
    assert "the SYN goes with the first data" in " ".join(event["text"] for event in seen.events("note"))
    first = seen.events("send")[0]
    assert first["result"] > 0 and first["state_from"] in (None, "CLOSE", "SYN_SENT"), first
    assert seen.events("connect")[0]["result"] == 0


def test_one_small_message_is_not_undone_by_its_end(sockt, fast):
    """shutdown() before the handshake is over would take the data back."""
    process = served_before(sockt, fast)
    for number in range(20):
        sockt.run("connect", "--fastopen", "--send-only", "127.0.0.1", process.port, input=b"%d\n" % number,
                  prefix=fast.prefix).expect(0)
        process.out.until(b"\n%d\n" % number)


def test_server_that_speaks_first(sockt, fast, trace):
    seen = trace(1)
    process = served_before(sockt, fast, *seen.options)
    client = sockt.start("connect", "--fastopen", "127.0.0.1", process.port, prefix=fast.prefix)
    # What is typed before goes to nobody.
    wait_for(lambda: len([event for event in seen.events("accept") if event["result"] >= 0]) == 2, "the client")
    process.write(b"220 welcome\n")
    client.out.until(b"220 welcome\n")
    client.kill()


def test_nothing_to_send_at_all(sockt, fast):
    process = served_before(sockt, fast)
    for options in ([], ["--recv-only"]):
        client = sockt.start("connect", "--fastopen", *options, "127.0.0.1", process.port, prefix=fast.prefix)
        client.close_stdin()
        wait_for(lambda: fast.run("ss", "-tnH", "state", "established", "state", "close-wait",
                                  f"sport = :{process.port}"), "the connection")
        client.kill()


def test_server_that_has_gone(sockt, fast):
    process = served_before(sockt, fast)
    process.signal(15)
    process.wait()
    run = sockt.run("connect", "--fastopen", "127.0.0.1", process.port, input=b"lost\n", prefix=fast.prefix)
    assert run.status in (1, 5) and b"ECONNREFUSED" in run.err, run


# ---- Keys ------------------------------------------------------------------------------------------------------------

KEY = b"no sink may have this"


@pytest.fixture(name="keys")
def keys_fixture(tmp_path):
    for name, text in (("key", KEY + b"\n"), ("other", b"another"), ("empty", b"\n"), ("long", b"x" * 81)):
        (tmp_path / name).write_bytes(text)
    return tmp_path


def has_md5(net):
    def ask():
        with socket.socket() as sock:
            peer = struct.pack("HH4s120x", socket.AF_INET, 0, socket.inet_aton("127.0.0.1"))
            sock.setsockopt(socket.IPPROTO_TCP, 14, peer + struct.pack("BBHi80s", 0, 0, 1, 0, b"k"))
    try:
        net.call(ask)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_signed_segments(sockt, net, trace, keys, address):
    """The same key: a conversation. Another, or none: silence. And the key is nowhere to be read."""
    require(has_md5(net), "this kernel has no TCP_MD5SIG")
    seen, listening = trace(3), trace(3, "listener.json")
    process = sockt.listen("-k", "--md5-key-file", keys / "key", *listening.options, "--trace", f"c:{keys}/run.c",
                           prefix=net.prefix, at=("0",))
    client = sockt.start("connect", "-vvv", "--send-only", "--md5-key-file", keys / "key", *seen.options, address,
                         process.port, prefix=net.prefix)
    client.feed(b"signed\n")
    process.out.until(b"signed\n")
    assert client.wait() == 0
    for options in (["--md5-key-file", keys / "other"], []):
        sockt.run("connect", "-w", "300ms", *options, address, process.port, prefix=net.prefix).expect(4)
    process.signal(15)
    process.wait()
    assert [event["args"]["optval"] for event in seen.events("setsockopt")] == [None]
    assert seen.events("setsockopt")[0]["args"]["optname"] == "TCP_MD5SIG"
    said = client.err.until_end() + seen.path.read_bytes() + listening.path.read_bytes()
    said += (keys / "run.c").read_bytes()
    assert KEY not in said and base64.b64encode(KEY)[:20] not in said


@pytest.mark.parametrize("name, message", [
    ("nosuch", "No such file or directory (ENOENT)"), ("empty", "the file is empty"),
    ("long", "a key has at most 80 bytes"),
])
@pytest.mark.parametrize("command", ["connect", "listen"])
def test_file_that_is_no_key(sockt, keys, command, name, message):
    run = sockt.run(command, "--md5-key-file", keys / name, "127.0.0.1", 9)
    run.expect(2, b"", err=f"md5-key-file {keys / name}: {message}")
