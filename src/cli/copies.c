/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of what passes: see copies.h. */
#include "cli/copies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/running_files.h"
#include "cli/stderr_lines.h"
#include "cli/telling.h"
#include "trace/names.h"
#include "trace/sink_out.h"

#define HEX_COLUMNS ((size_t)16)
#define ROW_MAX 160
/* So much is held for an output that does not keep up; meanwhile nothing passes. */
#define BUSY_MIN ((size_t)256 << 10)
/* How long what was copied may stay in memory. */
#define FLUSH_NS (20 * NS_PER_MS)

enum copy_id {
	COPY_HEX = 0,
	COPY_BOTH,
	COPY_IN,
	COPY_OUT,
	COPY_COUNT
};

struct copy {
	struct sink_out *out; /* NULL: not asked for */
	bool has_failed;      /* and that was said */
};

struct copies {
	struct running *rn;
	struct witness witness;
	struct timer flush;
	struct copy copies[COPY_COUNT];
};

/* Which options they are of, and what they copy. */
static const struct {
	const char *option;
	bool is_in, is_out;
} kinds[] = {
	[COPY_HEX] = { "--hex-file", true, true },
	[COPY_BOTH] = { "--output", true, true },
	[COPY_IN] = { "--output-in", true, false },
	[COPY_OUT] = { "--output-out", false, true },
};

/* Why a copy cannot be written, as a sentence. */
static void format_failure(enum copy_id id, const char *file, int error, char *dst, size_t size)
{
	char name[32];

	if (error == SINK_OUT_UNREAD)
		snprintf(dst, size, _("%1$s %2$s: its reader has not read for a second; the end is lost"),
			 kinds[id].option, file);
	else
		snprintf(dst, size, _("%1$s %2$s: %3$s (%4$s); the copy stops here"), kinds[id].option, file,
			 strerror(-error), name_errno(-error, name, sizeof(name)));
}

/* Has one failed since it was last asked? Then it is said. */
static void copies_check(struct copies *copies)
{
	struct engine *engine = &copies->rn->engine;
	char sentence[512];

	for (enum copy_id id = 0; id < COPY_COUNT; id++) {
		struct copy *copy = &copies->copies[id];

		if (copy->out == NULL || copy->has_failed || sink_out_error(copy->out) == 0)
			continue;
		copy->has_failed = true;
		format_failure(id, sink_out_name(copy->out), sink_out_error(copy->out), sentence, sizeof(sentence));
		engine_say(engine, "%s", sentence);
	}
}

static bool copies_hold(const struct copies *copies)
{
	for (enum copy_id id = 0; id < COPY_COUNT; id++) {
		if (copies->copies[id].out != NULL && sink_out_holds(copies->copies[id].out))
			return true;
	}
	return false;
}

static void copies_flush(struct timer *timer)
{
	struct copies *copies = CONTAINER_OF(timer, struct copies, flush);

	for (enum copy_id id = 0; id < COPY_COUNT; id++) {
		if (copies->copies[id].out != NULL)
			sink_out_flush(copies->copies[id].out);
	}
	copies_check(copies);
	if (copies_hold(copies))
		loop_timer_set(copies->rn->loop, timer, copies->rn->st.env->now_ns() + FLUSH_NS);
}

/* Does the run have several connections, so that a row has to say which one it is of? */
static bool has_many(const struct running *rn)
{
	return rn->options->is_keep_open || running_is_relay(rn);
}

/*
 * Is what the session receives, of two ends that are no sockets, what FROM gives? A program has the place of its own
 * end then, although it is TO: whose bytes come in, as in every relay with an end of our own as FROM.
 */
static bool is_reversed(const struct options *options)
{
	return options->is_joining && options->endpoint.kind->form == FORM_COMMAND;
}

/* One row of a dump: which way, when, where in that direction, and what. */
static void format_row(const struct copies *copies, const struct witness_piece *piece, size_t at, double t_ms,
		       struct text *row)
{
	size_t len = piece->len - at < HEX_COLUMNS ? piece->len - at : HEX_COLUMNS;
	char dump[96];

	escape_hex_line(piece->offset + at, (const char *)piece->data + at, len, dump, sizeof(dump));
	if (has_many(copies->rn))
		text_addf(row, "[%u] ", piece->session);
	text_addf(row, "%c %10.3f  %s", piece->is_out ? '>' : '<', t_ms, dump);
}

/* Write the dump of a piece where it is asked for. */
static void dump(struct copies *copies, const struct witness_piece *piece)
{
	const struct running *rn = copies->rn;
	double t_ms = (double)(rn->st.env->now_ns() - rn->bus.start_ns) / NS_PER_MS;
	struct sink_out *file = copies->copies[COPY_HEX].out;
	char line[ROW_MAX];

	for (size_t at = 0; at < piece->len; at += HEX_COLUMNS) {
		struct text row;

		text_init(&row, line, sizeof(line) - 1);
		format_row(copies, piece, at, t_ms, &row);
		if (rn->options->is_hex)
			stderr_lines_row(copies->rn, line);
		line[row.len++] = '\n';
		if (file != NULL)
			sink_out_record(file, line, row.len);
	}
}

