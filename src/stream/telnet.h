/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of TELNET among bytes (RFC 854, RFC 855, RFC 861). Pure: what arrives is cut into data and commands,
 * what is to be sent is made such that none of it is taken for a command.
 */
#ifndef SOCKT_STREAM_TELNET_H
#define SOCKT_STREAM_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TELNET_SE 240
#define TELNET_SB 250
#define TELNET_WILL 251
#define TELNET_WONT 252
#define TELNET_DO 253
#define TELNET_DONT 254
#define TELNET_IAC 255

/* What has been seen of a command so far. Zeroed: nothing. */
struct telnet_parser {
	uint8_t state;
	uint8_t verb;   /* WILL, WONT, DO, DONT */
	uint8_t option; /* of a subnegotiation */
	bool was_cr;    /* the last byte of data was a CR: a NUL behind it is none */
};

/* A command that has come. */
struct telnet_command {
	uint8_t verb;   /* TELNET_SB: a whole subnegotiation; 0: there is none */
	uint8_t option; /* of WILL, WONT, DO, DONT, SB */
	bool is_empty;  /* SB, and it names no option */
};

/*
 * Go through data until a command is whole or all is read. Data go to dst, which may be data itself; *dst_len is how
 * many they are. Returns how many bytes of data were read, and fills command where one is whole.
 */
size_t telnet_take(struct telnet_parser *parser, const uint8_t *data, size_t len, uint8_t *dst, size_t *dst_len,
		   struct telnet_command *command);

/* The most bytes that len bytes to be sent can become. */
#define TELNET_SENT_MAX(len) ((len) * 2 + 1)

/*
 * Make len bytes ready to be sent: 255 is doubled, a CR that is no part of CR LF gets a NUL behind it. *was_cr: the
 * last byte was a CR. Returns the number of bytes in dst, which has room for TELNET_SENT_MAX(len).
 */
size_t telnet_send(bool *was_cr, const uint8_t *data, size_t len, uint8_t *dst);

/* The name of a command or of an option, as the RFCs have it; dst, of size bytes, where it has none. */
const char *telnet_verb_name(uint8_t verb, char *dst, size_t size);
const char *telnet_option_name(uint8_t option, char *dst, size_t size);

#endif
