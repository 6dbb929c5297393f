/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `listen --http` answers: to every request the same status, fields and content, which is a text or the file of
 * a name, opened anew for each request; to what is no request, what is wrong with it.
 */
#ifndef SOCKT_STREAM_HTTP_ANSWER_H
#define SOCKT_STREAM_HTTP_ANSWER_H

#include "stream/http_fields.h"

/* What a listener was asked to answer. */
struct http_service {
	unsigned status;
	const char *text;    /* the content; "": none */
	const char *file;    /* its path, in the place of text; NULL: none */
	struct http_given given;
	const char *product; /* for the field Server: "sockt/1.0" */
	bool is_keep_alive;
	bool is_crowd;       /* requests of several clients are to be kept apart */
	bool is_shown;       /* requests go to a terminal: each ends with a newline there */
};

/* One answer, while it is sent. Zeroed but for fd = -1: none. */
struct http_answer {
	struct buf head;     /* what of it is still to be sent */
	unsigned status;
	uint64_t head_bytes, body_bytes; /* of the whole */
	const char *text;    /* what of the content is still to be sent */
	size_t text_len;
	int fd;              /* of the file; -1: none */
	uint64_t file_left;
	bool is_last;        /* the connection ends with it */
};

/* What has to be known of a request to answer it. */
struct http_asked {
	enum http_mistake mistake; /* NONE: nothing is wrong with it */
	bool is_head;        /* HEAD: the fields, but no content */
	bool wants_more;     /* the client wants to keep the connection */
	bool is_old;         /* ... and speaks HTTP/1.0, which has to be told that it is kept */
};

/* Make the answer to a request. Returns 0, or the errno of a file that cannot be read: then it says 500. */
int http_answer_make(struct http_answer *answer, const struct http_service *service, const struct http_asked *asked);
/* Is something of it still to be sent? */
bool http_answer_is_open(const struct http_answer *answer);
/* Take up to size bytes of it. Returns how many, or -errno where the file has become shorter (EIO) or fails. */
ssize_t http_answer_read(struct http_answer *answer, char *buf, size_t size);
/* Give back what it owns; there is none then. */
void http_answer_clear(struct http_answer *answer);
/* Has a reply of that status content at all? (RFC 9110, section 6.4.1) */
bool http_status_has_content(unsigned status);

#endif
