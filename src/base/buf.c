/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A FIFO of bytes, and strings under construction. */
#include "base/buf.h"

#include "base/utf8.h"
#include "base/util.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_SIZE_MIN ((size_t)4096)

/* Make room for len more bytes behind those that wait, which move to the front. */
static void buf_make_room(struct buf *buf, size_t len)
{
	size_t need = buf->len + len;

	if (need <= buf->size) {
		memmove(buf->data, buf->data + buf->head, buf->len);
	} else {
		size_t size = buf->size > 0 ? buf->size : BUF_SIZE_MIN;
		while (size < need && size <= SIZE_MAX / 2)
			size *= 2;
		if (size < need)
			size = need;
		char *data = xmalloc(size);
		if (buf->len > 0)
			memcpy(data, buf->data + buf->head, buf->len);
		free(buf->data);
		buf->data = data;
		buf->size = size;
	}
	buf->head = 0;
}

void buf_append(struct buf *buf, const void *data, size_t len)
{
	if (len == 0)
		return;
	if (len > buf->size - buf->head - buf->len)
		buf_make_room(buf, len);
	memcpy(buf->data + buf->head + buf->len, data, len);
	buf->len += len;
}

const char *buf_peek(const struct buf *buf)
{
	return buf->data != NULL ? buf->data + buf->head : NULL;
}

void buf_consume(struct buf *buf, size_t len)
{
	buf->head += len;
	buf->len -= len;
	if (buf->len == 0)
		buf_clear(buf);
}

void buf_clear(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

void text_init(struct text *text, char *dst, size_t size)
{
	/* Storage of no size is cut from the start, so that no later step has to ask. */
	*text = (struct text){ .dst = dst, .size = size, .is_cut = size == 0 };
	if (size > 0)
		dst[0] = '\0';
}

/* Does byte continue a UTF-8 sequence? */
static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The length of what is left of len bytes when a UTF-8 sequence that a cut split is taken off their end. */
static size_t without_split_end(const char *bytes, size_t len)
{
	uint32_t code;
	size_t start = len;

	while (start > 0 && len - start < 3 && is_continuation(bytes[start - 1]))
		start--;
	if (start == 0)
		return len;
	start--;
	bool is_split = utf8_decode((const uint8_t *)bytes + start, len - start, &code) == 0;
	return is_split ? start : len;
}

/* Take note that len bytes were to be added, of which as many as there was room for are there. */
static void text_grow(struct text *text, size_t len)
{
	size_t room = text->size - 1 - text->len;

	if (len > room) {
		text->is_cut = true;
		len = without_split_end(text->dst + text->len, room);
	}
	text->len += len;
	text->dst[text->len] = '\0';
}

void text_add_bytes(struct text *text, const char *bytes, size_t len)
{
	/* Behind a cut nothing follows, or a short piece would stand where a longer one was dropped. */
	if (text->is_cut || len == 0)
		return;
	size_t room = text->size - 1 - text->len;
	memcpy(text->dst + text->len, bytes, len < room ? len : room);
	text_grow(text, len);
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list args;

	if (text->is_cut)
		return;
	va_start(args, format);
	int len = vsnprintf(text->dst + text->len, text->size - text->len, format, args);
	va_end(args);
	if (len >= 0)
		text_grow(text, (size_t)len);
	else
		text->is_cut = true;
}

void text_pad(struct text *text, size_t width, size_t min)
{
	size_t columns = 0;

	for (size_t i = 0; i < text->len; i++)
		columns += !is_continuation(text->dst[i]);
	size_t blanks = columns < width ? width - columns : 0;
	if (blanks < min)
		blanks = min;
	for (size_t i = 0; i < blanks; i++)
		text_add_bytes(text, " ", 1);
}
