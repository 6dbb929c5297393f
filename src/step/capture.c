/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets as events: see capture.h. Whose a packet is, is found in capture_match.c. */
#include "step/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/util.h"
#include "step/capture_private.h"

/* How long packets wait for the accept() that says whose they are, before a flush shows them without a session. */
#define HOLD_NS (10 * NS_PER_MS)
/* How long the end waits for the last acknowledgement. */
#define CLOSE_WAIT_NS (200 * NS_PER_MS)
/* Between two measurements of how the clocks stand to each other: the wall clock is set and slewed. */
#define MEASURE_NS NS_PER_S
#define MEASUREMENTS 9
/* Packets given out before the loop looks at other things again. */
#define REST_NS (10 * NS_PER_MS) /* for so long packets wake the loop once */
#define REST_FRAMES 4096         /* where the ring has room for so many */
#define BURST 4096

/* See how the clocks stand to each other: the look that was interrupted least counts. */
static void measure(struct capture *capture)
{
	uint64_t best_ns = UINT64_MAX, began_ns = clock_now_ns();

	for (int i = 0; i < MEASUREMENTS; i++) {
		uint64_t real_ns = clock_real_ns(), ended_ns = clock_now_ns();

		if (ended_ns - began_ns < best_ns) {
			best_ns = ended_ns - began_ns;
			capture->offset_ns = real_ns - (began_ns + best_ns / 2);
		}
		began_ns = ended_ns;
	}
	capture->measured_ns = began_ns;
}

/* ---- Giving packets out ------------------------------------------------------------------------------------- */

static void emit(struct capture *capture, struct packet_conn *conn, const struct packet_headers *headers,
		 uint64_t at_ns)
{
	struct bus *bus = capture->st->bus;
	union step_args args = { .packet = headers->packet };
	struct addr local, remote;
	bool is_hidden;
	struct event event = {
		.step = STEP_PACKET,
		.t_ns = at_ns > bus->start_ns ? at_ns - bus->start_ns : 0,
		.session = conn->session,
		.side = conn->side,
		.fd = conn->is_closed ? -1 : conn->fd,
		.args = &args,
		.protocol = conn->key.protocol == IPPROTO_TCP ? PROTOCOL_TCP : PROTOCOL_UDP,
		.local = &local,
		.remote = &remote,
	};

	packet_conn_addrs(conn, &local, &remote);
	/* Whose it is may not be known yet. */
	is_hidden = conn->is_hidden || (capture->hides_clients && !conn->is_known);
	if (is_hidden && args.packet.length > 0 && args.packet.captured > args.packet.original - args.packet.length)
		args.packet.captured = args.packet.original - args.packet.length;
	bus_emit(bus, &event);
}

/* Give out a packet of conn that passed at at_ns. */
static void give(struct capture *capture, struct packet_conn *conn, const struct packet_seen *seen,
		 struct packet_headers *headers, uint64_t at_ns)
{
	if (seen->interface != PACKET_FILTER_LOOPBACK && packet_conn_is_copy(conn, &headers->packet, seen->interface))
		return;
	packet_conn_reflect(conn, &headers->packet);
	packet_conn_number(conn, &headers->packet);
	if (!conn->is_known && capture->is_sharing)
		packet_table_keep(capture->table, conn, headers, at_ns);
	else
		emit(capture, conn, headers, at_ns);
}

/* Say, once, that packets are missing. Asked where so many came that the ring may have been full. */
static void look_for_losses(struct capture *capture)
{
	capture->given = 0;
	if (capture->has_told_losses || packet_ring_count_drops(&capture->ring) == 0)
		return;
	capture->has_told_losses = true;
	step_note(capture->st, 0, "%s",
		  _("packets pass faster than they are shown: some are missing, and the end says how many"));
}

/*
 * Give out what passed before until_ns (CLOCK_MONOTONIC).
 *   hold_ns  how long packets of a client that was not accepted wait for that
 * Returns when there is more to be given out; UINT64_MAX: not before the next packet, or until_ns.
 */
