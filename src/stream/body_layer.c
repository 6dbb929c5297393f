/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of one message: see body_layer.h. */
#include "stream/body_layer.h"

#include <errno.h>

#include "base/util.h"

/* Reads in one turn of which all is thrown away: who sends on and on starves nobody. */
#define DISCARDS 16

static ssize_t body_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct body_layer *bl = CONTAINER_OF(layer, struct body_layer, layer);

	for (unsigned i = 0; i < DISCARDS; i++) {
		ssize_t n = layer_read(layer->below, st, buf, size, flags), got;

		if (n <= 0)
			return n;
		got = n;
		n = http_body_take(&bl->body, buf, (size_t)n);
		bl->thrown += n < 0 ? 0 : (uint64_t)(got - n);
		/* Broken, as a connection may be: what has come of it is no request that anybody could answer. */
		if (n != 0)
			return n;
	}
	loop_post_later(bl->loop, bl->task);
	return -EAGAIN;
}

/* What is read has to be seen. */
static struct sock *body_raw(struct layer *layer, enum half half)
{
	return half == HALF_READ ? NULL : layer_raw(layer->below, half);
}

static const struct layer_ops body_ops = {
	.name = "body",
	.description = "the body of one HTTP message",
	.read = body_read,
	.raw = body_raw,
};

void body_layer_init(struct body_layer *bl, struct layer *below, const struct http_body *body, struct loop *loop,
		     struct task *task)
{
	bl->layer.ops = &body_ops;
	bl->layer.below = below;
	bl->loop = loop;
	bl->task = task;
	bl->body = *body;
}
