/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say what is shown. */
#include "cli/options_records.h"

#define PREVIEW_MAX 65536

static const struct option_word color_words[] = {
	{ "auto", TERM_COLOR_AUTO },
	{ "always", TERM_COLOR_ALWAYS },
	{ "never", TERM_COLOR_NEVER },
	{ NULL, 0 },
};

const struct option_record options_shown[] = {
	[OPTION_STATS - OPTION_FIRST_SHOWN] = {
		.name = "stats",
		.argument = "TIME",
		.commands = RELAY,
		.apply = apply_time,
		.offset = FILLS(stats_ns),
		.min = 1,
		.help = N_("show totals and rates every TIME"),
	},
	[OPTION_SANDBOX - OPTION_FIRST_SHOWN] = {
		.name = "sandbox",
		.commands = RUNNERS,
		.apply = apply_flag,
		.offset = FILLS(is_sandbox),
		.help = N_("run in a network of its own, in which there is nothing but loopback"),
	},
	[OPTION_LESSONS - OPTION_FIRST_SHOWN] = {
		.name = "lessons",
		.commands = COMMAND_SHELL,
		.apply = apply_flag,
		.offset = FILLS(is_lessons),
		.help = N_("list the lessons: scripts that are played by their number or name (sockt shell 03), unless "
			   "there is a file called so"),
		.topic = "shell",
	},
	[OPTION_ANSWERS - OPTION_FIRST_SHOWN] = {
		.name = "answers",
		.commands = COMMAND_SHELL,
		.apply = apply_flag,
		.offset = FILLS(is_answers),
		.help = N_("show the answers to the questions of a lesson, too"),
	},
	[OPTION_VERBOSE - OPTION_FIRST_SHOWN] = {
		.letter = 'v',
		.commands = RUNNERS,
		.apply = apply_count,
		.offset = FILLS(verbose),
		.max = 3,
		.help = N_("show each step; -vv also sends and receives, -vvv all data"),
		.topic = "trace",
	},
	[OPTION_QUIET - OPTION_FIRST_SHOWN] = {
		.name = "quiet",
		.commands = MOVERS,
		.apply = apply_flag,
		.offset = FILLS(is_quiet),
		.help = N_("say nothing but what failed or was lost"),
	},
	[OPTION_EXPLAIN - OPTION_FIRST_SHOWN] = {
		.name = "explain",
		.commands = RUNNERS,
		.apply = apply_flag,
		.offset = FILLS(is_explaining),
		.help = N_("say behind the first step of each kind what it does and why; as -v at least"),
		.topic = "trace",
	},
	[OPTION_STEP - OPTION_FIRST_SHOWN] = {
		.name = "step",
		.commands = RUNNERS,
		.apply = apply_flag,
		.offset = FILLS(is_stepping),
		.help = N_("stop before each step, say what comes next, and ask at the terminal; as -v at least"),
		.topic = "step-mode",
	},
	[OPTION_PACKETS - OPTION_FIRST_SHOWN] = {
		.name = "packets",
		.commands = RUNNERS,
		.apply = apply_flag,
		.offset = FILLS(is_packets),
		.help = N_("show the packets of each connection between the calls (needs CAP_NET_RAW)"),
	},
	[OPTION_TRACE - OPTION_FIRST_SHOWN] = {
		.name = "trace",
		.argument = "KIND[:FILE][,level=N]",
		.commands = RUNNERS,
		.apply = apply_trace,
		.min = 1,
		.max = 3,
		.help = N_("write the steps as text, json, ladder, svg, html, pcap or c, to FILE (fd:N: a "
			   "descriptor) or standard error; repeatable"),
	},
	[OPTION_PREVIEW - OPTION_FIRST_SHOWN] = {
		.name = "preview",
		.argument = "N",
		.commands = RUNNERS,
		.apply = apply_number,
		.offset = FILLS(preview),
		.max = PREVIEW_MAX,
		.help = N_("show N bytes of each send and receive (32) at level 2; 0: none"),
		.topic = "trace",
	},
	[OPTION_COLOR - OPTION_FIRST_SHOWN] = {
		.name = "color",
		.argument = "auto|always|never",
		.commands = RUNNERS,
		.apply = apply_word,
		.offset = FILLS(color),
		.words = color_words,
		.help = N_("colour in the trace; auto: on a terminal, unless NO_COLOR is set"),
	},
};

static_assert(ARRAY_LEN(options_shown) == OPTION_END_SHOWN - OPTION_FIRST_SHOWN, "a record for each id");
