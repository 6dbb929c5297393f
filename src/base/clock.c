/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time from the kernel's clocks (through the vDSO: no system call). */
#include "base/clock.h"

#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	/* Both always exist on Linux and the pointer is good: this cannot fail. */
	struct timespec now = { 0 };
	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_real_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t clock_real_at(uint64_t t_ns)
{
	uint64_t real_ns = clock_real_ns();

	return t_ns == 0 ? real_ns : real_ns - (clock_now_ns() - t_ns);
}
