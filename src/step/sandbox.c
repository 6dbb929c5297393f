/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network of the run's own: see sandbox.h. */
#include "step/sandbox.h"

#include "base/i18n.h"
#include "base/util.h"
#include "step/probe.h"
#include "trace/names.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The identity in a user namespace: each id is itself, so that files belong to whom they belonged to. */
#define MAP_MAX 32

/*
 * What may forbid it, and what is needed then: the first that is so is said.
 * %1$s the call, %2$s and %3$s its error in words and by name
 */
static const struct {
	const char *file; /* of a setting */
	const char *forbids; /* its value that does */
	const char *sentence;
} needs[] = {
	{ "/proc/sys/user/max_net_namespaces", "0",
	  N_("--sandbox: %1$s: %2$s (%3$s): this host lets nobody make a network namespace; needed is "
	     "sysctl user.max_net_namespaces above 0") },
	{ "/proc/sys/user/max_user_namespaces", "0",
	  N_("--sandbox: %1$s: %2$s (%3$s): this host lets nobody make a user namespace; needed is root, or "
	     "sysctl user.max_user_namespaces above 0") },
	{ "/proc/sys/kernel/unprivileged_userns_clone", "0",
	  N_("--sandbox: %1$s: %2$s (%3$s): user namespaces are for root here; needed is root, or "
	     "sysctl kernel.unprivileged_userns_clone=1") },
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
	  N_("--sandbox: %1$s: %2$s (%3$s): AppArmor keeps user namespaces to some programs here; needed is root, a "
	     "profile with userns, or sysctl kernel.apparmor_restrict_unprivileged_userns=0") },
};

/* Is that the first word of a file? */
static bool file_says(const char *path, const char *word)
{
	char found[16] = "";
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return false;
	if (fscanf(file, "%15s", found) != 1)
		found[0] = '\0';
	fclose(file);
	return strcmp(found, word) == 0;
}

/* Put down what was refused, and what is needed. Returns the result of the call. */
static int refused(const struct sandbox_call *call, struct failure *fail)
{
	const char *sentence = N_("--sandbox: %1$s: %2$s (%3$s): a network of one's own is forbidden here (by a "
				  "container, seccomp, chroot); needed is root (CAP_SYS_ADMIN) outside of it");
	int error = -call->result;
	char name[32];

	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (file_says(needs[i].file, needs[i].forbids)) {
			sentence = needs[i].sentence;
			break;
		}
	}
	fail->domain = FAILURE_SANDBOX;
	fail->code = error;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(fail->text, sizeof(fail->text), _(sentence), call->what, strerrordesc_np(error),
		 name_errno(error, name, sizeof(name)));
#pragma GCC diagnostic pop
	return call->result;
}

/* Begin a call: the next free place, its clock started. */
static struct sandbox_call *call_begin(struct sandbox *sandbox, const struct env *env, const char *what)
{
	struct sandbox_call *call;

	assert(sandbox->count < SANDBOX_CALLS_MAX);
	call = &sandbox->calls[sandbox->count++];
	call->what = what;
	call->began_ns = env->now_ns();
	return call;
}

/* End it: the clock and the result, which is returned. */
static int call_end(struct sandbox_call *call, const struct env *env, int result)
{
	call->result = result;
	call->ended_ns = env->now_ns();
	return result;
}

static int leave(struct sandbox *sandbox, const struct env *env, const char *what, int flags)
{
	struct sandbox_call *call = call_begin(sandbox, env, what);

	return call_end(call, env, unshare(flags) == -1 ? -errno : 0);
}

/* Write a file of /proc/self that only takes one write. Returns 0 or -errno. */
static int put(struct sandbox *sandbox, const struct env *env, const char *what, const char *path, const char *text)
{
	struct sandbox_call *call = call_begin(sandbox, env, what);
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd == -1)
		return call_end(call, env, -errno);
	ret = write(fd, text, strlen(text)) == -1 ? -errno : 0;
	close(fd);
	return call_end(call, env, ret);
}

/* In a new user namespace: the ids are what they were. gid_map needs setgroups to be given up (user_namespaces(7)). */
static int map_ids(struct sandbox *sandbox, const struct env *env, uid_t uid, gid_t gid)
{
	char uids[MAP_MAX], gids[MAP_MAX];
	int ret;

	snprintf(uids, sizeof(uids), "%u %u 1", (unsigned)uid, (unsigned)uid);
	snprintf(gids, sizeof(gids), "%u %u 1", (unsigned)gid, (unsigned)gid);
	ret = put(sandbox, env, "write(/proc/self/setgroups)", "/proc/self/setgroups", "deny");
	if (ret == 0)
		ret = put(sandbox, env, "write(/proc/self/uid_map)", "/proc/self/uid_map", uids);
	if (ret == 0)
		ret = put(sandbox, env, "write(/proc/self/gid_map)", "/proc/self/gid_map", gids);
	return ret;
}

/* A new network namespace has loopback, but down. */
static int raise_loopback(struct sandbox *sandbox, const struct env *env)
{
	struct sandbox_call *call = call_begin(sandbox, env, "ioctl(SIOCSIFFLAGS, lo, IFF_UP)");
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;

	if (fd == -1)
		return call_end(call, env, -errno);
	ret = ioctl(fd, SIOCSIFFLAGS, &request) == -1 ? -errno : 0;
	close(fd);
	return call_end(call, env, ret);
}

/*
 * Who has the privilege needs no user namespace, and keeps it over files, too: as root a namespace would take away what
 * belongs to other users. Who has not gets it with one.
 */
int sandbox_enter(struct sandbox *sandbox, const struct env *env, struct failure *fail)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int ret;

	*sandbox = (struct sandbox){ .count = 0 };
	ret = leave(sandbox, env, "unshare(CLONE_NEWNET)", CLONE_NEWNET);
	if (ret == 0)
		ret = raise_loopback(sandbox, env);
	if (ret == -EPERM) {
		ret = leave(sandbox, env, "unshare(CLONE_NEWUSER | CLONE_NEWNET)", CLONE_NEWUSER | CLONE_NEWNET);
		if (ret == 0)
			ret = map_ids(sandbox, env, uid, gid);
		if (ret == 0)
			ret = raise_loopback(sandbox, env);
	}
	if (ret < 0)
		return refused(&sandbox->calls[sandbox->count - 1], fail);
	sandbox->is_inside = true;
	return 0;
}

void sandbox_tell(const struct sandbox *sandbox, struct stepper *st)
{
	for (size_t i = 0; i < sandbox->count; i++) {
		const struct sandbox_call *call = &sandbox->calls[i];

		probe_tell(st, call->began_ns, call->ended_ns, call->result, call->what);
	}
	if (sandbox->is_inside)
		bus_note(st->bus, st->env->now_ns(), 0,
			 _("this run has a network of its own, with nothing but loopback in it (--sandbox)"));
}
