/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys made answers: see stepping_keys.h. */
#include "cli/stepping_keys.h"

#include <stdio.h>
#include <string.h>

#define CTRL(letter) ((letter) & 0x1f)
#define ESCAPE '\033'
#define RUBOUT '\177'

static const struct {
	char key;
	enum stepping_answer answer;
} answers[] = {
	{ '\n', STEPPING_GO },	{ '\r', STEPPING_GO },	    { 'e', STEPPING_EXPLAIN }, { 'i', STEPPING_SOCKETS },
	{ 'q', STEPPING_QUIT }, { CTRL('d'), STEPPING_QUIT }, { '?', STEPPING_KEYS },
};

/* A key that is no answer, as it may be shown: printable ASCII as it is, others by their code. */
static enum stepping_answer key_unknown(struct stepping_keys *keys, char byte)
{
	unsigned char code = (unsigned char)byte;

	keys->state = KEYS_IDLE;
	if (code >= ' ' && code < RUBOUT)
		snprintf(keys->word, sizeof(keys->word), "%c", byte);
	else if (code < ' ')
		snprintf(keys->word, sizeof(keys->word), "Ctrl-%c", byte + '@');
	else
		snprintf(keys->word, sizeof(keys->word), "\\x%02x", code);
	return STEPPING_UNKNOWN;
}

/* The first key of an answer. */
static enum stepping_answer take_first(struct stepping_keys *keys, char byte)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].key == byte)
			return answers[i].answer;
	if (byte == 'c' || byte == ESCAPE) {
		keys->state = byte == 'c' ? KEYS_AFTER_C : KEYS_ESCAPE;
		return STEPPING_NONE;
	}
	/* What follows the first byte of a character is no key of its own. */
	if (((unsigned char)byte & 0xc0) == 0x80)
		return STEPPING_NONE;
	return key_unknown(keys, byte);
}

/* A byte of the word behind `c `. */
static enum stepping_answer take_word(struct stepping_keys *keys, char byte)
{
	if (byte == '\n' || byte == '\r') {
		keys->state = KEYS_IDLE;
		keys->word[keys->len] = '\0';
		return keys->len == 0 ? STEPPING_RUN : STEPPING_RUN_TO;
	}
	if (byte == ESCAPE || byte == CTRL('u') || byte == CTRL('d')) {
		keys->state = KEYS_IDLE;
	} else if (byte == RUBOUT || byte == '\b') {
		if (keys->len == 0)
			keys->state = KEYS_IDLE;
		else
			keys->len--;
	} else if (byte > ' ' && byte < RUBOUT && keys->len < sizeof(keys->word) - 1) {
		keys->word[keys->len++] = byte;
	}
	return STEPPING_NONE;
}

enum stepping_answer stepping_keys_take(struct stepping_keys *keys, char byte)
{
	switch (keys->state) {
	case KEYS_IDLE:
		return take_first(keys, byte);
	case KEYS_AFTER_C:
		keys->state = KEYS_IDLE;
		if (byte == '\n' || byte == '\r')
			return STEPPING_RUN;
		if (byte == ' ') {
			keys->state = KEYS_WORD;
			keys->len = 0;
			return STEPPING_NONE;
		}
		/* It was taken back, or is an answer by itself. */
		return byte == RUBOUT || byte == '\b' ? STEPPING_NONE : take_first(keys, byte);
	case KEYS_WORD:
		return take_word(keys, byte);
	case KEYS_ESCAPE:
		if (byte == '[' || byte == 'O') {
			keys->state = KEYS_SEQUENCE;
			return STEPPING_NONE;
		}
		return key_unknown(keys, ESCAPE);
	case KEYS_SEQUENCE:
		/* ECMA-48, 5.4: parameters, and then one final byte. */
		if (byte >= 0x40 && byte < RUBOUT) {
			keys->state = KEYS_IDLE;
			snprintf(keys->word, sizeof(keys->word), "Esc [ %c", byte);
			return STEPPING_UNKNOWN;
		}
		return STEPPING_NONE;
	}
	return STEPPING_NONE;
}

enum stepping_answer stepping_keys_pause(struct stepping_keys *keys)
{
	if (keys->state == KEYS_AFTER_C) {
		keys->state = KEYS_IDLE;
		return STEPPING_RUN;
	}
	return keys->state == KEYS_ESCAPE || keys->state == KEYS_SEQUENCE ? key_unknown(keys, ESCAPE) : STEPPING_NONE;
}

bool stepping_keys_waits(const struct stepping_keys *keys)
{
	return keys->state != KEYS_IDLE && keys->state != KEYS_WORD;
}

const char *stepping_keys_typed(const struct stepping_keys *keys, char *dst, size_t size)
{
	if (keys->state == KEYS_WORD)
		snprintf(dst, size, "c %.*s", (int)keys->len, keys->word);
	else
		snprintf(dst, size, "%s", keys->state == KEYS_AFTER_C ? "c" : "");
	return dst;
}
