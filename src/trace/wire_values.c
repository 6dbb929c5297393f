/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that a frame consists of: see wire_values.h. */
#include "trace/wire_values.h"

#include <string.h>

static void put(struct wire *w, const void *bytes, size_t len)
{
	if (len > 0)
		buf_append(w->dst, bytes, len);
}

/* The next len bytes of the frame; NULL and is_bad where there are not so many. */
static const void *get(struct wire *w, size_t len)
{
	const uint8_t *bytes = w->at;

	if (w->is_bad || (size_t)(w->end - w->at) < len) {
		w->is_bad = true;
		return NULL;
	}
	w->at += len;
	return bytes;
}

/* Seven bits a byte, the lowest first, the eighth says that more follow. */
static void put_number(struct wire *w, uint64_t value)
{
	uint8_t bytes[10];
	size_t len = 0;

	do {
		bytes[len] = (uint8_t)(value & 0x7f);
		value >>= 7;
		if (value != 0)
			bytes[len] |= 0x80;
		len++;
	} while (value != 0);
	put(w, bytes, len);
}

static uint64_t get_number(struct wire *w)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint8_t *byte = get(w, 1);

		if (byte == NULL)
			return 0;
		value |= (uint64_t)(*byte & 0x7f) << shift;
		if ((*byte & 0x80) == 0)
			return value;
	}
	w->is_bad = true;
	return 0;
}

uint64_t wire_number(struct wire *w, uint64_t value)
{
	if (w->dst == NULL)
		return get_number(w);
	put_number(w, value);
	return value;
}

/* 0, -1, 1, -2, ... become 0, 1, 2, 3, ..., so that small ones are short. */
int64_t wire_integer(struct wire *w, int64_t value)
{
	uint64_t coded = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);

	coded = wire_number(w, coded);
	return (int64_t)((coded >> 1) ^ ((coded & 1) != 0 ? UINT64_MAX : 0));
}

int wire_small(struct wire *w, int value)
{
	return (int)wire_integer(w, value);
}

int wire_choice(struct wire *w, int value, int count)
{
	uint64_t read = wire_number(w, (uint64_t)value);

	if (read < (uint64_t)count)
		return (int)read;
	w->is_bad = true;
	return 0;
}

bool wire_truth(struct wire *w, bool value)
{
	return wire_choice(w, value, 2) == 1;
}

const void *wire_bytes(struct wire *w, const void *bytes, size_t len)
{
	if (w->dst == NULL)
		return get(w, len);
	put(w, bytes, len);
	return bytes;
}

const char *wire_string(struct wire *w, const char *value)
{
	size_t len;

	if (!wire_truth(w, value != NULL))
		return NULL;
	len = (size_t)wire_number(w, value == NULL ? 0 : strlen(value) + 1);
	if (len == 0 || len > WIRE_BLOB_MAX) {
		w->is_bad = true;
		return NULL;
	}
	value = wire_bytes(w, value, len);
	if (value == NULL || memchr(value, '\0', len) == value + len - 1)
		return value;
	w->is_bad = true;
	return NULL;
}

const char *wire_words(struct wire *w, const char *value)
{
	value = wire_string(w, value);
	w->is_bad = w->is_bad || value == NULL;
	return value;
}

struct addr *wire_address(struct wire *w, const struct addr *value, struct addr *room)
{
	struct sockaddr_storage storage = { 0 };
	const void *bytes;
	size_t len;

	if (!wire_truth(w, value != NULL))
		return NULL;
	len = (size_t)wire_number(w, value == NULL ? 0 : value->len);
	if (len > sizeof(room->un)) {
		w->is_bad = true;
		return NULL;
	}
	bytes = wire_bytes(w, value == NULL ? NULL : &value->sa, len);
	if (w->dst != NULL || bytes == NULL)
		return (struct addr *)value;
	memcpy(&storage, bytes, len);
	*room = (struct addr){ .len = 0 };
	if (len > 0)
		addr_set(room, (const struct sockaddr *)&storage, (socklen_t)len);
	return room;
}
