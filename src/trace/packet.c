/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for a packet: see packet.h. */
#include "trace/packet.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/addr.h"
#include "base/i18n.h"
#include "base/util.h"
#include "trace/icmp_words.h"

#ifndef TH_ECE
#define TH_ECE 0x40
#define TH_CWR 0x80
#endif

bool packet_is_icmp(const struct packet *packet)
{
	return packet->protocol == IPPROTO_ICMP || packet->protocol == IPPROTO_ICMPV6;
}

const char *packet_flags_format(uint8_t flags, char *dst, size_t size)
{
	/* What begins and ends a connection stands first, what nearly every segment has behind it. */
	static const struct {
		uint8_t bit;
		const char *letter;
	} letters[] = {
		{ TH_FIN, "F" }, { TH_SYN, "S" }, { TH_RST, "R" }, { TH_PUSH, "P" },
		{ TH_ACK, "A" }, { TH_URG, "U" }, { TH_ECE, "E" }, { TH_CWR, "C" },
	};
	struct text text;

	text_init(&text, dst, size);
	text_add(&text, "[");
	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		if ((flags & letters[i].bit) != 0)
			text_add(&text, letters[i].letter);
	}
	text_add(&text, "]");
	return dst;
}

void packet_options_add(const struct packet *packet, struct text *text)
{
	if (packet->mss > 0)
		text_addf(text, " mss %u", (unsigned)packet->mss);
	if (packet->has_sack)
		text_add(text, " sackOK");
	if (packet->has_timestamps)
		text_add(text, " TS");
	if (packet->wscale >= 0)
		text_addf(text, " wscale %d", packet->wscale);
}

void packet_icmp_add(const struct packet *packet, struct text *text)
{
	char sender[ADDR_TEXT_MAX];

	icmp_words_add(packet->family, packet->icmp_type, packet->icmp_code, text);
	if (packet->icmp_sender != NULL)
		text_addf(text, _(" from %s"), addr_format_host(packet->icmp_sender, sender, sizeof(sender)));
}
