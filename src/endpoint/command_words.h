/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of a command line that a person wrote in one argument (--exec), split without a shell: nothing is looked
 * up or replaced. Pure.
 *
 *     blank, tab, newline   part words
 *     'TEXT'                as it is; '' is an empty word
 *     "TEXT"                as it is, but \" \\ \$ and \` stand for their second character, as in sh(1)
 *     \C                    the character C
 */
#ifndef SOCKT_ENDPOINT_COMMAND_WORDS_H
#define SOCKT_ENDPOINT_COMMAND_WORDS_H

#include <stddef.h>

/* Room for an error. */
#define COMMAND_WORDS_ERROR_MAX 160

/*
 * Split text. Returns 0 and *argv, ended by NULL, with at least one word, to be given back by one free(); or -EINVAL
 * and a sentence in error (COMMAND_WORDS_ERROR_MAX bytes): a quote that is not closed, a backslash at the end, no word
 * at all, an empty first word.
 */
int command_words_parse(const char *text, char ***argv, char *error);
/* The words of a command for the shell: /bin/sh -c TEXT. The same. */
int command_words_shell(const char *text, char ***argv, char *error);
/* A copy, to be given back by one free(). */
char **command_words_copy(char *const *argv);

#endif
