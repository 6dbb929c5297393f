/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of a terminal: is it one, does it want colour, UTF-8, is this process in its foreground. */
#ifndef SOCKT_BASE_TERM_H
#define SOCKT_BASE_TERM_H

#include <stdbool.h>

enum term_color {
	TERM_COLOR_AUTO = 0,
	TERM_COLOR_ALWAYS,
	TERM_COLOR_NEVER,
};

/*
 * Shall text on fd be coloured? ALWAYS and NEVER decide; AUTO: only where fd is a terminal, TERM is neither unset nor
 * "dumb", and NO_COLOR is unset or empty (no-color.org).
 */
bool term_wants_color(int fd, enum term_color wish);

/*
 * May text hold UTF-8 (arrows)? Read from LC_ALL, LC_CTYPE, LANG, the first that is not empty: false where it names C,
 * POSIX, or a codeset that is not UTF-8; true where none is set or no codeset is named. No locale is loaded: that
 * would cost every start a dozen system calls.
 */
bool term_wants_utf8(void);

/* Does the terminal obey no escape sequences: is TERM unset or "dumb"? */
bool term_is_dumb(void);

/* Are both descriptors the same terminal? */
bool term_is_same(int a, int b);

/* How many columns the terminal fd has; 80 where it does not say. */
unsigned term_columns(int fd);

/* Is this process in the foreground of the terminal fd? Where fd is no terminal of ours: true. */
bool term_is_foreground(int fd);

/*
 * Has all been read that was written to master, our side of a pty? name: of the other side, which is opened for a
 * moment; NULL, or where it cannot be opened: by TIOCGPTPEER (Linux 4.13). True where that is not possible either.
 */
bool term_is_read_up(int master, const char *name);

#endif
