/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts that explain a failure: see facts.h. One table says what is looked at for which failure. */
#include "engine/facts.h"

#include "base/util.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define RESOLV_CONF "/etc/resolv.conf"
#define HOSTS "/etc/hosts"
#define DNS_PORT 53

/* What can be looked at. */
enum look {
	LOOK_HOLDER = 1U << 0,   /* who holds the port or path */
	LOOK_ROUTE = 1U << 1,    /* the way to the address; who waits there, where it is ours */
	LOOK_OWN = 1U << 2,      /* our interfaces and addresses */
	LOOK_LIMITS = 1U << 3,   /* privileged and ephemeral ports, open files */
	LOOK_RESOLVER = 1U << 4, /* resolv.conf */
};

/* For errors of calls; those that are not here explain themselves. */
static const struct {
	int error;
	unsigned looks;
} errno_looks[] = {
	{ EADDRINUSE, LOOK_HOLDER | LOOK_LIMITS },
	{ EACCES, LOOK_HOLDER | LOOK_LIMITS | LOOK_ROUTE },
	{ EPERM, LOOK_HOLDER | LOOK_ROUTE },
	{ EADDRNOTAVAIL, LOOK_OWN | LOOK_LIMITS | LOOK_ROUTE },
	{ ENETUNREACH, LOOK_OWN | LOOK_ROUTE },
	{ ENETDOWN, LOOK_OWN | LOOK_ROUTE },
	{ EHOSTUNREACH, LOOK_ROUTE },
	{ EHOSTDOWN, LOOK_ROUTE },
	{ ENOPROTOOPT, LOOK_ROUTE },
	{ EINVAL, LOOK_ROUTE },
	{ ECONNREFUSED, LOOK_HOLDER | LOOK_ROUTE },
	{ ETIMEDOUT, LOOK_ROUTE },
	{ ENOENT, LOOK_HOLDER },
	{ ENOTDIR, LOOK_HOLDER },
	{ ELOOP, LOOK_HOLDER },
	{ ENOTSOCK, LOOK_HOLDER },
	{ EPROTOTYPE, LOOK_HOLDER },
	{ EAGAIN, LOOK_HOLDER | LOOK_LIMITS },
	{ EMFILE, LOOK_LIMITS },
};

static unsigned looks_for(const struct failure *failure)
{
	switch (failure->domain) {
	case FAILURE_RESOLVER:
		return LOOK_RESOLVER | LOOK_OWN;
	case FAILURE_LIMIT:
		if (failure->code != ENDED_CONNECT_TIMEOUT && failure->code != ENDED_TOTAL_TIMEOUT)
			return 0;
		return failure->step == STEP_RESOLVE ? LOOK_RESOLVER | LOOK_OWN : LOOK_ROUTE | LOOK_HOLDER;
	case FAILURE_ERRNO:
		for (size_t i = 0; i < ARRAY_LEN(errno_looks); i++)
			if (errno_looks[i].error == failure->code)
				return errno_looks[i].looks;
		return 0;
	case FAILURE_NONE:
	case FAILURE_USAGE:
	case FAILURE_REFUSED:
	case FAILURE_PROXY:
	case FAILURE_SANDBOX:
	case FAILURE_FILE:
		return 0;
	}
	return 0;
}

/* The first line of a file of /proc, as numbers. Returns how many were read. */
static int read_numbers(const char *path, int *first, int *second)
{
	FILE *file = fopen(path, "re");
	int count;

	if (file == NULL)
		return 0;
	count = fscanf(file, "%d %d", first, second);
	fclose(file);
	return count < 0 ? 0 : count;
}

static void look_at_limits(struct facts *facts)
{
	struct rlimit files;
	int first = 0, second = 0;

	if (read_numbers("/proc/sys/net/ipv4/ip_unprivileged_port_start", &first, &second) >= 1)
		facts->unprivileged_port = first;
	if (read_numbers("/proc/sys/net/ipv4/ip_local_port_range", &first, &second) == 2) {
		facts->port_low = (uint16_t)first;
		facts->port_high = (uint16_t)second;
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		facts->files_limit = files.rlim_cur;
		facts->files_limit_hard = files.rlim_max;
	}
}

/* What TCP_CONGESTION may be. */
static void look_at_congestions(struct facts *facts)
{
	FILE *file = fopen("/proc/sys/net/ipv4/tcp_available_congestion_control", "re");

	if (file == NULL)
		return;
	if (fgets(facts->congestions, sizeof(facts->congestions), file) == NULL)
		facts->congestions[0] = '\0';
	facts->congestions[strcspn(facts->congestions, "\n")] = '\0';
	fclose(file);
}

static void look_at_unix(struct stepper *st, const struct failure *failure, struct facts *facts)
{
	char path[sizeof(failure->addr.un.sun_path) + 1] = "";
	size_t len = failure->addr.len - offsetof(struct sockaddr_un, sun_path);
	bool is_create = failure->step == STEP_BIND || failure->step == STEP_LISTEN;

	if (failure->addr.len <= offsetof(struct sockaddr_un, sun_path))
		return;
	facts->has_unix = sockdiag_find_unix(st, &failure->addr, &facts->unix_holder) == 1;
	if (failure->addr.un.sun_path[0] == '\0')
		return;
	memcpy(path, failure->addr.un.sun_path, len);
	facts_look_at_path(path, is_create, &facts->path);
}

