/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay is asked while it runs: see relay_commands.h. */
#include "cli/relay_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/progress.h"
#include "cli/stderr_lines.h"
#include "engine/control_lines.h"
#include "engine/relay_control.h"

/* To a worker: no command, but to say the state of each session. */
#define SAY_STATE "=state"

/* What comes of a request. */
typedef void answered_fn(struct relay_commands *commands, void *ctx, const struct control_request *request,
			 const struct control_answer *answer);

/* A request that waits for workers. */
struct asking {
	struct relay_commands *commands;
	struct asking *next, **at;
	struct control_request request;
	answered_fn *answered;
	void *ctx;
};

/* ---- Asking ---- */

/* What those workers have counted that are gone counts on; and the run is older than each of them. */
static void add_gone(const struct relay_commands *commands, struct control_stats *stats)
{
	relay_counts_add(&stats->counts, workers_gone(commands->workers));
	stats->uptime_ns = commands->rn->st.env->now_ns() - workers_started_ns(commands->workers);
}

/* All workers have answered. */
static void asking_done(void *ctx, const struct buf *answers, unsigned count)
{
	struct asking *asking = ctx;
	struct control_answer answer = { .is_error = false };
	bool is_first = true;

	for (unsigned i = 0; i < count; i++) {
		if (control_answer_merge(&answer, is_first, &asking->request, buf_peek(&answers[i]), answers[i].len))
			is_first = false;
	}
	/* Without a worker there are no sessions; what all are to do, the next ones will. */
	if (is_first && asking->request.command->is_of_one) {
		answer.is_error = true;
		snprintf(answer.error, sizeof(answer.error), _("there is no worker now"));
	}
	add_gone(asking->commands, &answer.stats);
	*asking->at = asking->next;
	if (asking->next != NULL)
		asking->next->at = asking->at;
	asking->answered(asking->commands, asking->ctx, &asking->request, &answer);
	control_answer_clear(&answer);
	free(asking);
}

static void ask_workers(struct relay_commands *commands, const struct control_request *request, answered_fn *answered,
			void *ctx)
{
	struct asking *asking = xcalloc(1, sizeof(*asking));
	char line[2 * CONTROL_LINE_MAX];

	asking->commands = commands;
	asking->request = *request;
	asking->answered = answered;
	asking->ctx = ctx;
	asking->next = commands->askings;
	asking->at = &commands->askings;
	if (asking->next != NULL)
		asking->next->at = &asking->next;
	commands->askings = asking;
	snprintf(line, sizeof(line), "%s %s", request->command->name, request->text);
	workers_ask(commands->workers, line, asking_done, asking);
}

/* What the parent of workers does itself. Returns false: they are to be asked. */
static bool do_in_parent(struct relay_commands *commands, const struct control_request *request,
			 struct control_answer *answer)
{
	*answer = (struct control_answer){ 0 };
	if (request->command->run == NULL)
		return true;
	if (request->command == control_command_find("drain")) {
		workers_drain(commands->workers);
		return true;
	}
	/* A worker that is started later does what the others do. */
	if (request->command == control_command_find("fault clear"))
		fault_list_clear(commands->faults);
	if (request->command == control_command_find("fault"))
		answer->is_error = control_add_faults(commands->faults, request->text,
						      commands->rn->options->endpoint.kind->is_messages,
						      answer->error) < 0;
	return answer->is_error;
}

/* Do what is asked for; answered is called now or later. */
static void ask(struct relay_commands *commands, const struct control_request *request, answered_fn *answered,
		void *ctx)
{
	struct control_answer answer;

	if (commands->relay != NULL)
		control_do(&relay_control_ops, commands->relay, request, &answer);
	else if (!do_in_parent(commands, request, &answer)) {
		ask_workers(commands, request, answered, ctx);
		return;
	}
	answered(commands, ctx, request, &answer);
	control_answer_clear(&answer);
}

/* Somebody who asks from outside. */
struct asker {
	void (*answered)(void *ctx, const struct control_request *request, const struct control_answer *answer);
	void *ctx;
};

static void tell_asker(struct relay_commands *commands, void *ctx, const struct control_request *request,
		       const struct control_answer *answer)
{
	struct asker *asker = ctx;
	struct running *rn = commands->rn;

	if (request->command->is_change)
		bus_note(&rn->bus, rn->st.env->now_ns(), request->session, _("console: %1$s %2$.512s"),
			 request->command->name, request->text);
	asker->answered(asker->ctx, request, answer);
	free(asker);
}

void relay_commands_ask(struct relay_commands *commands, const struct control_request *request,
			void (*answered)(void *ctx, const struct control_request *request,
					 const struct control_answer *answer), void *ctx)
{
	struct asker *asker = xcalloc(1, sizeof(*asker));

	*asker = (struct asker){ .answered = answered, .ctx = ctx };
	ask(commands, request, tell_asker, asker);
}

/* ---- In a worker ---- */

static void say_peer(void *ctx, const struct control_peer *peer)
{
	char line[CONTROL_LINE_SIZE];

	engine_say(ctx, "%s", control_line_of_peer(peer, line, sizeof(line)));
}

void relay_commands_answer(struct worker *worker, const char *command, struct buf *answer)
{
	struct control_request request;
	struct control_answer own;
	char error[CONTROL_ERROR_MAX];

	if (strcmp(command, SAY_STATE) == 0) {
		relay_control_ops.for_each_peer(worker->relay, say_peer, worker->engine);
		return;
	}
	if (control_parse(command, strlen(command), "", &request, error) < 0)
		return;
	control_do(&relay_control_ops, worker->relay, &request, &own);
	control_answer_pack(&own, answer);
	control_answer_clear(&own);
}

