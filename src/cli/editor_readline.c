/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines as readline edits them, without its hands on the world: it gets keys from a buffer, writes into the screen's
 * queue, and neither reads, waits, catches signals nor sets the terminal.
 */
#include "cli/editor_private.h"

#include "base/i18n.h"

#ifdef HAVE_READLINE

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/term.h"
#include "base/utf8.h"
#include "base/util.h"
#include "cli/history.h"
#include "cli/readline_library.h"

/* The smallest terminal that readline is told of. */
#define ROWS_MIN    2
#define COLUMNS_MIN 16

/* Whose callback this is: see readline_library_name(). */
static struct editor *editor_of_readline(void)
{
	return CONTAINER_OF(readline_library_name(), struct editor, name);
}

/* ---- What readline asks ---- */

/* The next key; EOF where readline wants one that has not come: it gives up what it was at. */
static int get_key(FILE *file)
{
	struct editor *editor = editor_of_readline();
	unsigned char key;

	(void)file;
	if (editor->keys.len == 0)
		return EOF;
	key = (unsigned char)*buf_peek(&editor->keys);
	buf_consume(&editor->keys, 1);
	return key;
}

static int has_key(void)
{
	return editor_of_readline()->keys.len > 0;
}

static void prep_nothing(int meta)
{
	(void)meta;
}

static void deprep_nothing(void)
{
}

/* Readline's output, into the queue of the screen. */
static ssize_t put_cookie(void *cookie, const char *data, size_t size)
{
	struct editor *editor = cookie;

	screen_put(&editor->screen, data, size);
	return (ssize_t)size;
}

/* Whether something was pasted into the line that is edited now, be it a new one or one of the history. */
static bool *is_pasted(struct editor *editor)
{
	size_t place = (size_t)editor->library->where_history();

	return &editor->is_pasted[place < HISTORY_LINES_MAX ? place : HISTORY_LINES_MAX];
}

/* Remember a line, as it would be typed, but not twice running. */
static void remember(struct editor *editor, const char *line, bool is_text)
{
	bool is_escaped = is_text && line[0] != '\0' && line[0] == editor->settings.escape;
	char *typed = xmalloc(strlen(line) + 2);

	typed[0] = line[0];
	memcpy(typed + is_escaped, line, strlen(line) + 1);
	if (line[0] == '\0' || (editor->last_line != NULL && strcmp(editor->last_line, typed) == 0)) {
		free(typed);
		return;
	}
	free(editor->last_line);
	editor->last_line = typed;
	editor->library->add_history(typed);
	if (editor->history != NULL)
		history_add(editor->history, typed);
}

/* A line was ended. It is delivered when readline is done with it. */
static void on_line(char *line)
{
	struct editor *editor = editor_of_readline();

	free(editor->line);
	editor->line = line;
	editor->has_line = true;
	editor->is_line_pasted = *is_pasted(editor);
	/* Now: behind this call readline takes its place behind the last line of the history, for the next one. */
	if (line != NULL)
		remember(editor, line, editor->is_line_pasted);
}

/* ---- Completion ---- */

static bool ends_with_any(const char *word, const char *ends)
{
	size_t len = strlen(word);

	return len > 0 && strchr(ends, word[len - 1]) != NULL;
}

static char **complete(const char *text, int start, int end)
{
	struct editor *editor = editor_of_readline();
	struct readline_library *rl = editor->library;
	struct editor_words words = { .text = text, .len = strlen(text) };

	(void)end;
	*rl->rl_attempted_completion_over = 1;
	if (editor->settings.complete == NULL)
		return NULL;
	editor->settings.complete(editor->settings.ctx, *rl->rl_line_buffer, (size_t)start, &words);
	if (words.wants_files)
		return rl->rl_completion_matches(text, rl->rl_filename_completion_function);
	if (words.count == 0)
		return NULL;
	editor_words_finish(&words);
	/* They may be listed, and stand between the line and what is unfinished above it. */
	if (words.count > 1)
		editor->screen.column = 0;
	*rl->rl_completion_append_character = ends_with_any(words.words[0], "=/") ? '\0' : ' ';
	return words.words;
}

