/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements that move data, and those that end it: send, recv, sendto, recvfrom, shutdown, close. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/shell_private.h"

#define SHOWN_MAX 80

struct flag {
	const char *word;
	int flag;
	bool is_send, is_recv;
};

static const struct flag flags[] = {
	{ "dontwait", MSG_DONTWAIT, true, true }, { "more", MSG_MORE, true, false },
	{ "oob", MSG_OOB, true, true },		  { "peek", MSG_PEEK, false, true },
	{ "waitall", MSG_WAITALL, false, true },  { "trunc", MSG_TRUNC, false, true },
};

/* Add the flag that the word is. */
static int read_flag(struct shell_call *call, const struct shell_word *word, bool is_send, char *error)
{
	char shown[SHOWN_MAX];

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (strcmp(flags[i].word, word->text) != 0 || !(is_send ? flags[i].is_send : flags[i].is_recv))
			continue;
		call->flags |= flags[i].flag;
		return 0;
	}
	return shell_mistake(error,
			     is_send ? _("\"%s\" is no flag of send: dontwait, more, oob; data stand in quotes")
				     : _("\"%s\" is neither a number of bytes nor a flag of recv: peek, "
						"waitall, dontwait, "
					 "oob, trunc"),
			     shell_shown(word, shown, sizeof(shown)));
}

/* The data that a word stands for, made out. */
static int read_data(struct shell_call *call, const struct shell_word *word, char *error)
{
	char shown[SHOWN_MAX];

	if (!word->is_quoted)
		return shell_mistake(error, _("data stand in quotes: \"%s\""), shell_shown(word, shown,
				sizeof(shown)));
	call->len = word->len * word->times;
	call->data = xmalloc(call->len);
	for (size_t at = 0; at < call->len; at += word->len)
		memcpy(call->data + at, word->text, word->len);
	return 0;
}

/* The data and the flags, from the i-th word on. */
static int begin_send(struct shell_call *call, size_t i, char *error)
{
	call->limit_ns = call->sock->sndtimeo_ns;
	if (read_data(call, shell_arg(call, i), error) < 0)
		return -EINVAL;
	while (shell_arg(call, ++i) != NULL) {
		if (read_flag(call, shell_arg(call, i), true, error) < 0)
			return -EINVAL;
	}
	return 0;
}

int shell_send_begin(struct shell_call *call, char *error)
{
	return shell_begin_sock(call, error) < 0 ? -EINVAL : begin_send(call, 1, error);
}

int shell_sendto_begin(struct shell_call *call, char *error)
{
	if (shell_begin_sock(call, error) < 0 || shell_address(call->sock, shell_arg(call, 1), &call->addr,
			error) < 0)
		return -EINVAL;
	return begin_send(call, 2, error);
}

/* Does a call on the socket of this one wait where it would block? */
static bool waits(const struct shell_call *call)
{
	return !call->sock->is_nonblock && (call->flags & MSG_DONTWAIT) == 0 && !call->is_late;
}

int64_t shell_send_attempt(struct shell_call *call)
{
	struct shell_sock *sock = call->sock;
	const struct addr *to = call->addr.len > 0 ? &call->addr : NULL;
	ssize_t ret;

	shell_sock_settle(sock);
	do {
		ret = step_send(&call->sh->rn->st, &sock->sk, call->data + call->done, call->len - call->done,
				call->flags, to);
		if (ret > 0)
			call->done += (size_t)ret;
		/* A call that blocks comes back when all is taken; one that does not takes what there is room for. */
	} while (ret > 0 && call->done < call->len && waits(call));
	if (ret == STEP_HELD)
		return ret;
	if (ret == -EAGAIN && waits(call))
		return SHELL_WAITS;
	if (to != NULL || sock->type == SOCK_DGRAM)
		shell_sock_look_names(sock);
	/* send(2): of an error behind bytes that were taken, the next call tells. */
	return ret < 0 && call->done > 0 ? (int64_t)call->done : ret < 0 ? ret : (int64_t)call->done;
}

