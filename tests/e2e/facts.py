# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts that tests wait for, instead of sleeping: about processes, sockets, files, tools."""

import itertools
import os
import shutil
import socket
import struct
import time

import pytest

VARIANT = os.environ.get("SOCKT_VARIANT", "")
# How much longer the checkers may take.
SCALE = {"": 1, "asan": 3, "valgrind": 12}.get(VARIANT, 1)
# Seconds until a fact is given up.
DEADLINE = int(os.environ.get("SOCKT_DEADLINE", "20")) * SCALE
# Longer than a step of the poll takes, far below what a person would notice.
POLL = 0.004


def wait_for(predicate, what, timeout=None):
    """Return predicate()'s first true value; fail with `what` when the deadline passes."""
    end = time.monotonic() + (DEADLINE if timeout is None else timeout)
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for: {what}")
        time.sleep(POLL)


def require(present, reason):
    """Skip the test where something is absent; in CI that is a failure."""
    if present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed in CI: {reason}")
    pytest.skip(reason)


def require_tool(name):
    """The path of a tool; the test is skipped without it."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    require(path, f"{name} is not installed")
    return path


def _own_ports():
    """Ports below those that the kernel gives to who asks for any (32768-60999), from a range of this process's own."""
    start = 10_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) * 500 % 20_000
    first = os.getpid() % 500
    return itertools.cycle([*range(start + first, start + 500), *range(start, start + first)])


OWN_PORTS = _own_ports()


def free_port():
    """A port that nobody has, of TCP and UDP, and that nobody is given before it is used, or found closed."""
    for port in itertools.islice(OWN_PORTS, 500):
        try:
            for family in (socket.AF_INET6, socket.AF_INET) if has_ipv6() else (socket.AF_INET,):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(family, kind) as sock:
                        sock.bind(("", port))
        except OSError:
            continue
        return port
    raise AssertionError("no port is free")


def has_ipv6():
    """Is there IPv6, with ::1 on the loopback device?"""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


def require_ipv6():
    """There is."""
    require(has_ipv6(), "no IPv6 here")


def require_localhost():
    """The name localhost has 127.0.0.1 (not so where there is no /etc/hosts)."""
    try:
        found = socket.getaddrinfo("localhost", 1, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        found = []
    require(("127.0.0.1", 1) in [entry[4] for entry in found], "localhost is no name here (/etc/hosts)")


def _stat_fields(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()


def process_state(pid):
    """R, S, D, T, Z ...; an empty string when the process is gone."""
    try:
        return _stat_fields(pid)[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def cpu_seconds(pid):
    """CPU time used by a process so far (nanosecond accounting, all threads)."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def children_of(pid):
    """The pids of the children of a process."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def status_field(pid, name, base=10):
    """A number of /proc/PID/status, e.g. VmHWM in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1], base)
    raise AssertionError(f"/proc/{pid}/status has no {name}")


def open_descriptors(pid):
    """{fd: what it is} of a process."""
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
        except FileNotFoundError:
            pass
    return found


def wait_idle(pid, quiet=0.05, timeout=None):
    """Wait until a process sleeps and uses no CPU for `quiet` seconds: nothing is left to do."""
    seen = {"cpu": -1.0, "since": 0.0}

    def is_idle():
        state, cpu, now = process_state(pid), cpu_seconds(pid), time.monotonic()
        if cpu != seen["cpu"] or state not in ("S", "T"):
            seen.update(cpu=cpu, since=now)
            return False
        return now - seen["since"] >= quiet * min(SCALE, 4)

    wait_for(is_idle, f"process {pid} to become idle", timeout)


def cpu_used_while_idle(pid, seconds=0.5):
    """CPU seconds a process uses during a stretch of time in which nothing happens."""
    before = cpu_seconds(pid)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(0.05, seconds))
    return cpu_seconds(pid) - before


def tcp_state(sock):
    """The state of a TCP socket of ours as a number (1 ESTABLISHED, 8 CLOSE_WAIT, 7 CLOSE ...)."""
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


def bytes_unacknowledged(sock):
    """SIOCOUTQ of a socket of ours."""
    import fcntl  # only here: the other facts need no ioctl
    return struct.unpack("i", fcntl.ioctl(sock, 0x5411, b"\0" * 4))[0]


def bytes_readable(sock):
    """FIONREAD of a descriptor of ours."""
    import fcntl
    import termios
    return struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, b"\0" * 4))[0]
