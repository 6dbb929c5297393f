/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real environment: see env.h. */
#include "step/env.h"

#include "base/clock.h"

const struct env env_system = {
	.now_ns = clock_now_ns,
	.getaddrinfo = getaddrinfo,
	.freeaddrinfo = freeaddrinfo,
};
