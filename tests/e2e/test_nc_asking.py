# SPDX-License-Identifier: GPL-3.0-or-later
"""sockt nc: what it asks for at the terminal (-P, -S)."""

import termios

import pytest

import peers as peer_scripts
from facts import require
from ncs import SAME, Nc
from proxies import Http
from test_sockopt import KEY, has_md5

PROMPT = "Proxy password for alice@127.0.0.1:{}: "
SECRET = "XyzzySecret"


@pytest.fixture
def ours(sockt):
    return Nc(sockt, "sockt")


@pytest.fixture
def proxy(peers):
    """The port of one that serves alice only."""
    return peers.server(Http(user=f"alice:{SECRET}")).port


def asks(proxy):
    return ("-x", f"127.0.0.1:{proxy}", "-X", "connect", "-P", "alice")


def shows_typing(terminal):
    return terminal.settings()[3] & termios.ECHO != 0


def test_the_password_is_asked_for(ours, peers, proxy, terminal):
    """Once the proxy wants it, and again where it was wrong; standard input is for the server."""
    echo = peers.server(peer_scripts.echo).port
    process = ours.start("-vN", *asks(proxy), "127.0.0.1", echo, **terminal.popen())
    process.write(b"question")
    terminal.until_shows(PROMPT.format(proxy))
    assert not shows_typing(terminal)
    terminal.type("wrong\n")
    process.err.until(b"Proxy authentication failed\n")
    terminal.screen.until(lambda data: data.count(PROMPT.format(proxy).encode()) == 2)
    terminal.type(SECRET + "\n")
    process.out.until(b"question")
    assert shows_typing(terminal)
    process.close_stdin()
    run = process.finish().expect(0, b"question", err="succeeded!")
    assert run.err.decode().count(SAME) == 1
    assert SECRET.encode() not in run.err + terminal.screen.data


def test_three_wrong_passwords(ours, proxy, terminal):
    process = ours.start("-N", *asks(proxy), "127.0.0.1", 9, **terminal.popen())
    for count in range(1, 4):
        terminal.screen.until(lambda data, count=count: data.count(b"Proxy password") == count)
        terminal.type("wrong\n")
    process.finish().expect(3, b"", err="407")


def test_none_is_given(ours, proxy, terminal):
    process = ours.start("-N", *asks(proxy), "127.0.0.1", 9, **terminal.popen())
    terminal.until_shows(PROMPT.format(proxy))
    terminal.end_of_input()
    process.finish().expect(3, b"", err="none was given")
    assert shows_typing(terminal)


def test_typing_is_shown_again_after_a_signal(ours, proxy, terminal):
    process = ours.start("-N", *asks(proxy), "127.0.0.1", 9, **terminal.popen())
    terminal.until_shows(PROMPT.format(proxy))
    terminal.type("half\x03")
    process.finish().expect(130, b"")
    assert shows_typing(terminal)


def test_the_password_is_known_for_each_port(ours, peers, proxy):
    """Each run takes it out of the environment."""
    ports = [peers.server(peer_scripts.greet(word)).port for word in (b"one", b"two")]
    ours.run("-N", *asks(proxy), "127.0.0.1", *ports, env={"SOCKT_PROXY_AUTH": f"alice:{SECRET}"},
             start_new_session=True).expect(0, b"onetwo", err=b"")


def test_the_key_is_asked_for(sockt, ours, netns, terminal, tmp_path):
    require(has_md5(netns), "this kernel has no TCP_MD5SIG")
    (tmp_path / "key").write_bytes(KEY)
    server = sockt.listen("--md5-key-file", tmp_path / "key", prefix=netns.prefix, at=("127.0.0.1", "0"))
    process = ours.start("-vSN", "127.0.0.1", server.port, prefix=netns.prefix, **terminal.popen())
    terminal.until_shows("TCP MD5SIG password: ")
    terminal.type(KEY + b"\n")
    process.feed(b"signed")
    server.out.until(b"signed")
    server.close_stdin()
    run = process.finish().expect(0, b"")
    assert f"{SAME}sockt connect --md5-key-file FILE 127.0.0.1 {server.port}\n".encode() in run.err
    assert KEY not in run.err + terminal.screen.data


def test_a_key_needs_a_terminal(ours):
    ours.run("-S", "127.0.0.1", 9, start_new_session=True).expect(2, b"", err="--md5-key-file FILE")
