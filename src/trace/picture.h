/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture: events become the rows of a sequence diagram, for any sink that draws one. A row has this program's step
 * in words, its state, and the arrows to its peer, or in a relay to the client and to the target. Where both ends are
 * in this program (the shell) each has a lane; its calls are marked there, and connections are numbered, not sockets. A
 * run of transfers in one direction is folded: three rows, and one for all that follow. Pure: no clock, no output.
 */
#ifndef SOCKT_TRACE_PICTURE_H
#define SOCKT_TRACE_PICTURE_H

#include "trace/event.h"

struct picture;

/*
 * Between two lanes is a gap. Two lanes: this program, the peer; of both ends: client, server. Of a relay three:
 * client, this program, target.
 */
#define PICTURE_LANES_MAX 3
#define PICTURE_GAPS_MAX (PICTURE_LANES_MAX - 1)

enum picture_way {
	PICTURE_NO_WAY = 0, /* no arrow */
	PICTURE_RIGHT,      /* from the left lane of the gap to the right one */
	PICTURE_LEFT,
};

struct picture_arrow {
	enum picture_way way;
	const char *label; /* "SYN", "6 B"; "" where nothing more is known */
	bool is_arrival;   /* of what another row shows leaving: only its head is drawn */
};

enum picture_kind {
	PICTURE_STEP = 0, /* one event */
	PICTURE_FOLD,     /* a run of transfers: count, bytes, end_ns */
	PICTURE_NOTE,     /* a sentence, in call; it may have several lines */
	PICTURE_SUMMARY,  /* of a connection, in below */
	PICTURE_PACKET,   /* a segment that was seen on its way, on an arrow; call has what its label does not */
};

/* A row. What it points to lives for the call only. No string is NULL, and none holds a control character. */
struct picture_row {
	enum picture_kind kind;
	enum step_id step;   /* of a fold that of its first transfer: for explanations */
	uint64_t seq;        /* number of the event, of a fold that of its first */
	uint64_t t_ns;       /* of a fold: when it began; where other rows came meanwhile: when it ended */
	uint64_t end_ns;     /* of a fold: when its last transfer began; else t_ns */
	uint32_t session;    /* 0: of none */
	enum side side;      /* SERVER: of a relay its client's connection; CLIENT: its target's */
	int fd;              /* -1: none */
	int lane;            /* of both ends: in which one the step was; -1: not known, or not one of theirs */
	const char *call;    /* in full: `send(5, "hello\n") = 6` */
	const char *brief;   /* the same with less: what goes without saying is left out */
	const char *remark;  /* "the peer will send no more"; "" */
	const char *below;   /* further lines, each ended by a newline: addresses, facts, the summary; "" */
	int state_from, state; /* TCP_*, where the event tells of a change; else 0 */
	const char *state_name; /* "ESTABLISHED"; "": no change */
	const char *act;     /* what the peer is seen doing: "answers", "sends"; "" */
	struct picture_arrow arrows[PICTURE_GAPS_MAX]; /* [0] between the first and the second lane */
	uint64_t count;      /* of a fold: transfers, of both connections; else 0 */
	uint64_t bytes;      /* that moved: of a fold all, counted once in a relay */
	bool is_failed;      /* the step failed; EINPROGRESS and EAGAIN are answers */
	bool is_provisional; /* of a fold that still grows: it will be given again (picture_peek()) */
	const struct event *event; /* the event itself; NULL: a fold */
};

struct picture_options {
	bool is_relay;    /* three lanes */
	bool is_whole;    /* two lanes of this program's: both ends of each connection */
	bool has_packets; /* segments are seen: calls have no arrows of their own */
	bool is_utf8;     /* words may hold arrows */
	uint8_t level;
	size_t preview;   /* bytes of data shown */
	/* Receives each row, in its order. */
	void (*row)(void *ctx, const struct picture_row *row);
	void *ctx;
};

/* A picture of nothing yet. */
struct picture *picture_new(const struct picture_options *options);
/* Give back all memory. Runs that still grow are forgotten: picture_flush() gives them. NULL: nothing. */
void picture_free(struct picture *picture);

/* How many lanes there are, and their names ("client"). */
size_t picture_lanes(const struct picture *picture);
const char *picture_lane_name(const struct picture *picture, size_t lane);

/* Take one event, number seq. Gives out none, one or two rows: a run that it ends, and its own. */
void picture_event(struct picture *picture, uint64_t seq, const struct event *event);
/*
 * Since when (on the events' clock) the oldest run is folded of which nothing has been given out; UINT64_MAX: there is
 * none.
 */
uint64_t picture_pending_since(const struct picture *picture);
/* Give out the runs that have been folded since t_ns or longer. What follows of them makes a row of its own. */
void picture_flush(struct picture *picture, uint64_t t_ns);
/* Give out the runs that still grow, as is_provisional, and let them grow. */
void picture_peek(struct picture *picture);

#endif
