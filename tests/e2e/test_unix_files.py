# SPDX-License-Identifier: GPL-3.0-or-later
"""
The file of a Unix socket: its mode, when it is removed, when it is replaced, and when neither.
"""

import os
import signal
import socket
import stat

import pytest

from facts import wait_for
from stepper import ENTER, Stepper

KINDS = {"unix": socket.SOCK_STREAM, "unix-dgram": socket.SOCK_DGRAM,
         "unix-seqpacket": socket.SOCK_SEQPACKET}
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_mode_is_0600(sockt, tmp_path, kind, umask):
    path = tmp_path / "s"
    sockt.listen(at=(f"{kind}:{path}",), preexec_fn=lambda: os.umask(umask))
    found = path.lstat().st_mode
    assert stat.S_ISSOCK(found) and stat.S_IMODE(found) == 0o600, oct(found)


@kinds
@pytest.mark.parametrize("how", ["option", "endpoint", "both"])
def test_mode_that_is_asked_for(sockt, tmp_path, kind, how):
    """Whatever umask says, and what stands on the endpoint itself counts."""
    path = tmp_path / "s"
    options = ("--mode", "660" if how == "option" else "0777") if how != "endpoint" else ()
    tail = ",mode=0660" if how != "option" else ""
    process = sockt.listen(*options, at=(f"{kind}:{path}{tail}",), preexec_fn=lambda: os.umask(0o077))
    assert stat.S_IMODE(path.lstat().st_mode) == 0o660
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM, b"")
    assert not path.is_socket()


def test_mode_of_several_endpoints(sockt, tmp_path):
    """--mode is for those that have a file, and no mode of their own."""
    sockt.listen("-k", "--mode", "0666", at=(f"unix:{tmp_path}/a", f"unix:{tmp_path}/b,mode=0600", "tcp:127.0.0.1:0"))
    assert [stat.S_IMODE((tmp_path / name).lstat().st_mode) for name in "ab"] == [0o666, 0o600]


@kinds
def test_mode_at_birth_is_a_step(sockt, tmp_path, trace, kind):
    """Of level 2, before bind()."""
    path, seen, coarse = tmp_path / "s", trace(2), trace(1, "coarse.json")
    process = sockt.listen(*seen.options, *coarse.options, "-vv", at=(f"{kind}:{path}",))
    process.signal(signal.SIGTERM)
    run = process.finish().expect(128 + signal.SIGTERM, b"")
    chmod, bind = seen.events("fchmod", "bind")
    assert [chmod["step"], bind["step"]] == ["fchmod", "bind"]
    assert (chmod["args"], chmod["result"]) == ({"mode": "0600"}, 0)
    assert f"fchmod({chmod['fd']}, 0600) = 0".encode() in run.err
    assert coarse.events("bind") and not coarse.events("fchmod")


def test_mode_at_birth_of_a_client(sockt, peers, tmp_path, trace):
    peers.listen(str(tmp_path / "s"), socket.AF_UNIX)
    seen = trace(2)
    client = sockt.start("connect", *seen.options, f"unix:{tmp_path}/s,bind={tmp_path}/c")
    wait_for(lambda: [event["step"] for event in seen.events("fchmod", "bind", "connect")] ==
             ["fchmod", "bind", "connect"], "the steps")
    client.signal(signal.SIGTERM)
    client.finish().expect(128 + signal.SIGTERM)


@pytest.mark.strace
@pytest.mark.parametrize("words", [("listen", "unix:s"), ("connect", "unix:gone,bind=s")])
def test_mode_at_birth_that_cannot_be_set(sockt, tmp_path, words):
    """Then there is no file that others could use."""
    run = sockt.run(words[0], "-v", words[1], prefix=["strace", "-f", "-qq", "-o", "/dev/null",
                                                      "-e", "inject=fchmod:error=EPERM"])
    run.expect(1, b"", "set the mode of the socket for s: Operation not permitted (EPERM)")
    assert "a sandbox or a security module forbids it" in " ".join(run.err.decode().split())
    assert not (tmp_path / "s").exists()


def test_bind_of_the_shell_is_the_call_alone(sockt, tmp_path):
    """Its file is as umask leaves it, and stays; the help says so."""
    sockt.run("shell", input=f"s = socket unix\nbind s {tmp_path}/s\n".encode(),
              preexec_fn=lambda: os.umask(0o022)).expect(0)
    assert stat.S_IMODE((tmp_path / "s").lstat().st_mode) == 0o755
    for topic, said in (("unix-socket", "umask(2) leaves, commonly 0755, and stays at the end"),
                        ("mode", "'bind' in 'sockt shell' makes it as the umask leaves it, commonly 0755"),
                        ("fchmod", "In 'sockt shell' nothing is called that was not typed")):
        assert said in " ".join(sockt.run("help", topic).expect(0).out.decode().split())


