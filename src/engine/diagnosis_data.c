/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnoses: what ended a connection that stood, a datagram's way, or the local input and output. Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>

#define STEPS_DATA                                                                                                    \
	(STEP_BIT(SEND) | STEP_BIT(RECV) | STEP_BIT(SPLICE) | STEP_BIT(SHUTDOWN) | STEP_BIT(ACCEPT) |            \
	 STEP_BIT(CLOSE) | STEP_BIT(END) | STEP_BIT(STATE))
#define STEPS_OUTPUT (STEP_BIT(WRITE))
#define STEPS_INPUT (STEP_BIT(READ))

#define ROW FAILURE_ERRNO

const struct diagnosis diagnosis_data[] = {
	{ ROW, ECONNRESET, STEPS_DATA, KIND_TCP, NULL,
	  N_("the peer sent RST: its program closed with data unread, aborted or was killed with data unread, or it "
	     "does not admit this address; or a firewall cut the connection"),
	  N_("look into the log of the peer's program; -vv shows what was sent and received before") },
	{ ROW, ECONNRESET, STEPS_DATA, KIND_UNIX, NULL,
	  N_("the peer closed with data unread: it took less than was sent"),
	  N_("look into the log of the peer's program; -vv shows what was sent and received before") },
	{ ROW, EPIPE, STEPS_DATA, KIND_ANY, NULL,
	  N_("the peer takes no more: it has closed, or this side has shut down its sending half"),
	  N_("did it answer before it closed? --recv-only or --until remote keeps what it says") },
	{ ROW, ETIMEDOUT, STEPS_DATA, KIND_TCP, NULL,
	  N_("the peer acknowledged nothing for so long that the kernel gave up: its host is down or gone, or the way "
	     "to it is cut, or a firewall has forgotten the connection"),
	  N_("`ping {host}` tells whether it is up; `ss -ti dst {host}` shows retransmissions while it hangs") },
	{ ROW, EHOSTUNREACH, STEPS_DATA, KIND_TCP, NULL,
	  N_("the way to the peer is gone: a router, or this host itself, cannot reach it any more"),
	  N_("`ip route get {host}`; `traceroute -n {host}` shows how far packets come") },
	{ ROW, ENETUNREACH, STEPS_DATA, KIND_INET, NULL,
	  N_("the way to the peer is gone: a route that was there is not there now"),
	  N_("`ip route get {host}` says what the kernel thinks") },
	{ ROW, ENETDOWN, STEPS_DATA, KIND_INET, NULL,
	  N_("the interface on the way to the peer is down now"),
	  N_("`ip link` shows it") },
	{ ROW, ECONNABORTED, STEPS_DATA, KIND_TCP, NULL,
	  N_("the connection was ended from this host's side, by its administrator (ss -K) or by the kernel"),
	  N_("connect again") },
	{ ROW, EMSGSIZE, STEPS_DATA, KIND_UDP, NULL,
	  N_("the datagram is too big: UDP carries 65507 bytes over IPv4 (65527 over IPv6), and less where it may "
	     "not be cut into fragments"),
	  N_("send smaller ones: `--datagram=1200` cuts the input; `tracepath -n {host}` shows what the way takes") },
	{ ROW, EMSGSIZE, STEPS_DATA, KIND_UNIX, NULL,
	  N_("the message is larger than what the socket's send buffer can ever hold"),
	  N_("send smaller ones (--datagram=SIZE), or make the buffer larger: sndbuf=1M on the endpoint") },
	{ ROW, ENOBUFS, STEPS_DATA, KIND_ANY, NULL,
	  N_("the queue of the network interface, or the memory for sockets, is full"),
	  N_("send more slowly; `ip -s link` counts what was dropped, `ss -m` shows the buffers") },
	{ ROW, ENOTCONN, STEPS_DATA, KIND_ANY, NULL,
	  N_("the socket is not connected"),
	  N_("fd:N for connect wants a connected socket, for listen one that listens") },
	{ ROW, EINVAL, STEP_BIT(ACCEPT), KIND_ANY, NULL,
	  N_("the socket does not listen, and only a listening one can accept"),
	  N_("fd:N for listen wants a socket on which listen() was called; for a connected one: "
	     "`sockt connect fd:N`") },
	{ ROW, EOPNOTSUPP, STEP_BIT(ACCEPT) | STEP_BIT(LISTEN), KIND_ANY, NULL,
	  N_("sockets of this type know no connections, so there is nothing to listen for"),
	  N_("datagrams need neither listen() nor accept(): use a udp: or unix-dgram: endpoint") },

	{ ROW, ENOSPC, STEPS_OUTPUT, KIND_ANY, NULL,
	  N_("the file system of standard output is full; what was received before is written"),
	  N_("make room or write elsewhere; `df -h` shows what is left") },
	{ ROW, EDQUOT, STEPS_OUTPUT, KIND_ANY, NULL,
	  N_("your share of the file system of standard output is used up"),
	  N_("`quota -s` shows it; make room or write elsewhere") },
	{ ROW, EFBIG, STEPS_OUTPUT, KIND_ANY, NULL,
	  N_("the file of standard output has reached the size limit of this process or of its file system"),
	  N_("`ulimit -f` shows the limit of processes") },
	{ ROW, EPIPE, STEPS_OUTPUT, KIND_ANY, NULL,
	  N_("the program that reads this program's standard output has ended or closed it, so what arrives has no "
	     "place to go"),
	  N_("if it needs only a part (head, grep -q), all is well but for the status; else see why it ended") },
	{ ROW, EBADF, STEPS_OUTPUT, KIND_ANY, NULL,
	  N_("standard output was closed when this program was started, or is not open for writing"),
	  N_("`> FILE` keeps what arrives, `> /dev/null` throws it away, --send-only asks for nothing") },
	{ ROW, EIO, STEPS_OUTPUT, KIND_ANY, NULL,
	  N_("the device or terminal of standard output failed, or the terminal is gone"),
	  N_("`dmesg` tells of devices that fail") },
	{ ROW, EMSGSIZE, STEPS_INPUT, KIND_ANY, NULL,
	  N_("--datagram=line makes each line one datagram, and no datagram holds this line"),
	  N_("--datagram=SIZE cuts the input by bytes: `--datagram=1200` fits nearly every network; or send such lines "
	     "over TCP") },
	{ ROW, EISDIR, STEPS_INPUT, KIND_ANY, NULL,
	  N_("standard input is a directory, which cannot be read as a file"),
	  N_("give it a file, or pack it: `tar c DIRECTORY | sockt connect HOST PORT`") },
	{ ROW, EBADF, STEPS_INPUT, KIND_ANY, NULL,
	  N_("standard input is not open for reading"),
	  N_("`< /dev/null` is an empty input, --recv-only reads none") },
	{ ROW, EIO, STEPS_INPUT, KIND_ANY, NULL,
	  N_("the device of standard input failed, or its terminal is gone"),
	  N_("`dmesg` tells of devices that fail") },
	{ .domain = FAILURE_NONE },
};
