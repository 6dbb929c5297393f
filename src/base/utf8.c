/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 read strictly. Pure. */
#include "base/utf8.h"

#include "base/util.h"

/* What a first byte says: how long the sequence is and what its second byte may be (RFC 3629 section 4). */
struct lead {
	uint8_t first;
	uint8_t last;
	uint8_t len;
	uint8_t second_min;
	uint8_t second_max;
};

static const struct lead leads[] = {
	{ 0x00, 0x7f, 1, 0x00, 0x00 }, { 0xc2, 0xdf, 2, 0x80, 0xbf }, { 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf }, { 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf }, { 0xf4, 0xf4, 4, 0x80, 0x8f },
};

/* Find the entry of a first byte; NULL where no sequence begins with it. */
static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	}
	return NULL;
}

int utf8_decode(const uint8_t *data, size_t len, uint32_t *code)
{
	const struct lead *lead = find_lead(data[0]);
	if (lead == NULL)
		return -1;
	if (lead->len == 1) {
		*code = data[0];
		return 1;
	}

	uint32_t value = data[0] & (0x7fU >> lead->len);
	for (size_t i = 1; i < lead->len; i++) {
		if (i == len)
			return 0;
		uint8_t min = i == 1 ? lead->second_min : 0x80;
		uint8_t max = i == 1 ? lead->second_max : 0xbf;
		if (data[i] < min || data[i] > max)
			return -1;
		value = value << 6 | (data[i] & 0x3fU);
	}
	*code = value;
	return lead->len;
}

/* What must not reach a terminal, first to last, rising. */
static const struct {
	uint32_t first;
	uint32_t last;
} unprintable[] = {
	{ 0x0000, 0x001f },   /* C0 */
	{ 0x007f, 0x009f },   /* DEL and C1 */
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x180e, 0x180e },   /* Mongolian vowel separator */
	{ 0x200b, 0x200b },   /* zero width space */
	{ 0x200e, 0x200f },   /* left-to-right and right-to-left marks */
	{ 0x2028, 0x202e },   /* line and paragraph separators, bidirectional embeddings and overrides */
	{ 0x2060, 0x206f },   /* word joiner, invisible operators, isolates, deprecated controls */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff0, 0xfffb },   /* unassigned specials, interlinear annotation */
	{ 0x1bca0, 0x1bca3 }, /* shorthand controls */
	{ 0x1d173, 0x1d17a }, /* musical controls */
	{ 0xe0000, 0xe007f }, /* tags */
};

bool utf8_is_printable(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(unprintable) && code >= unprintable[i].first; i++) {
		if (code <= unprintable[i].last)
			return false;
	}
	bool is_noncharacter = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
	return !is_noncharacter;
}
