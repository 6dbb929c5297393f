/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A descriptor that steps are made on, with the facts that are kept beside it: whose it is, which state it was last
 * seen in, and for what it is ready.
 */
#ifndef SOCKT_STEP_SOCK_H
#define SOCKT_STEP_SOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/event.h"

struct task;

/*
 * Readiness: set by the loop, cleared only by the step that saw EAGAIN, or took all there was.
 * END, HUP, ERR and URGENT are never cleared.
 */
enum sock_ready {
	READY_IN = 1U << 0,
	READY_OUT = 1U << 1,
	READY_END = 1U << 2, /* EPOLLRDHUP: the peer sends no more */
	READY_HUP = 1U << 3,
	READY_ERR = 1U << 4,
	READY_URGENT = 1U << 5, /* EPOLLPRI: urgent data are among what came */
};

/* What a descriptor is: decides which calls fit it. */
enum sock_kind {
	SOCK_KIND_OTHER = 0, /* devices, eventfds ... */
	SOCK_KIND_SOCKET,    /* send, recv, shutdown */
	SOCK_KIND_PIPE,      /* one side of a splice may be it, without a pipe between */
	SOCK_KIND_FILE,      /* a regular file: always ready */
	SOCK_KIND_TERMINAL,
};

/* The accept queue as it was last told of: how many waited in it, how many that came were turned away. */
struct sock_queue {
	uint32_t len, drops;
};

struct sock {
	int fd;             /* -1: none */
	uint32_t session;   /* number of the session it works for; 0: none yet */
	union {
		uint64_t asked_ns;  /* when connect() was called */
		struct sock_queue queue; /* of a listening socket */
	};
	struct task *task;  /* put on the run queue when a fact is set */
	uint8_t ready;      /* enum sock_ready */
	uint8_t kind;       /* enum sock_kind */
	uint8_t protocol;   /* enum protocol */
	uint8_t side;       /* enum side */
	uint8_t state;      /* TCP_*, as last seen; 0: not known */
	bool is_shared : 1;     /* handed in from outside: others may hold the same open file */
	bool was_blocking : 1;  /* handed in without O_NONBLOCK, which is set: taken away again when it is closed */
	bool is_inherited : 1;  /* not ours: O_NONBLOCK is never set on it */
	bool was_reset : 1;     /* connected, and reset before anybody looked: the error has been taken already */
	bool needs_poll : 1;    /* it blocks and is shared: poll(2) is asked before each read and write of it */
	bool is_asking : 1;     /* connect() has found no room, and will be called again: only the first call is news */
	bool is_watched : 1;    /* registered with the loop */
	bool is_deferred : 1;   /* connect() waits for the first data, which go with the SYN (TCP_FASTOPEN_CONNECT) */
	bool is_opening : 1;    /* they have gone, and the handshake may not be over */
	bool is_hidden : 1;     /* of the machinery: what the loop hears of it is no event */
	bool is_passed : 1;     /* another process has it too: closing it ends nothing */
	uint8_t shut_why : 2;   /* enum shutdown_why: of the next shutdown() */
	bool is_unpollable : 1; /* epoll refuses it (a regular file, /dev/null): always ready */
};

/* An empty sock: fd -1. */
void sock_init(struct sock *sk);

#endif
