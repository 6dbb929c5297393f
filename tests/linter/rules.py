# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules. Each is a function from the tree to findings (path, line, message); RULES names them all."""

import concurrent.futures
import os
import re
import shlex
import subprocess
from pathlib import Path

FLOORS = ["base", "trace", "step", "stream", "endpoint", "engine", "cli"]

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
COLUMNS_MAX = 120

SOCKET_CALLS = """socket socketpair bind listen accept accept4 connect send sendto sendmsg sendmmsg recv recvfrom
    recvmsg recvmmsg setsockopt getsockopt getsockname getpeername shutdown splice sendfile vmsplice tee epoll_create
    epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 signalfd eventfd timerfd_create getaddrinfo
    getnameinfo""".split()
BANNED_CALLS = """strcpy stpcpy strcat strncat strncpy sprintf vsprintf atoi atol atoll atof strtok gets alloca
    strdupa""".split()
MEMORY_CALLS = """malloc calloc realloc reallocarray strdup strndup asprintf vasprintf aligned_alloc
    posix_memalign""".split()
EXIT_CALLS = "exit _exit _Exit quick_exit abort err errx verr verrx".split()
PRINT_CALLS = "printf vprintf puts putchar perror psignal dprintf vdprintf warn warnx".split()

MEMORY_FILE = "src/base/util.c"
# The one loop that looks again and again for a fact that nothing announces, with a deadline.
POLLING_FILE = "tests/e2e/facts.py"
# The words that no file may hold are put together here, or this file would hold them.
OPEN_MATTERS = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
MACHINE_PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", ".py" + "env"]


def floor_of(path):
    """The number of a file's floor: 0 for base, 7 for main.c; None for a file that has none."""
    parts = path.split("/")
    if path == "src/main.c":
        return len(FLOORS)
    if len(parts) == 3 and parts[0] == "src" and parts[1] in FLOORS:
        return FLOORS.index(parts[1])
    return None


def find_calls(source, names):
    """Every call of one of names, not of a member that is called so."""
    pattern = r"(?<![\w.])(?<!->)(" + "|".join(names) + r")\s*\("
    for match in re.finditer(pattern, source.code):
        yield source.line_of(match.start()), match.group(1)


def check_floors(tree):
    for source in tree.c_files():
        floor = floor_of(source.path)
        if floor is None:
            yield source.path, 1, f"is on no floor: src/ has {', '.join(FLOORS)} and main.c"
            continue
        for line, include in source.includes():
            target = floor_of("src/" + include)
            if target is None:
                yield source.path, line, f'"{include}" is not a path from src/ to a file on a floor'
            elif target > floor:
                yield source.path, line, f'"{include}" is on a higher floor'


def check_cycles(tree):
    graph = {}
    for source in tree.c_files():
        graph[source.path] = [(line, "src/" + include) for line, include in source.includes()]
    done, path = set(), []

    def visit(node):
        if node in done or node not in graph:
            return
        path.append(node)
        for line, target in graph[node]:
            if target in path:
                circle = " -> ".join(path[path.index(target):] + [target])
                yield node, line, f"is included in a circle: {circle}"
            else:
                yield from visit(target)
        path.pop()
        done.add(node)

    for node in sorted(graph):
        yield from visit(node)


def check_socket_calls(tree):
    for source in tree.c_files():
        if source.is_under("src/step"):
            continue
        for line, name in find_calls(source, SOCKET_CALLS):
            yield source.path, line, f"{name}() is called outside of src/step/"


def check_banned_calls(tree):
    for source in tree.c_files():
        for line, name in find_calls(source, BANNED_CALLS):
            yield source.path, line, f"{name}() is banned"


# Those whose argument is a sentence for a person.
SPEAKING_CALLS = ("source_comment", "engine_say", "engine_say_of", "step_note", "bus_note", "failure_usage")
BARE_SENTENCE = re.compile(r'[,(]\s*"[^"\n]*[a-z] [a-z]')


def check_words(tree):
    for source in tree.c_files():
        for line, name in find_calls(source, SPEAKING_CALLS):
            # All calls of a line are looked at together, as far as its statement goes.
            statement = "\n".join(source.text.split("\n")[line - 1:]).split(";\n", 1)[0]
            said = BARE_SENTENCE.search(statement)
            if said and not statement[:said.start() + 1].rstrip().endswith(("_(", "N_(")):
                yield source.path, line, f"what {name}() says does not go through _()"


