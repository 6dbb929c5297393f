/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program of the kernel's filter: see packet_filter.h. */
#include "step/packet_filter.h"

#include <assert.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "base/util.h"

#define ICMPV6_ERRORS_END 128
#define IPV4_PROTOCOL 9
#define IPV4_FRAGMENT 6
#define IPV4_OFFSET 0x1fff
#define IPV6_NEXT 6
#define IPV6_HEADER 40

/* Where a jump goes that is not known yet. */
enum target {
	TARGET_NEXT = 0,
	TARGET_PASS,
	TARGET_DROP,
	TARGET_IPV6,
	TARGET_PORTS_IPV6,
	TARGET_PORTS,
	TARGET_COUNT,
};

/* A program under construction. */
struct maker {
	struct sock_filter *dst;
	size_t len;
	uint8_t jumps[PACKET_FILTER_MAX][2]; /* enum target, where true and where false */
	size_t targets[TARGET_COUNT];
};

static void add(struct maker *maker, uint16_t code, uint32_t k)
{
	assert(maker->len < PACKET_FILTER_MAX);
	maker->dst[maker->len++] = (struct sock_filter){ .code = code, .k = k };
}

/* A conditional jump. */
static void add_jump(struct maker *maker, uint16_t test, uint32_t k, enum target yes, enum target no)
{
	maker->jumps[maker->len][0] = (uint8_t)yes;
	maker->jumps[maker->len][1] = (uint8_t)no;
	add(maker, (uint16_t)(BPF_JMP | test | BPF_K), k);
}

static void place(struct maker *maker, enum target target)
{
	maker->targets[target] = maker->len;
}

static void load(struct maker *maker, uint16_t size, uint32_t at)
{
	add(maker, (uint16_t)(BPF_LD | size | BPF_ABS), at);
}

/* Fill in where the jumps go. */
static void resolve(struct maker *maker)
{
	for (size_t i = 0; i < maker->len; i++) {
		uint8_t *fields[] = { &maker->dst[i].jt, &maker->dst[i].jf };

		for (size_t branch = 0; branch < ARRAY_LEN(fields); branch++) {
			size_t target = maker->jumps[i][branch];

			if (target != TARGET_NEXT)
				*fields[branch] = (uint8_t)(maker->targets[target] - i - 1);
		}
	}
}

static void add_ipv4(struct maker *maker)
{
	load(maker, BPF_B, IPV4_PROTOCOL);
	add_jump(maker, BPF_JEQ, IPPROTO_ICMP, TARGET_PASS, TARGET_NEXT);
	/* A later fragment has no ports. */
	load(maker, BPF_H, IPV4_FRAGMENT);
	add_jump(maker, BPF_JSET, IPV4_OFFSET, TARGET_DROP, TARGET_NEXT);
	add(maker, BPF_LDX | BPF_B | BPF_MSH, 0);
	load(maker, BPF_B, IPV4_PROTOCOL);
	add_jump(maker, BPF_JEQ, IPPROTO_TCP, TARGET_PORTS, TARGET_NEXT);
	add_jump(maker, BPF_JEQ, IPPROTO_UDP, TARGET_PORTS, TARGET_DROP);
}

static void add_ipv6(struct maker *maker)
{
	/* With these before them, TCP and UDP are looked for by who reads the packet. */
	static const uint8_t extensions[] = {
		IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT, IPPROTO_AH, IPPROTO_DSTOPTS,
	};

	place(maker, TARGET_IPV6);
	load(maker, BPF_B, IPV6_NEXT);
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		add_jump(maker, BPF_JEQ, extensions[i], TARGET_PASS, TARGET_NEXT);
	add_jump(maker, BPF_JEQ, IPPROTO_TCP, TARGET_PORTS_IPV6, TARGET_NEXT);
	add_jump(maker, BPF_JEQ, IPPROTO_UDP, TARGET_PORTS_IPV6, TARGET_NEXT);
	add_jump(maker, BPF_JEQ, IPPROTO_ICMPV6, TARGET_NEXT, TARGET_DROP);
	load(maker, BPF_B, IPV6_HEADER);
	add_jump(maker, BPF_JGE, ICMPV6_ERRORS_END, TARGET_DROP, TARGET_PASS);
	place(maker, TARGET_PORTS_IPV6);
	add(maker, BPF_LDX | BPF_W | BPF_IMM, IPV6_HEADER);
}

/* The index register has the length of the IP header. */
static void add_ports(struct maker *maker, const uint16_t *ports, size_t count)
{
	place(maker, TARGET_PORTS);
	if (count > PACKET_FILTER_PORTS_MAX)
		return;
	for (uint32_t side = 0; side < 2; side++) {
		add(maker, BPF_LD | BPF_H | BPF_IND, side * 2);
		for (size_t i = 0; i < count; i++) {
			bool is_last = side == 1 && i + 1 == count;

			add_jump(maker, BPF_JEQ, ports[i], TARGET_PASS, is_last ? TARGET_DROP : TARGET_NEXT);
		}
	}
}

size_t packet_filter_make(const uint16_t *ports, size_t count, uint32_t snap, struct sock_filter *dst)
{
	struct maker maker = { .dst = dst };

	if (count == 0) {
		add(&maker, BPF_RET | BPF_K, 0);
		return maker.len;
	}
	load(&maker, BPF_W, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX));
	add(&maker, BPF_JMP | BPF_JEQ | BPF_K, PACKET_FILTER_LOOPBACK);
	dst[maker.len - 1].jf = 2;
	load(&maker, BPF_W, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
	add_jump(&maker, BPF_JEQ, PACKET_OUTGOING, TARGET_NEXT, TARGET_DROP);
	load(&maker, BPF_W, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	add_jump(&maker, BPF_JEQ, ETH_P_IPV6, TARGET_IPV6, TARGET_NEXT);
	add_jump(&maker, BPF_JEQ, ETH_P_IP, TARGET_NEXT, TARGET_DROP);
	add_ipv4(&maker);
	add_ipv6(&maker);
	add_ports(&maker, ports, count);
	place(&maker, TARGET_PASS);
	add(&maker, BPF_RET | BPF_K, snap);
	place(&maker, TARGET_DROP);
	add(&maker, BPF_RET | BPF_K, 0);
	resolve(&maker);
	return maker.len;
}
