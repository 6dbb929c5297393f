/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fields of a head that we write: ours, and those that a person gives (--header "Name: value"). One of theirs takes
 * the place of ours of the same name; one without a value takes ours away.
 */
#ifndef SOCKT_STREAM_HTTP_FIELDS_H
#define SOCKT_STREAM_HTTP_FIELDS_H

#include "base/buf.h"
#include "stream/http_head.h"

/* Fields as they were given, each "Name: value". The strings outlive what uses them. */
struct http_given {
	const char *const *texts;
	size_t count;
};

/* Take one apart. Returns false where it is none. */
bool http_field_split(const char *text, struct http_field *field);
/* Is there one of that name? */
bool http_given_has(const struct http_given *given, const char *name);
/* Add those that have a value, as lines, in their order. */
void http_given_write(struct buf *dst, const struct http_given *given);
/* Add a field of ours, unless given has one of its name. */
void http_field_write(struct buf *dst, const struct http_given *given, const char *name, const char *value);

/*
 * Is a field of this name of the one connection that the head came by, so that nobody passes it on (RFC 9110, section
 * 7.6.1)? What says where the body ends is not, whatever Connection lists: who gets the message has to know.
 */
bool http_field_is_of_connection(const struct http_head *head, struct http_span name);

#endif
