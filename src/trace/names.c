/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of constants: looking them up, and the groups that belong to the calls themselves. */
#include "trace/names.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "trace/names_table.h"

static const struct name_entry domain_entries[] = {
	NAME(AF_UNSPEC), NAME(AF_UNIX), NAME(AF_INET), NAME(AF_INET6), NAME(AF_NETLINK),
	NAME(AF_PACKET), NAME(AF_VSOCK), NAME(AF_BLUETOOTH), NAME(AF_CAN), NAME(AF_TIPC),
	NAME(AF_ALG), NAME(AF_KCM), NAME(AF_SMC), NAME(AF_XDP), NAME(AF_MCTP),
	NAME(AF_AX25), NAME(AF_X25), NAME(AF_KEY), NAME(AF_RDS), NAME(AF_IB),
	NAME(AF_LOCAL),
};
const struct name_table names_domain = NAME_TABLE(domain_entries);

static const struct name_entry socktype_entries[] = {
	NAME(SOCK_STREAM), NAME(SOCK_DGRAM), NAME(SOCK_SEQPACKET),
	NAME(SOCK_RAW), NAME(SOCK_RDM), NAME(SOCK_DCCP), NAME(SOCK_PACKET),
};
const struct name_table names_socktype = NAME_TABLE(socktype_entries);

static const struct name_entry socktype_flags_entries[] = {
	NAME(SOCK_CLOEXEC), NAME(SOCK_NONBLOCK),
};
const struct name_table names_socktype_flags = NAME_TABLE(socktype_flags_entries);

static const struct name_entry msg_entries[] = {
	NAME(MSG_OOB), NAME(MSG_PEEK), NAME(MSG_DONTROUTE), NAME(MSG_CTRUNC), NAME(MSG_PROXY),
	NAME(MSG_TRUNC), NAME(MSG_DONTWAIT), NAME(MSG_EOR), NAME(MSG_WAITALL), NAME(MSG_FIN),
	NAME(MSG_SYN), NAME(MSG_CONFIRM), NAME(MSG_RST), NAME(MSG_ERRQUEUE), NAME(MSG_NOSIGNAL),
	NAME(MSG_MORE), NAME(MSG_WAITFORONE), NAME(MSG_BATCH), NAME(MSG_ZEROCOPY),
	NAME(MSG_FASTOPEN), NAME(MSG_CMSG_CLOEXEC),
};
const struct name_table names_msg = NAME_TABLE(msg_entries);

static const struct name_entry splice_entries[] = {
	NAME(SPLICE_F_MOVE), NAME(SPLICE_F_NONBLOCK), NAME(SPLICE_F_MORE), NAME(SPLICE_F_GIFT),
};
const struct name_table names_splice = NAME_TABLE(splice_entries);

static const struct name_entry shut_entries[] = {
	NAME(SHUT_RD), NAME(SHUT_WR), NAME(SHUT_RDWR),
};
const struct name_table names_shut = NAME_TABLE(shut_entries);

static const struct name_entry epoll_entries[] = {
	NAME(EPOLLIN), NAME(EPOLLPRI), NAME(EPOLLOUT), NAME(EPOLLERR), NAME(EPOLLHUP),
	NAME(EPOLLRDNORM), NAME(EPOLLRDBAND), NAME(EPOLLWRNORM), NAME(EPOLLWRBAND),
	NAME(EPOLLMSG), NAME(EPOLLRDHUP), NAME(EPOLLEXCLUSIVE), NAME(EPOLLWAKEUP),
	NAME(EPOLLONESHOT), NAME(EPOLLET),
};
const struct name_table names_epoll = NAME_TABLE(epoll_entries);

static const struct name_entry poll_entries[] = {
	NAME(POLLIN), NAME(POLLPRI), NAME(POLLOUT), NAME(POLLERR), NAME(POLLHUP), NAME(POLLNVAL),
	NAME(POLLRDNORM), NAME(POLLRDBAND), NAME(POLLWRNORM), NAME(POLLWRBAND), NAME(POLLRDHUP),
};
const struct name_table names_poll = NAME_TABLE(poll_entries);

static const struct name_entry fcntl_entries[] = {
	NAME(F_GETFL), NAME(F_SETFL),
};
const struct name_table names_fcntl = NAME_TABLE(fcntl_entries);

