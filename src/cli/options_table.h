/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of options: one const record each (options_records.h), from which parsing, --help,
 * completion and the manual come. An option of a command is a record there and nothing else.
 */
#ifndef SOCKT_CLI_OPTIONS_TABLE_H
#define SOCKT_CLI_OPTIONS_TABLE_H

#include "base/buf.h"
#include "cli/options.h"

/*
 * Names of the records, for what has to be said about two of them, group by group: the table of a
 * group (options_records.h) begins with its FIRST and ends before its END.
 */
enum option_id {
	OPTION_FIRST_ADDRESS = 0,
	OPTION_IPV4 = OPTION_FIRST_ADDRESS,
	OPTION_IPV6,
	OPTION_UDP,
	OPTION_UNIX,
	OPTION_NUMERIC,
	OPTION_SOURCE,
	OPTION_SOURCE_PORT,
	OPTION_END_ADDRESS,

	OPTION_FIRST_LISTENER = OPTION_END_ADDRESS,
	OPTION_KEEP_OPEN = OPTION_FIRST_LISTENER,
	OPTION_BROKER,
	OPTION_CHAT,
	OPTION_BACKLOG,
	OPTION_HOLD,
	OPTION_TAG,
	OPTION_SLOW,
	OPTION_NO_REUSEADDR,
	OPTION_MODE,
	OPTION_OWNER,
	OPTION_READY_FD,
	OPTION_END_LISTENER,

	OPTION_FIRST_ACCESS = OPTION_END_LISTENER,
	OPTION_ALLOW = OPTION_FIRST_ACCESS,
	OPTION_DENY,
	OPTION_ALLOWFILE,
	OPTION_DENYFILE,
	OPTION_MAX_PER_HOST,
	OPTION_END_ACCESS,

	OPTION_FIRST_RELAY = OPTION_END_ACCESS,
	OPTION_DRAIN = OPTION_FIRST_RELAY,
	OPTION_WORKERS,
	OPTION_FAULT,
	OPTION_SEED,
	OPTION_CONTROL,
	OPTION_END_RELAY,

	OPTION_FIRST_HTTP = OPTION_END_RELAY,
	OPTION_HTTP = OPTION_FIRST_HTTP,
	OPTION_STATUS,
	OPTION_BODY,
	OPTION_KEEP_ALIVE,
	OPTION_HTTP_GET,
	OPTION_HEADER,
	OPTION_END_HTTP,

	OPTION_FIRST_ENDING = OPTION_END_HTTP,
	OPTION_QUIT_AFTER = OPTION_FIRST_ENDING,
	OPTION_UNTIL,
	OPTION_RECV_ONLY,
	OPTION_SEND_ONLY,
	OPTION_NO_SHUTDOWN,
	OPTION_PASS_FD,
	OPTION_END_ENDING,

	OPTION_FIRST_LIMITS = OPTION_END_ENDING,
	OPTION_CONNECT_TIMEOUT = OPTION_FIRST_LIMITS,
	OPTION_ACCEPT_TIMEOUT,
	OPTION_IDLE_TIMEOUT,
	OPTION_TOTAL_TIMEOUT,
	OPTION_RETRY,
	OPTION_RECONNECT,
	OPTION_MAX_CONNS,
	OPTION_END_LIMITS,

	OPTION_FIRST_PROXY = OPTION_END_LIMITS,
	OPTION_PROXY = OPTION_FIRST_PROXY,
	OPTION_PROXY_SERVER,
	OPTION_PROXY_AUTH_FILE,
	OPTION_END_PROXY,

	OPTION_FIRST_DATA = OPTION_END_PROXY,
	OPTION_DATAGRAM = OPTION_FIRST_DATA,
	OPTION_CRLF,
	OPTION_LINE,
	OPTION_TELNET,
	OPTION_LIMIT,
	OPTION_LIMIT_MESSAGES,
	OPTION_LIMIT_READS,
	OPTION_RATE,
	OPTION_DELAY_LINES,
	OPTION_NULL,
	OPTION_DISCARD,
	OPTION_ECHO,
	OPTION_PROGRESS,
	OPTION_HEX,
	OPTION_HEX_FILE,
	OPTION_OUTPUT,
	OPTION_OUTPUT_IN,
	OPTION_OUTPUT_OUT,
	OPTION_APPEND,
	OPTION_RAW,
	OPTION_END_DATA,

	OPTION_FIRST_SCAN = OPTION_END_DATA,
	OPTION_SCAN = OPTION_FIRST_SCAN,
	OPTION_JSON,
	OPTION_SHUFFLE,
	OPTION_PAUSE,
	OPTION_END_SCAN,

	OPTION_FIRST_PROGRAM = OPTION_END_SCAN,
	OPTION_EXEC = OPTION_FIRST_PROGRAM,
	OPTION_SH,
	OPTION_PTY,
	OPTION_END_PROGRAM,

