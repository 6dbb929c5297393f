/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an explanation has to know: facts of one event, and what was remembered of its socket. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/util.h"
#include "trace/explain_private.h"
#include "trace/names.h"
#include "trace/packet.h"

/* The ports that Linux gives out unless the host says otherwise (ip_local_port_range). */
#define EPHEMERAL_FIRST 32768
#define EPHEMERAL_LAST 60999

static const struct addr *known(const struct addr *told, const struct addr *remembered)
{
	return told != NULL && told->len > 0 ? told : remembered->len > 0 ? remembered : NULL;
}

const struct addr *explain_local(const struct event *event, const struct explain_socket *socket)
{
	const struct addr *told = event->local;

	if (event->step == STEP_BIND && told == NULL && event->args != NULL)
		told = event->args->name.addr;
	return known(told, &socket->local);
}

const struct addr *explain_remote(const struct event *event, const struct explain_socket *socket)
{
	const struct addr *told = event->remote;

	if (event->step == STEP_CONNECT && told == NULL && event->args != NULL)
		told = event->args->name.addr;
	return known(told, &socket->remote);
}

static struct explain_socket *slot_of(struct explain_socket *sockets, int fd, uint32_t session)
{
	struct explain_socket *free_slot = NULL;

	/* The first one is for what has no descriptor, so that it takes the place of no socket. */
	if (fd < 0)
		return &sockets[0];
	for (size_t i = 1; i < EXPLAIN_SOCKETS; i++) {
		if (sockets[i].fd == fd && sockets[i].session == session)
			return &sockets[i];
		if (sockets[i].fd < 0 && free_slot == NULL)
			free_slot = &sockets[i];
	}
	return free_slot != NULL ? free_slot : &sockets[1 + ((uint32_t)fd + session * 7) % (EXPLAIN_SOCKETS - 1)];
}

struct explain_socket *explain_socket_find(struct explain_socket *sockets, const struct event *event)
{
	/* The listening socket belongs to no session; the event of accept() tells that of the client. */
	uint32_t session = event->step == STEP_ACCEPT ? 0 : event->session;
	struct explain_socket *socket = slot_of(sockets, event->fd, session);

	if (event->fd < 0 || socket->fd != event->fd || socket->session != session)
		*socket = (struct explain_socket){ .fd = event->fd, .session = session };
	return socket;
}

static uint64_t facts_of_addresses(const struct event *event, const struct explain_socket *socket)
{
	const struct addr *local = explain_local(event, socket), *remote = explain_remote(event, socket);
	/* The address at hand: the peer's, where there is one. */
	const struct addr *addr = remote != NULL ? remote : local;
	uint64_t facts = 0;

	if (addr != NULL) {
		facts |= addr_family(addr) == AF_INET6 ? FACT_IPV6 : 0;
		facts |= addr_is_loopback(addr) ? FACT_LOOPBACK : 0;
		facts |= addr_is_v4mapped(addr) ? FACT_V4_MAPPED : 0;
		if (addr_family(addr) == AF_UNIX && addr->len > sizeof(sa_family_t))
			facts |= addr->un.sun_path[0] == '\0' ? FACT_ABSTRACT : 0;
	}
	if (local != NULL) {
		facts |= addr_is_wildcard(local) ? FACT_WILDCARD : 0;
		if (addr_port(local) >= EPHEMERAL_FIRST && addr_port(local) <= EPHEMERAL_LAST)
			facts |= FACT_EPHEMERAL;
	}
	return facts;
}

/* Is the value of a socket option 0? */
static bool is_off(const union step_args *args)
{
	int value = 1;

	if (args->sockopt.optval != NULL && args->sockopt.optlen == sizeof(value))
		memcpy(&value, args->sockopt.optval, sizeof(value));
	return value == 0;
}

/* Is it SO_LINGER, on, with the time 0? */
static bool is_abrupt(const union step_args *args)
{
	struct linger linger;

	if (args->sockopt.level != SOL_SOCKET || args->sockopt.optname != SO_LINGER || args->sockopt.optval == NULL ||
	    args->sockopt.optlen != sizeof(linger))
		return false;
	memcpy(&linger, args->sockopt.optval, sizeof(linger));
	return linger.l_onoff != 0 && linger.l_linger == 0;
}

