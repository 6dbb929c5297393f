/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a whole program about waiting, as C: of sockets that do not block, and for several at once. */
#ifndef SOCKT_TRACE_C_WAITS_H
#define SOCKT_TRACE_C_WAITS_H

#include "trace/c_calls.h"

void c_wait_connected(struct c_writer *writer, const struct program_statement *statement);
void c_wait_nonblock(struct c_writer *writer, const struct program_statement *statement);
void c_wait_poll(struct c_writer *writer, const struct program_statement *statement);
/*
 * Write a connect() that does not wait for its answer.
 *   name, address, length   of its socket, and of whom it goes to
 * Returns false where it is none: nothing was written.
 */
bool c_wait_connect(struct c_writer *writer, const struct program_statement *statement, const char *name,
		    const char *address, const char *length);
/* An accept() that found nobody, and did not wait. */
void c_wait_nobody(struct c_writer *writer, const struct program_statement *statement, const char *name);
/* Of a socket that does not block: wait until it is ready for the call that follows. events: "POLLIN". */
void c_wait_ready(struct c_writer *writer, const struct program_statement *statement, const char *events);

#endif
