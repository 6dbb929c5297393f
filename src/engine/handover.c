/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handing a connection over: see handover.h. */
#include "engine/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/util.h"

struct handover {
	struct engine *engine;
	struct run_result *result;
	struct sock sock; /* the connection */
	struct sock out;  /* what it is passed over */
	struct task task;
	bool is_blocking; /* the flag has been set */
	bool is_over;
};

/* What fd is that no descriptor can be passed over, for a sentence. */
static const char *what_is(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return _("closed");
	if (isatty(fd))
		return _("a terminal");
	if (S_ISSOCK(st.st_mode))
		return _("a socket of a network");
	if (S_ISFIFO(st.st_mode))
		return _("a pipe");
	return S_ISREG(st.st_mode) ? _("a file") : _("a device");
}

int handover_check(struct stepper *st, int fd, struct failure *fail)
{
	struct sock sk = { .fd = fd };
	socklen_t len = sizeof(int);
	int domain = AF_UNSPEC;

	if (step_getsockopt(st, &sk, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX)
		return 0;
	return failure_usage(fail,
			     _("--pass-fd: standard output is %s, and a descriptor can be passed over a Unix socket "
			       "only: who starts sockt so gives it one (ssh: ProxyUseFdpass yes)"),
			     what_is(fd));
}

static void finish(struct handover *handover, enum ended_by ended, const struct failure *fail)
{
	struct engine *engine = handover->engine;

	handover->is_over = true;
	loop_unwatch(engine->loop, &handover->out);
	step_close(engine->st, &handover->sock);
	run_result_set(handover->result, ended, fail, NULL);
	loop_stop(engine->loop);
}

/* Who gets it decides whether its calls wait, as with one that socket(2) has made: O_NONBLOCK goes along with it. */
static int make_blocking(struct handover *handover)
{
	int flags = fcntl(handover->sock.fd, F_GETFL), ret;

	if (flags == -1)
		return -errno;
	ret = step_set_flags(handover->engine->st, &handover->sock, flags & ~O_NONBLOCK, false);
	handover->is_blocking = ret == 0;
	return ret;
}

static void handover_run(struct task *task)
{
	struct handover *handover = CONTAINER_OF(task, struct handover, task);
	struct failure fail = { .domain = FAILURE_NONE };
	enum step_id step = STEP_FCNTL;
	int ret = 0;

	if (handover->is_over)
		return;
	if (!handover->is_blocking)
		ret = make_blocking(handover);
	if (ret == 0) {
		step = STEP_PASS;
		ret = step_pass(handover->engine->st, &handover->out, handover->sock.fd);
	}
	if (ret == STEP_HELD || ret == -EAGAIN)
		return;
	if (ret < 0) {
		failure_set(&fail, step, -ret, NULL);
		finish(handover, ENDED_ERROR, &fail);
		return;
	}
	handover->sock.is_passed = true;
	step_note(handover->engine->st, handover->sock.session,
		  _("the connection goes on with who has got descriptor %d: closing ours ends nothing"),
		  handover->sock.fd);
	finish(handover, ENDED_PASSED, NULL);
}

struct handover *handover_start(struct engine *engine, const struct opened *opened, int fd, struct run_result *result)
{
	struct handover *handover = xcalloc(1, sizeof(*handover));

	handover->engine = engine;
	handover->result = result;
	handover->task.run = handover_run;
	handover->sock = opened->sock;
	handover->sock.task = &handover->task;
	sock_init(&handover->out);
	handover->out.fd = fd;
	handover->out.session = opened->sock.session;
	handover->out.side = opened->sock.side;
	handover->out.task = &handover->task;
	handover->out.kind = SOCK_KIND_SOCKET;
	handover->out.is_inherited = true;
	handover->out.is_shared = true;
	/* The file stays open elsewhere: the kernel would go on looking at it for us. */
	loop_unwatch(engine->loop, &handover->sock);
	handover->sock.is_shared = true;
	loop_watch(engine->loop, &handover->out, &handover->task);
	loop_post(engine->loop, &handover->task);
	return handover;
}

void handover_free(struct handover *handover)
{
	if (handover == NULL)
		return;
	loop_unpost(handover->engine->loop, &handover->task);
	loop_unwatch(handover->engine->loop, &handover->out);
	step_close(handover->engine->st, &handover->sock);
	/* The peer has our address from it: a Unix socket that is passed on keeps its name, and the file stays. */
	free(handover);
}
