/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What listen and connect have in common: the trace, the loop, signals, the total time limit, what is said to the
 * person, and the exit status. The command starts its run in between.
 */
#ifndef SOCKT_CLI_RUNNING_H
#define SOCKT_CLI_RUNNING_H

#include "cli/options.h"
#include "engine/run.h"

struct running {
	const struct options *options;
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct engine engine;
	struct stdio_layer io;
	struct console_end end;
	struct ending_rules rules;
	struct run_result result;
	struct timer total;      /* --total-timeout */
	struct timer foreground; /* to look again whether the terminal is ours */
	int socktype;            /* of the endpoint; 0: not known */
	int signal;              /* that ended the run; 0: none */
	bool has_stderr_sink;    /* a sink writes to standard error: what is said goes there */
	/* The run's: end it, and let it read the terminal again. */
	void (*abandon)(void *run, enum ended_by ended, const char *limit);
	void (*wake)(void *run);
	void *run;
};

/*
 * Open everything but the run. start_ns: when the program started. Returns STATUS_OK, or another status after a
 * message; running_close() is due in both cases.
 */
int running_open(struct running *rn, const struct options *options, uint64_t start_ns, int argc, char **argv);
/* Let the loop go until the run is over. */
void running_loop(struct running *rn);
/* Say how it ended, and return the exit status. The run is freed before. */
int running_close(struct running *rn);

#endif