static uint64_t give_until(struct capture *capture, uint64_t until_ns, uint64_t hold_ns)
{
	struct packet_headers headers;
	struct packet_seen seen;

	for (unsigned count = 0; packet_ring_peek(&capture->ring, &seen); count++) {
		uint64_t at_ns = capture_time(capture, &seen);
		struct packet_conn *conn;

		if (at_ns >= until_ns)
			return UINT64_MAX;
		if (count == BURST && until_ns == UINT64_MAX)
			return clock_now_ns();
		conn = capture_match(capture, &seen, &headers);
		if (conn != NULL && !conn->is_known && hold_ns > 0 && clock_now_ns() < at_ns + hold_ns)
			return at_ns + hold_ns;
		if (conn != NULL)
			give(capture, conn, &seen, &headers, at_ns);
		packet_ring_drop(&capture->ring);
		capture->dropped++;
		if (++capture->given > capture->ring.frame_count / 2)
			look_for_losses(capture);
	}
	return UINT64_MAX;
}

/* An event of that time comes next. */
static void before(struct bus_source *source, uint64_t t_ns)
{
	struct capture *capture = CONTAINER_OF(source, struct capture, source);

	if (capture->is_busy)
		return;
	capture->is_busy = true;
	give_until(capture, capture->st->bus->start_ns + t_ns, 0);
	capture->is_busy = false;
}

/* No event of an earlier time can come any more. */
static uint64_t flush(struct bus_source *source)
{
	struct capture *capture = CONTAINER_OF(source, struct capture, source);
	uint64_t due_ns;

	if (capture->is_busy)
		return UINT64_MAX;
	capture->is_busy = true;
	if (clock_now_ns() - capture->measured_ns > MEASURE_NS)
		measure(capture);
	due_ns = give_until(capture, UINT64_MAX, capture->is_sharing ? 0 : HOLD_NS);
	capture->is_busy = false;
	return due_ns;
}

/*
 * A packet has woken the loop: it is given out before the loop waits again. Where one comes there are many, and those
 * that belong to a call are looked for before its event: for a moment none of them wakes the loop.
 */
static void on_packet(struct task *task)
{
	struct capture *capture = CONTAINER_OF(task, struct capture, task);

	/* A small ring is full too soon for that. */
	if (timer_is_set(&capture->rest) || capture->ring.frame_count < REST_FRAMES)
		return;
	loop_unwatch(capture->loop, &capture->sock);
	capture->rested = capture->dropped;
	loop_timer_set_after(capture->loop, &capture->rest, REST_NS);
}

/* The moment is over. As long as packets come there is another one. */
static void on_rested(struct timer *timer)
{
	struct capture *capture = CONTAINER_OF(timer, struct capture, rest);
	struct packet_seen seen;

	if (capture->rested != capture->dropped || packet_ring_peek(&capture->ring, &seen)) {
		capture->rested = capture->dropped;
		loop_timer_set_after(capture->loop, &capture->rest, REST_NS);
		return;
	}
	loop_watch(capture->loop, &capture->sock, &capture->task);
}

/* ---- What is known ------------------------------------------------------------------------------------------ */

/* Let pass what is from or to a port. */
static void add_port(struct capture *capture, const struct addr *addr)
{
	uint16_t port = addr_port(addr);

	for (size_t i = 0; i < capture->port_count; i++) {
		if (capture->ports[i] == port)
			return;
	}
	if (port == 0 || capture->port_count == ARRAY_LEN(capture->ports))
		return;
	capture->ports[capture->port_count++] = port;
	packet_ring_filter(&capture->ring, capture->ports, capture->port_count);
}

void capture_expect(struct capture *capture, const struct addr *remote)
{
	add_port(capture, remote);
}

/* A connection of descriptor fd. */
static void know(struct capture *capture, const struct event *event, int fd)
{
	struct packet_early *early;
	struct packet_conn *conn;
	struct packet_key key;

	if (event->local == NULL || event->remote == NULL ||
	    !packet_key_make(&key, capture_ipproto(event->protocol), event->local, event->remote))
		return;
	conn = packet_table_know(capture->table, &key, event->local, event->session, event->side, fd);
	conn->is_hidden = capture->hides_clients && event->side == SIDE_SERVER;
	while ((early = packet_table_take(capture->table, conn)) != NULL) {
		emit(capture, conn, &early->headers, early->at_ns);
		free(early);
	}
}

void capture_hide(struct capture *capture, int fd, bool is_hidden)
{
	packet_table_hide(capture->table, fd, is_hidden);
}

void capture_hide_clients(struct capture *capture)
{
	capture->hides_clients = true;
}

