/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults: what --fault asks for, read from text (fault_parse.c), and worked out for each session (fault.c). Pure: what
 * a rule does to data is in fault_line.h.
 */
#ifndef SOCKT_ENGINE_FAULT_H
#define SOCKT_ENGINE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/i18n.h"

#define FAULT_ERROR_MAX 256

/* Bounds of sizes: what is counted, what passes in a second, and what can be sent at once. */
#define FAULT_BYTES_MAX (UINT64_C(1) << 60)
#define FAULT_RATE_MAX (UINT64_C(1) << 40)
#define FAULT_SLICE_MAX (UINT64_C(1) << 20)

/*
 * X(identifier, word, form of the value, least size, largest size, on streams, on messages, what it does)
 * The form is enum fault_form. Bounds are those of sizes; times and probabilities have their own.
 */
#define FAULT_LIST(X)                                                                                          \
	X(LATENCY, "latency", TIME, 0, 0, true, true, N_("hold data, in order, for TIME"))                     \
	X(JITTER, "jitter", TIME, 0, 0, true, true, N_("up to TIME more or less than the latency"))            \
	X(RATE, "rate", SIZE, 1, FAULT_RATE_MAX, true, true, N_("let SIZE bytes a second through"))            \
	X(SLICE, "slice", SIZE, 1, FAULT_SLICE_MAX, true, false, N_("send at most SIZE bytes at once"))        \
	X(LIMIT, "limit", SIZE, 0, FAULT_BYTES_MAX, true, false, N_("end both sides after SIZE bytes"))        \
	X(RESET, "reset", SIZE_OR_TIME, 0, FAULT_BYTES_MAX, true, false,                                       \
	  N_("reset both sides after SIZE bytes or TIME"))                                                     \
	X(STALL, "stall", SIZE_OR_TIME, 0, FAULT_BYTES_MAX, true, true,                                        \
	  N_("forward nothing after SIZE bytes or TIME"))                                                      \
	X(SLOW_CLOSE, "slow-close", TIME, 0, 0, true, false, N_("pass the end on TIME late"))                  \
	X(REFUSE, "refuse", CHANCE, 0, 0, true, false, N_("reset clients at once, with this probability"))     \
	X(LOSS, "loss", CHANCE, 0, 0, false, true, N_("drop datagrams, with this probability"))                \
	X(DUPLICATE, "duplicate", CHANCE, 0, 0, false, true, N_("send datagrams twice, with this probability"))\
	X(REORDER, "reorder", CHANCE, 0, 0, false, true, N_("let datagrams be overtaken, with this probability"))\
	X(CORRUPT, "corrupt", CHANCE, 0, 0, false, true, N_("turn a bit in datagrams, with this probability")) \
	X(SHARE, "share", CHANCE, 0, 0, true, true, N_("do what stands beside it to this share of the sessions"))

enum fault_kind {
#define X(id, word, form, min, max, streams, messages, what) FAULT_##id,
	FAULT_LIST(X)
#undef X
	FAULT_KIND_COUNT
};

/* What may stand behind the equals sign. */
enum fault_form {
	FAULT_FORM_TIME = 0,
	FAULT_FORM_SIZE,
	FAULT_FORM_SIZE_OR_TIME,
	FAULT_FORM_CHANCE,
};

/* The two directions: from the client to the target, and back. */
enum fault_way {
	FAULT_UP = 0,
	FAULT_DOWN,
	FAULT_WAY_COUNT,
};

struct fault_record {
	const char *word;
	enum fault_form form;
	bool on_streams, on_messages;
	uint64_t min, max; /* of a size */
	const char *what;
};

/* The record of a kind. */
const struct fault_record *fault_record(enum fault_kind kind);
/* "up", "down" */
const char *fault_way_word(enum fault_way way);

union fault_value {
	uint64_t number; /* bytes, or nanoseconds */
	double chance;
};

/* Which faults are asked for, and their values. Zeroed: none. */
struct fault_rules {
	uint32_t set;   /* bits 1U << enum fault_kind */
	uint32_t timed; /* of those of the form SIZE_OR_TIME: the value is a time */
	union fault_value values[FAULT_KIND_COUNT];
};

/* Is the fault asked for? */
static inline bool fault_has(const struct fault_rules *rules, enum fault_kind kind)
{
	return (rules->set & 1U << kind) != 0;
}

/* The number of bytes or nanoseconds of a fault, or 0 where it is not asked for. */
static inline uint64_t fault_number(const struct fault_rules *rules, enum fault_kind kind)
{
	return fault_has(rules, kind) ? rules->values[kind].number : 0;
}

/* The probability of a fault, or 0 where it is not asked for. */
static inline double fault_chance(const struct fault_rules *rules, enum fault_kind kind)
{
	return fault_has(rules, kind) ? rules->values[kind].chance : 0.0;
}

/* One --fault. */
struct fault_entry {
	struct fault_rules rules;
	bool on[FAULT_WAY_COUNT];
};

/* All of them, in order. Zeroed: none. */
struct fault_list {
	struct fault_entry *entries;
	size_t count;
};

/*
 * Read one --fault: [up:|down:]KIND=VALUE[,KIND=VALUE]...
 * Returns 0 and fills *entry, or -EINVAL or -ERANGE with one line in error (FAULT_ERROR_MAX bytes), which reads well
 * behind the word `--fault`: `rate 0 is out of range (1-1024G)`.
 */
int fault_parse(const char *text, struct fault_entry *entry, char *error);

/* Add one to the end of the list. As fault_parse(); on an error the list is as it was. */
int fault_list_add(struct fault_list *list, const char *text, char *error);
/* Make list the same as another one. */
void fault_list_copy(struct fault_list *list, const struct fault_list *from);
/* Forget them all. */
void fault_list_clear(struct fault_list *list);
/*
 * May these be done to what is forwarded: messages, or streams? Returns 0, or -EINVAL with one line in error that names
 * the first that may not.
 */
int fault_list_check(const struct fault_list *list, bool is_messages, char *error);

/* What is to be done to one session. */
struct fault_plan {
	bool is_refused;
	struct fault_rules rules[FAULT_WAY_COUNT];
};

/*
 * Work out what the list does to session number session: draws its shares. Where two entries that apply say the same
 * fault of the same direction, the later one counts. The same list, seed and session give the same plan.
 */
void fault_plan(const struct fault_list *list, uint64_t seed, uint32_t session, struct fault_plan *plan);
/* The seed of what is drawn for one direction of a session. */
uint64_t fault_line_seed(uint64_t seed, uint32_t session, enum fault_way way);

#endif