/* ---- The way ---- */

/* Is there nothing to edit with? Says so, once. */
static bool load(struct editor *editor)
{
	char error[256], sentence[400];

	editor->library = xcalloc(1, sizeof(*editor->library));
	if (readline_library_load(editor->library, error, sizeof(error)))
		return true;
	snprintf(sentence, sizeof(sentence),
		 _("sockt: no line editing: readline cannot be loaded (%s); try the package libreadline8"), error);
	screen_say(&editor->screen, SCREEN_SAID, sentence);
	free(editor->library);
	editor->library = NULL;
	return false;
}

static void add_to_history(void *ctx, const char *line)
{
	struct editor *editor = ctx;

	editor->library->add_history(line);
}

/* What readline leaves to the editor. */
static void set_hooks(struct editor *editor)
{
	struct readline_library *rl = editor->library;

	*rl->rl_readline_name = editor->name;
	*rl->rl_instream = editor->instream;
	*rl->rl_outstream = editor->outstream;
	*rl->rl_getc_function = get_key;
	*rl->rl_input_available_hook = has_key;
	*rl->rl_prep_term_function = prep_nothing;
	*rl->rl_deprep_term_function = deprep_nothing;
	*rl->rl_catch_signals = 0;
	*rl->rl_catch_sigwinch = 0;
	*rl->rl_change_environment = 0;
	*rl->rl_attempted_completion_function = complete;
	*rl->rl_completer_word_break_characters = " \t";
	/* Questions would be waited for. */
	*rl->rl_completion_query_items = -1;
}

/*
 * Let readline look how large the terminal is. Of one row, or of a few columns, it is told no more than this: it
 * scrolls the line sideways then, by a third of its width, and dies by a division where that is 0.
 */
static void take_size(const struct editor *editor)
{
	struct readline_library *rl = editor->library;
	int rows, columns;

	rl->rl_reset_screen_size();
	rl->rl_get_screen_size(&rows, &columns);
	if (rows < ROWS_MIN || columns < COLUMNS_MIN)
		rl->rl_set_screen_size(rows < ROWS_MIN ? ROWS_MIN : rows,
				       editor->screen.columns < COLUMNS_MIN ? COLUMNS_MIN
									    : (int)editor->screen.columns);
}

