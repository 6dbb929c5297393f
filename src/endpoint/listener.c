/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From an endpoint to listening sockets: see listener.h. Each address goes through the phases
 *
 *     SOCKET -> DUAL -> REUSE -> SHARE -> OPTIONS -> BIND (-> STALE -> BIND) -> LATE_SHARE -> LATE_OPTIONS -> LISTEN
 *         -> NAME -> (next address)
 *
 * and a phase that the gate holds is come to again.
 */
#include "endpoint/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/util.h"
#include "endpoint/md5key.h"
#include "step/resolve.h"

enum phase {
	PHASE_SOCKET = 0,
	PHASE_DUAL,
	PHASE_REUSE,
	PHASE_SHARE,
	PHASE_TELL_ERRORS,
	PHASE_TELL_ERRORS_IPV4,
	PHASE_OPTIONS,
	PHASE_BIND,
	PHASE_STALE,
	PHASE_LATE_SHARE,
	PHASE_KEY,
	PHASE_LATE_OPTIONS,
	PHASE_LISTEN,
	PHASE_NAME,
	PHASE_DONE,
};

struct listener {
	struct stepper *st;
	struct loop *loop;
	struct listener_settings settings;
	listener_done_fn *done;
	void *ctx;
	struct task task;
	struct resolve *resolve;
	struct addr addrs[LISTENER_MAX];
	size_t count;   /* addresses */
	size_t current; /* the one that is being opened */
	enum phase phase;
	size_t next_option;
	bool was_stale; /* a stale file has been removed: once is enough */
	bool is_ready;  /* the addresses are known */
	struct sock probe;
	struct listening sockets[LISTENER_MAX];
	struct failure fail;
};

struct listening *listener_sockets(struct listener *listener, size_t *count)
{
	*count = listener->count;
	return listener->sockets;
}

void listener_stop(struct listener *listener)
{
	for (size_t i = 0; i < LISTENER_MAX; i++) {
		loop_unwatch(listener->loop, &listener->sockets[i].sock);
		step_close(listener->st, &listener->sockets[i].sock);
		unixfile_remove(&listener->sockets[i].file);
	}
	step_close(listener->st, &listener->probe);
}

void listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	resolve_cancel(listener->resolve);
	loop_unpost(listener->loop, &listener->task);
	listener_stop(listener);
	free(listener);
}

/* Is it the one socket for every address? */
static bool is_dual(const struct listener *listener)
{
	const struct endpoint *endpoint = listener->settings.endpoint;

	return endpoint->is_any_host && !endpoint->is_loopback && endpoint->kind->family == AF_UNSPEC;
}

/* There is no IPv6 here: take every IPv4 address instead, and say so. */
static int fall_back(struct listener *listener, struct sock *sk, int error)
{
	struct addr *addr = &listener->addrs[listener->current];
	bool is_absent = error == EAFNOSUPPORT || error == EADDRNOTAVAIL;

	/* Without IPv6 the IPv4 loopback, which listens already, is all there is. */
	if (listener->settings.endpoint->is_loopback && listener->current > 0 && is_absent) {
		if (step_close(listener->st, sk) == STEP_HELD)
			return STEP_HELD;
		listener->count = listener->current;
		return -EAGAIN;
	}
	if (!is_dual(listener) || addr_family(addr) != AF_INET6 || !is_absent)
		return -error;
	if (step_close(listener->st, sk) == STEP_HELD)
		return STEP_HELD;
	step_note(listener->st, 0, _("there is no IPv6 on this host: listening on every IPv4 address instead"));
	addr_set_any(addr, AF_INET, addr_port(addr));
	listener->phase = PHASE_SOCKET;
	return -EAGAIN;
}

static int open_socket(struct listener *listener, struct listening *at, const struct addr *addr)
{
	const struct endpoint_kind *kind = listener->settings.endpoint->kind;
	int ret = step_socket(listener->st, &at->sock, addr_family(addr), kind->socktype, kind->ipproto,
			      kind->protocol);

	at->sock.side = SIDE_SERVER;
	return ret < 0 && ret != STEP_HELD ? fall_back(listener, &at->sock, -ret) : ret;
}

/*
 * A listener without an address answers IPv4 as well, and with -6 IPv6 alone, whatever the system's default is
 * (ipv6(7), IPV6_V6ONLY). An address that was written is left to that default.
 */
