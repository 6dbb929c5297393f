/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input and output shared by a crowd: see hub.h. */
#include "engine/hub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"

#define HUB_RING ((size_t)1 << 20)
/* Input bytes that are tagged at a time: each could become a line of its own. */
#define TAG_CHUNK ((size_t)4096)
#define TAG_MAX 16
/* With --slow drop: how long one who holds back all others may stand still. */
#define STUCK_NS NS_PER_S

struct hub {
	struct hub_settings settings;
	struct task task;
	struct hub_member *members;
	struct hub_member *writer; /* who has begun to write and is not done */
	struct hub_member *last_writer; /* whose bytes stand last on the output */
	struct buf waiting;        /* tagged, not yet written */
	bool is_mid_line;          /* the output does not stand at the start of a line */
	bool is_ended;             /* standard input has ended */
	char *ring;
	uint64_t head; /* bytes that standard input has given */
	uint64_t written; /* bytes that the output has taken */
	uint64_t said_written; /* so many when it was said that it takes none; UINT64_MAX: never said */
	struct timer stuck;  /* --slow drop: the ring is full, and nobody has caught up */
	uint64_t stuck_tail; /* where the slowest stood then */
};

static struct hub_member *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct hub_member, layer);
}

/* Put every member's session on the run queue. */
static void hub_post_all(struct hub *hub)
{
	for (struct hub_member *member = hub->members; member != NULL; member = member->next)
		loop_post(hub->settings.engine->loop, member->task);
}

/* Where the slowest member stands; with no members the head. */
static uint64_t hub_tail(const struct hub *hub)
{
	uint64_t tail = hub->head;

	for (const struct hub_member *member = hub->members; member != NULL; member = member->next)
		tail = member->at < tail ? member->at : tail;
	return tail;
}

/* Has somebody read all there is? Then those a whole ring behind are slow, and not standard input fast. */
static bool has_fast_member(const struct hub *hub)
{
	const struct hub_member *member = hub->members;

	while (member != NULL && member->at != hub->head)
		member = member->next;
	return member != NULL;
}

/* Drop those that stand at tail. */
static void hub_drop_slow(struct hub *hub, uint64_t tail)
{
	struct hub_member *member = hub->members, *next;

	for (; member != NULL; member = next) {
		next = member->next;
		if (member->at == tail)
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

/* Copy out of the ring. */
static void ring_get(const struct hub *hub, uint64_t at, void *data, size_t len)
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

/* The least that has to be free for standard input to be read. */
static size_t hub_least(const struct hub *hub)
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

/* Is somebody there, and standard input to be read? */
static bool hub_may_read(const struct hub *hub)
{
	return hub->members != NULL && !hub->is_ended && !hub->settings.is_deaf &&
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
			loop_post(hub->settings.engine->loop, task);
			break;
		}
	}
	if (stream_is_ready(&hub->settings.io, HALF_WRITE))
		hub_post_all(hub);
}

static ssize_t member_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct hub_member *member = of_layer(layer);
	struct hub *hub = member->hub;
	size_t len = (size_t)(hub->head - member->at);
	uint32_t message;

	(void)st;
	if (len == 0)
		return hub->is_ended ? 0 : -EAGAIN;
	if (hub->settings.is_messages) {
		ring_get(hub, member->at, &message, sizeof(message));
		member->at += sizeof(message);
		len = message;
		*flags |= LAYER_EOM;
	}
	if (len > size)
		len = size;
	ring_get(hub, member->at, buf, len);
	member->at += len;
	/* There may be room again. */
	loop_post(hub->settings.engine->loop, &hub->task);
	return (ssize_t)len;
}

/* What a member could not send stays in the ring, which bounds what is queued for all. */
static void member_give_back(struct layer *layer, size_t len)
{
	struct hub_member *member = of_layer(layer);

	member->at -= len + (member->hub->settings.is_messages ? sizeof(uint32_t) : 0);
}

/* Write what waits. Returns 0 when nothing is left, or -errno. */
static int hub_flush(struct hub *hub, struct stepper *st)
{
	while (hub->waiting.len > 0) {
		ssize_t n = layer_write(hub->settings.io.top, st, buf_peek(&hub->waiting), hub->waiting.len);

		if (n < 0)
			return (int)n;
		buf_consume(&hub->waiting, (size_t)n);
	}
	return 0;
}

