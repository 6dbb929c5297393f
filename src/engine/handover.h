/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing a connection over (connect --pass-fd): its descriptor goes to who is at the other end of standard output, a
 * Unix socket, by sendmsg(2) with SCM_RIGHTS (unix(7)), in one message with one byte, as OpenBSD nc has it. Nothing is
 * read from the connection or sent on it.
 */
#ifndef SOCKT_ENGINE_HANDOVER_H
#define SOCKT_ENGINE_HANDOVER_H

#include "endpoint/opening.h"
#include "engine/run.h"

struct handover;

/* Can a descriptor be passed over fd? Returns 0, or -EINVAL with fail filled: a usage error that says what fd is. */
int handover_check(struct stepper *st, int fd, struct failure *fail);
/*
 * Hand opened over, by fd. It is taken: closed here when it is passed, or when that fails. result is set and the loop
 * stopped then.
 */
struct handover *handover_start(struct engine *engine, const struct opened *opened, int fd, struct run_result *result);
/* End it, whatever has become of it. NULL: nothing. */
void handover_free(struct handover *handover);

#endif
