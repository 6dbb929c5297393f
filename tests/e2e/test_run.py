# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs these tests: each run has a directory of its own, which is kept only where something failed."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

from facts import DEADLINE
from runner import SRCDIR

# Each writes where its files were, and waits there until the other run has got so far too.
TESTS = """
import os, pathlib, time

def test_one(tmp_path):
    here = pathlib.Path(os.environ["MEET"])
    (tmp_path / "file").write_text("kept")
    (here / os.environ["RUN"]).write_text(str(tmp_path))
    deadline = time.monotonic() + {deadline}
    while len(list(here.iterdir())) < 2:
        assert time.monotonic() < deadline, "the other run is not there"
        time.sleep(0.01)
    assert os.environ["RUN"] == "good"
"""


def start(tmp_path, name, *options):
    """A run of those tests, whose directories are made in one of ours."""
    environment = {**os.environ, "RUN": name, "MEET": str(tmp_path / "meet"), "TMPDIR": str(tmp_path / "tmp"),
                   "PYTHON": sys.executable}
    for word in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"):
        environment.pop(word, None)
    return subprocess.Popen(["/bin/sh", tmp_path / "tests/run", *options], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def workers(count):
    """Its tests are shared out among so many workers; none: it makes them itself."""
    return ("-n", str(count)) if importlib.util.find_spec("xdist") else ()


def test_two_runs_at_once_do_not_meet(tmp_path):
    for name in ("tests", "tmp", "meet"):
        (tmp_path / name).mkdir()
    shutil.copy(SRCDIR / "tests/e2e/run", tmp_path / "tests/run")
    (tmp_path / "tests/test_it.py").write_text(TESTS.format(deadline=DEADLINE))
    runs = {name: start(tmp_path, name, *workers(count)) for name, count in (("good", 1), ("bad", 0))}
    said = {name: run.communicate(timeout=2 * DEADLINE)[0] for name, run in runs.items()}
    assert (runs["good"].returncode, runs["bad"].returncode) == (0, 1), said
    kept, = (tmp_path / "tmp").iterdir()
    assert re.search(rf"^end-to-end tests: .* in {re.escape(str(kept))}/run$", said["bad"], re.M), said
    assert f"{tmp_path}/tmp" not in said["good"]
    where = (tmp_path / "meet/bad").read_text()
    assert where.startswith(f"{kept}/run/") and os.listdir(where) == ["file"]
    assert (tmp_path / "meet/good").read_text().startswith(f"{tmp_path}/tmp/sockt-e2e.")
