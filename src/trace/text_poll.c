/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poll() and fcntl() in text: see text_poll.h. */
#include "trace/text_poll.h"

#include <inttypes.h>

#include "trace/names.h"

void text_poll(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;

	(void)view;
	text_add(line, "poll(");
	for (unsigned i = 0; i < args->poll.nfds; i++) {
		text_addf(line, "{%d: ", args->poll.fds[i].fd);
		text_flags(line, &names_poll, (unsigned short)args->poll.fds[i].events);
		text_add(line, "}, ");
	}
	text_addf(line, "%d)", args->poll.timeout_ms);
}

void text_poll_result(struct text *line, const struct event *event)
{
	const union step_args *args = event->args;
	bool is_first = true;
	char name[32];

	if (event_has_failed(event))
		text_addf(line, " = %s", event_error_name(event, name, sizeof(name)));
	else
		text_addf(line, " = %" PRId64, event->result);
	for (unsigned i = 0; args != NULL && !event_has_failed(event) && i < args->poll.nfds; i++) {
		if (args->poll.fds[i].revents == 0)
			continue;
		text_addf(line, "%s%d ", is_first ? ": " : ", ", args->poll.fds[i].fd);
		text_flags(line, &names_poll, (unsigned short)args->poll.fds[i].revents);
		is_first = false;
	}
}

void text_fcntl(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "fcntl(%d, ", event->fd);
	text_name(line, &names_fcntl, event->args->fcntl.cmd);
	text_add(line, ", ");
	text_flags(line, &names_open, (unsigned)event->args->fcntl.flags);
	text_add(line, ")");
}
