/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnoses of sockets between a machine and its virtual machines (vsock(7)). Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>

#define ROW FAILURE_ERRNO
#define CONNECTING (STEP_BIT(CONNECT) | STEP_BIT(CONNECTED))
#define TRANSPORTS                                                                                                    \
	N_("`lsmod | grep vsock` shows what is loaded; as root `modprobe vsock_loopback` (within this machine), "      \
	   "`vhost_vsock` (of a host) or `vmw_vsock_virtio_transport` (of a guest)")

const struct diagnosis diagnosis_vsock[] = {
	{ ROW, EAFNOSUPPORT, STEP_BIT(SOCKET), KIND_VSOCK, NULL,
	  N_("this kernel has no sockets of virtual machines, or has not loaded them"),
	  N_("as root `modprobe vsock`") },
	{ ROW, EADDRNOTAVAIL, STEP_BIT(BIND), KIND_VSOCK, NULL,
	  N_("that CID is not one of this machine"),
	  N_("listen on vsock:any:PORT; `sockt connect` on the other side takes the CID of this machine") },
	{ ROW, EACCES, STEP_BIT(BIND), KIND_VSOCK, NULL,
	  N_("ports below 1024 are for root (CAP_NET_BIND_SERVICE)"),
	  N_("a port from 1024 on; or start it as root, with --user") },
	{ ROW, ENODEV, CONNECTING, KIND_VSOCK, NULL,
	  N_("this kernel has no way to the machine of that CID: none of its transports is for it"), TRANSPORTS },
	{ ROW, ENETUNREACH, CONNECTING, KIND_VSOCK, NULL,
	  N_("this kernel has no way to the machine of that CID"), TRANSPORTS },
	{ ROW, ECONNRESET, CONNECTING, KIND_VSOCK, NULL,
	  N_("the machine answered that no socket listens on that port"),
	  N_("`ss --vsock -ln` on that machine; is the server started, on this port?") },
	{ ROW, ETIMEDOUT, CONNECTING, KIND_VSOCK, NULL,
	  N_("no machine of that CID has answered within the time of the kernel (2 s)"),
	  N_("is it running, and has it a vsock device with that CID? The host is CID 2, each guest has its own") },
	{ .domain = FAILURE_NONE },
};
