/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of every socket: level SOL_SOCKET, socket(7) and unix(7). */
#include <limits.h>

#include "endpoint/sockopt_tables.h"

#define SO(its, type, phase)										\
	.constant = #its, .optname = its,								\
	IS(SOL_SOCKET, type, phase), .families = SOCKOPT_ANY
#define SO_BOOL(its, phase)										\
	.constant = #its, .optname = its,								\
	IS_BOOL(SOL_SOCKET, phase), .families = SOCKOPT_ANY

/* The kernel doubles what it is given, in an int. */
#define BUFFER_MAX (INT_MAX / 2)

const struct sockopt sockopt_rows_socket[] = {
	{ SO_BOOL(SO_KEEPALIVE, CONNECTED), .name = "keepalive", .protocols = ON_TCP,
	  .help = N_("ask a silent peer now and then whether it is still there, after TIME of silence") },
	{ SO(SO_SNDBUF, SIZE, BEFORE_CONNECT), .name = "sndbuf", .protocols = ON_ALL, .min = 1,
	  .max = BUFFER_MAX,
	  .help = N_("size of the send buffer; the kernel doubles it and stops tuning it") },
	/* Before listen() and connect(): it decides the window scale of the handshake (tcp(7)). */
	{ SO(SO_RCVBUF, SIZE, BEFORE_CONNECT), .name = "rcvbuf", .protocols = ON_ALL, .min = 1, .max = BUFFER_MAX,
	  .help = N_("size of the receive buffer; the kernel doubles it and stops tuning it") },
	{ SO(SO_LINGER, LINGER, CONNECTED), .name = "linger", .protocols = ON_TCP,
	  .help = N_("close() waits so long for what is unacknowledged; 0: it resets the connection") },
	{ SO_BOOL(SO_REUSEADDR, BEFORE_BIND), .name = "reuseaddr", .protocols = ON_IP,
	  .help = N_("bind although old connections of the address linger in TIME_WAIT") },
	{ SO_BOOL(SO_REUSEPORT, BEFORE_BIND), .name = "reuseport", .protocols = ON_IP,
	  .help = N_("share the port with other sockets that say so too") },
	{ SO_BOOL(SO_BROADCAST, BEFORE_BIND), .name = "broadcast", .protocols = ON_UDP,
	  .help = N_("let datagrams go to a broadcast address") },
	{ SO(SO_BINDTODEVICE, WORD, BEFORE_BIND), .name = "interface", .protocols = ON_IP,
	  .help = N_("send and receive by this interface only (eth0)") },
	{ SO(SO_MARK, INT, BEFORE_BIND), .name = "mark", .protocols = ON_ALL, .max = UINT_MAX,
	  .help = N_("mark packets for routing rules and firewalls; for root (CAP_NET_ADMIN)") },
	{ SO(SO_PRIORITY, INT, BEFORE_CONNECT), .protocols = ON_ALL, .max = INT_MAX,
	  .help = N_("which queue of the interface packets wait in; 7 and up for root") },
	{ SO(SO_RCVLOWAT, SIZE, CONNECTED), .protocols = ON_ALL, .min = 1, .max = INT_MAX,
	  .help = N_("the socket is readable only once so many bytes have come") },
	{ SO(SO_RCVTIMEO, TIME, CONNECTED), .protocols = ON_ALL,
	  .help = N_("how long a receiving call that blocks may wait") },
	{ SO(SO_SNDTIMEO, TIME, CONNECTED), .protocols = ON_ALL,
	  .help = N_("how long a sending call that blocks may wait") },
	{ SO(SO_SNDBUFFORCE, SIZE, BEFORE_CONNECT), .protocols = ON_ALL, .min = 1, .max = BUFFER_MAX,
	  .is_write_only = true,
	  .help = N_("as SO_SNDBUF, beyond the limit net.core.wmem_max; for root (CAP_NET_ADMIN)") },
	{ SO(SO_RCVBUFFORCE, SIZE, BEFORE_CONNECT), .protocols = ON_ALL, .min = 1, .max = BUFFER_MAX,
	  .is_write_only = true,
	  .help = N_("as SO_RCVBUF, beyond the limit net.core.rmem_max; for root (CAP_NET_ADMIN)") },
	{ SO_BOOL(SO_DONTROUTE, BEFORE_CONNECT), .protocols = ON_IP,
	  .help = N_("send to hosts of the own network only, by no gateway") },
	{ SO_BOOL(SO_OOBINLINE, CONNECTED), .protocols = ON_TCP,
	  .help = N_("urgent data come in their place among the others") },
	{ SO_BOOL(SO_DEBUG, BEFORE_BIND), .protocols = ON_ALL,
	  .help = N_("what debugging the kernel was built with; for root (CAP_NET_ADMIN)") },
	{ SO_BOOL(SO_NO_CHECK, BEFORE_CONNECT), .protocols = ON_UDP,
	  .help = N_("send no checksums over IPv4") },
	{ SO(SO_BINDTOIFINDEX, INDEX, BEFORE_BIND), .protocols = ON_IP,
	  .help = N_("as SO_BINDTODEVICE, by the number of the interface") },
	{ SO(SO_MAX_PACING_RATE, RATE, BEFORE_CONNECT), .protocols = ON_IP, .min = 1, .max = INT64_MAX,
	  .help = N_("send at most so many bytes a second") },
	{ SO(SO_BUSY_POLL, INT, BEFORE_CONNECT), .protocols = ON_IP, .max = INT_MAX,
	  .help = N_("look at the device for so many microseconds before waiting") },
	{ SO_BOOL(SO_PREFER_BUSY_POLL, BEFORE_CONNECT), .protocols = ON_IP,
	  .help = N_("busy polling instead of the interrupts of the device") },
	{ SO(SO_BUSY_POLL_BUDGET, INT, BEFORE_CONNECT), .protocols = ON_IP, .max = UINT16_MAX,
	  .help = N_("how many packets one round of busy polling takes") },
	{ SO(SO_INCOMING_CPU, INT, BEFORE_BIND), .protocols = ON_IP, .min = -1, .max = INT_MAX,
	  .help = N_("with SO_REUSEPORT: prefer clients that come by this processor") },
	{ SO_BOOL(SO_ZEROCOPY, BEFORE_CONNECT), .protocols = ON_IP,
	  .help = N_("allow sends without a copy (MSG_ZEROCOPY)") },
	{ SO(SO_RESERVE_MEM, SIZE, BEFORE_CONNECT), .protocols = ON_IP, .max = INT_MAX,
	  .help = N_("keep so much memory for the socket") },
	{ SO(SO_BUF_LOCK, INT, BEFORE_CONNECT), .protocols = ON_ALL, .max = 3,
	  .help = N_("which buffers the kernel does not tune: 1 the send buffer, 2 the receive buffer, 3 both") },
	{ SO(SO_TXREHASH, INT, BEFORE_CONNECT), .protocols = ON_TCP, .max = UINT8_MAX,
	  .help = N_("try another path of several when the peer is silent: 1, or not: 0") },
	{ SO_BOOL(SO_TIMESTAMP, CONNECTED), .protocols = ON_ALL,
	  .help = N_("when a datagram came, to who asks by recvmsg(), in microseconds") },
	{ SO_BOOL(SO_TIMESTAMPNS, CONNECTED), .protocols = ON_ALL,
	  .help = N_("when a datagram came, to who asks by recvmsg(), in nanoseconds") },
	{ SO_BOOL(SO_RXQ_OVFL, CONNECTED), .protocols = ON_ALL,
	  .help = N_("how many datagrams were dropped, to who asks by recvmsg()") },
	{ SO_BOOL(SO_RCVMARK, CONNECTED), .protocols = ON_IP,
	  .help = N_("the mark of what came, to who asks by recvmsg()") },
	{ SO(SO_PEEK_OFF, INT, CONNECTED), .protocols = ON_ALL, .min = -1, .max = INT_MAX,
	  .help = N_("where the next peek (MSG_PEEK) begins") },
	{ SO_BOOL(SO_PASSCRED, BEFORE_BIND), .protocols = ON_UNIX,
	  .help = N_("who the sender is, to who asks by recvmsg()") },
	{ SO_BOOL(SO_PASSSEC, BEFORE_BIND), .protocols = ON_UNIX,
	  .help = N_("the security label of the sender, to who asks by recvmsg()") },
	{ .constant = NULL },
};
