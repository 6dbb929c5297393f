/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay says of its pairs: of many that fail alike once, however many they are. See relay_private.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/i18n.h"
#include "engine/relay_private.h"
#include "engine/report.h"

/* What is said of a pair is no longer. */
#define SENTENCE_MAX 512

/* Say what is so of a pair, once until *has_said is false again; where there is a trace, of each. */
static void __attribute__((format(printf, 4, 5))) relay_say_once(struct relay *relay, const struct pair *pair,
								  bool *has_said, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	if (*has_said && relay->settings.engine->st->bus->level == 0)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (*has_said)
		step_note(relay->settings.engine->st, pair->number, "%s", sentence);
	else
		engine_say_of(relay->settings.engine, pair->number, "%s", sentence);
	*has_said = true;
}

/* The target cannot be reached. */
static void relay_say_unreachable(struct relay *relay, const struct pair *pair, const struct failure *fail)
{
	char report[REPORT_MAX];
	struct text text;

	text_init(&text, report, sizeof(report));
	report_format(fail, NULL, &text);
	/* Without the name of the program and the newline: whoever says it adds them. */
	if (text.len > 0)
		report[text.len - 1] = '\0';
	relay_say_once(relay, pair, &relay->has_said_unreachable, _("%s; the client is reset"),
		       report + sizeof("sockt: ") - 1);
}

void relay_pair_dialed(void *ctx, struct pair *pair, const struct failure *fail)
{
	struct relay *relay = ctx;

	if (fail == NULL) {
		relay->has_said_unreachable = false;
		relay_lacks_no_more(relay);
		return;
	}
	relay->counts.failed++;
	/* A run of one session says it as its end; the client of a proxy is told itself. */
	if (relay->single == NULL && relay->settings.reception == NULL)
		relay_say_unreachable(relay, pair, fail);
}

void relay_pair_greeted(void *ctx, struct pair *pair, const char *why)
{
	struct relay *relay = ctx;

	if (why == NULL) {
		relay->has_said_headerless = false;
		return;
	}
	relay->counts.headerless++;
	relay_say_once(relay, pair, &relay->has_said_headerless, "%s", why);
}

void relay_pair_undelivered(void *ctx, struct pair *pair, const char *why)
{
	struct relay *relay = ctx;

	if (why == NULL)
		relay->has_said_undelivered = false;
	else
		relay_say_once(relay, pair, &relay->has_said_undelivered, _("%s; the session goes on"), why);
}
