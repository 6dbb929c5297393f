/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP_INFO: see tcpinfo.h. */
#include "step/tcpinfo.h"

#include <errno.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* The number of TCP_LISTEN, from the kernel's net/tcp_states.h, which user space gets only by the other header. */
#define STATE_LISTEN 10

int tcpinfo_read(int fd, struct tcp_facts *facts, socklen_t *len)
{
	struct tcp_info info;

	/* Older kernels fill less: what they leave is 0. */
	memset(&info, 0, sizeof(info));
	*len = sizeof(info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, len) == -1)
		return -errno;
	*facts = (struct tcp_facts){
		.is_valid = true,
		.state = info.tcpi_state,
		.rtt_us = info.tcpi_rtt,
		.rttvar_us = info.tcpi_rttvar,
		.mss = info.tcpi_snd_mss,
		.cwnd = info.tcpi_snd_cwnd,
		.retransmits = info.tcpi_total_retrans,
		.unacked = info.tcpi_unacked,
		.notsent = info.tcpi_notsent_bytes,
		.timeouts = info.tcpi_retransmits,
	};
	if (info.tcpi_state == STATE_LISTEN) {
		/*
		 * Of a listener these two fields are its accept queue and the limit of it (tcp_diag.c of the
		 * kernel).
		 */
		facts->queue_len = info.tcpi_unacked;
		facts->queue_limit = info.tcpi_sacked;
	}
	return 0;
}
