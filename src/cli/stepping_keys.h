/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys by which a question of --step is answered. One key is enough; `c` may be followed by a blank and the name of
 * a step, which enter ends. Pure: bytes go in, answers come out.
 */
#ifndef SOCKT_CLI_STEPPING_KEYS_H
#define SOCKT_CLI_STEPPING_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#define STEPPING_WORD_MAX 16

enum stepping_answer {
	STEPPING_NONE = 0, /* more has to come */
	STEPPING_GO,       /* enter: make the call */
	STEPPING_EXPLAIN,  /* e */
	STEPPING_SOCKETS,  /* i */
	STEPPING_RUN,      /* c, and enter or nothing behind it: ask no more */
	STEPPING_RUN_TO,   /* c STEP: the word is in keys->word */
	STEPPING_QUIT,     /* q, or Ctrl-D */
	STEPPING_KEYS,     /* ? */
	STEPPING_UNKNOWN,  /* another key, which is in keys->word as it may be shown */
	STEPPING_ANSWER_COUNT
};

struct stepping_keys {
	enum {
		KEYS_IDLE = 0,
		KEYS_AFTER_C,  /* c was typed: that alone is an answer, if nothing follows soon */
		KEYS_WORD,     /* and a blank: a word follows */
		KEYS_ESCAPE,   /* within the sequence of a function key */
		KEYS_SEQUENCE, /* the same, behind its introducer */
	} state;
	char word[STEPPING_WORD_MAX];
	size_t len;
};

/* Take a byte. Returns what it answers. */
enum stepping_answer stepping_keys_take(struct stepping_keys *keys, char byte);
/* Nothing has followed for a while. Returns what that answers: RUN behind `c`, NONE else. */
enum stepping_answer stepping_keys_pause(struct stepping_keys *keys);
/* Is it to be called when nothing follows? */
bool stepping_keys_waits(const struct stepping_keys *keys);
/* What has been typed of an answer, to be shown: "", "c", "c acc". */
const char *stepping_keys_typed(const struct stepping_keys *keys, char *dst, size_t size);

#endif
