/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a step is made, in one line, before it is made: for those who are asked about it (--step). Right for the address,
 * the role and the protocol at hand, and it promises nothing that only the answer can tell. Pure.
 */
#ifndef SOCKT_TRACE_EXPLAIN_NEXT_H
#define SOCKT_TRACE_EXPLAIN_NEXT_H

#include "base/buf.h"
#include "trace/event.h"

#define EXPLAIN_NEXT_COLUMNS 70 /* no sentence with usual values is wider */

/* What is known of a step that is about to be made. */
struct explain_next {
	struct event event; /* as it will be, without result and error */
	enum side role;     /* whose socket it is: a server's, from accept() too, or a client's; SIDE_NONE: not known */
	uint64_t unread;    /* bytes that have come, of RECV and CLOSE; of datagrams the size of the next one */
	bool is_end;        /* nothing is unread any more, and nothing more comes */
	bool has_error;     /* nothing is unread, and an error waits to be told */
};

/* Add the line to text, without a newline and with nothing unescaped. A step without a row has its purpose. */
void explain_next(const struct explain_next *next, struct text *text);

#endif
