/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shell at a terminal: its line editor, and what can be completed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/screen.h"
#include "base/term.h"
#include "base/util.h"
#include "cli/history.h"
#include "cli/shell_private.h"
#include "cli/stepping.h"
#include "trace/guide.h"
#include "trace/sink_out.h"

#define PATH_SIZE 4096
#define VERB_MAX 32

bool shell_is_typed(const struct running *rn)
{
	return rn->options->command->bit == COMMAND_SHELL && rn->options->word_count == 0 &&
	       editor_can_open(&rn->io.in, &rn->io.out);
}

/* ---- Completion ---- */

/* The words that may stand for each argument of a verb that is no socket's name. */
static const struct {
	const char *verb;
	const char *words; /* divided by blanks */
} choices[] = {
	{ "socket", "tcp tcp6 udp udp6 unix unix-dgram unix-seqpacket" },
	{ "shutdown", "rd wr rdwr" },
	{ "nonblock", "on off" },
	{ "recv", "peek waitall dontwait oob trunc" },
	{ "recvfrom", "peek dontwait trunc" },
	{ "send", "dontwait more oob" },
	{ "linger", "off" },
	{ "expect", "= data within after from address poll option state queue unread unacked drops waits" },
};

static void add_words(const char *words, struct editor_words *to)
{
	char word[VERB_MAX];

	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		editor_words_add(to, word);
		words += len + strspn(words + len, " ");
	}
}

/* All that a function names. */
static void add_named(const char *(*next)(const void *ctx, size_t i), struct editor_words *to)
{
	const char *name;

	for (size_t i = 0; (name = next(NULL, i)) != NULL; i++)
		editor_words_add(to, name);
}

/* The sockets that are open. */
static void add_socks(const struct shell *sh, struct editor_words *to)
{
	for (const struct shell_sock *sock = sh->socks; sock != NULL; sock = sock->next) {
		if (sock->sk.fd != -1)
			editor_words_add(to, sock->name);
	}
}

/* The verb of a line, behind NAME =. */
static void find_verb(const char *line, size_t start, char verb[VERB_MAX])
{
	const char *equals = memchr(line, '=', start);

	line += strspn(line, " \t");
	if (equals != NULL && strncmp(line, "expect", strlen("expect")) != 0)
		line = equals + 1;
	line += strspn(line, " \t");
	snprintf(verb, VERB_MAX, "%.*s", (int)strcspn(line, " \t"), line);
}

/* Does a word of a line that is a verb begin at start? */
static bool is_verb_place(const char *line, size_t start)
{
	size_t at = start;

	while (at > 0 && (line[at - 1] == ' ' || line[at - 1] == '\t'))
		at--;
	return at == 0 || line[at - 1] == '=';
}

static void complete(void *ctx, const char *line, size_t start, struct editor_words *words)
{
	const struct shell *sh = ctx;
	char verb[VERB_MAX];

	if (is_verb_place(line, start)) {
		add_named(shell_verb_name_at, words);
		return;
	}
	find_verb(line, start, verb);
	if (strcmp(verb, "help") == 0) {
		add_named(shell_verb_name_at, words);
		return;
	}
	if (strcmp(verb, "explain") == 0) {
		add_named(guide_name_at, words);
		return;
	}
	add_socks(sh, words);
	if (strcmp(verb, "setsockopt") == 0 || strcmp(verb, "getsockopt") == 0)
		add_named(sockopt_named_at, words);
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		if (strcmp(choices[i].verb, verb) == 0)
			add_words(choices[i].words, words);
	}
}

/* ---- Life ---- */

/* A line, or, as NULL, the end. */
static void on_line(void *ctx, const struct editor_line *line)
{
	struct shell *sh = ctx;

	sh->is_prompted = false;
	if (line == NULL) {
		sh->script.is_ended = true;
	} else {
		buf_append(&sh->script.text, line->text, line->len);
		buf_append(&sh->script.text, "\n", 1);
	}
	loop_post_later(sh->rn->loop, &sh->task);
}

static void on_interrupted(void *ctx)
{
	struct shell *sh = ctx;

	editor_discard(sh->editor);
	shell_interrupt(sh);
}

/* Where its history is kept; NULL: nowhere. What is sent by a console is kept in another file. */
static const char *history_file(const struct options *options, char *dst, size_t size)
{
	if (options->history != NULL)
		return strcmp(options->history, "none") == 0 ? NULL : options->history;
	if (!history_path(dst, size) || strlen(dst) + sizeof("-shell") > size)
		return NULL;
	memcpy(dst + strlen(dst), "-shell", sizeof("-shell"));
	return dst;
}

void shell_editor_open(struct shell *sh)
{
	struct running *rn = sh->rn;
	char path[PATH_SIZE];
	const struct editor_settings settings = {
		.loop = rn->loop,
		.st = &sh->quiet,
		.in = &rn->io.in,
		.out = &rn->io.out,
		.history = history_file(rn->options, path, sizeof(path)),
		.is_colored = term_wants_color(STDOUT_FILENO, rn->options->color),
		.line = on_line,
		.interrupted = on_interrupted,
		.complete = complete,
		.ctx = sh,
	};

	sh->editor = editor_open(&settings);
	shell_editor_share(sh);
	/* Questions stand in the place of the line. */
	stepping_use_editor(rn, sh->editor);
}

/* Let the sinks that write to the terminal write to screen; NULL: as they did. */
static void share(struct shell *sh, struct screen *screen)
{
	for (struct sink *sink = sh->rn->bus.sinks; sink != NULL; sink = sink->next) {
		if (term_is_same(sink_out_fd(sink->out), sh->rn->io.out.fd))
			sink_out_set_screen(sink->out, screen);
	}
}

void shell_editor_share(struct shell *sh)
{
	if (sh->editor != NULL)
		share(sh, editor_screen(sh->editor));
}

void shell_editor_close(struct shell *sh)
{
	if (sh->editor == NULL)
		return;
	share(sh, NULL);
	stepping_use_editor(sh->rn, NULL);
	editor_close(sh->editor);
	sh->editor = NULL;
}

bool shell_signaled(struct shell *sh, int number)
{
	return sh->editor != NULL && editor_signaled(sh->editor, number);
}
