/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The statements and the sockets of a program: see program.h.
 *
 * The statements of a socket wait in a list of its own until it is known what becomes of it: addresses that race are
 * tried at the same time, where a program that blocks tries one after the other.
 */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/program_private.h"

void program_init(struct program *program, bool is_relay)
{
	*program = (struct program){ .is_relay = is_relay };
}

void program_free_statement(struct program_statement *statement)
{
	free(statement->comment);
	free(statement->data);
	free(statement->polled);
	free(statement);
}

void program_clear_list(struct program_list *list)
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
	program_clear_list(&program->list);
	while (program->sockets != NULL) {
		struct program_socket *socket = program->sockets;

		program->sockets = socket->next;
		program_clear_list(&socket->held);
		buf_clear(&socket->pending);
		free(socket);
	}
	while (program->twins != NULL) {
		struct program_twin *twin = program->twins;

		program->twins = twin->next;
		free(twin);
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
	statement->is_nonblock = socket != NULL && socket->is_nonblock;
	program_take_comment(program, statement);
	append(socket != NULL && socket->is_held ? &socket->held : &program->list, statement);
	if (op < PROGRAM_SEND || op > PROGRAM_LEFT_OUT)
		program->others++;
	return statement;
}

void program_release(struct program *program, struct program_socket *socket)
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

struct program_socket *program_add_socket(struct program *program, int fd, const struct event *event)
{
	struct program_socket *socket = xcalloc(1, sizeof(*socket));
	struct program_socket **end = &program->sockets;

	while (*end != NULL)
		end = &(*end)->next;
	*end = socket;
	socket->fd = fd;
	socket->session = event->session;
	socket->protocol = event->protocol;
	return socket;
}

/* The socket that stands for a twin of this descriptor; NULL: it has none. */
static struct program_socket *find_twin(const struct program *program, int fd)
{
	for (const struct program_twin *twin = program->twins; twin != NULL; twin = twin->next) {
		if (twin->fd == fd)
			return twin->of;
	}
	return NULL;
}

struct program_socket *program_find_socket(const struct program *program, int fd, uint32_t session)
{
	struct program_socket *found = NULL, *twin;

	for (struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next) {
		if (socket->fd != fd || socket->is_closed)
			continue;
		if (socket->session == session)
			return socket;
		if (found == NULL || socket->session == 0)
			found = socket;
	}
	if (found != NULL && found->session == 0)
		return found;
	twin = find_twin(program, fd);
	return twin != NULL ? twin : found;
}

bool program_join_twin(struct program *program, struct program_socket *socket)
{
	struct program_twin *twin;
	struct program_socket *of = program->sockets;

	if (!program->is_relay || !socket->is_held || socket->session != 0 || socket->local.len == 0)
		return false;
	while (of != NULL && (of == socket || of->is_closed || of->session != 0 || of->protocol != socket->protocol ||
			      !addr_equal(&of->local, &socket->local)))
		of = of->next;
	if (of == NULL)
		return false;
	twin = xcalloc(1, sizeof(*twin));
	*twin = (struct program_twin){ .next = program->twins, .fd = socket->fd, .of = of };
	program->twins = twin;
	program_remove_socket(program, socket);
	return true;
}

struct program_socket *program_need_socket(struct program *program, const struct event *event)
{
	const char *comment = program->comment;
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);

	if (socket != NULL)
		return socket;
	socket = program_add_socket(program, event->fd, event);
	socket->role = PROGRAM_ROLE_INHERITED;
	if (program->client == NULL)
		program->client = socket;
	else if (program->target == NULL)
		program->target = socket;
	/* What is to be explained is the call on it. */
	program->comment = NULL;
	program_add(program, socket, PROGRAM_SOCKET);
	program->comment = comment;
	return socket;
}

bool program_never_waits(const struct program *program, const struct program_socket *socket, int flags)
{
	return program->is_whole && (socket->is_nonblock || (flags & MSG_DONTWAIT) != 0);
}

bool program_has_messages(const struct program_socket *socket)
{
	return socket->protocol == PROTOCOL_UDP || socket->protocol == PROTOCOL_UNIX_DGRAM ||
	       socket->protocol == PROTOCOL_UNIX_SEQPACKET;
}

bool program_goes_on(const struct program_statement *statement)
{
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

void program_remove_socket(struct program *program, struct program_socket *socket)
{
	struct program_socket **at = &program->sockets;

	while (*at != socket)
		at = &(*at)->next;
	*at = socket->next;
	for (const struct program_statement *held = socket->held.first; held != NULL; held = held->next)
		program->others--;
	program_clear_list(&socket->held);
	buf_clear(&socket->pending);
	free(socket);
}
