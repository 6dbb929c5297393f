/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An event: the record of one step, as plain values. Sinks turn values into words. Every pointer in an event lives for
 * the delivery only.
 */
#ifndef SOCKT_TRACE_EVENT_H
#define SOCKT_TRACE_EVENT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/addr.h"
#include "base/i18n.h"
#include "trace/packet.h"
#include "trace/step_id.h"

/* Protocols as endpoints and the trace name them. X(identifier, name) */
#define PROTOCOL_LIST(X)                   \
	X(NONE, "")                        \
	X(TCP, "tcp")                      \
	X(UDP, "udp")                      \
	X(UNIX, "unix")                    \
	X(UNIX_DGRAM, "unix-dgram")        \
	X(UNIX_SEQPACKET, "unix-seqpacket")\
	X(SCTP, "sctp")                    \
	X(DCCP, "dccp")                    \
	X(VSOCK, "vsock")                  \
	X(OTHER, "other")

enum protocol {
#define X(id, name) PROTOCOL_##id,
	PROTOCOL_LIST(X)
#undef X
	PROTOCOL_COUNT
};

const char *protocol_name(enum protocol protocol);

/* Which role this program plays on a connection. */
enum side {
	SIDE_NONE = 0,
	SIDE_CLIENT,
	SIDE_SERVER,
};

/* How many messages one call may have: what the calls of datagrams at once share. */
#define MESSAGES_MAX 64

/* The most descriptors of one POLL. */
#define POLLED_MAX 32

/* One message of a call that has many, or the only one of SENDMSG. */
struct message {
	const struct iovec *parts; /* where its bytes are, or are to go */
	unsigned part_count;
	size_t len;       /* of all parts; of RECVMMSG afterwards: how many bytes came */
	uint16_t segment; /* it is a run of datagrams, each of so many bytes, the last perhaps of fewer; 0: it is one */
	struct addr *addr;  /* whom it goes to, or filled: where it came from; NULL: the socket is connected */
	struct addr *local; /* which of our addresses it leaves from, or came to (IP_PKTINFO); NULL: nobody asks */
};

/* Why a direction of a connection is ended: what the call does not tell. */
enum shutdown_why {
	SHUTDOWN_PASSED = 0, /* the source of what is sent has ended */
	SHUTDOWN_LIMIT,      /* it has not, but as much has been sent as may */
	SHUTDOWN_OWN,        /* it has not, but the program ends the connection */
};

