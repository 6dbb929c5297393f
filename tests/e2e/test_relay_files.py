# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends of a relay that are no sockets: file:, pty, fd:N of pipes and files, and two of them joined."""

import fcntl
import os
import resource
import signal
import socket
import termios
import threading

import pytest

import peers as peer_scripts
from facts import DEADLINE, cpu_used_while_idle, require_ipv6, wait_for
from runner import DEVNULL

MIB = 1 << 20
DATA = bytes(range(256)) * 12000  # 3 MB


def send_and_end(sock, data):
    sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)


class Receiver:
    """A server that reads one client to its end and keeps what came."""

    def __init__(self, peers, family=socket.AF_INET, path=None):
        self.got = None
        if path is not None:
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(path))
            listening.listen()
            self.listening = listening
        else:
            self.listening = socket.socket(family)
            self.listening.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
            self.listening.listen()
            self.port = self.listening.getsockname()[1]
        self.listening.settimeout(DEADLINE)

    def accept(self):
        sock, _ = self.listening.accept()
        sock.settimeout(DEADLINE)
        self.listening.close()
        return sock


@pytest.mark.parametrize("kind", ["tcp4", "tcp6", "unix"])
def test_a_file_is_copied_once(sockt, peers, kind):
    if kind == "tcp6":
        require_ipv6()
    path = sockt.workdir / "socket"
    receiver = Receiver(peers, socket.AF_INET6 if kind == "tcp6" else socket.AF_INET, path if kind == "unix" else None)
    (sockt.workdir / "file").write_bytes(DATA)
    to = {"tcp4": "tcp:127.0.0.1:%d", "tcp6": "tcp:[::1]:%d"}.get(kind)
    relay = sockt.start("relay", "file:file", f"unix:{path}" if kind == "unix" else to % receiver.port)
    with receiver.accept() as sock:
        assert peer_scripts.read_all(sock) == DATA
    relay.finish().expect(0, b"", b"")


@pytest.mark.waits
def test_a_file_becomes_datagrams(sockt):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(DEADLINE)
        (sockt.workdir / "file").write_bytes(b"one datagram")
        relay = sockt.start("relay", "file:file", "udp:127.0.0.1:%d" % receiver.getsockname()[1])
        assert receiver.recv(100) == b"one datagram"
        relay.finish().expect(0, b"", b"")


def test_what_comes_back_is_not_lost_silently(sockt, peers):
    receiver = Receiver(peers)
    (sockt.workdir / "file").write_bytes(DATA)
    relay = sockt.start("relay", "file:file", f"127.0.0.1:{receiver.port}")
    with receiver.accept() as sock:
        sock.sendall(b"220 welcome\n")
        assert peer_scripts.read_all(sock) == DATA
    relay.finish().expect(6, b"", b"12 bytes that came back were thrown away, since file is only read")


@pytest.mark.waits
def test_a_peer_that_does_not_end(sockt, peers):
    """All is acknowledged: it is waited for, but not for ever."""
    receiver = Receiver(peers)
    (sockt.workdir / "file").write_bytes(b"all")
    relay = sockt.start("relay", "-v", "file:file", f"127.0.0.1:{receiver.port}")
    with receiver.accept() as sock:
        assert peer_scripts.read_all(sock) == b"all"
        relay.finish().expect(0, b"", b"the peer did not close within 2 s")


def test_a_peer_that_resets(sockt, peers):
    receiver = Receiver(peers)
    (sockt.workdir / "file").write_bytes(bytes(32 * MIB))
    relay = sockt.start("relay", "file:file", f"127.0.0.1:{receiver.port}")
    with receiver.accept() as sock:
        sock.recv(1)
        peer_scripts.reset(sock)
    relay.finish().expect(5, b"", b"reset")


