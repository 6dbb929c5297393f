/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pieces of one byte stream: see coalesce.h. */
#include "trace/coalesce.h"

static unsigned place_of(const struct coalesce_stream *stream, unsigned number)
{
	return (stream->first + number) % COALESCE_PIECES;
}

static bool is_vague(const struct coalesce_stream *stream, unsigned place)
{
	return (stream->vague >> place & 1) != 0;
}

/* Returns the place that it went to; COALESCE_PIECES: all of it is out already. */
static unsigned put(struct coalesce_stream *stream, uint64_t len)
{
	uint64_t late = stream->out > stream->in ? stream->out - stream->in : 0;
	unsigned last;

	stream->in += len;
	/* What is out already: it came while the call took it. */
	if (late >= len)
		return COALESCE_PIECES;
	len -= late;
	if (stream->used < COALESCE_PIECES) {
		last = place_of(stream, stream->used++);
		stream->lens[last] = 0;
		stream->counts[last] = 0;
		stream->vague &= ~(UINT32_C(1) << last);
	} else {
		last = place_of(stream, COALESCE_PIECES - 1U);
	}
	stream->lens[last] = len > UINT32_MAX - stream->lens[last] ? UINT32_MAX : stream->lens[last] + (uint32_t)len;
	stream->counts[last]++;
	/* Of its beginning it is not known how it came out. */
	if (late > 0)
		stream->vague |= UINT32_C(1) << last;
	return last;
}

void coalesce_put(struct coalesce_stream *stream, uint64_t len)
{
	put(stream, len);
}

void coalesce_put_vague(struct coalesce_stream *stream, uint64_t len)
{
	unsigned last = put(stream, len);

	if (last < COALESCE_PIECES)
		stream->vague |= UINT32_C(1) << last;
}

/* The first piece is out. */
static void drop_first(struct coalesce_stream *stream)
{
	stream->first = (uint8_t)place_of(stream, 1);
	stream->used--;
	stream->first_out = 0;
	stream->first_calls = 0;
}

bool coalesce_take(struct coalesce_stream *stream, uint64_t len, struct coalesced *verdict)
{
	/* Where a vague piece is cut, it may have been cut between two. */
	bool is_least = false, is_partial = stream->first_out > 0 && !is_vague(stream, stream->first), is_cut = true;
	uint64_t pieces = 0;
	uint32_t calls = 0;

	stream->out += len;
	while (len > 0 && stream->used > 0) {
		uint32_t left = stream->lens[stream->first] - stream->first_out, count = stream->counts[stream->first];
		bool is_first_vague = is_vague(stream, stream->first);

		is_least = is_least || is_first_vague;
		stream->first_calls++;
		if (len < left) {
			/* How many of those that are counted together are out is not known. */
			is_least = is_least || count > 1;
			is_partial = is_partial || !is_first_vague;
			stream->first_out += (uint32_t)len;
			pieces++;
			len = 0;
			break;
		}
		if (count > 1 && stream->first_out > 0) {
			/* Some of these were out already: at least one was not. */
			is_least = true;
			count = 1;
			stream->first_calls = 1;
		}
		calls = stream->first_calls;
		is_cut = !is_first_vague;
		pieces += count;
		len -= left;
		drop_first(stream);
	}
	/* Nobody saw the rest go in: at least one piece more. */
	if (len > 0 && pieces > 0) {
		is_least = true;
		pieces++;
	}
	if (pieces == 0 || (pieces == 1 && (calls < 2 || !is_cut)))
		return false;
	verdict->pieces = pieces > UINT32_MAX ? UINT32_MAX : (uint32_t)pieces;
	verdict->calls = pieces > 1 ? 1 : calls;
	verdict->is_least = is_least;
	verdict->is_partial = pieces > 1 && is_partial;
	return true;
}
