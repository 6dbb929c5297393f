# SPDX-License-Identifier: GPL-3.0-or-later
"""
What a trace may cost a run: nothing. Files that cannot be written, outputs that nobody reads, and runs that are killed,
at any moment: the data go on, and what the trace has is whole.
"""

import html.parser
import json
import os
import re
import resource
import signal
import socket
import sys
import threading
import time
import xml.etree.ElementTree

import pytest

import peers as peer_scripts
from facts import SCALE, children_of, wait_for
from runner import Drain

KINDS = ("text", "json", "ladder")
kinds = pytest.mark.parametrize("kind", KINDS)
# Those that are not lines: a file of them is whole where its reader can read it.
FORMATS = ("pcap", "svg", "html", "c")
formats = pytest.mark.parametrize("kind", FORMATS)
ROLES = ("connect", "listen", "relay", "workers")
roles = pytest.mark.parametrize("role", ROLES)
SIZE = 3_000_000
# An event is in the file within a second; the rest is for a machine that does other things too.
WITHIN = 1 + 0.5 * SCALE


class Run:
    """A sockt in one of its roles with one connection through it: .give() bytes at one end, which come out at .out."""

    def __init__(self, sockt, peers, role, *options, **popen):
        self.role = role
        if role in ("relay", "workers"):
            listening = peers.listen()
            workers = ("--workers", "2") if role == "workers" else ()
            self.process = sockt.relay(listening.getsockname()[1], *workers, *options, **popen)
            self.sock = peers.connect(self.process.port)
            taking = peers.accept(listening)
            taking.setblocking(True)
            self.out = Drain(taking)
        elif role == "listen":
            self.process = sockt.listen(*options, **popen)
            self.sock = peers.connect(self.process.port)
            self.out = self.process.out
        else:
            listening = peers.listen()
            self.process = sockt.start("connect", *options, "127.0.0.1", listening.getsockname()[1], **popen)
            self.sock = peers.accept(listening)
            self.out = self.process.out

    def give(self, data):
        self.sock.sendall(data)

    def finish(self):
        """End what can be ended; returns the result and the status that a clean end has."""
        if self.role in ("relay", "workers"):
            self.process.signal(signal.SIGTERM)
            return self.process.finish(), 143
        self.process.close_stdin()
        self.sock.shutdown(socket.SHUT_WR)
        return self.process.finish(), 0


def events_of(path):
    """The events of a JSON trace, to its last whole line."""
    lines = path.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines[1:]]


class Page(html.parser.HTMLParser):
    """A page whose elements all have an end."""
    VOID = ("meta", "col", "br")

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, self.getpos()


def expect_whole(kind, path, build):
    """The file is valid to its end; the last block of packets may be cut: SIGKILL ends a write(2) where it is."""
    data = path.read_bytes()
    if kind == "pcap":
        at = 0
        while at < len(data):
            length = int.from_bytes(data[at + 4:at + 8], sys.byteorder) if at + 8 <= len(data) else 12
            assert 12 <= length < 1 << 20, (at, len(data))
            assert at + length > len(data) or data[at + length - 4:at + length] == data[at + 4:at + 8], at
            at += length
    elif kind == "svg":
        xml.etree.ElementTree.fromstring(data)
    elif kind == "html":
        assert not Page(data.decode()).open
    else:
        build(path.stem)


# A file that cannot be written

@pytest.mark.parametrize("kind", [*KINDS, "pcap", "svg", "html"])
@roles
def test_a_full_disk_stops_the_trace_only(sockt, peers, kind, role):
    """It is said at once, once, and every byte passes. The status is 6, unless a signal has decided it."""
    run = Run(sockt, peers, role, "--trace", f"{kind}:/dev/full")
    said = b"sockt: trace to /dev/full: No space left on device (ENOSPC); it stops here, the run goes on\n"
    run.process.err.until(said)
    run.give(b"x" * SIZE)
    run.out.until(SIZE)
    result, status = run.finish()
    result.expect(6 if status == 0 else status, err=said)
    assert result.err.count(b"trace to") == 1
    assert run.out.until_end() == b"x" * SIZE


