/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A terminal on which a person types a line while others write: data that are received, traces, sentences. All of it
 * goes through one queue, in order, and none of it waits for the terminal. Before anything is written the line being
 * typed is taken off (hide), and its owner puts it back below when it sees fit. What is received may end in the middle
 * of a line, which is continued where it ended, unless something else has come between.
 *
 * Knows nothing of what edits the line.
 */
#ifndef SOCKT_BASE_SCREEN_H
#define SOCKT_BASE_SCREEN_H

#include <stdbool.h>

#include "base/buf.h"

/* What is received waits while so many bytes have not gone to the terminal. */
#define SCREEN_ROOM ((size_t)16 * 1024)
/* A trace is refused beyond, and nothing more is typed. */
#define SCREEN_MAX ((size_t)256 * 1024)

enum screen_color {
	SCREEN_RECEIVED = 0, /* the terminal's own */
	SCREEN_SENT,
	SCREEN_SAID,
	SCREEN_FAINT,
};

struct screen {
	int fd;          /* not closed here */
	bool needs_poll; /* fd blocks */
	bool is_colored;
	bool is_dumb;    /* it is sent no sequence that moves its cursor or sets a mode */
	unsigned columns; /* how wide it is, set by the owner; 0: not known */
	unsigned column;  /* where an unfinished line of what is received ends; 0: none is unfinished */
	struct buf held;
	int error; /* -errno of a write that failed: nothing is written after it; 0: none has */
	/* Take the line that is typed off, if it is shown. The cursor is at the start of a row then. NULL: none is. */
	void (*hide)(void *ctx);
	/* Something is held now: flush it soon. */
	void (*wrote)(void *ctx);
	void *ctx;
};

/* Add bytes of the line that is typed itself, and what moves the cursor. */
void screen_put(struct screen *screen, const void *data, size_t len);
/* The escape sequence that begins (or, SCREEN_RECEIVED, ends) a colour; "" where there are none. */
const char *screen_color(const struct screen *screen, enum screen_color color);
/* Add what is received, made safe before (or meant to be raw): it goes on where the last of it ended. */
void screen_receive(struct screen *screen, const void *data, size_t len);
/* Begin a line of its own: what is unfinished is broken off. */
void screen_break(struct screen *screen);
/* Add text of one or more lines, as a whole and in a colour; a newline at its end is added where it has none. */
void screen_say(struct screen *screen, enum screen_color color, const char *text);
/* Add whole lines that bring their own colours. Returns false, with nothing done, where too much is held. */
bool screen_lines(struct screen *screen, const void *data, size_t len);

/* The line that is typed is about to be shown: put the cursor below what is unfinished. */
void screen_step_below(struct screen *screen);
/* What erases the row of the cursor, and puts the cursor where a row begins. */
const char *screen_erase_row(const struct screen *screen);
/* Have the terminal mark what is pasted (bracketed paste), or not any more. */
void screen_mark_pastes(struct screen *screen, bool is_on);
/* It was taken off, and the cursor stands where it began: put it back to the end of what is unfinished. */
void screen_step_back(struct screen *screen);

/* Is there room for what is received? */
static inline bool screen_has_room(const struct screen *screen)
{
	return screen->held.len < SCREEN_ROOM;
}

/* Write what the terminal takes. Returns 0: nothing is left, -EAGAIN: it takes no more now, or another -errno. */
int screen_flush(struct screen *screen);
/* Write the rest, waiting for the terminal at most wait_ms. */
void screen_drain(struct screen *screen, int wait_ms);
/* Give back what it owns. */
void screen_clear(struct screen *screen);

#endif
