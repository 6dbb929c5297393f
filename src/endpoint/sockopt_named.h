/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket options by what a person calls them: the name of the manual pages (SO_RCVTIMEO, TCP_CONGESTION), of which all
 * that the system's headers have are known, or LEVEL:NUMBER. What a value of each is says the table (sockopt.h); of
 * those that have no row there, mostly such as can only be read, an int. Pure: sets and reads none.
 */
#ifndef SOCKT_ENDPOINT_SOCKOPT_NAMED_H
#define SOCKT_ENDPOINT_SOCKOPT_NAMED_H

#include <stdbool.h>
#include <stddef.h>

#include "endpoint/sockopt.h"

/* Find an option by its constant; letter case counts nothing. Returns false where there is none. */
bool sockopt_named_find(const char *name, struct sockopt *option);
/*
 * The same by a name of socat's, which has any hyphens and underscores, and a prefix or none: so-priority, priority,
 * iptos, mtudiscover, maxseg-late.
 */
bool sockopt_named_find_loosely(const char *name, struct sockopt *option);
/*
 * The constant that a name means of which there is none: of sockt's own word (nodelay), of one without its prefix or
 * with hyphens (RCVBUF, so-rcvbuf), or the nearest in spelling. NULL: none is near.
 */
const char *sockopt_named_near(const char *name);
/* The i-th constant of all, NULL behind the last; ctx counts nothing. For near_find() and completion. */
const char *sockopt_named_at(const void *ctx, size_t i);

/*
 * Read LEVEL:NUMBER. LEVEL is a number, SOL_SOCKET, IPPROTO_TCP or socket, tcp, ip, ipv6, udp; NUMBER a number or a
 * constant of that level. Returns false where it is no such thing.
 */
bool sockopt_named_numbers(const char *text, int *level, int *optname);

/* The name of an option by its numbers: "SO_MARK", "SOL_SOCKET:4711", "41:7". Returns dst. */
const char *sockopt_named_format(int level, int optname, char *dst, size_t size);

#endif
