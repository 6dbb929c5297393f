/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tells keys from what is pasted in what a terminal sends: a terminal with bracketed paste on puts ESC [ 200 ~ before
 * what was pasted and ESC [ 201 ~ behind it. Pure.
 */
#ifndef SOCKT_CLI_PASTE_H
#define SOCKT_CLI_PASTE_H

#include <stdbool.h>

#include "base/buf.h"

/* The longest that is taken. */
#define PASTE_MAX ((size_t)1 << 20)
#define PASTE_KEYS_MAX 8

enum paste_what {
	PASTE_NOTHING = 0, /* yet */
	PASTE_KEYS,        /* keys, key_count of them */
	PASTE_TEXT,        /* text is whole; newlines in it are \n, as they were before the terminal made \r of them */
	PASTE_TOO_LONG,    /* it was longer than PASTE_MAX, and is gone */
};

/* Zeroed: nothing has come. */
struct paste {
	bool is_pasting, is_too_long;
	unsigned matched; /* bytes of the mark that is awaited */
	char keys[PASTE_KEYS_MAX];
	unsigned key_count;
	struct buf text;
};

/* Take one byte. What it returns is to be taken off before the next: for PASTE_TEXT with buf_clear(&text). */
enum paste_what paste_take(struct paste *paste, char byte);

#endif
