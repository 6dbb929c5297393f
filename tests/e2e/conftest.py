# SPDX-License-Identifier: GPL-3.0-or-later
"""
Fixtures of the end-to-end tests.

    SOCKT           the program (default: build/sockt of the source tree)
    SOCKT_SRCDIR    the source tree
    SOCKT_VARIANT   "", "asan" (the program is built with the sanitizers) or "valgrind"
    SOCKT_E2E       "smoke": only the tests marked smoke
    SOCKT_LONG      "true": 100,000 connections where a few thousand do for every day
    SOCKT_DEADLINE  seconds until a test gives up waiting for a fact (20)
    CI              "true": a tool that is absent is a failure, not a skip

Markers: strace, memory and timing tests are skipped under the variants; netns tests need root.
Whatever a test starts through the fixtures is ended with it. A test that fails shows every command
it ran, with what each said.
"""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from _pytest.runner import runtestprotocol

sys.dont_write_bytecode = True

from facts import VARIANT, require, require_tool  # noqa: E402
from namespaces import Namespace, Routed  # noqa: E402
from ncs import TOOLS, Nc  # noqa: E402
from peers import Peers  # noqa: E402
from runner import BINARY, SRCDIR, Sockt  # noqa: E402
from terminal import Terminal  # noqa: E402

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
# A program of --trace c has to pass.
STRICT_C = ("-Wall", "-Wextra", "-Werror", "-std=c11", "-pedantic", "-O2", "-D_FORTIFY_SOURCE=2")
MARKERS = {
    "strace": "needs strace; not under the checkers",
    "memory": "looks at memory figures; not under the checkers",
    "timing": "looks at CPU or wall time; not under the checkers; has three tries",
    "prompt": "bounds a time from above; has three tries",
    "smoke": "a small set that shows that the program works at all",
    "netns": "needs a network namespace of its own (root)",
    "waits": "takes seconds of which most are waiting; such tests are spread among the others",
    "closed_fds": "starts without standard descriptors, which valgrind would take for itself",
}


