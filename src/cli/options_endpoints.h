/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoints of a command line: which words are which, and what the options say of them. */
#ifndef SOCKT_CLI_OPTIONS_ENDPOINTS_H
#define SOCKT_CLI_OPTIONS_ENDPOINTS_H

#include "cli/options.h"

/*
 * Make the endpoints of the words that were kept while reading, as the command takes them. Returns 0, or -EINVAL with
 * the mistake in error (OPTIONS_ERROR_MAX bytes).
 */
int options_read_endpoints(struct options *options, char *error);

#endif
