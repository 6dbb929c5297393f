# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies for the tests: scripted ones, which answer as they are told, and real ones."""

import base64
import hashlib
import re
import shutil
import socket
import threading

import pytest

import peers as peer_scripts
from facts import free_port, wait_for


def relay(first, second):
    """Pass on what comes, both ways, until both have ended."""
    def one_way(start, end):
        try:
            while True:
                data = start.recv(65536)
                if not data:
                    break
                end.sendall(data)
            end.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    thread = threading.Thread(target=one_way, args=(second, first), daemon=True)
    thread.start()
    one_way(first, second)
    thread.join()


class Socks5:
    """A script for peers.server(): a SOCKS 5 proxy that keeps what it was asked for."""

    def __init__(self, user=None, code=0, pieces=False, behind=b""):
        self.user, self.code, self.pieces, self.behind = user, code, pieces, behind
        self.asked = []

    def _send(self, sock, data):
        if not self.pieces:
            sock.sendall(data)
            return
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            sock.sendall(bytes([byte]))

    def _read_user(self, sock):
        peer_scripts.read_exactly(sock, 1)
        user = peer_scripts.read_exactly(sock, peer_scripts.read_exactly(sock, 1)[0])
        password = peer_scripts.read_exactly(sock, peer_scripts.read_exactly(sock, 1)[0])
        is_right = f"{user.decode()}:{password.decode()}" == self.user
        self._send(sock, b"\1\0" if is_right else b"\1\1")
        return is_right

    def _read_target(self, sock):
        form = peer_scripts.read_exactly(sock, 4)[3]
        if form == 3:
            host = peer_scripts.read_exactly(sock, peer_scripts.read_exactly(sock, 1)[0]).decode()
        else:
            family, size = (socket.AF_INET, 4) if form == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, peer_scripts.read_exactly(sock, size))
        return host, int.from_bytes(peer_scripts.read_exactly(sock, 2), "big")

    def __call__(self, sock):
        methods = peer_scripts.read_exactly(sock, 2)[1]
        offered = peer_scripts.read_exactly(sock, methods)
        wanted = 0 if self.user is None else 2
        self._send(sock, bytes([5, wanted if wanted in offered else 255]))
        if wanted not in offered or (wanted == 2 and not self._read_user(sock)):
            return
        target = self._read_target(sock)
        self.asked.append(target)
        self._send(sock, bytes([5, self.code, 0, 1]) + bytes(6) + self.behind)
        if self.code == 0:
            with socket.create_connection(("localhost" if "." not in target[0] and ":" not in target[0] else target[0],
                                           target[1])) as out:
                relay(sock, out)


class Http:
    """A script for peers.server(): an HTTP proxy that keeps the heads it got, by connection."""

    def __init__(self, user=None, scheme="Basic", algorithm="MD5", pieces=False, behind=b"", status="200 OK",
                 only=False):
        self.user, self.scheme, self.algorithm = user, scheme, algorithm
        self.pieces, self.behind, self.status = pieces, behind, status
        self.weak = "" if only else 'Proxy-Authenticate: Basic realm="weak"\r\n'
        self.heads = []

    def _challenge(self):
        if self.scheme == "Basic":
            return 'Proxy-Authenticate: Basic realm="test"\r\n'
        return (f'{self.weak}Proxy-Authenticate: Digest realm="test", nonce="n0nce", qop="auth", '
                f'algorithm={self.algorithm}\r\n')

    def _is_right(self, method, target, value):
        if self.scheme == "Basic":
            return value == "Basic " + base64.b64encode(self.user.encode()).decode()
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', value.removeprefix("Digest ")))

        def digest(text):
            name = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}[self.algorithm]
            return hashlib.new(name, text.encode()).hexdigest()
        name, password = self.user.split(":", 1)
        who, what = digest(f"{name}:test:{password}"), digest(f"{method}:{target}")
        want = digest(f"{who}:n0nce:{given['nc']}:{given['cnonce']}:auth:{what}")
        return value.startswith("Digest ") and given["username"] == name and given["response"] == want

    def __call__(self, sock):
        head = peer_scripts.read_until(sock, b"\r\n\r\n").decode()
        self.heads.append(head)
        method, target, _ = head.split("\r\n")[0].split()
        value = re.search(r"^Proxy-Authorization: (.*)\r$", head, re.M)
        if self.user and not (value and self._is_right(method, target, value[1])):
            sock.sendall(f"HTTP/1.1 407 Who\r\n{self._challenge()}Content-Length: 3\r\n\r\nwho".encode())
            return
        answer = f"HTTP/1.1 {self.status}\r\nVia: test\r\n\r\n".encode() + self.behind
        if self.pieces:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in answer:
                sock.sendall(bytes([byte]))
        else:
            sock.sendall(answer)
        if self.status.startswith("2"):
            host, port = target.rsplit(":", 1)
            with socket.create_connection((host.strip("[]"), int(port))) as out:
                relay(sock, out)


def wait_for_port(process, port):
    """Wait until somebody listens there."""
    def answers():
        assert process.is_running, process.describe()
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0
    wait_for(answers, "the proxy to listen")
    return port


def tinyproxy(sockt, need, tmp_path, *lines):
    """A real one. Returns its port."""
    port = free_port()
    config = tmp_path / "tinyproxy.conf"
    config.write_text("\n".join((f"Port {port}", "Listen 127.0.0.1", "Timeout 60", "MaxClients 20", *lines, "")))
    return wait_for_port(sockt.start_command([need("tinyproxy"), "-d", "-c", str(config)]), port)


def dante(sockt, tmp_path):
    """A real one, of SOCKS 4 (but not 4a) and 5. Returns its port. Not every Debian has it."""
    program = shutil.which("danted", path=sockt.environment["PATH"])
    if program is None:
        pytest.skip("danted is not installed")
    port = free_port()
    config = tmp_path / "danted.conf"
    config.write_text(f"""
logoutput: stderr
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
client pass {{ from: 0/0 to: 0/0 }}
socks pass {{ from: 0/0 to: 127.0.0.0/8 protocol: tcp }}
""")
    return wait_for_port(sockt.start_command([program, "-f", str(config)]), port)


def ncat(sockt, need, *options):
    """ncat as a proxy. Returns its port."""
    port = free_port()
    return wait_for_port(sockt.start_command([need("ncat"), "-l", "127.0.0.1", str(port), "-k", *options]), port)


def microsocks(sockt, need, *options):
    """A real one. Returns its port."""
    port = free_port()
    return wait_for_port(sockt.start_command([need("microsocks"), "-i", "127.0.0.1", "-p", str(port), *options]), port)
