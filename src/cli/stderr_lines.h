/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines at standard error while a run goes on, many of them perhaps: never waiting for who reads them, and in their
 * place beside the trace where that goes there too.
 */
#ifndef SOCKT_CLI_STDERR_LINES_H
#define SOCKT_CLI_STDERR_LINES_H

#include "cli/running.h"

/* "sockt: " and a sentence; with a trace on standard error a note of it. */
void stderr_lines_line(struct running *rn, const char *sentence);
/* The same, but on a terminal one line at its bottom that is kept up to date, above which the others stand. */
void stderr_lines_status(struct running *rn, const char *sentence);
/* A row as it is, with nothing before it, where that is possible: on standard error as JSON it is a note. */
void stderr_lines_row(struct running *rn, const char *row);
/* How many bytes of lines are held for one who reads slowly. */
size_t stderr_lines_held(const struct running *rn);
/* End it: what is said next begins a line. */
void stderr_lines_close(struct running *rn);

#endif
