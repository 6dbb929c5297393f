/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements that make sockets and connections: socket, bind, listen, accept, connect. */
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/shell_private.h"

#define SHOWN_MAX 80
#define BACKLOG 128
/* connect(2), of Unix sockets: a full accept queue is waited for, and nothing tells when there is room. */
#define CONNECT_AGAIN_NS (5 * NS_PER_MS)

static const struct kind {
	const char *name;
	int domain, type;
	enum protocol protocol;
} kinds[] = {
	{ "tcp", AF_INET, SOCK_STREAM, PROTOCOL_TCP },
	{ "tcp6", AF_INET6, SOCK_STREAM, PROTOCOL_TCP },
	{ "udp", AF_INET, SOCK_DGRAM, PROTOCOL_UDP },
	{ "udp6", AF_INET6, SOCK_DGRAM, PROTOCOL_UDP },
	{ "unix", AF_UNIX, SOCK_STREAM, PROTOCOL_UNIX },
	{ "unix-dgram", AF_UNIX, SOCK_DGRAM, PROTOCOL_UNIX_DGRAM },
	{ "unix-seqpacket", AF_UNIX, SOCK_SEQPACKET, PROTOCOL_UNIX_SEQPACKET },
};

int shell_socket_begin(struct shell_call *call, char *error)
{
	const struct shell_word *word = shell_arg(call, 0);
	char shown[SHOWN_MAX];
	size_t i = 0;

	if (shell_sock_check_new(call->sh, call->statement.target, error) < 0)
		return -EINVAL;
	while (i < ARRAY_LEN(kinds) && strcmp(kinds[i].name, word->text) != 0)
		i++;
	if (i == ARRAY_LEN(kinds))
		return shell_mistake(error,
				_("there is no kind \"%s\": tcp, tcp6, udp, udp6, unix, unix-dgram, unix-seqpacket"),
				     shell_shown(word, shown, sizeof(shown)));
	call->number = (int)i;
	call->other = shell_sock_new(call->sh, call->statement.target);
	call->other->domain = kinds[i].domain;
	call->other->type = kinds[i].type;
	return 0;
}

/* The new socket of a call has its descriptor: it is in the list from now on. */
static struct shell_sock *adopt(struct shell_call *call)
{
	struct shell_sock *sock = call->other;

	call->other = NULL;
	sock->call = NULL;
	shell_sock_add(call->sh, sock);
	return sock;
}

int64_t shell_socket_attempt(struct shell_call *call)
{
	const struct kind *kind = &kinds[call->number];
	struct shell_sock *sock = call->other;
	int ret = step_socket(&call->sh->rn->st, &sock->sk, kind->domain, kind->type, 0, kind->protocol);

	if (ret < 0)
		return ret;
	adopt(call);
	/* One that is no stream is ready for something from the beginning. */
	if (kind->type == SOCK_DGRAM)
		shell_sock_watch(sock);
	return sock->sk.fd;
}

int shell_bind_begin(struct shell_call *call, char *error)
{
	const struct sockaddr none = { .sa_family = AF_UNIX };

	if (shell_begin_sock(call, error) < 0)
		return -EINVAL;
	/* unix(7), autobind: an address that is no more than its family. */
	if (call->sock->domain == AF_UNIX && strcmp(shell_arg(call, 1)->text, "@") == 0) {
		addr_set(&call->addr, &none, sizeof(none.sa_family));
		return 0;
	}
	return shell_address(call->sock, shell_arg(call, 1), &call->addr, error);
}

int64_t shell_bind_attempt(struct shell_call *call)
{
	int ret = step_bind(&call->sh->rn->st, &call->sock->sk, &call->addr);

	if (ret == 0)
		shell_sock_look_names(call->sock);
	return ret;
}

int shell_listen_begin(struct shell_call *call, char *error)
{
	const struct shell_word *word = shell_arg(call, 1);
	char reason[PARSE_ERROR_MAX];
	uint64_t backlog = BACKLOG;

	if (shell_begin_sock(call, error) < 0)
		return -EINVAL;
	if (word != NULL && parse_uint(word->text, "backlog", 0, INT_MAX, &backlog, reason) < 0)
		return shell_mistake(error, "%s", reason);
	call->number = (int)backlog;
	return 0;
}

