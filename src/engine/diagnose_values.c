/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that the templates of diagnoses may name: see diagnose_values.h. */
#include "engine/diagnose_values.h"

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "engine/diagnose.h"
#include "trace/icmp_words.h"
#include "trace/names.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

typedef void value_fn(const struct failure *failure, const struct facts *facts, struct text *text);

static void add_host(const struct addr *addr, struct text *text)
{
	char host[ADDR_TEXT_MAX];

	text_add(text, addr_format_host(addr, host, sizeof(host)));
}

static void add_addr(const struct addr *addr, struct text *text)
{
	char name[ADDR_TEXT_MAX];

	text_add(text, addr_format(addr, name, sizeof(name)));
}

/* Whose it is, as far as that can be seen: `nginx (pid 812)`, or `a process of uid 33`. */
static void add_process(int pid, const char *comm, uint32_t uid, struct text *text)
{
	if (pid != 0)
		text_addf(text, _("%1$s (pid %2$d)"), comm, pid);
	else
		text_addf(text, _("a process of uid %u"), (unsigned)uid);
}

static void value_host(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	add_host(&failure->addr, text);
}

static void value_addr(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	add_addr(&failure->addr, text);
}

static void value_port(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	text_addf(text, "%u", addr_port(&failure->addr));
}

static void value_local(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	add_addr(&failure->local, text);
}

/* The name that was asked for; where the port is named with it, without that. */
static void value_name(const struct failure *failure, const struct facts *facts, struct text *text)
{
	const char *end = strstr(failure->target, " port ");

	(void)facts;
	text_add_bytes(text, failure->target, end == NULL ? strlen(failure->target) : (size_t)(end - failure->target));
}

static const char *name_family(int family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

/* The family that a name was asked for in. */
static void value_family(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	text_add(text, name_family(failure->family));
}

/* The family in which /etc/hosts has it. */
static void value_hosts_family(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_add(text, name_family(facts->hosts_family));
}

/* The letter that asks for that family. */
static void value_dash_family(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	text_add(text, failure->family == AF_INET6 ? "-6" : "-4");
}

static void value_protocol(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	text_add(text, diagnose_kind(failure) == KIND_UDP ? "UDP" : "TCP");
}

/* The options of ss(8) that list who waits on a port. */
static void value_ss(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	text_add(text, diagnose_kind(failure) == KIND_UDP ? "ss -lunp" : "ss -ltnp");
}

/* The option of sockt for this protocol. */
static void value_dash_u(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	text_add(text, diagnose_kind(failure) == KIND_UDP ? "-u " : "");
}

static void value_duration(const struct failure *failure, const struct facts *facts, struct text *text)
{
	char duration[32];

	(void)facts;
	text_add(text, parse_format_duration(failure->limit_ns, duration, sizeof(duration)));
}

static void value_offender(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	add_host(&failure->offender, text);
}

static void value_icmp(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	icmp_words_add(addr_family(&failure->offender), failure->icmp_type, failure->icmp_code, text);
}

static void value_uid(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%u", (unsigned)facts->uid);
}

static void value_unprivileged(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%d", facts->unprivileged_port);
}

static void value_low(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%u", facts->port_low);
}

static void value_high(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%u", facts->port_high);
}

static void value_holder(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_process(facts->holder.pid, facts->holder.comm, facts->holder.uid, text);
}

static void value_held(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_addr(&facts->holder.local, text);
}

static void value_held_peer(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_addr(&facts->holder.remote, text);
}

static void value_state(const struct failure *failure, const struct facts *facts, struct text *text)
{
	char number[16];

	(void)failure;
	text_add(text, name_or_number(&names_tcp_state, facts->holder.state, number, sizeof(number)));
}

/* Rounded up: who waits that long finds it gone. */
static void value_seconds(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%u", (facts->holder.time_left_ms + 999) / 1000);
}

static void value_waiting(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_process(facts->waiting.pid, facts->waiting.comm, facts->waiting.uid, text);
}

static void value_waiting_addr(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_addr(&facts->waiting.local, text);
}

static void value_waiting_host(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_host(&facts->waiting.local, text);
}

static void value_queue(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%u/%u", facts->waiting.queue_len, facts->waiting.queue_limit);
}

static void value_interface(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_add(text, facts->route.interface);
}

/* Who must take the packet from us: the gateway, or the host itself where it is on the link. */
static void value_next_hop(const struct failure *failure, const struct facts *facts, struct text *text)
{
	add_host(facts->route.gateway.len != 0 ? &facts->route.gateway : &failure->addr, text);
}

static void value_down(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_add(text, facts->own.down);
}

/* Our addresses of the family that the failure is about. */
static void value_own(const struct failure *failure, const struct facts *facts, struct text *text)
{
	const char *separator = "";

	for (size_t i = 0; i < facts->own.count; i++) {
		if (addr_family(&facts->own.addrs[i]) != addr_family(&failure->addr))
			continue;
		text_add(text, separator);
		add_host(&facts->own.addrs[i], text);
		separator = ", ";
	}
}

static void value_where(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_add(text, facts->path.where);
}

static void value_mode(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%04o", (unsigned)facts->path.mode & 07777);
}

static void value_owner(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%u", (unsigned)facts->path.uid);
}

static void value_file_kind(const struct failure *failure, const struct facts *facts, struct text *text)
{
	mode_t mode = facts->path.mode;

	(void)failure;
	if (S_ISDIR(mode))
		text_add(text, _("a directory"));
	else if (S_ISLNK(mode))
		text_add(text, _("a symbolic link"));
	else if (S_ISREG(mode))
		text_add(text, _("a regular file"));
	else if (S_ISFIFO(mode))
		text_add(text, _("a named pipe"));
	else if (S_ISCHR(mode) || S_ISBLK(mode))
		text_add(text, _("a device"));
	else
		text_add(text, _("another file"));
}

static void value_unix_holder(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_process(facts->unix_holder.pid, facts->unix_holder.comm, facts->unix_holder.uid, text);
}

static void value_unix_queue(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%u/%u", facts->unix_holder.queue_len, facts->unix_holder.queue_limit);
}

/* The endpoint kind of the socket that is there. */
static void value_unix_kind(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	switch (facts->unix_holder.type) {
	case SOCK_DGRAM:
		text_add(text, "unix-dgram");
		break;
	case SOCK_SEQPACKET:
		text_add(text, "unix-seqpacket");
		break;
	default:
		text_add(text, "unix");
	}
}

/* The endpoint kind that was asked for. */
static void value_kind(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)facts;
	text_add(text, protocol_name(failure->protocol));
}

