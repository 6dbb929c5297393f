/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Endpoints: what a person writes to say where a socket is to be, or to go.
 *
 *     [KIND:]REST[,OPTION[=VALUE]]...      9000   HOST:9000   [::1]:9000   HOST PORT
 *
 * Pure: nothing is resolved, opened or looked at here (but for the index of an IPv6 zone's
 * interface), so that what is wrong with the text is known before anything is done, and all of it
 * can be tested without a network.
 */
#ifndef SOCKT_ENDPOINT_ENDPOINT_H
#define SOCKT_ENDPOINT_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "base/addr.h"
#include "endpoint/kinds.h"
#include "endpoint/sockopt.h"
#include "stream/proxy_header.h"

#define ENDPOINT_HOST_MAX 253   /* bytes of a host name (RFC 1035 section 2.3.4, as text) */
#define ENDPOINT_SERVICE_MAX 63 /* bytes of a service name */
#define ENDPOINT_KEY_FILE_MAX 160 /* room for the path of a key */
#define ENDPOINT_OPTIONS_MAX 32 /* socket options on one endpoint */
#define ENDPOINT_ERROR_MAX 640  /* room for an error of three lines: it points at the mistake */

/* Where a socket is to be bound before it connects: -s, -p, bind=. */
struct endpoint_source {
	struct addr addr; /* len 0: any address of this host. Its port is port */
	char host[ENDPOINT_HOST_MAX + 1]; /* in its place: a name, to be looked up; "": none */
	uint16_t port;    /* host order; 0: any */
};

struct endpoint {
	const struct endpoint_kind *kind;

	/* FORM_HOST_PORT. host is without brackets, with the zone; "" where is_any_host. */
	char host[ENDPOINT_HOST_MAX + 1];
	char port[ENDPOINT_SERVICE_MAX + 1]; /* as it was written: "9000", "http" */
	uint16_t port_number; /* host order; of a service 0 until endpoint_find_service() */
	bool is_service;      /* port is a name that has to be looked up */
	bool is_any_host;     /* every address of this host (a bare port when listening) */
	bool is_host_default; /* no host was written: the bare port form */
	bool is_loopback;     /* with is_any_host: only of the loopback interface */

	/*
	 * FORM_HOST_PORT with a numeric host: that address with port_number. FORM_PATH: the path or
	 * abstract name. Else len 0: to be resolved, or every address, or fd.
	 */
	struct addr addr;

	/* FORM_PATH: "/run/x", "@name"; else "" */
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	/* Of a file to listen on: mode=, owner=. A name is looked up by endpoint_find_owner(). */
	bool has_mode;
	uint16_t mode;      /* 0 to 0777 */
	char *owner;        /* as it was written; owned; NULL: it is ours */
	uint32_t uid, gid;  /* of owner; UINT32_MAX: that stays */
	int fd; /* FORM_FD; else -1 */
	bool is_plain; /* FORM_FD, once it was looked at: it is open, and no socket */

	/* FORM_FILE: the path; FORM_PTY: the name that is linked to the terminal, or NULL. Owned. */
	char *file;
	bool is_append; /* append: what stands in the file stays */
	bool is_cooked; /* cooked: the terminal is as the kernel makes them, and not raw */

	/* FORM_COMMAND */
	char **command; /* the words, ended by NULL, of sh: with the shell's before them; owned, in one piece */
	bool has_pty;   /* pty: the program gets a terminal of its own */

	/* In the order they were written; only a repeatable option twice. */
	struct sockopt_value options[ENDPOINT_OPTIONS_MAX];
	size_t option_count;
	char md5_key_file[ENDPOINT_KEY_FILE_MAX]; /* md5-key-file=: of the key that signs segments; "": none */
	struct endpoint_source source; /* bind=; the command adds -s and -p */

	/* Of the two ends of a relay. */
	bool is_accepting_proxy;          /* accept-proxy: each client begins with a PROXY header */
	enum proxy_version proxy_version; /* proxy-protocol=: the target is sent one */
};

/* What is known beside the words: the role, and -4 -6 -u -U -n. */
struct endpoint_wish {
	enum endpoint_role role;
	bool is_relay;   /* one of the two ends of a relay: role says which */
	int family;      /* AF_INET, AF_INET6 for -4, -6; else AF_UNSPEC */
	bool is_udp;     /* -u */
	bool is_unix;    /* -U */
	/*
	 * -n: names of hosts and services are refused; a bare port to connect to is 127.0.0.1 or,
	 * with -6, ::1.
	 */
	bool is_numeric;
};

/*
 * Read an endpoint from one word (an endpoint or a short form) or two (HOST PORT; options may
 * follow the port). Returns 0 and *endpoint, which owns all that is in it; or -EINVAL with the
 * mistake in error (ENDPOINT_ERROR_MAX bytes, no newline at its end), which begins with
 * `endpoint "..."`. *endpoint is written only on success. Pure but for if_nametoindex(3) of a zone.
 */
int endpoint_parse(struct endpoint *endpoint, const char *const *words, size_t word_count,
		   const struct endpoint_wish *wish, char *error);