@kinds
def test_nobody_gets_in_before_owner_and_mode(sockt, tmp_path, trace, kind):
    """bind() makes the file with 0600, and listen() comes last."""
    path, seen = tmp_path / "s", trace(1)
    sockt.listen(*seen.options, "--mode", "0666", "--owner", f"{os.geteuid()}:{os.getegid()}", at=(f"{kind}:{path}",))
    want = ["socket", "bind", "lchown", "fchmodat"] + ["listen"] * (kind != "unix-dgram")
    events = wait_for(lambda: len(found := seen.events(*want)) >= len(want) and found, "the steps")
    assert [event["step"] for event in events] == want
    assert events[2]["args"] == {"pathname": str(path), "owner": os.geteuid(), "group": os.getegid()}
    assert events[3]["args"] == {"dirfd": "AT_FDCWD", "pathname": str(path), "mode": "0666",
                                 "flags": ["AT_SYMLINK_NOFOLLOW"]}


def test_mode_at_birth_is_0600(sockt, tmp_path, terminal):
    """Step mode stops behind bind()."""
    path = tmp_path / "s"
    stepper = Stepper(terminal)
    sockt.start("listen", "--step", "--color=never", "--mode", "0666", f"unix:{path}", **terminal.popen(),
                stderr=terminal.slave)
    for call in ("socket", r"fchmod\(", "bind"):
        stepper.answer(call)
    text = stepper.question("fchmodat")
    assert "who may connect" in text
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    sockt.run("connect", f"unix:{path}").expect(1, b"", err="ECONNREFUSED")
    stepper.type(ENTER)
    stepper.question("listen")
    assert stat.S_IMODE(path.lstat().st_mode) == 0o666


def test_who_may_connect(sockt, tmp_path, nobody):
    """As another user: with the mode of everybody, with one's group, as the owner; and not else."""
    for name, words, is_let_in in (("a", (), False), ("b", ("--mode", "0666"), True), ("c", ("--mode", "0660"), False),
                                   ("d", ("--mode", "0660", "--owner", ":65534"), True),
                                   ("e", ("--owner", "65534"), True), ("f", ("--owner", "nobody:0"), True)):
        path = tmp_path / name
        sockt.listen("--exec", "echo hello", *words, at=(f"unix:{path}",))
        run = sockt.run("connect", f"unix:{path}", prefix=nobody)
        run.expect(*((0, b"hello\n") if is_let_in else (1, b"")))
        found = path.lstat() if path.exists() else None
        assert is_let_in or (found.st_uid, found.st_gid) == (0, 0)


def test_owner_that_may_not_be_given(sockt, tmp_path, nobody):
    """Nobody is served then, and the file is gone."""
    path = tmp_path / "s"
    run = sockt.run("listen", "-v", "--owner", "0", f"unix:{path}", prefix=nobody)
    run.expect(1, b"", f"chown {path}: Operation not permitted (EPERM)")
    assert "only root (CAP_CHOWN) may give a file to another user" in " ".join(run.err.decode().split())
    assert not path.exists()


def test_mode_of_a_relay_and_its_control(sockt, peers, tmp_path):
    server = peers.listen()
    process = sockt.relay(server.getsockname()[1], "--control", f"unix:{tmp_path}/c,mode=0640", "--mode", "0606",
                          at=f"unix:{tmp_path}/s")
    wait_for(lambda: stat.S_IMODE((tmp_path / "c").lstat().st_mode) == 0o640, "its mode")
    wait_for(lambda: stat.S_IMODE((tmp_path / "s").lstat().st_mode) == 0o606, "the mode")
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)


