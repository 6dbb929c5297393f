/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our end of the connections of a run: see running_programs.h. */
#include "cli/running_programs.h"

#include <string.h>
#include <sys/socket.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "cli/console.h"
#include "step/spawn.h"

bool running_has_messages(const struct running *rn)
{
	return rn->socktype != 0 && rn->socktype != SOCK_STREAM;
}

enum frame_mode running_frame_mode(const struct running *rn)
{
	static const enum frame_mode modes[] = {
		[DATAGRAM_READ] = FRAME_READ,
		[DATAGRAM_LINE] = FRAME_LINE,
		[DATAGRAM_SIZE] = FRAME_SIZE,
	};

	return modes[rn->options->datagram];
}

size_t running_frame_max(const struct running *rn)
{
	const struct options *options = rn->options;

	if (options->datagram == DATAGRAM_SIZE)
		return options->datagram_size;
	return options->endpoint.kind->protocol == PROTOCOL_UDP ? FRAME_MAX_UDP : FRAME_MAX_UNIX;
}

/* Open them. */
static struct programs *open_programs(struct running *rn)
{
	const struct programs_settings settings = {
		.engine = &rn->engine,
		.argv = rn->options->program,
		.has_pty = rn->options->has_pty,
		.is_many = rn->options->is_keep_open,
		.is_messages = running_has_messages(rn),
		.frame = running_frame_mode(rn),
		.frame_max = running_frame_max(rn),
	};

	return programs_open(&settings);
}

int running_programs_open(struct running *rn, struct failure *fail)
{
	char *const *program = rn->options->program != NULL ? rn->options->program : rn->options->target.command;
	int ret;

	if (program == NULL)
		return 0;
	ret = spawn_find(program[0]);
	if (ret < 0) {
		/* Now, and not only when somebody has connected. */
		escape_c(program[0], strlen(program[0]), fail->target, sizeof(fail->target));
		return failure_set(fail, STEP_SPAWN, -ret, NULL);
	}
	/* A relay runs those of its target itself. */
	if (rn->options->program != NULL)
		rn->programs = open_programs(rn);
	return 0;
}

void running_programs_close(struct running *rn)
{
	programs_close(rn->programs, rn->signal != 0);
	rn->programs = NULL;
}

const struct attendant *running_attendant(const struct running *rn)
{
	return rn->programs != NULL ? programs_attendant(rn->programs) : console_attendant(rn->console);
}

void running_say_loopback(struct running *rn)
{
	if (rn->options->endpoint.is_loopback)
		engine_advise(&rn->engine,
			      _("only this machine can connect, since a program is run for whoever does; name "
				"an address (0.0.0.0, [::]), or who may (--allow), to let others in"));
}
