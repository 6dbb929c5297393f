/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headings of the groups of options in --help. */
#include <assert.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/options_table.h"

static const char *const group_headings[] = {
	[GROUP_ADDRESS] = N_("Addresses"),
	[GROUP_LISTENER] = N_("Listening"),
	[GROUP_ACCESS] = N_("Who may connect"),
	[GROUP_RELAY] = N_("Relaying"),
	[GROUP_HTTP] = N_("HTTP by hand"),
	[GROUP_ENDING] = N_("How it ends"),
	[GROUP_LIMITS] =
		N_("Limits and attempts (TIME: 250ms, 2s, 1m, 1h; a bare number is seconds)"),
	[GROUP_PROXY] = N_("Proxies"),
	[GROUP_DATA] = N_("Data"),
	[GROUP_SCAN] = N_("Trying ports"),
	[GROUP_PROGRAM] = N_("Programs"),
	[GROUP_SOCKET] = N_("Options of the socket"),
	[GROUP_RIGHTS] = N_("Rights of the process"),
	[GROUP_CONSOLE] = N_("On a terminal"),
	[GROUP_SHOWN] = N_("What is shown"),
	[GROUP_HELP] = N_("Help"),
};

static_assert(ARRAY_LEN(group_headings) == GROUP_COUNT, "headings");

const char *option_group_heading(enum option_group group)
{
	return _(group_headings[group]);
}
