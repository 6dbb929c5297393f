/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls with many messages as bytes: see wire_args.h. Where a sink wants all that passed, the bytes of each part of
 * each message that moved go along; else only the beginning of the first, which is the data of the event (wire.c).
 */
#include <string.h>

#include "trace/wire_args.h"

/* How many messages have moved. Of those that have not, no sink shows the bytes. */
static int64_t moved_count(const struct event *event)
{
	if (event->result <= 0)
		return 0;
	return event->step == STEP_SENDMSG ? 1 : event->result;
}

/* How many parts of a message go along; there are used ones in front of it. */
static unsigned parts_count(const struct wire *w, const struct message *from, unsigned used)
{
	unsigned room = MESSAGES_MAX - used;

	if (w->dst == NULL)
		return 0;
	/* Without the bytes one is enough: that of the data. */
	if (!w->has_payload)
		room = used == 0 ? 1 : 0;
	return from->part_count < room ? from->part_count : room;
}

/* The parts of a message that moved: at is filled, from is what is written. Returns how many they are. */
static unsigned parts(struct wire *w, struct wire_event *we, const struct message *from, struct message *at,
		      unsigned used)
{
	unsigned count = (unsigned)wire_choice(w, (int)parts_count(w, from, used), (int)(MESSAGES_MAX - used) + 1);
	bool is_in = we->event.step == STEP_RECVMMSG;
	size_t left = at->len;

	/* As parts_count() has it. */
	w->is_bad = w->is_bad || (!w->has_payload && used + count > 1);
	for (unsigned i = 0; i < count; i++) {
		struct iovec *part = &we->parts[used + i];
		size_t len;

		*part = w->dst != NULL ? from->parts[i] : (struct iovec){ .iov_len = 0 };
		part->iov_len = (size_t)wire_number(w, part->iov_len);
		/* What is sent is what its parts have; what is received may be less than there was room for. */
		w->is_bad = w->is_bad || (!is_in && part->iov_len > left);
		len = part->iov_len < left ? part->iov_len : left;
		left -= len;
		if (w->has_payload)
			part->iov_base = (void *)wire_bytes(w, part->iov_base, w->is_bad ? 0 : len);
	}
	at->parts = &we->parts[used];
	at->part_count = w->is_bad ? 0 : count;
	return at->part_count;
}

/* Is count what a call of that step may have, and what came of it? */
static bool is_possible(const struct event *event, int64_t count)
{
	switch (event->step) {
	case STEP_RECVMMSG:
		return event->result <= count;
	case STEP_SENDMMSG:
		return count > 0 && event->result <= count;
	default:
		return count == 1;
	}
}

/*
 * Is it no longer than what a call moves, and of no more segments than the kernel puts in one (UDP_MAX_SEGMENTS, 128
 * since Linux 6.9)?
 */
static bool is_sound(const struct message *message)
{
	return message->len <= WIRE_MOVED_MAX && (message->segment == 0 || message->len / message->segment <= 128);
}

void wire_args_messages(struct wire *w, struct wire_event *we)
{
	struct message *list = we->args.messages.list;
	int64_t count, moved = moved_count(&we->event);
	unsigned used = 0;

	we->args.messages.count = (unsigned)wire_choice(w, (int)we->args.messages.count, MESSAGES_MAX + 1);
	we->args.messages.flags = wire_small(w, we->args.messages.flags);
	we->args.messages.list = we->messages;
	if (w->dst == NULL)
		memset(we->messages, 0, sizeof(we->messages));
	if (!is_possible(&we->event, we->args.messages.count)) {
		w->is_bad = true;
		return;
	}
	/* There is nothing to say of messages that have not come. */
	count = we->event.step == STEP_RECVMMSG ? moved : (int64_t)we->args.messages.count;
	for (int64_t i = 0; i < count; i++) {
		struct message *at = &we->messages[i];

		if (w->dst != NULL)
			*at = list[i];
		at->parts = NULL;
		at->part_count = 0;
		at->len = (size_t)wire_number(w, at->len);
		at->segment = (uint16_t)wire_number(w, at->segment);
		w->is_bad = w->is_bad || !is_sound(at);
		at->addr = wire_address(w, at->addr, &we->message_addrs[i]);
		at->local = wire_address(w, at->local, &we->message_locals[i]);
		if (i < moved)
			used += parts(w, we, w->dst != NULL ? &list[i] : NULL, at, used);
	}
}
