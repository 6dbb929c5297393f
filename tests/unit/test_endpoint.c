/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of endpoints: what each text means, or what is said of it and where the caret points. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/util.h"
#include "endpoint/endpoint.h"
#include "endpoint/sockopt_value.h"

#include "check.h"
#include "guard.h"

#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A60 A50 A10
#define A63 A60 "aaa"
#define A100 A50 A50
#define LABELS250 A60 ".x." A60 ".x." A60 ".x." A60 "x"

/* The wish of a string: l or c, the role; then 4, 6, u, U, n, the options, and r: of a relay. */
static struct endpoint_wish make_wish(const char *flags)
{
	struct endpoint_wish wish = { .role = flags[0] == 'l' ? ROLE_LISTEN : ROLE_CONNECT, .family = AF_UNSPEC };

	for (const char *flag = flags + 1; *flag != '\0'; flag++) {
		wish.is_udp = wish.is_udp || *flag == 'u';
		wish.is_unix = wish.is_unix || *flag == 'U';
		wish.is_numeric = wish.is_numeric || *flag == 'n';
		wish.is_relay = wish.is_relay || *flag == 'r';
		if (*flag == '4')
			wish.family = AF_INET;
		if (*flag == '6')
			wish.family = AF_INET6;
	}
	return wish;
}

/* " ttl=5": by the short name, the constant or the numbers. */
static void add_option(struct text *text, const struct sockopt_value *value)
{
	char words[SOCKOPT_WORDS_MAX];

	if (value->option != NULL)
		text_addf(text, " %s=", value->option->name != NULL ? value->option->name : value->option->constant);
	else
		text_addf(text, " %d:%d=", value->level, value->optname);
	text_add(text, sockopt_format(value->option, value->bytes, value->len, words, sizeof(words)));
}

/* All that an endpoint holds, in one line. */
static const char *describe(const struct endpoint *ep, char *dst, size_t size)
{
	char addr[ADDR_TEXT_MAX];
	struct text text;

	text_init(&text, dst, size);
	text_add(&text, ep->kind->name);
	if (ep->kind->form == FORM_HOST_PORT)
		text_addf(&text, " %s %s/%u", ep->is_any_host ? "*" : ep->host, ep->port, ep->port_number);
	if (ep->is_host_default)
		text_add(&text, " default");
	if (ep->is_service)
		text_add(&text, " service");
	if (ep->kind->form == FORM_FD)
		text_addf(&text, " %d", ep->fd);
	for (size_t i = 0; ep->command != NULL && ep->command[i] != NULL; i++)
		text_addf(&text, " [%s]", ep->command[i]);
	if (ep->has_pty)
		text_add(&text, " pty");
	if (ep->file != NULL)
		text_addf(&text, " file:%s", ep->file);
	if (ep->is_append)
		text_add(&text, " append");
	if (ep->is_cooked)
		text_add(&text, " cooked");
	if (ep->path[0] != '\0')
		text_addf(&text, " %s", ep->path);
	if (ep->addr.len > 0)
		text_addf(&text, " = %s", addr_format(&ep->addr, addr, sizeof(addr)));
	for (size_t i = 0; i < ep->option_count; i++)
		add_option(&text, &ep->options[i]);
	if (ep->is_accepting_proxy)
		text_add(&text, " accept-proxy");
	if (ep->proxy_version != PROXY_NONE)
		text_addf(&text, " proxy v%d", ep->proxy_version);
	if (ep->source.addr.len > 0)
		text_addf(&text, " from %s", addr_format(&ep->source.addr, addr, sizeof(addr)));
	if (ep->source.host[0] != '\0')
		text_addf(&text, " from %s:%u", ep->source.host, ep->source.port);
	return dst;
}

struct row {
	const char *flags;
	const char *words[2];
	const char *want; /* the description, or a part of the message */
	int column;       /* of the caret, from 0; NO_CARET */
};

#define NO_CARET (-1)

/* Parse the words of a row, which end where memory does. */
static int parse(const struct row *row, struct endpoint *ep, char *error)
{
	struct guard guard[3] = { guard_open(), guard_open(), guard_open() };
	struct endpoint_wish wish = make_wish(row->flags);
	const char *words[2] = { guard_string(&guard[0], row->words[0]), NULL };
	char *message = guard_room(&guard[2], ENDPOINT_ERROR_MAX);
	size_t count = 1;
	int ret;

	if (row->words[1] != NULL)
		words[count++] = guard_string(&guard[1], row->words[1]);
	message[0] = '\0';
	ret = endpoint_parse(ep, words, count, &wish, message);
	memcpy(error, message, ENDPOINT_ERROR_MAX);
	for (size_t i = 0; i < ARRAY_LEN(guard); i++)
		guard_close(&guard[i]);
	return ret;
}

/* The name of a row in a failure. */
static const char *row_name(const struct row *row, char *dst, size_t size)
{
	snprintf(dst, size, "[%s] %.300s %.300s", row->flags, row->words[0],
		 row->words[1] == NULL ? "" : row->words[1]);
	return dst;
}

static void check_good(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char error[ENDPOINT_ERROR_MAX], got[1024], name[640];
		struct endpoint ep;

		row_name(&rows[i], name, sizeof(name));
		if (parse(&rows[i], &ep, error) != 0)
			fail_msg("%s: refused: %s", name, error);
		CHECK_STRING(name, describe(&ep, got, sizeof(got)), rows[i].want);
		endpoint_clear(&ep);
		assert_null(ep.kind);
		assert_int_equal(ep.fd, -1);
	}
}

/* The column of the caret in a message, or NO_CARET. */
static int find_caret(const char *error)
{
	const char *line = strchr(error, '\n');

	if (line == NULL)
		return NO_CARET;
	assert_memory_equal(line, "\n  ", 3);
	line = strchr(line + 1, '\n');
	assert_non_null(line);
	assert_int_equal(line[strspn(line, "\n ")], '^');
	assert_int_equal(strlen(line + strspn(line, "\n ")), 1);
	return (int)strspn(line, "\n ") - 3;
}

static void check_bad(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char error[ENDPOINT_ERROR_MAX], name[640];
		struct endpoint ep, before;

		memset(&ep, 0x5a, sizeof(ep));
		memcpy(&before, &ep, sizeof(ep));
		row_name(&rows[i], name, sizeof(name));
		if (parse(&rows[i], &ep, error) == 0)
			fail_msg("%s: taken", name);
		assert_memory_equal(&ep, &before, sizeof(ep));
		if (strncmp(error, "endpoint \"", strlen("endpoint \"")) != 0)
			fail_msg("%s: does not begin with the endpoint: %s", name, error);
		if (strstr(error, rows[i].want) == NULL)
			fail_msg("%s: expected \"%s\" in: %s", name, rows[i].want, error);
		if (error[strlen(error) - 1] == '\n')
			fail_msg("%s: the message ends with a newline", name);
		for (const char *at = error; *at != '\0'; at++) {
			if ((unsigned char)*at != '\n' && ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f))
				fail_msg("%s: byte %#x in the message", name, (unsigned char)*at);
		}
		CHECK_INT(name, find_caret(error), rows[i].column);
	}
}

