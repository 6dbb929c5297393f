# SPDX-License-Identifier: GPL-3.0-or-later
"""
The benchmark still runs: with sizes so small that it takes a second. Its targets are not looked at.
"""

import json
import subprocess

import pytest

from facts import SCALE
from runner import BINARY

WORKLOADS = {"bulk-reno", "head-reno", "bulk-system", "trace", "file", "start", "relay-bulk-reno",
             "relay-bulk-system", "relay-packets", "relay-ping", "relay-connections", "relay-idle", "relay-fair",
             "relay-datagrams", "page", "trace-instructions"}
# In a namespace, with a browser, or under valgrind.
MAY_LACK = {name for name in WORKLOADS if name.endswith("-reno")} | {"trace", "page", "trace-instructions"}


@pytest.mark.waits
def test_benchmark_runs(sockt, srcdir, tmp_path, need):
    need("cc")
    found = tmp_path / "found.json"
    done = subprocess.run([srcdir / "tests/bench/run", "--tiny", "--sockt", BINARY, "--json", found],
                          env=sockt.environment, capture_output=True, text=True, timeout=120 * SCALE,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(found.read_text())["results"]
    assert WORKLOADS - MAY_LACK <= set(results) <= WORKLOADS, done.stdout
    for name, tools in results.items():
        for tool, runs in tools.items():
            if tool.startswith("sockt"):
                assert all(run["is_whole"] for run in runs), (name, tool, runs)
