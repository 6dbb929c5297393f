# SPDX-License-Identifier: GPL-3.0-or-later
"""--user and --chroot: rights are given up once the socket is ready, for good, and what that takes away is said."""

import os
import pwd
import signal
import socket
import subprocess

import pytest

import peers as peer_scripts
from facts import children_of, require, require_tool, wait_for

NOBODY = 65534
DROPS = ["chroot", "setgroups", "setgid", "setuid"]


@pytest.fixture(autouse=True)
def leaks_are_not_looked_for(sockt):
    """The checker for leaks stops its own process by ptrace(2), which a process that has changed its user forbids."""
    options = sockt.environment.get("ASAN_OPTIONS", "")
    sockt.environment["ASAN_OPTIONS"] = options.replace("detect_leaks=1", "detect_leaks=0")


@pytest.fixture
def root():
    """Only root may become another user."""
    require(os.geteuid() == 0, "only root may become another user")


@pytest.fixture
def jail(tmp_path):
    """An empty directory that everybody may reach."""
    for path in tmp_path.parents:
        if path.stat().st_mode & 0o011 != 0o011:
            path.chmod(path.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    made = tmp_path / "jail"
    made.mkdir(mode=0o755)
    return made


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", maxsplit=1) for line in file if ":\t" in line)


def assert_is_nobody(pid, directory=None):
    """Nothing of root is left."""
    status = status_of(pid)
    assert status["Uid"].split() == [str(NOBODY)] * 4 and status["Gid"].split() == [str(NOBODY)] * 4, status
    assert status["Groups"].split() in ([], [str(NOBODY)]), status
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(status[kind], 16) == 0, status
    if directory is not None:
        assert os.readlink(f"/proc/{pid}/root") == str(directory)
        assert os.readlink(f"/proc/{pid}/cwd") == str(directory)


@pytest.mark.smoke
@pytest.mark.parametrize("kind", ["tcp", "udp", "unix"])
def test_listener_is_somebody_else_when_it_is_ready(sockt, peers, root, jail, tmp_path, kind):
    at = {"tcp": ("127.0.0.1", "0"), "udp": ("udp:127.0.0.1:0",), "unix": (f"unix:{tmp_path}/socket",)}[kind]
    process = sockt.listen("--user", "nobody", "--chroot", jail, at=at, stdin=subprocess.PIPE)
    assert_is_nobody(process.pid, jail)
    if kind == "udp":
        sock = peers.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.connect(("127.0.0.1", process.port))
        sock.send(b"hello")
        process.out.until(b"hello")
        return
    sock = peers.connect(process.port if kind == "tcp" else f"{tmp_path}/socket")
    sock.sendall(b"hello")
    process.out.until(b"hello")
    process.write(b"and back")
    process.close_stdin()
    assert peer_scripts.read_all(sock) == b"and back"
    sock.close()
    assert process.finish().status == 0


def test_port_for_root_only(sockt, root):
    """What it is for: in a network of its own every port is free."""
    process = sockt.listen("--sandbox", "--user", "nobody", at=("127.0.0.1", "80"))
    assert process.ready_lines == ["tcp 127.0.0.1:80"]
    assert_is_nobody(process.pid)


def test_steps_are_in_the_trace_in_their_order(sockt, peers, trace, root, jail):
    seen = trace(level=3)
    process = sockt.listen("--user", "nobody", "--chroot", jail, *seen.options, stdin=subprocess.DEVNULL)
    peers.connect(process.port).close()
    process.finish().expect(0)
    steps = [event["step"] for event in seen.events("listen", "accept", *DROPS)]
    assert [step for number, step in enumerate(steps) if number == 0 or steps[number - 1] != step] == [
        "listen", *DROPS, "accept"]
    args = {event["step"]: event["args"] for event in seen.events(*DROPS)}
    assert args["chroot"] == {"path": str(jail)}
    assert args["setgid"] == {"gid": pwd.getpwnam("nobody").pw_gid} and args["setuid"] == {"uid": NOBODY}
    assert args["setgroups"]["size"] == len(args["setgroups"]["list"])
    tried = {event["args"]["call"]: event for event in seen.events("probe")}
    assert tried["setuid(0), which has to fail"]["errno"] == "EPERM"
    assert tried["setgid(0), which has to fail"]["errno"] == "EPERM"


def test_text_shows_them_as_calls(sockt, peers, root, jail):
    process = sockt.listen("-v", "--explain", "--user", "nobody:nogroup", "--chroot", jail, stdin=subprocess.DEVNULL)
    peers.connect(process.port).close()
    said = process.finish().expect(0).err.decode()
    for call in (f'chroot("{jail}") = 0', "setgroups(0, NULL) = 0", f"setgid({NOBODY}) = 0", f"setuid({NOBODY}) = 0"):
        assert call in said
    assert "none is left to go back to" in " ".join(said.replace("│", " ").split())


def test_client_is_somebody_else_before_a_byte_is_moved(sockt, peers, trace, root):
    seen = trace(level=2)
    listening = peers.listen()
    process = sockt.start("connect", *seen.options, "--user", "nobody", "127.0.0.1", listening.getsockname()[1])
    sock = peers.accept(listening)
    process.write(b"hello")
    assert sock.recv(5) == b"hello"
    assert_is_nobody(process.pid)
    process.close_stdin()
    sock.close()
    process.finish().expect(0)
    steps = [event["step"] for event in seen.events()]
    assert steps.index("connected") < steps.index("setuid") < steps.index("send")


@pytest.mark.parametrize("workers", [None, 2])
def test_relay_and_its_workers(sockt, peers, root, jail, workers):
    server = peers.server(peer_scripts.echo)
    options = ("--workers", workers) if workers else ()
    relay = sockt.relay(server.port, *options, "--user", "nobody", "--chroot", jail)
    sock = peers.connect(relay.port)
    sock.sendall(b"hello")
    assert sock.recv(5) == b"hello"
    pids = [relay.pid, *children_of(relay.pid)]
    assert len(pids) == 1 + (workers or 0)
    for pid in pids:
        assert_is_nobody(pid, jail)


@pytest.mark.waits
def test_worker_that_is_started_again(sockt, peers, root, jail):
    """It has none of the rights either, and keeps no descriptor of the others, without a /proc to find them."""
    server = peers.server(peer_scripts.echo)
    relay = sockt.relay(server.port, "--workers", 2, "--user", "nobody", "--chroot", jail)
    first = set(children_of(relay.pid))
    victim = min(first)
    os.kill(victim, signal.SIGKILL)
    (again,) = wait_for(lambda: set(children_of(relay.pid)) - first, "another worker")
    assert_is_nobody(again, jail)
    wait_for(lambda: len(os.listdir(f"/proc/{again}/fd")) == len(os.listdir(f"/proc/{(first - {victim}).pop()}/fd")),
             "both workers to have as many descriptors")
    # They end with the parent: the signal that says so outlives the change of user.
    relay.signal(signal.SIGKILL)
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in (again, *(first - {victim}))), "their end")