int shell_recv_begin(struct shell_call *call, char *error)
{
	const struct shell_word *word;
	uint64_t size = SHELL_RECV_SIZE;
	bool has_size = false;

	if (shell_begin_sock(call, error) < 0)
		return -EINVAL;
	call->limit_ns = call->sock->rcvtimeo_ns;
	for (size_t i = 1; (word = shell_arg(call, i)) != NULL; i++) {
		if (!has_size && word->text[0] >= '0' && word->text[0] <= '9') {
			char reason[PARSE_ERROR_MAX];

			if (parse_size(word->text, _("the number of bytes"), 0, SHELL_DATA_MAX, &size, reason) < 0)
				return shell_mistake(error, "%s", reason);
			has_size = true;
		} else if (read_flag(call, word, false, error) < 0) {
			return -EINVAL;
		}
	}
	call->len = (size_t)size;
	call->data = xmalloc(call->len);
	return 0;
}

/* Receive; from: gets who sent it, NULL: nobody asks. */
static int64_t receive(struct shell_call *call, struct addr *from)
{
	bool is_all = (call->flags & MSG_WAITALL) != 0 && (call->flags & MSG_PEEK) == 0 &&
		      call->sock->type == SOCK_STREAM;
	size_t kept;
	ssize_t ret;

	shell_sock_settle(call->sock);
	do {
		ret = step_recv(&call->sh->rn->st, &call->sock->sk, call->data + call->done, call->len - call->done,
				call->flags, from);
		if (ret > 0)
			call->done += (size_t)ret;
	} while (ret > 0 && is_all && call->done < call->len);
	if (ret == STEP_HELD)
		return ret;
	if (ret == -EAGAIN && waits(call) && (call->flags & MSG_OOB) == 0)
		return SHELL_WAITS;
	if (ret < 0 && call->done == 0)
		return ret;
	/* tcp(7): MSG_TRUNC discards what it counts. */
	if ((call->flags & MSG_TRUNC) != 0 && call->sock->sk.protocol == PROTOCOL_TCP)
		return (int64_t)call->done;
	/* MSG_TRUNC: the whole length of a datagram, more than there was room for. */
	kept = call->done < call->len ? call->done : call->len;
	call->result.has_data = true;
	call->result.data = xmalloc(kept);
	memcpy(call->result.data, call->data, kept);
	call->result.data_len = kept;
	return (int64_t)call->done;
}

int64_t shell_recv_attempt(struct shell_call *call)
{
	return receive(call, NULL);
}

int64_t shell_recvfrom_attempt(struct shell_call *call)
{
	int64_t ret = receive(call, &call->result.from);

	call->result.has_from = ret >= 0;
	return ret;
}

int shell_shutdown_begin(struct shell_call *call, char *error)
{
	static const struct {
		const char *word;
		int how;
	} ways[] = { { "rd", SHUT_RD }, { "wr", SHUT_WR }, { "rdwr", SHUT_RDWR } };
	const struct shell_word *word = shell_arg(call, 1);
	char shown[SHOWN_MAX];

	if (shell_begin_sock(call, error) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (strcmp(ways[i].word, word->text) != 0)
			continue;
		call->number = ways[i].how;
		return 0;
	}
	return shell_mistake(error, _("shutdown ends rd, wr or rdwr, not \"%s\""), shell_shown(word, shown,
			sizeof(shown)));
}

int64_t shell_shutdown_attempt(struct shell_call *call)
{
	return step_shutdown(&call->sh->rn->st, &call->sock->sk, call->number);
}

int64_t shell_close_attempt(struct shell_call *call)
{
	struct shell_sock *sock = call->sock;
	int ret;

	if (step_ask_close(&call->sh->rn->st, &sock->sk) == STEP_HELD)
		return STEP_HELD;
	shell_sock_look_names(sock);
	loop_forget(call->sh->rn->loop, &sock->sk);
	sock->sk.ready = 0;
	sock->is_listening = false;
	sock->is_connecting = false;
	ret = step_close(&call->sh->rn->st, &sock->sk);
	shell_calls_give_up(sock);
	return ret;
}
