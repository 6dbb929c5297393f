/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets there are, and what each event means for one of them: see connections.h. */
#include "trace/connections.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"
#include "trace/connections_private.h"

static void learn(struct addr *addr, const struct addr *told)
{
	if (told != NULL && told->len > 0)
		*addr = *told;
}

/* The SYN that waited for its local address. */
static void send_asked(const struct turn *turn)
{
	struct making asked = turn->making;

	if (asked.cn->asked == NULL)
		return;
	asked.comment = asked.cn->asked;
	asked.t_ns = asked.cn->asked_ns;
	make_segment(&asked, true, TH_SYN);
	free(asked.cn->asked);
	asked.cn->asked = NULL;
}

/* The answer of the peer to a SYN of ours, and ours to that. */
static void finish_handshake(const struct turn *turn)
{
	make_segment(&turn->making, false, TH_SYN | TH_ACK);
	make_segment(&turn->making, true, TH_ACK);
	turn->making.cn->is_up = true;
}

static void peer_asks(const struct turn *turn)
{
	make_segment(&turn->making, false, TH_SYN);
	make_segment(&turn->making, true, TH_SYN | TH_ACK);
	make_segment(&turn->making, false, TH_ACK);
	turn->making.cn->is_up = true;
}

void turn_handshake(const struct turn *turn)
{
	struct turn earlier = *turn;
	char comment[COMMENT_MAX];
	struct text text;

	if (turn->making.cn->is_up)
		return;
	text_init(&text, comment, sizeof(comment));
	text_addf(&text, "this handshake was not seen, it was before: %s", turn->making.comment);
	earlier.making.comment = comment;
	if (turn->making.cn->asked != NULL) {
		/* It was asked for, but what came of it was not told. */
		send_asked(turn);
		finish_handshake(&earlier);
	} else if (turn->event->side == SIDE_CLIENT) {
		earlier.making.cn->is_client = true;
		make_segment(&earlier.making, true, TH_SYN);
		finish_handshake(&earlier);
	} else {
		peer_asks(&earlier);
	}
}

void turn_end_half(const struct turn *turn, bool is_out)
{
	struct connection *cn = turn->making.cn;

	if (cn->is_over || (is_out ? &cn->out : &cn->in)->has_ended)
		return;
	make_segment(&turn->making, is_out, TH_FIN | TH_ACK);
	make_segment(&turn->making, !is_out, TH_ACK);
}

void turn_reset(const struct turn *turn, bool is_out)
{
	struct connection *cn = turn->making.cn;

	if (!cn->is_over && cn->is_up)
		make_segment(&turn->making, is_out, TH_RST | TH_ACK);
	cn->is_over = true;
}

static void on_socket(const struct turn *turn)
{
	if (turn->event->error == 0)
		connection_add(turn->making.all, (int)turn->event->result, turn->event);
}

static void on_bind(const struct turn *turn)
{
	if (turn->making.cn != NULL && turn->event->error == 0)
		learn(&turn->making.cn->local, turn->event->local);
}

static void on_setsockopt(const struct turn *turn)
{
	const union step_args *args = turn->event->args;
	struct linger linger;

	if (turn->making.cn == NULL || args == NULL || args->sockopt.level != SOL_SOCKET ||
	    args->sockopt.optname != SO_LINGER || args->sockopt.optval == NULL ||
	    args->sockopt.optlen != sizeof(linger) || turn->event->error != 0)
		return;
	memcpy(&linger, args->sockopt.optval, sizeof(linger));
	turn->making.cn->is_abrupt = linger.l_onoff != 0 && linger.l_linger == 0;
}

/* The handshake was before, at a time that is not known; options are inherited from the listening socket. */
static void on_accept(const struct turn *turn)
{
	const struct event *event = turn->event;
	const struct connection *listener = connection_find(turn->making.all, event->fd, 0);
	struct turn accepted = *turn;

	if (event->error != 0)
		return;
	accepted.making.cn = connection_add(turn->making.all, (int)event->result, event);
	if (listener != NULL && listener != accepted.making.cn) {
		accepted.making.cn->is_abrupt = listener->is_abrupt;
		accepted.making.cn->last = listener->last != NULL ? xstrdup(listener->last) : NULL;
	}
	learn(&accepted.making.cn->local, event->local);
	learn(&accepted.making.cn->remote, event->remote);
	if (!turn->making.all->seen.is_here)
		peer_asks(&accepted);
}

