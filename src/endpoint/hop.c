/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of proxies: see hop.h. */
#include "endpoint/hop.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"

#define MARK "://"
#define SHOWN_MAX 192

/* The kinds, for a message. */
#define KINDS "http://, socks5h://, socks5://, socks4a://, socks4://"

static int mistake(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int mistake(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, ENDPOINT_ERROR_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

/* What stands behind "://" up to the "@" of a user; NULL: there is none. *len: its bytes. */
static const char *find_user(const char *url, size_t *len)
{
	const char *begin = strstr(url, MARK), *at;

	if (begin == NULL)
		return NULL;
	begin += strlen(MARK);
	/* The last one: who forgets to escape it in a password means that. */
	at = memrchr(begin, '@', strlen(begin));
	if (at == NULL)
		return NULL;
	*len = (size_t)(at - begin);
	return begin;
}

const char *hop_find_password(const char *url, size_t *len)
{
	size_t user_len = 0;
	const char *user = find_user(url, &user_len);
	const char *colon = user == NULL ? NULL : memchr(user, ':', user_len);

	if (colon == NULL)
		return NULL;
	*len = (size_t)(user + user_len - (colon + 1));
	return colon + 1;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* Decode len bytes of a user or a password. Returns 0, or -EINVAL: a bad escape, or too long. */
static int decode(const char *text, size_t len, char *dst)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)text[i];

		if (c == '%') {
			if (len - i < 3 || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
				return -EINVAL;
			c = hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]);
			i += 2;
		}
		if (at == SOCKS_NAME_MAX || c == '\0')
			return -EINVAL;
		dst[at++] = (char)c;
	}
	dst[at] = '\0';
	return 0;
}

/* What is known of who asks has to fit the kind. */
static int check_user(const struct hop *hop, bool has_password, char *error)
{
	const struct hop_kind_record *record = hop_kind_record(hop->kind);

	if (hop->user[0] == '\0')
		return mistake(error, _("the user is empty: write USER:PASSWORD"));
	if (has_password && !record->has_password)
		return mistake(error, _("%s knows users, but no passwords: socks5h does"), record->name);
	/* RFC 7617, section 2. */
	if (hop->kind == HOP_HTTP && strchr(hop->user, ':') != NULL)
		return mistake(error, _("a user of an http proxy has no colon"));
	return 0;
}

/* The user of a URL. */
static int read_user(struct hop *hop, const char *url, char *error)
{
	size_t len = 0, password_len = 0;
	const char *user = find_user(url, &len);
	const char *password = hop_find_password(url, &password_len);

	if (user == NULL)
		return 0;
	hop->has_user = true;
	if (password != NULL)
		len = (size_t)(password - 1 - user);
	if (decode(user, len, hop->user) < 0 ||
	    decode(password == NULL ? "" : password, password_len, hop->password) < 0)
		return mistake(error, _("user and password are at most %d bytes each, and an escape is %% with two "
					"hexadecimal digits (%%40 is @)"), SOCKS_NAME_MAX);
	return check_user(hop, password != NULL, error);
}

/* HOST:PORT, and nothing else but a slash. */
static int read_place(struct hop *hop, const char *place, char *error)
{
	const struct endpoint_wish wish = { .role = ROLE_CONNECT, .family = AF_UNSPEC };
	char copy[ENDPOINT_HOST_MAX + ENDPOINT_SERVICE_MAX + 8], shown[SHOWN_MAX], why[ENDPOINT_ERROR_MAX];
	const char *words[] = { copy };
	size_t len = strcspn(place, "/?#");
	const char *bracket = memrchr(place, ']', len);
	struct endpoint endpoint;

	escape_c(place, strlen(place), shown, sizeof(shown));
	if (place[len] != '\0' && strcmp(place + len, "/") != 0)
		return mistake(error, _("\"%s\": behind the port of a proxy there is nothing"), shown);
	if (len >= sizeof(copy))
		return mistake(error, _("\"%s\" is longer than a host and a port can be"), shown);
	if (len == 0)
		return mistake(error, _("the host is missing: write %sHOST:PORT"), "socks5h" MARK);
	if (memchr(bracket == NULL ? place : bracket, ':', len - (size_t)(bracket == NULL ? 0 : bracket - place)) ==
	    NULL)
		return mistake(error, _("the port of the proxy is missing: write %.*s:PORT"), (int)len, shown);
	snprintf(copy, sizeof(copy), "%.*s", (int)len, place);
	if (strchr(copy, ',') != NULL)
		return mistake(error, _("\"%s\": a proxy has no options"), shown);
	if (endpoint_parse(&endpoint, words, 1, &wish, why) < 0 ||
	    endpoint_find_service(&endpoint, &wish, why) < 0)
		return mistake(error, "%s", why);
	if (endpoint.kind->form != FORM_HOST_PORT)
		return mistake(error, _("\"%s\": a proxy is a host and a port"), shown);
	hop->endpoint = endpoint;
	return 0;
}

int hop_parse(struct hop *hop, const char *url, char *error)
{
	const char *mark = strstr(url, MARK), *user;
	struct hop made = { .kind = HOP_KIND_COUNT };
	char shown[SHOWN_MAX];
	size_t user_len = 0;
	int ret;

	for (size_t i = 0; mark != NULL && i < HOP_KIND_COUNT; i++) {
		const char *name = hop_kind_record((enum hop_kind)i)->name;

		if (strlen(name) == (size_t)(mark - url) && strncasecmp(name, url, strlen(name)) == 0)
			made.kind = (enum hop_kind)i;
	}
	if (made.kind == HOP_KIND_COUNT) {
		/* Without a mark it is not known what is a password: nothing of it is shown. */
		escape_c(url, mark == NULL ? 0 : (size_t)(mark - url), shown, sizeof(shown));
		return mark == NULL ? mistake(error, _("a proxy is a URL: %s and HOST:PORT"), KINDS) :
				      mistake(error, _("there is no kind of proxy \"%s\"; there are %s"), shown, KINDS);
	}
	user = find_user(url, &user_len);
	ret = read_place(&made, user == NULL ? mark + strlen(MARK) : user + user_len + 1, error);
	if (ret == 0)
		ret = read_user(&made, url, error);
	if (ret == 0)
		*hop = made;
	explicit_bzero(made.password, sizeof(made.password));
	return ret;
}

int hop_set_user(struct hop *hop, const char *text, size_t len, char *error)
{
	const char *colon = memchr(text, ':', len);
	size_t user_len = colon == NULL ? len : (size_t)(colon - text);
	size_t password_len = colon == NULL ? 0 : len - user_len - 1;

	if (colon == NULL)
		return mistake(error, _("there is no colon: it has to be USER:PASSWORD"));
	if (user_len > SOCKS_NAME_MAX || password_len > SOCKS_NAME_MAX || memchr(text, '\0', len) != NULL)
		return mistake(error, _("user and password are at most %d bytes each"), SOCKS_NAME_MAX);
	hop->has_user = true;
	memcpy(hop->user, text, user_len);
	hop->user[user_len] = '\0';
	memcpy(hop->password, colon + 1, password_len);
	hop->password[password_len] = '\0';
	return check_user(hop, true, error);
}

const char *hop_format_words(const struct hop *hop, char *dst, size_t size)
{
	char place[ENDPOINT_HOST_MAX + ENDPOINT_SERVICE_MAX + 16];

	snprintf(dst, size, _("%1$s proxy %2$s"), hop_kind_record(hop->kind)->name,
		 endpoint_format_words(&hop->endpoint, place, sizeof(place)));
	return dst;
}
