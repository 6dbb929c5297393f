/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls about the file of a Unix socket: see calls.h. Those by path follow no link that somebody has put in its
 * place, so no other file changes hands.
 */
#include "step/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t call_fchmod(struct sock *sk, union step_args *args)
{
	return call_result(fchmod(sk->fd, args->fchmod.mode));
}

int64_t call_lchown(struct sock *sk, union step_args *args)
{
	(void)sk;
	return call_result(lchown(args->lchown.path, args->lchown.owner, args->lchown.group));
}

int64_t call_fchmodat(struct sock *sk, union step_args *args)
{
	(void)sk;
	return call_result(fchmodat(AT_FDCWD, args->fchmodat.path, args->fchmodat.mode, AT_SYMLINK_NOFOLLOW));
}
