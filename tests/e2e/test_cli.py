# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a person meets it: help, version, mistakes, forms of endpoints."""

import re
import subprocess

import pytest

from facts import require_ipv6, require_localhost
from runner import DEVNULL

COMMANDS = ["listen", "connect", "relay", "nc", "help"]

# Options and the commands that have them: what the issue promises.
BOTH = ["-4", "-6", "--udp", "--unix", "--numeric", "--proxy-auth-file", "--max-conns", "--idle-timeout",
        "--total-timeout", "--quit-after", "--until", "--recv-only", "--send-only", "--no-shutdown", "--datagram",
        "--raw", "--exec", "--sh", "--pty", "--header",
        "--crlf", "--line", "--telnet",
        "--limit", "--limit-messages", "--limit-reads",
        "--rate", "--delay-lines", "--null", "--discard", "--echo", "--progress",
        "--hex", "--hex-file", "--output", "--output-in", "--output-out", "--append", "--quiet",
        "--escape", "--history", "--sandbox", "-v", "--explain", "--packets", "--step", "--trace",
        "--preview", "--color", "--help", "--version"]
BOTH += ["--user", "--chroot", "--connect-timeout"]
BOTH += ["--sockopt", "--nodelay", "--keepalive", "--ttl", "--tos", "--dscp", "--sndbuf", "--rcvbuf", "--linger",
         "--mss", "--interface", "--mark", "--reuseport", "--fastopen", "--congestion", "--user-timeout", "--broadcast",
         "--freebind", "--transparent", "--md5-key-file", "--join", "--multicast-ttl", "--multicast-loop",
         "--multicast-if"]
ONLY = {
    "connect": ["--source", "--source-port", "--retry", "--reconnect", "--scan", "--json",
                "--shuffle", "--pause", "--proxy", "--http-get", "--pass-fd"],
    "listen": ["--allow", "--deny", "--allowfile", "--denyfile", "--max-per-host",
               "--accept-timeout", "--broker", "--chat", "--hold", "--keep-open", "--backlog", "--tag", "--slow",
               "--no-reuseaddr", "--ready-fd", "--mode", "--owner", "--http", "--status", "--body", "--keep-alive",
               "--proxy-server"],
}


def caret_column(text):
    """Where the caret stands below the line before it."""
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip() == "^")
    return lines[at - 1], lines[at].index("^")


# ---- Help and version ----------------------------------------------------------------------------


@pytest.mark.smoke
def test_version(sockt):
    result = sockt.run("--version").expect(0, err=b"")
    assert re.fullmatch(rb"sockt \d+\.\d+\.\d+\nbuilt with: (no )?readline\n", result.out)
    for command in COMMANDS:
        assert sockt.run(command, "--version").expect(0).out == result.out


@pytest.mark.smoke
def test_program_help(sockt):
    text = sockt.run("--help").expect(0, err=b"").out.decode()
    for word in [*COMMANDS, "sockt listen -v 9000", "sockt connect -v localhost 9000", "man sockt"]:
        assert word in text
    assert sockt.run("-h").expect(0).out.decode() == text


@pytest.mark.parametrize("command", COMMANDS)
def test_command_help(sockt, command):
    text = sockt.run(command, "--help").expect(0, err=b"").out.decode()
    assert text.startswith(f"usage: sockt {command} ")
    assert f"Examples:\n  sockt {command}" in text
    assert sockt.run(command, "-h").out.decode() == text
    # Wherever it stands, help is what is asked for.
    assert sockt.run(command, "a", "b", "c", "d", "--help").expect(0).out.decode() == text


@pytest.mark.parametrize("command", ["listen", "connect"])
def test_help_shows_the_options_of_the_command(sockt, command):
    text = sockt.run(command, "--help").out.decode()
    shown = set(re.findall(r"^  (?:-\w, |    )?(--?[\w-]+)", text, re.M))
    assert shown == set(BOTH) | set(ONLY[command])


