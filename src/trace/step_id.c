/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the list of steps says of each. */
#include "trace/step_id.h"

#include <assert.h>

#include "base/util.h"

static const struct {
	const char *name;
	const char *purpose;
	uint8_t level;
	bool is_observing;
} steps[] = {
#define X(id, word, least, observing, what)                                                        \
	[STEP_##id] = { .name = (word), .purpose = (what), .level = (least),                       \
			.is_observing = (observing) },
	STEP_LIST(X)
#undef X
};

static_assert(ARRAY_LEN(steps) == STEP_COUNT, "every step has a row");

const char *step_name(enum step_id step)
{
	assert(step < STEP_COUNT);
	return steps[step].name;
}

uint8_t step_level(enum step_id step)
{
	assert(step < STEP_COUNT);
	return steps[step].level;
}

bool step_is_observing(enum step_id step)
{
	assert(step < STEP_COUNT);
	return steps[step].is_observing;
}

const char *step_purpose(enum step_id step)
{
	assert(step < STEP_COUNT);
	return steps[step].purpose;
}
