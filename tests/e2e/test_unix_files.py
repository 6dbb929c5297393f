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