def test_help_says_what_an_option_does_in_this_command(sockt):
    """Nothing of other commands: each has its own sentence, its own kinds of endpoint."""
    text = {command: " ".join(sockt.run(command, "--help").out.decode().split()) for command in COMMANDS}
    assert "limit of the accept queue (128)" in text["listen"] and "limit of the accept queue (1024)" in text["relay"]
    assert "with --scan: try at most N ports" in text["connect"] and "--scan" not in text["relay"]
    for kind in ("exec:PROGRAM", "file:PATH", "stdio", "pty a terminal"):
        assert kind in text["relay"] and kind not in text["connect"] and kind not in text["listen"]
    # Options of endpoints that are options of the command are said once.
    assert "min-ttl=N" in text["connect"] and " mss=N" not in text["connect"] and " mss=N" in text["relay"]


@pytest.mark.parametrize("words", [["--help"], *([command, "--help"] for command in COMMANDS)])
def test_help_fits_80_columns(sockt, words):
    for line in sockt.run(*words).out.decode().splitlines():
        assert len(line) <= 80, line


@pytest.mark.parametrize("command", ["listen", "connect"])
def test_every_option_of_help_is_in_the_manual(srcdir, command):
    named = set()
    for page in ("sockt.1", f"sockt-{command}.1"):
        for line in (srcdir / "man" / page).read_text().replace("\\-", "-").splitlines():
            if re.search(r"\bFl\b", line):
                named.update("-" + word for word in re.findall(r"(?<=[ ,])-?[\w-]+", line))
    missing = [option for option in [*BOTH, *ONLY[command]] if option not in named]
    assert not missing, f"not in sockt(1) or sockt-{command}(1): {missing}"


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["connect", "--help"], ["help"]])
def test_help_that_cannot_be_written_is_6(sockt, words):
    with open("/dev/full", "wb") as full:
        result = sockt.run(*words, stdout=full)
    result.expect(6, err=["sockt: write to standard output", "ENOSPC"])


@pytest.mark.closed_fds
def test_help_with_standard_output_closed_is_6(sockt):
    command = sockt.start_command(["sh", "-c", 'exec "$@" >&-', "sh", *sockt.command("--help")])
    command.finish().expect(6, err="sockt: write to standard output")


def test_nothing_at_all(sockt):
    result = sockt.run().expect(2, b"", err=["usage: sockt listen", "usage: ", "sockt --help"])
    assert len(result.err.splitlines()) <= 5


# ---- Commands and options that are none ------------------------------------------------------------


