/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One datagram socket as a channel a peer: see demux.h. The channels are in demux_peer.c. */
#include "endpoint/demux.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "endpoint/demux_private.h"

/* Calls in one turn of the loop, where all that comes is of nobody and dropped. */
#define DEMUX_BURST 16
/* What is set aside for a peer that takes nothing now. */
#define ASIDE_MAX ((size_t)1 << 20)
#define TABLE_MIN ((size_t)16)

/* Where in the table an address belongs. Seeded: who chooses addresses cannot choose one place for all. */
static size_t place_of(const struct demux *demux, const struct addr *addr)
{
	return addr_hash(addr, demux->seed) & (demux->table_size - 1);
}

/* The peer with that address, or NULL. */
static struct demux_peer *find_peer(const struct demux *demux, const struct addr *from)
{
	struct demux_peer *peer = demux->table[place_of(demux, from)];

	while (peer != NULL && !addr_equal(&peer->names->peer, from))
		peer = peer->next;
	return peer;
}

static void table_insert(struct demux *demux, struct demux_peer *peer)
{
	struct demux_peer **at = &demux->table[place_of(demux, &peer->names->peer)];

	peer->next = *at;
	*at = peer;
}

/* Twice the places. */
static void table_grow(struct demux *demux)
{
	struct demux_peer **old = demux->table;
	size_t old_size = demux->table_size;

	demux->table_size *= 2;
	demux->table = xcalloc(demux->table_size, sizeof(struct demux_peer *));
	for (size_t i = 0; i < old_size; i++)
		while (old[i] != NULL) {
			struct demux_peer *peer = old[i];

			old[i] = peer->next;
			table_insert(demux, peer);
		}
	free(old);
}

/* Something is in line for a peer. */
static void wake_peer(struct demux *demux, struct demux_peer *peer)
{
	if (!peer->is_waiting) {
		peer->is_waiting = true;
		peer->next_waiting = demux->waiting;
		demux->waiting = peer;
	}
	loop_post(demux->settings.loop, peer->task);
}

/* Packets from and to a peer are those of a session; 0: of none any more. */
static void introduce(const struct demux *demux, const struct addr *peer, uint32_t session)
{
	struct sock sk = demux->sock;

	sk.session = session;
	sk.side = SIDE_SERVER;
	step_introduce(demux->settings.st, &sk, NULL, peer);
}

/* Give each message of the batch to the peer it is of. */
static void share_out(struct demux *demux, int count)
{
	struct demux_peer *peer = NULL;

	for (int i = 0; i < count; i++) {
		struct held *held = &demux->batch->held[i];

		/* They come in runs: mostly the peer is that of the one before. */
		if (peer == NULL || !addr_equal(&peer->names->peer, &held->from)) {
			peer = find_peer(demux, &held->from);
			if (peer == NULL && demux->settings.on_new(demux->settings.ctx, &held->from, held->len))
				peer = find_peer(demux, &held->from);
		}
		if (peer == NULL) {
			demux->batch->left--;
			continue;
		}
		peer->names->local = held->local;
		undelivered_answered(&peer->names->undelivered);
		held_add(&peer->queue, held);
		wake_peer(demux, peer);
	}
}

/* The peers that have not taken theirs, and take nothing now: it is set aside for them. */
static void set_aside(struct demux *demux)
{
	while (demux->waiting != NULL) {
		struct demux_peer *peer = demux->waiting;

		demux->waiting = peer->next_waiting;
		peer->is_waiting = false;
		demux->dropped += held_set_aside(&peer->queue, ASIDE_MAX);
	}
}

/* Is the batch free for the next call? */
static bool is_free(struct demux *demux)
{
	uint64_t seen = demux->taken_seen;

	if (demux->batch->left > 0) {
		demux->taken_seen = demux->taken;
		/* They are at it: behind them. Or they wait for their turn, which comes before ours. */
		if (demux->taken != seen) {
			loop_post_later(demux->settings.loop, &demux->task);
			return false;
		}
		if (!demux->settings.is_lossy)
			return false;
	}
	set_aside(demux);
	return true;
}

/* Somebody could not send: the socket takes data again. */
static void wake_all(struct demux *demux)
{
	demux->is_blocked = false;
	for (size_t i = 0; i < demux->table_size; i++)
		for (struct demux_peer *peer = demux->table[i]; peer != NULL; peer = peer->next)
			loop_post(demux->settings.loop, peer->task);
}

/* An ICMP error has come back for a datagram to dest. */
static void take_error(struct demux *demux, const struct icmp_error *error)
{
	struct stepper *st = demux->settings.st;
	struct demux_peer *peer = find_peer(demux, &error->dest);
	char sentence[320];
	struct text text;

	if (peer == NULL) {
		errqueue_tell(st, &demux->sock, error, 0, 0);
		return;
	}
	undelivered_icmp(&peer->names->undelivered, st, &demux->sock, error, peer->session);
	if (st->bus->level == 0 || undelivered_take(&peer->names->undelivered) != UNDELIVERED_NEW)
		return;
	text_init(&text, sentence, sizeof(sentence));
	undelivered_format(&peer->names->undelivered, st, &error->dest, &text);
	step_note(st, peer->session, "%s", sentence);
}

