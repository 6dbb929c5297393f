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
#include "trace/event.h"

#define SHELL_STATE_GONE (-1)     /* of a connection: the kernel knows it no more */
#define SHELL_POLLS_MAX POLLED_MAX /* sockets of one poll */

enum shell_expect_kind {
	EXPECT_NUMBER = 0, /* = N, < N ... */
	EXPECT_DATA,
	EXPECT_ERRNO,
	EXPECT_TIME,       /* within TIME */
	EXPECT_AFTER,      /* after TIME: not sooner */
	EXPECT_FROM,
	EXPECT_ADDRESS,
	EXPECT_POLL,
	EXPECT_OPTION,
	/* Facts, which are waited for. */
	EXPECT_STATE,
	EXPECT_QUEUE,
	EXPECT_UNREAD,
	EXPECT_UNACKED,
	EXPECT_DROPS, /* at least so many */
	EXPECT_WAITS, /* looked at once */
	EXPECT_KIND_COUNT
};

/* How a number may stand to the one that is named. */
enum shell_compare {
	COMPARE_EQUAL = 0,
	COMPARE_UNEQUAL,
	COMPARE_LESS,
	COMPARE_LESS_OR_EQUAL,
	COMPARE_MORE,
	COMPARE_MORE_OR_EQUAL,
};

struct shell_expectation {
	enum shell_expect_kind kind;
	enum shell_compare compare; /* NUMBER */
	int64_t number;      /* NUMBER, OPTION, QUEUE, UNREAD, UNACKED, DROPS; ERRNO, STATE: its value; POLL: POLL* */
	uint64_t within_ns;  /* TIME, AFTER; of facts: how long they are waited for */
	/* DATA; FROM, ADDRESS: an address or a name; OPTION: the value in words. In the statement */
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
	size_t line;       /* where that stands */
	bool is_given_up;  /* its socket was closed meanwhile */
	char made[SHELL_NAME_MAX]; /* the socket that it has made; "": none */
	int64_t value;     /* -1: failed */
	int error;         /* errno; 0: none */
	uint64_t dur_ns;   /* from the statement to the answer */
	uint8_t *data;     /* what recv took; owned */
	size_t data_len;
	bool has_data;
	bool has_from;     /* the peer of an accept, the sender of a datagram */
	struct addr from;
	bool has_address;  /* what getsockname or getpeername told */
	struct addr address;
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

/* Is it one of how a call ended: of its number, or its errno? An error then is nothing unforeseen. */
bool shell_expect_is_outcome(const struct shell_statement *statement);

/*
 * Is the result what was expected? Not of facts. addr: the address that wanted->word names (FROM, ADDRESS). Else
 * what was expected and what came is written to why (SHELL_ERROR_MAX bytes). Defined, as what follows, in
 * shell_expect_holds.c.
 */
bool shell_expect_holds(const struct shell_expectation *wanted, const struct shell_result *result,
			const struct addr *addr, char *why);

/* Is a fact, whose value is now, what was expected? */
bool shell_expect_fact_holds(const struct shell_expectation *wanted, int64_t now);

/* The names of poll(2)'s bits, as `expect poll` has them: "IN|HUP". dst is ended by NUL. Returns dst. */
const char *shell_expect_poll_words(short events, char *dst, size_t size);

#endif
