/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program finds in its environment about the connection that it works for. */
#ifndef SOCKT_ENGINE_PROGRAMS_ENVIRONMENT_H
#define SOCKT_ENGINE_PROGRAMS_ENVIRONMENT_H

#include "step/identity.h"
#include "trace/event.h"

/* A connection, as a program is told of it. len 0: not known, or it has no address. */
struct program_peer {
	enum protocol protocol;
	struct addr local, remote;
};

/*
 * Our own environment (of which names and values are shared), with SOCKT_PROTOCOL, SOCKT_LOCAL_ADDR, SOCKT_LOCAL_PORT,
 * SOCKT_REMOTE_ADDR, SOCKT_REMOTE_PORT, and the same as ncat calls them (NCAT_PROTO in capitals). user: who we have
 * become (USER, LOGNAME and HOME are that one's then); NULL, or one that passwd(5) does not have: ours are let alone.
 * An IPv4 client of a socket for both is an IPv4 address. What is not known is not there, whatever our own environment
 * says of it. To be given back by one free().
 */
char **programs_environment(const struct program_peer *peer, const struct identity *user, char *const *own);

#endif
