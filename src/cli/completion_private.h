/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the scripts of all shells are made from. For completion*.c only. */
#ifndef SOCKT_CLI_COMPLETION_PRIVATE_H
#define SOCKT_CLI_COMPLETION_PRIVATE_H

#include "base/buf.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/nc.h"
#include "cli/options_table.h"

/* What stands where an argument is typed. */
enum completes {
	COMPLETES_NOTHING = 0, /* nobody can know */
	COMPLETES_WORDS,       /* one of some words */
	COMPLETES_FILES,
	COMPLETES_DIRECTORIES,
	COMPLETES_USERS,
	COMPLETES_HOSTS,
	COMPLETES_PROGRAMS,    /* a program, and its arguments behind it */
	COMPLETES_NAMED_FILES, /* one of some words; behind it and a colon a file: json:FILE */
};

/*
 * What the argument of an option is. COMPLETES_WORDS and COMPLETES_NAMED_FILES: words gets them, with blanks between,
 * each as the shell is to put it; one that goes on ends with ":", "=" or "/".
 */
enum completes completion_of_option(const struct option_record *option, struct text *words);
/* Is the option offered to a command: one that it has, or, to help, one that it explains? */
bool completion_is_offered(const struct option_record *option, const struct command *command);
/* Has the option an argument there that stands behind it? What help explains has none. */
bool completion_takes_argument(const struct option_record *option, const struct command *command);
/* What the argument of a letter of nc is; it has one. */
enum completes completion_of_letter(const struct nc_letter *letter);
/* May the argument of an option be missing? Then it stands behind "=" only, and the next word is another one. */
bool completion_is_optional(const struct option_record *option);
/*
 * What may stand behind the comma of an option's argument that is COMPLETES_NAMED_FILES, with blanks between. Returns
 * dst.
 */
const char *completion_tails(const struct option_record *option, char *dst, size_t size);

/* Room for the longest list: the topics. */
#define COMPLETION_WORDS_MAX 8192
#define COMPLETION_KINDS_MAX 512

/* The words of an endpoint; all are empty where a command takes none. */
struct completion_endpoint {
	char kinds[COMPLETION_KINDS_MAX];   /* as each goes on, with blanks between: "tcp: stdio" */
	char options[COMPLETION_WORDS_MAX]; /* likewise: "nodelay ttl=" */
	char files[COMPLETION_KINDS_MAX];   /* the kinds that are files */
	char programs[COMPLETION_KINDS_MAX];
	char hosts[COMPLETION_KINDS_MAX];     /* those of a host, with a port behind it */
	char addresses[COMPLETION_KINDS_MAX]; /* the options whose value is one */
	bool is_port_alone;                   /* a port is an endpoint, as the name of a service is */
};

/* What a command takes; between is what stands between the names of kinds, and of addresses. */
void completion_fill_endpoint(const struct command *command, const char *between, struct completion_endpoint *words);
/* The letters of nc ("-4"), with blanks between. */
void completion_add_letters(struct text *words);
/* The topics and groups of `sockt help`. */
void completion_add_topics(struct text *words);

/* One function a shell. */
void completion_print_bash(FILE *out);
void completion_print_zsh(FILE *out);
void completion_print_fish(FILE *out);

#endif
