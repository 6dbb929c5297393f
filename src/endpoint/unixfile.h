/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of a listening Unix socket, or the link to a terminal: whose it is, and when it may be removed (design:
 * Safety). Only a socket file on which nobody answers is ever replaced; only our own file, told by its inode, is
 * removed at the end.
 */
#ifndef SOCKT_ENDPOINT_UNIXFILE_H
#define SOCKT_ENDPOINT_UNIXFILE_H

#include <sys/types.h>

#include "step/step.h"

struct unixfile {
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1]; /* "": none */
	dev_t dev;
	ino_t ino;
};

/* Does addr name a file (not an abstract name)? */
bool unixfile_is_path(const struct addr *addr);
/*
 * Give the socket mode 0600 before it is bound: the file that bind() makes takes its mode from it. Returns 0, STEP_HELD
 * or -errno: then it is not to be bound, or others could use it.
 */
int unixfile_set_mode(struct stepper *st, struct sock *sk);
/* Remember the file that bind() has just made for addr. */
void unixfile_remember(struct unixfile *file, const struct addr *addr);
/* The same of a symbolic link that was made, whose path there is room for. */
void unixfile_remember_path(struct unixfile *file, const char *path);
/* Remove it, if it is still the one that was remembered. */
void unixfile_remove(struct unixfile *file);

/*
 * Before chroot(2) to root: name the file as it is to be called then. Returns false where it is outside of root: it is
 * forgotten, and stays when the run ends. Without a file: true.
 */
bool unixfile_confine(struct unixfile *file, const char *root);
/* May this process remove it? Looked at by access(2) and the sticky bit (inode(7)). Without a file: true. */
bool unixfile_is_removable(const struct unixfile *file);

/*
 * bind() said EADDRINUSE: is it the file of a dead socket? probe is an unused sock of the caller for asking (socket and
 * connect are steps). Returns 1: it was stale and has been removed, bind again; 0: somebody answers, or it is no
 * socket; STEP_HELD, or -errno of what went wrong (leave it).
 */
int unixfile_replace_stale(struct stepper *st, struct sock *probe, const struct addr *addr);

#endif
