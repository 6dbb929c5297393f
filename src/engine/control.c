/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket: see control.h. */
#include "engine/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "engine/acceptor.h"

/* Clients at once, with those that are gone and owed an answer; more wait in the accept queue. */
#define CLIENTS_MAX 256
#define BACKLOG SOMAXCONN
/* A client is asked for no more commands while so many bytes of answers wait for it. */
#define HELD_MAX ((size_t)64 << 10)
/* One who takes nothing of what waits for so long is dropped. */
#define STALL_NS (5 * NS_PER_S)
/* Commands in one turn: sessions have theirs in between. */
#define TURN_MAX 16

struct control_client {
	struct control *control;
	struct control_client *next, **at;
	struct sock sock;
	struct task task;
	struct timer stall;
	struct buf in, out;
	bool is_skipping; /* the rest of a line that is too long */
	bool is_owed;     /* an answer is on its way */
	bool has_ended;   /* it sends no more */
	bool is_gone;     /* closed, but for an answer that is owed */
};

struct control {
	struct control_settings settings;
	/* A stepper of its own, whose bus has no sink. */
	struct bus bus;
	struct stepper st;
	struct engine engine;
	struct listener *listener;
	struct acceptor acceptor;
	struct control_client *clients;
	size_t count;
};

int control_endpoint(struct endpoint *endpoint, const char *text, char *error)
{
	const struct endpoint_wish wish = { .role = ROLE_LISTEN, .is_unix = false };
	int ret = endpoint_parse(endpoint, &text, 1, &wish, error);

	if (ret < 0)
		return ret;
	if (endpoint->kind->protocol != PROTOCOL_UNIX || endpoint->kind->socktype != SOCK_STREAM)
		snprintf(error, ENDPOINT_ERROR_MAX, _("\"%s\" is no Unix socket: write unix:PATH"), text);
	else if (endpoint->path[0] == '@')
		snprintf(error, ENDPOINT_ERROR_MAX,
			 _("\"%s\" has no file whose mode says who may give commands: write unix:PATH"), text);
	else if (endpoint_find_owner(endpoint, error) == 0)
		return 0;
	endpoint_clear(endpoint);
	return -EINVAL;
}

/* ---- A client ---- */

static struct loop *loop_of(const struct control_client *client)
{
	return client->control->settings.engine->loop;
}

static void client_free(struct control_client *client)
{
	*client->at = client->next;
	if (client->next != NULL)
		client->next->at = client->at;
	client->control->count--;
	acceptor_resume(&client->control->acceptor);
	free(client);
}

/* Close it, and free it unless an answer is owed. */
static void client_close(struct control_client *client)
{
	struct control *control = client->control;

	loop_timer_clear(loop_of(client), &client->stall);
	loop_unpost(loop_of(client), &client->task);
	loop_unwatch(loop_of(client), &client->sock);
	step_close(&control->st, &client->sock);
	buf_clear(&client->in);
	buf_clear(&client->out);
	client->is_gone = true;
	if (!client->is_owed)
		client_free(client);
}

static void client_stalled(struct timer *timer)
{
	client_close(CONTAINER_OF(timer, struct control_client, stall));
}

/* Hand over what waits. Returns 0 or -errno. */
static int client_write(struct control_client *client)
{
	struct control *control = client->control;
	bool has_moved = false;

	while (client->out.len > 0 && (client->sock.ready & READY_OUT) != 0) {
		ssize_t n = step_send(&control->st, &client->sock, buf_peek(&client->out), client->out.len, 0, NULL);

		if (n == -EAGAIN)
			break;
		if (n < 0)
			return (int)n;
		buf_consume(&client->out, (size_t)n);
		has_moved = true;
	}
	if (client->out.len == 0)
		loop_timer_clear(loop_of(client), &client->stall);
	else if (has_moved || !timer_is_set(&client->stall))
		loop_timer_set(loop_of(client), &client->stall, loop_now_ns(loop_of(client)) + STALL_NS);
	return 0;
}

static void client_answer(struct control_client *client, const struct json *json)
{
	buf_append(&client->out, json->data, json->len);
}

static void client_answer_error(struct control_client *client, const char *error)
{
	struct json json = { 0 };

	control_write_error(error, &json);
	client_answer(client, &json);
	json_clear(&json);
}

void control_reply(struct control_client *client, const struct json *json)
{
	client->is_owed = false;
	if (client->is_gone) {
		client_free(client);
		return;
	}
	client_answer(client, json);
	loop_post(loop_of(client), &client->task);
}

/* Do the command of a line. */
static void client_do(struct control_client *client, const char *line, size_t len)
{
	const struct control_settings *settings = &client->control->settings;
	struct control_request request;
	char error[CONTROL_ERROR_MAX];

	if (control_parse(line, len, "", &request, error) < 0) {
		client_answer_error(client, error);
		return;
	}
	client->is_owed = true;
	settings->execute(settings->ctx, client, &request);
}

/* A line that has no end yet: is it too long already? */
static void client_check_length(struct control_client *client)
{
	char error[CONTROL_ERROR_MAX];

	if (client->in.len <= CONTROL_LINE_MAX)
		return;
	if (!client->is_skipping) {
		snprintf(error, sizeof(error), _("the line is longer than %d bytes"), CONTROL_LINE_MAX);
		client_answer_error(client, error);
	}
	client->is_skipping = true;
	buf_clear(&client->in);
}

