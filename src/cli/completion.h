/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion for the shells that people type in, made from the tables of commands, options, kinds and topics: what is
 * in a table is completed, and nothing else has to be kept.
 */
#ifndef SOCKT_CLI_COMPLETION_H
#define SOCKT_CLI_COMPLETION_H

#include <stdio.h>

/* The values that --completion takes. */
enum completion_shell {
	COMPLETION_NONE = 0,
	COMPLETION_BASH,
	COMPLETION_ZSH,
	COMPLETION_FISH,
};

/* Write the script for that shell, not COMPLETION_NONE, to out. Whether it could be written is out's to tell. */
void completion_print(FILE *out, enum completion_shell shell);

#endif
