/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Explanations as comments: see c_comment.h. An explanation names a descriptor by its number. It is given other
 * numbers, so large that no count and no port is one of them; so they are found again in the text when it is written,
 * and only then it is known what the variables are called.
 */
#include "trace/c_comment.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "trace/explain.h"
#include "trace/guide.h"

#define TEXT_MAX 2048  /* an explanation, and the lead of a topic */
#define STRANGE(fd) (INT_MAX - (fd))
#define FD_MAX 1048576 /* of descriptors that are so named */

struct c_commenter {
	struct explain *explain;
	char text[TEXT_MAX];
};

struct c_commenter *c_commenter_new(bool is_relay)
{
	struct c_commenter *commenter = xcalloc(1, sizeof(*commenter));

	commenter->explain = explain_new(is_relay);
	return commenter;
}

void c_commenter_free(struct c_commenter *commenter)
{
	if (commenter == NULL)
		return;
	explain_free(commenter->explain);
	free(commenter);
}

/* The explanation of the event, with strange numbers for its descriptors; NULL: none, or not the first. */
static const char *explain_strangely(struct c_commenter *commenter, const struct event *event)
{
	struct event strange = *event;

	if (event->fd >= 0)
		strange.fd = STRANGE(event->fd);
	if ((event->step == STEP_SOCKET || event->step == STEP_ACCEPT) && event->result >= 0)
		strange.result = STRANGE((int)event->result);
	return explain_first(commenter->explain, &strange);
}

static const char *lead_of(const char *topic)
{
	const struct guide_topic *found = guide_find_in(GUIDE_CALLS, topic);

	return found == NULL || found->lead == NULL ? "" : _(found->lead);
}

/* A connect() that blocks returns with the answer: what is said of the answer stands behind what connect() is for. */
static const char *comment_connected(struct c_commenter *commenter, const char *text)
{
	const char *lead = lead_of("connected");
	size_t len = strlen(lead);

	if (strncmp(text, lead, len) == 0)
		text += len;
	snprintf(commenter->text, sizeof(commenter->text), "%s %s", lead_of("connect"), text);
	return commenter->text;
}

/*
 * Is what is said of this step true of the program? It does not wait for connect() and has no EAGAIN; of a stream it
 * puts sends and receives together, and the functions that make them say what they do.
 */
static bool is_fitting(const struct event *event)
{
	bool is_move = event->step == STEP_SEND || event->step == STEP_RECV;
	bool has_messages = event->protocol == PROTOCOL_UDP || event->protocol == PROTOCOL_UNIX_DGRAM ||
			    event->protocol == PROTOCOL_UNIX_SEQPACKET;

	if (event->step == STEP_CONNECT && event->error != 0)
		return false;
	return !is_move || event->error != 0 || event->result == 0 || has_messages;
}

const char *c_comment_of(struct c_commenter *commenter, const struct event *event)
{
	const char *text = explain_strangely(commenter, event);

	if (text == NULL || !is_fitting(event))
		return NULL;
	if (event->step == STEP_CONNECTED && event->error == 0)
		return comment_connected(commenter, text);
	if (event->step == STEP_RESOLVE) {
		snprintf(commenter->text, sizeof(commenter->text), "%s %s",
			 _("This program has no names in it, only what they were found to be."), text);
		return commenter->text;
	}
	return text;
}

/* Was this the number of the socket in the run, or of one that it stands for as well? */
static bool is_numbered(const struct program *program, const struct program_socket *socket, int fd)
{
	if (socket->fd == fd)
		return true;
	for (const struct program_twin *twin = program->twins; twin != NULL; twin = twin->next) {
		if (twin->of == socket && twin->fd == fd)
			return true;
	}
	return false;
}

/* The variable of a descriptor that the statement speaks of: of its sockets, or of the last that had the number. */
static const struct program_socket *find_socket(const struct program *program,
						const struct program_statement *statement, int fd)
{
	const struct program_socket *found = NULL;

	if (statement->to != NULL && statement->to->fd == fd)
		return statement->to;
	if (statement->socket != NULL && is_numbered(program, statement->socket, fd))
		return statement->socket;
	for (const struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next)
		found = socket->fd == fd ? socket : found;
	return found;
}

/* Does a strange number begin here? *len is how long it is. Returns the descriptor, or -1. */
static int strange_fd(const char *text, size_t *len)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -1;
	number = strtoul(text, &end, 10);
	*len = (size_t)(end - text);
	return number <= INT_MAX && number >= INT_MAX - FD_MAX ? INT_MAX - (int)number : -1;
}

void c_comment_write(struct c_writer *writer, const struct program_statement *statement, const char *more)
{
	const struct program_socket *socket;
	struct source text = { .depth = 0 };
	const char *at = statement->comment == NULL ? "" : statement->comment;
	char name[C_NAME_MAX];

	if (*at == '\0' && more == NULL)
		return;
	while (*at != '\0') {
		size_t len = 1;
		int fd = strange_fd(at, &len);

		socket = fd == -1 ? NULL : find_socket(writer->program, statement, fd);
		if (socket != NULL)
			source_add(&text, c_socket_name(writer->program, socket, name));
		else if (fd != -1)
			source_addf(&text, "%d", fd);
		else
			buf_append(&text.text, at, len);
		at += len;
	}
	if (more != NULL)
		source_addf(&text, "%s%s", text.text.len > 0 ? "\n" : "", more);
	buf_append(&text.text, "", 1);
	source_comment(&writer->body, buf_peek(&text.text));
	buf_clear(&text.text);
}
