/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may use the file of a Unix socket that listens: mode=, owner=. See endpoint.h and reading.h. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "endpoint/reading.h"
#include "step/identity.h"

#define DIGITS_MAX 4 /* "0660" */
#define OWNER_MAX 520 /* bytes of USER:GROUP */
#define SHOWN_MAX 48

static_assert(IDENTITY_ERROR_MAX <= ENDPOINT_ERROR_MAX, "an error of the owner is one of the endpoint");

bool endpoint_has_file(const struct endpoint *endpoint)
{
	return endpoint->kind->form == FORM_PATH && endpoint->path[0] != '@';
}

int endpoint_set_mode(struct endpoint *endpoint, const char *text, char *error)
{
	size_t len = strlen(text);
	char shown[SHOWN_MAX];
	unsigned long mode = len == 0 || len > DIGITS_MAX || text[strspn(text, "01234567")] != '\0' ?
				     0777 + 1 : strtoul(text, NULL, 8);

	if (endpoint->has_mode)
		return -EEXIST;
	if (mode > 0777) {
		escape_c(text, len, shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX,
			 _("a mode is octal digits up to 0777, such as 0660, not \"%s\""), shown);
		return -EINVAL;
	}
	endpoint->has_mode = true;
	endpoint->mode = (uint16_t)mode;
	return 0;
}

int endpoint_set_owner(struct endpoint *endpoint, const char *text, char *error)
{
	size_t len = strlen(text);

	if (endpoint->owner != NULL)
		return -EEXIST;
	if (len == 0 || len > OWNER_MAX || text[len - 1] == ':') {
		snprintf(error, PARSE_ERROR_MAX, "%s",
			 _("an owner is USER, USER:GROUP or :GROUP, names or numbers"));
		return -EINVAL;
	}
	endpoint->owner = xstrdup(text);
	endpoint->uid = endpoint->gid = UINT32_MAX;
	return 0;
}

int endpoint_find_owner(struct endpoint *endpoint, char *error)
{
	if (endpoint->owner == NULL)
		return 0;
	return identity_find_owner(endpoint->owner, &endpoint->uid, &endpoint->gid, error);
}

/* Is it an endpoint, at a place, that can have the option? */
static int check(struct reading *r, struct span name, const char *option, const char *value)
{
	const struct endpoint_kind *kind = r->endpoint.kind;

	if (kind->form != FORM_PATH)
		return written_mistake(&r->written, name,
				       _("%1$s= is for the file of a Unix socket, and this is %2$s"), option,
				       kind->name);
	if ((r->wish->role & ROLE_LISTEN) == 0)
		return written_mistake(&r->written, name,
				       _("%s= is for who listens: that makes the file of the socket"), option);
	if (!endpoint_has_file(&r->endpoint))
		return written_mistake(&r->written, name,
				       _("%s= is for a file, and an abstract name is none: anybody may connect"),
				       option);
	if (value == NULL)
		return written_mistake(&r->written, name, _("%1$s needs a value: %2$s"), option,
				       strcmp(option, "mode") == 0 ? "mode=0660" : "owner=USER:GROUP");
	return 0;
}

/* Make the mistake of what was made of a value. */
static int answer(struct reading *r, struct span name, struct span where, int ret, const char *option,
		  const char *error)
{
	if (ret == -EEXIST)
		return written_mistake(&r->written, name, _("%s is given twice"), option);
	return ret < 0 ? written_mistake(&r->written, where, "%s", error) : 0;
}

int reading_mode(struct reading *r, struct span name, const char *value, struct span where)
{
	char error[PARSE_ERROR_MAX];

	if (check(r, name, "mode", value) < 0)
		return -EINVAL;
	return answer(r, name, where, endpoint_set_mode(&r->endpoint, value, error), "mode", error);
}

int reading_owner(struct reading *r, struct span name, const char *value, struct span where)
{
	char error[PARSE_ERROR_MAX];

	if (check(r, name, "owner", value) < 0)
		return -EINVAL;
	return answer(r, name, where, endpoint_set_owner(&r->endpoint, value, error), "owner", error);
}
