/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each event as the C call that it is: a writer of arguments for each step, in one table. */
#include "trace/text_call.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/util.h"
#include "trace/names.h"
#include "trace/text_packet.h"
#include "trace/text_poll.h"
#include "trace/text_kernel.h"
#include "trace/text_sight.h"

#define NAME_SIZE 32 /* room for "errno N" or a number */

/* Flags that every call of sockt has, and that are therefore not shown. */
#define SEND_FLAGS_IMPLIED (MSG_NOSIGNAL | MSG_DONTWAIT)
#define RECV_FLAGS_IMPLIED MSG_DONTWAIT

/* The value of a socket option: `[1]`, `{1, 0}`, `"bbr"`, `16 bytes`. */
static void add_optval(struct text *line, const union step_args *args)
{
	const void *value = args->sockopt.optval;
	struct linger linger;
	struct timeval time;
	int number;

	if (value != NULL && args->sockopt.level == IPPROTO_TCP && args->sockopt.optname == TCP_CONGESTION) {
		text_addf(line, ", \"%.*s\"", (int)args->sockopt.optlen, (const char *)value);
	} else if (value != NULL && args->sockopt.optlen == sizeof(number)) {
		memcpy(&number, value, sizeof(number));
		text_addf(line, ", [%d]", number);
	} else if (value != NULL && args->sockopt.level == SOL_SOCKET &&
		   args->sockopt.optname == SO_LINGER && args->sockopt.optlen == sizeof(linger)) {
		memcpy(&linger, value, sizeof(linger));
		text_addf(line, ", {l_onoff=%d, l_linger=%d}", linger.l_onoff, linger.l_linger);
	} else if (value != NULL && args->sockopt.level == SOL_SOCKET && args->sockopt.optlen == sizeof(time) &&
		   (args->sockopt.optname == SO_RCVTIMEO || args->sockopt.optname == SO_SNDTIMEO)) {
		memcpy(&time, value, sizeof(time));
		text_addf(line, ", {tv_sec=%lld, tv_usec=%lld}", (long long)time.tv_sec, (long long)time.tv_usec);
	} else if (args->sockopt.optlen > 0) {
		text_addf(line, ", %u bytes", (unsigned)args->sockopt.optlen);
	}
}

/* Level and name of a socket option. */
static void add_option(struct text *line, const union step_args *args)
{
	const struct name_table *options = names_of_level(args->sockopt.level);
	char number[32];

	text_name(line, &names_sol, args->sockopt.level);
	text_add(line, ", ");
	if (options != NULL)
		text_add(line, name_or_number(options, args->sockopt.optname, number, sizeof(number)));
	else
		text_addf(line, "%d", args->sockopt.optname);
}

static void write_resolve(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_add(line, "getaddrinfo(");
	text_string(line, event->args->resolve.node);
	text_add(line, ", ");
	text_string(line, event->args->resolve.service);
	text_add(line, ")");
}

static void write_socket(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_add(line, "socket(");
	text_name(line, &names_domain, event->args->socket.domain);
	text_add(line, ", ");
	/* SOCK_CLOEXEC and SOCK_NONBLOCK go without saying. */
	text_name(line, &names_socktype, event->args->socket.type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK));
	text_add(line, ", ");
	text_name(line, &names_ipproto, event->args->socket.protocol);
	text_add(line, ")");
}

static void write_sockopt(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;

	(void)view;
	text_addf(line, "%s(%d, ", step_name(event->step), event->fd);
	add_option(line, args);
	/* TCP_INFO is a struct of many members: what matters of it stands below. */
	if (args->sockopt.level != IPPROTO_TCP || args->sockopt.optname != TCP_INFO)
		add_optval(line, args);
	text_add(line, ")");
}

/* The value of SO_ERROR is an errno. */
static void write_getsockopt(struct text *line, const struct event *event,
			     const struct text_view *view)
{
	const union step_args *args = event->args;
	char name[NAME_SIZE];
	int error;

	if (args->sockopt.level != SOL_SOCKET || args->sockopt.optname != SO_ERROR ||
	    args->sockopt.optval == NULL || args->sockopt.optlen != sizeof(error)) {
		write_sockopt(line, event, view);
		return;
	}
	memcpy(&error, args->sockopt.optval, sizeof(error));
	text_addf(line, "getsockopt(%d, SOL_SOCKET, SO_ERROR, [%s])", event->fd,
		  error == 0 ? "0" : name_errno(error, name, sizeof(name)));
}

static void write_name(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "%s(%d, ", step_name(event->step), event->fd);
	text_addr(line, event->args->name.addr);
	text_add(line, ")");
}

