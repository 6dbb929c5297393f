/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an error says: a failure and facts in, the three lines out. No socket is made here. */
#include "engine/diagnose.h"
#include "engine/report.h"

#include "base/util.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "check.h"

/* A row gives the first members by their place, what matters of the others by name. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static struct addr ip(const char *text, uint16_t port)
{
	struct addr addr;

	if (addr_parse_ip(&addr, text, port) != 0)
		fail_msg("%s is no address", text);
	return addr;
}

static struct addr un(const char *path)
{
	struct addr addr;

	assert_int_equal(addr_set_unix(&addr, path), 0);
	return addr;
}

static const char *report(const struct failure *failure, const struct facts *facts, char *dst)
{
	struct text text;

	text_init(&text, dst, REPORT_MAX);
	report_format(failure, facts, &text);
	assert_false(text.is_cut);
	return dst;
}

/* The report with its lines joined as before they were broken, to look for a sentence in. */
static const char *report_flat(const struct failure *failure, const struct facts *facts, char *dst)
{
	char *to = dst;

	report(failure, facts, dst);
	for (const char *from = dst; *from != '\0'; from++) {
		*to++ = *from;
		if (strncmp(from, "\n       ", 8) == 0) {
			to[-1] = ' ';
			from += 7;
		}
	}
	*to = '\0';
	return dst;
}

/* The first lines. */
static void test_first_line(void **state)
{
	struct failure rows[] = {
		{ FAILURE_ERRNO, ECONNREFUSED, STEP_CONNECTED, PROTOCOL_TCP, SIDE_CLIENT, ip("127.0.0.1", 81) },
		{ FAILURE_ERRNO, ECONNREFUSED, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, ip("::1", 81),
		  .target = "localhost port 81", .candidates = "[::1]:81 ECONNREFUSED, 127.0.0.1:81 EACCES" },
		{ FAILURE_ERRNO, EACCES, STEP_BIND, PROTOCOL_TCP, SIDE_SERVER, ip("127.0.0.1", 80) },
		{ FAILURE_ERRNO, EADDRNOTAVAIL, STEP_BIND, PROTOCOL_TCP, SIDE_CLIENT, ip("203.0.113.1", 0),
		  .target = "localhost port 81" },
		{ FAILURE_ERRNO, EMFILE, STEP_SOCKET },
		{ FAILURE_ERRNO, EPERM, STEP_SETSOCKOPT, .target = "SO_MARK=1" },
		{ FAILURE_RESOLVER, EAI_NONAME, STEP_RESOLVE, .target = "no.such.host" },
		{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, ip("10.0.0.1", 80),
		  .limit_ns = 3000000000 },
		{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_RESOLVE, .target = "a.example port 80",
		  .limit_ns = 250000000 },
		{ FAILURE_LIMIT, ENDED_ACCEPT_TIMEOUT, STEP_ACCEPT, .addr = ip("10.0.0.1", 80),
		  .limit_ns = 2000000000 },
		{ FAILURE_LIMIT, ENDED_IDLE_TIMEOUT, STEP_RECV, .limit_ns = 3000000000 },
		{ FAILURE_LIMIT, ENDED_IDLE_TIMEOUT, STEP_RECV, .addr = ip("10.0.0.1", 80), .limit_ns = 3000000000 },
		{ FAILURE_LIMIT, ENDED_TOTAL_TIMEOUT, STEP_RECV, .addr = ip("10.0.0.1", 80), .limit_ns = 3000000000 },
		{ FAILURE_LIMIT, ENDED_UNACKNOWLEDGED, STEP_SEND, .addr = ip("10.0.0.1", 80) },
		{ FAILURE_ERRNO, ECONNRESET, STEP_RECV, PROTOCOL_TCP, SIDE_CLIENT, ip("127.0.0.1", 9000),
		  .target = "localhost port 9000" },
		{ FAILURE_ERRNO, ECONNRESET, STEP_SPLICE, PROTOCOL_TCP },
		{ FAILURE_ERRNO, ECONNREFUSED, STEP_RECV, PROTOCOL_UDP, SIDE_CLIENT, ip("127.0.0.1", 9000) },
		{ FAILURE_ERRNO, ENOSPC, STEP_WRITE, PROTOCOL_TCP, SIDE_CLIENT, ip("127.0.0.1", 9000) },
		{ FAILURE_ERRNO, EPIPE, STEP_WRITE },
		{ FAILURE_ERRNO, EIO, STEP_READ, PROTOCOL_TCP, SIDE_CLIENT, ip("127.0.0.1", 9000) },
		{ FAILURE_ERRNO, ENOENT, STEP_CONNECT, PROTOCOL_UNIX, SIDE_CLIENT, un("/run/x.sock") },
		{ FAILURE_ERRNO, 599, STEP_EPOLL_WAIT },
		{ FAILURE_USAGE, .text = "port 70000 is out of range (0-65535)" },
		{ FAILURE_ERRNO, ECONNREFUSED, STEP_CONNECT, .target = "\x1b[31mred" },
	};
	static const char *const wants[] = {
		"sockt: connect to 127.0.0.1 port 81: Connection refused (ECONNREFUSED)\n",
		"sockt: connect to localhost port 81: Connection refused (ECONNREFUSED); tried [::1]:81 ECONNREFUSED, "
		"127.0.0.1:81 EACCES\n",
		"sockt: bind to 127.0.0.1 port 80: Permission denied (EACCES)\n",
		"sockt: bind to 203.0.113.1: Cannot assign requested address (EADDRNOTAVAIL)\n",
		"sockt: make a socket: Too many open files (EMFILE)\n",
		"sockt: setsockopt SO_MARK=1: Operation not permitted (EPERM)\n",
		"sockt: resolve \"no.such.host\": Name or service not known (EAI_NONAME)\n",
		"sockt: connect to 10.0.0.1 port 80: no answer within 3 s (--connect-timeout)\n",
		"sockt: resolve \"a.example\": no answer within 250 ms (--connect-timeout)\n",
		"sockt: no client within 2 s (--accept-timeout)\n",
		"sockt: idle for 3 s (--idle-timeout)\n",
		"sockt: idle for 3 s on the connection with 10.0.0.1 port 80 (--idle-timeout)\n",
		"sockt: not done within 3 s (--total-timeout)\n",
		"sockt: connection with 10.0.0.1 port 80: bytes that were sent were never acknowledged\n",
		"sockt: connection with 127.0.0.1 port 9000: reset by the peer (ECONNRESET)\n",
		"sockt: connection: reset by the peer (ECONNRESET)\n",
		"sockt: receive from 127.0.0.1 port 9000: Connection refused (ECONNREFUSED)\n",
		"sockt: write to standard output: No space left on device (ENOSPC)\n",
		"sockt: write to standard output: Broken pipe (EPIPE)\n",
		"sockt: read from standard input: Input/output error (EIO)\n",
		"sockt: connect to /run/x.sock: No such file or directory (ENOENT)\n",
		"sockt: unknown error (errno 599)\n",
		"sockt: port 70000 is out of range (0-65535)\n",
		"sockt: connect to \\x1b[31mred: Connection refused (ECONNREFUSED)\n",
	};
	char got[REPORT_MAX];

	(void)state;
	static_assert(ARRAY_LEN(rows) == ARRAY_LEN(wants), "rows");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STRING(wants[i], report(&rows[i], NULL, got), wants[i]);
}

