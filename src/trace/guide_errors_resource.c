/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: errors of descriptors, memory, files and devices. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "EMFILE",
		.aliases = "too-many-open-files descriptors-exhausted",
		.title = N_("this process has no descriptor left"),
		.text = N_(
			"Every socket and file takes one descriptor, and the process may "
			"have only so many. accept() then leaves clients in the queue. "
			"Look: ulimit -n, and raise it; or fewer clients: --max-conns.\n\n"
			"See getrlimit(2) under RLIMIT_NOFILE."),
	},
	{
		.name = "ENFILE",
		.aliases = "file-table-overflow too-many-open-files-in-system",
		.title = N_("the whole system has no descriptor left"),
		.text = N_(
			"The limit of the system is reached, not that of this process. "
			"Look: /proc/sys/fs/file-nr and file-max.\n\n"
			"See proc(5)."),
	},
	{
		.name = "ENOBUFS",
		.aliases = "no-buffer-space-available no-buffer-space",
		.title = N_("the kernel has no buffer for this at the moment"),
		.text = N_(
			"The queue of an interface is full, or memory for packets is "
			"short. For a datagram it means that it was not sent. It usually "
			"passes: sockt tries again.\n\n"
			"See send(2)."),
	},
	{
		.name = "ENOMEM",
		.aliases = "out-of-memory cannot-allocate-memory",
		.title = N_("the kernel has no memory for this"),
		.text = N_(
			"Memory is short, or a limit on it (a container's, or tcp_mem) is "
			"reached.\n\n"
			"See socket(2), tcp(7) under tcp_mem."),
	},
	{
		.name = "ENOSPC",
		.aliases = "no-space disk-full no-space-left-on-device",
		.title = N_("no space left"),
		.text = N_(
			"write(): the disk is full. epoll: the user watches too many "
			"descriptors (max_user_watches). What was received last is not "
			"stored: status 6. Look: df.\n\n"
			"See write(2), epoll(7)."),
	},
	{
		.name = "EDQUOT",
		.aliases = "disk-quota-exceeded quota",
		.title = N_("the user's disk quota is used up"),
		.text = N_(
			"write() or bind() of a Unix socket: this user may not store more "
			"on this file system. Look: quota.\n\n"
			"See write(2)."),
	},
	{
		.name = "EFBIG",
		.aliases = "file-too-large",
		.title = N_("the file would grow too large"),
		.text = N_(
			"write(): the file system or the limit of the process (ulimit -f) "
			"does not allow a larger file.\n\n"
			"See write(2), getrlimit(2)."),
	},
	{
		.name = "ENOENT",
		.aliases = "no-such-file no-such-file-or-directory",
		.title = N_("no such file"),
		.text = N_(
			"Unix: there is no socket with this path; the server is not "
			"started, or uses another path. bind(): the directory does not "
			"exist. Look: ls -l PATH, ss -lx. --retry waits until it is there.\n\n"
			"See unix(7)."),
	},
	{
		.name = "ENOTDIR",
		.aliases = "not-a-directory",
		.title = N_("a part of the path is not a directory"),
		.text = N_(
			"A name in the middle of the path of a Unix socket or of a file is "
			"not a directory.\n\n"
			"See path_resolution(7)."),
	},
	{
		.name = "EISDIR",
		.aliases = "is-a-directory",
		.title = N_("a directory where a file is needed"),
		.text = N_(
			"The path names a directory.\n\n"
			"See open(2)."),
	},
	{
		.name = "ELOOP",
		.aliases = "too-many-symbolic-links too-many-levels-of-symbolic-links",
		.title = N_("symbolic links that lead nowhere"),
		.text = N_(
			"The path leads through too many symbolic links, usually a circle.\n\n"
			"See path_resolution(7)."),
	},
	{
		.name = "EROFS",
		.aliases = "read-only-file-system",
		.title = N_("the file system cannot be written"),
		.text = N_(
			"bind() of a Unix socket makes a file, and the file system is "
			"mounted read-only. Choose another directory, as /run or /tmp, or "
			"an abstract name (unix:@NAME).\n\n"
			"See unix(7), mount(8)."),
	},
	{
		.name = "ENAMETOOLONG",
		.aliases = "name-too-long path-too-long file-name-too-long",
		.title = N_("the path is too long"),
		.text = N_(
			"The path of a Unix socket must fit 108 bytes, with the zero byte "
			"at its end (107 characters). Use a shorter directory, or change "
			"into it and give a relative path. sockt sees this before it calls "
			"anything: status 2.\n\n"
			"See unix(7)."),
	},
	{
		.name = "ENXIO",
		.aliases = "no-such-device-or-address",
		.title = N_("nobody at this address"),
		.text = N_(
			"open(): the path is a Unix socket (use unix:PATH), or a FIFO that "
			"nobody reads.\n\n"
			"See open(2), fifo(7)."),
	},
	{
		.name = "ENODEV",
		.aliases = "no-such-device",
		.title = N_("no such device"),
		.text = N_(
			"The interface named is not there: the zone of a link-local "
			"address ([fe80::1%eth0]) or a device an option names. Look: ip "
			"link.\n\n"
			"See ipv6(7)."),
	},
};

const struct guide_topics guide_topics_errors_resource = { topics, ARRAY_LEN(topics) };
