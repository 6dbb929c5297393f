/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal on which --step asks: /dev/tty, whatever standard input, output and error are. While a question stands
 * there each key is read as it is typed, and not shown; else the terminal is as it was. Nothing of it blocks the loop.
 */
#ifndef SOCKT_CLI_STEPPING_TTY_H
#define SOCKT_CLI_STEPPING_TTY_H

#include <termios.h>

#include "base/term.h"
#include "step/loop.h"

#define STEPPING_KEYS_AHEAD 256 /* bytes typed ahead that are kept */

struct stepping_tty {
	struct sock sock;          /* the terminal, a file of our own */
	struct termios before;     /* as it was before the question */
	bool is_changed;           /* it is not as it was */
	bool is_colored, is_utf8;
	struct sink_out *out;      /* where lines go: the trace's, where that writes to this terminal */
	struct sink_out *own;      /* the same, if it is ours; else NULL */
	struct editor *editor;     /* it has the terminal: it reads and writes; NULL: none does */
	void (*key)(void *ctx, char key); /* with an editor: a key has been typed */
	void *ctx;
	char ahead[STEPPING_KEYS_AHEAD];
	size_t ahead_len;
};

/* Open it. Returns 0 or -errno: ENXIO, this process has no terminal. */
int stepping_tty_open(struct stepping_tty *tty, enum term_color color);
/* Put it back as it was, and close it. Not open: nothing. */
void stepping_tty_close(struct stepping_tty *tty);
/*
 * Where lines go from now on: into the output of a sink (borrowed) that writes to standard error, where that is this
 * terminal, so that they stand in their order; NULL: there is none. Returns 0 or -errno.
 */
int stepping_tty_set_output(struct stepping_tty *tty, struct sink_out *trace);

/* Is this process in the foreground of the terminal? Else it must not be touched. */
bool stepping_tty_is_ours(const struct stepping_tty *tty);
/* Let keys be read one by one. Returns 0 or -errno. */
int stepping_tty_begin(struct stepping_tty *tty);
/* A question is answered: put the terminal back, but what an editor is typed waits, the next may come at once. */
void stepping_tty_pause(struct stepping_tty *tty);
/* Put the terminal back as it was. */
void stepping_tty_end(struct stepping_tty *tty);
/*
 * Take a key. Returns 1, 0: none has been typed, or -errno: the terminal has gone.
 */
int stepping_tty_key(struct stepping_tty *tty, char *key);

/* Write a line; marks (text_marks.h) become colours. */
void stepping_tty_line(struct stepping_tty *tty, const char *line);
/* The line at the bottom, in which the cursor stands; NULL: it is taken away. */
void stepping_tty_prompt(struct stepping_tty *tty, const char *prompt);
/* Write what the terminal did not take. */
void stepping_tty_flush(struct stepping_tty *tty);

#endif
