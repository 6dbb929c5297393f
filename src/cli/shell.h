/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shell: the socket API a call at a time, at a prompt or from a script. A state machine on the loop: one
 * statement
 * after the other is read and made a call; one that has to wait keeps the next from being read, or goes on in the
 * background where its statement ends with &.
 */
#ifndef SOCKT_CLI_SHELL_H
#define SOCKT_CLI_SHELL_H

#include "cli/running.h"

struct shell;

/* Does a person type its lines, in an editor? Once the options are read and standard input and output are looked at. */
bool shell_is_typed(const struct running *rn);
/*
 * Make a shell of rn, whose options say what script there is, and take its first line. Returns it; NULL where the
 * script cannot be read, after a message.
 */
struct shell *shell_open(struct running *rn);
/* The status with which it ended. */
int shell_status(const struct shell *sh);
/* End it, whatever goes on: a signal has come. */
void shell_abandon(struct shell *sh, enum ended_by ended, const char *limit);
/* Ctrl-C has come. Returns false where it is to end the shell. */
bool shell_interrupt(struct shell *sh);
/* A signal that its editor may want. Returns false where it is none of the editor's. */
bool shell_signaled(struct shell *sh, int number);
/* Close all its sockets, and give its memory back. NULL: nothing. */
void shell_close(struct shell *sh);

/* The name of the socket that has the descriptor; NULL: it has none. */
const char *shell_name_of(const struct shell *sh, int fd);

#endif