static void test_short_forms(void **state)
{
	static const struct row rows[] = {
		{ "l", { "9000" }, "tcp * 9000/9000 default", 0 },
		{ "c", { "9000" }, "tcp localhost 9000/9000 default", 0 },
		{ "l", { "0" }, "tcp * 0/0 default", 0 },
		{ "l", { "65535" }, "tcp * 65535/65535 default", 0 },
		{ "c", { "http" }, "tcp localhost http/0 default service", 0 },
		{ "l", { "exec" }, "tcp * exec/0 default service", 0 },
		{ "c", { "localhost:9000" }, "tcp localhost 9000/9000", 0 },
		{ "c", { "localhost", "9000" }, "tcp localhost 9000/9000", 0 },
		{ "c", { "example.com.", "80" }, "tcp example.com. 80/80", 0 },
		{ "c", { "a_b-c.example", "1" }, "tcp a_b-c.example 1/1", 0 },
		{ "c", { "127.0.0.1:9000" }, "tcp 127.0.0.1 9000/9000 = 127.0.0.1:9000", 0 },
		{ "c", { "127.0.0.1", "http" }, "tcp 127.0.0.1 http/0 service = 127.0.0.1:0", 0 },
		{ "l", { "0.0.0.0", "0" }, "tcp 0.0.0.0 0/0 = 0.0.0.0:0", 0 },
		{ "c", { "[::1]:9000" }, "tcp ::1 9000/9000 = [::1]:9000", 0 },
		{ "c", { "[::1]", "9000" }, "tcp ::1 9000/9000 = [::1]:9000", 0 },
		{ "c", { "::1", "9000" }, "tcp ::1 9000/9000 = [::1]:9000", 0 },
		{ "l", { "::", "0" }, "tcp :: 0/0 = [::]:0", 0 },
		{ "c", { "[::ffff:1.2.3.4]:80" },
		  "tcp ::ffff:1.2.3.4 80/80 = [::ffff:1.2.3.4]:80", 0 },
		{ "c", { "[fe80::1%lo]:9000" }, "tcp fe80::1%lo 9000/9000 = [fe80::1%lo]:9000", 0 },
		{ "c", { "fe80::1%lo", "9000" },
		  "tcp fe80::1%lo 9000/9000 = [fe80::1%lo]:9000", 0 },
		{ "c", { "fe80::1%1", "9000" }, "tcp fe80::1%1 9000/9000 = [fe80::1%lo]:9000", 0 },
		{ "c", { A63 ":1" }, "tcp " A63 " 1/1", 0 },
		{ "c", { LABELS250, "1" }, "tcp " LABELS250 " 1/1", 0 },
		{ "c", { "-x", "1" }, "tcp -x 1/1", 0 },
		{ "c", { "tls", "443" }, "tcp tls 443/443", 0 },
		{ "c", { "tcp", "443" }, "tcp tcp 443/443", 0 },
		/* -4 -6 -u -U -n */
		{ "l4", { "9000" }, "tcp4 * 9000/9000 default", 0 },
		{ "c6", { "x:1" }, "tcp6 x 1/1", 0 },
		{ "c6", { "::1", "1" }, "tcp6 ::1 1/1 = [::1]:1", 0 },
		{ "cu", { "x:1" }, "udp x 1/1", 0 },
		{ "lu4", { "1" }, "udp4 * 1/1 default", 0 },
		{ "cu6", { "x", "1" }, "udp6 x 1/1", 0 },
		{ "cn", { "127.0.0.1", "9" }, "tcp 127.0.0.1 9/9 = 127.0.0.1:9", 0 },
		{ "cn", { "9" }, "tcp 127.0.0.1 9/9 default = 127.0.0.1:9", 0 },
		{ "cn6", { "9" }, "tcp6 ::1 9/9 default = [::1]:9", 0 },
		{ "ln", { "9" }, "tcp * 9/9 default", 0 },
		{ "cU", { "/tmp/x" }, "unix /tmp/x = /tmp/x", 0 },
		{ "lU", { "x" }, "unix x = x", 0 },
		{ "cU", { "a:b" }, "unix a:b = a:b", 0 },
		{ "cU", { "9000" }, "unix 9000 = 9000", 0 },
		{ "cU", { "@name" }, "unix @name = @name", 0 },
		{ "cuU", { "/tmp/x" }, "unix-dgram /tmp/x = /tmp/x", 0 },
	};

	(void)state;
	check_good(rows, ARRAY_LEN(rows));
}

static void test_kinds(void **state)
{
	static const struct row rows[] = {
		{ "c", { "tcp:x:1" }, "tcp x 1/1", 0 },
		{ "c", { "TCP:x:1" }, "tcp x 1/1", 0 },
		{ "c", { "tcp4:x:1" }, "tcp4 x 1/1", 0 },
		{ "c", { "tcp6:[::1]:1" }, "tcp6 ::1 1/1 = [::1]:1", 0 },
		{ "l", { "tcp:9000" }, "tcp * 9000/9000 default", 0 },
		{ "c", { "udp:53" }, "udp localhost 53/53 default", 0 },
		{ "l", { "udp4:0.0.0.0:0" }, "udp4 0.0.0.0 0/0 = 0.0.0.0:0", 0 },
		{ "c", { "udp6:x:domain" }, "udp6 x domain/0 service", 0 },
		{ "c", { "tcp:tls:443" }, "tcp tls 443/443", 0 },
		{ "c", { "tcp:tcp:1" }, "tcp tcp 1/1", 0 },
		{ "c", { "tcp:tcp-listen:1" }, "tcp tcp-listen 1/1", 0 },
		{ "c", { "unix:/run/x" }, "unix /run/x = /run/x", 0 },
		{ "l", { "unix:rel/path" }, "unix rel/path = rel/path", 0 },
		{ "c", { "unix:/a:b:c" }, "unix /a:b:c = /a:b:c", 0 },
		{ "c", { "unix:@name" }, "unix @name = @name", 0 },
		{ "c", { "unix:a b" }, "unix a b = a b", 0 },
		{ "c", { "unix-dgram:/x" }, "unix-dgram /x = /x", 0 },
		{ "c", { "unix-seqpacket:/x" }, "unix-seqpacket /x = /x", 0 },
		{ "c", { "unix:" A100 "1234567" }, "unix " A100 "1234567 = " A100 "1234567", 0 },
		{ "c", { "vsock:2:9000" }, "vsock = 2:9000", 0 },
		{ "c", { "vsock:host:4294967294" }, "vsock = 2:4294967294", 0 },
		{ "l", { "VSOCK:Local:1024" }, "vsock = 1:1024", 0 },
		{ "l", { "vsock:any:0" }, "vsock = *:*", 0 },
		{ "c", { "fd:3" }, "fd 3", 0 },
		{ "l", { "fd:0" }, "fd 0", 0 },
		{ "c", { "fd:2147483647" }, "fd 2147483647", 0 },
		/* The options agree with what is written, or narrow it. */
		{ "c4", { "tcp:x:1" }, "tcp4 x 1/1", 0 },
		{ "c4", { "tcp4:x:1" }, "tcp4 x 1/1", 0 },
		{ "c6", { "udp:x:1" }, "udp6 x 1/1", 0 },
		{ "cu", { "udp:x:1" }, "udp x 1/1", 0 },
		{ "cu", { "unix-dgram:/x" }, "unix-dgram /x = /x", 0 },
		{ "cU", { "unix:/x" }, "unix /x = /x", 0 },
		{ "cU", { "unix-seqpacket:/x" }, "unix-seqpacket /x = /x", 0 },
		{ "cuU", { "unix-dgram:/x" }, "unix-dgram /x = /x", 0 },
		/* Escapes: a comma, a backslash; any other backslash stays. */
		{ "c", { "unix:a\\,b" }, "unix a,b = a,b", 0 },
		{ "c", { "unix:a\\\\" }, "unix a\\ = a\\\\", 0 },
		{ "c", { "unix:a\\b" }, "unix a\\b = a\\\\b", 0 },
		{ "c", { "unix:a\\" }, "unix a\\ = a\\\\", 0 },
		{ "c", { "unix:a\\\\,sndbuf=1" }, "unix a\\ = a\\\\ sndbuf=1", 0 },
		{ "c", { "unix:a\\\\\\,b" }, "unix a\\,b = a\\\\,b", 0 },
	};

	(void)state;
	check_good(rows, ARRAY_LEN(rows));
}

