/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt listen */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "cli/running.h"
#include "cli/telling.h"
#include "engine/server.h"
#include "trace/names.h"

static void listen_abandon(void *run, enum ended_by ended, const char *limit)
{
	server_abandon(run, ended, limit);
}

static void listen_wake(void *run)
{
	server_wake(run);
}

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

/* Write a line for each bound address to --ready-fd, and close it. A script waits for them. */
static void listen_ready(void *ctx, const struct listening *sockets, size_t count)
{
	char lines[LISTENER_MAX * (ADDR_TEXT_MAX + 16)], addr[ADDR_TEXT_MAX], message[128], name[32];
	struct running *rn = ctx;
	int fd = rn->options->ready_fd;
	struct text text;

	if (fd == -1 && rn->options->endpoint.port_number == 0 && !rn->has_stderr_sink && isatty(STDERR_FILENO) &&
	    sockets[0].bound.len > 0)
		say_listening(sockets, count);
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

/* Serve, and let the loop go until it is over. */
static void listen_run(struct running *rn)
{
	const struct options *options = rn->options;
	const struct server_settings settings = {
		.engine = &rn->engine,
		.endpoint = &options->endpoint,
		.rules = &rn->rules,
		.end = &rn->end,
		.backlog = options->backlog,
		.is_reuseaddr = !options->is_no_reuseaddr,
		.is_keep_open = options->is_keep_open,
		.is_tag = options->is_tag,
		.is_dropping = options->slow == SLOW_DROP,
		.max_conns = options->max_conns,
		.accept_timeout_ns = options->accept_timeout_ns,
		.wants_names = options->ready_fd != -1 || options->accept_timeout_ns != OPTIONS_UNSET,
		.ready = listen_ready,
		.ctx = rn,
	};
	struct server *server = server_start(&settings, &rn->result);

	rn->run = server;
	rn->abandon = listen_abandon;
	rn->wake = listen_wake;
	running_loop(rn);
	server_free(server);
}

int cmd_listen_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, listen_run);
}
