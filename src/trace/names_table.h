/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a table of names, for the files that fill one. */
#ifndef SOCKT_TRACE_NAMES_TABLE_H
#define SOCKT_TRACE_NAMES_TABLE_H

#include "base/util.h"
#include "trace/names.h"

struct name_entry {
	long value;
	const char *name;
};

/* Where two names share a value, the first is the one that is shown. */
struct name_table {
	const struct name_entry *entries;
	size_t count;
};

/* An entry from a constant of the headers, under its own name. */
#define NAME(constant) { constant, #constant }
#define NAME_TABLE(entries) { entries, ARRAY_LEN(entries) }

#endif
