/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps by name: each fills an intent and hands it to step_do(). Declared in step.h. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>

#include "step/step.h"

/* What a stream that has ended or failed is ready for does not change any more: facts are cleared by EAGAIN only. */
static void clear_ready(struct sock *sk, int64_t result, enum sock_ready fact)
{
	if (result == -EAGAIN)
		sk->ready &= (uint8_t)~fact;
}

int step_socket(struct stepper *st, struct sock *sk, int domain, int type, int protocol, enum protocol name)
{
	struct intent intent = { .step = STEP_SOCKET, .sock = sk };
	int64_t fd;

	intent.args.socket.domain = domain;
	intent.args.socket.type = type | SOCK_CLOEXEC | SOCK_NONBLOCK;
	intent.args.socket.protocol = protocol;
	sk->protocol = (uint8_t)name;
	fd = step_do(st, &intent);
	if (fd < 0)
		return (int)fd;
	sk->kind = SOCK_KIND_SOCKET;
	sk->ready = 0;
	sk->state = name == PROTOCOL_TCP ? TCP_CLOSE : 0;
	return 0;
}

static struct intent setsockopt_intent(struct sock *sk, int level, int optname, const void *value, socklen_t len)
{
	struct intent intent = { .step = STEP_SETSOCKOPT, .sock = sk };

	intent.args.sockopt.level = level;
	intent.args.sockopt.optname = optname;
	intent.args.sockopt.optval = value;
	intent.args.sockopt.optlen = len;
	return intent;
}

int step_setsockopt(struct stepper *st, struct sock *sk, int level, int optname, const void *value, socklen_t len)
{
	struct intent intent = setsockopt_intent(sk, level, optname, value, len);

	return (int)step_do(st, &intent);
}

int step_set_option(struct stepper *st, struct sock *sk, int level, int optname, const void *value, socklen_t len,
		    bool reads_back)
{
	struct intent intent = setsockopt_intent(sk, level, optname, value, len);

	intent.reads_back = reads_back;
	return (int)step_do(st, &intent);
}

int step_tune(struct stepper *st, struct sock *sk, int level, int optname, int value)
{
	struct intent intent = setsockopt_intent(sk, level, optname, &value, sizeof(value));

	return (int)step_make(st, &intent);
}

int step_setsockopt_int(struct stepper *st, struct sock *sk, int level, int optname, int value)
{
	return step_setsockopt(st, sk, level, optname, &value, sizeof(value));
}

int step_bind(struct stepper *st, struct sock *sk, const struct addr *addr)
{
	struct intent intent = { .step = STEP_BIND, .sock = sk };

	intent.args.name.addr = addr;
	return (int)step_do(st, &intent);
}

int step_fchmod(struct stepper *st, struct sock *sk, uint32_t mode)
{
	struct intent intent = { .step = STEP_FCHMOD, .sock = sk, .args.fchmod = { mode } };

	return (int)step_do(st, &intent);
}

int step_lchown(struct stepper *st, struct sock *sk, const char *path, uint32_t owner, uint32_t group)
{
	struct intent intent = { .step = STEP_LCHOWN, .sock = sk, .args.lchown = { path, owner, group } };

	return (int)step_do(st, &intent);
}

int step_fchmodat(struct stepper *st, struct sock *sk, const char *path, uint32_t mode)
{
	struct intent intent = { .step = STEP_FCHMODAT, .sock = sk, .args.fchmodat = { path, mode } };

	return (int)step_do(st, &intent);
}

int step_listen(struct stepper *st, struct sock *sk, int backlog)
{
	struct intent intent = { .step = STEP_LISTEN, .sock = sk };

	intent.args.listen.backlog = backlog;
	return (int)step_do(st, &intent);
}

int step_connect(struct stepper *st, struct sock *sk, const struct addr *addr)
{
	struct intent intent = { .step = STEP_CONNECT, .sock = sk };
	int64_t ret;

	intent.args.name.addr = addr;
	sk->side = SIDE_CLIENT;
	if (st->bus->level != 0)
		sk->asked_ns = st->env->now_ns();
	ret = step_do(st, &intent);
	if (ret == 0)
		sk->ready |= READY_OUT;
	sk->is_asking = ret == -EAGAIN;
	return (int)ret;
}

