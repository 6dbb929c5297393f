/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A writer of arguments for each step, in one table. Constants are strings, flags are arrays of them. */
#include "trace/json_args.h"

#include <assert.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/util.h"
#include "trace/json_option.h"
#include "trace/names.h"

/* A constant by its name; as a number where it has none. */
static void put_name(struct json *json, const char *key, const struct name_table *table, long value)
{
	const char *name = table != NULL ? name_of(table, value) : NULL;

	json_key(json, key);
	if (name != NULL)
		json_string(json, name);
	else
		json_int(json, value);
}

/* The elements of an array of flags; what is left over as a number. */
static void put_flags(struct json *json, const struct name_table *table, unsigned long flags)
{
	const char *name;

	for (size_t i = 0; (name = name_at(table, i)) != NULL; i++) {
		unsigned long bit;
		long value;

		if (!name_value(table, name, &value))
			continue;
		bit = (unsigned long)value & 0xffffffffUL;
		if (bit == 0 || (flags & bit) != bit)
			continue;
		json_string(json, name);
		flags &= ~bit;
	}
	if (flags != 0)
		json_uint(json, flags);
}

static void put_flag_array(struct json *json, const char *key, const struct name_table *table,
			   unsigned long flags)
{
	json_key(json, key);
	json_open(json, '[');
	put_flags(json, table, flags);
	json_close(json, ']');
}

static void put_int(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_int(json, value);
}

/* An address under key, and its length as the call was given it. */
static void put_addr(struct json *json, const char *key, const struct addr *addr)
{
	char words[ADDR_TEXT_MAX];

	json_key(json, key);
	if (addr != NULL && addr->len > 0)
		json_string(json, addr_format(addr, words, sizeof(words)));
	else
		json_string(json, NULL);
}

static void put_addr_and_len(struct json *json, const struct addr *addr)
{
	put_addr(json, "addr", addr);
	put_int(json, "addrlen", addr != NULL ? (int64_t)addr->len : 0);
}

static void args_resolve(struct json *json, const struct event *event)
{
	const union step_args *args = event->args;

	json_key(json, "node");
	json_string(json, args->resolve.node);
	json_key(json, "service");
	json_string(json, args->resolve.service);
	put_name(json, "family", &names_domain, args->resolve.family);
	put_name(json, "socktype", &names_socktype, args->resolve.socktype);
}

static void args_socket(struct json *json, const struct event *event)
{
	const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	int type = event->args->socket.type;
	const char *name = name_of(&names_socktype, type & ~flags);

	put_name(json, "domain", &names_domain, event->args->socket.domain);
	json_key(json, "type");
	json_open(json, '[');
	if (name != NULL)
		json_string(json, name);
	else
		json_int(json, type & ~flags);
	put_flags(json, &names_socktype_flags, (unsigned)(type & flags));
	json_close(json, ']');
	put_name(json, "protocol", &names_ipproto, event->args->socket.protocol);
}

static void args_sockopt(struct json *json, const struct event *event)
{
	const union step_args *args = event->args;

	put_int(json, "sockfd", event->fd);
	put_name(json, "level", &names_sol, args->sockopt.level);
	put_name(json, "optname", names_of_level(args->sockopt.level), args->sockopt.optname);
	/* What TCP_INFO says is a member of the event. */
	if (args->sockopt.level != IPPROTO_TCP || args->sockopt.optname != TCP_INFO)
		json_option_value(json, "optval", args, args->sockopt.optval, args->sockopt.optlen);
	put_int(json, "optlen", (int64_t)args->sockopt.optlen);
}

static void args_name(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	put_addr_and_len(json, event->args->name.addr);
}

/* getsockname and getpeername: the address is the answer. */
static void args_name_asked(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	if (event->error == 0)
		put_addr_and_len(json, event->args->name.addr);
}

static void args_listen(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	put_int(json, "backlog", event->args->listen.backlog);
}

static void args_accept(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	if (event->error == 0 && event->args->accept.addr != NULL)
		put_addr_and_len(json, event->args->accept.addr);
	put_flag_array(json, "flags", &names_socktype_flags, (unsigned)event->args->accept.flags);
}

static void args_send(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	put_int(json, "len", (int64_t)event->args->io.len);
	put_flag_array(json, "flags", &names_msg, (unsigned)event->args->io.flags);
	if (event->args->io.to != NULL)
		put_addr(json, "dest_addr", event->args->io.to);
}

static void args_recv(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	put_int(json, "len", (int64_t)event->args->io.len);
	put_flag_array(json, "flags", &names_msg, (unsigned)event->args->io.flags);
	if (event->error == 0 && event->args->io.from != NULL)
		put_addr(json, "src_addr", event->args->io.from);
}

static void args_splice(struct json *json, const struct event *event)
{
	put_int(json, "fd_in", event->fd);
	put_int(json, "fd_out", event->args->splice.fd_out);
	put_int(json, "len", (int64_t)event->args->splice.len);
	put_flag_array(json, "flags", &names_splice, event->args->splice.flags);
}

