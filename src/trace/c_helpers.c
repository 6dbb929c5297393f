/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of a C program that `--trace c` writes: see c_helpers.h. They are written for a learner to read. */
#include "trace/c_helpers.h"

#include <string.h>

#include "base/i18n.h"
#include "trace/c_helpers_private.h"

static const struct c_helper_row rows[C_HELPERS_WHOLE] = {
	[C_DIE] = {
		.comment = N_("Says which call has failed, and why (errno), and ends the program."),
		.text =
"static void die(const char *what)\n"
"{\n"
"	perror(what);\n"
"	exit(1);\n"
"}\n",
	},
	[C_CUT_SHORT] = {
		.comment = N_("Ends the program where there are fewer bytes than there were in the run."),
		.text =
"static void cut_short(const char *what)\n"
"{\n"
"	fprintf(stderr, \"%s ended too early\\n\", what);\n"
"	exit(1);\n"
"}\n",
	},
	[C_WRITE_OUT] = {
		.calls = BIT(C_DIE),
		.comment = N_("Writes what was received to standard output."),
		.text =
"static void write_out(const char *data, size_t len)\n"
"{\n"
"	if (fwrite(data, 1, len, stdout) != len || fflush(stdout) == EOF)\n"
"		die(\"standard output\");\n"
"}\n",
	},
	[C_SEND_ALL] = {
		.calls = BIT(C_DIE),
		.comment = N_("Sends all bytes: send() may take only some of them, and tells how many. "
			      "MSG_NOSIGNAL: if the peer is gone, send() fails (EPIPE); without it, the signal "
			      "SIGPIPE would end the program."),
		.text =
"static void send_all(int fd, const void *data, size_t len)\n"
"{\n"
"	const char *next = data;\n"
"\n"
"	while (len > 0) {\n"
"		ssize_t n = send(fd, next, len, MSG_NOSIGNAL);\n"
"\n"
"		if (n == -1)\n"
"			die(\"send\");\n"
"		next += n;\n"
"		len -= (size_t)n;\n"
"	}\n"
"}\n",
	},
	[C_SEND_INPUT] = {
		.calls = BIT(C_SEND_ALL) | BIT(C_CUT_SHORT),
		.comment = N_("Sends len bytes of standard input."),
		.text =
"static void send_input(int fd, size_t len)\n"
"{\n"
"	static char buffer[65536];\n"
"\n"
"	while (len > 0) {\n"
"		size_t part = len < sizeof(buffer) ? len : sizeof(buffer);\n"
"		size_t n = fread(buffer, 1, part, stdin);\n"
"\n"
"		if (n == 0)\n"
"			cut_short(\"standard input\");\n"
"		send_all(fd, buffer, n);\n"
"		len -= n;\n"
"	}\n"
"}\n",
	},
	[C_SEND_INPUT_MESSAGE] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT),
		.comment = N_("Sends len bytes of standard input as one message."),
		.text =
"static void send_input_message(int fd, const struct sockaddr *to, socklen_t to_len,\n"
"			       size_t len)\n"
"{\n"
"	static char buffer[65536];\n"
"\n"
"	if (fread(buffer, 1, len, stdin) != len)\n"
"		cut_short(\"standard input\");\n"
"	if (sendto(fd, buffer, len, MSG_NOSIGNAL, to, to_len) == -1)\n"
"		die(\"sendto\");\n"
"}\n",
	},
	[C_RECEIVE] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT) | BIT(C_WRITE_OUT),
		.comment = N_("Receives len bytes and writes them to standard output. TCP carries a stream of "
			      "bytes, without boundaries: recv() returns what is there, which may be part of "
			      "what the peer sent at once, or several sends together. So it is called until all "
			      "have come. 0 means that the peer will send no more."),
		.text =
"static void receive(int fd, size_t len)\n"
"{\n"
"	char buffer[4096];\n"
"\n"
"	while (len > 0) {\n"
"		size_t part = len < sizeof(buffer) ? len : sizeof(buffer);\n"
"		ssize_t n = recv(fd, buffer, part, 0);\n"
"\n"
"		if (n == -1)\n"
"			die(\"recv\");\n"
"		if (n == 0)\n"
"			cut_short(\"the peer\");\n"
"		write_out(buffer, (size_t)n);\n"
"		len -= (size_t)n;\n"
"	}\n"
"}\n",
	},
	[C_RECEIVE_TO_END] = {
		.calls = BIT(C_DIE) | BIT(C_WRITE_OUT),
		.comment = N_("Receives until the peer ends and writes it to standard output. recv() waits "
			      "until at least one byte is there; 0 means that the peer will send no more."),
		.text =
"static void receive_to_end(int fd)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n;\n"
"\n"
"	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)\n"
"		write_out(buffer, (size_t)n);\n"
"	if (n == -1)\n"
"		die(\"recv\");\n"
"}\n",
	},
	[C_RECEIVE_MESSAGE] = {
		.calls = BIT(C_DIE) | BIT(C_WRITE_OUT),
		.comment = N_("Receives one message and writes it to standard output. Each recv() returns one "
			      "message, as it was sent; what does not fit into the buffer is lost. The largest "
			      "UDP datagram has 65,507 bytes."),
		.text =
"static void receive_message(int fd)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);\n"
"\n"
"	if (n == -1)\n"
"		die(\"recv\");\n"
"	write_out(buffer, (size_t)n);\n"
"}\n",
	},
	[C_RECEIVE_FROM] = {
		.calls = BIT(C_DIE) | BIT(C_WRITE_OUT),
		.comment = N_("Receives one datagram, from anyone, and writes it to standard output. Who sent "
			      "it is written to *peer: that is where an answer goes."),
		.text =
"static void receive_from(int fd, struct sockaddr_storage *peer, socklen_t *peer_len)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n;\n"
"\n"
"	*peer_len = sizeof(*peer);\n"
"	n = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)peer, peer_len);\n"
"	if (n == -1)\n"
"		die(\"recvfrom\");\n"
"	write_out(buffer, (size_t)n);\n"
"}\n",
	},
	[C_DISCARD] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT),
		.comment = N_("Receives len bytes, which go nowhere."),
		.text =
