/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What workers have in common: see commons.h. The only state is how many clients each has: the sum is made when it is
 * asked for, so that no death in the middle can leave the two at odds. The lock is a robust one: who gets it from the
 * hands of a dead process finds the state whole.
 */
#include "engine/commons.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/shared_hosts.h"

struct commons_worker {
	uint64_t clients;
	bool is_waiting;
	struct relay_counts counts; /* written by the worker alone, read when it is dead */
};

struct commons {
	pthread_mutex_t lock;
	size_t size; /* of the mapping */
	size_t hosts_at, hosts_size; /* where the tables of hosts begin, and the bytes of each; 0: there are none */
	uint64_t max_conns, max_per_host;
	_Atomic uint32_t last_number;
	unsigned worker_count;
	struct commons_worker workers[];
};

/* A lock that several processes share. Returns 0 or -errno. */
static int open_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int ret = pthread_mutexattr_init(&attr);

	if (ret != 0)
		return -ret;
	ret = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (ret == 0)
		ret = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (ret == 0)
		ret = pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return -ret;
}

/* Which hosts the clients of a worker come from: written by that one alone. */
static struct shared_hosts *hosts_of(struct commons *commons, unsigned worker)
{
	return (struct shared_hosts *)((char *)commons + commons->hosts_at + worker * commons->hosts_size);
}

/* The bytes in front of the tables of hosts: whole pages. */
static size_t head_size(unsigned workers)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = sizeof(struct commons) + workers * sizeof(struct commons_worker);

	return (size + page - 1) / page * page;
}

int commons_open(const struct commons_settings *settings, struct commons **commons_out)
{
	size_t hosts_size = settings->max_per_host == 0 ? 0 : shared_hosts_size(settings->clients);
	size_t size = head_size(settings->workers) + settings->workers * hosts_size;
	struct commons *commons;
	int ret;

	/* Most of the tables is never touched: nothing is set aside for it. */
	commons = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (commons == MAP_FAILED)
		return -errno;
	ret = open_lock(&commons->lock);
	if (ret < 0) {
		munmap(commons, size);
		return ret;
	}
	commons->size = size;
	commons->max_conns = settings->max_conns;
	commons->max_per_host = settings->max_per_host;
	commons->worker_count = settings->workers;
	commons->hosts_at = head_size(settings->workers);
	commons->hosts_size = hosts_size;
	for (unsigned i = 0; hosts_size > 0 && i < settings->workers; i++)
		shared_hosts_init(hosts_of(commons, i), settings->clients, settings->seed);
	*commons_out = commons;
	return 0;
}

void commons_close(struct commons *commons)
{
	/* The lock is not destroyed: others may hold it, and it owns nothing. */
	if (commons != NULL)
		munmap(commons, commons->size);
}

static void lock(struct commons *commons)
{
	if (pthread_mutex_lock(&commons->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&commons->lock);
}

static void unlock(struct commons *commons)
{
	pthread_mutex_unlock(&commons->lock);
}

uint32_t commons_number(struct commons *commons)
{
	return atomic_fetch_add(&commons->last_number, 1) + 1;
}

/* How many clients there are. */
static uint64_t sum(const struct commons *commons)
{
	uint64_t clients = 0;

	for (unsigned i = 0; i < commons->worker_count; i++)
		clients += commons->workers[i].clients;
	return clients;
}

bool commons_claim(struct commons *commons, unsigned worker)
{
	bool has_room;

	if (commons->max_conns == UINT64_MAX)
		return true;
	lock(commons);
	has_room = sum(commons) < commons->max_conns;
	commons->workers[worker].clients += has_room;
	commons->workers[worker].is_waiting = !has_room;
	unlock(commons);
	return has_room;
}

bool commons_release(struct commons *commons, unsigned worker)
{
	bool is_waited_for = false;

	if (commons->max_conns == UINT64_MAX)
		return false;
	lock(commons);
	commons->workers[worker].clients--;
	for (unsigned i = 0; i < commons->worker_count; i++)
		is_waited_for = is_waited_for || (i != worker && commons->workers[i].is_waiting);
	unlock(commons);
	return is_waited_for;
}

bool commons_enter_host(struct commons *commons, unsigned worker, const struct addr *addr)
{
	uint64_t clients = 0;
	bool is_in;

	lock(commons);
	for (unsigned i = 0; i < commons->worker_count; i++)
		clients += shared_hosts_count(hosts_of(commons, i), addr);
	is_in = clients < commons->max_per_host && shared_hosts_enter(hosts_of(commons, worker), addr);
	unlock(commons);
	return is_in;
}

void commons_leave_host(struct commons *commons, unsigned worker, const struct addr *addr)
{
	lock(commons);
	shared_hosts_leave(hosts_of(commons, worker), addr);
	unlock(commons);
}

void commons_tell(struct commons *commons, unsigned worker, const struct relay_counts *counts)
{
	struct relay_counts *told = &commons->workers[worker].counts, before = *told;

	*told = *counts;
	/* With the bytes of open sessions in it, or without: what has been shown does not become less. */
	told->up_bytes = counts->up_bytes > before.up_bytes ? counts->up_bytes : before.up_bytes;
	told->down_bytes = counts->down_bytes > before.down_bytes ? counts->down_bytes : before.down_bytes;
}

struct relay_counts commons_forget(struct commons *commons, unsigned worker)
{
	struct relay_counts counts;

	lock(commons);
	counts = commons->workers[worker].counts;
	commons->workers[worker] = (struct commons_worker){ .clients = 0 };
	if (commons->hosts_size > 0)
		shared_hosts_clear(hosts_of(commons, worker));
	unlock(commons);
	return counts;
}

bool commons_take_waiting(struct commons *commons, unsigned worker)
{
	bool is_waiting;

	lock(commons);
	is_waiting = commons->workers[worker].is_waiting && sum(commons) < commons->max_conns;
	if (is_waiting)
		commons->workers[worker].is_waiting = false;
	unlock(commons);
	return is_waiting;
}
