/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No faster than so: see pace_layer.h. */
#include "stream/pace_layer.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"

/* What passes at once is what the link carries in so long: many small pieces would cost much. */
#define PIECE_NS (10 * NS_PER_MS)
/* What a loop that wakes up late has missed is made good, but not what nobody wanted to send. */
#define SLACK_NS (50 * NS_PER_MS)

static struct pace_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct pace_layer, layer);
}

static void pace_timer(struct timer *timer)
{
	struct pace_layer *pace = CONTAINER_OF(timer, struct pace_layer, timer);

	loop_post(pace->loop, pace->task);
}

/* Come again at due_ns. Returns -EAGAIN. */
static int pace_wait(struct pace_layer *pace, uint64_t due_ns)
{
	if (!timer_is_set(&pace->timer) || pace->timer.due_ns > due_ns)
		loop_timer_set(pace->loop, &pace->timer, due_ns);
	return -EAGAIN;
}

/* How many bytes may pass now: at most len, 0: none before the link is free. */
static size_t pace_allowed(struct pace_layer *pace, enum half half, size_t len, uint64_t now_ns)
{
	uint64_t *free_ns = &pace->free_ns[half], piece;

	if (pace->wish.rate == 0)
		return len;
	if (*free_ns > now_ns)
		return 0;
	if (now_ns - *free_ns > SLACK_NS)
		*free_ns = now_ns;
	/* A message passes whole: the link is busy for longer then. */
	if (pace->is_messages)
		return len;
	piece = (uint64_t)((unsigned __int128)(now_ns - *free_ns + PIECE_NS) * pace->wish.rate / NS_PER_S);
	if (piece == 0)
		piece = 1;
	return piece < len ? (size_t)piece : len;
}

static void pace_passed(struct pace_layer *pace, enum half half, size_t len)
{
	if (pace->wish.rate != 0)
		pace->free_ns[half] += (uint64_t)(((unsigned __int128)len * NS_PER_S + pace->wish.rate - 1) /
						  pace->wish.rate);
}

static ssize_t pace_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct pace_layer *pace = of_layer(layer);
	ssize_t n;

	if (pace->wish.rate == 0)
		return layer_read(layer->below, st, buf, size, flags);
	size = pace_allowed(pace, HALF_READ, size, st->env->now_ns());
	if (size == 0)
		return pace_wait(pace, pace->free_ns[HALF_READ]);
	n = layer_read(layer->below, st, buf, size, flags);
	if (n > 0)
		pace_passed(pace, HALF_READ, (size_t)n);
	return n;
}

/* How much of it is the first line, where each waits for the one before. */
static size_t first_line(const struct pace_layer *pace, const void *data, size_t len)
{
	const char *newline;

	if (pace->wish.delay_ns == 0 || pace->is_messages)
		return len;
	newline = memchr(data, '\n', len);
	return newline == NULL ? len : (size_t)(newline - (const char *)data) + 1;
}

static ssize_t pace_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct pace_layer *pace = of_layer(layer);
	uint64_t now_ns = st->env->now_ns();
	ssize_t n;

	if (pace->line_ns > now_ns)
		return pace_wait(pace, pace->line_ns);
	if (len > 0) {
		len = pace_allowed(pace, HALF_WRITE, first_line(pace, data, len), now_ns);
		if (len == 0)
			return pace_wait(pace, pace->free_ns[HALF_WRITE]);
	}
	n = layer_write(layer->below, st, data, len);
	if (n < 0)
		return n;
	pace_passed(pace, HALF_WRITE, (size_t)n);
	if (pace->wish.delay_ns != 0 && (pace->is_messages || (n > 0 && ((const char *)data)[n - 1] == '\n')))
		pace->line_ns = now_ns + pace->wish.delay_ns;
	return n;
}

static struct sock *pace_raw(struct layer *layer, enum half half)
{
	struct pace_layer *pace = of_layer(layer);

	return half == HALF_WRITE || pace->wish.rate != 0 ? NULL : layer_raw(layer->below, half);
}

static int pace_close(struct layer *layer, struct stepper *st)
{
	struct pace_layer *pace = of_layer(layer);

	loop_timer_clear(pace->loop, &pace->timer);
	return layer_close(layer->below, st);
}

static const struct layer_ops pace_ops = {
	.name = "pace",
	.description = "no faster than so",
	.read = pace_read,
	.write = pace_write,
	.raw = pace_raw,
	.close = pace_close,
};

void pace_layer_init(struct pace_layer *pace, struct layer *below, const struct pace_wish *wish, struct loop *loop,
		     struct task *task, bool is_messages)
{
	*pace = (struct pace_layer){
		.layer = { .ops = &pace_ops, .below = below },
		.wish = *wish,
		.loop = loop,
		.task = task,
		.timer = { .fire = pace_timer },
		.is_messages = is_messages,
	};
}
