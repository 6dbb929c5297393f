/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which options contradict each other: see options_check.h; of endpoints it is options_check_endpoint.c. */
#include "cli/options_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/options_table.h"
#include "stream/http_answer.h"

/* Two options that cannot stand together, and the sentence that says why. */
static const struct {
	enum option_id a, b;
	const char *why;
} contradictions[] = {
	{ OPTION_IPV4, OPTION_IPV6,
	  N_("-4 and -6 contradict each other; without either both are tried") },
	{ OPTION_IPV4, OPTION_UNIX,
	  N_("-4 and -U contradict each other: a Unix socket has no IP address") },
	{ OPTION_IPV6, OPTION_UNIX,
	  N_("-6 and -U contradict each other: a Unix socket has no IP address") },
	{ OPTION_RECV_ONLY, OPTION_SEND_ONLY,
	  N_("--recv-only and --send-only contradict each other: nothing would be moved") },
	{ OPTION_RECV_ONLY, OPTION_QUIT_AFTER,
	  N_("--recv-only and --quit-after contradict each other: standard input is not read, so its end is never "
	     "seen; --idle-timeout leaves after silence") },
	{ OPTION_BROKER, OPTION_RECV_ONLY,
	  N_("--broker and --recv-only contradict each other: clients would get nothing") },
	{ OPTION_BROKER, OPTION_SEND_ONLY,
	  N_("--broker and --send-only contradict each other: what clients send is for the others") },
	{ OPTION_BROKER, OPTION_EXEC,
	  N_("--broker and --exec contradict each other: each client talks with a program of its own") },
	{ OPTION_BROKER, OPTION_SH,
	  N_("--broker and --sh contradict each other: each client talks with a program of its own") },
	{ OPTION_CHAT, OPTION_EXEC,
	  N_("--chat and --exec contradict each other: each client talks with a program of its own") },
	{ OPTION_CHAT, OPTION_SH,
	  N_("--chat and --sh contradict each other: each client talks with a program of its own") },
	{ OPTION_BROKER, OPTION_HTTP,
	  N_("--broker and --http contradict each other: a request is answered, and goes to nobody else") },
	{ OPTION_CHAT, OPTION_HTTP,
	  N_("--chat and --http contradict each other: a request is answered, and goes to nobody else") },
	{ OPTION_CHAT, OPTION_RECV_ONLY,
	  N_("--chat and --recv-only contradict each other: clients would get nothing") },
	{ OPTION_CHAT, OPTION_SEND_ONLY,
	  N_("--chat and --send-only contradict each other: what clients send is for the others") },
	{ OPTION_HOLD, OPTION_ACCEPT_TIMEOUT,
	  N_("--hold and --accept-timeout contradict each other: nobody is ever accepted; "
	     "--total-timeout ends it") },
	{ OPTION_ECHO, OPTION_QUIT_AFTER,
	  N_("--echo and --quit-after contradict each other: what arrives is sent back, and standard input is not "
	     "read; --idle-timeout leaves after silence") },
	{ OPTION_ECHO, OPTION_NULL,
	  N_("--echo and --null contradict each other: either what came is sent, or zeros are") },
	{ OPTION_ECHO, OPTION_DISCARD,
	  N_("--echo and --discard contradict each other: what arrives goes back, or is thrown away") },
	{ OPTION_ECHO, OPTION_RECV_ONLY,
	  N_("--echo and --recv-only contradict each other: what arrives is sent back") },
	{ OPTION_ECHO, OPTION_SEND_ONLY,
	  N_("--echo and --send-only contradict each other: what arrives is sent back") },
	{ OPTION_NULL, OPTION_RECV_ONLY,
	  N_("--null and --recv-only contradict each other: zeros are sent") },
	{ OPTION_DISCARD, OPTION_SEND_ONLY,
	  N_("--discard and --send-only contradict each other: what arrives is dropped by --send-only, too") },
	{ OPTION_QUIET, OPTION_VERBOSE,
	  N_("--quiet and -v contradict each other; --trace text:FILE writes the steps to a file") },
	{ OPTION_PROGRESS, OPTION_STATS,
	  N_("--progress and --stats contradict each other: both keep one line up to date; --stats TIME says how "
	     "often") },
	{ OPTION_STEP, OPTION_WORKERS,
	  N_("--step and --workers contradict each other: several processes cannot ask at one terminal") },
	{ OPTION_EXEC, OPTION_SH,
	  N_("--exec and --sh contradict each other: one program is run for a connection") },
	{ OPTION_EXEC, OPTION_HTTP,
	  N_("--exec and --http contradict each other: requests are answered by the program, or by sockt") },
	{ OPTION_EXEC, OPTION_HTTP_GET,
	  N_("--exec and --http-get contradict each other: either a program speaks, or one request is sent") },
	{ OPTION_SH, OPTION_HTTP_GET,
	  N_("--sh and --http-get contradict each other: either a program speaks, or one request is sent") },
	{ OPTION_SH, OPTION_HTTP,
	  N_("--sh and --http contradict each other: requests are answered by the program, or by sockt") },
	{ OPTION_EXEC, OPTION_PROXY_SERVER,
	  N_("--exec and --proxy-server contradict each other: clients are joined with what they ask for, not with "
	     "a program") },
	{ OPTION_SH, OPTION_PROXY_SERVER,
	  N_("--sh and --proxy-server contradict each other: clients are joined with what they ask for, not with a "
	     "program") },
	{ OPTION_HTTP, OPTION_PROXY_SERVER,
	  N_("--http and --proxy-server contradict each other: the one answers requests itself, the other forwards "
	     "them") },
	{ OPTION_PAUSE, OPTION_MAX_CONNS,
	  N_("--pause and --max-conns contradict each other: with a pause between them ports are tried one by one") },
	{ OPTION_SCAN, OPTION_PROXY,
	  N_("--scan and --proxy contradict each other: what a proxy says of a port is not what the port says") },
	{ OPTION_SCAN, OPTION_USER,
	  N_("--scan and --user contradict each other: each port is tried on a socket of its own, up to the end") },
	{ OPTION_SCAN, OPTION_CHROOT,
	  N_("--scan and --chroot contradict each other: each port is tried on a socket of its own, up to the end") },
	{ OPTION_RECONNECT, OPTION_HTTP_GET,
	  N_("--reconnect and --http-get contradict each other: a request may be done once it is sent, and is not "
	     "asked twice; --retry waits for the server") },
	{ OPTION_RECONNECT, OPTION_TELNET,
	  N_("--reconnect and --telnet contradict each other: what TELNET has agreed on ends with its connection") },
	{ OPTION_RECONNECT, OPTION_ECHO,
	  N_("--reconnect and --echo contradict each other: what came on one connection is not for another") },
	{ OPTION_SEND_ONLY, OPTION_UNTIL,
	  N_("--send-only and --until contradict each other: --send-only ends when all is sent") },
};

