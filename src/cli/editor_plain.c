/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines as the terminal's driver edits them, where there is no readline. The terminal stays as it is. What is written
 * meanwhile takes a half-typed line off the screen; the driver still has it.
 */
#include <string.h>

#include "base/i18n.h"
#include "cli/editor_private.h"

static bool plain_open(struct editor *editor)
{
	(void)editor;
	return true;
}

static void plain_nothing(struct editor *editor)
{
	(void)editor;
}

static void plain_show(struct editor *editor)
{
	screen_put(&editor->screen, editor->prompt, strlen(editor->prompt));
}

static void plain_hide(struct editor *editor)
{
	const char *erase = screen_erase_row(&editor->screen);

	screen_put(&editor->screen, erase, strlen(erase));
}

/* The longest line that the driver of a terminal takes, without its newline (termios(3), canonical mode). */
#define DRIVER_LINE_MAX 4095

/* What is typed beyond is lost in the driver. */
static void say_cut(struct editor *editor)
{
	screen_say(&editor->screen, SCREEN_SAID,
		   _("sockt: the terminal takes no line that is longer than 4095 bytes: what was typed behind that "
		     "is lost"));
}

/* Whole lines; the last one may end without a newline (Ctrl-D behind what was typed). */
static void plain_take_input(struct editor *editor)
{
	while (editor->input.len > 0 && editor->has_prompt && !editor->is_ended) {
		const char *data = buf_peek(&editor->input), *newline = memchr(data, '\n', editor->input.len);
		size_t len = newline != NULL ? (size_t)(newline - data) : editor->input.len;

		/* The driver has echoed it, with its newline. */
		editor->is_shown = false;
		if (newline != NULL && len == DRIVER_LINE_MAX)
			say_cut(editor);
		editor_deliver(editor, data, len, false);
		buf_consume(&editor->input, len + (newline != NULL));
	}
	loop_post_later(editor->settings.loop, &editor->show_task);
}

const struct editor_way editor_plain = {
	.open = plain_open,
	.take_terminal = plain_nothing,
	.show = plain_show,
	.hide = plain_hide,
	.set_prompt = plain_nothing,
	.take_input = plain_take_input,
	.resize = plain_nothing,
	.discard = plain_nothing,
	.close = plain_nothing,
};
