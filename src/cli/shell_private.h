/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the shell share. */
#ifndef SOCKT_CLI_SHELL_PRIVATE_H
#define SOCKT_CLI_SHELL_PRIVATE_H

#include <stdio.h>

#include "cli/editor.h"
#include "cli/shell.h"
#include "cli/shell_expect.h"
#include "cli/shell_parse.h"
#include "endpoint/sockopt_named.h"
#include "endpoint/sockopt_value.h"
#include "trace/text_call.h"

/* What an attempt returns besides a result and -errno. */
#define SHELL_WAITS (-5000) /* it would block: made again when its socket is ready, or its time comes */
#define SHELL_FAILS (-5001) /* an expectation that does not hold; what came is in the call's why */
#define SHELL_SAID (-5002)  /* no call at all: help, info. It has said what there is to say */

#define SHELL_HISTORY_MAX 500
#define SHELL_SAY_MAX 8192 /* bytes of a line that is said */
#define SHELL_RECV_SIZE ((size_t)64 * 1024)

struct shell_call;

/* A socket that has a name. It keeps it when it is closed, until another takes it. */
struct shell_sock {
	struct shell_sock *next;
	char name[SHELL_NAME_MAX];
	struct shell *sh;
	struct sock sk;
	struct task task;
	int domain, type;
	bool is_nonblock;   /* a call that would block answers EAGAIN */
	bool is_listening;
	bool is_connected;  /* to one peer: it has been, at least */
	bool is_connecting; /* connect() has answered EINPROGRESS, and nobody has asked for the verdict */
	struct addr target; /* of the last connect */
	struct addr local, remote; /* as far as known; len 0: not. They stay when it is closed */
	uint64_t rcvtimeo_ns, sndtimeo_ns; /* SO_RCVTIMEO, SO_SNDTIMEO; 0: none */
	struct shell_call *call; /* that goes on */
	struct shell_result answer; /* of one that went on in the background */
};

/* An event of a call, kept until its line is written. */
struct shell_seen {
	bool is_there;
	struct event event;
	union step_args args;
	struct addr local, remote, name;
	struct tcp_facts tcp;
	char value[32]; /* of a socket option */
};

/* A statement that is being done. */
struct shell_call {
	struct shell_call *next; /* of those that go on */
	const struct shell_verb *verb;
	struct shell *sh;
	struct shell_statement statement; /* owned */
	size_t line;
	struct shell_sock *sock;  /* that it is made on; NULL: on none */
	struct shell_sock *other; /* SOCKET, ACCEPT: the new one, owned until there is a descriptor */
	bool is_pending;
	bool has_waited, is_late; /* it had to wait; it has waited as long as it may */
	bool is_told;             /* that it waits was said */
	uint64_t held_ns;         /* since when the gate holds it; 0: it does not */
	uint64_t asked_ns;        /* EXPECT: since when, by the time of limits, which rests while --step asks */
	uint64_t began_ns, limit_ns; /* limit_ns: how long it waits at most; 0: for ever */
	struct timer timer;  /* to try again */
	uint64_t pause_ns;
	struct shell_seen seen;
	/* Arguments. */
	struct addr addr;
	struct addr chosen; /* LISTEN of what was not bound: what the kernel has bound it to; len 0: nothing */
	int number, flags;
	struct sockopt option;
	uint8_t value[SOCKOPT_VALUE_MAX];
	socklen_t value_len;
	struct pollfd polled[SHELL_POLLS_MAX];
	char *data;  /* SEND: what to send; RECV: room for len bytes; owned */
	size_t len, done;
	int phase;
	struct shell_expectation wanted;
	struct options_trace trace; /* its file is owned */
	struct shell_result result;
	char why[SHELL_ERROR_MAX];
};

