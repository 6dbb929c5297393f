/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: what each option puts into struct options, and what is said of mistakes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "cli/options.h"
#include "cli/options_table.h"
#include "cli/usage.h"
#include "endpoint/foreign.h"

#include "check.h"
#include "typed.h"

static int parse(struct options *options, const char *text, char *error)
{
	struct typed line, before;
	int ret;

	typed_cut(&line, "sockt", text);
	before = line;
	error[0] = '\0';
	ret = options_parse(options, command_find(line.argv[1]), line.argc, line.argv, error);
	/* A JSON trace shows the command line as it was. */
	assert_memory_equal(line.argv, before.argv, sizeof(before.argv));
	return ret;
}

/* Parse what has to be right. Words are of no use afterwards. */
static void parse_good(struct options *options, const char *text)
{
	char error[OPTIONS_ERROR_MAX];

	if (parse(options, text, error) != 0)
		fail_msg("%s: refused: %s", text, error);
}

static void test_defaults(void **state)
{
	struct options o;

	(void)state;
	parse_good(&o, "connect localhost 9000");
	assert_ptr_equal(o.command, command_find("connect"));
	assert_string_equal(o.endpoint.host, "localhost");
	assert_int_equal(o.endpoint.port_number, 9000);
	assert_int_equal(o.wish.role, ROLE_CONNECT);
	assert_true(o.connect_timeout_ns == OPTIONS_UNSET && o.accept_timeout_ns == OPTIONS_UNSET);
	assert_true(o.idle_timeout_ns == OPTIONS_UNSET && o.total_timeout_ns == OPTIONS_UNSET);
	assert_true(o.quit_after_ns == OPTIONS_UNSET && o.max_conns == OPTIONS_UNSET);
	assert_int_equal(o.until, UNTIL_UNSET);
	assert_false(o.is_recv_only || o.is_send_only || o.is_no_shutdown || o.is_keep_open || o.is_tag);
	assert_false(o.is_raw || o.is_help || o.is_version || o.is_no_reuseaddr || o.has_datagram);
	assert_int_equal(o.retries, 0);
	assert_true(o.retry_pause_ns == NS_PER_S);
	assert_int_equal(o.ready_fd, -1);
	assert_int_equal(o.datagram, DATAGRAM_READ);
	assert_int_equal(o.backlog, 128);
	assert_int_equal(o.slow, SLOW_UNSET);
	assert_int_equal(o.verbose, 0);
	assert_int_equal(o.preview, 32);
	assert_int_equal(o.color, TERM_COLOR_AUTO);
	assert_int_equal(o.trace_count, 0);
	options_clear(&o);
}

