/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events as bytes: what comes out is what went in, and what is no frame is refused. */
#include "trace/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"
#include "check.h"
#include "guard.h"
#include "trace/sink_out.h"
#include "trace/sink_wire.h"
#include "trace_samples.h"

static const struct {
	const char *name;
	void (*emit)(struct bus *bus);
} samples[] = {
	{ "client", sample_client },
	{ "server", sample_server },
	{ "packets", sample_packets },
	{ "info", sample_info },
	{ "http", sample_http },
	{ "sight", sample_sight },
	{ "hostile", sample_hostile },
	{ "bare", sample_bare },
};

/* The frames of a sample, to be freed. */
static char *frames_of(void (*sample)(struct bus *bus), int level, size_t preview, size_t *len)
{
	struct capture capture;

	capture_open(&capture, &sink_wire, level, preview);
	sample(&capture.bus);
	return capture_close(&capture, len);
}

/* What a sink makes of frames that arrive in pieces of step bytes. */
static char *shown_of(const struct sink_kind *kind, int level, size_t preview, const char *frames, size_t len,
		      size_t step)
{
	struct wire_reader reader = { .bounds = { .preview = preview, .has_payload = level >= 3 } };
	struct capture capture;

	capture_open(&capture, kind, level, preview);
	for (size_t at = 0; at < len; at += step)
		assert_int_equal(
			wire_reader_feed(&reader, &capture.bus, frames + at, at + step < len ? step : len - at), 0);
	assert_int_equal(reader.held.len, 0);
	wire_reader_clear(&reader);
	return capture_close(&capture, NULL);
}

/* Without the first line, where it is the header of json, which has the time of day in it. */
static const char *body_of(const struct sink_kind *kind, const char *text)
{
	return kind == &sink_json ? strchr(text, '\n') + 1 : text;
}

/* Seen through the wire, a sample is what it is without; but how the run ended is not an event. */
static void check_sample(size_t sample, const struct sink_kind *kind, int level, size_t preview)
{
	static const size_t steps[] = { 1, 7, 100000 };
	struct capture capture;
	char *direct, *frames;
	size_t len;

	capture_open(&capture, kind, level, preview);
	samples[sample].emit(&capture.bus);
	direct = capture_close(&capture, NULL);
	frames = frames_of(samples[sample].emit, level, preview, &len);
	assert_true(len > 0);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		char *seen = shown_of(kind, level, preview, frames, len, steps[i]);
		const char *want = body_of(kind, direct), *got = body_of(kind, seen);

		assert_true(strlen(got) > 0);
		if (strncmp(got, want, strlen(got)) != 0)
			fail_msg("%s, level %d: got\n%s\nexpected\n%s", samples[sample].name, level, got, want);
		want += strlen(got);
		if (*want != '\0' && (strstr(want, "ended: ") == NULL || strchr(want, '\n')[1] != '\0'))
			fail_msg("%s, level %d: missing:\n%s", samples[sample].name, level, want);
		free(seen);
	}
	free(frames);
	free(direct);
}

static void test_samples(void **state)
{
	static const size_t previews[] = { 0, 5, 32, 1000 };

	(void)state;
	for (size_t sample = 0; sample < ARRAY_LEN(samples); sample++)
		for (int level = 1; level <= 3; level++)
			for (size_t i = 0; i < ARRAY_LEN(previews); i++) {
				check_sample(sample, &sink_text, level, previews[i]);
				check_sample(sample, &sink_json, level, previews[i]);
			}
}

static const struct tcp_facts all_tcp = {
	.is_valid = true, .state = TCP_ESTABLISHED, .rtt_us = 1, .rttvar_us = 2, .mss = 3, .cwnd = 4, .retransmits = 5,
	.queue_len = 6, .queue_limit = 7, .sndbuf = UINT32_MAX, .rcvbuf = 8,
	.unacked = 9, .notsent = 10, .timeouts = 11, .has_rate = true, .is_app_limited = true, .has_limits = true,
	.delivery_rate = UINT64_MAX, .busy_us = 12, .rwnd_limited_us = 13, .sndbuf_limited_us = 14, .has_bytes = true,
	.bytes_sent = 15, .bytes_retrans = 16, .has_window = true, .window = 17, .drops = 18,
	.limited_by = SENDER_LIMIT_SNDBUF, .limited_percent = 100, .has_queues = true, .unread = 19, .unsent = 20,
	.segs_out = 21, .segs_in = 22, .acked = UINT64_MAX - 1,
};

