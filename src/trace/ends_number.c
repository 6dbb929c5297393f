/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of connections for who shows events: see ends.h. */
#include "base/util.h"
#include "trace/ends_private.h"

uint32_t ends_number(struct ends *ends, const struct event *event)
{
	struct ends_seen seen = { .end = NULL };
	struct ends_known *known;

	/* Its descriptor may be another's by now. */
	if (event->step != STEP_PACKET)
		seen = ends_event(ends, event);
	if (event->session == 0)
		return seen.connection;
	if (ends->known == NULL)
		ends->known = xcalloc(ENDS_MAX, sizeof(*ends->known));
	known = &ends->known[event->session % ENDS_MAX];
	if (seen.connection != 0)
		*known = (struct ends_known){ event->session, seen.connection };
	if (seen.end != NULL)
		return seen.connection;
	return known->session == event->session ? known->connection : 0;
}
