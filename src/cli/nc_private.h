/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the translation share. For nc_*.c only. */
#ifndef SOCKT_CLI_NC_PRIVATE_H
#define SOCKT_CLI_NC_PRIVATE_H

#include "cli/nc.h"

/* Add a word to our command; add an option and its argument. Both are copied. */
void nc_add(struct nc_command *command, const char *word);
void nc_add_option(struct nc_command *command, const char *option, const char *argument);
/* Put a sentence into error. Returns -EINVAL. */
int nc_refuse(char *error, const char *sentence);

/* The argument of a letter; NULL: it was not given. Is it a time, and none at all: 0? */
const char *nc_argument(const struct nc_line *line, char letter);
bool nc_is_zero(const struct nc_line *line, char letter);

/* Only tried, by connecting: -z of what is no port of TCP or UDP. */
bool nc_is_tried(const struct nc_line *line);
/* When it ends: -N, -d, -q, -w, -k, -l; and what -z waits for. */
void nc_add_ending(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around);

/*
 * Is it -n -s NAME? nc looks that name up, whatever -n says of the target; with us -n forbids it, and says nothing more
 * of a target that is a number.
 */
bool nc_is_from_name(const struct nc_line *line);
/* Is it -6 -l, which with nc takes clients of IPv4 as well, since it listens on every address? */
bool nc_is_for_both(const struct nc_line *line);
/* Where it listens, or connects to, and from where. 0, or -EINVAL with the mistake in error. */
int nc_add_places(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around,
		  char *error);

/* What -T KEYWORD is with us (NULL: it was not given), and -x, -X and -P. 0, or -EINVAL with the mistake in error. */
int nc_add_class(struct nc_command *command, const char *keyword, char *error);
int nc_add_proxy(struct nc_command *command, const struct nc_line *line, char *error);

#endif
