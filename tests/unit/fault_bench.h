/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of faults in time that is made up, and a list of what it says it has done. For the tests of lines. */
#ifndef SOCKT_UNIT_FAULT_BENCH_H
#define SOCKT_UNIT_FAULT_BENCH_H

#include <stdio.h>

#include "engine/fault_line.h"

#include "check.h"

#define BENCH_TOLD_MAX 256

struct bench_told {
	enum fault_kind kind;
	uint64_t bytes;
	int64_t ns;
};

struct bench {
	struct fault_line *line;
	uint64_t now_ns;
	struct fault_next next; /* what was said last */
	struct bench_told told[BENCH_TOLD_MAX];
	size_t told_count;      /* may be more than are kept */
	size_t told_kinds[FAULT_KIND_COUNT];
};

static inline void bench_done(void *ctx, enum fault_kind kind, uint64_t bytes, int64_t ns)
{
	struct bench *bench = ctx;

	if (bench->told_count < BENCH_TOLD_MAX)
		bench->told[bench->told_count] = (struct bench_told){ kind, bytes, ns };
	bench->told_count++;
	bench->told_kinds[kind]++;
}

/* The rules that a text asks for (NULL: none). */
static inline struct fault_rules bench_rules(const char *fault)
{
	struct fault_entry entry = { 0 };
	char error[FAULT_ERROR_MAX] = "";

	if (fault != NULL && fault_parse(fault, &entry, error) != 0)
		fail_msg("%s: %s", fault, error);
	return entry.rules;
}

static inline void bench_open(struct bench *bench, const char *fault, bool is_messages)
{
	struct fault_rules rules = bench_rules(fault);

	*bench = (struct bench){ .now_ns = 1000 * UINT64_C(1000000000) };
	bench->line = fault_line_new(&rules, 12345, is_messages, bench->now_ns, bench_done, bench);
}

static inline void bench_set(struct bench *bench, const char *fault)
{
	struct fault_rules rules = bench_rules(fault);

	fault_line_set_rules(bench->line, &rules, bench->now_ns);
}

static inline void bench_close(struct bench *bench)
{
	fault_line_free(bench->line);
}

static inline void bench_put(struct bench *bench, const void *data, size_t len)
{
	fault_line_put(bench->line, data, len, bench->now_ns);
}

static inline const struct fault_next *bench_ask(struct bench *bench)
{
	fault_line_next(bench->line, bench->now_ns, &bench->next);
	return &bench->next;
}

/* How often it has said that it did a fault. */
static inline size_t bench_told(const struct bench *bench, enum fault_kind kind)
{
	return bench->told_kinds[kind];
}

/* It is to send exactly this now, and is told that it was sent. */
static inline void bench_expect_send(struct bench *bench, const char *want)
{
	bench_ask(bench);
	if (bench->next.verdict != FAULT_SEND)
		fail_msg("to send \"%s\" is due, but the verdict is %d", want, bench->next.verdict);
	if (bench->next.len != strlen(want) || memcmp(bench->next.data, want, bench->next.len) != 0)
		fail_msg("got \"%.*s\", expected \"%s\"", (int)bench->next.len, bench->next.data, want);
	fault_line_sent(bench->line, bench->next.len, bench->now_ns);
}

/* Send what may be sent now, at most so much. Returns how much that was; next is why there is no more. */
static inline uint64_t bench_drain(struct bench *bench, uint64_t max)
{
	uint64_t sent = 0;

	while (sent < max && bench_ask(bench)->verdict == FAULT_SEND) {
		sent += bench->next.len;
		fault_line_sent(bench->line, bench->next.len, bench->now_ns);
	}
	return sent;
}

/* Let time go on, exactly as it asks for, until so much is sent or it asks for no time. Returns how much was. */
static inline uint64_t bench_pass(struct bench *bench, uint64_t want)
{
	uint64_t sent = bench_drain(bench, want);

	while (sent < want && bench->next.verdict == FAULT_WAIT && bench->next.wake_ns > 0) {
		bench->now_ns = bench->next.wake_ns;
		sent += bench_drain(bench, want - sent);
	}
	return sent;
}

#endif
