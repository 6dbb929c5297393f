# SPDX-License-Identifier: GPL-3.0-or-later
"""
Checks the rules: each is fed snippets that are bad and has to fire, alone; the good snippets beside them have to pass.
"""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from rules import MACHINE_PATHS, OPEN_MATTERS, RULES
from scan import Tree

SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
SPDX_HASH = "# SPDX-License-Identifier: GPL-3.0-or-later\n"


def c_file(body):
    return SPDX + body


def header(guard, body=""):
    return f"{SPDX}#ifndef {guard}\n#define {guard}\n{body}\n#endif\n"


def function(lines):
    """A function of so many lines, its braces counted."""
    return "static void f(void)\n{\n" + "\t;\n" * (lines - 2) + "}\n"


# Each row: the rule that has to fire, how many times, and the files of a tree.
BAD = [
    ("floors", 1, {"src/trace/a.c": c_file('#include "step/b.h"\n'), "src/step/b.h": header("SOCKT_STEP_B_H")}),
    ("floors", 1, {"src/base/a.c": c_file('#include "cli/b.h"\n'), "src/cli/b.h": header("SOCKT_CLI_B_H")}),
    ("floors", 1, {"src/base/a.c": c_file('#include "b.h"\n')}),
    ("floors", 1, {"src/base/a.c": c_file('# include "../base/b.h"\n')}),
    ("floors", 1, {"src/other/a.c": c_file("")}),
    ("cycles", 1, {"src/base/a.h": header("SOCKT_BASE_A_H", '#include "base/b.h"'),
                   "src/base/b.h": header("SOCKT_BASE_B_H", '#include "base/a.h"')}),
    ("cycles", 1, {"src/base/a.h": header("SOCKT_BASE_A_H", '#include "base/b.h"'),
                   "src/base/b.h": header("SOCKT_BASE_B_H", '#include "base/c.h"'),
                   "src/base/c.h": header("SOCKT_BASE_C_H", '#include "base/a.h"')}),
    ("socket-calls", 1, {"src/base/a.c": c_file("void f(void)\n{\n\tsocket(1, 2, 3);\n}\n")}),
    ("socket-calls", 2, {"src/engine/a.c": c_file("void f(void)\n{\n\tshutdown (1, 2); if (splice(1)) ;\n}\n")}),
    ("socket-calls", 1, {"src/main.c": c_file("int main(void)\n{\n\tepoll_ctl(1, 2, 3, 0);\n}\n")}),
    ("banned-calls", 2, {"src/step/a.c": c_file("void f(void)\n{\n\tstrcpy(a, b);\n\tatoi(a);\n}\n")}),
    ("banned-calls", 1, {"src/cli/a.c": c_file("void f(void)\n{\n\tsprintf(a, b);\n}\n")}),
    ("words", 2, {"src/cli/a.c": c_file("void f(void)\n{\n\tengine_say(a, \"no words\");\n\tsource_comment(a,\n"
                                        "\t\t       \"of a person\");\n\tengine_say(a, _(\"right so\"));\n}\n")}),
    ("memory-calls", 2, {"src/cli/a.c": c_file("void f(void)\n{\n\tmalloc(1);\n\tstrdup(a);\n}\n")}),
    ("exits", 2, {"src/engine/a.c": c_file("void f(void)\n{\n\texit(1);\n\t_exit(1);\n}\n")}),
    ("prints", 1, {"src/engine/a.c": c_file("void f(void)\n{\n\tprintf(a);\n}\n")}),
    ("prints", 2, {"src/base/a.c": c_file("void f(void)\n{\n\tfprintf(stderr, a);\n\tfputs(a, stdout);\n}\n")}),
    ("prints", 1, {"src/base/a.c": c_file("void f(void)\n{\n\tperror(a);\n}\n")}),
    ("headers-alone", 1, {"src/base/a.h": header("SOCKT_BASE_A_H", "size_t f(void);")}),
    ("headers-alone", 1, {"src/base/a.h": header("SOCKT_BASE_A_H", '#include "base/none.h"')}),
    ("guards", 1, {"src/base/a.h": header("SOCKT_A_H")}),
    ("guards", 1, {"src/base/a.h": SPDX + "#pragma once\n"}),
    ("guards", 1, {"src/base/a.h": SPDX + "#ifndef SOCKT_BASE_A_H\n#define SOCKT_BASE_B_H\n#endif\n"}),
    ("spdx", 1, {"src/base/a.c": "int a(void);\n"}),
    ("spdx", 1, {"tests/a": "#!/bin/sh\ntrue\n"}),
    ("spdx", 1, {"tests/a.py": "pass\n"}),
    ("function-length", 1, {"src/base/a.c": c_file(function(71))}),
    ("function-length", 1, {"tests/unit/a.c": c_file("struct s {\n\tint a;\n};\n" + function(70) + function(71))}),
    ("function-length", 1, {"src/base/a.c": c_file("static __attribute__((used)) " + function(71))}),
    ("file-length", 1, {"src/base/a.c": c_file("int a(void);\n" * 500)}),
    ("blanks", 2, {"src/base/a.c": c_file("int a(void); \nint b(void);\t\n")}),
    ("blanks", 1, {"README": "no newline"}),
    ("blanks", 1, {"README": "two newlines\n\n"}),
    ("columns", 1, {"src/base/a.c": c_file("/* " + "x" * 115 + " */\n")}),
    ("columns", 1, {"src/base/a.c": c_file("\t/* " + "x" * 107 + " */\n")}),
    ("columns", 1, {"tests/a.py": SPDX_HASH + "#" * 121 + "\n"}),
    ("indent", 1, {"src/base/a.c": c_file("void f(void)\n{\n    ;\n}\n")}),
    ("open-matters", 3, {"README": "".join(f"{word}: later\n" for word in OPEN_MATTERS)}),
    ("sleeps", 1, {"tests/a.py": SPDX_HASH + "import time\ntime.sleep(1)\n"}),
    ("sleeps", 1, {"tests/a.py": SPDX_HASH + "from time import sleep\n"}),
    ("sleeps", 2, {"tests/a.sh": SPDX_HASH + "sleep 1\nwhile true; do sleep 0.1; done\n"}),
    ("sleeps", 2, {"tests/unit/a.c": c_file("void f(void)\n{\n\tusleep(1);\n\tsleep(2);\n}\n")}),
    ("machine-paths", len(MACHINE_PATHS), {"README": "".join(f"x{path}\n" for path in MACHINE_PATHS)}),
    ("lists", 1, {"src/base/b.c": c_file("")}),
    ("lists", 1, {"src/base/files.mk": SPDX_HASH + "sources_base = src/base/gone.c\n"}),
    ("lists", 1, {"src/base/files.mk": SPDX_HASH + "sources_base = src/base/a.c \\\n\tsrc/base/a.c\n",
                  "src/base/a.c": c_file("")}),
    ("lists", 1, {"src/base/files.mk": SPDX_HASH + "sources_base = \\\n\tsrc/base/a.c\n\tsrc/base/b.c\n",
                  "src/base/a.c": c_file(""), "src/base/b.c": c_file("")}),
    ("lists", 1, {"tests/unit/test_b.c": c_file("")}),
    ("lists", 1, {"tests/fuzz/fuzz_b.c": c_file("")}),
    ("lists", 1, {"tests/e2e/test_b.py": SPDX_HASH}),
    ("lists", 1, {"man/sockt.1": "page\n"}),
]

