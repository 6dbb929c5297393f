/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a session is over, and what that means: every rule of "How a session ends", in tables. */
#include "base/clock.h"
#include "base/util.h"
#include "engine/ending.h"

#include <errno.h>
#include <stdio.h>

#include "check.h"

#define NEVER ENDING_NEVER

/* What the options say, in the words of the command line. */
#define NO_LIMITS .idle_ns = NEVER, .quit_after_ns = NEVER

struct decide_row {
	const char *name;
	struct ending_rules rules;
	struct ending_facts facts;
	enum ended_by ended;
};

/* What has happened, in short. */
#define NOTHING { .local_ended = false }
#define LOCAL_ENDED { .local_ended = true }
#define LOCAL_SHUT { .local_ended = true, .local_shut = true }
#define REMOTE_ENDED { .remote_ended = true }
#define LOCAL_AND_REMOTE_ENDED { .local_ended = true, .remote_ended = true }
#define ALL_ENDED { .local_ended = true, .local_shut = true, .remote_ended = true }

static void check_decisions(const struct decide_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CHECK_INT(rows[i].name, ending_decide(&rows[i].rules, &rows[i].facts), rows[i].ended);
}

static void test_program(void **state)
{
	static const struct decide_row rows[] = {
		{ "it has begun", { .is_program = true, NO_LIMITS }, NOTHING, ENDED_NOT },
		{ "the peer has ended, it goes on", { .is_program = true, NO_LIMITS }, REMOTE_ENDED, ENDED_NOT },
		{ "its output has ended", { .is_program = true, NO_LIMITS }, LOCAL_SHUT, ENDED_NOT },
		{ "both have, it goes on", { .is_program = true, NO_LIMITS }, ALL_ENDED, ENDED_NOT },
		{ "it has exited, its output is held by others", { .is_program = true, NO_LIMITS },
		  { .local_gone = true }, ENDED_NOT },
		{ "it has exited, its end is not said yet", { .is_program = true, NO_LIMITS },
		  { .local_gone = true, .local_ended = true }, ENDED_NOT },
		{ "it has exited, whatever the peer does", { .is_program = true, NO_LIMITS },
		  { .local_gone = true, .local_ended = true, .local_shut = true }, ENDED_PROGRAM },
		{ "datagrams have no end", { .is_program = true, .is_datagram = true, NO_LIMITS },
		  { .local_gone = true, .local_ended = true }, ENDED_PROGRAM },
		{ "of two the other goes on", { .is_program = true, .is_pipeline = true, NO_LIMITS },
		  { .local_gone = true, .local_ended = true, .local_shut = true, .remote_ended = true }, ENDED_NOT },
		{ "both have exited", { .is_program = true, .is_pipeline = true, NO_LIMITS },
		  { .local_gone = true, .local_ended = true, .local_shut = true, .remote_ended = true,
		    .remote_gone = true }, ENDED_PROGRAM },
		{ "no end is to be said", { .is_program = true, .is_no_shutdown = true, NO_LIMITS },
		  { .local_gone = true, .local_ended = true }, ENDED_PROGRAM },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
}

static void test_both(void **state)
{
	static const struct decide_row rows[] = {
		{ "nothing has ended", { NO_LIMITS }, NOTHING, ENDED_NOT },
		{ "our end half-closes only", { NO_LIMITS }, LOCAL_SHUT, ENDED_NOT },
		{ "our input has ended, the shutdown is held up", { NO_LIMITS }, LOCAL_AND_REMOTE_ENDED, ENDED_NOT },
		{ "the peer ends first: ours goes on", { NO_LIMITS }, REMOTE_ENDED, ENDED_NOT },
		{ "both", { NO_LIMITS }, ALL_ENDED, ENDED_BOTH },
		{ "--until both, both", { NO_LIMITS, .until = ENDING_UNTIL_BOTH }, ALL_ENDED, ENDED_BOTH },
		{ "a terminal: the peer's end is enough", { NO_LIMITS, .is_terminal = true }, REMOTE_ENDED,
		  ENDED_REMOTE },
		{ "a terminal: ours is not", { NO_LIMITS, .is_terminal = true }, LOCAL_SHUT, ENDED_NOT },
		{ "a terminal, --until both: it is not", { NO_LIMITS, .is_terminal = true, .until = ENDING_UNTIL_BOTH },
		  REMOTE_ENDED, ENDED_NOT },
		{ "a terminal, --until local: it is not",
		  { NO_LIMITS, .is_terminal = true, .until = ENDING_UNTIL_LOCAL },
		  REMOTE_ENDED, ENDED_NOT },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
}

/* --reconnect: the peer's end while there is input is a loss, whatever else would be waited for. */
static void test_reconnect(void **state)
{
	static const struct decide_row rows[] = {
		{ "nothing has ended", { NO_LIMITS, .is_reconnecting = true }, NOTHING, ENDED_NOT },
		{ "our input ends", { NO_LIMITS, .is_reconnecting = true }, LOCAL_SHUT, ENDED_NOT },
		{ "the peer ends first", { NO_LIMITS, .is_reconnecting = true }, REMOTE_ENDED, ENDED_REMOTE },
		{ "both have", { NO_LIMITS, .is_reconnecting = true }, ALL_ENDED, ENDED_BOTH },
		{ "send-only", { NO_LIMITS, .is_reconnecting = true, .is_send_only = true }, REMOTE_ENDED,
		  ENDED_REMOTE },
		{ "until both", { NO_LIMITS, .is_reconnecting = true, .until = ENDING_UNTIL_BOTH }, REMOTE_ENDED,
		  ENDED_NOT },
		{ "a program may answer still", { NO_LIMITS, .is_reconnecting = true, .is_program = true },
		  REMOTE_ENDED, ENDED_NOT },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(rows[i].name, ending_is_loss(&rows[i].rules, &rows[i].facts), rows[i].ended == ENDED_REMOTE);
}

static void test_until(void **state)
{
	static const struct decide_row rows[] = {
		{ "local: nothing yet", { NO_LIMITS, .until = ENDING_UNTIL_LOCAL }, NOTHING, ENDED_NOT },
		{ "local: our input ends", { NO_LIMITS, .until = ENDING_UNTIL_LOCAL }, LOCAL_ENDED, ENDED_LOCAL },
		{ "local: the peer ends", { NO_LIMITS, .until = ENDING_UNTIL_LOCAL }, REMOTE_ENDED, ENDED_NOT },
		{ "remote: nothing yet", { NO_LIMITS, .until = ENDING_UNTIL_REMOTE }, NOTHING, ENDED_NOT },
		{ "remote: the peer ends", { NO_LIMITS, .until = ENDING_UNTIL_REMOTE }, REMOTE_ENDED, ENDED_REMOTE },
		{ "remote: our input ends", { NO_LIMITS, .until = ENDING_UNTIL_REMOTE }, LOCAL_SHUT, ENDED_NOT },
		{ "both: the peer ends", { NO_LIMITS, .until = ENDING_UNTIL_BOTH }, REMOTE_ENDED, ENDED_NOT },
		{ "both: our input ends", { NO_LIMITS, .until = ENDING_UNTIL_BOTH }, LOCAL_SHUT, ENDED_NOT },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
}

static void test_one_way(void **state)
{
	static const struct decide_row rows[] = {
		/* --recv-only: our direction counts as ended from the start. */
		{ "recv-only: nothing yet", { NO_LIMITS, .is_recv_only = true }, LOCAL_SHUT, ENDED_NOT },
		{ "recv-only: the peer ends", { NO_LIMITS, .is_recv_only = true }, ALL_ENDED, ENDED_REMOTE },
		{ "recv-only: -q does not count", { .is_recv_only = true, .idle_ns = NEVER, .quit_after_ns = 5 },
		  { .local_ended = true, .local_shut = true, .ended_quiet_ns = 9 }, ENDED_NOT },
		{ "send-only: not shut yet", { NO_LIMITS, .is_send_only = true }, LOCAL_ENDED, ENDED_NOT },
		{ "send-only: not acknowledged", { NO_LIMITS, .is_send_only = true }, LOCAL_SHUT, ENDED_NOT },
		{ "send-only: acknowledged", { NO_LIMITS, .is_send_only = true },
		  { .local_ended = true, .local_shut = true, .acknowledged = true }, ENDED_SENT_ALL },
		{ "send-only: acknowledged so far", { NO_LIMITS, .is_send_only = true }, { .acknowledged = true },
		  ENDED_NOT },
		{ "send-only: the peer's end is nothing to it", { NO_LIMITS, .is_send_only = true }, REMOTE_ENDED,
		  ENDED_NOT },
		{ "send-only datagrams: no shutdown to wait for",
		  { NO_LIMITS, .is_send_only = true, .is_datagram = true },
		  { .local_ended = true, .acknowledged = true }, ENDED_SENT_ALL },
		{ "send-only without shutdown", { NO_LIMITS, .is_send_only = true, .is_no_shutdown = true },
		  { .local_ended = true, .acknowledged = true }, ENDED_SENT_ALL },
		{ "send-only with -k: nobody is half-closed",
		  { NO_LIMITS, .is_send_only = true, .is_crowd = true },
		  { .local_ended = true, .acknowledged = true }, ENDED_SENT_ALL },
		{ "send-only with -k: not acknowledged", { NO_LIMITS, .is_send_only = true, .is_crowd = true },
		  LOCAL_ENDED, ENDED_NOT },
		{ "send-only: idle", { .is_send_only = true, .idle_ns = 5, .quit_after_ns = NEVER }, { .quiet_ns = 5 },
		  ENDED_IDLE_TIMEOUT },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
}

static void test_no_shutdown_and_crowd(void **state)
{
	static const struct decide_row rows[] = {
		{ "no-shutdown: our end alone", { NO_LIMITS, .is_no_shutdown = true }, LOCAL_ENDED, ENDED_NOT },
		{ "no-shutdown: the peer's end alone", { NO_LIMITS, .is_no_shutdown = true }, REMOTE_ENDED, ENDED_NOT },
		{ "no-shutdown: ends with the peer", { NO_LIMITS, .is_no_shutdown = true }, LOCAL_AND_REMOTE_ENDED,
		  ENDED_REMOTE },
		{ "no-shutdown: or by -q", { .is_no_shutdown = true, .idle_ns = NEVER, .quit_after_ns = 5 },
		  { .local_ended = true, .ended_quiet_ns = 5 }, ENDED_QUIT_AFTER },
		{ "-k: input open, the client half-closed", { NO_LIMITS, .is_crowd = true }, REMOTE_ENDED, ENDED_NOT },
		{ "-k: input open, the client closed its Unix socket", { NO_LIMITS, .is_crowd = true },
		  { .remote_ended = true, .remote_closed = true }, ENDED_REMOTE },
		{ "-k: the same, what came is not written yet", { NO_LIMITS, .is_crowd = true },
		  { .remote_closed = true }, ENDED_NOT },
		{ "one client: input open, it closed its Unix socket", { NO_LIMITS },
		  { .remote_ended = true, .remote_closed = true }, ENDED_NOT },
		{ "-k: input ended, the client stays", { NO_LIMITS, .is_crowd = true }, LOCAL_ENDED, ENDED_NOT },
		{ "-k: input ended, the client ends", { NO_LIMITS, .is_crowd = true }, LOCAL_AND_REMOTE_ENDED,
		  ENDED_REMOTE },
		{ "-k on a terminal: the client ends", { NO_LIMITS, .is_crowd = true, .is_terminal = true },
		  REMOTE_ENDED,
		  ENDED_REMOTE },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
}

static void test_http(void **state)
{
	static const struct decide_row rows[] = {
		{ "a server that waits for a request", { NO_LIMITS, .linger_ns = 5 }, { .quiet_ns = 9 }, ENDED_NOT },
		{ "it has answered", { NO_LIMITS, .linger_ns = 5 }, { .local_ended = true, .local_shut = true },
		  ENDED_NOT },
		{ "and the client has closed", { NO_LIMITS, .linger_ns = 5 },
		  { .local_ended = true, .local_shut = true, .remote_ended = true }, ENDED_BOTH },
		{ "not before the answer is sent", { NO_LIMITS, .linger_ns = 5 },
		  { .local_ended = true, .remote_ended = true }, ENDED_NOT },
		{ "the client does not close", { NO_LIMITS, .linger_ns = 5 },
		  { .local_ended = true, .local_shut = true, .acknowledged = true, .ended_quiet_ns = 5 },
		  ENDED_LINGERED },
		{ "but has not got all yet", { NO_LIMITS, .linger_ns = 5 },
		  { .local_ended = true, .local_shut = true, .ended_quiet_ns = 5 }, ENDED_NOT },
		{ "it goes on sending", { NO_LIMITS, .linger_ns = 5 },
		  { .local_ended = true, .local_shut = true, .acknowledged = true, .since_end_ns = 29 }, ENDED_NOT },
		{ "for too long", { NO_LIMITS, .linger_ns = 5 },
		  { .local_ended = true, .local_shut = true, .acknowledged = true, .since_end_ns = 30 },
		  ENDED_LINGERED },
		{ "a client: the reply is whole, and the server closes",
		  { NO_LIMITS, .linger_ns = 5, .is_no_shutdown = true },
		  LOCAL_AND_REMOTE_ENDED, ENDED_BOTH },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
	assert_int_equal(ending_shape_http(SHAPE_CONVERSATION, 0), SHAPE_CONVERSATION);
	assert_int_equal(ending_shape_http(SHAPE_CONVERSATION, 1), SHAPE_REQUEST_REPLY);
	assert_int_equal(ending_shape_http(SHAPE_CONVERSATION, 2), SHAPE_REQUESTS);
}

static void test_limits(void **state)
{
	static const struct decide_row rows[] = {
		{ "idle: not yet", { .idle_ns = 10, .quit_after_ns = NEVER }, { .quiet_ns = 9 }, ENDED_NOT },
		{ "idle: now", { .idle_ns = 10, .quit_after_ns = NEVER }, { .quiet_ns = 10 }, ENDED_IDLE_TIMEOUT },
		{ "idle counts after our end too", { .idle_ns = 10, .quit_after_ns = NEVER },
		  { .local_ended = true, .local_shut = true, .quiet_ns = 10 }, ENDED_IDLE_TIMEOUT },
		{ "both have ended: that is no time limit", { .idle_ns = 10, .quit_after_ns = 5 },
		  { .local_ended = true, .local_shut = true, .remote_ended = true, .quiet_ns = 10,
		  .ended_quiet_ns = 10 },
		  ENDED_BOTH },
		{ "-q: input open", { .idle_ns = NEVER, .quit_after_ns = 5 }, { .ended_quiet_ns = 9 }, ENDED_NOT },
		{ "-q: not yet", { .idle_ns = NEVER, .quit_after_ns = 5 }, { .local_ended = true, .ended_quiet_ns = 4 },
		  ENDED_NOT },
		{ "-q: now", { .idle_ns = NEVER, .quit_after_ns = 5 }, { .local_ended = true, .ended_quiet_ns = 5 },
		  ENDED_QUIT_AFTER },
		{ "-q 0: at once", { .idle_ns = NEVER, .quit_after_ns = 0 }, LOCAL_ENDED, ENDED_QUIT_AFTER },
		{ "-q, once input has ended, in the place of -i", { .idle_ns = 5, .quit_after_ns = 5 },
		  { .local_ended = true, .quiet_ns = 9, .ended_quiet_ns = 4 }, ENDED_NOT },
		{ "a longer -q does not", { .idle_ns = 5, .quit_after_ns = 6 },
		  { .local_ended = true, .quiet_ns = 9, .ended_quiet_ns = 4 }, ENDED_IDLE_TIMEOUT },
		{ "while input is open it is -i", { .idle_ns = 5, .quit_after_ns = 5 }, { .quiet_ns = 9 },
		  ENDED_IDLE_TIMEOUT },
		{ "-q comes before -i", { .idle_ns = 5, .quit_after_ns = 5 },
		  { .local_ended = true, .quiet_ns = 5, .ended_quiet_ns = 5 }, ENDED_QUIT_AFTER },
		{ "datagrams: by -q", { .is_datagram = true, .idle_ns = NEVER, .quit_after_ns = 5 },
		  { .local_ended = true, .ended_quiet_ns = 5 }, ENDED_QUIT_AFTER },
		{ "datagrams: the end of input alone is nothing", { NO_LIMITS, .is_datagram = true }, LOCAL_ENDED,
		  ENDED_NOT },
	};

	(void)state;
	check_decisions(rows, ARRAY_LEN(rows));
}

static void test_next(void **state)
{
	static const struct {
		const char *name;
		struct ending_rules rules;
		struct ending_facts facts;
		uint64_t next_ns;
	} rows[] = {
		{ "no limit", { NO_LIMITS }, { .quiet_ns = 100 }, NEVER },
		{ "idle", { .idle_ns = 10, .quit_after_ns = NEVER }, { .quiet_ns = 3 }, 7 },
		{ "idle: now", { .idle_ns = 10, .quit_after_ns = NEVER }, { .quiet_ns = 10 }, 0 },
		{ "idle: over", { .idle_ns = 10, .quit_after_ns = NEVER }, { .quiet_ns = 11 }, 0 },
		{ "-q waits for the end of input", { .idle_ns = NEVER, .quit_after_ns = 10 }, NOTHING, NEVER },
		{ "-q", { .idle_ns = NEVER, .quit_after_ns = 10 }, { .local_ended = true, .ended_quiet_ns = 4 }, 6 },
		{ "-q: over", { .idle_ns = NEVER, .quit_after_ns = 10 }, { .local_ended = true, .ended_quiet_ns = 40 },
		  0 },
		{ "-q is sooner", { .idle_ns = 100, .quit_after_ns = 10 },
		  { .local_ended = true, .quiet_ns = 4, .ended_quiet_ns = 4 }, 6 },
		{ "idle is sooner", { .idle_ns = 10, .quit_after_ns = 100 },
		  { .local_ended = true, .quiet_ns = 4, .ended_quiet_ns = 4 }, 6 },
		{ "recv-only has no -q", { .is_recv_only = true, .idle_ns = NEVER, .quit_after_ns = 10 }, LOCAL_SHUT,
		  NEVER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(rows[i].name, ending_next_ns(&rows[i].rules, &rows[i].facts), rows[i].next_ns);
}

/* What the timer is set to and what is decided then agree: with time passing alone, a limit is met on the spot. */
static void test_next_is_when_it_ends(void **state)
{
	static const struct ending_rules rules[] = {
		{ .idle_ns = 7, .quit_after_ns = NEVER },
		{ .idle_ns = NEVER, .quit_after_ns = 5 },
		{ .idle_ns = 7, .quit_after_ns = 5 },
		{ .idle_ns = 3, .quit_after_ns = 5, .is_datagram = true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		struct ending_facts facts = LOCAL_ENDED;
		uint64_t next_ns = ending_next_ns(&rules[i], &facts);

		facts.quiet_ns += next_ns - 1;
		facts.ended_quiet_ns += next_ns - 1;
		assert_int_equal(ending_decide(&rules[i], &facts), ENDED_NOT);
		facts.quiet_ns++;
		facts.ended_quiet_ns++;
		assert_int_not_equal(ending_decide(&rules[i], &facts), ENDED_NOT);
	}
}

static void test_half_closes(void **state)
{
	static const struct {
		const char *name;
		struct ending_rules rules;
		bool half_closes;
	} rows[] = {
		{ "as a rule", { NO_LIMITS }, true },
		{ "on a terminal too", { NO_LIMITS, .is_terminal = true }, true },
		{ "--send-only", { NO_LIMITS, .is_send_only = true }, true },
		{ "--no-shutdown", { NO_LIMITS, .is_no_shutdown = true }, false },
		{ "--recv-only", { NO_LIMITS, .is_recv_only = true }, false },
		{ "-k", { NO_LIMITS, .is_crowd = true }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(rows[i].name, ending_half_closes(&rows[i].rules), rows[i].half_closes);
}

static void test_limit(void **state)
{
	static const struct {
		const char *name;
		enum ended_by ended;
		struct ending_rules rules;
		const char *limit;
	} rows[] = {
		{ "idle", ENDED_IDLE_TIMEOUT, { .idle_ns = 3 * NS_PER_S }, "3 s" },
		{ "-q", ENDED_QUIT_AFTER, { .quit_after_ns = 100 * NS_PER_MS }, "100 ms" },
		{ "--until", ENDED_REMOTE, { NO_LIMITS, .until = ENDING_UNTIL_REMOTE, .is_terminal = true },
		  "--until remote" },
		{ "--recv-only", ENDED_REMOTE, { NO_LIMITS, .is_recv_only = true, .is_terminal = true },
		  "--recv-only" },
		{ "a terminal", ENDED_REMOTE, { NO_LIMITS, .is_terminal = true }, "standard input is a terminal" },
		{ "a terminal, but --until both", ENDED_REMOTE,
		  { NO_LIMITS, .is_terminal = true, .until = ENDING_UNTIL_BOTH, .is_no_shutdown = true },
		  "--no-shutdown" },
		{ "-k", ENDED_REMOTE, { NO_LIMITS, .is_crowd = true, .is_no_shutdown = true }, "--keep-open" },
		{ "--no-shutdown", ENDED_REMOTE, { NO_LIMITS, .is_no_shutdown = true }, "--no-shutdown" },
		{ "both", ENDED_BOTH, { NO_LIMITS, .is_no_shutdown = true }, "" },
	};
	char words[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *limit = ending_limit(rows[i].ended, &rows[i].rules, words, sizeof(words));

		CHECK_STRING(rows[i].name, limit == NULL ? "" : limit, rows[i].limit);
	}
}

static void test_all_sent(void **state)
{
	static const struct {
		const char *name;
		struct ending_rules rules;
		struct ending_facts facts;
		bool is_all_sent;
	} rows[] = {
		{ "open", { NO_LIMITS }, NOTHING, false },
		{ "ended, to be shut", { NO_LIMITS }, LOCAL_ENDED, false },
		{ "shut", { NO_LIMITS }, LOCAL_SHUT, true },
		{ "datagrams", { NO_LIMITS, .is_datagram = true }, LOCAL_ENDED, true },
		{ "datagrams, open", { NO_LIMITS, .is_datagram = true }, NOTHING, false },
		{ "-k", { NO_LIMITS, .is_crowd = true }, LOCAL_ENDED, true },
		{ "-k, open", { NO_LIMITS, .is_crowd = true }, NOTHING, false },
		{ "never to be shut", { NO_LIMITS, .is_no_shutdown = true }, LOCAL_ENDED, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(rows[i].name, ending_is_all_sent(&rows[i].rules, &rows[i].facts), rows[i].is_all_sent);
}

static void test_shape(void **state)
{
	static const struct {
		const char *name;
		uint64_t sent, received, turns;
		enum who first;
		enum side side;
		bool is_servers_end;
		enum shape shape;
	} rows[] = {
		{ "nothing", 0, 0, 0, WHO_NONE, SIDE_CLIENT, true, SHAPE_SILENT },
		{ "only sent", 5, 0, 1, WHO_LOCAL, SIDE_CLIENT, true, SHAPE_ONE_WAY_OUT },
		{ "only received", 0, 5, 1, WHO_REMOTE, SIDE_CLIENT, true, SHAPE_ONE_WAY_IN },
		{ "request and reply, the client's view", 5, 9, 2, WHO_LOCAL, SIDE_CLIENT, true, SHAPE_REQUEST_REPLY },
		{ "request and reply, the server's view", 9, 5, 2, WHO_REMOTE, SIDE_SERVER, true, SHAPE_REQUEST_REPLY },
		{ "the client ended it", 5, 9, 2, WHO_LOCAL, SIDE_CLIENT, false, SHAPE_CONVERSATION },
		{ "the server spoke first, the client's view", 5, 9, 2, WHO_REMOTE, SIDE_CLIENT, true,
		  SHAPE_CONVERSATION },
		{ "the server spoke first, the server's view", 5, 9, 2, WHO_LOCAL, SIDE_SERVER, true,
		  SHAPE_CONVERSATION },
		{ "three turns", 5, 9, 3, WHO_LOCAL, SIDE_CLIENT, true, SHAPE_CONVERSATION },
		{ "a second request and reply", 5, 9, 4, WHO_LOCAL, SIDE_CLIENT, true, SHAPE_CONVERSATION },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct summary summary = {
			.sent_bytes = rows[i].sent,
			.received_bytes = rows[i].received,
			.turns = rows[i].turns,
			.spoke_first = rows[i].first,
		};

		ending_shape(&summary, rows[i].side, rows[i].is_servers_end);
		CHECK_INT(rows[i].name, summary.shape, rows[i].shape);
		CHECK_INT(rows[i].name, summary.turns, rows[i].turns);
		CHECK_INT(rows[i].name, summary.spoke_first, rows[i].first);
	}
}

/* Datagrams may be empty: who sends one has spoken. And a fault may keep what was said from one of two connections. */
static void test_shape_of_datagrams(void **state)
{
	static const struct {
		const char *name;
		uint64_t sends, receives, turns;
		enum who first;
		enum shape shape;
		uint64_t want_turns;
		enum who want_first;
	} rows[] = {
		{ "sent", 1, 0, 1, WHO_LOCAL, SHAPE_ONE_WAY_OUT, 1, WHO_LOCAL },
		{ "received", 0, 1, 1, WHO_REMOTE, SHAPE_ONE_WAY_IN, 1, WHO_REMOTE },
		{ "both", 1, 1, 2, WHO_LOCAL, SHAPE_CONVERSATION, 2, WHO_LOCAL },
		{ "lost on its way out", 0, 0, 1, WHO_LOCAL, SHAPE_SILENT, 0, WHO_NONE },
		{ "the first was lost on its way out", 0, 1, 2, WHO_LOCAL, SHAPE_ONE_WAY_IN, 1, WHO_REMOTE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct summary summary = {
			.sends = rows[i].sends,
			.receives = rows[i].receives,
			.turns = rows[i].turns,
			.spoke_first = rows[i].first,
		};

		ending_shape(&summary, SIDE_CLIENT, false);
		CHECK_INT(rows[i].name, summary.shape, rows[i].shape);
		CHECK_INT(rows[i].name, summary.turns, rows[i].want_turns);
		CHECK_INT(rows[i].name, summary.spoke_first, rows[i].want_first);
	}
}

static void test_outcome(void **state)
{
	static const enum outcome outcomes[ENDED_COUNT] = {
		[ENDED_NOT] = OUTCOME_OK,
		[ENDED_BOTH] = OUTCOME_OK,
		[ENDED_LOCAL] = OUTCOME_OK,
		[ENDED_REMOTE] = OUTCOME_OK,
		[ENDED_QUIT_AFTER] = OUTCOME_OK,
		[ENDED_SENT_ALL] = OUTCOME_OK,
		[ENDED_USER] = OUTCOME_OK,
		[ENDED_LIMIT] = OUTCOME_OK,
		[ENDED_PROGRAM] = OUTCOME_OK,
		[ENDED_DRAIN] = OUTCOME_OK,
		[ENDED_CONNECT_TIMEOUT] = OUTCOME_TIMEOUT,
		[ENDED_ACCEPT_TIMEOUT] = OUTCOME_TIMEOUT,
		[ENDED_IDLE_TIMEOUT] = OUTCOME_TIMEOUT,
		[ENDED_TOTAL_TIMEOUT] = OUTCOME_TIMEOUT,
		[ENDED_RESET] = OUTCOME_LOST,
		[ENDED_UNACKNOWLEDGED] = OUTCOME_LOST,
		[ENDED_KICKED] = OUTCOME_LOST,
		[ENDED_FAULT] = OUTCOME_LOST,
		[ENDED_PROXY] = OUTCOME_LOST,
		[ENDED_REFUSED] = OUTCOME_LOST,
		[ENDED_OUTPUT_CLOSED] = OUTCOME_LOCAL_IO,
		[ENDED_ERROR] = OUTCOME_FAILED,
		[ENDED_SIGNAL] = OUTCOME_SIGNAL,
	};
	const struct failure fail = { .domain = FAILURE_ERRNO, .step = STEP_CONNECT, .code = ECONNREFUSED };

	(void)state;
	for (int ended = 0; ended < ENDED_COUNT; ended++)
		CHECK_INT(ended_word((enum ended_by)ended), ending_outcome((enum ended_by)ended, &fail),
			  outcomes[ended]);
}

static void test_outcome_of_error(void **state)
{
	static const struct {
		const char *name;
		struct failure fail;
		enum outcome outcome;
	} rows[] = {
		{ "resolve", { .domain = FAILURE_RESOLVER, .step = STEP_RESOLVE }, OUTCOME_FAILED },
		{ "socket", { .domain = FAILURE_ERRNO, .step = STEP_SOCKET, .code = EMFILE }, OUTCOME_FAILED },
		{ "bind", { .domain = FAILURE_ERRNO, .step = STEP_BIND, .code = EADDRINUSE }, OUTCOME_FAILED },
		{ "accept", { .domain = FAILURE_ERRNO, .step = STEP_ACCEPT, .code = EINVAL }, OUTCOME_FAILED },
		{ "a limit", { .domain = FAILURE_LIMIT, .step = STEP_CONNECT, .code = ENDED_CONNECT_TIMEOUT },
		  OUTCOME_TIMEOUT },
		{ "the command line", { .domain = FAILURE_USAGE }, OUTCOME_USAGE },
		{ "a rule", { .domain = FAILURE_REFUSED }, OUTCOME_REFUSED },
		{ "read of input", { .domain = FAILURE_ERRNO, .step = STEP_READ, .code = EIO }, OUTCOME_LOCAL_IO },
		{ "write of output", { .domain = FAILURE_ERRNO, .step = STEP_WRITE, .code = ENOSPC },
		  OUTCOME_LOCAL_IO },
		{ "send",
		  { .domain = FAILURE_ERRNO, .step = STEP_SEND, .code = EHOSTUNREACH, .protocol = PROTOCOL_TCP },
		  OUTCOME_LOST },
		{ "recv", { .domain = FAILURE_ERRNO, .step = STEP_RECV, .code = ETIMEDOUT, .protocol = PROTOCOL_TCP },
		  OUTCOME_LOST },
		{ "splice", { .domain = FAILURE_ERRNO, .step = STEP_SPLICE, .code = ETIMEDOUT }, OUTCOME_LOST },
		{ "shutdown", { .domain = FAILURE_ERRNO, .step = STEP_SHUTDOWN, .code = EIO }, OUTCOME_LOST },
		{ "a UDP port that refuses, met by recv",
		  { .domain = FAILURE_ERRNO, .step = STEP_RECV, .code = ECONNREFUSED, .protocol = PROTOCOL_UDP },
		  OUTCOME_FAILED },
		{ "a UDP port that refuses, met by send",
		  { .domain = FAILURE_ERRNO, .step = STEP_SEND, .code = ECONNREFUSED, .protocol = PROTOCOL_UDP },
		  OUTCOME_FAILED },
		{ "a Unix datagram socket that has gone",
		  { .domain = FAILURE_ERRNO, .step = STEP_SEND, .code = ECONNREFUSED, .protocol = PROTOCOL_UNIX_DGRAM },
		  OUTCOME_FAILED },
		{ "a UDP destination that a router cannot reach",
		  { .domain = FAILURE_ERRNO, .step = STEP_RECV, .code = EHOSTUNREACH, .protocol = PROTOCOL_UDP },
		  OUTCOME_FAILED },
		{ "a UDP network that a router cannot reach",
		  { .domain = FAILURE_ERRNO, .step = STEP_SEND, .code = ENETUNREACH, .protocol = PROTOCOL_UDP },
		  OUTCOME_FAILED },
		{ "UDP that this host's firewall drops",
		  { .domain = FAILURE_ERRNO, .step = STEP_SEND, .code = EPERM, .protocol = PROTOCOL_UDP },
		  OUTCOME_FAILED },
		{ "UDP, another error",
		  { .domain = FAILURE_ERRNO, .step = STEP_SEND, .code = ENOBUFS, .protocol = PROTOCOL_UDP },
		  OUTCOME_LOST },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(rows[i].name, ending_outcome(ENDED_ERROR, &rows[i].fail), rows[i].outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_one_way),
		cmocka_unit_test(test_no_shutdown_and_crowd),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_next_is_when_it_ends),
		cmocka_unit_test(test_half_closes),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_all_sent),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_shape_of_datagrams),
		cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_outcome_of_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
