/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users and passwords: see users.h. */
#include "stream/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "stream/socks.h"

/* One line, ended by NUL. Returns what is wrong with it; NULL: nothing. */
static const char *check_line(const char *line, size_t len)
{
	const char *colon = strchr(line, ':');

	if (strlen(line) != len)
		return _("there is a NUL");
	if (colon == NULL)
		return _("there is no colon: it has to be USER:PASSWORD");
	if (colon == line)
		return _("the user is empty");
	if (colon - line > SOCKS_NAME_MAX || strlen(colon + 1) > SOCKS_NAME_MAX)
		return _("user and password are at most 255 bytes each");
	return NULL;
}

int users_read(struct users *users, const char *data, size_t len, char *error)
{
	struct users made = { .lines = xcalloc(1, len + 2) };
	unsigned number = 0;
	size_t at = 0;

	while (at < len) {
		const char *end = memchr(data + at, '\n', len - at);
		size_t line_len = (end == NULL ? len : (size_t)(end - data)) - at;
		size_t kept = line_len > 0 && data[at + line_len - 1] == '\r' ? line_len - 1 : line_len;
		char *line = made.lines + made.len;
		const char *why;

		number++;
		memcpy(line, data + at, kept);
		line[kept] = '\0';
		at += line_len + 1;
		if (kept == 0 || line[0] == '#')
			continue;
		why = check_line(line, kept);
		if (why != NULL) {
			snprintf(error, USERS_ERROR_MAX, _("line %1$u: %2$s"), number, why);
			users_clear(&made);
			return -EINVAL;
		}
		made.len += kept + 1;
	}
	if (made.len == 0) {
		snprintf(error, USERS_ERROR_MAX, "%s", _("there is no line USER:PASSWORD"));
		users_clear(&made);
		return -EINVAL;
	}
	*users = made;
	return 0;
}

void users_clear(struct users *users)
{
	if (users->lines != NULL)
		explicit_bzero(users->lines, users->len);
	free(users->lines);
	*users = (struct users){ .lines = NULL };
}

/* Are they equal? Each byte is looked at, whatever those before it were. */
static bool is_same(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	unsigned char differs = a_len != b_len;

	for (size_t i = 0; i < b_len; i++)
		differs |= (unsigned char)(b[i] ^ (i < a_len ? a[i] : 0));
	return differs == 0;
}

bool users_have(const struct users *users, const char *user, const char *password)
{
	bool is_right = false;

	for (size_t at = 0; at < users->len; at += strlen(users->lines + at) + 1) {
		const char *line = users->lines + at;
		size_t user_len = strcspn(line, ":");

		if (strlen(user) == user_len && memcmp(line, user, user_len) == 0 &&
		    is_same(line + user_len + 1, password))
			is_right = true;
	}
	return is_right;
}
