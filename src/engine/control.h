/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket that a running relay takes commands on (--control): a listening Unix socket, many clients at once, a
 * command a line, one line of JSON back for each. A client that ends its half gets the answers to what it sent; a last
 * line without a newline may be half a line, and is not done. Commands are in control_commands.h. Nothing of it is in
 * the trace: that is of the sessions.
 *
 * Nobody who reads slowly can hold up the loop or fill the memory: one who has not taken its answers is asked for no
 * more commands, and is dropped if it takes nothing for a while.
 */
#ifndef SOCKT_ENGINE_CONTROL_H
#define SOCKT_ENGINE_CONTROL_H

#include "endpoint/endpoint.h"
#include "endpoint/unixfile.h"
#include "engine/control_commands.h"
#include "engine/engine.h"

struct control;
struct control_client;

struct control_settings {
	struct engine *engine;
	const struct endpoint *endpoint; /* a Unix stream socket with a path; outlives the control */
	/*
	 * Do what a client asks for. Each call is followed by one control_reply(), from within or later; until then
	 * that client waits with its next command.
	 */
	void (*execute)(void *ctx, struct control_client *client, const struct control_request *request);
	/* It cannot listen, or not any more. */
	void (*failed)(void *ctx, const struct failure *fail);
	void *ctx;
};

/* Reads the argument of --control. Returns 0, or -EINVAL with one line in error (ENDPOINT_ERROR_MAX bytes). Pure. */
int control_endpoint(struct endpoint *endpoint, const char *text, char *error);

/* It listens when the loop has run its first tasks, before what is started later. */
struct control *control_start(const struct control_settings *settings);
/* The file of its socket. It listens. */
struct unixfile *control_file(struct control *control);
/* Answer: one line. */
void control_reply(struct control_client *client, const struct json *json);
/*
 * Hand over what can be without waiting, close, remove the file and free. Answers that are still owed must not be given
 * any more. NULL: nothing.
 */
void control_free(struct control *control);

#endif
