/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnoses: names that were not found, time limits, and what this host has too little of. Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

static bool may_have_more_files(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->files_limit_hard > facts->files_limit;
}

static bool is_offline(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_own && !facts->own.has_link;
}

/* A listener of several sockets names none of them. */
static bool is_of_several(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->addr.len == 0;
}

static bool lacks_nameserver(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_resolver && facts->nameserver_count == 0;
}

static bool is_nameserver_unreachable(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_resolver && facts->nameserver_count != 0 && facts->nameserver_error != 0;
}

static bool is_nameserver_silent(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_resolver && facts->is_nameserver_silent;
}

static bool has_nameserver(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->has_resolver && facts->nameserver_count != 0;
}

/* Offline, and only a name server that is on this host could have known. */
static bool is_offline_without_nameserver(const struct failure *failure, const struct facts *facts)
{
	return is_offline(failure, facts) &&
	       (facts->nameserver_count == 0 || facts->nameserver_error != 0 || facts->is_nameserver_silent);
}

/* A name without a dot is no name of the public DNS. */
static bool is_bare_name(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->target[0] != '\0' && strchr(failure->target, '.') == NULL;
}

static bool is_bare_name_asked(const struct failure *failure, const struct facts *facts)
{
	return is_bare_name(failure, facts) && has_nameserver(failure, facts);
}

static bool is_bare_name_of_family(const struct failure *failure, const struct facts *facts)
{
	return is_bare_name_asked(failure, facts) && failure->family != 0;
}

/* /etc/hosts has the name, but not as it was asked for. */
static bool is_of_other_family(const struct failure *failure, const struct facts *facts)
{
	return failure->family != 0 && facts->hosts_family != 0;
}

static bool is_source_of_other_family(const struct failure *failure, const struct facts *facts)
{
	return failure->is_source && is_of_other_family(failure, facts);
}

/* The target is an address, so it is known what the source has to be. */
static bool is_source_unlike_target(const struct failure *failure, const struct facts *facts)
{
	return is_source_of_other_family(failure, facts) && failure->addr.len != 0;
}

static bool is_source_lacking(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->is_source;
}

#define GIVE_OTHER_SOURCE                                                                                             \
	N_("give an {family} address as the source, or none: the kernel takes the right one; `getent ahosts {name}` " \
	   "lists what there is")

/* Which error it is then depends on what the name server said. */
#define ROWS_OTHER_FAMILY(code)                                                                                       \
	{ FAILURE_RESOLVER, code, STEP_BIT(RESOLVE), KIND_ANY, is_source_unlike_target,                              \
	  N_("{name} has no {family} address here, and {host} needs one: /etc/hosts has {hosts family} only"),        \
	  GIVE_OTHER_SOURCE },                                                                                        \
	{ FAILURE_RESOLVER, code, STEP_BIT(RESOLVE), KIND_ANY, is_source_of_other_family,                            \
	  N_("{name} has no {family} address here, and the target is asked for as {family}: /etc/hosts has "          \
	     "{hosts family} only"),                                                                                  \
	  GIVE_OTHER_SOURCE },                                                                                        \
	{ FAILURE_RESOLVER, code, STEP_BIT(RESOLVE), KIND_ANY, is_of_other_family,                                   \
	  N_("{name} has no {family} address here: /etc/hosts has {hosts family} only"),                              \
	  N_("leave out what asks for {family} ({-6}, a kind of endpoint, a source address of it); "                 \
	     "`getent ahosts {name}` lists what there is") }

/* For a name that could not be asked about, and for one about which no answer came, the causes are the same. */
#define ROWS_NO_NETWORK(domain, code)                                                                                 \
	{ domain, code, STEP_BIT(RESOLVE), KIND_ANY, is_offline_without_nameserver,                                  \
	  N_("this host is on no network: there is no interface up besides loopback, so no name server can be "       \
	     "asked; whether the name exists is not known"),                                                          \
	  N_("`ip address` lists the interfaces; a numeric address or a name in /etc/hosts needs no name server") },  \
	{ domain, code, STEP_BIT(RESOLVE), KIND_ANY, lacks_nameserver,                                               \
	  N_("/etc/resolv.conf names no name server that could be asked, so only /etc/hosts was looked at"),          \
	  N_("`cat /etc/resolv.conf`: it wants a line \"nameserver ADDRESS\"; `getent ahosts {name}` asks again") },  \
	{ domain, code, STEP_BIT(RESOLVE), KIND_ANY, is_nameserver_unreachable,                                      \
	  N_("the name server {nameserver} of /etc/resolv.conf cannot be reached: no route leads there; whether the " \
	     "name exists is not known"),                                                                             \
	  N_("`ip route get {nameserver}` says what the kernel thinks") },                                            \
	{ domain, code, STEP_BIT(RESOLVE), KIND_ANY, is_nameserver_silent,                                           \
	  N_("the name server {nameserver} of /etc/resolv.conf would be on this host, but no program waits on its "   \
	     "port; whether the name exists is not known"),                                                           \
	  N_("is it started? `ss -lunp 'sport = :53'` shows who waits; `systemctl status systemd-resolved`") }

