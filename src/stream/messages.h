/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several messages at once, as views of where they lie: what layers hand each other where many go in one call. */
#ifndef SOCKT_STREAM_MESSAGES_H
#define SOCKT_STREAM_MESSAGES_H

#include <sys/uio.h>

#include "trace/event.h"

struct messages {
	struct iovec parts[MESSAGES_MAX]; /* each is one message, which may be empty */
	unsigned count;
};

#endif
