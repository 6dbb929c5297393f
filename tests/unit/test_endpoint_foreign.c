/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Endpoints as socat writes them: each of its words is recognised, and none of ours is. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "endpoint/endpoint.h"
#include "endpoint/foreign.h"
#include "endpoint/sockopt.h"

#include "check.h"

/* The four places where an endpoint may stand. */
static const struct endpoint_wish places[] = {
	{ .role = ROLE_CONNECT },
	{ .role = ROLE_LISTEN },
	{ .role = (enum endpoint_role)(ROLE_LISTEN | ROLE_RELAY), .is_relay = true },
	{ .role = ROLE_CONNECT, .is_relay = true },
};

#define CONNECT (&places[0])
#define LISTEN (&places[1])
#define FROM (&places[2])
#define TO (&places[3])

/* Is it refused with this in the message? */
static void check_says(const struct endpoint_wish *wish, const char *word, const char *second, const char *want)
{
	const char *words[] = { word, second };
	char error[ENDPOINT_ERROR_MAX] = "";
	struct endpoint endpoint;

	if (endpoint_parse(&endpoint, words, second == NULL ? 1 : 2, wish, error) == 0)
		fail_msg("%s: taken", word);
	if (strstr(error, want) == NULL)
		fail_msg("%s: expected \"%s\" in: %s", word, want, error);
}

static void check_taken(const char *word, const char *second)
{
	const char *words[] = { word, second };
	char error[ENDPOINT_ERROR_MAX];
	struct endpoint endpoint;

	if (endpoint_parse(&endpoint, words, second == NULL ? 1 : 2, CONNECT, error) < 0)
		fail_msg("%s: refused: %s", word, error);
	endpoint_clear(&endpoint);
}

/* Call check for every name of every row of a table. */
static void for_names(const struct foreign_words *(*at)(size_t),
		      void (*check)(const struct foreign_words *words, const char *name))
{
	const struct foreign_words *words;
	size_t i = 0;

	for (; (words = at(i)) != NULL; i++) {
		const char *names = words->names;

		while (*names != '\0') {
			size_t len = strcspn(names, " ");
			char name[64];

			snprintf(name, sizeof(name), "%.*s", (int)len, names);
			check(words, name);
			names += len;
			names += strspn(names, " ");
		}
	}
	assert_true(i > 5);
}

static const char *upper(const char *word, char *dst, size_t size)
{
	size_t i = 0;

	for (; word[i] != '\0' && i + 1 < size; i++)
		dst[i] = (char)toupper((unsigned char)word[i]);
	dst[i] = '\0';
	return dst;
}

/* ---- Addresses ----------------------------------------------------------------------------------------------- */

static void check_address(const struct foreign_words *words, const char *name)
{
	char capitals[64], text[160];

	if (endpoint_kind_find(name) != NULL)
		fail_msg("%s is a kind of ours: its row is to go", name);
	assert_ptr_equal(foreign_address_find(name, strlen(name)), words);
	upper(name, capitals, sizeof(capitals));
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		snprintf(text, sizeof(text), "%s:x:80", name);
		check_says(&places[i], text, NULL, words->sentence);
		snprintf(text, sizeof(text), "%s:/x y", name);
		check_says(&places[i], text, NULL, words->sentence);
		snprintf(text, sizeof(text), "%s:date", capitals);
		check_says(&places[i], text, NULL, words->sentence);
		if (words->is_alone)
			check_says(&places[i], capitals, NULL, words->sentence);
	}
	if (strchr(name, '-') == NULL) {
		snprintf(text, sizeof(text), "%s:80", name);
		check_taken(text, NULL);
	}
	check_taken(name, "80");
}

static void test_addresses(void **state)
{
	(void)state;
	for_names(foreign_address_at, check_address);
}

