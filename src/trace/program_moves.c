/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The moves of data of a program: runs of them in one direction are one statement. What a relay receives waits in
 * `pending` until it is seen to be sent on; then it is forwarded, and only what comes from elsewhere is written down.
 */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/program_private.h"

#define PENDING_MAX ((size_t)4 << 20) /* a relay holds less */

/* Where the data of a socket of a relay go. */
static struct program_socket *other_end(const struct program *program, const struct program_socket *socket)
{
	return socket == program->client ? program->target : program->client;
}

static bool is_move(const struct program_statement *statement)
{
	return statement->op == PROGRAM_SEND || statement->op == PROGRAM_RECEIVE || statement->op == PROGRAM_FORWARD ||
	       statement->op == PROGRAM_EXCHANGE || statement->op == PROGRAM_PASS;
}

/* Is it one of those that are counted, and left out where there are too many? */
static bool is_counted(const struct program_statement *statement)
{
	return is_move(statement) || statement->op == PROGRAM_FAILED;
}

static void append_data(struct program_statement *statement, const struct program_statement *more)
{
	if (more->data == NULL)
		return;
	if (more->period > 0) {
		statement->period = more->period;
		statement->data = xrealloc(statement->data, more->period);
		memcpy(statement->data, more->data, more->period);
		return;
	}
	statement->data = xrealloc(statement->data, statement->bytes + more->bytes);
	memcpy(statement->data + statement->bytes, more->data, more->bytes);
}

/* Join two moves of messages. Returns false where they differ. */
static bool join_messages(struct program_statement *into, const struct program_statement *more)
{
	if (into->op != more->op || into->is_silent != more->is_silent || into->data != NULL || more->data != NULL ||
	    (more->op == PROGRAM_SEND && more->bytes != into->bytes))
		return false;
	into->count += more->count;
	into->bytes += more->op == PROGRAM_SEND ? 0 : more->bytes;
	into->has_end = more->has_end;
	return true;
}

/* Are both moves of one connection, in whichever direction? */
static bool are_of_one(const struct program_statement *a, const struct program_statement *b)
{
	return (a->socket == b->socket && a->to == b->to) || (a->socket == b->to && a->to == b->socket);
}

/* Make moves in both directions one exchange: what is sent or received meanwhile is not put in order. */
static bool join_directions(struct program_statement *into, const struct program_statement *more)
{
	uint64_t out = more->op == PROGRAM_RECEIVE ? 0 : more->bytes;
	uint64_t back = more->op == PROGRAM_RECEIVE ? more->bytes : more->bytes_back;
	bool is_turned = more->socket != into->socket;

	if (!are_of_one(into, more) || more->is_silent || into->is_silent || into->error != 0 || more->error != 0)
		return false;
	if (into->op == PROGRAM_RECEIVE) {
		into->bytes_back = into->bytes;
		into->bytes = 0;
	}
	into->op = PROGRAM_EXCHANGE;
	into->bytes += is_turned ? back : out;
	into->bytes_back += is_turned ? out : back;
	return true;
}

/* Put a move behind the last statement: into it, where both are parts of one. Returns false where they are not. */
static bool join(const struct program *program, struct program_statement *into, const struct program_statement *more)
{
	if (!is_move(into) || into->has_end || into->error != 0 || into->is_some || into->period > 0 ||
	    more->is_some || more->period > 0 || into->op == PROGRAM_PASS || into->flags != more->flags ||
	    (into->flags & MSG_PEEK) != 0)
		return false;
	if (program_has_messages(into->socket) || program_has_messages(more->socket))
		return into->socket == more->socket && into->to == more->to && join_messages(into, more);
	if (into->op == more->op && into->socket == more->socket && into->to == more->to &&
	    into->is_silent == more->is_silent && into->op != PROGRAM_EXCHANGE && more->error == 0) {
		append_data(into, more);
		into->bytes += more->bytes;
		into->has_end = more->has_end;
		return true;
	}
	/* Until the end is not a number of bytes. */
	return program->is_bulk && !more->has_end && join_directions(into, more);
}