static const struct summary all_summary = {
	.sent_bytes = UINT64_MAX, .received_bytes = 1, .sends = 2, .receives = 3, .turns = 4,
	.shape = SHAPE_ONE_WAY_IN, .spoke_first = WHO_REMOTE, .closed_first = WHO_LOCAL, .ended_by = ENDED_USER,
	.limit = "3 s", .duration_ns = UINT64_MAX - 1, .tcp = all_tcp,
	.icmp = { .count = UINT32_MAX, .type = 3, .code = UINT8_MAX,
		  .sender = { .len = sizeof(struct sockaddr_in), .in = { .sin_family = AF_INET, .sin_port = 1 } } },
};

/* An event of a step with everything set that an event can have. */
static struct event all_of(enum step_id step, const union step_args *args)
{
	return (struct event){
		.step = step, .level = 3, .t_ns = UINT64_MAX, .dur_ns = UINT64_MAX / 3, .has_dur = true,
		.session = UINT32_MAX, .side = SIDE_SERVER, .fd = 1234567, .args = args, .result = INT64_MIN,
		.has_result = true, .error = ECONNREFUSED, .state_from = TCP_LISTEN, .state_to = -7,
		.protocol = PROTOCOL_OTHER, .local = sample_addr("fe80::1", 65535), .remote = sample_unix("@a"),
		.tcp = &all_tcp, .text = "a \xff sentence", .summary = &all_summary,
		.has_connection = true, .connection = UINT32_MAX - 1, .is_passed = true, .is_look = true,
	};
}

/* Both have the same plain values. */
static void check_plain(const char *row, const struct event *got, const struct event *want)
{
	CHECK_INT(row, got->step, want->step);
	CHECK_INT(row, got->level, want->level);
	CHECK_INT(row, got->t_ns, want->t_ns);
	CHECK_INT(row, got->dur_ns, want->dur_ns);
	CHECK_INT(row, got->has_dur, want->has_dur);
	CHECK_INT(row, got->session, want->session);
	CHECK_INT(row, got->side, want->side);
	CHECK_INT(row, got->fd, want->fd);
	CHECK_INT(row, got->result, want->result);
	CHECK_INT(row, got->has_result, want->has_result);
	CHECK_INT(row, got->error, want->error);
	CHECK_INT(row, got->state_from, want->state_from);
	CHECK_INT(row, got->state_to, want->state_to);
	CHECK_INT(row, got->protocol, want->protocol);
	CHECK_INT(row, got->has_connection, want->has_connection);
	CHECK_INT(row, got->connection, want->connection);
	CHECK_INT(row, got->is_passed, want->is_passed);
	CHECK_INT(row, got->is_look, want->is_look);
}

static void check_tcp(const struct tcp_facts *got)
{
	assert_true(got->is_valid);
	assert_memory_equal(&got->state, &all_tcp.state, sizeof(all_tcp) - offsetof(struct tcp_facts, state));
}

static void check_summary(const struct summary *got)
{
	assert_memory_equal(got, &all_summary, offsetof(struct summary, limit));
	assert_string_equal(got->limit, all_summary.limit);
	assert_true(got->duration_ns == all_summary.duration_ns);
	assert_int_equal(got->icmp.count, all_summary.icmp.count);
	assert_int_equal(got->icmp.type, all_summary.icmp.type);
	assert_int_equal(got->icmp.code, all_summary.icmp.code);
	assert_true(addr_equal(&got->icmp.sender, &all_summary.icmp.sender));
	check_tcp(&got->tcp);
}

/* Write event and read it again, from memory whose end is a wall. The frame stays in guard. */
static void pass(const struct event *event, const struct wire_bounds *bounds, const struct guard *guard,
		 struct wire_event *we)
{
	struct buf frame = { 0 };
	size_t len;

	assert_true(wire_write(event, bounds, &frame));
	len = frame.len - sizeof(uint32_t);
	assert_int_equal(wire_read(guard_bytes(guard, buf_peek(&frame) + sizeof(uint32_t), len), len, bounds, we), 0);
	buf_clear(&frame);
}

/* Those of what is no socket's. */
static void fill_process_args(enum step_id step, union step_args *args)
{
	static const uint32_t groups[] = { 0, UINT32_MAX };
	static char *argv[] = { (char *)"sort", (char *)"", (char *)"-n", NULL };

	switch (step) {
	case STEP_SPAWN:
		args->spawn = (typeof(args->spawn)){ .argv = argv, .has_pty = true, .in = 7, .out = -1 };
		break;
	case STEP_FCHMOD:
		args->fchmod.mode = 0600;
		break;
	case STEP_LCHOWN:
		args->lchown = (typeof(args->lchown)){ "/run/x.sock", 33, UINT32_MAX };
		break;
	case STEP_FCHMODAT:
		args->fchmodat = (typeof(args->fchmodat)){ "/run/x.sock", 0660 };
		break;
	case STEP_CHROOT:
		args->chroot.path = "/srv/empty";
		break;
	case STEP_SETGROUPS:
		args->setgroups = (typeof(args->setgroups)){ groups, ARRAY_LEN(groups) };
		break;
	case STEP_PASS:
		args->pass.passed = 7;
		break;
	case STEP_SETGID:
	case STEP_SETUID:
		args->setid.id = UINT32_MAX;
		break;
	case STEP_WAITPID:
		args->waitpid = (typeof(args->waitpid)){ 4711, -1 };
		break;
	default:
		break;
	}
}

