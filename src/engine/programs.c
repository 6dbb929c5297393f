/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs of a run: see programs.h. */
#include "engine/programs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "stream/program_layer.h"
#include "trace/names.h"

/* How long one that is not needed any more is left alone, and then again behind SIGTERM. */
#define GRACE_NS (2 * NS_PER_S)
/* Without a pidfd it has to be asked now and again. */
#define ASK_NS (20 * NS_PER_MS)
/* How often the end of input is said to a terminal. */
#define END_AGAIN_NS (100 * NS_PER_MS)

struct program_run {
	struct program_layer program;
	struct frame_layer frame; /* over it, where messages are wanted */
	struct programs *owner;
	struct program_run *next, **at; /* *at is this one */
	struct task task;
	struct timer timer;
	struct task *user; /* who reads and writes it; NULL: nobody any more */
	void (*failed)(void *ctx, const struct failure *fail);
	void *ctx;
	struct program_peer peer;
	uint64_t over_ns; /* since when it is not needed any more; 0: it is */
	bool is_messages; /* what it writes is cut into messages */
	bool is_due;      /* it may be started */
	bool is_started;
	uint8_t signals;  /* how many it has been sent */
};

struct programs {
	struct programs_settings settings;
	struct attendant attendant;
	struct program_run *running;
	int status;          /* of the last that has ended; -1: none */
	bool has_said_error; /* one could not be started: said once until one could */
};

static struct engine *run_engine(const struct program_run *run)
{
	return run->owner->settings.engine;
}

/* Nothing is left of it, or it never was. */
static void run_free(struct program_run *run)
{
	struct engine *engine = run_engine(run);

	loop_timer_clear(engine->loop, &run->timer);
	loop_unpost(engine->loop, &run->task);
	program_layer_hang_up(&run->program, engine->st);
	loop_unwatch(engine->loop, &run->program.process.end);
	if (run->program.process.end.fd != -1)
		close(run->program.process.end.fd);
	buf_clear(&run->frame.held);
	*run->at = run->next;
	if (run->next != NULL)
		run->next->at = run->at;
	free(run);
}

/* It cannot be started. */
static void run_refuse(struct program_run *run, int error)
{
	struct programs *owner = run->owner;
	struct failure fail = { .domain = FAILURE_NONE };
	char name[32];

	failure_set(&fail, STEP_SPAWN, error, NULL);
	escape_c(owner->settings.argv[0], strlen(owner->settings.argv[0]), fail.target, sizeof(fail.target));
	if (owner->settings.is_many && !owner->has_said_error)
		engine_say_of(run_engine(run), run->program.process.end.session,
			      _("cannot start the program %1$s: %2$s (%3$s)"), fail.target, strerror(error),
			      name_errno(error, name, sizeof(name)));
	owner->has_said_error = true;
	run->failed(run->ctx, &fail);
}

/* Start it. Returns whether there is anything to go on with. */
static bool run_begin(struct program_run *run)
{
	struct engine *engine = run_engine(run);
	struct process *process = &run->program.process;
	struct spawn_wish wish = { .argv = run->owner->settings.argv, .has_pty = run->owner->settings.has_pty };
	sigset_t mask;
	int ret;

	loop_mask_before(engine->loop, &mask);
	wish.mask = &mask;
	wish.envp = programs_environment(&run->peer, engine->becomes, environ);
	ret = step_spawn(engine->st, process, &wish);
	free((char **)wish.envp);
	if (ret == STEP_HELD)
		return false;
	if (ret == 0) {
		ret = loop_watch(engine->loop, &process->in, run->user);
		if (ret == 0)
			ret = loop_watch(engine->loop, &process->out, run->user);
		if (ret == 0 && process->end.fd != -1)
			ret = loop_watch(engine->loop, &process->end, &run->task);
		run->is_started = true;
	}
	if (ret < 0) {
		run->is_due = false;
		run_refuse(run, -ret);
		return false;
	}
	run->owner->has_said_error = false;
	loop_post(engine->loop, run->user);
	return true;
}

/* It goes on although nobody needs it: for how long may it? */
static void run_hurry(struct program_run *run)
{
	struct engine *engine = run_engine(run);
	uint64_t now_ns = loop_now_ns(engine->loop);

	if (run->over_ns == 0)
		run->over_ns = now_ns;
	if (run->signals < 2 && now_ns - run->over_ns >= GRACE_NS) {
		process_signal(&run->program.process, run->signals++ == 0 ? SIGTERM : SIGKILL);
		run->over_ns = now_ns;
	}
	if (run->signals < 2)
		loop_timer_set(engine->loop, &run->timer, run->over_ns + GRACE_NS);
}

/* The end of input of a terminal: who writes it tries again, and once it is said it is said again. */
static void run_say_end(struct program_run *run)
{
	struct program_layer *program = &run->program;
	struct engine *engine = run_engine(run);

	if (!program->is_ending || program->is_out_ended || run->user == NULL || timer_is_set(&run->timer))
		return;
	if (program->is_in_shut)
		program_layer_write_end(program, engine->st);
	else
		loop_post(engine->loop, run->user);
	loop_timer_set(engine->loop, &run->timer, loop_now_ns(engine->loop) + END_AGAIN_NS);
}

/* Its status; that it was stopped since nobody wanted more of it is no failure (`yes` behind --limit). */
static int exit_status(const struct program_layer *program)
{
	int status = process_exit_status(&program->process);
	int by = program->process.has_pty ? SIGHUP : SIGPIPE;

	return program->is_unheard && status == 128 + by ? 0 : status;
}

