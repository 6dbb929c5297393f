/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the functions that a C program may call: what the files of them share. */
#ifndef SOCKT_TRACE_C_HELPERS_PRIVATE_H
#define SOCKT_TRACE_C_HELPERS_PRIVATE_H

#include "trace/c_helpers.h"

#define BIT(helper) (1U << (helper))
#define C_HELPERS_WHOLE C_REPEAT /* the first of those of whole programs */

struct c_helper_row {
	unsigned calls; /* bits of those that it calls */
	const char *comment;
	const char *text;
};

extern const struct c_helper_row c_helpers_whole[C_HELPER_COUNT - C_HELPERS_WHOLE];

#endif
