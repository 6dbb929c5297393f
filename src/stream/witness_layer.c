/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes shown as they pass: see witness_layer.h. */
#include "stream/witness_layer.h"

#include <errno.h>

#include "base/clock.h"
#include "base/util.h"

/* What is shown at a time, of a stream: a witness holds several of them. */
#define PIECE_MAX ((size_t)64 * 1024)
/* When a witness that was busy is asked again. */
#define BUSY_NS (5 * NS_PER_MS)

static struct witness_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct witness_layer, layer);
}

static void witness_timer(struct timer *timer)
{
	struct witness_layer *wl = CONTAINER_OF(timer, struct witness_layer, timer);

	loop_post(wl->loop, wl->task);
}

/* Is it busy? Then we come again. */
static bool is_busy(struct witness_layer *wl, struct stepper *st)
{
	if (!wl->witness->is_busy(wl->witness->ctx))
		return false;
	if (!timer_is_set(&wl->timer))
		loop_timer_set(wl->loop, &wl->timer, st->env->now_ns() + BUSY_NS);
	return true;
}

static void show(struct witness_layer *wl, bool is_out, const void *data, size_t len)
{
	uint64_t *at = is_out ? &wl->out : &wl->in;
	const struct witness_piece piece = { wl->session, is_out, *at, data, len };

	*at += len;
	if (len > 0)
		wl->witness->seen(wl->witness->ctx, &piece);
}

static ssize_t witness_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct witness_layer *wl = of_layer(layer);
	ssize_t n;

	if (!wl->witness->is_in)
		return layer_read(layer->below, st, buf, size, flags);
	if (is_busy(wl, st))
		return -EAGAIN;
	if (!wl->is_messages && size > PIECE_MAX)
		size = PIECE_MAX;
	n = layer_read(layer->below, st, buf, size, flags);
	/* Of a message that was cut the result is its real length. */
	if (n > 0)
		show(wl, false, buf, (size_t)n < size ? (size_t)n : size);
	return n;
}

static ssize_t witness_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct witness_layer *wl = of_layer(layer);
	ssize_t n;

	if (!wl->witness->is_out)
		return layer_write(layer->below, st, data, len);
	if (len > 0 && is_busy(wl, st))
		return -EAGAIN;
	if (!wl->is_messages && len > PIECE_MAX)
		len = PIECE_MAX;
	n = layer_write(layer->below, st, data, len);
	if (n > 0)
		show(wl, true, data, (size_t)n);
	return n;
}

static struct sock *witness_raw(struct layer *layer, enum half half)
{
	struct witness_layer *wl = of_layer(layer);
	bool is_seen = half == HALF_READ ? wl->witness->is_in : wl->witness->is_out;

	return is_seen ? NULL : layer_raw(layer->below, half);
}

static int witness_close(struct layer *layer, struct stepper *st)
{
	witness_layer_stop(of_layer(layer));
	return layer_close(layer->below, st);
}

void witness_layer_stop(struct witness_layer *wl)
{
	loop_timer_clear(wl->loop, &wl->timer);
}

static const struct layer_ops witness_ops = {
	.name = "witness",
	.description = "bytes shown as they pass",
	.read = witness_read,
	.write = witness_write,
	.raw = witness_raw,
	.close = witness_close,
};

void witness_layer_init(struct witness_layer *wl, struct layer *below, const struct witness *witness,
			const struct witness_place *place)
{
	*wl = (struct witness_layer){
		.layer = { .ops = &witness_ops, .below = below },
		.witness = witness,
		.loop = place->loop,
		.task = place->task,
		.timer = { .fire = witness_timer },
		.session = place->session,
		.is_messages = place->is_messages,
	};
}
