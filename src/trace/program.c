/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run as a program: see program.h.
 *
 * The statements of a socket wait in a list of its own until it is known what becomes of it: addresses that race are
 * tried at the same time, where a program that blocks tries one after the other.
 */
#include "trace/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/program_private.h"

#define OTHERS_MAX 200 /* statements that move no data: what comes beyond them is not looked at */

void program_init(struct program *program, bool is_relay)
{
	*program = (struct program){ .is_relay = is_relay };
}

void program_free_statement(struct program_statement *statement)
{
	free(statement->comment);
	free(statement->data);
	free(statement);
}

static void clear_list(struct program_list *list)
{
	while (list->first != NULL) {
		struct program_statement *statement = list->first;

		list->first = statement->next;
		program_free_statement(statement);
	}
	list->last = NULL;
}

void program_clear(struct program *program)
{
	clear_list(&program->list);
	while (program->sockets != NULL) {
		struct program_socket *socket = program->sockets;

		program->sockets = socket->next;
		clear_list(&socket->held);
		buf_clear(&socket->pending);
		free(socket);
	}
}

void program_take_comment(struct program *program, struct program_statement *statement)
{
	char *joined;
	size_t len, had;

	if (program->comment == NULL)
		return;
	had = statement->comment == NULL ? 0 : strlen(statement->comment) + 1;
	len = strlen(program->comment);
	joined = xmalloc(had + len + 1);
	if (had > 0) {
		memcpy(joined, statement->comment, had - 1);
		joined[had - 1] = '\n';
	}
	memcpy(joined + had, program->comment, len + 1);
	free(statement->comment);
	statement->comment = joined;
	program->comment = NULL;
}

static void append(struct program_list *list, struct program_statement *statement)
{
	if (list->last == NULL)
		list->first = statement;
	else
		list->last->next = statement;
	list->last = statement;
}

struct program_statement *program_add(struct program *program, struct program_socket *socket, enum program_op op)
{
	struct program_statement *statement = xcalloc(1, sizeof(*statement));

	statement->op = op;
	statement->socket = socket;
	statement->count = 1;
	program_take_comment(program, statement);
	append(socket != NULL && socket->is_held ? &socket->held : &program->list, statement);
	if (op < PROGRAM_SEND || op > PROGRAM_LEFT_OUT)
		program->others++;
	return statement;
}

/* What becomes of the socket is known: its statements take their place. */
static void release(struct program *program, struct program_socket *socket)
{
	if (!socket->is_held)
		return;
	socket->is_held = false;
	if (socket->held.first == NULL)
		return;
	if (program->list.last == NULL)
		program->list.first = socket->held.first;
	else
		program->list.last->next = socket->held.first;
	program->list.last = socket->held.last;
	socket->held = (struct program_list){ .first = NULL };
}

static struct program_socket *add_socket(struct program *program, int fd, enum protocol protocol)
{
	struct program_socket *socket = xcalloc(1, sizeof(*socket));
	struct program_socket **end = &program->sockets;

	while (*end != NULL)
		end = &(*end)->next;
	*end = socket;
	socket->fd = fd;
	socket->protocol = protocol;
	return socket;
}

/* The open socket of a descriptor, or NULL. */
static struct program_socket *find_socket(const struct program *program, int fd)
{
	for (struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next) {
		if (socket->fd == fd && !socket->is_closed)
			return socket;
	}
	return NULL;
}

/* The socket of a descriptor, made known where it was there before us. */
static struct program_socket *need_socket(struct program *program, const struct event *event)
{
	struct program_socket *socket = find_socket(program, event->fd);

	if (socket != NULL)
		return socket;
	socket = add_socket(program, event->fd, event->protocol);
	socket->role = PROGRAM_ROLE_INHERITED;
	if (program->client == NULL)
		program->client = socket;
	else if (program->target == NULL)
		program->target = socket;
	program_add(program, socket, PROGRAM_SOCKET);
	return socket;
}

