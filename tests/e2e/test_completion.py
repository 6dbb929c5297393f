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
    ("sockt n", "sockt nc "),
    ("sockt connect unix-seq", "sockt connect unix-seqpacket:"),
    ("sockt listen --slow=d", "sockt listen --slow=drop"),
    ("sockt listen --body=som", "sockt listen --body=some-file"),
    ("sockt connect --sockopt IP_MULTICAST_TT", "sockt connect --sockopt IP_MULTICAST_TTL="),
    ("sockt connect --proxy socks4a", "sockt connect --proxy socks4a://"),
    ("sockt connect --proxy=socks5h", "sockt connect --proxy=socks5h://"),
    ("sockt connect --keepalive unix-seq", "sockt connect --keepalive unix-seqpacket:"),
    # Options of endpoints, behind any comma; files behind a kind that is one.
    ("sockt relay 9000,accept-p", "sockt relay 9000,accept-proxy"),
    ("sockt connect tcp:localhost:9000,ttl=5,user-t", "sockt connect tcp:localhost:9000,ttl=5,user-timeout="),
    ("sockt listen unix:som", "sockt listen unix:some-file"),
    ("sockt relay 9000 file:som", "sockt relay 9000 file:some-file"),
    ("sockt connect --trace json:som", "sockt connect --trace json:some-file"),
    ("sockt relay --control=unix:som", "sockt relay --control=unix:some-file"),
    ("sockt connect --trace json:some-file,lev", "sockt connect --trace json:some-file,level="),
    ("sockt relay --trace=text,level=", "sockt relay --trace=text,level="),
    # Hosts behind a kind, services behind a host.
    ("sockt connect tcp:localhos", "sockt connect tcp:localhost:"),
    ("sockt relay 9000 mptcp6:localhos", "sockt relay 9000 mptcp6:localhost:"),
    ("sockt connect tcp:localhost:goph", "sockt connect tcp:localhost:gopher"),
    ("sockt connect localhost:goph", "sockt connect localhost:gopher"),
    ("sockt connect localhost goph", "sockt connect localhost gopher"),
    ("sockt listen -k 127.0.0.1 goph", "sockt listen -k 127.0.0.1 gopher"),
    ("sockt nc -N localhost goph", "sockt nc -N localhost gopher"),
    # Services where a port may stand alone.
    ("sockt listen goph", "sockt listen gopher"),
    ("sockt relay goph", "sockt relay gopher"),
    ("sockt relay 9000 goph", "sockt relay 9000 gopher"),
    # Our own address.
    ("sockt connect -s localhos", "sockt connect -s localhost"),
    ("sockt connect --source localhos", "sockt connect --source localhost"),
    ("sockt connect --source=localhos", "sockt connect --source=localhost"),
    ("sockt nc -s localhos", "sockt nc -s localhost"),
    ("sockt connect tcp:localhost:9000,ttl=5,bind=localhos", "sockt connect tcp:localhost:9000,ttl=5,bind=localhost"),
    ("sockt relay 9000 localhost:9001,bind=localhos", "sockt relay 9000 localhost:9001,bind=localhost"),
    # What is to be explained, without an argument.
    ("sockt help --wor", "sockt help --workers"),
    ("sockt help half-c", "sockt help half-close"),
    # Programs, by their names or paths.
    ("sockt relay 9000 exec:try-prog", "sockt relay 9000 exec:try-program"),
    ("sockt relay 9000 exec:./try-prog", "sockt relay 9000 exec:./try-program"),
    ("sockt relay sh:try-prog", "sockt relay sh:try-program"),
    ("sockt listen --exec try-prog", "sockt listen --exec try-program"),
    ("sockt listen --user daemo", "sockt listen --user daemon"),
    ("sockt listen --owner daemo", "sockt listen --owner daemon"),
    ("sockt listen unix:x,mod", "sockt listen unix:x,mode="),
    ("sockt listen --chroot other-d", "sockt listen --chroot other-dir"),
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
        if command == "help":  # it explains them all
            shown = shown.union(*(long_options(sockt, other) for other in COMMANDS))
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


def furnish(directory):
    """What is to be completed: some-file, other-dir, try-program. Returns PATH with that program in it."""
    (directory / "some-file").write_text("")
    (directory / "other-dir").mkdir(exist_ok=True)
    for program in (directory / "try-program", directory / "other-dir" / "try-program"):
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return f"{directory}/other-dir:{os.environ['PATH']}"


@pytest.fixture
def spawn(tmp_path):
    """spawn(argv, *lines): a shell at a terminal that has read these lines, and has something to complete."""
    made = []

    def make(argv, *lines):
        environment = {"PATH": furnish(tmp_path), "HOME": str(tmp_path), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
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
        # It rings where more than one word fits.
        shell.expect("\a?".join(map(re.escape, want)))
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
    assert {"--workers", "-k"} <= set(choices("help", "-"))
    assert choices("nc", "-w", "") == choices("connect", "goph") == []
    assert {"-4", "-z", "-x"} <= set(choices("nc", "-"))


def test_zsh(need, script, spawn, tmp_path):
    path = script("zsh")
    shell = spawn([need("zsh"), "-f", "-i"], f"fpath=({path.parent} $fpath)", "autoload -Uz compinit",
                  f"compinit -u -d {tmp_path}/dump", "unsetopt auto_menu auto_list")
    complete_all(shell)


def test_fish(need, script, tmp_path):
    search = furnish(tmp_path)
    path = script("fish")
    asks = "".join(f"echo '# {typed}'; complete -C '{typed}'\n" for typed, _ in TYPED)
    run = subprocess.run([need("fish"), "--no-config", "-c", f"source {path}\n{asks}"], capture_output=True, text=True,
                         cwd=tmp_path, timeout=DEADLINE, env={**os.environ, "HOME": str(tmp_path), "PATH": search})
    assert run.returncode == 0, run.stderr
    answers = dict(block.split("\n", 1) for block in run.stdout.split("# ")[1:])
    for typed, want in TYPED:
        found = [line.split("\t")[0].rstrip("/") for line in answers[typed].splitlines()]
        last = want.split()[-1].rstrip("/")
        assert any(word == last or word.startswith(last) and last.endswith("=") for word in found), (typed, found)


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
