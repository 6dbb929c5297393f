# SPDX-License-Identifier: GPL-3.0-or-later
"""--sandbox: a network of the run's own, where the privilege is free, for root and for anybody."""

import json
import os
import shlex
import socket

import pytest

from facts import require, require_ipv6, require_tool
from runner import DEVNULL

NOTE = "this run has a network of its own, with nothing but loopback in it (--sandbox)"


@pytest.fixture(params=["root", "nobody"])
def user(request):
    """The prefix of a command that runs as root, and as an unprivileged user who may make a user namespace."""
    if request.param == "root":
        require(os.geteuid() == 0, "only root has the privilege")
        return ()
    return request.getfixturevalue("nobody")


def enter(process):
    """The prefix of a command that runs in the network of a process."""
    return (require_tool("nsenter"), "-t", str(process.pid), "--net", "--")


@pytest.mark.parametrize("family, address", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_lone_connect_is_refused(sockt, peers, trace, user, family, address):
    """Somebody listens on that very address and port, outside, and nobody in there. Loopback is up: RST."""
    if family == socket.AF_INET6:
        require_ipv6()
    listening = peers.keep(socket.socket(family))
    listening.bind((address, 0))
    listening.listen()
    port = listening.getsockname()[1]
    seen = trace(level=3)
    run = sockt.run("connect", "--sandbox", *seen.options, address, port, prefix=user)
    run.expect(1, b"", err=f"connect to {address} port {port}: Connection refused (ECONNREFUSED)")
    assert [event["text"] for event in seen.events("note")] == [NOTE]
    calls = {event["args"]["call"]: event for event in seen.events("probe") if "unshare" in event["args"]["call"]}
    assert all(event["observe"] for event in calls.values())
    assert calls["unshare(CLONE_NEWNET)"].get("errno") == (None if user == () else "EPERM")
    assert ("unshare(CLONE_NEWUSER | CLONE_NEWNET)" in calls) == (user != ())
    listening.settimeout(0)
    with pytest.raises(BlockingIOError):
        listening.accept()


@pytest.mark.parametrize("words, why", [
    (("connect", "127.0.0.1", "9"), "no socket listens on 127.0.0.1:9 in the network of this run (--sandbox)"),
    (("connect", "192.0.2.1", "9"), "the network of this run (--sandbox) has nothing but loopback in it"),
    (("listen", "192.0.2.1", "9"), "the network of this run (--sandbox) has nothing but loopback in it"),
])
def test_failures_speak_of_that_network(sockt, user, words, why):
    """Who reads "this host" looks at the wrong one."""
    run = sockt.run(words[0], "--sandbox", "-v", *words[1:], prefix=user).expect(1, b"")
    said = " ".join(run.err.decode().split())
    assert f"why {why}" in said and "try leave --sandbox out" in said
    assert "of this host listens" not in said and "on no network" not in said


def test_without_it_nothing_is_made(sockt, peers, trace):
    seen = trace(level=3)
    sockt.run("connect", *seen.options, "127.0.0.1", peers.refused_port()).expect(1)
    assert not [event for event in seen.events("probe", "note") if "unshare" in json.dumps(event)]


def test_listener_has_the_port_to_itself(sockt, peers, user):
    """The port is taken outside, and free in there, with whoever is let in served as ever."""
    taken = peers.keep(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
    server = sockt.listen("--sandbox", "-v", at=("127.0.0.1", taken), prefix=user)
    assert server.ready_lines == [f"tcp 127.0.0.1:{taken}"]
    client = sockt.start("connect", "127.0.0.1", taken, prefix=enter(server))
    server.write(b"to the client")
    client.out.until(b"to the client")
    client.write(b"to the server")
    client.close_stdin()
    server.out.until(b"to the server")
    server.close_stdin()
    client.finish().expect(0, b"to the client")
    result = server.finish().expect(0, b"to the server", err=NOTE)
    assert b" listen(" in result.err and b" accept(" in result.err


def test_privileged_port_is_free(sockt, nobody):
    """Who is nobody outside has every privilege over this network."""
    server = sockt.listen("--sandbox", at=("127.0.0.1", 80), prefix=nobody, stdin=DEVNULL)
    assert server.ready_lines == ["tcp 127.0.0.1:80"]
    sockt.run("connect", "127.0.0.1", 80, input=b"x", prefix=enter(server)).expect(0)
    server.finish().expect(0, b"x")


def test_crowd(sockt, nobody):
    """-k: several clients in there, with numbers."""
    server = sockt.listen("--sandbox", "-k", "--tag", prefix=nobody, stdin=DEVNULL)
    for number in (1, 2):
        sockt.run("connect", "--send-only", "127.0.0.1", server.port, input=b"hello\n",
                  prefix=enter(server)).expect(0)
        server.out.until(f"[{number}] hello\n".encode())
    server.signal(15)
    assert server.wait() == 128 + 15


def test_relay_to_the_outside_through_a_file(sockt, peers, tmp_path, user):
    """A Unix socket with a path is a file, and files are as they were; what is TCP has to be in there."""
    path = tmp_path / "target"
    listening = peers.keep(socket.socket(socket.AF_UNIX))
    listening.bind(str(path))
    path.chmod(0o777)
    listening.listen()
    relay = sockt.relay(f"unix:{path}", "--sandbox", prefix=user)
    client = sockt.start("connect", "127.0.0.1", relay.port, prefix=enter(relay))
    target = peers.accept(listening)
    client.write(b"question")
    client.close_stdin()
    assert target.recv(100) == b"question"
    target.sendall(b"answer")
    target.close()
    client.finish().expect(0, b"answer")


def test_relay_finds_no_target_of_the_outside(sockt, peers, user):
    """Its target listens outside: in there it is refused, and the client is reset."""
    target = peers.keep(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
    relay = sockt.relay(target, "--sandbox", "-v", prefix=user)
    sockt.run("connect", "127.0.0.1", relay.port, prefix=enter(relay)).expect(5, b"")
    relay.err.until(b"ECONNREFUSED")


def test_workers(sockt, user, trace):
    """Processes of a relay are in the one sandbox."""
    relay = sockt.relay(9, "--sandbox", "--workers", 2, prefix=user)
    for _turn in range(4):
        sockt.run("connect", "127.0.0.1", relay.port, prefix=enter(relay)).expect(5, b"")
    relay.signal(15)
    assert relay.wait() == 128 + 15


def test_files_stay_the_users(sockt, nobody, tmp_path):
    """What only the user may read is read, and what is made is the user's."""
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    secret = own / "secret"
    secret.write_bytes(b"for me alone")
    for path in (own, secret):
        os.chown(path, 65534, 65534)
    secret.chmod(0o600)
    seen = own / "trace"
    unix = own / "socket"
    server = sockt.listen("--sandbox", "--trace", f"json:{seen}", at=(f"unix:{unix}",), prefix=nobody)
    for path in (seen, unix):
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
    shell = f"exec {sockt.binary} connect --sandbox --send-only unix:{unix} < {secret}"
    sockt.start_command([*nobody, "sh", "-c", shell], stdin=DEVNULL).finish().expect(0, err=b"")
    server.close_stdin()
    server.finish().expect(0, b"for me alone")


def test_root_loses_nothing_over_files(sockt, tmp_path):
    """In a user namespace root would be anybody to the files of other users: there is none."""
    require(os.geteuid() == 0, "only root reads the files of others")
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    os.chown(other, 65534, 65534)
    sockt.run("connect", "--sandbox", "--trace", f"json:{other}/trace", "127.0.0.1", 9).expect(1)
    assert NOTE in (other / "trace").read_text()


@pytest.mark.parametrize("setting, drop, call, needed", [
    ("max_user_namespaces", "setpriv --bounding-set=-all --inh-caps=-all",
     "unshare(CLONE_NEWUSER | CLONE_NEWNET)", "root, or sysctl user.max_user_namespaces above 0"),
    ("max_net_namespaces", "", "unshare(CLONE_NEWNET)", "sysctl user.max_net_namespaces above 0"),
])
def test_forbidden_by_a_limit(sockt, nobody, setting, drop, call, needed):
    """In a user namespace of the test's own the limit is 0: one line says what is needed, and nothing is run."""
    require_tool("unshare")
    command = shlex.join(map(str, sockt.command("connect", "--sandbox", "127.0.0.1", "9")))
    script = f"echo 0 > /proc/sys/user/{setting}; exec {drop} {command}"
    run = sockt.start_command([*nobody, "unshare", "--user", "--map-root-user", "sh", "-c", script]).finish()
    run.expect(1, b"")
    lines = run.err.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"sockt: --sandbox: {call}: No space left on device (ENOSPC): "), run
    assert lines[0].endswith(f"; needed is {needed}"), run


def test_forbidden_in_a_chroot(sockt, netns, nobody, tmp_path):
    """unshare(2): in a chroot no user namespace is made. With JSON on standard error the line is a note."""
    for tool in ("chroot", "mount"):
        require_tool(tool)
    root = tmp_path / "root"
    root.mkdir()
    netns.run("mount", "--rbind", "/", root)
    chroot = [*netns.prefix, "chroot", "--userspec=65534:65534", root]
    run = sockt.run("connect", "--sandbox", "127.0.0.1", "9", prefix=chroot, cwd="/")
    run.expect(1, b"", err="sockt: --sandbox: unshare(CLONE_NEWUSER | CLONE_NEWNET): "
                           "Operation not permitted (EPERM): a network of one's own is forbidden here")
    assert run.err.count(b"\n") == 1, run
    run = sockt.run("connect", "--sandbox", "--trace", "json", "127.0.0.1", "9", prefix=chroot, cwd="/").expect(1, b"")
    events = [json.loads(line) for line in run.err.splitlines()[1:]]
    assert [event["step"] for event in events] == ["note", "end"]
    assert events[0]["text"].startswith("sockt: --sandbox: unshare(")


@pytest.mark.parametrize("command", [("connect", "fd:7"), ("listen", "fd:7"), ("relay", "fd:7", "127.0.0.1:9"),
                                     ("relay", "127.0.0.1:0", "fd:7")])
def test_no_socket_of_the_outside(sockt, command):
    run = sockt.run(command[0], "--sandbox", *command[1:])
    run.expect(2, b"", err="--sandbox: fd:7 is a socket already, of the network outside")
