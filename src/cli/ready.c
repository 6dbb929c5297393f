/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling that a socket listens: see ready.h. */
#include "cli/ready.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/console.h"
#include "cli/nc_telling.h"
#include "cli/relay_commands.h"
#include "cli/rights.h"
#include "cli/running_files.h"
#include "cli/telling.h"
#include "step/notify.h"
#include "trace/names.h"

/* Where the kernel chose a port a person who sees no trace has to be told which. */
static void say_listening(const struct listening *sockets, size_t count)
{
	char sentence[ADDR_TEXT_MAX + 64], addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
		if (sockets[i].endpoint->port_number != 0 || sockets[i].bound.len == 0)
			continue;
		snprintf(sentence, sizeof(sentence), _("listening on %s %s"), protocol_name(sockets[i].sock.protocol),
			 addr_format(&sockets[i].bound, addr, sizeof(addr)));
		telling_line(sentence);
	}
}

/* A service manager waits to hear it too (sd_notify(3)). */
static void notify_manager(struct running *rn)
{
	char message[256], name[32], shown[128];
	int ret;

	if (rn->notify == NULL)
		return;
	ret = notify_send(&rn->st, rn->notify, rn->notify_fd != 0 ? rn->notify_fd : notify_open(rn->notify), "READY=1");
	escape_c(rn->notify, strlen(rn->notify), shown, sizeof(shown));
	rn->notify = NULL;
	if (ret == 0)
		return;
	snprintf(message, sizeof(message), _("the service manager cannot be told that the socket listens: "
					     "NOTIFY_SOCKET %1$s: %2$s (%3$s)"),
		 shown, strerror(-ret), name_errno(-ret, name, sizeof(name)));
	telling_line(message);
}

bool ready_drop(struct running *rn, struct listening *sockets, size_t count)
{
	struct unixfile **files = xmalloc((count + 1) * sizeof(*files));
	size_t file_count = 0;
	bool is_done;

	while (file_count < count) {
		files[file_count] = &sockets[file_count].file;
		file_count++;
	}
	if (rn->commands != NULL && rn->commands->control != NULL)
		files[file_count++] = control_file(rn->commands->control);
	is_done = rights_drop(rn, files, file_count);
	free(files);
	return is_done;
}

bool ready_tell(void *ctx, struct listening *sockets, size_t count)
{
	char addr[ADDR_TEXT_MAX], message[128], name[32], *lines;
	size_t size = count * (ADDR_TEXT_MAX + 16);
	struct running *rn = ctx;
	int fd = rn->options->ready_fd;
	struct text text;

	if (!ready_drop(rn, sockets, count) || !running_files_begin(rn))
		return false;
	/* Nobody has waited for it. */
	if (count == 0)
		return true;
	if (rn->options->command->nc != NULL)
		nc_telling_listening(rn->options->command->nc, sockets, count);
	else if (rn->console != NULL)
		console_listening(rn->console, sockets, count);
	else if (fd == -1 && !rn->options->is_quiet && !rn->has_stderr_sink && isatty(STDERR_FILENO))
		say_listening(sockets, count);
	notify_manager(rn);
	if (fd == -1)
		return true;
	lines = xmalloc(size);
	text_init(&text, lines, size);
	for (size_t i = 0; i < count; i++)
		text_addf(&text, "%s %s\n", protocol_name(sockets[i].sock.protocol),
			  addr_format(&sockets[i].bound, addr, sizeof(addr)));
	if (write(fd, lines, text.len) != (ssize_t)text.len) {
		snprintf(message, sizeof(message), _("--ready-fd %d cannot be written (%s)"), fd,
			 name_errno(errno, name, sizeof(name)));
		telling_line(message);
	}
	free(lines);
	close(fd);
	return true;
}