def check_memory_calls(tree):
    for source in tree.c_files():
        if source.path == MEMORY_FILE:
            continue
        for line, name in find_calls(source, MEMORY_CALLS):
            yield source.path, line, f"{name}() may fail: take the x-function of base/util.h"


def check_exits(tree):
    for source in tree.c_files():
        floor = floor_of(source.path)
        if source.path == MEMORY_FILE or floor is None or floor >= FLOORS.index("cli"):
            continue
        for line, name in find_calls(source, EXIT_CALLS):
            yield source.path, line, f"{name}() below the command: return the failure"


def check_prints(tree):
    for source in tree.c_files():
        floor = floor_of(source.path)
        if floor is None or floor >= FLOORS.index("cli"):
            continue
        for line, name in find_calls(source, PRINT_CALLS):
            yield source.path, line, f"{name}() below the command: nobody prints there"
        for match in re.finditer(r"\b(stdout|stderr)\b", source.code):
            line = source.line_of(match.start())
            yield source.path, line, f"{match.group(1)} below the command: nobody prints there"


def check_headers_alone(tree):
    compiler = os.environ.get("CC") or "cc"
    headers = [source.path for source in tree.c_files() if source.path.endswith(".h")]

    def compile_header(path):
        command = shlex.split(compiler) + [
            "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", str(tree.root / "src"),
            "-x", "c", "-"]
        done = subprocess.run(command, input=f'#include "{path[4:]}"\n', capture_output=True, text=True, check=False)
        return path, done.returncode, done.stderr

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, status, said in pool.map(compile_header, headers):
            if status != 0:
                lines = [line for line in said.splitlines() if "error:" in line] or [said]
                yield path, 1, f"does not compile alone: {lines[0]}"


def check_guards(tree):
    for source in tree.c_files():
        if not source.path.endswith(".h"):
            continue
        want = "SOCKT_" + re.sub(r"\W", "_", source.path[len("src/"):]).upper()
        directives = re.findall(r"(?m)^[ \t]*#[ \t]*(\w+)[ \t]*(\w*)", source.code)
        if directives[:2] != [("ifndef", want), ("define", want)]:
            yield source.path, 1, f"has no include guard {want}"


def check_spdx(tree):
    for source in tree.sources:
        if source.kind == "text":
            continue
        first = source.lines[1] if source.lines[0].startswith("#!") and len(source.lines) > 1 else source.lines[0]
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in first:
            yield source.path, 1, "does not begin with the SPDX line"


def check_function_length(tree):
    for source in tree.c_files() + tree.c_files("tests"):
        for name, first, last in source.functions():
            length = last - first + 1
            if length > FUNCTION_LINES_MAX:
                yield source.path, first, f"{name}() has {length} lines, more than {FUNCTION_LINES_MAX}"


def check_file_length(tree):
    for source in tree.c_files():
        length = len(source.lines) - 1
        if source.path.endswith(".c") and length > FILE_LINES_MAX:
            yield source.path, length, f"has {length} lines, more than {FILE_LINES_MAX}"


def check_blanks(tree):
    for source in tree.sources:
        if source.path == "COPYING":
            continue
        for number, line in enumerate(source.lines, 1):
            if line.endswith((" ", "\t", "\r")):
                yield source.path, number, "ends with a blank"
        if not source.text.endswith("\n") or source.text.endswith("\n\n"):
            yield source.path, len(source.lines), "does not end with one newline"


def check_columns(tree):
    for source in tree.sources:
        if source.kind == "text":
            continue
        for number, line in enumerate(source.lines, 1):
            columns = len(line.expandtabs(8))
            if columns > COLUMNS_MAX:
                yield source.path, number, f"has {columns} columns, more than {COLUMNS_MAX}"


def check_indent(tree):
    for source in tree.c_files() + tree.c_files("tests"):
        code = source.code.split("\n")
        for number, line in enumerate(source.lines, 1):
            if line.startswith(" ") and code[number - 1].strip():
                yield source.path, number, "is indented with blanks, not tabs"


def check_open_matters(tree):
    pattern = re.compile(r"\b(" + "|".join(OPEN_MATTERS) + r")\b")
    for source in tree.sources:
        if source.path == "COPYING":
            continue
        for match in pattern.finditer(source.text):
            yield source.path, source.line_of(match.start()), f"{match.group(1)}: open matters go to the tracker"


