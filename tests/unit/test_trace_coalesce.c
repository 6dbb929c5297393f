/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of the pieces of a stream: the counting, and what is learned from events. */
#include "trace/bus.h"
#include "trace/coalesce.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/util.h"
#include "check.h"
#include "trace_samples.h"

/*
 * A script: +N puts a piece of N bytes, ?N bytes that were nobody knows how many pieces, -N takes N bytes.
 * Returns the verdicts: "3>1" three became one, "1>2" one
 * became two, "." nothing to say; ">=" at least, "~" not all of them whole.
 */
static const char *played(const char *script, char *dst, size_t size)
{
	struct coalesce_stream stream = { 0 };
	struct text text;

	text_init(&text, dst, size);
	while (*script != '\0') {
		struct coalesced verdict = { 0 };
		bool is_vague = *script == '?';
		char *end;
		long long number = strtoll(script + is_vague, &end, 10);

		script = *end == ' ' ? end + 1 : end;
		if (is_vague)
			coalesce_put_vague(&stream, (uint64_t)number);
		else if (number > 0)
			coalesce_put(&stream, (uint64_t)number);
		else if (coalesce_take(&stream, (uint64_t)-number, &verdict))
			text_addf(&text, "%s%u>%u%s ", verdict.is_least ? ">=" : "", verdict.pieces, verdict.calls,
				  verdict.is_partial ? "~" : "");
		else
			text_add(&text, ". ");
	}
	return dst;
}

static void test_counting(void **state)
{
	static const struct {
		const char *name, *script, *verdicts;
	} rows[] = {
		{ "one as one", "+5 -5 +7 -7", ". . " },
		{ "three as one", "+5 +6 +7 -18", "3>1 " },
		{ "one as two", "+5 -2 -3", ". 1>2 " },
		{ "one as four, then one as one", "+5 -1 -1 -1 -2 +4 -4", ". . . 1>4 . " },
		{ "two as one and a half", "+5 +5 -7 -3", "2>1~ 1>2 " },
		{ "the rest of one with another", "+5 -2 +5 -8", ". 2>1~ " },
		{ "nobody saw it", "-5 -5", ". . " },
		{ "it was taken while it came", "-5 +5 +6 -6", ". . " },
		{ "some of it was seen only later", "+5 -9 +4 +3 -3", ">=2>1 . " },
		{ "what was taken in part before it was seen", "-2 +5 +1 -4", ". >=2>1 " },
		{ "it was not seen as what it came", "?5 -5 ?5 +1 -6", ". >=2>1 " },
		{ "nobody knows what was cut", "?6 -3 -3 +2 -1 -1", ". . . 1>2 " },
		{ "a part of what nobody saw is perhaps none", "?6 +5 -3 -8 ?6 +5 -3 -6 -2", ". >=2>1 . >=2>1~ 1>2 " },
		{ "more than are told apart, all of them",
		  "+1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 "
		  "+1 +1 -35", "35>1 " },
		{ "more than are told apart, not all of them",
		  "+1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 +1 "
		  "+1 +1 -33 -2", ">=32>1~ . " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char verdicts[256];

		CHECK_STRING(rows[i].name, played(rows[i].script, verdicts, sizeof(verdicts)), rows[i].verdicts);
	}
}

/* A call that moved len bytes. Returns the sentence; "": nothing to say. */
static const char *moved(struct coalesce *coalesce, enum step_id step, enum side side, int64_t len)
{
	static char sentence[128];
	union step_args args = { .io = { .len = 100000 } };
	struct event event = {
		.step = step, .session = 1, .side = side, .protocol = PROTOCOL_TCP, .fd = 5,
		.args = &args, .has_result = true, .result = len,
	};
	struct text text;

	text_init(&text, sentence, sizeof(sentence));
	coalesce_event(coalesce, &event);
	coalesce_format(&event, &text);
	return sentence;
}

/* A segment. */
static const char *passed(struct coalesce *coalesce, bool is_out, uint8_t flags, uint32_t seq, uint32_t len)
{
	static char sentence[128];
	union step_args args = { .packet = { .is_out = is_out, .protocol = IPPROTO_TCP, .flags = flags, .seq = seq,
					     .length = len } };
	struct event event = { .step = STEP_PACKET, .session = 1, .side = SIDE_SERVER, .args = &args,
			       .protocol = PROTOCOL_TCP };
	struct text text;

	text_init(&text, sentence, sizeof(sentence));
	coalesce_event(coalesce, &event);
	coalesce_format(&event, &text);
	return sentence;
}

static void test_a_relay(void **state)
{
	struct coalesce *coalesce = coalesce_new(true, false);
	struct event end = { .step = STEP_END, .session = 1, .side = SIDE_SERVER };

	(void)state;
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 10), "");
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 5), "");
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_CLIENT, 15), "2 receives of the client left as 1 send");
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_CLIENT, 65536), "");
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_SERVER, 60000), "");
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_SERVER, 5536), "1 receive of the target left as 2 sends");
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 10), "");
	coalesce_event(coalesce, &end);
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_CLIENT, 10), "");
	coalesce_free(coalesce);
}

