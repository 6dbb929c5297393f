/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The arrows of a picture: what a step sends, and what it shows of the peer. Only what the event, and those before it,
 * leave no doubt of has a label: close() sends FIN or, with bytes unread, RST, and which of them is not always known.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
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
	struct picture_socket *list = session->shared != NULL ? session->shared->list : session->sockets;
	size_t count = session->shared != NULL ? PICTURE_WHOLE : PICTURE_SOCKETS;

	for (size_t i = 0; i < count && fd >= 0; i++) {
		if (list[i].fd == fd)
			return &list[i];
	}
	return NULL;
}

/* A place for a new socket: that of the one that has been known for longest. */
static struct picture_socket *socket_place(struct picture_session *session)
{
	struct picture_sockets *shared = session->shared;

	if (shared == NULL)
		return &session->sockets[session->next_socket++ % PICTURE_SOCKETS];
	for (size_t i = 0; i < PICTURE_WHOLE; i++) {
		if (shared->list[i].fd < 0)
			return &shared->list[i];
	}
	return &shared->list[shared->next++ % PICTURE_WHOLE];
}

static struct picture_socket *socket_add(struct picture_session *session, int64_t fd)
{
	struct picture_socket *sock = picture_socket_find(session, (int)fd);

	if (sock == NULL)
		sock = socket_place(session);
	*sock = (struct picture_socket){ .fd = (int)fd };
	return sock;
}

static void arrow(const struct pen *pen, bool is_out, const char *label, const char *act)
{
	const struct event *event = pen->event;
	size_t gap = picture_gap_of(pen->picture, event->side);

	if (picture_is_drawn_by_packets(pen->picture, event))
		return;
	pen->row->arrows[gap].way = picture_way_of(pen->picture, event, is_out);
	text_add(&pen->picture->words.labels[gap], label);
	/* Of both ends each has a lane: what the other does stands there. */
	pen->row->act = pen->picture->ends == NULL ? act : "";
}

static void arrow_out(const struct pen *pen, const char *label)
{
	arrow(pen, true, label, "");
}

static void arrow_in(const struct pen *pen, const char *label, const char *act)
{
	arrow(pen, false, label, act);
}

/* What the other end sent. Where that is one of ours the row of its call has the arrow: here it arrives. */
static void arrow_arrives(const struct pen *pen, const char *label, const char *act)
{
	arrow_in(pen, label, act);
	pen->row->arrows[picture_gap_of(pen->picture, pen->event->side)].is_arrival =
		pen->picture->seen.is_here;
}

/* An arrow with an amount of bytes. */
static void arrow_bytes(const struct pen *pen, bool is_out, uint64_t bytes)
{
	char words[32];
	struct text label;

	text_init(&label, words, sizeof(words));
	text_size(&label, bytes);
	pen->row->bytes = bytes;
	if (is_out)
		arrow_out(pen, words);
	else
		arrow_arrives(pen, words, _("sends"));
}

/* What an error of a transfer tells of the peer. */
static void draw_error(const struct pen *pen)
{
	int error = pen->event->error;
	struct picture_socket *sock = pen->sock;
	bool is_news = sock == NULL || !sock->is_reset;

	/* What is received after it is no end of the peer's. */
	if (error == ECONNRESET && sock != NULL)
		sock->is_reset = sock->has_fin = true;
	if (error == ECONNRESET && is_news)
		arrow_arrives(pen, pen->event->protocol == PROTOCOL_TCP ? "RST" : _("reset"), _("resets"));
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
	/* The handshake was before, at a time that is not known, or where connect() is. */
	if (!pen->picture->seen.is_here)
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
	else if (!picture_is_datagram(event))
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
		arrow_arrives(pen, pen->event->protocol == PROTOCOL_TCP ? "FIN" : _("end"), _("ends"));
}

static void draw_recv(const struct pen *pen)
{
	const struct event *event = pen->event;
	struct picture_transfer transfer = picture_transfer_of(pen->picture, pen->session, event);
	bool has_asked = event->args == NULL || event->args->io.len > 0;

	if (transfer.way != PICTURE_NO_WAY)
		arrow_bytes(pen, false, transfer.bytes);
	else if (event->error == 0 && event->has_result && event->result == 0 && has_asked &&
		 !picture_is_datagram(event))
		draw_end(pen);
	else
		draw_error(pen);
}

static void draw_splice(const struct pen *pen)
{
	const struct event *event = pen->event;
	struct picture_transfer transfer = picture_transfer_of(pen->picture, pen->session, event);

	if (transfer.way != PICTURE_NO_WAY)
		arrow_bytes(pen, transfer.way == picture_way_of(pen->picture, event, true), transfer.bytes);
	else
		draw_error(pen);
}

