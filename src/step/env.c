/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real environment: see env.h. */
#include "step/env.h"

#include <sys/random.h>

#include "base/clock.h"

/* The time has to do where there is no randomness yet. */
static uint32_t random_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint32_t)clock_now_ns();
	return seed;
}

const struct env env_system = {
	.now_ns = clock_now_ns,
	.seed = random_seed,
	.getaddrinfo = getaddrinfo,
	.freeaddrinfo = freeaddrinfo,
};
