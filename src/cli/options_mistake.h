/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said of a wrong command line. Each writes into error (OPTIONS_ERROR_MAX bytes) and
 * returns -EINVAL. Where command may be NULL, no command was named: options of any are meant.
 */
#ifndef SOCKT_CLI_OPTIONS_MISTAKE_H
#define SOCKT_CLI_OPTIONS_MISTAKE_H

#include "cli/options_table.h"

/* element ("--connect") begins the name of one option or more, but is none. command may be NULL. */
int options_mistake_abbreviated(const struct command *command, const char *element, char *error);
/* The option is one of other commands. */
int options_mistake_other_command(const struct command *command, const struct option_record *record,
				  char *error);
/* The option stands at the end, without its argument. */
int options_mistake_no_argument(const struct option_record *record, char *error);
/*
 * getopt_long() could make nothing of element; letter is that within a cluster ("-vz"), '\0' of a
 * long one. command may be NULL.
 */
int options_mistake_unknown(const struct command *command, const char *element, char letter,
			    char *error);
/* There are too few words, or too many. */
int options_mistake_words(const struct options *options, char *error);

#endif