def test_interrupted_in_the_midst(sockt, peers):
    receiver = Receiver(peers)
    (sockt.workdir / "file").write_bytes(bytes(32 * MIB))
    relay = sockt.start("relay", "file:file", f"127.0.0.1:{receiver.port}")
    with receiver.accept() as sock:
        sock.recv(1)
        relay.signal(signal.SIGINT)
        relay.finish().expect(130)


@pytest.mark.parametrize("args, part", [
    (("file:none", "127.0.0.1:1"), "read from the file none: No such file or directory (ENOENT)"),
    (("file:.", "127.0.0.1:1"), "read from the file .: Is a directory (EISDIR)"),
    (("127.0.0.1:0", "file:."), "write to the file .: Is a directory (EISDIR)"),
    (("127.0.0.1:0", "file:none/file"), "write to the file none/file: No such file or directory (ENOENT)"),
    (("file:file", "file:/dev/full"), "write to /dev/full: No space left on device (ENOSPC)"),
    (("file:file", "file:file"), "file is read and written at once: nothing is done"),
    (("file:file", "file:file,append"), "file is read and written at once: nothing is done"),
])
def test_files_that_cannot_be_used(sockt, args, part):
    (sockt.workdir / "file").write_bytes(b"kept")
    sockt.run("relay", *args).expect(6, b"", part)
    assert (sockt.workdir / "file").read_bytes() == b"kept"


@pytest.mark.parametrize("args, part", [
    (("file:none", "127.0.0.1:1"), "  why  there is no such file"),
    (("file:file", "file:/dev/full"), "  why  the file system is full"),
    (("pty,link=file", "127.0.0.1:1"), "  why  something of that name is there"),
])
def test_files_that_cannot_be_used_are_explained(sockt, args, part):
    (sockt.workdir / "file").write_bytes(b"kept")
    sockt.run("relay", "-v", *args).expect(6, b"", part)


def test_a_file_that_may_not_be_read(sockt):
    if os.geteuid() == 0:
        prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        sockt.workdir.chmod(0o777)
    else:
        prefix = ()
    (sockt.workdir / "file").touch(0o000)
    sockt.start("relay", f"file:{sockt.workdir}/file", "127.0.0.1:1", prefix=prefix, cwd="/").finish().expect(
        6, b"", "Permission denied (EACCES)")


@pytest.mark.parametrize("args, part", [
    (("127.0.0.1:0", "-"), "sockt listen"),
    (("-", "stdio"), "both ends are standard input and output"),
    (("--max-conns", "3", "file:x", "x:1"), "--max-conns speaks of clients, and the file is the only one here"),
    (("--control", "unix:x", "pty", "x:1"), "--control speaks of clients, and the terminal is the only one here"),
    (("file:x", "x:1,proxy-protocol=v1"), "proxy-protocol= tells the address of a client"),
    (("fd:0,nodelay", "x:1"), "this descriptor is no socket, and has no options of sockets"),
    (("fd:0,accept-proxy", "x:1"), "this descriptor is no socket"),
])
def test_relays_that_do_not_fit(sockt, args, part):
    sockt.run("relay", *args).expect(2, b"", part)


@pytest.mark.parametrize("command", [("connect",), ("listen",)])
def test_other_commands_take_sockets(sockt, command):
    sockt.run(*command, "fd:0").expect(2, b"", "descriptor 0 is not a socket (an end of sockt relay may be none)")
    sockt.run(*command, "file:x").expect(2, b"", "here a file is standard input or output")


# ---- A file as TO --------------------------------------------------------------------------------


def test_clients_write_one_file(sockt, peers):
    """Each sees an end when what it sent is written; nobody empties the file for another."""
    (sockt.workdir / "file").write_bytes(b"old")
    relay = sockt.relay("file:file")
    first, second = peers.connect(relay.port), peers.connect(relay.port)
    for sock, data in ((second, b"1"), (first, b"2"), (second, DATA)):
        sock.sendall(data)
        wait_for(lambda data=data: (sockt.workdir / "file").read_bytes().endswith(data), "what was written")
    for sock in (first, second):
        sock.shutdown(socket.SHUT_WR)
        assert peer_scripts.read_all(sock) == b""
    assert (sockt.workdir / "file").read_bytes() == b"12" + DATA
    relay.signal(signal.SIGTERM)
    relay.finish().expect(143, b"", b"")


