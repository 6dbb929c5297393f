/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences with values in them: see template.h. */
#include "base/template.h"

#include <string.h>

/* Keep together what stands in text from start on. */
static void join_from(struct text *text, size_t start, char blank)
{
	for (size_t i = start; i < text->len; i++) {
		if (text->dst[i] == ' ')
			text->dst[i] = blank;
	}
}

bool template_expand(const char *template, char blank, template_value_fn *value, const void *ctx, struct text *text)
{
	bool is_command = false;
	size_t start = 0;

	while (*template != '\0') {
		size_t len = strcspn(template, "{`");

		text_add_bytes(text, template, len);
		template += len;
		if (*template == '{') {
			len = strcspn(++template, "}");
			if (!value(ctx, template, len, text))
				return false;
			template += len + (template[len] == '}');
		} else if (*template == '`') {
			if (is_command)
				join_from(text, start, blank);
			is_command = !is_command;
			start = text->len;
			template++;
		}
	}
	return true;
}
