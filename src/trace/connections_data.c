/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the calls that move data mean for a connection: see connections_private.h. */
#include <errno.h>
#include <sys/socket.h>

#include "trace/connections_private.h"

/*
 * A datagram between two sockets of this program is known by its number: it waits for who takes it. Returns whether it
 * has its packet already.
 */
static bool datagram_is_seen(struct turn *turn, bool is_out, const struct addr *remote, size_t len)
{
	struct connections *all = turn->making.all;
	uint64_t flow = (UINT64_C(1) << 63) | all->seen.datagram;

	if (all->ends == NULL)
		return false;
	turn->making.cn->is_client = all->seen.end != NULL && all->seen.end->role == ENDS_ROLE_CLIENT;
	/* The kernel has chosen it, and who received has told. */
	if (is_out && turn->making.cn->local.len == 0 && all->seen.end != NULL)
		turn->making.cn->local = all->seen.end->local;
	if (all->seen.datagram == 0)
		return false;
	turn->making.flow = flow;
	turn->making.flow_end = len;
	if (!is_out)
		connections_taken(all, flow, UINT64_MAX, turn->making.comment, remote);
	return !is_out;
}

/* Bytes or a message that one call moved. */
static void move(struct turn *turn, bool is_out, const struct addr *local, const struct addr *remote,
		 const void *data, size_t have, size_t len)
{
	if (!connection_is_stream(turn->making.cn)) {
		if (datagram_is_seen(turn, is_out, remote, len))
			return;
		make_datagram(&turn->making, is_out, local, remote, data, have, len);
		return;
	}
	turn_handshake(turn);
	if (len > 0)
		make_stream(&turn->making, is_out, data, have, len);
	else if (!is_out)
		turn_end_half(turn, false);
}

/* A call on the connection failed: was it reset? */
static void transfer_failed(const struct turn *turn)
{
	struct connection *cn = turn->making.cn;
	int error = turn->event->error;

	if (!connection_is_stream(cn))
		return;
	if (error == ECONNRESET || (error == EPIPE && !cn->out.has_ended))
		turn_reset(turn, false);
}

/* A socket whose beginning was not told. */
static void adopt(struct turn *turn)
{
	if (turn->making.cn == NULL && turn->event->protocol != PROTOCOL_NONE && turn->event->fd >= 0)
		turn->making.cn = connection_add(turn->making.all, turn->event->fd, turn->event);
}

void turn_io(const struct turn *told)
{
	const struct event *event = told->event;
	bool is_out = event->step == STEP_SEND;
	struct turn turn = *told;

	adopt(&turn);
	if (turn.making.cn == NULL || (event->args != NULL && (event->args->io.flags & MSG_PEEK) != 0))
		return;
	if (event->error != 0)
		transfer_failed(&turn);
	else if (!is_out && event->result == 0 && turn.making.cn->was_reset)
		turn_reset(&turn, false);
	else
		move(&turn, is_out, NULL, event->remote, event->data, event_data_len(event), (size_t)event->result);
}

/* A message, or a run of datagrams that are each of a segment's length. data: what is at hand of it, have bytes. */
static void move_message(struct turn *turn, bool is_out, const struct message *message, const void *data,
			 size_t have)
{
	size_t piece = message->segment != 0 && message->segment < message->len ? message->segment : message->len;
	size_t done = 0;

	do {
		size_t len = message->len - done < piece ? message->len - done : piece;
		size_t there = have <= done ? 0 : have - done < len ? have - done : len;

		const char *at = there > 0 ? (const char *)data + done : NULL;

		move(turn, is_out, message->local, message->addr, at, there, len);
		done += len;
	} while (done < message->len);
}

/* A message whose bytes are in several parts. */
static void move_parts(struct turn *turn, bool is_out, const struct message *message)
{
	struct buf whole = { .data = NULL };

	if (message->part_count == 1) {
		size_t have = message->parts->iov_len < message->len ? message->parts->iov_len : message->len;

		move_message(turn, is_out, message, message->parts->iov_base, have);
		return;
	}
	for (unsigned i = 0; i < message->part_count && whole.len < message->len; i++) {
		size_t left = message->len - whole.len, len = message->parts[i].iov_len;

		buf_append(&whole, message->parts[i].iov_base, len < left ? len : left);
	}
	move_message(turn, is_out, message, buf_peek(&whole), whole.len);
	buf_clear(&whole);
}

void turn_messages(const struct turn *told)
{
	const struct event *event = told->event;
	bool is_out = event->step != STEP_RECVMMSG;
	struct turn turn = *told;
	int64_t count = event->step == STEP_SENDMSG ? 1 : event->result;

	adopt(&turn);
	if (turn.making.cn == NULL || event->args == NULL)
		return;
	if (event->error != 0)
		transfer_failed(&turn);
	else
		for (int64_t i = 0; i < count; i++)
			move_parts(&turn, is_out, &event->args->messages.list[i]);
}