static int open_dual(struct listener *listener, struct listening *at, const struct addr *addr)
{
	if (addr_family(addr) != AF_INET6 || !listener->settings.endpoint->is_any_host)
		return 0;
	return step_setsockopt_int(listener->st, &at->sock, IPPROTO_IPV6, IPV6_V6ONLY, is_dual(listener) ? 0 : 1);
}

static int open_reuse(struct listener *listener, struct listening *at, const struct addr *addr)
{
	(void)addr;
	if (at->sock.protocol != PROTOCOL_TCP || !listener->settings.is_reuseaddr)
		return 0;
	return step_setsockopt_int(listener->st, &at->sock, SOL_SOCKET, SO_REUSEADDR, 1);
}

/* Let others listen on the same port, where now is the time for it. */
static int share_port(struct listener *listener, struct listening *at, enum listener_sharing now)
{
	bool has_port = at->sock.protocol == PROTOCOL_TCP || at->sock.protocol == PROTOCOL_UDP;

	if (!has_port || listener->settings.sharing != now)
		return 0;
	return step_setsockopt_int(listener->st, &at->sock, SOL_SOCKET, SO_REUSEPORT, 1);
}

static int open_share(struct listener *listener, struct listening *at, const struct addr *addr)
{
	(void)addr;
	return share_port(listener, at, LISTENER_SHARES);
}

static int open_late_share(struct listener *listener, struct listening *at, const struct addr *addr)
{
	(void)addr;
	return share_port(listener, at, LISTENER_SHARES_LATER);
}

/*
 * ip(7), IP_RECVERR: an unconnected socket is told of no ICMP error without it. With it the error is in the way of the
 * next call, whoever that is for; the demultiplexer takes it away.
 */
static int open_tell_errors(struct listener *listener, struct listening *at, const struct addr *addr)
{
	bool is_v6 = addr_family(addr) == AF_INET6;
	int ret;

	if (at->sock.protocol != PROTOCOL_UDP)
		return 0;
	ret = step_setsockopt_int(listener->st, &at->sock, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
				  is_v6 ? IPV6_RECVERR : IP_RECVERR, 1);
	/* Without it only less is known. */
	return ret == STEP_HELD ? ret : 0;
}

/* The same of the IPv4 clients of a socket for both versions: it is not enough to ask by IPv6. */
static int open_tell_errors_ipv4(struct listener *listener, struct listening *at, const struct addr *addr)
{
	int ret;

	if (at->sock.protocol != PROTOCOL_UDP || addr_family(addr) != AF_INET6 || !is_dual(listener))
		return 0;
	ret = step_setsockopt_int(listener->st, &at->sock, IPPROTO_IP, IP_RECVERR, 1);
	return ret == STEP_HELD ? ret : 0;
}

/* A socket for every address may speak IPv4 too, unless it is told not to. */
static unsigned families_of(const struct listener *listener, const struct addr *addr)
{
	return opening_families(addr, is_dual(listener) ||
					      (addr_is_wildcard(addr) && !listener->settings.endpoint->is_any_host));
}

static int open_options(struct listener *listener, struct listening *at, const struct addr *addr)
{
	return opening_set_options(listener->st, &at->sock, listener->settings.endpoint,
				   OPENING_PHASE(BEFORE_BIND), families_of(listener, addr), &listener->next_option,
				   &listener->fail);
}

static int open_bind(struct listener *listener, struct listening *at, const struct addr *addr)
{
	int ret;

	if (unixfile_is_path(addr))
		unixfile_set_mode(&at->sock);
	ret = step_bind(listener->st, &at->sock, addr);
	if (ret == 0) {
		if (unixfile_is_path(addr))
			unixfile_remember(&at->file, addr);
		listener->phase = PHASE_STALE;
		return 0;
	}
	if (ret == -EADDRINUSE && unixfile_is_path(addr) && !listener->was_stale)
		return 0;
	return ret == STEP_HELD ? ret : fall_back(listener, &at->sock, -ret);
}

