/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arguments of each step as bytes: see wire_args.h. */
#include "trace/wire_args.h"

#include <string.h>

static void args_resolve(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;
	size_t count = args->resolve.found_count < WIRE_FOUND_MAX ? args->resolve.found_count : WIRE_FOUND_MAX;

	args->resolve.node = wire_string(w, args->resolve.node);
	args->resolve.service = wire_string(w, args->resolve.service);
	args->resolve.family = wire_small(w, args->resolve.family);
	args->resolve.socktype = wire_small(w, args->resolve.socktype);
	args->resolve.error = wire_small(w, args->resolve.error);
	count = (size_t)wire_choice(w, args->resolve.found == NULL ? 0 : (int)count, WIRE_FOUND_MAX + 1);
	for (size_t i = 0; i < count; i++)
		if (wire_address(w, w->dst != NULL ? &args->resolve.found[i] : NULL, &we->found[i]) == NULL)
			w->is_bad = true;
	args->resolve.found = count == 0 ? NULL : we->found;
	args->resolve.found_count = count;
}

static void args_socket(struct wire *w, struct wire_event *we)
{
	we->args.socket.domain = wire_small(w, we->args.socket.domain);
	we->args.socket.type = wire_small(w, we->args.socket.type);
	we->args.socket.protocol = wire_small(w, we->args.socket.protocol);
}

static void args_sockopt(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;
	bool has_value;

	args->sockopt.level = wire_small(w, args->sockopt.level);
	args->sockopt.optname = wire_small(w, args->sockopt.optname);
	args->sockopt.optlen = (socklen_t)wire_number(w, args->sockopt.optlen);
	has_value = wire_truth(w, args->sockopt.optval != NULL && args->sockopt.optlen <= WIRE_BLOB_MAX);
	args->sockopt.optval = has_value ? wire_bytes(w, args->sockopt.optval, args->sockopt.optlen) : NULL;
}

static void args_name(struct wire *w, struct wire_event *we)
{
	we->args.name.addr = wire_address(w, we->args.name.addr, &we->names[0]);
}

static void args_listen(struct wire *w, struct wire_event *we)
{
	we->args.listen.backlog = wire_small(w, we->args.listen.backlog);
}

static void args_accept(struct wire *w, struct wire_event *we)
{
	we->args.accept.addr = wire_address(w, we->args.accept.addr, &we->names[0]);
	we->args.accept.flags = wire_small(w, we->args.accept.flags);
}

/* The bytes to be sent follow behind the arguments: see wire.c. */
void wire_args_io(struct wire *w, struct wire_event *we)
{
	we->args.io.len = (size_t)wire_number(w, we->args.io.len);
	we->args.io.flags = wire_small(w, we->args.io.flags);
	we->args.io.to = wire_address(w, we->args.io.to, &we->names[0]);
	we->args.io.from = wire_address(w, we->args.io.from, &we->names[1]);
	we->args.io.buf = NULL;
}

static void args_splice(struct wire *w, struct wire_event *we)
{
	we->args.splice.fd_out = wire_small(w, we->args.splice.fd_out);
	we->args.splice.len = (size_t)wire_number(w, we->args.splice.len);
	we->args.splice.flags = (unsigned)wire_number(w, we->args.splice.flags);
}

static void args_shutdown(struct wire *w, struct wire_event *we)
{
	we->args.shutdown.how = wire_small(w, we->args.shutdown.how);
	we->args.shutdown.why = (enum shutdown_why)wire_choice(w, (int)we->args.shutdown.why, SHUTDOWN_OWN + 1);
}

static void args_pass(struct wire *w, struct wire_event *we)
{
	we->args.pass.passed = wire_small(w, we->args.pass.passed);
}