def test_program_is_that_users(sockt, peers, root):
    process = sockt.listen("--user", "nobody", "--sh", "id -u; echo $USER $LOGNAME $HOME", at=("127.0.0.1", "0"))
    user = pwd.getpwnam("nobody")
    assert peer_scripts.read_all(peers.connect(process.port)) == f"65534\nnobody nobody {user.pw_dir}\n".encode()


def test_program_has_to_be_inside(sockt, root, jail):
    run = sockt.run("listen", "-v", "--user", "nobody", "--chroot", jail, "--exec", "cat", "127.0.0.1", "0")
    run.expect(1, b"", "start the program cat: No such file or directory (ENOENT)")


def test_program_inside_is_run(sockt, peers, root, jail, tmp_path):
    source = tmp_path / "hello.c"
    source.write_text('#include <unistd.h>\nint main(void) { return write(1, "inside\\n", 7) != 7; }\n')
    subprocess.run([require_tool("cc"), "-static", "-o", jail / "hello", source], check=True)
    process = sockt.listen("--user", "nobody", "--chroot", jail, "--exec", "/hello")
    assert peer_scripts.read_all(peers.connect(process.port)) == b"inside\n"
    process.finish().expect(0)


@pytest.mark.parametrize("where, options, is_left, said", [
    ("open", ("--user", "nobody"), False, b""),
    ("closed", ("--user", "nobody"), True, "will stay: nobody may not remove it (--user)"),
    ("sticky", ("--user", "nobody"), True, "will stay: nobody may not remove it (--user)"),
    ("sticky", ("--user", "nobody", "--owner", "nobody"), False, b""),
    ("open", ("--user", "nobody", "--chroot", "jail"), True, "will stay: it is outside of "),
    ("jail", ("--user", "nobody", "--chroot", "jail"), True, "will stay: nobody may not remove it (--user)"),
    ("jail/open", ("--user", "nobody", "--chroot", "jail"), False, b""),
    ("jail", ("--chroot", "jail"), False, "root can leave a root directory again"),
])
@pytest.mark.parametrize("is_relative", [False, True])
def test_file_of_a_unix_socket(sockt, root, jail, where, options, is_left, said, is_relative):
    for name, mode in (("open", 0o777), ("closed", 0o755), ("sticky", 0o1777), ("jail/open", 0o777)):
        directory = jail.parent / name
        directory.mkdir(exist_ok=True)
        directory.chmod(mode)
    path = f"{where}/socket" if is_relative else f"{jail.parent}/{where}/socket"
    process = sockt.listen(*options, at=(f"unix:{path}",))
    process.signal(signal.SIGTERM)
    process.finish().expect(128 + signal.SIGTERM, b"", said)
    assert (jail.parent / where / "socket").exists() == is_left


