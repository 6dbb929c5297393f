/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a relay in lines: see control_lines.h. */
#include "engine/control_lines.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"

/* Add a size as it is written on the command line: 340, 1.2k, 34M. */
static void add_size(struct text *text, uint64_t bytes)
{
	static const char units[] = { '\0', 'k', 'M', 'G', 'T', 'P', 'E' };
	size_t unit = 0;
	uint64_t tenths = 0;

	while (bytes >= 1024 && unit + 1 < ARRAY_LEN(units)) {
		tenths = bytes % 1024 * 10 / 1024;
		bytes /= 1024;
		unit++;
	}
	text_addf(text, "%" PRIu64, bytes);
	if (unit > 0 && bytes < 10)
		text_addf(text, ".%" PRIu64, tenths);
	if (unit > 0)
		text_addf(text, "%c", units[unit]);
}

const char *control_line_of_size(uint64_t bytes, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	add_size(&text, bytes);
	return dst;
}

static void add_address(struct text *text, const struct addr *addr)
{
	char words[ADDR_TEXT_MAX];
	struct addr plain = *addr;

	addr_unmap(&plain);
	text_add(text, plain.len == 0 ? _("(not connected)") : addr_format(&plain, words, sizeof(words)));
}

const char *control_line_of_peer(const struct control_peer *peer, char *dst, size_t size)
{
	char age[32];
	struct text text;

	text_init(&text, dst, size);
	text_addf(&text, "[%" PRIu32 "] %s, ", peer->session, peer->state);
	add_address(&text, peer->client);
	text_add(&text, _(" to "));
	add_address(&text, peer->target);
	text_add(&text, _(", up "));
	add_size(&text, peer->up_bytes);
	text_add(&text, _(", down "));
	add_size(&text, peer->down_bytes);
	/* Whole seconds: nobody wants to read more of them. */
	text_addf(&text, _(", for %s"), parse_format_duration(peer->age_ns / NS_PER_S * NS_PER_S, age, sizeof(age)));
	return dst;
}

/* Add a count and how fast it grows. */
static void add_rate(struct text *text, uint64_t now, uint64_t then, uint64_t ns)
{
	add_size(text, now);
	text_add(text, " (");
	/* A double: the product of bytes and nanoseconds does not fit 64 bits. */
	add_size(text, ns == 0 || now < then ? 0 : (uint64_t)((double)(now - then) * (double)NS_PER_S / (double)ns));
	text_add(text, "/s)");
}

const char *control_line_of_stats(const struct control_stats *stats, const struct control_stats *last, char *dst,
				  size_t size)
{
	const struct relay_counts *counts = &stats->counts, *before = &last->counts;
	uint64_t ns = stats->uptime_ns - last->uptime_ns;
	struct text text;

	text_init(&text, dst, size);
	text_addf(&text, _("%1$" PRIu64 " open of %2$" PRIu64 " sessions, up "), stats->open, counts->opened);
	add_rate(&text, counts->up_bytes, before->up_bytes, ns);
	text_add(&text, _(", down "));
	add_rate(&text, counts->down_bytes, before->down_bytes, ns);
	if (counts->failed > 0)
		text_addf(&text, _(", %" PRIu64 " failed"), counts->failed);
	if (counts->refused > 0)
		text_addf(&text, _(", %" PRIu64 " refused"), counts->refused);
	if (counts->denied > 0)
		text_addf(&text, _(", %" PRIu64 " not admitted"), counts->denied);
	if (counts->headerless > 0)
		text_addf(&text, _(", %" PRIu64 " without PROXY header"), counts->headerless);
	if (counts->reset > 0)
		text_addf(&text, _(", %" PRIu64 " reset"), counts->reset);
	if (counts->dropped > 0)
		text_addf(&text, _(", %" PRIu64 " datagrams dropped"), counts->dropped);
	if (counts->undelivered > 0)
		text_addf(&text, _(", ICMP errors: %" PRIu64), counts->undelivered);
	return dst;
}
