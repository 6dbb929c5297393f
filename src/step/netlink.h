/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One question to the kernel over netlink(7), and its answers: what sockdiag.c and route.c have in common. Never waits:
 * the kernel answers inside the call.
 */
#ifndef SOCKT_STEP_NETLINK_H
#define SOCKT_STEP_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "step/step.h"

/* Gets each answer: its payload and that one's length. */
typedef void netlink_fn(void *ctx, const void *payload, size_t len);

/*
 * Ask over a netlink socket of protocol (NETLINK_SOCK_DIAG, NETLINK_ROUTE).
 *   what     the question in words, for the trace: "sock_diag tcp port 9000"
 *   request  header (nlmsg_len, type and flags filled) and payload
 *   each     called for every answer, before this function returns
 * Returns 0, or -errno of a call or in the kernel's answer. Observing steps.
 */
int netlink_ask(struct stepper *st, int protocol, const char *what, const struct nlmsghdr *request, netlink_fn *each,
		void *ctx);

/*
 * Sort the attributes that stand in data into found, by type: found[type] for each type < count, NULL where there is
 * none. Returns nothing: what is malformed ends the list.
 */
void netlink_attributes(const void *data, size_t len, const struct rtattr **found, size_t count);

#endif
