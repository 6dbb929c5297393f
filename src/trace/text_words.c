/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest parts of the text sink's lines: names, addresses, data, amounts. */
#include "trace/text_words.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/util.h"

#define FLAGS_MAX 256 /* room for the names of several flags */

static const char *const arrows_utf8[] = {
	[ARROW_RIGHT] = "\u2192",
	[ARROW_LEFT] = "\u2190",
	[ARROW_BOTH] = "\u21c4",
};

static const char *const arrows_ascii[] = {
	[ARROW_RIGHT] = "->",
	[ARROW_LEFT] = "<-",
	[ARROW_BOTH] = "<->",
};

const char *text_arrow(const struct text_view *view, enum text_arrow arrow)
{
	return view->is_utf8 ? arrows_utf8[arrow] : arrows_ascii[arrow];
}

void text_duration(struct text *line, uint64_t ns)
{
	uint64_t us = ns / NS_PER_US;

	if (us < 10000)
		text_addf(line, "%" PRIu64 ".%02" PRIu64 " ms", us / 1000, us % 1000 / 10);
	else if (us < 1000000)
		text_addf(line, "%" PRIu64 " ms", us / 1000);
	else if (us < 60000000)
		text_addf(line, "%" PRIu64 ".%" PRIu64 " s", us / 1000000, us % 1000000 / 100000);
	else
		text_addf(line, "%" PRIu64 " min %" PRIu64 " s", us / 60000000,
			  us % 60000000 / 1000000);
}

void text_size(struct text *line, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t unit = 0;
	uint64_t whole = UINT64_C(1) << 10; /* one of the unit */

	if (bytes < 10000) {
		text_addf(line, "%" PRIu64 " B", bytes);
		return;
	}
	while (unit + 1 < ARRAY_LEN(units) && bytes / whole >= 1024) {
		whole <<= 10;
		unit++;
	}
	if (bytes % whole == 0)
		text_addf(line, "%" PRIu64 " %s", bytes / whole, units[unit]);
	else
		text_addf(line, "%.1f %s", (double)bytes / (double)whole, units[unit]);
}

const char *text_bar(bool is_utf8)
{
	return is_utf8 ? "\u2502 " : "| ";
}

void text_name(struct text *line, const struct name_table *table, long value)
{
	char number[32];

	text_add(line, name_or_number(table, value, number, sizeof(number)));
}

void text_flags(struct text *line, const struct name_table *table, unsigned long flags)
{
	char names[FLAGS_MAX];

	text_add(line, name_flags(table, flags, names, sizeof(names)));
}

void text_addr(struct text *line, const struct addr *addr)
{
	char words[ADDR_TEXT_MAX];

	if (addr != NULL)
		text_add(line, addr_format(addr, words, sizeof(words)));
	else
		text_add(line, "NULL");
}

void text_string(struct text *line, const char *string)
{
	char escaped[1024];

	if (string == NULL) {
		text_add(line, "NULL");
		return;
	}
	escape_c(string, strlen(string), escaped, sizeof(escaped));
	text_addf(line, "\"%s\"", escaped);
}

void text_preview(struct text *line, const void *data, size_t len, const struct text_view *view)
{
	size_t shown = len < view->preview ? len : view->preview;
	size_t done;

	text_add(line, "\"");
	/* In one piece: how a byte is escaped depends on the next. */
	done = escape_c(data, shown, line->dst + line->len, line->size - line->len);
	line->len += strlen(line->dst + line->len);
	if (done < shown)
		line->is_cut = true;
	text_add(line, done < len ? "\"..." : "\"");
}
