/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help and --version print, made from the tables of commands and options. */
#ifndef SOCKT_CLI_USAGE_H
#define SOCKT_CLI_USAGE_H

#include "cli/command.h"

#define USAGE_LINE_MAX 256

/* Print to standard output; return 0, or 6 where it cannot be written, with a message. */
int usage_print_program(void);
int usage_print_command(const struct command *command);
int usage_print_version(void);

/* Print a sentence, broken at blanks, behind column columns of a line: further lines begin there, too. */
void usage_print_filled(size_t column, const char *sentence);
/* Write out what is buffered. Returns the exit status, with a message where it is not 0. */
int usage_finish_output(void);

/*
 * Write "usage: sockt NAME ..." in one line, or one for each synopsis, without a newline at the
 * end. Returns dst.
 */
const char *usage_format(const struct command *command, char *dst, size_t size);

/*
 * What main() does where the first argument names no command: --help, --version, nothing at all, a
 * mistake (a message on standard error). Returns the exit status.
 */
int usage_without_command(int argc, char **argv);

#endif
