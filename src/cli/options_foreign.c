/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options of nc, ncat, socat and others that sockt has not, or not by this name, and what is said of them. Where two
 * tools mean different things by a letter, the sentence has both.
 */
#include <ctype.h>
#include <string.h>

#include "base/util.h"
#include "cli/options_table.h"

static const struct option_foreign foreign[] = {
	{ .letter = 'e', .sentence = N_("a program is run with --exec 'PROGRAM ARG...'") },
	{ .letter = 'c', .names = "sh-exec", .sentence = N_("a shell command is run with --sh COMMAND") },
	{ .names = "lua-exec", .sentence = N_("a script is run by its interpreter: --exec 'lua FILE'") },
	{ .letter = 'X',
	  .sentence = N_("a proxy and its protocol are named together: --proxy socks5h://HOST:PORT") },
	{ .letter = 'x',
	  .sentence = N_("a proxy is named with --proxy KIND://HOST:PORT; what passes is dumped with --hex, to a "
		     "file with --hex-file FILE") },
	{ .names = "hex-dump hexdump",
	  .sentence = N_("what passes is dumped with --hex-file FILE, or with --hex to standard error") },
	{ .letter = 'P',
	  .sentence = N_("the user of a proxy stands in its URL: --proxy http://USER@HOST:PORT") },
	{ .names = "proxy-type",
	  .sentence = N_("the kind of a proxy begins its URL: --proxy socks5h://HOST:PORT") },
	{ .names = "proxy-auth",
	  .sentence = N_("user and password are in the URL of --proxy, in --proxy-auth-file or in SOCKT_PROXY_AUTH") },
	{ .names = "proxy-dns",
	  .sentence = N_("socks5h:// and socks4a:// resolve at the proxy, socks5:// and socks4:// here") },
	{ .names = "socks5", .sentence = N_("write --proxy socks5://HOST:PORT") },
	{ .names = "socks5-hostname", .sentence = N_("write --proxy socks5h://HOST:PORT") },
	{ .names = "socks4", .sentence = N_("write --proxy socks4://HOST:PORT") },
	{ .names = "socks4a", .sentence = N_("write --proxy socks4a://HOST:PORT") },
	{ .letter = 'l', .names = "listen",
	  .sentence = N_("to listen is a command: sockt listen PORT; with nc's letters: sockt nc -l PORT") },
	{ .names = "tcp", .sentence = N_("to connect is a command: sockt connect HOST PORT") },
	{ .names = "local-port",
	  .sentence = N_("the port to listen on is an argument: sockt listen PORT; the one to connect from is "
		     "--source-port PORT") },
	{ .letter = 'L', .names = "tunnel",
	  .sentence = N_("to pass connections on is a command: sockt relay PORT HOST:PORT; a lock is taken by what "
		     "starts sockt: flock(1)") },
	{ .names = "zero", .sentence = N_("to try ports: sockt connect --scan HOST PORTS") },
	{ .letter = 'N', .names = "close",
	  .sentence = N_("not needed: the end of standard input ends the sending half (--no-shutdown: never)") },
	{ .letter = 'd',
	  .sentence = N_("to leave standard input alone: --recv-only; to see more: -v; to wait between lines: "
		     "--delay-lines TIME") },
	{ .names = "interval", .sentence = N_("to wait between lines: --delay-lines TIME") },
	{ .letter = 'r', .names = "randomize",
	  .sentence = N_("ports are tried at random with --shuffle, and the kernel chooses the source port "
		     "by itself; what is sent is copied to a file with --output-out FILE, what clients of a relay send "
		     "with --output-in FILE") },
	{ .letter = 'R',
	  .sentence = N_("what arrives is copied to a file with --output-in FILE, what clients of a relay get with "
			 "--output-out FILE") },
	{ .names = "append-output", .sentence = N_("files are kept and added to with --append") },
	{ .letter = 'I', .sentence = N_("the receive buffer is set with --rcvbuf SIZE") },
	{ .letter = 'O', .sentence = N_("the send buffer is set with --sndbuf SIZE") },
	{ .letter = 'T',
	  .sentence = N_("the class of service is set with --dscp CLASS or --tos N; the limit of silence is "
		     "--idle-timeout TIME") },
	{ .letter = 'M', .sentence = N_("how many routers a packet may pass is set with --ttl N") },
	{ .names = "minttl",
	  .sentence = N_("what has passed too many routers is dropped with --sockopt min-ttl=N") },
	{ .letter = 'D', .sentence = N_("debugging of the socket is set with --sockopt SO_DEBUG=1") },
	{ .letter = 'S', .sentence = N_("segments are signed with --md5-key-file FILE") },
	{ .letter = 'b',
	  .sentence = N_("broadcast is allowed with --broadcast; the size of our own buffer is chosen by what "
		     "passes") },
	{ .letter = 'g',
	  .sentence = N_("routes given by the sender are set with --sockopt IP_OPTIONS=xBYTES, which most routers "
		     "drop") },
	{ .letter = 'G',
	  .sentence = N_("routes given by the sender are set with --sockopt IP_OPTIONS=xBYTES, which most routers "
		     "drop") },
	{ .letter = 'V',
	  .sentence = N_("a routing table is chosen by a rule for --mark N, or by --interface NAME; the version is "
		     "told by --version") },
	{ .letter = 'W',
	  .sentence = N_("datagrams that arrive are counted with --limit-messages N, reads of a stream with "
			 "--limit-reads N; to end: --quit-after or --idle-timeout") },
	{ .letter = 'Z', .sentence = N_("the kind of the endpoint says the protocol: dccp:HOST:PORT") },
	{ .names = "dccp", .sentence = N_("the kind of the endpoint says the protocol: dccp:HOST:PORT") },
	{ .names = "sctp", .sentence = N_("the kind of the endpoint says the protocol: sctp:HOST:PORT") },
	{ .names = "mptcp", .sentence = N_("the kind of the endpoint says the protocol: mptcp:HOST:PORT") },
	{ .letter = 'F',
	  .sentence = N_("a connected socket is handed over by standard output with --pass-fd") },
	{ .names = "unixsock", .sentence = N_("the option is --unix (-U)") },
	{ .names = "nodns dont-resolve", .sentence = N_("the option is --numeric (-n)") },
	{ .names = "verbose", .sentence = N_("write -v, -vv or -vvv") },
	{ .names = "wait timeout",
	  .sentence = N_("write --connect-timeout, --idle-timeout or --total-timeout") },
	{ .names = "max-time", .sentence = N_("write --total-timeout") },
	{ .names = "ssl ssl-cert ssl-key ssl-verify "
		   "ssl-trustfile ssl-ciphers ssl-servername ssl-alpn tls",
	  .sentence = N_("TLS is not in this version") },
	{ .names = "vsock", .sentence = N_("the kind of the endpoint says the protocol: vsock:CID:PORT") },
	/* Letters that socat has together with what stands behind them. */
	{ .start = "lf", .sentence = N_("a trace goes to a file with --trace text:FILE; what is said is redirected by "
				       "the shell: 2> FILE") },
	{ .start = "ly", .sentence = N_("what is said goes to standard error; for the system's log: 2>&1 | logger") },
	{ .start = "lm", .sentence = N_("what is said goes to standard error; for the system's log: 2>&1 | logger") },
	{ .start = "t#", .sentence = N_("how long to wait behind the end of standard input says --quit-after TIME "
				       "(-q); -t is TELNET") },
};

