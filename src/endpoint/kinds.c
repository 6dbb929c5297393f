/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kinds of endpoint. */
#include "endpoint/kinds.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/util.h"

#define ROLES_ALL (ROLE_LISTEN | ROLE_CONNECT | ROLE_RELAY)
#define ROLES_LATER 0U

/* A kind that only has its name yet. */
#define LATER(its_name, its_syntax, its_help, its_form)                                            \
	{                                                                                          \
		.name = its_name, .syntax = its_syntax, .help = its_help, .roles = ROLES_LATER,    \
		.form = its_form                                                                   \
	}

/* A kind of IP that is rarer than TCP and UDP, over one version or both: tcp4 and the like are written out above. */
#define RARE(its_name, its_family, its_help, its_protocol, its_socktype, its_ipproto, its_messages)                   \
	{                                                                                          \
		.name = its_name, .syntax = its_name ":HOST:PORT", .help = its_help, .roles = ROLES_ALL,               \
		.protocol = PROTOCOL_##its_protocol, .family = its_family, .socktype = its_socktype,                   \
		.ipproto = its_ipproto, .is_messages = its_messages, .form = FORM_HOST_PORT,                           \
		.is_variant = (its_family) != AF_UNSPEC                                                                \
	}
#define RARE_KINDS(its_name, its_help, its_protocol, its_socktype, its_ipproto, its_messages)                         \
	RARE(its_name, AF_UNSPEC, its_help, its_protocol, its_socktype, its_ipproto, its_messages),                    \
	RARE(its_name "4", AF_INET, its_help, its_protocol, its_socktype, its_ipproto, its_messages),                  \
	RARE(its_name "6", AF_INET6, its_help, its_protocol, its_socktype, its_ipproto, its_messages)

