/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts that explain a failure: gathered by looking, after it has happened. What they mean is said by diagnose.c, which
 * looks at nothing.
 */
#ifndef SOCKT_ENGINE_FACTS_H
#define SOCKT_ENGINE_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "step/route.h"
#include "step/sockdiag.h"
#include "trace/failure.h"

#define FACTS_NAMESERVER_MAX 3 /* as many as libc asks (resolv.conf(5)) */

/* What stands at the path of a Unix socket, or on the way there. */
struct path_facts {
	int error;                 /* why the path cannot be used: ENOENT, ENOTDIR, EACCES ...; 0: nothing wrong */
	char where[ADDR_TEXT_MAX]; /* the component at fault (the path itself where error is 0), escaped */
	bool is_directory;         /* where is a directory on the way, not the socket itself */
	bool needs_search;         /* of EACCES: search permission is missing; else permission to write */
	mode_t mode;               /* of where: type and permissions; 0: it does not exist */
	uid_t uid;                 /* its owner */
	bool is_kept;              /* the directory is sticky: this process may not remove where */
};

/* The names of congestion controls. */
#define FACTS_CONGESTIONS_MAX 128

struct facts {
	uid_t uid;             /* effective, of this process */
	bool is_sandboxed;     /* the run has a network of its own (--sandbox); not looked at, the command says so */
	int unprivileged_port; /* the lowest port that anybody may bind; -1: not known */
	uint16_t port_low, port_high; /* the ports that connect() takes by itself; 0: not known */

	bool has_holder; /* a socket stands in the way of bind() */
	struct port_holder holder;
	bool has_waiting; /* a socket of this host waits on the port, be it on another address */
	bool has_nobody;    /* none does: looked for, and not found */
	bool waiting_takes; /* and takes what is sent to the address that was tried */
	struct port_holder waiting;

	bool has_route; /* to the address */
	struct route route;
	bool has_own;
	struct route_own own;
	bool is_offender_own;  /* this host itself made the ICMP error */

	struct path_facts path;
	bool has_unix; /* a live socket is bound to the path or name */
	struct unix_holder unix_holder;

	bool has_resolver; /* resolv.conf was looked at */
	struct addr nameservers[FACTS_NAMESERVER_MAX];
	size_t nameserver_count;
	int nameserver_error;       /* errno of the route to the first one; 0: there is a route */
	bool is_nameserver_silent;  /* it is on this host, and no socket waits on its port */

	int hosts_family;           /* of the name: what /etc/hosts has it with, and was not asked for; 0: nothing */

	char congestions[FACTS_CONGESTIONS_MAX]; /* the congestion controls of this kernel; "": not looked at */

	uint64_t files_limit, files_limit_hard; /* RLIMIT_NOFILE; 0: not looked at */
};

/*
 * Gather what bears on failure, into *facts (empty where nothing does). Only looks: sockets of others are never
 * connected to, nothing is changed. Bounded: about 100 ms at most, nothing waits. Observing steps.
 */
void facts_gather(struct stepper *st, const struct failure *failure, struct facts *facts);

/*
 * Walk the path of a Unix socket and say what is wrong with it, for one who wants to create it there (is_create) or to
 * use it. Looks at files only.
 */
void facts_look_at_path(const char *path, bool is_create, struct path_facts *facts);

#endif
