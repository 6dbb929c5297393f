/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring of packets: see packet_ring.h. */
#include "step/packet_ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "step/packet_filter.h"

/* In front of the packet in its frame: the header, the address, and room for that of a link, aligned (packet(7)). */
#define FRAME_MARGIN 80
/* Headers of IPv6 with extensions, and of what an ICMP error quotes. */
#define FRAME_HEADERS 256
/* A segment before offload has cut it, up to 64 KiB, and the margin; a multiple of a page. */
#define FRAME_WHOLE (68 << 10)

/* How large a ring is tried, the next where there is no memory for one. */
static const struct ring_size {
	size_t block_size, blocks, frame_size;
} sizes_headers[] = {
	{ 128 << 10, 16, FRAME_HEADERS },
	{ 64 << 10, 8, FRAME_HEADERS },
	{ 4 << 10, 16, FRAME_HEADERS },
}, sizes_whole[] = {
	{ 2 << 20, 16, FRAME_WHOLE },
	{ 1 << 20, 8, FRAME_WHOLE },
	{ 128 << 10, 8, FRAME_WHOLE },
};

static int try_size(struct packet_ring *ring, const struct ring_size *size)
{
	struct tpacket_req request = {
		.tp_block_size = (unsigned)size->block_size,
		.tp_block_nr = (unsigned)size->blocks,
		.tp_frame_size = (unsigned)size->frame_size,
	};
	void *frames;

	ring->block_size = size->block_size;
	ring->frame_size = size->frame_size;
	ring->frames_per_block = size->block_size / size->frame_size;
	ring->frame_count = ring->frames_per_block * size->blocks;
	ring->size = size->block_size * size->blocks;
	ring->snap = (uint32_t)(size->frame_size - FRAME_MARGIN);
	request.tp_frame_nr = (unsigned)ring->frame_count;
	if (setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) == -1)
		return -errno;
	frames = mmap(NULL, ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (frames == MAP_FAILED)
		return -errno;
	ring->frames = frames;
	return 0;
}

/* Make the ring, and let the socket hear of every interface. */
static int start(struct packet_ring *ring, bool is_whole)
{
	const struct sockaddr_ll any = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	const struct ring_size *sizes = is_whole ? sizes_whole : sizes_headers;
	const int version = TPACKET_V2;
	int ret = -ENOMEM;

	if (setsockopt(ring->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) == -1)
		return -errno;
	for (size_t i = 0; i < ARRAY_LEN(sizes_whole) && ret == -ENOMEM; i++)
		ret = try_size(ring, &sizes[i]);
	if (ret == 0)
		ret = packet_ring_filter(ring, NULL, 0);
	if (ret == 0 && bind(ring->fd, (const struct sockaddr *)&any, sizeof(any)) == -1)
		ret = -errno;
	return ret;
}

int packet_ring_check(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -errno;
	close(fd);
	return 0;
}

int packet_ring_open(struct packet_ring *ring, bool is_whole)
{
	int ret;

	/* Protocol 0: nothing is queued before there is a filter. SOCK_DGRAM: a packet begins with its IP header. */
	*ring = (struct packet_ring){ .fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) };
	if (ring->fd == -1)
		return -errno;
	ret = start(ring, is_whole);
	if (ret < 0)
		packet_ring_close(ring);
	return ret;
}

void packet_ring_close(struct packet_ring *ring)
{
	if (ring->frames != NULL)
		munmap(ring->frames, ring->size);
	if (ring->fd != -1)
		close(ring->fd);
	*ring = (struct packet_ring){ .fd = -1 };
}

int packet_ring_filter(struct packet_ring *ring, const uint16_t *ports, size_t count)
{
	struct sock_filter instructions[PACKET_FILTER_MAX];
	struct sock_fprog program = { .filter = instructions };

	program.len = (unsigned short)packet_filter_make(ports, count, ring->snap, instructions);
	return setsockopt(ring->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == -1 ? -errno : 0;
}

/* The frame that is read next. No frame crosses the end of a block. */
static struct tpacket2_hdr *frame_of(const struct packet_ring *ring)
{
	size_t block = ring->next / ring->frames_per_block, frame = ring->next % ring->frames_per_block;

	return (struct tpacket2_hdr *)(void *)(ring->frames + block * ring->block_size + frame * ring->frame_size);
}

bool packet_ring_peek(const struct packet_ring *ring, struct packet_seen *seen)
{
	const struct tpacket2_hdr *frame = frame_of(ring);
	const struct sockaddr_ll *link =
		(const void *)((const uint8_t *)frame + TPACKET_ALIGN(sizeof(struct tpacket2_hdr)));
	/* What the kernel wrote before it gave the frame to us is to be seen. */
	uint32_t status = __atomic_load_n(&frame->tp_status, __ATOMIC_ACQUIRE);

	if ((status & TP_STATUS_USER) == 0)
		return false;
	*seen = (struct packet_seen){
		.bytes = (const uint8_t *)frame + frame->tp_net,
		.captured = frame->tp_snaplen,
		.original = frame->tp_len,
		.real_ns = (uint64_t)frame->tp_sec * NS_PER_S + frame->tp_nsec,
		.interface = link->sll_ifindex,
		.is_leaving = link->sll_pkttype == PACKET_OUTGOING,
	};
	return true;
}

void packet_ring_drop(struct packet_ring *ring)
{
	__atomic_store_n(&frame_of(ring)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	ring->next = (ring->next + 1) % ring->frame_count;
}

uint64_t packet_ring_count_drops(struct packet_ring *ring)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);

	/* Reading sets them to 0. */
	if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		ring->drops += stats.tp_drops;
	return ring->drops;
}
