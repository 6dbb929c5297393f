/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The segments of those who wait to be accepted: see coalesce_private.h. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "base/util.h"
#include "trace/coalesce_private.h"

#define EARLY_MAX 256 /* that are known; of older ones it is not known how their first data came */

void coalesce_early_free(struct end **at)
{
	while (*at != NULL) {
		struct end *end = *at;

		*at = end->older;
		free(end->streams[WAY_SEGMENTS_IN]);
		free(end);
	}
}

/* The same address? A socket for both versions shows an IPv4 one as IPv6, its packets do not. */
static bool is_same(const struct addr *a, const struct addr *b)
{
	struct addr first = *a, second = *b;

	addr_unmap(&first);
	addr_unmap(&second);
	return addr_equal(&first, &second);
}

/* Where in the list the one is that waits to be accepted, from remote to local. */
static struct end **early_find(struct end **early, const struct addr *local, const struct addr *remote)
{
	struct end **at = early;

	while (*at != NULL && !(is_same(&(*at)->remote, remote) && is_same(&(*at)->local, local)))
		at = &(*at)->older;
	return at;
}

void coalesce_early_packet(struct end **early, struct event *event)
{
	const struct packet *packet = event->args == NULL ? NULL : &event->args->packet;
	struct end **at, *end;
	size_t count = 0;

	if (packet == NULL || packet->protocol != IPPROTO_TCP || event->local == NULL || event->remote == NULL)
		return;
	at = early_find(early, event->local, event->remote);
	if (*at == NULL && (packet->flags & (TH_SYN | TH_ACK)) == TH_SYN && !packet->is_out) {
		end = xcalloc(1, sizeof(*end));
		end->local = *event->local;
		end->remote = *event->remote;
		end->older = *early;
		*early = end;
		for (at = &end->older; *at != NULL && ++count < EARLY_MAX;)
			at = &(*at)->older;
		coalesce_early_free(at);
		at = early;
	}
	if (*at != NULL && !packet->is_out)
		coalesce_packet(*at, event);
}

void coalesce_early_accept(struct end **early, struct end *end, const struct event *event)
{
	struct end **at, *found;

	if (event->local == NULL || event->remote == NULL)
		return;
	at = early_find(early, event->local, event->remote);
	found = *at;
	if (found == NULL)
		return;
	*at = found->older;
	if (end->streams[WAY_SEGMENTS_IN] == NULL) {
		end->has_seq[false] = found->has_seq[false];
		end->next_seq[false] = found->next_seq[false];
		end->streams[WAY_SEGMENTS_IN] = found->streams[WAY_SEGMENTS_IN];
		found->streams[WAY_SEGMENTS_IN] = NULL;
	}
	found->older = NULL;
	coalesce_early_free(&found);
}
