/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a chat: whatever comes, in whatever pieces, lines that are bounded, have a name, and drive no terminal. */
#include "engine/chat.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(void *ctx, const char *text, size_t len)
{
	size_t *count = ctx;

	assert(len >= 7 && len <= CHAT_TEXT_MAX);
	assert(memcmp(text, "<name> ", 7) == 0 && text[len - 1] == '\n');
	for (size_t i = 0; i < len - 1; i++)
		assert(((unsigned char)text[i] >= 0x20 || text[i] == '\t') && text[i] != 0x7f);
	(*count)++;
}

/* The same bytes in pieces: as many lines. */
static size_t take(const char *data, size_t size, size_t piece)
{
	struct chat_line line = { 0 };
	size_t count = 0;

	for (size_t at = 0; at < size; at += piece) {
		chat_take(&line, "name", data + at, size - at < piece ? size - at : piece, check_line, &count);
		assert(line.begun.len <= CHAT_LINE_MAX);
	}
	chat_end(&line, "name", check_line, &count);
	assert(line.begun.len == 0);
	chat_clear(&line);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece;

	if (size < 2)
		return 0;
	piece = 1 + data[0];
	assert(take((const char *)data + 1, size - 1, piece) == take((const char *)data + 1, size - 1, size));
	return 0;
}