#define RESOLVER FAILURE_RESOLVER
#define LIMIT FAILURE_LIMIT
#define ROW FAILURE_ERRNO

#define NO_DCCP N_("this kernel has no DCCP, or has not loaded it: Linux has none from 6.16 on")

static bool is_sctp(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->protocol == PROTOCOL_SCTP;
}

static bool is_dccp(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->protocol == PROTOCOL_DCCP;
}

/* TCP and UDP themselves every kernel has: it is a kin of theirs. */
static bool is_plain(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->protocol == PROTOCOL_TCP || failure->protocol == PROTOCOL_UDP;
}

const struct diagnosis diagnosis_other[] = {
	ROWS_OTHER_FAMILY(EAI_AGAIN),
	ROWS_NO_NETWORK(RESOLVER, EAI_AGAIN),
	{ RESOLVER, EAI_AGAIN, 0, KIND_ANY, has_nameserver,
	  N_("the name server {nameserver} did not answer, or has trouble itself; whether the name exists is not "
	     "known"),
	  N_("try again (--retry does); `getent ahosts {name}` asks the same way, `dig {name} @{nameserver}` "
	     "the server alone") },
	{ RESOLVER, EAI_AGAIN, 0, KIND_ANY, NULL,
	  N_("the name server could not be asked, or did not answer; whether the name exists is not known"),
	  N_("try again (--retry does); `getent ahosts {name}` asks the same way") },
	ROWS_OTHER_FAMILY(EAI_NONAME),
	{ RESOLVER, EAI_NONAME, 0, KIND_ANY, is_offline_without_nameserver,
	  N_("this host is on no network, so no name server was asked: /etc/hosts does not know the name; the DNS may"),
	  N_("`ip address` lists the interfaces; `getent ahosts {name}` asks again") },
	{ RESOLVER, EAI_NONAME, 0, KIND_ANY, lacks_nameserver,
	  N_("/etc/hosts does not know the name, and /etc/resolv.conf names no name server that could be asked"),
	  N_("`cat /etc/resolv.conf`: it wants a line \"nameserver ADDRESS\"; `getent ahosts {name}` asks again") },
	{ RESOLVER, EAI_NONAME, 0, KIND_ANY, is_bare_name_of_family,
	  N_("neither /etc/hosts nor the name server {nameserver} knows the name with an {family} address; without a "
	     "dot it is completed by the \"search\" domains of /etc/resolv.conf only"),
	  N_("is it spelled right, or is {family} the wrong family? `getent ahosts {name}` lists what there is") },
	{ RESOLVER, EAI_NONAME, 0, KIND_ANY, is_bare_name_asked,
	  N_("neither /etc/hosts nor the name server {nameserver} knows the name; without a dot it is completed by "
	     "the \"search\" domains of /etc/resolv.conf only"),
	  N_("is it spelled right, or the full name (host.example.org) wanted? `getent ahosts {name}` asks again") },
	{ RESOLVER, EAI_NONAME, 0, KIND_ANY, has_nameserver,
	  N_("neither /etc/hosts nor the name server {nameserver} knows the name (or not in the family asked for)"),
	  N_("is it spelled right? `getent ahosts {name}` asks again") },
	{ RESOLVER, EAI_NONAME, 0, KIND_ANY, NULL,
	  N_("neither /etc/hosts nor the DNS knows the name (or not in the family asked for)"),
	  N_("is it spelled right? `getent ahosts {name}` asks again") },
	ROWS_OTHER_FAMILY(EAI_NODATA),
	{ RESOLVER, EAI_NODATA, 0, KIND_ANY, is_source_lacking,
	  N_("{name} exists, but has no {family} address to connect from"),
	  GIVE_OTHER_SOURCE },
	{ RESOLVER, EAI_NODATA, 0, KIND_ANY, NULL,
	  N_("the name exists, but has no address of the family that was asked for"),
	  N_("leave out -4 or -6; `getent ahosts {name}` lists what there is") },
	ROWS_OTHER_FAMILY(EAI_ADDRFAMILY),
	{ RESOLVER, EAI_ADDRFAMILY, 0, KIND_ANY, is_source_lacking,
	  N_("{name} exists, but has no {family} address to connect from"),
	  GIVE_OTHER_SOURCE },
	{ RESOLVER, EAI_ADDRFAMILY, 0, KIND_ANY, NULL,
	  N_("the name exists, but has no address of the family that was asked for"),
	  N_("leave out -4 or -6; `getent ahosts {name}` lists what there is") },
	{ RESOLVER, EAI_FAIL, 0, KIND_ANY, NULL,
	  N_("the name server answered with an error that trying again does not cure (refused, or DNSSEC failed)"),
	  N_("`getent ahosts {name}` asks the same way; `dig {name}` shows the server's answer") },
	{ RESOLVER, EAI_SERVICE, 0, KIND_ANY, NULL,
	  N_("the port is no number, and /etc/services does not know its name for this protocol"),
	  N_("give the number; `getent services NAME` asks the same list") },
	{ RESOLVER, EAI_MEMORY, 0, KIND_ANY, NULL,
	  N_("there was not enough memory to ask"),
	  N_("`free -h` shows what is left") },
	{ RESOLVER, EAI_SYSTEM, 0, KIND_ANY, NULL,
	  N_("a call of the resolver library failed on this host, before any name server said something"),
	  N_("`getent ahosts {name}` asks the same way; are /etc/hosts and /etc/nsswitch.conf readable?") },

	ROWS_NO_NETWORK(LIMIT, ENDED_CONNECT_TIMEOUT),
	{ LIMIT, ENDED_CONNECT_TIMEOUT, STEP_BIT(RESOLVE), KIND_ANY, NULL,
	  N_("no name server answered in time: it is slow or down, or a firewall drops the questions; or {duration} "
	     "is too short"),
	  N_("`getent ahosts {name}` asks the same way; /etc/resolv.conf says whom") },
	{ LIMIT, ENDED_CONNECT_TIMEOUT, 0, KIND_UNIX, NULL,
	  N_("the server does not accept: its accept queue is full"),
	  N_("is that program stuck? `ss -xl` shows its queue (Recv-Q, Send-Q)") },
	{ LIMIT, ENDED_ACCEPT_TIMEOUT, STEP_BIT(ACCEPT), KIND_ANY, is_of_several,
	  N_("all of the sockets were there, but nobody came to any of them: the client is not started, goes "
	     "elsewhere, or a firewall keeps it away"),
	  N_("`sockt connect` to one of them, from where the client is, with -v") },
	{ LIMIT, ENDED_ACCEPT_TIMEOUT, 0, KIND_INET, NULL,
	  N_("the port was open, but nobody connected: the client is not started, goes elsewhere, or a firewall "
	     "keeps it away"),
	  N_("`sockt connect {-u }HOST {port}` from where the client is, with -v") },
	{ LIMIT, ENDED_ACCEPT_TIMEOUT, 0, KIND_UNIX, NULL,
	  N_("the socket was there, but nobody connected: the client is not started, or uses another path"),
	  N_("`sockt connect unix:{addr}` is a client") },
	{ LIMIT, ENDED_IDLE_TIMEOUT, 0, KIND_ANY, NULL,
	  N_("for that long neither side sent a byte; the connection itself stood"),
	  N_("a larger --idle-timeout, or none, waits longer; -vv shows who spoke last") },
	{ LIMIT, ENDED_TOTAL_TIMEOUT, 0, KIND_ANY, NULL,
	  N_("the limit counts everything from the start of the program, also while data flow"),
	  N_("a larger --total-timeout, or none; --idle-timeout counts silence only") },
	{ LIMIT, ENDED_UNACKNOWLEDGED, 0, KIND_ANY, NULL,
	  N_("the peer's kernel did not confirm the last bytes: they may never have reached its program"),
	  N_("is the peer still there? `ss -ti dst {host}` shows what is on the way (unacked, retrans)") },

	{ ROW, ENOENT, STEP_BIT(SPAWN), KIND_ANY, NULL,
	  N_("no file of that name is there, or what it says it is run by (#!) is not there"),
	  N_("`command -v NAME` shows what PATH leads to; --sh runs what only a shell knows (pipes, |, ;, builtins)") },
	{ ROW, EACCES, STEP_BIT(SPAWN), KIND_ANY, NULL,
	  N_("the file is there, but may not be executed by this user, or is a directory"),
	  N_("`ls -ld` shows its rights, `chmod +x` gives them; `mount | grep noexec` where nothing may be executed") },
	{ ROW, ENOEXEC, STEP_BIT(SPAWN), KIND_ANY, NULL,
	  N_("the file is no program that this machine can run"),
	  N_("`file` says what it is; a script begins with #! and what runs it") },
	{ ROW, EAGAIN, STEP_BIT(SPAWN), KIND_ANY, NULL,
	  N_("this user, or the system, has as many processes as it may"),
	  N_("`ulimit -u` is the limit; --max-conns runs fewer at once") },
	{ ROW, E2BIG, STEP_BIT(SPAWN), KIND_ANY, NULL,
	  N_("the arguments and the environment together are longer than the kernel takes"),
	  N_("`getconf ARG_MAX` is the limit; give less") },

	{ ROW, EMFILE, 0, KIND_ANY, may_have_more_files,
	  N_("this program may have {files} files open at once, and has"),
	  N_("`ulimit -n {files hard}` before it allows as many as it may; listen and relay take fewer clients with "
	     "--max-conns") },
	{ ROW, EMFILE, 0, KIND_ANY, NULL,
	  N_("this program may have {files} files open at once, and has; that is the hard limit, too"),
	  N_("root may raise it (`prlimit --nofile`, LimitNOFILE= of a service); listen and relay take fewer clients "
	     "with --max-conns") },
	{ ROW, ENFILE, 0, KIND_ANY, NULL,
	  N_("the whole system has as many files open as it may"),
	  N_("`sysctl fs.file-nr fs.file-max` shows how many, and the limit") },
	{ ROW, ENOBUFS, 0, KIND_ANY, NULL,
	  N_("the kernel has no memory left for sockets"),
	  N_("`cat /proc/net/sockstat` counts them; `sysctl net.ipv4.tcp_mem` is the limit") },
	{ ROW, ENOMEM, 0, KIND_ANY, NULL,
	  N_("the kernel has no memory left for this call"),
	  N_("`free -h` shows what is left; `dmesg` whether a limit of a container was reached") },
	{ ROW, EAFNOSUPPORT, STEP_BIT(SOCKET), KIND_ANY, NULL,
	  N_("this kernel does not have the address family, or a filter (seccomp) hides it"),
	  N_("with -4 IPv6 is not needed; `sysctl net.ipv6.conf.all.disable_ipv6` says whether it is off") },
	{ ROW, EPROTONOSUPPORT, STEP_BIT(SOCKET), KIND_ANY, is_sctp,
	  N_("this kernel has no SCTP, or has not loaded it"),
	  N_("as root, `modprobe sctp`") },
	{ ROW, EPROTONOSUPPORT, STEP_BIT(SOCKET), KIND_ANY, is_dccp, NO_DCCP,
	  N_("another kind, as udp; on an older kernel, as root, `modprobe dccp_ipv4`") },
	{ ROW, ESOCKTNOSUPPORT, STEP_BIT(SOCKET), KIND_ANY, is_dccp, NO_DCCP,
	  N_("another kind, as udp; on an older kernel, as root, `modprobe dccp_ipv4`") },
	{ ROW, EPROTONOSUPPORT, STEP_BIT(SOCKET), KIND_TCP, is_plain,
	  N_("this kernel has no multipath TCP"),
	  N_("tcp: is the same over one path; `sysctl net.mptcp` is there where the kernel has it") },
	{ ROW, ENOPROTOOPT, STEP_BIT(SOCKET), KIND_TCP, is_plain,
	  N_("multipath TCP is switched off"),
	  N_("as root, `sysctl -w net.mptcp.enabled=1`; tcp: is the same over one path") },
	{ ROW, EPROTONOSUPPORT, STEP_BIT(SOCKET), KIND_UDP, is_plain,
	  N_("this kernel has no UDP-Lite"),
	  N_("udp: is the same with a checksum over all of it") },
	{ ROW, EPROTONOSUPPORT, STEP_BIT(SOCKET), KIND_ANY, NULL,
	  N_("this kernel does not have the protocol"),
	  N_("as root, `modprobe` may load it") },
	{ ROW, EACCES, STEP_BIT(SOCKET), KIND_ANY, NULL,
	  N_("making such a socket is not allowed here: a rule of this system (SELinux, seccomp, a container) forbids "
	     "it"),
	  N_("try as another user or outside of the container") },
	{ ROW, EPERM, STEP_BIT(SOCKET), KIND_ANY, NULL,
	  N_("making such a socket needs a privilege, or a filter (seccomp) forbids it"),
	  N_("try as root or outside of the container") },
	{ ROW, EBADF, 0, KIND_ANY, NULL,
	  N_("the descriptor is not open: the program that started this one did not pass it on"),
	  N_("in a shell, `sockt connect fd:3 3<>/dev/tcp/HOST/PORT` passes one (bash)") },
	{ ROW, ENOTSOCK, 0, KIND_ANY, NULL,
	  N_("the descriptor is open, but it is a file or a pipe, not a socket"),
	  N_("`ls -l /proc/self/fd` in the program that passes it shows what it is") },
	{ .domain = FAILURE_NONE },
};
