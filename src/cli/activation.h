/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket activation, as sd_listen_fds(3) describes it: a service manager has opened the sockets, from descriptor 3 on,
 * and says so in the environment. An endpoint fd:3 takes one of them. It may wait to be told, too (sd_notify(3)).
 */
#ifndef SOCKT_CLI_ACTIVATION_H
#define SOCKT_CLI_ACTIVATION_H

#include <stdint.h>

#define ACTIVATION_FIRST 3 /* SD_LISTEN_FDS_START */

struct activation {
	int count;            /* how many sockets are passed to this process; 0: none */
	uint64_t foreign_pid; /* they are another process's: its number; 0: there is none such */
	const char *notify;   /* NOTIFY_SOCKET, the text of the environment's; NULL: not set, or empty */
};

/*
 * Read LISTEN_PID, LISTEN_FDS and NOTIFY_SOCKET, and take them out of the environment: they are meant for one process.
 * What is passed is made close-on-exec. Variables that are meant for another process, or garbled, are ignored.
 */
struct activation activation_take(void);

#endif
