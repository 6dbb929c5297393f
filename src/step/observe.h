/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What step.c looks at after a call has been made: states, addresses, queues. The looks are made before the event
 * of the call is emitted, which tells what they found, and become events of their own behind it.
 */
#ifndef SOCKT_STEP_OBSERVE_H
#define SOCKT_STEP_OBSERVE_H

#include <linux/sock_diag.h>

#include "step/step.h"

/* Enough for what is looked at behind one step. */
#define OBSERVE_MAX 8

/* Bytes of an option's value. */
#define OBSERVE_BYTES_MAX 64

struct observation {
	enum step_id step;
	int fd;
	union step_args args;
	int64_t result;
	uint64_t t_ns, dur_ns;
	union {
		struct addr addr;
		struct tcp_facts tcp;
		int value;
		unsigned char bytes[OBSERVE_BYTES_MAX];
		uint32_t meminfo[SK_MEMINFO_VARS];
	};
};

/* The looks of one step, in order. */
struct observer {
	struct stepper *st;
	size_t count;
	struct observation seen[OBSERVE_MAX];
};

void observer_init(struct observer *ob, struct stepper *st);
/* Each returns what was found, in the observer's memory, or NULL where the call failed. */
const struct tcp_facts *observe_tcp(struct observer *ob, int fd);
const struct addr *observe_local(struct observer *ob, int fd);
const struct addr *observe_peer(struct observer *ob, int fd);
const int *observe_option(struct observer *ob, int fd, int level, int optname);
/* The same of any value, of which *len bytes are asked for, and become as many as there are. */
const void *observe_value(struct observer *ob, int fd, int level, int optname, socklen_t *len);
/* The answer of an ioctl that is an int. */
const int *observe_ioctl(struct observer *ob, int fd, unsigned long request);
/* SO_MEMINFO, SK_MEMINFO_VARS numbers, those that this kernel does not know 0. */
const uint32_t *observe_meminfo(struct observer *ob, int fd);
/*
 * All that the kernel tells of a socket, into facts, which begin as tcp (TCP_INFO, as it has been observed; NULL:
 * nothing).
 */
void observe_facts(struct observer *ob, int fd, const struct tcp_facts *tcp, struct tcp_facts *facts);
/* Emit the looks as events of session. */
void observer_emit(struct observer *ob, uint32_t session, enum side side);

#endif
