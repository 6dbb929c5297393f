/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C escapes read: what a person types for bytes that keys do not have. Pure. */
#ifndef SOCKT_BASE_UNESCAPE_H
#define SOCKT_BASE_UNESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#define UNESCAPE_ERROR_MAX 120

/*
 * Read text as a C string literal, with its quotes or, where it does not begin with one, without: \a \b \e \f \n \r \t
 * \v \\ \" \' \?, \ooo (one to three octal digits), \xhh (one or two hex digits). Writes to dst, which needs as many
 * bytes as text has, and *len. Returns 0; -EINVAL with one line in error (UNESCAPE_ERROR_MAX bytes).
 */
int unescape_c(const char *text, char *dst, size_t *len, char *error);

#endif
