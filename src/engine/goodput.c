/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amounts and rates in words: see goodput.h. */
#include "engine/goodput.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "trace/text_words.h"

#define WORDS_MAX 32

static const char *size_words(uint64_t bytes, char dst[WORDS_MAX])
{
	struct text text;

	text_init(&text, dst, WORDS_MAX);
	text_size(&text, bytes);
	return dst;
}

/* Bits a second, in powers of 1000 as networks count them. */
static const char *bit_rate(uint64_t bytes, uint64_t ns, char dst[WORDS_MAX])
{
	static const char *const units[] = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
	double rate = ns == 0 ? 0 : (double)bytes * 8 * NS_PER_S / (double)ns;
	size_t unit = 0;

	while (unit + 1 < ARRAY_LEN(units) && rate >= 1000) {
		rate /= 1000;
		unit++;
	}
	snprintf(dst, WORDS_MAX, rate < 100 && unit > 0 ? "%.1f %s" : "%.0f %s", rate, units[unit]);
	return dst;
}

/* A time as a person reads it: no more of it than matters. */
static const char *time_words(uint64_t ns, char dst[WORDS_MAX])
{
	uint64_t step = ns >= 10 * NS_PER_S ? NS_PER_S : ns >= NS_PER_S ? 100 * NS_PER_MS :
			ns >= NS_PER_MS ? NS_PER_MS : NS_PER_US;

	return parse_format_duration(ns / step * step, dst, WORDS_MAX);
}

void goodput_format(const struct goodput *goodput, char *dst, size_t size)
{
	char sent[WORDS_MAX], received[WORDS_MAX], out[WORDS_MAX], in[WORDS_MAX], time[WORDS_MAX];

	if (goodput->duration_ns == 0) {
		snprintf(dst, size, _("goodput with %1$s: sent %2$s, received %3$s, all at one moment"), goodput->peer,
			 size_words(goodput->sent, sent), size_words(goodput->received, received));
		return;
	}
	snprintf(dst, size, _("goodput with %1$s: sent %2$s (%3$s), received %4$s (%5$s) in %6$s"), goodput->peer,
		 size_words(goodput->sent, sent), bit_rate(goodput->sent, goodput->duration_ns, out),
		 size_words(goodput->received, received), bit_rate(goodput->received, goodput->duration_ns, in),
		 time_words(goodput->duration_ns, time));
}

/* Bytes a second, of late. */
static uint64_t recent_rate(const struct progress_view *view)
{
	return view->recent_ns == 0 ? 0 : (uint64_t)((unsigned __int128)view->recent * NS_PER_S / view->recent_ns);
}

void progress_format_relay(const struct progress_view *view, uint64_t sessions, uint64_t open, bool is_end, char *dst,
			   size_t size)
{
	char up[WORDS_MAX], down[WORDS_MAX], time[WORDS_MAX], speed[WORDS_MAX];

	size_words(view->sent, up);
	size_words(view->received, down);
	size_words(recent_rate(view), speed);
	time_words(view->duration_ns, time);
	if (is_end)
		snprintf(dst, size, _("up %1$s, down %2$s in %3$s, %4$s/s; sessions: %5$llu"), up, down, time, speed,
			 (unsigned long long)sessions);
	else
		snprintf(dst, size, _("up %1$s, down %2$s in %3$s, %4$s/s; sessions: %5$llu, open: %6$llu"), up, down,
			 time, speed, (unsigned long long)sessions, (unsigned long long)open);
}

void progress_format(const struct progress_view *view, char *dst, size_t size)
{
	uint64_t rate = recent_rate(view);
	uint64_t left = view->whole > view->done ? view->whole - view->done : 0;
	char sent[WORDS_MAX], received[WORDS_MAX], time[WORDS_MAX], speed[WORDS_MAX], whole[WORDS_MAX];
	char rest[WORDS_MAX];

	size_words(view->sent, sent);
	size_words(view->received, received);
	size_words(rate, speed);
	time_words(view->duration_ns, time);
	if (view->whole == 0) {
		snprintf(dst, size, _("sent %1$s, received %2$s in %3$s, %4$s/s"), sent, received, time, speed);
		return;
	}
	size_words(view->whole, whole);
	if (left == 0 || rate == 0) {
		snprintf(dst, size, _("sent %1$s, received %2$s in %3$s, %4$s/s; %5$u %% of %6$s"), sent, received,
			 time, speed, (unsigned)((unsigned __int128)(view->whole - left) * 100 / view->whole), whole);
		return;
	}
	time_words((uint64_t)((unsigned __int128)left * NS_PER_S / rate), rest);
	snprintf(dst, size, _("sent %1$s, received %2$s in %3$s, %4$s/s; %5$u %% of %6$s, %7$s left"), sent, received,
		 time, speed, (unsigned)((unsigned __int128)(view->whole - left) * 100 / view->whole), whole, rest);
}
