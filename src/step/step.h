/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps: the only place of the program that makes socket calls. Each has three parts: an intent (plain data:
 * which call,
 * with which arguments, on which sock), a gate (go, or hold), and the call, timed, which becomes one event.
 *
 * Every step returns 0 or more, or -errno, or STEP_HELD: the gate holds it, nothing has been done, and the caller
 * returns to the loop with its state as it was; when the gate lets go it puts the sock's task on the run queue,
 * and the state machine there comes to the same intent again. EINTR is dealt with here and nowhere else.
 *
 * With no gate and no sink a step costs one branch more than the call.
 */
#ifndef SOCKT_STEP_STEP_H
#define SOCKT_STEP_STEP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "step/env.h"
#include "step/sock.h"
#include "trace/bus.h"
#include "trace/event.h"
#include "trace/sender_limit.h"

/* Outside the range of -errno. */
#define STEP_HELD (-4096)

struct sight;

struct intent {
	enum step_id step;
	struct sock *sock;
	bool hides; /* RECV: nobody may see what comes */
	const void *secret; /* SEND: the bytes, where those of args have a secret blotted out for who looks; or NULL */
	union step_args args;
	bool reads_back; /* of SETSOCKOPT: what the kernel has made of the value is looked at */
};

/* Decides whether a step may be made now. Step mode, the shell and replay are gates. */
struct gate {
	/*
	 * True: go. False: hold; the gate remembers whose step it is and puts intent->sock->task on the run queue when
	 * it lets go. Not asked about what only looks, nor about a CLOSE, but by
	 * step_ask_close().
	 */
	bool (*admits)(struct gate *gate, const struct intent *intent);
	/* The owner of a task goes away, and the steps of its that are held with it. NULL: the gate keeps none. */
	void (*forgets)(struct gate *gate, const struct task *task);
	/*
	 * The step that was admitted last, where a person was asked about it: it is shown at level 1, whatever its own.
	 * STEP_COUNT: nobody was.
	 */
	enum step_id asked;
	/* Time limits rest while somebody is asked: since this moment (0: nobody is), and so long in all before it. */
	uint64_t resting_ns, rested_ns;
};

struct stepper {
	struct bus *bus;
	struct gate *gate; /* NULL: every step goes */
	const struct env *env;
	struct sight *sight; /* what is seen instead of packets; NULL: nothing (sight.h) */
	struct capture *capture; /* learns from the steps whose packets are ours; NULL: nobody looks at packets */
};

/*
 * The time by which limits are counted (those of the command line, and when to say that nothing moves): it stands still
 * while somebody is asked about a step. In ns; of its own zero: good for differences only.
 */
uint64_t step_limit_now(const struct stepper *st);
/*
 * When to look at a limit again of which so many ns are left: so many later, but not at once again while the time of
 * limits stands still.
 */
uint64_t step_limit_wait(const struct stepper *st, uint64_t left_ns);
/* May data be moved without being seen? Neither where a sink wants them nor where a gate holds each call. */
bool step_is_unseen(const struct stepper *st);

/* Make the call of an intent. All functions below are this one with the intent filled in. */
int64_t step_do(struct stepper *st, struct intent *intent);
/* The same, and no gate is asked: for what is done on the way to something else, by who could not come back to it. */
int64_t step_make(struct stepper *st, struct intent *intent);

/* socket(2), always SOCK_CLOEXEC | SOCK_NONBLOCK. Fills sk->fd and sk->protocol. */
int step_socket(struct stepper *st, struct sock *sk, int domain, int type, int protocol, enum protocol name);
/* setsockopt(2) with an int or any value. */
int step_setsockopt_int(struct stepper *st, struct sock *sk, int level, int optname, int value);
int step_setsockopt(struct stepper *st, struct sock *sk, int level, int optname, const void *value, socklen_t len);
/*
 * setsockopt(2) of an option that a person has asked for. reads_back: the kernel tells its value, and where a sink
 * wants it (level 2) the event says what it has become.
 */
int step_set_option(struct stepper *st, struct sock *sk, int level, int optname, const void *value, socklen_t len,
		    bool reads_back);
/* setsockopt(2) with an int, by which we tune a socket on our way; no gate is asked. */
int step_tune(struct stepper *st, struct sock *sk, int level, int optname, int value);
int step_bind(struct stepper *st, struct sock *sk, const struct addr *addr);
/*
 * fchmod(2) of a socket that is not bound yet: bind() gives the file of a Unix socket its mode, less umask(2). unix(7)
 * leaves that out; net/unix/af_unix.c, unix_bind_bsd().
 */
