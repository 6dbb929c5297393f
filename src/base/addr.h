/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket addresses as values: of any family, compared and written as people write them.
 * Knows nothing of names or resolving.
 */
#ifndef SOCKT_BASE_ADDR_H
#define SOCKT_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Behind sys/socket.h, which it wants. */
#include <linux/vm_sockets.h>

/* Room for any address in text: a Unix path whose every byte is escaped, with the kind before it. */
#define ADDR_TEXT_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) * 4 + 16)

struct addr {
	socklen_t len; /* 0: no address */
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_vm vm;
	};
};

/* Fill addr from the kernel's sockaddr of len bytes; longer ones than struct addr can hold are cut. */
void addr_set(struct addr *addr, const struct sockaddr *sa, socklen_t len);

/*
 * Read a numeric IPv4 or IPv6 address, without brackets; IPv6 may carry a zone ("fe80::1%eth0", "%3").
 *   port   in host order
 * Returns 0; -EINVAL where text is not a numeric address; -ENODEV where the zone names no interface.
 * addr is written only on success. Never asks a resolver.
 */
int addr_parse_ip(struct addr *addr, const char *text, uint16_t port);

/*
 * Make the address of a Unix socket: a path, or "@name" for the abstract name space.
 * Returns 0, -EINVAL for an empty path or name, -ENAMETOOLONG where it is longer than
 * sockaddr_un holds (107 bytes; unix(7)).
 */
int addr_set_unix(struct addr *addr, const char *path);

/* The wildcard (every address of this host) of AF_INET or AF_INET6, with port in host order. */
void addr_set_any(struct addr *addr, int family, uint16_t port);

/* The address of a socket of virtual machines (vsock(7)); VMADDR_CID_ANY and VMADDR_PORT_ANY: any. */
void addr_set_vsock(struct addr *addr, uint32_t cid, uint32_t port);

/* The family (AF_INET, ...), AF_UNSPEC where there is no address. */
int addr_family(const struct addr *addr);

/* Port in host order; 0 for a family that has none. */
uint16_t addr_port(const struct addr *addr);
void addr_set_port(struct addr *addr, uint16_t port);

/* Same family, address, port, zone (of Unix sockets: the same name). */
bool addr_equal(const struct addr *a, const struct addr *b);

/* A number that equal addresses have in common; which one depends on the seed. */
uint32_t addr_hash(const struct addr *addr, uint32_t seed);

bool addr_is_loopback(const struct addr *addr);
bool addr_is_wildcard(const struct addr *addr);
/* ::ffff:a.b.c.d */
bool addr_is_v4mapped(const struct addr *addr);
/* Make the IPv4 address of an IPv4-mapped one. Others stay. */
void addr_unmap(struct addr *addr);

/*
 * Write addr as the trace shows it, as the kernel gave it: "127.0.0.1:9000", "[::1]:9000",
 * "[fe80::1%eth0]:9000", "/run/x.sock", "@name", "(unnamed)", of vsock "2:9000", "*:9000". Unprintable bytes of a Unix
 * name are escaped.
 * dst of size bytes is always ended by NUL; ADDR_TEXT_MAX is enough. Returns dst.
 */
const char *addr_format(const struct addr *addr, char *dst, size_t size);

/*
 * Write addr as an error message names it: "127.0.0.1 port 9000", "::1 port 9000", "/run/x.sock", "vsock 2:9000";
 * IPv4-mapped addresses as IPv4. Otherwise as addr_format.
 */
const char *addr_format_words(const struct addr *addr, char *dst, size_t size);

/* Only the host part, without brackets or port, IPv4-mapped as IPv4; the name of a Unix socket. */
const char *addr_format_host(const struct addr *addr, char *dst, size_t size);

#endif
