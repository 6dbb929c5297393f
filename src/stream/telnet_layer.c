/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TELNET refused politely: see telnet_layer.h. */
#include "stream/telnet_layer.h"

#include <errno.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"

/* Bytes that are made ready at a time; each may become two. */
#define CHUNK ((size_t)16 * 1024)
/* While so much waits to be sent nothing is read, so that one who asks and does not read cannot make it grow. */
#define WAITING_MAX ((size_t)64 * 1024)
/* Reads in one turn that bring commands and no data: who sends nothing else starves nobody. */
#define COMMANDS_MAX 4

static struct telnet_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct telnet_layer, layer);
}

/* Tell of a command that has come, and refuse what it asks for. */
static void telnet_answer(struct telnet_layer *tl, struct stepper *st, const struct telnet_command *command)
{
	char verb_words[8], option_words[8];
	const char *verb = telnet_verb_name(command->verb, verb_words, sizeof(verb_words));
	const char *option = telnet_option_name(command->option, option_words, sizeof(option_words));
	bool is_will = command->verb == TELNET_WILL, is_do = command->verb == TELNET_DO;
	uint8_t answer[] = { TELNET_IAC, is_will ? TELNET_DONT : TELNET_WONT, command->option };

	if ((is_will || is_do) && !tl->is_shut) {
		buf_append(&tl->waiting, answer, sizeof(answer));
		tl->added += sizeof(answer);
		step_note(st, tl->session,
			  is_will ? _("telnet: the peer says %1$s %2$s: refused with DONT") :
				    _("telnet: the peer says %1$s %2$s: refused with WONT"),
			  verb, option);
	} else if (command->is_empty) {
		step_note(st, tl->session, _("telnet: the peer says SB without an option: passed over"));
	} else if (command->verb < TELNET_SB) {
		step_note(st, tl->session, _("telnet: the peer says %s: passed over"), verb);
	} else {
		step_note(st, tl->session, _("telnet: the peer says %1$s %2$s: passed over"), verb, option);
	}
}

/* Take the commands out of what was read, in its place. Returns how many bytes of data there are. */
static size_t telnet_filter(struct telnet_layer *tl, struct stepper *st, uint8_t *data, size_t len)
{
	size_t at = 0, kept = 0, more;
	struct telnet_command command;

	while (at < len) {
		at += telnet_take(&tl->parser, data + at, len - at, data + kept, &more, &command);
		kept += more;
		if (command.verb != 0)
			telnet_answer(tl, st, &command);
	}
	tl->removed += len - kept;
	return kept;
}

static ssize_t telnet_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct telnet_layer *tl = of_layer(layer);
	size_t kept = 0;

	for (unsigned i = 0; kept == 0; i++) {
		ssize_t n;

		if (i == COMMANDS_MAX) {
			loop_post_later(tl->loop, tl->task);
			return -EAGAIN;
		}
		n = tl->waiting.len > WAITING_MAX ? layer_write_waiting(tl->layer.below, st, &tl->waiting) : 0;
		if (n < 0)
			return n;
		n = layer_read(layer->below, st, buf, size, flags);
		if (n <= 0)
			return n;
		kept = telnet_filter(tl, st, buf, (size_t)n);
		/* Of an error whoever writes next is told. */
		layer_write_waiting(tl->layer.below, st, &tl->waiting);
	}
	return (ssize_t)kept;
}

static ssize_t telnet_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct telnet_layer *tl = of_layer(layer);
	uint8_t ready[TELNET_SENT_MAX(CHUNK)];
	int ret = tl->error < 0 ? tl->error : layer_write_waiting(tl->layer.below, st, &tl->waiting);
	size_t n;

	if (ret < 0)
		return ret;
	/* No bytes: what waits in the layers is to be written. */
	if (len == 0)
		return layer_pending(layer->below, HALF_WRITE) > 0 ? layer_write(layer->below, st, data, 0) : 0;
	if (len > CHUNK)
		len = CHUNK;
	n = telnet_send(&tl->was_cr, data, len, ready);
	tl->added += n - len;
	buf_append(&tl->waiting, ready, n);
	layer_write_taken(tl->layer.below, st, &tl->waiting, &tl->error);
	return (ssize_t)len;
}

static int telnet_shut_write(struct layer *layer, struct stepper *st)
{
	struct telnet_layer *tl = of_layer(layer);
	int ret;

	if (tl->was_cr) {
		buf_append(&tl->waiting, "", 1);
		tl->added++;
		tl->was_cr = false;
	}
	ret = tl->error < 0 ? tl->error : layer_write_waiting(tl->layer.below, st, &tl->waiting);
	if (ret < 0)
		return ret;
	ret = layer_shut_write(layer->below, st);
	tl->is_shut = ret == 0;
	return ret;
}

static size_t telnet_pending(const struct layer *layer, enum half half)
{
	const struct telnet_layer *tl = CONTAINER_OF(layer, const struct telnet_layer, layer);

	return (half == HALF_WRITE ? tl->waiting.len : 0) + layer_pending(layer->below, half);
}

static struct sock *telnet_raw(struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return NULL;
}

static int telnet_close(struct layer *layer, struct stepper *st)
{
	buf_clear(&of_layer(layer)->waiting);
	return layer_close(layer->below, st);
}

static const struct layer_ops telnet_ops = {
	.name = "telnet",
	.description = "TELNET negotiation, refused",
	.read = telnet_read,
	.write = telnet_write,
	.shut_write = telnet_shut_write,
	.pending = telnet_pending,
	.raw = telnet_raw,
	.close = telnet_close,
};

void telnet_layer_init(struct telnet_layer *tl, struct layer *below, uint32_t session, struct loop *loop,
		       struct task *task)
{
	*tl = (struct telnet_layer){
		.layer = { .ops = &telnet_ops, .below = below },
		.loop = loop,
		.task = task,
		.session = session,
	};
}
