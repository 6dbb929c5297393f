/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which way the kernel would send, and which addresses are this host's: rtnetlink(7) and getifaddrs(3), for explaining
 * errors. Observing steps.
 */
#ifndef SOCKT_STEP_ROUTE_H
#define SOCKT_STEP_ROUTE_H

#include <net/if.h>

#include "step/step.h"

struct route {
	int error;                    /* errno of a packet sent that way: ENETUNREACH: no route; 0: there is one */
	bool is_local;                /* dest is an address of this host */
	bool is_broadcast;            /* or multicast */
	bool is_forbidden;            /* a route of type unreachable, prohibit or blackhole says so */
	char interface[IF_NAMESIZE];  /* "" where there is none */
	struct addr gateway;          /* the next hop; len 0: dest is on the link itself */
};

/* Ask for the route to dest (IPv4 or IPv6). Returns 0 and *route, or -errno where the kernel could not be asked. */
int route_find(struct stepper *st, const struct addr *dest, struct route *route);

#define ROUTE_OWN_MAX 8 /* addresses kept */

/* What the host is on. */
struct route_own {
	struct addr addrs[ROUTE_OWN_MAX]; /* those of interfaces that are up, loopback last */
	size_t count;
	bool has_link;   /* an interface besides loopback is up and has a carrier */
	bool has_ipv4;   /* one besides loopback has an IPv4 address */
	bool has_ipv6;   /* one besides loopback has an IPv6 address that is not link-local */
	char down[IF_NAMESIZE]; /* an interface besides loopback that is down; "": none */
};

/* Look at the host's interfaces. Returns 0 and *own, or -errno. */
int route_own(struct stepper *st, struct route_own *own);

#endif
