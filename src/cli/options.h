/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options of the command line: one const table (options_table.c), and the plain struct that
 * they fill. Knows what may be asked for, not how it is done.
 */
#ifndef SOCKT_CLI_OPTIONS_H
#define SOCKT_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/term.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "endpoint/endpoint.h"
#include "endpoint/port_list.h"
#include "endpoint/hop.h"
#include "step/identity.h"
#include "stream/users.h"
#include "trace/sink.h"

#define OPTIONS_UNSET UINT64_MAX /* of times: no such limit; of counts: not given */
#define OPTIONS_FOREVER (UINT64_MAX - 1)
#define OPTIONS_TRACES_MAX 8 /* times --trace may be given */
#define OPTIONS_FAULTS_MAX 32 /* times --fault may be given */
#define OPTIONS_HEADERS_MAX 64 /* times --header may be given */
#define OPTIONS_SOCKOPTS_MAX ENDPOINT_OPTIONS_MAX /* options of the socket */
#define OPTIONS_WORKERS_MAX 256
#define OPTIONS_ENDPOINTS_MAX 16 /* to listen on, in one command */
#define OPTIONS_WORDS_MAX (OPTIONS_ENDPOINTS_MAX + 1) /* of relay TO stands behind them */
#define OPTIONS_ERROR_MAX 1024
#define OPTIONS_SEEN_WORDS 3 /* of 64 options each */

enum options_until {
	UNTIL_UNSET = 0, /* both; the peer's end where standard input is a terminal */
	UNTIL_LOCAL,
	UNTIL_REMOTE,
	UNTIL_BOTH,
};

enum options_datagram {
	DATAGRAM_READ = 0, /* one read is one datagram */
	DATAGRAM_LINE,
	DATAGRAM_SIZE, /* each of datagram_size bytes, the last may be shorter */
};

enum options_slow {
	SLOW_UNSET = 0, /* wait; of a broker: drop */
	SLOW_WAIT,
	SLOW_DROP,
};

enum options_proxy_server {
	PROXY_SERVER_NONE = 0,
	PROXY_SERVER_HTTP,
	PROXY_SERVER_SOCKS5,
};

/* One sink that is asked for. */
struct options_trace {
	const struct sink_kind *kind;
	char *file;    /* owned; NULL: standard error; "fd:N"; a path */
	uint8_t level; /* 1-3 */
};

/* A socket option that is asked for: read once the endpoint is known. */
struct options_sockopt {
	const struct option_record *record;
	const char *argument; /* NULL: none */
};

struct access;

struct options {
	const struct command *command;
	enum completion_shell completion; /* of help: write the script for this shell */
	bool is_help, is_version; /* asked for: nothing else counts then, or is checked */

	/* Complete: kind narrowed by -4 -6 -u -U, source from -s and -p, service looked up. */
	struct endpoint endpoint; /* of relay: FROM */
	struct endpoint *more;    /* further ones to listen on, of relay further FROM; owned; NULL: none */
	size_t more_count;
	struct endpoint target;   /* of relay: TO */
	struct endpoint_wish wish;

	/* Limits, in ns; OPTIONS_UNSET: none. */
	uint64_t connect_timeout_ns;
	uint64_t accept_timeout_ns;
	uint64_t idle_timeout_ns;
	uint64_t total_timeout_ns;
	uint64_t quit_after_ns; /* OPTIONS_UNSET: not given (a datagram client then waits 1 s) */

	enum options_until until;
	bool is_recv_only, is_send_only, is_no_shutdown;
	bool is_passing_fd;
	uint64_t retries;        /* 0: try once; OPTIONS_FOREVER */
	uint64_t retry_pause_ns; /* between two attempts; 1 s unless given */
	uint64_t reconnect_ns;   /* the pause before another connection, where one is lost; 0: there is no other */
	int ready_fd;            /* -1: none; else open for writing */
	enum options_datagram datagram;
	bool has_datagram;      /* --datagram was given */
	uint32_t datagram_size; /* with DATAGRAM_SIZE: 1 to 65507 */

	bool is_crlf, is_telnet, is_line;
	uint64_t limit; /* bytes each way; OPTIONS_UNSET: none */
	uint64_t limit_messages; /* that are received; OPTIONS_UNSET: no limit */
	uint64_t limit_reads;    /* likewise, of a stream */
	uint64_t rate;  /* bytes a second each way; 0: no limit */
	uint64_t delay_lines_ns; /* 0: none */
	bool is_null, is_discard, is_echo;
	bool is_progress;
	bool is_hex;
	const char *hex_file, *output, *output_in, *output_out; /* NULL: none */
	bool is_append;

	/* Listeners. */
	bool is_keep_open;
	bool is_broker; /* is_keep_open is true then, and of --chat both */
	bool is_chat;
	uint64_t max_conns; /* OPTIONS_UNSET: no limit */
	int backlog;        /* 0 and up; 128 unless given */
	bool is_tag;
	bool is_hold;
	enum options_slow slow;
	bool is_no_reuseaddr;

	/* Who may connect. */
	struct access *access; /* owned; NULL: everybody. Its names are resolved when the run begins */
	uint64_t max_per_host; /* 0: no limit */

