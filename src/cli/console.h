/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console: a person at a terminal talks with a peer, or with many, or looks after a relay, while the run goes on.
 * Lines that are typed are sent, those that begin with a slash are commands. It is on where standard input and output
 * are both a terminal.
 */
#ifndef SOCKT_CLI_CONSOLE_H
#define SOCKT_CLI_CONSOLE_H

#include <signal.h>

#include "cli/running.h"
#include "endpoint/listener.h"
#include "engine/attendant.h"

struct console;

/* Shall there be one in this run? Once the options are read and standard input and output are looked at. */
bool console_is_wanted(const struct running *rn);
/* Open it, once the loop is there. */
struct console *console_open(struct running *rn);
/* Close it, and put the terminal back: before anything else is printed. NULL: nothing. */
void console_close(struct console *console);

/* What gives sessions their ends; NULL without a console: console may be NULL. */
const struct attendant *console_attendant(struct console *console);
/* Say a sentence (from the engine), as "sockt: ...". */
void console_say(struct console *console, const char *sentence);
/* Show a row of a dump, above the line that is typed. */
void console_row(struct console *console, const char *row);
/* It listens. */
void console_listening(struct console *console, const struct listening *sockets, size_t count);

/* As /quit: end every session once what was typed is sent and acknowledged, waiting a second at most; then the run. */
void console_quit(struct console *console);

/* Signals, as editor_add_signals() and editor_signaled(). */
void console_add_signals(sigset_t *set);
bool console_signaled(struct console *console, int number);

#endif
