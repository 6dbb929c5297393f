/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a terminal sends: keys and pastes lose nothing; C escapes read back as what they were made of. */
#include "base/escape.h"
#include "base/unescape.h"
#include "cli/paste.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes come out in their order: as keys, as pasted text, or they are marks. */
static void check_paste(const uint8_t *data, size_t size)
{
	struct paste paste = { 0 };
	size_t out = 0, marks = 0;

	for (size_t i = 0; i < size; i++) {
		bool was_pasting = paste.is_pasting;

		switch (paste_take(&paste, (char)data[i])) {
		case PASTE_NOTHING:
			break;
		case PASTE_KEYS:
			assert(paste.key_count <= PASTE_KEYS_MAX);
			out += paste.key_count;
			break;
		case PASTE_TEXT:
			out += paste.text.len;
			buf_clear(&paste.text);
			break;
		case PASTE_TOO_LONG:
			assert(size > PASTE_MAX);
			break;
		}
		marks += was_pasting != paste.is_pasting;
	}
	if (size <= PASTE_MAX)
		assert(out + 6 * marks + paste.matched + paste.text.len == size);
	buf_clear(&paste.text);
}

static void check_unescape(const uint8_t *data, size_t size)
{
	char *text = calloc(1, 4 * size + 1), *back = malloc(4 * size + 1), *raw = malloc(size + 1);
	char error[UNESCAPE_ERROR_MAX];
	size_t len = 0;

	if (text == NULL || back == NULL || raw == NULL)
		abort();
	/* What escape_c() writes is read back, unless a hex escape runs on: that stands in octal then. */
	assert(escape_c(data, size, text, 4 * size + 1) == size);
	assert(unescape_c(text, back, &len, error) == 0 && len == size && memcmp(back, data, size) == 0);
	/* Anything else is read or refused, within its room. */
	memcpy(raw, data, size);
	raw[size] = '\0';
	if (unescape_c(raw, back, &len, error) == 0)
		assert(len <= strlen(raw));
	else
		assert(strlen(error) > 0);
	free(text);
	free(back);
	free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_paste(data, size);
	check_unescape(data, size);
	return 0;
}
