/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections with both ends in this program: what one of them does makes packets, what the other finds of it does not.
 * All packets of the connection are made of the client's socket, which is kept until both are closed.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"
#include "trace/connections_private.h"

/* The client's socket of that connection; NULL: it is not known. */
static struct connection *carrier_find(const struct connections *all, uint32_t number)
{
	struct connection *cn = all->carriers;

	while (cn != NULL && cn->number != number)
		cn = cn->next_carrier;
	return cn;
}

void connections_pair_begin(struct connections *all, struct connection *cn, uint32_t number)
{
	if (cn->number != 0 || number == 0)
		return;
	cn->number = number;
	cn->next_carrier = all->carriers;
	all->carriers = cn;
}

void connections_pair_forget(struct connections *all, struct connection *cn)
{
	struct connection **at = &all->carriers;

	while (*at != NULL && *at != cn)
		at = &(*at)->next_carrier;
	if (*at != NULL)
		*at = cn->next_carrier;
}

/* Which bytes: each direction of each connection. */
static uint64_t flow_of(const struct connection *carrier, bool is_from_client)
{
	return (uint64_t)carrier->number * 2 + (is_from_client ? 1 : 0);
}

static void pair_send(struct turn *turn, bool is_client)
{
	const struct event *event = turn->event;
	const struct ends_seen *seen = &turn->making.all->seen;
	struct making *making = &turn->making;

	if (event->error != 0 || event->result <= 0 || making->cn->is_over)
		return;
	turn_handshake(turn);
	making->flow = flow_of(making->cn, is_client);
	making->flow_end = seen->end->sent - (uint64_t)event->result;
	making->is_unanswered = seen->other == NULL && seen->end->listener == NULL;
	make_stream(making, is_client, event->data, event_data_len(event), (size_t)event->result);
	/* Nobody is there any more. */
	if (making->is_unanswered)
		turn_reset(turn, !is_client);
}

static void pair_recv(struct turn *turn, bool is_client)
{
	const struct event *event = turn->event;
	const struct making *making = &turn->making;
	uint64_t flow = flow_of(making->cn, !is_client);

	if (event->args != NULL && (event->args->io.flags & MSG_PEEK) != 0)
		return;
	if (event->error == ECONNRESET)
		turn_reset(turn, !is_client);
	else if (event->error == 0)
		connections_taken(making->all, flow, event->result > 0 ? making->all->seen.end->taken : UINT64_MAX,
				  making->comment, NULL);
}

static void pair_end(struct turn *turn, bool is_client)
{
	struct making *making = &turn->making;

	turn_handshake(turn);
	making->flow = flow_of(making->cn, is_client);
	making->flow_end = making->all->seen.end->sent + 1;
	turn_end_half(turn, is_client);
}

static void pair_close(struct turn *turn, struct connection *own, bool is_client)
{
	struct connections *all = turn->making.all;
	struct connection *carrier = turn->making.cn;
	const struct end *end = all->seen.end;

	if (end->is_cut)
		turn_reset(turn, !is_client);
	else if (turn->event->state_from != TCP_CLOSE && carrier->is_up &&
		 (own->is_abrupt || (carrier->protocol == PROTOCOL_TCP && ends_unread(end) > 0)))
		turn_reset(turn, is_client);
	else if (turn->event->state_from != TCP_CLOSE && carrier->is_up)
		pair_end(turn, is_client);
	/* The client's is kept for as long as the other end may send. */
	if (is_client && !end->is_cut && (all->seen.other != NULL || end->listener != NULL)) {
		connection_detach(all, own);
		return;
	}
	if (own != carrier && carrier->is_detached) {
		connections_pair_forget(all, carrier);
		connection_destroy(carrier);
	}
	connection_free(all, own);
}

bool connections_pair_turn(const struct turn *told)
{
	struct turn turn = *told;
	struct connections *all = turn.making.all;
	const struct ends_seen *seen = &all->seen;
	struct connection *own = turn.making.cn;
	bool is_client;

	if (seen->end == NULL || !seen->is_here || own == NULL || !connection_is_stream(own))
		return false;
	is_client = seen->end->role == ENDS_ROLE_CLIENT;
	turn.making.cn = carrier_find(all, seen->connection);
	if (turn.making.cn == NULL)
		return false;
	switch (told->event->step) {
	case STEP_SEND:
		pair_send(&turn, is_client);
		return true;
	case STEP_RECV:
		pair_recv(&turn, is_client);
		return true;
	case STEP_SHUTDOWN:
		if (told->event->error == 0 && told->event->args != NULL && told->event->args->shutdown.how != SHUT_RD)
			pair_end(&turn, is_client);
		return true;
	case STEP_CLOSE:
		pair_close(&turn, own, is_client);
		return true;
	default:
		return false;
	}
}
