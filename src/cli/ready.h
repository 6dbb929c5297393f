/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling that a socket listens: --ready-fd, and a person who left the port to the kernel. */
#ifndef SOCKT_CLI_READY_H
#define SOCKT_CLI_READY_H

#include "cli/running.h"
#include "endpoint/listener.h"

/* ctx: a struct running. Write a line for each bound address to --ready-fd, and close it. A script waits for them. */
void ready_tell(void *ctx, const struct listening *sockets, size_t count);

#endif
