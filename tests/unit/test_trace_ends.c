/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets of one program are the two ends of a connection, and whose a datagram is. */
#include "trace/ends.h"

#include <errno.h>
#include <sys/socket.h>

#include "check.h"
#include "trace_samples.h"

static struct ends_seen give(struct ends *ends, enum protocol protocol, struct event event)
{
	event.protocol = protocol;
	event.has_result = true;
	return ends_event(ends, &event);
}

static struct ends_seen give_step(struct ends *ends, enum protocol protocol, enum step_id step, int fd, int64_t result,
				  const struct addr *local, const struct addr *remote)
{
	return give(ends, protocol,
		    (struct event){ .step = step, .fd = fd, .result = result, .local = local, .remote = remote });
}

/* A listening socket. */
static void give_listener(struct ends *ends, enum protocol protocol, int fd, const struct addr *local)
{
	give_step(ends, protocol, STEP_SOCKET, -1, fd, NULL, NULL);
	give_step(ends, protocol, STEP_BIND, fd, 0, local, NULL);
	give_step(ends, protocol, STEP_LISTEN, fd, 0, local, NULL);
}

/* A client whose connect() has begun. */
static void give_client(struct ends *ends, int fd, const struct addr *remote)
{
	give_step(ends, PROTOCOL_TCP, STEP_SOCKET, -1, fd, NULL, NULL);
	give(ends, PROTOCOL_TCP, (struct event){ .step = STEP_CONNECT, .fd = fd, .result = -1, .error = EINPROGRESS,
						 .remote = remote });
}

static struct ends_seen give_data(struct ends *ends, enum protocol protocol, enum step_id step, int fd,
				  const char *data, const struct addr *remote)
{
	union step_args args = { .io = { .len = 64 } };

	return give(ends, protocol, (struct event){ .step = step, .fd = fd, .args = &args, .data = data,
						    .result = (int64_t)strlen(data), .remote = remote });
}

static void test_the_addresses_tell(void **state)
{
	struct ends *ends = ends_new();
	struct addr any = *sample_addr("::", 9000), to = *sample_addr("127.0.0.1", 9000);
	struct addr one = *sample_addr("127.0.0.1", 40001), two = *sample_addr("127.0.0.1", 40002);
	struct addr mapped = *sample_addr("::ffff:127.0.0.1", 40002), at = *sample_addr("::ffff:127.0.0.1", 9000);
	struct addr stranger = *sample_addr("::1", 50000), v6 = *sample_addr("::1", 9000);
	struct ends_seen seen;

	(void)state;
	give_listener(ends, PROTOCOL_TCP, 3, &any);
	give_client(ends, 4, &to);
	give_client(ends, 5, &to);
	assert_true(give_step(ends, PROTOCOL_TCP, STEP_CONNECTED, 4, 0, &one, &to).is_here);
	give_step(ends, PROTOCOL_TCP, STEP_CONNECTED, 5, 0, &two, &to);
	/* The second is accepted first, at a socket of IPv6; then somebody from elsewhere. */
	seen = give_step(ends, PROTOCOL_TCP, STEP_ACCEPT, 3, 6, &at, &mapped);
	assert_int_equal(seen.other->fd, 5);
	assert_int_equal(seen.connection, 2);
	assert_int_equal(seen.end->role, ENDS_ROLE_SERVER);
	assert_int_equal(seen.other->role, ENDS_ROLE_CLIENT);
	seen = give_step(ends, PROTOCOL_TCP, STEP_ACCEPT, 3, 7, &v6, &stranger);
	assert_null(seen.other);
	assert_false(seen.is_here);
	assert_int_equal(seen.connection, 3);
	/* What one sent the other has not received; closed, its bytes are still there. */
	give_data(ends, PROTOCOL_TCP, STEP_SEND, 5, "hello", NULL);
	seen = give_data(ends, PROTOCOL_TCP, STEP_RECV, 6, "he", NULL);
	assert_int_equal(ends_unread(seen.end), 3);
	give_step(ends, PROTOCOL_TCP, STEP_CLOSE, 5, 0, NULL, NULL);
	seen = give_data(ends, PROTOCOL_TCP, STEP_RECV, 6, "l", NULL);
	assert_null(seen.other);
	assert_true(seen.is_here);
	assert_int_equal(ends_unread(seen.end), 2);
	ends_free(ends);
}

