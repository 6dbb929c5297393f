/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes from outside made safe to show: C escapes for previews, escapes for a terminal, JSON strings, base64, hex.
 * Pure. dst is always ended by NUL where size > 0, and never overrun.
 */
#ifndef SOCKT_BASE_ESCAPE_H
#define SOCKT_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * As the inside of a C string literal: printable ASCII as it is, \" \\ \n \r \t, others \xNN or, below 8, \N.
 * Where the digit that follows would join such an escape, it is written in octal with all three digits, \NNN.
 * Returns the number of bytes of data that were written whole into dst.
 */
size_t escape_c(const void *data, size_t len, char *dst, size_t size);

/*
 * Streaming filter for bytes on their way to a terminal: printable UTF-8, \n, \r before \n, and \t pass;
 * everything else (C0, C1, DEL, invalid UTF-8, bidirectional overrides and isolates U+202A-202E, U+2066-2069,
 * U+200E-200F, other invisible format controls but for the joiners) becomes \xNN a byte. Zero it to start.
 */
struct escape_term {
	uint8_t held[4]; /* an unfinished sequence, or a CR */
	uint8_t held_len;
};

/* The most bytes that len bytes of input (held ones included) can become. */
#define ESCAPE_TERM_MAX(len) (((len) + 4) * 4)

/*
 * Filter len bytes into dst (at least ESCAPE_TERM_MAX(len) bytes; no NUL is added). An unfinished sequence or a CR at
 * the end is held for the next call; is_last writes what is held. Returns the number of bytes written.
 */
size_t escape_term(struct escape_term *state, const void *data, size_t len, bool is_last, char *dst);

/*
 * As the inside of a JSON string (RFC 8259 section 7): valid UTF-8 passes, controls (C1 too, so that a terminal may
 * show the result) and invalid bytes become \u00NN. Returns the number of bytes of data that were written whole into
 * dst.
 */
size_t escape_json(const void *data, size_t len, char *dst, size_t size);

/* RFC 4648 section 4, with padding. dst needs ESCAPE_BASE64_MAX(len). Returns the length written, without the NUL. */
#define ESCAPE_BASE64_MAX(len) (((len) + 2) / 3 * 4 + 1)
size_t escape_base64(const void *data, size_t len, char *dst, size_t size);

/*
 * One line of a hex dump of up to 16 bytes: "00000010  68 65 6c 6c 6f 0a ...  |hello.|", offset being that of the
 * first byte. Needs 80 bytes. Returns dst.
 */
const char *escape_hex_line(uint64_t offset, const void *data, size_t len, char *dst, size_t size);

#endif
