/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program (program.h) written down in C: a file that a compiler takes and a learner reads. Pure. */
#ifndef SOCKT_TRACE_C_PROGRAM_H
#define SOCKT_TRACE_C_PROGRAM_H

#include "trace/c_source.h"
#include "trace/program.h"

/* What the head of the file says of the run. */
struct c_run {
	int argc;
	char *const *argv; /* secrets masked */
	const char *file;  /* as the program is called, with its directories; NULL: it has no name */
};

/* Write the whole file. The program may still go on: what is open at its end is closed. */
void c_program_write(struct source *source, const struct program *program, const struct c_run *run);

#endif
