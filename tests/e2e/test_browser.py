# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings for a browser: the rows of the ladder as SVG and HTML, strictly well-formed, and seen in Chromium."""

import json
import os
import re
import signal
import socket

import pytest

import peers as peer_scripts
from browser import Drawing, Picture
from chromium import Chromium
from facts import DEADLINE, require_tool, wait_for

UTF8 = {"LC_ALL": "C.UTF-8"}
HOSTILE = b"]]></script></title></svg><svg onload=document.title='owned'>\x1b[2J\x00\xff\xe2\x80\xae\"'&amp;\n"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """One for all tests of a worker: starting it takes longer than all that is looked at."""
    browser = Chromium(require_tool("chromium"), tmp_path_factory.mktemp("chromium"), 3 * DEADLINE)
    yield browser
    browser.close()


@pytest.fixture
def files(tmp_path):
    """Paths of the drawings of a run, and the options that ask for them."""
    class Files:
        svg, html, ladder, trace = (tmp_path / f"run.{kind}" for kind in ("svg", "html", "ladder", "json"))

        def options(self, *kinds, level=2, preview=None):
            wishes = [("--trace", f"{'json' if kind == 'trace' else kind}:{getattr(self, kind)},level={level}")
                      for kind in kinds]
            return [part for wish in wishes for part in wish] + (["--preview", preview] if preview else [])

        def events(self):
            return [json.loads(line) for line in self.trace.read_text().splitlines()[1:]]
    return Files()


def converse(meet, files, level=2):
    """A client's life, of whose peer nothing good comes."""
    options = files.options("svg", "html", "ladder", "trace", level=level, preview="200")
    process, sock = meet("connect", *options, env=UTF8)
    process.write(b"question\n")
    assert peer_scripts.read_exactly(sock, 9) == b"question\n"
    sock.sendall(HOSTILE)
    process.out.until(HOSTILE)
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()
    process.finish().expect(0)


def test_the_rows_are_those_of_the_other_sinks(sockt, meet, files):
    converse(meet, files)
    events, ladder = files.events(), files.ladder.read_text()
    svg, html = Drawing(files.svg), Drawing(files.html)
    for drawing in (svg, html):
        assert [row.seq for row in drawing.rows] == [event["seq"] for event in events]
        for row, event in zip(drawing.rows, events):
            assert abs(float(row.time) - event["t_ms"]) < 0.1
            assert row.state == ("" if event.get("state_to") == event.get("state_from") else event.get("state_to", ""))
        assert drawing.lines() == ["ended: both directions finished"]
        labels = [label for row in drawing.rows for label in row.labels]
        assert labels[:4] == ["SYN", "SYN, ACK", "9 B", f"{len(HOSTILE)} B"]
        # In the order of the ladder's arrows.
        arrows = re.findall(r"[├│]([^├│┤]*[◀▶][^├│┤]*)[│┤]", ladder)
        assert labels == [arrow.strip("◀▶─ ") for arrow in arrows]
    assert [(row.step, row.labels, row.act, row.below, row.details) for row in svg.rows if "recv(" not in row.step] == \
        [(row.step, row.labels, row.act, row.below, row.details) for row in html.rows if "recv(" not in row.step]


def test_what_is_known_of_a_step(sockt, meet, files):
    converse(meet, files, level=3)
    events = files.events()
    sent = next(event for event in events if event["step"] == "send")
    for path in (files.svg, files.html):
        row = next(row for row in Drawing(path).rows if row.seq == sent["seq"])
        details = row.details.split("\n")
        assert details[0] == f'send({sent["fd"]}, "question\\n") = 9'
        assert re.fullmatch(r"at [\d.]+ ms, took [\d.]+ ms", details[1])
        assert details[2] == f'event {sent["seq"]}, session 1, as a client, descriptor {sent["fd"]}, tcp'
        assert details[3].startswith("00000000  71 75 65 73") and details[3].endswith("|question.|")
        assert details[4] == "" and details[5].startswith("send() ")
        row = next(row for row in Drawing(path).rows if row.step.startswith("connected"))
        assert "state SYN_SENT → ESTABLISHED" in row.details and " ⇄ 127.0.0.1:" in row.details