bool program_has_messages(const struct program_socket *socket)
{
	return socket->protocol == PROTOCOL_UDP || socket->protocol == PROTOCOL_UNIX_DGRAM ||
	       socket->protocol == PROTOCOL_UNIX_SEQPACKET;
}

bool program_goes_on(const struct program *program, const struct program_statement *statement)
{
	(void)program;
	for (const struct program_statement *next = statement->next; next != NULL; next = next->next) {
		if (next->op != PROGRAM_CLOSE && next->op != PROGRAM_SHUTDOWN && next->op != PROGRAM_FAILED)
			return true;
	}
	return false;
}

bool program_has_winner(const struct program *program)
{
	for (const struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next) {
		if (socket->role == PROGRAM_ROLE_CONNECTED)
			return true;
	}
	return false;
}

/* A program has the addresses that were found: it is only told of. */
static void on_resolve(struct program *program, const struct event *event)
{
	(void)event;
	if (program->comment != NULL)
		program_add(program, NULL, PROGRAM_REMARK);
}

static void on_socket(struct program *program, const struct event *event)
{
	struct program_socket *socket;
	struct program_statement *statement;

	/* Those that ask the kernel's tables why something has failed are no part of it. */
	if (event->args->socket.domain == AF_NETLINK)
		return;
	socket = add_socket(program, event->error == 0 ? (int)event->result : -1, event->protocol);
	socket->has_failed = event->error != 0;
	socket->is_closed = socket->has_failed;
	socket->is_held = !socket->has_failed;
	statement = program_add(program, socket, PROGRAM_SOCKET);
	statement->domain = event->args->socket.domain;
	statement->type = event->args->socket.type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
	statement->protocol = event->args->socket.protocol;
	statement->error = event->error;
}

static void on_setsockopt(struct program *program, const struct event *event)
{
	struct program_socket *socket = find_socket(program, event->fd);
	struct program_statement *statement;

	if (socket == NULL)
		return;
	statement = program_add(program, socket, PROGRAM_SETSOCKOPT);
	statement->level = event->args->sockopt.level;
	statement->optname = event->args->sockopt.optname;
	statement->error = event->error;
	statement->option_len = event->args->sockopt.optlen;
	if (statement->option_len > PROGRAM_OPTION_MAX)
		statement->option_len = PROGRAM_OPTION_MAX;
	if (event->args->sockopt.optval != NULL)
		memcpy(statement->option, event->args->sockopt.optval, statement->option_len);
}

/* Drop the sockets that only asked whether the file at addr is one that nobody listens on any more. */
static void drop_probes(struct program *program, const struct addr *addr)
{
	for (struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next) {
		const struct program_statement *at = socket->held.first;

		if (socket->role != PROGRAM_ROLE_ATTEMPT || !socket->is_held)
			continue;
		while (at != NULL && !(at->op == PROGRAM_CONNECT && addr_equal(&at->addr, addr)))
			at = at->next;
		if (at != NULL)
			clear_list(&socket->held);
	}
}

/* It was bound, where a first try had found the address in use: the file of a Unix socket was left behind. */
static bool replaces_stale(struct program_socket *socket, const struct addr *addr)
{
	struct program_statement *last = socket->is_held ? socket->held.last : NULL;

	if (addr->un.sun_family != AF_UNIX || last == NULL || last->op != PROGRAM_BIND || last->error != EADDRINUSE)
		return false;
	last->op = PROGRAM_UNLINK;
	last->error = 0;
	return true;
}

static void on_bind(struct program *program, const struct event *event)
{
	struct program_socket *socket = find_socket(program, event->fd);
	struct program_statement *statement;
	const struct addr *addr = event->args->name.addr;

	if (socket == NULL || addr == NULL)
		return;
	if (event->error == 0 && replaces_stale(socket, addr))
		drop_probes(program, addr);
	statement = program_add(program, socket, PROGRAM_BIND);
	statement->addr = *addr;
	statement->error = event->error;
	if (event->error == 0) {
		socket->bound = *addr;
		socket->wants_port = (addr_family(addr) == AF_INET || addr_family(addr) == AF_INET6) &&
				     addr_port(addr) == 0;
	}
}

