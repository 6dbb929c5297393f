/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layer of a place in a crowd: see broker.h. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "engine/broker_private.h"

/* What a client says in a chat is taken in pieces: each byte of one may be a line of its own. */
#define CHAT_CHUNK ((size_t)1024)
/* What a piece, or a message, needs in the ring at most; a longer message of many lines may lose some of them. */
#define CHAT_ROOM (CHAT_CHUNK * (sizeof(struct entry) + CHAT_NAME_MAX + 4) + 2 * CHAT_TEXT_MAX)
#define ROOM (sizeof(struct entry) + ENGINE_READ_SIZE)

static struct place *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct place, layer);
}

/* ---- What is for the client ---- */

/* Add a line that our end says. */
static void on_ours(void *ctx, const char *text, size_t len)
{
	struct place *place = ctx;

	buf_append(&place->chat->said, text, len);
}

/* Pass over entries of its own. Returns whether there is one for it, and its head. */
static bool find_entry(struct place *place, struct entry *entry)
{
	struct broker *broker = place->broker;

	broker->is_open = false;
	while (place->at < broker->head) {
		uint64_t at = place->at;

		broker_get(broker, at, entry, sizeof(*entry));
		if (entry->from != place->number)
			return true;
		place->at += sizeof(*entry) + entry->len;
		broker_moved(broker, at);
	}
	return false;
}

/* len bytes of the entry at hand are done with; of messages all of it is. */
static void take_entry(struct place *place, const struct entry *entry, size_t len)
{
	place->inside += len;
	if (place->inside < entry->len && !place->broker->settings.is_messages)
		return;
	place->at += sizeof(*entry) + entry->len;
	place->taken = place->at;
	place->inside = 0;
}

/* Read from the ring: a message, or as much as there is room for, since a line of a chat is short. */
static ssize_t read_ring(struct place *place, void *buf, size_t size, unsigned *flags)
{
	struct broker *broker = place->broker;
	bool is_messages = broker->settings.is_messages;
	struct entry entry;
	size_t done = 0;

	if (!find_entry(place, &entry))
		return -EAGAIN;
	place->last = PLACE_RING;
	place->last_at = place->at;
	place->last_inside = place->inside;
	do {
		size_t len = entry.len - place->inside;

		len = len < size - done ? len : size - done;
		broker_get(broker, place->at + sizeof(entry) + place->inside, (char *)buf + done, len);
		done += len;
		take_entry(place, &entry, len);
	} while (!is_messages && done < size && find_entry(place, &entry));
	if (is_messages)
		*flags |= LAYER_EOM;
	place->last_len = done;
	if (place->at != place->last_at)
		broker_moved(broker, place->last_at);
	return (ssize_t)done;
}

/* Of what was read last from the ring only done bytes are taken: go back to what is behind them. */
static void reread_ring(struct place *place, size_t done)
{
	struct entry entry;

	place->at = place->last_at;
	place->inside = place->last_inside;
	while (done > 0 && find_entry(place, &entry)) {
		size_t left = entry.len - place->inside;

		if (done < left) {
			place->inside += done;
			return;
		}
		take_entry(place, &entry, left);
		done -= left;
	}
}

/* Read a line, or as many as there is room for, of what our end says. */
static ssize_t read_said(struct place *place, void *buf, size_t size, unsigned *flags)
{
	struct place_chat *chat = place->chat;
	const char *data = buf_peek(&chat->said);
	size_t len = chat->said.len;

	if (len == 0)
		return -EAGAIN;
	if (place->broker->settings.is_messages) {
		len = (size_t)((const char *)memchr(data, '\n', len) - data) + 1;
		*flags |= LAYER_EOM;
	}
	len = len < size ? len : size;
	memcpy(buf, data, len);
	chat->said_taken = len;
	place->last = PLACE_SAID;
	return (ssize_t)len;
}