static void test_file(void **state)
{
	static const struct {
		const char *word;
		int mode; /* -1: none */
		const char *owner;
	} rows[] = {
		{ "unix:/x", -1, NULL },
		{ "unix:/x,mode=0", 0, NULL },
		{ "unix-dgram:/x,mode=660", 0660, NULL },
		{ "unix-seqpacket:/x,mode=0777,owner=www-data:33", 0777, "www-data:33" },
		{ "unix:/x,owner=:adm,sndbuf=9", -1, ":adm" },
	};
	const struct endpoint_wish wish = { .role = ROLE_LISTEN };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct endpoint endpoint;
		char error[ENDPOINT_ERROR_MAX];

		assert_int_equal(endpoint_parse(&endpoint, &rows[i].word, 1, &wish, error), 0);
		assert_true(endpoint_has_file(&endpoint));
		assert_int_equal(endpoint.has_mode ? endpoint.mode : -1, rows[i].mode);
		assert_int_equal(endpoint.owner != NULL, rows[i].owner != NULL);
		if (rows[i].owner != NULL)
			assert_string_equal(endpoint.owner, rows[i].owner);
		endpoint_clear(&endpoint);
	}
}

static void test_options(void **state)
{
	static const struct row rows[] = {
		{ "c", { "x:1,nodelay" }, "tcp x 1/1 nodelay=1", 0 },
		{ "c", { "x", "1,nodelay" }, "tcp x 1/1 nodelay=1", 0 },
		{ "l", { "1,nodelay=0" }, "tcp * 1/1 default nodelay=0", 0 },
		{ "c", { "x:1,keepalive=on,nodelay=off" }, "tcp x 1/1 keepalive=1 nodelay=0", 0 },
		{ "c", { "x:1,keepalive=30" }, "tcp x 1/1 TCP_KEEPIDLE=30 s keepalive=1", 0 },
		{ "c", { "x:1,keepalive=1" }, "tcp x 1/1 TCP_KEEPIDLE=1 s keepalive=1", 0 },
		{ "c", { "x:1,ttl=5" }, "tcp x 1/1 ttl=5 ttl=5", 0 },
		{ "c4", { "x:1,ttl=5,dscp=EF" }, "tcp4 x 1/1 ttl=5 dscp=184", 0 },
		{ "c", { "[::1]:1,tos=8" }, "tcp ::1 1/1 = [::1]:1 tos=8", 0 },
		{ "l", { "[::]:1,tos=8" }, "tcp :: 1/1 = [::]:1 tos=8 tos=8", 0 },
		{ "c4", { "x:1,IP_TTL=7,so_mark=0x10" }, "tcp4 x 1/1 ttl=7 mark=16", 0 },
		{ "c", { "x:1,SOL_SOCKET:4711=x00ff,41:7=-1" }, "tcp x 1/1 1:4711=2 bytes 41:7=-1", 0 },
		{ "c", { "x:1,congestion=reno,user-timeout=1.5s,linger=0" },
		  "tcp x 1/1 congestion=reno user-timeout=1500 ms linger=0 s", 0 },
		{ "lu", { "9000,join=239.1.2.3,join=ff15::1@lo" },
		  "udp * 9000/9000 default join=239.1.2.3 join=ff15::1@lo", 0 },
		{ "lu", { "9000,join=ff15::1%lo" }, "udp * 9000/9000 default join=ff15::1@lo", 0 },
		{ "c", { "x:1,fastopen" }, "tcp x 1/1 fastopen=1", 0 },
		{ "l", { "9000,fastopen" }, "tcp * 9000/9000 default fastopen=128", 0 },
		{ "c", { "x:1,keepalive=yes,nodelay=no" }, "tcp x 1/1 keepalive=1 nodelay=0", 0 },
		{ "c", { "x:1,TCP_NODELAY" }, "tcp x 1/1 nodelay=1", 0 },
		{ "c", { "x:1,so_sndbuf=4096" }, "tcp x 1/1 sndbuf=4096", 0 },
		{ "c", { "x:1,sndbuf=64k,rcvbuf=1M" }, "tcp x 1/1 sndbuf=65536 rcvbuf=1048576", 0 },
		{ "c", { "udp:x:1,rcvbuf=1" }, "udp x 1/1 rcvbuf=1", 0 },
		{ "c", { "unix:/x,sndbuf=9" }, "unix /x = /x sndbuf=9", 0 },
		{ "l", { "1,reuseaddr=0,v6only" }, "tcp * 1/1 default reuseaddr=0 v6only=1", 0 },
		{ "l", { "[::]:1,v6only" }, "tcp :: 1/1 = [::]:1 v6only=1", 0 },
		{ "c", { "fd:3,nodelay" }, "fd 3 nodelay=1", 0 },
		{ "c", { "x:1,bind=127.0.0.1" }, "tcp4 x 1/1 from 127.0.0.1:0", 0 },
		{ "c", { "x:1,bind=127.0.0.1:5000" }, "tcp4 x 1/1 from 127.0.0.1:5000", 0 },
		{ "c", { "udp:x:1,bind=[::1]:5000" }, "udp6 x 1/1 from [::1]:5000", 0 },
		{ "c", { "x:1,bind=::1,nodelay" }, "tcp6 x 1/1 nodelay=1 from [::1]:0", 0 },
		{ "c", { "unix-dgram:/x,bind=/y\\,z" }, "unix-dgram /x = /x from /y,z", 0 },
		{ "c", { "unix:/x,bind=@y" }, "unix /x = /x from @y", 0 },
		{ "lr", { "1,accept-proxy" }, "tcp * 1/1 default accept-proxy", 0 },
		{ "lr", { "unix:/x,accept-proxy,sndbuf=9" }, "unix /x = /x sndbuf=9 accept-proxy", 0 },
		{ "lr", { "fd:3,accept-proxy" }, "fd 3 accept-proxy", 0 },
		{ "cr", { "exec:sort -n 'a b'" }, "exec [sort] [-n] [a b]", 0 },
		{ "cr", { "EXEC:a\\,b \\\\c,pty" }, "exec [a,b] [c] pty", 0 },
		{ "cru", { "exec:ls" }, "exec [ls]", 0 },
		{ "lr", { "file:/tmp/a b\\,c" }, "file file:/tmp/a b,c", 0 },
		{ "cr", { "file:x:1,append" }, "file file:x:1 append", 0 },
		{ "lr4", { "file:x" }, "file file:x", 0 },
		{ "cr", { "pty" }, "pty", 0 },
		{ "lr", { "pty,link=/tmp/x,cooked" }, "pty file:/tmp/x cooked", 0 },
		{ "cr", { "-" }, "stdio", 0 },
		{ "cr", { "sh:a | b" }, "sh [/bin/sh] [-c] [a | b]", 0 },
		{ "cr", { "x:1,proxy-protocol=v1" }, "tcp x 1/1 proxy v1", 0 },
		{ "cr", { "unix:/x,proxy-protocol=v2,sndbuf=9" }, "unix /x = /x sndbuf=9 proxy v2", 0 },
	};

	(void)state;
	check_good(rows, ARRAY_LEN(rows));
}