static void args_poll(struct wire *w, struct wire_event *we)
{
	const struct pollfd *fds = we->args.poll.fds;

	we->args.poll.nfds = (unsigned)wire_choice(w, (int)we->args.poll.nfds, POLLED_MAX + 1);
	we->args.poll.timeout_ms = wire_small(w, we->args.poll.timeout_ms);
	we->args.poll.asked_ms = wire_small(w, we->args.poll.asked_ms);
	we->args.poll.is_late = wire_truth(w, we->args.poll.is_late);
	we->args.poll.fds = we->polled;
	for (unsigned i = 0; i < we->args.poll.nfds; i++) {
		struct pollfd at = { 0 };

		if (w->dst != NULL)
			at = fds[i];
		at.fd = wire_small(w, at.fd);
		at.events = (short)wire_small(w, at.events);
		at.revents = (short)wire_small(w, at.revents);
		we->polled[i] = at;
	}
}

static void args_fcntl(struct wire *w, struct wire_event *we)
{
	we->args.fcntl.cmd = wire_small(w, we->args.fcntl.cmd);
	we->args.fcntl.flags = wire_small(w, we->args.fcntl.flags);
	we->args.fcntl.is_own = wire_truth(w, we->args.fcntl.is_own);
}

static void args_ioctl(struct wire *w, struct wire_event *we)
{
	we->args.ioctl.request = (unsigned long)wire_number(w, we->args.ioctl.request);
	we->args.ioctl.value = wire_small(w, we->args.ioctl.value);
}

static void args_wait(struct wire *w, struct wire_event *we)
{
	we->args.wait.events = (uint32_t)wire_number(w, we->args.wait.events);
}

static void args_probe(struct wire *w, struct wire_event *we)
{
	we->args.probe.what = wire_string(w, we->args.probe.what);
	we->args.probe.flags = wire_small(w, we->args.probe.flags);
}

static void args_http(struct wire *w, struct wire_event *we)
{
	we->args.http.is_reply = wire_truth(w, we->args.http.is_reply);
	we->args.http.is_out = wire_truth(w, we->args.http.is_out);
	we->args.http.is_whole = wire_truth(w, we->args.http.is_whole);
	we->args.http.number = (uint32_t)wire_number(w, we->args.http.number);
	we->args.http.method = wire_string(w, we->args.http.method);
	we->args.http.target = wire_string(w, we->args.http.target);
	we->args.http.status = (unsigned)wire_number(w, we->args.http.status);
	we->args.http.reason = wire_string(w, we->args.http.reason);
	we->args.http.minor = (unsigned)wire_number(w, we->args.http.minor);
	we->args.http.head_bytes = wire_number(w, we->args.http.head_bytes);
	we->args.http.body_bytes = wire_number(w, we->args.http.body_bytes);
	we->args.http.wrong = wire_string(w, we->args.http.wrong);
	w->is_bad = w->is_bad || (we->args.http.method != NULL && we->args.http.target == NULL) ||
		    (we->args.http.status != 0 && we->args.http.reason == NULL);
}

static void args_proxy(struct wire *w, struct wire_event *we)
{
	we->args.proxy.kind = wire_words(w, we->args.proxy.kind);
	we->args.proxy.request = wire_words(w, we->args.proxy.request);
	we->args.proxy.about = wire_words(w, we->args.proxy.about);
	we->args.proxy.answer = wire_words(w, we->args.proxy.answer);
	we->args.proxy.code = wire_small(w, we->args.proxy.code);
	we->args.proxy.is_refusal = wire_truth(w, we->args.proxy.is_refusal);
}

static void args_fault(struct wire *w, struct wire_event *we)
{
	we->args.fault.kind = wire_words(w, we->args.fault.kind);
	we->args.fault.direction = wire_string(w, we->args.fault.direction);
	we->args.fault.bytes = wire_number(w, we->args.fault.bytes);
	we->args.fault.ns = (int64_t)wire_number(w, (uint64_t)we->args.fault.ns);
}

static void args_refused(struct wire *w, struct wire_event *we)
{
	we->args.refused.by = wire_words(w, we->args.refused.by);
	we->args.refused.rule = wire_string(w, we->args.refused.rule);
}

