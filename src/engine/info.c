/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to tell what the kernel says of a connection: see info.h. */
#include "engine/info.h"

#include "base/clock.h"

uint64_t info_watch_ask(struct info_watch *watch, uint64_t moved, uint64_t now_ns, bool *is_due)
{
	struct info_pace *pace = &watch->pace;

	*is_due = pace->due_ns != 0 && now_ns >= pace->due_ns;
	if (*is_due) {
		pace->due_ns = 0;
		pace->moved = moved;
		return UINT64_MAX;
	}
	if (pace->due_ns == 0 && pace->moved == moved)
		return UINT64_MAX;
	if (pace->due_ns == 0) {
		pace->due_ns = now_ns + NS_PER_S;
		watch->marks[0].t_ns = now_ns;
		watch->marks[1].t_ns = now_ns;
	}
	return pace->due_ns - now_ns;
}