/* getsockname and getpeername: the address is the answer. */
static void write_name_asked(struct text *line, const struct event *event,
			     const struct text_view *view)
{
	if (event->error == 0)
		write_name(line, event, view);
	else
		text_addf(line, "%s(%d)", step_name(event->step), event->fd);
}

static void write_listen(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "listen(%d, %d)", event->fd, event->args->listen.backlog);
}

/* Calls whose only argument worth a word is the descriptor. */
static void write_fd(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "%s(", step_name(event->step));
	if (event->fd >= 0)
		text_addf(line, "%d", event->fd);
	text_add(line, ")");
}

static void write_connected(struct text *line, const struct event *event,
			    const struct text_view *view)
{
	(void)view;
	text_addf(line, "connected %d", event->fd);
}

static void write_send(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;
	size_t len = args->io.len;
	int flags = args->io.flags & ~(view->is_literal ? MSG_NOSIGNAL : SEND_FLAGS_IMPLIED);

	if (event->step == STEP_WRITE)
		text_addf(line, "write(%d, ", event->fd);
	else
		text_addf(line, "%s(%d, ", args->io.to != NULL ? "sendto" : "send", event->fd);
	if (view->preview > 0 && args->io.data != NULL) {
		text_add(line, MARK_SENT);
		text_preview(line, args->io.data, len, view);
		text_add(line, MARK_END);
	} else {
		text_add(line, "...");
	}
	/* Also where not all of it was taken. */
	if (view->preview < len || args->io.data == NULL || event->result != (int64_t)len)
		text_addf(line, ", %zu", len);
	if (flags != 0) {
		text_add(line, ", ");
		text_flags(line, &names_msg, (unsigned)flags);
	}
	if (args->io.to != NULL) {
		text_add(line, ", ");
		text_addr(line, args->io.to);
	}
	text_add(line, ")");
}

static void write_recv(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;
	int flags = args->io.flags & ~(view->is_literal ? 0 : RECV_FLAGS_IMPLIED);
	size_t len = event_data_len(event);

	if (event->step == STEP_READ)
		text_addf(line, "read(%d", event->fd);
	else
		text_addf(line, "%s(%d", args->io.from != NULL ? "recvfrom" : "recv", event->fd);
	if (view->preview > 0 && len > 0) {
		text_add(line, ", " MARK_RECEIVED);
		text_preview(line, event->data, len, view);
		text_add(line, MARK_END);
	}
	if (flags != 0) {
		text_add(line, ", ");
		text_flags(line, &names_msg, (unsigned)flags);
	}
	text_add(line, ")");
}

static void write_splice(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "splice(%d, %d, %zu)", event->fd, event->args->splice.fd_out,
		  event->args->splice.len);
}

/* What the messages of a call have in common with each other, before the closing bracket. */
static void add_message(struct text *line, const struct message *message)
{
	if (message->segment != 0)
		text_addf(line, ", UDP_SEGMENT %u", (unsigned)message->segment);
	if (message->addr != NULL) {
		text_add(line, ", ");
		text_addr(line, message->addr);
	}
}

/* Their bytes, as far as they are at hand. */
static void add_messages_data(struct text *line, const struct event *event, const struct text_view *view,
			      const char *mark)
{
	size_t len = event_data_len(event);

	if (view->preview == 0 || len == 0)
		return;
	text_addf(line, ", %s", mark);
	text_preview(line, event->data, len, view);
	text_add(line, MARK_END);
}

static void write_recvmmsg(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "recvmmsg(%d", event->fd);
	add_messages_data(line, event, view, MARK_RECEIVED);
	text_addf(line, ", %u)", event->args->messages.count);
}

static void write_sendmsg(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "sendmsg(%d", event->fd);
	add_messages_data(line, event, view, MARK_SENT);
	text_addf(line, ", %zu", event->args->messages.list->len);
	add_message(line, event->args->messages.list);
	text_add(line, ")");
}

static void write_sendmmsg(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "sendmmsg(%d", event->fd);
	add_messages_data(line, event, view, MARK_SENT);
	text_addf(line, ", %u", event->args->messages.count);
	add_message(line, event->args->messages.list);
	text_add(line, ")");
}

static void write_shutdown(struct text *line, const struct event *event,
			   const struct text_view *view)
{
	(void)view;
	text_addf(line, "shutdown(%d, ", event->fd);
	text_name(line, &names_shut, event->args->shutdown.how);
	text_add(line, ")");
}

