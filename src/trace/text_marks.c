/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marks made colours: see text_marks.h. */
#include "trace/text_marks.h"

#include "base/util.h"

static const char *const colors[] = {
	['\001'] = "\033[0m",  /* MARK_END */
	['\002'] = "\033[2m",  /* MARK_DIM */
	['\003'] = "\033[31m", /* MARK_ERROR */
	['\004'] = "\033[36m", /* MARK_STATE */
	['\005'] = "\033[32m", /* MARK_SENT */
	['\006'] = "\033[35m", /* MARK_RECEIVED */
};

/* Is byte one of the marks? */
static bool is_mark(char byte)
{
	return byte > 0 && (size_t)byte < ARRAY_LEN(colors);
}

size_t marks_columns(const char *string)
{
	size_t count = 0;

	for (; *string != '\0'; string++)
		count += !is_mark(*string) && ((unsigned char)*string & 0xc0) != 0x80;
	return count;
}

void marks_render(const char *string, bool is_colored, struct text *text)
{
	for (; *string != '\0'; string++) {
		if (!is_mark(*string))
			text_add_bytes(text, string, 1);
		else if (is_colored)
			text_add(text, colors[(size_t)*string]);
	}
}