static void test_bad_ports(void **state)
{
	static const struct row rows[] = {
		{ "c", { "0" }, "nothing can be reached at port 0", NO_CARET },
		{ "c", { "localhost", "0" }, "nothing can be reached at port 0", 10 },
		{ "c", { "localhost", "65536" }, "port 65536 is out of range (1-65535)", 10 },
		{ "l", { "65536" }, "port 65536 is out of range (0-65535)", NO_CARET },
		{ "c", { "localhost", "-1" }, "-1", 10 },
		{ "c", { "localhost", "+1" }, "+1", 10 },
		{ "c", { "localhost:080" }, "leading zero: write 80", 10 },
		{ "c", { "99999999999999999999999" }, "out of range", NO_CARET },
		{ "c", { "x:" A50 A50 }, "at most 63 characters", 2 },
		{ "c", { "x:" "11111111111111111111111111111111111111111111111111111111111111111" },
		  "from 1 to 65535", 2 },
		{ "c", { "" }, "the port is missing", NO_CARET },
		{ "c", { "localhost", "" }, "the port is missing", 10 },
		{ "c", { "localhost:" }, "the port is missing", 10 },
		{ "c", { "tcp:" }, "the port is missing", 4 },
		{ "c", { "localhost", "8 0" }, "\"8 0\" is not a port", 10 },
		{ "c", { "localhost", " 80" }, "\" 80\" is not a port", 10 },
		{ "c", { "localhost:80/x" }, "\"80/x\" is not a port", 10 },
		{ "c", { "x:\x1b[2J" }, "\"\\x1b[2J\" is not a port", 2 },
		{ "cn", { "127.0.0.1:http" }, "-n (--numeric) wants the port as a number", 10 },
		{ "c", { "example.com" }, "write example.com:PORT", 11 },
		{ "c", { "127.0.0.1" }, "write 127.0.0.1:PORT", 9 },
		{ "c", { "[::1]" }, "write [::1]:PORT", 5 },
		{ "c", { "[::1]9000" }, "a colon and the port belong behind the bracket", 5 },
		{ "c", { "[::1]:" }, "the port is missing", 6 },
		{ "c", { "[::1]:0" }, "port 0", 6 },
	};

	(void)state;
	check_bad(rows, ARRAY_LEN(rows));
}

static void test_bad_hosts(void **state)
{
	static const struct row rows[] = {
		{ "c", { "[::1:9000" }, "the bracket is not closed", 0 },
		{ "c", { "[" }, "the bracket is not closed", NO_CARET },
		{ "c", { "[]:1" }, "is not an IPv6 address", 1 },
		{ "c", { "[::g]:1" }, "\"::g\" is not an IPv6 address", 1 },
		{ "c", { "[localhost]:1" }, "\"localhost\" is not an IPv6 address", 1 },
		{ "c", { "[1.2.3.4]:1" }, "brackets are for IPv6 addresses only", 1 },
		{ "c", { "[1.2.3.4]", "1" }, "brackets are for IPv6 addresses only", 1 },
		{ "c", { "[fe80::1%nosuch]:1" }, "no network interface \"nosuch\"", 9 },
		{ "c", { "fe80::1%nosuch", "1" }, "no network interface \"nosuch\"", 8 },
		{ "c", { "::1:9000" }, "stands in brackets: [::1]:9000", NO_CARET },
		{ "c", { "tcp:::1:9000" }, "stands in brackets: [::1]:9000", 4 },
		{ "l", { ":::9000" }, "stands in brackets: [::]:9000", NO_CARET },
		{ "c", { "2001:db8::1:80" }, "stands in brackets: [2001:db8::1]:80", NO_CARET },
		{ "c", { "::1" }, "[::1]:PORT", NO_CARET },
		{ "c", { "fe80::1%lo" }, "[fe80::1%lo]:PORT", NO_CARET },
		{ "c", { "a:b:c" }, "neither HOST:PORT nor an IPv6 address", NO_CARET },
		{ "c", { "tcp:x:1:2" }, "a colon too many", 7 },
		{ "c", { ":80" }, "the host is empty; for this machine write only the port", 0 },
		{ "l", { ":80" }, "the host is empty; for every address write only the port", 0 },
		{ "c", { "", "80" }, "the host is empty", 0 },
		{ "c", { A100 A100 A100, "80" }, "at most 253 characters, and this has 300", 0 },
		{ "c", { A100 A100 A100 ":80" }, "at most 253 characters, and this has 300", 0 },
		{ "c", { A63 "a:80" }, "at most 63 characters, and this has 64", 0 },
		{ "c", { "x." A63 "a.y", "80" }, "at most 63 characters, and this has 64", 2 },
		{ "c", { "a..b", "80" }, "part of the host name is empty", 2 },
		{ "c", { ".a", "80" }, "part of the host name is empty", 0 },
		{ "c", { ".", "80" }, "is not an IPv4 address", 0 },
		{ "c", { "a b", "80" }, "no blanks", 1 },
		{ "c", { "a b:80" }, "no blanks", 1 },
		{ "c", { "a\tb", "80" }, "\"\\t\" cannot be in a host name", 1 },
		{ "c", { "\x1b]0;x\a", "80" }, "\"\\x1b\" cannot be in a host name", 0 },
		{ "c", { "b\xc3\xbc" "cher", "80" }, "xn--", 1 },
		{ "c", { "a/b", "80" }, "\"/\" cannot be in a host name", 1 },
		{ "l", { "*", "80" }, "for every address leave the host out", 0 },
		{ "c", { "*", "80" }, "\"*\" cannot be in a host name", 0 },
		{ "c", { "256.1.1.1", "80" }, "is not an IPv4 address", 0 },
		{ "c", { "127.1", "80" }, "is not an IPv4 address", 0 },
		{ "c", { "127.0.0.01", "80" }, "is not an IPv4 address", 0 },
		{ "c", { "1.2.3.4.5:80" }, "is not an IPv4 address", 0 },
		{ "c", { "12", "80" }, "is not an IPv4 address", 0 },
		{ "c4", { "::1", "80" }, "::1 is an IPv6 address, and -4 takes IPv4 only", 0 },
		{ "c6", { "1.2.3.4:80" },
		  "1.2.3.4 is an IPv4 address, and -6 takes IPv6 only", 0 },
		{ "c", { "udp4:[::1]:80" }, "udp4 takes IPv4 only", 6 },
		{ "cn", { "localhost", "80" }, "\"localhost\" is a name", 0 },
		{ "c", { "x:1", "2" }, "HOST:PORT in one word", 0 },
		{ "c", { "[::1", "2" }, "the bracket is not closed", 0 },
		{ "c", { "a,b", "1" }, "\",\" cannot be in a host name", 1 },
		{ "c", { "http://example.com/x" }, "this is a URL", NO_CARET },
		{ "c", { "http://example.com:80/x" }, ": example.com:80; connect --http-get PATH", NO_CARET },
		{ "c", { "http://u:pw@example.com/x:y@z" }, ": example.com:PORT; connect", NO_CARET },
		{ "c", { "https://u@[::1]:443" }, ": [::1]:443", NO_CARET },
		{ "c", { "https://[::1" }, ": [:", NO_CARET },
		{ "c", { "ftp://[::1]?a:b" }, ": [::1]:PORT", NO_CARET },
		{ "c", { "ftp://:21/" }, ": HOST:21", NO_CARET },
		{ "c", { "ftp://" }, ": HOST:PORT", NO_CARET },
	};

	(void)state;
	check_bad(rows, ARRAY_LEN(rows));
}

