/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `sockt help --OPTION` points to is about that option. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "cli/help.h"

#include "check.h"

/* Does text have these words, and not as a part of longer ones? */
static bool has_words(const char *text, const char *words)
{
	for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words)) {
		char next = at[strlen(words)];

		if ((at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '-')) &&
		    !isalnum((unsigned char)next) && next != '-')
			return true;
	}
	return false;
}

/* Does the topic name the option, or is it about what the option sets in the kernel? */
static bool speaks_of(const struct guide_topic *topic, const struct option_record *record)
{
	const char letter[] = { '-', record->letter, '\0' };
	char name[40];
	char *text = guide_text(topic);
	enum guide_group group = guide_group_of(topic);
	bool is_about;

	snprintf(name, sizeof(name), "--%s", record->name != NULL ? record->name : "");
	is_about = group == GUIDE_OPTIONS || group == GUIDE_MORE_OPTIONS ||
		   (record->name != NULL && has_words(text, name)) ||
		   (record->letter != '\0' && has_words(text, letter));
	free(text);
	return is_about;
}

static void test_topics_of_options(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at(id);
		const char *topic = help_option_topic(record);

		if (record->topic != NULL)
			assert_string_equal(topic, record->topic);
		if (topic == NULL || (record->commands & COMMAND_HELP) != 0)
			continue;
		count++;
		if (!speaks_of(guide_find(topic), record))
			fail_msg("%s: \"%s\" does not speak of it", record->name != NULL ? record->name : "-v", topic);
	}
	assert_true(count > 80);
}

/* Which element asks. */
static void test_which_option(void **state)
{
	static const struct {
		const char *argv[5];
		int at; /* 0: none */
	} rows[] = {
		{ { "sockt", "help" }, 0 },
		{ { "sockt", "help", "bind" }, 0 },
		{ { "sockt", "help", "-" }, 0 },
		{ { "sockt", "help", "--", "-k" }, 0 },
		{ { "sockt", "help", "--completion=bash" }, 0 },
		{ { "sockt", "help", "-h" }, 0 },
		{ { "sockt", "help", "-k" }, 2 },
		{ { "sockt", "help", "--retry=5" }, 2 },
		{ { "sockt", "help", "--retry", "5" }, 2 },
		{ { "sockt", "help", "listen", "--mode" }, 3 },
		{ { "sockt", "help", "--no-such" }, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *argv[5];
		int argc = 0;

		for (; argc < 5 && rows[i].argv[argc] != NULL; argc++)
			argv[argc] = (char *)(uintptr_t)rows[i].argv[argc];
		assert_ptr_equal(help_find_option(argc, argv), rows[i].at == 0 ? NULL : argv[rows[i].at]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_topics_of_options),
		cmocka_unit_test(test_which_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
