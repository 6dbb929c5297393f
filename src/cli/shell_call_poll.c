/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statement poll of the shell. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "cli/shell_private.h"

/* The last word may be a time. */
static bool read_time(struct shell_call *call, const struct shell_word *word)
{
	uint64_t ns;

	if (word->text[0] < '0' || word->text[0] > '9' || parse_duration(word->text, "poll", &ns, NULL) < 0)
		return false;
	call->limit_ns = ns;
	call->is_late = ns == 0;
	return true;
}

int shell_poll_begin(struct shell_call *call, char *error)
{
	const struct shell_word *word;
	struct shell_sock *sock;
	size_t count = 0;

	for (size_t i = 0; (word = shell_arg(call, i)) != NULL; i++) {
		if (i > 0 && shell_arg(call, i + 1) == NULL && read_time(call, word))
			break;
		if (count == SHELL_POLLS_MAX)
			return shell_mistake(error, _("poll takes at most %d sockets"), SHELL_POLLS_MAX);
		if (shell_sock_get(call->sh, word, &sock, error) < 0)
			return -EINVAL;
		call->polled[count].fd = sock->sk.fd;
		call->polled[count].events = POLLIN | POLLRDHUP | (sock->is_connecting ? POLLOUT : 0);
		memcpy(call->result.polls[count].name, sock->name, sizeof(sock->name));
		count++;
	}
	call->result.poll_count = count;
	return 0;
}

/* How long it was to wait; -1: for ever. */
static int asked_ms(const struct shell_call *call)
{
	if (call->limit_ns == 0 && !call->is_late)
		return -1;
	return (int)((call->limit_ns + NS_PER_MS - 1) / NS_PER_MS);
}

int64_t shell_poll_attempt(struct shell_call *call)
{
	struct shell *sh = call->sh;
	struct shell_sock *first = shell_sock_find(sh, call->result.polls[0].name);
	size_t count = call->result.poll_count;
	const struct step_poll_time time = { .asked_ms = asked_ms(call), .is_late = call->is_late };
	int ret;

	/* Closed meanwhile, by what stands behind an &. */
	if (first == NULL || first->sk.fd == -1)
		return -EBADF;
	ret = step_poll(&sh->rn->st, &first->sk, call->polled, (unsigned)count, &time);
	if (ret == 0 && !call->is_late)
		return SHELL_WAITS;
	/* The call that was made did not wait; the one that is shown is the one that was asked for. */
	if (call->seen.is_there)
		call->seen.args.poll.timeout_ms = time.asked_ms;
	for (size_t i = 0; ret > 0 && i < count; i++) {
		struct shell_sock *sock = shell_sock_find(sh, call->result.polls[i].name);

		call->result.polls[i].events = call->polled[i].revents;
		if (sock == NULL || (call->polled[i].revents & POLLOUT) == 0)
			continue;
		if ((call->polled[i].revents & (POLLERR | POLLHUP)) == 0)
			sock->sk.ready |= READY_OUT;
		shell_sock_settle(sock);
	}
	return ret;
}

/* What each revents means, in words that fit all kinds of sockets. */
static const char *meaning(const struct shell_sock *sock, short events)
{
	if ((events & POLLNVAL) != 0)
		return _("it is not open");
	if ((events & POLLERR) != 0)
		return _("an error is there (SO_ERROR)");
	if ((events & POLLHUP) != 0)
		return _("both directions have ended, or there is no connection");
	if ((events & POLLRDHUP) != 0)
		return _("the peer sends no more: the end can be received");
	if ((events & POLLIN) != 0)
		return sock->is_listening ? _("a connection can be accepted") : _("something can be received");
	return _("it is connected, and can send");
}

void shell_poll_tell(struct shell_call *call)
{
	struct shell *sh = call->sh;
	char words[64];

	for (size_t i = 0; i < call->result.poll_count; i++) {
		const struct shell_polled *polled = &call->result.polls[i];
		const struct shell_sock *sock = shell_sock_find(sh, polled->name);

		if (polled->events != 0 && sock != NULL)
			shell_say(sh, "       %s %s: %s", polled->name,
				  shell_expect_poll_words(polled->events, words, sizeof(words)),
				  meaning(sock, polled->events));
	}
	if (call->result.value == 0)
		shell_say(sh, "       %s", _("the time is over, and none is ready"));
}