@pytest.mark.parametrize("words, says", [
    (["conect", "x", "1"], "did you mean connect?"),
    (["lsten"], "did you mean listen?"),
    (["localhost", "9000"], "to connect: sockt connect localhost 9000"),
    (["localhost:9000"], "to connect: sockt connect localhost:9000"),
    (["9000"], "to wait for a client: sockt listen 9000; to connect: sockt connect HOST 9000"),
    (["-", "TCP:localhost:9000"], "to connect: sockt connect TCP:localhost:9000; to wait for a client: sockt listen "),
    (["TCP:localhost:9000", "STDIO"], "to connect: sockt connect TCP:localhost:9000"),
    (["-", "UNIX-CONNECT:a.sock"], "to connect: sockt connect unix:a.sock"),
    (["-", "VSOCK-LISTEN:5"], "to wait for a client: sockt listen vsock:any:5"),
    (["SOCKS5:proxy:x:80", "-"], "--proxy socks5h://HOST:PORT"),
    (["SHELL:date"], "--sh COMMAND"),
    (["-", "EXEC:cat"], "two endpoints are joined by relay: sockt relay - EXEC:cat"),
    (["exec:cat"], "the command comes before an endpoint: sockt relay exec:cat TO"),
    (["UDP-RECV:9000"], "to wait for a client: sockt listen udp:9000"),
    (["TCP-LISTEN:9000,fork", "TCP:x:80"], "sockt relay tcp:9000 TCP:x:80"),
    (["EXEC:cat", "UNIX-LISTEN:a.sock,fork"], "sockt relay unix:a.sock EXEC:cat"),
    (["-", "TCP6-LISTEN:9000"], "to wait for a client: sockt listen tcp6:9000"),
    (["TCP-LISTEN:9000", "-"], "to wait for a client: sockt listen tcp:9000"),
    (["server", "9000"], "to wait for clients: sockt listen PORT"),
    (["ncat", "localhost", "9000"], "man sockt-cookbook"),
    (["socat"], "man sockt-cookbook"),
    (["netcat", "-l", "9000"], "sockt nc"),
    (["scan", "localhost", "22"], "sockt connect --scan HOST PORTS"),
    (["version"], "sockt --version"),
    (["tcp:localhost:9000"], "the command comes before an endpoint; to connect: sockt connect tcp:localhost:9000; "),
    (["-d", "-d", "TCP-LISTEN:9000", "-"], "to see more: -v"),
    (["--ssl", "localhost", "443"], "TLS is not in this version"),
    (["qqqqqqqq"], "sockt --help"),
    (["relay", "9000"], "the target to connect to is missing"),
    (["shel"], "did you mean shell?"),
    (["-l", "9000"], "sockt listen"),
    (["-v", "listen", "9000"], "the command comes first"),
    (["-zv", "localhost", "9000"], "with nc's letters: sockt nc -zv ..."),
    (["--no-such"], "the command comes first"),
    (["\x1b[31m"], "\\x1b[31m"),
    ([""], "there is no command \"\""),
])
def test_no_such_command(sockt, words, says):
    sockt.run(*words, stdin=DEVNULL).expect(2, b"", err=["sockt: ", says])


@pytest.mark.parametrize("words, says", [
    (["connect", "--untl", "local", "x", "1"], "--until"),
    (["connect", "--connect", "1", "x", "1"], "--connect-timeout"),
    (["connect", "-k", "x", "1"], "sockt listen"),
    (["listen", "-w", "1", "0"], "sockt connect"),
    (["listen", "-lp", "9000"], "sockt listen"),
    (["connect", "-e", "/bin/sh", "x", "1"], "--exec"),
    (["connect", "-c", "ls", "x", "1"], "--sh"),
    (["connect", "-x", "proxy:1", "x", "1"], "--proxy"),
    (["connect", "-X", "5", "x", "1"], "--proxy"),
    (["connect", "--zero", "x", "1"], "--zero: "),
    (["connect", "x", "1", "-w"], "the argument is missing: TIME"),
    (["connect", "--recv-only", "--send-only", "x", "1"], "contradict"),
    (["connect", "--recv-only", "-q", "1", "x", "1"], "--idle-timeout leaves after silence"),
    (["listen", "--echo", "-q", "1", "1"], "--idle-timeout leaves after silence"),
    (["connect", "-46", "x", "1"], "contradict"),
])
def test_wrong_options(sockt, words, says):
    sockt.run(*words, stdin=DEVNULL).expect(2, b"", err=["sockt: ", says])


@pytest.mark.parametrize("command", ["listen", "connect"])
def test_options_of_the_other_command(sockt, command):
    other = "connect" if command == "listen" else "listen"
    for option in ONLY[other]:
        sockt.run(command, option, "1", "x", "1").expect(2, b"", err=[option, f"sockt {other}"])


@pytest.mark.parametrize("command, words", [
    ("connect", []), ("listen", []), ("connect", ["a", "1", "b"]),
])
def test_wrong_number_of_arguments_shows_the_usage(sockt, command, words):
    sockt.run(command, *words).expect(2, b"", err=f"\nusage: sockt {command} [OPTION]...")


