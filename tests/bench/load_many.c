/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many connections through a relay: as fast as they can be opened and closed, and held open without a word. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define EVENTS 256
#define CLIENTS (1 << 20)
#define MESSAGE_MAX 4096
/* Nothing has moved for so long: the rest counts as failed. */
#define STUCK_MS 20000
/* So many are opened at a time where all are kept. */
#define IDLE_AT_A_TIME 64

/* One connection: connect, send a message, take it back. By descriptor. */
struct client {
	bool has_sent;
	size_t got;
};

struct crowd {
	int epoll_fd;
	unsigned port;
	size_t len;   /* of a message */
	bool is_kept; /* not closed when its message is back */
	struct client *clients;
	size_t running, done, failed;
};

bool raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool crowd_init(struct crowd *crowd)
{
	crowd->clients = calloc(CLIENTS, sizeof(*crowd->clients));
	crowd->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return crowd->clients != NULL && crowd->epoll_fd != -1 && raise_files();
}

static void crowd_start(struct crowd *crowd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int fd = open_client(SOCK_STREAM | SOCK_NONBLOCK, crowd->port);

	if (fd == -1 || fd >= CLIENTS) {
		crowd->failed++;
		return;
	}
	crowd->clients[fd] = (struct client){ .has_sent = false };
	event.data.fd = fd;
	epoll_ctl(crowd->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	crowd->running++;
}

/* One is over: its message is back (is_good), or it has failed. */
static void crowd_end(struct crowd *crowd, int fd, bool is_good)
{
	crowd->running--;
	if (is_good)
		crowd->done++;
	else
		crowd->failed++;
	if (is_good && crowd->is_kept)
		epoll_ctl(crowd->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else
		close(fd);
}

static void crowd_move(struct crowd *crowd, int fd, uint32_t events)
{
	static char block[MESSAGE_MAX];
	struct client *client = &crowd->clients[fd];
	ssize_t got;

	if ((events & EPOLLERR) != 0) {
		crowd_end(crowd, fd, false);
		return;
	}
	if ((events & EPOLLOUT) != 0 && !client->has_sent) {
		if (send(fd, block, crowd->len, MSG_NOSIGNAL) != (ssize_t)crowd->len) {
			crowd_end(crowd, fd, false);
			return;
		}
		client->has_sent = true;
	}
	if ((events & EPOLLIN) == 0)
		return;
	got = recv(fd, block, sizeof(block), 0);
	if (got == -1 && errno == EAGAIN)
		return;
	client->got += got > 0 ? (size_t)got : 0;
	if (got <= 0 || client->got >= crowd->len)
		crowd_end(crowd, fd, client->got == crowd->len);
}

/* total connections, at most so many at a time. */
static void crowd_run(struct crowd *crowd, size_t total, size_t at_a_time)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int count;

		while (crowd->running < at_a_time && crowd->running + crowd->done + crowd->failed < total)
			crowd_start(crowd);
		if (crowd->running == 0)
			return;
		count = epoll_wait(crowd->epoll_fd, events, EVENTS, STUCK_MS);
		if (count == 0 || (count == -1 && errno != EINTR)) {
			crowd->failed += crowd->running;
			return;
		}
		for (int i = 0; i < count; i++)
			crowd_move(crowd, events[i].data.fd, events[i].events);
	}
}

int run_connections(int report, char **argv)
{
	struct crowd crowd = { .port = (unsigned)strtoul(argv[0], NULL, 10), .len = strtoul(argv[3], NULL, 10) };
	int64_t start, end;

	if (!crowd_init(&crowd) || crowd.len > MESSAGE_MAX)
		return complain("the clients");
	start = now_ns();
	crowd_run(&crowd, strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	end = now_ns();
	dprintf(report, "%lld %zu %zu\n", (long long)(end - start), crowd.done, crowd.failed);
	free(crowd.clients);
	return 0;
}

int run_idle(int report, char **argv)
{
	struct crowd crowd = { .port = (unsigned)strtoul(argv[0], NULL, 10), .len = 1, .is_kept = true };

	if (!crowd_init(&crowd))
		return complain("the clients");
	crowd_run(&crowd, strtoul(argv[1], NULL, 10), IDLE_AT_A_TIME);
	dprintf(report, "%zu %zu\n", crowd.done, crowd.failed);
	wait_for_end();
	free(crowd.clients);
	return 0;
}