/* Arguments for each form there is. */
static void fill_args(enum step_id step, union step_args *args)
{
	static const int one = 1;
	static struct iovec part = { (void *)"abc", 3 };
	static struct message message = { .parts = &part, .part_count = 1, .len = 3, .segment = 2 };

	memset(args, 0, sizeof(*args));
	switch (step) {
	case STEP_RESOLVE:
		args->resolve = (typeof(args->resolve)){ "node", NULL, -1, 2, -3, sample_addr("::1", 1), 1 };
		break;
	case STEP_SETSOCKOPT:
	case STEP_GETSOCKOPT:
		args->sockopt = (typeof(args->sockopt)){ -1, 2, &one, sizeof(one) };
		break;
	case STEP_SEND:
		args->io = (typeof(args->io)){
			.data = "hello", .len = 5, .flags = -1, .to = sample_addr("1.2.3.4", 5),
		};
		break;
	case STEP_RECVMMSG:
	case STEP_SENDMSG:
	case STEP_SENDMMSG:
		args->messages = (typeof(args->messages)){ &message, 1, -1 };
		break;
	case STEP_BIND:
		args->name.addr = sample_unix("/tmp/x");
		break;
	case STEP_FAULT:
		args->fault = (typeof(args->fault)){ "jitter", "up", 7, -5 };
		break;
	case STEP_HTTP:
		args->http = (typeof(args->http)){
			true, true, true, 7, "GET", "/TARGET", 200, "OK", 1, UINT64_MAX, 9, "wrong",
		};
		break;
	case STEP_PROXY:
		args->proxy = (typeof(args->proxy)){ "socks5", "CONNECT", "about", "granted", -1, true };
		break;
	case STEP_REFUSED:
		args->refused = (typeof(args->refused)){ "deny", "10.0.0.0/8" };
		break;
	case STEP_SEGMENTS:
		args->segments = (typeof(args->segments)){ STEP_SEND, true, 1, 2, 3, UINT64_MAX };
		break;
	case STEP_ACKNOWLEDGED:
		args->acknowledged = (typeof(args->acknowledged)){ 1, UINT64_MAX };
		break;
	case STEP_ICMP:
	case STEP_PACKET:
		args->packet = (struct packet){
			.is_out = true, .family = AF_INET6, .protocol = IPPROTO_ICMPV6, .flags = 255, .wscale = -1,
			.has_sack = true, .has_timestamps = true, .is_again = true, .is_saved = true,
			.icmp_type = 254, .icmp_code = 253,
			.mss = 65535,
			.seq = UINT32_MAX, .ack = 1, .window = 2, .length = 3, .icmp_sender = sample_addr("::2", 0),
			.bytes = (const uint8_t *)"abc", .captured = 3, .original = 70000, .real_ns = UINT64_MAX,
		};
		break;
	default:
		fill_process_args(step, args);
		break;
	}
}

static void check_packet(const struct packet *got, const struct packet *want)
{
	assert_memory_equal(got, want, offsetof(struct packet, icmp_sender));
	assert_true(addr_equal(got->icmp_sender, want->icmp_sender));
	assert_int_equal(got->original, want->original);
	assert_true(got->real_ns == want->real_ns);
}

static void test_every_field_of_every_step(void **state)
{
	const struct wire_bounds bounds = { .preview = 32 };
	struct guard guard = guard_open();

	(void)state;
	for (int step = 0; step < STEP_COUNT; step++) {
		union step_args args;
		struct event event = all_of((enum step_id)step, &args);
		struct wire_event we;

		fill_args((enum step_id)step, &args);
		pass(&event, &bounds, &guard, &we);
		check_plain(step_name((enum step_id)step), &we.event, &event);
		assert_true(addr_equal(we.event.local, event.local));
		assert_true(addr_equal(we.event.remote, event.remote));
		assert_string_equal(we.event.text, event.text);
		check_tcp(we.event.tcp);
		check_summary(we.event.summary);
	}
	guard_close(&guard);
}