static enum protocol transport_of(const struct failure *failure)
{
	return failure->protocol == PROTOCOL_UDP ? PROTOCOL_UDP : PROTOCOL_TCP;
}

static void look_at_holder(struct stepper *st, const struct failure *failure, struct facts *facts)
{
	bool is_bind = failure->step == STEP_BIND || failure->step == STEP_LISTEN;

	if (addr_family(&failure->addr) == AF_UNIX) {
		look_at_unix(st, failure, facts);
		return;
	}
	if (is_bind && failure->code == EADDRINUSE)
		facts->has_holder = sockdiag_find_holder(st, &failure->addr, transport_of(failure),
							 &facts->holder) == 1;
}

static void look_at_route(struct stepper *st, const struct failure *failure, struct facts *facts)
{
	struct route offender;
	int found;

	if (addr_family(&failure->addr) != AF_INET && addr_family(&failure->addr) != AF_INET6)
		return;
	facts->has_route = route_find(st, &failure->addr, &facts->route) == 0;
	if (failure->offender.len != 0)
		facts->is_offender_own = route_find(st, &failure->offender, &offender) == 0 && offender.is_local;
	/* On this host it can be seen who waits on the port. */
	if (!facts->has_route || !facts->route.is_local || failure->step == STEP_BIND)
		return;
	found = sockdiag_find_waiting(st, &failure->addr, transport_of(failure), &facts->waiting);
	facts->has_waiting = found == 1;
	facts->has_nobody = found == 0;
	facts->waiting_takes = facts->has_waiting && sockdiag_takes(&facts->waiting, &failure->addr);
}

static void read_nameservers(struct facts *facts)
{
	FILE *file = fopen(RESOLV_CONF, "re");
	char line[256], name[128];

	if (file == NULL)
		return;
	while (facts->nameserver_count < FACTS_NAMESERVER_MAX && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "nameserver %127s", name) == 1 &&
		    addr_parse_ip(&facts->nameservers[facts->nameserver_count], name, DNS_PORT) == 0)
			facts->nameserver_count++;
	fclose(file);
}

/* The family of a line of hosts(5) that has the name, len bytes; 0: it has not. The line is cut into words. */
static int hosts_line_family(char *line, const char *name, size_t len)
{
	char *rest = NULL, *word;
	struct addr addr;

	line[strcspn(line, "#\n")] = '\0';
	word = strtok_r(line, " \t", &rest);
	if (word == NULL || addr_parse_ip(&addr, word, 0) != 0)
		return 0;
	while ((word = strtok_r(NULL, " \t", &rest)) != NULL)
		if (strlen(word) == len && strncasecmp(word, name, len) == 0)
			return addr_family(&addr);
	return 0;
}

/* A name that was asked for in one family: does /etc/hosts know it in the other one only? */
static void look_at_hosts(const struct failure *failure, struct facts *facts)
{
	const char *end = strstr(failure->target, " port ");
	size_t len = end == NULL ? strlen(failure->target) : (size_t)(end - failure->target);
	FILE *file = failure->family == 0 ? NULL : fopen(HOSTS, "re");
	char line[1024];
	int family;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		family = hosts_line_family(line, failure->target, len);
		if (family != 0)
			facts->hosts_family = family;
		if (family == failure->family)
			break;
	}
	if (facts->hosts_family == failure->family)
		facts->hosts_family = 0;
	if (file != NULL)
		fclose(file);
}

static void look_at_resolver(struct stepper *st, struct facts *facts)
{
	const struct addr *first = &facts->nameservers[0];
	struct port_holder waiting;
	struct route route;

	read_nameservers(facts);
	facts->has_resolver = true;
	if (facts->nameserver_count == 0 || route_find(st, first, &route) < 0)
		return;
	facts->nameserver_error = route.error;
	if (route.is_local)
		facts->is_nameserver_silent = sockdiag_find_waiting(st, first, PROTOCOL_UDP, &waiting) == 0;
}

void facts_gather(struct stepper *st, const struct failure *failure, struct facts *facts)
{
	unsigned looks = looks_for(failure);

	*facts = (struct facts){ .uid = geteuid(), .unprivileged_port = -1 };
	if ((looks & LOOK_LIMITS) != 0)
		look_at_limits(facts);
	if ((looks & LOOK_HOLDER) != 0)
		look_at_holder(st, failure, facts);
	if ((looks & LOOK_ROUTE) != 0)
		look_at_route(st, failure, facts);
	if ((looks & LOOK_OWN) != 0)
		facts->has_own = route_own(st, &facts->own) == 0;
	if (failure->step == STEP_SETSOCKOPT && failure->code == ENOENT)
		look_at_congestions(facts);
	if ((looks & LOOK_RESOLVER) != 0)
		look_at_resolver(st, facts);
	if ((looks & LOOK_RESOLVER) != 0)
		look_at_hosts(failure, facts);
}