/* What is wrong with an address of a virtual machine. */
static void test_bad_cids(void **state)
{
	static const struct row rows[] = {
		{ "c", { "vsock:9000" }, "a socket of virtual machines is vsock:CID:PORT", 6 },
		{ "c", { "vsock::9000" }, "the CID is missing", 6 },
		{ "c", { "vsock:any:9000" }, "any is for listeners", 6 },
		{ "c", { "vsock:x:9000" }, "\"x\" is no CID", 6 },
		{ "c", { "vsock:2:0" }, "port 0 is out of range (1-4294967294)", 8 },
		{ "l", { "vsock:2:4294967295" }, "out of range (0-4294967294)", 8 },
		{ "l", { "vsock:4294967295:1" }, "CID 4294967295 is out of range", 6 },
		{ "c", { "vsock:2:" }, "port", 8 },
		{ "c4", { "vsock:2:1" }, "the kind vsock and the option -4", 0 },
		{ "cu", { "vsock:2:1" }, "the kind vsock and the option -u", 0 },
	};

	(void)state;
	check_bad(rows, ARRAY_LEN(rows));
}

static void test_bad_kinds(void **state)
{
	static const struct row rows[] = {
		{ "c", { "tpc:localhost:9000" }, "there is no kind \"tpc\"; did you mean tcp?", 0 },
		{ "c", { "unx:/tmp/x" }, "did you mean unix?", 0 },
		{ "c", { "zzz:@x" }, "there is no kind \"zzz\" (", 0 },
		{ "c", { A100 ":x:1" }, "there is no kind \"" A10, 0 },
		{ "l", { "TCP-LISTEN:9000" }, "sockt listen tcp:9000", 0 },
		{ "c", { "unix-connect:/x" }, "sockt connect unix:/x", 0 },
		{ "c", { "udp4-connect:x:1" }, "sockt connect udp4:x:1", 0 },
		{ "c", { "tls:x:443" }, "the kind tls is not in this version", 0 },
		{ "c", { "ws://x/y" }, "ws is not in this version", 0 },
		{ "c", { "wss://x/y" }, "wss is not in this version", 0 },
		{ "c", { "exec:ls" }, "here a program is given by an option: --exec", 0 },
		{ "l", { "sh:ls" }, "here a program is given by an option: --sh", 0 },
		{ "cr", { "exec:" }, "no program is named", 5 },
		{ "cr", { "exec:ls 'a" }, "a single quote (') is not closed", 5 },
		{ "cr", { "exec:ls a,b" }, "no option \"b\"", 10 },
		{ "cr", { "exec:ls,nodelay" }, "is an option of sockets, and exec is a program", 8 },
		{ "cr", { "sh:ls,bind=1" }, "bind= is for sockets, and sh is a program", 6 },
		{ "cr", { "exec:ls,pty,pty" }, "pty is given twice", 12 },
		{ "cr", { "exec:ls,pty=1" }, "pty has no value", 12 },
		{ "cr", { "exec:ls,proxy-protocol=v1" }, "a PROXY header begins a connection of bytes", 8 },
		{ "cr", { "x:1,pty" }, "a terminal is for a program (exec:, sh:), and this is tcp", 4 },
		{ "c", { "file:x" }, "here a file is standard input or output: < PATH, > PATH", 0 },
		{ "l", { "pty" }, "this is an end of relay: sockt relay pty ENDPOINT", NO_CARET },
		{ "cr", { "file:" }, "the path is missing: file:PATH", 5 },
		{ "lr", { "file:x,append" }, "append belongs to TO", 7 },
		{ "cr", { "file:x,append=1" }, "append has no value", 14 },
		{ "cr", { "file:x,append,append" }, "append is given twice", 14 },
		{ "cr", { "x:1,append" }, "append is an option of file:, and this is tcp", 4 },
		{ "cr", { "file:x,nodelay" }, "is an option of sockets, and file is none", 7 },
		{ "cr", { "file:x,bind=::1" }, "bind= is for sockets, and file is none", 7 },
		{ "cr", { "file:x,proxy-protocol=v1" }, "a PROXY header begins a connection of bytes", 7 },
		{ "cr", { "pty:x" }, "nothing belongs behind pty", 4 },
		{ "cr", { "pty,link" }, "link needs a value: link=PATH", 4 },
		{ "cr", { "pty,link=a,link=b" }, "link is given twice", 11 },
		{ "cr", { "file:x,link=a" }, "link= is an option of pty, and this is file", 7 },
		{ "cr", { "pty,cooked=1" }, "cooked has no value", 11 },
		{ "cr", { "x:1,cooked" }, "cooked is an option of pty, and this is tcp", 4 },
		{ "c", { "-" }, "program's own input and output", NO_CARET },
		{ "l", { "stdio" }, "program's own input and output", NO_CARET },
		{ "c", { "tcp" }, "tcp:HOST:PORT", NO_CARET },
		{ "c", { "unix" }, "unix:PATH", NO_CARET },
		{ "c", { "tcp:x", "1" }, "one word: tcp:x:1", 0 },
		{ "cU", { "tcp:x:1" },
		  "the kind tcp and the option -U (--unix) contradict each other", 0 },
		{ "cu", { "tcp:x:1" },
		  "the kind tcp and the option -u (--udp) contradict each other", 0 },
		{ "cu", { "unix:/x" }, "the kind unix and the option -u (--udp)", 0 },
		{ "cuU", { "unix-seqpacket:/x" }, "the kind unix-seqpacket and the option -u", 0 },
		{ "c4", { "tcp6:x:1" }, "the kind tcp6 and the option -4", 0 },
		{ "c6", { "udp4:x:1" }, "the kind udp4 and the option -6", 0 },
		{ "c4", { "unix:/x" }, "the kind unix and the option -4", 0 },
		{ "c6", { "fd:3" }, "the kind fd and the option -6", 0 },
		{ "cu", { "fd:3" }, "the kind fd and the option -u", 0 },
		{ "c", { "fd:" }, "the number of the descriptor is missing", 3 },
		{ "c", { "fd:x" }, "descriptor \"x\"", 3 },
		{ "c", { "fd:-1" }, "descriptor \"-1\"", 3 },
		{ "c", { "fd:2147483648" }, "out of range", 3 },
		{ "c", { "fd:" A100 }, "not the number of a descriptor", 3 },
	};

	(void)state;
	check_bad(rows, ARRAY_LEN(rows));
}

