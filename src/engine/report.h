/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A failure as the command prints it: the line that says what failed, and the lines that say why and what to try.
 * Pure: prints nothing itself.
 */
#ifndef SOCKT_ENGINE_REPORT_H
#define SOCKT_ENGINE_REPORT_H

#include "base/buf.h"
#include "engine/facts.h"
#include "trace/failure.h"

/* Room for any report. */
#define REPORT_MAX 4096

/*
 * Add the report of failure to text, every line with its newline:
 *
 *     sockt: connect to 127.0.0.1 port 81: Connection refused (ECONNREFUSED)
 *       why  no socket of this host listens on 127.0.0.1:81: the kernel answered with RST
 *       try  start the server (...)
 *
 *   facts  gathered by facts_gather(); NULL: only the first line is wanted
 * No line is longer than 80 columns, but for a command that is, and the first, which is never broken. A failure of
 * FAILURE_NONE adds nothing; one without a diagnosis has its first line only.
 */
void report_format(const struct failure *failure, const struct facts *facts, struct text *text);

#endif
