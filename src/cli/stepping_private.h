/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stepping.c (its life, the answers), stepping_gate.c and stepping_tell.c (what is written) share. */
#ifndef SOCKT_CLI_STEPPING_PRIVATE_H
#define SOCKT_CLI_STEPPING_PRIVATE_H

#include "cli/running.h"
#include "cli/stepping.h"
#include "cli/stepping_keys.h"
#include "cli/stepping_tty.h"

#define STEPPING_CALL_MAX 1024
#define STEPPING_WHY_MAX 256

/* A step that is held: whose, and what it was about. */
struct stepping_held {
	struct task *task; /* NULL: none */
	enum step_id step;
	int fd;
	uint32_t session;
};

struct stepping {
	struct gate gate;
	struct running *rn;
	struct stepping_tty tty;
	struct stepping_keys keys;
	enum stepping_mode {
		STEPPING_ASKS = 0,
		STEPPING_RUNS_TO,
		STEPPING_RUNS,
	} mode;
	char until[STEPPING_WORD_MAX]; /* RUNS_TO: the step's name */
	struct stepping_held asked;    /* the question that stands; task NULL: none does */
	struct stepping_held granted;  /* it was answered, and is on its way to its call */
	struct stepping_held turn;     /* it may ask next: it has been let out of the queue */
	struct stepping_held *queue;   /* they wait, the oldest first; only their sessions bound their number */
	size_t count, room;
	struct task *reader;           /* reads standard input from this terminal: it waits for the question's end */
	struct task keys_task;         /* keys have come */
	struct task next_task;         /* the next of the queue */
	struct timer pause;            /* behind the key c; until the terminal is ours; is_quitting: at most */
	bool is_shown;                 /* the question stands on the terminal */
	bool is_quitting;              /* q: the sessions are being ended */
	bool is_open;                  /* the loop is */
	char call[STEPPING_CALL_MAX], why[STEPPING_WHY_MAX]; /* of the question */
	const char *topics[2];         /* of the guide, that explain its step; NULL: none */
};

/* ---- stepping_gate.c ---- */

static inline void stepping_forget(struct stepping_held *held)
{
	held->task = NULL;
}

/* Of struct gate. */
bool stepping_admits(struct gate *gate, const struct intent *intent);
void stepping_forgets(struct gate *gate, const struct task *task);
/* The step that was let go has had its turn: the next of the queue. */
void stepping_next(struct task *task);
/* Put the question on the terminal, or look again later whether that is ours. */
void stepping_question_show(struct stepping *stepping);
/* It is answered, or there is nothing to ask about any more. */
void stepping_question_close(struct stepping *stepping);
/* Nothing is asked for now: whoever waits goes on. */
void stepping_release_queue(struct stepping *stepping);

/* ---- stepping_tell.c ---- */

/* Put the words of a step together: call, why, topics. */
void stepping_tell_about(struct stepping *stepping, const struct intent *intent);
/* Write them, and the line with the cursor. */
void stepping_tell_question(struct stepping *stepping);
/* The line with the cursor. */
void stepping_tell_prompt(struct stepping *stepping);
/* Write the topics that explain the step; all sockets with their states and queues; the keys. */
void stepping_tell_topics(struct stepping *stepping);
void stepping_tell_sockets(struct stepping *stepping);
void stepping_tell_keys(struct stepping *stepping);
/* A sentence of our own. */
void stepping_tell(struct stepping *stepping, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
