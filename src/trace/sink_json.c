/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The json sink: one object a line, for programs. The first line is the header. sockt-trace(5) and
 * doc/sockt-trace.schema.json describe it; within version 1 fields and values are only added.
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/util.h"
#include "trace/explain.h"
#include "trace/json.h"
#include "trace/json_args.h"
#include "trace/json_packet.h"
#include "trace/json_facts.h"
#include "trace/json_http.h"
#include "trace/names.h"
#include "trace/sink.h"

#define FORMAT_VERSION 1
#define ADDRESSES_LEVEL 2 /* from which on candidates and TCP_INFO are told */

struct json_state {
	struct json json;
	uint64_t t_ns;     /* of the last event */
	uint64_t start_ns; /* CLOCK_MONOTONIC at t_ms 0 */
	bool has_end;      /* an event END has been written */
	struct explain *explain; /* NULL: nothing is explained */
};

/* The moment t_ms counts from, on the wall, as RFC 3339 has it. */
static void put_start(struct json *json, uint64_t start_ns)
{
	uint64_t real_ns = clock_real_at(start_ns);
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	char date[32], moment[64];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(moment, sizeof(moment), "%s.%09" PRIu64 "Z", date, real_ns % NS_PER_S);
	json_key(json, "start");
	json_string(json, moment);
}

static void put_header(struct json *json, const struct sink_options *options)
{
	struct utsname system;

	json_open(json, '{');
	json_key(json, "format");
	json_string(json, "sockt-trace");
	json_key(json, "version");
	json_int(json, FORMAT_VERSION);
	json_key(json, "sockt");
	json_string(json, options->version != NULL ? options->version : "");
	put_start(json, options->start_ns);
	json_key(json, "kernel");
	json_string(json, uname(&system) == 0 ? system.release : "");
	json_key(json, "pid");
	json_int(json, getpid());
	json_key(json, "argv");
	json_open(json, '[');
	for (int i = 0; i < options->argc; i++)
		json_string(json, options->argv[i]);
	json_close(json, ']');
	json_close(json, '}');
	json_newline(json);
}

/* A member that is a word. */
static void put_word(struct json *json, const char *key, const char *word)
{
	json_key(json, key);
	json_string(json, word);
}

static void put_addr(struct json *json, const char *key, const struct addr *addr)
{
	char words[ADDR_TEXT_MAX];

	if (addr != NULL && addr->len > 0)
		put_word(json, key, addr_format(addr, words, sizeof(words)));
}

static void put_state(struct json *json, const char *key, int state)
{
	const char *name;

	if (state == 0)
		return;
	name = name_of(&names_tcp_state, state);
	json_key(json, key);
	if (name != NULL)
		json_string(json, name);
	else
		json_int(json, state);
}

/* What every event begins with. */
static void put_head(struct json *json, uint64_t seq, const struct event *event)
{
	json_open(json, '{');
	json_key(json, "seq");
	json_uint(json, seq);
	json_key(json, "t_ms");
	json_milli(json, event->t_ns / NS_PER_US);
	put_word(json, "step", step_name(event->step));
	json_key(json, "level");
	json_uint(json, event_level(event));
}

/* Whose the event is: session, side, descriptor. */
static void put_owner(struct json *json, const struct event *event)
{
	if (event->has_dur) {
		json_key(json, "dur_us");
		json_milli(json, event->dur_ns);
	}
	if (event_number(event) != 0) {
		json_key(json, "session");
		json_uint(json, event_number(event));
	}
	if (event->side != SIDE_NONE)
		put_word(json, "side", event->side == SIDE_CLIENT ? "client" : "server");
	if (event->fd >= 0) {
		json_key(json, "fd");
		json_int(json, event->fd);
	}
}

/* What the step failed with, by its name; as a number where it has none. */
static void put_error(struct json *json, const struct event *event)
{
	char number[32];
	const char *name = event_error_name(event, number, sizeof(number));

	json_key(json, "errno");
	if (name != number)
		json_string(json, name);
	else
		json_int(json, event->error);
}

/* The answer: result, errno, what changed. */
static void put_answer(struct json *json, const struct event *event)
{
	bool has_failed = event_has_failed(event);

	if (event->has_result || has_failed) {
		json_key(json, "result");
		json_int(json, has_failed ? -1 : event->result);
	}
	if (has_failed)
		put_error(json, event);
	put_state(json, "state_from", event->state_from);
	put_state(json, "state_to", event->state_to);
	put_addr(json, "local", event->local);
	put_addr(json, "remote", event->remote);
	if (event->protocol != PROTOCOL_NONE)
		put_word(json, "protocol", protocol_name(event->protocol));
}

