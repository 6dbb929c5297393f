/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ends of a relay that are files, FIFOs, devices, descriptors that are no sockets, terminals that are made. */
#ifndef SOCKT_CLI_RUNNING_FILES_H
#define SOCKT_CLI_RUNNING_FILES_H

#include "cli/running.h"

/*
 * Open them, before anybody connects. Returns 0, or -errno with fail filled; running_files_close() is due either way.
 */
int running_files_open(struct running *rn, struct failure *fail);
/* Is the regular file of that path one of them? Who opens it once more, to write it, would cut it off. */
bool running_files_have(const struct running *rn, const char *path);
/* The link to a terminal that was made, to be removed when the run ends; NULL: there is none. */
struct unixfile *running_files_link(const struct running *rn);
/*
 * The rights are given up: can a FIFO that is TO still be opened by its name? Returns 0, or -errno with fail filled.
 */
int running_files_check(const struct running *rn, struct failure *fail);
/* Something will be written to TO: empty it. False: that has failed, and the run is over. */
bool running_files_begin(struct running *rn);
/* The layer of FROM, where that is a file; NULL: it is none, or nothing was opened. */
struct file_layer *running_files_from(const struct running *rn);
/* The target of a relay that listens, where it is a file; NULL: it is none. */
const struct opened_file *running_files_target(const struct running *rn);
/* Is that shown to somebody? */
bool running_files_is_shown(const struct running *rn);
/* The other end of a junction: TO where FROM is no program, else the one that is none. */
struct console_end *running_files_other(struct running *rn);
/* What the rules of the session have to know of them. */
void running_files_rule(struct running *rn, struct ending_rules *rules);
/* Say what the person has to know before anything moves: names of terminals, FIFOs that nobody has open. */
void running_files_say(struct running *rn);
/* Say what was lost. Returns whether anything was. */
bool running_files_say_lost(struct running *rn);
/* Close them. Not opened: nothing. */
void running_files_close(struct running *rn);

#endif