/* The arguments of a step: which member counts is said by the step. Parameter names are those of the manual pages. */
union step_args {
	struct {
		const char *node, *service;
		int family, socktype;
		int error; /* EAI_*, 0: found */
		const struct addr *found; /* the candidates, in the order they are tried; NULL: no answer */
		size_t found_count;
	} resolve;
	struct {
		int domain, type, protocol; /* type with SOCK_NONBLOCK, SOCK_CLOEXEC */
	} socket;
	struct {
		int level, optname;
		const void *optval; /* of getsockopt: what came back */
		socklen_t optlen;
	} sockopt; /* SETSOCKOPT, GETSOCKOPT */
	struct {
		const struct addr *addr;
	} name; /* BIND, CONNECT; GETSOCKNAME, GETPEERNAME: what came back */
	struct {
		int backlog;
	} listen;
	struct {
		struct addr *addr; /* filled with the peer's address; may be NULL */
		int flags;
	} accept;
	struct {
		const void *data;        /* SEND, WRITE: what to send */
		void *buf;               /* RECV, READ: where to */
		size_t len;              /* bytes asked for */
		int flags;               /* MSG_* */
		const struct addr *to;   /* SEND: sendto; NULL: send */
		struct addr *from;       /* RECV: recvfrom; NULL: recv */
	} io; /* SEND, RECV, READ, WRITE */
	struct {
		int fd_out; /* fd_in is the descriptor of the event */
		size_t len;
		unsigned flags;
	} splice;
	struct {
		struct message *list;
		unsigned count;
		int flags; /* MSG_* */
	} messages; /* RECVMMSG, SENDMSG (one of them), SENDMMSG */
	struct {
		int passed; /* the descriptor that is handed over */
	} pass;
	struct {
		int how;
		enum shutdown_why why;
	} shutdown;
	struct {
		unsigned long request;
		int value; /* what came back */
	} ioctl;
	struct {
		uint32_t events; /* EPOLL* */
	} wait;
	struct {
		const struct pollfd *fds; /* with what came back */
		unsigned nfds;
		int timeout_ms;           /* -1: for ever */
		int asked_ms;             /* what a statement of the shell asked for, which calls it without waiting */
		bool is_late;             /* and that time is over */
	} poll;
	struct {
		char *const *argv;    /* of the program, ended by NULL */
		char *const *envp;    /* no event shows it, nor the next */
		const sigset_t *mask;
		bool has_pty;         /* it gets a terminal of its own */
		int in, out; /* filled: what writes to its standard input, what reads from its standard output */
	} spawn;             /* the result is its pid */
	struct {
		int pid;
		int status; /* filled */
	} waitpid;
	struct {
		uint32_t mode;
	} fchmod;
	struct {
		const char *path;
		uint32_t owner, group; /* UINT32_MAX: it stays as it is */
	} lchown;
	struct {
		const char *path;
		uint32_t mode;
	} fchmodat;          /* from the working directory, a link itself: AT_FDCWD, AT_SYMLINK_NOFOLLOW */
	struct {
		const char *path;
	} chroot;            /* chdir("/") behind it is part of the step */
	struct {
		const uint32_t *list; /* NULL: none */
		size_t size;
	} setgroups;
	struct {
		uint32_t id;
	} setid;             /* SETGID, SETUID */
	struct {
		int cmd;   /* F_SETFL */
		int flags; /* O_* */
		bool is_own; /* made for this program's own sake: level 3 */
	} fcntl;
	struct {
		const char *kind;    /* of proxy: "socks5h" */
		const char *request; /* "methods", "user", "CONNECT" */
		const char *about;   /* what is asked for: "example.org:80", "alice"; never a secret */
		const char *answer;  /* in words */
		int code;            /* its number */
		bool is_refusal;
	} proxy;
	struct {
		const char *kind;      /* the word of --fault: "latency" */
		const char *direction; /* "up", "down"; NULL: of the whole connection */
		uint64_t bytes;        /* that it was done to; 0: not to bytes */
		int64_t ns;            /* for so long; 0: not for a time; jitter may be less */
	} fault;
	struct {
		bool is_reply;
		bool is_out;          /* ours: it is about to be sent; else it has come, as far as is_whole says */
		bool is_whole;
		uint32_t number;      /* of the request on its connection, from 1; of a reply that of its request */
		const char *method, *target; /* of a request; NULL: not known. Long ones are cut */
		unsigned status;      /* of a reply; 0: not known */
		const char *reason;   /* may be empty */
		unsigned minor;       /* of the version HTTP/1.minor */
		uint64_t head_bytes;  /* its empty line too */
		uint64_t body_bytes;  /* of content: what frames chunks does not count */
		const char *wrong;    /* a sentence; NULL: nothing is wrong with it */
	} http;
	struct {
		const char *by;   /* the option without its hyphens: "allow", "deny", "denyfile", "max-per-host" */
		const char *rule; /* the rule that has it, or the limit; NULL: no rule of the list has it */
	} refused;
	struct {
		const char *what; /* PROBE: the call in text; RECVMSG: what it asks netlink for, NULL: an error queue */
		int flags;        /* RECVMSG: MSG_* */
	} probe;
	struct packet packet; /* PACKET; ICMP: what came, as far as the error queue tells */
	struct {
		enum step_id of;   /* the step that they belong to */
		bool is_before;    /* they passed since the step before; else during the step itself */
		uint32_t out, in;  /* segments, those without data too */
		uint32_t retransmits;
		uint64_t acked;    /* sequence numbers of ours that were acknowledged: bytes; SYN, FIN one each */
	} segments;
	struct {
		uint64_t first, last; /* of the bytes sent on this connection, from 0 */
	} acknowledged;           /* dur_ns: since the call that sent the last of them */
};

