/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an event stands in a picture: its lane, its gap, its direction, and what it moves. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "trace/picture_private.h"

int picture_lane_of(const struct picture *picture, const struct event *event)
{
	const struct end *end = picture->seen.end;

	if (picture->ends == NULL)
		return -1;
	if (end != NULL && end->role != ENDS_ROLE_NONE)
		return end->role == ENDS_ROLE_SERVER ? 1 : 0;
	return event->side == SIDE_NONE ? -1 : event->side == SIDE_SERVER ? 1 : 0;
}

size_t picture_gap_of(const struct picture *picture, enum side side)
{
	return picture->options.is_relay && side == SIDE_CLIENT ? 1 : 0;
}

enum picture_way picture_way_of(const struct picture *picture, const struct event *event, bool is_out)
{
	bool is_peer_left = picture->options.is_relay && event->side != SIDE_CLIENT;

	if (picture->ends != NULL)
		is_peer_left = picture_lane_of(picture, event) == 1;
	return is_peer_left != is_out ? PICTURE_RIGHT : PICTURE_LEFT;
}

bool picture_is_datagram(const struct event *event)
{
	return event->protocol == PROTOCOL_UDP || event->protocol == PROTOCOL_UNIX_DGRAM;
}

bool picture_is_drawn_by_packets(const struct picture *picture, const struct event *event)
{
	return picture->options.has_packets && (event->protocol == PROTOCOL_TCP || event->protocol == PROTOCOL_UDP);
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
	transfer.gap = picture_gap_of(picture, event->side);
	transfer.way = picture_way_of(picture, event, packet->is_out);
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
	if (transfer.bytes == 0 && !picture_is_datagram(event))
		return transfer;
	transfer.gap = picture->ends == NULL ? picture_gap_of(picture, event->side) : is_out ? 0 : 1;
	transfer.way = picture_way_of(picture, event, is_out);
	transfer.has_no_arrow = picture_is_drawn_by_packets(picture, event);
	return transfer;
}
