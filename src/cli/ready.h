/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done when a socket listens: rights are given up, and --ready-fd and a person are told. */
#ifndef SOCKT_CLI_READY_H
#define SOCKT_CLI_READY_H

#include "cli/running.h"
#include "endpoint/listener.h"

/* Only give up the rights of --user and --chroot. Returns as ready_tell(). */
bool ready_drop(struct running *rn, struct listening *sockets, size_t count);
/*
 * ctx: a struct running. Give up the rights of --user and --chroot; then write a line for each bound address to
 * --ready-fd, and close it: a script waits for them. With count 0 (sockets NULL) a connection that was handed in
 * stands, and nobody is told. Returns false where the rights could not be given up: nobody may be served, the run is
 * over.
 */
bool ready_tell(void *ctx, struct listening *sockets, size_t count);

#endif