/* An option that means nothing without another. */
static const struct {
	enum command_bit command;
	enum option_id option, needed;
	const char *why;
} needs[] = {
	{ COMMAND_LISTEN, OPTION_MAX_CONNS, OPTION_KEEP_OPEN,
	  N_("--max-conns limits the clients of --keep-open; without -k there is one client "
	     "anyway") },
	{ COMMAND_CONNECT, OPTION_MAX_CONNS, OPTION_SCAN,
	  N_("--max-conns limits how many ports --scan tries at once; without it there is one connection") },
	{ COMMAND_CONNECT, OPTION_JSON, OPTION_SCAN,
	  N_("--json is how --scan tells what it found; the steps of a connection as JSON are --trace json") },
	{ COMMAND_CONNECT, OPTION_SHUFFLE, OPTION_SCAN, N_("--shuffle is for the ports of --scan") },
	{ COMMAND_CONNECT, OPTION_PAUSE, OPTION_SCAN,
	  N_("--pause stands between the ports of --scan; behind lines that are sent it is --delay-lines") },
	{ COMMAND_LISTEN, OPTION_CONNECT_TIMEOUT, OPTION_PROXY_SERVER,
	  N_("--connect-timeout is for sockt connect and sockt relay, and here for what --proxy-server connects to; "
	     "--accept-timeout is how long a client is waited for") },
	{ COMMAND_LISTEN, OPTION_STATUS, OPTION_HTTP, N_("--status is that of the answers of --http") },
	{ COMMAND_LISTEN, OPTION_BODY, OPTION_HTTP, N_("--body is that of the answers of --http") },
	{ COMMAND_CONNECT, OPTION_HEADER, OPTION_HTTP_GET, N_("--header adds to the request of --http-get") },
	{ COMMAND_LISTEN, OPTION_HEADER, OPTION_HTTP, N_("--header adds to the answers of --http") },
	{ COMMAND_LISTEN, OPTION_KEEP_ALIVE, OPTION_HTTP,
	  N_("--keep-alive keeps connections of --http; for SO_KEEPALIVE: --keepalive") },
	{ COMMAND_LISTEN, OPTION_MAX_PER_HOST, OPTION_KEEP_OPEN,
	  N_("--max-per-host counts the clients of --keep-open; without -k there is one client anyway") },
	{ COMMAND_LISTEN, OPTION_SLOW, OPTION_KEEP_OPEN,
	  N_("--slow chooses between the clients of --keep-open; without -k there is one client "
	     "only") },
};

