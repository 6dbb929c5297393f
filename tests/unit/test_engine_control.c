/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands: how a line is read, what is done to a relay that is none, what is answered, and by several at once. */
#include "engine/control_commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/util.h"
#include "check.h"
#include "engine/control_lines.h"

/* ---- Reading ---- */

static const struct {
	const char *line;
	const char *name; /* NULL: an error, which text begins */
	uint32_t session;
	const char *text;
} lines[] = {
	{ "peers", "peers", 0, "" },
	{ "  peers\t\r", "peers", 0, "" },
	{ "stats", "stats", 0, "" },
	{ "help", "help", 0, "" },
	{ "drain", "drain", 0, "" },
	{ "kick 12", "kick", 12, "12" },
	{ "kick \t 4294967295 ", "kick", UINT32_MAX, "4294967295" },
	{ "reset 1", "reset", 1, "1" },
	{ "fault latency=5ms", "fault", 0, "latency=5ms" },
	{ "fault up:rate=1k  down:stall=5s ", "fault", 0, "up:rate=1k  down:stall=5s" },
	{ "fault clear", "fault clear", 0, "" },
	{ "fault \t clear", "fault clear", 0, "" },
	{ "fault cleared", "fault", 0, "cleared" },
	{ "", NULL, 0, "the line is empty" },
	{ " \t\r", NULL, 0, "the line is empty" },
	{ "peer", NULL, 0, "there is no command \"peer\"; did you mean peers?" },
	{ "PEERS", NULL, 0, "there is no command \"PEERS\"; did you mean peers?" },
	{ "kik 1", NULL, 0, "there is no command \"kik\"; did you mean kick?" },
	{ "faultclear", NULL, 0, "there is no command \"faultclear\"; did you mean fault clear?" },
	{ "GET / HTTP/1.1", NULL, 0, "there is no command \"GET\"; help lists them" },
	{ "\x16\x03\x01", NULL, 0, "there is no command \"\\x16\\3\\1\"; help lists them" },
	{ "peersx", NULL, 0, "there is no command \"peersx\"; did you mean peers?" },
	{ "peers 1", NULL, 0, "nothing may follow peers" },
	{ "fault clear 1", NULL, 0, "nothing may follow fault clear" },
	{ "kick", NULL, 0, "something is missing: kick N" },
	{ "fault", NULL, 0, "something is missing: fault " },
	{ "kick x", NULL, 0, "session \"x\" is not a number" },
	{ "kick 0", NULL, 0, "session 0 is out of range" },
	{ "kick 4294967296", NULL, 0, "session 4294967296 is out of range" },
	{ "kick 1 2", NULL, 0, "session \"1 2\" is not a number" },
	{ "reset -1", NULL, 0, "session \"-1\" is not a number" },
};

/* Errors name commands with the mark that stands before them. */
static void test_mark(void **state)
{
	static const struct {
		const char *line, *error;
	} rows[] = {
		{ "kick", "something is missing: /kick N" },
		{ "peers 1", "nothing may follow /peers" },
		{ "peer", "there is no command \"peer\"; did you mean /peers?" },
		{ "GET", "there is no command \"GET\"; /help lists them" },
		{ "", "the line is empty; /help lists the commands" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct control_request request;
		char error[CONTROL_ERROR_MAX] = "";

		int ret = control_parse(rows[i].line, strlen(rows[i].line), "/", &request, error);

		CHECK_INT(rows[i].line, ret, -EINVAL);
		CHECK_STRING(rows[i].line, error, rows[i].error);
	}
}

static void test_lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct control_request request = { .command = NULL };
		char error[CONTROL_ERROR_MAX] = "";
		int ret = control_parse(lines[i].line, strlen(lines[i].line), "", &request, error);

		if (lines[i].name == NULL) {
			CHECK_INT(lines[i].line, ret, -EINVAL);
			error[strlen(lines[i].text)] = '\0';
			CHECK_STRING(lines[i].line, error, lines[i].text);
			continue;
		}
		CHECK_INT(lines[i].line, ret, 0);
		CHECK_STRING(lines[i].line, request.command->name, lines[i].name);
		CHECK_STRING(lines[i].line, request.text, lines[i].text);
		CHECK_INT(lines[i].line, request.session, lines[i].session);
	}
}