int step_fchmod(struct stepper *st, struct sock *sk, uint32_t mode);
/*
 * Give the file of a Unix socket, which was bound to path, to a user and a group (UINT32_MAX: that stays); set its
 * mode (unix(7): who may write to it may connect). A link is not followed.
 */
int step_lchown(struct stepper *st, struct sock *sk, const char *path, uint32_t owner, uint32_t group);
int step_fchmodat(struct stepper *st, struct sock *sk, const char *path, uint32_t mode);
int step_listen(struct stepper *st, struct sock *sk, int backlog);
/*
 * accept4(2) with SOCK_CLOEXEC | SOCK_NONBLOCK. On success accepted is filled (fd, protocol, side, state) and
 * *peer (may be NULL) gets the peer's address. accepted->session is shown with the event: set it before.
 */
int step_accept(struct stepper *st, struct sock *listener, struct sock *accepted, struct addr *peer);
/* connect(2). -EINPROGRESS is the usual answer; the verdict comes by step_connected(). */
int step_connect(struct stepper *st, struct sock *sk, const struct addr *addr);
/*
 * tcp(7), TCP_FASTOPEN_CONNECT: where connect() has only noted the address (is_deferred), send the SYN now, without
 * data. Returns 0 or -errno.
 */
int step_begin_deferred(struct stepper *st, struct sock *sk);
/*
 * The verdict of a connect that was in progress, when the loop has set READY_OUT, READY_HUP or READY_ERR.
 * Returns 0: connected (with was_reset set where the peer has reset it since; what it sent can be read);
 * -EINPROGRESS: not over yet (an ICMP error came, SYNs go on: kernel.md trap 2), READY_ERR is
 * cleared then; or the -errno of the failure.
 *   soft  in: errno of an ICMP error that has been seen, 0: none (the reason of a failure whose error is lost, since
 *         errqueue_take() clears it, which may come in between); out: with -EINPROGRESS the error seen now, where there
 *         is one
 */
int step_connected(struct stepper *st, struct sock *sk, const struct addr *addr, int *soft);
/*
 * send(2), or sendto(2) where to is not NULL; flags gets MSG_NOSIGNAL | MSG_DONTWAIT... as the sock needs. EAGAIN
 * clears READY_OUT.
 */
ssize_t step_send(struct stepper *st, struct sock *sk, const void *data, size_t len, int flags, const struct addr *to);
/* The same, to the peer, of bytes that nobody may see: shown (len bytes) is what the event and the gate have. */
ssize_t step_send_secret(struct stepper *st, struct sock *sk, const void *data, const void *shown, size_t len);
/* There may be a password in what passes on sk (packets have no data then), or there can be none any more. */
void step_hide(struct stepper *st, const struct sock *sk, bool is_hidden);
/* recv(2) or recvfrom(2). EAGAIN clears READY_IN. */
ssize_t step_recv(struct stepper *st, struct sock *sk, void *buf, size_t size, int flags, struct addr *from);
/* The same, from the peer, of bytes that nobody may see: the event has none. */
ssize_t step_recv_secret(struct stepper *st, struct sock *sk, void *buf, size_t size, int flags);
/*
 * recvmmsg(2): up to count messages (MESSAGES_MAX at most). Of each, parts and, where they are wanted, addr and local
 * are the caller's; len, segment (UDP_GRO) and what addr and local point to are filled. With MSG_TRUNC len is the real
 * length. Returns how many came. EAGAIN clears READY_IN, and so do fewer than count.
 */
ssize_t step_recvmmsg(struct stepper *st, struct sock *sk, struct message *list, unsigned count, int flags);
/*
 * sendmsg(2) of one message, which with a segment is a run of datagrams (UDP_SEGMENT, udp(7)). Returns how many bytes
 * were taken: all. EAGAIN clears READY_OUT.
 */
ssize_t step_sendmsg(struct stepper *st, struct sock *sk, struct message *message);
/* sendmmsg(2). Returns how many messages were taken, at least one. EAGAIN clears READY_OUT. */
ssize_t step_sendmmsg(struct stepper *st, struct sock *sk, struct message *list, unsigned count);
/*
 * splice(2), at least one side a pipe, with SPLICE_F_MOVE | SPLICE_F_NONBLOCK. out may be a pipe's sock. -EAGAIN clears
 * nothing, since it does not say which side it speaks of: see step_unread().
 */
ssize_t step_splice(struct stepper *st, struct sock *in, struct sock *out, size_t len, unsigned flags);
/*
 * sendmsg(2) of one byte, '\0', with a copy of the descriptor passed (SCM_RIGHTS, unix(7)) over the Unix socket sk.
 * Does not wait: EAGAIN clears READY_OUT. Returns 0, -errno or STEP_HELD.
 */
