/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an ICMP error says, in words: see icmp_words.h. */
#include "trace/icmp_words.h"

#include "base/i18n.h"
#include "base/util.h"

#include <sys/socket.h>

static const struct icmp_word {
	int family;
	uint8_t type, code;
	bool is_forbidden;
	const char *word;
} icmp_words[] = {
	{ AF_INET, 3, 0, false, N_("network unreachable") },
	{ AF_INET, 3, 1, false, N_("host unreachable") },
	{ AF_INET, 3, 2, false, N_("protocol unreachable") },
	{ AF_INET, 3, 3, false, N_("port unreachable") },
	{ AF_INET, 3, 4, false, N_("packet too big") },
	{ AF_INET, 3, 5, false, N_("source route failed") },
	{ AF_INET, 3, 6, false, N_("network unknown") },
	{ AF_INET, 3, 7, false, N_("host unknown") },
	{ AF_INET, 3, 9, true, N_("network administratively prohibited") },
	{ AF_INET, 3, 10, true, N_("host administratively prohibited") },
	{ AF_INET, 3, 11, false, N_("network unreachable for this type of service") },
	{ AF_INET, 3, 12, false, N_("host unreachable for this type of service") },
	{ AF_INET, 3, 13, true, N_("communication administratively prohibited") },
	{ AF_INET, 5, 0, false, N_("redirect for the network") },
	{ AF_INET, 5, 1, false, N_("redirect for the host") },
	{ AF_INET, 11, 0, false, N_("time to live exceeded on the way") },
	{ AF_INET, 12, 0, false, N_("parameter problem") },
	{ AF_INET6, 1, 0, false, N_("no route to the destination") },
	{ AF_INET6, 1, 1, true, N_("administratively prohibited") },
	{ AF_INET6, 1, 2, false, N_("beyond the scope of the source address") },
	{ AF_INET6, 1, 3, false, N_("address unreachable") },
	{ AF_INET6, 1, 4, false, N_("port unreachable") },
	{ AF_INET6, 1, 5, true, N_("source address failed a policy") },
	{ AF_INET6, 1, 6, true, N_("route rejected") },
	{ AF_INET6, 2, 0, false, N_("packet too big") },
	{ AF_INET6, 3, 0, false, N_("hop limit exceeded on the way") },
};

static const struct icmp_word *find(int family, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(icmp_words); i++)
		if (icmp_words[i].family == family && icmp_words[i].type == type && icmp_words[i].code == code)
			return &icmp_words[i];
	return NULL;
}

void icmp_words_add(int family, uint8_t type, uint8_t code, struct text *text)
{
	const struct icmp_word *word = find(family, type, code);

	if (word != NULL)
		text_add(text, _(word->word));
	else
		text_addf(text, _("type %1$u, code %2$u"), type, code);
}

bool icmp_words_is_forbidden(int family, uint8_t type, uint8_t code)
{
	const struct icmp_word *word = find(family, type, code);

	return word != NULL && word->is_forbidden;
}