static void test_bad_paths(void **state)
{
	static const struct row rows[] = {
		{ "c", { "unix:" }, "the path is empty", 5 },
		{ "c", { "unix:,sndbuf=1" }, "the path is empty", 5 },
		{ "c", { "unix:@" }, "the name behind @ is empty", 5 },
		{ "cU", { "" }, "the path is empty", NO_CARET },
		{ "c", { "unix:" A100 "12345678" },
		  "the path has 108 bytes, and the address of a Unix socket holds 107", 5 },
		{ "c", { "unix:" A100 A100 A100 }, "the path has 300 bytes", 5 },
		{ "c", { "unix:@" A100 "1234567" }, "the path has 108 bytes", 5 },
		{ "cU", { A100 A100 }, "the path has 200 bytes", NO_CARET },
		{ "cU", { "a", "b" }, "there is one word, a path", 2 },
		{ "c", { "/tmp/x" }, "write unix:/tmp/x", NO_CARET },
		{ "c", { "/dev/ttyS0" }, "a device is file:/dev/ttyS0, an end of relay", NO_CARET },
		{ "c", { "@x" }, "write unix:@x, or give the option -U (--unix)", NO_CARET },
		{ "c", { "./x" }, "write unix:./x", NO_CARET },
		{ "c", { "../x" }, "write unix:../x", NO_CARET },
		{ "c", { "@x" }, "write unix:@x", NO_CARET },
		{ "c", { "/tmp/x:y" }, "write unix:/tmp/x:y", NO_CARET },
	};

	(void)state;
	check_bad(rows, ARRAY_LEN(rows));
}

static void test_bad_values(void **state)
{
	static const struct row rows[] = {
		{ "c", { "x:1,ttl=0" }, "ttl 0 is out of range (1-255)", 8 },
		{ "c", { "x:1,ttl=256" }, "ttl 256 is out of range (1-255)", 8 },
		{ "c", { "x:1,ttl" }, "ttl needs a value: ttl=N", 4 },
		{ "c", { "x:1,keepalive=maybe" }, "keepalive is on, off or a time of whole seconds", 14 },
		{ "c", { "x:1,keepalive=10h" }, "keepalive 10h is out of range (1s-32767s)", 14 },
		{ "c", { "x:1,user-timeout=1500us" }, "is not a time", 17 },
		{ "c", { "x:1,dscp=EFX" }, "dscp is a class (CS1, AF21, EF) or 0 to 63, not \"EFX\"", 9 },
		{ "c", { "x:1,dscp=64" }, "dscp 64 is out of range (0-63)", 9 },
		{ "c", { "x:1,ttl=5,IP_TTL=6" }, "IP_TTL is given twice", 10 },
		{ "c", { "x:1,SO_MARKK=1" }, "did you mean", 4 },
		{ "c", { "x:1,1:2:3=1" }, "endpoints have no option", 4 },
		{ "c", { "x:1,1:2=x0" }, "1:2 is bytes, as x00ff", 8 },
		{ "c", { "x:1,1:2" }, "1:2 needs a value", 4 },
		{ "c", { "x:1,SO_MARK=4294967296" }, "SO_MARK 4294967296 is out of range (0-4294967295)", 12 },
		{ "c6", { "x:1,IP_TTL=5" }, "IP_TTL is an option of tcp4, udp4, and this is tcp6", 4 },
		{ "cU", { "/x,ttl=5" }, "ttl (IP_TTL) is an option of tcp, udp, and this is unix", 3 },
		{ "cu", { "x:1,join=1.2.3.4" }, "\"1.2.3.4\" is no group", 9 },
		{ "cu", { "x:1,join=239.1.2.3@nope" }, "there is no interface \"nope\"", 9 },
		{ "cu", { "x:1,md5-key-file=/k" }, "md5-key-file is an option of tcp", 17 },
		{ "c", { "x:1,md5-key-file" }, "md5-key-file needs a value", 4 },
		{ "c", { "x:1,md5-key-file=a,md5-key-file=b" }, "md5-key-file is given twice", 32 },
		{ "c", { "x:1,fastopen=5" }, "fastopen is on or off (1 or 0), not \"5\"", 13 },
		{ "c", { "x:1,join=239.1.2.3" }, "join (IP_ADD_MEMBERSHIP) is an option of udp, and this is tcp", 4 },
	};

	(void)state;
	check_bad(rows, ARRAY_LEN(rows));
}

static void test_bad_options(void **state)
{
	static const struct row rows[] = {
		{ "c", { "x:1," }, "an option belongs behind the comma", 4 },
		{ "c", { "x:1,,nodelay" }, "an option belongs behind the comma", 4 },
		{ "c", { "x:1,=1" }, "an option belongs behind the comma", 4 },
		{ "c", { "x:1,nodely" }, "did you mean nodelay?", 4 },
		{ "c", { "x", "1,bnd=1" }, "did you mean bind?", 4 },
		{ "c", { "x:1,qqqqqqqqqq" }, "endpoints have no option \"qqqqqqqqqq\"", 4 },
		{ "c", { "x:1," A100 }, "endpoints have no option", 4 },
		{ "c", { "x:1,nodelay=2" }, "nodelay is on or off (1 or 0), not \"2\"", 12 },
		{ "c", { "x:1,nodelay=" }, "nodelay is on or off", 12 },
		{ "c", { "x:1,sndbuf" }, "sndbuf needs a value: sndbuf=SIZE", 4 },
		{ "c", { "x:1,sndbuf=" }, "sndbuf", 11 },
		{ "c", { "x:1,sndbuf=0" }, "sndbuf 0 is out of range", 11 },
		{ "c", { "x:1,sndbuf=2G" }, "out of range", 11 },
		{ "c", { "x:1,sndbuf=-1" }, "sndbuf \"-1\"", 11 },
		{ "c", { "x:1,sndbuf=" A100 A100 }, "too long", 11 },
		{ "c", { "x:1,nodelay,nodelay=0" }, "nodelay is given twice", 12 },
		{ "c", { "x:1,nodelay,TCP_NODELAY" }, "TCP_NODELAY is given twice", 12 },
		{ "c", { "udp:x:1,nodelay" },
		  "nodelay (TCP_NODELAY) is an option of tcp, and this is udp", 8 },
		{ "c", { "unix:/x,keepalive" },
		  "keepalive (SO_KEEPALIVE) is an option of tcp, and this is unix", 8 },
		{ "l", { "tcp4:1,v6only" },
		  "v6only (IPV6_V6ONLY) is an option of tcp6, udp6, and this is tcp4", 7 },
		{ "l", { "127.0.0.1:1,v6only" }, "v6only", 12 },
		{ "l", { "1,bind=127.0.0.1" }, "bind= is for connect", 2 },
		{ "l", { "unix:/x,mode=0778" }, "a mode is octal digits up to 0777, such as 0660, not \"0778\"", 13 },
		{ "l", { "unix:/x,mode=01000" }, "not \"01000\"", 13 },
		{ "l", { "unix:/x,mode=" }, "not \"\"", 13 },
		{ "l", { "unix:/x,mode" }, "mode needs a value: mode=0660", 8 },
		{ "l", { "unix:/x,owner" }, "owner needs a value: owner=USER:GROUP", 8 },
		{ "l", { "unix:/x,owner=:" }, "an owner is USER, USER:GROUP or :GROUP", 14 },
		{ "l", { "unix:/x,owner=a,owner=b" }, "owner is given twice", 16 },
		{ "l", { "unix:@x,mode=7" }, "an abstract name is none", 8 },
		{ "l", { "1,mode=7" }, "mode= is for the file of a Unix socket, and this is tcp", 2 },
		{ "c", { "unix:/x,mode=7" }, "mode= is for who listens", 8 },
		{ "c", { "x:1,bind" }, "bind needs a value: bind=ADDR[:PORT]", 4 },
		{ "c", { "unix:/x,bind" }, "bind needs a value: bind=PATH", 8 },
		{ "c", { "x:1,bind=" }, "the address is empty", 9 },
		{ "c", { "x:1,bind=foo/" }, "no address (127.0.0.1, ::1, [::1]:5000) and no name of a host", 9 },
		{ "cn", { "1.2.3.4:1,bind=foo" }, "\"foo\" is a name, and -n (--numeric) wants an address", 15 },
		{ "c", { "x:1,bind=foo,bind=bar" }, "bind is given twice", 13 },
		{ "c", { "x:1,bind=[::1" }, "[ADDR]:PORT", 9 },
		{ "c", { "x:1,bind=127.0.0.1:x" }, "a source port is a number", 9 },
		{ "c", { "127.0.0.1:1,bind=::1" },
		  "the source is IPv6, and the endpoint is IPv4", 17 },
		{ "c", { "x:1,bind=::1,bind=::1" }, "bind is given twice", 13 },
		{ "l", { "1,accept-proxy" }, "an option of relay", 2 },
		{ "c", { "x:1,proxy-protocol=v2" }, "an option of relay", 4 },
		{ "cr", { "x:1,accept-proxy" }, "belongs to FROM", 4 },
		{ "lr", { "1,proxy-protocol=v1" }, "belongs to TO", 2 },
		{ "lr", { "1,accept-proxy=v1" }, "accept-proxy has no value", 15 },
		{ "lr", { "1,accept-proxy,accept-proxy" }, "accept-proxy is given twice", 15 },
		{ "lr", { "udp:1,accept-proxy" }, "and udp is none", 6 },
		{ "lr", { "unix-seqpacket:/x,accept-proxy" }, "and unix-seqpacket is none", 18 },
		{ "cr", { "x:1,proxy-protocol" }, "proxy-protocol=v1 or proxy-protocol=v2", 4 },
		{ "cr", { "x:1,proxy-protocol=" }, "v1 or v2, not \"\"", 19 },
		{ "cr", { "x:1,proxy-protocol=v3" }, "v1 or v2, not \"v3\"", 19 },
		{ "cr", { "x:1,proxy-protocol=v1,proxy-protocol=v2" }, "proxy-protocol is given twice", 22 },
		{ "cr", { "unix-dgram:/x,proxy-protocol=v1" }, "and unix-dgram is none", 14 },
		{ "cr", { "x:1,proxyprotocol=v1" }, "did you mean proxy-protocol?", 4 },
		{ "c", { "fd:3,bind=::1" }, "no source for fd", 10 },
		{ "c", { "unix:/x,bind=" }, "the path is empty", 13 },
	};

	(void)state;
	check_bad(rows, ARRAY_LEN(rows));
}