static void test_http(void **state)
{
	const struct wire_bounds bounds = { .preview = 32 };
	struct guard guard = guard_open();
	struct wire_event we;
	union step_args args;
	struct event event;

	(void)state;
	event = all_of(STEP_HTTP, &args);
	fill_args(STEP_HTTP, &args);
	pass(&event, &bounds, &guard, &we);
	assert_true(we.args.http.is_reply && we.args.http.is_out && we.args.http.is_whole);
	assert_int_equal(we.args.http.number, 7);
	assert_string_equal(we.args.http.method, "GET");
	assert_string_equal(we.args.http.target, "/TARGET");
	assert_int_equal(we.args.http.status, 200);
	assert_string_equal(we.args.http.reason, "OK");
	assert_int_equal(we.args.http.minor, 1);
	assert_true(we.args.http.head_bytes == UINT64_MAX);
	assert_int_equal(we.args.http.body_bytes, 9);
	assert_string_equal(we.args.http.wrong, "wrong");
	guard_close(&guard);
}

static const struct wire_bounds all_bounds = { .preview = 32, .has_payload = true };

/* The frame of an event without one of its strings: what says that there is one says that there is none. */
static int read_without(const struct event *event, const char *string)
{
	struct buf frame = { 0 };
	struct wire_event we;
	size_t size = strlen(string) + 1;
	char *at, *end;
	int result;

	assert_true(wire_write(event, &all_bounds, &frame));
	at = memmem(buf_peek(&frame), frame.len, string, size);
	assert_non_null(at);
	end = (char *)buf_peek(&frame) + frame.len;
	assert_int_equal(at[-1], size);
	assert_int_equal(at[-2], 1);
	at[-2] = 0;
	memmove(at - 1, at + size, (size_t)(end - (at + size)));
	result = wire_read(buf_peek(&frame) + WIRE_LENGTH_SIZE, frame.len - WIRE_LENGTH_SIZE - size - 1, &all_bounds,
			   &we);
	buf_clear(&frame);
	return result;
}

