/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reception: what a proxy and its client say to each other before the connection through it stands; the other side
 * of a negotiation. Pure: it says what is to be received and sent, and where to connect to.
 *
 *     RECEIVE <-> SEND ... -> CONNECT --(reception_connected)--> GRANT -> OPEN
 *       any of them -> REFUSE -> OVER
 */
#ifndef SOCKT_STREAM_RECEPTION_H
#define SOCKT_STREAM_RECEPTION_H

#include "stream/http_body.h"
#include "stream/socks.h"
#include "stream/users.h"

#define RECEPTION_IN_MAX 16384
#define RECEPTION_OUT_MAX 20480 /* a head, and what is added to it */
#define RECEPTION_TEXT_MAX 320
#define RECEPTION_NAME_MAX 32

enum reception_kind {
	RECEPTION_HTTP = 0,
	RECEPTION_SOCKS5,
};

/* What all receptions of a proxy have in common. */
struct reception_rules {
	enum reception_kind kind;
	const struct users *users;     /* who may ask; NULL: everybody */
	char name[RECEPTION_NAME_MAX]; /* of this proxy alone, in Via: by it a loop is seen */
	const struct addr *own;        /* where this proxy listens, own_count of them: so is a loop, too */
	size_t own_count;
};

enum reception_act {
	RECEPTION_RECEIVE = 0,
	RECEPTION_SEND,    /* to the client; more is to be received then */
	RECEPTION_CONNECT, /* to target: reception_connected() or reception_refuse() says what came of it */
	RECEPTION_GRANT,   /* send, to the client or with is_forward to the target; then both may talk */
	RECEPTION_OPEN,
	RECEPTION_REFUSE,  /* send to the client, and end */
	RECEPTION_OVER,
};

/* Why something is refused. */
enum reception_cause {
	RECEPTION_BAD = 0,     /* the request is none that a proxy takes */
	RECEPTION_LOOP,        /* it would lead back to this proxy */
	RECEPTION_NO_NETWORK,  /* ENETUNREACH */
	RECEPTION_NO_HOST,     /* EHOSTUNREACH, no such name */
	RECEPTION_NO_LISTENER, /* ECONNREFUSED */
	RECEPTION_TOO_LATE,    /* the target has not answered */
	RECEPTION_FAILED,      /* else */
	RECEPTION_SLOW,        /* the client has not asked in time */
};

/* What came of a request, to be told. */
struct reception_said {
	const char *request;               /* "CONNECT", "GET", "user"; NULL: nothing is to be told */
	char method[24];
	char about[RECEPTION_TEXT_MAX];    /* "example.org:80", "http://example.org/", "alice" */
	char answer[RECEPTION_TEXT_MAX];   /* "granted", "Bad Gateway" */
	int code;
	bool is_refusal;
};

struct reception {
	const struct reception_rules *rules;
	enum reception_act act;
	uint8_t phase;
	bool is_forward; /* the target gets a request of its own, and no tunnel */
	bool is_head;    /* of HTTP: the head is whole */
	uint8_t in[RECEPTION_IN_MAX];
	size_t in_len, head_len;
	uint8_t out[RECEPTION_OUT_MAX];
	size_t out_len, sent;
	struct http_head head;
	struct http_body body; /* of a request that is forwarded */
	struct socks_target target;
	struct reception_said said;
};

/* rules outlives the reception. */
void reception_begin(struct reception *r, const struct reception_rules *rules);
/* RECEIVE: as negotiation_room(), negotiation_look() and negotiation_take(). */
size_t reception_room(const struct reception *r);
void reception_look(struct reception *r, const uint8_t *data, size_t len);
void reception_take(struct reception *r, const uint8_t *data, size_t len);
/* RECEIVE: may a password be in what is received next? */
bool reception_is_secret(const struct reception *r);
/* SEND, GRANT, REFUSE: the bytes that are still to be sent (none: 0); so many of them are. */
size_t reception_out(const struct reception *r, const uint8_t **data);
void reception_sent(struct reception *r, size_t len);
/* CONNECT: it stands, from local. */
void reception_connected(struct reception *r, const struct addr *local);
/* It will not be. words: why, for the client; may be "". */
void reception_refuse(struct reception *r, enum reception_cause cause, const char *words);

#endif
