/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PROXY protocol: which version, and which family. The versions themselves are in proxy_v1.c and proxy_v2.c. */
#include <errno.h>
#include <string.h>

#include "base/i18n.h"
#include "stream/proxy_private.h"

ssize_t proxy_refuse(const char **reason, const char *why)
{
	*reason = why;
	return -EPROTO;
}

/* The family an address is told as. */
static int told_family(const struct addr *addr)
{
	return addr_is_v4mapped(addr) ? AF_INET : addr_family(addr);
}

int proxy_family(const struct proxy_header *header)
{
	int source = told_family(&header->source), destination = told_family(&header->destination);

	if (header->is_local)
		return AF_UNSPEC;
	if (source == destination)
		return source == AF_INET || source == AF_INET6 || source == AF_UNIX ? source : AF_UNSPEC;
	/* One of them mapped, the other an IPv6 address: both fit IPv6. */
	if ((source == AF_INET && destination == AF_INET6) || (source == AF_INET6 && destination == AF_INET))
		return AF_INET6;
	return AF_UNSPEC;
}

struct addr proxy_addr_as(const struct addr *addr, int family)
{
	struct addr as = *addr;

	if (family == AF_INET && addr_is_v4mapped(addr)) {
		addr_set_any(&as, AF_INET, addr_port(addr));
		memcpy(&as.in.sin_addr, &addr->in6.sin6_addr.s6_addr[12], sizeof(as.in.sin_addr));
	} else if (family == AF_INET6 && addr_family(addr) == AF_INET) {
		addr_set_any(&as, AF_INET6, addr_port(addr));
		memset(&as.in6.sin6_addr.s6_addr[10], 0xff, 2);
		memcpy(&as.in6.sin6_addr.s6_addr[12], &addr->in.sin_addr, sizeof(addr->in.sin_addr));
	}
	return as;
}

size_t proxy_header_write(const struct proxy_header *header, uint8_t *dst)
{
	return header->version == PROXY_V1 ? proxy_v1_write(header, dst) : proxy_v2_write(header, dst);
}

/* Do the bytes begin with the signature, as far as they go? */
static bool begins(const uint8_t *data, size_t len, const char *signature, size_t signature_len)
{
	return memcmp(data, signature, len < signature_len ? len : signature_len) == 0;
}

ssize_t proxy_header_read(const uint8_t *data, size_t len, struct proxy_header *header, const char **reason)
{
	if (len == 0)
		return 0;
	/* 2.2, "Identifying the protocol version": the signatures differ from the first byte. */
	if (begins(data, len, PROXY_V2_SIGNATURE, PROXY_V2_SIGNATURE_LEN))
		return proxy_v2_read(data, len, header, reason);
	if (begins(data, len, PROXY_V1_SIGNATURE, PROXY_V1_SIGNATURE_LEN))
		return proxy_v1_read(data, len, header, reason);
	return proxy_refuse(reason, _("it begins with other bytes"));
}
