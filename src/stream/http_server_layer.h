/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our end of a session where clients send HTTP requests (listen --http), over standard output: what is written to it is
 * a request, which is passed on to the output as it came; what is read from it is the answer.
 *
 *     HEAD --(the head is whole)--> BODY --(and the body)--> ANSWER --(all of it is read)--> HEAD, or ENDED
 *       +------------(something is wrong)-----------------------^
 *
 * A request is answered once all of it is written to the output. While an answer is read no more is taken: what a
 * client sends meanwhile waits in the kernel. ENDED: reading gives the end, and what still comes is thrown away, so
 * that the client gets the answer and no reset.
 */
#ifndef SOCKT_STREAM_HTTP_SERVER_LAYER_H
#define SOCKT_STREAM_HTTP_SERVER_LAYER_H

#include "step/loop.h"
#include "stream/http_answer.h"
#include "stream/http_body.h"
#include "stream/http_event.h"
#include "stream/layer.h"

/*
 * Where there are several clients, a request up to this size is written to the output when it is whole, so that none
 * stands in the middle of another; of longer ones the rest is, like other data, written as it is read.
 */
#define HTTP_HELD_MAX ((size_t)128 * 1024)

struct http_server_layer {
	struct layer layer;
	const struct http_service *service;
	struct http_connection connection;
	struct loop *loop;
	struct task *task; /* its session's */
	/* Say a sentence to a person: it is about the service, and of a session. */
	void (*say)(void *ctx, uint32_t session, const char *sentence);
	/* The same of an answer that cannot be given to its end, for that errno: reading it fails now. */
	void (*failed)(void *ctx, uint32_t session, int error, const char *sentence);
	void *ctx;
	uint8_t state;
	bool is_released;     /* what waits may go to the output */
	bool has_peer_ended;
	bool is_unheard;      /* nobody takes answers any more */
	bool is_mid_line;     /* what was put into the output last had no newline at its end */
	uint32_t number;      /* of requests */
	uint32_t exchanges;   /* of those, how many are answered */
	struct buf received;  /* the head, as far as it has come */
	struct http_head *head;
	uint64_t head_bytes;
	struct http_body body;
	struct buf waiting;   /* for the output */
	struct buf interim;   /* 100 Continue */
	struct http_answer answer;
	uint64_t thrown;      /* bytes that came behind the last request */
};

/* Put it over below, our output. service, loop and task outlive it. */
void http_server_layer_init(struct http_server_layer *hs, struct layer *below, const struct http_service *service);
/*
 * The client has been silent for too long: one that has begun a request is answered 408, one that has its answers is
 * left, and in both cases our end ends. Returns false where it has asked nothing, or does not read its answer.
 */
bool http_server_layer_expire(struct http_server_layer *hs, struct stepper *st);
/* Write what is left for the output, as far as that goes now, and give back what it owns; below is not closed. */
void http_server_layer_clear(struct http_server_layer *hs, struct stepper *st);

#endif
