/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The admission of a listener: asks the access rules and --max-per-host about who comes, and tells the trace who was
 * refused. Only IP addresses are known to it.
 */
#ifndef SOCKT_ENGINE_ADMISSION_H
#define SOCKT_ENGINE_ADMISSION_H

#include "engine/access.h"
#include "engine/hosts.h"
#include "step/step.h"

/* Peers of datagrams that were refused, of which the last ones are told once each and not for every datagram. */
#define ADMISSION_REFUSED 8

/* Where several processes count the clients of a host together. */
struct admission_shares {
	/* May the host of that address have one more? Then it is counted. NULL: this process is alone. */
	bool (*enter)(void *ctx, const struct addr *addr);
	void (*leave)(void *ctx, const struct addr *addr);
	void *ctx;
};

struct admission {
	struct access *access; /* borrowed; NULL: no rules */
	uint64_t max_per_host; /* 0: no limit */
	struct hosts hosts;
	struct admission_shares shares;
	struct addr claimed; /* who is counted there, was admitted, and has not entered here; len 0: nobody */
	struct addr refused[ADMISSION_REFUSED];
	size_t next_refused;
};

/* shares NULL: this process is alone. */
void admission_init(struct admission *admission, struct access *access, uint64_t max_per_host,
		    const struct admission_shares *shares, const struct env *env);
void admission_clear(struct admission *admission);

/*
 * May the client on the accepted socket sk stay? admission NULL: everybody may. Where not, that is told (REFUSED);
 * closing it is the caller's.
 */
bool admission_admits(struct admission *admission, struct stepper *st, const struct sock *sk,
		      const struct addr *remote);
/* The same of who sends datagrams to sk and has no session: of the last ones that were refused each is told once. */
bool admission_admits_peer(struct admission *admission, struct stepper *st, const struct sock *sk,
			   const struct addr *remote);

/* Who was admitted last will not enter. */
void admission_forgo(struct admission *admission);
/* An admitted client counts from now on. Returns what admission_leave() wants; NULL: nobody counts. */
struct host *admission_enter(struct admission *admission, const struct addr *remote);
/* NULL: nothing. */
void admission_leave(struct admission *admission, struct host *host);

#endif
