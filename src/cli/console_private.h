/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the console share. */
#ifndef SOCKT_CLI_CONSOLE_PRIVATE_H
#define SOCKT_CLI_CONSOLE_PRIVATE_H

#include <stdio.h>

#include "base/clock.h"
#include "cli/console.h"
#include "cli/editor.h"
#include "stream/typed_layer.h"

#define CONSOLE_NAME_MAX 80
#define CONSOLE_HINT_MAX 64

/* In which runs there is a command. */
enum console_where {
	CONSOLE_ONE = 1U << 0,   /* one peer: connect, listen */
	CONSOLE_CROWD = 1U << 1, /* listen -k */
	CONSOLE_RELAY = 1U << 2,
};

/* A file on its way to a peer. */
struct console_file {
	int fd; /* -1: none */
	char *name;
	uint64_t size, sent, began_ns;
	struct timer tell; /* how far it is */
};

/* A session, from the side of the person. */
struct console_peer {
	struct typed_layer typed;
	struct console *console;
	struct console_peer *next;
	struct session *session; /* NULL: it has not begun yet */
	uint32_t number;
	char name[CONSOLE_NAME_MAX]; /* its address, or what else it is called */
	struct console_file file;
};

struct console {
	struct running *rn;
	struct editor *editor;
	struct screen *screen;
	struct typed_screen shared;
	struct attendant attendant;
	enum console_where where;
	struct console_peer *peers; /* the oldest first */
	uint32_t to;                /* number of the peer that lines are for; 0: all */
	char escape;                /* what a command begins with; '\0': there are none */
	struct buf early;           /* lines typed before the one peer is there, each behind its length */
	bool is_early_end;          /* and the end of input behind them */
	bool is_quitting;
	struct timer quit;          /* when quitting waits no longer for acknowledgements */
	struct sink *recall;        /* the last events, for /ladder */
	struct sink *watch;         /* of a relay: tells who has come and who has left */
	uint64_t left_out;          /* of these lines */
	struct stepper quiet;       /* looks that are no steps of the run */
	struct bus no_bus;          /* of these */
	/* Of sessions that are closed. */
	uint64_t closed_count, sent_bytes, received_bytes;
	uint64_t opened_count, began_ns;
};

struct console_command {
	const char *name;
	const char *arguments; /* as help shows them; "" for none */
	const char *help;      /* for _() */
	unsigned where;        /* enum console_where */
	bool takes_any;        /* nothing may stand behind it, too */
	/* Do it. text: what stands behind the name, without blanks around; "" for nothing. */
	void (*run)(struct console *console, const char *text);
	/* Add what text behind the name may be. NULL: nothing is known of it. */
	void (*complete)(struct console *console, struct editor_words *words);
};

/* The commands there are: index 0, 1, ... until NULL. */
const struct console_command *console_command_at(size_t index);
/* Run a line without its slash. */
void console_run_command(struct console *console, const char *line, size_t len);
/* editor_settings.complete; ctx is the console. */
void console_complete(void *ctx, const char *line, size_t start, struct editor_words *words);

/* "sockt: " and a sentence, in which commands are named with a slash; what an answer shows, without. */
void console_tell(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));
void console_show(struct console *console, const char *text);
/* The same for what nobody has asked for: left out, and counted, where the terminal does not keep up. */
void console_tell_event(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "; /help for commands", with what they begin with; "" where there are none. Returns dst. */
const char *console_hint(const struct console *console, char dst[CONSOLE_HINT_MAX]);
/* The prompt as it has to be now. */
void console_set_prompt(struct console *console);

/* A line that was typed; NULL: the end of input. editor_settings.line; ctx is the console. */
void console_line(void *ctx, const struct editor_line *line);
/* End our sending side of those who are addressed. */
void console_end_sides(struct console *console);
/* Hand what was typed early to the peer, which is there now. */
void console_send_early(struct console_peer *peer);
/* The run is over: what was typed early, and has met nobody, is lost, which is said. */
void console_drop_early(struct console *console);
/* Its connection is lost, and there will be another one: what is not sent waits for that. */
void console_keep_queue(struct console_peer *peer);
/* Do the peers speak in messages (datagrams, seqpacket)? Each line is one then. */
bool console_is_of_messages(const struct console_peer *peer);
/* Send bytes to those who are addressed. */
void console_send(struct console *console, const void *data, size_t len);

/* Is the peer among those that lines are for, and has its session begun? */
bool console_is_addressed(const struct console *console, const struct console_peer *peer);
/* The first (from NULL) or the next of those that lines are for. */
struct console_peer *console_next(struct console *console, struct console_peer *peer);
/* The open peer of that number, or NULL. */
struct console_peer *console_find(struct console *console, uint32_t number);
/* The same from text, for a command; says what is wrong and returns NULL. */
struct console_peer *console_find_named(struct console *console, const char *command, const char *text);
void console_init_attendant(struct console *console);
/* Forget all peers. */
void console_forget(struct console *console);

/* End the sending half of peer's session, and say what it sees. */
void console_shut(struct console_peer *peer);
/* Say what peer sees of its session's close. */
void console_tell_closing(const struct console_peer *peer);
/* Close peer's session once all is sent. */
void console_finish(struct console_peer *peer);

/* Begin to send a file; it goes on by itself. */
void console_file_begin(struct console_peer *peer, const char *name);
/* Its queue has room. */
void console_file_go_on(struct console_peer *peer);
void console_file_stop(struct console_peer *peer);
/* "big.bin 45 %"; "" where none is sent. */
const char *console_file_format(const struct console_peer *peer, char *dst, size_t size);

/* One function a command. */
void console_do_help(struct console *console, const char *text);
void console_do_info(struct console *console, const char *text);
void console_do_send(struct console *console, const char *text);
void console_do_file(struct console *console, const char *text);
void console_do_shutdown(struct console *console, const char *text);
void console_do_reset(struct console *console, const char *text);
void console_do_close(struct console *console, const char *text);
void console_do_quit(struct console *console, const char *text);
void console_do_hex(struct console *console, const char *text);
void console_do_trace(struct console *console, const char *text);
void console_do_opt(struct console *console, const char *text);
void console_do_peers(struct console *console, const char *text);
void console_do_to(struct console *console, const char *text);
void console_do_kick(struct console *console, const char *text);
void console_do_stats(struct console *console, const char *text);
void console_do_ladder(struct console *console, const char *text);
void console_do_explain(struct console *console, const char *text);
/* Tell from now on who comes to a relay, and who leaves. */
void console_watch_relay(struct console *console);
/* A command of a relay: those of --control (relay_commands.h). Returns false where there is none of that name. */
bool console_do_relay(struct console *console, const char *line, size_t len);

#endif