static void test_what_lacks_a_string_is_refused(void **state)
{
	static const struct {
		enum step_id step;
		const char *string;
		int result;
	} rows[] = {
		{ STEP_HTTP, "/TARGET", -EBADMSG },
		{ STEP_HTTP, "OK", -EBADMSG },
		{ STEP_HTTP, "GET", 0 },
		{ STEP_HTTP, "wrong", 0 },
		{ STEP_FAULT, "jitter", -EBADMSG },
		{ STEP_FAULT, "up", 0 },
		{ STEP_REFUSED, "deny", -EBADMSG },
		{ STEP_REFUSED, "10.0.0.0/8", 0 },
		{ STEP_PROXY, "socks5", -EBADMSG },
		{ STEP_PROXY, "CONNECT", -EBADMSG },
		{ STEP_PROXY, "about", -EBADMSG },
		{ STEP_PROXY, "granted", -EBADMSG },
		{ STEP_LCHOWN, "/run/x.sock", -EBADMSG },
		{ STEP_FCHMODAT, "/run/x.sock", -EBADMSG },
		{ STEP_CHROOT, "/srv/empty", -EBADMSG },
		{ STEP_SPAWN, "sort", -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		union step_args args;
		struct event event = all_of(rows[i].step, &args);

		fill_args(rows[i].step, &args);
		CHECK_INT(rows[i].string, read_without(&event, rows[i].string), rows[i].result);
	}
}

static void test_arguments(void **state)
{
	const struct wire_bounds bounds = { .preview = 32 };
	struct guard guard = guard_open();
	struct wire_event we;
	union step_args args;
	struct event event = all_of(STEP_RESOLVE, &args);
	const int one = 1;

	(void)state;
	fill_args(STEP_RESOLVE, &args);
	pass(&event, &bounds, &guard, &we);
	assert_string_equal(we.args.resolve.node, "node");
	assert_null(we.args.resolve.service);
	assert_int_equal(we.args.resolve.family, -1);
	assert_int_equal(we.args.resolve.error, -3);
	assert_int_equal(we.args.resolve.found_count, 1);
	assert_true(addr_equal(&we.args.resolve.found[0], args.resolve.found));

	event = all_of(STEP_SETSOCKOPT, &args);
	fill_args(STEP_SETSOCKOPT, &args);
	pass(&event, &bounds, &guard, &we);
	assert_int_equal(we.args.sockopt.optlen, sizeof(one));
	assert_memory_equal(we.args.sockopt.optval, &one, sizeof(one));

	event = all_of(STEP_BIND, &args);
	fill_args(STEP_BIND, &args);
	pass(&event, &bounds, &guard, &we);
	assert_true(addr_equal(we.args.name.addr, args.name.addr));

	event = all_of(STEP_FAULT, &args);
	fill_args(STEP_FAULT, &args);
	pass(&event, &bounds, &guard, &we);
	assert_string_equal(we.args.fault.kind, "jitter");
	assert_string_equal(we.args.fault.direction, "up");
	assert_int_equal(we.args.fault.bytes, 7);
	assert_int_equal(we.args.fault.ns, -5);

	event = all_of(STEP_REFUSED, &args);
	fill_args(STEP_REFUSED, &args);
	pass(&event, &bounds, &guard, &we);
	assert_string_equal(we.args.refused.by, "deny");
	assert_string_equal(we.args.refused.rule, "10.0.0.0/8");

	event = all_of(STEP_SEGMENTS, &args);
	fill_args(STEP_SEGMENTS, &args);
	pass(&event, &bounds, &guard, &we);
	assert_int_equal(we.args.segments.of, STEP_SEND);
	assert_true(we.args.segments.is_before);
	assert_int_equal(we.args.segments.out, 1);
	assert_int_equal(we.args.segments.in, 2);
	assert_int_equal(we.args.segments.retransmits, 3);
	assert_true(we.args.segments.acked == UINT64_MAX);

	event = all_of(STEP_ACKNOWLEDGED, &args);
	fill_args(STEP_ACKNOWLEDGED, &args);
	pass(&event, &bounds, &guard, &we);
	assert_int_equal(we.args.acknowledged.first, 1);
	assert_true(we.args.acknowledged.last == UINT64_MAX);

	event = all_of(STEP_PACKET, &args);
	fill_args(STEP_PACKET, &args);
	pass(&event, &bounds, &guard, &we);
	check_packet(&we.args.packet, &args.packet);
	assert_null(we.args.packet.bytes);
	assert_int_equal(we.args.packet.captured, 0);
	pass(&event, &(struct wire_bounds){ .has_payload = true }, &guard, &we);
	assert_int_equal(we.args.packet.captured, 3);
	assert_memory_equal(we.args.packet.bytes, "abc", 3);
	guard_close(&guard);
}

/* Both have the same parts with the same bytes; has_moved: else there are none of what is got. */
static void check_parts(const char *row, const struct message *got, const struct message *want, bool has_moved)
{
	CHECK_INT(row, got->len, want->len);
	CHECK_INT(row, got->segment, want->segment);
	CHECK_INT(row, got->part_count, has_moved ? want->part_count : 0);
	for (unsigned i = 0; i < got->part_count; i++) {
		size_t len = got->parts[i].iov_len;

		CHECK_INT(row, len, want->parts[i].iov_len);
		assert_memory_equal(got->parts[i].iov_base, want->parts[i].iov_base, len < want->len ? len : want->len);
	}
}

/* What carries all data (pcap, c) looks for a message's in the message, and in each of its parts. */
static void test_messages_have_their_bytes(void **state)
{
	static const struct {
		const char *name;
		enum step_id step;
		unsigned count;
		int64_t result;
		int64_t moved;
	} rows[] = {
		{ "all of them have come", STEP_RECVMMSG, 3, 3, 3 },
		{ "some have come", STEP_RECVMMSG, 3, 2, 2 },
		{ "none has come", STEP_RECVMMSG, 3, -1, 0 },
		{ "a run", STEP_SENDMSG, 1, 7, 1 },
		{ "a run that was not taken", STEP_SENDMSG, 1, -1, 0 },
		{ "many", STEP_SENDMMSG, 3, 3, 3 },
		{ "some were taken", STEP_SENDMMSG, 3, 1, 1 },
	};
	static struct iovec run[] = { { (void *)"abc", 3 }, { (void *)"ABC", 3 }, { (void *)"x", 1 } };
	static struct iovec large = { (void *)"fifteen or more", 15 }, exact = { (void *)"x", 1 };
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_in = rows[i].step == STEP_RECVMMSG;
		struct message list[] = {
			{ .parts = is_in ? &large : run, .part_count = is_in ? 1 : 3, .len = 7, .segment = 3 },
			{ .parts = &exact, .part_count = 1, .len = is_in ? 0 : 1 },
			{ .parts = is_in ? &large : &exact, .part_count = 1, .len = is_in ? 2 : 1 },
		};
		union step_args args = { .messages = { list, rows[i].count, 0 } };
		struct event event = all_of(rows[i].step, &args);
		struct wire_event we;

		event.result = rows[i].result;
		event.data = rows[i].moved > 0 ? list[0].parts->iov_base : NULL;
		pass(&event, &all_bounds, &guard, &we);
		for (unsigned at = 0; at < (is_in ? rows[i].moved : rows[i].count); at++)
			check_parts(rows[i].name, &we.args.messages.list[at], &list[at], at < rows[i].moved);
		CHECK_INT(rows[i].name, we.event.data != NULL, rows[i].moved > 0);
		CHECK_INT(rows[i].name, event_data_len(&we.event), event_data_len(&event));
		if (rows[i].moved > 0)
			assert_ptr_equal(we.event.data, we.args.messages.list->parts->iov_base);
	}
	guard_close(&guard);
}

