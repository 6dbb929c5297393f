# SPDX-License-Identifier: GPL-3.0-or-later
"""
Runs sockt: to its end, or beside the test with pipes; under the checkers where SOCKT_VARIANT asks.
"""

import os
import re
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

from facts import DEADLINE, VARIANT, wait_for

SRCDIR = Path(os.environ.get("SOCKT_SRCDIR") or Path(__file__).resolve().parents[2])
BINARY = Path(os.environ.get("SOCKT") or SRCDIR / "build" / "sockt").absolute()
PIPE = subprocess.PIPE
DEVNULL = subprocess.DEVNULL
UNHANDLED_SYSCALL = re.compile(r"--\d+-- WARNING: unhandled \S+ syscall: (?:434|436|441)\n(?:--\d+-- .*\n?){4}")


def shorten(data, limit=1500):
    """Bytes as a person reads them, cut in the middle when long."""
    text = data.decode("utf-8", "backslashreplace") if isinstance(data, (bytes, bytearray)) else str(data)
    if len(text) <= limit:
        return text
    return f"{text[:limit // 2]}\n[... {len(text) - limit} characters ...]\n{text[-limit // 2:]}"


class Drain:
    """
    Reads a descriptor to its end in a thread, so that nothing ever waits for the test. The thread has a descriptor of
    its own: were the caller's closed between two reads, the next would take what belongs to who has the number then.
    """

    def __init__(self, file):
        self.data = bytearray()
        self.is_ended = False
        self._fd = os.dup(file.fileno())
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while True:
            try:
                piece = os.read(self._fd, 1 << 16)
            except OSError:  # a terminal's way to end
                piece = b""
            with self._changed:
                self.data += piece
                self.is_ended = not piece
                self._changed.notify_all()
            if not piece:
                os.close(self._fd)
                return

    def _wait(self, done, what, timeout):
        with self._changed:
            if not self._changed.wait_for(lambda: done() or self.is_ended,
                                          DEADLINE if timeout is None else timeout) or not done():
                raise AssertionError(f"expected {what}\ngot ({len(self.data)} bytes, "
                                     f"{'ended' if self.is_ended else 'still open'}):\n"
                                     f"{shorten(self.data)}")
            return bytes(self.data)

    def until(self, want, timeout=None):
        """
        Wait until the output contains `want` (bytes), has that many bytes (int), or want(data).
        """
        if isinstance(want, int):
            return self._wait(lambda: len(self.data) >= want, f"{want} bytes", timeout)
        if callable(want):
            return self._wait(lambda: want(bytes(self.data)), "what the test asks", timeout)
        return self._wait(lambda: want in self.data, f"output with {want!r}", timeout)

    def until_end(self, timeout=None):
        """Wait until the writer has closed it; returns everything."""
        return self._wait(lambda: self.is_ended, "the end of the output", timeout)


class Result:
    """How a run ended: status (128+N for a signal), out and err."""

    def __init__(self, command, status, out, err, seconds):
        self.command, self.status, self.out, self.err = command, status, out, err
        self.seconds = seconds

    def __str__(self):
        return (f"command: {shlex.join(self.command)}\ngot: status {self.status} after "
                f"{self.seconds:.2f} s\nstdout ({len(self.out)} bytes):\n{shorten(self.out)}\n"
                f"stderr:\n{shorten(self.err)}")

    def expect(self, status=0, out=None, err=None):
        """
        Assert status, whole output and part of what was said (err: bytes or str, or several; b""
        for silence).
        """
        wrong = []
        if self.status != status:
            wrong.append(f"expected status {status}")
        if out is not None and self.out != out:
            wrong.append(f"expected output ({len(out)} bytes): {shorten(out)}")
        wants = err if isinstance(err, (list, tuple)) else [] if err is None else [err]
        for want in wants:
            want = want.encode() if isinstance(want, str) else want
            if want not in self.err or (want == b"" and self.err):
                wrong.append(f"expected on standard error: {want.decode('utf-8', 'replace')!r}")
        if wrong:
            raise AssertionError("\n".join(wrong) + "\n" + str(self))
        return self


class Process:
    """A running sockt (or any other program). Killed when its test ends."""

    def __init__(self, command, popen, started):
        self.command = [str(part) for part in command]
        self.popen = popen
        self.started = started
        self.ready_lines = []
        self.port = None
        self.out = Drain(popen.stdout) if popen.stdout else None
        self.err = Drain(popen.stderr) if popen.stderr else None

    @property
    def pid(self):
        return self.popen.pid

    @property
    def is_running(self):
        return self.popen.poll() is None

    def write(self, data):
        """Write all of data to its standard input (for what fits the pipe, or is read)."""
        data = data.encode() if isinstance(data, str) else data
        self.popen.stdin.write(data)
        self.popen.stdin.flush()

    def close_stdin(self):
        try:
            self.popen.stdin.close()
        except BrokenPipeError:
            pass

    def feed(self, data, close=True):
        """Write data from a thread of its own, then close; returns the thread."""
        def feeder():
            try:
                self.popen.stdin.write(data)
                self.popen.stdin.flush()
                if close:
                    self.popen.stdin.close()
            except (OSError, ValueError):
                pass
        thread = threading.Thread(target=feeder, daemon=True)
        thread.start()
        return thread

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self, timeout=None):
        """Wait for its end; returns the status (128+N for a signal)."""
        try:
            self.popen.wait(DEADLINE if timeout is None else timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {time.monotonic() - self.started:.1f} s\n"
                                 f"{self.describe()}") from None
        code = self.popen.returncode
        return 128 - code if code < 0 else code

    def finish(self, timeout=None):
        """Wait for its end and for the end of its outputs; returns a Result."""
        status = self.wait(timeout)
        seconds = time.monotonic() - self.started
        out = self.out.until_end(timeout) if self.out else b""
        err = self.err.until_end(timeout) if self.err else b""
        return Result(self.command, status, out, err, seconds)

    def describe(self):
        lines = [f"command: {shlex.join(self.command)}", f"status: {self.popen.poll()}"]
        for name, drain in (("stdout", self.out), ("stderr", self.err)):
            if drain is not None:
                lines.append(f"{name} ({len(drain.data)} bytes):\n{shorten(drain.data)}")
        return "\n".join(lines)

    def kill(self):
        if self.popen.poll() is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self.popen.kill()
            self.popen.wait()
        for file in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            try:
                if file:
                    file.close()
            except OSError:
                pass


