/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connecting again when a connection was lost (--reconnect): see dialer_private.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "engine/dialer_private.h"
#include "trace/names.h"

/* Pauses grow to that, or stay what was asked for where that is more. */
#define PAUSE_LONGEST (60 * NS_PER_S)

/* A quarter of it at most comes on top by chance, so that many who lost one server do not come back at once. */
static uint64_t with_jitter(struct dialer *dialer, uint64_t pause_ns)
{
	return pause_ns + pause_ns / 4 * (dialer->settings.engine->st->env->seed() % 1024) / 1024;
}

uint64_t dialer_next_pause(struct dialer *dialer)
{
	struct dialer_again *again = &dialer->again;
	uint64_t first_ns = dialer->settings.reconnect_ns;
	uint64_t most_ns = first_ns > PAUSE_LONGEST ? first_ns : PAUSE_LONGEST;

	again->pause_ns = again->pause_ns == 0 ? first_ns : again->pause_ns * 2;
	if (again->pause_ns > most_ns)
		again->pause_ns = most_ns;
	return with_jitter(dialer, again->pause_ns);
}

/* A time as it is of use to a person: to the millisecond, or from a second on to a tenth of one. */
static const char *format_roughly(uint64_t ns, char *dst, size_t size)
{
	uint64_t unit_ns = ns < NS_PER_S ? NS_PER_MS : NS_PER_S / 10;

	return parse_format_duration(ns / unit_ns * unit_ns, dst, size);
}

/* Say what has become of the connection, and when there is to be another one. */
static void say_loss(struct dialer *dialer, uint64_t pause_ns)
{
	const struct session *session = &dialer->session;
	char who[ADDR_TEXT_MAX], pause[32], name[32];
	int error = session->fail == NULL || session->fail->domain != FAILURE_ERRNO ? 0 : session->fail->code;
	struct engine *engine = dialer->settings.engine;
	uint64_t losses = dialer->again.losses;

	addr_format_words(&session->names->remote, who, sizeof(who));
	format_roughly(pause_ns, pause, sizeof(pause));
	if (session->ended_by == ENDED_REMOTE || (error == 0 && session->ended_by != ENDED_RESET))
		engine_say_of(engine, session->number,
			      _("%1$s has ended the connection, and there may be more to send; connecting again in "
				"%2$s (--reconnect, loss %3$" PRIu64 ")"),
			      who, pause, losses);
	else if (session->ended_by == ENDED_RESET)
		engine_say_of(engine, session->number,
			      _("%1$s has reset the connection; connecting again in %2$s (--reconnect, loss %3$" PRIu64
				")"),
			      who, pause, losses);
	else
		engine_say_of(engine, session->number,
			      _("the connection with %1$s is lost: %2$s (%3$s); connecting again in %4$s "
				"(--reconnect, loss %5$" PRIu64 ")"),
			      who, strerror(error), name_errno(error, name, sizeof(name)), pause, losses);
}

/*
 * What may be lost with a connection beside what was not acknowledged, in a sentence; NULL: nothing. Who closes with
 * something unread resets (RFC 1122, 4.2.2.13; unix(7): ECONNRESET), but not only he does.
 */
static const char *unread_words(const struct session *session)
{
	if (!session->remote.has_end)
		return _("at least one datagram has not arrived");
	if (session->ended_by != ENDED_RESET)
		return NULL;
	if (addr_family(&session->names->remote) == AF_UNIX)
		return _("the peer has not read all that was sent: the rest of it is lost");
	if (session->out.bytes == 0)
		return NULL;
	return _("all that was sent was acknowledged, but the peer may not have read it all");
}

/* Say how much may be lost with it. */
static void say_lost_bytes(struct dialer *dialer)
{
	const struct session *session = &dialer->session;
	uint64_t count = dialer->again.leftover.unacknowledged;
	struct engine *engine = dialer->settings.engine;
	const char *words = unread_words(session);

	if (count > 0)
		engine_say_of(engine, session->number,
			      count == 1 ?
				      _("%" PRIu64 " byte that was sent was not acknowledged: it may be lost") :
				      _("%" PRIu64 " bytes that were sent were not acknowledged: they may be lost"),
			      count);
	else if (words != NULL)
		engine_say_of(engine, session->number, "%s", words);
	if (count > 0 || words != NULL)
		dialer->result->has_lost = true;
}

