/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run tells the person at standard error: sentences, failures with their causes and cures. */
#ifndef SOCKT_CLI_TELLING_H
#define SOCKT_CLI_TELLING_H

#include "cli/options.h"
#include "engine/run.h"

/* "sockt: " and a sentence. */
void telling_line(const char *sentence);
/* A line as it is, without "sockt: " and never broken. */
void telling_plain(const char *line);
/* A trace file (NULL: standard error) cannot be written, for error (errno). Returns STATUS_OUTPUT. */
int telling_file(const char *file, int error);
/*
 * A trace file is written or read by this run already, as another trace or as standard input, output or error. Returns
 * STATUS_OUTPUT.
 */
int telling_file_in_use(const char *file);
/*
 * How the run failed, if it did: the first line always, causes and cures (facts are gathered for them) where standard
 * error is a terminal or with -v. Where a json sink writes to standard error, as note events.
 */
void telling_result(struct stepper *st, const struct run_result *result, const struct options *options,
		    bool has_stderr_sink);

#endif
