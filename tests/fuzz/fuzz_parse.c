/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, sizes, ports and times: whatever is typed, a value within its bounds or an error that says something. */
#include "base/clock.h"
#include "base/parse.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED UINT64_C(0x5555555555555555)

/* What holds of every parser: 0 and a value, or an error with words and no value. */
static void check_result(int ret, uint64_t value, const char *error)
{
	size_t len = strnlen(error, PARSE_ERROR_MAX);

	assert(ret == 0 || ret == -EINVAL || ret == -ERANGE);
	assert(len < PARSE_ERROR_MAX);
	if (ret == 0)
		return;
	assert(value == UNTOUCHED);
	assert(len > 0);
	for (size_t i = 0; i < len; i++)
		assert(error[i] >= 0x20 && error[i] < 0x7f);
}

/* What a value is written as reads as the same value, blanks and long names of units taken away. */
static void check_duration(uint64_t ns)
{
	char shown[64], text[64];
	uint64_t again = UNTOUCHED;
	size_t len = 0;

	parse_format_duration(ns, shown, sizeof(shown));
	for (const char *c = shown; *c != '\0'; c++) {
		if (*c != ' ')
			text[len++] = *c;
	}
	text[len] = '\0';
	if (len > 3 && strcmp(text + len - 3, "min") == 0)
		text[len - 2] = '\0';
	/* More decimals than a person may type are only shown for seconds with nanoseconds. */
	if (parse_duration(text, NULL, &again, NULL) == 0)
		assert(again == ns);
	else
		assert(ns > NS_PER_S && ns % NS_PER_US != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char error[PARSE_ERROR_MAX] = "";
	uint64_t value = UNTOUCHED;
	uint16_t port = 0;

	if (text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';

	int ret = parse_uint(text, "number", 3, 300000, &value, error);
	check_result(ret, value, error);
	assert(ret != 0 || (value >= 3 && value <= 300000 && strtoull(text, NULL, 10) == value));

	value = UNTOUCHED;
	ret = parse_size(text, NULL, 1, UINT64_MAX, &value, error);
	check_result(ret, value, error);
	assert(ret != 0 || value >= 1);

	value = UNTOUCHED;
	ret = parse_duration(text, "--idle-timeout", &value, error);
	check_result(ret, value, error);
	assert(ret != 0 || value <= 365 * 24 * 3600 * NS_PER_S);
	if (ret == 0)
		check_duration(value);

	ret = parse_port(text, 1, &port, error);
	check_result(ret, UNTOUCHED, error);
	assert((ret == 0) == (port != 0));
	free(text);
	return 0;
}
