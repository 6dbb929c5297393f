/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes cut into messages: see frame_layer.h. */
#include "stream/frame_layer.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

static struct frame_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct frame_layer, layer);
}

/*
 * The length of the message that stands at the front of what is held; 0: it is not whole yet; -EMSGSIZE: a line that is
 * too long.
 */
static ssize_t frame_next(const struct frame_layer *fl)
{
	const char *start = buf_peek(&fl->held), *newline;
	size_t len = fl->held.len;

	if (len == 0)
		return 0;
	if (fl->mode == FRAME_SIZE) {
		if (len >= fl->max)
			return (ssize_t)fl->max;
	} else {
		newline = memchr(start, '\n', len);
		if (newline != NULL)
			len = (size_t)(newline - start) + 1;
		if (len > fl->max)
			return -EMSGSIZE;
		if (newline != NULL)
			return (ssize_t)len;
	}
	return fl->is_ended ? (ssize_t)len : 0;
}

/* Read once more from below into what is held. Returns the result of the read. */
static ssize_t frame_fill(struct frame_layer *fl, struct stepper *st, char *buf, size_t size)
{
	unsigned ignored = 0;
	ssize_t n = layer_read(fl->layer.below, st, buf, size, &ignored);

	if (n > 0)
		buf_append(&fl->held, buf, (size_t)n);
	if (n == 0)
		fl->is_ended = true;
	return n;
}

static ssize_t frame_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct frame_layer *fl = of_layer(layer);
	ssize_t n, len;

	if (size > fl->max)
		size = fl->max;
	if (fl->mode == FRAME_READ) {
		n = layer_read(layer->below, st, buf, size, flags);
		if (n > 0)
			*flags |= LAYER_EOM;
		return n;
	}
	while ((len = frame_next(fl)) == 0) {
		if (fl->is_ended)
			return 0;
		n = frame_fill(fl, st, buf, size);
		if (n < 0)
			return n;
	}
	if (len < 0)
		return len;
	memcpy(buf, buf_peek(&fl->held), (size_t)len);
	buf_consume(&fl->held, (size_t)len);
	*flags |= LAYER_EOM;
	return len;
}

static unsigned frame_wants(const struct layer *layer, enum half half)
{
	const struct frame_layer *fl = CONTAINER_OF(layer, const struct frame_layer, layer);

	if (half == HALF_READ && (frame_next(fl) != 0 || fl->is_ended))
		return 0;
	return layer_wants(layer->below, half);
}

static size_t frame_pending(const struct layer *layer, enum half half)
{
	const struct frame_layer *fl = CONTAINER_OF(layer, const struct frame_layer, layer);

	return half == HALF_READ ? fl->held.len : layer_pending(layer->below, half);
}

static struct sock *frame_raw(struct layer *layer, enum half half)
{
	return half == HALF_READ ? NULL : layer_raw(layer->below, half);
}

static int frame_close(struct layer *layer, struct stepper *st)
{
	buf_clear(&of_layer(layer)->held);
	return layer_close(layer->below, st);
}

static const struct layer_ops frame_ops = {
	.name = "frame",
	.description = "standard input cut into messages",
	.read = frame_read,
	.wants = frame_wants,
	.pending = frame_pending,
	.raw = frame_raw,
	.close = frame_close,
};

void frame_layer_init(struct frame_layer *fl, struct layer *below, enum frame_mode mode, size_t max)
{
	*fl = (struct frame_layer){ .layer = { .ops = &frame_ops, .below = below }, .mode = mode, .max = max };
}
