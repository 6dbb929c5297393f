# SPDX-License-Identifier: GPL-3.0-or-later
"""
Ends of a relay of our own where something goes wrong: one file at two places, descriptors that are not open, and what
is cut off in the midst. The ends themselves: test_relay_files.py.
"""

import fcntl
import os
import resource
import signal
import socket

import pytest

import peers as peer_scripts
from facts import DEADLINE, wait_for

MIB = 1 << 20


@pytest.fixture
def receiver(peers):
    """A server that has one client, whose socket is returned, and little room."""
    listening = peers.keep(socket.socket())
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    listening.settimeout(DEADLINE)

    def take():
        sock = peers.keep(listening.accept()[0])
        sock.settimeout(DEADLINE)
        return sock

    take.port = listening.getsockname()[1]
    return take


# ---- One file at two places ----

@pytest.mark.parametrize("ends", [("file:kept", "tcp:127.0.0.1:1"), ("tcp:127.0.0.1:0", "file:kept"),
                                  ("tcp:127.0.0.1:0", "file:link,append"), ("file:other", "file:new")])
@pytest.mark.parametrize("option", ["--output", "--output-in", "--hex-file", "--trace"])
def test_no_copy_or_trace_over_an_end(sockt, option, ends):
    """The file of an end was cut off by it, before it was read: nothing was sent, and the status was 0."""
    for name in ("kept", "other"):
        (sockt.workdir / name).write_bytes(b"kept\n")
    (sockt.workdir / "link").symlink_to("kept")
    name = "new" if ends[1] == "file:new" else "kept"
    sockt.run("relay", option, f"text:{name}" if option == "--trace" else name, *ends).expect(6, b"", [
        f"trace to {name}: the same file is another trace, an end of the relay" if option == "--trace" else
        f"{option} {name}: this run reads or writes that file already; name another"])
    assert (sockt.workdir / "kept").read_bytes() == b"kept\n"


@pytest.mark.parametrize("ends, stdin, stdout, handed", [
    (("file:file", "-"), None, "ab", {}),
    (("-", "file:file,append"), "rb", None, {}),
    (("fd:3", "fd:4"), None, None, {3: "rb", 4: "ab"}),
    (("fd:3", "file:file,append"), None, None, {3: "rb"}),
    (("file:file", "fd:4"), None, None, {4: "ab"}),
    (("file:fifo", "file:fifo"), None, None, {}),
])
def test_nothing_is_read_that_the_relay_writes(sockt, ends, stdin, stdout, handed):
    """It would never end, and the file would grow until the disk is full."""
    file = sockt.workdir / "file"
    file.write_bytes(b"kept\n")
    os.mkfifo(sockt.workdir / "fifo")
    opened = {number: file.open(mode) for number, mode in handed.items()}
    words = [f"fd:{opened[int(end[3:])].fileno()}" if end.startswith("fd:") else end for end in ends]
    popen = {}
    if stdin:
        popen["stdin"] = opened["in"] = file.open(stdin)
    if stdout:
        popen["stdout"] = opened["out"] = file.open(stdout)
    try:
        relay = sockt.start("relay", *words, pass_fds=[opened[number].fileno() for number in handed], **popen)
        relay.finish().expect(6, err="read and written at once: nothing is done")
    finally:
        for each in opened.values():
            each.close()
    assert file.read_bytes() == b"kept\n"


def test_one_descriptor_is_one_end(sockt):
    sockt.run("relay", "fd:0", "fd:0").expect(2, b"", "fd:0 is given twice")


@pytest.mark.parametrize("command", [
    ("relay", "tcp:127.0.0.1:0", "fd:77"), ("relay", "--workers", "2", "tcp:127.0.0.1:0", "fd:77"),
    ("relay", "fd:77", "tcp:127.0.0.1:1"), ("relay", "file:/dev/null", "fd:77"), ("connect", "fd:77"),
])
def test_a_descriptor_that_is_not_open(sockt, command):
    sockt.run(*command).expect(2, b"", "fd:77: descriptor 77 is not open")


@pytest.mark.parametrize("mode, source, says", [
    ("rb", "file:file", "neither file nor descriptor {} can be written: nothing would be moved"),
    ("ab", None, "neither descriptor {} nor copy can be read: nothing would be moved"),
])
def test_two_ends_of_one_direction(sockt, mode, source, says):
    """All of it was thrown away, and said to have come back; or nothing was done, with status 0."""
    (sockt.workdir / "file").write_bytes(b"some")
    with (sockt.workdir / "other").open("ab+"), (sockt.workdir / "other").open(mode) as other:
        number = other.fileno()
        ends = (source, f"fd:{number}") if source else (f"fd:{number}", "file:copy")
        sockt.run("relay", *ends, pass_fds=(number,)).expect(2, b"", says.format(number))


def test_input_for_what_is_only_read(sockt):
    (sockt.workdir / "file").write_bytes(b"some")
    with (sockt.workdir / "file").open("rb") as file:
        sockt.run("relay", "-", f"fd:{file.fileno()}", pass_fds=(file.fileno(),), input=b"lost").expect(
            6, b"some", f"4 bytes for descriptor {file.fileno()} were thrown away, since that is open for reading only")