@pytest.mark.parametrize("words, said", [
    (("--mode", "0999", "unix:s"), '--mode: a mode is octal digits up to 0777, such as 0660, not "0999"'),
    (("--mode", "1777", "unix:s"), 'not "1777"'),
    (("--mode", "", "unix:s"), 'not ""'),
    (("--mode", "0660", "9000"), "--mode is for the file of a Unix socket that listens (unix:PATH), and there is none"),
    (("--owner", "0", "unix:@s"), "--owner is for the file of a Unix socket that listens"),
    (("--owner", "0:", "unix:s"), "--owner: an owner is USER, USER:GROUP or :GROUP, names or numbers"),
    (("--owner", "no-such-user", "unix:s"), 'the owner of the socket: there is no user "no-such-user" here'),
    (("--owner", "0:no-such-group", "unix:s"), 'the group of the socket: there is no group "no-such-group" here'),
    (("--owner", ":4294967295", "unix:s"), "the group of the socket 4294967295 is out of range"),
    (("--owner", "4294967295", "unix:s"), "the owner of the socket 4294967295 is out of range"),
    (("unix:s,mode=0660,mode=0660",), "mode is given twice"),
    (("unix:s,mode",), "mode needs a value: mode=0660"),
    (("unix:@s,mode=0660",), "mode= is for a file, and an abstract name is none: anybody may connect"),
    (("tcp:9000,owner=0",), "owner= is for the file of a Unix socket, and this is tcp"),
    (("unix:s,user=0",), '"user" is socat\'s: of the file of a Unix socket that listens it is owner=USER:GROUP here'),
])
def test_mistakes_of_mode_and_owner(sockt, words, said):
    sockt.run("listen", *words).expect(2, b"", said)


def test_mode_is_for_who_listens(sockt):
    sockt.run("connect", "unix:s,mode=0660").expect(2, b"", "mode= is for who listens: that makes the file")
    sockt.run("relay", "9000", "unix:s,owner=0").expect(2, b"", "owner= is for who listens: that makes the file")
    sockt.run("relay", "--mode", "0660", "-", "unix:s").expect(2, b"", "--mode")
    for name, value in (("mode", "0660"), ("owner", "USER:GROUP")):
        given = (f"--{name}", "0640" if name == "mode" else "0")
        run = sockt.run("relay", *given, "--control", "unix:c", "127.0.0.1:0", "9")
        run.expect(2, b"", f"for that of --control it stands there: --control unix:PATH,{name}={value}")


@pytest.mark.parametrize("where", ["target", "."])
def test_symbolic_link_stands_in_the_way(sockt, tmp_path, where):
    """Wherever it leads, and if nowhere."""
    path = tmp_path / "link"
    path.symlink_to(tmp_path / where)
    said = " ".join(sockt.run("listen", "-v", f"unix:{path}").err.decode().split())
    assert f"a symbolic link stands at {path}" in said and path.is_symlink()


def test_stale_one_of_another_in_a_sticky_directory(sockt, tmp_path, nobody):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(shared / "s"))
    said = " ".join(sockt.run("listen", "-v", f"unix:{shared}/s", prefix=nobody).err.decode().split())
    assert "a socket of uid 0 stands at" in said and "the directory is sticky: only its owner or root" in said
    assert "choose another path" in said and (shared / "s").exists()


@kinds
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_removed_after_a_signal(sockt, tmp_path, kind, number):
    path = tmp_path / "s"
    process = sockt.listen(at=(f"{kind}:{path}",))
    assert path.exists()
    process.signal(number)
    process.finish().expect(128 + number)
    assert not path.is_socket()


@pytest.mark.parametrize("kind", ["unix", "unix-seqpacket"])
def test_removed_after_a_session(sockt, peers, tmp_path, kind):
    path = tmp_path / "s"
    process = sockt.listen(at=(f"{kind}:{path}",))
    sock = peers.connect(str(path), kind=KINDS[kind])
    sock.close()
    process.close_stdin()
    process.finish().expect(0)
    assert not path.is_socket()


@kinds
def test_removed_after_a_time_limit(sockt, tmp_path, kind):
    path = tmp_path / "s"
    process = sockt.listen("--total-timeout", "100ms", at=(f"{kind}:{path}",))
    process.finish().expect(4)
    assert not path.is_socket()


@kinds
def test_not_removed_when_another_took_its_place(sockt, peers, tmp_path, kind):
    path = tmp_path / "s"
    process = sockt.listen(at=(f"{kind}:{path}",))
    other = peers.socket(socket.AF_UNIX, KINDS[kind])
    other.bind(str(tmp_path / "other"))
    os.rename(tmp_path / "other", path)
    inode = path.lstat().st_ino
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM)
    assert path.lstat().st_ino == inode


@kinds
def test_stale_one_is_replaced(sockt, peers, tmp_path, kind):
    path = tmp_path / "s"
    stale = peers.socket(socket.AF_UNIX, KINDS[kind])
    stale.bind(str(path))
    stale.close()
    process = sockt.listen(at=(f"{kind}:{path}",))
    sock = peers.connect(str(path), kind=KINDS[kind])
    sock.sendall(b"alive")
    process.out.until(b"alive")