/* A header that is not passed on is no part of what is. */
static void test_a_header(void **state)
{
	struct coalesce *coalesce = coalesce_new(true, true);

	(void)state;
	moved(coalesce, STEP_RECV, SIDE_SERVER, 30);
	moved(coalesce, STEP_RECV, SIDE_SERVER, 5);
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_CLIENT, 5), "");
	moved(coalesce, STEP_RECV, SIDE_CLIENT, 5);
	moved(coalesce, STEP_RECV, SIDE_CLIENT, 5);
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_SERVER, 10), "2 receives of the target left as 1 send");
	coalesce_free(coalesce);
}

static void test_segments(void **state)
{
	struct coalesce *coalesce = coalesce_new(false, false);

	(void)state;
	passed(coalesce, false, TH_SYN, 0, 0);
	passed(coalesce, true, TH_SYN | TH_ACK, 0, 0);
	passed(coalesce, false, TH_ACK, 1, 0);
	passed(coalesce, false, TH_ACK, 1, 10);
	passed(coalesce, false, TH_ACK, 11, 10);
	passed(coalesce, false, TH_ACK, 21, 10);
	/* Sent again. */
	passed(coalesce, false, TH_ACK, 11, 10);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 30), "3 segments arrived as 1 receive");
	passed(coalesce, false, TH_ACK, 31, 100);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 60), "");
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 40), "1 segment arrived as 2 receives");
	/* One is missed, or comes later. */
	passed(coalesce, false, TH_ACK, 141, 10);
	passed(coalesce, false, TH_ACK, 131, 10);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 20), "at least 2 segments arrived as 1 receive");
	/* Nagle, or a queue that was full. */
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_SERVER, 5), "");
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_SERVER, 5), "");
	assert_string_equal(passed(coalesce, true, TH_ACK, 1, 10), "2 sends left as 1 segment");
	assert_string_equal(moved(coalesce, STEP_SEND, SIDE_SERVER, 3000), "");
	assert_string_equal(passed(coalesce, true, TH_ACK, 11, 1460), "");
	assert_string_equal(passed(coalesce, true, TH_ACK, 1471, 1460), "");
	assert_string_equal(passed(coalesce, true, TH_ACK | TH_PUSH, 2931, 80), "1 send left as 3 segments");
	coalesce_free(coalesce);
}

/* Whose beginning was not seen is not talked about. */
static void test_a_capture_that_began_late(void **state)
{
	struct coalesce *coalesce = coalesce_new(false, false);

	(void)state;
	passed(coalesce, false, TH_ACK, 0, 10);
	passed(coalesce, false, TH_ACK, 10, 10);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 20), "");
	coalesce_free(coalesce);
}

