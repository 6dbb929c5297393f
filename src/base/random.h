/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that look random and come from a seed: the same seed gives the same again (splitmix64). Pure. */
#ifndef SOCKT_BASE_RANDOM_H
#define SOCKT_BASE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* Begin a sequence of its own for each pair of seed and number. */
void random_init(struct random *random, uint64_t seed, uint64_t number);
/* The next 64 bits. */
uint64_t random_next(struct random *random);
/* One of 0 to count - 1, each as likely as the others. count 0: 0. */
uint64_t random_below(struct random *random, uint64_t count);
/* True with a probability of 0 to 1. Takes one number, whatever the probability. */
bool random_chance(struct random *random, double probability);

#endif