unsigned demux_take_errors(struct demux *demux)
{
	struct errqueue_entry entry;
	unsigned count = 0;

	while (count < DEMUX_ERRORS && errqueue_next(demux->settings.st, &demux->sock, &entry) > 0) {
		count++;
		if (entry.is_error && !entry.error.is_local)
			take_error(demux, &entry.error);
	}
	return count;
}

/* The loop has seen an error. */
static void look_for_errors(struct demux *demux)
{
	if ((demux->sock.ready & READY_ERR) == 0)
		return;
	if (demux_take_errors(demux) == DEMUX_ERRORS)
		loop_post_later(demux->settings.loop, &demux->task);
	else
		demux->sock.ready &= (uint8_t)~READY_ERR;
}

/* Something has happened on the socket, or what was received is taken. */
static void demux_run(struct task *task)
{
	struct demux *demux = CONTAINER_OF(task, struct demux, task);

	if (demux->is_blocked && (demux->sock.ready & READY_OUT) != 0)
		wake_all(demux);
	look_for_errors(demux);
	for (int burst = 0; burst < DEMUX_BURST; burst++) {
		int n;

		if (!is_free(demux) || (demux->sock.ready & READY_IN) == 0)
			return;
		n = batch_receive(demux->batch, demux->settings.st, &demux->sock, &demux->wish);
		if (n == STEP_HELD || n == -EAGAIN)
			return;
		/* Else an ICMP error about something sent earlier: gone with the call, and in the error queue. */
		if (n < 0) {
			demux_take_errors(demux);
			continue;
		}
		demux->taken_seen = demux->taken;
		share_out(demux, n);
		if (demux->batch->left > 0) {
			/* Behind those who have something now, and behind what others wait for. */
			loop_post_later(demux->settings.loop, task);
			return;
		}
	}
	loop_post_later(demux->settings.loop, task);
}

void demux_add(struct demux *demux, struct demux_peer *peer, const struct addr *addr, uint32_t session,
	       struct task *task)
{
	*peer = (struct demux_peer){
		.layer = { .ops = &demux_peer_ops },
		.demux = demux,
		.task = task,
		.session = session,
	};
	peer->names = xcalloc(1, sizeof(*peer->names));
	peer->names->peer = *addr;
	if (++demux->peer_count > demux->table_size)
		table_grow(demux);
	table_insert(demux, peer);
	introduce(demux, addr, session);
}

void demux_forget(struct demux *demux, struct demux_peer *peer)
{
	struct demux_peer **at;

	introduce(demux, &peer->names->peer, 0);
	for (at = &demux->table[place_of(demux, &peer->names->peer)]; *at != peer;)
		at = &(*at)->next;
	*at = peer->next;
	demux->peer_count--;
	if (peer->is_waiting) {
		for (at = &demux->waiting; *at != peer;)
			at = &(*at)->next_waiting;
		*at = peer->next_waiting;
	}
}

struct icmp_tally demux_peer_icmp(const struct demux_peer *peer)
{
	return peer->names == NULL ? (struct icmp_tally){ .count = 0 } : peer->names->undelivered.icmp;
}

struct sock *demux_sock(struct demux *demux)
{
	return &demux->sock;
}

uint64_t demux_dropped(const struct demux *demux)
{
	return demux->dropped;
}

int demux_open(const struct demux_settings *settings, struct sock *sk, struct demux **demux_out)
{
	struct demux *demux = xcalloc(1, sizeof(*demux));
	int ret;

	*demux = (struct demux){
		.settings = *settings,
		.sock = *sk,
		.task = { .run = demux_run },
		.sender = datagram_sender(sk, settings->is_many),
		.wish = { settings->is_many, true, settings->wants_local },
		.table = xcalloc(TABLE_MIN, sizeof(struct demux_peer *)),
		.table_size = TABLE_MIN,
		.seed = (uint32_t)(((uintptr_t)demux >> 4) ^ settings->st->env->now_ns()),
		.batch = batch_new((enum protocol)sk->protocol),
	};
	demux->sock.ready |= READY_OUT;
	ret = loop_watch(settings->loop, &demux->sock, &demux->task);
	if (ret < 0) {
		batch_free(demux->batch);
		free(demux->table);
		free(demux);
		return ret;
	}
	sock_init(sk);
	*demux_out = demux;
	return 0;
}

void demux_close(struct demux *demux)
{
	if (demux == NULL)
		return;
	loop_unwatch(demux->settings.loop, &demux->sock);
	loop_unpost(demux->settings.loop, &demux->task);
	step_close(demux->settings.st, &demux->sock);
	batch_free(demux->batch);
	free(demux->table);
	free(demux);
}
