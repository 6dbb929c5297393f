/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of a listener: see listener.h. It finds the addresses of one endpoint after the other, and opens them
 * (listener_open.c).
 */
#include "endpoint/listener_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"
#include "step/resolve.h"

struct listening *listener_sockets(struct listener *listener, size_t *count)
{
	*count = listener->base;
	return listener->sockets;
}

void listener_stop_but(struct listener *listener, const struct listening *keep)
{
	for (size_t i = 0; i < listener->room; i++) {
		if (&listener->sockets[i] == keep)
			continue;
		loop_unwatch(listener->loop, &listener->sockets[i].sock);
		step_close(listener->st, &listener->sockets[i].sock);
		unixfile_remove(&listener->sockets[i].file);
	}
	step_close(listener->st, &listener->probe);
}

void listener_stop(struct listener *listener)
{
	listener_stop_but(listener, NULL);
}

void listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	resolve_cancel(listener->resolve);
	loop_unpost(listener->loop, &listener->task);
	listener_stop(listener);
	free(listener->sockets);
	free(listener);
}

/* The next endpoint, or the end. */
static void listener_go_on(struct listener *listener);

/* Tell the end. */
static void listener_finish(struct listener *listener)
{
	struct failure *fail = &listener->fail;

	if (fail->domain == FAILURE_NONE) {
		listener_go_on(listener);
		return;
	}
	fail->side = SIDE_SERVER;
	fail->protocol = listener->endpoint->kind->protocol;
	listener->endpoint = NULL;
	listener_stop(listener);
	listener->done(listener->ctx, fail);
}

/* Open one address after the other. */
static void listener_open(struct listener *listener)
{
	if (!listener->is_ready && listener->fail.domain == FAILURE_NONE)
		return;
	while (listener->current < listener->count && listener->fail.domain == FAILURE_NONE)
		if (listener_open_next(listener) == STEP_HELD)
			return;
	listener_finish(listener);
}

static void listener_resolved(void *ctx, const struct resolve_answer *answer)
{
	struct listener *listener = ctx;

	listener->resolve = NULL;
	if (answer->error != 0) {
		resolve_set_failure(answer, listener->endpoint->host, &listener->fail);
	}
	while (listener->count < answer->count && listener->count < LISTENER_MAX) {
		listener->addrs[listener->count] = answer->found[listener->count];
		listener->count++;
	}
	listener->is_ready = true;
	loop_post(listener->loop, &listener->task);
}

/* Those of the loopback interface. Of datagrams there is one socket: its address is what most will try. */
static void set_loopback(struct listener *listener)
{
	const struct endpoint *endpoint = listener->endpoint;
	int family = endpoint->kind->family;

	if (family != AF_INET6)
		addr_parse_ip(&listener->addrs[listener->count++], "127.0.0.1", endpoint->port_number);
	if (family == AF_INET6 || (family == AF_UNSPEC && endpoint->kind->socktype != SOCK_DGRAM))
		addr_parse_ip(&listener->addrs[listener->count++], "::1", endpoint->port_number);
	listener->is_ready = true;
}

/* Find the addresses: the one that was written, every one, or those of a name. */
static void listener_resolve(struct listener *listener)
{
	const struct endpoint *endpoint = listener->endpoint;
	struct resolve_question question = { .node = NULL };
	char port[8];
	int ret;

	if (endpoint->is_loopback) {
		set_loopback(listener);
		return;
	}
	if (endpoint->addr.len > 0 || endpoint->is_any_host) {
		listener->addrs[0] = endpoint->addr;
		if (endpoint->is_any_host)
			addr_set_any(&listener->addrs[0], endpoint->kind->family == AF_INET ? AF_INET : AF_INET6,
				     endpoint->port_number);
		listener->count = 1;
		listener->is_ready = true;
		return;
	}
	snprintf(port, sizeof(port), "%u", endpoint->port_number);
	question.node = endpoint->host;
	question.service = port;
	question.family = endpoint->kind->family;
	question.socktype = endpoint->kind->socktype;
	question.is_passive = true;
	ret = resolve_start(listener->st, listener->loop, &question, listener_resolved, listener, &listener->resolve);
	if (ret < 0)
		failure_set(&listener->fail, STEP_RESOLVE, -ret, NULL);
}

/* A descriptor that was handed in: it listens already. */
static void listener_adopt(struct listener *listener)
{
	struct listening *at = &listener->sockets[listener->base];
	struct opened opened;
	int ret = opening_adopt(listener->st, listener->endpoint, true, &opened, &listener->fail);

	opened.sock.task = &listener->task;
	if (ret == 0 && !listener->is_ready)
		step_introduce(listener->st, &opened.sock, &opened.local, &opened.remote);
	listener->is_ready = true;
	if (ret == 0)
		ret = opening_dress(listener->st, &opened, listener->endpoint, true, &listener->next_option,
				    &listener->fail);
	/* What is held is made by another run of this. */
	if (ret == STEP_HELD)
		return;
	if (ret == 0) {
		at->sock = opened.sock;
		at->bound = opened.local;
		at->endpoint = listener->endpoint;
		at->is_messages = opened.is_messages;
		at->is_datagram = opened.is_datagram;
		listener->count = 1;
	}
	listener_finish(listener);
}

static void listener_run(struct task *task)
{
	struct listener *listener = CONTAINER_OF(task, struct listener, task);

	/* A socket of it may wake this once more, when it is done. */
	if (listener->endpoint == NULL)
		return;
	if (listener->endpoint->kind->form == FORM_FD)
		listener_adopt(listener);
	else
		listener_open(listener);
}

/* Begin with the endpoint whose turn it is. */
static void listener_begin(struct listener *listener)
{
	size_t turn = listener->turn;

	listener->endpoint = turn == 0 ? listener->settings.endpoint : &listener->settings.more[turn - 1];
	listener->count = 0;
	listener->current = 0;
	listener->was_stale = false;
	listener->is_ready = false;
	if (listener->endpoint->kind->form != FORM_FD)
		listener_resolve(listener);
	loop_post(listener->loop, &listener->task);
}

static void listener_go_on(struct listener *listener)
{
	listener->base += listener->count;
	if (listener->turn++ < listener->settings.more_count) {
		listener_begin(listener);
		return;
	}
	listener->endpoint = NULL;
	listener->done(listener->ctx, NULL);
}

struct listener *listener_start(struct stepper *st, struct loop *loop, const struct listener_settings *settings,
				listener_done_fn *done, void *ctx)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));

	listener->st = st;
	listener->loop = loop;
	listener->settings = *settings;
	listener->done = done;
	listener->ctx = ctx;
	listener->task.run = listener_run;
	sock_init(&listener->probe);
	listener->probe.task = &listener->task;
	listener->room = LISTENER_MAX * (1 + settings->more_count);
	listener->sockets = xcalloc(listener->room, sizeof(*listener->sockets));
	for (size_t i = 0; i < listener->room; i++) {
		sock_init(&listener->sockets[i].sock);
		listener->sockets[i].sock.task = &listener->task;
	}
	listener_begin(listener);
	return listener;
}