static void test_bounds_of_a_line(void **state)
{
	char line[CONTROL_LINE_MAX + 1], error[CONTROL_ERROR_MAX];
	struct control_request request;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "fault ", 6);
	assert_int_equal(control_parse(line, CONTROL_LINE_MAX, "", &request, error), 0);
	assert_int_equal(strlen(request.text), CONTROL_LINE_MAX - 6);
	assert_int_equal(control_parse(line, CONTROL_LINE_MAX + 1, "", &request, error), -E2BIG);
	assert_string_equal(error, "the line is longer than 4096 bytes");
	assert_int_equal(control_parse("kick\0 1", 7, "", &request, error), -EINVAL);
	assert_string_equal(error, "there is a zero byte in the line");
}

/* ---- A relay that is none ---- */

struct fake {
	uint32_t kicked, reset;
	char faults[64];
	bool is_cleared, is_drained;
	unsigned peers;
};

static void fake_for_each_peer(void *ctx, control_peer_fn *each, void *each_ctx)
{
	struct fake *fake = ctx;
	struct addr client, none = { .len = 0 };

	addr_parse_ip(&client, "127.0.0.1", 5000);
	for (unsigned i = 0; i < fake->peers; i++) {
		const struct control_peer peer = {
			.session = i + 1,
			.state = i == 0 ? "dialing" : "open",
			.client = &client,
			.target = i == 0 ? &none : &client,
			.up_bytes = 10 * i,
			.down_bytes = UINT64_MAX,
			.age_ns = 1500 * NS_PER_MS,
		};
		each(each_ctx, &peer);
	}
}

static void fake_stats(void *ctx, struct control_stats *stats)
{
	const struct fake *fake = ctx;

	*stats = (struct control_stats){
		.counts = { .opened = 10, .failed = 1, .refused = 2, .denied = 11,
			    .headerless = 8, .reset = 3, .dropped = 4,
			    .undelivered = 9,
			    .up_bytes = 5, .down_bytes = 6 },
		.open = fake->peers, .uptime_ns = 7 * NS_PER_MS,
	};
}

static int fake_set_faults(void *ctx, const char *text, char *error)
{
	struct fake *fake = ctx;

	if (strcmp(text, "bad") == 0) {
		snprintf(error, CONTROL_ERROR_MAX, "\"bad\" is no fault");
		return -EINVAL;
	}
	snprintf(fake->faults, sizeof(fake->faults), "%s", text);
	return 0;
}

static void fake_clear_faults(void *ctx)
{
	((struct fake *)ctx)->is_cleared = true;
}

static int fake_kick(void *ctx, uint32_t session)
{
	struct fake *fake = ctx;

	if (session > fake->peers)
		return -ENOENT;
	if (session == fake->kicked)
		return -EALREADY;
	fake->kicked = session;
	return 0;
}

static int fake_reset(void *ctx, uint32_t session)
{
	struct fake *fake = ctx;

	if (session > fake->peers)
		return -ENOENT;
	fake->reset = session;
	return 0;
}

static void fake_drain(void *ctx)
{
	((struct fake *)ctx)->is_drained = true;
}

static const struct control_ops fake_ops = {
	.for_each_peer = fake_for_each_peer,
	.stats = fake_stats,
	.set_faults = fake_set_faults,
	.clear_faults = fake_clear_faults,
	.kick = fake_kick,
	.reset = fake_reset,
	.drain = fake_drain,
};

/* Do a line to fake, and see what is answered. */
static void check_answer(struct fake *fake, const char *line, const char *want)
{
	struct control_request request;
	struct control_answer answer;
	struct json json = { 0 };
	char error[CONTROL_ERROR_MAX];

	assert_int_equal(control_parse(line, strlen(line), "", &request, error), 0);
	control_do(&fake_ops, fake, &request, &answer);
	control_write(&request, &answer, &json);
	CHECK_STRING(line, json.data, want);
	json_clear(&json);
	control_answer_clear(&answer);
}

