/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an ICMP error says, in words (RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3.1). Pure. */
#ifndef SOCKT_TRACE_ICMP_WORDS_H
#define SOCKT_TRACE_ICMP_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Add "host unreachable", "administratively prohibited" ...; what is not known as its numbers. */
void icmp_words_add(int family, uint8_t type, uint8_t code, struct text *text);

/* Does the message say that a rule forbids the packet (a firewall), rather than that there is no way? */
bool icmp_words_is_forbidden(int family, uint8_t type, uint8_t code);

#endif