/* Its bytes go along where a sink wants all that passed: no other looks at them. */
static void args_packet(struct wire *w, struct wire_event *we)
{
	struct packet *packet = &we->args.packet;
	bool has_bytes;

	packet->is_out = wire_truth(w, packet->is_out);
	packet->family = (uint8_t)wire_choice(w, packet->family, UINT8_MAX + 1);
	packet->protocol = (uint8_t)wire_choice(w, packet->protocol, UINT8_MAX + 1);
	packet->flags = (uint8_t)wire_choice(w, packet->flags, UINT8_MAX + 1);
	packet->wscale = (int8_t)(wire_choice(w, packet->wscale + 1, INT8_MAX + 2) - 1);
	packet->has_sack = wire_truth(w, packet->has_sack);
	packet->has_timestamps = wire_truth(w, packet->has_timestamps);
	packet->is_again = wire_truth(w, packet->is_again);
	packet->is_saved = wire_truth(w, packet->is_saved);
	packet->icmp_type = (uint8_t)wire_choice(w, packet->icmp_type, UINT8_MAX + 1);
	packet->icmp_code = (uint8_t)wire_choice(w, packet->icmp_code, UINT8_MAX + 1);
	packet->mss = (uint16_t)wire_choice(w, packet->mss, UINT16_MAX + 1);
	packet->seq = (uint32_t)wire_number(w, packet->seq);
	packet->ack = (uint32_t)wire_number(w, packet->ack);
	packet->window = (uint32_t)wire_number(w, packet->window);
	packet->length = (uint32_t)wire_number(w, packet->length);
	packet->icmp_sender = wire_address(w, packet->icmp_sender, &we->names[0]);
	packet->original = (size_t)wire_number(w, packet->original);
	packet->real_ns = wire_number(w, packet->real_ns);
	has_bytes = wire_truth(w, packet->bytes != NULL && w->has_payload);
	packet->captured = has_bytes ? (size_t)wire_number(w, packet->captured) : 0;
	packet->bytes = has_bytes ? wire_bytes(w, packet->bytes, packet->captured) : NULL;
}

static void args_segments(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;

	args->segments.of = (enum step_id)wire_choice(w, (int)args->segments.of, STEP_COUNT);
	args->segments.is_before = wire_truth(w, args->segments.is_before);
	args->segments.out = (uint32_t)wire_number(w, args->segments.out);
	args->segments.in = (uint32_t)wire_number(w, args->segments.in);
	args->segments.retransmits = (uint32_t)wire_number(w, args->segments.retransmits);
	args->segments.acked = wire_number(w, args->segments.acked);
}

static void args_acknowledged(struct wire *w, struct wire_event *we)
{
	we->args.acknowledged.first = wire_number(w, we->args.acknowledged.first);
	we->args.acknowledged.last = wire_number(w, we->args.acknowledged.last);
}

static void args_spawn(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;
	char *const *argv = args->spawn.argv;
	size_t count = 0;

	while (w->dst != NULL && count < WIRE_ARGV_MAX && argv[count] != NULL)
		count++;
	count = (size_t)wire_choice(w, (int)count, WIRE_ARGV_MAX + 1);
	w->is_bad = w->is_bad || count == 0;
	for (size_t i = 0; i < count; i++) {
		we->argv[i] = (char *)wire_words(w, w->dst != NULL ? argv[i] : NULL);
	}
	we->argv[count] = NULL;
	args->spawn.argv = we->argv;
	args->spawn.envp = NULL;
	args->spawn.mask = NULL;
	args->spawn.has_pty = wire_truth(w, args->spawn.has_pty);
	args->spawn.in = wire_small(w, args->spawn.in);
	args->spawn.out = wire_small(w, args->spawn.out);
}

static void args_waitpid(struct wire *w, struct wire_event *we)
{
	we->args.waitpid.pid = wire_small(w, we->args.waitpid.pid);
	we->args.waitpid.status = wire_small(w, we->args.waitpid.status);
}

static void args_fchmod(struct wire *w, struct wire_event *we)
{
	we->args.fchmod.mode = (uint32_t)wire_number(w, we->args.fchmod.mode);
}