/* Our end gives something: make lines of it. buf is of use until they are read. */
static ssize_t read_chat(struct place *place, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct place_chat *chat = place->chat;
	bool is_messages = place->broker->settings.is_messages;
	unsigned read_flags = 0;
	ssize_t n;

	if (chat->said.len == 0 && !place->is_below_ended) {
		n = layer_read(place->layer.below, st, buf, is_messages || size < CHAT_CHUNK ? size : CHAT_CHUNK,
			       &read_flags);
		if (n < 0)
			return n;
		place->is_below_ended = n == 0 && (read_flags & LAYER_EOM) == 0;
		chat_take(&chat->ours, "server", buf, (size_t)n < size ? (size_t)n : size, on_ours, place);
		if (place->is_below_ended || is_messages)
			chat_end(&chat->ours, "server", on_ours, place);
	}
	return read_said(place, buf, size, flags);
}

/* Read what our end gives. -EAGAIN where that is nothing, its end too. */
static ssize_t read_below(struct place *place, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	ssize_t n;

	if (place->is_below_ended)
		return -EAGAIN;
	n = layer_read(place->layer.below, st, buf, size, flags);
	if (n != 0 || (*flags & LAYER_EOM) != 0) {
		place->last = PLACE_BELOW;
		return n;
	}
	place->is_below_ended = true;
	return -EAGAIN;
}

static ssize_t place_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct place *place = of_layer(layer);
	struct place_chat *chat = place->chat;
	ssize_t n = -EAGAIN;

	place->last = PLACE_NOTHING;
	/* What it has not read may be gone. */
	if (place->is_deaf)
		return 0;
	if (chat != NULL && chat->said_taken > 0) {
		buf_consume(&chat->said, chat->said_taken);
		chat->said_taken = 0;
	}
	/* What has begun comes first. */
	if (place->inside == 0)
		n = chat != NULL ? read_chat(place, st, buf, size, flags) : read_below(place, st, buf, size, flags);
	/* It is let go: what others send goes on without an end. */
	if (n == -EAGAIN && place->inside == 0 && place->is_below_ended && place->broker->settings.has_own_ends)
		return 0;
	if (n == -EAGAIN)
		n = read_ring(place, buf, size, flags);
	return n == -EAGAIN && place->is_below_ended && place->has_ended ? 0 : n;
}

/* What could not be sent stays where it was, which bounds what is queued. */
static void place_give_back(struct layer *layer, size_t len)
{
	struct place *place = of_layer(layer);
	const struct layer *below = place->layer.below;

	switch (place->last) {
	case PLACE_RING:
		reread_ring(place, place->last_len - len);
		break;
	case PLACE_SAID:
		place->chat->said_taken -= len;
		break;
	case PLACE_BELOW:
		below->ops->give_back(place->layer.below, len);
		break;
	case PLACE_NOTHING:
		break;
	}
}

/* ---- What the client sends ---- */

/* Let our end take what waits for it. Returns 0 when nothing is left, or -errno. */
static int flush_shown(struct place *place, struct stepper *st)
{
	struct buf *shown = &place->shown;

	while (shown->len > 0) {
		ssize_t n = layer_write(place->layer.below, st, buf_peek(shown), shown->len);

		if (n < 0)
			return (int)n;
		buf_consume(shown, (size_t)n);
	}
	return 0;
}

/* An error of our end, and not that it takes nothing now. */
static bool is_failure(int ret)
{
	return ret < 0 && ret != -EAGAIN && ret != STEP_HELD;
}

/* The client has said a line. */
static void on_theirs(void *ctx, const char *text, size_t len)
{
	struct place *place = ctx;

	broker_send(place->broker, place, text, len);
	buf_append(&place->shown, text, len);
}

static ssize_t write_chat(struct place *place, struct stepper *st, const void *data, size_t len)
{
	struct place_chat *chat = place->chat;
	bool is_messages = place->broker->settings.is_messages;
	int ret;

	if (!broker_has_room(place->broker, CHAT_ROOM))
		return -EAGAIN;
	if (len > CHAT_CHUNK && !is_messages)
		len = CHAT_CHUNK;
	chat_take(&chat->theirs, chat->name, data, len, on_theirs, place);
	if (is_messages)
		chat_end(&chat->theirs, chat->name, on_theirs, place);
	ret = flush_shown(place, st);
	return is_failure(ret) ? ret : (ssize_t)len;
}

