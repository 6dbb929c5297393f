/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of TCP and UDP: tcp(7), udp(7). */
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

#include "endpoint/kinds.h"
#include "endpoint/sockopt_tables.h"

#define TCP(its, type, phase)										\
	.constant = #its, .optname = its,								\
	IS(IPPROTO_TCP, type, phase), .families = SOCKOPT_ANY, .protocols = ON_TCP
#define TCP_BOOL(its, phase)										\
	.constant = #its, .optname = its,								\
	IS_BOOL(IPPROTO_TCP, phase), .families = SOCKOPT_ANY, .protocols = ON_TCP
#define UDP(its, type, phase)										\
	.constant = #its, .optname = its,								\
	IS(IPPROTO_UDP, type, phase), .families = SOCKOPT_ANY, .protocols = ON_UDP
#define UDP_BOOL(its, phase)										\
	.constant = #its, .optname = its,								\
	IS_BOOL(IPPROTO_UDP, phase), .families = SOCKOPT_ANY, .protocols = ON_UDP

/* The kernel's bounds: include/net/tcp.h, MAX_TCP_KEEPIDLE and the like. */
#define KEEP_MAX 32767
#define COUNT_MAX 127
#define MSS_MIN 88
#define MSS_MAX 32767
#define FASTOPEN_QUEUE 128

const struct sockopt sockopt_rows_tcp[] = {
	{ TCP_BOOL(TCP_NODELAY, CONNECTED), .name = "nodelay",
	  .help = N_("send small pieces at once instead of waiting to fill a packet (Nagle off)") },
	{ TCP(TCP_MAXSEG, INT, BEFORE_CONNECT), .name = "mss", .min = MSS_MIN, .max = MSS_MAX,
	  .help = N_("bytes of a segment at most, in both directions") },
	{ TCP(TCP_CONGESTION, WORD, BEFORE_CONNECT), .name = "congestion",
	  .help = N_("how fast to send is decided by this algorithm: reno, cubic, bbr") },
	{ TCP(TCP_USER_TIMEOUT, MS, BEFORE_CONNECT), .name = "user-timeout", .max = INT_MAX,
	  .help = N_("give up when what was sent is not acknowledged for so long") },
	{ TCP(TCP_FASTOPEN, INT, BEFORE_CONNECT), .name = "fastopen", .roles = ROLE_LISTEN, .is_alone = true,
	  .alone = FASTOPEN_QUEUE, .max = INT_MAX,
	  .help = N_("take data that come with the SYN, of N clients that have no handshake yet") },
	{ TCP_BOOL(TCP_FASTOPEN_CONNECT, BEFORE_CONNECT), .name = "fastopen", .roles = ROLE_CONNECT,
	  .help = N_("send the first data with the SYN, where the server is known from before") },
	{ TCP_BOOL(TCP_FASTOPEN_NO_COOKIE, BEFORE_CONNECT),
	  .help = N_("data with the SYN although the server is not known from before") },
	{ TCP(TCP_KEEPIDLE, SECONDS, CONNECTED), .min = 1, .max = KEEP_MAX,
	  .help = N_("of SO_KEEPALIVE: the silence before the first question") },
	{ TCP(TCP_KEEPINTVL, SECONDS, CONNECTED), .min = 1, .max = KEEP_MAX,
	  .help = N_("of SO_KEEPALIVE: the time between two questions") },
	{ TCP(TCP_KEEPCNT, INT, CONNECTED), .min = 1, .max = COUNT_MAX,
	  .help = N_("of SO_KEEPALIVE: so many questions without an answer end it") },
	{ TCP(TCP_SYNCNT, INT, BEFORE_CONNECT), .min = 1, .max = COUNT_MAX,
	  .help = N_("how often the SYN is sent again before connect() gives up") },
	{ TCP(TCP_DEFER_ACCEPT, SECONDS, BEFORE_CONNECT), .max = INT_MAX,
	  .help = N_("wake accept() only once the client has sent something") },
	{ TCP(TCP_LINGER2, SECONDS, CONNECTED), .max = INT_MAX,
	  .help = N_("how long a closed socket waits in FIN_WAIT2 for the peer's end") },
	{ TCP(TCP_WINDOW_CLAMP, SIZE, BEFORE_CONNECT), .max = INT_MAX,
	  .help = N_("the receive window is never larger than this") },
	{ TCP(TCP_NOTSENT_LOWAT, SIZE, BEFORE_CONNECT), .max = INT_MAX,
	  .help = N_("the socket is writable only while less than this is unsent") },
	{ TCP_BOOL(TCP_CORK, CONNECTED),
	  .help = N_("send full segments only, until it is off again or 200 ms are over") },
	{ TCP_BOOL(TCP_QUICKACK, CONNECTED),
	  .help = N_("acknowledge at once, until the kernel finds otherwise") },
	{ TCP_BOOL(TCP_THIN_LINEAR_TIMEOUTS, BEFORE_CONNECT),
	  .help = N_("send again at equal distances where little is under way") },
	{ TCP(TCP_SAVE_SYN, INT, BEFORE_CONNECT), .max = 2,
	  .help = N_("keep the SYN of each client, to be read by TCP_SAVED_SYN") },
	{ TCP(TCP_TX_DELAY, INT, BEFORE_CONNECT), .max = 60 * 1000 * 1000,
	  .help = N_("hold each segment back for so many microseconds") },
	{ TCP(TCP_ULP, WORD, CONNECTED),
	  .help = N_("hand the connection to a protocol above it in the kernel") },
	{ .constant = NULL },
};

const struct sockopt sockopt_rows_udp[] = {
	{ UDP_BOOL(UDP_CORK, CONNECTED), .help = N_("gather what is sent, until it is off again") },
	{ UDP(UDP_SEGMENT, SIZE, CONNECTED), .max = UINT16_MAX,
	  .help = N_("cut what is sent into datagrams of this size") },
	{ UDP_BOOL(UDP_GRO, CONNECTED),
	  .help = N_("join equal datagrams that follow each other as they come") },
	{ UDP_BOOL(UDP_NO_CHECK6_TX, BEFORE_CONNECT), .help = N_("send no checksums over IPv6 (tunnels)") },
	{ UDP_BOOL(UDP_NO_CHECK6_RX, BEFORE_CONNECT),
	  .help = N_("take datagrams of IPv6 without a checksum (tunnels)") },
	{ .constant = NULL },
};
