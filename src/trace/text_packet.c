/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for the event PACKET: see text_packet.h. */
#include "trace/text_packet.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/i18n.h"
#include "trace/text_call.h"

#define FLAGS_COLUMNS 6

/* `seq 1 ack 1 win 65536`; is_brief: without the number that every SYN has. */
static void add_numbers(struct text *line, const struct packet *packet, bool is_brief)
{
	if (!is_brief || (packet->flags & TH_SYN) == 0)
		text_addf(line, "seq %" PRIu32 " ", packet->seq);
	if ((packet->flags & TH_ACK) != 0)
		text_addf(line, "ack %" PRIu32 " ", packet->ack);
	text_addf(line, "win %" PRIu32, packet->window);
	packet_options_add(packet, line);
}

void text_packet(struct text *line, const struct event *event, const struct text_view *view)
{
	const struct packet *packet = &event->args->packet;
	char flags[PACKET_FLAGS_MAX];
	unsigned local = event->local == NULL ? 0 : addr_port(event->local);
	unsigned remote = event->remote == NULL ? 0 : addr_port(event->remote);

	text_addf(line, "  %s%5u %s %-5u  ", packet->is_out ? MARK_SENT : MARK_RECEIVED, local,
		  text_arrow(view, packet->is_out ? ARROW_RIGHT : ARROW_LEFT), remote);
	if (packet->protocol == IPPROTO_TCP) {
		text_addf(line, "%-*s ", FLAGS_COLUMNS, packet_flags_format(packet->flags, flags, sizeof(flags)));
		add_numbers(line, packet, false);
		text_addf(line, " len %" PRIu32, packet->length);
		if (packet->is_again)
			text_add(line, _("   again"));
		if (packet->is_saved)
			text_add(line, _("   (came before accept())"));
	} else if (packet_is_icmp(packet)) {
		text_addf(line, "%-*s ", FLAGS_COLUMNS, "ICMP");
		packet_icmp_add(packet, line);
	} else {
		text_addf(line, "%-*s len %" PRIu32, FLAGS_COLUMNS, "UDP", packet->length);
	}
	text_add(line, MARK_END);
}

void text_packet_label(struct text *line, const struct packet *packet)
{
	char flags[PACKET_FLAGS_MAX];
	bool is_tcp = packet->protocol == IPPROTO_TCP;

	if (packet_is_icmp(packet)) {
		text_add(line, "ICMP");
		return;
	}
	text_add(line, is_tcp ? packet_flags_format(packet->flags, flags, sizeof(flags)) : "UDP");
	/* A plain number: the longest still fits. */
	if (!is_tcp || packet->length > 0)
		text_addf(line, " %" PRIu32, packet->length);
}

void text_packet_brief(struct text *line, const struct packet *packet)
{
	if (packet->is_again)
		text_add(line, _("again, "));
	if (packet->protocol == IPPROTO_TCP)
		add_numbers(line, packet, true);
	else if (packet_is_icmp(packet))
		packet_icmp_add(packet, line);
	else
		text_add(line, _("datagram"));
}
