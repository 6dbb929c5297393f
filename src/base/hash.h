/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FNV-1a, for tables: fast on short keys, and with a seed of its own no place can be foretold. */
#ifndef SOCKT_BASE_HASH_H
#define SOCKT_BASE_HASH_H

#include <stdint.h>

/* What a hash begins as. */
static inline uint32_t hash_begin(uint32_t seed)
{
	return seed ^ UINT32_C(2166136261);
}

/* The hash with one more value in it: a byte, or a number of up to 32 bits at once. */
static inline uint32_t hash_add(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * UINT32_C(16777619);
}

#endif