"static void discard(int fd, size_t len)\n"
"{\n"
"	char buffer[4096];\n"
"\n"
"	while (len > 0) {\n"
"		size_t part = len < sizeof(buffer) ? len : sizeof(buffer);\n"
"		ssize_t n = recv(fd, buffer, part, 0);\n"
"\n"
"		if (n == -1)\n"
"			die(\"recv\");\n"
"		if (n == 0)\n"
"			cut_short(\"the peer\");\n"
"		len -= (size_t)n;\n"
"	}\n"
"}\n",
	},
	[C_FORWARD] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT) | BIT(C_SEND_ALL),
		.comment = N_("Receives len bytes from one socket and sends them to the other. recv() returns "
			      "what is there, perhaps less than was asked for; so it is called until all have "
			      "come."),
		.text =
"static void forward(int from, int to, size_t len)\n"
"{\n"
"	char buffer[4096];\n"
"\n"
"	while (len > 0) {\n"
"		size_t part = len < sizeof(buffer) ? len : sizeof(buffer);\n"
"		ssize_t n = recv(from, buffer, part, 0);\n"
"\n"
"		if (n == -1)\n"
"			die(\"recv\");\n"
"		if (n == 0)\n"
"			cut_short(\"the peer\");\n"
"		send_all(to, buffer, (size_t)n);\n"
"		len -= (size_t)n;\n"
"	}\n"
"}\n",
	},
	[C_FORWARD_TO_END] = {
		.calls = BIT(C_DIE) | BIT(C_SEND_ALL),
		.comment = N_("Sends on to one socket what the other receives, until its peer ends. recv() "
			      "waits until at least one byte is there; 0 means that no more will come."),
		.text =
"static void forward_to_end(int from, int to)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n;\n"
"\n"
"	while ((n = recv(from, buffer, sizeof(buffer), 0)) > 0)\n"
"		send_all(to, buffer, (size_t)n);\n"
"	if (n == -1)\n"
"		die(\"recv\");\n"
"}\n",
	},
	[C_FORWARD_MESSAGE] = {
		.calls = BIT(C_DIE),
		.comment = N_("Receives one message from one socket and sends it to the other."),
		.text =
"static void forward_message(int from, int to)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n = recv(from, buffer, sizeof(buffer), 0);\n"
"\n"
"	if (n == -1)\n"
"		die(\"recv\");\n"
"	if (send(to, buffer, (size_t)n, MSG_NOSIGNAL) == -1)\n"
"		die(\"send\");\n"
"}\n",
	},
	[C_FORWARD_FROM] = {
		.calls = BIT(C_DIE),
		.comment = N_("Receives one datagram from anyone and sends it to the target. Who sent it is "
			      "written to *peer: that is where the answers go."),
		.text =
"static void forward_from(int fd, struct sockaddr_storage *peer, socklen_t *peer_len, int to)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n;\n"
"\n"
"	*peer_len = sizeof(*peer);\n"
"	n = recvfrom(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)peer, peer_len);\n"
"	if (n == -1)\n"
"		die(\"recvfrom\");\n"
"	if (send(to, buffer, (size_t)n, MSG_NOSIGNAL) == -1)\n"
"		die(\"send\");\n"
"}\n",
	},
	[C_FORWARD_TO] = {
		.calls = BIT(C_DIE),
		.comment = N_("Receives one datagram of the target and sends it to the peer."),
		.text =
"static void forward_to(int from, int fd, const struct sockaddr_storage *peer, socklen_t peer_len)\n"
"{\n"
"	static char buffer[65536];\n"
"	ssize_t n = recv(from, buffer, sizeof(buffer), 0);\n"
"\n"
"	if (n == -1)\n"
"		die(\"recv\");\n"
"	if (sendto(fd, buffer, (size_t)n, 0, (const struct sockaddr *)peer, peer_len) == -1)\n"
"		die(\"sendto\");\n"
"}\n",
	},
	[C_EXCHANGE] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT) | BIT(C_WRITE_OUT),
		.comment = N_("Sends `out` bytes of standard input and receives `in` bytes, both at once: were "
			      "all sent first, both sides could wait for ever, each for the other to receive. "
			      "poll() waits until one of the two can be done."),
		.text =
