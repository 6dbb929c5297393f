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
};

/*
 * What the argument of an option is. COMPLETES_WORDS: words gets them, with blanks between, each as the shell is to put
 * it; one that goes on ends with ":" or "=".
 */
enum completes completion_of_option(const struct option_record *option, struct text *words);
/* The kinds of endpoint that a command takes ("tcp:"), with blanks between. None: it takes no endpoint. */
void completion_add_kinds(const struct command *command, struct text *words);
/* The topics and groups of `sockt help`. */
void completion_add_topics(struct text *words);

/* Room for the longest of these: the topics. */
#define COMPLETION_WORDS_MAX 8192

/* One function a shell. */
void completion_print_bash(FILE *out);
void completion_print_zsh(FILE *out);
void completion_print_fish(FILE *out);

#endif
