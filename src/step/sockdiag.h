/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who holds a port or a path: the kernel's table of sockets (NETLINK_SOCK_DIAG, sock_diag(7)) and /proc (proc(5)), for
 * explaining errors. Observing steps; called when a step has failed, never on the way of data.
 */
#ifndef SOCKT_STEP_SOCKDIAG_H
#define SOCKT_STEP_SOCKDIAG_H

#include "step/step.h"

struct port_holder {
	struct addr local, remote;
	int state;            /* TCP_LISTEN, TCP_TIME_WAIT, ...; TCP_CLOSE for a bound socket */
	bool is_v6only;       /* of an IPv6 socket: it takes no IPv4 */
	uint32_t uid;
	uint64_t inode;       /* 0: no owner (TIME_WAIT) */
	uint32_t time_left_ms; /* TIME_WAIT: until it is gone; 0 else */
	uint32_t queue_len, queue_limit; /* of a listener: its accept queue */
	int pid;              /* 0: not visible */
	char comm[32];        /* the process's name, escaped; "" where not visible */
};

/*
 * The socket that stands in the way of binding addr (protocol TCP or UDP): a listening one before any other, a bound
 * one before TIME_WAIT. Both families are looked at, since a dual-stack socket holds both. Returns 1: found, 0: none,
 * -errno.
 */
int sockdiag_find_holder(struct stepper *st, const struct addr *addr, enum protocol protocol,
			 struct port_holder *holder);

/*
 * A socket that waits on the port of addr (TCP: listening; UDP: bound and not connected), be its address addr's or
 * another: one that takes what is sent to addr before any other. Returns 1: found, 0: none, -errno.
 */
int sockdiag_find_waiting(struct stepper *st, const struct addr *addr, enum protocol protocol,
			  struct port_holder *holder);

/*
 * The listening TCP socket that takes connections to addr, with its accept queue and without its process: a look at the
 * listening sockets only, which costs little however many connections there are. Returns 1: found, 0: none, -errno.
 */
int sockdiag_find_listener(struct stepper *st, const struct addr *addr, struct port_holder *holder);

/*
 * The TCP socket between local and remote, whoever holds it, or nobody any more (TIME_WAIT and the like); without its
 * process. Returns 1: found, 0: the kernel knows of none, -errno.
 */
int sockdiag_find_pair(struct stepper *st, const struct addr *local, const struct addr *remote,
		       struct port_holder *holder);

/* Fill pid and comm of holder, as far as they are visible. May take 60 ms (procfs.h). */
void sockdiag_find_process(struct stepper *st, struct port_holder *holder);

/* Does a socket bound to local take what is sent to addr? */
bool sockdiag_takes(const struct port_holder *holder, const struct addr *addr);

struct unix_holder {
	int type;             /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	bool is_listening;
	uint32_t queue_len, queue_limit; /* of a listener: its accept queue */
	uint32_t uid;
	uint64_t inode;
	int pid;              /* 0: not visible */
	char comm[32];        /* the process's name, escaped; "" where not visible */
};

/*
 * The live socket that is bound to the path or abstract name of addr: a listening one before any other. Returns
 * 1: found, 0: none (a path then is stale), -errno.
 */
int sockdiag_find_unix(struct stepper *st, const struct addr *addr, struct unix_holder *holder);
/*
 * The accept queue of the listening Unix socket fd: how many wait in it, and its limit. Returns 1: known, 0: not,
 * -errno.
 */
int sockdiag_unix_queue(struct stepper *st, int fd, uint32_t *len, uint32_t *limit);

#endif
