# SPDX-License-Identifier: GPL-3.0-or-later
"""The relays that are compared: how each is started, and what its processes use (CPU, memory, descriptors)."""

import glob
import os
import re
import shutil
import signal
import subprocess

from measure import DEADLINE, free_port, wait_listening

NGINX_MODULES = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")
TICK = 1 / os.sysconf("SC_CLK_TCK")

HAPROXY = """\
global
    nbthread 1
    maxconn {connections}
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
{options}
listen relay
    bind 127.0.0.1:{port} backlog 4096
    server target 127.0.0.1:{target}
"""

HAPROXY_SPLICE = "    option splice-request\n    option splice-response"

NGINX = """\
{module}
worker_processes 1;
worker_rlimit_nofile {files};
user root;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log crit;
events {{ worker_connections {files}; }}
stream {{
    server {{
        listen 127.0.0.1:{port}{udp} backlog=4096;
        proxy_pass 127.0.0.1:{target};
        proxy_timeout 1h;
{options}
    }}
}}
"""


def nginx_module():
    """The line that loads stream, "" where it is built in, None where nginx has none."""
    if shutil.which("nginx") is None:
        return None
    said = subprocess.run(["nginx", "-V"], capture_output=True, text=True, check=False).stderr
    if re.search(r"--with-stream(?!\S)", said):
        return ""
    for directory in NGINX_MODULES:
        path = os.path.join(directory, "ngx_stream_module.so")
        if os.path.exists(path):
            return f"load_module {path};"
    return None


class Relay:
    """
    write(directory, port, target) returns the command line, having written what it needs; None: no relay, the
    connection is direct. lack says why it cannot take part; speed: its share of the bytes and connections of a
    workload, for those that would take all day.
    """

    def __init__(self, name, program, write, speed=1.0, lack=None):
        self.name, self.program, self.write, self.speed = name, program, write, speed
        self.lack = lack
        if program is not None and shutil.which(program) is None:
            self.lack = f"{program} is not there"