/* The bytes that moved: the first of them escaped, and at level 3 all. */
static void put_data(struct json *json, const struct sink *sink, const struct event *event)
{
	size_t len, shown;

	if (sink->level < 2)
		return;
	len = event_data_len(event);
	shown = len < sink->preview ? len : sink->preview;
	if (shown > 0) {
		size_t size = shown * 4 + 1;
		char *preview = xmalloc(size);

		escape_c(event->data, shown, preview, size);
		put_word(json, "preview", preview);
		free(preview);
	}
	if (sink->level >= 3 && len > 0) {
		json_key(json, "data");
		json_base64(json, event->data, len);
	}
}

static void put_uint(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

static void put_addresses(struct json *json, const union step_args *args)
{
	char words[ADDR_TEXT_MAX];

	json_key(json, "addresses");
	json_open(json, '[');
	for (size_t i = 0; i < args->resolve.found_count; i++)
		json_string(json, addr_format(&args->resolve.found[i], words, sizeof(words)));
	json_close(json, ']');
}

/* How many there were, and the last of them. */
static void put_icmp_tally(struct json *json, const struct icmp_tally *icmp)
{
	bool is_v6 = addr_family(&icmp->sender) == AF_INET6;
	const struct packet last = {
		.family = is_v6 ? AF_INET6 : AF_INET,
		.protocol = is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		.icmp_type = icmp->type,
		.icmp_code = icmp->code,
		.icmp_sender = icmp->sender.len > 0 ? &icmp->sender : NULL,
	};

	put_uint(json, "icmp_errors", icmp->count);
	json_icmp(json, &last);
}

static void put_summary(struct json *json, const struct summary *summary)
{
	put_uint(json, "sent_bytes", summary->sent_bytes);
	put_uint(json, "received_bytes", summary->received_bytes);
	put_uint(json, "sends", summary->sends);
	put_uint(json, "receives", summary->receives);
	put_uint(json, "turns", summary->turns);
	put_word(json, "shape", shape_word(summary->shape));
	put_word(json, "spoke_first", who_word(summary->spoke_first));
	put_word(json, "closed_first", who_word(summary->closed_first));
	put_word(json, "ended_by", ended_word(summary->ended_by));
	json_key(json, "duration_ms");
	json_milli(json, summary->duration_ns / NS_PER_US);
	if (summary->limit != NULL)
		put_word(json, "limit", summary->limit);
	if (summary->icmp.count > 0)
		put_icmp_tally(json, &summary->icmp);
}

/* What passed, and when: during a step or before it. */
static void put_segments(struct json *json, const union step_args *args)
{
	put_word(json, args->segments.is_before ? "before" : "during", step_name(args->segments.of));
	put_uint(json, "segs_out", args->segments.out);
	put_uint(json, "segs_in", args->segments.in);
	put_uint(json, "acked", args->segments.acked);
	put_uint(json, "retransmits", args->segments.retransmits);
}

/* What a fault did, to how many bytes and for how long. */
static void put_fault(struct json *json, const union step_args *args)
{
	put_word(json, "fault", args->fault.kind);
	if (args->fault.direction != NULL)
		put_word(json, "direction", args->fault.direction);
	if (args->fault.bytes > 0)
		put_uint(json, "bytes", args->fault.bytes);
	if (args->fault.ns != 0) {
		json_key(json, "ms");
		json_milli_signed(json, args->fault.ns / (int64_t)NS_PER_US);
	}
}

/* By which option a client was refused, and by which rule of it. */
static void put_refused(struct json *json, const union step_args *args)
{
	put_word(json, "by", args->refused.by);
	if (args->refused.rule != NULL)
		put_word(json, "rule", args->refused.rule);
}

/* What a proxy was asked for, and what it said. */
static void put_proxy(struct json *json, const union step_args *args)
{
	put_word(json, "proxy", args->proxy.kind);
	put_word(json, "request", args->proxy.request);
	put_word(json, "about", args->proxy.about);
	put_word(json, "answer", args->proxy.answer);
	json_key(json, "code");
	json_int(json, args->proxy.code);
	json_key(json, "refused");
	json_bool(json, args->proxy.is_refusal);
}

/* Of records that are no calls: what they tell. */
static void put_record(struct json *json, const struct event *event)
{
	switch (event->step) {
	case STEP_PROXY:
		put_proxy(json, event->args);
		break;
	case STEP_FAULT:
		put_fault(json, event->args);
		break;
	case STEP_HTTP:
		json_http(json, event->args);
		break;
	case STEP_REFUSED:
		put_refused(json, event->args);
		break;
	case STEP_PACKET:
		json_packet(json, &event->args->packet);
		break;
	case STEP_ICMP:
		json_icmp(json, &event->args->packet);
		break;
	case STEP_SEGMENTS:
		put_segments(json, event->args);
		break;
	case STEP_ACKNOWLEDGED:
		put_uint(json, "first_byte", event->args->acknowledged.first);
		put_uint(json, "last_byte", event->args->acknowledged.last);
		break;
	default:
		break;
	}
}

static void json_sink_event(struct sink *sink, const struct event *event)
{
	struct json_state *state = sink->state;
	struct json *json = &state->json;
	bool has_facts = sink->level >= ADDRESSES_LEVEL;
	const char *explanation = state->explain == NULL ? NULL : explain_first(state->explain, event);

	state->t_ns = event->t_ns;
	state->has_end = state->has_end || event->step == STEP_END;
	json_reset(json);
	put_head(json, sink->seq, event);
	put_owner(json, event);
	json_args(json, event);
	put_answer(json, event);
	put_data(json, sink, event);
	if (step_is_observing(event->step)) {
		json_key(json, "observe");
		json_bool(json, true);
	}
	if (has_facts)
		json_facts(json, event);
	if (has_facts && event->step == STEP_RESOLVE && event->args != NULL && event->has_result &&
	    !event_has_failed(event))
		put_addresses(json, event->args);
	if (event->args != NULL)
		put_record(json, event);
	if (event->text != NULL)
		put_word(json, "text", event->text);
	if (event->summary != NULL)
		put_summary(json, event->summary);
	if (explanation != NULL)
		put_word(json, "explain", explanation);
	json_close(json, '}');
	json_newline(json);
	sink_record(sink, json->data, json->len);
}

/* A note in the place of what was lost; it takes the number of the last event that was. */
static size_t json_sink_lost(struct sink *sink, uint64_t count, char *dst)
{
	const struct json_state *state = sink->state;
	const struct event note = { .step = STEP_NOTE, .t_ns = state->t_ns };
	struct json json = { 0 };
	size_t len;

	put_head(&json, sink->lost_seq, &note);
	put_word(&json, "text", "events were lost here: the output of the trace did not keep up");
	put_uint(&json, "lost", count);
	json_close(&json, '}');
	json_newline(&json);
	len = json.len < SINK_LOST_MAX ? json.len : SINK_LOST_MAX;
	memcpy(dst, json.data, len);
	json_clear(&json);
	return len;
}

static int json_sink_open(struct sink *sink, const struct sink_options *options)
{
	struct json_state *state = xcalloc(1, sizeof(*state));

	sink->state = state;
	state->start_ns = options->start_ns;
	state->explain = options->is_explaining ? explain_new(options->is_relay) : NULL;
	put_header(&state->json, options);
	sink_record(sink, state->json.data, state->json.len);
	return 0;
}

/* A run that never had a connection says how it ended all the same: an `end` of nothing. */
static void json_sink_ended(struct sink *sink, enum ended_by ended, const char *limit)
{
	const struct json_state *state = sink->state;
	struct summary summary = { .ended_by = ended, .limit = limit };
	struct event event = { .step = STEP_END, .fd = -1, .summary = &summary };

	if (state->has_end)
		return;
	event.t_ns = clock_now_ns() - state->start_ns;
	summary.duration_ns = event.t_ns;
	sink->seq++;
	json_sink_event(sink, &event);
}

static void json_sink_close(struct sink *sink)
{
	struct json_state *state = sink->state;

	explain_free(state->explain);
	json_clear(&state->json);
	free(state);
	sink->state = NULL;
}

const struct sink_kind sink_json = {
	.name = "json",
	.help = "one JSON object a line, for programs",
	.level_default = 2,
	.open = json_sink_open,
	.event = json_sink_event,
	.ended = json_sink_ended,
	.lost = json_sink_lost,
	.close = json_sink_close,
};
