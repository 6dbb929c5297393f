/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Marks: control characters in the words of a call that say what a part of it is, and that no escaped text holds. Who
 * shows the words makes colours of them, or drops them.
 */
#ifndef SOCKT_TRACE_TEXT_MARKS_H
#define SOCKT_TRACE_TEXT_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* What a mark begins; MARK_END ends it. */
#define MARK_END "\001"
#define MARK_DIM "\002"
#define MARK_ERROR "\003"
#define MARK_STATE "\004"
#define MARK_SENT "\005"
#define MARK_RECEIVED "\006"

/* The most bytes that a string of len bytes can become: a colour is five bytes, a mark one. */
#define MARKS_RENDERED_MAX(len) ((len) * 5)

/* How many columns string takes: marks none, a UTF-8 sequence one. */
size_t marks_columns(const char *string);
/* Add a string to text, with its marks made colours or dropped. */
void marks_render(const char *string, bool is_colored, struct text *text);

#endif
