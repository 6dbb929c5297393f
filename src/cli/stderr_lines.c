/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines at standard error: see stderr_lines.h. */
#include "cli/stderr_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/term.h"
#include "base/util.h"
#include "cli/console.h"
#include "trace/sink_out.h"

/* What is held for one who reads slowly: how often to try again, since nothing tells. */
#define FLUSH_NS (20 * NS_PER_MS)

#define PREFIX "sockt: "

/* The output of a sink that writes to standard error; NULL: there is none. */
static struct sink_out *out_of_sinks(const struct running *rn)
{
	for (const struct sink *sink = rn->bus.sinks; sink != NULL; sink = sink->next) {
		if (sink->out != NULL && sink_out_fd(sink->out) == STDERR_FILENO)
			return sink->out;
	}
	return NULL;
}

static void on_flush(struct timer *timer)
{
	struct running *rn = CONTAINER_OF(timer, struct running, flush);

	sink_out_flush(rn->lines);
	if (sink_out_holds(rn->lines))
		loop_timer_set(rn->loop, timer, rn->st.env->now_ns() + FLUSH_NS);
}

/* Where lines go; opened when first needed. NULL: nowhere. */
static struct sink_out *lines_of(struct running *rn)
{
	struct sink_out *out = out_of_sinks(rn);

	if (out == NULL && rn->lines == NULL && sink_out_open(NULL, &rn->lines) < 0)
		rn->lines = NULL;
	return out != NULL ? out : rn->lines;
}

/* What was not taken at once is tried again soon. */
static void flush_soon(struct running *rn)
{
	if (rn->lines == NULL || !sink_out_holds(rn->lines) || timer_is_set(&rn->flush))
		return;
	rn->flush.fire = on_flush;
	loop_timer_set(rn->loop, &rn->flush, rn->st.env->now_ns() + FLUSH_NS);
}

void stderr_lines_line(struct running *rn, const char *sentence)
{
	struct sink_out *out;
	char line[1024];
	int len;

	if (rn->console != NULL) {
		bus_note(&rn->bus, rn->st.env->now_ns(), 0, "%s", sentence);
		if (!rn->has_stderr_sink || !isatty(STDERR_FILENO))
			console_say(rn->console, sentence);
		return;
	}
	if (rn->has_stderr_sink) {
		bus_note(&rn->bus, rn->st.env->now_ns(), 0, "%s", sentence);
		return;
	}
	out = lines_of(rn);
	if (out == NULL)
		return;
	len = snprintf(line, sizeof(line) - 1, PREFIX "%s", sentence);
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	sink_out_record(out, line, (size_t)len + 1);
	flush_soon(rn);
}

void stderr_lines_row(struct running *rn, const char *row)
{
	struct sink_out *out;
	char line[256];
	int len;

	if (rn->console != NULL) {
		console_row(rn->console, row);
		return;
	}
	if (rn->bus.is_json_stderr) {
		bus_note(&rn->bus, rn->st.env->now_ns(), 0, "%s", row);
		return;
	}
	out = lines_of(rn);
	if (out == NULL)
		return;
	len = snprintf(line, sizeof(line) - 1, "%s", row);
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	sink_out_record(out, line, (size_t)len + 1);
	flush_soon(rn);
}

size_t stderr_lines_held(const struct running *rn)
{
	const struct sink_out *out = out_of_sinks(rn);

	out = out != NULL ? out : rn->lines;
	return out == NULL ? 0 : sink_out_held(out);
}

void stderr_lines_status(struct running *rn, const char *sentence)
{
	unsigned columns = term_columns(STDERR_FILENO);
	struct sink_out *out;
	char line[256];

	if (!isatty(STDERR_FILENO) || rn->bus.is_json_stderr || rn->console != NULL) {
		stderr_lines_line(rn, sentence);
		return;
	}
	out = lines_of(rn);
	if (out == NULL)
		return;
	/* The last column is left free: a terminal may go on to the next line there. */
	snprintf(line, columns < sizeof(line) ? columns : sizeof(line), PREFIX "%s", sentence);
	sink_out_set_status(out, line);
	rn->has_status = true;
	flush_soon(rn);
}

void stderr_lines_close(struct running *rn)
{
	struct sink_out *out = out_of_sinks(rn);

	if (out == NULL)
		out = rn->lines;
	if (out != NULL && rn->has_status)
		sink_out_set_status(out, NULL);
	rn->has_status = false;
	if (timer_is_set(&rn->flush))
		loop_timer_clear(rn->loop, &rn->flush);
	sink_out_close(rn->lines, NULL, 0);
	rn->lines = NULL;
}
