/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One worker, as the parent sees it: see workers.h. Its channel closes when the process ends, whatever ended it; then
 * its last events and messages are read, and it is reaped.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "engine/workers_private.h"
#include "trace/names.h"
#include "trace/sink_wire.h"

/* A worker that dies again and again is started no more often than that. */
#define RESTART_NS NS_PER_S
/* Its channel is closed, and it is not a zombie yet: when to look again. */
#define REAP_NS NS_PER_MS
/* Bytes of events read at once, and how often in one turn: other workers have theirs in between. */
#define EVENTS_SIZE ((size_t)64 << 10)
#define EVENTS_TURNS 4

unsigned worker_slot_index(const struct worker_slot *slot)
{
	return (unsigned)(slot - slot->workers->slots);
}

bool worker_slot_is_alive(const struct worker_slot *slot)
{
	return slot->child.pid != 0 && !slot->is_closed;
}

void worker_slot_send(struct worker_slot *slot, uint32_t type, const void *data, size_t len)
{
	if (worker_slot_is_alive(slot))
		link_send(&slot->link, type, data, len);
}

/* Read events, at most so often. Returns false when there is no more now. */
static bool read_events(struct worker_slot *slot, int turns)
{
	struct engine *engine = slot->workers->settings.engine;
	static_assert(EVENTS_SIZE <= ENGINE_READ_SIZE, "the buffer of the process is large enough");
	char *bytes = engine_take_buffer(engine);
	ssize_t n = 1;

	slot->reader.bounds.has_payload = wire_bounds_of_bus(engine->st->bus).has_payload;
	while (turns != 0 && n > 0) {
		n = read(slot->child.events.fd, bytes, EVENTS_SIZE);
		if (n == -1 && errno == EINTR) {
			n = 1;
			continue;
		}
		/* What is no frame is read all the same: the worker must not stand still. */
		if (n > 0 && !slot->reader.is_bad &&
		    wire_reader_feed(&slot->reader, engine->st->bus, bytes, (size_t)n) < 0)
			engine_say(engine, _("worker %u sends a trace that cannot be read: it is not shown any more"),
				   worker_slot_index(slot) + 1);
		if (turns > 0)
			turns--;
		if (n > 0)
			slot->workers->read_ns = engine->st->env->now_ns();
	}
	engine_give_buffer(engine, bytes);
	if (n == -1)
		slot->child.events.ready &= (uint8_t)~READY_IN;
	return n > 0;
}

static void on_events(struct task *task)
{
	struct worker_slot *slot = CONTAINER_OF(task, struct worker_slot, read);

	if ((slot->child.events.ready & READY_IN) != 0 && read_events(slot, EVENTS_TURNS))
		loop_post_later(slot->workers->settings.engine->loop, task);
}

