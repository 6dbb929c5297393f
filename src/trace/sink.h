/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sink: a consumer of events. Each kind is one const record; the option --trace, its help and its manual come from
 * the table of kinds.
 */
#ifndef SOCKT_TRACE_SINK_H
#define SOCKT_TRACE_SINK_H

#include "base/term.h"
#include "trace/event.h"

struct screen;
struct sink;
struct sink_out;

#define SINK_LOST_MAX 256 /* room for the record that says how many were lost */

/* What the command line says of a sink. */
struct sink_options {
	const char *file;      /* NULL: standard error; "fd:N": descriptor N; else a path, made anew */
	uint8_t level;         /* 1-3 */
	size_t preview;        /* bytes of data shown at level 2; 0: none */
	enum term_color color;
	bool is_relay;         /* each session has two connections, of a client and of its target */
	bool is_whole;         /* both ends are in this program, and all sessions count (the shell) */
	bool has_packets;      /* packets are seen (--packets): there are events PACKET */
	bool is_explaining;    /* behind the first step of each kind: what it is for (--explain) */
	const struct sink *others; /* list of those that must not have the same file; NULL: none */
	struct screen *screen; /* somebody types on the terminal that it writes to; NULL: nobody */
	/* For the JSON header. */
	int argc;
	char *const *argv; /* secrets masked */
	const char *version;
	uint64_t start_ns; /* CLOCK_MONOTONIC at the zero of t_ms, as given to bus_init(); 0: now */
};

struct sink_kind {
	const char *name;
	const char *help;
	uint8_t level_default;
	uint8_t level_min; /* it shows no less: with the highest it has all data; 0: any level */
	bool needs_file;
	bool is_silent;     /* nothing is written: what it alone gets has no number (bus->seq) */
	bool needs_payload; /* it shows every byte that passed, in calls and in packets, whatever its level */
	/* Make the state; write a header. Returns 0 or -errno. */
	int (*open)(struct sink *sink, const struct sink_options *options);
	void (*event)(struct sink *sink, const struct event *event);
	/* The line that says which rule ended the run; NULL: the kind has none. */
	void (*ended)(struct sink *sink, enum ended_by ended, const char *limit);
	/*
	 * Say, as one record written to dst (SINK_LOST_MAX bytes), that count records were lost. Returns its length.
	 */
	size_t (*lost)(struct sink *sink, uint64_t count, char *dst);
	/*
	 * What is held in the state goes to the output: before the loop waits, at now_ns (CLOCK_MONOTONIC). Returns
	 * when it has to be called again at the latest, UINT64_MAX: not before the next event. NULL: nothing is held.
	 */
	uint64_t (*flush)(struct sink *sink, uint64_t now_ns);
	/* Write an ending, free the state (not the output). NULL: nothing to do. */
	void (*close)(struct sink *sink);
};

struct sink {
	const struct sink_kind *kind;
	struct sink_out *out;
	uint8_t level;
	size_t preview;
	uint64_t seq;      /* number of the event being delivered, set by the bus */
	uint64_t lost;     /* records lost of which nothing has been said yet */
	uint64_t lost_seq; /* number of the last event that was lost */
	uint64_t written_ns; /* when its output was last asked to take something (CLOCK_MONOTONIC) */
	uint64_t pause_ns; /* until what its output did not take is tried again */
	bool is_told;      /* that it cannot be written was said (bus->stopped) */
	void *state;  /* of the kind */
	struct sink *next;
};

extern const struct sink_kind sink_text;
extern const struct sink_kind sink_json;
extern const struct sink_kind sink_ladder;
extern const struct sink_kind sink_pcap;
extern const struct sink_kind sink_svg;
extern const struct sink_kind sink_html;
extern const struct sink_kind sink_c;

/* The kinds there are: index 0, 1, ... until NULL. */
const struct sink_kind *sink_kind_at(size_t index);
/* The kind of that name, or NULL. */
const struct sink_kind *sink_kind_find(const char *name);

/*
 * For the kinds: write one whole record. Where the output did not keep up and there is room again, how many records
 * were lost is said first.
 */
void sink_record(struct sink *sink, const char *record, size_t len);

/*
 * Say how many records were lost, if any were of which that was not said, as a record. Returns false where there is no
 * room even for that.
 */
bool sink_say_lost(struct sink *sink);

/*
 * Open a sink. Returns 0 and *sink_out, or -errno with nothing left open (the caller names the file); -EEXIST: the
 * file is in use, by one of the others or as standard input, output or error.
 */
int sink_open(const struct sink_kind *kind, const struct sink_options *options, struct sink **sink_out);
/* Flush, close, free. Returns 0 or the -errno of the first write that failed; file (size bytes) gets its name. */
int sink_close(struct sink *sink, char *file, size_t size);

#endif
