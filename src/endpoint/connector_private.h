/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the connector share (connector.c, connector_fail.c). */
#ifndef SOCKT_ENDPOINT_CONNECTOR_PRIVATE_H
#define SOCKT_ENDPOINT_CONNECTOR_PRIVATE_H

#include "endpoint/attempt.h"
#include "endpoint/connector.h"
#include "endpoint/lookup.h"
#include "endpoint/tunnel.h"
#include "endpoint/verdict.h"

struct connector {
	struct stepper *st;
	struct loop *loop;
	struct connector_settings settings;
	const struct endpoint *dialed; /* where the socket connects to: the target, or the first proxy */
	connector_done_fn *done;
	void *ctx;
	struct task task;
	struct lookup lookup; /* of the names that dialed has */
	struct timer limit; /* settings.timeout_ns */
	struct timer delay; /* until the next address may start */
	struct timer slow;  /* with a trace: until it is to be said who does not answer */
	uint64_t started_ns; /* by the time of limits */
	struct attempt *attempts;
	size_t count, started;
	struct tunnel *tunnel; /* through the proxies of settings.chain, once the first of them is connected */
	size_t next_option;  /* of a descriptor that was handed in */
	bool is_introduced;  /* it has been */
	bool is_resolved;
	bool is_late; /* the limit has run out */
	struct failure fail;
};

/* The race, for its verdicts. */
struct race connector_race(const struct connector *connector);
/* Tell the end and go. opened NULL: connector->fail says why. */
void connector_finish(struct connector *connector, struct opened *opened);
/* All addresses have failed: the error to tell is the first one that says something about the target. */
void connector_fail_all(struct connector *connector);
/* The limit has run out: tell of the address that was tried longest. */
void connector_fail_limit(struct connector *connector);
/* Nothing has happened for a while: say, in the trace, who has to act. */
void connector_say_slow(struct connector *connector);

#endif
