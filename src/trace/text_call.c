/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each event as the C call that it is: a writer of arguments for each step, in one table. */
#include "trace/text_call.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/util.h"
#include "trace/names.h"
#include "trace/text_http.h"
#include "trace/text_packet.h"
#include "trace/text_kernel.h"
#include "trace/text_poll.h"
#include "trace/text_process.h"
#include "trace/text_sight.h"
#include "trace/text_sockopt.h"
#include "trace/text_transfer.h"

#define NAME_SIZE 32 /* room for "errno N" or a number */

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

/* `socks5h 5: CONNECT example.org:80 = granted` */
static void write_proxy(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;

	char about[512], answer[512];

	(void)view;
	escape_c(args->proxy.about, strlen(args->proxy.about), about, sizeof(about));
	escape_c(args->proxy.answer, strlen(args->proxy.answer), answer, sizeof(answer));
	text_addf(line, "%s %d: %s %s = %s", args->proxy.kind, event->fd, args->proxy.request, about, answer);
	if (args->proxy.is_refusal)
		text_addf(line, " (%d)", args->proxy.code);
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

/* `refused 127.0.0.1:51834 by --deny 127.0.0.0/8`, `refused 127.0.0.1:51834: no rule of --allow has it` */
static void write_refused(struct text *line, const struct event *event, const struct text_view *view)
{
	const char *rule = event->args->refused.rule;
	char shown[256];

	(void)view;
	text_add(line, "refused ");
	text_addr(line, event->remote);
	if (rule == NULL) {
		text_addf(line, ": no rule of --%s has it", event->args->refused.by);
		return;
	}
	escape_c(rule, strlen(rule), shown, sizeof(shown));
	text_addf(line, " by --%s %s", event->args->refused.by, shown);
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
	[STEP_SETSOCKOPT] = { text_sockopt, NULL, 10 * NS_PER_US, true },
	[STEP_BIND] = { write_name, NULL, 10 * NS_PER_US, true },
	[STEP_LISTEN] = { write_listen, NULL, 10 * NS_PER_US, true },
	[STEP_ACCEPT] = { write_fd, NULL, 10 * NS_PER_US, false },
	[STEP_CONNECT] = { write_name, NULL, 10 * NS_PER_US, true },
	[STEP_CONNECTED] = { write_connected, result_connected, 10 * NS_PER_US, false },
	/* These never wait: what lasts a millisecond all the same deserves a look. */
	[STEP_SEND] = { text_send, NULL, NS_PER_MS, true },
	[STEP_RECV] = { text_recv, NULL, NS_PER_MS, true },
	[STEP_SPLICE] = { text_splice, NULL, NS_PER_MS, true },
	[STEP_RECVMMSG] = { text_recvmmsg, result_messages, NS_PER_MS, true },
	[STEP_SENDMSG] = { text_sendmsg, NULL, NS_PER_MS, true },
	[STEP_SENDMMSG] = { text_sendmmsg, result_messages, NS_PER_MS, true },
	[STEP_PASS] = { text_pass, NULL, NS_PER_MS, true },
	[STEP_SHUTDOWN] = { write_shutdown, NULL, NS_PER_MS, true },
	[STEP_CLOSE] = { write_fd, NULL, NS_PER_MS, false },
	[STEP_FCNTL] = { text_fcntl, NULL, NS_PER_MS, true },
	[STEP_STATE] = { write_state, result_none, NS_PER_MS, false },
	[STEP_NOTE] = { write_nothing, result_none, NS_PER_MS, false },
	[STEP_END] = { write_nothing, result_none, NS_PER_MS, false },
	[STEP_PROXY] = { write_proxy, result_none, NS_PER_MS, true },
	[STEP_FAULT] = { write_fault, result_none, NS_PER_MS, true },
	[STEP_HTTP] = { text_http, result_none, NS_PER_MS, true },
	[STEP_REFUSED] = { write_refused, result_none, NS_PER_MS, true },
	[STEP_SEGMENTS] = { text_segments, result_none, NS_PER_MS, true },
	[STEP_ACKNOWLEDGED] = { text_acknowledged, result_none, UINT64_MAX, true },
	[STEP_ICMP] = { text_icmp, result_none, NS_PER_MS, true },
	[STEP_PACKET] = { text_packet, result_none, NS_PER_MS, true },
	[STEP_INFO] = { text_kernel_info, result_none, NS_PER_MS, false },
	[STEP_SPAWN] = { text_spawn, NULL, NS_PER_MS, true },
	[STEP_WAITPID] = { text_waitpid, NULL, NS_PER_MS, true },
	[STEP_FCHMOD] = { text_fchmod, NULL, NS_PER_MS, true },
	[STEP_LCHOWN] = { text_lchown, NULL, NS_PER_MS, true },
	[STEP_FCHMODAT] = { text_fchmodat, NULL, NS_PER_MS, true },
	[STEP_CHROOT] = { text_chroot, NULL, NS_PER_MS, true },
	[STEP_SETGROUPS] = { text_setgroups, NULL, NS_PER_MS, true },
	[STEP_SETGID] = { text_setid, NULL, NS_PER_MS, true },
	[STEP_SETUID] = { text_setid, NULL, NS_PER_MS, true },
	[STEP_READ] = { text_recv, NULL, NS_PER_MS, true },
	[STEP_WRITE] = { text_send, NULL, NS_PER_MS, true },
	[STEP_EPOLL_WAIT] = { write_epoll_wait, result_epoll_wait, 10 * NS_PER_US, false },
	[STEP_POLL] = { text_poll, text_poll_result, 10 * NS_PER_US, true },
	[STEP_GETSOCKOPT] = { text_getsockopt, NULL, 10 * NS_PER_US, true },
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
