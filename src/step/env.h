/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The environment: what a run gets from outside and a test or a replay may supply itself: time, chance and the
 * resolver.
 */
#ifndef SOCKT_STEP_ENV_H
#define SOCKT_STEP_ENV_H

#include <netdb.h>
#include <stdint.h>

struct env {
	/* Monotonic time in nanoseconds. */
	uint64_t (*now_ns)(void);
	/* A number that nobody knows beforehand: a seed for what is drawn. */
	uint32_t (*seed)(void);
	/* As getaddrinfo(3), which may block: called in a thread of its own. */
	int (*getaddrinfo)(const char *node, const char *service, const struct addrinfo *hints,
			   struct addrinfo **found);
	void (*freeaddrinfo)(struct addrinfo *found);
};

/* The real one: CLOCK_MONOTONIC and libc. */
extern const struct env env_system;

#endif
