/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling a service manager: see notify.h. libsystemd has the same, but linking it costs every run its start. */
#include "step/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "step/probe.h"

/* The address of the socket; returns its length, or -errno. */
static int address_of(const char *name, struct sockaddr_un *addr)
{
	size_t len = strlen(name);

	if (name[0] != '/' && name[0] != '@')
		return -EAFNOSUPPORT;
	if (len >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(addr->sun_path, name, len + 1);
	if (name[0] == '@')
		addr->sun_path[0] = '\0';
	/* An abstract name ends where the length says (unix(7)). */
	return (int)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/'));
}

int notify_open(const char *socket_name)
{
	struct sockaddr_un addr;
	int len = address_of(socket_name, &addr), fd, error;

	if (len < 0)
		return len;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, (socklen_t)len) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

int notify_send(struct stepper *st, const char *socket_name, int fd, const char *state)
{
	const struct probe probe = probe_begin(st, STEP_PROBE);
	int ret = fd < 0 ? fd : 0;

	if (ret == 0 && send(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT) == -1)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	probe_end(&probe, NULL, ret, "%s to NOTIFY_SOCKET %s", state, socket_name);
	return ret;
}
