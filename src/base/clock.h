/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time: CLOCK_MONOTONIC in nanoseconds, through struct env where a test may want its own. */
#ifndef SOCKT_BASE_CLOCK_H
#define SOCKT_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* CLOCK_MONOTONIC now, in nanoseconds. */
uint64_t clock_now_ns(void);

#endif