static void test_a_message_that_came_in_no_place(void **state)
{
	struct guard guard = guard_open();
	struct wire_event we;
	union step_args args;
	struct event event = all_of(STEP_RECVMMSG, &args);
	static struct message message = { .len = 3 };

	(void)state;
	args.messages = (typeof(args.messages)){ &message, 1, 0 };
	event.result = 1;
	event.data = NULL;
	pass(&event, &all_bounds, &guard, &we);
	assert_null(we.event.data);
	assert_int_equal(we.args.messages.list->part_count, 0);
	guard_close(&guard);
}

static void test_poll(void **state)
{
	static const struct pollfd fds[] = { { 7, POLLIN, POLLHUP }, { -1, -1, 0 } };
	struct guard guard = guard_open();
	struct wire_event we;
	union step_args args;
	struct event event = all_of(STEP_POLL, &args);

	(void)state;
	args.poll = (typeof(args.poll)){ fds, ARRAY_LEN(fds), -1, 250, true };
	pass(&event, &all_bounds, &guard, &we);
	assert_int_equal(we.args.poll.nfds, ARRAY_LEN(fds));
	assert_memory_equal(we.args.poll.fds, fds, sizeof(fds));
	assert_int_equal(we.args.poll.timeout_ms, -1);
	assert_int_equal(we.args.poll.asked_ms, 250);
	assert_true(we.args.poll.is_late);
	guard_close(&guard);
}

/* Of the data, as much goes along as sinks look at, and the lengths stay the true ones. */
static void test_data(void **state)
{
	static const struct {
		const char *name;
		enum step_id step;
		bool is_sent, is_other;
		size_t len;
		int64_t result;
		struct wire_bounds bounds;
		size_t want_sent, want_moved;
	} rows[] = {
		{ "a preview", STEP_SEND, true, false, 26, 26, { 5, false }, 5, 5 },
		{ "all", STEP_SEND, true, false, 26, 26, { 5, true }, 5, 26 },
		{ "sent in part", STEP_SEND, true, false, 26, 3, { 5, false }, 5, 3 },
		{ "not sent", STEP_SEND, true, false, 26, -1, { 5, false }, 5, 0 },
		{ "in two places", STEP_WRITE, true, true, 26, 20, { 50, false }, 26, 20 },
		{ "received", STEP_RECV, false, true, 26, 26, { 5, true }, 0, 26 },
		{ "received more than there was room for", STEP_RECV, false, true, 26, 5000, { 5, true }, 0, 26 },
		{ "nothing is looked at", STEP_RECV, false, true, 26, 26, { 0, false }, 0, 0 },
	};
	static const char sent[] = "abcdefghijklmnopqrstuvwxyz", other[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *moved = rows[i].is_other ? other : sent;
		union step_args args = { .io = { .data = rows[i].is_sent ? sent : NULL, .len = rows[i].len } };
		struct event event = { .step = rows[i].step, .fd = 1, .args = &args, .has_result = true };
		struct wire_event we;

		event.result = rows[i].result;
		event.error = rows[i].result < 0 ? EAGAIN : 0;
		event.data = rows[i].result > 0 ? moved : NULL;
		pass(&event, &rows[i].bounds, &guard, &we);
		CHECK_INT(rows[i].name, we.args.io.len, rows[i].len);
		CHECK_INT(rows[i].name, we.event.result, rows[i].result);
		CHECK_INT(rows[i].name, event_data_len(&we.event), event_data_len(&event));
		CHECK_INT(rows[i].name, we.args.io.data != NULL, rows[i].is_sent);
		CHECK_INT(rows[i].name, we.event.data != NULL, rows[i].result > 0);
		assert_memory_equal(rows[i].is_sent ? we.args.io.data : "", sent, rows[i].want_sent);
		assert_memory_equal(we.event.data != NULL ? we.event.data : "", moved, rows[i].want_moved);
	}
	guard_close(&guard);
}

/* The which-th frame of a sample, without its length; NULL: there are not so many. To be freed. */
static char *one_frame(void (*sample)(struct bus *bus), size_t which, size_t *len)
{
	size_t total;
	char *frames = frames_of(sample, 3, 32, &total), *at = frames, *end = frames + total;
	uint32_t size;

	while (at < end) {
		memcpy(&size, at, sizeof(size));
		at += sizeof(size);
		if (which-- == 0) {
			memmove(frames, at, size);
			*len = size;
			return frames;
		}
		at += size;
	}
	free(frames);
	return NULL;
}

