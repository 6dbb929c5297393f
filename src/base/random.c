/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers from a seed: see random.h. */
#include "base/random.h"

/* The odd number nearest to 2^64 divided by the golden ratio: the step of splitmix64 (Steele, Lea, Flood, 2014). */
#define RANDOM_STEP UINT64_C(0x9e3779b97f4a7c15)

/* Spread every bit of value over all of the result. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

void random_init(struct random *random, uint64_t seed, uint64_t number)
{
	/* Mixed twice: neighbours in seed or number must not be the same sequence a few steps apart. */
	random->state = mix(mix(seed + RANDOM_STEP) + mix(number ^ RANDOM_STEP));
}

uint64_t random_next(struct random *random)
{
	random->state += RANDOM_STEP;
	return mix(random->state);
}

uint64_t random_below(struct random *random, uint64_t count)
{
	/* The high half of the product: the error against equal shares is count / 2^64. */
	return (uint64_t)(((unsigned __int128)random_next(random) * count) >> 64);
}

bool random_chance(struct random *random, double probability)
{
	/* 53 bits are what a double holds: from 0 to just below 1, so that 1 is always and 0 is never. */
	return (double)(random_next(random) >> 11) * 0x1p-53 < probability;
}
