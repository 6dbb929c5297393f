/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events as bytes, for the way from one process of a run to another: both are the same program, so there is no version.
 * Nothing that is read is trusted: a process that dies in the middle of a write must not take the reader with it.
 */
#ifndef SOCKT_TRACE_WIRE_H
#define SOCKT_TRACE_WIRE_H

#include "base/buf.h"
#include "trace/bus.h"
#include "trace/event.h"

/*
 * The longest frame, its length included: the payload of one step (ENGINE_BUFFER_SIZE, or BATCH_SIZE of datagrams that
 * came at once), and room for the rest.
 */
#define WIRE_FRAME_MAX ((size_t)5 << 20)
#define WIRE_LENGTH_SIZE sizeof(uint32_t) /* what a frame begins with: the length of the rest */
#define WIRE_FOUND_MAX 32 /* candidates of a resolve that go along */
#define WIRE_GROUPS_MAX 32 /* groups of SETGROUPS that go along */
#define WIRE_MOVED_MAX 0x7ffff000 /* bytes: what one call of Linux moves at most (read(2), NOTES) */
#define WIRE_ARGV_MAX 32  /* words of a program's command line that go along */

/*
 * How much of the bytes that moved goes along. Both sides have to agree on the preview. Whether all go along may change
 * with the level of a sink, so each frame says it; of one without them, that a sink would show whole, none are shown.
 */
struct wire_bounds {
	size_t preview;   /* the longest that any sink shows of them */
	bool has_payload; /* a sink wants them all (level 3) */
};

/* An event that was read, with what it points to; text, data and the like point into the frame. */
struct wire_event {
	struct event event;
	union step_args args;
	struct addr local, remote;
	struct addr names[2]; /* of the arguments */
	struct addr found[WIRE_FOUND_MAX];
	struct message messages[MESSAGES_MAX];
	struct pollfd polled[POLLED_MAX];
	uint32_t groups[WIRE_GROUPS_MAX];
	char *argv[WIRE_ARGV_MAX + 1];
	struct iovec parts[MESSAGES_MAX]; /* of all of them together */
	struct addr message_addrs[MESSAGES_MAX], message_locals[MESSAGES_MAX];
	struct tcp_facts tcp;
	struct summary summary;
};

/*
 * Append one frame to dst: its length, then the event. Returns false, with dst as it was, where it is longer than a
 * frame may be.
 */
bool wire_write(const struct event *event, const struct wire_bounds *bounds, struct buf *dst);
/*
 * Read the frame of len bytes, without its length. Returns 0, or -EBADMSG where it is not what wire_write() writes with
 * the same bounds. Whatever it returns, no pointer of we leads outside of we and of the frame.
 */
int wire_read(const void *frame, size_t len, const struct wire_bounds *bounds, struct wire_event *we);

/* Puts frames together from what arrives, and delivers them to a bus. */
struct wire_reader {
	struct wire_bounds bounds; /* has_payload may change between two calls */
	struct buf held; /* the beginning of a frame */
	bool is_bad;     /* what came was no frame: nothing after it is one either */
};

/* Deliver what len more bytes complete. Returns 0, or -EBADMSG, then and from then on. */
int wire_reader_feed(struct wire_reader *reader, struct bus *bus, const void *data, size_t len);
/* Give its memory back. */
void wire_reader_clear(struct wire_reader *reader);

#endif
