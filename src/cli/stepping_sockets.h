/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets of this process as the kernel knows them, a line or two each: addresses, state, queues. */
#ifndef SOCKT_CLI_STEPPING_SOCKETS_H
#define SOCKT_CLI_STEPPING_SOCKETS_H

#include "base/buf.h"
#include "step/step.h"

#define STEPPING_SOCKETS_MAX 8192 /* bytes that a list of them may have; what does not fit is counted */

/*
 * Add the list to text, each line ended by a newline. Only looks. named() tells what a person has called a descriptor's
 * socket, or NULL; it may be NULL itself.
 */
void stepping_sockets_list(struct stepper *st, bool is_utf8, const char *(*named)(void *ctx, int fd), void *ctx,
			   struct text *text);

#endif