static void test_who_closed_before_it_was_accepted(void **state)
{
	struct ends *ends = ends_new();
	struct addr name = *sample_addr("127.0.0.1", 9000), none = { .len = 0 };
	struct ends_seen seen;

	(void)state;
	addr_set_unix(&name, "@name");
	give_listener(ends, PROTOCOL_UNIX, 3, &name);
	for (int fd = 4; fd < 6; fd++) {
		give_step(ends, PROTOCOL_UNIX, STEP_SOCKET, -1, fd, NULL, NULL);
		give_step(ends, PROTOCOL_UNIX, STEP_CONNECT, fd, 0, &none, &name);
	}
	give_data(ends, PROTOCOL_UNIX, STEP_SEND, 4, "four", NULL);
	give_step(ends, PROTOCOL_UNIX, STEP_CLOSE, 4, 0, NULL, NULL);
	/* Without addresses they come in their order. */
	seen = give_step(ends, PROTOCOL_UNIX, STEP_ACCEPT, 3, 4, &name, &none);
	assert_int_equal(seen.connection, 1);
	assert_int_equal(ends_unread(seen.end), 4);
	seen = give_step(ends, PROTOCOL_UNIX, STEP_ACCEPT, 3, 6, &name, &none);
	assert_int_equal(seen.other->fd, 5);
	ends_free(ends);
}

/* The close() of a listener resets the clients that wait, each once; those that were accepted stay. */
static void test_a_listener_takes_who_waits_with_it(void **state)
{
	struct ends *ends = ends_new();
	struct addr name = *sample_addr("127.0.0.1", 9000), one = *sample_addr("127.0.0.1", 40001);
	struct event look = { .step = STEP_SEND, .fd = 5, .session = 7, .result = -1, .error = EPIPE };
	struct ends_seen seen;

	(void)state;
	give_listener(ends, PROTOCOL_TCP, 3, &name);
	for (int fd = 4; fd < 8; fd++)
		give_client(ends, fd, &name);
	for (int fd = 4; fd < 7; fd++)
		give_step(ends, PROTOCOL_TCP, STEP_CONNECTED, fd, 0, fd == 4 ? &one : NULL, &name);
	give_step(ends, PROTOCOL_TCP, STEP_ACCEPT, 3, 8, &name, &one);
	/* The one at 7 has no answer yet. */
	assert_int_equal(give_step(ends, PROTOCOL_TCP, STEP_CLOSE, 3, 0, NULL, NULL).cut, 2);
	seen = give_step(ends, PROTOCOL_TCP, STEP_CLOSE, 4, 0, NULL, NULL);
	assert_false(seen.end->is_cut);
	seen = give_step(ends, PROTOCOL_TCP, STEP_CLOSE, 5, 0, NULL, NULL);
	assert_true(seen.end->is_cut);
	assert_int_equal(seen.cut, 0);
	ends_free(ends);
	/* A packet behind the close() of its socket is known by its session. */
	ends = ends_new();
	give_client(ends, 5, &name);
	assert_int_equal(ends_number(ends, &look), 1);
	look.step = STEP_CLOSE;
	assert_int_equal(ends_number(ends, &look), 1);
	give_client(ends, 5, &name);
	look.step = STEP_PACKET;
	assert_int_equal(ends_number(ends, &look), 1);
	look.session = 8;
	assert_int_equal(ends_number(ends, &look), 0);
	ends_free(ends);
}

static void test_datagrams(void **state)
{
	struct ends *ends = ends_new();
	struct addr bound = *sample_addr("127.0.0.1", 9000), from = *sample_addr("127.0.0.1", 40001);
	struct ends_seen seen;
	uint64_t last;

	(void)state;
	give_step(ends, PROTOCOL_UDP, STEP_SOCKET, -1, 3, NULL, NULL);
	give_step(ends, PROTOCOL_UDP, STEP_BIND, 3, 0, &bound, NULL);
	give_step(ends, PROTOCOL_UDP, STEP_SOCKET, -1, 4, NULL, NULL);
	seen = give_data(ends, PROTOCOL_UDP, STEP_SEND, 4, "lost", &bound);
	assert_int_equal(seen.other->fd, 3);
	assert_int_equal(seen.end->role, ENDS_ROLE_CLIENT);
	last = give_data(ends, PROTOCOL_UDP, STEP_SEND, 4, "kept", &bound).datagram;
	/* One of another program, with other bytes. */
	assert_int_equal(give_data(ends, PROTOCOL_UDP, STEP_RECV, 3, "what?", &from).datagram, 0);
	seen = give_data(ends, PROTOCOL_UDP, STEP_RECV, 3, "kept", &from);
	assert_int_equal(seen.datagram, last);
	assert_int_equal(seen.other->fd, 4);
	/* Now the address is known that the kernel chose; what came before is lost. */
	assert_int_equal(addr_port(&seen.other->local), 40001);
	assert_int_equal(give_data(ends, PROTOCOL_UDP, STEP_RECV, 3, "lost", &from).datagram, 0);
	seen = give_data(ends, PROTOCOL_UDP, STEP_SEND, 3, "answer", &from);
	assert_int_equal(seen.other->fd, 4);
	ends_free(ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_addresses_tell),
		cmocka_unit_test(test_who_closed_before_it_was_accepted),
		cmocka_unit_test(test_a_listener_takes_who_waits_with_it),
		cmocka_unit_test(test_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
