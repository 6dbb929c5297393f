/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of socket options as the kernel has them, in numbers and words: see sockopt_value.h. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "endpoint/sockopt_group.h"
#include "endpoint/sockopt_value.h"

/* A struct linger: off, or a number of seconds. */
static bool read_linger(const void *value, int64_t *number, char *dst, size_t size)
{
	struct linger linger;

	memcpy(&linger, value, sizeof(linger));
	*number = linger.l_onoff == 0 ? -1 : linger.l_linger;
	if (linger.l_onoff == 0)
		snprintf(dst, size, "off");
	return linger.l_onoff != 0;
}

static int64_t read_time_ms(const void *value)
{
	struct timeval time;

	memcpy(&time, value, sizeof(time));
	return (int64_t)time.tv_sec * 1000 + time.tv_usec / 1000;
}

/* A number of four or eight bytes. */
static bool read_number(const struct sockopt *option, const void *value, socklen_t len, int64_t *number)
{
	int integer;
	uint64_t rate;

	if (len == sizeof(integer)) {
		memcpy(&integer, value, sizeof(integer));
		*number = option != NULL && option->max > INT32_MAX ? (int64_t)(uint32_t)integer : integer;
		return true;
	}
	if (option == NULL || option->type != SOCKOPT_RATE || len != sizeof(rate))
		return false;
	memcpy(&rate, value, sizeof(rate));
	*number = rate > INT64_MAX ? INT64_MAX : (int64_t)rate;
	return true;
}

bool sockopt_read(const struct sockopt *option, const void *value, socklen_t len, int64_t *number, char *dst,
		  size_t size)
{
	enum sockopt_type type = option == NULL ? SOCKOPT_INT : option->type;

	if (type == SOCKOPT_WORD) {
		escape_c(value, strnlen(value, len), dst, size);
		return false;
	}
	if (type == SOCKOPT_LINGER && len == sizeof(struct linger))
		return read_linger(value, number, dst, size);
	if (type == SOCKOPT_TIME && len == sizeof(struct timeval)) {
		*number = read_time_ms(value);
		return true;
	}
	if ((type == SOCKOPT_GROUP || type == SOCKOPT_SENDER) && len == sizeof(struct ip_mreqn)) {
		sockopt_group_format(value, len, dst, size);
		return false;
	}
	if (type == SOCKOPT_GROUP6 && len == sizeof(struct ipv6_mreq)) {
		sockopt_group_format(value, len, dst, size);
		return false;
	}
	if (type != SOCKOPT_BYTES && read_number(option, value, len, number)) {
		if (type == SOCKOPT_INDEX_BE)
			*number = ntohl((uint32_t)*number);
		return true;
	}
	snprintf(dst, size, _("%u bytes"), (unsigned)len);
	return false;
}

bool sockopt_is_int(const struct sockopt *option)
{
	switch (option->type) {
	case SOCKOPT_INT:
	case SOCKOPT_BOOL:
	case SOCKOPT_SIZE:
	case SOCKOPT_SECONDS:
	case SOCKOPT_MS:
	case SOCKOPT_DSCP:
	case SOCKOPT_INDEX:
	case SOCKOPT_INDEX_BE:
		return true;
	case SOCKOPT_TIME:
	case SOCKOPT_LINGER:
	case SOCKOPT_WORD:
	case SOCKOPT_SENDER:
	case SOCKOPT_GROUP:
	case SOCKOPT_GROUP6:
	case SOCKOPT_RATE:
	case SOCKOPT_BYTES:
		return false;
	}
	return false;
}

const char *sockopt_format(const struct sockopt *option, const void *value, socklen_t len, char *dst, size_t size)
{
	enum sockopt_type type = option == NULL ? SOCKOPT_INT : option->type;
	int64_t number = 0;

	dst[0] = '\0';
	if (!sockopt_read(option, value, len, &number, dst, size))
		return dst;
	if (type == SOCKOPT_TIME || type == SOCKOPT_MS)
		snprintf(dst, size, "%" PRId64 " ms", number);
	else if (type == SOCKOPT_LINGER || type == SOCKOPT_SECONDS)
		snprintf(dst, size, "%" PRId64 " s", number);
	else
		snprintf(dst, size, "%" PRId64, number);
	return dst;
}
