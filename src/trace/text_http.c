/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for the event HTTP: see text_http.h. */
#include "trace/text_http.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "trace/text_call.h"

#define SHOWN_MAX 256 /* of a target, escaped */

/* Words of the peer's, escaped, and cut where they are long. */
static void add_theirs(struct text *line, const char *words)
{
	char shown[SHOWN_MAX];

	escape_c(words, strlen(words), shown, sizeof(shown));
	text_add(line, shown);
}

/* The first line as it stands in the message. */
static void add_start(struct text *line, const union step_args *args)
{
	if (args->http.is_reply) {
		text_addf(line, "HTTP/1.%u %u ", args->http.minor, args->http.status);
		add_theirs(line, args->http.reason);
		return;
	}
	add_theirs(line, args->http.method);
	text_add(line, " ");
	add_theirs(line, args->http.target);
	text_addf(line, " HTTP/1.%u", args->http.minor);
}

/* ` (head 78 B, body 5 B)` */
static void add_lengths(struct text *line, const union step_args *args)
{
	text_add(line, " (head ");
	text_size(line, args->http.head_bytes);
	if (args->http.body_bytes > 0) {
		text_add(line, ", body ");
		text_size(line, args->http.body_bytes);
	}
	text_add(line, ")");
}

void text_http(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;
	bool has_start = args->http.is_reply ? args->http.status != 0 : args->http.method != NULL;

	text_addf(line, "http %s %s %" PRIu32 ": ", text_arrow(view, args->http.is_out ? ARROW_RIGHT : ARROW_LEFT),
		  args->http.is_reply ? "reply" : "request", args->http.number);
	if (has_start) {
		add_start(line, args);
		add_lengths(line, args);
	}
	if (args->http.wrong != NULL)
		text_addf(line, "%s%s", has_start ? "; " : "", args->http.wrong);
}
