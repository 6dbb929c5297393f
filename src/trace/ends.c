/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets are the two ends of one connection: see ends.h. */
#include "trace/ends.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"
#include "trace/ends_private.h"

static bool is_datagram(const struct end *end)
{
	return end->protocol == PROTOCOL_UDP || end->protocol == PROTOCOL_UNIX_DGRAM;
}

/* An address of a Unix socket without a name says nothing. */
static bool has_name(const struct addr *addr)
{
	if (addr_family(addr) == AF_UNIX)
		return addr->len > offsetof(struct sockaddr_un, sun_path);
	return addr->len > 0 && addr_port(addr) != 0;
}

static void learn(struct addr *addr, const struct addr *told)
{
	if (told == NULL || told->len == 0)
		return;
	*addr = *told;
	addr_unmap(addr);
}

/* Does a socket that is bound to local get what is sent to addr? */
static bool is_taking(const struct addr *local, const struct addr *addr)
{
	if (!has_name(local) || !has_name(addr))
		return false;
	if (addr_equal(local, addr))
		return true;
	return addr_family(local) != AF_UNIX && addr_port(local) == addr_port(addr) && addr_is_wildcard(local) &&
	       (addr_family(local) == AF_INET6 || addr_family(addr) == AF_INET);
}

static struct end *find(const struct ends *ends, int fd)
{
	struct end *end = ends->first;

	while (end != NULL && (fd < 0 || end->fd != fd || end->is_doomed))
		end = end->next;
	return end;
}

static struct end *find_bound(const struct ends *ends, const struct end *from, const struct addr *addr)
{
	struct addr to = *addr;
	struct end *end = ends->first;

	addr_unmap(&to);
	while (end != NULL && (end == from || end->fd < 0 || end->protocol != from->protocol ||
			       !is_taking(&end->local, &to)))
		end = end->next;
	return end;
}

static void forget(struct ends *ends, struct end *end)
{
	struct end **at = &ends->first;

	while (*at != end)
		at = &(*at)->next;
	*at = end->next;
	ends->count--;
	for (struct end *rest = ends->first; rest != NULL; rest = rest->next) {
		if (rest->other == end) {
			rest->other = NULL;
			rest->left = end->sent;
		}
		if (rest->listener == end)
			rest->listener = NULL;
	}
	ends_datagrams_forget(ends, end);
	free(end);
}

static struct end *add(struct ends *ends, int fd, enum protocol protocol)
{
	struct end **at = &ends->first, *old = find(ends, fd);

	/* Its close() was not told. */
	if (old != NULL)
		forget(ends, old);
	if (ends->count == ENDS_MAX)
		forget(ends, ends->first);
	while (*at != NULL)
		at = &(*at)->next;
	*at = xcalloc(1, sizeof(**at));
	(*at)->fd = fd;
	(*at)->protocol = protocol;
	ends->count++;
	return *at;
}

static void number(struct ends *ends, struct end *end)
{
	if (end->connection == 0)
		end->connection = ++ends->connections;
}

/* ---- Streams ------------------------------------------------------------------------------------------------- */

/* Are they the ends of one connection, as far as their addresses tell? */
static bool is_pair(const struct end *client, const struct end *accepted)
{
	if (has_name(&client->local) && has_name(&accepted->remote) && !addr_equal(&client->local, &accepted->remote))
		return false;
	if (has_name(&client->local) != has_name(&accepted->remote) && client->is_up)
		return false;
	return is_taking(&accepted->local, &client->remote);
}

static void join(struct end *client, struct end *accepted)
{
	client->other = accepted;
	client->listener = NULL;
	accepted->other = client;
	client->is_here = accepted->is_here = true;
	accepted->connection = client->connection;
	if (!has_name(&client->local))
		learn(&client->local, &accepted->remote);
}

/* The client that has waited for longest of those that the new socket can be of. */
static struct end *find_client(const struct ends *ends, const struct end *listener, const struct end *accepted)
{
	struct end *end = ends->first;

	while (end != NULL && (end->listener != listener || !is_pair(end, accepted)))
		end = end->next;
	return end;
}

static struct end *find_listener(const struct ends *ends, const struct end *client)
{
	struct end *end = ends->first;

	while (end != NULL && (!end->is_listening || end->fd < 0 || end->protocol != client->protocol ||
			       !is_taking(&end->local, &client->remote)))
		end = end->next;
	return end;
}

/* Clients that nobody will accept any more; those that are closed too are forgotten. Returns how many had connected. */
static unsigned forget_waiting(struct ends *ends, const struct end *listener)
{
	unsigned count = 0;

	for (struct end *end = ends->first, *next; end != NULL; end = next) {
		next = end->next;
		if (end->listener != listener)
			continue;
		count += end->is_up;
		if (end->fd < 0) {
			forget(ends, end);
			continue;
		}
		end->listener = NULL;
		end->is_cut = true;
	}
	return count;
}

/* ---- Events -------------------------------------------------------------------------------------------------- */

static void on_socket(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	if (event->error == 0)
		seen->end = add(ends, (int)event->result, event->protocol);
}

static void on_bind(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	(void)ends;
	if (seen->end == NULL || event->error != 0)
		return;
	learn(&seen->end->local, event->local);
	if (seen->end->role == ENDS_ROLE_NONE)
		seen->end->role = ENDS_ROLE_SERVER;
}

static void on_listen(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	(void)ends;
	if (seen->end == NULL || event->error != 0)
		return;
	learn(&seen->end->local, event->local);
	seen->end->is_listening = true;
	seen->end->role = ENDS_ROLE_SERVER;
}

