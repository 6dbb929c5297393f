/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams through a relay: who sends as fast as it can, and who counts what arrives. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define DATAGRAM_MAX 65507
#define RECEIVE_BUFFER (8 * 1024 * 1024)
#define BATCH 32
/* After so long without one all have come. */
#define SILENCE_MS 400
/* The first datagram opens the relay's session, and is not counted. */
#define PROBE UINT64_MAX

int run_blast(int report, char **argv)
{
	static char block[DATAGRAM_MAX];
	uint64_t count = strtoull(argv[1], NULL, 10), number = PROBE, refused = 0;
	size_t len = strtoul(argv[2], NULL, 10);
	int fd = open_client(SOCK_DGRAM, (unsigned)strtoul(argv[0], NULL, 10));
	int64_t start;

	if (fd == -1 || len < sizeof(number) || len > sizeof(block))
		return complain("connect");
	memcpy(block, &number, sizeof(number));
	if (send(fd, block, len, 0) == -1)
		return complain("send");
	wait_for_end();
	start = now_ns();
	for (number = 0; number < count; number++) {
		memcpy(block, &number, sizeof(number));
		if (send(fd, block, len, 0) == -1)
			refused++;
	}
	dprintf(report, "%lld %lld %llu\n", (long long)start, (long long)now_ns(),
		(unsigned long long)(count - refused));
	return 0;
}

/* What one receive has brought: one datagram, or several of one size that the kernel has put together. */
static unsigned datagrams_of(struct msghdr *message, size_t len)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
		int size;

		if (head->cmsg_level != SOL_UDP || head->cmsg_type != UDP_GRO)
			continue;
		memcpy(&size, CMSG_DATA(head), sizeof(size));
		if (size > 0)
			return (unsigned)((len + (size_t)size - 1) / (size_t)size);
	}
	return 1;
}

struct counter {
	int fd, report;
	uint64_t count, bytes;
	int64_t last_ns;
};

/* Take a batch. Returns false where there is none. */
static bool counter_take(struct counter *counter)
{
	static char blocks[BATCH][65536];
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		size_t alignment;
	} controls[BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int got;

	memset(messages, 0, sizeof(messages));
	for (size_t i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ blocks[i], sizeof(blocks[i]) };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1,
						       .msg_control = controls[i].bytes,
						       .msg_controllen = sizeof(controls[i]) };
	}
	got = recvmmsg(counter->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	if (got <= 0)
		return false;
	counter->last_ns = now_ns();
	for (int i = 0; i < got; i++) {
		uint64_t number;

		memcpy(&number, blocks[i], sizeof(number));
		if (number == PROBE) {
			dprintf(counter->report, "ready\n");
			continue;
		}
		counter->count += datagrams_of(&messages[i].msg_hdr, messages[i].msg_len);
		counter->bytes += messages[i].msg_len;
	}
	return true;
}

int run_count(int report, char **argv)
{
	struct counter counter = { .report = report };
	const int size = RECEIVE_BUFFER, on = 1;
	struct pollfd waiting;

	(void)argv;
	counter.fd = open_port(report, SOCK_DGRAM);
	if (counter.fd == -1)
		return complain("bind");
	if (setsockopt(counter.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) == -1)
		setsockopt(counter.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(counter.fd, SOL_UDP, UDP_GRO, &on, sizeof(on));
	waiting = (struct pollfd){ .fd = counter.fd, .events = POLLIN };
	while (poll(&waiting, 1, counter.count == 0 ? -1 : SILENCE_MS) > 0)
		while (counter_take(&counter))
			continue;
	dprintf(report, "%llu %llu %lld\n", (unsigned long long)counter.count, (unsigned long long)counter.bytes,
		(long long)counter.last_ns);
	return 0;
}
