/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from outside made safe to show, all but the terminal filter (escape_term.c). Pure. */
#include "base/escape.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The longest form one unit of data takes in a C or JSON string: \u00NN. */
#define UNIT_MAX 8

/* The letter of a short escape (\n, \", ...) of byte, or 0. */
static char short_escape(uint8_t byte)
{
	switch (byte) {
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '"':
	case '\\':
		return (char)byte;
	default:
		return 0;
	}
}

/* Write one byte as C; next is the one behind it, or -1. Returns the length. */
static int format_c(uint8_t byte, int next, char unit[UNIT_MAX])
{
	char letter = short_escape(byte);
	if (letter != 0)
		return snprintf(unit, UNIT_MAX, "\\%c", letter);
	if (byte >= 0x20 && byte < 0x7f)
		return snprintf(unit, UNIT_MAX, "%c", byte);
	/* \N and \xNN go on for as long as digits follow; three octal digits are where an escape ends for certain. */
	if (byte < 8 && (next == -1 || !isdigit(next)))
		return snprintf(unit, UNIT_MAX, "\\%o", byte);
	if (byte < 8 || (next != -1 && isxdigit(next)))
		return snprintf(unit, UNIT_MAX, "\\%03o", byte);
	return snprintf(unit, UNIT_MAX, "\\x%02x", byte);
}

size_t escape_c(const void *data, size_t len, char *dst, size_t size)
{
	const uint8_t *bytes = data;
	size_t done = 0;
	size_t used = 0;

	if (size == 0)
		return 0;
	while (done < len) {
		char unit[UNIT_MAX];
		int next = done + 1 < len ? bytes[done + 1] : -1;
		size_t unit_len = (size_t)format_c(bytes[done], next, unit);
		if (unit_len >= size - used)
			break;
		memcpy(dst + used, unit, unit_len);
		used += unit_len;
		done++;
	}
	dst[used] = '\0';
	return done;
}

/* Write what begins at bytes as JSON into unit; *unit_len is its length. Returns how many bytes it took. */
static size_t format_json(const uint8_t *bytes, size_t len, char unit[UNIT_MAX], size_t *unit_len)
{
	uint32_t code;
	int taken = utf8_decode(bytes, len, &code);

	if (taken <= 0) {
		taken = 1;
		code = bytes[0];
	} else if (code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0)) {
		bool is_quoted = code == '"' || code == '\\';
		unit[0] = '\\';
		memcpy(unit + is_quoted, bytes, (size_t)taken);
		*unit_len = (size_t)taken + is_quoted;
		return (size_t)taken;
	}
	*unit_len = (size_t)snprintf(unit, UNIT_MAX, "\\u%04x", (unsigned)(code & 0xff));
	return (size_t)taken;
}

size_t escape_json(const void *data, size_t len, char *dst, size_t size)
{
	const uint8_t *bytes = data;
	size_t done = 0;
	size_t used = 0;

	if (size == 0)
		return 0;
	while (done < len) {
		char unit[UNIT_MAX];
		size_t unit_len;
		size_t taken = format_json(bytes + done, len - done, unit, &unit_len);
		if (unit_len >= size - used)
			break;
		memcpy(dst + used, unit, unit_len);
		used += unit_len;
		done += taken;
	}
	dst[used] = '\0';
	return done;
}

size_t escape_base64(const void *data, size_t len, char *dst, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *bytes = data;
	size_t used = 0;

	if (size == 0)
		return 0;
	for (size_t done = 0; done < len && size - used > 4; done += 3) {
		size_t left = len - done;
		uint32_t group = (uint32_t)bytes[done] << 16;
		if (left > 1)
			group |= (uint32_t)bytes[done + 1] << 8;
		if (left > 2)
			group |= bytes[done + 2];
		dst[used++] = digits[group >> 18];
		dst[used++] = digits[group >> 12 & 0x3f];
		dst[used++] = left > 1 ? digits[group >> 6 & 0x3f] : '=';
		dst[used++] = left > 2 ? digits[group & 0x3f] : '=';
	}
	dst[used] = '\0';
	return used;
}

#define HEX_COLUMNS 16

const char *escape_hex_line(uint64_t offset, const void *data, size_t len, char *dst, size_t size)
{
	const uint8_t *bytes = data;
	struct text line;

	if (len > HEX_COLUMNS)
		len = HEX_COLUMNS;
	text_init(&line, dst, size);
	text_addf(&line, "%08" PRIx64 " ", offset);
	for (size_t i = 0; i < HEX_COLUMNS; i++) {
		text_add(&line, i == HEX_COLUMNS / 2 ? "  " : " ");
		if (i < len)
			text_addf(&line, "%02x", bytes[i]);
		else
			text_add(&line, "  ");
	}
	text_add(&line, "  |");
	for (size_t i = 0; i < len; i++)
		text_addf(&line, "%c", bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.');
	text_add(&line, "|");
	return dst;
}
