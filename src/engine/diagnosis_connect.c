/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnoses: why a connection could not be made (TCP), or what a datagram met on its way (UDP). Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"
#include "trace/icmp_words.h"

#include <errno.h>

#define STEPS_CONNECT (STEP_BIT(CONNECT) | STEP_BIT(CONNECTED))
#define STEPS_DATAGRAM (STEPS_CONNECT | STEP_BIT(SEND) | STEP_BIT(RECV))

static bool is_same_host(const struct addr *a, const struct addr *b)
{
	struct addr copy = *a;

	addr_set_port(&copy, addr_port(b));
	return addr_equal(&copy, b);
}

/* The host that was asked sent the ICMP error itself. */
static bool is_target_offended(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->offender.len != 0 && is_same_host(&failure->offender, &failure->addr);
}

static bool is_target_forbidding(const struct failure *failure, const struct facts *facts)
{
	return is_target_offended(failure, facts) &&
	       icmp_words_is_forbidden(addr_family(&failure->offender), failure->icmp_type, failure->icmp_code);
}

/* Another host sent it: a router or a firewall. */
static bool is_router_offended(const struct failure *failure, const struct facts *facts)
{
	return failure->offender.len != 0 && !facts->is_offender_own && !is_target_offended(failure, facts);
}

static bool is_router_forbidding(const struct failure *failure, const struct facts *facts)
{
	return is_router_offended(failure, facts) &&
	       icmp_words_is_forbidden(addr_family(&failure->offender), failure->icmp_type, failure->icmp_code);
}

/* This host sent it to itself: nobody answered on the link, or its own firewall rejects. */
static bool is_own_offended(const struct failure *failure, const struct facts *facts)
{
	return failure->offender.len != 0 && facts->is_offender_own && !(facts->has_route && facts->route.is_local);
}

static bool is_own_forbidding(const struct failure *failure, const struct facts *facts)
{
	return is_own_offended(failure, facts) &&
	       icmp_words_is_forbidden(addr_family(&failure->offender), failure->icmp_type, failure->icmp_code);
}

/* As above, and not the word for a host that nobody knows on the link. */
static bool is_own_rejecting(const struct failure *failure, const struct facts *facts)
{
	bool is_v4 = addr_family(&failure->offender) == AF_INET;

	return is_own_offended(failure, facts) &&
	       !(is_v4 ? failure->icmp_type == 3 && failure->icmp_code == 1 :
			 failure->icmp_type == 1 && failure->icmp_code == 3);
}

static bool is_own_through_gateway(const struct failure *failure, const struct facts *facts)
{
	return is_own_offended(failure, facts) && facts->route.gateway.len != 0;
}

/* On this host: who waits there can be seen. */
static bool is_local(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_route && facts->route.is_local;
}

static bool is_local_and_waiting_elsewhere(const struct failure *failure, const struct facts *facts)
{
	return is_local(failure, facts) && facts->has_waiting && !facts->waiting_takes;
}

static bool is_local_and_waiting(const struct failure *failure, const struct facts *facts)
{
	return is_local(failure, facts) && facts->has_waiting && facts->waiting_takes;
}

/* The accept queue takes one more than its limit before it drops SYNs. */
static bool is_local_and_queue_full(const struct failure *failure, const struct facts *facts)
{
	return is_local_and_waiting(failure, facts) && facts->waiting.queue_len > facts->waiting.queue_limit;
}

/* Then it is not the queue that drops them now. */
static bool is_local_with_room(const struct failure *failure, const struct facts *facts)
{
	return is_local_and_waiting(failure, facts) && facts->waiting.queue_len <= facts->waiting.queue_limit;
}

/* Nobody listens, and yet the kernel did not refuse: it has not seen the SYN, or its RST was lost. */
static bool is_local_without_listener(const struct failure *failure, const struct facts *facts)
{
	return is_local(failure, facts) && (facts->has_nobody || (facts->has_waiting && !facts->waiting_takes));
}

static bool is_offline(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_own && !facts->own.has_link;
}

