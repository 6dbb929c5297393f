/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proxies as a person writes them, and where their passwords are. */
#include "endpoint/hop.h"

#include <errno.h>
#include <stdio.h>

#include "base/util.h"

#include "check.h"

#define N16 "0123456789abcdef"
#define N255 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 "0123456789abcde"

static const struct {
	const char *url;
	const char *want; /* kind host port user password; NULL: refused */
	const char *why;  /* a part of the mistake */
} rows[] = {
	{ "socks5h://proxy.example:1080", "socks5h proxy.example 1080 - -", NULL },
	{ "SOCKS5://127.0.0.1:1080/", "socks5 127.0.0.1 1080 - -", NULL },
	{ "socks4a://[::1]:9", "socks4a ::1 9 - -", NULL },
	{ "socks4://alice@localhost:9", "socks4 localhost 9 alice ", NULL },
	{ "socks5h://alice:secret@localhost:9", "socks5h localhost 9 alice secret", NULL },
	{ "socks5h://al%69ce:s%40%3A%2f@localhost:9", "socks5h localhost 9 alice s@:/", NULL },
	/* An at sign that was not escaped is the password's; the last one ends it. */
	{ "socks5h://alice:p@ss@localhost:9", "socks5h localhost 9 alice p@ss", NULL },
	{ "socks5h://alice:a:b@localhost:9", "socks5h localhost 9 alice a:b", NULL },
	{ "socks5h://alice:@localhost:9", "socks5h localhost 9 alice ", NULL },
	{ "socks5h://" N255 ":" N255 "@h:9", "socks5h h 9 " N255 " " N255, NULL },
	{ "socks5h://" N255 "x:y@h:9", NULL, "at most 255 bytes" },
	{ "socks5h://x:" N255 "y@h:9", NULL, "at most 255 bytes" },
	{ "socks5h://x:%4@h:9", NULL, "an escape is %" },
	{ "socks5h://x:%zz@h:9", NULL, "an escape is %" },
	{ "socks5h://x:%00@h:9", NULL, "an escape is %" },
	{ "socks5h://:secret@h:9", NULL, "the user is empty" },
	{ "socks4a://x:secret@h:9", NULL, "socks4a knows users, but no passwords" },
	{ "socks5h://localhost", NULL, "the port of the proxy is missing: write localhost:PORT" },
	{ "socks5h://1080", NULL, "the port of the proxy is missing" },
	{ "socks5h://[::1]", NULL, "the port of the proxy is missing" },
	{ "socks5h://", NULL, "the host is missing" },
	{ "socks5h://h:0", NULL, "port 0" },
	{ "socks5h://h:70000", NULL, "70000" },
	{ "socks5h://h:9/path", NULL, "behind the port of a proxy there is nothing" },
	{ "socks5h://h:9,nodelay", NULL, "a proxy has no options" },
	{ "socks6://h:9", NULL, "there is no kind of proxy \"socks6\"" },
	{ "localhost:1080", NULL, "a proxy is a URL" },
	{ "", NULL, "a proxy is a URL" },
	{ "://h:9", NULL, "no kind of proxy" },
	{ "socks5h://unix:/run/x", NULL, "behind the port" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char error[ENDPOINT_ERROR_MAX] = "", got[1200];
		struct hop hop;
		int ret = hop_parse(&hop, rows[i].url, error);

		CHECK_INT(rows[i].url, ret, rows[i].want == NULL ? -EINVAL : 0);
		if (ret < 0) {
			if (strstr(error, rows[i].why) == NULL)
				fail_msg("%s: %s", rows[i].url, error);
			continue;
		}
		snprintf(got, sizeof(got), "%s %s %u %s %s", hop_kind_record(hop.kind)->name, hop.endpoint.host,
			 hop.endpoint.port_number, hop.has_user ? hop.user : "-", hop.has_user ? hop.password : "-");
		CHECK_STRING(rows[i].url, got, rows[i].want);
	}
}

/* Whatever is wrong with a URL, what could be a password is in no message. */
static void test_mistakes_keep_secrets(void **state)
{
	static const char *const urls[] = {
		"socks5h://alice:XYZZY@h", "socks5h://alice:XYZZY@h:9/x", "socks4://alice:XYZZY@h:9",
		"socks5h://:XYZZY@h:9", "socks6://alice:XYZZY@h:9", "alice:XYZZY@h:9", "socks5h://a:XYZZY%@h:9",
		"socks5h://alice:XYZZY@h:9@h:0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		char error[ENDPOINT_ERROR_MAX] = "";
		struct hop hop;

		CHECK_INT(urls[i], hop_parse(&hop, urls[i], error), -EINVAL);
		if (strstr(error, "XYZZY") != NULL)
			fail_msg("%s: %s", urls[i], error);
	}
}

static void test_find_password(void **state)
{
	const char *url = "socks5h://alice:p@:ss@h:9";
	size_t len = 0;

	(void)state;
	assert_ptr_equal(hop_find_password(url, &len), url + 16);
	CHECK_INT(url, len, 5);
	assert_null(hop_find_password("socks5h://alice@h:9", &len));
	assert_null(hop_find_password("socks5h://h:9", &len));
	assert_null(hop_find_password("h:9", &len));
}

static const struct {
	const char *text, *user, *password; /* user NULL: refused */
} user_rows[] = {
	{ "alice:secret", "alice", "secret" },
	{ "alice:se:cr et%40", "alice", "se:cr et%40" },
	{ "alice:", "alice", "" },
	{ ":secret", NULL, NULL },
	{ "alice", NULL, NULL },
	{ "", NULL, NULL },
};

static void test_set_user(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(user_rows); i++) {
		struct hop hop = { .kind = HOP_SOCKS5 };
		char error[ENDPOINT_ERROR_MAX];
		int ret = hop_set_user(&hop, user_rows[i].text, strlen(user_rows[i].text), error);

		CHECK_INT(user_rows[i].text, ret, user_rows[i].user == NULL ? -EINVAL : 0);
		if (ret < 0)
			continue;
		CHECK_STRING(user_rows[i].text, hop.user, user_rows[i].user);
		CHECK_STRING(user_rows[i].text, hop.password, user_rows[i].password);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_mistakes_keep_secrets),
		cmocka_unit_test(test_find_password),
		cmocka_unit_test(test_set_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
