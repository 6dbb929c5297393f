/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a broker: what broker.c (the ring, who is slow) and broker_place.c (the layer of a place) share. */
#ifndef SOCKT_ENGINE_BROKER_PRIVATE_H
#define SOCKT_ENGINE_BROKER_PRIVATE_H

#include "engine/broker.h"
#include "engine/chat.h"

#define BROKER_RING ((size_t)1 << 20)

/* What stands in the ring before the bytes of each entry. */
struct entry {
	uint32_t len;
	uint32_t from; /* the number of the place; 0: of nobody */
};

/* Where what was read last came from, for giving it back. */
enum place_source {
	PLACE_NOTHING = 0,
	PLACE_RING,
	PLACE_SAID,
	PLACE_BELOW,
};

/* What a chat adds to a place. */
struct place_chat {
	char name[CHAT_NAME_MAX + 1];
	struct chat_line ours, theirs; /* from our end, from the client */
	struct buf said;   /* lines for the client alone: what our end says */
	size_t said_taken; /* of them: read, and not given back so far */
};

struct place {
	struct layer layer;
	struct broker *broker;
	struct place *next, **link; /* link: what points to it */
	struct task *task; /* its session's */
	void *owner;
	uint32_t number;
	uint64_t at;     /* the entry that is read next, as an offset in all that was sent */
	size_t inside;   /* so much of it is read */
	uint64_t taken;  /* where the last entry ends that was for it, and not its own */
	enum place_source last;
	uint64_t last_at;
	size_t last_inside, last_len;
	bool is_deaf;        /* its client hears nothing any more: nobody waits for it */
	bool is_below_ended; /* our end gives no more */
	bool has_ended;      /* the client sends no more */
	struct buf shown;    /* of messages, and lines of a chat: what our end has not taken yet */
	struct place_chat *chat; /* NULL: it is none */
};

struct broker {
	struct broker_settings settings;
	struct task task;
	struct timer stuck; /* the ring is full, and nobody has read ahead */
	uint64_t stuck_tail; /* where the slowest stood then */
	struct place *places, **end; /* end: where the next one is put */
	size_t place_count;
	char *ring;
	uint64_t head;    /* bytes that have gone into the ring */
	uint64_t tail;    /* nobody stands before it: what was found when room was last looked for */
	bool has_news;    /* something has gone into it: those who are behind are to be woken */
	uint64_t last_at;  /* where the last entry begins */
	struct entry last; /* its head */
	bool is_open;      /* nobody has looked at it since: more from the same place may be put into it */
	bool is_blocked;  /* somebody could not send: woken when there is room */
	uint64_t blocked_tail;
};

/*
 * Is there room for entries of size bytes, their heads counted? Where not, the senders are woken when there is, and
 * who is slow is looked for.
 */
bool broker_has_room(struct broker *broker, size_t size);
/* Send to everybody but from; without room it is lost. */
void broker_send(struct broker *broker, struct place *from, const void *data, size_t len);
/* Copy out of the ring. */
void broker_get(const struct broker *broker, uint64_t at, void *data, size_t len);
/* A place has gone on from the entry at. */
void broker_moved(struct broker *broker, uint64_t at);

extern const struct layer_ops broker_place_ops;

#endif
