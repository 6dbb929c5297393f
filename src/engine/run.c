/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs have in common: see run.h. */
#include "engine/run.h"

#include <stdio.h>

#include "engine/dressing.h"

void console_end_open(struct console_end *end, struct stdio_layer *io, struct file_layer *file,
		      const struct console_wish *wish)
{
	struct layer *top = file != NULL ? &file->layer : &io->layer;

	end->io = io;
	end->file = file;
	end->in = file != NULL ? &file->in : &io->in;
	end->out = file != NULL ? &file->out : &io->out;
	/* The terminal that we make is a line to a program, and nobody looks at it. */
	if (wish->is_escaped && end->out->kind == SOCK_KIND_TERMINAL && !(file != NULL && file->is_pty)) {
		escape_layer_init(&end->escape, top);
		top = &end->escape.layer;
	}
	if (wish->is_line && !wish->is_messages) {
		line_layer_init(&end->lines, top);
		top = &end->lines.layer;
	}
	if (wish->is_messages) {
		frame_layer_init(&end->frame, top, wish->frame, wish->frame_max);
		top = &end->frame.layer;
	}
	end->stream = (struct stream){ .top = top, .has_end = true };
}

int console_end_watch(struct console_end *end, struct session *session)
{
	struct loop *loop = session->engine->loop;
	struct stdio_layer *io = end->io;
	int ret = 0;

	if (end->file != NULL)
		return file_layer_watch(end->file, loop, &session->task, session->number);
	io->in.session = session->number;
	io->out.session = session->number;
	if (io->in.fd != -1 && !session->rules->is_recv_only &&
	    !dressing_is_deaf(session->engine->dressing))
		ret = loop_watch(loop, &io->in, &session->task);
	if (ret == 0 && io->out.fd != -1 && !session->rules->is_send_only)
		ret = loop_watch(loop, &io->out, &session->task);
	return ret;
}

void run_result_set(struct run_result *result, enum ended_by ended, const struct failure *fail, const char *limit)
{
	if (result->is_over)
		return;
	result->is_over = true;
	result->ended = ended;
	if (fail != NULL)
		result->fail = *fail;
	if (limit != NULL)
		snprintf(result->limit, sizeof(result->limit), "%s", limit);
}

void run_result_of_session(struct run_result *result, const struct session *session)
{
	char limit[32];

	if (!result->is_over) {
		result->remote = session->names->remote;
		result->protocol = session->sock->protocol;
		result->side = session->sock->side;
	}
	run_result_set(result, session->ended_by, session->fail,
		       ending_limit((enum ended_by)session->ended_by, session->rules, limit, sizeof(limit)));
	result->has_lost = result->has_lost || session->has_lost;
}