int step_pass(struct stepper *st, struct sock *sk, int passed);
int step_shutdown(struct stepper *st, struct sock *sk, int how);
/* close(2); takes the fd even on failure (sk->fd is -1 then). A sock without fd: nothing. */
int step_close(struct stepper *st, struct sock *sk);
/*
 * For who can come back to a close(): ask the gate, before anything is undone for it. Returns 0: close it now, or
 * STEP_HELD.
 */
int step_ask_close(struct stepper *st, struct sock *sk);
/* Make a later close() send RST (SO_LINGER 0). No gate is asked. */
int step_make_abrupt(struct stepper *st, struct sock *sk);
/*
 * Make close() send RST (SO_LINGER 0), then close. As for close() no gate is asked: a reset that was held would become
 * an end like any other.
 */
int step_reset(struct stepper *st, struct sock *sk);
/* read(2) and write(2) of standard input and output. EAGAIN clears the readiness. */
ssize_t step_read(struct stepper *st, struct sock *sk, void *buf, size_t size);
ssize_t step_write(struct stepper *st, struct sock *sk, const void *data, size_t len);

/* fcntl(2), F_SETFL. is_own: for this program's own sake, which only level 3 shows. */
int step_set_flags(struct stepper *st, struct sock *sk, int flags, bool is_own);

/* Observing steps. */
/* How long a poll() is to wait, for those that tell of it. */
struct step_poll_time {
	int asked_ms; /* -1: for ever */
	bool is_late; /* it has waited so long */
};
/*
 * poll(2) without waiting, of count descriptors, whose revents are filled. sk: one of theirs, which tells whose call it
 * is. Returns how many are ready, or -errno.
 */
int step_poll(struct stepper *st, struct sock *sk, struct pollfd *fds, unsigned count,
	      const struct step_poll_time *time);
/* Bytes that could be read now (FIONREAD), or -errno. */
int step_unread(struct stepper *st, struct sock *sk);
/* Bytes sent and not acknowledged, our FIN counts one (SIOCOUTQ, tcp(7)), or -errno. */
int step_unacknowledged(struct stepper *st, struct sock *sk);
/* Take the pending error (SO_ERROR), 0: none. */
int step_error(struct stepper *st, struct sock *sk);
int step_getsockopt(struct stepper *st, struct sock *sk, int level, int optname, void *value, socklen_t *len);
int step_local_addr(struct stepper *st, struct sock *sk, struct addr *addr);
int step_peer_addr(struct stepper *st, struct sock *sk, struct addr *addr);
/* TCP_INFO; -EOPNOTSUPP for what is not TCP. */
int step_tcp_facts(struct stepper *st, struct sock *sk, struct tcp_facts *facts);
/*
 * All that the kernel tells of sk: TCP_INFO where it is TCP (facts->is_valid), queues and buffers. mark: what limited
 * our sending since then is judged; NULL: not.
 */
void step_facts(struct stepper *st, struct sock *sk, const struct sender_mark *mark, struct tcp_facts *facts);
/*
 * The same as an INFO event of session (level 2), with what limited our sending since mark, which is set to now.
 * Whether anybody wants it is the caller's to ask.
 */
void step_info(struct stepper *st, struct sock *sk, uint32_t session, const struct addr *local,
	       const struct addr *remote, struct sender_mark *mark);
/*
 * Look at the accept queue of a listening socket, where a sink wants it (level 2): one that has changed since it was
 * last told of is an INFO event. bound: its address. Returns whether it is full.
 */
bool step_queue(struct stepper *st, struct sock *listener, const struct addr *bound);
/*
 * Does the congestion control of sk space segments by timers (TCP_CONGESTION: bbr and its like), over a path so short
 * that setting one takes as long as the pause? False where it cannot be known.
 */
bool step_is_paced_closely(struct stepper *st, struct sock *sk);
/*
 * Look at the state of a TCP socket, where a sink wants it; a change since it was last seen becomes a STATE event.
 */
void step_look(struct stepper *st, struct sock *sk);
/*
 * A socket that no step here has bound, connected or accepted, since it was handed in; remote NULL or len 0: it waits
 * for others. With local NULL, another peer of a socket that has many. Packets between them are those of sk and its
 * session.
 */
void step_introduce(struct stepper *st, const struct sock *sk, const struct addr *local, const struct addr *remote);
/* A NOTE event about sk's session. */
void step_note(struct stepper *st, uint32_t session, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
