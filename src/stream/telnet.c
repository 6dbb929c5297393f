/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of TELNET: see telnet.h. */
#include "stream/telnet.h"

#include <stdio.h>

#include "base/util.h"

enum telnet_state {
	STATE_DATA = 0,
	STATE_IAC,    /* behind IAC */
	STATE_VERB,   /* behind IAC and WILL, WONT, DO or DONT */
	STATE_SB,     /* behind IAC SB */
	STATE_SB_FIRST_IAC, /* behind an IAC in the place of the option */
	STATE_INSIDE, /* inside a subnegotiation */
	STATE_SB_IAC, /* behind IAC there */
};

/* A byte that is no part of a command. Returns whether it is data. */
static bool take_data(struct telnet_parser *parser, uint8_t byte)
{
	bool is_padding = parser->was_cr && byte == 0;

	parser->was_cr = byte == '\r';
	return !is_padding;
}

/* The byte behind IAC. Returns whether it is data. */
static bool take_behind_iac(struct telnet_parser *parser, uint8_t byte, struct telnet_command *command)
{
	parser->state = STATE_DATA;
	if (byte == TELNET_IAC)
		return take_data(parser, byte);
	if (byte == TELNET_SB) {
		parser->state = STATE_SB;
	} else if (byte >= TELNET_WILL) {
		parser->state = STATE_VERB;
		parser->verb = byte;
	} else {
		command->verb = byte;
	}
	return false;
}

/*
 * The byte behind an IAC inside a subnegotiation. One that is neither SE nor IAC is a command: the SE was left out, and
 * all that follows would be taken for parameters if it were waited for. Returns whether it is data.
 */
static bool take_inside_iac(struct telnet_parser *parser, uint8_t byte, struct telnet_command *command)
{
	if (byte == TELNET_IAC) {
		parser->state = STATE_INSIDE;
		return false;
	}
	if (byte == TELNET_SE)
		parser->state = STATE_DATA;
	else
		take_behind_iac(parser, byte, command);
	if (command->verb == 0)
		*command = (struct telnet_command){ .verb = TELNET_SB, .option = parser->option };
	return false;
}

/*
 * One byte. Returns whether it is data. Behind IAC SB an IAC may be the option 255 (RFC 861, where what follows is SB,
 * WILL, WONT, DO or DONT; it may be doubled), or the end of a subnegotiation of nothing.
 */
static bool take_byte(struct telnet_parser *parser, uint8_t byte, struct telnet_command *command)
{
	switch ((enum telnet_state)parser->state) {
	case STATE_DATA:
		if (byte != TELNET_IAC)
			return take_data(parser, byte);
		parser->state = STATE_IAC;
		return false;
	case STATE_IAC:
		return take_behind_iac(parser, byte, command);
	case STATE_VERB:
		*command = (struct telnet_command){ .verb = parser->verb, .option = byte };
		parser->state = STATE_DATA;
		return false;
	case STATE_SB:
		parser->option = byte;
		parser->state = byte == TELNET_IAC ? STATE_SB_FIRST_IAC : STATE_INSIDE;
		return false;
	case STATE_SB_FIRST_IAC:
		parser->state = byte == TELNET_SE ? STATE_DATA : STATE_INSIDE;
		if (byte == TELNET_SE)
			*command = (struct telnet_command){ .verb = TELNET_SB, .is_empty = true };
		return false;
	case STATE_INSIDE:
		if (byte == TELNET_IAC)
			parser->state = STATE_SB_IAC;
		return false;
	case STATE_SB_IAC:
		return take_inside_iac(parser, byte, command);
	}
	return false;
}

size_t telnet_take(struct telnet_parser *parser, const uint8_t *data, size_t len, uint8_t *dst, size_t *dst_len,
		   struct telnet_command *command)
{
	size_t at = 0;

	*dst_len = 0;
	*command = (struct telnet_command){ .verb = 0 };
	while (at < len && command->verb == 0) {
		uint8_t byte = data[at++];

		if (take_byte(parser, byte, command))
			dst[(*dst_len)++] = byte;
	}
	return at;
}

size_t telnet_send(bool *was_cr, const uint8_t *data, size_t len, uint8_t *dst)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (*was_cr && data[i] != '\n')
			dst[n++] = 0;
		dst[n++] = data[i];
		if (data[i] == TELNET_IAC)
			dst[n++] = TELNET_IAC;
		*was_cr = data[i] == '\r';
	}
	return n;
}

const char *telnet_verb_name(uint8_t verb, char *dst, size_t size)
{
	static const char *const names[] = {
		"SE", "NOP", "DM", "BRK", "IP", "AO", "AYT", "EC", "EL", "GA", "SB", "WILL", "WONT", "DO", "DONT",
	};

	if (verb >= TELNET_SE && verb < TELNET_IAC)
		return names[verb - TELNET_SE];
	snprintf(dst, size, "%u", verb);
	return dst;
}

const char *telnet_option_name(uint8_t option, char *dst, size_t size)
{
	static const char *const names[] = {
		[0] = "BINARY",
		[1] = "ECHO",
		[3] = "SUPPRESS-GO-AHEAD",
		[5] = "STATUS",
		[6] = "TIMING-MARK",
		[24] = "TERMINAL-TYPE",
		[31] = "NAWS",
		[32] = "TERMINAL-SPEED",
		[33] = "REMOTE-FLOW-CONTROL",
		[34] = "LINEMODE",
		[35] = "X-DISPLAY-LOCATION",
		[36] = "ENVIRON",
		[37] = "AUTHENTICATION",
		[38] = "ENCRYPT",
		[39] = "NEW-ENVIRON",
	};

	if (option < ARRAY_LEN(names) && names[option] != NULL)
		return names[option];
	snprintf(dst, size, "%u", option);
	return dst;
}
