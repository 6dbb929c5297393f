/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs of others that are started for a connection: posix_spawnp(3), pidfd_open(2), waitpid(2). A program gets
 * exactly three descriptors: a pipe from us, a pipe to us, and our standard error; or a terminal of its own. Signals
 * are as they were when we were started, SIGPIPE and SIGXFSZ as by default.
 */
#ifndef SOCKT_STEP_SPAWN_H
#define SOCKT_STEP_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "step/step.h"

/* What is to be started. */
struct spawn_wish {
	char *const *argv; /* ended by NULL; argv[0] is looked for in PATH where it has no slash */
	char *const *envp;
	const sigset_t *mask; /* of signals that are blocked in it */
	bool has_pty;         /* a terminal of its own is all three of its descriptors */
};

struct process {
	pid_t pid;         /* 0: none, or nothing is left of it */
	struct sock in;    /* what is written to it is on its standard input */
	struct sock out;   /* and its standard output is read from it */
	struct sock end;   /* a pidfd, ready when it has ended; without a descriptor before Linux 5.3 */
	int status;        /* of waitpid(2), once it has ended */
	bool has_ended;
	bool has_pty;
};

/* No process, of that session; task is woken when a held start may go on. */
void process_init(struct process *process, uint32_t session, struct task *task);

/*
 * To be called before the first program is started: descriptors that were handed in, and those that libraries have
 * opened, are not for programs; and how a child has ended is to be known.
 */
void spawn_prepare(void);
/*
 * Can file be started, as far as it shows: is it there, in PATH where it has no slash, and may it be executed? Returns
 * 0, -ENOENT or -EACCES.
 */
int spawn_find(const char *file);
/* Start it. Returns 0 with process filled, all of its descriptors non-blocking; -errno; or STEP_HELD. */
int step_spawn(struct stepper *st, struct process *process, const struct spawn_wish *wish);
/* Has it ended? Then its status is filled, and nothing is left of it but the descriptors. Does not wait. */
bool step_reap(struct stepper *st, struct process *process);
/* Send it a signal. Ended already: nothing. */
void process_signal(const struct process *process, int number);
/* The exit status as a shell tells it: that of the program, or 128 and the number of the signal that ended it. */
int process_exit_status(const struct process *process);
/*
 * Wait for one of them to end, for at most so many ms (poll(2) on what end has, else a moment). The loop must not be
 * running.
 */
void process_wait(const struct process *process, int timeout_ms);

#endif
