/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The broker: a crowd in which everybody gets what one sends, and the sender does not (--broker); by lines, with names
 * (--chat).
 *
 * A place is a layer over our end of a session, whatever that is (the hub's standard input and output, a console): what
 * the client sends goes to our end and into one ring of 1 MiB, from which each place reads at its own pace, past what
 * is its own; what our end gives is for that client. A full ring holds the senders back. With is_dropping who is a
 * whole ring behind while another has read ahead is dropped, and else who stands still for a second.
 */
#ifndef SOCKT_ENGINE_BROKER_H
#define SOCKT_ENGINE_BROKER_H

#include "engine/engine.h"
#include "stream/stream.h"

struct broker;
struct place;

struct broker_settings {
	struct engine *engine;
	bool is_messages; /* what is sent are messages: each gets them whole */
	bool is_chat;
	bool is_dropping;
	/*
	 * Our end is one client's alone, as in a console, and its end is the end of what that client gets. Else it is
	 * everybody's, and its end ends nobody: only a client that has ended as well.
	 */
	bool has_own_ends;
	/* A place is too far behind: end its session. */
	void (*drop)(void *owner);
};

struct broker *broker_open(const struct broker_settings *settings);
/* Are what is sent messages? */
bool broker_is_of_messages(const struct broker *broker);
/* Free; places are left before. NULL: nothing. */
void broker_close(struct broker *broker);
/*
 * Let a client in, whose session has that number and task; below is our end of it. It gets what is sent from now on.
 * Returns its place; broker_layer() is our end then, until broker_leave().
 */
struct place *broker_join(struct broker *broker, uint32_t number, struct task *task, struct layer *below, void *owner);
struct layer *broker_layer(struct place *place);
/* Of our end of a session, where nothing moves: is it a place, and do senders wait for room in the ring? */
bool broker_is_blocked(const struct layer *layer);
/* A client has left; the place is gone. NULL: nothing. */
void broker_leave(struct place *place);

#endif
