/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Challenges of HTTP and their answers. The examples are those of RFC 7616 (3.9), RFC 2617 (3.5) and RFC 7617 (2). */
#include "stream/http_challenge.h"

#include <stdio.h>

#include "base/util.h"

#include "check.h"

/* Read the fields of a head. */
static struct http_challenge challenge_of(const char *fields, char *offered, size_t size)
{
	struct http_challenge challenge;
	struct http_head head;
	char text[2048];

	snprintf(text, sizeof(text), "HTTP/1.1 407 Who\r\n%s\r\n", fields);
	http_head_init(&head, HTTP_REPLY);
	if (http_head_read(&head, text, strlen(text)) <= 0)
		fail_msg("%s: no head", fields);
	http_challenge_read(&challenge, &head, "Proxy-Authenticate", offered, size);
	return challenge;
}

#define F "Proxy-Authenticate: "

static const struct {
	const char *fields, *want; /* scheme realm nonce opaque, and its letters; "" where there is none */
	const char *offered;
} rows[] = {
	{ F "Basic realm=\"foo\"\r\n", "Basic|foo|||", "Basic" },
	{ F "basic realm=foo\r\n", "Basic|foo|||", "basic" },
	{ F "Basic\r\n", "Basic||||", "Basic" },
	{ F "Digest realm=\"a\", nonce=\"b\"\r\n", "Digest MD5|a|b||", "Digest" },
	{ F "Digest realm=\"a\", nonce=\"b\", qop=\"auth, auth-int\", opaque=\"o\"\r\n", "Digest MD5|a|b|o|q",
	  "Digest" },
	{ F "Digest realm=\"a\", nonce=\"b\", algorithm=MD5-sess, stale=TRUE\r\n", "Digest MD5|a|b||sx", "Digest" },
	{ F "Digest nonce = \"b\" , realm = \"a\\\"c\" , algorithm = SHA-256\r\n", "Digest SHA-256|a\"c|b||",
	  "Digest" },
	/* The strongest, wherever it stands. */
	{ F "Basic realm=x, Digest nonce=m, Digest nonce=n, algorithm=SHA-256\r\n", "Digest SHA-256||n||",
	  "Basic, Digest, Digest" },
	{ F "Digest nonce=n, algorithm=SHA-256\r\n" F "Basic realm=x\r\n", "Digest SHA-256||n||", "Digest, Basic" },
	/* One that cannot be answered is passed over. */
	{ F "Digest nonce=n, algorithm=SHA3-256, Basic realm=x\r\n", "Basic|x|||",
	  "Digest (algorithm SHA3-256), Basic" },
	{ F "Digest nonce=n, qop=auth-conf, Basic realm=x\r\n", "Basic|x|||", "Digest (qop auth-conf), Basic" },
	{ F "Digest nonce=n, algorithm=MD5-sess-sess\r\n", "||||", "Digest (algorithm MD5-sess-sess)" },
	{ F "Digest nonce=n, qop=\"a\\\"\"\r\n", "||||", "Digest (qop ?)" },
	{ F "Digest nonce=n, algorithm=-sess\r\n", "||||", "Digest (algorithm -sess)" },
	/* What it is that has no body, its digest is known. */
	{ F "Digest nonce=n, qop=auth-int, algorithm=sha-512-256-SESS\r\n", "Digest SHA-512-256||n||is", "Digest" },
	{ F "Digest nonce=m, algorithm=SHA-256, Digest nonce=n, algorithm=SHA-512-256\r\n", "Digest SHA-512-256||n||",
	  "Digest, Digest" },
	{ F "Digest realm=x\r\n", "||||", "Digest" },
	{ F "Negotiate YIIabc==, NTLM\r\n", "||||", "Negotiate, NTLM" },
	{ F "Negotiate YIIabc==\r\n" F "Basic realm=x\r\n", "Basic|x|||", "Negotiate, Basic" },
	{ F "Digest nonce=\"open\r\n", "||||", "Digest" },
	{ F "=, =\"x\", Basic realm=x\r\n", "Basic|x|||", "Basic" },
	{ F "\r\n", "||||", "" },
	{ "Other: Basic\r\n", "||||", "" },
};

static void test_reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char offered[256], got[2048];
		struct http_challenge c = challenge_of(rows[i].fields, offered, sizeof(offered));

		snprintf(got, sizeof(got), "%s|%s|%s|%s|%s%s%s", http_scheme_name(c.scheme), c.realm, c.nonce,
			 c.opaque,
			 c.qop == HTTP_QOP_AUTH ? "q" : c.qop == HTTP_QOP_AUTH_INT ? "i" : "",
			 c.is_session ? "s" : "", c.is_stale ? "x" : "");
		CHECK_STRING(rows[i].fields, got, rows[i].want);
		CHECK_STRING(rows[i].fields, offered, rows[i].offered);
	}
}

