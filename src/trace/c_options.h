/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a program about socket options, as C: for the table of c_calls.c. */
#ifndef SOCKT_TRACE_C_OPTIONS_H
#define SOCKT_TRACE_C_OPTIONS_H

#include "trace/c_calls.h"

void c_option_set(struct c_writer *writer, const struct program_statement *statement);
/* The value goes to standard error, where its form is known. */
void c_option_get(struct c_writer *writer, const struct program_statement *statement);

#endif
