/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawings for a browser: text that cannot become a mark, files that are whole at any moment, and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/util.h"
#include "trace/drawing.h"
#include "trace/markup.h"
#include "trace/page.h"
#include "trace/sink.h"
#include "trace_samples.h"

static const struct sink_kind *const kinds[] = { &sink_svg, &sink_html };
static const char *const row_marks[] = { "<g class=\"r", "<tr class=\"r" };
static const char *const ends[] = { "</svg>\n", "</html>\n" };

/* How often a part occurs. */
static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
		found++;
	return found;
}

static bool ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void test_markup_text(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "plain \u2192 text", "plain \u2192 text" },
		{ "</script><svg onload=\"x('')\">", "&lt;/script&gt;&lt;svg onload=&quot;x(&#39;&#39;)&quot;&gt;" },
		{ "]]>&amp;", "]]&gt;&amp;amp;" },
		{ "two\nlines", "two&#10;lines" },
		{ "\x01\x1b[2J\x7f\t\r", "\\x01\\x1b[2J\\x7f\\x09\\x0d" },
		{ "\xff\xc3(", "\\xff\\xc3(" },
		{ "\u202ebidi\ufffe", "\\xe2\\x80\\xaebidi\\xef\\xbf\\xbe" },
		{ "cut \xe2\x82", "cut \\xe2\\x82" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = { 0 };

		markup_text(&out, rows[i].text);
		assert_int_equal(out.len, strlen(rows[i].want));
		if (out.len > 0)
			assert_memory_equal(buf_peek(&out), rows[i].want, out.len);
		buf_clear(&out);
	}
}

/* Whatever the arguments, nothing raw comes through. */
static void test_hostile_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct capture capture;
		char *text;

		capture_open(&capture, kinds[i], 3, 64);
		sample_hostile(&capture.bus);
		sample_bare(&capture.bus);
		bus_note(&capture.bus, 0, 1, "%s", "]]></script><svg onload=alert(1)>\x1b\u202e");
		text = capture_close(&capture, NULL);
		assert_true(count(text, row_marks[i]) > STEP_COUNT);
		assert_int_equal(count(text, "<svg onload"), 0);
		assert_int_equal(count(text, "</script>"), 1);
		assert_null(strpbrk(text, "\x01\x1b\x7f\r\t"));
		assert_null(strstr(text, "\u202e"));
		assert_true(ends_with(text, ends[i]));
		free(text);
	}
}

/* Packets have arrows of their own kind, and the calls of their connection none. */
static void test_packets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct capture capture;
		char *text;

		capture_open(&capture, kinds[i], 2, 32);
		sample_packets(&capture.bus);
		text = capture_close(&capture, NULL);
		assert_true(count(text, " pkt\" d=") >= 4);
		assert_true(count(text, ">[S]") == 1);
		assert_true(count(text, "[SA]") > 0);
		free(text);
	}
}

/* Read what a sink has written so far. */
static char *peek(const struct capture *capture)
{
	char *text = calloc(1, 1 << 20);
	FILE *file = fopen(capture->file, "r");

	assert_non_null(text);
	assert_non_null(file);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	return text;
}

/* What is there at each flush is a whole drawing, a run that grows included. */
static void test_it_is_whole_at_each_flush(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct capture capture;
		struct event event = { .step = STEP_SEND, .fd = 5, .session = 1, .result = 3, .has_result = true };
		uint64_t opened_ns;
		char *text;

		capture_open(&capture, kinds[i], 2, 0);
		opened_ns = clock_now_ns();
		text = peek(&capture);
		assert_int_equal(count(text, row_marks[i]), 0);
		assert_true(ends_with(text, ends[i]));
		free(text);
		for (int k = 0; k < 10; k++)
			bus_emit(&capture.bus, &event);
		/* Not before it is time for it: a write for each event would cost too much. */
		assert_in_range(kinds[i]->flush(capture.bus.sinks, opened_ns), opened_ns + 1, opened_ns + NS_PER_S);
		assert_int_equal(capture.bus.sinks->kind->flush(capture.bus.sinks, clock_now_ns() + NS_PER_S),
				 UINT64_MAX);
		text = peek(&capture);
		assert_int_equal(count(text, row_marks[i]), 4);
		assert_int_equal(count(text, "7 \u00d7 send = 21 B"), 2);
		assert_true(ends_with(text, ends[i]));
		free(text);
		free(capture_close(&capture, NULL));
	}
}

/* Of many sessions no run can be folded: the first rows and the last are shown, and how many are not. */
static void test_a_long_run_has_a_bound(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct capture capture;
		struct event open = { .step = STEP_SOCKET, .fd = -1, .result = 5, .has_result = true };
		struct event close = { .step = STEP_CLOSE, .fd = 5, .has_result = true };
		size_t len;
		char *text, line[64];

		capture_open(&capture, kinds[i], 2, 0);
		for (uint32_t session = 1; session <= 50000; session++) {
			open.session = close.session = session;
			bus_emit(&capture.bus, &open);
			bus_emit(&capture.bus, &close);
		}
		text = capture_close(&capture, &len);
		assert_int_equal(count(text, row_marks[i]), PAGE_ROWS_FIRST + PAGE_ROWS_LAST);
		snprintf(line, sizeof(line), "%d rows are left out here", 100000 - PAGE_ROWS_FIRST - PAGE_ROWS_LAST);
		assert_int_equal(count(text, line), 1);
		assert_int_equal(count(text, "session 50000"), 2);
		assert_in_range(len, 100000, 600000);
		free(text);
	}
}

static void test_states_have_their_class(void **state)
{
	(void)state;
	assert_string_equal(drawing_state_class(1 /* ESTABLISHED */), "open");
	assert_string_equal(drawing_state_class(2 /* SYN_SENT */), "begin");
	assert_string_equal(drawing_state_class(8 /* CLOSE_WAIT */), "end");
	assert_string_equal(drawing_state_class(7 /* CLOSE */), "done");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markup_text),
		cmocka_unit_test(test_hostile_events),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_it_is_whole_at_each_flush),
		cmocka_unit_test(test_a_long_run_has_a_bound),
		cmocka_unit_test(test_states_have_their_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