static void test_what_is_cut_is_refused(void **state)
{
	struct guard guard = guard_open();

	char *frame;
	size_t len;

	(void)state;
	for (size_t i = 0; (frame = one_frame(sample_hostile, i, &len)) != NULL; i++) {
		struct wire_event we;

		assert_int_equal(wire_read(guard_bytes(&guard, frame, len), len, &all_bounds, &we), 0);
		for (size_t cut = 0; cut < len; cut++)
			assert_int_equal(wire_read(guard_bytes(&guard, frame, cut), cut, &all_bounds, &we), -EBADMSG);
		frame = xrealloc(frame, len + 1);
		frame[len] = 0;
		assert_int_equal(wire_read(frame, len + 1, &all_bounds, &we), -EBADMSG);
		free(frame);
	}
	guard_close(&guard);
}

/* Where garbled bytes happen to be a frame, sinks can show it: no pointer leads beyond it. */
static void test_what_is_garbled_does_no_harm(void **state)
{
	struct guard guard = guard_open();
	struct capture text, json;
	size_t refused = 0, len;
	char *frame;

	(void)state;
	capture_open(&text, &sink_text, 3, 32);
	capture_open(&json, &sink_json, 3, 32);
	for (size_t i = 0; (frame = one_frame(sample_client, i, &len)) != NULL; i++) {
		char *room = guard_bytes(&guard, frame, len);

		for (size_t at = 0; at < len; at++) {
			for (int flip = 1; flip < 256; flip = flip * 2 + (flip & 1)) {
				struct wire_event we;

				room[at] = (char)(frame[at] ^ flip);
				if (wire_read(room, len, &all_bounds, &we) < 0) {
					refused++;
					continue;
				}
				bus_emit(&text.bus, &we.event);
				bus_emit(&json.bus, &we.event);
			}
			room[at] = frame[at];
		}
		free(frame);
	}
	assert_true(refused > 100);
	free(capture_close(&text, NULL));
	free(capture_close(&json, NULL));
	guard_close(&guard);
}

static void test_a_reader_stops_at_what_is_no_frame(void **state)
{
	struct wire_reader reader = { .bounds = all_bounds };
	struct bus bus;
	uint32_t huge = UINT32_MAX;

	(void)state;
	bus_init(&bus, 0);
	assert_int_equal(wire_reader_feed(&reader, &bus, &huge, 2), 0);
	assert_int_equal(wire_reader_feed(&reader, &bus, (char *)&huge + 2, 2), -EBADMSG);
	assert_int_equal(wire_reader_feed(&reader, &bus, "", 1), -EBADMSG);
	wire_reader_clear(&reader);
}

/* A pipe that nobody reads holds what it can; what is lost behind that is told when it is read again. */
static void test_what_is_lost_is_told(void **state)
{
	static char payload[20000];
	struct wire_reader reader = { .bounds = all_bounds };
	union step_args args = { .io = { .data = payload, .len = sizeof(payload) } };
	struct event event = {
		.step = STEP_SEND, .fd = 5, .args = &args, .has_result = true, .result = sizeof(payload),
		.data = payload,
	};
	struct sink_options options = { .level = 3, .preview = 32 };
	struct capture seen;
	struct sink *sink;
	char file[16], *text, chunk[65536];
	struct bus bus;
	int fds[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	snprintf(file, sizeof(file), "fd:%d", fds[1]);
	options.file = file;
	bus_init(&bus, 0);
	assert_int_equal(sink_open(&sink_wire, &options, &sink), 0);
	/* Nobody will read meanwhile. */
	sink_out_set_waited(sink->out, 10);
	bus_add(&bus, sink);
	capture_open(&seen, &sink_text, 1, 0);
	for (int i = 0; i < 200; i++)
		bus_emit(&bus, &event);
	for (int i = 0; i < 200; i++) {
		bus_flush(&bus);
		while ((n = read(fds[0], chunk, sizeof(chunk))) > 0)
			assert_int_equal(wire_reader_feed(&reader, &seen.bus, chunk, (size_t)n), 0);
	}
	bus_emit(&bus, &event);
	assert_int_equal(bus_clear(&bus, NULL, 0), 0);
	while ((n = read(fds[0], chunk, sizeof(chunk))) > 0)
		assert_int_equal(wire_reader_feed(&reader, &seen.bus, chunk, (size_t)n), 0);
	assert_int_equal(reader.held.len, 0);
	wire_reader_clear(&reader);
	close(fds[0]);
	text = capture_close(&seen, NULL);
	assert_non_null(strstr(text, "events of a worker were lost here"));
	free(text);
}

/* The level of a sink goes up while frames without all data are on their way: it shows none of them. */
static void test_who_wants_all_is_not_given_less(void **state)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz";
	static struct iovec part = { (void *)text, 26 };
	static struct message message = { .parts = &part, .part_count = 1, .len = 26 };
	static const struct {
		const char *name;
		enum step_id step;
		int64_t result;
		size_t preview;
		bool has_data;
	} rows[] = {
		{ "sent", STEP_SEND, 26, 5, false },
		{ "as long as the preview", STEP_SEND, 26, 26, true },
		{ "not taken", STEP_SEND, -1, 5, false },
		{ "received", STEP_RECV, 26, 5, false },
		{ "messages", STEP_RECVMMSG, 1, 5, false },
		{ "short messages", STEP_RECVMMSG, 1, 26, true },
	};
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wire_bounds bounds = { .preview = rows[i].preview };
		union step_args args = { .io = { .data = rows[i].step == STEP_SEND ? text : NULL, .len = 26 } };
		struct event event = all_of(rows[i].step, &args);
		struct buf frame = { 0 };
		struct wire_event we;
		size_t len;

		if (rows[i].step == STEP_RECVMMSG)
			args.messages = (typeof(args.messages)){ &message, 1, 0 };
		event.result = rows[i].result;
		event.data = rows[i].result > 0 ? text : NULL;
		assert_true(wire_write(&event, &bounds, &frame));
		bounds.has_payload = true;
		len = frame.len - WIRE_LENGTH_SIZE;
		assert_int_equal(wire_read(guard_bytes(&guard, buf_peek(&frame) + WIRE_LENGTH_SIZE, len), len, &bounds,
					   &we), 0);
		buf_clear(&frame);
		CHECK_INT(rows[i].name, we.event.result, rows[i].result);
		CHECK_INT(rows[i].name, we.event.data != NULL, rows[i].has_data);
		if (rows[i].step == STEP_RECVMMSG)
			CHECK_INT(rows[i].name, we.args.messages.list->part_count, rows[i].has_data);
		else
			CHECK_INT(rows[i].name, we.args.io.data != NULL, rows[i].has_data);
	}
	guard_close(&guard);
}