/* Options that speak of a connection, of which --hold accepts none. Before --keep-open those that stand for it, too. */
static const enum option_id of_connections[] = {
	OPTION_IDLE_TIMEOUT, OPTION_QUIT_AFTER, OPTION_UNTIL,	  OPTION_RECV_ONLY, OPTION_SEND_ONLY,
	OPTION_NO_SHUTDOWN,  OPTION_DATAGRAM,	OPTION_BROKER,	  OPTION_CHAT,	    OPTION_PROXY_SERVER,
	OPTION_KEEP_OPEN,    OPTION_MAX_CONNS, OPTION_SLOW,
	OPTION_TAG,	     OPTION_RAW,	OPTION_ALLOW,	  OPTION_DENY,	    OPTION_ALLOWFILE,
	OPTION_DENYFILE,     OPTION_MAX_PER_HOST,
	OPTION_CRLF,	  OPTION_LIMIT, OPTION_LIMIT_MESSAGES, OPTION_LIMIT_READS,	    OPTION_HEX,
	OPTION_HEX_FILE,     OPTION_OUTPUT,	OPTION_OUTPUT_IN, OPTION_OUTPUT_OUT,
	OPTION_RATE,	     OPTION_DELAY_LINES, OPTION_NULL,	  OPTION_DISCARD,   OPTION_ECHO,
	OPTION_PROGRESS,     OPTION_LINE,	 OPTION_TELNET,
};

/* Options that speak of what is sent and received, of which --scan does nothing. */
static const enum option_id of_talks[] = {
	OPTION_IDLE_TIMEOUT, OPTION_QUIT_AFTER,	 OPTION_UNTIL, OPTION_RECV_ONLY, OPTION_SEND_ONLY,
	OPTION_NO_SHUTDOWN,  OPTION_DATAGRAM, OPTION_RETRY, OPTION_RECONNECT, OPTION_RAW,
	OPTION_EXEC,	     OPTION_SH,	      OPTION_HTTP_GET,
	OPTION_CRLF,	     OPTION_LIMIT, OPTION_LIMIT_MESSAGES, OPTION_LIMIT_READS,    OPTION_HEX,   OPTION_HEX_FILE,
	OPTION_OUTPUT,	     OPTION_OUTPUT_IN, OPTION_OUTPUT_OUT,
	OPTION_RATE,	     OPTION_DELAY_LINES, OPTION_NULL,	  OPTION_DISCARD,   OPTION_ECHO,
	OPTION_PROGRESS,     OPTION_LINE,	 OPTION_TELNET,
};

/* Options that speak of what is sent and received, of which there is nothing before another has the connection. */
static const enum option_id of_sessions[] = {
	OPTION_IDLE_TIMEOUT, OPTION_QUIT_AFTER,	 OPTION_UNTIL,	  OPTION_RECV_ONLY, OPTION_SEND_ONLY,
	OPTION_NO_SHUTDOWN,  OPTION_DATAGRAM,	 OPTION_RAW,	  OPTION_EXEC,	    OPTION_SH,
	OPTION_HTTP_GET,     OPTION_SCAN,	 OPTION_RECONNECT, OPTION_CRLF,	  OPTION_LIMIT,	    OPTION_HEX,
	OPTION_LIMIT_MESSAGES, OPTION_LIMIT_READS,
	OPTION_HEX_FILE,     OPTION_OUTPUT,	 OPTION_OUTPUT_IN, OPTION_OUTPUT_OUT, OPTION_RATE,
	OPTION_DELAY_LINES,  OPTION_NULL,	 OPTION_DISCARD,  OPTION_ECHO,	    OPTION_PROGRESS,
	OPTION_LINE,	     OPTION_TELNET,	 OPTION_ESCAPE,	  OPTION_HISTORY,
};