/* Reached only where the name was taken: the phase behind a bind that went well is the one after this. */
static int open_stale(struct listener *listener, struct listening *at, const struct addr *addr)
{
	int ret = unixfile_replace_stale(listener->st, &listener->probe, addr);

	(void)at;
	if (ret == STEP_HELD)
		return ret;
	if (ret != 1)
		return failure_set(&listener->fail, STEP_BIND, EADDRINUSE, addr);
	listener->was_stale = true;
	listener->phase = PHASE_BIND;
	return -EAGAIN;
}

static int open_key(struct listener *listener, struct listening *at, const struct addr *addr)
{
	return md5key_set(listener->st, &at->sock, listener->settings.endpoint, NULL, families_of(listener, addr),
			  &listener->next_option, &listener->fail);
}

static int open_late_options(struct listener *listener, struct listening *at, const struct addr *addr)
{
	/* Datagrams have no connections: there is no later moment. */
	unsigned later = listener->settings.endpoint->kind->socktype == SOCK_DGRAM ? OPENING_PHASE(CONNECTED) : 0;

	return opening_set_options(listener->st, &at->sock, listener->settings.endpoint,
				   OPENING_PHASE(BEFORE_CONNECT) | later, families_of(listener, addr),
				   &listener->next_option, &listener->fail);
}

static int open_listen(struct listener *listener, struct listening *at, const struct addr *addr)
{
	(void)addr;
	if (listener->settings.endpoint->kind->socktype == SOCK_DGRAM)
		return 0;
	return step_listen(listener->st, &at->sock, listener->settings.backlog);
}

/* The port that the kernel chose is that of the further addresses too. */
static int open_name(struct listener *listener, struct listening *at, const struct addr *addr)
{
	if (!listener->settings.wants_names && addr_port(addr) != 0)
		return 0;
	step_local_addr(listener->st, &at->sock, &at->bound);
	for (size_t i = listener->current + 1; i < listener->count; i++)
		if (addr_port(&listener->addrs[i]) == 0)
			addr_set_port(&listener->addrs[i], addr_port(&at->bound));
	return 0;
}

static const struct {
	int (*run)(struct listener *listener, struct listening *at, const struct addr *addr);
	enum step_id step;
} phases[PHASE_DONE] = {
	[PHASE_SOCKET] = { open_socket, STEP_SOCKET },
	[PHASE_DUAL] = { open_dual, STEP_SETSOCKOPT },
	[PHASE_REUSE] = { open_reuse, STEP_SETSOCKOPT },
	[PHASE_SHARE] = { open_share, STEP_SETSOCKOPT },
	[PHASE_TELL_ERRORS] = { open_tell_errors, STEP_SETSOCKOPT },
	[PHASE_TELL_ERRORS_IPV4] = { open_tell_errors_ipv4, STEP_SETSOCKOPT },
	[PHASE_OPTIONS] = { open_options, STEP_SETSOCKOPT },
	[PHASE_BIND] = { open_bind, STEP_BIND },
	[PHASE_STALE] = { open_stale, STEP_BIND },
	[PHASE_LATE_SHARE] = { open_late_share, STEP_SETSOCKOPT },
	[PHASE_KEY] = { open_key, STEP_SETSOCKOPT },
	[PHASE_LATE_OPTIONS] = { open_late_options, STEP_SETSOCKOPT },
	[PHASE_LISTEN] = { open_listen, STEP_LISTEN },
	[PHASE_NAME] = { open_name, STEP_GETSOCKNAME },
};

/* Tell the end. */
static void listener_finish(struct listener *listener)
{
	struct failure *fail = &listener->fail;

	if (fail->domain == FAILURE_NONE) {
		listener->done(listener->ctx, NULL);
		return;
	}
	fail->side = SIDE_SERVER;
	fail->protocol = listener->settings.endpoint->kind->protocol;
	listener_stop(listener);
	listener->done(listener->ctx, fail);
}

/* Open one address after the other. */
static void listener_run(struct task *task)
{
	struct listener *listener = CONTAINER_OF(task, struct listener, task);

	if (!listener->is_ready && listener->fail.domain == FAILURE_NONE)
		return;
	while (listener->current < listener->count && listener->fail.domain == FAILURE_NONE) {
		enum phase phase = listener->phase;
		int ret = phases[phase].run(listener, &listener->sockets[listener->current],
					    &listener->addrs[listener->current]);

		if (ret == STEP_HELD)
			return;
		if (ret == -EAGAIN && (listener->phase != phase || listener->current == listener->count))
			continue;
		if (ret < 0) {
			failure_set(&listener->fail, phases[phase].step, -ret, &listener->addrs[listener->current]);
			break;
		}
		listener->phase++;
		if (listener->phase == PHASE_DONE) {
			listener->phase = PHASE_SOCKET;
			listener->current++;
		}
	}
	listener_finish(listener);
}

