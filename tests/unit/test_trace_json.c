/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The json sink and the bus. Called as `test_trace_json client|server|faults|http|hostile|bare LEVEL`, it writes the
 * trace of that sample to standard output: tests/e2e/test_schema.py holds it against the schema.
 */
#include "trace/bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "base/util.h"
#include "check.h"
#include "trace_samples.h"

static const struct {
	const char *name;
	void (*emit)(struct bus *bus);
} samples[] = {
	{ "client", sample_client },
	{ "server", sample_server },
	{ "proxy", sample_proxy },
	{ "faults", sample_faults },
	{ "refused", sample_refused },
	{ "packets", sample_packets },
	{ "info", sample_info },
	{ "http", sample_http },
	{ "sight", sample_sight },
	{ "hostile", sample_hostile },
	{ "bare", sample_bare },
};

/* What the json sink makes of a sample, to be freed. */
static char *json_of(void (*sample)(struct bus *bus), int level, size_t preview)
{
	struct capture capture;

	capture_open(&capture, &sink_json, level, preview);
	sample(&capture.bus);
	return capture_close(&capture, NULL);
}

/* The line of an event, from its number on. */
static void must_have(const char *text, const char *line)
{
	if (strstr(text, line) == NULL)
		fail_msg("no %s in\n%s", line, text);
}

static void test_events(void **state)
{
	char *text = json_of(sample_client, 0, 32);

	(void)state;
	must_have(text, "\n{\"seq\":1,\"t_ms\":0.000,\"step\":\"resolve\",\"level\":1,\"dur_us\":210.000,"
		"\"session\":1,\"side\":\"client\",\"args\":{\"node\":\"localhost\",\"service\":\"9000\","
		"\"family\":\"AF_UNSPEC\",\"socktype\":\"SOCK_STREAM\"},\"result\":2,"
		"\"addresses\":[\"[::1]:9000\",\"127.0.0.1:9000\"]}\n");
	must_have(text, "\"args\":{\"domain\":\"AF_INET6\",\"type\":[\"SOCK_STREAM\",\"SOCK_CLOEXEC\","
		"\"SOCK_NONBLOCK\"],\"protocol\":\"IPPROTO_TCP\"},\"result\":5,\"state_to\":\"CLOSE\"");
	must_have(text, "\"fd\":5,\"args\":{\"sockfd\":5,\"addr\":\"[::1]:9000\",\"addrlen\":28},"
		"\"result\":-1,\"errno\":\"EINPROGRESS\",\"state_from\":\"CLOSE\","
		"\"state_to\":\"SYN_SENT\",\"remote\":\"[::1]:9000\",\"protocol\":\"tcp\"}\n");
	must_have(text, "\"step\":\"connected\",\"level\":1,\"dur_us\":32.000,\"session\":1,"
		"\"side\":\"client\",\"fd\":5,\"result\":-1,\"errno\":\"ECONNREFUSED\"");
	must_have(text, "\"tcp_info\":{\"state\":\"ESTABLISHED\",\"rtt_us\":31,\"rttvar_us\":15,"
		"\"mss\":32741,\"cwnd\":10,\"retransmits\":0,\"unacked\":0,\"notsent\":0,"
		"\"sndbuf\":2626560,\"rcvbuf\":131072}");
	must_have(text, "\n{\"seq\":9,\"t_ms\":12.400,\"step\":\"send\",\"level\":2,\"session\":1,"
		"\"side\":\"client\",\"fd\":5,\"args\":{\"sockfd\":5,\"len\":6,"
		"\"flags\":[\"MSG_NOSIGNAL\"]},\"result\":6,\"protocol\":\"tcp\","
		"\"preview\":\"hello\\\\n\"}\n");
	must_have(text, "\"sent_bytes\":6,\"received_bytes\":0,\"sends\":1,\"receives\":0,\"turns\":1,"
		"\"shape\":\"one-way-out\",\"spoke_first\":\"local\",\"closed_first\":\"remote\","
		"\"ended_by\":\"both-ended\",\"duration_ms\":14.000}\n");
	free(text);
}

