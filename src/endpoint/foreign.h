/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Endpoints as socat writes them: its addresses and their options, known here in order to say what there is instead.
 * Tables only; who reads an endpoint asks them for words that are none of sockt's. Pure.
 */
#ifndef SOCKT_ENDPOINT_FOREIGN_H
#define SOCKT_ENDPOINT_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "endpoint/kinds.h"

/* An address that is a kind of ours and a role: TCP-LISTEN, UNIX-CONNECT, UDP4-RECVFROM, ABSTRACT-LISTEN, INET6. */
struct foreign_role {
	const struct endpoint_kind *kind;
	enum endpoint_role role; /* LISTEN or CONNECT */
	const char *before;      /* what stands before the rest of it here: "@" of abstract names, "any:"; else "" */
};

/* Is a word of len bytes such an address? Letter case counts nothing. Then *found (may be NULL) is filled. */
bool foreign_role_find(const char *word, size_t len, struct foreign_role *found);

/* Words of socat that have no such simple counterpart, and the sentence that says what there is. */
struct foreign_words {
	const char *names;    /* blanks between; in small letters */
	const char *sentence; /* for _() */
	bool is_host;         /* of addresses: hosts are called so, too */
	bool is_alone;        /* of addresses: it needs nothing behind it */
};

/* Addresses and options: index 0, 1, ... until NULL. */
const struct foreign_words *foreign_address_at(size_t index);
const struct foreign_words *foreign_option_at(size_t index);
/* Those that a word of len bytes is one of, or NULL. Letter case counts nothing. */
const struct foreign_words *foreign_address_find(const char *word, size_t len);
const struct foreign_words *foreign_option_find(const char *word, size_t len);

#endif
