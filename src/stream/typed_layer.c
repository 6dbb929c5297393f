/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our end where a person types: see typed_layer.h. */
#include "stream/typed_layer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

/* Bytes that are made safe at a time; each may become four. */
#define CHUNK 4096
#define HUNGRY ((size_t)64 * 1024)
#define HEX_COLUMNS 16

static struct typed_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct typed_layer, layer);
}

/* ---- What is to be sent ---- */

bool typed_layer_queue(struct typed_layer *typed, const void *data, size_t len)
{
	uint32_t length = (uint32_t)len;

	if (typed->is_ended || typed->queue.len + len > TYPED_QUEUE_MAX)
		return false;
	if (typed->is_messages)
		buf_append(&typed->queue, &length, sizeof(length));
	buf_append(&typed->queue, data, len);
	return true;
}

bool typed_layer_is_hungry(const struct typed_layer *typed)
{
	return typed->queue.len < HUNGRY;
}

static ssize_t typed_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct typed_layer *typed = of_layer(layer);
	size_t len = typed->queue.len, taken;
	uint32_t length;

	(void)st;
	if (len == 0)
		return typed->is_ended ? 0 : -EAGAIN;
	if (typed->is_messages) {
		memcpy(&length, buf_peek(&typed->queue), sizeof(length));
		buf_consume(&typed->queue, sizeof(length));
		*flags |= LAYER_EOM;
		len = length;
	}
	taken = len < size ? len : size;
	/* A message may be empty, and the last one. */
	if (taken > 0)
		memcpy(buf, buf_peek(&typed->queue), taken);
	/* Of a message that is too long the rest is gone. */
	buf_consume(&typed->queue, typed->is_messages ? len : taken);
	if (len > taken && typed->is_messages)
		*flags |= LAYER_TRUNC;
	if (typed->hungry != NULL && typed_layer_is_hungry(typed))
		typed->hungry(typed->ctx);
	return (ssize_t)(typed->is_messages ? len : taken);
}

/* ---- What arrives ---- */

/* Another's line, or a sentence, may have come between: a tag stands at the start of each line. */
static void begin_piece(struct typed_layer *typed)
{
	struct screen *screen = typed->shared->screen;

	if (typed->shared->last != typed && screen->column > 0)
		screen_break(screen);
	if (screen->column == 0)
		typed->is_mid_line = false;
	typed->shared->last = typed;
}

/* Write made-safe text, with a tag before each line. */
static void write_text(struct typed_layer *typed, const char *text, size_t len)
{
	struct screen *screen = typed->shared->screen;
	char tag[48];
	int tag_len;

	if (typed->tag == 0) {
		screen_receive(screen, text, len);
		typed->is_mid_line = len > 0 && text[len - 1] != '\n';
		return;
	}
	tag_len = snprintf(tag, sizeof(tag), "[%u] ", typed->tag);
	while (len > 0) {
		const char *newline = memchr(text, '\n', len);
		size_t line = newline == NULL ? len : (size_t)(newline - text) + 1;

		if (!typed->is_mid_line)
			screen_receive(screen, tag, (size_t)tag_len);
		screen_receive(screen, text, line);
		typed->is_mid_line = newline == NULL;
		text += line;
		len -= line;
	}
}

static void write_safe(struct typed_layer *typed, const char *data, size_t len, bool is_last)
{
	char text[ESCAPE_TERM_MAX(CHUNK)];

	if (typed->shared->is_raw)
		write_text(typed, data, len);
	else
		write_text(typed, text, escape_term(&typed->state, data, len, is_last, text));
}

static void write_hex(struct typed_layer *typed, const char *data, size_t len)
{
	char line[80], row[112];

	for (size_t at = 0; at < len; at += HEX_COLUMNS) {
		size_t part = len - at < HEX_COLUMNS ? len - at : HEX_COLUMNS;

		escape_hex_line(typed->hex_at, data + at, part, line, sizeof(line));
		if (typed->tag != 0)
			snprintf(row, sizeof(row), "[%u] %s", typed->tag, line);
		screen_say(typed->shared->screen, SCREEN_RECEIVED, typed->tag != 0 ? row : line);
		typed->hex_at += part;
	}
}

static ssize_t typed_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct typed_layer *typed = of_layer(layer);
	struct screen *screen = typed->shared->screen;
	size_t all = len;

	(void)st;
	if (screen->error != 0)
		return screen->error;
	if (!screen_has_room(screen))
		return -EAGAIN;
	if (len > CHUNK && !typed->is_messages)
		len = all = CHUNK;
	if (len == 0 && typed->empty != NULL)
		typed->empty(typed->ctx);
	begin_piece(typed);
	for (size_t part; len > 0; len -= part) {
		part = len < CHUNK ? len : CHUNK;
		if (typed->shared->is_hex)
			write_hex(typed, data, part);
		else
			write_safe(typed, data, part, typed->is_messages && part == len);
		data = (const char *)data + part;
	}
	/* The next message begins a line. */
	if (typed->is_messages && screen->column > 0)
		screen_break(screen);
	return (ssize_t)all;
}

/* Nothing more arrives: what was held back, since it was not whole, is shown now. */
static int typed_shut_write(struct layer *layer, struct stepper *st)
{
	struct typed_layer *typed = of_layer(layer);

	(void)st;
	write_safe(typed, "", 0, true);
	return 0;
}

static int typed_abort(struct layer *layer, struct stepper *st)
{
	(void)layer;
	(void)st;
	return 0;
}

static unsigned typed_wants(const struct layer *layer, enum half half)
{
	const struct typed_layer *typed = CONTAINER_OF(layer, const struct typed_layer, layer);
	const struct screen *screen = typed->shared->screen;

	if (half == HALF_READ)
		return typed->queue.len > 0 || typed->is_ended ? 0 : READY_IN;
	return screen->error != 0 || screen_has_room(screen) ? 0 : READY_OUT;
}

static size_t typed_pending(const struct layer *layer, enum half half)
{
	const struct typed_layer *typed = CONTAINER_OF(layer, const struct typed_layer, layer);

	return half == HALF_READ ? typed->queue.len : 0;
}

static struct sock *typed_raw(struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return NULL;
}

static int typed_close(struct layer *layer, struct stepper *st)
{
	struct typed_layer *typed = of_layer(layer);

	(void)st;
	buf_clear(&typed->queue);
	if (typed->shared->last == typed)
		typed->shared->last = NULL;
	return 0;
}

static const struct layer_ops typed_ops = {
	.name = "typed",
	.description = "a person at a terminal",
	.read = typed_read,
	.write = typed_write,
	.shut_write = typed_shut_write,
	.abort = typed_abort,
	.wants = typed_wants,
	.pending = typed_pending,
	.raw = typed_raw,
	.close = typed_close,
};

void typed_layer_init(struct typed_layer *typed, struct typed_screen *shared, uint32_t tag, bool is_messages)
{
	*typed = (struct typed_layer){
		.layer = { .ops = &typed_ops },
		.shared = shared,
		.tag = tag,
		.is_messages = is_messages,
	};
}