static uint64_t facts_of_packet(const struct packet *packet)
{
	static const struct {
		uint8_t flag;
		uint64_t fact;
	} flags[] = {
		{ TH_SYN, FACT_SYN },
		{ TH_ACK, FACT_ACK },
		{ TH_FIN, FACT_FIN },
		{ TH_RST, FACT_RST },
	};
	uint64_t facts = packet->is_out ? FACT_OUT : 0;

	facts |= packet->length > 0 ? FACT_DATA : 0;
	facts |= packet_is_icmp(packet) ? FACT_ICMP : 0;
	for (size_t i = 0; packet->protocol == IPPROTO_TCP && i < ARRAY_LEN(flags); i++)
		facts |= (packet->flags & flags[i].flag) != 0 ? flags[i].fact : 0;
	return facts;
}

/* What a summary adds. */
static uint64_t facts_of_summary(const struct summary *summary)
{
	uint64_t facts = 0;

	if (summary == NULL)
		return 0;
	facts |= summary->shape == SHAPE_REQUEST_REPLY || summary->shape == SHAPE_REQUESTS ? FACT_REPLIED : 0;
	facts |= summary->shape == SHAPE_CONVERSATION ? FACT_TALKED : 0;
	return facts;
}

/* What the arguments of the call add. */
static uint64_t facts_of_args(const struct event *event)
{
	const union step_args *args = event->args;

	if (args == NULL)
		return 0;
	switch (event->step) {
	case STEP_RESOLVE:
		return args->resolve.found_count > 1 ? FACT_SEVERAL : 0;
	case STEP_SOCKET:
		return args->socket.domain == AF_INET6 ? FACT_IPV6 : 0;
	case STEP_SETSOCKOPT:
		return (is_off(args) ? FACT_OFF : 0) | (is_abrupt(args) ? FACT_ABRUPT : 0);
	case STEP_FCNTL:
		return args->fcntl.cmd == F_SETFL && (args->fcntl.flags & O_NONBLOCK) == 0 ? FACT_OFF : 0;
	case STEP_BIND:
		return args->name.addr != NULL && addr_port(args->name.addr) == 0 ? FACT_PORT_ZERO : 0;
	case STEP_SHUTDOWN:
		return args->shutdown.why == SHUTDOWN_LIMIT ? FACT_SHUT_LIMIT :
		       args->shutdown.why == SHUTDOWN_OWN   ? FACT_SHUT_OWN :
							      0;
	case STEP_PACKET:
		return facts_of_packet(&args->packet);
	default:
		return 0;
	}
}

uint64_t explain_facts(const struct event *event, const struct explain_socket *socket, bool is_relay)
{
	uint64_t facts = socket->facts | facts_of_addresses(event, socket) | facts_of_args(event) |
			 facts_of_summary(event->summary);
	/*
	 * Who asks has a session from the start, and its socket a side; who waits has a session from accept() on.
	 * A socket that a person makes by hand has a session and no side: it may become the one or the other.
	 */
	size_t asked;
	bool is_early = event->step == STEP_SOCKET || event->step == STEP_RESOLVE;
	bool is_asking = event->step == STEP_RESOLVE && event->session != 0;

	facts |= is_relay ? FACT_RELAY : 0;
	facts |= event->session == 0 ? FACT_NO_SESSION : 0;
	facts |= event->side == SIDE_SERVER || (is_early && event->session == 0) ? FACT_SERVER : 0;
	facts |= event->side == SIDE_CLIENT || is_asking ? FACT_CLIENT : 0;
	facts |= event->has_result && event->result == 0 ? FACT_EMPTY : 0;
	facts |= event_is_short(event, &asked) ? FACT_SHORT : 0;
	facts |= event->is_passed ? FACT_PASSED : 0;
	return facts;
}

