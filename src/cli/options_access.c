/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say who may connect. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/parse.h"
#include "cli/options_records.h"
#include "engine/access.h"
#include "trace/names.h"

#define FILE_MAX ((size_t)64 << 20)
#define CHUNK ((size_t)64 * 1024)
#define SHOWN_MAX 56 /* of a file's name in an error */

static_assert(ACCESS_ERROR_MAX <= PARSE_ERROR_MAX, "an error of the rules is one of apply");

static struct access *access_of(struct options *options)
{
	if (options->access == NULL)
		options->access = access_new();
	return options->access;
}

/* --allow and --deny: record->min is which. */
static int apply_rules(struct options *options, const struct option_record *record, const char *argument, char *error)
{
	return access_add(access_of(options), (enum access_option)record->min, NULL, argument, strlen(argument), error);
}

/* Read a whole file, which may be a pipe. Returns 0 or -errno (EFBIG: it is too long). */
static int read_file(const char *path, struct buf *content)
{
	char chunk[CHUNK];
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
	ssize_t n;

	if (fd == -1)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) != 0 && ret == 0) {
		if (n > 0)
			buf_append(content, chunk, (size_t)n);
		else if (errno != EINTR)
			ret = -errno;
		if (content->len > FILE_MAX)
			ret = -EFBIG;
	}
	close(fd);
	return ret;
}

/* --allowfile and --denyfile */
static int apply_file(struct options *options, const struct option_record *record, const char *argument, char *error)
{
	char shown[SHOWN_MAX], name[32];
	struct buf content = { 0 };
	int ret = read_file(argument, &content);

	if (ret == 0) {
		ret = access_add(access_of(options), (enum access_option)record->min, argument, buf_peek(&content),
				 content.len, error);
	} else {
		escape_c(argument, strlen(argument), shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX, _("--%1$s: %2$s cannot be read: %3$s (%4$s)"), record->name, shown,
			 strerror(-ret), name_errno(-ret, name, sizeof(name)));
	}
	buf_clear(&content);
	return ret < 0 ? -EINVAL : 0;
}

const struct option_record options_access[] = {
	[OPTION_ALLOW - OPTION_FIRST_ACCESS] = {
		.name = "allow",
		.argument = "RULE[,RULE]...",
		.commands = LISTEN | RELAY,
		.apply = apply_rules,
		.min = ACCESS_ALLOW,
		.help = N_("admit these only: addresses (::1), prefixes (10.0.0.0/8), ranges "
			   "(127.0.0.2-4), host names"),
	},
	[OPTION_DENY - OPTION_FIRST_ACCESS] = {
		.name = "deny",
		.argument = "RULE[,RULE]...",
		.commands = LISTEN | RELAY,
		.apply = apply_rules,
		.min = ACCESS_DENY,
		.help = N_("refuse these, even where --allow has them"),
	},
	[OPTION_ALLOWFILE - OPTION_FIRST_ACCESS] = {
		.name = "allowfile",
		.argument = "FILE",
		.commands = LISTEN | RELAY,
		.apply = apply_file,
		.min = ACCESS_ALLOWFILE,
		.help = N_("the same as --allow, with the rules of FILE (blanks between, # comments)"),
	},
	[OPTION_DENYFILE - OPTION_FIRST_ACCESS] = {
		.name = "denyfile",
		.argument = "FILE",
		.commands = LISTEN | RELAY,
		.apply = apply_file,
		.min = ACCESS_DENYFILE,
		.help = N_("the same as --deny, with the rules of FILE"),
	},
	[OPTION_MAX_PER_HOST - OPTION_FIRST_ACCESS] = {
		.name = "max-per-host",
		.argument = "N",
		.commands = LISTEN | RELAY,
		.apply = apply_number,
		.offset = FILLS(max_per_host),
		.min = 1,
		.max = UINT32_MAX,
		.help = N_("refuse a host that has N clients already"),
		.other = { { LISTEN, N_("with -k: refuse a host that has N clients already") } },
	},
};

static_assert(ARRAY_LEN(options_access) == OPTION_END_ACCESS - OPTION_FIRST_ACCESS, "a record for each id");
