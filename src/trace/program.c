/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run as a program: what each event becomes. See program.h; what is made of it is in program_list.c. */
#include "trace/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/util.h"
#include "trace/program_private.h"

#define OTHERS_MAX 200 /* statements that move no data: what comes beyond them is not looked at */

/* A program has the addresses that were found: it is only told of. */
static void on_resolve(struct program *program, const struct event *event)
{
	if (program->comment != NULL)
		program_add(program, NULL, PROGRAM_REMARK)->error = event->args->resolve.error;
}

static void on_socket(struct program *program, const struct event *event)
{
	struct program_socket *socket;
	struct program_statement *statement;

	/* Those that ask the kernel's tables why something has failed are no part of it. */
	if (event->args->socket.domain == AF_NETLINK)
		return;
	socket = program_add_socket(program, event->error == 0 ? (int)event->result : -1, event);
	socket->has_failed = event->error != 0;
	socket->is_closed = socket->has_failed;
	socket->is_held = !socket->has_failed && !program->is_whole;
	statement = program_add(program, socket, PROGRAM_SOCKET);
	statement->domain = event->args->socket.domain;
	statement->type = event->args->socket.type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
	statement->protocol = event->args->socket.protocol;
	statement->error = event->error;
}

static void on_setsockopt(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	struct program_statement *statement;

	/* A twin does not make it once more. A key is not told, and the program cannot have it. */
	if (socket == NULL || socket->fd != event->fd ||
	    (event->args->sockopt.optval == NULL && event->args->sockopt.optlen > 0))
		return;
	statement = program_add(program, socket, PROGRAM_SETSOCKOPT);
	statement->level = event->args->sockopt.level;
	statement->optname = event->args->sockopt.optname;
	statement->error = event->error;
	statement->option_len = event->args->sockopt.optlen;
	if (statement->option_len > PROGRAM_OPTION_MAX)
		statement->option_len = PROGRAM_OPTION_MAX;
	if (event->args->sockopt.optval != NULL)
		memcpy(statement->option, event->args->sockopt.optval, statement->option_len);
}

/* Drop the sockets that only asked whether the file at addr is one that nobody listens on any more. */
static void drop_probes(struct program *program, const struct addr *addr)
{
	for (struct program_socket *socket = program->sockets; socket != NULL; socket = socket->next) {
		const struct program_statement *at = socket->held.first;

		if (socket->role != PROGRAM_ROLE_ATTEMPT || !socket->is_held)
			continue;
		while (at != NULL && !(at->op == PROGRAM_CONNECT && addr_equal(&at->addr, addr)))
			at = at->next;
		if (at != NULL)
			program_clear_list(&socket->held);
	}
}

/* It was bound, where a first try had found the address in use: the file of a Unix socket was left behind. */
static bool replaces_stale(struct program_socket *socket, const struct addr *addr)
{
	struct program_statement *last = socket->is_held ? socket->held.last : NULL;

	if (addr->un.sun_family != AF_UNIX || last == NULL || last->op != PROGRAM_BIND || last->error != EADDRINUSE)
		return false;
	last->op = PROGRAM_UNLINK;
	last->error = 0;
	return true;
}

static void on_bind(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	struct program_statement *statement;
	const struct addr *addr = event->args->name.addr;

	if (socket == NULL || addr == NULL)
		return;
	if (event->error == 0 && replaces_stale(socket, addr))
		drop_probes(program, addr);
	statement = program_add(program, socket, PROGRAM_BIND);
	statement->addr = *addr;
	statement->error = event->error;
	if (event->error == 0) {
		socket->bound = *addr;
		if (event->local != NULL)
			socket->local = *event->local;
		if (program_join_twin(program, socket))
			return;
		socket->wants_port = (addr_family(addr) == AF_INET || addr_family(addr) == AF_INET6) &&
				     addr_port(addr) == 0;
		if (program->is_whole && socket->wants_port)
			program_add(program, socket, PROGRAM_PORT);
		socket->is_autobound = program->is_whole && addr_family(addr) == AF_UNIX &&
				       addr->len <= offsetof(struct sockaddr_un, sun_path);
		if (socket->is_autobound)
			program_add(program, socket, PROGRAM_PORT);
	}
}

