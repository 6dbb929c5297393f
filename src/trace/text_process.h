/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that are started as the text sink writes them: see text_call.h. */
#ifndef SOCKT_TRACE_TEXT_PROCESS_H
#define SOCKT_TRACE_TEXT_PROCESS_H

#include "trace/event.h"
#include "trace/text_words.h"

/* `posix_spawnp("sort", {"sort", "-n"})` */
void text_spawn(struct text *line, const struct event *event, const struct text_view *view);
/* What stands below it: by which descriptors we talk with the program. */
void text_spawn_ends(struct text *line, const union step_args *args);
/* `waitpid(4711, WEXITSTATUS 0)`, `waitpid(4711, WTERMSIG SIGKILL)` */
void text_waitpid(struct text *line, const struct event *event, const struct text_view *view);

#endif
