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
#define RELAY COMMAND_RELAY
#define MOVERS (LISTEN | CONNECT | RELAY)
#define RUNNERS (MOVERS | COMMAND_SHELL)
#define EVERY (RUNNERS | COMMAND_HELP)

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
	[OPTION_IPV4] = {
		.letter = '4',
		.commands = MOVERS,
		.group = GROUP_ADDRESS,
		.apply = apply_constant,
		.offset = FILLS(wish.family),
		.min = AF_INET,
		.help = N_("IPv4 only"),
	},
	[OPTION_IPV6] = {
		.letter = '6',
		.commands = MOVERS,
		.group = GROUP_ADDRESS,
		.apply = apply_constant,
		.offset = FILLS(wish.family),
		.min = AF_INET6,
		.help = N_("IPv6 only"),
	},
	[OPTION_UDP] = {
		.name = "udp",
		.letter = 'u',
		.commands = MOVERS,
		.group = GROUP_ADDRESS,
		.apply = apply_flag,
		.offset = FILLS(wish.is_udp),
		.help = N_("UDP instead of TCP; with -U Unix datagrams"),
	},
	[OPTION_UNIX] = {
		.name = "unix",
		.letter = 'U',
		.commands = MOVERS,
		.group = GROUP_ADDRESS,
		.apply = apply_flag,
		.offset = FILLS(wish.is_unix),
		.help = N_("the argument is the path of a Unix socket"),
	},
	[OPTION_NUMERIC] = {
		.name = "numeric",
		.letter = 'n',
		.commands = MOVERS,
		.group = GROUP_ADDRESS,
		.apply = apply_flag,
		.offset = FILLS(wish.is_numeric),
		.help = N_("look up no names: addresses and ports are numbers"),
	},
	[OPTION_SOURCE] = {
		.name = "source",
		.letter = 's',
		.argument = "ADDR[:PORT]",
		.commands = CONNECT,
		.group = GROUP_ADDRESS,
		.apply = apply_source,
		.help = N_("connect from this address of this machine"),
	},
	[OPTION_SOURCE_PORT] = {
		.name = "source-port",
		.letter = 'p',
		.argument = "PORT",
		.commands = CONNECT,
		.group = GROUP_ADDRESS,
		.apply = apply_source_port,
		.max = UINT16_MAX,
		.help = N_("connect from this port"),
	},
	[OPTION_CONNECT_TIMEOUT] = {
		.name = "connect-timeout",
		.letter = 'w',
		.argument = "TIME",
		.commands = CONNECT | RELAY,
		.group = GROUP_LIMITS,
		.apply = apply_time,
		.offset = FILLS(connect_timeout_ns),
		.min = 1,
		.help = N_("give up when there is no connection after TIME, all addresses together"
),
	},
	[OPTION_ACCEPT_TIMEOUT] = {
		.name = "accept-timeout",
		.argument = "TIME",
		.commands = LISTEN,
		.group = GROUP_LIMITS,
		.apply = apply_time,
		.offset = FILLS(accept_timeout_ns),
		.min = 1,
		.help = N_("give up when no client has come after TIME"),
	},
	[OPTION_IDLE_TIMEOUT] = {
		.name = "idle-timeout",
		.letter = 'i',
		.argument = "TIME",
		.commands = MOVERS,
		.group = GROUP_LIMITS,
		.apply = apply_time,
		.offset = FILLS(idle_timeout_ns),
		.min = 1,
		.help = N_("end a connection that was silent for TIME"),
	},
	[OPTION_TOTAL_TIMEOUT] = {
		.name = "total-timeout",
		.argument = "TIME",
		.commands = RUNNERS,
		.group = GROUP_LIMITS,
		.apply = apply_time,
		.offset = FILLS(total_timeout_ns),
		.min = 1,
		.help = N_("end after TIME, whatever is going on"),
	},
	[OPTION_QUIT_AFTER] = {
		.name = "quit-after",
		.letter = 'q',
		.argument = "TIME",
		.commands = BOTH,
		.group = GROUP_ENDING,
		.apply = apply_time,
		.offset = FILLS(quit_after_ns),
		.help = N_("once standard input has ended, leave after TIME without data"),
	},
	[OPTION_UNTIL] = {
		.name = "until",
		.argument = "local|remote|both",
		.commands = BOTH,
		.group = GROUP_ENDING,
		.apply = apply_word,
		.offset = FILLS(until),
		.words = until_words,
		.help = N_("end when standard input, the peer, or both have ended"),
	},
	[OPTION_RECV_ONLY] = {
		.name = "recv-only",
		.commands = BOTH,
		.group = GROUP_ENDING,
		.apply = apply_flag,
		.offset = FILLS(is_recv_only),
		.help = N_("never read standard input; end when the peer does"),
	},
	[OPTION_SEND_ONLY] = {
		.name = "send-only",
		.commands = BOTH,
		.group = GROUP_ENDING,
		.apply = apply_flag,
		.offset = FILLS(is_send_only),
		.help = N_("write out nothing; end when all that was sent is acknowledged"),
	},
	[OPTION_NO_SHUTDOWN] = {
		.name = "no-shutdown",
		.commands = BOTH,
		.group = GROUP_ENDING,
		.apply = apply_flag,
		.offset = FILLS(is_no_shutdown),
		.help = N_("do not tell the peer that standard input has ended"),
	},
	[OPTION_RETRY] = {
		.name = "retry",
		.argument = "N|forever[,TIME]",
		.commands = CONNECT,
		.group = GROUP_LIMITS,
		.apply = apply_retry,
		.max = UINT32_MAX,
		.help = N_("try again N times when the peer is not there, TIME (1s) apart"),
	},
	[OPTION_DATAGRAM] = {
		.name = "datagram",
		.argument = "read|line|SIZE",
		.commands = BOTH,
		.group = GROUP_DATA,
		.apply = apply_datagram,
		.help = N_("what becomes one datagram: what one read gives (the default), a line, "
			   "or SIZE bytes"),
	},
	[OPTION_KEEP_OPEN] = {
		.name = "keep-open",
		.letter = 'k',
		.commands = LISTEN,
		.group = GROUP_LISTENER,
		.apply = apply_flag,
		.offset = FILLS(is_keep_open),
		.help = N_("serve many clients, and go on when they have left"),
	},
	[OPTION_MAX_CONNS] = {
		.name = "max-conns",
		.letter = 'm',
		.argument = "N",
		.commands = LISTEN | RELAY,
		.group = GROUP_LISTENER,
		.apply = apply_number,
		.offset = FILLS(max_conns),
		.min = 1,
		.max = UINT32_MAX,
		.help = N_("at most N clients at once (listen: with -k), the others wait in the "
			   "accept queue"),
	},
	[OPTION_BACKLOG] = {
		.name = "backlog",
		.argument = "N",
		.commands = LISTEN | RELAY,
		.group = GROUP_LISTENER,
		.apply = apply_int,
		.offset = FILLS(backlog),
		.max = INT_MAX,
		.help = N_("limit of the accept queue (128; relay: 1024)"),
	},
	[OPTION_HOLD] = {
		.name = "hold",
		.commands = LISTEN,
		.group = GROUP_LISTENER,
		.apply = apply_flag,
		.offset = FILLS(is_hold),
		.help = N_("accept nobody: clients wait in the accept queue, which -vv shows"),
	},
	[OPTION_TAG] = {
		.name = "tag",
		.commands = LISTEN,
		.group = GROUP_LISTENER,
		.apply = apply_flag,
		.offset = FILLS(is_tag),
		.help = N_("write [N] before each line of client N"),
	},
	[OPTION_SLOW] = {
		.name = "slow",
		.argument = "wait|drop",
		.commands = LISTEN,
		.group = GROUP_LISTENER,
		.apply = apply_word,
		.offset = FILLS(slow),
		.words = slow_words,
		.help = N_("with -k: a client that does not keep up is waited for (the default), "
			   "or dropped"),
	},
	[OPTION_NO_REUSEADDR] = {
		.name = "no-reuseaddr",
		.commands = LISTEN | RELAY,
		.group = GROUP_LISTENER,
		.apply = apply_flag,
		.offset = FILLS(is_no_reuseaddr),
		.help = N_("do not set SO_REUSEADDR: an address in TIME_WAIT is refused"),
	},
	[OPTION_READY_FD] = {
		.name = "ready-fd",
		.argument = "N",
		.commands = LISTEN | RELAY,
		.group = GROUP_LISTENER,
		.apply = apply_ready_fd,
		.help = N_("write the bound address to descriptor N once it listens, then close N"),
	},
	[OPTION_DRAIN] = {
		.name = "drain",
		.argument = "TIME",
		.commands = RELAY,
		.group = GROUP_RELAY,
		.apply = apply_time,
		.offset = FILLS(drain_ns),
		.min = 1,
		.help = N_("after SIGTERM take no more clients, and give those that are there TIME "
			   "to finish"),
	},
	[OPTION_WORKERS] = {
		.name = "workers",
		.argument = "N",
		.commands = RELAY,
		.group = GROUP_RELAY,
		.apply = apply_number,
		.offset = FILLS(workers),
		.min = 1,
		.max = OPTIONS_WORKERS_MAX,
		.help = N_("share the port between N processes"),
	},
	[OPTION_FAULT] = {
		.name = "fault",
		.argument = "[up:|down:]KIND=VALUE[,...]",
		.commands = RELAY,
		.group = GROUP_RELAY,
		.apply = apply_fault,
		.help = N_("make the network bad on purpose: latency=200ms, rate=64k, ...; up is from the "
			   "client to the target; repeatable"),
	},
	[OPTION_SEED] = {
		.name = "seed",
		.argument = "N",
		.commands = RELAY,
		.group = GROUP_RELAY,
		.apply = apply_number,
		.offset = FILLS(seed),
		.max = UINT32_MAX,
		.help = N_("let chance take the same turns again as with the seed N"),
	},
	[OPTION_CONTROL] = {
		.name = "control",
		.argument = "unix:PATH",
		.commands = RELAY,
		.group = GROUP_RELAY,
		.apply = apply_text,
		.offset = FILLS(control),
		.help = N_("take commands on this Unix socket, a line each, and answer in JSON"),
	},
	[OPTION_STATS] = {
		.name = "stats",
		.argument = "TIME",
		.commands = RELAY,
		.group = GROUP_SHOWN,
		.apply = apply_time,
		.offset = FILLS(stats_ns),
		.min = 1,
		.help = N_("show totals and rates every TIME"),
	},
	[OPTION_SANDBOX] = {
		.name = "sandbox",
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_flag,
		.offset = FILLS(is_sandbox),
		.help = N_("run in a network of its own, in which there is nothing but loopback"),
	},
	[OPTION_LESSONS] = {
		.name = "lessons",
		.commands = COMMAND_SHELL,
		.group = GROUP_SHOWN,
		.apply = apply_flag,
		.offset = FILLS(is_lessons),
		.help = N_("list the lessons: scripts that are played by their number or name (sockt shell 03), unless "
			   "there is a file called so"),
	},
	[OPTION_ANSWERS] = {
		.name = "answers",
		.commands = COMMAND_SHELL,
		.group = GROUP_SHOWN,
		.apply = apply_flag,
		.offset = FILLS(is_answers),
		.help = N_("show the answers to the questions of a lesson, too"),
	},
	[OPTION_RAW] = {
		.name = "raw",
		.commands = BOTH,
		.group = GROUP_DATA,
		.apply = apply_flag,
		.offset = FILLS(is_raw),
		.help = N_("do not escape what arrives, although it goes to a terminal"),
	},
	[OPTION_ESCAPE] = {
		.name = "escape",
		.argument = "CHAR|none",
		.commands = BOTH,
		.group = GROUP_CONSOLE,
		.apply = apply_escape,
		.offset = FILLS(escape),
		.help = N_("commands begin with CHAR, not with a slash; none: there are no commands"),
	},
	[OPTION_HISTORY] = {
		.name = "history",
		.argument = "FILE|none",
		.commands = MOVERS | COMMAND_SHELL,
		.group = GROUP_CONSOLE,
		.apply = apply_text,
		.offset = FILLS(history),
		.help = N_("keep the lines that are typed in FILE, or nowhere"),
	},
	[OPTION_VERBOSE] = {
		.letter = 'v',
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_count,
		.offset = FILLS(verbose),
		.max = 3,
		.help = N_("show each step; -vv also sends and receives, -vvv all data"),
	},
	[OPTION_EXPLAIN] = {
		.name = "explain",
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_flag,
		.offset = FILLS(is_explaining),
		.help = N_("say behind the first step of each kind what it does and why; as -v at least"),
	},
	[OPTION_STEP] = {
		.name = "step",
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_flag,
		.offset = FILLS(is_stepping),
		.help = N_("stop before each step, say what comes next, and ask at the terminal; as -v at least"),
	},
	[OPTION_PACKETS] = {
		.name = "packets",
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_flag,
		.offset = FILLS(is_packets),
		.help = N_("show the packets of each connection between the calls (needs CAP_NET_RAW)"),
	},
	[OPTION_TRACE] = {
		.name = "trace",
		.argument = "KIND[:FILE][,level=N]",
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_trace,
		.min = 1,
		.max = 3,
		.help = N_("write the steps as text, json, ladder, svg, html, pcap or c, to FILE (fd:N: a "
			   "descriptor) or standard error; repeatable"),
	},
	[OPTION_PREVIEW] = {
		.name = "preview",
		.argument = "N",
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_number,
		.offset = FILLS(preview),
		.max = PREVIEW_MAX,
		.help = N_("show N bytes of each send and receive (32) at level 2; 0: none"),
	},
	[OPTION_COLOR] = {
		.name = "color",
		.argument = "auto|always|never",
		.commands = RUNNERS,
		.group = GROUP_SHOWN,
		.apply = apply_word,
		.offset = FILLS(color),
		.words = color_words,
		.help = N_("colour in the trace; auto: on a terminal, unless NO_COLOR is set"),
	},
	[OPTION_HELP] = {
		.name = "help",
		.letter = 'h',
		.commands = EVERY,
		.group = GROUP_HELP,
		.apply = apply_flag,
		.offset = FILLS(is_help),
		.help = N_("show this"),
	},
	[OPTION_VERSION] = {
		.name = "version",
		.commands = EVERY,
		.group = GROUP_HELP,
		.apply = apply_flag,
		.offset = FILLS(is_version),
		.help = N_("show the version"),
	},
};

/* What the apply functions take these members for. */
static_assert(sizeof(((struct options *)NULL)->preview) == sizeof(uint64_t), "apply_number");
static_assert(sizeof(enum options_until) == sizeof(int), "apply_word");
static_assert(sizeof(enum options_slow) == sizeof(int), "apply_word");
static_assert(sizeof(enum term_color) == sizeof(int), "apply_word");
static_assert(OPTION_COUNT <= 64, "options.seen");

const struct option_record *option_at(size_t id)
{
	return id < OPTION_COUNT ? &records[id] : NULL;
}
