# SPDX-License-Identifier: GPL-3.0-or-later
"""
What strace saw and what the JSON trace says, brought to one form, so that they can be compared call
by call: (name, fd, arguments ..., result), the result being a number or the name of an errno.
"""

import ipaddress
import re

CALLS = "%network,splice,close,read,write,ioctl"
SAME_CALL = {"sendto": "send", "recvfrom": "recv", "accept4": "accept"}
STEPS = ("socket", "setsockopt", "bind", "listen", "accept", "connect", "send", "recv", "splice",
         "recvmmsg", "sendmsg", "sendmmsg",
         "shutdown", "close")
OBSERVING = ("getsockopt", "getsockname", "getpeername", "ioctl", "recvmsg")
LINE = re.compile(r"^(?:(\d+)\s+)?(\w+)\((.*)\)\s+= (-?\d+|\?)(?: (E[A-Z0-9]+))?")


def strace_prefix(path):
    """Run a command under strace; each thread's calls go to PATH.TID."""
    return ["strace", "-ff", "-qq", "-v", "-s", "0", "-o", path, "-e", f"trace={CALLS}", "-e",
            "signal=none"]


def split_arguments(text):
    """The arguments of a call: split at the commas that stand in no bracket and no string."""
    parts, depth, quoted, start, skip = [], 0, False, 0, False
    for index, char in enumerate(text):
        if skip:
            skip = False
        elif quoted:
            skip = char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "{[(":
            depth += 1
        elif char in "}])":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    return parts


def flags_of(value):
    """Flags, from "A|B", from a list or from 0, as a set."""
    if isinstance(value, list):
        return frozenset(value)
    words = str(value).replace(" ", "").split("|")
    return frozenset(word for word in words if word not in ("0", ""))


def constant(text):
    """One spelling for constants that have two."""
    text = str(text)
    if text in ("SOL_TCP", "SOL_IP", "SOL_IPV6", "SOL_UDP"):
        text = "IPPROTO_" + text[4:]
    return {"IPPROTO_IP": "0", "TIOCOUTQ": "SIOCOUTQ", "FIONREAD": "SIOCINQ",
            "SO_TIMESTAMPING_OLD": "SO_TIMESTAMPING"}.get(text, text)


def address_of_strace(text):
    """
    "127.0.0.1:80", "[::1]:80", a path or "@name" of a struct as strace shows it; None: no address.
    """
    port = re.search(r"sin6?_port=htons\((\d+)\)", text)
    host = re.search(r'inet_addr\("([^"]*)"\)', text)
    if host:
        return f"{host[1]}:{port[1]}"
    host = re.search(r'inet_pton\(AF_INET6, "([^"]*)"', text)
    if host:
        return f"[{ipaddress.ip_address(host[1])}]:{port[1]}"
    path = re.search(r'sun_path=(@?)"((?:[^"\\]|\\.)*)"', text)
    if path:
        return path[1] + path[2]
    return None


def message_of_strace(text, length=None):
    """(length, address, is it a run of datagrams) of a msghdr."""
    is_run = re.search(r"cmsg_type=(UDP_SEGMENT|UDP_GRO|0x6[78])", text) is not None
    if length is None:
        length = sum(int(size) for size in re.findall(r"iov_len=(\d+)", text))
    return length, address_of_strace(text.split("msg_control=", maxsplit=1)[0]), is_run


def messages_of_strace(text, is_received):
    """The same of each message of an array; of those received only what came."""
    messages = re.split(r"(?=\{msg_hdr=)", text)[1:]
    lengths = [re.search(r"\bmsg_len=(\d+)", message) for message in messages]
    return tuple(message_of_strace(message, int(length[1]) if is_received and length else None)
                 for message, length in zip(messages, lengths))


def _arguments(name, parts):
    """The arguments that are compared, of a call as strace shows it."""
    if name == "socket":
        return parts[0], flags_of(parts[1]), constant(parts[2])
    if name == "setsockopt":
        return constant(parts[1]), constant(parts[2]), parts[3].strip("[]")
    if name in ("bind", "connect"):
        return (address_of_strace(parts[1]),)
    if name == "listen":
        return (int(parts[1]),)
    if name == "accept":
        return (flags_of(parts[3]) if len(parts) > 3 else frozenset(),)
    if name == "send":
        return int(parts[2]), flags_of(parts[3]), address_of_strace(parts[4])
    if name == "recv":
        return int(parts[2]), flags_of(parts[3])
    if name == "splice":
        return int(parts[2]), int(parts[4]), flags_of(parts[5])
    if name in ("recvmmsg", "sendmmsg"):
        return int(parts[2]), flags_of(parts[3]), messages_of_strace(parts[1], name == "recvmmsg")
    if name == "sendmsg":
        return flags_of(parts[2]), message_of_strace(parts[1])
    if name == "shutdown":
        return (parts[1],)
    if name in ("getsockopt", "ioctl"):
        return tuple(constant(part) for part in parts[1:3 if name == "getsockopt" else 2])
    return ()