/* A failure with facts, and what must be said. */
struct row {
	struct failure failure;
	struct facts facts;
	const char *why, *cure; /* parts of the lines */
};

static void check_rows(struct row *rows, size_t count)
{
	char got[REPORT_MAX];

	for (size_t i = 0; i < count; i++) {
		const char *why, *cure;

		report_flat(&rows[i].failure, &rows[i].facts, got);
		why = strstr(got, "\n  why  ");
		cure = strstr(got, "\n  try  ");
		if (why == NULL || cure == NULL)
			fail_msg("row %zu, %s: no diagnosis in \"%s\"", i, rows[i].why, got);
		if (strstr(why, rows[i].why) == NULL || strstr(why, rows[i].why) > cure)
			fail_msg("row %zu: expected why \"%s\", got \"%s\"", i, rows[i].why, got);
		if (strstr(cure, rows[i].cure) == NULL)
			fail_msg("row %zu: expected try \"%s\", got \"%s\"", i, rows[i].cure, got);
	}
}

#define BIND(error, protocol, address) { FAILURE_ERRNO, error, STEP_BIND, protocol, SIDE_SERVER, address }

static void test_bind(void **state)
{
	const struct addr port9 = ip("127.0.0.1", 9), any9 = ip("0.0.0.0", 9), far = ip("192.0.2.7", 9);
	struct row rows[] = {
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9),
		  { .has_holder = true, .holder = { .local = any9, .state = TCP_LISTEN, .pid = 812, .inode = 7,
						    .comm = "nginx" } },
		  "nginx (pid 812) listens on 0.0.0.0:9 already", "ss -ltnp 'sport = :9' shows it" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9),
		  { .uid = 1000, .has_holder = true,
		    .holder = { .local = any9, .state = TCP_LISTEN, .uid = 33, .inode = 7 } },
		  "a process of uid 33 listens on 0.0.0.0:9 already; which one, only that user and root may see",
		  "as root: ss -ltnp 'sport = :9'" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9),
		  { .uid = 0, .has_holder = true,
		    .holder = { .local = any9, .state = TCP_LISTEN, .uid = 33, .inode = 7 } },
		  "/proc does not show it", "another port" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9),
		  { .has_holder = true, .holder = { .local = port9, .remote = far, .state = TCP_TIME_WAIT,
						    .time_left_ms = 54988 } },
		  "between 127.0.0.1:9 and 192.0.2.7:9 stays in TIME_WAIT for 55 s more", "wait 55 s" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9),
		  { .has_holder = true, .holder = { .local = port9, .state = TCP_CLOSE, .pid = 5, .comm = "x",
						    .inode = 7 } },
		  "x (pid 5) has bound 127.0.0.1:9 already, without listening there yet", "ss -atnp" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9),
		  { .has_holder = true, .holder = { .local = port9, .remote = far, .state = TCP_ESTABLISHED,
						    .pid = 5, .comm = "x", .inode = 7 } },
		  "x (pid 5) has a connection from 127.0.0.1:9 to 192.0.2.7:9 (state ESTABLISHED)",
		  "leave out --no-reuseaddr" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9),
		  { .has_holder = true, .holder = { .local = port9, .remote = far, .state = TCP_FIN_WAIT2 } },
		  "whose program has left it is still being closed (state FIN_WAIT2)", "ss -tano" },
		{ BIND(EADDRINUSE, PROTOCOL_UDP, port9),
		  { .has_holder = true, .holder = { .local = port9, .state = TCP_CLOSE, .pid = 5, .comm = "x",
						    .inode = 7 } },
		  "x (pid 5) has bound 127.0.0.1:9 already", "ss -lunp" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, port9), { 0 },
		  "none is to be seen now: it is gone, or the kernel does not show it", "ss -ltnp" },
		{ { FAILURE_ERRNO, EADDRINUSE, STEP_LISTEN, PROTOCOL_TCP, SIDE_SERVER, port9 },
		  { .has_holder = true, .holder = { .local = any9, .state = TCP_LISTEN, .pid = 812, .inode = 7,
						    .comm = "nginx" } },
		  "nginx (pid 812) listens", "another port" },
		{ BIND(EADDRINUSE, PROTOCOL_TCP, ip("127.0.0.1", 0)), { .port_low = 32768, .port_high = 60999 },
		  "32768 to 60999", "ip_local_port_range" },
		{ BIND(EACCES, PROTOCOL_TCP, ip("127.0.0.1", 80)), { .uid = 1000, .unprivileged_port = 1024 },
		  "port 80 is privileged: below 1024 only root",
		  "sysctl net.ipv4.ip_unprivileged_port_start=80" },
		{ BIND(EACCES, PROTOCOL_TCP, ip("127.0.0.1", 8080)), { .uid = 1000, .unprivileged_port = 1024 },
		  "Landlock", "journalctl" },
		{ BIND(EADDRNOTAVAIL, PROTOCOL_TCP, far),
		  { .has_own = true, .own = { .addrs = { ip("10.0.0.5", 0), ip("::1", 0), ip("127.0.0.1", 0) },
					      .count = 3 } },
		  "192.0.2.7 is not an address of this host; it has 10.0.0.5, 127.0.0.1", "sockt listen 9" },
		{ BIND(EADDRNOTAVAIL, PROTOCOL_UDP, far), { 0 },
		  "192.0.2.7 is not an address of this host", "sockt listen -u 9" },
		{ { FAILURE_ERRNO, EADDRNOTAVAIL, STEP_BIND, PROTOCOL_TCP, SIDE_CLIENT, far },
		  { .has_own = true, .own = { .addrs = { ip("10.0.0.5", 0) }, .count = 1 } },
		  "nothing can be sent from it; it has 10.0.0.5", "--source" },
		{ BIND(EINVAL, PROTOCOL_TCP, ip("fe80::1", 9)), { 0 }, "link-local", "[fe80::1%eth0]:9" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

#define CONNECT(error, address) { FAILURE_ERRNO, error, STEP_CONNECTED, PROTOCOL_TCP, SIDE_CLIENT, address }
#define ICMP(error, address, sender, type, icode) \
	{ FAILURE_ERRNO, error, STEP_CONNECTED, PROTOCOL_TCP, SIDE_CLIENT, address, .offender = sender, \
	  .icmp_type = type, .icmp_code = icode }

static void test_refused(void **state)
{
	const struct addr far = ip("192.0.2.7", 80), own = ip("127.0.0.1", 80);
	const struct addr router = ip("10.7.1.1", 0), target = ip("192.0.2.7", 0), self = ip("10.7.1.2", 0);
	const struct facts local = { .has_route = true, .route = { .is_local = true } };
	const struct facts link = { .has_route = true, .is_offender_own = true, .route = { .interface = "eth0" } };
	struct facts elsewhere = local;
	struct row rows[] = {
		{ CONNECT(ECONNREFUSED, far), { .has_route = true },
		  "the host answered with RST: it is up, but no socket is listening on port 80",
		  "ss -ltn 'sport = :80' on that host" },
		{ ICMP(ECONNREFUSED, far, router, 3, 3), { .has_route = true },
		  "10.7.1.1 on the way, not 192.0.2.7 itself, refused it (ICMP port unreachable)", "10.7.1.1" },
		{ ICMP(ECONNREFUSED, far, target, 3, 3), { .has_route = true },
		  "192.0.2.7 refused by ICMP (port unreachable), as a firewall on it does", "nft list ruleset" },
		{ ICMP(ECONNREFUSED, far, self, 3, 3), link, "a rule of its own firewall rejects", "OUTPUT" },
		{ CONNECT(ECONNREFUSED, own), local, "no socket of this host listens on 127.0.0.1:80",
		  "sockt listen 127.0.0.1 80" },
		{ CONNECT(ECONNREFUSED, own), { 0 }, "on the same port x (pid 5) waits on [::1]:80",
		  "sockt connect ::1 80" },
		{ { FAILURE_ERRNO, ECONNREFUSED, STEP_RECV, PROTOCOL_UDP, SIDE_CLIENT, far, .offender = target,
		    .icmp_type = 3, .icmp_code = 3 }, { 0 },
		  "192.0.2.7 is up and answered (ICMP port unreachable): no socket is bound to UDP port 80",
		  "ss -lun 'sport = :80'" },
		{ { FAILURE_ERRNO, ECONNREFUSED, STEP_RECV, PROTOCOL_UDP, SIDE_CLIENT, own }, local,
		  "no socket of this host is bound to UDP 127.0.0.1:80", "sockt listen -u 127.0.0.1 80" },
		{ { FAILURE_ERRNO, ECONNREFUSED, STEP_SEND, PROTOCOL_UDP, SIDE_CLIENT, far }, { 0 },
		  "no socket is bound to UDP port 80 of 192.0.2.7, or a firewall", "ss -lun" },
	};

	(void)state;
	elsewhere.has_waiting = true;
	elsewhere.waiting = (struct port_holder){ .local = ip("::1", 80), .pid = 5, .comm = "x" };
	rows[5].facts = elsewhere;
	check_rows(rows, ARRAY_LEN(rows));
}

/* In a network of the run's own "this host" would be the wrong one. */
static void test_sandbox(void **state)
{
	const struct addr far = ip("192.0.2.7", 80), own = ip("127.0.0.1", 80);
	const struct facts inside = { .is_sandboxed = true, .has_route = true, .route = { .is_local = true } };
	const struct facts offline = { .is_sandboxed = true, .has_own = true };
	struct facts let_in = inside;
	struct row rows[] = {
		{ CONNECT(ECONNREFUSED, own), inside, "127.0.0.1:80 in the network of this run (--sandbox)",
		  "leave --sandbox out" },
		{ { FAILURE_ERRNO, ECONNREFUSED, STEP_RECV, PROTOCOL_UDP, SIDE_CLIENT, own }, inside,
		  "no socket is bound to UDP 127.0.0.1:80 in the network of this run", "sockt shell --sandbox" },
		{ CONNECT(ENETUNREACH, far), offline, "nothing but loopback in it: no way leads to 192.0.2.7",
		  "leave --sandbox out" },
		{ { FAILURE_ERRNO, EADDRNOTAVAIL, STEP_BIND, PROTOCOL_TCP, SIDE_SERVER, far }, offline,
		  "192.0.2.7 is no address there", "127.0.0.1" },
		{ { FAILURE_RESOLVER, EAI_AGAIN, STEP_RESOLVE, .target = "a.example" }, offline,
		  "no name server can be asked from the network of this run", "/etc/hosts" },
		{ CONNECT(ECONNREFUSED, own), { 0 }, "on the same port x (pid 5) waits on [::1]:80",
		  "sockt connect ::1 80" },
	};

	(void)state;
	let_in.has_waiting = true;
	let_in.waiting = (struct port_holder){ .local = ip("::1", 80), .pid = 5, .comm = "x" };
	rows[5].facts = let_in;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_unreachable(void **state)
{
	const struct addr far = ip("192.0.2.7", 80);
	const struct addr router = ip("10.7.1.1", 0), target = ip("192.0.2.7", 0), self = ip("10.7.1.2", 0);
	const struct facts link = { .has_route = true, .is_offender_own = true, .route = { .interface = "eth0" } };
	struct facts gateway = link;
	struct row rows[] = {
		{ ICMP(ENETUNREACH, far, router, 3, 0), { 0 }, "the router 10.7.1.1 has no route to 192.0.2.7",
		  "traceroute -n 192.0.2.7" },
		{ ICMP(ENETUNREACH, far, router, 3, 9), { 0 }, "10.7.1.1 forbids it", "10.7.1.1" },
		{ CONNECT(ENETUNREACH, far), { .has_own = true }, "this host is on no network", "ip link" },
		{ CONNECT(ENETUNREACH, far), { .has_own = true, .own = { .down = "eth1" } }, "eth1 is down",
		  "ip link set eth1 up" },
		{ CONNECT(ENETUNREACH, far),
		  { .has_own = true, .own = { .has_link = true, .has_ipv4 = true }, .has_route = true,
		    .route = { .error = ENETUNREACH } },
		  "no route of this host leads to 192.0.2.7, and there is no default route",
		  "ip route get 192.0.2.7" },
		{ CONNECT(ENETUNREACH, ip("2001:db8::1", 80)),
		  { .has_own = true, .own = { .has_link = true, .has_ipv4 = true } },
		  "no IPv6 address that reaches beyond the link", "-4" },
		{ CONNECT(ENETUNREACH, ip("224.0.0.1", 80)),
		  { .has_route = true, .route = { .is_broadcast = true } },
		  "broadcast or multicast", "sockt connect -u 224.0.0.1 80" },
		{ ICMP(EHOSTUNREACH, far, router, 3, 1), { 0 },
		  "the router 10.7.1.1 cannot reach 192.0.2.7", "traceroute" },
		{ ICMP(EHOSTUNREACH, far, router, 3, 13), { 0 },
		  "10.7.1.1 forbids it (ICMP communication administratively prohibited): a firewall rule", "10.7.1.1" },
		{ ICMP(EHOSTUNREACH, far, target, 3, 10), { 0 }, "a firewall on it forbids this", "nft" },
		{ ICMP(EHOSTUNREACH, far, self, 3, 1), link,
		  "no host with the address 192.0.2.7 answers on the link of eth0",
		  "ip neigh show 192.0.2.7" },
		{ ICMP(EHOSTUNREACH, far, self, 3, 1), { 0 }, "the gateway 10.7.1.1 on eth0 does not answer",
		  "ip neigh show 10.7.1.1" },
		{ ICMP(EHOSTUNREACH, far, self, 3, 13), link, "this host's own firewall", "OUTPUT" },
		{ CONNECT(EHOSTUNREACH, far),
		  { .has_route = true, .route = { .error = EHOSTUNREACH, .is_forbidden = true } },
		  "type \"unreachable\"", "ip route show type unreachable" },
	};

	(void)state;
	gateway.route.gateway = router;
	rows[11].facts = gateway;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_no_answer(void **state)
{
	const struct addr far = ip("192.0.2.7", 80), own = ip("127.0.0.1", 80);
	const struct addr router = ip("10.7.1.1", 0);
	const struct facts local = { .has_route = true, .route = { .is_local = true } };
	struct facts full = local, room, nobody = local;
	struct row rows[] = {
		{ CONNECT(ETIMEDOUT, far), { 0 },
		  "a firewall drops them, or 192.0.2.7 is down, or the server's accept queue is full",
		  "ping 192.0.2.7" },
		{ { FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, far,
		    .limit_ns = 2000000000 }, { 0 },
		  "or 2 s is too short", "ping 192.0.2.7" },
		{ { FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, own }, { 0 },
		  "its queue is full (3/2)", "ss -ltn 'sport = :80'" },
		{ { FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, own }, local,
		  "127.0.0.1 is this host", "nft" },
		{ { FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, own }, { 0 },
		  "its accept queue has room (2/2): a rule of this host's own firewall", "nft" },
		{ { FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, own }, { 0 },
		  "no socket listens on 127.0.0.1:80, and no RST said so", "nft" },
		{ CONNECT(ETIMEDOUT, own), { 0 }, "its queue is full (3/2)", "ss -ltn 'sport = :80'" },
		{ CONNECT(ETIMEDOUT, own), { 0 }, "its accept queue has room (2/2)", "nft" },
		{ CONNECT(ETIMEDOUT, own), { 0 }, "no socket listens on 127.0.0.1:80", "nft" },
		{ CONNECT(ETIMEDOUT, own), local, "127.0.0.1 is this host", "nft" },
		{ { FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, far,
		    .offender = router, .icmp_type = 3, .icmp_code = 1 }, { 0 },
		  "meanwhile 10.7.1.1 on the way said: ICMP host unreachable", "traceroute" },
		{ CONNECT(EADDRNOTAVAIL, far), { .port_low = 32768, .port_high = 60999 },
		  "all of 32768 to 60999 are in use", "ss -tan 'dport = :80'" },
		{ CONNECT(EADDRNOTAVAIL, ip("127.0.0.1", 0)), { 0 },
		  "no address of the family of 127.0.0.1", "--source" },
		{ CONNECT(EACCES, far),
		  { .has_route = true, .route = { .error = EACCES, .is_forbidden = true } },
		  "type \"prohibit\"", "ip route show type prohibit" },
		{ CONNECT(EINVAL, far),
		  { .has_route = true, .route = { .error = EINVAL, .is_forbidden = true } },
		  "type \"blackhole\"", "ip route show type blackhole" },
		{ CONNECT(EINVAL, ip("fe80::1", 80)), { 0 }, "link-local", "[fe80::1%eth0]:80" },
		{ { FAILURE_ERRNO, EPERM, STEP_SEND, PROTOCOL_UDP, SIDE_CLIENT, far }, { 0 }, "firewall drops", "nft" },
		{ { FAILURE_ERRNO, ECONNRESET, STEP_RECV, PROTOCOL_TCP, SIDE_CLIENT, far }, { 0 },
		  "closed with data unread, aborted", "-vv" },
		{ { FAILURE_ERRNO, EPIPE, STEP_WRITE }, { 0 }, "has ended or closed it", "head" },
		{ { FAILURE_ERRNO, EMFILE, STEP_ACCEPT }, { .files_limit = 64, .files_limit_hard = 4096 },
		  "may have 64 files open", "ulimit -n 4096" },
		{ { FAILURE_ERRNO, EMFILE, STEP_ACCEPT }, { .files_limit = 64, .files_limit_hard = 64 },
		  "that is the hard limit, too", "prlimit --nofile" },
	};

	(void)state;
	full.has_waiting = full.waiting_takes = true;
	full.waiting = (struct port_holder){ .local = own, .pid = 5, .comm = "x", .queue_len = 3, .queue_limit = 2 };
	room = full;
	room.waiting.queue_len = 2;
	nobody.has_nobody = true;
	rows[2].facts = rows[6].facts = full;
	rows[4].facts = rows[7].facts = room;
	rows[5].facts = rows[8].facts = nobody;
	check_rows(rows, ARRAY_LEN(rows));
}

#define UNIX(error, at) { FAILURE_ERRNO, error, at, PROTOCOL_UNIX, SIDE_CLIENT, un("/run/x/s") }

static void test_unix(void **state)
{
	const struct unix_holder live = { .type = SOCK_STREAM, .is_listening = true, .pid = 5, .comm = "x" };
	struct row rows[] = {
		{ UNIX(EADDRINUSE, STEP_BIND), { .has_unix = true, .unix_holder = live },
		  "x (pid 5) is bound to /run/x/s already", "ss -xlp" },
		{ UNIX(EADDRINUSE, STEP_BIND), { .path = { .where = "/run/x/s", .mode = S_IFREG | 0644 } },
		  "a regular file stands at /run/x/s", "ls -ld /run/x/s" },
		{ UNIX(EADDRINUSE, STEP_BIND), { .path = { .where = "/run/x/s", .mode = S_IFSOCK | 0600 } },
		  "no program of this network namespace is bound to", "rm /run/x/s" },
		{ UNIX(EACCES, STEP_BIND),
		  { .uid = 1000, .path = { .error = EACCES, .where = "/run/x", .is_directory = true,
					   .mode = S_IFDIR | 0755 } },
		  "uid 1000 may not make one in /run/x (mode 0755, owner uid 0)", "ls -ld /run/x" },
		{ UNIX(ENOENT, STEP_BIND), { .path = { .error = ENOENT, .where = "/run/x", .is_directory = true } },
		  "the directory /run/x does not exist", "mkdir -p /run/x" },
		{ UNIX(ENOENT, STEP_CONNECT), { .path = { .error = ENOENT, .where = "/run/x/s" } },
		  "there is no file /run/x/s", "--retry" },
		{ UNIX(ENOENT, STEP_CONNECT), { .path = { .error = ENOENT, .where = "/run/x", .is_directory = true } },
		  "the directory /run/x does not exist", "ss -xl" },
		{ UNIX(ECONNREFUSED, STEP_CONNECT), { .path = { .where = "/run/x/s", .mode = S_IFSOCK | 0600 } },
		  "stale: nobody is bound to it any more", "rm /run/x/s" },
		{ UNIX(ECONNREFUSED, STEP_CONNECT), { .path = { .where = "/run/x/s", .mode = S_IFREG | 0600 } },
		  "/run/x/s is a regular file, not a socket", "ls -ld" },
		{ UNIX(ECONNREFUSED, STEP_CONNECT),
		  { .has_unix = true, .unix_holder = { .type = SOCK_STREAM, .pid = 5, .comm = "x" } },
		  "does not listen there (yet)", "--retry" },
		{ UNIX(EAGAIN, STEP_CONNECT),
		  { .has_unix = true, .unix_holder = { .is_listening = true, .pid = 5, .comm = "x", .queue_len = 2,
						       .queue_limit = 1 } },
		  "the accept queue of x (pid 5) is full (2/1)", "ss -xl" },
		{ { FAILURE_ERRNO, EPROTOTYPE, STEP_CONNECT, PROTOCOL_UNIX_DGRAM, SIDE_CLIENT, un("/run/x/s") },
		  { .has_unix = true, .unix_holder = live },
		  "is of the kind unix, and unix-dgram was asked for", "sockt connect unix:/run/x/s" },
		{ UNIX(EACCES, STEP_CONNECT),
		  { .uid = 1000, .path = { .error = EACCES, .where = "/run/x/s", .mode = S_IFSOCK | 0755 } },
		  "uid 1000 may not (mode 0755, owner uid 0)", "ls -l /run/x/s" },
		{ UNIX(EACCES, STEP_CONNECT),
		  { .uid = 1000, .path = { .error = EACCES, .where = "/run/x", .is_directory = true,
					   .needs_search = true, .mode = S_IFDIR | 0700 } },
		  "/run/x (mode 0700, owner uid 0) may not be entered by uid 1000", "chmod o+x /run/x" },
		{ UNIX(ENOTDIR, STEP_CONNECT),
		  { .path = { .error = ENOTDIR, .where = "/run/x", .is_directory = true, .mode = S_IFREG | 0644 } },
		  "/run/x on the way to it is a regular file, not a directory", "ls -ld /run/x" },
		{ UNIX(ENAMETOOLONG, STEP_BIND), { 0 }, "at most 107 bytes", "shorter" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

#define RESOLVE(error, name) { FAILURE_RESOLVER, error, STEP_RESOLVE, PROTOCOL_TCP, SIDE_CLIENT, .target = name }

static void test_resolve(void **state)
{
	const struct facts asked = { .has_resolver = true, .nameserver_count = 1,
				     .nameservers = { ip("192.0.2.53", 53) }, .has_own = true,
				     .own = { .has_link = true, .has_ipv4 = true } };
	struct facts unreachable = asked, silent = asked, offline = asked, none = asked;
	struct row rows[] = {
		{ RESOLVE(EAI_NONAME, "no.such.host"), asked,
		  "neither /etc/hosts nor the name server 192.0.2.53 knows the name (or",
		  "getent ahosts no.such.host" },
		{ RESOLVE(EAI_NONAME, "bare"), asked, "without a dot", "getent ahosts bare" },
		{ RESOLVE(EAI_NONAME, "a.example"), { 0 }, "this host is on no network", "ip address" },
		{ RESOLVE(EAI_AGAIN, "a.example"), asked, "192.0.2.53 did not answer", "dig a.example @192.0.2.53" },
		{ RESOLVE(EAI_AGAIN, "a.example"), { 0 }, "192.0.2.53 of /etc/resolv.conf cannot be reached",
		  "ip route get 192.0.2.53" },
		{ RESOLVE(EAI_AGAIN, "a.example"), { 0 }, "no program waits on its port", "ss -lunp 'sport = :53'" },
		{ RESOLVE(EAI_AGAIN, "a.example"), { 0 }, "this host is on no network", "ip address" },
		{ RESOLVE(EAI_AGAIN, "a.example"), { 0 }, "names no name server", "cat /etc/resolv.conf" },
		{ RESOLVE(EAI_NODATA, "a.example"), asked, "no address of the family", "leave out -4 or -6" },
		{ { FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_RESOLVE, .target = "a.example", .limit_ns = 1000000000 },
		  asked, "no name server answered in time", "getent ahosts a.example" },
		{ { FAILURE_RESOLVER, EAI_NONAME, STEP_RESOLVE, .target = "bare", .family = AF_INET6 }, asked,
		  "knows the name with an IPv6 address", "is IPv6 the wrong family?" },
		{ { FAILURE_RESOLVER, EAI_ADDRFAMILY, STEP_RESOLVE, .target = "a.example", .family = AF_INET,
		    .is_source = true },
		  asked, "a.example exists, but has no IPv4 address to connect from",
		  "give an IPv4 address as the source" },
	};

	(void)state;
	unreachable.nameserver_error = ENETUNREACH;
	silent.is_nameserver_silent = true;
	offline.own.has_link = false;
	offline.nameserver_error = ENETUNREACH;
	none.nameserver_count = 0;
	rows[2].facts = offline;
	rows[4].facts = unreachable;
	rows[5].facts = silent;
	rows[6].facts = offline;
	rows[7].facts = none;
	check_rows(rows, ARRAY_LEN(rows));
}

static const struct diagnosis *const tables[] = {
	diagnosis_unix, diagnosis_bind, diagnosis_connect, diagnosis_data, diagnosis_option, diagnosis_rights,
	diagnosis_vsock, diagnosis_other, diagnosis_file,
};

/*
 * Every template of every table can be expanded, whatever is not known, and makes lines that fit: a value that there is
 * not would end the program.
 */
static void test_every_template(void **state)
{
	struct facts facts = { .unprivileged_port = 1024 };
	char words[1024];
	struct text text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (const struct diagnosis *row = tables[i]; row->domain != FAILURE_NONE; row++) {
			struct failure failure = { row->domain, row->code, STEP_CONNECT };

			text_init(&text, words, sizeof(words));
			diagnose_expand(row->why, &failure, &facts, &text);
			assert_false(text.is_cut);
			assert_null(strpbrk(words, "{}`"));
			diagnose_expand(row->cure, &failure, &facts, &text);
			assert_false(text.is_cut);
			assert_null(strpbrk(words, "{}`"));
		}
	}
}

/* Lines are broken before column 80 and aligned; a command stays in one piece. */
static void test_layout(void **state)
{
	struct failure failure = { FAILURE_ERRNO, EACCES, STEP_BIND, PROTOCOL_TCP, SIDE_SERVER, ip("127.0.0.1", 80) };
	struct facts facts = { .uid = 1000, .unprivileged_port = 1024 };
	char got[REPORT_MAX];

	(void)state;
	CHECK_STRING("layout", report(&failure, &facts, got),
		     "sockt: bind to 127.0.0.1 port 80: Permission denied (EACCES)\n"
		     "  why  port 80 is privileged: below 1024 only root, or a program with\n"
		     "       CAP_NET_BIND_SERVICE, may bind\n"
		     "  try  take a port from 1024 up, or as root allow this one:\n"
		     "       sysctl net.ipv4.ip_unprivileged_port_start=80\n");
	CHECK_STRING("no failure", report(&(struct failure){ 0 }, &facts, got), "");
	CHECK_STRING("without a row", report(&(struct failure){ FAILURE_ERRNO, EXDEV, STEP_BIND }, &facts, got),
		     "sockt: bind: Invalid cross-device link (EXDEV)\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_line), cmocka_unit_test(test_bind),
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_no_answer),  cmocka_unit_test(test_unix),
		cmocka_unit_test(test_resolve),    cmocka_unit_test(test_every_template),
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