def normal(text):
    """Markup without what differs from run to run: numbers, the command."""
    text = re.sub(r'(<title id="t">|<text class="q"[^>]*>)[^<]*', r"\1", text)
    return re.sub(r"\d+(\.\d+)?", "#", re.sub(" +>", ">", text))


def test_the_picture_of_readme_is_what_is_drawn_today(sockt, meet, files, srcdir):
    """doc/hello.svg; draw it anew with the command that stands in it, where this fails."""
    process, sock = meet("connect", *files.options("svg"), env=UTF8)
    process.write(b"hello\n")
    assert peer_scripts.read_exactly(sock, 6) == b"hello\n"
    process.close_stdin()
    assert sock.recv(1) == b""
    sock.close()
    process.finish().expect(0)
    picture = srcdir / "doc" / "hello.svg"
    drawn, kept = Drawing(files.svg), Drawing(picture)
    assert picture.stat().st_size < 20_000
    assert drawn.lines() == kept.lines()
    parts = [re.split('(?=<g class="[re]")|(?=<script)', normal(drawing.data)) for drawing in (drawn, kept)]
    assert parts[0][0] == parts[1][0], "before the rows"
    assert parts[0][-1] == parts[1][-1], "behind the rows"
    for step in ("socket(", "connect(", "send("):
        rows = [next(row for row in part if f">{step}" in row and "<title>" in row) for part in parts]
        assert rows[0] == rows[1]


def test_a_failure_has_its_errno(sockt, files):
    sockt.run("connect", *files.options("svg", "html"), "127.0.0.1", "1").expect(1)
    for path in (files.svg, files.html):
        row = next(row for row in Drawing(path).rows if row.step.startswith("connected"))
        assert "ECONNREFUSED: Connection refused" in row.details.split("\n")
        assert row.labels == ["refused"] and row.state == "CLOSE"
        code = "text" if path == files.svg else "tr"
        assert any("connected" in mark.text() and "bad" in mark.get("class").split()
                   for mark in Drawing(path).root.all(code, "bad"))


def test_text_alternatives_and_nothing_from_outside(sockt, meet, files):
    converse(meet, files)
    svg = Drawing(files.svg).one("svg")
    assert svg.get("role") == "img"
    names = {element.get("id"): element.text() for element in svg.children if element.tag in ("title", "desc")}
    assert svg.get("aria-labelledby").split() == list(names)
    assert "connect" in names["t"] and "sockt, peer" in names["d"]
    html = Drawing(files.html)
    assert [cell.get("scope") for cell in html.one("thead").all("th")] == ["col"] * 6
    assert all(element.get("aria-hidden") == "true" for element in html.root.all("svg"))
    assert {len(list(row.all("td"))) for row in html.one("tbody").all("tr")} == {6}
    for path in (files.svg, files.html):
        text = path.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"\b(src|href)\s*=|url\(|@import|https?:", text)


@pytest.mark.prompt
def test_a_killed_run_leaves_a_whole_file(sockt, meet, files):
    """With the run of transfers that was going on, as one row."""
    process, sock = meet("connect", *files.options("svg", "html"), env=UTF8)
    for _ in range(9):
        process.write(b"x")
        assert sock.recv(1) == b"x"
    for path in (files.svg, files.html):
        wait_for(lambda: "6 × send" in path.read_text(), "the growing run in the file")
    process.signal(signal.SIGKILL)
    process.wait()
    for path in (files.svg, files.html):
        last = Drawing(path).rows[-1]
        assert "6 × send = 6 B" in last.step and last.labels == ["6 B"]
        assert path.read_text().count("× send") == 2, "in its step and its details"
    svg = Drawing(files.svg).one("svg")
    assert svg.get("viewBox") == f'0 0 {svg.get("width")} {svg.get("height")}'