/* What each option puts where. */
static const struct {
	const char *line;
	size_t offset;
	enum { BOOL, INT, U32, U64 } type;
	uint64_t want;
} value_rows[] = {
#define ROW(its_line, its_member, its_type, its_want) \
{ its_line, offsetof(struct options, its_member), its_type, its_want }
	ROW("connect -4 x 1", wish.family, INT, AF_INET),
	ROW("listen -6 1", wish.family, INT, AF_INET6),
	ROW("connect -u x 1", wish.is_udp, BOOL, 1),
	ROW("listen --udp 1", wish.is_udp, BOOL, 1),
	ROW("connect -U x", wish.is_unix, BOOL, 1),
	ROW("listen --unix x", wish.is_unix, BOOL, 1),
	ROW("connect -n 1", wish.is_numeric, BOOL, 1),
	ROW("connect --numeric 1", wish.is_numeric, BOOL, 1),
	ROW("connect -w 5 x 1", connect_timeout_ns, U64, 5 * NS_PER_S),
	ROW("connect -w250ms x 1", connect_timeout_ns, U64, 250 * NS_PER_MS),
	ROW("connect --connect-timeout 1.5s x 1", connect_timeout_ns, U64, 1500 * NS_PER_MS),
	ROW("connect --connect-timeout=1m x 1", connect_timeout_ns, U64, 60 * NS_PER_S),
	ROW("listen --accept-timeout 2 1", accept_timeout_ns, U64, 2 * NS_PER_S),
	ROW("listen -i 2 1", idle_timeout_ns, U64, 2 * NS_PER_S),
	ROW("connect --idle-timeout 2 x 1", idle_timeout_ns, U64, 2 * NS_PER_S),
	ROW("connect --total-timeout 1h x 1", total_timeout_ns, U64, 3600 * NS_PER_S),
	ROW("connect -q 0 x 1", quit_after_ns, U64, 0),
	ROW("listen --quit-after 1ms 1", quit_after_ns, U64, NS_PER_MS),
	ROW("connect --until local x 1", until, INT, UNTIL_LOCAL),
	ROW("connect --until=remote x 1", until, INT, UNTIL_REMOTE),
	ROW("listen --until both 1", until, INT, UNTIL_BOTH),
	ROW("connect --until local --until both x 1", until, INT, UNTIL_BOTH),
	ROW("connect --recv-only x 1", is_recv_only, BOOL, 1),
	ROW("connect --recv-only --until remote x 1", until, INT, UNTIL_REMOTE),
	ROW("listen --send-only 1", is_send_only, BOOL, 1),
	ROW("connect --no-shutdown x 1", is_no_shutdown, BOOL, 1),
	ROW("connect --retry 3 x 1", retries, U64, 3),
	ROW("connect --retry 0 x 1", retries, U64, 0),
	ROW("connect --retry 3 x 1", retry_pause_ns, U64, NS_PER_S),
	ROW("connect --retry 3,10ms x 1", retry_pause_ns, U64, 10 * NS_PER_MS),
	ROW("connect --retry 3,10ms x 1", retries, U64, 3),
	ROW("connect --retry=forever x 1", retries, U64, OPTIONS_FOREVER),
	ROW("connect --retry forever,2s x 1", retry_pause_ns, U64, 2 * NS_PER_S),
	ROW("connect -u --datagram line x 1", datagram, INT, DATAGRAM_LINE),
	ROW("connect -u --datagram read x 1", has_datagram, BOOL, 1),
	ROW("connect -u --datagram=1 x 1", datagram_size, U32, 1),
	ROW("connect -u --datagram 65507 x 1", datagram_size, U32, 65507),
	ROW("connect -u --datagram 1k x 1", datagram_size, U32, 1024),
	ROW("connect --datagram 8 unix-seqpacket:x", datagram, INT, DATAGRAM_SIZE),
	ROW("connect --datagram 8 fd:3", datagram, INT, DATAGRAM_SIZE),
	ROW("listen -k 1", is_keep_open, BOOL, 1),
	ROW("listen --keep-open 1", is_keep_open, BOOL, 1),
	ROW("listen -k -m 3 1", max_conns, U64, 3),
	ROW("listen --max-conns 1 -k 1", max_conns, U64, 1),
	ROW("listen --backlog 0 1", backlog, INT, 0),
	ROW("listen --backlog 4096 unix:x", backlog, INT, 4096),
	ROW("listen --tag 1", is_tag, BOOL, 1),
	ROW("listen -k --slow drop 1", slow, INT, SLOW_DROP),
	ROW("listen -k --slow wait 1", slow, INT, SLOW_WAIT),
	ROW("listen --no-reuseaddr 1", is_no_reuseaddr, BOOL, 1),
	ROW("connect --raw x 1", is_raw, BOOL, 1),
	ROW("connect -v x 1", verbose, INT, 1),
	ROW("connect -vv x 1", verbose, INT, 2),
	ROW("connect -v -v -v x 1", verbose, INT, 3),
	ROW("connect -vvvvv x 1", verbose, INT, 3),
	ROW("connect --preview 0 x 1", preview, U64, 0),
	ROW("connect --preview 65536 x 1", preview, U64, 65536),
	ROW("connect --color always x 1", color, INT, TERM_COLOR_ALWAYS),
	ROW("connect --color=never x 1", color, INT, TERM_COLOR_NEVER),
	ROW("connect --color auto x 1", color, INT, TERM_COLOR_AUTO),
	ROW("connect -p 0 x 1", has_source_port, BOOL, 1),
	ROW("connect -h", is_help, BOOL, 1),
	ROW("listen --help --no-such", is_help, BOOL, 1),
	ROW("help --help", is_help, BOOL, 1),
	ROW("connect --version", is_version, BOOL, 1),
	/* Before, between and behind the words; all in one; -- ends them. */
	ROW("connect x -v 1", verbose, INT, 1),
	ROW("connect x 1 -v", verbose, INT, 1),
	ROW("connect -vnvu6 ::1 1", verbose, INT, 2),
	ROW("listen -vkm3 1", max_conns, U64, 3),
	ROW("connect -v -- -v 1", verbose, INT, 1),
	ROW("connect x 1 --", verbose, INT, 0),
#undef ROW
};

