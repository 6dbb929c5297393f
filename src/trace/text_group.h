/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of socket options that name a multicast group or an interface, as text. */
#ifndef SOCKT_TRACE_TEXT_GROUP_H
#define SOCKT_TRACE_TEXT_GROUP_H

#include "trace/event.h"
#include "trace/text_words.h"

/* `{imr_multiaddr=239.1.2.3, imr_ifindex=2}`. Returns false where the value is no such struct. */
bool text_sockopt_add_group(struct text *line, const union step_args *args, const void *value, size_t len);

#endif
