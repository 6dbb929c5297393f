/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all sessions of a run share: the loop, the pipes, the one buffer. Only the command owns one of these.
 */
#ifndef SOCKT_ENGINE_ENGINE_H
#define SOCKT_ENGINE_ENGINE_H

#include "step/loop.h"
#include "step/pipes.h"
#include "step/step.h"

/*
 * The buffer that small messages go through, one for the whole process: an idle connection owns none. Most reads ask
 * for ENGINE_READ_SIZE; those towards a file for all of it, which saves calls where each costs much.
 */
#define ENGINE_BUFFER_SIZE ((size_t)1 << 20)
#define ENGINE_READ_SIZE ((size_t)64 * 1024)

struct dressing_wish;
struct identity;
struct session;

struct engine {
	struct stepper *st;
	struct loop *loop;
	struct pipes pipes;
	char *buffer; /* ENGINE_BUFFER_SIZE bytes, NULL while lent to a flow or not needed yet */
	uint32_t lent;     /* buffers that flows have at the moment */
	uint32_t sessions; /* the number of the last one */
	/* Say a sentence to the person at standard error (the command prints). */
	void (*say)(void *ctx, const char *sentence);
	void *say_ctx;
	/* A session has begun; its addresses are known as far as somebody asks for them. NULL: nobody wants to know. */
	void (*opened)(void *ctx, const struct session *session);
	void *opened_ctx;
	uint32_t said_of;  /* the session that a sentence being said is about; 0: none */
	const struct dressing_wish *dressing; /* what is done to the bytes of each session; NULL: nothing */
	const struct identity *becomes; /* whom programs are run by (--user); NULL: who we are */
	bool is_quiet;     /* only failures and losses are said; the rest is for traces (--quiet) */
};

void engine_init(struct engine *engine, struct stepper *st, struct loop *loop);
/* Give back buffer and pipes. */
void engine_clear(struct engine *engine);

/*
 * Let this process have as many descriptors as it may (RLIMIT_NOFILE, setrlimit(2)). Returns how many there are for
 * connections beside those of the program itself, at least 1; UINT64_MAX: no limit.
 */
uint64_t engine_raise_descriptors(void);

/* Take the buffer (a new one where it is lent). */
char *engine_take_buffer(struct engine *engine);
/* Give one back. NULL: nothing. */
void engine_give_buffer(struct engine *engine, char *buffer);
/* Say a sentence. */
void engine_say(struct engine *engine, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of what is neither a failure nor a loss: where that is not to be said, a note for traces. */
void engine_advise(struct engine *engine, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Say it of a session: a trace has its number. */
void engine_say_of(struct engine *engine, uint32_t session, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
