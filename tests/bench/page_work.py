# SPDX-License-Identifier: GPL-3.0-or-later
"""
The workload `page`: what a browser needs to open the drawing of a run of 100,000 events, by its own clock. The
drawings and a page without anything take turns.
"""

import os
import pathlib
import re
import shutil
import sys
import tempfile

import relays
from judging import Target, Workload
from measure import DEADLINE
from relay_work import MESSAGE_BYTES, TOGETHER, Helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from chromium import Chromium  # noqa: E402

EMPTY = "<!DOCTYPE html><title>empty</title><p>empty"
KINDS = ("html", "svg")
SESSIONS = 8000
# The load event, and the first frame behind it: then everything has been laid out and drawn.
CLOCKS = """new Promise(function(told){requestAnimationFrame(function(){setTimeout(function(){
told([performance.getEntriesByType('navigation')[0].loadEventEnd,performance.now(),
document.getElementsByTagName('*').length])},0)})})"""


class PageBench:
    def __init__(self, bench):
        self.bench, self.options = bench, bench.options

    def _draw(self, directory):
        """Make the drawings of a run. Returns how many events it had."""
        def write(_, port, target):
            traces = [word for kind in KINDS for word in ("--trace", f"{kind}:{directory}/{kind}.{kind}")]
            return [self.options.sockt, "relay", *traces, f"tcp:127.0.0.1:{port}", f"tcp:127.0.0.1:{target}"]
        sessions = 100 if self.options.tiny else SESSIONS
        with Helper(self.bench.tool, "echo") as echo, \
                relays.Running(relays.Relay("sockt", self.options.sockt, write), directory,
                               echo.numbers()[0]) as running:
            with Helper(self.bench.tool, "connections", running.port, sessions, TOGETHER, MESSAGE_BYTES) as clients:
                clients.numbers()
            running.end()
        text = pathlib.Path(directory, "html.html").read_text(encoding="utf-8")
        left = re.search(r"(\d+) rows are left out", text)
        return text.count('<tr class="r') + (int(left[1]) if left else 0)

    def _open(self, browser, path):
        with browser.page(path) as page:
            load_ms, drawn_ms, nodes = page.run(CLOCKS)
        return {"load_ms": load_ms, "drawn_ms": drawn_ms, "nodes": nodes, "kib": path.stat().st_size / 1024}

    def open(self):
        program = shutil.which("chromium")
        if program is None:
            print("  chromium is not there")
            return {}
        with tempfile.TemporaryDirectory(dir=self.bench.directory, ignore_cleanup_errors=True) as directory:
            rows = self._draw(directory)
            pages = {f"sockt {kind}": pathlib.Path(directory, f"{kind}.{kind}") for kind in KINDS}
            pages["empty"] = pathlib.Path(directory, "empty.html")
            pages["empty"].write_text(EMPTY, encoding="utf-8")
            browser = Chromium(program, directory, DEADLINE)
            results = {name: [] for name in pages}
            try:
                for number in range(1 if self.options.tiny else 0, self.bench.rounds + 1):
                    for name in pages if number % 2 else reversed(pages):
                        found = {**self._open(browser, pages[name]), "rows": 0 if name == "empty" else rows,
                                 "is_whole": self.options.tiny or name == "empty" or rows >= 100_000}
                        # What is seen for the first time takes a browser longer: that round is not counted.
                        if number:
                            results[name].append(found)
            finally:
                browser.close()
        return results


WORKLOADS = {
    "page": Workload(
        PageBench.open, "the drawing of 100,000 events in Chromium, by its clock",
        [("load ms", "load_ms", "{:.0f}"), ("drawn ms", "drawn_ms", "{:.0f}"), ("elements", "nodes", "{:.0f}"),
         ("KiB", "kib", "{:.0f}"), ("rows", "rows", "{:.0f}")], [
            *(Target(None, figure, "<=", 700, ours=f"sockt {kind}") for kind in KINDS
              for figure in ("load_ms", "drawn_ms"))], "sockt html"),
}