static void test_hosts_stay_hosts(void **state)
{
	static const char *const rows[] = { "proxy:http", "local:80", "echo:7", "open:http", "inet:80", "abstract:80" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_taken(rows[i], NULL);
	check_taken("echo", NULL);
	check_taken("inet", NULL);
}

static void test_roles(void **state)
{
	static const struct {
		const struct endpoint_wish *wish;
		const char *word, *want;
	} rows[] = {
		{ LISTEN, "TCP-LISTEN:9000",
		  "\"TCP-LISTEN\" is socat's: here the command says the role: sockt listen tcp:9000" },
		{ CONNECT, "tcp-l:9000", "sockt listen tcp:9000" },
		{ CONNECT, "TCP4-LISTEN:9000,fork,reuseaddr", "sockt listen tcp4:9000" },
		{ CONNECT, "TCP-CONNECT:host:80", "sockt connect tcp:host:80" },
		{ LISTEN, "tcp6-connect:[::1]:80", "sockt connect tcp6:[::1]:80" },
		{ CONNECT, "UDP-SENDTO:host:53", "sockt connect udp:host:53" },
		{ CONNECT, "UDP4-DATAGRAM:host:53", "sockt connect udp4:host:53" },
		{ LISTEN, "UDP-RECV:53", "sockt listen udp:53" },
		{ LISTEN, "UDP6-RECVFROM:53", "sockt listen udp6:53" },
		{ CONNECT, "unix-client:/x", "sockt connect unix:/x" },
		{ LISTEN, "UNIX-RECVFROM:/x", "sockt listen unix-dgram:/x" },
		{ CONNECT, "unix-sendto:/x", "sockt connect unix-dgram:/x" },
		{ LISTEN, "abstract-listen:name", "sockt listen unix:@name" },
		{ CONNECT, "ABSTRACT:name", "sockt connect unix:@name" },
		{ CONNECT, "ABSTRACT-SENDTO:name", "sockt connect unix-dgram:@name" },
		{ CONNECT, "INET:x:80", "sockt connect tcp:x:80" },
		{ LISTEN, "INET6-L:80", "sockt listen tcp6:80" },
		{ LISTEN, "SCTP-LISTEN:80", "sockt listen sctp:80" },
		{ CONNECT, "local:/x", "sockt connect unix:/x" },
		{ LISTEN, "TCP-LISTEN", "sockt listen tcp:HOST:PORT" },
		{ CONNECT, "VSOCK-LISTEN:5", "sockt listen vsock:any:5" },
		{ LISTEN, "vsock-connect:2:5", "sockt connect vsock:2:5" },
		{ FROM, "TCP-LISTEN:9000", "the first end of a relay listens: tcp:9000" },
		{ FROM, "TCP-CONNECT:x:1", "the second one: sockt relay FROM tcp:x:1" },
		{ TO, "TCP-CONNECT:x:1", "the second end of a relay connects: tcp:x:1" },
		{ TO, "UNIX-LISTEN:/x", "the first one: sockt relay unix:/x TO" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_says(rows[i].wish, rows[i].word, NULL, rows[i].want);
}

static void check_ours(const char *word, unsigned role, const char *want)
{
	char ours[64];

	assert_int_equal(endpoint_in_our_words(word, ours, sizeof(ours)), role);
	assert_string_equal(ours, want);
}

static void test_two_endpoints(void **state)
{
	(void)state;
	check_says(CONNECT, "-", "TCP:x:80", "two endpoints are joined by relay: sockt relay - TCP:x:80");
	check_says(LISTEN, "TCP-LISTEN:9000", "STDIO", "sockt relay TCP-LISTEN:9000 STDIO");
	check_says(LISTEN, "tcp:9000", "unix:/x", "sockt relay tcp:9000 unix:/x");
	check_says(CONNECT, "tcp:x", "80", "an endpoint with its kind is one word: tcp:x:80");
	check_ours("TCP-LISTEN:9000,fork,reuseaddr", ROLE_LISTEN, "tcp:9000");
	check_ours("unix-connect:/x", ROLE_CONNECT, "unix:/x");
	check_ours("ABSTRACT-LISTEN:app,fork", ROLE_LISTEN, "unix:@app");
	check_ours("UDP4-RECVFROM:9", ROLE_LISTEN, "udp4:9");
	check_ours("TCP:x:80,nodelay", 0, "TCP:x:80,nodelay");
	check_ours("EXEC:cat", 0, "EXEC:cat");
	check_ours("TCP-LISTEN", 0, "TCP-LISTEN");
	check_ours("", 0, "");
	assert_true(endpoint_is_one("-"));
	assert_true(endpoint_is_one("TCP-LISTEN:9000,fork"));
	assert_true(endpoint_is_one("tcp:x:80"));
	assert_true(endpoint_is_one("SYSTEM:date"));
	assert_false(endpoint_is_one("localhost"));
	assert_false(endpoint_is_one("localhost:80"));
	assert_false(endpoint_is_one("9000"));
	assert_false(endpoint_is_one(""));
}

/* ---- Options ------------------------------------------------------------------------------------------------- */

static void check_option(const struct foreign_words *words, const char *name)
{
	const struct endpoint_option *own;
	char text[160];

	for (size_t i = 0; (own = endpoint_option_at(i)) != NULL; i++) {
		if (strcmp(own->name, name) == 0)
			fail_msg("%s is an option of ours: its row is to go", name);
	}
	if (sockopt_find(name) != NULL)
		fail_msg("%s is an option of sockets: its row is to go", name);
	assert_ptr_equal(foreign_option_find(name, strlen(name)), words);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		snprintf(text, sizeof(text), "tcp:x:80,%s", name);
		check_says(&places[i], text, NULL, words->sentence);
		snprintf(text, sizeof(text), "unix:/x,%s=1", name);
		check_says(&places[i], text, NULL, words->sentence);
	}
	snprintf(text, sizeof(text), "exec:ls,%s", name);
	check_says(TO, text, NULL, words->sentence);
}

static void test_options(void **state)
{
	(void)state;
	for_names(foreign_option_at, check_option);
	check_says(CONNECT, "x:1,so-keepalive", NULL, "\"so-keepalive\" is socat's: it is called keepalive here");
	check_says(CONNECT, "x:1,ip-mtu-discover=1", NULL, "it is called IP_MTU_DISCOVER here");
	check_says(CONNECT, "x:1,tcp-maxseg=500", NULL, "it is called mss here");
	check_says(CONNECT, "x:1,priority=5", NULL, "it is called SO_PRIORITY here");
	check_says(CONNECT, "x:1,iptos=5", NULL, "it is called tos here");
	check_says(CONNECT, "x:1,mtudiscover=5", NULL, "it is called IP_MTU_DISCOVER here");
	check_says(CONNECT, "x:1,so-sndbuf-late=5", NULL, "it is called sndbuf here");
	check_says(CONNECT, "x:1,prioritt=5", NULL, "endpoints have no option");
	check_taken("x:1,reuseaddr,nodelay,keepalive", NULL);
}

/* Every option that socat 1.7.4.4 has (socat -hhh), by all of its names. */
static const char socat_options[] =
	"accept-timeout acceptconn add-membership allmulti allow-table append async attach-filter attachfilter "
	"authhdr automedia b0 b1000000 b110 b115200 b1152000 b1200 b134 b150 b1500000 b1800 b19200 b200 b2000000 "
	"b230400 b2400 b2500000 b300 b3000000 b3500000 b38400 b4000000 b460800 b4800 b50 b500000 b57600 b576000 "
	"b600 b75 b921600 b9600 backlog bind bindtodevice brkint broadcast bs0 bs1 bsdcompat bsdly bytes cafile "
	"capath cert certificate cfmakeraw chroot chroot-early cipher cipherlist ciphers clocal cloexec close cn "
	"commonname compr compress connect-timeout cool-write coolwrite cork cr cr0 cr1 cr2 cr3 crdly cread creat "
	"create crlf crnl crterase crtkill crtscts cs5 cs6 cs7 cs8 csize cstopb ctlecho ctty dash debug "
	"defer-accept defnames delete deny-table detach-filter detachfilter dh dhparam dhparams direct directory "
	"dirsync discard dnsrch dontroute dstopts dsync echo echoctl echoe echok echoke echonl echoprt egd "
	"end-close eof eol eol2 erase error escape excl ext2-append ext2-compr ext2-dirsync ext2-immutable "
	"ext2-journal-data ext2-noatime ext2-nodump ext2-notail ext2-secrm ext2-sync ext2-topdir ext2-unrm "
	"ext3-append ext3-compr ext3-dirsync ext3-immutable ext3-journal-data ext3-noatime ext3-nodump ext3-notail "
	"ext3-secrm ext3-sync ext3-topdir ext3-unrm f-setlk f-setlk-rd f-setlk-wr f-setlkw f-setlkw-rd f-setlkw-wr "
	"fdin fdout ff0 ff1 ffdly fiosetown flock flock-ex flock-ex-nb flock-nb flock-sh flock-sh-nb flusho forever "
	"fork freebind fs-append fs-compr fs-dirsync fs-immutable fs-journal-data fs-noatime fs-nodump fs-notail "
	"fs-secrm fs-sync fs-topdir fs-unrm ftruncate ftruncate32 ftruncate64 gid gid-e gid-l group group-early "
	"group-late hdrincl hoplimit hopopts hosts-allow hosts-deny hup hupcl icanon icrnl iexten if iff-allmulti "
	"iff-automedia iff-broadcast iff-debug iff-loopback iff-master iff-multicast iff-no-pi iff-noarp "
	"iff-notrailers iff-pointopoint iff-portsel iff-promisc iff-running iff-slave iff-up ignbrk igncr ignorecr "
	"ignoreeof ignoreof ignpar igntc imaxbel immutable info inlcr inpck interface interval intervall intr ioctl "
	"ioctl-bin ioctl-int ioctl-intp ioctl-string ioctl-void ip-add-membership ip-freebind ip-hdrincl "
	"ip-membership ip-mtu ip-mtu-discover ip-multicast-if ip-multicast-loop ip-multicast-ttl ip-options "
	"ip-pktinfo ip-pktoptions ip-recverr ip-recvopts ip-recvtos ip-recvttl ip-retopts ip-router-alert ip-tos "
	"ip-transparent ip-ttl ipfreebind iphdrincl ipmtu ipmtudiscover ipmulticastloop ipmulticastttl ipoptions "
	"ippktinfo ippktoptions iprecverr iprecvopts iprecvtos iprecvttl ipretopts iprouteralert iptos ipttl "
	"ipv6-add-membership ipv6-authhdr ipv6-dstopts ipv6-hoplimit ipv6-hopopts ipv6-join-group ipv6-pktinfo "
	"ipv6-recvdstopts ipv6-recverr ipv6-recvhoplimit ipv6-recvhopopts ipv6-recvpathmtu ipv6-recvpktinfo "
	"ipv6-recvrthdr ipv6-recvtclass ipv6-rthdr ipv6-tclass ipv6-unicast-hops ipv6-v6only ipv6only isig ispeed "
	"istrip iuclc ixany ixoff ixon join-group journal journal-data keepalive keepcnt keepidle keepintvl key "
	"kill largefile libwrap linger linger2 link listen-timeout lnext lock lockfile lockw login loopback lowport "
	"lseek lseek32 lseek32-cur lseek32-end lseek32-set lseek64 lseek64-cur lseek64-end lseek64-set master "
	"max-children max-version maxchildren maxseg maxseg-late membership min min-version mode mss mss-late mtu "
	"mtudiscover multicast multicast-if multicast-loop multicast-ttl multicastloop multicastttl ndelay new nl0 "
	"nl1 nldly no-check no-pi no-sni noarp noatime nocheck noctty nodelay nodump noflsh nofollow nofork "
	"nonblock nosni notrailers null-eof o-append o-async o-creat o-create o-direct o-directory o-dsync o-excl "
	"o-largefile o-ndelay o-noatime o-noctty o-nofollow o-nonblock o-rdonly o-rdwr o-rsync o-sync o-trunc "
	"o-wronly o_create o_direct o_directory o_dsync o_excl o_largefile o_ndelay o_noctty o_nofollow o_rdonly "
	"o_rdwr o_rsync o_sync o_wronly ocrnl ofdel ofill olcuc onlcr onlret onocr oobinline openpty openssl-cafile "
	"openssl-capath openssl-certificate openssl-cipherlist openssl-commonname openssl-compress openssl-dhparam "
	"openssl-dhparams openssl-egd openssl-key openssl-max-proto-version openssl-min-proto-version "
	"openssl-no-sni openssl-pseudo openssl-snihost openssl-verify opost ospeed owner parenb parmrk parodd "
	"passcred path peercred pendin perm perm-early perm-late pf pgid pipes pktinfo pktoptions pktopts "
	"pointopoint portsel priority promisc protocol protocol-family prototype proxy-auth proxy-authorization "
	"proxy-authorization-file proxy-resolve proxyauth proxyauthfile proxyport prterase pseudo ptmx pty "
	"pty-interval pty-intervall pty-wait-slave quickack quit range raw rawer rcvbuf rcvbuf-late rcvlowat rdonly "
	"rdwr readbytes recurse recvdstopts recverr recvhoplimit recvhopopts recvopts recvpktinfo recvrthdr recvtos "
	"recvttl remove reprint res-debug res-defnames res-dnsrch res-igntc res-recurse res-stayopen res-usevc "
	"resolv resolve retopts retry reuseaddr reuseport routeralert rprnt rsync rthdr running sane secrm "
	"security-authentication security-encryption-network security-encryption-transport securityauthentication "
	"securityencryptionnetwork securityencryptiontransport seek seek-cur seek-end seek-set setgid setgid-early "
	"setlk setlk-rd setlk-wr setlkw setlkw-rd setlkw-wr setpgid setsid setsockopt setsockopt-bin setsockopt-int "
	"setsockopt-listen setsockopt-string setuid setuid-early shut-close shut-down shut-none shut-null sid "
	"sighup sigint sigquit siocspgrp slave sndbuf sndbuf-late sndlowat snihost so-acceptconn so-attach-filter "
	"so-bindtodevice so-broadcast so-bsdcompat so-debug so-detach-filter so-dontroute so-error so-keepalive "
	"so-linger so-no-check so-oobinline so-passcred so-peercred so-priority so-protocol so-prototype so-rcvbuf "
	"so-rcvbuf-late so-rcvlowat so-reuseaddr so-reuseport so-security-authentication "
	"so-security-encryption-network so-security-encryption-transport so-sndbuf so-sndbuf-late so-sndlowat "
	"so-timestamp so-type sockopt sockopt-bin sockopt-int sockopt-listen sockopt-string socksport socksuser "
	"socktype sourceport sp start stayopen stderr stop su su-d su-e substuser substuser-delayed substuser-early "
	"susp swtc swtch symbolic-link sync syncnt tab0 tab1 tab2 tab3 tabdly tandem tcp-cork tcp-defer-accept "
	"tcp-info tcp-keepcnt tcp-keepidle tcp-keepintvl tcp-linger2 tcp-maxseg tcp-maxseg-late tcp-md5sig "
	"tcp-nodelay tcp-quickack tcp-syncnt tcp-window-clamp tcpwrap tcpwrap-dir tcpwrap-etc "
	"tcpwrap-hosts-allow-table tcpwrap-hosts-deny-table tcpwrapper tcpwrappers termios-cfmakeraw termios-rawer "
	"tightsocklen time timestamp tiocsctty topdir tos tostop transparent trunc truncate ttl tun-device tun-name "
	"tun-no-pi tun-type type uid uid-e uid-l umask unicast-hops unix-tightsocklen unlink unlink-close "
	"unlink-early unlink-late unrm up user user-early user-late usevc v6only vdiscard veof veol veol2 verase "
	"verify vintr vkill vlnext vmin vquit vreprint vstart vstop vsusp vswtc vt0 vt1 vtdly vtime vwerase "
	"wait-slave waitlock waitslave werase window-clamp wrap wronly xcase xtabs";

/* Each is ours, or something is said of it. */
static void test_all_options(void **state)
{
	char names[sizeof(socat_options)], text[160], error[ENDPOINT_ERROR_MAX];
	char *save = NULL;

	(void)state;
	memcpy(names, socat_options, sizeof(names));
	for (char *name = strtok_r(names, " ", &save); name != NULL; name = strtok_r(NULL, " ", &save)) {
		const char *words[] = { text };
		struct endpoint endpoint;

		snprintf(text, sizeof(text), "tcp:x:80,%s", name);
		error[0] = '\0';
		if (endpoint_parse(&endpoint, words, 1, CONNECT, error) == 0)
			endpoint_clear(&endpoint);
		else if (strstr(error, "no option") != NULL)
			fail_msg("%s", error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_hosts_stay_hosts),
		cmocka_unit_test(test_roles),	  cmocka_unit_test(test_two_endpoints),
		cmocka_unit_test(test_options),	  cmocka_unit_test(test_all_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
