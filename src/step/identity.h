/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a process may become: a user, with the groups that go with it, as the system's lists of them say. */
#ifndef SOCKT_STEP_IDENTITY_H
#define SOCKT_STEP_IDENTITY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IDENTITY_ERROR_MAX 160

/* Owned by who has it; zeroed it is nobody. */
struct identity {
	char *words; /* as it was written: "nobody", "1000:www-data"; NULL: nobody */
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary ones; NULL: none */
	size_t group_count;
	char *login, *home; /* of passwd(5); NULL: it does not have that number */
};

/*
 * Read USER or USER:GROUP, names or numbers. Without GROUP it is the user's own, and the user's supplementary groups
 * come with it; with GROUP it is that one alone. Asks the system's lists (getpwnam(3), getgrnam(3), which may ask
 * servers and wait). Returns 0, or -EINVAL with a sentence in error (IDENTITY_ERROR_MAX bytes), identity being as it
 * was.
 */
int identity_find(struct identity *identity, const char *words, char *error);
/*
 * Read USER, USER:GROUP or :GROUP, names or numbers, for who is to own a file: what is not named becomes UINT32_MAX.
 * Asks the same lists. Returns 0, or -EINVAL with a sentence in error.
 */
int identity_find_owner(const char *words, uint32_t *uid, uint32_t *gid, char *error);
/* Give back what it owns. */
void identity_clear(struct identity *identity);

#endif
