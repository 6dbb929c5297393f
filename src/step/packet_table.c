/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connections whose packets are ours: see packet_table.h. */
#include "step/packet_table.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/util.h"
#include "step/packet_listeners.h"

#define TABLE_MIN ((size_t)64)
/*
 * How long a closed connection is remembered without a packet: a FIN that nobody answers is sent again for longer than
 * a minute (tcp(7), tcp_orphan_retries), but one that is answered is done.
 */
#define REST_NS (120 * NS_PER_S)
#define REST_DONE_NS (2 * NS_PER_S)

struct packet_table {
	uint32_t seed;
	struct packet_conn **places; /* a power of two */
	size_t size, count;
	struct packet_conn **by_fd;
	size_t fd_room;
	struct packet_conn *oldest, *newest; /* that rest */
	size_t resting;
	struct packet_listeners listeners;
	size_t early_size; /* bytes that are kept */
};

struct packet_table *packet_table_new(uint32_t seed)
{
	struct packet_table *table = xcalloc(1, sizeof(*table));

	table->seed = seed;
	table->size = TABLE_MIN;
	table->places = xcalloc(table->size, sizeof(struct packet_conn *));
	return table;
}

void packet_table_keep(struct packet_table *table, struct packet_conn *conn, const struct packet_headers *headers,
		       uint64_t at_ns)
{
	size_t size = sizeof(struct packet_early) + headers->packet.captured;
	struct packet_early *early;

	if (table->early_size + size > PACKET_EARLY_MAX)
		return;
	early = xmalloc(size);
	early->next = NULL;
	early->at_ns = at_ns;
	early->headers = *headers;
	early->size = size;
	memcpy(early->bytes, headers->packet.bytes, headers->packet.captured);
	early->headers.packet.bytes = early->bytes;
	if (early->headers.packet.icmp_sender != NULL)
		early->headers.packet.icmp_sender = &early->headers.source;
	if (conn->early == NULL)
		conn->early_end = &conn->early;
	*conn->early_end = early;
	conn->early_end = &early->next;
	table->early_size += size;
}

struct packet_early *packet_table_take(struct packet_table *table, struct packet_conn *conn)
{
	struct packet_early *early = conn->early;

	if (early == NULL)
		return NULL;
	conn->early = early->next;
	table->early_size -= early->size;
	return early;
}

static void conn_free(struct packet_table *table, struct packet_conn *conn)
{
	struct packet_early *early;

	while ((early = packet_table_take(table, conn)) != NULL)
		free(early);
	free(conn);
}

void packet_table_free(struct packet_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->size; i++) {
		while (table->places[i] != NULL) {
			struct packet_conn *conn = table->places[i];

			table->places[i] = conn->next;
			conn_free(table, conn);
		}
	}
	free(table->places);
	free(table->by_fd);
	free(table);
}

/* The place of a key, without the local address, which may be any. */
static size_t place_of(const struct packet_table *table, const struct packet_key *key)
{
	uint32_t hash = hash_begin(table->seed);

	for (size_t i = 0; i < sizeof(key->remote); i++)
		hash = hash_add(hash, key->remote[i]);
	hash = hash_add(hash, key->remote_port);
	hash = hash_add(hash, key->local_port ^ (uint32_t)key->protocol);
	return (hash ^ hash >> 15) & (table->size - 1);
}

/* ---- Who rests ---------------------------------------------------------------------------------------------- */

static void rest_end(struct packet_table *table, struct packet_conn *conn)
{
	if (!conn->is_resting)
		return;
	*(conn->older != NULL ? &conn->older->newer : &table->oldest) = conn->newer;
	*(conn->newer != NULL ? &conn->newer->older : &table->newest) = conn->older;
	conn->older = NULL;
	conn->newer = NULL;
	conn->is_resting = false;
	table->resting--;
}

void packet_table_forget(struct packet_table *table, struct packet_conn *conn)
{
	struct packet_conn **slot = &table->places[place_of(table, &conn->key)];

	if (conn->mirror != NULL)
		conn->mirror->mirror = NULL;
	while (*slot != conn)
		slot = &(*slot)->next;
	*slot = conn->next;
	rest_end(table, conn);
	if (conn->fd >= 0 && (size_t)conn->fd < table->fd_room && table->by_fd[conn->fd] == conn)
		table->by_fd[conn->fd] = NULL;
	table->count--;
	conn_free(table, conn);
}