/*
 * What kept a sender from sending more. X(identifier, JSON word, what is limited by it)
 * NONE: nothing was sent, or the kernel does not tell.
 */
#define SENDER_LIMIT_LIST(X)                                                    \
	X(NONE, "none", N_("nothing"))                                          \
	X(APPLICATION, "application", N_("the application"))                    \
	X(RECEIVER, "receiver-window", N_("the receiver's window"))             \
	X(NETWORK, "congestion-window", N_("the congestion window"))            \
	X(SNDBUF, "send-buffer", N_("the send buffer"))

enum sender_limit {
#define X(id, word, sentence) SENDER_LIMIT_##id,
	SENDER_LIMIT_LIST(X)
#undef X
	SENDER_LIMIT_COUNT
};

/* The JSON word ("receiver-window") of a limit, and what a sentence calls it, untranslated. */
const char *sender_limit_word(enum sender_limit limit);
const char *sender_limit_words(enum sender_limit limit);

/*
 * What the kernel tells of a socket. TCP_INFO, as far as this kernel fills it, where is_valid; queues and buffers of
 * any socket, where they were asked for.
 */
struct tcp_facts {
	bool is_valid;
	int state; /* TCP_ESTABLISHED, ...; of a listening Unix socket TCP_LISTEN too */
	uint32_t rtt_us, rttvar_us, mss, cwnd, retransmits;
	uint32_t queue_len, queue_limit; /* of a listener: its accept queue */
	uint32_t unacked;  /* segments in flight */
	uint32_t notsent;  /* bytes that the kernel has not sent yet */
	uint32_t quiet_ms; /* since it sent data; no event shows it */
	uint32_t timeouts; /* of retransmission, running, without an acknowledgement */
	bool has_rate;        /* Linux 4.9 */
	bool is_app_limited;  /* the rate is that of an application with less to send than could have gone */
	uint64_t delivery_rate; /* bytes a second that arrive at the peer, as last measured */
	bool has_limits;      /* Linux 4.10: in microseconds since the connection stands, how long ... */
	uint64_t busy_us;     /* ... something was sent or waited to be */
	uint64_t rwnd_limited_us, sndbuf_limited_us; /* ... the peer's window, the send buffer held it up */
	bool has_bytes;       /* Linux 4.19 */
	uint64_t bytes_sent, bytes_retrans; /* of data; again: those that were sent again are in both */
	bool has_window;      /* Linux 5.4 */
	uint32_t window;      /* of the peer, in bytes */
	enum sender_limit limited_by; /* in the time that the event is about */
	uint8_t limited_percent;      /* of that time */
	uint32_t drops;       /* of a listener: how many that came were turned away, its queue being full */
	bool has_queues;
	uint32_t unread;      /* bytes that have come and wait to be read (SIOCINQ); of UDP the first datagram */
	uint32_t unsent;      /* bytes that are not sent, or not acknowledged (SIOCOUTQ) */
	uint32_t sndbuf, rcvbuf;         /* effective, in bytes; 0: not asked */
	uint32_t segs_out, segs_in; /* so far */
	uint64_t acked;             /* sequence numbers of ours, so far */
};

/* Do the facts tell of an accept queue? Those of a listener do; an ACCEPT may tell of both its sockets at once. */
bool tcp_facts_has_queue(const struct tcp_facts *tcp);

enum shape {
	SHAPE_SILENT = 0,
	SHAPE_REQUEST_REPLY,
	SHAPE_REQUESTS, /* several requests, each with its reply */
	SHAPE_CONVERSATION,
	SHAPE_ONE_WAY_OUT,
	SHAPE_ONE_WAY_IN,
};

