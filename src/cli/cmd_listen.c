/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt listen */
#include "cli/admitting.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/proxying.h"
#include "cli/ready.h"
#include "cli/running.h"
#include "engine/server.h"

static void listen_abandon(void *run, enum ended_by ended, const char *limit)
{
	server_abandon(run, ended, limit);
}

static bool listen_leave(void *run)
{
	return server_leave(run);
}

static void listen_wake(void *run)
{
	server_wake(run);
}

/* What is answered, where clients speak HTTP. */
static struct http_service service_of(const struct running *rn)
{
	const struct options *options = rn->options;

	return (struct http_service){
		.status = (unsigned)options->http_status,
		.text = options->body_text == NULL ? "" : options->body_text,
		.file = options->body_file,
		.given = { options->headers, options->header_count },
		.product = "sockt/" PACKAGE_VERSION,
		.is_keep_alive = options->is_keep_alive,
		.is_crowd = options->is_keep_open,
		.is_shown = rn->io.out.kind == SOCK_KIND_TERMINAL && !options->is_raw,
	};
}

/* Serve, and let the loop go until it is over. */
static void listen_run(struct running *rn)
{
	const struct options *options = rn->options;
	const struct http_service service = service_of(rn);
	const struct server_settings settings = {
		.engine = &rn->engine,
		.endpoint = &options->endpoint,
		.more = options->more,
		.more_count = options->more_count,
		.rules = &rn->rules,
		.end = &rn->end,
		.attendant = running_attendant(rn),
		.backlog = options->backlog,
		.is_reuseaddr = !options->is_no_reuseaddr,
		.is_keep_open = options->is_keep_open,
		.is_line = options->is_line,
		.is_tag = options->is_tag,
		.is_holding = options->is_hold,
		.is_broker = options->is_broker,
		.is_chat = options->is_chat,
		.is_dropping = options->slow == SLOW_DROP || (options->is_broker && options->slow == SLOW_UNSET),
		.max_conns = options->max_conns,
		.access = options->access,
		.max_per_host = options->max_per_host,
		.accept_timeout_ns = options->accept_timeout_ns,
		.wants_names = rn->console != NULL || options->command->nc != NULL || options->ready_fd != -1 ||
			       options->accept_timeout_ns != OPTIONS_UNSET,
		.http = options->is_http ? &service : NULL,
		.ready = ready_tell,
		.ctx = rn,
	};
	struct server *server;

	running_say_loopback(rn);
	if (!admitting_prepare(rn))
		return;
	if (options->proxy_server != PROXY_SERVER_NONE) {
		proxying_run(rn);
		return;
	}
	server = server_start(&settings, &rn->result);
	rn->run = server;
	rn->abandon = listen_abandon;
	rn->wake = listen_wake;
	rn->leave = listen_leave;
	running_loop(rn);
	server_free(server);
}

int cmd_listen_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, listen_run);
}
