/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which process has a socket open: by /proc/PID/fd (proc(5)). Of processes of other users only root sees it. */
#ifndef SOCKT_STEP_PROCFS_H
#define SOCKT_STEP_PROCFS_H

#include <stddef.h>
#include <stdint.h>

#include "step/step.h"

/*
 * Find a process that has the socket of that inode open. Takes at most a second, however many processes there are.
 *   comm  gets its name, escaped
 * Returns 1: *pid and comm are filled, 0: none is visible.
 */
int procfs_find_socket(struct stepper *st, uint64_t inode, int *pid, char *comm, size_t size);

#endif