/* Options that speak of standard input and output, in whose place a program stands. */
static const enum option_id of_standard_io[] = {
	OPTION_QUIT_AFTER, OPTION_UNTIL, OPTION_RECV_ONLY, OPTION_SEND_ONLY, OPTION_RAW,
	OPTION_HOLD,	   OPTION_TAG,	 OPTION_SLOW,	   OPTION_ESCAPE,    OPTION_HISTORY,
	OPTION_NULL,	   OPTION_DISCARD, OPTION_ECHO,	   OPTION_LINE,
};

/* Options that speak of standard input, or of when a conversation ends: of HTTP the requests say that. */
static const enum option_id of_conversations[] = {
	OPTION_QUIT_AFTER,  OPTION_UNTIL,    OPTION_RECV_ONLY, OPTION_SEND_ONLY,
	OPTION_NO_SHUTDOWN, OPTION_DATAGRAM, OPTION_HOLD,      OPTION_SLOW,
	OPTION_NULL,	    OPTION_DISCARD,  OPTION_ECHO,      OPTION_LINE,
	OPTION_CRLF,	    OPTION_TELNET,
};

/* Options that replace what a crowd says to each other. */
static const enum option_id of_traffic[] = { OPTION_NULL, OPTION_DISCARD, OPTION_ECHO };

/* Options that speak of our own end of a connection, of which a proxy server has none. */
static const enum option_id of_own_ends[] = {
	OPTION_QUIT_AFTER, OPTION_UNTIL, OPTION_RECV_ONLY, OPTION_SEND_ONLY, OPTION_NO_SHUTDOWN, OPTION_DATAGRAM,
	OPTION_RAW, OPTION_ESCAPE, OPTION_HISTORY, OPTION_BROKER, OPTION_CHAT, OPTION_SLOW, OPTION_TAG, OPTION_HOLD,
	OPTION_ACCEPT_TIMEOUT, OPTION_UDP, OPTION_LINE, OPTION_LIMIT_MESSAGES, OPTION_LIMIT_READS,
	OPTION_NULL, OPTION_DISCARD, OPTION_ECHO,
};

/* Options that change what is said, or when. */
static const enum option_id of_words[] = { OPTION_CRLF, OPTION_TELNET, OPTION_DELAY_LINES };

/* Options that see what passes through a relay, where one process has all of it. */
static const enum option_id of_witnesses[] = {
	OPTION_HEX, OPTION_HEX_FILE, OPTION_OUTPUT, OPTION_OUTPUT_IN, OPTION_OUTPUT_OUT,
};

static int refuse(char *error, const char *sentence)
{
	snprintf(error, OPTIONS_ERROR_MAX, "%s", sentence);
	return -EINVAL;
}

