/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of nc, as Debian's netcat-openbsd has it: its letters, and the command of ours that does the same.
 * Pure: nothing is opened, looked up or printed here. What is said while it runs is in nc_telling.h.
 */
#ifndef SOCKT_CLI_NC_H
#define SOCKT_CLI_NC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint/port_list.h"

#define NC_ERROR_MAX 512
#define NC_LETTERS 128 /* letters are ASCII */
#define NC_WORDS_MAX 96

/* What nc is to do: bits, for a letter may count in several. */
enum nc_mode {
	NC_CONNECT = 1U << 0,
	NC_LISTEN = 1U << 1,
	NC_SCAN = 1U << 2, /* -z of ports of TCP and UDP */
};

/* A letter of nc's. */
struct nc_letter {
	char letter;
	const char *argument; /* as help shows it; NULL: it takes none */
	const char *help;     /* for _() */
	/*
	 * The option of ours that is the same: in these modes (enum nc_mode) it is given, with value, and behind that
	 * what check() made of the argument, in a word of its own. option NULL: nc_translate.c knows what to do.
	 */
	unsigned modes;
	const char *option;
	const char *value;    /* NULL: nothing stands before the argument */
	/* Is the argument one? 0, or -EINVAL with a sentence in error (NC_ERROR_MAX bytes). NULL: ours looks at it. */
	int (*check)(const struct nc_letter *letter, const char *argument, char *error);
	uint64_t min, max;    /* of numbers */
	const char *refusal;  /* why it cannot be done, and what there is instead, for _(); NULL: it can */
};

/* The letters: index 0, 1, ... until NULL, in the order of nc's own help. */
const struct nc_letter *nc_letter_at(size_t index);
/* NULL: nc has no such letter. */
const struct nc_letter *nc_letter_find(char letter);

/* A command line that is read. Its strings are argv's. */
struct nc_line {
	bool is_given[NC_LETTERS];
	const char *arguments[NC_LETTERS]; /* of letters that take one: the last */
	unsigned verbose;                  /* how often -v */
	bool is_help, is_version;          /* asked for: the rest is not read */
	const char **words;                /* what is no letter: host, ports */
	size_t word_count;
};

/*
 * Read argv (without the name of the program). Letters may stand in clusters and behind words, as in nc; "--" ends
 * them. Returns 0, or -EINVAL with the mistake in error (NC_ERROR_MAX bytes, no newline). nc_line_clear() is due in
 * every case.
 */
int nc_line_read(struct nc_line *line, int argc, char **argv, char *error);
void nc_line_clear(struct nc_line *line);
/* Was the letter given? */
bool nc_has(const struct nc_line *line, char letter);

/* The command of ours. */
struct nc_command {
	enum nc_mode mode;
	char *argv[NC_WORDS_MAX + 1]; /* owned, as main() gets it: "sockt", "connect", ..., NULL */
	int argc;
	/*
	 * Several ports are to be connected to, one after another: argv[port_at] is the list of them (port_list.h), in
	 * the place of which each port is to be put. 0: there is one.
	 */
	int port_at;
	int key_at;        /* argv[key_at] is to be a file with the key of -S; 0: there is none */
	bool has_no_input; /* standard input is to be /dev/null */
};

/* What the translation has to know of the run. */
struct nc_surroundings {
	bool is_input_file;           /* standard input is a file: it has an end, and that comes by itself */
	port_list_lookup_fn *service; /* finds ports by name, which -n does not forbid; ctx: the protocol */
};

/*
 * Make our command of nc's. Returns 0, or -EINVAL with what nc could not do, or we cannot, in error (NC_ERROR_MAX
 * bytes). Whether hosts, ports and paths are any is not looked at: our command does that. nc_command_clear() is due in
 * every case.
 */
int nc_translate(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around,
		 char *error);
void nc_command_clear(struct nc_command *command);

/*
 * The command as a person can type it into a shell: words quoted where they have to be, and nothing in it that a
 * terminal would take for its own; where it is to have no input, "< /dev/null" behind it. To be freed.
 */
char *nc_command_format(const struct nc_command *command);

#endif
