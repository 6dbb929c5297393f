/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes of a command: doing it, writing it, and putting together what several processes say. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "engine/control_commands.h"

/* More rules than this are none that a person wants to have. */
#define FAULTS_MAX 256

void control_answer_clear(struct control_answer *answer)
{
	json_clear(&answer->peers);
}

void control_do(const struct control_ops *ops, void *ctx, const struct control_request *request,
		struct control_answer *answer)
{
	*answer = (struct control_answer){ 0 };
	if (request->command->run != NULL)
		request->command->run(ops, ctx, request, answer);
}

void control_write_error(const char *error, struct json *json)
{
	json_open(json, '{');
	json_key(json, "error");
	json_string(json, error);
	json_close(json, '}');
	json_newline(json);
}

void control_write(const struct control_request *request, const struct control_answer *answer, struct json *json)
{
	if (answer->is_error) {
		control_write_error(answer->error, json);
		return;
	}
	json_open(json, '{');
	json_key(json, "ok");
	json_bool(json, true);
	if (request->command->write != NULL)
		request->command->write(answer, json);
	json_close(json, '}');
	json_newline(json);
}

/* An answer on its way between processes of the same program; the peers follow. */
struct packed {
	uint8_t is_error, is_unknown; /* whatever comes, they are numbers */
	char error[CONTROL_ERROR_MAX];
	struct control_stats stats;
};

void control_answer_pack(const struct control_answer *answer, struct buf *buf)
{
	struct packed packed;

	memset(&packed, 0, sizeof(packed));
	packed.is_error = answer->is_error;
	packed.is_unknown = answer->is_unknown;
	memcpy(packed.error, answer->error, sizeof(packed.error));
	packed.stats = answer->stats;
	buf_append(buf, &packed, sizeof(packed));
	if (answer->peers.len > 0)
		buf_append(buf, answer->peers.data, answer->peers.len);
}

static void add_stats(struct control_stats *into, const struct control_stats *stats)
{
	relay_counts_add(&into->counts, &stats->counts);
	into->open += stats->open;
	/* They have not started together: the oldest counts. */
	if (stats->uptime_ns > into->uptime_ns)
		into->uptime_ns = stats->uptime_ns;
}

/* What all have said so far, with one more. */
static void merge_verdict(struct control_answer *into, bool is_of_one, const struct packed *packed)
{
	/* What one of them can do is done when one has; else all have to. */
	bool is_error = is_of_one ? into->is_error && packed->is_error != 0 : into->is_error || packed->is_error != 0;

	/* The first error counts; but who knows the session knows better than who does not. */
	if (packed->is_error != 0 && (!into->is_error || (into->is_unknown && packed->is_unknown == 0))) {
		memcpy(into->error, packed->error, sizeof(into->error));
		into->is_unknown = packed->is_unknown != 0;
	}
	into->is_error = is_error;
}

bool control_answer_merge(struct control_answer *into, bool is_first, const struct control_request *request,
			  const void *data, size_t len)
{
	struct packed packed;

	if (len < sizeof(packed))
		return false;
	memcpy(&packed, data, sizeof(packed));
	packed.error[sizeof(packed.error) - 1] = '\0';
	if (is_first) {
		into->is_error = packed.is_error != 0;
		into->is_unknown = packed.is_unknown != 0;
		memcpy(into->error, packed.error, sizeof(into->error));
	} else {
		merge_verdict(into, request->command->is_of_one, &packed);
	}
	add_stats(&into->stats, &packed.stats);
	if (len > sizeof(packed))
		json_raw(&into->peers, (const char *)data + sizeof(packed), len - sizeof(packed));
	return true;
}

/* Does the new rule say everything that the old one does, for every session? */
static bool stands_in_for(const struct fault_entry *entry, const struct fault_entry *old)
{
	if (fault_has(&entry->rules, FAULT_SHARE) && fault_chance(&entry->rules, FAULT_SHARE) < 1.0)
		return false;
	if ((old->rules.set & ~(1U << FAULT_SHARE) & ~entry->rules.set) != 0)
		return false;
	for (enum fault_way way = 0; way < FAULT_WAY_COUNT; way++) {
		if (old->on[way] && !entry->on[way])
			return false;
	}
	return true;
}

/* Forget the rules before the last one that it stands in for. */
static void forget_replaced(struct fault_list *list)
{
	size_t kept = 0, last = list->count - 1;

	for (size_t i = 0; i < last; i++) {
		if (!stands_in_for(&list->entries[last], &list->entries[i]))
			list->entries[kept++] = list->entries[i];
	}
	list->entries[kept++] = list->entries[last];
	list->count = kept;
}

/* Add the texts to list, which is the caller's to drop on an error. */
static int add_texts(struct fault_list *list, char *text, char *error)
{
	int ret = 0;

	for (char *word = strtok_r(text, " \t", &text); ret == 0 && word != NULL; word = strtok_r(NULL, " \t", &text)) {
		ret = fault_list_add(list, word, error);
		if (ret == 0)
			forget_replaced(list);
		if (ret == 0 && list->count > FAULTS_MAX) {
			snprintf(error, CONTROL_ERROR_MAX, _("there are %d faults already: fault clear ends them"),
				 FAULTS_MAX);
			ret = -ERANGE;
		}
	}
	return ret;
}

int control_add_faults(struct fault_list *list, const char *text, bool is_messages, char *error)
{
	struct fault_list more = { 0 };
	char words[CONTROL_LINE_MAX + 1];
	int ret;

	snprintf(words, sizeof(words), "%s", text);
	fault_list_copy(&more, list);
	ret = add_texts(&more, words, error);
	if (ret == 0)
		ret = fault_list_check(&more, is_messages, error);
	if (ret == 0)
		fault_list_copy(list, &more);
	fault_list_clear(&more);
	return ret;
}