	/* Relay. */
	bool is_dialing;   /* FROM is an end of our own, and no socket: endpoint is TO then, as of connect */
	bool is_joining;   /* the same, and TO is no socket either */
	struct endpoint own; /* that FROM, what program is made of taken out; kind NULL: there is none */
	uint64_t drain_ns; /* OPTIONS_UNSET: a SIGTERM ends at once */
	uint64_t workers;  /* processes; OPTIONS_UNSET: this one alone */
	const char *faults[OPTIONS_FAULTS_MAX]; /* as they were written */
	size_t fault_count;
	uint64_t seed;       /* OPTIONS_UNSET: any */
	const char *mode, *owner; /* of the files of Unix sockets that listen; as they were written; NULL: not given */
	const char *control; /* as it was written; NULL: none */
	uint64_t stats_ns;   /* OPTIONS_UNSET: none */

	/* Trying ports: connect --scan. */
	bool is_scan;
	bool is_json;
	bool is_shuffled;
	uint64_t pause_ns; /* between two ports; 0: several are tried at once */
	struct port_list ports; /* owned */
	/* Proxies. */
	struct hop_chain *chain;     /* on the way to the target; owned; NULL: none */
	const char *proxy_auth_file; /* NULL: none */
	enum options_proxy_server proxy_server;
	struct users users;          /* of the server; lines NULL: everybody may use it */

	/* HTTP by hand. */
	bool is_http;
	const char *http_get; /* what to ask for; NULL: nothing */
	bool is_keep_alive;
	uint64_t http_status;
	const char *body_text, *body_file; /* one of them; both NULL: not given */
	const char *headers[OPTIONS_HEADERS_MAX]; /* as they were written: "Name: value" */
	size_t header_count;

	/* Programs. */
	char **program; /* the words of --exec, or of --sh with those of the shell; owned, in one piece; NULL: none */
	bool has_pty;

	/* Socket options, in the order they were given. */
	struct options_sockopt sockopts[OPTIONS_SOCKOPTS_MAX];
	size_t sockopt_count;
	const char *md5_key_file; /* NULL: none */

	/* Rights that are given up once the socket is ready. */
	struct identity user; /* who to become; owned; words NULL: nobody else */
	char *chroot;         /* absolute; owned; NULL: none */

	/* What is shown. */
	bool is_sandbox;
	bool is_lessons; /* of the shell: list them, and nothing else */
	bool is_answers; /* of the shell: the answers of a lesson's questions too */
	bool is_raw;
	bool is_quiet; /* nothing is said but failures and losses */
	const char *history; /* of the console: a file, "none"; NULL: the usual one */
	const char *escape;  /* what its commands begin with: a character, "none"; NULL: a slash */
	unsigned verbose; /* 0-3: -v, -vv, -vvv */
	bool is_packets;    /* -v, then, where no trace is asked for */
	bool is_explaining; /* at least -v, then */
	bool is_stepping;   /* likewise */
	uint64_t preview; /* bytes; 32 unless given */
	enum term_color color;
	/* Every sink to open, that of -v first. */
	struct options_trace traces[OPTIONS_TRACES_MAX + 1];
	size_t trace_count;

	/* What remains to be parsed: filled while reading, of no use afterwards. */
	struct endpoint_source source;
	bool has_source_port;
	const char *words[OPTIONS_WORDS_MAX];
	size_t word_count;      /* may be more than are kept */
	const char *extra_word; /* the first that is too many */
	/* The last option that has taken a word which may have been meant to stand for itself, and the word. */
	const struct option_record *taker;
	const char *taken_word;
	uint64_t seen[OPTIONS_SEEN_WORDS]; /* bits enum option_id, 64 a word: which were given */
};

/* Do requests and replies take the place of standard input? */
static inline bool options_speaks_http(const struct options *options)
{
	return options->is_http || options->http_get != NULL;
}

/* The endpoints to listen on, or the one to connect to, from 0 on; NULL: there are no more. */
static inline const struct endpoint *options_endpoint_at(const struct options *options, size_t index)
{
	if (index == 0)
		return &options->endpoint;
	return index <= options->more_count ? &options->more[index - 1] : NULL;
}

/* Are there rights to be given up? */
static inline bool options_drops_rights(const struct options *options)
{
	return options->user.words != NULL || options->chroot != NULL;
}

/*
 * Read the command line of command into options (from argv[2] on; argv is left as it is).
 * Returns 0, or -EINVAL with the mistake in error (OPTIONS_ERROR_MAX bytes, no newline at its end).
 * After --help or --version the rest is not read. options_clear() is due in every case. Looks at
 * the descriptor of --ready-fd and the directory of --chroot, reads the files of --allowfile and --denyfile, asks for
 * the user of --user and, for a service name, looks at services(5); nothing else outside.
 */
int options_parse(struct options *options, const struct command *command, int argc, char **argv,
		  char *error);

/* Free what options owns. */
void options_clear(struct options *options);

/*
 * For a command: options_parse(), and answer what needs no run: a mistake is printed (status 2),
 * help and version are written to standard output (0, or 6 where they cannot be). Returns true
 * where the command is to go on; else *status is the exit status and options is cleared.
 */
bool options_read(struct options *options, const struct command *command, int argc, char **argv,
		  int *status);

#endif
