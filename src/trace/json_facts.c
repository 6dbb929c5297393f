/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel tells of a socket, in JSON: see json_facts.h. */
#include "trace/json_facts.h"

#include "trace/coalesce.h"
#include "trace/json_option.h"
#include "trace/names.h"

static void put_uint(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

static void put_word(struct json *json, const char *key, const char *word)
{
	json_key(json, key);
	json_string(json, word);
}

/* A listener's accept queue; queues and buffers of any socket. */
static void put_queues(struct json *json, const struct tcp_facts *facts)
{
	if (tcp_facts_has_queue(facts)) {
		put_uint(json, "queue_len", facts->queue_len);
		put_uint(json, "queue_limit", facts->queue_limit);
	}
	if (facts->drops > 0)
		put_uint(json, "drops", facts->drops);
	if (facts->has_queues) {
		put_uint(json, "unread", facts->unread);
		put_uint(json, "unsent", facts->unsent);
	}
	if (facts->sndbuf > 0)
		put_uint(json, "sndbuf", facts->sndbuf);
	if (facts->rcvbuf > 0)
		put_uint(json, "rcvbuf", facts->rcvbuf);
}

/* What newer kernels count of a connection. */
static void put_counts(struct json *json, const struct tcp_facts *facts)
{
	if (facts->has_bytes) {
		put_uint(json, "bytes_sent", facts->bytes_sent);
		put_uint(json, "bytes_retrans", facts->bytes_retrans);
	}
	if (facts->has_window)
		put_uint(json, "snd_wnd", facts->window);
	if (facts->has_rate) {
		put_uint(json, "delivery_rate", facts->delivery_rate);
		json_key(json, "delivery_rate_app_limited");
		json_bool(json, facts->is_app_limited);
	}
	if (facts->has_limits) {
		put_uint(json, "busy_us", facts->busy_us);
		put_uint(json, "rwnd_limited_us", facts->rwnd_limited_us);
		put_uint(json, "sndbuf_limited_us", facts->sndbuf_limited_us);
	}
	if (facts->limited_by != SENDER_LIMIT_NONE) {
		put_word(json, "limited_by", sender_limit_word(facts->limited_by));
		put_uint(json, "limited_percent", facts->limited_percent);
	}
}

static void put_tcp(struct json *json, const struct tcp_facts *facts)
{
	const char *state = name_of(&names_tcp_state, facts->state);

	json_key(json, "tcp_info");
	json_open(json, '{');
	if (state != NULL)
		put_word(json, "state", state);
	put_uint(json, "rtt_us", facts->rtt_us);
	put_uint(json, "rttvar_us", facts->rttvar_us);
	put_uint(json, "mss", facts->mss);
	put_uint(json, "cwnd", facts->cwnd);
	put_uint(json, "retransmits", facts->retransmits);
	put_uint(json, "unacked", facts->unacked);
	put_uint(json, "notsent", facts->notsent);
	put_counts(json, facts);
	put_queues(json, facts);
	json_close(json, '}');
}

/* What the kernel has made of a buffer's size that was asked for. */
static void put_effective(struct json *json, const struct tcp_facts *facts)
{
	put_uint(json, "effective", facts->sndbuf > 0 ? facts->sndbuf : facts->rcvbuf);
}

static void put_coalesced(struct json *json, const struct coalesced *coalesced)
{
	json_key(json, "coalesced");
	json_open(json, '{');
	put_word(json, "of", coalesce_word((enum coalesced_what)coalesced->what));
	put_uint(json, "pieces", coalesced->pieces);
	put_uint(json, "into", coalesced->calls);
	json_key(json, "at_least");
	json_bool(json, coalesced->is_least);
	json_key(json, "partial");
	json_bool(json, coalesced->is_partial);
	json_close(json, '}');
}

void json_facts(struct json *json, const struct event *event)
{
	const struct tcp_facts *facts = event->tcp;

	if (event->coalesced.what != COALESCED_NOTHING)
		put_coalesced(json, &event->coalesced);
	if (event->became != NULL && event->args != NULL)
		json_option_value(json, "effective", event->args, event->became, event->became_len);
	if (facts == NULL && event->summary != NULL)
		facts = &event->summary->tcp;
	if (facts == NULL)
		return;
	if (event->step == STEP_SETSOCKOPT) {
		put_effective(json, facts);
	} else if (facts->is_valid) {
		put_tcp(json, facts);
	} else if (facts->has_queues || facts->sndbuf > 0 || tcp_facts_has_queue(facts)) {
		json_key(json, "queues");
		json_open(json, '{');
		put_queues(json, facts);
		json_close(json, '}');
	}
}
