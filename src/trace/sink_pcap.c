/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pcap sink: a pcapng file for Wireshark and its like. Without --packets its packets are made up from the calls;
 * connections.h has how. The first interface has those, the second the ones that were seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/util.h"
#include "trace/connections.h"
#include "trace/packet_make.h"
#include "trace/pcapng.h"
#include "trace/sink.h"
#include "trace/sink_out.h"

#define HOLD_NS (900 * NS_PER_MS) /* how long a packet is held back: packets are to be seen within a second */

enum interface {
	INTERFACE_MADE_UP = 0,
	INTERFACE_SEEN,
};

struct pcap_state {
	struct sink *sink;
	struct connections *connections;
	uint64_t zero_ns; /* CLOCK_REALTIME at the zero of events */
	uint64_t t_ns;    /* of the last event */
	uint64_t start_ns; /* CLOCK_MONOTONIC at the zero of events */
	uint64_t dropped; /* packets that the output did not take */
	struct buf block; /* under construction */
};

/* Write the block, and begin the next. */
static void put_block(struct pcap_state *state)
{
	sink_record(state->sink, buf_peek(&state->block), state->block.len);
	state->block.len = 0;
}

static void on_packet(void *ctx, const struct connections_packet *packet)
{
	struct pcap_state *state = ctx;
	uint8_t head[PACKET_HEAD_MAX];
	struct pcapng_packet block = {
		.interface = packet->is_real ? INTERFACE_SEEN : INTERFACE_MADE_UP,
		.t_ns = packet->is_real ? packet->packet.real_ns : state->zero_ns + packet->t_ns,
		.direction = packet->packet.is_out ? PCAPNG_OUT : PCAPNG_IN,
		.comment = packet->comment,
	};

	if (packet->is_real) {
		block.head = packet->packet.bytes;
		block.head_len = packet->packet.captured;
		block.original = packet->packet.original;
	} else {
		block.head = head;
		block.head_len =
			packet_make(&packet->packet, packet->from, packet->to, packet->data, packet->data_len, head);
		block.data = packet->data;
		block.data_len = packet->data_len;
		block.original = block.head_len + packet->packet.length;
	}
	pcapng_packet(&state->block, &block);
	put_block(state);
}

static void pcap_event(struct sink *sink, const struct event *event)
{
	struct pcap_state *state = sink->state;

	state->t_ns = event->t_ns;
	connections_event(state->connections, sink->seq, event);
}

static uint64_t pcap_flush(struct sink *sink, uint64_t now_ns)
{
	struct pcap_state *state = sink->state;
	uint64_t since_ns;

	if (now_ns > state->start_ns + HOLD_NS)
		connections_flush(state->connections, now_ns - state->start_ns - HOLD_NS);
	since_ns = connections_held_since(state->connections);
	return since_ns == UINT64_MAX ? UINT64_MAX : state->start_ns + since_ns + HOLD_NS;
}

/* The interface says how many packets it lacks. */
static size_t pcap_lost(struct sink *sink, uint64_t count, char *dst)
{
	struct pcap_state *state = sink->state;
	struct buf block = { .data = NULL };
	char comment[96];
	size_t len;

	state->dropped += count;
	snprintf(comment, sizeof(comment),
		 "%" PRIu64 " packets are missing here: the output of the trace did not keep up", count);
	pcapng_statistics(&block, INTERFACE_MADE_UP, state->zero_ns + state->t_ns, state->dropped, comment);
	len = block.len <= SINK_LOST_MAX ? block.len : 0;
	memcpy(dst, buf_peek(&block), len);
	buf_clear(&block);
	return len;
}

/* What was run, as the section's comment. */
static void put_section(struct pcap_state *state, const struct sink_options *options)
{
	struct utsname system;
	char application[64], name[sizeof(system.sysname) + sizeof(system.release) + 1] = "";
	struct buf comment = { .data = NULL };

	snprintf(application, sizeof(application), "sockt %s", options->version != NULL ? options->version : "");
	if (uname(&system) == 0)
		snprintf(name, sizeof(name), "%s %s", system.sysname, system.release);
	for (int i = 0; i < options->argc; i++) {
		if (i > 0)
			buf_append(&comment, " ", 1);
		buf_append(&comment, options->argv[i], strlen(options->argv[i]));
	}
	buf_append(&comment, "", 1);
	pcapng_section(&state->block, application, name, buf_peek(&comment));
	buf_clear(&comment);
	put_block(state);
}

static void put_interfaces(struct pcap_state *state, bool has_packets)
{
	pcapng_interface(&state->block, "made-up",
			 "packets made up from the calls of sockt: bytes, addresses, order and the times of calls are "
			 "real; segments, acknowledgements and numbers are not. Unix sockets are carried as TCP or UDP "
			 "between 192.0.2.1 (client) and 192.0.2.2 (server)");
	put_block(state);
	if (!has_packets)
		return;
	pcapng_interface(&state->block, "seen",
			 "packets as they were seen (--packets). Those of this host may have checksums that are not "
			 "filled in: the network card would do that");
	put_block(state);
}

static int pcap_open(struct sink *sink, const struct sink_options *options)
{
	struct pcap_state *state = xcalloc(1, sizeof(*state));

	sink_out_set_blocks(sink->out, pcapng_block_len);
	sink->state = state;
	state->sink = sink;
	state->zero_ns = clock_real_at(options->start_ns);
	state->start_ns = options->start_ns != 0 ? options->start_ns : clock_now_ns();
	state->connections = connections_new(options->has_packets, options->is_whole, on_packet, state);
	put_section(state, options);
	put_interfaces(state, options->has_packets);
	return 0;
}

static void pcap_close(struct sink *sink)
{
	struct pcap_state *state = sink->state;

	connections_free(state->connections);
	buf_clear(&state->block);
	free(state);
	sink->state = NULL;
}

const struct sink_kind sink_pcap = {
	.name = "pcap",
	.help = "packets, for Wireshark",
	.level_default = 3,
	.level_min = 3,
	.needs_file = true,
	.needs_payload = true,
	.open = pcap_open,
	.event = pcap_event,
	.lost = pcap_lost,
	.flush = pcap_flush,
	.close = pcap_close,
};
