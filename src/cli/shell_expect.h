/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The statement `expect` of the shell: what is expected, read from its words, and whether the result of a call
 * is that.
 * Pure: what has to be looked at (states, queues) is looked at by shell_check.c.
 */
#ifndef SOCKT_CLI_SHELL_EXPECT_H
#define SOCKT_CLI_SHELL_EXPECT_H

#include "base/addr.h"
#include "cli/shell_parse.h"

#define SHELL_STATE_GONE (-1)     /* of a connection: the kernel knows it no more */
#define SHELL_POLLS_MAX 32        /* sockets of one poll */

enum shell_expect_kind {
	EXPECT_NUMBER = 0, /* = N */
	EXPECT_DATA,
	EXPECT_ERRNO,
	EXPECT_TIME,       /* within TIME */
	EXPECT_FROM,
	EXPECT_POLL,
	EXPECT_OPTION,
	/* Facts, which are waited for. */
	EXPECT_STATE,
	EXPECT_QUEUE,
	EXPECT_UNREAD,
	EXPECT_UNACKED,
	EXPECT_KIND_COUNT
};

struct shell_expectation {
	enum shell_expect_kind kind;
	int64_t number;      /* NUMBER, OPTION, QUEUE, UNREAD, UNACKED; ERRNO, STATE: its value; POLL: POLL* */
	uint64_t within_ns;  /* TIME; of facts: how long they are waited for */
	/* DATA; FROM: an address or a name; OPTION: the value in words. In the statement */
	const struct shell_word *word;
	const char *name;    /* of a socket, where it is about one; in the statement */
};

/* One socket of a poll. */
struct shell_polled {
	char name[SHELL_NAME_MAX];
	short events; /* POLL* */
};

/* What the last call answered. */
struct shell_result {
	bool is_there;     /* a call has been made */
	const char *call;  /* its statement: "recv" */
	int64_t value;     /* -1: failed */
	int error;         /* errno; 0: none */
	uint64_t dur_ns;   /* from the statement to the answer */
	uint8_t *data;     /* what recv took; owned */
	size_t data_len;
	bool has_data;
	bool has_from;     /* the peer of an accept, the sender of a datagram */
	struct addr from;
	bool has_option;   /* what getsockopt read: a number, or words */
	int64_t option;
	char option_words[32];
	struct shell_polled polls[SHELL_POLLS_MAX];
	size_t poll_count;
};

void shell_result_clear(struct shell_result *result);

/*
 * Read the words of an `expect`. Returns 0, or -EINVAL with a sentence in error (SHELL_ERROR_MAX bytes).
 */
int shell_expect_parse(const struct shell_statement *statement, struct shell_expectation *wanted, char *error);

/* Is it a fact, which is looked at and waited for? */
bool shell_expect_is_fact(const struct shell_expectation *wanted);

/*
 * Is the result what was expected? Not of facts. from: the address that wanted->word names (FROM). Else
 * what was expected and what came is written to why (SHELL_ERROR_MAX bytes).
 */
bool shell_expect_holds(const struct shell_expectation *wanted, const struct shell_result *result,
			const struct addr *from, char *why);

/* The names of poll(2)'s bits, as `expect poll` has them: "IN|HUP". dst is ended by NUL. Returns dst. */
const char *shell_expect_poll_words(short events, char *dst, size_t size);

#endif
