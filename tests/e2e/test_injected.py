# SPDX-License-Identifier: GPL-3.0-or-later
"""
Calls that fail for a moment: EINTR, ENOBUFS, ENOMEM, EMFILE in the middle, injected by strace.
"""

import os
import signal
import subprocess
import time

import pytest

import peers as peer_scripts
from facts import children_of

pytestmark = pytest.mark.strace


def inject(*rules):
    """A prefix that runs a command with faults in its system calls."""
    prefix = ["strace", "-f", "-qq", "-o", "/dev/null"]
    for rule in rules:
        prefix += ["-e", f"inject={rule}"]
    return prefix


def transfer(sockt, peers, tmp_path, rules, source="pipe", options=()):
    """3 MB through sockt to an echo and back, under faults."""
    data = os.urandom(3_000_000)
    server = peers.server(peer_scripts.echo)
    arguments = ("connect", *options, "127.0.0.1", server.port)
    if source == "pipe":
        process = sockt.start(*arguments, prefix=inject(*rules))
        process.feed(data)
    else:
        (tmp_path / "in").write_bytes(data)
        with open(tmp_path / "in", "rb") as file, open(tmp_path / "out", "wb") as out:
            process = sockt.start(*arguments, prefix=inject(*rules), stdin=file, stdout=out)
    result = process.finish()
    result.expect(0)
    assert (result.out if source == "pipe" else (tmp_path / "out").read_bytes()) == data


@pytest.mark.parametrize("source", ["pipe", "file"])
@pytest.mark.parametrize("calls", [
    "recvfrom", "sendto", "splice", "read", "write", "epoll_wait,epoll_pwait,epoll_pwait2"])
def test_interrupted_calls_are_made_again(sockt, peers, tmp_path, calls, source):
    transfer(sockt, peers, tmp_path, [f"{calls}:error=EINTR:when=20+3"], source)


@pytest.mark.parametrize("source", ["pipe", "file"])
@pytest.mark.parametrize("error", ["EINTR", "ENOBUFS", "ENOMEM"])
def test_send_that_lacks_memory_is_made_again(sockt, peers, tmp_path, error, source):
    transfer(sockt, peers, tmp_path, [f"sendto:error={error}:when=1+4"], source)


@pytest.mark.parametrize("source", ["pipe", "file"])
@pytest.mark.parametrize("call", ["recvfrom", "splice"])
@pytest.mark.parametrize("error", ["ENOBUFS", "ENOMEM"])
def test_what_lacks_memory_is_made_again(sockt, peers, tmp_path, call, error, source):
    transfer(sockt, peers, tmp_path, [f"{call}:error={error}:when=1+5"], source)


@pytest.mark.parametrize("call", ["splice", "pipe2", "fcntl:error=EPERM", "pipe2:error=EMFILE"])
def test_without_splice_or_pipes(sockt, peers, tmp_path, call):
    """What the kernel refuses once and for all is done the other way."""
    rule = call if ":" in call else f"{call}:error=EINVAL"
    transfer(sockt, peers, tmp_path, [f"{rule}:when=1+"], "pipe")


def test_interrupted_accept(sockt, peers):
    process = sockt.listen(prefix=inject("accept4:error=EINTR:when=1"))
    peers.connect(process.port).sendall(b"x")
    process.out.until(b"x")


@pytest.mark.parametrize("error", ["ECONNABORTED", "EPROTO", "ENETDOWN"])
def test_accept_of_a_connection_that_is_gone(sockt, peers, error):
    """accept(2): such errors belong to the one connection; the listener goes on."""
    process = sockt.listen("-k", prefix=inject(f"accept4:error={error}:when=1"))
    peers.connect(process.port).sendall(b"x")
    process.out.until(b"x")


@pytest.mark.parametrize("error", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_accept_that_lacks_something_is_tried_again(sockt, peers, error):
    process = sockt.listen("-k", prefix=inject(f"accept4:error={error}:when=1..2"))
    peers.connect(process.port).sendall(b"x")
    process.out.until(b"x")


def test_wait_that_is_interrupted_by_a_stop(sockt, peers):
    """SIGSTOP and SIGCONT make epoll_wait() return EINTR on older kernels."""
    server = peers.server(peer_scripts.echo)
    process = sockt.start("connect", "127.0.0.1", server.port, prefix=inject(
        "epoll_wait,epoll_pwait,epoll_pwait2:error=EINTR:when=1..5"))
    process.write(b"through")
    process.out.until(b"through")
    for pid in children_of(process.pid):
        os.kill(pid, signal.SIGTERM)
    assert process.wait() == 143


@pytest.mark.parametrize("rules", [[], ["epoll_pwait2:error=ENOSYS"]], ids=["new", "old"])
def test_limits_on_a_kernel_without_epoll_pwait2(sockt, peers, rules):
    """Linux before 5.11 waits for whole milliseconds; neither is shorter than asked for."""
    server = peers.server(peer_scripts.discard)
    begin = time.monotonic()
    process = sockt.start("connect", "-i", "301ms", "127.0.0.1", server.port, stdin=subprocess.PIPE,
                          prefix=inject(*rules))
    assert process.wait() == 4
    assert time.monotonic() - begin >= 0.301


def test_strace_does_inject():
    """
    The tool does what these tests rest on: the same command fails where the fault is not an
    interruption.
    """
    prefix = inject("write:error=EIO:when=1")
    done = subprocess.run([*prefix, "sh", "-c", "echo x"], capture_output=True, timeout=20, check=False)
    assert done.returncode != 0 and done.stdout == b"", done
