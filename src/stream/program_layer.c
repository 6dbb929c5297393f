/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program as a layer: see program_layer.h. */
#include "stream/program_layer.h"

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/term.h"
#include "base/util.h"

static struct program_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct program_layer, layer);
}

static bool is_started(const struct program_layer *pl)
{
	return pl->process.pid != 0 || pl->process.has_ended;
}

/* With both halves over there is nothing left to do for it: who has started it is to know. */
static void look_over(struct program_layer *pl)
{
	if (program_layer_is_over(pl))
		loop_post(pl->loop, pl->process.end.task);
}

static ssize_t program_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct program_layer *pl = of_layer(layer);
	ssize_t n;

	(void)flags;
	if (!is_started(pl))
		return -EAGAIN;
	if (pl->process.out.fd == -1)
		return 0;
	n = step_read(st, &pl->process.out, buf, size);
	/* pty(7): EIO, once nobody has the other side open any more. */
	if (n == -EIO && pl->process.has_pty)
		n = 0;
	if (n == 0)
		pl->is_out_ended = true;
	look_over(pl);
	return n;
}

int program_layer_write_end(struct program_layer *pl, struct stepper *st)
{
	struct termios settings;
	char end[2];
	ssize_t n;

	if (pl->process.in.fd == -1 || tcgetattr(pl->process.in.fd, &settings) == -1)
		return 0;
	/* What comes behind may find it in another mode, in which the end of input is a character like any other. */
	if (!term_is_read_up(pl->process.out.fd, NULL))
		return -EAGAIN;
	/* In the middle of a line twice: the first only ends the line. */
	memset(end, settings.c_cc[VEOF], sizeof(end));
	n = step_write(st, &pl->process.in, end, pl->is_mid_line ? 2 : 1);
	if (n > 0)
		pl->is_mid_line = false;
	return n == -EAGAIN || n == STEP_HELD ? (int)n : 0;
}

static ssize_t program_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct program_layer *pl = of_layer(layer);
	ssize_t n;

	if (!is_started(pl))
		return -EAGAIN;
	if (pl->process.in.fd == -1)
		return -EPIPE;
	n = step_write(st, &pl->process.in, data, len);
	if (n > 0)
		pl->is_mid_line = ((const char *)data)[n - 1] != '\n';
	/* Nobody has the terminal any more: a pipe would say EPIPE. */
	return n == -EIO && pl->process.has_pty ? -EPIPE : n;
}

/* The two sides of a terminal are one open file, which the loop would know on. */
static void close_side(struct program_layer *pl, struct stepper *st, struct sock *sk)
{
	if (pl->process.has_pty)
		loop_unwatch(pl->loop, sk);
	else
		loop_forget(pl->loop, sk);
	step_close(st, sk);
}

static int program_shut_write(struct layer *layer, struct stepper *st)
{
	struct program_layer *pl = of_layer(layer);
	int ret = 0;

	if (!is_started(pl))
		return -EAGAIN;
	if (pl->is_in_shut || pl->process.in.fd == -1)
		return 0;
	if (pl->process.has_pty) {
		ret = program_layer_write_end(pl, st);
		/* No descriptor tells when it has read. */
		pl->is_ending = true;
		loop_post(pl->loop, pl->process.end.task);
	} else if (step_ask_close(st, &pl->process.in) == STEP_HELD) {
		ret = STEP_HELD;
	} else {
		close_side(pl, st, &pl->process.in);
	}
	pl->is_in_shut = ret == 0;
	look_over(pl);
	return ret;
}

/* Who writes is ended by SIGPIPE, or learns it from EPIPE. A terminal has two halves or none. */
static void program_shut_read(struct layer *layer, struct stepper *st)
{
	struct program_layer *pl = of_layer(layer);

	if (!is_started(pl) || pl->is_out_ended)
		return;
	pl->is_unheard = true;
	pl->is_out_ended = true;
	if (pl->process.has_pty) {
		pl->is_in_shut = true;
		program_layer_hang_up(pl, st);
	} else {
		close_side(pl, st, &pl->process.out);
	}
	look_over(pl);
}

static unsigned program_wants(const struct layer *layer, enum half half)
{
	const struct program_layer *pl = CONTAINER_OF(layer, const struct program_layer, layer);
	const struct sock *sk = half == HALF_READ ? &pl->process.out : &pl->process.in;
	unsigned fact = half == HALF_READ ? READY_IN : READY_OUT;

	if (!is_started(pl))
		return fact;
	/* READY_ERR: it has closed its end; the call tells. */
	return sk->fd == -1 || (sk->ready & (fact | READY_ERR | READY_HUP)) != 0 ? 0 : fact;
}

static size_t program_pending(const struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return 0;
}

/* Of a terminal what passes is looked at: how it ends decides how its end is said. */
static struct sock *program_raw(struct layer *layer, enum half half)
{
	struct program_layer *pl = of_layer(layer);

	if (pl->process.has_pty || !is_started(pl))
		return NULL;
	return half == HALF_READ ? &pl->process.out : &pl->process.in;
}

void program_layer_hang_up(struct program_layer *pl, struct stepper *st)
{
	close_side(pl, st, &pl->process.in);
	close_side(pl, st, &pl->process.out);
}

static int program_close(struct layer *layer, struct stepper *st)
{
	program_layer_hang_up(of_layer(layer), st);
	return 0;
}

static bool program_is_gone(const struct layer *layer)
{
	return CONTAINER_OF(layer, const struct program_layer, layer)->process.has_ended;
}

static const struct layer_ops program_ops = {
	.name = "program",
	.description = "the standard input and output of a program",
	.read = program_read,
	.write = program_write,
	.shut_write = program_shut_write,
	.shut_read = program_shut_read,
	.abort = program_close,
	.wants = program_wants,
	.pending = program_pending,
	.raw = program_raw,
	.close = program_close,
	.is_gone = program_is_gone,
};

void program_layer_init(struct program_layer *pl, struct loop *loop, uint32_t session, struct task *task)
{
	*pl = (struct program_layer){ .layer = { .ops = &program_ops }, .loop = loop };
	process_init(&pl->process, session, task);
}
