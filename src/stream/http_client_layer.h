/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our end of a session that asks a server for one thing by HTTP (connect --http-get), over standard output: what is
 * read from it is the request, what is written to it is the reply, which is passed on to the output as it came, head
 * and all.
 *
 *     HEAD --(the head is whole; not one of 100 to 199)--> BODY --(and the body)--> ENDED
 *       +----------------(something is wrong, or the server ends)--------------------^
 *
 * ENDED: reading gives the end. What still comes is passed on.
 */
#ifndef SOCKT_STREAM_HTTP_CLIENT_LAYER_H
#define SOCKT_STREAM_HTTP_CLIENT_LAYER_H

#include "step/loop.h"
#include "stream/http_body.h"
#include "stream/http_event.h"
#include "stream/http_fields.h"
#include "stream/layer.h"

/* What is asked for. The strings outlive the layer. */
struct http_ask {
	const char *target;  /* "/index.html" */
	const char *host;    /* for the field Host: "example.org", "[::1]:8080" */
	struct http_given given;
	const char *product; /* for the field User-Agent: "sockt/1.0" */
};

struct http_client_layer {
	struct layer layer;
	struct http_connection connection;
	struct loop *loop;
	struct task *task; /* its session's */
	/* The reply is not whole, as the sentence says. */
	void (*broken)(void *ctx, const char *sentence);
	void *ctx;
	uint8_t state;
	bool is_told;         /* the request, to the trace */
	bool has_peer_ended;
	uint32_t exchanges;   /* 1 once the reply is whole */
	struct buf request;   /* what of it is still to be sent */
	struct buf received;  /* the head, as far as it has come */
	struct http_head *head;
	uint64_t head_bytes;
	struct http_body body;
	struct buf waiting;   /* for the output */
	uint64_t behind;      /* bytes that came behind the reply */
};

/* Put it over below, our output. loop and task outlive it. */
void http_client_layer_init(struct http_client_layer *hc, struct layer *below, const struct http_ask *ask);
/* Give back what it owns; below is not closed. */
void http_client_layer_clear(struct http_client_layer *hc, struct stepper *st);

#endif
