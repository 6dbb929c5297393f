/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Of a connection on which nothing moves: who must act next, and how that is known. Pure: facts in, a verdict and its
 * sentence out. Where nothing is wrong (a conversation that pauses), there is nothing to say.
 */
#ifndef SOCKT_ENGINE_WAITING_H
#define SOCKT_ENGINE_WAITING_H

#include "base/buf.h"
#include "trace/event.h"

/* Nothing has moved for so long: then it is asked. */
#define WAITING_NS (2 * UINT64_C(1000000000))

enum waiting {
	WAITING_NOTHING = 0, /* nothing is wrong, or nobody can know */
	WAITING_OUTPUT,      /* our output takes no more of what the peer sent */
	WAITING_LOST,        /* what we sent is sent again and again, and not acknowledged */
	WAITING_WINDOW,      /* the peer takes no more: its window is closed */
	WAITING_WINDOW_ALL,  /* the same of one of a crowd, whom standard input waits for */
	WAITING_INPUT,       /* the peer has ended, our input has not */
	WAITING_INPUT_OF_ALL, /* the same of one of a crowd, which goes on receiving */
	WAITING_PEER_END,    /* we have ended, the peer has not */
	WAITING_UNTOLD,      /* the same, and the peer does not know that we have */
	WAITING_PEER_DATA,   /* we only receive, and the peer has sent nothing */
	WAITING_FIRST_WORD,  /* neither side has said anything */
	WAITING_EACH_OTHER,  /* the same, of both sides of a relay */
	WAITING_UNKNOWN,     /* no datagram has been sent, so the peer does not know of us */
	WAITING_ANSWER,      /* the peer has answered no datagram */
	WAITING_COUNT,
};

/* What is known of one connection, and of us behind it. */
struct waiting_facts {
	bool is_output_blocked; /* the peer has sent what our output does not take */
	bool is_out_held;       /* we have bytes for the peer that the socket does not take */
	bool is_out_ended;      /* the peer has been sent our end */
	bool is_in_ended;       /* the peer has ended */
	bool is_default_end;    /* nobody has said whose end is to be waited for (--until) */
	bool is_recv_only;      /* we never send */
	bool is_send_only;      /* nothing that the peer sends is waited for */
	bool is_input_ended;    /* nothing more comes for the peer, be it told or not */
	bool is_crowd;          /* one of many clients: what it may wait for is its own matter */
	bool is_holding;        /* of a crowd: standard input waits for this one */
	bool has_talked;        /* data have moved, either way */
	bool has_end;           /* a stream: datagrams have no end, and nobody acknowledges them */
	bool is_relay;          /* behind us is no standard input, but another connection */
	bool is_unix;           /* the peer is on this host, and nothing is lost on the way */
	uint64_t sent, received; /* of datagrams: how many */
	struct icmp_tally icmp; /* and what ICMP errors they have met */
	struct tcp_facts tcp;   /* as of now; is_valid is false: it is not TCP */
};

enum waiting waiting_decide(const struct waiting_facts *facts);
/*
 * The kernel sends what it holds whenever a slow peer makes room, long before it takes more from us. Returns for how
 * long that has to be waited for until nothing has moved for WAITING_NS; 0: the verdict may be said, and holds.
 */
uint64_t waiting_moves_ns(enum waiting waiting, const struct waiting_facts *facts);
/*
 * Add the sentence of a verdict that is not WAITING_NOTHING to text. who: "the peer", "the client", "the target", whom
 * the facts are of, translated.
 */
void waiting_format(enum waiting waiting, const struct waiting_facts *facts, const char *who, struct text *text);

#endif
