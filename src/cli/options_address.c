/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say where a socket is to be. */
#include "cli/options_records.h"

const struct option_record options_address[] = {
	[OPTION_IPV4 - OPTION_FIRST_ADDRESS] = {
		.letter = '4',
		.commands = MOVERS,
		.apply = apply_constant,
		.offset = FILLS(wish.family),
		.min = AF_INET,
		.help = N_("IPv4 only"),
	},
	[OPTION_IPV6 - OPTION_FIRST_ADDRESS] = {
		.letter = '6',
		.commands = MOVERS,
		.apply = apply_constant,
		.offset = FILLS(wish.family),
		.min = AF_INET6,
		.help = N_("IPv6 only"),
	},
	[OPTION_UDP - OPTION_FIRST_ADDRESS] = {
		.name = "udp",
		.letter = 'u',
		.commands = MOVERS,
		.apply = apply_flag,
		.offset = FILLS(wish.is_udp),
		.help = N_("UDP instead of TCP; with -U Unix datagrams"),
	},
	[OPTION_UNIX - OPTION_FIRST_ADDRESS] = {
		.name = "unix",
		.letter = 'U',
		.commands = MOVERS,
		.apply = apply_flag,
		.offset = FILLS(wish.is_unix),
		.help = N_("the argument is the path of a Unix socket"),
	},
	[OPTION_NUMERIC - OPTION_FIRST_ADDRESS] = {
		.name = "numeric",
		.letter = 'n',
		.commands = MOVERS,
		.apply = apply_flag,
		.offset = FILLS(wish.is_numeric),
		.help = N_("look up no names: addresses and ports are numbers"),
		.topic = "resolve",
	},
	[OPTION_SOURCE - OPTION_FIRST_ADDRESS] = {
		.name = "source",
		.letter = 's',
		.argument = "ADDR[:PORT]",
		.commands = CONNECT,
		.apply = apply_source,
		.help = N_("connect from this address of this machine, or from that of a name"),
	},
	[OPTION_SOURCE_PORT - OPTION_FIRST_ADDRESS] = {
		.name = "source-port",
		.letter = 'p',
		.argument = "PORT",
		.commands = CONNECT,
		.apply = apply_source_port,
		.max = UINT16_MAX,
		.help = N_("connect from this port"),
	},
};

static_assert(ARRAY_LEN(options_address) == OPTION_END_ADDRESS - OPTION_FIRST_ADDRESS, "a record for each id");