def test_the_descriptor_of_the_line_is_no_endpoint(sockt):
    with socket.socket() as listening:
        listening.listen()
        number = listening.fileno()
        sockt.run("listen", "--ready-fd", number, f"fd:{number}", pass_fds=(number,)).expect(
            2, b"", f"--ready-fd {number} and fd:{number} contradict each other")


def test_standard_input_that_is_not_open(sockt):
    script = '"$0" "$@" <&-'
    process = sockt.start_command(["sh", "-c", script, *sockt.command("relay", "fd:0", "file:file")])
    process.finish().expect(2, b"", "fd:0: descriptor 0 is not open")


# ---- Flags of what was handed in ----

@pytest.mark.parametrize("command", ["connect", "relay", "listen"])
def test_flags_are_put_back(sockt, peers, command):
    """O_NONBLOCK is of the open file, which others may go on with."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        client = peers.keep(socket.create_connection(listening.getsockname()))
        handed = listening
        if command == "connect":
            handed = peers.keep(listening.accept()[0])
        assert not fcntl.fcntl(handed, fcntl.F_GETFL) & os.O_NONBLOCK
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        words = (f"fd:{handed.fileno()}", "file:file") if command == "relay" else (f"fd:{handed.fileno()}",)
        process = sockt.start(command, *words, pass_fds=(handed.fileno(),), stdin=None)
        if command == "relay":
            file = sockt.workdir / "file"
            wait_for(lambda: file.exists() and file.read_bytes() == b"hello", "what the client said")
            process.signal(signal.SIGTERM)
            process.finish().expect(143)
        else:
            process.finish().expect(0, b"hello")
        assert not fcntl.fcntl(handed, fcntl.F_GETFL) & os.O_NONBLOCK


# ---- Few descriptors ----

def test_that_descriptors_are_few_is_said_once(sockt, peers):
    """It was said for each client, where each of them took the last one and was soon over."""
    relay = sockt.relay("file:file,append", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)))
    socks = [peers.connect(relay.port) for _ in range(24)]
    for sock in socks:
        sock.sendall(b"x")
        sock.shutdown(socket.SHUT_WR)
    for sock in socks:
        assert sock.recv(1) == b""
    assert (sockt.workdir / "file").read_bytes() == b"x" * len(socks)
    relay.signal(signal.SIGTERM)
    result = relay.finish()
    assert result.status == 143 and result.err.count(b"no descriptor is left for another client") <= 1, result


# ---- Cut off in the midst ----

@pytest.mark.parametrize("source, options, number, status", [
    ("file:file", (), signal.SIGTERM, 143), ("-", (), signal.SIGTERM, 143), ("exec:cat file", (), signal.SIGTERM, 143),
    ("file:file", ("--idle-timeout", "300ms"), None, 4),
])
def test_what_is_cut_off_is_reset(sockt, receiver, source, options, number, status):
    """A server that got half of a file saw a clean end."""
    (sockt.workdir / "file").write_bytes(bytes(8 * MIB))
    with (sockt.workdir / "file").open("rb") as file:
        relay = sockt.start("relay", *options, source, f"127.0.0.1:{receiver.port}", stdin=file)
        sock = receiver()
        assert sock.recv(1) == b"\0"
        if number is not None:
            relay.signal(number)
        assert relay.finish().status == status
        peer_scripts.read_to_reset(sock)


def test_what_is_sent_whole_is_not_reset(sockt, receiver):
    (sockt.workdir / "file").write_bytes(b"all of it")
    relay = sockt.start("relay", "file:file", f"127.0.0.1:{receiver.port}")
    sock = receiver()
    assert peer_scripts.read_all(sock) == b"all of it"
    relay.signal(signal.SIGTERM)
    assert relay.finish().status == 143
    assert sock.recv(1) == b""


@pytest.mark.parametrize("command", ["relay", "connect"])
def test_an_input_that_fails_is_no_end(sockt, receiver, command):
    """read(2) of that file is EIO: what is missing is not to look like an end."""
    with open("/proc/self/mem", "rb") as broken:
        words = ("relay", "file:/proc/self/mem", f"127.0.0.1:{receiver.port}") if command == "relay" else (
            "connect", "127.0.0.1", receiver.port)
        process = sockt.start(*words, stdin=broken)
        peer_scripts.read_to_reset(receiver())
        process.finish().expect(6, b"", "Input/output error (EIO)")


@pytest.mark.parametrize("source, name", [("file:fifo", "fifo"), ("-", "standard input and output"),
                                          ("exec:cat fifo", "the program")])
def test_the_state_of_the_one_session(sockt, receiver, source, name):
    """SIGUSR1 ended a relay with an end of our own."""
    os.mkfifo(sockt.workdir / "fifo")
    relay = sockt.start("relay", "-v", source, f"127.0.0.1:{receiver.port}")
    relay.err.until("⇄".encode())
    relay.signal(signal.SIGUSR1)
    relay.err.until(f"{name} and 127.0.0.1 port {receiver.port}: 0 there, 0 back, for 0 s\n".encode())
    relay.signal(signal.SIGTERM)
    assert relay.finish().status == 143
