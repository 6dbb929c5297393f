/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen without a privilege, in words: see text_sight.h. */
#include "trace/text_sight.h"

#include <inttypes.h>

#include "base/i18n.h"

void text_segments(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;

	(void)view;
	text_addf(line, "segments %d: %" PRIu32 " out, %" PRIu32 " in", event->fd, args->segments.out,
		  args->segments.in);
	if (args->segments.acked > 0)
		text_addf(line, ", %" PRIu64 " acknowledged", args->segments.acked);
	if (args->segments.retransmits > 0)
		text_addf(line, ", %" PRIu32 " retransmitted", args->segments.retransmits);
	text_addf(line, args->segments.is_before ? _("   before %s()") : _("   during %s()"),
		  step_name(args->segments.of));
}

void text_segments_brief(struct text *line, const struct event *event)
{
	const union step_args *args = event->args;

	text_addf(line, args->segments.is_before ? _("before %s: ") : _("during %s: "), step_name(args->segments.of));
	text_addf(line, "%" PRIu32 " out, %" PRIu32 " in", args->segments.out, args->segments.in);
	if (args->segments.acked > 0)
		text_addf(line, ", %" PRIu64 " acked", args->segments.acked);
	if (args->segments.retransmits > 0)
		text_addf(line, ", %" PRIu32 " again", args->segments.retransmits);
}

void text_acknowledged(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;

	(void)view;
	text_addf(line, "acknowledged %d: bytes %" PRIu64 " to %" PRIu64, event->fd, args->acknowledged.first,
		  args->acknowledged.last);
	if (!event->has_dur)
		return;
	text_add(line, "   after ");
	text_duration(line, event->dur_ns);
}

void text_acknowledged_brief(struct text *line, const struct event *event)
{
	const union step_args *args = event->args;

	text_addf(line, "acked %" PRIu64 " to %" PRIu64, args->acknowledged.first, args->acknowledged.last);
	if (!event->has_dur)
		return;
	text_add(line, " after ");
	text_duration(line, event->dur_ns);
}

void text_icmp(struct text *line, const struct event *event, const struct text_view *view)
{
	char name[32];

	(void)view;
	text_addf(line, "icmp %d: ", event->fd);
	packet_icmp_add(&event->args->packet, line);
	if (event->error != 0)
		text_addf(line, ": %s", event_error_name(event, name, sizeof(name)));
}
