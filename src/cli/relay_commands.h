/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a relay is asked while it runs: by --control, by SIGUSR1, and by the clock (--stats). The same for a relay in
 * this process and for workers, whose answers come later and are put together.
 */
#ifndef SOCKT_CLI_RELAY_COMMANDS_H
#define SOCKT_CLI_RELAY_COMMANDS_H

#include "cli/running.h"
#include "engine/control.h"
#include "engine/relay.h"
#include "engine/worker.h"
#include "engine/workers.h"

struct asking;

struct relay_commands {
	struct running *rn;
	/* One of the two. */
	struct relay *relay;
	struct workers *workers;
	struct fault_list *faults; /* with workers: what the next one begins with */
	struct endpoint endpoint;  /* of --control */
	struct control *control;   /* NULL: none */
	struct asking *askings;    /* that wait for workers */
	struct control_stats last; /* that were shown */
	struct timer every;        /* --stats */
	bool is_stats_asked, is_progress_asked, is_state_asked; /* and not answered yet */
};

/* Before the relay or the workers are started: the control socket listens when they do. */
void relay_commands_open(struct relay_commands *commands, struct running *rn);
/* Do what is asked for; answered is called now or later, once. */
void relay_commands_ask(struct relay_commands *commands, const struct control_request *request,
			void (*answered)(void *ctx, const struct control_request *request,
					 const struct control_answer *answer), void *ctx);
/* SIGUSR1: a line for each session. */
void relay_commands_tell_state(struct relay_commands *commands);
/* When the loop has ended, before relay or workers are freed. */
void relay_commands_stop(struct relay_commands *commands);
/* After that. */
void relay_commands_close(struct relay_commands *commands);

/* In a worker: answer a command of the parent; as worker->command. */
void relay_commands_answer(struct worker *worker, const char *command, struct buf *answer);

#endif
