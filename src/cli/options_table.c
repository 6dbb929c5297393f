/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of options. */
#include "cli/options_table.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/util.h"
#include "cli/options_apply.h"

#define LISTEN COMMAND_LISTEN
#define CONNECT COMMAND_CONNECT
#define BOTH (COMMAND_LISTEN | COMMAND_CONNECT)
#define EVERY (BOTH | COMMAND_HELP)

#define FILLS(its_member) offsetof(struct options, its_member)
#define PREVIEW_MAX 65536

static const struct option_word until_words[] = {
	{ "local", UNTIL_LOCAL },
	{ "remote", UNTIL_REMOTE },
	{ "both", UNTIL_BOTH },
	{ NULL, 0 },
};

static const struct option_word slow_words[] = {
	{ "wait", SLOW_WAIT },
	{ "drop", SLOW_DROP },
	{ NULL, 0 },
};

static const struct option_word color_words[] = {
	{ "auto", TERM_COLOR_AUTO },
	{ "always", TERM_COLOR_ALWAYS },
	{ "never", TERM_COLOR_NEVER },
	{ NULL, 0 },
};

static const struct option_record records[OPTION_COUNT] = {
	[OPTION_IPV4] = { NULL, '4', NULL, BOTH, GROUP_ADDRESS, apply_constant, FILLS(wish.family), AF_INET, 0, NULL,
		N_("IPv4 only") },
	[OPTION_IPV6] = { NULL, '6', NULL, BOTH, GROUP_ADDRESS, apply_constant, FILLS(wish.family), AF_INET6, 0,
		NULL, N_("IPv6 only") },
	[OPTION_UDP] = { "udp", 'u', NULL, BOTH, GROUP_ADDRESS, apply_flag, FILLS(wish.is_udp), 0, 0, NULL,
		N_("UDP instead of TCP; with -U Unix datagrams") },
	[OPTION_UNIX] = { "unix", 'U', NULL, BOTH, GROUP_ADDRESS, apply_flag, FILLS(wish.is_unix), 0, 0, NULL,
		N_("the argument is the path of a Unix socket") },
	[OPTION_NUMERIC] = { "numeric", 'n', NULL, BOTH, GROUP_ADDRESS, apply_flag, FILLS(wish.is_numeric), 0, 0,
		NULL, N_("look up no names: addresses and ports are numbers") },
	[OPTION_SOURCE] = { "source", 's', "ADDR[:PORT]", CONNECT, GROUP_ADDRESS, apply_source, 0, 0, 0, NULL,
		N_("connect from this address of this machine") },
	[OPTION_SOURCE_PORT] = { "source-port", 'p', "PORT", CONNECT, GROUP_ADDRESS, apply_source_port, 0, 0,
		UINT16_MAX, NULL, N_("connect from this port") },
	[OPTION_CONNECT_TIMEOUT] = { "connect-timeout", 'w', "TIME", CONNECT, GROUP_LIMITS, apply_time,
		FILLS(connect_timeout_ns), 1, 0, NULL,
		N_("give up when there is no connection after TIME, all addresses together") },
	[OPTION_ACCEPT_TIMEOUT] = { "accept-timeout", '\0', "TIME", LISTEN, GROUP_LIMITS, apply_time,
		FILLS(accept_timeout_ns), 1, 0, NULL, N_("give up when no client has come after TIME") },
	[OPTION_IDLE_TIMEOUT] = { "idle-timeout", 'i', "TIME", BOTH, GROUP_LIMITS, apply_time,
		FILLS(idle_timeout_ns), 1, 0, NULL, N_("end a connection that was silent for TIME") },
	[OPTION_TOTAL_TIMEOUT] = { "total-timeout", '\0', "TIME", BOTH, GROUP_LIMITS, apply_time,
		FILLS(total_timeout_ns), 1, 0, NULL, N_("end after TIME, whatever is going on") },
	[OPTION_QUIT_AFTER] = { "quit-after", 'q', "TIME", BOTH, GROUP_ENDING, apply_time, FILLS(quit_after_ns), 0, 0,
		NULL, N_("once standard input has ended, leave after TIME without data") },
	[OPTION_UNTIL] = { "until", '\0', "local|remote|both", BOTH, GROUP_ENDING, apply_word, FILLS(until), 0, 0,
		until_words, N_("end when standard input, the peer, or both have ended") },
	[OPTION_RECV_ONLY] = { "recv-only", '\0', NULL, BOTH, GROUP_ENDING, apply_flag, FILLS(is_recv_only), 0, 0,
		NULL, N_("never read standard input; end when the peer does") },
	[OPTION_SEND_ONLY] = { "send-only", '\0', NULL, BOTH, GROUP_ENDING, apply_flag, FILLS(is_send_only), 0, 0,
		NULL, N_("write out nothing; end when all that was sent is acknowledged") },
	[OPTION_NO_SHUTDOWN] = { "no-shutdown", '\0', NULL, BOTH, GROUP_ENDING, apply_flag, FILLS(is_no_shutdown), 0,
		0, NULL, N_("do not tell the peer that standard input has ended") },
	[OPTION_RETRY] = { "retry", '\0', "N|forever[,TIME]", CONNECT, GROUP_LIMITS, apply_retry, 0, 0, UINT32_MAX,
		NULL, N_("try again N times when the peer is not there, TIME (1s) apart") },
	[OPTION_DATAGRAM] = { "datagram", '\0', "read|line|SIZE", BOTH, GROUP_DATA, apply_datagram, 0, 0, 0, NULL,
		N_("what becomes one datagram: what one read gives (the default), a line, or SIZE bytes") },
	[OPTION_KEEP_OPEN] = { "keep-open", 'k', NULL, LISTEN, GROUP_LISTENER, apply_flag, FILLS(is_keep_open), 0, 0,
		NULL, N_("serve many clients, and go on when they have left") },
	[OPTION_MAX_CONNS] = { "max-conns", 'm', "N", LISTEN, GROUP_LISTENER, apply_number, FILLS(max_conns), 1,
		UINT32_MAX, NULL, N_("with -k: at most N clients at once, the others wait in the accept queue") },
	[OPTION_BACKLOG] = { "backlog", '\0', "N", LISTEN, GROUP_LISTENER, apply_int, FILLS(backlog), 0, INT_MAX, NULL,
		N_("limit of the accept queue (128)") },
	[OPTION_TAG] = { "tag", '\0', NULL, LISTEN, GROUP_LISTENER, apply_flag, FILLS(is_tag), 0, 0, NULL,
		N_("write [N] before each line of client N") },
	[OPTION_SLOW] = { "slow", '\0', "wait|drop", LISTEN, GROUP_LISTENER, apply_word, FILLS(slow), 0, 0, slow_words,
		N_("with -k: a client that does not keep up is waited for (the default), or dropped") },
	[OPTION_NO_REUSEADDR] = { "no-reuseaddr", '\0', NULL, LISTEN, GROUP_LISTENER, apply_flag,
		FILLS(is_no_reuseaddr), 0, 0, NULL,
		N_("do not set SO_REUSEADDR: an address in TIME_WAIT is refused") },
	[OPTION_READY_FD] = { "ready-fd", '\0', "N", LISTEN, GROUP_LISTENER, apply_ready_fd, 0, 0, 0, NULL,
		N_("write the bound address to descriptor N once it listens, then close N") },
	[OPTION_RAW] = { "raw", '\0', NULL, BOTH, GROUP_DATA, apply_flag, FILLS(is_raw), 0, 0, NULL,
		N_("do not escape what arrives, although it goes to a terminal") },
	[OPTION_VERBOSE] = { NULL, 'v', NULL, BOTH, GROUP_SHOWN, apply_count, FILLS(verbose), 0, 3, NULL,
		N_("show each step; -vv also sends and receives, -vvv all data") },
	[OPTION_TRACE] = { "trace", '\0', "KIND[:FILE][,level=N]", BOTH, GROUP_SHOWN, apply_trace, 0, 1, 3, NULL,
		N_("write the steps as text or json, to FILE (fd:N: a descriptor) or standard error; repeatable") },
	[OPTION_PREVIEW] = { "preview", '\0', "N", BOTH, GROUP_SHOWN, apply_number, FILLS(preview), 0, PREVIEW_MAX,
		NULL, N_("show N bytes of each send and receive (32) at level 2; 0: none") },
	[OPTION_COLOR] = { "color", '\0', "auto|always|never", BOTH, GROUP_SHOWN, apply_word, FILLS(color), 0, 0,
		color_words, N_("colour in the trace; auto: on a terminal, unless NO_COLOR is set") },
	[OPTION_HELP] = { "help", 'h', NULL, EVERY, GROUP_HELP, apply_flag, FILLS(is_help), 0, 0, NULL,
		N_("show this") },
	[OPTION_VERSION] = { "version", '\0', NULL, EVERY, GROUP_HELP, apply_flag, FILLS(is_version), 0, 0, NULL,
		N_("show the version") },
};