static const struct endpoint_kind kinds[] = {
	{
		.name = "tcp",
		.syntax = "tcp:HOST:PORT",
		.help = N_("TCP over IPv6 or IPv4"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_TCP,
		.family = AF_UNSPEC,
		.socktype = SOCK_STREAM,
		.ipproto = IPPROTO_TCP,
		.form = FORM_HOST_PORT,
	},
	{
		.name = "tcp4",
		.syntax = "tcp4:HOST:PORT",
		.help = N_("TCP over IPv4 only"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_TCP,
		.family = AF_INET,
		.socktype = SOCK_STREAM,
		.ipproto = IPPROTO_TCP,
		.form = FORM_HOST_PORT,
	},
	{
		.name = "tcp6",
		.syntax = "tcp6:HOST:PORT",
		.help = N_("TCP over IPv6 only"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_TCP,
		.family = AF_INET6,
		.socktype = SOCK_STREAM,
		.ipproto = IPPROTO_TCP,
		.form = FORM_HOST_PORT,
	},
	{
		.name = "udp",
		.syntax = "udp:HOST:PORT",
		.help = N_("UDP datagrams over IPv6 or IPv4"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_UDP,
		.family = AF_UNSPEC,
		.socktype = SOCK_DGRAM,
		.ipproto = IPPROTO_UDP,
		.is_messages = true,
		.form = FORM_HOST_PORT,
	},
	{
		.name = "udp4",
		.syntax = "udp4:HOST:PORT",
		.help = N_("UDP datagrams over IPv4 only"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_UDP,
		.family = AF_INET,
		.socktype = SOCK_DGRAM,
		.ipproto = IPPROTO_UDP,
		.is_messages = true,
		.form = FORM_HOST_PORT,
	},
	{
		.name = "udp6",
		.syntax = "udp6:HOST:PORT",
		.help = N_("UDP datagrams over IPv6 only"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_UDP,
		.family = AF_INET6,
		.socktype = SOCK_DGRAM,
		.ipproto = IPPROTO_UDP,
		.is_messages = true,
		.form = FORM_HOST_PORT,
	},
	RARE_KINDS("mptcp", N_("multipath TCP: one connection over several paths; mptcp4, mptcp6"), TCP, SOCK_STREAM,
		   IPPROTO_MPTCP, false),
	RARE_KINDS("sctp", N_("SCTP, one-to-one; sctp4, sctp6"), SCTP, SOCK_STREAM, IPPROTO_SCTP, false),
	RARE_KINDS("dccp", N_("DCCP: datagrams over a connection; dccp4, dccp6"), DCCP, SOCK_DCCP, IPPROTO_DCCP, true),
	RARE_KINDS("udplite", N_("UDP-Lite: datagrams that may arrive damaged; udplite4, udplite6"), UDP, SOCK_DGRAM,
		   IPPROTO_UDPLITE, true),
	{
		.name = "unix",
		.syntax = "unix:PATH",
		.help = N_("a stream between processes of this machine; unix:@NAME has no file"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_UNIX,
		.family = AF_UNIX,
		.socktype = SOCK_STREAM,
		.form = FORM_PATH,
	},
	{
		.name = "unix-dgram",
		.syntax = "unix-dgram:PATH",
		.help = N_("datagrams between processes of this machine"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_UNIX_DGRAM,
		.family = AF_UNIX,
		.socktype = SOCK_DGRAM,
		.is_messages = true,
		.form = FORM_PATH,
	},
	{
		.name = "unix-seqpacket",
		.syntax = "unix-seqpacket:PATH",
		.help = N_("messages in order over a connection within this machine"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_UNIX_SEQPACKET,
		.family = AF_UNIX,
		.socktype = SOCK_SEQPACKET,
		.is_messages = true,
		.form = FORM_PATH,
	},
	{
		.name = "vsock",
		.syntax = "vsock:CID:PORT",
		.help = N_("a stream between a machine and its virtual machines; CID: a number, any, local, host"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_VSOCK,
		.family = AF_VSOCK,
		.socktype = SOCK_STREAM,
		.form = FORM_CID_PORT,
	},
	{
		.name = "fd",
		.syntax = "fd:N",
		.help = N_("what is open already as descriptor N: a socket; of relay a pipe, a file or a terminal too"),
		.roles = ROLES_ALL,
		.protocol = PROTOCOL_OTHER,
		.family = AF_UNSPEC,
		.form = FORM_FD,
	},
	{
		.name = "stdio",
		.syntax = "stdio",
		.help = N_("this program's own standard input and output; also written -"),
		.roles = ROLE_RELAY | ROLE_CONNECT,
		.protocol = PROTOCOL_OTHER,
		.family = AF_UNSPEC,
		.form = FORM_NONE,
		.is_relay_only = true,
	},
	{
		.name = "exec",
		.syntax = "exec:PROGRAM ARG...",
		.help = N_("a program; its standard input and output are this end"),
		.roles = ROLE_RELAY | ROLE_CONNECT,
		.protocol = PROTOCOL_NONE,
		.family = AF_UNSPEC,
		.form = FORM_COMMAND,
		.is_relay_only = true,
	},
	{
		.name = "sh",
		.syntax = "sh:COMMAND",
		.help = N_("the same with a command of the shell"),
		.roles = ROLE_RELAY | ROLE_CONNECT,
		.protocol = PROTOCOL_NONE,
		.family = AF_UNSPEC,
		.form = FORM_COMMAND,
		.is_relay_only = true,
	},
	{
		.name = "file",
		.syntax = "file:PATH",
		.help = N_("a file, a FIFO or a device; FROM is read, TO is written"),
		.roles = ROLE_RELAY | ROLE_CONNECT,
		.protocol = PROTOCOL_NONE,
		.family = AF_UNSPEC,
		.form = FORM_FILE,
		.is_relay_only = true,
	},
	{
		.name = "pty",
		.syntax = "pty",
		.help = N_("a terminal that is made, for a program that wants a serial line"),
		.roles = ROLE_RELAY | ROLE_CONNECT,
		.protocol = PROTOCOL_NONE,
		.family = AF_UNSPEC,
		.form = FORM_PTY,
		.is_relay_only = true,
	},
	/* Known by name so that they are never taken for a host. */
	LATER("tls", "tls:HOST:PORT", N_("TLS over TCP"), FORM_HOST_PORT),
	LATER("ws", "ws://HOST/PATH", N_("WebSocket"), FORM_HOST_PORT),
	LATER("wss", "wss://HOST/PATH", N_("WebSocket over TLS"), FORM_HOST_PORT),
};

const struct endpoint_kind *endpoint_kind_at(size_t index)
{
	return index < ARRAY_LEN(kinds) ? &kinds[index] : NULL;
}

bool endpoint_kind_has_role(const struct endpoint_kind *kind, enum endpoint_role role)
{
	return (kind->roles & role) != 0 && (role == ROLE_RELAY || !kind->is_relay_only);
}

const struct endpoint_kind *endpoint_kind_find_len(const char *name, size_t len)
{
	if (len == 1 && name[0] == '-')
		return endpoint_kind_find_len("stdio", strlen("stdio"));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strlen(kinds[i].name) == len && strncasecmp(kinds[i].name, name, len) == 0)
			return &kinds[i];
	}
	return NULL;
}

const struct endpoint_kind *endpoint_kind_find(const char *name)
{
	return endpoint_kind_find_len(name, strlen(name));
}

const struct endpoint_kind *endpoint_kind_of_family(const struct endpoint_kind *kind, int family)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].roles != ROLES_LATER && kinds[i].protocol == kind->protocol &&
		    kinds[i].ipproto == kind->ipproto && kinds[i].form == FORM_HOST_PORT && kinds[i].family == family)
			return &kinds[i];
	}
	return NULL;
}
