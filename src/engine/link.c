/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between processes: see link.h. A message is its type, its length, and its bytes. */
#include "engine/link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"

struct head {
	uint32_t type, len;
};

/* Bytes read at once. */
#define READ_SIZE ((size_t)16 << 10)

/* Write what is held, as far as it is taken. */
static void link_write(struct link *link)
{
	while (link->out.len > 0) {
		ssize_t n = write(link->sock->fd, buf_peek(&link->out), link->out.len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) {
			/* The other end is gone; reading tells it, behind its last messages. */
			buf_clear(&link->out);
			return;
		}
		buf_consume(&link->out, (size_t)n);
	}
}

/* Deliver the messages that are whole. Returns false where what came is none. */
static bool link_deliver(struct link *link)
{
	struct head head;

	while (link->in.len >= sizeof(head)) {
		memcpy(&head, buf_peek(&link->in), sizeof(head));
		if (head.len > LINK_MESSAGE_MAX)
			return false;
		if (link->in.len < sizeof(head) + head.len)
			return true;
		link->settings.message(link->settings.ctx, head.type, buf_peek(&link->in) + sizeof(head), head.len);
		/* The receiver may have cleared the link. */
		if (link->sock == NULL)
			return true;
		buf_consume(&link->in, sizeof(head) + head.len);
	}
	return true;
}

static void link_close(struct link *link)
{
	if (link->is_closed)
		return;
	link->is_closed = true;
	link->settings.closed(link->settings.ctx);
}

/*
 * Read once: who answers each message may get the next one at once, and the rest of the loop must have its turn between
 * them. More is read in a later one.
 */
static void link_read(struct link *link)
{
	char bytes[READ_SIZE];
	ssize_t n = read(link->sock->fd, bytes, sizeof(bytes));

	if (n == -1 && errno == EAGAIN) {
		link->sock->ready &= (uint8_t)~READY_IN;
		return;
	}
	if (n > 0)
		buf_append(&link->in, bytes, (size_t)n);
	if (n == 0 || (n == -1 && errno != EINTR) || !link_deliver(link)) {
		link_close(link);
		return;
	}
	if (link->sock != NULL)
		loop_post_later(link->settings.loop, &link->task);
}

static void link_run(struct task *task)
{
	struct link *link = CONTAINER_OF(task, struct link, task);

	link_write(link);
	if ((link->sock->ready & READY_IN) != 0 && !link->is_closed)
		link_read(link);
}

int link_open(struct link *link, const struct link_settings *settings, struct sock *sock)
{
	*link = (struct link){ .settings = *settings, .sock = sock, .task = { .run = link_run } };
	return loop_watch(settings->loop, sock, &link->task);
}

void link_send(struct link *link, uint32_t type, const void *data, size_t len)
{
	const struct head head = { .type = type, .len = (uint32_t)len };

	if (link->sock == NULL || link->is_closed)
		return;
	buf_append(&link->out, &head, sizeof(head));
	buf_append(&link->out, data, len);
	link_write(link);
}

void link_drain(struct link *link, int wait_ms)
{
	uint64_t end_ns = clock_now_ns() + (uint64_t)wait_ms * NS_PER_MS;

	while (link->sock != NULL && link->out.len > 0) {
		struct pollfd pollfd = { .fd = link->sock->fd, .events = POLLOUT };
		uint64_t now_ns = clock_now_ns();

		if (now_ns >= end_ns)
			return;
		poll(&pollfd, 1, (int)((end_ns - now_ns) / NS_PER_MS) + 1);
		link_write(link);
	}
}

void link_clear(struct link *link)
{
	if (link->sock == NULL)
		return;
	loop_unwatch(link->settings.loop, link->sock);
	loop_unpost(link->settings.loop, &link->task);
	buf_clear(&link->in);
	buf_clear(&link->out);
	link->sock = NULL;
}
