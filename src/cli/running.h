/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What listen, connect, relay and shell have in common: the trace, the loop, signals, the total time limit,
 * what is said to
 * the person, and the exit status. The command starts its run in between.
 */
#ifndef SOCKT_CLI_RUNNING_H
#define SOCKT_CLI_RUNNING_H

#include "cli/options.h"
#include "engine/dressing.h"
#include "engine/programs.h"
#include "engine/run.h"

struct copies;
struct progress;
struct running_files;

struct running {
	const struct options *options;
	int argc; /* the command line: what a trace begins with */
	char *const *argv;
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct engine engine;
	struct stdio_layer io;
	struct console_end end;
	struct running_files *files; /* ends of a relay that are no sockets; NULL: none */
	struct ending_rules rules;
	struct copies *copies;        /* of what passes; NULL: none */
	struct tally tally;            /* of all connections, for --progress */
	struct progress *progress;     /* NULL: nobody asks for it */
	struct dressing_wish dressing; /* what is done to the bytes of each connection */
	struct run_result result;
	struct timer total;      /* --total-timeout */
	uint64_t total_ns;       /* since when it runs, by the time of limits */
	struct timer foreground; /* to look again whether the terminal is ours */
	int socktype;            /* of the endpoint; 0: not known */
	bool is_mixed;           /* further endpoints are of other types */
	bool has_messages;       /* what goes to one of them are messages */
	struct sink_out *lines;  /* standard error for stderr_lines.h, once it is needed */
	struct timer flush;      /* of these */
	bool has_status;         /* a line is kept up to date at the bottom of the terminal */
	const char *notify;      /* where a service manager waits to be told (NOTIFY_SOCKET); NULL: nowhere */
	int notify_fd;           /* connected with it, or -errno; 0: not tried yet */
	bool has_dropped;        /* the rights of --user and --chroot are given up */
	int signal;              /* that ended the run; 0: none */
	bool has_status_own;     /* of a run that is no connection: status_own is its exit status */
	int status_own;
	bool has_trace_stopped;  /* a sink's file could not be written, and that was said */
	bool has_packets;        /* packets are seen (--packets) */
	int packets_error;       /* why not, an errno; 0: they are, or are not asked for */
	bool has_stderr_sink;    /* a sink writes to standard error: what is said goes there */
	/* The run's: end it, and let it read the terminal again. */
	void (*abandon)(void *run, enum ended_by ended, const char *limit);
	void (*wake)(void *run);
	/* A person has changed the level of the trace. NULL: nobody but the bus has to know. */
	void (*leveled)(void *run);
	/* The same for a person who wants to leave: as dialer_leave(). NULL: abandon() is all there is. */
	bool (*leave)(void *run);
	/* What a person has called the socket of that descriptor; NULL: nothing. NULL itself: nobody names sockets. */
	const char *(*name_of)(void *run, int fd);
	/* Of a relay: ask what it has counted, so that progress_relay() is told, now or later. NULL: tally has it. */
	void (*ask_counts)(struct running *rn);
	/* Of a relay with an end of our own: its one session; NULL: there is none now. */
	const struct session *(*session)(const void *run);
	/* A signal has come: true, the run goes on. NULL: signals end it. */
	bool (*signaled)(struct running *rn, int number);
	void *run;
	struct relay_commands *commands; /* of a relay */
	struct stepping *stepping; /* --step; NULL: nothing is asked */
	struct console *console; /* NULL: nobody types commands */
	struct programs *programs; /* NULL: no program is run */
	struct programs *other_programs; /* of a relay whose TO is a program too; NULL: it is none */
};

/* Who attends to the sessions: a console, or programs; NULL: nobody. */
const struct attendant *running_attendant(const struct running *rn);
/* Say that only this machine can connect, where that is so because of a program. */
void running_say_loopback(struct running *rn);
/* Add a sink while the run goes on. Returns STATUS_OK, or another status after a message. */
int running_add_sink(struct running *rn, const struct options_trace *wish);
/* Let the loop go until the run is over. */
void running_loop(struct running *rn);
/*
 * A whole command: read the options, open everything, let run() start its run and the loop go, close, and return
 * the exit status. start_ns is taken first of all.
 */
int running_command(const struct command *command, int argc, char **argv, void (*run)(struct running *rn));

/* Do clients and targets talk, and not standard input? */
bool running_is_relay(const struct running *rn);

#endif
