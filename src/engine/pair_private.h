/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What pair.c (its life), pair_hello.c (PROXY headers), pair_dial.c (the target), pair_flows.c (its flows) and
 * pair_end.c (its end) share.
 */
#ifndef SOCKT_ENGINE_PAIR_PRIVATE_H
#define SOCKT_ENGINE_PAIR_PRIVATE_H

#include "engine/pair.h"
#include "stream/datagram_layer.h"

/* Between two looks at what has no descriptor to tell of it. */
#define PAIR_RETRY_NS (10 * NS_PER_MS)

/* How long a client of a proxy server that has got its answer, or its reply, may go on sending. */
#define PAIR_LEAVE_NS (2 * NS_PER_S)

static inline struct engine *pair_engine(const struct pair *pair)
{
	return pair->rules->engine;
}

/* The time by which limits are counted: it stands still while somebody is asked (--step). */
static inline uint64_t pair_limit_now(const struct pair *pair)
{
	return loop_limit_now_ns(pair_engine(pair)->loop);
}

static inline uint64_t pair_now(const struct pair *pair)
{
	return loop_now_ns(pair->rules->engine->loop);
}

/* The side that a flow reads from, and the one it writes to. */
struct pair_side *pair_from(struct pair *pair, const struct flow *flow);
struct pair_side *pair_to(struct pair *pair, const struct flow *flow);

/* The beginning of a pair, before its client's side, and what follows that (remote NULL: it has no header). */
void pair_init(struct pair *pair, const struct pair_rules *rules, uint32_t number, const struct addr *remote);
void pair_begin(struct pair *pair, const struct addr *remote);

/* Take the connection of a side. Returns 0 or -errno. */
int pair_side_open(struct pair *pair, struct pair_side *side, struct opened *opened);

/* Is the target an end of our own, and no connection? */
static inline bool pair_has_own_target(const struct pair *pair)
{
	return pair->rare->program != NULL || pair->rare->file != NULL;
}

/* The target cannot be reached: the client is to see that, and not an empty reply; or it is tried again. */
void pair_refused(struct pair *pair, const struct failure *fail);

/* pair_file.c: the target is a file. It is there at once. */
void pair_dial_file(struct pair *pair);
/* Close it, and say what was lost. Not open: nothing. */
void pair_file_close(struct pair *pair);
/* What messages call it. */
void pair_file_name(const struct pair *pair, struct failure *fail);

/* The target is there: OPEN. */
void pair_opened(struct pair *pair);
/* pair_dial.c: connect to the target; again, where there was no descriptor for it. */
void pair_dial(struct pair *pair);
/* DIALING: again, or the client has done something. */
void pair_run_dialing(struct pair *pair);

/* pair_datagram.c: the target, at remote, is connected; many datagrams go to it in a call, where it takes datagrams. */
void pair_datagram_target(struct pair *pair, const struct addr *remote);
/* Is the client known by its address only? */
bool pair_has_peer(const struct pair *pair);
/* The address that the client is; NULL: it has a connection. */
const struct addr *pair_peer_addr(const struct pair *pair);
/* Take the ICMP errors of datagrams to the target, before any call meets them, and say what is to be said of them. */
void pair_datagram_errors(struct pair *pair);
/* The same when it is closed: those too of which the loop has not told yet. */
void pair_datagram_last_errors(struct pair *pair);
void pair_datagram_say(struct pair *pair);
/* The ICMP errors that datagrams have met: those to the target, and those to the client. */
struct icmp_tally pair_target_icmp(const struct pair *pair);
struct icmp_tally pair_client_icmp(const struct pair *pair);
/* Forget the peer. */
void pair_datagram_close(struct pair *pair);
/* A number that is another one when anything has moved. */
uint64_t pair_moved(const struct pair *pair);
/* Free what is kept for it. */
void pair_datagram_clear(struct pair *pair);

/* The failure record, made when first needed. */
struct failure *pair_failure(struct pair *pair);
/* Whose FIN or RST came first: the first that is seen counts. */
void pair_closed_by(struct pair *pair, const struct pair_side *side);
/* It is us who close, unless a side has done so before. */
void pair_closed_here(struct pair *pair);
/* The same, where it is the connection of one side only: the other one goes on. */
void pair_shut_here(struct pair *pair, struct pair_side *side);
/* Give a side its end, and say why in the trace: as layer_shut_write(). */
int pair_shut_side(struct pair *pair, struct pair_side *side, enum shutdown_why why);
/* Close everything, and tell; with is_reset both peers see a failure, as far as their kind has one. */
void pair_close(struct pair *pair, enum ended_by ended, bool is_reset);

