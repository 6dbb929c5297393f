/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What editor.c (its life on the loop) and the two ways to edit (editor_readline.c, editor_plain.c) share. */
#ifndef SOCKT_CLI_EDITOR_PRIVATE_H
#define SOCKT_CLI_EDITOR_PRIVATE_H

#include <locale.h>
#include <stdio.h>
#include <termios.h>

#include "cli/editor.h"
#include "cli/history.h"
#include "cli/paste.h"

#define EDITOR_PROMPT_MAX 256
#define EDITOR_QUESTION_MAX 128

/* A way to edit a line. */
struct editor_way {
	/* Begin, with the terminal as it was found. Returns false where it cannot. */
	bool (*open)(struct editor *editor);
	/* The terminal is ours: make it as editing wants it; or not any more. May be called again. */
	void (*take_terminal)(struct editor *editor);
	/* Put the prompt and what is typed on the screen, where the cursor is; or take it off. */
	void (*show)(struct editor *editor);
	void (*hide)(struct editor *editor);
	void (*set_prompt)(struct editor *editor);
	/* Bytes have come: they are taken off editor->input. */
	void (*take_input)(struct editor *editor);
	void (*resize)(struct editor *editor);
	void (*discard)(struct editor *editor);
	void (*close)(struct editor *editor);
};

struct editor {
	char name[16]; /* first: rl_readline_name points to it */
	struct editor_settings settings;
	struct screen screen;
	struct stepper quiet; /* what a person types key by key is no step of the run */
	struct task in_task, out_task, show_task;
	struct timer look;    /* whether the terminal is ours again */
	struct termios termios; /* as it was found */
	locale_t locale;      /* of this thread; NULL: that of the program */
	const struct editor_way *way;
	struct history *history; /* NULL: none is kept */
	char prompt[EDITOR_PROMPT_MAX];
	struct buf input;     /* bytes that were read and not yet taken */
	struct {
		char prompt[EDITOR_QUESTION_MAX];
		void (*key)(void *ctx, char byte);
		void *ctx;
	} question;           /* while way is editor_keys */
	struct {
		const struct editor_way *way;
		bool has_prompt, is_prompt_new;
	} aside;              /* the line meanwhile */
	bool has_prompt;      /* a line is asked for */
	bool is_shown;        /* it is on the screen */
	bool is_taken;        /* the terminal is as editing wants it */
	bool is_away;         /* we are in the background */
	bool is_ended;        /* nothing is read any more */
	bool is_full;         /* has_room() is due */
	bool is_closing;
	/* Of readline. */
	struct readline_library *library;
	FILE *instream, *outstream;
	char *line;           /* that was ended, to be delivered; owned */
	bool has_line;
	bool is_installed;    /* readline has been asked for a line */
	char *last_line;      /* that is in the history; owned */
	bool is_line_pasted;
	/* Was something pasted into the line at this place of the history? A new one stands behind the last. */
	bool is_pasted[HISTORY_LINES_MAX + 1];
	struct paste paste;
	struct buf keys;      /* for readline to read */
};

extern const struct editor_way editor_keys;
/* The second where the first cannot open. */
extern const struct editor_way editor_readline;
extern const struct editor_way editor_plain;

/* Put the line back on the screen now, if there is one. */
void editor_show(struct editor *editor);
/* A line was ended. text NULL: the end of input. */
void editor_deliver(struct editor *editor, const char *text, size_t len, bool is_pasted);

struct editor_words {
	const char *text; /* what they have to begin with */
	size_t len;
	char **words;     /* owned, with place for the part that all have in common before them and NULL behind */
	size_t count, room;
	bool wants_files;
};

/* Put the part that all have in common before them. There has to be one. */
void editor_words_finish(struct editor_words *words);

#endif