def test_a_second_relay_empties_nothing(sockt, peers):
    """Its port is taken: it will write nothing."""
    relay = sockt.relay("file:file")
    sock = peers.connect(relay.port)
    send_and_end(sock, b"kept")
    assert peer_scripts.read_all(sock) == b""
    sockt.run("relay", f"127.0.0.1:{relay.port}", "file:file").expect(1, b"", "Address already in use")
    assert (sockt.workdir / "file").read_bytes() == b"kept"


def test_appending(sockt, peers):
    (sockt.workdir / "file").write_bytes(b"old")
    relay = sockt.relay("file:file,append", "--workers", "2")
    sock = peers.connect(relay.port)
    send_and_end(sock, b" and new")
    assert peer_scripts.read_all(sock) == b""
    assert (sockt.workdir / "file").read_bytes() == b"old and new"
    relay.signal(signal.SIGTERM)
    relay.finish().expect(143)


def test_datagrams_into_a_file(sockt):
    relay = sockt.relay("file:file", at="udp:127.0.0.1:0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", relay.port))
        for data in (b"one\n", b"", b"two\n"):
            sock.send(data)
    wait_for(lambda: (sockt.workdir / "file").read_bytes() == b"one\ntwo\n", "both datagrams")


def test_a_full_disk_resets_the_client(sockt, peers):
    relay = sockt.relay("file:/dev/full")
    sock = peers.connect(relay.port)
    sock.sendall(b"lost")
    assert peer_scripts.sees_reset(sock)
    relay.err.until(b"write to /dev/full: No space left on device (ENOSPC); the client is reset")


def test_the_one_client_of_a_full_disk(sockt):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        relay = sockt.start("relay", f"fd:{theirs.fileno()}", "file:/dev/full", pass_fds=(theirs.fileno(),))
        ours.sendall(b"lost")
        relay.finish().expect(6, b"", "write to /dev/full: No space left on device (ENOSPC)")


def test_a_file_beyond_its_limit(sockt):
    (sockt.workdir / "file").write_bytes(DATA)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB))
    sockt.run("relay", "file:file", "file:copy", preexec_fn=limit).expect(
        6, b"", "write to copy: File too large (EFBIG)")


# ---- FIFOs ---------------------------------------------------------------------------------------


def test_a_fifo_waits_for_its_writer(sockt, peers):
    receiver = Receiver(peers)
    os.mkfifo(sockt.workdir / "fifo")
    relay = sockt.start("relay", "file:fifo", f"127.0.0.1:{receiver.port}")
    relay.err.until(b"nobody has the FIFO fifo open to write it: it is waited for")
    with receiver.accept() as sock, open(sockt.workdir / "fifo", "wb", buffering=0) as fifo:
        fifo.write(b"first ")
        assert peer_scripts.read_exactly(sock, 6) == b"first "
        fifo.write(b"last")
        fifo.close()
        assert peer_scripts.read_all(sock) == b"last"
    relay.finish().expect(0, b"")


def test_a_fifo_waits_for_its_reader(sockt):
    os.mkfifo(sockt.workdir / "fifo")
    (sockt.workdir / "file").write_bytes(DATA)
    relay = sockt.start("relay", "file:file", "file:fifo")
    relay.err.until(b"nobody has the FIFO fifo open to read it: what comes waits for that")
    assert (sockt.workdir / "fifo").read_bytes() == DATA
    relay.finish().expect(0, b"")