/* Something has happened: it may start, it has ended, or its time is over. */
static void run_go_on(struct task *task)
{
	struct program_run *run = CONTAINER_OF(task, struct program_run, task);
	struct engine *engine = run_engine(run);
	struct process *process = &run->program.process;

	if (!run->is_started && (!run->is_due || !run_begin(run)))
		return;
	if (!process->has_ended && step_reap(engine->st, process)) {
		run->owner->status = exit_status(&run->program);
		loop_timer_clear(engine->loop, &run->timer);
		if (run->user != NULL)
			loop_post(engine->loop, run->user);
	}
	if (process->has_ended) {
		if (run->user == NULL)
			run_free(run);
		return;
	}
	if (run->user == NULL || (program_layer_is_over(&run->program) && !run->owner->settings.is_patient))
		run_hurry(run);
	run_say_end(run);
	if (process->end.fd == -1)
		loop_timer_set(engine->loop, &run->timer, loop_now_ns(engine->loop) + ASK_NS);
}

static void run_timer(struct timer *timer)
{
	struct program_run *run = CONTAINER_OF(timer, struct program_run, timer);

	loop_post(run_engine(run)->loop, &run->task);
}

struct program_run *programs_add(struct programs *programs, uint32_t number, bool is_messages, struct task *task,
				 void (*failed)(void *ctx, const struct failure *fail), void *ctx)
{
	struct program_run *run = xcalloc(1, sizeof(*run));

	run->owner = programs;
	run->task.run = run_go_on;
	run->timer.fire = run_timer;
	run->user = task;
	run->failed = failed;
	run->ctx = ctx;
	program_layer_init(&run->program, programs->settings.engine->loop, number, &run->task);
	run->is_messages = is_messages;
	if (is_messages)
		frame_layer_init(&run->frame, &run->program.layer, programs->settings.frame,
				 programs->settings.frame_max);
	run->next = programs->running;
	run->at = &programs->running;
	if (run->next != NULL)
		run->next->at = &run->next;
	programs->running = run;
	return run;
}

struct layer *program_run_layer(struct program_run *run)
{
	return run->is_messages ? &run->frame.layer : &run->program.layer;
}

void program_run_start(struct program_run *run, const struct program_peer *peer)
{
	run->peer = *peer;
	run->is_due = true;
	loop_post(run_engine(run)->loop, &run->task);
}

void program_run_leave(struct program_run *run)
{
	if (!run->is_started || run->program.process.has_ended) {
		run_free(run);
		return;
	}
	run->user = NULL;
	program_layer_hang_up(&run->program, run_engine(run)->st);
	loop_post(run_engine(run)->loop, &run->task);
}

/* The program whose layer that is, or whose stands undermost. */
static struct program_run *run_of(struct layer *layer)
{
	while (layer->below != NULL)
		layer = layer->below;
	return CONTAINER_OF(layer, struct program_run, program.layer);
}

static void session_refused(void *ctx, const struct failure *fail)
{
	session_fail(ctx, fail);
}

/* A session is about to begin: its program waits until it is known which. */
static struct layer *on_join(void *ctx, uint32_t number, bool is_messages)
{
	return program_run_layer(programs_add(ctx, number, is_messages, NULL, session_refused, NULL));
}

static void on_opened(void *ctx, struct session *session)
{
	struct program_run *run = run_of(session->local.top);
	struct program_peer peer = {
		.protocol = (enum protocol)session->sock->protocol,
		.local = session->names->local,
		.remote = session->names->remote,
	};

	(void)ctx;
	run->user = &session->task;
	run->ctx = session;
	if (peer.local.len == 0 && !session->is_own)
		step_local_addr(run_engine(run)->st, session->sock, &peer.local);
	program_run_start(run, &peer);
}

static void on_closed(void *ctx, struct session *session)
{
	(void)ctx;
	program_run_leave(run_of(session->local.top));
}

struct programs *programs_open(const struct programs_settings *settings)
{
	struct programs *programs = xcalloc(1, sizeof(*programs));

	programs->settings = *settings;
	programs->status = -1;
	programs->attendant = (struct attendant){
		.join = on_join,
		.opened = on_opened,
		.closed = on_closed,
		.ctx = programs,
	};
	spawn_prepare();
	return programs;
}

const struct attendant *programs_attendant(const struct programs *programs)
{
	return programs == NULL ? NULL : &programs->attendant;
}

int programs_status(const struct programs *programs)
{
	return programs->status;
}

/* Send all that run a signal. */
static void signal_all(const struct programs *programs, int number)
{
	for (const struct program_run *run = programs->running; run != NULL; run = run->next)
		process_signal(&run->program.process, number);
}

/* Wait until all have ended, or for so long. Returns whether they have. */
static bool wait_all(struct programs *programs, uint64_t limit_ns)
{
	struct stepper *st = programs->settings.engine->st;
	uint64_t due_ns = st->env->now_ns() + limit_ns, now_ns;

	while (programs->running != NULL) {
		struct program_run *run = programs->running;

		if (!run->is_started || step_reap(st, &run->program.process)) {
			run_free(run);
			continue;
		}
		now_ns = st->env->now_ns();
		if (now_ns >= due_ns)
			return false;
		process_wait(&run->program.process, (int)((due_ns - now_ns) / NS_PER_MS) + 1);
	}
	return true;
}

void programs_close(struct programs *programs, bool is_hasty)
{
	if (programs == NULL)
		return;
	if (!is_hasty && wait_all(programs, GRACE_NS)) {
		free(programs);
		return;
	}
	signal_all(programs, SIGTERM);
	if (!wait_all(programs, GRACE_NS)) {
		signal_all(programs, SIGKILL);
		wait_all(programs, GRACE_NS);
	}
	/* One that the kernel does not let go of is not waited for any longer. */
	while (programs->running != NULL)
		run_free(programs->running);
	free(programs);
}
