/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that move data, as text: see text_transfer.h. */
#include "trace/text_transfer.h"

#include <sys/socket.h>

#include "trace/names.h"
#include "trace/text_marks.h"

/* Flags that every call of sockt has, and that are therefore not shown. */
#define SEND_FLAGS_IMPLIED (MSG_NOSIGNAL | MSG_DONTWAIT)
#define RECV_FLAGS_IMPLIED MSG_DONTWAIT

void text_send(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;
	size_t len = args->io.len;
	int flags = args->io.flags & ~(view->is_literal ? MSG_NOSIGNAL : SEND_FLAGS_IMPLIED);

	if (event->step == STEP_WRITE)
		text_addf(line, "write(%d, ", event->fd);
	else
		text_addf(line, "%s(%d, ", args->io.to != NULL ? "sendto" : "send", event->fd);
	if (view->preview > 0 && args->io.data != NULL) {
		text_add(line, MARK_SENT);
		text_preview(line, args->io.data, len, view);
		text_add(line, MARK_END);
	} else {
		text_add(line, "...");
	}
	/* Also where not all of it was taken. */
	if (view->preview < len || args->io.data == NULL || event->result != (int64_t)len)
		text_addf(line, ", %zu", len);
	if (flags != 0) {
		text_add(line, ", ");
		text_flags(line, &names_msg, (unsigned)flags);
	}
	if (args->io.to != NULL) {
		text_add(line, ", ");
		text_addr(line, args->io.to);
	}
	text_add(line, ")");
}

void text_recv(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;
	int flags = args->io.flags & ~(view->is_literal ? 0 : RECV_FLAGS_IMPLIED);
	size_t len = event_data_len(event);

	if (event->step == STEP_READ)
		text_addf(line, "read(%d", event->fd);
	else
		text_addf(line, "%s(%d", args->io.from != NULL ? "recvfrom" : "recv", event->fd);
	if (view->preview > 0 && len > 0) {
		text_add(line, ", " MARK_RECEIVED);
		text_preview(line, event->data, len, view);
		text_add(line, MARK_END);
	}
	if (flags != 0) {
		text_add(line, ", ");
		text_flags(line, &names_msg, (unsigned)flags);
	}
	text_add(line, ")");
}

void text_splice(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "splice(%d, %d, %zu)", event->fd, event->args->splice.fd_out,
		  event->args->splice.len);
}

/* What the messages of a call have in common with each other, before the closing bracket. */
static void add_message(struct text *line, const struct message *message)
{
	if (message->segment != 0)
		text_addf(line, ", UDP_SEGMENT %u", (unsigned)message->segment);
	if (message->addr != NULL) {
		text_add(line, ", ");
		text_addr(line, message->addr);
	}
}

/* Their bytes, as far as they are at hand. */
static void add_messages_data(struct text *line, const struct event *event, const struct text_view *view,
			      const char *mark)
{
	size_t len = event_data_len(event);

	if (view->preview == 0 || len == 0)
		return;
	text_addf(line, ", %s", mark);
	text_preview(line, event->data, len, view);
	text_add(line, MARK_END);
}

void text_recvmmsg(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "recvmmsg(%d", event->fd);
	add_messages_data(line, event, view, MARK_RECEIVED);
	text_addf(line, ", %u)", event->args->messages.count);
}

void text_sendmsg(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "sendmsg(%d", event->fd);
	add_messages_data(line, event, view, MARK_SENT);
	text_addf(line, ", %zu", event->args->messages.list->len);
	add_message(line, event->args->messages.list);
	text_add(line, ")");
}

void text_sendmmsg(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "sendmmsg(%d", event->fd);
	add_messages_data(line, event, view, MARK_SENT);
	text_addf(line, ", %u", event->args->messages.count);
	add_message(line, event->args->messages.list);
	text_add(line, ")");
}
