/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members of a hub, as layers, and how what they write is merged: see hub.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "engine/hub_private.h"

/* Input bytes that are tagged at a time: each could become a line of its own. */
#define TAG_CHUNK ((size_t)4096)
#define TAG_MAX 16

static struct hub_member *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct hub_member, layer);
}

static ssize_t member_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct hub_member *member = of_layer(layer);
	struct hub *hub = member->hub;
	size_t len = (size_t)(hub->head - member->at);
	uint32_t message;

	(void)st;
	/* What it has not read may be gone. */
	if (member->is_deaf)
		return 0;
	if (len == 0)
		return hub->is_ended ? 0 : -EAGAIN;
	if (hub->settings.is_messages) {
		hub_ring_get(hub, member->at, &message, sizeof(message));
		member->at += sizeof(message) + member->done;
		member->last = message;
		len = message - member->done;
		member->done = 0;
		*flags |= LAYER_EOM;
	}
	if (len > size)
		len = size;
	hub_ring_get(hub, member->at, buf, len);
	member->at += len;
	/* There may be room again. */
	loop_post(hub->settings.engine->loop, &hub->task);
	return (ssize_t)len;
}

/* What a member could not send stays in the ring, which bounds what is queued for all. */
static void member_give_back(struct layer *layer, size_t len)
{
	struct hub_member *member = of_layer(layer);

	if (!member->hub->settings.is_messages) {
		member->at -= len;
		return;
	}
	/* The whole message stays, as its length before it tells; what a stream has taken of it is passed over. */
	member->at -= sizeof(uint32_t) + member->last;
	member->done = member->last - (uint32_t)len;
}

/* Write what waits. Returns 0 when nothing is left, or -errno. */
static int hub_flush(struct hub *hub, struct stepper *st)
{
	while (hub->waiting.len > 0) {
		ssize_t n = layer_write(hub->settings.io.top, st, buf_peek(&hub->waiting), hub->waiting.len);

		if (n < 0) {
			hub->is_blocked = true;
			return (int)n;
		}
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

/* Has a line been begun with these bytes, or gone on with, that has to be ended first? */
static bool is_mid_line(struct hub *hub, const char *data, size_t n)
{
	if (!hub->settings.is_line)
		return false;
	if (n > 0)
		hub->is_line_open = data[n - 1] != '\n';
	return hub->is_line_open;
}

/* Who has gone in the middle of a line gets its end, so that the next line is one. Returns 0 or -errno. */
static int hub_break_line(struct hub *hub, struct stepper *st, const struct hub_member *member)
{
	ssize_t n;

	if (!hub->is_line_open || hub->writer == member)
		return 0;
	/* With tags that is done where a line begins. */
	n = hub->settings.is_tag ? 1 : layer_write(hub->settings.io.top, st, "\n", 1);
	if (n <= 0)
		return n < 0 ? (int)n : -EAGAIN;
	hub->is_line_open = false;
	return 0;
}

static ssize_t member_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct hub_member *member = of_layer(layer);
	struct hub *hub = member->hub;
	ssize_t n;

	if (hub->writer != NULL && hub->writer != member)
		return -EAGAIN;
	if (hub->settings.is_line) {
		n = hub_break_line(hub, st, member);
		if (n < 0) {
			hub->is_blocked = true;
			return n;
		}
	}
	n = hub->settings.is_tag ? write_tagged(hub, st, member, data, len) :
				   layer_write(hub->settings.io.top, st, data, len);
	if (n < 0) {
		hub->is_blocked = true;
		return n;
	}
	hub->written += (uint64_t)n;
	/* The rest of this read comes before anybody else's, and so does that of a line. */
	if ((size_t)n < len || is_mid_line(hub, data, (size_t)n)) {
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

	/* A line that was not ended will not be. */
	if (ret == 0 && hub->settings.is_line && hub->writer == of_layer(layer)) {
		hub->writer = NULL;
		hub_post_all(hub);
	}
	return ret;
}

static void member_shut_read(struct layer *layer, struct stepper *st)
{
	struct hub_member *member = of_layer(layer);

	(void)st;
	/* It may be said again at every turn. */
	if (member->is_deaf)
		return;
	member->is_deaf = true;
	/* Others may have waited for it. */
	loop_post(member->hub->settings.engine->loop, &member->hub->task);
}

static unsigned member_wants(const struct layer *layer, enum half half)
{
	const struct hub_member *member = CONTAINER_OF(layer, const struct hub_member, layer);
	struct hub *hub = member->hub;
	unsigned wants;

	if (half == HALF_READ)
		return member->at < hub->head || hub->is_ended ? 0 : READY_IN;
	if (hub->writer != NULL && hub->writer != member)
		return READY_OUT;
	wants = layer_wants(hub->settings.io.top, HALF_WRITE);
	hub->is_blocked = hub->is_blocked || wants != 0;
	return wants;
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
	struct hub_member *member = of_layer(layer);
	struct hub *hub = member->hub;

	(void)st;
	if (member->link == NULL)
		return 0;
	*member->link = member->next;
	if (member->next != NULL)
		member->next->link = member->link;
	member->link = NULL;
	if (hub->last_writer == member)
		hub->last_writer = NULL;
	/* Others wait for its turn to be over. */
	if (hub->writer == member) {
		hub->writer = NULL;
		hub_post_all(hub);
	}
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
	.shut_read = member_shut_read,
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
		.link = &hub->members,
		.at = hub->head,
		.number = number,
	};
	if (hub->members != NULL)
		hub->members->link = &member->next;
	hub->members = member;
	loop_post(hub->settings.engine->loop, &hub->task);
}

/* The member below what may stand over it. */
static const struct layer *undermost(const struct layer *layer)
{
	while (layer->below != NULL)
		layer = layer->below;
	return layer;
}

bool hub_is_held_by(const struct layer *layer)
{
	const struct hub_member *of = CONTAINER_OF(undermost(layer), const struct hub_member, layer);
	const struct hub *hub = of->hub;

	return !hub->is_ended && HUB_RING - (size_t)(hub->head - of->at) < hub_least(hub);
}

bool hub_says_ended(const struct layer *layer)
{
	struct hub *hub = CONTAINER_OF(undermost(layer), const struct hub_member, layer)->hub;
	bool has_said = hub->has_said_ended;

	hub->has_said_ended = true;
	return !has_said;
}

bool hub_says_blocked(const struct layer *layer)
{
	struct hub *hub = CONTAINER_OF(undermost(layer), const struct hub_member, layer)->hub;

	if (hub->said_written == hub->written)
		return false;
	hub->said_written = hub->written;
	return true;
}
