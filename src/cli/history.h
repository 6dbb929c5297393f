/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that were typed, kept across runs in a file: a line each, the newest last, readable by nobody else. */
#ifndef SOCKT_CLI_HISTORY_H
#define SOCKT_CLI_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

/* As many are kept. */
#define HISTORY_LINES_MAX 1000
/* A longer line is not kept. */
#define HISTORY_LINE_MAX 4096

/*
 * Where the file is, unless somebody says otherwise: $XDG_STATE_HOME/sockt/history, else ~/.local/state/sockt/history
 * (XDG Base Directory Specification). Returns false where neither is known.
 */
bool history_path(char *dst, size_t size);

/* Call each with every line that is kept, the oldest first. A file that is not there has none. */
void history_read(const char *file, void (*each)(void *ctx, const char *line), void *ctx);

/*
 * Add a line. Files and directories are made (0600, 0700), one that others may read is so no more. What fails is not
 * told: a history is a comfort. A line with a newline in it, or one too long, is not kept.
 */
void history_add(const char *file, const char *line);

/* Where more than HISTORY_LINES_MAX lines are kept, forget the oldest. */
void history_trim(const char *file);

#endif
