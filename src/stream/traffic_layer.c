/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zeros, nothing, and what came: see traffic_layer.h. */
#include "stream/traffic_layer.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

/* What may wait to go back; then no more is taken, and the peer has to wait. */
#define ECHO_MAX ((size_t)256 * 1024)

static struct traffic_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct traffic_layer, layer);
}

static ssize_t read_zeros(const struct traffic_layer *traffic, void *buf, size_t size, unsigned *flags)
{
	if (traffic->is_messages) {
		*flags |= LAYER_EOM;
		size = traffic->wish.message_size < size ? traffic->wish.message_size : size;
	}
	memset(buf, 0, size);
	return (ssize_t)size;
}

/* What has come goes back. */
static ssize_t read_echo(struct traffic_layer *traffic, void *buf, size_t size, unsigned *flags)
{
	size_t len = traffic->echo.len;
	uint32_t length;

	if (len == 0)
		return traffic->is_ended ? 0 : -EAGAIN;
	if (traffic->is_messages) {
		memcpy(&length, buf_peek(&traffic->echo), sizeof(length));
		buf_consume(&traffic->echo, sizeof(length));
		*flags |= LAYER_EOM;
		len = length;
	}
	if (size > len)
		size = len;
	memcpy(buf, size == 0 ? "" : buf_peek(&traffic->echo), size);
	buf_consume(&traffic->echo, traffic->is_messages ? len : size);
	/* There is room again. */
	loop_post(traffic->loop, traffic->task);
	return (ssize_t)size;
}

static ssize_t traffic_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct traffic_layer *traffic = of_layer(layer);

	if (traffic->wish.is_null)
		return read_zeros(traffic, buf, size, flags);
	if (traffic->wish.is_echo)
		return read_echo(traffic, buf, size, flags);
	return layer_read(layer->below, st, buf, size, flags);
}

static ssize_t write_echo(struct traffic_layer *traffic, const void *data, size_t len)
{
	uint32_t length = (uint32_t)len;

	if (traffic->is_unheard)
		return (ssize_t)len;
	size_t room = traffic->echo.len < ECHO_MAX ? ECHO_MAX - traffic->echo.len : 0;

	if (room == 0)
		return -EAGAIN;
	if (traffic->is_messages)
		buf_append(&traffic->echo, &length, sizeof(length));
	else if (len > room)
		len = room;
	buf_append(&traffic->echo, data, len);
	loop_post(traffic->loop, traffic->task);
	return (ssize_t)len;
}

static ssize_t traffic_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct traffic_layer *traffic = of_layer(layer);

	if (traffic->wish.is_discard)
		return (ssize_t)len;
	if (traffic->wish.is_echo)
		return write_echo(traffic, data, len);
	return layer_write(layer->below, st, data, len);
}

static int traffic_shut_write(struct layer *layer, struct stepper *st)
{
	struct traffic_layer *traffic = of_layer(layer);

	if (!traffic->wish.is_discard && !traffic->wish.is_echo)
		return layer_shut_write(layer->below, st);
	traffic->is_ended = true;
	loop_post(traffic->loop, traffic->task);
	return 0;
}

/* What would go back goes nowhere. */
static void traffic_shut_read(struct layer *layer, struct stepper *st)
{
	struct traffic_layer *traffic = of_layer(layer);

	if (!traffic->wish.is_echo) {
		if (!traffic->wish.is_null)
			layer_shut_read(layer->below, st);
		return;
	}
	if (traffic->is_unheard)
		return;
	traffic->is_unheard = true;
	buf_clear(&traffic->echo);
	loop_post(traffic->loop, traffic->task);
}

static unsigned traffic_wants(const struct layer *layer, enum half half)
{
	const struct traffic_layer *traffic = CONTAINER_OF(layer, const struct traffic_layer, layer);

	if (half == HALF_READ && traffic->wish.is_null)
		return 0;
	if (half == HALF_WRITE && traffic->wish.is_discard)
		return 0;
	if (!traffic->wish.is_echo)
		return layer_wants(layer->below, half);
	if (half == HALF_READ)
		return traffic->echo.len > 0 || traffic->is_ended ? 0 : READY_IN;
	return traffic->echo.len < ECHO_MAX ? 0 : READY_OUT;
}

static size_t traffic_pending(const struct layer *layer, enum half half)
{
	const struct traffic_layer *traffic = CONTAINER_OF(layer, const struct traffic_layer, layer);
	bool is_own = half == HALF_READ ? traffic->wish.is_null || traffic->wish.is_echo :
					  traffic->wish.is_discard || traffic->wish.is_echo;

	return is_own ? 0 : layer_pending(layer->below, half);
}

static struct sock *traffic_raw(struct layer *layer, enum half half)
{
	struct traffic_layer *traffic = of_layer(layer);
	bool is_own = half == HALF_READ ? traffic->wish.is_null || traffic->wish.is_echo :
					  traffic->wish.is_discard || traffic->wish.is_echo;

	return is_own ? NULL : layer_raw(layer->below, half);
}

static const struct layer_ops traffic_ops = {
	.name = "traffic",
	.description = "zeros, nothing, or what came, for testing networks",
	.read = traffic_read,
	.write = traffic_write,
	.shut_write = traffic_shut_write,
	.shut_read = traffic_shut_read,
	.wants = traffic_wants,
	.pending = traffic_pending,
	.raw = traffic_raw,
};

void traffic_layer_init(struct traffic_layer *traffic, struct layer *below, const struct traffic_wish *wish,
			struct loop *loop, struct task *task, bool is_messages)
{
	*traffic = (struct traffic_layer){
		.layer = { .ops = &traffic_ops, .below = below },
		.wish = *wish,
		.loop = loop,
		.task = task,
		.is_messages = is_messages,
	};
}

void traffic_layer_clear(struct traffic_layer *traffic)
{
	buf_clear(&traffic->echo);
}