/* The handshake of a client, and what it sends at once, is seen before accept(): of no session. */
static void test_segments_before_accept(void **state)
{
	struct coalesce *coalesce = coalesce_new(false, false);
	union step_args args = { .packet = { .protocol = IPPROTO_TCP, .flags = TH_SYN } };
	struct event syn = { .step = STEP_PACKET, .args = &args, .protocol = PROTOCOL_TCP };
	struct event accepted = { .step = STEP_ACCEPT, .session = 1, .side = SIDE_SERVER, .protocol = PROTOCOL_TCP };

	(void)state;
	coalesce_event(coalesce, &syn);
	coalesce_event(coalesce, &accepted);
	/* 10 bytes had come by then. */
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 10), "");
	passed(coalesce, false, TH_ACK, 11, 5);
	passed(coalesce, false, TH_ACK, 16, 5);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 10), "2 segments arrived as 1 receive");
	moved(coalesce, STEP_SEND, SIDE_SERVER, 20);
	passed(coalesce, true, TH_ACK, 1, 10);
	assert_string_equal(passed(coalesce, true, TH_ACK, 11, 10), "1 send left as 2 segments");
	coalesce_free(coalesce);
}

/* A segment of a client who waits to be accepted. */
static void came_early(struct coalesce *coalesce, uint8_t flags, uint32_t seq, uint32_t len, const char *host,
		       uint16_t port)
{
	const struct addr local = *sample_addr("127.0.0.1", 9000);
	union step_args args = { .packet = { .protocol = IPPROTO_TCP, .flags = flags, .seq = seq, .length = len } };
	struct event event = { .step = STEP_PACKET, .args = &args, .protocol = PROTOCOL_TCP, .local = &local,
			       .remote = sample_addr(host, port) };

	coalesce_event(coalesce, &event);
}

/* What it sent meanwhile is what it receives, of a socket for both versions too; others are not mixed with it. */
static void test_segments_of_who_waits(void **state)
{
	struct coalesce *coalesce = coalesce_new(false, false);
	const struct addr local = *sample_addr("::ffff:127.0.0.1", 9000);
	const struct addr remote = *sample_addr("::ffff:127.0.0.1", 40000);
	struct event accepted = { .step = STEP_ACCEPT, .session = 1, .side = SIDE_SERVER, .protocol = PROTOCOL_TCP,
				  .local = &local, .remote = &remote };

	(void)state;
	for (uint16_t port = 40000; port < 40200; port++) {
		came_early(coalesce, TH_SYN, 0, 0, "127.0.0.1", port);
		came_early(coalesce, TH_ACK | TH_PUSH, 1, 3, "127.0.0.1", port);
	}
	came_early(coalesce, TH_ACK | TH_PUSH, 4, 5, "127.0.0.1", 40000);
	/* Sent again: it is the same one. */
	came_early(coalesce, TH_ACK | TH_PUSH, 1, 3, "127.0.0.1", 40000);
	coalesce_event(coalesce, &accepted);
	passed(coalesce, false, TH_ACK | TH_PUSH, 9, 2);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 10), "3 segments arrived as 1 receive");
	coalesce_free(coalesce);

	/* One of very many: it is forgotten, and nothing is said. */
	coalesce = coalesce_new(false, false);
	for (uint16_t port = 40000; port < 41000; port++) {
		came_early(coalesce, TH_SYN, 0, 0, "127.0.0.1", port);
		came_early(coalesce, TH_ACK | TH_PUSH, 1, 3, "127.0.0.1", port);
		came_early(coalesce, TH_ACK | TH_PUSH, 4, 3, "127.0.0.1", port);
	}
	coalesce_event(coalesce, &accepted);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 6), "");
	coalesce_free(coalesce);
}

/*
 * Nothing is kept of a connection whose last segments come when it has ended, nor of a connect() that failed: there is
 * room for who comes.
 */
