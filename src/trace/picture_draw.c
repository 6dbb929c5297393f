/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The arrows of a picture: what a step sends, and what it shows of the peer. Only what the event, and those before it,
 * leave no doubt of has a label: close() sends FIN or, with bytes unread, RST, and which of them is not always known.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"
#include "trace/picture_private.h"
#include "trace/text_packet.h"

/* What is at hand while an event is drawn: where on the picture, and what is known of its socket. */
struct pen {
	struct picture *picture;
	struct picture_session *session;
	struct picture_socket *sock; /* NULL: not known */
	const struct event *event;
	struct picture_row *row;
};

struct picture_socket *picture_socket_find(struct picture_session *session, int fd)
{
	for (size_t i = 0; i < PICTURE_SOCKETS && fd >= 0; i++) {
		if (session->sockets[i].fd == fd)
			return &session->sockets[i];
	}
	return NULL;
}

/* A new socket, in the place of the one that has been known for longest. */
static struct picture_socket *socket_add(struct picture_session *session, int64_t fd)
{
	struct picture_socket *sock = picture_socket_find(session, (int)fd);

	if (sock == NULL)
		sock = &session->sockets[session->next_socket++ % PICTURE_SOCKETS];
	*sock = (struct picture_socket){ .fd = (int)fd };
	return sock;
}

/* Which gap the connection of that side crosses. */
static size_t gap_of(const struct picture *picture, enum side side)
{
	return picture->options.is_relay && side == SIDE_CLIENT ? 1 : 0;
}

/* The direction of what leaves this program (is_out), or comes to it, on the connection of that side. */
static enum picture_way way_of(const struct picture *picture, enum side side, bool is_out)
{
	bool is_peer_left = picture->options.is_relay && side != SIDE_CLIENT;

	return is_peer_left != is_out ? PICTURE_RIGHT : PICTURE_LEFT;
}

static bool is_datagram(const struct event *event)
{
	return event->protocol == PROTOCOL_UDP || event->protocol == PROTOCOL_UNIX_DGRAM;
}

/* Where segments are seen they are drawn, and not what calls are known to cause. */
static bool is_drawn_by_packets(const struct picture *picture, const struct event *event)
{
	return picture->options.has_packets && (event->protocol == PROTOCOL_TCP || event->protocol == PROTOCOL_UDP);
}

static void arrow(const struct pen *pen, bool is_out, const char *label, const char *act)
{
	const struct event *event = pen->event;
	size_t gap = gap_of(pen->picture, event->side);

	if (is_drawn_by_packets(pen->picture, event))
		return;
	pen->row->arrows[gap].way = way_of(pen->picture, event->side, is_out);
	text_add(&pen->picture->words.labels[gap], label);
	pen->row->act = act;
}

static void arrow_out(const struct pen *pen, const char *label)
{
	arrow(pen, true, label, "");
}

static void arrow_in(const struct pen *pen, const char *label, const char *act)
{
	arrow(pen, false, label, act);
}

/* An arrow with an amount of bytes. */
static void arrow_bytes(const struct pen *pen, bool is_out, uint64_t bytes)
{
	char words[32];
	struct text label;

	text_init(&label, words, sizeof(words));
	text_size(&label, bytes);
	pen->row->bytes = bytes;
	arrow(pen, is_out, words, is_out ? "" : _("sends"));
}

/* What an error of a transfer tells of the peer. */
static void draw_error(const struct pen *pen)
{
	int error = pen->event->error;

	if (error == ECONNRESET)
		arrow_in(pen, pen->event->protocol == PROTOCOL_TCP ? "RST" : _("reset"), _("resets"));
}

static void draw_socket(const struct pen *pen)
{
	if (pen->event->error == 0)
		socket_add(pen->session, pen->event->result);
}

static void draw_setsockopt(const struct pen *pen)
{
	const union step_args *args = pen->event->args;
	struct linger linger;

	if (pen->sock == NULL || args == NULL || args->sockopt.level != SOL_SOCKET ||
	    args->sockopt.optname != SO_LINGER || args->sockopt.optval == NULL ||
	    args->sockopt.optlen != sizeof(linger) || pen->event->error != 0)
		return;
	memcpy(&linger, args->sockopt.optval, sizeof(linger));
	pen->sock->is_abrupt = linger.l_onoff != 0 && linger.l_linger == 0;
}

static void draw_accept(const struct pen *pen)
{
	const struct event *event = pen->event;

	if (event->error != 0)
		return;
	socket_add(pen->session, event->result)->is_up = true;
	/* The handshake was before, at a time that is not known. */
	arrow_in(pen, "", _("connects"));
}

