/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands that a running relay takes: one table, for --control and for whoever else takes commands. A line of text
 * is read (control_parse), done by means of the operations of whatever runs (control_do), and the answer written as
 * JSON (control_write). Knows nothing of sockets.
 */
#ifndef SOCKT_ENGINE_CONTROL_COMMANDS_H
#define SOCKT_ENGINE_CONTROL_COMMANDS_H

#include "base/addr.h"
#include "base/buf.h"
#include "engine/fault.h"
#include "engine/relay_counts.h"
#include "trace/json.h"

#define CONTROL_LINE_MAX 4096 /* bytes of a command, without its newline */
#define CONTROL_ERROR_MAX 320

/* One session. What it points to lives for the call only. */
struct control_peer {
	uint32_t session;
	const char *state;
	const struct addr *client, *target; /* len 0: it is not connected, or not any more */
	uint64_t up_bytes, down_bytes;
	uint64_t age_ns;
};

/* Totals since the start. */
struct control_stats {
	struct relay_counts counts;
	uint64_t open; /* sessions now */
	uint64_t uptime_ns;
};

typedef void control_peer_fn(void *ctx, const struct control_peer *peer);

/* What a command does to what runs. Each gets the same ctx. */
struct control_ops {
	void (*for_each_peer)(void *ctx, control_peer_fn *each, void *each_ctx);
	void (*stats)(void *ctx, struct control_stats *stats);
	/*
	 * More faults: text is one --fault after the other, with blanks between. Returns 0, or -errno with one line in
	 * error (CONTROL_ERROR_MAX bytes): then nothing has changed.
	 */
	int (*set_faults)(void *ctx, const char *text, char *error);
	void (*clear_faults)(void *ctx);
	/* End a session, or reset it. Returns 0, -ENOENT: there is none, -EALREADY: it is ending. */
	int (*kick)(void *ctx, uint32_t session);
	int (*reset)(void *ctx, uint32_t session);
	void (*drain)(void *ctx);
};

enum control_argument {
	CONTROL_NOTHING = 0,
	CONTROL_SESSION, /* the number of a session */
	CONTROL_TEXT,
};

struct control_request;
struct control_answer;

struct control_command {
	const char *name;      /* one word, or two */
	const char *arguments; /* as help shows them; "" for none */
	const char *help;      /* for _() */
	enum control_argument argument;
	bool is_change; /* it changes something: worth a note */
	bool is_of_one; /* of several processes only one can do it */
	/* Do it. NULL: there is nothing to do. */
	void (*run)(const struct control_ops *ops, void *ctx, const struct control_request *request,
		    struct control_answer *answer);
	/* Write the members that come after "ok". NULL: none. */
	void (*write)(const struct control_answer *answer, struct json *json);
};

/* The commands there are: index 0, 1, ... until NULL. */
const struct control_command *control_command_at(size_t index);

/* The one of that name, or NULL. */
const struct control_command *control_command_find(const char *name);

/* A line that has been read. */
struct control_request {
	const struct control_command *command;
	uint32_t session;
	char text[CONTROL_LINE_MAX + 1]; /* its argument, as it was written */
};

/*
 * Read the len bytes of a line, without its newline; blanks and a CR around it count nothing. Returns 0 and *request,
 * or -EINVAL (-E2BIG: too long) with one line in error (CONTROL_ERROR_MAX bytes), in which mark ("/", or "") stands
 * before the names of commands. Pure.
 */
int control_parse(const char *line, size_t len, const char *mark, struct control_request *request, char *error);

/* What comes of a command. Zeroed: nothing yet. */
struct control_answer {
	bool is_error;
	bool is_unknown; /* the error is that there is no such session */
	char error[CONTROL_ERROR_MAX];
	struct control_stats stats;
	struct json peers; /* elements of a list */
};

void control_answer_clear(struct control_answer *answer);
/* Do what is asked for; answer is zeroed before. */
void control_do(const struct control_ops *ops, void *ctx, const struct control_request *request,
		struct control_answer *answer);
/* Write the answer as one line. */
void control_write(const struct control_request *request, const struct control_answer *answer, struct json *json);
/* The answer to a line that is none. */
void control_write_error(const char *error, struct json *json);

/*
 * Several processes have been asked: an answer as bytes, and what comes of it in another process, put together with
 * what others have answered. What cannot be read counts as none. Returns whether it could be read.
 */
void control_answer_pack(const struct control_answer *answer, struct buf *buf);
bool control_answer_merge(struct control_answer *into, bool is_first, const struct control_request *request,
			  const void *data, size_t len);

/*
 * Add --fault texts with blanks between to list, for messages or streams. Rules that a new one stands in for are
 * forgotten. Returns 0, or -errno with one line in error, the list being as it was.
 */
int control_add_faults(struct fault_list *list, const char *text, bool is_messages, char *error);

#endif
