/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the data on their way. */
#include "cli/options_records.h"

const struct option_record options_data[] = {
	[OPTION_DATAGRAM - OPTION_FIRST_DATA] = {
		.name = "datagram",
		.argument = "read|line|SIZE",
		.commands = BOTH,
		.apply = apply_datagram,
		.help = N_("what becomes one datagram: what one read gives (the default), a line, "
			   "or SIZE bytes"),
	},
	[OPTION_RAW - OPTION_FIRST_DATA] = {
		.name = "raw",
		.commands = BOTH,
		.apply = apply_flag,
		.offset = FILLS(is_raw),
		.help = N_("do not escape what arrives, although it goes to a terminal"),
	},
};

static_assert(ARRAY_LEN(options_data) == OPTION_END_DATA - OPTION_FIRST_DATA, "a record for each id");
