/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a run gets on (--progress): on a terminal one line at its bottom that is kept up to date, elsewhere a line every
 * ten seconds; and one at the end.
 */
#ifndef SOCKT_CLI_PROGRESS_H
#define SOCKT_CLI_PROGRESS_H

#include "cli/running.h"
#include "engine/control_commands.h"

struct progress;

/* Begin to tell, once the loop is there. */
struct progress *progress_open(struct running *rn);
/*
 * What a relay has counted by now, which rn->ask_counts asked for. is_end: it is over, and this is the last. NULL:
 * nothing.
 */
void progress_relay(struct progress *progress, const struct control_stats *stats, bool is_end);
/* Tell the end, where it is not told yet. NULL: nothing. */
void progress_close(struct progress *progress);

#endif