@roles
def test_a_full_disk_for_a_program(sockt, peers, role):
    """Where it cannot be written over, it is written once, at the end; so that is when it is said."""
    run = Run(sockt, peers, role, "--trace", "c:/dev/full")
    run.give(b"x" * SIZE)
    run.out.until(SIZE)
    result, status = run.finish()
    said = b"sockt: trace to /dev/full: No space left on device (ENOSPC)\n"
    result.expect(6 if status == 0 else status, err=said)
    assert result.err.count(b"trace to") == 1
    assert run.out.until_end() == b"x" * SIZE


@kinds
def test_a_disk_that_gets_full(sockt, peers, kind, netns):
    """What there was room for is whole, up to its last line."""
    netns.run("mount", "-t", "tmpfs", "-o", "size=40k", "none", "/mnt")
    run = Run(sockt, peers, "listen", "--trace", f"{kind}:/mnt/trace,level=2", prefix=["nsenter", "-t", str(netns.pid),
                                                                                   "--mount", "--"])
    count = 0
    while b"ENOSPC" not in run.process.err.data:
        run.give(b"%07d\n" % count)
        count += 1
        run.out.until(8 * count)
        # The other way too, or the ladder would fold it all into a line.
        run.process.write(b".")
        assert run.sock.recv(1) == b"."
        assert count < 10_000
    run.give(b"the end\n")
    result, _ = run.finish()
    result.expect(6, b"".join(b"%07d\n" % number for number in range(count)) + b"the end\n",
                  err="trace to /mnt/trace: No space left on device (ENOSPC)")
    left = netns.run("cat", "/mnt/trace")
    assert left.endswith("\n") and len(left) > 20_000
    if kind == "json":
        numbers = [json.loads(line)["seq"] for line in left.splitlines()[1:]]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_file_at_its_limit(sockt, peers, tmp_path):
    """RLIMIT_FSIZE: the kernel sends SIGXFSZ, which is no reason to end."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    run = Run(sockt, peers, "listen", "--trace", f"json:{tmp_path}/trace,level=3", preexec_fn=limit)
    run.give(b"x" * SIZE)
    run.out.until(SIZE)
    result, _ = run.finish()
    result.expect(6, b"x" * SIZE, err="trace to %s/trace: File too large (EFBIG)" % tmp_path)
    assert (tmp_path / "trace").read_bytes().endswith(b"\n")


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_a_file_at_its_limit_from_the_start(sockt, peers, tmp_path, kind):
    """The head of a drawing is written while traces are opened, and is too long already."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    run = Run(sockt, peers, "connect", "--trace", f"{kind}:{tmp_path}/trace", preexec_fn=limit)
    run.give(b"x" * SIZE)
    run.out.until(SIZE)
    result, _ = run.finish()
    result.expect(6, b"x" * SIZE, err="trace to %s/trace: File too large (EFBIG)" % tmp_path)


def test_other_traces_go_on(sockt, peers, tmp_path):
    """And have a note of the one that has stopped."""
    run = Run(sockt, peers, "listen", "--trace", "text:/dev/full", "--trace", f"json:{tmp_path}/trace")
    run.process.err.until(b"ENOSPC")
    run.give(b"x")
    run.finish()[0].expect(6, b"x")
    events = events_of(tmp_path / "trace")
    assert any("trace to /dev/full" in event.get("text", "") for event in events if event["step"] == "note")
    assert events[-1]["step"] == "close" and any(event["step"] == "recv" for event in events)


# A file that is something else already

