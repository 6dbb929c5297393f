/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 as bytes from outside have to be read: checked strictly (RFC 3629), and told apart by what a terminal does. */
#ifndef SOCKT_BASE_UTF8_H
#define SOCKT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Read the code point that begins at data (len >= 1 bytes).
 * Returns its length, 1 to 4, and writes *code; 0 where the bytes so far are right but more are needed; -1 where the
 * first byte begins no valid sequence. Overlong forms, surrogates and code points over U+10FFFF are invalid.
 */
int utf8_decode(const uint8_t *data, size_t len, uint32_t *code);

/*
 * May the code point go to a terminal as it is? Not controls (C0, DEL, C1), not what reorders or hides text
 * (bidirectional controls, line separators, invisible format controls, tags) and not noncharacters.
 * The joiners U+200C and U+200D may: Persian, Indic scripts and emoji are written with them, and they move nothing.
 */
bool utf8_is_printable(uint32_t code);

#endif
