/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Step mode (--step): a gate that asks a person at the terminal before each step. One step is asked about at a time;
 * the others wait in a queue, and what is not asked about goes on. Time limits rest while a question stands.
 *
 *     asks      each step is asked about
 *     runs to   c STEP: not before the next such step
 *     runs      c: nothing is asked any more
 */
#ifndef SOCKT_CLI_STEPPING_H
#define SOCKT_CLI_STEPPING_H

#include "step/loop.h"

struct editor;
struct stepping;
struct running;

/*
 * Open the terminal, and put the gate into rn->st; the loop is not needed yet. Returns 0, or -EINVAL with fail filled:
 * there is no terminal to ask at.
 */
int stepping_open(struct running *rn, struct failure *fail);
/* The loop and the sinks are open: questions may be asked from now on. Returns 0 or -errno. */
int stepping_begin(struct running *rn);
/*
 * A line editor has the terminal: questions are asked in the place of its line from now on (borrowed, until
 * stepping_close(), or NULL is given while no question stands). Not in step mode: nothing.
 */
void stepping_use_editor(struct running *rn, struct editor *editor);
/*
 * Something is written to the terminal that goes through neither the editor nor the trace: the line of the question is
 * taken off before it, and put back below. Where no question stands: nothing.
 */
void stepping_stand_aside(struct running *rn);
void stepping_come_back(struct running *rn);
/* The run is being ended: ask no more, every step goes. Not in step mode: nothing. */
void stepping_leave(struct running *rn);
/* Ask no more, put the terminal back, and free. None: nothing. */
void stepping_close(struct running *rn);

/*
 * A signal has come. SIGTSTP: the terminal is put back, and the program stops itself; SIGCONT: the question is asked
 * again. Returns whether that was all there was to do.
 */
bool stepping_signaled(struct running *rn, int number);

/* Is it a step of that name that a person may name behind `c`: send stands for sendto, sendmsg and sendmmsg too. */
bool stepping_is_named(const char *word, enum step_id step);

#endif