/* Who did something first. */
enum who {
	WHO_NONE = 0,
	WHO_LOCAL,
	WHO_REMOTE,
};

/*
 * What ended a session. X(identifier, JSON word, sentence of the last line)
 * The sentence is a printf format: %s is the limit as a person writes it, where there is one; of REMOTE the option by
 * which the peer's end is enough.
 */
#define ENDED_LIST(X)                                                                                  \
	X(NOT, "none", N_("not ended"))                                                                \
	X(BOTH, "both-ended", N_("both directions finished"))                                          \
	X(LOCAL, "local-ended", N_("standard input ended (--until local)"))                            \
	X(REMOTE, "remote-ended", N_("the peer ended (%s)"))                                            \
	X(QUIT_AFTER, "quit-after", N_("no data for %s after the end of standard input (--quit-after)")) \
	X(CONNECT_TIMEOUT, "connect-timeout", N_("no connection within %s (--connect-timeout)"))       \
	X(ACCEPT_TIMEOUT, "accept-timeout", N_("no client within %s (--accept-timeout)"))              \
	X(IDLE_TIMEOUT, "idle-timeout", N_("idle for %s (--idle-timeout)"))                            \
	X(TOTAL_TIMEOUT, "total-timeout", N_("%s have passed (--total-timeout)"))                      \
	X(RESET, "reset", N_("the peer reset the connection"))                                         \
	X(ERROR, "error", N_("a step failed"))                                                         \
	X(SIGNAL, "signal", N_("signal %s"))                                                           \
	X(SENT_ALL, "sent-all", N_("everything is sent and acknowledged (--send-only)"))               \
	X(PASSED, "passed", N_("the connection was passed on over standard output"))                     \
	X(LINGERED, "lingered", N_("all was said, and the peer did not close within %s"))              \
	X(OUTPUT_CLOSED, "output-closed", N_("our own output takes no more"))                          \
	X(UNACKNOWLEDGED, "unacknowledged", N_("bytes that were sent were never acknowledged"))        \
	X(KICKED, "kicked", N_("it was sent away (--slow drop, or the command kick)"))                  \
	X(FAULT, "fault", N_("a fault that was asked for (--fault)"))                                  \
	X(DRAIN, "drain", N_("drained (--drain)"))                                                     \
	X(PROGRAM, "program", N_("the program has ended"))                                             \
	X(LIMIT, "limit", N_("a limit of bytes or messages that was asked for is reached"))            \
	X(USER, "user", N_("you ended it"))                                                            \
	X(REFUSED, "refused", N_("the client was refused what it asked for"))                              \
	X(PROXY, "proxy-header", N_("no valid PROXY header came (accept-proxy)"))

enum ended_by {
#define X(id, word, sentence) ENDED_##id,
	ENDED_LIST(X)
#undef X
	ENDED_COUNT
};

/* The JSON word ("both-ended") and the sentence, untranslated, of an ending. */
const char *ended_word(enum ended_by ended);
const char *ended_sentence(enum ended_by ended);
/* The sentence with limit ("3 s", "SIGINT"; NULL where it has none) put in. dst is always ended by NUL. Returns dst. */
const char *ended_format(enum ended_by ended, const char *limit, char *dst, size_t size);
/* The JSON word of a shape ("request-reply"). */
const char *shape_word(enum shape shape);
/* "none", "local", "remote" */
const char *who_word(enum who who);

/* The ICMP errors that datagrams have met. Zeroed: none. */
struct icmp_tally {
	uint32_t count;
	uint8_t type, code; /* of the last one */
	struct addr sender; /* and who sent it */
};

/* The summary of one connection. */
struct summary {
	uint64_t sent_bytes, received_bytes;
	uint64_t sends, receives; /* those that moved data */
	uint64_t turns;           /* runs of data in one direction */
	enum shape shape;
	enum who spoke_first, closed_first;
	enum ended_by ended_by;
	const char *limit; /* for the sentence of ended_by: "3 s", "SIGINT"; NULL where it has none */
	uint64_t duration_ns;
	struct icmp_tally icmp; /* of datagrams */
	struct tcp_facts tcp; /* at the end; is_valid false where there is none */
};