static void copies_seen(void *ctx, const struct witness_piece *seen)
{
	struct copies *copies = ctx;
	struct witness_piece turned = *seen;
	const struct witness_piece *piece = &turned;

	turned.is_out = seen->is_out != is_reversed(copies->rn->options);
	if (copies->rn->options->is_hex || copies->copies[COPY_HEX].out != NULL)
		dump(copies, piece);
	for (enum copy_id id = COPY_BOTH; id < COPY_COUNT; id++) {
		struct sink_out *out = copies->copies[id].out;

		if (out != NULL && (piece->is_out ? kinds[id].is_out : kinds[id].is_in))
			sink_out_record(out, piece->data, piece->len);
	}
	copies_check(copies);
	if (copies_hold(copies) && !timer_is_set(&copies->flush))
		loop_timer_set(copies->rn->loop, &copies->flush, copies->rn->st.env->now_ns() + FLUSH_NS);
}

static bool is_behind(struct sink_out *out)
{
	return sink_out_held(out) >= BUSY_MIN && !(sink_out_flush(out) && sink_out_held(out) < BUSY_MIN);
}

static bool copies_are_busy(void *ctx)
{
	struct copies *copies = ctx;

	for (enum copy_id id = 0; id < COPY_COUNT; id++) {
		struct sink_out *out = copies->copies[id].out;

		if (out != NULL && is_behind(out))
			return true;
	}
	return copies->rn->options->is_hex && stderr_lines_held(copies->rn) >= BUSY_MIN;
}

/* Is the file of one the same as that of another copy, or of a trace? */
static bool is_in_use(const struct copies *copies, enum copy_id id)
{
	const struct sink_out *out = copies->copies[id].out;

	for (enum copy_id other = 0; other < id; other++) {
		if (copies->copies[other].out != NULL && sink_out_is_same(out, copies->copies[other].out))
			return true;
	}
	for (const struct sink *sink = copies->rn->bus.sinks; sink != NULL; sink = sink->next) {
		if (sink->out != NULL && sink_out_is_same(out, sink->out))
			return true;
	}
	return false;
}

/* Open one. Returns STATUS_OK, or another status after a message. */
static int open_copy(struct copies *copies, enum copy_id id, const char *file)
{
	struct copy *copy = &copies->copies[id];
	bool is_appending = copies->rn->options->is_append;
	char sentence[512], name[32];
	int ret;

	if (file == NULL)
		return STATUS_OK;
	ret = running_files_have(copies->rn, file) ? -EEXIST : sink_out_open_bytes(file, is_appending, &copy->out);
	if (ret == -EEXIST || (ret == 0 && is_in_use(copies, id))) {
		snprintf(sentence, sizeof(sentence),
			 _("%1$s %2$s: this run reads or writes that file already; name another"), kinds[id].option,
			 file);
		telling_line(sentence);
		return STATUS_OUTPUT;
	}
	if (ret == 0)
		return STATUS_OK;
	snprintf(sentence, sizeof(sentence), "%s %s: %s (%s)", kinds[id].option, file, strerror(-ret),
		 name_errno(-ret, name, sizeof(name)));
	telling_line(sentence);
	return STATUS_OUTPUT;
}

/* Close all without a word. */
static void copies_free(struct copies *copies)
{
	for (enum copy_id id = 0; id < COPY_COUNT; id++)
		sink_out_close(copies->copies[id].out, NULL, 0);
	free(copies);
}

/* A copy is asked for: these directions are to be seen. */
static void want_ways(struct copies *copies, enum copy_id id)
{
	bool is_turned = is_reversed(copies->rn->options);
	struct witness *witness = &copies->witness;

	witness->is_in = witness->is_in || (is_turned ? kinds[id].is_out : kinds[id].is_in);
	witness->is_out = witness->is_out || (is_turned ? kinds[id].is_in : kinds[id].is_out);
}

int copies_open(struct running *rn, struct copies **copies_out)
{
	const struct options *options = rn->options;
	const char *const files[] = {
		[COPY_HEX] = options->hex_file,
		[COPY_BOTH] = options->output,
		[COPY_IN] = options->output_in,
		[COPY_OUT] = options->output_out,
	};
	bool is_wanted = options->is_hex;
	struct copies *copies;

	for (enum copy_id id = 0; id < COPY_COUNT; id++)
		is_wanted = is_wanted || files[id] != NULL;
	if (!is_wanted)
		return STATUS_OK;
	copies = xcalloc(1, sizeof(*copies));
	copies->rn = rn;
	copies->flush.fire = copies_flush;
	copies->witness = (struct witness){ copies_seen, copies_are_busy, copies, options->is_hex, options->is_hex };
	for (enum copy_id id = 0; id < COPY_COUNT; id++) {
		int status = open_copy(copies, id, files[id]);

		if (status != STATUS_OK) {
			copies_free(copies);
			return status;
		}
		if (files[id] != NULL)
			want_ways(copies, id);
	}
	*copies_out = copies;
	return STATUS_OK;
}

const struct witness *copies_witness(const struct copies *copies)
{
	return copies == NULL ? NULL : &copies->witness;
}

int copies_close(struct copies *copies)
{
	int status = STATUS_OK;
	char file[256] = "", sentence[512];

	if (copies == NULL)
		return STATUS_OK;
	for (enum copy_id id = 0; id < COPY_COUNT; id++) {
		struct copy *copy = &copies->copies[id];
		int ret = sink_out_close(copy->out, file, sizeof(file));

		copy->out = NULL;
		if (ret == 0)
			continue;
		status = STATUS_OUTPUT;
		if (copy->has_failed)
			continue;
		format_failure(id, file, ret, sentence, sizeof(sentence));
		telling_line(sentence);
	}
	if (timer_is_set(&copies->flush))
		loop_timer_clear(copies->rn->loop, &copies->flush);
	free(copies);
	return status;
}