static void on_listen(struct program *program, const struct event *event)
{
	struct program_socket *socket = need_socket(program, event);
	struct program_statement *statement = program_add(program, socket, PROGRAM_LISTEN);

	statement->number = event->args->listen.backlog;
	statement->error = event->error;
	if (socket->role == PROGRAM_ROLE_UNKNOWN)
		socket->role = PROGRAM_ROLE_LISTENER;
	if (socket->wants_port)
		program_add(program, socket, PROGRAM_PORT);
	release(program, socket);
}

static void on_accept(struct program *program, const struct event *event)
{
	struct program_socket *listener;
	struct program_statement *statement;

	if (event->error != 0)
		return;
	listener = need_socket(program, event);
	release(program, listener);
	statement = program_add(program, listener, PROGRAM_ACCEPT);
	statement->to = add_socket(program, (int)event->result, listener->protocol);
	statement->to->role = PROGRAM_ROLE_ACCEPTED;
	if (event->remote != NULL)
		statement->addr = *event->remote;
	if (program->client == NULL || program->client == listener)
		program->client = statement->to;
}

/* What came of a connect(). */
static void settle(struct program *program, struct program_socket *socket, int error)
{
	socket->is_connecting = false;
	socket->error = error;
	socket->role = error == 0 ? PROGRAM_ROLE_CONNECTED : PROGRAM_ROLE_ATTEMPT;
	if (error != 0)
		return;
	program->target = socket;
	for (struct program_socket *other = program->sockets; other != socket; other = other->next) {
		if (other->role == PROGRAM_ROLE_ATTEMPT)
			release(program, other);
	}
	release(program, socket);
}

static void on_connect(struct program *program, const struct event *event)
{
	struct program_socket *socket = need_socket(program, event);
	struct program_statement *statement = program_add(program, socket, PROGRAM_CONNECT);

	if (event->args->name.addr != NULL)
		statement->addr = *event->args->name.addr;
	if (event->error == EINPROGRESS) {
		socket->is_connecting = true;
		return;
	}
	statement->error = event->error;
	settle(program, socket, event->error);
}

static void on_connected(struct program *program, const struct event *event)
{
	struct program_socket *socket = find_socket(program, event->fd);
	struct program_statement *last;

	if (socket == NULL || !socket->is_connecting)
		return;
	last = socket->is_held ? socket->held.last : program->list.last;
	if (last != NULL && last->op == PROGRAM_CONNECT) {
		last->error = event->error;
		program_take_comment(program, last);
	}
	settle(program, socket, event->error);
}

static void on_shutdown(struct program *program, const struct event *event)
{
	struct program_socket *socket = find_socket(program, event->fd);
	struct program_statement *statement;

	if (socket == NULL)
		return;
	release(program, socket);
	statement = program_add(program, socket, PROGRAM_SHUTDOWN);
	statement->number = event->args->shutdown.how;
	statement->error = event->error;
}

/* The same attempt as one before it, as --retry makes them: once is enough. */
static bool was_tried(const struct program *program, const struct program_socket *socket)
{
	for (const struct program_socket *other = program->sockets; other != socket; other = other->next) {
		const struct program_statement *mine = socket->held.last;
		const struct program_list *list = other->is_held ? &other->held : &program->list;

		if (other->role != PROGRAM_ROLE_ATTEMPT || other->error != socket->error)
			continue;
		for (struct program_statement *at = list->first; at != NULL && mine != NULL; at = at->next) {
			if (at->op == PROGRAM_CONNECT && at->socket == other && addr_equal(&at->addr, &mine->addr)) {
				at->count++;
				return true;
			}
		}
	}
	return false;
}

