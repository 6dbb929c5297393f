/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that name an interface or a multicast group: see sockopt_group.h. */
#include "endpoint/sockopt_group.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"

#define SHOWN_MAX 60

/* The number of an interface, by its name or as it is. Returns 0 or -errno with error filled. */
static int read_index(const char *what, const char *text, int *index, char *error)
{
	char shown[SHOWN_MAX];
	uint64_t number;
	int ret = 0;

	if (text[0] != '\0' && strspn(text, "0123456789") == strlen(text)) {
		ret = parse_uint(text, what, 0, INT_MAX, &number, error);
		*index = ret < 0 ? 0 : (int)number;
		return ret;
	}
	*index = (int)if_nametoindex(text);
	if (*index != 0)
		return 0;
	escape_c(text, strlen(text), shown, sizeof(shown));
	snprintf(error, PARSE_ERROR_MAX, _("%1$s: there is no interface \"%2$s\"; `ip link` lists them"), what, shown);
	return -EINVAL;
}

int sockopt_group_parse_index(const char *what, const char *text, bool is_be, struct sockopt_value *value,
			      char *error)
{
	int index, ret = read_index(what, text, &index, error);

	if (ret < 0)
		return ret;
	value->number = is_be ? (int)htonl((uint32_t)index) : index;
	value->len = sizeof(value->number);
	return 0;
}

/* Fill where: by an address of this host, or an interface. */
static int read_interface(const char *what, const char *text, struct ip_mreqn *where, char *error)
{
	if (inet_pton(AF_INET, text, &where->imr_address) == 1)
		return 0;
	return read_index(what, text, &where->imr_ifindex, error);
}

static void set_bytes(struct sockopt_value *value, const void *bytes, size_t len)
{
	memcpy(value->bytes, bytes, len);
	value->len = (socklen_t)len;
}

int sockopt_group_parse_sender(const char *what, const char *text, struct sockopt_value *value, char *error)
{
	struct ip_mreqn where = { .imr_ifindex = 0 };
	int ret = read_interface(what, text, &where, error);

	if (ret == 0)
		set_bytes(value, &where, sizeof(where));
	return ret;
}

/* The address in front of the @, or of the % of a zone (RFC 4007), and what is behind it (NULL: nothing). */
static bool split(const char *text, struct addr *group, const char **interface)
{
	const char *at = strpbrk(text, "@%");
	size_t len = at == NULL ? strlen(text) : (size_t)(at - text);
	char address[INET6_ADDRSTRLEN + 2];

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	*interface = at == NULL ? NULL : at + 1;
	return addr_parse_ip(group, address, 0) == 0;
}

int sockopt_group_family(const char *text)
{
	struct addr group;
	const char *interface;

	return split(text, &group, &interface) ? addr_family(&group) : AF_UNSPEC;
}

static int refuse(const char *what, const char *text, char *error)
{
	char shown[SHOWN_MAX];

	escape_c(text, strlen(text), shown, sizeof(shown));
	snprintf(error, PARSE_ERROR_MAX,
		 _("%1$s: \"%2$s\" is no group: 224.0.0.0 to 239.255.255.255 or ff00::/8, as 239.1.2.3 or "
		   "ff15::1@eth0"),
		 what, shown);
	return -EINVAL;
}

static int parse_group4(const char *what, const char *text, const struct addr *group, const char *interface,
			struct sockopt_value *value, char *error)
{
	struct ip_mreqn request = { .imr_multiaddr = group->in.sin_addr };
	int ret = interface == NULL ? 0 : read_interface(what, interface, &request, error);

	if (ret < 0)
		return ret;
	if (!IN_MULTICAST(ntohl(group->in.sin_addr.s_addr)))
		return refuse(what, text, error);
	set_bytes(value, &request, sizeof(request));
	return 0;
}

static int parse_group6(const char *what, const char *text, const struct addr *group, const char *interface,
			struct sockopt_value *value, char *error)
{
	struct ipv6_mreq request = { .ipv6mr_multiaddr = group->in6.sin6_addr };
	int index = 0, ret = interface == NULL ? 0 : read_index(what, interface, &index, error);

	if (ret < 0)
		return ret;
	if (!IN6_IS_ADDR_MULTICAST(&group->in6.sin6_addr))
		return refuse(what, text, error);
	request.ipv6mr_interface = (unsigned)index;
	set_bytes(value, &request, sizeof(request));
	return 0;
}

int sockopt_group_parse(const char *what, const char *text, int family, struct sockopt_value *value, char *error)
{
	struct addr group;
	const char *interface;

	if (!split(text, &group, &interface) || addr_family(&group) != family)
		return refuse(what, text, error);
	return family == AF_INET ? parse_group4(what, text, &group, interface, value, error) :
				   parse_group6(what, text, &group, interface, value, error);
}

void sockopt_group_format(const void *value, socklen_t len, char *dst, size_t size)
{
	char group[INET6_ADDRSTRLEN] = "?", address[INET_ADDRSTRLEN], name[IF_NAMESIZE] = "";
	struct ip_mreqn four;
	struct ipv6_mreq six;
	unsigned index;

	if (len == sizeof(four)) {
		memcpy(&four, value, sizeof(four));
		inet_ntop(AF_INET, &four.imr_multiaddr, group, sizeof(group));
		index = (unsigned)four.imr_ifindex;
		if (four.imr_address.s_addr != 0) {
			snprintf(dst, size, "%s@%s", group,
				 inet_ntop(AF_INET, &four.imr_address, address, sizeof(address)));
			return;
		}
	} else {
		memcpy(&six, value, sizeof(six));
		inet_ntop(AF_INET6, &six.ipv6mr_multiaddr, group, sizeof(group));
		index = six.ipv6mr_interface;
	}
	if (index == 0)
		snprintf(dst, size, "%s", group);
	else
		snprintf(dst, size, "%s@%s", group, if_indextoname(index, name) == NULL ? "?" : name);
}
