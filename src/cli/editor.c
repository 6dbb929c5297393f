/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line editor's life on the loop: see editor.h. */
#include "cli/editor.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/term.h"
#include "base/util.h"
#include "cli/editor_private.h"

#define READ_SIZE 4096
#define LOOK_NS (NS_PER_S / 2)
#define CLOSE_WAIT_MS 1000

bool editor_can_open(const struct sock *in, const struct sock *out)
{
	return in->fd != -1 && out->fd != -1 && in->kind == SOCK_KIND_TERMINAL && out->kind == SOCK_KIND_TERMINAL;
}

/* ---- What is shown ---- */

void editor_show(struct editor *editor)
{
	if (editor->is_shown || !editor->has_prompt || editor->is_away || editor->is_closing)
		return;
	screen_step_below(&editor->screen);
	editor->way->show(editor);
	editor->is_shown = true;
}

/* Another width: what is shown is taken off as the terminal has broken it anew. */
static void take_size(struct editor *editor)
{
	unsigned columns = term_columns(editor->settings.out->fd);

	if (columns == editor->screen.columns)
		return;
	editor->screen.columns = columns;
	/* Where what is unfinished stands now, only the terminal knows. */
	if (editor->is_shown)
		editor->screen.column = 0;
	editor->way->resize(editor);
}

static void hide(struct editor *editor)
{
	/* It may have changed a moment ago, and the signal not have come yet. */
	if (editor->is_shown)
		take_size(editor);
	if (!editor->is_shown)
		return;
	editor->way->hide(editor);
	editor->is_shown = false;
	screen_step_back(&editor->screen);
}

/* Somebody writes: the line goes off, and comes back when all have written what they have now. */
static void on_hide(void *ctx)
{
	struct editor *editor = ctx;

	hide(editor);
	loop_post_later(editor->settings.loop, &editor->show_task);
}

static void on_show(struct task *task)
{
	struct editor *editor = CONTAINER_OF(task, struct editor, show_task);

	/* Where the terminal takes nothing, prompts that follow each other are not queued: see on_out(). */
	if (editor->screen.held.len < SCREEN_MAX)
		editor_show(editor);
}

static void on_wrote(void *ctx)
{
	struct editor *editor = ctx;

	editor->is_full = editor->is_full || !screen_has_room(&editor->screen);
	if (!editor->is_closing)
		loop_post(editor->settings.loop, &editor->out_task);
}

/* Write what the terminal takes, and let those go on who wait for it. */
static void on_out(struct task *task)
{
	struct editor *editor = CONTAINER_OF(task, struct editor, out_task);

	screen_flush(&editor->screen);
	if (editor->screen.held.len < SCREEN_MAX && !editor->is_shown)
		loop_post_later(editor->settings.loop, &editor->show_task);
	if (editor->screen.held.len < SCREEN_MAX && editor->input.len > 0)
		loop_post(editor->settings.loop, &editor->in_task);
	if (!editor->is_full || !screen_has_room(&editor->screen))
		return;
	editor->is_full = false;
	if (editor->settings.has_room != NULL)
		editor->settings.has_room(editor->settings.ctx);
}

struct screen *editor_screen(struct editor *editor)
{
	return &editor->screen;
}

/* The prompt of a line that stands aside. */
static void set_prompt_aside(struct editor *editor, const char *prompt)
{
	editor->aside.has_prompt = prompt != NULL;
	editor->aside.is_prompt_new = true;
	snprintf(editor->prompt, sizeof(editor->prompt), "%s", prompt != NULL ? prompt : "");
}

void editor_set_prompt(struct editor *editor, const char *prompt)
{
	if (editor->way == &editor_keys) {
		set_prompt_aside(editor, prompt);
		return;
	}
	if (prompt != NULL && editor->has_prompt && strcmp(prompt, editor->prompt) == 0)
		return;
	hide(editor);
	editor->has_prompt = prompt != NULL;
	snprintf(editor->prompt, sizeof(editor->prompt), "%s", prompt != NULL ? prompt : "");
	editor->way->set_prompt(editor);
	loop_post_later(editor->settings.loop, &editor->show_task);
	/* What was typed ahead. */
	if (editor->has_prompt)
		loop_post(editor->settings.loop, &editor->in_task);
}

void editor_ask(struct editor *editor, const char *prompt, void (*key)(void *ctx, char byte), void *ctx)
{
	hide(editor);
	snprintf(editor->question.prompt, sizeof(editor->question.prompt), "%s", prompt);
	editor->question.key = key;
	editor->question.ctx = ctx;
	if (editor->way != &editor_keys) {
		editor->aside.way = editor->way;
		editor->aside.has_prompt = editor->has_prompt;
		editor->aside.is_prompt_new = false;
		editor->way = &editor_keys;
		/* It has to be as keys want it. */
		editor->is_taken = false;
		editor->has_prompt = false;
	}
	/* What was typed ahead. */
	if (!editor->has_prompt)
		loop_post(editor->settings.loop, &editor->in_task);
	editor->has_prompt = true;
	loop_post_later(editor->settings.loop, &editor->show_task);
}