def test_what_the_run_reads_and_writes_is_no_trace_file(sockt, peers, tmp_path):
    """Under whatever name: it would be cut off, or two would write over each other."""
    server = peers.server(peer_scripts.echo)
    where = ("127.0.0.1", server.port)
    said = b"the same file is another trace, an end of the relay, or standard input, output or error\n"
    file = tmp_path / "file"
    (tmp_path / "link").symlink_to(file)
    for name in ("file", "link", str(file)):
        file.write_bytes(b"data")
        with open(file, "rb") as stdin:
            sockt.start("connect", "--trace", f"json:{name}", *where, stdin=stdin).finish().expect(6, out=b"", err=said)
        assert file.read_bytes() == b"data"
        with open(file, "ab") as output:
            sockt.start("connect", "--trace", f"pcap:{name}", *where, stdout=output).finish().expect(6, err=said)
            sockt.start("connect", "--trace", f"svg:{name}", *where, stderr=output).finish()
        assert file.read_bytes().startswith(b"datasockt: trace to ") and file.read_bytes().endswith(said)
    file.unlink()
    both = ("--trace", "json:file", "--trace", "text:link")
    sockt.run("connect", *both, *where).expect(6, err=b"trace to link: " + said)
    sockt.run("connect", "--trace", "json:/dev/null", "--trace", "text:/dev/../dev/null", *where).expect(0)


@pytest.mark.parametrize("kind, end", [("svg", b"</svg>\n"), ("html", b"</html>\n"), ("c", b"}\n")])
def test_what_rewrites_its_end_leaves_the_data_alone(sockt, peers, tmp_path, kind, end):
    """Standard output and the trace in one file: that is of little use, but no byte is lost."""
    server = peers.server(peer_scripts.echo)
    data = os.urandom(SIZE)
    with open(tmp_path / "out", "wb") as out:
        process = sockt.start("connect", "--trace", f"{kind}:fd:1", "127.0.0.1", server.port, stdout=out)
        process.feed(data)
        process.finish().expect(0)
    left = (tmp_path / "out").read_bytes()
    # The data may be divided by records of the trace, at the ends of writes only.
    pieces = [left.find(data[start:start + 64]) for start in range(0, SIZE - 64, 65536)]
    assert min(pieces) >= 0 and pieces == sorted(pieces) and len(left) > SIZE
    assert left.endswith(end)


# An output that nobody reads

