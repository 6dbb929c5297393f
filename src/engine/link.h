/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A link: messages between two processes of a run, over a stream that both have one end of. Sending never waits: what
 * the other one does not take yet is held. Nothing of it is in the trace.
 */
#ifndef SOCKT_ENGINE_LINK_H
#define SOCKT_ENGINE_LINK_H

#include "base/buf.h"
#include "step/loop.h"

#define LINK_MESSAGE_MAX ((size_t)64 << 20) /* what is longer is no message of ours */

struct link_settings {
	struct loop *loop;
	/* A message has come; data lives for the call only. */
	void (*message)(void *ctx, uint32_t type, const void *data, size_t len);
	/* The other end is closed, or what comes is garbled. Told once; nothing comes after it. */
	void (*closed)(void *ctx);
	void *ctx;
};

struct link {
	struct link_settings settings;
	struct sock *sock; /* the owner's */
	struct task task;
	struct buf in, out;
	bool is_closed;
};

/* Begin on sock, which is non-blocking. Returns 0 or -errno. */
int link_open(struct link *link, const struct link_settings *settings, struct sock *sock);
/* Send a message. One to an end that is closed is dropped. */
void link_send(struct link *link, uint32_t type, const void *data, size_t len);
/* Try to get rid of what is held, waiting at most wait_ms in all: before the process ends. */
void link_drain(struct link *link, int wait_ms);
/* Leave the loop, and free what is held. The sock is the owner's to close. Never opened: nothing. */
void link_clear(struct link *link);

#endif
