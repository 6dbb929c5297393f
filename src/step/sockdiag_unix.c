/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds a Unix path or abstract name: see sockdiag.h. Looks into the kernel's table; connects to nothing. */
#include "step/netlink.h"
#include "step/procfs.h"
#include "step/sockdiag.h"

#include "base/util.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

struct unix_request {
	struct nlmsghdr header;
	struct unix_diag_req diag;
};

struct unix_search {
	const struct addr *addr;
	const char *name; /* behind its last slash, or behind the NUL of an abstract one */
	size_t name_len;
	bool is_abstract;
	bool has_file;
	uint32_t file_inode; /* the kernel's record has 32 bits of it */
	int best;            /* 2: listening, 1: another, 0: none yet */
	struct unix_holder *holder;
};

/* The name without its directory: another process may have bound the same file by another path. */
static const char *base_name(const char *path, size_t len, size_t *base_len)
{
	const char *slash = memrchr(path, '/', len);
	const char *base = slash == NULL ? path : slash + 1;

	*base_len = len - (size_t)(base - path);
	return base;
}

/* The name in a record or a sockaddr, without the NUL that may end a path. */
static const char *name_of_record(const char *name, size_t len, bool is_abstract, size_t *name_len)
{
	if (is_abstract) {
		*name_len = len;
		return name;
	}
	return base_name(name, strnlen(name, len), name_len);
}

static bool is_same_file(const struct unix_search *search, const struct rtattr *attr)
{
	const struct unix_diag_vfs *vfs;

	if (!search->has_file || attr == NULL || RTA_PAYLOAD(attr) < sizeof(*vfs))
		return false;
	vfs = RTA_DATA(attr);
	return vfs->udiag_vfs_ino == search->file_inode;
}

static bool is_match(const struct unix_search *search, const struct rtattr *const *attrs)
{
	const struct rtattr *attr = attrs[UNIX_DIAG_NAME];
	const char *name;
	size_t len;

	if (attr == NULL || RTA_PAYLOAD(attr) == 0)
		return false;
	name = RTA_DATA(attr);
	if ((name[0] == '\0') != search->is_abstract)
		return false;
	name = name_of_record(name, RTA_PAYLOAD(attr), search->is_abstract, &len);
	if (len != search->name_len || memcmp(name, search->name, len) != 0)
		return false;
	return search->is_abstract || is_same_file(search, attrs[UNIX_DIAG_VFS]);
}

/* The accept queue in a record. Returns whether there is one. */
static bool read_queue(const struct rtattr *const *attrs, uint32_t *len, uint32_t *limit)
{
	const struct rtattr *attr = attrs[UNIX_DIAG_RQLEN];
	const struct unix_diag_rqlen *queue;

	if (attr == NULL || RTA_PAYLOAD(attr) < sizeof(*queue))
		return false;
	queue = RTA_DATA(attr);
	*len = queue->udiag_rqueue;
	*limit = queue->udiag_wqueue;
	return true;
}

static void on_unix_record(void *ctx, const void *payload, size_t len)
{
	const struct unix_diag_msg *diag = payload;
	const struct rtattr *attrs[UNIX_DIAG_UID + 1];
	struct unix_search *search = ctx;
	int rank;

	/* What was accepted bears the listener's name, and is none that waits for anybody. */
	if (len < sizeof(*diag) || (diag->udiag_state == TCP_ESTABLISHED && diag->udiag_type != SOCK_DGRAM))
		return;
	netlink_attributes(diag + 1, len - sizeof(*diag), attrs, ARRAY_LEN(attrs));
	rank = diag->udiag_state == TCP_LISTEN ? 2 : 1;
	if (rank <= search->best || !is_match(search, attrs))
		return;
	search->best = rank;
	*search->holder = (struct unix_holder){
		.type = diag->udiag_type,
		.is_listening = diag->udiag_state == TCP_LISTEN,
		.inode = diag->udiag_ino,
	};
	if (attrs[UNIX_DIAG_UID] != NULL && RTA_PAYLOAD(attrs[UNIX_DIAG_UID]) >= sizeof(uint32_t))
		memcpy(&search->holder->uid, RTA_DATA(attrs[UNIX_DIAG_UID]), sizeof(uint32_t));
	read_queue(attrs, &search->holder->queue_len, &search->holder->queue_limit);
}

int sockdiag_find_unix(struct stepper *st, const struct addr *addr, struct unix_holder *holder)
{
	struct unix_search search = { .addr = addr, .holder = holder };
	struct unix_request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.diag = {
			.sdiag_family = AF_UNIX,
			.udiag_states = UINT32_MAX,
			.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID,
		},
	};
	size_t len = addr->len - offsetof(struct sockaddr_un, sun_path);
	struct stat file;
	int ret;

	if (addr_family(addr) != AF_UNIX || addr->len <= offsetof(struct sockaddr_un, sun_path))
		return 0;
	search.is_abstract = addr->un.sun_path[0] == '\0';
	search.name = name_of_record(addr->un.sun_path, len, search.is_abstract, &search.name_len);
	if (!search.is_abstract && strnlen(addr->un.sun_path, len) < sizeof(addr->un.sun_path) &&
	    stat(addr->un.sun_path, &file) == 0) {
		search.has_file = true;
		search.file_inode = (uint32_t)file.st_ino;
	}
	ret = netlink_ask(st, NETLINK_SOCK_DIAG, "sock_diag unix", &request.header, on_unix_record, &search);
	if (search.best == 0)
		return ret;
	procfs_find_socket(st, holder->inode, &holder->pid, holder->comm, sizeof(holder->comm));
	return 1;
}

/* What an answer about one socket is written to. */
struct unix_queue {
	uint32_t *len, *limit;
	bool is_known;
};

static void on_queue_record(void *ctx, const void *payload, size_t len)
{
	const struct unix_diag_msg *diag = payload;
	const struct rtattr *attrs[UNIX_DIAG_UID + 1];
	struct unix_queue *queue = ctx;

	if (len < sizeof(*diag) || diag->udiag_state != TCP_LISTEN)
		return;
	netlink_attributes(diag + 1, len - sizeof(*diag), attrs, ARRAY_LEN(attrs));
	queue->is_known = read_queue(attrs, queue->len, queue->limit);
}

int sockdiag_unix_queue(struct stepper *st, int fd, uint32_t *len, uint32_t *limit)
{
	struct unix_queue queue = { .len = len, .limit = limit };
	struct unix_request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.diag = {
			.sdiag_family = AF_UNIX,
			.udiag_states = UINT32_MAX,
			.udiag_show = UDIAG_SHOW_RQLEN,
			/* Any (INET_DIAG_NOCOOKIE). */
			.udiag_cookie = { UINT32_MAX, UINT32_MAX },
		},
	};
	struct stat file;
	int ret;

	if (fstat(fd, &file) == -1)
		return -errno;
	request.diag.udiag_ino = (uint32_t)file.st_ino;
	ret = netlink_ask(st, NETLINK_SOCK_DIAG, "sock_diag unix", &request.header, on_queue_record, &queue);
	return queue.is_known ? 1 : ret;
}