@pytest.mark.prompt
@pytest.mark.waits
@pytest.mark.parametrize("options", [("-vv",), ()])
def test_a_run_ends_though_nobody_reads_what_it_says(sockt, options):
    """Its last words too are only for who listens: a service has to stop when it is told to."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    process = sockt.start("connect", *options, "127.0.0.1", "1", stderr=writer)
    os.close(writer)
    assert process.wait() == 1
    os.close(reader)


@pytest.mark.waits
def test_a_reader_that_does_not_read_is_told_of(sockt, peers):
    """The run is over, and its trace has waited for a second: what it says is what has happened."""
    reader, writer = os.pipe()
    run = Run(sockt, peers, "connect", "--trace", f"json:fd:{writer},level=3", pass_fds=(writer,))
    os.close(writer)
    run.give(b"x" * SIZE)
    run.out.until(SIZE)
    result, _ = run.finish()
    os.close(reader)
    assert (result.status, result.err.decode()) == (6, f"sockt: trace to fd:{writer}: its reader has not read for a "
                                                       "second; the end of the trace is lost\n")


@pytest.mark.parametrize("kind", ["text", "json"])
@pytest.mark.parametrize("role", ["connect", "relay", "workers"])
def test_a_pipe_that_nobody_reads(sockt, peers, kind, role):
    """It loses events, never bytes; how many is said in their place once it is read again."""
    reader, writer = os.pipe()
    run = Run(sockt, peers, role, "--trace", f"{kind}:fd:{writer},level=3", pass_fds=(writer,))
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        run.give(b"x" * SIZE)
        run.out.until(SIZE)
        seen = Drain(file)
        seen.until(b"lost here")
        run.give(b"y")
        run.out.until(SIZE + 1)
        result, status = run.finish()
        assert result.status == status
        text = seen.until_end()
    assert run.out.data == b"x" * SIZE + b"y"
    if kind == "json":
        records = [json.loads(line) for line in text.splitlines()]
        lost = sum(record.get("lost", 0) for record in records)
        numbers = [record["seq"] for record in records[1:]]
        assert numbers == sorted(numbers)
        # A note of what was lost has the number of the last that was.
        assert len(numbers) - sum("lost" in record for record in records) + lost == numbers[-1]


def test_a_ladder_that_nobody_reads(sockt, peers):
    """It folds long transfers, but not connections."""
    server = peers.server(peer_scripts.echo)
    reader, writer = os.pipe()
    process = sockt.relay(server.port, "--trace", f"ladder:fd:{writer}", pass_fds=(writer,))
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        for _ in range(1200):
            with peers.connect(process.port) as sock:
                sock.sendall(b"x")
                assert sock.recv(1) == b"x"
        seen = Drain(file)
        seen.until(b" lines were lost here: the output of the trace did not keep up\n")
        process.signal(signal.SIGTERM)
        assert process.wait() == 143
        assert seen.until_end().endswith(b"ended: signal SIGTERM\n")


@pytest.mark.prompt
def test_what_is_held_for_a_pipe_goes_on_without_new_events(sockt, peers):
    """The pipe was full when the last event came: it gets the rest when it is read, though nothing happens."""
    reader, writer = os.pipe()
    run = Run(sockt, peers, "listen", "--trace", f"json:fd:{writer},level=3", pass_fds=(writer,))
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        run.give(b"x" * 200_000)
        run.out.until(200_000)
        seen = Drain(file)
        total = seen.until(lambda data: sum(max(json.loads(line)["result"], 0) for line in data.split(b"\n")[1:-1]
                                            if b'"step":"write"' in line) == 200_000, timeout=WITHIN)
        assert b"lost" not in total


# A run that is killed

@pytest.mark.prompt
@kinds
@roles
def test_a_killed_run_leaves_what_it_saw(sockt, peers, tmp_path, kind, role):
    """All of it, a second after the last event, though nothing has happened since."""
    run = Run(sockt, peers, role, "--trace", f"{kind}:{tmp_path}/trace,level=2")
    run.give(b"hello")
    run.out.until(b"hello")
    wait_for(lambda: b"hello" in (tmp_path / "trace").read_bytes(), "the event in the file", timeout=WITHIN)
    for child in children_of(run.process.pid):
        os.kill(child, signal.SIGKILL)
    run.process.signal(signal.SIGKILL)
    run.process.wait()
    data = (tmp_path / "trace").read_bytes()
    assert data.endswith(b"\n")
    if kind == "json":
        assert {"recv", "send" if role in ("relay", "workers") else "accept" if role == "listen" else "connect"} <= {
            event["step"] for event in events_of(tmp_path / "trace")}


@formats
@roles
def test_a_run_killed_while_data_move_leaves_a_whole_file(sockt, peers, build, tmp_path, kind, role):
    """Nothing is half written at any moment, also where the end of the file is written over and over."""
    path = tmp_path / f"trace.{kind}"
    run = Run(sockt, peers, role, "--trace", f"{kind}:{path}")
    feeder = threading.Thread(target=lambda: give_until_it_is_gone(run), daemon=True)
    feeder.start()
    run.out.until(SIZE)
    wait_for(lambda: path.stat().st_size > 1000, "a trace")
    for child in children_of(run.process.pid):
        os.kill(child, signal.SIGKILL)
    run.process.signal(signal.SIGKILL)
    run.process.wait()
    feeder.join()
    expect_whole(kind, path, build)


def whole_records(kind, path):
    """How many records a reader gets that stops at one that is cut, as sockt-trace(5) says; each has to be right."""
    data = path.read_bytes()
    if kind == "pcap":
        at = count = 0
        while at + 8 <= len(data) and at + (length := int.from_bytes(data[at + 4:at + 8], sys.byteorder)) <= len(data):
            assert length >= 12 and data[at + length - 4:at + length] == data[at + 4:at + 8], at
            at, count = at + length, count + 1
        assert len(data) - at < 1 << 20
        return count
    lines = data.split(b"\n")[:-1]
    for line in lines:
        if kind == "json":
            json.loads(line)
        else:
            line.decode("utf-8")
            # A time, the blanks in its place, or bytes in hex: no line is the rest of one that was cut.
            assert re.match(rb"( *\d+\.\d{1,3} | {6,}|[<>] [0-9a-f]{8} )", line), line
    return len(lines)


def test_killed_twenty_times(sockt, peers, tmp_path):
    """Whatever write(2) it was in the middle of: what stands before the last record is whole."""
    kinds_of_lines = ("json", "text", "ladder", "pcap")
    for number in range(20):
        paths = {kind: tmp_path / f"{number}.{kind}" for kind in kinds_of_lines}
        options = [word for kind, path in paths.items()
                   for word in ("--trace", f"{kind}:{path}" + ("" if kind == "ladder" else ",level=3"))]
        run = Run(sockt, peers, "connect", *options)
        feeder = threading.Thread(target=give_until_it_is_gone, args=(run,), daemon=True)
        feeder.start()
        for path in paths.values():
            wait_for(lambda of=path: of.exists() and of.stat().st_size > 200, "a trace")
        wait_for(lambda of=paths["json"], size=20_000 * (number + 1): of.stat().st_size > size, "more of it")
        run.process.signal(signal.SIGKILL)
        run.process.wait()
        feeder.join()
        run.sock.close()
        for kind, path in paths.items():
            assert whole_records(kind, path) > 2, (kind, number)


def give_until_it_is_gone(run):
    try:
        while True:
            run.give(b"</g>*/\n" * 1000)
    except OSError:
        pass


@pytest.mark.timing
@kinds
@roles
def test_events_reach_the_file_while_data_move(sockt, peers, tmp_path, kind, role):
    """The process is busy all the time, and is killed then."""
    run = Run(sockt, peers, role, "--trace", f"{kind}:{tmp_path}/trace,level=2", "--trace",
              f"json:{tmp_path}/events,level=2")
    stop = threading.Event()

    def feed():
        try:
            while not stop.is_set():
                run.give(b"x" * 100_000)
        except OSError:
            pass
    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        sizes = []
        for _ in range(3):
            sizes.append((tmp_path / "trace").stat().st_size)
            wait_for(lambda: (tmp_path / "trace").stat().st_size > sizes[-1], "more in the file", timeout=WITHIN)
        moved = len(run.out.data)
        wait_for(lambda: len(run.out.data) > moved, "data that move")
        now_ms = (time.monotonic() - run.process.started) * 1000
        for child in children_of(run.process.pid):
            os.kill(child, signal.SIGKILL)
        run.process.signal(signal.SIGKILL)
        run.process.wait()
    finally:
        stop.set()
    feeder.join()
    events = events_of(tmp_path / "events")
    assert events[-1]["t_ms"] > now_ms - 1500


# What is shown where no level is given

def test_levels_where_none_is_given(sockt, peers, tmp_path):
    """Text has the life of the sockets, all others the transfers as well."""
    files = {kind: tmp_path / f"trace.{kind}" for kind in (*KINDS, "svg", "html")}
    run = Run(sockt, peers, "listen", *(word for kind, path in files.items() for word in ("--trace", f"{kind}:{path}")))
    run.give(b"hello")
    run.out.until(b"hello")
    run.finish()[0].expect(0, b"hello")
    for kind, path in files.items():
        said = path.read_text()
        assert "accept" in said, kind
        assert ("recv" in said) == (kind != "text"), kind
