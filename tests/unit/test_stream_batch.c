/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams in batches: how runs are planned, and how what came together is handed out singly. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"
#include "check.h"
#include "step/env.h"
#include "stream/batch.h"
#include "stream/datagram_layer.h"
#include "stream/sender.h"

/* Messages of these lengths, up to the first below 0. */
static void fill(struct messages *messages, const int *lengths)
{
	static char bytes[65536];

	messages->count = 0;
	while (messages->count < MESSAGES_MAX && lengths[messages->count] >= 0) {
		messages->parts[messages->count] = (struct iovec){ bytes, (size_t)lengths[messages->count] };
		messages->count++;
	}
}

static void test_plan(void **state)
{
	static const struct {
		const char *name;
		int lengths[8];
		struct sender sender;
		enum send_form form;
		unsigned count;
	} rows[] = {
		{ "one", { 5, -1 }, { UINT16_MAX, true }, SEND_ONE, 1 },
		{ "an empty one", { 0, -1 }, { UINT16_MAX, true }, SEND_ONE, 1 },
		{ "equal ones", { 5, 5, 5, -1 }, { UINT16_MAX, true }, SEND_RUN, 3 },
		{ "the last is shorter", { 5, 5, 3, -1 }, { UINT16_MAX, true }, SEND_RUN, 3 },
		{ "a shorter one ends it", { 5, 3, 3, -1 }, { UINT16_MAX, true }, SEND_RUN, 2 },
		{ "a longer one is of the next", { 5, 5, 6, 6, -1 }, { UINT16_MAX, true }, SEND_RUN, 2 },
		{ "an empty one ends no run", { 5, 5, 0, -1 }, { UINT16_MAX, true }, SEND_RUN, 2 },
		{ "empty ones are no run", { 0, 0, 0, -1 }, { UINT16_MAX, true }, SEND_MANY, 3 },
		{ "growing", { 1, 2, 3, 4, -1 }, { UINT16_MAX, true }, SEND_MANY, 4 },
		{ "one before a run", { 1, 5, 5, -1 }, { UINT16_MAX, true }, SEND_ONE, 1 },
		{ "some before a run", { 1, 2, 5, 5, -1 }, { UINT16_MAX, true }, SEND_MANY, 2 },
		{ "too many bytes", { 30000, 30000, 30000, -1 }, { UINT16_MAX, true }, SEND_RUN, 2 },
		{ "as many bytes as may be", { 32754, 32753, -1 }, { UINT16_MAX, true }, SEND_RUN, 2 },
		{ "one byte more", { 32754, 32754, -1 }, { UINT16_MAX, true }, SEND_MANY, 2 },
		{ "the longest", { 65507, 65507, -1 }, { UINT16_MAX, true }, SEND_MANY, 2 },
		{ "longer than the kernel takes", { 9, 9, 8, 8, -1 }, { 8, true }, SEND_MANY, 2 },
		{ "no runs", { 5, 5, 5, -1 }, { 0, true }, SEND_MANY, 3 },
		{ "each for itself", { 5, 5, 5, -1 }, { 0, false }, SEND_ONE, 1 },
	};
	struct messages messages;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct send_plan plan;

		fill(&messages, rows[i].lengths);
		plan = sender_plan(&rows[i].sender, &messages);
		CHECK_INT(rows[i].name, plan.form, rows[i].form);
		CHECK_INT(rows[i].name, plan.count, rows[i].count);
	}
}

/* A full batch is one run: as many as the kernel takes. */
static void test_full_run(void **state)
{
	const struct sender sender = { UINT16_MAX, true };
	struct messages messages = { .count = MESSAGES_MAX };
	struct send_plan plan;

	(void)state;
	for (unsigned i = 0; i < MESSAGES_MAX; i++)
		messages.parts[i].iov_len = 100;
	plan = sender_plan(&sender, &messages);
	assert_int_equal(plan.form, SEND_RUN);
	assert_int_equal(plan.count, MESSAGES_MAX);
}

/* A batch of messages as the kernel might have filled it. */
static struct batch *batch_of(const struct held *filled, unsigned count)
{
	struct batch *batch = batch_new(PROTOCOL_UDP);

	for (unsigned i = 0; i < count; i++) {
		batch->held[i] = filled[i];
		batch->held[i].batch = batch;
	}
	batch->left = count;
	return batch;
}

/* The next datagram is text. */
static void check_next(struct held_queue *queue, const char *text)
{
	struct iovec part;

	assert_true(held_peek(queue, &part));
	CHECK_INT(text, part.iov_len, strlen(text));
	assert_memory_equal(part.iov_base, text, part.iov_len);
	held_release(queue, 1);
}

static const struct held filled[] = {
	{ .data = (char *)"aabbc", .len = 5, .segment = 2 },
	{ .data = (char *)"", .len = 0 },
	{ .data = (char *)"dd", .len = 2, .segment = 2 },
	{ .data = (char *)"eeeee", .len = 5 },
};