/* Take the next line from what was read, and do it. Returns false where there is none. */
static bool client_take_line(struct control_client *client)
{
	const char *line = buf_peek(&client->in);
	const char *end = client->in.len == 0 ? NULL : memchr(line, '\n', client->in.len);
	size_t len;

	if (end == NULL) {
		client_check_length(client);
		return false;
	}
	len = (size_t)(end - line);
	if (!client->is_skipping)
		client_do(client, line, len);
	client->is_skipping = false;
	buf_consume(&client->in, len + 1);
	return true;
}

/* Read what comes next. Returns 1, 0: nothing now, or -errno: it is broken. */
static int client_read(struct control_client *client)
{
	char bytes[CONTROL_LINE_MAX];
	ssize_t n;

	if (client->has_ended || (client->sock.ready & READY_IN) == 0)
		return 0;
	n = step_recv(&client->control->st, &client->sock, bytes, sizeof(bytes), 0, NULL);
	if (n == -EAGAIN)
		return 0;
	if (n < 0)
		return (int)n;
	if (n > 0) {
		buf_append(&client->in, bytes, (size_t)n);
		return 1;
	}
	client->has_ended = true;
	if (client->in.len > 0 && !client->is_skipping)
		client_answer_error(client, _("the last line has no newline at its end: it is not done"));
	buf_clear(&client->in);
	return 0;
}

/* Go on, at most so far. Returns 1: there is more to do, 0: not now, -errno: it is broken. */
static int client_go_on(struct control_client *client)
{
	int ret;

	for (int left = TURN_MAX; left > 0; left--) {
		ret = client_write(client);
		if (ret < 0 || client->is_owed || client->out.len > HELD_MAX)
			return ret;
		if (client_take_line(client))
			continue;
		ret = client_read(client);
		if (ret < 0)
			return ret;
		if (ret == 0)
			return client_write(client);
	}
	return 1;
}

static void client_run(struct task *task)
{
	struct control_client *client = CONTAINER_OF(task, struct control_client, task);
	int ret = client_go_on(client);

	if (ret < 0 || (client->has_ended && client->out.len == 0 && !client->is_owed))
		client_close(client);
	else if (ret > 0)
		loop_post_later(loop_of(client), task);
}

/* ---- The socket ---- */

static bool has_room(void *ctx)
{
	const struct control *control = ctx;

	return control->count < CLIENTS_MAX;
}

static void take(void *ctx, struct opened *opened)
{
	struct control *control = ctx;
	struct control_client *client = xcalloc(1, sizeof(*client));

	client->control = control;
	client->task.run = client_run;
	client->stall.fire = client_stalled;
	client->sock = opened->sock;
	client->sock.is_hidden = true;
	client->sock.session = 0;
	client->next = control->clients;
	client->at = &control->clients;
	if (client->next != NULL)
		client->next->at = &client->next;
	control->clients = client;
	control->count++;
	if (loop_watch(loop_of(client), &client->sock, &client->task) < 0)
		client_close(client);
}

static void accept_failed(void *ctx, const struct failure *fail)
{
	struct control *control = ctx;

	control->settings.failed(control->settings.ctx, fail);
}

static void listens(void *ctx, const struct failure *fail)
{
	struct control *control = ctx;
	struct failure own = { .domain = FAILURE_NONE };
	struct listening *sockets;
	size_t count;
	int ret;

	if (fail != NULL) {
		control->settings.failed(control->settings.ctx, fail);
		return;
	}
	sockets = listener_sockets(control->listener, &count);
	for (size_t i = 0; i < count; i++)
		sockets[i].sock.is_hidden = true;
	ret = acceptor_start(&control->acceptor, sockets, count);
	if (ret < 0) {
		failure_set(&own, STEP_EPOLL_WAIT, -ret, NULL);
		control->settings.failed(control->settings.ctx, &own);
	}
}

struct control *control_start(const struct control_settings *settings)
{
	struct control *control = xcalloc(1, sizeof(*control));
	const struct listener_settings listener = { .endpoint = settings->endpoint, .backlog = BACKLOG };
	const struct acceptor_settings acceptor = {
		.engine = &control->engine,
		.has_room = has_room,
		.take = take,
		.failed = accept_failed,
		.ctx = control,
	};

	control->settings = *settings;
	bus_init(&control->bus, settings->engine->st->bus->start_ns);
	control->st = (struct stepper){ .bus = &control->bus, .env = settings->engine->st->env };
	engine_init(&control->engine, &control->st, settings->engine->loop);
	control->engine.say = settings->engine->say;
	control->engine.say_ctx = settings->engine->say_ctx;
	acceptor_init(&control->acceptor, &acceptor);
	control->listener = listener_start(&control->st, settings->engine->loop, &listener, listens, control);
	return control;
}

struct unixfile *control_file(struct control *control)
{
	size_t count;

	return &listener_sockets(control->listener, &count)->file;
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	acceptor_stop(&control->acceptor);
	while (control->clients != NULL) {
		struct control_client *client = control->clients;

		/* No answer will come. */
		client->is_owed = false;
		if (client->is_gone) {
			client_free(client);
			continue;
		}
		client_write(client);
		client_close(client);
	}
	listener_free(control->listener);
	engine_clear(&control->engine);
	bus_clear(&control->bus, NULL, 0);
	free(control);
}
