/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paragraphs made lines. */
#ifndef SOCKT_BASE_WRAP_H
#define SOCKT_BASE_WRAP_H

#include <stddef.h>

#include "base/buf.h"

/*
 * How many bytes of text make its first line, in at most columns (> 0; UTF-8 code points count one). It ends at a
 * newline, or else before the last blank at which the rest has no room, or in the middle of a word that is longer than
 * a line. Parentheses with which text ends are kept together. *rest gets where the next line begins.
 */
size_t wrap_line(const char *text, size_t columns, const char **rest);

/*
 * Add text (lines that end with newlines, which the last need not) to rows, in rows of at most columns: what goes on
 * stands two columns further in than its line. A line that would have room for hardly a word is left as it is.
 */
void wrap_rows(const char *text, size_t columns, struct buf *rows);

#endif
