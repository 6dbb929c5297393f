/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines that were typed, kept across runs in a file: a line each, the newest last, readable by nobody else. Several
 * programs may add to it at once: who adds and who forgets the oldest lines lock each other out (flock(2)), and nobody
 * waits for that while lines are typed.
 */
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

struct history;

/* Begin to add to file (copied). It is made with the first line, and its directories (0600, 0700). */
struct history *history_open(const char *file);
/*
 * Add a line. A file that others may read is so no more. What fails is not told: a history is a comfort. A line with a
 * newline in it, or one too long, is not kept. Never waits: a line for which the file is locked is added with the next.
 */
void history_add(struct history *history, const char *line);
/* Add what waits still, forget the oldest lines where more than HISTORY_LINES_MAX are kept, and free. NULL: nothing. */
void history_close(struct history *history);

#endif
