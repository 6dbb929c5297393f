/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the text sink and of the picture for the event PACKET. */
#ifndef SOCKT_TRACE_TEXT_PACKET_H
#define SOCKT_TRACE_TEXT_PACKET_H

#include "trace/event.h"
#include "trace/text_words.h"

/*
 * Add the packet as a line of its own, its ports in columns, ours to the left:
 * `  51834 → 9000   [S]    seq 0 win 65495 mss 65495 sackOK TS wscale 10 len 0`.
 */
void text_packet(struct text *line, const struct event *event, const struct text_view *view);
/* Add what stands on its arrow: `[SA]`, `[PA] 6`, `UDP 6`, `ICMP`. */
void text_packet_label(struct text *line, const struct packet *packet);
/* Add what an arrow with that label does not tell: `seq 1 ack 1 win 65536`. */
void text_packet_brief(struct text *line, const struct packet *packet);

#endif