static void write_ioctl(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)view;
	text_addf(line, "ioctl(%d, ", event->fd);
	text_name(line, &names_ioctl, (long)event->args->ioctl.request);
	if (event->error == 0)
		text_addf(line, ", [%d]", event->args->ioctl.value);
	text_add(line, ")");
}

static void write_probe(struct text *line, const struct event *event, const struct text_view *view)
{
	char what[512];

	(void)view;
	if (event->args->probe.what == NULL) {
		text_add(line, step_name(event->step));
		return;
	}
	escape_c(event->args->probe.what, strlen(event->args->probe.what), what, sizeof(what));
	text_add(line, what);
}

/* Of netlink what is asked for, of an error queue the flags. */
static void write_recvmsg(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "recvmsg(%d, ", event->fd);
	if (event->args->probe.what != NULL)
		write_probe(line, event, view);
	else
		text_flags(line, &names_msg, (unsigned)event->args->probe.flags);
	text_add(line, ")");
}

static void write_state(struct text *line, const struct event *event, const struct text_view *view)
{
	text_addf(line, "state %d: ", event->fd);
	text_states(line, event, view);
}

static void write_epoll_wait(struct text *line, const struct event *event,
			     const struct text_view *view)
{
	(void)event;
	(void)view;
	text_add(line, "epoll_wait()");
}

/* `fault latency up: 64 KiB, 250 ms` */
static void write_fault(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;
	uint64_t ns;

	(void)view;
	text_addf(line, "fault %s", args->fault.kind);
	if (args->fault.direction != NULL)
		text_addf(line, " %s", args->fault.direction);
	if (args->fault.bytes > 0 || args->fault.ns != 0)
		text_add(line, ": ");
	if (args->fault.bytes > 0)
		text_size(line, args->fault.bytes);
	if (args->fault.bytes > 0 && args->fault.ns != 0)
		text_add(line, ", ");
	if (args->fault.ns == 0)
		return;
	ns = args->fault.ns < 0 ? -(uint64_t)args->fault.ns : (uint64_t)args->fault.ns;
	text_add(line, args->fault.ns < 0 ? "-" : "");
	text_duration(line, ns);
}

/* NOTE and END are no calls. */
static void write_nothing(struct text *line, const struct event *event, const struct text_view *view)
{
	(void)line;
	(void)event;
	(void)view;
}

/* The name of what the step failed with; EINPROGRESS and EAGAIN are answers, not errors. */
static void add_error(struct text *line, const struct event *event)
{
	bool is_answer = event->error == EINPROGRESS || event->error == EAGAIN;
	char name[NAME_SIZE];

	text_addf(line, "%s%s%s", is_answer ? "" : MARK_ERROR,
		  event_error_name(event, name, sizeof(name)), is_answer ? "" : MARK_END);
}

/* ` = 0`, ` = ECONNRESET`; nothing where the event has neither. */
static void result_number(struct text *line, const struct event *event)
{
	if (event_has_failed(event)) {
		text_add(line, " = ");
		add_error(line, event);
	} else if (event->has_result) {
		text_addf(line, " = %" PRId64, event->result);
	}
}

/* ` = 3: 3072 bytes` */
static void result_messages(struct text *line, const struct event *event)
{
	result_number(line, event);
	if (!event_has_failed(event) && event->has_result && event->args != NULL)
		text_addf(line, ": %zu bytes", event_messages_len(event));
}

/* ` = 2 addresses` */
static void result_resolve(struct text *line, const struct event *event)
{
	result_number(line, event);
	if (!event_has_failed(event) && event->has_result)
		text_add(line, event->result == 1 ? " address" : " addresses");
}

/* The verdict of a connect: nothing, or `: ECONNREFUSED`. */
static void result_connected(struct text *line, const struct event *event)
{
	if (event->error == 0)
		return;
	text_add(line, ": ");
	add_error(line, event);
}

/* ` = 5: EPOLLIN|EPOLLOUT`: which descriptor is ready for what. */
static void result_epoll_wait(struct text *line, const struct event *event)
{
	if (event->fd < 0 || event->args == NULL) {
		result_number(line, event);
		return;
	}
	text_addf(line, " = %d: ", event->fd);
	text_flags(line, &names_epoll, event->args->wait.events);
}

static void result_none(struct text *line, const struct event *event)
{
	(void)line;
	(void)event;
}

/*
 *   needs_args  the writer looks at event->args; without them the call is shown with its descriptor
 *   result      NULL: a number
 *   min_dur_ns  a call that was faster is not worth a look
 */
