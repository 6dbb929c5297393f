/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many clients a relay may have at once: --max-conns, descriptors, what other workers have. See relay_private.h. */
#include <errno.h>

#include "base/i18n.h"
#include "engine/relay_private.h"
#include "trace/names.h"

uint64_t relay_raise_descriptors(void)
{
	uint64_t count = engine_raise_descriptors();

	return count == UINT64_MAX ? count : count < 2 ? 1 : count / 2;
}

void relay_lacks_no_more(struct relay *relay)
{
	if (!relay->is_lacking)
		return;
	relay->is_lacking = false;
	acceptor_resume(&relay->acceptor);
}

bool relay_pair_lacked(void *ctx, const struct failure *fail)
{
	struct relay *relay = ctx;
	char name[32];

	/* Nobody will give one back: this process may not have as many as one session needs. */
	if (fail->code == EMFILE && relay->pair_count == 1)
		return false;
	relay->is_lacking = true;
	/* Pipes that nobody uses now: two descriptors each. */
	pipes_clear(&relay->settings.engine->pipes);
	/* The limit has been lowered since the start (prlimit(2)): take no more than can be connected, too. */
	if (fail->code == EMFILE)
		relay->pair_limit = relay_raise_descriptors();
	if (acceptor_says_full(&relay->acceptor))
		engine_advise(relay->settings.engine,
			      _("no descriptor or memory is free for a connection to the target (%s): clients wait"),
			      name_errno(fail->code, name, sizeof(name)));
	return true;
}

/* One of several workers asks all of them: may there be another client, and which number has it? */
static bool relay_claim(struct relay *relay)
{
	const struct relay_shares *shares = relay->settings.shares;

	if (shares == NULL)
		return true;
	if (relay->next_number == 0)
		relay->next_number = shares->number(shares->ctx);
	relay->settings.engine->sessions = relay->next_number - 1;
	relay->has_claim = relay->has_claim || shares->claim(shares->ctx);
	return relay->has_claim;
}

void relay_rested(void *ctx)
{
	struct relay *relay = ctx;

	if (!relay->has_claim)
		return;
	relay->has_claim = false;
	relay->settings.shares->release(relay->settings.shares->ctx);
}

bool relay_has_room(void *ctx)
{
	struct relay *relay = ctx;

	if (relay->is_lacking || relay->pair_count >= relay->settings.max_conns)
		return false;
	if (relay->pair_count < relay->pair_limit)
		return relay_claim(relay);
	if (acceptor_says_full(&relay->acceptor))
		engine_advise(relay->settings.engine,
			      _("no descriptor is left for another client (RLIMIT_NOFILE): "
				"clients wait in the accept queue"));
	return false;
}
