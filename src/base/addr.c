/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket addresses as values. */
#include "base/addr.h"

#include "base/buf.h"
#include "base/decimal.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* Where the name of a Unix socket begins in its address. */
#define UN_PATH_OFFSET offsetof(struct sockaddr_un, sun_path)
#define UN_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)

/* ---- Zones -------------------------------------------------------------------------------------------------- */

/*
 * Look up an interface among those that have an IPv6 address: by name where name[0] is set, else by *index. Fills the
 * other. libc's if_nametoindex() opens a socket for this question, which a program that shows every socket call cannot
 * have; an interface that a zone means has an IPv6 address, so that the kernel's list of those answers it.
 */
static bool find_interface(char name[IF_NAMESIZE], unsigned *index)
{
	FILE *list = fopen("/proc/net/if_inet6", "re");
	char line[256];
	bool is_found = false;

	if (list == NULL)
		return false;
	while (!is_found && fgets(line, sizeof(line), list) != NULL) {
		char line_name[IF_NAMESIZE];
		unsigned line_index;
		if (sscanf(line, "%*32s %x %*x %*x %*x %15s", &line_index, line_name) != 2)
			continue;
		is_found = name[0] != '\0' ? strcmp(name, line_name) == 0 : line_index == *index;
		if (is_found) {
			memcpy(name, line_name, sizeof(line_name));
			*index = line_index;
		}
	}
	fclose(list);
	return is_found;
}

/* Read a zone, a number or the name of an interface. Returns 0, -EINVAL or -ENODEV. */
static int parse_zone(const char *zone, uint32_t *scope)
{
	char name[IF_NAMESIZE] = "";
	size_t len = strlen(zone);
	unsigned index = 0;
	uint64_t number;

	if (len == 0)
		return -EINVAL;
	if (parse_uint(zone, NULL, 1, UINT32_MAX, &number, NULL) == 0) {
		*scope = (uint32_t)number;
		return 0;
	}
	if (len >= sizeof(name))
		return -ENODEV;
	memcpy(name, zone, len + 1);
	/* An interface that is down or has no IPv6 is not in the list, yet is named rightly. */
	if (!find_interface(name, &index))
		index = if_nametoindex(zone);
	if (index == 0)
		return -ENODEV;
	*scope = index;
	return 0;
}

/* Add "%eth0", or "%3" where the interface is not known (any more). */
static void add_zone(struct text *text, uint32_t scope)
{
	char name[IF_NAMESIZE] = "", shown[IF_NAMESIZE * 4];
	unsigned index = scope;

	if (find_interface(name, &index)) {
		escape_c(name, strlen(name), shown, sizeof(shown));
		text_addf(text, "%%%s", shown);
	} else {
		text_addf(text, "%%%" PRIu32, scope);
	}
}

/* ---- Making ------------------------------------------------------------------------------------------------- */

void addr_set(struct addr *addr, const struct sockaddr *sa, socklen_t len)
{
	const size_t room = sizeof(*addr) - offsetof(struct addr, sa);

	*addr = (struct addr){ .len = len < room ? len : (socklen_t)room };
	if (addr->len > 0)
		memcpy(&addr->sa, sa, addr->len);
}

int addr_parse_ip(struct addr *addr, const char *text, uint16_t port)
{
	struct addr parsed = { .len = sizeof(parsed.in) };
	char host[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, text, &parsed.in.sin_addr) == 1) {
		parsed.in.sin_family = AF_INET;
		parsed.in.sin_port = htons(port);
		*addr = parsed;
		return 0;
	}

	size_t host_len = strcspn(text, "%");
	if (host_len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, host_len);
	host[host_len] = '\0';
	parsed = (struct addr){ .len = sizeof(parsed.in6) };
	if (inet_pton(AF_INET6, host, &parsed.in6.sin6_addr) != 1)
		return -EINVAL;
	if (text[host_len] == '%') {
		int ret = parse_zone(text + host_len + 1, &parsed.in6.sin6_scope_id);
		if (ret < 0)
			return ret;
	}
	parsed.in6.sin6_family = AF_INET6;
	parsed.in6.sin6_port = htons(port);
	*addr = parsed;
	return 0;
}

int addr_set_unix(struct addr *addr, const char *path)
{
	bool is_abstract = path[0] == '@';
	size_t len = strlen(path);

	if (len == (is_abstract ? 1 : 0))
		return -EINVAL;
	/* A path is ended by NUL; an abstract name has its NUL in front, where the '@' is. */
	size_t room = is_abstract ? UN_PATH_SIZE : UN_PATH_SIZE - 1;
	if (len > room)
		return -ENAMETOOLONG;
	*addr = (struct addr){ .len = (socklen_t)(UN_PATH_OFFSET + len + !is_abstract) };
	addr->un.sun_family = AF_UNIX;
	memcpy(addr->un.sun_path, path, len);
	if (is_abstract)
		addr->un.sun_path[0] = '\0';
	return 0;
}

