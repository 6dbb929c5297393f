/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which options contradict each other, or endpoints, and which endpoints each other. Pure. */
#ifndef SOCKT_CLI_OPTIONS_CHECK_H
#define SOCKT_CLI_OPTIONS_CHECK_H

#include "cli/options.h"

/*
 * Look at the options alone. Returns 0, or -EINVAL and a sentence in error (OPTIONS_ERROR_MAX
 * bytes).
 */
int options_check(const struct options *options, char *error);
/* Look at what they say of an endpoint. Likewise. */
int options_check_endpoint(const struct options *options, const struct endpoint *endpoint, char *error);
/* Look at an endpoint that clients of a relay come to beside the target. Likewise. */
int options_check_relay(const struct options *options, const struct endpoint *endpoint, char *error);
/* Look at all endpoints, but for the target of a relay, beside each other. Likewise. */
int options_check_together(const struct options *options, char *error);

#endif
