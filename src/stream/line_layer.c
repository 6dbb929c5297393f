/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole lines: see line_layer.h. */
#include "stream/line_layer.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

static struct line_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct line_layer, layer);
}

/* Read once more from below; buf is room for it. Returns 1 where more is held or the end is known, or -EAGAIN. */
static int line_fill(struct line_layer *lines, struct stepper *st, void *buf, size_t size)
{
	unsigned ignored = 0;
	ssize_t n = layer_read(lines->layer.below, st, buf, size, &ignored);
	const char *newline;

	if (n == -EAGAIN || n == STEP_HELD)
		return (int)n;
	if (n <= 0) {
		/* A line that was not ended is one, too. */
		lines->is_ended = true;
		lines->end = n;
		lines->whole = lines->held.len;
		return 1;
	}
	newline = memrchr(buf, '\n', (size_t)n);
	if (newline != NULL)
		lines->whole = lines->held.len + (size_t)(newline + 1 - (const char *)buf);
	buf_append(&lines->held, buf, (size_t)n);
	if (lines->held.len >= LINE_LAYER_MAX)
		lines->whole = lines->held.len;
	return 1;
}

static ssize_t line_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct line_layer *lines = of_layer(layer);
	const char *newline;
	size_t len;

	(void)flags;
	while (lines->whole == 0) {
		int ret;

		if (lines->is_ended)
			return lines->end;
		ret = line_fill(lines, st, buf, size);
		if (ret < 0)
			return ret;
	}
	len = lines->whole;
	if (len > size) {
		newline = memrchr(buf_peek(&lines->held), '\n', size);
		len = newline == NULL ? size : (size_t)(newline + 1 - buf_peek(&lines->held));
	}
	memcpy(buf, buf_peek(&lines->held), len);
	buf_consume(&lines->held, len);
	lines->whole -= len;
	return (ssize_t)len;
}

static unsigned line_wants(const struct layer *layer, enum half half)
{
	const struct line_layer *lines = CONTAINER_OF(layer, const struct line_layer, layer);

	if (half == HALF_READ && (lines->whole > 0 || lines->is_ended))
		return 0;
	return layer_wants(layer->below, half);
}

static size_t line_pending(const struct layer *layer, enum half half)
{
	const struct line_layer *lines = CONTAINER_OF(layer, const struct line_layer, layer);

	return half == HALF_READ ? lines->held.len : layer_pending(layer->below, half);
}

static struct sock *line_raw(struct layer *layer, enum half half)
{
	return half == HALF_READ ? NULL : layer_raw(layer->below, half);
}

static int line_close(struct layer *layer, struct stepper *st)
{
	line_layer_clear(of_layer(layer));
	return layer_close(layer->below, st);
}

static const struct layer_ops line_ops = {
	.name = "line",
	.description = "whole lines",
	.read = line_read,
	.wants = line_wants,
	.pending = line_pending,
	.raw = line_raw,
	.close = line_close,
};

void line_layer_init(struct line_layer *lines, struct layer *below)
{
	*lines = (struct line_layer){ .layer = { .ops = &line_ops, .below = below } };
}

void line_layer_clear(struct line_layer *lines)
{
	buf_clear(&lines->held);
}