class Sockt:
    """The `sockt` fixture: starts the program under test, and others, and cleans up."""

    def __init__(self, workdir):
        self.workdir = Path(workdir)
        self.binary = str(BINARY)
        self.processes = []
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin",
            "HOME": str(workdir), "LC_ALL": "C.UTF-8", "TERM": "xterm",
        }
        if VARIANT == "asan":
            log = self.workdir / "checker"
            self.environment["ASAN_OPTIONS"] = f"exitcode=99:detect_leaks=1:log_path={log}"
            self.environment["UBSAN_OPTIONS"] = (f"halt_on_error=1:print_stacktrace=1:exitcode=99:"
                                                 f"log_path={log}")

    def command(self, *args):
        """The command line that runs sockt with args, under the checker of this variant."""
        checker = []
        if VARIANT == "valgrind":
            checker = ["valgrind", "-q", "--vgdb=no", "--error-exitcode=99", "--leak-check=full",
                       "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
                       "--child-silent-after-fork=yes",
                       f"--log-file={self.workdir}/checker.%p"]
        return [*checker, self.binary, *map(str, args)]

    def start_command(self, command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=None, **popen):
        """Start any command line as a Process in a session of its own."""
        popen.setdefault("start_new_session", True)
        popen.setdefault("cwd", self.workdir)
        started = time.monotonic()
        process = Process(command, subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, bufsize=0,
            env={**self.environment, **(env or {})}, **popen), started)
        self.processes.append(process)
        return process

    def start(self, *args, prefix=(), **popen):
        """
        Start `sockt ARGS` beside the test; prefix is a command line put before it (strace ...,
        nsenter ...).
        """
        return self.start_command([*map(str, prefix), *self.command(*args)], **popen)

    def run(self, *args, input=b"", timeout=None, **popen):
        """Run `sockt ARGS` to its end with input (bytes; then end of input). Returns a Result."""
        process = self.start(*args, **popen)
        if process.popen.stdin:
            process.feed(input.encode() if isinstance(input, str) else input)
        return process.finish(timeout)

    def listen(self, *options, at=("127.0.0.1", "0"), **popen):
        """
        Start `sockt listen OPTIONS --ready-fd N AT...` and wait until it is ready. The process has
        .ready_lines (the lines it wrote: "tcp 127.0.0.1:41233") and .port, that of the first.
        """
        return self._start_ready("listen", options, at, **popen)

    def relay(self, to, *options, at="tcp:127.0.0.1:0", more=(), **popen):
        """Start `sockt relay OPTIONS AT MORE... TO` in the same way. to: an endpoint, or a port of 127.0.0.1."""
        to = f"tcp:127.0.0.1:{to}" if isinstance(to, int) else to
        return self._start_ready("relay", options, (at, *more, to), **popen)

    def _start_ready(self, command, options, arguments, prefix=(), pass_fds=(), **popen):
        reader, writer = os.pipe()
        try:
            process = self.start(command, *options, "--ready-fd", writer, *arguments, prefix=prefix,
                                 pass_fds=(*pass_fds, writer), **popen)
        finally:
            os.close(writer)
        with os.fdopen(reader, "rb") as file:
            ready = Drain(file)
            # A program in front (strace) keeps its copy of the descriptor: then a line must do.
            if prefix:
                ready.until(b"\n")
            else:
                ready.until_end()
        if not ready.data:
            wait_for(lambda: not process.is_running, "what is not ready to end")
            raise AssertionError(f"it did not become ready\n{process.finish()}")
        process.ready_lines = ready.data.decode().splitlines()
        last = process.ready_lines[0].rsplit(":", 1)[-1]
        process.port = int(last) if last.isdigit() else None
        return process

    def close(self):
        for process in self.processes:
            process.kill()

    def checker_reports(self):
        """What valgrind or the sanitizers wrote about the runs of this test."""
        reports = []
        for path in self.workdir.glob("checker.*"):
            # An old valgrind has no epoll_pwait2(2) and pidfd_open(2), says so and answers ENOSYS, as an old
            # kernel does.
            text = UNHANDLED_SYSCALL.sub("", path.read_text(errors="replace")).strip()
            if text:
                reports.append(text)
        return "\n".join(reports)