static bool readline_open(struct editor *editor)
{
	const cookie_io_functions_t output = { .write = put_cookie };
	int fd;

	if (!load(editor))
		return false;
	/* Only its number is used: how wide the terminal is. */
	fd = fcntl(editor->settings.in->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	editor->instream = fd == -1 ? NULL : fdopen(fd, "r");
	editor->outstream = fopencookie(editor, "w", output);
	if (editor->instream == NULL || editor->outstream == NULL)
		return false;
	set_hooks(editor);
	editor->library->rl_initialize();
	take_size(editor);
	editor->library->rl_variable_bind("enable-bracketed-paste", "off");
	editor->library->rl_variable_bind("page-completions", "off");
	/* What was done to other lines of the history than the one that is sent is undone: see is_pasted(). */
	editor->library->rl_variable_bind("revert-all-at-newline", "on");
	/* Each byte is what it is, whatever locale there is. */
	editor->library->rl_variable_bind("input-meta", "on");
	editor->library->rl_variable_bind("output-meta", "on");
	editor->library->rl_variable_bind("convert-meta", "off");
	editor->library->rl_tty_set_echoing(1);
	editor->library->stifle_history(HISTORY_LINES_MAX);
	if (editor->settings.history != NULL) {
		history_read(editor->settings.history, add_to_history, editor);
		editor->history = history_open(editor->settings.history);
	}
	/* Its owner's is not needed any more. */
	editor->settings.history = NULL;
	return true;
}

/* Each key as it is typed, without echo; return and newline told apart; Ctrl-C and Ctrl-Z stay signals. */
static void readline_take_terminal(struct editor *editor)
{
	struct termios termios = editor->termios;

	/* NOFLSH: Ctrl-Z would throw away what the terminal has not shown yet of what the peer sent (termios(3)). */
	termios.c_lflag = (termios.c_lflag & ~(tcflag_t)(ICANON | ECHO | IEXTEN)) | NOFLSH;
	termios.c_iflag &= ~(tcflag_t)(IXON | ISTRIP | INPCK | ICRNL | INLCR);
	termios.c_cc[VMIN] = 1;
	termios.c_cc[VTIME] = 0;
	tcsetattr(editor->settings.in->fd, TCSANOW, &termios);
	screen_mark_pastes(&editor->screen, true);
}

/* The prompt for readline: what does not move the cursor stands between \001 and \002. */
static void format_prompt(const struct editor *editor, char *dst, size_t size)
{
	const char *color = screen_color(&editor->screen, SCREEN_SENT);

	if (color[0] == '\0')
		snprintf(dst, size, "%s", editor->prompt);
	else
		snprintf(dst, size, "\001%s\002%s", color, editor->prompt);
}

static void set_prompt(struct editor *editor)
{
	char prompt[EDITOR_PROMPT_MAX + 32];

	if (!editor->has_prompt)
		return;
	format_prompt(editor, prompt, sizeof(prompt));
	editor->library->rl_set_prompt(prompt);
}

/* The first time it is asked for a line. */
static void install(struct editor *editor)
{
	char prompt[EDITOR_PROMPT_MAX + 32];

	format_prompt(editor, prompt, sizeof(prompt));
	editor->library->rl_callback_handler_install(prompt, on_line);
	fflush(editor->outstream);
	editor->is_installed = true;
}

static void readline_show(struct editor *editor)
{
	if (!editor->is_installed) {
		install(editor);
		return;
	}
	editor->library->rl_forced_update_display();
	fflush(editor->outstream);
}

static void end_color(struct editor *editor)
{
	const char *color = screen_color(&editor->screen, SCREEN_RECEIVED);

	screen_put(&editor->screen, color, strlen(color));
}

static void readline_hide(struct editor *editor)
{
	editor->library->rl_clear_visible_line();
	fflush(editor->outstream);
	end_color(editor);
}

/* Does the line begin as a command, and the cursor stand behind that? */
static bool is_in_command(const struct editor *editor)
{
	const struct readline_library *rl = editor->library;

	return editor->settings.escape != '\0' && *rl->rl_point > 0 &&
	       (*rl->rl_line_buffer)[0] == editor->settings.escape;
}

/* Insert what was pasted, as it is. */
static void insert_paste(struct editor *editor)
{
	struct readline_library *rl = editor->library;
	struct buf *text = &editor->paste.text;

	if (text->len > 0 && !is_in_command(editor))
		*is_pasted(editor) = true;
	buf_append(text, "", 1);
	/* Readline's lines end there. */
	if (strlen(buf_peek(text)) + 1 < text->len)
		screen_say(&editor->screen, SCREEN_SAID,
			   _("sockt: what was pasted holds a NUL byte, and no line can: it is not taken"));
	else
		rl->rl_insert_text(buf_peek(text));
	buf_clear(text);
	if (editor->is_shown)
		rl->rl_redisplay();
	fflush(editor->outstream);
}

/* Hand out a line that was ended. */
static void deliver(struct editor *editor)
{
	char *line = editor->line;
	bool is_text = editor->is_line_pasted;

	editor->line = NULL;
	editor->has_line = false;
	memset(editor->is_pasted, 0, sizeof(editor->is_pasted));
	editor_deliver(editor, line, line != NULL ? strlen(line) : 0, is_text);
	free(line);
}

/* Let readline take the keys there are, line by line. */
static void take_keys(struct editor *editor)
{
	while (editor->keys.len > 0 && editor->has_prompt && !editor->is_ended) {
		/* What a line has caused to be written stands above the next one. */
		if (!editor->is_shown)
			editor_show(editor);
		editor->library->rl_callback_read_char();
		fflush(editor->outstream);
		if (editor->has_line)
			deliver(editor);
		else if (*editor->library->rl_end == 0)
			*is_pasted(editor) = false;
	}
}

static void say_too_long(struct editor *editor)
{
	screen_say(&editor->screen, SCREEN_SAID,
		   _("sockt: what was pasted is longer than 1 MiB: it is not taken; /file sends a file"));
}

static void readline_take_input(struct editor *editor)
{
	while (editor->input.len > 0 && editor->has_prompt && !editor->is_ended) {
		char byte = *buf_peek(&editor->input);

		buf_consume(&editor->input, 1);
		switch (paste_take(&editor->paste, byte)) {
		case PASTE_NOTHING:
			break;
		case PASTE_KEYS:
			buf_append(&editor->keys, editor->paste.keys, editor->paste.key_count);
			take_keys(editor);
			break;
		case PASTE_TEXT:
			if (!editor->is_shown)
				editor_show(editor);
			insert_paste(editor);
			break;
		case PASTE_TOO_LONG:
			say_too_long(editor);
			break;
		}
	}
}

/* How many columns len bytes of text take. */
static unsigned text_columns(const char *text, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)text;
	unsigned columns = 0;
	uint32_t code;

	for (size_t at = 0; at < len;) {
		int n = utf8_decode(bytes + at, len - at, &code), width = n > 0 ? wcwidth((wchar_t)code) : 1;

		columns += width > 0 ? (unsigned)width : 0;
		at += n > 0 ? (size_t)n : 1;
	}
	return columns;
}

