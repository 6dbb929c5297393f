/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The run of `connect --scan`: tries many ports of one host, several at once, and tells what came of each, in their
 * order. A port of TCP is tried by connecting and closing; one of UDP by a datagram, since nothing else is ever
 * answered there. Of a name with several addresses each is tried in turn until one is open.
 */
#ifndef SOCKT_ENGINE_SCAN_H
#define SOCKT_ENGINE_SCAN_H

#include "endpoint/endpoint.h"
#include "endpoint/port_list.h"
#include "engine/run.h"

/* Worst first: of the addresses of a name the best counts. */
enum scan_result {
	SCAN_UNREACHABLE = 0, /* no way there: by says who told */
	SCAN_SILENT,          /* no answer; of UDP that proves nothing */
	SCAN_REFUSED,
	SCAN_OPEN,            /* TCP: connected; UDP: answered */
};

struct scan_verdict {
	uint16_t port;
	enum scan_result result;
	int error;         /* errno behind it; 0: none */
	uint64_t ns;       /* from the first packet to the verdict */
	struct addr addr;  /* that it was found at, with the port */
	struct addr by;    /* who sent the ICMP error, another than addr; len 0: nobody else */
};

struct scan_settings {
	struct engine *engine;
	const struct endpoint *endpoint; /* host, kind, source, options; its port counts nothing. TCP or UDP */
	const struct port_list *ports;
	uint64_t timeout_ns; /* for each address of each port */
	uint64_t pause_ns;   /* between the end of one port and the next, which are then tried one by one; 0: none */
	uint64_t parallel;   /* ports tried at the same time, at least 1; fewer where descriptors lack */
	/* A verdict, in the order of ports. */
	void (*verdict)(void *ctx, const struct scan_verdict *verdict);
	/* False: no further ports now, what was told is still to be written; scan_go_on() when that is done. */
	bool (*has_room)(void *ctx);
	/* All is told, or fail (NULL: nothing) says what could not be done here. Called once; stop the loop. */
	void (*done)(void *ctx, const struct failure *fail);
	void *ctx;
};

struct scan;

/* Start. done() is never called from within. */
struct scan *scan_start(const struct scan_settings *settings);
/* There is room again. */
void scan_go_on(struct scan *scan);
/* Close what is open. NULL: nothing. */
void scan_free(struct scan *scan);

#endif
