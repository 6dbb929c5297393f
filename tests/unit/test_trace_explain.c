/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: which sentences a step gets, for this run, and that each kind is first once. */
#include "trace/explain.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "base/util.h"
#include "trace/explain_private.h"
#include "trace_samples.h"

#include "check.h"

static const struct explain_table *const tables[] = {
	&explain_table_setup,
	&explain_table_connect,
	&explain_table_data,
	&explain_table_end,
};

/* Every step has a row that decides its kind, or is without one on purpose; never both. */
static void test_every_step(void **state)
{
	uint64_t having = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++) {
			if (tables[i]->rows[k].part == EXPLAIN_KIND && tables[i]->rows[k].error == 0)
				having |= UINT64_C(1) << tables[i]->rows[k].step;
		}
	}
	for (enum step_id step = 0; step < STEP_COUNT; step++) {
		bool is_without = (explain_steps_without >> step & 1) != 0;

		if (((having >> step & 1) != 0) == is_without)
			fail_msg("%s: %s", step_name(step), is_without ? "has a row all the same" : "has no row");
	}
}

/* Topics are there; values are ones there are; there is a sentence or a lead. */
static void must_be_sound(const struct explain_row *row)
{
	const char *name = row->text;

	assert_non_null(row->text);
	if (row->topic != NULL && guide_find_in(row->group, row->topic) == NULL)
		fail_msg("%s: no topic %s", step_name(row->step), row->topic);
	while ((name = strchr(name, '{')) != NULL) {
		size_t len = strcspn(++name, "}");

		if (!explain_is_value(name, len))
			fail_msg("%s: there is no value {%.*s}", step_name(row->step), (int)len, name);
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++)
			must_be_sound(&tables[i]->rows[k]);
	}
}

/* Whatever an event has or lacks: no crash, no newline, no control character. */
static void on_sample(struct sink *sink, const struct event *event)
{
	bool is_first;
	const char *text = explain_event(sink->state, event, &is_first);

	for (; text != NULL && *text != '\0'; text++)
		assert_true((unsigned char)*text >= ' ' && *text != 0x7f);
}

static const struct sink_kind checking = { .name = "checking", .event = on_sample };

static void test_samples(void **state)
{
	void (*const samples[])(struct bus *) = { sample_client, sample_server, sample_hostile, sample_bare,
						  sample_faults, sample_packets, sample_sight };
	struct bus bus;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples) * 2; i++) {
		struct explain *explain = explain_new(i % 2 == 1);
		struct sink sink = { .kind = &checking, .level = 3, .state = explain };

		bus_init(&bus, 0);
		bus.sinks = &sink;
		bus.level = 3;
		samples[i / 2](&bus);
		explain_free(explain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