void dialer_say_lost(struct dialer *dialer)
{
	struct leftover *leftover = &dialer->again.leftover;
	const struct dialer_again *again = &dialer->again;

	/* What a session that ended well had taken was sent; one that failed says so itself. */
	if (leftover->unsent.len > 0) {
		engine_say(dialer->settings.engine,
			   leftover->unsent.len == 1 ? _("%zu byte that was read from the input is not sent") :
						       _("%zu bytes that were read from the input are not sent"),
			   leftover->unsent.len);
		dialer->result->has_lost = true;
	}
	buf_clear(&leftover->unsent);
	/* So that nobody has to look for why the status is not 0; of one loss it was just said. */
	if (again->losses > 1 && again->unacknowledged > 0 && !again->has_said_all)
		engine_say(dialer->settings.engine,
			   _("in all %1$" PRIu64 " connections were lost, and %2$" PRIu64
			     " bytes may be lost with them"),
			   again->losses, again->unacknowledged);
	dialer->again.has_said_all = true;
}

/* Standard input and output wait for the next session. */
static void release_end(struct dialer *dialer)
{
	struct stdio_layer *io = dialer->settings.end->io;
	struct loop *loop = dialer->settings.engine->loop;

	if (dialer->settings.attendant != NULL)
		return;
	loop_unwatch(loop, &io->in);
	loop_unwatch(loop, &io->out);
}

void dialer_say_retry(struct dialer *dialer)
{
	if (dialer_is_reconnecting(dialer) && dialer->settings.retries == 0 && dialer->again.losses == 0)
		engine_advise(dialer->settings.engine,
			      _("--reconnect begins once a connection has stood: --retry waits for the first one"));
}

void dialer_say_unreachable(struct dialer *dialer, const struct failure *fail)
{
	struct engine *engine = dialer->settings.engine;
	char who[ADDR_TEXT_MAX], name[32];

	/* Once for each loss: the next sentence is that of the connection, or of Ctrl-C. */
	if (dialer->again.attempts != 1 || engine->is_quiet)
		return;
	if (fail->domain == FAILURE_ERRNO && fail->addr.len > 0)
		engine_say_of(engine, engine->sessions,
			      _("%1$s cannot be reached: %2$s (%3$s); trying again (--reconnect; -v shows each "
				"attempt)"),
			      addr_format_words(&fail->addr, who, sizeof(who)), strerror(fail->code),
			      name_errno(fail->code, name, sizeof(name)));
	else
		engine_say_of(engine, engine->sessions, "%s",
			      _("the target cannot be reached; trying again (--reconnect; -v shows each attempt)"));
}

bool dialer_goes_on(struct dialer *dialer)
{
	struct dialer_again *again = &dialer->again;
	const struct session *session = &dialer->session;
	struct engine *engine = dialer->settings.engine;
	uint64_t now_ns = engine->st->env->now_ns(), pause_ns;

	if (!dialer_is_reconnecting(dialer) || !again->leftover.is_lost || dialer->result->is_over)
		return false;
	/* One that stood for longer than what it was waited for is a success. */
	if (now_ns - session->opened_ns > again->pause_ns)
		again->pause_ns = 0;
	again->losses++;
	again->attempts = 0;
	again->lost_ns = now_ns;
	again->unacknowledged += again->leftover.unacknowledged;
	dialer->retries_left = dialer->settings.retries == 0 ? UINT64_MAX : dialer->settings.retries;
	pause_ns = dialer_next_pause(dialer);
	say_loss(dialer, pause_ns);
	say_lost_bytes(dialer);
	release_end(dialer);
	loop_timer_clear(engine->loop, &dialer->begin);
	loop_timer_set(engine->loop, &dialer->retry, now_ns + pause_ns);
	return true;
}

void dialer_forget(struct dialer *dialer)
{
	if (dialer->again.lost_ns == 0)
		return;
	dialer->again.attempts++;
	if (!dialer->has_session)
		return;
	session_clear(&dialer->session);
	dialer->has_session = false;
	unixfile_remove(&dialer->file);
	dialer->file.path[0] = '\0';
	dialer->settings.engine->sessions++;
}

void dialer_stands(struct dialer *dialer, const struct opened *opened)
{
	struct dialer_again *again = &dialer->again;
	struct engine *engine = dialer->settings.engine;
	char who[ADDR_TEXT_MAX], time[32], sentence[ADDR_TEXT_MAX + 128];
	uint64_t down_ns = engine->st->env->now_ns() - again->lost_ns;

	if (again->lost_ns == 0)
		return;
	again->lost_ns = 0;
	/* A console says so itself; and of datagrams nobody knows. */
	if (dialer->settings.attendant != NULL || opened->is_datagram)
		return;
	format_roughly(down_ns, time, sizeof(time));
	addr_format_words(&opened->remote, who, sizeof(who));
	snprintf(sentence, sizeof(sentence),
		 again->attempts == 1 ? _("connected again to %1$s, %2$s after the loss") :
					_("connected again to %1$s, %2$s after the loss, at attempt %3$" PRIu64),
		 who, time, again->attempts);
	if (engine->is_quiet)
		step_note(engine->st, engine->sessions, "%s", sentence);
	else
		engine_say_of(engine, engine->sessions, "%s", sentence);
}