/* It makes no socket of its own: one that nobody has seen has no file either. */
static void on_fchmod(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	struct program_statement *statement;

	if (socket == NULL)
		return;
	statement = program_add(program, socket, PROGRAM_FCHMOD);
	statement->number = (int)event->args->fchmod.mode;
	statement->error = event->error;
}

/* lchown() and fchmodat() of the file of a socket. */
static void on_file(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	bool is_chown = event->step == STEP_LCHOWN;
	struct program_statement *statement;

	if (socket == NULL || addr_family(&socket->bound) != AF_UNIX)
		return;
	statement = program_add(program, socket, is_chown ? PROGRAM_CHOWN : PROGRAM_CHMOD);
	statement->addr = socket->bound;
	statement->error = event->error;
	if (is_chown) {
		statement->domain = (int)event_id_number(event->args->lchown.owner);
		statement->type = (int)event_id_number(event->args->lchown.group);
	} else {
		statement->number = (int)event->args->fchmodat.mode;
	}
}

static void on_listen(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_need_socket(program, event);
	struct program_statement *statement;

	if (socket->fd != event->fd) /* it is a twin */
		return;
	statement = program_add(program, socket, PROGRAM_LISTEN);
	statement->number = event->args->listen.backlog;
	statement->error = event->error;
	if (socket->role == PROGRAM_ROLE_UNKNOWN)
		socket->role = PROGRAM_ROLE_LISTENER;
	if (socket->wants_port && !program->is_whole)
		program_add(program, socket, PROGRAM_PORT);
	program_release(program, socket);
}

static void on_accept(struct program *program, const struct event *event)
{
	struct program_socket *listener;
	struct program_statement *statement;

	listener = event->error == 0 ? program_need_socket(program, event) :
				       program_find_socket(program, event->fd, event->session);
	if (event->error != 0 && (listener == NULL || !program_never_waits(program, listener, 0)))
		return;
	program_release(program, listener);
	statement = program_add(program, listener, PROGRAM_ACCEPT);
	statement->error = event->error;
	if (event->error != 0)
		return;
	statement->to = program_add_socket(program, (int)event->result, event);
	statement->to->protocol = listener->protocol;
	statement->to->role = PROGRAM_ROLE_ACCEPTED;
	if (event->remote != NULL)
		statement->addr = *event->remote;
	if (program->client == NULL || program->client == listener)
		program->client = statement->to;
}

/* What came of a connect(). */
static void settle(struct program *program, struct program_socket *socket, int error)
{
	socket->is_connecting = false;
	socket->error = error;
	socket->role = error == 0 ? PROGRAM_ROLE_CONNECTED : PROGRAM_ROLE_ATTEMPT;
	if (error != 0)
		return;
	program->target = socket;
	for (struct program_socket *other = program->sockets; other != socket; other = other->next) {
		if (other->role == PROGRAM_ROLE_ATTEMPT)
			program_release(program, other);
	}
	program_release(program, socket);
}

/* The statement of the connect() of which it is not known yet what comes of it; NULL: there is none. */
static struct program_statement *find_connecting(const struct program *program, const struct program_socket *socket)
{
	struct program_statement *last = socket->is_held ? socket->held.last : program->list.last;

	if (!socket->is_connecting || last == NULL || last->op != PROGRAM_CONNECT || last->socket != socket)
		return NULL;
	return last;
}

