/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PROXY headers of a pair: the one that is read from the client before anything else, and the one that the target
 * gets before anything else. See pair.h, and stream/proxy_header.h for what they are.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "engine/pair_private.h"
#include "engine/waiting.h"

/* Where nothing else limits how long the client may take ("at least 3 seconds to cover a TCP retransmit"). */
#define HELLO_LIMIT_NS (10 * NS_PER_S)

struct pair_hello {
	struct proxy_header header; /* as it was read, or what is known of the client */
	struct buf got;             /* what was taken of one that is not whole yet */
	size_t wanted;              /* what is to be taken next, as a look at it has told; 0: not looked yet */
	size_t sent;                /* of the one to the target */
};

void pair_hello_clear(struct pair *pair)
{
	if (pair->rare->hello == NULL)
		return;
	buf_clear(&pair->rare->hello->got);
	free(pair->rare->hello);
	pair_rare_make(pair)->hello = NULL;
}

/* How long the client may take. */
static uint64_t hello_limit(const struct pair *pair)
{
	return pair->rules->connect_ns == ENDING_NEVER ? HELLO_LIMIT_NS : pair->rules->connect_ns;
}

bool pair_hello_begin(struct pair *pair, const struct addr *client)
{
	if (pair->rules->reception != NULL) {
		pair_proxy_begin(pair);
		return true;
	}
	if (!pair->has_header_first && pair->rules->sends_proxy == PROXY_NONE)
		return false;
	pair_rare_make(pair)->hello = xcalloc(1, sizeof(*pair->rare->hello));
	pair->rare->hello->header.source = *client;
	if (!pair->has_header_first)
		return false;
	pair->phase = PAIR_HELLO;
	loop_timer_set_after(pair_engine(pair)->loop, &pair->timer,
			     pair->rare->names != NULL && hello_limit(pair) > WAITING_NS ? WAITING_NS
											 : hello_limit(pair));
	return true;
}

/* The timer has run out, and it was not yet the limit: with a trace it is said who must act next (waiting.h). */
static bool hello_waits(struct pair *pair)
{
	uint64_t age_ns = pair_now(pair) - pair->opened_ns;

	if (age_ns >= hello_limit(pair))
		return false;
	step_note(pair_engine(pair)->st, pair->number,
		  _("nothing moves for 2 s: the client has not sent its PROXY header (accept-proxy); it must send "
		    "one"));
	loop_timer_set_after(pair_engine(pair)->loop, &pair->timer, hello_limit(pair) - age_ns);
	return true;
}

/* Tell in the trace who the client is said to be. */
static void note_client(struct pair *pair, const struct proxy_header *header)
{
	char source[ADDR_TEXT_MAX], destination[ADDR_TEXT_MAX];
	struct stepper *st = pair_engine(pair)->st;

	if (st->bus->level == 0)
		return;
	if (header->is_local)
		step_note(st, pair->number, _("PROXY header: the client is a proxy that speaks for itself (LOCAL)"));
	else if (header->source.len == 0)
		step_note(st, pair->number, _("PROXY header: it does not tell who the client is"));
	else
		step_note(st, pair->number, _("PROXY header: the client is %1$s, and connected to %2$s"),
			  addr_format(&header->source, source, sizeof(source)),
			  addr_format(&header->destination, destination, sizeof(destination)));
}

/* There is no header, and there will be none: the client is reset. */
static void hello_refuse(struct pair *pair, const char *why)
{
	char words[ADDR_TEXT_MAX], sentence[256];

	snprintf(sentence, sizeof(sentence), _("no valid PROXY header from the client %s: %s; it is reset"),
		 addr_format_words(&pair->rare->hello->header.source, words, sizeof(words)), why);
	pair->rules->greeted(pair->rules->ctx, pair, sentence);
	pair_closed_here(pair);
	pair_close(pair, ENDED_PROXY, true);
}

/* The client has ended (0) or is broken (-errno) before its header was whole. */
static void hello_ended(struct pair *pair, int ret)
{
	if (ret == 0) {
		pair_closed_by(pair, &pair->client);
		hello_refuse(pair, pair->rare->hello->got.len == 0 ? _("it ended without one") :
							       _("it ended in the middle of one"));
		return;
	}
	failure_set(pair_failure(pair), STEP_RECV, -ret, NULL);
	pair->client.is_broken = true;
	pair_closed_by(pair, &pair->client);
	pair_close(pair, ENDED_RESET, false);
}

/* The header is whole. */
static void hello_done(struct pair *pair, const struct proxy_header *header)
{
	loop_timer_clear(pair_engine(pair)->loop, &pair->timer);
	note_client(pair, header);
	pair->rules->greeted(pair->rules->ctx, pair, NULL);
	buf_clear(&pair->rare->hello->got);
	pair->rare->hello->header = *header;
	if (pair->rules->sends_proxy == PROXY_NONE && pair->rules->programs == NULL)
		pair_hello_clear(pair);
}

