/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The packets of our connections as events among those of the calls (--packets). Whose a packet is, is learned from the
 * steps; it stands before the first event that began after it passed, since the kernel has put it in the ring by then.
 * Nothing is held back for that but packets of a client that has not been accepted: for a moment, or where it may
 * be another worker that does, until then.
 */
#ifndef SOCKT_STEP_CAPTURE_H
#define SOCKT_STEP_CAPTURE_H

#include "step/loop.h"
#include "step/step.h"

struct capture;

struct capture_options {
	bool is_whole;   /* a sink wants all bytes of each packet */
	bool is_sharing; /* others listen on the same ports: a client's packets are kept until we accept it */
};

/* May packets be seen? Returns 0, or -errno (-EPERM: CAP_NET_RAW is needed). */
int capture_check(void);
/*
 * Begin to capture for st, whose capture it becomes: every socket from now on is known. Returns 0, or -errno with
 * nothing open (-EPERM: CAP_NET_RAW is needed).
 */
int capture_open(struct stepper *st, const struct capture_options *options);
/* Let packets wake the loop, so that they are shown though nothing else happens. Returns 0 or -errno. */
int capture_watch(struct capture *capture, struct loop *loop);
/*
 * The run is over and its sockets are closed: wait a moment for the acknowledgement of what ended them, and emit what
 * is left; say what was missed. st has no capture any more. Without one: nothing.
 */
void capture_close(struct stepper *st);

/* A connect() to this address comes next: its packets are to be let through by then. */
void capture_expect(struct capture *capture, const struct addr *remote);
/* There may be a password in the data of the connection of fd, or there can be none any more. */
void capture_hide(struct capture *capture, int fd, bool is_hidden);
/* The same of those who will be accepted, from the first packet on. */
void capture_hide_clients(struct capture *capture);
/* A step has been made: learn from it whose packets are ours. */
void capture_see(struct capture *capture, const struct event *event);
/*
 * A socket that no step of ours has bound, connected or accepted. remote NULL or len 0: it waits for others. local
 * NULL: it waits already, and remote is one of its peers, of sk's session.
 */
void capture_introduce(struct capture *capture, const struct sock *sk, const struct addr *local,
		       const struct addr *remote);

#endif
