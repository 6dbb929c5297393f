# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that are compared: how each is told to connect and to listen, one way and to the end."""

import shutil


class Peer:
    """connect(port) and listen(port) are command lines."""

    def __init__(self, name, program, connect, listen):
        self.name, self.program = name, program
        self._connect, self._listen = connect, listen

    def connect(self, port):
        return [self.program, *(word.format(port=port) for word in self._connect)]

    def listen(self, port):
        return [self.program, *(word.format(port=port) for word in self._listen)]

    @property
    def is_there(self):
        return shutil.which(self.program) is not None


def peers(sockt):
    """Every tool; sockt is the program under test."""
    host = "127.0.0.1"
    return [
        Peer("sockt", sockt, ["connect", host, "{port}"], ["listen", host, "{port}"]),
        Peer("sockt -v", sockt, ["connect", "-v", host, "{port}"], ["listen", "-v", host, "{port}"]),
        Peer("nc.openbsd", "nc.openbsd", ["-N", host, "{port}"], ["-l", host, "{port}"]),
        Peer("ncat", "ncat", ["--send-only", host, "{port}"],
             ["-l", "--recv-only", host, "{port}"]),
        Peer("socat", "socat", ["-u", "-", f"TCP:{host}:{{port}}"],
             ["-u", f"TCP-LISTEN:{{port}},bind={host},reuseaddr", "-"]),
        Peer("socat -b1048576", "socat", ["-u", "-b1048576", "-", f"TCP:{host}:{{port}}"],
             ["-u", "-b1048576", f"TCP-LISTEN:{{port}},bind={host},reuseaddr", "-"]),
    ]


def traced(sockt, place):
    """
    sockt without a trace, twice, and with one of each kind, of level 1, written to files in place. What the two without
    a trace differ by is what the machine cannot tell apart.
    """
    host = "127.0.0.1"
    found = [peer for peer in peers(sockt) if peer.name in ("sockt", "sockt -v")]
    found.append(Peer("sockt (the same)", sockt, ["connect", host, "{port}"], ["listen", host, "{port}"]))
    for kind in ("text", "json", "ladder"):
        connect, listen = (["--trace", f"{kind}:{place}/{role}.{kind},level=1"] for role in ("connect", "listen"))
        found.append(Peer(f"sockt {kind}", sockt, ["connect", *connect, host, "{port}"],
                          ["listen", *listen, host, "{port}"]))
    return found


def one_shot_peers(sockt):
    """The same for the one-shot, which goes both ways."""
    host = "127.0.0.1"
    return [
        Peer("sockt", sockt, ["connect", host, "{port}"], []),
        Peer("nc.openbsd", "nc.openbsd", ["-N", host, "{port}"], []),
        Peer("ncat", "ncat", [host, "{port}"], []),
        Peer("socat", "socat", ["-", f"TCP:{host}:{{port}}"], []),
    ]
