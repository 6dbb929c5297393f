/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of whole programs, with both ends of their connections, and sockets that need not block. */
#include "base/i18n.h"
#include "trace/c_helpers_private.h"

const struct c_helper_row c_helpers_whole[C_HELPER_COUNT - C_HELPERS_WHOLE] = {
	[C_REPEAT - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE),
		.comment = N_("Makes len bytes that repeat what is given. free() gives them back."),
		.text =
"static char *repeat(const char *what, size_t what_len, size_t len)\n"
"{\n"
"	char *data = malloc(len);\n"
"\n"
"	if (data == NULL)\n"
"		die(\"malloc\");\n"
"	for (size_t i = 0; i < len; i++)\n"
"		data[i] = what[i % what_len];\n"
"	return data;\n"
"}\n",
	},
	[C_TAKE_INPUT - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT),
		.comment = N_("Reads len bytes of standard input. free() gives them back."),
		.text =
"static char *take_input(size_t len)\n"
"{\n"
"	char *data = malloc(len);\n"
"\n"
"	if (data == NULL)\n"
"		die(\"malloc\");\n"
"	if (fread(data, 1, len, stdin) != len)\n"
"		cut_short(\"standard input\");\n"
"	return data;\n"
"}\n",
	},
	[C_WAIT_FOR - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE),
		.comment = N_("Waits until a socket is ready: the calls on one that is non-blocking do not."),
		.text =
"static void wait_for(int fd, short events)\n"
"{\n"
"	struct pollfd ready = { .fd = fd, .events = events };\n"
"\n"
"	if (poll(&ready, 1, -1) == -1)\n"
"		die(\"poll\");\n"
"}\n",
	},
	[C_START_CONNECT - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE),
		.comment = N_("Begins to connect, and does not wait for the answer: of a non-blocking socket "
			      "connect() returns at once (EINPROGRESS), and the kernel goes on by itself."),
		.text =
"static int start_connect(int fd, const struct sockaddr *to, socklen_t to_len)\n"
"{\n"
"	int result;\n"
"\n"
"	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == -1)\n"
"		die(\"fcntl\");\n"
"	result = connect(fd, to, to_len);\n"
"	if (result == -1 && errno == EINPROGRESS)\n"
"		result = 0;\n"
"	/* From now on it blocks again. */\n"
"	if (result == 0 && fcntl(fd, F_SETFL, O_RDWR) == -1)\n"
"		die(\"fcntl\");\n"
"	return result;\n"
"}\n",
	},
	[C_FINISH_CONNECT - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE),
		.comment = N_("Waits for the answer to a connect() that did not: the socket is writable then, and "
			      "SO_ERROR tells whether it stands (0) or why not."),
		.text =
"static int finish_connect(int fd)\n"
"{\n"
"	struct pollfd ready = { .fd = fd, .events = POLLOUT };\n"
"	int error;\n"
"	socklen_t len = sizeof(error);\n"
"\n"
"	if (poll(&ready, 1, -1) == -1)\n"
"		die(\"poll\");\n"
"	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)\n"
"		die(\"getsockopt\");\n"
"	errno = error;\n"
"	return error == 0 ? 0 : -1;\n"
"}\n",
	},
	[C_SEND_SOME - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE),
		.comment = N_("Sends what there is room for, without waiting, and tells how much that was. The "
			      "rest is not sent."),
		.text =
"static void send_some(int fd, const void *data, size_t len, int flags)\n"
"{\n"
"	ssize_t n = send(fd, data, len, MSG_NOSIGNAL | flags);\n"
"\n"
"	if (n == -1)\n"
"		die(\"send\");\n"
"	fprintf(stderr, \"send() took %zd of %zu bytes\\n\", n, len);\n"
"}\n",
	},
	[C_PASS - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT) | BIT(C_WRITE_OUT),
		.comment = N_("Sends `out` bytes on one socket and receives `in` bytes on its other end, both at "
			      "once: there is no room for all of them between the two, so a send() that waits "
			      "would wait for ever. poll() waits until one of both can be done."),
		.text =
"static void pass(int from, const char *data, size_t out, int to, size_t in)\n"
"{\n"
"	static char received[65536];\n"
"\n"
"	while (out > 0 || in > 0) {\n"
"		struct pollfd ready[2] = {\n"
"			{ .fd = out > 0 ? from : -1, .events = POLLOUT }, /* poll() ignores -1 */\n"
"			{ .fd = in > 0 ? to : -1, .events = POLLIN },\n"
"		};\n"
"		ssize_t n;\n"
"\n"
"		if (poll(ready, 2, -1) == -1)\n"
"			die(\"poll\");\n"
"		if (ready[0].revents != 0) {\n"
"			/* MSG_DONTWAIT: take only what there is room for. */\n"
"			n = send(from, data, out, MSG_NOSIGNAL | MSG_DONTWAIT);\n"
"			if (n == -1 && errno != EAGAIN)\n"
"				die(\"send\");\n"
"			if (n > 0) {\n"
"				data += n;\n"
"				out -= (size_t)n;\n"
"			}\n"
"		}\n"
"		if (ready[1].revents != 0) {\n"
"			n = recv(to, received, in < sizeof(received) ? in : sizeof(received), 0);\n"
"			if (n == -1)\n"
"				die(\"recv\");\n"
"			if (n == 0)\n"
"				cut_short(\"the peer\");\n"
"			write_out(received, (size_t)n);\n"
"			in -= (size_t)n;\n"
"		}\n"
"	}\n"
"}\n",
	},
	[C_PEEK - C_HELPERS_WHOLE] = {
		.calls = BIT(C_DIE),
		.comment = N_("Looks at up to len bytes without taking them: the next recv() has the same again."),
		.text =
"static void peek(int fd, size_t len)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n = recv(fd, buffer, len < sizeof(buffer) ? len : sizeof(buffer), MSG_PEEK);\n"
"\n"
"	if (n == -1)\n"
"		die(\"recv\");\n"
"	fprintf(stderr, \"MSG_PEEK shows %zd bytes\\n\", n);\n"
"}\n",
	},
	[C_SHOW_ADDRESS - C_HELPERS_WHOLE] = {
		.comment = N_("Writes an address and its port, as numbers, to standard error."),
		.text =
"static void show_address(const char *call, const struct sockaddr *address, socklen_t len)\n"
"{\n"
"	char host[NI_MAXHOST], port[NI_MAXSERV];\n"
"\n"
"	if (getnameinfo(address, len, host, sizeof(host), port, sizeof(port),\n"
"			NI_NUMERICHOST | NI_NUMERICSERV) == 0)\n"
"		fprintf(stderr, \"%s() tells %s port %s\\n\", call, host, port);\n"
"}\n",
	},
	[C_SHOW_PATH - C_HELPERS_WHOLE] = {
		.comment = N_("Writes the name of a Unix socket to standard error: a path, an abstract name behind "
			      "an @ (it begins with a NUL byte), or that it has none."),
		.text =
"static void show_path(const char *call, const struct sockaddr_un *address, socklen_t len)\n"
"{\n"
"	int path_len = (int)len - (int)offsetof(struct sockaddr_un, sun_path);\n"
"\n"
"	if (path_len <= 0)\n"
"		fprintf(stderr, \"%s() tells no name\\n\", call);\n"
"	else if (address->sun_path[0] == '\\0')\n"
"		fprintf(stderr, \"%s() tells @%.*s\\n\", call, path_len - 1, address->sun_path + 1);\n"
"	else\n"
"		fprintf(stderr, \"%s() tells %.*s\\n\", call, path_len, address->sun_path);\n"
"}\n",
	},
};
