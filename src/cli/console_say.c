/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the console tells the person: made safe for the terminal, and broken at words where it is wider than that. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "base/wrap.h"
#include "cli/console_private.h"

#define SENTENCE_MAX 1024

void console_show(struct console *console, const char *text)
{
	struct escape_term state = { .held_len = 0 };
	size_t len = strlen(text);
	/* Names that somebody has typed or pasted are in it. */
	char *safe = xmalloc(ESCAPE_TERM_MAX(len) + 1);
	struct buf rows = { .len = 0 };

	safe[escape_term(&state, text, len, true, safe)] = '\0';
	wrap_rows(safe, console->screen->columns, &rows);
	buf_append(&rows, "", 1);
	screen_say(console->screen, SCREEN_SAID, buf_peek(&rows));
	buf_clear(&rows);
	free(safe);
}

void console_say(struct console *console, const char *sentence)
{
	char line[SENTENCE_MAX];

	snprintf(line, sizeof(line), "sockt: %s", sentence);
	console_show(console, line);
}

void console_tell(struct console *console, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	console_say(console, sentence);
}

void console_tell_event(struct console *console, const char *format, ...)
{
	char sentence[SENTENCE_MAX];
	va_list args;

	if (console->rn->options->is_quiet)
		return;
	if (!screen_has_room(console->screen)) {
		console->left_out++;
		return;
	}
	if (console->left_out > 0)
		console_tell(console, _("%" PRIu64 " lines are left out here: the terminal did not keep up"),
			     console->left_out);
	console->left_out = 0;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	console_say(console, sentence);
}