/* Does a word begin as start says, in which # is a digit? */
static bool begins(const char *word, const char *start)
{
	while (*start != '\0' && (*start == '#' ? isdigit((unsigned char)*word) != 0 : *start == *word)) {
		start++;
		word++;
	}
	return *start == '\0';
}

/* Is the word one of names, which have blanks between them? */
static bool have_name(const char *names, const char *word, size_t len)
{
	while (*names != '\0') {
		size_t name_len = strcspn(names, " ");

		if (name_len == len && memcmp(names, word, len) == 0)
			return true;
		names += name_len;
		names += strspn(names, " ");
	}
	return false;
}

const struct option_foreign *option_foreign_at(size_t index)
{
	return index < ARRAY_LEN(foreign) ? &foreign[index] : NULL;
}

const char *option_foreign_letter(const char *element, char letter)
{
	for (size_t i = ARRAY_LEN(foreign); i-- > 0;) {
		if (foreign[i].start != NULL && begins(element + 1, foreign[i].start))
			return _(foreign[i].sentence);
	}
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		if (letter != '\0' && foreign[i].letter == letter)
			return _(foreign[i].sentence);
	}
	return NULL;
}

const char *option_foreign_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		if (foreign[i].names != NULL && have_name(foreign[i].names, name, len))
			return _(foreign[i].sentence);
	}
	return NULL;
}
