/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the scripts of all shells are made from. For completion*.c only. */
#ifndef SOCKT_CLI_COMPLETION_PRIVATE_H
#define SOCKT_CLI_COMPLETION_PRIVATE_H

#include "base/buf.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/options_table.h"

/* What stands where an argument is typed. */
enum completes {
	COMPLETES_NOTHING = 0, /* nobody can know */
	COMPLETES_WORDS,       /* one of some words */
	COMPLETES_FILES,
	COMPLETES_DIRECTORIES,
	COMPLETES_USERS,
	COMPLETES_PROGRAMS,    /* a program, and its arguments behind it */
	COMPLETES_NAMED_FILES, /* one of some words; behind it and a colon a file: json:FILE */
};

/*
 * What the argument of an option is. COMPLETES_WORDS and COMPLETES_NAMED_FILES: words gets them, with blanks between,
 * each as the shell is to put it; one that goes on ends with ":", "=" or "/".
 */
enum completes completion_of_option(const struct option_record *option, struct text *words);
/* May the argument of an option be missing? Then it stands behind "=" only, and the next word is another one. */
bool completion_is_optional(const struct option_record *option);
/* The kinds of endpoint that a command takes ("tcp:"), with blanks between. None: it takes no endpoint. */
void completion_add_kinds(const struct command *command, struct text *words);
/* The options that endpoints of a command take ("nodelay", "ttl="), with blanks between. */
void completion_add_endpoint_options(const struct command *command, struct text *words);
/* The kinds of endpoint that are files, with blanks or what is between. */
void completion_add_file_kinds(const char *between, struct text *words);
/* The same of those that are of a host, with a port behind it. */
void completion_add_host_kinds(const struct command *command, const char *between, struct text *words);
/* What may stand behind the comma of an option's argument that is COMPLETES_NAMED_FILES, with blanks between. */
void completion_add_tails(const struct option_record *option, struct text *words);
/* The same of those that are programs: of relay only. */
void completion_add_program_kinds(const struct command *command, const char *between, struct text *words);
/* The letters of nc ("-4"), with blanks between. */
void completion_add_letters(struct text *words);
/* The topics and groups of `sockt help`. */
void completion_add_topics(struct text *words);

/* Room for the longest of these: the topics. */
#define COMPLETION_WORDS_MAX 8192

/* One function a shell. */
void completion_print_bash(FILE *out);
void completion_print_zsh(FILE *out);
void completion_print_fish(FILE *out);

#endif