/* A message is taken whole: what our end does not take of it waits. */
static ssize_t write_message(struct place *place, struct stepper *st, const void *data, size_t len)
{
	ssize_t n;

	if (!broker_has_room(place->broker, sizeof(struct entry) + len))
		return -EAGAIN;
	broker_send(place->broker, place, data, len);
	n = layer_write(place->layer.below, st, data, len);
	if (n < 0 && is_failure((int)n))
		return n;
	n = n < 0 ? 0 : n;
	if ((size_t)n < len)
		buf_append(&place->shown, (const char *)data + n, len - (size_t)n);
	return (ssize_t)len;
}

static ssize_t place_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct place *place = of_layer(layer);
	bool is_flush = len == 0 && layer_pending(layer, HALF_WRITE) > 0;
	ssize_t n = flush_shown(place, st);

	if (n < 0)
		return n;
	/* What our end has taken and holds back is to be written. */
	if (is_flush)
		return layer_pending(layer->below, HALF_WRITE) > 0 ? layer_write(layer->below, st, data, len) : 0;
	if (place->chat != NULL)
		return write_chat(place, st, data, len);
	if (place->broker->settings.is_messages)
		return write_message(place, st, data, len);
	if (!broker_has_room(place->broker, ROOM))
		return -EAGAIN;
	n = layer_write(layer->below, st, data, len < ENGINE_READ_SIZE ? len : ENGINE_READ_SIZE);
	if (n > 0)
		broker_send(place->broker, place, data, (size_t)n);
	return n;
}

/* The client sends no more: what it had begun to say is a line. */
static int place_shut_write(struct layer *layer, struct stepper *st)
{
	struct place *place = of_layer(layer);
	int ret;

	if (place->chat != NULL) {
		if (!broker_has_room(place->broker, CHAT_ROOM))
			return -EAGAIN;
		chat_end(&place->chat->theirs, place->chat->name, on_theirs, place);
	}
	ret = flush_shown(place, st);
	if (ret == 0)
		ret = layer_shut_write(layer->below, st);
	if (ret == 0 && !place->has_ended) {
		place->has_ended = true;
		loop_post(place->broker->settings.engine->loop, place->task);
	}
	return ret;
}

/* The client has reset the connection, say: what it has sent still counts, but others are not to wait for it. */
static void place_shut_read(struct layer *layer, struct stepper *st)
{
	struct place *place = of_layer(layer);

	if (place->is_deaf)
		return;
	place->is_deaf = true;
	broker_moved(place->broker, place->at);
	layer_shut_read(layer->below, st);
}

static int place_nothing(struct layer *layer, struct stepper *st)
{
	(void)layer;
	(void)st;
	return 0;
}

static unsigned wants_read(const struct place *place)
{
	const struct broker *broker = place->broker;
	const struct place_chat *chat = place->chat;

	if (place->is_deaf)
		return 0;
	/* That what is there is its own is found by reading, which passes over it. */
	if (place->at < broker->head || (chat != NULL && chat->said.len > chat->said_taken))
		return 0;
	if (place->is_below_ended)
		return broker->settings.has_own_ends || place->has_ended ? 0 : READY_IN;
	return layer_wants(place->layer.below, HALF_READ);
}

static unsigned place_wants(const struct layer *layer, enum half half)
{
	const struct place *place = CONTAINER_OF(layer, const struct place, layer);

	if (half == HALF_READ)
		return wants_read(place);
	return place->broker->is_blocked ? READY_OUT : layer_wants(layer->below, HALF_WRITE);
}

static size_t place_pending(const struct layer *layer, enum half half)
{
	const struct place *place = CONTAINER_OF(layer, const struct place, layer);
	const struct place_chat *chat = place->chat;
	size_t own;

	if (half == HALF_READ)
		own = (size_t)(place->broker->head - place->at) + (chat != NULL ? chat->said.len : 0);
	else
		own = place->shown.len;
	return own + layer_pending(layer->below, half);
}

static struct sock *place_raw(struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return NULL;
}

const struct layer_ops broker_place_ops = {
	.name = "place",
	.description = "a place in a crowd where everybody gets what one sends",
	.read = place_read,
	.write = place_write,
	.give_back = place_give_back,
	.shut_write = place_shut_write,
	.shut_read = place_shut_read,
	.abort = place_nothing,
	.wants = place_wants,
	.pending = place_pending,
	.raw = place_raw,
	.close = place_nothing,
};