static ssize_t send_do(struct stepper *st, struct sock *sk, const void *data, const void *secret, size_t len,
		       int flags, const struct addr *to)
{
	struct intent intent = { .step = STEP_SEND, .sock = sk, .secret = secret };
	int64_t ret;

	intent.args.io.data = data;
	intent.args.io.len = len;
	intent.args.io.flags = flags | MSG_NOSIGNAL | (sk->is_inherited ? MSG_DONTWAIT : 0);
	intent.args.io.to = to;
	intent.args.io.from = NULL;
	ret = step_do(st, &intent);
	clear_ready(sk, ret, READY_OUT);
	return ret;
}

ssize_t step_send(struct stepper *st, struct sock *sk, const void *data, size_t len, int flags, const struct addr *to)
{
	return send_do(st, sk, data, NULL, len, flags, to);
}

ssize_t step_send_secret(struct stepper *st, struct sock *sk, const void *data, const void *shown, size_t len)
{
	return send_do(st, sk, shown, data, len, 0, NULL);
}

int step_begin_deferred(struct stepper *st, struct sock *sk)
{
	struct intent intent = { .step = STEP_SEND, .sock = sk };
	int64_t ret;

	intent.args.io.data = "";
	intent.args.io.flags = MSG_NOSIGNAL;
	ret = step_make(st, &intent);
	if (ret < 0 && ret != -EINPROGRESS)
		return (int)ret;
	sk->is_deferred = false;
	sk->is_opening = true;
	sk->ready &= (uint8_t)~READY_OUT;
	return 0;
}

/*
 * Has a read that got less than it asked for emptied the receive queue? Of a byte stream it has (epoll(7), questions
 * and answers), and what comes later is told anew. Not where the end is known already (that is told once), at urgent
 * data, where a read stops, and in a Unix socket, whose reads stop at passed descriptors.
 */
static bool is_emptied(const struct sock *sk, int flags)
{
	return sk->protocol == PROTOCOL_TCP && sk->is_watched && (flags & MSG_PEEK) == 0 &&
	       (sk->ready & (READY_END | READY_HUP | READY_ERR | READY_URGENT)) == 0;
}

static ssize_t recv_do(struct stepper *st, struct sock *sk, void *buf, size_t size, int flags, struct addr *from,
		       bool hides)
{
	struct intent intent = { .step = STEP_RECV, .sock = sk, .hides = hides };
	int64_t ret;

	intent.args.io.buf = buf;
	intent.args.io.len = size;
	intent.args.io.flags = flags | (sk->is_inherited ? MSG_DONTWAIT : 0);
	intent.args.io.from = from;
	intent.args.io.to = NULL;
	ret = step_do(st, &intent);
	clear_ready(sk, ret, READY_IN);
	if (ret > 0 && (size_t)ret < size && is_emptied(sk, flags))
		sk->ready &= (uint8_t)~READY_IN;
	return ret;
}

ssize_t step_recv(struct stepper *st, struct sock *sk, void *buf, size_t size, int flags, struct addr *from)
{
	return recv_do(st, sk, buf, size, flags, from, false);
}

ssize_t step_recv_secret(struct stepper *st, struct sock *sk, void *buf, size_t size, int flags)
{
	return recv_do(st, sk, buf, size, flags, NULL, true);
}

/* A call that has messages. */
static int64_t messages_do(struct stepper *st, enum step_id step, struct sock *sk, struct message *list,
			   unsigned count, int flags)
{
	struct intent intent = { .step = step, .sock = sk };

	intent.args.messages.list = list;
	intent.args.messages.count = count;
	intent.args.messages.flags = flags | (sk->is_inherited ? MSG_DONTWAIT : 0);
	return step_do(st, &intent);
}

