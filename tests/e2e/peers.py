# SPDX-License-Identifier: GPL-3.0-or-later
"""
Small peers in threads, with scripted behaviour, and plain sockets that are closed when the test
ends.
"""

import errno
import select
import socket
from socket import AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM
import struct
import threading

from facts import DEADLINE, SCALE


def reset(sock):
    """Close with a reset instead of a FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def read_all(sock):
    """Everything until the peer ends."""
    pieces = []
    while True:
        piece = sock.recv(1 << 16)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def read_exactly(sock, count):
    """count bytes, or fewer where the peer ends before."""
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data


def read_to_reset(sock):
    """Everything until the peer resets; a clean end fails."""
    pieces = []
    try:
        while piece := sock.recv(1 << 16):
            pieces.append(piece)
    except ConnectionResetError:
        return b"".join(pieces)
    raise AssertionError(f"a clean end after {sum(map(len, pieces))} bytes where a reset was expected")


def sees_reset(sock, seconds=None):
    """
    Does the peer reset the connection in that time? Nothing is read. Where the peer has ended before, the kernel
    calls it EPIPE.
    """
    poll = select.poll()
    poll.register(sock, 0)  # POLLERR and POLLHUP are always told
    ready = poll.poll((DEADLINE if seconds is None else seconds) * 1000)
    return bool(ready) and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (errno.ECONNRESET, errno.EPIPE)


class Sender(threading.Thread):
    """Sends data beside the test, then ends; error is what became of it, or None."""

    def __init__(self, sock, data, shut=True):
        super().__init__(daemon=True)
        self.sock, self.data, self.shut, self.error = sock, data, shut, None
        self.start()

    def run(self):
        try:
            self.sock.sendall(self.data)
            if self.shut:
                self.sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.error = error

    def met_reset(self):
        """Has its connection been reset, by now or soon? The error comes once, to whoever asks first."""
        self.join(20 * SCALE)
        return isinstance(self.error, (ConnectionResetError, BrokenPipeError)) or sees_reset(self.sock)


def fill(sock, quiet=0.3):
    """Send until nothing more is taken for so long; returns how many bytes went. The socket no longer blocks."""
    sock.setblocking(False)
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    count = 0
    while poll.poll(quiet * 1000):
        try:
            count += sock.send(b"f" * 65536)
        except BlockingIOError:
            pass
    return count


def read_until(sock, end):
    """Bytes up to and with `end`, or fewer where the peer ends before."""
    data = b""
    while not data.endswith(end):
        piece = sock.recv(1)
        if not piece:
            break
        data += piece
    return data


class Peer(socket.socket):
    """
    A socket whose connect() leaves a reset to the call after it. A peer that resets at once may do so while connect()
    still waits; the connection was there all the same.
    """

    _early_reset = None

    def connect(self, address):
        try:
            super().connect(address)
        except ConnectionResetError as error:
            self._early_reset = error

    def _meet(self, call, *args):
        error, self._early_reset = self._early_reset, None
        if error is not None:
            raise error
        return call(*args)

    def recv(self, *args):
        return self._meet(super().recv, *args)

    def send(self, *args):
        return self._meet(super().send, *args)

    def sendall(self, *args):
        return self._meet(super().sendall, *args)

    def getsockopt(self, level, option, *args):
        """SO_ERROR meets it too."""
        if self._early_reset is None or (level, option) != (socket.SOL_SOCKET, socket.SO_ERROR):
            return super().getsockopt(level, option, *args)
        error, self._early_reset = self._early_reset, None
        return error.errno


# Scripts for Peers.server(): each gets the accepted socket.

def echo(sock):
    """Send back what comes, until the peer ends."""
    while True:
        piece = sock.recv(1 << 16)
        if not piece:
            return
        sock.sendall(piece)


def discard(sock):
    """Read until the peer ends, then close."""
    read_all(sock)


def reply(data):
    """Read until the peer ends, then send data and close."""
    def script(sock):
        read_all(sock)
        sock.sendall(data)
    return script


def greet(data):
    """Send data and close, without reading a byte that was not sent yet."""
    def script(sock):
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        read_all(sock)
    return script


class Server:
    """A listening socket whose clients are served by a script, one thread each."""

    def __init__(self, listener, script):
        self.listener = listener
        self.script = script
        self.name = listener.getsockname()
        self.port = self.name[1] if isinstance(self.name, tuple) else None
        self.errors = []
        self.threads = []
        self.connections = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.settimeout(DEADLINE)
            self.connections.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def _serve(self, sock):
        try:
            self.script(sock)
        except Exception as error:  # told by the fixture when the test ends
            self.errors.append(error)
        finally:
            sock.close()

    def join(self):
        """Wait until every script has come to its end."""
        for thread in self.threads:
            thread.join(DEADLINE)
            assert not thread.is_alive(), "a peer's script did not end"

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for sock in self.connections:
            try:
                sock.close()
            except OSError:
                pass


class Peers:
    """The `peers` fixture."""

    def __init__(self):
        self._open = []

    def keep(self, thing):
        """Close thing when the test ends."""
        self._open.append(thing)
        return thing

    def socket(self, family=AF_INET, kind=SOCK_STREAM):
        sock = self.keep(Peer(family, kind))
        sock.settimeout(DEADLINE)
        return sock

    def listen(self, address=("127.0.0.1", 0), family=AF_INET, kind=SOCK_STREAM,
               backlog=128):
        """A listening socket; accept() gives sockets with the deadline as their limit."""
        sock = self.socket(family, kind)
        sock.bind(address)
        sock.listen(backlog)
        return sock

    def accept(self, listener):
        sock, _ = listener.accept()
        sock.settimeout(DEADLINE)
        return self.keep(sock)

    def server(self, script, address=("127.0.0.1", 0), family=AF_INET,
               kind=SOCK_STREAM):
        """Serve every client by script(sock) in a thread. Gives .port, .join(), .errors."""
        return self.keep(Server(self.listen(address, family, kind), script))

    def connect(self, address, family=None, kind=SOCK_STREAM):
        """
        A connected socket. address: a port of 127.0.0.1, a tuple, or the path of a Unix socket.
        """
        if isinstance(address, int):
            address = ("127.0.0.1", address)
        if family is None:
            family = (AF_UNIX if not isinstance(address, tuple)
                      else AF_INET6 if ":" in address[0] else AF_INET)
        sock = self.socket(family, kind)
        sock.connect(address)
        return sock

    def is_reset(self, port, data=b""):
        """Is a client of that port reset, without a byte, at once or after it has sent data?"""
        try:
            sock = self.connect(port)
            if data:
                sock.sendall(data)
            return sock.recv(1) is None
        except (ConnectionResetError, BrokenPipeError):
            return True

    def udp(self, address=("127.0.0.1", 0), family=AF_INET):
        """A bound datagram socket."""
        sock = self.socket(family, SOCK_DGRAM)
        sock.bind(address)
        return sock

    def refused_port(self):
        """A TCP port of 127.0.0.1 on which nobody listens and that nobody else is given."""
        sock = self.socket()
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]

    def errors(self):
        """What the scripts of the servers raised."""
        return [error for thing in self._open if isinstance(thing, Server) for error in thing.errors]

    def close(self):
        for thing in reversed(self._open):
            thing.close()