/* Put a chunk with its tags into what waits. */
static void hub_tag(struct hub *hub, const struct hub_member *member, const char *data, size_t len)
{
	char tag[TAG_MAX];
	int tag_len = snprintf(tag, sizeof(tag), "[%u] ", member->number);

	/* Another's line that is not finished is broken off: a tag stands at the start of a line. */
	if (hub->is_mid_line && hub->last_writer != member) {
		buf_append(&hub->waiting, "\n", 1);
		hub->is_mid_line = false;
	}
	while (len > 0) {
		const char *newline = memchr(data, '\n', len);
		size_t line = newline == NULL ? len : (size_t)(newline - data) + 1;

		if (!hub->is_mid_line)
			buf_append(&hub->waiting, tag, (size_t)tag_len);
		buf_append(&hub->waiting, data, line);
		hub->is_mid_line = newline == NULL;
		data += line;
		len -= line;
	}
}

/* Write with tags. Returns how many bytes of data are done with, or -errno. */
static ssize_t write_tagged(struct hub *hub, struct stepper *st, struct hub_member *member, const char *data,
			    size_t len)
{
	int ret = hub_flush(hub, st);

	/* No bytes: only what waits was to be written. */
	if (ret < 0 || len == 0)
		return ret;
	if (len > TAG_CHUNK)
		len = TAG_CHUNK;
	hub_tag(hub, member, data, len);
	hub->last_writer = member;
	ret = hub_flush(hub, st);
	return ret < 0 && ret != -EAGAIN && ret != STEP_HELD ? ret : (ssize_t)len;
}

static ssize_t member_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct hub_member *member = of_layer(layer);
	struct hub *hub = member->hub;
	ssize_t n;

	if (hub->writer != NULL && hub->writer != member)
		return -EAGAIN;
	n = hub->settings.is_tag ? write_tagged(hub, st, member, data, len) :
				   layer_write(hub->settings.io.top, st, data, len);
	if (n < 0)
		return n;
	hub->written += (uint64_t)n;
	/* The rest of this read comes before anybody else's. */
	if ((size_t)n < len) {
		hub->writer = member;
	} else if (hub->writer != NULL) {
		hub->writer = NULL;
		hub_post_all(hub);
	}
	return n;
}

static int member_shut_write(struct layer *layer, struct stepper *st)
{
	/* Standard output stays open for the others; what of this one's is tagged and waits, goes first. */
	struct hub *hub = of_layer(layer)->hub;
	int ret = hub_flush(hub, st);

	return ret;
}

static unsigned member_wants(const struct layer *layer, enum half half)
{
	const struct hub_member *member = CONTAINER_OF(layer, const struct hub_member, layer);
	const struct hub *hub = member->hub;

	if (half == HALF_READ)
		return member->at < hub->head || hub->is_ended ? 0 : READY_IN;
	if (hub->writer != NULL && hub->writer != member)
		return READY_OUT;
	return layer_wants(hub->settings.io.top, HALF_WRITE);
}

static size_t member_pending(const struct layer *layer, enum half half)
{
	const struct hub_member *member = CONTAINER_OF(layer, const struct hub_member, layer);

	return half == HALF_READ ? (size_t)(member->hub->head - member->at) : member->hub->waiting.len;
}

static struct sock *member_raw(struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return NULL;
}

/* Leave the crowd. */
static int member_close(struct layer *layer, struct stepper *st)
{
	struct hub_member *member = of_layer(layer), **at = &member->hub->members;
	struct hub *hub = member->hub;

	(void)st;
	while (*at != NULL && *at != member)
		at = &(*at)->next;
	if (*at == NULL)
		return 0;
	*at = member->next;
	if (hub->writer == member)
		hub->writer = NULL;
	if (hub->last_writer == member)
		hub->last_writer = NULL;
	hub_post_all(hub);
	loop_post(hub->settings.engine->loop, &hub->task);
	return 0;
}

static const struct layer_ops member_ops = {
	.name = "member",
	.description = "a place in the crowd that shares standard input and output",
	.read = member_read,
	.write = member_write,
	.give_back = member_give_back,
	.shut_write = member_shut_write,
	.abort = member_close,
	.wants = member_wants,
	.pending = member_pending,
	.raw = member_raw,
	.close = member_close,
};

void hub_join(struct hub *hub, struct hub_member *member, uint32_t number, struct task *task)
{
	*member = (struct hub_member){
		.layer = { .ops = &member_ops },
		.hub = hub,
		.task = task,
		.next = hub->members,
		.at = hub->head,
		.number = number,
	};
	hub->members = member;
	loop_post(hub->settings.engine->loop, &hub->task);
}

bool hub_is_held_by(const struct layer *member)
{
	const struct hub_member *of = CONTAINER_OF(member, const struct hub_member, layer);
	const struct hub *hub = of->hub;

	return !hub->is_ended && HUB_RING - (size_t)(hub->head - of->at) < hub_least(hub);
}

bool hub_says_blocked(struct layer *member)
{
	struct hub *hub = of_layer(member)->hub;

	if (hub->said_written == hub->written)
		return false;
	hub->said_written = hub->written;
	return true;
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
