/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up rights while a command runs: --user and --chroot. */
#ifndef SOCKT_CLI_RIGHTS_H
#define SOCKT_CLI_RIGHTS_H

#include "cli/running.h"
#include "endpoint/unixfile.h"

/*
 * Give them up, if that is asked for and not done yet: the sockets are bound, or the connection stands. files: of Unix
 * sockets, to be removed when the run ends; which of them cannot be any more is said. Returns false where it failed:
 * the result of the run is set, and its loop stopped.
 */
bool rights_drop(struct running *rn, struct unixfile *const *files, size_t count);

#endif