/* What is answered, and what of it is a secret. */
static void check_answer(const char *what, const struct http_challenge *challenge, const struct http_asking *asking,
			 const char *want, const char *secret)
{
	size_t secret_at = 0, secret_len = 0;
	char dst[2048], got[512];
	struct text text;

	text_init(&text, dst, sizeof(dst));
	if (challenge->scheme != HTTP_SCHEME_BASIC) {
		char hex[DIGEST_HEX_MAX];

		if (!digest_hex(DIGEST_MD5, "", 0, hex))
			skip();
	}
	CHECK_INT(what, http_challenge_answer(challenge, asking, &text, &secret_at, &secret_len), 0);
	CHECK_STRING(what, dst, want);
	snprintf(got, sizeof(got), "%.*s", (int)secret_len, dst + secret_at);
	CHECK_STRING(what, got, secret);
}

static void test_basic(void **state)
{
	const struct http_challenge challenge = { .scheme = HTTP_SCHEME_BASIC };
	const struct http_asking asking = { .user = "Aladdin", .password = "open sesame" };

	(void)state;
	check_answer("basic", &challenge, &asking, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
		     "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

/* The digests were made with Python's hashlib from the formulas of RFC 7616, section 3.4. */
static void test_digest(void **state)
{
	struct http_challenge challenge = {
		.scheme = HTTP_SCHEME_DIGEST_MD5, .qop = HTTP_QOP_AUTH, .has_opaque = true,
		.realm = "http-auth@example.org",
		.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
		.opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
	};
	const struct http_asking asking = {
		.user = "Mufasa", .password = "Circle of Life", .method = "GET", .target = "/dir/index.html",
		.cnonce = 0x0123456789abcdef,
	};

	(void)state;
	check_answer("MD5", &challenge, &asking,
		     "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
		     "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", algorithm=MD5, "
		     "response=\"1ac0025fdb57833138512e10c04bc68e\", "
		     "cnonce=\"0123456789abcdef\", qop=auth, nc=00000001, "
		     "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
		     "1ac0025fdb57833138512e10c04bc68e");
	challenge.scheme = HTTP_SCHEME_DIGEST_SHA256;
	challenge.is_session = true;
	challenge.has_opaque = false;
	check_answer("SHA-256-sess", &challenge, &asking,
		     "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
		     "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", "
		     "algorithm=SHA-256-sess, "
		     "response=\"06e81d007a85a39df2a5eaa722d22b66fd46ef3aaf07fe58057f4e706b3b2476\", "
		     "cnonce=\"0123456789abcdef\", qop=auth, nc=00000001",
		     "06e81d007a85a39df2a5eaa722d22b66fd46ef3aaf07fe58057f4e706b3b2476");
}

/* Of a request without a body; the digest was made as those above. */
static void test_digest_of_the_body(void **state)
{
	const struct http_challenge challenge = {
		.scheme = HTTP_SCHEME_DIGEST_SHA512_256, .qop = HTTP_QOP_AUTH_INT, .realm = "http-auth@example.org",
		.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
	};
	const struct http_asking asking = {
		.user = "Mufasa", .password = "Circle of Life", .method = "GET", .target = "/dir/index.html",
		.cnonce = 0x0123456789abcdef,
	};

	(void)state;
	check_answer("SHA-512-256", &challenge, &asking,
		     "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
		     "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", "
		     "algorithm=SHA-512-256, "
		     "response=\"365bf278b775c81ca565e880a89653b2e479572a15808305dbb90d5e1de6971f\", "
		     "cnonce=\"0123456789abcdef\", qop=auth-int, nc=00000001",
		     "365bf278b775c81ca565e880a89653b2e479572a15808305dbb90d5e1de6971f");
}

/* RFC 2617, section 3.5, without qop as RFC 2069 had it. */
static void test_digest_old(void **state)
{
	const struct http_challenge challenge = {
		.scheme = HTTP_SCHEME_DIGEST_MD5, .realm = "testrealm@host.com",
		.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
	};
	const struct http_asking asking = {
		.user = "Mufasa", .password = "Circle Of Life", .method = "GET", .target = "/dir/index.html",
	};

	(void)state;
	check_answer("old", &challenge, &asking,
		     "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
		     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", algorithm=MD5, "
		     "response=\"670fd8c2df070c60b045671b8b24ff02\"",
		     "670fd8c2df070c60b045671b8b24ff02");
}

static const struct {
	const char *value, *want; /* NULL: it is something else */
} basic_rows[] = {
	{ "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin:open sesame" },
	{ "basic  YTpi", "a:b" },
	{ "Basic YTo=", "a:" },
	{ "Basic ", "" },
	{ "Basic Y!pi", NULL },
	{ "Digest username=x", NULL },
	{ "", NULL },
	{ "Basic YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh", NULL },
};

static void test_read_basic(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(basic_rows); i++) {
		struct http_span value = { basic_rows[i].value, strlen(basic_rows[i].value) };
		char dst[32];
		ssize_t len = http_challenge_read_basic(value, dst, sizeof(dst));

		CHECK_INT(basic_rows[i].value, len < 0, basic_rows[i].want == NULL);
		if (len >= 0)
			CHECK_STRING(basic_rows[i].value, dst, basic_rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),	   cmocka_unit_test(test_basic),
		cmocka_unit_test(test_digest),	   cmocka_unit_test(test_digest_of_the_body),
		cmocka_unit_test(test_digest_old),
		cmocka_unit_test(test_read_basic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
