# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of the JSON trace: what the sink writes is as it says, and what is broken is refused."""

import copy
import os
import pathlib
import subprocess

import pytest

import trace as traces
from facts import require, require_localhost

BUILDDIR = pathlib.Path(os.environ.get("SOCKT_BUILDDIR", traces.SRCDIR / "build"))
WRITER = BUILDDIR / "tests" / "unit" / "test_trace_json"


def sample(name, level):
    """The trace of a sample, as the unit test of the sink writes it."""
    require(WRITER.exists(), f"{WRITER} is not built (make check builds it)")
    return subprocess.run([WRITER, name, str(level)], check=True, stdout=subprocess.PIPE).stdout


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("name", ["client", "server", "faults", "info", "http", "hostile"])
def test_samples(name, level):
    seen = traces.parse(sample(name, level))
    assert seen.events
    assert all(event["level"] <= level for event in seen.events)


def test_every_step_is_in_the_schema():
    """The sample has every step that there is; most without what the schema wants of them."""
    events = [traces.json.loads(line) for line in sample("bare", 3).splitlines()[1:]]
    steps = traces.validator().schema["$defs"]["event"]["properties"]["step"]["enum"]
    assert {event["step"] for event in events} == set(steps)


def test_queries():
    seen = traces.parse(sample("client", 2))
    assert seen.header["argv"] == ["sockt", "connect", "localhost", "9000"]
    assert seen.end()["shape"] == "one-way-out"
    assert [event["errno"] for event in seen.steps("connect")] == ["EINPROGRESS"] * 2
    assert seen.one("send")["preview"] == "hello\\n"
    assert {event["step"] for event in seen.of_fd(5)} >= {"socket", "connect", "send", "close"}
    assert len(seen.of_session(1)) == len(seen.events)
    assert seen.one("resolve")["addresses"] == ["[::1]:9000", "127.0.0.1:9000"]


def change(**members):
    """Give members other values; None takes one away."""
    def apply(record):
        for name, value in members.items():
            if value is None:
                del record[name]
            else:
                record[name] = value
    return apply


def change_args(**members):
    return lambda record: change(**members)(record["args"])


# step of the sample (None: the header), what is done to it
BROKEN = [
    (None, change(format="trace")),
    (None, change(version=2)),
    (None, change(start="yesterday")),
    (None, change(argv=[1])),
    (None, change(kernel=None)),
    ("close", change(seq=0)),
    ("close", change(seq=None)),
    ("close", change(t_ms="1.000")),
    ("close", change(step="open")),
    ("close", change(step=None)),
    ("close", change(level=4)),
    ("close", change(fd=-1)),
    ("close", change(result=None)),
    ("close", change(result=-1)),
    ("close", change(errno="EIO")),
    ("close", change(errno="bad", result=-1)),
    ("close", change(observe=True)),
    ("close", change(preview="x")),
    ("close", change(side="peer")),
    ("close", change(args=None)),
    ("close", change(state_to="CLOSE")),
    ("connect", change(state_to="SYNSENT")),
    ("connect", change_args(addr=None)),
    ("connect", change_args(sockfd="5")),
    ("connected", change(fd=None)),
    ("socket", change_args(type="SOCK_STREAM")),
    ("socket", change_args(domain="INET")),
    ("send", change_args(flags="MSG_NOSIGNAL")),
    ("send", change_args(flags=["NOSIGNAL"])),
    ("send", change(data="?")),
    ("send", change(preview="\n")),
    ("send", change(addresses=[])),
    ("shutdown", change_args(how="WR")),
    ("state", change(state_to=None)),
    ("resolve", change(addresses=[1])),
    ("resolve", change_args(node=None)),
    ("end", change(shape="chat")),
    ("end", change(ended_by="boredom")),
    ("end", change(sent_bytes=-1)),
    ("end", change(spoke_first="client")),
    ("end", change(closed_first=None)),
    ("end", change(turns=2)),
    ("end", change(tcp_info={})),
]


BROKEN_INFO = [
    change(level=1), change(fd=None), change(tcp_info=None), change(result=0), change(queues={}),
    change(tcp_info={}), change(effective=1),
    lambda record: record["tcp_info"].update(limited_by="luck"),
    lambda record: record["tcp_info"].update(limited_percent=101),
    lambda record: record["tcp_info"].pop("unread"),
]


@pytest.mark.parametrize("breaks", BROKEN_INFO)
def test_what_is_broken_of_info_is_refused(breaks):
    record = traces.parse(sample("info", 2)).steps("info")[0]
    traces.check(record)
    breaks(record)
    with pytest.raises(AssertionError):
        traces.check(record)


@pytest.mark.parametrize("index", range(len(BROKEN)))
def test_what_is_broken_is_refused(index):
    step, breaks = BROKEN[index]
    seen = traces.parse(sample("client", 2))
    record = copy.deepcopy(seen.header if step is None else seen.steps(step)[-1])
    traces.check(record)
    breaks(record)
    with pytest.raises(AssertionError):
        traces.check(record)


def test_what_is_not_known_is_allowed():
    """Members may be added within version 1."""
    seen = traces.parse(sample("client", 2))
    for record in (seen.header, *seen.events):
        record["news"] = {"of": "a later version"}
        traces.check(record)


@pytest.mark.parametrize("data", [b"", b"{}", b"{}\n", b'{"format":"sockt-trace"}\n', b"no\n"])
def test_what_is_no_trace_is_refused(data):
    with pytest.raises((AssertionError, ValueError, IndexError)):
        traces.parse(data)


def test_a_run_is_as_the_schema_has_it(sockt, peers, tmp_path):
    """A client, a listener, every level."""
    require_localhost()
    server = sockt.listen("--trace", f"json:{tmp_path}/server,level=3", stdin=-3)
    sockt.run("connect", "--trace", f"json:{tmp_path}/client,level=3", "localhost", server.port,
              input=b"hello\xff\n").expect(0)
    server.finish().expect(0, b"hello\xff\n")
    client, served = traces.load(tmp_path / "client"), traces.load(tmp_path / "server")
    assert client.end()["sent_bytes"] == served.end()["received_bytes"] == 7
    assert client.steps("send")[0]["data"] == "aGVsbG//Cg=="
    accept = [event for event in served.steps("accept") if event["result"] >= 0]
    assert len(accept) == 1 and accept[0]["fd"] != accept[0]["result"]


def test_the_schema_is_one():
    assert traces.validator().schema["$schema"].endswith("2020-12/schema")


def test_what_was_looked_at_is_told_by_its_names(sockt, peers, tmp_path):
    """SO_ERROR is an errno, TCP_INFO has its length, the error queue its flags; after close() no state is known."""
    sockt.run("connect", "--trace", f"json:{tmp_path}/trace,level=3", "127.0.0.1", peers.refused_port()).expect(1)
    seen = traces.load(tmp_path / "trace")
    looks = {event["args"]["optname"]: event["args"] for event in seen.steps("getsockopt")}
    assert looks["SO_ERROR"]["optval"] == "ECONNREFUSED"
    assert looks["TCP_INFO"]["optlen"] > 100
    queue = seen.steps("recvmsg")[0]
    assert queue["args"] == {"sockfd": queue["fd"], "flags": ["MSG_DONTWAIT", "MSG_ERRQUEUE"]} or (
        queue["args"] == {"sockfd": queue["fd"], "flags": ["MSG_ERRQUEUE", "MSG_DONTWAIT"]})
    assert "state_to" not in seen.one("close")
