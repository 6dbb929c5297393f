/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why rights could not be given up (--user, --chroot), and what to do. Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>

#define ROW FAILURE_ERRNO
#define BECOMING (STEP_BIT(SETGROUPS) | STEP_BIT(SETGID) | STEP_BIT(SETUID))

const struct diagnosis diagnosis_rights[] = {
	{ ROW, EPERM, BECOMING, KIND_ANY, NULL,
	  N_("only root, or a program with CAP_SETUID and CAP_SETGID, may become another user; in a user namespace "
	     "/proc/self/setgroups may forbid it, too"),
	  N_("start it as root (`sudo`), or as that user at once; for a port below 1024 alone no root is needed: "
	     "`setcap cap_net_bind_service+ep FILE`") },
	{ ROW, EINVAL, BECOMING, KIND_ANY, NULL,
	  N_("the user namespace of this process has no such number"),
	  N_("`cat /proc/self/uid_map /proc/self/gid_map` shows those it has") },
	{ ROW, EAGAIN, STEP_BIT(SETUID), KIND_ANY, NULL,
	  N_("that user has as many processes as it may"),
	  N_("`ulimit -u` of that user is the limit") },
	{ ROW, EPERM, STEP_BIT(FCHMOD), KIND_ANY, NULL,
	  N_("a sandbox or a security module forbids it, and without it others than the owner might use the file"),
	  N_("start it outside of that, or take an abstract name (unix:@NAME), which needs no file") },
	{ ROW, EPERM, STEP_BIT(LCHOWN), KIND_ANY, NULL,
	  N_("only root (CAP_CHOWN) may give a file to another user; its owner may give it to a group that it is in "
	     "itself"),
	  N_("name a group of your own, `--owner :GROUP` (`id -Gn` lists them), or start it as root (`sudo`)") },
	{ ROW, EINVAL, STEP_BIT(LCHOWN), KIND_ANY, NULL,
	  N_("the user namespace of this process has no such number"),
	  N_("`cat /proc/self/uid_map /proc/self/gid_map` shows those it has") },
	{ ROW, EPERM, STEP_BIT(LCHOWN) | STEP_BIT(FCHMODAT), KIND_ANY, NULL,
	  N_("the file system of the socket does not allow it"),
	  N_("choose a path in /run or /tmp") },
	{ ROW, EOPNOTSUPP, STEP_BIT(FCHMODAT), KIND_ANY, NULL,
	  N_("without the call fchmodat2(), which needs Linux 6.6 and glibc 2.39, the C library needs /proc for this, "
	     "and it is not mounted"),
	  N_("`mount -t proc proc /proc`, or leave --mode away: then it is 0600") },
	{ ROW, EPERM, STEP_BIT(CHROOT), KIND_ANY, NULL,
	  N_("only root, or a program with CAP_SYS_CHROOT, may change its root directory"),
	  N_("start it as root (`sudo`)") },
	{ ROW, EACCES, STEP_BIT(CHROOT), KIND_ANY, NULL,
	  N_("a directory on the way there, or the directory itself, may not be searched (x)"),
	  N_("`namei -l DIR` shows the rights of each") },
	{ .domain = FAILURE_NONE },
};
