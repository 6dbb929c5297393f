/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The c sink: the run as a C program. It is kept in memory, bounded (program.h), and the file is written anew once in a
 * while, so that a run that is killed leaves a whole program of what it had done.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "trace/c_comment.h"
#include "trace/c_program.h"
#include "trace/sink.h"
#include "trace/sink_out.h"

#define REWRITE_NS (500 * NS_PER_MS) /* between two writings: events are to be seen within a second */

struct c_state {
	struct program program;
	struct c_commenter *commenter;
	struct c_run run;
	char *file;          /* of run: whoever opens the sink need not keep the name; NULL: it has none */
	bool is_rewritable;  /* the program is a tail without records before it; else it is written at the end */
	bool is_changed;
	uint64_t written_ns; /* CLOCK_MONOTONIC of the last writing */
};

/* Write the whole program anew; is_last: where that cannot be done, this once. */
static void write_file(struct sink *sink, bool is_last)
{
	struct c_state *state = sink->state;
	struct source source = { .depth = 0 };

	if (!state->is_rewritable && !is_last)
		return;
	c_program_write(&source, &state->program, &state->run);
	if (state->is_rewritable)
		sink_out_tail(sink->out, buf_peek(&source.text), source.text.len);
	else
		sink_record(sink, buf_peek(&source.text), source.text.len);
	buf_clear(&source.text);
	state->is_changed = false;
}

static void c_event(struct sink *sink, const struct event *event)
{
	struct c_state *state = sink->state;
	const char *comment = NULL;

	/* To explain a session costs more than to look at it; a server has thousands, of which the program has one. */
	if (program_wants(&state->program, event))
		comment = c_comment_of(state->commenter, event);
	if (program_event(&state->program, event, comment))
		state->is_changed = state->is_rewritable;
}

static uint64_t c_flush(struct sink *sink, uint64_t now_ns)
{
	struct c_state *state = sink->state;

	if (!state->is_changed)
		return UINT64_MAX;
	if (now_ns - state->written_ns < REWRITE_NS)
		return state->written_ns + REWRITE_NS;
	write_file(sink, false);
	state->written_ns = now_ns;
	return UINT64_MAX;
}

/* Nothing is lost of what is written as a whole. */
static size_t c_lost(struct sink *sink, uint64_t count, char *dst)
{
	(void)sink;
	(void)count;
	*dst = '\0';
	return 0;
}

static int c_open(struct sink *sink, const struct sink_options *options)
{
	struct c_state *state = xcalloc(1, sizeof(*state));

	program_init(&state->program, options->is_relay);
	state->program.is_whole = options->is_whole;
	state->commenter = c_commenter_new(options->is_relay);
	state->run.argc = options->argc;
	state->run.argv = options->argv;
	if (options->file != NULL && strncmp(options->file, "fd:", 3) != 0)
		state->file = xstrdup(options->file);
	state->run.file = state->file;
	state->is_rewritable = sink_out_keep_tail(sink->out);
	state->is_changed = state->is_rewritable;
	sink->state = state;
	return 0;
}

static void c_close(struct sink *sink)
{
	struct c_state *state = sink->state;

	write_file(sink, true);
	program_clear(&state->program);
	c_commenter_free(state->commenter);
	free(state->file);
	free(state);
	sink->state = NULL;
}

const struct sink_kind sink_c = {
	.name = "c",
	.help = "a C program that makes the same calls",
	.level_default = 3,
	.level_min = 3,
	.needs_file = true,
	.open = c_open,
	.event = c_event,
	.lost = c_lost,
	.flush = c_flush,
	.close = c_close,
};
