/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that are started, and who the process becomes, as the text sink writes them: see text_call.h. */
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
/* `fchmod(3, 0600)` */
void text_fchmod(struct text *line, const struct event *event, const struct text_view *view);
/* `lchown("/run/x.sock", 33, -1)` */
void text_lchown(struct text *line, const struct event *event, const struct text_view *view);
/* `fchmodat(AT_FDCWD, "/run/x.sock", 0660, AT_SYMLINK_NOFOLLOW)` */
void text_fchmodat(struct text *line, const struct event *event, const struct text_view *view);
/* `chroot("/srv/empty")` */
void text_chroot(struct text *line, const struct event *event, const struct text_view *view);
/* `setgroups(2, {100, 65534})` */
void text_setgroups(struct text *line, const struct event *event, const struct text_view *view);
/* `setgid(65534)`, `setuid(65534)` */
void text_setid(struct text *line, const struct event *event, const struct text_view *view);
/* `sendmsg(1, SCM_RIGHTS {5})` */
void text_pass(struct text *line, const struct event *event, const struct text_view *view);

#endif