# ---- Endpoints -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, says, column", [
    (["[::1:9000"], "the bracket is not closed", 0),
    (["tcp:::1:9000"], "stands in brackets: [::1]:9000", 4),
    (["localhost", "0"], "port 0", 10),
    (["localhost", "65536"], "port 65536 is out of range (1-65535)", 10),
    (["localhost", "080"], "write 80", 10),
    (["localhost", ""], "the port is missing", 10),
    (["a" * 300, "1"], "at most 253 characters, and this has 300", 0),
    (["a b", "1"], "no blanks", 1),
    (["unix:" + "a" * 108], "holds 107", 5),
    (["tpc:localhost:9000"], "did you mean tcp?", 0),
    (["localhost:1,nodely"], "did you mean nodelay?", 12),
])
def test_mistakes_are_pointed_at(sockt, words, says, column):
    result = sockt.run("connect", *words).expect(2, b"", err=["sockt: endpoint \"", says])
    line, at = caret_column(result.err.decode())
    assert at == 2 + column
    assert line[2:].startswith(" ".join(words)[:50])


@pytest.mark.parametrize("words, says", [
    (["::1:9000"], "stands in brackets: [::1]:9000"),
    (["0"], "port 0"),
    ([""], "the port is missing"),
    (["localhost", "-1"], "-1"),
    (["localhost", "no-such-service"], "no-such-service"),
    (["localhost", "htpp"], "http"),
    (["localhost"], "localhost:PORT"),
    (["/tmp/x"], "unix:/tmp/x"),
    (["-U", "a" * 108], "holds 107"),
    (["-"], "own input and output"),
    (["tls:localhost:443"], "tls is not in this version"),
    (["-4", "::1", "1"], "takes IPv4 only"),
    (["-n", "localhost", "1"], "-n (--numeric)"),
    (["-s", "::1", "127.0.0.1", "1"], "the source is IPv6"),
])
def test_mistakes_in_endpoints(sockt, words, says):
    result = sockt.run("connect", *words).expect(2, b"", err=["sockt: ", says])
    assert all(32 <= byte < 127 or byte == 10 for byte in result.err)


def test_escapes_reach_the_terminal_only_escaped(sockt):
    result = sockt.run("connect", "\x1b]0;owned\a", "1").expect(2, b"", err="\\x1b]0;owned")
    assert b"\x1b" not in result.err and b"\a" not in result.err


@pytest.mark.smoke
@pytest.mark.parametrize("form", [
    "{host} {port}", "{host}:{port}", "tcp:{host}:{port}", "tcp4:{host}:{port}", "-4 {host} {port}",
    "TCP:{host}:{port}", "{host} {port} -v", "{host} -v {port}", "-- {host} {port}",
    "{host}:{port},nodelay,sndbuf=64k", "-n {host}:{port}", "localhost {port}",
    "-s 127.0.0.1 localhost {port}", "localhost:{port},bind=127.0.0.1", "-4 {port}",
])
def test_every_form_of_a_tcp_endpoint_connects(sockt, listener, form):
    if "{host}" not in form:
        require_localhost()
    process = listener(at=("127.0.0.1", "0"), stdin=DEVNULL)
    words = form.format(host="127.0.0.1", port=process.port).split()
    sockt.run("connect", *words, input=b"hello").expect(0, b"")
    process.finish().expect(0, b"hello")


def test_ipv6_forms_connect(sockt, listener):
    require_ipv6()
    for form in ("[::1]:{port}", "::1 {port}", "[::1] {port}", "tcp6:[::1]:{port}", "-6 ::1 {port}"):
        process = listener(at=("::1", "0"), stdin=DEVNULL)
        sockt.run("connect", *form.format(port=process.port).split(), input=b"six").expect(0)
        process.finish().expect(0, b"six")


def test_unix_path_with_a_comma_and_a_colon(sockt, tmp_path):
    process = sockt.listen(at=(f"unix:{tmp_path}/a\\,b:c",), stdin=DEVNULL)
    assert (tmp_path / "a,b:c").is_socket()
    sockt.run("connect", "-U", f"{tmp_path}/a\\,b:c", input=b"x").expect(0)
    process.finish().expect(0, b"x")


