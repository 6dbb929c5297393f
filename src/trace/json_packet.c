/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A packet in JSON: see json_packet.h. */
#include "trace/json_packet.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/addr.h"
#include "trace/icmp_words.h"

static void put_word(struct json *json, const char *key, const char *word)
{
	json_key(json, key);
	json_string(json, word);
}

static void put_uint(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

/* The options of a SYN, those that are there. */
static void put_options(struct json *json, const struct packet *packet)
{
	json_key(json, "options");
	json_open(json, '{');
	if (packet->mss > 0)
		put_uint(json, "mss", packet->mss);
	if (packet->wscale >= 0)
		put_uint(json, "wscale", (uint64_t)packet->wscale);
	if (packet->has_sack) {
		json_key(json, "sack");
		json_bool(json, true);
	}
	if (packet->has_timestamps) {
		json_key(json, "timestamps");
		json_bool(json, true);
	}
	json_close(json, '}');
}

static void put_tcp(struct json *json, const struct packet *packet)
{
	char flags[PACKET_FLAGS_MAX];

	put_word(json, "flags", packet_flags_format(packet->flags, flags, sizeof(flags)));
	put_uint(json, "tcp_seq", packet->seq);
	if ((packet->flags & TH_ACK) != 0)
		put_uint(json, "tcp_ack", packet->ack);
	put_uint(json, "window", packet->window);
	put_uint(json, "length", packet->length);
	if ((packet->flags & TH_SYN) != 0)
		put_options(json, packet);
}

void json_icmp(struct json *json, const struct packet *packet)
{
	char words[128], sender[ADDR_TEXT_MAX];
	struct text text;

	text_init(&text, words, sizeof(words));
	icmp_words_add(packet->family, packet->icmp_type, packet->icmp_code, &text);
	json_key(json, "icmp");
	json_open(json, '{');
	put_uint(json, "type", packet->icmp_type);
	put_uint(json, "code", packet->icmp_code);
	put_word(json, "text", words);
	if (packet->icmp_sender != NULL)
		put_word(json, "sender", addr_format_host(packet->icmp_sender, sender, sizeof(sender)));
	json_close(json, '}');
}

void json_packet(struct json *json, const struct packet *packet)
{
	put_word(json, "direction", packet->is_out ? "out" : "in");
	if (packet->is_again) {
		json_key(json, "again");
		json_bool(json, true);
	}
	if (packet->is_saved) {
		json_key(json, "saved");
		json_bool(json, true);
	}
	if (packet->protocol == IPPROTO_TCP)
		put_tcp(json, packet);
	else if (packet_is_icmp(packet))
		json_icmp(json, packet);
	else
		put_uint(json, "length", packet->length);
}