/* Each option that puts a number, a time or a truth value somewhere, by all its names. */
static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(value_rows); i++) {
		const char *line = value_rows[i].line;
		struct options o;
		const void *at = (const char *)&o + value_rows[i].offset;

		parse_good(&o, line);
		if (value_rows[i].type == BOOL)
			CHECK_INT(line, *(const bool *)at, value_rows[i].want);
		else if (value_rows[i].type == INT)
			CHECK_INT(line, *(const int *)at, value_rows[i].want);
		else if (value_rows[i].type == U32)
			CHECK_INT(line, *(const uint32_t *)at, value_rows[i].want);
		else
			CHECK_INT(line, *(const uint64_t *)at, value_rows[i].want);
		options_clear(&o);
	}
}

static void test_endpoint(void **state)
{
	static const struct {
		const char *line, *kind, *words;
		uint16_t source_port;
	} rows[] = {
		{ "listen 0", "tcp", "port 0", 0 },
		{ "listen -4 127.0.0.1 9", "tcp4", "127.0.0.1 port 9", 0 },
		{ "connect -- -x 1", "tcp", "-x port 1", 0 },
		{ "connect -uU x", "unix-dgram", "x", 0 },
		{ "connect -p 5000 x 1", "tcp", "x port 1", 5000 },
		{ "connect -s 127.0.0.1 x 1", "tcp4", "x port 1", 0 },
		{ "connect -s 127.0.0.1:5 x 1", "tcp4", "x port 1", 5 },
		{ "connect -s 127.0.0.1 -p 5 x 1", "tcp4", "x port 1", 5 },
		{ "connect --source-port 5 --source 127.0.0.1 x 1", "tcp4", "x port 1", 5 },
		{ "connect --source-port 5 --source 127.0.0.1:5 x 1", "tcp4", "x port 1", 5 },
		{ "connect --source=[::1]:7 x 1", "tcp6", "x port 1", 7 },
		{ "connect x:1,bind=127.0.0.1 -p 5", "tcp4", "x port 1", 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char words[512];
		struct options o;

		parse_good(&o, rows[i].line);
		CHECK_STRING(rows[i].line, o.endpoint.kind->name, rows[i].kind);
		CHECK_STRING(rows[i].line, endpoint_format_words(&o.endpoint, words, sizeof(words)), rows[i].words);
		CHECK_INT(rows[i].line, o.endpoint.source.port, rows[i].source_port);
		if (o.endpoint.source.addr.len > 0)
			CHECK_INT(rows[i].line, addr_port(&o.endpoint.source.addr), rows[i].source_port);
		options_clear(&o);
	}
}

/* Which words are which endpoints of a listener, and of a relay. */
static void test_several_endpoints(void **state)
{
	static const struct {
		const char *line, *want; /* "KIND WORDS", in order */
	} rows[] = {
		{ "listen 1", "tcp port 1" },
		{ "listen 1 2", "tcp port 1, tcp port 2" },
		{ "listen 1 2 3", "tcp port 1, tcp port 2, tcp port 3" },
		{ "listen ::1 1", "tcp ::1 port 1" },
		{ "listen [::1] 1", "tcp ::1 port 1" },
		{ "listen 127.0.0.1 1", "tcp 127.0.0.1 port 1" },
		{ "listen x 1", "tcp x port 1" },
		{ "listen x 1,nodelay", "tcp x port 1" },
		{ "listen [::1]:1 2", "tcp ::1 port 1, tcp port 2" },
		{ "listen 127.0.0.1:1 2", "tcp 127.0.0.1 port 1, tcp port 2" },
		{ "listen 1 unix:x [::1]:2", "tcp port 1, unix x, tcp ::1 port 2" },
		{ "listen tcp:1 udp:1", "tcp port 1, udp port 1" },
		{ "listen 1,nodelay 2", "tcp port 1, tcp port 2" },
		{ "listen -u 1 2", "udp port 1, udp port 2" },
		{ "listen -U x 1", "unix x, unix 1" },
		{ "listen fd:3 fd:4", "fd descriptor 3, fd descriptor 4" },
		{ "relay 1 2", "tcp port 1" },
		{ "relay 1 unix:x 2", "tcp port 1, unix x" },
		{ "relay udp:1 udp:2 udp:3", "udp port 1, udp port 2" },
		{ "connect x 1", "tcp x port 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char got[512] = "", words[256];
		const struct endpoint *endpoint;
		struct options o;

		parse_good(&o, rows[i].line);
		for (size_t k = 0; (endpoint = options_endpoint_at(&o, k)) != NULL; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s %s", k > 0 ? ", " : "",
				 endpoint->kind->name, endpoint_format_words(endpoint, words, sizeof(words)));
		CHECK_STRING(rows[i].line, got, rows[i].want);
		options_clear(&o);
	}
}

static void test_traces(void **state)
{
	static const struct {
		const char *line, *want; /* KIND:FILE=LEVEL, in order */
	} rows[] = {
		{ "listen -v 1", "text:-=1" },
		{ "listen -vvv 1", "text:-=3" },
		{ "listen --trace text 1", "text:-=1" },
		{ "listen --trace json 1", "json:-=2" },
		{ "listen --trace json,level=3 1", "json:-=3" },
		{ "listen --trace json:a 1", "json:a=2" },
		{ "listen --trace json:a,level=1 1", "json:a=1" },
		{ "listen --trace=text:fd:3,level=2 1", "text:fd:3=2" },
		{ "listen --trace json:a,b 1", "json:a,b=2" },
		{ "listen --trace json:a,level=x,level=1 1", "json:a,level=x=1" },
		{ "listen --trace json:a:b 1", "json:a:b=2" },
		{ "listen --trace json:a -v 1", "text:-=1 json:a=2" },
		{ "listen -vv --trace json:a --trace text:b 1", "text:-=2 json:a=2 text:b=1" },
		/* -v beside a trace on standard error raises that one: its lines stay of one kind. */
		{ "listen -v --trace json 1", "json:-=2" },
		{ "listen -vvv --trace json 1", "json:-=3" },
		{ "listen --trace text -vv 1", "text:-=2" },
		{ "listen --trace text:1 --trace text:2 --trace text:3 --trace text:4 --trace text:5 --trace text:6 "
		  "--trace text:7 --trace text:8 -v 1",
		  "text:-=1 text:1=1 text:2=1 text:3=1 text:4=1 text:5=1 text:6=1 text:7=1 text:8=1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char got[256] = "";
		struct options o;

		parse_good(&o, rows[i].line);
		for (size_t t = 0; t < o.trace_count; t++) {
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s:%s=%d", t > 0 ? " " : "",
				 o.traces[t].kind->name, o.traces[t].file == NULL ? "-" : o.traces[t].file,
				 o.traces[t].level);
		}
		CHECK_STRING(rows[i].line, got, rows[i].want);
		options_clear(&o);
	}
}

/* Command lines, and a part of what is said of each. */
static const struct {
	const char *line, *want;
} mistake_rows[] = {
	/* Words */
	{ "connect", "usage: sockt connect [OPTION]... HOST PORT" },
	{ "listen", "usage: sockt listen [OPTION]... [ADDRESS] PORT" },
	{ "connect a 1 b", "\"b\" is one argument too many\nusage" },
	{ "connect -z a 1 2", "\"2\" is one argument too many: several ports are one word, as in 1,2\nusage" },
	{ "relay 9001:localhost:80", "80\"; it is a word of its own: sockt relay 9001 localhost:80\nusage" },
	{ "relay 9001", "missing after \"9001\"\nusage" },
	{ "relay localhost:9001", "missing after \"localhost:9001\"\nusage" },
	{ "listen -v a 1 b c", "among several endpoints each is one word: a:1, not \"a 1\"" },
	{ "listen 127.0.0.1 1 2", "write 127.0.0.1:PORT" },
	{ "listen 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "at most 16 endpoints" },
	{ "listen 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", "at most 16 endpoints" },
	{ "relay 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", "at most 16 endpoints" },
	{ "listen 1 no-such-service", "no-such-service" },
	{ "listen fd:7 1 fd:7", "fd:7 is given twice" },
	{ "listen --broker 1 udp:1", "tcp port 1 and udp port 1 cannot stand together: what a client says" },
	{ "listen --chat 1 unix-seqpacket:x", "tcp port 1 and unix-seqpacket x cannot stand together" },
	{ "listen --line -k 1 udp:1", "--line: udp keeps messages" },
	{ "listen --allow ::1 1 unix:x", "clients of unix have none" },
	{ "listen --proxy-server http 1 udp:1", "--proxy-server: udp has no streams" },
	{ "listen -4 1 unix:x", "contradict each other" },
	{ "relay 1 udp:1 2", "udp keeps messages and tcp is a stream" },
	{ "relay 1 udp:1 exec:cat", "tcp port 1 and udp port 1 cannot stand together before one target" },
	{ "relay unix-seqpacket:a udp:1 udp:2", "cannot stand together before one target" },
	{ "relay 1 - 2", "standard input is one client that is there already: it is FROM alone" },
	{ "relay exec:cat 1 2", "the program is one client that is there already: it is FROM alone" },
	{ "connect ''", "the port is missing" },
	{ "connect x 0", "port 0" },
	{ "connect x 65536", "65536" },
	{ "connect x -1", "-1 is neither an option nor a port" },
	{ "connect x 080", "write 80" },
	{ "connect x no-such-service", "no-such-service" },
	{ "connect localhost", "localhost:PORT" },
	{ "connect -s ::1 127.0.0.1 1", "--source: the source is IPv6" },
	{ "connect -s x/ y 1", "--source \"x/\"" },
	{ "connect -n -s x 127.0.0.1 1", "--source: \"x\" is a name, and -n" },
	{ "connect -s [::1 y 1", "[ADDR]:PORT" },
	{ "connect -p 65536 x 1", "--source-port 65536 is out of range" },
	{ "connect -p 5 -s 127.0.0.1:6 x 1", "two different source ports" },
	{ "connect -s 127.0.0.1:6 -p 5 x 1", "two different source ports" },
	{ "connect -p 5 unix:x", "--source-port is for IP" },
	{ "connect -p 0 unix:x", "--source-port is for IP" },
	{ "connect -s 127.0.0.1 unix:x", "no source for unix" },
	{ "connect -s 127.0.0.1 x:1,bind=127.0.0.2", "give one of them" },
	/* Options that are none */
	{ "connect --no-such-option x 1", "--no-such-option: sockt connect has no such option" },
	{ "connect --untl x 1", "near to it: --until" },
	{ "connect --untl=local x 1", "--untl: sockt connect" },
	{ "listen --retri 1", "sockt listen has no such option" },
	{ "connect --", "nothing to connect to" },
	{ "connect --=x y 1", "--: sockt connect has no such option" },
	{ "connect -Q x 1", "-Q: sockt connect has no such option; sockt connect --help" },
	{ "connect -vQ x 1", "-Q: " },
	{ "connect -\x1b x 1", "-\\x1b: " },
	{ "connect --\x1b x 1", "--\\x1b: " },
	{ "connect -e ls x 1", "--exec" },
	{ "listen -c ls 1", "--sh" },
	{ "connect -x p x 1", "--proxy" },
	{ "connect -X 5 x 1", "--proxy" },
	{ "connect -l 1", "sockt listen" },
	{ "listen -lvnp 1", "sockt listen" },
	{ "connect --zero x 1", "sockt connect --scan" },
	{ "listen -z 1", "these have it: sockt connect" },
	{ "connect -N x 1", "--no-shutdown" },
	{ "connect -d x 1", "--recv-only" },
	{ "connect -u --telnet x 1", "TELNET" },
	{ "connect -r x 1", "at random" },
	{ "connect --exec ls --sh ls x 1", "--exec and --sh contradict each other" },
	{ "connect --exec 'ls x 1", "--exec: a single quote (') is not closed" },
	{ "connect --exec ls --until both x 1", "the program stands in the place" },
	{ "connect --pty x 1", "--pty is the terminal of a program" },
	{ "connect --proxy p x 1", "--proxy: a proxy is a URL" },
	{ "connect --verbose x 1", "-v" },
	{ "connect --listen 1", "sockt listen" },
	/* Options written short */
	{ "connect --connect 1 x 1", "--connect: options are written out: --connect-timeout" },
	{ "connect --connect-time=1 x 1",
	  "--connect-time: options are written out: --connect-timeout" },
	{ "connect --re x 1", "written out: --recv-only, --retry" },
	{ "connect --sour ::1 x 1", "written out: --source, --source-port" },
	{ "listen --ver 1", "written out: --version" },
	{ "listen --retr 1 1",
	  "--retry: sockt listen has no such option; these have it: sockt connect" },
	/* Options of other commands */
	{ "listen -w 1 1",
	  "--connect-timeout is for sockt connect and sockt relay, and here for what --proxy-server connects to" },
	{ "listen --retry 1 1", "sockt connect" },
	{ "listen -s ::1 1", "the address to listen on is an argument: sockt listen ADDRESS PORT" },
	{ "listen --proxy http://x:1 1", "to be a proxy: --proxy-server http|socks5" },
	{ "listen --http-get / 1", "to answer by HTTP: --http" },
	{ "listen --fault latency=1ms 1", "a relay ahead of it has faults: sockt relay --fault" },
	{ "connect --fault loss=1 x 1", "a relay ahead of it has faults: sockt relay --fault" },
	{ "connect -k x 1", "these have it: sockt listen; to connect again when the connection is lost: --reconnect" },
	{ "connect --proxy-server http x 1", "to go through a proxy: --proxy KIND://HOST:PORT" },
	{ "connect --http x 1", "to ask by HTTP: --http-get PATH" },
	{ "relay -k 1 2", "a relay serves many clients anyway" },
	{ "relay --exec cat 1 2", "a program is an end of a relay: exec:PROGRAM ARG..., sh:COMMAND" },
	{ "relay --sh cat 1 2", "a program is an end of a relay" },
	{ "relay --pty 1 2", "it stands on the end that is a program: exec:PROGRAM,pty" },
	{ "relay -s ::1 1 2", "it stands on the target: HOST:PORT,bind=ADDRESS" },
	{ "relay -p 9 1 2", "it stands on the target: HOST:PORT,bind=ADDRESS:PORT" },
	{ "relay --retry 2 1 2", "a relay connects to its target anew for each client, who may try again" },
	{ "relay --null 1 2", "a source of zeros is a program: exec:cat /dev/zero" },
	{ "relay --echo 1 2", "an echo is a program: exec:cat" },
	{ "relay --limit-messages 1 1 2", "a relay ends a session by --limit SIZE, or --idle-timeout" },
	{ "listen -p 1", "the port to listen on is an argument: sockt listen PORT" },
	{ "connect -k x 1", "these have it: sockt listen" },
	{ "connect -m 1 x 1", "--scan" },
	{ "connect --accept-timeout 1 x 1", "sockt listen" },
	{ "connect --backlog 1 x 1", "sockt listen" },
	{ "connect --tag x 1", "sockt listen" },
	{ "connect --slow wait x 1", "sockt listen" },
	{ "connect --no-reuseaddr x 1", "sockt listen" },
	{ "connect --ready-fd 1 x 1", "sockt listen" },
	{ "help -v", "these have it: sockt listen, sockt connect" },
	/* Arguments of options */
	{ "connect x 1 -w", "-w, --connect-timeout: the argument is missing: TIME" },
	{ "connect x 1 --until", "--until: the argument is missing: local|remote|both" },
	{ "connect -w 80", "nothing to connect to (-w, --connect-timeout has taken \"80\" as its TIME)" },
	{ "listen --backlog=80", "there is no port to listen on\n" },
	{ "relay --drain 80 81", "missing after \"81\" (--drain has taken \"80\" as its TIME)" },
	{ "relay --drain 80s 81", "missing after \"81\"\n" },
	{ "connect --udp=1 x 1", "--udp takes no argument" },
	{ "connect -w 0 x 1", "--connect-timeout 0 leaves no time at all" },
	{ "connect -i 0 x 1", "--idle-timeout 0" },
	{ "connect --total-timeout 0s x 1", "--total-timeout 0" },
	{ "listen --accept-timeout 0 1", "--accept-timeout 0" },
	{ "connect -w -1 x 1", "--connect-timeout \"-1\"" },
	{ "connect -w 1d x 1", "--connect-timeout \"1d\"" },
	{ "connect -q x x 1", "--quit-after \"x\"" },
	{ "connect --until never x 1", "--until is one of local|remote|both, not \"never\"" },
	{ "connect --until Local x 1", "not \"Local\"" },
	{ "connect --color maybe x 1", "--color is one of auto|always|never, not \"maybe\"" },
	{ "listen -k --slow down 1", "--slow is one of wait|drop" },
	{ "connect --retry x x 1", "--retry \"x\"" },
	{ "connect --retry -1 x 1", "--retry \"-1\"" },
	{ "connect --retry 3, x 1", "--retry \"\" is not a time" },
	{ "connect --retry 3,0 x 1", "at least 1ms" },
	{ "connect --retry ,1 x 1", "--retry \"\"" },
	{ "connect --retry 111111111111111111111111111 x 1", "--retry is a number or forever" },
	{ "connect -u --datagram 0 x 1", "--datagram 0 is out of range" },
	{ "connect -u --datagram 65508 x 1", "--datagram 65508 is out of range" },
	{ "connect -u --datagram foo x 1",
	  "--datagram is read, line or a number of bytes, not \"foo\"" },
	{ "listen -k -m 0 1", "--max-conns 0 is out of range" },
	{ "listen --backlog -1 1", "--backlog \"-1\"" },
	{ "listen --backlog 2147483648 1", "out of range" },
	{ "connect --preview 65537 x 1", "--preview 65537 is out of range (0-65536)" },
	{ "listen --ready-fd 0 1", "take 3 or more" },
	{ "listen --ready-fd 2 1", "take 3 or more" },
	{ "listen --ready-fd x 1", "--ready-fd \"x\"" },
	{ "listen --ready-fd 1000000 1", "--ready-fd 1000000: no such descriptor is open" },
	{ "listen --trace jsn 1", "did you mean json?" },
	{ "listen --trace qqqq 1", "the kinds are text, json" },
	{ "listen --trace '' 1", "--trace has no kind" },
	{ "listen --trace svg 1", "--trace svg needs a file: --trace svg:FILE" },
	{ "listen --trace html,level=1 1", "--trace html needs a file: --trace html:FILE" },
	{ "listen --trace pcap:x,level=1 1", "--trace pcap always has all data: its level is 3" },
	{ "listen --trace c 1", "--trace c needs a file: --trace c:FILE" },
	{ "listen --trace json: 1", "the name of the file is empty" },
	{ "listen --trace json:,level=1 1", "the name of the file is empty" },
	{ "listen --trace json,level=0 1", "--trace level 0 is out of range (1-3)" },
	{ "listen --trace json,level=4 1", "--trace level 4 is out of range (1-3)" },
	{ "listen --trace json,level= 1", "--trace level \"\"" },
	{ "listen --trace json,lvl=1 1", "--trace json: \",lvl=1\" is not understood" },
	{ "listen --trace text,level=1,level=2 1", "--trace text: \",level=1,level=2\" is not" },
	{ "listen --trace json --trace text 1", "cannot go to the same place" },
	{ "listen --trace json:a --trace text:a 1", "cannot go to the same place" },
	{ "listen --trace text:1 --trace text:2 --trace text:3 --trace text:4 --trace text:5 --trace text:6 "
	  "--trace text:7 --trace text:8 --trace text:9 1",
	  "at most 8 times" },
	/* Contradictions */
	{ "connect -4 -6 x 1", "-4 and -6 contradict each other" },
	{ "connect -64 x 1", "-4 and -6 contradict each other" },
	{ "connect -4U x", "-4 and -U contradict each other" },
	{ "connect -U6 x", "-6 and -U contradict each other" },
	{ "connect -4 tcp6:x:1", "the kind tcp6 and the option -4" },
	{ "connect --recv-only --send-only x 1", "--recv-only and --send-only contradict" },
	{ "connect --send-only --until both x 1", "--send-only and --until contradict" },
	{ "connect --recv-only --until local x 1", "--recv-only and --until local contradict" },
	{ "listen -m 3 1", "--max-conns limits the clients of --keep-open" },
	{ "listen --slow drop 1", "--slow chooses between the clients of --keep-open" },
	{ "listen -u --backlog 1 1", "--backlog: udp has no accept queue" },
	{ "listen --backlog 1 unix-dgram:x", "--backlog: unix-dgram has no accept queue" },
	{ "listen --backlog 1 fd:3", "--backlog: the descriptor listens already" },
	{ "connect --datagram line x 1", "--datagram: tcp is a stream" },
	{ "listen --no-reuseaddr 1,reuseaddr", "--no-reuseaddr and the option reuseaddr" },
	{ "relay --step --workers 2 1 2", "--step and --workers contradict each other" },
	{ "connect --retry 1 fd:3", "--retry: the descriptor is connected already" },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistake_rows); i++) {
		char error[OPTIONS_ERROR_MAX];
		struct options o;

		if (parse(&o, mistake_rows[i].line, error) != -EINVAL)
			fail_msg("%s: taken", mistake_rows[i].line);
		if (strstr(error, mistake_rows[i].want) == NULL)
			fail_msg("%s: expected \"%s\" in: %s", mistake_rows[i].line, mistake_rows[i].want, error);
		if (error[strlen(error) - 1] == '\n')
			fail_msg("%s: the message ends with a newline", mistake_rows[i].line);
		options_clear(&o);
	}
}

static void test_ready_fd(void **state)
{
	char line[64], error[OPTIONS_ERROR_MAX];
	struct options o;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	snprintf(line, sizeof(line), "listen --ready-fd %d 1", fds[1]);
	parse_good(&o, line);
	assert_int_equal(o.ready_fd, fds[1]);
	options_clear(&o);
	snprintf(line, sizeof(line), "listen --ready-fd %d 1", fds[0]);
	assert_int_equal(parse(&o, line, error), -EINVAL);
	assert_non_null(strstr(error, "for reading only"));
	options_clear(&o);
	close(fds[0]);
	close(fds[1]);
	snprintf(line, sizeof(line), "listen --ready-fd %d 1", fds[1]);
	assert_int_equal(parse(&o, line, error), -EINVAL);
	assert_non_null(strstr(error, "no such descriptor is open"));
	options_clear(&o);
}

/* The table of options agrees with itself. */
static void test_table(void **state)
{
	(void)state;
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at(id);
		char name[40];

		snprintf(name, sizeof(name), "option %zu", id);
		if (record->name == NULL && record->letter == '\0')
			fail_msg("%s has no name", name);
		if (record->apply == NULL || record->help == NULL || record->commands == 0)
			fail_msg("%s is not filled", name);
		for (size_t i = 0; i < ARRAY_LEN(record->other); i++) {
			if ((record->other[i].commands & ~record->commands) != 0 ||
			    (record->other[i].commands == 0) != (record->other[i].help == NULL))
				fail_msg("%s has a sentence for a command that does not have it", name);
		}
		if (option_foreign_letter("-", record->letter) != NULL ||
		    (record->name != NULL && option_foreign_name(record->name, strlen(record->name)) != NULL))
			fail_msg("%s is said not to be there", name);
		for (size_t other = 0; other < id; other++) {
			const struct option_record *before = option_at(other);

			if (record->letter != '\0' && record->letter == before->letter)
				fail_msg("%s: -%c is there twice", name, record->letter);
			if (record->name != NULL && before->name != NULL)
				assert_string_not_equal(record->name, before->name);
		}
	}
	assert_null(option_at(OPTION_COUNT));
}