static void on_accept(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	struct end *listener = seen->end, *client, *end;

	if (event->error != 0)
		return;
	end = seen->end = add(ends, (int)event->result, event->protocol);
	end->role = ENDS_ROLE_SERVER;
	end->is_up = true;
	learn(&end->local, event->local);
	learn(&end->remote, event->remote);
	client = listener == NULL ? NULL : find_client(ends, listener, end);
	if (client != NULL)
		join(client, end);
	else
		number(ends, end);
}

static void on_connect(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	struct end *end = seen->end;

	if (end == NULL)
		return;
	learn(&end->local, event->local);
	learn(&end->remote, event->remote);
	if (is_datagram(end)) {
		if (!end->has_received)
			end->role = ENDS_ROLE_CLIENT;
		return;
	}
	end->role = ENDS_ROLE_CLIENT;
	number(ends, end);
	end->is_up = event->error == 0;
	if (event->error != 0 && event->error != EINPROGRESS)
		return;
	end->listener = find_listener(ends, end);
	end->is_here = end->listener != NULL;
}

static void on_connected(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	struct end *end = seen->end;

	(void)ends;
	if (end == NULL)
		return;
	learn(&end->local, event->local);
	learn(&end->remote, event->remote);
	end->is_up = event->error == 0;
	if (event->error != 0) {
		end->listener = NULL;
		end->is_here = false;
	}
}

static void on_name(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	(void)ends;
	if (seen->end == NULL || event->error != 0 || event->args == NULL)
		return;
	learn(event->step == STEP_GETSOCKNAME ? &seen->end->local : &seen->end->remote, event->args->name.addr);
}

/* Whom a datagram goes to: the socket here that has that address. */
static void datagram_sent(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	const struct addr *to = event->args != NULL && event->args->io.to != NULL ? event->args->io.to :
			  event->remote != NULL && event->remote->len > 0 ? event->remote : &seen->end->remote;
	struct end *end = seen->end, *receiver = find_bound(ends, end, to);

	if (receiver != NULL && receiver->role == ENDS_ROLE_NONE)
		receiver->role = ENDS_ROLE_SERVER;
	if (end->role == ENDS_ROLE_NONE ||
	    (!end->has_received && receiver != NULL && receiver->role == ENDS_ROLE_SERVER))
		end->role = ENDS_ROLE_CLIENT;
	if (end->role == ENDS_ROLE_CLIENT)
		number(ends, end);
	seen->other = receiver;
	seen->is_here = receiver != NULL;
	if (receiver != NULL)
		seen->datagram = ends_datagram_add(ends, end, receiver, event);
}

static void on_send(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	if (seen->end == NULL || event->error != 0)
		return;
	if (is_datagram(seen->end))
		datagram_sent(ends, seen, event);
	else if (event->result > 0)
		seen->end->sent += (uint64_t)event->result;
}

static void on_recv(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	struct end *end = seen->end;

	if (end == NULL || event->error != 0 || (event->args != NULL && (event->args->io.flags & MSG_PEEK) != 0))
		return;
	if (!is_datagram(end)) {
		end->taken += event->result > 0 ? (uint64_t)event->result : 0;
		return;
	}
	end->has_received = true;
	seen->datagram = ends_datagram_take(ends, end, event, &seen->other);
	seen->is_here = seen->datagram != 0;
	/* The kernel has chosen the address of a sender that has not bound it. */
	if (seen->other != NULL && !has_name(&seen->other->local))
		learn(&seen->other->local, event->remote);
}

static void on_close(struct ends *ends, struct ends_seen *seen, const struct event *event)
{
	struct end *end = seen->end;

	(void)event;
	if (end == NULL)
		return;
	seen->cut = forget_waiting(ends, end);
	end->is_doomed = true;
	ends->doomed = end;
}

static void (*const turns[STEP_COUNT])(struct ends *, struct ends_seen *, const struct event *) = {
	[STEP_SOCKET] = on_socket,
	[STEP_BIND] = on_bind,
	[STEP_LISTEN] = on_listen,
	[STEP_ACCEPT] = on_accept,
	[STEP_CONNECT] = on_connect,
	[STEP_CONNECTED] = on_connected,
	[STEP_GETSOCKNAME] = on_name,
	[STEP_GETPEERNAME] = on_name,
	[STEP_SEND] = on_send,
	[STEP_RECV] = on_recv,
	[STEP_CLOSE] = on_close,
};

/* The socket that was closed with the last event: one that waits to be accepted is kept, as it can be received from. */
static void bury(struct ends *ends)
{
	struct end *end = ends->doomed;

	ends->doomed = NULL;
	if (end == NULL)
		return;
	end->is_doomed = false;
	end->fd = -1;
	if (end->listener == NULL)
		forget(ends, end);
}

struct ends_seen ends_event(struct ends *ends, const struct event *event)
{
	struct ends_seen seen = { .end = NULL };

	bury(ends);
	seen.end = find(ends, event->fd);
	if (turns[event->step] != NULL)
		turns[event->step](ends, &seen, event);
	if (seen.end == NULL)
		return seen;
	if (!is_datagram(seen.end)) {
		seen.other = seen.end->other;
		seen.is_here = seen.end->is_here;
	}
	seen.connection = seen.end->connection;
	if (seen.connection == 0 && seen.other != NULL)
		seen.connection = seen.other->connection;
	return seen;
}

uint64_t ends_unread(const struct end *end)
{
	uint64_t sent = end->other != NULL ? end->other->sent : end->left;

	return sent > end->taken ? sent - end->taken : 0;
}

struct ends *ends_new(void)
{
	return xcalloc(1, sizeof(struct ends));
}

void ends_free(struct ends *ends)
{
	if (ends == NULL)
		return;
	while (ends->first != NULL)
		forget(ends, ends->first);
	free(ends->known);
	free(ends);
}
