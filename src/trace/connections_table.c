/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets that are followed, by their descriptors: see connections_private.h. */
#include <stdlib.h>

#include "base/util.h"
#include "trace/connections_private.h"

/* More sockets than these at a time are not followed: the ends of some were lost on their way here. */
#define OPEN_MAX ((size_t)1 << 18)
#define NUMBER_STEP 0x01000193 /* between the first numbers of two connections: a reader tells them apart by these */

static struct connection **bucket_of(struct connections *all, int fd)
{
	return &all->buckets[(unsigned)fd % CONNECTION_BUCKETS];
}

struct connection *connection_find(struct connections *all, int fd, uint32_t session)
{
	struct connection *cn = *bucket_of(all, fd);

	while (cn != NULL && (cn->fd != fd || cn->session != session))
		cn = cn->next;
	return cn;
}

void connection_detach(struct connections *all, struct connection *cn)
{
	struct connection **at = bucket_of(all, cn->fd);

	while (*at != cn)
		at = &(*at)->next;
	*at = cn->next;
	cn->is_detached = true;
	cn->next = NULL;
	all->open--;
}

void connection_destroy(struct connection *cn)
{
	free(cn->asked);
	free(cn->last);
	free(cn);
}

void connection_free(struct connections *all, struct connection *cn)
{
	connections_pair_forget(all, cn);
	connection_detach(all, cn);
	connection_destroy(cn);
}

struct connection *connection_add(struct connections *all, int fd, const struct event *event)
{
	struct connection *cn = connection_find(all, fd, event->session), **bucket = bucket_of(all, fd);

	/* Its close() was not told. */
	if (cn != NULL)
		connection_free(all, cn);
	if (all->open == OPEN_MAX && *bucket != NULL)
		connection_free(all, *bucket);
	cn = xcalloc(1, sizeof(*cn));
	cn->fd = fd;
	cn->session = event->session;
	cn->protocol = event->protocol;
	cn->ordinal = ++all->count;
	cn->out.seq = cn->in.seq = cn->ordinal * NUMBER_STEP;
	cn->next = *bucket;
	*bucket = cn;
	all->open++;
	return cn;
}

struct connection *connection_of(struct connections *all, const struct event *event)
{
	struct connection *cn;

	if (event->fd < 0)
		return NULL;
	cn = connection_find(all, event->fd, event->session);
	if (cn != NULL || event->session == 0)
		return cn;
	cn = connection_find(all, event->fd, 0);
	/* An ACCEPT is of the session that it brings, and its socket is of none. */
	if (cn != NULL && connection_is_stream(cn) && event->step != STEP_ACCEPT)
		cn->session = event->session;
	return cn;
}
