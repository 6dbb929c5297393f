/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of listeners. */
#include "cli/options_records.h"

static const struct option_word slow_words[] = {
	{ "wait", SLOW_WAIT },
	{ "drop", SLOW_DROP },
	{ NULL, 0 },
};

/* --broker and --chat: they stand for -k, too. */
static int apply_crowd(struct options *options, const struct option_record *record, const char *argument, char *error)
{
	options->is_keep_open = true;
	options->is_broker = true;
	options->seen[OPTION_KEEP_OPEN / 64] |= UINT64_C(1) << OPTION_KEEP_OPEN % 64;
	return apply_flag(options, record, argument, error);
}

const struct option_record options_listener[] = {
	[OPTION_KEEP_OPEN - OPTION_FIRST_LISTENER] = {
		.name = "keep-open",
		.letter = 'k',
		.commands = LISTEN,
		.apply = apply_flag,
		.offset = FILLS(is_keep_open),
		.help = N_("serve many clients, and go on when they have left"),
	},
	[OPTION_BROKER - OPTION_FIRST_LISTENER] = {
		.name = "broker",
		.commands = LISTEN,
		.apply = apply_crowd,
		.offset = FILLS(is_broker),
		.help = N_("-k, and what one client sends goes to all others"),
	},
	[OPTION_CHAT - OPTION_FIRST_LISTENER] = {
		.name = "chat",
		.commands = LISTEN,
		.apply = apply_crowd,
		.offset = FILLS(is_chat),
		.help = N_("--broker by lines, each with the name of who says it"),
	},
	[OPTION_BACKLOG - OPTION_FIRST_LISTENER] = {
		.name = "backlog",
		.argument = "N",
		.commands = LISTEN | RELAY,
		.apply = apply_int,
		.offset = FILLS(backlog),
		.max = INT_MAX,
		.help = N_("limit of the accept queue (128)"),
		.other = { { RELAY, N_("limit of the accept queue (1024)") } },
	},
	[OPTION_HOLD - OPTION_FIRST_LISTENER] = {
		.name = "hold",
		.commands = LISTEN,
		.apply = apply_flag,
		.offset = FILLS(is_hold),
		.help = N_("accept nobody: clients wait in the accept queue, which -vv shows"),
	},
	[OPTION_TAG - OPTION_FIRST_LISTENER] = {
		.name = "tag",
		.commands = LISTEN,
		.apply = apply_flag,
		.offset = FILLS(is_tag),
		.help = N_("write [N] before each line of client N"),
	},
	[OPTION_SLOW - OPTION_FIRST_LISTENER] = {
		.name = "slow",
		.argument = "wait|drop",
		.commands = LISTEN,
		.apply = apply_word,
		.offset = FILLS(slow),
		.words = slow_words,
		.help = N_("with -k: a client that does not keep up is waited for (the default), "
			   "or dropped"),
		.topic = "broker",
	},
	[OPTION_NO_REUSEADDR - OPTION_FIRST_LISTENER] = {
		.name = "no-reuseaddr",
		.commands = LISTEN | RELAY,
		.apply = apply_flag,
		.offset = FILLS(is_no_reuseaddr),
		.help = N_("do not set SO_REUSEADDR: an address in TIME_WAIT is refused"),
	},
	[OPTION_MODE - OPTION_FIRST_LISTENER] = {
		.name = "mode",
		.argument = "MODE",
		.commands = LISTEN | RELAY,
		.apply = apply_text,
		.offset = FILLS(mode),
		.help = N_("of Unix sockets: the mode of the file, 0600 unless given, which says who may connect"),
	},
	[OPTION_OWNER - OPTION_FIRST_LISTENER] = {
		.name = "owner",
		.argument = "USER[:GROUP]",
		.commands = LISTEN | RELAY,
		.apply = apply_text,
		.offset = FILLS(owner),
		.help = N_("of Unix sockets: whose the file is to be; :GROUP changes the group alone"),
	},
	[OPTION_READY_FD - OPTION_FIRST_LISTENER] = {
		.name = "ready-fd",
		.argument = "N",
		.commands = LISTEN | RELAY,
		.apply = apply_ready_fd,
		.help = N_("write the bound address to descriptor N once it listens, then close N"),
	},
};

static_assert(ARRAY_LEN(options_listener) == OPTION_END_LISTENER - OPTION_FIRST_LISTENER, "a record for each id");
