/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a crowd says to each other: see broker.h. The layer of a place is in broker_place.c. */
#include "engine/broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "engine/broker_private.h"

/* How long one who holds back all others may stand still. */
#define STUCK_NS NS_PER_S
/* Who is named to a newcomer; further ones are counted. */
#define NAMED_MAX 20

/* Where the slowest stands; with nobody there the head. */
static uint64_t broker_tail(const struct broker *broker)
{
	uint64_t tail = broker->head;

	for (const struct place *place = broker->places; place != NULL; place = place->next)
		if (!place->is_deaf && place->at < tail)
			tail = place->at;
	return tail;
}

static void post_all(struct broker *broker)
{
	for (struct place *place = broker->places; place != NULL; place = place->next)
		loop_post(broker->settings.engine->loop, place->task);
}

/* Wake those for whom there may be something. */
static void post_behind(struct broker *broker)
{
	broker->has_news = false;
	for (struct place *place = broker->places; place != NULL; place = place->next)
		if (place->at != broker->head)
			loop_post(broker->settings.engine->loop, place->task);
}

/* Is there room for so much? All places are looked at only where it seems that there is none. */
static bool has_room(struct broker *broker, size_t size)
{
	if (BROKER_RING - (size_t)(broker->head - broker->tail) >= size)
		return true;
	broker->tail = broker_tail(broker);
	return BROKER_RING - (size_t)(broker->head - broker->tail) >= size;
}

/* Has somebody read on by half a ring, where the slowest has not? Who sends it passes over its own, and has not. */
static bool has_fast_place(const struct broker *broker, uint64_t tail)
{
	const struct place *place = broker->places;

	while (place != NULL && place->taken < tail + BROKER_RING / 2)
		place = place->next;
	return place != NULL;
}

/* End the sessions that stand at tail. */
static void drop_slow(struct broker *broker, uint64_t tail)
{
	struct place *place = broker->places, *next;

	for (; place != NULL; place = next) {
		next = place->next;
		if (place->at == tail && !place->is_deaf)
			broker->settings.drop(place->owner);
	}
}

static void unblock(struct broker *broker)
{
	broker->is_blocked = false;
	post_all(broker);
}

/*
 * Something was sent, or somebody could not send: is one of them too slow? From the loop, since it ends sessions, and
 * since much may be sent in one turn, by one of many.
 */
static void broker_run(struct task *task)
{
	struct broker *broker = CONTAINER_OF(task, struct broker, task);
	struct engine *engine = broker->settings.engine;
	uint64_t tail;

	if (broker->has_news)
		post_behind(broker);
	if (!broker->is_blocked)
		return;
	tail = broker_tail(broker);
	if (tail != broker->blocked_tail) {
		unblock(broker);
	} else if (broker->settings.is_dropping && has_fast_place(broker, tail)) {
		drop_slow(broker, tail);
		unblock(broker);
	} else if (broker->settings.is_dropping && !timer_is_set(&broker->stuck)) {
		broker->stuck_tail = tail;
		loop_timer_set(engine->loop, &broker->stuck, engine->st->env->now_ns() + STUCK_NS);
	}
}

/* Has the slowest moved since? */
static void broker_stuck(struct timer *timer)
{
	struct broker *broker = CONTAINER_OF(timer, struct broker, stuck);

	if (!broker->is_blocked)
		return;
	if (broker_tail(broker) == broker->stuck_tail)
		drop_slow(broker, broker->stuck_tail);
	unblock(broker);
}

bool broker_has_room(struct broker *broker, size_t size)
{
	/* What is longer than all of it is for nobody: broker_send() knows. */
	if (has_room(broker, size < BROKER_RING ? size : BROKER_RING))
		return true;
	broker->is_blocked = true;
	broker->blocked_tail = broker->tail;
	loop_post(broker->settings.engine->loop, &broker->task);
	return false;
}

void broker_moved(struct broker *broker, uint64_t at)
{
	if (broker->is_blocked && at == broker->blocked_tail)
		loop_post(broker->settings.engine->loop, &broker->task);
}

/* Copy into the ring, round its end. */
static void ring_put(struct broker *broker, uint64_t offset, const void *data, size_t len)
{
	size_t at = offset % BROKER_RING, first = len < BROKER_RING - at ? len : BROKER_RING - at;

	memcpy(broker->ring + at, data, first);
	memcpy(broker->ring, (const char *)data + first, len - first);
}

/* The same behind what is there. */
static void broker_put(struct broker *broker, const void *data, size_t len)
{
	ring_put(broker, broker->head, data, len);
	broker->head += len;
}

void broker_get(const struct broker *broker, uint64_t at, void *data, size_t len)
{
	size_t from = at % BROKER_RING, first = len < BROKER_RING - from ? len : BROKER_RING - from;

	memcpy(data, broker->ring + from, first);
	memcpy((char *)data + first, broker->ring, len - first);
}

