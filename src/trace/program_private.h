/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a program: its statements and sockets (program_list.c), for who makes them of events. */
#ifndef SOCKT_TRACE_PROGRAM_PRIVATE_H
#define SOCKT_TRACE_PROGRAM_PRIVATE_H

#include <sys/socket.h>

#include "trace/program.h"

/* What is kept of the flags of a call that moves data. */
#define PROGRAM_FLAGS (MSG_DONTWAIT | MSG_OOB | MSG_MORE | MSG_PEEK)

/* Make a statement about the socket, which takes the comment. It stands where its socket's statements go to. */
struct program_statement *program_add(struct program *program, struct program_socket *socket, enum program_op op);
/* Free a statement that is in no list. */
void program_free_statement(struct program_statement *statement);
/* Free all statements of a list. */
void program_clear_list(struct program_list *list);
/* Give a statement the comment that is there, behind the one it has. */
void program_take_comment(struct program *program, struct program_statement *statement);

/* A new socket that an event tells of, behind all others. */
struct program_socket *program_add_socket(struct program *program, int fd, const struct event *event);
/* The open socket of a descriptor: of the session, or, where that has none of this number, any. NULL: there is none. */
struct program_socket *program_find_socket(const struct program *program, int fd, uint32_t session);
/* Has the socket, which was just bound, a twin? Then it is that twin's from now on, and freed. */
bool program_join_twin(struct program *program, struct program_socket *socket);
/* The socket of the event's descriptor, made known where it was there before us. */
struct program_socket *program_need_socket(struct program *program, const struct event *event);
/* What becomes of the socket is known: its statements take their place. */
void program_release(struct program *program, struct program_socket *socket);
/* Forget a socket whose statements are still held, and those with it. */
void program_remove_socket(struct program *program, struct program_socket *socket);

/* Is it a call of a whole program that does not wait, by its socket or its flags (MSG_DONTWAIT)? */
bool program_never_waits(const struct program *program, const struct program_socket *socket, int flags);

/* The calls that move data (program_moves.c). */
void program_received(struct program *program, struct program_socket *socket, const struct event *event);
void program_sent(struct program *program, struct program_socket *socket, const struct event *event);
/* What only a whole program has: whether a socket blocks, poll(), and what only looks (program_looks.c). */
void program_set_flags(struct program *program, const struct event *event);
void program_polled(struct program *program, const struct event *event);
void program_look_name(struct program *program, const struct event *event);
void program_look_option(struct program *program, const struct event *event);
/* A receive that leaves what it shows (MSG_PEEK). */
void program_peeked(struct program *program, struct program_socket *socket, const struct event *event);
/* A send of a whole program (program_whole.c). */
void program_sent_whole(struct program *program, struct program_socket *socket, const struct event *event);
/* Add a statement that moves data. move->data, if there are any, are the caller's. */
void program_add_move(struct program *program, const struct program_statement *move);
/* A receive that failed (with EAGAIN only where it does not wait). */
void program_receive_failed(struct program *program, struct program_socket *socket, int error, int flags);
/* The data repeat themselves: after how many bytes. 0: they do not, or are too few to tell. */
size_t program_find_period(const uint8_t *data, size_t len);

#endif
