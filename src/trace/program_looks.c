/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What only a whole program has: whether a socket blocks, poll(), and the calls that only look. Of other runs they are
 * sockt's own affair; of a shell a person has made each of them.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/util.h"
#include "trace/program_private.h"

void program_set_flags(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);

	if (!program->is_whole || socket == NULL || event->error != 0 || event->args->fcntl.is_own ||
	    event->args->fcntl.cmd != F_SETFL)
		return;
	socket->is_nonblock = (event->args->fcntl.flags & O_NONBLOCK) != 0;
	program_add(program, socket, PROGRAM_NONBLOCK)->number = socket->is_nonblock;
}

/* Of the calls that one statement has made the last is taken: which found something, or had waited long enough. */
void program_polled(struct program *program, const struct event *event)
{
	unsigned count = event->args->poll.nfds;
	struct program_statement *statement;

	if (!program->is_whole || event->error != 0 || count > POLLED_MAX ||
	    (event->result <= 0 && !event->args->poll.is_late))
		return;
	for (unsigned i = 0; i < count; i++) {
		if (program_find_socket(program, event->args->poll.fds[i].fd, event->session) == NULL)
			return;
	}
	statement = program_add(program, NULL, PROGRAM_POLL);
	statement->polled = xcalloc(count, sizeof(*statement->polled));
	statement->count = count;
	statement->number = event->args->poll.asked_ms;
	statement->is_late = event->result == 0;
	for (unsigned i = 0; i < count; i++) {
		statement->polled[i].socket = program_find_socket(program, event->args->poll.fds[i].fd, event->session);
		statement->polled[i].events = event->args->poll.fds[i].events;
	}
}

void program_look_name(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	struct program_statement *statement;

	if (!program->is_whole || socket == NULL)
		return;
	statement = program_add(program, socket, PROGRAM_NAME);
	statement->number = (int)event->step;
	statement->error = event->error;
}

void program_look_option(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	struct program_statement *statement;

	if (!program->is_whole || socket == NULL)
		return;
	/* What became of a connect(): the answer to it asks that (CONNECTED). */
	if (socket->is_connecting && event->args->sockopt.level == SOL_SOCKET &&
	    event->args->sockopt.optname == SO_ERROR)
		return;
	statement = program_add(program, socket, PROGRAM_GETSOCKOPT);
	statement->level = event->args->sockopt.level;
	statement->optname = event->args->sockopt.optname;
	statement->option_len = event->args->sockopt.optlen;
	statement->error = event->error;
}

void program_peeked(struct program *program, struct program_socket *socket, const struct event *event)
{
	const struct program_statement move = {
		.op = PROGRAM_RECEIVE,
		.socket = socket,
		.bytes = event->args->io.len,
		.count = 1,
		.flags = event->args->io.flags & PROGRAM_FLAGS,
	};

	program_add_move(program, &move);
}
