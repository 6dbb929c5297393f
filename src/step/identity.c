/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users and groups, by name and by number: see identity.h. */
#include "step/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"

#define WORD_MAX 256 /* bytes of a name; LOGIN_NAME_MAX of Linux */
#define SHOWN_MAX 64
#define BUFFER_FIRST ((size_t)1024)
#define BUFFER_LAST ((size_t)1 << 20) /* a group of very many members */
#define GROUPS_FIRST 32
/* (uid_t)-1 means "leave it as it is" (setreuid(2)). */
#define ID_MAX (UINT32_MAX - 1)

/* format takes the option that it is about (%1$s) and the word (%2$s). */
static int mistake(char *error, const char *what, const char *format, const char *word)
{
	char shown[SHOWN_MAX];

	escape_c(word, strlen(word), shown, sizeof(shown));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(error, IDENTITY_ERROR_MAX, format, what, shown);
#pragma GCC diagnostic pop
	return -EINVAL;
}

static bool is_number(const char *word)
{
	return word[strspn(word, "0123456789")] == '\0';
}

/* An entry of passwd(5) or group(5), in a buffer of its own. */
struct entry {
	char *buffer;
	struct passwd passwd;
	struct group group;
};

/* Ask once, with a buffer of so many bytes. Returns an errno; *found: there is one. */
static int ask(struct entry *entry, bool is_group, const char *word, uint32_t number, size_t size, bool *found)
{
	struct passwd *passwd = NULL;
	struct group *group = NULL;
	int error;

	if (is_group)
		error = is_number(word) ? getgrgid_r(number, &entry->group, entry->buffer, size, &group) :
					  getgrnam_r(word, &entry->group, entry->buffer, size, &group);
	else
		error = is_number(word) ? getpwuid_r(number, &entry->passwd, entry->buffer, size, &passwd) :
					  getpwnam_r(word, &entry->passwd, entry->buffer, size, &passwd);
	*found = passwd != NULL || group != NULL;
	return error;
}

/* Look for a user or a group. Where there is one entry->buffer is to be freed. */
static bool find(struct entry *entry, bool is_group, const char *word, uint32_t number)
{
	bool is_found = false;

	*entry = (struct entry){ .buffer = NULL };
	for (size_t size = BUFFER_FIRST; size <= BUFFER_LAST; size *= 4) {
		int error;

		free(entry->buffer);
		entry->buffer = xmalloc(size);
		error = ask(entry, is_group, word, number, size, &is_found);
		if (error != ERANGE)
			break;
	}
	if (!is_found) {
		free(entry->buffer);
		entry->buffer = NULL;
	}
	return is_found;
}

/* A word that is a number. */
static int read_number(const char *word, const char *what, uint32_t *number, char *error)
{
	uint64_t value = 0;

	if (is_number(word) && parse_uint(word, what, 0, ID_MAX, &value, error) < 0)
		return -EINVAL;
	*number = (uint32_t)value;
	return 0;
}

/* The supplementary groups of a user, as initgroups(3) finds them. */
static void find_groups(struct identity *identity)
{
	int count = GROUPS_FIRST;

	identity->groups = xmalloc((size_t)count * sizeof(*identity->groups));
	while (getgrouplist(identity->login, identity->gid, identity->groups, &count) == -1) {
		free(identity->groups);
		identity->groups = xmalloc((size_t)count * sizeof(*identity->groups));
	}
	identity->group_count = (size_t)count;
}

static int find_user(struct identity *identity, const char *word, const char *what, bool has_group, char *error)
{
	struct entry entry;
	uint32_t number;

	if (read_number(word, what, &number, error) < 0)
		return -EINVAL;
	if (find(&entry, false, word, number)) {
		identity->uid = entry.passwd.pw_uid;
		identity->gid = entry.passwd.pw_gid;
		identity->login = xstrdup(entry.passwd.pw_name);
		identity->home = xstrdup(entry.passwd.pw_dir);
		free(entry.buffer);
		return 0;
	}
	if (!is_number(word))
		return mistake(error, what, _("%1$s: there is no user \"%2$s\" here (getent passwd)"), word);
	if (!has_group)
		return mistake(error, what,
			       _("%1$s: no user has the number %2$s, so the group has to be named: %2$s:GROUP"),
			       word);
	identity->uid = number;
	return 0;
}

static int find_group(const char *word, const char *what, gid_t *gid, char *error)
{
	struct entry entry;
	uint32_t number;

	if (read_number(word, what, &number, error) < 0)
		return -EINVAL;
	if (is_number(word)) {
		*gid = number;
		return 0;
	}
	if (!find(&entry, true, word, number))
		return mistake(error, what, _("%1$s: there is no group \"%2$s\" here (getent group)"), word);
	*gid = entry.group.gr_gid;
	free(entry.buffer);
	return 0;
}

/* Cut USER[:GROUP] in two. user is of WORD_MAX bytes; *group NULL: there is none. */
static bool cut(const char *words, char *user, const char **group)
{
	const char *colon = strchr(words, ':');
	size_t len = colon == NULL ? strlen(words) : (size_t)(colon - words);

	*group = colon == NULL ? NULL : colon + 1;
	if (len >= WORD_MAX || (*group != NULL && **group == '\0'))
		return false;
	memcpy(user, words, len);
	user[len] = '\0';
	return true;
}

int identity_find(struct identity *identity, const char *words, char *error)
{
	struct identity made = { .words = NULL };
	const char *group, *what = "--user";
	char user[WORD_MAX];
	int ret;

	if (!cut(words, user, &group) || user[0] == '\0')
		return mistake(error, what, _("%1$s is USER or USER:GROUP, names or numbers, not \"%2$s\""), words);
	ret = find_user(&made, user, what, group != NULL, error);
	if (ret == 0 && group != NULL)
		ret = find_group(group, what, &made.gid, error);
	if (ret < 0) {
		identity_clear(&made);
		return ret;
	}
	if (group == NULL)
		find_groups(&made);
	made.words = xstrdup(words);
	identity_clear(identity);
	*identity = made;
	return 0;
}

int identity_find_owner(const char *words, uint32_t *uid, uint32_t *gid, char *error)
{
	const char *what = _("the owner of the socket");
	struct identity made = { .uid = UINT32_MAX, .gid = UINT32_MAX };
	gid_t found = UINT32_MAX;
	char user[WORD_MAX];
	const char *group;
	int ret = 0;

	if (!cut(words, user, &group) || words[0] == '\0')
		return mistake(error, what, _("%1$s is USER, USER:GROUP or :GROUP, names or numbers, not \"%2$s\""),
			       words);
	/* A number that no user has is one all the same: files may be of nobody who is known. */
	if (user[0] != '\0')
		ret = find_user(&made, user, what, true, error);
	if (ret == 0 && group != NULL)
		ret = find_group(group, _("the group of the socket"), &found, error);
	if (ret == 0) {
		*uid = made.uid;
		*gid = found;
	}
	identity_clear(&made);
	return ret;
}

void identity_clear(struct identity *identity)
{
	free(identity->words);
	free(identity->groups);
	free(identity->login);
	free(identity->home);
	*identity = (struct identity){ .words = NULL };
}