# What has to pass all rules: the same words where they are allowed or mean nothing.
GOOD = {
    "src/base/a.h": header("SOCKT_BASE_A_H", "#include <stddef.h>\nsize_t f(void);"),
    "src/base/a.c": c_file(
        '#include "base/a.h"\n/* socket(1) sprintf() stderr, as long as it is a comment */\n'
        'static const char text[] = "printf(malloc(1)) \\" exit(1)";\n'
        "int f(void)\n{\n\top->connect(1);\n\tops.send(2);\n\tstep_recv(3);\n\tmy_exit(4);\n"
        "\treturn f(1,\n\t\t 2);\n}\n"),
    "src/base/util.c": c_file("void f(void)\n{\n\tmalloc(1);\n\t_exit(1);\n}\n"),
    "src/step/a.c": c_file('#include "base/a.h"\nvoid f(void)\n{\n\tsocket(1, 2, 3);\n}\n'),
    "src/cli/a.c": c_file("void f(void)\n{\n\tfprintf(stderr, text);\n\texit(1);\n}\n"),
    "src/cli/long.c": c_file(function(70) + "int a(void);\n" * 428),
    "tests/a.py": SPDX_HASH + 'text = "time.sleep(1)"  # sleep(1)\nself.sleep(3)\n',
    "tests/a.sh": "#!/bin/sh\n" + SPDX_HASH + "# sleep 1\necho no sleep\n",
    "README": "a template: /tmp/sockt." + "X" * 6 + "\n",
}


