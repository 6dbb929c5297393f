/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers of a C program that `--trace c` writes: see c_headers.h. */
#include "trace/c_headers.h"

#include <stdbool.h>
#include <string.h>

#include "base/util.h"
#include "trace/c_helpers.h"

/* Which header declares what begins so. */
static const struct {
	const char *word, *header;
} headers[] = {
	{ "inet_pton(", "arpa/inet.h" },
	{ "errno ==", "errno.h" },
	{ "errno !=", "errno.h" },
	{ "fcntl(", "fcntl.h" },
	{ "AT_FDCWD", "fcntl.h" },
	{ "if_nametoindex(", "net/if.h" },
	{ "getnameinfo(", "netdb.h" },
	{ "sockaddr_in", "netinet/in.h" },
	{ "IPPROTO_", "netinet/in.h" },
	{ "TCP_", "netinet/tcp.h" },
	{ "UDP_", "netinet/udp.h" },
	{ "poll(", "poll.h" },
	{ "offsetof(", "stddef.h" },
	{ "perror(", "stdio.h" },
	{ "fprintf(", "stdio.h" },
	{ "exit(", "stdlib.h" },
	{ "free(", "stdlib.h" },
	{ "memset(", "string.h" },
	{ "memcpy(", "string.h" },
	{ "strcpy(", "string.h" },
	{ "socket(", "sys/socket.h" },
	{ "listen(", "sys/socket.h" },
	{ "accept(", "sys/socket.h" },
	{ "send", "sys/socket.h" },
	{ "recv", "sys/socket.h" },
	{ "shutdown(", "sys/socket.h" },
	{ "setsockopt(", "sys/socket.h" },
	{ "fchmod(", "sys/stat.h" },
	{ "fchmodat(", "sys/stat.h" },
	{ "struct timeval", "sys/time.h" },
	{ "sockaddr_un", "sys/un.h" },
	/* Behind sys/socket.h. */
	{ "sockaddr_vm", "linux/vm_sockets.h" },
	{ "close(", "unistd.h" },
	{ "unlink(", "unistd.h" },
	{ "lchown(", "unistd.h" },
};

/* Is any word of the header in the text, or in a function that is wanted? */
static bool is_header_wanted(const char *header, const char *text, unsigned wanted)
{
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		if (strcmp(headers[i].header, header) != 0)
			continue;
		if (strstr(text, headers[i].word) != NULL || c_helpers_have(wanted, headers[i].word))
			return true;
	}
	return false;
}

void c_headers_write(struct source *source, const char *text, unsigned wanted)
{
	const char *last = "";

	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		/* Rows of one header stand together. */
		if (strcmp(headers[i].header, last) == 0)
			continue;
		last = headers[i].header;
		if (is_header_wanted(last, text, wanted))
			source_line(source, "#include <%s>", last);
	}
}
