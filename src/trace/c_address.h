/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of a program as C: a variable for each, and the statements that fill it. */
#ifndef SOCKT_TRACE_C_ADDRESS_H
#define SOCKT_TRACE_C_ADDRESS_H

#include "trace/c_calls.h"

/*
 * Fill the variable that is called name with addr.
 *   is_there  the variable is declared already
 *   length    gets the expression for how long the address is
 */
void c_address_write(struct c_writer *writer, const char *name, const struct addr *addr, bool is_there,
		     char length[C_ARGS_MAX]);
/*
 * A port that the kernel chose for a socket of this program is another one each time it runs: the address whose
 * variable is name gets it from that socket.
 */
void c_address_port(struct c_writer *writer, const char *name, const struct addr *addr);
/* Of a whole program: a variable of its own that holds addr, by its name, and the expression for how long it is. */
void c_address_declare(struct c_writer *writer, const struct addr *addr, char name[C_NAME_MAX],
		       char length[C_ARGS_MAX]);

#endif
