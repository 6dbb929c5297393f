/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run as a program: which of its calls a person would write who wants the same done, with sockets that block. One
 * session: of a server with many clients, and of a relay, the first. Knows nothing of C. Pure, and bounded: what is too
 * long to be written down is folded (is_bulk), and what cannot be folded is counted (PROGRAM_LEFT_OUT).
 */
#ifndef SOCKT_TRACE_PROGRAM_H
#define SOCKT_TRACE_PROGRAM_H

#include "base/buf.h"
#include "trace/event.h"

#define PROGRAM_DATA_MAX ((size_t)32 << 10) /* bytes to send that are written down */
#define PROGRAM_STEPS_MAX 256               /* statements that move data, until they are folded */
#define PROGRAM_OPTION_MAX 64               /* bytes of the value of a socket option */

enum program_op {
	PROGRAM_REMARK,   /* no call: its comment. socket is NULL */
	PROGRAM_SOCKET,
	PROGRAM_SETSOCKOPT,
	PROGRAM_UNLINK,   /* remove the file that a socket has left behind at addr */
	PROGRAM_FCHMOD,   /* give the socket, and so its file, the mode `number` */
	PROGRAM_BIND,
	PROGRAM_CHOWN,    /* give the file of the socket to user `domain` and group `type`; -1: it stays */
	PROGRAM_CHMOD,    /* give it the mode `number` */
	PROGRAM_PORT,     /* tell which port it has become */
	PROGRAM_LISTEN,
	PROGRAM_ACCEPT,
	PROGRAM_CONNECT,
	PROGRAM_CONNECTED, /* of a whole program: the connect() that went on meanwhile is waited for */
	PROGRAM_NONBLOCK,  /* of a whole program: the socket shall not block (number 1), or shall (0) */
	PROGRAM_POLL,      /* of a whole program: wait until one of several sockets is ready */
	PROGRAM_NAME,      /* of a whole program: getsockname(), getpeername(): number is the step */
	PROGRAM_GETSOCKOPT, /* of a whole program */
	PROGRAM_SEND,     /* data, or, where there are none, bytes of standard input */
	PROGRAM_RECEIVE,  /* to standard output */
	PROGRAM_FORWARD,  /* from socket to `to` */
	PROGRAM_EXCHANGE, /* bytes sent and bytes_back received, both at once; of a relay: to `to` and back */
	PROGRAM_PASS,     /* bytes sent on socket and bytes_back received on `to`, its other end in this program */
	PROGRAM_FAILED,   /* a receive that failed with error */
	PROGRAM_LEFT_OUT, /* so many bytes were sent, and bytes_back received, in count calls */
	PROGRAM_SHUTDOWN,
	PROGRAM_CLOSE,
	PROGRAM_OP_COUNT
};

enum program_role {
	PROGRAM_ROLE_UNKNOWN = 0,
	PROGRAM_ROLE_LISTENER,
	PROGRAM_ROLE_ACCEPTED,
	PROGRAM_ROLE_CONNECTED, /* to the server; of a relay: to its target */
	PROGRAM_ROLE_ATTEMPT,   /* its connect() failed, and another was tried */
	PROGRAM_ROLE_GIVEN_UP,  /* its connect() was not waited for */
	PROGRAM_ROLE_UNCONNECTED, /* of datagrams from anyone */
	PROGRAM_ROLE_INHERITED,
	PROGRAM_ROLE_COUNT
};

struct program_statement;

/* A socket that is waited for, and for what: POLLIN, POLLOUT. */
struct program_polled {
	const struct program_socket *socket;
	short events;
};

/* Statements in their order. */
struct program_list {
	struct program_statement *first, *last;
};

/* One socket of the run, from socket() or accept() to close(). */
struct program_socket {
	struct program_socket *next;
	int fd; /* as it was in the run */
	uint32_t session; /* in which it was made: workers have sockets of the same number */
	bool is_closed;
	bool is_connecting;
	bool is_held;    /* its statements wait in held for what becomes of it */
	bool has_failed; /* it could not be made */
	bool wants_port; /* it asked for a port of the kernel's choice */
	enum program_role role;
	enum protocol protocol;
	int error;                  /* of ATTEMPT, GIVEN_UP: what connect() ended with; 0: it was not waited for */
	struct addr bound;          /* what was asked for; len 0: nothing */
	struct addr local;          /* of a whole program: what the kernel made of that */
	bool is_nonblock;           /* of a whole program: its calls do not wait */
	bool is_autobound;          /* of a whole program: the kernel chose its abstract name */
	struct program_statement *sending; /* a send that has not taken all its bytes yet; NULL: none */
	bool is_declared;           /* of a whole program, while it is written: its variable for bind() is there */
	struct addr remote;         /* of UNCONNECTED: the one peer that counts */
	struct program_list held;
	/* Of a relay: what was received here and has not been sent on yet. */
	struct buf pending;
	bool is_ended; /* the end came behind it */
};

