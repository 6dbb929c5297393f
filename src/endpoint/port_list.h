/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists of ports as people write them: "22", "20-30,80,https". Pure but for the names of services, which are asked of
 * a function.
 */
#ifndef SOCKT_ENDPOINT_PORT_LIST_H
#define SOCKT_ENDPOINT_PORT_LIST_H

#include <stddef.h>
#include <stdint.h>

#define PORT_LIST_ERROR_MAX 256

/* Zeroed: empty. */
struct port_list {
	uint16_t *ports; /* in the order they were written, none twice, none 0; owned */
	size_t count;
};

/* The port of a service, or 0: there is none of that name. name is ended by NUL. */
typedef uint16_t port_list_lookup_fn(void *ctx, const char *name);

/*
 * Read a list: numbers, ranges (20-30) and names, with commas between. lookup NULL: names are refused. Returns 0 and
 * *list, to be cleared; or -EINVAL with one line in error (PORT_LIST_ERROR_MAX bytes), which names the list and the
 * item, and nothing to clear.
 */
int port_list_parse(struct port_list *list, const char *text, port_list_lookup_fn *lookup, void *ctx, char *error);
void port_list_clear(struct port_list *list);
/* Put the ports into an order that is drawn: the same seed gives the same. */
void port_list_shuffle(struct port_list *list, uint64_t seed);

/* A lookup in services(5). ctx: the name of the protocol, "tcp" or "udp". */
uint16_t port_list_service(void *ctx, const char *name);

#endif