void capture_see(struct capture *capture, const struct event *event)
{
	uint8_t protocol = capture_ipproto(event->protocol);
	bool is_settled = event->error == 0 && event->local != NULL;

	if (event->step == STEP_CLOSE)
		packet_table_close(capture->table, event->fd, clock_now_ns());
	if (protocol == 0)
		return;
	switch (event->step) {
	case STEP_BIND:
	case STEP_LISTEN:
		if (!is_settled)
			break;
		add_port(capture, event->local);
		if (protocol == IPPROTO_UDP || event->step == STEP_LISTEN)
			packet_table_listen(capture->table, protocol, event->local, event->fd);
		break;
	case STEP_ACCEPT:
		if (event->error == 0)
			know(capture, event, (int)event->result);
		break;
	case STEP_CONNECT:
		if (event->error == 0 || event->error == EINPROGRESS)
			know(capture, event, event->fd);
		break;
	case STEP_SEND:
		/* Of a datagram to whom nobody has told of: the kernel has chosen where it leaves from. */
		if (is_settled)
			know(capture, event, event->fd);
		break;
	default:
		break;
	}
}

void capture_introduce(struct capture *capture, const struct sock *sk, const struct addr *local,
		       const struct addr *remote)
{
	const struct event event = {
		.session = sk->session,
		.side = sk->side,
		.protocol = sk->protocol,
		.local = local != NULL ? local : packet_table_bound(capture->table, sk->fd),
		.remote = remote,
	};
	uint8_t protocol = capture_ipproto(sk->protocol);

	if (protocol == 0 || event.local == NULL || event.local->len == 0)
		return;
	add_port(capture, event.local);
	if (remote == NULL || remote->len == 0)
		packet_table_listen(capture->table, protocol, event.local, sk->fd);
	else
		know(capture, &event, sk->fd);
}

/* ---- The beginning and the end ------------------------------------------------------------------------------ */

int capture_check(void)
{
	return packet_ring_check();
}

int capture_open(struct stepper *st, const struct capture_options *options)
{
	struct capture *capture = xcalloc(1, sizeof(*capture));
	int ret = packet_ring_open(&capture->ring, options->is_whole);

	if (ret < 0) {
		free(capture);
		return ret;
	}
	sock_init(&capture->sock);
	capture->sock.fd = capture->ring.fd;
	capture->sock.is_hidden = true;
	capture->task.run = on_packet;
	capture->rest.fire = on_rested;
	capture->st = st;
	capture->is_sharing = options->is_sharing;
	capture->table = packet_table_new(st->env->seed());
	capture->source = (struct bus_source){ .before = before, .flush = flush };
	measure(capture);
	st->capture = capture;
	st->bus->source = &capture->source;
	return 0;
}

int capture_watch(struct capture *capture, struct loop *loop)
{
	capture->loop = loop;
	return loop_watch(loop, &capture->sock, &capture->task);
}

/* Wait for what ends the connections that have been closed, as long as it may come soon. */
static void wait_for_ends(struct capture *capture)
{
	uint64_t due_ns = clock_now_ns() + CLOSE_WAIT_NS, now_ns;
	struct pollfd pfd = { .fd = capture->ring.fd, .events = POLLIN };

	capture->is_busy = true;
	for (;;) {
		give_until(capture, UINT64_MAX, 0);
		now_ns = clock_now_ns();
		if (now_ns >= due_ns || packet_table_unfinished(capture->table) == 0)
			break;
		poll(&pfd, 1, (int)((due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS));
	}
	capture->is_busy = false;
}

void capture_close(struct stepper *st)
{
	struct capture *capture = st->capture;
	uint64_t drops;

	if (capture == NULL)
		return;
	wait_for_ends(capture);
	drops = packet_ring_count_drops(&capture->ring);
	if (drops > 0)
		step_note(st, 0, _("%" PRIu64 " packets were missed: they passed faster than they were shown"), drops);
	st->capture = NULL;
	st->bus->source = NULL;
	if (capture->loop != NULL) {
		loop_timer_clear(capture->loop, &capture->rest);
		loop_unwatch(capture->loop, &capture->sock);
		loop_unpost(capture->loop, &capture->task);
	}
	packet_ring_close(&capture->ring);
	packet_table_free(capture->table);
	free(capture);
}