/* What the apply functions take these members for. */
static_assert(sizeof(((struct options *)NULL)->preview) == sizeof(uint64_t), "apply_number");
static_assert(sizeof(enum options_until) == sizeof(int), "apply_word");
static_assert(sizeof(enum options_slow) == sizeof(int), "apply_word");
static_assert(sizeof(enum term_color) == sizeof(int), "apply_word");
static_assert(OPTION_COUNT <= 64, "options.seen");

static const char *const group_headings[] = {
	[GROUP_ADDRESS] = N_("Addresses"),
	[GROUP_LISTENER] = N_("Listening"),
	[GROUP_ENDING] = N_("How it ends"),
	[GROUP_LIMITS] = N_("Time limits and attempts (TIME: 250ms, 2s, 1m, 1h; a bare number is seconds)"),
	[GROUP_DATA] = N_("Data"),
	[GROUP_SHOWN] = N_("What is shown"),
	[GROUP_HELP] = N_("Help"),
};

static_assert(ARRAY_LEN(group_headings) == GROUP_COUNT, "headings");

#define LATER(its_name) N_("--" its_name " is not in this version")

static const struct option_foreign foreign[] = {
	{ 'e', NULL, N_("a program is run with --exec, which is not in this version") },
	{ 'c', NULL, N_("a shell command is run with --sh, which is not in this version") },
	{ 'x', NULL, N_("a proxy is named with --proxy, which is not in this version") },
	{ 'X', NULL, N_("a proxy and its protocol are named with --proxy, which is not in this version") },
	{ 'l', "listen", N_("to listen is a command: sockt listen PORT") },
	{ 'z', "zero", N_("to see whether a port answers: sockt connect -v HOST PORT < /dev/null") },
	{ 'N', NULL, N_("not needed: the end of standard input always ends the sending half (--no-shutdown: never)") },
	{ 'd', NULL, N_("to leave standard input alone: --recv-only") },
	{ 't', "telnet", N_("TELNET negotiation is not answered") },
	{ 'r', NULL, N_("ports are not chosen at random; the kernel chooses the source port by itself") },
	{ 'o', "output", N_("received data go to standard output: > FILE; what passed is shown by --trace text,level=3") },
	{ 'I', NULL, N_("the receive buffer is set on the endpoint: HOST:PORT,rcvbuf=SIZE") },
	{ 'O', NULL, N_("the send buffer is set on the endpoint: HOST:PORT,sndbuf=SIZE") },
	{ 'C', "crlf", N_("line ends are not changed in this version") },
	{ 'W', NULL, N_("datagrams are not counted; to end: --quit-after or --idle-timeout") },
	{ '\0', "verbose", N_("write -v, -vv or -vvv") },
	{ '\0', "wait", N_("write --connect-timeout, --idle-timeout or --total-timeout") },
	{ '\0', "sh-exec", N_("a shell command is run with --sh, which is not in this version") },
	{ '\0', "ssl", N_("TLS is not in this version") },
	{ '\0', "tls", N_("TLS is not in this version") },
	{ '\0', "nodelay", N_("it is set on the endpoint: HOST:PORT,nodelay") },
	{ '\0', "keepalive", N_("it is set on the endpoint: HOST:PORT,keepalive") },
	{ '\0', "exec", LATER("exec") },
	{ '\0', "sh", LATER("sh") },
	{ '\0', "proxy", LATER("proxy") },
	{ '\0', "proxy-type", LATER("proxy") },
	{ '\0', "explain", LATER("explain") },
	{ '\0', "step", LATER("step") },
	{ '\0', "packets", LATER("packets") },
	{ '\0', "escape", LATER("escape") },
	{ '\0', "allow", LATER("allow") },
	{ '\0', "deny", LATER("deny") },
};

const struct option_record *option_at(size_t id)
{
	return id < OPTION_COUNT ? &records[id] : NULL;
}

const char *option_group_heading(enum option_group group)
{
	return _(group_headings[group]);
}

const char *option_foreign(char letter, const char *name, size_t name_len)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		const struct option_foreign *row = &foreign[i];

		if (letter != '\0' && row->letter == letter)
			return _(row->sentence);
		if (name != NULL && row->name != NULL && strlen(row->name) == name_len &&
		    memcmp(row->name, name, name_len) == 0)
			return _(row->sentence);
	}
	return NULL;
}
