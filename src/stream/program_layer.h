/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program as a layer: what is written goes to its standard input, what is read comes from its standard output. Until
 * it has been started, neither is possible yet.
 *
 * The end of what is written closes its standard input. A terminal has no such thing: it is sent the character that
 * stands for the end of input there (VEOF), as if a person had typed it, once all before that has been read; and again,
 * since each ends the input of one reader only.
 */
#ifndef SOCKT_STREAM_PROGRAM_LAYER_H
#define SOCKT_STREAM_PROGRAM_LAYER_H

#include "step/loop.h"
#include "step/spawn.h"
#include "stream/layer.h"

struct program_layer {
	struct layer layer;
	struct process process;
	struct loop *loop; /* which knows its descriptors */
	bool is_in_shut;   /* nothing more is written to it */
	bool is_out_ended; /* nothing more comes from it */
	bool is_unheard;   /* that was we: nobody wants more of it */
	bool is_mid_line;  /* of a terminal: what was written last was no end of a line */
	bool is_ending;    /* of a terminal: its end of input is to be said, or has been */
};

/* Without a process; task: see process_init(). */
void program_layer_init(struct program_layer *pl, struct loop *loop, uint32_t session, struct task *task);
/* Has all been read and said that there will be? The program may live on. */
static inline bool program_layer_is_over(const struct program_layer *pl)
{
	return pl->is_in_shut && pl->is_out_ended;
}
/*
 * Of a terminal: say the end of input, once more if it was said. Returns 0, -EAGAIN (what came before is not read yet)
 * or STEP_HELD.
 */
int program_layer_write_end(struct program_layer *pl, struct stepper *st);
/* Close what leads to the program and from it, which may go on. Closed already: nothing. */
void program_layer_hang_up(struct program_layer *pl, struct stepper *st);

#endif
