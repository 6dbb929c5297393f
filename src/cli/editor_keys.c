/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys in the place of lines, while somebody asks: see editor_ask(). The line that is typed stands aside meanwhile. */
#include <string.h>

#include "cli/editor_private.h"

static void keys_nothing(struct editor *editor)
{
	(void)editor;
}

static bool keys_open(struct editor *editor)
{
	(void)editor;
	return true;
}

static void keys_take_terminal(struct editor *editor)
{
	struct termios termios = editor->termios;

	termios.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	termios.c_iflag |= ICRNL;
	termios.c_cc[VMIN] = 1;
	termios.c_cc[VTIME] = 0;
	tcsetattr(editor->settings.in->fd, TCSANOW, &termios);
	/* What is pasted are keys as well. */
	if (editor->aside.way != &editor_plain)
		screen_mark_pastes(&editor->screen, false);
}

static void keys_show(struct editor *editor)
{
	screen_put(&editor->screen, editor->question.prompt, strlen(editor->question.prompt));
}

static void keys_hide(struct editor *editor)
{
	const char *erase = screen_erase_row(&editor->screen);

	screen_put(&editor->screen, erase, strlen(erase));
}

static void keys_take_input(struct editor *editor)
{
	while (editor->way == &editor_keys && editor->has_prompt && editor->input.len > 0) {
		char key = buf_peek(&editor->input)[0];

		buf_consume(&editor->input, 1);
		editor->question.key(editor->question.ctx, key);
	}
}

const struct editor_way editor_keys = {
	.open = keys_open,
	.take_terminal = keys_take_terminal,
	.show = keys_show,
	.hide = keys_hide,
	.set_prompt = keys_nothing,
	.take_input = keys_take_input,
	.resize = keys_nothing,
	.discard = keys_nothing,
	.close = keys_nothing,
};
