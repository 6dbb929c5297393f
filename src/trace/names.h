/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of constants, both ways: AF_INET, SO_REUSEADDR, ECONNRESET, ESTABLISHED, MSG_NOSIGNAL, EPOLLIN ... One table a
 * group, filled from the headers of the system; what is not in it is shown as its number.
 */
#ifndef SOCKT_TRACE_NAMES_H
#define SOCKT_TRACE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_table; /* values and names of one group */

extern const struct name_table names_domain;      /* AF_* */
extern const struct name_table names_socktype;    /* SOCK_*, without the flags */
extern const struct name_table names_socktype_flags; /* SOCK_NONBLOCK, SOCK_CLOEXEC */
extern const struct name_table names_ipproto;     /* IPPROTO_*; 0 is 0 */
extern const struct name_table names_sol;         /* SOL_SOCKET, IPPROTO_TCP ...: levels */
extern const struct name_table names_so;          /* options of SOL_SOCKET */
extern const struct name_table names_tcp;         /* of IPPROTO_TCP */
extern const struct name_table names_ip;          /* of IPPROTO_IP */
extern const struct name_table names_ipv6;        /* of IPPROTO_IPV6 */
extern const struct name_table names_udp;         /* of IPPROTO_UDP */
extern const struct name_table names_msg;         /* MSG_* flags */
extern const struct name_table names_splice;      /* SPLICE_F_* flags */
extern const struct name_table names_shut;        /* SHUT_* */
extern const struct name_table names_epoll;       /* EPOLL* flags */
extern const struct name_table names_poll;        /* POLL* flags */
extern const struct name_table names_fcntl;       /* F_*: commands of fcntl() */
extern const struct name_table names_open;        /* O_*: flags of an open file */
extern const struct name_table names_tcp_state;   /* the kernel's names, without TCP_: CLOSE, SYN_SENT, ... */
extern const struct name_table names_ioctl;       /* SIOCINQ, SIOCOUTQ, FIONREAD ... */
extern const struct name_table names_errno;       /* all errnos of this system */
extern const struct name_table names_eai;         /* EAI_*: what getaddrinfo() returns */

/* The name of value, or NULL. */
const char *name_of(const struct name_table *table, long value);
/* The value of a name (exact). Returns false where there is none. */
bool name_value(const struct name_table *table, const char *name, long *value);
/* The i-th name of the table, or NULL behind the last: to list and to search. */
const char *name_at(const struct name_table *table, size_t i);
/* The name of value, or its number written into dst. Returns one or the other. */
const char *name_or_number(const struct name_table *table, long value, char *dst, size_t size);
/* Flags joined by " | " ("MSG_DONTWAIT|MSG_NOSIGNAL" without blanks), what is left over in hex; "0" for none. */
const char *name_flags(const struct name_table *table, unsigned long flags, char *dst, size_t size);

/* The table of the options of a level (SOL_SOCKET -> names_so), or NULL. */
const struct name_table *names_of_level(int level);
/* "SIGKILL", or "signal 64". */
const char *name_signal(int number, char *dst, size_t size);
/* "ECONNRESET", or "errno 599". */
const char *name_errno(int error, char *dst, size_t size);

#endif
