/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams that did not arrive: see undelivered.h. */
#include "stream/undelivered.h"

#include <netinet/in.h>
#include <string.h>

#include "base/i18n.h"
#include "step/route.h"
#include "trace/icmp_words.h"
#include "trace/names.h"

/* Is it the same as the last one? */
static bool is_repeated(const struct undelivered *un, const struct icmp_error *error)
{
	struct addr sender = error->offender;

	if (un->news != UNDELIVERED_SAID || !un->is_icmp || un->icmp.type != error->type ||
	    un->icmp.code != error->code)
		return false;
	return addr_equal(&un->icmp.sender, &sender);
}

void undelivered_icmp(struct undelivered *un, struct stepper *st, const struct sock *sk,
		      const struct icmp_error *error, uint32_t session)
{
	bool is_same = is_repeated(un, error);

	errqueue_tell(st, sk, error, session, is_same ? 2 : 0);
	un->icmp.count++;
	un->icmp.type = error->type;
	un->icmp.code = error->code;
	un->icmp.sender = error->offender;
	un->error = error->error;
	un->is_icmp = true;
	if (!is_same)
		un->news = UNDELIVERED_NEW;
}

void undelivered_errno(struct undelivered *un, int error)
{
	bool is_known = un->news == UNDELIVERED_SAID || un->news == UNDELIVERED_NEW;

	if (is_known && un->error == error)
		return;
	un->error = error;
	un->is_icmp = false;
	un->news = UNDELIVERED_NEW;
}

void undelivered_answered(struct undelivered *un)
{
	un->news = un->news == UNDELIVERED_SAID ? UNDELIVERED_OVER : UNDELIVERED_NONE;
}

enum undelivered_news undelivered_take(struct undelivered *un)
{
	enum undelivered_news news = (enum undelivered_news)un->news;

	if (news == UNDELIVERED_NEW)
		un->news = UNDELIVERED_SAID;
	else if (news == UNDELIVERED_OVER)
		un->news = UNDELIVERED_NONE;
	else
		return UNDELIVERED_NONE;
	return news;
}

/* Is it an address of this host? */
static bool is_own(struct stepper *st, const struct addr *addr)
{
	struct route route;

	return route_find(st, addr, &route) == 0 && route.is_local;
}

/* Who says so: the peer itself, this host, or a router on the way. */
static void add_sender(const struct undelivered *un, struct stepper *st, const struct addr *dest, const char *to,
		       struct text *text)
{
	char sender[ADDR_TEXT_MAX], words[128];
	const struct icmp_tally *icmp = &un->icmp;
	struct addr host = *dest, from = icmp->sender;
	struct text said;

	text_init(&said, words, sizeof(words));
	icmp_words_add(addr_family(&icmp->sender), icmp->type, icmp->code, &said);
	addr_format_host(&icmp->sender, sender, sizeof(sender));
	addr_unmap(&host);
	addr_set_port(&host, 0);
	addr_set_port(&from, 0);
	if (addr_equal(&host, &from))
		text_addf(text, _("datagrams to %1$s do not arrive: that host itself answers with ICMP %2$s"), to,
			  words);
	else if (is_own(st, &icmp->sender))
		text_addf(text, _("datagrams to %1$s do not arrive: this host itself (%2$s) says ICMP %3$s"), to,
			  sender, words);
	else
		text_addf(text, _("datagrams to %1$s do not arrive: %2$s, a router on the way, answers with ICMP %3$s"),
			  to, sender, words);
}

void undelivered_format(const struct undelivered *un, struct stepper *st, const struct addr *dest, struct text *text)
{
	char to[ADDR_TEXT_MAX], name[32];

	addr_format_words(dest, to, sizeof(to));
	if (un->is_icmp)
		add_sender(un, st, dest, to, text);
	else
		text_addf(text, _("datagrams to %1$s do not arrive: %2$s (%3$s)"), to, strerror(un->error),
			  name_errno(un->error, name, sizeof(name)));
}
