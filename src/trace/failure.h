/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first step that fails fills one of these; it is passed up beside the -errno, never overwritten, and printed once
 * by the command.
 */
#ifndef SOCKT_TRACE_FAILURE_H
#define SOCKT_TRACE_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "trace/event.h"

enum failure_domain {
	FAILURE_NONE = 0,
	FAILURE_ERRNO,    /* code: errno of a step */
	FAILURE_RESOLVER, /* code: EAI_* */
	FAILURE_LIMIT,    /* code: enum ended_by, a time limit; limit_ns says how long */
	FAILURE_USAGE,    /* text says what is wrong with the command line */
	FAILURE_REFUSED,  /* text says who was refused, and by what: a rule, a verification */
	FAILURE_PROXY,    /* code: enum negotiation_trouble of a proxy; text says it all */
	FAILURE_SANDBOX,  /* code: errno; text says what was refused, and what is needed */
	FAILURE_FILE,     /* code: errno; text says it all: a file of ours could not be opened */
};

struct failure {
	enum failure_domain domain;
	int code;
	enum step_id step;
	enum protocol protocol;
	enum side side;
	struct addr addr;         /* what it was about; len 0: nothing */
	struct addr local;        /* the local address, where it is known */
	char target[272];         /* as the person named it ("localhost port 81"), where addr says less; "" else */
	char candidates[256];     /* of a race that failed: each address and its verdict; "" else */
	struct addr offender;     /* who sent the ICMP error; len 0: nobody did, or not known */
	uint8_t icmp_type, icmp_code;
	uint64_t limit_ns;
	int family;               /* of STEP_RESOLVE: the only family that was asked for; 0: any */
	bool is_source;           /* of STEP_RESOLVE: target is a name to connect from, to addr */
	char text[960];           /* FAILURE_USAGE, _REFUSED, _SANDBOX, _PROXY, _FILE: the message; else "" */
};

/* Fill fail with an errno of a step, unless it holds a failure already. addr may be NULL. Returns -error. */
int failure_set(struct failure *fail, enum step_id step, int error, const struct addr *addr);
/* Fill fail with a message about the command line, unless it holds a failure already. Returns -EINVAL. */
int failure_usage(struct failure *fail, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with a message about somebody who was refused. Returns -EACCES. */
int failure_refused(struct failure *fail, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
