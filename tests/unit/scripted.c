/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A layer that does as it is told: see scripted.h. */
#include "scripted.h"

#include "base/util.h"

#include <errno.h>
#include <string.h>

static struct scripted *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct scripted, layer);
}

/* Is this call the one that is answered otherwise? Then 0 is not what it returns. */
static int fault_answer(struct fault *fault)
{
	return fault != NULL && fault->calls++ == fault->at ? fault->answer : 0;
}

static ssize_t scripted_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct scripted *scripted = of_layer(layer);
	const struct scripted_read *read = &scripted->reads[scripted->read_at];
	int error = fault_answer(scripted->fault);
	size_t len;

	(void)st;
	if (error == 0 && scripted->read_at == scripted->read_count)
		error = -EAGAIN;
	if (error == 0 && read->data == NULL) {
		scripted->read_at++;
		error = read->error;
	}
	if (error != 0) {
		scripted->is_readable = scripted->is_readable && error != -EAGAIN;
		return error;
	}
	len = read->len - scripted->read_used;
	if (read->is_message)
		*flags |= LAYER_EOM | (len > size ? LAYER_TRUNC : 0U);
	memcpy(buf, read->data + scripted->read_used, len < size ? len : size);
	/* An end is given again and again; of bytes the rest is for the next read. */
	if (!read->is_message && len > size)
		scripted->read_used += size;
	else if (read->is_message || read->len > 0)
		scripted->read_used = 0;
	if (!read->is_message && len > size)
		return (ssize_t)size;
	if (read->is_message || read->len > 0)
		scripted->read_at++;
	return (ssize_t)len;
}

static ssize_t scripted_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct scripted *scripted = of_layer(layer);
	int answer = fault_answer(scripted->fault);

	(void)st;
	if (answer == 0 && scripted->write_at < scripted->write_count)
		answer = scripted->writes[scripted->write_at++];
	if (answer < 0) {
		scripted->is_writable = scripted->is_writable && answer != -EAGAIN;
		return answer;
	}
	if (answer > 0 && (size_t)answer < len)
		len = (size_t)answer;
	buf_append(&scripted->written, data, len);
	if (scripted->message_count < SCRIPTED_MESSAGES_MAX)
		scripted->messages[scripted->message_count] = len;
	scripted->message_count++;
	return (ssize_t)len;
}

static int scripted_shut_write(struct layer *layer, struct stepper *st)
{
	struct scripted *scripted = of_layer(layer);

	(void)st;
	scripted->shuts++;
	return scripted->shut_error;
}

static int scripted_abort(struct layer *layer, struct stepper *st)
{
	(void)st;
	of_layer(layer)->aborts++;
	return 0;
}

static unsigned scripted_wants(const struct layer *layer, enum half half)
{
	const struct scripted *scripted = CONTAINER_OF(layer, const struct scripted, layer);

	if (half == HALF_READ)
		return scripted->is_readable ? 0 : READY_IN;
	return scripted->is_writable ? 0 : READY_OUT;
}

static size_t scripted_pending(const struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return 0;
}

static struct sock *scripted_raw(struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return NULL;
}

static int scripted_close(struct layer *layer, struct stepper *st)
{
	(void)st;
	of_layer(layer)->closes++;
	return 0;
}

static const struct layer_ops scripted_ops = {
	.name = "scripted",
	.description = "a layer that does as it is told",
	.read = scripted_read,
	.write = scripted_write,
	.shut_write = scripted_shut_write,
	.abort = scripted_abort,
	.wants = scripted_wants,
	.pending = scripted_pending,
	.raw = scripted_raw,
	.close = scripted_close,
};

void scripted_init(struct scripted *scripted)
{
	*scripted = (struct scripted){ .layer = { .ops = &scripted_ops }, .is_readable = true, .is_writable = true };
}

void scripted_edge(struct scripted *scripted)
{
	scripted->is_readable = true;
	scripted->is_writable = true;
}

void scripted_clear(struct scripted *scripted)
{
	buf_clear(&scripted->written);
	scripted->message_count = 0;
}
