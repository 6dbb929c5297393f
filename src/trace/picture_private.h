/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the picture share: sessions, their runs, and a row under construction. */
#ifndef SOCKT_TRACE_PICTURE_PRIVATE_H
#define SOCKT_TRACE_PICTURE_PRIVATE_H

#include "base/buf.h"
#include "trace/ends.h"
#include "trace/picture.h"
#include "trace/text_words.h"

#define PICTURE_SOCKETS 4    /* of one session, that are known at a time: a race has several */
#define PICTURE_WHOLE 256    /* of all sessions, where both ends are here */
#define PICTURE_SHOWN 3      /* transfers of a run that have a row of their own */
#define PICTURE_SHOWN_ENDS 24 /* where both ends are here and take turns: of each PICTURE_SHOWN in a row */
#define PICTURE_BUCKETS 1024 /* of sessions */

/* What is remembered of a socket, so that no arrow is drawn twice, and none that was not there. */
struct picture_socket {
	int fd; /* -1: free */
	bool is_up;      /* connected, or accepted */
	bool has_ended;  /* our end has been sent */
	bool has_fin;    /* the peer's end has been drawn */
	bool is_drained; /* its end has been read: nothing is left unread */
	bool is_reset;   /* the peer's reset has been drawn, which counts as its end */
	bool is_abrupt;  /* SO_LINGER 0: close() resets */
};

/* Transfers across one gap. */
struct picture_moves {
	uint64_t count, bytes;
	uint64_t steps; /* which, as bits */
};

/* What a run consists of. Packets and the calls that cause them go on beside each other. */
enum picture_run_kind {
	PICTURE_RUN_CALLS = 0,
	PICTURE_RUN_PACKETS,
	PICTURE_RUN_KINDS,
};

/* Transfers in one direction with nothing else between them. */
struct picture_run {
	struct picture_session *session;
	enum picture_way way; /* PICTURE_NO_WAY: there is none */
	bool has_no_arrow;    /* calls whose bytes are seen in packets */
	bool is_here;         /* both ends are: [0] of moves counts what was sent, [1] what was received */
	bool is_folding;      /* rows have been shown for the first; moves has those after them */
	unsigned shown;       /* transfers that had a row */
	bool is_pending;      /* something is folded; in the list of those */
	struct picture_moves moves[PICTURE_GAPS_MAX];
	uint64_t others;      /* steps that were left out beside them */
	enum step_id step;
	enum side side;
	int fd;
	uint64_t seq, t_ns, end_ns;
	uint64_t rows; /* of the picture when it began */
	struct picture_run *newer, *older; /* of the pending ones */
};

/* Of all sessions: a socket belongs to none before its connection is known. */
struct picture_sockets {
	struct picture_socket list[PICTURE_WHOLE];
	unsigned next; /* which is given up for a new one */
};

struct picture_session {
	uint32_t number;
	int open_count; /* descriptors that have been opened and not closed */
	struct picture_socket sockets[PICTURE_SOCKETS];
	unsigned next_socket; /* which is given up for a new one */
	struct picture_sockets *shared; /* both ends are here: in the place of sockets; else NULL */
	struct picture_run runs[PICTURE_RUN_KINDS];
	struct picture_session *next; /* of its bucket */
};

/* The words of a row. */
struct picture_words {
	struct text call, brief, remark, below;
	struct text labels[PICTURE_GAPS_MAX];
	char state[32];
	struct text part; /* parts of facts, being joined */
};

struct picture {
	struct picture_options options;
	struct text_view view;
	struct picture_session *buckets[PICTURE_BUCKETS];
	struct picture_session *last;   /* that of the last event that had one, not that of number 0 */
	struct picture_run *oldest, *newest; /* pending */
	uint64_t rows; /* given out */
	struct ends *ends;              /* both ends are here; else NULL */
	struct picture_sockets *shared; /* and what is remembered of them */
	struct ends_seen seen;          /* what the event at hand is to them */
	struct picture_words words;
};

/* A transfer: of bytes between this program and the network, by a call or as a packet. */
struct picture_transfer {
	enum picture_run_kind kind;
	bool has_no_arrow;
	enum picture_way way; /* PICTURE_NO_WAY: the event is none */
	size_t gap;
	uint64_t bytes;
};

void picture_words_init(struct picture *picture);
void picture_words_clear(struct picture *picture);
/* The lane of the end whose event it is, of those that are both here; -1: not known. */
int picture_lane_of(const struct picture *picture, const struct event *event);
/* Which gap the connection of that side crosses. */
size_t picture_gap_of(const struct picture *picture, enum side side);
/* The direction of what leaves the end whose event it is (is_out), or comes to it. */
enum picture_way picture_way_of(const struct picture *picture, const struct event *event, bool is_out);
bool picture_is_datagram(const struct event *event);
/* Are segments seen of it? They are drawn then, and not what calls are known to cause. */
bool picture_is_drawn_by_packets(const struct picture *picture, const struct event *event);
/* The socket with that descriptor; NULL: it is not known. */
struct picture_socket *picture_socket_find(struct picture_session *session, int fd);
/* What the event moves. */
struct picture_transfer picture_transfer_of(const struct picture *picture, struct picture_session *session,
					    const struct event *event);
/* Is it a segment that only acknowledges? A run goes on beside it. */
bool picture_is_acknowledgement(const struct event *event);
/* Fill the row of an event: words that live until the next one, arrows, acts. Remembers what the event does. */
void picture_row_event(struct picture *picture, struct picture_session *session, const struct event *event,
		       struct picture_row *row);
/* Remember what the event does to the sockets of its session, and draw it into the row. */
void picture_draw(struct picture *picture, struct picture_session *session, const struct event *event,
		  struct picture_row *row);
/* Fill the row of what is folded of a run. */
void picture_row_fold(struct picture *picture, const struct picture_run *run, struct picture_row *row);

#endif