static void test_nothing_is_kept(void **state)
{
	struct coalesce *coalesce = coalesce_new(true, false);
	union step_args args = { .packet = { .protocol = IPPROTO_TCP } };
	struct event packet = { .step = STEP_PACKET, .args = &args, .protocol = PROTOCOL_TCP };
	struct event closed = { .step = STEP_CLOSE, .side = SIDE_CLIENT, .protocol = PROTOCOL_TCP };

	(void)state;
	for (packet.session = 2; packet.session < 70000; packet.session++) {
		args.packet.flags = TH_ACK;
		packet.side = SIDE_SERVER;
		coalesce_event(coalesce, &packet);
		args.packet.flags = TH_SYN;
		packet.side = SIDE_CLIENT;
		coalesce_event(coalesce, &packet);
		closed.session = packet.session;
		coalesce_event(coalesce, &closed);
	}
	passed(coalesce, false, TH_SYN, 0, 0);
	passed(coalesce, false, TH_ACK, 1, 5);
	passed(coalesce, false, TH_ACK, 6, 5);
	assert_string_equal(moved(coalesce, STEP_RECV, SIDE_SERVER, 10), "2 segments arrived as 1 receive");
	coalesce_free(coalesce);
}

/* A connection stands. */
static void stands(struct coalesce *coalesce, enum step_id step, uint32_t session, enum side side, const char *local,
		   const char *remote)
{
	struct event event = {
		.step = step, .session = session, .side = side, .protocol = PROTOCOL_TCP,
		.local = sample_addr(local, side == SIDE_SERVER ? 9000 : 1234),
		.remote = sample_addr(remote, side == SIDE_SERVER ? 1234 : 9000),
	};

	coalesce_event(coalesce, &event);
}

static const char *of_session(struct coalesce *coalesce, uint32_t session, enum step_id step, enum side side,
			      int64_t len)
{
	static char sentence[128];
	union step_args args = { .io = { .len = 100 } };
	struct event event = { .step = step, .session = session, .side = side, .protocol = PROTOCOL_TCP, .args = &args,
			       .has_result = true, .result = len };
	struct text text;

	text_init(&text, sentence, sizeof(sentence));
	coalesce_event(coalesce, &event);
	coalesce_format(&event, &text);
	return sentence;
}

static void test_both_ends_in_one_process(void **state)
{
	struct coalesce *coalesce = coalesce_new(false, false);
	struct event over = { .step = STEP_END, .session = 2, .side = SIDE_SERVER };

	(void)state;
	stands(coalesce, STEP_CONNECTED, 3, SIDE_CLIENT, "127.0.0.2", "127.0.0.1");
	stands(coalesce, STEP_CONNECTED, 1, SIDE_CLIENT, "127.0.0.1", "127.0.0.1");
	stands(coalesce, STEP_ACCEPT, 2, SIDE_SERVER, "127.0.0.1", "127.0.0.1");
	of_session(coalesce, 1, STEP_SEND, SIDE_CLIENT, 5);
	of_session(coalesce, 1, STEP_SEND, SIDE_CLIENT, 6);
	of_session(coalesce, 3, STEP_SEND, SIDE_CLIENT, 6);
	assert_string_equal(of_session(coalesce, 2, STEP_RECV, SIDE_SERVER, 11),
			    "2 sends of the peer arrived as 1 receive");
	of_session(coalesce, 2, STEP_SEND, SIDE_SERVER, 9);
	of_session(coalesce, 1, STEP_RECV, SIDE_CLIENT, 4);
	assert_string_equal(of_session(coalesce, 1, STEP_RECV, SIDE_CLIENT, 5),
			    "1 send of the peer arrived as 2 receives");
	coalesce_event(coalesce, &over);
	assert_string_equal(of_session(coalesce, 1, STEP_RECV, SIDE_CLIENT, 5), "");
	coalesce_free(coalesce);
}

