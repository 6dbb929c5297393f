/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a row in as many columns as there are. */
#include "trace/picture_fit.h"

#include <string.h>

unsigned fit_columns(const char *string, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)string[i] & 0xc0) != 0x80;
	return count;
}

size_t fit_bytes(const char *string, unsigned columns)
{
	size_t len = 0;

	while (string[len] != '\0' && (columns > 0 || ((unsigned char)string[len] & 0xc0) == 0x80)) {
		if (((unsigned char)string[len] & 0xc0) != 0x80)
			columns--;
		len++;
	}
	return len;
}

/* What of a step is shown at any rate: its result, or the port of an address. */
static const char *tail_of(const struct picture_row *row)
{
	const char *tail = strrchr(row->brief, ')'), *colon = strrchr(row->brief, ':');
	bool has_port = (row->step == STEP_CONNECT || row->step == STEP_BIND) && colon != NULL;

	return tail != NULL && has_port && colon < tail ? colon : tail;
}

void fit_step(struct text *line, const struct picture_row *row, unsigned columns, const char *cut)
{
	unsigned cut_columns = fit_columns(cut, strlen(cut)), tail_columns;
	const char *tail = tail_of(row);

	if (fit_columns(row->brief, strlen(row->brief)) <= columns) {
		text_add(line, row->brief);
		return;
	}
	if (tail == NULL || fit_columns(tail, strlen(tail)) > columns / 2)
		tail = "";
	tail_columns = fit_columns(tail, strlen(tail));
	text_add_bytes(line, row->brief, fit_bytes(row->brief, columns - tail_columns - cut_columns));
	text_add(line, cut);
	text_add(line, tail);
}
