/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statement `expect` of the shell, done: results are compared, facts are looked at until they hold. */
#include <errno.h>
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "cli/shell_private.h"
#include "step/sockdiag.h"
#include "trace/names.h"

#define LOOK_FIRST_NS (NS_PER_MS / 2) /* between two looks at a fact; doubled up to LOOK_LAST_NS */
#define LOOK_LAST_NS (10 * NS_PER_MS)

/* The socket that it is about: a closed one too, where its connection may still be known. */
static int find_sock(struct shell_call *call, char *error)
{
	const struct shell_word word = { .text = (char *)call->wanted.name, .len = strlen(call->wanted.name) };

	call->sock = shell_sock_find(call->sh, call->wanted.name);
	if (call->sock != NULL && call->wanted.kind == EXPECT_STATE)
		return 0;
	return shell_sock_get(call->sh, &word, &call->sock, error);
}

/* The address that the result tells, of which one is expected; NULL: none. */
static const struct addr *told_address(const struct shell_call *call)
{
	const struct shell_result *last = &call->sh->last;

	if (call->wanted.kind == EXPECT_FROM)
		return last->has_from ? &last->from : NULL;
	return last->has_address ? &last->address : NULL;
}

int shell_expect_begin(struct shell_call *call, char *error)
{
	struct shell_sock any = { .sh = call->sh, .domain = AF_INET };
	const struct addr *told;

	call->asked_ns = step_limit_now(&call->sh->rn->st);
	if (shell_expect_parse(&call->statement, &call->wanted, error) < 0)
		return -EINVAL;
	if (shell_expect_is_fact(&call->wanted) && find_sock(call, error) < 0)
		return -EINVAL;
	if (call->wanted.kind != EXPECT_FROM && call->wanted.kind != EXPECT_ADDRESS)
		return 0;
	/* An address of the family that it is compared with. */
	told = told_address(call);
	if (told != NULL && (addr_family(told) == AF_UNIX || addr_family(told) == AF_INET6))
		any.domain = addr_family(told);
	return shell_address(&any, call->wanted.word, &call->addr, error);
}

/* The state of a socket, or what the kernel still knows of a closed one; SHELL_STATE_GONE: nothing. */
static int64_t look_at_state(struct shell_call *call)
{
	if (call->sock->sk.fd != -1)
		step_look(&call->sh->rn->st, &call->sock->sk);
	return shell_sock_state(call->sock);
}

/* How many wait in the accept queue. */
static int64_t look_at_queue(struct shell_call *call)
{
	struct shell_sock *sock = call->sock;
	struct tcp_facts facts;
	uint32_t len, limit;

	if (sock->sk.protocol == PROTOCOL_TCP)
		return step_tcp_facts(&call->sh->quiet, &sock->sk, &facts) == 0 ? (int64_t)facts.queue_len : -1;
	return sockdiag_unix_queue(&call->sh->quiet, sock->sk.fd, &len, &limit) == 1 ? (int64_t)len : -1;
}

/* How many datagrams, or clients, found no room. */
static int64_t look_at_drops(struct shell_call *call)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(memory);

	if (step_getsockopt(&call->sh->quiet, &call->sock->sk, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0)
		return -1;
	return memory[SK_MEMINFO_DROPS];
}

/* Does the socket have a call that is not done? */
static int64_t look_at_call(struct shell_call *call)
{
	return call->sock->call != NULL && call->sock->call != call;
}

static int64_t look_at_unread(struct shell_call *call)
{
	return step_unread(&call->sh->quiet, &call->sock->sk);
}

static int64_t look_at_unacknowledged(struct shell_call *call)
{
	return step_unacknowledged(&call->sh->quiet, &call->sock->sk);
}

/* A state by its name. */
static const char *state_name(int64_t state, char *dst, size_t size)
{
	if (state == SHELL_STATE_GONE)
		return _("gone");
	if (state == 0)
		return _("none (it is no TCP socket)");
	return name_or_number(&names_tcp_state, (long)state, dst, size);
}

/* What holds, for who looks on: a state, a call that waits; what is counted has a sentence in the table. */
static void say_state(struct shell_call *call, int64_t now)
{
	char words[32];

	if (now == SHELL_STATE_GONE)
		shell_say(call->sh, _("       %s: the kernel knows its connection no more"), call->wanted.name);
	else
		shell_say(call->sh, _("       %1$s: %2$s"), call->wanted.name, state_name(now, words, sizeof(words)));
}

