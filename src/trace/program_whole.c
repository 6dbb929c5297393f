/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sends of a whole program. Both ends of a connection are in it, so one that waits for room does so until another
 * socket of the program has received: the two are put together, and done at the same time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/program_private.h"

#define REPEATED_MIN 1024 /* bytes; fewer are written down as they are */
#define PERIOD_MAX 64

size_t program_find_period(const uint8_t *data, size_t len)
{
	if (data == NULL || len < REPEATED_MIN)
		return 0;
	for (size_t period = 1; period <= PERIOD_MAX; period++) {
		if (memcmp(data, data + period, len - period) == 0)
			return period;
	}
	return 0;
}

/* Are the bytes of move those that follow the repeated ones of a statement? */
static bool repeats_on(const struct program_statement *statement, const uint8_t *data, size_t len)
{
	if (data == NULL)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (data[i] != statement->data[(statement->bytes + i) % statement->period])
			return false;
	}
	return true;
}

/* What was received since the statement, by one other socket. Returns false where something else was done. */
static bool find_received(const struct program_statement *statement, struct program_socket **to, uint64_t *bytes)
{
	*to = statement->to;
	*bytes = 0;
	for (const struct program_statement *at = statement->next; at != NULL; at = at->next) {
		if (at->op != PROGRAM_RECEIVE || at->has_end || at->is_silent || at->flags != 0 ||
		    at->socket == statement->socket || (*to != NULL && at->socket != *to) ||
		    program_has_messages(at->socket))
			return false;
		*to = at->socket;
		*bytes += at->bytes;
	}
	return true;
}

static void drop_behind(struct program *program, struct program_statement *statement)
{
	while (statement->next != NULL) {
		struct program_statement *next = statement->next;

		statement->next = next->next;
		program_free_statement(next);
		program->moves--;
	}
	program->list.last = statement;
}

/* The send goes on: it has taken more, and what was received meanwhile made room. Returns false where it is not so. */
static bool go_on(struct program *program, struct program_statement *into, const struct program_statement *more)
{
	struct program_socket *to;
	uint64_t received;

	if (more->error != 0 || more->flags != into->flags || more->data == NULL ||
	    (into->period > 0 && !repeats_on(into, more->data, more->bytes)) || !find_received(into, &to, &received))
		return false;
	if (into->period == 0) {
		into->data = xrealloc(into->data, into->bytes + more->bytes);
		memcpy(into->data + into->bytes, more->data, more->bytes);
		program->data_len += more->bytes;
	}
	into->bytes += more->bytes;
	if (to == NULL)
		return true;
	drop_behind(program, into);
	into->op = PROGRAM_PASS;
	into->to = to;
	into->bytes_back += received;
	return true;
}

void program_sent_whole(struct program *program, struct program_socket *socket, const struct event *event)
{
	const uint8_t *data = event->args->io.data;
	size_t len = event->args->io.len;
	bool never_waits = program_never_waits(program, socket, event->args->io.flags);
	bool is_part = event->error == 0 && (uint64_t)event->result < len;
	struct program_statement move = {
		.op = PROGRAM_SEND,
		.socket = socket,
		.count = 1,
		.error = event->error,
		.flags = event->args->io.flags & PROGRAM_FLAGS,
		.period = program_find_period(data, len),
		.is_some = never_waits && event->error == 0 && !program_has_messages(socket),
		.taken = event->error == 0 ? (uint64_t)event->result : 0,
		.bytes = never_waits || event->error != 0 ? len : (uint64_t)event->result,
	};
	struct program_statement *last;

	/* program_add_move() only reads them. */
	move.data = program->is_bulk && move.period == 0 ? NULL : (uint8_t *)(uintptr_t)data;
	if (socket->sending == NULL || !go_on(program, socket->sending, &move)) {
		program_add_move(program, &move);
		last = program->list.last;
		socket->sending = last->op == PROGRAM_SEND && last->socket == socket ? last : NULL;
	}
	if (!is_part || never_waits || program_has_messages(socket))
		socket->sending = NULL;
}
