# SPDX-License-Identifier: GPL-3.0-or-later
"""One run, seen by every sink at once: no view may tell another story than the others."""

import re

import pytest

import peers as peer_scripts
import trace as traces
from browser import Drawing
from test_pcap import expect_sound, tshark

UTF8 = {"LC_ALL": "C.UTF-8"}
QUESTION, ANSWER, THANKS = b"question\n", b"an answer, longer\n", b"thanks\n"
KINDS = ("text", "json", "ladder", "svg", "html", "pcap", "c")
CALLS = ["socket", "connect", "connected", "send", "recv", "send", "shutdown", "recv", "end", "close"]
# What the calls of the run are in a program, whose sockets block: connect() returns when the connection stands.
IN_PROGRAM = {"send": "send_all", "recv": "receive"}
STEP = re.compile(r" *([\d.]+)  +(\w+)\b(.*)")
WORDS = re.compile(r"[A-Z][A-Z_0-9]+")


@pytest.fixture
def seen(meet, tmp_path):
    """A client that asks, is answered, thanks and ends first, with all seven sinks; their files, and the addresses."""
    paths = {kind: tmp_path / f"run.{kind}" for kind in KINDS}
    wishes = [part for kind, path in paths.items()
              for part in ("--trace", f"{kind}:{path}{',level=2' if kind == 'text' else ''}")]
    process, sock = meet("connect", *wishes, env=UTF8)
    ends = [f"127.0.0.1:{name[1]}" for name in (sock.getpeername(), sock.getsockname())]
    process.write(QUESTION)
    assert peer_scripts.read_exactly(sock, len(QUESTION)) == QUESTION
    sock.sendall(ANSWER)
    process.out.until(ANSWER)
    process.write(THANKS)
    assert peer_scripts.read_exactly(sock, len(THANKS)) == THANKS
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()
    process.finish().expect(0, out=ANSWER)
    return paths, *ends


def events_of(path):
    """The calls of the JSON trace; states that were only looked at come when they may."""
    return [event for event in traces.load(path).events if event["step"] not in ("state", "info")]


def state_changes(events):
    return [(event["seq"], event["state_to"]) for event in events
            if event.get("state_to") and event["state_to"] != event.get("state_from")]


def lines_of(path):
    """Of a text or a ladder: (milliseconds, step, the rest of its line) of each step, and all else."""
    steps, below = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        found = STEP.fullmatch(line)
        if found:
            steps.append((float(found[1]), found[2], found[3]))
        else:
            below.append(line.strip())
    return [step for step in steps if step[1] not in ("state", "info")], below


def statements_of(path):
    """The calls that the program of the c sink makes in main(), in their order: (name, arguments)."""
    body = path.read_text(encoding="utf-8").split("int main(void)\n")[1]
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
    names = "socket|connect|send_all|receive_to_end|receive|shutdown|close"
    return re.findall(rf"\b({names})\((.*)\)[;) ]", body)


def test_order_of_calls(seen):
    paths, _, _ = seen
    events = events_of(paths["json"])
    assert [event["step"] for event in events] == CALLS
    timed = [event for event in events if event["step"] != "end"]
    for kind in ("text", "ladder"):
        steps, _ = lines_of(paths[kind])
        assert [step for _, step, _ in steps] == [event["step"] for event in timed], kind
        for (ms, _, _), event in zip(steps, timed):
            assert abs(ms - event["t_ms"]) < 0.1, kind
    for kind in ("svg", "html"):
        numbers = [row.seq for row in Drawing(paths[kind]).rows]
        assert [number for number in numbers if number in {event["seq"] for event in events}] == \
            [event["seq"] for event in events], kind
    program = [IN_PROGRAM.get(step, step) for step in CALLS if step not in ("connected", "end")]
    program[-2] = "receive_to_end"
    assert [name for name, _ in statements_of(paths["c"])] == program
    # Each packet names the call it is of; they come in the order of those calls.
    packets, _ = tshark(paths["pcap"], 0)
    expect_sound(packets)
    steps = {event["seq"]: event["step"] for event in events}
    named = [int(re.search(r"event (\d+)", packet.comment)[1]) for packet in packets]
    assert named == sorted(named)
    calls = [steps[number] for number in dict.fromkeys(named)]
    assert calls == ["connect", "connected", "send", "recv", "send", "shutdown", "recv"]
    for packet, number in zip(packets, named):
        assert packet.comment.startswith(f"session 1: {steps[number]}"), packet


def test_addresses(seen):
    paths, ours, theirs = seen
    events = events_of(paths["json"])
    connected = next(event for event in events if event["step"] == "connected")
    assert (connected["local"], connected["remote"]) == (ours, theirs)
    for kind in ("text", "ladder"):
        steps, below = lines_of(paths[kind])
        assert f"tcp {ours} ⇄ {theirs}" in below, kind
        assert next(rest for _, step, rest in steps if step == "connect").split(", ")[1].startswith(f"{theirs})"), kind
    for kind in ("svg", "html"):
        row = next(row for row in Drawing(paths[kind]).rows if row.seq == connected["seq"])
        assert row.below[0] == f"tcp {ours} ⇄ {theirs}", kind
    program = paths["c"].read_text(encoding="utf-8")
    host, port = theirs.split(":")
    assert f"htons({port})" in program and f'"{host}"' in program
    assert re.search(rf"Our\W+end\W+is\W+{re.escape(ours)}", program)
    packets, _ = tshark(paths["pcap"])
    assert {packet.source for packet in packets} == {host}
    for packet in packets:
        assert f"{host}:{packet.sport}" == (ours if packet.is_out else theirs)


