/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call made only to look, as an event: see probe.h. */
#include "step/probe.h"

#include "base/util.h"

#include <stdarg.h>
#include <stdio.h>

struct probe probe_begin(struct stepper *st, enum step_id step)
{
	struct probe probe = { .st = st, .step = step };

	probe.is_wanted = st->bus->level >= step_level(step);
	if (UNLIKELY(probe.is_wanted))
		probe.began_ns = st->env->now_ns();
	return probe;
}

/* The event of a call that ended at ended_ns. */
static void probe_emit(const struct probe *probe, const struct sock *sk, uint64_t ended_ns, int64_t result,
		       const char *what)
{
	struct bus *bus = probe->st->bus;
	const union step_args args = { .probe = { .what = what, .flags = probe->flags } };
	const struct event event = {
		.step = probe->step,
		.fd = sk == NULL ? -1 : sk->fd,
		.session = sk == NULL ? 0 : sk->session,
		.side = sk == NULL ? SIDE_NONE : (enum side)sk->side,
		.args = &args,
		.result = result < 0 ? -1 : result,
		.has_result = true,
		.error = result < 0 ? (int)-result : 0,
		.t_ns = probe->began_ns - bus->start_ns,
		.dur_ns = ended_ns - probe->began_ns,
		.has_dur = true,
	};

	bus_emit(bus, &event);
}

int64_t probe_end(const struct probe *probe, const struct sock *sk, int64_t result, const char *format, ...)
{
	char what[256];
	va_list ap;

	if (!probe->is_wanted)
		return result;
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	probe_emit(probe, sk, probe->st->env->now_ns(), result, what[0] == '\0' ? NULL : what);
	return result;
}

void probe_tell(struct stepper *st, uint64_t began_ns, uint64_t ended_ns, int64_t result, const char *what)
{
	const struct probe probe = { .st = st, .step = STEP_PROBE, .began_ns = began_ns };

	if (st->bus->level >= step_level(STEP_PROBE))
		probe_emit(&probe, NULL, ended_ns, result, what);
}
