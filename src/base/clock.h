/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time in nanoseconds: CLOCK_MONOTONIC, through struct env where a test may want its own, and the wall clock. */
#ifndef SOCKT_BASE_CLOCK_H
#define SOCKT_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* CLOCK_MONOTONIC now, in nanoseconds. */
uint64_t clock_now_ns(void);
/* CLOCK_REALTIME now, in nanoseconds. */
uint64_t clock_real_ns(void);
/* CLOCK_REALTIME at a moment of CLOCK_MONOTONIC that has passed; 0: now. */
uint64_t clock_real_at(uint64_t t_ns);

#endif
