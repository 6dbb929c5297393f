/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that are started, in text: see text_process.h. */
#include "trace/text_process.h"

#include <sys/wait.h>

#include "trace/names.h"

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
