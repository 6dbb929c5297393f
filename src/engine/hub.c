/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input shared by a crowd: see hub.h. The members, and standard output, are in hub_member.c. */
#include "engine/hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"
#include "engine/hub_private.h"

/* With --slow drop: how long one who holds back all others may stand still. */
#define STUCK_NS NS_PER_S

void hub_post_all(struct hub *hub)
{
	for (struct hub_member *member = hub->members; member != NULL; member = member->next)
		loop_post(hub->settings.engine->loop, member->task);
}

/* Where the slowest member stands; with no members the head. */
static uint64_t hub_tail(const struct hub *hub)
{
	uint64_t tail = hub->head;

	for (const struct hub_member *member = hub->members; member != NULL; member = member->next)
		if (!member->is_deaf && member->at < tail)
			tail = member->at;
	return tail;
}

/* Has somebody read all there is? Then those a whole ring behind are slow, and not standard input fast. */
static bool has_fast_member(const struct hub *hub)
{
	const struct hub_member *member = hub->members;

	while (member != NULL && (member->is_deaf || member->at != hub->head))
		member = member->next;
	return member != NULL;
}

/* Drop those that stand at tail. */
static void hub_drop_slow(struct hub *hub, uint64_t tail)
{
	struct hub_member *member = hub->members, *next;

	for (; member != NULL; member = next) {
		next = member->next;
		if (member->at == tail && !member->is_deaf)
			hub->settings.drop(hub->settings.ctx, member);
	}
}

/* Copy into the ring at offset at, round its end. */
static void ring_put(struct hub *hub, uint64_t at, const void *data, size_t len)
{
	size_t from = at % HUB_RING, first = len < HUB_RING - from ? len : HUB_RING - from;

	memcpy(hub->ring + from, data, first);
	memcpy(hub->ring, (const char *)data + first, len - first);
}

void hub_ring_get(const struct hub *hub, uint64_t at, void *data, size_t len)
{
	size_t from = at % HUB_RING, first = len < HUB_RING - from ? len : HUB_RING - from;

	memcpy(data, hub->ring + from, first);
	memcpy((char *)data + first, hub->ring, len - first);
}

/* Read a message into the ring, its length before it. There is room for the longest. */
static ssize_t fill_message(struct hub *hub)
{
	struct engine *engine = hub->settings.engine;
	char *buffer = engine_take_buffer(engine);
	unsigned flags = 0;
	ssize_t n = layer_read(hub->settings.io.top, engine->st, buffer, ENGINE_READ_SIZE, &flags);
	uint32_t len = (uint32_t)n;

	if (n > 0) {
		ring_put(hub, hub->head, &len, sizeof(len));
		ring_put(hub, hub->head + sizeof(len), buffer, len);
		hub->head += sizeof(len) + len;
	}
	engine_give_buffer(engine, buffer);
	return n;
}

/* Read bytes into the ring, where they are to be. */
static ssize_t fill_bytes(struct hub *hub, size_t room)
{
	size_t at = hub->head % HUB_RING;
	unsigned flags = 0;
	ssize_t n;

	if (room > HUB_RING - at)
		room = HUB_RING - at;
	if (room > ENGINE_READ_SIZE)
		room = ENGINE_READ_SIZE;
	n = layer_read(hub->settings.io.top, hub->settings.engine->st, hub->ring + at, room, &flags);
	if (n > 0)
		hub->head += (uint64_t)n;
	return n;
}

/* The ring is full and the slow are to be dropped. Returns 1 where there is room now. */
static int hub_press(struct hub *hub, uint64_t tail)
{
	struct engine *engine = hub->settings.engine;

	if (has_fast_member(hub)) {
		hub_drop_slow(hub, tail);
		return 1;
	}
	/* All are behind: each may go on reading, but who stands still for so long is dropped. */
	if (!timer_is_set(&hub->stuck)) {
		hub->stuck_tail = tail;
		loop_timer_set(engine->loop, &hub->stuck, engine->st->env->now_ns() + STUCK_NS);
	}
	return 0;
}

