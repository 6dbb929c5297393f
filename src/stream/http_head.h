/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head of an HTTP message: a request line or a status line, and fields (RFC 9112). Pure: it reads bytes that the
 * caller keeps, and knows no socket. What the head says of the body is in http_body.h.
 *
 * What two readers could take for two different things is refused and not guessed: a folded line, a blank before a
 * colon, a control character. A line may end with LF alone, since people type requests (RFC 9112, section 2.2).
 */
#ifndef SOCKT_STREAM_HTTP_HEAD_H
#define SOCKT_STREAM_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/i18n.h"

/*
 * So long may a head be, and so many fields may it have: twice what common servers take (8 to 32 KiB), the number of
 * Apache's. A peer that sends more costs no more memory than this.
 */
#define HTTP_HEAD_MAX ((size_t)64 * 1024)
#define HTTP_FIELDS_MAX 100

/*
 * What can be wrong with a message. X(identifier, the status that a server answers with, sentence)
 * The sentence says what is wrong, for a person and for the body of such an answer.
 */
#define HTTP_MISTAKE_LIST(X)                                                                              \
	X(NONE, 0, "")                                                                                    \
	X(REQUEST_LINE, 400, N_("the first line is not METHOD TARGET HTTP/1.1"))                          \
	X(STATUS_LINE, 502, N_("the first line is not HTTP/1.1 STATUS REASON"))                           \
	X(VERSION, 505, N_("the version is neither HTTP/1.0 nor HTTP/1.1"))                               \
	X(BYTE, 400, N_("there is a control character in the head"))                                      \
	X(FIELD, 400, N_("a line of the head is not NAME: VALUE"))                                        \
	X(BLANK, 400, N_("there is a blank between the name of a field and its colon"))                   \
	X(FOLDED, 400, N_("a line of the head begins with a blank: it would go on with the line before")) \
	X(LONG_LINE, 414, N_("the first line is longer than 64 KiB"))                                     \
	X(LONG, 431, N_("the head is longer than 64 KiB"))                                                \
	X(FIELDS, 431, N_("the head has more than 100 fields"))                                           \
	X(HOST, 400, N_("a request of HTTP/1.1 has one field Host, no more and no less"))                 \
	X(METHOD, 501, N_("CONNECT asks for a tunnel, which only a proxy makes"))                         \
	X(EXPECT, 417, N_("Expect wants something else than 100-continue"))                               \
	X(SHORT, 400, N_("the client ended before its request was whole"))                                \
	X(LATE, 408, N_("the client fell silent before its request was whole (--idle-timeout)"))          \
	X(LENGTH, 400, N_("Content-Length is not a number"))                                              \
	X(LENGTH_HUGE, 400, N_("Content-Length is larger than 2^63 - 1"))                                    \
	X(LENGTHS, 400, N_("Content-Length is there more than once"))                                     \
	X(LENGTH_AND_CODING, 400, N_("Content-Length and Transfer-Encoding both say where the body ends")) \
	X(CODING, 501, N_("the transfer coding is not chunked"))                                          \
	X(CODING_ORDER, 400, N_("the transfer coding chunked is there twice, or is not the last"))        \
	X(CODING_OLD, 400, N_("there is a Transfer-Encoding, which HTTP/1.0 does not have"))              \
	X(CHUNK_SIZE, 400, N_("a chunk does not begin with its size in hexadecimal"))                     \
	X(CHUNK_END, 400, N_("a chunk is longer than it says"))                                           \
	X(CHUNK_LINE, 400, N_("the line of a chunk's size, or the trailer, is too long or broken"))

enum http_mistake {
#define X(id, status, sentence) HTTP_MISTAKE_##id,
	HTTP_MISTAKE_LIST(X)
#undef X
	HTTP_MISTAKE_COUNT
};

/* The status that a server answers with; 0 of NONE. */
unsigned http_mistake_status(enum http_mistake mistake);
/* The sentence, untranslated. */
const char *http_mistake_sentence(enum http_mistake mistake);

enum http_kind {
	HTTP_REQUEST = 0,
	HTTP_REPLY,
};

/* Some bytes of a head, in the caller's memory; not ended by NUL. */
struct http_span {
	const char *at;
	size_t len;
};

struct http_field {
	struct http_span name, value; /* the value without the blanks around it */
};

struct http_head {
	enum http_kind kind;
	enum http_mistake mistake; /* NONE: none so far */
	size_t scanned;    /* bytes looked at so far */
	size_t line;       /* where the line begins that is being looked at */
	size_t start;      /* where the first line begins: empty lines may come before a request */
	bool has_start;    /* the first line has begun */
	/* Once it is whole: */
	struct http_span method, target; /* of a request */
	struct http_span reason;         /* of a reply; may be empty */
	unsigned status;                 /* of a reply, 100 to 999 */
	unsigned minor;                  /* of the version HTTP/1.minor */
	size_t field_count;
	struct http_field fields[HTTP_FIELDS_MAX];
};

/* Before the first byte of a message. */
void http_head_init(struct http_head *head, enum http_kind kind);
/*
 * Look at the len bytes that have come of a message so far: those of an earlier call with more behind them; they may
 * have moved. What was looked at before is not looked at again. Returns how many bytes the head has, with its empty
 * line; from then on the spans point into data, and it is not to be called again. 0: it is not whole yet. -EPROTO: it
 * is none, head->mistake says why; that is known with the line that is wrong, of a control character with itself.
 */
ssize_t http_head_read(struct http_head *head, const char *data, size_t len);

/* The next field of that name (in any case of letters) behind after; NULL: from the first on. NULL: there is none. */
const struct http_field *http_head_field(const struct http_head *head, const char *name,
					 const struct http_field *after);
/* How many fields of that name there are. */
size_t http_head_count(const struct http_head *head, const char *name);
/* Is token (in any case) in the comma-separated lists of the fields of that name (RFC 9110, section 5.6.1)? */
bool http_head_has_token(const struct http_head *head, const char *name, const char *token);
/*
 * Take the next element, which may be empty, off the front of a comma-separated list. Returns false at its end.
 */
bool http_list_next(struct http_span *list, struct http_span *element);

/* Is the span that word, in any case of letters? */
bool http_span_is(struct http_span span, const char *word);
/* Is it a token (RFC 9110, section 5.6.2): the name of a method, of a field? */
bool http_is_token(const char *bytes, size_t len);
/* May it stand in the value of a field? */
bool http_is_value(const char *bytes, size_t len);
/* The reason that goes with a status ("Not Found"); "" where there is none. Constant. */
const char *http_status_reason(unsigned status);

#endif
