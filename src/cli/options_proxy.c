/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options about proxies. */
#include "cli/options_records.h"

static const struct option_word server_words[] = {
	{ "http", PROXY_SERVER_HTTP },
	{ "socks5", PROXY_SERVER_SOCKS5 },
	{ NULL, 0 },
};

/* It stands for -k, too: a proxy of one client is of little use. */
static int apply_proxy_server(struct options *options, const struct option_record *record, const char *argument,
			      char *error)
{
	options->is_keep_open = true;
	options->seen[OPTION_KEEP_OPEN / 64] |= UINT64_C(1) << OPTION_KEEP_OPEN % 64;
	return apply_word(options, record, argument, error);
}

const struct option_record options_proxy[] = {
	[OPTION_PROXY - OPTION_FIRST_PROXY] = {
		.name = "proxy",
		.argument = "KIND://[USER:PASSWORD@]HOST:PORT",
		.commands = CONNECT | RELAY,
		.apply = apply_proxy,
		.help = N_("connect through this proxy: http, socks5h (resolves there), socks5 (resolves "
			   "here), socks4a, socks4; repeated: a chain, the first is the first hop"),
	},
	[OPTION_PROXY_SERVER - OPTION_FIRST_PROXY] = {
		.name = "proxy-server",
		.argument = "http|socks5",
		.commands = LISTEN,
		.apply = apply_proxy_server,
		.offset = FILLS(proxy_server),
		.words = server_words,
		.help = N_("be a proxy, for many clients: each says where it wants to go, and is connected to that"),
		.topic = "proxy",
	},
	[OPTION_PROXY_AUTH_FILE - OPTION_FIRST_PROXY] = {
		.name = "proxy-auth-file",
		.argument = "FILE",
		.commands = MOVERS,
		.apply = apply_text,
		.offset = FILLS(proxy_auth_file),
		.help = N_("USER:PASSWORD for the first proxy, in the first line of FILE (the variable "
			   "SOCKT_PROXY_AUTH, too)"),
		.other = { { LISTEN, N_("who may use the proxy server: USER:PASSWORD in each line of FILE") } },
	},
};

static_assert(ARRAY_LEN(options_proxy) == OPTION_END_PROXY - OPTION_FIRST_PROXY, "a record for each id");