static void test_commands_are_done(void **state)
{
	struct fake fake = { .peers = 2 };

	(void)state;
	check_answer(&fake, "peers",
		     "{\"ok\":true,\"peers\":["
		     "{\"session\":1,\"client\":\"127.0.0.1:5000\",\"target\":null,\"state\":\"dialing\","
		     "\"up_bytes\":0,\"down_bytes\":18446744073709551615,\"age_ms\":1500},"
		     "{\"session\":2,\"client\":\"127.0.0.1:5000\",\"target\":\"127.0.0.1:5000\",\"state\":\"open\","
		     "\"up_bytes\":10,\"down_bytes\":18446744073709551615,\"age_ms\":1500}]}\n");
	check_answer(&fake, "stats",
		     "{\"ok\":true,\"opened\":10,\"open\":2,\"failed\":1,\"refused\":2,\"denied\":11,\"headerless\":8,"
		     "\"reset\":3,\"dropped\":4,\"undelivered\":9,"
		     "\"up_bytes\":5,\"down_bytes\":6,\"uptime_ms\":7}\n");
	check_answer(&fake, "kick 2", "{\"ok\":true}\n");
	assert_int_equal(fake.kicked, 2);
	check_answer(&fake, "kick 2", "{\"error\":\"session 2 is ending already\"}\n");
	check_answer(&fake, "kick 3", "{\"error\":\"there is no session 3\"}\n");
	check_answer(&fake, "reset 1", "{\"ok\":true}\n");
	assert_int_equal(fake.reset, 1);
	check_answer(&fake, "reset 3", "{\"error\":\"there is no session 3\"}\n");
	check_answer(&fake, "fault up:latency=1s", "{\"ok\":true}\n");
	assert_string_equal(fake.faults, "up:latency=1s");
	check_answer(&fake, "fault bad", "{\"error\":\"\\\"bad\\\" is no fault\"}\n");
	assert_false(fake.is_cleared);
	check_answer(&fake, "fault clear", "{\"ok\":true}\n");
	assert_true(fake.is_cleared);
	assert_false(fake.is_drained);
	check_answer(&fake, "drain", "{\"ok\":true}\n");
	assert_true(fake.is_drained);
	fake.peers = 0;
	check_answer(&fake, "peers", "{\"ok\":true,\"peers\":[]}\n");
}

static void test_help_has_them_all(void **state)
{
	struct control_request request;
	struct control_answer answer;
	struct json json = { 0 };
	char error[CONTROL_ERROR_MAX], name[64];

	(void)state;
	assert_int_equal(control_parse("help", 4, "", &request, error), 0);
	control_do(&fake_ops, NULL, &request, &answer);
	control_write(&request, &answer, &json);
	for (size_t i = 0; control_command_at(i) != NULL; i++) {
		snprintf(name, sizeof(name), "\"name\":\"%s\"", control_command_at(i)->name);
		if (strstr(json.data, name) == NULL)
			fail_msg("help does not name %s", name);
		assert_ptr_equal(control_command_find(control_command_at(i)->name), control_command_at(i));
	}
	assert_null(control_command_find("nothing"));
	json_clear(&json);
}

/* ---- Several processes ---- */

/* Do a line to each of them; what comes of it all is what is wanted. */
static void check_merged(struct fake *fakes, size_t count, const char *line, const char *want)
{
	struct control_answer own, all = { .is_error = true };
	struct control_request request;
	struct json json = { 0 };
	char error[CONTROL_ERROR_MAX];

	assert_int_equal(control_parse(line, strlen(line), "", &request, error), 0);
	for (size_t i = 0; i < count; i++) {
		struct buf packed = { 0 };

		control_do(&fake_ops, &fakes[i], &request, &own);
		control_answer_pack(&own, &packed);
		assert_true(control_answer_merge(&all, i == 0, &request, buf_peek(&packed), packed.len));
		control_answer_clear(&own);
		buf_clear(&packed);
	}
	assert_false(control_answer_merge(&all, false, &request, "short", 5));
	control_write(&request, &all, &json);
	CHECK_STRING(line, json.data, want);
	json_clear(&json);
	control_answer_clear(&all);
}

static void test_answers_are_put_together(void **state)
{
	struct fake fakes[3] = { { .peers = 0 }, { .peers = 1 }, { .peers = 1 } };

	(void)state;
	check_merged(fakes, 3, "peers",
		     "{\"ok\":true,\"peers\":["
		     "{\"session\":1,\"client\":\"127.0.0.1:5000\",\"target\":null,\"state\":\"dialing\","
		     "\"up_bytes\":0,\"down_bytes\":18446744073709551615,\"age_ms\":1500},"
		     "{\"session\":1,\"client\":\"127.0.0.1:5000\",\"target\":null,\"state\":\"dialing\","
		     "\"up_bytes\":0,\"down_bytes\":18446744073709551615,\"age_ms\":1500}]}\n");
	check_merged(fakes, 3, "stats",
		     "{\"ok\":true,\"opened\":30,\"open\":2,\"failed\":3,\"refused\":6,\"denied\":33,\"headerless\":24,"
		     "\"reset\":9,\"dropped\":12,\"undelivered\":27,"
		     "\"up_bytes\":15,\"down_bytes\":18,\"uptime_ms\":7}\n");
	/* Only one can have a session; all have to do a fault. */
	check_merged(fakes, 2, "reset 1", "{\"ok\":true}\n");
	check_merged(fakes + 1, 2, "kick 1", "{\"ok\":true}\n");
	/* Who has it knows better than who has not. */
	check_merged(fakes, 2, "kick 1", "{\"error\":\"session 1 is ending already\"}\n");
	check_merged(fakes, 3, "reset 2", "{\"error\":\"there is no session 2\"}\n");
	check_merged(fakes, 3, "fault bad", "{\"error\":\"\\\"bad\\\" is no fault\"}\n");
}

