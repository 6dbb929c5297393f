/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of an endpoint that is written as socat has it. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "endpoint/foreign.h"
#include "endpoint/reading.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define SERVICE_CHARS DIGITS "abcdefghijklmnopqrstuvwxyz-_.+"
#define OURS_MAX 96

static bool has_capitals(struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (strchr(CAPITALS, word.at[i]) != NULL)
			return true;
	}
	return false;
}

/* May word:rest be a host and a port? Hosts have all kinds of names, but seldom capitals. */
static bool may_be_host(struct span word, struct span rest, bool is_host)
{
	if (span_find(word, '-') != NULL || rest.len == 0)
		return false;
	if (span_consists_of(rest, DIGITS))
		return true;
	return is_host && !has_capitals(word) && span_consists_of(rest, SERVICE_CHARS);
}

bool reading_is_foreign_kind(struct span word, struct span rest)
{
	const struct foreign_words *words = foreign_address_find(word.at, word.len);

	if (words != NULL)
		return !may_be_host(word, rest, words->is_host);
	return foreign_role_find(word.at, word.len, NULL) && !may_be_host(word, rest, true);
}

bool reading_is_foreign_alone(struct span word)
{
	const struct foreign_words *words = foreign_address_find(word.at, word.len);

	if (words != NULL)
		return words->is_alone && (!words->is_host || has_capitals(word));
	return span_find(word, '-') != NULL && foreign_role_find(word.at, word.len, NULL);
}

bool reading_is_endpoint(struct span word)
{
	const char *colon = span_find(word, ':');
	struct span name = colon == NULL ? word : span_until(word, colon);
	const struct endpoint_kind *kind = endpoint_kind_find_len(name.at, name.len);

	if (kind != NULL)
		return colon != NULL || kind->form == FORM_NONE;
	if (colon == NULL)
		return reading_is_foreign_alone(word);
	return reading_is_foreign_kind(name, span_from(word, colon + 1));
}

bool endpoint_is_one(const char *word)
{
	return reading_is_endpoint(span_of(word));
}

unsigned endpoint_in_our_words(const char *word, char *dst, size_t size)
{
	size_t len = strcspn(word, ":"), rest_len;
	struct foreign_role role;

	if (word[len] == '\0' || !foreign_role_find(word, len, &role)) {
		snprintf(dst, size, "%s", word);
		return 0;
	}
	rest_len = strcspn(word + len + 1, ",");
	snprintf(dst, size, "%s:%s%.*s", role.kind->name, role.before, (int)rest_len, word + len + 1);
	return role.role;
}

/* A kind with its role: the same as an endpoint of ours, and where that stands. */
static int mistake_role(struct reading *r, struct span word, struct span rest, const struct foreign_role *role)
{
	char shown[SPAN_SHOWN_MAX], rest_shown[SPAN_SHOWN_MAX], ours[OURS_MAX];
	bool is_listening = role->role == ROLE_LISTEN;
	bool is_first = (r->wish->role & ROLE_LISTEN) != 0;
	const char *sentence;

	span_show(word, shown);
	if (rest.len == 0)
		snprintf(ours, sizeof(ours), "%s", role->kind->syntax);
	else
		snprintf(ours, sizeof(ours), "%s:%s%s", role->kind->name, role->before, span_show(rest, rest_shown));
	if (!r->wish->is_relay)
		sentence = is_listening ? _("\"%1$s\" is socat's: here the command says the role: sockt listen %2$s") :
					  _("\"%1$s\" is socat's: here the command says the role: sockt connect %2$s");
	else if (is_listening)
		sentence = is_first ? _("\"%1$s\" is socat's: the first end of a relay listens: %2$s") :
				      _("\"%1$s\" is socat's: the end of a relay that listens is the first one: sockt "
					"relay %2$s TO");
	else
		sentence = is_first ? _("\"%1$s\" is socat's: the end of a relay that connects is the second one: "
					"sockt relay FROM %2$s") :
				      _("\"%1$s\" is socat's: the second end of a relay connects: %2$s");
	return written_mistake(&r->written, word, sentence, shown, ours);
}

int reading_foreign_kind(struct reading *r, struct span word, struct span rest)
{
	const struct foreign_words *words = foreign_address_find(word.at, word.len);
	struct foreign_role role;
	char shown[SPAN_SHOWN_MAX];

	if (words != NULL)
		return written_mistake(&r->written, word, _("\"%1$s\" is socat's: %2$s"), span_show(word, shown),
				       _(words->sentence));
	foreign_role_find(word.at, word.len, &role);
	return mistake_role(r, word, rest, &role);
}

int reading_two_endpoints(struct reading *r, struct span first, struct span second)
{
	char shown[SPAN_SHOWN_MAX], second_shown[SPAN_SHOWN_MAX];

	return written_mistake(&r->written, second,
			       _("two endpoints are joined by relay: sockt relay %1$s %2$s"), span_show(first, shown),
			       span_show(second, second_shown));
}
