/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The addresses to connect from, where a name says which (-s NAME, bind=NAME): one of each family, for a target's
 * address is reached from one of its own family.
 */
#ifndef SOCKT_ENDPOINT_SOURCES_H
#define SOCKT_ENDPOINT_SOURCES_H

#include "endpoint/endpoint.h"
#include "step/resolve.h"

/* Zeroed: nothing is known. */
struct sources {
	struct addr addrs[2];
	size_t count;
	bool is_known; /* the name has been looked up */
};

/* Has the endpoint a source whose name is to be looked up yet? */
bool sources_are_wanted(const struct sources *sources, const struct endpoint *endpoint);
/* The question, whose strings are endpoint's. */
struct resolve_question sources_question(const struct endpoint *endpoint, uint32_t session);
/* Keep of the answer the first address of each family, with the port of endpoint's source. */
void sources_take(struct sources *sources, const struct endpoint *endpoint, const struct resolve_answer *answer);
/* The family that the target is to be asked for: kind's, or the only one that there is a source of. */
int sources_family(const struct sources *sources, const struct endpoint *endpoint);
/*
 * Where to connect from to an address of that family. Returns true: *source is it, len 0 where it is anybody's choice;
 * false: no source is of that family.
 */
bool sources_find(const struct sources *sources, const struct endpoint *endpoint, int family, struct addr *source);
/* The source that a failure names where none is of the target's family: the first of the name's, or the endpoint's. */
const struct addr *sources_first(const struct sources *sources, const struct endpoint *endpoint);

#endif