class Running:
    """A relay that runs between a port of its own and a target, and all processes it starts."""

    def __init__(self, relay, directory, target, is_udp=False):
        self.port, self._popen = target, None
        if relay.write is None:
            return
        self.port = free_port()
        with open(os.path.join(directory, "relay.log"), "wb") as log:
            self._popen = subprocess.Popen(list(map(str, relay.write(directory, self.port, target))),
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           process_group=0)
        try:
            wait_listening(self.port, is_udp)
        except RuntimeError as error:
            self.stop()
            with open(os.path.join(directory, "relay.log"), encoding="utf-8", errors="replace") as log:
                raise RuntimeError(f"{relay.name}: {error}\n{log.read()[:2000]}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def end(self):
        """Ask it to end, and wait for that."""
        self._popen.terminate()
        self._popen.wait(DEADLINE)

    def stop(self):
        """End it and what it has started: all of its session, which is a process group of ours."""
        if self._popen is None:
            return
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait()
        self._popen = None

    def processes(self):
        """The process and its descendants."""
        found = [] if self._popen is None else [self._popen.pid]
        for pid in found:
            for path in glob.glob(f"/proc/{pid}/task/*/children"):
                found += map(int, _read(path).split())
        return found

    def cpu_s(self):
        """CPU seconds so far: of those that run to the nanosecond, of children that have ended by clock ticks."""
        total = 0.0
        for pid in self.processes():
            for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
                words = _read(path).split()
                total += int(words[0]) / 1e9 if words else 0
            words = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            total += (int(words[13]) + int(words[14])) * TICK if len(words) > 14 else 0
        return total

    def pss_kib(self):
        total = 0
        for pid in self.processes():
            match = re.search(r"^Pss:\s+(\d+)", _read(f"/proc/{pid}/smaps_rollup"), re.MULTILINE)
            total += int(match.group(1)) if match else 0
        return total

    def descriptors(self):
        total = 0
        for pid in self.processes():
            try:
                total += len(os.listdir(f"/proc/{pid}/fd"))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return total


def _read(path):
    """A file of /proc; "" where its process is gone."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def haproxy(name, connections, options=""):
    def write(directory, port, target):
        path = os.path.join(directory, "haproxy.cfg")
        with open(path, "w", encoding="ascii") as file:
            file.write(HAPROXY.format(port=port, target=target, connections=connections, options=options))
        return ["haproxy", "-db", "-q", "-f", path]
    return Relay(name, "haproxy", write)


def nginx(name, files, options="", udp=False):
    module = nginx_module()

    def write(directory, port, target):
        path = os.path.join(directory, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            text = NGINX.format(module=module, files=files, directory=directory, port=port, target=target,
                                udp=" udp" if udp else "", options=options)
            file.write(text.replace(" udp backlog=4096", " udp"))
        return ["nginx", "-e", os.path.join(directory, "nginx.log"), "-p", directory, "-c", path]
    return Relay(name, "nginx", write, lack=None if module is not None else "nginx has no stream module")


def socat(name, *words, speed=1.0, kind="TCP"):
    def write(_, port, target):
        ends = f",bind=127.0.0.1,reuseaddr,fork{',backlog=1024' if kind == 'TCP' else ''}"
        return ["socat", *words, f"{kind}-LISTEN:{port}{ends}", f"{kind}:127.0.0.1:{target}"]
    return Relay(name, "socat", write, speed)


def ncat(name, speed):
    def write(_, port, target):
        return ["ncat", "-k", "-l", "127.0.0.1", port, "--sh-exec", f"exec ncat 127.0.0.1 {target}"]
    return Relay(name, "ncat", write, speed)


def sockt(program, kind="tcp"):
    def write(_, port, target):
        return [program, "relay", f"{kind}:127.0.0.1:{port}", f"{kind}:127.0.0.1:{target}"]
    return Relay("sockt", program, write)


def sockt_traced(program, name, *options):
    """With a trace in JSON, trace.json in its directory, of level 1."""
    def write(directory, port, target):
        return [program, "relay", "--trace", f"json:{directory}/trace.json,level=1", *options,
                f"tcp:127.0.0.1:{port}", f"tcp:127.0.0.1:{target}"]
    said = subprocess.run([program, "relay", "--help"], capture_output=True, text=True, check=False).stdout
    missing = [word for word in options if word not in said]
    return Relay(name, program, write, lack=f"this sockt has no {missing[0]}" if missing else None)


def direct():
    return Relay("direct", None, None)


def packet_relays(program):
    return [sockt(program), sockt_traced(program, "sockt json"),
            sockt_traced(program, "sockt --packets", "--packets")]


def bulk_relays(program):
    return [
        sockt(program), direct(),
        haproxy("haproxy", 1000),
        haproxy("haproxy splice", 1000, HAPROXY_SPLICE),
        haproxy("haproxy splice-auto", 1000, "    option splice-auto"),
        nginx("nginx 16k", 1000), nginx("nginx 256k", 1000, "        proxy_buffer_size 256k;"),
        socat("socat"), socat("socat -b1048576", "-b1048576"), ncat("ncat", 1 / 8),
    ]


def ping_relays(program):
    return [sockt(program), direct(), haproxy("haproxy", 1000), nginx("nginx", 1000), socat("socat"),
            ncat("ncat", 1 / 4)]


def connection_relays(program):
    return [sockt(program), direct(), haproxy("haproxy", 1000), nginx("nginx", 4000), socat("socat", speed=1 / 5)]


def idle_relays(program, connections):
    files = 2 * connections + 200
    return [sockt(program), haproxy("haproxy", connections + 20), nginx("nginx", files),
            socat("socat", speed=1 / 10)]


def fair_relays(program):
    return [sockt(program), haproxy("haproxy splice", 1000, HAPROXY_SPLICE),
            nginx("nginx 16k", 1000), socat("socat -b1048576", "-b1048576")]


def datagram_relays(program):
    return [sockt(program, "udp"), direct(), nginx("nginx", 1000, udp=True),
            socat("socat", kind="UDP")]
