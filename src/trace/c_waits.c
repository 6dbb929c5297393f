/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a program that wait, or do not, as C: see c_waits.h. */
#include "trace/c_waits.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "base/i18n.h"
#include "trace/c_comment.h"
#include "trace/c_helpers.h"

void c_wait_nonblock(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX];

	source_line(&writer->body, "if (fcntl(%s, F_SETFL, O_RDWR%s) == -1)",
		    c_socket_name(writer->program, statement->socket, name),
		    statement->number == 1 ? " | O_NONBLOCK" : "");
	c_failure_write(writer, statement, "fcntl", NULL);
}

void c_wait_poll(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX];

	writer->polls++;
	source_line(&writer->body, "struct pollfd polled%u[] = {", writer->polls);
	writer->body.depth++;
	for (uint64_t i = 0; i < statement->count; i++) {
		short events = statement->polled[i].events;
		bool is_both = (events & POLLIN) != 0 && (events & POLLOUT) != 0;

		source_line(&writer->body, "{ .fd = %s, .events = %s%s%s },",
			    c_socket_name(writer->program, statement->polled[i].socket, name),
			    (events & POLLIN) != 0 ? "POLLIN" : "", is_both ? " | " : "",
			    (events & POLLOUT) != 0 ? "POLLOUT" : "");
	}
	writer->body.depth--;
	source_line(&writer->body, "};");
	if (statement->is_late)
		source_comment(&writer->body, _("In the run none of them was ready in that time."));
	source_line(&writer->body, "if (poll(polled%u, %u, %d) == -1)", writer->polls, (unsigned)statement->count,
		    statement->number);
	c_failure_write(writer, statement, "poll", NULL);
}

bool c_wait_connect(struct c_writer *writer, const struct program_statement *statement, const char *name,
		    const char *address, const char *length)
{
	/* One whose answer the run did not wait for to its end is started too. */
	bool is_started = statement->is_started || (statement->socket->is_connecting && statement->error == 0);

	if (!is_started)
		return false;
	if (statement->is_nonblock) {
		c_comment_write(writer, statement,
				_("The socket is non-blocking: EINPROGRESS says that the kernel goes on by itself."));
		source_line(&writer->body,
			    "if (connect(%s, (struct sockaddr *)&%s, %s) == -1 && errno != EINPROGRESS)", name, address,
			    length);
	} else {
		c_comment_write(writer, statement, _("In the run other calls were made while this one waited."));
		writer->helpers |= 1U << C_START_CONNECT;
		source_line(&writer->body, "if (start_connect(%s, (struct sockaddr *)&%s, %s) == -1)", name, address,
			    length);
	}
	c_failure_write(writer, statement, "connect to", &statement->addr);
	return true;
}

void c_wait_connected(struct c_writer *writer, const struct program_statement *statement)
{
	char name[C_NAME_MAX], outcome[256];
	const char *told = c_call_outcome(statement, outcome, sizeof(outcome));

	if (told != NULL)
		source_comment(&writer->body, told);
	writer->helpers |= 1U << C_FINISH_CONNECT;
	source_line(&writer->body, "if (finish_connect(%s) == -1)",
		    c_socket_name(writer->program, statement->socket, name));
	c_failure_write(writer, statement, "connect to", &statement->addr);
}

void c_wait_nobody(struct c_writer *writer, const struct program_statement *statement, const char *name)
{
	source_comment(&writer->body, _("Nobody waited in the accept queue: a listener that blocks would wait here."));
	source_line(&writer->body, "if (accept(%s, NULL, NULL) == -1)", name);
	c_failure_write(writer, statement, "accept", NULL);
}

void c_wait_ready(struct c_writer *writer, const struct program_statement *statement, const char *events)
{
	char name[C_NAME_MAX];

	if (!statement->is_nonblock)
		return;
	writer->helpers |= 1U << C_WAIT_FOR;
	source_line(&writer->body, "wait_for(%s, %s);", c_socket_name(writer->program, statement->socket, name),
		    events);
}