static bool is_offline_and_down(const struct failure *failure, const struct facts *facts)
{
	return is_offline(failure, facts) && facts->own.down[0] != '\0';
}

static bool lacks_ipv6(const struct failure *failure, const struct facts *facts)
{
	return addr_family(&failure->addr) == AF_INET6 && facts->has_own && !facts->own.has_ipv6;
}

static bool lacks_ipv4(const struct failure *failure, const struct facts *facts)
{
	return addr_family(&failure->addr) == AF_INET && facts->has_own && !facts->own.has_ipv4;
}

static bool has_no_route(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_route && facts->route.error == ENETUNREACH;
}

static bool is_route_forbidding(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_route && facts->route.is_forbidden;
}

static bool is_broadcast(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_route && facts->route.is_broadcast;
}

static bool lacks_zone(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return addr_family(&failure->addr) == AF_INET6 && failure->addr.in6.sin6_scope_id == 0 &&
	       IN6_IS_ADDR_LINKLOCAL(&failure->addr.in6.sin6_addr);
}

/* Nothing can be sent to port 0: the address is the one to send from, to which no address of the name fits. */
static bool is_about_source(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return addr_port(&failure->addr) == 0;
}

static bool has_local_port(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->local.len != 0 && addr_port(&failure->local) != 0;
}

static bool is_on_link(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_route && facts->route.error == 0 && facts->route.gateway.len == 0;
}

#define ROW FAILURE_ERRNO