static void draw_shutdown(const struct pen *pen)
{
	const struct event *event = pen->event;
	bool has_sent = event->error == 0 && event->args != NULL && event->args->shutdown.how != SHUT_RD;

	if (!has_sent || picture_is_datagram(event) || event->state_from == TCP_CLOSE ||
	    event->state_from == TCP_LISTEN || event->state_from == TCP_SYN_SENT)
		return;
	if (pen->sock != NULL && pen->sock->has_ended)
		return;
	if (pen->sock != NULL)
		pen->sock->has_ended = true;
	arrow_out(pen, event->protocol == PROTOCOL_TCP ? "FIN" : _("end"));
}

/* Where both ends are here it is known what was sent and not received. */
static bool has_unread(const struct pen *pen)
{
	return pen->picture->seen.end != NULL && ends_unread(pen->picture->seen.end) > 0;
}

static bool is_cut(const struct pen *pen)
{
	return pen->picture->seen.end != NULL && pen->picture->seen.end->is_cut;
}

static bool is_read(const struct pen *pen)
{
	return pen->picture->seen.is_here && pen->picture->seen.end != NULL && !has_unread(pen);
}

/* A listener takes those with it that wait to be accepted. */
static void draw_cut(const struct pen *pen)
{
	const char *word = pen->event->protocol == PROTOCOL_TCP ? "RST" : _("reset");
	char label[32];

	snprintf(label, sizeof(label), "%u %s", pen->picture->seen.cut, word);
	arrow_out(pen, pen->picture->seen.cut > 1 ? label : word);
}

static void draw_close(const struct pen *pen)
{
	const struct event *event = pen->event;
	const struct picture_socket *sock = pen->sock;
	bool is_tcp = event->protocol == PROTOCOL_TCP;

	if (pen->picture->seen.cut > 0)
		draw_cut(pen);
	if (sock == NULL || !sock->is_up || event->is_passed || is_cut(pen) || picture_is_datagram(event) ||
	    (is_tcp && event->state_from == TCP_CLOSE))
		return;
	if (is_tcp && (sock->is_abrupt || has_unread(pen)))
		arrow_out(pen, "RST");
	else if (!sock->has_ended)
		arrow_out(pen, is_tcp && (sock->is_drained || is_read(pen)) ? "FIN" : _("close"));
}

/* The other end, also one of ours, has reset the connection: by its call, or as it had been closed before. */
static void draw_state_reset(const struct pen *pen)
{
	if (pen->sock != NULL && pen->sock->has_fin)
		arrow_in(pen, "RST", "");
	else
		arrow_arrives(pen, "RST", "");
	if (pen->sock != NULL)
		pen->sock->is_reset = pen->sock->has_fin = true;
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
		arrow_arrives(pen, "FIN", _("ends"));
	} else if (event->state_from == TCP_FIN_WAIT1 && event->state_to == TCP_FIN_WAIT2) {
		arrow_in(pen, "ACK", "");
	} else if (pen->picture->seen.is_here && event->state_to == TCP_CLOSE &&
		   (event->state_from == TCP_ESTABLISHED || event->state_from == TCP_CLOSE_WAIT)) {
		draw_state_reset(pen);
	}
}

/* The segment itself, on its arrow. */
static void draw_packet(const struct pen *pen)
{
	const struct event *event = pen->event;
	size_t gap = picture_gap_of(pen->picture, event->side);

	if (event->args == NULL)
		return;
	pen->row->arrows[gap].way = picture_way_of(pen->picture, event, event->args->packet.is_out);
	pen->row->bytes = event->args->packet.length;
	text_packet_label(&pen->picture->words.labels[gap], &event->args->packet);
}

/* A router or a host has said why something of ours was not taken. */
static void draw_icmp(const struct pen *pen)
{
	arrow_in(pen, "ICMP", "");
}

/* Where sends and receives are not shown, the message is the arrow. */
static void draw_http(const struct pen *pen)
{
	const union step_args *args = pen->event->args;
	char label[24];

	if (args == NULL || pen->picture->options.level >= step_level(STEP_SEND))
		return;
	if (args->http.is_reply)
		snprintf(label, sizeof(label), "HTTP %u", args->http.status);
	else
		snprintf(label, sizeof(label), "HTTP %.12s", args->http.method == NULL ? "" : args->http.method);
	if (args->http.is_out)
		arrow_out(pen, label);
	else
		arrow_in(pen, label, args->http.is_reply ? _("answers") : _("asks"));
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
	[STEP_HTTP] = draw_http,
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

	if (event->step != STEP_PACKET && event->step != STEP_NOTE)
		row->lane = picture_lane_of(picture, event);
	if (drawers[event->step] != NULL)
		drawers[event->step](&pen);
	/* Its descriptor may be another's soon. */
	if (event->step == STEP_CLOSE && session->shared != NULL && pen.sock != NULL)
		pen.sock->fd = -1;
}
