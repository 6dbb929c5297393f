/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks a person for a secret, at the terminal of the session, which does not show what is typed. */
#ifndef SOCKT_CLI_PASSPHRASE_H
#define SOCKT_CLI_PASSPHRASE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Show prompt on /dev/tty, and read a line into secret (size bytes, a NUL behind it; what is longer is cut). Blocks:
 * only for before a run begins. Echo is on again whatever happens, also where a signal ends or stops the process, and
 * after that it asks again. Returns the length, without the newline, or -errno: -ENXIO (there is no terminal),
 * -ENODATA (the input has ended, Ctrl-D). Who has used the secret overwrites it (explicit_bzero(3)).
 */
ssize_t passphrase_ask(const char *prompt, char *secret, size_t size);

#endif
