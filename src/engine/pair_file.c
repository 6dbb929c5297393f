/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pair whose target is no connection but a file, a FIFO, a device, a descriptor or a terminal that was made. All
 * pairs of a relay share it. See pair.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/util.h"
#include "engine/pair_private.h"
#include "stream/escape_layer.h"
#include "stream/frame_layer.h"

struct pair_file {
	struct file_layer layer;
	struct escape_layer escape; /* over it, where it is a terminal that somebody looks at */
	struct frame_layer frame;   /* over that, where the client keeps messages */
};

/* Put the layers over the ends. */
static void file_open(struct pair *pair, const struct file_ends *ends)
{
	struct pair_file *file = xcalloc(1, sizeof(*file));
	struct layer *top = &file->layer.layer;

	file_layer_init(&file->layer, ends);
	if (pair->rules->is_file_shown) {
		escape_layer_init(&file->escape, top);
		top = &file->escape.layer;
	}
	if (pair->client.stream.is_messages) {
		frame_layer_init(&file->frame, top, FRAME_READ,
				 pair->client.layer.sock.protocol == PROTOCOL_UDP ? FRAME_MAX_UDP : FRAME_MAX_UNIX);
		top = &file->frame.layer;
	}
	pair_rare_make(pair)->file = file;
	pair->target.stream.top = top;
	pair->target.stream.has_end = true;
}

void pair_file_name(const struct pair *pair, struct failure *fail)
{
	opening_file_words(pair->rules->file, fail->target, sizeof(fail->target));
}

void pair_dial_file(struct pair *pair)
{
	struct engine *engine = pair_engine(pair);
	struct failure fail = { .domain = FAILURE_NONE };
	struct file_ends ends;
	char words[256];
	int ret = opening_file_share(pair->rules->file, &ends);

	if (ret == 0) {
		file_open(pair, &ends);
		ret = file_layer_watch(&pair->rare->file->layer, engine->loop, &pair->task, pair->number);
	}
	if (ret < 0) {
		pair_file_close(pair);
		failure_set(&fail, STEP_WRITE, -ret, NULL);
		pair_file_name(pair, &fail);
		pair_refused(pair, &fail);
		return;
	}
	pair->has_target = true;
	pair->is_settled = true;
	pair_opened(pair);
	pair->rules->dialed(pair->rules->ctx, pair, NULL);
	if (file_layer_lacks_reader(&pair->rare->file->layer))
		engine_advise(engine, _("nobody has the FIFO %s open to read it: what comes waits for that"),
			      opening_file_words(pair->rules->file, words, sizeof(words)));
	pair_wake(pair);
}

void pair_file_close(struct pair *pair)
{
	struct pair_file *file = pair->rare->file;
	char words[256];

	if (file == NULL)
		return;
	if (file->layer.dropped > 0)
		engine_say_of(pair_engine(pair), pair->number,
			      _("%1$llu bytes of the client were thrown away: %2$s is open for reading only"),
			      (unsigned long long)file->layer.dropped,
			      opening_file_words(pair->rules->file, words, sizeof(words)));
	layer_close(pair->target.stream.top, pair_engine(pair)->st);
	buf_clear(&file->frame.held);
	free(file);
	pair_rare_make(pair)->file = NULL;
	pair->target.stream.top = NULL;
}