/* Put it behind all that rest; the first of them leaves where they are too many. */
static void rest_begin(struct packet_table *table, struct packet_conn *conn)
{
	rest_end(table, conn);
	if (table->resting == PACKET_RESTING_MAX)
		packet_table_forget(table, table->oldest);
	conn->older = table->newest;
	*(table->newest != NULL ? &table->newest->newer : &table->oldest) = conn;
	table->newest = conn;
	conn->is_resting = true;
	table->resting++;
}

/* ---- The table ---------------------------------------------------------------------------------------------- */

/* Twice the places. */
static void grow(struct packet_table *table)
{
	struct packet_conn **old = table->places;
	size_t old_size = table->size;

	table->size *= 2;
	table->places = xcalloc(table->size, sizeof(struct packet_conn *));
	for (size_t i = 0; i < old_size; i++) {
		while (old[i] != NULL) {
			struct packet_conn *conn = old[i], **slot = &table->places[place_of(table, &conn->key)];

			old[i] = conn->next;
			conn->next = *slot;
			*slot = conn;
		}
	}
	free(old);
}

static struct packet_conn *look_up(const struct packet_table *table, const struct packet_key *key)
{
	struct packet_conn *conn = table->places[place_of(table, key)];

	while (conn != NULL && !packet_key_is_same(&conn->key, key))
		conn = conn->next;
	return conn;
}

static struct packet_conn *add(struct packet_table *table, const struct packet_key *key)
{
	struct packet_conn *conn = xcalloc(1, sizeof(*conn)), **slot;

	if (table->count >= table->size)
		grow(table);
	conn->key = *key;
	conn->fd = -1;
	conn->in.wscale = -1;
	conn->out.wscale = -1;
	slot = &table->places[place_of(table, key)];
	conn->next = *slot;
	*slot = conn;
	table->count++;
	return conn;
}

/* How a socket that is bound to addr shows addresses. */
static void show_like(struct packet_conn *conn, const struct addr *addr)
{
	conn->is_mapped = conn->key.family == AF_INET && addr_family(addr) == AF_INET6;
	conn->zone = addr_family(addr) == AF_INET6 ? addr->in6.sin6_scope_id : 0;
}

/* The descriptor is conn's now. */
static void set_fd(struct packet_table *table, struct packet_conn *conn, int fd)
{
	size_t room = table->fd_room;

	if ((size_t)fd >= room) {
		table->fd_room = (size_t)fd + 1 > 2 * room ? (size_t)fd + 1 : 2 * room;
		table->by_fd = xrealloc(table->by_fd, table->fd_room * sizeof(struct packet_conn *));
		memset(table->by_fd + room, 0, (table->fd_room - room) * sizeof(struct packet_conn *));
	}
	table->by_fd[fd] = conn;
	conn->fd = fd;
}

/*
 * The other end of conn, which is ours as well (both are in this process, on loopback): what passed while conn was not
 * there was the other's, and tells where its numbers begin. is_new: conn is asked for by a connect(), so what is closed
 * is of a connection before.
 */
static void find_mirror(struct packet_table *table, struct packet_conn *conn, bool is_new)
{
	struct packet_key key = conn->key;
	struct packet_conn *mirror;

	memcpy(key.local, conn->key.remote, sizeof(key.local));
	memcpy(key.remote, conn->key.local, sizeof(key.remote));
	key.local_port = conn->key.remote_port;
	key.remote_port = conn->key.local_port;
	mirror = key.protocol == IPPROTO_TCP ? look_up(table, &key) : NULL;
	if (mirror == NULL || mirror == conn || mirror->mirror == conn)
		return;
	if (is_new && mirror->is_closed) {
		packet_table_forget(table, mirror);
		return;
	}
	conn->mirror = mirror;
	mirror->mirror = conn;
	if (!conn->in.has_base && !conn->out.has_base) {
		conn->in = mirror->out;
		conn->out = mirror->in;
	}
}

