/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is admitted: see admission.h. */
#include "engine/admission.h"

#include <inttypes.h>
#include <stdio.h>

void admission_init(struct admission *admission, struct access *access, uint64_t max_per_host,
		    const struct admission_shares *shares, const struct env *env)
{
	*admission = (struct admission){ .access = access, .max_per_host = max_per_host };
	if (shares != NULL)
		admission->shares = *shares;
	if (max_per_host != 0)
		admission->hosts.seed = (uint32_t)env->seed();
}

void admission_clear(struct admission *admission)
{
	hosts_clear(&admission->hosts);
}

void admission_forgo(struct admission *admission)
{
	if (admission == NULL || admission->claimed.len == 0)
		return;
	admission->shares.leave(admission->shares.ctx, &admission->claimed);
	admission->claimed.len = 0;
}

/* Has its host so many clients already? */
static bool is_host_full(struct admission *admission, const struct addr *remote)
{
	if (admission->max_per_host == 0)
		return false;
	if (admission->shares.enter == NULL)
		return hosts_count(&admission->hosts, remote) >= admission->max_per_host;
	admission_forgo(admission);
	if (!admission->shares.enter(admission->shares.ctx, remote))
		return true;
	admission->claimed = *remote;
	return false;
}

/* Why is it refused? Returns false where it is not. limit has room for the number of --max-per-host. */
static bool is_refused(struct admission *admission, const struct addr *remote, union step_args *args, char *limit,
		       size_t size)
{
	struct access_verdict verdict = { .is_admitted = true };

	if (admission->access != NULL)
		verdict = access_decide(admission->access, remote);
	if (!verdict.is_admitted) {
		args->refused.by = access_option_name(verdict.option);
		args->refused.rule = verdict.rule;
		return true;
	}
	if (!is_host_full(admission, remote))
		return false;
	snprintf(limit, size, "%" PRIu64, admission->max_per_host);
	args->refused.by = "max-per-host";
	args->refused.rule = limit;
	return true;
}

static void tell(struct stepper *st, const struct sock *sk, const struct addr *remote, const union step_args *args)
{
	const struct event event = {
		.step = STEP_REFUSED,
		.t_ns = st->env->now_ns() - st->bus->start_ns,
		.session = sk->session,
		.side = SIDE_SERVER,
		.fd = sk->fd,
		.protocol = (enum protocol)sk->protocol,
		.remote = remote,
		.args = args,
	};

	bus_emit(st->bus, &event);
}

bool admission_admits(struct admission *admission, struct stepper *st, const struct sock *sk,
		      const struct addr *remote)
{
	union step_args args;
	char limit[24];

	if (admission == NULL || !is_refused(admission, remote, &args, limit, sizeof(limit)))
		return true;
	if (st->bus->level >= step_level(STEP_REFUSED))
		tell(st, sk, remote, &args);
	return false;
}

bool admission_admits_peer(struct admission *admission, struct stepper *st, const struct sock *sk,
			   const struct addr *remote)
{
	union step_args args;
	char limit[24];

	if (!is_refused(admission, remote, &args, limit, sizeof(limit)))
		return true;
	if (st->bus->level < step_level(STEP_REFUSED))
		return false;
	for (size_t i = 0; i < ADMISSION_REFUSED; i++)
		if (addr_equal(&admission->refused[i], remote))
			return false;
	admission->refused[admission->next_refused++ % ADMISSION_REFUSED] = *remote;
	tell(st, sk, remote, &args);
	return false;
}

struct host *admission_enter(struct admission *admission, const struct addr *remote)
{
	admission->claimed.len = 0;
	return admission->max_per_host == 0 ? NULL : hosts_enter(&admission->hosts, remote);
}

void admission_leave(struct admission *admission, struct host *host)
{
	if (host == NULL)
		return;
	if (admission->shares.leave != NULL)
		admission->shares.leave(admission->shares.ctx, hosts_addr(host));
	hosts_leave(&admission->hosts, host);
}
