/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options by which rights are given up. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "base/parse.h"
#include "cli/options_records.h"
#include "trace/names.h"

#define SHOWN_MAX 64 /* of a path in an error */

static_assert(IDENTITY_ERROR_MAX <= PARSE_ERROR_MAX, "an error of the identity is one of apply");

static int apply_user(struct options *options, const struct option_record *record, const char *argument, char *error)
{
	(void)record;
	return identity_find(&options->user, argument, error);
}

/* Its real path, so that nothing depends on where we are when it counts. */
static int apply_chroot(struct options *options, const struct option_record *record, const char *argument, char *error)
{
	char shown[SHOWN_MAX], name[32];
	char *real = realpath(argument, NULL);
	struct stat st;
	int reason = real == NULL ? errno : stat(real, &st) == -1 ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;

	if (reason != 0) {
		free(real);
		escape_c(argument, strlen(argument), shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX, "--%s \"%s\": %s (%s)", record->name, shown, strerror(reason),
			 name_errno(reason, name, sizeof(name)));
		return -EINVAL;
	}
	free(options->chroot);
	options->chroot = real;
	return 0;
}

const struct option_record options_rights[] = {
	[OPTION_USER - OPTION_FIRST_RIGHTS] = {
		.name = "user",
		.argument = "USER[:GROUP]",
		.commands = MOVERS,
		.apply = apply_user,
		.help = N_("once the socket listens become this user for good"),
		.other = { { CONNECT, N_("once the connection stands become this user for good") } },
	},
	[OPTION_CHROOT - OPTION_FIRST_RIGHTS] = {
		.name = "chroot",
		.argument = "DIR",
		.commands = MOVERS,
		.apply = apply_chroot,
		.help = N_("before that make DIR the root of all paths"),
	},
};

static_assert(ARRAY_LEN(options_rights) == OPTION_END_RIGHTS - OPTION_FIRST_RIGHTS, "a record for each id");