def test_2000_sends_are_a_small_file(sockt, files):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        sockt.run("connect", "-u", "--datagram", "line", "-q", "0.1", *files.options("svg", "html", "trace"),
                  "127.0.0.1", server.getsockname()[1], input=b"12345\n" * 2000, env=UTF8).expect(0)
    sends = [event for event in files.events() if event["step"].startswith("send") and event["result"] > 0]
    for path in (files.svg, files.html):
        assert path.stat().st_size < 400_000
        rows = [row for row in Drawing(path).rows if "send" in row.step]
        folds = [int(re.match(r"(\d+) × ", row.step)[1]) for row in rows if "×" in row.step]
        assert sum(folds) + len(rows) - len(folds) == len(sends) >= 2000
        assert len(rows) < 20


def test_a_relay_has_three_lanes(sockt, pair, files):
    process, client, target = pair(*files.options("svg", "html"), env=UTF8)
    client.sendall(b"question")
    assert peer_scripts.read_exactly(target, 8) == b"question"
    client.close()
    assert target.recv(1) == b""
    target.close()
    wait_for(lambda: "close(" in files.svg.read_text().split("session 1")[-1], "the end of the session")
    process.signal(signal.SIGTERM)
    process.wait()
    for path in (files.svg, files.html):
        drawing = Drawing(path)
        names = [name.text() for name in drawing.root.all("text", "m")]
        assert names == ["client", "sockt", "target"]
        assert {row.session for row in drawing.rows} == {"", "1"}
        moved = [row.step.split("(")[0] for row in drawing.rows if row.labels == ["8 B"]]
        assert moved == ["recv", "send"]
        accept = next(row for row in drawing.rows if row.act == "connects")
        assert accept.step.startswith("accept(")


def test_a_pipe_gets_its_end_at_the_end(sockt, files):
    reader, writer = os.pipe()
    sockt.run("connect", "--trace", f"svg:fd:{writer}", "127.0.0.1", "1", pass_fds=(writer,)).expect(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        files.svg.write_bytes(pipe.read())
    drawing = Drawing(files.svg)
    assert len(drawing.rows) == 4 and drawing.one("svg").get("height") is None
    assert re.fullmatch(r":root\{height:\d+px\}", list(drawing.root.all("style"))[-1].text())


def test_a_full_disk_ends_the_trace_only(sockt, meet, tmp_path):
    """What was there is whole, the data go on, one message names the file, and the status tells."""
    path = tmp_path / "run.svg"
    process, sock = meet("connect", "--trace", f"svg:{path},level=3", "--preview", "3000", env=UTF8,
                         preexec_fn=limit_files)
    for count in range(1, 9):
        sock.sendall(b"a" * 3000)
        process.out.until(3000 * count)
        process.write(b"b")
        assert sock.recv(1) == b"b"
    sock.close()
    process.close_stdin()
    result = process.finish()
    result.expect(6, out=b"a" * 24000, err="File too large (EFBIG)")
    assert result.err.count(str(path).encode()) == 1
    Drawing(path)


def limit_files():
    """No file may grow beyond 20 kB, and who tries is told."""
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, resource.RLIM_INFINITY))


LOOK_HTML = """
var rows=[].slice.call(document.querySelectorAll('tr.r')),panel=document.getElementById('details'),seen={};
function key(k){document.activeElement.dispatchEvent(new KeyboardEvent('keydown',{key:k,bubbles:true}))}
seen.before=panel.hidden;rows[1].querySelector('.c').click();seen.click=panel.querySelector('pre').textContent;
seen.shown=!panel.hidden;key('ArrowDown');seen.down=panel.querySelector('pre').textContent;
seen.focus=rows.indexOf(document.activeElement);key('Escape');seen.hidden=panel.hidden;seen.title=document.title;
seen.lanes=getComputedStyle(rows[0].querySelector('.l')).backgroundPosition;
seen.width=document.documentElement.scrollWidth;seen"""

