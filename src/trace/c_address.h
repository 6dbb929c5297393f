/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of a program as C: variables that hold them. */
#ifndef SOCKT_TRACE_C_ADDRESS_H
#define SOCKT_TRACE_C_ADDRESS_H

#include "trace/c_calls.h"

#define C_ADDRESS_MAX (C_NAME_MAX + 8) /* the name of a variable that holds the address of a socket */

/*
 * Fill a variable with an address; is_there: it is declared already. length (C_ARGS_MAX bytes) gets the expression for
 * how long it is. A port that the kernel chose for a socket of a whole program is another one each time it runs: it is
 * taken from the variable of that socket.
 */
void c_address_write(struct c_writer *writer, const char *name, const struct addr *addr, bool is_there,
		     char length[C_ARGS_MAX]);
/*
 * The variables that hold an abstract name which the kernel chose for a socket of a whole program, and its length.
 * Returns false where addr is no such name.
 */
bool c_address_use(const struct c_writer *writer, const struct addr *addr, char name[C_ADDRESS_MAX],
		   char length[C_ARGS_MAX]);
/* Of a whole program: a variable that holds addr, by its name, and the expression for how long it is. */
void c_address_declare(struct c_writer *writer, const struct addr *addr, char name[C_ADDRESS_MAX],
		   char length[C_ARGS_MAX]);

#endif
