/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls themselves: see calls.h. EINTR is dealt with here and nowhere else. */
#include "step/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* pipe(7): a pipe that poll(2) calls writable takes so many bytes without waiting (PIPE_BUF of Linux). */
#define PIPE_BUF_MIN 4096

/* Would a read or write on a descriptor that blocks wait? For those that must not be made non-blocking. */
static bool would_block(const struct sock *sk, short events)
{
	struct pollfd pfd = { .fd = sk->fd, .events = events };

	return poll(&pfd, 1, 0) == 0;
}

static int64_t call_socket(struct sock *sk, union step_args *args)
{
	int fd = socket(args->socket.domain, args->socket.type, args->socket.protocol);

	if (fd == -1)
		return -errno;
	sk->fd = fd;
	return fd;
}

static int64_t call_setsockopt(struct sock *sk, union step_args *args)
{
	int64_t result = call_result(setsockopt(sk->fd, args->sockopt.level, args->sockopt.optname,
						args->sockopt.optval, args->sockopt.optlen));

	/* A key is for the kernel, not for a sink. */
	if (args->sockopt.level == IPPROTO_TCP &&
	    (args->sockopt.optname == TCP_MD5SIG || args->sockopt.optname == TCP_MD5SIG_EXT ||
	     args->sockopt.optname == TCP_FASTOPEN_KEY))
		args->sockopt.optval = NULL;
	return result;
}

static int64_t call_bind(struct sock *sk, union step_args *args)
{
	return call_result(bind(sk->fd, &args->name.addr->sa, args->name.addr->len));
}

static int64_t call_listen(struct sock *sk, union step_args *args)
{
	return call_result(listen(sk->fd, args->listen.backlog));
}

static int64_t call_accept(struct sock *sk, union step_args *args)
{
	struct sockaddr_storage peer;
	socklen_t len;
	int fd;

	do {
		len = sizeof(peer);
		fd = accept4(sk->fd, (struct sockaddr *)&peer, &len, args->accept.flags);
	} while (fd == -1 && errno == EINTR);
	if (fd != -1 && args->accept.addr != NULL)
		addr_set(args->accept.addr, (struct sockaddr *)&peer, len);
	return call_result(fd);
}

static int64_t call_connect(struct sock *sk, union step_args *args)
{
	int ret = connect(sk->fd, &args->name.addr->sa, args->name.addr->len);

	/* POSIX: an interrupted connect() goes on by itself, and must not be called again. */
	if (ret == -1 && errno == EINTR)
		return -EINPROGRESS;
	return call_result(ret);
}

static int64_t call_send(struct sock *sk, union step_args *args)
{
	const struct addr *to = args->io.to;
	ssize_t ret;

	do
		ret = sendto(sk->fd, args->io.data, args->io.len, args->io.flags, to == NULL ? NULL : &to->sa,
			     to == NULL ? 0 : to->len);
	while (ret == -1 && errno == EINTR);
	return call_result(ret);
}

static int64_t call_recv(struct sock *sk, union step_args *args)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t ret;

	if (args->io.from == NULL) {
		do
			ret = recv(sk->fd, args->io.buf, args->io.len, args->io.flags);
		while (ret == -1 && errno == EINTR);
		return call_result(ret);
	}
	do {
		len = sizeof(from);
		ret = recvfrom(sk->fd, args->io.buf, args->io.len, args->io.flags, (struct sockaddr *)&from, &len);
	} while (ret == -1 && errno == EINTR);
	if (ret != -1)
		addr_set(args->io.from, (struct sockaddr *)&from, len);
	return call_result(ret);
}

static int64_t call_splice(struct sock *sk, union step_args *args)
{
	ssize_t ret;

	do
		ret = splice(sk->fd, NULL, args->splice.fd_out, NULL, args->splice.len, args->splice.flags);
	while (ret == -1 && errno == EINTR);
	return call_result(ret);
}

static int64_t call_shutdown(struct sock *sk, union step_args *args)
{
	return call_result(shutdown(sk->fd, args->shutdown.how));
}

/* Others who hold the same open file have it back as they gave it. Best effort. */
static void put_flag_back(const struct sock *sk)
{
	int flags = fcntl(sk->fd, F_GETFL);

	if (flags != -1)
		fcntl(sk->fd, F_SETFL, flags & ~O_NONBLOCK);
}

