/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the picture, and the ladder that is drawn from them. */
#include "trace/picture.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/util.h"
#include "check.h"
#include "trace_samples.h"

#define SERVER SIDE_SERVER
#define CLIENT SIDE_CLIENT

/* A picture whose rows become lines: kind, step in brief, state, arrows, act. */
struct bench {
	struct picture *picture;
	uint64_t seq, t_ns;
	uint32_t session;
	char lines[16384];
	size_t len;
};

static void add_words(struct bench *bench, const char *words)
{
	bench->len += (size_t)snprintf(bench->lines + bench->len, sizeof(bench->lines) - bench->len, "%s", words);
	assert_true(bench->len < sizeof(bench->lines));
}

static void on_row(void *ctx, const struct picture_row *row)
{
	static const char *const ways[] = { "", " >", " <" };
	struct bench *bench = ctx;

	add_words(bench, row->is_provisional ? "? " : "");
	add_words(bench, row->brief);
	if (row->state != 0) {
		add_words(bench, " ");
		add_words(bench, row->state_name);
	}
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++) {
		add_words(bench, gap > 0 && row->arrows[gap].way != PICTURE_NO_WAY ? " |" : "");
		add_words(bench, ways[row->arrows[gap].way]);
		add_words(bench, row->arrows[gap].label);
	}
	add_words(bench, row->act[0] != '\0' ? " " : "");
	add_words(bench, row->act);
	add_words(bench, "\n");
}

static void bench_open_with(struct bench *bench, bool is_relay, bool has_packets)
{
	const struct picture_options options = {
		.is_relay = is_relay, .has_packets = has_packets, .level = 2, .preview = 8, .row = on_row, .ctx = bench,
	};

	*bench = (struct bench){ .session = 1 };
	bench->picture = picture_new(&options);
}

static void bench_open(struct bench *bench, bool is_relay)
{
	bench_open_with(bench, is_relay, false);
}

/* What was drawn since it was last asked. */
static void must_draw(struct bench *bench, const char *want)
{
	assert_string_equal(bench->lines, want);
	bench->lines[0] = '\0';
	bench->len = 0;
}

static void give(struct bench *bench, struct event event)
{
	event.t_ns = bench->t_ns += NS_PER_MS;
	event.has_result = true;
	event.session = bench->session;
	event.protocol = event.protocol == PROTOCOL_NONE ? PROTOCOL_TCP : event.protocol;
	picture_event(bench->picture, ++bench->seq, &event);
}

static void give_send(struct bench *bench, enum side side, int fd, int64_t n)
{
	union step_args args = { .io = { .data = "0123456789", .len = 10 } };

	give(bench, (struct event){ .step = STEP_SEND, .side = side, .fd = fd, .args = &args,
				    .result = n < 0 ? -1 : n, .error = n < 0 ? (int)-n : 0, .data = "0123456789" });
}

static void give_recv(struct bench *bench, enum side side, int fd, int64_t n)
{
	union step_args args = { .io = { .len = 65536 } };

	give(bench, (struct event){ .step = STEP_RECV, .side = side, .fd = fd, .args = &args,
				    .result = n < 0 ? -1 : n, .error = n < 0 ? (int)-n : 0, .data = "0123456789" });
}

/* A connection that stands, drawn already. */
static void give_connection(struct bench *bench, int fd)
{
	union step_args args = { .name = { .addr = sample_addr("127.0.0.1", 9000) } };

	give(bench, (struct event){ .step = STEP_SOCKET, .side = CLIENT, .fd = -1, .result = fd });
	give(bench, (struct event){ .step = STEP_CONNECT, .side = CLIENT, .fd = fd, .args = &args, .result = -1,
				    .error = EINPROGRESS, .state_from = TCP_CLOSE, .state_to = TCP_SYN_SENT });
	give(bench, (struct event){ .step = STEP_CONNECTED, .side = CLIENT, .fd = fd, .state_from = TCP_SYN_SENT,
				    .state_to = TCP_ESTABLISHED });
}