/* The whole message, as it is seen. */
static void test_message(void **state)
{
	static const struct row rows[] = {
		{ "c", { "[::1:9000" },
		  "endpoint \"[::1:9000\": the bracket is not closed\n  [::1:9000\n  ^", 0 },
		{ "c", { "a\x01\"b", "80" }, "endpoint \"a\\1\\\"b 80\": \"\\1\" cannot be in a host name\n"
					      "  a\\1\\\"b 80\n   ^", 0 },
		{ "c", { A60 "." A60, "0" },
		  "endpoint \"" A60 "." "aaa...\": nothing can be reached at port 0", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char error[ENDPOINT_ERROR_MAX];
		struct endpoint ep;

		assert_int_equal(parse(&rows[i], &ep, error), -EINVAL);
		CHECK_STRING(rows[i].words[0], error, rows[i].want);
	}
}

static void test_word_count(void **state)
{
	static const char *const words[] = { "a", "b", "c" };
	struct endpoint_wish wish = make_wish("c");
	char error[ENDPOINT_ERROR_MAX];
	struct endpoint ep;

	(void)state;
	assert_int_equal(endpoint_parse(&ep, words, 0, &wish, error), -EINVAL);
	assert_int_equal(endpoint_parse(&ep, words, 3, &wish, error), -EINVAL);
}

static void test_source(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
		uint16_t port;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1:0", 0 },
		{ "127.0.0.1:5000", "127.0.0.1:5000", 5000 },
		{ "127.0.0.1:0", "127.0.0.1:0", 0 },
		{ "::1", "[::1]:0", 0 },
		{ "[::1]", "[::1]:0", 0 },
		{ "[::1]:5000", "[::1]:5000", 5000 },
		{ "2001:db8::1:5000", NULL, 0 }, /* all address, or a port behind it? */
		{ "::1:99", NULL, 0 },
		{ "fe80::1:080", "[fe80::1:80]:0", 0 }, /* not a port */
		{ "fe80::1:beef", "[fe80::1:beef]:0", 0 },
		{ "2001:db8:0:1:2:3:4:5000", "[2001:db8:0:1:2:3:4:5000]:0", 0 }, /* seven groups are no address */
		{ "[2001:db8::1:5000]", "[2001:db8::1:5000]:0", 0 },
		{ "fe80::1%lo", "[fe80::1%lo]:0", 0 },
		{ "", NULL, 0 },
		{ "localhost", "localhost", 0 },
		{ "a-b.example:5000", "a-b.example", 5000 },
		{ "localhost:", NULL, 0 },
		{ "-x", NULL, 0 },
		{ "a b", NULL, 0 },
		{ "1.2.3", NULL, 0 },
		{ "[localhost]:1", NULL, 0 },
		{ "127.0.0.1:", NULL, 0 },
		{ "127.0.0.1:x", NULL, 0 },
		{ "127.0.0.1:65536", NULL, 0 },
		{ "127.0.0.1:080", NULL, 0 },
		{ "[::1", NULL, 0 },
		{ "[::1]5000", NULL, 0 },
		{ "[127.0.0.1]:1", NULL, 0 },
		{ "[]", NULL, 0 },
		{ "[", NULL, 0 },
		{ ":5000", NULL, 0 },
		{ ":", NULL, 0 },
		{ "fe80::1%nosuch", NULL, 0 },
		{ A100 A100 A100, NULL, 0 },
		{ "127.0.0.1:" A100, NULL, 0 },
		{ "1.2.3.4 ", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct guard guard = guard_open();
		char error[ENDPOINT_ERROR_MAX], addr[ADDR_TEXT_MAX];
		struct endpoint_source source = { .port = 1 };
		int ret = endpoint_parse_source(&source, guard_string(&guard, rows[i].text), "--source", error);

		CHECK_INT(rows[i].text, ret, rows[i].want == NULL ? -EINVAL : 0);
		if (ret == 0) {
			CHECK_STRING(rows[i].text,
				     source.host[0] != '\0' ? source.host :
							      addr_format(&source.addr, addr, sizeof(addr)),
				     rows[i].want);
			CHECK_INT(rows[i].text, source.port, rows[i].port);
		} else {
			CHECK_INT(rows[i].text, source.port, 1);
			if (strncmp(error, "--source \"", 10) != 0)
				fail_msg("%s: %s", rows[i].text, error);
		}
		guard_close(&guard);
	}
}

static void test_set_source(void **state)
{
	static const struct {
		const char *endpoint, *source; /* source "": none */
		uint16_t port;
		const char *want; /* NULL: refused */
	} rows[] = {
		{ "x:1", "127.0.0.1", 0, "tcp4 x 1/1 from 127.0.0.1:0" },
		{ "x:1", "127.0.0.1", 5, "tcp4 x 1/1 from 127.0.0.1:5" },
		{ "udp:x:1", "::1", 5, "udp6 x 1/1 from [::1]:5" },
		{ "x:1", "", 5, "tcp x 1/1" },
		{ "x:1", "", 0, "tcp x 1/1" },
		{ "x:1,bind=127.0.0.1", "", 5, "tcp4 x 1/1 from 127.0.0.1:5" },
		{ "x:1,bind=127.0.0.1:5", "", 5, "tcp4 x 1/1 from 127.0.0.1:5" },
		{ "x:1,bind=127.0.0.1:5", "", 6, NULL },
		{ "x:1,bind=127.0.0.1", "127.0.0.2", 0, NULL },
		{ "x:1,bind=foo", "127.0.0.2", 0, NULL },
		{ "x:1,bind=foo", "", 5, "tcp x 1/1 from foo:5" },
		{ "127.0.0.1:1", "foo:7", 7, "tcp 127.0.0.1 1/1 = 127.0.0.1:1 from foo:7" },
		{ "unix:/x", "foo", 0, NULL },
		{ "127.0.0.1:1", "::1", 0, NULL },
		{ "tcp6:x:1", "127.0.0.1", 0, NULL },
		{ "unix:/x", "127.0.0.1", 0, NULL },
		{ "unix:/x", "", 5, NULL },
		{ "unix:/x", "", 0, "unix /x = /x" },
		{ "fd:3", "", 5, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct row row = { .flags = "c", .words = { rows[i].endpoint } };
		char error[ENDPOINT_ERROR_MAX], got[512];
		struct endpoint_source source = { 0 };
		struct endpoint ep;
		int ret;

		assert_int_equal(parse(&row, &ep, error), 0);
		if (rows[i].source[0] != '\0')
			assert_int_equal(endpoint_parse_source(&source, rows[i].source, "", error), 0);
		source.port = rows[i].port;
		ret = endpoint_set_source(&ep, &source, error);
		CHECK_INT(rows[i].endpoint, ret, rows[i].want == NULL ? -EINVAL : 0);
		if (ret == 0) {
			CHECK_STRING(rows[i].endpoint, describe(&ep, got, sizeof(got)), rows[i].want);
			CHECK_INT(rows[i].endpoint, ep.source.port, rows[i].port);
		}
	}
}

static void test_service(void **state)
{
	static const struct {
		const char *flags, *endpoint, *want; /* want: a part of the message */
		uint16_t port;                       /* 0: refused */
	} rows[] = {
		{ "c", "x:http", NULL, 80 },
		{ "c", "x:9000", NULL, 9000 },
		{ "c", "udp:x:domain", NULL, 53 },
		{ "c", "127.0.0.1:smtp", NULL, 25 },
		{ "c", "x:no-such-service", "port \"no-such-service\"", 0 },
		{ "c", "x:htp", "http", 0 },
		{ "c", "x:20-25", "one port belongs here; to try several: sockt connect --scan HOST 20-25", 0 },
		{ "l", "20-25", "sockt connect --scan HOST 20-25", 0 },
		{ "c", "x:20-2x", "no service of that name", 0 },
		{ "c", "localhost", "localhost:PORT", 0 },
		{ "c", "udp:x:smtp", "write 25", 0 },
		{ "c", "unix:/x", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct row row = { .flags = rows[i].flags, .words = { rows[i].endpoint } };
		struct endpoint_wish wish = make_wish(rows[i].flags);
		char error[ENDPOINT_ERROR_MAX];
		struct endpoint ep;
		int ret;

		assert_int_equal(parse(&row, &ep, error), 0);
		ret = endpoint_find_service(&ep, &wish, error);
		CHECK_INT(rows[i].endpoint, ret, rows[i].want == NULL ? 0 : -ENOENT);
		if (ret < 0 && strstr(error, rows[i].want) == NULL)
			fail_msg("%s: expected \"%s\" in: %s", rows[i].endpoint, rows[i].want, error);
		if (ret < 0)
			continue;
		CHECK_INT(rows[i].endpoint, ep.is_service, 0);
		CHECK_INT(rows[i].endpoint, ep.port_number, rows[i].port);
		if (ep.addr.len > 0)
			CHECK_INT(rows[i].endpoint, addr_port(&ep.addr), rows[i].port);
	}
}

static void test_words_and_options(void **state)
{
	static const struct {
		const char *flags, *endpoint, *want;
	} rows[] = {
		{ "c", "localhost:9000", "localhost port 9000" }, { "l", "9000", "port 9000" },
		{ "c", "[::1]:http", "::1 port http" },		  { "c", "unix:/x\x01", "/x\\1" },
		{ "c", "fd:7", "descriptor 7" },
	};
	struct row row = { .flags = "c", .words = { "x:1,nodelay=0,sndbuf=5" } };
	char error[ENDPOINT_ERROR_MAX], words[512];
	struct endpoint ep;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct row one = { .flags = rows[i].flags, .words = { rows[i].endpoint } };

		assert_int_equal(parse(&one, &ep, error), 0);
		CHECK_STRING(rows[i].endpoint, endpoint_format_words(&ep, words, sizeof(words)), rows[i].want);
	}
	assert_int_equal(parse(&row, &ep, error), 0);
	assert_int_equal(endpoint_option(&ep, "nodelay", 1), 0);
	assert_int_equal(endpoint_option(&ep, "sndbuf", 1), 5);
	assert_int_equal(endpoint_option(&ep, "rcvbuf", -7), -7);
}

/* The tables agree with themselves: help has what it shows, names are found again. */
static void test_tables(void **state)
{
	const struct endpoint_kind *kind;
	const struct sockopt *option;

	(void)state;
	for (size_t i = 0; (kind = endpoint_kind_at(i)) != NULL; i++) {
		assert_ptr_equal(endpoint_kind_find(kind->name), kind);
		assert_non_null(kind->help);
		assert_int_equal(strncmp(kind->syntax, kind->name, strlen(kind->name)), 0);
		if (kind->roles != 0 && kind->form == FORM_HOST_PORT) {
			assert_ptr_equal(endpoint_kind_of_family(kind, kind->family), kind);
			assert_int_equal(kind->is_messages,
					 kind->socktype == SOCK_DGRAM || kind->socktype == SOCK_DCCP);
		}
	}
	assert_ptr_equal(endpoint_kind_find("-"), endpoint_kind_find("stdio"));
	assert_null(endpoint_kind_find(""));
	assert_null(endpoint_kind_find("tc"));
	for (size_t i = 0; (option = sockopt_at(i)) != NULL; i++) {
		assert_int_equal(sockopt_find(option->constant)->optname, option->optname);
		assert_int_equal(sockopt_find_number(option->level, option->optname)->optname, option->optname);
		assert_true(option->min <= option->max && option->protocols != 0 && option->families != 0);
		assert_non_null(option->help);
	}
	assert_true(sockopt_fits(sockopt_find("nodelay"), PROTOCOL_OTHER, SOCKOPT_UNIX));
	assert_true(sockopt_fits(sockopt_find("v6only"), PROTOCOL_TCP, SOCKOPT_IPV6));
	assert_false(sockopt_fits(sockopt_find("v6only"), PROTOCOL_TCP, SOCKOPT_IPV4));
	assert_false(sockopt_fits(sockopt_find("nodelay"), PROTOCOL_UDP, SOCKOPT_IPV4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_forms), cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_options),     cmocka_unit_test(test_bad_ports),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_bad_hosts),   cmocka_unit_test(test_bad_kinds),
		cmocka_unit_test(test_bad_cids),
		cmocka_unit_test(test_bad_paths),   cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_message),     cmocka_unit_test(test_word_count),
		cmocka_unit_test(test_source),      cmocka_unit_test(test_set_source),
		cmocka_unit_test(test_service),     cmocka_unit_test(test_words_and_options),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
