/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Telling once a second what the kernel says of a connection (the step `info`, level 2), in every second in which data
 * moved and in no other: a second begins with the first byte that moves after the last one was told of. What decides
 * is pure.
 */
#ifndef SOCKT_ENGINE_INFO_H
#define SOCKT_ENGINE_INFO_H

#include "step/step.h"

struct info_pace {
	uint64_t due_ns; /* when the second that has begun is over; 0: none has */
	uint64_t moved;  /* what had moved when the last one was over */
};

/* Zeroed: nothing has moved. Of one connection: its two sides have a mark each, in a session the first only. */
struct info_watch {
	struct info_pace pace;
	struct sender_mark marks[2];
};

/*
 * moved: a number that is another one when anything has moved. Sets *is_due where it is to be told now; what limited
 * the sides is judged from the moment at which the second began. Returns in how many ns to ask again; UINT64_MAX: not
 * before something moves.
 */
uint64_t info_watch_ask(struct info_watch *watch, uint64_t moved, uint64_t now_ns, bool *is_due);

#endif
