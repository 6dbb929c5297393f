/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A relayed connection: see pair.h. Connecting to the target is in pair_dial.c, its flows are in pair_flows.c, breaking
 * off and summaries in pair_end.c.
 */
#include "engine/pair.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "engine/pair_private.h"
#include "trace/names.h"

/* So old is a pair that has come to stay. */
#define SETTLE_NS (20 * NS_PER_S)

static_assert(sizeof(struct pair) <= 536, "a connection costs little (design: Small)");

const char *pair_phase_name(enum pair_phase phase)
{
	static const char *const names[] = {
		[PAIR_HELLO] = "hello",       [PAIR_DIALING] = "dialing", [PAIR_OPEN] = "open",
		[PAIR_ABORTING] = "aborting", [PAIR_CLOSED] = "closed",
	};

	return names[phase];
}

static const struct pair_rare nothing_rare;

struct pair_rare *pair_rare_make(struct pair *pair)
{
	if (pair->rare == &nothing_rare)
		pair->rare = xcalloc(1, sizeof(*pair->rare));
	/* What is not nothing_rare is ours. */
	return (struct pair_rare *)pair->rare;
}

struct failure *pair_failure(struct pair *pair)
{
	if (pair->rare->fail == NULL)
		pair_rare_make(pair)->fail = xcalloc(1, sizeof(*pair->rare->fail));
	return pair->rare->fail;
}

/* The first who closes the connection of a side counts. */
static void side_closed(struct pair *pair, struct pair_side *side, enum who who)
{
	if (side->closed_first != WHO_NONE)
		return;
	side->closed_first = (uint8_t)who;
	if (side == &pair->client)
		pair->closed_turns = pair->talk.turns;
}

void pair_closed_by(struct pair *pair, const struct pair_side *side)
{
	side_closed(pair, &pair->client, side == &pair->client ? WHO_REMOTE : WHO_LOCAL);
	side_closed(pair, &pair->target, side == &pair->target ? WHO_REMOTE : WHO_LOCAL);
}

void pair_closed_here(struct pair *pair)
{
	side_closed(pair, &pair->client, WHO_LOCAL);
	side_closed(pair, &pair->target, WHO_LOCAL);
}

void pair_shut_here(struct pair *pair, struct pair_side *side)
{
	side_closed(pair, side, WHO_LOCAL);
}

/*
 * What a process that is killed leaves open is closed by the kernel, with an end like any other. Where that must not be
 * mistaken for one, SO_LINGER makes a reset of it (socket(7)): both sockets are born with that. Here we live.
 */
static void side_survive(struct pair *pair, struct pair_side *side)
{
	const struct linger off = { .l_onoff = 0 };
	struct sock *sk = &side->layer.sock;

	if (pair->rules->is_mortal && sk->protocol == PROTOCOL_TCP)
		step_setsockopt(pair_engine(pair)->st, sk, SOL_SOCKET, SO_LINGER, &off, sizeof(off));
}

/* Give back the connection of a side. */
static void side_close(struct pair *pair, struct pair_side *side)
{
	struct engine *engine = pair_engine(pair);

	if (side->stream.top == NULL || side->layer.sock.fd == -1)
		return;
	step_look(engine->st, &side->layer.sock);
	loop_forget(engine->loop, &side->layer.sock);
	if (!side->is_broken)
		side_survive(pair, side);
	layer_close(side->stream.top, engine->st);
}

/* End both ways of a side so that its peer sees a failure. */
static void side_abort(struct pair *pair, struct pair_side *side)
{
	struct engine *engine = pair_engine(pair);
	struct sock *sk = &side->layer.sock;

	if (side->stream.top == NULL || sk->fd == -1 || side->is_broken)
		return;
	if (sk->protocol != PROTOCOL_TCP && side->stream.has_end)
		step_note(engine->st, pair->number, _("%s has no reset: the connection is closed at once"),
			  protocol_name((enum protocol)sk->protocol));
	loop_forget(engine->loop, sk);
	layer_abort(side->stream.top, engine->st);
}

