# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion, asked of the shells themselves: what a person gets who presses the tab key."""

import os
import re
import subprocess

import pexpect
import pytest

from facts import DEADLINE

SHELLS = ["bash", "zsh", "fish"]
COMMANDS = ["listen", "connect", "relay", "shell", "help"]

# What is typed, and what stands there once the tab key was pressed.
TYPED = [
    ("sockt lis", "sockt listen "),
    ("sockt listen --sl", "sockt listen --slow"),
    ("sockt listen --slow d", "sockt listen --slow drop"),
    ("sockt connect --connect-t", "sockt connect --connect-timeout"),
    ("sockt relay --wor", "sockt relay --workers"),
    ("sockt connect --trace js", "sockt connect --trace json"),
    ("sockt relay --fault lat", "sockt relay --fault latency="),
    ("sockt connect --history som", "sockt connect --history some-file"),
    ("sockt shell som", "sockt shell some-file"),
    ("sockt help half-c", "sockt help half-close"),
    ("sockt connect unix-seq", "sockt connect unix-seqpacket:"),
]


@pytest.fixture
def script(sockt, tmp_path):
    """script(shell): the file, in a directory of its own; named as that shell looks for it."""
    def make(shell):
        name = {"bash": "sockt", "zsh": "_sockt", "fish": "sockt.fish"}[shell]
        path = tmp_path / shell / name
        path.parent.mkdir()
        path.write_bytes(sockt.run("help", "--completion", shell).expect(0, err=b"").out)
        return path
    return make


def long_options(sockt, command):
    return set(re.findall(r"^ .{0,6}--([a-z][a-z-]+)", sockt.run(command, "--help").out.decode(), re.M))


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_and_no_other(sockt, script, shell):
    text = script(shell).read_text()
    for command in COMMANDS:
        shown = long_options(sockt, command)
        if shell == "bash":
            (line,) = re.findall(rf"\t{command}:-\*\)\n(.*)", text)
            found = set(re.findall(r"--([a-z-]+)", line))
        elif shell == "zsh":
            (block,) = re.findall(rf"\t{command}\)\n(.*?)\n\t\t;;", text, re.S)
            found = set(re.findall(r"^\t+'\*--([a-z-]+)", block, re.M))
        else:
            found = set(re.findall(rf"__sockt_command {command}'(?: -s .)? -l ([a-z-]+)", text))
        assert found == shown, command


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one(need, script, shell):
    """The shell can read it."""
    run = subprocess.run([need(shell), "-n", script(shell)], capture_output=True, text=True, timeout=DEADLINE)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.fixture
def spawn(tmp_path):
    """spawn(argv, *lines): a shell at a terminal that has read these lines, with some-file where it is."""
    made = []

    def make(argv, *lines):
        (tmp_path / "some-file").write_text("")
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        shell = pexpect.spawn(argv[0], argv[1:], cwd=tmp_path, env=environment, timeout=DEADLINE, dimensions=(40, 200))
        made.append(shell)
        for line in lines:
            shell.sendline(line)
        # What was typed is echoed, too: only what is printed is joined.
        shell.sendline("echo rea''dy")
        shell.expect_exact("ready\r\n")
        return shell
    yield make
    for shell in made:
        shell.close(force=True)


def complete_all(shell):
    for typed, want in TYPED:
        shell.send(typed + "\t")
        shell.expect_exact(want)
        shell.send("\x15")  # an empty line again


def test_bash(need, script, spawn):
    shell = spawn([need("bash"), "--norc", "--noprofile", "-i"], "bind 'set enable-bracketed-paste off'",
                  f"source {script('bash')}")
    complete_all(shell)


def test_bash_shows_a_choice(need, script):
    """Of an option with its value behind an equals sign, too."""
    ask = (f"source {script('bash')}; COMP_WORDS=(sockt \"$@\"); COMP_CWORD=$#; _sockt 2>/dev/null; "
           'printf "%s\\n" "${COMPREPLY[@]}"')

    def choices(*words):
        run = subprocess.run([need("bash"), "--norc", "-c", ask, "bash", *words], capture_output=True, text=True,
                             timeout=DEADLINE)
        assert run.returncode == 0, run.stderr
        return run.stdout.split()

    assert choices("listen", "--until", "") == ["local", "remote", "both"]
    assert choices("listen", "--slow=") == ["wait", "drop"]
    assert choices("listen", "-q", "") == []
    assert choices("lis") == ["listen"]
    assert choices("listen", "--re") == ["--ready-fd", "--recv-only"] or \
        set(choices("listen", "--re")) >= {"--ready-fd", "--recv-only"}
    assert "--workers" not in choices("listen", "--")


def test_zsh(need, script, spawn, tmp_path):
    path = script("zsh")
    shell = spawn([need("zsh"), "-f", "-i"], f"fpath=({path.parent} $fpath)", "autoload -Uz compinit",
                  f"compinit -u -d {tmp_path}/dump", "unsetopt auto_menu auto_list")
    complete_all(shell)


def test_fish(need, script, tmp_path):
    (tmp_path / "some-file").write_text("")
    path = script("fish")
    asks = "".join(f"echo '# {typed}'; complete -C '{typed}'\n" for typed, _ in TYPED)
    run = subprocess.run([need("fish"), "--no-config", "-c", f"source {path}\n{asks}"], capture_output=True, text=True,
                         cwd=tmp_path, timeout=DEADLINE, env={**os.environ, "HOME": str(tmp_path)})
    assert run.returncode == 0, run.stderr
    answers = dict(block.split("\n", 1) for block in run.stdout.split("# ")[1:])
    for typed, want in TYPED:
        found = [line.split("\t")[0] for line in answers[typed].splitlines()]
        assert want.split()[-1] in found, (typed, found)


def test_another_shell_is_refused(sockt):
    sockt.run("help", "--completion", "tcsh").expect(2, b"", err="bash|zsh|fish")


def test_they_are_installed_where_shells_look(need, srcdir, tmp_path):
    builddir = os.environ["SOCKT_BUILDDIR"]
    if not os.path.exists(f"{builddir}/completions/bash/sockt"):
        pytest.skip("this build has none")
    run = subprocess.run([need("make"), "-s", "-C", builddir, "install-data", f"DESTDIR={tmp_path}", "prefix=/usr"],
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    for name in ("bash-completion/completions/sockt", "zsh/site-functions/_sockt",
                 "fish/vendor_completions.d/sockt.fish"):
        assert (tmp_path / "usr/share" / name).stat().st_size > 1000


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_lessons_are_offered(sockt, need, srcdir, script, shell, tmp_path):
    ask = {"bash": "COMP_WORDS=(sockt shell 1); COMP_CWORD=2; _sockt 2>/dev/null; echo ${COMPREPLY[@]}",
           "fish": "complete -C 'sockt shell 1'"}[shell]
    words = sockt.command()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sockt").write_text("#!/bin/sh\nexec " + " ".join(map(str, words)) + ' "$@"\n')
    (tmp_path / "bin/sockt").chmod(0o755)
    environment = {**os.environ, "HOME": str(tmp_path), "SOCKT_LESSONS": str(srcdir / "lessons"),
                   "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    run = subprocess.run([need(shell), "-c", f"source {script(shell)}; {ask}"], capture_output=True, text=True,
                         cwd=tmp_path, timeout=DEADLINE, env=environment)
    assert set(re.findall(r"\b1\d\b", run.stdout)) == {str(number) for number in range(10, 18)}, run