static void on_connect(const struct turn *turn)
{
	const struct event *event = turn->event;
	struct connection *cn = turn->making.cn;

	if (cn == NULL)
		return;
	cn->is_client = true;
	learn(&cn->local, event->local);
	learn(&cn->remote, event->remote);
	if (!connection_is_stream(cn))
		return;
	if (turn->making.all->seen.is_here)
		connections_pair_begin(turn->making.all, cn, turn->making.all->seen.connection);
	if (event->error == EINPROGRESS) {
		free(cn->asked);
		cn->asked = xstrdup(turn->making.comment);
		cn->asked_ns = turn->making.t_ns;
	} else if (event->error == 0) {
		make_segment(&turn->making, true, TH_SYN);
		finish_handshake(turn);
	} else if (event->error == ECONNREFUSED) {
		make_segment(&turn->making, true, TH_SYN);
		make_segment(&turn->making, false, TH_RST | TH_ACK);
		cn->is_over = true;
	}
}

static void on_connected(const struct turn *turn)
{
	struct connection *cn = turn->making.cn;

	if (cn == NULL)
		return;
	learn(&cn->local, turn->event->local);
	learn(&cn->remote, turn->event->remote);
	send_asked(turn);
	if (turn->event->error == 0) {
		/* An accepted end of ours may have spoken before. */
		if (!cn->is_up)
			finish_handshake(turn);
	} else {
		if (turn->event->error == ECONNREFUSED)
			make_segment(&turn->making, false, TH_RST | TH_ACK);
		cn->is_over = true;
	}
}

/* The names of a socket, also of one that was handed in. */
static void on_name(const struct turn *turn)
{
	const struct event *event = turn->event;
	struct turn named = *turn;

	if (event->error != 0 || event->args == NULL || event->fd < 0)
		return;
	if (named.making.cn == NULL)
		named.making.cn = connection_add(turn->making.all, event->fd, event);
	if (named.making.cn->protocol == PROTOCOL_NONE)
		named.making.cn->protocol = event->protocol;
	learn(event->step == STEP_GETSOCKNAME ? &named.making.cn->local : &named.making.cn->remote,
	      event->args->name.addr);
	send_asked(&named);
}

static void on_shutdown(const struct turn *turn)
{
	struct connection *cn = turn->making.cn;

	if (cn == NULL || turn->event->error != 0 || turn->event->args == NULL || !connection_is_stream(cn) ||
	    turn->event->args->shutdown.how == SHUT_RD)
		return;
	turn_handshake(turn);
	turn_end_half(turn, true);
}

/* An error that the kernel has kept for the socket. */
static void on_getsockopt(const struct turn *turn)
{
	const union step_args *args = turn->event->args;
	int error;

	if (turn->making.cn == NULL || args == NULL || args->sockopt.level != SOL_SOCKET ||
	    args->sockopt.optname != SO_ERROR || args->sockopt.optval == NULL || args->sockopt.optlen != sizeof(error))
		return;
	memcpy(&error, args->sockopt.optval, sizeof(error));
	if (error == ECONNRESET)
		turn->making.cn->was_reset = true;
}

/* What is left unread when a session ends will not be read any more. */
static void on_end(const struct turn *turn)
{
	const struct summary *summary = turn->event->summary;

	if (turn->making.cn != NULL && summary != NULL && summary->tcp.has_queues)
		turn->making.cn->has_unread = summary->tcp.unread > 0;
}

static void on_close(const struct turn *turn)
{
	struct connection *cn = turn->making.cn;

	/* A socket that clients come to goes on where workers have it too. */
	if (cn == NULL || (turn->event->is_passed && turn->event->session == 0))
		return;
	send_asked(turn);
	if (cn->is_up && connection_is_stream(cn) && !turn->event->is_passed && turn->event->state_from != TCP_CLOSE) {
		if (cn->was_reset)
			turn_reset(turn, false);
		else if (cn->is_abrupt || cn->has_unread)
			turn_reset(turn, true);
		else
			turn_end_half(turn, true);
	}
	connection_free(turn->making.all, cn);
}

