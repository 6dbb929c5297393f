/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that are started, in text: see text_process.h. */
#include "trace/text_process.h"

#include <inttypes.h>
#include <sys/wait.h>

#include "trace/names.h"

/* A person may be in very many. */
#define GROUPS_SHOWN 16

void text_spawn(struct text *line, const struct event *event, const struct text_view *view)
{
	char *const *argv = event->args->spawn.argv;

	(void)view;
	text_add(line, "posix_spawnp(");
	text_string(line, argv[0]);
	text_add(line, ", {");
	for (size_t i = 0; argv[i] != NULL; i++) {
		text_add(line, i == 0 ? "" : ", ");
		text_string(line, argv[i]);
	}
	text_add(line, "})");
}

void text_spawn_ends(struct text *line, const union step_args *args)
{
	text_addf(line,
		  args->spawn.has_pty ? _("its terminal is written to by %1$d and read from by %2$d") :
					_("%1$d writes to its standard input, %2$d reads its standard output"),
		  args->spawn.in, args->spawn.out);
}

void text_waitpid(struct text *line, const struct event *event, const struct text_view *view)
{
	int status = event->args->waitpid.status;
	char name[32];

	(void)view;
	text_addf(line, "waitpid(%d", event->args->waitpid.pid);
	if (event->error == 0 && WIFSIGNALED(status))
		text_addf(line, ", WTERMSIG %s", name_signal(WTERMSIG(status), name, sizeof(name)));
	else if (event->error == 0)
		text_addf(line, ", WEXITSTATUS %d", WEXITSTATUS(status));
	text_add(line, ")");
}

void text_fchmod(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "fchmod(%d, 0%" PRIo32 ")", event->fd, event->args->fchmod.mode);
}

void text_lchown(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;

	(void)view;
	text_add(line, "lchown(");
	text_string(line, args->lchown.path);
	text_addf(line, ", %" PRId64 ", %" PRId64 ")", event_id_number(args->lchown.owner),
		  event_id_number(args->lchown.group));
}

void text_fchmodat(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_add(line, "fchmodat(AT_FDCWD, ");
	text_string(line, event->args->fchmodat.path);
	text_addf(line, ", 0%" PRIo32 ", AT_SYMLINK_NOFOLLOW)", event->args->fchmodat.mode);
}

void text_chroot(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_add(line, "chroot(");
	text_string(line, event->args->chroot.path);
	text_add(line, ")");
}

void text_setgroups(struct text *line, const struct event *event, const struct text_view *view)
{
	size_t size = event->args->setgroups.size;

	(void)view;
	if (size == 0) {
		text_add(line, "setgroups(0, NULL)");
		return;
	}
	text_addf(line, "setgroups(%zu, {", size);
	for (size_t i = 0; i < size && i < GROUPS_SHOWN; i++)
		text_addf(line, "%s%" PRIu32, i == 0 ? "" : ", ", event->args->setgroups.list[i]);
	text_add(line, size > GROUPS_SHOWN ? ", ...})" : "})");
}

void text_setid(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "%s(%" PRIu32 ")", step_name(event->step), event->args->setid.id);
}

void text_pass(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "sendmsg(%d, SCM_RIGHTS {%d})", event->fd, event->args->pass.passed);
}