def test_service_name_is_looked_up(sockt, trace):
    seen = trace()
    sockt.run("connect", *seen.options, "127.0.0.1", "discard", stdin=DEVNULL)
    assert [event["args"]["addr"] for event in seen.events("connect")] == ["127.0.0.1:9"]


def test_the_trace_shows_the_command_line_as_it_was(sockt, peers, trace):
    seen = trace()
    port = peers.refused_port()
    words = ["127.0.0.1", "-v", *seen.options, str(port)]
    sockt.run("connect", *words, stdin=DEVNULL).expect(1)
    assert seen.header()["argv"][1:] == ["connect", *words]


@pytest.mark.strace
def test_start_makes_no_call_for_the_command_line(sockt, need, tmp_path):
    """Reading options looks at nothing outside: no locale, no services, no descriptors."""
    log = tmp_path / "strace"
    subprocess.run([need("strace"), "-o", log, *sockt.command("connect", "-vv", "-w", "5", "x", "y z")],
                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    calls = log.read_text()
    for name in ("locale", "/etc/services", "nsswitch", "socket(", "fcntl("):
        assert name not in calls, calls


def test_help_explains_an_option(sockt):
    """Of any command, from its record; what help has itself, or nobody, is as before."""
    assert sockt.run("help", "--retry").expect(0, err=b"").out.decode() == (
        "--retry N|forever[,TIME] (option of connect)\n\n"
        "  try again N times when the peer is not there, TIME (1s) apart\n\n"
        "  See sockt(1), sockt-connect(1); 'sockt help retry'.\n")
    text = sockt.run("help", "-m").expect(0, err=b"").out.decode()
    assert text.startswith("-m, --max-conns N (option of listen, connect, relay)\n")
    for words in ("  listen: with -k: serve", "  connect: with --scan: try", "  relay: serve at most"):
        assert words in text
    assert "sockt help scan" in sockt.run("help", "--scan").expect(0).out.decode()
    assert "'sockt help trace'" in sockt.run("help", "--explain").expect(0).out.decode()
    assert "'sockt help step-mode'" in sockt.run("help", "listen", "--step").expect(0).out.decode()
    for words in (["--mode=0660"], ["--mode", "0660"], ["listen", "--mode"], ["relay", "--mode=0660"]):
        assert sockt.run("help", *words).expect(0, err=b"").out.startswith(b"--mode MODE"), words
    assert sockt.run("help", "-w5").expect(0, err=b"").out.startswith(b"-w, --connect-timeout TIME")
    assert sockt.run("help", "-vv").expect(0, err=b"").out.startswith(b"-v (option of")
    sockt.run("help", "--q").expect(2, b"", err="--q: options are written out: --quit-after, --quiet\n")
    sockt.run("help", "--quit").expect(2, b"", err="--quit: options are written out: --quit-after\n")
    sockt.run("help", "--retri").expect(2, b"", err="--retri: no command has such an option; near to it: --retry")
    sockt.run("help", "-j").expect(2, b"", err="-j: no command has such an option")
    assert sockt.run("help", "--help").expect(0).out.decode().startswith("usage: sockt help")
    sockt.run("help", "--ssl").expect(2, b"", err="TLS is not in this version")
    sockt.run("help", "--no-such").expect(2, b"", err="no command has such an option")
    assert len(sockt.run("help").expect(0).out.decode().splitlines()[-1]) <= 78


def test_help_explains_an_option_without_its_hyphens(sockt):
    """Where no topic has that name: `sockt help recv-only`, as one says it."""
    for words in (["recv-only"], ["recv", "only"], ["recv_only"]):
        assert sockt.run("help", *words).expect(0, err=b"").out.startswith(b"--recv-only (option of"), words
    assert sockt.run("help", "trace").expect(0).out.startswith(b"trace (word)")
    sockt.run("help", "no-such").expect(2, b"", err='no topic "no-such"')



def test_the_nearest_topic_is_named_once(sockt):
    """listen is a command and a step, and LISTEN a state."""
    result = sockt.run("help", "listn").expect(2, b"")
    assert result.err.lower().count(b"listen") == 1, result