/* A statement that there is. */
struct shell_verb {
	const char *name;
	const char *arguments; /* as help shows them, without NAME = */
	const char *help;      /* one sentence, for _() */
	bool is_assigning;     /* NAME = ... */
	bool may_wait;         /* "&" may stand behind it */
	size_t min, max;       /* words behind its own */
	uint64_t steps;        /* bits 1 << STEP_*: its calls, which are shown */
	const char *waits_for; /* what it waits for, for _(); NULL: it never does */
	/* Read the words. Returns 0, or -EINVAL with a sentence in error (SHELL_ERROR_MAX bytes). */
	int (*begin)(struct shell_call *call, char *error);
	/*
	 * Do it, or go on with it. Returns a result, -errno, STEP_HELD, SHELL_WAITS, SHELL_FAILS or SHELL_SAID.
	 */
	int64_t (*attempt)(struct shell_call *call);
};

/* Where lines come from. */
struct shell_script {
	const char *name; /* as it was named: a file, or a lesson; NULL: standard input */
	struct buf text;  /* what has been read and not been taken */
	size_t taken;     /* bytes of it that the line last given takes */
	size_t line;      /* its number */
	bool is_ended;
};

struct shell {
	struct running *rn;
	struct bus_tap tap;
	struct bus quiet_bus;
	struct stepper quiet; /* for reading lines: no event */
	struct text_view view;
	bool is_interactive;
	bool is_colored;
	bool is_over;
	bool is_prompted;     /* the prompt stands there */
	struct editor *editor; /* at a terminal; NULL: lines are read as they come */
	FILE *out;             /* what is said: standard output, or, with an editor, memory that goes to its screen */
	char *said;            /* that memory */
	size_t said_size;
	int out_error;         /* errno of the first write to standard output that failed; 0: none did */
	bool has_statement;   /* one has been done: it is too late for a sandbox */
	bool has_hidden;      /* answers of questions were not shown */
	int status;
	struct task task;     /* take the next line */
	struct shell_script script;
	struct shell_sock *socks;
	struct shell_call *calls;      /* that go on */
	struct shell_call *foreground; /* the one of these that the next line waits for */
	struct shell_call *asked;      /* one in the background that --step holds: the next line waits for it, too */
	struct shell_call *making;     /* the one that is being attempted */
	uint32_t sessions;
	char *history[SHELL_HISTORY_MAX]; /* a ring of the statements that were typed; owned */
	size_t history_count;
	struct shell_result last;
	bool has_error;       /* the last call failed, and that has not been expected */
	size_t error_line;
};

/* ---- shell.c ---- */

/* End the shell with a status. */
void shell_end(struct shell *sh, int status);
/* A line is wrong: a script ends with it. */
void shell_complain(struct shell *sh, size_t line, const char *sentence);

/* ---- shell_mistake.c ---- */

/* No statement has that name. Returns -EINVAL with what may be meant in error (SHELL_ERROR_MAX bytes). */
int shell_mistake_verb(const struct shell *sh, const struct shell_word *word, char *error);
/* The statement has more words than its verb takes. The same. */
int shell_mistake_much(const struct shell_statement *statement, const struct shell_verb *verb, char *error);

/* ---- shell_pending.c ---- */

/*
 * Make the call, or go on with it: its socket is ready, the gate has let it go, or its time has come. It may be gone
 * then.
 */
void shell_call_attempt(struct shell_call *call);
/* Make the call be tried again after pause_ns at the latest. */
void shell_call_again(struct shell_call *call, uint64_t pause_ns);
/* It goes on no more. */
void shell_call_unlink(struct shell_call *call);
/* The socket has been closed: its calls in the background end with EBADF, which `wait` finds. */
void shell_calls_give_up(struct shell_sock *sock);
/*
 * An answer of the background is needed no more: in a script a failure that nobody has asked for ends it. Returns false
 * where it does.
 */
bool shell_answer_check(struct shell *sh, const struct shell_result *answer);
/* The same of all answers that are kept. */
bool shell_answers_check(struct shell *sh);
/* A call that still waits ends a script, too, where that has come to its end. Returns false where it does. */
bool shell_calls_check(struct shell *sh);
/* The call that is to make a socket of that name, and waits; NULL: none. */
const struct shell_call *shell_call_making(const struct shell *sh, const char *name);
/* The calls of a socket are those of another from now on, which takes its place. */
void shell_calls_move(struct shell *sh, const struct shell_sock *from, struct shell_sock *to);
/* NULL: nothing. */
void shell_call_free(struct shell_call *call);
/* The timer of a call has fired. */
void shell_call_on_timer(struct timer *timer);