/* Every long option that a sentence names is there. */
static void check_names_ours(const char *sentence)
{
	for (const char *at = strstr(sentence, "--"); at != NULL; at = strstr(at + 2, "--")) {
		size_t len = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz0123456789-"), id = 0;

		while (id < OPTION_COUNT && (option_at(id)->name == NULL || strlen(option_at(id)->name) != len ||
					     memcmp(option_at(id)->name, at + 2, len) != 0))
			id++;
		if (id == OPTION_COUNT)
			fail_msg("there is no option \"%.*s\": %s", (int)len + 2, at, sentence);
	}
}

/* A line is refused with this sentence. */
static void check_foreign(const char *line, const char *sentence)
{
	char error[OPTIONS_ERROR_MAX];
	struct options o;

	if (parse(&o, line, error) == 0)
		fail_msg("%s: taken", line);
	if (strstr(error, sentence) == NULL)
		fail_msg("%s: expected \"%s\" in: %s", line, sentence, error);
	options_clear(&o);
}

/* What other tools have is answered by what there is here: every row, at every command that connects or listens. */
static void test_foreign(void **state)
{
	static const char *const commands[] = { "connect", "listen", "relay" };
	const struct option_foreign *row;
	const struct foreign_words *words;
	char line[160];

	(void)state;
	for (size_t i = 0; (row = option_foreign_at(i)) != NULL; i++) {
		check_names_ours(row->sentence);
		assert_true(row->letter != '\0' || row->names != NULL || row->start != NULL);
		for (size_t k = 0; k < ARRAY_LEN(commands); k++) {
			if (row->letter != '\0') {
				snprintf(line, sizeof(line), "%s -%c x 1", commands[k], row->letter);
				check_foreign(line, row->sentence);
			}
			for (const char *name = row->names; name != NULL && *name != '\0';) {
				size_t len = strcspn(name, " ");

				snprintf(line, sizeof(line), "%s --%.*s x 1", commands[k], (int)len, name);
				check_foreign(line, row->sentence);
				snprintf(line, sizeof(line), "%s --%.*s=x 1 2", commands[k], (int)len, name);
				check_foreign(line, row->sentence);
				name += len;
				name += strspn(name, " ");
			}
		}
	}
	for (size_t i = 0; (words = foreign_address_at(i)) != NULL; i++)
		check_names_ours(words->sentence);
	for (size_t i = 0; (words = foreign_option_at(i)) != NULL; i++)
		check_names_ours(words->sentence);
	check_foreign("connect -t5 x 1", "--quit-after TIME (-q); -t is TELNET");
	check_foreign("listen -lf/x 1", "--trace text:FILE");
	check_foreign("listen -ly 1", "logger");
	check_foreign("listen -lm 1", "logger");
	check_foreign("listen -lvp 1", "sockt listen PORT");
}

static void test_commands(void **state)
{
	const struct command *command;
	char usage[USAGE_LINE_MAX];

	(void)state;
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		assert_ptr_equal(command_find(command->name), command);
		assert_true(strlen(usage_format(command, usage, sizeof(usage))) < sizeof(usage) - 1);
		assert_non_null(strstr(usage, command->name));
	}
	assert_null(command_find("lis"));
	assert_null(command_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),   cmocka_unit_test(test_endpoint),
		cmocka_unit_test(test_several_endpoints),
		cmocka_unit_test(test_traces),   cmocka_unit_test(test_mistakes), cmocka_unit_test(test_ready_fd),
		cmocka_unit_test(test_table),    cmocka_unit_test(test_foreign),  cmocka_unit_test(test_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
