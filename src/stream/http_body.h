/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The body of an HTTP message: which bytes behind a head belong to it, and whether it is whole (RFC 9112, sections 6
 * to 8). Pure. Where a message says in two ways how long it is, it is refused.
 */
#ifndef SOCKT_STREAM_HTTP_BODY_H
#define SOCKT_STREAM_HTTP_BODY_H

#include "stream/http_head.h"

/* So long may the line of a chunk's size be, with its extensions; all lines of a trailer are at most HTTP_HEAD_MAX. */
#define HTTP_CHUNK_LINE_MAX ((size_t)4096)

/* How a body ends. */
enum http_framing {
	HTTP_FRAMING_NONE = 0, /* there is none */
	HTTP_FRAMING_LENGTH,   /* after Content-Length bytes */
	HTTP_FRAMING_CHUNKED,  /* after the chunk of size 0, and the trailer */
	HTTP_FRAMING_END,      /* with the connection: of replies only */
};

struct http_body {
	enum http_framing framing;
	enum http_mistake mistake; /* NONE: none so far */
	bool is_whole;
	bool has_digit;   /* of a chunk's size */
	uint8_t state;    /* of a chunked body */
	size_t line_len;  /* bytes of the line, or trailer, so far */
	uint64_t left;    /* bytes that are to come, of the body or of the chunk */
	uint64_t bytes;   /* of content that have come: chunks count without what is between them */
};

/*
 * Begin a body, as head, which is whole, says. method: of the request that a reply answers; of a request unused.
 * Returns 0, or -EPROTO with body->mistake. A body of no bytes is whole at once.
 */
int http_body_begin(struct http_body *body, const struct http_head *head, struct http_span method);
/*
 * Take of len bytes those that belong to the body. Returns how many: all of them until it is whole. -EPROTO: what comes
 * is none, body->mistake says why.
 */
ssize_t http_body_take(struct http_body *body, const char *data, size_t len);
/* The connection has ended. Returns whether the body is whole now. */
bool http_body_end(struct http_body *body);

#endif
