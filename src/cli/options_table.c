/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of options, joined from those of the groups. */
#include "cli/options_table.h"

#include "cli/options_records.h"

#define GROUP(its_name, its_records)                                                               \
	[GROUP_##its_name] = { OPTION_FIRST_##its_name, OPTION_END_##its_name, its_records }

static const struct {
	size_t first, end;
	const struct option_record *records;
} groups[] = {
	GROUP(ADDRESS, options_address),
	GROUP(LISTENER, options_listener),
	GROUP(ACCESS, options_access),
	GROUP(RELAY, options_relay),
	GROUP(HTTP, options_http),
	GROUP(ENDING, options_ending),
	GROUP(LIMITS, options_limits),
	GROUP(PROXY, options_proxy),
	GROUP(DATA, options_data),
	GROUP(SCAN, options_scan),
	GROUP(PROGRAM, options_program),
	GROUP(SOCKET, options_socket),
	GROUP(RIGHTS, options_rights),
	GROUP(CONSOLE, options_console),
	GROUP(SHOWN, options_shown),
	GROUP(HELP, options_help),
};

static_assert(ARRAY_LEN(groups) == GROUP_COUNT, "a table for each group");
/* What the apply functions take these members for. */
static_assert(sizeof(((struct options *)NULL)->preview) == sizeof(uint64_t), "apply_number");
static_assert(sizeof(enum options_until) == sizeof(int), "apply_word");
static_assert(sizeof(enum options_proxy_server) == sizeof(int), "apply_word");
static_assert(sizeof(enum options_slow) == sizeof(int), "apply_word");
static_assert(sizeof(enum term_color) == sizeof(int), "apply_word");
static_assert(sizeof(enum completion_shell) == sizeof(int), "apply_word");
static_assert(OPTION_COUNT <= 8 * sizeof(((struct options *)NULL)->seen), "options.seen");

void option_group_range(enum option_group group, size_t *first, size_t *end)
{
	*first = groups[group].first;
	*end = groups[group].end;
}

const struct option_record *option_at(size_t id)
{
	size_t group = 0;

	if (id >= OPTION_COUNT)
		return NULL;
	while (id >= groups[group].end)
		group++;
	return &groups[group].records[id - groups[group].first];
}

void option_add_names(struct text *text, const struct option_record *record)
{
	if (record->letter != '\0')
		text_addf(text, "-%c", record->letter);
	if (record->letter != '\0' && record->name != NULL)
		text_add(text, ", ");
	if (record->name != NULL)
		text_addf(text, "--%s", record->name);
}

const char *option_help(const struct option_record *record, unsigned command)
{
	for (size_t i = 0; i < ARRAY_LEN(record->other); i++) {
		if ((record->other[i].commands & command) != 0)
			return _(record->other[i].help);
	}
	return _(record->help);
}

bool option_is_seen(const struct options *options, enum option_id id)
{
	return (options->seen[id / 64] >> id % 64 & 1) != 0;
}