/* How it ended, in words. */
static void format_status(int status, char *dst, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(dst, size, "SIG%s", sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(dst, size, _("status %d"), WEXITSTATUS(status));
}

/* It died: say so, and start another one, now or in a moment. */
static void slot_died(struct worker_slot *slot, pid_t pid, int status)
{
	struct workers *workers = slot->workers;
	struct engine *engine = workers->settings.engine;
	uint64_t now_ns = engine->st->env->now_ns(), due_ns = slot->started_ns + RESTART_NS;
	unsigned number = worker_slot_index(slot) + 1;
	char how[32];

	format_status(status, how, sizeof(how));
	if (workers->is_draining || workers->is_stopping) {
		engine_say(engine, _("worker %u (process %d) ended by %s: its sessions are reset"), number, (int)pid,
			   how);
		workers->drained.has_lost = true;
		slot->is_over = true;
		return;
	}
	engine_say(engine, _("worker %u (process %d) ended by %s: its sessions are reset, another takes its place"),
		   number, (int)pid, how);
	loop_timer_set(engine->loop, &slot->again, due_ns > now_ns ? due_ns : now_ns);
}

/* It ended as it was asked to, or since it cannot go on. */
static void slot_ended(struct worker_slot *slot)
{
	struct workers *workers = slot->workers;

	slot->is_over = true;
	workers->drained.has_lost = workers->drained.has_lost || slot->result.has_lost;
	if (workers->is_stopping)
		return;
	if (!workers->is_draining) {
		/* What one cannot do, all cannot. */
		run_result_set(workers->result, slot->result.ended, &slot->result.fail, slot->result.limit);
		workers_abandon(workers, slot->result.ended, slot->result.limit);
	} else if (slot->result.fail.domain != FAILURE_NONE) {
		run_result_set(&workers->drained, slot->result.ended, &slot->result.fail, slot->result.limit);
	}
}

/* What it has counted stays counted. */
static void keep_counts(struct workers *workers, unsigned index)
{
	struct relay_counts counts = commons_forget(workers->commons, index);

	relay_counts_add(&workers->gone, &counts);
}

/* Its channel is closed: read what is left, and reap it. */
static void slot_finish(struct worker_slot *slot)
{
	struct workers *workers = slot->workers;
	unsigned index = worker_slot_index(slot);
	pid_t pid = slot->child.pid;
	int status;

	if (!child_reap(&slot->child, &status)) {
		loop_timer_set(workers->settings.engine->loop, &slot->again,
			       workers->settings.engine->st->env->now_ns() + REAP_NS);
		return;
	}
	read_events(slot, -1);
	worker_slot_clear(slot);
	keep_counts(workers, index);
	if (slot->has_result)
		slot_ended(slot);
	else
		slot_died(slot, pid, status);
	workers_ask_gone(workers, index);
	workers_tell_room(workers);
	workers_look(workers);
}

/* Look again whether it has ended; or the time has come to start another one. */
static void on_again(struct timer *timer)
{
	struct worker_slot *slot = CONTAINER_OF(timer, struct worker_slot, again);
	struct workers *workers = slot->workers;
	struct engine *engine = workers->settings.engine;
	char name[32];
	int ret;

	if (slot->child.pid != 0) {
		slot_finish(slot);
		return;
	}
	if (workers->is_draining || workers->is_stopping) {
		slot->is_over = true;
		workers_look(workers);
		return;
	}
	ret = worker_slot_start(slot);
	if (ret == 0) {
		workers->has_said_fork = false;
		return;
	}
	if (!workers->has_said_fork)
		engine_say(engine, _("worker %u cannot be started (%s): it is tried again every second"),
			   worker_slot_index(slot) + 1, name_errno(-ret, name, sizeof(name)));
	workers->has_said_fork = true;
	loop_timer_set(engine->loop, timer, engine->st->env->now_ns() + RESTART_NS);
}

static void on_closed(void *ctx)
{
	struct worker_slot *slot = ctx;
	struct engine *engine = slot->workers->settings.engine;

	slot->is_closed = true;
	/* It has not ended if what it sent was garbled. */
	if (!slot->has_result)
		kill(slot->child.pid, SIGKILL);
	/* Not from here: the link is in the middle of its work. */
	loop_timer_set(engine->loop, &slot->again, engine->st->env->now_ns());
}

static void on_message(void *ctx, uint32_t type, const void *data, size_t len)
{
	struct worker_slot *slot = ctx;
	struct workers *workers = slot->workers;

	/* Whatever it is: see release() of worker.c. */
	workers_tell_room(workers);
	switch ((enum worker_message)type) {
	case WORKER_SAYS:
		engine_say(workers->settings.engine, _("worker %u: %.*s"), worker_slot_index(slot) + 1, (int)len,
			   (const char *)data);
		break;
	case WORKER_ANSWERS:
		workers_answered(workers, worker_slot_index(slot), data, len);
		break;
	case WORKER_RESULT:
		if (len != sizeof(slot->result))
			break;
		memcpy(&slot->result, data, len);
		slot->has_result = true;
		break;
	case WORKER_FREED:
	case WORKER_DRAIN:
	case WORKER_STOP:
	case WORKER_ROOM:
	case WORKER_COMMAND:
	case WORKER_LEVEL:
		break;
	}
}

/* Put the sockets of a listener that a worker accepts from into its post: all, or those that it shares. */
static void post_take(struct worker_post *post, struct listener *listener, bool is_shared_only)
{
	size_t count;
	struct listening *from = listener_sockets(listener, &count);

	for (size_t i = 0; i < count; i++) {
		struct listening *at = &post->sockets[post->socket_count];

		if (is_shared_only && workers_has_own(from[i].endpoint))
			continue;
		*at = from[i];
		/* Its file is removed by the parent. */
		at->file.path[0] = '\0';
		at->sock.is_shared = true;
		/* The parent has it too, and perhaps other workers. */
		at->sock.is_passed = true;
		/* Whoever ends first would let the others wait in accept(). */
		at->sock.was_blocking = false;
		post->socket_count++;
	}
}

/* In the process of the worker: take its post. The parent's descriptors are closed, its memory is let alone. */
static void slot_serve(struct worker_slot *slot, const struct child_end *end)
{
	struct workers *workers = slot->workers;
	size_t most = LISTENER_MAX * (1 + workers->settings.more_count), count = 0;
	unsigned index = worker_slot_index(slot);
	struct worker_post post = {
		.index = index,
		.end = *end,
		.commons = workers->commons,
		.sockets = xcalloc(most, sizeof(*post.sockets)),
	};
	int *fds = xcalloc(most + 4, sizeof(*fds));

	if (index < workers->listener_count)
		post_take(&post, workers->listeners[index], false);
	if (index > 0)
		post_take(&post, workers->listeners[0], true);
	for (; count < post.socket_count; count++)
		fds[count] = post.sockets[count].sock.fd;
	/* The target, where it is a file. */
	if (workers->settings.file != NULL) {
		fds[count++] = workers->settings.file->ends.in;
		fds[count++] = workers->settings.file->ends.out;
	}
	fds[count++] = end->channel;
	fds[count++] = end->events;
	child_keep_only(fds, count);
	free(fds);
	workers->settings.serve(workers->settings.ctx, &post);
}

int worker_slot_start(struct worker_slot *slot)
{
	struct engine *engine = slot->workers->settings.engine;
	const struct link_settings link = {
		.loop = engine->loop,
		.message = on_message,
		.closed = on_closed,
		.ctx = slot,
	};
	struct child_end end;
	int ret;

	ret = child_fork(&slot->child, &end);
	if (ret < 0)
		return ret;
	if (ret == 1)
		slot_serve(slot, &end);
	slot->started_ns = engine->st->env->now_ns();
	slot->is_closed = false;
	slot->has_result = false;
	slot->reader = (struct wire_reader){ .bounds = wire_bounds_of_bus(engine->st->bus) };
	slot->again.fire = on_again;
	slot->read.run = on_events;
	ret = link_open(&slot->link, &link, &slot->child.channel);
	if (ret == 0)
		ret = loop_watch(engine->loop, &slot->child.events, &slot->read);
	if (ret < 0)
		worker_slot_clear(slot);
	return ret;
}

void worker_slot_clear(struct worker_slot *slot)
{
	struct loop *loop = slot->workers->settings.engine->loop;

	link_clear(&slot->link);
	loop_unwatch(loop, &slot->child.events);
	loop_unpost(loop, &slot->read);
	loop_timer_clear(loop, &slot->again);
	wire_reader_clear(&slot->reader);
	child_kill(&slot->child);
}
