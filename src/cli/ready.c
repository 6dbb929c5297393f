/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling that a socket listens: see ready.h. */
#include "cli/ready.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "cli/console.h"
#include "cli/telling.h"
#include "step/notify.h"
#include "trace/names.h"

/* The kernel chose the port: a person who sees no trace has to be told which. */
static void say_listening(const struct listening *sockets, size_t count)
{
	char sentence[ADDR_TEXT_MAX + 64], addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
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
	ret = notify_send(&rn->st, rn->notify, "READY=1");
	escape_c(rn->notify, strlen(rn->notify), shown, sizeof(shown));
	rn->notify = NULL;
	if (ret == 0)
		return;
	snprintf(message, sizeof(message), _("the service manager cannot be told that the socket listens: "
					     "NOTIFY_SOCKET %1$s: %2$s (%3$s)"),
		 shown, strerror(-ret), name_errno(-ret, name, sizeof(name)));
	telling_line(message);
}

void ready_tell(void *ctx, const struct listening *sockets, size_t count)
{
	char lines[LISTENER_MAX * (ADDR_TEXT_MAX + 16)], addr[ADDR_TEXT_MAX], message[128], name[32];
	struct running *rn = ctx;
	int fd = rn->options->ready_fd;
	struct text text;

	if (rn->console != NULL)
		console_listening(rn->console, sockets, count);
	else if (fd == -1 && !rn->options->is_quiet && rn->options->endpoint.port_number == 0 &&
		 !rn->has_stderr_sink && isatty(STDERR_FILENO) && sockets[0].bound.len > 0)
		say_listening(sockets, count);
	notify_manager(rn);
	if (fd == -1)
		return;
	text_init(&text, lines, sizeof(lines));
	for (size_t i = 0; i < count; i++)
		text_addf(&text, "%s %s\n", protocol_name(sockets[i].sock.protocol),
			  addr_format(&sockets[i].bound, addr, sizeof(addr)));
	if (write(fd, lines, text.len) != (ssize_t)text.len) {
		snprintf(message, sizeof(message), _("--ready-fd %d cannot be written (%s)"), fd,
			 name_errno(errno, name, sizeof(name)));
		telling_line(message);
	}
	close(fd);
}