static void test_a_client(void **state)
{
	struct bench bench;
	union step_args args = { .shutdown = { .how = SHUT_WR } };

	(void)state;
	bench_open(&bench, false);
	give_connection(&bench, 5);
	give_send(&bench, CLIENT, 5, 6);
	give_recv(&bench, CLIENT, 5, -EAGAIN);
	give_recv(&bench, CLIENT, 5, 3);
	give(&bench, (struct event){ .step = STEP_STATE, .side = CLIENT, .fd = 5, .state_from = TCP_ESTABLISHED,
				     .state_to = TCP_CLOSE_WAIT });
	give_recv(&bench, CLIENT, 5, 0);
	give(&bench, (struct event){ .step = STEP_SHUTDOWN, .side = CLIENT, .fd = 5, .args = &args,
				     .state_from = TCP_CLOSE_WAIT, .state_to = TCP_LAST_ACK });
	give(&bench, (struct event){ .step = STEP_CLOSE, .side = CLIENT, .fd = 5, .state_from = TCP_LAST_ACK });
	must_draw(&bench, "socket() = 5\n"
			  "connect(5, 127.0.0.1:9000) SYN_SENT >SYN\n"
			  "connected 5 ESTABLISHED <SYN, ACK answers\n"
			  "send(5, ..., 10) = 6 >6 B\n"
			  "recv(5) = EAGAIN\n"
			  "recv(5, \"012\") = 3 <3 B sends\n"
			  "state 5 CLOSE_WAIT <FIN ends\n"
			  "recv(5) = 0\n"
			  "shutdown(5, SHUT_WR) LAST_ACK >FIN\n"
			  "close(5)\n");
	picture_free(bench.picture);
}

/* The end of a connection: what close() sends is known only where nothing is unread. */
static void test_ends(void **state)
{
	static const struct linger linger = { .l_onoff = 1 };
	union step_args option = { .sockopt = { .level = SOL_SOCKET, .optname = SO_LINGER, .optval = &linger,
						.optlen = sizeof(linger) } };
	struct event closing = { .step = STEP_CLOSE, .side = CLIENT, .fd = 5, .state_from = TCP_ESTABLISHED };
	struct bench bench;

	(void)state;
	bench_open(&bench, false);
	give_connection(&bench, 5);
	bench.len = 0;
	give(&bench, closing);
	must_draw(&bench, "close(5) >close\n");
	give_connection(&bench, 5);
	give_recv(&bench, CLIENT, 5, 0);
	bench.len = 0;
	closing.state_from = TCP_CLOSE_WAIT;
	give(&bench, closing);
	must_draw(&bench, "close(5) >FIN\n");
	give_connection(&bench, 5);
	give(&bench, (struct event){ .step = STEP_SETSOCKOPT, .side = CLIENT, .fd = 5, .args = &option });
	bench.len = 0;
	give(&bench, closing);
	must_draw(&bench, "close(5) >RST\n");
	give_connection(&bench, 5);
	bench.len = 0;
	give_recv(&bench, CLIENT, 5, -ECONNRESET);
	closing.state_from = TCP_CLOSE;
	give(&bench, closing);
	must_draw(&bench, "recv(5) = ECONNRESET <RST resets\nclose(5)\n");
	picture_free(bench.picture);
}

/* Who refused is not known: the host by RST, or a router by ICMP. */
static void test_a_refusal(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, false);
	give(&bench, (struct event){ .step = STEP_CONNECTED, .side = CLIENT, .fd = 5, .result = -1,
				     .error = ECONNREFUSED });
	give(&bench, (struct event){ .step = STEP_CONNECTED, .side = CLIENT, .fd = 5, .result = -1,
				     .error = ETIMEDOUT });
	give(&bench, (struct event){ .step = STEP_CONNECT, .side = CLIENT, .fd = 5, .protocol = PROTOCOL_UDP });
	must_draw(&bench, "connected 5: ECONNREFUSED <refused\n"
			  "connected 5: ETIMEDOUT silent\n"
			  "connect(5)\n");
	picture_free(bench.picture);
}

static void test_a_run_is_folded_from_the_fourth_on(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, false);
	for (int i = 0; i < 3; i++)
		give_send(&bench, CLIENT, 5, 10);
	give_recv(&bench, CLIENT, 5, -EAGAIN);
	assert_true(picture_pending_since(bench.picture) == UINT64_MAX);
	must_draw(&bench, "send(5, \"01234567\"..., 10) = 10 >10 B\n"
			  "send(5, \"01234567\"..., 10) = 10 >10 B\n"
			  "send(5, \"01234567\"..., 10) = 10 >10 B\n"
			  "recv(5) = EAGAIN\n");
	for (int i = 0; i < 1997; i++) {
		give_send(&bench, CLIENT, 5, 10);
		give_send(&bench, CLIENT, 5, -EAGAIN);
	}
	assert_true(picture_pending_since(bench.picture) == 5 * NS_PER_MS);
	must_draw(&bench, "");
	picture_peek(bench.picture);
	must_draw(&bench, "? 1997 x send = 19.5 KiB >19.5 KiB\n");
	give_recv(&bench, CLIENT, 5, 4);
	must_draw(&bench, "1997 x send = 19.5 KiB >19.5 KiB\n"
			  "recv(5, \"0123\") = 4 <4 B sends\n");
	picture_free(bench.picture);
}

