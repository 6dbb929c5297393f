/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and options of socat: see foreign.h. The options are in foreign_options.c. */
#include "endpoint/foreign.h"

#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/util.h"
#include "endpoint/foreign_private.h"

/* The roles are told by how an address ends. */
static const struct {
	const char *end;
	enum endpoint_role role;
	bool is_datagram;
} ends[] = {
	{ "-listen", ROLE_LISTEN, false },    { "-l", ROLE_LISTEN, false },
	{ "-connect", ROLE_CONNECT, false },  { "-client", ROLE_CONNECT, false },
	{ "-sendto", ROLE_CONNECT, true },    { "-send", ROLE_CONNECT, true },
	{ "-datagram", ROLE_CONNECT, true },  { "-dgram", ROLE_CONNECT, true },
	{ "-recvfrom", ROLE_LISTEN, true },   { "-recv", ROLE_LISTEN, true },
};

/* Other names of kinds. */
static const struct {
	const char *name, *kind, *before;
} stems[] = {
	{ "inet", "tcp", "" },	{ "inet4", "tcp4", "" },   { "inet6", "tcp6", "" },
	{ "local", "unix", "" }, { "abstract", "unix", "@" },
};

#define NO_TLS N_("TLS is not in this version")

static const struct foreign_words addresses[] = {
	{ .names = "system shell", .is_host = true,
	  .sentence = N_("a command of the shell is sh:COMMAND in a relay, and --sh COMMAND of listen and connect") },
	{ .names = "openssl openssl-connect openssl-listen openssl-dtls-client openssl-dtls-connect "
		   "openssl-dtls-listen openssl-dtls-server ssl-l dtls dtls-c dtls-client dtls-connect dtls-l "
		   "dtls-listen dtls-server",
	  .sentence = NO_TLS },
	{ .names = "ssl", .is_host = true, .sentence = NO_TLS },
	{ .names = "open create", .is_host = true,
	  .sentence = N_("a file is file:PATH in a relay, and is opened by the shell else: < FILE, > FILE") },
	{ .names = "gopen creat",
	  .sentence = N_("a file is file:PATH in a relay, and is opened by the shell else: < FILE, > FILE") },
	{ .names = "pipe fifo echo", .is_host = true, .is_alone = true,
	  .sentence = N_("what arrives is sent back with --echo of listen and connect; a named pipe is file:PATH in "
			 "a relay") },
	{ .names = "stdin stdout stderr", .is_alone = true,
	  .sentence = N_("standard input and output are one end: - in a relay, and that of connect and listen anyway; "
			 "for one direction there are --recv-only and --send-only") },
	{ .names = "readline", .is_alone = true,
	  .sentence = N_("on a terminal lines are edited anyway: sockt connect HOST PORT") },
	{ .names = "proxy", .is_host = true,
	  .sentence = N_("the target is the endpoint, and the proxy is named with --proxy http://HOST:PORT") },
	{ .names = "proxy-connect",
	  .sentence = N_("the target is the endpoint, and the proxy is named with --proxy http://HOST:PORT") },
	{ .names = "socks4 socks socks4-connect",
	  .sentence = N_("the target is the endpoint, and the proxy is named with --proxy socks4://HOST:PORT") },
	{ .names = "socks4a socks4a-connect",
	  .sentence = N_("the target is the endpoint, and the proxy is named with --proxy socks4a://HOST:PORT") },
	{ .names = "socks5 socks5-connect",
	  .sentence = N_("the target is the endpoint, and the proxy is named with --proxy socks5h://HOST:PORT") },
	{ .names = "accept-fd accept", .sentence = N_("a listening socket that is open already is fd:N of listen") },
	{ .names = "socket-connect socket-datagram socket-listen socket-recv socket-recvfrom socket-sendto sendto "
		   "dgram",
	  .sentence = N_("sockets have a kind by name: tcp, udp, unix, unix-dgram, unix-seqpacket, sctp, ...") },
	{ .names = "datagram", .is_host = true,
	  .sentence = N_("sockets have a kind by name: tcp, udp, unix, unix-dgram, unix-seqpacket, sctp, ...") },
	{ .names = "ip4 ip6 ip-datagram ip-dgram ip-recv ip-recvfrom ip-send ip-sendto ip4-datagram ip4-dgram ip4-recv "
		   "ip4-recvfrom ip4-send ip4-sendto ip6-datagram ip6-dgram ip6-recv ip6-recvfrom ip6-send ip6-sendto",
	  .sentence = N_("raw IP packets are not in this version") },
	{ .names = "ip", .is_host = true, .sentence = N_("raw IP packets are not in this version") },
	{ .names = "tun", .is_alone = true, .sentence = N_("interfaces of the network are not in this version") },
	{ .names = "interface if tap", .is_host = true,
	  .sentence = N_("interfaces of the network are not in this version") },
	{ .names = "posixmq posixmq-bidirectional posixmq-receive posixmq-recv posixmq-send posixmq-read posixmq-write",
	  .sentence = N_("message queues are not in this version") },
	{ .names = "socketpair", .is_alone = true, .sentence = N_("a pair of sockets is made by sockt shell") },
};

bool foreign_words_have(const char *names, const char *word, size_t len)
{
	while (*names != '\0') {
		size_t name_len = strcspn(names, " ");

		if (name_len == len && strncasecmp(names, word, len) == 0)
			return true;
		names += name_len;
		names += strspn(names, " ");
	}
	return false;
}

/* The kind that a word means without its end. */
static const struct endpoint_kind *find_stem(const char *word, size_t len, const char **before)
{
	const struct endpoint_kind *kind = endpoint_kind_find_len(word, len);

	*before = "";
	for (size_t i = 0; kind == NULL && i < ARRAY_LEN(stems); i++) {
		if (!foreign_words_have(stems[i].name, word, len))
			continue;
		*before = stems[i].before;
		return endpoint_kind_find(stems[i].kind);
	}
	if (kind != NULL && kind->form != FORM_HOST_PORT && kind->form != FORM_PATH && kind->form != FORM_CID_PORT)
		return NULL;
	return kind;
}

bool foreign_role_find(const char *word, size_t len, struct foreign_role *found)
{
	struct foreign_role role = { .role = ROLE_CONNECT };
	bool is_datagram = false;
	size_t stem_len = len;

	for (size_t i = 0; stem_len == len && i < ARRAY_LEN(ends); i++) {
		size_t end_len = strlen(ends[i].end);

		if (len <= end_len || strncasecmp(word + len - end_len, ends[i].end, end_len) != 0)
			continue;
		stem_len = len - end_len;
		role.role = ends[i].role;
		is_datagram = ends[i].is_datagram;
	}
	role.kind = find_stem(word, stem_len, &role.before);
	if (role.kind == NULL || (stem_len == len && endpoint_kind_find_len(word, len) != NULL))
		return false;
	/* socat listens for every machine. */
	if (role.kind->form == FORM_CID_PORT && role.role == ROLE_LISTEN)
		role.before = "any:";
	/* Only of Unix sockets the ends tell streams from datagrams. */
	if (is_datagram && strcmp(role.kind->name, "unix") == 0)
		role.kind = endpoint_kind_find("unix-dgram");
	if (found != NULL)
		*found = role;
	return true;
}

const struct foreign_words *foreign_address_at(size_t index)
{
	return index < ARRAY_LEN(addresses) ? &addresses[index] : NULL;
}

const struct foreign_words *foreign_address_find(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		if (foreign_words_have(addresses[i].names, word, len))
			return &addresses[i];
	}
	return NULL;
}
