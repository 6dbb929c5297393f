/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The explanations of a run as comments of the program that is made of it: of calls that block, and with the names of
 * variables where a trace has the numbers of descriptors. Pure.
 */
#ifndef SOCKT_TRACE_C_COMMENT_H
#define SOCKT_TRACE_C_COMMENT_H

#include "trace/c_calls.h"
#include "trace/event.h"

struct c_commenter;

struct c_commenter *c_commenter_new(bool is_relay);
/* NULL: nothing. */
void c_commenter_free(struct c_commenter *commenter);
/*
 * Learn from the event. Returns what the program says of its step, for c_comment_write(), where it is the first of its
 * kind and there is something to say; NULL else. It lives until the next call.
 */
const char *c_comment_of(struct c_commenter *commenter, const struct event *event);
/*
 * Write the comment of a statement, if it has one: descriptors get the names of their variables. more (may be NULL) is
 * one more paragraph of it.
 */
void c_comment_write(struct c_writer *writer, const struct program_statement *statement, const char *more);

#endif
