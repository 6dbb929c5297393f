/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions that a C program of `--trace c` may call, as C source. */
#ifndef SOCKT_TRACE_C_HELPERS_H
#define SOCKT_TRACE_C_HELPERS_H

#include <stdbool.h>

#include "trace/c_source.h"

/* In the order in which they are written: those that call come behind those that are called. */
enum c_helper {
	C_DIE = 0,
	C_CUT_SHORT,
	C_WRITE_OUT,
	C_SEND_ALL,
	C_SEND_INPUT,
	C_SEND_INPUT_MESSAGE,
	C_RECEIVE,
	C_RECEIVE_TO_END,
	C_RECEIVE_MESSAGE,
	C_RECEIVE_FROM,
	C_DISCARD,
	C_FORWARD,
	C_FORWARD_TO_END,
	C_FORWARD_MESSAGE,
	C_FORWARD_FROM,
	C_FORWARD_TO,
	C_EXCHANGE,
	C_EXCHANGE_BETWEEN,
	C_REPEAT,
	C_TAKE_INPUT,
	C_WAIT_FOR,
	C_START_CONNECT,
	C_FINISH_CONNECT,
	C_SEND_SOME,
	C_PASS,
	C_PEEK,
	C_SHOW_ADDRESS,
	C_SHOW_PATH,
	C_HELPER_COUNT
};

/* Write the functions of the bits set in wanted (1U << enum c_helper), and those that they call. */
void c_helpers_write(struct source *source, unsigned wanted);
/* Is the word in the C source of any of these? */
bool c_helpers_have(unsigned wanted, const char *word);

#endif