static void args_lchown(struct wire *w, struct wire_event *we)
{
	we->args.lchown.path = wire_words(w, we->args.lchown.path);
	we->args.lchown.owner = (uint32_t)wire_number(w, we->args.lchown.owner);
	we->args.lchown.group = (uint32_t)wire_number(w, we->args.lchown.group);
}

static void args_fchmodat(struct wire *w, struct wire_event *we)
{
	we->args.fchmodat.path = wire_words(w, we->args.fchmodat.path);
	we->args.fchmodat.mode = (uint32_t)wire_number(w, we->args.fchmodat.mode);
}

static void args_chroot(struct wire *w, struct wire_event *we)
{
	we->args.chroot.path = wire_words(w, we->args.chroot.path);
}

static void args_setgroups(struct wire *w, struct wire_event *we)
{
	const uint32_t *list = we->args.setgroups.list;
	size_t size = we->args.setgroups.size < WIRE_GROUPS_MAX ? we->args.setgroups.size : WIRE_GROUPS_MAX;

	size = (size_t)wire_choice(w, (int)size, WIRE_GROUPS_MAX + 1);
	for (size_t i = 0; i < size; i++)
		we->groups[i] = (uint32_t)wire_number(w, w->dst != NULL ? list[i] : 0);
	we->args.setgroups.list = we->groups;
	we->args.setgroups.size = size;
}

static void args_setid(struct wire *w, struct wire_event *we)
{
	we->args.setid.id = (uint32_t)wire_number(w, we->args.setid.id);
}

wire_args_fn *wire_args_of(enum step_id step)
{
	/* Those that are not here have none. */
	static wire_args_fn *const all[STEP_COUNT] = {
		[STEP_SPAWN] = args_spawn,
		[STEP_WAITPID] = args_waitpid,
		[STEP_FCHMOD] = args_fchmod,
		[STEP_LCHOWN] = args_lchown,
		[STEP_FCHMODAT] = args_fchmodat,
		[STEP_CHROOT] = args_chroot,
		[STEP_SETGROUPS] = args_setgroups,
		[STEP_SETGID] = args_setid,
		[STEP_SETUID] = args_setid,
		[STEP_RESOLVE] = args_resolve,
		[STEP_SOCKET] = args_socket,
		[STEP_SETSOCKOPT] = args_sockopt,
		[STEP_GETSOCKOPT] = args_sockopt,
		[STEP_BIND] = args_name,
		[STEP_CONNECT] = args_name,
		[STEP_GETSOCKNAME] = args_name,
		[STEP_GETPEERNAME] = args_name,
		[STEP_LISTEN] = args_listen,
		[STEP_ACCEPT] = args_accept,
		[STEP_SEND] = wire_args_io,
		[STEP_RECV] = wire_args_io,
		[STEP_READ] = wire_args_io,
		[STEP_WRITE] = wire_args_io,
		[STEP_SPLICE] = args_splice,
		[STEP_RECVMMSG] = wire_args_messages,
		[STEP_SENDMSG] = wire_args_messages,
		[STEP_SENDMMSG] = wire_args_messages,
		[STEP_PASS] = args_pass,
		[STEP_SHUTDOWN] = args_shutdown,
		[STEP_IOCTL] = args_ioctl,
		[STEP_EPOLL_WAIT] = args_wait,
		[STEP_RECVMSG] = args_probe,
		[STEP_PROBE] = args_probe,
		[STEP_PROXY] = args_proxy,
		[STEP_FAULT] = args_fault,
		[STEP_HTTP] = args_http,
		[STEP_REFUSED] = args_refused,
		[STEP_SEGMENTS] = args_segments,
		[STEP_ACKNOWLEDGED] = args_acknowledged,
		[STEP_ICMP] = args_packet,
		[STEP_PACKET] = args_packet,
		[STEP_FCNTL] = args_fcntl,
		[STEP_POLL] = args_poll,
	};

	return all[step];
}
