/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnoses: why a socket could not be bound to an address, or made to listen there (TCP and UDP). Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>
#include <netinet/tcp.h>

#define STEPS_BIND (STEP_BIT(BIND) | STEP_BIT(LISTEN))

static bool is_held_by(const struct facts *facts, int state)
{
	return facts->has_holder && facts->holder.state == state;
}

static bool is_listened_on(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return is_held_by(facts, TCP_LISTEN) && facts->holder.pid != 0;
}

/* By a process whose name only its own user or root may see. */
static bool is_listened_on_by_hidden(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return is_held_by(facts, TCP_LISTEN) && facts->uid != 0 && facts->uid != facts->holder.uid;
}

/* By one that would have to be visible: it lives where /proc does not show it. */
static bool is_listened_on_elsewhere(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return is_held_by(facts, TCP_LISTEN);
}

static bool is_in_time_wait(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return is_held_by(facts, TCP_TIME_WAIT);
}

static bool is_bound_only(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return is_held_by(facts, TCP_CLOSE);
}

static bool is_held(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_holder;
}

static bool is_held_visibly(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_holder && facts->holder.pid != 0;
}

static bool is_held_by_nobody(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_holder && facts->holder.inode == 0;
}

static bool is_any_port(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return addr_port(&failure->addr) == 0;
}

static bool is_privileged(const struct failure *failure, const struct facts *facts)
{
	int port = addr_port(&failure->addr);

	return port != 0 && port < facts->unprivileged_port;
}

static bool is_own_address(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_route && facts->route.is_local;
}

/* A link-local address means nothing without the interface it is on. */
static bool lacks_zone(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return addr_family(&failure->addr) == AF_INET6 && failure->addr.in6.sin6_scope_id == 0 &&
	       IN6_IS_ADDR_LINKLOCAL(&failure->addr.in6.sin6_addr);
}

static bool is_client(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->side == SIDE_CLIENT;
}

static bool has_own(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_own && facts->own.count != 0;
}

static bool is_client_with_own(const struct failure *failure, const struct facts *facts)
{
	return is_client(failure, facts) && has_own(failure, facts);
}

static bool is_ipv6(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return addr_family(&failure->addr) == AF_INET6;
}

#define ROW FAILURE_ERRNO

