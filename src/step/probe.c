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

int64_t probe_end(const struct probe *probe, const struct sock *sk, int64_t result, const char *format, ...)
{
	struct stepper *st = probe->st;
	union step_args args = { 0 };
	struct event event = {
		.step = probe->step,
		.fd = sk == NULL ? -1 : sk->fd,
		.session = sk == NULL ? 0 : sk->session,
		.side = sk == NULL ? SIDE_NONE : (enum side)sk->side,
		.args = &args,
		.result = result < 0 ? -1 : result,
		.has_result = true,
		.error = result < 0 ? (int)-result : 0,
		.has_dur = true,
	};
	char what[256];
	va_list ap;

	if (!probe->is_wanted)
		return result;
	event.t_ns = probe->began_ns - st->bus->start_ns;
	event.dur_ns = st->env->now_ns() - probe->began_ns;
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	args.probe.what = what[0] == '\0' ? NULL : what;
	args.probe.flags = probe->flags;
	bus_emit(st->bus, &event);
	return result;
}
