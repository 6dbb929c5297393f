/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter between bytes from outside and a terminal. Pure but for the state it is given. Input goes byte by byte
 * into state->held, which holds what cannot be judged yet: so the output is the same wherever the input is split.
 */
#include "base/escape.h"
#include "base/utf8.h"

#include <string.h>

/* Take count bytes off the front of what is held and write them, as they are or escaped. Returns the length written. */
static size_t release(struct escape_term *state, size_t count, bool is_safe, char *dst)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		uint8_t byte = state->held[i];
		if (is_safe) {
			dst[used++] = (char)byte;
			continue;
		}
		dst[used++] = '\\';
		dst[used++] = 'x';
		dst[used++] = digits[byte >> 4];
		dst[used++] = digits[byte & 0xf];
	}
	state->held_len = (uint8_t)(state->held_len - count);
	memmove(state->held, state->held + count, state->held_len);
	return used;
}

/*
 * Judge the front of what is held (at least one byte) and write it. Returns the length written; 0 where that has to
 * wait for more, which it never does when is_last.
 */
static size_t judge(struct escape_term *state, bool is_last, char *dst)
{
	if (state->held[0] == '\r') {
		if (state->held_len == 1 && !is_last)
			return 0;
		bool is_line_end = state->held_len > 1 && state->held[1] == '\n';
		return release(state, 1, is_line_end, dst);
	}

	uint32_t code;
	int len = utf8_decode(state->held, state->held_len, &code);
	if (len > 0) {
		bool is_safe = code == '\n' || code == '\t' || utf8_is_printable(code);
		return release(state, (size_t)len, is_safe, dst);
	}
	if (len == 0 && !is_last)
		return 0;
	return release(state, 1, false, dst);
}

/* Write all that can be judged. Returns the length written. */
static size_t settle(struct escape_term *state, bool is_last, char *dst)
{
	size_t used = 0;

	while (state->held_len > 0) {
		size_t written = judge(state, is_last, dst + used);
		if (written == 0)
			break;
		used += written;
	}
	return used;
}

size_t escape_term(struct escape_term *state, const void *data, size_t len, bool is_last, char *dst)
{
	const uint8_t *bytes = data;
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		/* Most bytes are plain text and need no judgement. */
		if (state->held_len == 0 && bytes[i] >= 0x20 && bytes[i] < 0x7f) {
			dst[used++] = (char)bytes[i];
			continue;
		}
		state->held[state->held_len++] = bytes[i];
		used += settle(state, false, dst + used);
	}
	if (is_last)
		used += settle(state, true, dst + used);
	return used;
}
