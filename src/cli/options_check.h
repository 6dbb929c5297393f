/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which options contradict each other, or the endpoint. Pure. */
#ifndef SOCKT_CLI_OPTIONS_CHECK_H
#define SOCKT_CLI_OPTIONS_CHECK_H

#include "cli/options.h"

/*
 * Look at the options alone. Returns 0, or -EINVAL and a sentence in error (OPTIONS_ERROR_MAX
 * bytes).
 */
int options_check(const struct options *options, char *error);
/* Look at what they say of the endpoint. Likewise. */
int options_check_endpoint(const struct options *options, char *error);
/* Look at the two endpoints of a relay beside each other. Likewise. */
int options_check_relay(const struct options *options, char *error);

#endif
