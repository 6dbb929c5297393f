/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A negotiation: what a client and a proxy say to each other before the connection through it stands. Pure: it says
 * which bytes are to be sent, and how many are to be received, and is told what came. Who moves them is the tunnel
 * (endpoint/tunnel.h).
 *
 *     SEND <-> RECEIVE ...  -> DONE
 *                           -> AGAIN
 *                           -> FAILED
 */
#ifndef SOCKT_STREAM_NEGOTIATION_H
#define SOCKT_STREAM_NEGOTIATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/http_challenge.h"
#include "stream/http_head.h"
#include "stream/socks.h"

/* Room for all that is sent at once, and for an answer: a head of HTTP is the longest. */
#define NEGOTIATION_OUT_MAX 4096
#define NEGOTIATION_IN_MAX 16384
#define NEGOTIATION_TEXT_MAX 320 /* a host of 255 bytes and its port; words */

/* The kinds of proxies. */
enum hop_kind {
	HOP_HTTP = 0,
	HOP_SOCKS4,
	HOP_SOCKS4A,
	HOP_SOCKS5,
	HOP_SOCKS5H,
	HOP_KIND_COUNT
};

/* What is known of a kind. */
struct hop_kind_record {
	const char *name;    /* as a URL begins: "socks5h" */
	bool resolves_here;  /* the proxy is given an address, not a name */
	bool is_ipv4;        /* it knows no others */
	bool has_user, has_password;
};

const struct hop_kind_record *hop_kind_record(enum hop_kind kind);

/* What a proxy is asked for, and by whom. All of it outlives the negotiation. */
struct negotiation_wish {
	enum hop_kind kind;
	const char *user, *password; /* NULL: none */
	struct socks_target target;
	/* Of HTTP: what the proxy wants to know, as an earlier connection with it has told; filled by one (AGAIN). */
	struct http_challenge *challenge;
	uint64_t cnonce; /* a number that nobody knows beforehand */
};

enum negotiation_act {
	NEGOTIATION_SEND = 0,
	NEGOTIATION_RECEIVE,
	NEGOTIATION_DONE,
	NEGOTIATION_AGAIN, /* on a new connection, for now it is known how to answer (wish.challenge) */
	NEGOTIATION_FAILED,
};

/* Why it failed: the codes of FAILURE_PROXY. X(identifier, JSON word) */
enum negotiation_trouble {
	NEGOTIATION_FINE = 0,
	NEGOTIATION_UNABLE,     /* the kind of proxy cannot be asked for that */
	NEGOTIATION_DIGEST,     /* it wants a digest, and none can be made here */
	NEGOTIATION_AUTH,       /* it wants to know who asks, or does not believe it */
	NEGOTIATION_FORBIDDEN,  /* its rules do not allow it */
	NEGOTIATION_REFUSED,    /* it has tried, or could not */
	NEGOTIATION_BROKEN,     /* what came is no answer of such a proxy */
	NEGOTIATION_ENDED,      /* it ended, or reset, the connection meanwhile */
};

/* One step of it, to be told: who asked for what, and the answer. */
struct negotiation_said {
	const char *request;               /* "methods", "user", "CONNECT"; NULL: nothing is to be told */
	char about[NEGOTIATION_TEXT_MAX];  /* "example.org:80", "alice"; never a secret */
	char answer[NEGOTIATION_TEXT_MAX]; /* "granted" */
	int code;                          /* its number */
	bool is_refusal;
};

struct negotiation {
	struct negotiation_wish wish;
	enum negotiation_act act;
	enum negotiation_trouble trouble;
	uint8_t phase;                     /* of the kind's own */
	uint8_t out[NEGOTIATION_OUT_MAX];
	size_t out_len, sent;
	size_t secret_at, secret_len;      /* of out: what nobody may see */
	uint8_t in[NEGOTIATION_IN_MAX];
	size_t in_len;
	struct http_head head;             /* of HTTP: the answer */
	size_t head_len;                   /* so much of what has come belongs to it; 0: nobody has looked */
	bool is_head;                      /* and that is all of it */
	unsigned interim_count;            /* answers before the answer */
	char offered[NEGOTIATION_TEXT_MAX / 2]; /* of HTTP: how it wants to know who asks */
	struct negotiation_said said;
};

/* Begin: act is SEND, or FAILED where the kind cannot be asked for that. */
void negotiation_begin(struct negotiation *n, const struct negotiation_wish *wish);
/* SEND: the bytes that are still to be sent, and the same as they may be shown (shown: NEGOTIATION_OUT_MAX bytes). */
size_t negotiation_out(const struct negotiation *n, const uint8_t **data, uint8_t *shown);
/* SEND: so many of them are. */
void negotiation_sent(struct negotiation *n, size_t len);
/*
 * RECEIVE: how many bytes of the answer are to be received next; never more than belong to it. 0: only a look at what
 * has come can tell (MSG_PEEK, NEGOTIATION_IN_MAX bytes): negotiation_look() is given it, and this asked again.
 */
size_t negotiation_room(const struct negotiation *n);
void negotiation_look(struct negotiation *n, const uint8_t *data, size_t len);
/* RECEIVE: len bytes have come, as many as there was room for or fewer. n->said is what they tell, if anything. */
void negotiation_take(struct negotiation *n, const uint8_t *data, size_t len);
/* RECEIVE: the proxy has ended the connection, or reset it. */
void negotiation_ended(struct negotiation *n);

/* Write where a target is: "example.org:80", "[::1]:80". Returns dst. */
const char *negotiation_format_target(const struct socks_target *target, char *dst, size_t size);

#endif
