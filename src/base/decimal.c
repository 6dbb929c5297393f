/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal numbers: see decimal.h. */
#include "base/decimal.h"

#include <string.h>

size_t decimal_write_padded(uint64_t value, size_t width, char dst[DECIMAL_MAX])
{
	char digits[DECIMAL_MAX];
	size_t at = sizeof(digits) - 1, len;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (sizeof(digits) - 1 - at < width)
		digits[--at] = '0';
	len = sizeof(digits) - 1 - at;
	memcpy(dst, digits + at, len + 1);
	return len;
}

size_t decimal_write(uint64_t value, char dst[DECIMAL_MAX])
{
	return decimal_write_padded(value, 1, dst);
}