def test_file_of_a_control_socket(sockt, root, jail):
    server = socket.create_server(("127.0.0.1", 0))
    relay = sockt.relay(server.getsockname()[1], "--control", f"unix:{jail}/control", "--chroot", jail, "--quiet")
    assert (jail / "control").exists()
    relay.signal(signal.SIGTERM)
    relay.finish().expect(128 + signal.SIGTERM, b"", b"")
    assert not (jail / "control").exists()
    server.close()


def test_service_manager_outside_is_told(sockt, peers, root, jail, tmp_path):
    manager = peers.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    manager.bind(str(tmp_path / "notify"))
    sockt.listen("--user", "nobody", "--chroot", jail, env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("command", ["listen", "connect", "relay"])
def test_who_may_not_is_told_what_is_needed(sockt, peers, nobody, command):
    """Nobody is served then."""
    server = peers.listen()
    port = server.getsockname()[1]
    words = {"listen": ("127.0.0.1", "0"), "connect": ("127.0.0.1", port),
             "relay": ("tcp:127.0.0.1:0", f"tcp:127.0.0.1:{port}")}[command]
    run = sockt.run(command, "-v", "--user", "root", *words, prefix=nobody, input=b"secret")
    run.expect(1, b"", "setgroups for the user root: Operation not permitted (EPERM)")
    assert "only root, or a program with CAP_SETUID and CAP_SETGID" in " ".join(run.err.decode().split())
    if command == "connect":
        assert peer_scripts.read_all(peers.accept(server)) == b""
    run = sockt.run(command, "-v", "--chroot", "/", *words, prefix=nobody)
    run.expect(1, b"", "chroot to /: Operation not permitted (EPERM)")


def test_who_is_that_user_already(sockt, nobody):
    process = sockt.listen("-v", "--user", f"{NOBODY}:{NOBODY}", prefix=nobody)
    assert_is_nobody(process.pid)
    process.err.until(b"this process is of the user 65534:65534 already (--user)")


def test_names_that_cannot_be_looked_up_inside(sockt, root, jail):
    relay = sockt.relay("tcp:localhost:9", "--user", "nobody", "--chroot", jail)
    relay.err.until(b"the name localhost is looked up inside of ")


@pytest.mark.parametrize("words, said", [
    (("--user", "no-such-user"), '--user: there is no user "no-such-user" here (getent passwd)'),
    (("--user", "nobody:no-such-group"), '--user: there is no group "no-such-group" here (getent group)'),
    (("--user", "4000000000"), "--user: no user has the number 4000000000, so the group has to be named: "
                               "4000000000:GROUP"),
    (("--user", "4294967295:0"), "--user 4294967295 is out of range"),
    (("--user", "nobody:"), '--user is USER or USER:GROUP, names or numbers, not "nobody:"'),
    (("--user", ":nogroup"), '--user is USER or USER:GROUP, names or numbers, not ":nogroup"'),
    (("--chroot", "/no/such/dir"), '--chroot "/no/such/dir": No such file or directory (ENOENT)'),
    (("--chroot", "/etc/passwd"), '--chroot "/etc/passwd": Not a directory (ENOTDIR)'),
])
def test_mistakes(sockt, words, said):
    sockt.run("listen", *words, "0").expect(2, b"", said)


def test_what_does_not_go_together(sockt, root):
    sockt.run("connect", "--scan", "--user", "nobody", "localhost", "80").expect(
        2, b"", "--scan and --user contradict each other")
    sockt.run("relay", "--packets", "--workers", "2", "--user", "nobody", "9000", "9001").expect(
        2, b"", "--packets, --workers and --user do not go together")


@pytest.mark.parametrize("ends", [("exec:id -u", "-"), ("-", "exec:id -u"), ("exec:id -u", "sh:cat >&2")])
def test_two_ends_without_a_socket(sockt, root, ends):
    """There is no connection that would stand first: --user had no effect."""
    run = sockt.run("relay", "--user", "nobody", *ends)
    assert (run.out or run.err) == b"65534\n" and run.status == 0, run


def test_a_copy_of_two_files(sockt, root, trace):
    """They are opened before, as a trace is."""
    (sockt.workdir / "file").write_bytes(b"for root only")
    (sockt.workdir / "file").chmod(0o600)
    seen = trace(level=1)
    sockt.run("relay", "--user", "nobody", *seen.options, "file:file", "file:copy").expect(0, b"", b"")
    assert (sockt.workdir / "copy").read_bytes() == b"for root only"
    assert [event["args"]["uid"] for event in seen.events("setuid")] == [NOBODY]


@pytest.mark.parametrize("options, error", [(("--user", "nobody"), "Permission denied (EACCES)"),
                                            (("--chroot", "jail"), "No such file or directory (ENOENT)")])
def test_a_fifo_that_cannot_be_opened_any_more(sockt, root, jail, options, error):
    """It is opened when somebody reads it: said at the start, and not to the first client."""
    os.mkfifo(sockt.workdir / "fifo", 0o600)
    sockt.run("relay", *options, "tcp:127.0.0.1:0", f"file:{sockt.workdir}/fifo").expect(
        6, b"", ["write to the FIFO ", error])


@pytest.mark.parametrize("where, options, is_left, said", [
    ("jail/open", ("--user", "nobody", "--chroot", "jail"), False, None),
    ("jail", ("--user", "nobody"), True, "to the terminal will stay: nobody may not remove it (--user)"),
    (".", ("--chroot", "jail"), True, "to the terminal will stay: it is outside of "),
])
def test_link_to_a_terminal(sockt, root, jail, where, options, is_left, said):
    (jail / "open").mkdir()
    (jail / "open").chmod(0o777)
    relay = sockt.relay(f"pty,link={where}/link", *options)
    link = jail.parent / where / "link"
    assert link.is_symlink()
    relay.signal(signal.SIGTERM)
    result = relay.finish()
    result.expect(128 + signal.SIGTERM, b"", said)
    assert link.is_symlink() == is_left and (said is not None or b"will stay" not in result.err)


def test_groups_of_others_are_no_part_of_the_user(sockt):
    """Who is that user already, but in other groups, cannot give them up and is told so."""
    require(os.geteuid() == 0, "only root may choose groups")
    require_tool("setpriv")
    prefix = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--groups=0")
    sockt.run("listen", "--user", "nobody", "127.0.0.1", "0", prefix=prefix).expect(
        1, b"", "setgroups for the user nobody: Operation not permitted (EPERM)")
