/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One port of a scan: see scan_probe.h. */
#include "engine/scan_probe.h"

#include <errno.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "step/errqueue.h"

/* A datagram may be lost: it is sent so often, at equal distances, within the time limit. */
#define DATAGRAMS 3
#define REPLY_SIZE 512

/*
 * What is sent to a port of UDP. A datagram of no bytes is the least that can provoke an answer; these services only
 * answer what they understand.
 */
static const struct {
	uint16_t port;
	size_t len;
	const char *data;
} questions[] = {
	/* RFC 1035: the name servers of the root. */
	{ 53, 17, "\x13\x37\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01" },
	/* RFC 5905: version 4, mode client; all else may be 0. */
	{ 123, 48,
	  "\x23\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" },
};

/* Errors that say how the network or the host stands to the port, and not that something is wrong here. */
static bool is_answer(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENONET:
	case ENOPROTOOPT:
	case EPROTO:
	/* A firewall of this host: its REJECT and DROP of what is sent. */
	case EPERM:
	case EACCES:
		return true;
	default:
		return false;
	}
}

static enum scan_result result_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
		return SCAN_REFUSED;
	case ETIMEDOUT:
		return SCAN_SILENT;
	default:
		return SCAN_UNREACHABLE;
	}
}

static void on_timer(struct timer *timer)
{
	struct scan_probe *probe = CONTAINER_OF(timer, struct scan_probe, timer);

	loop_post(probe->settings->engine->loop, &probe->task);
}

/* The time between two datagrams. */
static uint64_t piece_of(const struct scan_probe *probe)
{
	return probe->settings->timeout_ns / DATAGRAMS;
}

/* Set the timer for the next moment at which something is due: the next datagram, or the end. */
static void set_timer(struct scan_probe *probe, uint64_t taken_ns)
{
	struct engine *engine = probe->settings->engine;
	uint64_t due_ns = probe->settings->timeout_ns;

	if (probe->sent > 0 && probe->sent < DATAGRAMS)
		due_ns = probe->sent * piece_of(probe);
	loop_timer_set_after(engine->loop, &probe->timer,
			     step_limit_wait(engine->st, due_ns > taken_ns ? due_ns - taken_ns : 0));
}

/* Put down what was found at the address at hand, unless better is known. */
static void keep_best(struct scan_probe *probe, enum scan_result result, int error, const struct addr *by)
{
	/* Others had their turn before this one asked. */
	uint64_t asked_ns = probe->attempt.sock.asked_ns > probe->began_ns ? probe->attempt.sock.asked_ns
									    : probe->began_ns;
	const struct scan_verdict verdict = {
		.port = addr_port(&probe->attempt.addr),
		.result = result,
		.error = error,
		.ns = probe->settings->engine->st->env->now_ns() - asked_ns,
		.addr = probe->attempt.addr,
		.by = *by,
	};

	if (!probe->has_verdict || result > probe->verdict.result)
		probe->verdict = verdict;
	probe->has_verdict = true;
}

/* Begin with the next address. */
static void next_address(struct scan_probe *probe, uint16_t port, uint32_t session)
{
	struct engine *engine = probe->settings->engine;
	struct addr addr = probe->settings->addrs[probe->next_addr++];

	addr_set_port(&addr, port);
	attempt_init(&probe->attempt, engine->st, engine->loop, probe->settings->endpoint, &addr, session,
		     &probe->task);
	sources_find(probe->settings->sources, probe->settings->endpoint, addr_family(&addr), &probe->attempt.source);
	probe->attempt.tells_errors = true;
	probe->sent = 0;
	probe->began_ns = engine->st->env->now_ns();
	probe->limit_began_ns = step_limit_now(engine->st);
	set_timer(probe, 0);
	loop_post(engine->loop, &probe->task);
}

static void finish(struct scan_probe *probe, const struct failure *fail)
{
	scan_probe_clear(probe);
	probe->done(probe, fail);
}

/* The address at hand is decided. */
static void decide(struct scan_probe *probe, enum scan_result result, int error, const struct addr *offender)
{
	struct engine *engine = probe->settings->engine;
	const struct addr *target = &probe->attempt.addr;
	uint32_t session = probe->attempt.sock.session;
	struct addr by = *offender;
	char limit[32];

	/* Who sent it has no port, the target has. */
	if (by.len > 0)
		addr_set_port(&by, addr_port(target));
	if (addr_equal(&by, target))
		by.len = 0;
	if (by.len > 0)
		addr_set_port(&by, 0);
	if (result == SCAN_SILENT && error == 0)
		step_note(engine->st, session, _("no answer within %s"),
			  parse_format_duration(probe->settings->timeout_ns, limit, sizeof(limit)));
	keep_best(probe, result, error, &by);
	loop_timer_clear(engine->loop, &probe->timer);
	attempt_clear(&probe->attempt);
	if (result == SCAN_OPEN || probe->next_addr == probe->settings->addr_count)
		finish(probe, NULL);
	else
		next_address(probe, addr_port(target), session);
}

/* A step has failed: by the network's answer, or here. */
static void decide_failed(struct scan_probe *probe, int error, const struct addr *offender)
{
	struct failure fail = { .domain = FAILURE_NONE };

	if (is_answer(error)) {
		decide(probe, result_of(error), error, offender);
		return;
	}
	failure_set(&fail, STEP_SEND, error, &probe->attempt.addr);
	finish(probe, &fail);
}