/*
 * A packet that was seen. It comes between the calls as its time is: the last one before it has caused it, where it is
 * of ours, and the next one will take it, where it is the peer's.
 */
static void on_packet(const struct turn *turn)
{
	const struct event *event = turn->event;
	struct connections *all = turn->making.all;
	const char *last = turn->making.cn != NULL ? turn->making.cn->last : NULL;
	struct connections_packet seen = { .is_real = true, .t_ns = event->t_ns };
	char comment[COMMENT_MAX];
	struct text text;

	if (!all->has_packets || event->args == NULL || event->args->packet.bytes == NULL ||
	    event->args->packet.captured == 0 || event->args->packet.is_saved)
		return;
	text_init(&text, comment, sizeof(comment));
	connections_add_session(&text, event);
	if (last != NULL)
		text_addf(&text, "after %s", last);
	else if (event->fd >= 0)
		text_add(&text, "before any call on its socket");
	else
		text_add(&text, event->session != 0 ? "after close()" : "before accept(), or of no session");
	seen.packet = event->args->packet;
	seen.comment = comment;
	/* Those that wait were before it. */
	connections_flush(all, UINT64_MAX);
	all->emit(all->ctx, &seen);
}

/* ---- The way in ---------------------------------------------------------------------------------------------- */

typedef void turn_fn(const struct turn *turn);

static turn_fn *const turns[STEP_COUNT] = {
	[STEP_SOCKET] = on_socket,
	[STEP_BIND] = on_bind,
	[STEP_SETSOCKOPT] = on_setsockopt,
	[STEP_ACCEPT] = on_accept,
	[STEP_CONNECT] = on_connect,
	[STEP_CONNECTED] = on_connected,
	[STEP_GETSOCKNAME] = on_name,
	[STEP_GETPEERNAME] = on_name,
	[STEP_GETSOCKOPT] = on_getsockopt,
	[STEP_SEND] = turn_io,
	[STEP_RECV] = turn_io,
	[STEP_RECVMMSG] = turn_messages,
	[STEP_SENDMSG] = turn_messages,
	[STEP_SENDMMSG] = turn_messages,
	[STEP_SHUTDOWN] = on_shutdown,
	[STEP_END] = on_end,
	[STEP_CLOSE] = on_close,
	[STEP_PACKET] = on_packet,
};

void connections_event(struct connections *all, uint64_t seq, const struct event *event)
{
	turn_fn *fn = turns[event->step];
	char comment[COMMENT_MAX];
	struct turn turn = { .making = { .all = all, .t_ns = event->t_ns, .comment = comment }, .event = event };
	struct text text;

	if (all->ends != NULL)
		all->seen = ends_event(all->ends, event);
	if (fn == NULL)
		return;
	turn.making.cn = connection_of(all, event);
	text_init(&text, comment, sizeof(comment));
	connections_add_comment(&text, seq, event);
	if (all->has_packets && turn.making.cn != NULL && !step_is_observing(event->step) &&
	    event->step != STEP_PACKET && event->step != STEP_END)
		connections_remember(turn.making.cn, seq, event);
	if (all->ends == NULL || !connections_pair_turn(&turn))
		fn(&turn);
}

struct connections *connections_new(bool has_packets, bool is_whole, connections_fn *emit, void *ctx)
{
	struct connections *all = xcalloc(1, sizeof(*all));

	all->has_packets = has_packets;
	all->ends = is_whole ? ends_new() : NULL;
	all->emit = emit;
	all->ctx = ctx;
	return all;
}

void connections_free(struct connections *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		while (all->buckets[i] != NULL)
			connection_free(all, all->buckets[i]);
	while (all->carriers != NULL) {
		struct connection *cn = all->carriers;

		all->carriers = cn->next_carrier;
		connection_destroy(cn);
	}
	connections_flush(all, UINT64_MAX);
	ends_free(all->ends);
	free(all);
}
