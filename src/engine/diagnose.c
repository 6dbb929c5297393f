/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a failure and facts to cause and cure: see diagnose.h. Pure: what is not in its arguments it does not know. */
#include "engine/diagnose.h"

#include "base/util.h"
#include "engine/diagnose_values.h"

#include <string.h>

unsigned diagnose_kind(const struct failure *failure)
{
	switch (failure->protocol) {
	case PROTOCOL_UDP:
		return KIND_UDP;
	case PROTOCOL_UNIX:
	case PROTOCOL_UNIX_DGRAM:
	case PROTOCOL_UNIX_SEQPACKET:
		return KIND_UNIX;
	case PROTOCOL_TCP:
		return KIND_TCP;
	case PROTOCOL_NONE:
	case PROTOCOL_OTHER:
	case PROTOCOL_COUNT:
		break;
	}
	return addr_family(&failure->addr) == AF_UNIX ? KIND_UNIX : KIND_TCP;
}

static bool is_diagnosis(const struct diagnosis *row, const struct failure *failure, const struct facts *facts)
{
	if (row->domain != failure->domain || (row->kinds & diagnose_kind(failure)) == 0)
		return false;
	if (row->code != failure->code && !(row->domain == FAILURE_ERRNO && row->code == 0))
		return false;
	if (row->steps != 0 && (row->steps & (1U << failure->step)) == 0)
		return false;
	return row->holds == NULL || row->holds(failure, facts);
}

const struct diagnosis *diagnose_find(const struct failure *failure, const struct facts *facts)
{
	static const struct diagnosis *const tables[] = {
		diagnosis_unix, diagnosis_bind, diagnosis_connect, diagnosis_data, diagnosis_other,
	};

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct diagnosis *row = tables[i]; row->domain != FAILURE_NONE; row++)
			if (is_diagnosis(row, failure, facts))
				return row;
	return NULL;
}

/* Keep together what stands in text from start on. */
static void join_from(struct text *text, size_t start)
{
	for (size_t i = start; i < text->len; i++)
		if (text->dst[i] == ' ')
			text->dst[i] = DIAGNOSE_BLANK;
}

/* Expand {name} that begins at template. Returns what stands behind it. */
static const char *expand_value(const char *template, const struct failure *failure, const struct facts *facts,
				struct text *text)
{
	const char *name = template + 1;
	size_t len = strcspn(name, "}");

	diagnose_value_add(name, len, failure, facts, text);
	return name + len + (name[len] == '}');
}

void diagnose_expand(const char *template, const struct failure *failure, const struct facts *facts,
		     struct text *text)
{
	bool is_command = false;
	size_t start = 0;

	while (*template != '\0') {
		size_t len = strcspn(template, "{`");

		text_add_bytes(text, template, len);
		template += len;
		if (*template == '{') {
			template = expand_value(template, failure, facts, text);
		} else if (*template == '`') {
			if (is_command)
				join_from(text, start);
			is_command = !is_command;
			start = text->len;
			template++;
		}
	}
}
