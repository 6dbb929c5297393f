# SPDX-License-Identifier: GPL-3.0-or-later
"""One measured transfer or one measured start of a tool: wall time, CPU seconds, peak memory."""

import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
DEADLINE = 600
NO_NAMESPACE, FAILED = 1, 2  # how the child of in_namespace() ends
PACE = threading.Event()  # never set: the pace at which the kernel's table is read


def build_tool(sources, directory):
    """Compile tool.c and what belongs to it; returns its path."""
    tool = os.path.join(directory, "tool")
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-o", tool,
                    *sources], check=True)
    return tool


class Program:
    """A program started by `tool run`, whose usage is known when it has ended."""

    def __init__(self, tool, argv, stdin, stdout):
        reader, writer = os.pipe()
        self._report = os.fdopen(reader)
        self.argv = argv
        self._popen = subprocess.Popen([tool, "run", str(writer), *map(str, argv)], stdin=stdin,
                                       stdout=stdout, stderr=subprocess.DEVNULL, pass_fds=(writer,))
        os.close(writer)

    def usage(self):
        """{"status", "wall_s", "cpu_s", "rss_kib"}; waits for the end."""
        line = self._report.readline().split()
        self._popen.wait(DEADLINE)
        self._report.close()
        if len(line) != 4:
            raise RuntimeError(f"{self.argv[0]} could not be run")
        return {"status": int(line[0]), "wall_s": int(line[1]) / 1e9, "cpu_s": int(line[2]) / 1e6,
                "rss_kib": int(line[3])}

    def wait_end(self):
        """Until it has ended; usage() can be asked afterwards."""
        os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOWAIT)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_listening(port, is_udp=False):
    """Until somebody listens on the port, by the kernel's table: connecting would use up the one accept."""
    end = time.monotonic() + 20
    want, name, state = f":{port:04X}", *(("udp", "07") if is_udp else ("tcp", "0A"))
    while time.monotonic() < end:
        for path in (f"/proc/self/net/{name}", f"/proc/self/net/{name}6"):
            try:
                with open(path, encoding="ascii") as file:
                    for line in file:
                        words = line.split()
                        if words[1].endswith(want) and words[3] == state:
                            return
            except FileNotFoundError:
                pass
        PACE.wait(0.002)
    raise RuntimeError(f"nobody listens on port {port}")


def reporting(tool, subcommand, *words, **popen):
    """Start a subcommand of the tool that reports; returns (Popen, file)."""
    reader, writer = os.pipe()
    process = subprocess.Popen([tool, subcommand, str(writer), *map(str, words)], pass_fds=(writer,), **popen)
    os.close(writer)
    return process, os.fdopen(reader)


class Transfer:
    """One transfer of size bytes: a source, a tool that connects, the same that listens, a sink."""

    def __init__(self, tool, peer, size):
        self.tool, self.peer, self.size = tool, peer, size

    def _result(self, start_ns, end_ns, moved, connect, listen):
        both = (connect.usage(), listen.usage())
        wall = (end_ns - start_ns) / 1e9
        return {"wall_s": wall, "gib_s": moved / wall / 2**30, "moved": moved,
                "cpu_s": both[0]["cpu_s"] + both[1]["cpu_s"], "connect_cpu_s": both[0]["cpu_s"],
                "listen_cpu_s": both[1]["cpu_s"], "rss_kib": max(usage["rss_kib"] for usage in both),
                "status": [usage["status"] for usage in both], "is_whole": moved == self.size}

    def pipes(self, source_argv):
        """By pipes on both sides."""
        port = free_port()
        sink, report = reporting(self.tool, "sink", stdin=subprocess.PIPE)
        listen = Program(self.tool, self.peer.listen(port), subprocess.DEVNULL, sink.stdin)
        sink.stdin.close()
        wait_listening(port)
        start = time.monotonic_ns()
        source = subprocess.Popen(source_argv, stdout=subprocess.PIPE)
        connect = Program(self.tool, self.peer.connect(port), source.stdout, subprocess.DEVNULL)
        source.stdout.close()
        moved, end = map(int, report.readline().split())
        source.wait(DEADLINE)
        sink.wait(DEADLINE)
        report.close()
        return self._result(start, end, moved, connect, listen)

    def _warm(self, target):
        """
        Fill the target once and remove it. The first touch of memory that a virtual machine has given back to its
        host costs more than the copying; who had the turn after a pause would pay for all.
        """
        block = bytes(1 << 20)
        with open(target, "wb", buffering=0) as file:
            for _ in range(self.size >> 20):
                file.write(block)
        os.unlink(target)

    def files(self, source, target):
        """From a file into a file. The end is the listener's."""
        self._warm(target)
        port = free_port()
        with open(target, "wb") as out:
            listen = Program(self.tool, self.peer.listen(port), subprocess.DEVNULL, out)
        wait_listening(port)
        with open(source, "rb") as file:
            start = time.monotonic_ns()
            connect = Program(self.tool, self.peer.connect(port), file, subprocess.DEVNULL)
        listen.wait_end()
        end = time.monotonic_ns()
        moved = os.stat(target).st_size
        os.unlink(target)
        return self._result(start, end, moved, connect, listen)


def one_shot(tool, peer, port):
    """`echo hi | tool connect` to a server that echoes and closes."""
    reader, writer = os.pipe()
    os.write(writer, b"hi\n")
    os.close(writer)
    out_reader, out_writer = os.pipe()
    program = Program(tool, peer.connect(port), reader, out_writer)
    os.close(reader)
    os.close(out_writer)
    usage = program.usage()
    usage["wall_ms"], usage["cpu_ms"] = usage["wall_s"] * 1e3, usage["cpu_s"] * 1e3
    usage["is_whole"] = os.read(out_reader, 100) == b"hi\n"
    os.close(out_reader)
    return usage


def _enter_namespace(congestion):
    """A network namespace for this process: loopback up, its own congestion control."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if uid == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if libc.unshare(flags) == -1:
        raise OSError(ctypes.get_errno(), "unshare")
    if flags & CLONE_NEWUSER:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    with socket.socket() as sock:
        up_and_running = 0x41
        fcntl.ioctl(sock, 0x8914, struct.pack("16sh22x", b"lo", up_and_running))
    with open("/proc/sys/net/ipv4/tcp_congestion_control", "w", encoding="ascii") as file:
        file.write(congestion)


def in_namespace(congestion, work):
    """Run work() in a child process that has its own network; returns what it returns (through JSON)."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        status = NO_NAMESPACE
        try:
            os.close(reader)
            try:
                _enter_namespace(congestion)
            except OSError as error:
                print(f"  no network of its own: {error}", file=sys.stderr)
                os._exit(status)
            with os.fdopen(writer, "w") as file:
                json.dump(work(), file)
            status = 0
        except BaseException:
            traceback.print_exc()
            status = FAILED
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) not in (0, NO_NAMESPACE):
        raise RuntimeError("the measurement has failed")
    return json.loads(text) if text else None
