/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a program as C: the inside of main(). */
#ifndef SOCKT_TRACE_C_CALLS_H
#define SOCKT_TRACE_C_CALLS_H

#include "trace/c_source.h"
#include "trace/program.h"

#define C_NAME_MAX 32 /* the name of a variable */
#define C_ARGS_MAX 96 /* a few arguments of a call */
#define C_VALUE_MAX 32 /* a number, or the name of a constant */

/* A file under construction. */
struct c_writer {
	const struct program *program;
	struct source body;  /* of main() */
	struct source data;  /* the arrays before it */
	unsigned helpers;    /* bits of those it calls */
	unsigned arrays;     /* how many there are */
	unsigned polls;      /* of a whole program: how many lists of sockets to wait for */
	unsigned addresses;  /* of a whole program: how many variables there are for addresses */
	bool has_on, has_off, has_value, has_linger, has_byte; /* variables that are there already */
	bool has_peer, has_address_note, has_name;
	bool has_answer, has_timeout, has_text, has_length; /* of getsockopt() */
	bool has_failed;     /* the run failed: main() returns 1 */
	const struct program_socket *bound; /* whose variable for bind() was declared last */
};

/* Write a statement, its comment before it. */
void c_call_write(struct c_writer *writer, const struct program_statement *statement);
/* What became of a connect() in the run, where that is not plain: NULL, or dst. */
const char *c_call_outcome(const struct program_statement *statement, char *dst, size_t size);
/* close() of a socket. */
void c_call_close(struct c_writer *writer, const struct program_socket *socket);
/* Remove the file of a bound Unix socket. Returns whether it has one. */
bool c_call_unlink(struct c_writer *writer, const struct program_socket *socket);
/* The name of the next array of bytes, as they stand before main(). Returns name. */
const char *c_array_write(struct c_writer *writer, const void *data, size_t len, char name[C_NAME_MAX]);
/*
 * The body of an `if` that has failed: the end of the program, or, where the run went on, a line on standard error.
 *   what   as perror() takes it; addr (may be NULL) follows it
 */
void c_failure_write(struct c_writer *writer, const struct program_statement *statement, const char *what,
		     const struct addr *addr);
/* The variable that holds the descriptor: "listener", "client2". Returns name. */
const char *c_socket_name(const struct program *program, const struct program_socket *socket, char name[C_NAME_MAX]);

#endif
