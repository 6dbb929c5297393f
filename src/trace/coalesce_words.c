/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts on pieces in words: see coalesce.h. */
#include "trace/coalesce.h"

const char *coalesce_word(enum coalesced_what what)
{
	static const char *const words[] = {
		[COALESCED_NOTHING] = "nothing",
		[COALESCED_SEGMENTS] = "segments",
		[COALESCED_RECEIVES] = "receives",
		[COALESCED_SENDS] = "sends",
	};

	return words[what];
}

/* The sentences: of several that became one (%u: how many), of one that became several; "at least" before each. */
struct sentences {
	const char *joined, *joined_least, *cut, *cut_least;
};

static const struct sentences *sentences_of(const struct event *event)
{
	static const struct sentences segments = {
		N_("%u segments arrived as 1 receive"), N_("at least %u segments arrived as 1 receive"),
		N_("1 segment arrived as %u receives"), N_("1 segment arrived as at least %u receives"),
	};
	static const struct sentences up = {
		N_("%u receives of the client left as 1 send"), N_("at least %u receives of the client left as 1 send"),
		N_("1 receive of the client left as %u sends"), N_("1 receive of the client left as at least %u sends"),
	};
	static const struct sentences down = {
		N_("%u receives of the target left as 1 send"), N_("at least %u receives of the target left as 1 send"),
		N_("1 receive of the target left as %u sends"), N_("1 receive of the target left as at least %u sends"),
	};
	static const struct sentences left = {
		N_("%u sends left as 1 segment"), N_("at least %u sends left as 1 segment"),
		N_("1 send left as %u segments"), N_("1 send left as at least %u segments"),
	};
	static const struct sentences sends = {
		N_("%u sends of the peer arrived as 1 receive"),
		N_("at least %u sends of the peer arrived as 1 receive"),
		N_("1 send of the peer arrived as %u receives"),
		N_("1 send of the peer arrived as at least %u receives"),
	};

	switch ((enum coalesced_what)event->coalesced.what) {
	case COALESCED_NOTHING:
		return NULL;
	case COALESCED_SEGMENTS:
		return &segments;
	case COALESCED_RECEIVES:
		return event->side == SIDE_CLIENT ? &up : &down;
	case COALESCED_SENDS:
		return event->step == STEP_PACKET ? &left : &sends;
	}
	return NULL;
}

void coalesce_format(const struct event *event, struct text *text)
{
	const struct coalesced *coalesced = &event->coalesced;
	const struct sentences *sentences = sentences_of(event);

	if (sentences == NULL)
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (coalesced->pieces > 1)
		text_addf(text, _(coalesced->is_least ? sentences->joined_least : sentences->joined),
			  coalesced->pieces);
	else
		text_addf(text, _(coalesced->is_least ? sentences->cut_least : sentences->cut), coalesced->calls);
#pragma GCC diagnostic pop
	if (coalesced->is_partial)
		text_add(text, _(", not all of them whole"));
}
