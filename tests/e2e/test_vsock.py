# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of virtual machines: within this machine where its kernel can do that; what is said where it cannot."""

import errno
import fcntl
import signal
import socket
import struct

import pytest

from facts import wait_for

GET_LOCAL_CID = 0x7b9  # linux/vm_sockets.h, IOCTL_VM_SOCKETS_GET_LOCAL_CID


@pytest.fixture
def vsock():
    """The family, where there is one: the kernel, a container or a filter may be without."""
    try:
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    except OSError as error:
        pytest.skip(f"no AF_VSOCK here ({errno.errorcode[error.errno]})")


def own_cid():
    """The number that this machine has for others; skips where it has none."""
    try:
        with open("/dev/vsock", "rb") as device:
            return struct.unpack("I", fcntl.ioctl(device, GET_LOCAL_CID, b"\0" * 4))[0]
    except OSError as error:
        pytest.skip(f"/dev/vsock: {error.strerror}")


def why_not(cid):
    """Why this machine cannot talk with itself by that number, an errno; 0: it can."""
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as listening, \
            socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
        listening.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
        listening.listen()
        return client.connect_ex((cid, listening.getsockname()[1]))


def test_listener_has_a_port(sockt, trace, vsock):
    seen = trace()
    listener = sockt.listen(*seen.options, at=("vsock:any:0",))
    (line,) = listener.ready_lines
    assert line.startswith("vsock *:") and int(line.rsplit(":", 1)[1]) > 0
    (bound,) = wait_for(lambda: seen.events("bind"), "the bind in the trace")
    assert bound["protocol"] == "vsock" and bound["local"] == line[len("vsock "):]
    assert seen.events("socket")[0]["args"]["domain"] == "AF_VSOCK"


def test_data_go_both_ways_with_their_ends(sockt, vsock):
    cid = own_cid()
    reason = why_not(cid)
    if reason:
        pytest.skip(f"this machine cannot talk with itself by vsock ({errno.errorcode[reason]})")
    there, back = b"\0to you\n" * 125000, b"to me\xff\n" * 100000
    listener = sockt.listen("--until", "both", at=("vsock:any:0",))
    client = sockt.start("connect", f"vsock:{cid}:{listener.port}")
    listener.feed(back)
    client.feed(there)
    client.finish().expect(0, back)
    listener.finish().expect(0, there)


def test_no_way_to_a_machine(sockt, vsock):
    cid = own_cid()
    reason = why_not(cid)
    if reason != errno.ENODEV:
        pytest.skip(f"this machine can talk with itself by vsock ({reason})")
    run = sockt.run("connect", "-v", f"vsock:{cid}:9")
    run.expect(1, b"", f"connect to vsock {cid}:9: No such device (ENODEV)")
    assert "why this kernel has no way to the machine of that CID" in " ".join(run.err.decode().split())


def test_cid_of_another_machine(sockt, vsock):
    run = sockt.run("listen", "-v", "vsock:4000000000:9000")
    run.expect(1, b"", "bind to vsock 4000000000:9000: Cannot assign requested address (EADDRNOTAVAIL)")
    assert "that CID is not one of this machine" in " ".join(run.err.decode().split())


def test_program_of_the_trace_compiles(sockt, tmp_path, vsock, build):
    program = tmp_path / "listen.c"
    listener = sockt.listen("--trace", f"c:{program}", at=("vsock:any:0",))
    listener.signal(signal.SIGTERM)
    listener.wait()
    assert ".svm_port = VMADDR_PORT_ANY;" in program.read_text()
    build("listen")