static void on_connect(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_need_socket(program, event);
	struct program_statement *statement = find_connecting(program, socket);
	const struct addr *addr = event->args->name.addr;
	/* The accept queue of a Unix socket is full. The call is made again; one that blocks waits instead. */
	bool is_full = event->error == EAGAIN && addr != NULL && addr_family(addr) == AF_UNIX;
	bool never_waits = program_never_waits(program, socket, 0);

	/* Of a whole program it stands where it succeeds: others may act before. */
	if (is_full && program->is_whole && !never_waits)
		return;
	if (statement == NULL)
		statement = program_add(program, socket, PROGRAM_CONNECT);
	if (addr != NULL)
		statement->addr = *addr;
	if (event->error == EINPROGRESS || (is_full && !never_waits)) {
		socket->is_connecting = true;
		return;
	}
	statement->error = event->error;
	settle(program, socket, event->error);
}

/* The last connect() of a socket. */
static struct program_statement *find_connect(const struct program *program, const struct program_socket *socket)
{
	struct program_statement *found = NULL;

	for (struct program_statement *at = program->list.first; at != NULL; at = at->next) {
		if (at->op == PROGRAM_CONNECT && at->socket == socket)
			found = at;
	}
	return found;
}

static void on_connected(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	struct program_statement *last;

	if (socket == NULL || !socket->is_connecting)
		return;
	last = program->is_whole ? find_connect(program, socket) : find_connecting(program, socket);
	if (last != NULL && program->is_whole && (last->is_nonblock || last != program->list.last)) {
		last->is_started = true;
		struct program_statement *answer = program_add(program, socket, PROGRAM_CONNECTED);

		answer->addr = last->addr;
		answer->error = event->error;
	} else if (last != NULL) {
		last->error = event->error;
		program_take_comment(program, last);
	}
	settle(program, socket, event->error);
}

static void on_shutdown(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	struct program_statement *statement;

	if (socket == NULL)
		return;
	program_release(program, socket);
	statement = program_add(program, socket, PROGRAM_SHUTDOWN);
	statement->number = event->args->shutdown.how;
	statement->error = event->error;
}

/* The same attempt as one before it, as --retry makes them: once is enough. */
static bool was_tried(const struct program *program, const struct program_socket *socket)
{
	for (const struct program_socket *other = program->sockets; other != socket; other = other->next) {
		const struct program_statement *mine = socket->held.last;
		const struct program_list *list = other->is_held ? &other->held : &program->list;

		if (other->role != PROGRAM_ROLE_ATTEMPT || other->error != socket->error)
			continue;
		for (struct program_statement *at = list->first; at != NULL && mine != NULL; at = at->next) {
			if (at->op == PROGRAM_CONNECT && at->socket == other && addr_equal(&at->addr, &mine->addr)) {
				at->count++;
				return true;
			}
		}
	}
	return false;
}

static void on_close(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);

	/* Workers have the same listening socket by descriptors of their own: it goes on. */
	if (socket == NULL || (event->is_passed && program->is_relay))
		return;
	socket->is_closed = true;
	if (socket->is_connecting) {
		socket->role = PROGRAM_ROLE_GIVEN_UP;
		socket->is_connecting = program->is_whole;
	}
	if (socket->role == PROGRAM_ROLE_ATTEMPT && socket->is_held && was_tried(program, socket)) {
		program_remove_socket(program, socket);
		return;
	}
	/* One that may have asked only whether a file is stale waits until it is known what it was for. */
	if (socket->role != PROGRAM_ROLE_ATTEMPT || socket->protocol != PROTOCOL_UNIX_DGRAM)
		program_release(program, socket);
	program_add(program, socket, PROGRAM_CLOSE);
}

