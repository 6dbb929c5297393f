/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of TCP that signs its segments (TCP_MD5SIG, tcp(7), RFC 2385). A key is read from its file when a socket is
 * made, is kept nowhere, and appears in no trace.
 */
#ifndef SOCKT_ENDPOINT_MD5KEY_H
#define SOCKT_ENDPOINT_MD5KEY_H

#include "endpoint/endpoint.h"
#include "step/step.h"
#include "trace/failure.h"

/*
 * Give sk the key of endpoint, if it has one, for the address peer; NULL: for every peer of the families (enum
 * sockopt_family), as a listener has it. *next: how many are set already, 0 at first and in the end. Returns 0,
 * STEP_HELD (call again), or -errno with fail filled (FAILURE_USAGE where the file cannot be read, or is no key).
 */
int md5key_set(struct stepper *st, struct sock *sk, const struct endpoint *endpoint, const struct addr *peer,
	       unsigned families, size_t *next, struct failure *fail);

#endif