def test_bytes_each_way(seen):
    paths, _, _ = seen
    sent, received = len(QUESTION + THANKS), len(ANSWER)
    moves = [("send", len(QUESTION)), ("recv", len(ANSWER)), ("send", len(THANKS)), ("recv", 0)]
    events = events_of(paths["json"])
    assert [(event["step"], event["result"]) for event in events if event["step"] in ("send", "recv")] == moves
    total = f"sent {sent} B, received {received} B in "
    for kind in ("text", "ladder"):
        steps, below = lines_of(paths[kind])
        assert [(step, int(re.search(r"\) = (\d+)", rest)[1])) for _, step, rest in steps
                if step in ("send", "recv")] == moves, kind
        assert [line for line in below if line.startswith(total)], kind
    arrows = [line for line in paths["ladder"].read_text(encoding="utf-8").splitlines() if re.search(r" \d+ B ─", line)]
    assert [(int(re.search(r" (\d+) B ", line)[1]), "▶" in line) for line in arrows] == \
        [(len(QUESTION), True), (len(ANSWER), False), (len(THANKS), True)]
    for kind in ("svg", "html"):
        rows = Drawing(paths[kind]).rows
        labels = [label for row in rows for label in row.labels if label.endswith(" B")]
        assert labels == [f"{len(data)} B" for data in (QUESTION, ANSWER, THANKS)], kind
        assert [line for row in rows for line in row.below if line.startswith(total)], kind
    counts = [(name, int(arguments.rsplit(", ", 1)[1])) for name, arguments in statements_of(paths["c"])
              if name in ("send_all", "receive")]
    assert counts == [("send_all", len(QUESTION)), ("receive", len(ANSWER)), ("send_all", len(THANKS))]
    _, streams = tshark(paths["pcap"], 0)
    assert streams == [(QUESTION + THANKS, ANSWER)]


def test_states(seen):
    paths, _, _ = seen
    # Here also those that were only looked at.
    events = traces.load(paths["json"]).events
    changes = state_changes(events)
    assert [state for _, state in changes][:2] == ["SYN_SENT", "ESTABLISHED"]
    text = re.findall(r"([A-Z_0-9]+) → ([A-Z_0-9]+)", paths["text"].read_text(encoding="utf-8"))
    assert text == [(event["state_from"], event["state_to"]) for event in events
                    if event["seq"] in dict(changes) and event.get("state_from")]
    ladder = paths["ladder"].read_text(encoding="utf-8").splitlines()
    left = ladder[0].index("state")
    shown = [line[left:].split()[0] for line in ladder[1:] if STEP.fullmatch(line) and WORDS.match(line[left:])]
    assert shown == [state for _, state in changes]
    for kind in ("svg", "html"):
        assert [(row.seq, row.state) for row in Drawing(paths[kind]).rows if row.state] == changes, kind
    # Made-up packets follow the states: SYN, the answer, then an end from each side, ours first.
    packets, _ = tshark(paths["pcap"])
    ends = [packet.is_out for packet in packets if "F" in packet.flags]
    assert ends == [True, False]


TWO_PAIRS = """s = socket tcp
bind s 127.0.0.1:0
listen s
one = socket tcp
two = socket tcp
connect one s
connect two s
at_one = accept s
at_two = accept s
send two "of two"
recv at_two
send at_one "of one"
recv one
u = socket udp
bind u 127.0.0.1:0
v = socket udp
sendto v u "of three"
recvfrom u
close v
"""


def test_connections_of_a_shell_have_one_number(sockt, tmp_path):
    """Both ends of a connection have the same, in every view; a socket of none has none."""
    kinds = {kind: tmp_path / f"shell.{kind}" for kind in KINDS if kind != "c"}
    wishes = [part for kind, path in kinds.items()
              for part in ("--trace", f"{kind}:{path}{',level=2' if kind == 'text' else ''}")]
    sockt.run("shell", *wishes, input=TWO_PAIRS, env=UTF8).expect(0)
    numbers = {}
    for event in traces.load(kinds["json"]).events:
        if event["step"] in ("socket", "bind", "listen"):
            assert "session" not in event, event
        elif event["step"] in ("connect", "accept", "send", "recv"):
            numbers.setdefault(event.get("session"), []).append((event["step"], event["fd"]))
    assert {number: [step for step, _ in calls] for number, calls in numbers.items()} == {
        1: ["connect", "accept", "send", "recv"], 2: ["connect", "accept", "send", "recv"], 3: ["send", "recv"]}
    # Once there is a second one a line says whose it is.
    for kind in ("text", "ladder"):
        told = re.findall(r"\[(\d)\] (?:send|recv)(?:to|from)?\((\d+)", kinds[kind].read_text(encoding="utf-8"))
        assert told == [(str(number), str(fd)) for number in (2, 1, 3) for step, fd in numbers[number]
                        if step in ("send", "recv")], kind
    for kind in ("svg", "html"):
        shown = [row for row in Drawing(kinds[kind]).rows if re.match(r"(send|recv)", row.step)]
        assert [row.session for row in shown] == ["2", "2", "1", "1", "3", "3"], kind
    packets, _ = tshark(kinds["pcap"])
    sent = [re.match(r"session (\d): send\((\d+), .*; taken by recv\((\d+)", packet.comment) for packet in packets]
    assert [(found[1], found[2], found[3]) for found in sent if found] == [
        (str(number), *(str(fd) for step, fd in numbers[number] if step in ("send", "recv"))) for number in (2, 1, 3)]
