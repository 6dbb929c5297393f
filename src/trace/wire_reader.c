/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames out of a stream of bytes: see wire.h. */
#include <errno.h>
#include <string.h>

#include "trace/wire.h"

/* Deliver the first frame that is held. Returns its length with all, 0: it is not whole yet, or -EBADMSG. */
static ssize_t reader_deliver(struct wire_reader *reader, struct bus *bus, const char *bytes, size_t have)
{
	struct wire_event we;
	uint32_t len;

	if (have < WIRE_LENGTH_SIZE)
		return 0;
	memcpy(&len, bytes, sizeof(len));
	if (len > WIRE_FRAME_MAX - WIRE_LENGTH_SIZE)
		return -EBADMSG;
	if (have < WIRE_LENGTH_SIZE + len)
		return 0;
	if (wire_read(bytes + WIRE_LENGTH_SIZE, len, &reader->bounds, &we) < 0)
		return -EBADMSG;
	bus_emit(bus, &we.event);
	return (ssize_t)(WIRE_LENGTH_SIZE + len);
}

int wire_reader_feed(struct wire_reader *reader, struct bus *bus, const void *bytes, size_t len)
{
	ssize_t used = 1;

	if (reader->is_bad)
		return -EBADMSG;
	buf_append(&reader->held, bytes, len);
	while (used > 0 && reader->held.len > 0) {
		used = reader_deliver(reader, bus, buf_peek(&reader->held), reader->held.len);
		if (used > 0)
			buf_consume(&reader->held, (size_t)used);
	}
	if (used < 0) {
		reader->is_bad = true;
		buf_clear(&reader->held);
		return -EBADMSG;
	}
	return 0;
}

void wire_reader_clear(struct wire_reader *reader)
{
	buf_clear(&reader->held);
}
