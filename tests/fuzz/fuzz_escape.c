/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escapes: safe whatever comes in, complete, never beyond their room, and the same wherever the input is split. */
#include "base/escape.h"
#include "base/utf8.h"
#include "trace/markup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *allocate(size_t size)
{
	void *room = malloc(size > 0 ? size : 1);
	if (room == NULL)
		abort();
	return room;
}

/* All is UTF-8 that a terminal may be shown, and line ends and tabs where the filter lets them pass. */
static void check_safe(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t code;
		int taken = utf8_decode((const uint8_t *)text + i, len - i, &code);
		assert(taken > 0);
		bool is_cr = code == '\r' && i + 1 < len && text[i + 1] == '\n';
		assert(utf8_is_printable(code) || code == '\n' || code == '\t' || is_cr);
		i += (size_t)taken;
	}
}

static void check_term(const uint8_t *data, size_t size, size_t cut)
{
	struct escape_term state = { 0 };
	char *whole = allocate(ESCAPE_TERM_MAX(size));
	size_t whole_len = escape_term(&state, data, size, true, whole);
	assert(whole_len <= ESCAPE_TERM_MAX(size) && state.held_len == 0);
	check_safe(whole, whole_len);

	/* Cut in two, then byte by byte. */
	char *pieces = allocate(2 * ESCAPE_TERM_MAX(size));
	size_t len = escape_term(&state, data, cut, false, pieces);
	len += escape_term(&state, data + cut, size - cut, true, pieces + len);
	assert(len == whole_len && memcmp(whole, pieces, len) == 0);
	len = 0;
	for (size_t i = 0; i < size; i++)
		len += escape_term(&state, data + i, 1, false, pieces + len);
	len += escape_term(&state, data, 0, true, pieces + len);
	assert(len == whole_len && memcmp(whole, pieces, len) == 0);
	free(pieces);
	free(whole);
}

/* The inside of a JSON string: no control, no bare quote, known escapes, valid UTF-8. */
static void check_json_string(const char *text)
{
	for (size_t i = 0, len = strlen(text); i < len;) {
		uint32_t code;
		int taken = utf8_decode((const uint8_t *)text + i, len - i, &code);
		assert(taken > 0 && code >= 0x20 && code != 0x7f && code != '"');
		i += (size_t)taken;
		if (code != '\\')
			continue;
		if (text[i] == 'u') {
			assert(len - i >= 5 && strspn(text + i + 1, "0123456789abcdef") >= 4);
			i += 5;
		} else {
			assert(text[i] == '"' || text[i] == '\\');
			i++;
		}
	}
}

/* The inside of a C string is read back as the bytes it was made of. */
static void check_c_string(const char *text, const uint8_t *data, size_t len)
{
	static const char letters[] = "nrt\"\\";
	static const char meanings[] = "\n\r\t\"\\";
	size_t done = 0;

	while (*text != '\0') {
		assert(*text >= 0x20 && *text < 0x7f && *text != '"');
		unsigned value = (unsigned char)*text++;
		if (value == '\\') {
			const char *letter = *text != '\0' ? strchr(letters, *text) : NULL;
			char *end = NULL;
			if (letter != NULL) {
				value = (unsigned char)meanings[letter - letters];
				text++;
			} else if (*text == 'x') {
				/* As a compiler: for as long as hex digits follow. */
				value = (unsigned)strtoul(text + 1, &end, 16);
				text = end;
			} else {
				int digits = 0;
				for (value = 0; digits < 3 && *text >= '0' && *text <= '7'; digits++)
					value = value * 8 + (unsigned)(*text++ - '0');
				assert(digits > 0);
			}
		}
		assert(done < len && value == data[done]);
		done++;
	}
	assert(done == len);
}

static void check_base64(const uint8_t *data, size_t size)
{
	size_t room = ESCAPE_BASE64_MAX(size);
	char *text = allocate(room);
	size_t len = escape_base64(data, size, text, room);
	assert(len == room - 1 && text[len] == '\0');
	assert(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") == len);
	free(text);
}

/* Text in markup: printable UTF-8 without a mark, and nothing but the entities that are known. */
static void check_markup(const uint8_t *data, size_t size)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#10;" };
	struct buf out = { 0 };

	markup_text_bytes(&out, (const char *)data, size);
	check_safe(buf_peek(&out), out.len);
	for (size_t i = 0; i < out.len; i++) {
		const char *at = buf_peek(&out) + i;
		bool is_known = *at != '&';

		assert(memchr("<>\"'\n", *at, 5) == NULL);
		for (size_t k = 0; k < sizeof(entities) / sizeof(*entities) && !is_known; k++) {
			size_t len = strlen(entities[k]);

			is_known = out.len - i >= len && memcmp(at, entities[k], len) == 0;
		}
		assert(is_known);
	}
	buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_markup(data, size);

	/* The first two bytes choose where the input is cut and how small the room is. */
	if (size < 2)
		return 0;
	size_t cut = data[0], small = data[1];
	data += 2;
	size -= 2;
	cut = size > 0 ? cut % (size + 1) : 0;
	check_term(data, size, cut);
	check_base64(data, size);

	char *text = allocate(size * 6 + 1);
	assert(escape_json(data, size, text, size * 6 + 1) == size);
	check_json_string(text);
	assert(escape_c(data, size, text, size * 6 + 1) == size);
	check_c_string(text, data, size);
	free(text);

	text = allocate(small);
	size_t done = escape_json(data, size, text, small);
	assert(done <= size && (small == 0 || strlen(text) < small));
	if (small > 0)
		check_json_string(text);
	done = escape_c(data, size, text, small);
	assert(done <= size && (small == 0 || strlen(text) < small));
	escape_hex_line(small, data, size, text, small);
	assert(small == 0 || strlen(text) < small);
	free(text);
	return 0;
}
