/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the comments of packets say: whose they are, and the call that they stand for. See connections_private.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/util.h"
#include "trace/connections_private.h"
#include "trace/text_call.h"

void connections_add_session(struct text *text, const struct event *event)
{
	if (event_number(event) != 0)
		text_addf(text, "session %" PRIu32 ": ", event_number(event));
}

/* The call without its bytes, which are in the packet: `send(7, 512 bytes) = 512`. */
static void add_call(struct text *text, const struct event *event)
{
	const struct text_view view = { .level = 1 };
	char call[COMMENT_MAX];
	struct text marked;

	if ((event->step == STEP_SEND || event->step == STEP_RECV) && event->args != NULL && event->error == 0) {
		text_addf(text, "%s(%d, %zu bytes) = %" PRId64, step_name(event->step), event->fd, event->args->io.len,
			  event->result);
		return;
	}
	text_init(&marked, call, sizeof(call));
	text_call(&marked, event, &view);
	/* Without the marks of colours. */
	for (const char *at = call; *at != '\0'; at++)
		if ((unsigned char)*at >= ' ')
			text_add_bytes(text, at, 1);
}

void connections_remember(struct connection *cn, uint64_t seq, const struct event *event)
{
	char words[COMMENT_MAX];
	struct text text;

	text_init(&text, words, sizeof(words));
	add_call(&text, event);
	text_addf(&text, ", event %" PRIu64, seq);
	free(cn->last);
	cn->last = xstrdup(words);
}

void connections_add_comment(struct text *text, uint64_t seq, const struct event *event)
{
	connections_add_session(text, event);
	add_call(text, event);
	text_addf(text, ", event %" PRIu64, seq);
}
