/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket options by the names of the manual pages: see sockopt_named.h. */
#include "endpoint/sockopt_named.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "trace/names.h"

#define SHOWN_MAX 60

static const int levels[] = { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP };

/* Those whose value is no int. */
static const struct {
	int level, optname;
	enum sockopt_form form;
} forms[] = {
	{ SOL_SOCKET, SO_RCVTIMEO, SOCKOPT_FORM_TIME },	    { SOL_SOCKET, SO_SNDTIMEO, SOCKOPT_FORM_TIME },
	{ SOL_SOCKET, SO_LINGER, SOCKOPT_FORM_LINGER },	    { SOL_SOCKET, SO_BINDTODEVICE, SOCKOPT_FORM_WORD },
	{ IPPROTO_TCP, TCP_CONGESTION, SOCKOPT_FORM_WORD }, { IPPROTO_TCP, TCP_ULP, SOCKOPT_FORM_WORD },
};

bool sockopt_named_find(const char *name, struct sockopt_named *named)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		const struct name_table *table = names_of_level(levels[i]);
		const char *found = NULL;
		long value;

		for (size_t k = 0; (found = name_at(table, k)) != NULL && strcasecmp(found, name) != 0; k++)
			;
		if (found == NULL || !name_value(table, found, &value))
			continue;
		*named = (struct sockopt_named){ .name = found, .level = levels[i], .optname = (int)value };
		for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
			if (forms[k].level == named->level && forms[k].optname == named->optname)
				named->form = forms[k].form;
		}
		return true;
	}
	return false;
}

const char *sockopt_named_at(const void *ctx, size_t i)
{
	(void)ctx;
	for (size_t k = 0; k < ARRAY_LEN(levels); k++) {
		const struct name_table *table = names_of_level(levels[k]);
		size_t count = 0;

		while (name_at(table, count) != NULL) {
			if (i-- == 0)
				return name_at(table, count);
			count++;
		}
	}
	return NULL;
}

/* An int: on and off are 1 and 0, 64k is a size. */
static int parse_int(const struct sockopt_named *named, const char *text, void *value, socklen_t *len, char *error)
{
	bool is_negative = text[0] == '-';
	uint64_t number;
	int result, ret;

	if (strcmp(text, "on") == 0 || strcmp(text, "off") == 0) {
		result = strcmp(text, "on") == 0;
	} else {
		ret = parse_size(text + is_negative, named->name, 0, INT_MAX, &number, error);
		if (ret < 0)
			return ret;
		result = is_negative ? -(int)number : (int)number;
	}
	memcpy(value, &result, sizeof(result));
	*len = sizeof(result);
	return 0;
}

static int parse_time(const struct sockopt_named *named, const char *text, void *value, socklen_t *len, char *error)
{
	struct timeval time;
	uint64_t ns;
	int ret = parse_duration(text, named->name, &ns, error);

	if (ret < 0)
		return ret;
	time.tv_sec = (time_t)(ns / NS_PER_S);
	time.tv_usec = (suseconds_t)(ns % NS_PER_S / NS_PER_US);
	memcpy(value, &time, sizeof(time));
	*len = sizeof(time);
	return 0;
}

static int parse_linger(const struct sockopt_named *named, const char *text, void *value, socklen_t *len, char *error)
{
	struct linger linger = { .l_onoff = 0 };
	uint64_t ns = 0;
	int ret;

	if (strcmp(text, "off") != 0) {
		ret = parse_duration(text, named->name, &ns, error);
		if (ret < 0)
			return ret;
		if (ns % NS_PER_S != 0) {
			snprintf(error, PARSE_ERROR_MAX, _("%s counts in whole seconds"), named->name);
			return -EINVAL;
		}
		linger.l_onoff = 1;
		linger.l_linger = (int)(ns / NS_PER_S);
	}
	memcpy(value, &linger, sizeof(linger));
	*len = sizeof(linger);
	return 0;
}

static int parse_word(const struct sockopt_named *named, const char *text, void *value, socklen_t *len, char *error)
{
	char shown[SHOWN_MAX];

	if (text[0] == '\0' || strlen(text) >= 16) {
		snprintf(error, PARSE_ERROR_MAX, _("%1$s is a word of at most 15 letters, not \"%2$s\""), named->name,
			 (escape_c(text, strlen(text), shown, sizeof(shown)), shown));
		return -EINVAL;
	}
	memcpy(value, text, strlen(text) + 1);
	*len = (socklen_t)strlen(text);
	return 0;
}

int sockopt_named_parse(const struct sockopt_named *named, const char *text, void *value, socklen_t *len, char *error)
{
	static int (*const parsers[])(const struct sockopt_named *, const char *, void *, socklen_t *, char *) = {
		[SOCKOPT_FORM_INT] = parse_int,
		[SOCKOPT_FORM_TIME] = parse_time,
		[SOCKOPT_FORM_LINGER] = parse_linger,
		[SOCKOPT_FORM_WORD] = parse_word,
	};

	return parsers[named->form](named, text, value, len, error);
}

bool sockopt_named_read(const struct sockopt_named *named, const void *value, socklen_t len, int64_t *number,
		char *dst,
			size_t size)
{
	struct timeval time;
	struct linger linger;
	int integer;

	if (named->form == SOCKOPT_FORM_INT && len == sizeof(integer)) {
		memcpy(&integer, value, sizeof(integer));
		*number = integer;
		return true;
	}
	if (named->form == SOCKOPT_FORM_TIME && len == sizeof(time)) {
		memcpy(&time, value, sizeof(time));
		*number = (int64_t)time.tv_sec * 1000 + time.tv_usec / 1000;
		return true;
	}
	if (named->form == SOCKOPT_FORM_LINGER && len == sizeof(linger)) {
		memcpy(&linger, value, sizeof(linger));
		*number = linger.l_onoff == 0 ? -1 : linger.l_linger;
		if (linger.l_onoff == 0)
			snprintf(dst, size, "off");
		return linger.l_onoff != 0;
	}
	if (named->form == SOCKOPT_FORM_WORD)
		escape_c(value, strnlen(value, len), dst, size);
	else
		snprintf(dst, size, _("%u bytes"), (unsigned)len);
	return false;
}