static void test_info(void **state)
{
	char *text = json_of(sample_info, 2, 0);

	(void)state;
	must_have(text, "\"notsent\":0,\"bytes_sent\":1099511627776,\"bytes_retrans\":0,\"snd_wnd\":0,"
		"\"delivery_rate\":5368709120,\"delivery_rate_app_limited\":false,\"busy_us\":900000,"
		"\"rwnd_limited_us\":820000,\"sndbuf_limited_us\":0,\"limited_by\":\"receiver-window\","
		"\"limited_percent\":82,\"unread\":10,\"unsent\":4194304,\"sndbuf\":2626560,\"rcvbuf\":131072}}\n");
	must_have(text, "\"queue_len\":2,\"queue_limit\":1,\"drops\":1}}\n");
	must_have(text, "\"protocol\":\"unix\",\"queues\":{\"queue_len\":1,\"queue_limit\":1}}\n");
	must_have(text, "\"protocol\":\"udp\",\"queues\":{\"unread\":7,\"unsent\":0,\"sndbuf\":1,\"rcvbuf\":2}}\n");
	must_have(text, "\"optval\":4096,\"optlen\":4},\"result\":0,\"protocol\":\"tcp\",\"effective\":8192}\n");
	free(text);
}

static void test_faults(void **state)
{
	char *text = json_of(sample_faults, 2, 0);

	(void)state;
	must_have(text, "\"step\":\"fault\",\"level\":2,\"session\":1,\"side\":\"client\",\"protocol\":\"tcp\","
		"\"fault\":\"latency\",\"direction\":\"up\",\"bytes\":65536,\"ms\":250.000}\n");
	must_have(text, "\"fault\":\"jitter\",\"direction\":\"down\",\"bytes\":5,\"ms\":-2.500}\n");
	must_have(text, "\"step\":\"fault\",\"level\":1,");
	must_have(text, "\"fault\":\"refuse\"}\n");
	free(text);
}

static void test_sight(void **state)
{
	char *text = json_of(sample_sight, 2, 0);

	(void)state;
	must_have(text, "\"direction\":\"in\",\"saved\":true,\"flags\":\"[S]\",\"tcp_seq\":0,\"window\":65495,");
	must_have(text, "\"step\":\"segments\",\"level\":1,\"session\":1,\"side\":\"client\",\"fd\":5,"
		"\"protocol\":\"tcp\",\"during\":\"connect\",\"segs_out\":2,\"segs_in\":1,\"acked\":1,"
		"\"retransmits\":0}\n");
	must_have(text, "\"before\":\"send\",\"segs_out\":1,\"segs_in\":0,\"acked\":0,\"retransmits\":1}\n");
	must_have(text, "\"step\":\"acknowledged\",\"level\":2,\"dur_us\":140.000,\"session\":1,");
	must_have(text, "\"first_byte\":0,\"last_byte\":5}\n");
	must_have(text, "\"first_byte\":6,\"last_byte\":1099511627776}\n");
	must_have(text, "\"step\":\"icmp\",\"level\":1,");
	must_have(text, "\"errno\":\"ECONNREFUSED\",\"protocol\":\"tcp\",\"icmp\":{\"type\":3,\"code\":3,"
		"\"text\":\"port unreachable\",\"sender\":\"10.7.1.1\"}}\n");
	free(text);
}

static void test_packets(void **state)
{
	char *text = json_of(sample_packets, 1, 0);

	(void)state;
	must_have(text, "\"step\":\"packet\",\"level\":1,\"session\":1,\"side\":\"client\",\"fd\":5,"
		"\"local\":\"127.0.0.1:51834\",\"remote\":\"127.0.0.1:9000\",\"protocol\":\"tcp\","
		"\"direction\":\"out\",\"flags\":\"[S]\",\"tcp_seq\":0,\"window\":65495,\"length\":0,"
		"\"options\":{\"mss\":65495,\"wscale\":10,\"sack\":true,\"timestamps\":true}}\n");
	must_have(text, "\"direction\":\"in\",\"flags\":\"[SA]\",\"tcp_seq\":0,\"tcp_ack\":1,\"window\":65483,"
		"\"length\":0,\"options\":{\"mss\":1460}}\n");
	must_have(text, "\"flags\":\"[PA]\",\"tcp_seq\":1,\"tcp_ack\":1,\"window\":65536,\"length\":6}\n");
	must_have(text, "\"protocol\":\"udp\",\"direction\":\"in\",\"length\":3000}\n");
	must_have(text, "\"direction\":\"in\",\"icmp\":{\"type\":3,\"code\":3,\"text\":\"port unreachable\","
		"\"sender\":\"10.7.1.1\"}}\n");
	free(text);
}

