/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clients of each host: see hosts.h. */
#include "engine/hosts.h"

#include <stdlib.h>

#include "base/util.h"

#define TABLE_MIN ((size_t)16)

struct host {
	struct host *next;
	struct addr addr; /* plain, without a port */
	uint64_t clients;
};

/* What stands for the host of an address. */
static struct addr host_of(const struct addr *addr)
{
	struct addr host = *addr;

	addr_unmap(&host);
	addr_set_port(&host, 0);
	return host;
}

static struct host **place_of(const struct hosts *hosts, const struct addr *host)
{
	return &hosts->table[addr_hash(host, hosts->seed) & (hosts->size - 1)];
}

static struct host *find(const struct hosts *hosts, const struct addr *addr)
{
	struct host *host = hosts->size == 0 ? NULL : *place_of(hosts, addr);

	while (host != NULL && !addr_equal(&host->addr, addr))
		host = host->next;
	return host;
}

/* Twice the places. */
static void grow(struct hosts *hosts)
{
	struct host **old = hosts->table;
	size_t old_size = hosts->size;

	hosts->size = old_size == 0 ? TABLE_MIN : 2 * old_size;
	hosts->table = xcalloc(hosts->size, sizeof(*hosts->table));
	for (size_t i = 0; i < old_size; i++)
		while (old[i] != NULL) {
			struct host *host = old[i], **at = place_of(hosts, &host->addr);

			old[i] = host->next;
			host->next = *at;
			*at = host;
		}
	free(old);
}

uint64_t hosts_count(const struct hosts *hosts, const struct addr *addr)
{
	const struct addr plain = host_of(addr);
	const struct host *host = find(hosts, &plain);

	return host == NULL ? 0 : host->clients;
}

struct host *hosts_enter(struct hosts *hosts, const struct addr *addr)
{
	const struct addr plain = host_of(addr);
	struct host *host = find(hosts, &plain), **at;

	if (host == NULL) {
		if (hosts->count == hosts->size)
			grow(hosts);
		at = place_of(hosts, &plain);
		host = xcalloc(1, sizeof(*host));
		host->addr = plain;
		host->next = *at;
		*at = host;
		hosts->count++;
	}
	host->clients++;
	return host;
}

const struct addr *hosts_addr(const struct host *host)
{
	return &host->addr;
}

void hosts_leave(struct hosts *hosts, struct host *host)
{
	struct host **at = place_of(hosts, &host->addr);

	if (--host->clients > 0)
		return;
	while (*at != host)
		at = &(*at)->next;
	*at = host->next;
	hosts->count--;
	free(host);
}

void hosts_clear(struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->size; i++)
		while (hosts->table[i] != NULL) {
			struct host *host = hosts->table[i];

			hosts->table[i] = host->next;
			free(host);
		}
	free(hosts->table);
	*hosts = (struct hosts){ .seed = hosts->seed };
}
