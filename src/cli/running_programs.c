/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our end of the connections of a run: see running_programs.h. */
#include "cli/running_programs.h"

#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "cli/console.h"
#include "step/spawn.h"

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
	const struct endpoint *endpoint;

	if (options->datagram == DATAGRAM_SIZE)
		return options->datagram_size;
	/* Each piece goes to all: it has to fit everywhere. */
	for (size_t i = 0; (endpoint = options_endpoint_at(options, i)) != NULL; i++)
		if (endpoint->kind->protocol == PROTOCOL_UDP)
			return FRAME_MAX_UDP;
	return FRAME_MAX_UNIX;
}

/* Are two programs joined? This is the other one; NULL: no. */
static const struct endpoint *other_program(const struct options *options)
{
	return options->is_joining && options->endpoint.command != NULL ? &options->endpoint : NULL;
}

/* Open them. */
static struct programs *open_programs(struct running *rn, char *const *argv, bool has_pty)
{
	const struct programs_settings settings = {
		.engine = &rn->engine,
		.argv = argv,
		.has_pty = has_pty,
		.is_patient = other_program(rn->options) != NULL,
		.is_many = rn->options->is_keep_open,
		.frame = running_frame_mode(rn),
		.frame_max = running_frame_max(rn),
	};

	return programs_open(&settings);
}

/* Is it there? Now, and not only when somebody has connected. Returns 0, or -errno with fail filled. */
static int look_for(const struct running *rn, char *const *program, struct failure *fail)
{
	/* Where rights are given up, who counts is who it will be run by. */
	int ret = program == NULL || options_drops_rights(rn->options) ? 0 : spawn_find(program[0]);

	if (ret == 0)
		return 0;
	escape_c(program[0], strlen(program[0]), fail->target, sizeof(fail->target));
	return failure_set(fail, STEP_SPAWN, -ret, NULL);
}

int running_programs_open(struct running *rn, struct failure *fail)
{
	const struct options *options = rn->options;
	const struct endpoint *other = other_program(options);
	int ret = look_for(rn, options->program != NULL ? options->program : options->target.command, fail);

	if (ret == 0 && other != NULL)
		ret = look_for(rn, other->command, fail);
	if (ret < 0)
		return ret;
	/* A relay runs those of its target itself. */
	if (options->program != NULL)
		rn->programs = open_programs(rn, options->program, options->has_pty);
	if (other != NULL)
		rn->other_programs = open_programs(rn, other->command, other->has_pty);
	rn->rules.is_pipeline = other != NULL;
	return 0;
}

int running_programs_status(const struct running *rn)
{
	int status = programs_status(rn->programs);

	return status == 0 && rn->other_programs != NULL ? programs_status(rn->other_programs) : status;
}

void running_programs_close(struct running *rn)
{
	programs_close(rn->programs, rn->signal != 0);
	programs_close(rn->other_programs, rn->signal != 0);
	rn->programs = NULL;
	rn->other_programs = NULL;
}

const struct attendant *running_attendant(const struct running *rn)
{
	return rn->programs != NULL ? programs_attendant(rn->programs) : console_attendant(rn->console);
}

void running_say_loopback(struct running *rn)
{
	const struct endpoint *endpoint;
	bool is_loopback = false;

	for (size_t i = 0; (endpoint = options_endpoint_at(rn->options, i)) != NULL; i++)
		is_loopback = is_loopback || endpoint->is_loopback;
	if (is_loopback)
		engine_advise(&rn->engine,
			      _("only this machine can connect, since a program is run for whoever does; name "
				"an address (0.0.0.0, [::]), or who may (--allow), to let others in"));
}
