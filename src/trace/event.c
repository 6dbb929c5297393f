/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the plain values in an event. */
#include "trace/event.h"

#include <assert.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/buf.h"
#include "base/util.h"
#include "trace/names.h"

static const char *const protocol_names[] = {
#define X(id, name) [PROTOCOL_##id] = (name),
	PROTOCOL_LIST(X)
#undef X
};

static const struct {
	const char *word;
	const char *sentence;
} endings[] = {
#define X(id, json, text) [ENDED_##id] = { .word = (json), .sentence = (text) },
	ENDED_LIST(X)
#undef X
};

static const struct {
	const char *word;
	const char *words;
} sender_limits[] = {
#define X(id, json, text) [SENDER_LIMIT_##id] = { .word = (json), .words = (text) },
	SENDER_LIMIT_LIST(X)
#undef X
};

static const char *const shape_words[] = {
	[SHAPE_SILENT] = "silent",
	[SHAPE_REQUEST_REPLY] = "request-reply",
	[SHAPE_REQUESTS] = "requests-replies",
	[SHAPE_CONVERSATION] = "conversation",
	[SHAPE_ONE_WAY_OUT] = "one-way-out",
	[SHAPE_ONE_WAY_IN] = "one-way-in",
};

static const char *const who_words[] = {
	[WHO_NONE] = "none",
	[WHO_LOCAL] = "local",
	[WHO_REMOTE] = "remote",
};

const char *protocol_name(enum protocol protocol)
{
	assert(protocol < PROTOCOL_COUNT);
	return protocol_names[protocol];
}

const char *ended_word(enum ended_by ended)
{
	assert(ended < ENDED_COUNT);
	return endings[ended].word;
}

const char *ended_sentence(enum ended_by ended)
{
	assert(ended < ENDED_COUNT);
	return endings[ended].sentence;
}

const char *ended_format(enum ended_by ended, const char *limit, char *dst, size_t size)
{
	const char *sentence = _(ended_sentence(ended));
	const char *gap = strstr(sentence, "%s");
	struct text text;

	text_init(&text, dst, size);
	if (gap == NULL) {
		text_add(&text, sentence);
		return dst;
	}
	text_add_bytes(&text, sentence, (size_t)(gap - sentence));
	text_add(&text, limit != NULL ? limit : "?");
	text_add(&text, gap + 2);
	return dst;
}

const char *sender_limit_word(enum sender_limit limit)
{
	assert(limit < SENDER_LIMIT_COUNT);
	return sender_limits[limit].word;
}

const char *sender_limit_words(enum sender_limit limit)
{
	assert(limit < SENDER_LIMIT_COUNT);
	return sender_limits[limit].words;
}

const char *shape_word(enum shape shape)
{
	assert((size_t)shape < ARRAY_LEN(shape_words));
	return shape_words[shape];
}

const char *who_word(enum who who)
{
	assert((size_t)who < ARRAY_LEN(who_words));
	return who_words[who];
}

size_t event_messages_len(const struct event *event)
{
	size_t len = 0;

	if (event->args == NULL)
		return 0;
	if (event->step == STEP_SENDMSG)
		return event->args->messages.list->len;
	for (int64_t i = 0; i < event->result; i++)
		len += event->args->messages.list[i].len;
	return len;
}

/* The bytes that event->data holds, of a step that has messages. */
static size_t message_data_len(const struct event *event)
{
	const struct message *first = event->args->messages.list;

	if (first->part_count == 0)
		return 0;
	return first->len < first->parts->iov_len ? first->len : first->parts->iov_len;
}

size_t event_data_len(const struct event *event)
{
	size_t len;

	if (event->data == NULL || event->result <= 0)
		return 0;
	if (event->step == STEP_RECVMMSG || event->step == STEP_SENDMSG || event->step == STEP_SENDMMSG)
		return message_data_len(event);
	len = (size_t)event->result;
	if (event->args != NULL && event->args->io.len < len)
		len = event->args->io.len;
	return len;
}

bool event_is_short(const struct event *event, size_t *asked)
{
	/* From a socket splice(2) is asked for as much as there is, and less is no news. Out of a pipe it is. */
	bool is_splice_out = event->step == STEP_SPLICE && event->protocol == PROTOCOL_NONE;

	if (event->args == NULL || event->error != 0 || event->result <= 0)
		return false;
	if (is_splice_out)
		*asked = event->args->splice.len;
	else if (event->step == STEP_SEND || event->step == STEP_WRITE)
		*asked = event->args->io.len;
	else
		return false;
	return (uint64_t)event->result < *asked;
}

bool tcp_facts_has_queue(const struct tcp_facts *tcp)
{
	return tcp->state == TCP_LISTEN || tcp->queue_limit > 0;
}

uint32_t event_number(const struct event *event)
{
	return event->has_connection ? event->connection : event->session;
}

uint8_t event_level(const struct event *event)
{
	return event->level != 0 ? event->level : step_level(event->step);
}

/* What getaddrinfo() returned, where it was another failure than that of a system call. */
static int event_eai(const struct event *event)
{
	if (event->step != STEP_RESOLVE || event->args == NULL ||
	    event->args->resolve.error == EAI_SYSTEM)
		return 0;
	return event->args->resolve.error;
}

int64_t event_id_number(uint32_t id)
{
	return id == UINT32_MAX ? -1 : (int64_t)id;
}

bool event_has_failed(const struct event *event)
{
	return event->error != 0 || event_eai(event) != 0;
}

const char *event_error_name(const struct event *event, char *dst, size_t size)
{
	int eai = event_eai(event);

	if (eai != 0)
		return name_or_number(&names_eai, eai, dst, size);
	return name_errno(event->error, dst, size);
}
