/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said to SOCKS proxies, byte by byte, and what their answers mean; answers whole and in pieces of a byte. */
#include "stream/negotiation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/util.h"

#include "check.h"

#define BYTES(string) { (string), sizeof(string) - 1 }
#define N16 "0123456789abcdef"
#define N255 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 N16 "0123456789abcde"

#define INTERIM "HTTP/1.1 100 Continue\r\n\r\n"
#define INTERIM4 INTERIM INTERIM INTERIM INTERIM

struct bytes {
	const char *at;
	size_t len;
};

/* A conversation: what has to be sent, what comes then. */
struct row {
	const char *what;
	enum hop_kind kind;
	const char *user, *password, *host; /* host: an address, or a name */
	struct {
		struct bytes sent, comes;
	} turns[4];
	enum negotiation_act act; /* at the end */
	enum negotiation_trouble trouble;
	const char *said; /* the last answer, NULL: none */
};

#define PORT 80

static const struct row rows[] = {
	{ "socks4", HOP_SOCKS4, NULL, NULL, "10.0.0.1",
	  { { BYTES("\4\1\0\120\12\0\0\1\0"), BYTES("\0\132\0\0\0\0\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT 10.0.0.1:80 = granted 90" },
	{ "socks4 user", HOP_SOCKS4, "al", NULL, "10.0.0.1",
	  { { BYTES("\4\1\0\120\12\0\0\1al\0"), BYTES("\0\133\0\0\0\0\0\0") } },
	  NEGOTIATION_FAILED, NEGOTIATION_REFUSED, "CONNECT 10.0.0.1:80 = rejected or failed 91" },
	{ "socks4 identd", HOP_SOCKS4, "al", NULL, "10.0.0.1",
	  { { BYTES("\4\1\0\120\12\0\0\1al\0"), BYTES("\0\135\0\0\0\0\0\0") } },
	  NEGOTIATION_FAILED, NEGOTIATION_AUTH, "CONNECT 10.0.0.1:80 = the client's identd names another user 93" },
	{ "socks4 ipv6", HOP_SOCKS4, NULL, NULL, "::1", { { BYTES(""), BYTES("") } },
	  NEGOTIATION_FAILED, NEGOTIATION_UNABLE, NULL },
	{ "socks4a", HOP_SOCKS4A, "al", NULL, "ex",
	  { { BYTES("\4\1\0\120\0\0\0\1al\0ex\0"), BYTES("\0\132\0\0\0\0\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT ex:80 = granted 90" },
	{ "socks4a garbage", HOP_SOCKS4A, NULL, NULL, "ex",
	  { { BYTES("\4\1\0\120\0\0\0\1\0ex\0"), BYTES("HTTP/1.1") } },
	  NEGOTIATION_FAILED, NEGOTIATION_BROKEN, NULL },
	{ "socks5", HOP_SOCKS5, NULL, NULL, "10.0.0.1",
	  { { BYTES("\5\1\0"), BYTES("\5\0") },
	    { BYTES("\5\1\0\1\12\0\0\1\0\120"), BYTES("\5\0\0\1\0\0\0\0\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT 10.0.0.1:80 = granted 0" },
	{ "socks5 ipv6, bound to a name", HOP_SOCKS5, NULL, NULL, "::1",
	  { { BYTES("\5\1\0"), BYTES("\5\0") },
	    { BYTES("\5\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\120"), BYTES("\5\0\0\3\2ab\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT [::1]:80 = granted 0" },
	{ "socks5h, bound to IPv6", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\0") },
	    { BYTES("\5\1\0\3\2ex\0\120"), BYTES("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT ex:80 = granted 0" },
	{ "socks5h long name", HOP_SOCKS5H, NULL, NULL, N255,
	  { { BYTES("\5\1\0"), BYTES("\5\0") },
	    { BYTES("\5\1\0\3\377" N255 "\0\120"), BYTES("\5\0\0\3\0\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT " N255 ":80 = granted 0" },
	{ "socks5h password", HOP_SOCKS5H, "al", "se", "ex",
	  { { BYTES("\5\2\0\2"), BYTES("\5\2") },
	    { BYTES("\1\2al\2se"), BYTES("\1\0") },
	    { BYTES("\5\1\0\3\2ex\0\120"), BYTES("\5\0\0\1\0\0\0\0\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT ex:80 = granted 0" },
	{ "socks5h password not wanted", HOP_SOCKS5H, "al", "se", "ex",
	  { { BYTES("\5\2\0\2"), BYTES("\5\0") },
	    { BYTES("\5\1\0\3\2ex\0\120"), BYTES("\5\0\0\1\0\0\0\0\0\0") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT ex:80 = granted 0" },
	{ "socks5h password wrong", HOP_SOCKS5H, "al", "se", "ex",
	  { { BYTES("\5\2\0\2"), BYTES("\5\2") }, { BYTES("\1\2al\2se"), BYTES("\1\1") } },
	  NEGOTIATION_FAILED, NEGOTIATION_AUTH, "user al = not accepted 1" },
	{ "socks5h no method", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\377") } },
	  NEGOTIATION_FAILED, NEGOTIATION_AUTH, "methods no authentication = none of them 255" },
	{ "socks5h a method that was not offered", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\2") } },
	  NEGOTIATION_FAILED, NEGOTIATION_AUTH, "methods no authentication = user and password 2" },
	{ "socks5h a method of the future", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\11") } },
	  NEGOTIATION_FAILED, NEGOTIATION_BROKEN, "methods no authentication = answer 9, which has no meaning 9" },
	{ "socks5h another version", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\4\0") } },
	  NEGOTIATION_FAILED, NEGOTIATION_BROKEN, NULL },
	{ "socks5h refused", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\0") }, { BYTES("\5\1\0\3\2ex\0\120"), BYTES("\5\5") } },
	  NEGOTIATION_FAILED, NEGOTIATION_REFUSED, "CONNECT ex:80 = connection refused 5" },
	{ "socks5h not allowed", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\0") }, { BYTES("\5\1\0\3\2ex\0\120"), BYTES("\5\2") } },
	  NEGOTIATION_FAILED, NEGOTIATION_FORBIDDEN, "CONNECT ex:80 = not allowed by the ruleset 2" },
	{ "socks5h a reply of the future", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\0") }, { BYTES("\5\1\0\3\2ex\0\120"), BYTES("\5\143") } },
	  NEGOTIATION_FAILED, NEGOTIATION_REFUSED, "CONNECT ex:80 = answer 99, which has no meaning 99" },
	{ "http", HOP_HTTP, NULL, NULL, "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"),
	      BYTES("HTTP/1.1 200 Connection established\r\nContent-Length: 9\r\n\r\n") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT ex:80 = Connection established 200" },
	{ "http ipv6, bare ends of lines, no reason", HOP_HTTP, NULL, NULL, "::1",
	  { { BYTES("CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), BYTES("HTTP/1.0 204\n\n") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT [::1]:80 = No Content 204" },
	{ "http interim without end", HOP_HTTP, NULL, NULL, "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"),
	      BYTES(INTERIM4 INTERIM4 INTERIM4 INTERIM4 INTERIM) } },
	  NEGOTIATION_FAILED, NEGOTIATION_BROKEN, NULL },
	{ "http interim", HOP_HTTP, NULL, NULL, "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"),
	      BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n") } },
	  NEGOTIATION_DONE, NEGOTIATION_FINE, "CONNECT ex:80 = OK 200" },
	{ "http refused", HOP_HTTP, NULL, NULL, "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"), BYTES("HTTP/1.1 502 Bad Gateway\r\n\r\n") } },
	  NEGOTIATION_FAILED, NEGOTIATION_REFUSED, "CONNECT ex:80 = Bad Gateway 502" },
	{ "http forbidden", HOP_HTTP, NULL, NULL, "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"), BYTES("HTTP/1.1 403 No\r\n\r\n") } },
	  NEGOTIATION_FAILED, NEGOTIATION_FORBIDDEN, "CONNECT ex:80 = No 403" },
	{ "http garbage", HOP_HTTP, NULL, NULL, "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"), BYTES("SSH-2.0-OpenSSH_9.2\r\n") } },
	  NEGOTIATION_FAILED, NEGOTIATION_BROKEN, NULL },
	{ "http wants a user", HOP_HTTP, NULL, NULL, "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"),
	      BYTES("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n") } },
	  NEGOTIATION_FAILED, NEGOTIATION_AUTH, "CONNECT ex:80 = Who 407" },
	{ "http wants a user in a way that nobody knows", HOP_HTTP, "al", "se", "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"),
	      BYTES("HTTP/1.1 407 Who\r\nProxy-Authenticate: Negotiate\r\n\r\n") } },
	  NEGOTIATION_FAILED, NEGOTIATION_AUTH, "CONNECT ex:80 = Who 407" },
	{ "http wants a user again", HOP_HTTP, "al", "se", "ex",
	  { { BYTES("CONNECT ex:80 HTTP/1.1\r\nHost: ex:80\r\n\r\n"),
	      BYTES("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n") } },
	  NEGOTIATION_AGAIN, NEGOTIATION_FINE, "CONNECT ex:80 = Who 407" },
	{ "socks5h a form that there is not", HOP_SOCKS5H, NULL, NULL, "ex",
	  { { BYTES("\5\1\0"), BYTES("\5\0") }, { BYTES("\5\1\0\3\2ex\0\120"), BYTES("\5\0\0\2\0") } },
	  NEGOTIATION_FAILED, NEGOTIATION_BROKEN, NULL },
};

/* Let it send all that it wants, size bytes at a time, and compare. */
static void send_all(const struct row *row, struct negotiation *n, struct bytes want, size_t size)
{
	uint8_t shown[NEGOTIATION_OUT_MAX];
	const uint8_t *data;
	size_t at = 0;

	while (n->act == NEGOTIATION_SEND) {
		size_t len = negotiation_out(n, &data, shown);

		len = len < size ? len : size;
		if (at + len > want.len || memcmp(data, want.at + at, len) != 0)
			fail_msg("%s: byte %zu is not what was to be sent", row->what, at);
		if (row->password != NULL && memmem(shown, len, row->password, strlen(row->password)) != NULL)
			fail_msg("%s: the password is shown", row->what);
		at += len;
		negotiation_sent(n, len);
	}
	CHECK_INT(row->what, at, want.len);
}

/* Give it what comes, never more than it has room for. */
static void receive(const struct row *row, struct negotiation *n, struct bytes comes, size_t size, char *said,
		    size_t said_size)
{
	size_t at = 0;

	while (at < comes.len && n->act == NEGOTIATION_RECEIVE) {
		size_t room = negotiation_room(n), len = comes.len - at;

		if (room == 0) {
			negotiation_look(n, (const uint8_t *)comes.at + at, len < size ? len : size);
			if (n->act == NEGOTIATION_RECEIVE && negotiation_room(n) == 0)
				fail_msg("%s: it waits for nothing", row->what);
			continue;
		}
		len = len < room ? len : room;
		len = len < size ? len : size;
		negotiation_take(n, (const uint8_t *)comes.at + at, len);
		at += len;
		if (n->said.request != NULL)
			snprintf(said, said_size, "%s %s = %s %d", n->said.request, n->said.about, n->said.answer,
				 n->said.code);
	}
	if (n->act != NEGOTIATION_FAILED)
		CHECK_INT(row->what, at, comes.len);
}

static void run_row(const struct row *row, size_t size)
{
	struct negotiation *n = calloc(1, sizeof(*n));
	struct http_challenge challenge = { .scheme = HTTP_SCHEME_NONE };
	struct negotiation_wish wish = {
		.kind = row->kind, .user = row->user, .password = row->password, .challenge = &challenge,
	};
	char said[NEGOTIATION_TEXT_MAX * 2 + 64] = "";

	wish.target.port = PORT;
	if (addr_parse_ip(&wish.target.addr, row->host, PORT) < 0)
		snprintf(wish.target.name, sizeof(wish.target.name), "%s", row->host);
	negotiation_begin(n, &wish);
	for (size_t i = 0; i < ARRAY_LEN(row->turns) && row->turns[i].sent.at != NULL; i++) {
		send_all(row, n, row->turns[i].sent, size);
		receive(row, n, row->turns[i].comes, size, said, sizeof(said));
	}
	CHECK_INT(row->what, n->act, row->act);
	CHECK_INT(row->what, n->trouble, row->trouble);
	CHECK_INT(row->what, n->said.is_refusal, row->act == NEGOTIATION_FAILED);
	if (row->said != NULL)
		CHECK_STRING(row->what, said, row->said);
	free(n);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		run_row(&rows[i], SIZE_MAX);
		run_row(&rows[i], 1);
		run_row(&rows[i], 3);
	}
}

/* A name that is longer than any protocol can carry, and a user that is empty. */
static void test_limits(void **state)
{
	struct socks_target target = { .port = PORT };
	uint8_t dst[SOCKS_MESSAGE_MAX];
	size_t secret_at = 0;

	(void)state;
	assert_int_equal(socks_write_request(dst, &target), 0);
	assert_int_equal(socks4_write_request(dst, &target, NULL), 0);
	memset(target.name, 'a', SOCKS_NAME_MAX);
	assert_int_equal(socks4_write_request(dst, &target, N255), SOCKS_MESSAGE_MAX);
	assert_int_equal(socks4_write_request(dst, &target, N255 "x"), 0);
	assert_int_equal(socks_write_password(dst, "", "x", &secret_at), 0);
	assert_int_equal(socks_write_password(dst, N255, N255, &secret_at), 3 + 2 * SOCKS_NAME_MAX);
	assert_int_equal(secret_at, 3 + SOCKS_NAME_MAX);
	assert_int_equal(socks_write_password(dst, "a", N255 "x", &secret_at), 0);
}

/* The proxy ends before it has answered. */
static void test_ended(void **state)
{
	struct negotiation *n = calloc(1, sizeof(*n));
	struct negotiation_wish wish = { .kind = HOP_SOCKS5H, .target = { .name = "ex", .port = PORT } };

	(void)state;
	negotiation_begin(n, &wish);
	negotiation_sent(n, n->out_len);
	negotiation_take(n, (const uint8_t *)"\5", 1);
	negotiation_ended(n);
	assert_int_equal(n->act, NEGOTIATION_FAILED);
	assert_int_equal(n->trouble, NEGOTIATION_ENDED);
	assert_null(n->said.request);
	free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
