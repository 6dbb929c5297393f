/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One address of a race: see attempt.h. */
#include "endpoint/attempt.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "endpoint/md5key.h"
#include "step/errqueue.h"

/* How long to wait before asking again a Unix socket whose accept queue is full: doubled up to the longest. */
#define RETRY_FIRST_NS (1 * NS_PER_MS)
#define RETRY_LONGEST_NS (64 * NS_PER_MS)

/* The kernel takes no port below it for a client, unless told to (ip_local_port_range). */
#define EPHEMERAL_MIN 1024

/* The moment to ask again has come. */
static void attempt_retry(struct timer *timer)
{
	struct attempt *attempt = CONTAINER_OF(timer, struct attempt, retry);

	loop_post(attempt->loop, attempt->task);
}

void attempt_init(struct attempt *attempt, struct stepper *st, struct loop *loop, const struct endpoint *endpoint,
		  const struct addr *addr, uint32_t session, struct task *task)
{
	*attempt = (struct attempt){
		.st = st,
		.loop = loop,
		.endpoint = endpoint,
		.addr = *addr,
		.retry = { .fire = attempt_retry },
		.pause_ns = RETRY_FIRST_NS,
		.task = task,
	};
	sock_init(&attempt->sock);
	sock_init(&attempt->probe);
	attempt->sock.session = session;
	attempt->sock.side = SIDE_CLIENT;
	attempt->sock.task = task;
}

void attempt_clear(struct attempt *attempt)
{
	loop_timer_clear(attempt->loop, &attempt->retry);
	loop_forget(attempt->loop, &attempt->sock);
	unixfile_remove(&attempt->file);
	step_close(attempt->st, &attempt->probe);
	step_close(attempt->st, &attempt->sock);
}

void attempt_abort(struct attempt *attempt)
{
	loop_forget(attempt->loop, &attempt->sock);
	if (attempt->sock.fd != -1 && attempt->sock.protocol == PROTOCOL_TCP && attempt->phase >= ATTEMPT_WAIT)
		step_reset(attempt->st, &attempt->sock);
	attempt_clear(attempt);
}

/* Every phase answers so: go on with the next, wait, or an -errno. */
enum { PHASE_NEXT = 0, PHASE_WAIT = 1 };

static int phase_socket(struct attempt *attempt)
{
	const struct endpoint_kind *kind = attempt->endpoint->kind;

	return step_socket(attempt->st, &attempt->sock, addr_family(&attempt->addr), kind->socktype, kind->ipproto,
			   kind->protocol);
}

static int phase_options(struct attempt *attempt)
{
	return opening_set_options(attempt->st, &attempt->sock, attempt->endpoint, OPENING_PHASE(BEFORE_BIND),
				   opening_families(&attempt->addr, false), &attempt->next_option, &attempt->fail);
}

/* The local address to bind: -s, -p, bind=; a name for a Unix datagram client, which could not be answered else. */
static bool source_of(const struct attempt *attempt, struct addr *source)
{
	const struct endpoint_source *wish = &attempt->endpoint->source;
	const struct addr *addr = attempt->source.len > 0 ? &attempt->source : &wish->addr;
	int family = addr_family(&attempt->addr);

	if (family == AF_UNIX && wish->addr.len > 0) {
		*source = wish->addr;
		return true;
	}
	if (attempt->sock.protocol == PROTOCOL_UNIX_DGRAM) {
		/* unix(7), "Autobind feature": the family alone asks for an abstract name. */
		source->un.sun_family = AF_UNIX;
		source->len = sizeof(source->un.sun_family);
		return true;
	}
	if (family == AF_UNIX || (addr->len == 0 && wish->port == 0))
		return false;
	if (addr->len == 0)
		addr_set_any(source, family, wish->port);
	else
		*source = *addr;
	addr_set_port(source, wish->port);
	return true;
}

/* A source port that was in use a minute ago must not be refused for its TIME_WAIT. */
static int phase_reuse(struct attempt *attempt)
{
	if (attempt->sock.protocol != PROTOCOL_TCP || attempt->endpoint->source.port == 0)
		return PHASE_NEXT;
	return step_setsockopt_int(attempt->st, &attempt->sock, SOL_SOCKET, SO_REUSEADDR, 1);
}