static void remove_socket(struct program *program, struct program_socket *socket)
{
	struct program_socket **at = &program->sockets;

	while (*at != socket)
		at = &(*at)->next;
	*at = socket->next;
	for (const struct program_statement *held = socket->held.first; held != NULL; held = held->next)
		program->others--;
	clear_list(&socket->held);
	buf_clear(&socket->pending);
	free(socket);
}

static void on_close(struct program *program, const struct event *event)
{
	struct program_socket *socket = find_socket(program, event->fd);

	if (socket == NULL)
		return;
	socket->is_closed = true;
	if (socket->is_connecting)
		socket->role = PROGRAM_ROLE_GIVEN_UP;
	if (socket->role == PROGRAM_ROLE_ATTEMPT && socket->is_held && was_tried(program, socket)) {
		remove_socket(program, socket);
		return;
	}
	/* One that may have asked only whether a file is stale waits until it is known what it was for. */
	if (socket->role != PROGRAM_ROLE_ATTEMPT || socket->protocol != PROTOCOL_UNIX_DGRAM)
		release(program, socket);
	program_add(program, socket, PROGRAM_CLOSE);
}

static void on_received(struct program *program, const struct event *event)
{
	struct program_socket *socket;
	int flags = event->step == STEP_RECVMMSG ? event->args->messages.flags : event->args->io.flags;

	if (event->error == EAGAIN || (flags & (MSG_PEEK | MSG_ERRQUEUE)) != 0)
		return;
	socket = need_socket(program, event);
	if (socket->role == PROGRAM_ROLE_UNKNOWN) {
		const char *comment = program->comment;

		socket->role = PROGRAM_ROLE_UNCONNECTED;
		if (program->client == NULL)
			program->client = socket;
		program->comment = NULL;
		if (socket->wants_port)
			program_add(program, socket, PROGRAM_PORT);
		program->comment = comment;
	}
	release(program, socket);
	if (event->error != 0)
		program_receive_failed(program, socket, event->error);
	else
		program_received(program, socket, event);
}

static void on_sent(struct program *program, const struct event *event)
{
	struct program_socket *socket;

	if (event->error == EAGAIN)
		return;
	socket = need_socket(program, event);
	release(program, socket);
	program_sent(program, socket, event);
}

static void (*const takers[STEP_COUNT])(struct program *, const struct event *) = {
	[STEP_RESOLVE] = on_resolve,
	[STEP_SOCKET] = on_socket,
	[STEP_SETSOCKOPT] = on_setsockopt,
	[STEP_BIND] = on_bind,
	[STEP_LISTEN] = on_listen,
	[STEP_ACCEPT] = on_accept,
	[STEP_CONNECT] = on_connect,
	[STEP_CONNECTED] = on_connected,
	[STEP_SEND] = on_sent,
	[STEP_SENDMSG] = on_sent,
	[STEP_SENDMMSG] = on_sent,
	[STEP_RECV] = on_received,
	[STEP_RECVMMSG] = on_received,
	[STEP_SHUTDOWN] = on_shutdown,
	[STEP_CLOSE] = on_close,
};

/* Does the event belong to the session that counts, or to none? The first is taken that there is. */
static bool is_ours(struct program *program, const struct event *event)
{
	if (event->session == 0)
		return true;
	if (program->session == 0)
		program->session = event->session;
	if (event->session != program->session && event->step == STEP_ACCEPT)
		program->sessions++;
	return event->session == program->session;
}

bool program_event(struct program *program, const struct event *event, const char *comment)
{
	/* CONNECTED has none; all others that are taken look at theirs. */
	bool has_args = event->args != NULL || event->step == STEP_CONNECTED || event->step == STEP_CLOSE;

	if (!is_ours(program, event) || takers[event->step] == NULL || !has_args || program->others >= OTHERS_MAX)
		return false;
	program->comment = comment;
	takers[event->step](program, event);
	program->comment = NULL;
	return true;
}