void pair_hello_tell(struct pair *pair, struct program_peer *peer)
{
	const struct proxy_header *header;

	if (pair->rare->hello == NULL)
		return;
	header = &pair->rare->hello->header;
	if (!header->is_local && header->source.len > 0) {
		peer->remote = header->source;
		peer->local = header->destination;
	}
	pair_hello_clear(pair);
}

/* Nothing came of a receive: not now, or the client has gone. Returns -EAGAIN, or -ECONNRESET: the pair is closed. */
static int hello_nothing(struct pair *pair, ssize_t n)
{
	if (n == -EAGAIN || n == STEP_HELD)
		return -EAGAIN;
	hello_ended(pair, (int)n);
	return -ECONNRESET;
}

/* Look at what has come behind the had bytes that are taken: how much of it belongs to the header. As hello_take(). */
static int hello_look(struct pair *pair, uint8_t *bytes, size_t had)
{
	struct proxy_header header;
	const char *reason;
	ssize_t whole, n;

	n = step_recv(pair_engine(pair)->st, &pair->client.layer.sock, bytes + had, PROXY_HEADER_MAX - had, MSG_PEEK,
		      NULL);
	if (n <= 0)
		return hello_nothing(pair, n);
	whole = proxy_header_read(bytes, had + (size_t)n, &header, &reason);
	if (whole < 0) {
		hello_refuse(pair, reason);
		return (int)whole;
	}
	pair->rare->hello->wanted = whole > 0 ? (size_t)whole - had : (size_t)n;
	return 0;
}

/*
 * Look at what has come, and take of it what belongs to the header: nothing behind it, which is for the target. A look
 * that has been is not repeated where the taking is held.
 * Returns 1: it is whole, 0: something was taken, -EAGAIN: not now, another -errno: the pair is closed.
 */
static int hello_take(struct pair *pair)
{
	struct buf *got = &pair->rare->hello->got;
	uint8_t bytes[PROXY_HEADER_MAX];
	size_t had = got->len;
	struct proxy_header header;
	const char *reason;
	ssize_t n;
	int ret;

	if (had > 0)
		memcpy(bytes, buf_peek(got), had);
	ret = pair->rare->hello->wanted == 0 ? hello_look(pair, bytes, had) : 0;
	if (ret < 0)
		return ret;
	n = step_recv(pair_engine(pair)->st, &pair->client.layer.sock, bytes + had, pair->rare->hello->wanted, 0, NULL);
	if (n <= 0)
		return hello_nothing(pair, n);
	pair->rare->hello->wanted = 0;
	/* The same bytes as before, and not more: there is no mistake in them. */
	if (proxy_header_read(bytes, had + (size_t)n, &header, &reason) > 0) {
		hello_done(pair, &header);
		return 1;
	}
	buf_append(got, bytes + had, (size_t)n);
	return 0;
}

bool pair_hello_read(struct pair *pair)
{
	char limit[32], why[128];
	int ret = 0;

	if (pair->rare->proxy != NULL)
		return pair_proxy_read(pair);
	while (ret == 0 && stream_is_ready(&pair->client.stream, HALF_READ))
		ret = hello_take(pair);
	if (ret == 1)
		return true;
	if (pair->phase == PAIR_HELLO && !timer_is_set(&pair->timer) && !hello_waits(pair)) {
		snprintf(why, sizeof(why), _("none was whole within %s"),
			 parse_format_duration(hello_limit(pair), limit, sizeof(limit)));
		hello_refuse(pair, why);
	}
	return false;
}

bool pair_hello_write(struct pair *pair)
{
	struct engine *engine = pair_engine(pair);
	uint8_t bytes[PROXY_WRITTEN_MAX];
	struct proxy_header *header;
	size_t len;
	ssize_t n;

	if (pair->rare->proxy != NULL)
		return pair_proxy_write(pair);
	if (pair->rare->hello == NULL)
		return true;
	header = &pair->rare->hello->header;
	if (!pair->has_header_first && header->destination.len == 0)
		step_local_addr(engine->st, &pair->client.layer.sock, &header->destination);
	header->version = pair->rules->sends_proxy;
	len = proxy_header_write(header, bytes);
	n = layer_write(pair->target.stream.top, engine->st, bytes + pair->rare->hello->sent,
			len - pair->rare->hello->sent);
	if (n == -EAGAIN || n == STEP_HELD)
		return false;
	if (n < 0) {
		pair_break(pair, &pair->target, (int)-n);
		return false;
	}
	pair->rare->hello->sent += (size_t)n;
	if (pair->rare->hello->sent < len)
		return false;
	pair_hello_clear(pair);
	return true;
}