def take_signals_back():
    """
    What was started in the background of a script (nohup, &) ignores signals, and so would whatever
    it starts: the tests send them.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def pytest_configure(config):
    take_signals_back()
    for name, text in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {text}")


def pytest_collection_modifyitems(config, items):
    if os.environ.get("SOCKT_E2E") == "smoke":
        chosen = [item for item in items if item.get_closest_marker("smoke")]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    items[:] = spread(items)


def spread(items):
    """
    The tests that wait for seconds, evenly among the first three quarters of the others: a worker gets tests that stand
    together, and one that got all of these would be the last for long. Those that share a browser stand together.
    """
    items = sorted(items, key=lambda item: "chromium" not in item.fixturenames)
    waiting = [item for item in items if item.get_closest_marker("waits")]
    order = [item for item in items if not item.get_closest_marker("waits")]
    step = 1 + len(order) * 3 // 4 // max(1, len(waiting))
    for number, item in enumerate(waiting):
        order.insert(number * step, item)
    return order


def pytest_runtest_setup(item):
    for name in ("strace", "memory", "timing"):
        if VARIANT and item.get_closest_marker(name):
            pytest.skip(f"{name}: {MARKERS[name]}")
    if VARIANT == "valgrind" and item.get_closest_marker("closed_fds"):
        pytest.skip(MARKERS["closed_fds"])
    if item.get_closest_marker("strace"):
        require_tool("strace")
    if VARIANT == "valgrind":
        require_tool("valgrind")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """
    A machine that does other things too makes any program late, but not each time; one that is slow is so each time.
    Only what bounds a time has more than one try: a race that is lost now and then is a fault.
    """
    if not (item.get_closest_marker("timing") or item.get_closest_marker("prompt")):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for number in range(1, 4):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if not any(report.failed for report in reports):
            break
    for report in reports:
        report.user_properties.append(("tries", number))
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        tries = dict(report.user_properties).get("tries", 1)
        if tries > 1 and report.when == "call":
            terminalreporter.write_line(f"LATE {report.nodeid}: passed at try {tries}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    runner = getattr(item, "funcargs", {}).get("sockt")
    if report.failed and isinstance(runner, Sockt):
        for process in runner.processes:
            report.sections.append(("command", process.describe()))


@pytest.fixture(scope="session")
def srcdir():
    """The source tree."""
    return SRCDIR


@pytest.fixture
def sockt(tmp_path):
    """
    Runs sockt: .run(*args, input=b""), .start(*args), .listen(*options, at=(...)); see runner.py.
    """
    if not BINARY.exists():
        pytest.fail(f"{BINARY} does not exist: build it, or name the program in SOCKT")
    runner = Sockt(tmp_path)
    yield runner
    runner.close()
    reports = runner.checker_reports()
    assert not reports, f"{VARIANT} reports:\n{reports}"


@pytest.fixture
def listener(sockt):
    """
    listener(*options, at=("127.0.0.1", "0")): a `sockt listen` that is ready; has .port and
    .ready_lines.
    """
    return sockt.listen


@pytest.fixture
def peers():
    """Scripted servers and plain sockets; see peers.py. A script that failed fails the test."""
    made = Peers()
    yield made
    made.close()
    failed = [error for error in made.errors() if isinstance(error, AssertionError)]
    assert not failed, f"a peer's script failed: {failed}"


@pytest.fixture
def meet(sockt, peers):
    """
    meet(role, *options, **popen): a sockt in that role ("connect" or "listen") and a socket of ours
    at the other end of its TCP connection. Returns (process, socket).
    """
    def make(role, *options, **popen):
        if role == "listen":
            process = sockt.listen(*options, **popen)
            return process, peers.connect(process.port)
        listening = peers.listen()
        process = sockt.start("connect", *options, "127.0.0.1", listening.getsockname()[1], **popen)
        sock = peers.accept(listening)
        listening.close()
        return process, sock
    return make


@pytest.fixture
def pair(sockt, peers):
    """
    pair(*options, **popen): a relay, and both ends of its one session. Returns (process, client, target).
    """
    def make(*options, **popen):
        listening = peers.listen()
        process = sockt.relay(listening.getsockname()[1], *options, **popen)
        client = peers.connect(process.port)
        target = peers.accept(listening)
        listening.close()
        return process, client, target
    return make


@pytest.fixture
def terminal(sockt):
    """A pseudo-terminal; see terminal.py."""
    made = Terminal()
    yield made
    sockt.close()
    made.close()


@pytest.fixture
def nobody(sockt, tmp_path):
    """
    The prefix of a command that runs as uid 65534. The test's directory and a copy of the program
    are made reachable for it.
    """
    require(os.geteuid() == 0, "only root may become another user")
    require_tool("setpriv")
    # Under xdist the test's directory lies one deeper: all that are ours are opened.
    for path in tmp_path.parents:
        if path.stat().st_mode & 0o011 != 0o011:
            path.chmod(path.stat().st_mode | 0o011)
    tmp_path.chmod(0o777)
    sockt.binary = shutil.copy(sockt.binary, tmp_path / "sockt")
    return NOBODY


@pytest.fixture(params=TOOLS)
def nc(request, sockt):
    """sockt nc, then nc."""
    return Nc(sockt, request.param)


@pytest.fixture
def ours(sockt):
    """sockt nc alone."""
    return Nc(sockt, "sockt")


@pytest.fixture
def both(sockt):
    """Both of them, to be compared."""
    return [Nc(sockt, tool) for tool in TOOLS]


@pytest.fixture
def netns():
    """A network and mount namespace with loopback up; see namespaces.py."""
    namespace = Namespace()
    yield namespace
    namespace.close()


@pytest.fixture
def routed():
    """A client, a router and a server, each a namespace; see namespaces.py."""
    require(os.geteuid() == 0, "network namespaces need root")
    require_tool("nft")
    made = Routed()
    yield made
    made.close()


@pytest.fixture
def build(tmp_path):
    """build(name, *flags): compile name.c of the test's directory. Returns the path of the program."""
    def make(name, *flags, compiler="cc"):
        program = tmp_path / f"{name}.program"
        command = [require_tool(compiler), *(flags or STRICT_C), "-o", program, tmp_path / f"{name}.c"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        source = (tmp_path / f"{name}.c").read_text(encoding="utf-8")
        assert result.returncode == 0 and not result.stderr, f"{result.stderr}\n{source}"
        return program
    return make


@pytest.fixture
def again(sockt, build):
    """again(name, **popen): compile the program of that name and start it."""
    def make(name, **popen):
        return sockt.start_command([build(name)], **popen)
    return make


@pytest.fixture
def need():
    """need(name): the path of a tool; skips without it (fails in CI)."""
    return require_tool


@pytest.fixture
def need_fact():
    """need_fact(present, reason): skips where something is absent (fails in CI)."""
    return require


class Trace:
    """A JSON trace that a run writes: give .options to sockt, then look at .events()."""

    def __init__(self, path, level):
        self.path = path
        self.options = ("--trace", f"json:{path},level={level}")

    def lines(self):
        """Every whole line so far."""
        if not self.path.exists():
            return []
        return self.path.read_bytes().split(b"\n")[:-1]

    def events(self, *steps):
        """Every event so far, without the header; with names: only those steps."""
        found = [json.loads(line) for line in self.lines()[1:]]
        return [event for event in found if not steps or event["step"] in steps]

    def header(self):
        return json.loads(self.lines()[0])

    def end(self):
        """The summary of the one connection."""
        ends = self.events("end")
        assert len(ends) == 1, f"expected one `end` event, got {ends}"
        return ends[0]


@pytest.fixture
def trace(tmp_path):
    """trace(level=2, name="trace.json"): a Trace whose .options go on sockt's command line."""
    def make(level=2, name="trace.json"):
        return Trace(tmp_path / name, level)
    return make