static const struct call_row {
	void (*write)(struct text *line, const struct event *event, const struct text_view *view);
	void (*result)(struct text *line, const struct event *event);
	uint64_t min_dur_ns;
	bool needs_args;
} call_rows[] = {
	[STEP_RESOLVE] = { write_resolve, result_resolve, 10 * NS_PER_US, true },
	[STEP_SOCKET] = { write_socket, NULL, 10 * NS_PER_US, true },
	[STEP_SETSOCKOPT] = { write_sockopt, NULL, 10 * NS_PER_US, true },
	[STEP_BIND] = { write_name, NULL, 10 * NS_PER_US, true },
	[STEP_LISTEN] = { write_listen, NULL, 10 * NS_PER_US, true },
	[STEP_ACCEPT] = { write_fd, NULL, 10 * NS_PER_US, false },
	[STEP_CONNECT] = { write_name, NULL, 10 * NS_PER_US, true },
	[STEP_CONNECTED] = { write_connected, result_connected, 10 * NS_PER_US, false },
	/* These never wait: what lasts a millisecond all the same deserves a look. */
	[STEP_SEND] = { write_send, NULL, NS_PER_MS, true },
	[STEP_RECV] = { write_recv, NULL, NS_PER_MS, true },
	[STEP_SPLICE] = { write_splice, NULL, NS_PER_MS, true },
	[STEP_RECVMMSG] = { write_recvmmsg, result_messages, NS_PER_MS, true },
	[STEP_SENDMSG] = { write_sendmsg, NULL, NS_PER_MS, true },
	[STEP_SENDMMSG] = { write_sendmmsg, result_messages, NS_PER_MS, true },
	[STEP_SHUTDOWN] = { write_shutdown, NULL, NS_PER_MS, true },
	[STEP_CLOSE] = { write_fd, NULL, NS_PER_MS, false },
	[STEP_FCNTL] = { text_fcntl, NULL, NS_PER_MS, true },
	[STEP_STATE] = { write_state, result_none, NS_PER_MS, false },
	[STEP_NOTE] = { write_nothing, result_none, NS_PER_MS, false },
	[STEP_END] = { write_nothing, result_none, NS_PER_MS, false },
	[STEP_FAULT] = { write_fault, result_none, NS_PER_MS, true },
	[STEP_SEGMENTS] = { text_segments, result_none, NS_PER_MS, true },
	[STEP_ACKNOWLEDGED] = { text_acknowledged, result_none, UINT64_MAX, true },
	[STEP_ICMP] = { text_icmp, result_none, NS_PER_MS, true },
	[STEP_PACKET] = { text_packet, result_none, NS_PER_MS, true },
	[STEP_INFO] = { text_kernel_info, result_none, NS_PER_MS, false },
	[STEP_READ] = { write_recv, NULL, NS_PER_MS, true },
	[STEP_WRITE] = { write_send, NULL, NS_PER_MS, true },
	[STEP_EPOLL_WAIT] = { write_epoll_wait, result_epoll_wait, 10 * NS_PER_US, false },
	[STEP_POLL] = { text_poll, text_poll_result, 10 * NS_PER_US, true },
	[STEP_GETSOCKOPT] = { write_getsockopt, NULL, 10 * NS_PER_US, true },
	[STEP_GETSOCKNAME] = { write_name_asked, NULL, 10 * NS_PER_US, true },
	[STEP_GETPEERNAME] = { write_name_asked, NULL, 10 * NS_PER_US, true },
	[STEP_IOCTL] = { write_ioctl, NULL, 10 * NS_PER_US, true },
	[STEP_RECVMSG] = { write_recvmsg, NULL, 10 * NS_PER_US, true },
	[STEP_PROBE] = { write_probe, NULL, 10 * NS_PER_US, true },
};

static_assert(ARRAY_LEN(call_rows) == STEP_COUNT, "every step has a row");

void text_call(struct text *line, const struct event *event, const struct text_view *view)
{
	const struct call_row *row = &call_rows[event->step];

	if (row->needs_args && event->args == NULL)
		write_fd(line, event, view);
	else
		row->write(line, event, view);
	if (row->result != NULL)
		row->result(line, event);
	else
		result_number(line, event);
}

bool text_wants_duration(const struct event *event)
{
	/* How long it took to ask for a connection says nothing: the answer comes with CONNECTED. */
	if (event->step == STEP_CONNECT && event->error == EINPROGRESS)
		return false;
	/* Told as a remark: no duration fits behind two long states in 80 columns. */
	if (event->step == STEP_CONNECTED)
		return false;
	return event->has_dur && event->dur_ns > 0 &&
	       event->dur_ns >= call_rows[event->step].min_dur_ns;
}