static void draw_connect(const struct pen *pen)
{
	const struct event *event = pen->event;

	if (pen->sock != NULL)
		pen->sock->is_up = event->error == 0;
	if (event->error != 0 && event->error != EINPROGRESS)
		return;
	if (event->protocol == PROTOCOL_TCP)
		arrow_out(pen, "SYN");
	else if (!is_datagram(event))
		arrow_out(pen, _("connect"));
}

static void draw_connected(const struct pen *pen)
{
	const struct event *event = pen->event;
	bool is_tcp = event->protocol == PROTOCOL_TCP;

	if (pen->sock != NULL)
		pen->sock->is_up = event->error == 0;
	if (event->error == 0)
		arrow_in(pen, is_tcp ? "SYN, ACK" : "", _("answers"));
	else if (event->error == ECONNREFUSED)
		/* By the host or by a router: RST or ICMP. */
		arrow_in(pen, _("refused"), "");
	else if (event->error == ETIMEDOUT)
		pen->row->act = _("silent");
	else
		draw_error(pen);
}

static void draw_send(const struct pen *pen)
{
	struct picture_transfer transfer =
		picture_transfer_of(pen->picture, pen->session, pen->event);

	if (transfer.way != PICTURE_NO_WAY)
		arrow_bytes(pen, true, transfer.bytes);
	else
		draw_error(pen);
}

/* The peer's end has been read. */
static void draw_end(const struct pen *pen)
{
	struct picture_socket *sock = pen->sock;
	bool is_news = sock == NULL || !sock->has_fin;

	if (sock != NULL) {
		sock->has_fin = true;
		sock->is_drained = true;
	}
	if (is_news)
		arrow_in(pen, pen->event->protocol == PROTOCOL_TCP ? "FIN" : _("end"), _("ends"));
}

static void draw_recv(const struct pen *pen)
{
	const struct event *event = pen->event;
	struct picture_transfer transfer = picture_transfer_of(pen->picture, pen->session, event);
	bool has_asked = event->args == NULL || event->args->io.len > 0;

	if (transfer.way != PICTURE_NO_WAY)
		arrow_bytes(pen, false, transfer.bytes);
	else if (event->error == 0 && event->has_result && event->result == 0 && !is_datagram(event) && has_asked)
		draw_end(pen);
	else
		draw_error(pen);
}

static void draw_splice(const struct pen *pen)
{
	const struct event *event = pen->event;
	struct picture_transfer transfer = picture_transfer_of(pen->picture, pen->session, event);

	if (transfer.way != PICTURE_NO_WAY)
		arrow_bytes(pen, transfer.way == way_of(pen->picture, event->side, true), transfer.bytes);
	else
		draw_error(pen);
}

static void draw_shutdown(const struct pen *pen)
{
	const struct event *event = pen->event;
	bool has_sent = event->error == 0 && event->args != NULL && event->args->shutdown.how != SHUT_RD;

	if (!has_sent || is_datagram(event) || event->state_from == TCP_CLOSE || event->state_from == TCP_LISTEN ||
	    event->state_from == TCP_SYN_SENT)
		return;
	if (pen->sock != NULL && pen->sock->has_ended)
		return;
	if (pen->sock != NULL)
		pen->sock->has_ended = true;
	arrow_out(pen, event->protocol == PROTOCOL_TCP ? "FIN" : _("end"));
}

static void draw_close(const struct pen *pen)
{
	const struct event *event = pen->event;
	const struct picture_socket *sock = pen->sock;
	bool is_tcp = event->protocol == PROTOCOL_TCP;

	if (sock == NULL || !sock->is_up || is_datagram(event) || (is_tcp && event->state_from == TCP_CLOSE))
		return;
	if (sock->is_abrupt && is_tcp)
		arrow_out(pen, "RST");
	else if (!sock->has_ended)
		arrow_out(pen, is_tcp && sock->is_drained ? "FIN" : _("close"));
}

/* A change of state that no call of ours made: a segment of the peer's did, or none came for long. */
static void draw_state(const struct pen *pen)
{
	const struct event *event = pen->event;
	bool is_ended = event->state_to == TCP_CLOSE_WAIT || event->state_to == TCP_CLOSING ||
			event->state_to == TCP_TIME_WAIT;

	if (is_ended && event->state_from != TCP_CLOSING && (pen->sock == NULL || !pen->sock->has_fin)) {
		if (pen->sock != NULL)
			pen->sock->has_fin = true;
		arrow_in(pen, "FIN", _("ends"));
	} else if (event->state_from == TCP_FIN_WAIT1 && event->state_to == TCP_FIN_WAIT2) {
		arrow_in(pen, "ACK", "");
	}
}

