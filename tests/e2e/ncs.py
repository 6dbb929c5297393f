# SPDX-License-Identifier: GPL-3.0-or-later
"""nc and sockt nc, side by side."""

import re

from facts import require_tool

SAME = "nc: the same in sockt's own words: "
TOOLS = ["sockt", "nc.openbsd"]


class Nc:
    """One of the two."""

    def __init__(self, sockt, tool):
        self.sockt, self.is_ours = sockt, tool == "sockt"
        self.tool = None if self.is_ours else require_tool(tool)

    def start(self, *args, **popen):
        if self.is_ours:
            return self.sockt.start("nc", *args, **popen)
        return self.sockt.start_command([self.tool, *map(str, args)], **popen)

    def run(self, *args, input=b"", **popen):
        process = self.start(*args, **popen)
        process.feed(input)
        return process.finish()

    def listen(self, *args, **popen):
        """Listening on a free port, which -v tells; a path is told as well."""
        process = self.start("-v", *args, **popen)
        word = rb"Bound" if "u" in args[0] else rb"Listening"
        said = process.err.until(re.compile(rb"^%s on .*\n" % word, re.M).search)
        port = re.search(rb"^%s on .* (\d+)\n" % word, said, re.M)
        process.port = int(port[1]) if port else None
        return process


def said(run):
    """What scripts may look for on standard error."""
    lines = [line.replace("nc.openbsd: ", "nc: ") for line in run.err.decode().splitlines()]
    return [line for line in lines if not line.startswith((SAME, "  "))]
