/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements about options and names: setsockopt, getsockopt, linger, nonblock, getsockname, getpeername. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "cli/shell_private.h"

#define SHOWN_MAX 80

/* The option that the word names. */
static int find_option(struct shell_call *call, const struct shell_word *word, char *error)
{
	const char *nearest = sockopt_named_near(word->text);
	char shown[SHOWN_MAX];

	if (sockopt_named_find(word->text, &call->option))
		return 0;
	shell_shown(word, shown, sizeof(shown));
	if (nearest != NULL)
		return shell_mistake(error, _("there is no option %1$s; did you mean %2$s?"), shown, nearest);
	return shell_mistake(error,
			_("there is no option %s: SO_SNDBUF, TCP_NODELAY, ... as in socket(7) and tcp(7)"),
			     shown);
}

/* Read the value. */
static int read_value(struct shell_call *call, const struct shell_word *word, char *error)
{
	struct sockopt_value value;
	char reason[PARSE_ERROR_MAX];

	if (strlen(word->text) != word->len)
		return shell_mistake(error, _("there is a zero byte in the value"));
	if (sockopt_parse(&call->option, call->option.constant, word->text, true, &value, reason) < 0)
		return shell_mistake(error, "%s", reason);
	memcpy(call->value, value.bytes, sizeof(value.bytes));
	call->value_len = value.len;
	return 0;
}

int shell_setsockopt_begin(struct shell_call *call, char *error)
{
	if (shell_begin_sock(call, error) < 0 || find_option(call, shell_arg(call, 1), error) < 0)
		return -EINVAL;
	return read_value(call, shell_arg(call, 2), error);
}

int shell_linger_begin(struct shell_call *call, char *error)
{
	const struct shell_word name = { .text = (char *)"SO_LINGER", .len = strlen("SO_LINGER") };

	if (shell_begin_sock(call, error) < 0 || find_option(call, &name, error) < 0)
		return -EINVAL;
	return read_value(call, shell_arg(call, 1), error);
}

/* How long calls of the socket may wait: the kernel heeds it only for calls that block, which are ours to make so. */
static void learn_timeout(struct shell_call *call)
{
	struct timeval time;
	uint64_t ns;

	if (call->option.type != SOCKOPT_TIME)
		return;
	memcpy(&time, call->value, sizeof(time));
	ns = (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
	if (call->option.optname == SO_RCVTIMEO)
		call->sock->rcvtimeo_ns = ns;
	else
		call->sock->sndtimeo_ns = ns;
}

int64_t shell_setsockopt_attempt(struct shell_call *call)
{
	int ret = step_setsockopt(&call->sh->rn->st, &call->sock->sk, call->option.level, call->option.optname,
				  call->value, call->value_len);

	if (ret == 0)
		learn_timeout(call);
	return ret;
}

int shell_getsockopt_begin(struct shell_call *call, char *error)
{
	if (shell_begin_sock(call, error) < 0)
		return -EINVAL;
	return find_option(call, shell_arg(call, 1), error);
}

/*
 * SO_ERROR of a connect that was in progress is its verdict: whoever watches the steps has to be told. Returns true
 * where it has been read by that.
 */
static bool take_verdict(struct shell_call *call, int *ret)
{
	struct shell_sock *sock = call->sock;
	int error, soft = 0;

	if (!sock->is_connecting || call->option.level != SOL_SOCKET || call->option.optname != SO_ERROR ||
	    (sock->sk.ready & (READY_ERR | READY_HUP)) == 0)
		return false;
	error = -step_connected(&call->sh->rn->st, &sock->sk, &sock->target, &soft);
	if (error == EINPROGRESS)
		error = soft;
	else
		sock->is_connecting = false;
	memcpy(call->value, &error, sizeof(error));
	call->value_len = sizeof(error);
	*ret = 0;
	return true;
}

/* Some of TCP that have no row in the table are structs. */
static bool is_int(const struct sockopt *option)
{
	return sockopt_is_int(option) && (option->help != NULL || option->level != IPPROTO_TCP);
}

int64_t shell_getsockopt_attempt(struct shell_call *call)
{
	int ret;

	call->value_len = sizeof(call->value);
	if (is_int(&call->option))
		call->value_len = sizeof(int);
	if (!take_verdict(call, &ret))
		ret = step_getsockopt(&call->sh->rn->st, &call->sock->sk, call->option.level, call->option.optname,
				      call->value, &call->value_len);
	if (ret < 0)
		return ret;
	call->result.has_option = true;
	sockopt_read(&call->option, call->value, call->value_len, &call->result.option,
			   call->result.option_words, sizeof(call->result.option_words));
	return ret;
}

int shell_nonblock_begin(struct shell_call *call, char *error)
{
	const struct shell_word *word = shell_arg(call, 1);
	char shown[SHOWN_MAX];

	if (shell_begin_sock(call, error) < 0)
		return -EINVAL;
	call->number = strcmp(word->text, "on") == 0;
	if (call->number == 0 && strcmp(word->text, "off") != 0)
		return shell_mistake(error, _("nonblock is on or off, not \"%s\""),
				     shell_shown(word, shown, sizeof(shown)));
	return 0;
}

int64_t shell_nonblock_attempt(struct shell_call *call)
{
	struct shell_sock *sock = call->sock;
	int ret = step_set_flags(&call->sh->rn->st, &sock->sk, O_RDWR | (call->number == 1 ? O_NONBLOCK : 0), false);

	if (ret < 0)
		return ret;
	sock->is_nonblock = call->number == 1;
	/* It is the shell that waits, in the loop; to the kernel the socket stays as it was. */
	if (!sock->is_nonblock)
		step_set_flags(&call->sh->rn->st, &sock->sk, O_RDWR | O_NONBLOCK, true);
	return 0;
}

int64_t shell_getsockname_attempt(struct shell_call *call)
{
	int ret = step_local_addr(&call->sh->rn->st, &call->sock->sk, &call->addr);

	if (ret == 0)
		call->sock->local = call->addr;
	call->result.has_address = ret == 0;
	call->result.address = call->addr;
	return ret;
}

int64_t shell_getpeername_attempt(struct shell_call *call)
{
	int ret = step_peer_addr(&call->sh->rn->st, &call->sock->sk, &call->addr);

	call->result.has_address = ret == 0;
	call->result.address = call->addr;
	return ret;
}