def test_a_fifo_for_each_client(sockt, peers):
    """Its reader sees an end with each, and one that comes later is waited for."""
    os.mkfifo(sockt.workdir / "fifo")
    relay = sockt.relay("file:fifo")
    for data in (b"first", b"second"):
        sock = peers.connect(relay.port)
        send_and_end(sock, data)
        assert (sockt.workdir / "fifo").read_bytes() == data
        assert peer_scripts.read_all(sock) == b""


def test_a_reader_that_leaves(sockt):
    os.mkfifo(sockt.workdir / "fifo")
    (sockt.workdir / "file").write_bytes(bytes(4 * MIB))
    relay = sockt.start("relay", "file:file", "file:fifo")
    with open(sockt.workdir / "fifo", "rb", buffering=0) as fifo:
        fifo.read(1)
    relay.finish().expect(6, b"", "write to fifo: Broken pipe (EPIPE)")


# ---- Descriptors ---------------------------------------------------------------------------------


def test_a_pipe_to_be_read(sockt, peers):
    receiver = Receiver(peers)
    reader, writer = os.pipe()
    relay = sockt.start("relay", f"fd:{reader}", f"127.0.0.1:{receiver.port}", pass_fds=(reader,))
    os.close(reader)
    with receiver.accept() as sock, os.fdopen(writer, "wb", buffering=0) as pipe:
        pipe.write(b"through a pipe")
        assert peer_scripts.read_exactly(sock, 14) == b"through a pipe"
        pipe.close()
        assert peer_scripts.read_all(sock) == b""
    relay.finish().expect(0, b"", b"")


def test_a_pipe_to_be_written(sockt, peers):
    """What reads it sees the end while the run goes on: nobody keeps the handed descriptor open."""
    listening = peers.listen()
    reader, writer = os.pipe()
    relay = sockt.start("relay", f"fd:{writer}", "127.0.0.1:%d" % listening.getsockname()[1], pass_fds=(writer,))
    os.close(writer)
    sock = peers.accept(listening)
    with os.fdopen(reader, "rb") as pipe:
        send_and_end(sock, DATA)
        assert pipe.read() == DATA
    assert peer_scripts.read_all(sock) == b""
    relay.finish().expect(0, b"", b"")


def test_a_file_as_a_descriptor(sockt):
    """Its offset is that of whoever handed it over."""
    with open(sockt.workdir / "file", "w+b", buffering=0) as file:
        file.write(b"0123456789")
        file.seek(4)
        sockt.run("relay", f"fd:{file.fileno()}", "file:copy", pass_fds=(file.fileno(),)).expect(0, b"", b"")
        assert file.tell() == 10
    assert (sockt.workdir / "copy").read_bytes() == b"456789"


def test_standard_descriptors(sockt, peers):
    receiver = Receiver(peers)
    relay = sockt.start("relay", "fd:0", f"127.0.0.1:{receiver.port}")
    relay.write(b"by number")
    relay.close_stdin()
    with receiver.accept() as sock:
        assert peer_scripts.read_all(sock) == b"by number"
    relay.finish().expect(0, b"", b"")
    (sockt.workdir / "file").write_bytes(DATA)
    sockt.run("relay", "file:file", "fd:1").expect(0, DATA, b"")


def test_a_pipe_that_several_clients_write(sockt, peers):
    reader, writer = os.pipe()
    relay = sockt.relay(f"fd:{writer}", pass_fds=(writer,))
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        for data in (b"one", b"two"):
            sock = peers.connect(relay.port)
            send_and_end(sock, data)
            assert peer_scripts.read_all(sock) == b""
            assert pipe.read(100) == data
        relay.signal(signal.SIGTERM)
        relay.finish().expect(143, b"", b"")
        assert pipe.read(100) == b""