def calls_of_strace(path, pid, inherited=()):
    """
    The socket calls of the main thread, in order, and the plain reads and writes on sockets (there
    must be none). Netlink sockets, and files and pipes that are closed, are left out; inherited are
    descriptors that are sockets.
    """
    sockets, netlink, calls, plain = set(inherited), set(), [], []
    with open(f"{path}.{pid}", encoding="utf-8", errors="replace") as file:
        for line in file:
            match = LINE.match(line)
            if not match:
                continue
            name, parts = SAME_CALL.get(match[2], match[2]), split_arguments(match[3])
            result = match[5] or (int(match[4]) if match[4] != "?" else "?")
            if name == "socket":
                if parts[0] == "AF_NETLINK":
                    netlink.add(result)
                    continue
                sockets.add(result)
                calls.append((name, None, *_arguments(name, parts), result))
                continue
            fd = int(parts[0]) if parts[0].lstrip("-").isdigit() else None
            if fd in netlink:
                if name == "close":
                    netlink.discard(fd)
                continue
            if name in ("read", "write"):
                if fd in sockets:
                    plain.append(line)
                continue
            if name in ("close", "ioctl") and fd not in sockets:
                continue
            if name == "close":
                sockets.discard(fd)
            if name == "accept" and isinstance(result, int):
                sockets.add(result)
            calls.append((name, fd, *_arguments(name, parts), result))
    return calls, plain


def _json_message(part):
    return part["len"], part.get("dest_addr", part.get("src_addr")), "segment" in part


def _json_arguments(step, event):
    args = event.get("args", {})
    if step == "socket":
        return args["domain"], flags_of(args["type"]), constant(args["protocol"])
    if step == "setsockopt":
        value = args.get("optval")
        if isinstance(value, dict):
            value = "{" + ", ".join(f"{key}={part}" for key, part in value.items()) + "}"
        return constant(args["level"]), args["optname"], str(value)
    if step in ("bind", "connect"):
        return (args["addr"],)
    if step == "listen":
        return (args["backlog"],)
    if step == "accept":
        return (flags_of(args.get("flags", 0)),)
    if step == "send":
        return args["len"], flags_of(args["flags"]), args.get("dest_addr")
    if step == "recv":
        return args.get("len", args.get("size")), flags_of(args["flags"])
    if step == "splice":
        return args["fd_out"], args["len"], flags_of(args["flags"])
    if step in ("recvmmsg", "sendmmsg"):
        return args["vlen"], flags_of(args["flags"]), tuple(_json_message(part) for part in args["msgs"])
    if step == "sendmsg":
        return flags_of(args["flags"]), _json_message(args)
    if step == "shutdown":
        return (args["how"],)
    if step == "getsockopt":
        return constant(args["level"]), args["optname"]
    if step == "ioctl":
        return (constant(args["request"]),)
    return ()


def calls_of_trace(events, steps=STEPS):
    """The same of the events of a JSON trace."""
    calls = []
    for event in events:
        step = event["step"]
        if step not in steps:
            continue
        result = event.get("errno") or event["result"]
        fd = None if step == "socket" else event["fd"]
        calls.append((step, fd, *_json_arguments(step, event), result))
    return calls


class Witness:
    """A run under strace with a JSON trace beside it."""

    def __init__(self, tmp_path, trace, level=2, options=()):
        """trace: the fixture of that name."""
        self.path = tmp_path / "calls"
        self.seen = trace(level)
        self.prefix = strace_prefix(self.path)
        self.options = (*self.seen.options, *options)

    def main_thread(self):
        """The thread whose number is the lowest was there first."""
        return min(int(name.suffix[1:]) for name in self.path.parent.glob("calls.*"))

    def compare(self, steps=STEPS, inherited=()):
        calls, plain = calls_of_strace(self.path, self.main_thread(), inherited)
        want = [call for call in calls if call[0] in steps]
        got = calls_of_trace(self.seen.events(), steps)
        assert not plain, f"plain reads or writes on sockets: {plain}"
        for index, (one, other) in enumerate(zip(want, got)):
            assert other == one, (f"call {index}\nstrace:  {one}\ntrace:   {other}\nbefore:\n" +
                                  "\n".join(map(str, want[max(0, index - 5):index])))
        assert len(got) == len(want), f"strace {len(want)}, trace {len(got)}\n" + "\n".join(
            map(str, (want + got)[-6:]))
        unknown = [call for call in calls if call[0] not in (*STEPS, *OBSERVING)]
        assert not unknown, f"socket calls that have no step: {unknown}"
        return want