void pair_close(struct pair *pair, enum ended_by ended, bool is_reset)
{
	struct engine *engine = pair_engine(pair);

	pair_closed_here(pair);
	pair->ended_by = (uint8_t)ended;
	pair->phase = PAIR_CLOSED;
	connector_abort(pair->connector);
	pair->connector = NULL;
	loop_timer_clear(engine->loop, &pair->timer);
	loop_unpost(engine->loop, &pair->task);
	pair_datagram_last_errors(pair);
	pair_proxy_end(pair);
	pair_summarize(pair);
	flow_close(&pair->up);
	flow_close(&pair->down);
	if (is_reset) {
		side_abort(pair, &pair->client);
		side_abort(pair, &pair->target);
	}
	side_close(pair, &pair->client);
	side_close(pair, &pair->target);
	if (pair->rare->program != NULL) {
		program_run_leave(pair->rare->program);
		pair_rare_make(pair)->program = NULL;
		pair->target.stream.top = NULL;
	}
	pair_file_close(pair);
	pair_datagram_close(pair);
	pair_witness_end(pair);
	pair_dress_end(pair);
	pair->rules->closed(pair->rules->ctx, pair);
}

void pair_opened(struct pair *pair)
{
	pair->phase = PAIR_OPEN;
	pair_dress_put(pair);
}

void pair_abandon(struct pair *pair, enum ended_by ended)
{
	if (pair->phase != PAIR_CLOSED)
		pair_close(pair, ended, true);
}

/* Set the timer, at most so late. */
static void pair_set_timer(struct pair *pair, uint64_t next_ns)
{
	struct loop *loop = pair_engine(pair)->loop;
	uint64_t due_ns;

	if (pair->is_retrying)
		next_ns = next_ns < PAIR_RETRY_NS ? next_ns : PAIR_RETRY_NS;
	if (next_ns == ENDING_NEVER) {
		loop_timer_clear(loop, &pair->timer);
		return;
	}
	next_ns = step_limit_wait(pair_engine(pair)->st, next_ns);
	due_ns = pair_now(pair) + next_ns;
	/* A later moment needs no new timer: when this one fires, the next is set. */
	if (timer_is_set(&pair->timer) && pair->timer.due_ns <= due_ns)
		return;
	/* What all pairs wait for equally long costs the same however many they are. */
	if (next_ns == pair->rules->idle_ns || next_ns == PAIR_RETRY_NS)
		loop_timer_set_after(loop, &pair->timer, next_ns);
	else
		loop_timer_set(loop, &pair->timer, due_ns);
}

/* In how many ns the idle limit may run out; 0: it has. */
static uint64_t pair_idle_left(struct pair *pair)
{
	uint64_t moved = pair_moved(pair), now_ns;

	if (pair->rules->idle_ns == ENDING_NEVER)
		return ENDING_NEVER;
	now_ns = pair_limit_now(pair);
	/* What a fault holds back is on its way. */
	if (moved != pair->moved || pair_fault_waits(pair)) {
		pair->moved = moved;
		pair->moved_ns = now_ns;
	}
	if (now_ns - pair->moved_ns >= pair->rules->idle_ns)
		return 0;
	return pair->rules->idle_ns - (now_ns - pair->moved_ns);
}

/* What a peer has done shows in its socket's state: look when a fact is new, not at every turn. */
static void side_notice(struct pair *pair, struct pair_side *side)
{
	struct sock *sk = &side->layer.sock;
	uint8_t facts = sk->ready & (READY_END | READY_HUP | READY_ERR);

	if ((facts & ~side->noticed) == 0)
		return;
	side->noticed |= facts;
	if ((facts & READY_END) != 0 && (facts & READY_ERR) == 0)
		pair_closed_by(pair, side);
	/* What has come before that end is read first, and recv() = 0 then tells of the state: in their order. */
	if (facts != READY_END || (sk->ready & READY_IN) == 0)
		step_look(pair_engine(pair)->st, sk);
}

