/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a row in as many columns as there are; a UTF-8 sequence takes one. */
#ifndef SOCKT_TRACE_PICTURE_FIT_H
#define SOCKT_TRACE_PICTURE_FIT_H

#include "base/buf.h"
#include "trace/picture.h"

/* How many columns the first len bytes take. */
unsigned fit_columns(const char *string, size_t len);
/* How many bytes the first columns of a string take; all of them where it has fewer. */
size_t fit_bytes(const char *string, unsigned columns);
/* Add the step in at most columns: what has no room is left out before its result, with cut in its place. */
void fit_step(struct text *line, const struct picture_row *row, unsigned columns, const char *cut);

#endif