/* There is too much to write down: what is sent comes from standard input, and moves are folded. */
static void fold(struct program *program)
{
	struct program_statement *last = NULL;

	program->is_bulk = true;
	program->moves = 0;
	for (struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next)
		socket->sending = NULL;
	/* A relay has no input: the few bytes of its own stay. */
	for (struct program_statement *at = program->list.first; at != NULL && !program->is_relay; at = at->next) {
		if (at->period > 0)
			continue;
		free(at->data);
		at->data = NULL;
	}
	for (struct program_statement *at = program->list.first; at != NULL;) {
		struct program_statement *next = at->next;

		if (last != NULL && is_move(at) && join(program, last, at)) {
			last->next = next;
			if (program->list.last == at)
				program->list.last = last;
			program_free_statement(at);
		} else {
			program->moves += is_counted(at);
			last = at;
		}
		at = next;
	}
}

/* Count a move that is not written down any more. */
static void leave_out(struct program *program, const struct program_statement *move)
{
	struct program_statement *last = program->list.last;

	if (last == NULL || last->op != PROGRAM_LEFT_OUT) {
		last = program_add(program, move->socket, PROGRAM_LEFT_OUT);
		last->count = 0;
	}
	last->count += move->count;
	if (move->op == PROGRAM_RECEIVE)
		last->bytes_back += move->bytes;
	else
		last->bytes += move->bytes * (program_has_messages(move->socket) ? move->count : 1);
}

void program_add_move(struct program *program, const struct program_statement *move)
{
	struct program_statement *last = program->list.last;
	struct program_statement *made;

	if (program->is_relay && move->data != NULL && program->data_len + move->bytes > PROGRAM_DATA_MAX) {
		leave_out(program, move);
		return;
	}
	/* Of a whole program each call stands for itself: how many there were may be what it is about. */
	if (last != NULL && move->error == 0 && (!program->is_whole || program->is_bulk) &&
	    join(program, last, move)) {
		if (last->comment == NULL)
			program_take_comment(program, last);
	} else if (program->moves >= PROGRAM_STEPS_MAX && program->is_bulk) {
		leave_out(program, move);
		return;
	} else {
		made = program_add(program, move->socket, move->op);
		made->to = move->to;
		made->error = move->error;
		if (move->op == PROGRAM_SEND)
			made->addr = program->to;
		append_data(made, move);
		made->bytes = move->bytes;
		made->is_some = move->is_some;
		made->taken = move->taken;
		made->flags = move->flags;
		made->count = move->count;
		made->has_end = move->has_end;
		made->is_silent = move->is_silent;
		program->moves++;
	}
	program->data_len += move->data == NULL ? 0 : move->period > 0 ? move->period : move->bytes;
	if (!program->is_bulk && (program->data_len > PROGRAM_DATA_MAX || program->moves > PROGRAM_STEPS_MAX))
		fold(program);
}

static void add_send(struct program *program, struct program_socket *socket, const void *data, size_t len, int error)
{
	struct program_statement move = {
		.op = PROGRAM_SEND,
		.socket = socket,
		.bytes = len,
		.count = 1,
		.error = error,
	};

	/* append_data() only reads them. */
	if (data != NULL && (program->is_relay || !program->is_bulk))
		move.data = (uint8_t *)(uintptr_t)data;
	program_add_move(program, &move);
}

static void add_receive(struct program *program, struct program_socket *socket, uint64_t bytes, uint64_t count,
			bool is_silent, int flags)
{
	const struct program_statement move = {
		.op = PROGRAM_RECEIVE,
		.socket = socket,
		.bytes = bytes,
		.count = count,
		.is_silent = is_silent,
		.flags = flags & PROGRAM_FLAGS,
	};

	program_add_move(program, &move);
}

static void add_forward(struct program *program, struct program_socket *from, struct program_socket *to,
			uint64_t bytes)
{
	const struct program_statement move = {
		.op = PROGRAM_FORWARD,
		.socket = from,
		.to = to,
		.bytes = bytes,
		.count = 1,
	};

	program_add_move(program, &move);
}

/* The peer of the socket will send no more. */
static void add_end(struct program *program, struct program_socket *socket)
{
	struct program_socket *to = program->is_relay ? other_end(program, socket) : NULL;
	const struct program_statement move = {
		.op = to != NULL ? PROGRAM_FORWARD : PROGRAM_RECEIVE,
		.socket = socket,
		.to = to,
		.has_end = true,
	};

	program_add_move(program, &move);
}

/* What a relay received stays with its socket until it is sent on. */
static void hold(struct program_socket *socket, const void *data, size_t len)
{
	if (socket->pending.len + len <= PENDING_MAX)
		buf_append(&socket->pending, data, len);
}

