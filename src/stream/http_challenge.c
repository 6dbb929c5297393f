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
		[HTTP_SCHEME_DIGEST_SHA512_256] = "Digest SHA-512-256",
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

/* Of an algorithm or the like that is not known: as much of it as a message shows. */
#define UNKNOWN_MAX 24

/* A challenge while it is read. */
struct reading {
	struct http_challenge made;
	struct http_span name; /* of its scheme, as it was written; len 0: there is none */
	char algorithm[UNKNOWN_MAX], qop[UNKNOWN_MAX]; /* that are not known; "": they are */
	bool is_bad;
};

/* The algorithms of Digest (RFC 7616, section 6.1); each has a form that ends with -sess. */
static const struct algorithm {
	const char *name;
	enum http_scheme scheme;
	enum digest_kind kind;
} algorithms[] = {
	{ "MD5", HTTP_SCHEME_DIGEST_MD5, DIGEST_MD5 },
	{ "SHA-256", HTTP_SCHEME_DIGEST_SHA256, DIGEST_SHA256 },
	{ "SHA-512-256", HTTP_SCHEME_DIGEST_SHA512_256, DIGEST_SHA512_256 },
};

/* Put down what is not known, where it can be shown; "?" where not. */
static void put_unknown(char dst[static UNKNOWN_MAX], const char *value)
{
	size_t len = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./, ");

	snprintf(dst, UNKNOWN_MAX, "%s", len > 0 && value[len] == '\0' ? value : "?");
}

static void take_algorithm(struct reading *r, const char *value)
{
	static const char session[] = "-sess";
	size_t len = strlen(value);

	r->made.is_session = len > strlen(session) && strcasecmp(value + len - strlen(session), session) == 0;
	if (r->made.is_session)
		len -= strlen(session);
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		if (len != strlen(algorithms[i].name) || strncasecmp(value, algorithms[i].name, len) != 0)
			continue;
		if (r->made.scheme != HTTP_SCHEME_NONE)
			r->made.scheme = algorithms[i].scheme;
		return;
	}
	r->is_bad = true;
	put_unknown(r->algorithm, value);
}

static void take_qop(struct reading *r, const char *value)
{
	if (has_word(value, "auth"))
		r->made.qop = HTTP_QOP_AUTH;
	else if (has_word(value, "auth-int"))
		r->made.qop = HTTP_QOP_AUTH_INT;
	else
		put_unknown(r->qop, value);
	r->is_bad = r->is_bad || r->made.qop == HTTP_QOP_NONE;
}

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
		take_qop(r, value);
	} else if (http_span_is(name, "algorithm")) {
		take_algorithm(r, value);
	}
}

/* Add what a challenge is called to those that are offered, and what of it is not known. */
static void add_offered(const struct reading *r, struct text *offered)
{
	if (!http_is_token(r->name.at, r->name.len))
		return;
	text_addf(offered, "%s%.*s", offered->len == 0 ? "" : ", ", (int)r->name.len, r->name.at);
	if (r->algorithm[0] != '\0')
		text_addf(offered, " (algorithm %s)", r->algorithm);
	else if (r->qop[0] != '\0')
		text_addf(offered, " (qop %s)", r->qop);
}

/* The challenge is whole: it is taken where it is stronger than what was there. */
static void finish(struct reading *r, struct http_challenge *challenge, struct text *offered)
{
	bool is_digest = r->made.scheme >= HTTP_SCHEME_DIGEST_MD5;

	if (r->name.len > 0)
		add_offered(r, offered);
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
		finish(&r, challenge, offered);
		r.name = name;
		r.made.scheme = scheme_of(name);
	}
	finish(&r, challenge, offered);
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

static const struct algorithm *algorithm_of(const struct http_challenge *challenge)
{
	const struct algorithm *algorithm = algorithms;

	while (algorithm->scheme != challenge->scheme)
		algorithm++;
	return algorithm;
}

/* The digest of parts that are joined by colons. */
static bool digest_parts(const struct http_challenge *challenge, char hex[static DIGEST_HEX_MAX], size_t count, ...)
{
	char bytes[DIGESTED_MAX];
	struct text text;
	va_list parts;
	bool is_made;

	text_init(&text, bytes, sizeof(bytes));
	va_start(parts, count);
	for (size_t i = 0; i < count; i++)
		text_addf(&text, "%s%s", i == 0 ? "" : ":", va_arg(parts, const char *));
	va_end(parts);
	is_made = !text.is_cut && digest_hex(algorithm_of(challenge)->kind, bytes, text.len, hex);
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
	char who[DIGEST_HEX_MAX], what[DIGEST_HEX_MAX], body[DIGEST_HEX_MAX], response[DIGEST_HEX_MAX], cnonce[24];
	const char *qop = challenge->qop == HTTP_QOP_AUTH_INT ? "auth-int" : "auth";
	bool is_made;

	snprintf(cnonce, sizeof(cnonce), "%016" PRIx64, asking->cnonce);
	is_made = digest_parts(challenge, who, 3, asking->user, challenge->realm, asking->password);
	/* The request has no body: its digest is that of no bytes. */
	if (is_made && challenge->qop == HTTP_QOP_AUTH_INT)
		is_made = digest_parts(challenge, body, 0) &&
			  digest_parts(challenge, what, 3, asking->method, asking->target, body);
	else if (is_made)
		is_made = digest_parts(challenge, what, 2, asking->method, asking->target);
	if (is_made && challenge->is_session) {
		memcpy(response, who, sizeof(who));
		is_made = digest_parts(challenge, who, 3, response, challenge->nonce, cnonce);
	}
	if (is_made && challenge->qop != HTTP_QOP_NONE)
		is_made = digest_parts(challenge, response, 6, who, challenge->nonce, "00000001", cnonce, qop, what);
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
	text_addf(text, ", algorithm=%s%s, response=\"", algorithm_of(challenge)->name,
		  challenge->is_session ? "-sess" : "");
	*secret_at = text->len;
	*secret_len = strlen(response);
	text_addf(text, "%s\"", response);
	if (challenge->qop != HTTP_QOP_NONE || challenge->is_session)
		text_addf(text, ", cnonce=\"%s\"", cnonce);
	if (challenge->qop != HTTP_QOP_NONE)
		text_addf(text, ", qop=%s, nc=00000001", qop);
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
