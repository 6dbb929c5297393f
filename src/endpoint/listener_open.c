/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening the addresses of a listener: see listener_private.h. Each goes through the phases
 *
 *     SOCKET -> DUAL -> REUSE -> SHARE -> OPTIONS -> FIRST_MODE -> BIND (-> STALE -> BIND) -> OWNER -> MODE
 *         -> LATE_SHARE -> LATE_OPTIONS -> LISTEN -> NAME -> (next address)
 *
 * and a phase that the gate holds is come to again.
 */
#include <errno.h>
#include <netinet/in.h>

#include "base/i18n.h"
#include "endpoint/listener_private.h"
#include "endpoint/md5key.h"

/* Is it the one socket for every address? */
static bool is_dual(const struct listener *listener)
{
	const struct endpoint *endpoint = listener->endpoint;

	return endpoint->is_any_host && !endpoint->is_loopback && endpoint->kind->family == AF_UNSPEC;
}

/* There is no IPv6 here: take every IPv4 address instead, and say so. */
static int fall_back(struct listener *listener, struct sock *sk, int error)
{
	struct addr *addr = &listener->addrs[listener->current];
	bool is_absent = error == EAFNOSUPPORT || error == EADDRNOTAVAIL;

	/* Without IPv6 the IPv4 loopback, which listens already, is all there is. */
	if (listener->endpoint->is_loopback && listener->current > 0 && is_absent) {
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
	const struct endpoint_kind *kind = listener->endpoint->kind;
	int ret = step_socket(listener->st, &at->sock, addr_family(addr), kind->socktype, kind->ipproto,
			      kind->protocol);

	at->sock.side = SIDE_SERVER;
	at->endpoint = listener->endpoint;
	at->is_messages = kind->is_messages;
	at->is_datagram = kind->socktype == SOCK_DGRAM;
	return ret < 0 && ret != STEP_HELD ? fall_back(listener, &at->sock, -ret) : ret;
}

/*
 * A listener without an address answers IPv4 as well, and with -6 IPv6 alone, whatever the system's default is
 * (ipv6(7), IPV6_V6ONLY). An address that was written is left to that default.
 */
static int open_dual(struct listener *listener, struct listening *at, const struct addr *addr)
{
	if (addr_family(addr) != AF_INET6 || !listener->endpoint->is_any_host)
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
					      (addr_is_wildcard(addr) && !listener->endpoint->is_any_host));
}

static int open_options(struct listener *listener, struct listening *at, const struct addr *addr)
{
	return opening_set_options(listener->st, &at->sock, listener->endpoint,
				   OPENING_PHASE(BEFORE_BIND), families_of(listener, addr), &listener->next_option,
				   &listener->fail);
}

static int open_first_mode(struct listener *listener, struct listening *at, const struct addr *addr)
{
	return unixfile_is_path(addr) ? unixfile_set_mode(listener->st, &at->sock) : 0;
}

static int open_bind(struct listener *listener, struct listening *at, const struct addr *addr)
{
	int ret;

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

/*
 * The file was made with mode 0600: whom it is to be for can use it only from now on, and who is not to use it never
 * could. listen() comes behind that, and a datagram too has to pass the mode.
 */
static int open_owner(struct listener *listener, struct listening *at, const struct addr *addr)
{
	const struct endpoint *endpoint = listener->endpoint;

	(void)addr;
	if (endpoint->owner == NULL)
		return 0;
	return step_lchown(listener->st, &at->sock, at->file.path, endpoint->uid, endpoint->gid);
}

static int open_mode(struct listener *listener, struct listening *at, const struct addr *addr)
{
	(void)addr;
	if (!listener->endpoint->has_mode)
		return 0;
	return step_fchmodat(listener->st, &at->sock, at->file.path, listener->endpoint->mode);
}

static int open_key(struct listener *listener, struct listening *at, const struct addr *addr)
{
	return md5key_set(listener->st, &at->sock, listener->endpoint, NULL, families_of(listener, addr),
			  &listener->next_option, &listener->fail);
}

static int open_late_options(struct listener *listener, struct listening *at, const struct addr *addr)
{
	/* Datagrams have no connections: there is no later moment. */
	unsigned later = listener->endpoint->kind->socktype == SOCK_DGRAM ? OPENING_PHASE(CONNECTED) : 0;

	return opening_set_options(listener->st, &at->sock, listener->endpoint,
				   OPENING_PHASE(BEFORE_CONNECT) | later, families_of(listener, addr),
				   &listener->next_option, &listener->fail);
}

static int open_listen(struct listener *listener, struct listening *at, const struct addr *addr)
{
	(void)addr;
	if (listener->endpoint->kind->socktype == SOCK_DGRAM)
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
	[PHASE_FIRST_MODE] = { open_first_mode, STEP_FCHMOD },
	[PHASE_BIND] = { open_bind, STEP_BIND },
	[PHASE_STALE] = { open_stale, STEP_BIND },
	[PHASE_OWNER] = { open_owner, STEP_LCHOWN },
	[PHASE_MODE] = { open_mode, STEP_FCHMODAT },
	[PHASE_LATE_SHARE] = { open_late_share, STEP_SETSOCKOPT },
	[PHASE_KEY] = { open_key, STEP_SETSOCKOPT },
	[PHASE_LATE_OPTIONS] = { open_late_options, STEP_SETSOCKOPT },
	[PHASE_LISTEN] = { open_listen, STEP_LISTEN },
	[PHASE_NAME] = { open_name, STEP_GETSOCKNAME },
};

int listener_open_next(struct listener *listener)
{
	enum listener_phase phase = listener->phase;
	int ret = phases[phase].run(listener, &listener->sockets[listener->base + listener->current],
				    &listener->addrs[listener->current]);

	if (ret == STEP_HELD)
		return ret;
	if (ret == -EAGAIN && (listener->phase != phase || listener->current == listener->count))
		return 0;
	if (ret < 0) {
		failure_set(&listener->fail, phases[phase].step, -ret, &listener->addrs[listener->current]);
		return 0;
	}
	listener->phase++;
	if (listener->phase == PHASE_DONE) {
		listener->phase = PHASE_SOCKET;
		listener->current++;
	}
	return 0;
}
