/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two ends of a connection where both are in this program, as in the shell: each is a socket of its own, and they
 * are known to belong together by their addresses. Unix clients mostly have none: accept() takes them in the order of
 * their connect(). A datagram is followed from the call that sends it to the one that takes it. Pure: events only.
 */
#ifndef SOCKT_TRACE_ENDS_H
#define SOCKT_TRACE_ENDS_H

#include "base/addr.h"
#include "trace/event.h"

struct ends;

enum ends_role {
	ENDS_ROLE_NONE = 0, /* nothing tells yet */
	ENDS_ROLE_CLIENT,   /* connect() was called, or of datagrams: it sent first */
	ENDS_ROLE_SERVER,   /* bound, listening, accepted */
};

/* A socket. */
struct end {
	struct end *next; /* in the order they were made */
	int fd;           /* -1: closed, while nobody has accepted it */
	enum protocol protocol;
	enum ends_role role;
	uint32_t connection; /* which one, from 1, the same for both ends; 0: none yet */
	struct addr local, remote;
	struct end *other;    /* the other end of a stream; NULL: not known, not here, or closed */
	struct end *listener; /* of a client: whose accept() will return the other end; NULL: none, or it has */
	bool is_here : 1;      /* the other end is, was, or will be in this program */
	bool is_listening : 1;
	bool is_up : 1;        /* connected */
	bool has_received : 1; /* of datagrams */
	bool is_cut : 1;       /* a client whose listener was closed before accept(): the kernel has reset it */
	bool is_doomed : 1;    /* closed with the last event */
	uint64_t sent, taken;  /* bytes of a stream: by its calls */
	uint64_t left;         /* that the other end sent, where that is closed */
};

/* What an event is to the two ends. */
struct ends_seen {
	struct end *end;   /* whose it is, until the next event; of ACCEPT the new socket; NULL: not known */
	struct end *other; /* the other end, of a datagram whose it will be, or whose it was; NULL: not known */
	bool is_here;      /* the other end is in this program, or was */
	uint64_t datagram; /* the number of the one that was sent, or taken; 0: none of this program's */
	uint32_t connection; /* 0: none */
	unsigned cut;        /* of the close() of a listener: how many clients waited, and are reset by it */
};

struct ends *ends_new(void);
/* NULL: nothing. */
void ends_free(struct ends *ends);
/* Follow one event. */
struct ends_seen ends_event(struct ends *ends, const struct event *event);
/*
 * Follow one event, and tell which connection it is of; 0: of none. Of a socket that is gone, and of a packet, the
 * session tells.
 */
uint32_t ends_number(struct ends *ends, const struct event *event);
/* How many bytes the other end sent that this one has not received. */
uint64_t ends_unread(const struct end *end);

#endif
