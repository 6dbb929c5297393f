/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a program: what making statements (program.c) and moves of data (program_moves.c) share. */
#ifndef SOCKT_TRACE_PROGRAM_PRIVATE_H
#define SOCKT_TRACE_PROGRAM_PRIVATE_H

#include "trace/program.h"

/* Make a statement about the socket, which takes the comment. It stands where its socket's statements go to. */
struct program_statement *program_add(struct program *program, struct program_socket *socket, enum program_op op);
/* Free a statement that is in no list. */
void program_free_statement(struct program_statement *statement);
/* Give a statement the comment that is there, behind the one it has. */
void program_take_comment(struct program *program, struct program_statement *statement);

/* The calls that move data. */
void program_received(struct program *program, struct program_socket *socket, const struct event *event);
void program_sent(struct program *program, struct program_socket *socket, const struct event *event);
/* A receive that failed (not with EAGAIN). */
void program_receive_failed(struct program *program, struct program_socket *socket, int error);

#endif
