/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of endpoint there are (tcp, udp6, unix-dgram, ...): one table, from which the grammar,
 * the help, completion and the manual come. A kind is a const record; to know one is not to open
 * one.
 */
#ifndef SOCKT_ENDPOINT_KINDS_H
#define SOCKT_ENDPOINT_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/event.h"

/* What an endpoint is used for. A kind says in which of these it serves. */
enum endpoint_role {
	ROLE_LISTEN = 1U << 0,
	ROLE_CONNECT = 1U << 1,
	ROLE_RELAY = 1U << 2,
};

/* What stands behind "KIND:". */
enum endpoint_form {
	FORM_NONE = 0,  /* nothing: stdio */
	FORM_HOST_PORT, /* HOST:PORT, [ADDRESS]:PORT or PORT */
	FORM_CID_PORT,  /* CID:PORT of vsock(7) */
	FORM_PATH,      /* a path, or @NAME */
	FORM_FD,        /* the number of a descriptor */
	FORM_COMMAND,   /* a program with its arguments, or a command of the shell */
	FORM_FILE,      /* the path of a file, as long as it may be */
	FORM_PTY,       /* nothing: a terminal that is made */
};

struct endpoint_kind {
	const char *name;
	const char *syntax;     /* as help shows it: "tcp:HOST:PORT" */
	const char *help;       /* one sentence, for _() */
	unsigned roles;         /* enum endpoint_role; 0: known by name, but not in this version */
	enum protocol protocol; /* PROTOCOL_OTHER of fd: what it is shows when it is looked at */
	int family;             /* AF_UNSPEC: IPv6 and IPv4 */
	int socktype;           /* SOCK_*; 0: not a socket, or not known (fd) */
	int ipproto;            /* third argument of socket(2) */
	bool is_messages;       /* keeps the bounds of messages */
	enum endpoint_form form;
	bool is_variant; /* another kind with its family narrowed: help leaves it out */
	bool is_relay_only; /* an end of a relay; no other command has it */
};

/* The kinds there are, those of later versions too: index 0, 1, ... until NULL. */
const struct endpoint_kind *endpoint_kind_at(size_t index);
/* Has a command whose endpoints have that role the kind? */
bool endpoint_kind_has_role(const struct endpoint_kind *kind, enum endpoint_role role);
/* The kind of that name, whatever the case of its letters ("-" is stdio), or NULL. */
const struct endpoint_kind *endpoint_kind_find(const char *name);
/* As endpoint_kind_find(), of the len bytes at name. */
const struct endpoint_kind *endpoint_kind_find_len(const char *name, size_t len);
/*
 * The kind with the protocol of kind (TCP, UDP and the like), but of family: tcp and AF_INET give tcp4.
 * NULL where there is none.
 */
const struct endpoint_kind *endpoint_kind_of_family(const struct endpoint_kind *kind, int family);

#endif