void editor_pause(struct editor *editor)
{
	if (editor->way != &editor_keys)
		return;
	hide(editor);
	editor->has_prompt = false;
}

void editor_answered(struct editor *editor)
{
	if (editor->way != &editor_keys)
		return;
	hide(editor);
	editor->way = editor->aside.way;
	editor->has_prompt = editor->aside.has_prompt;
	if (editor->aside.is_prompt_new)
		editor->way->set_prompt(editor);
	editor->is_taken = false;
	/* The driver's own editing wants the terminal as it was found. */
	if (editor->way == &editor_plain)
		tcsetattr(editor->settings.in->fd, TCSANOW, &editor->termios);
	if (!editor->is_closing)
		loop_post(editor->settings.loop, &editor->in_task);
}

void editor_discard(struct editor *editor)
{
	if (editor->way == &editor_keys)
		return;
	editor_show(editor);
	if (editor->is_shown)
		editor->way->discard(editor);
	hide(editor);
	memset(editor->is_pasted, 0, sizeof(editor->is_pasted));
	loop_post_later(editor->settings.loop, &editor->show_task);
}

/* ---- What is typed ---- */

void editor_deliver(struct editor *editor, const char *text, size_t len, bool is_pasted)
{
	const struct editor_line line = { .text = text, .len = len, .is_pasted = is_pasted };

	/* The typed line stands on the screen now: nothing is continued over it. */
	editor->screen.column = 0;
	editor->settings.line(editor->settings.ctx, text == NULL ? NULL : &line);
}

/* Nothing more will come: the terminal has gone. */
static void input_ended(struct editor *editor)
{
	if (editor->way == &editor_keys) {
		editor->question.key(editor->question.ctx, 'd' & 0x1f);
		return;
	}
	if (editor->is_ended)
		return;
	editor->is_ended = true;
	editor_deliver(editor, NULL, 0, false);
}

/* Is the terminal ours to read? */
static bool is_ours(struct editor *editor)
{
	bool is_away = !term_is_foreground(editor->settings.in->fd);

	if (is_away && !editor->is_away) {
		/* It is in the hands of others, and as they want it; they write below the line already. */
		editor->is_shown = false;
		editor->screen.column = 0;
		editor->is_taken = false;
	}
	editor->is_away = is_away;
	if (!is_away && !editor->is_taken) {
		editor->way->take_terminal(editor);
		editor->is_taken = true;
		loop_post_later(editor->settings.loop, &editor->show_task);
	}
	return !is_away;
}

static void look_later(struct editor *editor)
{
	loop_timer_set(editor->settings.loop, &editor->look, editor->settings.st->env->now_ns() + LOOK_NS);
}

/* The terminal was another job's when it was looked at. */
static void on_look(struct timer *timer)
{
	struct editor *editor = CONTAINER_OF(timer, struct editor, look);

	if (is_ours(editor))
		loop_post(editor->settings.loop, &editor->in_task);
	else
		look_later(editor);
}

/* Read once. Returns false where there is nothing more now. */
static bool read_once(struct editor *editor)
{
	struct sock *in = editor->settings.in;
	char bytes[READ_SIZE];
	ssize_t n;

	if ((in->ready & (READY_IN | READY_HUP)) == 0)
		return false;
	n = step_read(&editor->quiet, in, bytes, sizeof(bytes));
	if (n > 0)
		buf_append(&editor->input, bytes, (size_t)n);
	else if (n == 0 && editor->way == &editor_plain && (in->ready & READY_HUP) == 0)
		editor_deliver(editor, NULL, 0, false);
	else if (n != -EAGAIN)
		input_ended(editor);
	return n > 0;
}

static void on_in(struct task *task)
{
	struct editor *editor = CONTAINER_OF(task, struct editor, in_task);

	if (editor->is_ended && editor->way != &editor_keys)
		return;
	if (!is_ours(editor)) {
		look_later(editor);
		return;
	}
	/* One read a turn: whoever pastes much shares the loop with the others. */
	if (editor->input.len == 0 && !read_once(editor))
		return;
	if (!editor->has_prompt || editor->screen.held.len >= SCREEN_MAX)
		return;
	editor_show(editor);
	editor->way->take_input(editor);
	if (!editor->is_ended)
		loop_post_later(editor->settings.loop, &editor->in_task);
}

void editor_end(struct editor *editor)
{
	editor->is_ended = true;
	hide(editor);
	editor->has_prompt = false;
}

/* ---- Signals ---- */

void editor_add_signals(sigset_t *set)
{
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTSTP);
	sigaddset(set, SIGCONT);
	sigaddset(set, SIGWINCH);
}