ssize_t step_recvmmsg(struct stepper *st, struct sock *sk, struct message *list, unsigned count, int flags)
{
	int64_t ret = messages_do(st, STEP_RECVMMSG, sk, list, count, flags);

	clear_ready(sk, ret, READY_IN);
	/* Fewer than there was room for: the queue was empty then, and what comes later is told anew (epoll(7)). */
	if (ret > 0 && ret < (int64_t)count && sk->is_watched && (sk->ready & (READY_HUP | READY_ERR)) == 0)
		sk->ready &= (uint8_t)~READY_IN;
	return ret;
}

ssize_t step_sendmsg(struct stepper *st, struct sock *sk, struct message *message)
{
	int64_t ret = messages_do(st, STEP_SENDMSG, sk, message, 1, MSG_NOSIGNAL);

	clear_ready(sk, ret, READY_OUT);
	return ret;
}

ssize_t step_sendmmsg(struct stepper *st, struct sock *sk, struct message *list, unsigned count)
{
	int64_t ret = messages_do(st, STEP_SENDMMSG, sk, list, count, MSG_NOSIGNAL);

	clear_ready(sk, ret, READY_OUT);
	return ret;
}

ssize_t step_splice(struct stepper *st, struct sock *in, struct sock *out, size_t len, unsigned flags)
{
	struct intent intent = { .step = STEP_SPLICE, .sock = in };

	intent.args.splice.fd_out = out->fd;
	intent.args.splice.len = len;
	intent.args.splice.flags = flags | SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
	return step_do(st, &intent);
}

int step_pass(struct stepper *st, struct sock *sk, int passed)
{
	struct intent intent = { .step = STEP_PASS, .sock = sk, .args.pass.passed = passed };
	int64_t ret = step_do(st, &intent);

	clear_ready(sk, ret, READY_OUT);
	return ret > 0 ? 0 : (int)ret;
}

int step_shutdown(struct stepper *st, struct sock *sk, int how)
{
	struct intent intent = { .step = STEP_SHUTDOWN, .sock = sk };

	intent.args.shutdown.how = how;
	intent.args.shutdown.why = (enum shutdown_why)sk->shut_why;
	return (int)step_do(st, &intent);
}

int step_set_flags(struct stepper *st, struct sock *sk, int flags, bool is_own)
{
	struct intent intent = { .step = STEP_FCNTL, .sock = sk };

	intent.args.fcntl.cmd = F_SETFL;
	intent.args.fcntl.flags = flags;
	intent.args.fcntl.is_own = is_own;
	return (int)step_do(st, &intent);
}

int step_close(struct stepper *st, struct sock *sk)
{
	struct intent intent = { .step = STEP_CLOSE, .sock = sk };

	if (sk->fd == -1)
		return 0;
	return (int)step_do(st, &intent);
}

int step_ask_close(struct stepper *st, struct sock *sk)
{
	const struct intent intent = { .step = STEP_CLOSE, .sock = sk };

	return st->gate == NULL || st->gate->admits(st->gate, &intent) ? 0 : STEP_HELD;
}

int step_make_abrupt(struct stepper *st, struct sock *sk)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };
	struct intent intent = setsockopt_intent(sk, SOL_SOCKET, SO_LINGER, &now, sizeof(now));

	return (int)step_make(st, &intent);
}

int step_reset(struct stepper *st, struct sock *sk)
{
	step_make_abrupt(st, sk);
	return step_close(st, sk);
}

ssize_t step_read(struct stepper *st, struct sock *sk, void *buf, size_t size)
{
	struct intent intent = { .step = STEP_READ, .sock = sk };
	int64_t ret;

	intent.args.io.buf = buf;
	intent.args.io.len = size;
	ret = step_do(st, &intent);
	clear_ready(sk, ret, READY_IN);
	return ret;
}

ssize_t step_write(struct stepper *st, struct sock *sk, const void *data, size_t len)
{
	struct intent intent = { .step = STEP_WRITE, .sock = sk };
	int64_t ret;

	intent.args.io.data = data;
	intent.args.io.len = len;
	ret = step_do(st, &intent);
	clear_ready(sk, ret, READY_OUT);
	return ret;
}