static const struct name_entry open_entries[] = {
	NAME(O_RDWR), NAME(O_WRONLY), NAME(O_NONBLOCK), NAME(O_APPEND), NAME(O_ASYNC),
};
const struct name_table names_open = NAME_TABLE(open_entries);

/* include/net/tcp_states.h; no header for programs has NEW_SYN_RECV, which sock_diag shows. */
#define TCP_STATE_NEW_SYN_RECV 12

static const struct name_entry tcp_state_entries[] = {
	{ TCP_ESTABLISHED, "ESTABLISHED" }, { TCP_SYN_SENT, "SYN_SENT" },
	{ TCP_SYN_RECV, "SYN_RECV" },       { TCP_FIN_WAIT1, "FIN_WAIT1" },
	{ TCP_FIN_WAIT2, "FIN_WAIT2" },     { TCP_TIME_WAIT, "TIME_WAIT" },
	{ TCP_CLOSE, "CLOSE" },             { TCP_CLOSE_WAIT, "CLOSE_WAIT" },
	{ TCP_LAST_ACK, "LAST_ACK" },       { TCP_LISTEN, "LISTEN" },
	{ TCP_CLOSING, "CLOSING" },         { TCP_STATE_NEW_SYN_RECV, "NEW_SYN_RECV" },
};
const struct name_table names_tcp_state = NAME_TABLE(tcp_state_entries);

static const struct name_entry ioctl_entries[] = {
	NAME(FIONREAD), NAME(SIOCOUTQ), NAME(SIOCOUTQNSD), NAME(SIOCATMARK), NAME(FIONBIO),
	NAME(SIOCINQ), NAME(TIOCOUTQ), NAME(TIOCGWINSZ), NAME(TIOCGPGRP),
};
const struct name_table names_ioctl = NAME_TABLE(ioctl_entries);

static const struct name_entry eai_entries[] = {
	NAME(EAI_NONAME), NAME(EAI_AGAIN), NAME(EAI_FAIL), NAME(EAI_FAMILY), NAME(EAI_SOCKTYPE),
	NAME(EAI_SERVICE), NAME(EAI_MEMORY), NAME(EAI_SYSTEM), NAME(EAI_OVERFLOW),
	NAME(EAI_BADFLAGS), NAME(EAI_NODATA), NAME(EAI_ADDRFAMILY), NAME(EAI_INPROGRESS),
	NAME(EAI_CANCELED), NAME(EAI_NOTCANCELED), NAME(EAI_ALLDONE), NAME(EAI_INTR),
	NAME(EAI_IDN_ENCODE),
};
const struct name_table names_eai = NAME_TABLE(eai_entries);

const char *name_of(const struct name_table *table, long value)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->entries[i].value == value)
			return table->entries[i].name;
	}
	return NULL;
}

bool name_value(const struct name_table *table, const char *name, long *value)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->entries[i].name, name) == 0) {
			*value = table->entries[i].value;
			return true;
		}
	}
	return false;
}

const char *name_at(const struct name_table *table, size_t i)
{
	return i < table->count ? table->entries[i].name : NULL;
}

const char *name_or_number(const struct name_table *table, long value, char *dst, size_t size)
{
	const char *name = name_of(table, value);

	if (name != NULL)
		return name;
	snprintf(dst, size, "%ld", value);
	return dst;
}

const char *name_flags(const struct name_table *table, unsigned long flags, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	for (size_t i = 0; i < table->count; i++) {
		unsigned long bit = (unsigned long)table->entries[i].value & 0xffffffffUL;

		/* A name of several bits counts only where all of them are left. */
		if (bit == 0 || (flags & bit) != bit)
			continue;
		text_addf(&text, "%s%s", text.len == 0 ? "" : "|", table->entries[i].name);
		flags &= ~bit;
	}
	if (flags != 0)
		text_addf(&text, "%s0x%lx", text.len == 0 ? "" : "|", flags);
	else if (text.len == 0)
		text_add(&text, "0");
	return dst;
}

const char *name_signal(int number, char *dst, size_t size)
{
	const char *name = sigabbrev_np(number);

	if (name != NULL)
		snprintf(dst, size, "SIG%s", name);
	else
		snprintf(dst, size, "signal %d", number);
	return dst;
}

const char *name_errno(int error, char *dst, size_t size)
{
	const char *name = name_of(&names_errno, error);

	if (name != NULL)
		return name;
	snprintf(dst, size, "errno %d", error);
	return dst;
}
