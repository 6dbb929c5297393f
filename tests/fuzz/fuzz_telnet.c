/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TELNET: however what arrives is cut, data and commands are the same; and what is made ready to be sent arrives as it
 * was, without a command in it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/telnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Take all of data, step bytes at a time, into dst. Returns how many are data; *commands: how many commands. */
static size_t take_all(const uint8_t *data, size_t size, size_t step, uint8_t *dst, size_t *commands)
{
	struct telnet_parser parser = { 0 };
	size_t at = 0, kept = 0, more;

	*commands = 0;
	while (at < size) {
		size_t part = size - at < step ? size - at : step, used;
		struct telnet_command command;

		used = telnet_take(&parser, data + at, part, dst + kept, &more, &command);
		if (used == 0 || used > part || more > used)
			abort();
		*commands += command.verb != 0;
		at += used;
		kept += more;
	}
	return kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *whole = malloc(size + 1), *cut = malloc(size + 1), *sent = malloc(TELNET_SENT_MAX(size) + 1);
	size_t whole_commands, cut_commands, whole_len, cut_len, sent_len;
	bool was_cr = false;
	char words[8];

	if (whole == NULL || cut == NULL || sent == NULL)
		abort();
	whole_len = take_all(data, size, size, whole, &whole_commands);
	cut_len = take_all(data, size, 1, cut, &cut_commands);
	if (whole_len != cut_len || whole_commands != cut_commands || memcmp(whole, cut, whole_len) != 0)
		abort();
	sent_len = telnet_send(&was_cr, data, size, sent);
	if (sent_len > TELNET_SENT_MAX(size))
		abort();
	free(whole);
	whole = malloc(sent_len + 1);
	if (whole == NULL)
		abort();
	whole_len = take_all(sent, sent_len, sent_len + 1, whole, &whole_commands);
	if (whole_commands != 0 || whole_len != size || (size > 0 && memcmp(whole, data, size) != 0))
		abort();
	if (size > 0) {
		telnet_verb_name(data[0], words, sizeof(words));
		telnet_option_name(data[0], words, sizeof(words));
	}
	free(whole);
	free(cut);
	free(sent);
	return 0;
}
