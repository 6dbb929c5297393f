/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a relay in lines for a person: a session, and the totals. Pure. */
#ifndef SOCKT_ENGINE_CONTROL_LINES_H
#define SOCKT_ENGINE_CONTROL_LINES_H

#include "engine/control_commands.h"

#define CONTROL_LINE_SIZE (2 * ADDR_TEXT_MAX + 160) /* room for either */

/*
 * A session, without a newline: "[3] open, 127.0.0.1:5000 to 127.0.0.1:80, up 1.2M, down 340, for 12 s". Returns dst.
 */
const char *control_line_of_peer(const struct control_peer *peer, char *dst, size_t size);

/* A number of bytes as in these lines: 340, 1.2k, 34M. Returns dst. */
const char *control_line_of_size(uint64_t bytes, char *dst, size_t size);

/*
 * Totals, and how fast they have grown since last (whose uptime_ns is that of then), without a newline:
 * "3 open of 120 sessions, up 1.2M (64k/s), down 34M (2.1M/s), 1 failed". Returns dst.
 */
const char *control_line_of_stats(const struct control_stats *stats, const struct control_stats *last, char *dst,
				  size_t size);

#endif