struct packet_conn *packet_table_know(struct packet_table *table, const struct packet_key *key,
				      const struct addr *local, uint32_t session, enum side side, int fd)
{
	struct packet_conn *conn = look_up(table, key);

	if (conn == NULL)
		conn = add(table, key);
	else if (packet_key_is_any(conn->key.local))
		/* Its place does not depend on it. */
		memcpy(conn->key.local, key->local, sizeof(key->local));
	find_mirror(table, conn, side == SIDE_CLIENT);
	rest_end(table, conn);
	show_like(conn, local);
	/* What was before ended the connection before. */
	conn->was_reset = conn->was_reset && !conn->is_known;
	conn->is_known = true;
	conn->is_closed = false;
	conn->session = session;
	conn->side = side;
	/* A socket without connections has many of them: it goes on waiting for others. */
	if (key->protocol == IPPROTO_TCP || side == SIDE_CLIENT) {
		packet_listeners_remove(&table->listeners, fd);
		set_fd(table, conn, fd);
	} else {
		conn->fd = fd;
		rest_begin(table, conn);
	}
	return conn;
}

struct packet_conn *packet_table_meet(struct packet_table *table, const struct packet_key *key,
				      const struct addr *bound)
{
	struct packet_conn *conn = add(table, key);

	show_like(conn, bound);
	rest_begin(table, conn);
	return conn;
}

/* Is nothing more to be expected of it? */
static bool is_done(const struct packet_conn *conn)
{
	return conn->was_reset ||
	       (conn->out.has_fin && conn->out.is_fin_acked && conn->in.has_fin && conn->in.is_fin_acked);
}

/* For how long after a packet of a closed connection another may be its too. */
static uint64_t rest_of(const struct packet_conn *conn)
{
	/* A datagram passes in the call that sends it, and none is for a socket that is gone. */
	if (conn->key.protocol != IPPROTO_TCP)
		return 0;
	return is_done(conn) ? REST_DONE_NS : REST_NS;
}

struct packet_conn *packet_table_find(struct packet_table *table, const struct packet_key *key, uint64_t at_ns)
{
	struct packet_conn *conn = look_up(table, key);

	if (conn == NULL || !conn->is_closed || at_ns <= conn->quiet_ns)
		return conn;
	if (at_ns > conn->quiet_ns + rest_of(conn)) {
		packet_table_forget(table, conn);
		return NULL;
	}
	conn->quiet_ns = at_ns;
	return conn;
}

void packet_table_listen(struct packet_table *table, uint8_t protocol, const struct addr *addr, int fd)
{
	packet_listeners_add(&table->listeners, protocol, addr, fd);
}

const struct addr *packet_table_listener(const struct packet_table *table, uint8_t protocol, const struct addr *addr)
{
	return packet_listeners_find(&table->listeners, protocol, addr);
}

const struct addr *packet_table_bound(const struct packet_table *table, int fd)
{
	return packet_listeners_bound(&table->listeners, fd);
}

void packet_table_close(struct packet_table *table, int fd, uint64_t now_ns)
{
	struct packet_conn *conn = fd >= 0 && (size_t)fd < table->fd_room ? table->by_fd[fd] : NULL;

	packet_listeners_remove(&table->listeners, fd);
	if (conn == NULL)
		return;
	table->by_fd[fd] = NULL;
	conn->is_closed = true;
	conn->quiet_ns = now_ns;
	rest_begin(table, conn);
}

void packet_table_hide(struct packet_table *table, int fd, bool is_hidden)
{
	struct packet_conn *conn = fd >= 0 && (size_t)fd < table->fd_room ? table->by_fd[fd] : NULL;

	if (conn != NULL)
		conn->is_hidden = is_hidden;
}

/* Is the acknowledgement of an end under way? */
static bool is_unfinished(const struct packet_conn *conn)
{
	/* One that never stood sends nothing more. */
	if (!conn->is_closed || conn->key.protocol != IPPROTO_TCP || is_done(conn) || !conn->in.has_base)
		return false;
	return !conn->out.has_fin || !conn->out.is_fin_acked || (conn->in.has_fin && !conn->in.is_fin_acked);
}

size_t packet_table_unfinished(const struct packet_table *table)
{
	size_t count = 0;

	for (const struct packet_conn *conn = table->oldest; conn != NULL; conn = conn->newer)
		count += is_unfinished(conn);
	return count;
}