/* The kernel closes what a killed process leaves open; with SO_LINGER 0 as a reset (socket(7)). */
static int phase_mortal(struct attempt *attempt)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (!attempt->is_mortal || attempt->sock.protocol != PROTOCOL_TCP)
		return PHASE_NEXT;
	return step_setsockopt(attempt->st, &attempt->sock, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

/* Is it a TCP socket whose ICMP errors the kernel tells only if asked? Those of IPv4 are told while it connects. */
static bool is_asking_while_connecting(const struct attempt *attempt)
{
	return attempt->sock.protocol == PROTOCOL_TCP && addr_family(&attempt->addr) == AF_INET6 &&
	       !IN6_IS_ADDR_LOOPBACK(&attempt->addr.in6.sin6_addr);
}

/* ip(7), IP_RECVERR: every ICMP error is told, at once, and who sent it. */
static int tell_errors(struct attempt *attempt, int is_on)
{
	bool is_v6 = addr_family(&attempt->addr) == AF_INET6;
	int ret = step_setsockopt_int(attempt->st, &attempt->sock, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
				      is_v6 ? IPV6_RECVERR : IP_RECVERR, is_on);

	/* Without it only less is known. */
	return ret == STEP_HELD ? ret : PHASE_NEXT;
}

static int phase_tell_errors(struct attempt *attempt)
{
	/* Multipath TCP does not have it. */
	if (attempt->endpoint->kind->ipproto == IPPROTO_MPTCP)
		return PHASE_NEXT;
	if (!attempt->tells_errors || (attempt->sock.protocol != PROTOCOL_UDP && !is_asking_while_connecting(attempt)))
		return PHASE_NEXT;
	return tell_errors(attempt, 1);
}

/* To an address of IPv4 that is written as one of IPv6 packets of IPv4 go: IPV6_RECVERR is not asked then. */
static int phase_tell_errors_ipv4(struct attempt *attempt)
{
	int ret;

	if (!attempt->tells_errors || attempt->sock.protocol != PROTOCOL_UDP || !addr_is_v4mapped(&attempt->addr))
		return PHASE_NEXT;
	ret = step_setsockopt_int(attempt->st, &attempt->sock, IPPROTO_IP, IP_RECVERR, 1);
	return ret == STEP_HELD ? ret : PHASE_NEXT;
}

/* A connection that stands outlives such an error (RFC 1122, 4.2.3.9); with the option it would not. */
static int phase_tell_no_more(struct attempt *attempt)
{
	if (!attempt->tells_errors || !is_asking_while_connecting(attempt) ||
	    attempt->endpoint->kind->ipproto == IPPROTO_MPTCP)
		return PHASE_NEXT;
	return tell_errors(attempt, 0);
}

/* A source address that is a path is a file, as that of a listener. */
static int phase_mode(struct attempt *attempt)
{
	struct addr source = { .len = 0 };
	int ret;

	if (!source_of(attempt, &source) || !unixfile_is_path(&source))
		return PHASE_NEXT;
	ret = unixfile_set_mode(attempt->st, &attempt->sock);
	if (ret < 0 && ret != STEP_HELD)
		failure_set(&attempt->fail, STEP_FCHMOD, -ret, &source);
	return ret;
}

static int phase_bind(struct attempt *attempt)
{
	struct addr source = { .len = 0 };
	int ret;

	if (!source_of(attempt, &source))
		return PHASE_NEXT;
	ret = step_bind(attempt->st, &attempt->sock, &source);
	if (ret == 0 && unixfile_is_path(&source))
		unixfile_remember(&attempt->file, &source);
	attempt->is_taken = ret == -EADDRINUSE && unixfile_is_path(&source) && !attempt->was_stale;
	if (attempt->is_taken)
		return PHASE_NEXT;
	if (ret < 0 && ret != STEP_HELD)
		failure_set(&attempt->fail, STEP_BIND, -ret, &source);
	return ret;
}

/* Where the name was taken: is it that of a socket that is gone? */
static int phase_stale(struct attempt *attempt)
{
	struct addr source = { .len = 0 };
	int ret;

	if (!attempt->is_taken || !source_of(attempt, &source))
		return PHASE_NEXT;
	ret = unixfile_replace_stale(attempt->st, &attempt->probe, &source);
	if (ret == STEP_HELD)
		return ret;
	if (ret != 1)
		return failure_set(&attempt->fail, STEP_BIND, EADDRINUSE, &source);
	attempt->was_stale = true;
	/* The next one is BIND again. */
	attempt->phase = ATTEMPT_BIND - 1;
	return PHASE_NEXT;
}

static int phase_key(struct attempt *attempt)
{
	return md5key_set(attempt->st, &attempt->sock, attempt->endpoint, &attempt->addr, 0, &attempt->next_option,
			  &attempt->fail);
}

static int phase_late_options(struct attempt *attempt)
{
	return opening_set_options(attempt->st, &attempt->sock, attempt->endpoint, OPENING_PHASE(BEFORE_CONNECT),
				   opening_families(&attempt->addr, false), &attempt->next_option, &attempt->fail);
}

/* Has connect() only noted the address, since the server's cookie is known (tcp(7), TCP_FASTOPEN_CONNECT)? */
static bool is_deferred(struct attempt *attempt)
{
	struct tcp_facts facts;

	return attempt->sock.protocol == PROTOCOL_TCP && attempt->endpoint->kind->ipproto == IPPROTO_TCP &&
	       endpoint_has_option(attempt->endpoint, IPPROTO_TCP, TCP_FASTOPEN_CONNECT) &&
	       step_tcp_facts(attempt->st, &attempt->sock, &facts) == 0 && facts.state == TCP_SYN_SENT;
}

/* Leave the SYN to who sends the first data; or, where nobody would, send it now. */
static int begin_deferred(struct attempt *attempt)
{
	int ret;

	attempt->sock.is_deferred = true;
	if (attempt->defers) {
		step_note(attempt->st, attempt->sock.session,
			  _("the server is known from before: the SYN goes with the first data (TCP Fast Open)"));
		attempt->sock.ready |= READY_OUT;
		attempt->phase = ATTEMPT_WAIT;
		return PHASE_NEXT;
	}
	ret = step_begin_deferred(attempt->st, &attempt->sock);
	attempt->sock.is_opening = false;
	return ret < 0 ? ret : loop_watch(attempt->loop, &attempt->sock, attempt->task);
}

static int phase_connect(struct attempt *attempt)
{
	int ret = step_connect(attempt->st, &attempt->sock, &attempt->addr);

	if (ret == 0 && is_deferred(attempt))
		return begin_deferred(attempt);
	if (ret == 0) {
		/* Nothing to wait for: the next phase sees that it is writable. */
		attempt->sock.ready |= READY_OUT;
		attempt->phase = ATTEMPT_WAIT;
		return PHASE_NEXT;
	}
	if (ret == -EAGAIN && addr_family(&attempt->addr) == AF_UNIX) {
		/* unix(7): the accept queue is full, and nothing will tell when it is not. */
		loop_timer_set(attempt->loop, &attempt->retry, attempt->st->env->now_ns() + attempt->pause_ns);
		if (attempt->pause_ns < RETRY_LONGEST_NS)
			attempt->pause_ns *= 2;
		return PHASE_WAIT;
	}
	if (ret != -EINPROGRESS)
		return ret;
	ret = loop_watch(attempt->loop, &attempt->sock, attempt->task);
	return ret;
}

static int phase_wait(struct attempt *attempt)
{
	char who[ADDR_TEXT_MAX];
	int ret, error = 0;
	bool has_error;

	if ((attempt->sock.ready & (READY_OUT | READY_HUP | READY_ERR)) == 0)
		return PHASE_WAIT;
	has_error = (attempt->sock.ready & READY_ERR) != 0;
	ret = step_connected(attempt->st, &attempt->sock, &attempt->addr, &attempt->soft);
	/* Behind it, since taking the last ICMP error off the queue clears SO_ERROR (sock_dequeue_err_skb()). */
	if (has_error)
		error = errqueue_blame(attempt->st, &attempt->sock, 0, &attempt->fail);
	/* What the kernel has put there since is cleared as well, and this is what it was. */
	if (error != 0)
		attempt->soft = error;
	if (ret != -EINPROGRESS)
		return ret;
	if (attempt->fail.offender.len > 0)
		step_note(attempt->st, attempt->sock.session,
			  _("%s answered with an ICMP error (type %d, code %d); SYNs go on"),
			  addr_format_host(&attempt->fail.offender, who, sizeof(who)), attempt->fail.icmp_type,
			  attempt->fail.icmp_code);
	return PHASE_WAIT;
}

/*
 * A port of this host that nobody has may be the one that the kernel takes for our end: then SYN meets SYN (RFC 9293,
 * 3.5), or a datagram comes back, and a socket is its own peer. Unless that port was asked for, nobody has answered.
 */
static int phase_self(struct attempt *attempt)
{
	bool is_asked_for = attempt->endpoint->source.port != 0;
	int family = addr_family(&attempt->addr);
	struct addr local = { .len = 0 };

	if ((family != AF_INET && family != AF_INET6) || attempt->sock.is_deferred ||
	    (!is_asked_for && addr_port(&attempt->addr) < EPHEMERAL_MIN))
		return PHASE_NEXT;
	if (step_local_addr(attempt->st, &attempt->sock, &local) < 0 || !addr_equal(&local, &attempt->addr))
		return PHASE_NEXT;
	if (is_asked_for) {
		step_note(attempt->st, attempt->sock.session,
			  _("the socket is connected with itself: both ends have the same address and port"));
		return PHASE_NEXT;
	}
	step_note(attempt->st, attempt->sock.session,
		  _("the socket is connected with itself: nobody has the port, and the kernel took it for our end"));
	/* An end like any other would keep the port in TIME_WAIT, from whoever is to listen there. */
	loop_forget(attempt->loop, &attempt->sock);
	if (attempt->sock.protocol == PROTOCOL_TCP)
		step_reset(attempt->st, &attempt->sock);
	return -ECONNREFUSED;
}

static int phase_final_options(struct attempt *attempt)
{
	int ret = opening_set_options(attempt->st, &attempt->sock, attempt->endpoint, OPENING_PHASE(CONNECTED),
				   opening_families(&attempt->addr, false), &attempt->next_option, &attempt->fail);

	if (ret == 0)
		opening_tell_mptcp(attempt->st, &attempt->sock, attempt->endpoint);
	return ret;
}

/* The phases in their order, and the step that a failure of each is told of. */
static const struct {
	int (*run)(struct attempt *attempt);
	enum step_id step;
} phases[] = {
	[ATTEMPT_SOCKET] = { phase_socket, STEP_SOCKET },
	[ATTEMPT_OPTIONS] = { phase_options, STEP_SETSOCKOPT },
	[ATTEMPT_REUSE] = { phase_reuse, STEP_SETSOCKOPT },
	[ATTEMPT_MORTAL] = { phase_mortal, STEP_SETSOCKOPT },
	[ATTEMPT_TELL_ERRORS] = { phase_tell_errors, STEP_SETSOCKOPT },
	[ATTEMPT_TELL_ERRORS_IPV4] = { phase_tell_errors_ipv4, STEP_SETSOCKOPT },
	[ATTEMPT_MODE] = { phase_mode, STEP_FCHMOD },
	[ATTEMPT_BIND] = { phase_bind, STEP_BIND },
	[ATTEMPT_STALE] = { phase_stale, STEP_BIND },
	[ATTEMPT_KEY] = { phase_key, STEP_SETSOCKOPT },
	[ATTEMPT_LATE_OPTIONS] = { phase_late_options, STEP_SETSOCKOPT },
	[ATTEMPT_CONNECT] = { phase_connect, STEP_CONNECT },
	[ATTEMPT_WAIT] = { phase_wait, STEP_CONNECT },
	[ATTEMPT_SELF] = { phase_self, STEP_CONNECT },
	[ATTEMPT_TELL_NO_MORE] = { phase_tell_no_more, STEP_SETSOCKOPT },
	[ATTEMPT_FINAL_OPTIONS] = { phase_final_options, STEP_SETSOCKOPT },
};

int attempt_run(struct attempt *attempt)
{
	while (attempt->phase < ATTEMPT_CONNECTED) {
		enum attempt_phase phase = attempt->phase;
		int ret = phases[phase].run(attempt);

		if (ret == PHASE_WAIT || ret == STEP_HELD)
			return 0;
		if (ret < 0) {
			attempt->error = -ret;
			failure_set(&attempt->fail, phases[phase].step, -ret, &attempt->addr);
			attempt->fail.protocol = attempt->sock.protocol;
			attempt->fail.side = SIDE_CLIENT;
			attempt_clear(attempt);
			attempt->phase = ATTEMPT_FAILED;
			break;
		}
		attempt->phase++;
	}
	return attempt->phase == ATTEMPT_CONNECTED ? 1 : -attempt->error;
}
