/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Line ends of what is sent: see crlf_layer.h. */
#include "stream/crlf_layer.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

/* Bytes of a stream that are taken at a time; each may become two. */
#define CHUNK ((size_t)64 * 1024)

static struct crlf_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct crlf_layer, layer);
}

/* Append data with their line ends to what waits. Returns how many CRs were put in. */
static uint64_t crlf_add(struct crlf_layer *crlf, const char *data, size_t len)
{
	uint64_t added = 0;

	while (len > 0) {
		const char *newline = memchr(data, '\n', len);
		size_t part = newline == NULL ? len : (size_t)(newline - data);

		buf_append(&crlf->waiting, data, part);
		if (part > 0)
			crlf->was_cr = data[part - 1] == '\r';
		if (newline != NULL) {
			buf_append(&crlf->waiting, "\r\n" + crlf->was_cr, (size_t)2 - crlf->was_cr);
			added += !crlf->was_cr;
			crlf->was_cr = false;
			part++;
		}
		data += part;
		len -= part;
	}
	return added;
}

/* A message, whole: what is not taken has never been seen. */
static ssize_t crlf_write_message(struct crlf_layer *crlf, struct stepper *st, const void *data, size_t len)
{
	bool was_cr = crlf->was_cr;
	uint64_t added = crlf_add(crlf, data, len);
	ssize_t n = layer_write(crlf->layer.below, st, len == 0 ? data : buf_peek(&crlf->waiting), crlf->waiting.len);

	buf_clear(&crlf->waiting);
	if (n < 0) {
		crlf->was_cr = was_cr;
		return n;
	}
	crlf->added += added;
	return (ssize_t)len;
}

static ssize_t crlf_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct crlf_layer *crlf = of_layer(layer);
	int ret;

	if (crlf->is_messages)
		return crlf_write_message(crlf, st, data, len);
	ret = crlf->error < 0 ? crlf->error : layer_write_waiting(crlf->layer.below, st, &crlf->waiting);
	if (ret < 0)
		return ret;
	/* No bytes: what waits in the layers is to be written. */
	if (len == 0)
		return layer_pending(layer->below, HALF_WRITE) > 0 ? layer_write(layer->below, st, data, 0) : 0;
	if (len > CHUNK)
		len = CHUNK;
	crlf->added += crlf_add(crlf, data, len);
	layer_write_taken(crlf->layer.below, st, &crlf->waiting, &crlf->error);
	return (ssize_t)len;
}

static int crlf_shut_write(struct layer *layer, struct stepper *st)
{
	struct crlf_layer *crlf = of_layer(layer);
	int ret = crlf->error < 0 ? crlf->error : layer_write_waiting(layer->below, st, &crlf->waiting);

	return ret < 0 ? ret : layer_shut_write(layer->below, st);
}

static size_t crlf_pending(const struct layer *layer, enum half half)
{
	const struct crlf_layer *crlf = CONTAINER_OF(layer, const struct crlf_layer, layer);

	return (half == HALF_WRITE ? crlf->waiting.len : 0) + layer_pending(layer->below, half);
}

static struct sock *crlf_raw(struct layer *layer, enum half half)
{
	return half == HALF_WRITE ? NULL : layer_raw(layer->below, half);
}

static int crlf_close(struct layer *layer, struct stepper *st)
{
	buf_clear(&of_layer(layer)->waiting);
	return layer_close(layer->below, st);
}

static const struct layer_ops crlf_ops = {
	.name = "crlf",
	.description = "lines that are sent end with CR LF",
	.write = crlf_write,
	.shut_write = crlf_shut_write,
	.pending = crlf_pending,
	.raw = crlf_raw,
	.close = crlf_close,
};

void crlf_layer_init(struct crlf_layer *crlf, struct layer *below, bool is_messages)
{
	*crlf = (struct crlf_layer){ .layer = { .ops = &crlf_ops, .below = below }, .is_messages = is_messages };
}