/* What is told of a run is told once; it goes on folded. */
static void test_a_run_is_told_while_it_grows(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, false);
	for (int i = 0; i < 6; i++)
		give_recv(&bench, CLIENT, 5, 10);
	bench.len = 0;
	picture_flush(bench.picture, 3 * NS_PER_MS);
	bench.lines[0] = '\0';
	must_draw(&bench, "");
	picture_flush(bench.picture, 4 * NS_PER_MS);
	must_draw(&bench, "3 x recv = 30 B <30 B sends\n");
	picture_flush(bench.picture, UINT64_MAX);
	give_recv(&bench, CLIENT, 5, 10);
	must_draw(&bench, "");
	picture_flush(bench.picture, UINT64_MAX);
	must_draw(&bench, "1 x recv = 10 B <10 B sends\n");
	give_send(&bench, CLIENT, 5, 10);
	must_draw(&bench, "send(5, \"01234567\"..., 10) = 10 >10 B\n");
	picture_free(bench.picture);
}

/* Through a relay a run is that of both connections, and other sessions do not end it. */
static void test_runs_through_a_relay(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, true);
	for (int i = 0; i < 5; i++) {
		give_recv(&bench, SERVER, 4, 10);
		give_send(&bench, CLIENT, 9, 10);
		bench.session = 2;
		give_recv(&bench, CLIENT, 7, 1);
		bench.session = 1;
	}
	bench.len = 0;
	picture_flush(bench.picture, UINT64_MAX);
	must_draw(&bench, "2 x recv, 2 x send = 20 B >20 B | >20 B\n2 x recv = 2 B | <2 B\n");
	give_send(&bench, SERVER, 4, 3);
	must_draw(&bench, "send(4, ..., 10) = 3 <3 B\n");
	picture_free(bench.picture);
}

/* A datagram server receives in no session and answers in one: a turn of the conversation ends a run. */
static void test_turns_across_sessions(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, false);
	for (int i = 0; i < 10; i++) {
		bench.session = 0;
		give_recv(&bench, SERVER, 4, 10);
		bench.session = 1;
		give_send(&bench, SERVER, 4, 10);
	}
	assert_true(picture_pending_since(bench.picture) == UINT64_MAX);
	picture_free(bench.picture);
}

static void give_packet(struct bench *bench, enum side side, bool is_out, int flags, uint32_t length)
{
	union step_args args = { .packet = { .is_out = is_out, .family = AF_INET, .protocol = IPPROTO_TCP, .wscale = -1,
					     .flags = (uint8_t)flags, .length = length } };

	give(bench, (struct event){ .step = STEP_PACKET, .side = side, .fd = 5, .args = &args });
}

/* Segments have the arrows, and calls none; both fold, beside each other, and acknowledgements do not end a run. */
static void test_packets(void **state)
{
	struct bench bench;
	union step_args args = { .shutdown = { .how = SHUT_WR } };

	(void)state;
	bench_open_with(&bench, false, true);
	give_connection(&bench, 5);
	must_draw(&bench, "socket() = 5\n"
			  "connect(5, 127.0.0.1:9000) SYN_SENT\n"
			  "connected 5 ESTABLISHED\n");
	give_packet(&bench, CLIENT, true, TH_SYN, 0);
	give_packet(&bench, CLIENT, false, TH_SYN | TH_ACK, 0);
	must_draw(&bench, "win 0 >[S]\nack 0 win 0 <[SA]\n");
	for (int i = 0; i < 3; i++) {
		give_send(&bench, CLIENT, 5, 10);
		give_packet(&bench, CLIENT, true, TH_PUSH | TH_ACK, 10);
		give_packet(&bench, CLIENT, false, TH_ACK, 0);
		must_draw(&bench, "send(5, \"01234567\"..., 10) = 10\n"
				  "seq 0 ack 0 win 0 >[PA] 10\nseq 0 ack 0 win 0 <[A]\n");
	}
	for (int i = 0; i < 200; i++) {
		give_send(&bench, CLIENT, 5, 10);
		give_packet(&bench, CLIENT, true, TH_PUSH | TH_ACK, 10);
		give_packet(&bench, CLIENT, false, TH_ACK, 0);
	}
	must_draw(&bench, "");
	give_packet(&bench, CLIENT, false, TH_PUSH | TH_ACK, 7);
	must_draw(&bench, "200 x packet = 2000 B >2000 B\nseq 0 ack 0 win 0 <[PA] 7\n");
	give(&bench, (struct event){ .step = STEP_SHUTDOWN, .side = CLIENT, .fd = 5, .args = &args,
				     .state_from = TCP_ESTABLISHED, .state_to = TCP_FIN_WAIT1 });
	give_packet(&bench, CLIENT, true, TH_FIN | TH_ACK, 0);
	must_draw(&bench, "200 x send = 2000 B\nshutdown(5, SHUT_WR) FIN_WAIT1\nseq 0 ack 0 win 0 >[FA]\n");
	picture_free(bench.picture);
}

