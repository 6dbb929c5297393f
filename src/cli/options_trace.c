/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The argument of --trace: KIND[:FILE][,level=N]. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/options_apply.h"

#define KIND_MAX 16
#define KINDS_MAX 128 /* the names of all */
#define LEVEL ",level="

static const char *next_kind(const void *ctx, size_t index)
{
	const struct sink_kind *kind = sink_kind_at(index);

	(void)ctx;
	return kind == NULL ? NULL : kind->name;
}

/* "text, json, ...", into dst. Returns dst. */
static const char *list_kinds(char *dst, size_t size)
{
	struct text list;

	text_init(&list, dst, size);
	for (size_t i = 0; sink_kind_at(i) != NULL; i++)
		text_addf(&list, "%s%s", i == 0 ? "" : ", ", sink_kind_at(i)->name);
	return dst;
}

/* The name in front is that of no kind. */
static int mistake_kind(const char *name, size_t len, char *error)
{
	const char *nearest;
	char shown[KIND_MAX * 4], kinds[KINDS_MAX];

	escape_c(name, len < KIND_MAX ? len : KIND_MAX, shown, sizeof(shown));
	if (near_find(shown, next_kind, NULL, &nearest, 1) == 1)
		snprintf(error, PARSE_ERROR_MAX, _("--trace has no kind \"%s\"; did you mean %s?"),
			 shown, nearest);
	else
		snprintf(error, PARSE_ERROR_MAX, _("--trace has no kind \"%s\"; the kinds are %s"), shown,
			 list_kinds(kinds, sizeof(kinds)));
	return -EINVAL;
}

/* What stands behind the name of a kind is no level. */
static int mistake_rest(const struct sink_kind *kind, const char *rest, char *error)
{
	char shown[KIND_MAX * 4];

	escape_c(rest, strnlen(rest, KIND_MAX), shown, sizeof(shown));
	snprintf(error, PARSE_ERROR_MAX,
		 _("--trace %1$s: \"%2$s\" is not understood: write %1$s[:FILE][,level=N]"), kind->name,
		 shown);
	return -EINVAL;
}

/* Find the kind of the first len bytes. */
static const struct sink_kind *find_kind(const char *name, size_t len)
{
	char copy[KIND_MAX];

	if (len >= sizeof(copy))
		return NULL;
	memcpy(copy, name, len);
	copy[len] = '\0';
	return sink_kind_find(copy);
}

/* The last ",level=" of text, or its end: a file may have commas in its name. */
static const char *find_level(const char *text)
{
	const char *found = NULL;

	for (const char *at = strstr(text, LEVEL); at != NULL; at = strstr(at + 1, LEVEL))
		found = at;
	return found == NULL ? text + strlen(text) : found;
}

/* Does another sink write to the same place? */
static bool is_taken(const struct options *options, const char *file, size_t len)
{
	for (size_t i = 0; i < options->trace_count; i++) {
		const char *other = options->traces[i].file;

		if (other == NULL
			    ? file == NULL
			    : file != NULL && strlen(other) == len && memcmp(other, file, len) == 0)
			return true;
	}
	return false;
}

/* Add one sink. file is len bytes long; NULL: standard error. */
static int add(struct options *options, const struct sink_kind *kind, const char *file, size_t len,
	       uint8_t level, char *error)
{
	struct options_trace *trace = &options->traces[options->trace_count];

	if (options->trace_count == OPTIONS_TRACES_MAX) {
		snprintf(error, PARSE_ERROR_MAX, _("--trace can be given at most %d times"),
			 OPTIONS_TRACES_MAX);
		return -EINVAL;
	}
	if (is_taken(options, file, len)) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("two traces cannot go to the same place: give --trace %s a file, "
			   "as in %s:FILE"),
			 kind->name, kind->name);
		return -EINVAL;
	}
	*trace = (struct options_trace){ .kind = kind, .level = level };
	if (file != NULL) {
		trace->file = xmalloc(len + 1);
		memcpy(trace->file, file, len);
		trace->file[len] = '\0';
	}
	options->trace_count++;
	return 0;
}

int apply_trace(struct options *options, const struct option_record *record, const char *argument,
		char *error)
{
	const char *end = find_level(argument);
	const char *colon = memchr(argument, ':', (size_t)(end - argument));
	const char *name_end = colon == NULL ? end : colon;
	const struct sink_kind *kind = find_kind(argument, (size_t)(name_end - argument));
	uint64_t level;

	if (kind == NULL) {
		size_t len = strcspn(argument, ":,");

		kind = find_kind(argument, len);
		return kind == NULL ? mistake_kind(argument, len, error) : mistake_rest(kind, argument + len, error);
	}
	level = kind->level_default;
	if (*end != '\0' && parse_uint(end + strlen(LEVEL), "--trace level", record->min,
				       record->max, &level, error) < 0)
		return -EINVAL;
	if (level < kind->level_min) {
		snprintf(error, PARSE_ERROR_MAX, _("--trace %s always has all data: its level is %d"), kind->name,
			 kind->level_min);
		return -EINVAL;
	}
	if (colon != NULL && colon + 1 == end) {
		snprintf(error, PARSE_ERROR_MAX, _("--trace %s: the name of the file is empty"),
			 kind->name);
		return -EINVAL;
	}
	if (colon == NULL && kind->needs_file) {
		snprintf(error, PARSE_ERROR_MAX, _("--trace %s needs a file: --trace %s:FILE"),
			 kind->name, kind->name);
		return -EINVAL;
	}
	return add(options, kind, colon == NULL ? NULL : colon + 1,
		   colon == NULL ? 0 : (size_t)(end - colon - 1), (uint8_t)level, error);
}