/* One of two attempts is refused and closed; the other's segments count all the same. */
static void test_a_race(void **state)
{
	struct coalesce *coalesce = coalesce_new(false, false);
	struct event closed = { .step = STEP_CLOSE, .session = 1, .side = SIDE_CLIENT, .protocol = PROTOCOL_TCP };
	union step_args args = { .packet = { .is_out = true, .protocol = IPPROTO_TCP, .flags = TH_SYN } };
	struct event packet = { .step = STEP_PACKET, .session = 1, .side = SIDE_CLIENT, .args = &args,
				.protocol = PROTOCOL_TCP };

	(void)state;
	coalesce_event(coalesce, &packet);
	coalesce_event(coalesce, &packet);
	coalesce_event(coalesce, &closed);
	stands(coalesce, STEP_CONNECTED, 1, SIDE_CLIENT, "127.0.0.2", "127.0.0.1");
	coalesce_event(coalesce, &closed);
	moved(coalesce, STEP_SEND, SIDE_CLIENT, 5);
	moved(coalesce, STEP_SEND, SIDE_CLIENT, 5);
	args.packet.flags = TH_ACK;
	args.packet.seq = 1;
	args.packet.length = 10;
	coalesce_event(coalesce, &packet);
	assert_int_equal(packet.coalesced.what, COALESCED_SENDS);
	assert_int_equal(packet.coalesced.pieces, 2);
	coalesce_free(coalesce);
}

static void through_bus(struct bus *bus)
{
	union step_args args = { .io = { .data = "helloworld", .len = 10 } };
	struct event event = { .step = STEP_RECV, .session = 1, .side = SIDE_SERVER, .fd = 3, .protocol = PROTOCOL_TCP,
			       .args = &args, .has_result = true, .result = 5 };

	bus_watch_pieces(bus, true, false);
	bus_emit(bus, &event);
	bus_emit(bus, &event);
	event.step = STEP_SEND;
	event.side = SIDE_CLIENT;
	event.fd = 4;
	event.result = 7;
	bus_emit(bus, &event);
	/* Whoever emits has not got it in his event. */
	assert_int_equal(event.coalesced.what, COALESCED_NOTHING);
}

/* Every sink shows it. */
static void test_sinks(void **state)
{
	static const struct {
		const struct sink_kind *kind;
		const char *words;
	} rows[] = {
		{ &sink_text, "send(4, ..., 10) = 7   short: 7 of 10 taken   "
			      "2 receives of the client left as 1 send, not all of them whole" },
		{ &sink_json, "\"coalesced\":{\"of\":\"receives\",\"pieces\":2,\"into\":1,\"at_least\":false,"
			      "\"partial\":true}}\n" },
		{ &sink_ladder, "2 receives of the client left as 1 send, not\n          all of them whole\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct capture capture;
		char *text;

		capture_open(&capture, rows[i].kind, 2, 0);
		through_bus(&capture.bus);
		text = capture_close(&capture, NULL);
		if (strstr(text, rows[i].words) == NULL)
			fail_msg("no %s in:\n%s", rows[i].words, text);
		free(text);
	}
}

/* Nothing is watched for who sees no transfers. */
static void test_level_1(void **state)
{
	struct capture capture;

	(void)state;
	capture_open(&capture, &sink_text, 1, 0);
	through_bus(&capture.bus);
	assert_null(capture.bus.coalesce);
	free(capture_close(&capture, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_a_relay),
		cmocka_unit_test(test_a_header),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_a_capture_that_began_late),
		cmocka_unit_test(test_segments_before_accept),
		cmocka_unit_test(test_segments_of_who_waits),
		cmocka_unit_test(test_nothing_is_kept),
		cmocka_unit_test(test_both_ends_in_one_process),
		cmocka_unit_test(test_a_race),
		cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_level_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