void addr_set_any(struct addr *addr, int family, uint16_t port)
{
	*addr = (struct addr){ .len = family == AF_INET6 ? sizeof(addr->in6) : sizeof(addr->in) };
	addr->sa.sa_family = (sa_family_t)family;
	addr_set_port(addr, port);
}

void addr_set_vsock(struct addr *addr, uint32_t cid, uint32_t port)
{
	*addr = (struct addr){ .len = sizeof(addr->vm) };
	addr->vm.svm_family = AF_VSOCK;
	addr->vm.svm_cid = cid;
	addr->vm.svm_port = port;
}

/* ---- Asking ------------------------------------------------------------------------------------------------- */

int addr_family(const struct addr *addr)
{
	return addr->len >= sizeof(sa_family_t) ? addr->sa.sa_family : AF_UNSPEC;
}

uint16_t addr_port(const struct addr *addr)
{
	switch (addr_family(addr)) {
	case AF_INET:
		return ntohs(addr->in.sin_port);
	case AF_INET6:
		return ntohs(addr->in6.sin6_port);
	default:
		return 0;
	}
}

void addr_set_port(struct addr *addr, uint16_t port)
{
	switch (addr_family(addr)) {
	case AF_INET:
		addr->in.sin_port = htons(port);
		break;
	case AF_INET6:
		addr->in6.sin6_port = htons(port);
		break;
	default:
		break;
	}
}

/* The bytes of a Unix name: a path without its NUL, an abstract name with the NUL in front, nothing. */
static size_t unix_name_len(const struct addr *addr)
{
	size_t len = addr->len > UN_PATH_OFFSET ? addr->len - UN_PATH_OFFSET : 0;

	if (len == 0 || addr->un.sun_path[0] == '\0')
		return len;
	return strnlen(addr->un.sun_path, len);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	if (addr_family(a) != addr_family(b))
		return false;
	switch (addr_family(a)) {
	case AF_INET:
		return a->in.sin_port == b->in.sin_port && a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	case AF_INET6:
		return a->in6.sin6_port == b->in6.sin6_port && a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
		       IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr);
	case AF_VSOCK:
		return a->vm.svm_cid == b->vm.svm_cid && a->vm.svm_port == b->vm.svm_port;
	case AF_UNIX: {
		size_t len = unix_name_len(a);
		return len == unix_name_len(b) && memcmp(a->un.sun_path, b->un.sun_path, len) == 0;
	}
	default:
		return a->len == b->len && memcmp(&a->sa, &b->sa, a->len) == 0;
	}
}

/* One more value into a hash. */
static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = hash_add(hash, ((const uint8_t *)bytes)[i]);
	return hash;
}

uint32_t addr_hash(const struct addr *addr, uint32_t seed)
{
	uint32_t hash = hash_begin(seed);

	switch (addr_family(addr)) {
	case AF_INET:
		hash = hash_bytes(hash, &addr->in.sin_addr, sizeof(addr->in.sin_addr));
		hash = hash_bytes(hash, &addr->in.sin_port, sizeof(addr->in.sin_port));
		break;
	case AF_INET6:
		hash = hash_bytes(hash, &addr->in6.sin6_addr, sizeof(addr->in6.sin6_addr));
		hash = hash_bytes(hash, &addr->in6.sin6_port, sizeof(addr->in6.sin6_port));
		break;
	case AF_VSOCK:
		hash = hash_bytes(hash, &addr->vm.svm_cid, sizeof(addr->vm.svm_cid));
		hash = hash_bytes(hash, &addr->vm.svm_port, sizeof(addr->vm.svm_port));
		break;
	case AF_UNIX:
		hash = hash_bytes(hash, addr->un.sun_path, unix_name_len(addr));
		break;
	default:
		break;
	}
	/* The lower bits of the product know little of the upper ones. */
	return hash ^ hash >> 15;
}

bool addr_is_v4mapped(const struct addr *addr)
{
	return addr_family(addr) == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr);
}

void addr_unmap(struct addr *addr)
{
	struct sockaddr_in6 mapped = addr->in6;

	if (!addr_is_v4mapped(addr))
		return;
	addr_set_any(addr, AF_INET, ntohs(mapped.sin6_port));
	memcpy(&addr->in.sin_addr, &mapped.sin6_addr.s6_addr[12], sizeof(addr->in.sin_addr));
}

