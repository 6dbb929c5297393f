/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a whole program that only look, as C. What they see goes to standard error. */
#ifndef SOCKT_TRACE_C_LOOKS_H
#define SOCKT_TRACE_C_LOOKS_H

#include "trace/c_calls.h"

/* getsockname(), getpeername() */
void c_look_name(struct c_writer *writer, const struct program_statement *statement);
/* A receive that leaves what it shows (MSG_PEEK). */
void c_look_peek(struct c_writer *writer, const struct program_statement *statement, const char *name);

#endif
