/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members of the event PACKET in JSON. */
#ifndef SOCKT_TRACE_JSON_PACKET_H
#define SOCKT_TRACE_JSON_PACKET_H

#include "trace/json.h"
#include "trace/packet.h"

/* Write direction, and flags, numbers and options, or the ICMP error and its sender. */
void json_packet(struct json *json, const struct packet *packet);
/* Write the ICMP error alone: "icmp", an object. */
void json_icmp(struct json *json, const struct packet *packet);

#endif