static void say_call(struct shell_call *call, int64_t now)
{
	(void)now;
	shell_say(call->sh, _("       %1$s: its %2$s waits"), call->wanted.name, call->sock->call->verb->name);
}

/* The facts that are looked at until they hold. */
static const struct fact {
	int64_t (*look)(struct shell_call *call); /* as it is now; NULL: no fact */
	void (*say)(struct shell_call *call, int64_t now);
	const char *sentence; /* instead of say: of the socket's name and the number */
} facts[EXPECT_KIND_COUNT] = {
	[EXPECT_STATE] = { .look = look_at_state, .say = say_state },
	[EXPECT_QUEUE] = { .look = look_at_queue, .sentence = N_("       %1$s: %2$" PRId64 " in the accept queue") },
	[EXPECT_UNREAD] = { .look = look_at_unread, .sentence = N_("       %1$s: %2$" PRId64 " B unread") },
	[EXPECT_UNACKED] = { .look = look_at_unacknowledged,
			     .sentence = N_("       %1$s: %2$" PRId64 " B unacknowledged") },
	[EXPECT_DROPS] = { .look = look_at_drops, .sentence = N_("       %1$s: %2$" PRId64 " dropped") },
	[EXPECT_WAITS] = { .look = look_at_call, .say = say_call },
};

static void say_fact(struct shell_call *call, int64_t now)
{
	const struct fact *fact = &facts[call->wanted.kind];

	if (fact->say != NULL)
		fact->say(call, now);
	else
		shell_say(call->sh, _(fact->sentence), call->wanted.name, now);
}

/* What was waited for in vain, into the call's why. */
static void tell_fact(struct shell_call *call, int64_t now)
{
	const struct shell_expectation *wanted = &call->wanted;
	char want[32], is[32], limit[32];

	parse_format_duration(wanted->within_ns, limit, sizeof(limit));
	if (wanted->kind == EXPECT_STATE)
		snprintf(call->why, sizeof(call->why), _("%1$s was to be %2$s within %3$s, and is %4$s"),
				wanted->name,
			 state_name(wanted->number, want, sizeof(want)), limit, state_name(now, is, sizeof(is)));
	else if (wanted->kind == EXPECT_WAITS)
		snprintf(call->why, sizeof(call->why), _("a call of %s was to wait, and none does"), wanted->name);
	else if (wanted->kind == EXPECT_DROPS)
		snprintf(call->why, sizeof(call->why),
			 _("%1$s was to drop %2$" PRId64 " at least within %3$s, and has dropped %4$" PRId64),
			 wanted->name, wanted->number, limit, now);
	else
		snprintf(call->why, sizeof(call->why),
				_("%1$s of %2$s was to be %3$" PRId64 " within %4$s, and is %5$" PRId64),
			 call->statement.words[1].text, wanted->name, wanted->number, limit, now);
}

/* What depends on how fast calls follow each other cannot be expected where a person lets each go (--step). */
static bool is_of_time(const struct shell_call *call)
{
	return call->wanted.kind == EXPECT_TIME || call->wanted.kind == EXPECT_AFTER;
}

int64_t shell_expect_attempt(struct shell_call *call)
{
	struct shell *sh = call->sh;
	int64_t now;

	if (sh->rn->stepping != NULL && is_of_time(call))
		return SHELL_SAID;
	if (!shell_expect_is_fact(&call->wanted))
		return shell_expect_holds(&call->wanted, &sh->last, &call->addr, call->why) ? SHELL_SAID
				: SHELL_FAILS;
	now = facts[call->wanted.kind].look(call);
	if (shell_expect_fact_holds(&call->wanted, now)) {
		say_fact(call, now);
		return SHELL_SAID;
	}
	if (step_limit_now(&sh->rn->st) - call->asked_ns >= call->wanted.within_ns) {
		tell_fact(call, now);
		return SHELL_FAILS;
	}
	call->pause_ns = call->pause_ns == 0 ? LOOK_FIRST_NS : 2 * call->pause_ns;
	shell_call_again(call, call->pause_ns < LOOK_LAST_NS ? call->pause_ns : LOOK_LAST_NS);
	return SHELL_WAITS;
}
