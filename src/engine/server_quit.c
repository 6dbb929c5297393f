/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * With -k, -q: leave once standard input has ended and there were no data for a while. Of each client its session sees
 * to that (ending.h); here the listener leaves when the last of them has.
 */
#include "base/parse.h"
#include "base/util.h"
#include "engine/server_private.h"

static void quit(struct server *server)
{
	char limit[32];

	server_finish(server, ENDED_QUIT_AFTER, NULL,
		      parse_format_duration(server->settings.rules->quit_after_ns, limit, sizeof(limit)));
}

static void fire(struct timer *timer)
{
	struct server *server = CONTAINER_OF(timer, struct server, quit);

	if (!loop_limit_is_early(server->settings.engine->loop, timer, server->quiet_since_ns,
				 server->settings.rules->quit_after_ns))
		quit(server);
}

void server_init_quit(struct server *server)
{
	server->quit.fire = fire;
}

void server_consider_quit(struct server *server, const struct session *last)
{
	const struct ending_rules *rules = server->settings.rules;
	struct loop *loop = server->settings.engine->loop;

	if (server->hub == NULL || rules->quit_after_ns == ENDING_NEVER || server->client_count > 0 ||
	    !hub_has_ended(server->hub))
		return;
	/* It was silent for so long already, and so was the input. */
	if (last->ended_by == ENDED_QUIT_AFTER) {
		quit(server);
		return;
	}
	server->quiet_since_ns = loop_limit_now_ns(loop);
	loop_timer_set_after(loop, &server->quit, rules->quit_after_ns);
}
