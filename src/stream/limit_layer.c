/* SPDX-License-Identifier: GPL-3.0-or-later */
/* So many bytes and no more: see limit_layer.h. */
#include "stream/limit_layer.h"

#include "base/util.h"

bool limit_layer_is_reached(const struct limit_layer *limited)
{
	return limited->left == 0 || limited->messages_left == 0;
}

static ssize_t limit_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct limit_layer *limited = CONTAINER_OF(layer, struct limit_layer, layer);
	ssize_t n;

	if (limit_layer_is_reached(limited))
		return 0;
	if (!limited->is_messages && size > limited->left)
		size = (size_t)limited->left;
	n = layer_read(layer->below, st, buf, size, flags);
	if (n > 0)
		limited->left -= (uint64_t)n < limited->left ? (uint64_t)n : limited->left;
	if (limited->is_messages ? n >= 0 && (*flags & LAYER_EOM) != 0 : n > 0)
		limited->messages_left--;
	return n;
}

static unsigned limit_wants(const struct layer *layer, enum half half)
{
	const struct limit_layer *limited = CONTAINER_OF(layer, const struct limit_layer, layer);

	return half == HALF_READ && limit_layer_is_reached(limited) ? 0 : layer_wants(layer->below, half);
}

static struct sock *limit_raw(struct layer *layer, enum half half)
{
	return half == HALF_READ ? NULL : layer_raw(layer->below, half);
}

static const struct layer_ops limit_ops = {
	.name = "limit",
	.description = "so many bytes and no more",
	.read = limit_read,
	.wants = limit_wants,
	.raw = limit_raw,
};

void limit_layer_init(struct limit_layer *limited, struct layer *below, uint64_t limit, uint64_t messages,
		      bool is_messages)
{
	*limited = (struct limit_layer){
		.layer = { .ops = &limit_ops, .below = below },
		.left = limit,
		.messages_left = messages,
		.is_messages = is_messages,
	};
}