void pair_set_defaults(struct stepper *st, struct sock *sk, const struct endpoint *endpoint)
{
	if (sk->protocol != PROTOCOL_TCP)
		return;
	/* What comes in pieces is passed on in pieces: holding some back (tcp(7), Nagle) would add a round trip. */
	if (endpoint == NULL || endpoint_option(endpoint, "nodelay", 1) == 1)
		step_tune(st, sk, IPPROTO_TCP, TCP_NODELAY, 1);
	/* A session may be silent for days: whose host is gone is noticed in the end (RFC 1122, 4.2.3.6). */
	if (endpoint == NULL || endpoint_option(endpoint, "keepalive", 1) == 1)
		step_tune(st, sk, SOL_SOCKET, SO_KEEPALIVE, 1);
}

/* One request and its reply need no more than the kernel's defaults: whatever lives longer gets the options then. */
static void pair_settle(struct pair *pair)
{
	pair->is_settled = true;
	pair_set_defaults(pair_engine(pair)->st, &pair->target.layer.sock, pair->rules->target);
}

/* Is more coming from the client than one request? */
static bool is_going_on(const struct pair *pair)
{
	return pair->up.other_moves > 0 && (pair->client.layer.sock.ready & (READY_IN | READY_END)) == READY_IN;
}

/* In how many ns a pair that is still there counts as one that lives longer. */
static uint64_t pair_settle_left(struct pair *pair)
{
	uint64_t age_ns;

	if (pair->is_settled)
		return ENDING_NEVER;
	age_ns = pair_now(pair) - pair->opened_ns;
	if (age_ns < SETTLE_NS)
		return SETTLE_NS - age_ns;
	pair_settle(pair);
	return ENDING_NEVER;
}

/* OPEN: let both flows move, then see whether it is over. */
static void pair_run_open(struct pair *pair)
{
	uint64_t left_ns, fault_ns, settle_ns, waiting_ns, info_ns, proxy_ns;

	if (!pair->is_settled && is_going_on(pair))
		pair_settle(pair);

	side_notice(pair, &pair->client);
	side_notice(pair, &pair->target);
	if (pair_run_flows(pair) || pair->phase != PAIR_OPEN)
		return;
	/* Nobody is left to talk with, whatever the client still sends: it sees an end. */
	if (pair->rare->program != NULL && pair->down.state >= FLOW_SHUT && layer_is_gone(pair->target.stream.top)) {
		flow_discard(&pair->up);
		pair_abort(pair, ENDED_PROGRAM, true);
		return;
	}
	/* A client that is an address never ends by itself. */
	if (pair->down.state >= FLOW_SHUT && (pair->up.state >= FLOW_SHUT || pair_has_peer(pair))) {
		/* Who may not say more has perhaps said it, and close() would answer that with a reset. */
		if (pair_dress_ends(pair, &pair->up))
			pair_abort(pair, ENDED_LIMIT, true);
		else
			pair_close(pair, ENDED_BOTH, false);
		return;
	}
	left_ns = pair_idle_left(pair);
	fault_ns = pair_fault_left(pair);
	settle_ns = pair_settle_left(pair);
	if (settle_ns < fault_ns)
		fault_ns = settle_ns;
	waiting_ns = pair_waiting_left(pair);
	if (waiting_ns < fault_ns)
		fault_ns = waiting_ns;
	proxy_ns = pair_proxy_left(pair);
	if (proxy_ns == 0) {
		pair_close(pair, ENDED_LINGERED, false);
		return;
	}
	if (proxy_ns < fault_ns)
		fault_ns = proxy_ns;
	info_ns = pair_tell_info(pair);
	if (info_ns < fault_ns)
		fault_ns = info_ns;
	if (left_ns == 0)
		pair_abandon(pair, ENDED_IDLE_TIMEOUT);
	else
		pair_set_timer(pair, left_ns < fault_ns ? left_ns : fault_ns);
}