/* The datagram that a port is asked with. */
static ssize_t send_question(struct scan_probe *probe)
{
	uint16_t port = addr_port(&probe->attempt.addr);

	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		if (questions[i].port == port)
			return step_send(probe->settings->engine->st, &probe->attempt.sock, questions[i].data,
					 questions[i].len, 0, NULL);
	return step_send(probe->settings->engine->st, &probe->attempt.sock, "", 0, 0, NULL);
}

/* Of UDP: is there an answer, or an error that came back? Returns true when the address is decided. */
static bool run_received(struct scan_probe *probe)
{
	struct stepper *st = probe->settings->engine->st;
	struct sock *sk = &probe->attempt.sock;
	const struct addr nobody = { .len = 0 };
	char reply[REPLY_SIZE];
	struct icmp_error icmp;
	ssize_t ret;

	while ((sk->ready & READY_ERR) != 0 && errqueue_take(st, sk, &icmp) > 0) {
		if (icmp.is_local || !is_answer(icmp.error))
			continue;
		decide(probe, result_of(icmp.error), icmp.error, &icmp.offender);
		return true;
	}
	if ((sk->ready & READY_IN) == 0)
		return false;
	ret = step_recv(st, sk, reply, sizeof(reply), 0, NULL);
	if (ret == -EAGAIN || ret == STEP_HELD)
		return false;
	if (ret < 0)
		decide_failed(probe, (int)-ret, &nobody);
	else
		decide(probe, SCAN_OPEN, 0, &nobody);
	return true;
}

/* Of UDP, once there is a socket. */
static void run_datagrams(struct scan_probe *probe, uint64_t taken_ns)
{
	struct engine *engine = probe->settings->engine;
	const struct addr nobody = { .len = 0 };
	ssize_t ret;

	if (!probe->attempt.sock.is_watched) {
		ret = loop_watch(engine->loop, &probe->attempt.sock, &probe->task);
		if (ret < 0) {
			decide_failed(probe, (int)-ret, &nobody);
			return;
		}
	}
	if (run_received(probe))
		return;
	if (probe->sent < DATAGRAMS && taken_ns >= probe->sent * piece_of(probe)) {
		ret = send_question(probe);
		if (ret == STEP_HELD)
			return;
		if (ret < 0 && ret != -EAGAIN && ret != -ENOBUFS) {
			/* An error that has come back for the one before is told here; its sender is in the queue. */
			probe->attempt.sock.ready |= READY_ERR;
			if (!run_received(probe))
				decide_failed(probe, (int)-ret, &nobody);
			return;
		}
		probe->sent++;
	}
	set_timer(probe, taken_ns);
}

/*
 * Can this host not even try the address? A name may have one of a family that is switched off here: another is tried
 * then. Of a target that has only this one it is a mistake, which is told.
 */
static bool is_beside_others(const struct scan_probe *probe)
{
	const struct failure *fail = &probe->attempt.fail;

	if (probe->settings->addr_count == 1 || fail->domain != FAILURE_ERRNO)
		return false;
	return (fail->step == STEP_SOCKET && fail->code == EAFNOSUPPORT) ||
	       (fail->step == STEP_CONNECT && (fail->code == EADDRNOTAVAIL || fail->code == EINVAL));
}

/* An ICMP error is an answer, though TCP would go on and try again (RFC 1122, 4.2.3.9). */
static void run(struct task *task)
{
	struct scan_probe *probe = CONTAINER_OF(task, struct scan_probe, task);
	struct engine *engine = probe->settings->engine;
	uint64_t taken_ns = step_limit_now(engine->st) - probe->limit_began_ns;
	const struct addr nobody = { .len = 0 };
	int ret = attempt_run(&probe->attempt);

	if (ret < 0 && !is_answer(-ret) && !is_beside_others(probe))
		finish(probe, &probe->attempt.fail);
	else if (ret < 0)
		decide(probe, result_of(-ret), -ret, &probe->attempt.fail.offender);
	else if (ret == 1 && probe->attempt.sock.protocol == PROTOCOL_TCP)
		decide(probe, SCAN_OPEN, 0, &nobody);
	else if (ret == 0 && probe->attempt.soft != 0)
		decide(probe, result_of(probe->attempt.soft), probe->attempt.soft, &probe->attempt.fail.offender);
	else if (taken_ns >= probe->settings->timeout_ns)
		decide(probe, SCAN_SILENT, 0, &probe->attempt.fail.offender);
	else if (ret == 1)
		run_datagrams(probe, taken_ns);
	else
		set_timer(probe, taken_ns);
}

void scan_probe_start(struct scan_probe *probe, uint16_t port)
{
	probe->task = (struct task){ .run = run };
	probe->timer = (struct timer){ .fire = on_timer };
	probe->next_addr = 0;
	probe->has_verdict = false;
	probe->is_busy = true;
	next_address(probe, port, ++probe->settings->engine->sessions);
}

void scan_probe_clear(struct scan_probe *probe)
{
	struct engine *engine;

	/* One that was never started has no settings. */
	if (!probe->is_busy)
		return;
	engine = probe->settings->engine;
	probe->is_busy = false;
	loop_timer_clear(engine->loop, &probe->timer);
	loop_unpost(engine->loop, &probe->task);
	attempt_clear(&probe->attempt);
}
