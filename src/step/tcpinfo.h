/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TCP_INFO. In a file of its own: struct tcp_info of <linux/tcp.h> is the newer one, and that header and
 * <netinet/tcp.h> exclude each other (kernel.md trap 3).
 */
#ifndef SOCKT_STEP_TCPINFO_H
#define SOCKT_STEP_TCPINFO_H

#include "trace/event.h"

/*
 * Ask the kernel for TCP_INFO of fd. Only fields that this kernel returned are taken. Returns 0 with facts filled (but
 * for the buffer sizes) and *len the length of what it returned, or -errno.
 */
int tcpinfo_read(int fd, struct tcp_facts *facts, socklen_t *len);

#endif
