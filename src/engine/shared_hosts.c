/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clients of each host, in shared memory: see shared_hosts.h. */
#include "engine/shared_hosts.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"

/* So many clients a table is made for at most: 24 MiB, of which only pages that were needed take memory. */
#define CLIENTS_MAX ((uint64_t)1 << 19)
#define CLIENTS_MIN ((uint64_t)64)

/* IPv6, or IPv4 as IPv6 writes it. */
struct host_key {
	uint32_t words[4];
	uint32_t zone;
};

struct place {
	struct host_key key;
	uint32_t clients; /* 0: nobody is here */
};

struct shared_hosts {
	uint32_t size; /* places, a power of 2; at most half of them are taken */
	uint32_t count;
	uint32_t seed;
	uint32_t reserved;
	struct place places[];
};

static uint32_t places_for(uint64_t clients)
{
	uint32_t places = 2 * CLIENTS_MIN;

	if (clients > CLIENTS_MAX)
		clients = CLIENTS_MAX;
	while (places < 2 * clients)
		places *= 2;
	return places;
}

size_t shared_hosts_size(uint64_t clients)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = sizeof(struct shared_hosts) + places_for(clients) * sizeof(struct place);

	return (size + page - 1) / page * page;
}

void shared_hosts_init(struct shared_hosts *hosts, uint64_t clients, uint32_t seed)
{
	hosts->size = places_for(clients);
	hosts->seed = seed;
}

static struct host_key key_of(const struct addr *addr)
{
	struct host_key key = { .zone = 0 };
	struct addr plain = *addr;

	addr_unmap(&plain);
	if (addr_family(&plain) == AF_INET) {
		key.words[2] = htonl(0xffff);
		key.words[3] = plain.in.sin_addr.s_addr;
	} else if (addr_family(&plain) == AF_INET6) {
		memcpy(key.words, &plain.in6.sin6_addr, sizeof(key.words));
		key.zone = plain.in6.sin6_scope_id;
	}
	return key;
}

static bool is_same(const struct host_key *a, const struct host_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Where the search for a host begins. */
static uint32_t home_of(const struct shared_hosts *hosts, const struct host_key *key)
{
	const unsigned char *bytes = (const unsigned char *)key;
	uint32_t hash = hash_begin(hosts->seed);

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = hash_add(hash, bytes[i]);
	return hash & (hosts->size - 1);
}

/* The place of a host, or the empty one where it would be. */
static uint32_t find(const struct shared_hosts *hosts, const struct host_key *key)
{
	uint32_t at = home_of(hosts, key);

	/* Half of them are empty; and what somebody else has left in disorder ends the search as well. */
	for (uint32_t i = 0; i < hosts->size; i++) {
		if (hosts->places[at].clients == 0 || is_same(&hosts->places[at].key, key))
			break;
		at = (at + 1) & (hosts->size - 1);
	}
	return at;
}

uint32_t shared_hosts_count(const struct shared_hosts *hosts, const struct addr *addr)
{
	const struct host_key key = key_of(addr);
	const struct place *place = &hosts->places[find(hosts, &key)];

	return is_same(&place->key, &key) ? place->clients : 0;
}

bool shared_hosts_enter(struct shared_hosts *hosts, const struct addr *addr)
{
	const struct host_key key = key_of(addr);
	struct place *place = &hosts->places[find(hosts, &key)];

	if (place->clients == 0) {
		if (hosts->count >= hosts->size / 2)
			return false;
		hosts->count++;
		place->key = key;
	}
	place->clients++;
	return true;
}

/* Is the way from home to at one that passes the place that is empty now? */
static bool passes(const struct shared_hosts *hosts, uint32_t home, uint32_t empty, uint32_t at)
{
	uint32_t mask = hosts->size - 1;

	return ((at - home) & mask) >= ((at - empty) & mask);
}

void shared_hosts_leave(struct shared_hosts *hosts, const struct addr *addr)
{
	const struct host_key key = key_of(addr);
	uint32_t empty = find(hosts, &key), mask = hosts->size - 1;
	struct place *place = &hosts->places[empty];

	if (place->clients == 0 || !is_same(&place->key, &key) || --place->clients > 0)
		return;
	hosts->count--;
	/* Who stands behind it and is searched for through it moves up, or would not be found any more. */
	for (uint32_t at = (empty + 1) & mask; hosts->places[at].clients != 0; at = (at + 1) & mask) {
		if (!passes(hosts, home_of(hosts, &hosts->places[at].key), empty, at))
			continue;
		hosts->places[empty] = hosts->places[at];
		hosts->places[at].clients = 0;
		empty = at;
	}
}

void shared_hosts_clear(struct shared_hosts *hosts)
{
	size_t size = sizeof(*hosts) + hosts->size * sizeof(hosts->places[0]);
	uint32_t places = hosts->size, seed = hosts->seed;

	if (hosts->count == 0)
		return;
	/* Pages that are given back are zeroes when they are touched again (madvise(2), MADV_REMOVE). */
	if (madvise(hosts, size, MADV_REMOVE) == -1)
		memset(hosts, 0, size);
	hosts->size = places;
	hosts->seed = seed;
}