void broker_send(struct broker *broker, struct place *from, const void *data, size_t len)
{
	uint64_t before = broker->head;

	if (!has_room(broker, sizeof(struct entry) + len))
		return;
	if (broker->ring == NULL)
		broker->ring = xmalloc(BROKER_RING);
	/* Lines of a chat are short, and there may be thousands who look at each entry. */
	if (broker->is_open && broker->last.from == from->number && broker->last.len + len <= ENGINE_READ_SIZE) {
		broker->last.len += (uint32_t)len;
		ring_put(broker, broker->last_at, &broker->last, sizeof(broker->last));
	} else {
		broker->last = (struct entry){ .len = (uint32_t)len, .from = from->number };
		broker->last_at = before;
		broker->is_open = !broker->settings.is_messages;
		broker_put(broker, &broker->last, sizeof(broker->last));
	}
	broker_put(broker, data, len);
	if (from->at == before)
		from->at = broker->head;
	broker->has_news = true;
	loop_post(broker->settings.engine->loop, &broker->task);
}

struct broker *broker_open(const struct broker_settings *settings)
{
	struct broker *broker = xcalloc(1, sizeof(*broker));

	broker->settings = *settings;
	broker->end = &broker->places;
	broker->task.run = broker_run;
	broker->stuck.fire = broker_stuck;
	return broker;
}

bool broker_is_of_messages(const struct broker *broker)
{
	return broker->settings.is_messages;
}

void broker_close(struct broker *broker)
{
	if (broker == NULL)
		return;
	loop_unpost(broker->settings.engine->loop, &broker->task);
	loop_timer_clear(broker->settings.engine->loop, &broker->stuck);
	free(broker->ring);
	free(broker);
}

/* ---- Coming and leaving ---- */

/* A chat tells who comes and who leaves. */
static void announce(struct place *place, const char *sentence)
{
	char text[CHAT_NAME_MAX + 128], line[CHAT_NAME_MAX + 132];
	int len;

	if (place->chat == NULL)
		return;
	snprintf(text, sizeof(text), sentence, place->chat->name);
	len = snprintf(line, sizeof(line), "* %s\n", text);
	broker_send(place->broker, place, line, (size_t)len);
}

/* What a newcomer is told: its name, and who is there. */
static void greet(struct place *place)
{
	struct place_chat *chat = place->chat;
	char line[NAMED_MAX * (CHAT_NAME_MAX + 2) + 256];
	unsigned named = 0, others = (unsigned)place->broker->place_count - 1;
	struct text text;

	text_init(&text, line, sizeof(line));
	text_add(&text, "* ");
	text_addf(&text, _("you are %s"), chat->name);
	for (const struct place *at = place->broker->places; at != NULL && named < NAMED_MAX; at = at->next) {
		if (at == place)
			continue;
		text_add(&text, named++ == 0 ? _("; here are: ") : ", ");
		text_add(&text, at->chat->name);
	}
	if (others == 0)
		text_add(&text, _("; nobody else is here"));
	else if (others > named)
		text_addf(&text, _(" and %u others"), others - named);
	text_add(&text, "\n");
	buf_append(&chat->said, line, text.len);
}

struct place *broker_join(struct broker *broker, uint32_t number, struct task *task, struct layer *below, void *owner)
{
	struct place *place = xcalloc(1, sizeof(*place));

	*place = (struct place){
		.layer = { .ops = &broker_place_ops, .below = below },
		.broker = broker,
		.task = task,
		.owner = owner,
		.number = number,
		.at = broker->head,
	};
	broker->is_open = false;
	place->link = broker->end;
	*place->link = place;
	broker->end = &place->next;
	broker->place_count++;
	if (!broker->settings.is_chat)
		return place;
	place->chat = xcalloc(1, sizeof(*place->chat));
	snprintf(place->chat->name, sizeof(place->chat->name), "user%u", number);
	greet(place);
	announce(place, _("%s has come"));
	return place;
}

struct layer *broker_layer(struct place *place)
{
	return &place->layer;
}

static void chat_free(struct place_chat *chat)
{
	if (chat == NULL)
		return;
	chat_clear(&chat->ours);
	chat_clear(&chat->theirs);
	buf_clear(&chat->said);
	free(chat);
}

void broker_leave(struct place *place)
{
	struct broker *broker;

	if (place == NULL)
		return;
	broker = place->broker;
	*place->link = place->next;
	if (place->next != NULL)
		place->next->link = place->link;
	else
		broker->end = place->link;
	broker->place_count--;
	broker_moved(broker, place->at);
	announce(place, _("%s has left"));
	chat_free(place->chat);
	buf_clear(&place->shown);
	free(place);
}

bool broker_is_blocked(const struct layer *layer)
{
	/* Options of the bytes may have put layers over the place. */
	while (layer->ops != &broker_place_ops && layer->below != NULL)
		layer = layer->below;
	return layer->ops == &broker_place_ops && CONTAINER_OF(layer, const struct place, layer)->broker->is_blocked;
}