/*
 * A socket of a relay that shares the address of another one (SO_REUSEPORT), as each worker has its own: the program
 * does with one what they did together.
 */
struct program_twin {
	struct program_twin *next;
	int fd;
	struct program_socket *of;
};

struct program_statement {
	struct program_statement *next;
	enum program_op op;
	struct program_socket *socket;
	struct program_socket *to; /* ACCEPT: the new one; FORWARD, EXCHANGE of a relay: where it goes */
	char *comment;             /* paragraphs divided by newlines; NULL: none */
	int error;                 /* what it failed with in the run (REMARK: EAI_*); 0: nothing */
	struct addr addr;          /* BIND, CONNECT, UNLINK, CHOWN, CHMOD; of a whole program SEND: whom to, len 0:
				      the peer */
	int domain, type, protocol; /* SOCKET; CHOWN */
	int number;                /* LISTEN: backlog; FCHMOD, CHMOD: mode; SHUTDOWN: how; NONBLOCK: 1, 0; POLL:
				      ms; NAME */
	int flags;                 /* of a whole program SEND, RECEIVE, FAILED: OOB, DONTWAIT, MORE, PEEK */
	bool is_nonblock;          /* its socket does not block */
	bool is_started;           /* CONNECT: others act before its answer comes */
	struct program_polled *polled; /* POLL: count of them */
	bool is_late;              /* POLL: none was ready in its time */
	int level, optname;        /* SETSOCKOPT, GETSOCKOPT */
	size_t option_len;         /* GETSOCKOPT: of what came back; its bytes are not kept */
	uint8_t option[PROGRAM_OPTION_MAX];
	/* SEND, PASS: bytes of them, or, where they repeat themselves, the first `period` ones; else that is 0. */
	uint8_t *data;
	size_t period;
	bool is_some;         /* SEND: it does not wait, and takes the bytes that there is room for */
	uint64_t taken;       /* how many those were in the run */
	uint64_t bytes, bytes_back;
	uint64_t count;       /* of messages: how many; of a message that is sent each has `bytes` bytes */
	bool has_end;         /* RECEIVE, FORWARD: until the peer ends */
	bool is_silent;       /* RECEIVE: not to standard output */
};

struct program {
	bool is_relay;
	bool is_whole;     /* all sessions count, and each socket by itself: statements stand as they were made */
	bool is_bulk;      /* too much to write down: moves are folded, sends come from standard input */
	uint32_t session;  /* the one that counts; 0: none has begun */
	bool has_others;   /* there were other sessions */
	bool has_sandbox;  /* the run had a network of its own */
	bool has_passed;   /* the connection was handed to another process (--pass-fd) */
	bool has_user;     /* it became another user (--user) */
	bool has_faults;   /* --fault did something to one of them */
	bool is_cut;       /* what came behind the last statement is not written down */
	struct program_list list;
	struct program_socket *sockets; /* in the order in which they were made */
	struct program_twin *twins;
	struct program_socket *client, *target; /* of a relay; NULL: not there yet */
	size_t moves;      /* statements that move data */
	size_t others;     /* statements that do not */
	size_t data_len;   /* bytes in statements */
	const char *comment; /* for the next statement that is made */
	struct addr to;      /* whom the send at hand goes to; len 0: the peer */
};

void program_init(struct program *program, bool is_relay);
void program_clear(struct program *program);
/* May the event become part of the program? What is of another session than the first does not. */
bool program_wants(const struct program *program, const struct event *event);
/*
 * Take an event; comment (may be NULL) explains its step. Returns whether the program has changed.
 */
bool program_event(struct program *program, const struct event *event, const char *comment);

/* Do its sends and receives keep boundaries? */
bool program_has_messages(const struct program_socket *socket);
/* Is there anything behind the statement but the closing of sockets? */
bool program_goes_on(const struct program_statement *statement);
/* Did a connect() of the run succeed? */
bool program_has_winner(const struct program *program);

#endif