/* Payload is at level 3 only; level 1 has no data, no candidates, no TCP_INFO. */
static void test_levels(void **state)
{
	char *text = json_of(sample_client, 3, 4);

	(void)state;
	must_have(text, "\"preview\":\"hell\",\"data\":\"aGVsbG8K\"}\n");
	free(text);
	text = json_of(sample_client, 1, 32);
	assert_null(strstr(text, "\"send\""));
	assert_null(strstr(text, "tcp_info"));
	assert_null(strstr(text, "addresses"));
	must_have(text, "\"seq\":12,"); /* what others see keeps its number */
	free(text);
	text = json_of(sample_server, 0, 0);
	assert_null(strstr(text, "preview"));
	free(text);
}

static void test_unknown_values_are_numbers(void **state)
{
	char *text = json_of(sample_hostile, 3, 32);

	(void)state;
	must_have(text, "{\"domain\":99,\"type\":[98,\"SOCK_CLOEXEC\"],\"protocol\":97}");
	must_have(text, "\"how\":9},\"result\":-1,\"errno\":599,");
	must_have(text, "\"flags\":[\"MSG_OOB\",\"MSG_NOSIGNAL\",16777216]");
	must_have(text, "\"level\":12345,\"optname\":6789,\"optval\":\"AQAAAAAAAAA=\"");
	must_have(text, "\"optval\":{\"l_onoff\":1,\"l_linger\":0}");
	must_have(text, "\"errno\":\"EAI_NONAME\"");
	must_have(text, "\"request\":\"SIOCOUTQ\",\"argp\":17},\"result\":0,\"protocol\":\"tcp\","
		"\"observe\":true}\n");
	free(text);
}

/* A datagram longer than the buffer: the result is its length, the data are what the buffer holds. */
static void test_a_truncated_datagram(void **state)
{
	char *text = json_of(sample_hostile, 3, 8);

	(void)state;
	must_have(text, "\"result\":5000,\"protocol\":\"unix-dgram\","
		"\"preview\":\"\\\\x1b[2J\\\\\\\"\\\\\\\\\\\\0\\\\xff\","
		"\"data\":\"G1sySiJcAP/+4oCuCgl/L8OkIGVuZAA=\"}\n");
	free(text);
}

/* One line is one object: brackets balance outside of strings, strings hold no controls, all is UTF-8. */
static void check_line(const char *line, size_t len)
{
	bool is_string = false;
	int depth = 0;

	for (size_t i = 0; i < len;) {
		uint32_t code;
		int taken = utf8_decode((const uint8_t *)line + i, len - i, &code);

		assert_true(taken > 0);
		assert_true(code >= 0x20);
		if (is_string && line[i] == '\\')
			i++;
		else if (line[i] == '"')
			is_string = !is_string;
		else if (!is_string)
			depth += (line[i] == '{' || line[i] == '[') -
				 (line[i] == '}' || line[i] == ']');
		assert_true(depth > 0 || i == len - 1);
		i += (size_t)taken;
	}
	assert_int_equal(depth, 0);
	assert_false(is_string);
}

static void test_every_line_is_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		char *text = json_of(samples[i].emit, 3, 100);
		char *end;

		for (char *line = text; *line != '\0'; line = end + 1) {
			end = strchr(line, '\n');
			assert_non_null(end);
			check_line(line, (size_t)(end - line));
		}
		free(text);
	}
}

/* The header's start is the moment of t_ms 0, not that of opening. */
static void test_header(void **state)
{
	static char *argv[] = { "sockt", "a\xff\"\x1b", NULL };
	struct capture capture;
	struct sink *sink;
	struct timespec now;
	char want[64], *text;
	struct tm tm;

	(void)state;
	capture_open(&capture, &sink_json, 0, 0);
	text = capture_close(&capture, NULL);
	must_have(text, "{\"format\":\"sockt-trace\",\"version\":1,\"sockt\":\"1.2.3\",\"start\":\"2");
	must_have(text, "\"argv\":[\"sockt\",\"connect\",\"localhost\",\"9000\"]}\n");
	free(text);

	capture.options.argc = 2;
	capture.options.argv = argv;
	capture.options.start_ns = clock_now_ns() - 3600 * NS_PER_S;
	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec -= 3600;
	gmtime_r(&now.tv_sec, &tm);
	/* To the hour: the test may be slow. */
	strftime(want, sizeof(want), "\"start\":\"%Y-%m-%dT%H:", &tm);
	assert_int_equal(sink_open(&sink_json, &capture.options, &sink), 0);
	bus_init(&capture.bus, 0);
	bus_add(&capture.bus, sink);
	text = capture_close(&capture, NULL);
	if (tm.tm_min < 59)
		must_have(text, want);
	must_have(text, "\"argv\":[\"sockt\",\"a\\u00ff\\\"\\u001b\"]}\n");
	free(text);
}