/* Those of a relay cross both gaps. */
static void test_packets_through_a_relay(void **state)
{
	struct bench bench;

	(void)state;
	bench_open_with(&bench, true, true);
	give_packet(&bench, SIDE_NONE, false, TH_SYN, 0);
	must_draw(&bench, "win 0 >[S]\n");
	for (int i = 0; i < 5; i++) {
		give_packet(&bench, SERVER, false, TH_ACK, 10);
		give_packet(&bench, CLIENT, true, TH_ACK, 10);
	}
	picture_flush(bench.picture, UINT64_MAX);
	must_draw(&bench,
		  "seq 0 ack 0 win 0 >[A] 10\nseq 0 ack 0 win 0 | >[A] 10\n"
		  "seq 0 ack 0 win 0 >[A] 10\nseq 0 ack 0 win 0 | >[A] 10\n"
		  "seq 0 ack 0 win 0 >[A] 10\nseq 0 ack 0 win 0 | >[A] 10\n"
		  "2 x packet, 2 x packet = 20 B >20 B | >20 B\n");
	picture_free(bench.picture);
}

/* What the ladder makes of a sample, to be freed. */
static char *ladder_of(void (*sample)(struct bus *bus), const char *locale, int level)
{
	struct capture capture;

	setenv("LC_ALL", locale, 1);
	capture_open(&capture, &sink_ladder, level, 32);
	sample(&capture.bus);
	return capture_close(&capture, NULL);
}

static void test_the_ladder_of_a_client(void **state)
{
	char *text = ladder_of(sample_client, "C.UTF-8", 0);

	(void)state;
	assert_non_null(strstr(text,
	"   0.266  socket(AF_INET, SOCK_STREAM) = 5              │             │\n"
	"   0.270  connect(5, 127.0.0.1:9000)        SYN_SENT    ├─── SYN ────▶│\n"
	"   0.322  connected 5  after 0.05 ms        ESTABLISHED │◀─ SYN, ACK ─┤ answers\n"
	"          tcp 127.0.0.1:51834 ⇄ 127.0.0.1:9000\n"));
	assert_non_null(strstr(text,
	"  12.4    send(5, \"hello\\n\") = 6                        ├─── 6 B ────▶│\n"
	"  12.4    recv(5) = EAGAIN                              │             │\n"
	"  14.0    recv(5) = 0                       CLOSE_WAIT  │◀─── FIN ────┤ ends\n"));
	free(text);
	text = ladder_of(sample_client, "C", 1);
	assert_non_null(strstr(text, " SYN_SENT    |--- SYN ---->|\n"));
	assert_null(strstr(text, "send("));
	free(text);
}

static void test_the_ladder_of_packets(void **state)
{
	char *text = ladder_of(sample_packets, "C", 1);

	(void)state;
	assert_non_null(strstr(text,
	"   0.280  win 65495 mss 65495 sackOK TS wscale 10       |--- [S] ---->|\n"
	"   0.290  ack 1 win 65483 mss 1460                      |<--- [SA] ---|\n"
	"  12.4    seq 1 ack 1 win 65536                         |-- [PA] 6 -->|\n"
	"  12.5    datagram                                      |<- UDP 3000 -|\n"
	"  12.6    port unreachable from 10.7.1.1                |<--- ICMP ---|\n"));
	free(text);
}

