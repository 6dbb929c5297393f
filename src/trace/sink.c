/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all sinks share: the table of kinds, opening and closing, and owning up to records that were lost. */
#include "trace/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/sink_out.h"

static const struct sink_kind *const kinds[] = {
	&sink_text,
	&sink_json,
	&sink_ladder,
	&sink_pcap,
	&sink_svg,
	&sink_html,
	&sink_c,
};

const struct sink_kind *sink_kind_at(size_t index)
{
	return index < ARRAY_LEN(kinds) ? kinds[index] : NULL;
}

const struct sink_kind *sink_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	}
	return NULL;
}

bool sink_say_lost(struct sink *sink)
{
	char note[SINK_LOST_MAX];
	size_t len;

	sink->lost += sink_out_lost(sink->out);
	if (sink->lost == 0)
		return true;
	len = sink->kind->lost(sink, sink->lost, note);
	if (!sink_out_record(sink->out, note, len)) {
		sink_out_lost(sink->out); /* the note is not one of the records that are counted */
		return false;
	}
	sink->lost = 0;
	return true;
}

void sink_record(struct sink *sink, const char *record, size_t len)
{
	if (!sink_say_lost(sink)) {
		sink->lost++;
		sink->lost_seq = sink->seq;
	} else if (!sink_out_record(sink->out, record, len)) {
		sink->lost_seq = sink->seq;
	}
}

/* Does another sink write to the same file? */
static bool is_shared(const struct sink *sink, const struct sink *others)
{
	for (; others != NULL; others = others->next) {
		if (sink_out_is_same(sink->out, others->out))
			return true;
	}
	return false;
}

int sink_open(const struct sink_kind *kind, const struct sink_options *options,
	      struct sink **sink_out)
{
	struct sink *sink = xcalloc(1, sizeof(*sink));
	int ret;

	sink->kind = kind;
	sink->level = options->level != 0 ? options->level : kind->level_default;
	sink->preview = options->preview;
	ret = sink_out_open(options->file, &sink->out);
	if (ret < 0)
		goto fail;
	sink_out_set_screen(sink->out, options->screen);
	ret = is_shared(sink, options->others) ? -EEXIST : sink_out_empty(sink->out);
	if (ret < 0)
		goto fail;
	ret = kind->open(sink, options);
	if (ret < 0)
		goto fail;
	*sink_out = sink;
	return 0;
fail:
	sink_out_close(sink->out, NULL, 0);
	free(sink);
	return ret;
}

int sink_close(struct sink *sink, char *file, size_t size)
{
	int ret;

	sink_out_drain(sink->out);
	sink_say_lost(sink);
	if (sink->kind->close != NULL)
		sink->kind->close(sink);
	ret = sink_out_close(sink->out, file, size);
	free(sink);
	return ret;
}
