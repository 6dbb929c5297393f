/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a socket option could not be set, and what to do. failure->target is CONSTANT=VALUE. */
#include <errno.h>
#include <string.h>

#include "base/i18n.h"
#include "engine/diagnose.h"

#define ROW .domain = FAILURE_ERRNO
#define SETTING (UINT64_C(1) << STEP_SETSOCKOPT)

static bool is_option(const struct failure *failure, const char *constant)
{
	size_t len = strlen(constant);

	return strncmp(failure->target, constant, len) == 0 && failure->target[len] == '=';
}

static bool is_congestion(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return is_option(failure, "TCP_CONGESTION");
}

static bool is_interface(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return is_option(failure, "SO_BINDTODEVICE") || is_option(failure, "SO_BINDTOIFINDEX");
}

static bool is_group(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return is_option(failure, "IP_ADD_MEMBERSHIP") || is_option(failure, "IPV6_JOIN_GROUP");
}

static bool is_named_group(const struct failure *failure, const struct facts *facts)
{
	return is_group(failure, facts) && strchr(failure->target, '@') != NULL;
}

static bool is_key(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	/* Without a value: nobody is to read it. */
	return strcmp(failure->target, "TCP_MD5SIG") == 0 || strcmp(failure->target, "TCP_MD5SIG_EXT") == 0;
}

const struct diagnosis diagnosis_option[] = {
	{ ROW, ENOENT, SETTING, KIND_ANY, is_congestion,
	  N_("this kernel has no congestion control of that name, or none that is loaded; it has: {congestions}"),
	  N_("one of these, or as root `modprobe tcp_NAME`") },
	{ ROW, EPERM, SETTING, KIND_ANY, is_congestion,
	  N_("this congestion control is for root only (CAP_NET_ADMIN)"),
	  N_("`sysctl net.ipv4.tcp_allowed_congestion_control` lists those for everybody") },
	{ ROW, ENODEV, SETTING, KIND_ANY, is_interface,
	  N_("this host has no interface of that name"),
	  N_("`ip link` lists them") },
	{ ROW, ENODEV, SETTING, KIND_ANY, is_named_group,
	  N_("the interface is not there, or cannot have groups"),
	  N_("`ip link` lists interfaces; one for groups has MULTICAST among its flags") },
	{ ROW, ENODEV, SETTING, KIND_ANY, is_group,
	  N_("no interface is named, and no route says which one leads to the group"),
	  N_("name one behind the group, as in --join 239.1.2.3@eth0; `ip link` lists them") },
	{ ROW, EADDRINUSE, SETTING, KIND_ANY, is_group,
	  N_("the socket has joined this group by this interface already"),
	  N_("join it once") },
	{ ROW, ENOBUFS, SETTING, KIND_ANY, is_group,
	  N_("a socket may not join so many groups"),
	  N_("`sysctl net.ipv4.igmp_max_memberships` is the limit") },
	{ ROW, EADDRNOTAVAIL, SETTING, KIND_ANY, NULL,
	  N_("no interface of this host has this address"),
	  N_("`ip addr` lists interfaces with their addresses") },
	{ ROW, ENODEV, SETTING, KIND_ANY, NULL,
	  N_("the interface is not there"),
	  N_("`ip link` lists interfaces") },
	{ ROW, ENOPROTOOPT, SETTING, KIND_ANY, is_key,
	  N_("this kernel was built without signed segments (CONFIG_TCP_MD5SIG)"),
	  N_("leave out --md5-key-file, or use another kernel at both ends") },
	{ ROW, EPERM, SETTING, KIND_ANY, NULL,
	  N_("this socket option, or this value of it, is for root (CAP_NET_ADMIN, CAP_NET_RAW) only"),
	  N_("leave out the option, or run it as root") },
	{ ROW, EACCES, SETTING, KIND_ANY, NULL,
	  N_("this socket option is for root only"),
	  N_("leave out the option, or run it as root") },
	{ ROW, ENOPROTOOPT, SETTING, KIND_ANY, NULL,
	  N_("this kernel, or this kind of socket, does not have the option, or it can only be read"),
	  N_("`sockt help setsockopt` tells which options belong to which kind") },
	{ ROW, EOPNOTSUPP, SETTING, KIND_ANY, NULL,
	  N_("this kind of socket does not have the option"),
	  N_("`sockt help setsockopt` tells which options belong to which kind") },
	{ ROW, EINVAL, SETTING, KIND_ANY, NULL,
	  N_("the socket option does not take this value, or not on such a socket"),
	  N_("`sockt help setsockopt` tells which options belong to which kind") },
	{ .domain = FAILURE_NONE },
};
