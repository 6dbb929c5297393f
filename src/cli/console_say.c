/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the console tells the person: made safe for the terminal, and broken at words where it is wider than that. */
#include <ctype.h>
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

void console_row(struct console *console, const char *row)
{
	console_show(console, row);
}

/* Does a command's name, or its value, begin behind the slash at that place of a format? */
static bool is_mark(const char *format, size_t at)
{
	char before = at == 0 ? ' ' : format[at - 1], next;

	if (format[at] != '/' || strchr(" (/", before) == NULL)
		return false;
	next = format[at + 1];
	return isalpha((unsigned char)next) || next == '%' || next == '/';
}

/*
 * Sentences name commands with a slash: put in its place what they begin with here (--escape). Where there are none,
 * what names one is left out.
 */
static void name_commands(const struct console *console, const char *format, char dst[SENTENCE_MAX])
{
	size_t len = 0;

	for (size_t at = 0; format[at] != '\0' && len < SENTENCE_MAX - 1; at++) {
		bool is_hint = format[at] == ';' && format[at + 1] == ' ' && is_mark(format, at + 2);

		if (console->escape == '\0' && is_hint)
			break;
		dst[len++] = is_mark(format, at) && console->escape != '\0' ? console->escape : format[at];
	}
	dst[len] = '\0';
}

/* A sentence, named and filled in. */
static void say_format(struct console *console, const char *format, va_list args)
{
	char named[SENTENCE_MAX], sentence[SENTENCE_MAX];

	name_commands(console, format, named);
	vsnprintf(sentence, sizeof(sentence), named, args);
	console_say(console, sentence);
}

const char *console_hint(const struct console *console, char dst[CONSOLE_HINT_MAX])
{
	dst[0] = '\0';
	if (console->escape != '\0')
		snprintf(dst, CONSOLE_HINT_MAX, _("; %chelp for commands"), console->escape);
	return dst;
}

void console_tell(struct console *console, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_format(console, format, args);
	va_end(args);
}

void console_tell_event(struct console *console, const char *format, ...)
{
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
	say_format(console, format, args);
	va_end(args);
}