/* The IPv4 address in host order, of an IPv4-mapped one too; false for others. */
static bool get_ipv4(const struct addr *addr, uint32_t *ipv4)
{
	struct in_addr in;

	if (addr_is_v4mapped(addr))
		memcpy(&in, &addr->in6.sin6_addr.s6_addr[12], sizeof(in));
	else if (addr_family(addr) == AF_INET)
		in = addr->in.sin_addr;
	else
		return false;
	*ipv4 = ntohl(in.s_addr);
	return true;
}

bool addr_is_loopback(const struct addr *addr)
{
	uint32_t ipv4;

	if (get_ipv4(addr, &ipv4))
		return ipv4 >> 24 == IN_LOOPBACKNET;
	return addr_family(addr) == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&addr->in6.sin6_addr);
}

bool addr_is_wildcard(const struct addr *addr)
{
	uint32_t ipv4;

	if (get_ipv4(addr, &ipv4))
		return ipv4 == INADDR_ANY;
	return addr_family(addr) == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&addr->in6.sin6_addr);
}

/* ---- Writing ------------------------------------------------------------------------------------------------ */

/* Add the name of a Unix socket, its unprintable bytes escaped. */
static void add_unix_name(struct text *text, const struct addr *addr)
{
	char shown[ADDR_TEXT_MAX];
	size_t len = unix_name_len(addr);

	if (len == 0) {
		text_add(text, "(unnamed)");
		return;
	}
	bool is_abstract = addr->un.sun_path[0] == '\0';
	escape_c(addr->un.sun_path + is_abstract, len - is_abstract, shown, sizeof(shown));
	text_addf(text, "%s%s", is_abstract ? "@" : "", shown);
}

/* Add an IP address without port; for_people writes IPv4-mapped ones as IPv4. */
static void add_ip(struct text *text, const struct addr *addr, bool for_people)
{
	char host[INET6_ADDRSTRLEN];
	uint32_t ipv4;

	if ((for_people || addr_family(addr) == AF_INET) && get_ipv4(addr, &ipv4)) {
		for (int shift = 24; shift >= 0; shift -= 8) {
			char byte[DECIMAL_MAX];

			text_add_bytes(text, byte, decimal_write(ipv4 >> shift & 0xff, byte));
			text_add_bytes(text, ".", shift > 0);
		}
		return;
	}
	text_add(text, inet_ntop(AF_INET6, &addr->in6.sin6_addr, host, sizeof(host)));
	if (addr->in6.sin6_scope_id != 0)
		add_zone(text, addr->in6.sin6_scope_id);
}

/* Add the context id of a vsock address (vsock(7)): which machine. */
static void add_cid(struct text *text, const struct addr *addr)
{
	if (addr->vm.svm_cid == VMADDR_CID_ANY)
		text_add(text, "*");
	else
		text_addf(text, "%" PRIu32, addr->vm.svm_cid);
}

/* Add an address of a family that has no IP: true where it was one. */
static bool add_other(struct text *text, const struct addr *addr)
{
	switch (addr_family(addr)) {
	case AF_INET:
	case AF_INET6:
		return false;
	case AF_UNIX:
		add_unix_name(text, addr);
		return true;
	case AF_VSOCK:
		add_cid(text, addr);
		if (addr->vm.svm_port == VMADDR_PORT_ANY)
			text_add(text, ":*");
		else
			text_addf(text, ":%" PRIu32, addr->vm.svm_port);
		return true;
	case AF_UNSPEC:
		text_add(text, "(none)");
		return true;
	default:
		text_addf(text, "(family %d)", addr_family(addr));
		return true;
	}
}

const char *addr_format(const struct addr *addr, char *dst, size_t size)
{
	bool has_brackets = addr_family(addr) == AF_INET6;
	char port[DECIMAL_MAX];
	struct text text;

	text_init(&text, dst, size);
	if (add_other(&text, addr))
		return dst;
	text_add(&text, has_brackets ? "[" : "");
	add_ip(&text, addr, false);
	text_add(&text, has_brackets ? "]:" : ":");
	text_add_bytes(&text, port, decimal_write(addr_port(addr), port));
	return dst;
}

const char *addr_format_words(const struct addr *addr, char *dst, size_t size)
{
	char host[ADDR_TEXT_MAX];
	struct text text;

	text_init(&text, dst, size);
	if (addr_family(addr) == AF_VSOCK) {
		text_add(&text, _("vsock "));
		add_other(&text, addr);
		return dst;
	}
	if (add_other(&text, addr))
		return dst;
	addr_format_host(addr, host, sizeof(host));
	text_addf(&text, _("%1$s port %2$u"), host, (unsigned)addr_port(addr));
	return dst;
}

const char *addr_format_host(const struct addr *addr, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	if (!add_other(&text, addr))
		add_ip(&text, addr, true);
	return dst;
}