/* What there is to say of one message. */
static void put_message(struct json *json, const struct message *message, const char *addr_key)
{
	put_int(json, "len", (int64_t)message->len);
	if (message->segment != 0)
		put_int(json, "segment", message->segment);
	if (message->addr != NULL)
		put_addr(json, addr_key, message->addr);
	if (message->local != NULL && message->local->len > 0)
		put_addr(json, "pktinfo", message->local);
}

/* The messages that came; those that were to be sent. */
static void args_messages(struct json *json, const struct event *event)
{
	const union step_args *args = event->args;
	bool is_in = event->step == STEP_RECVMMSG;
	int64_t count = is_in ? event->result : (int64_t)args->messages.count;

	put_int(json, "sockfd", event->fd);
	put_int(json, "vlen", args->messages.count);
	put_flag_array(json, "flags", &names_msg, (unsigned)args->messages.flags);
	json_key(json, "msgs");
	json_open(json, '[');
	for (int64_t i = 0; i < count; i++) {
		json_open(json, '{');
		put_message(json, &args->messages.list[i], is_in ? "src_addr" : "dest_addr");
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void args_sendmsg(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	put_flag_array(json, "flags", &names_msg, (unsigned)event->args->messages.flags);
	put_message(json, event->args->messages.list, "dest_addr");
}

static void args_pass(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	put_int(json, "passed", event->args->pass.passed);
}

static void args_shutdown(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	put_name(json, "how", &names_shut, event->args->shutdown.how);
}

static void args_close(struct json *json, const struct event *event)
{
	put_int(json, "fd", event->fd);
}

/* read and write */
static void args_file(struct json *json, const struct event *event)
{
	put_int(json, "fd", event->fd);
	put_int(json, "count", (int64_t)event->args->io.len);
}

static void args_epoll_wait(struct json *json, const struct event *event)
{
	put_flag_array(json, "events", &names_epoll, event->args->wait.events);
}

static void args_poll(struct json *json, const struct event *event)
{
	const union step_args *args = event->args;

	json_key(json, "fds");
	json_open(json, '[');
	for (unsigned i = 0; i < args->poll.nfds; i++) {
		json_open(json, '{');
		put_int(json, "fd", args->poll.fds[i].fd);
		put_flag_array(json, "events", &names_poll, (unsigned short)args->poll.fds[i].events);
		put_flag_array(json, "revents", &names_poll, (unsigned short)args->poll.fds[i].revents);
		json_close(json, '}');
	}
	json_close(json, ']');
	put_int(json, "timeout", args->poll.timeout_ms);
}

static void args_fcntl(struct json *json, const struct event *event)
{
	put_int(json, "fd", event->fd);
	put_name(json, "op", &names_fcntl, event->args->fcntl.cmd);
	put_flag_array(json, "arg", &names_open, (unsigned)event->args->fcntl.flags);
}

static void args_spawn(struct json *json, const struct event *event)
{
	const union step_args *args = event->args;

	json_key(json, "file");
	json_string(json, args->spawn.argv[0]);
	json_key(json, "argv");
	json_open(json, '[');
	for (size_t i = 0; args->spawn.argv[i] != NULL; i++)
		json_string(json, args->spawn.argv[i]);
	json_close(json, ']');
	json_key(json, "pty");
	json_bool(json, args->spawn.has_pty);
	if (event->error != 0)
		return;
	put_int(json, "stdin", args->spawn.in);
	put_int(json, "stdout", args->spawn.out);
}

/* wait(2): either member says how it has ended. */
static void args_waitpid(struct json *json, const struct event *event)
{
	int status = event->args->waitpid.status;
	char name[32];

	put_int(json, "pid", event->args->waitpid.pid);
	if (event->error != 0)
		return;
	if (WIFSIGNALED(status)) {
		json_key(json, "signal");
		json_string(json, name_signal(WTERMSIG(status), name, sizeof(name)));
	} else {
		put_int(json, "exit_status", WEXITSTATUS(status));
	}
}

/* chown(2): -1 leaves it as it is. */
static void args_lchown(struct json *json, const struct event *event)
{
	json_key(json, "pathname");
	json_string(json, event->args->lchown.path);
	put_int(json, "owner", event_id_number(event->args->lchown.owner));
	put_int(json, "group", event_id_number(event->args->lchown.group));
}

/* The mode as it is written, in octal digits. */
static void put_mode(struct json *json, uint32_t number)
{
	char mode[16];

	snprintf(mode, sizeof(mode), "0%" PRIo32, number);
	json_key(json, "mode");
	json_string(json, mode);
}

static void args_fchmod(struct json *json, const struct event *event)
{
	put_mode(json, event->args->fchmod.mode);
}

static void args_fchmodat(struct json *json, const struct event *event)
{
	json_key(json, "dirfd");
	json_string(json, "AT_FDCWD");
	json_key(json, "pathname");
	json_string(json, event->args->fchmodat.path);
	put_mode(json, event->args->fchmodat.mode);
	json_key(json, "flags");
	json_open(json, '[');
	json_string(json, "AT_SYMLINK_NOFOLLOW");
	json_close(json, ']');
}

static void args_chroot(struct json *json, const struct event *event)
{
	json_key(json, "path");
	json_string(json, event->args->chroot.path);
}

static void args_setgroups(struct json *json, const struct event *event)
{
	const union step_args *args = event->args;

	put_int(json, "size", (int64_t)args->setgroups.size);
	json_key(json, "list");
	json_open(json, '[');
	for (size_t i = 0; i < args->setgroups.size; i++)
		json_uint(json, args->setgroups.list[i]);
	json_close(json, ']');
}

static void args_setid(struct json *json, const struct event *event)
{
	put_int(json, event->step == STEP_SETUID ? "uid" : "gid", event->args->setid.id);
}

static void args_ioctl(struct json *json, const struct event *event)
{
	put_int(json, "fd", event->fd);
	put_name(json, "request", &names_ioctl, (long)event->args->ioctl.request);
	if (event->error == 0)
		put_int(json, "argp", event->args->ioctl.value);
}

static void args_probe(struct json *json, const struct event *event)
{
	json_key(json, "call");
	json_string(json, event->args->probe.what);
}

/* Of netlink the message says what is asked for. */
static void args_recvmsg(struct json *json, const struct event *event)
{
	put_int(json, "sockfd", event->fd);
	if (event->args->probe.what != NULL) {
		json_key(json, "msg");
		json_string(json, event->args->probe.what);
	}
	put_flag_array(json, "flags", &names_msg, (unsigned)event->args->probe.flags);
}

/* needs_args: the writer looks at event->args. NULL: the step has no arguments. */
static const struct args_row {
	void (*write)(struct json *json, const struct event *event);
	bool needs_args;
} args_rows[] = {
	[STEP_RESOLVE] = { args_resolve, true },
	[STEP_SOCKET] = { args_socket, true },
	[STEP_SETSOCKOPT] = { args_sockopt, true },
	[STEP_BIND] = { args_name, true },
	[STEP_LISTEN] = { args_listen, true },
	[STEP_ACCEPT] = { args_accept, true },
	[STEP_CONNECT] = { args_name, true },
	[STEP_CONNECTED] = { NULL, false },
	[STEP_SEND] = { args_send, true },
	[STEP_RECV] = { args_recv, true },
	[STEP_SPLICE] = { args_splice, true },
	[STEP_RECVMMSG] = { args_messages, true },
	[STEP_SENDMSG] = { args_sendmsg, true },
	[STEP_SENDMMSG] = { args_messages, true },
	[STEP_PASS] = { args_pass, true },
	[STEP_SHUTDOWN] = { args_shutdown, true },
	[STEP_CLOSE] = { args_close, false },
	[STEP_FCNTL] = { args_fcntl, true },
	[STEP_STATE] = { NULL, false },
	[STEP_NOTE] = { NULL, false },
	[STEP_END] = { NULL, false },
	[STEP_PROXY] = { NULL, false },
	[STEP_FAULT] = { NULL, false },
	[STEP_HTTP] = { NULL, false },
	[STEP_REFUSED] = { NULL, false },
	[STEP_SEGMENTS] = { NULL, false },
	[STEP_ACKNOWLEDGED] = { NULL, false },
	[STEP_ICMP] = { NULL, false },
	[STEP_PACKET] = { NULL, false },
	[STEP_INFO] = { NULL, false },
	[STEP_SPAWN] = { args_spawn, true },
	[STEP_WAITPID] = { args_waitpid, true },
	[STEP_FCHMOD] = { args_fchmod, true },
	[STEP_LCHOWN] = { args_lchown, true },
	[STEP_FCHMODAT] = { args_fchmodat, true },
	[STEP_CHROOT] = { args_chroot, true },
	[STEP_SETGROUPS] = { args_setgroups, true },
	[STEP_SETGID] = { args_setid, true },
	[STEP_SETUID] = { args_setid, true },
	[STEP_READ] = { args_file, true },
	[STEP_WRITE] = { args_file, true },
	[STEP_EPOLL_WAIT] = { args_epoll_wait, true },
	[STEP_POLL] = { args_poll, true },
	[STEP_GETSOCKOPT] = { args_sockopt, true },
	[STEP_GETSOCKNAME] = { args_name_asked, true },
	[STEP_GETPEERNAME] = { args_name_asked, true },
	[STEP_IOCTL] = { args_ioctl, true },
	[STEP_RECVMSG] = { args_recvmsg, true },
	[STEP_PROBE] = { args_probe, true },
};

static_assert(ARRAY_LEN(args_rows) == STEP_COUNT, "every step has a row");

void json_args(struct json *json, const struct event *event)
{
	const struct args_row *row = &args_rows[event->step];

	if (row->write == NULL || (row->needs_args && event->args == NULL))
		return;
	json_key(json, "args");
	json_open(json, '{');
	row->write(json, event);
	json_close(json, '}');
}