	OPTION_FIRST_SOCKET = OPTION_END_PROGRAM,
	OPTION_SOCKOPT = OPTION_FIRST_SOCKET,
	OPTION_NODELAY,
	OPTION_KEEPALIVE,
	OPTION_TTL,
	OPTION_TOS,
	OPTION_DSCP,
	OPTION_SNDBUF,
	OPTION_RCVBUF,
	OPTION_LINGER,
	OPTION_MSS,
	OPTION_INTERFACE,
	OPTION_MARK,
	OPTION_REUSEPORT,
	OPTION_FASTOPEN,
	OPTION_CONGESTION,
	OPTION_USER_TIMEOUT,
	OPTION_BROADCAST,
	OPTION_FREEBIND,
	OPTION_TRANSPARENT,
	OPTION_MD5_KEY_FILE,
	OPTION_JOIN,
	OPTION_MULTICAST_TTL,
	OPTION_MULTICAST_LOOP,
	OPTION_MULTICAST_IF,
	OPTION_END_SOCKET,

	OPTION_FIRST_RIGHTS = OPTION_END_SOCKET,
	OPTION_USER = OPTION_FIRST_RIGHTS,
	OPTION_CHROOT,
	OPTION_END_RIGHTS,

	OPTION_FIRST_CONSOLE = OPTION_END_RIGHTS,
	OPTION_ESCAPE = OPTION_FIRST_CONSOLE,
	OPTION_HISTORY,
	OPTION_END_CONSOLE,

	OPTION_FIRST_SHOWN = OPTION_END_CONSOLE,
	OPTION_STATS = OPTION_FIRST_SHOWN,
	OPTION_SANDBOX,
	OPTION_LESSONS,
	OPTION_ANSWERS,
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_EXPLAIN,
	OPTION_STEP,
	OPTION_PACKETS,
	OPTION_TRACE,
	OPTION_PREVIEW,
	OPTION_COLOR,
	OPTION_END_SHOWN,

	OPTION_FIRST_HELP = OPTION_END_SHOWN,
	OPTION_COMPLETION = OPTION_FIRST_HELP,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_END_HELP,

	OPTION_COUNT = OPTION_END_HELP
};

/* The parts of --help. */
enum option_group {
	GROUP_ADDRESS = 0,
	GROUP_LISTENER,
	GROUP_ACCESS,
	GROUP_RELAY,
	GROUP_HTTP,
	GROUP_ENDING,
	GROUP_LIMITS,
	GROUP_PROXY,
	GROUP_DATA,
	GROUP_SCAN,
	GROUP_PROGRAM,
	GROUP_SOCKET,
	GROUP_RIGHTS,
	GROUP_CONSOLE,
	GROUP_SHOWN,
	GROUP_HELP,
	GROUP_COUNT
};

/* A word that an option takes, and what it means. */
struct option_word {
	const char *word;
	int value;
};

struct option_record {
	const char *name;     /* without the hyphens; NULL: it has only a letter */
	char letter;          /* '\0': it has only a name */
	const char *argument; /* as help shows it; NULL: it takes none */
	bool is_optional;     /* the argument may be left out; it stands behind a "=" */
	unsigned commands;    /* enum command_bit: which have it */
	/*
	 * Put the argument (NULL where it takes none) into options. Returns 0, or -EINVAL or
	 * -ERANGE and a sentence in error (PARSE_ERROR_MAX bytes).
	 */
	int (*apply)(struct options *options, const struct option_record *record,
		     const char *argument, char *error);
	size_t offset;                   /* of the member that it fills */
	uint64_t min, max;               /* of numbers and times */
	const struct option_word *words; /* of words, ended by NULL */
	const char *help;                /* one sentence, for _() */
	struct {
		unsigned commands; /* enum command_bit; 0: none */
		const char *help;
	} other[2]; /* another sentence, where it is something else in these commands */
	const char *topic; /* of the guide: where more is said; NULL: the one of its own name, if there is one */
};

/* The record of an option; NULL from OPTION_COUNT on. */
const struct option_record *option_at(size_t id);
/* Add its names, as a message has them: "-w, --connect-timeout". */
void option_add_names(struct text *text, const struct option_record *record);
/* What an option does in a command (enum command_bit): one sentence, translated. */
const char *option_help(const struct option_record *record, unsigned command);
/* The options of a group are those from *first up to the one before *end. */
void option_group_range(enum option_group group, size_t *first, size_t *end);
/* Was the option given? */
bool option_is_seen(const struct options *options, enum option_id id);
/* The heading of a group, translated. */
const char *option_group_heading(enum option_group group);

/*
 * What other tools have, or later versions will: recognised in order to say what there is instead.
 */
struct option_foreign {
	char letter;       /* '\0': none */
	const char *names; /* long ones, blanks between; NULL: none */
	const char *start; /* how an element with letters begins, # a digit: "lf", "t#"; NULL: it does not matter */
	const char *sentence;
};

/* Index 0, 1, ... until NULL. */
const struct option_foreign *option_foreign_at(size_t index);
/*
 * What is known about a letter in an element of the command line ("-lf"), or about a long name of len bytes, that is
 * not in the table; NULL: nothing.
 */
const char *option_foreign_letter(const char *element, char letter);
const char *option_foreign_name(const char *name, size_t len);

#endif