int64_t shell_listen_attempt(struct shell_call *call)
{
	struct shell_sock *sock = call->sock;
	int ret;
	bool is_unnamed = sock->local.len == 0 ||
			  (addr_family(&sock->local) != AF_UNIX && addr_port(&sock->local) == 0);

	sock->sk.side = SIDE_SERVER;
	ret = step_listen(&call->sh->rn->st, &sock->sk, call->number);
	if (ret < 0)
		return ret;
	shell_sock_look_names(sock);
	/* What nobody has bound the kernel binds (ip(7), ip_local_port_range). */
	if (is_unnamed)
		call->chosen = sock->local;
	if (!sock->is_listening)
		shell_sock_watch(sock);
	sock->is_listening = true;
	return 0;
}

int shell_accept_begin(struct shell_call *call, char *error)
{
	if (shell_sock_check_new(call->sh, call->statement.target, error) < 0 || shell_begin_sock(call, error) < 0)
		return -EINVAL;
	call->other = shell_sock_new(call->sh, call->statement.target);
	call->other->domain = call->sock->domain;
	call->other->type = call->sock->type;
	call->limit_ns = call->sock->rcvtimeo_ns;
	return 0;
}

int64_t shell_accept_attempt(struct shell_call *call)
{
	struct shell_sock *sock = call->other;
	int ret = step_accept(&call->sh->rn->st, &call->sock->sk, &sock->sk, &call->result.from);

	if (ret == -EAGAIN && !call->sock->is_nonblock && !call->is_late)
		return SHELL_WAITS;
	if (ret < 0)
		return ret;
	call->result.has_from = true;
	sock->is_connected = true;
	sock->remote = call->result.from;
	shell_sock_look_names(sock);
	adopt(call);
	shell_sock_watch(sock);
	return sock->sk.fd;
}

int shell_connect_begin(struct shell_call *call, char *error)
{
	const struct shell_word *to = shell_arg(call, 1);

	if (shell_begin_sock(call, error) < 0)
		return -EINVAL;
	call->limit_ns = call->sock->sndtimeo_ns;
	if (!to->is_quoted && strcmp(to->text, "none") == 0) {
		if (call->sock->type != SOCK_DGRAM)
			return shell_mistake(error, _("only a datagram socket can be connected to none"));
		call->addr.len = sizeof(call->addr.sa);
		call->addr.sa.sa_family = AF_UNSPEC;
		return 0;
	}
	return shell_address(call->sock, to, &call->addr, error);
}

/* It stands: who it is with, and from which address. */
static void connected(struct shell_sock *sock)
{
	sock->is_connecting = false;
	sock->is_connected = true;
	sock->remote.len = 0;
	shell_sock_look_names(sock);
}

/* Ask for the connection. */
static int64_t connect_ask(struct shell_call *call)
{
	struct shell_sock *sock = call->sock;
	int ret;

	/* What it was ready for before says nothing of the connection (epoll(7): HUP of a socket without one). */
	if (sock->type != SOCK_DGRAM && !sock->is_connecting) {
		loop_unwatch(call->sh->rn->loop, &sock->sk);
		sock->sk.ready = 0;
	}
	sock->target = call->addr;
	ret = step_connect(&call->sh->rn->st, &sock->sk, &call->addr);
	if (ret == STEP_HELD)
		return ret;
	if (sock->type != SOCK_DGRAM && !sock->sk.is_watched)
		loop_watch(call->sh->rn->loop, &sock->sk, &sock->task);
	if (ret == 0)
		connected(sock);
	if (ret == -EAGAIN && !sock->is_nonblock && !call->is_late) {
		shell_call_again(call, CONNECT_AGAIN_NS);
		return SHELL_WAITS;
	}
	if (ret != -EINPROGRESS)
		return ret;
	sock->is_connecting = true;
	shell_sock_look_names(sock);
	if (sock->is_nonblock)
		return ret;
	call->phase = 1;
	return SHELL_WAITS;
}

int64_t shell_connect_attempt(struct shell_call *call)
{
	struct shell_sock *sock = call->sock;
	int ret, soft = 0;

	if (call->phase == 0)
		return connect_ask(call);
	if ((sock->sk.ready & (READY_OUT | READY_HUP | READY_ERR)) == 0)
		return call->is_late ? -EINPROGRESS : SHELL_WAITS;
	ret = step_connected(&call->sh->rn->st, &sock->sk, &call->addr, &soft);
	if (ret == -EINPROGRESS)
		return call->is_late ? ret : SHELL_WAITS;
	sock->is_connecting = false;
	if (ret == 0)
		connected(sock);
	return ret;
}