static void on_received(struct program *program, const struct event *event)
{
	struct program_socket *socket;
	int flags = event->step == STEP_RECVMMSG ? event->args->messages.flags : event->args->io.flags;

	if ((flags & MSG_ERRQUEUE) != 0 || ((flags & MSG_PEEK) != 0 && !program->is_whole))
		return;
	socket = program_find_socket(program, event->fd, event->session);
	if (event->error == EAGAIN && (socket == NULL || !program_never_waits(program, socket, flags)))
		return;
	socket = program_need_socket(program, event);
	if (socket->role == PROGRAM_ROLE_UNKNOWN) {
		const char *comment = program->comment;

		socket->role = PROGRAM_ROLE_UNCONNECTED;
		if (program->client == NULL)
			program->client = socket;
		program->comment = NULL;
		if (socket->wants_port && !program->is_whole)
			program_add(program, socket, PROGRAM_PORT);
		program->comment = comment;
	}
	program_release(program, socket);
	if (event->error != 0)
		program_receive_failed(program, socket, event->error, flags);
	else if ((flags & MSG_PEEK) != 0)
		program_peeked(program, socket, event);
	else
		program_received(program, socket, event);
}

static void on_sent(struct program *program, const struct event *event)
{
	struct program_socket *socket = program_find_socket(program, event->fd, event->session);
	int flags = event->step == STEP_SEND ? event->args->io.flags : 0;

	if (event->error == EAGAIN && (socket == NULL || !program_never_waits(program, socket, flags)))
		return;
	socket = program_need_socket(program, event);
	program_release(program, socket);
	program_sent(program, socket, event);
}

static void (*const takers[STEP_COUNT])(struct program *, const struct event *) = {
	[STEP_RESOLVE] = on_resolve,
	[STEP_SOCKET] = on_socket,
	[STEP_SETSOCKOPT] = on_setsockopt,
	[STEP_BIND] = on_bind,
	[STEP_LISTEN] = on_listen,
	[STEP_FCHMOD] = on_fchmod,
	[STEP_LCHOWN] = on_file,
	[STEP_FCHMODAT] = on_file,
	[STEP_ACCEPT] = on_accept,
	[STEP_CONNECT] = on_connect,
	[STEP_CONNECTED] = on_connected,
	[STEP_SEND] = on_sent,
	[STEP_SENDMSG] = on_sent,
	[STEP_SENDMMSG] = on_sent,
	[STEP_RECV] = on_received,
	[STEP_RECVMMSG] = on_received,
	[STEP_SHUTDOWN] = on_shutdown,
	[STEP_CLOSE] = on_close,
	[STEP_FCNTL] = program_set_flags,
	[STEP_POLL] = program_polled,
	[STEP_GETSOCKNAME] = program_look_name,
	[STEP_GETPEERNAME] = program_look_name,
	[STEP_GETSOCKOPT] = program_look_option,
};

/* Does the event belong to the session that counts, or to none? The first is taken that there is. */
static bool is_ours(struct program *program, const struct event *event)
{
	if (event->session == 0 || program->is_whole)
		return true;
	if (program->session == 0)
		program->session = event->session;
	if (event->session != program->session)
		program->has_others = true;
	return event->session == program->session;
}

bool program_wants(const struct program *program, const struct event *event)
{
	bool is_ours = program->is_whole || event->session == 0 || program->session == 0 ||
		       event->session == program->session;

	return is_ours && !program->is_cut && !event->is_look;
}

bool program_event(struct program *program, const struct event *event, const char *comment)
{
	/* CONNECTED has none; all others that are taken look at theirs. */
	bool has_args = event->args != NULL || event->step == STEP_CONNECTED || event->step == STEP_CLOSE;

	if (event->step == STEP_FAULT)
		program->has_faults = true;
	if (event->step == STEP_PROBE && event->error == 0 && event->args != NULL &&
	    event->args->probe.what != NULL && strncmp(event->args->probe.what, "unshare(", 8) == 0)
		program->has_sandbox = true;
	if (event->step == STEP_PASS && event->error == 0)
		program->has_passed = true;
	if (event->step == STEP_SETUID && event->error == 0)
		program->has_user = true;
	if (event->is_look || !is_ours(program, event) || takers[event->step] == NULL || !has_args)
		return false;
	if (program->others >= OTHERS_MAX) {
		program->is_cut = true;
		return false;
	}
	program->comment = comment;
	takers[event->step](program, event);
	program->comment = NULL;
	return true;
}