/* What an option leaves no room for. */
static const struct {
	enum option_id option;
	const enum option_id *others;
	size_t count;
	const char *why;
} rooms[] = {
	{ OPTION_HOLD, of_connections, ARRAY_LEN(of_connections),
	  N_("--hold and --%s contradict each other: nobody is accepted, so there is no connection") },
	{ OPTION_PROXY_SERVER, of_own_ends, ARRAY_LEN(of_own_ends),
	  N_("--proxy-server and --%s contradict each other: clients are joined with what they ask for, not with "
	     "standard input and output") },
	{ OPTION_PROXY_SERVER, of_words, ARRAY_LEN(of_words),
	  N_("--proxy-server and --%s contradict each other: what clients and their targets say passes as it is; it is "
	     "an option of who says it (sockt connect)") },
	{ OPTION_WORKERS, of_witnesses, ARRAY_LEN(of_witnesses),
	  N_("--workers and --%s contradict each other: each process sees what passes through it only; -vv shows the "
	     "bytes of all") },
	{ OPTION_PASS_FD, of_sessions, ARRAY_LEN(of_sessions),
	  N_("--pass-fd and --%s contradict each other: nothing is sent or received before another has the "
	     "connection") },
	{ OPTION_SCAN, of_talks, ARRAY_LEN(of_talks),
	  N_("--scan and --%s contradict each other: ports are tried, and nothing is sent or received") },
	{ OPTION_HTTP, of_conversations, ARRAY_LEN(of_conversations),
	  N_("--http and --%s contradict each other: standard input is not read, and a connection ends when its "
	     "requests are answered") },
	{ OPTION_HTTP_GET, of_conversations, ARRAY_LEN(of_conversations),
	  N_("--http-get and --%s contradict each other: standard input is not read, and the connection ends when the "
	     "reply is whole") },
	{ OPTION_BROKER, of_traffic, ARRAY_LEN(of_traffic),
	  N_("--broker and --%s contradict each other: what one client sends goes to all others") },
	{ OPTION_CHAT, of_traffic, ARRAY_LEN(of_traffic),
	  N_("--chat and --%s contradict each other: what one client says goes to all others") },
};

static int check_rooms(const struct options *options, char *error)
{
	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		for (size_t k = 0; option_is_seen(options, rooms[i].option) && k < rooms[i].count; k++) {
			if (!option_is_seen(options, rooms[i].others[k]))
				continue;
			snprintf(error, OPTIONS_ERROR_MAX, _(rooms[i].why), option_at(rooms[i].others[k])->name);
			return -EINVAL;
		}
	}
	return 0;
}

/* Is there to be a body where there can be none? */
static int check_http(const struct options *options, char *error)
{
	if (option_is_seen(options, OPTION_BODY) && !http_status_has_content((unsigned)options->http_status)) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--body: an answer of status %u has no body"),
			 (unsigned)options->http_status);
		return -EINVAL;
	}
	return 0;
}

/* A program stands in the place of standard input and output. */
static int check_program(const struct options *options, char *error)
{
	if (options->program == NULL)
		return options->has_pty ? refuse(error, _("--pty is the terminal of a program: --exec or --sh")) : 0;
	for (size_t i = 0; i < ARRAY_LEN(of_standard_io); i++) {
		if (!option_is_seen(options, of_standard_io[i]))
			continue;
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--%1$s and --%2$s contradict each other: the program stands in the place of standard "
			   "input and output"),
			 option_at(option_is_seen(options, OPTION_SH) ? OPTION_SH : OPTION_EXEC)->name,
			 option_at(of_standard_io[i])->name);
		return -EINVAL;
	}
	return 0;
}

/* Is there a file that could be appended to? */
static int check_append(const struct options *options, char *error)
{
	if (!options->is_append || options->hex_file != NULL || options->output != NULL || options->output_in != NULL ||
	    options->output_out != NULL)
		return 0;
	return refuse(error, _("--append keeps what stands in the file of --output, --output-in, --output-out or "
			       "--hex-file, and none is given"));
}

/* Each worker opens what it sees packets by when it starts, perhaps again later. */
static int check_rights(const struct options *options, char *error)
{
	if (!options->is_packets || options->workers == OPTIONS_UNSET || options->user.words == NULL)
		return 0;
	return refuse(error, _("--packets, --workers and --user do not go together: a worker that starts later would "
			       "need the right to see packets, which is given up"));
}

int options_check(const struct options *options, char *error)
{
	for (size_t i = 0; i < ARRAY_LEN(contradictions); i++) {
		if (option_is_seen(options, contradictions[i].a) && option_is_seen(options, contradictions[i].b))
			return refuse(error, _(contradictions[i].why));
	}
	if (check_program(options, error) < 0 || check_rooms(options, error) < 0 || check_http(options, error) < 0 ||
	    check_append(options, error) < 0 || check_rights(options, error) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (options->command->bit == needs[i].command && option_is_seen(options, needs[i].option) &&
		    !option_is_seen(options, needs[i].needed))
			return refuse(error, _(needs[i].why));
	}
	if (options->is_recv_only && options->until == UNTIL_LOCAL) {
		return refuse(error, _("--recv-only and --until local contradict each other: "
				       "standard input is not "
				       "read, so its end is never seen"));
	}
	return 0;
}
