# SPDX-License-Identifier: GPL-3.0-or-later
"""A network and mount namespace of a test's own, held by a process; gone when the process is."""

import ctypes
import os
import socket
from socket import AF_INET, SOCK_STREAM
import subprocess
import threading

from facts import DEADLINE, has_ipv6, require, require_tool

CLONE_NEWNET = 0x40000000
# The addresses of Routed.
CLIENT, ROUTER_NEAR, ROUTER_FAR, SERVER = "10.81.1.2", "10.81.1.1", "10.81.2.1", "10.81.2.2"
CLIENT6, ROUTER_NEAR6, ROUTER_FAR6, SERVER6 = "fd81:1::2", "fd81:1::1", "fd81:2::1", "fd81:2::2"


class Namespace:
    """
    Loopback is up. `prefix` put before a command runs it inside; socket() makes sockets inside.
    """

    def __init__(self):
        require(os.geteuid() == 0, "network namespaces need root")
        for tool in ("unshare", "nsenter", "ip", "mount"):
            require_tool(tool)
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c",
             "ip link set lo up && echo ready && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self._holder.stdout.readline() != b"ready\n":
            reason = self._holder.stderr.readline().decode().strip()
            self.close()
            require(False, f"no network namespace can be made here ({reason})")
        self.pid = self._holder.pid
        self.prefix = ["nsenter", "-t", str(self.pid), "--net", "--mount", "--"]

    def run(self, *command):
        """Run a command inside; it must succeed. Returns its output."""
        done = subprocess.run([*self.prefix, *map(str, command)], capture_output=True,
                              timeout=DEADLINE, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr.decode()}"
        return done.stdout.decode()

    def replace_file(self, path, with_file):
        """Inside, path shows with_file."""
        require(os.path.exists(path), f"there is no {path} here")
        self.run("mount", "--bind", with_file, path)

    def sysctl(self, name, value):
        self.run("sh", "-c", f"echo {value} > /proc/sys/{name.replace('.', '/')}")

    def call(self, function):
        """Run function() in a thread that stands inside (network only); returns what it returns."""
        box = {}

        def inside():
            try:
                libc = ctypes.CDLL(None, use_errno=True)
                fd = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
                try:
                    if libc.setns(fd, CLONE_NEWNET) == -1:
                        raise OSError(ctypes.get_errno(), "setns")
                finally:
                    os.close(fd)
                box["value"] = function()
            except BaseException as error:
                box["error"] = error

        thread = threading.Thread(target=inside, daemon=True)
        thread.start()
        thread.join(DEADLINE)
        if "error" in box:
            raise box["error"]
        return box["value"]

    def socket(self, family=AF_INET, kind=SOCK_STREAM):
        sock = self.call(lambda: socket.socket(family, kind))
        sock.settimeout(DEADLINE)
        return sock

    def listen(self, address=("127.0.0.1", 0), family=AF_INET, backlog=128):
        sock = self.socket(family)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(backlog)
        return sock

    def close(self):
        self._holder.kill()
        self._holder.wait()
        for file in (self._holder.stdin, self._holder.stdout, self._holder.stderr):
            file.close()


class Routed:
    """client 10.81.1.2 -- 10.81.1.1 router 10.81.2.1 -- 10.81.2.2 server, each a namespace."""

    def __init__(self):
        self.client, self.router, self.server = Namespace(), Namespace(), Namespace()
        for namespace in (self.client, self.router, self.server) if has_ipv6() else ():
            # Addresses are of use at once, those of the link too: no duplicates are looked for.
            namespace.sysctl("net.ipv6.conf.default.accept_dad", 0)
        for end, name, near, far, near6, far6 in (
                (self.client, "c", ROUTER_NEAR, CLIENT, ROUTER_NEAR6, CLIENT6),
                (self.server, "s", ROUTER_FAR, SERVER, ROUTER_FAR6, SERVER6)):
            self.router.run("ip", "link", "add", f"to-{name}", "type", "veth",
                            "peer", "name", "eth0", "netns", end.pid)
            self.router.run("ip", "address", "add", f"{near}/24", "dev", f"to-{name}")
            self.router.run("ip", "link", "set", f"to-{name}", "up")
            end.run("ip", "address", "add", f"{far}/24", "dev", "eth0")
            end.run("ip", "link", "set", "eth0", "up")
            end.run("ip", "route", "add", "default", "via", near)
            if has_ipv6():
                self.router.run("ip", "address", "add", f"{near6}/64", "dev", f"to-{name}", "nodad")
                end.run("ip", "address", "add", f"{far6}/64", "dev", "eth0", "nodad")
                end.run("ip", "route", "add", "default", "via", near6)
        self.router.sysctl("net.ipv4.ip_forward", 1)
        if has_ipv6():
            self.router.sysctl("net.ipv6.conf.all.forwarding", 1)
        for namespace in (self.client, self.router, self.server):
            namespace.sysctl("net.ipv4.icmp_ratelimit", 0)
            if has_ipv6():
                namespace.sysctl("net.ipv6.icmp.ratelimit", 0)

    def rule(self, namespace, hook, *rule):
        """A rule in a table of its own."""
        namespace.run("nft", "add", "table", "ip", "sockt")
        namespace.run("nft", "add", "chain", "ip", "sockt", "rules",
                      "{", "type", "filter", "hook", hook, "priority", "0", ";", "}")
        namespace.run("nft", "add", "rule", "ip", "sockt", "rules", *rule)

    def close(self):
        for namespace in (self.client, self.router, self.server):
            namespace.close()
