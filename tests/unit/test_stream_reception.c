/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a proxy server understands and answers; whole and in pieces of a byte. And who its users are. */
#include "stream/reception.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"

#include "check.h"

#define NAME "sockt-00000000"
#define BYTES(string) (string), sizeof(string) - 1
#define N10 "X123456789"
#define N100 N10 N10 N10 N10 N10 N10 N10 N10 N10 N10 /* a long name of a field */
#define SECRET "Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n" /* alice:secret */

struct row {
	const char *what;
	enum reception_kind kind;
	bool has_users;
	const char *says;
	size_t len;
	enum reception_act act;
	const char *target; /* of CONNECT; NULL: none */
	const char *answer; /* of REFUSE: how it begins; of CONNECT: what is sent when it stands */
	size_t answer_len;
};

static const struct row rows[] = {
	{ "connect", RECEPTION_HTTP, false, BYTES("CONNECT ex:443 HTTP/1.1\r\nHost: ex:443\r\n\r\n"), RECEPTION_CONNECT,
	  "ex 443", BYTES("HTTP/1.1 200 Connection established\r\n\r\n") },
	{ "connect ipv6", RECEPTION_HTTP, false, BYTES("CONNECT [::1]:443 HTTP/1.0\n\n"), RECEPTION_CONNECT, "::1 443",
	  BYTES("HTTP/1.1 200 Connection established\r\n\r\n") },
	{ "connect without a port", RECEPTION_HTTP, false, BYTES("CONNECT ex HTTP/1.1\r\nHost: ex\r\n\r\n"),
	  RECEPTION_REFUSE, NULL, BYTES("HTTP/1.1 400 ") },
	{ "get", RECEPTION_HTTP, false,
	  BYTES("GET http://ex:8080/a?b HTTP/1.1\r\nHost: other\r\nAccept: */*\r\n"
		"Proxy-Connection: keep-alive\r\n" SECRET
		"Connection: X-Own, close, " N100 "\r\n" N100 ": 1\r\nX-Own: 1\r\n"
		"TE: trailers\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\n"
		"Authorization: Basic eDp5\r\nVia: 1.0 first\r\n\r\n"),
	  RECEPTION_CONNECT, "ex 8080",
	  BYTES("GET /a?b HTTP/1.1\r\nHost: ex:8080\r\nAccept: */*\r\nAuthorization: Basic eDp5\r\nVia: 1.0 first\r\n"
		"Via: 1.1 " NAME "\r\nConnection: close\r\n\r\n") },
	{ "get without a path, with a user", RECEPTION_HTTP, false, BYTES("GET HTTP://u:p@ex HTTP/1.0\r\n\r\n"),
	  RECEPTION_CONNECT, "ex 80",
	  BYTES("GET / HTTP/1.0\r\nHost: ex\r\nVia: 1.0 " NAME "\r\nConnection: close\r\n\r\n") },
	{ "get a query", RECEPTION_HTTP, false, BYTES("GET http://[::1]?q HTTP/1.0\r\n\r\n"), RECEPTION_CONNECT,
	  "::1 80",
	  BYTES("GET /?q HTTP/1.0\r\nHost: [::1]\r\nVia: 1.0 " NAME "\r\nConnection: close\r\n\r\n") },
	{ "options", RECEPTION_HTTP, false, BYTES("OPTIONS http://ex HTTP/1.0\r\n\r\n"), RECEPTION_CONNECT, "ex 80",
	  BYTES("OPTIONS * HTTP/1.0\r\nHost: ex\r\nVia: 1.0 " NAME "\r\nConnection: close\r\n\r\n") },
	/* What frames the body is the target's to know, whatever Connection names. */
	{ "smuggling", RECEPTION_HTTP, false,
	  BYTES("POST http://ex/ HTTP/1.1\r\nHost: ex\r\nConnection: Content-Length\r\nContent-Length: 3\r\n\r\n"),
	  RECEPTION_CONNECT, "ex 80",
	  BYTES("POST / HTTP/1.1\r\nHost: ex\r\nContent-Length: 3\r\nVia: 1.1 " NAME "\r\nConnection: close\r\n\r\n") },
	{ "two lengths", RECEPTION_HTTP, false,
	  BYTES("POST http://ex/ HTTP/1.1\r\nHost: ex\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
	  RECEPTION_REFUSE, NULL, BYTES("HTTP/1.1 400 ") },
	{ "origin form", RECEPTION_HTTP, false, BYTES("GET / HTTP/1.1\r\nHost: ex\r\n\r\n"), RECEPTION_REFUSE, NULL,
	  BYTES("HTTP/1.1 400 ") },
	{ "https", RECEPTION_HTTP, false, BYTES("GET https://ex/ HTTP/1.1\r\nHost: ex\r\n\r\n"), RECEPTION_REFUSE, NULL,
	  BYTES("HTTP/1.1 400 ") },
	{ "a fragment", RECEPTION_HTTP, false, BYTES("GET http://ex/#x HTTP/1.1\r\nHost: ex\r\n\r\n"), RECEPTION_REFUSE,
	  NULL, BYTES("HTTP/1.1 400 ") },
	{ "port 0", RECEPTION_HTTP, false, BYTES("GET http://ex:0/ HTTP/1.1\r\nHost: ex\r\n\r\n"), RECEPTION_REFUSE,
	  NULL,
	  BYTES("HTTP/1.1 400 ") },
	{ "a bad head", RECEPTION_HTTP, false, BYTES("GET http://ex/ HTTP/1.1\r\nHost : ex\r\n\r\n"), RECEPTION_REFUSE,
	  NULL, BYTES("HTTP/1.1 400 ") },
	{ "no http", RECEPTION_HTTP, false, BYTES("\5\1\0\n"), RECEPTION_REFUSE, NULL, BYTES("HTTP/1.1 400 ") },
	{ "a loop", RECEPTION_HTTP, false,
	  BYTES("GET http://ex/ HTTP/1.1\r\nHost: ex\r\nVia: 1.1 a, 1.1 " NAME "\r\n\r\n"),
	  RECEPTION_REFUSE, NULL, BYTES("HTTP/1.1 403 ") },
	{ "nobody", RECEPTION_HTTP, true, BYTES("CONNECT ex:443 HTTP/1.0\r\n\r\n"), RECEPTION_REFUSE, NULL,
	  BYTES("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"sockt\"\r\n") },
	{ "a user", RECEPTION_HTTP, true, BYTES("CONNECT ex:443 HTTP/1.0\r\n" SECRET "\r\n"), RECEPTION_CONNECT,
	  "ex 443",
	  BYTES("HTTP/1.1 200 ") },
	{ "a wrong user", RECEPTION_HTTP, true,
	  BYTES("CONNECT ex:443 HTTP/1.0\r\nProxy-Authorization: Basic YWxpY2U6d3Jvbmc=\r\n\r\n"), RECEPTION_REFUSE,
	  NULL,
	  BYTES("HTTP/1.1 407 ") },
	{ "socks5", RECEPTION_SOCKS5, false, BYTES("\5\1\0\5\1\0\3\2ex\0\120"), RECEPTION_CONNECT, "ex 80",
	  BYTES("\5\0\0\1\177\0\0\1\0\7") },
	{ "socks5 address", RECEPTION_SOCKS5, false, BYTES("\5\1\0\5\1\0\1\12\0\0\1\0\120"), RECEPTION_CONNECT,
	  "10.0.0.1 80", BYTES("\5\0\0\1\177\0\0\1\0\7") },
	{ "socks5 bind", RECEPTION_SOCKS5, false, BYTES("\5\1\0\5\2\0\3\2ex\0\120"), RECEPTION_REFUSE, NULL,
	  BYTES("\5\7\0\1\0\0\0\0\0\0") },
	{ "socks5 form", RECEPTION_SOCKS5, false, BYTES("\5\1\0\5\1\0\2\2ex\0\120"), RECEPTION_REFUSE, NULL,
	  BYTES("\5\10\0\1\0\0\0\0\0\0") },
	{ "socks5 NUL in a name", RECEPTION_SOCKS5, false, BYTES("\5\1\0\5\1\0\3\4ex\0y\0\120"), RECEPTION_REFUSE, NULL,
	  BYTES("\5\1\0\1\0\0\0\0\0\0") },
	{ "socks5 port 0", RECEPTION_SOCKS5, false, BYTES("\5\1\0\5\1\0\3\2ex\0\0"), RECEPTION_REFUSE, NULL,
	  BYTES("\5\1\0\1\0\0\0\0\0\0") },
	{ "socks5 user", RECEPTION_SOCKS5, true, BYTES("\5\2\0\2\1\5alice\6secret\5\1\0\3\2ex\0\120"),
	  RECEPTION_CONNECT,
	  "ex 80", BYTES("\5\0\0\1\177\0\0\1\0\7") },
	{ "socks5 wrong user", RECEPTION_SOCKS5, true, BYTES("\5\2\0\2\1\5alice\5wrong"), RECEPTION_REFUSE, NULL,
	  BYTES("\1\1") },
	{ "socks5 no user", RECEPTION_SOCKS5, true, BYTES("\5\1\0"), RECEPTION_REFUSE, NULL, BYTES("\5\377") },
	{ "socks4", RECEPTION_SOCKS5, false, BYTES("\4\1\0\120\12\0\0\1\0"), RECEPTION_OVER, NULL, BYTES("") },
	{ "http to socks", RECEPTION_SOCKS5, false, BYTES("GET / HTTP/1.0\r\n\r\n"), RECEPTION_OVER, NULL, BYTES("") },
};

static void run_row(const struct row *row, const struct users *users, size_t size)
{
	const struct reception_rules rules = {
		.kind = row->kind, .users = row->has_users ? users : NULL, .name = NAME,
	};
	struct reception *r = calloc(1, sizeof(*r));
	char target[512], host[ADDR_TEXT_MAX];
	const uint8_t *out;
	struct addr local;
	size_t at = 0, len;

	reception_begin(r, &rules);
	while (r->act == RECEPTION_SEND || (r->act == RECEPTION_RECEIVE && at < row->len)) {
		if (r->act == RECEPTION_SEND) {
			reception_sent(r, reception_out(r, &out));
			continue;
		}
		len = row->len - at < size ? row->len - at : size;
		if (reception_room(r) == 0) {
			reception_look(r, (const uint8_t *)row->says + at, len);
			continue;
		}
		len = len < reception_room(r) ? len : reception_room(r);
		reception_take(r, (const uint8_t *)row->says + at, len);
		at += len;
	}
	CHECK_INT(row->what, r->act, row->act);
	if (r->act == RECEPTION_CONNECT) {
		snprintf(target, sizeof(target), "%s %u",
			 r->target.addr.len > 0 ? addr_format_host(&r->target.addr, host,
				sizeof(host)) : r->target.name,
			 r->target.port);
		CHECK_STRING(row->what, target, row->target);
		addr_parse_ip(&local, "127.0.0.1", 7);
		reception_connected(r, &local);
	}
	len = reception_out(r, &out);
	if (len < row->answer_len || memcmp(out, row->answer, row->answer_len) != 0)
		fail_msg("%s: the answer is %.*s", row->what, (int)len, (const char *)out);
	if (r->is_forward)
		CHECK_INT(row->what, len, row->answer_len);
	free(r);
}

static void test_rows(void **state)
{
	char error[USERS_ERROR_MAX];
	struct users users;

	(void)state;
	assert_int_equal(users_read(&users, "bob:x\nalice:secret\n", 19, error), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		run_row(&rows[i], &users, SIZE_MAX);
		run_row(&rows[i], &users, 1);
	}
	users_clear(&users);
}

/* A head that never ends. */
static void test_long_head(void **state)
{
	const struct reception_rules rules = { .kind = RECEPTION_HTTP, .name = NAME };
	struct reception *r = calloc(1, sizeof(*r));
	char line[RECEPTION_IN_MAX];
	const uint8_t *out;

	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, "GET http://x/", 13);
	reception_begin(r, &rules);
	reception_look(r, (const uint8_t *)line, sizeof(line));
	assert_int_equal(r->act, RECEPTION_REFUSE);
	reception_out(r, &out);
	assert_memory_equal(out, "HTTP/1.1 431 ", 13);
	free(r);
}

