/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up rights: see privileges.h. */
#include "step/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "step/calls.h"
#include "step/probe.h"

/* capset(2): version 3 has two words of capabilities. */
#define CAPABILITY_WORDS 2

int64_t call_chroot(struct sock *sk, union step_args *args)
{
	(void)sk;
	if (chroot(args->chroot.path) == -1)
		return -errno;
	/* chroot(2): the working directory stays where it was, which may be outside. */
	return call_result(chdir("/"));
}

int64_t call_setgroups(struct sock *sk, union step_args *args)
{
	(void)sk;
	return call_result(setgroups(args->setgroups.size, args->setgroups.list));
}

int64_t call_setgid(struct sock *sk, union step_args *args)
{
	(void)sk;
	return call_result(setgid(args->setid.id));
}

int64_t call_setuid(struct sock *sk, union step_args *args)
{
	(void)sk;
	return call_result(setuid(args->setid.id));
}

/* Make a step that is about no socket. Returns 0, or -errno with fail filled. */
static int make(struct stepper *st, struct intent *intent, const char *about, struct failure *fail)
{
	struct sock none;
	int64_t ret;

	sock_init(&none);
	intent->sock = &none;
	ret = step_make(st, intent);
	if (ret == 0)
		return 0;
	escape_c(about, strlen(about), fail->target, sizeof(fail->target));
	return failure_set(fail, intent->step, (int)-ret, NULL);
}

/* Are real, effective and saved ids all those? */
static bool is_whole(uid_t uid, gid_t gid)
{
	uid_t uids[3];
	gid_t gids[3];

	return getresuid(&uids[0], &uids[1], &uids[2]) == 0 && getresgid(&gids[0], &gids[1], &gids[2]) == 0 &&
	       uids[0] == uid && uids[1] == uid && uids[2] == uid && gids[0] == gid && gids[1] == gid &&
	       gids[2] == gid;
}

/* Is gid one of the user's groups? */
static bool is_group_of(const struct identity *user, gid_t gid)
{
	for (size_t i = 0; i < user->group_count; i++)
		if (user->groups[i] == gid)
			return true;
	return gid == user->gid;
}

/* Is this process in groups that the user is not in? */
static bool has_other_groups(const struct identity *user)
{
	int count = getgroups(0, NULL);
	gid_t *groups = xcalloc((size_t)(count > 0 ? count : 0) + 1, sizeof(*groups));
	bool has_others = false;

	count = getgroups(count, groups);
	for (int i = 0; i < count; i++)
		has_others = has_others || !is_group_of(user, groups[i]);
	free(groups);
	return has_others;
}

/*
 * The kernel takes them away from who was root (capabilities(7)), but not from a program that had them from its file,
 * nor where securebits say otherwise. Returns 0 or -errno.
 */
static int drop_capabilities(struct stepper *st)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[CAPABILITY_WORDS] = { { 0 } };
	const struct probe probe = probe_begin(st, STEP_PROBE);
	int ret;

	if (syscall(SYS_capget, &header, data) == -1)
		return -errno;
	if ((data[0].permitted | data[1].permitted | data[0].inheritable | data[1].inheritable) == 0)
		return 0;
	memset(data, 0, sizeof(data));
	ret = (int)call_result((int)syscall(SYS_capset, &header, data));
	probe_end(&probe, NULL, ret, "capset(no capability)");
	return ret;
}

/* Try to get root back. Returns 0: that failed, as it has to; or -errno with fail filled. */
static int try_out(struct stepper *st, const struct identity *user, struct failure *fail)
{
	struct probe probe = probe_begin(st, STEP_PROBE);
	int ret = (int)probe_end(&probe, NULL, call_result(setuid(0)), "setuid(0), which has to fail");
	bool is_regained = ret == 0;

	if (user->gid != 0) {
		probe = probe_begin(st, STEP_PROBE);
		ret = (int)probe_end(&probe, NULL, call_result(setgid(0)), "setgid(0), which has to fail");
		is_regained = is_regained || ret == 0;
	}
	if (!is_regained && is_whole(user->uid, user->gid))
		return 0;
	fail->domain = FAILURE_SANDBOX;
	fail->code = EPERM;
	snprintf(fail->text, sizeof(fail->text),
		 _("--user %s: root could be had back afterwards, so nothing is done; is something in the way of "
		   "setuid() (seccomp, LD_PRELOAD)?"), user->words);
	return -EPERM;
}

static int become(struct stepper *st, const struct identity *user, struct failure *fail)
{
	struct intent intents[] = {
		{ .step = STEP_SETGROUPS, .args.setgroups = { user->groups, user->group_count } },
		{ .step = STEP_SETGID, .args.setid.id = user->gid },
		{ .step = STEP_SETUID, .args.setid.id = user->uid },
	};
	int ret = 0;

	if (user->uid != 0 && is_whole(user->uid, user->gid) && !has_other_groups(user))
		step_note(st, 0, _("this process is of the user %s already (--user)"), user->words);
	else
		for (size_t i = 0; ret == 0 && i < ARRAY_LEN(intents); i++)
			ret = make(st, &intents[i], user->words, fail);
	if (ret < 0 || user->uid == 0)
		return ret;
	ret = drop_capabilities(st);
	if (ret < 0)
		return failure_set(fail, STEP_SETUID, -ret, NULL);
	return try_out(st, user, fail);
}

int privileges_drop(struct stepper *st, const char *root, const struct identity *user, struct failure *fail)
{
	struct intent intent = { .step = STEP_CHROOT, .args.chroot.path = root };
	int ret = 0;

	if (root != NULL)
		ret = make(st, &intent, root, fail);
	return ret < 0 || user == NULL ? ret : become(st, user, fail);
}