static void value_nameserver(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	add_host(&facts->nameservers[0], text);
}

static void value_files(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%" PRIu64, facts->files_limit);
}

static void value_files_hard(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_addf(text, "%" PRIu64, facts->files_limit_hard);
}

static void value_congestions(const struct failure *failure, const struct facts *facts, struct text *text)
{
	(void)failure;
	text_add(text, facts->congestions[0] != '\0' ? facts->congestions : "?");
}

static const struct {
	const char *name;
	value_fn *add;
} values[] = {
	{ "host", value_host },
	{ "addr", value_addr },
	{ "port", value_port },
	{ "local", value_local },
	{ "name", value_name },
	{ "family", value_family },
	{ "hosts family", value_hosts_family },
	{ "-6", value_dash_family },
	{ "protocol", value_protocol },
	{ "ss", value_ss },
	{ "-u ", value_dash_u },
	{ "duration", value_duration },
	{ "offender", value_offender },
	{ "icmp", value_icmp },
	{ "uid", value_uid },
	{ "unprivileged", value_unprivileged },
	{ "low", value_low },
	{ "high", value_high },
	{ "holder", value_holder },
	{ "held", value_held },
	{ "held peer", value_held_peer },
	{ "state", value_state },
	{ "seconds", value_seconds },
	{ "waiting", value_waiting },
	{ "waiting addr", value_waiting_addr },
	{ "waiting host", value_waiting_host },
	{ "queue", value_queue },
	{ "interface", value_interface },
	{ "next hop", value_next_hop },
	{ "down", value_down },
	{ "own", value_own },
	{ "where", value_where },
	{ "mode", value_mode },
	{ "owner", value_owner },
	{ "file kind", value_file_kind },
	{ "unix holder", value_unix_holder },
	{ "unix queue", value_unix_queue },
	{ "unix kind", value_unix_kind },
	{ "kind", value_kind },
	{ "nameserver", value_nameserver },
	{ "congestions", value_congestions },
	{ "files", value_files },
	{ "files hard", value_files_hard },
};

void diagnose_value_add(const char *name, size_t len, const struct failure *failure, const struct facts *facts,
			struct text *text)
{
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		if (strlen(values[i].name) != len || memcmp(values[i].name, name, len) != 0)
			continue;
		values[i].add(failure, facts, text);
		return;
	}
	assert(!"a template names a value that there is not");
}
