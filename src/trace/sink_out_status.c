/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who else writes where a sink does: a line below it that is always the last, and a screen. See sink_out.h. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/sink_out.h"
#include "trace/sink_out_private.h"

void sink_out_set_status(struct sink_out *out, const char *line)
{
	bool was_there = out->status != NULL;

	free(out->status);
	out->status = line == NULL ? NULL : xstrdup(line);
	sink_out_flush(out);
	if (out->error != 0)
		return;
	if (line == NULL && was_there)
		buf_append(&out->held, "\n", 1);
	/* To a terminal that does not keep up only the last one matters. */
	if (line != NULL && out->held.len == 0) {
		buf_append(&out->held, OUT_ERASE_LINE, sizeof(OUT_ERASE_LINE) - 1);
		buf_append(&out->held, line, strlen(line));
	}
	sink_out_flush(out);
}

void sink_out_clear_status(struct sink_out *out)
{
	if (out->status == NULL)
		return;
	free(out->status);
	out->status = NULL;
	buf_append(&out->held, OUT_ERASE_LINE, sizeof(OUT_ERASE_LINE) - 1);
	sink_out_flush(out);
}

void sink_out_set_screen(struct sink_out *out, struct screen *screen)
{
	sink_out_flush(out);
	out->screen = screen;
}
