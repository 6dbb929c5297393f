/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams that came in one call: see batch.h. */
#include "stream/batch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"

/* Memory of one batch; only what datagrams have lain in is there in truth. */
#define BATCH_SIZE ((size_t)4 << 20)
/* Slots whose addresses differ by a power of two would share the same lines of the processor's cache. */
#define SLOT_SHIFT 192

struct batch *batch_new(enum protocol protocol)
{
	struct batch *batch = xcalloc(1, sizeof(*batch));

	batch->slot = (protocol == PROTOCOL_UDP ? BATCH_UDP_MAX : BATCH_UNIX_MAX);
	batch->slots = (unsigned)(BATCH_SIZE / batch->slot);
	batch->ask = BATCH_ASK_MIN;
	batch->memory = xmalloc(batch->slots * (batch->slot + SLOT_SHIFT));
	return batch;
}

void batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	free(batch->memory);
	free(batch);
}

struct batch *batch_take(struct batch_pool *pool, enum protocol protocol)
{
	struct batch *batch = pool->free;

	if (batch == NULL)
		return batch_new(protocol);
	pool->free = NULL;
	return batch;
}

void batch_give(struct batch_pool *pool, struct batch *batch)
{
	if (pool->free == NULL)
		pool->free = batch;
	else
		batch_free(batch);
}

void batch_pool_clear(struct batch_pool *pool)
{
	batch_free(pool->free);
	pool->free = NULL;
}

static char *slot_of(const struct batch *batch, unsigned i)
{
	return batch->memory + i * (batch->slot + SLOT_SHIFT);
}

/* One message, by recv() or recvfrom(): what a trace can show the bytes of. */
static int receive_one(struct batch *batch, struct stepper *st, struct sock *sk, const struct batch_wish *wish)
{
	struct held *held = &batch->held[0];
	ssize_t n;

	held->from.len = 0;
	held->local.len = 0;
	held->data = slot_of(batch, 0);
	held->segment = 0;
	n = step_recv(st, sk, held->data, batch->slot, MSG_TRUNC, wish->wants_from ? &held->from : NULL);
	if (n < 0)
		return (int)n;
	held->len = (uint32_t)n;
	return 1;
}

unsigned batch_next_ask(const struct batch *batch, unsigned came)
{
	unsigned ask = batch->ask;

	if (came == ask)
		ask *= 4;
	else if (came < ask / 4)
		ask /= 2;
	if (ask < BATCH_ASK_MIN)
		ask = BATCH_ASK_MIN;
	return ask < batch->slots ? ask : batch->slots;
}

/* As many as there is room for, or the one that is wanted with its address of ours. */
static int receive_many(struct batch *batch, struct stepper *st, struct sock *sk, const struct batch_wish *wish)
{
	struct message list[MESSAGES_MAX];
	struct iovec parts[MESSAGES_MAX];
	unsigned count = wish->is_many ? batch->ask : 1;
	ssize_t n;

	for (unsigned i = 0; i < count; i++) {
		parts[i] = (struct iovec){ slot_of(batch, i), batch->slot };
		list[i] = (struct message){
			.parts = &parts[i],
			.part_count = 1,
			.addr = wish->wants_from ? &batch->held[i].from : NULL,
			.local = wish->wants_local ? &batch->held[i].local : NULL,
		};
	}
	n = step_recvmmsg(st, sk, list, count, MSG_TRUNC);
	if (n >= 0 && wish->is_many)
		batch->ask = batch_next_ask(batch, (unsigned)n);
	for (ssize_t i = 0; i < n; i++) {
		batch->held[i].data = slot_of(batch, (unsigned)i);
		batch->held[i].len = (uint32_t)list[i].len;
		batch->held[i].segment = list[i].segment;
	}
	return (int)n;
}

int batch_receive(struct batch *batch, struct stepper *st, struct sock *sk, const struct batch_wish *wish)
{
	int n = wish->is_many || wish->wants_local ? receive_many(batch, st, sk, wish) :
						     receive_one(batch, st, sk, wish);

	for (int i = 0; i < n; i++) {
		struct held *held = &batch->held[i];

		held->next = NULL;
		held->batch = batch;
		held->at = 0;
		held->is_cut = held->len > batch->slot;
	}
	batch->left = n > 0 ? (unsigned)n : 0;
	return n;
}

/* A message is handed out, all of it. */
static void held_done(struct held_queue *queue, struct held *held)
{
	if (held->batch != NULL) {
		held->batch->left--;
		return;
	}
	queue->bytes -= sizeof(*held) + held->len;
	free(held);
}

void held_add(struct held_queue *queue, struct held *held)
{
	held->next = NULL;
	if (queue->first == NULL)
		queue->first = held;
	else
		queue->last->next = held;
	queue->last = held;
}

/* The datagram of held that begins at at. */
static struct iovec held_part(const struct held *held, uint32_t at)
{
	size_t len = held->len - at;

	if (held->segment != 0 && held->segment < len)
		len = held->segment;
	return (struct iovec){ held->data + at, len };
}

unsigned held_datagrams(const struct held *held)
{
	uint32_t left = held->len - held->at;

	return held->segment == 0 || left == 0 ? 1 : (left + held->segment - 1) / held->segment;
}

/* The rest of a message, in memory of its own. */
static struct held *held_copy(const struct held *held)
{
	uint32_t len = held->len - held->at;
	struct held *copy = xmalloc(sizeof(*copy) + len);

	*copy = *held;
	copy->batch = NULL;
	copy->data = (char *)(copy + 1);
	memcpy(copy->data, held->data + held->at, len);
	copy->len = len;
	copy->at = 0;
	return copy;
}

unsigned held_set_aside(struct held_queue *queue, size_t max)
{
	struct held *held = queue->first;
	unsigned dropped = 0;

	queue->first = NULL;
	while (held != NULL) {
		struct held *next = held->next;
		size_t size = sizeof(*held) + held->len - held->at;

		if (held->batch == NULL) {
			held_add(queue, held);
		} else if (queue->bytes + size > max) {
			dropped += held_datagrams(held);
			held_done(queue, held);
		} else {
			queue->bytes += size;
			held_add(queue, held_copy(held));
			held_done(queue, held);
		}
		held = next;
	}
	return dropped;
}

bool held_peek(const struct held_queue *queue, struct iovec *datagram)
{
	if (queue->first == NULL)
		return false;
	*datagram = held_part(queue->first, queue->first->at);
	return true;
}

void held_view(const struct held_queue *queue, struct messages *messages)
{
	messages->count = 0;
	for (const struct held *held = queue->first; held != NULL; held = held->next) {
		uint32_t at = held->at;

		do {
			if (messages->count == MESSAGES_MAX)
				return;
			messages->parts[messages->count] = held_part(held, at);
			at += (uint32_t)messages->parts[messages->count++].iov_len;
		} while (at < held->len);
	}
}

void held_release(struct held_queue *queue, unsigned count)
{
	while (count-- > 0) {
		struct held *held = queue->first;

		held->at += (uint32_t)held_part(held, held->at).iov_len;
		if (held->at < held->len)
			continue;
		queue->first = held->next;
		held_done(queue, held);
	}
}

void held_clear(struct held_queue *queue)
{
	while (queue->first != NULL) {
		struct held *held = queue->first;

		queue->first = held->next;
		held_done(queue, held);
	}
}
