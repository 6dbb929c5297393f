/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may ask: users and their passwords, from a file with a line USER:PASSWORD for each. Pure but for reading it. */
#ifndef SOCKT_STREAM_USERS_H
#define SOCKT_STREAM_USERS_H

#include <stdbool.h>
#include <stddef.h>

#define USERS_FILE_MAX ((size_t)1 << 20) /* bytes of the file */
#define USERS_ERROR_MAX 160

struct users {
	char *lines; /* each ended by NUL; owned, and overwritten before it is freed */
	size_t len;
};

/*
 * Read the users from the lines of data (len bytes): USER:PASSWORD, empty lines and those that begin with # are passed
 * over. Returns 0, or -EINVAL with the mistake in error (USERS_ERROR_MAX bytes; no password is in it).
 */
int users_read(struct users *users, const char *data, size_t len, char *error);
void users_clear(struct users *users);

/* Is that the password of that user? Takes as long for a wrong password as for a right one. */
bool users_have(const struct users *users, const char *user, const char *password);

#endif
