/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a command: whatever text is given, there are words or a mistake, and no word is longer than the text. */
#include "endpoint/command_words.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[COMMAND_WORDS_ERROR_MAX];
	char *text = malloc(size + 1);
	char **argv, **copy;
	size_t len = 0, i = 0;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (command_words_parse(text, &argv, error) < 0) {
		assert(memchr(error, '\0', sizeof(error)) != NULL && error[0] != '\0');
	} else {
		assert(argv[0] != NULL && argv[0][0] != '\0');
		copy = command_words_copy(argv);
		for (; argv[i] != NULL; i++) {
			len += strlen(argv[i]);
			assert(strcmp(argv[i], copy[i]) == 0);
		}
		assert(copy[i] == NULL && len <= strlen(text));
		free(copy);
		free(argv);
	}
	free(text);
	return 0;
}
