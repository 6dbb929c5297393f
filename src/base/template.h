/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sentences with values in them, as tables hold them: whole, so that a translation may put the values elsewhere.
 *
 *     {name}       stands for a value;
 *     `command`    is a command to type, and is shown without the marks.
 */
#ifndef SOCKT_BASE_TEMPLATE_H
#define SOCKT_BASE_TEMPLATE_H

#include "base/buf.h"

/* Add the value of that name (len bytes) to text. Returns false where it is not known. */
typedef bool template_value_fn(const void *ctx, const char *name, size_t len, struct text *text);

/*
 * Expand template into text; value gets ctx. Blanks inside a command become blank, which may be a byte at which no
 * line is broken. Returns false where a value was not known: text then holds what came before it.
 */
bool template_expand(const char *template, char blank, template_value_fn *value, const void *ctx, struct text *text);

#endif
