/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of the text sink: an event as the C call that a manual page knows, and as the lines below it. Colours are
 * marks in the text (text_marks.h).
 */
#ifndef SOCKT_TRACE_TEXT_CALL_H
#define SOCKT_TRACE_TEXT_CALL_H

#include "trace/event.h"
#include "trace/text_marks.h"
#include "trace/text_words.h"

/* Add the call of an event with its result: `bind(5, 127.0.0.1:9000) = 0`. Of NOTE and END: nothing. */
void text_call(struct text *line, const struct event *event, const struct text_view *view);
/* Add what is said behind a call: who the peer is, what a result of 0 means. */
void text_remark(struct text *line, const struct event *event, const struct text_view *view);
/* Add `CLOSE → SYN_SENT`, where the event tells of a change. Returns whether it does. */
bool text_states(struct text *line, const struct event *event, const struct text_view *view);
/* Is the call's duration worth a look? */
bool text_wants_duration(const struct event *event);

/* Receives the parts of text that stand below a call. */
struct text_below {
	/* A line of its own. */
	void (*line)(struct text_below *below, const char *line);
	/* One of several parts, joined by "; " into as few lines as hold them. NULL: no more of them. */
	void (*part)(struct text_below *below, const char *part);
};

/* Give out the lines below an event: both addresses, candidates, facts of TCP, the summary. */
void text_facts(struct text_below *below, const struct event *event, const struct text_view *view);

#endif
