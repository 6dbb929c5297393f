/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C escapes read: see unescape.h. */
#include "base/unescape.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

/* The value of a hex digit; -1: it is none. */
static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* Read up to max digits of a base into *value. Returns how many there were. */
static size_t read_digits(const char *text, int base, size_t max, unsigned *value)
{
	size_t count = 0;

	*value = 0;
	while (count < max && hex_value(text[count]) >= 0 && hex_value(text[count]) < base)
		*value = *value * (unsigned)base + (unsigned)hex_value(text[count++]);
	return count;
}

/* The byte that a letter behind a backslash stands for; -1: none. */
static int escape_value(char letter)
{
	static const char letters[] = "abefnrtv\\\"'?";
	static const char values[] = "\a\b\033\f\n\r\t\v\\\"'?";
	const char *at = letter != '\0' ? strchr(letters, letter) : NULL;

	return at == NULL ? -1 : (unsigned char)values[at - letters];
}

/* Read what stands behind a backslash. Returns how many bytes of text that is; 0 with error filled. */
static size_t read_escape(const char *text, char *byte, char *error)
{
	unsigned value;
	size_t digits;

	if (*text == 'x') {
		digits = read_digits(text + 1, 16, 2, &value);
		*byte = (char)value;
		if (digits == 0)
			snprintf(error, UNESCAPE_ERROR_MAX, _("behind \\x stand one or two hex digits: \\x0a"));
		return digits == 0 ? 0 : 1 + digits;
	}
	digits = read_digits(text, 8, 3, &value);
	if (digits > 0 && value <= 0xff) {
		*byte = (char)value;
		return digits;
	}
	if (digits > 0) {
		snprintf(error, UNESCAPE_ERROR_MAX, _("\\%.3s is more than a byte: the last is \\377"), text);
		return 0;
	}
	if (escape_value(*text) >= 0) {
		*byte = (char)escape_value(*text);
		return 1;
	}
	if (isprint((unsigned char)*text))
		snprintf(error, UNESCAPE_ERROR_MAX, _("\\%c stands for nothing; a backslash is \\\\"), *text);
	else
		snprintf(error, UNESCAPE_ERROR_MAX, _("nothing stands behind the backslash; a backslash is \\\\"));
	return 0;
}

int unescape_c(const char *text, char *dst, size_t *len, char *error)
{
	bool is_quoted = *text == '"', is_closed = !is_quoted;
	size_t used = 0, taken;

	text += is_quoted;
	while (*text != '\0') {
		if (is_quoted && *text == '"') {
			is_closed = true;
			text++;
			break;
		}
		if (*text != '\\') {
			dst[used++] = *text++;
			continue;
		}
		taken = read_escape(text + 1, &dst[used], error);
		if (taken == 0)
			return -EINVAL;
		used++;
		text += 1 + taken;
	}
	if (!is_closed || *text != '\0') {
		snprintf(error, UNESCAPE_ERROR_MAX, is_closed ? _("something stands behind the closing quote") :
								 _("the closing quote is missing"));
		return -EINVAL;
	}
	*len = used;
	return 0;
}
