/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the command line that are set on the socket: see options_sockopt.h. */
#include "cli/options_sockopt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "cli/options_table.h"
#include "endpoint/sockopt_add.h"
#include "endpoint/sockopt_named.h"

#define NAME_SIZE 64

/* Nothing has this name: tell the nearest. */
static int refuse_unknown(const char *name, char *error)
{
	const char *nearest = sockopt_named_near(name);
	char shown[NAME_SIZE];

	escape_c(name, strlen(name), shown, sizeof(shown));
	if (nearest != NULL)
		snprintf(error, OPTIONS_ERROR_MAX, _("--sockopt: there is no option \"%1$s\"; did you mean %2$s?"),
			 shown, nearest);
	else
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--sockopt: there is no option \"%1$s\": IP_TTL, SO_MARK ... as in ip(7) and socket(7), or "
			   "LEVEL:NUMBER"),
			 shown);
	return -EINVAL;
}

/* NAME=VALUE, or NAME alone. */
static int set_named(const struct options *options, struct endpoint *endpoint, const char *argument, char *error)
{
	const char *equals = strchr(argument, '=');
	size_t len = equals == NULL ? strlen(argument) : (size_t)(equals - argument);
	char name[NAME_SIZE], why[PARSE_ERROR_MAX];
	int ret;

	snprintf(name, sizeof(name), "%.*s", len < sizeof(name) ? (int)len : (int)sizeof(name) - 1, argument);
	ret = sockopt_add(endpoint, options->wish.role, name, NULL, equals == NULL ? NULL : equals + 1, why);
	if (ret == -ENOENT)
		return refuse_unknown(name, error);
	if (ret < 0)
		snprintf(error, OPTIONS_ERROR_MAX, "--sockopt: %s", why);
	return ret < 0 ? -EINVAL : 0;
}

/* One with an option of its own: its name is the short name. */
static int set_short(const struct options *options, struct endpoint *endpoint, const struct options_sockopt *wish,
		     char *error)
{
	char dashed[NAME_SIZE], why[PARSE_ERROR_MAX];
	int ret;

	snprintf(dashed, sizeof(dashed), "--%s", wish->record->name);
	ret = sockopt_add(endpoint, options->wish.role, wish->record->name, dashed, wish->argument, why);
	if (ret == -EPERM && strncmp(why, dashed, strlen(dashed)) != 0)
		snprintf(error, OPTIONS_ERROR_MAX, "--%s", why);
	else if (ret < 0)
		snprintf(error, OPTIONS_ERROR_MAX, "%s", why);
	return ret < 0 ? -EINVAL : 0;
}

int options_set_sockopts(const struct options *options, struct endpoint *endpoint, char *error)
{
	char why[PARSE_ERROR_MAX];

	for (size_t i = 0; i < options->sockopt_count; i++) {
		const struct options_sockopt *wish = &options->sockopts[i];
		bool is_any = wish->record == option_at(OPTION_SOCKOPT);

		if ((is_any ? set_named(options, endpoint, wish->argument, error) :
			      set_short(options, endpoint, wish, error)) < 0)
			return -EINVAL;
	}
	if (options->md5_key_file != NULL &&
	    endpoint_set_key_file(endpoint, options->md5_key_file, why) < 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "--%s", why);
		return -EINVAL;
	}
	return 0;
}
