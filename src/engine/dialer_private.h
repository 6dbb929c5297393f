/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What dialer.c (its life) and dialer_again.c (connecting again after a loss) share. */
#ifndef SOCKT_ENGINE_DIALER_PRIVATE_H
#define SOCKT_ENGINE_DIALER_PRIVATE_H

#include "engine/dialer.h"

/* Of a connection that was lost (--reconnect), and of the connecting again. */
struct dialer_again {
	struct leftover leftover; /* what the last connection has left for the next one */
	uint64_t pause_ns;        /* before the last attempt; 0: there was none */
	uint64_t lost_ns;         /* when the connection was lost; 0: one stands, or none has yet */
	uint64_t losses;          /* connections that were lost */
	uint64_t attempts;        /* since the last loss */
	uint64_t unacknowledged;  /* bytes of all that were lost */
	bool has_said_all;
};

struct dialer {
	struct dialer_settings settings;
	struct run_result *result;
	struct connector *connector;
	struct timer retry;
	struct timer begin; /* a deferred connection whose first data do not come */
	uint64_t retries_left;
	struct session session;
	struct unixfile file; /* of the connection's own address */
	bool has_session;
	struct http_client_layer *http; /* over our end; NULL: none */
	struct handover *handover; /* in the place of a session; NULL: none */
	struct dialer_again again;
};

/* Is there to be another connection where one is lost? */
static inline bool dialer_is_reconnecting(const struct dialer *dialer)
{
	return dialer->settings.reconnect_ns != 0;
}

/*
 * The session is closed: was its connection lost, so that there is to be another one? Then that is said, and it is
 * dialed in a moment; else what is lost for good is said.
 */
bool dialer_goes_on(struct dialer *dialer);
/* The pause before the next attempt, ns, once a connection was lost. */
uint64_t dialer_next_pause(struct dialer *dialer);
/* Before it is dialed: nothing of the old connection is left. */
void dialer_forget(struct dialer *dialer);
/* After a loss nobody was reached, and that is tried again: say so, the first time. */
void dialer_say_unreachable(struct dialer *dialer, const struct failure *fail);
/* The first connection has failed, and --retry would have tried it again: say so where one might expect it. */
void dialer_say_retry(struct dialer *dialer);
/* A connection stands: say so where it is another one. */
void dialer_stands(struct dialer *dialer, const struct opened *opened);
/* The run is over: say what was taken from our end and never sent, and what may be lost. May be called again. */
void dialer_say_lost(struct dialer *dialer);

#endif
