/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay --workers N: see relay_workers.h. */
#include "cli/relay_workers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "cli/packets.h"
#include "cli/ready.h"
#include "cli/relay_commands.h"
#include "cli/running_files.h"
#include "engine/worker.h"
#include "step/capture.h"
#include "step/sight.h"
#include "trace/sink_wire.h"

/* What both processes need to know. */
struct crew {
	struct running *rn; /* the parent's */
	const struct relay_settings *settings;
};

/* ---- In a worker ---- */

static void say(void *ctx, const char *sentence)
{
	worker_say(ctx, sentence);
}

/* The bus of a worker: what the sinks of the parent look at goes there. Returns 0 or -errno. */
static int open_bus(struct running *own, const struct bus *parents, int fd)
{
	const struct wire_bounds bounds = wire_bounds_of_bus(parents);
	char file[16];
	const struct sink_options options = { .file = file, .level = parents->level, .preview = bounds.preview };
	struct sink *sink;
	int ret;

	bus_init(&own->bus, parents->start_ns);
	if (parents->level == 0)
		return 0;
	snprintf(file, sizeof(file), "fd:%d", fd);
	ret = sink_open(&sink_wire, &options, &sink);
	if (ret == 0)
		bus_add(&own->bus, sink);
	return ret;
}

/* The listening sockets are the parent's work: packets that come to them are ours as well. */
static void introduce(struct running *own, const struct worker_post *post)
{
	struct addr local;

	for (size_t i = 0; own->st.capture != NULL && i < post->socket_count; i++) {
		if (step_local_addr(&own->st, &post->sockets[i].sock, &local) == 0)
			step_introduce(&own->st, &post->sockets[i].sock, &local, NULL);
	}
}

/* Open what a worker has of its own. The signals are the parent's: they stay blocked. */
static int open_own(struct running *own, struct worker *worker, const struct worker_post *post, struct running *parents)
{
	struct failure fail = { .domain = FAILURE_NONE };
	int ret = open_bus(own, &parents->bus, post->end.events);

	own->st = (struct stepper){ .bus = &own->bus, .env = parents->st.env };
	if (ret == 0)
		ret = loop_open(&own->st, &own->loop, &fail);
	if (ret < 0)
		return ret;
	engine_init(&own->engine, &own->st, own->loop);
	own->engine.say = say;
	own->engine.say_ctx = worker;
	own->engine.is_quiet = own->options->is_quiet;
	own->engine.becomes = parents->engine.becomes;
	ret = packets_open_worker(own);
	if (ret < 0)
		return ret;
	introduce(own, post);
	return worker_open(worker, post, &own->engine, &own->result);
}

/* Serve, and end the process: what is below on the stack is the parent's. */
static void serve(void *ctx, const struct worker_post *post)
{
	const struct crew *crew = ctx;
	struct running own = { .options = crew->rn->options };
	struct relay_settings settings = *crew->settings;
	struct worker worker;

	if (open_own(&own, &worker, post, crew->rn) < 0)
		exit(STATUS_FAILED);
	settings.ctx = &own;
	settings.seed += post->index;
	worker.command = relay_commands_answer;
	worker_serve(&worker, &settings);
	running_loop(&own);
	worker_stop(&worker);
	engine_clear(&own.engine);
	capture_close(&own.st);
	sight_free(own.st.sight);
	bus_clear(&own.bus, NULL, 0);
	worker_close(&worker);
	loop_close(own.loop);
	exit(STATUS_OK);
}

/* A worker listens from the start: it is the parent who tells. */
static bool not_told(void *ctx, struct listening *sockets, size_t count)
{
	(void)ctx;
	(void)sockets;
	(void)count;
	return true;
}

/* ---- In the parent ---- */

static void on_abandon(void *run, enum ended_by ended, const char *limit)
{
	workers_abandon(run, ended, limit);
}

static void on_level(void *run)
{
	workers_tell_level(run);
}

static void on_wake(void *run)
{
	(void)run;
}

/* As without workers: the first SIGTERM begins to drain, where that is asked for. */
static bool on_signal(struct running *rn, int number)
{
	struct workers *workers = rn->run;

	if (number == SIGUSR1) {
		relay_commands_tell_state(rn->commands);
		return true;
	}
	if (number != SIGTERM || rn->options->drain_ns == OPTIONS_UNSET || workers_is_draining(workers))
		return false;
	workers_drain(workers);
	return true;
}

/* Tell that it listens: with the context of the parent's run, not the crew's. */
static bool on_ready(void *ctx, struct listening *sockets, size_t count)
{
	const struct crew *crew = ctx;

	return ready_tell(crew->rn, sockets, count);
}

/* Workers, those that are started later too, are who the parent is. */
static bool on_prepare(void *ctx, struct listening *sockets, size_t count)
{
	const struct crew *crew = ctx;

	return ready_drop(crew->rn, sockets, count) && running_files_begin(crew->rn);
}

void relay_workers_run(struct running *rn, const struct relay_settings *relay)
{
	struct relay_settings own = *relay;
	struct crew crew = { .rn = rn, .settings = &own };
	const struct workers_settings settings = {
		.engine = &rn->engine,
		.from = relay->from,
		.more = relay->more,
		.more_count = relay->more_count,
		.file = relay->file,
		.count = (unsigned)rn->options->workers,
		.backlog = relay->backlog,
		.is_reuseaddr = relay->is_reuseaddr,
		.wants_names = relay->wants_names,
		.max_conns = relay->max_conns,
		.max_per_host = relay->max_per_host,
		.drain_ns = relay->drain_ns,
		.prepare = on_prepare,
		.ready = on_ready,
		.serve = serve,
		.ctx = &crew,
	};
	struct failure fail = { .domain = FAILURE_NONE };
	struct fault_list faults = { 0 };
	const struct endpoint *endpoint;
	struct relay_commands commands;
	struct workers *workers;

	own.ready = not_told;
	for (size_t i = 0; (endpoint = options_endpoint_at(rn->options, i)) != NULL; i++) {
		if (workers_can_share(endpoint, rn->socktype))
			continue;
		failure_usage(&fail, _("--workers: what %s receives cannot be shared by client"), endpoint->kind->name);
		run_result_set(&rn->result, ENDED_ERROR, &fail, NULL);
		return;
	}
	fault_list_copy(&faults, relay->faults);
	own.faults = &faults;
	relay_commands_open(&commands, rn);
	workers = workers_start(&settings, &rn->result);
	commands.workers = workers;
	commands.faults = &faults;
	rn->commands = &commands;
	rn->run = workers;
	rn->abandon = on_abandon;
	rn->wake = on_wake;
	rn->leveled = on_level;
	rn->signaled = on_signal;
	running_loop(rn);
	rn->leveled = NULL;
	relay_commands_stop(&commands);
	workers_free(workers);
	relay_commands_close(&commands);
	fault_list_clear(&faults);
}
