/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paragraphs made lines. */
#ifndef SOCKT_BASE_WRAP_H
#define SOCKT_BASE_WRAP_H

#include <stddef.h>

/*
 * How many bytes of text make its first line, in at most columns (> 0; UTF-8 code points count one). It ends at a
 * newline, or else before the last blank at which the rest has no room, or in the middle of a word that is longer than
 * a line. Parentheses with which text ends are kept together. *rest gets where the next line begins.
 */
size_t wrap_line(const char *text, size_t columns, const char **rest);

#endif
