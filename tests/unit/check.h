/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmocka, with the headers it wants before it, and checks for table-driven tests that name the row that fails. */
#ifndef SOCKT_UNIT_CHECK_H
#define SOCKT_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Fail unless the strings are equal; row says which row of the table it was. */
#define CHECK_STRING(row, got, want) \
	do { \
		const char *got_ = (got), *want_ = (want); \
		if (strcmp(got_, want_) != 0) \
			fail_msg("%s: got \"%s\", expected \"%s\"", (row), got_, want_); \
	} while (0)

/* The same for whole numbers up to 64 bits. */
#define CHECK_INT(row, got, want) \
	do { \
		long long got_ = (long long)(got), want_ = (long long)(want); \
		if (got_ != want_) \
			fail_msg("%s: got %lld, expected %lld", (row), got_, want_); \
	} while (0)

#endif