static int64_t call_close(struct sock *sk, union step_args *args)
{
	int fd = sk->fd;

	(void)args;
	if (sk->was_blocking)
		put_flag_back(sk);
	/* close(2): on Linux the descriptor is free even after EINTR; calling again could close another's. */
	sk->fd = -1;
	return call_result(close(fd));
}

static int64_t call_read(struct sock *sk, union step_args *args)
{
	ssize_t ret;

	if (sk->needs_poll && would_block(sk, POLLIN))
		return -EAGAIN;
	do
		ret = read(sk->fd, args->io.buf, args->io.len);
	while (ret == -1 && errno == EINTR);
	return call_result(ret);
}

static int64_t call_write(struct sock *sk, union step_args *args)
{
	size_t len = args->io.len;
	ssize_t ret;

	if (sk->needs_poll) {
		if (would_block(sk, POLLOUT))
			return -EAGAIN;
		/* pipe(7): what is writable takes PIPE_BUF bytes without waiting. */
		if (len > PIPE_BUF_MIN)
			len = PIPE_BUF_MIN;
	}
	do
		ret = write(sk->fd, args->io.data, len);
	while (ret == -1 && errno == EINTR);
	return call_result(ret);
}

static int64_t call_getsockopt(struct sock *sk, union step_args *args)
{
	socklen_t len = args->sockopt.optlen;
	int ret = getsockopt(sk->fd, args->sockopt.level, args->sockopt.optname, (void *)args->sockopt.optval, &len);

	if (ret == 0)
		args->sockopt.optlen = len;
	return call_result(ret);
}

static int64_t call_name(struct sock *sk, union step_args *args,
			 int (*call)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage storage;
	socklen_t len = sizeof(storage);

	if (call(sk->fd, (struct sockaddr *)&storage, &len) == -1)
		return -errno;
	addr_set((struct addr *)args->name.addr, (struct sockaddr *)&storage, len);
	return 0;
}

static int64_t call_getsockname(struct sock *sk, union step_args *args)
{
	return call_name(sk, args, getsockname);
}

static int64_t call_getpeername(struct sock *sk, union step_args *args)
{
	return call_name(sk, args, getpeername);
}

static int64_t call_ioctl(struct sock *sk, union step_args *args)
{
	return call_result(ioctl(sk->fd, args->ioctl.request, &args->ioctl.value));
}

/* Only asks: the loop waits. */
static int64_t call_poll(struct sock *sk, union step_args *args)
{
	int ret;

	(void)sk;
	do
		ret = poll((struct pollfd *)args->poll.fds, args->poll.nfds, 0);
	while (ret == -1 && errno == EINTR);
	return call_result(ret);
}

static int64_t call_fcntl(struct sock *sk, union step_args *args)
{
	return call_result(fcntl(sk->fd, args->fcntl.cmd, args->fcntl.flags));
}

call_fn *call_of(enum step_id step)
{
	static call_fn *const calls[STEP_COUNT] = {
		[STEP_SOCKET] = call_socket,
		[STEP_SETSOCKOPT] = call_setsockopt,
		[STEP_BIND] = call_bind,
		[STEP_LISTEN] = call_listen,
		[STEP_ACCEPT] = call_accept,
		[STEP_CONNECT] = call_connect,
		[STEP_SEND] = call_send,
		[STEP_RECV] = call_recv,
		[STEP_SPLICE] = call_splice,
		[STEP_RECVMMSG] = call_recvmmsg,
		[STEP_SENDMSG] = call_sendmsg,
		[STEP_SENDMMSG] = call_sendmmsg,
		[STEP_PASS] = call_pass,
		[STEP_SHUTDOWN] = call_shutdown,
		[STEP_CLOSE] = call_close,
		[STEP_FCNTL] = call_fcntl,
		[STEP_SPAWN] = call_spawn,
		[STEP_WAITPID] = call_waitpid,
		[STEP_FCHMOD] = call_fchmod,
		[STEP_LCHOWN] = call_lchown,
		[STEP_FCHMODAT] = call_fchmodat,
		[STEP_CHROOT] = call_chroot,
		[STEP_SETGROUPS] = call_setgroups,
		[STEP_SETGID] = call_setgid,
		[STEP_SETUID] = call_setuid,
		[STEP_POLL] = call_poll,
		[STEP_READ] = call_read,
		[STEP_WRITE] = call_write,
		[STEP_GETSOCKOPT] = call_getsockopt,
		[STEP_GETSOCKNAME] = call_getsockname,
		[STEP_GETPEERNAME] = call_getpeername,
		[STEP_IOCTL] = call_ioctl,
	};

	return calls[step];
}
