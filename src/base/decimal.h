/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal numbers. A trace of packets writes a dozen of them a line, and printf() took most of the time of that. */
#ifndef SOCKT_BASE_DECIMAL_H
#define SOCKT_BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_MAX 24 /* room for any number, and a NUL */

/* Write value, and a NUL. Returns how many digits it has. */
size_t decimal_write(uint64_t value, char dst[DECIMAL_MAX]);
/* The same with at least width (< DECIMAL_MAX) digits: zeros in front. */
size_t decimal_write_padded(uint64_t value, size_t width, char dst[DECIMAL_MAX]);

#endif