/* What the pieces are of that arrived, or left, in other portions than they were made. */
enum coalesced_what {
	COALESCED_NOTHING = 0,
	COALESCED_SEGMENTS, /* that came, and were received */
	COALESCED_RECEIVES, /* from the other side of a relay, and were sent */
	COALESCED_SENDS,    /* that were received, or left as segments */
};

/* Several pieces have become one, or one several: known at the call, or segment, that ends the matter (coalesce.h). */
struct coalesced {
	uint8_t what; /* enum coalesced_what */
	bool is_least;   /* there may have been more */
	bool is_partial; /* of several pieces the first or the last is there in part */
	uint32_t pieces, calls; /* so many have become so many: one of both is 1 */
};

struct event {
	enum step_id step;
	uint8_t level;   /* the lowest level that shows it; 0: that of the step */
	uint64_t t_ns;   /* when it began, since the program started; of PACKET when the kernel saw it */
	uint64_t dur_ns; /* how long the call took; of CONNECTED: since the call of connect; of ACKNOWLEDGED: of send */
	bool has_dur;
	uint32_t session; /* 0: none */
	enum side side;
	int fd; /* -1: none; of ACCEPT: the listening one */
	const union step_args *args; /* NULL: none */
	int64_t result;              /* -1 when failed; of ACCEPT and SOCKET the new descriptor */
	bool has_result;
	int error;       /* errno, 0: none; EINPROGRESS and EAGAIN included */
	int state_from, state_to; /* TCP_*, 0: not known or not TCP; equal: no change */
	enum protocol protocol;
	const struct addr *local, *remote; /* NULL: not known, or not told by this event */
	const void *data; /* SEND, RECV, READ, WRITE: the bytes that moved (result of them); of messages: the first part
			     of the first; NULL: not seen (splice) */
	const struct tcp_facts *tcp;     /* at turning points, INFO, SETSOCKOPT of a buffer's size; NULL elsewhere */
	const void *became; /* SETSOCKOPT, of an option that a person has asked for: its value, read back; or NULL */
	size_t became_len;
	const char *text;                /* NOTE: the sentence; RESOLVE without addresses: why; else NULL */
	const struct summary *summary;   /* END */
	bool has_connection;             /* connection counts, and not session: both ends are in this program */
	uint32_t connection;             /* which it is of, as ends_number() tells; 0: none */
	bool is_passed;                  /* CLOSE: another process has it too, so nothing ends by it */
	bool is_look;                    /* an observing call that nobody asked for: it was made to tell of a step */
	struct coalesced coalesced;      /* SEND, RECV, SPLICE, PACKET: filled by the bus, which may know */
};

/*
 * How many bytes event->data holds: those that moved, but never more than the buffer had (MSG_TRUNC tells the length of
 * the whole datagram). 0 where there are none.
 */
size_t event_data_len(const struct event *event);
/* How many bytes the messages of the event have together: of RECVMMSG those that came, of SENDMMSG those that went. */
size_t event_messages_len(const struct event *event);
/* Did the call take fewer of the bytes that were to leave than there were? Sets *asked to how many those were. */
bool event_is_short(const struct event *event, size_t *asked);
/* The number by which a person is told whose the event is: of its connection, where has_connection; else session. */
uint32_t event_number(const struct event *event);
/* The lowest level that shows the event. */
uint8_t event_level(const struct event *event);
/* A user or a group as chown(2) is given it: -1 where it stays as it is (UINT32_MAX). */
int64_t event_id_number(uint32_t id);
/* Has the step failed? EINPROGRESS and EAGAIN count. */
bool event_has_failed(const struct event *event);
/* The name of what it failed with: of an errno, or EAI_* of RESOLVE; written into dst where it has none. */
const char *event_error_name(const struct event *event, char *dst, size_t size);

#endif