/*
 * Are two words a host and its port, as one endpoint to listen on has them? Else each is an endpoint. Of the first a
 * host is an address, in brackets or not, or a name; a number alone is none, it is a port. The second is a port where
 * it has no colon. Pure.
 */
bool endpoint_is_host_and_port(const char *first, const char *second);

/* Is the word an endpoint with its kind, ours or socat's, and nothing else? Pure. */
bool endpoint_is_one(const char *word);

/*
 * Write into dst an address of socat's that has a role in its name as an endpoint of ours, without its options, which
 * are others here: TCP-LISTEN:9000,fork is tcp:9000. Any other word stays as it is. Returns the role that the name of
 * socat's says, 0 where it is none. Pure.
 */
unsigned endpoint_in_our_words(const char *word, char *dst, size_t size);

/*
 * Look whether fd:N is open and no socket (fstat(2)): is_plain. Other kinds, and descriptors that are not open:
 * nothing.
 */
void endpoint_look(struct endpoint *endpoint);

/*
 * Is it an end of our own, and no socket: standard input and output, a program, a file, a terminal that is made, a
 * descriptor that was looked at and is no socket?
 */
bool endpoint_is_own(const struct endpoint *endpoint);
/* The same, and one of descriptors: no program, and not standard input and output as such. */
bool endpoint_is_file(const struct endpoint *endpoint);

/* Make it empty: kind NULL, fd -1, and give back what it owns. A descriptor is not closed. */
void endpoint_clear(struct endpoint *endpoint);

/*
 * Look up a service name in services(5), so that port_number (and the port of addr) is set. An
 * endpoint without one: nothing to do. Returns 0, or -ENOENT with the mistake and the nearest
 * services in error (ENDPOINT_ERROR_MAX bytes). Reads files, not the network: not pure. Port 0
 * behind a name to connect to is refused too.
 */
int endpoint_find_service(struct endpoint *endpoint, const struct endpoint_wish *wish, char *error);

/*
 * Read the argument of --source: ADDR, ADDR:PORT, [ADDR6]:PORT, a name in place of ADDR. An address without
 * brackets that is IPv6 is taken whole ("::1:5000" has no port). Returns 0 and *source, or -EINVAL
 * and a line in error (ENDPOINT_ERROR_MAX bytes) that begins with what (`--source`) and the text.
 */
int endpoint_parse_source(struct endpoint_source *source, const char *text, const char *what,
			  char *error);

/* Does it say which address, and not the port alone? */
bool endpoint_source_is_place(const struct endpoint_source *source);

/*
 * Give endpoint a source from -s and -p (either part may be empty). Returns 0, or -EINVAL with a
 * line in error (ENDPOINT_ERROR_MAX bytes) where its kind has no such thing, the families differ,
 * or bind= says otherwise.
 */
int endpoint_set_source(struct endpoint *endpoint, const struct endpoint_source *source,
			char *error);

/*
 * Give endpoint the file of the key that signs its segments. Returns 0, or -EINVAL with a line in error
 * (PARSE_ERROR_MAX bytes) where it is not of TCP, has one already, or the path is too long or empty.
 */
int endpoint_set_key_file(struct endpoint *endpoint, const char *path, char *error);

/*
 * Say which mode the file of a Unix socket to listen on is to have (octal digits, at most 0777), and whose it is to be
 * (USER, USER:GROUP or :GROUP; it is not looked up). Returns 0; -EEXIST where that is said already; or -EINVAL with a
 * line in error (PARSE_ERROR_MAX bytes). endpoint_has_file(): is it an endpoint that can have them?
 */
bool endpoint_has_file(const struct endpoint *endpoint);
int endpoint_set_mode(struct endpoint *endpoint, const char *text, char *error);
int endpoint_set_owner(struct endpoint *endpoint, const char *text, char *error);

/*
 * Look up the owner's names in passwd(5) and group(5): uid and gid. Without an owner: nothing to do. Returns 0, or
 * -EINVAL with a line in error (ENDPOINT_ERROR_MAX bytes). Asks the system's lists (getpwnam(3)): not pure.
 */
int endpoint_find_owner(struct endpoint *endpoint, char *error);

/* Has a person given this option? */
bool endpoint_has_option(const struct endpoint *endpoint, int level, int optname);

/* The options that are not of the socket (bind=, ...): for help. */
struct endpoint_option {
	const char *name;
	const char *syntax;   /* as help shows it: "bind=ADDR[:PORT]" */
	const char *help;     /* for _() */
	bool is_listen_only;  /* where there is nothing to listen on, there is none */
	bool is_connect_only; /* where a listener is at hand, there is none */
	bool is_relay_only;
};

/* Index 0, 1, ... until NULL. */
const struct endpoint_option *endpoint_option_at(size_t index);
/* Has a command whose endpoints have that role the option? */
bool endpoint_option_has_role(const struct endpoint_option *option, enum endpoint_role role);

/* The value of an option that is an int, by its short name ("nodelay"), or fallback where it was not given. */
int endpoint_option(const struct endpoint *endpoint, const char *name, int fallback);

/*
 * As a message names it: "localhost port 9000", "port 9000" of any address, "/run/x",
 * "descriptor 3". Returns dst.
 */
const char *endpoint_format_words(const struct endpoint *endpoint, char *dst, size_t size);

#endif
