/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escaping for a terminal: see escape_layer.h. */
#include "stream/escape_layer.h"

#include <errno.h>

#include "base/util.h"

/* Bytes escaped at a time; each may become four. */
#define ESCAPE_CHUNK 4096

static struct escape_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct escape_layer, layer);
}

static ssize_t escape_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct escape_layer *el = of_layer(layer);
	char escaped[ESCAPE_TERM_MAX(ESCAPE_CHUNK)];
	int ret = layer_write_waiting(el->layer.below, st, &el->waiting);

	if (ret < 0)
		return ret;
	if (len > ESCAPE_CHUNK)
		len = ESCAPE_CHUNK;
	buf_append(&el->waiting, escaped, escape_term(&el->state, data, len, false, escaped));
	ret = layer_write_waiting(el->layer.below, st, &el->waiting);
	return ret < 0 && ret != -EAGAIN && ret != STEP_HELD ? ret : (ssize_t)len;
}

static int escape_shut_write(struct layer *layer, struct stepper *st)
{
	struct escape_layer *el = of_layer(layer);
	char escaped[ESCAPE_TERM_MAX(0)];
	int ret;

	if (!el->is_ended) {
		el->is_ended = true;
		buf_append(&el->waiting, escaped, escape_term(&el->state, NULL, 0, true, escaped));
	}
	ret = layer_write_waiting(el->layer.below, st, &el->waiting);
	return ret < 0 ? ret : layer_shut_write(layer->below, st);
}

static size_t escape_pending(const struct layer *layer, enum half half)
{
	const struct escape_layer *el = CONTAINER_OF(layer, const struct escape_layer, layer);

	return half == HALF_WRITE ? el->waiting.len : layer_pending(layer->below, half);
}

static struct sock *escape_raw(struct layer *layer, enum half half)
{
	/* Bytes that are changed have to be seen. */
	return half == HALF_WRITE ? NULL : layer_raw(layer->below, half);
}

static int escape_close(struct layer *layer, struct stepper *st)
{
	buf_clear(&of_layer(layer)->waiting);
	return layer_close(layer->below, st);
}

static const struct layer_ops escape_ops = {
	.name = "escape",
	.description = "what arrives, made safe for a terminal",
	.write = escape_write,
	.shut_write = escape_shut_write,
	.pending = escape_pending,
	.raw = escape_raw,
	.close = escape_close,
};

void escape_layer_init(struct escape_layer *el, struct layer *below)
{
	*el = (struct escape_layer){ .layer = { .ops = &escape_ops, .below = below } };
}
