/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing XML and HTML: marks as they are given, and text from anywhere, which can never become a mark. Knows nothing
 * of events.
 */
#ifndef SOCKT_TRACE_MARKUP_H
#define SOCKT_TRACE_MARKUP_H

#include "base/buf.h"

#include <stdint.h>

/* Add marks as they are: constants of ours, and numbers. */
void markup_add(struct buf *out, const char *marks);
void markup_addf(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * Add text: as the inside of an element or of an attribute in double quotes it is the text again. What has a meaning in
 * markup is escaped, and a newline; a byte that is no printable UTF-8 (utf8_is_printable()) becomes \xNN.
 */
void markup_text(struct buf *out, const char *text);
/* The same with the first len bytes of text. */
void markup_text_bytes(struct buf *out, const char *text, size_t len);

#endif
