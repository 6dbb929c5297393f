/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets between two sockets of this program wait for who takes what is in them: see connections_private.h. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/connections_private.h"

#define HELD_MAX 256                   /* packets */
#define HELD_BYTES ((size_t)512 << 10) /* of data in them */

struct held {
	struct held *next;
	struct connections_packet packet;
	struct addr from, to;
	uint64_t flow, end;
	bool is_taken; /* its comment says by whom */
	char *comment;
	char data[];
};

static void hand_on_first(struct connections *all)
{
	struct held *held = all->held;

	all->held = held->next;
	if (all->held == NULL)
		all->held_last = NULL;
	all->held_count--;
	all->held_bytes -= held->packet.data_len;
	held->packet.from = &held->from;
	held->packet.to = &held->to;
	held->packet.data = held->packet.data_len > 0 ? held->data : NULL;
	held->packet.comment = held->comment;
	all->emit(all->ctx, &held->packet);
	free(held->comment);
	free(held);
}

void connections_hold(const struct making *making, const struct connections_packet *packet)
{
	struct connections *all = making->all;
	struct held *held;

	if (all->ends == NULL) {
		all->emit(all->ctx, packet);
		return;
	}
	while (all->held != NULL && (all->held_count == HELD_MAX || all->held_bytes > HELD_BYTES))
		hand_on_first(all);
	held = xcalloc(1, sizeof(*held) + packet->data_len);
	held->packet = *packet;
	held->from = *packet->from;
	held->to = *packet->to;
	held->flow = making->flow;
	held->end = making->flow_end;
	held->comment = xstrdup(packet->comment);
	if (packet->data_len > 0)
		memcpy(held->data, packet->data, packet->data_len);
	*(all->held_last != NULL ? &all->held_last->next : &all->held) = held;
	all->held_last = held;
	all->held_count++;
	all->held_bytes += packet->data_len;
}

/* Say whose call took what is in the packet. Where the sender's port was not known yet, it is now. */
static void take(struct held *held, const char *comment, const struct addr *from)
{
	char words[3 * COMMENT_MAX];

	held->is_taken = true;
	/* Both are of one connection. */
	if (strncmp(comment, "session ", strlen("session ")) == 0 && strchr(comment, ':') != NULL)
		comment = strchr(comment, ':') + 2;
	snprintf(words, sizeof(words), "%s; taken by %s", held->comment, comment);
	free(held->comment);
	held->comment = xstrdup(words);
	if (from == NULL || from->len == 0 || addr_family(from) == AF_UNIX)
		return;
	held->from = *from;
	addr_unmap(&held->from);
}

/* Does it hold what a call can take? An acknowledgement does not. */
static bool has_news(const struct packet *packet)
{
	return packet->protocol == IPPROTO_UDP || packet->length > 0 || (packet->flags & TH_FIN) != 0;
}

void connections_taken(struct connections *all, uint64_t flow, uint64_t end, const char *comment,
		       const struct addr *from)
{
	for (struct held *held = all->held; held != NULL; held = held->next) {
		/* Of a segment that several calls take the first is named. An end, and a datagram, are taken whole. */
		if (held->flow == flow && !held->is_taken && has_news(&held->packet.packet) &&
		    held->end - held->packet.packet.length < end)
			take(held, comment, from);
	}
}

void connections_flush(struct connections *all, uint64_t t_ns)
{
	while (all->held != NULL && all->held->packet.t_ns <= t_ns)
		hand_on_first(all);
}

uint64_t connections_held_since(const struct connections *all)
{
	return all->held != NULL ? all->held->packet.t_ns : UINT64_MAX;
}
