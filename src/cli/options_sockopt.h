/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the command line that are set on the socket (--ttl 5, --sockopt NAME=VALUE). */
#ifndef SOCKT_CLI_OPTIONS_SOCKOPT_H
#define SOCKT_CLI_OPTIONS_SOCKOPT_H

#include "cli/options.h"

/*
 * Give an endpoint of options those that were kept while reading. Returns 0, or -EINVAL with the mistake in error
 * (OPTIONS_ERROR_MAX bytes).
 */
int options_set_sockopts(const struct options *options, struct endpoint *endpoint, char *error);

#endif