#define FRAMES 400
#define FRAMES_HELD 50 /* so many are taken before anybody reads */

/* A parent that reads a little at a time, once it is told to. */
struct parent {
	int fd;
	sem_t begin;
	struct wire_reader reader;
	struct capture seen;
	bool is_bad;
};

static void *read_slowly(void *ctx)
{
	struct parent *parent = ctx;
	char chunk[512];
	ssize_t n;

	sem_wait(&parent->begin);
	while ((n = read(parent->fd, chunk, sizeof(chunk))) > 0)
		parent->is_bad = wire_reader_feed(&parent->reader, &parent->seen.bus, chunk, (size_t)n) < 0 ||
				 parent->is_bad;
	return NULL;
}

/* A parent that reads is waited for, and gets all. */
static void test_who_reads_gets_all(void **state)
{
	static char payload[20000];
	struct parent parent = { .reader = { .bounds = all_bounds } };
	union step_args args = { .io = { .data = payload, .len = sizeof(payload) } };
	struct event event = {
		.step = STEP_SEND, .fd = 5, .args = &args, .has_result = true, .result = sizeof(payload),
		.data = payload,
	};
	struct sink_options options = { .level = 3, .preview = 32 };
	struct sink *sink;
	char file[16], *text;
	struct bus bus;
	int fds[2];
	pthread_t thread;
	size_t lines = 0;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	parent.fd = fds[0];
	capture_open(&parent.seen, &sink_text, 2, 0);
	assert_int_equal(sem_init(&parent.begin, 0, 0), 0);
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &parent), 0);
	snprintf(file, sizeof(file), "fd:%d", fds[1]);
	options.file = file;
	bus_init(&bus, 0);
	assert_int_equal(sink_open(&sink_wire, &options, &sink), 0);
	bus_add(&bus, sink);
	for (int i = 0; i < FRAMES; i++) {
		if (i == FRAMES_HELD)
			sem_post(&parent.begin);
		bus_emit(&bus, &event);
	}
	assert_int_equal(bus_clear(&bus, NULL, 0), 0);
	pthread_join(thread, NULL);
	assert_false(parent.is_bad);
	assert_int_equal(parent.reader.held.len, 0);
	wire_reader_clear(&parent.reader);
	sem_destroy(&parent.begin);
	close(fds[0]);
	text = capture_close(&parent.seen, NULL);
	assert_null(strstr(text, "lost"));
	for (const char *at = text; (at = strstr(at, "send(5")) != NULL; at++)
		lines++;
	assert_int_equal(lines, FRAMES);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_every_field_of_every_step),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_what_lacks_a_string_is_refused),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_messages_have_their_bytes),
		cmocka_unit_test(test_a_message_that_came_in_no_place),
		cmocka_unit_test(test_poll),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_what_is_cut_is_refused),
		cmocka_unit_test(test_what_is_garbled_does_no_harm),
		cmocka_unit_test(test_a_reader_stops_at_what_is_no_frame),
		cmocka_unit_test(test_what_is_lost_is_told),
		cmocka_unit_test(test_who_wants_all_is_not_given_less),
		cmocka_unit_test(test_who_reads_gets_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
