/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations passed down a chain of layers: see layer.h. */
#include "stream/layer.h"

#include <errno.h>

/* The nearest layer, from layer down, whose operation op is not NULL; the undermost has all but the handshake. */
#define LAYER_WITH(layer, op)                   \
	while ((layer)->ops->op == NULL)        \
		(layer) = (layer)->below

int layer_handshake(struct layer *layer, struct stepper *st)
{
	while (layer != NULL && layer->ops->handshake == NULL)
		layer = layer->below;
	return layer == NULL ? 0 : layer->ops->handshake(layer, st);
}

ssize_t layer_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	LAYER_WITH(layer, read);
	return layer->ops->read(layer, st, buf, size, flags);
}

ssize_t layer_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	LAYER_WITH(layer, write);
	return layer->ops->write(layer, st, data, len);
}

int layer_write_waiting(struct layer *layer, struct stepper *st, struct buf *waiting)
{
	while (waiting->len > 0) {
		ssize_t n = layer_write(layer, st, buf_peek(waiting), waiting->len);

		if (n < 0)
			return (int)n;
		buf_consume(waiting, (size_t)n);
	}
	return 0;
}

void layer_write_taken(struct layer *layer, struct stepper *st, struct buf *waiting, int *error)
{
	int ret = layer_write_waiting(layer, st, waiting);

	if (ret < 0 && ret != -EAGAIN && ret != STEP_HELD && ret != -ENOBUFS && ret != -ENOMEM)
		*error = ret;
}

int layer_shut_write(struct layer *layer, struct stepper *st)
{
	LAYER_WITH(layer, shut_write);
	return layer->ops->shut_write(layer, st);
}

void layer_shut_read(struct layer *layer, struct stepper *st)
{
	while (layer != NULL && layer->ops->shut_read == NULL)
		layer = layer->below;
	if (layer != NULL)
		layer->ops->shut_read(layer, st);
}

int layer_abort(struct layer *layer, struct stepper *st)
{
	LAYER_WITH(layer, abort);
	return layer->ops->abort(layer, st);
}

unsigned layer_wants(const struct layer *layer, enum half half)
{
	LAYER_WITH(layer, wants);
	return layer->ops->wants(layer, half);
}

size_t layer_pending(const struct layer *layer, enum half half)
{
	LAYER_WITH(layer, pending);
	return layer->ops->pending(layer, half);
}

struct sock *layer_raw(struct layer *layer, enum half half)
{
	LAYER_WITH(layer, raw);
	return layer->ops->raw(layer, half);
}

int layer_close(struct layer *layer, struct stepper *st)
{
	LAYER_WITH(layer, close);
	return layer->ops->close(layer, st);
}

bool layer_is_gone(const struct layer *layer)
{
	while (layer != NULL && layer->ops->is_gone == NULL)
		layer = layer->below;
	return layer != NULL && layer->ops->is_gone(layer);
}
