/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line editor on the loop: a person types at a terminal while other things go on. Readline edits, where it is there
 * (see readline_library.h); else the terminal's driver does. What others write to the terminal goes through
 * editor_screen() and stands above the line being typed, which keeps its text and its cursor.
 *
 * The terminal is put back as it was by editor_close(), and while the program is stopped or in the background.
 */
#ifndef SOCKT_CLI_EDITOR_H
#define SOCKT_CLI_EDITOR_H

#include <signal.h>
#include <stdbool.h>

#include "base/screen.h"
#include "step/loop.h"

struct editor;
struct editor_words;

/* A line was ended by the return key. It lives for the call only, and has no newline at its end. */
struct editor_line {
	const char *text;
	size_t len;
	bool is_pasted; /* something was pasted into it: text, whatever it looks like (see escape) */
};

struct editor_settings {
	struct loop *loop;
	struct stepper *st;
	struct sock *in, *out;  /* of the terminal; watched here, their owner's to close */
	const char *history;    /* file (copied); NULL: none is read or written */
	bool is_colored;
	/*
	 * What a typed line begins with that is a command; '\0': nothing does. What is pasted behind it is an argument.
	 * A pasted line that begins so is remembered with a second one before it, as it would be typed.
	 */
	char escape;
	/* A line; NULL: the end of input (Ctrl-D on an empty line, or the terminal has gone). */
	void (*line)(void *ctx, const struct editor_line *line);
	/* Ctrl-C. */
	void (*interrupted)(void *ctx);
	/*
	 * Add what the word that begins at line + start may be: all that fit there, the editor takes those that begin
	 * with what is typed. NULL: nothing is completed.
	 */
	void (*complete)(void *ctx, const char *line, size_t start, struct editor_words *words);
	/* The screen has room again for what is received. NULL: nobody waits. */
	void (*has_room)(void *ctx);
	void *ctx;
};

/* Can there be an editor on these two: are both a terminal's? */
bool editor_can_open(const struct sock *in, const struct sock *out);
/*
 * Open one; the line appears with the first prompt. Says on its screen what is missing, once, where there is no
 * readline. Never fails: without a watchable terminal input has ended.
 */
struct editor *editor_open(const struct editor_settings *settings);
/* Take the line off, put the terminal back, write what is held (waiting a second at most), free. NULL: nothing. */
void editor_close(struct editor *editor);
/* The screen that is shared; it lives as long as the editor. */
struct screen *editor_screen(struct editor *editor);
/* What stands before the line (UTF-8, printable); "" none. NULL: no line is shown, and what is typed waits. */
void editor_set_prompt(struct editor *editor, const char *prompt);
/* Throw away what is typed of this line. */
void editor_discard(struct editor *editor);

/*
 * Ask: the line that is typed stands aside, prompt (one row) stands in its place, and each byte that is typed is given
 * to key(); Ctrl-D too where the terminal has gone. Called again: with another prompt. What was typed ahead counts.
 */
void editor_ask(struct editor *editor, const char *prompt, void (*key)(void *ctx, char byte), void *ctx);
/*
 * It is answered, and perhaps another will be asked at once: until editor_ask() or editor_answered() nothing is shown,
 * and what is typed waits. Not asked: nothing.
 */
void editor_pause(struct editor *editor);
/* It is answered: the line comes back as it was. Not asked: nothing. */
void editor_answered(struct editor *editor);

/* From now on read nothing (the end of input has come, and there are no commands). */
void editor_end(struct editor *editor);

/* Add the signals that the editor wants (SIGINT, SIGTSTP, SIGCONT, SIGWINCH) to set, for loop_signals(). */
void editor_add_signals(sigset_t *set);
/* One has come. Returns false where it is none of the editor's, or is to be looked at by others too (SIGCONT). */
bool editor_signaled(struct editor *editor, int number);

/* Within complete(): add a word. A word that ends with '=' or '/' is not followed by a blank. */
void editor_words_add(struct editor_words *words, const char *word);
/* Names of files are what is wanted. */
void editor_words_add_files(struct editor_words *words);

#endif