/* Something has happened. */
static void pair_run(struct task *task)
{
	struct pair *pair = CONTAINER_OF(task, struct pair, task);
	uint64_t next_ns;

	pair->is_retrying = false;
	if (pair->is_refused) {
		pair_fault_refuse(pair);
		return;
	}
	if (pair->phase == PAIR_HELLO && pair_hello_read(pair))
		pair_dial(pair);
	if (pair->phase == PAIR_DIALING)
		pair_run_dialing(pair);
	if (pair->phase == PAIR_OPEN)
		pair_run_open(pair);
	if (pair->phase == PAIR_ABORTING) {
		next_ns = pair_run_abort(pair);
		if (pair->phase == PAIR_ABORTING)
			pair_set_timer(pair, next_ns);
	}
}

static void pair_timer(struct timer *timer)
{
	pair_wake(CONTAINER_OF(timer, struct pair, timer));
}

void pair_wake(struct pair *pair)
{
	loop_post(pair_engine(pair)->loop, &pair->task);
}

int pair_side_open(struct pair *pair, struct pair_side *side, struct opened *opened)
{
	socket_layer_init(&side->layer, &opened->sock, opened->is_datagram, opened->is_messages);
	side->layer.sock.session = pair->number;
	side->is_broken = side->layer.sock.was_reset;
	side->stream = (struct stream){
		.top = &side->layer.layer,
		.is_messages = opened->is_messages,
		.has_end = !opened->is_datagram,
	};
	return loop_watch(pair_engine(pair)->loop, &side->layer.sock, &pair->task);
}

void pair_init(struct pair *pair, const struct pair_rules *rules, uint32_t number, const struct addr *remote)
{
	*pair = (struct pair){
		.task = { .run = pair_run },
		.timer = { .fire = pair_timer },
		.rules = rules,
		.rare = &nothing_rare,
		.number = number,
	};
	pair->opened_ns = pair_now(pair);
	if (rules->engine->st->bus->level > 0) {
		pair_rare_make(pair)->names = xcalloc(1, sizeof(*pair->rare->names));
		pair->rare->names->client = *remote;
	}
}

void pair_begin(struct pair *pair, const struct addr *remote)
{
	struct engine *engine = pair_engine(pair);

	pair_witness_begin(pair);
	sock_init(&pair->target.layer.sock);
	/* Known before there is a target: messages go to messages only. Lines of faults have to know. */
	pair->target.stream.is_messages = pair->client.stream.is_messages;
	/* The numbers of `up` are what comes from the client, those of `down` what goes to it. */
	flow_init(&pair->up, engine, &pair->talk, &pair->client.stream, &pair->target.stream, false);
	flow_init(&pair->down, engine, &pair->talk, &pair->target.stream, &pair->client.stream, true);
	if (!pair_fault_begin(pair) && (remote == NULL || !pair_hello_begin(pair, remote)))
		pair_dial(pair);
}

int pair_open(struct pair *pair, const struct pair_rules *rules, uint32_t number, struct opened *opened)
{
	struct engine *engine = rules->engine;
	int ret;

	pair_init(pair, rules, number, &opened->remote);
	pair->has_header_first = opened->begins_with_header;
	ret = pair_side_open(pair, &pair->client, opened);
	if (pair->rare->names != NULL)
		step_local_addr(engine->st, &pair->client.layer.sock, &pair->rare->names->client_local);
	pair_begin(pair, &opened->remote);
	return ret;
}

void pair_clear(struct pair *pair)
{
	pair_fault_clear(pair);
	pair_hello_clear(pair);
	pair_proxy_clear(pair);
	pair_datagram_clear(pair);
	pair_witness_clear(pair);
	pair_dress_clear(pair);
	free(pair->rare->names);
	free(pair->rare->fail);
	if (pair->rare != &nothing_rare)
		free(pair_rare_make(pair));
	pair->rare = &nothing_rare;
}
