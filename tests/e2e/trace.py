# SPDX-License-Identifier: GPL-3.0-or-later
"""
A JSON trace: read, held against the schema, and asked.

    trace = load(path)              from a file;  parse(data) from bytes
    trace.header                    the first line
    trace.steps("send", "recv")     these events, in order
    trace.of_fd(5)                  the events on a descriptor, the accept that made it included
    trace.one("connect")            the one event of that step
    trace.end()                     the summary of the one connection;  trace.ends() of all
"""

import functools
import json
import os
import pathlib

import jsonschema

SRCDIR = pathlib.Path(os.environ.get("SOCKT_SRCDIR", pathlib.Path(__file__).parents[2]))
SCHEMA = SRCDIR / "doc" / "sockt-trace.schema.json"


@functools.cache
def validator():
    """The validator of the schema, which is held against its own rules first."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check(record):
    """Fail where a record is not as the schema has it, with the record and every reason."""
    reasons = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
               for error in validator().iter_errors(record)]
    assert not reasons, f"not as {SCHEMA.name} has it:\n{json.dumps(record)}\n" + "\n".join(reasons)


def strict_pairs(pairs):
    """An object from its members, none of which may come twice."""
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a member comes twice: {names}"
    return dict(pairs)


def parse(data):
    """A Trace from its bytes, every line of which is checked."""
    assert data.endswith(b"\n"), f"the last line is cut: {data[-200:]!r}"
    records = [json.loads(line.decode("utf-8"), object_pairs_hook=strict_pairs)
               for line in data[:-1].split(b"\n")]
    for record in records:
        check(record)
    assert "format" in records[0], f"no header: {records[0]}"
    assert not any("format" in record for record in records[1:]), "a second header"
    return Trace(records[0], records[1:])


def load(path):
    """A Trace from a file."""
    return parse(pathlib.Path(path).read_bytes())


class Trace:
    """The header and the events of a run; their numbers only rise."""

    def __init__(self, header, events):
        self.header = header
        self.events = events
        numbers = [event["seq"] for event in events]
        assert numbers == sorted(set(numbers)), f"numbers do not rise: {numbers}"

    def steps(self, *names):
        return [event for event in self.events if event["step"] in names]

    def of_fd(self, fd):
        return [event for event in self.events
                if event.get("fd") == fd or
                (event["step"] in ("accept", "socket") and event.get("result") == fd)]

    def of_session(self, session):
        return [event for event in self.events if event.get("session") == session]

    def one(self, name):
        found = self.steps(name)
        assert len(found) == 1, f"expected one {name}, got {found}"
        return found[0]

    def ends(self):
        return self.steps("end")

    def end(self):
        return self.one("end")
