/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as people type them: counts, ports, sizes, durations, probabilities.
 * Pure. No leading blanks, no signs, no leading zeros, nothing behind the value.
 */
#ifndef SOCKT_BASE_PARSE_H
#define SOCKT_BASE_PARSE_H

#include <stddef.h>
#include <stdint.h>

#define PARSE_ERROR_MAX 160

/*
 * Each function returns 0 and writes *value, or returns
 *   -EINVAL  not of the form that is asked for
 *   -ERANGE  of the form, but out of range
 * and writes into error (PARSE_ERROR_MAX bytes, may be NULL) one line that names the text, what is wrong and
 * what is right, e.g. `--backlog "070" has a leading zero: write 70`, `port 70000 is out of range (0-65535)`,
 * `-w "5 s" is not a time: write 5s, 250ms, 2m or 1h`. Text is escaped in it and cut to a bearable length; what begins
 * it, unless what is NULL.
 */

/* A decimal number within min..max; what names it in the error ("port", "--backlog"). */
int parse_uint(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *value, char *error);

/* Bytes: 123, 64k, 1M, 2G (powers of 1024; k K m M g G), within min..max. */
int parse_size(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *value, char *error);

/*
 * A time in nanoseconds: 250ms, 2s, 1m or 1min, 1h, 1.5s (up to six decimals); a bare number is seconds. At most 365
 * days. 0 is allowed.
 */
int parse_duration(const char *text, const char *what, uint64_t *ns, char *error);

/* The same, but a bare number is refused: for places where it could be taken for something else. */
int parse_duration_with_unit(const char *text, const char *what, uint64_t *ns, char *error);

/* A probability from 0 to 1: 0, 0.05, 1 (up to nine decimals). */
int parse_probability(const char *text, const char *what, double *value, char *error);

/* A port number, min (0 or 1) to 65535. A service name is -EINVAL here: see endpoint/. */
int parse_port(const char *text, uint16_t min, uint16_t *port, char *error);

/* Write ns as a person would: "250 ms", "3 s", "1.5 s", "2 min". dst is always ended by NUL. Returns dst. */
const char *parse_format_duration(uint64_t ns, char *dst, size_t size);

#endif