def lists_for(files):
    """The files.mk that name all of files, for trees that are not about lists."""
    lists = {}
    for path in files:
        parts = path.split("/")
        if len(parts) == 3 and path.endswith((".c", ".h")):
            fragment = "/".join(parts[:2]) + "/files.mk"
            lists[fragment] = lists.get(fragment, SPDX_HASH + "list =") + " " + path
    return {path: text + "\n" for path, text in lists.items()}


def fire(files, builddir):
    """Run all rules on a tree of these files; returns the names of those that fired, as often as they did."""
    with tempfile.TemporaryDirectory(prefix="lint.") as directory:
        for path, text in files.items():
            file = Path(directory) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        os.environ["SOCKT_BUILDDIR"] = str(builddir or directory)
        tree = Tree(directory)
        return [name for name, rule in RULES.items() if name != "globals" or builddir for _ in rule(tree)]


def make_archive(directory, code):
    """A libsockt.a of one object."""
    compiler = shlex.split(os.environ.get("CC") or "cc")
    source = directory / "a.c"
    source.write_text(code, encoding="utf-8")
    subprocess.run(compiler + ["-fPIE", "-c", "-o", str(directory / "a.o"), str(source)], check=True)
    subprocess.run(["ar", "cr", str(directory / "libsockt.a"), str(directory / "a.o")], check=True)


def check_globals():
    """The rule that looks at objects: what fires, and what does not."""
    rows = [
        ("int counter;", 1), ("static int counter = 1; int *f(void) { return &counter; }", 1),
        ("int *f(void) { static int calls; return &calls; }", 1), ("_Thread_local int mine;", 1),
        ("__attribute__((common)) int shared;", 1), ("const char *name = \"x\";", 1),
        ("const int limit = 3; static const char *const names[] = { \"a\" };"
         " const char *f(int i) { return names[i]; }", 0),
    ]
    for code, want in rows:
        with tempfile.TemporaryDirectory(prefix="lint.") as directory:
            make_archive(Path(directory), code)
            fired = fire({}, directory)
            if fired != ["globals"] * want:
                yield f"globals: {code}: fired {fired}, expected {want} findings"
    with tempfile.TemporaryDirectory(prefix="lint.") as directory:
        if fire({}, directory) != ["globals"]:
            yield "globals: an archive that is not there passes"


def run():
    os.environ.pop("SOCKT_VARIANT", None)
    failures = []
    for rule, count, files in BAD:
        lists = {} if rule == "lists" else lists_for(files)
        fired = fire({**files, **lists}, None)
        if fired.count(rule) != count or set(fired) - {rule} - allowed_beside(rule):
            failures.append(f"{rule}: {files}: fired {fired}, expected {rule} {count} times and nothing else")
    fired = fire({**GOOD, **lists_for(GOOD)}, None)
    if fired:
        failures.append(f"good code: fired {fired}")
    failures.extend(check_globals())
    untested = set(RULES) - {rule for rule, _, _ in BAD} - {"globals"}
    failures.extend(f"{rule}: no bad snippet is here for it" for rule in sorted(untested))

    for failure in failures:
        print(failure)
    print(f"lint: self-test of {len(RULES)} rules with {len(BAD)} bad trees: {len(failures)} failures")
    return 1 if failures else 0


def allowed_beside(rule):
    """Rules that may fire together with rule, where one mistake is two."""
    return {"floors": {"headers-alone"}, "headers-alone": {"floors"}, "guards": {"headers-alone"},
            "cycles": set()}.get(rule, set())
