/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setsockopt() and getsockopt() as text: see text_sockopt.h. */
#include "trace/text_sockopt.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "trace/names.h"
#include "trace/text_group.h"

#define NAME_SIZE 32 /* room for "errno N" or a number */

/* Is the value a name, which ends where it is filled up with zeros? */
static bool is_word(const union step_args *args)
{
	return (args->sockopt.level == IPPROTO_TCP &&
		(args->sockopt.optname == TCP_CONGESTION || args->sockopt.optname == TCP_ULP)) ||
	       (args->sockopt.level == SOL_SOCKET && args->sockopt.optname == SO_BINDTODEVICE);
}

/* A value of a socket option: `[1]`, `{1, 0}`, `"bbr"`, `16 bytes`. */
static void add_value(struct text *line, const union step_args *args, const void *value, size_t len)
{
	char shown[4 * NAME_SIZE];
	struct linger linger;
	struct timeval time;
	int number;

	if (value != NULL && is_word(args)) {
		escape_c(value, strnlen(value, len), shown, sizeof(shown));
		text_addf(line, "\"%s\"", shown);
	} else if (value != NULL && len == sizeof(number)) {
		memcpy(&number, value, sizeof(number));
		text_addf(line, "[%d]", number);
	} else if (value != NULL && args->sockopt.level == SOL_SOCKET && args->sockopt.optname == SO_LINGER &&
		   len == sizeof(linger)) {
		memcpy(&linger, value, sizeof(linger));
		text_addf(line, "{l_onoff=%d, l_linger=%d}", linger.l_onoff, linger.l_linger);
	} else if (value != NULL && args->sockopt.level == SOL_SOCKET && len == sizeof(time) &&
		   (args->sockopt.optname == SO_RCVTIMEO || args->sockopt.optname == SO_SNDTIMEO)) {
		memcpy(&time, value, sizeof(time));
		text_addf(line, "{tv_sec=%lld, tv_usec=%lld}", (long long)time.tv_sec, (long long)time.tv_usec);
	} else if (!text_sockopt_add_group(line, args, value, len)) {
		text_addf(line, "%zu bytes", len);
	}
}

static void add_optval(struct text *line, const union step_args *args)
{
	if (args->sockopt.optlen == 0)
		return;
	text_add(line, ", ");
	add_value(line, args, args->sockopt.optval, args->sockopt.optlen);
}

/* Is it what was asked for? Names come back filled up with zeros. */
static bool is_same(const union step_args *args, const void *became, size_t len)
{
	const unsigned char *bytes = became;
	size_t asked = args->sockopt.optlen;

	if (args->sockopt.optval == NULL || len < asked || memcmp(became, args->sockopt.optval, asked) != 0)
		return false;
	for (size_t i = asked; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

void text_sockopt_became(struct text *line, const struct event *event)
{
	int number;

	if (event->became == NULL || event->args == NULL || is_same(event->args, event->became, event->became_len))
		return;
	text_add(line, _("   the kernel made it "));
	if (event->became_len == sizeof(number) && !is_word(event->args)) {
		memcpy(&number, event->became, sizeof(number));
		text_addf(line, "%d", number);
	} else {
		add_value(line, event->args, event->became, event->became_len);
	}
}

/* Level and name of a socket option. */
static void add_option(struct text *line, const union step_args *args)
{
	const struct name_table *options = names_of_level(args->sockopt.level);
	char number[32];

	text_name(line, &names_sol, args->sockopt.level);
	text_add(line, ", ");
	if (options != NULL)
		text_add(line, name_or_number(options, args->sockopt.optname, number, sizeof(number)));
	else
		text_addf(line, "%d", args->sockopt.optname);
}

void text_sockopt(struct text *line, const struct event *event, const struct text_view *view)
{
	const union step_args *args = event->args;

	(void)view;
	text_addf(line, "%s(%d, ", step_name(event->step), event->fd);
	add_option(line, args);
	/* TCP_INFO is a struct of many members: what matters of it stands below. */
	if (args->sockopt.level != IPPROTO_TCP || args->sockopt.optname != TCP_INFO)
		add_optval(line, args);
	text_add(line, ")");
}

void text_getsockopt(struct text *line, const struct event *event,
			     const struct text_view *view)
{
	const union step_args *args = event->args;
	char name[NAME_SIZE];
	int error;

	if (args->sockopt.level != SOL_SOCKET || args->sockopt.optname != SO_ERROR ||
	    args->sockopt.optval == NULL || args->sockopt.optlen != sizeof(error)) {
		text_sockopt(line, event, view);
		return;
	}
	memcpy(&error, args->sockopt.optval, sizeof(error));
	text_addf(line, "getsockopt(%d, SOL_SOCKET, SO_ERROR, [%s])", event->fd,
		  error == 0 ? "0" : name_errno(error, name, sizeof(name)));
}
