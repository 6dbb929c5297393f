# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the rules over the source tree: main.py [--list | --self-test | RULE...]. Status 1 where one finds something."""

import os
import sys
from pathlib import Path

import self_test
from rules import RULES
from scan import Tree


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(RULES))
        return 0
    if arguments == ["--self-test"]:
        return self_test.run()
    unknown = [name for name in arguments if name not in RULES]
    if unknown:
        print(f"lint: no rule is called {unknown[0]}; --list names them", file=sys.stderr)
        return 2

    tree = Tree(os.environ.get("SOCKT_SRCDIR") or Path(__file__).resolve().parents[2])
    count = 0
    for name in arguments or RULES:
        for path, line, message in RULES[name](tree):
            print(f"{path}:{line}: {message} [{name}]")
            count += 1
    print(f"lint: {len(tree.sources)} files, {len(arguments or RULES)} rules, {count} findings")
    return 1 if count > 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
