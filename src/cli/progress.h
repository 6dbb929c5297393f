/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a run gets on (--progress): on a terminal one line at its bottom that is kept up to date, elsewhere a line every
 * ten seconds; and one at the end.
 */
#ifndef SOCKT_CLI_PROGRESS_H
#define SOCKT_CLI_PROGRESS_H

#include "cli/running.h"

struct progress;

/* Begin to tell, once the loop is there. */
struct progress *progress_open(struct running *rn);
/* Tell the end. NULL: nothing. */
void progress_close(struct progress *progress);

#endif
