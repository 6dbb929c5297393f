/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies of what passes on the connections of a run: a dump on standard error or in a file (--hex, --hex-file), and
 * the bytes themselves (--output, --output-in, --output-out). A file that cannot be written any more is said at once,
 * and its copy stops; the run goes on, and its status is 6.
 */
#ifndef SOCKT_CLI_COPIES_H
#define SOCKT_CLI_COPIES_H

#include "cli/running.h"
#include "stream/witness_layer.h"

struct copies;

/*
 * Open those that the options ask for, before the loop is there. Returns STATUS_OK, with *copies NULL where there are
 * none, or another status after a message.
 */
int copies_open(struct running *rn, struct copies **copies);
/* Who is to see the bytes. NULL: nobody. */
const struct witness *copies_witness(const struct copies *copies);
/* Write the rest, and close. Returns STATUS_OK, or another status after a message. NULL: nothing. */
int copies_close(struct copies *copies);

#endif