/* Begin with PROXY headers, as the rules ask. Returns true where one is to be read first: HELLO. */
bool pair_hello_begin(struct pair *pair, const struct addr *client);
/*
 * HELLO: go on reading, exactly the header. Returns true when it is read. A client without a valid one is reset, and
 * the pair closed.
 */
bool pair_hello_read(struct pair *pair);
/*
 * The target is connected: give it its header. Returns true when it has it, or gets none; else not yet, or the target
 * has broken (ABORTING).
 */
bool pair_hello_write(struct pair *pair);
void pair_hello_clear(struct pair *pair);
/* Of a client whose header tells who it is: that is what a program is told, in the place of the proxy's addresses. */
void pair_hello_tell(struct pair *pair, struct program_peer *peer);

/* A proxy server (pair_proxy.c): begin, HELLO. */
void pair_proxy_begin(struct pair *pair);
/* HELLO: go on. Returns true when it is known where to connect to: pair_proxy_target(). */
bool pair_proxy_read(struct pair *pair);
const struct endpoint *pair_proxy_target(const struct pair *pair);
/* The target is connected: tell. As pair_hello_write(). */
bool pair_proxy_write(struct pair *pair);
/* It is not, and will not be: tell, and let the client go. */
void pair_proxy_failed(struct pair *pair, const struct failure *fail);
/*
 * The source of a flow has failed. Where that is a request that is forwarded, or its reply, and the client has got
 * nothing yet, it gets an answer that says so, and true is returned.
 */
bool pair_proxy_answer_failure(struct pair *pair, const struct flow *flow);
/*
 * In how many ns a client is left that has got the reply to the request that was forwarded, and does not close: it was
 * told that the connection ends (RFC 9112, section 9.6). 0: now; ENDING_NEVER: not.
 */
uint64_t pair_proxy_left(struct pair *pair);
/* It is closed: note what has come of no use. */
void pair_proxy_end(struct pair *pair);
void pair_proxy_clear(struct pair *pair);

/* How many bytes that were sent to a side have not arrived there, as far as its kind tells. */
uint64_t pair_unacknowledged(const struct pair *pair, struct pair_side *side);

/* Show what passes to the witness of the rules (pair_witness.c); no more; free what that took. */
void pair_witness_begin(struct pair *pair);
void pair_witness_end(struct pair *pair);
void pair_witness_clear(struct pair *pair);

/* Put layers over a target that is reached (pair_dress.c), as the rules ask; no more; free what that took. */
void pair_dress_put(struct pair *pair);
void pair_dress_end(struct pair *pair);
void pair_dress_clear(struct pair *pair);
/* Has a flow come to its end since it has moved as much as it may (--limit)? */
bool pair_dress_ends(const struct pair *pair, const struct flow *flow);
/* No more limits: what comes is thrown away. */
void pair_dress_open(struct pair *pair);
/* Bytes that were sent to the target beside those of the client, or came from it and were none of its. */
uint64_t pair_dress_added(const struct pair *pair);
uint64_t pair_dress_removed(const struct pair *pair);

/* The faults (pair_fault.c). Draw what is done to this pair. True: it is refused, and closes from the loop. */
bool pair_fault_begin(struct pair *pair);
/* It is refused: reset the client. */
void pair_fault_refuse(struct pair *pair);
/* FLOW_RESET_BOTH of a flow: reset both sides, or look again soon. */
void pair_fault_reset(struct pair *pair, struct flow *flow);
/* Does a line keep the flow from reading? */
bool pair_fault_is_deaf(const struct flow *flow);
/* Is anything held that nothing but time keeps back? */
bool pair_fault_waits(const struct pair *pair);
/* In how many ns its flows have to run for a fault; ENDING_NEVER: not. */
uint64_t pair_fault_left(struct pair *pair);
void pair_fault_clear(struct pair *pair);

/* Where nothing moves, say who must act next. Returns in how many ns it wants to be asked again; ENDING_NEVER: not. */
uint64_t pair_waiting_left(struct pair *pair);
/* In every second in which data move tell what the kernel knows. Returns as above. */
uint64_t pair_tell_info(struct pair *pair);

/* Let both flows move. Returns true where the pair is closed. */
bool pair_run_flows(struct pair *pair);
/*
 * A side has broken with error (0: known to be reset). Nothing more goes to it; what came from it is delivered, and
 * then the other side is reset.
 */
void pair_break(struct pair *pair, struct pair_side *side, int error);
/*
 * A clean abort (pair_linger.c): give both sides an end once all is delivered to them, and throw away what they still
 * send. Returns true while one of them has not ended.
 */
bool pair_linger(struct pair *pair);
/* ABORTING: go on. Returns the ns until the next look; ENDING_NEVER where the pair is closed. */
uint64_t pair_run_abort(struct pair *pair);
/* The END events of both sides. */
void pair_summarize(struct pair *pair);

#endif
