/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers that a C program of `--trace c` includes: those that declare what it uses, and no others. */
#ifndef SOCKT_TRACE_C_HEADERS_H
#define SOCKT_TRACE_C_HEADERS_H

#include "trace/c_source.h"

/*
 * Write the #include lines that the program wants.
 *   text    the rest of it
 *   wanted  bits of the functions that it calls (c_helpers.h)
 */
void c_headers_write(struct source *source, const char *text, unsigned wanted);

#endif
