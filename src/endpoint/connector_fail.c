/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a connector fails, and what is said of one that waits. */
#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "endpoint/connector_private.h"
#include "trace/names.h"

/* Each address with its verdict: "[::1]:81 ECONNREFUSED, 127.0.0.1:81 no answer". */
static void list_verdicts(struct connector *connector)
{
	char addr[ADDR_TEXT_MAX], name[32];
	struct text text;

	if (connector->count < 2)
		return;
	text_init(&text, connector->fail.candidates, sizeof(connector->fail.candidates));
	for (size_t i = 0; i < connector->started; i++) {
		const struct attempt *attempt = &connector->attempts[i];

		text_addf(&text, "%s%s %s", i == 0 ? "" : ", ", addr_format(&attempt->addr, addr, sizeof(addr)),
			  attempt->error == 0 ? _("no answer") : name_errno(attempt->error, name, sizeof(name)));
	}
}

/* An error that says less about the target than about this host. */
static bool is_own_lack(int error)
{
	return error == ENETUNREACH || error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

void connector_fail_all(struct connector *connector)
{
	const struct attempt *chosen = NULL;

	for (size_t i = 0; i < connector->count; i++)
		if (chosen == NULL || (is_own_lack(chosen->error) && !is_own_lack(connector->attempts[i].error)))
			chosen = &connector->attempts[i];
	if (chosen == NULL)
		failure_set(&connector->fail, STEP_CONNECT, EADDRNOTAVAIL,
			    sources_first(&connector->lookup.sources, connector->dialed));
	else
		connector->fail = chosen->fail;
	list_verdicts(connector);
	connector_finish(connector, NULL);
}

/* The limit has run out while a proxy, or the resolver for it, had not answered. */
static void connector_fail_limit_tunnel(struct connector *connector)
{
	struct failure *fail = &connector->fail;

	*fail = (struct failure){
		.domain = FAILURE_LIMIT,
		.code = ENDED_CONNECT_TIMEOUT,
		.step = tunnel_is_resolving(connector->tunnel) ? STEP_RESOLVE : STEP_PROXY,
		.protocol = PROTOCOL_TCP,
		.side = SIDE_CLIENT,
		.limit_ns = connector->settings.timeout_ns,
	};
	if (fail->step == STEP_RESOLVE)
		snprintf(fail->target, sizeof(fail->target), "%s", tunnel_next_host(connector->tunnel));
	else
		tunnel_format_awaited(connector->tunnel, fail->target, sizeof(fail->target));
	connector_finish(connector, NULL);
}

void connector_fail_limit(struct connector *connector)
{
	const struct race race = connector_race(connector);
	struct failure *fail = &connector->fail;
	char limit[32];

	if (connector->tunnel != NULL && tunnel_is_open(connector->tunnel)) {
		connector_fail_limit_tunnel(connector);
		return;
	}
	for (size_t i = connector->started; i > 0; i--)
		if (connector->attempts[i - 1].error == 0) {
			*fail = connector->attempts[i - 1].fail;
			fail->addr = connector->attempts[i - 1].addr;
		}
	fail->domain = FAILURE_LIMIT;
	fail->code = ENDED_CONNECT_TIMEOUT;
	fail->step = connector->is_resolved ? STEP_CONNECT : STEP_RESOLVE;
	fail->protocol = connector->dialed->kind->protocol;
	fail->side = SIDE_CLIENT;
	fail->limit_ns = connector->settings.timeout_ns;
	if (fail->step == STEP_RESOLVE && sources_are_wanted(&connector->lookup.sources, connector->dialed)) {
		fail->is_source = true;
		snprintf(fail->target, sizeof(fail->target), "%s", connector->dialed->source.host);
	}
	list_verdicts(connector);
	verdict_unfinished(&race, parse_format_duration(fail->limit_ns, limit, sizeof(limit)));
	connector_finish(connector, NULL);
}

void connector_say_slow(struct connector *connector)
{
	const struct race race = connector_race(connector);
	bool is_tunneling = connector->tunnel != NULL && tunnel_is_open(connector->tunnel);
	bool is_source = sources_are_wanted(&connector->lookup.sources, connector->dialed);
	char proxy[NEGOTIATION_TEXT_MAX];

	if (is_tunneling && !tunnel_is_resolving(connector->tunnel))
		step_note(connector->st, connector->settings.session,
			  _("nothing moves for 2 s: the %s has not answered; it may be trying to reach the target"),
			  tunnel_format_awaited(connector->tunnel, proxy, sizeof(proxy)));
	else if (connector->is_resolved && !is_tunneling)
		verdict_slow(&race);
	else
		step_note(connector->st, connector->settings.session,
			  _("nothing moves for 2 s: no name server answers for \"%s\"; see /etc/resolv.conf"),
			  is_tunneling ? tunnel_next_host(connector->tunnel) :
			  is_source    ? connector->dialed->source.host :
					 connector->dialed->host);
}