/* ---- The control socket ---- */

static void reply(struct relay_commands *commands, void *ctx, const struct control_request *request,
		  const struct control_answer *answer)
{
	struct json json = { 0 };

	(void)commands;
	control_write(request, answer, &json);
	control_reply(ctx, &json);
	json_clear(&json);
}

static void execute(void *ctx, struct control_client *client, const struct control_request *request)
{
	struct relay_commands *commands = ctx;
	struct running *rn = commands->rn;

	if (request->command->is_change)
		bus_note(&rn->bus, rn->st.env->now_ns(), request->session, _("control: %s %.512s"),
			 request->command->name, request->text);
	ask(commands, request, reply, client);
}

static void control_failed(void *ctx, const struct failure *fail)
{
	struct relay_commands *commands = ctx;
	struct running *rn = commands->rn;

	run_result_set(&rn->result, ENDED_ERROR, fail, NULL);
	rn->abandon(rn->run, ENDED_ERROR, NULL);
}

/* ---- Lines for the person ---- */

static void show_stats(struct relay_commands *commands, void *ctx, const struct control_request *request,
		       const struct control_answer *answer)
{
	char line[CONTROL_LINE_SIZE];

	(void)ctx;
	(void)request;
	commands->is_stats_asked = false;
	if (answer->is_error)
		return;
	stderr_lines_status(commands->rn,
			    control_line_of_stats(&answer->stats, &commands->last, line, sizeof(line)));
	commands->last = answer->stats;
}

static void on_every(struct timer *timer)
{
	struct relay_commands *commands = CONTAINER_OF(timer, struct relay_commands, every);
	struct control_request request = { .command = control_command_find("stats") };
	struct running *rn = commands->rn;

	/* Of workers one may stand still: the question waits, and is not asked again meanwhile. */
	if (!commands->is_stats_asked) {
		commands->is_stats_asked = true;
		ask(commands, &request, show_stats, NULL);
	}
	loop_timer_set(rn->loop, timer, rn->st.env->now_ns() + rn->options->stats_ns);
}

static void show_peer(void *ctx, const struct control_peer *peer)
{
	char line[CONTROL_LINE_SIZE];

	stderr_lines_line(ctx, control_line_of_peer(peer, line, sizeof(line)));
}

static void workers_said(void *ctx, const struct buf *answers, unsigned count)
{
	struct relay_commands *commands = ctx;

	commands->is_state_asked = false;
	(void)answers;
	(void)count;
}

void relay_commands_tell_state(struct relay_commands *commands)
{
	struct relay *relay = commands->relay;

	if (relay == NULL && commands->is_state_asked)
		return;
	commands->is_state_asked = relay == NULL;
	if (relay == NULL)
		workers_ask(commands->workers, SAY_STATE, workers_said, commands);
	else if (relay->pairs == NULL)
		stderr_lines_line(commands->rn, _("there is no session now"));
	else
		relay_control_ops.for_each_peer(relay, show_peer, commands->rn);
}

/* ---- How it gets on (--progress) ---- */

static void show_progress(struct relay_commands *commands, void *ctx, const struct control_request *request,
			  const struct control_answer *answer)
{
	(void)ctx;
	(void)request;
	commands->is_progress_asked = false;
	progress_relay(commands->rn->progress, &answer->stats, false);
}

static void ask_counts(struct running *rn)
{
	const struct control_request request = { .command = control_command_find("stats") };

	if (rn->commands->is_progress_asked)
		return;
	rn->commands->is_progress_asked = true;
	ask(rn->commands, &request, show_progress, NULL);
}

/* The last counts: nothing moves any more. */
static void end_progress(struct relay_commands *commands)
{
	struct control_stats stats = { .open = 0 };

	if (commands->relay != NULL)
		relay_control_ops.stats(commands->relay, &stats);
	else if (commands->workers != NULL)
		stats.counts = *workers_gone(commands->workers);
	progress_relay(commands->rn->progress, &stats, true);
}

/* ---- Its life ---- */

void relay_commands_open(struct relay_commands *commands, struct running *rn)
{
	const struct control_settings settings = {
		.engine = &rn->engine,
		.endpoint = &commands->endpoint,
		.execute = execute,
		.failed = control_failed,
		.ctx = commands,
	};
	char error[ENDPOINT_ERROR_MAX];

	rn->ask_counts = ask_counts;
	*commands = (struct relay_commands){ .rn = rn, .every = { .fire = on_every } };
	/* What it says was checked when the command line was read. */
	if (rn->options->control != NULL && control_endpoint(&commands->endpoint, rn->options->control, error) == 0)
		commands->control = control_start(&settings);
	if (rn->options->stats_ns != OPTIONS_UNSET)
		loop_timer_set(rn->loop, &commands->every, rn->st.env->now_ns() + rn->options->stats_ns);
}

void relay_commands_stop(struct relay_commands *commands)
{
	loop_timer_clear(commands->rn->loop, &commands->every);
	end_progress(commands);
	control_free(commands->control);
	if (commands->control != NULL)
		endpoint_clear(&commands->endpoint);
	commands->control = NULL;
	stderr_lines_close(commands->rn);
}

void relay_commands_close(struct relay_commands *commands)
{
	while (commands->askings != NULL) {
		struct asking *asking = commands->askings;

		commands->askings = asking->next;
		free(asking);
	}
}
