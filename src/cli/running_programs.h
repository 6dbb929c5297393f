/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our end of the connections of a run: how it is cut into messages, and the programs in its place. */
#ifndef SOCKT_CLI_RUNNING_PROGRAMS_H
#define SOCKT_CLI_RUNNING_PROGRAMS_H

#include "cli/running.h"

/* Does the connection keep messages? */
/* How what we send is cut into messages, where there are any, and how many bytes the longest has. */
enum frame_mode running_frame_mode(const struct running *rn);
size_t running_frame_max(const struct running *rn);

/* Programs, where the options ask for them. Returns 0, or -errno with fail filled where they cannot be started. */
int running_programs_open(struct running *rn, struct failure *fail);
/* The exit status of the program; of two the first that is not 0, FROM's before TO's. There is one. */
int running_programs_status(const struct running *rn);
/* Wait for those that still run, and end them. */
void running_programs_close(struct running *rn);

#endif
