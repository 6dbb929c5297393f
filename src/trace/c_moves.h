/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of a program that move data, as C: for the table of c_calls.c. */
#ifndef SOCKT_TRACE_C_MOVES_H
#define SOCKT_TRACE_C_MOVES_H

#include "trace/c_calls.h"

void c_move_send(struct c_writer *writer, const struct program_statement *statement);
void c_move_receive(struct c_writer *writer, const struct program_statement *statement);
void c_move_forward(struct c_writer *writer, const struct program_statement *statement);
void c_move_exchange(struct c_writer *writer, const struct program_statement *statement);
void c_move_pass(struct c_writer *writer, const struct program_statement *statement);
void c_move_failed(struct c_writer *writer, const struct program_statement *statement);
void c_move_left_out(struct c_writer *writer, const struct program_statement *statement);

#endif
