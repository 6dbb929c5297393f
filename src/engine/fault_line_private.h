/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a line: what its files (fault_line.c, fault_line_next.c, fault_messages.c, fault_rate.c) share. */
#ifndef SOCKT_ENGINE_FAULT_LINE_PRIVATE_H
#define SOCKT_ENGINE_FAULT_LINE_PRIVATE_H

#include "base/random.h"
#include "engine/fault_line.h"

enum chunk_kind {
	CHUNK_DATA = 0,
	CHUNK_END,
	CHUNK_BROKEN,
};

/* What was read at once, or the end of the source. */
struct chunk {
	struct chunk *next;
	uint64_t arrived_ns, due_ns;
	size_t at, len; /* bytes from data + at on that are not sent */
	uint8_t kind;
	bool is_place;   /* it has room for FAULT_LINE_PLACE bytes ... */
	uint32_t unused; /* ... of which so many were never used */
	char data[];
};

struct fault_line {
	struct fault_rules rules;
	struct random random;
	fault_done *done;
	void *ctx;
	struct chunk *head, *tail; /* in the order of sending; due times never fall */
	struct chunk *spare;       /* a place that is free; NULL: none */
	struct chunk *late;        /* a message that lets the next one overtake it */
	uint64_t wake_ns;          /* as told last */
	uint64_t last_due_ns;      /* of the one that was put in last */
	size_t held, chunks;       /* bytes and chunks from head to tail ... */
	size_t unused;             /* ... and what these chunks have room for beside that */
	uint64_t rules_ns;         /* when the rules were given */
	uint64_t since_ns;         /* since when bytes and time are counted */
	uint64_t delivered;        /* bytes since then */
	uint64_t free_ns;          /* rate: when all that was sent has passed; with free_rest / rate of a ns */
	uint64_t free_rest;
	uint32_t told;             /* bits of what is told once and has been */
	bool is_messages;
	bool is_bulk;              /* the last read brought much */
	bool is_ended, is_broken;
	bool waits;                /* for time alone, when asked last */
	bool is_rate_started, is_rate_told;
	bool was_sliced;           /* what was given out to be sent is less than there was */
};

struct chunk *chunk_new(enum chunk_kind kind, const void *data, size_t len);
/* Put a chunk at the end, due no earlier than the one before it. Takes it. */
void line_append(struct fault_line *line, struct chunk *chunk);
/* The same for one that came at now_ns: draws how long it is held. */
void line_put_chunk(struct fault_line *line, struct chunk *chunk, uint64_t now_ns);
/* Take the first one out and free it, or keep its place. */
void line_pop(struct fault_line *line);
/* Give back the place that is free. */
void line_drop_spare(struct fault_line *line);
/* The value of one of the faults that count bytes; UINT64_MAX: it does not. */
uint64_t line_count_of(const struct fault_rules *rules, enum fault_kind kind);
/* How many bytes may be delivered in all. */
uint64_t line_allowance(const struct fault_line *line);
/* Tell that a fault has been done. */
void line_tell(struct fault_line *line, enum fault_kind kind, uint64_t bytes, int64_t ns);
/* Has the stall begun? */
bool line_is_stalled(const struct fault_line *line);

/* Put in a message: lost, changed, doubled or held back as is drawn. */
void line_put_message(struct fault_line *line, const void *data, size_t len, uint64_t now_ns);
/* The message that let the next one overtake it, if there is one, has waited enough. */
void line_release_late(struct fault_line *line);

/*
 * The first chunk is due: may len bytes of it be sent at now_ns, as far as the rate is concerned? Fills the verdict,
 * and the length (all of them where is_whole), or when to ask again.
 */
void line_pace(struct fault_line *line, uint64_t len, bool is_whole, uint64_t now_ns, struct fault_next *next);
/* Bytes of it have been sent. */
void line_paid(struct fault_line *line, size_t len, uint64_t now_ns);

#endif
