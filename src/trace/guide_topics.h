/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables behind guide.h: one a file of texts. For guide.c only. */
#ifndef SOCKT_TRACE_GUIDE_TOPICS_H
#define SOCKT_TRACE_GUIDE_TOPICS_H

#include "trace/guide.h"

struct guide_topics {
	const struct guide_topic *topics;
	size_t count;
};

extern const struct guide_topics guide_topics_commands;
extern const struct guide_topics guide_topics_ideas;
extern const struct guide_topics guide_topics_calls;
extern const struct guide_topics guide_topics_calls_data;
extern const struct guide_topics guide_topics_calls_look;
extern const struct guide_topics guide_topics_states;
extern const struct guide_topics guide_topics_errors_net;
extern const struct guide_topics guide_topics_errors_call;
extern const struct guide_topics guide_topics_errors_resource;
extern const struct guide_topics guide_topics_resolver;
extern const struct guide_topics guide_topics_options;
extern const struct guide_topics guide_topics_options_more;
extern const struct guide_topics guide_topics_words;
extern const struct guide_topics guide_topics_words_tcp;
extern const struct guide_topics guide_topics_words_sockt;
extern const struct guide_topics guide_topics_words_shell;
extern const struct guide_topics guide_topics_words_data;

#endif
