/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of the shell: one const table. */
#include "cli/shell_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"

#define BIT(step) (UINT64_C(1) << STEP_##step)

static const struct shell_verb verbs[] = {
	{
		.name = "socket",
		.arguments = "KIND",
		.help = N_("make a socket: tcp, tcp6, udp, udp6, unix, unix-dgram or unix-seqpacket"),
		.is_assigning = true,
		.min = 1,
		.max = 1,
		.steps = BIT(SOCKET),
		.begin = shell_socket_begin,
		.attempt = shell_socket_attempt,
	},
	{
		.name = "bind",
		.arguments = "NAME ADDRESS",
		.help = N_("give it its local address: 127.0.0.1:0 (port 0: any free one), [::1]:0, :9000 (every "
			   "address), a path, @NAME, @ (any free abstract name)"),
		.min = 2,
		.max = 2,
		.steps = BIT(BIND),
		.begin = shell_bind_begin,
		.attempt = shell_bind_attempt,
	},
	{
		.name = "listen",
		.arguments = "NAME [BACKLOG]",
		.help = N_("make it wait for clients, BACKLOG (128) of them in its accept queue"),
		.min = 1,
		.max = 2,
		.steps = BIT(LISTEN),
		.begin = shell_listen_begin,
		.attempt = shell_listen_attempt,
	},
	{
		.name = "accept",
		.arguments = "LISTENER",
		.help = N_("take a connection out of the accept queue: a new socket"),
		.is_assigning = true,
		.may_wait = true,
		.min = 1,
		.max = 1,
		.steps = BIT(ACCEPT),
		.waits_for = N_("a client"),
		.begin = shell_accept_begin,
		.attempt = shell_accept_attempt,
	},
	{
		.name = "connect",
		.arguments = "NAME ADDRESS|OTHER",
		.help = N_("ask for a connection to an address, or to where the socket OTHER is; of a "
				"datagram socket none "
			   "undoes it"),
		.may_wait = true,
		.min = 2,
		.max = 2,
		.steps = BIT(CONNECT) | BIT(CONNECTED),
		.waits_for = N_("the answer of the other side"),
		.begin = shell_connect_begin,
		.attempt = shell_connect_attempt,
	},
	{
		.name = "send",
		.arguments = "NAME \"data\"|COUNT*\"data\" [dontwait] [more] [oob]",
		.help = N_("hand bytes to the kernel to be sent; C escapes: \\n \\0 \\xff; 64k*\"x\" is x "
				"65536 times"),
		.may_wait = true,
		.min = 2,
		.max = 5,
		.steps = BIT(SEND),
		.waits_for = N_("room in the send buffer"),
		.begin = shell_send_begin,
		.attempt = shell_send_attempt,
	},
	{
		.name = "recv",
		.arguments = "NAME [N] [peek] [waitall] [dontwait] [oob] [trunc]",
		.help = N_("take up to N (64k) bytes that have arrived"),
		.may_wait = true,
		.min = 1,
		.max = 7,
		.steps = BIT(RECV),
		.waits_for = N_("data to arrive"),
		.begin = shell_recv_begin,
		.attempt = shell_recv_attempt,
	},
	{
		.name = "sendto",
		.arguments = "NAME ADDRESS|OTHER \"data\" [dontwait]",
		.help = N_("send a datagram to an address, or to the socket OTHER"),
		.may_wait = true,
		.min = 3,
		.max = 4,
		.steps = BIT(SEND),
		.waits_for = N_("room in the send buffer"),
		.begin = shell_sendto_begin,
		.attempt = shell_send_attempt,
	},
	{
		.name = "recvfrom",
		.arguments = "NAME [N] [peek] [dontwait] [trunc]",
		.help = N_("take a datagram, and who sent it"),
		.may_wait = true,
		.min = 1,
		.max = 7,
		.steps = BIT(RECV),
		.waits_for = N_("a datagram to arrive"),
		.begin = shell_recv_begin,
		.attempt = shell_recvfrom_attempt,
	},
	{
		.name = "shutdown",
		.arguments = "NAME rd|wr|rdwr",
		.help = N_("end one direction of a connection, or both"),
		.min = 2,
		.max = 2,
		.steps = BIT(SHUTDOWN),
		.begin = shell_shutdown_begin,
		.attempt = shell_shutdown_attempt,
	},
	{
		.name = "close",
		.arguments = "NAME",
		.help = N_("give the descriptor back"),
		.min = 1,
		.max = 1,
		.steps = BIT(CLOSE),
		.begin = shell_begin_sock,
		.attempt = shell_close_attempt,
	},
	{
		.name = "linger",
		.arguments = "NAME TIME|off",
		.help = N_("what close does with unsent data (SO_LINGER); 0: it resets the connection"),
		.min = 2,
		.max = 2,
		.steps = BIT(SETSOCKOPT),
		.begin = shell_linger_begin,
		.attempt = shell_setsockopt_attempt,
	},
	{
		.name = "setsockopt",
		.arguments = "NAME OPTION VALUE",
		.help = N_("set an option, by its name in socket(7), tcp(7), ...: SO_SNDBUF 64k, SO_RCVTIMEO 250ms"),
		.min = 3,
		.max = 3,
		.steps = BIT(SETSOCKOPT),
		.begin = shell_setsockopt_begin,
		.attempt = shell_setsockopt_attempt,
	},
	{
		.name = "getsockopt",
		.arguments = "NAME OPTION",
		.help = N_("read an option"),
		.min = 2,
		.max = 2,
		.steps = BIT(GETSOCKOPT),
		.begin = shell_getsockopt_begin,
		.attempt = shell_getsockopt_attempt,
	},
	{
		.name = "getsockname",
		.arguments = "NAME",
		.help = N_("look at the address of this end"),
		.min = 1,
		.max = 1,
		.steps = BIT(GETSOCKNAME),
		.begin = shell_begin_sock,
		.attempt = shell_getsockname_attempt,
	},
	{
		.name = "getpeername",
		.arguments = "NAME",
		.help = N_("look at the address of the other end"),
		.min = 1,
		.max = 1,
		.steps = BIT(GETPEERNAME),
		.begin = shell_begin_sock,
		.attempt = shell_getpeername_attempt,
	},
	{
		.name = "nonblock",
		.arguments = "NAME on|off",
		.help = N_("on: a call that would wait fails with EAGAIN, a connect with EINPROGRESS"),
		.min = 2,
		.max = 2,
		.steps = BIT(FCNTL),
		.begin = shell_nonblock_begin,
		.attempt = shell_nonblock_attempt,
	},
	{
		.name = "poll",
		.arguments = "NAME... [TIME]",
		.help = N_("wait until one can be read, has connected, was closed or failed; TIME at most"),
		.min = 1,
		.max = SHELL_POLLS_MAX + 1,
		.steps = BIT(POLL),
		.waits_for = N_("one of the sockets to be ready"),
		.begin = shell_poll_begin,
		.attempt = shell_poll_attempt,
	},
	{
		.name = "wait",
		.arguments = "NAME",
		.help = N_("wait for the call of NAME that & has put into the background: its answer is the result"),
		.min = 1,
		.max = 1,
		.waits_for = N_("that call"),
		.begin = shell_wait_begin,
		.attempt = shell_wait_attempt,
	},
	{
		.name = "info",
		.arguments = "[NAME]...",
		.help = N_("show all sockets, with states and queues, both ends of a connection side by side"),
		.max = SHELL_WORDS_MAX,
		.begin = shell_info_begin,
		.attempt = shell_info_attempt,
	},
	{
		.name = "expect",
		.arguments = "= N|data \"...\"|ERRNO|state NAME STATE|...",
		.help = N_("check the last result, or wait for a state; in a script one that fails ends it"),
		.max = SHELL_WORDS_MAX,
		.begin = shell_expect_begin,
		.attempt = shell_expect_attempt,
	},
	{
		.name = "sleep",
		.arguments = "TIME",
		.help = N_("let TIME pass"),
		.min = 1,
		.max = 1,
		.waits_for = N_("time to pass"),
		.begin = shell_sleep_begin,
		.attempt = shell_sleep_attempt,
	},
	{
		.name = "sandbox",
		.arguments = "",
		.help = N_("as the first statement: go on in a network of its own, with nothing but loopback in it"),
		.begin = shell_sandbox_begin,
		.attempt = shell_sandbox_attempt,
	},
	{
		.name = "/trace",
		.arguments = "KIND[:FILE]",
		.help = N_("write the steps from here on as text, json, ladder, svg, html, pcap or c"),
		.min = 1,
		.max = 1,
		.begin = shell_trace_begin,
		.attempt = shell_trace_attempt,
	},
	{
		.name = "explain",
		.arguments = "TOPIC",
		.help = N_("explain a call, a state, an error or an idea, as sockt help does"),
		.min = 1,
		.max = 8,
		.attempt = shell_explain_attempt,
	},
	{
		.name = "history",
		.arguments = "",
		.help = N_("list the statements so far"),
		.attempt = shell_history_attempt,
	},
	{
		.name = "help",
		.arguments = "[WORD]",
		.help = N_("list the statements, or say how one is written"),
		.max = 1,
		.attempt = shell_help_attempt,
	},
	{
		.name = "quit",
		.arguments = "",
		.help = N_("end the shell, as Ctrl-D does; exit is the same"),
		.attempt = shell_quit_attempt,
	},
};

const struct shell_verb *shell_verb_at(size_t index)
{
	return index < ARRAY_LEN(verbs) ? &verbs[index] : NULL;
}

const struct shell_verb *shell_verb_find(const char *name)
{
	if (strcmp(name, "exit") == 0)
		name = "quit";
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

const char *shell_verb_name_at(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_LEN(verbs) ? verbs[i].name : NULL;
}

const char *shell_verb_usage(const struct shell_verb *verb, char *dst, size_t size)
{
	snprintf(dst, size, "%s%s%s%s", verb->is_assigning ? "NAME = " : "", verb->name,
		 verb->arguments[0] == '\0' ? "" : " ", verb->arguments);
	return dst;
}

const struct shell_word *shell_arg(const struct shell_call *call, size_t i)
{
	return i + 1 < call->statement.count ? &call->statement.words[i + 1] : NULL;
}

int shell_begin_sock(struct shell_call *call, char *error)
{
	return shell_sock_get(call->sh, shell_arg(call, 0), &call->sock, error);
}
