/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an endpoint to addresses: see lookup.h. */
#include "endpoint/lookup.h"

#include <stdio.h>

/* Tell of the addresses that the source allows. */
static void lookup_found(struct lookup *lookup, const struct addr *found, size_t count)
{
	struct addr kept[RESOLVE_MAX], source;
	size_t kept_count = 0;

	for (size_t i = 0; i < count && i < RESOLVE_MAX; i++)
		if (sources_find(&lookup->sources, lookup->endpoint, addr_family(&found[i]), &source))
			kept[kept_count++] = found[i];
	lookup->done(lookup->ctx, kept, kept_count, NULL);
}

/* The question could not be asked. */
static void lookup_unasked(struct lookup *lookup, int error)
{
	struct failure fail = { .domain = FAILURE_NONE };

	failure_set(&fail, STEP_RESOLVE, error, NULL);
	lookup->done(lookup->ctx, NULL, 0, &fail);
}

/* Nothing was found of host, the target or the source. */
static void lookup_failed(struct lookup *lookup, const struct resolve_answer *answer, bool is_source)
{
	const struct endpoint *endpoint = lookup->endpoint;
	struct failure fail = { .is_source = is_source, .protocol = endpoint->kind->protocol, .side = SIDE_CLIENT };

	resolve_set_failure(answer, is_source ? endpoint->source.host : endpoint->host, &fail);
	if (is_source)
		fail.addr = endpoint->addr;
	lookup->done(lookup->ctx, NULL, 0, &fail);
}

static void lookup_target(struct lookup *lookup);

static void lookup_source_answered(void *ctx, const struct resolve_answer *answer)
{
	struct lookup *lookup = ctx;

	lookup->request = NULL;
	if (answer->error != 0) {
		lookup_failed(lookup, answer, true);
		return;
	}
	sources_take(&lookup->sources, lookup->endpoint, answer);
	lookup_target(lookup);
}

static void lookup_answered(void *ctx, const struct resolve_answer *answer)
{
	struct lookup *lookup = ctx;

	lookup->request = NULL;
	if (answer->error != 0)
		lookup_failed(lookup, answer, false);
	else
		lookup_found(lookup, answer->found, answer->count);
}

/* Ask for the addresses of the target, or take the one that was written. */
static void lookup_target(struct lookup *lookup)
{
	const struct endpoint *endpoint = lookup->endpoint;
	struct resolve_question question = { .node = endpoint->host };
	char port[8];
	int ret;

	if (endpoint->addr.len > 0) {
		lookup_found(lookup, &endpoint->addr, 1);
		return;
	}
	snprintf(port, sizeof(port), "%u", endpoint->port_number);
	question.service = lookup->port != NULL ? lookup->port : port;
	question.family = sources_family(&lookup->sources, endpoint);
	question.socktype = endpoint->kind->socktype;
	question.session = lookup->session;
	if (lookup->cache != NULL)
		ret = address_cache_ask(lookup->cache, lookup->st, lookup->loop, &question, &lookup->waiter,
					lookup_answered, lookup);
	else
		ret = resolve_start(lookup->st, lookup->loop, &question, lookup_answered, lookup, &lookup->request);
	if (ret < 0)
		lookup_unasked(lookup, -ret);
}

void lookup_start(struct lookup *lookup)
{
	struct resolve_question question;
	int ret;

	if (!sources_are_wanted(&lookup->sources, lookup->endpoint)) {
		lookup_target(lookup);
		return;
	}
	question = sources_question(lookup->endpoint, lookup->session);
	ret = resolve_start(lookup->st, lookup->loop, &question, lookup_source_answered, lookup, &lookup->request);
	if (ret < 0)
		lookup_unasked(lookup, -ret);
}

void lookup_stop(struct lookup *lookup)
{
	resolve_cancel(lookup->request);
	lookup->request = NULL;
	if (lookup->cache != NULL)
		address_cache_leave(lookup->cache, &lookup->waiter);
}