/* Has the slowest moved since? */
static void hub_stuck(struct timer *timer)
{
	struct hub *hub = CONTAINER_OF(timer, struct hub, stuck);

	if (hub_tail(hub) == hub->stuck_tail && hub->head != hub->stuck_tail)
		hub_drop_slow(hub, hub->stuck_tail);
	loop_post(hub->settings.engine->loop, &hub->task);
}

size_t hub_least(const struct hub *hub)
{
	return hub->settings.is_messages ? sizeof(uint32_t) + ENGINE_READ_SIZE : 1;
}

/* Read standard input once. Returns 1: go on, 0: not now. */
static int hub_fill(struct hub *hub)
{
	uint64_t tail = hub_tail(hub);
	size_t room = HUB_RING - (size_t)(hub->head - tail);
	size_t least = hub_least(hub);
	ssize_t n;

	if (room < least && hub->settings.is_dropping)
		return hub_press(hub, tail);
	if (room < least)
		return 0;
	n = hub->settings.is_messages ? fill_message(hub) : fill_bytes(hub, room);
	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	if (n <= 0) {
		hub->is_ended = true;
		if (n < 0)
			hub->settings.failed(hub->settings.ctx, (int)-n);
	}
	hub_post_all(hub);
	return n > 0;
}

/* Is anybody there to hear what standard input gives? */
static bool has_hearer(const struct hub *hub)
{
	const struct hub_member *member = hub->members;

	while (member != NULL && member->is_deaf)
		member = member->next;
	return member != NULL;
}

/* Is somebody there, and standard input to be read? */
static bool hub_may_read(const struct hub *hub)
{
	return has_hearer(hub) && !hub->is_ended && !hub->settings.is_deaf &&
	       stream_is_ready(&hub->settings.io, HALF_READ);
}

/* Something has happened on standard input or output, or a member has read. */
static void hub_run(struct task *task)
{
	struct hub *hub = CONTAINER_OF(task, struct hub, task);
	int turns = 16;

	if (hub->members == NULL)
		return;
	if (hub->ring == NULL)
		hub->ring = xmalloc(HUB_RING);
	while (hub_may_read(hub)) {
		if (hub_fill(hub) == 0)
			break;
		if (--turns == 0) {
			loop_post_later(hub->settings.engine->loop, task);
			break;
		}
	}
	/* Not else: there may be thousands. */
	if (!hub->is_blocked || !stream_is_ready(&hub->settings.io, HALF_WRITE))
		return;
	hub->is_blocked = false;
	hub_post_all(hub);
}

bool hub_has_ended(const struct hub *hub)
{
	return hub->is_ended;
}

void hub_wake(struct hub *hub)
{
	loop_post(hub->settings.engine->loop, &hub->task);
}

int hub_open(const struct hub_settings *settings, struct hub **hub_out)
{
	struct hub *hub = xcalloc(1, sizeof(*hub));
	int ret = 0;

	hub->settings = *settings;
	hub->said_written = UINT64_MAX;
	hub->task.run = hub_run;
	hub->stuck.fire = hub_stuck;
	if (settings->in->fd != -1 && !settings->is_deaf)
		ret = loop_watch(settings->engine->loop, settings->in, &hub->task);
	if (ret == 0 && settings->out->fd != -1)
		ret = loop_watch(settings->engine->loop, settings->out, &hub->task);
	if (ret < 0) {
		free(hub);
		return ret;
	}
	*hub_out = hub;
	return 0;
}

void hub_close(struct hub *hub)
{
	if (hub == NULL)
		return;
	loop_unpost(hub->settings.engine->loop, &hub->task);
	loop_timer_clear(hub->settings.engine->loop, &hub->stuck);
	loop_unwatch(hub->settings.engine->loop, hub->settings.in);
	loop_unwatch(hub->settings.engine->loop, hub->settings.out);
	buf_clear(&hub->waiting);
	free(hub->ring);
	free(hub);
}
