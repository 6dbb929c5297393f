/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several datagrams in the fewest calls: see sender.h. */
#include "stream/sender.h"

#include <errno.h>

/* How many datagrams from at on can go as one run: all as long as the first, but the last may be shorter. */
static unsigned run_length(const struct messages *messages, unsigned at, size_t max_segment)
{
	size_t first = messages->parts[at].iov_len, total = first;
	unsigned count = 1;

	if (first == 0 || first > max_segment)
		return 1;
	while (at + count < messages->count) {
		size_t len = messages->parts[at + count].iov_len;

		if (len == 0 || len > first || total + len > SENDER_RUN_MAX)
			break;
		total += len;
		count++;
		if (len < first)
			break;
	}
	return count;
}

struct send_plan sender_plan(const struct sender *sender, const struct messages *messages)
{
	unsigned count;

	if (!sender->is_many)
		return (struct send_plan){ SEND_ONE, 1 };
	count = run_length(messages, 0, sender->max_segment);
	if (count > 1)
		return (struct send_plan){ SEND_RUN, count };
	while (count < messages->count && run_length(messages, count, sender->max_segment) == 1)
		count++;
	return (struct send_plan){ count == 1 ? SEND_ONE : SEND_MANY, count };
}

/* One datagram. */
static int send_one(struct stepper *st, struct sock *sk, const struct messages *messages, struct message *form)
{
	const struct iovec *part = &messages->parts[0];
	ssize_t n;

	form->parts = part;
	form->part_count = 1;
	form->len = part->iov_len;
	if (form->local == NULL)
		n = step_send(st, sk, part->iov_base, part->iov_len, 0, form->addr);
	else
		n = step_sendmsg(st, sk, form);
	return n < 0 ? (int)n : 1;
}

/* Each as a message of its own. */
static int send_many(struct stepper *st, struct sock *sk, const struct messages *messages, unsigned count,
		     const struct message *form)
{
	struct message list[MESSAGES_MAX];

	for (unsigned i = 0; i < count; i++) {
		list[i] = *form;
		list[i].parts = &messages->parts[i];
		list[i].part_count = 1;
		list[i].len = messages->parts[i].iov_len;
	}
	return (int)step_sendmmsg(st, sk, list, count);
}

/* Has the kernel refused the run for being one? Then no such run is sent again. */
static bool is_refused(struct sender *sender, uint16_t segment, int error)
{
	switch (error) {
	case EIO:
	case EOPNOTSUPP:
	case ENOPROTOOPT:
		sender->max_segment = 0;
		return true;
	case EINVAL:
	case EMSGSIZE:
		/* Datagrams that have to be cut by IP go in no run; shorter ones may. */
		sender->max_segment = segment - 1;
		return true;
	default:
		return false;
	}
}

int sender_send(struct sender *sender, struct stepper *st, struct sock *sk, const struct messages *messages,
		const struct addr *to, const struct addr *local)
{
	struct message form = {
		.addr = (struct addr *)to,
		.local = local == NULL || local->len == 0 ? NULL : (struct addr *)local,
	};
	struct send_plan plan = sender_plan(sender, messages);
	ssize_t n;

	if (plan.form == SEND_RUN) {
		form.parts = messages->parts;
		form.part_count = plan.count;
		form.segment = (uint16_t)messages->parts[0].iov_len;
		for (unsigned i = 0; i < plan.count; i++)
			form.len += messages->parts[i].iov_len;
		n = step_sendmsg(st, sk, &form);
		if (n >= 0)
			return (int)plan.count;
		if (n == STEP_HELD || !is_refused(sender, form.segment, (int)-n))
			return (int)n;
		form.segment = 0;
		return send_many(st, sk, messages, plan.count, &form);
	}
	if (plan.form == SEND_MANY)
		return send_many(st, sk, messages, plan.count, &form);
	return send_one(st, sk, messages, &form);
}
