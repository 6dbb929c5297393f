# SPDX-License-Identifier: GPL-3.0-or-later
"""The workloads of `sockt relay`: one function measures one turn of one relay; WORKLOADS says what is shown."""

import contextlib
import json
import os
import resource
import select
import subprocess
import tempfile

import relays
from judging import Target, Workload
from measure import DEADLINE, in_namespace, reporting

GIB, MIB = 1 << 30, 1 << 20
IDLE_MOST = 9500
PING_BYTES, MESSAGE_BYTES, DATAGRAM_BYTES = 64, 100, 1024
TOGETHER = 64
ENDLESS = 1 << 50
PACE_BYTES = 100_000_000


@contextlib.contextmanager
def on_cpus(count):
    """What is started within runs on so many CPUs, the last of those there are."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[-count:]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Helper:
    """A subcommand of the tool that runs beside us and reports line by line."""

    def __init__(self, tool, *words):
        self._words = words
        self._popen, self._report = reporting(tool, *words, stdin=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._popen.kill()
        self._popen.wait()
        self._popen.stdin.close()
        self._report.close()

    def line(self, seconds=DEADLINE):
        """The words of its next line."""
        if not select.select([self._report], [], [], seconds)[0]:
            raise RuntimeError(f"{' '.join(map(str, self._words))}: no answer")
        words = self._report.readline().split()
        if not words:
            raise RuntimeError(f"{' '.join(map(str, self._words))} has ended")
        return words

    def numbers(self, seconds=DEADLINE):
        return [int(word) for word in self.line(seconds)]

    def release(self):
        """End its standard input: it goes on, or ends."""
        self._popen.stdin.close()


def _told(path):
    """How many packets a trace shows, and how many records it says were lost."""
    found = {"packets": 0, "lost": 0}
    if os.path.exists(path):
        with open(path, "rb") as file:
            for line in file:
                found["packets"] += b'"step":"packet"' in line
                if b'"lost":' in line:
                    found["lost"] += json.loads(line)["lost"]
    return found


class RelayBench:
    def __init__(self, bench):
        self.bench, self.options, self.tool = bench, bench.options, bench.tool
        tiny, quick = self.options.tiny, self.options.quick
        self.size = bench.bulk_size
        self.pings = 200 if tiny else 5000 if quick else 20000
        self.connections = 100 if tiny else 2000 if quick else 10000
        self.datagrams = 1000 if tiny else 100_000 if quick else 500_000
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.idle = min(50 if tiny else 4000 if quick else IDLE_MOST, (limit - 400) // 2)

    def _turns(self, listed, measure, rounds=None):
        """All relays that are there by turns, each in a directory of its own, in a network of our own if we may."""
        there = []
        for relay in filter(lambda relay: self.bench.is_wanted(relay.name), listed):
            if relay.lack is None:
                there.append(relay)
            else:
                print(f"  {relay.name} is left out: {relay.lack}")

        def turn(relay):
            if relay.lack is not None:
                return None
            try:
                with tempfile.TemporaryDirectory(prefix="relay.", dir=self.bench.directory) as directory:
                    return measure(relay, directory)
            except RuntimeError as error:
                relay.lack = str(error)
                return None
        results = self.bench.turns(there, turn, rounds or self.bench.rounds)
        for relay in there:
            if relay.lack is not None:
                print(f"  {relay.name} has failed: {relay.lack}")
                results[relay.name] = []
        return results

    def _apart(self, work):
        """In a network of our own, or where we may not have one in the system's."""
        return in_namespace("reno", work) or work()

    # Bulk

    def _transfer(self, relay, directory, size):
        """One way through one connection: GiB/s, the relay's CPU seconds for a GiB."""
        with Helper(self.tool, "target", self.options.sink, size) as target, \
                relays.Running(relay, directory, target.numbers()[0]) as running:
            cpu = running.cpu_s()
            with Helper(self.tool, "bulk", running.port, size) as source:
                start, = source.numbers()
                moved, end = target.numbers()
                cpu = running.cpu_s() - cpu
                source.release()
        return {"gib_s": moved / max(end - start, 1) * 1e9 / GIB, "cpu_s": cpu / max(moved, 1) * GIB,
                "is_whole": moved == size}

    def _bulk_turn(self, relay, directory):
        size = max(int(self.size * relay.speed), MIB)
        with on_cpus(2):
            wide = self._transfer(relay, directory, size)
        with on_cpus(1):
            narrow = self._transfer(relay, directory, size)
        return {"gib_s": wide["gib_s"], "cpu_s": narrow["cpu_s"], "wide_cpu_s": wide["cpu_s"],
                "narrow_gib_s": narrow["gib_s"], "is_whole": wide["is_whole"] and narrow["is_whole"]}

    def bulk_system(self):
        return self._turns(relays.bulk_relays(self.options.sockt), self._bulk_turn)

    def bulk_reno(self):
        return in_namespace("reno", self.bulk_system)

    # Packets

    def _packets_turn(self, relay, directory):
        """100 MB a second through one connection, and what the trace owns up to have lost of it."""
        size = max(self.size // 4, MIB)
        with on_cpus(2), Helper(self.tool, "target", self.options.sink, size) as target, \
                relays.Running(relay, directory, target.numbers()[0]) as running:
            cpu = running.cpu_s()
            with Helper(self.tool, "paced", running.port, size, PACE_BYTES) as source:
                start, = source.numbers()
                moved, end = target.numbers()
                cpu = running.cpu_s() - cpu
                source.release()
        return {"mb_s": moved / max(end - start, 1) * 1e3, "cpu_s": cpu / max(moved, 1) * GIB,
                **_told(os.path.join(directory, "trace.json")), "is_whole": moved == size}

    def packets(self):
        return self._apart(lambda: self._turns(relays.packet_relays(self.options.sockt), self._packets_turn))

    # Round trips

    def _ping(self, port, count):
        with Helper(self.tool, "ping", port, count, PING_BYTES) as ping:
            p50, p99, least = ping.numbers()
        return {"p50_us": p50 / 1e3, "p99_us": p99 / 1e3, "least_us": least / 1e3}

    def _ping_turn(self, relay, directory):
        with on_cpus(1), Helper(self.tool, "echo") as echo, \
                relays.Running(relay, directory, echo.numbers()[0]) as running:
            return {**self._ping(running.port, max(int(self.pings * relay.speed), 10)), "is_whole": True}

    def ping(self):
        return self._apart(lambda: self._turns(relays.ping_relays(self.options.sockt), self._ping_turn))

    # Connections

    def _connections_turn(self, relay, directory):
        total = max(int(self.connections * relay.speed), 20)
        with on_cpus(2), Helper(self.tool, "echo") as echo, \
                relays.Running(relay, directory, echo.numbers()[0]) as running:
            cpu = running.cpu_s()
            with Helper(self.tool, "connections", running.port, total, TOGETHER, MESSAGE_BYTES) as clients:
                took, good, failed = clients.numbers()
            cpu = running.cpu_s() - cpu
        return {"rate": good / max(took, 1) * 1e9, "cpu_us": cpu / max(good, 1) * 1e6, "failed": failed,
                "is_whole": good == total}

    def connect(self):
        return self._apart(lambda: self._turns(relays.connection_relays(self.options.sockt),
                                               self._connections_turn))

    # Idle connections

    def _idle_turn(self, relay, directory):
        count = max(int(self.idle * relay.speed), 10)
        pings = max(self.pings // 4, 50)
        with on_cpus(1), Helper(self.tool, "echo") as echo, \
                relays.Running(relay, directory, echo.numbers()[0]) as running:
            base, files = running.pss_kib(), running.descriptors()
            alone = self._ping(running.port, pings)
            with Helper(self.tool, "idle", running.port, count) as idle:
                good, failed = idle.numbers()
                each, each_files = running.pss_kib() - base, running.descriptors() - files
                beside = self._ping(running.port, pings)
                idle.release()
        return {"count": good, "failed": failed, "base_kib": base, "pss_kib": each / max(good, 1),
                "files": each_files / max(good, 1), "alone_us": alone["p50_us"], "beside_us": beside["p50_us"],
                "growth": beside["p50_us"] / alone["p50_us"], "is_whole": good == count}

    def _idle_all(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
        try:
            rounds = min(self.bench.rounds, 3)
            return self._turns(relays.idle_relays(self.options.sockt, self.idle), self._idle_turn, rounds)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)

    def hold(self):
        return self._apart(self._idle_all)

    # A quiet connection beside a busy one

    def _fair_turn(self, relay, directory):
        pings = max(self.pings // 10, 50)
        with on_cpus(2), Helper(self.tool, "echo") as echo:
            target = echo.numbers()[0]
            with relays.Running(relay, directory, target) as running:
                found = []
                for port in (target, running.port):
                    with Helper(self.tool, "bulk", port, ENDLESS) as bulk:
                        bulk.line()
                        found.append(self._ping(running.port, pings))
        beside, through = found
        return {"beside_us": beside["p50_us"], "through_us": through["p50_us"], "beside_p99_us": beside["p99_us"],
                "through_p99_us": through["p99_us"], "busy_growth": through["p50_us"] / beside["p50_us"],
                "busy_growth_p99": through["p99_us"] / beside["p99_us"], "is_whole": True}

    def fair(self):
        return self._apart(lambda: self._turns(relays.fair_relays(self.options.sockt), self._fair_turn))

    # Datagrams

    def _datagrams_turn(self, relay, directory):
        with on_cpus(2), Helper(self.tool, "count") as counter, \
                relays.Running(relay, directory, counter.numbers()[0], is_udp=True) as running:
            cpu = running.cpu_s()
            with Helper(self.tool, "blast", running.port, self.datagrams, DATAGRAM_BYTES) as blast:
                counter.line(10)
                blast.release()
                start, end, sent = blast.numbers()
            count, moved, last = counter.numbers(20)
            cpu = running.cpu_s() - cpu
        return {"rate": count / max(last - start, 1) * 1e9, "offered": sent / max(end - start, 1) * 1e9,
                "loss": 1 - count / max(sent, 1), "cpu_us": cpu / max(count, 1) * 1e6,
                "is_whole": 0 < count <= sent and moved == count * DATAGRAM_BYTES}

    def blast(self):
        return self._apart(lambda: self._turns(relays.datagram_relays(self.options.sockt),
                                               self._datagrams_turn))


BULK_COLUMNS = [("GiB/s", "gib_s", "{:.2f}"), ("CPU s/GiB", "cpu_s", "{:.3f}"),
                ("on 2 CPUs", "wide_cpu_s", "{:.3f}"), ("1: GiB/s", "narrow_gib_s", "{:.2f}")]

WORKLOADS = {
    "relay-bulk-reno": Workload(
        RelayBench.bulk_reno, "one connection through a relay, reno; CPU seconds a GiB on one CPU", BULK_COLUMNS, [
            *(Target(peer, "gib_s", ">=", 1.2) for peer in ("haproxy splice", "haproxy splice-auto")),
            *(Target(peer, "cpu_s", "<=", 0.65) for peer in ("haproxy splice", "haproxy splice-auto")),
            Target("socat", "gib_s", ">=", 3.5), Target("socat -b1048576", "gib_s", ">=", 1.4),
            Target("nginx 256k", "gib_s", ">=", 1.4), Target("direct", "gib_s", ">=", 0.6)]),
    "relay-bulk-system": Workload(
        RelayBench.bulk_system, "the same under the system's congestion control", BULK_COLUMNS, [
            Target(peer, "gib_s", ">=", 1.0)
            for peer in ("haproxy", "haproxy splice", "haproxy splice-auto", "nginx 16k", "nginx 256k", "socat",
                         "socat -b1048576", "ncat")]),
    "relay-packets": Workload(
        RelayBench.packets, "100 MB a second through a relay, with its packets in the trace and without",
        [("MB/s", "mb_s", "{:.1f}"), ("CPU s/GiB", "cpu_s", "{:.3f}"), ("packets", "packets", "{:.0f}"),
         ("lost", "lost", "{:.0f}")], [
            Target("sockt", "mb_s", ">=", 0.9), Target("sockt", "cpu_s", "<=", 1.1), Target(None, "lost", "<=", 0)],
        "sockt --packets"),
    "relay-ping": Workload(
        RelayBench.ping, "64 bytes there and back, everything on one CPU",
        [("p50 us", "p50_us", "{:.1f}"), ("p99 us", "p99_us", "{:.1f}"), ("least us", "least_us", "{:.1f}")], [
            Target(peer, "p50_us", "<=", 1.0, of)
            for of in ("median", "lowest") for peer in ("haproxy", "nginx")]),
    "relay-connections": Workload(
        RelayBench.connect, f"{TOGETHER} at a time, {MESSAGE_BYTES} bytes each way",
        [("conn/s", "rate", "{:.0f}"), ("CPU us", "cpu_us", "{:.1f}"), ("failed", "failed", "{:.0f}")], [
            Target("haproxy", "rate", ">=", 1.0), Target("nginx", "rate", ">=", 1.0),
            Target("haproxy", "cpu_us", "<=", 0.95), Target("socat", "rate", ">=", 6.0)]),
    "relay-idle": Workload(
        RelayBench.hold, "connections that say nothing, and one that does",
        [("held", "count", "{:.0f}"), ("PSS KiB", "pss_kib", "{:.2f}"), ("base KiB", "base_kib", "{:.0f}"),
         ("fds each", "files", "{:.2f}"), ("alone us", "alone_us", "{:.1f}"), ("beside us", "beside_us", "{:.1f}")], [
            Target(None, "pss_kib", "<=", 0.6), Target(None, "base_kib", "<=", 3072),
            Target(None, "files", "<=", 2.01), Target(None, "growth", "<=", 1.15)]),
    "relay-fair": Workload(
        RelayBench.fair, "a quiet connection, while gigabytes go beside the relay and through it",
        [("beside us", "beside_us", "{:.0f}"), ("through us", "through_us", "{:.0f}"),
         ("beside p99", "beside_p99_us", "{:.0f}"), ("thr. p99", "through_p99_us", "{:.0f}")], [
            Target(None, "busy_growth", "<=", 5.0), Target(None, "busy_growth_p99", "<=", 5.0)]),
    "relay-datagrams": Workload(
        RelayBench.blast, "a blast of 1 KiB datagrams",
        [("pps", "rate", "{:.0f}"), ("offered", "offered", "{:.0f}"), ("loss", "loss", "{:.3f}"),
         ("CPU us", "cpu_us", "{:.2f}")], [
            Target("socat", "rate", ">=", 3.0), Target(None, "loss", "<=", 0.05)]),
}
