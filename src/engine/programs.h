/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The programs of a run (--exec, --sh, exec:, sh:): one for each session, in the place of standard input and output.
 *
 *     WAITING --(the connection stands)--> RUNNING --(waitpid)--> ENDED
 *
 * A program whose session is over, or which has nothing more to read or to say, is left alone for a moment; then it
 * gets SIGTERM, and after another one SIGKILL. It is waited for in every case, so that none stays behind as a zombie.
 */
#ifndef SOCKT_ENGINE_PROGRAMS_H
#define SOCKT_ENGINE_PROGRAMS_H

#include "engine/attendant.h"
#include "engine/programs_environment.h"
#include "stream/frame_layer.h"

struct program_run;
struct programs;

struct programs_settings {
	struct engine *engine;
	char *const *argv; /* outlives the programs */
	bool has_pty;      /* each gets a terminal of its own */
	bool is_patient;   /* one that has nothing more to read or to say may work on for as long as it likes */
	bool is_many;      /* one that cannot be started is said, and the run goes on */
	enum frame_mode frame; /* of those whose connection keeps messages */
	size_t frame_max;
};

struct programs *programs_open(const struct programs_settings *settings);
/* Gives each session a program. */
const struct attendant *programs_attendant(const struct programs *programs);
/* The exit status of the program that has ended last, as a shell tells it; -1: none has. */
int programs_status(const struct programs *programs);
/*
 * Wait for those that still run, for a moment, and end them. is_hasty: at once. To be called when the loop has ended.
 * NULL: nothing.
 */
void programs_close(struct programs *programs, bool is_hasty);

/*
 * For those who have no session (a pair): a program of that number, which with is_messages writes messages. It wakes
 * task whenever it, or who reads and writes it, can go on; failed() is told from the loop where it cannot be started.
 */
struct program_run *programs_add(struct programs *programs, uint32_t number, bool is_messages, struct task *task,
				 void (*failed)(void *ctx, const struct failure *fail), void *ctx);
/* Our end of it. */
struct layer *program_run_layer(struct program_run *run);
/* Start it, from the loop, for that connection. */
void program_run_start(struct program_run *run, const struct program_peer *peer);
/* Who used it needs it no more: run is not to be touched again. */
void program_run_leave(struct program_run *run);

#endif
