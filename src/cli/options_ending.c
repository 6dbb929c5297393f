/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say when a session ends. */
#include "cli/options_records.h"

static const struct option_word until_words[] = {
	{ "local", UNTIL_LOCAL },
	{ "remote", UNTIL_REMOTE },
	{ "both", UNTIL_BOTH },
	{ NULL, 0 },
};

const struct option_record options_ending[] = {
	[OPTION_QUIT_AFTER - OPTION_FIRST_ENDING] = {
		.name = "quit-after",
		.letter = 'q',
		.argument = "TIME",
		.commands = BOTH,
		.apply = apply_time,
		.offset = FILLS(quit_after_ns),
		.help = N_("once standard input has ended, leave after TIME without data"),
	},
	[OPTION_UNTIL - OPTION_FIRST_ENDING] = {
		.name = "until",
		.argument = "local|remote|both",
		.commands = BOTH,
		.apply = apply_word,
		.offset = FILLS(until),
		.words = until_words,
		.help = N_("end when standard input, the peer, or both have ended"),
	},
	[OPTION_RECV_ONLY - OPTION_FIRST_ENDING] = {
		.name = "recv-only",
		.commands = BOTH,
		.apply = apply_flag,
		.offset = FILLS(is_recv_only),
		.help = N_("never read standard input; end when the peer does"),
		.topic = "ended",
	},
	[OPTION_SEND_ONLY - OPTION_FIRST_ENDING] = {
		.name = "send-only",
		.commands = BOTH,
		.apply = apply_flag,
		.offset = FILLS(is_send_only),
		.help = N_("write out nothing; end when all that was sent is acknowledged"),
		.topic = "ended",
	},
	[OPTION_NO_SHUTDOWN - OPTION_FIRST_ENDING] = {
		.name = "no-shutdown",
		.commands = BOTH,
		.apply = apply_flag,
		.offset = FILLS(is_no_shutdown),
		.help = N_("do not tell the peer that standard input has ended"),
		.topic = "half-close",
	},
	[OPTION_PASS_FD - OPTION_FIRST_ENDING] = {
		.name = "pass-fd",
		.commands = CONNECT,
		.apply = apply_flag,
		.offset = FILLS(is_passing_fd),
		.help = N_("hand the connection over by standard output, a Unix socket, and end"),
	},
};

static_assert(ARRAY_LEN(options_ending) == OPTION_END_ENDING - OPTION_FIRST_ENDING, "a record for each id");