static void listener_resolved(void *ctx, const struct resolve_answer *answer)
{
	struct listener *listener = ctx;

	listener->resolve = NULL;
	if (answer->error != 0) {
		listener->fail.domain = FAILURE_RESOLVER;
		listener->fail.code = answer->error;
		listener->fail.step = STEP_RESOLVE;
		snprintf(listener->fail.target, sizeof(listener->fail.target), "%s", listener->settings.endpoint->host);
	}
	while (listener->count < answer->count && listener->count < LISTENER_MAX) {
		listener->addrs[listener->count] = answer->found[listener->count];
		listener->count++;
	}
	listener->is_ready = true;
	loop_post(listener->loop, &listener->task);
}

/* Those of the loopback interface. Of datagrams there is one socket: its address is what most will try. */
static void set_loopback(struct listener *listener)
{
	const struct endpoint *endpoint = listener->settings.endpoint;
	int family = endpoint->kind->family;

	if (family != AF_INET6)
		addr_parse_ip(&listener->addrs[listener->count++], "127.0.0.1", endpoint->port_number);
	if (family == AF_INET6 || (family == AF_UNSPEC && endpoint->kind->socktype != SOCK_DGRAM))
		addr_parse_ip(&listener->addrs[listener->count++], "::1", endpoint->port_number);
	listener->is_ready = true;
}

/* Find the addresses: the one that was written, every one, or those of a name. */
static void listener_resolve(struct listener *listener)
{
	const struct endpoint *endpoint = listener->settings.endpoint;
	struct resolve_question question = { .node = NULL };
	char port[8];
	int ret;

	if (endpoint->is_loopback) {
		set_loopback(listener);
		return;
	}
	if (endpoint->addr.len > 0 || endpoint->is_any_host) {
		listener->addrs[0] = endpoint->addr;
		if (endpoint->is_any_host)
			addr_set_any(&listener->addrs[0], endpoint->kind->family == AF_INET ? AF_INET : AF_INET6,
				     endpoint->port_number);
		listener->count = 1;
		listener->is_ready = true;
		return;
	}
	snprintf(port, sizeof(port), "%u", endpoint->port_number);
	question.node = endpoint->host;
	question.service = port;
	question.family = endpoint->kind->family;
	question.socktype = endpoint->kind->socktype;
	question.is_passive = true;
	ret = resolve_start(listener->st, listener->loop, &question, listener_resolved, listener, &listener->resolve);
	if (ret < 0)
		failure_set(&listener->fail, STEP_RESOLVE, -ret, NULL);
}

/* A descriptor that was handed in: it listens already. */
static void listener_adopt(struct task *task)
{
	struct listener *listener = CONTAINER_OF(task, struct listener, task);
	struct opened opened;

	if (opening_adopt(listener->st, listener->settings.endpoint, true, &opened, &listener->fail) == 0) {
		listener->sockets[0].sock = opened.sock;
		listener->sockets[0].bound = opened.local;
		listener->count = 1;
		step_introduce(listener->st, &opened.sock, &opened.local, &opened.remote);
	}
	listener_finish(listener);
}

struct listener *listener_start(struct stepper *st, struct loop *loop, const struct listener_settings *settings,
				listener_done_fn *done, void *ctx)
{
	bool is_fd = settings->endpoint->kind->form == FORM_FD;
	struct listener *listener = xcalloc(1, sizeof(*listener));

	listener->st = st;
	listener->loop = loop;
	listener->settings = *settings;
	listener->done = done;
	listener->ctx = ctx;
	listener->task.run = is_fd ? listener_adopt : listener_run;
	sock_init(&listener->probe);
	listener->probe.task = &listener->task;
	for (size_t i = 0; i < LISTENER_MAX; i++) {
		sock_init(&listener->sockets[i].sock);
		listener->sockets[i].sock.task = &listener->task;
	}
	if (!is_fd)
		listener_resolve(listener);
	loop_post(loop, &listener->task);
	return listener;
}
