/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the table of socket options, for sockopt.c alone. */
#ifndef SOCKT_ENDPOINT_SOCKOPT_TABLES_H
#define SOCKT_ENDPOINT_SOCKOPT_TABLES_H

#include "base/i18n.h"
#include "endpoint/sockopt.h"

#define BIT(protocol) (1U << PROTOCOL_##protocol)
#define ON_UNIX (BIT(UNIX) | BIT(UNIX_DGRAM) | BIT(UNIX_SEQPACKET))
#define ON_TCP BIT(TCP)
#define ON_UDP BIT(UDP)
#define ON_IP (ON_TCP | ON_UDP)
#define ON_ALL (ON_IP | ON_UNIX)

/*
 * What every row begins with, but for its constant: that is a macro itself, and its name is to be had only where it is
 * written.
 */
#define IS(its_level, its_type, its_phase)                                                                            \
	.level = its_level, .type = SOCKOPT_##its_type, .phase = SOCKOPT_##its_phase

/* A truth value, which may stand alone. */
#define IS_BOOL(its_level, its_phase) IS(its_level, BOOL, its_phase), .is_alone = true, .alone = 1, .max = 1

/* The tables, each ended by a row without a constant. */
extern const struct sockopt sockopt_rows_socket[];
extern const struct sockopt sockopt_rows_tcp[];
extern const struct sockopt sockopt_rows_ip[];
extern const struct sockopt sockopt_rows_ipv6[];
extern const struct sockopt sockopt_rows_udp[];

#endif
