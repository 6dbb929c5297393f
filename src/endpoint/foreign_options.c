/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the addresses of socat: see foreign.h. Those of sockets that are called so here too are not among them. */
#include "base/i18n.h"
#include "base/util.h"
#include "endpoint/foreign.h"
#include "endpoint/foreign_private.h"

static const struct foreign_words options[] = {
	/* Clients. */
	{ .names = "fork",
	  .sentence = N_("many clients are served with -k (--keep-open) of listen; a relay serves them anyway") },
	{ .names = "max-children maxchildren", .sentence = N_("how many clients there may be says --max-conns N") },
	{ .names = "backlog", .sentence = N_("the limit of the accept queue is set with --backlog N") },
	{ .names = "range tcpwrap tcpwrappers libwrap hosts-allow hosts-deny allow-table deny-table "
		   "tcpwrap-dir tcpwrap-etc tcpwrap-hosts-allow-table tcpwrap-hosts-deny-table tcpwrapper wrap",
	  .sentence = N_("who may connect is said with --allow RULE and --deny RULE") },
	{ .names = "accept-timeout listen-timeout",
	  .sentence = N_("how long a client is waited for says --accept-timeout TIME of listen") },
	/* Connecting. */
	{ .names = "connect-timeout", .sentence = N_("how long connecting may take says --connect-timeout TIME (-w)") },
	{ .names = "retry forever interval intervall",
	  .sentence = N_("to try again is an option of connect: --retry N|forever,TIME") },
	{ .names = "sourceport sp lowport",
	  .sentence = N_("the port to connect from is part of bind=ADDR:PORT; of connect it is --source-port too") },
	{ .names = "proxyport proxyauth proxy-auth proxy-authorization proxyauthfile proxy-authorization-file "
		   "proxy-resolve socksport socksuser "
		   "ignorecr resolv resolve",
	  .sentence = N_("all about a proxy is in --proxy KIND://USER@HOST:PORT and --proxy-auth-file FILE") },
	{ .names = "pf protocol-family ai-family",
	  .sentence = N_("the kind says the version of IP: tcp4, tcp6, udp4, udp6") },
	{ .names = "type so-type socktype prototype so-prototype so-protocol protocol",
	  .sentence = N_("the kind says the type of the socket: tcp, udp, unix, unix-dgram, unix-seqpacket") },
	/* The end of a session. */
	{ .names = "shut-none shutnone shut-null shutnull null-eof",
	  .sentence = N_("the end of standard input is not passed on with --no-shutdown of listen and connect") },
	{ .names = "shut-down shutdown shut-close shutclose end-close close",
	  .sentence = N_("an end is passed on as a half-close; when a session is over says --until of listen and "
			 "connect") },
	{ .names = "ignoreeof ignoreof",
	  .sentence = N_("a file that grows is followed by another program: tail -f FILE | sockt ...") },
	{ .names = "readbytes bytes", .sentence = N_("after how many bytes a connection ends says --limit SIZE") },
	/* Data. */
	{ .names = "crnl crlf", .sentence = N_("lines end with CR LF with --crlf of listen and connect (-C)") },
	{ .names = "cr", .sentence = N_("lines that end with a CR alone are not in this version; with CR LF: --crlf") },
	/* Who runs it. */
	{ .names = "su su-d setuid setuid-early substuser substuser-delayed substuser-early su-e setgid setgid-early",
	  .sentence = N_("another user is named with --user NAME") },
	{ .names = "chroot chroot-early", .sentence = N_("another root directory is named with --chroot DIR") },
	/* Options of sockets that have another name here. */
	{ .names = "keepidle tcp-keepidle", .sentence = N_("after how much silence is asked says keepalive=TIME") },
	{ .names = "keepintvl tcp-keepintvl", .sentence = N_("it is called TCP_KEEPINTVL here") },
	{ .names = "keepcnt tcp-keepcnt", .sentence = N_("it is called TCP_KEEPCNT here") },
	{ .names = "bindtodevice so-bindtodevice if", .sentence = N_("it is called interface here: interface=NAME") },
	{ .names = "ipv6only ipv6-v6only", .sentence = N_("it is called v6only here") },
	{ .names = "maxseg mss-late", .sentence = N_("it is called mss here: mss=N") },
	{ .names = "pktopts", .sentence = N_("it is called IP_PKTOPTIONS here") },
	{ .names = "ip-add-membership add-membership ip-membership membership ipv6-join-group join-group "
		   "ipv6-add-membership",
	  .sentence = N_("it is called join here: join=GROUP@INTERFACE") },
	{ .names = "setsockopt setsockopt-int setsockopt-bin setsockopt-string sockopt sockopt-int sockopt-bin "
		   "sockopt-string setsockopt-listen setsockopt-connected "
		   "sockopt-listen",
	  .sentence = N_("an option without a name is LEVEL:NUMBER=VALUE: 6:23=5, socket:36=1, ip:8=x0102") },
	/* Programs. */
	{ .names = "nofork", .sentence = N_("a program runs beside sockt, which moves the data; leave nofork out") },
	{ .names = "stderr",
	  .sentence = N_("the standard error of a program is that of sockt; sh:COMMAND 2>&1 sends it") },
	{ .names = "setsid ctty openpty ptmx "
		   "sid",
	  .sentence = N_("with pty a program has a session and a terminal of its own") },
	{ .names = "pipes", .sentence = N_("what a program has for its input and output is chosen by sockt") },
	{ .names = "login dash path fdin fdout setpgid pgid sighup sigint sigquit",
	  .sentence = N_("how a program is started is written in sh:COMMAND") },
	/* Terminals. */
	{ .names = "raw rawer cfmakeraw termios-rawer termios-cfmakeraw icanon isig opost escape noecho",
	  .sentence = N_("a terminal is set and put back by sockt itself; --raw passes control bytes to it") },
	{ .names = "b0 b50 b75 b110 b134 b150 b200 b300 b600 b1200 b1800 b2400 b4800 b9600 b19200 b38400 b57600 "
		   "b115200 b230400 b460800 b500000 b576000 b921600 b1000000 b1152000 b1500000 b2000000 b2500000 "
		   "b3000000 b3500000 b4000000 brkint bs0 bs1 bsdly clocal cr0 cr1 cr2 cr3 crdly cread crterase "
		   "crtkill crtscts cs5 cs6 cs7 cs8 csize cstopb ctlecho discard echo echoctl echoe echok echoke "
		   "echonl echoprt eof eol eol2 erase ff0 ff1 ffdly flusho hup hupcl icrnl iexten ignbrk igncr "
		   "ignpar imaxbel inlcr inpck intr ispeed istrip iuclc ixany ixoff ixon kill lnext min nl0 nl1 "
		   "nldly noflsh ocrnl ofdel ofill olcuc onlcr onlret onocr ospeed parenb parmrk parodd pendin "
		   "prterase quit reprint rprnt sane start stop susp swtc swtch tab0 tab1 tab2 tab3 tabdly tandem "
		   "time tostop vdiscard veof veol veol2 verase vintr vkill vlnext vmin vquit vreprint vstart vstop "
		   "vsusp vswtc vt0 vt1 vtdly vtime vwerase werase xcase xtabs",
	  .sentence = N_("a serial line is set before, by stty(1): stty -F DEVICE 115200 raw -echo; then it is "
			 "file:DEVICE of relay") },
	{ .names = "pty-interval pty-intervall pty-wait-slave wait-slave waitslave",
	  .sentence = N_("the terminal of pty is there at once, and waits for a program that opens it") },
	{ .names = "symbolic-link",
	  .sentence = N_("it is called link here: link=PATH") },
	/* Files, of Unix sockets too. */
	{ .names = "gid gid-e gid-l group group-early group-late uid uid-e uid-l user user-early user-late",
	  .sentence = N_("of the file of a Unix socket that listens it is owner=USER:GROUP here, where owner=:GROUP "
			 "changes the group alone (--owner)") },
	{ .names = "perm perm-early perm-late umask",
	  .sentence = N_("of the file of a Unix socket that listens it is mode=MODE here (--mode); it has 0600 "
			 "unless given") },
	{ .names = "async creat create direct directory dsync excl ftruncate ftruncate32 ftruncate64 largefile "
		   "noatime noctty nofollow o-append o-async o-creat o-create o-direct o-directory o-dsync o-excl "
		   "o-largefile o-noatime o-noctty o-nofollow o-rdonly o-rdwr o-rsync o-sync o-trunc o-wronly "
		   "o_create o_direct o_directory o_dsync o_excl o_largefile o_noctty o_nofollow o_rdonly o_rdwr "
		   "o_rsync o_sync o_wronly rdonly rdwr rsync sync trunc truncate wronly",
	  .sentence = N_("a file is read as FROM, and made and emptied as TO (kept: append); any other way the shell "
			 "opens it: <> FILE") },
	{ .names = "lseek lseek32 lseek64 lseek32-cur lseek64-cur lseek32-end lseek64-end lseek32-set lseek64-set "
		   "seek seek-cur seek-end seek-set",
	  .sentence = N_("where in a file it begins says another program: tail -c +N FILE | sockt ...") },
	{ .names = "compr dirsync ext2-append ext3-append ext2-compr ext3-compr ext2-dirsync ext3-dirsync "
		   "ext2-immutable ext3-immutable ext2-journal-data ext3-journal-data ext2-noatime ext3-noatime "
		   "ext2-nodump ext3-nodump ext2-notail ext3-notail ext2-secrm ext3-secrm ext2-sync ext3-sync "
		   "ext2-topdir ext3-topdir ext2-unrm ext3-unrm fs-append fs-compr fs-dirsync fs-immutable "
		   "fs-journal-data fs-noatime fs-nodump fs-notail fs-secrm fs-sync fs-topdir fs-unrm immutable "
		   "journal journal-data nodump secrm topdir unrm",
	  .sentence = N_("attributes of a file are set with chattr(1)") },
	{ .names = "unlink unlink-early unlink-late unlink-close keepfile new "
		   "delete remove",
	  .sentence = N_("the file of a Unix socket is removed at the end, and a stale one is replaced") },
	{ .names = "nonblock o-nonblock ndelay cloexec coolwrite cool-write "
		   "o-ndelay o_ndelay tightsocklen unix-tightsocklen",
	  .sentence = N_("that needs not be said: leave it out") },
	{ .names = "lockfile waitlock "
		   "f-setlk f-setlk-rd f-setlk-wr f-setlkw f-setlkw-rd f-setlkw-wr flock flock-ex flock-ex-nb "
		   "flock-nb flock-sh flock-sh-nb lock lockw setlk setlk-rd setlk-wr setlkw setlkw-rd setlkw-wr",
	  .sentence = N_("a lock is taken by what starts sockt: flock(1)") },
	/* The rest. */
	{ .names = "allmulti automedia iff-allmulti iff-automedia iff-broadcast iff-debug iff-loopback iff-master "
		   "iff-multicast iff-no-pi iff-noarp iff-notrailers iff-pointopoint iff-portsel iff-promisc "
		   "iff-running iff-slave iff-up loopback master multicast no-pi noarp notrailers pointopoint "
		   "portsel promisc running slave tun-device tun-name tun-no-pi tun-type up",
	  .sentence = N_("interfaces of the network are not in this version") },
	{ .names = "defnames dnsrch igntc recurse res-debug res-defnames res-dnsrch res-igntc res-recurse "
		   "res-stayopen res-usevc stayopen usevc",
	  .sentence = N_("how names are looked up is said in resolv.conf(5), and in the variable RES_OPTIONS") },
	{ .names = "fiosetown ioctl ioctl-bin ioctl-int ioctl-intp ioctl-string ioctl-void siocspgrp tiocsctty",
	  .sentence = N_("calls of ioctl(2) are not in this version") },
	{ .names = "security-authentication security-encryption-network security-encryption-transport "
		   "securityauthentication securityencryptionnetwork securityencryptiontransport "
		   "so-security-authentication so-security-encryption-network so-security-encryption-transport",
	  .sentence = N_("IPsec of the socket is not in this version; the host has it (ip-xfrm(8))") },
	/* TLS. */
	{ .names = "cert certificate key cafile capath verify cipher ciphers cipherlist commonname cn snihost no-sni "
		   "nosni dhparam dhparams dh min-version max-version method compress openssl-cert openssl-certificate "
		   "openssl-key openssl-cafile openssl-capath openssl-verify openssl-cipherlist openssl-commonname "
		   "openssl-snihost openssl-no-sni openssl-dhparam openssl-dhparams openssl-compress openssl-method "
		   "openssl-min-proto-version openssl-max-proto-version "
		   "egd openssl-egd openssl-pseudo pseudo",
	  .sentence = N_("TLS is not in this version") },
};

const struct foreign_words *foreign_option_at(size_t index)
{
	return index < ARRAY_LEN(options) ? &options[index] : NULL;
}

const struct foreign_words *foreign_option_find(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (foreign_words_have(options[i].names, word, len))
			return &options[i];
	}
	return NULL;
}