/* Put the terminal back as it was found. */
static void give_terminal(struct editor *editor)
{
	if (!editor->is_taken)
		return;
	editor->is_taken = false;
	if (editor->way != &editor_plain)
		screen_mark_pastes(&editor->screen, false);
	screen_drain(&editor->screen, CLOSE_WAIT_MS);
	/* At once: waiting for output to be taken (TCSADRAIN) could take for ever. */
	tcsetattr(editor->settings.in->fd, TCSANOW, &editor->termios);
}

/* Ctrl-Z: stop, with the terminal as it was found; this returns when we go on. */
static void stop(struct editor *editor)
{
	sigset_t set;

	hide(editor);
	give_terminal(editor);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	/* It is blocked, for the loop takes it: let it do what it does to every program. */
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* We go on: the terminal may have been changed by whoever had it meanwhile, and the line is not where it was. */
static void go_on(struct editor *editor)
{
	if (editor->is_shown && term_is_foreground(editor->settings.in->fd))
		screen_put(&editor->screen, "\n", 1);
	editor->is_shown = false;
	editor->is_taken = false;
	editor->screen.column = 0;
	editor->settings.in->ready |= READY_IN;
	loop_post(editor->settings.loop, &editor->in_task);
}

bool editor_signaled(struct editor *editor, int number)
{
	switch (number) {
	case SIGINT:
		editor->settings.interrupted(editor->settings.ctx);
		return true;
	case SIGTSTP:
		stop(editor);
		go_on(editor);
		return true;
	case SIGCONT:
		go_on(editor);
		return false;
	case SIGWINCH:
		take_size(editor);
		return true;
	default:
		return false;
	}
}

/* ---- Its life ---- */

/*
 * How wide characters are, and where one ends, the C library knows for the locale only. Where none is set (a container,
 * a bare ssh), or one of single bytes, it is UTF-8 all the same: so is what arrives. That of the thread, too, since
 * readline sets the other to what the environment says.
 */
static void set_locale(struct editor *editor)
{
	const char *name = setlocale(LC_CTYPE, "");

	if (name != NULL && MB_CUR_MAX > 1)
		return;
	setlocale(LC_CTYPE, "C.UTF-8");
	editor->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	if (editor->locale != NULL)
		uselocale(editor->locale);
}

/* Choose how lines are edited. */
static void open_way(struct editor *editor)
{
	set_locale(editor);
	editor->way = &editor_readline;
	if (editor->way->open(editor))
		return;
	editor->way = &editor_plain;
	editor->way->open(editor);
}

struct editor *editor_open(const struct editor_settings *settings)
{
	struct editor *editor = xcalloc(1, sizeof(*editor));
	struct loop *loop = settings->loop;

	editor->settings = *settings;
	snprintf(editor->name, sizeof(editor->name), "sockt");
	editor->quiet = *settings->st;
	editor->quiet.gate = NULL;
	editor->in_task.run = on_in;
	editor->out_task.run = on_out;
	editor->show_task.run = on_show;
	editor->look.fire = on_look;
	editor->screen = (struct screen){
		.fd = settings->out->fd,
		.needs_poll = settings->out->needs_poll,
		.is_colored = settings->is_colored,
		.is_dumb = term_is_dumb(),
		.columns = term_columns(settings->out->fd),
		.hide = on_hide,
		.wrote = on_wrote,
		.ctx = editor,
	};
	editor->is_ended = tcgetattr(settings->in->fd, &editor->termios) == -1;
	open_way(editor);
	settings->in->ready |= READY_IN;
	if (loop_watch(loop, settings->in, &editor->in_task) < 0 ||
	    loop_watch(loop, settings->out, &editor->out_task) < 0)
		editor->is_ended = true;
	loop_post(loop, &editor->in_task);
	return editor;
}

void editor_close(struct editor *editor)
{
	struct loop *loop;

	if (editor == NULL)
		return;
	loop = editor->settings.loop;
	screen_break(&editor->screen);
	editor->is_closing = true;
	editor_answered(editor);
	/* In the background it is another job's: to set it would stop us (SIGTTOU). */
	editor->is_taken = term_is_foreground(editor->settings.in->fd);
	give_terminal(editor);
	screen_drain(&editor->screen, CLOSE_WAIT_MS);
	editor->way->close(editor);
	loop_unpost(loop, &editor->in_task);
	loop_unpost(loop, &editor->out_task);
	loop_unpost(loop, &editor->show_task);
	loop_timer_clear(loop, &editor->look);
	loop_unwatch(loop, editor->settings.in);
	loop_unwatch(loop, editor->settings.out);
	screen_clear(&editor->screen);
	buf_clear(&editor->input);
	buf_clear(&editor->keys);
	buf_clear(&editor->paste.text);
	if (editor->locale != NULL) {
		uselocale(LC_GLOBAL_LOCALE);
		freelocale(editor->locale);
	}
	free(editor->line);
	free(editor);
}