static void test_the_ladder_of_sight(void **state)
{
	char *text = ladder_of(sample_sight, "C", 2);

	(void)state;
	assert_non_null(strstr(text,
	"   0.280  during connect: 2 out, 1 in, 1 acked          |             |\n"
	"  12.4    before send: 1 out, 0 in, 1 again             |             |\n"
	"  12.5    acked 0 to 5 after 0.14 ms                    |             |\n"
	"  12.6    acked 6 to 1099511627776                      |             |\n"));
	free(text);
}

/* Both ends are here: 2,000 turns of sending and receiving are one run, and arrows begin at who sends. */
static void test_both_ends(void **state)
{
	struct picture_options options = { .is_whole = true, .level = 2, .preview = 8, .row = on_row };
	union step_args name = { .name = { .addr = sample_addr("127.0.0.1", 9000) } };
	const struct addr *to = name.name.addr;
	struct addr from = *sample_addr("127.0.0.1", 40001);
	struct bench bench = { .session = 1 };

	(void)state;
	options.ctx = &bench;
	bench.picture = picture_new(&options);
	give(&bench, (struct event){ .step = STEP_SOCKET, .fd = -1, .result = 3 });
	give(&bench, (struct event){ .step = STEP_BIND, .fd = 3, .args = &name, .local = to });
	give(&bench, (struct event){ .step = STEP_LISTEN, .fd = 3, .side = SERVER, .local = to });
	give(&bench, (struct event){ .step = STEP_SOCKET, .fd = -1, .result = 4 });
	give(&bench, (struct event){ .step = STEP_CONNECT, .side = CLIENT, .fd = 4, .args = &name, .remote = to });
	give(&bench, (struct event){ .step = STEP_GETSOCKNAME, .fd = 4,
				     .args = &(union step_args){ .name = { .addr = &from } } });
	give(&bench, (struct event){ .step = STEP_ACCEPT, .side = SERVER, .fd = 3, .result = 5, .local = to,
				     .remote = &from });
	bench.lines[0] = '\0';
	bench.len = 0;
	for (unsigned i = 0; i < 2000; i++) {
		bench.session = 3;
		give_send(&bench, SERVER, 5, 10);
		bench.session = 2;
		give_recv(&bench, CLIENT, 4, 10);
	}
	give_send(&bench, CLIENT, 4, 10);
	assert_non_null(strstr(bench.lines, "10) = 10 <10 B\nrecv(4, \"01234567\"...) = 10 <10 B\nsend(5, "));
	assert_non_null(strstr(bench.lines, "1988 x send, 1988 x recv = 19.4 KiB <19.4 KiB\n"
					    "send(4, \"01234567\"..., 10) = 10 >10 B\n"));
	bench.lines[0] = '\0';
	bench.len = 0;
	give(&bench, (struct event){ .step = STEP_CLOSE, .fd = 5, .side = SERVER, .state_from = TCP_ESTABLISHED });
	must_draw(&bench, "close(5) <RST\n");
	picture_free(bench.picture);
}

/* No line is longer than 80 columns, and nothing hostile gets through. */
static void test_what_lines_hold(void **state)
{
	static void (*const samples[])(struct bus *bus) = { sample_client, sample_server, sample_proxy, sample_faults,
							    sample_packets, sample_info, sample_sight, sample_http,
							    sample_hostile, sample_bare };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		char *text = ladder_of(samples[i], "C", 3);
		size_t columns = 0;

		for (const char *byte = text; *byte != '\0'; byte++) {
			assert_true(*byte == '\n' || ((unsigned char)*byte >= ' ' && *byte != '\177'));
			columns = *byte == '\n' ? 0 : columns + (((unsigned char)*byte & 0xc0) != 0x80);
			assert_true(columns <= 80);
		}
		assert_int_equal(columns, 0);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_client),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_a_refusal),
		cmocka_unit_test(test_a_run_is_folded_from_the_fourth_on),
		cmocka_unit_test(test_a_run_is_told_while_it_grows),
		cmocka_unit_test(test_runs_through_a_relay),
		cmocka_unit_test(test_turns_across_sessions),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_packets_through_a_relay),
		cmocka_unit_test(test_the_ladder_of_a_client),
		cmocka_unit_test(test_the_ladder_of_packets),
		cmocka_unit_test(test_the_ladder_of_sight),
		cmocka_unit_test(test_both_ends),
		cmocka_unit_test(test_what_lines_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
