/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who must act next, where nothing moves: the table of waiting.h, and that silence is kept where nothing is wrong. */
#include "base/util.h"
#include "engine/waiting.h"

#include "check.h"

#define TCP(...) { .is_valid = true, __VA_ARGS__ }

static void test_verdicts(void **state)
{
	static const struct {
		const char *name;
		struct waiting_facts facts;
		enum waiting waiting;
	} rows[] = {
		{ "a conversation that pauses", { .has_end = true, .has_talked = true, .tcp = TCP() },
		  WAITING_NOTHING },
		{ "no datagram has been sent", { .has_talked = false }, WAITING_UNKNOWN },
		{ "none will be", { .is_input_ended = true }, WAITING_NOTHING },
		{ "of a relay", { .is_relay = true }, WAITING_NOTHING },
		{ "datagrams without an answer", { .has_talked = true, .sent = 3 }, WAITING_ANSWER },
		{ "the same at a relay", { .is_relay = true, .has_talked = true, .sent = 3 }, WAITING_ANSWER },
		{ "datagrams, none is wanted", { .has_talked = true, .sent = 3, .is_send_only = true },
		  WAITING_NOTHING },
		{ "datagrams that pause", { .has_talked = true, .sent = 3, .received = 1 }, WAITING_NOTHING },
		{ "datagrams that we wait for", { .is_recv_only = true }, WAITING_PEER_DATA },
		{ "in a crowd nobody has to speak", { .has_end = true, .is_crowd = true, .tcp = TCP() },
		  WAITING_NOTHING },
		{ "in a crowd, one has ended",
		  { .has_end = true, .is_crowd = true, .is_in_ended = true, .is_default_end = true, .tcp = TCP() },
		  WAITING_INPUT_OF_ALL },
		{ "in a crowd, one has ended, which was asked for",
		  { .has_end = true, .is_crowd = true, .is_in_ended = true, .tcp = TCP() }, WAITING_NOTHING },
		{ "in a crowd, one has ended behind our input",
		  { .has_end = true, .is_crowd = true, .is_in_ended = true, .is_input_ended = true, .tcp = TCP(),
		    .is_default_end = true }, WAITING_NOTHING },
		{ "in a crowd, one does not read",
		  { .has_end = true, .is_crowd = true, .is_out_held = true, .tcp = TCP() }, WAITING_WINDOW },
		{ "in a crowd, one does not read and all wait",
		  { .has_end = true, .is_crowd = true, .is_holding = true, .is_out_held = true, .tcp = TCP() },
		  WAITING_WINDOW_ALL },
		{ "our input has ended, the peer is not told",
		  { .has_end = true, .has_talked = true, .is_input_ended = true, .tcp = TCP() }, WAITING_UNTOLD },
		{ "both have ended", { .has_end = true, .is_in_ended = true, .is_out_ended = true }, WAITING_NOTHING },
		{ "our output is full", { .has_end = true, .is_output_blocked = true }, WAITING_OUTPUT },
		{ "our output is full, and the peer's window is closed",
		  { .has_end = true, .is_output_blocked = true, .is_out_held = true, .tcp = TCP() }, WAITING_OUTPUT },
		{ "held, nothing in flight", { .has_end = true, .is_out_held = true, .tcp = TCP() }, WAITING_WINDOW },
		{ "in the kernel, nothing in flight", { .has_end = true, .has_talked = true, .tcp = TCP(.notsent = 1) },
		  WAITING_WINDOW },
		{ "in flight: a slow network", { .has_end = true, .is_out_held = true, .tcp = TCP(.unacked = 1) },
		  WAITING_NOTHING },
		{ "in flight, not acknowledged", { .has_end = true, .tcp = TCP(.unacked = 1, .timeouts = 1) },
		  WAITING_LOST },
		{ "timeouts that are over", { .has_end = true, .has_talked = true, .tcp = TCP(.timeouts = 1) },
		  WAITING_NOTHING },
		{ "a Unix socket that takes no more", { .has_end = true, .is_out_held = true }, WAITING_WINDOW },
		{ "the peer has ended", { .has_end = true, .has_talked = true, .is_in_ended = true }, WAITING_INPUT },
		{ "we have ended", { .has_end = true, .has_talked = true, .is_out_ended = true }, WAITING_PEER_END },
		{ "nobody has spoken", { .has_end = true, .tcp = TCP() }, WAITING_FIRST_WORD },
		{ "we only listen", { .has_end = true, .is_recv_only = true, .is_out_ended = true },
		  WAITING_PEER_DATA },
		{ "we only listen, it pauses",
		  { .has_end = true, .is_recv_only = true, .is_out_ended = true, .has_talked = true },
		  WAITING_NOTHING },
		{ "a relay of two who are silent", { .has_end = true, .is_relay = true }, WAITING_EACH_OTHER },
		{ "a relay, this side has ended", { .has_end = true, .is_relay = true, .is_in_ended = true },
		  WAITING_NOTHING },
		{ "a relay, the other side has ended", { .has_end = true, .is_relay = true, .is_out_ended = true },
		  WAITING_PEER_END },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(rows[i].name, waiting_decide(&rows[i].facts), rows[i].waiting);
}

/* What the kernel still sends of what it holds is no standstill. */
static void test_moves(void **state)
{
	struct waiting_facts facts = { .has_end = true, .is_out_held = true, .tcp = TCP(.notsent = 4096) };

	(void)state;
	facts.tcp.quiet_ms = 1500;
	assert_int_equal(waiting_moves_ns(WAITING_WINDOW, &facts), 500 * 1000000);
	assert_int_equal(waiting_moves_ns(WAITING_WINDOW_ALL, &facts), 500 * 1000000);
	assert_int_equal(waiting_moves_ns(WAITING_FIRST_WORD, &facts), 0);
	assert_int_equal(waiting_moves_ns(WAITING_NOTHING, &facts), WAITING_NS);
	/* What is sent again is sent, too. */
	assert_int_equal(waiting_moves_ns(WAITING_LOST, &facts), 0);
	facts.tcp.quiet_ms = 2000;
	assert_int_equal(waiting_moves_ns(WAITING_WINDOW, &facts), 0);
	facts.tcp = (struct tcp_facts){ .is_valid = false };
	assert_int_equal(waiting_moves_ns(WAITING_WINDOW, &facts), 0);
}

static void test_sentences(void **state)
{
	struct waiting_facts facts = { .sent = 17, .tcp = TCP(.notsent = 4096, .unacked = 2, .timeouts = 3) };

	char sentence[512];
	struct text text;

	(void)state;
	for (enum waiting waiting = WAITING_NOTHING + 1; waiting < WAITING_COUNT; waiting++) {
		text_init(&text, sentence, sizeof(sentence));
		waiting_format(waiting, &facts, "the target", &text);
		assert_true(text.len > 20 && text.len < sizeof(sentence) - 1);
		if (waiting == WAITING_LOST)
			assert_non_null(strstr(sentence, "after 3 timeouts"));
		if (waiting == WAITING_WINDOW)
			assert_non_null(strstr(sentence, "the window of the target is closed"));
		if (waiting == WAITING_WINDOW || waiting == WAITING_WINDOW_ALL)
			assert_non_null(strstr(sentence, "4096 more bytes"));
		if (waiting == WAITING_ANSWER)
			assert_non_null(strstr(sentence, "datagrams sent: 17, ICMP errors: none"));
	}
	facts.icmp = (struct icmp_tally){ .count = 2, .type = 3, .code = 1 };
	addr_parse_ip(&facts.icmp.sender, "10.0.0.1", 0);
	text_init(&text, sentence, sizeof(sentence));
	waiting_format(WAITING_ANSWER, &facts, "the target", &text);
	assert_string_equal(sentence,
			    "nothing moves for 2 s: the target has not answered (datagrams sent: 17, ICMP errors: 2); "
			    "the last ICMP error says host unreachable and comes from 10.0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
