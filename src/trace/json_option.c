/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of socket options as JSON: see json_option.h. */
#include "trace/json_option.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "trace/names.h"
#include "trace/text_group.h"

#define NAME_SIZE 16 /* IFNAMSIZ, TCP_CA_NAME_MAX */
#define GROUP_SIZE 160

/* The name of an errno, or its number. */
static void put_errno(struct json *json, int error)
{
	char name[32];

	json_string(json, name_errno(error, name, sizeof(name)));
}

static void put_linger(struct json *json, const void *value)
{
	struct linger linger;

	memcpy(&linger, value, sizeof(linger));
	json_open(json, '{');
	json_key(json, "l_onoff");
	json_int(json, linger.l_onoff);
	json_key(json, "l_linger");
	json_int(json, linger.l_linger);
	json_close(json, '}');
}

/* Is the value a name, which ends where it is filled up with zeros? */
static bool is_word(int level, int optname)
{
	return (level == IPPROTO_TCP && (optname == TCP_CONGESTION || optname == TCP_ULP)) ||
	       (level == SOL_SOCKET && optname == SO_BINDTODEVICE);
}

static bool put_group(struct json *json, const union step_args *args, const void *value, size_t len)
{
	char words[GROUP_SIZE];
	struct text text;

	text_init(&text, words, sizeof(words));
	if (!text_sockopt_add_group(&text, args, value, len))
		return false;
	json_string(json, words);
	return true;
}

void json_option_value(struct json *json, const char *key, const union step_args *args, const void *value,
		       size_t len)
{
	int level = args->sockopt.level, optname = args->sockopt.optname, number = 0;
	char name[NAME_SIZE + 1];

	if (value != NULL && len == sizeof(number))
		memcpy(&number, value, sizeof(number));
	json_key(json, key);
	if (value == NULL) {
		json_string(json, NULL);
	} else if (is_word(level, optname)) {
		snprintf(name, sizeof(name), "%.*s", (int)(len < NAME_SIZE ? len : NAME_SIZE), (const char *)value);
		json_string(json, name);
	} else if (level == SOL_SOCKET && optname == SO_ERROR && len == sizeof(number) && number != 0) {
		put_errno(json, number);
	} else if (len == sizeof(number)) {
		json_int(json, number);
	} else if (level == SOL_SOCKET && optname == SO_LINGER && len == sizeof(struct linger)) {
		put_linger(json, value);
	} else if (!put_group(json, args, value, len)) {
		json_base64(json, value, len);
	}
}
