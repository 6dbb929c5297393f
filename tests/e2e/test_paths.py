# SPDX-License-Identifier: GPL-3.0-or-later
"""
A flow moves between copying and splicing as its data ask for. A change must lose no edge of
readiness: bulk and small messages alternate, each sent only when all before it has arrived,
thousands of times. A lost edge stops the test.
"""

import hashlib
import os
import random

import pytest

from facts import DEADLINE, SCALE, wait_for

ROUNDS = 4500 // SCALE
BULK, SMALL = 300_000, 37
BLOCK = random.Random(1).randbytes(1 << 20)


def pieces(seed, rounds=ROUNDS):
    """Bulk and small messages by turns, with sizes around every bound there is."""
    chance = random.Random(seed)
    for number in range(rounds):
        # Several small ones running are what makes a flow copy again.
        if number % 3:
            size = chance.choice([1, 2, SMALL, 1000, 4096, 16383, 16384])
        else:
            size = chance.choice([65535, 65536, 65537, 131072, 200_000, BULK])
        start = chance.randrange(1 << 18)
        yield BLOCK[start:start + size]


def alternate(write, read, rounds=ROUNDS):
    """write(piece) (may be partial: returns the count), read() -> bytes; each piece is awaited."""
    sent, got = hashlib.sha256(), hashlib.sha256()
    for piece in pieces(2, rounds):
        sent.update(piece)
        done = taken = 0
        view = memoryview(piece)
        while taken < len(piece):
            if done < len(piece):
                done += write(view[done:done + 65536])
            data = read()
            got.update(data)
            taken += len(data)
        assert taken == len(piece)
    assert sent.digest() == got.digest()


def reader_of(fd, process):
    """Read what is there; wait for it when there is nothing; tell a stall."""
    import select

    def read():
        ready, _, _ = select.select([fd], [], [], DEADLINE)
        assert ready, f"stalled: nothing arrives any more\n{process.describe()}"
        return os.read(fd, 1 << 20)
    return read


@pytest.mark.parametrize("role", ["connect", "listen"])
def test_pipe_to_socket(meet, role):
    process, sock = meet(role)
    alternate(lambda part: os.write(process.popen.stdin.fileno(), part),
              reader_of(sock.fileno(), process))


@pytest.mark.parametrize("role", ["connect", "listen"])
def test_socket_to_pipe(meet, role):
    reader, writer = os.pipe()
    process, sock = meet(role, stdout=writer)
    os.close(writer)
    sock.settimeout(DEADLINE)
    alternate(sock.send, reader_of(reader, process))
    os.close(reader)


@pytest.mark.parametrize("append", [False, True])
def test_socket_to_file(meet, tmp_path, append):
    path = tmp_path / "out"
    with open(path, "ab" if append else "wb") as out:
        process, sock = meet("connect", stdout=out)
    sent, total = hashlib.sha256(), 0
    for piece in pieces(3, ROUNDS // 3):
        sock.sendall(piece)
        sent.update(piece)
        total += len(piece)
        wait_for(lambda: path.stat().st_size == total, f"{total} bytes in the file")
    assert hashlib.sha256(path.read_bytes()).digest() == sent.digest()
    assert process.is_running


def test_unix_socket_both_ways(sockt, peers, tmp_path):
    import socket
    listening = peers.listen(str(tmp_path / "s"), socket.AF_UNIX)
    reader, writer = os.pipe()
    process = sockt.start("connect", f"unix:{tmp_path}/s", stdout=writer)
    os.close(writer)
    sock = peers.accept(listening)
    alternate(lambda part: os.write(process.popen.stdin.fileno(), part),
              reader_of(sock.fileno(), process), ROUNDS // 3)
    alternate(sock.send, reader_of(reader, process), ROUNDS // 3)
    os.close(reader)


def test_both_directions_at_once(meet):
    """Each round sends one way and the other before either is awaited."""
    import select
    reader, writer = os.pipe()
    process, sock = meet("connect", stdout=writer)
    os.close(writer)
    sock.setblocking(False)
    stdin = process.popen.stdin.fileno()
    os.set_blocking(stdin, False)
    for out, back in zip(pieces(4, ROUNDS // 9), pieces(5, ROUNDS // 9)):
        left = {stdin: memoryview(out), sock.fileno(): memoryview(back)}
        got = {sock.fileno(): bytearray(), reader: bytearray()}
        want = {sock.fileno(): out, reader: back}
        while got != want:
            writes = [fd for fd, rest in left.items() if rest]
            reads = [fd for fd in got if len(got[fd]) < len(want[fd])]
            ready, free, _ = select.select(reads, writes, [], DEADLINE)
            assert ready or free, f"stalled\n{process.describe()}"
            for fd in free:
                try:
                    left[fd] = left[fd][os.write(fd, left[fd][:65536]):]
                except BlockingIOError:
                    pass
            for fd in ready:
                got[fd] += os.read(fd, 1 << 20)
    os.close(reader)


@pytest.mark.strace
def test_the_path_does_change(meet, trace):
    """
    The other tests of this file are worth something only if both paths are taken, by turns, often.
    """
    seen = trace(2)
    process, sock = meet("connect", "--preview", "0", *seen.options)
    alternate(lambda part: os.write(process.popen.stdin.fileno(), part),
              reader_of(sock.fileno(), process), 600)
    moved = [event["step"] for event in seen.events("send", "splice") if event["result"] > 0]
    changes = sum(one != other for one, other in zip(moved, moved[1:]))
    assert changes >= 100, f"{changes} changes in {len(moved)} moves"
