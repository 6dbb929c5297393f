/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of SOCKS as bytes: see socks.h. */
#include "stream/socks.h"

#include <errno.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"

#define VERSION4 4
#define VERSION5 5
#define VERSION_PASSWORD 1 /* RFC 1929 section 2 */

/* The forms of an address (RFC 1928 section 5). */
enum form {
	FORM_IPV4 = 1,
	FORM_NAME = 3,
	FORM_IPV6 = 4,
};

#define IPV4_BYTES 4
#define IPV6_BYTES 16
#define REQUEST_HEAD 4 /* version, command or reply, reserved, form */

const char *socks_reply_words(unsigned reply)
{
	static const char *const words[] = {
		[SOCKS_REPLY_GRANTED] = N_("granted"),
		[SOCKS_REPLY_FAILURE] = N_("general failure"),
		[SOCKS_REPLY_NOT_ALLOWED] = N_("not allowed by the ruleset"),
		[SOCKS_REPLY_NETWORK_UNREACHABLE] = N_("network unreachable"),
		[SOCKS_REPLY_HOST_UNREACHABLE] = N_("host unreachable"),
		[SOCKS_REPLY_REFUSED] = N_("connection refused"),
		[SOCKS_REPLY_TTL_EXPIRED] = N_("TTL expired"),
		[SOCKS_REPLY_COMMAND_NOT_SUPPORTED] = N_("command not supported"),
		[SOCKS_REPLY_ADDRESS_NOT_SUPPORTED] = N_("address type not supported"),
	};

	return reply < ARRAY_LEN(words) ? words[reply] : NULL;
}

const char *socks4_reply_words(unsigned reply)
{
	static const char *const words[] = {
		N_("granted"),
		N_("rejected or failed"),
		N_("no identd on the client's host"),
		N_("the client's identd names another user"),
	};

	return reply >= SOCKS4_REPLY_GRANTED && reply - SOCKS4_REPLY_GRANTED < ARRAY_LEN(words) ?
		       words[reply - SOCKS4_REPLY_GRANTED] : NULL;
}

static uint8_t *put(uint8_t *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

static uint8_t *put_port(uint8_t *at, uint16_t port)
{
	*at++ = (uint8_t)(port >> 8);
	*at++ = (uint8_t)port;
	return at;
}

/* A length in a byte, and the bytes. */
static uint8_t *put_counted(uint8_t *at, const char *string)
{
	size_t len = strlen(string);

	*at++ = (uint8_t)len;
	return put(at, string, len);
}

static bool is_fit(const char *string)
{
	return string[0] != '\0' && strlen(string) <= SOCKS_NAME_MAX;
}

size_t socks4_write_request(uint8_t *dst, const struct socks_target *target, const char *user)
{
	/* 4a: an address that nobody can have, 0.0.0.x, and the name behind the user. */
	static const uint8_t nobody[] = { 0, 0, 0, 1 };
	bool is_named = target->addr.len == 0;
	uint8_t *at = dst;

	if (is_named ? !is_fit(target->name) : addr_family(&target->addr) != AF_INET)
		return 0;
	if (user != NULL && !is_fit(user))
		return 0;
	*at++ = VERSION4;
	*at++ = SOCKS_COMMAND_CONNECT;
	at = put_port(at, target->port);
	at = is_named ? put(at, nobody, sizeof(nobody)) : put(at, &target->addr.in.sin_addr, IPV4_BYTES);
	at = put(at, user == NULL ? "" : user, user == NULL ? 1 : strlen(user) + 1);
	if (is_named)
		at = put(at, target->name, strlen(target->name) + 1);
	return (size_t)(at - dst);
}

size_t socks_write_greeting(uint8_t *dst, bool has_password)
{
	dst[0] = VERSION5;
	dst[1] = has_password ? 2 : 1;
	dst[2] = SOCKS_METHOD_NONE;
	dst[3] = SOCKS_METHOD_PASSWORD;
	return has_password ? 4 : 3;
}

size_t socks_write_password(uint8_t *dst, const char *user, const char *password, size_t *secret_at)
{
	uint8_t *at = dst;

	/* RFC 1929 asks for 1 to 255 bytes; an empty password is sent all the same, as everybody does. */
	if (!is_fit(user) || strlen(password) > SOCKS_NAME_MAX)
		return 0;
	*at++ = VERSION_PASSWORD;
	at = put_counted(at, user);
	*secret_at = (size_t)(at - dst) + 1;
	at = put_counted(at, password);
	return (size_t)(at - dst);
}

size_t socks_write_request(uint8_t *dst, const struct socks_target *target)
{
	uint8_t *at = dst;

	if (target->addr.len == 0 && !is_fit(target->name))
		return 0;
	*at++ = VERSION5;
	*at++ = SOCKS_COMMAND_CONNECT;
	*at++ = 0;
	if (target->addr.len == 0) {
		*at++ = FORM_NAME;
		at = put_counted(at, target->name);
	} else if (addr_family(&target->addr) == AF_INET6) {
		*at++ = FORM_IPV6;
		at = put(at, &target->addr.in6.sin6_addr, IPV6_BYTES);
	} else {
		*at++ = FORM_IPV4;
		at = put(at, &target->addr.in.sin_addr, IPV4_BYTES);
	}
	at = put_port(at, target->port);
	return (size_t)(at - dst);
}

ssize_t socks_greeting_len(const uint8_t *data, size_t len)
{
	if (len > 0 && data[0] != VERSION5)
		return -EPROTO;
	return len < 2 ? 2 : 2 + (ssize_t)data[1];
}

ssize_t socks_password_len(const uint8_t *data, size_t len)
{
	size_t user;

	if (len > 0 && data[0] != VERSION_PASSWORD)
		return -EPROTO;
	if (len < 2)
		return 2;
	user = 2 + (size_t)data[1];
	return (ssize_t)(len <= user ? user + 1 : user + 1 + data[user]);
}

ssize_t socks_request_len(const uint8_t *data, size_t len)
{
	if (len > 0 && data[0] != VERSION5)
		return -EPROTO;
	/* The byte behind the form may be a length. */
	if (len < REQUEST_HEAD + 1)
		return REQUEST_HEAD + 1;
	switch (data[3]) {
	case FORM_IPV4:
		return REQUEST_HEAD + IPV4_BYTES + 2;
	case FORM_NAME:
		return REQUEST_HEAD + 1 + (ssize_t)data[4] + 2;
	case FORM_IPV6:
		return REQUEST_HEAD + IPV6_BYTES + 2;
	default:
		return -EPROTO;
	}
}

void socks_request_target(const uint8_t *data, struct socks_target *target)
{
	const uint8_t *at = data + REQUEST_HEAD;

	*target = (struct socks_target){ .port = 0 };
	if (data[3] == FORM_IPV4) {
		target->addr.len = sizeof(target->addr.in);
		target->addr.in.sin_family = AF_INET;
		memcpy(&target->addr.in.sin_addr, at, IPV4_BYTES);
		at += IPV4_BYTES;
	} else if (data[3] == FORM_IPV6) {
		target->addr.len = sizeof(target->addr.in6);
		target->addr.in6.sin6_family = AF_INET6;
		memcpy(&target->addr.in6.sin6_addr, at, IPV6_BYTES);
		at += IPV6_BYTES;
	} else {
		/* A NUL would end it, and another host be asked for than was meant: there is none of such a name. */
		if (memchr(at + 1, '\0', *at) == NULL)
			memcpy(target->name, at + 1, *at);
		at += 1 + *at;
	}
	target->port = (uint16_t)(at[0] << 8 | at[1]);
	addr_set_port(&target->addr, target->port);
}