"static void exchange(int fd, size_t out, size_t in)\n"
"{\n"
"	static char to_send[65536], received[65536];\n"
"	size_t held = 0, sent = 0; /* bytes in to_send, and how many of them are sent */\n"
"\n"
"	while (out > 0 || in > 0) {\n"
"		struct pollfd ready = { .fd = fd };\n"
"		ssize_t n;\n"
"\n"
"		ready.events = (short)((out > 0 ? POLLOUT : 0) | (in > 0 ? POLLIN : 0));\n"
"		if (poll(&ready, 1, -1) == -1)\n"
"			die(\"poll\");\n"
"		if (in > 0 && (ready.revents & ~POLLOUT) != 0) {\n"
"			n = recv(fd, received, in < sizeof(received) ? in : sizeof(received), 0);\n"
"			if (n == -1)\n"
"				die(\"recv\");\n"
"			if (n == 0)\n"
"				cut_short(\"the peer\");\n"
"			write_out(received, (size_t)n);\n"
"			in -= (size_t)n;\n"
"		}\n"
"		if (out > 0 && (ready.revents & ~POLLIN) != 0) {\n"
"			if (sent == held) {\n"
"				held = fread(to_send, 1, out < sizeof(to_send) ? out : sizeof(to_send), stdin);\n"
"				sent = 0;\n"
"				if (held == 0)\n"
"					cut_short(\"standard input\");\n"
"			}\n"
"			/* MSG_DONTWAIT: take only what there is room for. */\n"
"			n = send(fd, to_send + sent, held - sent, MSG_NOSIGNAL | MSG_DONTWAIT);\n"
"			if (n == -1 && errno == EAGAIN)\n"
"				continue;\n"
"			if (n == -1)\n"
"				die(\"send\");\n"
"			sent += (size_t)n;\n"
"			out -= (size_t)n;\n"
"		}\n"
"	}\n"
"}\n",
	},
	[C_EXCHANGE_BETWEEN] = {
		.calls = BIT(C_DIE) | BIT(C_CUT_SHORT) | BIT(C_SEND_ALL),
		.comment = N_("Sends `there` bytes of socket a to socket b, and `back` bytes of b to a, as they "
			      "come. poll() waits until one of the two has some."),
		.text =
"static void exchange_between(int a, int b, size_t there, size_t back)\n"
"{\n"
"	static char buffer[65536];\n"
"	int fds[2] = { a, b };\n"
"	size_t left[2] = { there, back };\n"
"\n"
"	while (left[0] > 0 || left[1] > 0) {\n"
"		struct pollfd ready[2];\n"
"\n"
"		for (int i = 0; i < 2; i++) {\n"
"			ready[i].fd = left[i] > 0 ? fds[i] : -1; /* poll() ignores -1 */\n"
"			ready[i].events = POLLIN;\n"
"			ready[i].revents = 0;\n"
"		}\n"
"		if (poll(ready, 2, -1) == -1)\n"
"			die(\"poll\");\n"
"		for (int i = 0; i < 2; i++) {\n"
"			ssize_t n;\n"
"\n"
"			if (ready[i].revents == 0)\n"
"				continue;\n"
"			n = recv(fds[i], buffer, left[i] < sizeof(buffer) ? left[i] : sizeof(buffer), 0);\n"
"			if (n == -1)\n"
"				die(\"recv\");\n"
"			if (n == 0)\n"
"				cut_short(\"the peer\");\n"
"			send_all(fds[1 - i], buffer, (size_t)n);\n"
"			left[i] -= (size_t)n;\n"
"		}\n"
"	}\n"
"}\n",
	},
};

static const struct c_helper_row *row_of(size_t helper)
{
	return helper < C_HELPERS_WHOLE ? &rows[helper] : &c_helpers_whole[helper - C_HELPERS_WHOLE];
}

static unsigned with_called(unsigned wanted)
{
	/* They call only what stands before them. */
	for (size_t i = C_HELPER_COUNT; i-- > 0;) {
		if ((wanted & BIT(i)) != 0)
			wanted |= row_of(i)->calls;
	}
	return wanted;
}

void c_helpers_write(struct source *source, unsigned wanted)
{
	wanted = with_called(wanted);
	for (size_t i = 0; i < C_HELPER_COUNT; i++) {
		if ((wanted & BIT(i)) == 0)
			continue;
		source_comment(source, _(row_of(i)->comment));
		source_add(source, row_of(i)->text);
		source_add(source, "\n");
	}
}

bool c_helpers_have(unsigned wanted, const char *word)
{
	wanted = with_called(wanted);
	for (size_t i = 0; i < C_HELPER_COUNT; i++) {
		if ((wanted & BIT(i)) != 0 && strstr(row_of(i)->text, word) != NULL)
			return true;
	}
	return false;
}
