/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals and time limits of a run: see running_signals.h. */
#include "cli/running_signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/console.h"
#include "cli/shell.h"
#include "cli/stepping.h"

/* How often to look whether the terminal is ours again, where no SIGCONT tells. */
#define FOREGROUND_NS (NS_PER_S / 2)

/* A signal has come. */
static void on_signal(void *ctx, int number)
{
	struct running *rn = ctx;
	char name[16];

	if (stepping_signaled(rn, number))
		return;
	if (rn->console != NULL && console_signaled(rn->console, number))
		return;
	if (number == SIGCONT) {
		rn->wake(rn->run);
		return;
	}
	if (rn->signaled != NULL && rn->signaled(rn, number))
		return;
	/* The terminal has just shown ^C: what is said next begins a line. */
	if (number == SIGINT && rn->has_stderr_sink && isatty(STDERR_FILENO))
		fputc('\n', stderr);
	rn->signal = number;
	stepping_leave(rn);
	snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(number));
	rn->abandon(rn->run, ENDED_SIGNAL, name);
}

/* --total-timeout */
static void on_total(struct timer *timer)
{
	struct running *rn = CONTAINER_OF(timer, struct running, total);
	char limit[32];

	if (loop_limit_is_early(rn->loop, timer, rn->total_ns, rn->options->total_timeout_ns))
		return;
	stepping_leave(rn);
	rn->abandon(rn->run, ENDED_TOTAL_TIMEOUT,
		    parse_format_duration(rn->options->total_timeout_ns, limit, sizeof(limit)));
}

/* The terminal was another job's when it was to be read: is it ours now? */
static void on_foreground(struct timer *timer)
{
	struct running *rn = CONTAINER_OF(timer, struct running, foreground);

	if (stdio_layer_is_background(&rn->io))
		rn->wake(rn->run);
	loop_timer_set(rn->loop, timer, rn->st.env->now_ns() + FOREGROUND_NS);
}

int running_signals_open(struct running *rn)
{
	uint64_t now_ns = rn->st.env->now_ns();
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (rn->options->command->bit == COMMAND_RELAY)
		sigaddset(&set, SIGUSR1);
	if (rn->stepping != NULL) {
		sigaddset(&set, SIGTSTP);
		sigaddset(&set, SIGCONT);
	}
	if (console_is_wanted(rn) || shell_is_typed(rn)) {
		console_add_signals(&set);
	} else if (rn->rules.is_terminal) {
		sigaddset(&set, SIGCONT);
		rn->foreground.fire = on_foreground;
		loop_timer_set(rn->loop, &rn->foreground, now_ns + FOREGROUND_NS);
	}
	rn->total.fire = on_total;
	rn->total_ns = step_limit_now(&rn->st);
	if (rn->options->total_timeout_ns != OPTIONS_UNSET)
		loop_timer_set_after(rn->loop, &rn->total, rn->options->total_timeout_ns);
	return loop_signals(rn->loop, &set, on_signal, rn);
}