def test_options_of_a_socket_that_was_handed_in(sockt, peers):
    """They are set on it, not passed over; and one that it does not have is an error."""
    listening = peers.listen()
    with socket.create_connection(listening.getsockname()) as ours:
        peers.accept(listening).close()
        sockt.start("connect", "-v", f"fd:{ours.fileno()},nodelay,keepalive=30s", stdin=DEVNULL,
                    pass_fds=(ours.fileno(),)).finish().expect(
            0, b"", ["TCP_NODELAY, [1]) = 0", "TCP_KEEPIDLE, [30]) = 0", "SO_KEEPALIVE, [1]) = 0"])
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for words in (("connect", f"fd:{ours.fileno()},nodelay"), ("relay", f"fd:{ours.fileno()},nodelay", "file:x")):
            sockt.run(*words, pass_fds=(ours.fileno(),)).expect(
                2, b"", f"fd:{ours.fileno()}: TCP_NODELAY is no option of this socket, which is unix")


def test_options_of_a_listener_that_was_handed_in(sockt):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = sockt.start("listen", "-v", f"fd:{listening.fileno()},rcvbuf=64k", stdin=DEVNULL,
                              pass_fds=(listening.fileno(),))
        process.err.until(b"setsockopt(%d, SOL_SOCKET, SO_RCVBUF, [65536]) = 0" % listening.fileno())
        with socket.create_connection(listening.getsockname()):
            pass
        process.finish().expect(0)


# ---- Terminals that are made ---------------------------------------------------------------------


class Line:
    """The other side of a pty, as the program that wants a serial line has it."""

    def __init__(self, path):
        wait_for(path.is_symlink, "the link to the terminal")
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)

    def read(self, count):
        data = b""
        while len(data) < count:
            data += os.read(self.fd, count - len(data))
        return data

    def write(self, data):
        while data:
            data = data[os.write(self.fd, data):]

    def close(self):
        if self.fd != -1:
            os.close(self.fd)
        self.fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def relay_of_line(sockt, peers, *options):
    """(a relay of a pty, to which a link is `line` in its directory; the server that it is connected with)"""
    listening = peers.listen()
    relay = sockt.start("relay", *options, "pty,link=line", "127.0.0.1:%d" % listening.getsockname()[1])
    return relay, peers.accept(listening)


def test_a_terminal_for_a_connection(sockt, peers):
    """Bytes pass as they are, control characters too."""
    relay, sock = relay_of_line(sockt, peers)
    odd = bytes(range(256))
    with Line(sockt.workdir / "line") as line:
        relay.err.until(b"sockt: the terminal is /dev/pts/")
        sock.sendall(odd)
        assert line.read(256) == odd
        line.write(odd)
        assert peer_scripts.read_exactly(sock, 256) == odd
    assert peer_scripts.read_all(sock) == b""
    sock.close()
    relay.finish().expect(0, b"", b", and line is a link to it\n")
    assert not (sockt.workdir / "line").is_symlink()


def test_much_through_a_terminal(sockt, peers):
    relay, sock = relay_of_line(sockt, peers)
    with Line(sockt.workdir / "line") as line:
        thread = threading.Thread(target=send_and_end, args=(sock, DATA[:MIB]), daemon=True)
        thread.start()
        assert line.read(MIB) == DATA[:MIB]
        thread.join()
        relay.finish().expect(0, b"")


def test_a_terminal_that_is_opened_late(sockt, peers):
    """What came before anybody had it open is kept, also where the peer has left meanwhile."""
    relay, sock = relay_of_line(sockt, peers, "-vv")
    sock.sendall(b"early")
    sock.close()
    relay.err.until(b"the peer will send no more")
    with Line(sockt.workdir / "line") as line:
        assert line.read(5) == b"early"
        relay.finish().expect(0, b"", b"the peer ended (FROM is a terminal)")


