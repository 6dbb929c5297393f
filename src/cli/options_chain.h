/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain through proxies that the options ask for. */
#ifndef SOCKT_CLI_OPTIONS_CHAIN_H
#define SOCKT_CLI_OPTIONS_CHAIN_H

#include "cli/options.h"

/* Where the user and the password of the first proxy may stand, too. */
#define OPTIONS_PROXY_AUTH "SOCKT_PROXY_AUTH"

/*
 * The target of the chain is read: find who asks the first proxy (a file, the environment), and give the connection
 * with it the options that target has. Takes the variable out of the environment, so that no child has it. Returns 0,
 * or -EINVAL and a message in error (OPTIONS_ERROR_MAX bytes).
 */
int options_chain_finish(struct options *options, const struct endpoint *target, char *error);

/* Can a proxy server have its clients at endpoint? Where there is to be none: yes. Likewise. */
int options_chain_check_server(const struct options *options, const struct endpoint *endpoint, char *error);

/* Free the chain, the secrets in it overwritten. */
void options_chain_clear(struct options *options);

#endif
