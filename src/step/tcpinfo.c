/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP_INFO: see tcpinfo.h. */
#include "step/tcpinfo.h"

#include <errno.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

/* The number of TCP_LISTEN, from the kernel's net/tcp_states.h, which user space gets only by the other header. */
#define STATE_LISTEN 10

/* Does what the kernel returned, len bytes, hold the member? */
#define HAS(len, member) \
	((len) >= offsetof(struct tcp_info, member) + sizeof(((struct tcp_info *)NULL)->member))

/* What came to the struct later than the rest. */
static void fill_later(struct tcp_facts *facts, const struct tcp_info *info, socklen_t len)
{
	if (HAS(len, tcpi_delivery_rate)) {
		facts->has_rate = true;
		facts->delivery_rate = info->tcpi_delivery_rate;
		facts->is_app_limited = info->tcpi_delivery_rate_app_limited;
	}
	if (HAS(len, tcpi_sndbuf_limited)) {
		facts->has_limits = true;
		facts->busy_us = info->tcpi_busy_time;
		facts->rwnd_limited_us = info->tcpi_rwnd_limited;
		facts->sndbuf_limited_us = info->tcpi_sndbuf_limited;
	}
	if (HAS(len, tcpi_bytes_retrans)) {
		facts->has_bytes = true;
		facts->bytes_sent = info->tcpi_bytes_sent;
		facts->bytes_retrans = info->tcpi_bytes_retrans;
	}
	if (HAS(len, tcpi_snd_wnd)) {
		facts->has_window = true;
		facts->window = info->tcpi_snd_wnd;
	}
}

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
		.quiet_ms = info.tcpi_last_data_sent,
		.timeouts = info.tcpi_retransmits,
		.segs_out = info.tcpi_segs_out,
		.segs_in = info.tcpi_segs_in,
		.acked = info.tcpi_bytes_acked,
	};
	if (info.tcpi_state != STATE_LISTEN)
		fill_later(facts, &info, *len);
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
