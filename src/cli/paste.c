/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells keys from what is pasted: see paste.h. */
#include "cli/paste.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

static const char begin_mark[] = "\033[200~";
static const char end_mark[] = "\033[201~";

#define MARK_LEN (sizeof(begin_mark) - 1)

/* Add to what is pasted. */
static void add(struct paste *paste, const char *data, size_t len)
{
	if (paste->text.len + len > PASTE_MAX) {
		paste->is_too_long = true;
		buf_clear(&paste->text);
	}
	if (!paste->is_too_long)
		buf_append(&paste->text, data, len);
}

/* Terminals send a return for each newline; a return that has its newline still is one of the text. */
static void restore_newlines(struct buf *text)
{
	char *data = (char *)buf_peek(text);

	for (size_t i = 0; i < text->len; i++) {
		if (data[i] == '\r' && (i + 1 == text->len || data[i + 1] != '\n'))
			data[i] = '\n';
	}
}

/* The mark behind what was pasted has come. */
static enum paste_what end(struct paste *paste)
{
	bool was_too_long = paste->is_too_long;

	paste->is_pasting = false;
	paste->is_too_long = false;
	restore_newlines(&paste->text);
	return was_too_long ? PASTE_TOO_LONG : PASTE_TEXT;
}

enum paste_what paste_take(struct paste *paste, char byte)
{
	const char *mark = paste->is_pasting ? end_mark : begin_mark;
	unsigned had = paste->matched;

	if (byte == mark[had]) {
		paste->matched++;
		if (paste->matched < MARK_LEN)
			return PASTE_NOTHING;
		paste->matched = 0;
		if (paste->is_pasting)
			return end(paste);
		paste->is_pasting = true;
		return PASTE_NOTHING;
	}
	/* Not the mark after all: what looked like it is keys, or text. The byte may begin another. */
	paste->matched = byte == mark[0];
	if (paste->is_pasting) {
		add(paste, mark, had);
		if (paste->matched == 0)
			add(paste, &byte, 1);
		return PASTE_NOTHING;
	}
	memcpy(paste->keys, mark, had);
	paste->key_count = had;
	if (paste->matched == 0)
		paste->keys[paste->key_count++] = byte;
	return paste->key_count > 0 ? PASTE_KEYS : PASTE_NOTHING;
}
