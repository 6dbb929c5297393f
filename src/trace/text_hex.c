/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hex dump of the text sink, and the offsets it runs on from. */
#include "trace/text_hex.h"

#include <stdlib.h>

#include "base/escape.h"
#include "base/util.h"
#include "trace/text_call.h"

/*
 * Descriptors that are followed at once. Of two that share a place each begins at 0 again when the other has spoken;
 * memory stays bounded. Workers have descriptors of the same number: the session tells them apart.
 */
#define HEX_FDS 1024
#define HEX_STEP 61 /* between the places of one descriptor in two sessions */
#define HEX_LINE 16 /* bytes a line */

struct hex_offsets {
	int fd;
	uint32_t session;
	uint64_t sent, received;
};

struct text_hex {
	struct hex_offsets offsets[HEX_FDS];
};

struct text_hex *text_hex_new(void)
{
	struct text_hex *hex = xcalloc(1, sizeof(*hex));

	for (size_t i = 0; i < HEX_FDS; i++)
		hex->offsets[i].fd = -1;
	return hex;
}

void text_hex_free(struct text_hex *hex)
{
	free(hex);
}

/* The offsets of fd in a session. */
static struct hex_offsets *hex_find(struct text_hex *hex, int fd, uint32_t session)
{
	struct hex_offsets *offsets = &hex->offsets[((size_t)fd + (size_t)session * HEX_STEP) % HEX_FDS];

	if (offsets->fd != fd || offsets->session != session)
		*offsets = (struct hex_offsets){ .fd = fd, .session = session };
	return offsets;
}

/* A new descriptor, or one that is gone, has moved nothing yet. */
static void hex_forget(struct text_hex *hex, const struct event *event)
{
	int fd = event->fd;

	if (event->step == STEP_ACCEPT || event->step == STEP_SOCKET)
		fd = event->result >= 0 ? (int)event->result : -1;
	else if (event->step != STEP_CLOSE)
		return;
	if (fd >= 0)
		*hex_find(hex, fd, event->session) = (struct hex_offsets){ .fd = -1 };
}

void text_hex_begin(struct text_hex *hex, struct text_hex_cursor *cursor, const struct event *event)
{
	struct hex_offsets *offsets;
	uint64_t *offset;

	*cursor = (struct text_hex_cursor){ .is_sent = event->step == STEP_SEND || event->step == STEP_SENDMSG };
	hex_forget(hex, event);
	if ((!cursor->is_sent && event->step != STEP_RECV && event->step != STEP_RECVMMSG) || event->fd < 0 ||
	    event->result <= 0)
		return;
	/* Bytes that were not seen (MSG_TRUNC, splice) count all the same. */
	offsets = hex_find(hex, event->fd, event->session);
	offset = cursor->is_sent ? &offsets->sent : &offsets->received;
	cursor->offset = *offset;
	*offset += event->step == STEP_RECVMMSG ? event_messages_len(event) : (uint64_t)event->result;
	cursor->data = event->data;
	cursor->len = event_data_len(event);
}

bool text_hex_line(struct text_hex_cursor *cursor, struct text *line)
{
	size_t len = cursor->len < HEX_LINE ? cursor->len : HEX_LINE;
	char dump[96];

	if (len == 0)
		return false;
	escape_hex_line(cursor->offset, cursor->data, len, dump, sizeof(dump));
	text_addf(line, "%s%c %s" MARK_END, cursor->is_sent ? MARK_SENT : MARK_RECEIVED,
		  cursor->is_sent ? '>' : '<', dump);
	cursor->data += len;
	cursor->len -= len;
	cursor->offset += len;
	return true;
}
