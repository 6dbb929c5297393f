/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datagrams that came in one call: received into one piece of memory (a batch), put in line by whose they are (queues),
 * and handed out in order. A message of a batch may be a run of datagrams (UDP_GRO); a queue hands them out singly.
 */
#ifndef SOCKT_STREAM_BATCH_H
#define SOCKT_STREAM_BATCH_H

#include "step/step.h"
#include "stream/messages.h"

struct batch;

/* One message that has come. */
struct held {
	struct held *next;
	struct batch *batch; /* whose memory it lies in; NULL: in memory of its own, behind this */
	char *data;
	uint32_t len, at;    /* at: how much of the run is handed out */
	uint16_t segment;    /* the size of the datagrams of a run; 0: it is one */
	bool is_cut;         /* it was longer than the room for it: len is the real length */
	struct addr from, local;
};

/* Messages in line. Zeroed: none. */
struct held_queue {
	struct held *first, *last;
	size_t bytes; /* of those in memory of their own */
};

struct batch {
	struct batch *next_free;
	char *memory;
	size_t slot;    /* room for one message */
	unsigned slots; /* how many there is room for */
	unsigned ask;   /* how many are asked for in the next call */
	unsigned left;  /* of the last call: not done with yet */
	struct held held[MESSAGES_MAX];
};

/* Batches that are lent: to whoever has messages to read, until they are read. */
struct batch_pool {
	struct batch *free;
	bool is_many; /* many messages a call, and runs of them */
};

/* What a socket is asked for: one message a call (recvfrom), or as many as there is room for. */
struct batch_wish {
	bool is_many;
	bool wants_from;  /* where they came from */
	bool wants_local; /* and to which address of ours */
};

/*
 * The longest datagram there can be: 65,507 over IPv4, 65,527 over IPv6; of Unix sockets up to the send buffer of who
 * sends it.
 */
#define BATCH_UDP_MAX ((size_t)64 * 1024)
#define BATCH_UNIX_MAX ((size_t)256 * 1024)

/* To ask for many costs something even where few come: the least that is asked for. */
#define BATCH_ASK_MIN 8

/* A batch for messages of protocol (PROTOCOL_UDP has short ones). */
struct batch *batch_new(enum protocol protocol);
void batch_free(struct batch *batch);
/*
 * Receive into it; nothing of it may be left. Returns how many messages are in batch->held, from the first on, or
 * -errno. They are left until a queue, or the caller, is done with them (batch->left).
 */
int batch_receive(struct batch *batch, struct stepper *st, struct sock *sk, const struct batch_wish *wish);

/* How many to ask for next, so many having come: many where many come. Pure. */
unsigned batch_next_ask(const struct batch *batch, unsigned came);

/* Borrow a batch, and give it back. */
struct batch *batch_take(struct batch_pool *pool, enum protocol protocol);
void batch_give(struct batch_pool *pool, struct batch *batch);
void batch_pool_clear(struct batch_pool *pool);

/* Put a message at the end of the line. */
void held_add(struct held_queue *queue, struct held *held);
/*
 * Move what still lies in batches to memory of the queue's own, so that the batch is free; of what is beyond max bytes
 * nothing is kept. Returns how many datagrams were dropped.
 */
unsigned held_set_aside(struct held_queue *queue, size_t max);
/* How many datagrams are left of one message. */
unsigned held_datagrams(const struct held *held);
/* The first datagram in line, where there is one. */
bool held_peek(const struct held_queue *queue, struct iovec *datagram);
/* As many as fit, from the first on. */
void held_view(const struct held_queue *queue, struct messages *messages);
/* The first count datagrams are done with. */
void held_release(struct held_queue *queue, unsigned count);
/* Forget them all. */
void held_clear(struct held_queue *queue);

#endif
