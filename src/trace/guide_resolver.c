/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: the errors of the resolver. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "EAI_NONAME",
		.aliases = "name-or-service-not-known unknown-host no-such-host unknown-name nxdomain",
		.title = N_("name or service not known"),
		.text = N_(
			"The resolver was asked and says that there is no such host name, "
			"or no such service name. A slip of the pen, a name that exists "
			"only elsewhere (a search domain, a VPN), or with -n a name where "
			"an address is needed.\n\n"
			"Some resolvers say the same when they reach no DNS server at all; "
			"sockt looks whether this host has a network and says so. Look: "
			"getent ahosts NAME.\n\n"
			"See getaddrinfo(3), resolv.conf(5)."),
	},
	{
		.name = "EAI_AGAIN",
		.aliases = "temporary-failure temporary-failure-in-name-resolution",
		.title = N_("temporary failure: no DNS server answered"),
		.text = N_(
			"The question could not be answered at the moment: the DNS server "
			"does not answer or reports a failure of its own. The name may "
			"well exist. Look: is there a network, what does /etc/resolv.conf "
			"name? --retry tries again.\n\n"
			"See getaddrinfo(3), resolv.conf(5)."),
	},
	{
		.name = "EAI_FAIL",
		.aliases = "non-recoverable-failure",
		.title = N_("the DNS server refused or failed for good"),
		.text = N_(
			"A DNS server answered that it does not or cannot answer this "
			"question. Asking again will not help soon.\n\n"
			"See getaddrinfo(3), resolv.conf(5)."),
	},
	{
		.name = "EAI_NODATA",
		.aliases = "no-address no-address-associated-with-hostname",
		.title = N_("the name exists but has no address"),
		.text = N_(
			"The name is known, but has no address of the family asked for: "
			"with -6 a host that has only IPv4. Look: getent ahosts NAME, and "
			"leave -4 or -6 away.\n\n"
			"See getaddrinfo(3)."),
	},
	{
		.name = "EAI_ADDRFAMILY",
		.aliases = "address-family-for-hostname-not-supported",
		.title = N_("the name has no address of this family"),
		.text = N_(
			"The name or the address is of another family than the one asked "
			"for: -6 with 127.0.0.1, -4 with ::1.\n\n"
			"See getaddrinfo(3)."),
	},
	{
		.name = "EAI_SERVICE",
		.aliases = "service-not-supported unknown-service servname-not-supported",
		.title = N_("no such service for this kind of socket"),
		.text = N_(
			"The service name is not known for TCP or UDP: some names exist "
			"for one of them only. Give the number. Look: getent services NAME.\n\n"
			"See services(5)."),
	},
	{
		.name = "EAI_FAMILY",
		.aliases = "family-not-supported ai-family-not-supported",
		.title = N_("this family of addresses is not supported"),
		.text = N_(
			"The resolver does not know the family asked for.\n\n"
			"See getaddrinfo(3)."),
	},
	{
		.name = "EAI_SOCKTYPE",
		.aliases = "ai-socktype-not-supported",
		.title = N_("this type of socket is not supported here"),
		.text = N_(
			"The resolver does not know the type of socket asked for.\n\n"
			"See getaddrinfo(3)."),
	},
	{
		.name = "EAI_SYSTEM",
		.aliases = "system-error",
		.title = N_("the resolver met an error of the system"),
		.text = N_(
			"Something failed while the resolver worked; errno says what, and "
			"sockt shows it. Often no descriptor is left, or a file of the "
			"resolver cannot be read.\n\n"
			"See getaddrinfo(3)."),
	},
	{
		.name = "EAI_MEMORY",
		.aliases = "memory-allocation-failure",
		.title = N_("the resolver has no memory"),
		.text = N_(
			"Memory is short in this process.\n\n"
			"See getaddrinfo(3)."),
	},
	{
		.name = "EAI_OVERFLOW",
		.aliases = "argument-buffer-overflow",
		.title = N_("the name is too long"),
		.text = N_(
			"A host name has at most 253 characters, a part between two dots "
			"at most 63.\n\n"
			"See getaddrinfo(3), RFC 1035 section 2.3.4."),
	},
};

const struct guide_topics guide_topics_resolver = { topics, ARRAY_LEN(topics) };