void program_received(struct program *program, struct program_socket *socket, const struct event *event)
{
	bool has_messages = program_has_messages(socket);
	bool is_many = event->step == STEP_RECVMMSG;
	uint64_t bytes = is_many ? event_messages_len(event) : (uint64_t)event->result;
	bool can_end = !has_messages || socket->protocol == PROTOCOL_UNIX_SEQPACKET;

	if (socket->role == PROGRAM_ROLE_UNCONNECTED && event->remote != NULL && !program->is_whole) {
		if (socket->remote.len == 0)
			socket->remote = *event->remote;
		if (!addr_equal(&socket->remote, event->remote)) {
			program->has_others = true;
			return;
		}
	}
	if (bytes == 0 && can_end && !is_many) {
		socket->is_ended = socket->pending.len > 0;
		if (!socket->is_ended)
			add_end(program, socket);
		return;
	}
	/* What MSG_TRUNC takes off a TCP socket nobody sees. */
	if (!program->is_relay)
		add_receive(program, socket, bytes, is_many ? (uint64_t)event->result : 1,
			    program->is_whole && !has_messages && event->data == NULL,
			    program->is_whole && !is_many ? event->args->io.flags : 0);
	else if (event->data != NULL)
		hold(socket, event->data, event_data_len(event));
}

/* Drop the first len bytes of what is pending, which were sent on; with them goes its end, if that is behind them. */
static void take_pending(struct program *program, struct program_socket *from, size_t len)
{
	buf_consume(&from->pending, len);
	if (from->pending.len == 0 && from->is_ended) {
		from->is_ended = false;
		add_end(program, from);
	}
}

/* A relay has sent: what it received before, or bytes of its own, such as a PROXY header. */
static void relay_sent(struct program *program, struct program_socket *to, const void *data, size_t len)
{
	struct program_socket *from = other_end(program, to);
	const char *pending = from == NULL ? NULL : buf_peek(&from->pending);
	const char *found;

	found = pending == NULL || data == NULL ? NULL : memmem(pending, from->pending.len, data, len);
	if (found == NULL) {
		add_send(program, to, data, len, 0);
		return;
	}
	if (found > pending) {
		add_receive(program, from, (uint64_t)(found - pending), 1, true, 0);
		buf_consume(&from->pending, (size_t)(found - pending));
	}
	add_forward(program, from, to, len);
	take_pending(program, from, len);
}

/* Bytes that a socket has sent. */
static void sent(struct program *program, struct program_socket *socket, const void *data, size_t len)
{
	if (program->is_relay)
		relay_sent(program, socket, data, len);
	else
		add_send(program, socket, data, len, 0);
}

/* All messages of a call that sends many, one by one. */
static void sent_messages(struct program *program, struct program_socket *socket, const struct event *event)
{
	const struct message *list = event->args->messages.list;
	unsigned count = event->step == STEP_SENDMMSG ? (unsigned)event->result : 1;

	for (unsigned i = 0; i < count; i++) {
		for (unsigned part = 0; part < list[i].part_count; part++) {
			const char *data = list[i].parts[part].iov_base;
			size_t left = list[i].parts[part].iov_len;
			size_t step = list[i].segment == 0 ? left : list[i].segment;

			for (; left > step; left -= step, data += step)
				sent(program, socket, data, step);
			sent(program, socket, data, left);
		}
	}
}

void program_sent(struct program *program, struct program_socket *socket, const struct event *event)
{
	bool is_one = event->step == STEP_SEND;

	program->to.len = 0;
	if (program->is_whole && is_one && event->args->io.to != NULL)
		program->to = *event->args->io.to;
	if (program->is_whole && is_one) {
		program_sent_whole(program, socket, event);
		return;
	}
	if (event->error != 0) {
		if (is_one)
			add_send(program, socket, event->args->io.data, event->args->io.len, event->error);
		return;
	}
	if (is_one)
		sent(program, socket, event->args->io.data, (size_t)event->result);
	else
		sent_messages(program, socket, event);
}

void program_receive_failed(struct program *program, struct program_socket *socket, int error, int flags)
{
	const struct program_statement move = {
		.op = PROGRAM_FAILED,
		.socket = socket,
		.count = 1,
		.error = error,
		.flags = flags & PROGRAM_FLAGS,
	};

	program_add_move(program, &move);
}
