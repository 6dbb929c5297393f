/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives an endpoint a socket option: behind its comma, or by an option of the command line. */
#ifndef SOCKT_ENDPOINT_SOCKOPT_ADD_H
#define SOCKT_ENDPOINT_SOCKOPT_ADD_H

#include "endpoint/endpoint.h"

/*
 * Read an option and its value into endpoint, whose kind and address are known.
 *   role  what the endpoint is for; it decides between options of one short name
 *   name  a short name, a constant or LEVEL:NUMBER
 *   what  names it in errors of the value; NULL: name
 *   text  the value; NULL: the name stands alone
 * A short name may give several options, for IPv4 and for IPv6. Returns 0; -ENOENT where there is no such
 * option (error is not filled); -EPERM where it does not fit or is given twice, -EINVAL or -ERANGE where the value is
 * wrong, with one line in error (PARSE_ERROR_MAX bytes).
 */
int sockopt_add(struct endpoint *endpoint, enum endpoint_role role, const char *name, const char *what,
		const char *text, char *error);

/* The families of the sockets that endpoint may be opened with (enum sockopt_family). */
unsigned sockopt_families_of(const struct endpoint *endpoint);

#endif