def check_sleeps(tree):
    patterns = {
        "c": r"(?<![\w.])(?:u|nano|clock_nano)?sleep\s*\(",
        "python": r"\btime\s*\.\s*sleep\b|\bimport\s+sleep\b|(?<![\w.])sleep\s*\(",
        "shell": r"(?m)(?:^|[;&|({]|\bdo\b|\bthen\b|\belse\b)\s*sleep\s+[\w.$\"{]",
    }
    for source in tree.sources:
        pattern = patterns.get(source.kind)
        if pattern is None or source.path == POLLING_FILE or not (source.is_under("tests") or source.is_under("doc")):
            continue
        for match in re.finditer(pattern, source.code):
            yield source.path, source.line_of(match.end() - 1), "sleeps: wait for a fact"


def check_machine_paths(tree):
    pattern = re.compile("|".join(re.escape(path) for path in MACHINE_PATHS))
    for source in tree.sources:
        for match in pattern.finditer(source.text):
            yield source.path, source.line_of(match.start()), f"names a path of one machine: {match.group(0)}"


def listed_in(tree, path):
    """The words that the variables of a files.mk hold: those of assignments and of the lines that continue them."""
    source = tree.by_path.get(path)
    text = source.text if source else ""
    values = re.findall(r"(?m)^\w+[ \t]*\+?=((?:.*\\\n)*.*)$", text)
    return [word for value in values for word in value.replace("\\\n", " ").split()]


def check_lists(tree):
    for floor in FLOORS:
        have = {source.path for source in tree.c_files(f"src/{floor}")}
        words = listed_in(tree, f"src/{floor}/files.mk")
        listed = set(words)
        for path in sorted(have - listed):
            yield path, 1, f"is not in src/{floor}/files.mk"
        for path in sorted(listed - have):
            yield f"src/{floor}/files.mk", 1, f"lists {path}, which is not there"
        for path in sorted(path for path in listed if words.count(path) > 1):
            yield f"src/{floor}/files.mk", 1, f"lists {path} twice"
    for source in tree.sources:
        path = source.path
        name = path.split("/")[-1]
        if re.fullmatch(r"tests/(unit/test|fuzz/fuzz)_\w+\.c", path):
            wanted, fragment = path[:-2], "/".join(path.split("/")[:2]) + "/files.mk"
        elif path.startswith("tests/e2e/") and name != "files.mk":
            wanted, fragment = path, "tests/e2e/files.mk"
        elif re.fullmatch(r"man/\S+\.[1-8]", path):
            wanted, fragment = path, "man/files.mk"
        else:
            continue
        if wanted not in listed_in(tree, fragment):
            yield path, 1, f"is not in {fragment}"


def check_globals(tree):
    """Nothing in the library may be written to: the sections that its objects have say so."""
    archive = Path(os.environ.get("SOCKT_BUILDDIR") or tree.root / "build") / "libsockt.a"
    # The sanitizers put records of their own into the data.
    if os.environ.get("SOCKT_VARIANT") == "asan":
        return
    if not archive.exists():
        yield str(archive.name), 1, "is not there: build it first, or name the build directory in SOCKT_BUILDDIR"
        return
    command = shlex.split(os.environ.get("NM") or "nm") + ["--format=sysv", str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield str(archive.name), 1, f"nm cannot read it: {done.stderr.strip()}"
    member = ""
    for line in done.stdout.splitlines():
        heading = re.search(r"\[(\S+\.o)\]", line)
        if heading:
            member = heading.group(1)
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 7 and is_writable(fields[6]):
            yield f"{archive.name}({member})", 1, f"{fields[0]} is a variable that outlives its function ({fields[6]})"


def is_writable(section):
    """Is it a section whose contents change? .data.rel.ro holds constants with addresses in them."""
    if section.startswith(".data.rel.ro"):
        return False
    return section.startswith((".data", ".bss", ".tdata", ".tbss", "*COM*"))


RULES = {
    "floors": check_floors,
    "cycles": check_cycles,
    "socket-calls": check_socket_calls,
    "banned-calls": check_banned_calls,
    "memory-calls": check_memory_calls,
    "words": check_words,
    "exits": check_exits,
    "prints": check_prints,
    "headers-alone": check_headers_alone,
    "guards": check_guards,
    "spdx": check_spdx,
    "function-length": check_function_length,
    "file-length": check_file_length,
    "blanks": check_blanks,
    "columns": check_columns,
    "indent": check_indent,
    "open-matters": check_open_matters,
    "sleeps": check_sleeps,
    "machine-paths": check_machine_paths,
    "lists": check_lists,
    "globals": check_globals,
}
