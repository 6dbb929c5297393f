/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of TCP that signs its segments: see md5key.h. */
#include "endpoint/md5key.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "trace/names.h"

/* One byte more than a key may have, and its newline. */
#define READ_MAX (TCP_MD5SIG_MAXKEYLEN + 2)

/* Take the key from the bytes of its file. Returns 0, or -EINVAL with fail filled. */
static int take_key(struct tcp_md5sig *sig, const char *bytes, size_t len, const char *path, struct failure *fail)
{
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len == 0)
		return failure_usage(fail, _("md5-key-file %s: the file is empty"), path);
	if (len > TCP_MD5SIG_MAXKEYLEN)
		return failure_usage(fail, _("md5-key-file %1$s: a key has at most %2$d bytes"), path,
				     TCP_MD5SIG_MAXKEYLEN);
	memcpy(sig->tcpm_key, bytes, len);
	sig->tcpm_keylen = (uint16_t)len;
	return 0;
}

/* Read the file of the key into sig. */
static int read_key(struct tcp_md5sig *sig, const char *path, struct failure *fail)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = fd == -1 ? errno : 0, ret;
	char bytes[READ_MAX], name[32];
	ssize_t len = 0;

	if (fd != -1) {
		len = read(fd, bytes, sizeof(bytes));
		error = len == -1 ? errno : 0;
		close(fd);
	}
	if (error != 0)
		return failure_usage(fail, _("md5-key-file %1$s: %2$s (%3$s)"), path, strerror(error),
				     name_errno(error, name, sizeof(name)));
	ret = take_key(sig, bytes, (size_t)len, path, fail);
	explicit_bzero(bytes, sizeof(bytes));
	return ret;
}

/* The address that a listener's key is for: every one of a family. Of IPv4 on a socket of IPv6 it is ::ffff:0.0.0.0. */
static void set_any(struct tcp_md5sig *sig, bool is_v6_socket, bool is_v4)
{
	struct addr any = { .len = 0 };

	addr_set_any(&any, is_v6_socket ? AF_INET6 : AF_INET, 0);
	if (is_v6_socket && is_v4)
		any.in6.sin6_addr.s6_addr[10] = any.in6.sin6_addr.s6_addr[11] = UINT8_MAX;
	memcpy(&sig->tcpm_addr, &any.sa, any.len);
	sig->tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
	sig->tcpm_prefixlen = 0;
}

/* Set one key. */
static int set_key(struct stepper *st, struct sock *sk, const struct endpoint *endpoint, struct tcp_md5sig *sig,
		   struct failure *fail)
{
	int optname = sig->tcpm_flags != 0 ? TCP_MD5SIG_EXT : TCP_MD5SIG;
	int ret = read_key(sig, endpoint->md5_key_file, fail);

	if (ret == 0)
		ret = step_setsockopt(st, sk, IPPROTO_TCP, optname, sig, sizeof(*sig));
	explicit_bzero(sig, sizeof(*sig));
	if (ret < 0 && ret != STEP_HELD && fail->domain == FAILURE_NONE) {
		failure_set(fail, STEP_SETSOCKOPT, -ret, NULL);
		snprintf(fail->target, sizeof(fail->target), "%s",
			 optname == TCP_MD5SIG ? "TCP_MD5SIG" : "TCP_MD5SIG_EXT");
	}
	return ret;
}

int md5key_set(struct stepper *st, struct sock *sk, const struct endpoint *endpoint, const struct addr *peer,
	       unsigned families, size_t *next, struct failure *fail)
{
	bool is_v6 = (families & SOCKOPT_IPV6) != 0;
	size_t count = peer == NULL && families == (SOCKOPT_IPV4 | SOCKOPT_IPV6) ? 2 : 1;
	int ret;

	if (endpoint->md5_key_file[0] == '\0')
		return 0;
	for (; *next < count; (*next)++) {
		struct tcp_md5sig sig = { .tcpm_keylen = 0 };

		if (peer != NULL)
			memcpy(&sig.tcpm_addr, &peer->sa, peer->len);
		else
			set_any(&sig, is_v6, *next == 1 || !is_v6);
		ret = set_key(st, sk, endpoint, &sig, fail);
		if (ret < 0)
			return ret;
	}
	*next = 0;
	return 0;
}
