/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of the bytes ask for: see running_dressing.h. */
#include "cli/running_dressing.h"

#include <assert.h>

#include "cli/copies.h"

/* With --null a datagram has so many zeros, which a frame of Ethernet takes. */
#define NULL_DATAGRAM 1400

void running_dressing_set(struct running *rn)
{
	const struct options *options = rn->options;

	static_assert(OPTIONS_UNSET == DRESSING_NO_LIMIT, "an unset limit is none");
	rn->dressing = (struct dressing_wish){
		.witness = copies_witness(rn->copies),
		.limit = options->limit,
		.limit_messages = options->limit_messages,
		.limit_reads = options->limit_reads,
		.pace = { .rate = options->rate, .delay_ns = options->delay_lines_ns },
		.traffic = {
			.is_null = options->is_null,
			.is_discard = options->is_discard,
			.is_echo = options->is_echo,
			.message_size = options->datagram == DATAGRAM_SIZE ? options->datagram_size : NULL_DATAGRAM,
		},
		.is_crlf = options->is_crlf,
		.is_telnet = options->is_telnet,
		.is_line = options->is_line && options->is_keep_open,
		.tally = options->is_progress ? &rn->tally : NULL,
	};
	if (dressing_is_wanted(&rn->dressing))
		rn->engine.dressing = &rn->dressing;
}