/* The segment itself, on its arrow. */
static void draw_packet(const struct pen *pen)
{
	const struct event *event = pen->event;
	size_t gap = gap_of(pen->picture, event->side);

	if (event->args == NULL)
		return;
	pen->row->arrows[gap].way = way_of(pen->picture, event->side, event->args->packet.is_out);
	pen->row->bytes = event->args->packet.length;
	text_packet_label(&pen->picture->words.labels[gap], &event->args->packet);
}

/* A router or a host has said why something of ours was not taken. */
static void draw_icmp(const struct pen *pen)
{
	arrow_in(pen, "ICMP", "");
}

static void (*const drawers[STEP_COUNT])(const struct pen *pen) = {
	[STEP_SOCKET] = draw_socket,
	[STEP_SETSOCKOPT] = draw_setsockopt,
	[STEP_ACCEPT] = draw_accept,
	[STEP_CONNECT] = draw_connect,
	[STEP_CONNECTED] = draw_connected,
	[STEP_SEND] = draw_send,
	[STEP_RECV] = draw_recv,
	[STEP_SPLICE] = draw_splice,
	[STEP_RECVMMSG] = draw_recv,
	[STEP_SENDMSG] = draw_send,
	[STEP_SENDMMSG] = draw_send,
	[STEP_SHUTDOWN] = draw_shutdown,
	[STEP_CLOSE] = draw_close,
	[STEP_STATE] = draw_state,
	[STEP_PACKET] = draw_packet,
	[STEP_ICMP] = draw_icmp,
};

void picture_draw(struct picture *picture, struct picture_session *session, const struct event *event,
		  struct picture_row *row)
{
	const struct pen pen = {
		.picture = picture,
		.session = session,
		.sock = picture_socket_find(session, event->fd),
		.event = event,
		.row = row,
	};

	if (drawers[event->step] != NULL)
		drawers[event->step](&pen);
}

/* How many bytes a call moved that has succeeded. */
static uint64_t bytes_of(const struct event *event)
{
	if (event->step != STEP_RECVMMSG && event->step != STEP_SENDMMSG)
		return event->result > 0 ? (uint64_t)event->result : 0;
	return event->args == NULL ? 0 : event_messages_len(event);
}

/* Is it a call that moves bytes to or from the network? Sets *is_out. */
static bool is_moving(struct picture_session *session, const struct event *event, bool *is_out)
{
	switch (event->step) {
	case STEP_SEND:
	case STEP_SENDMSG:
	case STEP_SENDMMSG:
		*is_out = true;
		return true;
	case STEP_RECV:
		*is_out = false;
		return event->args == NULL || (event->args->io.flags & MSG_PEEK) == 0;
	case STEP_RECVMMSG:
		*is_out = false;
		return true;
	case STEP_SPLICE:
		*is_out = event->args != NULL && picture_socket_find(session, event->args->splice.fd_out) != NULL;
		return *is_out || picture_socket_find(session, event->fd) != NULL;
	default:
		return false;
	}
}

/* A packet that carries data, and nothing that opens or ends a connection. */
static struct picture_transfer packet_transfer(const struct picture *picture, const struct event *event)
{
	struct picture_transfer transfer = { .way = PICTURE_NO_WAY, .kind = PICTURE_RUN_PACKETS };
	const struct packet *packet = event->args == NULL ? NULL : &event->args->packet;

	/* What is sent again is not hidden among what is not. */
	if (packet == NULL || packet_is_icmp(packet) || packet->is_again ||
	    (packet->flags & (TH_SYN | TH_FIN | TH_RST)) != 0 ||
	    (packet->protocol == IPPROTO_TCP && packet->length == 0))
		return transfer;
	transfer.gap = gap_of(picture, event->side);
	transfer.way = way_of(picture, event->side, packet->is_out);
	transfer.bytes = packet->length;
	return transfer;
}

bool picture_is_acknowledgement(const struct event *event)
{
	return event->step == STEP_PACKET && event->args != NULL && event->args->packet.protocol == IPPROTO_TCP &&
	       event->args->packet.flags == TH_ACK && event->args->packet.length == 0;
}

struct picture_transfer picture_transfer_of(const struct picture *picture, struct picture_session *session,
					    const struct event *event)
{
	struct picture_transfer transfer = { .way = PICTURE_NO_WAY };
	bool is_out;

	if (event->step == STEP_PACKET)
		return packet_transfer(picture, event);
	if (event->error != 0 || !event->has_result || !is_moving(session, event, &is_out))
		return transfer;
	transfer.bytes = bytes_of(event);
	/* An empty datagram is one. */
	if (transfer.bytes == 0 && !is_datagram(event))
		return transfer;
	transfer.gap = gap_of(picture, event->side);
	transfer.way = way_of(picture, event->side, is_out);
	transfer.has_no_arrow = is_drawn_by_packets(picture, event);
	return transfer;
}