/*
 * The terminal has broken the line anew for its width, with the cursor where it was in the text, as nearly all of them
 * do; readline takes it to be broken as before, and would erase what stands above. So it is taken off here.
 */
static void readline_resize(struct editor *editor)
{
	struct readline_library *rl = editor->library;
	unsigned columns = editor->screen.columns != 0 ? editor->screen.columns : 1, up;
	char erase[40];

	take_size(editor);
	if (!editor->is_shown)
		return;
	up = text_columns(editor->prompt, strlen(editor->prompt)) +
	     text_columns(*rl->rl_line_buffer, (size_t)*rl->rl_point);
	up /= columns;
	snprintf(erase, sizeof(erase), up > 0 ? "\r\033[%uA\033[J" : "\r\033[J", up);
	if (editor->screen.is_dumb)
		snprintf(erase, sizeof(erase), "\r\n");
	screen_put(&editor->screen, erase, strlen(erase));
	end_color(editor);
	editor->is_shown = false;
	loop_post_later(editor->settings.loop, &editor->show_task);
}

static void readline_discard(struct editor *editor)
{
	struct readline_library *rl = editor->library;

	if (!editor->is_installed)
		return;
	/* What was begun (a search, a quoted key, an argument) is over too. */
	rl->rl_callback_sigcleanup();
	rl->rl_free_line_state();
	rl->rl_replace_line("", 1);
	/* Readline has to see the line become empty, or it takes its length for where the cursor is. */
	rl->rl_redisplay();
	fflush(editor->outstream);
	buf_clear(&editor->keys);
}

static void readline_close(struct editor *editor)
{
	struct readline_library *rl = editor->library;

	if (editor->is_installed)
		rl->rl_callback_handler_remove();
	*rl->rl_outstream = NULL;
	*rl->rl_instream = NULL;
	*rl->rl_readline_name = NULL;
	fclose(editor->outstream);
	fclose(editor->instream);
	history_close(editor->history);
	free(editor->last_line);
	/* The library stays: it is not made to be taken out. */
	free(rl);
}

const struct editor_way editor_readline = {
	.open = readline_open,
	.take_terminal = readline_take_terminal,
	.show = readline_show,
	.hide = readline_hide,
	.set_prompt = set_prompt,
	.take_input = readline_take_input,
	.resize = readline_resize,
	.discard = readline_discard,
	.close = readline_close,
};

#else

static bool absent_open(struct editor *editor)
{
	screen_say(&editor->screen, SCREEN_SAID, _("sockt: no line editing: this sockt was built without readline"));
	return false;
}

const struct editor_way editor_readline = { .open = absent_open };

#endif