LOOK_SVG = """
var rows=[].slice.call(document.querySelectorAll('g.r')),seen={};
function box(){var b=document.getElementById('details');
return b&&[].map.call(b.querySelectorAll('text'),function(t){return t.textContent}).join('\\n')}
function fire(on,e){on.dispatchEvent(e)}
seen.before=box();fire(rows[1].querySelector('text'),new MouseEvent('click',{bubbles:true}));seen.click=box();
fire(document,new KeyboardEvent('keydown',{key:'ArrowDown'}));seen.down=box();
fire(document,new KeyboardEvent('keydown',{key:'Escape'}));seen.after=box();seen.title=document.title;seen"""


def test_a_click_or_a_key_shows_the_details(sockt, meet, files, chromium):
    converse(meet, files)
    for path, script in ((files.html, LOOK_HTML), (files.svg, LOOK_SVG)):
        drawing = Drawing(path)
        with chromium.page(path) as page:
            seen, markup = page.run(script), page.markup()
        for name, row in (("click", drawing.rows[1]), ("down", drawing.rows[2])):
            assert " ".join(seen[name].split()) == " ".join(row.details.split())
        if path == files.html:
            assert (seen["before"], seen["shown"], seen["hidden"], seen["focus"]) == (True, True, True, 2)
            # The rows a browser makes are those that are in the file.
            made = Drawing(dom="<!DOCTYPE html>" + markup)
            assert [(row.time, row.step, row.state) for row in made.rows] == \
                [(row.time, row.step, row.state) for row in drawing.rows]
        else:
            assert seen["before"] is None and seen["after"] is None
        assert "connect" in seen["title"], "a script of the peer's ran"


@pytest.mark.parametrize(("kind", "is_dark"), [("svg", False), ("svg", True), ("html", True)])
def test_it_is_light_and_dark(sockt, meet, files, chromium, kind, is_dark):
    """Ground, text, arrows, lanes and states have their colours, in both."""
    converse(meet, files)
    colors = {
        False: {"ground": "#ffffff", "out": "#1d5fc4", "in": "#197a43", "open": "#d5f1df", "begin": "#fdefc9"},
        True: {"ground": "#14181e", "out": "#7fb2ff", "in": "#66d19a", "open": "#163a27", "begin": "#42340f"},
    }
    with chromium.page(getattr(files, kind), is_dark, 220 if kind == "svg" else 440) as page:
        found = Picture(page.picture()).colors()
    assert max(found, key=found.get) == colors[is_dark]["ground"]
    for name, color in colors[is_dark].items():
        assert found.get(color, 0) > 100, (name, color)


@pytest.mark.waits
def test_a_long_run_opens(sockt, files, chromium):
    """
    Sessions that cannot be folded have a bound, what is left out is counted, and so a browser gets no more to draw,
    however long the run is (100,000 events: tests/unit/test_trace_page.c; how long it takes: tests/bench/run --only
    page).
    """
    process = sockt.listen("-k", *files.options("svg", "html", "trace", level=1), env=UTF8)
    process.close_stdin()
    for _ in range(250):
        with socket.create_connection(("127.0.0.1", process.port)) as sock:
            sock.shutdown(socket.SHUT_WR)
    wait_for(lambda: files.trace.read_text().count('"step":"end"') == 250, "the end of the sessions")
    process.signal(signal.SIGTERM)
    process.wait()
    events = len(files.events())
    for path in (files.svg, files.html):
        drawing = Drawing(path)
        assert len(drawing.rows) == 799, "beside the line that says how it ended"
        left = int(re.search(r"(\d+) rows are left out", path.read_text())[1])
        assert left > 100 and left + len(drawing.rows) == events
        assert drawing.rows[-1].seq == events and drawing.lines()[-1].startswith("ended: ")
        assert path.stat().st_size < 1_000_000
    with chromium.page(files.html) as page:
        rows, nodes, bottom = page.run("""[
            document.querySelectorAll('tr.r').length, document.querySelectorAll('*').length,
            document.querySelector('#rows tr:last-child').getBoundingClientRect().bottom]""")
    assert rows == 799 and nodes < 12 * 801 and bottom > 800 * 28
