/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of ends.h share: the sockets, and the datagrams on their way between two of them. */
#ifndef SOCKT_TRACE_ENDS_PRIVATE_H
#define SOCKT_TRACE_ENDS_PRIVATE_H

#include "trace/ends.h"

#define ENDS_MAX 4096       /* more sockets than these are not followed: the oldest is forgotten */
#define DATAGRAMS_MAX 4096  /* and datagrams that nobody has taken */
#define DATAGRAM_PREFIX 64  /* bytes by which one is known again */

/* One that was sent to a socket of this program and has not been taken, or was lost. */
struct ends_datagram {
	struct ends_datagram *next; /* in the order of sending */
	struct end *from;           /* NULL: closed meanwhile */
	struct end *to;
	uint64_t number;
	size_t len, known;
	char prefix[DATAGRAM_PREFIX];
};

/* The connection that a session was last seen to be of. */
struct ends_known {
	uint32_t session, connection;
};

struct ends {
	struct end *first;
	size_t count;
	struct end *doomed; /* closed with the last event; NULL: none */
	uint32_t connections;
	struct ends_datagram *datagrams, *datagrams_last;
	size_t datagram_count;
	uint64_t datagram_number; /* of the last one */
	struct ends_known *known; /* ENDS_MAX of them, where a session has its place by its number; NULL: nobody asks */
};

/* One was sent. Returns its number. */
uint64_t ends_datagram_add(struct ends *ends, struct end *from, struct end *to, const struct event *event);
/*
 * One was taken: the oldest of those to that socket with these bytes. Those before it were lost. Returns its number,
 * and who sent it (NULL: closed since); 0: it is none of this program's.
 */
uint64_t ends_datagram_take(struct ends *ends, const struct end *to, const struct event *event, struct end **from_out);
/* A socket is no more: what was sent to it is lost. */
void ends_datagrams_forget(struct ends *ends, const struct end *end);

#endif
