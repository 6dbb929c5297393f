/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options that other tools have, or that later versions will, and what is said of them. */
#include <string.h>

#include "base/util.h"
#include "cli/options_table.h"

#define LATER(its_name) N_("--" its_name " is not in this version")

static const struct option_foreign foreign[] = {
	{ 'e', NULL, N_("a program is run with --exec 'PROGRAM ARG...'") },
	{ 'c', NULL, N_("a shell command is run with --sh COMMAND") },
	{ 'x', NULL, N_("a proxy is named with --proxy KIND://HOST:PORT") },
	{ 'X', NULL, N_("a proxy and its protocol are named together: --proxy socks5h://HOST:PORT") },
	{ 'l', "listen", N_("to listen is a command: sockt listen PORT") },
	{ '\0', "zero", N_("to try ports: sockt connect --scan HOST PORTS") },
	{ 'N', NULL,
	  N_("not needed: the end of standard input ends the sending half (--no-shutdown: never)") },
	{ 'd', NULL, N_("to leave standard input alone: --recv-only") },
	{ 'r', NULL,
	  N_("ports are not chosen at random; the kernel chooses the source port by itself") },
	{ 'I', NULL, N_("the receive buffer is set with --rcvbuf SIZE") },
	{ 'O', NULL, N_("the send buffer is set with --sndbuf SIZE") },
	{ 'T', NULL, N_("the class of service is set with --dscp CLASS or --tos N") },
	{ 'M', NULL, N_("how many routers a packet may pass is set with --ttl N") },
	{ 'D', NULL, N_("debugging of the socket is set with --sockopt SO_DEBUG=1") },
	{ 'S', NULL, N_("segments are signed with --md5-key-file FILE") },
	{ 'b', NULL, N_("broadcast is allowed with --broadcast") },
	{ 'W', NULL, N_("datagrams are not counted; to end: --quit-after or --idle-timeout") },
	{ '\0', "verbose", N_("write -v, -vv or -vvv") },
	{ '\0', "wait", N_("write --connect-timeout, --idle-timeout or --total-timeout") },
	{ '\0', "timeout", N_("write --connect-timeout, --idle-timeout or --total-timeout") },
	{ '\0', "max-time", N_("write --total-timeout") },
	{ '\0', "sh-exec", N_("a shell command is run with --sh COMMAND") },
	{ '\0', "ssl", N_("TLS is not in this version") },
	{ '\0', "tls", N_("TLS is not in this version") },
	{ '\0', "proxy-type", N_("the kind of a proxy begins its URL: --proxy socks5h://HOST:PORT") },
	{ '\0', "proxy-auth",
	  N_("user and password are in the URL of --proxy, in --proxy-auth-file or in SOCKT_PROXY_AUTH") },
	{ '\0', "proxy-dns", N_("socks5h:// and socks4a:// resolve at the proxy, socks5:// and socks4:// here") },
	{ '\0', "socks5", N_("write --proxy socks5://HOST:PORT") },
	{ '\0', "socks5-hostname", N_("write --proxy socks5h://HOST:PORT") },
	{ '\0', "socks4", N_("write --proxy socks4://HOST:PORT") },
	{ '\0', "socks4a", N_("write --proxy socks4a://HOST:PORT") },
};

const char *option_foreign(char letter, const char *name, size_t name_len)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		const struct option_foreign *row = &foreign[i];

		if (letter != '\0' && row->letter == letter)
			return _(row->sentence);
		if (name != NULL && row->name != NULL && strlen(row->name) == name_len &&
		    memcmp(row->name, name, name_len) == 0)
			return _(row->sentence);
	}
	return NULL;
}