@kinds
def test_stale_one_is_replaced_by_one_with_the_right_mode(sockt, peers, tmp_path, kind):
    path = tmp_path / "s"
    stale = peers.socket(socket.AF_UNIX, KINDS[kind])
    stale.bind(str(path))
    stale.close()
    path.chmod(0o777)
    sockt.listen(at=(f"{kind}:{path}",))
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600


@kinds
def test_one_that_answers_is_refused_and_left_alone(sockt, peers, tmp_path, kind):
    path = tmp_path / "s"
    first = sockt.listen(at=(f"{kind}:{path}",))
    inode = path.lstat().st_ino
    sockt.run("listen", f"{kind}:{path}").expect(1, b"", err=["EADDRINUSE", str(path)])
    assert path.lstat().st_ino == inode
    sock = peers.connect(str(path), kind=KINDS[kind])
    sock.sendall(b"still served")
    first.out.until(b"still served")


def test_one_with_a_full_queue_is_not_stale(sockt, peers, tmp_path):
    path = tmp_path / "s"
    listening = peers.listen(str(path), socket.AF_UNIX, backlog=0)
    peers.connect(str(path))
    inode = path.lstat().st_ino
    sockt.run("listen", f"unix:{path}").expect(1, b"", err="EADDRINUSE")
    assert path.lstat().st_ino == inode
    listening.close()


@kinds
@pytest.mark.parametrize("what", ["file", "directory", "fifo", "link"])
def test_what_is_no_socket_is_never_removed(sockt, tmp_path, kind, what):
    path = tmp_path / "s"
    if what == "file":
        path.write_text("precious")
    elif what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    else:
        (tmp_path / "target").write_text("precious")
        path.symlink_to(tmp_path / "target")
    before = path.lstat()
    sockt.run("listen", f"{kind}:{path}").expect(1, b"", err=str(path))
    after = path.lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    if what in ("file", "link"):
        assert path.read_text() == "precious"


def test_not_removed_where_bind_failed(sockt, tmp_path):
    """A directory that cannot be written: nothing of it is touched."""
    path = tmp_path / "none" / "s"
    sockt.run("listen", f"unix:{path}").expect(1, b"", err="ENOENT")
    assert not path.exists()


def test_client_of_datagrams_leaves_no_file(sockt, tmp_path, peers):
    """To get replies a client needs a name of its own; it is gone afterwards."""
    path = tmp_path / "s"
    server = peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(path))
    process = sockt.start("connect", "-q", "200ms", f"unix-dgram:{path}")
    process.write(b"ask")
    message, name = server.recvfrom(100)
    assert message == b"ask" and name, "the client has no name to reply to"
    server.sendto(b"reply", name)
    process.out.until(b"reply")
    process.close_stdin()
    process.finish().expect(0, b"reply")
    if isinstance(name, str):
        assert not os.path.exists(name)
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.is_socket()) == ["s"]


def test_client_of_datagrams_leaves_no_file_after_a_signal(sockt, tmp_path, peers):
    path = tmp_path / "s"
    server = peers.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(path))
    process = sockt.start("connect", f"unix-dgram:{path}")
    process.write(b"ask")
    _, name = server.recvfrom(100)
    process.signal(signal.SIGINT)
    process.finish().expect(128 + signal.SIGINT)
    if isinstance(name, str):
        wait_for(lambda: not os.path.exists(name), "the client's name to be removed", 0.5)


@pytest.mark.parametrize("kind", ["unix", "unix-dgram", "unix-seqpacket"])
def test_a_client_may_have_a_name_of_its_own(sockt, peers, tmp_path, kind):
    """bind=PATH: the peer sees that address; the file is of mode 0600 and gone at the end."""
    listening = peers.listen(str(tmp_path / "s"), socket.AF_UNIX, KINDS[kind]) if kind != "unix-dgram" \
        else peers.socket(socket.AF_UNIX, KINDS[kind])
    if kind == "unix-dgram":
        listening.bind(str(tmp_path / "s"))
    client = sockt.start("connect", *(("-q", "100ms") if kind == "unix-dgram" else ()),
                         f"{kind}:{tmp_path}/s,bind={tmp_path}/c")
    client.write(b"from c")
    if kind == "unix-dgram":
        data, name = listening.recvfrom(100)
    else:
        peer = peers.accept(listening)
        data, name = peer.recv(100), peer.getpeername()
    assert (data, name) == (b"from c", str(tmp_path / "c"))
    assert stat.S_IMODE(os.stat(tmp_path / "c").st_mode) == 0o600
    client.close_stdin()
    if kind != "unix-dgram":
        peer.close()
    client.finish().expect(0)
    assert not (tmp_path / "c").exists()