const struct diagnosis diagnosis_connect[] = {
	/* Refused. */
	{ ROW, ECONNREFUSED, STEPS_DATAGRAM, KIND_INET, is_router_offended,
	  N_("{offender} on the way, not {host} itself, refused it (ICMP {icmp}): a firewall with a rule to reject"),
	  N_("ask who runs {offender} to let {protocol} port {port} through; the server itself was never asked") },
	{ ROW, ECONNREFUSED, STEPS_DATAGRAM, KIND_INET, is_own_offended,
	  N_("this host itself refused it (ICMP {icmp}): a rule of its own firewall rejects what leaves for {host}"),
	  N_("as root, `nft list ruleset` (or `iptables -S OUTPUT`) shows the rule") },
	{ ROW, ECONNREFUSED, STEPS_DATAGRAM, KIND_INET, is_local_and_waiting_elsewhere,
	  N_("no socket waits on {addr}; but on the same port {waiting} waits on {waiting addr}"),
	  N_("`sockt connect {-u }{waiting host} {port}`, or let the server listen on {host}, too") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_TCP, is_local_and_waiting,
	  N_("by now {waiting} listens on {waiting addr}: it was not ready yet, or a firewall on this host rejects"),
	  N_("try again (--retry waits for a server that is starting); as root, `nft list ruleset` shows rules") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_TCP, is_local,
	  N_("no socket of this host listens on {addr}: the kernel answered with RST"),
	  N_("start the server (`sockt listen {host} {port}` is one); "
	     "`ss -ltnp 'sport = :{port}'` shows who listens") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_TCP, is_target_offended,
	  N_("{host} refused by ICMP ({icmp}), as a firewall on it does; a closed port answers with RST"),
	  N_("on that host, as root, `nft list ruleset` (or `iptables -S INPUT`) shows the rule") },
	{ ROW, ECONNREFUSED, STEPS_CONNECT, KIND_TCP, NULL,
	  N_("the host answered with RST: it is up, but no socket is listening on port {port}, or a firewall answers "
	     "in its place"),
	  N_("`ss -ltn 'sport = :{port}'` on that host; is the server started, on this port, on this address?") },
	{ ROW, ECONNREFUSED, STEPS_DATAGRAM, KIND_UDP, is_local,
	  N_("no socket of this host is bound to UDP {addr}"),
	  N_("start the server (`sockt listen -u {host} {port}` is one); "
	     "`ss -lunp 'sport = :{port}'` shows who is there") },
	{ ROW, ECONNREFUSED, STEPS_DATAGRAM, KIND_UDP, is_target_offended,
	  N_("{host} is up and answered (ICMP {icmp}): no socket is bound to UDP port {port} there"),
	  N_("`ss -lun 'sport = :{port}'` on that host; is the server started, on this port, on this address?") },
	{ ROW, ECONNREFUSED, STEPS_DATAGRAM, KIND_UDP, NULL,
	  N_("an ICMP error came back: no socket is bound to UDP port {port} of {host}, or a firewall on the way "
	     "rejects"),
	  N_("`ss -lun 'sport = :{port}'` on that host; is the server started, on this port, on this address?") },

	/* Unreachable. */
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, is_router_forbidding,
	  N_("the router {offender} forbids it (ICMP {icmp}): a firewall rule"),
	  N_("ask who runs {offender} to let {protocol} port {port} of {host} through; "
	     "`traceroute -n {host}` shows where it stands") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, is_router_offended,
	  N_("the router {offender} has no route to {host} (ICMP {icmp})"),
	  N_("`traceroute -n {host}` shows how far packets come; the route is missing on {offender}, not here") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, is_target_offended,
	  N_("{host} is up and refuses it (ICMP {icmp}), as a firewall on it does"),
	  N_("on that host, as root, `nft list ruleset` (or `iptables -S INPUT`) shows the rule") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, is_own_offended,
	  N_("a rule of this host's own firewall rejects what leaves for {host} (ICMP {icmp})"),
	  N_("as root, `nft list ruleset` (or `iptables -S OUTPUT`) shows the rule") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, is_offline_and_down,
	  N_("this host is on no network: no interface besides loopback is up ({down} is down)"),
	  N_("as root, `ip link set {down} up` and give it an address; `ip address` shows what there is") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, is_offline,
	  N_("this host is on no network: there is no interface up besides loopback"),
	  N_("`ip link` lists the interfaces; in a container, is it started with a network?") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, lacks_ipv6,
	  N_("this host has no IPv6 address that reaches beyond the link, so there is no way to {host}"),
	  N_("use the server's IPv4 address (-4), or get IPv6: `ip -6 address`, `ip -6 route`") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, lacks_ipv4,
	  N_("this host has no IPv4 address besides loopback, so there is no way to {host}"),
	  N_("use the server's IPv6 address (-6), or get an address: `ip -4 address`, `ip -4 route`") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, has_no_route,
	  N_("no route of this host leads to {host}, and there is no default route"),
	  N_("`ip route get {host}` says the same; as root, `ip route add default via GATEWAY` adds one") },
	{ ROW, ENETUNREACH, STEPS_CONNECT, KIND_TCP, is_broadcast,
	  N_("{host} is a broadcast or multicast address, and TCP speaks with one host only"),
	  N_("use UDP for it: `sockt connect -u {host} {port}`") },
	{ ROW, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, NULL,
	  N_("there was no route to {host} at that moment, or a router on the way said so"),
	  N_("`ip route get {host}`; `traceroute -n {host}` shows how far packets come") },
	{ ROW, ENETDOWN, STEPS_DATAGRAM, KIND_INET, NULL,
	  N_("the interface on the way to {host} is down"),
	  N_("`ip link` shows it; as root, `ip link set INTERFACE up`") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_router_forbidding,
	  N_("the router {offender} forbids it (ICMP {icmp}): a firewall rule"),
	  N_("ask who runs {offender} to let {protocol} port {port} of {host} through; "
	     "`traceroute -n {host}` shows where it stands") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_router_offended,
	  N_("the router {offender} cannot reach {host} (ICMP {icmp}): it is switched off or not on that network, or "
	     "the router has no way there"),
	  N_("is {host} the right address, and is that host up? `traceroute -n {host}` shows how far packets come") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_target_forbidding,
	  N_("{host} is up, but a firewall on it forbids this (ICMP {icmp})"),
	  N_("on that host, as root, `nft list ruleset` (or `iptables -S INPUT`) shows the rule") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_target_offended,
	  N_("{host} is up and refuses it (ICMP {icmp}), as a firewall on it does"),
	  N_("on that host, as root, `nft list ruleset` (or `iptables -S INPUT`) shows the rule") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_own_forbidding,
	  N_("a rule of this host's own firewall rejects what leaves for {host} (ICMP {icmp})"),
	  N_("as root, `nft list ruleset` (or `iptables -S OUTPUT`) shows the rule") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_own_rejecting,
	  N_("this host itself gave up the packet (ICMP {icmp})"),
	  N_("`ip route get {host}`; as root, `nft list ruleset` shows rules that reject") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_own_through_gateway,
	  N_("the gateway {next hop} on {interface} does not answer on the link (ARP, neighbour discovery): it is "
	     "down, or the wrong address; or a rule of this host's own firewall says so"),
	  N_("`ip neigh show {next hop}` (FAILED: nobody answers; else `nft list ruleset` as root); "
	     "`ip route get {host}` shows the way") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_own_offended,
	  N_("no host with the address {host} answers on the link of {interface} (ARP, neighbour discovery): it is "
	     "down, or not on this network; or a rule of this host's own firewall says so"),
	  N_("is it the right address, and is that host up? `ip neigh show {host}` (FAILED: nobody answers; else "
	     "`nft list ruleset` as root)") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, is_route_forbidding,
	  N_("a route of this host says that {host} is unreachable (a route of type \"unreachable\")"),
	  N_("`ip route show type unreachable` lists such routes") },
	{ ROW, EHOSTUNREACH, STEPS_CONNECT, KIND_INET, is_on_link,
	  N_("nobody answers for {host} on the link of {interface}, or a firewall said that it may not be reached"),
	  N_("is that host up? `ip neigh show {host}` (FAILED: nobody answers)") },
	{ ROW, EHOSTUNREACH, STEPS_DATAGRAM, KIND_INET, NULL,
	  N_("the last router cannot reach {host} (it is down or not there), or a firewall says so; who said it is "
	     "not known"),
	  N_("`traceroute -n {host}` shows how far packets come") },
	{ ROW, EHOSTDOWN, STEPS_DATAGRAM, KIND_INET, NULL,
	  N_("nobody answers for {host} on the link"),
	  N_("is that host up? `ip neigh show {host}` (FAILED: nobody answers)") },

	/* No answer. */
	{ ROW, ETIMEDOUT, STEPS_CONNECT, KIND_TCP, is_local_and_queue_full,
	  N_("{waiting} listens on {waiting addr}, but does not accept: its queue is full ({queue}), so the kernel "
	     "drops what comes"),
	  N_("is that program stuck? `ss -ltn 'sport = :{port}'` shows its queue (Recv-Q, Send-Q)") },
	{ ROW, ETIMEDOUT, STEPS_CONNECT, KIND_TCP, is_router_offended,
	  N_("no answer came from {host}; meanwhile {offender} on the way said: ICMP {icmp}"),
	  N_("`traceroute -n {host}` shows how far packets come") },
	{ ROW, ETIMEDOUT, STEPS_CONNECT, KIND_TCP, is_local_with_room,
	  N_("{waiting} listens on {waiting addr}, and its accept queue has room ({queue}): a rule of this host's own "
	     "firewall drops the SYNs or the answers, unless the queue was full until a moment ago"),
	  N_("as root, `nft list ruleset` (or `iptables -S`) shows the rule") },
	{ ROW, ETIMEDOUT, STEPS_CONNECT, KIND_TCP, is_local_without_listener,
	  N_("no socket listens on {addr}, and no RST said so, as it does without a firewall: a rule of this host's "
	     "own firewall drops the SYNs or the answers"),
	  N_("as root, `nft list ruleset` (or `iptables -S`) shows the rule; and start the server") },
	{ ROW, ETIMEDOUT, STEPS_CONNECT, KIND_TCP, is_local,
	  N_("{host} is this host, so no network can lose the packets: a rule of its own firewall drops them, or the "
	     "server's accept queue was full"),
	  N_("as root, `nft list ruleset` shows rules; `ss -ltn 'sport = :{port}'` shows whether a server listens, and "
	     "its queue") },
	{ ROW, ETIMEDOUT, STEPS_CONNECT, KIND_TCP, NULL,
	  N_("every SYN was lost or dropped: a firewall drops them, or {host} is down, or the server's accept queue "
	     "is full"),
	  N_("`ping {host}` tells whether it is up; `ss -ltn 'sport = :{port}'` on that host shows the queue "
	     "(Recv-Q above Send-Q: full)") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEPS_CONNECT, KIND_TCP, is_local_and_queue_full,
	  N_("{waiting} listens on {waiting addr}, but does not accept: its queue is full ({queue}), so the kernel "
	     "drops what comes"),
	  N_("is that program stuck? `ss -ltn 'sport = :{port}'` shows its queue (Recv-Q, Send-Q)") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEPS_CONNECT, KIND_TCP, is_router_offended,
	  N_("no answer came from {host}; meanwhile {offender} on the way said: ICMP {icmp}"),
	  N_("`traceroute -n {host}` shows how far packets come") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEPS_CONNECT, KIND_TCP, is_local_with_room,
	  N_("{waiting} listens on {waiting addr}, and its accept queue has room ({queue}): a rule of this host's own "
	     "firewall drops the SYNs or the answers, unless the queue was full until a moment ago"),
	  N_("as root, `nft list ruleset` (or `iptables -S`) shows the rule") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEPS_CONNECT, KIND_TCP, is_local_without_listener,
	  N_("no socket listens on {addr}, and no RST said so, as it does without a firewall: a rule of this host's "
	     "own firewall drops the SYNs or the answers"),
	  N_("as root, `nft list ruleset` (or `iptables -S`) shows the rule; and start the server") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEPS_CONNECT, KIND_TCP, is_local,
	  N_("{host} is this host, so no network can lose the packets: a rule of its own firewall drops them, or the "
	     "server's accept queue was full"),
	  N_("as root, `nft list ruleset` shows rules; `ss -ltn 'sport = :{port}'` shows whether a server listens, and "
	     "its queue") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEPS_CONNECT, KIND_TCP, NULL,
	  N_("no answer to SYN, neither yes nor no: a firewall drops it, or {host} is down, or the server's accept "
	     "queue is full; or {duration} is too short for this way"),
	  N_("`ping {host}` tells whether it is up; `ss -ltn 'sport = :{port}'` on that host shows the queue "
	     "(Recv-Q above Send-Q: full)") },

	/* Not allowed, not possible. */
	{ ROW, EADDRNOTAVAIL, STEPS_CONNECT, KIND_INET, is_about_source,
	  N_("the name has no address of the family of {host}, the source address"),
	  N_("give --source an address of the other family, or leave it out; "
	     "`getent ahosts NAME` lists the addresses of a name") },
	{ ROW, EADDRNOTAVAIL, STEPS_CONNECT, KIND_INET, has_local_port,
	  N_("the way from {local} to {addr} is taken by a connection that is not over yet"),
	  N_("leave out the source port, or wait; `ss -tan 'dport = :{port}'` shows it") },
	{ ROW, EADDRNOTAVAIL, STEPS_CONNECT, KIND_INET, NULL,
	  N_("no local port is left for {addr}: all of {low} to {high} are in use or in TIME_WAIT (or the address "
	     "cannot be sent to from here)"),
	  N_("`ss -tan 'dport = :{port}'` lists them; `sysctl net.ipv4.ip_local_port_range` widens the range") },
	{ ROW, EADDRINUSE, STEPS_CONNECT, KIND_INET, NULL,
	  N_("a connection between the same two addresses and ports exists already (it may be in TIME_WAIT)"),
	  N_("leave out the source port, or take another; `ss -tan 'dport = :{port}'` shows it") },
	{ ROW, EINVAL, STEPS_DATAGRAM, KIND_INET, lacks_zone,
	  N_("{host} is a link-local address: it exists once on every interface, and needs one named"),
	  N_("write the interface behind it: [{host}%eth0]:{port}; `ip -6 address` lists them") },
	{ ROW, EINVAL, STEPS_DATAGRAM, KIND_INET, is_route_forbidding,
	  N_("a route of this host throws away what goes to {host} (a route of type \"blackhole\")"),
	  N_("`ip route show type blackhole` lists such routes") },
	{ ROW, EACCES, STEPS_DATAGRAM, KIND_INET, is_route_forbidding,
	  N_("a route of this host forbids {host} (a route of type \"prohibit\")"),
	  N_("`ip route show type prohibit` lists such routes") },
	{ ROW, EACCES, STEPS_DATAGRAM, KIND_INET, is_router_offended,
	  N_("the router {offender} forbids it (ICMP {icmp}): a firewall rule"),
	  N_("ask who runs {offender} to let {protocol} port {port} of {host} through; "
	     "`traceroute -n {host}` shows where it stands") },
	{ ROW, EACCES, STEPS_DATAGRAM, KIND_INET, is_target_offended,
	  N_("{host} is up, but a firewall on it forbids this (ICMP {icmp})"),
	  N_("on that host, as root, `nft list ruleset` (or `iptables -S INPUT`) shows the rule") },
	{ ROW, EACCES, STEPS_DATAGRAM, KIND_INET, is_own_offended,
	  N_("a rule of this host's own firewall rejects what leaves for {host} (ICMP {icmp})"),
	  N_("as root, `nft list ruleset` (or `iptables -S OUTPUT`) shows the rule") },
	{ ROW, EACCES, STEPS_DATAGRAM, KIND_UDP, is_broadcast,
	  N_("{host} is a broadcast address, and a socket that has not asked for SO_BROADCAST may not send there"),
	  N_("send to the address of one host; `ip address` shows which address is the broadcast one (brd)") },
	{ ROW, EACCES, STEPS_DATAGRAM, KIND_INET, NULL,
	  N_("a rule of this system forbids it: Landlock, SELinux, a BPF program, or a firewall on this host"),
	  N_("`journalctl -k` may say which; as root, `nft list ruleset` shows rules") },
	{ ROW, EPERM, STEPS_DATAGRAM, KIND_INET, NULL,
	  N_("this host's own firewall drops or rejects what leaves for {host}"),
	  N_("as root, `nft list ruleset` (or `iptables -S OUTPUT`) shows the rule") },
	{ ROW, EAFNOSUPPORT, STEPS_CONNECT, KIND_INET, NULL,
	  N_("the socket is of another family than {host}: a source address of IPv4 does not reach IPv6, nor the "
	     "other way round"),
	  N_("give --source an address of the family of {host}, or choose the family with -4 or -6") },
	{ ROW, EMSGSIZE, STEPS_DATAGRAM, KIND_UDP, is_router_offended,
	  N_("the router {offender} cannot pass it on (ICMP {icmp}): the datagram is longer than the next link takes, "
	     "and it was sent not to be cut into fragments"),
	  N_("send smaller ones: `--datagram=1200` cuts the input; `tracepath -n {host}` shows what the way takes") },
	{ ROW, ENOPROTOOPT, STEPS_DATAGRAM, KIND_INET, is_router_offended,
	  N_("{offender} on the way, not {host} itself, refused it (ICMP {icmp}): a firewall with a rule to reject"),
	  N_("ask who runs {offender} to let {protocol} port {port} through; the server itself was never asked") },
	{ ROW, ENOPROTOOPT, STEPS_DATAGRAM, KIND_INET, is_own_offended,
	  N_("a rule of this host's own firewall rejects what leaves for {host} (ICMP {icmp})"),
	  N_("as root, `nft list ruleset` (or `iptables -S OUTPUT`) shows the rule") },
	{ ROW, ENOPROTOOPT, STEPS_DATAGRAM, KIND_INET, NULL,
	  N_("{host}, or a firewall in its place, does not speak this protocol (ICMP protocol unreachable)"),
	  N_("try another protocol; `ping {host}` tells whether it is up") },
	{ .domain = FAILURE_NONE },
};