static void learn_option(struct explain_socket *socket, const struct event *event)
{
	const union step_args *args = event->args;

	if (args == NULL)
		return;
	if (args->sockopt.level == SOL_SOCKET && args->sockopt.optname == SO_LINGER) {
		socket->facts &= ~FACT_ABRUPT;
		socket->facts |= is_abrupt(args) ? FACT_ABRUPT : 0;
	}
	if (args->sockopt.level == IPPROTO_IPV6 && args->sockopt.optname == IPV6_V6ONLY)
		socket->facts |= is_off(args) ? FACT_DUAL : 0;
}

/* Who of the two ended first shows in the state. */
static uint64_t facts_of_state(int state)
{
	switch (state) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
	case TCP_TIME_WAIT:
		return FACT_WE_ENDED | FACT_WE_FIRST;
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
		return FACT_PEER_ENDED;
	default:
		return 0;
	}
}

/* The new socket that accept() or socket() returned begins with a clean slate. */
static void learn_new(struct explain_socket *sockets, const struct event *event, uint64_t facts)
{
	struct explain_socket *socket = slot_of(sockets, (int)event->result, event->session);

	*socket = (struct explain_socket){ .fd = (int)event->result, .session = event->session, .facts = facts };
	socket->facts |= facts_of_state(event->state_to);
	if (event->local != NULL)
		socket->local = *event->local;
	if (event->remote != NULL)
		socket->remote = *event->remote;
}

/* What a step that was done changes for good. */
static uint64_t lasting_facts(const struct event *event)
{
	bool is_datagram = event->protocol == PROTOCOL_UDP || event->protocol == PROTOCOL_UNIX_DGRAM;

	switch (event->step) {
	case STEP_BIND:
		return is_datagram && event->side == SIDE_SERVER ? FACT_BOUND | FACT_LISTENING : FACT_BOUND;
	case STEP_LISTEN:
		return FACT_LISTENING;
	case STEP_CONNECT:
	case STEP_CONNECTED:
		return FACT_STANDING;
	case STEP_SHUTDOWN:
		return event->args != NULL && event->args->shutdown.how != SHUT_RD ? FACT_WE_ENDED : 0;
	case STEP_RECV:
	case STEP_SPLICE:
		return !is_datagram && event->has_result && event->result == 0 ? FACT_PEER_ENDED : 0;
	default:
		return 0;
	}
}

/* A connection that was broken off leaves no TIME_WAIT behind, whoever ended first. */
static bool is_broken(const struct event *event)
{
	enum ended_by ended = event->summary != NULL ? event->summary->ended_by : ENDED_NOT;

	return event->error == ECONNRESET || event->error == EPIPE || event->error == ETIMEDOUT ||
	       ended == ENDED_RESET || ended == ENDED_ERROR || ended == ENDED_UNACKNOWLEDGED;
}

void explain_learn(struct explain_socket *sockets, const struct event *event)
{
	struct explain_socket *socket = explain_socket_find(sockets, event);

	if (is_broken(event))
		socket->facts |= FACT_BROKEN;
	if (event_has_failed(event))
		return;
	if ((event->step == STEP_SOCKET || event->step == STEP_ACCEPT) && event->has_result) {
		learn_new(sockets, event, event->step == STEP_ACCEPT ? FACT_STANDING : FACT_OURS);
		return;
	}
	if (event->fd < 0)
		return;
	if (event->step == STEP_CLOSE) {
		/* What clients come to goes on where workers have it too. */
		if (!event->is_passed || event->session != 0)
			socket->fd = -1;
		return;
	}
	socket->facts |= lasting_facts(event) | facts_of_state(event->state_from) | facts_of_state(event->state_to);
	if (event->step == STEP_SETSOCKOPT)
		learn_option(socket, event);
	if (event->local != NULL && event->local->len > 0)
		socket->local = *event->local;
	if (event->remote != NULL && event->remote->len > 0)
		socket->remote = *event->remote;
}

const char *explain_option_name(const struct event *event)
{
	const struct name_table *table;

	if (event->args == NULL || (event->step != STEP_SETSOCKOPT && event->step != STEP_GETSOCKOPT))
		return NULL;
	table = names_of_level(event->args->sockopt.level);
	return table == NULL ? NULL : name_of(table, event->args->sockopt.optname);
}
