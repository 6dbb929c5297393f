/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses to connect from: see sources.h. */
#include "endpoint/sources.h"

#include "base/util.h"

bool sources_are_wanted(const struct sources *sources, const struct endpoint *endpoint)
{
	return endpoint->source.host[0] != '\0' && !sources->is_known;
}

struct resolve_question sources_question(const struct endpoint *endpoint, uint32_t session)
{
	return (struct resolve_question){
		.node = endpoint->source.host,
		.service = "0",
		.family = endpoint->addr.len > 0 ? addr_family(&endpoint->addr) : endpoint->kind->family,
		.socktype = endpoint->kind->socktype,
		.session = session,
	};
}

/* One of that family, or NULL. */
static const struct addr *find(const struct sources *sources, int family)
{
	for (size_t i = 0; i < sources->count; i++)
		if (addr_family(&sources->addrs[i]) == family)
			return &sources->addrs[i];
	return NULL;
}

void sources_take(struct sources *sources, const struct endpoint *endpoint, const struct resolve_answer *answer)
{
	for (size_t i = 0; i < answer->count && sources->count < ARRAY_LEN(sources->addrs); i++) {
		if (find(sources, addr_family(&answer->found[i])) != NULL)
			continue;
		sources->addrs[sources->count] = answer->found[i];
		addr_set_port(&sources->addrs[sources->count++], endpoint->source.port);
	}
	sources->is_known = true;
}

int sources_family(const struct sources *sources, const struct endpoint *endpoint)
{
	int family = endpoint->kind->family;

	if (family == AF_UNSPEC && endpoint->source.addr.len > 0)
		return addr_family(&endpoint->source.addr);
	return family == AF_UNSPEC && sources->count == 1 ? addr_family(&sources->addrs[0]) : family;
}

bool sources_find(const struct sources *sources, const struct endpoint *endpoint, int family, struct addr *source)
{
	const struct addr *named = find(sources, family);

	*source = named != NULL ? *named : endpoint->source.addr;
	return endpoint->source.host[0] != '\0' ? named != NULL : source->len == 0 || addr_family(source) == family;
}

const struct addr *sources_first(const struct sources *sources, const struct endpoint *endpoint)
{
	return sources->count > 0 ? &sources->addrs[0] : &endpoint->source.addr;
}
