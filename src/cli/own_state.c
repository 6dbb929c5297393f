/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a relay with an end of our own: see own_state.h. */
#include "cli/own_state.h"

#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "cli/stderr_lines.h"
#include "engine/control_lines.h"

/* What messages call the end of our own. */
static const char *own_name(const struct running *rn)
{
	if (rn->rules.own_name != NULL)
		return rn->rules.own_name;
	return rn->rules.is_program ? _("the program") : _("standard input and output");
}

static void say_session(struct running *rn, const struct session *session)
{
	char remote[ADDR_TEXT_MAX], up[32], down[32], age[32], line[CONTROL_LINE_SIZE + 512];
	uint64_t age_ns = rn->st.env->now_ns() - session->opened_ns;
	const char *other = rn->rules.other_name;

	if (other == NULL && rn->rules.is_pipeline)
		other = _("the other program");
	else if (other == NULL)
		other = session->is_own ? _("standard input and output") :
					  addr_format_words(&session->names->remote, remote, sizeof(remote));
	snprintf(line, sizeof(line), _("%1$s and %2$s: %3$s there, %4$s back, for %5$s"), own_name(rn), other,
		 control_line_of_size(session->out.bytes, up, sizeof(up)),
		 control_line_of_size(session->in.bytes, down, sizeof(down)),
		 parse_format_duration(age_ns / NS_PER_S * NS_PER_S, age, sizeof(age)));
	stderr_lines_line(rn, line);
}

bool own_state_signaled(struct running *rn, int number)
{
	const struct session *session;

	if (number != SIGUSR1)
		return false;
	session = rn->session(rn->run);
	if (session == NULL)
		stderr_lines_line(rn, _("there is no session now"));
	else
		say_session(rn, session);
	return true;
}
