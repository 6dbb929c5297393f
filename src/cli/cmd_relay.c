/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt relay */
#include <signal.h>

#include "base/i18n.h"
#include "cli/admitting.h"
#include "cli/command.h"
#include "cli/copies.h"
#include "cli/dialing.h"
#include "cli/joining.h"
#include "cli/ready.h"
#include "cli/relay_commands.h"
#include "cli/relay_workers.h"
#include "cli/running.h"
#include "cli/running_files.h"
#include "engine/relay.h"

static void on_abandon(void *run, enum ended_by ended, const char *limit)
{
	relay_abandon(run, ended, limit);
}

static void on_wake(void *run)
{
	(void)run;
}

/* The first SIGTERM begins to drain, where that is asked for; the next one ends at once. */
static bool on_signal(struct running *rn, int number)
{
	struct relay_commands *commands = rn->commands;
	struct relay *relay = rn->run;

	if (number == SIGUSR1) {
		relay_commands_tell_state(commands);
		return true;
	}
	if (number != SIGTERM || rn->options->drain_ns == OPTIONS_UNSET || relay->is_draining)
		return false;
	relay_drain(relay);
	return true;
}

/* What --fault asks for: checked when the command line was read. */
static void read_faults(const struct options *options, struct fault_list *faults)
{
	char error[FAULT_ERROR_MAX];

	for (size_t i = 0; i < options->fault_count; i++)
		fault_list_add(faults, options->faults[i], error);
}

/* The seed of what is drawn, told where there is something to draw: with it the same can be had again. */
static uint64_t choose_seed(struct running *rn)
{
	const struct options *options = rn->options;
	uint64_t seed = options->seed != OPTIONS_UNSET ? options->seed : rn->st.env->seed();

	if (options->fault_count > 0 || options->seed != OPTIONS_UNSET || options->control != NULL)
		bus_note(&rn->bus, rn->st.env->now_ns(), 0, _("seed %llu"), (unsigned long long)seed);
	return seed;
}

/* Relay, and let the loop go until it is over. */
static void relay_run(struct running *rn)
{
	const struct options *options = rn->options;
	struct fault_list faults = { 0 };
	struct relay_settings settings = {
		.engine = &rn->engine,
		.from = &options->endpoint,
		.more = options->more,
		.more_count = options->more_count,
		.target = &options->target,
		.chain = options->chain,
		.backlog = options->backlog,
		.is_reuseaddr = !options->is_no_reuseaddr,
		.wants_names = rn->console != NULL || options->ready_fd != -1,
		.max_conns = options->max_conns,
		.access = options->access,
		.max_per_host = options->max_per_host,
		.connect_ns = options->connect_timeout_ns,
		.idle_ns = options->idle_timeout_ns,
		.drain_ns = options->drain_ns,
		.witness = copies_witness(rn->copies),
		.dressing = pair_dress_is_wanted(&rn->dressing) ? &rn->dressing : NULL,
		.faults = &faults,
		.ready = ready_tell,
		.ctx = rn,
	};
	struct relay_commands commands;
	struct relay *relay;

	if (options->is_joining) {
		joining_run(rn);
		return;
	}
	running_files_say(rn);
	if (options->is_dialing) {
		dialing_run(rn);
		return;
	}
	settings.file = running_files_target(rn);
	settings.is_file_shown = running_files_is_shown(rn);
	/* What can be read goes to one client: others wait for it to leave. */
	if (settings.file != NULL && opening_file_is_read(settings.file))
		settings.max_conns = 1;
	running_say_loopback(rn);
	if (!admitting_prepare(rn))
		return;
	read_faults(options, &faults);
	settings.seed = choose_seed(rn);
	if (options->workers != OPTIONS_UNSET) {
		relay_workers_run(rn, &settings);
		fault_list_clear(&faults);
		return;
	}
	relay_commands_open(&commands, rn);
	relay = relay_start(&settings, &rn->result);
	commands.relay = relay;
	rn->commands = &commands;
	rn->run = relay;
	rn->abandon = on_abandon;
	rn->wake = on_wake;
	rn->signaled = on_signal;
	running_loop(rn);
	relay_commands_stop(&commands);
	relay_free(relay);
	relay_commands_close(&commands);
	fault_list_clear(&faults);
}

int cmd_relay_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, relay_run);
}
