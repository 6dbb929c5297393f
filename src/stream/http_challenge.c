/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Challenges of HTTP and their answers: see http_challenge.h. */
#include "stream/http_challenge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/util.h"

/* What a digest is made of: two of 255 bytes, a realm, a nonce, and what else there is. */
#define DIGESTED_MAX 2048
#define USER_MAX 512

const char *http_scheme_name(enum http_scheme scheme)
{
	static const char *const names[] = {
		[HTTP_SCHEME_NONE] = "",
		[HTTP_SCHEME_BASIC] = "Basic",
		[HTTP_SCHEME_DIGEST_MD5] = "Digest MD5",
		[HTTP_SCHEME_DIGEST_SHA256] = "Digest SHA-256",
	};

	return names[scheme];
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

/* Take what stands in chars, or does not, off the front of rest. */
static struct http_span take_while(struct http_span *rest, const char *chars, bool is_in)
{
	struct http_span taken = { rest->at, 0 };

	while (rest->len > 0 && (*rest->at != '\0' && strchr(chars, *rest->at) != NULL) == is_in) {
		rest->at++;
		rest->len--;
		taken.len++;
	}
	return taken;
}

/* Take a value: a token, or a quoted string, whose escapes are undone. Too long: *is_bad is set. */
static void take_value(struct http_span *rest, char *dst, size_t size, bool *is_bad)
{
	bool is_quoted = rest->len > 0 && *rest->at == '"';
	struct http_span token;
	size_t at = 0;

	dst[0] = '\0';
	if (!is_quoted) {
		token = take_while(rest, ", \t", false);
		*is_bad = *is_bad || token.len >= size;
		snprintf(dst, size, "%.*s", (int)token.len, token.at);
		return;
	}
	for (size_t i = 1; i < rest->len; i++) {
		char c = rest->at[i];

		if (c == '"') {
			dst[at] = '\0';
			rest->at += i + 1;
			rest->len -= i + 1;
			return;
		}
		if (c == '\\' && i + 1 < rest->len)
			c = rest->at[++i];
		if (at + 1 < size)
			dst[at++] = c;
		else
			*is_bad = true;
	}
	dst[at] = '\0';
	*is_bad = true;
	rest->len = 0;
}

/* Is token an element of a list ("auth,auth-int")? */
static bool has_word(const char *list, const char *word)
{
	struct http_span rest = { list, strlen(list) }, element;

	while (http_list_next(&rest, &element))
		if (http_span_is(element, word))
			return true;
	return false;
}

/* A challenge while it is read. */
struct reading {
	struct http_challenge made;
	bool is_bad;
};

/* One of the parameters of a challenge. */
static void take_parameter(struct reading *r, struct http_span name, struct http_span *rest)
{
	char value[HTTP_CHALLENGE_TEXT_MAX];
	struct http_challenge *made = &r->made;
	char *place = http_span_is(name, "realm")  ? made->realm :
		      http_span_is(name, "nonce")  ? made->nonce :
		      http_span_is(name, "opaque") ? made->opaque : NULL;

	take_value(rest, value, sizeof(value), &r->is_bad);
	made->has_opaque = made->has_opaque || place == made->opaque;
	if (place != NULL) {
		snprintf(place, sizeof(made->realm), "%s", value);
	} else if (http_span_is(name, "stale")) {
		made->is_stale = strcasecmp(value, "true") == 0;
	} else if (http_span_is(name, "qop")) {
		made->has_qop = true;
		r->is_bad = r->is_bad || !has_word(value, "auth");
	} else if (http_span_is(name, "algorithm")) {
		size_t len = strcspn(value, "-");

		/* SHA-256 has a hyphen of its own. */
		if (strncasecmp(value, "SHA-256", 7) == 0) {
			made->scheme = made->scheme == HTTP_SCHEME_NONE ? made->scheme : HTTP_SCHEME_DIGEST_SHA256;
			len = 7;
		} else if (len != 3 || strncasecmp(value, "MD5", 3) != 0) {
			r->is_bad = true;
		}
		made->is_session = strcasecmp(value + len, "-sess") == 0;
		r->is_bad = r->is_bad || (value[len] != '\0' && !made->is_session);
	}
}

/* The challenge is whole: it is taken where it is stronger than what was there. */
static void finish(struct reading *r, struct http_challenge *challenge)
{
	bool is_digest = r->made.scheme >= HTTP_SCHEME_DIGEST_MD5;

	if (!r->is_bad && r->made.scheme > challenge->scheme && (!is_digest || r->made.nonce[0] != '\0'))
		*challenge = r->made;
	*r = (struct reading){ .is_bad = false };
}

static enum http_scheme scheme_of(struct http_span name)
{
	if (http_span_is(name, "Basic"))
		return HTTP_SCHEME_BASIC;
	return http_span_is(name, "Digest") ? HTTP_SCHEME_DIGEST_MD5 : HTTP_SCHEME_NONE;
}

/* The challenges of one field: SCHEME NAME=VALUE, NAME="VALUE", SCHEME ... (RFC 9110, section 11.3) */
static void read_field(struct http_challenge *challenge, struct http_span rest, struct text *offered)
{
	struct reading r = { .is_bad = false };

	while (rest.len > 0) {
		struct http_span name, blanks;

		take_while(&rest, ", \t", true);
		name = take_while(&rest, ",= \t", false);
		blanks = take_while(&rest, " \t", true);
		if (rest.len > 0 && *rest.at == '=' && name.len > 0) {
			/* Of a token68 (Negotiate YII...==) what is left does no harm: no known scheme has one. */
			take_while(&rest, "= \t", true);
			take_parameter(&r, name, &rest);
			continue;
		}
		if (name.len == 0) {
			/* An equals sign with nothing before it: no challenge goes on behind that. */
			take_while(&rest, ",", false);
			continue;
		}
		(void)blanks;
		finish(&r, challenge);
		r.made.scheme = scheme_of(name);
		if (http_is_token(name.at, name.len))
			text_addf(offered, "%s%.*s", offered->len == 0 ? "" : ", ", (int)name.len, name.at);
	}
	finish(&r, challenge);
}

void http_challenge_read(struct http_challenge *challenge, const struct http_head *head, const char *name,
			 char *offered, size_t offered_size)
{
	const struct http_field *field = NULL;
	struct text text;

	*challenge = (struct http_challenge){ .scheme = HTTP_SCHEME_NONE };
	text_init(&text, offered, offered_size);
	while ((field = http_head_field(head, name, field)) != NULL)
		read_field(challenge, field->value, &text);
}

ssize_t http_challenge_read_basic(struct http_span value, char *dst, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct http_span scheme = take_while(&value, " \t", false);
	unsigned bits = 0, count = 0;
	size_t at = 0;

	take_while(&value, " \t", true);
	if (!http_span_is(scheme, "Basic"))
		return -EINVAL;
	for (size_t i = 0; i < value.len && value.at[i] != '='; i++) {
		const char *digit = value.at[i] == '\0' ? NULL : strchr(digits, value.at[i]);

		if (digit == NULL || at + 1 >= size)
			return -EINVAL;
		bits = bits << 6 | (unsigned)(digit - digits);
		count += 6;
		if (count >= 8) {
			count -= 8;
			dst[at++] = (char)(bits >> count & 0xff);
		}
	}
	dst[at] = '\0';
	return (ssize_t)at;
}

/* ---- Answering ---------------------------------------------------------------------------------------------- */

/* The digest of parts that are joined by colons. */
static bool digest_parts(const struct http_challenge *challenge, char hex[static DIGEST_HEX_MAX], size_t count, ...)
{
	enum digest_kind kind = challenge->scheme == HTTP_SCHEME_DIGEST_SHA256 ? DIGEST_SHA256 : DIGEST_MD5;
	char bytes[DIGESTED_MAX];
	struct text text;
	va_list parts;
	bool is_made;

	text_init(&text, bytes, sizeof(bytes));
	va_start(parts, count);
	for (size_t i = 0; i < count; i++)
		text_addf(&text, "%s%s", i == 0 ? "" : ":", va_arg(parts, const char *));
	va_end(parts);
	is_made = !text.is_cut && digest_hex(kind, bytes, text.len, hex);
	explicit_bzero(bytes, sizeof(bytes));
	return is_made;
}

/* Add NAME="VALUE", quotation marks and backslashes escaped. */
static void add_quoted(struct text *text, const char *name, const char *value)
{
	text_addf(text, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			text_add(text, "\\");
		text_add_bytes(text, value, 1);
	}
	text_add(text, "\"");
}

/* RFC 7616, section 3.4. */
static int answer_digest(const struct http_challenge *challenge, const struct http_asking *asking, struct text *text,
			 size_t *secret_at, size_t *secret_len)
{
	char who[DIGEST_HEX_MAX], what[DIGEST_HEX_MAX], response[DIGEST_HEX_MAX], cnonce[24];
	bool is_made;

	snprintf(cnonce, sizeof(cnonce), "%016" PRIx64, asking->cnonce);
	is_made = digest_parts(challenge, who, 3, asking->user, challenge->realm, asking->password) &&
		  digest_parts(challenge, what, 2, asking->method, asking->target);
	if (is_made && challenge->is_session) {
		memcpy(response, who, sizeof(who));
		is_made = digest_parts(challenge, who, 3, response, challenge->nonce, cnonce);
	}
	if (is_made && challenge->has_qop)
		is_made = digest_parts(challenge, response, 6, who, challenge->nonce, "00000001", cnonce, "auth", what);
	else if (is_made)
		is_made = digest_parts(challenge, response, 3, who, challenge->nonce, what);
	if (!is_made)
		return -ENOSYS;
	text_add(text, "Digest ");
	add_quoted(text, "username", asking->user);
	text_add(text, ", ");
	add_quoted(text, "realm", challenge->realm);
	text_add(text, ", ");
	add_quoted(text, "nonce", challenge->nonce);
	text_add(text, ", ");
	add_quoted(text, "uri", asking->target);
	text_addf(text, ", algorithm=%s%s, response=\"",
		  challenge->scheme == HTTP_SCHEME_DIGEST_SHA256 ? "SHA-256" : "MD5",
		  challenge->is_session ? "-sess" : "");
	*secret_at = text->len;
	*secret_len = strlen(response);
	text_addf(text, "%s\"", response);
	if (challenge->has_qop || challenge->is_session)
		text_addf(text, ", cnonce=\"%s\"", cnonce);
	if (challenge->has_qop)
		text_add(text, ", qop=auth, nc=00000001");
	if (challenge->has_opaque) {
		text_add(text, ", ");
		add_quoted(text, "opaque", challenge->opaque);
	}
	return 0;
}

int http_challenge_answer(const struct http_challenge *challenge, const struct http_asking *asking, struct text *text,
			  size_t *secret_at, size_t *secret_len)
{
	char both[USER_MAX], coded[ESCAPE_BASE64_MAX(USER_MAX)];

	if (challenge->scheme != HTTP_SCHEME_BASIC)
		return answer_digest(challenge, asking, text, secret_at, secret_len);
	snprintf(both, sizeof(both), "%s:%s", asking->user, asking->password);
	escape_base64(both, strlen(both), coded, sizeof(coded));
	text_add(text, "Basic ");
	*secret_at = text->len;
	*secret_len = strlen(coded);
	text_add(text, coded);
	explicit_bzero(both, sizeof(both));
	explicit_bzero(coded, sizeof(coded));
	return 0;
}