/* ---- shell_say.c ---- */

void shell_say_open(struct shell *sh);
void shell_say_close(struct shell *sh);
/* One line, which may hold marks (trace/text_call.h). */
void shell_say(struct shell *sh, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of a line that is made already. */
void shell_say_line(struct shell *sh, const char *line);
/* The line of a statement, or narration, escaped. */
void shell_say_source(struct shell *sh, const char *before, const char *line, size_t len);
/* What it waits for. */
void shell_say_waiting(struct shell *sh, const struct shell_call *call);
/* What is wrong with a line: a sentence. In a script with its number. */
void shell_say_mistake(struct shell *sh, size_t line, const char *sentence);
/* Text of several lines that a function prints to a stream. */
void shell_say_printed(struct shell *sh, void (*print)(FILE *out, const void *ctx), const void *ctx);
void shell_say_prompt(struct shell *sh);
/* What has been said goes out: before the loop waits. */
void shell_say_flush(struct shell *sh);
/* Begin to say: to standard output, or to memory. */
void shell_say_begin(struct shell *sh);

/* ---- shell_say_call.c ---- */

/* The call that was made, with its result and what that means. */
void shell_say_call(struct shell *sh, struct shell_call *call);

/* ---- shell_editor.c ---- */

void shell_editor_open(struct shell *sh);
/* Puts the terminal back. NULL: nothing. */
void shell_editor_close(struct shell *sh);
/* Traces that go to the same terminal stand above the line that is typed. */
void shell_editor_share(struct shell *sh);

/* ---- shell_socks.c ---- */

/* Find by name; NULL: there is none. */
struct shell_sock *shell_sock_find(const struct shell *sh, const char *name);
/* The open socket of that name. Returns 0 or -EINVAL. */
int shell_sock_get(const struct shell *sh, const struct shell_word *word, struct shell_sock **sock, char *error);
/* May a new socket have that name? Returns 0 or -EINVAL. */
int shell_sock_check_new(const struct shell *sh, const char *name, char *error);
/* A new one, of no name's list yet. */
struct shell_sock *shell_sock_new(struct shell *sh, const char *name);
/* Put it into the list, in the place of a closed one of its name. */
void shell_sock_add(struct shell *sh, struct shell_sock *sock);
void shell_sock_free(struct shell_sock *sock);
/* Hear of its readiness from now on. */
void shell_sock_watch(struct shell_sock *sock);
/*
 * Its TCP state, as last seen. What TCP_INFO calls CLOSE may be TIME_WAIT: the kernel keeps that apart from
 * the socket.
 * Of a closed socket what the kernel still knows of its connection; SHELL_STATE_GONE: nothing.
 */
int shell_sock_state(struct shell_sock *sock);
/*
 * A connect that went on has ended well, if the loop has heard so: whoever watches the steps is told. One that has
 * failed keeps its error, for whoever asks.
 */
void shell_sock_settle(struct shell_sock *sock);
/* Look at its addresses. */
void shell_sock_look_names(struct shell_sock *sock);
/* Look at the states of all, and say what has changed. */
void shell_socks_look(struct shell *sh);
/* The named socket whose local address that is, NULL: none. */
struct shell_sock *shell_sock_at(const struct shell *sh, const struct addr *addr, int type);
/*
 * Read an address for sock: as people write one, or the name of another socket, whose address it is then.
 * Returns 0 or -EINVAL.
 */
int shell_address(const struct shell_sock *sock, const struct shell_word *word, struct addr *addr, char *error);
/* $NAME.addr and $NAME.port: struct shell_values, of a shell. */
int shell_sock_value(void *ctx, const char *name, const char *member, char *dst, size_t size, char *error);

/* ---- shell_call.c ---- */

/* The statements there are: index 0, 1, ... until NULL. */
const struct shell_verb *shell_verb_at(size_t index);
const struct shell_verb *shell_verb_find(const char *name);
/* For near_find(). */
const char *shell_verb_name_at(const void *ctx, size_t i);
/* How it is written: "NAME = socket KIND". Returns dst. */
const char *shell_verb_usage(const struct shell_verb *verb, char *dst, size_t size);
/* The i-th word behind the verb; NULL: there are not so many. */
const struct shell_word *shell_arg(const struct shell_call *call, size_t i);
/* For begin: the first word is an open socket. Returns 0 or -EINVAL. */
int shell_begin_sock(struct shell_call *call, char *error);

/* What the records have; shell_call_*.c. */
int shell_socket_begin(struct shell_call *call, char *error);
int64_t shell_socket_attempt(struct shell_call *call);
int shell_bind_begin(struct shell_call *call, char *error);
int64_t shell_bind_attempt(struct shell_call *call);
int shell_listen_begin(struct shell_call *call, char *error);
int64_t shell_listen_attempt(struct shell_call *call);
int shell_accept_begin(struct shell_call *call, char *error);
int64_t shell_accept_attempt(struct shell_call *call);
int shell_connect_begin(struct shell_call *call, char *error);
int64_t shell_connect_attempt(struct shell_call *call);
int shell_send_begin(struct shell_call *call, char *error);
int shell_sendto_begin(struct shell_call *call, char *error);
int64_t shell_send_attempt(struct shell_call *call);
int shell_recv_begin(struct shell_call *call, char *error);
int64_t shell_recv_attempt(struct shell_call *call);
int64_t shell_recvfrom_attempt(struct shell_call *call);
int shell_shutdown_begin(struct shell_call *call, char *error);
int64_t shell_shutdown_attempt(struct shell_call *call);
int64_t shell_close_attempt(struct shell_call *call);
int shell_expect_begin(struct shell_call *call, char *error);
int64_t shell_expect_attempt(struct shell_call *call);
int shell_setsockopt_begin(struct shell_call *call, char *error);
int64_t shell_setsockopt_attempt(struct shell_call *call);
int shell_getsockopt_begin(struct shell_call *call, char *error);
int64_t shell_getsockopt_attempt(struct shell_call *call);
int shell_linger_begin(struct shell_call *call, char *error);
int shell_nonblock_begin(struct shell_call *call, char *error);
int64_t shell_nonblock_attempt(struct shell_call *call);
int64_t shell_getsockname_attempt(struct shell_call *call);
int64_t shell_getpeername_attempt(struct shell_call *call);
int shell_poll_begin(struct shell_call *call, char *error);
int64_t shell_poll_attempt(struct shell_call *call);
/* Say of each socket what the poll has found. */
void shell_poll_tell(struct shell_call *call);
int shell_info_begin(struct shell_call *call, char *error);
int64_t shell_info_attempt(struct shell_call *call);
int shell_wait_begin(struct shell_call *call, char *error);
int64_t shell_wait_attempt(struct shell_call *call);
int shell_sandbox_begin(struct shell_call *call, char *error);
int64_t shell_sandbox_attempt(struct shell_call *call);
int shell_trace_begin(struct shell_call *call, char *error);
int64_t shell_trace_attempt(struct shell_call *call);
int64_t shell_explain_attempt(struct shell_call *call);
int64_t shell_history_attempt(struct shell_call *call);
int shell_sleep_begin(struct shell_call *call, char *error);
int64_t shell_sleep_attempt(struct shell_call *call);
int64_t shell_help_attempt(struct shell_call *call);
int64_t shell_quit_attempt(struct shell_call *call);

/* ---- shell_script.c ---- */

/* Read the file of the options, or begin with standard input. Returns 0 or -errno. */
int shell_script_open(struct shell *sh);
void shell_script_close(struct shell *sh);
/*
 * Take the next line, in memory that is valid until the next call. Returns 1: there is one, 0: none yet, -EINVAL: one
 * that is too long, -ENODATA: there is no more.
 */
int shell_script_next(struct shell *sh, const char **line, size_t *len);

#endif
