/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What nc asks the person for: the password of a proxy (-P), once the proxy wants one, and the key of TCP (-S). */
#ifndef SOCKT_CLI_NC_ASKING_H
#define SOCKT_CLI_NC_ASKING_H

#include "cli/nc.h"

struct nc_asking {
	const struct nc_line *line;
	char *auth;     /* USER:PASSWORD, owned and overwritten at last; NULL: not known */
	unsigned asked; /* how often the password was asked for */
};

/*
 * Before the runs of a line; a password may be in the environment (OPTIONS_PROXY_AUTH). Asks for the key of -S, and
 * puts a file that has it into command, whose descriptor stays open. Returns 0, or -EINVAL and a sentence in error
 * (NC_ERROR_MAX bytes). nc_asking_end() is due in every case.
 */
int nc_asking_begin(struct nc_asking *asking, const struct nc_line *line, struct nc_command *command, char *error);
void nc_asking_end(struct nc_asking *asking);

/* Put what is known into the environment, which each run takes it out of. */
void nc_asking_give(const struct nc_asking *asking);
/* May the password be asked for, again or at all? */
bool nc_asking_may(const struct nc_asking *asking);
/* Ask for it. Where none is given: false, and that is said. */
bool nc_asking_password(struct nc_asking *asking);

#endif