/* ---- Faults ---- */

static void add_faults(struct fault_list *list, const char *text, size_t want)
{
	char error[CONTROL_ERROR_MAX] = "";

	if (control_add_faults(list, text, false, error) < 0)
		fail_msg("%s: %s", text, error);
	CHECK_INT(text, list->count, want);
}

static void test_faults_are_added(void **state)
{
	struct fault_list list = { 0 };
	char error[CONTROL_ERROR_MAX] = "";

	(void)state;
	add_faults(&list, "latency=10ms", 1);
	/* The same again, with another value: in its place, however often. */
	for (unsigned i = 0; i < 1000; i++)
		add_faults(&list, "latency=20ms", 1);
	assert_int_equal(list.entries[0].rules.values[FAULT_LATENCY].number, 20 * NS_PER_MS);
	add_faults(&list, "up:latency=30ms", 2);
	add_faults(&list, "down:rate=1k  up:slice=10", 4);
	add_faults(&list, "latency=1ms,rate=2k,slice=1", 1);
	/* For some sessions only: what is done to the others stays. */
	add_faults(&list, "latency=5ms,share=0.5", 2);
	assert_int_equal(control_add_faults(&list, "latency=6ms rate=0", false, error), -ERANGE);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.entries[1].rules.values[FAULT_LATENCY].number, 5 * NS_PER_MS);
	assert_int_equal(control_add_faults(&list, "loss=0.5", false, error), -EINVAL);
	assert_int_equal(list.count, 2);
	for (unsigned i = 2; i < 256; i++)
		add_faults(&list, "latency=5ms,share=0.5", i + 1);
	assert_int_equal(control_add_faults(&list, "latency=5ms,share=0.5", false, error), -ERANGE);
	assert_string_equal(error, "there are 256 faults already: fault clear ends them");
	add_faults(&list, "latency=5ms,rate=1,slice=1", 1);
	fault_list_clear(&list);
	assert_int_equal(control_add_faults(&list, "loss=0.5", true, error), 0);
	fault_list_clear(&list);
}

/* ---- Lines ---- */

static void test_lines_for_a_person(void **state)
{
	struct addr client, target = { .len = 0 };
	struct control_peer peer = {
		.session = 3, .state = "dialing", .client = &client, .target = &target,
		.up_bytes = 1023, .down_bytes = 1258291, .age_ns = 90500 * NS_PER_MS,
	};
	struct control_stats last = { .uptime_ns = NS_PER_S, .counts.up_bytes = 1 };
	struct control_stats stats = {
		.counts = { .opened = 120, .up_bytes = 1 + 4096, .down_bytes = UINT64_C(12) << 30 },
		.open = 3, .uptime_ns = 3 * NS_PER_S,
	};
	char line[CONTROL_LINE_SIZE];

	(void)state;
	addr_parse_ip(&client, "::1", 5000);
	assert_string_equal(control_line_of_peer(&peer, line, sizeof(line)),
			    "[3] dialing, [::1]:5000 to (not connected), up 1023, down 1.1M, for 90 s");
	addr_parse_ip(&client, "::ffff:127.0.0.1", 5000);
	assert_string_equal(control_line_of_peer(&peer, line, sizeof(line)),
			    "[3] dialing, 127.0.0.1:5000 to (not connected), up 1023, down 1.1M, for 90 s");
	assert_string_equal(control_line_of_stats(&stats, &last, line, sizeof(line)),
			    "3 open of 120 sessions, up 4.0k (2.0k/s), down 12G (6.0G/s)");
	stats.counts.failed = 1;
	stats.counts.headerless = 5;
	stats.counts.dropped = 2;
	stats.counts.undelivered = 7;
	/* Two looks at the same moment, and totals that shrink with a worker that is gone. */
	last = stats;
	last.counts.up_bytes++;
	assert_string_equal(control_line_of_stats(&stats, &last, line, sizeof(line)),
			    "3 open of 120 sessions, up 4.0k (0/s), down 12G (0/s), 1 failed, "
			    "5 without PROXY header, 2 datagrams dropped, ICMP errors: 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_read),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_bounds_of_a_line),
		cmocka_unit_test(test_commands_are_done),
		cmocka_unit_test(test_help_has_them_all),
		cmocka_unit_test(test_answers_are_put_together),
		cmocka_unit_test(test_faults_are_added),
		cmocka_unit_test(test_lines_for_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