static void test_handed_out_singly(void **state)
{
	struct batch *batch = batch_of(filled, ARRAY_LEN(filled));
	struct held_queue queue = { 0 };
	struct messages messages;
	struct iovec part;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(filled); i++)
		held_add(&queue, &batch->held[i]);
	assert_int_equal(held_datagrams(&batch->held[0]), 3);
	assert_int_equal(held_datagrams(&batch->held[1]), 1);
	held_view(&queue, &messages);
	assert_int_equal(messages.count, 6);
	assert_int_equal(messages.parts[2].iov_len, 1);
	assert_int_equal(messages.parts[3].iov_len, 0);
	check_next(&queue, "aa");
	assert_int_equal(held_datagrams(&batch->held[0]), 2);
	assert_int_equal(batch->left, 4);
	held_release(&queue, 2);
	assert_int_equal(batch->left, 3);
	check_next(&queue, "");
	held_view(&queue, &messages);
	assert_int_equal(messages.count, 2);
	check_next(&queue, "dd");
	check_next(&queue, "eeeee");
	assert_false(held_peek(&queue, &part));
	assert_int_equal(batch->left, 0);
	batch_free(batch);
}

/* What a peer does not take leaves the batch, in its order, and what is too much is counted. */
static void test_set_aside(void **state)
{
	struct batch *batch = batch_of(filled, ARRAY_LEN(filled));
	struct held_queue queue = { 0 };

	(void)state;
	held_add(&queue, &batch->held[0]);
	held_add(&queue, &batch->held[1]);
	held_release(&queue, 1);
	assert_int_equal(held_set_aside(&queue, 10000), 0);
	assert_int_equal(batch->left, 2);
	held_add(&queue, &batch->held[2]);
	held_add(&queue, &batch->held[3]);
	assert_int_equal(held_set_aside(&queue, queue.bytes + sizeof(struct held) + 2), 1);
	assert_int_equal(batch->left, 0);
	batch_free(batch);
	check_next(&queue, "bb");
	check_next(&queue, "c");
	check_next(&queue, "");
	check_next(&queue, "dd");
	assert_null(queue.first);
	assert_int_equal(queue.bytes, 0);
}

static void test_cleared(void **state)
{
	struct batch *batch = batch_of(filled, ARRAY_LEN(filled));
	struct held_queue queue = { 0 };

	(void)state;
	held_add(&queue, &batch->held[0]);
	assert_int_equal(held_set_aside(&queue, 10000), 0);
	held_add(&queue, &batch->held[3]);
	held_clear(&queue);
	assert_int_equal(batch->left, 2);
	assert_int_equal(queue.bytes, 0);
	batch_free(batch);
}

static void test_next_ask(void **state)
{
	static const struct {
		unsigned ask, slots, came, want;
	} rows[] = {
		{ 8, 64, 8, 32 }, { 32, 64, 32, 64 }, { 64, 64, 64, 64 }, { 8, 16, 8, 16 },
		{ 64, 64, 16, 64 }, { 64, 64, 15, 32 }, { 32, 64, 1, 16 }, { 8, 64, 1, 8 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct batch batch = { .ask = rows[i].ask, .slots = rows[i].slots };

		assert_int_equal(batch_next_ask(&batch, rows[i].came), rows[i].want);
	}
}

static void test_pool(void **state)
{
	struct batch_pool pool = { .is_many = true };
	struct batch *first = batch_take(&pool, PROTOCOL_UDP), *second = batch_take(&pool, PROTOCOL_UDP);

	(void)state;
	assert_ptr_not_equal(first, second);
	batch_give(&pool, first);
	batch_give(&pool, second);
	assert_ptr_equal(batch_take(&pool, PROTOCOL_UDP), first);
	batch_give(&pool, first);
	batch_pool_clear(&pool);
}

/* An ICMP error that the loop has not told of is taken before its socket is closed, once. */
static void test_last_errors(void **state)
{
	struct batch_pool pool = { .is_many = true };
	struct datagram_layer layer;
	struct socket_layer below;
	struct stepper st;
	struct addr addr;
	struct sock sk;
	struct bus bus;
	int closed;

	(void)state;
	bus_init(&bus, 0);
	st = (struct stepper){ .bus = &bus, .env = &env_system };
	sock_init(&sk);
	assert_int_equal(addr_parse_ip(&addr, "127.0.0.1", 0), 0);
	closed = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(closed, &addr.sa, addr.len), 0);
	assert_int_equal(getsockname(closed, &addr.sa, &addr.len), 0);
	assert_int_equal(step_socket(&st, &sk, AF_INET, SOCK_DGRAM, 0, PROTOCOL_UDP), 0);
	assert_int_equal(step_setsockopt_int(&st, &sk, IPPROTO_IP, IP_RECVERR, 1), 0);
	assert_int_equal(step_connect(&st, &sk, &addr), 0);
	close(closed);
	socket_layer_init(&below, &sk, true, true);
	datagram_layer_init(&layer, &below, &pool);
	/* On loopback the error is there when send() returns. */
	assert_int_equal(send(below.sock.fd, "x", 1, 0), 1);
	assert_false(datagram_take_errors(&layer, &st));
	assert_int_equal(layer.undelivered.icmp.count, 0);
	datagram_take_last_errors(&layer, &st);
	assert_int_equal(layer.undelivered.icmp.count, 1);
	datagram_take_last_errors(&layer, &st);
	assert_int_equal(layer.undelivered.icmp.count, 1);
	close(below.sock.fd);
	batch_pool_clear(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_full_run),
		cmocka_unit_test(test_handed_out_singly),
		cmocka_unit_test(test_set_aside),
		cmocka_unit_test(test_cleared),
		cmocka_unit_test(test_next_ask),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_last_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