def test_no_end_overtakes_a_fast_reader(sockt, peers):
    """
    Who reads all the time takes what the kernel brings before anybody looks; the last bytes were lost, with status 0,
    once in a hundred runs or in ten, as the machine was loaded.
    """
    data = DATA[:MIB // 4]
    for _ in range(4):
        relay, sock = relay_of_line(sockt, peers)
        thread = threading.Thread(target=send_and_end, args=(sock, data), daemon=True)
        thread.start()
        relay.err.until(b"is a link to it")
        with Line(sockt.workdir / "line") as line:
            assert line.read(len(data)) == data
            thread.join()
            relay.finish().expect(0, b"")


def test_who_leaves_without_reading(sockt, peers):
    relay, sock = relay_of_line(sockt, peers)
    with Line(sockt.workdir / "line") as line:
        line.write(b"here")
        assert peer_scripts.read_exactly(sock, 4) == b"here"
        sock.sendall(b"read and not")
        assert line.read(4) == b"read"
    assert peer_scripts.read_all(sock) == b""
    sock.close()
    relay.finish().expect(6, b"", b"write to /dev/pts/")


@pytest.mark.waits
def test_a_full_terminal_costs_nothing(sockt, peers):
    """The kernel tells of each write that fails as of news, where nobody has the other side open: no spinning."""
    relay, sock = relay_of_line(sockt, peers, "-v")
    thread = threading.Thread(target=send_and_end, args=(sock, DATA[:MIB // 4]), daemon=True)
    thread.start()
    # It asks now and then whether somebody has come; that is little beside all there is of a CPU.
    wait_for(lambda: cpu_used_while_idle(relay.pid) < 0.2, "the relay to be nearly idle")
    with Line(sockt.workdir / "line") as line:
        assert line.read(MIB // 4) == DATA[:MIB // 4]
        thread.join()
        relay.finish().expect(0, b"")


def test_who_leaves_a_full_terminal(sockt, peers):
    relay, sock = relay_of_line(sockt, peers)
    with Line(sockt.workdir / "line") as line:
        line.write(b"here")
        assert peer_scripts.read_exactly(sock, 4) == b"here"
        sock.setblocking(False)
        sock.send(DATA[:MIB // 4])  # more than the terminal takes, however much of it the socket takes
        assert line.read(1) == DATA[:1]
    relay.finish().expect(6, b"", b"write to /dev/pts/")


@pytest.mark.waits
def test_a_null_modem(sockt):
    relay = sockt.start("relay", "pty,link=one", "pty,link=other")
    with Line(sockt.workdir / "one") as one, Line(sockt.workdir / "other") as other:
        one.write(b"there")
        assert other.read(5) == b"there"
        other.write(b"and back\n")
        assert one.read(9) == b"and back\n"
        one.close()
        relay.finish().expect(0, b"")
    assert not (sockt.workdir / "one").is_symlink() and not (sockt.workdir / "other").is_symlink()


def test_a_cooked_terminal(sockt):
    relay = sockt.start("relay", "pty,link=line,cooked", "-")
    with Line(sockt.workdir / "line") as line:
        assert termios.tcgetattr(line.fd)[3] & termios.ECHO
        relay.write(b"a line\n")
        assert line.read(7) == b"a line\n"
        relay.out.until(b"a line\r\n")


@pytest.mark.waits
def test_a_terminal_for_one_client_after_another(sockt, peers):
    relay = sockt.relay("pty,link=line")
    with Line(sockt.workdir / "line") as line:
        first = peers.connect(relay.port)
        first.sendall(b"first")
        assert line.read(5) == b"first"
        second = peers.connect(relay.port)
        second.sendall(b"second")
        line.write(b"to the first")
        assert peer_scripts.read_exactly(first, 12) == b"to the first"
        first.close()
        assert line.read(6) == b"second"
    assert peer_scripts.read_all(second) == b""
    relay.signal(signal.SIGTERM)
    relay.finish().expect(143)
    assert not (sockt.workdir / "line").is_symlink()


@pytest.mark.parametrize("was", ["file", "link"])
def test_a_link_that_is_there(sockt, was):
    if was == "file":
        (sockt.workdir / "line").write_bytes(b"kept")
    else:
        (sockt.workdir / "line").symlink_to("somewhere")
    sockt.run("relay", "pty,link=line", "127.0.0.1:1").expect(
        6, b"", "make the link line to the terminal: File exists (EEXIST): remove what is there, or name another path")
    assert os.path.lexists(sockt.workdir / "line")


def test_a_link_that_was_left(sockt):
    """Of a run that was killed: the terminal is not there any more."""
    (sockt.workdir / "line").symlink_to("/dev/pts/999999")
    relay = sockt.start("relay", "pty,link=line", "-")
    relay.err.until(b"line is a link to it")
    Line(sockt.workdir / "line").close()


# ---- Two ends of our own -------------------------------------------------------------------------


@pytest.mark.parametrize("to, out", [
    ("exec:tr a-z A-Z", b"HELLO\n"),
    ("sh:cat; exit 0", b"hello\n"),
    ("sh:wc -c; cat", b"6\n"),
    ("exec:head -c 2", b"he"),
])
def test_a_program_between_input_and_output(sockt, to, out):
    sockt.run("relay", "-", to, input=b"hello\n").expect(0, out, b"")


def test_3_mb_through_a_program(sockt):
    sockt.run("relay", "-", "exec:cat", input=DATA).expect(0, DATA, b"")


def test_the_status_of_a_program_is_ours(sockt):
    sockt.run("relay", "-", "sh:cat; exit 7", input=b"x").expect(7, b"x", b"")
    sockt.run("relay", "sh:exit 8", "-").expect(8, b"", b"")
    sockt.run("relay", "-", "exec:no-such-program").expect(1, b"", "start the program no-such-program")


def test_a_program_and_files(sockt):
    (sockt.workdir / "file").write_bytes(b"2\n1\n")
    sockt.run("relay", "exec:sort file", "file:sorted").expect(0, b"", b"")
    assert (sockt.workdir / "sorted").read_bytes() == b"1\n2\n"
    sockt.run("relay", "file:file", "sh:cat > copy").expect(0, b"", b"")
    assert (sockt.workdir / "copy").read_bytes() == b"2\n1\n"
    sockt.run("relay", "file:file", "exec:sort").expect(6, b"", "4 bytes that came back were thrown away")
    # Nothing is read from a file that is TO: its input ends at once.
    sockt.run("relay", "exec:cat", "file:sorted").expect(0, b"", b"")


def test_a_terminal_for_input_and_output(sockt):
    relay = sockt.start("relay", "-", "pty,link=line")
    with Line(sockt.workdir / "line") as line:
        relay.write(b"typed")
        assert line.read(5) == b"typed"
        line.write(b"shown")
        relay.out.until(b"shown")
    relay.close_stdin()
    relay.finish().expect(0, b"shown")


def test_copying(sockt):
    sockt.run("relay", "-", "file:file", input=DATA).expect(0, b"", b"")
    sockt.run("relay", "file:file", "file:copy").expect(0, b"", b"")
    sockt.run("relay", "file:copy", "-").expect(0, DATA, b"")


def test_the_trace_of_a_copy(sockt):
    (sockt.workdir / "file").write_bytes(b"some")
    sockt.run("relay", "-v", "file:file", "file:copy").expect(
        0, b"", ["both directions finished", "sent 4 B, received 0 B", "one way"])


def test_input_and_output_are_left_as_they_are(sockt):
    """O_NONBLOCK is never set on what was handed in."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as read, os.fdopen(writer, "wb", buffering=0) as write:
        relay = sockt.start("relay", f"fd:{reader}", "file:copy", pass_fds=(reader,))
        write.write(b"x")
        wait_for(lambda: (sockt.workdir / "copy").exists() and (sockt.workdir / "copy").read_bytes() == b"x", "a copy")
        assert not fcntl.fcntl(read, fcntl.F_GETFL) & os.O_NONBLOCK
        write.close()
        relay.finish().expect(0, b"", b"")
