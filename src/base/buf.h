/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two buffers: struct buf, bytes that wait (a FIFO that grows to a bound and keeps no memory when empty), and
 * struct text, a string under construction in storage of fixed size.
 */
#ifndef SOCKT_BASE_BUF_H
#define SOCKT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;  /* NULL when empty */
	size_t head; /* first byte that waits */
	size_t len;  /* bytes that wait */
	size_t size; /* bytes allocated */
};

/* Append len bytes (copied). Memory is got as needed; the caller keeps the bound. */
void buf_append(struct buf *buf, const void *data, size_t len);
/* The bytes that wait, buf->len of them. */
const char *buf_peek(const struct buf *buf);
/* Take len bytes (<= buf->len) off the front; an empty buffer gives its memory back. */
void buf_consume(struct buf *buf, size_t len);
/* Forget all and give the memory back. */
void buf_clear(struct buf *buf);

/* A string under construction: always ended by NUL; what does not fit is cut and is_cut says so. */
struct text {
	char *dst;
	size_t size;
	size_t len;
	bool is_cut;
};

void text_init(struct text *text, char *dst, size_t size);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t len);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Add blanks until the text is width columns wide (UTF-8 code points count one), at least min of them. */
void text_pad(struct text *text, size_t width, size_t min);

#endif