const struct diagnosis diagnosis_bind[] = {
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_INET, is_any_port,
	  N_("no port is free: all of {low} to {high} that the kernel gives out are taken"),
	  N_("`ss -s` counts the sockets; `sysctl net.ipv4.ip_local_port_range` widens the range") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_TCP, is_listened_on,
	  N_("{holder} listens on {held} already"),
	  N_("end that program, or take another port (0: any free one); `ss -ltnp 'sport = :{port}'` shows it") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_TCP, is_listened_on_by_hidden,
	  N_("{holder} listens on {held} already; which one, only that user and root may see"),
	  N_("take another port (0: any free one), or ask as root: `ss -ltnp 'sport = :{port}'`") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_TCP, is_listened_on_elsewhere,
	  N_("{holder} listens on {held} already; /proc does not show it: it may run in a container that "
	     "shares this network, or have handed the socket to nobody yet"),
	  N_("take another port (0: any free one), or look from outside: `ss -ltnp 'sport = :{port}'`") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_TCP, is_in_time_wait,
	  N_("a closed connection between {held} and {held peer} stays in TIME_WAIT for {seconds} s more, so that its "
	     "late packets are not taken for those of a new one"),
	  N_("set SO_REUSEADDR (sockt does, but for --no-reuseaddr; the program that had the port must have done "
	     "so too), or wait {seconds} s; `ss -tan 'sport = :{port}'` shows it") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_UDP, is_held_visibly,
	  N_("{holder} has bound {held} already"),
	  N_("end that program, or take another port (0: any free one); `ss -lunp 'sport = :{port}'` shows it") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_UDP, is_held,
	  N_("{holder} has bound {held} already; which one, only that user and root may see"),
	  N_("take another port (0: any free one), or ask as root: `ss -lunp 'sport = :{port}'`") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_TCP, is_bound_only,
	  N_("{holder} has bound {held} already, without listening there yet"),
	  N_("end that program, or take another port (0: any free one); `ss -atnp 'sport = :{port}'` shows it") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_TCP, is_held_by_nobody,
	  N_("a connection between {held} and {held peer} whose program has left it is still being closed "
	     "(state {state})"),
	  N_("wait until it is gone, or take another port; `ss -tano 'sport = :{port}'` shows it and its timer") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_TCP, is_held,
	  N_("{holder} has a connection from {held} to {held peer} (state {state})"),
	  N_("set SO_REUSEADDR (leave out --no-reuseaddr), or take another port; "
	     "`ss -tanp 'sport = :{port}'` shows it") },
	{ ROW, EADDRINUSE, STEPS_BIND, KIND_INET, NULL,
	  N_("a socket stood in the way, but none is to be seen now: it is gone, or the kernel does not show it"),
	  N_("try again; `{ss} 'sport = :{port}'` as root lists who is there") },
	{ ROW, EACCES, STEPS_BIND, KIND_INET, is_privileged,
	  N_("port {port} is privileged: below {unprivileged} only root, or a program with CAP_NET_BIND_SERVICE, may "
	     "bind"),
	  N_("take a port from {unprivileged} up, or as root allow this one: "
	     "`sysctl net.ipv4.ip_unprivileged_port_start={port}`") },
	{ ROW, EACCES, STEPS_BIND, KIND_INET, NULL,
	  N_("a rule of this system forbids it (Landlock, SELinux, a BPF program), not the number of the port"),
	  N_("`journalctl -k` may say which; try from another directory or service, or as another user") },
	{ ROW, EADDRNOTAVAIL, STEPS_BIND, KIND_INET, is_own_address,
	  N_("{host} is an address of this host, but not usable yet, or not on the interface asked for"),
	  N_("`ip address show to {host}` (\"tentative\": IPv6 is still checking that nobody else has it)") },
	{ ROW, EADDRNOTAVAIL, STEPS_BIND, KIND_INET, is_client_with_own,
	  N_("{host} is not an address of this host, so nothing can be sent from it; it has {own}"),
	  N_("give --source one of these, or leave it out: the kernel takes the right one; `ip address` lists them") },
	{ ROW, EADDRNOTAVAIL, STEPS_BIND, KIND_INET, is_client,
	  N_("{host} is not an address of this host, so nothing can be sent from it"),
	  N_("leave out --source: the kernel takes the right one; `ip address` lists them") },
	{ ROW, EADDRNOTAVAIL, STEPS_BIND, KIND_INET, has_own,
	  N_("{host} is not an address of this host; it has {own}"),
	  N_("listen on one of these, or on all: `sockt listen {-u }{port}`") },
	{ ROW, EADDRNOTAVAIL, STEPS_BIND, KIND_INET, NULL,
	  N_("{host} is not an address of this host"),
	  N_("`ip address` lists them; or listen on all: `sockt listen {-u }{port}`") },
	{ ROW, EINVAL, STEPS_BIND, KIND_INET, lacks_zone,
	  N_("{host} is a link-local address: it exists once on every interface, and needs one named"),
	  N_("write the interface behind it: [{host}%eth0]:{port}; `ip -6 address` lists them") },
	{ ROW, EAFNOSUPPORT, STEPS_BIND, KIND_INET, is_ipv6,
	  N_("this system has no IPv6, or the socket is one of IPv4"),
	  N_("use -4, or look whether IPv6 is switched off: `sysctl net.ipv6.conf.all.disable_ipv6`") },
	{ ROW, ENODEV, STEPS_BIND, KIND_INET, NULL,
	  N_("the interface that the address names does not exist"),
	  N_("`ip link` lists the interfaces") },
	{ .domain = FAILURE_NONE },
};