/* A payload beyond every buffer is one record all the same. */
static void test_a_large_payload(void **state)
{
	size_t size = 2 << 20, len;
	union step_args args = { .io = { .len = size } };
	struct event event = { .step = STEP_RECV, .fd = 5, .args = &args, .has_result = true,
			       .result = (int64_t)size };
	char *data = calloc(1, size), *text;
	struct capture capture;

	(void)state;
	event.data = data;
	capture_open(&capture, &sink_json, 3, 32);
	bus_emit(&capture.bus, &event);
	text = capture_close(&capture, &len);
	assert_true(len > size / 3 * 4);
	assert_null(strstr(text, "\"lost\""));
	must_have(text, "AAA=\"}\n");
	free(text);
	free(data);
}

static void test_bus_levels(void **state)
{
	static const struct {
		int level;
		size_t preview;
		bool wants_data;
	} rows[] = {
		{ 1, 32, false }, { 2, 0, false }, { 2, 1, true }, { 3, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct capture capture;

		capture_open(&capture, &sink_text, rows[i].level, rows[i].preview);
		assert_int_equal(capture.bus.level, rows[i].level);
		assert_int_equal(capture.bus.wants_data, rows[i].wants_data);
		assert_false(capture.bus.is_json_stderr);
		free(capture_close(&capture, NULL));
		assert_int_equal(capture.bus.level, 0);
		assert_false(capture.bus.wants_data);
	}
	assert_int_equal(sink_text.level_default, 1);
	assert_int_equal(sink_json.level_default, 2);
	assert_ptr_equal(sink_kind_find("json"), &sink_json);
	assert_null(sink_kind_find("jso"));
	assert_null(sink_kind_at(100));
}

/* An event may ask for a higher level than its step's; a note without a sink is nothing. */
static void test_bus_filters(void **state)
{
	struct event event = { .step = STEP_CLOSE, .level = 2, .fd = 7 };
	struct capture capture;
	struct bus empty;
	char *text;

	(void)state;
	capture_open(&capture, &sink_json, 1, 0);
	bus_emit(&capture.bus, &event);
	event.level = 0;
	bus_emit(&capture.bus, &event);
	bus_note(&capture.bus, 1500000, 4, "%d is told", 7);
	text = capture_close(&capture, NULL);
	must_have(text, "\n{\"seq\":1,\"t_ms\":0.000,\"step\":\"close\",\"level\":1,\"fd\":7,");
	must_have(text, "\n{\"seq\":2,\"t_ms\":1.500,\"step\":\"note\",\"level\":1,\"session\":4,"
		"\"text\":\"7 is told\"}\n");
	free(text);
	bus_init(&empty, 0);
	bus_note(&empty, 1, 0, "nobody hears");
	assert_int_equal(empty.seq, 0);
	bus_flush(&empty);
	assert_int_equal(bus_clear(&empty, NULL, 0), 0);
}

/* The first sink that failed is named; one that cannot be opened leaves nothing behind. */
static void test_bus_failures(void **state)
{
	struct sink_options options = { .file = "/dev/full", .level = 1 };
	struct sink *sink = NULL;
	char file[32] = "";
	struct bus bus;

	(void)state;
	bus_init(&bus, 0);
	assert_int_equal(sink_open(&sink_json, &options, &sink), 0);
	bus_add(&bus, sink);
	options.file = "/dev/null";
	assert_int_equal(sink_open(&sink_text, &options, &sink), 0);
	bus_add(&bus, sink);
	assert_int_equal(bus_clear(&bus, file, sizeof(file)), -ENOSPC);
	assert_string_equal(file, "/dev/full");
	options.file = "/nonexistent/trace";
	sink = NULL;
	assert_int_equal(sink_open(&sink_text, &options, &sink), -ENOENT);
	assert_null(sink);
}

/* Write a sample to standard output. Returns the exit status. */
static int write_sample(const char *name, int level)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		char *text;

		if (strcmp(samples[i].name, name) != 0)
			continue;
		text = json_of(samples[i].emit, level, 32);
		fputs(text, stdout);
		free(text);
		return 0;
	}
	return 2;
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_sight),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_unknown_values_are_numbers),
		cmocka_unit_test(test_a_truncated_datagram),
		cmocka_unit_test(test_every_line_is_json),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_a_large_payload),
		cmocka_unit_test(test_bus_levels),
		cmocka_unit_test(test_bus_filters),
		cmocka_unit_test(test_bus_failures),
	};

	if (argc == 3)
		return write_sample(argv[1], argv[2][0] - '0');
	return cmocka_run_group_tests(tests, NULL, NULL);
}
