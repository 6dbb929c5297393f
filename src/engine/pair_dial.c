/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DIALING: a pair connects to its target. See pair.h. */
#include <errno.h>

#include "base/clock.h"
#include "engine/pair_private.h"

/* No descriptor for the connection to the target: nothing tells when there is one. */
#define DIAL_AGAIN_NS (100 * NS_PER_MS)

/* DIALING: the client may give up meanwhile. */
static void pair_watch_client(struct pair *pair)
{
	struct engine *engine = pair_engine(pair);
	struct sock *sk = &pair->client.layer.sock;
	int error;

	if ((sk->ready & READY_ERR) == 0)
		return;
	error = step_error(engine->st, sk);
	if (error == 0) {
		sk->ready &= (uint8_t)~READY_ERR;
		return;
	}
	pair->client.is_broken = true;
	pair_closed_by(pair, &pair->client);
	failure_set(pair_failure(pair), STEP_RECV, error, NULL);
	pair_close(pair, ENDED_RESET, true);
}

/* Can the kernel have no descriptor or memory for it now? */
static bool is_lack(const struct failure *fail)
{
	return fail->domain == FAILURE_ERRNO && (fail->code == EMFILE || fail->code == ENFILE ||
						 fail->code == ENOBUFS || fail->code == ENOMEM);
}

/* How long connecting may still take. */
static uint64_t pair_dial_left(const struct pair *pair)
{
	uint64_t limit_ns = pair->rules->connect_ns, taken_ns = pair_limit_now(pair) - pair->moved_ns;

	if (limit_ns == ENDING_NEVER)
		return ENDING_NEVER;
	return taken_ns < limit_ns ? limit_ns - taken_ns : 0;
}

void pair_refused(struct pair *pair, const struct failure *fail)
{
	struct engine *engine = pair_engine(pair);

	if (is_lack(fail) && pair_dial_left(pair) > 0 && pair->rules->lacked(pair->rules->ctx, fail)) {
		loop_timer_set(engine->loop, &pair->timer, pair_now(pair) + DIAL_AGAIN_NS);
		return;
	}
	*pair_failure(pair) = *fail;
	pair->rules->dialed(pair->rules->ctx, pair, fail);
	if (pair->rare->proxy != NULL) {
		pair_proxy_failed(pair, fail);
		return;
	}
	pair_close(pair, fail->domain == FAILURE_LIMIT ? (enum ended_by)fail->code : ENDED_ERROR, true);
}

/* The connector has come to an end, good or bad. */
static void pair_dialed(void *ctx, struct opened *opened, const struct failure *fail)
{
	struct pair *pair = ctx;
	struct engine *engine = pair_engine(pair);
	struct sock *sk;

	pair->connector = NULL;
	if (opened == NULL) {
		pair_refused(pair, fail);
		return;
	}
	unixfile_remove(&opened->file);
	if (pair_side_open(pair, &pair->target, opened) < 0) {
		pair_abandon(pair, ENDED_ERROR);
		return;
	}
	pair_datagram_target(pair, &opened->remote);
	sk = &pair->target.layer.sock;
	pair->is_settled = sk->protocol != PROTOCOL_TCP;
	if (pair->rare->names != NULL) {
		pair->rare->names->target = opened->remote;
		pair->rare->names->target_ns = pair_now(pair);
		step_local_addr(engine->st, sk, &pair->rare->names->target_local);
	}
	pair->has_target = true;
	if (pair_hello_write(pair))
		pair_opened(pair);
	/* A proxy may have found that it would ask itself. */
	if (pair->phase == PAIR_CLOSED)
		return;
	pair->moved_ns = pair_limit_now(pair);
	pair->rules->dialed(pair->rules->ctx, pair, NULL);
	pair_wake(pair);
}

/* The program cannot be started. */
static void pair_program_failed(void *ctx, const struct failure *fail)
{
	struct pair *pair = ctx;

	*pair_failure(pair) = *fail;
	pair->rules->dialed(pair->rules->ctx, pair, fail);
	pair_close(pair, ENDED_ERROR, true);
}

/* The target is a program: it is there at once, and takes and gives something as soon as it has been started. */
static void pair_dial_program(struct pair *pair)
{
	struct engine *engine = pair_engine(pair);
	struct program_peer peer = { .protocol = (enum protocol)pair->client.layer.sock.protocol };

	pair_rare_make(pair)->program = programs_add(pair->rules->programs, pair->number,
						     pair->client.stream.is_messages, &pair->task,
						     pair_program_failed, pair);
	pair->target.stream.top = program_run_layer(pair->rare->program);
	pair->target.stream.has_end = true;
	pair->has_target = true;
	pair->is_settled = true;
	pair_opened(pair);
	if (pair_has_peer(pair)) {
		peer.remote = *pair_peer_addr(pair);
	} else {
		step_local_addr(engine->st, &pair->client.layer.sock, &peer.local);
		step_peer_addr(engine->st, &pair->client.layer.sock, &peer.remote);
	}
	pair_hello_tell(pair, &peer);
	program_run_start(pair->rare->program, &peer);
	pair->rules->dialed(pair->rules->ctx, pair, NULL);
	pair_wake(pair);
}

/* The target is a file: from the loop, since it may be that there is no descriptor for it. */
static void dial_file(struct pair *pair)
{
	if (pair->phase == PAIR_DIALING) {
		pair_dial_file(pair);
		return;
	}
	pair->phase = PAIR_DIALING;
	pair_wake(pair);
}

void pair_dial(struct pair *pair)
{
	struct engine *engine = pair_engine(pair);
	struct connector_settings settings = {
		.endpoint = pair->rare->proxy == NULL ? pair->rules->target : pair_proxy_target(pair),
		.chain = pair->rules->chain,
		.cache = pair->rare->proxy == NULL ? pair->rules->cache : NULL,
		.session = pair->number,
		.is_mortal = pair->rules->is_mortal,
		.tells_errors = pair->rules->pool != NULL,
	};

	if (pair->phase != PAIR_DIALING)
		pair->moved_ns = pair_limit_now(pair);
	if (pair->rules->programs != NULL) {
		pair_dial_program(pair);
		return;
	}
	if (pair->rules->file != NULL) {
		dial_file(pair);
		return;
	}
	pair->phase = PAIR_DIALING;
	settings.timeout_ns = pair_dial_left(pair);
	pair->connector = connector_start(engine->st, engine->loop, &settings, pair_dialed, pair);
}

void pair_run_dialing(struct pair *pair)
{
	/* Where there are faults a reset has its place in the order, and waits for its time behind the data. */
	if ((pair->client.layer.sock.ready & READY_ERR) != 0 && pair->talk.lines == NULL) {
		pair_watch_client(pair);
		if (pair->phase == PAIR_CLOSED)
			return;
	}
	if (pair->has_target) {
		/* All but its header is done. */
		if (pair_hello_write(pair))
			pair_opened(pair);
		return;
	}
	if (pair->connector == NULL && !timer_is_set(&pair->timer))
		pair_dial(pair);
}
