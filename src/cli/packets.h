/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --packets: whether packets can be seen, the capture of the run, and what is said where there are none. */
#ifndef SOCKT_CLI_PACKETS_H
#define SOCKT_CLI_PACKETS_H

#include "cli/running.h"

/*
 * Begin to capture, where that can be: before sinks are opened, which want to know (has_packets), and before the first
 * socket. With workers it is they who capture, and it is only found out whether they can.
 */
void packets_begin(struct running *rn);
/* Say why there are no packets, where they were asked for: the run goes on without them. */
void packets_tell(struct running *rn);
/* Capture in a worker, whose parent has said what there is to say. Returns 0 or -errno. */
int packets_open_worker(struct running *own);

#endif