/* What cannot be reached, as the client is told. */
static void test_refusals(void **state)
{
	static const struct {
		enum reception_cause cause;
		unsigned status, reply;
	} causes[] = {
		{ RECEPTION_BAD, 400, 1 },	   { RECEPTION_LOOP, 403, 2 },	  { RECEPTION_NO_NETWORK, 502, 3 },
		{ RECEPTION_NO_HOST, 502, 4 },	   { RECEPTION_NO_LISTENER, 502, 5 }, { RECEPTION_TOO_LATE, 504, 4 },
		{ RECEPTION_FAILED, 502, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		struct reception_rules rules = { .kind = RECEPTION_HTTP, .name = NAME };
		struct reception *r = calloc(1, sizeof(*r));

		reception_begin(r, &rules);
		reception_refuse(r, causes[i].cause, "why");
		assert_int_equal(r->said.code, causes[i].status);
		assert_true(r->said.is_refusal);
		rules.kind = RECEPTION_SOCKS5;
		reception_begin(r, &rules);
		reception_refuse(r, causes[i].cause, "why");
		assert_int_equal(r->out[1], causes[i].reply);
		free(r);
	}
}

/* Who does not ask in time. To SOCKS nothing is said before a request. */
static void test_slow(void **state)
{
	struct reception_rules rules = { .kind = RECEPTION_HTTP, .name = NAME };
	struct reception *r = calloc(1, sizeof(*r));
	const uint8_t *out;

	(void)state;
	reception_begin(r, &rules);
	reception_look(r, (const uint8_t *)"GET http://x/ HTTP/1.1\r\n", 24);
	assert_int_equal(r->act, RECEPTION_RECEIVE);
	reception_refuse(r, RECEPTION_SLOW, "why");
	assert_int_equal(r->act, RECEPTION_REFUSE);
	reception_out(r, &out);
	assert_memory_equal(out, "HTTP/1.1 408 ", 13);
	rules.kind = RECEPTION_SOCKS5;
	reception_begin(r, &rules);
	reception_refuse(r, RECEPTION_SLOW, "why");
	assert_int_equal(r->act, RECEPTION_OVER);
	free(r);
}

static const struct {
	const char *lines;
	const char *why; /* a part; NULL: they are right */
} user_rows[] = {
	{ "alice:secret\n", NULL },
	{ "# all\n\nalice:secret\r\nbob:\n", NULL },
	{ "alice:secret", NULL },
	{ "alice\n", "line 1: there is no colon" },
	{ "a:b\n:x\n", "line 2: the user is empty" },
	{ "", "there is no line" },
	{ "# nobody\n", "there is no line" },
};

static void test_users(void **state)
{
	char error[USERS_ERROR_MAX];
	struct users users;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(user_rows); i++) {
		int ret = users_read(&users, user_rows[i].lines, strlen(user_rows[i].lines), error);

		CHECK_INT(user_rows[i].lines, ret, user_rows[i].why == NULL ? 0 : -EINVAL);
		if (ret < 0 && strstr(error, user_rows[i].why) == NULL)
			fail_msg("%s: %s", user_rows[i].lines, error);
		if (ret == 0) {
			assert_true(users_have(&users, "alice", "secret"));
			assert_false(users_have(&users, "alice", "secret2"));
			assert_false(users_have(&users, "alice", "secre"));
			assert_false(users_have(&users, "alic", "secret"));
			assert_false(users_have(&users, "", ""));
			users_clear(&users);
		}
	}
	assert_int_equal(users_read(&users, "a:b\0c\n", 6, error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long_head),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_slow),
		cmocka_unit_test(test_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
