/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to all workers: see workers.h. A question is answered when each has answered, or is gone. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "engine/workers_private.h"

static void question_free(struct question *question)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		buf_clear(&question->answers[i]);
	free(question);
}

/* Tell the questions that nothing is missing of any more. */
static void tell_answered(struct workers *workers)
{
	struct question **at = &workers->questions;

	while (*at != NULL) {
		struct question *question = *at;

		if (question->missing > 0) {
			at = &question->next;
			continue;
		}
		*at = question->next;
		question->done(question->ctx, question->answers, workers->settings.count);
		question_free(question);
		/* Who was told may have asked again, or dropped everything. */
		at = &workers->questions;
	}
}

/* Nothing more is to come from a worker. */
static void settle(struct question *question, unsigned index)
{
	if (!question->is_missing[index])
		return;
	question->is_missing[index] = false;
	question->missing--;
}

void workers_ask(struct workers *workers, const char *command, workers_done_fn *done, void *ctx)
{
	struct question *question = xcalloc(1, sizeof(*question));
	struct worker_ask ask = { .id = ++workers->last_id };
	struct buf message = { 0 };

	question->id = ask.id;
	question->done = done;
	question->ctx = ctx;
	question->next = workers->questions;
	workers->questions = question;
	buf_append(&message, &ask, sizeof(ask));
	buf_append(&message, command, strlen(command) + 1);
	for (unsigned i = 0; i < workers->settings.count; i++) {
		if (!worker_slot_is_alive(&workers->slots[i]))
			continue;
		question->is_missing[i] = true;
		question->missing++;
		worker_slot_send(&workers->slots[i], WORKER_COMMAND, buf_peek(&message), message.len);
	}
	buf_clear(&message);
	tell_answered(workers);
}

void workers_answered(struct workers *workers, unsigned index, const void *data, size_t len)
{
	struct question *question = workers->questions;
	struct worker_ask ask;

	if (len < sizeof(ask))
		return;
	memcpy(&ask, data, sizeof(ask));
	while (question != NULL && question->id != ask.id)
		question = question->next;
	if (question == NULL || !question->is_missing[index])
		return;
	buf_append(&question->answers[index], (const char *)data + sizeof(ask), len - sizeof(ask));
	settle(question, index);
	tell_answered(workers);
}

void workers_ask_gone(struct workers *workers, unsigned index)
{
	for (struct question *question = workers->questions; question != NULL; question = question->next)
		settle(question, index);
	tell_answered(workers);
}

void workers_ask_clear(struct workers *workers)
{
	while (workers->questions != NULL) {
		struct question *question = workers->questions;

		workers->questions = question->next;
		question_free(question);
	}
}
