# SPDX-License-Identifier: GPL-3.0-or-later
"""
What a trace costs in instructions of sockt itself, as callgrind counts them: where the runs of a busy machine differ by
more than what is looked for, these do not. The kernel's part is left out; it is the calls, which strace -c counts.
"""

import os
import re
import shutil
import subprocess

from measure import Transfer


class Counted:
    """A tool under callgrind, which writes its count into a log for each side."""

    def __init__(self, peer, place):
        self.name, self._peer, self._place = peer.name, peer, place

    def _under(self, role, argv):
        return ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={self._log(role)}",
                *argv]

    def _log(self, role):
        return os.path.join(self._place, f"{role}.count")

    def connect(self, port):
        return self._under("connect", self._peer.connect(port))

    def listen(self, port):
        return self._under("listen", self._peer.listen(port))

    def count(self, role):
        with open(self._log(role), encoding="utf-8") as file:
            return int(re.search(r"Collected : (\d+)", file.read()).group(1))


def is_possible(sockt):
    """Is valgrind there, and does the program run under it? One with AddressSanitizer does not."""
    return shutil.which("valgrind") is not None and subprocess.run(
        ["valgrind", "--tool=none", sockt, "--version"], capture_output=True, check=False).returncode == 0


def transfer(tool, counted, size, source):
    """One transfer by pipes, with the instructions of both sides, in millions."""
    result = Transfer(tool, counted, size).pipes(source)
    for role in ("connect", "listen"):
        result[f"{role}_minstr"] = counted.count(role) / 1e6
    result["minstr"] = result["connect_minstr"] + result["listen_minstr"]
    return result
